"""`lmtx search`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from lmtx import resolve
from lmtx.cli import complete
from lmtx.cli.answer import answer, asked
from lmtx.cli.options import Many, OutputOptions
from lmtx.errors import UsageError
from lmtx.index import open_index

LIMIT = 25
MOST_WORDS = 40


def search(
    text: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Words to look for, all of them; a word also finds longer ones that begin with it.")],
    out: OutputOptions,
    kind: Annotated[Many, typer.Option("--kind", "-k", metavar="KIND", help="Only this kind of record; repeat for more.", autocompletion=complete.kinds)] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most this many hits, the best.")] = LIMIT,
) -> None:
    """Full text over everything, ranked and grouped by kind.

    \b
    lmtx search intrathecal pemetrexed
    lmtx search hydrocephalus shunt --kind evidence
    lmtx search "HER2 breast" --json
    """
    from lmtx.output.layouts.search import SEARCH
    from lmtx.query.search import KINDS, Found, elsewhere, spelled_like, words
    from lmtx.query.search import search as find

    wanted = " ".join(text)
    if not 0 < len(words(wanted)) <= MOST_WORDS:
        raise UsageError(f"TEXT: at most {MOST_WORDS} words" if words(wanted) else f"TEXT: nothing to look for in {wanted!r}", "name words of the records, like: lmtx search intrathecal pemetrexed")
    kinds = resolve.words("--kind", KINDS, kind or ())
    index = open_index()
    found: Found = find(index.connection, wanted, kinds, limit)
    notes = [f"{wanted!r} is a {match.kind}: try lmtx list --{match.kind} {match.id}" for match in elsewhere(index.connection, wanted)]
    if found.unknown or not found.rows:
        near = spelled_like(index.connection, wanted, found.unknown)
        notes += [f"did you mean {' or '.join(near)}?"] if near else []
    if found.rows and not found.every_word:
        notes.insert(0, "no record holds all of the words; these hold some of them")
    if found.total > len(found.rows):
        notes.append(f"{found.total - len(found.rows)} more: --limit {found.total} shows them all, --kind narrows")
    if not found.rows and kinds:
        notes.append(f"without --kind: lmtx search {shlex.join(text)}")
    answer(index, SEARCH, found.rows, out, asked("search", text=wanted, kinds=kinds, limit=limit), notes)
