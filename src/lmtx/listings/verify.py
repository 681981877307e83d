"""`lmtx info --verify`."""

from __future__ import annotations

from lmtx.index.identity import FileState
from lmtx.listings.layout import Column, Layout

SHORT = 12


def _shorten(value: str | None) -> str:
    """Return the beginning of a hash, as people compare them."""
    return (value or "–")[:SHORT]


VERIFY = Layout(
    "verify",
    FileState._fields,
    FileState._fields,
    (
        Column("File", lambda row: row.file, style="bold", least=30, fold=True),
        Column("State", lambda row: row.state),
        Column("Expected", lambda row: _shorten(row.expected)),
        Column("Found", lambda row: _shorten(row.found)),
    ),
    unit="file",
)
