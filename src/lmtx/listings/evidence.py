"""`lmtx evidence`: rows of evidence, one treatment × population × study each."""

# No `from __future__ import annotations` here: options are read off annotations.

from collections.abc import Callable, Iterable, Mapping
from sqlite3 import Connection
from typing import Annotated, Any

from lmtx.listings import Column, Found, Listing, Question, arrange_rows
from lmtx.model.figures import is_of_whole_row, write_brief_figure, write_effect
from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    SHORT_ROUTES,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    direction_symbol,
    get_row_url,
    mark_evidence_row,
    mark_figure_if_row_unmarked,
    shorten_figure,
    write_count,
)
from lmtx.model.reference import IDENTIFIER_URL_TEMPLATES
from lmtx.model.vocabulary import DESIGNS
from lmtx.query.evidence import (
    SORT_ORDERS,
    EvidenceRow,
    FigureRow,
    OutcomeRow,
    StudyRow,
    list_evidence,
    list_figures,
    list_outcomes,
    list_studies,
)
from lmtx.query.filters import EVIDENCE_SUBJECT, Filters, count_evidence_left_out
from lmtx.query.parameters import Parameter
from lmtx.tuples import NamedTuple

MOST_FIGURES_PER_TABLE_ROW = 4
"""Figures of a row that a table shows; the card and the machine formats have all."""


LONGEST_OUTCOME_TIME_POINT = 20
"""Signs beyond which a time point is a remark, which the card and the machine formats have."""


def write_figure_with_part_mark(outcome: Mapping[str, Any]) -> str:
    """Return a figure in a few words, with an asterisk where more must be known of it."""
    remark = len(outcome.get("at") or "") > LONGEST_OUTCOME_TIME_POINT
    return shorten_figure(write_brief_figure({**outcome, "at": None} if remark else outcome)) + (
        " *" if remark or not is_of_whole_row(outcome) else ""
    )


def write_outcome_lines(row: EvidenceRow, most: int = MOST_FIGURES_PER_TABLE_ROW) -> str:
    """Return the figures of a row with their marks, one a line, and how many more there are."""
    shown = [
        write_figure_with_part_mark(outcome) + mark_figure_if_row_unmarked(outcome, row.read_in)
        for outcome in row.outcomes[:most]
    ]
    more = len(row.outcomes) - len(shown)
    return "\n".join([*shown, *([f"… {more} more"] if more > 0 else [])]) or "–"


def write_row_and_treatments(row: EvidenceRow) -> str:
    """Return the id of a row with its marks, and under it what was given, by IT and IV routes."""
    plus = "or " if row.given_as == "some" else "then " if row.given_as == "in-turn" else "+ "
    tested = [
        f"  {plus if place else ''}{one}{_write_routes(row, one)}"
        for place, one in enumerate(row.treatments)
    ]
    beside = ["  (" + ",\n   ".join(row.background) + ")"] if row.background else []
    return "\n".join([f"{row.id}{mark_evidence_row(row)}", *tested, *beside])


def _write_routes(row: EvidenceRow, treatment: str) -> str:
    """Return by which of IT and IV, which are easily mistaken, a treatment was tested; or both."""
    routes = {
        SHORT_ROUTES.get(route)
        for one in row.given
        if one["role"] == "tested" and one["treatment"] == treatment
        for route in one["routes"]
    }
    named = ", ".join(sorted(route for route in routes if route))
    return f" {named}" if named else ""


def write_row_with_outcomes(row: EvidenceRow) -> str:
    """Return the row, its treatments and its figures below each other."""
    return write_row_and_treatments(row) + "".join(
        f"\n    {line}" for line in write_outcome_lines(row).split("\n")
    )


class EvidenceOptions(NamedTuple):
    """How the evidence is told."""

    long: Annotated[
        bool,
        Parameter(
            "long", "One figure a row, with its interval, counts and comparator.", kind="flag"
        ),
    ] = False


def list_sorted_evidence(
    connection: Connection,
    filters: Filters,
    *,
    sort: str | None = None,
    reverse: bool = False,
    limit: int | None = None,
) -> Iterable[EvidenceRow]:
    """Return the rows of evidence under the filters in any order; as a stream where the index can
    put them in it."""
    if sort in (None, *SORT_ORDERS) and not reverse:
        return list_evidence(connection, filters, sort=sort or "level", limit=limit)
    return arrange_rows(
        list_evidence(connection, filters),
        "evidence",
        EvidenceRow._fields,
        sort=sort,
        reverse=reverse,
        limit=limit,
    )


def find_evidence(question: Question) -> Found:
    """Return the rows of evidence under the filters, as a stream where the index can put them in
    the order asked for; or their figures, one a row."""
    order = question.order._asdict()
    left_out = count_evidence_left_out(question.connection, question.filters)
    if question.options.long:
        figures = list_figures(question.connection, question.filters)
        arranged = arrange_rows(figures, "evidence --long", FigureRow._fields, **order)
        return Found(arranged, is_arranged=True, left_out=left_out, listing=FIGURES)
    rows = list_sorted_evidence(question.connection, question.filters, **order)
    return Found(rows, is_arranged=True, left_out=left_out)


