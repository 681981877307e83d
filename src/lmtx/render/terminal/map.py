"""The evidence map on a terminal: it fits its width, by turning it or by dividing it into bands,
and nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from lmtx.query.map import TOTAL_NODE, EvidenceMap, MapCell
from lmtx.render import write_closing_line
from lmtx.render.terminal.table import COLUMN_GAP as SPACE
from lmtx.render.terminal.table import (
    LEVEL_STYLES,
    keep_line_unbroken,
    make_literal_text,
    render_to_text,
)
from lmtx.render.text.captions import (
    GAP_SYMBOL,
    list_map_notes,
    name_counted_unit,
    write_cell_count,
    write_short_axis_heading,
)
from lmtx.render.text.cells import spell_for_screen
from lmtx.render.text.folding import fold_prose
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope, Rendered, Screen

INDENT = "  "


class _Column(NamedTuple):
    """A column of the grid: its head, its cell in the row of all, and in every row below."""

    head: str
    total: MapCell
    cells: list[MapCell]


class _GridWidths(NamedTuple):
    """How wide things are: the heads of rows, the number and the level of a cell, and a whole
    column."""

    label: int
    number: int
    level: int
    column: int

    @property
    def cell(self) -> int:
        """The columns that a cell takes."""
        return self.number + 1 + self.level


def draw(found: EvidenceMap, envelope: Envelope, screen: Screen) -> Rendered:
    """Draw a map, whose cells count what was asked for. A note says when rows and columns changed
    places."""
    from lmtx.render import Rendered

    counts = name_counted_unit(envelope)
    turned = found.turned()
    turn = not _fits(found, counts, screen) and _fits(turned, counts, screen)
    shown = turned if turn else found
    labels, columns, shape = _measure_grid(shown, counts, screen)
    lines: list[Text] = []
    for band in _bands(columns, shape, screen.width):
        lines += (
            [Text(""), *_band(shown, labels, band, shape, counts, screen)]
            if lines
            else _band(shown, labels, band, shape, counts, screen)
        )
    feet = [
        make_literal_text(line, screen, "dim")
        for line in (*list_map_notes(found, counts), write_closing_line(envelope))
    ]
    notes = [f"rows and columns changed places to fit {screen.width} columns"] if turn else []
    return Rendered(
        iter([render_to_text([*map(keep_line_unbroken, lines), Text(""), *feet], screen)]), notes
    )


def _measure_grid(
    found: EvidenceMap, counts: str, screen: Screen
) -> tuple[list[str], list[_Column], _GridWidths]:
    """Return the heads of the rows, the columns, that of all first, and how wide they are."""
    row_axis, column_axis = found.axes
    labels = [
        spell_for_screen(
            INDENT * node.depth + write_short_axis_heading(row_axis, node), screen.ascii
        )
        for node in found.rows
    ]
    grid = found.grid()
    columns = [_Column(TOTAL_NODE.label, found.total, found.of_rows)]
    columns += [
        _Column(
            spell_for_screen(write_short_axis_heading(column_axis, node), screen.ascii),
            total,
            [line[place] for line in grid],
        )
        for place, (node, total) in enumerate(zip(found.columns, found.of_columns, strict=True))
    ]
    cells = [cell for column in columns for cell in (column.total, *column.cells) if cell.rows]
    sizes = (
        max(cell_len(write_cell_count(cell, counts)) for cell in cells),
        max(len(cell.level or "–") for cell in cells),
    )
    return (
        labels,
        columns,
        _GridWidths(max(map(cell_len, (TOTAL_NODE.label, *labels))), *sizes, sum(sizes) + 1),
    )


def _fits(found: EvidenceMap, counts: str, screen: Screen) -> bool:
    _, columns, shape = _measure_grid(found, counts, screen)
    return shape.label + len(columns) * (shape.cell + SPACE) <= screen.width


def _bands(columns: list[_Column], shape: _GridWidths, width: int) -> list[list[_Column]]:
    """Divide the columns into bands of about equal size that fit the screen."""
    most = max(1, (width - shape.label) // (shape.cell + SPACE))
    size = -(-len(columns) // -(-len(columns) // most))
    return [columns[start : start + size] for start in range(0, len(columns), size)]


def _band(
    found: EvidenceMap,
    labels: list[str],
    columns: list[_Column],
    shape: _GridWidths,
    counts: str,
    screen: Screen,
) -> list[Text]:
    """Return the lines of one band: its head, the row of all, the rows."""
    room = (screen.width - shape.label) // len(columns) - SPACE
    longest = max(cell_len(word) for column in columns for word in column.head.split())
    wide = shape._replace(column=max(shape.cell, longest)) if longest <= room else shape
    heads = _folded(columns, wide) if longest <= room else _step_heads(columns, wide, screen)
    total = wide.label + len(columns) * (wide.column + SPACE)
    lines = [make_literal_text(line, screen, "bold") for line in heads]
    lines.append(make_literal_text(("-" if screen.ascii else "─") * total, screen, "dim"))
    cells: list[tuple[str, list[MapCell]]] = [
        (TOTAL_NODE.label, [column.total for column in columns])
    ]
    cells += [
        (label, [column.cells[place] for column in columns]) for place, label in enumerate(labels)
    ]
    for label, line in cells:
        made = make_literal_text(label.ljust(wide.label), screen, "bold")
        for cell in line:
            made.append_text(_cell(cell, wide, counts, screen))
        lines.append(made)
    return lines


def _cell(cell: MapCell, shape: _GridWidths, counts: str, screen: Screen) -> Text:
    """Return a cell with the blanks before it: the number ends where its head points to."""
    before = " " * (SPACE + shape.column - shape.cell)
    if not cell.rows:
        return make_literal_text(before, screen).append_text(
            make_literal_text(GAP_SYMBOL.rjust(shape.number).ljust(shape.cell), screen, "dim")
        )
    said = (
        f"{write_cell_count(cell, counts).rjust(shape.number)} "
        f"{(cell.level or '–').ljust(shape.level)}"
    )
    return make_literal_text(before, screen).append_text(
        make_literal_text(said, screen, LEVEL_STYLES.get(cell.level or "", ""))
    )


def _folded(columns: Sequence[_Column], shape: _GridWidths) -> list[str]:
    """Return the heads with a word a line, each ending where its column ends."""
    words = [fold_prose(column.head, shape.column, cell_len) for column in columns]
    deep = max(map(len, words))
    padded = [[""] * (deep - len(lines)) + lines for lines in words]
    return [
        " " * shape.label
        + "".join(" " * SPACE + lines[place].rjust(shape.column) for lines in padded)
        for place in range(deep)
    ]


def _step_heads(columns: Sequence[_Column], shape: _GridWidths, screen: Screen) -> list[str]:
    """Return the heads as steps, one a line, each with a bar down to its column: long words on
    narrow columns."""
    bar = "|" if screen.ascii else "│"

    def place(number: int) -> int:
        before = shape.label + number * (shape.column + SPACE)
        return before + SPACE + shape.column - shape.cell + shape.number - 1

    lines = []
    for at, column in enumerate(columns):
        start = max(shape.label, min(place(at), screen.width - len(column.head)))
        leading = {place(before) for before in range(at)}
        bars = "".join(bar if cell in leading else " " for cell in range(start))
        lines.append((bars + column.head).rstrip())
    return lines
