"""`lmtx compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmtx.output.layout import Layout
from lmtx.query.compare import ComparedRow

if TYPE_CHECKING:
    from lmtx.output import Envelope, Rendered, Screen


def _draw(rows: list[Any], envelope: Envelope, screen: Screen) -> Rendered:
    from lmtx.output.sidebyside import draw

    return draw(rows, envelope, screen)


COMPARE = Layout(
    "compare",
    ComparedRow._fields,
    ("id", "level", "studies", "patients", "benefit", "no_benefit", "mixed", "unclear", "response", "pfs", "os", "csf"),
    (),
    unit="treatment",
    draw=_draw,
)
