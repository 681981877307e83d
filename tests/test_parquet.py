"""The Parquet export: typed columns, read back by DuckDB and pyarrow, the same as the other
forms."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lmtx.curation import dictionary
from lmtx.export.parquet import _value, parquet_bytes
from lmtx.index import open_index
from lmtx.query.export import EXPORTABLE_TABLES, export_records
from support import Answer, raw_rows

duckdb = pytest.importorskip("duckdb")
parquet = pytest.importorskip("pyarrow.parquet")
Run = Callable[..., Answer]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet of the bundled knowledge base."""
    from lmtx.cli.answer import read_envelope
    from lmtx.export import csv as folders
    from lmtx.store.files import write_files

    index = open_index()
    place = tmp_path_factory.mktemp("parquet") / "out"
    write_files(
        place, folders.write_parquet_files(index.connection, read_envelope(index, {})), force=False
    )
    return place


def asked(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query.replace("FOLDER", str(folder))).fetchall()


def test_a_file_a_table(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "dictionary.csv",
        "vocabulary.csv",
        *(f"{table}.parquet" for table in EXPORTABLE_TABLES),
    }
    assert "| outcomes.parquet | " in (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", EXPORTABLE_TABLES)
def test_nothing_is_lost(folder: Path, table: str) -> None:
    """Every record comes back as the JSON export has it, dates aside."""
    found = json.loads(
        json.dumps(
            parquet.read_table(folder / f"{table}.parquet").to_pylist(), default=date.isoformat
        )
    )
    assert found == [json.loads(text) for text in export_records(open_index().connection, table)]


def test_types(folder: Path) -> None:
    types = {name: type_ for name, type_, *_ in asked(folder, "describe 'FOLDER/outcomes.parquet'")}
    assert (
        types["value"],
        types["events"],
        types["mixed"],
        types["treatments"],
        types["endpoint"],
    ) == ("DOUBLE", "BIGINT", "BOOLEAN", "VARCHAR[]", "VARCHAR")
    inside = {
        name: type_
        for name, type_, *_ in asked(
            folder,
            "describe select unnest(second_read, recursive := true) from 'FOLDER/studies.parquet'",
        )
    }
    assert inside["on"] == "DATE"
    assert {name: type_ for name, type_, *_ in asked(folder, "describe 'FOLDER/evidence.parquet'")}[
        "outcomes"
    ].endswith("[]")


def test_a_query_over_lists_joins_and_dates(folder: Path) -> None:
    """DuckDB counts what the data files hold."""
    [(number,)] = asked(
        folder,
        "select count(*) from 'FOLDER/evidence.parquet' where list_contains(tumors, 'melanoma')",
    )
    assert number == sum("melanoma" in row["tumors"] for row in raw_rows()) > 0
    joined = asked(
        folder,
        "select o.evidence, o.value from 'FOLDER/outcomes.parquet' o join "
        "'FOLDER/studies.parquet' s on s.id = o.study where s.year >= 2020 and o.endpoint = "
        "'overall-survival' and o.value is not null",
    )
    assert sorted(joined) == sorted(
        (row["id"], float(o["value"]))
        for row in raw_rows()
        if row["of"].get("year", 0) >= 2020
        for o in row.get("outcome", ())
        if o["endpoint"] == "overall-survival" and "value" in o
    )
    [(newest,)] = asked(
        folder,
        "select max(r.\"on\") from (select unnest(second_read) as r from 'FOLDER/studies.parquet')",
    )
    assert isinstance(newest, date)


def test_columns_and_files_say_what_they_are(folder: Path) -> None:
    schema = parquet.read_schema(folder / "csf.parquet")
    for column in dictionary.list_columns_by_table()["csf"]:
        assert schema.field(column.name).metadata[b"description"].decode() == column.meaning
    assert json.loads(schema.metadata[b"lmtx"])["data"]["sha256"]


def test_one_table_is_one_file_and_the_same_each_time(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    for name in ("once.parquet", "twice.parquet"):
        assert run("export", "--table", "outcomes", "-o", str(tmp_path / name)).code == 0
        assert (tmp_path / name).read_bytes() == (folder / "outcomes.parquet").read_bytes()


def test_it_goes_to_a_pipe_but_not_to_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from lmtx.cli.run import main

    assert main(["export", "-f", "parquet", "--table", "csf"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"PAR1")
    monkeypatch.setenv("LMTX_FORCE_TTY", "80")
    assert main(["export", "-f", "parquet", "--table", "csf"]) == 2
    assert (
        b"parquet is not for a terminal; name a file with -o, or send it to a pipe"
        in capfdbinary.readouterr().err
    )


@pytest.mark.parametrize("arguments", [["-o", "out"], ["--table", "csf"]])
def test_without_pyarrow_one_line_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run("export", "-f", "parquet", *arguments) == Answer(
        2,
        "",
        f"lmtx: pyarrow is not installed; {sys.executable} -m pip install 'pyarrow>=17'\n",
    )
    assert not list(tmp_path.iterdir())


def test_values() -> None:
    """A date becomes one, at any depth, and what is not known stays so."""
    on = dictionary.ExportColumn("on", "date", "")
    assert _value("2026-11-24", on) == date(2026, 11, 24) and _value(None, on) is None
    assert _value(
        [{"on": "2026-11-24"}], dictionary.ExportColumn("read", "object", "", True, inside=(on,))
    ) == [{"on": date(2026, 11, 24)}]


def test_an_empty_table_keeps_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from lmtx.cli.answer import read_envelope

    monkeypatch.setattr("lmtx.export.parquet.export_records", lambda *_: iter(()))
    index = open_index()
    made = parquet.read_table(
        io.BytesIO(parquet_bytes(index.connection, "trials", read_envelope(index, {})))
    )
    assert made.num_rows == 0 and made.column_names == [
        column.name for column in dictionary.list_columns_by_table()["trials"]
    ]
