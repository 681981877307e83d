"""`lmtx brief`: the answer to a patient's setting on one screen."""

from lmtx.listings import Found, Listing, Question
from lmtx.query.brief import BriefRow, list_brief
from lmtx.query.filters import EVIDENCE_SUBJECT


def find_brief(question: Question) -> Found:
    """Return the lines of a brief under the filters."""
    rows = list_brief(question.connection, question.filters, question.today)
    return Found(rows)


LISTING = Listing(
    "brief",
    "One screen: best treatments, doses, harm, what differs, advice, trials, what is not known.",
    BriefRow,
    find_brief,
    examples=(
        "lmtx brief -t breast -b her2 --after trastuzumab-deruxtecan",
        "lmtx brief --tumor melanoma",
        "lmtx brief -t nsclc -b egfr --json",
    ),
    subject=EVIDENCE_SUBJECT,
    is_sorted=False,
    unit="line",
)
