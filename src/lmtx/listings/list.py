"""`lmtx list`."""

from __future__ import annotations

from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import (
    DAGGER,
    KEY,
    OWN,
    PART,
    POOLED,
    SYNTHESIS,
    WITH,
    count,
    figure_marks,
    own,
    shortened,
    tally,
)
from lmtx.query.list import TreatmentRow

LONGEST_TIME = 16
"""Letters of a time point that a cell has room for."""
FEW = 10
"""Patients below which a figure says how few they are."""


def _figure(row: TreatmentRow) -> str:
    if not row.figure:
        return "–"
    short, at, time = shortened(row.figure).partition(" at ")
    few = f" n={row.figure_n}" if row.figure_n is not None and row.figure_n < FEW else ""
    return f"{short}{at}{time if len(time) <= LONGEST_TIME else '…'}{few}{figure_marks(row)}"


TREATMENTS = Layout(
    "list",
    TreatmentRow._fields,
    (
        "id",
        "name",
        "drug_class",
        "level",
        "studies",
        "patients",
        "benefit",
        "no_benefit",
        "mixed",
        "unclear",
        "figure",
        "read_in",
        "latest",
    ),
    (
        Column("Treatment", lambda row: row.id + own(row.source), style="bold"),
        Column("Class", lambda row: row.drug_class, 6),
        Column("Routes", lambda row: ", ".join(row.routes), 8),
        Column("Level", lambda row: row.level or "–"),
        Column("Studies", lambda row: count(row.studies), 4, right=True),
        Column("Patients", lambda row: count(row.patients), 3, right=True),
        Column("Direction", tally, 1),
        Column("Key figure", _figure, 2),
        Column("From", lambda row: row.figure_study or "", 7),
        Column("Latest", lambda row: str(row.latest or "–"), 5),
    ),
    footnotes=(KEY, WITH, PART, DAGGER, POOLED, SYNTHESIS, OWN),
    stands_apart=lambda row: not row.specified,
    apart="Regimens that name no agent",
    unit="treatment",
    marked=("figure",),
)
