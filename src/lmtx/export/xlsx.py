"""Workbooks for spreadsheets: typed cells, a header that stays in sight, filters; needs openpyxl,
which the extra "xlsx" installs.

The first sheet says where the rows come from and under what they stand.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from lmtx.errors import UsageError, format_message, import_library
from lmtx.export.json import format_export_cell
from lmtx.listings import meanings_of
from lmtx.model.notation import explain_mark, list_row_symbols
from lmtx.query.export import EXPORTABLE_TABLES, export_records, table_columns
from lmtx.render.text.cells import flatten_value
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.listings import Found, Listing
    from lmtx.render import Envelope

SYMBOLS_COLUMN = "marks"
"""The column behind the fields of a listing: the signs that its figures carry."""
ABOUT_SHEET = "about"
"""The first sheet."""
LONGEST_SHEET_CELL = 32_767
"""Signs that a cell of a spreadsheet can hold."""
MOST_SHEET_ROWS = 1_048_575
"""Rows that a sheet can hold below its header."""
NARROWEST, WIDEST = 6, 60
"""Bounds of the width of a column, in signs."""
WIDTH_SAMPLE_ROWS = 500
"""Rows from which the width of a column is taken."""
LARGEST_EXACT_INTEGER = 2**53
"""Beyond it a spreadsheet rounds whole numbers, so they stand as text."""
CUT_CELL_NOTE = " … [cut: a cell of a spreadsheet holds no more; the other forms have all]"
_DATE = re.compile(r"(?:19|2\d)\d\d-\d\d-\d\d", re.ASCII)
_WRITING_TIMES = re.compile(rb"<dcterms:(created|modified)\b.*?</dcterms:\1>", re.DOTALL)
"""When a workbook was made, as its properties say."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML cannot hold."""


CellValue = str | int | float | bool | None
"""What a cell can hold before dates are told apart."""


class Sheet(NamedTuple):
    """A sheet with a header: its name, its columns, and its rows of values."""

    name: str
    columns: Sequence[str]
    rows: list[list[CellValue]]


def listing_workbook(
    listing: Listing[Any], found: Found, names: Sequence[str], envelope: Envelope
) -> bytes:
    """Return the rows of a listing as a workbook, the marks of each behind its fields;
    MissingLibrary where openpyxl is not there."""
    rows = list(found.rows)
    names = [name for name in names if name != "footnotes"]  # a column of their own has them
    carried = [list_row_symbols(row) for row in rows]
    sheet = Sheet(
        listing.name,
        [*names, SYMBOLS_COLUMN],
        [
            [*(_simplify(getattr(row, name), flatten_value) for name in names), " ".join(marks)]
            for row, marks in zip(rows, carried, strict=True)
        ],
    )
    meanings = meanings_of(listing.row)
    about = [
        *_say_source(envelope),
        ("rows", len(rows)),
        *(("note", format_message(note)) for note in found.notes if note),
        *((f"mark {mark}", explain_mark(mark)) for mark in dict.fromkeys(chain(*carried))),
        *((f"column {name}", meanings[name]) for name in names),
        (
            f"column {SYMBOLS_COLUMN}",
            "signs that the figures of the row carry; what each says stands above",
        ),
    ]
    return _write(about, [sheet])


def card_workbook(names: Sequence[str], rows: Iterable[Any], envelope: Envelope) -> bytes:
    """Return a card as a workbook, a fact of it a row."""
    values = [[_simplify(getattr(row, name), flatten_value) for name in names] for row in rows]
    return _write([*_say_source(envelope)], [Sheet("show", names, values)])


def base_workbook(
    connection: sqlite3.Connection, tables: Sequence[str], envelope: Envelope
) -> bytes:
    """Return tables of the knowledge base as a workbook, each a sheet; what is nested stands as
    JSON in its cell, as in CSV."""
    about = [
        *_say_source(envelope),
        *((f"sheet {name}", EXPORTABLE_TABLES[name].meaning) for name in tables),
    ]
    return _write(about, [_read_table(connection, name) for name in tables])


def _read_table(connection: sqlite3.Connection, table: str) -> Sheet:
    names = table_columns(connection, table)
    parsed = map(json.loads, export_records(connection, table))
    rows = [
        [_simplify(record.get(name), format_export_cell) for name in names] for record in parsed
    ]
    return Sheet(table, names, rows)


def _simplify(value: Any, spell: Callable[[Any], str]) -> CellValue:
    """Return a number or a truth value as it is, all else as the text that CSV has."""
    return value if value is None or isinstance(value, int | float) else spell(value)


