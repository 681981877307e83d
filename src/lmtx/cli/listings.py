"""The commands that list records under filters."""

from __future__ import annotations

from typing import Any

from lmtx.cli.answer import answer, arranged, asked
from lmtx.cli.options import FilterOptions, OutputOptions, SortOptions
from lmtx.index import Index, open_index
from lmtx.query.filters import Filters, left_out, resolved


def opened(filters: FilterOptions) -> tuple[Index, Filters]:
    """Open the index and turn the filters into ids."""
    index = open_index()
    return index, resolved(index.connection, filters.raw())


def used(command: str, filters: Filters, order: SortOptions | None = None, **more: Any) -> dict[str, Any]:
    """Return the query of a listing for its JSON answer."""
    return asked(command, **filters._asdict(), **(order._asdict() if order else {}), **more)


def mixed_note(index: Index, filters: Filters) -> str:
    """Return the note that studies of mixed tumours were left out."""
    rows = left_out(index.connection, filters)
    return f"{rows} row{'s' if rows > 1 else ''} of mixed solid tumours left out; --mixed adds them" if rows else ""


def list_(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Treatments, one a row, strongest evidence first.

    \b
    lmtx list --tumor melanoma
    lmtx list --class immunotherapy --min-level III
    lmtx list --biomarker her2 --route intrathecal
    """
    from lmtx.output.layouts.treatments import TREATMENTS
    from lmtx.query.treatments import list_treatments

    index, chosen = opened(filters)
    rows = arranged(list_treatments(index.connection, chosen), order, TREATMENTS)
    answer(index, TREATMENTS, rows, out, used("list", chosen, order), [mixed_note(index, chosen)])


def evidence(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Rows of evidence: one treatment × population × study each.

    \b
    lmtx evidence --tumor nsclc --endpoint overall-survival --min-n 20 --sort n
    lmtx evidence --class radiation --design randomized
    lmtx evidence --tumor breast --biomarker her2 --json
    """
    from lmtx.output.layouts.evidence import EVIDENCE
    from lmtx.query.evidence import ORDERS, list_evidence

    index, chosen = opened(filters)
    if order.sort in (None, *ORDERS) and not order.reverse:
        rows: Any = list_evidence(index.connection, chosen, sort=order.sort or "level", limit=order.limit)
    else:
        rows = arranged(list(list_evidence(index.connection, chosen)), order, EVIDENCE)
    answer(index, EVIDENCE, rows, out, used("evidence", chosen, order), [mixed_note(index, chosen)])
