"""A listing as a command: its parameters become options, its rows the answer."""

from __future__ import annotations

import os
from datetime import date
from importlib import import_module
from typing import Any

from lmtx.cli.answer import (
    check_if_picture_is_requested,
    describe_query,
    format_count,
    note_own_records_and_cache,
    read_envelope,
    save_picture,
    write_answer,
    write_notes,
)
from lmtx.cli.options import (
    OutputOptions,
    TypedValues,
    add_picture_endings_to_help,
    build_command,
    listing_options,
    open_overlaid_index,
)
from lmtx.errors import NotFound, UsageError, join_messages
from lmtx.listings import Found, Listing, load_listing, make_question
from lmtx.listings import answer_question as find
from lmtx.query.filters import refuse_filters
from lmtx.query.parameters import read_declared_parameters
from lmtx.render import Envelope


def listing_command(name: str) -> Any:
    """Return the command that answers with a listing; its options and help are those of the
    listing."""
    listing = load_listing(name)

    def write(out: OutputOptions, given: TypedValues) -> None:
        write_listing(listing, out, given)

    write.__doc__ = "\n".join([listing.about or listing.help, "", "\b", *listing.examples])
    command = build_command(write, name, listing_options(listing))
    if listing.picture:
        add_picture_endings_to_help(command, listing.picture)
    return command


def write_listing(
    listing: Listing[Any],
    out: OutputOptions,
    given: TypedValues,
) -> None:
    """Answer a question to a listing on stdout or in a file, as text or as a picture."""
    draws = check_if_picture_is_requested(out, listing.picture)
    if listing.subject:
        refuse_filters(listing.name, listing.subject, given)
    index = open_overlaid_index()
    question = make_question(listing, index, join_text_words(listing, given), read_today())
    found = find(listing, question)
    query = describe_query(
        listing.name,
        **{
            **question.filters._asdict(),
            **(question.order._asdict() if listing.is_sorted else {}),
            **question.options._asdict(),
        },
    )
    if not draws:
        write_answer(index, found.listing or listing, found, out, query)
        return
    rows = [*found.rows]
    if not rows:
        raise NotFound(listing.empty, join_messages([*found.notes]))
    about = read_envelope(index, query)._replace(left_out=found.left_out)
    undrawn = draw_picture_and_note_undrawable(listing, found._replace(rows=rows), out, about)
    drawn = found.drawn or format_count(len(rows), listing.unit)
    write_notes(
        [f"{out.output}: {drawn}", undrawn, *found.notes, *note_own_records_and_cache(index)], out
    )


def join_text_words(listing: Listing[Any], given: TypedValues) -> TypedValues:
    """Return what was typed with the words of a text joined, which need no quotes on the command
    line."""
    texts = [
        one.name for one in read_declared_parameters(listing.options).values() if one.kind == "text"
    ]
    return TypedValues({**given, **{name: " ".join(given[name]) for name in texts}})


def draw_picture_and_note_undrawable(
    listing: Listing[Any], found: Found, out: OutputOptions, about: Envelope
) -> str:
    """Draw an answer into a file; return a note on what its font cannot draw."""
    drawing = import_module(f"lmtx.render.svg.{listing.name}")
    shown = found.rows if found.drawing is None else found.drawing
    page = getattr(drawing, "page", None)
    return save_picture(
        out,
        lambda: str(drawing.draw(shown, about)),
        page=(lambda: str(page(shown, about))) if page else None,
    )


def read_today() -> date:
    """Return today's date, or the one that LMTX_TODAY sets for tests and pictures."""
    wish = os.environ.get("LMTX_TODAY")
    try:
        return date.fromisoformat(wish) if wish else date.today()
    except ValueError:
        raise UsageError(
            f"LMTX_TODAY: {wish!r} is not a date", "write it like 2026-11-24"
        ) from None
