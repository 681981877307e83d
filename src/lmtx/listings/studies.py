"""Publications, one a row: `studies()` in Python."""

from lmtx.listings import Found, Listing, Question
from lmtx.query.filters import EVIDENCE, count_evidence_left_out
from lmtx.query.studies import StudyRow, list_studies


def find_studies(question: Question) -> Found:
    """Return them under the filters."""
    rows = list_studies(question.connection, question.filters)
    return Found(rows, left_out=count_evidence_left_out(question.connection, question.filters))


LISTING = Listing(
    "studies",
    "Publications, with how they were read.",
    StudyRow,
    find_studies,
    subject=EVIDENCE,
    is_command=False,
    brief=("id", "label", "title", "journal", "year", "design", "level", "rows", "read_in"),
    unit="study",
)
