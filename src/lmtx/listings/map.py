"""`lmtx map`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmtx.listings.layout import Layout
from lmtx.query.map import CellRow, EvidenceMap

if TYPE_CHECKING:
    from lmtx.render import Envelope, Rendered, Screen

MAP = Layout(
    "map",
    CellRow._fields,
    ("row", "column", "studies", "patients", "level", "benefit", "no_benefit", "mixed", "unclear"),
    (),
    unit="cell",
)
COUNTS = ("studies", "patients")
"""What a drawn cell may count."""


def as_grid(found: EvidenceMap, counts: str) -> Layout:
    """Return the layout that draws this map as a grid with its totals; `counts` is one of COUNTS."""

    def draw(rows: list[Any], envelope: Envelope, screen: Screen) -> Rendered:
        from lmtx.render.terminal import map as drawing

        return drawing.draw(found, counts, envelope, screen)

    return MAP._replace(draw=draw)
