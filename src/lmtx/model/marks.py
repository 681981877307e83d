"""The marks that a figure or a record carries wherever it is shown, with what each means."""

from __future__ import annotations

from typing import Any

from lmtx.model.figures import number
from lmtx.model.reference import BUNDLED
from lmtx.model.vocabulary import DIRECTIONS, SECONDARY_RESEARCH, SIGNS, UNVERIFIED

DAGGER = ("†", "not read at its source: second hand, or recalled and read nowhere")
POOLED = ("‡", "pooled with patients who do not have LM of a solid tumour; not an LM rate")
PART = (
    "*",
    "of a subgroup, of all patients whatever they were given, or of a special kind: see lmtx show, or the JSON",
)
WITH = ("+", "given together with other treatments, or to some of the patients only")
OLDER = ("°", "superseded by a later report of the same patients, and not counted")
SYNTHESIS = ("Σ", "review or meta-analysis: tells published patients again")
WITHDRAWN = " [withdrawn]"
"""Stands behind what was withdrawn: it is counted nowhere, and its figures stand for nothing."""
KEY = ("▲", "benefit ▼ none ± mixed ? unclear; key figure: of the strongest study, 95% CI")
OWN = ("◆", "own records laid over the base, or a row that counts some: field source")


def own(source: str | list[str] | None) -> str:
    """Return the sign of what comes from own records, or of a row that counts some."""
    names = source if isinstance(source, list) else [source or BUNDLED]
    return OWN[0] if any(name != BUNDLED for name in names) else ""


def mark(read_in: str | None) -> str:
    """Return the dagger of a figure that was not read at its source."""
    return DAGGER[0] if read_in in UNVERIFIED else ""


def count(value: Any) -> str:
    """Return a number of studies or patients; a dash where it is not known."""
    return "–" if value is None else number(value)


def tally(row: Any) -> str:
    """Return the direction tally: "▲3 ▼1 ±2 ?1"."""
    parts = zip(DIRECTIONS, (row.benefit, row.no_benefit, row.mixed, row.unclear), strict=True)
    return " ".join(f"{SIGNS[direction]}{n}" for direction, n in parts if n)


_MEANINGS = dict((DAGGER, POOLED, PART, WITH, OLDER, SYNTHESIS, OWN))


def meaning_of(mark: str) -> str:
    """Return what a mark says, as a footnote does."""
    return _MEANINGS.get(mark, mark)


def marks_of(row: Any) -> list[str]:
    """Return the marks that a row of any listing carries, each a sign or a word, for forms that have a column of them.

    A row with a key figure has those of the figure; of any other, the fields that it has tell.
    """
    if hasattr(row, "figure_scope"):
        found = [*figure_marks(row)] if row.figure else [*own(row.source)]
        return list(dict.fromkeys(found))
    scopes = [getattr(row, "scope", None)]
    scopes += [figure.get("scope") for figure in getattr(row, "outcomes", None) or ()]
    found = [
        PART[0] if any(scope not in (None, "whole") for scope in scopes) else "",
        mark(getattr(row, "read_in", None)),
        POOLED[0] if getattr(row, "mixed_with", None) else "",
        SYNTHESIS[0] if getattr(row, "design", None) in SECONDARY_RESEARCH else "",
        OLDER[0] if getattr(row, "superseded_by", None) else "",
        own(getattr(row, "source", None)),
        WITHDRAWN.strip() if getattr(row, "withdrawn", None) else "",
    ]
    return [one for one in found if one]


def address(row: Any) -> str | None:
    """Return the canonical address of a row's study."""
    found: str | None = row.url
    return found


def shortened(figure: str) -> str:
    """Return a figure without what a footnote says: "OS 11.3 mo (7.5–18.3)"."""
    short = figure.replace("95% CI ", "")
    for unit, sign in (("month", "mo"), ("week", "wk")):
        short = short.replace(f" {unit}s", f" {sign}").replace(f" {unit}", f" {sign}")
    return short


def figure_marks(row: Any) -> str:
    """Return the signs that a key figure carries: given with others, of a part, not read at its source, pooled, of a review, own."""
    part = PART[0] if row.figure_scope not in (None, "whole") else ""
    again = SYNTHESIS[0] if row.figure_design in SECONDARY_RESEARCH else ""
    return f"{WITH[0] if row.figure_with else ''}{part}{mark(row.read_in)}{POOLED[0] if row.figure_mixed_with else ''}{again}{own(row.figure_source)}"
