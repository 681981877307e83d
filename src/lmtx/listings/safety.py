"""`lmtx safety`: harm by treatment, route, event and grade."""

from typing import Annotated

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    POOLED_MARK,
    SHORT_ROUTES,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    get_row_url,
    mark_own_records,
    write_harm_with_flags,
    write_marked_harm_count,
)
from lmtx.model.vocabulary import ADVERSE_EVENTS, ADVERSE_GRADES
from lmtx.query.filters import EVIDENCE_SUBJECT, TREATMENT_VOCABULARY, count_evidence_left_out
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.query.safety import SafetyRow, list_harms
from lmtx.tuples import NamedTuple


class SafetyOptions(NamedTuple):
    """What harm can be narrowed down by, beside the filters."""

    drugs: Annotated[
        tuple[str, ...],
        Parameter(
            "drugs",
            "Only these treatments.",
            "DRUG",
            vocabulary=TREATMENT_VOCABULARY,
            positional=True,
        ),
    ] = ()
    events: Annotated[
        tuple[str, ...],
        Parameter(
            "event",
            "Only this adverse event.",
            "EVENT",
            vocabulary=make_word_vocabulary(ADVERSE_EVENTS),
        ),
    ] = ()
    grades: Annotated[
        tuple[str, ...],
        Parameter(
            "grade",
            "Only this grade; 3+ takes in 3, 4 and 5.",
            "GRADE",
            vocabulary=make_word_vocabulary(ADVERSE_GRADES),
        ),
    ] = ()


def find_harms(question: Question) -> Found:
    """Return the harms under the filters, the worst first."""
    drugs, events, grades = question.options
    rows = list_harms(question.connection, question.filters, drugs, events, grades)
    told = {row.treatment for row in rows}
    silent = [drug for drug in drugs if drug not in told]
    missing = f"no harm of {', '.join(silent)} is on record under these filters" if silent else ""
    left_out = count_evidence_left_out(question.connection, question.filters)
    return Found(rows, [missing], left_out=left_out)


def write_treatment_and_routes(row: SafetyRow) -> str:
    """Return the treatment with its marks, and under it by which route it was given."""
    routes = ", ".join(SHORT_ROUTES.get(route, route) for route in row.routes)
    return f"{row.treatment}{mark_own_records(row.source)}" + (f"\n  {routes}" if routes else "")


LISTING = Listing(
    "safety",
    "Harm by treatment, route, event and grade, the worst first.",
    SafetyRow,
    find_harms,
    examples=(
        "lmtx safety methotrexate",
        "lmtx safety --tumor breast --route intrathecal --grade 3+",
        "lmtx safety --event chemical-meningitis --csv",
    ),
    subject=EVIDENCE_SUBJECT,
    options=SafetyOptions,
    brief=(
        "treatment",
        "routes",
        "event",
        "grade",
        "n",
        "total",
        "share",
        "with_others",
        "tumors",
        "level",
        "study",
        "read_in",
    ),
    columns=(
        Column("Treatment", write_treatment_and_routes, style="bold"),
        Column("Event", lambda row: write_harm_with_flags(row._asdict()), least=18, fold=True),
        Column("Grade", lambda row: row.grade or "–"),
        Column("Patients", lambda row: write_marked_harm_count(row._asdict())),
        Column("Of whom", lambda row: row.group or "", 4, least=16, fold=True),
        Column("Level", lambda row: row.level or "–", 2),
        Column("Study", lambda row: row.citation, 1, least=14, fold=True, link=get_row_url),
    ),
    empty="no harm on record matches",
    footnotes=(
        WITH_OTHERS_MARK,
        UNVERIFIED_MARK,
        POOLED_MARK,
        SYNTHESIS_MARK,
        SUPERSEDED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="harm",
    marked=("n", "share"),
)
