"""How a reported figure is written for people: "OS 11.3 months (95% CI 7.5–18.3)"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, lgamma, log, log1p
from typing import Any

from lmtx.model.vocabulary import (
    ADJUSTMENTS,
    ADVERSE_EVENTS,
    ENDPOINTS,
    ENDPOINTS_TO_AVOID,
    LANDMARK_ENDPOINTS,
    RATIO_UNITS,
    TIME_ENDPOINTS,
    TIME_UNITS,
)

OutcomeMapping = Mapping[str, Any]
"""An outcome as the JSON export gives it."""


KEY_FIGURE_ORDER = (
    ("overall-survival", TIME_UNITS), ("objective-response", {"%"}), ("cns-progression-free-survival", TIME_UNITS), ("lm-progression-free-survival", TIME_UNITS), ("progression-free-survival", TIME_UNITS),
    ("neurologic-progression-free-survival", TIME_UNITS), ("time-to-progression", TIME_UNITS), ("lm-specific-survival", TIME_UNITS), ("cns-specific-survival", TIME_UNITS), ("survival-rate", {"%"}), ("progression-free-rate", {"%"}),
    ("radiologic-response", {"%"}), ("cytologic-response", {"%"}), ("clinical-response", {"%"}), ("csf-clearance", {"%"}), ("neurologic-response", {"%"}),
    ("disease-control", {"%"}), ("symptom-improvement", {"%"}), ("objective-response", {"patients"}), ("radiologic-response", {"patients"}),
    ("cytologic-response", {"patients"}), ("clinical-response", {"patients"}), ("csf-clearance", {"patients"}), ("neurologic-response", {"patients"}),
    ("disease-control", {"patients"}), ("symptom-improvement", {"patients"}), ("intracranial-response", {"%", "patients"}),
)  # fmt: skip
"""Which figure stands for a row when only one can be shown: survival, then response, then the rest;
never toxicity, nor a ratio without its comparator."""


_BREAKS = str.maketrans(dict.fromkeys("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029", " "))


def replace_breaks_and_tabs(text: str) -> str:
    """Return text without a line break or a tab, which would forge a row or a column where a line
    is a record."""
    return text if text.isprintable() else text.translate(_BREAKS)


def write_number(value: float) -> str:
    """Write a number as the source gave it: 62, 7.5, 0.0026."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    return f"{value:.15g}"


def write_plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 study", "3 studies"."""
    return f"{write_number(count)} {one if count == 1 else many or one + 's'}"


def write_value_with_unit(outcome: OutcomeMapping) -> str:
    """Write the value with its unit: "62%", "11.3 months", "HR 0.61", "10 of 14 patients"."""
    value, unit = outcome["value"], outcome["unit"]
    if value is None:
        return "not reached" if outcome.get("not_reached") else ""
    if unit == "%":
        return f"{write_number(value)}%"
    if unit in RATIO_UNITS:
        return f"{unit} {write_number(value)}"
    if unit == "patients" and outcome.get("total") is not None:
        return f"{write_number(value)} of {outcome['total']} patients"
    if value == 1:
        return f"1 {unit.removesuffix('s')}"
    return f"{write_number(value)} {unit}"


def write_interval(outcome: OutcomeMapping) -> str:
    """Write the confidence interval, or nothing: "95% CI 7.5–18.3", "95% CI 6.6–not reached"."""
    ci = outcome.get("ci")
    if not ci:
        return ""
    upper = write_number(ci[1]) if len(ci) == 2 else outcome.get("ci_upper") or "?"
    return f"{write_number(outcome.get('ci_level') or 95)}% CI {write_number(ci[0])}–{upper}"


def write_brief_figure(outcome: OutcomeMapping) -> str:
    """Write a figure in a few words for a table cell: endpoint, value, interval."""
    label = ENDPOINTS[outcome["endpoint"]].label
    at = f" at {outcome['at']}" if outcome.get("at") else ""
    within = write_interval(outcome)
    return replace_breaks_and_tabs(
        f"{label} {write_value_with_unit(outcome)}{at}" + (f" ({within})" if within else "")
    )


