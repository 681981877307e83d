"""`lmtx plot`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli.answer import answer, arranged, envelope, tell
from lmtx.cli.listings import mixed_note, opened, used
from lmtx.cli.options import FilterOptions, OutputOptions, PictureOptions, SortOptions
from lmtx.cli.picture import save, wanted
from lmtx.errors import NotFound, UsageError
from lmtx.index import Index
from lmtx.query.filters import Filters


def plot(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    picture: PictureOptions,
    all_scopes: Annotated[
        bool,
        typer.Option("--all-scopes", help="Add figures of subgroups, responders and other parts."),
    ] = False,
    superseded: Annotated[
        bool,
        typer.Option(
            "--superseded", help="Add reports replaced by a later one of the same patients."
        ),
    ] = False,
) -> None:
    """A forest plot: one endpoint over studies, one figure a row, nothing pooled; by level, then by size.

    \b
    lmtx plot --endpoint overall-survival --tumor nsclc --biomarker egfr
    lmtx plot --endpoint objective-response --tumor breast --min-n 10
    lmtx plot --endpoint overall-survival --tumor melanoma --json
    """
    from lmtx.listings.plot import PLOT
    from lmtx.query.plot import list_forest

    draws = wanted(picture, out)
    index, chosen = opened(filters)
    _one_endpoint(index, chosen)
    found = list_forest(index.connection, chosen, all_scopes=all_scopes, superseded=superseded)
    rows = arranged(found.rows, order, PLOT)
    query = used("plot", chosen, order, all_scopes=all_scopes, superseded=superseded)
    notes = [
        _left_out(found.parts, "of subgroups, responders or other parts", "--all-scopes adds them"),
        _left_out(
            found.older,
            "superseded by a later report of the same patients",
            "--superseded adds them",
        ),
        _left_out(found.uncounted, "of animals or withdrawn papers", "lmtx evidence has them"),
        mixed_note(index, chosen),
    ]
    if not draws:
        answer(index, PLOT, rows, out, query, [note for note in notes if note])
        return
    if not rows:
        raise NotFound(PLOT.empty, "; ".join(filter(None, notes)))
    from lmtx.render.svg.plot import svg

    save(picture, lambda: svg(rows, envelope(index, query)))
    tell([f"{picture.output}: {len(rows)} figure{'s' if len(rows) > 1 else ''}", *notes], out)


def _one_endpoint(index: Index, filters: Filters) -> None:
    """Raise UsageError unless exactly one endpoint is named; say which there are."""
    if len(filters.endpoints) == 1:
        return
    from lmtx.query.plot import endpoint_counts

    known = endpoint_counts(index.connection, filters._replace(endpoints=()))
    if not known:
        raise NotFound("nothing matched")
    has = ", ".join(f"{endpoint} ({number})" for endpoint, number in known.items())
    why = (
        f"{len(filters.endpoints)} endpoints do not share an axis"
        if filters.endpoints
        else "an endpoint is needed"
    )
    raise UsageError(why, f"name one with --endpoint; figures under these filters: {has}")


def _left_out(number: int, what: str, remedy: str) -> str:
    return f"{number} figure{'s' if number > 1 else ''} {what} left out; {remedy}" if number else ""
