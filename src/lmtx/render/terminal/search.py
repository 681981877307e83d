"""The hits of a search for a terminal: under the name of their kind, two lines each, or as many as
a statement, a comparison or a fact takes, the words looked for in bold."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lmtx.model.notation import DAGGER, OLDER, OWN_RECORDS, WITHDRAWN, mark_own, mark_reading
from lmtx.query.search import KINDS, PREFIX, WHOLE, SearchRow, split_words
from lmtx.render import closing_line
from lmtx.render.terminal.paint import data_text, paint_text
from lmtx.render.terminal.table import cut_line
from lmtx.render.text.cells import flatten_value, plain_text
from lmtx.render.text.folding import fold_prose

if TYPE_CHECKING:
    from rich.text import Text

    from lmtx.render import Envelope, Rendered, Screen

INDENT = "    "
OLD = (OLDER[0], "superseded by a later report or edition")


def draw(rows: list[SearchRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw hits, grouped by kind."""
    from lmtx.render import Rendered

    looked_for = _pattern(str(envelope.query["text"]))
    parts: list[Any] = []
    for kind, group in groupby(rows, key=lambda row: row.kind):
        parts.append(
            data_text(
                f"\n{KINDS[kind].label}" if parts else KINDS[kind].label,
                screen,
                "bold underline" if screen.color else "bold",
            )
        )
        for row in group:
            parts += _hit(row, looked_for, screen)
    feet = [" ".join(DAGGER)] if any(mark_reading(row.read_in) for row in rows) else []
    feet += [" ".join(OLD)] if any(row.superseded for row in rows) else []
    feet += [" ".join(OWN_RECORDS)] if any(mark_own(row.source) for row in rows) else []
    return Rendered(
        iter(
            [
                paint_text(
                    [
                        *parts,
                        data_text("", screen),
                        *(
                            data_text(line, screen, "dim")
                            for line in (*feet, closing_line(envelope))
                        ),
                    ],
                    screen,
                )
            ]
        ),
        [],
    )


def _pattern(asked: str) -> re.Pattern[str]:
    """Return what matches the words of a search in a text, each up to its end."""
    found = (
        r"[\W_]+".join(map(re.escape, word.split()))
        + (r"\w*" if len(word.rpartition(" ")[2]) >= PREFIX else "")
        for word in split_words(asked)
    )
    return re.compile(rf"\b(?:{'|'.join(sorted(found, key=len, reverse=True))})\b", re.IGNORECASE)


def _hit(row: SearchRow, looked_for: re.Pattern[str], screen: Screen) -> list[Text]:
    """Return the lines of a hit: id and title, cut to the screen but for the id; below them the
    snippet."""
    dots = "..." if screen.ascii else "…"
    marks = mark_reading(row.read_in) + (OLDER[0] if row.superseded else "") + mark_own(row.source)
    withdrawn = WITHDRAWN if row.withdrawn else ""
    name = plain_text(row.id + marks + withdrawn, screen.ascii)
    first = data_text(name, screen, "cyan", row.url)
    room = screen.width - len(name) - 2
    title = (
        ""
        if row.title == row.id or room < len(dots) + 1
        else cut_line(plain_text(flatten_value(row.title), screen.ascii), room, dots)
    )
    lines = [first.append("  ").append_text(_lit(title, looked_for, screen)) if title else first]
    said = plain_text(flatten_value(row.snippet), screen.ascii)
    width = screen.width - len(INDENT)
    told = fold_prose(said, width, cell_len) if row.kind in WHOLE else [cut_line(said, width, dots)]
    return lines + [
        data_text(INDENT, screen).append_text(_lit(line, looked_for, screen))
        for line in told
        if line
    ]


def _lit(said: str, looked_for: re.Pattern[str], screen: Screen) -> Text:
    shown = data_text(said, screen)
    for hit in looked_for.finditer(said):
        shown.stylize("bold", *hit.span())
    return shown
