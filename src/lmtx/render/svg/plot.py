"""A forest plot as SVG: a panel for each unit, a row for each figure, never a pooled one.

It is drawn broad, as a table with a column of bars, or narrow, for the screen of a phone, where the
bar of a figure stands below its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from lmtx.model.figures import write_plural
from lmtx.model.notation import COMPUTED_INTERVAL_MARK, write_count
from lmtx.model.vocabulary import ENDPOINTS
from lmtx.query.plot import ForestRow
from lmtx.render import write_closing_line
from lmtx.render.plot import (
    BEYOND_AXIS_OR_OPEN_MARK,
    NOT_COMPARED_NOTE,
    Axis,
    Panel,
    divide_panels,
    is_effect_panel,
    list_footnotes,
    make_axis,
    mark_forest_row,
    name_sides,
    write_estimate,
    write_panel_heading,
    write_remark,
    write_tick,
)
from lmtx.render.svg.drawing import (
    LEVEL_COLORS,
    Drawing,
    cut_text_to_width,
    fold_sentence,
    text_width,
)
from lmtx.render.text.captions import write_order_in_words, write_query_in_words
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope

WIDTH, MARGIN = 960.0, 20.0
STUDY_X, GIVEN_X, SIZE_X, LEVEL_X, PLOT_X = 20.0, 220.0, 484.0, 496.0, 548.0
"""Where the columns begin; that of sizes ends there."""
ROW_HEIGHT, FURTHER_LINE_HEIGHT, SMALL_LINE_HEIGHT = 27.0, 17.0, 14.0
"""Heights of a row, of each further line of its treatments, and of a line of small print."""
MOST_REMARK_LINES = 5
"""Lines of a remark; what is longer is cut, and shows under the pointer."""
HEAD_HEIGHT, FOOT_HEIGHT, SIDES_HEIGHT = 46.0, 44.0, 34.0
"""Room for the heading of a panel, for its axis, and for what lies to both sides of it."""
PHONE_WIDTH, PHONE_MARGIN, PHONE_BAR_HEIGHT = 380.0, 12.0, 22.0
"""Width of a narrow drawing, its margin, and the height of a bar in it."""
SMALL_PRINT_SIZE = 11.0
PAPER_HEIGHT, FEWEST_ROWS = 1140.0, 3
"""Height (px) of the panels that a sheet of A4 holds beside title and notes, and the rows with
which a panel begins on one at least."""
LEAST_AXIS_SIDE_WIDTH = 60.0
"""Width that the words on a side of an axis take at least."""
ESTIMATE_HEADING = "Estimate (95% CI)"
CAP, LEAST_SQUARE, MORE_SQUARE = 4.0, 6.0, 6.0
MOST_TICKS = 6


class AxisPosition(NamedTuple):
    """Where the axis of a panel lies on the sheet."""

    axis: Axis
    left: float
    width: float

    def x(self, value: float) -> float:
        """Return where a value stands, inside the axis."""
        return self.left + min(1.0, max(0.0, self.axis.position_of(value))) * self.width


def draw(
    rows: Sequence[ForestRow],
    envelope: Envelope,
    *,
    whole: Sequence[ForestRow] = (),
    part: int = 1,
    parts: int = 1,
) -> str:
    """Return the plot as an SVG document of a fixed width, as high as its rows need.

    Of a plot in several `parts` it says which one it is; `whole` are the rows of all of them, which
    share axes and the size of squares.
    """
    drawn, whole = _divide(rows, envelope), whole or rows
    plot = (
        WIDTH
        - MARGIN
        - PLOT_X
        - 16
        - max(
            text_width(ESTIMATE_HEADING, SMALL_PRINT_SIZE),
            *(text_width(write_estimate(row)) for row in whole),
        )
    )
    axes = {panel.axis: make_axis(panel.rows) for panel in divide_panels(whole)}
    places = [AxisPosition(axes[panel.axis], PLOT_X, max(120.0, plot)) for panel in drawn]
    beyond = any(
        any(place.axis.beyond(row))
        for panel, place in zip(drawn, places, strict=True)
        for row in panel.rows
    )
    notes = [
        line
        for note in _notes(rows, beyond, envelope)
        for line in fold_sentence(note, WIDTH - 2 * MARGIN, SMALL_PRINT_SIZE)
    ]
    height = (
        78
        + sum(HEAD_HEIGHT + _foot(panel) + sum(map(_height, panel.rows)) for panel in drawn)
        + SMALL_LINE_HEIGHT * len(notes)
        + 16
    )
    title, asked = (
        f"Forest plot: {ENDPOINTS[rows[0].endpoint].meaning}",
        write_query_in_words({**envelope.query, "endpoints": ()}),
    )  # the title has the endpoint
    sheet = Drawing(
        WIDTH,
        height,
        f"{title}; {asked}",
        _description(drawn),
        name=f"forest-{rows[0].endpoint}" + (f"-{part}" if parts > 1 else ""),
    )
    sheet.text(MARGIN, 34, title, "ink bold large")
    sheet.text(
        MARGIN,
        56,
        cut_text_to_width(
            _say_order(whole, envelope) + (f"; part {part} of {parts}" if parts > 1 else ""),
            WIDTH - 2 * MARGIN,
        ),
        "soft",
    )
    y, largest = 78.0, max((row.n or 0 for row in whole if not row.synthesis), default=0)
    for panel, place in zip(drawn, places, strict=True):
        y = _panel(sheet, panel, place, y, largest)
    for line in notes:
        sheet.text(MARGIN, y + SMALL_PRINT_SIZE, line, "soft small")
        y += SMALL_LINE_HEIGHT
    return sheet.render()


def arrange_rows_on_sheets(rows: Sequence[ForestRow], envelope: Envelope) -> list[list[ForestRow]]:
    """Return the figures in parts, each of which a sheet of paper holds, in the order in which they
    are drawn."""
    parts: list[list[ForestRow]] = [[]]
    left = PAPER_HEIGHT
    for panel in _divide(rows, envelope):
        around = HEAD_HEIGHT + _foot(panel)
        if parts[-1] and left < around + sum(map(_height, panel.rows[:FEWEST_ROWS])):
            parts.append([])
            left = PAPER_HEIGHT
        left -= around
        for row in panel.rows:
            if left < _height(row):
                parts.append([])
                left = PAPER_HEIGHT - around
            parts[-1].append(row)
            left -= _height(row)
    return parts


def draw_narrow(rows: Sequence[ForestRow], envelope: Envelope) -> str:
    """Return the plot as an SVG document for a phone: each figure in words, its bar below."""
    drawn = _divide(rows, envelope)
    room = PHONE_WIDTH - 2 * PHONE_MARGIN
    places = [AxisPosition(make_axis(panel.rows), PHONE_MARGIN + 8, room - 16) for panel in drawn]
    beyond = any(
        any(place.axis.beyond(row))
        for panel, place in zip(drawn, places, strict=True)
        for row in panel.rows
    )
    title = f"Forest plot: {ENDPOINTS[rows[0].endpoint].meaning}"
    heads = [fold_sentence(write_panel_heading(panel), room, 14) for panel in drawn]
    named = fold_sentence(title, room, 14)
    above = fold_sentence(_say_order(rows, envelope), room, SMALL_PRINT_SIZE)
    notes = [
        line
        for note in _notes(rows, beyond, envelope)
        for line in fold_sentence(note, room, SMALL_PRINT_SIZE)
    ]
    tall = sum(
        FURTHER_LINE_HEIGHT * len(head) + sum(map(_narrow_height, panel.rows)) + _foot(panel) + 8
        for panel, head in zip(drawn, heads, strict=True)
    )
    sheet = Drawing(
        PHONE_WIDTH,
        8
        + FURTHER_LINE_HEIGHT * len(named)
        + SMALL_LINE_HEIGHT * len(above)
        + 12
        + tall
        + SMALL_LINE_HEIGHT * len(notes)
        + 16,
        f"{title}; {write_query_in_words({**envelope.query, 'endpoints': ()})}",
        _description(drawn),
        name=f"forest-{rows[0].endpoint}-narrow",
    )
    y, largest = 20.0, max((row.n or 0 for row in rows), default=0)
    for line in named:
        sheet.text(PHONE_MARGIN, y, line, "ink bold")
        y += FURTHER_LINE_HEIGHT
    for line in above:
        sheet.text(PHONE_MARGIN, y, line, "soft small")
        y += SMALL_LINE_HEIGHT
    for panel, head, place in zip(drawn, heads, places, strict=True):
        for line in head:
            sheet.text(PHONE_MARGIN, y + 14, line, "ink bold")
            y += FURTHER_LINE_HEIGHT
        bottom = y + 6 + sum(map(_narrow_height, panel.rows))
        _axis(sheet, panel, place, y + 6, bottom)
        y += 6
        for row in panel.rows:
            _narrow_row(sheet, row, place, y, largest)
            y += _narrow_height(row)
        y = bottom + _foot(panel)
    for line in notes:
        sheet.text(PHONE_MARGIN, y + SMALL_PRINT_SIZE, line, "soft small")
        y += SMALL_LINE_HEIGHT
    return sheet.render()


def _narrow_folds(row: ForestRow) -> tuple[list[str], list[str]]:
    """Return the lines of a figure's words, those of its study and treatments first."""
    room = PHONE_WIDTH - 2 * PHONE_MARGIN
    size = f"n={write_count(row.n)}, " if row.n is not None else ""
    said = f"{size}{f'level {row.level}' if row.level else 'no level'}"
    remark = "; ".join(filter(None, (said, write_remark(row))))
    names = fold_sentence(row.names, room, 13, glue="+", broken=True)
    return names, fold_sentence(remark, room, SMALL_PRINT_SIZE, broken=True)


