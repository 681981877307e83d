"""`lmtx list`: treatments, one a row, strongest evidence first."""

from __future__ import annotations

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.marks import (
    DAGGER,
    KEY,
    OWN,
    PART,
    POOLED,
    SYNTHESIS,
    WITH,
    brief_answer,
    count,
    figure_marks,
    own,
    shortened,
    tally,
)
from lmtx.query.filters import EVIDENCE, note_mixed
from lmtx.query.list import TreatmentRow, list_treatments

LONGEST_TIME = 16
"""Letters of a time point that a cell has room for."""
FEW = 10
"""Patients below which a figure says how few they are."""
MOST_ANSWERS = 2
"""Randomised answers that a table tells; the card and the machine formats have all."""


def _figure(row: TreatmentRow) -> str:
    if not row.figure:
        return "–"
    short, at, time = shortened(row.figure).partition(" at ")
    few = f" n={row.figure_n}" if row.figure_n is not None and row.figure_n < FEW else ""
    return f"{short}{at}{time if len(time) <= LONGEST_TIME else '…'}{few}{figure_marks(row)}"


def directions(row: TreatmentRow) -> str:
    """Return what randomised comparisons say, in words, and then how many studies point which way."""
    answers = [answer for answer in row.answers if answer["randomized"]]
    lines = [f"RCT: {brief_answer(answer)}" for answer in answers[:MOST_ANSWERS]]
    more = len(answers) - len(lines)
    lines += [f"… {more} more" if more > 0 else ""]
    return "\n".join(line for line in (*lines, tally(row)) if line)


def find_treatments(question: Question) -> Found:
    """Return the treatments that have evidence under the filters."""
    rows = list_treatments(question.connection, question.filters)
    return Found(rows, [note_mixed(question.connection, question.filters)])


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
    subject=EVIDENCE,
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
        Column("Treatment", lambda row: row.id + own(row.source), style="bold"),
        Column("Class", lambda row: row.drug_class, 6),
        Column("Routes", lambda row: ", ".join(row.routes), 8),
        Column("Level", lambda row: row.level or "–"),
        Column("Studies", lambda row: count(row.studies), 4, right=True),
        Column("Patients", lambda row: count(row.patients), right=True),
        Column("Direction", directions, least=11, fold=True, most=34),
        Column("Key figure", _figure, least=14, fold=True),
        Column("From", lambda row: row.figure_study or "", 7),
        Column("Latest", lambda row: str(row.latest or "–"), 5),
    ),
    footnotes=(
        KEY,
        ("RCT", "what a randomised comparison says, first and in words"),
        WITH,
        PART,
        DAGGER,
        POOLED,
        SYNTHESIS,
        OWN,
    ),
    stands_apart=lambda row: not row.specified,
    apart="Regimens that name no agent",
    unit="treatment",
    marked=("figure",),
)
