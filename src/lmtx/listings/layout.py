"""What a listing looks like: its fields for machines, its columns for people."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope, Rendered, Screen


class Column(NamedTuple):
    """A column of a drawn table.

    `rank` 0 is never dropped; on a narrow terminal the highest rank goes first. `least` lets a column of prose shrink to that
    width, where it is cut at a blank, or with `fold` goes on in the next line (`most` says from which width on); without `least` a cell is never cut nor wrapped.
    """

    header: str
    cell: Callable[[Any], str]
    rank: int = 0
    least: int | None = None
    right: bool = False
    style: str = ""
    link: Callable[[Any], str | None] | None = None
    fold: bool = False
    most: int | None = None


class Layout(NamedTuple):
    """The fields of a listing in their order, those of a Markdown table, and the columns of a drawn one.

    `spaced` leaves a blank line between rows that take several, and folds prose in chosen fields too.
    """

    name: str
    fields: tuple[str, ...]
    brief: tuple[str, ...]
    columns: tuple[Column, ...]
    empty: str = "nothing matched"
    footnotes: tuple[tuple[str, str], ...] = ()
    stands_apart: Callable[[Any], bool] | None = None
    apart: str = ""
    unit: str = "row"
    spaced: bool = False
    marked: tuple[str, ...] = ()
    """Fields whose cells carry a dagger in a table of chosen fields, where the row was not read at its source."""
    narrow: tuple[Column, ...] = ()
    """Columns for a terminal on which not even those of rank 0 fit beside each other."""
    draw: Callable[..., Any] | None = None
    """Draws rows for a terminal where no plain table does: (rows, envelope, screen) → Rendered."""


def drawn_by(module: str) -> Callable[..., Any]:
    """Return what draws rows by `draw` of a module of `render.terminal`, which is imported only then, for it brings rich."""

    def draw(rows: list[Any], envelope: "Envelope", screen: "Screen") -> "Rendered":
        drawn: Rendered = import_module(f"lmtx.render.terminal.{module}").draw(
            rows, envelope, screen
        )
        return drawn

    return draw


def caveat(envelope: "Envelope") -> str:
    """Return the line that closes human output."""
    own = (
        f" with own records: {', '.join(envelope.data['with'])}"
        if envelope.data.get("with")
        else ""
    )
    return f"Not medical advice; check figures at their source. Data {envelope.data['version']}, {envelope.data['as_of']}{own}."
