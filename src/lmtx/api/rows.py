"""Rows as a sequence: what every listing returns to Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_type_hints, overload

from lmtx.errors import UsageError, import_library
from lmtx.listings import Column, Listing
from lmtx.model.figures import write_plural
from lmtx.model.notation import UNVERIFIED_MARK, mark_reading, select_footnotes
from lmtx.render import Envelope, write_closing_line
from lmtx.render.text.cells import flatten_value
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    import pandas
    import polars

    from lmtx.render import Envelope


Row = TypeVar("Row", bound=tuple[Any, ...])
_PANDAS = {str: "string", int: "Int64", float: "Float64", bool: "boolean"}
"""Types of pandas that can hold a missing value."""


class AnswerContext(NamedTuple):
    """Where rows come from: how their listing looks, what surrounds the answer, what must be said,
    what a picture needs."""

    listing: Listing[Any]
    envelope: Envelope
    notes: tuple[str, ...] = ()
    drawing: Any = None


class Rows(Sequence[Row], Generic[Row]):
    """The rows of a listing, in their order. They do not change, and a slice of them is rows again.

    A row is a NamedTuple whose fields are those of the JSON answer. `notes` says what the command
    line would say on stderr, such as how many rows of mixed tumours were left out.
    """

    def __init__(self, rows: Sequence[Row], about: AnswerContext) -> None:
        self._rows = tuple(rows)
        self.about = about

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return self.about.listing.fields

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside the rows."""
        return self.about.notes

    @property
    def left_out(self) -> dict[str, int]:
        """How many records were left out though nobody knows that they do not fit, by the reason:
        {"no year": 78}."""
        return dict(self.about.envelope.left_out)

    @property
    def caveat(self) -> str:
        """The line that stands below every answer: no medical advice, and the date of the data."""
        from lmtx.render import write_closing_line

        return write_closing_line(self.about.envelope)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Rows[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Rows[Row]:
        return (
            Rows(self._rows[place], self.about) if isinstance(place, slice) else self._rows[place]
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rows):
            return self.fields == other.fields and self._rows == other._rows
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return (
            f"<{write_plural(len(self), 'row')} of {self.about.listing.name}: "
            f"{', '.join(self.fields)}>"
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each row as the object of the JSON answer."""
        return [dict(zip(self.fields, row, strict=True)) for row in self._rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a data frame, whose columns have the same types whatever the rows: what is not
        known is missing, and whole numbers stay whole.

        `attrs` holds the version and date of the data, and the disclaimer. Raises MissingLibrary
        where pandas is not installed.
        """
        made_by = import_library("pandas", "pandas")
        types = {field: _PANDAS.get(kind, "object") for field, kind in self._types()}
        frame: pandas.DataFrame = made_by.DataFrame(
            {
                field: made_by.Series([row[place] for row in self._rows], dtype=types[field])
                for place, field in enumerate(self.fields)
            }
        )
        envelope = self.about.envelope
        frame.attrs = {**envelope.data, "disclaimer": envelope.disclaimer}
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return a data frame of polars; lists stay lists and figures become structs. Raises
        MissingLibrary where polars is not installed."""
        made_by = import_library("polars", "polars")
        known = {
            str: made_by.String,
            int: made_by.Int64,
            float: made_by.Float64,
            bool: made_by.Boolean,
            list[str]: made_by.List(made_by.String),
        }
        schema = {field: known.get(kind) for field, kind in self._types()}
        frame: polars.DataFrame = made_by.DataFrame(
            self.to_dicts(), schema=schema, infer_schema_length=None, strict=False
        )
        return frame

    def _types(self) -> Iterator[tuple[str, Any]]:
        """Yield each field with the type of its values, where they are known."""
        for field, hint in get_type_hints(self.about.listing.row).items():
            several = (
                [kind for kind in get_args(hint) if kind is not NoneType]
                if isinstance(hint, UnionType)
                else [hint]
            )
            yield field, several[0] if len(several) == 1 else None

    def to_svg(self) -> str:
        """Return the rows as a picture; raises UsageError where the listing has none."""
        from importlib import import_module

        if not self.about.listing.picture:
            raise UsageError(
                f"{self.about.listing.name} has no picture", "plot, map and timeline have one"
            )
        drawing = import_module(f"lmtx.render.svg.{self.about.listing.name}")
        shown = list(self._rows) if self.about.drawing is None else self.about.drawing
        svg: str = drawing.draw(shown, self.about.envelope)
        return svg

    def _repr_html_(self) -> str:
        from lmtx.api.rows import render_html

        return render_html(self.about.listing, self._rows, self.about.envelope, self.notes)


class Picture(str):
    """A picture as SVG, which a notebook shows; `rows` are the figures in it."""

    rows: Rows[Any]

    def __new__(cls, svg: str, rows: Rows[Any]) -> Picture:
        picture = super().__new__(cls, svg)
        picture.rows = rows
        return picture

    def _repr_svg_(self) -> str:
        return str(self)


MOST_HTML_ROWS = 100
"""Rows shown; the rest is counted."""


def render_html(
    listing: Listing[Any],
    rows: Sequence[Any],
    envelope: Envelope,
    notes: Iterable[str] = (),
) -> str:
    """Return rows as HTML; nothing in the data is markup."""
    columns, feet = _columns(listing)
    shown = rows[:MOST_HTML_ROWS]
    cells = [[column.cell(row) for column in columns] for row in shown]
    told = [cell for line in cells for cell in line]
    written = "\n".join([*(column.header for column in columns), *told])
    lines = [f"{sign} {meaning}" for sign, meaning in select_footnotes(feet, written, shown)]
    lines += [f"{len(rows) - len(shown)} more rows"] if len(rows) > len(shown) else []
    return "".join(_table(columns, shown, cells)) + "".join(
        f"<div><small>{escape(line)}</small></div>"
        for line in (*lines, *notes, write_closing_line(envelope))
    )


def render_html_table(listing: Listing[Any], rows: Sequence[Any]) -> str:
    """Return rows as a table of HTML, as their listing draws them."""
    columns, _ = _columns(listing)
    return "".join(_table(columns, rows, [[one.cell(row) for one in columns] for row in rows]))


def _columns(listing: Listing[Any]) -> tuple[Sequence[Column], Sequence[tuple[str, str]]]:
    """Return the columns of a listing and the footnotes that explain their marks."""
    if listing.columns:
        return listing.columns, listing.footnotes
    return [_plain(field) for field in listing.brief or listing.fields], (UNVERIFIED_MARK,)


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
            side = "right" if column.right else "left"
            shown = format_html_link_or_text(cell, column.link(row) if column.link else None)
            yield f'<td style="text-align: {side}; white-space: pre-wrap">{shown}</td>'
        yield "</tr>"
    yield "</tbody></table>"


def format_html_link_or_text(text: str, address: str | None) -> str:
    """Return text as HTML, as a link where it has an address of the web."""
    safe = address is not None and address.startswith(("https://", "http://"))
    return f'<a href="{escape(address or "")}">{escape(text)}</a>' if safe else escape(text)
