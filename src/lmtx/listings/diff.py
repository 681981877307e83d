"""`lmtx diff`."""

from typing import Annotated

from lmtx.listings import Column, Listing
from lmtx.tuples import NamedTuple

LONGEST_PROSE_CELL = 160
"""Letters of prose that a cell shows; what two texts share at their beginning and end is left out
first."""


class Difference(NamedTuple):
    """One thing that is not as it was; see `lmtx fields diff`."""

    change: Annotated[str, "changed, withdrawn, superseded, removed or added"]
    kind: Annotated[
        str,
        "study, evidence, outcome, csf, guideline, statement, fact, trial, treatment, class, "
        "tumor or biomarker",
    ]
    id: Annotated[str, "id of the record; of an outcome that of its row of evidence"]
    figure: Annotated[
        str | None,
        "which figure of the row: endpoint, time point and group; empty for other records",
    ]
    field: Annotated[str | None, "field that changed; empty where the whole record came or went"]
    was: Annotated[str | None, "value in the old data, as printed; empty where there was none"]
    now: Annotated[str | None, "value in the new data, as printed; empty where there is none"]


def write_record_and_field(row: Difference) -> str:
    """Return the record and, under it, its figure and field."""
    return "\n".join(
        part
        for part in (row.id, " ".join(part for part in (row.figure, row.field) if part))
        if part
    )


def shorten_values(row: Difference) -> tuple[str, str]:
    """Return both values, long ones cut down to where they differ."""
    was, now = row.was or "", row.now or ""
    if max(len(was), len(now)) <= LONGEST_PROSE_CELL:
        return was or "–", now or "–"
    first, last = was.split(" "), now.split(" ")
    same = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    start = max(0, same - 3)
    return _piece(first, start) or "–", _piece(last, start) or "–"


def _piece(words: list[str], start: int) -> str:
    text = ("… " if start else "") + " ".join(words[start:])
    return (
        text
        if len(text) <= LONGEST_PROSE_CELL
        else text[:LONGEST_PROSE_CELL].rpartition(" ")[0] + " …"
    )


LISTING = Listing(
    "diff",
    "What changed between two versions of the data.",
    Difference,
    is_command=False,
    columns=(
        Column("Change", lambda row: f"{row.change}\n{row.kind}"),
        Column("Record", write_record_and_field, least=24, fold=True, most=70, style="bold"),
        Column("Was", lambda row: shorten_values(row)[0], least=16, fold=True),
        Column("Now", lambda row: shorten_values(row)[1], least=16, fold=True),
    ),
    empty="no differences",
    unit="difference",
    spaced=True,
    narrow=(
        Column("Change", lambda row: f"{row.change}\n{row.kind}"),
        Column(
            "Record, was → now",
            lambda row: f"{write_record_and_field(row)}\n" + " → ".join(shorten_values(row)),
            least=20,
            fold=True,
        ),
    ),
)
