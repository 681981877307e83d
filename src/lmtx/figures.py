"""How a reported figure is written for people: "OS 11.3 months (95% CI 7.5–18.3)"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lmtx.vocabulary import ENDPOINTS, RATIO_UNITS, TIME_UNITS

Outcome = Mapping[str, Any]
"""An outcome as the JSON export gives it."""

HEADLINES = (
    ("overall-survival", TIME_UNITS), ("objective-response", {"%"}), ("overall-survival", RATIO_UNITS),
    ("cns-progression-free-survival", TIME_UNITS), ("progression-free-survival", TIME_UNITS),
    ("radiologic-response", {"%"}), ("cytologic-response", {"%"}), ("clinical-response", {"%"}), ("disease-control", {"%"}),
)  # fmt: skip
"""Which figure stands for a row when only one can be shown: survival first, then response."""


def number(value: float) -> str:
    """Write a number as the source gave it: 62, 7.5, 0.0026."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    return f"{value:.10g}"


def amount(outcome: Outcome) -> str:
    """Write the value with its unit: "62%", "11.3 months", "HR 0.61", "10 of 14 patients"."""
    value, unit = outcome["value"], outcome["unit"]
    if unit == "%":
        return f"{number(value)}%"
    if unit in RATIO_UNITS:
        return f"{unit} {number(value)}"
    if unit == "patients" and outcome.get("total") is not None:
        return f"{number(value)} of {outcome['total']} patients"
    if value == 1:
        return f"1 {unit.removesuffix('s')}"
    return f"{number(value)} {unit}"


def interval(outcome: Outcome) -> str:
    """Write the confidence interval, or nothing: "95% CI 7.5–18.3", "95% CI 6.6–not reached"."""
    ci = outcome.get("ci")
    if not ci:
        return ""
    upper = number(ci[1]) if len(ci) == 2 else outcome.get("ci_upper") or "?"
    return f"{number(outcome.get('ci_level') or 95)}% CI {number(ci[0])}–{upper}"


def brief(outcome: Outcome) -> str:
    """Write a figure in a few words for a table cell: endpoint, value, interval."""
    label = ENDPOINTS[outcome["endpoint"]].label
    at = f" at {outcome['at']}" if outcome.get("at") else ""
    within = interval(outcome)
    return f"{label} {amount(outcome)}{at}" + (f" ({within})" if within else "")


def full(outcome: Outcome) -> str:
    """Write a figure with everything that the record says about it."""
    parts = [brief(outcome)]
    if outcome.get("events") is not None and outcome.get("total") is not None and outcome["unit"] != "patients":
        parts.append(f"{outcome['events']} of {outcome['total']}")
    elif outcome.get("total") is not None and outcome["unit"] != "patients":
        parts.append(f"n={outcome['total']}")
    parts += [f"vs {outcome['versus']}"] if outcome.get("versus") else []
    parts += [p_value(outcome["p"])] if outcome.get("p") else []
    parts += [outcome[key] for key in ("group", "assessed_by") if outcome.get(key)]
    parts += ["as printed"] if outcome.get("as_printed") else []
    parts += [f"{outcome['evidence']} ({outcome['read_in']})"] if outcome.get("evidence") else []
    return "; ".join(parts)


def p_value(printed: str) -> str:
    """Write a p value as printed, with its sign: "p=0.03", "p<0.001"."""
    return f"p{printed}" if printed[:1] in "<>=≤≥" else f"p={printed}"


def headline(outcomes: Sequence[Outcome], endpoint: Sequence[str] = ()) -> Outcome | None:
    """Return the one figure that stands for a row: of the whole row before a subgroup's, survival before response."""
    chosen = [outcome for outcome in outcomes if not endpoint or outcome["endpoint"] in endpoint]
    if not chosen:
        return None

    def order(outcome: Outcome) -> tuple[bool, int]:
        kinds = [i for i, (name, units) in enumerate(HEADLINES) if outcome["endpoint"] == name and outcome["unit"] in units]
        return bool(outcome.get("group")), kinds[0] if kinds else len(HEADLINES)

    return min(chosen, key=order)
