"""`lmtx compare`: treatments side by side."""

from typing import Annotated

from lmtx.listings import Found, Listing, Question
from lmtx.query.compare import (
    ComparedRow,
    check_treatment_count,
    compare_treatments,
    note_compared_without_evidence,
)
from lmtx.query.filters import (
    EVIDENCE_SUBJECT,
    TREATMENT_VOCABULARY,
    any_tested_condition,
    count_evidence_left_out,
    note_treatments_without_evidence,
)
from lmtx.query.parameters import Parameter
from lmtx.tuples import NamedTuple


class CompareOptions(NamedTuple):
    """What stands side by side."""

    treatments: Annotated[
        tuple[str, ...],
        Parameter(
            "treatments",
            "Two to six treatments by id, name or brand.",
            "TREATMENT",
            vocabulary=TREATMENT_VOCABULARY,
            positional=True,
        ),
    ]


def find_compared_treatments(question: Question) -> Found:
    """Return the treatments in the order in which they were named."""
    ids = question.options.treatments
    check_treatment_count(ids)
    rows = compare_treatments(question.connection, ids, question.filters, question.today)
    left_out = count_evidence_left_out(
        question.connection, question.filters, any_tested_condition(ids)
    )
    notes = [
        *note_compared_without_evidence(rows, question.filters),
        *note_treatments_without_evidence(question.connection, ids),
    ]
    return Found(rows, notes, left_out=left_out)


LISTING = Listing(
    "compare",
    "Two or more treatments side by side.",
    ComparedRow,
    find_compared_treatments,
    examples=(
        "lmtx compare osimertinib lorlatinib",
        'lmtx compare methotrexate thiotepa "liposomal cytarabine" --tumor breast',
        "lmtx compare pemetrexed nivolumab --json",
    ),
    subject=EVIDENCE_SUBJECT,
    options=CompareOptions,
    is_sorted=False,
    brief=(
        "id",
        "level",
        "studies",
        "patients",
        "benefit",
        "no_benefit",
        "mixed",
        "unclear",
        "response",
        "pfs",
        "os",
        "csf",
    ),
    unit="treatment",
)
