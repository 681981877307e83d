"""Conflicts: comparisons that answer the same question of the same tumor differently, recomputed
from the files."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from lmtx.model.vocabulary import KIND_OF_ENDPOINT
from lmtx.query.comparisons import ComparisonRow
from lmtx.query.conflicts import (
    can_conflict,
    find_favoured_side,
    has_conflicting_comparisons,
    label_comparisons_of_same_study,
    list_stated_differences,
)
from support import Answer, at_or_below, is_mixed, standing, study, study_names
from test_map import COHORTS, NO_PATIENTS

Run = Callable[..., Answer]
Record = dict[str, Any]


def answers() -> list[Record]:
    """Return the comparisons of the files that give an answer about one treatment, with their
    tumors and their study."""
    found = []
    for name in study_names():
        file = study(name)
        of, rows = file["study"], {row["row"]: row for row in file.get("evidence", ())}
        for one in file.get("comparison", ()):
            row = rows[standing(one)]
            if (
                one["question"] in ("add", "versus-none")
                and "control" not in one
                and one.get("direction") != "unclear"
                and not is_mixed(row)
                and of["design"] not in (*NO_PATIENTS, "preclinical")
                and not {"withdrawn", "superseded_by"} & of.keys()
                and of["read_in"] != "recalled"
            ):
                id_ = f"{of['id']}.c{one['comparison']}"
                found.append({**one, "id": id_, "of": of["id"], "tumors": row["tumors"]})
    return found


def sides(comparison: Record, kind: str) -> set[str]:
    """Return the sides that a comparison favours on a kind of endpoint, adjusted effects before
    others of the same endpoint."""
    by_endpoint: dict[str, dict[bool, set[str]]] = {}
    for effect in comparison["effect"]:
        name = effect.get("endpoint") or effect["event"]
        if (KIND_OF_ENDPOINT[name] if "endpoint" in effect else "harm") == kind:
            adjusted = effect.get("adjusted", "univariable") != "univariable"
            by_endpoint.setdefault(name, {}).setdefault(adjusted, set()).add(effect["favours"])
    return {
        side for told in by_endpoint.values() for side in told.get(True, told.get(False, set()))
    }


def differ(one: Record, other: Record, kind: str) -> bool:
    """Tell whether one of two comparisons favours what is tested and the other does not."""
    told = [sides(comparison, kind) for comparison in (one, other)]
    if not all(told) or any({"of", "against"} <= side for side in told):
        return False
    return ("of" in told[0]) != ("of" in told[1])


def test_conflicts_of_a_treatment_are_those_of_the_files(run: Run) -> None:
    found = {
        (row["id"], row["tumor"], row["question"]): set(row["differ"])
        for row in run("conflicts", "--json").rows
        if row["subject"] == "treatment" and row["question"] != "instead"
    }
    expected: dict[tuple[str, str, str], set[str]] = {}
    for one, other in combinations(answers(), 2):
        if one["question"] != other["question"] or COHORTS[one["of"]] == COHORTS[other["of"]]:
            continue
        for kind in ("survival", "progression", "response", "symptoms", "harm"):
            if differ(one, other, kind):
                for tumor in set(one["tumors"]) & set(other["tumors"]):
                    for treatment in set(one["tests"]) & set(other["tests"]):
                        if "some" not in (one.get("tests_are"), other.get("tests_are")):
                            place = (treatment, tumor, one["question"])
                            expected.setdefault(place, set()).add(kind)
    assert found == expected
    assert len(found) > 3


def test_what_is_told_of_a_comparison_is_what_the_files_tell(run: Run) -> None:
    raw = {one["id"]: one for one in answers()}
    for row in run("conflicts", "--json").rows:
        assert row["differ"]
        assert not set(row["differ"]) & set(row["agree"])
        assert row["randomized"] == sum(told["randomized"] for told in row["comparisons"])
        for told in row["comparisons"]:
            if told["comparison"] in raw:
                effects = [effect for kind in told["kinds"] for effect in kind["effects"]]
                own = raw[told["comparison"]]["effect"]
                own = [one for one in own if one.get("endpoint") != "time-to-lm"]
                assert len(effects) == len(own)
                assert told["tests"] == raw[told["comparison"]]["tests"]


def test_filters(run: Run) -> None:
    every = run("conflicts", "--json").rows
    lung = run("conflicts", "--tumor", "lung", "--json").rows
    assert lung == [row for row in every if row["tumor"] in at_or_below("tumor", "lung")]
    survival = run("conflicts", "-e", "overall-survival", "--json").rows
    assert survival == [row for row in every if "survival" in row["differ"]]
    rays = run("conflicts", "--class", "radiation", "--json").rows
    assert "whole-brain-radiotherapy" in {row["id"] for row in rays}
    assert "chemotherapy" not in {row["id"] for row in rays}
    first = run("conflicts", "--sort", "id", "--limit", "1", "--json").rows[0]["id"]
    assert first == min(row["id"] for row in every)


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("conflicts --direction benefit", 2, "a conflict has both directions"),
        ("conflicts --mixed", 2, "speaks for none of them"),
        ("conflicts --tumor prostate", 1, "no conflict: no two comparisons"),
    ],
)
def test_what_cannot_be_answered(run: Run, question: str, code: int, said: str) -> None:
    answer = run(*question.split())
    assert answer.code == code
    assert said in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_the_table_fits_and_names_every_study(terminal: Run, run: Run, width: int) -> None:
    answer = terminal(width, "conflicts")
    assert max(map(len, answer.out.splitlines())) <= width
    for row in run("conflicts", "--json").rows:
        said = " ".join(answer.out.split())
        assert all(told["citation"] in said for told in row["comparisons"])
    assert "nothing here says" in answer.out.replace("\n", " ")
    assert terminal(width, "conflicts", "--ascii").out.isascii()


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
COMPARED = """
[study]
id = "{id}"
first_author = "Moe M"
year = 2024
doi = "10.1000/{id}"
design = "randomized"
lm_only = true
read_in = "{read_in}"
{more}
[[evidence]]
row = 1
tumors = {tumors}
n = 20
direction = "{direction}"
summary = "One arm."

