"""Rows as a table of a notebook: the columns that a terminal shows, with their marks, the caveat
and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lmtx.listings import Column, Listing
from lmtx.model.notation import DAGGER, mark_reading
from lmtx.render import closing_line
from lmtx.render.text.cells import flatten_value

if TYPE_CHECKING:
    from lmtx.render import Envelope

MOST = 100
"""Rows shown; the rest is counted."""


def render_html(
    listing: Listing[Any],
    rows: Sequence[Any],
    envelope: Envelope,
    notes: Iterable[str] = (),
) -> str:
    """Return rows as HTML; nothing in the data is markup."""
    columns, feet = _columns(listing)
    shown = rows[:MOST]
    cells = [[column.cell(row) for column in columns] for row in shown]
    written = "".join(cell for line in cells for cell in line)
    lines = [f"{sign} {meaning}" for sign, meaning in feet if sign in written]
    lines += [f"{len(rows) - len(shown)} more rows"] if len(rows) > len(shown) else []
    return "".join(_table(columns, shown, cells)) + "".join(
        f"<div><small>{escape(line)}</small></div>"
        for line in (*lines, *notes, closing_line(envelope))
    )


def _columns(listing: Listing[Any]) -> tuple[Sequence[Column], Sequence[tuple[str, str]]]:
    """Return the columns of a listing and the footnotes that explain their marks."""
    if listing.columns:
        return listing.columns, listing.footnotes
    return [_plain(field) for field in listing.brief or listing.fields], (DAGGER,)


def _plain(field: str) -> Column:
    """Return a column that shows a field as machines get it, with a dagger behind a figure that was
    not read at its source."""

    def cell(row: Any) -> str:
        said = flatten_value(getattr(row, field))
        return said + mark_reading(row.read_in) if said and field in ("value", "label") else said

    return Column(
        field,
        cell,
        link=(lambda row: getattr(row, "url", None)) if field in ("evidence", "id") else None,
    )


def _table(
    columns: Sequence[Column], rows: Sequence[Any], cells: Sequence[Sequence[str]]
) -> Iterator[str]:
    yield "<table><thead><tr>"
    for column in columns:
        yield f"<th>{escape(column.header)}</th>"
    yield "</tr></thead><tbody>"
    for row, line in zip(rows, cells, strict=True):
        yield "<tr>"
        for column, cell in zip(columns, line, strict=True):
            yield (
                f'<td style="text-align: {"right" if column.right else "left"}; white-space: '
                f'pre-wrap">{_linked(cell, column.link(row) if column.link else None)}</td>'
            )
        yield "</tr>"
    yield "</tbody></table>"


def _linked(cell: str, address: str | None) -> str:
    """Return a cell, as a link where it has an address of the web."""
    safe = address is not None and address.startswith(("https://", "http://"))
    return f'<a href="{escape(address or "")}">{escape(cell)}</a>' if safe else escape(cell)
