"""The pictures of the page: the map, the timeline, and a forest plot for every endpoint that
several studies report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lmtx.model.vocabulary import ENDPOINTS
from lmtx.render.svg import map as gapmap
from lmtx.render.svg import plot, timeline
from lmtx.render.text.gaps import map_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmtx.query.report import Report
    from lmtx.render import Envelope


class Figure(NamedTuple):
    """A picture of the page: its heading, its SVG, what must be known to read it, and on a narrow
    screen where the rest is."""

    title: str
    svg: str
    caption: str = ""
    hint: str = ""


def draw_pictures(found: Report, envelope: Envelope) -> list[Figure]:
    """Return the pictures of a report, each with the data's version and the caveat in it."""
    return list(_figures(found, envelope))


def _figures(found: Report, envelope: Envelope) -> Iterator[Figure]:
    if found.map.cells:
        yield Figure(map_title(found.map), gapmap.draw(found.map, envelope))
    for endpoint, plotted in found.forests.items():
        left_out = [
            f"{number} {words}"
            for number, words in (
                (plotted.parts, "of subgroups or other parts"),
                (plotted.older, "superseded by a later report"),
                (plotted.unnumbered, "that are a p value or words alone"),
            )
            if number
        ]
        meaning = ENDPOINTS[endpoint].meaning
        named = meaning[:1].upper() + meaning[1:]
        yield Figure(
            named,
            plot.draw(plotted.rows, envelope),
            f"Left out: {'; '.join(left_out)}. The cards have them." if left_out else "",
            f"{named}: scroll to the right for the estimates.",
        )
    if any(row.year is not None for row in found.timeline):
        yield Figure(timeline.TITLE, timeline.draw(found.timeline, envelope))
