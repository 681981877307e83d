"""`lmtx plot`."""

from __future__ import annotations

from lmtx.output.layout import Layout, drawn_by
from lmtx.output.layouts import DAGGER
from lmtx.query.forest import ForestRow

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
    draw=drawn_by("forest"),
)
