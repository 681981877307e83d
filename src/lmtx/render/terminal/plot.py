"""A forest plot for a terminal: a table with a column of bars on one axis, a panel for each
unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lmtx.listings import Column
from lmtx.model.figures import write_plural
from lmtx.model.notation import write_count
from lmtx.query.plot import ForestRow
from lmtx.render import write_closing_line
from lmtx.render.plot import (
    NOT_COMPARED_NOTE,
    Axis,
    Panel,
    divide_panels,
    list_footnotes,
    make_axis,
    mark_forest_row,
    write_estimate,
    write_given,
    write_panel_heading,
    write_remark,
    write_tick,
    write_uncut_remark,
)
from lmtx.render.terminal.table import (
    COLUMN_GAP,
    make_fitted_table,
    make_literal_text,
    render_to_text,
)
from lmtx.render.text.cells import spell_for_screen
from lmtx.render.text.folding import fold_prose
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope, Rendered, Screen

WIDE_SCREEN_COLUMNS = 140
"""Columns from which treatments and remarks stand beside the study, not below it."""
STUDY_WIDTH, TREATMENT_WIDTH, BELOW_WIDTH = 26, 28, 34
"""Columns that a citation, a treatment beside it, and what stands below it may take."""
LEAST_BARS, GOOD_BARS, MOST_BARS = 12, 22, 40
"""Columns of the bars; where there is no room for the least, they are left out."""
TICK_WIDTH = 5
"""Columns that a tick takes with its label."""
MOST_REMARK_LINES = 5
"""Lines that a remark takes before it is cut, or more where its comparator and p need them."""


class PlotSymbols(NamedTuple):
    """The signs that bars are made of."""

    line: str
    computed: str
    low: str
    high: str
    point: str
    synthesis: str
    left: str
    right: str
    reference: str
    tick: str
    recalled: str


UNICODE_SYMBOLS = PlotSymbols("─", "╌", "├", "┤", "■", "◇", "◄", "►", "│", "┴", "□")
ASCII_SYMBOLS = PlotSymbols("-", ".", "[", "]", "#", "o", "<", ">", "|", "+", "x")


class PlotLine(NamedTuple):
    """A row of the drawn table; the last one carries the axis alone."""

    study: str = ""
    given: str = ""
    remark: str = ""
    n: str = ""
    level: str = ""
    bar: str = ""
    figure: str = ""
    url: str | None = None


def draw(rows: list[ForestRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw the figures with their intervals, and below them what the marks mean."""
    from lmtx.render import Rendered

    widths = _widths(rows, screen)
    parts: list[Any] = []
    dropped: dict[str, None] = {} if widths.bar else {"bars": None}
    beyond, short = False, 0
    for panel in divide_panels(rows):
        axis = make_axis(panel.rows)
        table, left_out, _ = make_fitted_table(
            _columns(widths), _lines(panel, axis, widths, screen), screen
        )
        parts += [
            *([make_literal_text("", screen)] if parts else []),
            make_literal_text(write_panel_heading(panel), screen, "bold"),
            table,
        ]
        dropped |= dict.fromkeys(head.strip() for head in left_out)
        beyond = beyond or any(any(axis.beyond(row)) for row in panel.rows)
        short += sum(_write_remark_lines(row, widths, screen)[1] for row in panel.rows)
    notes = (
        [f"left out at {screen.width} columns: {', '.join(dropped)}; --fields chooses"]
        if dropped
        else []
    )
    notes += (
        [
            f"{write_plural(short, 'remark')} cut at {screen.width} columns; --fields "
            f"citation,group,assessed_by has all of them"
        ]
        if short
        else []
    )
    below = (
        *(f"{sign} {meaning}" for sign, meaning in list_footnotes(rows, beyond)),
        NOT_COMPARED_NOTE,
        write_closing_line(envelope),
    )
    return Rendered(
        iter(
            [
                render_to_text(
                    [
                        *parts,
                        make_literal_text("", screen),
                        *(make_literal_text(line, screen, "dim") for line in below),
                    ],
                    screen,
                )
            ]
        ),
        notes,
    )


