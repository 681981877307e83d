"""`lmtx comparisons`: what was held against what, in whom, and what came out, as the files tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lmtx
from lmtx.query.comparisons import list_comparisons, remaining_comparison_conditions
from lmtx.query.filters import Filters
from support import Answer, standing, study, study_names

Run = Callable[..., Answer]


def of_files() -> dict[str, dict[str, Any]]:
    """Return the comparisons of the files by their ids."""
    return {
        f"{name}.c{one['comparison']}": one
        for name in study_names()
        for one in study(name).get("comparison", ())
    }


def test_all_comparisons_of_the_files_are_there(run: Run) -> None:
    known = of_files()
    rows = {row["id"]: row for row in run("comparisons", "--mixed", "--json").rows}
    assert rows.keys() == known.keys()
    for id_, one in known.items():
        assert rows[id_]["question"] == one["question"]
        assert rows[id_]["randomized"] == one.get("randomized", False)
        assert rows[id_]["tests"] == one.get("tests", [])
        assert len(rows[id_]["effects"]) == len(one["effect"])


@pytest.mark.parametrize("question", ["prognosis", "versus-none", "route"])
def test_questions_and_chance_narrow(run: Run, question: str) -> None:
    known = of_files()
    rows = run("comparisons", "--question", question, "--json").rows
    assert rows and {row["question"] for row in rows} == {question}
    chance = run("comparisons", "--randomized", "--json").rows
    assert {row["id"] for row in chance} == {
        id_ for id_, one in known.items() if one.get("randomized")
    }
    assert all(row["randomized"] for row in chance)


def test_a_prognosis_is_that_of_patients_in_whom_it_was_tested(run: Run) -> None:
    rows = run("comparisons", "-r", "intrathecal", "--question", "prognosis", "--json").rows
    ids = {row["id"] for row in rows}
    assert "chamberlain-flow-prognosis.c1" in ids
    tested = {row["id"] for row in run("evidence", "-r", "intrathecal", "--json").rows}
    for id_, one in of_files().items():
        row = f"{id_.rpartition('.')[0]}.{standing(one)}"
        if id_ in ids:
            assert one["question"] == "prognosis" and row in tested
        elif one["question"] == "prognosis" and row in tested:
            pytest.fail(f"{id_} is missing")


def test_groups_are_found_by_their_words_and_told_in_words(run: Run) -> None:
    rows = run("comparisons", "--group", "Lumbar-puncture", "--json").rows
    assert "hitchins-1987.c3" in {row["id"] for row in rows}
    for row in rows:
        words = f"{row['of_group']} {row['against_group']} {row['setting']}".lower()
        assert "lumbar puncture" in words, row["id"]
    for row in run("comparisons", "--json").rows:
        assert (
            row["against_tests"]
            or row["against_group"]
            or row["question"]
            in (
                "add",
                "versus-none",
            )
        ), row["id"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits_and_keeps_ids_and_figures(
    run: Run, terminal: Callable[..., Answer], width: int
) -> None:
    for words in (("--randomized",), ("-r", "intrathecal"), ()):
        drawn = terminal(width, "comparisons", *words).out
        assert max(map(len, drawn.splitlines())) <= width
        for row in run("comparisons", *words, "--json").rows:
            assert row["id"] in drawn
    assert terminal(80, "comparisons", "--ascii").out.isascii()


def test_python_gives_the_same(run: Run) -> None:
    rows = run("comparisons", "--treatment", "methotrexate", "--json").rows
    with lmtx.open() as base:
        assert base.comparisons(treatment="methotrexate").to_dicts() == rows


def test_what_speaks_comes_before_what_a_later_report_replaces() -> None:
    with lmtx.open() as kb, kb._reading() as connection:
        speaks = [row.speaks for row in list_comparisons(connection, Filters())]
    assert len(set(speaks)) == 2 and speaks == sorted(speaks, reverse=True)


def test_a_direction_keeps_the_comparisons_that_answer_so() -> None:
    filters = Filters(directions=("no-benefit",))
    with lmtx.open() as kb, kb._reading() as connection:
        also = tuple(remaining_comparison_conditions(filters))
        rows = list(list_comparisons(connection, filters._replace(directions=()), also=also))
    assert {row.direction for row in rows} == {"no-benefit"}
