"""`lmtx trials`: registered trials with what they test, where, and their status with its age."""

from collections.abc import Mapping
from typing import Annotated

from lmtx.errors import ParameterMention, Wording
from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_number as digits
from lmtx.model.figures import write_plural
from lmtx.model.notation import OWN_RECORDS_MARK, get_row_url, mark_own_records, write_count
from lmtx.model.vocabulary import PHASES, STATUSES
from lmtx.query.filters import ANY_TUMOR_REASON, NO_MARKER_REASON, TRIAL_SUBJECT
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.query.trials import (
    OLD_STATUS_REASON,
    TrialQuestion,
    TrialRow,
    count_trials_left_out,
    list_trials,
)
from lmtx.tuples import NamedTuple

DAYS_PER_MONTH, DAYS_PER_YEAR = 30.44, 365.25
"""Days."""
MOST_COUNTRIES = 3
"""Countries that a cell names; of more the others are counted, unless it is one."""
SHORT_STUDY_TYPES = {"observational": "obs.", "expanded-access": "EAP"}


def write_update_age(updated: str, days: int) -> str:
    """Return the age of an update in words, as exact as its date: "today", "9 days ago", "5 months
    ago", "2 years ago"."""
    exact = updated.count("-")
    if exact == 0 and days < DAYS_PER_YEAR:
        return "this year"
    if days < DAYS_PER_MONTH:
        return "this month" if exact == 1 else "today" if days == 0 else _write_ago(days, "day")
    return (
        _write_ago(int(days / DAYS_PER_YEAR), "year")
        if days >= 2 * DAYS_PER_YEAR or exact == 0
        else _write_ago(int(days / DAYS_PER_MONTH), "month")
    )


def _write_ago(number: int, unit: str) -> str:
    return f"{write_plural(number, unit)} ago"


def write_phase(row: TrialRow) -> str:
    """Return the phase in as few letters as a narrow column has."""
    return SHORT_STUDY_TYPES.get(row.phase, PHASES[row.phase].label) if row.phase else "–"


def write_status_age_and_countries(row: TrialRow) -> str:
    """Return the status and, under it, when its registry updated it, how long ago that is, and
    where: a status without its age misleads."""
    lines = [STATUSES[row.status].label, "last update", "not known"]
    if row.updated is not None and row.status_age_days is not None:
        lines[1:] = [f"updated {row.updated},", write_update_age(row.updated, row.status_age_days)]
    more = len(row.countries) - MOST_COUNTRIES
    lines += row.countries[:MOST_COUNTRIES]
    return "\n".join(
        [*lines, f"{more} more countries"]
        if more > 1
        else [*lines, *row.countries[MOST_COUNTRIES:]]
    )


def write_phase_status_and_countries(row: TrialRow) -> str:
    """Return both in one cell: "phase 2, recruiting", "obs., recruiting"."""
    status = write_status_age_and_countries(row)
    if not row.phase:
        return status
    phase = write_phase(row)
    return f"{'phase ' if phase[0].isdigit() else ''}{phase}, {status}"


def wrap_registration_number(id_: str) -> str:
    """Return a registration number; the name of a registry before it stands on a line of its
    own."""
    return id_.replace(" ", "\n")


def write_registration_and_acronym(row: TrialRow) -> str:
    """Return the registration number and, under it, the short name and by what the trial
    applies."""
    marks = [f"({why})" for why in row.applies_by]
    return "\n".join(
        [
            f"{wrap_registration_number(row.id)}{mark_own_records(row.source)}",
            *filter(None, [row.acronym]),
            *marks,
        ]
    )


def write_tested_or_all_treatments(row: TrialRow) -> str:
    """Return what a trial tests; all that it gives where it tests nothing."""
    return "\n".join(row.tested or row.treatments)


class TrialOptions(NamedTuple):
    """What trials can be narrowed down by, beside the filters."""

    statuses: Annotated[
        tuple[str, ...],
        Parameter(
            "status",
            "Only trials of this status.",
            "STATUS",
            vocabulary=make_word_vocabulary(STATUSES),
        ),
    ] = ()
    open: Annotated[
        bool,
        Parameter(
            "open",
            "Only trials that recruit, by a status updated in the last two years.",
            kind="flag",
        ),
    ] = False
    phases: Annotated[
        tuple[str, ...],
        Parameter(
            "phase",
            "Exactly this phase: 1, 1/2, II …",
            "PHASE",
            vocabulary=make_word_vocabulary(PHASES),
        ),
    ] = ()


