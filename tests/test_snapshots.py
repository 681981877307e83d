"""What `lmtx diff` reads: every export and folder, and one clear line for everything else."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.curation import snapshots
from lmtx.errors import DataError
from lmtx.index import APPLICATION_ID, INDEX_FORMAT, open_index
from lmtx.query.export import SQLITE_FORMAT_VERSION
from support import BASE, Answer

Run = Callable[..., Answer]
ABOUT: dict[str, Any] = {
    "schema": 1,
    "lmtx": "0",
    "data": {"version": "2025.1.0", "as_of": "2025-01-31", "sha256": "x"},
    "disclaimer": "d",
}
OUTCOME: dict[str, Any] = {
    "endpoint": "overall-survival",
    "value": 9,
    "unit": "months",
    "ci": [1, 2],
}


def with_outcome(**changed: Any) -> dict[str, Any]:
    return {**ABOUT, "evidence": [{"id": "x.1", "outcomes": [{**OUTCOME, **changed}]}]}


def failing(content: bytes) -> str:
    with pytest.raises(DataError) as caught:
        snapshots.snapshot_bytes(content, "old")
    assert "\n" not in caught.value.message and caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {**ABOUT, "schema": 3, "studies": []},
            "old: written by a newer lmtx (format 3, this one reads up to 2)",
        ),
        ({**ABOUT, "schema": 0, "studies": []}, "old: not an export of lmtx"),
        ({**ABOUT, "schema": "1", "studies": []}, "old: not an export of lmtx"),
        ({**ABOUT, "schema": True, "studies": []}, "old: not an export of lmtx"),
        ({"studies": []}, "old: not an export of lmtx"),
        ([], "old: not an export of lmtx"),
        (3, "old: not an export of lmtx"),
        (ABOUT, "old: holds no table that can be compared"),
        ({**ABOUT, "query": {}, "rows": []}, "old: the answer to a question, not the whole data"),
        ({**ABOUT, "studies": {}}, "old: studies is not a list"),
        (
            {**ABOUT, "studies": [{"id": "a"}, {"id": "b"}, {"id": "a"}]},
            "old: studies, record 3: the id a stands there twice",
        ),
        (
            {**ABOUT, "studies": [{"id": "a\x1b"}, {"id": "a\x1b"}]},
            "old: studies, record 2: the id a\\x1b stands there twice",
        ),
        ({**ABOUT, "studies": [{"id": "a"}, {"name": "b"}]}, "old: studies, record 2: no id"),
        ({**ABOUT, "studies": ["a"]}, "old: studies, record 1: no id"),
        (
            {**ABOUT, "csf": [{"id": "a", "treatment": "t", "study": "s"}]},
            "old: csf, record 1: measure is missing or no text",
        ),
        (
            {**ABOUT, "guidelines": [{"id": "a", "guideline": 3}]},
            "old: guidelines, record 1: guideline is missing or no text",
        ),
        (
            {**ABOUT, "evidence": [{"id": "x.1"}]},
            "old: evidence, record 1 (x.1): outcomes is not a list",
        ),
        (
            {**ABOUT, "evidence": [{"id": "x.1", "outcomes": [3]}]},
            "old: evidence, record 1 (x.1): a figure without endpoint or unit",
        ),
        (
            with_outcome(unit=None),
            "old: evidence, record 1 (x.1): a figure without endpoint or unit",
        ),
        (
            with_outcome(value="9"),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(value=None),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(value=True),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(value=10**400),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(ci=[1, "2"]),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(ci_level="95"),
            "old: evidence, record 1 (x.1): a figure of overall-survival is missing or no number",
        ),
        (
            with_outcome(ci=[1, 2, 3]),
            "old: evidence, record 1 (x.1): ci of overall-survival is no interval",
        ),
        (
            with_outcome(ci="1-2"),
            "old: evidence, record 1 (x.1): ci of overall-survival is no interval",
        ),
    ],
)
def test_a_document_that_is_not_sound(document: Any, said: str) -> None:
    assert failing(json.dumps(document).encode()) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "old:1: not an export of lmtx: Expecting value"),
        (b"hello\nworld", "old:1: not an export of lmtx: Expecting value"),
        (b'{"schema": 1,\n"studies": [}', "old:2: not an export of lmtx: Expecting value"),
        (b"\xff\xfe{\x00", "old: not an export of lmtx: not UTF-8 text"),
        (b"[" * 200_000, "old: not an export of lmtx: nested too deeply"),
        (
            b'{"schema": 1, "studies": [{"id": "a", "x": NaN}]}',
            "old: not an export of lmtx: NaN is no figure",
        ),
        (
            b'{"schema": 1, "studies": [{"id": "a", "x": -Infinity}]}',
            "old: not an export of lmtx: -Infinity is no figure",
        ),
        (
            b'{"schema": 1, "studies": [{"id": "a", "x": 1e999}]}',
            "old: not an export of lmtx: 1e999 is no figure",
        ),
        (
            b'{"schema": ' + b"9" * 5000 + b"}",
            "old: not an export of lmtx: Exceeds the limit (4300 digits) for integer string "
            "conversion: value has 5000 digits",
        ),
        (
            b'{"kind": "about", "schema": 3}\n',
            "old: written by a newer lmtx (format 3, this one reads up to 2)",
        ),
        (b'{"kind": "about"}\n', "old: not an export of lmtx"),
        (b'{"kind": "about", "schema": 1}\n', "old: holds no table that can be compared"),
        (
            b'{"kind": "about", "schema": 1}\n\n{"kind": "study"',
            "old:3: not an export of lmtx: Expecting ',' delimiter",
        ),
        (
            b'{"kind": "about", "schema": 1}\n{"kind": "study", "id": "a", "x": NaN}',
            "old:2: not an export of lmtx: NaN is no figure",
        ),
        (
            b'{"kind": "about", "schema": 1}\n' + b"[" * 200_000,
            "old:2: not an export of lmtx: maximum recursion depth exceeded",
        ),
        (
            b'{"kind": "about", "schema": 1}\n{"id": "a"}',
            "old:2: not an export of lmtx: a line without a kind",
        ),
        (
            b'{"kind": "about", "schema": 1}\n[]',
            "old:2: not an export of lmtx: a line without a kind",
        ),
        (
            b'{"kind": "study", "id": "a"}\n{"kind": "study", "id": "b"}',
            "old:2: not an export of lmtx: Extra data",
        ),
    ],
)
def test_a_file_that_is_none_of_ours(content: bytes, said: str) -> None:
    assert failing(content).startswith(said)


def test_the_format_that_is_written_is_read() -> None:
    from lmtx.render.text.formats import JSON_SCHEMA_VERSION

    assert snapshots.NEWEST_READABLE_JSON_FORMAT == JSON_SCHEMA_VERSION


def test_a_file_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_SNAPSHOT_BYTES", 10)
    assert failing(b" " * 11) == "old: larger than 10 bytes, as no export of lmtx is"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "schema",
                        "studies",
                        "evidence",
                        "id",
                        "outcomes",
                        "csf",
                        "guidelines",
                        "kind",
                        "data",
                        "rows",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_document_ends_in_anything_but_a_data_error(document: Any) -> None:
    for text in (
        json.dumps(document),
        json.dumps({**ABOUT, "studies": [{"id": "a", "x": document}], "evidence": document}),
    ):
        try:
            made = snapshots.snapshot_bytes(text.encode(), "old")
        except DataError:
            continue
        from lmtx.curation.diff import compare_bases

        assert compare_bases(made, made).rows == []


def test_what_is_not_known_of_the_data_is_not_made_up() -> None:
    made = snapshots.snapshot_bytes(
        json.dumps({"schema": 1, "data": {"version": 3}, "disclaimer": [], "studies": []}).encode(
            "utf-8-sig"
        ),
        "old",
    )
    assert (made.data, made.disclaimer) == ({"version": None, "as_of": None, "sha256": None}, "")


def test_a_line_of_another_kind_is_passed_over() -> None:
    made = snapshots.snapshot_bytes(
        b'{"kind": "about", "schema": 1}\n{"kind": "comet", "id": 3}\n{"kind": "study", "id": '
        b'"a"}\n',
        "old",
    )
    assert made.tables == {"studies": [{"id": "a"}]}


@pytest.fixture
def sqlite(base: Path, run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "kb.sqlite"
    assert run("export", "-o", str(path)).code == 0
    return path


def edited(path: Path, *statements: str) -> bytes:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def test_an_export_of_another_format(sqlite: Path) -> None:
    newer = SQLITE_FORMAT_VERSION + 1
    assert (
        failing(edited(sqlite, f"pragma user_version = {newer}"))
        == f"old: written by a newer lmtx (format {newer}, this one reads up to {SQLITE_FORMAT_VERSION})"
    )
    assert failing(edited(sqlite, "pragma user_version = 0")) == "old: not an export of lmtx"


def test_an_index_is_read_too(base: Path, tmp_path: Path) -> None:
    """It is what the SQLite export once was: of an older format as long as its tables are the
    same."""
    index = Path(shutil.copy(open_index().path, tmp_path / "index"))
    newer = INDEX_FORMAT + 1
    assert snapshots.snapshot_bytes(index.read_bytes(), "old").tables["studies"]
    assert (
        failing(edited(index, f"pragma user_version = {newer}"))
        == f"old: written by a newer lmtx (format {newer}, this one reads up to {INDEX_FORMAT})"
    )
    assert snapshots.snapshot_bytes(edited(index, "pragma user_version = 1"), "old").tables[
        "studies"
    ]
    assert (
        failing(edited(index, "drop table csf"))
        == "old: written by an older lmtx (format 1), and not to be read by this one"
    )


def test_a_sqlite_export_holds_what_the_json_export_holds(sqlite: Path, run: Run) -> None:
    whole = snapshots.snapshot_bytes(run("export", "--format", "json").out.encode(), "new")
    assert snapshots.snapshot_bytes(sqlite.read_bytes(), "new") == whole


def test_a_sqlite_file_that_is_none_of_ours(sqlite: Path) -> None:
    good = sqlite.read_bytes()
    assert failing(good[:-5000]).startswith("old: damaged: ")
    assert failing(edited(sqlite, "update studies set nct = '{'")).startswith("old: damaged: ")
    sqlite.write_bytes(good)
    assert failing(
        edited(
            sqlite,
            "drop table outcomes",
            "create table outcomes as select id as endpoint, 1 as value from studies",
        )
    ).startswith("old: damaged: ")
    sqlite.write_bytes(good)
    assert (
        failing(
            edited(sqlite, "drop view csf_levels", "drop table csf", "create view csf as select 1")
        )
        == "old: not an export of lmtx"
    )
    sqlite.write_bytes(good)
    assert (
        APPLICATION_ID
        and failing(edited(sqlite, "pragma application_id = 3")) == "old: not an export of lmtx"
    )


def test_a_damaged_file_leaves_the_cache_alone(sqlite: Path, run: Run) -> None:
    """The index of lmtx itself is not taken for the damaged one."""
    sqlite.write_bytes(sqlite.read_bytes()[:-5000])
    answer = run("diff", str(sqlite))
    assert (
        answer.code == 3
        and answer.err.startswith(f"lmtx: {sqlite}: damaged: ")
        and "cache" not in answer.err
    )


def test_a_folder(run: Run, base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(BASE, folder)
    study = folder / "studies" / "doe-2020.toml"
    study.write_text(
        study.read_text(encoding="utf-8")
        .replace("value = 75", "value = 76")
        .replace("n = 12", "n = 13"),
        encoding="utf-8",
    )
    answer = run("diff", str(folder))
    assert answer.code == 0 and [(row["id"], row["was"], row["now"]) for row in answer.table] == [
        ("doe-2020.1", "13", "12"),
        ("doe-2020.1", "76%", "75%"),
    ], "the shape is asked for, not that events fit their share"
    header = folder / "treatments.toml"
    sound = header.read_text(encoding="utf-8")
    header.write_text(
        sound.replace("schema_version = 2", "schema_version = 3\nnew = 3"), encoding="utf-8"
    )
    assert run("diff", str(folder)) == Answer(
        3,
        "",
        f"lmtx: {folder}: written by a newer lmtx (format 3, this one reads up to 2); update "
        f"lmtx\n",
    )
    header.write_text(sound.replace("schema_version = 2", 'schema_version = "2"'), encoding="utf-8")
    assert run("diff", str(folder)).err.startswith(
        f"lmtx: {folder}/treatments.toml:1: treatments: schema_version"
    )
    header.write_text(sound.replace("version =", "vision ="), encoding="utf-8")
    lines = run("diff", str(folder)).err.splitlines()
    assert (
        lines[0].startswith(f"lmtx: {folder}/treatments.toml:")
        and lines[-1].startswith(f"lmtx: {folder}: ")
        and "problem(s); mend them, or compare an export" in lines[-1]
    )
    header.write_text(sound.replace('study = "doe-2020"', 'study = "nobody"'), encoding="utf-8")
    answer = run("diff", str(folder))
    assert answer.code == 3 and "nobody" in answer.err and "unexpected" not in answer.err
    header.unlink()
    answer = run("diff", str(folder))
    assert (
        answer.code == 3
        and "not a knowledge base: no treatments.toml in it" in answer.err
        and answer.err.count("\n") == 1
    )


def test_a_folder_of_csv(run: Run, base: Path, tmp_path: Path) -> None:
    assert run("export", "-f", "csv", "-o", str(tmp_path / "out")).code == 0
    assert run("diff", str(tmp_path / "out")) == Answer(
        3,
        "",
        f"lmtx: {tmp_path}/out: a folder of CSV, which tells no lists from words; export it as "
        f"json, jsonl or sqlite\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["none.json"],
            3,
            "none.json: no such file or folder; give what lmtx export writes as json, jsonl or "
            "sqlite",
        ),
        (["a\0b"], 2, "an argument holds a sign that no system takes"),
        (
            ["2020.1.0"],
            2,
            "OLD: this lmtx holds data 2026.1.0, not 2020.1.0; give what lmtx export writes",
        ),
        (["2026.1.0", "2020.1.0"], 2, "NEW: this lmtx holds data 2026.1.0, not 2020.1.0"),
        (["-", "-"], 2, "OLD and NEW are both stdin"),
        ([], 2, "missing argument"),
    ],
)
def test_wrong_use_is_one_line(
    base: Path,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("diff", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err and answer.err.count("\n") == 1


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read everything"
)
def test_a_file_that_may_not_be_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.touch(mode=0)
    assert run("diff", str(path)).err.startswith(f"lmtx: {path}: cannot be read: Permission denied")


def test_a_version_that_is_also_a_file(
    base: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2026.1.0").write_text("x")
    assert run("diff", "2026.1.0").err.startswith("lmtx: 2026.1.0:1: not an export of lmtx")
    (tmp_path / "2026.1.0").unlink()
    assert run("diff", "2026.1.0").err.endswith("lmtx: no differences\n")


def test_stdin_and_a_pipe(
    base: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = run("export").out.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    answer = run("diff", "-")
    assert (answer.code, answer.err.splitlines()) == (
        0,
        [
            "lmtx: stdin (data 2026.1.0 of 2026-01-31) → lmtx (data 2026.1.0 of 2026-01-31)",
            "lmtx: no differences",
        ],
    )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert run("diff", str(pipe)).code == 0
    writer.join()


ENDLESS = (
    "with recursive r(n) as (select 1 union all select n + 1 from r) select n as id, '{}' as "
    "record from r"
)


@pytest.mark.parametrize(
    "table", ["tumor", "meta", "recommendation", "RECOMMENDATION", "Guideline", "Meta"]
)
def test_a_view_in_an_index_is_not_even_asked(base: Path, tmp_path: Path, table: str) -> None:
    """It may never end."""
    index = Path(shutil.copy(open_index().path, tmp_path / "index"))
    assert (
        failing(edited(index, f"drop table {table}", f"create view {table} as {ENDLESS}"))
        == "old: not an export of lmtx"
    )


def test_no_view_in_place_of_any_table_of_an_index_keeps_the_reader(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that a question names is refused as a view; of the others no view is asked, or its
    time is short."""
    asked = []
    monkeypatch.setattr(snapshots, "_TimeLimit", lambda: lambda: asked.append(1) or len(asked) > 50)
    with sqlite3.connect(open_index().path) as connection:
        names = connection.execute("select name from sqlite_schema where type = 'table'").fetchall()
    for (name,) in names:
        if not name.startswith(("sqlite_", "text_")):
            index = Path(shutil.copy(open_index().path, tmp_path / "index"))
            view = f"create view {name} as {ENDLESS}"
            with suppress(DataError):
                snapshots.snapshot_bytes(edited(index, f"drop table {name}", view), "old")
            assert len(asked) <= 50, name


def test_what_takes_longer_than_any_export_is_ended(
    sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "STEPS_BETWEEN_LOOKS", 10)
    monkeypatch.setattr(snapshots, "MOST_LOOKS", 3)
    assert failing(sqlite.read_bytes()) == "old: damaged: interrupted"


def test_a_computed_column_is_not_even_asked(sqlite: Path) -> None:
    """It may take all memory."""
    made = (
        "create table about (key text, value text generated always as (hex(zeroblob(300000000))) "
        "virtual)"
    )
    assert (
        failing(
            edited(sqlite, "drop table about", made, "insert into about (key) values ('version')")
        )
        == "old: not an export of lmtx"
    )


def test_bytes_in_place_of_a_text_are_damage(sqlite: Path) -> None:
    assert (
        failing(edited(sqlite, "update studies set title = x'ff00ff' where rowid = 1"))
        == "old: damaged: bytes where a text should be"
    )


def test_countless_brackets_are_refused_before_anything_is_made_of_them() -> None:
    assert "more than 2,000,000 objects and lists" in failing(
        b'{"schema": 1, "studies": [' + b"{}," * 2_000_001 + b"{}]}"
    )
