"""Conflicts: independent studies of one treatment in one tumor that point different ways, recomputed from the files."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import DESIGNS
from support import BASE, Answer, at_or_below, is_mixed, raw_rows, read_folder
from test_map import COHORTS, NO_PATIENTS

Run = Callable[..., Answer]
Row = dict[str, Any]


def current(row: Row) -> bool:
    """Tell whether a row counts patients that no later report tells."""
    of = row["of"]
    return (
        of["design"] not in (*NO_PATIENTS, "preclinical")
        and "withdrawn" not in of
        and ("superseded_by" not in of or row.get("stands", False))
    )


def opposed() -> dict[tuple[str, str], tuple[list[Row], list[Row]]]:
    """Return the rows for and against of every treatment and tumor on which two independent studies differ."""
    found: defaultdict[tuple[str, str], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in raw_rows():
        if current(row) and not is_mixed(row) and row["direction"] in ("benefit", "no-benefit"):
            for place in product(row["treatments"], row["tumors"]):
                found[place][row["direction"] == "no-benefit"].append(row)
    return {
        place: sides
        for place, sides in found.items()
        if any(COHORTS[a["of"]["id"]] != COHORTS[b["of"]["id"]] for a, b in product(*sides))
    }


def ids(rows: list[Row]) -> list[str]:
    return sorted({row["of"]["id"] for row in rows})


def test_conflicts_are_those_of_the_files(run: Run) -> None:
    found = {(row["treatment"], row["tumor"]): row for row in run("conflicts", "--json").rows}
    expected = opposed()
    assert set(found) == set(expected) and len(found) > 4
    for place, (for_, against) in expected.items():
        row = found[place]
        assert (row["benefit_studies"], row["no_benefit_studies"]) == (ids(for_), ids(against))
        assert (row["benefit"], row["no_benefit"]) == tuple(
            len({COHORTS[one] for one in ids(side)}) for side in (for_, against)
        )
        assert {told["evidence"]: told["direction"] for told in row["evidence"]} == {
            one["id"]: one["direction"] for one in (*for_, *against)
        }
        whole = [
            {
                o["endpoint"]
                for one in side
                for o in one["outcome"]
                if o.get("scope", "whole") == "whole"
            }
            if any("outcome" in one for one in side)
            else set()
            for side in (
                [{"outcome": [], **one} for one in for_],
                [{"outcome": [], **one} for one in against],
            )
        ]
        assert row["endpoints"] == sorted(whole[0] & whole[1])
        assert all(
            outcome["endpoint"] in row["endpoints"] and outcome["scope"] == "whole"
            for told in row["evidence"]
            for outcome in told["figures"]
        )


def test_the_strongest_come_first(run: Run) -> None:
    rows = run("conflicts", "--json").rows
    strength = [
        sorted((rank_of(row["benefit_level"]), rank_of(row["no_benefit_level"]))) for row in rows
    ]
    assert strength == sorted(strength)
    for row in rows:
        for side in ("benefit", "no-benefit"):
            levels = [told["level"] for told in row["evidence"] if told["direction"] == side]
            assert row[f"{side.replace('-', '_')}_level"] == min(levels, key=rank_of)


def test_reasons_are_what_the_records_state(run: Run) -> None:
    """Design, route, setting and dose differ just where the files say so, in their words."""
    found = {
        (row["treatment"], row["tumor"]): {reason["what"]: reason for reason in row["reasons"]}
        for row in run("conflicts", "--json").rows
    }
    for place, sides in opposed().items():
        designs, routes, settings, doses = ([{word for row in side for word in words(row)} for side in sides] for words in (
            lambda row: [DESIGNS[row["of"]["design"]].label], lambda row: [route.replace("external-beam", "external beam") for route in row.get("routes", [])],
            lambda row: [row["setting"]] if "setting" in row else [], lambda row: [row["dose"]] if "dose" in row else [],
        ))  # fmt: skip
        for what, (one, other) in (
            ("design", designs),
            ("route", routes),
            ("setting", settings),
            ("dose", doses),
        ):
            assert (what in found[place]) == (one != other)
            if one != other:
                assert (
                    set(found[place][what]["benefit"]),
                    set(found[place][what]["no_benefit"]),
                ) == (one, other)
        small = [
            {"under 10" if row["n"] < 10 else "10 or more" for row in side if "n" in row}
            for side in sides
        ]
        assert ("patients" in found[place]) == (small[0] != small[1])
        both = set(ids(sides[0])) & set(ids(sides[1]))
        assert set(found[place].get("groups of one study", {}).get("benefit", [])) == both
        alone = [{len(row["treatments"]) == 1 for row in side} for side in sides]
        assert alone[0] == alone[1] or "given" in found[place]


def test_an_interim_report_is_put_apart(run: Run, terminal: Run) -> None:
    rows = [row for row in run("conflicts", "--json").rows if row["interim"]]
    assert rows
    for row in rows:
        assert not set(row["interim"]) & {*row["benefit_studies"], *row["no_benefit_studies"]}
    assert f"    {rows[0]['interim'][0]}°\n" in "\n".join(
        line[:52].rstrip() + "\n" for line in terminal(160, "conflicts").out.splitlines()
    )


def test_filters(run: Run) -> None:
    every = run("conflicts", "--json").rows
    lung = run("conflicts", "--tumor", "lung", "--json").rows
    assert lung == [row for row in every if row["tumor"] in at_or_below("tumor", "lung")]
    drugs = run("conflicts", "--class", "targeted-therapy", "--json").rows
    assert {row["treatment"] for row in drugs} < {
        row["treatment"] for row in every
    } and "whole-brain-radiotherapy" not in {row["treatment"] for row in drugs}
    survival = run("conflicts", "-e", "overall-survival", "--json").rows
    assert all(row["endpoints"] in ([], ["overall-survival"]) for row in survival) and any(
        row["endpoints"] for row in survival
    )
    assert all(
        told["level"] in ("I", "II", "III", "IV")
        for row in run("conflicts", "--min-level", "IV", "--json").rows
        for told in row["evidence"]
    )
    assert run("conflicts", "--sort", "treatment", "--limit", "1", "--json").rows[0][
        "treatment"
    ] == min(row["treatment"] for row in every)


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("conflicts --direction benefit", 2, "a conflict has both directions"),
        ("conflicts --mixed", 2, "speaks for none of them"),
        ("conflicts --tumor prostate", 1, "no conflict: no two independent studies"),
    ],
)
def test_what_cannot_be_answered(run: Run, question: str, code: int, said: str) -> None:
    answer = run(*question.split())
    assert answer.code == code and said in answer.err and answer.err.count("\n") == 1


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_table_fits_and_names_every_study(terminal: Run, run: Run, width: int) -> None:
    """A line a row of evidence with its sign, mark, level and size; what is long is only named."""
    answer = terminal(width, "conflicts")
    assert max(map(len, answer.out.splitlines())) <= width
    lines = answer.out.splitlines()
    for row in run("conflicts", "--json").rows:
        assert any(line.startswith(f"{row['treatment']}, {row['tumor']}") for line in lines)
        for told in row["evidence"]:
            sign = {"benefit": "▲", "no-benefit": "▼"}[told["direction"]]
            dagger = "†" if told["read_in"] in ("recalled", "secondary") else ""
            pooled = "‡" if told["mixed_with"] else ""
            size = f" n={told['n']}" if told["n"] is not None else ""
            assert any(
                line.startswith(
                    f"  {sign} {told['study']}{dagger}{pooled}  {told['level'] or '–'}{size}"
                )
                for line in lines
            ), told
    assert "nothing here" in answer.out and "also: " in answer.out and "groups within" in answer.out
    assert terminal(width, "conflicts", "--ascii").out.isascii()


def test_a_narrow_terminal_has_all_below_each_other(terminal: Run, folder: Path) -> None:
    name = "moe-2024-with-a-name-too-long-for-a-column"
    (folder / "studies" / f"{name}.toml").write_text(
        MADE.format(id=name, more="", tumors='["south"]'), encoding="utf-8"
    )
    answer = terminal(60, "conflicts")
    assert max(map(len, answer.out.splitlines())) <= 60
    assert f"▲ {name}  V n=1\n▼ loe-2018  V n=5\ndesign: ▲ case report" in answer.out


def test_figures_stand_beside_their_study(terminal: Run, folder: Path) -> None:
    figure = '\n[[evidence.outcome]]\nendpoint = "clinical-response"\nvalue = 1\nunit = "patients"\ntotal = 1\n'
    (folder / "studies" / "moe-2024.toml").write_text(
        MADE.format(id="moe-2024", more="", tumors='["south"]') + figure, encoding="utf-8"
    )
    lines = terminal(160, "conflicts", "-t", "south").out.splitlines()
    assert any("▲ moe-2024  V n=1" in line and "clinical response 1 of 1" in line for line in lines)
    assert any("▼ loe-2018" in line and "clinical response 0 of 5" in line for line in lines)


MADE = """
[study]
id = "{id}"
first_author = "Moe M"
year = 2024
doi = "10.1000/{id}"
design = "case-report"
lm_only = true
read_in = "abstract"
{more}
[[evidence]]
row = 1
tumors = {tumors}
n = 1
direction = "benefit"
summary = "One lived longer."

