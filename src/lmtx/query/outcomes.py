"""The reported figures, one a row, each with what a reader needs to place it."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from lmtx.model.vocabulary import UNVERIFIED
from lmtx.query.evidence import ORDERS
from lmtx.query.filters import Filters, by_treatment, evidence_conditions, where

Record = dict[str, Any]
ALL = Filters()


class OutcomeRow(NamedTuple):
    """A figure with its row of evidence and its study: the columns of `lmtx export --table outcomes`."""

    evidence: str
    study: str
    citation: str
    year: int | None
    design: str
    level: str | None
    read_in: str
    treatments: list[str]
    background: list[str]
    given_as: str | None
    tumors: list[str]
    biomarkers: list[str]
    routes: list[str]
    n: int | None
    n_pooled: int | None
    line: str | None
    after: list[str]
    direction: str | None
    mixed: bool
    mixed_with: str | None
    superseded_by: str | None
    endpoint: str
    value: float | None
    not_reached: bool
    unit: str
    ci_low: float | None
    ci_high: float | None
    ci_upper: str | None
    ci_level: float | None
    events: int | None
    total: int | None
    at: str | None
    p: str | None
    assessed_by: str | None
    group: str | None
    time_zero: str | None
    follow_up: str | None
    as_printed: bool
    url: str | None
    scope: str
    position: int
    within: int | None
    stands: bool
    cohort: str
    lm_only: bool
    withdrawn: str | None
    source: str


def list_outcomes(
    connection: sqlite3.Connection, filters: Filters = ALL, *, strongest_first: bool = True
) -> Iterator[OutcomeRow]:
    """Yield the figures of the rows of evidence under the filters, those of the strongest rows first or in the order of the files; with an endpoint filter only its figures."""
    sql, parameters = where([*evidence_conditions(filters), *by_treatment(filters)])
    query = f"select e.record, e.superseded, s.record, s.cohort from evidence e join study s on s.id = e.study {sql} order by {ORDERS['level'] if strongest_first else 'e.number'}"
    for row, superseded, study, cohort in connection.execute(query, parameters):
        yield from (
            figure
            for figure in _of_row(
                json.loads(row), bool(superseded), {**json.loads(study), "cohort": cohort}
            )
            if (not filters.endpoints or figure.endpoint in filters.endpoints)
            and not (filters.verified and figure.read_in in UNVERIFIED)
        )


def _of_row(row: Record, superseded: bool, study: Record) -> Iterator[OutcomeRow]:
    shared = {
        **study,
        **row,
        "evidence": row["id"],
        "citation": study["label"],
        "superseded_by": study["superseded_by"] if superseded else None,
    }
    for position, outcome in enumerate(row["outcomes"], start=1):
        low, high = [*outcome["ci"], None, None][:2]
        known = {**shared, **outcome, "ci_low": low, "ci_high": high, "position": position}
        yield OutcomeRow(**{field: known[field] for field in OutcomeRow._fields})
