"""Completion of values, with a line of help each. A failure completes nothing: it never disturbs
the shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from lmtx.listings import Listing, listing_names, load_listing, meanings_of
from lmtx.model import vocabulary
from lmtx.query.parameters import Item, Vocabulary, words_of

Completer = Callable[[str], list[Item]]


def list_matching(items: Iterable[Item], typed: str) -> list[Item]:
    """Return the items that begin as typed, whatever their case, spelled so: shells drop those that
    do not begin just as typed, and no name minds its case."""
    return [
        (typed + name[len(typed) :], meaning)
        for name, meaning in items
        if name.casefold().startswith(typed.casefold())
    ]


def _connect() -> sqlite3.Connection:
    from lmtx.cli.options import open_index

    return open_index().connection


def make_completer(words: Vocabulary) -> Completer:
    """Return what completes the words of a vocabulary."""

    def complete(incomplete: str) -> list[Item]:
        from lmtx.errors import LmtxError

        try:
            return list_matching(words.complete(_connect, incomplete), incomplete)
        except LmtxError:
            return []

    return complete


designs = make_completer(words_of(vocabulary.DESIGNS))


def complete_record(incomplete: str) -> list[Item]:
    """Complete what `show` takes: treatments and tumors, then trials and guidelines, and studies
    once something is typed."""
    from lmtx.query.vocabularies import RECORDS, RECORDS_AND_STUDIES

    return make_completer(RECORDS_AND_STUDIES if incomplete else RECORDS)(incomplete)


def _last_of(incomplete: str, meanings: dict[str, str]) -> list[Item]:
    """Complete the last of several fields divided by commas."""
    done, comma, last = incomplete.rpartition(",")
    found = list_matching(meanings.items(), last)
    return [(f"{done}{comma}{name}", meaning) for name, meaning in found]


def complete_fields(incomplete: str) -> list[Item]:
    """Complete the last of several fields divided by commas: those of the command at work, or of
    all listings."""
    from lmtx.cli.typer_inside import current_context

    context = current_context()
    name = context.info_name if context is not None else ""
    names = [name] if name in set(listing_names()) else listing_names()
    known: dict[str, str] = {}
    for listing in names:
        known |= meanings_of(load_listing(listing).row)
    return _last_of(incomplete, known)


def fields_of(listing: Listing[Any]) -> Vocabulary:
    """Return the fields of a listing, for a parameter that takes one."""
    return Vocabulary(
        lambda _connection, _field, values: values,
        lambda _connect, _typed: meanings_of(listing.row).items(),
    )


def complete_table(incomplete: str) -> list[Item]:
    """Complete the tables of the export."""
    from lmtx.query.export import LONG

    return list_matching(((name, table.meaning) for name, table in LONG.items()), incomplete)


def complete_schema(incomplete: str) -> list[Item]:
    """Complete the kinds of data files that have a JSON Schema."""
    from lmtx.curation.file_schema import BASE, KINDS

    return list_matching(
        [
            *(
                (name, (model.__doc__ or "").partition(":")[0].replace("`", "").rstrip("."))
                for name, model in KINDS.items()
            ),
            (BASE, "a data file of any kind"),
        ],
        incomplete,
    )


def complete_color(incomplete: str) -> list[Item]:
    """Complete when to use colour."""
    return list_matching(
        [("auto", "on a terminal"), ("always", "on a pipe too"), ("never", "not at all")],
        incomplete,
    )
