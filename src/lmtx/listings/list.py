"""`lmtx list`: treatments, one a row, strongest evidence first."""

from typing import Annotated

from lmtx.errors import ParameterMention, Wording
from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_plural
from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    KEY_FIGURE_FOOTNOTE,
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    RCT_FOOTNOTE,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    mark_own_records,
    write_count,
    write_marked_key_figure,
    write_randomised_answers_and_tally,
)
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.list import (
    TreatmentRow,
    find_nearby_records,
    find_treatments_with_evidence,
    list_treatments,
)
from lmtx.query.parameters import Parameter
from lmtx.tuples import NamedTuple


def find_treatments(question: Question) -> Found:
    """Return the treatments that have evidence under the filters."""
    filters = question.filters
    rows = list_treatments(question.connection, filters)
    left_out = count_evidence_left_out(question.connection, filters)
    notes: list[Wording] = []
    tried = find_treatments_with_evidence(question.connection)
    bare = [row for row in rows if row.id not in tried]
    if bare and not question.options.all and not filters.treatments:
        rows = [row for row in rows if row.id in tried]
        left_out[NO_EVIDENCE_REASON] = len(bare)
        several = write_plural(len(bare), "known treatment")
        notes.append(
            (f"{several} without evidence left out; ", ParameterMention("all"), " lists them too")
        )
    if not rows:
        nearby = find_nearby_records(question.connection, filters)
        notes += [(f"on record: {one.words}: ", one.command) for one in nearby]
    return Found(rows, notes, left_out=left_out)


NO_EVIDENCE_REASON = "treatments without evidence"


class ListOptions(NamedTuple):
    """What treatments can be listed by, beside the filters."""

    all: Annotated[
        bool, Parameter("all", "Known treatments without evidence too.", kind="flag")
    ] = False


LISTING = Listing(
    "list",
    "Treatments, one a row: level, studies, patients, direction, key figure.",
    TreatmentRow,
    find_treatments,
    about="Treatments, one a row, strongest evidence first.",
    examples=(
        "lmtx list --tumor melanoma",
        "lmtx list --class immunotherapy --min-level III",
        "lmtx list --biomarker her2 --route intrathecal",
    ),
    subject=EVIDENCE_SUBJECT,
    options=ListOptions,
    method="treatments",
    brief=(
        "id",
        "name",
        "drug_class",
        "level",
        "studies",
        "patients",
        "benefit",
        "no_benefit",
        "worse",
        "mixed",
        "unclear",
        "figure",
        "read_in",
        "latest",
    ),
    columns=(
        Column("Treatment", lambda row: row.id + mark_own_records(row.source), style="bold"),
        Column("Class", lambda row: row.drug_class, 6),
        Column("Routes", lambda row: ", ".join(row.routes), 8),
        Column("Level", lambda row: row.level or "–"),
        Column("Studies", lambda row: write_count(row.studies), 4, right=True),
        Column("Patients", lambda row: write_count(row.patients), 3, right=True),
        Column("Direction", write_randomised_answers_and_tally, least=11, fold=True, most=34),
        Column("Key figure", write_marked_key_figure, 2, least=11, fold=True),
        Column("From", lambda row: row.figure_citation or "", 7),
        Column("Latest", lambda row: str(row.latest or "–"), 5),
    ),
    footnotes=(
        DIRECTION_FOOTNOTE,
        KEY_FIGURE_FOOTNOTE,
        RCT_FOOTNOTE,
        WITH_OTHERS_MARK,
        PART_MARK,
        UNVERIFIED_MARK,
        POOLED_MARK,
        SYNTHESIS_MARK,
        OWN_RECORDS_MARK,
    ),
    stands_apart=lambda row: not row.specified,
    apart="Regimens that name no agent",
    unit="treatment",
    marked=("figure",),
)
