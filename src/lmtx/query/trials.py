"""Registered trials, with the status that was read, when, and how old that is."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import Annotated, Any, NamedTuple

from lmtx.errors import Wording
from lmtx.model.vocabulary import STATUSES
from lmtx.query import links
from lmtx.query.filters import TRIALS, Condition, Filters, among, conditions_on, where

_ORDER = {status: position for position, status in enumerate(STATUSES)}


class TrialRow(NamedTuple):
    """A registered trial; see `lmtx fields trials`."""

    id: Annotated[str, "registration number"]
    nct: Annotated[str | None, "ClinicalTrials.gov number"]
    title: Annotated[str, "title as registered"]
    acronym: Annotated[str | None, "short name"]
    phase: Annotated[str | None, "phase; see lmtx fields --values phases"]
    status: Annotated[str, "status as read; see lmtx fields --values statuses"]
    status_note: Annotated[str | None, "what more was said about the status"]
    status_read: Annotated[str | None, "date of that status, as exact as known"]
    status_age_days: Annotated[
        int | None,
        "days since then, a month or year counted from its first day; empty where the date is not known",
    ]
    open: Annotated[
        bool,
        "whether patients may enter by the status read: recruiting, not yet, by invitation, or active without more",
    ]
    enrolment: Annotated[int | None, "patients enrolled or planned"]
    treatments: Annotated[list[str], "ids of what is given, tested or alongside"]
    tumors: Annotated[list[str], "ids of the tumors; solid for any"]
    biomarkers: Annotated[list[str], "ids of the biomarkers"]
    results: Annotated[list[str], "ids of the studies that report it"]
    url: Annotated[str | None, "address in the registry"]
    note: Annotated[str | None, "what a reader must know"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


def list_trials(
    connection: sqlite3.Connection,
    filters: Filters,
    today: date,
    *,
    statuses: tuple[str, ...] = (),
    phases: tuple[str, ...] = (),
    treatments: tuple[str, ...] = (),
    is_open: bool = False,
) -> list[TrialRow]:
    """Return the trials under the filters: open ones first, by status, the most freshly read first."""
    sql, parameters = where(_conditions(filters, statuses, phases, treatments, is_open))
    query = (
        f"select r.record, r.open from trial r {sql} "
        "order by r.open desc, r.status_read is null, r.status_read desc, r.id"
    )
    found = [
        _row(json.loads(text), bool(open_), today)
        for text, open_ in connection.execute(query, parameters)
    ]
    return sorted(found, key=lambda row: (not row.open, _ORDER[row.status]))


def note_left_out(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    statuses: tuple[str, ...] = (),
    phases: tuple[str, ...] = (),
    treatments: tuple[str, ...] = (),
    is_open: bool = False,
) -> Wording:
    """Return the note how many trials for any solid tumour `mixed` would add; empty where it would add none."""
    conditions = _conditions(filters, statuses, phases, treatments, is_open)
    more = links.count_for_any_solid(connection, TRIALS, filters, conditions)
    return links.note_for_any_solid(more, "trial", "for")


def age_in_days(status_read: str | None, today: date) -> int | None:
    """Return how many days ago a status was read; a month or year counts from its first day, so that no status looks fresher than it is."""
    if status_read is None:
        return None
    year, month, day = (*map(int, status_read.split("-")), 1, 1)[:3]
    return max(0, (today - date(year, month, day)).days)


def _conditions(
    filters: Filters,
    statuses: tuple[str, ...],
    phases: tuple[str, ...],
    treatments: tuple[str, ...],
    is_open: bool,
) -> list[Condition]:
    found = [*conditions_on(TRIALS, filters), *links.on_treatments(TRIALS, filters, treatments)]
    found += [
        (f"r.{column} in ({among(values)})", list(values))
        for column, values in (("status", statuses), ("phase", phases))
        if values
    ]
    if is_open:
        found.append(("r.open = 1", []))
    return found


def _row(record: dict[str, Any], is_open: bool, today: date) -> TrialRow:
    known = {key: record[key] for key in TrialRow._fields if key in record}
    return TrialRow(
        **known, open=is_open, status_age_days=age_in_days(record["status_read"], today)
    )
