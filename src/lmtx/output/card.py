"""A card drawn for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lmtx.output.blocks import Block
from lmtx.output.layouts.treatments import TREATMENTS
from lmtx.output.paint import painted, text
from lmtx.output.table import caveat, drawn

if TYPE_CHECKING:
    from lmtx.output import Envelope, Screen

INDENT = 6
LABEL = 18
"""Width of the labels at the head of a card."""


def draw(blocks: Iterable[Block], envelope: Envelope, screen: Screen) -> str:
    """Draw the blocks of a card, one below the other."""
    parts: list[Any] = []
    for block in blocks:
        parts += _drawn(block, screen)
    return painted([*parts, text(f"\n{caveat(envelope)}", screen, "dim")], screen)


def _drawn(block: Block, screen: Screen) -> list[Any]:
    match block.kind:
        case "title":
            id_ = f"  {block.label}" if block.label != block.text.casefold() else ""
            return [Text.assemble(text(block.text, screen, "bold"), text(id_, screen, "dim"))]
        case "heading":
            return [text(f"\n{block.text}", screen, "bold underline" if screen.color else "bold")]
        case "line":
            return [_beside(block.label, block.text, screen, min(LABEL, screen.width // 3), block.link)]
        case "item":
            return [_beside(block.label, block.text, screen, 5, block.link) if block.label else text(block.text, screen, "", block.link)]
        case "detail":
            said = Text.assemble(text(f"{block.label}: ", screen, "dim"), text(block.text, screen)) if block.label else text(block.text, screen)
            return [Padding(said, (0, 0, 0, INDENT))]
        case "figure":
            figure, _, rest = block.text.partition("; ")
            said = Text.assemble(text(figure, screen, "bold"), text(f"; {rest}" if rest else "", screen))
            return [Padding(said, (0, 0, 0, INDENT))]
        case "table":
            return _tables(block, screen)
        case "reference":
            return [_beside(block.label, block.text, screen, 5 if block.label else 1, block.link)]
        case _:
            return [text(block.text, screen, "dim")]


def _beside(label: str, said: str, screen: Screen, width: int, link: str | None = None) -> Table:
    """Return a label with its text beside it, folded at blanks."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=width, no_wrap=False)
    grid.add_column(overflow="fold")
    grid.add_row(text(label, screen, "dim"), text(said, screen, "", link))
    return grid


def _tables(block: Block, screen: Screen) -> list[Any]:
    named = [row for row in block.rows if row.specified]
    others = [row for row in block.rows if not row.specified]
    parts: list[Any] = []
    for group in (named, others):
        if group:
            table, _, _ = drawn(TREATMENTS.columns, group, screen)
            parts += [text("", screen), table] if parts else [table]
    return parts