def _narrow_height(row: ForestRow) -> float:
    names, said = _narrow_folds(row)
    named = len(_narrow_heads(row))
    return (
        FURTHER_LINE_HEIGHT * (named + len(names))
        + SMALL_LINE_HEIGHT * len(said)
        + PHONE_BAR_HEIGHT
        + 10
    )


def _narrow_heads(row: ForestRow) -> list[str]:
    """Return the lines of a figure's study, the first with room for the estimate beside it."""
    room = PHONE_WIDTH - 2 * PHONE_MARGIN - text_width(write_estimate(row), bold=True) - 10
    return fold_sentence(row.citation + mark_forest_row(row), max(room, 90), 13, broken=True)


def _narrow_row(
    sheet: Drawing, row: ForestRow, place: AxisPosition, top: float, largest: int
) -> None:
    """Write a figure below `top`, with its estimate beside the study, and draw its bar below."""
    y = top + 14
    sheet.text(PHONE_WIDTH - PHONE_MARGIN, y, write_estimate(row), "ink bold", anchor="end")
    for line in _narrow_heads(row):
        sheet.text(PHONE_MARGIN, y, line, "ink", link=row.url)
        y += FURTHER_LINE_HEIGHT
    names, said = _narrow_folds(row)
    for line in names:
        sheet.text(PHONE_MARGIN, y, line)
        y += FURTHER_LINE_HEIGHT
    for line in said:
        sheet.text(PHONE_MARGIN, y - 2, line, "soft small")
        y += SMALL_LINE_HEIGHT
    _mark(sheet, row, place, y - 14 + PHONE_BAR_HEIGHT / 2, largest)


