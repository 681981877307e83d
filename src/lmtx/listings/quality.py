"""The trust in each part of the base: `lmtx info --quality`, and `quality()` in Python."""

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.notation import write_count
from lmtx.query.info import QualityRow, list_quality


def write_share(part: int, whole: int) -> str:
    """Return "102 of 111"."""
    return f"{part} of {whole}" if whole else "–"


def find_quality(question: Question) -> Found:
    """Return how far each part of the base can be trusted."""
    return Found(list_quality(question.connection))


LISTING = Listing(
    "quality",
    "Where the figures were read, how much of them twice, how many citations are complete.",
    QualityRow,
    find_quality,
    is_sorted=False,
    is_command=False,
    brief=("label", "studies", "patients", "level", "rows", "figures", "second_read", "reports"),
    columns=(
        Column("Part", lambda row: row.label, least=24),
        Column("Reports", lambda row: write_count(row.reports), 1, right=True),
        Column("Studies", lambda row: write_count(row.studies), 8, right=True),
        Column("Patients", lambda row: write_count(row.patients), 8, right=True),
        Column("Level", lambda row: row.level or "–", 7),
        Column("Rows", lambda row: write_count(row.rows), 7, right=True),
        Column("Figures", lambda row: write_count(row.figures), 6, right=True),
        Column("Full text", lambda row: write_count(row.full_text), 3, right=True),
        Column("Abstract", lambda row: write_count(row.abstract), 3, right=True),
        Column("Registry", lambda row: write_count(row.registry), 5, right=True),
        Column("2nd hand", lambda row: write_count(row.secondary), 2, right=True),
        Column("Recalled", lambda row: write_count(row.recalled), 2, right=True),
        Column("Read twice", lambda row: write_count(row.second_read), 4, right=True),
        Column("Due: read twice", lambda row: write_share(row.due_read, row.due)),
        Column("Cited", lambda row: write_share(row.cited, row.reports)),
        Column("Exceptions", lambda row: write_count(row.excepted), 4, right=True),
    ),
    unit="part",
)