class ColumnWidths(NamedTuple):
    """The columns of all panels, so that their bars stand below each other; those beside the study
    are 0 where it has them below."""

    study: int
    given: int
    remark: int
    n: int
    bar: int
    figure: int


def _widths(rows: Sequence[ForestRow], screen: Screen) -> ColumnWidths:
    """Divide the screen: figures and counts take what they need, the bars a good part of the
    rest."""
    wide = screen.width >= WIDE_SCREEN_COLUMNS

    def most(head: str, cells: Iterable[str]) -> int:
        return max(
            cell_len(head), *(cell_len(spell_for_screen(cell, screen.ascii)) for cell in cells)
        )

    n, estimate = (
        most("n", (write_count(row.n) for row in rows)),
        most("Estimate", (write_estimate(row, not wide) for row in rows)),
    )
    study = min(
        STUDY_WIDTH, most("Study, treatment", (row.citation + mark_forest_row(row) for row in rows))
    )
    room = screen.width - n - len("Level") - estimate - COLUMN_GAP * (6 if wide else 4)
    if wide:
        treatment = min(TREATMENT_WIDTH, most("Treatment", map(write_given, rows)))
        bar = min(MOST_BARS, (room - study - treatment) // 2)
        return ColumnWidths(
            study,
            treatment,
            min(room - study - treatment - bar, most("Remark", map(write_remark, rows))),
            n,
            bar,
            estimate,
        )
    below = 2 + most("", (part for row in rows for part in (write_given(row), write_remark(row))))
    if room - study < LEAST_BARS:
        beside_figure = screen.width - estimate - COLUMN_GAP
        rest = room + COLUMN_GAP if room + COLUMN_GAP >= study else beside_figure
        return ColumnWidths(
            max(LEAST_BARS, min(max(study, min(BELOW_WIDTH, below)), rest)), 0, 0, n, 0, estimate
        )
    study = max(study, min(BELOW_WIDTH, below, room - GOOD_BARS))
    return ColumnWidths(study, 0, 0, n, min(MOST_BARS, room - study), estimate)


def _lines(panel: Panel, axis: Axis, widths: ColumnWidths, screen: Screen) -> list[PlotLine]:
    """Return the rows of a panel's table, and below them its axis."""
    strokes = ASCII_SYMBOLS if screen.ascii else UNICODE_SYMBOLS
    lines = [_line(row, axis, widths, strokes, screen) for row in panel.rows]
    return (
        [*lines, PlotLine(bar="\n".join(draw_scale(axis, widths.bar, strokes)))]
        if widths.bar
        else lines
    )


def _line(
    row: ForestRow, axis: Axis, widths: ColumnWidths, strokes: PlotSymbols, screen: Screen
) -> PlotLine:
    beside = bool(widths.given)
    treatments, (said, _) = (
        _folded(write_given(row), widths.given or widths.study - 2, screen),
        _write_remark_lines(row, widths, screen),
    )
    named = _folded(row.citation + mark_forest_row(row), widths.study, screen)
    below = [] if beside else [f"  {line}" for line in (*treatments, *said)]
    tall = max(len(named) + len(below), len(treatments), len(said))
    bars = (
        [
            draw_bar(row, axis, widths.bar, strokes),
            *["".join(_draw_empty_bars(axis, widths.bar, strokes))] * (tall - 1),
        ]
        if widths.bar
        else []
    )
    return PlotLine(
        "\n".join([*named, *below]),
        "\n".join(treatments),
        "\n".join(said),
        write_count(row.n),
        row.level or "–",
        "\n".join(bars),
        write_estimate(row, not beside),
        row.url,
    )


def _write_remark_lines(
    row: ForestRow, widths: ColumnWidths, screen: Screen
) -> tuple[list[str], bool]:
    """Return a remark in lines, and whether it was cut; what a figure is compared with, and p, are
    always whole."""
    width, sign = widths.remark or widths.study - 2, "..." if screen.ascii else "…"
    lines = _folded(write_remark(row), width, screen)
    most = max(MOST_REMARK_LINES, len(_folded(f"{write_uncut_remark(row)}; {sign}", width, screen)))
    if len(lines) <= most:
        return lines, False
    words = lines[most - 1].split(" ")
    while len(words) > 1 and cell_len(" ".join([*words, sign])) > width:
        words.pop()
    return [*lines[: most - 1], " ".join([*words, sign])], True


def _folded(prose: str, width: int, screen: Screen) -> list[str]:
    """Return words in lines; a plus sign never begins one, and a long id goes on after a dash."""
    return (
        fold_prose(
            spell_for_screen(prose, screen.ascii), max(8, width), cell_len, glue="+", broken=True
        )
        if prose
        else []
    )


def _columns(widths: ColumnWidths) -> list[Column]:
    def prose(
        head: str,
        cell: Callable[[PlotLine], str],
        rank: int,
        width: int,
        link: Callable[[PlotLine], str | None] | None = None,
    ) -> Column:
        return Column(
            head.ljust(width if widths.bar else 0), cell, rank, least=width, most=width, link=link
        )

    study = prose(
        "Study" if widths.given else "Study, treatment",
        lambda line: line.study,
        0,
        widths.study,
        lambda line: line.url,
    )
    beside = [prose("Treatment", lambda line: line.given, 5, widths.given)] if widths.given else []
    last = [prose("Remark", lambda line: line.remark, 6, widths.remark)] if widths.remark else []
    return [
        study,
        *beside,
        Column("n".rjust(widths.n), lambda line: line.n, 3, right=True),
        Column("Level", lambda line: line.level, 2),
        *([Column("", lambda line: line.bar)] if widths.bar else []),
        Column("Estimate".ljust(widths.figure), lambda line: line.figure),
        *last,
    ]


def _column(axis: Axis, value: float, width: int) -> int:
    """Return the column of a value, inside the bars."""
    return round(min(1.0, max(0.0, axis.position_of(value))) * (width - 1))


def _draw_empty_bars(axis: Axis, width: int, strokes: PlotSymbols) -> list[str]:
    """Return an empty line of bars, with the line of no difference where there is one."""
    ground = [" "] * width
    if axis.reference is not None:
        ground[_column(axis, axis.reference, width)] = strokes.reference
    return ground


def draw_bar(row: ForestRow, axis: Axis, width: int, strokes: PlotSymbols) -> str:
    """Draw an estimate with its interval on the axis; an arrow where the interval goes on."""
    cells = _draw_empty_bars(axis, width, strokes)
    if row.low is not None:
        low, high = (
            _column(axis, row.low, width),
            width - 1 if row.high is None else _column(axis, row.high, width),
        )
        cells[low : high + 1] = [
            strokes.computed if row.interval == "computed" else strokes.line
        ] * (high - low + 1)
        left, right = axis.beyond(row)
        cells[low], cells[high] = (
            strokes.left if left else strokes.low,
            strokes.right if right else strokes.high,
        )
    if row.position is not None:
        cells[_column(axis, row.position, width)] = (
            strokes.recalled
            if row.recalled
            else strokes.synthesis
            if row.synthesis
            else strokes.point
        )
    return "".join(cells)


def draw_scale(axis: Axis, width: int, strokes: PlotSymbols) -> tuple[str, str]:
    """Draw the axis with its ticks, and their labels below, as far as these do not touch."""
    ticks = axis.ticks(max(3, width // TICK_WIDTH))
    rule, labels, end = [strokes.line] * width, [" "] * width, -1
    for tick in ticks:
        column, label = _column(axis, tick, width), write_tick(tick)
        rule[column] = strokes.tick
        start = min(max(0, column - len(label) // 2), width - len(label))
        if start > end:
            labels[start : start + len(label)] = label
            end = start + len(label)
    return "".join(rule), "".join(labels)
