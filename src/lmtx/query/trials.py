"""Registered trials, with the status that was read, and how old that is."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import Annotated, Any

from lmtx.model.vocabulary import STATUSES
from lmtx.query.filters import (
    TRIAL_SUBJECT,
    Condition,
    Filters,
    TumorAndMarkerReach,
    count_left_out,
    explain_indirect_match,
    find_tumor_and_marker_reach,
    join_conditions,
    linked_treatment_conditions,
    placeholders_for,
    subject_conditions,
)
from lmtx.tuples import NamedTuple

_ORDER = {status: position for position, status in enumerate(STATUSES)}
FRESH_STATUS_YEARS = 2
"""Years after the last update of a registry, after which its status is old."""


class TrialRow(NamedTuple):
    """A registered trial; see `lmtx fields trials`."""

    id: Annotated[str, "registration number"]
    nct: Annotated[str | None, "ClinicalTrials.gov number"]
    title: Annotated[str, "title as registered"]
    acronym: Annotated[str | None, "short name"]
    phase: Annotated[str | None, "phase; see lmtx fields --values phases"]
    status: Annotated[str, "status as read; see lmtx fields --values statuses"]
    status_note: Annotated[str | None, "what more was said about the status"]
    status_read: Annotated[str | None, "date on which that status was read, as exact as known"]
    updated: Annotated[str | None, "last update that the registry posted, as exact as known"]
    status_age_days: Annotated[
        int | None,
        "days since that update, a month or year counted from its first day; empty where it is "
        "not known",
    ]
    open: Annotated[
        bool,
        "recruiting, by the status as read, and updated in the last two years; who may enter is "
        "not in the base",
    ]
    countries: Annotated[list[str], "countries, in the registry's names"]
    study_type: Annotated[str | None, "interventional, observational or expanded-access"]
    randomized: Annotated[bool | None, "whether patients are allotted by chance, where told"]
    lm: Annotated[
        str | None,
        "only: patients with LM alone; cohort: they are a cohort of it; allowed: they are among "
        "others",
    ]
    line: Annotated[str | None, "line of treatment for the LM: first, later or any"]
    after: Annotated[list[str], "ids of treatments or classes that all patients have had before"]
    enrolment: Annotated[int | None, "patients enrolled or planned"]
    treatments: Annotated[list[str], "ids of all treatments that it gives"]
    tested: Annotated[
        list[str], "ids of those that it tests, or of which no registry field tells the role"
    ]
    tumors: Annotated[list[str], "ids of the tumors; solid for any"]
    biomarkers: Annotated[list[str], "ids of the biomarkers"]
    applies_by: Annotated[
        list[str],
        "any solid tumor, no marker named: by what the trial applies where it does not name what "
        "was asked for",
    ]
    results: Annotated[list[str], "ids of the studies that report it"]
    url: Annotated[str | None, "address in the registry"]
    note: Annotated[str | None, "what a reader must know"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class TrialQuestion(NamedTuple):
    """What trials are asked for: the filters, the day, and their own options."""

    filters: Filters
    today: date
    statuses: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    is_open: bool = False


def list_trials(connection: sqlite3.Connection, question: TrialQuestion) -> list[TrialRow]:
    """Return the trials asked for: open ones first, by status, those that name what was asked for
    before others.

    A trial for any solid tumor, or that names no marker, applies to each and says so.
    """
    conditions = [
        *subject_conditions(TRIAL_SUBJECT, question.filters),
        *_option_conditions(question),
    ]
    if question.is_open:
        conditions.append(make_fresh_recruiting_condition(question.today))
    sql, parameters = join_conditions(conditions)
    query = f"select r.record from trial r {sql} order by r.updated is null, r.updated desc, r.id"
    reach = find_tumor_and_marker_reach(connection, question.filters)
    found = [
        _row(json.loads(text), question.today, reach)
        for (text,) in connection.execute(query, parameters)
    ]
    return sorted(found, key=lambda row: (not row.open, _ORDER[row.status], len(row.applies_by)))


def count_trials_left_out(
    connection: sqlite3.Connection, question: TrialQuestion
) -> dict[str, int]:
    """Count the trials that are left out without knowing that they do not fit, by the reason.

    Where open trials are asked for, these are those that may be open too.
    """
    also = _option_conditions(question)
    if not question.is_open:
        return count_left_out(connection, TRIAL_SUBJECT, question.filters, *also)
    opened = make_fresh_recruiting_condition(question.today)
    found = count_left_out(connection, TRIAL_SUBJECT, question.filters, *also, opened)
    fitting = [*subject_conditions(TRIAL_SUBJECT, question.filters), *also]
    for why, which in (
        *NOT_RECRUITING_BUT_MAYBE_OPEN.items(),
        (OLD_STATUS_REASON, "r.status = 'recruiting'"),
    ):
        not_open: Condition = (f"not {opened[0]}", opened[1])
        sql, parameters = join_conditions([*fitting, (which, []), not_open])
        [(number,)] = connection.execute(f"select count(*) from trial r {sql}", parameters)
        if number:
            found[why] = number
    return found


OLD_STATUS_REASON = "status older than two years"
NOT_RECRUITING_BUT_MAYBE_OPEN = {
    "not yet recruiting": "r.status = 'not-yet-recruiting'",
    "by invitation": "r.status = 'enrolling-by-invitation'",
    "status not known": "r.status in ('active', 'unknown', 'not-stated')",
}
"""Trials that do not recruit by the status as read, but may take patients."""


def make_fresh_recruiting_condition(today: date) -> Condition:
    """Return the condition that a trial `r` recruits, by a status that its registry updated in the
    last two years."""
    first_day = "substr(r.updated || '-01-01', 1, 10)"
    return (
        f"(r.status = 'recruiting' and r.updated is not null and {first_day} >= ?)",
        [find_oldest_fresh_update(today).isoformat()],
    )


def find_oldest_fresh_update(today: date) -> date:
    """Return the day until which an update is fresh."""
    leap = (today.month, today.day) == (2, 29)
    return date(max(1, today.year - FRESH_STATUS_YEARS), today.month, 28 if leap else today.day)


def age_in_days(day: str | None, today: date) -> int | None:
    """Return how many days ago something was; a month or year counts from its first day, so that
    nothing looks fresher than it is."""
    return None if day is None else max(0, (today - first_day_of(day)).days)


def first_day_of(partial_date: str) -> date:
    """Return the first day of a date that may be a month or a year."""
    year, month, day = (*map(int, partial_date.split("-")), 1, 1)[:3]
    return date(year, month, day)


def _option_conditions(question: TrialQuestion) -> list[Condition]:
    found = linked_treatment_conditions(TRIAL_SUBJECT, question.filters)
    found += [
        (f"r.{column} in ({placeholders_for(values)})", list(values))
        for column, values in (("status", question.statuses), ("phase", question.phases))
        if values
    ]
    return found


def is_recruiting(record: dict[str, Any], today: date) -> bool:
    """Tell whether a record of a trial is open, as `make_fresh_recruiting_condition` does."""
    updated = record["updated"]
    return (
        record["status"] == "recruiting"
        and updated is not None
        and first_day_of(updated) >= find_oldest_fresh_update(today)
    )


def _row(record: dict[str, Any], today: date, reach: TumorAndMarkerReach) -> TrialRow:
    known = {key: record[key] for key in TrialRow._fields if key in record}
    tested = (one["treatment"] for one in record["given"] if one["role"] in (None, "tested"))
    return TrialRow(
        **known,
        tested=list(dict.fromkeys(tested)),
        open=is_recruiting(record, today),
        status_age_days=age_in_days(record["updated"], today),
        applies_by=explain_indirect_match(reach, record["tumors"], record),
    )
