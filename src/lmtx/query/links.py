"""Records that are filed under treatments and tumors by link tables: guideline statements and trials.

The record is `r` in the query; its links are in `<kind>_treatment` and `<kind>_tumor`.
"""

from __future__ import annotations

import sqlite3

from lmtx.errors import Option, Wording
from lmtx.query.filters import (
    STATEMENTS,
    Condition,
    Filters,
    among,
    conditions_on,
    for_any_solid,
    treatment_conditions,
    where,
)

_SOURCES = {
    STATEMENTS: "recommendation r join guideline g on g.id = r.guideline",
}
"""Where the records of a kind stand, where that is more than a table."""


def on_treatments(kind: str, filters: Filters, treatments: tuple[str, ...] = ()) -> list[Condition]:
    """Return the conditions that one of the record's treatments meets the filters, and that one of `treatments` is among them."""
    found: list[Condition] = []
    if conditions := treatment_conditions(filters):
        sql, parameters = where(conditions)
        linked = f"{kind}_treatment l join treatment t on t.id = l.treatment"
        found.append((f"r.number in (select l.number from {linked} {sql})", parameters))
    if treatments:
        query = f"select number from {kind}_treatment where treatment in ({among(treatments)})"
        found.append((f"r.number in ({query})", list(treatments)))
    return found


def count_for_any_solid(
    connection: sqlite3.Connection, kind: str, filters: Filters, conditions: list[Condition]
) -> int:
    """Count the records for any solid tumour that `mixed` would add; `conditions` are those of all filters."""
    if not filters.tumors or filters.mixed:
        return 0
    [(named, parameters)] = conditions_on(kind, Filters(tumors=filters.tumors))
    others = [one for one in conditions if one[0] != named]
    apart = [(f"not ({named})", parameters), (for_any_solid(kind), [])]
    sql, values = where([*apart, *others])
    source = _SOURCES.get(kind, f"{kind} r")
    [(count,)] = connection.execute(f"select count(*) from {source} {sql}", values)
    return int(count)


def note_for_any_solid(number: int, unit: str, preposition: str) -> Wording:
    """Return the note how many records for any solid tumour were left out; empty where none were."""
    if not number:
        return ""
    plural = "s" if number > 1 else ""
    return (
        f"{number} {unit}{plural} {preposition} any solid tumour left out; ",
        Option("mixed"),
        " adds them",
    )
