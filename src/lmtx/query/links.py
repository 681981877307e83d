"""Filters on records that are filed under treatments and tumors by link tables: guideline statements and trials.

The record is `r` in the query; its links are in `<kind>_treatment` and `<kind>_tumor`.
"""

from __future__ import annotations

import sqlite3

from lmtx.query.filters import Condition, Filters, below, among, treatment_conditions, where


def on_treatments(kind: str, filters: Filters, only: tuple[str, ...] = ()) -> list[Condition]:
    """Return the conditions that one of the record's treatments meets the filters, and that one of `only` is among them."""
    found: list[Condition] = []
    if conditions := treatment_conditions(filters):
        sql, parameters = where(conditions)
        found.append(
            (
                f"r.number in (select l.number from {kind}_treatment l join treatment t on t.id = l.treatment {sql})",
                parameters,
            )
        )
    if only:
        found.append(
            (
                f"r.number in (select number from {kind}_treatment where treatment in ({among(only)}))",
                list(only),
            )
        )
    return found


def on_tumors(kind: str, filters: Filters) -> list[Condition]:
    """Return the condition that the record names one of the tumors; with `mixed`, or that it is for any solid tumour.

    Other than a row of evidence, a record that names a tumor beside others speaks of that tumor too: no figure is pooled.
    """
    if not filters.tumors:
        return []
    inside, parameters = below("tumor", filters.tumors)
    named = f"r.number in (select number from {kind}_tumor where tumor {inside})"
    return [(f"({named} or {_any_solid(kind)})" if filters.mixed else named, parameters)]


def left_out(
    connection: sqlite3.Connection, kind: str, filters: Filters, others: list[Condition]
) -> int:
    """Count the records for any solid tumour that `mixed` would add; `others` are the conditions beside that on tumors."""
    if not filters.tumors or filters.mixed:
        return 0
    (named, parameters), *_ = on_tumors(kind, filters)
    sql, all_parameters = where([(f"not ({named})", parameters), (_any_solid(kind), []), *others])
    source = (
        "recommendation r join guideline g on g.id = r.guideline"
        if kind == "recommendation"
        else f"{kind} r"
    )
    return int(
        connection.execute(f"select count(*) from {source} {sql}", all_parameters).fetchone()[0]
    )


def _any_solid(kind: str) -> str:
    return f"r.number in (select number from {kind}_tumor where tumor = 'solid')"
