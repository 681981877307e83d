"""Completion of values, with a line of help each. A failure completes nothing: it never disturbs
the shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from lmtx.listings import listing_names, load_listing, meanings_of
from lmtx.model import vocabulary
from lmtx.query.parameters import Completion, Vocabulary, make_word_vocabulary


def list_completions(items: Iterable[Completion], typed: str) -> list[Completion]:
    """Return the items that begin as typed, whatever their case, spelled so: shells drop those that
    do not begin just as typed, and no name minds its case."""
    return [
        (typed + name[len(typed) :], meaning)
        for name, meaning in items
        if name.casefold().startswith(typed.casefold())
    ]


def _connect() -> sqlite3.Connection:
    from lmtx.cli.options import open_overlaid_index

    return open_overlaid_index().connection


def complete_word(words: Vocabulary, incomplete: str) -> list[Completion]:
    """Complete a word of a vocabulary."""
    from lmtx.errors import LmtxError

    try:
        return list_completions(words.complete(_connect, incomplete), incomplete)
    except LmtxError:
        return []


def complete_design(incomplete: str) -> list[Completion]:
    """Complete the design of a study."""
    return complete_word(make_word_vocabulary(vocabulary.DESIGNS), incomplete)


def complete_record(incomplete: str) -> list[Completion]:
    """Complete what `show` takes: treatments and tumors, then trials and guidelines, and studies
    once something is typed."""
    from lmtx.query.vocabularies import RECORD_AND_STUDY_VOCABULARY, RECORD_VOCABULARY

    return complete_word(
        RECORD_AND_STUDY_VOCABULARY if incomplete else RECORD_VOCABULARY, incomplete
    )


def _last_of(incomplete: str, meanings: dict[str, str]) -> list[Completion]:
    """Complete the last of several fields divided by commas."""
    done, comma, last = incomplete.rpartition(",")
    found = list_completions(meanings.items(), last)
    return [(f"{done}{comma}{name}", meaning) for name, meaning in found]


def complete_fields(incomplete: str) -> list[Completion]:
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


def complete_table(incomplete: str) -> list[Completion]:
    """Complete the tables of the export."""
    from lmtx.query.export import EXPORTABLE_TABLES

    return list_completions(
        ((name, table.meaning) for name, table in EXPORTABLE_TABLES.items()), incomplete
    )


def complete_schema(incomplete: str) -> list[Completion]:
    """Complete the kinds of data files that have a JSON Schema."""
    from lmtx.curation.file_schema import ANY_FILE_KIND, MODEL_OF_FILE_KIND

    return list_completions(
        [
            *(
                (name, (model.__doc__ or "").partition(":")[0].replace("`", "").rstrip("."))
                for name, model in MODEL_OF_FILE_KIND.items()
            ),
            (ANY_FILE_KIND, "a data file of any kind"),
        ],
        incomplete,
    )


def complete_color(incomplete: str) -> list[Completion]:
    """Complete when to use colour."""
    return list_completions(
        [("auto", "on a terminal"), ("always", "on a pipe too"), ("never", "not at all")],
        incomplete,
    )