[[evidence.given]]
treatment = "samplexate"
role = "tested"
"""


@pytest.mark.parametrize(
    ("more", "tumors", "expected"),
    [
        ("", ["south"], ["south"]),
        ('overlaps = ["loe-2018"]', ["south"], []),
        ('withdrawn = "made up"', ["south"], []),
        ("", ["solid", "south"], []),
        ("", ["north"], []),
    ],
    ids=["independent", "the same patients", "withdrawn", "mixed", "another tumor"],
)
def test_only_independent_studies_disagree(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    more: str,
    tumors: list[str],
    expected: list[str],
) -> None:
    """Beside loe-2018.2, which shows no benefit of samplexate in southern tumours, a report of a benefit is a conflict only where it tells other patients of that tumor."""
    data = shutil.copytree(BASE, tmp_path / "data")
    (data / "studies" / "moe-2024.toml").write_text(
        MADE.format(id="moe-2024", more=more, tumors=tumors).replace("'", '"'), encoding="utf-8"
    )
    if "overlaps" in more:
        other = data / "studies" / "loe-2018.toml"
        other.write_text(
            other.read_text(encoding="utf-8").replace(
                'read_in = "abstract"', 'read_in = "abstract"\noverlaps = ["moe-2024"]'
            ),
            encoding="utf-8",
        )
    read_folder(monkeypatch, data)
    answer = run("conflicts", "--json")
    assert answer.code == (0 if expected else 1), answer.err
    assert [row["tumor"] for row in answer.rows] == expected
    if expected:
        [row] = answer.rows
        assert (
            row["benefit_studies"],
            row["no_benefit_studies"],
            row["benefit"],
            row["no_benefit"],
        ) == (["moe-2024"], ["loe-2018"], 1, 1)
        reasons = {
            reason["what"]: (reason["benefit"], reason["no_benefit"]) for reason in row["reasons"]
        }
        assert reasons == {
            "design": (["case report"], ["retrospective cohort"]),
            "route": ([], ["intrathecal"]),
        }


def test_a_tumor_asked_for_leaves_out_others_of_the_same_rows(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows that tell two tumors together disagree on both; a question about one is answered with that one."""
    data = shutil.copytree(BASE, tmp_path / "data")
    for name, way in (("moe-2024", "benefit"), ("noe-2024", "no-benefit")):
        (data / "studies" / f"{name}.toml").write_text(
            MADE.format(id=name, more="", tumors='["north", "south"]').replace(
                '"benefit"', f'"{way}"'
            ),
            encoding="utf-8",
        )
    read_folder(monkeypatch, data)
    assert [row["tumor"] for row in run("conflicts", "--json").rows] == ["north", "south"]
    assert [row["tumor"] for row in run("conflicts", "-t", "north", "--json").rows] == ["north"]
