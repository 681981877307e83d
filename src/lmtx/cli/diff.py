"""`lmtx diff`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from lmtx import __version__
from lmtx.cli.answer import (
    choose_fields,
    choose_format,
    deliver_answer,
    describe_query,
    read_screen,
    write_notes,
)
from lmtx.cli.options import OutputOptions, TypedValues, open_overlaid_index
from lmtx.curation.snapshots import (
    MOST_SNAPSHOT_BYTES,
    READABLE_SNAPSHOT_HINT,
    Snapshot,
    snapshot_bytes,
    snapshot_file,
    snapshot_index,
)
from lmtx.errors import UsageError, escape_control
from lmtx.listings import Found, arrange_rows
from lmtx.model.figures import write_plural
from lmtx.render import JSON_FORMATS, Envelope, Format, render_listing

STDIN_ARGUMENT = "-"


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help=(
                "An export (json, jsonl, sqlite), - for one on stdin, or a folder laid out like "
                "data/."
            ),
            show_default=False,
        ),
    ],
    out: OutputOptions,
    given: TypedValues,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]",
            help="Likewise; default: the knowledge base that lmtx reads.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """What changed between two versions of the data: a row for every changed field, figures first.

    \b
    lmtx diff old.json
    lmtx diff old.sqlite new.jsonl --json
    lmtx diff data --fields id,figure,was,now
    """
    from lmtx.curation.diff import compare_bases, summarize_changes
    from lmtx.listings.diff import LISTING as DIFF

    if old == new == STDIN_ARGUMENT:
        raise UsageError("OLD and NEW are both stdin", READABLE_SNAPSHOT_HINT)
    form, fields = choose_format(out), choose_fields(out, DIFF)
    before, after = _snapshot("OLD", old), _snapshot("NEW", new)
    compared = compare_bases(before, after)
    rows = arrange_rows(compared.rows, DIFF.name, DIFF.fields, **given)
    envelope = Envelope(
        __version__,
        after.data,
        after.disclaimer,
        describe_query("diff", old=before.name, new=after.name, old_data=before.data, **given),
    )
    notes: list[str] = []
    file = ""
    if rows or form is not Format.table:
        rendered = render_listing(form, DIFF, Found(rows), fields, envelope, read_screen(out))
        file = deliver_answer(rendered.content, out, json=form in JSON_FORMATS)
        notes = rendered.notes
    told = (
        f"{write_plural(len(compared.rows), 'difference')}: {summarize_changes(compared.rows)}"
        if rows
        else "no differences"
    )
    missing = f"not compared: {', '.join(compared.left_out)}" if compared.left_out else ""
    write_notes([f"{file}{_dated(before)} → {_dated(after)}", told, *notes, missing], out)


def _snapshot(argument: str, given: str | None) -> Snapshot:
    """Return what an argument names: a file, a folder, stdin, or the knowledge base that lmtx
    reads, by its version."""
    if given is None:
        return snapshot_index(open_overlaid_index().connection, "lmtx")
    if given == STDIN_ARGUMENT:
        return snapshot_bytes(sys.stdin.buffer.read(MOST_SNAPSHOT_BYTES + 1), "stdin")
    if re.fullmatch(r"20\d\d\.\d+\.\d+", given) and not Path(given).exists():
        bundled = snapshot_index(open_overlaid_index().connection, "lmtx")
        if bundled.data["version"] != given:
            held = f"{argument}: this lmtx holds data {bundled.data['version']}, not {given}"
            raise UsageError(held, f"{READABLE_SNAPSHOT_HINT} of {given}")
        return bundled
    return snapshot_file(Path(given))


def _dated(snapshot: Snapshot) -> str:
    version, as_of = (escape_control(snapshot.data[key] or "") for key in ("version", "as_of"))
    parts = filter(None, (f"data {version}" if version else "", as_of))
    return f"{snapshot.name} ({' of '.join(parts) or 'version not stated'})"
