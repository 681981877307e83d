"""A brief on a terminal: at most 24 lines at 80 columns, and beside each section how much more
there is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from rich.console import ConsoleRenderable

from lmtx.listings import Column
from lmtx.query.brief import NOT_KNOWN_AFTER, BriefRow
from lmtx.query.filters import list_filter_phrases
from lmtx.render import Envelope, Rendered, Screen, write_closing_line
from lmtx.render.terminal.table import make_fitted_table, make_literal_text, render_to_text
from lmtx.render.text.captions import (
    UNKNOWN_COURSE_SYMBOL,
    BriefSection,
    drop_order_filters,
    list_sections_below_treatments,
    write_brief_legend,
    write_command_with_filters,
)
from lmtx.render.text.cells import spell_for_screen

LABEL_WIDTH = 9
"""Columns before the words of a section."""
MOST_LINES, BROAD_COLUMNS = 24, 80
"""Lines of a brief, and the columns from which on it has no more."""


def reduce_answer_to_symbols(answer: str) -> str:
    """Return an answer by its signs alone: "RCT ▲; ▲2 ?4"; lmtx list says against what."""
    lines = [re.sub(r"^RCT: (\S).*", r"RCT \1", line) for line in answer.split("\n")]
    return "; ".join(dict.fromkeys(line for line in lines if not line.startswith("…")))


def _columns(*, in_full: bool) -> tuple[Column, ...]:
    """Return the columns of the treatments, with answers in full or by their signs."""
    return (
        Column(
            "Tested here",
            lambda row: (
                row.id + (f" {UNKNOWN_COURSE_SYMBOL}" if row.course == NOT_KNOWN_AFTER else "")
            ),
            least=20,
            fold=True,
        ),
        Column("Level", lambda row: row.level or "–"),
        Column(
            "Patients", lambda row: "–" if row.patients is None else str(row.patients), right=True
        ),
        Column(
            "Answer",
            (lambda row: row.answer or "–")
            if in_full
            else lambda row: reduce_answer_to_symbols(row.answer) or "–",
            least=6,
            fold=True,
            most=34,
        ),
        Column("Key figure", lambda row: row.figure or "–", least=10, fold=True),
    )


def count_allowed_lines(width: int) -> int:
    """Return how many lines a brief may have: more where they are shorter."""
    return max(MOST_LINES, MOST_LINES * BROAD_COLUMNS // width)


MOST_FOOTNOTE_LINES = 3
"""Lines that the marks may take."""


def _wrap(section: BriefSection, kept: int, width: int) -> list[str]:
    """Return so many of the items of a section, each whole and in their order, and the command that
    shows the others, as lines."""
    left = len(section.items) - kept
    words = [*section.items[:kept], *([f"+{left} more: {section.see}"] if left else [])]
    return textwrap.wrap("; ".join(words), width, break_long_words=False, break_on_hyphens=False)


def draw(rows: list[BriefRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw a brief; return it with no notes: it says itself what it leaves out.

    Where it would be longer than a screen, answers are told by their signs, then fewer treatments
    are named, then long items give way to their number; what room is left goes to the sections.
    """
    tested = [row for row in rows if row.section == "tested" and row.id]
    for whole_first in (True, False):
        for number in range(len(tested), -1 if not tested else 0, -1):
            for in_full in (True, False):
                drawn = _draw(rows, number, envelope, screen, in_full, whole_first)
                if drawn.count("\n") <= count_allowed_lines(screen.width):
                    return Rendered(iter([drawn]), [])
    return Rendered(iter([drawn]), [])


def _draw(
    rows: Sequence[BriefRow],
    number: int,
    envelope: Envelope,
    screen: Screen,
    in_full: bool,
    whole_first: bool,
) -> str:
    """Return a brief that names so many treatments, as short as it can be, or as long as a screen
    is."""
    top = _top(rows, number, envelope, screen, in_full)
    figures = "\n".join(row.figure for row in rows[:number])
    sections = [*list_sections_below_treatments(rows, envelope)]
    width = screen.width - LABEL_WIDTH
    closing = textwrap.wrap(write_closing_line(envelope), screen.width)

    def spell(text: str) -> str:
        return spell_for_screen(text, screen.ascii)

    for feet in range(1, MOST_FOOTNOTE_LINES + 1):
        room = count_allowed_lines(screen.width) - top.count("\n") - feet - len(closing)
        told = _fill(sections, room, width, whole_first)
        said = "\n".join(line for lines in told for line in lines)
        legend = textwrap.wrap(write_brief_legend(figures, said, rows, number, spell), screen.width)
        if len(legend) <= feet:
            break
    parts: list[ConsoleRenderable] = [
        make_literal_text(
            spell_for_screen(f"{head if not place else '':<{LABEL_WIDTH}}{line}", screen.ascii),
            screen,
        )
        for section, lines in zip(sections, told, strict=True)
        for head in (section.head,)
        for place, line in enumerate(lines)
    ]
    parts += [make_literal_text(line, screen, "dim") for line in (*legend, *closing)]
    return top + render_to_text(parts, screen)


def _top(
    rows: Sequence[BriefRow], number: int, envelope: Envelope, screen: Screen, in_full: bool
) -> str:
    """Return the title and the table of so many treatments, with how many more there are."""
    tested = [row for row in rows if row.section == "tested" and row.id]
    title = "; ".join(list_filter_phrases(envelope.query)) or "all evidence"
    title = f"{title} · data {envelope.data['version']}"
    parts: list[ConsoleRenderable] = [
        make_literal_text(line, screen, "bold") for line in textwrap.wrap(title, screen.width)
    ]
    if number:
        table, *_ = make_fitted_table(_columns(in_full=in_full), tested[:number], screen)
        parts.append(table)
    more = (tested[-1].more if tested else 0) + len(tested) - number
    if more:
        see = f"+{more} more: {write_command_with_filters('list', drop_order_filters(envelope))}"
        parts += [
            make_literal_text(line, screen, "dim") for line in textwrap.wrap(see, screen.width)
        ]
    return render_to_text(parts, screen)


def _fill(
    sections: Sequence[BriefSection], room: int, width: int, whole_first: bool
) -> list[list[str]]:
    """Return the lines of the sections: the first item of each and the number of the others, then
    one item more by turns while there is room. What is not known is told whole before others."""
    kept = [len(one.items) if one.is_short else int(whole_first) for one in sections]
    told = [_wrap(one, number, width) for one, number in zip(sections, kept, strict=True)]
    waiting = [place for place, one in enumerate(sections) if kept[place] < len(one.items)]
    while waiting:
        for place in [*waiting]:
            longer = _wrap(sections[place], kept[place] + 1, width)
            if sum(map(len, told)) - len(told[place]) + len(longer) > room:
                waiting.remove(place)
                continue
            kept[place], told[place] = kept[place] + 1, longer
            if kept[place] == len(sections[place].items):
                waiting.remove(place)
    return told
