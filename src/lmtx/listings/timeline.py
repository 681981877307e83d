"""`lmtx timeline`."""

from __future__ import annotations

from lmtx.listings.layout import Layout, drawn_by
from lmtx.query.timeline import YearRow

TIMELINE = Layout(
    "timeline", YearRow._fields, YearRow._fields, (), unit="row", draw=drawn_by("timeline")
)
