"""`lmtx diff`."""

from __future__ import annotations

from lmtx.curation.differences import Difference
from lmtx.listings.layout import Column, Layout

LONG = 160
"""Letters of prose that a cell shows; what two texts share at their beginning and end is left out first."""


def place(row: Difference) -> str:
    """Return the record and, under it, its figure and field."""
    return "\n".join(
        part
        for part in (row.id, " ".join(part for part in (row.figure, row.field) if part))
        if part
    )


def around(row: Difference) -> tuple[str, str]:
    """Return both values, long ones cut down to where they differ."""
    was, now = row.was or "", row.now or ""
    if max(len(was), len(now)) <= LONG:
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
    return text if len(text) <= LONG else text[:LONG].rpartition(" ")[0] + " …"


DIFF = Layout(
    "diff",
    Difference._fields,
    Difference._fields,
    (
        Column("Change", lambda row: f"{row.change}\n{row.kind}"),
        Column("Record", place, least=24, fold=True, most=70, style="bold"),
        Column("Was", lambda row: around(row)[0], least=16, fold=True),
        Column("Now", lambda row: around(row)[1], least=16, fold=True),
    ),
    empty="no differences",
    unit="difference",
    spaced=True,
    narrow=(
        Column("Change", lambda row: f"{row.change}\n{row.kind}"),
        Column(
            "Record, was → now",
            lambda row: f"{place(row)}\n" + " → ".join(around(row)),
            least=20,
            fold=True,
        ),
    ),
)