def _divide(rows: Sequence[ForestRow], envelope: Envelope) -> list[Panel]:
    """Return the panels, the figures of one treatment below each other where the user chose no
    order; what was recalled stays last."""
    drawn = divide_panels(rows)
    if envelope.query.get("sort"):
        return drawn
    found = []
    for panel in drawn:
        first: dict[tuple[bool, str], int] = {}
        for place, row in enumerate(panel.rows):
            first.setdefault((row.recalled, row.names), place)
        grouped = sorted(panel.rows, key=lambda row: (row.recalled, first[row.recalled, row.names]))
        found.append(Panel(panel.axis, grouped))
    return found


def _say_order(rows: Sequence[ForestRow], envelope: Envelope) -> str:
    """Say what was asked for, and in which order the figures stand."""
    order = write_order_in_words(envelope.query)
    order = order if envelope.query.get("sort") else f"by treatment, then {order}"
    return (
        f"{write_query_in_words({**envelope.query, 'endpoints': ()})} · "
        f"{write_plural(len(rows), 'figure')}, {order}, none pooled"
    )


def _foot(panel: Panel) -> float:
    return FOOT_HEIGHT + (SIDES_HEIGHT if is_effect_panel(panel) else 0)


def _notes(rows: Sequence[ForestRow], beyond: bool, envelope: Envelope) -> list[str]:
    """Return what stands below the panels; signs that few fonts have are named."""
    named = {
        BEYOND_AXIS_OR_OPEN_MARK[0]: "Arrow: ",
        COMPUTED_INTERVAL_MARK[0]: f"{COMPUTED_INTERVAL_MARK[0]} and dashed: ",
    }
    shapes = "The square grows with the number of patients" + (
        "; a diamond is a review" if any(row.synthesis for row in rows) else ""
    )
    shapes += "; a hollow one was recalled, not read." if any(map(_is_hollow, rows)) else "."
    return [
        shapes,
        *(
            f"{named.get(sign, f'{sign} ')}{meaning}"
            for sign, meaning in list_footnotes(rows, beyond)
        ),
        NOT_COMPARED_NOTE,
        write_closing_line(envelope),
    ]


