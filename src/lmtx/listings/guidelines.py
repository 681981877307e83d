"""`lmtx guidelines`: guideline statements with level and grade."""

from typing import Annotated, NamedTuple

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.marks import DAGGER, OWN, address, mark, own
from lmtx.model.vocabulary import RECOMMENDATION_TOPICS
from lmtx.query.filters import STATEMENTS, TREATMENT
from lmtx.query.guidelines import StatementRow, list_statements, note_left_out
from lmtx.query.parameters import Parameter, words_of


def source(row: StatementRow) -> str:
    """Return the guideline with its mark, and under it that a newer edition exists."""
    return f"{row.name}{mark(row.read_in)}{own(row.source)}" + (
        "\n(superseded)" if row.superseded else ""
    )


class GuidelineOptions(NamedTuple):
    """What statements can be narrowed down by, beside the filters."""

    topics: Annotated[
        tuple[str, ...],
        Parameter(
            "topic",
            "Only statements on this.",
            "TOPIC",
            vocabulary=words_of(RECOMMENDATION_TOPICS),
        ),
    ] = ()
    treatments: Annotated[
        tuple[str, ...],
        Parameter("treatment", "Only about this treatment.", "ID", vocabulary=TREATMENT),
    ] = ()


def find_statements(question: Question) -> Found:
    """Return the statements under the filters, the newest first, superseded ones last."""
    topics, treatments = question.options
    about = (question.connection, question.filters, topics, treatments)
    return Found(list_statements(*about), [note_left_out(*about)])


LISTING = Listing(
    "guidelines",
    "Guideline statements with level and grade.",
    StatementRow,
    find_statements,
    about="Guideline statements with level and grade, the newest first, superseded ones last.",
    examples=(
        "lmtx guidelines --topic treatment --tumor breast",
        "lmtx guidelines --treatment whole-brain-radiotherapy",
        "lmtx guidelines --since 2023 --verified --json",
    ),
    subject=STATEMENTS,
    options=GuidelineOptions,
    brief=(
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
    columns=(
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
