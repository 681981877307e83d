"""`lmtx levels`: the levels of evidence and how many studies have them."""

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.notation import write_count
from lmtx.query.vocabularies import LevelRow, list_levels


def find_levels(question: Question) -> Found:
    """Return the levels of evidence, the strongest first."""
    return Found(list_levels(question.connection))


LISTING = Listing(
    "levels",
    "The levels of evidence, what they mean and how many studies have them.",
    LevelRow,
    find_levels,
    about="The levels of evidence: what they mean, which designs have them, and how many studies.",
    examples=("lmtx levels", "lmtx levels --json"),
    is_sorted=False,
    columns=(
        Column("Level", lambda row: row.level or "none"),
        Column("Meaning", lambda row: row.meaning, least=24, fold=True),
        Column("Designs", lambda row: ", ".join(row.designs), 4, least=26, fold=True),
        Column("Publications", lambda row: write_count(row.publications), 3, right=True),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Rows", lambda row: write_count(row.rows), 2, right=True),
    ),
    unit="level",
    spaced=True,
)
