"""Harm as data: each event of the files stands under what was tested, or what it was put down to,
and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lmtx.model.vocabulary import ADVERSE_EVENTS
from lmtx.query.safety import (
    SafetyRow,
    is_severe_standing_harm,
    is_standing_harm,
    make_harm_sort_key,
)
from support import Answer, study, study_names

Run = Callable[..., Answer]
TOXIC = {
    "treatment-related-death": ("any", "5"),
    "grade-3-plus-adverse-events": ("any", "3+"),
    "dose-limiting-toxicity": ("any", None),
}


def told() -> set[tuple[str, str, str, str | None, int | None, int | None, float | None]]:
    """Read the files once more: row, treatment, event, grade, n, total and share of every harm told
    of a row."""
    found = set()
    for name in study_names():
        file: dict[str, Any] = study(name)
        if "withdrawn" in file["study"]:
            continue
        for row in file.get("evidence", []):
            id_ = f"{name}.{row['row']}"
            tested = {one["treatment"] for one in row.get("given", []) if one["role"] == "tested"}
            for one in file.get("adverse", []):
                if one.get("row") == row["row"]:
                    counts = (one.get("n"), one.get("total"), one.get("value"))
                    for treatment in [one["treatment"]] if "treatment" in one else tested:
                        found.add((id_, treatment, one["event"], one.get("grade"), *counts))
            for one in row.get("outcome", []):
                if one["endpoint"] in TOXIC:
                    number = one["value"] if one["unit"] == "patients" else one.get("events")
                    share = one["value"] if one["unit"] == "%" else None
                    for treatment in tested:
                        harm = TOXIC[one["endpoint"]]
                        found.add((id_, treatment, *harm, number, one.get("total"), share))
    return found


def test_it_lists_what_the_files_tell_of_what_was_tested(run: Run) -> None:
    rows = run("safety", "--json").rows
    listed = {
        (
            row["evidence"],
            row["treatment"],
            row["event"],
            row["grade"],
            row["n"],
            row["total"],
            row["share"],
        )
        for row in rows
    }
    assert listed == told() and len(listed) > 300


def test_the_worst_comes_first_and_what_nobody_had_comes_last(run: Run) -> None:
    rows = [row for row in run("safety", "--json").rows if row["superseded_by"] is None]
    had = [row["n"] != 0 and row["share"] != 0 for row in rows]
    assert had == sorted(had, reverse=True)
    first = [row["grade"] for row, some in zip(rows, had, strict=True) if some]
    assert first[0] == "5" and first.index("3") > first.index("4")


def test_the_order_of_harms() -> None:
    """What was recalled last, then what a later report replaces, then what nobody had; then grade,
    what limited the dose, what was serious, the share, and what is printed as a share."""
    ordered = [
        harm(grade="5", n=1, total=9),
        harm(grade="4", share=2.0),
        harm(grade="3", n=1, total=9, serious=True),
        harm(grade="3", n=8, total=9),
        harm(grade="3", n=1, total=9, treatment="a"),
        harm(grade="3", n=1, total=9, treatment="b", evidence="a.1"),
        harm(grade="3", n=1, total=9, treatment="b", evidence="a.2", event="nausea"),
        harm(grade="3", n=1, total=9, treatment="b", evidence="a.2", event="rash"),
        harm(grade="2-3", n=5, total=9),
        harm(grade=None, dose_limiting=True, share=3.0),
        harm(grade="1-2", n=5, total=9),
        harm(grade=None, n=5, total=9),
        harm(grade=None, note="told"),
        harm(grade="5", n=0, total=9),
        harm(grade="4", share=0.0),
        harm(grade="5", n=1, total=9, superseded_by="b"),
        harm(grade="5", n=1, total=9, read_in="recalled"),
    ]
    assert sorted(ordered[1::2] + ordered[::2], key=make_harm_sort_key) == ordered
    assert [is_severe_standing_harm(row) for row in ordered] == [
        *[True] * 8,
        False,
        True,
        *[False] * 7,
    ]
    assert [is_standing_harm(row) for row in ordered] == [*[True] * 13, *[False] * 4]
    assert is_severe_standing_harm(harm(grade="any", serious=True))


def harm(**values: Any) -> SafetyRow:
    """Return a harm that is made up."""
    plain: dict[str, Any] = dict.fromkeys(SafetyRow._fields)
    plain |= {"treatment": "a", "event": "rash", "evidence": "a.1", "read_in": "abstract"}
    plain |= {"serious": False, "dose_limiting": False}
    return SafetyRow(**(plain | values))


def test_a_grade_takes_in_those_above_it_where_it_says_so(run: Run) -> None:
    severe = run("safety", "--grade", "3+", "--json").rows
    assert {row["grade"] for row in severe} == {"3", "3+", "4", "5"}
    assert {row["grade"] for row in run("safety", "--grade", "3", "--json").rows} == {"3"}


def test_it_answers_by_treatment_route_and_event(run: Run) -> None:
    rows = run("safety", "methotrexate", "-r", "intrathecal", "--json").rows
    assert rows and {row["treatment"] for row in rows} == {"methotrexate"}
    assert all("intrathecal" in row["routes"] for row in rows if row["routes"])
    event = "chemical-meningitis"
    assert {row["event"] for row in run("safety", "--event", event, "--json").rows} == {event}


def test_a_harm_put_down_to_one_treatment_stands_under_no_other(base: object, run: Run) -> None:
    rows = run("safety", "--json").rows
    assert [(row["treatment"], row["event"], row["n"], row["with_others"]) for row in rows] == [
        ("examplinib", "rash", 2, False)
    ]


def test_what_has_no_harm_on_record_is_said(run: Run) -> None:
    answer = run("safety", "osimertinib", "131i-mel-14", "--event", "rash")
    assert answer.code in (0, 1) and "no harm of" in answer.err


@pytest.mark.parametrize("columns", [80, 160])
def test_figures_carry_their_marks_and_nothing_is_cut(
    terminal: Callable[..., Answer], columns: int
) -> None:
    answer = terminal(columns, "safety", "methotrexate")
    assert answer.code == 0 and all(len(line) <= columns for line in answer.out.splitlines())
    assert "+ tested together" in answer.out and " of 32+" in answer.out


def test_the_map_shows_events_by_treatment(run: Run) -> None:
    cells = run("map", "--rows", "treatment", "--columns", "event", "--json").rows
    describe_groups = {(row["treatment"], row["event"]) for row in run("safety", "--json").rows}
    filled = {(cell["row"], cell["column"]) for cell in cells if cell["rows"]}
    assert filled and {cell["column"] for cell in cells} <= {*ADVERSE_EVENTS, "none"}
    assert ("methotrexate", "chemical-meningitis") in filled & describe_groups


def test_the_plus_of_a_grade_is_no_mark(terminal: Callable[..., Answer], run: Run) -> None:
    question = ("safety", "liposomal-cytarabine", "--event", "arachnoiditis")
    rows = run(*question, "--json").rows
    assert any(row["grade"] == "3+" for row in rows) and not any(row["with_others"] for row in rows)
    assert "+ tested together" not in terminal(80, *question).out
    assert "+ tested together" in terminal(80, "safety", "liposomal-cytarabine").out
