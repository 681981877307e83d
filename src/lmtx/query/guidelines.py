"""Guideline statements, with the level and grade that the guideline prints, and what of it could
not be read."""

from __future__ import annotations

import json
import sqlite3
from typing import Annotated, Any

from lmtx.query.filters import (
    STATEMENT_SUBJECT,
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
    applies_by: Annotated[
        list[str], "any solid tumor, where the statement does not name the tumor asked for"
    ]
    read_in: Annotated[str, "where the statement was read"]
    superseded: Annotated[bool, "whether a newer edition exists"]
    coverage: Annotated[
        str | None,
        "what of the guideline could not be read: statements in part or diagnosis only; empty "
        "where its statements on LM were read",
    ]
    note: Annotated[str | None, "what a reader must know"]
    url: Annotated[str | None, "canonical address of the guideline"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class UnreadGuideline(NamedTuple):
    """A guideline of which nothing, or nothing on treatment, could be read."""

    id: str
    name: str
    coverage: str


def list_statements(
    connection: sqlite3.Connection, filters: Filters, topics: tuple[str, ...] = ()
) -> list[StatementRow]:
    """Return the statements under the filters, those of the newest guideline first, superseded ones
    last.

    `topics` keeps these topics. A statement on any solid tumor applies to each and says so.
    """
    sql, parameters = join_conditions(
        [*subject_conditions(STATEMENT_SUBJECT, filters), *_option_conditions(filters, topics)]
    )
    query = (
        "select r.record, g.society, json_extract(g.record, '$.coverage') "
        f"from recommendation r join guideline g on g.id = r.guideline {sql} "
        "order by g.superseded, g.year is null, g.year desc, g.id, r.number"
    )
    reach = find_tumor_and_marker_reach(connection, filters)
    return [
        _row(json.loads(text), society, coverage, reach)
        for text, society, coverage in connection.execute(query, parameters)
    ]


def count_statements_left_out(
    connection: sqlite3.Connection, filters: Filters, topics: tuple[str, ...] = ()
) -> dict[str, int]:
    """Count the statements that filters leave out without knowing that they do not fit, by the
    reason."""
    return count_left_out(
        connection, STATEMENT_SUBJECT, filters, *_option_conditions(filters, topics)
    )


def list_unread_guidelines(
    connection: sqlite3.Connection, filters: Filters, topics: tuple[str, ...] = ()
) -> list[UnreadGuideline]:
    """Return the current guidelines whose answer is not known, the newest first: their statements
    could not be read.

    One of which only the statements on diagnosis were read has no answer on anything else.
    """
    unread = ["statements not readable"]
    if topics != ("diagnosis",):
        unread.append("diagnosis only")
    conditions: list[Condition] = [
        (f"json_extract(g.record, '$.coverage') in ({placeholders_for(unread)})", unread),
        ("g.superseded = 0", []),
    ]
    if filters.since:
        conditions.append(("(g.year is null or g.year >= ?)", [filters.since]))
    sql, parameters = join_conditions(conditions)
    query = (
        "select g.id, g.name, json_extract(g.record, '$.coverage') "
        f"from guideline g {sql} order by g.year is null, g.year desc, g.id"
    )
    return [UnreadGuideline(*row) for row in connection.execute(query, parameters)]


def _option_conditions(filters: Filters, topics: tuple[str, ...]) -> list[Condition]:
    found = linked_treatment_conditions(STATEMENT_SUBJECT, filters)
    if topics:
        found.append((f"r.topic in ({placeholders_for(topics)})", list(topics)))
    return found


def _row(
    record: dict[str, Any], society: str | None, coverage: str | None, reach: TumorAndMarkerReach
) -> StatementRow:
    known = {key: record[key] for key in StatementRow._fields if key in record}
    known |= {"society": society, "coverage": coverage}
    return StatementRow(**known, applies_by=explain_indirect_match(reach, record["tumors"]))
