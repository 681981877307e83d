"""A card as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lmtx.listings.layout import caveat
from lmtx.listings.list import TREATMENTS
from lmtx.render.show import Block
from lmtx.render.text.markdown import escaped, lines

if TYPE_CHECKING:
    from lmtx.render import Envelope


def markdown(blocks: Iterable[Block], envelope: Envelope) -> Iterator[str]:
    """Yield a card as Markdown: a heading, lists, a table where the card has one."""
    for block in blocks:
        match block.kind:
            case "title":
                yield f"# {escaped(block.text)}\n\n"
            case "heading":
                yield f"\n## {escaped(block.text)}\n\n"
            case "line":
                yield (
                    f"- **{escaped(block.label)}**: {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case "detail":
                yield (
                    f"  - {escaped(block.label)}: {escaped(block.text)}\n"
                    if block.label
                    else f"  - {escaped(block.text)}\n"
                )
            case "figure":
                yield f"  - **{escaped(block.text)}**\n"
            case "table":
                yield from lines(TREATMENTS.brief, block.rows)
            case "reference" | "item":
                yield (
                    f"- {escaped(block.label)} {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case _:
                yield f"\n{escaped(block.text)}\n"
    yield f"\n_{caveat(envelope)}_\n"


def _linked(block: Block) -> str:
    return (
        f"[{escaped(block.text)}](<{block.link}>)"
        if block.link and block.text != block.link
        else f"<{block.link}>"
        if block.link
        else escaped(block.text)
    )
