"""`lmtx guidelines`: every statement is there, whole, and a superseded one says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from support import Answer, at_or_below, class_of, toml

Run = Callable[..., Answer]


def statements() -> list[dict[str, Any]]:
    """Return every statement of the data with its guideline under `of`."""
    return [
        {
            "treatments": [],
            "tumors": ["solid"],
            **said,
            "id": f"{guideline['id']}.{said['row']}",
            "of": guideline,
        }
        for guideline in toml("guidelines.toml")["guideline"]
        for said in guideline.get("recommendation", [])
    ]


def targets(treatment: str) -> list[str]:
    return next(
        item.get("targets", [])
        for item in toml("treatments.toml")["treatment"]
        if item["id"] == treatment
    )


def test_every_statement_is_listed_word_for_word(run: Run) -> None:
    shown = {row["id"]: row for row in run("guidelines", "--json").rows}
    kept = statements()
    assert len(kept) == len(shown) >= 28
    for said in kept:
        row = shown[said["id"]]
        for key in (
            "topic",
            "statement",
            "level",
            "grade",
            "treatments",
            "tumors",
            "read_in",
            "note",
        ):
            assert row[key] == said.get(key), (said["id"], key)
        for key in ("name", "society", "year"):
            assert row[key] == said["of"].get(key), (said["id"], key)
        assert row["guideline"] == said["of"]["id"]
        assert row["superseded"] is said["of"].get("superseded", False)


def test_the_newest_come_first_and_superseded_ones_last(run: Run) -> None:
    rows = run("guidelines", "--json").rows
    keys = [(row["superseded"], row["year"] is None, -(row["year"] or 0)) for row in rows]
    assert keys == sorted(keys)
    assert rows[-1]["superseded"]


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        (("--tumor", "nsclc"), lambda said: {"nsclc", "lung", "solid"} & set(said["tumors"])),
        (
            ("--tumor", "lung"),
            lambda said: (at_or_below("tumor", "lung") | {"solid"}) & set(said["tumors"]),
        ),
        (("--tumor", "solid"), lambda said: True),
        (("--topic", "diagnosis"), lambda said: said["topic"] == "diagnosis"),
        (
            ("--topic", "organisation of care", "--topic", "response-assessment"),
            lambda said: said["topic"] in ("organisation", "response-assessment"),
        ),
        (("--treatment", "Tagrisso"), lambda said: "osimertinib" in said["treatments"]),
        (
            ("--class", "radiation"),
            lambda said: any(
                class_of()[t] in at_or_below("class", "radiation") for t in said["treatments"]
            ),
        ),
        (("--target", "HER2"), lambda said: any("HER2" in targets(t) for t in said["treatments"])),
        (("--since", "2020"), lambda said: said["of"].get("year", 0) >= 2020),
        (("--verified",), lambda said: said["read_in"] not in ("secondary", "recalled")),
        (
            ("--verified", "--topic", "treatment", "--since", "2018"),
            lambda said: (
                said["read_in"] not in ("secondary", "recalled")
                and said["topic"] == "treatment"
                and said["of"].get("year", 0) >= 2018
            ),
        ),
    ],
)
def test_a_filter_keeps_what_the_data_say(
    run: Run, arguments: tuple[str, ...], keeps: Callable[[dict[str, Any]], Any]
) -> None:
    expected = {said["id"] for said in statements() if keeps(said)}
    assert expected
    assert {row["id"] for row in run("guidelines", *arguments, "--json").rows} == expected


def test_statements_on_any_solid_tumor_apply_and_are_marked(run: Run, terminal: Run) -> None:
    rows = run("guidelines", "--tumor", "breast", "--json").rows
    for row in rows:
        named = at_or_below("tumor", "breast") & set(row["tumors"])
        assert row["applies_by"] == ([] if named else ["any solid tumor"])
    assert {len(row["applies_by"]) for row in rows} == {0, 1}
    assert not any(row["applies_by"] for row in run("guidelines", "--json").rows)
    out = terminal(100, "guidelines", "--tumor", "breast").out
    assert "(any solid tumor) it applies, but does not name the tumor asked for" in out


def test_guidelines_that_could_not_be_read_are_named(run: Run) -> None:
    """What is not known is said with the answer: of a question on treatment also those of which
    only diagnosis was read."""
    kept = toml("guidelines.toml")["guideline"]

    def names(coverage: str) -> list[str]:
        return [
            one["name"]
            for one in kept
            if one.get("coverage") == coverage and not one.get("superseded")
        ]

    unread, diagnosis = names("statements not readable"), names("diagnosis only")
    assert unread and diagnosis
    told = run("guidelines", "--topic", "treatment").err
    assert all(name in told for name in (*unread, *diagnosis))
    assert "treatment statements not readable, only those on diagnosis: " in told
    left_out = json.loads(run("guidelines", "--topic", "treatment", "--json").out)["left_out"]
    assert left_out == {"statements not readable": len(unread), "diagnosis only": len(diagnosis)}
    about = run("guidelines", "--topic", "diagnosis").err
    assert all(name in about for name in unread)
    assert "only those on diagnosis" not in about
    rows = run("guidelines", "--json").rows
    shown = {row["guideline"]: row["coverage"] for row in rows}
    assert shown == {one["id"]: one.get("coverage") for one in kept if one["id"] in shown}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--level", "III"),
        ("--min-level", "III"),
        ("--biomarker", "egfr"),
        ("--route", "intrathecal"),
        ("--design", "phase-2"),
        ("--min-n", "5"),
        ("--direction", "benefit"),
        ("--endpoint", "overall-survival"),
        ("--mixed",),
        ("--country", "Germany"),
        ("--line", "first"),
    ],
)
def test_a_filter_that_says_nothing_about_statements_is_refused(
    run: Run, arguments: tuple[str, ...]
) -> None:
    answer = run("guidelines", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"lmtx: {arguments[0]}: ")


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("extra", [(), ("--fields", "id,statement")])
def test_a_table_shows_every_word_of_every_statement(
    terminal: Run, columns: int, extra: tuple[str, ...]
) -> None:
    answer = terminal(columns, "guidelines", *extra)
    lines = answer.out.splitlines()
    assert all(len(line) <= columns for line in lines)
    assert "…" not in answer.out
    start = lines[0].index("tatement") - 1
    beside = re.search(r"tatement +(?=\S)", lines[0])  # the next column, where there is one
    words = " ".join(line[start : beside.end() if beside else None].strip() for line in lines)
    for said in statements():
        assert said["statement"] in " ".join(words.split()), said["id"]


def test_a_superseded_guideline_is_marked(terminal: Run) -> None:
    out = terminal(80, "guidelines", "--treatment", "mafosfamide").out
    assert "(superseded)" in out
    assert "(superseded) a newer edition of this guideline exists" in out
    assert "(superseded)" not in terminal(80, "guidelines", "--treatment", "alectinib").out
