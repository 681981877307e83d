"""`lmtx export`."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import (
    note_own_records_and_cache,
    on_terminal,
    read_envelope,
    write_bytes_to_stdout,
    write_notes,
    write_text_to_stream,
)
from lmtx.cli.options import (
    BOM_HELP,
    OutputOptions,
    QuietOption,
    open_overlaid_index,
    output_option,
)
from lmtx.errors import UsageError, escape_control
from lmtx.index import Index
from lmtx.query import resolve
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.store.files import FileContent


class ExportFormat(StrEnum):
    """The forms that the whole knowledge base can take."""

    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    sqlite = "sqlite"
    parquet = "parquet"
    xlsx = "xlsx"


_BY_ENDING = {
    ".json": ExportFormat.json, ".jsonl": ExportFormat.jsonl, ".ndjson": ExportFormat.jsonl, ".csv": ExportFormat.csv, ".sqlite": ExportFormat.sqlite, ".sqlite3": ExportFormat.sqlite, ".db": ExportFormat.sqlite,
    ".parquet": ExportFormat.parquet, ".xlsx": ExportFormat.xlsx,
}  # fmt: skip
_FOLDER_FORMATS = (ExportFormat.csv, ExportFormat.parquet)
"""Forms of one file a table."""
_BINARY = (ExportFormat.sqlite, ExportFormat.parquet, ExportFormat.xlsx)


class _Choice(NamedTuple):
    """An export: its form, the one table or None for all, and the file or folder or None for
    stdout."""

    form: ExportFormat
    table: str | None
    output: Path | None
    bom: bool

    @property
    def is_folder(self) -> bool:
        return self.form in _FOLDER_FORMATS and not self.table


def export(
    form: Annotated[
        ExportFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the export; by the ending of PATH, else json.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        output_option(
            "File to write, or - for stdout; for csv and parquet a folder, unless --table "
            "names one table."
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="NAME",
            help="Only this table; outcomes: the figures, one a row.",
            autocompletion=complete.complete_table,
        ),
    ] = None,
    bom: Annotated[
        bool,
        typer.Option(
            "--bom",
            help=BOM_HELP,
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    quiet: QuietOption = False,
) -> None:
    """The whole knowledge base, for programs.

    \b
    lmtx export --format json
    lmtx export --format csv --table outcomes
    lmtx export --format sqlite -o lmtx.db
    lmtx export --format csv -o lmtx-csv
    """
    wanted = _read_choice(form, output, table, bom)
    if wanted.form is ExportFormat.sqlite and wanted.output:
        from lmtx.store.files import refuse_leftover_journals

        refuse_leftover_journals(wanted.output)  # first of all, so that nobody waits for it
    index = open_overlaid_index()
    if wanted.output and wanted.is_folder:
        _fill_folder(index, wanted.output, wanted, force)
    else:
        _write_one_file(_content(index, wanted), wanted.form, wanted.output, force)
    if wanted.output:
        write_notes(
            [_describe_choice(index, wanted.output), *note_own_records_and_cache(index)],
            OutputOptions(quiet=quiet),
        )


def _read_choice(
    form: ExportFormat | None, output: str | None, table: str | None, bom: bool
) -> _Choice:
    """Return what the options mean together; raise UsageError where they do not go together."""
    from lmtx.query.export import EXPORTABLE_TABLES

    path = Path(output) if output and output != "-" else None
    wanted = _Choice(
        form or _BY_ENDING.get(path.suffix.lower() if path else "", ExportFormat.json),
        None if table is None else resolve.resolve_word("table", tuple(EXPORTABLE_TABLES), table),
        path,
        bom,
    )
    if (
        path
        and path.suffix
        and not form
        and path.suffix.lower() not in _BY_ENDING
        and not path.is_dir()
    ):
        raise UsageError(
            f"--output: no form ends in {escape_control(path.suffix)}",
            f"end the name in {', '.join(_BY_ENDING)}, or say the form with --format",
        )
    if output == "":
        raise UsageError("--output: the name is empty", "name a file or a folder, or - for stdout")
    if wanted.form is ExportFormat.sqlite and wanted.table:
        raise UsageError(
            "--table: sqlite is always the whole base", "choose csv, json, jsonl, parquet or xlsx"
        )
    if bom and wanted.form is not ExportFormat.csv:
        raise UsageError(f"--bom: {wanted.form} has no byte-order mark", "it goes with csv")
    if wanted.is_folder and (not path or (path.suffix.lower() in _BY_ENDING and not path.is_dir())):
        raise UsageError(
            f"{wanted.form} is one file a table",
            f"name a folder with -o, or one table with --table: {', '.join(EXPORTABLE_TABLES)}",
        )
    if output and path and output.endswith(("/", os.sep)) and not wanted.is_folder:
        raise UsageError(
            f"--output: {escape_control(output)} is a folder, and {wanted.form} is one file",
            "name a file",
        )
    if wanted.form in _BINARY and not path and on_terminal():
        raise UsageError(
            f"{wanted.form} is not for a terminal", "name a file with -o, or send it to a pipe"
        )
    return wanted


def _fill_folder(index: Index, folder: Path, wanted: _Choice, force: bool) -> None:
    from lmtx.export import csv as folders
    from lmtx.store.files import write_files

    about = read_envelope(index, {})
    made = (
        folders.write_csv_files(index.connection, about, bom=wanted.bom)
        if wanted.form is ExportFormat.csv
        else folders.write_parquet_files(index.connection, about)
    )
    write_files(folder, made, force=force)


def _content(index: Index, wanted: _Choice) -> FileContent:
    """Return everything, or one table, in a form that fits one file."""
    from lmtx.export import json as wholesale
    from lmtx.query.export import EXPORTABLE_TABLES, TABLES

    about = read_envelope(index, {})
    if wanted.form is ExportFormat.sqlite:
        from lmtx.export.sqlite import sqlite_bytes

        return sqlite_bytes(index.connection, about)
    if wanted.form is ExportFormat.csv and wanted.table:
        return wholesale.write_csv_table(index.connection, wanted.table, bom=wanted.bom)
    if wanted.form is ExportFormat.parquet and wanted.table:
        from lmtx.export.parquet import parquet_bytes

        return parquet_bytes(index.connection, wanted.table, about)
    if wanted.form is ExportFormat.xlsx:
        from lmtx.export.xlsx import base_workbook

        return base_workbook(
            index.connection, [wanted.table] if wanted.table else list(EXPORTABLE_TABLES), about
        )
    make = (
        wholesale.write_json_document
        if wanted.form is ExportFormat.json
        else wholesale.write_json_lines
    )
    return make(index.connection, [wanted.table] if wanted.table else list(TABLES), about)


def _write_one_file(
    content: FileContent, form: ExportFormat, output: Path | None, force: bool
) -> None:
    if output:
        from lmtx.store.files import write_file

        write_file(output, content, force=force)
    elif isinstance(content, bytes):
        write_bytes_to_stdout(content)
    else:
        write_text_to_stream(content, json=form in (ExportFormat.json, ExportFormat.jsonl))


def _describe_choice(index: Index, output: Path) -> str:
    from lmtx.query.export import count_records

    found = count_records(index.connection)
    return (
        f"{output}: data of {found['studies']} studies, {found['evidence']} rows of evidence, "
        f"{found['outcomes']} figures"
    )
