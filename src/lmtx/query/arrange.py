"""In which order rows are listed, and how many: the same for every listing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from lmtx.errors import UsageError
from lmtx.model.levels import rank_of
from lmtx.model.reference import BUNDLED

Row = TypeVar("Row")
DATES = ("status_read",)
"""Fields that hold a date, as exact as it is known."""
_EMPTY: tuple[Any, ...] = (None, "", [])
"""Values that say nothing."""


def find_field(parameter: str, listing: str, fields: Sequence[str], name: str) -> str:
    """Return the field that a name means, whatever its dashes and case; raise UsageError for one
    that does not exist."""
    near = {known.replace("_", ""): known for known in fields}
    found = near.get(
        str(name).casefold().replace("-", "").replace("_", "")
    )  # Python may be handed anything
    if not found:
        raise UsageError(
            f"{listing} has no field {name!r}", f"fields: {', '.join(fields)}", field=parameter
        )
    return found


def arrange_rows(
    rows: Iterable[Row],
    listing: str,
    fields: Sequence[str],
    sort: str | None = None,
    reverse: bool = False,
    limit: int | None = None,
) -> list[Row]:
    """Return rows sorted by a field and limited: numbers largest first, dates newest first, levels
    strongest first, words by the alphabet.

    `reverse` turns that round; a row that says nothing in the field stays behind all that do.
    """
    found: list[Row] = []
    silent: list[Row] = []
    chosen = find_field("sort", listing, fields, sort) if sort is not None else None
    for row in rows:
        (silent if chosen and getattr(row, chosen) in _EMPTY else found).append(row)
    if chosen:
        found.sort(key=lambda row: _sort_key(getattr(row, chosen), chosen))
    if reverse:
        found.reverse()
    return [*found, *silent][:limit]


def _sort_key(value: Any, field: str) -> tuple[Any, ...]:
    if field == "level":
        return (rank_of(value), "")
    if field in DATES:
        return (
            -int(value.replace("-", "").ljust(8, "0")),
            "",
        )  # a month or year alone stands behind the days in it
    if isinstance(value, bool | int | float):
        return (-value, "")
    return (0, str(value).casefold())


def sources_of(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Return the source of every record of a kind that is not of the base itself, by its id; empty
    where nothing is laid over it."""
    return dict(connection.execute("select id, source from own where kind = ?", (kind,)))


def join_sources(sources: Iterable[str]) -> list[str]:
    """Return the sources of what a row counts, each once, the base first."""
    return sorted(set(sources), key=lambda source: (source != BUNDLED, source))
