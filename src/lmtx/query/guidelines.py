"""Guideline statements, with the level and grade that the guideline prints."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from lmtx.model.vocabulary import RECOMMENDATION_TOPICS, UNVERIFIED
from lmtx.query import links, resolve
from lmtx.query.filters import Condition, Filters, marks, where


class StatementRow(NamedTuple):
    """A statement of a guideline; see `lmtx fields guidelines`."""

    id: str
    guideline: str
    name: str
    society: str | None
    year: int | None
    topic: str
    statement: str
    level: str | None
    grade: str | None
    treatments: list[str]
    tumors: list[str]
    read_in: str
    superseded: bool
    note: str | None
    url: str | None
    source: str


def wanted(
    connection: sqlite3.Connection, topics: Iterable[str], treatments: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the topics and the ids of the treatments that the words mean; raise UsageError for one that is not known."""
    return tuple(resolve.words("--topic", RECOMMENDATION_TOPICS, topics)), tuple(
        resolve.ids(connection, "treatment", treatments, "--treatment")
    )


def list_statements(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    topics: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> list[StatementRow]:
    """Return the statements under the filters, those of the newest guideline first, superseded ones last.

    `topics` keeps these topics, `only` statements about one of these treatments.
    """
    sql, parameters = where(
        [*links.on_tumors("recommendation", filters), *_conditions(filters, topics, only)]
    )
    query = (
        f"select r.record, g.society from recommendation r join guideline g on g.id = r.guideline {sql} "
        "order by g.superseded, g.year is null, g.year desc, g.id, r.number"
    )
    return [
        _row(json.loads(text), society) for text, society in connection.execute(query, parameters)
    ]


def left_out(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    topics: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> str:
    """Return the note how many statements on any solid tumour `mixed` would add; empty where it would add none."""
    more = links.left_out(connection, "recommendation", filters, _conditions(filters, topics, only))
    return (
        f"{more} statement{'s' if more > 1 else ''} on any solid tumour left out; --mixed adds them"
        if more
        else ""
    )


def _conditions(
    filters: Filters, topics: tuple[str, ...], only: tuple[str, ...]
) -> list[Condition]:
    found = links.on_treatments("recommendation", filters, only)
    if topics:
        found.append((f"r.topic in ({marks(topics)})", list(topics)))
    if filters.since is not None:
        found.append(("g.year >= ?", [filters.since]))
    if filters.verified:
        found.append((f"r.read_in not in ({marks(tuple(UNVERIFIED))})", sorted(UNVERIFIED)))
    return found


def _row(record: dict[str, Any], society: str | None) -> StatementRow:
    return StatementRow(
        **{key: record[key] for key in StatementRow._fields if key in record}, society=society
    )
