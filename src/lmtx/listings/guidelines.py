"""`lmtx guidelines`."""

from __future__ import annotations

from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import DAGGER, OWN, address, mark, own
from lmtx.model.vocabulary import RECOMMENDATION_TOPICS
from lmtx.query.guidelines import StatementRow


def source(row: StatementRow) -> str:
    """Return the guideline with its mark, and under it that a newer edition exists."""
    return f"{row.name}{mark(row.read_in)}{own(row.source)}" + (
        "\n(superseded)" if row.superseded else ""
    )


GUIDELINES = Layout(
    "guidelines",
    StatementRow._fields,
    (
        "id",
        "name",
        "topic",
        "statement",
        "level",
        "grade",
        "treatments",
        "tumors",
        "superseded",
        "read_in",
    ),
    (
        Column("Guideline", source, least=17, fold=True, most=24, style="bold", link=address),
        Column("Topic", lambda row: RECOMMENDATION_TOPICS[row.topic].label, 3, least=12, fold=True),
        Column("Level", lambda row: row.level or "–", 1, least=8, fold=True),
        Column("Grade", lambda row: row.grade or "–"),
        Column("Statement", lambda row: row.statement, least=34, fold=True),
        Column("Tumors", lambda row: "\n".join(row.tumors), 5),
        Column("Treatments", lambda row: "\n".join(row.treatments), 4),
    ),
    empty="no guideline statement matches",
    footnotes=(("(superseded)", "a newer edition of this guideline exists"), DAGGER, OWN),
    unit="statement",
    marked=("name", "statement"),
    spaced=True,
)
