"""A brief on a terminal: at most 24 lines at 80 columns, and beside each section how much more
there is."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import ConsoleRenderable
from rich.text import Text

from lmtx.listings import Column
from lmtx.query.brief import NOT_KNOWN, BriefRow
from lmtx.query.filters import say_filters
from lmtx.render import Envelope, Rendered, Screen, closing_line
from lmtx.render.terminal.paint import data_text, paint_text
from lmtx.render.terminal.table import draw_columns
from lmtx.render.text.captions import BRIEF_HEADS, brief_legend, command_line
from lmtx.render.text.cells import plain_text

LABEL = 9
"""Columns before the words of a section."""
MOST_LINES = 24
"""Lines of a brief at 80 columns."""
FEWEST = 3
"""Treatments that are named before a section is told by its number alone."""


class Room(NamedTuple):
    """What a section may take; what does not fit is counted."""

    lines: int
    whole_first: bool
    """Whether its first item stands there however long it is."""


ROOMS = (Room(2, True), Room(2, False), Room(1, True))
NARROW = Room(1, False)


def signs_of(answer: str) -> str:
    """Return an answer by its signs alone: "RCT ▲; ▲2 ?4"; lmtx list says against what."""
    lines = [re.sub(r"^RCT: (\S).*", r"RCT \1", line) for line in answer.split("\n")]
    return "; ".join(dict.fromkeys(line for line in lines if not line.startswith("…")))


COLUMNS = (
    Column("Tested here", lambda row: row.id + (" ?" if row.course == NOT_KNOWN else "")),
    Column("Level", lambda row: row.level or "–"),
    Column("Patients", lambda row: "–" if row.patients is None else str(row.patients), right=True),
    Column("Answer", lambda row: signs_of(row.answer), least=12, fold=True),
    Column("Key figure", lambda row: row.figure or "–", least=14, fold=True),
)


def draw(rows: list[BriefRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw a brief; return it with no notes: it says itself what it leaves out.

    Where it would be longer than a screen, long items give way to their number, then fewer
    treatments are named.
    """
    tested = [row for row in rows if row.section == "tested"]
    for number in range(len(tested), 0, -1):
        for room in ROOMS if number > FEWEST else (*ROOMS, NARROW):
            drawing = _drawing(rows, tested[:number], envelope, screen, room)
            if drawing.count("\n") <= MOST_LINES:
                return Rendered(iter([drawing]), [])
    return Rendered(iter([drawing]), [])


def _drawing(
    rows: Sequence[BriefRow],
    named: Sequence[BriefRow],
    envelope: Envelope,
    screen: Screen,
    room: Room,
) -> str:
    """Return a brief that names these treatments and gives each section that room."""
    tested = [row for row in rows if row.section == "tested"]
    title = "; ".join(say_filters(envelope.query)) or "all evidence"
    table, _, written = draw_columns(COLUMNS, [*named], screen)
    parts: list[ConsoleRenderable] = [
        data_text(f"{title} · data {envelope.data['version']}", screen, "bold"),
        table,
    ]
    more = (tested[-1].more if tested else 0) + len(tested) - len(named)
    if more:
        see = command_line("list", envelope.query)
        parts.append(data_text(f"+{more} more: {see}", screen, "dim"))
    for row in rows:
        parts += _section(row, envelope, screen, room)
    parts += [
        data_text(line, screen, "dim")
        for line in (brief_legend(written, rows), closing_line(envelope))
    ]
    return paint_text(parts, screen)


def _section(row: BriefRow, envelope: Envelope, screen: Screen, room: Room) -> list[Text]:
    if row.section not in BRIEF_HEADS or not row.items:
        return []
    opened = {**envelope.query, "after": (), "lines": ()}
    see = command_line(row.listing, envelope.query if row.section == "unknown" else opened)
    lines = fit_items(row.items, screen.width - LABEL, see, room)
    head = BRIEF_HEADS[row.section]
    return [
        data_text(plain_text(f"{head if not place else '':<{LABEL}}{line}", screen.ascii), screen)
        for place, line in enumerate(lines)
    ]


def fit_items(items: Sequence[str], width: int, see: str, room: Room) -> list[str]:
    """Return the items that the room holds, each whole and in their order, and the command that
    shows the rest."""
    kept = list(items[:1]) if room.whole_first or len(items) == 1 else []
    lines = _wrap(kept, len(items), width, see)
    for item in items[len(kept) :]:
        longer = _wrap([*kept, item], len(items), width, see)
        if len(longer) <= room.lines:
            kept, lines = [*kept, item], longer
    return lines


def _wrap(kept: Sequence[str], of: int, width: int, see: str) -> list[str]:
    more = [f"+{of - len(kept)} more: {see}"] if len(kept) < of else []
    words = "; ".join([*kept, *more])
    return textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False)
