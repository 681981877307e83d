"""The whole knowledge base as text: one JSON document, JSON Lines, or one CSV a table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lmtx.query.export import EXPORTABLE_TABLES, export_records, table_columns
from lmtx.render.text.cells import flatten_value
from lmtx.render.text.formats import JSON_SCHEMA_VERSION, write_comma_separated, write_json_value

if TYPE_CHECKING:
    from lmtx.render import Envelope


def describe_export(envelope: Envelope) -> dict[str, Any]:
    """Return what an export says about itself."""
    return {
        "schema": JSON_SCHEMA_VERSION,
        "lmtx": envelope.program,
        "data": dict(envelope.data),
        "disclaimer": envelope.disclaimer,
    }


def write_json_document(
    connection: sqlite3.Connection, tables: Iterable[str], envelope: Envelope
) -> Iterator[str]:
    """Yield one JSON document, a record a line, so that two exports can be compared line by
    line."""
    yield write_json_value(describe_export(envelope))[:-1]
    for table in tables:
        yield f', "{table}": ['
        separator = "\n"
        for record in export_records(connection, table):
            yield separator + record
            separator = ",\n"
        yield "\n]"
    yield "}\n"


def write_json_lines(
    connection: sqlite3.Connection, tables: Iterable[str], envelope: Envelope
) -> Iterator[str]:
    """Yield one JSON object a line, each with its kind first; the first line says what this is."""
    yield write_json_value({"kind": "about", **describe_export(envelope)}) + "\n"
    for table in tables:
        opening = f'{{"kind": "{EXPORTABLE_TABLES[table].kind}", '
        for record in export_records(connection, table):
            yield opening + record[1:] + "\n"


def write_csv_table(
    connection: sqlite3.Connection, table: str, *, bom: bool = False
) -> Iterator[str]:
    """Yield a table as CSV: lists of words are joined by "; ", what is nested deeper stands as
    JSON."""
    names = table_columns(connection, table)
    return write_csv(
        names,
        (
            [values.get(name) for name in names]
            for values in map(json.loads, export_records(connection, table))
        ),
        bom=bom,
    )


def write_csv(
    names: Sequence[str], rows: Iterable[Iterable[Any]], *, bom: bool = False
) -> Iterator[str]:
    """Yield rows of values as CSV with a header, a line at a time."""
    return write_comma_separated(
        names,
        (
            [value if isinstance(value, bool) else format_export_cell(value) for value in row]
            for row in rows
        ),
        bom=bom,
    )


def format_export_cell(value: Any) -> str:
    """Return a value as the text of a cell: what is nested deeper than a list of words as JSON."""
    nested = isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
    )
    return write_json_value(value) if nested else flatten_value(value)
