"""`lmtx cite`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lmtx import __version__
from lmtx.citations import STYLE_BY_ENDING, Style, render_citations
from lmtx.cli import complete
from lmtx.cli.answer import (
    note_own_records_and_cache,
    on_terminal,
    read_screen,
    write_notes,
    write_text_to_stream,
)
from lmtx.cli.options import (
    STDOUT_PATH,
    OutputOptions,
    QuietOption,
    TypedValues,
    format_endings,
    open_overlaid_index,
    output_option,
)
from lmtx.errors import NotFound, ParameterMention, UsageError, escape_control, join_messages
from lmtx.model.figures import write_plural
from lmtx.query.cite import (
    gather_citations,
    note_first_authors_only,
    write_incomplete_citation_suffix,
)
from lmtx.query.filters import resolve_filters


def cite(
    given: TypedValues,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="What show takes, in quotes where it has blanks; lmtx cites lmtx itself.",
            autocompletion=complete.complete_record,
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        Style | None,
        typer.Option(
            "--style",
            "-s",
            help="Form of the citations; by the ending of PATH, else vancouver.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        output_option("File to write, in the style of its ending; - for stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Citations of the publications behind a record or a question.

    \b
    lmtx cite osimertinib --min-level III
    lmtx cite --tumor melanoma --style bibtex
    lmtx cite 35802849 lmtx --style ris
    """
    file = None if output == STDOUT_PATH else output
    form = style or _style_of(file)
    index = open_overlaid_index()
    filters = resolve_filters(index.connection, given)
    if not names and not filters._replace(mixed=False):
        raise UsageError(
            "nothing to cite",
            (
                "name a treatment, study, tumor, trial or guideline, or use a filter such as ",
                ParameterMention("tumor", ""),
            ),
        )
    found, notes = gather_citations(index.connection, names or (), filters, __version__)
    if not found:
        raise NotFound("nothing to cite matches", join_messages([*notes]))
    out = OutputOptions(quiet=quiet)
    if file:
        from lmtx.store.files import write_file

        write_file(file, render_citations(form, found), force=force)
    else:
        write_text_to_stream(
            render_citations(form, found, read_screen(out).width if on_terminal() else None),
            json=form is Style.csl_json,
        )
    place = f"{escape_control(str(file))}, {form.value}: " if file else ""
    write_notes(
        [
            f"{place}{write_plural(len(found), 'reference')}{write_incomplete_citation_suffix(found)}",
            note_first_authors_only(found),
            *notes,
            *note_own_records_and_cache(index),
        ],
        out,
    )


def _style_of(file: Path | None) -> Style:
    """Return the style that the ending of a file names; raise UsageError for one that names
    none."""
    if file is None:
        return Style.vancouver
    try:
        return STYLE_BY_ENDING[file.suffix.lower()]
    except KeyError:
        ending = escape_control(file.suffix)
        raise UsageError(
            f"no style ends in {ending!r}" if ending else "the name has no ending",
            (
                f"end the name in {format_endings([*STYLE_BY_ENDING])}, or name one with ",
                ParameterMention("style"),
            ),
            field="output",
        ) from None
