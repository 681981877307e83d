"""What is not known is never silent: a filter that leaves a record out for want of knowledge counts
it, in every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmtx
from support import Answer, raw_rows

Run = Callable[..., Answer]
STUDY = """
[study]
id = "{id}"
design = "retrospective-cohort"
title = "T"
{year}
lm_only = true
read_in = "full-text"
seen_at = ["https://example.org/{id}"]

[[evidence]]
row = 1
tumors = ["north"]
{row}
direction = "unclear"
summary = "S."

[[evidence.given]]
treatment = "{treatment}"
role = "tested"

[[evidence.outcome]]
endpoint = "overall-survival"
value = 6
unit = "months"
"""
ROWS = {
    "known": ("year = 2015", 'n = 10\nline = "later"\nafter = ["examplinib"]', "samplexate"),
    "class": ("year = 2015", 'n = 10\nline = "first"\nafter = ["blue-pill"]', "samplexate"),
    "other": ("year = 2015", 'n = 10\nline = "any"\nafter = ["samplexate"]', "samplexate"),
    "bare": ("", "", "examplinib"),
    "undated": ("", 'n = 10\nline = "later"', "samplexate"),
}
"""Studies by what they tell: year, row, treatment."""


@pytest.fixture
def told(folder: Path) -> Path:
    """Lay a base that holds only the rows above."""
    for path in (folder / "studies").iterdir():
        path.unlink()
    for name in ("guidelines.toml", "trials.toml", "corrections.toml", "looked_for.toml"):
        (folder / name).write_text("", encoding="utf-8")
    treatments = folder / "treatments.toml"
    kept, skips = [], False
    for line in treatments.read_text(encoding="utf-8").splitlines():
        skips = line == "[[treatment.csf]]" or (skips and not line.startswith("[["))
        if not skips:
            kept.append(line)
    treatments.write_text("\n".join(kept) + "\n", encoding="utf-8")
    tumors = folder / "tumors.toml"
    text = tumors.read_text(encoding="utf-8")
    parts = text.split("[[tumor]]")
    tumors.write_text(
        "[[tumor]]".join(part.split("[[tumor.fact]]")[0] for part in parts), encoding="utf-8"
    )
    for id_, (year, row, treatment) in ROWS.items():
        (folder / "studies" / f"{id_}.toml").write_text(
            STUDY.format(id=id_, year=year, row=row, treatment=treatment), encoding="utf-8"
        )
    return folder


def ask(run: Run, *arguments: str) -> tuple[set[str], dict[str, int], str]:
    """Return the studies of an answer, what it left out as unknown, and its notes."""
    answer = run("evidence", *arguments, "--json")
    whole: dict[str, Any] = json.loads(answer.out)
    return {row["study"] for row in whole["rows"]}, whole["left_out"], answer.err


@pytest.mark.parametrize(
    ("arguments", "found", "left_out"),
    [
        ((), {*ROWS}, {}),
        (("--since", "2000"), {"known", "class", "other"}, {"no year": 2}),
        (("--min-n", "5"), {*ROWS} - {"bare"}, {"no n": 1}),
        (("--line", "later"), {"known", "undated"}, {"line not known": 1, "any line": 1}),
        (("--line", "any"), {"other"}, {"line not known": 1}),
        (
            ("--line", "first,later"),
            {"known", "class", "undated"},
            {"line not known": 1, "any line": 1},
        ),
        (("--after", "examplinib"), {"known"}, {"prior treatment not known": 4}),
        (("--after", "blue pill"), {"known", "class"}, {"prior treatment not known": 3}),
        (("--after", "pills"), {"known", "class", "other"}, {"prior treatment not known": 2}),
        (
            ("--after", "samplexate", "--after", "EX-1"),
            {"known", "other"},
            {"prior treatment not known": 3},
        ),
        # a row of which two things are not known counts once
        (
            ("--since", "2000", "--min-n", "5"),
            {"known", "class", "other"},
            {"no n": 1, "no year": 1},
        ),
        # and none where it surely does not fit
        (("--since", "2016", "--line", "first"), set(), {"no year": 1}),
        (
            ("--since", "2000", "--treatment", "samplexate"),
            {"known", "class", "other"},
            {"no year": 1},
        ),
        (("--since", "2000", "--treatment", "Exampla"), set(), {"no year": 1}),
    ],
)
def test_a_filter_counts_what_it_leaves_out_as_unknown(
    run: Run, told: Path, arguments: tuple[str, ...], found: set[str], left_out: dict[str, int]
) -> None:
    assert ask(run, *arguments)[:2] == (found, left_out)


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        (("--since", "2000"), "2 rows without a year left out"),
        (("--min-n", "5"), "1 row without n left out"),
        (("--line", "later"), "1 row whose line of treatment is not known left out"),
        (("--line", "later"), "1 row of first and later lines together left out"),
        (("--after", "examplinib"), "4 rows not known to come after it left out"),
    ],
)
@pytest.mark.parametrize("command", ["evidence", "list", "map", "timeline", "plot", "studies"])
def test_every_listing_of_evidence_says_it(
    run: Run, told: Path, command: str, arguments: tuple[str, ...], note: str
) -> None:
    if command in ("studies",):
        with lmtx.open(told) as base:
            keywords: dict[str, Any] = {
                arguments[0].lstrip("-").replace("-", "_"): (
                    int(arguments[1]) if arguments[1].isdigit() else arguments[1]
                )
            }
            rows = base.studies(**keywords)
            assert note in rows.notes
            assert sum(rows.left_out.values()) >= 1
        return
    endpoint = ("--endpoint", "OS") if command == "plot" else ()
    assert note in run(command, *arguments, *endpoint).err


def test_it_stands_on_the_page_and_in_citations(run: Run, told: Path) -> None:
    assert "2 rows without a year left out" in run("report", "--since", "2000").out
    assert "2 rows without a year left out" in run("cite", "--since", "2000").err


def test_a_workbook_says_it_first(run: Run, told: Path, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "e.xlsx"
    assert run("evidence", "--since", "2000", "-o", str(path)).code == 0
    first = openpyxl.load_workbook(path).worksheets[0]
    assert ("left out: no year", 2) in [tuple(row) for row in first.iter_rows(values_only=True)]


def test_no_year_is_lost_unsaid_in_the_data(run: Run) -> None:
    """No study is older than 1940, so a filter on the year leaves out nothing but what has none."""
    undated = sum("year" not in row["of"] for row in raw_rows())
    assert undated
    answer = run("evidence", "--since", "1940")
    assert f"{undated} rows without a year left out" in answer.err
    assert f"{undated} rows without a year left out" in run("list", "--since", "1940").err


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        (("evidence", "--tumor", "breast,nsclc"), ("evidence", "-t", "breast", "-t", "nsclc")),
        (("evidence", "--tumour", "breast"), ("evidence", "--tumor", "breast")),
        (("evidence", "-b", "HER2+, EGFR"), ("evidence", "-b", "her2", "-b", "egfr")),
        (("list", "--level", "2"), ("list", "--level", "II")),
        (("list", "--level", "level III,4"), ("list", "--level", "III", "--level", "IV")),
        (("list", "--min-level", "3"), ("list", "--min-level", "III")),
        (("trials", "--phase", "II"), ("trials", "--phase", "2")),
        (("trials", "--phase", "I/II"), ("trials", "--phase", "1/2")),
        (("trials", "--phase", "1,2"), ("trials", "--phase", "1", "--phase", "2")),
        (
            ("trials", "--status", "active, not recruiting"),
            ("trials", "--status", "active-not-recruiting"),
        ),
        (("evidence", "--line", "first line"), ("evidence", "--line", "first")),
        (
            ("evidence", "--treatment", "Tagrisso,methotrexate"),
            ("evidence", "--treatment", "osimertinib", "--treatment", "methotrexate"),
        ),
        (("csf", "osimertinib,methotrexate"), ("csf", "osimertinib", "methotrexate")),
    ],
)
def test_a_value_is_read_as_people_write_it(
    run: Run, typed: tuple[str, ...], means: tuple[str, ...]
) -> None:
    assert run(*typed, "--json").rows == run(*means, "--json").rows != []


def test_a_value_with_a_comma_that_names_nothing_is_told_by_its_part(run: Run) -> None:
    answer = run("evidence", "--tumor", "breast,nsclcc")
    assert answer.code == 2 and "no tumor 'nsclcc'; did you mean nsclc" in answer.err


@pytest.mark.parametrize(
    "command", ["list", "evidence", "plot", "map", "timeline", "conflicts", "csf", "trials"]
)
def test_one_filter_keeps_a_treatment_everywhere(run: Run, command: str) -> None:
    endpoint = ("--endpoint", "OS") if command == "plot" else ()
    rows = run(command, "--treatment", "osimertinib", *endpoint, "--json").rows
    everything = run(command, *endpoint, "--json").rows
    assert rows != everything
    held = {
        "list": lambda row: row["id"] == "osimertinib",
        "evidence": lambda row: "osimertinib" in json.dumps(row),
        "csf": lambda row: row["treatment"] == "osimertinib",
        "trials": lambda row: "osimertinib" in row["tested"],
    }.get(command)
    assert not held or (rows and all(map(held, rows)))


def test_compare_names_its_treatments_itself(run: Run) -> None:
    answer = run("compare", "osimertinib", "afatinib", "--treatment", "osimertinib")
    assert answer.code == 2 and "compare names its treatments without an option" in answer.err


@pytest.mark.parametrize(
    "asked",
    [
        ("evidence", "--treatment", "Untried"),
        ("list", "--treatment", "untried", "--tumor", "north"),
        ("map", "--treatment", "untried"),
        ("compare", "untried", "examplinib"),
    ],
)
def test_a_known_drug_without_evidence_is_not_passed_over(
    run: Run, base: Path, asked: tuple[str, ...]
) -> None:
    told = "untried is known, but no figures on LM could be read: lmtx show untried says more"
    assert told in run(*asked).err
    assert "is known, but" not in run("evidence", "--treatment", "examplinib").err
