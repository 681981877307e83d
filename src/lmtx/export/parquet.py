"""A table as Parquet, with typed columns; needs pyarrow, which the extra "parquet" installs."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import TYPE_CHECKING, Any

from lmtx.curation.dictionary import ExportColumn, list_columns_by_table
from lmtx.errors import import_library
from lmtx.export.json import describe_export
from lmtx.query.export import export_records
from lmtx.render.text.formats import write_json_value

if TYPE_CHECKING:
    from lmtx.render import Envelope


def parquet_bytes(connection: sqlite3.Connection, table: str, envelope: Envelope) -> bytes:
    """Return a table as the bytes of a Parquet file; raise MissingLibrary where pyarrow is not
    installed."""
    pyarrow, parquet = (
        import_library("pyarrow", "parquet"),
        import_library("pyarrow.parquet", "parquet"),
    )
    columns = list_columns_by_table()[table]
    fields = [
        pyarrow.field(column.name, _type(pyarrow, column), metadata={"description": column.meaning})
        for column in columns
    ]
    rows = [_row(json.loads(text), columns) for text in export_records(connection, table)]
    made = pyarrow.Table.from_pylist(
        rows,
        schema=pyarrow.schema(
            fields, metadata={"lmtx": write_json_value(describe_export(envelope))}
        ),
    )
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(made, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _type(pyarrow: Any, column: ExportColumn) -> Any:
    """Return the Arrow type of a column."""
    if column.inside:
        found = pyarrow.struct(
            [pyarrow.field(inner.name, _type(pyarrow, inner)) for inner in column.inside]
        )
    else:
        found = {
            "text": pyarrow.string,
            "integer": pyarrow.int64,
            "number": pyarrow.float64,
            "boolean": pyarrow.bool_,
            "date": pyarrow.date32,
        }[column.type]()
    return pyarrow.list_(found) if column.many else found


def _row(record: dict[str, Any], columns: tuple[ExportColumn, ...]) -> dict[str, Any]:
    return {column.name: _value(record[column.name], column) for column in columns}


def _value(value: Any, column: ExportColumn) -> Any:
    """Return a value of a record as Arrow takes it: a date is no text, whatever JSON says."""
    if value is None:
        return None
    if column.inside:
        return [_row(item, column.inside) for item in value]
    return date.fromisoformat(value) if column.type == "date" else value
