"""`lmtx export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmtx import resolve
from lmtx.cli import complete
from lmtx.cli.answer import envelope, on_terminal, tell, write, write_bytes
from lmtx.cli.options import OutputOptions
from lmtx.errors import UsageError
from lmtx.index import Index, open_index

if TYPE_CHECKING:
    from lmtx.output.files import Content


class Form(StrEnum):
    """The forms that the whole knowledge base can take."""

    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    sqlite = "sqlite"


_BY_ENDING = {".jsonl": Form.jsonl, ".ndjson": Form.jsonl, ".csv": Form.csv, ".sqlite": Form.sqlite, ".sqlite3": Form.sqlite, ".db": Form.sqlite}


def export(
    form: Annotated[Form | None, typer.Option("--format", "-f", help="Form of the export; by the ending of PATH, else json.", show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help="File to write; for csv a folder, unless --table names one table.", show_default=False)] = None,
    table: Annotated[str | None, typer.Option("--table", metavar="NAME", help="Only this table; outcomes: the figures, one a row.", autocompletion=complete.tables)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")] = False,
) -> None:
    """The whole knowledge base, for programs.

    \b
    lmtx export --format json
    lmtx export --format csv --table outcomes
    lmtx export --format jsonl
    """
    from lmtx.query.dump import LONG

    form = form or _BY_ENDING.get(output.suffix.lower() if output else "", Form.json)
    name = resolve.word("--table", tuple(LONG), table) if table else None
    if form is Form.sqlite and name:
        raise UsageError("--table: sqlite is always the whole base", "choose csv, json or jsonl")
    if form is Form.csv and not name and not output:
        raise UsageError("csv is one file a table", f"name a folder with -o, or one table with --table: {', '.join(LONG)}")
    if form is Form.sqlite and not output and on_terminal():
        raise UsageError("sqlite is not for a terminal", "name a file with -o, or send it to a pipe")
    index = open_index()
    if form is Form.csv and output and not name:
        from lmtx.output.files import put_all
        from lmtx.output.wholesale import sheets

        put_all(output, sheets(index.connection, envelope(index, {})), force=force)
    else:
        _one(_content(index, form, name), output, force)
    if output:
        tell([_told(index, output)], OutputOptions(quiet=quiet))


def _content(index: Index, form: Form, table: str | None) -> Content:
    """Return everything, or one table, in a form that fits one file."""
    from lmtx.output import wholesale
    from lmtx.query.dump import TABLES

    if form is Form.sqlite:
        return index.connection.serialize()
    if form is Form.csv and table:
        return wholesale.sheet(index.connection, table)
    tables = [table] if table else list(TABLES)
    make = wholesale.document if form is Form.json else wholesale.lines
    return make(index.connection, tables, envelope(index, {}))


def _one(content: Content, output: Path | None, force: bool) -> None:
    if output:
        from lmtx.output.files import put

        put(output, content, force=force)
    elif isinstance(content, bytes):
        write_bytes(content)
    else:
        write(content)


def _told(index: Index, output: Path) -> str:
    from lmtx.query.dump import counts

    found = counts(index.connection)
    return f"{output}: data of {found['studies']} studies, {found['evidence']} rows of evidence, {found['outcomes']} figures"
