"""`lmtx compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import answer
from lmtx.cli.listings import opened, used
from lmtx.cli.options import FilterOptions, OutputOptions


def compare(
    treatments: Annotated[
        list[str],
        typer.Argument(
            metavar="TREATMENT…",
            help="Two to six treatments by id, name or brand.",
            autocompletion=complete.treatments,
        ),
    ],
    filters: FilterOptions,
    out: OutputOptions,
) -> None:
    """Two or more treatments side by side.

    \b
    lmtx compare osimertinib lorlatinib
    lmtx compare methotrexate thiotepa "liposomal cytarabine" --tumor breast
    lmtx compare pemetrexed nivolumab --json
    """
    from lmtx.listings.compare import COMPARE
    from lmtx.query import compare as query

    index, chosen = opened(filters)
    ids = query.chosen(index.connection, treatments)
    rows = query.compare(index.connection, ids, chosen)
    answer(
        index,
        COMPARE,
        rows,
        out,
        used("compare", chosen, treatments=ids),
        query.notes(index.connection, rows, chosen),
    )
