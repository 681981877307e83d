"""`lmtx info --quality`."""

from __future__ import annotations

from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import count
from lmtx.query.info import QualityRow


def share(part: int, whole: int) -> str:
    """Return "102 of 111"."""
    return f"{part} of {whole}" if whole else "–"


QUALITY = Layout(
    "quality",
    QualityRow._fields,
    ("label", "studies", "patients", "level", "rows", "figures", "second_read", "reports"),
    (
        Column("Part", lambda row: row.label, least=24),
        Column("Reports", lambda row: count(row.reports), 1, right=True),
        Column("Studies", lambda row: count(row.studies), 8, right=True),
        Column("Patients", lambda row: count(row.patients), 8, right=True),
        Column("Level", lambda row: row.level or "–", 7),
        Column("Rows", lambda row: count(row.rows), 7, right=True),
        Column("Figures", lambda row: count(row.figures), 6, right=True),
        Column("Full text", lambda row: count(row.full_text), 3, right=True),
        Column("Abstract", lambda row: count(row.abstract), 3, right=True),
        Column("Registry", lambda row: count(row.registry), 5, right=True),
        Column("2nd hand", lambda row: count(row.secondary), 2, right=True),
        Column("Recalled", lambda row: count(row.recalled), 2, right=True),
        Column("Read twice", lambda row: count(row.second_read), 4, right=True),
        Column("Due: read twice", lambda row: share(row.due_read, row.due)),
        Column("Cited", lambda row: share(row.cited, row.reports)),
        Column("Exceptions", lambda row: count(row.excepted), 4, right=True),
    ),
    unit="part",
)
