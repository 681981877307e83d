"""The data dictionary: it has every column of the export, with a type that every record keeps to
and a meaning."""

from __future__ import annotations

import csv
import json
import re
import runpy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lmtx.curation import dictionary
from lmtx.curation.dictionary import ExportColumn
from lmtx.curation.file_schema import MODEL_OF_FILE_KIND, list_vocabularies
from lmtx.index import open_index
from lmtx.query.export import EXPORTABLE_TABLES, export_records, table_columns
from support import ROOT, Answer

Run = Callable[..., Answer]
TABLES = dictionary.list_columns_by_table()
PYTHON = {"text": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict}


def test_the_page_is_current() -> None:
    maker = runpy.run_path(str(ROOT / "docs" / "make_dictionary.py"))
    assert maker["page"]() == (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8"), (
        "run: python docs/make_dictionary.py"
    )


def test_links_of_the_page_lead_to_its_vocabularies() -> None:
    page = (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert (
        linked
        and linked <= set(list_vocabularies())
        and all(f"\n### {name}\n" in page for name in linked)
    )


@pytest.mark.parametrize("table", EXPORTABLE_TABLES)
def test_it_has_the_columns_of_the_export_in_their_order(table: str) -> None:
    assert [column.name for column in TABLES[table]] == table_columns(
        open_index().connection, table
    )


def ids_of(table: str) -> set[str]:
    return {json.loads(text)["id"] for text in export_records(open_index().connection, table)}


@pytest.mark.parametrize("table", EXPORTABLE_TABLES)
def test_every_record_keeps_to_it(table: str) -> None:
    """Types hold, words are of the vocabulary, ids lead to a record."""
    known = {column.ids: ids_of(column.ids) for column in TABLES[table] if column.ids}
    for text in export_records(open_index().connection, table):
        record = json.loads(text)
        for column in TABLES[table]:
            check(column, record[column.name], known, f"{table}.{column.name} of {text[:80]}")


def check(column: ExportColumn, value: Any, known: dict[str, set[str]], where: str) -> None:
    if value is None:
        return
    assert isinstance(value, list) is column.many, where
    for item in value if column.many else [value]:
        if column.type == "date":
            date.fromisoformat(item)
            continue
        assert isinstance(item, PYTHON[column.type]) and isinstance(item, bool) is (
            column.type == "boolean"
        ), where
        assert not column.words or item in list_vocabularies()[column.words], where
        assert not column.ids or item in known[column.ids], where
        for inner in column.inside:
            check(inner, item[inner.name], known, f"{where}: {inner.name}")


def walked(found: tuple[ExportColumn, ...]) -> list[ExportColumn]:
    return [column for top in found for column in (top, *walked(top.inside))]


def test_every_column_and_key_has_a_meaning() -> None:
    """A field of a model without a description would leave a hole."""
    for name, found in {**TABLES, **dictionary.list_keys_by_file_kind()}.items():
        assert [column.name for column in walked(found) if not column.meaning] == [], name
    assert set(dictionary.list_keys_by_file_kind()) == set(MODEL_OF_FILE_KIND)


@pytest.mark.parametrize(
    ("table", "name", "said", "words", "ids"),
    [
        ("evidence", "treatments", "list of text", "", "treatments"),
        ("evidence", "outcomes", "list of objects", "", ""),
        ("evidence", "level", "text", "levels", ""),
        ("evidence", "n", "integer", "", ""),
        ("outcomes", "value", "number", "", ""),
        ("outcomes", "scope", "text", "scopes", ""),
        ("outcomes", "cohort", "text", "", "studies"),
        ("studies", "lm_only", "boolean", "", ""),
        ("tumors", "parent", "text", "", "tumors"),
        ("treatments", "class", "text", "", "classes"),
        ("facts", "topic", "text", "fact-topics", ""),
        ("guidelines", "topic", "text", "topics", ""),
        ("trials", "results", "list of text", "", "studies"),
    ],
)
def test_examples(table: str, name: str, said: str, words: str, ids: str) -> None:
    column = next(column for column in TABLES[table] if column.name == name)
    assert (column.phrase, column.words, column.ids) == (said, words, ids)


def test_the_meaning_is_that_in_the_export_not_that_in_the_file() -> None:
    """A comparison names its rows by their numbers in a file, and by their ids there."""
    in_file = {
        column.name: column
        for top in dictionary.list_keys_by_file_kind()["study"]
        if top.name == "comparison"
        for column in top.inside
    }
    in_export = {column.name: column for column in TABLES["comparisons"]}
    assert (in_file["of"].type, in_export["of"].type) == ("integer", "text")
    assert in_export["of"].ids == "evidence"


def test_it_goes_with_a_folder_of_csv(run: Run, tmp_path: Path) -> None:
    assert run("export", "-f", "csv", "-o", str(tmp_path / "out"), "-q").code == 0
    with (tmp_path / "out" / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for table in EXPORTABLE_TABLES:
        with (tmp_path / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [
                row["column"] for row in found if row["table"] == table
            ]
    with (tmp_path / "out" / "vocabulary.csv").open(encoding="utf-8", newline="") as file:
        words = list(csv.DictReader(file))
    assert {(row["vocabulary"], row["word"]) for row in words} == {
        (name, word) for name, terms in list_vocabularies().items() for word in terms
    }
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert (
        f"| dictionary.csv | {len(found)} |" in readme
        and f"| vocabulary.csv | {len(words)} |" in readme
    )
