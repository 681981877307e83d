"""Records that are filed under treatments and tumors by link tables: guideline statements and
trials.

The record is `r` in the query; its links are in `<kind>_treatment` and `<kind>_tumor`. What is for
any solid tumor, or names no marker, applies to each: it is in every answer, and `applies_by` says
so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from lmtx.query.filters import (
    TRIALS,
    Condition,
    Filters,
    join_conditions,
    treatment_conditions,
    within_reach,
)
from lmtx.tuples import NamedTuple

ANY_TUMOR = "any solid tumor"
NO_MARKER = "no marker named"


def on_treatments(kind: str, filters: Filters) -> list[Condition]:
    """Return the conditions that one of the record's treatments meets the filters; of a trial one
    that it tests."""
    conditions = treatment_conditions(filters)
    if not conditions:
        return []
    sql, parameters = join_conditions(conditions)
    tested = " and (l.role is null or l.role = 'tested')" if kind == TRIALS else ""
    linked = f"{kind}_treatment l join treatment t on t.id = l.treatment{tested}"
    return [(f"r.number in (select l.number from {linked} {sql})", parameters)]


class Reach(NamedTuple):
    """The tumors that the filters mean, with all above and below them; None where they name
    none."""

    tumors: frozenset[str] | None
    asks_marker: bool


def reach_of(connection: sqlite3.Connection, filters: Filters) -> Reach:
    """Return what the filters mean by their tumors and markers."""
    if not filters.tumors or "solid" in filters.tumors:
        return Reach(None, bool(filters.biomarkers))
    inside, parameters = within_reach("tumor", filters.tumors)
    query = f"select id from tumor where id {inside}"
    found = frozenset(id_ for (id_,) in connection.execute(query, parameters))
    return Reach(found - {"solid"}, bool(filters.biomarkers))


def applies_by(
    reach: Reach, tumors: Sequence[str], record: Mapping[str, Any] | None = None
) -> list[str]:
    """Return by what a record applies that does not name what was asked: it is for any solid tumor,
    or names no marker."""
    found = []
    if reach.tumors is not None and not reach.tumors.intersection(tumors):
        found.append(ANY_TUMOR)
    if reach.asks_marker and record is not None and not record["biomarkers"]:
        found.append(NO_MARKER)
    return found
