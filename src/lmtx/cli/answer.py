"""From rows to the screen: which form, which fields, how wide, and the notes on stderr. The one
place that writes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmtx import __version__
from lmtx.cli.options import OutputOptions, format_endings, spell_message
from lmtx.errors import (
    NotFound,
    UsageError,
    Wording,
    escape_and_shorten_message,
    escape_control,
    join_messages,
)
from lmtx.index import Index, read_meta
from lmtx.listings import Found, Listing, find_field
from lmtx.model.figures import write_plural
from lmtx.query import resolve
from lmtx.render import (
    BINARY_FORMATS,
    FORMAT_BY_ENDING,
    JSON_FORMATS,
    MOST_FILES_NAMED_IN_NOTE,
    Envelope,
    Format,
    Screen,
    describe_data,
    describe_overlay_readings,
    parse_own_records_meta,
    render_listing,
)

if TYPE_CHECKING:
    from lmtx.store.files import FileContent


MOST_TERMINAL_WIDTH_DIGITS = 6
"""Digits read of a width; a wider terminal is not told apart."""


def read_screen(out: OutputOptions) -> Screen:
    """Return what the answer is written to: a terminal or not, how wide, with or without colour,
    ASCII or more."""
    forced = os.environ.get("LMTX_FORCE_TTY", "")
    terminal = on_terminal() and not out.file
    encoding = "utf-8" if out.file else getattr(sys.stdout, "encoding", None) or "ascii"
    return Screen(
        _width(forced),
        terminal and not _dumb(),
        _color(out.color, terminal),
        out.ascii or not encoding.lower().startswith("utf"),
    )


def on_terminal() -> bool:
    """Tell whether a person reads stdout."""
    return os.environ.get("LMTX_FORCE_TTY", "").isdecimal() or sys.stdout.isatty()


def _width(forced: str) -> int:
    for wish in (forced, os.environ.get("COLUMNS", "")):
        if wish.isdecimal() and int(wish[:MOST_TERMINAL_WIDTH_DIGITS]) > 0:
            return max(20, int(wish[:MOST_TERMINAL_WIDTH_DIGITS]))
    for stream in (sys.stdout, sys.stderr, sys.stdin):  # behind a pipe stands a terminal, mostly
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return max(20, os.get_terminal_size(stream.fileno()).columns)
    return 80


def _dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


def _color(wish: str, terminal: bool) -> bool:
    when = resolve.resolve_word("color", ("auto", "always", "never"), wish)
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR", "")
    if forced.lower() in ("0", "false"):
        return False
    return bool(forced) or (terminal and not _dumb())


def choose_format(out: OutputOptions, piped: Format = Format.tsv) -> Format:
    """Return the form of the answer: as asked, else by the ending of its file, else a table on a
    terminal and `piped` on a pipe."""
    named = [
        form
        for form, is_named in (
            (Format.json, out.json),
            (Format.csv, out.csv),
            (Format.tsv, out.tsv),
        )
        if is_named
    ]
    named += [out.form] if out.form and out.form not in named else []
    if len(named) > 1:
        raise UsageError(
            f"{' and '.join(form.value for form in named)} were both asked for", "choose one format"
        )
    if not named and out.file:
        form = find_format_by_ending(out.file)
    else:
        form = named[0] if named else Format.table if on_terminal() else piped
    if out.bom and form is not Format.csv:
        raise UsageError(f"{form.value} has no byte-order mark", "it goes with csv", field="bom")
    if form in BINARY_FORMATS and not out.file and on_terminal():
        raise UsageError(
            f"{form.value} is not for a terminal", "name a file with -o, or send it to a pipe"
        )
    return form


def find_format_by_ending(file: Path, pictures: Sequence[str] = ()) -> Format:
    """Return the form that the ending of a file names; raise UsageError where it names none."""
    form = FORMAT_BY_ENDING.get(file.suffix.lower())
    if form is None:
        drawn = f"{format_endings(pictures)} for a picture, or in " if pictures else ""
        raise UsageError(
            f"no form ends in {escape_control(file.suffix)!r}"
            if file.suffix
            else "the name has no ending",
            f"end the name in {drawn}{format_endings([*FORMAT_BY_ENDING])}, or say the form with "
            f"--format",
            field="output",
        )
    return form


def choose_fields(out: OutputOptions, listing: Listing[Any]) -> list[str]:
    """Return the fields that the user named, in their order; raise UsageError for one that does not
    exist, or where none is named."""
    names = [name.strip() for name in (out.fields or "").split(",") if name.strip()]
    if out.fields is not None and not names:
        hint = f"fields: {', '.join(listing.fields)}"
        raise UsageError("no field is named", hint, field="fields")
    return [find_field("fields", listing.name, listing.fields, name) for name in names]


def read_envelope(index: Index, query: Mapping[str, Any]) -> Envelope:
    """Return where the answer comes from, read from the index."""
    meta = read_meta(index.connection)
    return Envelope(__version__, describe_data(meta), meta["disclaimer"], query)


def describe_query(command: str, **values: Any) -> dict[str, Any]:
    """Return the query as the JSON answer repeats it: the command and every option that was
    used."""
    return {
        "command": command,
        **{
            key: value
            for key, value in values.items()
            if value is not None and value is not False and value not in ((), [], "")
        },
    }


def write_answer(
    index: Index,
    listing: Listing[Any],
    found: Found,
    out: OutputOptions,
    query: Mapping[str, Any],
) -> None:
    """Write rows in the form asked for; raise NotFound when there are none, after the empty answer
    was written for machines."""
    form, fields = choose_format(out), choose_fields(out, listing)
    look = read_screen(out)
    found = found._replace(notes=[spell_message(note) for note in found.notes if note])
    nothing = NotFound(listing.empty, join_messages([*found.notes]))
    counter = RowCounter(found.rows)
    if form is Format.table:
        rows = [*counter]
        if not rows:
            raise nothing
        found = found._replace(rows=rows)
    else:
        found = found._replace(rows=counter)
    about = read_envelope(index, query)._replace(left_out=found.left_out)
    rendered = render_listing(form, listing, found, fields, about, look)
    file = deliver_answer(rendered.content, out, json=form in JSON_FORMATS)
    if not counter.number:
        raise nothing
    counted = format_count(counter.number, listing.unit)
    write_notes(
        [file + counted, *rendered.notes, *found.notes, *note_own_records_and_cache(index)], out
    )
    if found.fault:
        raise found.fault


def deliver_answer(content: FileContent, out: OutputOptions, *, json: bool = False) -> str:
    """Write an answer into the file that was asked for, or to stdout; return what a note says of
    the file, before what is in it."""
    if out.bom and not isinstance(content, bytes) and (out.file or is_utf(sys.stdout)):
        from itertools import chain

        from lmtx.render.text.formats import BOM

        content = chain([BOM], content)
    if out.file:
        from lmtx.store.files import write_file

        write_file(out.file, content, force=out.force)
        return f"{escape_control(str(out.file))}: "
    if isinstance(content, bytes):
        write_bytes_to_stdout(content)
    else:
        write_paged(content, choose_pager(out), json=json)
    return ""


def choose_pager(out: OutputOptions) -> list[str]:
    """Return the command that shows what is longer than the screen: that of LMTX_PAGER, else of
    PAGER, else less; empty where there is no screen, no pager is wanted, or it does not exist."""
    plain = out.no_pager or out.output or os.environ.get("LMTX_FORCE_TTY") or _dumb()
    if plain or (os.name == "posix" and not os.environ.get("TERM")) or not sys.stdout.isatty():
        return []
    import shlex
    import shutil

    wish = os.environ.get("LMTX_PAGER", os.environ.get("PAGER", "less"))
    try:
        words = shlex.split(wish, posix=os.name == "posix")
    except ValueError:
        return []
    if not words or words == ["cat"] or not shutil.which(words[0]):
        return []
    return [*words, "-R"] if Path(words[0]).stem == "less" else words  # -R keeps colours


def write_paged(content: Iterable[str], pager: Sequence[str], *, json: bool = False) -> None:
    """Write text to stdout, through the pager where it is longer than the screen. A pager that is
    left early, or that does not start, is no error."""
    if not pager:
        return write_text_to_stream(content, json=json)
    from itertools import chain

    try:
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return write_text_to_stream(content, json=json)
    parts, begun, room = iter(content), list[str](), lines - 1  # the prompt takes a line
    for part in parts:
        begun.append(part)
        room -= sum(max(1, -(-len(line) // max(1, columns))) for line in part.splitlines())
        if room < 0:
            break
    whole = chain(begun, parts)
    if room >= 0 or not _run_pager(whole, pager, json=json):
        write_text_to_stream(whole, json=json)
    return None


def _run_pager(content: Iterable[str], pager: Sequence[str], *, json: bool) -> bool:
    """Show text in a pager; tell whether it could be started. One that fails may have shown
    nothing,
    so that is said; to leave one early is no failure."""
    import signal
    import subprocess

    sys.stdout.flush()
    options = {"LESS": "FRX", **os.environ}
    try:
        process = subprocess.Popen(
            pager,
            stdin=subprocess.PIPE,
            env=options,
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
        )
    except OSError:
        return False
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's
    try:
        with contextlib.suppress(BrokenPipeError):
            write_text_to_stream(content, json=json, stream=process.stdin)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
    finally:
        signal.signal(signal.SIGINT, interrupt)
    if process.returncode:
        how = "was ended" if process.returncode < 0 else f"failed (exit {process.returncode})"
        note = f"the pager {escape_control(pager[0])} {how}; --no-pager shows the answer without it"
        write_notes([note], OutputOptions())
    return True


def note_own_records_and_cache(index: Index) -> list[str]:
    """Say what was read of own records, and why every look-up compiles the data where the cache is
    not used."""
    meta = read_meta(index.connection) if index.overlays else {}
    notes = describe_overlay_readings(parse_own_records_meta(meta))
    if fault := index.cache_fault:
        notes.append(f"the cache cannot be used ({fault}), so each look-up compiles the data")
    return notes


def format_count(number: int, unit: str) -> str:
    """Return a count with the unit of a listing: "1 class", "2 classes", "3 studies"."""
    if unit.endswith("y"):
        return write_plural(number, unit, f"{unit[:-1]}ies")
    return write_plural(number, unit, f"{unit}es" if unit.endswith("s") else "")


class RowCounter:
    """Passes rows on and counts them, so that a stream need not be held to know whether it was
    empty."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self.rows:
            self.number += 1
            yield row


