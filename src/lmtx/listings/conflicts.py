"""`lmtx conflicts`."""

from __future__ import annotations

from typing import Any

from lmtx.listings.evidence import OLDER
from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import DAGGER, OWN, POOLED, mark, own, shortened
from lmtx.model.figures import brief
from lmtx.model.vocabulary import ENDPOINTS, SIGNS
from lmtx.query.conflicts import ConflictRow

IN_FULL = frozenset(
    {"design", "patients", "given", "biomarker", "route", "reading", "groups of one study"}
)
"""What is short enough for a table; of the rest it says only that the records differ."""
SIDES = ("benefit", "no_benefit")


def _studies(row: ConflictRow) -> str:
    """Return the treatment in its tumor, and under it a line for each row of evidence, last the reports that others replace."""
    return "\n".join(
        [
            f"{row.treatment}, {row.tumor}",
            *(f"  {_study(told)}" for told in row.evidence),
            *(f"    {study}{OLDER[0]}" for study in row.interim),
        ]
    )


def _study(told: dict[str, Any]) -> str:
    size = f" n={told['n']}" if told["n"] is not None else ""
    marks = mark(told["read_in"]) + (POOLED[0] if told["mixed_with"] else "") + own(told["source"])
    return f"{SIGNS[told['direction']]} {told['study']}{marks}  {told['level'] or '–'}{size}"


def _figures(row: ConflictRow) -> str:
    """Return the figures of endpoints that both sides report, one line a row of evidence, beside its study."""
    lines = [
        ", ".join(shortened(brief(outcome)) for outcome in told["figures"]) for told in row.evidence
    ]
    return "\n".join([", ".join(ENDPOINTS[name].label for name in row.endpoints) or "none", *lines])


def _reasons(row: ConflictRow) -> str:
    """Return in what the two sides differ: short words in full, of the rest only what it is."""
    shown: list[str] = []
    others: list[str] = []
    for reason in row.reasons:
        one, other = (_words(reason[side]) for side in SIDES)
        if reason["what"] == "groups of one study":
            shown.append(f"groups within {one}")
        elif reason["what"] in IN_FULL and one != other:
            shown.append(
                f"{reason['what']}: {SIGNS['benefit']} {one}; {SIGNS['no-benefit']} {other}"
            )
        else:
            others.append(reason["what"])
    return "\n".join([*shown, *([f"also: {', '.join(others)}"] if others else [])])


def _words(words: list[str]) -> str:
    """Return the words of one side; what a treatment was combined with would take too much room."""
    return (
        ", ".join(
            dict.fromkeys("in combination" if word.startswith("with ") else word for word in words)
        )
        or "not stated"
    )


CONFLICTS = Layout(
    "conflicts",
    ConflictRow._fields,
    (
        "treatment",
        "tumor",
        "benefit_level",
        "benefit_studies",
        "no_benefit_level",
        "no_benefit_studies",
        "endpoints",
        "reasons",
    ),
    (
        Column("Treatment, tumor, studies", _studies),
        Column("Both sides report", _figures, 1),
        Column("Their records differ in", _reasons, least=23, fold=True),
    ),
    footnotes=(
        (
            "▲",
            "benefit ▼ none, by what the data of each study show as a whole; nothing here says who is right",
        ),
        DAGGER,
        POOLED,
        OLDER,
        OWN,
    ),
    empty="no conflict: no two independent studies of one treatment in one tumor point different ways",
    unit="conflict",
    spaced=True,
    narrow=(
        Column(
            "Treatment, tumor, studies, differences",
            lambda row: f"{_studies(row)}\n{_reasons(row)}",
            least=20,
            fold=True,
        ),
    ),
)
