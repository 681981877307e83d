"""`lmtx trials`: registered trials with their status and its age."""

from typing import Annotated, NamedTuple

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.marks import OWN, address, count, own
from lmtx.model.vocabulary import PHASES, STATUSES
from lmtx.query import resolve
from lmtx.query.filters import TREATMENT, TRIALS
from lmtx.query.parameters import Parameter, Vocabulary, words_of
from lmtx.query.trials import TrialRow, list_trials, note_left_out

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


PHASE = Vocabulary(
    lambda _, field, values: resolve.words(
        field, PHASES, (value.casefold().removeprefix("phase") for value in values)
    ),
    words_of(PHASES).complete,
)


class TrialOptions(NamedTuple):
    """What trials can be narrowed down by, beside the filters."""

    statuses: Annotated[
        tuple[str, ...],
        Parameter("status", "Only trials of this status.", "STATUS", vocabulary=words_of(STATUSES)),
    ] = ()
    open: Annotated[
        bool, Parameter("open", "Only trials that patients may enter.", kind="flag")
    ] = False
    phases: Annotated[
        tuple[str, ...],
        Parameter("phase", "Exactly this phase: 1, 1/2, 2 …", "PHASE", vocabulary=PHASE),
    ] = ()
    treatments: Annotated[
        tuple[str, ...],
        Parameter("treatment", "Only about this treatment.", "ID", vocabulary=TREATMENT),
    ] = ()


def find_trials(question: Question) -> Found:
    """Return the trials under the filters, open ones first."""
    options: TrialOptions = question.options
    rows = list_trials(
        question.connection,
        question.filters,
        question.today,
        statuses=options.statuses,
        phases=options.phases,
        treatments=options.treatments,
        is_open=options.open,
    )
    note = note_left_out(
        question.connection,
        question.filters,
        statuses=options.statuses,
        phases=options.phases,
        treatments=options.treatments,
        is_open=options.open,
    )
    return Found(rows, [note])


LISTING = Listing(
    "trials",
    "Registered trials with their status and its age.",
    TrialRow,
    find_trials,
    about="Registered trials with their status and its age, open ones first.",
    examples=(
        "lmtx trials --tumor breast --open",
        "lmtx trials --treatment pemetrexed --phase 2",
        "lmtx trials --biomarker her2 --mixed",
    ),
    subject=TRIALS,
    options=TrialOptions,
    brief=("id", "title", "phase", "status", "status_read", "treatments", "tumors", "enrolment"),
    columns=(
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
