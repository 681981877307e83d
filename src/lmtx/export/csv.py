"""The whole knowledge base as a folder: a file a table, with a README, the data dictionary and the
vocabularies beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lmtx.curation import dictionary
from lmtx.export.json import write_csv, write_csv_table
from lmtx.query.export import EXPORTABLE_TABLES, count_records

if TYPE_CHECKING:
    from lmtx.render import Envelope
    from lmtx.store.files import FileContent

_CSV = (
    "All files are UTF-8 with a header row and commas. Lists are joined by `; `; what is nested "
    "deeper, such as the outcomes of an evidence row, stands as JSON in its cell. "
    "An empty cell means: not known or not stated; `TRUE` and `FALSE` are logical. Where a text "
    "could run as a formula (it begins with `=`, `+`, `-` or `@` and is no number, "
    "or goes on so after a semicolon), an apostrophe stands before that; take the first of such "
    "apostrophes away to have the text back."
)
_PARQUET = (
    "Columns are typed: lists are lists, outcomes and second readings lists of structures, and "
    "null means: not known or not stated. The description of each column stands in the file too."
)


def write_csv_files(
    connection: sqlite3.Connection, envelope: Envelope, *, bom: bool = False
) -> Iterator[tuple[str, FileContent]]:
    """Yield the files of a folder of CSV, each with its name."""
    return _files(
        connection,
        envelope,
        "csv",
        _CSV,
        bom,
        lambda table: write_csv_table(connection, table, bom=bom),
    )


def write_parquet_files(
    connection: sqlite3.Connection, envelope: Envelope
) -> Iterator[tuple[str, FileContent]]:
    """Yield the files of a folder of Parquet, each with its name; raise UsageError where pyarrow is
    not installed."""
    from lmtx.export.parquet import parquet_bytes

    return _files(
        connection,
        envelope,
        "parquet",
        _PARQUET,
        False,
        lambda table: parquet_bytes(connection, table, envelope),
    )


def _files(
    connection: sqlite3.Connection,
    envelope: Envelope,
    ending: str,
    form: str,
    bom: bool,
    make: Callable[[str], FileContent],
) -> Iterator[tuple[str, FileContent]]:
    yield "README.md", _readme(connection, envelope, ending, form)
    yield (
        "dictionary.csv",
        write_csv(dictionary.DICTIONARY_HEADER, dictionary.dictionary_rows(), bom=bom),
    )
    yield (
        "vocabulary.csv",
        write_csv(dictionary.VOCABULARY_HEADER, dictionary.vocabulary_words(), bom=bom),
    )
    for table in EXPORTABLE_TABLES:
        yield f"{table}.{ending}", make(table)


def _readme(
    connection: sqlite3.Connection, envelope: Envelope, ending: str, form: str
) -> Iterator[str]:
    data, found = envelope.data, count_records(connection)
    yield (
        f"# Evidence on treating leptomeningeal metastasis, data {data['version']} of "
        f"{data['as_of']}\n\n"
    )
    yield (
        f"Written by lmtx {envelope.program}; SHA-256 of the data files: "
        f"`{data['sha256']}`.\n\n{envelope.disclaimer}\n\n"
    )
    if data.get("with"):
        yield (
            f"Own records are laid over the bundled ones: {', '.join(data['with'])}. The column "
            f"`source` tells them apart.\n\n"
        )
    yield "| file | rows | what a row is |\n| --- | --- | --- |\n"
    for name, table in EXPORTABLE_TABLES.items():
        yield f"| {name}.{ending} | {found[name]} | {table.meaning} |\n"
    yield (
        f"| dictionary.csv | {len(dictionary.dictionary_rows())} | a column of these tables: its "
        f"type, the vocabulary or the table whose ids it holds, and its meaning |\n"
    )
    yield (
        f"| vocabulary.csv | {len(dictionary.vocabulary_words())} | a word of a closed "
        f"vocabulary, with its label and meaning |\n"
    )
    yield (
        f"\n{form}\n"
        "\nFigures are as printed: nothing is rounded, converted or pooled, but for `effects`, "
        "where "
        "each row names the formula by which its estimate was computed from what is printed. For a "
        "meta-analysis take that table, in which nobody stands twice, and `exclusions`, which says "
        "what is not in it; in `outcomes` patients stand as often as they are told. `scope` says "
        "whom a "
        "figure counts (only `whole` speaks for its row), `superseded_by` and `cohort` which "
        "reports tell the same patients, and `read_in` where figures were read; `secondary` and "
        "`recalled` were not read at their source.\n"
        "The data are under CC BY 4.0: name the source and the version.\n"
    )
