"""Where a row comes from: the bundled base, or own records that were laid over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from lmtx.model.reference import BUNDLED


def sources_of(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Return the source of every record of a kind that is not of the base itself, by its id; empty
    where nothing is laid over it."""
    return dict(connection.execute("select id, source from own where kind = ?", (kind,)))


def join_sources(sources: Iterable[str]) -> list[str]:
    """Return the sources of what a row counts, each once, the base first."""
    return sorted(set(sources), key=lambda source: (source != BUNDLED, source))
