"""`lmtx search`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import answer, asked
from lmtx.cli.options import Many, OutputOptions
from lmtx.cli.own import open_index
from lmtx.query import resolve

LIMIT = 25


def search(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT…",
            help="Words to look for, all of them; a word also finds longer ones that begin with it.",
        ),
    ],
    out: OutputOptions,
    kind: Annotated[
        Many,
        typer.Option(
            "--kind",
            "-k",
            metavar="KIND",
            help="Only this kind of record; repeat for more.",
            autocompletion=complete.kinds,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="At most this many hits, the best.")
    ] = LIMIT,
) -> None:
    """Full text over everything, ranked and grouped by kind.

    \b
    lmtx search intrathecal pemetrexed
    lmtx search hydrocephalus shunt --kind evidence
    lmtx search "HER2 breast" --json
    """
    from lmtx.listings.search import SEARCH
    from lmtx.query import search as query

    wanted = " ".join(text)
    query.refuse(wanted)
    kinds = resolve.words("--kind", query.KINDS, kind or ())
    index = open_index()
    found = query.search(index.connection, wanted, kinds, limit)
    notes = query.notes(index.connection, wanted, found)
    if not found.rows and kinds:
        notes.append(f"without --kind: lmtx search {shlex.join(text)}")
    answer(
        index,
        SEARCH,
        found.rows,
        out,
        asked("search", text=wanted, kinds=kinds, limit=limit),
        notes,
    )
