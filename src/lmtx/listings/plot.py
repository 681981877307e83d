"""`lmtx plot`."""

from __future__ import annotations

from lmtx.listings.layout import Layout, drawn_by
from lmtx.listings.marks import DAGGER
from lmtx.query.plot import ForestRow

PLOT = Layout(
    "plot",
    ForestRow._fields,
    (
        "citation",
        "treatments",
        "n",
        "level",
        "endpoint",
        "estimate",
        "unit",
        "low",
        "high",
        "upper",
        "interval",
        "ci_level",
        "events",
        "total",
        "at",
        "versus",
        "scope",
        "read_in",
    ),
    (),
    footnotes=(DAGGER,),
    unit="figure",
    marked=("citation", "study", "evidence", "estimate"),
    draw=drawn_by("plot"),
)
