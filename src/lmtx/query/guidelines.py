"""Guideline statements, with the level and grade that the guideline prints."""

from __future__ import annotations

import json
import sqlite3
from typing import Annotated, Any, NamedTuple

from lmtx.errors import Wording
from lmtx.query import links
from lmtx.query.filters import STATEMENTS, Condition, Filters, among, conditions_on, where


class StatementRow(NamedTuple):
    """A statement of a guideline; see `lmtx fields guidelines`."""

    id: Annotated[str, "id of the statement: guideline and number"]
    guideline: Annotated[str, "id of the guideline"]
    name: Annotated[str, "its name: society and year"]
    society: Annotated[str | None, "issuing society"]
    year: Annotated[int | None, "year of the guideline"]
    topic: Annotated[str, "treatment, diagnosis, response-assessment, follow-up or organisation"]
    statement: Annotated[str, "the statement in our own words"]
    level: Annotated[str | None, "level of evidence as the guideline prints it"]
    grade: Annotated[str | None, "grade of recommendation as the guideline prints it"]
    treatments: Annotated[list[str], "ids of the treatments it speaks of"]
    tumors: Annotated[list[str], "ids of the tumors; solid where it speaks of any"]
    read_in: Annotated[str, "where the statement was read"]
    superseded: Annotated[bool, "whether a newer edition exists"]
    note: Annotated[str | None, "what a reader must know"]
    url: Annotated[str | None, "canonical address of the guideline"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


def list_statements(
    connection: sqlite3.Connection,
    filters: Filters,
    topics: tuple[str, ...] = (),
    treatments: tuple[str, ...] = (),
) -> list[StatementRow]:
    """Return the statements under the filters, those of the newest guideline first, superseded ones last.

    `topics` keeps these topics, `treatments` statements about one of these.
    """
    sql, parameters = where([*_conditions(filters, topics, treatments)])
    query = (
        f"select r.record, g.society from recommendation r join guideline g on g.id = r.guideline {sql} "
        "order by g.superseded, g.year is null, g.year desc, g.id, r.number"
    )
    return [
        _row(json.loads(text), society) for text, society in connection.execute(query, parameters)
    ]


def note_left_out(
    connection: sqlite3.Connection,
    filters: Filters,
    topics: tuple[str, ...] = (),
    treatments: tuple[str, ...] = (),
) -> Wording:
    """Return the note how many statements on any solid tumour `mixed` would add; empty where it would add none."""
    conditions = _conditions(filters, topics, treatments)
    more = links.count_for_any_solid(connection, STATEMENTS, filters, conditions)
    return links.note_for_any_solid(more, "statement", "on")


def _conditions(
    filters: Filters, topics: tuple[str, ...], treatments: tuple[str, ...]
) -> list[Condition]:
    found = conditions_on(STATEMENTS, filters)
    found += links.on_treatments(STATEMENTS, filters, treatments)
    if topics:
        found.append((f"r.topic in ({among(topics)})", list(topics)))
    return found


def _row(record: dict[str, Any], society: str | None) -> StatementRow:
    return StatementRow(
        **{key: record[key] for key in StatementRow._fields if key in record}, society=society
    )
