"""Publications, one a row, with their citation and how they were read."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from lmtx.query.filters import Filters, by_treatment, evidence_conditions, where


class StudyRow(NamedTuple):
    """A publication; `label` is its short citation, `rows` counts its rows of evidence under the filters."""

    id: str
    label: str
    acronym: str | None
    first_author: str | None
    title: str | None
    title_descriptive: bool
    journal: str | None
    year: int | None
    volume: str | None
    pages: str | None
    pmid: str | None
    doi: str | None
    pmcid: str | None
    nct: list[str]
    design: str
    level: str | None
    lm_only: bool
    read_in: str
    seen_at: list[str]
    superseded_by: str | None
    overlaps: list[str]
    withdrawn: str | None
    note: str | None
    rows: int
    url: str | None


def list_studies(connection: sqlite3.Connection, filters: Filters) -> Iterator[StudyRow]:
    """Yield the publications by their ids: all of them, or under filters those with a row of evidence that meets them."""
    sql, parameters = where([*evidence_conditions(filters), *by_treatment(filters)])
    kind = "join" if filters else "left join"
    query = f"select s.record, coalesce(x.rows, 0) from study s {kind} (select e.study, count(*) as rows from evidence e {sql} group by e.study) x on x.study = s.id order by s.id"
    for text, rows in connection.execute(query, parameters):
        record: dict[str, Any] = {**json.loads(text), "rows": rows}
        yield StudyRow(**{name: record[name] for name in StudyRow._fields})
