"""The growth of the evidence as a picture: a column a year, divided by level, each part with its
level in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from lmtx.model.figures import write_plural
from lmtx.query.timeline import STUDY_COUNTING_NOTE, YearLevelRow
from lmtx.render import write_closing_line
from lmtx.render.svg.drawing import (
    LEVEL_COLORS,
    LINE_HEIGHT,
    Drawing,
    cut_text_to_width,
    draw_level_legend,
    fold_sentence,
)
from lmtx.render.text.captions import write_query_in_words

if TYPE_CHECKING:
    from lmtx.render import Envelope

MARGIN = 20
TITLE = "Evidence by year and level"
WIDTH, PHONE_WIDTH = 900, 380
"""Width (px) that the columns share, and that of a drawing for a phone."""
NARROWEST_COLUMN, BROADEST_COLUMN = 17.0, 46.0
"""Least and greatest width (px) of a column."""
TALLEST_COLUMN, TALLEST_STUDY = 330.0, 15.0
"""Height (px) of the tallest column at most, and of one study at most."""
YEAR_LABEL_WIDTH = 30
"""Width (px) that a year takes."""
LEAST_LABELED_PART_HEIGHT = 11
"""Height (px) that a part must have for its level to be written in it; under the pointer it is told
of each."""


def draw(rows: Sequence[YearLevelRow], envelope: Envelope, *, narrow: bool = False) -> str:
    """Return the years as SVG, `narrow` ones for the screen of a phone; studies of no known year
    are told below."""
    years = [
        (year, list(group))
        for year, group in groupby(
            (row for row in rows if row.year is not None), key=lambda row: row.year
        )
    ]
    unknown = sum(row.studies for row in rows if row.year is None)
    asked = write_query_in_words(envelope.query)
    most = max(sum(row.studies for row in group) for _, group in years)
    column = min(BROADEST_COLUMN, max(NARROWEST_COLUMN, WIDTH / len(years)))
    if narrow:
        column = min(BROADEST_COLUMN, (PHONE_WIDTH - 2 * MARGIN) / len(years))
    unit = min(TALLEST_STUDY, TALLEST_COLUMN / most)
    width = max(2 * MARGIN + column * len(years), PHONE_WIDTH if narrow else 560)
    notes = [
        STUDY_COUNTING_NOTE.partition(" Total")[0],
        *(
            [
                f"{write_plural(unknown, 'study', 'studies')} without a year of publication not "
                f"drawn."
            ]
            if unknown
            else []
        ),
        write_closing_line(envelope),
    ]
    lines = [line for note in notes for line in fold_sentence(note, width - 2 * MARGIN)]
    floor = MARGIN + 54 + 14 + unit * most
    sheet = Drawing(
        width,
        floor + 66 + LINE_HEIGHT * len(lines) + 8,
        TITLE,
        _description(years, unknown, asked),
        name="timeline-narrow" if narrow else "timeline",
    )
    sheet.text(MARGIN, MARGIN + 14, TITLE, "ink large bold")
    sheet.text(MARGIN, MARGIN + 34, cut_text_to_width(asked, width - 2 * MARGIN), "soft")
    labelled = _labelled([year or 0 for year, _ in years], column)
    for place, (year, group) in enumerate(years):
        _column(sheet, MARGIN + place * column, floor, column, unit, group)
        if place in labelled:
            sheet.text(
                MARGIN + (place + 0.5) * column,
                floor + 16,
                str(year),
                "soft small",
                anchor="middle",
            )
    sheet.line(MARGIN, floor, MARGIN + column * len(years), floor)
    present = {row.level for row in rows if row.studies}
    draw_level_legend(
        sheet, MARGIN, floor + 30, [level for level in LEVEL_COLORS if level in present]
    )
    for place, line in enumerate(lines):
        sheet.text(MARGIN, floor + 68 + LINE_HEIGHT * place, line, "soft small")
    return sheet.render()


def _labelled(years: Sequence[int], column: float) -> set[int]:
    """Return the places whose year is written: all where there is room, else every fifth, the first
    and the last."""
    if column >= 34:
        return set(range(len(years)))
    last = len(years) - 1
    return {0, last} | {
        place
        for place, year in enumerate(years)
        if year % 5 == 0 and min(place, last - place) * column >= YEAR_LABEL_WIDTH
    }


def _column(
    sheet: Drawing, x: float, floor: float, width: float, unit: float, rows: Sequence[YearLevelRow]
) -> None:
    """Draw a year, the strongest level at the bottom, with its number of studies above."""
    y = floor
    for row in rows:
        if not row.studies:
            return
        high = unit * row.studies
        y -= high
        tone = LEVEL_COLORS[row.level]
        sheet.rect(x + 1, y + 0.5, width - 2, high - 1, fill=tone.fill, tip=describe_bar_part(row))
        if high >= LEAST_LABELED_PART_HEIGHT and width >= NARROWEST_COLUMN:
            sheet.text(
                x + width / 2,
                y + high / 2 + 4,
                row.level or "–",
                "small",
                anchor="middle",
                fill=tone.ink,
            )
    if width < NARROWEST_COLUMN:
        return
    sheet.text(
        x + width / 2,
        y - 4,
        str(sum(row.studies for row in rows)),
        "ink small bold",
        anchor="middle",
    )


def describe_bar_part(row: YearLevelRow) -> str:
    """Return one part of a column in words."""
    patients = f", {write_plural(row.patients, 'patient')}" if row.patients is not None else ""
    return (
        f"{row.year}, {f'level {row.level}' if row.level else 'no level'}: "
        f"{write_plural(row.studies, 'study', 'studies')}{patients}"
    )


def _description(
    years: Sequence[tuple[int | None, list[YearLevelRow]]], unknown: int, asked: str
) -> str:
    """Return the picture in words for those who cannot see it."""
    total = years[-1][1][0].cumulative or 0
    most, busiest = max((sum(row.studies for row in group), -(year or 0)) for year, group in years)
    more = f" {write_plural(unknown, 'study', 'studies')} without a year." if unknown else ""
    return (
        f"{TITLE} ({asked}). {write_plural(total, 'independent study', 'independent studies')} "
        f"from {years[0][0]} to {years[-1][0]}, most in {-busiest}: {most}.{more}"
    )
