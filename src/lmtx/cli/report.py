"""`lmtx report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lmtx.cli.answer import (
    describe_query,
    note_own_records_and_cache,
    on_terminal,
    read_envelope,
    write_notes,
    write_text_to_stream,
)
from lmtx.cli.listing import read_today
from lmtx.cli.options import (
    STDOUT_PATH,
    OutputOptions,
    QuietOption,
    TypedValues,
    open_overlaid_index,
    output_option,
    spell_overlay_options,
)
from lmtx.errors import CommandMention, NotFound, UsageError
from lmtx.query.filters import resolve_filters


def report(
    given: TypedValues,
    output: Annotated[
        Path | None,
        output_option("File to write, as report.html; - for stdout."),
    ] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="Only what heads the page: one sheet of paper.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """One page for the tumour board: the brief first, then pictures, tables, cards, references.

    \b
    lmtx report --tumor nsclc --biomarker egfr -o report.html
    lmtx report --tumor melanoma > melanoma.html
    lmtx report -t breast -b her2 --after t-dxd --brief -o brief.html
    """
    from lmtx.query.report import gather_report as gather
    from lmtx.render.report import render_page

    output = None if output == STDOUT_PATH else output
    if output is None and on_terminal():
        raise UsageError(
            "a page is not for a terminal", "name a file with -o, or send it to a pipe"
        )
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"{output.name!r}: a report is an HTML page",
            "end the name in .html, and print it to PDF from the browser",
        )
    index = open_overlaid_index()
    filters = resolve_filters(index.connection, given)
    found = gather(index.connection, filters, read_today())
    if not found.evidence and not any(row.section == "tested" and row.id for row in found.brief):
        raise NotFound(
            "no evidence matches",
            ("leave out a filter; ", CommandMention("map"), " shows where there is some"),
        )
    about = read_envelope(index, describe_query("report", **filters._asdict()))
    more = [*(["--brief"] if brief else []), *spell_overlay_options()]
    made = render_page(found, about, only_brief=brief, more=more)
    if output is None:
        write_text_to_stream([made], html=True)
        return
    from lmtx.store.files import write_file

    write_file(output, [made], force=force)
    write_notes(
        [
            f"{output}: the brief"
            if brief
            else f"{output}: {len(found.treatments)} treatments, {len(found.evidence)} rows of "
            f"evidence, {len(found.references)} references",
            *note_own_records_and_cache(index),
        ],
        OutputOptions(quiet=quiet),
    )
