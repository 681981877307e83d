"""`lmtx compare`."""

from __future__ import annotations

from lmtx.listings.layout import Layout, drawn_by
from lmtx.query.compare import ComparedRow

COMPARE = Layout(
    "compare",
    ComparedRow._fields,
    (
        "id",
        "level",
        "studies",
        "patients",
        "benefit",
        "no_benefit",
        "mixed",
        "unclear",
        "response",
        "pfs",
        "os",
        "csf",
    ),
    (),
    unit="treatment",
    draw=drawn_by("compare"),
)
