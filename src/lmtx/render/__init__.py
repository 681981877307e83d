"""How an answer is written: one file a form. Nothing here prints; every function returns or yields text, or returns the bytes of a file."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Any, NamedTuple, assert_never

from lmtx.listings import Found, Listing


class Format(StrEnum):
    """The forms that a listing can take."""

    table = "table"
    tsv = "tsv"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    md = "md"
    xlsx = "xlsx"


ENDINGS = {
    ".tsv": Format.tsv, ".csv": Format.csv, ".json": Format.json, ".jsonl": Format.jsonl, ".ndjson": Format.jsonl, ".md": Format.md,
    ".txt": Format.table, ".xlsx": Format.xlsx,
}  # fmt: skip
"""Which form the ending of a file names."""
MACHINE = (Format.json, Format.jsonl)
"""Forms that are JSON."""
BINARY = (Format.xlsx,)
"""Forms that no terminal can show."""


class Screen(NamedTuple):
    """What a person looks at: columns, and whether colour and signs beyond ASCII may be used."""

    width: int = 80
    terminal: bool = False
    color: bool = False
    ascii: bool = False


class Envelope(NamedTuple):
    """What surrounds the rows of a JSON answer: where they come from and what was asked."""

    program: str
    data: Mapping[str, Any]
    disclaimer: str
    query: Mapping[str, Any]


class Rendered(NamedTuple):
    """The answer as text, or as the bytes of a form that is none, and the notes that go with it."""

    text: Iterator[str]
    notes: list[str]
    file: bytes = b""

    @property
    def content(self) -> Iterator[str] | bytes:
        """What is to be written."""
        return self.file or self.text


def caveat(envelope: Envelope) -> str:
    """Return the line that closes human output."""
    names = envelope.data.get("with")
    own = f" with own records: {', '.join(names)}" if names else ""
    data = f"Data {envelope.data['version']}, {envelope.data['as_of']}{own}."
    return f"Not medical advice; check figures at their source. {data}"


def render(
    form: Format,
    listing: Listing[Any],
    found: Found,
    fields: Sequence[str],
    envelope: Envelope,
    screen: Screen,
) -> Rendered:
    """Write the rows of a listing in a form. `fields` are those that the user chose; empty for the default ones."""
    names = list(fields) or list(listing.fields)
    rows = found.rows
    match form:
        case Format.json:
            from lmtx.render.text import jsonlines

            return Rendered(jsonlines.document(names, rows, envelope), [])
        case Format.jsonl:
            from lmtx.render.text import jsonlines

            return Rendered(jsonlines.lines(names, rows), [])
        case Format.tsv | Format.csv:
            from lmtx.render.text import delimited

            return Rendered(delimited.lines(names, rows, form.value), [])
        case Format.md:
            from lmtx.render.text import markdown

            brief = names if fields else list(listing.brief or listing.fields)
            return Rendered(markdown.lines(brief, rows), [])
        case Format.xlsx:
            from lmtx.export import xlsx

            workbook = xlsx.listing_workbook(listing, found, names, envelope)
            return Rendered(iter(()), [], workbook)
        case Format.table:
            if not listing.columns and not fields:
                drawn: Rendered = import_module(f"lmtx.render.terminal.{listing.name}").draw(
                    list(rows) if found.drawing is None else found.drawing, envelope, screen
                )
                return drawn
            from lmtx.render.terminal import table

            return table.draw(listing, list(rows), list(fields), envelope, screen)
    assert_never(form)
