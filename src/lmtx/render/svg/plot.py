"""A forest plot as SVG: a panel for each unit, a row for each figure, never a pooled one."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from lmtx.model.notation import write_count
from lmtx.model.vocabulary import ENDPOINTS
from lmtx.query.plot import ForestRow
from lmtx.render import closing_line
from lmtx.render.svg.drawing import LEVEL_TONES, Sheet, fit_text, fold_sentence, text_width
from lmtx.render.terminal.axis import Axis, axis_of, tick_label
from lmtx.render.terminal.panels import (
    BEYOND,
    COMPUTED,
    NOT_COMPARED,
    Panel,
    divide_panels,
    list_footnotes,
    list_signs,
    panel_heading,
    write_estimate,
    write_given,
    write_remark,
)
from lmtx.render.text.captions import say_order, say_query

if TYPE_CHECKING:
    from lmtx.render import Envelope

WIDTH, MARGIN = 960.0, 20.0
STUDY, GIVEN, SIZE, LEVEL, PLOT = 20.0, 220.0, 484.0, 496.0, 548.0
"""Where the columns begin; that of sizes ends there."""
ROW, MORE, LINE = 24.0, 17.0, 14.0
"""Heights of a row, of each further line of its treatments, and of a line of small print."""
REMARK = 5
"""Lines of a remark; what is longer is cut, and shows under the pointer."""
HEAD, FOOT = 46.0, 44.0
"""Room for the heading of a panel, and for its axis."""
SMALL = 11.0
ESTIMATE = "Estimate (95% CI)"
CAP, LEAST_SQUARE, MORE_SQUARE = 4.0, 6.0, 6.0
TICKS = 6


class Position(NamedTuple):
    """Where the axis of a panel lies on the sheet."""

    axis: Axis
    left: float
    width: float

    def x(self, value: float) -> float:
        """Return where a value stands, inside the axis."""
        return self.left + min(1.0, max(0.0, self.axis.position_of(value))) * self.width


def draw(rows: Sequence[ForestRow], envelope: Envelope) -> str:
    """Return the plot as an SVG document of a fixed width, as high as its rows need."""
    drawn = divide_panels(rows)
    plot = (
        WIDTH
        - MARGIN
        - PLOT
        - 16
        - max(text_width(ESTIMATE, SMALL), *(text_width(write_estimate(row)) for row in rows))
    )
    places = [Position(axis_of(panel.rows), PLOT, max(120.0, plot)) for panel in drawn]
    beyond = any(
        any(place.axis.beyond(row))
        for panel, place in zip(drawn, places, strict=True)
        for row in panel.rows
    )
    notes = [
        line
        for note in _notes(rows, beyond, envelope)
        for line in fold_sentence(note, WIDTH - 2 * MARGIN, SMALL)
    ]
    height = (
        78
        + sum(HEAD + FOOT + sum(map(_height, panel.rows)) for panel in drawn)
        + LINE * len(notes)
        + 16
    )
    title, asked = (
        f"Forest plot: {ENDPOINTS[rows[0].endpoint].meaning}",
        say_query({**envelope.query, "endpoints": ()}),
    )  # the title has the endpoint
    sheet = Sheet(
        WIDTH, height, f"{title}; {asked}", _description(drawn), name=f"forest-{rows[0].endpoint}"
    )
    sheet.text(MARGIN, 34, title, "ink bold large")
    sheet.text(
        MARGIN,
        56,
        fit_text(
            f"{asked} · {len(rows)} figure{'s' if len(rows) > 1 else ''}, "
            f"{say_order(envelope.query)}, none pooled",
            WIDTH - 2 * MARGIN,
        ),
        "soft",
    )
    y, largest = 78.0, max((row.n or 0 for row in rows if not row.synthesis), default=0)
    for panel, place in zip(drawn, places, strict=True):
        y = _panel(sheet, panel, place, y, largest)
    for line in notes:
        sheet.text(MARGIN, y + SMALL, line, "soft small")
        y += LINE
    return sheet.render()


def _notes(rows: Sequence[ForestRow], beyond: bool, envelope: Envelope) -> list[str]:
    """Return what stands below the panels; signs that few fonts have are named."""
    named = {BEYOND[0]: "Arrow: ", COMPUTED[0]: f"{COMPUTED[0]} and dashed: "}
    shapes = "The square grows with the number of patients" + (
        "; a diamond is a review." if any(row.synthesis for row in rows) else "."
    )
    return [
        shapes,
        *(
            f"{named.get(sign, f'{sign} ')}{meaning}"
            for sign, meaning in list_footnotes(rows, beyond)
        ),
        NOT_COMPARED,
        closing_line(envelope),
    ]


def _description(drawn: Sequence[Panel]) -> str:
    """Tell the whole plot in words, for those who cannot see it."""
    return " ".join(
        f"{panel_heading(panel)}. " + " ".join(f"{_write_details(row)}." for row in panel.rows)
        for panel in drawn
    )


def _write_details(row: ForestRow) -> str:
    """Tell a row in words."""
    size = f"n {row.n}" if row.n is not None else "n not known"
    said = (
        f"{row.citation}{list_signs(row)}: {write_given(row)}, {size}, "
        f"{f'level {row.level}' if row.level else 'no level'}, {write_estimate(row)}"
    )
    return said + (f" ({write_remark(row)})" if write_remark(row) else "")


def _named(row: ForestRow) -> list[str]:
    """Return the citation with its marks in lines; a long id goes on after a dash."""
    return fold_sentence(row.citation + list_signs(row), GIVEN - STUDY - 10, 13, broken=True)


def _folds(row: ForestRow) -> tuple[list[str], list[str]]:
    """Return the lines of the treatments and those of the remark."""
    treatments, said = (
        fold_sentence(write_given(row), SIZE - GIVEN - 40, 13, glue="+"),
        fold_sentence(write_remark(row), SIZE - GIVEN, SMALL),
    )
    if len(said) > REMARK:
        said = [*said[: REMARK - 1], f"{said[REMARK - 1]} …"]
    return treatments, [line for line in said if line]


def _height(row: ForestRow) -> float:
    treatments, said = _folds(row)
    return ROW + max(MORE * (len(treatments) - 1) + LINE * len(said), MORE * (len(_named(row)) - 1))


def _panel(sheet: Sheet, panel: Panel, place: Position, top: float, largest: int) -> float:
    """Draw a panel below `top`; return where the next may begin. `largest` is the number of
    patients of the largest square in all panels."""
    sheet.text(MARGIN, top + 14, panel_heading(panel), "ink bold")
    for x, head, anchor in (
        (STUDY, "Study", "start"),
        (GIVEN, "Treatment", "start"),
        (SIZE, "n", "end"),
        (LEVEL, "Level", "start"),
        (place.left + place.width + 16, ESTIMATE, "start"),
    ):
        sheet.text(x, top + 34, head, "soft small", anchor=anchor)
    y = top + HEAD - 6
    sheet.line(MARGIN, y, WIDTH - MARGIN, y, "grid")
    bottom = y + 6 + sum(map(_height, panel.rows))
    _axis(sheet, place, y, bottom)
    y += 6
    for row in panel.rows:
        _row(sheet, row, place, y, largest)
        y += _height(row)
    return bottom + FOOT


def _axis(sheet: Sheet, place: Position, top: float, bottom: float) -> None:
    """Draw the axis with its ticks at the bottom, and the line of no difference where there is
    one."""
    for tick in place.axis.ticks(TICKS):
        sheet.line(place.x(tick), top, place.x(tick), bottom, "grid")
        sheet.text(place.x(tick), bottom + 18, tick_label(tick), "soft small", anchor="middle")
    sheet.line(place.left, bottom, place.left + place.width, bottom)
    if place.axis.reference is not None:
        x = place.x(place.axis.reference)
        sheet.line(x, top, x, bottom + 5, width=1.5)


def _row(sheet: Sheet, row: ForestRow, place: Position, top: float, largest: int) -> None:
    """Write and draw a row below `top`; its remark stands small below the treatment."""
    base, middle = top + 16, top + 11.5
    told = _write_details(row)
    for i, line in enumerate(_named(row)):
        sheet.text(STUDY, base + MORE * i, line, link=row.url, tip=told)
    treatments, said = _folds(row)
    for i, line in enumerate(treatments):
        sheet.text(GIVEN, base + MORE * i, line, tip=told)
    for i, line in enumerate(said, start=1):
        sheet.text(
            GIVEN, base + MORE * (len(treatments) - 1) + LINE * i, line, "soft small", tip=told
        )
    sheet.text(SIZE, base, write_count(row.n), anchor="end")
    tone = LEVEL_TONES[row.level]
    sheet.rect(LEVEL, middle - 9, 34, 18, fill=tone.fill, round_=3)
    sheet.text(LEVEL + 17, base, row.level or "–", fill=tone.ink, anchor="middle")
    _whisker(sheet, row, place, middle)
    sheet.text(place.left + place.width + 16, base, write_estimate(row))
    if row.position is None:
        return
    x = place.x(row.position)
    if row.synthesis:
        sheet.polygon(
            ((x - 6, middle), (x, middle - 6), (x + 6, middle), (x, middle + 6)), "line", tip=told
        )
    else:
        side = LEAST_SQUARE + MORE_SQUARE * sqrt((row.n or 0) / max(1, largest))
        sheet.rect(x - side / 2, middle - side / 2, side, side, "mark", tip=told)


def _whisker(sheet: Sheet, row: ForestRow, place: Position, y: float) -> None:
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
