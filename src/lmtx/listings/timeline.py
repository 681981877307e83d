"""`lmtx timeline`: how the evidence grew."""

from lmtx.listings import Found, Listing, Question
from lmtx.model.figures import write_plural
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.timeline import YearLevelRow, count_studies_by_year_and_level


def find_studies_by_year(question: Question) -> Found:
    """Return the independent studies by the year of their first report and by level."""
    rows = count_studies_by_year_and_level(question.connection, question.filters)
    undated = sum(row.studies for row in rows if row.year is None)
    note = (
        f"{write_plural(undated, 'study', 'studies')} without a year of publication"
        if undated
        else ""
    )
    left_out = count_evidence_left_out(question.connection, question.filters)
    dated = sum(row.studies for row in rows if row.year is not None)
    drawn = write_plural(dated, "study", "studies")
    return Found(rows, [note], drawn=drawn, left_out=left_out)


LISTING = Listing(
    "timeline",
    "How the evidence grew: studies by year and level.",
    YearLevelRow,
    find_studies_by_year,
    about=(
        "How the evidence grew: independent studies by the year of their first report and by level."
    ),
    examples=(
        "lmtx timeline",
        "lmtx timeline --tumor melanoma",
        "lmtx timeline --class egfr-tki --json",
    ),
    subject=EVIDENCE_SUBJECT,
    is_sorted=False,
    picture=(".svg", ".png"),
)
