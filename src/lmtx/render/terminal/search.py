"""The hits of a search for a terminal: under the name of their kind, two lines each, or as many as
a statement, a comparison or a fact takes, the words looked for in bold."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    OWN_RECORDS_MARK,
    POOLED_MARK,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    direction_symbol,
    explain_directions_in_text,
)
from lmtx.query.search import (
    ANSWER_KINDS,
    HIT_KINDS,
    SHORTEST_PREFIX_LETTERS,
    WHOLE_TEXT_KINDS,
    SearchRow,
    split_words,
)
from lmtx.render import write_closing_line
from lmtx.render.terminal.table import cut_line, make_literal_text, render_to_text
from lmtx.render.text.cells import flatten_value, spell_for_screen
from lmtx.render.text.folding import fold_prose

if TYPE_CHECKING:
    from rich.text import Text

    from lmtx.render import Envelope, Rendered, Screen

INDENT = "    "
SUPERSEDED_HIT_MARK = (SUPERSEDED_MARK[0], "superseded by a later report or edition")


def draw(rows: list[SearchRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw hits, grouped by kind."""
    from lmtx.render import Rendered

    looked_for = _pattern(str(envelope.query["text"]))
    parts: list[Any] = []
    for kind, group in groupby(rows, key=lambda row: row.kind):
        parts.append(
            make_literal_text(
                f"\n{HIT_KINDS[kind].label}" if parts else HIT_KINDS[kind].label,
                screen,
                "bold underline" if screen.color else "bold",
            )
        )
        for row in group:
            parts += _hit(row, looked_for, screen)
    standing = {mark for row in rows for mark in row.footnotes}
    feet = [
        " ".join((sign, meaning))
        for sign, meaning in (
            WITH_OTHERS_MARK,
            UNVERIFIED_MARK,
            POOLED_MARK,
            SYNTHESIS_MARK,
            SUPERSEDED_HIT_MARK,
            OWN_RECORDS_MARK,
        )
        if sign in standing
        or (sign == UNVERIFIED_MARK[0] and any(sign in (row.figure or "") for row in rows))
    ]
    directions = explain_directions_in_text("\n".join(filter(None, map(_answer, rows))))
    feet = [f"{DIRECTION_FOOTNOTE[0]} {directions}", *feet] if directions else feet
    return Rendered(
        iter(
            [
                render_to_text(
                    [
                        *parts,
                        make_literal_text("", screen),
                        *(
                            make_literal_text(line, screen, "dim")
                            for line in (*feet, write_closing_line(envelope))
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
        + (r"\w*" if len(word.rpartition(" ")[2]) >= SHORTEST_PREFIX_LETTERS else "")
        for word in split_words(asked)
    )
    return re.compile(rf"\b(?:{'|'.join(sorted(found, key=len, reverse=True))})\b", re.IGNORECASE)


def _hit(row: SearchRow, looked_for: re.Pattern[str], screen: Screen) -> list[Text]:
    """Return the lines of a hit: id and title, cut to the screen but for the id; below them the
    snippet."""
    dots = "..." if screen.ascii else "…"
    beside = (
        f" {one}" if one.startswith("[") else one
        for one in row.footnotes
        if one != WITH_OTHERS_MARK[0]
    )
    signs = "".join(beside)
    name = spell_for_screen(row.id + signs, screen.ascii)
    first = make_literal_text(name, screen, "cyan", row.url)
    room = screen.width - len(name) - 2
    title = (
        ""
        if row.title == row.id or room < len(dots) + 1
        else cut_line(spell_for_screen(flatten_value(row.title), screen.ascii), room, dots)
    )
    lines = [
        first.append("  ").append_text(_highlight(title, looked_for, screen)) if title else first
    ]
    said = spell_for_screen(flatten_value(row.snippet), screen.ascii)
    width = max(20, screen.width - len(INDENT))
    told = (
        fold_prose(said, width, cell_len)
        if row.kind in WHOLE_TEXT_KINDS
        else [cut_line(said, width, dots)]
    )
    lines += [
        make_literal_text(INDENT, screen).append_text(_highlight(line, looked_for, screen))
        for line in told
        if line
    ]
    answer = fold_prose(spell_for_screen(_answer(row), screen.ascii), width, cell_len)
    return lines + [make_literal_text(INDENT + line, screen) for line in answer if line]


def _answer(row: SearchRow) -> str:
    """Return what a row of evidence or a comparison answers: direction, level, patients, figure;
    nothing of any other record."""
    if row.kind not in ANSWER_KINDS:
        return ""
    level = f"level {row.level}" if row.level else ""
    size = f"n={row.n}" if row.n is not None else ""
    parts = (direction_symbol(row.direction), level, size, row.figure or "")
    return " · ".join(part for part in parts if part)


def _highlight(said: str, looked_for: re.Pattern[str], screen: Screen) -> Text:
    shown = make_literal_text(said, screen)
    for hit in looked_for.finditer(said):
        shown.stylize("bold", *hit.span())
    return shown