def _description(drawn: Sequence[Panel]) -> str:
    """Tell the whole plot in words, for those who cannot see it."""
    return " ".join(
        f"{write_panel_heading(panel)}. "
        + " ".join(f"{_write_details(row)}." for row in panel.rows)
        for panel in drawn
    )


def _is_hollow(row: ForestRow) -> bool:
    return row.recalled and row.position is not None


def _write_details(row: ForestRow) -> str:
    """Tell a row in words."""
    size = f"n {row.n}" if row.n is not None else "n not known"
    said = (
        f"{row.citation}{mark_forest_row(row)}: {row.names}, {size}, "
        f"{f'level {row.level}' if row.level else 'no level'}, {write_estimate(row)}"
    )
    return said + (f" ({write_remark(row)})" if write_remark(row) else "")


def _named(row: ForestRow) -> list[str]:
    """Return the citation with its marks in lines; a long id goes on after a dash."""
    return fold_sentence(
        row.citation + mark_forest_row(row), GIVEN_X - STUDY_X - 10, 13, broken=True
    )


def _folds(row: ForestRow) -> tuple[list[str], list[str]]:
    """Return the lines of the treatments and those of the remark."""
    treatments, said = (
        fold_sentence(row.names, SIZE_X - GIVEN_X - 40, 13, glue="+"),
        fold_sentence(write_remark(row), SIZE_X - GIVEN_X, SMALL_PRINT_SIZE),
    )
    if len(said) > MOST_REMARK_LINES:
        said = [*said[: MOST_REMARK_LINES - 1], f"{said[MOST_REMARK_LINES - 1]} …"]
    return treatments, [line for line in said if line]


def _height(row: ForestRow) -> float:
    treatments, said = _folds(row)
    return ROW_HEIGHT + max(
        FURTHER_LINE_HEIGHT * (len(treatments) - 1) + SMALL_LINE_HEIGHT * len(said),
        FURTHER_LINE_HEIGHT * (len(_named(row)) - 1),
    )


def _panel(sheet: Drawing, panel: Panel, place: AxisPosition, top: float, largest: int) -> float:
    """Draw a panel below `top`; return where the next may begin. `largest` is the number of
    patients of the largest square in all panels."""
    sheet.text(MARGIN, top + 14, write_panel_heading(panel), "ink bold")
    for x, head, anchor in (
        (STUDY_X, "Study", "start"),
        (GIVEN_X, "Treatment", "start"),
        (SIZE_X, "n", "end"),
        (LEVEL_X, "Level", "start"),
        (place.left + place.width + 16, ESTIMATE_HEADING, "start"),
    ):
        sheet.text(x, top + 34, head, "soft small", anchor=anchor)
    y = top + HEAD_HEIGHT - 6
    sheet.line(MARGIN, y, WIDTH - MARGIN, y, "grid")
    bottom = y + 6 + sum(map(_height, panel.rows))
    _axis(sheet, panel, place, y, bottom)
    y += 6
    for row in panel.rows:
        _row(sheet, row, place, y, largest)
        y += _height(row)
    return bottom + _foot(panel)