def _say_source(envelope: Envelope) -> Iterator[tuple[str, Any]]:
    """Yield what every workbook says first: source, version, filters, disclaimer."""
    data = envelope.data
    yield "source", "lmtx, evidence on treating leptomeningeal metastasis"
    yield "disclaimer", envelope.disclaimer
    yield "data version", data["version"]
    yield "data as of", data["as_of"]
    yield "data SHA-256", data["sha256"]
    if data.get("with"):
        yield "own records", data["with"]
    yield "written by", f"lmtx {envelope.program}"
    yield "licence", "CC BY 4.0: name the source and the version"
    for name, value in envelope.query.items():
        yield ("command" if name == "command" else f"filter {name}"), value
    for why, number in envelope.left_out.items():
        yield f"left out: {why}", number


def _write(about: Iterable[tuple[str, Any]], sheets: Sequence[Sheet]) -> bytes:
    openpyxl = import_library("openpyxl", "xlsx")
    book = openpyxl.Workbook(write_only=True)
    first = book.create_sheet(ABOUT_SHEET)
    first.column_dimensions["A"].width = 24
    first.column_dimensions["B"].width = 110
    for name, value in about:
        cells = [
            _make_cell(openpyxl, first, name),
            _make_cell(openpyxl, first, _simplify(value, flatten_value)),
        ]
        cells[0].font = openpyxl.styles.Font(bold=True)
        cells[1].alignment = openpyxl.styles.Alignment(
            wrap_text=True, vertical="top", horizontal="left"
        )
        first.append(cells)
    for sheet in sheets:
        _fill(openpyxl, book.create_sheet(sheet.name), sheet)
    file = io.BytesIO()
    book.save(file)
    return _drop_writing_times(file)


def _drop_writing_times(book: io.BytesIO) -> bytes:
    """Return a workbook without the time at which it was written: the same answer has the same
    bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _WRITING_TIMES.sub(b"", content)
            part = zipfile.ZipInfo(name)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o644 << 16
            new.writestr(part, content)
    return file.getvalue()


def _fill(openpyxl: Any, page: Any, sheet: Sheet) -> None:
    """Write a sheet: a header that stays in sight and filters, columns as wide as what is in
    them."""
    if len(sheet.rows) > MOST_SHEET_ROWS:
        raise UsageError(
            f"{sheet.name} has {len(sheet.rows)} rows, and a sheet holds {MOST_SHEET_ROWS}",
            "choose csv, or narrow it down",
        )
    letter = openpyxl.utils.get_column_letter
    page.freeze_panes = "B2"
    last = letter(max(len(sheet.columns), 1))
    page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    widths = [_width(sheet, place) for place in range(len(sheet.columns))]
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[letter(place)].width = width
    bold, top = openpyxl.styles.Font(bold=True), openpyxl.styles.Alignment(vertical="top")
    wrapped = openpyxl.styles.Alignment(vertical="top", wrap_text=True)
    header = [_make_cell(openpyxl, page, name) for name in sheet.columns]
    for cell in header:
        cell.font = bold
    page.append(header)
    dated = [_is_dated(row[place] for row in sheet.rows) for place in range(len(sheet.columns))]
    for row in sheet.rows:
        cells = [
            _make_cell(openpyxl, page, _read_date(value) if is_date and value else value)
            for value, is_date in zip(row, dated, strict=True)
        ]
        for cell, width in zip(cells, widths, strict=True):
            cell.alignment = wrapped if width == WIDEST else top
        page.append(cells)


def _width(sheet: Sheet, place: int) -> int:
    texts = [sheet.columns[place], *(str(row[place]) for row in sheet.rows[:WIDTH_SAMPLE_ROWS])]
    return min(WIDEST, max(NARROWEST, max(map(len, texts)) + 3))


def _is_dated(values: Iterable[CellValue]) -> bool:
    """Tell whether a column holds whole dates and nothing else; one with a month among them stays
    text, so that it sorts."""
    held = [value for value in values if value not in (None, "")]
    return bool(held) and all(map(_read_date, held))


def _read_date(value: CellValue) -> date | None:
    """Return a text as the date that it is; None where it is none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _make_cell(openpyxl: Any, page: Any, value: CellValue | date) -> Any:
    """Return a cell with a value of its type; text stays text whatever it begins with, and what no
    cell can hold says so."""
    is_number = isinstance(value, int | float) and abs(value) < LARGEST_EXACT_INTEGER
    if value is None or is_number or isinstance(value, date):
        cell = openpyxl.cell.WriteOnlyCell(page, value=value)
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return cell
    text = _UNFIT.sub("\ufffd", flatten_value(value))
    if len(text) > LONGEST_SHEET_CELL:
        text = text[: LONGEST_SHEET_CELL - len(CUT_CELL_NOTE)] + CUT_CELL_NOTE
    cell = openpyxl.cell.WriteOnlyCell(page, value="text" if text else None)
    if text:
        cell._value = text  # `value` would take what begins with "=" for a formula
        cell.quotePrefix = True
    return cell
