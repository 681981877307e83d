"""`lmtx cite`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lmtx import __version__
from lmtx.citations import ENDINGS, Style, render
from lmtx.cli import complete
from lmtx.cli.answer import on_terminal, screen, tell, write
from lmtx.cli.listings import opened
from lmtx.cli.options import FilterOptions, OutputOptions
from lmtx.errors import NotFound, UsageError, printable
from lmtx.query.cite import first_authors_only, gathered, lacking


def cite(
    filters: FilterOptions,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="What show takes, in quotes where it has blanks; lmtx cites lmtx itself.",
            autocompletion=complete.anything,
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
        typer.Option("--output", "-o", metavar="PATH", help="File to write.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")
    ] = False,
) -> None:
    """Citations of the publications behind a record or a question.

    \b
    lmtx cite osimertinib --min-level III
    lmtx cite --tumor melanoma --style bibtex
    lmtx cite 35802849 lmtx --style ris
    """
    index, chosen = opened(filters)
    if not names and not chosen._replace(mixed=False):
        raise UsageError(
            "nothing to cite",
            "name a treatment, study, tumor, trial or guideline, or use a filter such as --tumor",
        )
    found, notes = gathered(index.connection, names or (), chosen, __version__)
    if not found:
        raise NotFound("nothing to cite matches", "; ".join(filter(None, notes)))
    form = style or ENDINGS.get(output.suffix.lower() if output else "", Style.vancouver)
    out = OutputOptions(quiet=quiet)
    if output:
        from lmtx.store.files import put

        put(output, render(form, found), force=force)
    else:
        write(
            render(form, found, screen(out).width if on_terminal() else None),
            json=form is Style.csl_json,
        )
    place = f"{printable(str(output))}, {form.value}: " if output else ""
    tell(
        [
            f"{place}{len(found)} reference{'' if len(found) == 1 else 's'}{lacking(found)}",
            first_authors_only(found),
            *notes,
        ],
        out,
    )
