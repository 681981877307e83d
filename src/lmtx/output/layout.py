"""What a listing looks like: its fields for machines, its columns for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Column(NamedTuple):
    """A column of a drawn table.

    `rank` 0 is never dropped; on a narrow terminal the highest rank goes first. `least` lets a column of prose shrink to that
    width; without it a cell is never cut nor wrapped.
    """

    header: str
    cell: Callable[[Any], str]
    rank: int = 0
    least: int | None = None
    right: bool = False
    style: str = ""
    link: Callable[[Any], str | None] | None = None


class Layout(NamedTuple):
    """The fields of a listing in their order, those of a Markdown table, and the columns of a drawn one."""

    name: str
    fields: tuple[str, ...]
    brief: tuple[str, ...]
    columns: tuple[Column, ...]
    empty: str = "nothing matched"
    footnotes: tuple[tuple[str, str], ...] = ()
    stands_apart: Callable[[Any], bool] | None = None
    apart: str = ""
    unit: str = "row"
