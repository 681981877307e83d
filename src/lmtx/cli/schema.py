"""`lmtx schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import write_out
from lmtx.query import resolve


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help=(
                "study, treatments, tumors, biomarkers, guidelines, trials or corrections; base: "
                "a file of any kind."
            ),
            autocompletion=complete.complete_schema,
        ),
    ] = "base",
) -> None:
    """The JSON Schema of the data files, for editors and checks.

    \b
    lmtx schema study
    lmtx schema treatments
    lmtx schema > lmtx.schema.json
    """
    from lmtx.curation.file_schema import BASE, KINDS, text_of

    write_out([text_of(resolve.resolve_word("KIND", (*KINDS, BASE), kind))], json=True)
