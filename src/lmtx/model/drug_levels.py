"""How a drug level in cerebrospinal fluid is written for people: "2.45% ± 2.91 SD", "peak 17.1
µmol/L (3.7–55)"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from lmtx.model.figures import write_number

DrugLevel = Mapping[str, Any]
"""A CSF level as the JSON export gives it."""

READABLE_UNITS = {
    "ng/mL": ((1e6, "mg/mL"), (1e3, "µg/mL"), (1.0, "ng/mL")),
    "nmol/L": ((1e6, "mmol/L"), (1e3, "µmol/L"), (1.0, "nmol/L")),
    "ng*h/mL": ((1e6, "mg·h/mL"), (1e3, "µg·h/mL"), (1.0, "ng·h/mL")),
    "hours": ((1.0, "h"),),
    "1/h": ((1.0, "per h"),),
}
"""Units in which a normalised figure is easier to read, the largest first."""
STATISTIC_PREFIXES = {
    "peak": "peak ", "mean-peak": "peak ", "median-peak": "peak ", "trough": "trough ", "mean-trough": "trough ", "median-trough": "trough ",
    "minimum": "min ", "maximum": "max ", "initial": "initial ", "terminal": "terminal ", "upper-bound": "<", "lower-bound": ">",
}  # fmt: skip
"""What must stand before a figure so that nobody takes it for an average."""
SHORT_MEASURES = {
    "csf-plasma-ratio": "CSF:plasma",
    "csf-plasma-auc-ratio": "CSF:plasma AUC",
    "csf-concentration": "CSF level",
    "plasma-concentration": "plasma level",
    "csf-auc": "CSF AUC",
    "csf-half-life": "CSF half-life",
    "csf-absorbed-dose": "CSF dose",
    "absorbed-dose": "dose elsewhere",
    "csf-clearance": "CSF clearance",
    "csf-elimination-rate": "CSF elimination",
    "csf-distribution-volume": "CSF volume",
}
"""Measures in as few words as a column has room for."""
DRUG_FRACTION_SUFFIXES = {"total": ", total", "unbound": ", free"}
MODELLED_SYMBOL, ROUNDED_SYMBOL = "~", "≈"
MODELLED_MARK = (MODELLED_SYMBOL, "predicted by a model, not measured")
ROUNDED_MARK = (
    ROUNDED_SYMBOL,
    "converted and rounded here; the field printed has the source's own figure",
)
MOST_PRINTED_DIGITS, ROUNDED_DIGITS = 5, 3
"""A figure of more digits came out of a division; it is rounded, and marked, so that nobody takes
it for printed."""


def name_measure(level: DrugLevel) -> str:
    """Return what was measured in a few words: "CSF:plasma, free"."""
    return SHORT_MEASURES[level["measure"]] + DRUG_FRACTION_SUFFIXES.get(
        level["fraction"] or "", ""
    )


_SHARED_FIELDS = ("treatment", "measure", "fraction", "study", "route")
_TELLING_FIELDS = ("sampled", "compartment", "dose", "statistic", "population", "note")


def distinguish_levels(levels: Sequence[DrugLevel]) -> dict[str, str]:
    """Return what tells levels apart that have treatment, measure, route and study in common, by
    their ids: when or where they were sampled, at what dose, of whom."""
    alike: defaultdict[tuple[Any, ...], list[DrugLevel]] = defaultdict(list)
    for level in levels:
        alike[tuple(level[key] for key in _SHARED_FIELDS)].append(level)
    found: dict[str, str] = {}
    for several in alike.values():
        for key in _TELLING_FIELDS if len(several) > 1 else ():
            if len({level[key] for level in several}) > 1:
                for level in several:
                    told = (found.get(level["id"]), level[key])
                    found[level["id"]] = ", ".join(str(one) for one in told if one)
                if len({found[level["id"]] for level in several}) == len(several):
                    break
    return found


def write_level_amount(level: DrugLevel) -> str:
    """Return the figure with its unit, spread and range, in the unit in which it is easiest to
    read."""
    size, unit = choose_divisor_and_readable_unit(level)
    unit = unit if unit == "%" else f" {unit}"
    value, low, high, spread = (
        None if level[key] is None else level[key] / size
        for key in ("value", "low", "high", "spread")
    )
    span = _span(low, high)
    head = f"{_written(value)}{unit}" if value is not None else f"{span}{unit}"
    parts = [f"({span})" if value is not None and span else "", _spread(level, spread)]
    word = STATISTIC_PREFIXES.get(level["statistic"] or "", "")
    return " ".join(
        part
        for part in (f"{word}{_signs(level, (value, low, high, spread))}{head}", *parts)
        if part
    )


def choose_divisor_and_readable_unit(level: DrugLevel) -> tuple[float, str]:
    """Return what to divide by, and the unit that this gives; a range is measured by its middle."""
    known = READABLE_UNITS.get(level["unit"], ((1.0, level["unit"]),))
    size = _middle(level)
    return next((step for step in known if size >= step[0]), known[-1])


def drug_level_order(level: DrugLevel) -> float:
    """Return the number by which levels of one measure are ordered: the value, else the upper end
    of a range, else the lower."""
    found: float = next(level[key] for key in ("value", "high", "low") if level[key] is not None)
    return found


def _middle(level: DrugLevel) -> float:
    if level["value"] is None and level["low"] is not None and level["high"] is not None:
        return sqrt(level["low"] * level["high"])
    return drug_level_order(level)


def _span(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"up to {_written(high)}" if low is None else f"from {_written(low)}"
    return f"{_written(low)}–{_written(high)}"


def _spread(level: DrugLevel, spread: float | None) -> str:
    if spread is None:
        return ""
    if level["spread_kind"] == "CV%":
        return f"(CV {_written(level['spread'])}%)"
    kind = "" if level["spread_kind"] == "not stated" else f" {level['spread_kind']}"
    return f"± {_written(spread)}{kind}"


def _signs(level: DrugLevel, figures: tuple[float | None, ...]) -> str:
    rounded = level["computed"] or any(_long(figure) for figure in figures if figure is not None)
    return (MODELLED_SYMBOL if level["modelled"] else "") + (ROUNDED_SYMBOL if rounded else "")


def _long(figure: float) -> bool:
    return float(f"{figure:.{MOST_PRINTED_DIGITS}g}") != float(f"{figure:.10g}")


def _written(figure: float | None) -> str:
    value = figure or 0.0
    return write_number(float(f"{value:.{ROUNDED_DIGITS}g}") if _long(value) else value)