def write_full_figure(outcome: OutcomeMapping) -> str:
    """Write a figure with everything that the record says about it."""
    parts = [write_brief_figure(outcome)]
    if (
        outcome.get("events") is not None
        and outcome.get("total") is not None
        and outcome["unit"] != "patients"
    ):
        parts.append(f"{outcome['events']} of {outcome['total']}")
    elif outcome.get("total") is not None and outcome["unit"] != "patients":
        parts.append(f"n={outcome['total']}")
    parts += [write_p_value(outcome["p"])] if outcome.get("p") else []
    parts += [outcome[key] for key in ("group", "assessed_by") if outcome.get(key)]
    parts += ["as printed"] if outcome.get("as_printed") else []
    parts += [f"{outcome['evidence']} ({outcome['read_in']})"] if outcome.get("evidence") else []
    return replace_breaks_and_tabs("; ".join(parts))


def write_p_value(printed: str) -> str:
    """Write a p value as printed, with its sign: "p=0.03", "p<0.001"."""
    return f"p{printed}" if printed[:1] in "<>=≤≥" else f"p={printed}"


def patients_behind(outcome: OutcomeMapping, group: Mapping[str, Any]) -> int | None:
    """Return the patients behind a figure: those assessed, else those of its group where it counts
    them all.

    `group` is a row of evidence; where others are pooled in, its figures are those of all of them
    (`n_pooled`).
    """
    if outcome["total"] is not None:
        return int(outcome["total"])
    if not is_of_whole_row(outcome):
        return None
    pooled: int | None = group["n_pooled"] if group["mixed_with"] is not None else None
    n: int | None = group["n"]
    return n if pooled is None else pooled


UNNUMBERED_EFFECT_WORDS = {"of": "better", "against": "worse", "neither": "no difference"}
"""What an effect without a number says of the tested side."""


def write_effect(record: OutcomeMapping) -> str:
    """Write an effect between two groups, of the tested one against the other: "OS HR 0.85 (95% CI
    0.53–1.36), p=0.51".

    A ratio that is printed of the other side is said to be; how it was adjusted and of whom it is
    told stand behind it.
    """
    name = record.get("endpoint") or record.get("event")
    label = ENDPOINTS[name].label if name in ENDPOINTS else ADVERSE_EVENTS[str(name)].label
    value, unit = record["value"], record["unit"]
    parts = [label]
    if unit in RATIO_UNITS:
        parts.append(
            f"{unit} {write_number(value)}{' of the other side' if record['inverted'] else ''}"
        )
    elif unit == "difference":
        parts.append(
            f"difference {write_number(value)} {record['of_unit']}".replace(" %", " points")
        )
    parts += [f"at {record['at']}"] if record.get("at") else []
    if value is None:
        parts.append(UNNUMBERED_EFFECT_WORDS[record["favours"]])
    within = write_interval(record)
    text = " ".join(parts) + (f" ({within})" if within else "")
    text += f", {write_p_value(record['p'])}" if record.get("p") else ""
    text += ", as printed" if record.get("as_printed") else ""
    adjusted = ADJUSTMENTS[record["adjusted"]].label if record.get("adjusted") else ""
    of = ", ".join(part for part in (adjusted, record.get("group")) if part)
    return replace_breaks_and_tabs(text + (f" ({of})" if of else ""))


def is_below_one_better(unit: str, endpoint: str | None) -> bool | None:
    """Tell whether a ratio below 1 favours the side it is told of; None where that is not certain.

    Without an endpoint it is one of an adverse event.
    """
    if endpoint is None or endpoint in ENDPOINTS_TO_AVOID:
        return True
    if endpoint in TIME_ENDPOINTS:
        return True if unit == "HR" else None
    if endpoint in LANDMARK_ENDPOINTS or unit == "HR":
        return None  # of dying or of living: papers print both
    return False


