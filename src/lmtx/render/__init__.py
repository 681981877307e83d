"""How an answer is written, in every form. Nothing here prints; every function returns or yields
text, or returns the bytes of a file."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, assert_never

from lmtx.listings import Found, Listing
from lmtx.model.figures import write_plural
from lmtx.model.notation import MARK_MEANINGS
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.query.show import Card


class Format(StrEnum):
    """The forms that a listing can take."""

    table = "table"
    tsv = "tsv"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    md = "md"
    xlsx = "xlsx"


FORMAT_BY_ENDING = {
    ".tsv": Format.tsv, ".csv": Format.csv, ".json": Format.json, ".jsonl": Format.jsonl, ".ndjson": Format.jsonl, ".md": Format.md,
    ".txt": Format.table, ".xlsx": Format.xlsx,
}  # fmt: skip
"""Which form the ending of a file names."""
JSON_FORMATS = (Format.json, Format.jsonl)
"""Forms that are JSON."""
BINARY_FORMATS = (Format.xlsx,)
"""Forms that no terminal can show."""


class Screen(NamedTuple):
    """What a person looks at: columns, and whether colour and signs beyond ASCII may be used."""

    width: int = 80
    terminal: bool = False
    color: bool = False
    ascii: bool = False


class Envelope(NamedTuple):
    """What surrounds the rows of a JSON answer: where they come from, what was asked, and what was
    left out as unknown."""

    program: str
    data: Mapping[str, Any]
    disclaimer: str
    query: Mapping[str, Any]
    left_out: Mapping[str, int] = {}


class Rendered(NamedTuple):
    """The answer as text, or as the bytes of a form that is none, and the notes that go with it."""

    text: Iterator[str]
    notes: list[str]
    file: bytes = b""

    @property
    def content(self) -> Iterator[str] | bytes:
        """What is to be written."""
        return self.file or self.text


MOST_FILES_NAMED_IN_NOTE = 3
"""Files that a note names; the JSON answer names all."""


def describe_data(meta: Mapping[str, str]) -> dict[str, Any]:
    """Return which data an answer comes from, as JSON has it: version, date, checksum, and own
    records with what of them was read."""
    data: dict[str, Any] = {key: meta[key] for key in ("version", "as_of", "sha256")}
    return data | parse_own_records_meta(meta)


def parse_own_records_meta(meta: Mapping[str, str]) -> dict[str, Any]:
    """Return the names of own records, and of each what was read and what was not; nothing where
    nothing is laid over the base."""
    if "with" not in meta:
        return {}
    import json

    return {key: json.loads(meta[key]) for key in ("with", "with_files")}


def describe_overlay_readings(data: Mapping[str, Any]) -> list[str]:
    """Say of each of the own records what was read and what was not."""
    return [
        f"own records {one['name']}: {write_plural(len(one['read']), 'file')} "
        f"read{write_unread_files_suffix(one['left_out'])}"
        for one in data.get("with_files", ())
    ]


def write_unread_files_suffix(names: Sequence[str]) -> str:
    """Name the files beside own records that were not read; nothing where all were."""
    if not names:
        return ""
    more = len(names) - MOST_FILES_NAMED_IN_NOTE
    return f"; not read: {', '.join(names[:MOST_FILES_NAMED_IN_NOTE])}" + (
        f" and {more} more" if more > 0 else ""
    )


def write_closing_line(envelope: Envelope) -> str:
    """Return the line that closes human output."""
    names = [
        one["name"]
        + write_unread_files_suffix(one["left_out"]).replace("; ", " (")
        + ")" * bool(one["left_out"])
        for one in envelope.data.get("with_files", ())
    ]
    own = f" with own records: {', '.join(names)}" if names else ""
    data = f"Data {envelope.data['version']}, {envelope.data['as_of']}{own}."
    return f"Not medical advice; check figures at their source. {data}"


def render_listing(
    form: Format,
    listing: Listing[Any],
    found: Found,
    fields: Sequence[str],
    envelope: Envelope,
    screen: Screen,
) -> Rendered:
    """Write the rows of a listing in a form. `fields` are those that the user chose; empty for the
    default ones."""
    names = list(fields) or list(listing.fields)
    rows = found.rows
    match form:
        case Format.json:
            from lmtx.render.text import formats

            return Rendered(formats.write_json(names, rows, envelope), [])
        case Format.jsonl:
            from lmtx.render.text import formats

            return Rendered(formats.write_jsonlines(names, rows), [])
        case Format.tsv | Format.csv:
            from lmtx.render.text import formats

            return Rendered(formats.write_delimited(names, rows, form.value), [])
        case Format.md:
            from lmtx.render.text import formats

            brief = names if fields else list(listing.brief or listing.fields)
            feet = [foot for foot in listing.footnotes if foot[0] in MARK_MEANINGS]
            return Rendered(formats.write_markdown_table(brief, rows, listing.marked, feet), [])
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

            return table.draw_table(listing, list(rows), list(fields), envelope, screen)
    assert_never(form)


CARD_FIELDS = ("section", "item", "field", "value")
"""The columns of a card as a table."""


def render_card(
    form: Format,
    card: "Card",
    labels: dict[str, str],
    envelope: Envelope,
    screen: Screen,
    *,
    full: bool,
) -> Rendered:
    """Write a card in a form; for people the whole of it, or what it says in short and the command
    that shows the rest."""
    from lmtx.query.show import card_as_json, flatten_card

    match form:
        case Format.json:
            from lmtx.render.text import formats

            return Rendered(formats.wrap_in_json_document([card_as_json(card)], envelope), [])
        case Format.jsonl:
            from lmtx.render.text import formats

            return Rendered(iter([formats.write_json_value(card_as_json(card)) + "\n"]), [])
        case Format.tsv | Format.csv:
            from lmtx.render.text import formats

            return Rendered(
                formats.write_delimited(CARD_FIELDS, flatten_card(card), form.value), []
            )
        case Format.xlsx:
            from lmtx.export import xlsx

            return Rendered(
                iter(()), [], xlsx.card_workbook(CARD_FIELDS, flatten_card(card), envelope)
            )
        case Format.md | Format.table:
            from lmtx.render.show import card_blocks, write_card_markdown

            more = "" if full else f"lmtx show {card.id} --full"
            blocks = card_blocks(card, labels, more)
            if form is Format.md:
                return Rendered(write_card_markdown(blocks, envelope), [])
            from lmtx.render.terminal.show import draw_card

            return Rendered(iter([draw_card(blocks, envelope, screen)]), [])
    assert_never(form)
