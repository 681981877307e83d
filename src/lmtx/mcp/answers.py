"""An answer to an assistant: rows with marks and pages, no longer than it can read, the data and
the disclaimer around them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lmtx.model.notation import MEANINGS, list_footnotes, meaning_of
from lmtx.render.text.formats import JSON_SCHEMA, dump_value

if TYPE_CHECKING:
    from lmtx.render import Envelope

Record = dict[str, Any]

LONGEST = 40_000
"""Characters of the records of one answer; about a third as many tokens."""
STUDY_KEYS = frozenset({"study", "figure_study", "superseded_by"})
"""Keys under which a record names a study by its id."""
RARE = frozenset(MEANINGS) - frozenset("*+")
"""The marks that stand for nothing else in a text."""
MOST_SOURCES = 200
"""Studies whose page is named beside the records."""


def mark_figures(value: Any, read_in: str | None = None) -> Any:
    """Return a record with the marks of every figure in it; what is not known is left out.

    A figure that does not say where it was read was read where its record was.
    """
    if isinstance(value, list | tuple):
        return [mark_figures(item, read_in) for item in value]
    if not isinstance(value, Mapping):
        return value
    inside = value.get("read_in") or read_in
    record = {
        key: mark_figures(item, inside)
        for key, item in value.items()
        if item is not None and item != "" and item != [] and item != ()
    }
    is_figure = "endpoint" in value and "unit" in value
    if is_figure or "read_in" in value:
        marks = list_footnotes(SimpleNamespace(**{**value, "read_in": inside}))
        record |= {"marks": marks} if marks else {}
    return record


def list_signs(value: Any) -> Iterator[str]:
    """Yield the marks in records, as often as they stand there: those of a figure, and those that
    stand in its text."""
    for key, item in _items(value):
        if key == "marks":
            yield from item
        elif isinstance(item, str):
            yield from (mark for mark in item if mark in (MEANINGS if key == "figure" else RARE))
        else:
            yield from list_signs(item)


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from (("", item) for item in value)


def find_studies(value: Any) -> Iterator[str]:
    """Yield the ids of the studies that records name."""
    for key, item in _items(value):
        if key in STUDY_KEYS and isinstance(item, str):
            yield item
        else:
            yield from find_studies(item)


def name_sources(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Record]:
    """Return the citation and the page of studies, by their ids; one that was read nowhere may have
    no page."""
    query = (
        "select id, label, coalesce(url, json_extract(record, '$.seen_at[0]')) from study "
        "where id in (select value from json_each(?)) order by id"
    )
    found = {}
    for id_, label, page in connection.execute(query, [json.dumps([*ids][:MOST_SOURCES])]):
        found[id_] = {"citation": label, **({"page": page} if page else {})}
    return found


def fit_records(records: Sequence[Record], longest: int = LONGEST) -> list[Record]:
    """Return as many records, from the first on, as an answer can hold; of a first one that is too
    long alone, its beginnings."""
    kept: list[Record] = []
    left = longest
    for record in records:
        left -= len(dump_value(record))
        if left < 0:
            return kept or [shorten_record(record, longest)]
        kept.append(record)
    return kept


def shorten_record(record: Record, longest: int) -> Record:
    """Return a record whose longest lists are cut until it fits; `left_out` counts what is missing
    of each."""
    short, missing = dict(record), dict.fromkeys(record, 0)
    while len(dump_value(short)) > longest:
        lists = [key for key, item in short.items() if isinstance(item, list) and len(item) > 1]
        if not lists:
            break
        key = max(lists, key=lambda name: len(dump_value(short[name])))
        kept = short[key][: len(short[key]) // 2]
        missing[key] += len(short[key]) - len(kept)
        short[key] = kept
    return {**short, "left_out": {key: number for key, number in missing.items() if number}}


def wrap_answer(
    connection: sqlite3.Connection,
    envelope: Envelope,
    records: Sequence[Record],
    notes: Sequence[str],
    more: str,
) -> Record:
    """Return an answer: the data, the disclaimer and the question around the records, with what
    their marks mean and their pages."""
    ids = [*dict.fromkeys(find_studies([*records]))]
    found: Record = {
        "schema": JSON_SCHEMA,
        "lmtx": envelope.program,
        "data": dict(envelope.data),
        "disclaimer": envelope.disclaimer,
        "query": dict(envelope.query),
        "notes": list(notes),
        "marks": {mark: meaning_of(mark) for mark in dict.fromkeys(list_signs([*records]))},
        "sources": name_sources(connection, ids),
        "rows": list(records),
        "more": more,
    }
    return {key: value for key, value in found.items() if value or key == "rows"}
