"""The whole knowledge base as text: one JSON document, JSON Lines, or one CSV a table."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lmtx.output.cells import flat
from lmtx.output.jsonlines import JSON_SCHEMA, dump
from lmtx.query.dump import LONG, columns, counts, records

if TYPE_CHECKING:
    from lmtx.output import Envelope


def _head(envelope: Envelope) -> dict[str, Any]:
    return {"schema": JSON_SCHEMA, "lmtx": envelope.program, "data": dict(envelope.data), "disclaimer": envelope.disclaimer}


def document(connection: sqlite3.Connection, tables: Iterable[str], envelope: Envelope) -> Iterator[str]:
    """Yield one JSON document, a record a line, so that two exports can be compared line by line."""
    yield dump(_head(envelope))[:-1]
    for table in tables:
        yield f', "{table}": ['
        separator = "\n"
        for record in records(connection, table):
            yield separator + record
            separator = ",\n"
        yield "\n]"
    yield "}\n"


def lines(connection: sqlite3.Connection, tables: Iterable[str], envelope: Envelope) -> Iterator[str]:
    """Yield one JSON object a line, each with its kind first; the first line says what this is."""
    yield dump({"kind": "about", **_head(envelope)}) + "\n"
    for table in tables:
        opening = f'{{"kind": "{LONG[table].kind}", '
        for record in records(connection, table):
            yield opening + record[1:] + "\n"


def sheet(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Yield a table as CSV: lists of words are joined by "; ", what is nested deeper stands as JSON."""
    names = columns(connection, table)
    yield _line(names)
    for record in records(connection, table):
        values = json.loads(record)
        yield _line([_cell(values.get(name)) for name in names])


def _cell(value: Any) -> str:
    nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))
    return dump(value) if nested else flat(value)


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def sheets(connection: sqlite3.Connection, envelope: Envelope) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the files of a folder of CSV, each with its name: a table each, and a README that says what they are."""
    yield "README.md", _readme(connection, envelope)
    for table in LONG:
        yield f"{table}.csv", sheet(connection, table)


def _readme(connection: sqlite3.Connection, envelope: Envelope) -> Iterator[str]:
    data, found = envelope.data, counts(connection)
    yield f"# Evidence on treating leptomeningeal metastasis, data {data['version']} of {data['as_of']}\n\n"
    yield f"Written by lmtx {envelope.program}; SHA-256 of the data files: `{data['sha256']}`.\n\n{envelope.disclaimer}\n\n"
    yield "| file | rows | what a row is |\n| --- | --- | --- |\n"
    for name, table in LONG.items():
        yield f"| {name}.csv | {found[name]} | {table.meaning} |\n"
    yield (
        "\nAll files are UTF-8 with a header row and commas. Lists are joined by `; `; what is nested deeper, such as the outcomes of an evidence row, "
        "stands as JSON in its cell. An empty cell means: not known or not stated.\n"
        "\n`read_in` says where figures were read; `secondary` and `recalled` were not read at their source.\n"
        "The data are under CC BY 4.0: name the source and the version.\n"
    )
