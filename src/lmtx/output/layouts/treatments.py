"""`lmtx list`."""

from __future__ import annotations

from lmtx.output.layout import Column, Layout
from lmtx.output.layouts import DAGGER, KEY, count, mark, shortened, tally
from lmtx.query.treatments import TreatmentRow


def _figure(row: TreatmentRow) -> str:
    return f"{shortened(row.figure)}{mark(row.read_in)}" if row.figure else "–"


TREATMENTS = Layout(
    "list",
    TreatmentRow._fields,
    ("id", "name", "drug_class", "level", "studies", "patients", "benefit", "no_benefit", "mixed", "unclear", "figure", "latest"),
    (
        Column("Treatment", lambda row: row.id, style="bold"),
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
    footnotes=(KEY, DAGGER),
    stands_apart=lambda row: not row.specified,
    apart="Regimens that name no agent",
    unit="treatment",
)
