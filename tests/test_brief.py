"""A brief answers on one screen, in every form from the same lines, and counts what it leaves
out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import lmtx
from support import Answer

Run = Callable[..., Answer]
QUESTIONS = [
    "-t breast -b her2 --after trastuzumab-deruxtecan",
    "-t melanoma",
    "-t nsclc -b egfr --line first",
    "-t nsclc",
    "-t solid",
    "-t sclc",
    "--route intrathecal",
    "-c radiation",
]
SECTIONS = ["dose", "harm", "differ", "advice", "trials", "unknown"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_fits_one_screen(terminal: Callable[..., Answer], question: str) -> None:
    answer = terminal(80, "brief", *question.split())
    lines = answer.out.splitlines()
    assert answer.code == 0 and len(lines) <= 24, answer.out
    assert all(len(line) <= 80 for line in lines)
    for head in ("Harm", "Differ", "Advice", "Trials"):
        assert sum(line.startswith(head) for line in lines) == 1, head
    assert lines[-1].startswith("Not medical advice")


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_names_what_list_names_in_its_order(run: Run, question: str) -> None:
    words = [word for word in re.sub(r"--(after|line) \S+", "", question).split() if word]
    listed = run("list", *words, "--json", "-q").rows
    known = {row["id"]: row for row in listed}
    rows = [row for row in run("brief", *words, "--json", "-q").rows if row["section"] == "tested"]
    assert 0 < len(rows) <= 5
    assert [row["id"] for row in rows] == [
        row["id"] for row in listed if row["specified"] and (row["studies"] or row["syntheses"])
    ][:5]
    for row in rows:
        assert row["level"] == known[row["id"]]["level"]
        assert row["patients"] == known[row["id"]]["patients"]


def test_what_is_known_to_come_after_goes_before_what_is_not(run: Run) -> None:
    rows = run("brief", "-t", "nsclc", "-b", "egfr", "--line", "first", "--json").rows
    courses = [row["course"] for row in rows if row["section"] == "tested"]
    assert courses[0] == "known after it" and courses == sorted(courses)
    assert any("line not known" in item for row in rows for item in row["items"])


def test_what_is_known_to_be_of_another_line_is_not_there(run: Run) -> None:
    later = ("-t", "nsclc", "-b", "egfr", "--line", "first", "--json", "-q")
    named = {row["id"] for row in run("brief", *later).rows if row["section"] == "tested"}
    rows = run("evidence", "-t", "nsclc", "-b", "egfr", "--json", "-q").rows
    may = {id_ for row in rows if row["line"] != "later" for id_ in row["treatments"]}
    assert named and named <= may
    after = ("-t", "breast", "--after", "trastuzumab-deruxtecan", "--json", "-q")
    named = {row["id"] for row in run("brief", *after).rows if row["section"] == "tested"}
    assert named and "trastuzumab-deruxtecan" not in named


def test_every_section_is_there_in_every_form(run: Run) -> None:
    rows = run("brief", "-t", "melanoma", "--json").rows
    assert [row["section"] for row in rows if row["section"] != "tested"] == SECTIONS
    assert all(row["items"] for row in rows if row["section"] in ("harm", "differ", "advice"))
    with lmtx.open() as base:
        assert base.brief(tumor="melanoma").to_dicts() == rows
    assert "nivolumab" in run("brief", "-t", "melanoma", "-f", "md").out


def test_what_does_not_fit_is_counted_beside_the_command_that_shows_it(
    terminal: Callable[..., Answer], run: Run
) -> None:
    shown = " ".join(terminal(80, "brief", "-t", "breast").out.split())
    commands = re.findall(
        r"\+\d+ more: (lmtx (?:list|evidence|safety|conflicts|guidelines|trials)(?: -\w \w+)*)",
        shown,
    )
    assert len(commands) >= 3
    for command in commands:
        assert run(*command.split()[1:]).code == 0, command


def test_nothing_matched_is_said(run: Run) -> None:
    answer = run("brief", "-t", "thyroid")
    assert answer.code == 1 and "no evidence matches" in answer.err
