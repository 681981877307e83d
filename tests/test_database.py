"""The SQLite export: whole, typed, linked, searchable, and the same as the other forms."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmtx.cli.answer import read_envelope
from lmtx.curation import dictionary
from lmtx.export.sqlite import sqlite_bytes
from lmtx.index import open_index
from lmtx.query.export import EXPORTABLE_TABLES, count_records, export_records
from support import Answer, at_or_below, raw_rows, study, study_names

Run = Callable[..., Answer]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the bundled knowledge base."""
    path = tmp_path_factory.mktemp("sqlite") / "lmtx.db"
    index = open_index()
    path.write_bytes(sqlite_bytes(index.connection, read_envelope(index, {})))
    return path


@pytest.fixture
def made(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    yield connection
    connection.close()


def names(made: sqlite3.Connection, kind: str) -> set[str]:
    return {
        name
        for (name,) in made.execute(
            "select name from sqlite_master where type = ? and name not like '%\\_fts%' escape "
            "'\\'",
            [kind],
        )
    }


def test_it_is_whole_and_every_reference_leads_to_a_row(made: sqlite3.Connection) -> None:
    assert made.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert made.execute("pragma foreign_key_check").fetchall() == []
    keys = [
        key
        for table in names(made, "table")
        for key in made.execute(f'pragma foreign_key_list("{table}")')
    ]
    assert keys and all(to == "id" for _, _, _, _, to, *_ in keys), (
        "Datasette fails where the column is left to be guessed"
    )
    referring = {
        table
        for table in names(made, "table")
        if made.execute(f'pragma foreign_key_list("{table}")').fetchall()
    }
    assert {
        "evidence",
        "outcomes",
        "csf",
        "facts",
        "treatments",
        "tumors",
        "evidence_treatments",
        "studies_overlaps",
        "treatment_tallies",
    } <= referring


def test_the_command_writes_the_same_bytes_each_time(run: Run, file: Path, tmp_path: Path) -> None:
    assert run("export", "-o", str(tmp_path / "again.sqlite"), "-q") == Answer(0, "", "")
    assert (tmp_path / "again.sqlite").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("table", EXPORTABLE_TABLES)
def test_a_table_holds_what_the_other_forms_hold(made: sqlite3.Connection, table: str) -> None:
    """Column by column: lists as JSON, true and false as 1 and 0, numbers as numbers."""
    columns = [
        column
        for column in dictionary.list_columns_by_table()[table]
        if (table, column.name) not in {("evidence", "outcomes"), ("evidence", "given")}
    ]
    listed = [(name, type_) for _, name, type_, *_ in made.execute(f'pragma table_info("{table}")')]
    assert [name for name, _ in listed] == [column.name for column in columns]
    assert dict(listed) == {
        column.name: "TEXT"
        if column.many
        else {"integer": "INTEGER", "boolean": "INTEGER", "number": "REAL"}.get(column.type, "TEXT")
        for column in columns
    }
    found = [
        [
            json.loads(cell) if column.many else cell
            for cell, column in zip(row, columns, strict=True)
        ]
        for row in made.execute(f'select * from "{table}" order by rowid')
    ]
    assert found == [
        [json.loads(text)[column.name] for column in columns]
        for text in export_records(open_index().connection, table)
    ]


def test_lists_of_ids_are_tables_of_pairs(made: sqlite3.Connection) -> None:
    rows = [{**row, "treatments": row["tested"]} for row in raw_rows()]
    for column, one in (
        ("treatments", "treatment"),
        ("tumors", "tumor"),
        ("biomarkers", "biomarker"),
    ):
        assert set(made.execute(f"select evidence, {one} from evidence_{column}")) == {
            (row["id"], id_) for row in rows for id_ in row.get(column, [])
        }
    assert set(made.execute("select study, other from studies_overlaps")) == {
        (name, other)
        for name in study_names()
        for other in study(name)["study"].get("overlaps", [])
    }
    assert made.execute("select count(*) from trials_results").fetchone()[0] > 5
    assert (
        made.execute(
            "select count(*) from guidelines_tumors x join guidelines g on g.id = x.statement"
        ).fetchone()[0]
        >= 28
    )
    assert not {name for name in names(made, "table") if name.startswith("outcomes_")}


def test_treatments_are_counted_as_the_listing_counts_them(
    made: sqlite3.Connection, run: Run
) -> None:
    columns = (
        "id",
        "name",
        "level",
        "studies",
        "patients",
        "syntheses",
        "benefit",
        "no_benefit",
        "mixed",
        "unclear",
        "figure",
        "figure_study",
        "figure_n",
        "figure_scope",
        "read_in",
        "latest",
    )
    found = [
        dict(zip(columns, row, strict=True))
        for row in made.execute(f"select {', '.join(columns)} from treatments_overview")
    ]
    assert found == [
        {name: row[name] for name in columns} for row in run("list", "--all", "--json").rows
    ]
    types = {
        name: type_ for _, name, type_, *_ in made.execute("pragma table_info(treatment_tallies)")
    }
    assert (types["patients"], types["place"], types["figure"]) == ("INTEGER", "INTEGER", "TEXT")


def test_the_long_view_is_the_table_under_the_names_of_a_meta_analysis(
    made: sqlite3.Connection,
) -> None:
    pairs = {
        "study": "study",
        "arm": "evidence",
        "endpoint": "endpoint",
        "estimate": "value",
        "ci_low": "ci_low",
        "ci_high": "ci_high",
        "events": "events",
        "total": "total",
        "n": "n",
        "level": "level",
        "patient_group": '"group"',
        "superseded_by": "superseded_by",
    }
    assert (
        made.execute(
            f"select {', '.join(pairs)} from outcomes_long order by arm, position"
        ).fetchall()
        == made.execute(
            f"select {', '.join(pairs.values())} from outcomes order by evidence, position"
        ).fetchall()
    )
    [(treatments,)] = made.execute(
        "select treatments from outcomes_long where arm = 'ahn-2020-aura-lm.1' limit 1"
    )
    assert treatments == "osimertinib"


def test_a_view_loses_no_row(made: sqlite3.Connection) -> None:
    found = count_records(open_index().connection)
    for view, table in {
        "treatments_overview": "treatments", "studies_overview": "studies", "evidence_overview": "evidence", "outcomes_long": "outcomes", "csf_levels": "csf",
        "guideline_statements": "guidelines", "trials_overview": "trials", "facts_overview": "facts",
    }.items():  # fmt: skip
        assert made.execute(f"select count(*) from {view}").fetchone()[0] == found[table], view


def test_a_row_that_stands_is_not_superseded(made: sqlite3.Connection) -> None:
    """The view of rows and the table of figures say the same about the reports that replace
    them."""
    stands = [row["id"] for row in raw_rows() if row.get("stands")]
    assert stands
    for id_ in stands:
        assert made.execute(
            "select superseded_by from evidence_overview where id = ?", [id_]
        ).fetchone() == (None,)
    assert made.execute(
        "select count(*) from outcomes o join evidence_overview e on e.id = o.evidence where "
        "o.superseded_by is not e.superseded_by"
    ).fetchone() == (0,)
    assert (
        made.execute(
            "select count(*) from evidence_overview where superseded_by is not null"
        ).fetchone()[0]
        > 5
    )


def test_the_trees(made: sqlite3.Connection) -> None:
    for view, column, kind, top in (
        ("tumors_below", "tumor", "tumor", "lung"),
        ("classes_below", "class", "class", "immunotherapy"),
        ("biomarkers_below", "biomarker", "biomarker", "egfr"),
    ):
        assert {
            node
            for (node,) in made.execute(f"select {column} from {view} where ancestor = ?", [top])
        } == at_or_below(kind, top)


def test_what_a_publication_treats(made: sqlite3.Connection) -> None:
    overview = made.execute(
        "select id, treatments, evidence_rows, figures from studies_overview"
    ).fetchall()
    assert {name for name, *_ in overview} == set(study_names())
    for name, treatments, rows, figures in overview:
        own = [row for row in raw_rows() if row["of"]["id"] == name]
        assert (rows, figures) == (len(own), sum(len(row.get("outcome", ())) for row in own))
        assert (treatments or "").split("; ") == (
            sorted({id_ for row in own for id_ in row["tested"]}) or [""]
        )


def test_it_says_what_it_holds(made: sqlite3.Connection) -> None:
    listed = dict(made.execute("select name, kind from contents"))
    assert {name for name, kind in listed.items() if kind == "table"} == names(made, "table")
    assert {name for name, kind in listed.items() if kind == "view"} == names(made, "view")
    assert {name for name, kind in listed.items() if kind == "index"} == {
        name
        for (name,) in made.execute("select name from sqlite_master where sql like '%using fts5%'")
    }
    about = dict(made.execute("select key, value from about"))
    assert {"program", "version", "as_of", "sha256", "licence", "disclaimer"} == set(about)
    assert set(made.execute('select "table", "column" from dictionary')) == {
        row[:2] for row in dictionary.dictionary_rows()
    } - {("evidence", "outcomes"), ("evidence", "given")}
    assert made.execute("select count(*) from vocabulary").fetchone() == (
        len(dictionary.vocabulary_words()),
    )
    assert not made.execute(
        "select 1 from contents where meaning is null or meaning = ''"
    ).fetchall()


def test_it_opens_with_sqlite_utils(file: Path) -> None:
    """Its search finds the full-text index of every table of records, its own words included."""
    sqlite_utils = pytest.importorskip("sqlite_utils")
    opened = sqlite_utils.Database(file)
    try:
        assert (
            set(EXPORTABLE_TABLES) <= set(opened.table_names())
            and "outcomes_long" in opened.view_names()
        )
        unsearched = {"outcomes", "effects", "exclusions", "given", "classes", "biomarkers"}
        for table in set(EXPORTABLE_TABLES) - unsearched:
            assert opened[table].detect_fts() == f"{table}_fts"
        assert {row["id"] for row in opened["treatments"].search("osimertinib")} >= {"osimertinib"}
        assert {row["id"] for row in opened["treatments"].search("Tagrisso")} == {"osimertinib"}
        found = [row["id"] for row in opened["evidence"].search("intrathecal pemetrexed")]
        assert len(found) > 5
        assert opened["evidence"].pks == ["id"] and opened["outcomes"].pks == [
            "evidence",
            "position",
        ]
        assert ("study", "studies") in {
            (key.column, key.other_table) for key in opened["evidence"].foreign_keys
        }
    finally:
        opened.close()


def test_another_base(base: Path, run: Run, tmp_path: Path) -> None:
    """What holds for the bundled base holds for one of five studies."""
    assert run("export", "-o", str(tmp_path / "made-up.db"), "-q").code == 0
    connection = sqlite3.connect(tmp_path / "made-up.db")
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert connection.execute("select count(*) from studies").fetchone()[0] == 5
    connection.close()