ELIGIBILITY_NOTE = "who may enter a trial is not in the base: ask its registry"


def find_trials(question: Question) -> Found:
    """Return the trials under the filters, open ones first."""
    options: TrialOptions = question.options
    asked = TrialQuestion(
        filters=question.filters,
        today=question.today,
        statuses=options.statuses,
        phases=options.phases,
        is_open=options.open,
    )
    rows = list_trials(question.connection, asked)
    left_out = count_trials_left_out(question.connection, asked)
    notes = [note_possibly_open_trials(left_out), ELIGIBILITY_NOTE]
    return Found(rows, notes, left_out=left_out, left_out_unit="trial")


def note_possibly_open_trials(left_out: Mapping[str, int]) -> Wording:
    """Return the note how many trials may be open, but do not recruit by a fresh status; empty
    where none."""
    told = write_possibly_open_trials(left_out)
    return (f"{told}; without ", ParameterMention("open"), " they are listed") if told else ""


def write_possibly_open_trials(left_out: Mapping[str, int]) -> str:
    """Say how many trials may be open, but do not recruit by a fresh status; nothing where none."""
    told = [
        f"{digits(left_out[why])} {words}"
        for why, words in POSSIBLY_OPEN_WORDS.items()
        if why in left_out
    ]
    return f"left out, may be open: {', '.join(told)}" if told else ""


POSSIBLY_OPEN_WORDS = {
    "not yet recruiting": "not yet recruiting",
    "by invitation": "by invitation",
    OLD_STATUS_REASON: "recruiting by a status older than two years",
    "status not known": "of a status not known",
}
"""How trials are called that stand apart from the open ones."""


LISTING = Listing(
    "trials",
    "Registered trials with their status and its age.",
    TrialRow,
    find_trials,
    about=(
        "Registered trials, open ones first. Those for any solid tumor, or that name no marker, "
        "apply and are marked."
    ),
    examples=(
        "lmtx trials --tumor breast --open",
        "lmtx trials --tumor melanoma --country Europe",
        "lmtx trials --treatment pemetrexed --phase II",
    ),
    subject=TRIAL_SUBJECT,
    options=TrialOptions,
    brief=(
        "id",
        "title",
        "phase",
        "status",
        "updated",
        "tested",
        "tumors",
        "applies_by",
        "countries",
        "enrolment",
    ),
    columns=(
        Column("Trial", write_registration_and_acronym, style="bold", link=get_row_url),
        Column("Phase", write_phase),
        Column("Status, where", write_status_age_and_countries, least=18, fold=True),
        Column("Tested", write_tested_or_all_treatments),
        Column("Tumors", lambda row: "\n".join(row.tumors), 2),
        Column("Markers", lambda row: "\n".join(row.biomarkers), 5),
        Column("Planned", lambda row: write_count(row.enrolment), 6, right=True),
        Column("Title", lambda row: row.title, 3, least=30, fold=True),
        Column("Results", lambda row: "\n".join(row.results), 4),
    ),
    empty="no trial matches",
    footnotes=(
        (f"({ANY_TUMOR_REASON})", "it applies, but does not name the tumor asked for"),
        (
            f"({NO_MARKER_REASON})",
            "it applies, but names no marker: its registry says who may enter",
        ),
        ("obs.", "observational"),
        ("EAP", "expanded access programme"),
        OWN_RECORDS_MARK,
    ),
    stands_apart=lambda row: not row.open,
    apart="Not recruiting by a status of the last two years",
    unit="trial",
    spaced=True,
    narrow=(
        Column(
            "Trial, tested",
            lambda row: "\n  ".join(
                [write_registration_and_acronym(row), *(row.tested or row.treatments)]
            ),
            style="bold",
            link=get_row_url,
        ),
        Column("Status", write_phase_status_and_countries, least=18, fold=True),
    ),
)
