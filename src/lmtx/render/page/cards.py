"""A card of the page: the blocks of `lmtx show` gathered into facts and sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lmtx.query.evidence import EvidenceRow
from lmtx.query.show import TreatmentCard
from lmtx.render.page.tables import safe_link
from lmtx.render.show import Block, evidence_blocks, treatment_blocks


class Section(NamedTuple):
    """A heading with what stands below it: pairs of a block and the blocks that belong to it."""

    title: str
    items: list[tuple[Block, list[Block]]]


class Card(NamedTuple):
    """A treatment: its facts as pairs of a label and lines, then its sections."""

    id: str
    name: str
    facts: list[tuple[str, list[Block]]]
    sections: list[Section]


def render_card(made: TreatmentCard, labels: Mapping[str, str], numbers: Mapping[str, int]) -> Card:
    """Return a treatment's card, its references numbered as on the page."""
    found = Card(made.id, made.record["name"], [], [])
    for drawn in treatment_blocks(made, dict(labels), numbers):
        block = drawn._replace(link=safe_link(drawn.link))
        match block.kind:
            case "title":
                continue
            case "heading":
                found.sections.append(Section(block.text, []))
            case "line" if found.sections:
                found.sections[-1].items.append((block, []))
            case "line" if block.label or not found.facts:
                found.facts.append((block.label, [block]))
            case "line":
                found.facts[-1][1].append(block)
            case "item":
                found.sections[-1].items.append((block, []))
            case _:
                found.sections[-1].items[-1][1].append(block)
    return found


def list_untested(
    rows: Iterable[EvidenceRow], labels: Mapping[str, str], numbers: Mapping[str, int]
) -> list[tuple[Block, list[Block]]]:
    """Return the groups in which nothing was tested, which no card holds: the row and what is told
    of it."""
    found = []
    for row in rows:
        head, *details = evidence_blocks(row, dict(labels), f"[{numbers[row.study]}]")
        found.append((head._replace(link=safe_link(head.link)), details))
    return found
