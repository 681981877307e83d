"""`lmtx report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lmtx.cli.answer import envelope, on_terminal, tell, write
from lmtx.cli.listings import opened, used
from lmtx.cli.options import FilterOptions, OutputOptions
from lmtx.errors import NotFound, UsageError


def report(
    filters: FilterOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="File to write, as report.html; else to stdout.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")
    ] = False,
) -> None:
    """One page for the tumour board: pictures, tables, cards, references.

    \b
    lmtx report --tumor nsclc --biomarker egfr -o report.html
    lmtx report --tumor melanoma > melanoma.html
    """
    from lmtx.query.report import report as gather
    from lmtx.query.trials import today
    from lmtx.render.page import page

    if output is None and on_terminal():
        raise UsageError(
            "a page is not for a terminal", "name a file with -o, or send it to a pipe"
        )
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"{output.name!r}: a report is an HTML page",
            "end the name in .html, and print it to PDF from the browser",
        )
    index, chosen = opened(filters)
    found = gather(index.connection, chosen, today())
    if not found.evidence:
        raise NotFound(
            "no evidence matches", "leave out a filter; lmtx map shows where there is some"
        )
    from lmtx.render.page.question import question

    labels = dict(
        index.connection.execute(
            "select id, label from tumor union all select id, label from biomarker union all select id, label from class"
        )
    )
    made = page(question(chosen, labels), found, labels, envelope(index, used("report", chosen)))
    if output is None:
        write([made])
        return
    from lmtx.store.files import put

    put(output, [made], force=force)
    tell(
        [
            f"{output}: {len(found.treatments)} treatments, {len(found.evidence)} rows of evidence, {len(found.references)} references"
        ],
        OutputOptions(quiet=quiet),
    )
