"""`lmtx timeline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmtx.output.layout import Layout
from lmtx.query.timeline import YearRow

if TYPE_CHECKING:
    from lmtx.output import Envelope, Rendered, Screen


def _draw(rows: list[Any], envelope: Envelope, screen: Screen) -> Rendered:
    from lmtx.output.bars import draw

    return draw(rows, envelope, screen)


TIMELINE = Layout("timeline", YearRow._fields, YearRow._fields, (), unit="row", draw=_draw)
