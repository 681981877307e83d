"""A card as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lmtx.listings.list import LISTING as TREATMENTS
from lmtx.render import closing_line
from lmtx.render.show import Block
from lmtx.render.text.formats import escape_markdown, write_markdown

if TYPE_CHECKING:
    from lmtx.render import Envelope


def write_card_markdown(blocks: Iterable[Block], envelope: Envelope) -> Iterator[str]:
    """Yield a card as Markdown: a heading, lists, a table where the card has one."""
    for block in blocks:
        match block.kind:
            case "title":
                yield f"# {escape_markdown(block.text)}\n\n"
            case "heading":
                yield f"\n## {escape_markdown(block.text)}\n\n"
            case "line":
                yield (
                    f"- **{escape_markdown(block.label)}**: {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case "detail":
                yield (
                    f"  - {escape_markdown(block.label)}: {escape_markdown(block.text)}\n"
                    if block.label
                    else f"  - {escape_markdown(block.text)}\n"
                )
            case "figure":
                yield f"  - **{escape_markdown(block.text)}**\n"
            case "table":
                yield from write_markdown(TREATMENTS.brief, block.rows, TREATMENTS.marked)
            case "reference" | "item":
                yield (
                    f"- {escape_markdown(block.label)} {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case _:
                yield f"\n{escape_markdown(block.text)}\n"
    yield f"\n_{closing_line(envelope)}_\n"


def _linked(block: Block) -> str:
    return (
        f"[{escape_markdown(block.text)}](<{block.link}>)"
        if block.link and block.text != block.link
        else f"<{block.link}>"
        if block.link
        else escape_markdown(block.text)
    )
