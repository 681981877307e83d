"""The growth of the evidence on a terminal: one line a year, a sign a study."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from lmtx.model.notation import write_count
from lmtx.model.vocabulary import LEVELS
from lmtx.query.timeline import STUDY_COUNTING_NOTE, YearLevelRow
from lmtx.render import write_closing_line
from lmtx.render.terminal.table import (
    LEVEL_STYLES,
    keep_line_unbroken,
    make_literal_text,
    render_to_text,
)

if TYPE_CHECKING:
    from rich.text import Text

    from lmtx.render import Envelope, Rendered, Screen

LEVEL_SHADES: dict[str | None, str] = {**dict(zip(LEVELS, "█▓▒░▏", strict=True)), None: "·"}
ASCII_LEVEL_SHADES: dict[str | None, str] = {**dict(zip(LEVELS, "12345", strict=True)), None: "."}
"""A sign for each level, so that it is told without colour too."""
NO_YEAR_LABEL = "no year"
NUMBER_COLUMNS = (("Year", 7), ("Studies", 7), ("Patients", 8), ("Total", 5))
"""Heads and widths of what stands before the bar."""


LEAST_BAR_WIDTH = 24
"""Columns that the bars should have at least; on a narrow terminal the last numbers go."""


def draw(rows: Sequence[YearLevelRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw a line for every year; where a year has more studies than a line has room for, a sign
    stands for several."""
    from lmtx.render import Rendered

    numbers = list(NUMBER_COLUMNS)
    while len(numbers) > 2 and screen.width - _width_before_bar(numbers) < LEAST_BAR_WIDTH:
        numbers.pop()
    shades = ASCII_LEVEL_SHADES if screen.ascii else LEVEL_SHADES
    years = [(year, list(group)) for year, group in groupby(rows, key=lambda row: row.year)]
    most = max(
        (sum(row.studies for row in group) for year, group in years if year is not None), default=0
    )
    room = screen.width - _width_before_bar(numbers)
    scale = 1 if most <= room else -(-most // max(1, room - len(LEVELS)))
    head = "".join(
        name.ljust(width) if name == "Year" else f"  {name.rjust(width)}" for name, width in numbers
    )
    lines = [
        make_literal_text(f"{head}  By level", screen, "bold"),
        make_literal_text(
            ("-" if screen.ascii else "─")
            * min(screen.width, _width_before_bar(numbers) + max(8, -(-most // scale))),
            screen,
            "dim",
        ),
    ]
    lines += [_line(year, group, numbers, shades, scale, screen) for year, group in years]
    several = f" One sign stands for up to {scale} studies of a level." if scale > 1 else ""
    feet = [
        _legend(rows, shades, screen),
        make_literal_text(STUDY_COUNTING_NOTE + several, screen, "dim"),
        make_literal_text(write_closing_line(envelope), screen, "dim"),
    ]
    dropped = [name.lower() for name, _ in NUMBER_COLUMNS[len(numbers) :]]
    notes = (
        [f"left out at {screen.width} columns: {', '.join(dropped)}; --fields chooses"]
        if dropped
        else []
    )
    return Rendered(
        iter(
            [
                render_to_text(
                    [*map(keep_line_unbroken, lines), make_literal_text("", screen), *feet], screen
                )
            ]
        ),
        notes,
    )


def _width_before_bar(numbers: Sequence[tuple[str, int]]) -> int:
    """Return the columns before the bar."""
    return sum(width + 2 for _, width in numbers)


def _line(
    year: int | None,
    rows: Sequence[YearLevelRow],
    numbers: Sequence[tuple[str, int]],
    shades: dict[str | None, str],
    scale: int,
    screen: Screen,
) -> Text:
    studies = sum(row.studies for row in rows)
    told = [row.patients for row in rows if row.patients is not None]
    said = {
        "Studies": write_count(studies),
        "Patients": write_count(sum(told) if told else None) if studies else "",
        "Total": "" if year is None else write_count(rows[0].cumulative),
    }
    line = make_literal_text(str(year or NO_YEAR_LABEL).ljust(numbers[0][1]), screen, "bold")
    for name, width in numbers[1:]:
        line.append_text(
            make_literal_text(f"  {said[name].rjust(width)}", screen, "" if studies else "dim")
        )
    line.append("  ")
    if year is None:  # no part of the growth: its bar would dwarf the years
        return line.append_text(
            make_literal_text(
                ", ".join(f"{row.level or 'none'} {row.studies}" for row in rows), screen
            )
        )
    for row in rows:
        line.append(
            shades[row.level] * -(-row.studies // scale), LEVEL_STYLES.get(row.level or "", "")
        )
    return line


def _legend(rows: Sequence[YearLevelRow], shades: dict[str | None, str], screen: Screen) -> Text:
    """Return what the signs mean, for the levels that occur."""
    present = {row.level for row in rows if row.studies}
    line = make_literal_text("Level ", screen)
    for level, sign in shades.items():
        if level in present:
            line.append(f" {sign} ", LEVEL_STYLES.get(level or "", "")).append(level or "none")
    return line
