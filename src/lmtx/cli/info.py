"""`lmtx info`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli.answer import answer, asked
from lmtx.cli.options import OutputOptions
from lmtx.cli.own import open_index


def info(
    out: OutputOptions,
    quality: Annotated[
        bool,
        typer.Option(
            "--quality",
            help="Where the figures were read, how much of them twice, how many citations are complete.",
        ),
    ] = False,
) -> None:
    """Version, date, counts and provenance of the knowledge base, and where it lies.

    \b
    lmtx info
    lmtx info --quality
    lmtx info --json
    """
    index = open_index()
    if quality:
        from lmtx.listings.quality import QUALITY
        from lmtx.query.info import quality as trust

        answer(index, QUALITY, trust(index.connection), out, asked("info", quality=True))
    else:
        from lmtx.listings.info import INFO
        from lmtx.query.info import about

        answer(index, INFO, about(index), out, asked("info"))
