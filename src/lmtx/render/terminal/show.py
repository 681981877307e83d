"""A card drawn for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from lmtx.listings.list import LISTING as TREATMENTS
from lmtx.render import write_closing_line
from lmtx.render.show import CardBlock
from lmtx.render.terminal.table import make_fitted_table, make_literal_text, render_to_text
from lmtx.render.text.cells import spell_for_screen

if TYPE_CHECKING:
    from lmtx.render import Envelope, Screen

INDENT = 6
BULLET = "·"
"""Stands before a record that has no number."""
REFERENCE_NUMBER_WIDTH = 6
"""Width of the number of a reference."""
StyledPiece = tuple[str, str]
"""Words and their style."""
LABEL_WIDTH = 18
"""Width of the labels at the head of a card."""


def draw_card(blocks: Iterable[CardBlock], envelope: Envelope, screen: Screen) -> str:
    """Draw the blocks of a card, one below the other."""
    parts: list[Any] = []
    lines: list[StyledPiece] = []
    for block in [*blocks, CardBlock("foot", f"\n{write_closing_line(envelope)}")]:
        if block.kind == "table":
            parts += [_joined(lines), *_tables(block, screen)]
            lines = []
        else:
            lines += _beside(*_placed(block, screen), screen)
    return render_to_text([*parts, _joined(lines)], screen)


def _joined(lines: list[StyledPiece]) -> Text:
    return Text.assemble(*lines[:-1])  # the console ends the last line itself


def _placed(block: CardBlock, screen: Screen) -> tuple[str, list[StyledPiece], int]:
    """Return what stands at the margin of a block, what it says in pieces of one style, and how far
    that is indented."""
    link = f"link {block.link}" if block.link and screen.terminal else ""
    match block.kind:
        case "title":
            return (
                "",
                [
                    (block.text, "bold"),
                    ("" if block.label == block.text.casefold() else f"  {block.label}", "dim"),
                ],
                0,
            )
        case "heading":
            return "", [(f"\n{block.text}", "bold underline" if screen.color else "bold")], 0
        case "line":
            return block.label, [(block.text, link)], min(LABEL_WIDTH, screen.width // 3) + 1
        case "item" | "reference":
            bullet = "" if block.kind == "reference" else BULLET
            margin, indent = (block.label, REFERENCE_NUMBER_WIDTH) if block.label else (bullet, 2)
            return margin, [(block.text, link)], indent
        case "detail":
            return (
                "",
                [(f"{block.label}: " if block.label else "", "dim"), (block.text, link)],
                INDENT,
            )
        case "figure":
            figure, _, rest = block.text.partition("; ")
            return "", [(figure, "bold"), (f"; {rest}" if rest else "", "")], INDENT
        case _:
            return "", [(block.text, "dim")], 0


def _beside(margin: str, said: list[StyledPiece], indent: int, screen: Screen) -> list[StyledPiece]:
    """Fold pieces at blanks beside their margin. A grid of rich does the same, at the price of the
    whole look-up again."""
    lines = fold_styled(
        [(spell_for_screen(words, screen.ascii), style) for words, style in said],
        max(10, screen.width - indent),
    )
    found: list[StyledPiece] = []
    for number, line in enumerate(lines):
        label = spell_for_screen(margin, screen.ascii)[: max(0, indent - 1)] if not number else ""
        found += [(label.ljust(indent), "dim"), *line, ("\n", "")]
    return found


def fold_styled(pieces: Iterable[StyledPiece], width: int) -> list[list[StyledPiece]]:
    """Return pieces of styled text as lines no wider than `width` cells, broken at blanks, and
    inside a word only where it must be."""
    lines: list[list[StyledPiece]] = [[]]
    used = 0
    for words, style in pieces:
        for word in _WORD.findall(words):
            if word == "\n":
                lines.append([])
                used = 0
                continue
            for part in _fitting(word, width):
                size = cell_len(part.rstrip())
                if used and used + size > width:
                    lines.append([])
                    used = 0
                if lines[-1] and lines[-1][-1][1] == style:
                    lines[-1][-1] = (lines[-1][-1][0] + part, style)
                else:
                    lines[-1].append((part, style))
                used += cell_len(part)
    return lines


_WORD = re.compile(r"\n|[^\s]+ *| +")


def _fitting(word: str, width: int) -> Iterator[str]:
    """Yield a word whole where it fits into a line, else in pieces that do."""
    while cell_len(word.rstrip()) > width:
        cut = next(
            n for n in range(min(len(word), width), 0, -1) if cell_len(word[:n]) <= width or n == 1
        )
        yield word[:cut]
        word = word[cut:]
    yield word


def _tables(block: CardBlock, screen: Screen) -> list[Any]:
    named = [row for row in block.rows if row.specified]
    others = [row for row in block.rows if not row.specified]
    parts: list[Any] = []
    for group in (named, others):
        if group:
            table, _, _ = make_fitted_table(TREATMENTS.columns, group, screen)
            parts += [make_literal_text("", screen), table] if parts else [table]
    return parts
