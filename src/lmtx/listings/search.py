"""`lmtx search`."""

from __future__ import annotations

from lmtx.listings.layout import Layout, drawn_by
from lmtx.query.search import SearchRow

SEARCH = Layout(
    "search",
    SearchRow._fields,
    ("kind", "id", "title", "snippet", "read_in"),
    (),
    unit="hit",
    draw=drawn_by("search"),
)
