"""How an answer is written: one file a form. Nothing here prints; every function returns or yields text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, assert_never

from lmtx.listings.layout import Layout


class Format(StrEnum):
    """The forms that a listing can take."""

    table = "table"
    tsv = "tsv"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    md = "md"


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
    """Text for stdout and the notes that go with it."""

    text: Iterator[str]
    notes: list[str]


def render(
    form: Format,
    layout: Layout,
    rows: Iterable[Any],
    fields: Sequence[str],
    envelope: Envelope,
    screen: Screen,
) -> Rendered:
    """Write rows of one listing in a form. `fields` chosen by the user; empty for the default ones."""
    names = list(fields) or list(layout.fields)
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

            return Rendered(markdown.lines(names if fields else list(layout.brief), rows), [])
        case Format.table:
            if layout.draw and not fields:
                drawn: Rendered = layout.draw(list(rows), envelope, screen)
                return drawn
            from lmtx.render.terminal import table

            return table.draw(layout, list(rows), list(fields), envelope, screen)
    assert_never(form)