def choose_key_figure(
    outcomes: Sequence[OutcomeMapping], endpoints: Sequence[str] = ()
) -> OutcomeMapping | None:
    """Return the one figure that stands for a row, or None where none does.

    Only a figure of the whole row stands for it. When an endpoint is asked for, any figure of it
    will do rather than none; its scope tells what it is.
    """
    if endpoints:
        return min(
            (outcome for outcome in outcomes if outcome["endpoint"] in endpoints),
            key=lambda outcome: (not is_of_whole_row(outcome), _position(outcome)),
            default=None,
        )
    own = [
        outcome
        for outcome in outcomes
        if is_of_whole_row(outcome) and _position(outcome) < len(KEY_FIGURE_ORDER)
    ]
    return min(own, key=_position, default=None)


def is_of_whole_row(outcome: OutcomeMapping) -> bool:
    """Tell whether a figure is that of all patients of its row."""
    return bool(outcome.get("scope", "whole") == "whole")


def _position(outcome: OutcomeMapping) -> int:
    return next(
        (
            i
            for i, (name, units) in enumerate(KEY_FIGURE_ORDER)
            if outcome["endpoint"] == name and outcome["unit"] in units
        ),
        len(KEY_FIGURE_ORDER),
    )


USUAL_CONFIDENCE = 95.0
"""Confidence (%) of an interval where the paper names no other, and of those computed here."""


def events_of(outcome: OutcomeMapping) -> int | None:
    """Return how many patients had the event: as printed beside a rate, or the figure itself where
    it is a count."""
    events: int | None = outcome["events"]
    return (
        int(outcome["value"])
        if events is None
        and outcome["unit"] == "patients"
        and outcome["value"] == int(outcome["value"])
        else events
    )


def computed_interval(outcome: OutcomeMapping) -> tuple[float, float] | None:
    """Return the exact interval (%, to 0.1) of a rate whose paper prints the counts but no
    interval; None for everything else.

    Where the paper's own figures do not fit each other, nothing is computed with them.
    """
    events, total = events_of(outcome), outcome["total"]
    if (
        outcome["unit"] not in ("%", "patients")
        or outcome["ci"]
        or outcome["as_printed"]
        or events is None
        or not total
    ):
        return None
    low, high = exact_interval(events, total, USUAL_CONFIDENCE)
    return round(100 * low, 1), round(100 * high, 1)


def exact_interval(events: int, total: int, ci_level: float = 95.0) -> tuple[float, float]:
    """Return the Clopper–Pearson interval of `events` in `total`, both ends as shares from 0 to 1.

    `ci_level` is the confidence in percent. Raises ValueError where the counts or the level make no
    sense.
    """
    if not 0 <= events <= total or total < 1:
        raise ValueError(f"{events} of {total} is no share")
    if not 0 < ci_level < 100:
        raise ValueError(f"{ci_level} is no confidence level")
    tail = (1 - ci_level / 100) / 2
    return _lower(events, total, tail), 1 - _lower(total - events, total, tail)


def _lower(events: int, total: int, tail: float) -> float:
    """Return the share at which so many events or more have just this probability; 0 where there
    are none."""
    if events == 0:
        return 0.0
    low, high = 0.0, events / total
    while low < (middle := (low + high) / 2) < high:
        if _at_least(events, total, middle) < tail:
            low = middle
        else:
            high = middle
    return low


def _at_least(events: int, total: int, share: float) -> float:
    """Return the binomial probability of `events` or more. The share lies below events/total, so
    that the terms only fall."""
    term = exp(
        lgamma(total + 1)
        - lgamma(events + 1)
        - lgamma(total - events + 1)
        + events * log(share)
        + (total - events) * log1p(-share)
    )
    odds, found = share / (1 - share), 0.0
    for i in range(events, total + 1):
        if found + term == found:
            break
        found += term
        term *= odds * (total - i) / (i + 1)
    return found
