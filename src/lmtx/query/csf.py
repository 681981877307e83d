"""Drug levels in cerebrospinal fluid, in normalised units so that they can be compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from lmtx.model.drug_levels import rank
from lmtx.model.vocabulary import MEASURES, UNVERIFIED
from lmtx.query import resolve
from lmtx.query.filters import Condition, Filters, marks, treatment_conditions, where

_ORDER = {measure: position for position, measure in enumerate(MEASURES)}


class CsfRow(NamedTuple):
    """A drug level; see `lmtx fields csf`."""

    id: str
    treatment: str
    name: str
    measure: str
    fraction: str | None
    statistic: str | None
    value: float | None
    low: float | None
    high: float | None
    spread: float | None
    spread_kind: str | None
    unit: str
    n: int | None
    route: str | None
    dose: str | None
    compartment: str | None
    sampled: str | None
    population: str | None
    lm: bool | None
    modelled: bool
    computed: bool
    doubtful: bool
    printed: str
    study: str
    citation: str
    year: int | None
    read_in: str
    note: str | None
    url: str | None
    source: str


def wanted(
    connection: sqlite3.Connection, drugs: Iterable[str], measures: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of the drugs and the measures that the words mean; raise UsageError for one that is not known."""
    return tuple(resolve.ids(connection, "treatment", drugs, "DRUG")), tuple(
        resolve.words("--measure", MEASURES, measures)
    )


def silent(only: Iterable[str], rows: Iterable[CsfRow]) -> str:
    """Return the note that some of the drugs asked for have no level; empty where all have one."""
    told = {row.treatment for row in rows}
    missing = [id_ for id_ in only if id_ not in told]
    return f"no matching level of {', '.join(missing)}" if missing else ""


def list_csf(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    only: tuple[str, ...] = (),
    measures: tuple[str, ...] = (),
    lm: bool = False,
) -> list[CsfRow]:
    """Return the drug levels under the filters, by measure and unit, the highest first.

    `only` keeps these treatments, `measures` these measures, `lm` patients with LM. Of the filters, those on treatments act on
    the treatment, route and number of patients on the level itself, year and design on its study.
    """
    sql, parameters = where(
        [*treatment_conditions(filters), *_conditions(filters, only, measures, lm)]
    )
    query = f"select c.record, t.name, s.label, s.year from csf c join treatment t on t.id = c.treatment join study s on s.id = c.study {sql} order by c.number"
    found = [
        _row(json.loads(text), name, label, year)
        for text, name, label, year in connection.execute(query, parameters)
    ]
    return sorted(
        found, key=lambda row: (_ORDER[row.measure], row.unit, -rank(row._asdict()), row.id)
    )


def _conditions(
    filters: Filters, only: tuple[str, ...], measures: tuple[str, ...], lm: bool
) -> list[Condition]:
    lists: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("t.id", only),
        ("c.measure", measures),
        ("c.route", filters.routes),
        ("s.design", filters.designs),
    )
    found: list[Condition] = [
        (f"{column} in ({marks(values)})", list(values)) for column, values in lists if values
    ]
    found += [
        (f"{column} >= ?", [least])
        for column, least in (("c.n", filters.min_n), ("s.year", filters.since))
        if least is not None
    ]
    if filters.verified:
        found.append((f"c.read_in not in ({marks(tuple(UNVERIFIED))})", sorted(UNVERIFIED)))
    if lm:
        found.append(("c.lm = 1", []))
    return found


def _row(record: dict[str, Any], name: str, label: str, year: int | None) -> CsfRow:
    return CsfRow(
        **{key: record[key] for key in CsfRow._fields if key in record},
        name=name,
        citation=label,
        year=year,
    )