_begun: list[bool] = []
"""Holds something once a part of an answer has been written."""


def reset_answer_state() -> None:
    """Start a new answer: nothing of it is written yet."""
    _begun.clear()


def has_answer_begun() -> bool:
    """Tell whether a part of the answer is on stdout already."""
    return bool(_begun)


def write_text_to_stream(
    parts: Iterable[str], *, json: bool = False, html: bool = False, stream: Any = None
) -> None:
    """Write text to stdout, or to another stream.

    Where stdout does not speak UTF-8, JSON and HTML are in ASCII, with every other sign as they
    escape it; in other text a word that the stream cannot encode is spelled with plain signs, as a
    whole, so that none of its figures changes.
    """
    stream = stream or sys.stdout
    speaks_utf = is_utf(stream)
    encoding = getattr(stream, "encoding", None)
    for part in parts:
        if speaks_utf or part.isascii():
            pass
        elif json:
            part = _escaped(part)
        elif encoding is not None:  # a stream in memory has none, and takes all
            part = _as_entities(part) if html else _encodable(part, encoding)
        stream.write(part)
        _begun.append(True)
    stream.flush()


def is_utf(stream: Any) -> bool:
    """Tell whether a stream speaks UTF-8, as every reader of JSON expects."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").replace(
        "_", ""
    ) == "utf8"


def _as_entities(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _encodable(text: str, encoding: str) -> str:
    """Return text in which every word can be encoded."""
    from lmtx.render.text.cells import spell_for_screen

    def fits(words: str) -> bool:
        try:
            words.encode(encoding)
        except UnicodeEncodeError:
            return False
        return True

    if fits(text):
        return text
    import re

    return re.sub(
        "[^ \t\n]+",
        lambda word: word[0] if fits(word[0]) else spell_for_screen(word[0], True),
        text,
    )


def _escaped(text: str) -> str:
    import json
    import re

    return re.sub(r"[^\x00-\x7f]", lambda sign: json.dumps(sign[0])[1:-1], text)


def write_bytes_to_stdout(content: bytes) -> None:
    """Write bytes to stdout."""
    _begun.append(True)
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_notes(notes: Iterable[Wording], out: OutputOptions) -> None:
    """Write notes to stderr, unless the user wants none or the form of the answer is for a machine
    that reads both."""
    if not out.quiet:
        for note in [note for note in notes if note]:
            with contextlib.suppress(OSError):  # a full stderr takes nothing from the answer
                print(
                    _folded(f"lmtx: {escape_and_shorten_message(spell_message(note))}"),
                    file=sys.stderr,
                )


def _folded(note: str) -> str:
    """Return a note broken between its words where a terminal shows it, which would break it inside
    of one; elsewhere it stays one line."""
    if not sys.stderr.isatty():
        return note
    import textwrap

    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return note
    return textwrap.fill(
        note,
        max(20, columns),
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def check_if_picture_is_requested(out: OutputOptions, endings: tuple[str, ...]) -> bool:
    """Tell whether a picture is asked for; raise UsageError where a form of text is asked for too,
    and for an ending that says no form."""
    if out.file is None:
        return False
    has_form = bool(out.form or out.json or out.csv or out.tsv)
    if out.file.suffix.lower() not in endings:
        if not has_form:
            find_format_by_ending(out.file, endings)
        return False
    if has_form or out.fields:
        raise UsageError(
            "-o draws a picture", "leave it out for text, or end the name in another form"
        )
    return True


def save_picture(
    out: OutputOptions, draw: Callable[[], str], page: Callable[[], str] | None = None
) -> str:
    """Draw a picture and write it to its file, in the form that the ending says; `page` makes the
    page of HTML that holds it.

    Return a note on the names for which its font has no signs; empty where it has all.
    """
    from lmtx.store.files import write_file

    assert out.file is not None
    if page and out.file.suffix.lower() == ".html":
        write_file(out.file, [page()], force=out.force)
        return ""
    svg = draw()
    if out.file.suffix.lower() != ".png":
        write_file(out.file, [svg], force=out.force)
        return ""
    from lmtx.render.svg.drawing import list_undrawable_texts, rasterize

    write_file(out.file, rasterize(svg), force=out.force)
    if not (names := list_undrawable_texts(svg)):
        return ""
    return (
        "not in the font of pictures, and drawn only where this machine has one for it: "
        + ", ".join(names[:MOST_FILES_NAMED_IN_NOTE])
        + (", …" if len(names) > MOST_FILES_NAMED_IN_NOTE else "")
    )
