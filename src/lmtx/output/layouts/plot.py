"""`lmtx plot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmtx.output.layout import Layout
from lmtx.output.layouts import DAGGER
from lmtx.query.forest import ForestRow

if TYPE_CHECKING:
    from lmtx.output import Envelope, Rendered, Screen


def _draw(rows: list[Any], envelope: Envelope, screen: Screen) -> Rendered:
    from lmtx.output.forest import draw

    return draw(rows, envelope, screen)


PLOT = Layout(
    "plot",
    ForestRow._fields,
    ("citation", "treatments", "n", "level", "endpoint", "estimate", "unit", "low", "high", "upper", "interval", "ci_level", "events", "total", "at", "versus", "scope", "read_in"),
    (),
    footnotes=(DAGGER,),
    unit="figure",
    marked=("citation", "study", "evidence", "estimate"),
    draw=_draw,
)
