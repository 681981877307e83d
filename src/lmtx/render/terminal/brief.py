"""A brief on a terminal: at most 24 lines at 80 columns, and beside each section how much more
there is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.console import ConsoleRenderable

from lmtx.listings import Column
from lmtx.model.notation import (
    DAGGER,
    OLDER,
    OWN_RECORDS,
    PART,
    POOLED,
    RCT,
    SYNTHESIS,
    WITH,
    list_directions,
)
from lmtx.query.brief import NOT_KNOWN, SEVERAL, BriefRow
from lmtx.query.filters import say_filters
from lmtx.render import Envelope, Rendered, Screen, closing_line
from lmtx.render.terminal.paint import data_text, paint_text
from lmtx.render.terminal.table import draw_columns
from lmtx.render.text.captions import command_line
from lmtx.render.text.cells import plain_text

LABEL = 9
"""Columns before the words of a section."""
MOST_LINES = 24
"""Lines of a brief at 80 columns."""
HEADS = {
    "tested": "Tested",
    "dose": "Dose",
    "harm": "Harm",
    "differ": "Differ",
    "advice": "Advice",
    "trials": "Trials",
    "unknown": "Unknown",
}
UNSURE = "(?)"
"""Stands behind a treatment that is not known to come after what was asked for."""
MEANINGS = {
    WITH[0]: "with others",
    PART[0]: "a part",
    DAGGER[0]: "second hand",
    POOLED[0]: "pooled",
    SYNTHESIS[0]: "review",
    OLDER[0]: "superseded",
    OWN_RECORDS[0]: "own records",
}
"""What a mark says, in as few words as a brief has room for."""


def signs_of(answer: str) -> str:
    """Return an answer by its signs alone: "RCT ▲; ▲2 ?4"; lmtx list says against what."""
    lines = [re.sub(r"^RCT: (\S).*", r"RCT \1", line) for line in answer.split("\n")]
    return "; ".join(dict.fromkeys(line for line in lines if not line.startswith("…")))


def _columns(*, in_full: bool) -> tuple[Column, ...]:
    """Return the columns of the treatments, with answers in full or by their signs."""
    return (
        Column(
            "Tested here",
            lambda row: row.id + (f" {UNSURE}" if row.course == NOT_KNOWN else ""),
            least=20,
            fold=True,
        ),
        Column("Level", lambda row: row.level or "–"),
        Column(
            "Patients", lambda row: "–" if row.patients is None else str(row.patients), right=True
        ),
        Column(
            "Answer",
            (lambda row: row.answer or "–") if in_full else lambda row: signs_of(row.answer) or "–",
            least=6,
            fold=True,
            most=34,
        ),
        Column("Key figure", lambda row: row.figure or "–", least=10, fold=True),
    )


MOST_FEET = 3
"""Lines that the marks may take."""
_FOOTNOTES = re.compile(r"(?<=[\w)%])[+*†‡Σ°◆]+(?=[\s,;)]|$)", re.MULTILINE)
"""Marks behind a figure, a name or a citation."""


class Section(NamedTuple):
    """A section with what it has to say and the command that shows all of it."""

    head: str
    items: Sequence[str]
    see: str
    is_short: bool
    """Whether all of it is told before others have more than their first item."""

    def wrap(self, kept: int, width: int) -> list[str]:
        """Return so many of the items, each whole and in their order, and the command that shows
        the others, as lines."""
        left = len(self.items) - kept
        words = [*self.items[:kept], *([f"+{left} more: {self.see}"] if left else [])]
        return textwrap.wrap(
            "; ".join(words), width, break_long_words=False, break_on_hyphens=False
        )


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
                if drawn.count("\n") <= MOST_LINES:
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
    top, written = _top(rows, number, envelope, screen, in_full)
    sections = [*_sections(rows, envelope)]
    width = screen.width - LABEL
    closing = textwrap.wrap(closing_line(envelope), screen.width)
    for feet in range(1, MOST_FEET + 1):
        room = MOST_LINES - top.count("\n") - feet - len(closing)
        told = _fill(sections, room, width, whole_first)
        said = "\n".join(line for lines in told for line in lines)
        legend = textwrap.wrap(_legend(written, said, rows, number), screen.width)
        if len(legend) <= feet:
            break
    parts: list[ConsoleRenderable] = [
        data_text(plain_text(f"{head if not place else '':<{LABEL}}{line}", screen.ascii), screen)
        for section, lines in zip(sections, told, strict=True)
        for head in (section.head,)
        for place, line in enumerate(lines)
    ]
    parts += [data_text(line, screen, "dim") for line in (*legend, *closing)]
    return top + paint_text(parts, screen)


def _top(
    rows: Sequence[BriefRow], number: int, envelope: Envelope, screen: Screen, in_full: bool
) -> tuple[str, str]:
    """Return the title and the table of so many treatments, with how many more there are, and what
    is written in the table."""
    tested = [row for row in rows if row.section == "tested" and row.id]
    title = "; ".join(say_filters(envelope.query)) or "all evidence"
    title = f"{title} · data {envelope.data['version']}"
    parts: list[ConsoleRenderable] = [
        data_text(line, screen, "bold") for line in textwrap.wrap(title, screen.width)
    ]
    written = ""
    if number:
        table, _, written = draw_columns(_columns(in_full=in_full), tested[:number], screen)
        parts.append(table)
    more = (tested[-1].more if tested else 0) + len(tested) - number
    if more:
        see = f"+{more} more: {command_line('list', _without_course(envelope))}"
        parts += [data_text(line, screen, "dim") for line in textwrap.wrap(see, screen.width)]
    return paint_text(parts, screen), written


def _without_course(envelope: Envelope) -> dict[str, Any]:
    """Return what was asked without the filters that a brief only orders by."""
    return {**envelope.query, "after": (), "lines": ()}


def _sections(rows: Sequence[BriefRow], envelope: Envelope) -> Iterator[Section]:
    for row in rows:
        if row.id:
            continue
        asked = envelope.query if row.section == "unknown" else _without_course(envelope)
        query: dict[str, Any] = {**asked}
        if row.section in ("dose", "harm"):  # told of a drug whatever the marker
            query["biomarkers"] = ()
            query["mixed"] = query.get("mixed") or any(SEVERAL in item for item in row.items)
        see = command_line(row.listing, query)
        yield Section(HEADS[row.section], row.items, see, row.section == "unknown")


def _fill(sections: Sequence[Section], room: int, width: int, whole_first: bool) -> list[list[str]]:
    """Return the lines of the sections: the first item of each and the number of the others, then
    one item more by turns while there is room. What is not known is told whole before others."""
    kept = [len(one.items) if one.is_short else int(whole_first) for one in sections]
    told = [one.wrap(number, width) for one, number in zip(sections, kept, strict=True)]
    waiting = [place for place, one in enumerate(sections) if kept[place] < len(one.items)]
    while waiting:
        for place in [*waiting]:
            longer = sections[place].wrap(kept[place] + 1, width)
            if sum(map(len, told)) - len(told[place]) + len(longer) > room:
                waiting.remove(place)
                continue
            kept[place], told[place] = kept[place] + 1, longer
            if kept[place] == len(sections[place].items):
                waiting.remove(place)
    return told


def _legend(written: str, said: str, rows: Sequence[BriefRow], number: int) -> str:
    """Return the marks that stand in a brief, each with its meaning in a few words."""
    answers = "\n".join(row.answer for row in rows[:number])
    parts = [list_directions(answers)]
    parts += [f"{RCT[0]}: randomised"] if RCT[0] in answers else []
    marks = _FOOTNOTES.findall(f"{written}\n{said}")
    standing = {mark for several in marks for mark in several}
    parts += [f"{mark} {meaning}" for mark, meaning in MEANINGS.items() if mark in standing]
    if any(row.course == NOT_KNOWN for row in rows[:number]):
        parts.append(f"{UNSURE} not known to be of the course asked for; told of all its rows")
    return "; ".join(part for part in parts if part)
