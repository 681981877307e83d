"""How the evidence grew: independent studies by the year of their first report and by level."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Annotated

from lmtx.model.levels import rank_level
from lmtx.query.counting import Claim, Tally, count_evidence, load_claims
from lmtx.query.filters import Filters
from lmtx.tuples import NamedTuple

STUDY_COUNTING_NOTE = (
    "Independent studies by the year of their first report; a later report of the same patients "
    "adds none. Total: all years so far."
)
"""What the rows count, as every drawing says it."""


class YearLevelRow(NamedTuple):
    """The studies of one level that were first reported in a year; see `lmtx fields timeline`."""

    year: Annotated[
        int | None, "year of the first report; empty for the studies whose year is not known"
    ]
    level: Annotated[
        str | None,
        "strongest level of the study; empty where its design carries none, and in a year without "
        "studies",
    ]
    studies: Annotated[
        int,
        "independent studies of this year and level: reports of the same patients count once, "
        "reviews not at all",
    ]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor in those studies, each counted once; empty where no "
        "study says",
    ]
    cumulative: Annotated[int | None, "independent studies of every level up to and with this year"]


def count_studies_by_year_and_level(
    connection: sqlite3.Connection, filters: Filters
) -> list[YearLevelRow]:
    """Return the years from the first study to the last, the strongest level first, and at the end
    the studies of no known year.

    A year without any study has one row with none. Reviews and meta-analyses are no studies of
    their own.
    """
    _, claims = load_claims(connection, filters, ("e.counts = 1", []))
    cohorts: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        cohorts[claim.cohort].append(claim)
    found: defaultdict[int | None, list[Tally]] = defaultdict(list)
    for told in cohorts.values():
        years_told = [claim.year for claim in told if claim.year is not None]
        found[min(years_told, default=None)].append(count_evidence(told))
    known = [year for year in found if year is not None]
    years: list[YearLevelRow] = []
    before = 0
    for year in range(min(known), max(known) + 1) if known else ():
        before += len(found.get(year, ()))
        years += _of_year(year, found.get(year, []), before)
    return [*years, *_of_year(None, found[None], None)] if None in found else years


def _of_year(year: int | None, studies: list[Tally], cumulative: int | None) -> list[YearLevelRow]:
    by_level: defaultdict[str | None, list[Tally]] = defaultdict(list)
    for study in studies:
        by_level[study.level].append(study)
    rows = [
        YearLevelRow(year, level, len(by_level[level]), _patients(by_level[level]), cumulative)
        for level in sorted(by_level, key=rank_level)
    ]
    return rows or [YearLevelRow(year, None, 0, None, cumulative)]


def _patients(studies: list[Tally]) -> int | None:
    told = [study.patients for study in studies if study.patients is not None]
    return sum(told) if told else None
