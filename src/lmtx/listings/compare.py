"""`lmtx compare`: treatments side by side."""

from typing import Annotated

from lmtx.listings import Found, Listing, Question
from lmtx.query.compare import ComparedRow, check_number, compare_treatments, note_comparison
from lmtx.query.filters import (
    EVIDENCE,
    TREATMENT,
    count_evidence_left_out,
    given_condition,
    note_untried,
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
            vocabulary=TREATMENT,
            positional=True,
        ),
    ]


def find_compared(question: Question) -> Found:
    """Return the treatments in the order in which they were named."""
    ids = question.options.treatments
    check_number(ids)
    rows = compare_treatments(question.connection, ids, question.filters, question.today)
    left_out = count_evidence_left_out(question.connection, question.filters, given_condition(ids))
    notes = [*note_comparison(rows, question.filters), *note_untried(question.connection, ids)]
    return Found(rows, notes, left_out=left_out)


LISTING = Listing(
    "compare",
    "Two or more treatments side by side.",
    ComparedRow,
    find_compared,
    examples=(
        "lmtx compare osimertinib lorlatinib",
        'lmtx compare methotrexate thiotepa "liposomal cytarabine" --tumor breast',
        "lmtx compare pemetrexed nivolumab --json",
    ),
    subject=EVIDENCE,
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
