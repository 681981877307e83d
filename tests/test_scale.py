"""A larger base costs more only where the answer is larger: copies of all studies, and the same
questions to both."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lmtx.index import connect_index, make_connection_read_only, open_index
from lmtx.index.compile import compile_folder
from support import DATA, ROOT, Answer

sys.path.insert(0, str(ROOT / "bench"))

import generate

TIMES = 2
SMALL = {
    "SCAN t",
    "SCAN csf",
    "SCAN c",
    "SCAN biomarker",
    "SCAN fact",
    "SCAN g",
    "SCAN f",
    "SCAN x",
    "SCAN trial",
    "SCAN r",
    "SCAN meta",
    "SCAN treatment_route",
    "SCAN json_each",
    "SCAN text VIRTUAL TABLE",
    "SCAN main.text_config",
}
"""What may be read whole: what the copies do not copy, and what FTS5 finds by itself."""
SAME = (
    ["list", "--tumor", "melanoma"], ["list", "--tumor", "melanoma", "--endpoint", "overall-survival"], ["evidence", "--tumor", "melanoma"], ["evidence", "--tumor", "melanoma", "--sort", "n"],
    ["list", "--tumor", "melanoma", "--biomarker", "braf"], ["evidence", "--tumor", "melanoma", "--class", "immunotherapy"],
    ["show", "osimertinib"], ["show", "35802849"], ["show", "melanoma"], ["search", "intrathecal", "pemetrexed", "--limit", "500"], ["search", "osimertinib", "--limit", "500"], ["csf", "methotrexate"], ["guidelines"],
)  # fmt: skip
"""Questions about words that no copy holds."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of a base with twice the studies."""
    place = tmp_path_factory.mktemp("grown")
    generate.grow(place / "data", TIMES)
    compile_folder(place / "data", place / "index.sqlite")
    return place / "index.sqlite"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the base as it is; a copy, for the one in the cache goes when newer ones come."""
    index = open_index()
    index.connection.close()
    return shutil.copy(index.path, tmp_path_factory.mktemp("bundled") / "index.sqlite")


def counted(index: Path, query: str) -> Any:
    with closing(connect_index(index)) as connection:
        return connection.execute(query).fetchone()[0]


@pytest.mark.parametrize("table", ["study", "evidence", "outcome"])
def test_a_grown_base_holds_every_study_so_many_times(
    bundled: Path, grown: Path, table: str
) -> None:
    assert counted(grown, f"select count(*) from {table}") == TIMES * counted(
        bundled, f"select count(*) from {table}"
    )


def test_copies_have_ids_and_links_of_their_own(grown: Path) -> None:
    name = counted(
        grown, "select id from study where superseded_by is not null and id like '%-x2' limit 1"
    )
    first = name.removesuffix("-x2")
    later = counted(grown, f"select superseded_by from study where id = '{first}'")
    assert counted(grown, f"select superseded_by from study where id = '{name}'") == f"{later}-x2"
    assert counted(grown, f"select cohort from study where id = '{name}'") != counted(
        grown, f"select cohort from study where id = '{first}'"
    )


def test_one_time_the_base_is_the_base(tmp_path: Path) -> None:
    generate.grow(tmp_path / "data", 1)
    assert {path.name for path in (tmp_path / "data" / "studies").iterdir()} == {
        path.name for path in (DATA / "studies").iterdir()
    }


def test_a_copy_speaks_of_other_words_and_borrows_no_number() -> None:
    text = (
        'id = "melanoma-1"\npmid = "1"\ndoi = "10.1000/a"\nnct = ["NCT00000001"]\noverlaps = [\n  '
        '  "pemetrexed-2",\n]\ntitle = "Pemetrexed in Melanoma"\n\n[[evidence]]\nid = '
        '"osimertinib"\n'
    )
    assert list(generate.copies(generate.template(text), 2)) == [
        (
            2,
            'id = "sarcoma-1-x2"\ndoi = "10.1000/a.x2"\noverlaps = [\n    '
            '"topotecan-2-x2",\n]\ntitle = "topotecan in sarcoma"\n\n[[evidence]]\nid = '
            '"gefitinib"\n',
        )
    ]


@pytest.fixture
def ask(
    run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path, list[str]], tuple[Answer, list[str]]]:
    """Ask an index a question: `ask(index, ["list"])` gives the answer and every plan of SQLite
    behind it."""

    def asked(index: Path, arguments: list[str]) -> tuple[Answer, list[str]]:
        statements: list[str] = []

        def watched(connection: sqlite3.Connection) -> sqlite3.Connection:
            connection.set_trace_callback(statements.append)
            return make_connection_read_only(connection)

        with monkeypatch.context() as patch:
            patch.setattr("lmtx.index.BUNDLED_INDEX", index)
            patch.setattr("lmtx.index.make_connection_read_only", watched)
            answer = run(*arguments)
        with closing(connect_index(index)) as connection:
            return answer, [
                detail
                for statement in statements
                if statement.startswith("select")
                for *_, detail in connection.execute(f"explain query plan {statement}")
            ]

    return asked


@pytest.mark.parametrize("arguments", SAME, ids=" ".join)
def test_what_no_copy_speaks_of_has_the_same_answer_and_reads_no_table_that_grows(
    ask: Callable[[Path, list[str]], tuple[Answer, list[str]]],
    bundled: Path,
    grown: Path,
    arguments: list[str],
) -> None:
    before, _ = ask(bundled, [*arguments, "--json"])
    after, plans = ask(grown, [*arguments, "--json"])
    assert before.code == after.code == 0 and len(before.rows) == len(after.rows)
    if arguments[0] == "search":  # the weight of a word, and so the rank, hangs on how common it is
        assert sorted(row["id"] for row in before.rows) == sorted(row["id"] for row in after.rows)
    else:
        assert before.rows == after.rows
    assert plans and not [
        step for step in plans if step.startswith("SCAN") and not step.startswith(tuple(SMALL))
    ]


@pytest.mark.parametrize(
    "more",
    [
        ["--endpoint", "overall-survival"],
        ["--biomarker", "braf"],
        ["--route", "intrathecal"],
        ["--class", "immunotherapy"],
    ],
    ids=" ".join,
)
def test_a_tumor_leads_and_other_filters_are_asked_of_its_rows(
    ask: Callable[[Path, list[str]], tuple[Answer, list[str]]], bundled: Path, more: list[str]
) -> None:
    """What else has that endpoint, or that route, is not listed for it: that would be most of a
    large base."""
    alone, both = (
        ask(bundled, ["evidence", "--tumor", "melanoma", *filters])[1] for filters in ([], more)
    )
    assert any(step.startswith("CORRELATED") for step in both) and not any(
        step.startswith("CORRELATED") for step in alone
    )


def test_what_is_left_out_is_counted_without_its_texts(
    ask: Callable[[Path, list[str]], tuple[Answer, list[str]]], bundled: Path
) -> None:
    _, plans = ask(
        bundled,
        [
            "list",
            "--tumor",
            "melanoma",
            "--endpoint",
            "overall-survival",
            "--min-level",
            "III",
            "--since",
            "2015",
            "--verified",
        ],
    )
    assert any(
        step.startswith("SEARCH e USING COVERING INDEX evidence_by_mixed") for step in plans
    ), plans
    assert any(step.startswith("SEARCH e USING INTEGER PRIMARY KEY") for step in plans), plans
    assert not any(step == "SCAN e" for step in plans), plans


def test_what_copies_speak_of_grows(
    ask: Callable[[Path, list[str]], tuple[Answer, list[str]]], bundled: Path, grown: Path
) -> None:
    few, many = (
        ask(index, ["evidence", "--tumor", "breast", "--json"])[0].rows
        for index in (bundled, grown)
    )
    assert len(many) == TIMES * len(few) > 0


def test_all_rows_stream_in_the_order_of_an_index(
    ask: Callable[[Path, list[str]], tuple[Answer, list[str]]], bundled: Path, grown: Path
) -> None:
    """Nothing is sorted, so the first row is written before the last is read."""
    answer, plans = ask(grown, ["evidence", "--tsv"])
    assert len(answer.table) == TIMES * len(ask(bundled, ["evidence", "--tsv"])[0].table)
    assert not [step for step in plans if "TEMP B-TREE" in step]


WRITTEN = [["evidence", "-f", form] for form in ("jsonl", "tsv", "json")] + [
    ["export", "-f", "jsonl"]
]
SLACK = 300_000
"""Bytes that a larger base may hold more; it has 4 MB more."""


@pytest.mark.ci
@pytest.mark.parametrize("arguments", WRITTEN, ids=" ".join)
def test_writing_all_rows_holds_no_more_of_a_larger_base(
    capfd: pytest.CaptureFixture[str],
    bundled: Path,
    grown: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lmtx.cli.run import main

    assert grown.stat().st_size - bundled.stat().st_size > 10 * SLACK
    held = []
    for index in (bundled, bundled, grown):  # the first time pays for the imports
        monkeypatch.setattr("lmtx.index.BUNDLED_INDEX", index)
        gc.collect()
        tracemalloc.start()
        try:
            assert main([*arguments, "-q"]) == 0
            held.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert held[2] - held[1] < SLACK, held