def _axis(sheet: Drawing, panel: Panel, place: AxisPosition, top: float, bottom: float) -> None:
    """Draw the axis with its ticks at the bottom, and the line of no difference where there is
    one, with what lies to both sides of it."""
    for tick in place.axis.ticks(MOST_TICKS):
        sheet.line(place.x(tick), top, place.x(tick), bottom, "grid")
        sheet.text(place.x(tick), bottom + 18, write_tick(tick), "soft small", anchor="middle")
    sheet.line(place.left, bottom, place.left + place.width, bottom)
    if place.axis.reference is not None:
        x = place.x(place.axis.reference)
        sheet.line(x, top, x, bottom + 5, width=1.5)
    if is_effect_panel(panel):
        _sides(sheet, panel, place, bottom + 38)


def _sides(sheet: Drawing, panel: Panel, place: AxisPosition, base: float) -> None:
    """Say below an axis which side favours whom, with an arrow that points there; words with no
    room above the edge of the sheet go on below."""
    centre = place.x(place.axis.reference or 0.0)
    for words, way in zip(name_sides(panel), (-1, 1), strict=True):
        tip, start = centre + way * 14, centre + way * 19
        sheet.polygon(((tip, base - 4), (tip - way * 7, base - 8), (tip - way * 7, base)), "mark")
        room = start - PHONE_MARGIN if way < 0 else sheet.width - PHONE_MARGIN - start
        for i, line in enumerate(
            fold_sentence(words, max(room, LEAST_AXIS_SIDE_WIDTH), SMALL_PRINT_SIZE)
        ):
            anchor = "end" if way < 0 else "start"
            sheet.text(start, base + SMALL_LINE_HEIGHT * i, line, "soft small", anchor=anchor)


def _row(sheet: Drawing, row: ForestRow, place: AxisPosition, top: float, largest: int) -> None:
    """Write and draw a row below `top`; its remark stands small below the treatment."""
    base, middle = top + 16, top + 11.5
    told = _write_details(row)
    for i, line in enumerate(_named(row)):
        sheet.text(STUDY_X, base + FURTHER_LINE_HEIGHT * i, line, link=row.url, tip=told)
    treatments, said = _folds(row)
    for i, line in enumerate(treatments):
        sheet.text(GIVEN_X, base + FURTHER_LINE_HEIGHT * i, line, tip=told)
    for i, line in enumerate(said, start=1):
        sheet.text(
            GIVEN_X,
            base + FURTHER_LINE_HEIGHT * (len(treatments) - 1) + SMALL_LINE_HEIGHT * i,
            line,
            "soft small",
            tip=told,
        )
    sheet.text(SIZE_X, base, write_count(row.n), anchor="end")
    tone = LEVEL_COLORS[row.level]
    sheet.rect(LEVEL_X, middle - 9, 34, 18, fill=tone.fill, round_=3)
    sheet.text(LEVEL_X + 17, base, row.level or "–", fill=tone.ink, anchor="middle")
    _mark(sheet, row, place, middle, largest)
    sheet.text(place.left + place.width + 16, base, write_estimate(row))


def _mark(sheet: Drawing, row: ForestRow, place: AxisPosition, middle: float, largest: int) -> None:
    """Draw the interval and the estimate: a square, a diamond for a review, hollow where it was
    recalled."""
    _whisker(sheet, row, place, middle)
    told = _write_details(row)
    if row.position is None:
        return
    x = place.x(row.position)
    if row.synthesis:
        sheet.polygon(
            ((x - 6, middle), (x, middle - 6), (x + 6, middle), (x, middle + 6)), "line", tip=told
        )
    else:
        side = LEAST_SQUARE + MORE_SQUARE * sqrt((row.n or 0) / max(1, largest))
        look = "line" if row.recalled else "mark"
        sheet.rect(x - side / 2, middle - side / 2, side, side, look, tip=told)


def _whisker(sheet: Drawing, row: ForestRow, place: AxisPosition, y: float) -> None:
    """Draw the interval: dashed where it is computed, with an arrow where it goes on."""
    if row.low is None:
        return
    left, right = (
        place.x(row.low),
        place.left + place.width if row.high is None else place.x(row.high),
    )
    sheet.line(left, y, right, y, width=1.5, dash="4 3" if row.interval == "computed" else "")
    for x, goes_on, way in zip((left, right), place.axis.beyond(row), (-1, 1), strict=True):
        if goes_on:
            sheet.polygon(((x + way * 6, y), (x - way * 2, y - 5), (x - way * 2, y + 5)), "mark")
        else:
            sheet.line(x, y - CAP, x, y + CAP, width=1.5)
