"""`lmtx compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx import resolve
from lmtx.cli import complete
from lmtx.cli.answer import answer
from lmtx.cli.listings import mixed_note, opened, used
from lmtx.cli.options import FilterOptions, OutputOptions
from lmtx.errors import UsageError

MOST = 6


def compare(
    treatments: Annotated[list[str], typer.Argument(metavar="TREATMENT…", help="Two to six treatments by id, name or brand.", autocompletion=complete.treatments)],
    filters: FilterOptions,
    out: OutputOptions,
) -> None:
    """Two or more treatments side by side.

    \b
    lmtx compare osimertinib lorlatinib
    lmtx compare methotrexate thiotepa "liposomal cytarabine" --tumor breast
    lmtx compare pemetrexed nivolumab --json
    """
    from lmtx.output.layouts.compare import COMPARE
    from lmtx.query.compare import compare as side_by_side
    from lmtx.query.compare import given

    index, chosen = opened(filters)
    ids = resolve.ids(index.connection, "treatment", treatments)
    if not 2 <= len(ids) <= MOST:
        raise UsageError(f"{len(ids)} treatment{'s' if len(ids) > 1 else ''} to compare", f"name two to {MOST} different ones")
    rows = side_by_side(index.connection, ids, chosen)
    without = [row.id for row in rows if not row.level and not row.studies]
    notes = [f"no evidence {'under these filters ' if chosen else ''}for {', '.join(without)}"] if without else []
    answer(index, COMPARE, rows, out, used("compare", chosen, treatments=ids), [*notes, mixed_note(index, chosen, given(ids))])
