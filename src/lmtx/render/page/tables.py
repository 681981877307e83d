"""A listing as a table of the page: the columns that a terminal shows, with keys to sort by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from lmtx.listings import Column, Listing
from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import DIRECTIONS, LEVELS, SIGNS

PROSE = 20
"""Width from which on a column of a terminal holds prose."""
WAYS = [SIGNS[direction] for direction in DIRECTIONS]
"""The signs of directions, in the order in which they are sorted."""
Link = Callable[[Any], str | None]


class Cell(NamedTuple):
    """A cell: its text (lines end in "\\n"), where it leads, what it is sorted by, how it looks,
    and the level whose badge it is."""

    text: str
    link: str | None = None
    key: str = ""
    look: str = ""
    level: str = ""


class Head(NamedTuple):
    """The head of a column; `numeric` ones stand right and sort as numbers, and none that is not
    `sortable` has a button."""

    text: str
    numeric: bool
    spoken: str
    """What a screen reader says where the head shows nothing."""
    sortable: bool = True


class Row(NamedTuple):
    """A row; one that stands apart is set in italics."""

    cells: list[Cell]
    apart: bool


class Table(NamedTuple):
    """A sortable table with its heading and footnotes."""

    id: str
    title: str
    remark: str
    heads: list[Head]
    rows: list[Row]
    footnotes: list[tuple[str, str]]


def with_references(numbers: Mapping[str, int], field: str = "study") -> Column:
    """Return the column that leads to the numbered reference of a row."""
    return Column(
        "Ref.",
        lambda row: f"[{numbers[getattr(row, field)]}]",
        right=True,
        link=lambda row: f"#ref-{numbers[getattr(row, field)]}",
    )


def render_table(
    id_: str,
    title: str,
    remark: str,
    listing: Listing[Any],
    rows: Iterable[Any],
    *,
    extra: Sequence[Column] = (),
    instead: Mapping[str, Column | None] = MappingProxyType({}),
    to_card: Link | None = None,
    unsorted: Sequence[str] = (),
) -> Table:
    """Return a listing as a table.

    `extra` are last columns, `instead` replaces columns by their head or leaves them out, `to_card`
    names the card that the first cell leads to; `unsorted` are heads of columns whose cells have no
    order among them, as weeks and months.
    """
    columns = [
        column
        for column in (*(instead.get(column.header, column) for column in listing.columns), *extra)
        if column
    ]
    made = [
        Row(
            [
                _cell(column, row, to_card if position == 0 else None)
                for position, column in enumerate(columns)
            ],
            bool(listing.stands_apart and listing.stands_apart(row)),
        )
        for row in rows
    ]
    written = "".join(cell.text for row in made for cell in row.cells)
    feet = [(sign, meaning) for sign, meaning in listing.footnotes if sign in written]
    feet += (
        [("italics", listing.apart[:1].lower() + listing.apart[1:])]
        if any(row.apart for row in made)
        else []
    )
    heads = [
        Head(
            column.header, column.right, column.header or "Direction", column.header not in unsorted
        )
        for column in columns
    ]
    return Table(id_, title, remark, heads, made, feet)


def safe_link(link: str | None) -> str | None:
    """Return a link that leads to a place of this page or to the web, and to nothing else."""
    return link if link and link.startswith(("#", "https://", "http://")) else None


def _cell(column: Column, row: Any, to_card: Link | None) -> Cell:
    text = column.cell(row)
    link = (
        f"#card-{to_card(row)}" if to_card else safe_link(column.link(row)) if column.link else None
    )
    if column.header == "Level" and (text in LEVELS or text == "–"):
        return Cell(
            text,
            link,
            str(rank_of(None if text == "–" else text)),
            level=text if text in LEVELS else "",
        )
    if text in WAYS:
        return Cell(text, link, str(WAYS.index(text)))
    digits = "".join(sign for sign in text if sign.isdecimal() or sign == ".")
    return Cell(
        text,
        link,
        digits if column.right else "",
        "figure"
        if column.right
        else "prose"
        if column.fold or (column.least or 0) >= PROSE
        else "",
    )
