"""`lmtx trials`."""

from __future__ import annotations

from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import OWN, address, count, own
from lmtx.model.vocabulary import PHASES, STATUSES
from lmtx.query.trials import TrialRow

MONTH, YEAR = 30.44, 365.25
"""Days."""
SHORT = {"observational": "obs.", "expanded-access": "EAP"}


def ago(status_read: str, days: int) -> str:
    """Return the age of a status in words, as exact as its date: "today", "9 days ago", "5 months ago", "2 years ago"."""
    exact = status_read.count("-")
    if exact == 0 and days < YEAR:
        return "this year"
    if days < MONTH:
        return "this month" if exact == 1 else "today" if days == 0 else _some(days, "day")
    return (
        _some(int(days / YEAR), "year")
        if days >= 2 * YEAR or exact == 0
        else _some(int(days / MONTH), "month")
    )


def _some(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def phase(row: TrialRow) -> str:
    """Return the phase in as few letters as a narrow column has."""
    return SHORT.get(row.phase, PHASES[row.phase].label) if row.phase else "–"


def status(row: TrialRow) -> str:
    """Return the status and, under it, when it was read and how long ago that is: a status without its age misleads."""
    label = STATUSES[row.status].label
    if row.status_read is None or row.status_age_days is None:
        return f"{label}\ndate not known"
    return f"{label}\nread {row.status_read},\n{ago(row.status_read, row.status_age_days)}"


def phase_and_status(row: TrialRow) -> str:
    """Return both in one cell: "phase 2, recruiting", "obs., recruiting"."""
    named = phase(row)
    return (
        status(row)
        if not row.phase
        else f"{'phase ' if named[0].isdigit() else ''}{named}, {status(row)}"
    )


def number(id_: str) -> str:
    """Return a registration number; the name of a registry before it stands on a line of its own."""
    return id_.replace(" ", "\n")


def trial(row: TrialRow) -> str:
    """Return the registration number and, under it, the short name."""
    return f"{number(row.id)}{own(row.source)}\n{row.acronym or ''}".rstrip()


TRIALS = Layout(
    "trials",
    TrialRow._fields,
    ("id", "title", "phase", "status", "status_read", "treatments", "tumors", "enrolment"),
    (
        Column("Trial", trial, style="bold", link=address),
        Column("Phase", phase),
        Column("Status", status, least=18, fold=True),
        Column("Treatments", lambda row: "\n".join(row.treatments)),
        Column("Tumors", lambda row: "\n".join(row.tumors), 2),
        Column("Markers", lambda row: "\n".join(row.biomarkers), 5),
        Column("Planned", lambda row: count(row.enrolment), 6, right=True),
        Column("Title", lambda row: row.title, 3, least=30, fold=True),
        Column("Results", lambda row: "\n".join(row.results), 4),
    ),
    empty="no trial matches",
    footnotes=(("obs.", "observational"), ("EAP", "expanded access programme"), OWN),
    unit="trial",
    spaced=True,
    narrow=(
        Column(
            "Trial, treatments",
            lambda row: "\n  ".join([trial(row), *row.treatments]),
            style="bold",
            link=address,
        ),
        Column("Status", phase_and_status, least=18, fold=True),
    ),
)
