"""`lmtx evidence`: every row and figure of the files, unaltered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import lmtx
from lmtx.model.levels import rank_level
from support import LEVELS, Answer, raw_rows

Run = Callable[..., Answer]


def test_every_row_and_figure_of_the_files_is_there_unaltered(run: Run) -> None:
    found = {row["id"]: row for row in run("evidence", "--json").rows}
    assert len(found) == len(raw_rows())
    for raw in raw_rows():
        row = found[raw["id"]]
        for key in ("tumors", "summary"):
            assert row[key] == raw[key], raw["id"]
        for key in ("n", "n_pooled", "setting", "safety", "mixed_with", "direction", "line"):
            assert row[key] == raw.get(key), raw["id"]
        assert row["treatments"] == raw["tested"], raw["id"]
        assert [
            {key: value for key, value in one.items() if value not in (None, False, [])}
            for one in row["given"]
        ] == raw.get("given", []), raw["id"]
        figures = [
            {
                key: value
                for key, value in outcome.items()
                if value is not None
                and value is not False
                and value != []
                and (key, value) != ("scope", "whole")
                and (key, value) != ("read_in", raw["of"]["read_in"])
            }
            for outcome in row["outcomes"]
        ]
        assert figures == [
            {
                key: value
                for key, value in outcome.items()
                if value is not False and (key, value) != ("read_in", raw["of"]["read_in"])
            }
            for outcome in raw.get("outcome", [])
        ], raw["id"]


@pytest.mark.parametrize(
    ("order", "key"), [("n", lambda row: row["n"]), ("year", lambda row: row["year"])]
)
def test_the_largest_and_newest_come_first_and_unknown_last(
    run: Run, order: str, key: Callable[[dict[str, int | None]], int | None]
) -> None:
    values = [key(row) for row in run("evidence", "--sort", order, "--json").rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True) and values[: len(known)] == known


@pytest.mark.parametrize("order", ["level", "study", "direction", "design", "citation", "safety"])
def test_rows_can_be_sorted_turned_and_limited(run: Run, order: str) -> None:
    rows = run("evidence", "--sort", order, "--json").rows
    assert len(rows) == len(raw_rows())
    known = [row[order] is not None for row in rows]
    assert (
        known
        == sorted(known, reverse=True)
        == [
            row[order] is not None
            for row in run("evidence", "--sort", order, "--reverse", "--json").rows
        ]
    )
    assert run("evidence", "--sort", order, "--limit", "5", "--json").rows == rows[:5]
    turned = run("evidence", "--sort", order, "--reverse", "--json").rows
    assert turned[0][order] == [row[order] for row in rows if row[order] is not None][-1] and {
        row["id"] for row in turned
    } == {row["id"] for row in rows}


def test_the_strongest_come_first(run: Run) -> None:
    levels = [
        LEVELS.index(row["level"]) if row["level"] else 9 for row in run("evidence", "--json").rows
    ]
    assert levels == sorted(levels)


def test_the_later_report_is_named_where_a_row_no_longer_counts(run: Run, base: Path) -> None:
    rows = {row["id"]: row["superseded_by"] for row in run("evidence", "--json").rows}
    assert rows["poe-2019.1"] == "doe-2020" and rows["doe-2020.1"] is None


def test_a_small_part_of_a_retrospective_study_is_a_series(run: Run, base: Path) -> None:
    levels = {row["id"]: row["level"] for row in run("evidence", "--json").rows}
    assert levels == {
        "doe-2020.1": "III",
        "doe-2020.2": "III",
        "poe-2019.1": "III",
        "loe-2018.1": "IV",
        "loe-2018.2": "V",
        "roe-2021-review.1": None,
    }


def test_one_figure_can_be_asked_for(run: Run) -> None:
    answer = run(
        "evidence",
        "--tumor",
        "nsclc",
        "--endpoint",
        "overall-survival",
        "--min-n",
        "20",
        "--sort",
        "n",
        "--json",
    )
    assert answer.rows and all(row["n"] >= 20 and "nsclc" in row["tumors"] for row in answer.rows)


def test_a_figure_from_elsewhere_than_its_row_has_its_dagger(terminal: Run) -> None:
    table = terminal(120, "evidence", "--treatment", "proton-csi").out
    card = terminal(120, "show", "yang-2025-pcsi").out
    assert "OS 11.3 mo (7.5–18.3)†" in table and "CNS PFS 8.2 mo (6.6–15.3)†" not in table
    assert "OS 11.3 months (95% CI 7.5–18.3)†" in card
    assert "OS HR 0.5 (95% CI 0.27–0.94), p=.03 (multivariable)†" in card
    assert "† not read at its source" in table and "† not read at its source" in card


def test_one_drug_by_two_routes_is_told_apart(terminal: Run) -> None:
    text = terminal(100, "evidence", "--treatment", "nivolumab").out
    assert "  nivolumab IV" in text and "  nivolumab IT, IV" in text
    text = terminal(100, "evidence", "--treatment", "trastuzumab").out
    assert "  trastuzumab IT" in text and "  + trastuzumab IV" in text


@pytest.mark.parametrize("command", ["list", "evidence"])
def test_just_the_directions_that_stand_there_are_explained(terminal: Run, command: str) -> None:
    answer = terminal(100, command, "--tumor", "sclc").out
    assert "▲" not in answer and "benefit" not in answer
    table, _, legend = answer.partition("\nDirections: = none")
    assert legend and ("= none, ? unclear\n" in answer) == ("?" in table)


def test_triple_negative_disease_is_her2_negative(run: Run) -> None:
    answer = run("evidence", "--biomarker", "her2-negative", "--json")
    assert any("triple-negative" in row["biomarkers"] for row in answer.rows)
    assert not any(row["biomarkers"] == ["her2"] for row in answer.rows)


def test_long_gives_one_figure_a_row_with_interval_counts_and_marks(run: Run) -> None:
    line = "evidence --treatment pemetrexed -r intrathecal --min-n 20 -e overall-survival --long"
    rows = run(*line.split(), "--json").rows
    figures = [row for row in rows if not row["question"]]
    wanted = [
        (row["id"], outcome.get("value"), *outcome.get("ci", (None, None)))
        for row in raw_rows()
        if "pemetrexed" in row["treatments"] and "n" in row and row["n"] >= 20
        for outcome in row["outcome"]
        if outcome["endpoint"] == "overall-survival"
        if any(
            one["treatment"] == "pemetrexed" and "intrathecal" in one.get("routes", ())
            for one in row["given"]
            if one["role"] == "tested"
        )
    ]
    told = [(row["id"], row["value"], row["ci_low"], row["ci_high"]) for row in figures]
    assert wanted and sorted(told, key=str) == sorted(wanted, key=str)
    assert {row["endpoint"] for row in rows} == {"overall-survival"}
    by_id = {row["id"]: row for row in rows}
    assert by_id["wang-pemetrexed-first-line.c1"]["comparator"] == "6 doses or fewer"
    assert by_id["pan-2020-pemetrexed-rt.1"]["footnotes"] == ["+"]
    assert by_id["pan-pemetrexed-abstract.1"]["footnotes"] == ["*", "°"]
    text = run(*line.split(), "--csv").out
    assert len(text.splitlines()) == len(rows) + 1


def test_long_figures_are_sorted_limited_and_drawn_whole(run: Run, terminal: Run) -> None:
    line = ("evidence", "-t", "breast", "--treatment", "liposomal-cytarabine", "--long")
    rows = run(*line, "--sort", "n", "--limit", "3", "--json").rows
    assert [row["n"] for row in rows] == sorted((row["n"] for row in rows), reverse=True)
    assert len(rows) == 3
    drawn = " ".join(terminal(80, *line).out.split())
    assert "LM PFS HR 0.61 (95% CI" in drawn and "OS 7.3 mo (3.9–12.6)+°" in drawn
    assert "+ tested together with other treatments" in drawn


def test_figures_of_the_strongest_rows_come_first() -> None:
    with lmtx.open() as kb:
        ranks = [rank_level(row.level) for row in kb.outcomes()]
    assert len(set(ranks)) > 1 and ranks == sorted(ranks)


def test_a_row_of_two_tumors_is_mixed_where_one_is_asked_for(run: Run) -> None:
    """Of 42 who were irradiated 18 had breast cancer; the figures are of all of them."""
    asked = ("--class", "proton-radiotherapy", "--json", "-q")
    both = {
        row["id"]: row["mixed_with"]
        for row in run("evidence", *asked).rows
        if len(row["tumors"]) == 2 and "breast" in row["tumors"]
    }
    assert both and set(both.values()) == {None}
    for command in ("evidence", "comparisons", "plot"):
        endpoint = ("--endpoint", "overall-survival") if command == "plot" else ()
        rows = run(command, "--tumor", "breast", *endpoint, *asked).rows
        mixed = [row["mixed_with"] for row in rows if row["study"] == "yang-2025-pcsi"]
        assert mixed and None not in mixed, command
    assert "yang-2025-pcsi.1‡" in run("evidence", "-t", "breast", *asked[:2], "-f", "table").out
