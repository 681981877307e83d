"""A brief answers on one screen, in every form from the same lines, and counts what it leaves
out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import product
from random import Random

import pytest

import lmtx
from lmtx.render import Screen
from lmtx.render.terminal.brief import draw
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
        row["id"] for row in listed if row["studies"] or row["syntheses"]
    ][:5]
    for row in rows:
        assert row["level"] == known[row["id"]]["level"]
        assert row["patients"] == known[row["id"]]["patients"]


def test_what_is_known_to_come_after_goes_before_what_is_not(run: Run) -> None:
    rows = run("brief", "-t", "nsclc", "-b", "egfr", "--line", "first", "--json").rows
    courses = [row["course"] for row in rows if row["section"] == "tested"]
    assert courses[0] == "known after it" and courses == sorted(courses)
    [unknown] = [row["items"] for row in rows if row["section"] == "unknown"]
    assert re.fullmatch(r"first line: known in \d+ of \d+ rows", unknown[0])


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
        r"\+\d+ more: (lmtx (?:list|evidence|safety|conflicts|guidelines|trials)(?: -+[a-z]+(?: [a-z][\w-]*)?)*)",
        shown,
    )
    assert len(commands) >= 3
    for command in commands:
        assert run(*command.split()[1:]).code == 0, command


def test_nothing_matched_is_said_with_what_is_beside_it(run: Run) -> None:
    rows = run("brief", "-t", "nsclc", "-b", "ros1", "--json").rows
    assert [row["section"] for row in rows] == ["tested", *SECTIONS] and rows[0]["id"] is None
    beside = rows[0]["items"]
    assert beside[0] == "no evidence matches these filters"
    assert any("that act on ROS1" in item for item in beside)
    assert any(item.endswith("for ros1") for item in beside)


def combinations() -> list[dict[str, str]]:
    """Return tumors by markers by prior treatments; all of them with LMTX_LONG, else some."""
    with lmtx.open() as base:
        tumors = ["", *(row.id for row in base.tumors())]
        markers = ["", *(row.id for row in base.values("biomarkers"))]
    priors = ["", "egfr-tki", "trastuzumab-deruxtecan", "chemotherapy", "intrathecal-therapy"]
    found = [
        {"tumor": tumor, "biomarker": marker, "after": prior}
        for tumor, marker, prior in product(tumors, markers, priors)
    ]
    return found if os.environ.get("LMTX_LONG") else Random(14).sample(found, 60)


def test_every_question_fits_one_screen_with_every_line() -> None:
    """Whatever the tumor, marker and prior treatment: at most 24 lines of 80 columns, each section
    once, and in each its first item whole or the number of all with the command."""
    with lmtx.open() as base:
        for asked in combinations():
            rows = base.brief(**{name: value for name, value in asked.items() if value})
            drawn = "".join(draw([*rows], rows.about.envelope, Screen(80)).text)
            lines = drawn.splitlines()
            assert len(lines) <= 24 and max(map(len, lines)) <= 80, f"{asked}\n{drawn}"
            flat = " ".join(drawn.split())
            for row in rows:
                assert row.items or row.id, (asked, row)
                if row.id:
                    continue
                head = row.section.title()
                assert sum(line.startswith(f"{head} ") for line in lines) == 1, (asked, head)
                told = row.items[0] in flat or f"{head} +{len(row.items)} more: lmtx " in flat
                assert told, (asked, head, drawn)
            assert lines[-1].startswith("Not medical advice")


def test_what_a_brief_marks_it_explains(run: Run, terminal: Callable[..., Answer]) -> None:
    """Each mark that stands behind a figure or a name is in the legend, and no other."""
    for question in QUESTIONS:
        body, _, legend = terminal(80, "brief", *question.split()).out.partition("\nUnknown")
        body = re.sub(r"\[.*?\]", "", body)
        for mark in "†‡Σ°◆▲▼±":
            assert (mark in body) == (f"{mark} " in legend), (question, mark)
        assert ("(?)" in body) == ("(?)" in legend), question


def test_a_dose_is_that_of_the_strongest_group_that_had_an_amount(run: Run) -> None:
    rows = run("brief", "-t", "nsclc", "--treatment", "pemetrexed", "--json").rows
    [doses] = [row["items"] for row in rows if row["section"] == "dose"]
    first = int(re.findall(r"\(n=(\d+)", doses[0])[0])
    assert first > 1 and " mg" in doses[0]
    sizes = [int(n) for dose in doses for n in re.findall(r"\(n=(\d+)", dose)]
    assert len(sizes) > 3 and 1 in sizes, "the dose of one patient is there, and not first"


def test_harm_that_only_mixed_groups_tell_is_there_and_says_so(run: Run) -> None:
    assert not run("safety", "-t", "sclc", "--json").rows
    rows = run("brief", "-t", "sclc", "--json").rows
    [harm] = [row["items"] for row in rows if row["section"] == "harm"]
    assert all("(several tumors, " in item for item in harm)
    mixed = run("safety", "-t", "sclc", "--mixed", "methotrexate", "--grade", "3+", "--json").rows
    assert mixed and len(harm) >= len([row for row in mixed if row["n"] != 0])


def test_what_is_not_known_to_be_of_a_line_is_told_without_what_is_known_to_be_of_another(
    run: Run,
) -> None:
    """The studies of a treatment marked so are those that may be of the line asked for."""
    words = ("-t", "breast", "-b", "her2")
    named = run("brief", *words, "--line", "later", "--json").rows
    unsure = [row for row in named if row["course"] == "not known after it"]
    assert unsure
    for row in unsure:
        told = run("evidence", *words, "--treatment", row["id"], "--json", "-q").rows
        sizes = [one["n"] or 0 for one in told if one["line"] in (None, "any", "later")]
        assert (row["patients"] or 0) <= sum(sizes)


def test_harm_in_words_is_counted_where_none_is_severe(run: Run) -> None:
    rows = run("brief", "--treatment", "floxuridine", "--json").rows
    [harm] = [row["items"] for row in rows if row["section"] == "harm"]
    assert harm[0].startswith("no harm of grade 3 or more") and harm[1].endswith("harm in words")
