"""`lmtx guidelines`: guideline statements with level and grade, and which guidelines could not be
read."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    UNVERIFIED_MARK,
    get_row_url,
    mark_own_records,
    mark_reading,
)
from lmtx.model.vocabulary import RECOMMENDATION_TOPICS
from lmtx.query.filters import ANY_TUMOR_REASON, STATEMENT_SUBJECT
from lmtx.query.guidelines import (
    StatementRow,
    UnreadGuideline,
    count_statements_left_out,
    list_statements,
    list_unread_guidelines,
)
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.tuples import NamedTuple


def write_guideline_cell(row: StatementRow) -> str:
    """Return the guideline with its mark, and under it that a newer edition exists, or by what the
    statement applies."""
    marks = [f"({why})" for why in (*(["superseded"] if row.superseded else []), *row.applies_by)]
    return "\n".join(
        [f"{row.name}{mark_reading(row.read_in)}{mark_own_records(row.source)}", *marks]
    )


class GuidelineOptions(NamedTuple):
    """What statements can be narrowed down by, beside the filters."""

    topics: Annotated[
        tuple[str, ...],
        Parameter(
            "topic",
            "Only statements on this.",
            "TOPIC",
            vocabulary=make_word_vocabulary(RECOMMENDATION_TOPICS),
        ),
    ] = ()


def find_statements(question: Question) -> Found:
    """Return the statements under the filters, the newest first, superseded ones last."""
    about = (question.connection, question.filters, *question.options)
    unread = list_unread_guidelines(*about)
    left_out = Counter(one.coverage for one in unread)
    return Found(
        list_statements(*about),
        [note_unread_guidelines(unread)],
        left_out={**count_statements_left_out(*about), **left_out},
        left_out_unit="statement",
    )


def note_unread_guidelines(guidelines: Sequence[UnreadGuideline]) -> str:
    """Return the note which guidelines may have statements that could not be read; empty where
    there are none."""
    groups: dict[str, list[str]] = {}
    for one in guidelines:
        groups.setdefault(one.coverage, []).append(one.name)
    told = [
        f"{UNREAD_COVERAGE_WORDS[coverage]}: {', '.join(names)}"
        for coverage, names in groups.items()
    ]
    return "; ".join(told)


UNREAD_COVERAGE_WORDS = {
    "diagnosis only": "treatment statements not readable, only those on diagnosis",
    "statements not readable": "statements not readable",
}
"""How the coverage of a guideline is told."""


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
    subject=STATEMENT_SUBJECT,
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
        "applies_by",
        "superseded",
        "read_in",
    ),
    columns=(
        Column(
            "Guideline",
            write_guideline_cell,
            least=17,
            fold=True,
            most=24,
            style="bold",
            link=get_row_url,
        ),
        Column("Topic", lambda row: RECOMMENDATION_TOPICS[row.topic].label, 3, least=12, fold=True),
        Column("Level", lambda row: row.level or "–", 1, least=8, fold=True),
        Column("Grade", lambda row: row.grade or "–"),
        Column("Statement", lambda row: row.statement, least=34, fold=True),
        Column("Tumors", lambda row: "\n".join(row.tumors), 5),
        Column("Treatments", lambda row: "\n".join(row.treatments), 4),
    ),
    empty="no guideline statement matches",
    footnotes=(
        ("(superseded)", "a newer edition of this guideline exists"),
        (f"({ANY_TUMOR_REASON})", "it applies, but does not name the tumor asked for"),
        UNVERIFIED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="statement",
    marked=("name", "statement"),
    spaced=True,
)