[[evidence.given]]
treatment = "{treatment}"
role = "tested"
routes = ["intrathecal"]

[[comparison]]
comparison = 1
of = 1
against_group = "nothing"
against_n = 21
tests = ["{treatment}"]
question = "{question}"
randomized = {randomized}
direction = "{direction}"
{control}
[[comparison.effect]]
endpoint = "overall-survival"
unit = "none"
favours = "{survival}"

[[comparison.effect]]
endpoint = "progression-free-survival"
unit = "none"
favours = "{progression}"
"""
PLAIN = {
    "more": "",
    "tumors": '["south"]',
    "treatment": "samplexate",
    "question": "add",
    "direction": "mixed",
    "randomized": "true",
    "control": "",
    "survival": "neither",
    "progression": "neither",
    "read_in": "abstract",
}


def compared(folder: Path, name: str, **more: str) -> None:
    """Add a study with one comparison."""
    text = COMPARED.format(id=name, **{**PLAIN, **more})
    (folder / "studies" / f"{name}.toml").write_text(text, encoding="utf-8")


def test_the_answer_names_on_what_they_differ_and_on_what_they_agree(
    run: Run, terminal: Run, folder: Path
) -> None:
    compared(folder, "one-2020", progression="of")
    compared(folder, "two-2021")
    [row] = run("conflicts", "--json").rows
    assert (row["subject"], row["id"], row["tumor"]) == ("treatment", "samplexate", "south")
    assert (row["differ"], row["agree"]) == (["progression"], ["survival"])
    assert (row["randomized"], set(row["studies"])) == (2, {"one-2020", "two-2021"})
    drawn = terminal(120, "conflicts").out
    assert "progression differs" in drawn
    assert "survival: they agree" in drawn


@pytest.mark.parametrize(
    "more",
    [
        {"question": "versus-none"},
        {"question": "dose"},
        {"tumors": '["north"]'},
        {"tumors": '["solid", "south"]'},
        {"control": 'control = "historical"', "randomized": "false"},
        {"direction": "unclear"},
        {"read_in": "recalled"},
        {"more": 'overlaps = ["two-2021"]'},
        {"more": 'withdrawn = "made up"'},
        {"progression": "neither"},
    ],
    ids=str,
)
def test_what_is_no_conflict(run: Run, folder: Path, more: dict[str, str]) -> None:
    linked = {"more": 'overlaps = ["one-2020"]'} if "overlaps" in more.get("more", "") else {}
    compared(folder, "one-2020", **{"progression": "of", **more})
    compared(folder, "two-2021", **linked)
    answer = run("conflicts", "--json")
    assert (answer.code, answer.rows) == (1, [])


def test_different_drugs_of_a_class_by_one_route_are_held_against_each_other(
    run: Run, folder: Path
) -> None:
    compared(folder, "one-2020", survival="of")
    compared(folder, "two-2021", survival="against", treatment="examplinib")
    [row] = run("conflicts", "--json").rows
    assert (row["subject"], row["id"], row["route"]) == ("class", "pills", "intrathecal")
    assert row["differ"] == ["survival"]
    for card in ("samplexate", "examplinib"):
        assert [one["id"] for one in run("show", card, "--json").rows[0]["conflicts"]] == ["pills"]


def test_drugs_of_a_class_by_unknown_routes_are_not_held_against_each_other(
    run: Run, folder: Path
) -> None:
    compared(folder, "one-2020", survival="of")
    compared(folder, "two-2021", survival="against", treatment="examplinib")
    assert run("conflicts", "--json").rows
    for path in (folder / "studies").glob("*-202[01].toml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('routes = ["intrathecal"]', ""), encoding="utf-8")
    answer = run("conflicts", "--json")
    assert (answer.code, answer.rows) == (1, [])


def test_single_groups_are_not_in_conflict(run: Run, folder: Path) -> None:
    """A case that improved beside a series in which none did: nobody compared anything."""
    text = MADE.format(id="moe-2024", more="", tumors='["south"]')
    (folder / "studies" / "moe-2024.toml").write_text(text, encoding="utf-8")
    assert run("conflicts", "--json").code == 1


def test_an_effect_whose_numbers_do_not_fit_each_other_says_so(run: Run) -> None:
    told = run("conflicts", "--treatment", "whole-brain-radiotherapy", "--json").out
    assert "OS HR 0.49 (95% CI 0.24–1.01), p=0.54, as printed (multivariable)" in told


def test_what_a_study_tells_twice_is_told_apart(run: Run, terminal: Run) -> None:
    """No two lines of a conflict say the same of different groups, nor show two effects on one
    endpoint that differ without saying in what."""
    several = 0
    for row in run("conflicts", "--json").rows:
        names = [(told["study"], told["whom"]) for told in row["comparisons"]]
        assert len({*names}) == len(names), row["id"]
        several += len({study for study, _ in names}) < len(names)
        for told in row["comparisons"]:
            words = [word for kind in told["kinds"] for word in kind["words"]]
            unequal = {
                (effect["endpoint"], effect["favours"], effect["adjusted"], effect["group"])
                for kind in told["kinds"]
                for effect in kind["effects"]
            }
            assert len({*words}) >= len(unequal), words
    assert several
    drawn = terminal(80, "conflicts", "--treatment", "whole-brain-radiotherapy").out
    assert "= Zhen 2020 (egfr)" in drawn and "▲ Zhen 2020 (egfr-wild-type)" in drawn
    assert "(univariable); OS HR 0.49" in " ".join(drawn.split())


def comparison(name: str, *effects: tuple[str, str | None], **values: Any) -> ComparisonRow:
    """Return a comparison that is made up, each effect an endpoint and the side it favours."""
    plain: dict[str, Any] = dict.fromkeys(ComparisonRow._fields)
    plain |= {"id": name, "cohort": name, "speaks": True, "question": "add", "design": "phase-2"}
    plain |= {"tests": ["x"], "against_tests": [], "biomarkers": [], "tumors": ["solid"]}
    plain["effects"] = [effect(endpoint, favours) for endpoint, favours in effects]
    return ComparisonRow(**(plain | {"mixed": False, "direction": "benefit"} | values))


def effect(endpoint: str | None, favours: str | None, **values: Any) -> Any:
    known = {"endpoint": endpoint, "event": None, "favours": favours, "adjusted": None}
    return {**known, "read_in": "abstract", **values}


OS, PFS, CNS = "overall-survival", "progression-free-survival", "cns-progression-free-survival"


@pytest.mark.parametrize(
    ("effects", "side"),
    [
        ([], None),
        ([effect(OS, "of")], None),
        ([effect(PFS, "of")], "of"),
        ([effect(PFS, None)], None),
        ([effect(PFS, "of", read_in="recalled")], None),
        ([effect(PFS, "neither")], "neither"),
        ([effect(PFS, "neither"), effect(CNS, "against")], "against"),
        ([effect(PFS, "of"), effect(CNS, "against")], "both"),
        ([effect(PFS, "of"), effect(PFS, "neither", adjusted="multivariable")], "neither"),
        ([effect(PFS, "neither", adjusted="univariable"), effect(PFS, "of")], "of"),
        (
            [
                effect(PFS, "against", adjusted="univariable"),
                effect(PFS, "of", adjusted="matched"),
            ],
            "of",
        ),
        ([effect(PFS, "of", adjusted="matched"), effect(CNS, "against")], "both"),
    ],
)
def test_the_side_that_a_comparison_favours(effects: list[Any], side: str | None) -> None:
    assert find_favoured_side("progression", comparison("a")._replace(effects=effects)) == side


def test_harm_is_a_kind_of_its_own() -> None:
    rash = effect(None, "against") | {"event": "rash"}
    row = comparison("a")._replace(effects=[rash])
    assert (
        find_favoured_side("harm", row) == "against" and find_favoured_side("symptoms", row) is None
    )
    nausea = effect(None, "of", adjusted="matched") | {"event": "nausea"}
    assert find_favoured_side("harm", row._replace(effects=[rash, nausea])) == "both"


@pytest.mark.parametrize(
    ("one", "other", "whom"),
    [
        ({}, {}, ("comparison 1", "comparison 2")),
        ({"of_group": "high dose"}, {"of_group": "low dose"}, ("high dose", "low dose")),
        ({"of_group": "high dose"}, {}, ("comparison 1", "comparison 2")),
        (
            {"of_group": "all", "against_group": "rays"},
            {"of_group": "all", "against_group": "nothing"},
            ("against rays", "against nothing"),
        ),
        ({"biomarkers": ["egfr"]}, {"biomarkers": ["alk"]}, ("egfr", "alk")),
    ],
)
def test_two_comparisons_of_a_study_are_told_apart_by_what_both_state(
    one: Record, other: Record, whom: tuple[str, str]
) -> None:
    rows = [comparison("a.c1", study="a", **one), comparison("a.c2", study="a", **other)]
    assert label_comparisons_of_same_study(rows) == dict(zip(("a.c1", "a.c2"), whom, strict=True))
    assert label_comparisons_of_same_study([rows[0], rows[1]._replace(study="b")]) == {}


@pytest.mark.parametrize(
    ("one", "other", "split"),
    [
        ("of", "neither", True),
        ("of", "against", True),
        ("of", "of", False),
        ("neither", "against", False),
        ("both", "of", False),
        ("both", "neither", False),
    ],
)
def test_answers_differ_where_one_favours_what_is_tested(one: str, other: str, split: bool) -> None:
    rows = [comparison("a", (OS, one)), comparison("b", (OS, other)), comparison("c")]
    assert has_conflicting_comparisons({"a": one, "b": other}, rows) is split
    same = [rows[0], rows[1]._replace(cohort="a")]
    assert has_conflicting_comparisons({"a": one, "b": other}, same) is False


@pytest.mark.parametrize(
    "values",
    [
        {"speaks": False},
        {"direction": "unclear"},
        {"question": "schedule"},
        {"control": "historical"},
        {"design": "meta-analysis"},
        {"mixed": True},
    ],
)
def test_what_gives_no_answer(values: dict[str, Any]) -> None:
    assert can_conflict(comparison("a")) and not can_conflict(comparison("a", **values))


def test_groups_of_under_ten_are_said_to_be_small() -> None:
    large = comparison("a", of_n=10, against_n=10)
    small = large._replace(id="b", of_n=9)
    [sizes] = [one for one in list_stated_differences([large, small]) if one["what"] == "patients"]
    assert sizes["stated"] == {"a": ["10 or more in each group"], "b": ["under 10 in a group"]}
    assert not [
        one
        for one in list_stated_differences([large, large._replace(id="c")])
        if one["what"] == "patients"
    ]
