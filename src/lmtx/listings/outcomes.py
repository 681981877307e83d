"""The reported figures, one a row: `outcomes()` in Python, and a table of the export."""

from lmtx.listings import Found, Listing, Question
from lmtx.query.filters import EVIDENCE, count_evidence_left_out
from lmtx.query.outcomes import OutcomeRow, list_outcomes


def find_outcomes(question: Question) -> Found:
    """Return them under the filters."""
    rows = list_outcomes(question.connection, question.filters)
    return Found(rows, left_out=count_evidence_left_out(question.connection, question.filters))


LISTING = Listing(
    "outcomes",
    "Reported figures, one a row, with their study.",
    OutcomeRow,
    find_outcomes,
    subject=EVIDENCE,
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
