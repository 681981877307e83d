"""How the evidence grew: independent studies by the year of their first report and by level."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import NamedTuple

from lmtx.model.levels import at_rank, rank_of
from lmtx.query.counting import Counted, Tally, rows_of, tally
from lmtx.query.filters import Filters, by_treatment, evidence_conditions


class YearRow(NamedTuple):
    """The studies of one level that were first reported in a year; see `lmtx fields timeline`."""

    year: int | None
    level: str | None
    studies: int
    patients: int | None
    cumulative: int | None


def timeline(connection: sqlite3.Connection, filters: Filters) -> list[YearRow]:
    """Return the years from the first study to the last, the strongest level first, and at the end the studies of no known year.

    A year without any study has one row with none. Reviews and meta-analyses are no studies of their own.
    """
    cohorts: defaultdict[str, list[Counted]] = defaultdict(list)
    for row in rows_of(
        connection, [*evidence_conditions(filters), *by_treatment(filters), ("e.counts = 1", [])]
    ):
        cohorts[row.cohort].append(row)
    found: defaultdict[int | None, list[Tally]] = defaultdict(list)
    for rows in cohorts.values():
        found[min((row.year for row in rows if row.year is not None), default=None)].append(
            tally(rows)
        )
    known = [year for year in found if year is not None]
    years: list[YearRow] = []
    before = 0
    for year in range(min(known), max(known) + 1) if known else ():
        before += len(found.get(year, ()))
        years += _of_year(year, found.get(year, []), before)
    return [*years, *_of_year(None, found[None], None)] if None in found else years


def _of_year(year: int | None, studies: list[Tally], cumulative: int | None) -> list[YearRow]:
    by_level: defaultdict[str | None, list[Tally]] = defaultdict(list)
    for study in studies:
        by_level[at_rank(study.level_rank)].append(study)
    rows = [
        YearRow(year, level, len(by_level[level]), _patients(by_level[level]), cumulative)
        for level in sorted(by_level, key=rank_of)
    ]
    return rows or [YearRow(year, None, 0, None, cumulative)]


def _patients(studies: list[Tally]) -> int | None:
    told = [study.patients for study in studies if study.patients is not None]
    return sum(told) if told else None
