"""`lmtx search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmtx.output.layout import Layout
from lmtx.query.search import SearchRow

if TYPE_CHECKING:
    from lmtx.output import Envelope, Rendered, Screen


def _draw(rows: list[Any], envelope: Envelope, screen: Screen) -> Rendered:
    from lmtx.output.hits import draw

    return draw(rows, envelope, screen)


SEARCH = Layout("search", SearchRow._fields, ("kind", "id", "title", "snippet", "read_in"), (), unit="hit", draw=_draw)