def write_marked_figure(row: FigureRow) -> str:
    """Return a figure of a row of its own in a few words, with its marks."""
    figure = {**row._asdict(), "ci": [end for end in (row.ci_low, row.ci_high) if end is not None]}
    if row.question:
        return write_effect(figure) + "".join(row.footnotes)
    return write_figure_with_part_mark(figure) + "".join(
        mark for mark in row.footnotes if mark != PART_MARK[0]
    )


FIGURES = Listing(
    "figures",
    "Figures of the rows of evidence and of their comparisons, one a row.",
    FigureRow,
    subject=EVIDENCE_SUBJECT,
    is_command=False,
    brief=(
        "citation",
        "treatments",
        "tumors",
        "n",
        "level",
        "endpoint",
        "value",
        "unit",
        "ci_low",
        "ci_high",
        "group",
        "comparator",
        "read_in",
        "footnotes",
    ),
    columns=(
        Column("Study", lambda row: row.citation, link=get_row_url, fold=True, least=14),
        Column("Tested", lambda row: "\n+ ".join(row.treatments), 2),
        Column("n", lambda row: write_count(row.n), right=True),
        Column("Level", lambda row: row.level or "–"),
        Column("Figure", write_marked_figure, fold=True, least=24),
        Column("Of whom, or v", lambda row: row.comparator or row.group or "", 3, 16, fold=True),
        Column("Row", lambda row: row.id, 4),
    ),
    footnotes=(
        PART_MARK,
        WITH_OTHERS_MARK,
        UNVERIFIED_MARK,
        POOLED_MARK,
        SYNTHESIS_MARK,
        SUPERSEDED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="figure",
)


LISTING = Listing(
    "evidence",
    "Rows of evidence: who got what, in which study, with what outcome.",
    EvidenceRow,
    find_evidence,
    about="Rows of evidence: one treatment × population × study each.",
    examples=(
        "lmtx evidence --tumor nsclc --endpoint overall-survival --min-n 20 --sort n",
        "lmtx evidence --class radiation --design randomized",
        "lmtx evidence --treatment pemetrexed --route IT --min-n 20 --long --csv",
    ),
    options=EvidenceOptions,
    subject=EVIDENCE_SUBJECT,
    brief=(
        "id",
        "treatments",
        "tumors",
        "n",
        "design",
        "level",
        "direction",
        "outcomes",
        "comparisons",
        "read_in",
    ),
    columns=(
        Column("Row, treatments", write_row_and_treatments, link=get_row_url),
        Column("Tumors", lambda row: "\n".join(row.tumors), 5),
        Column("n", lambda row: write_count(row.n), right=True),
        Column("Design", lambda row: DESIGNS[row.design].label, 6),
        Column("Level", lambda row: row.level or "–"),
        Column("", lambda row: direction_symbol(row.direction)),
        Column("Outcomes", write_outcome_lines),
        Column("Dose", lambda row: row.dose or "", 8, least=24),
        Column(
            "PMID",
            lambda row: row.pmid or "",
            9,
            link=lambda row: (
                IDENTIFIER_URL_TEMPLATES["pmid"].format(row.pmid) if row.pmid else None
            ),
        ),
    ),
    footnotes=(
        DIRECTION_FOOTNOTE,
        PART_MARK,
        (
            "(",
            "in brackets: 95% CI where not said otherwise; among treatments, what was given "
            "alongside",
        ),
        UNVERIFIED_MARK,
        POOLED_MARK,
        SYNTHESIS_MARK,
        SUPERSEDED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="row",
    marked=("id", "outcomes", "summary"),
    narrow=(
        Column("Row, treatments, outcomes", write_row_with_outcomes, link=get_row_url),
        Column("n", lambda row: write_count(row.n), right=True),
        Column("Level", lambda row: row.level or "–"),
        Column("", lambda row: direction_symbol(row.direction)),
    ),
)


def make_finder(
    list_rows: Callable[[Connection, Filters], Iterable[Any]],
) -> Callable[[Question], Found]:
    """Return what finds the rows that a query lists under the filters."""

    def find_rows(question: Question) -> Found:
        rows = list_rows(question.connection, question.filters)
        return Found(rows, left_out=count_evidence_left_out(question.connection, question.filters))

    return find_rows


STUDIES = Listing(
    "studies",
    "Publications, with how they were read.",
    StudyRow,
    make_finder(list_studies),
    subject=EVIDENCE_SUBJECT,
    is_command=False,
    brief=("id", "label", "title", "journal", "year", "design", "level", "rows", "read_in"),
    unit="study",
)


OUTCOMES = Listing(
    "outcomes",
    "Reported figures, one a row, with their study.",
    OutcomeRow,
    make_finder(list_outcomes),
    subject=EVIDENCE_SUBJECT,
    is_command=False,
    brief=(
        "evidence",
        "treatments",
        "tumors",
        "n",
        "level",
        "endpoint",
        "value",
        "unit",
        "ci_low",
        "ci_high",
        "scope",
        "group",
        "read_in",
    ),
    unit="figure",
)
