"""Registered trials, with the status that was read, when, and how old that is."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from lmtx.errors import UsageError
from lmtx.model.vocabulary import PHASES, STATUSES
from lmtx.query import links, resolve
from lmtx.query.filters import Condition, Filters, marks, where

_ORDER = {status: position for position, status in enumerate(STATUSES)}


class TrialRow(NamedTuple):
    """A registered trial; see `lmtx fields trials`."""

    id: str
    nct: str | None
    title: str
    acronym: str | None
    phase: str | None
    status: str
    status_note: str | None
    status_read: str | None
    status_age_days: int | None
    open: bool
    enrolment: int | None
    treatments: list[str]
    tumors: list[str]
    biomarkers: list[str]
    results: list[str]
    url: str | None
    note: str | None
    source: str


class Wanted(NamedTuple):
    """What to keep beside the filters that all listings share."""

    statuses: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    open: bool = False


ALL = Wanted()


def wanted(
    connection: sqlite3.Connection,
    *,
    statuses: Iterable[str] = (),
    phases: Iterable[str] = (),
    treatments: Iterable[str] = (),
    is_open: bool = False,
) -> Wanted:
    """Return what the words mean, "phase 2" and "2" the same; raise UsageError for one that is not known."""
    return Wanted(
        tuple(resolve.words("--status", STATUSES, statuses)),
        tuple(
            resolve.words(
                "--phase", PHASES, (value.casefold().removeprefix("phase") for value in phases)
            )
        ),
        tuple(resolve.ids(connection, "treatment", treatments, "--treatment")),
        is_open,
    )


def today() -> date:
    """Return today's date, or the one that LMTX_TODAY sets for tests and pictures."""
    wish = os.environ.get("LMTX_TODAY")
    try:
        return date.fromisoformat(wish) if wish else date.today()
    except ValueError:
        raise UsageError(
            f"LMTX_TODAY: {wish!r} is not a date", "write it like 2026-11-24"
        ) from None


def list_trials(
    connection: sqlite3.Connection, filters: Filters, today: date, wanted: Wanted = ALL
) -> list[TrialRow]:
    """Return the trials under the filters: open ones first, by status, the most freshly read first."""
    sql, parameters = where([*links.on_tumors("trial", filters), *_conditions(filters, wanted)])
    query = f"select r.record, r.open from trial r {sql} order by r.open desc, r.status_read is null, r.status_read desc, r.id"
    found = [
        _row(json.loads(text), bool(is_open), today)
        for text, is_open in connection.execute(query, parameters)
    ]
    return sorted(found, key=lambda row: (not row.open, _ORDER[row.status]))


def left_out(connection: sqlite3.Connection, filters: Filters, wanted: Wanted = ALL) -> str:
    """Return the note how many trials for any solid tumour `mixed` would add; empty where it would add none."""
    more = links.left_out(connection, "trial", filters, _conditions(filters, wanted))
    return (
        f"{more} trial{'s' if more > 1 else ''} for any solid tumour left out; --mixed adds them"
        if more
        else ""
    )


def age_in_days(status_read: str | None, today: date) -> int | None:
    """Return how many days ago a status was read; a month or year counts from its first day, so that no status looks fresher than it is."""
    if status_read is None:
        return None
    year, month, day = (*map(int, status_read.split("-")), 1, 1)[:3]
    return max(0, (today - date(year, month, day)).days)


def _conditions(filters: Filters, wanted: Wanted) -> list[Condition]:
    found = links.on_treatments("trial", filters, wanted.treatments)
    found += [
        (f"r.{column} in ({marks(values)})", list(values))
        for column, values in (("status", wanted.statuses), ("phase", wanted.phases))
        if values
    ]
    if filters.biomarkers:
        found.append(
            (
                f"r.number in (select number from trial_biomarker where biomarker in ({marks(filters.biomarkers)}))",
                list(filters.biomarkers),
            )
        )
    if filters.min_n is not None:
        found.append(("r.enrolment >= ?", [filters.min_n]))
    if wanted.open:
        found.append(("r.open = 1", []))
    return found


def _row(record: dict[str, Any], is_open: bool, today: date) -> TrialRow:
    known = {key: record[key] for key in TrialRow._fields if key in record}
    return TrialRow(
        **known, open=is_open, status_age_days=age_in_days(record["status_read"], today)
    )
