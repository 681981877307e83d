"""`lmtx list`: what a row says, checked on a small base and against a second reading of the
files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lmtx
from lmtx.query.filters import Filters
from lmtx.query.list import answer_order, find_nearby_records
from support import LEVELS, Answer, toml

Run = Callable[..., Answer]


def test_a_row_on_the_small_base(run: Run, base: Path) -> None:
    """The interim report adds nobody, the review was recalled; the subgroup lies within its row."""
    row = run("list", "--json").rows[0]
    assert row == {
        "id": "examplinib", "name": "Examplinib", "drug_class": "blue-pill", "class_path": "Pills › Blue pill", "specified": True, "targets": ["GENE1"],
        "routes": ["oral"], "level": "III", "rests_on": "alone", "studies": 1, "patients": 12, "part_of": None, "syntheses": 0, "recalled": 1,
        "benefit": 1, "no_benefit": 0, "worse": 0, "mixed": 0, "unclear": 0, "answers": [], "alongside": 0,
        "figure": "OS 8.5 months (95% CI 5.5–not reached)", "figure_study": "doe-2020", "figure_citation": "Doe 2020 (NORTH)", "figure_n": 12, "figure_with": [], "figure_alongside": [], "figure_scope": "whole", "figure_mixed_with": None, "figure_source": "lmtx",
        "read_in": "full-text", "latest": 2020, "source": ["lmtx"], "figure_design": "phase-2",
    }  # fmt: skip


def test_an_answer_stands_where_the_patients_of_its_side_do(run: Run) -> None:
    """Under a filter on level or size the answers of other comparisons are not there either."""
    rows = run("list", "--level", "IV", "--json").rows
    assert any(row["answers"] for row in rows)
    assert not any(answer["randomized"] for row in rows for answer in row["answers"])
    every = {row["id"]: row["answers"] for row in run("list", "--json").rows}
    large = {row["id"]: row["answers"] for row in run("list", "--min-n", "100", "--json").rows}
    assert all(one in every[id_] for id_, answers in large.items() for one in answers)
    assert sum(map(len, large.values())) < sum(len(every[id_]) for id_ in large)


def test_the_order_of_answers() -> None:
    """Randomised ones first, then concurrent ones, then those about the treatment itself before
    head-to-head ones, then the largest; what is not known counts as nobody."""

    def answer(name: str, **values: Any) -> dict[str, Any]:
        plain = {"comparison": name, "randomized": False, "control": None, "question": "add"}
        return {**plain, "n": 10, "versus_n": 10, **values}

    ordered = [
        answer("a", randomized=True, n=9, versus_n=None),
        answer("b", randomized=True, question="instead"),
        answer("c", versus_n=40),
        answer("d", question="versus-none"),
        answer("e"),
        answer("f", n=None, versus_n=19),
        answer("g", question="instead", n=90),
        answer("h", control="historical", n=90),
        answer("i", control="between-studies", question="instead", n=90),
    ]
    assert sorted(ordered[1::2] + ordered[::2], key=answer_order) == ordered


def test_the_order_is_strength_and_unspecified_regimens_come_last(run: Run) -> None:
    rows = run("list", "--json").rows
    keys = [
        (not row["specified"], LEVELS.index(row["level"]) if row["level"] else 9) for row in rows
    ]
    assert keys == sorted(keys)


def test_known_treatments_without_evidence_are_listed_where_asked_for(run: Run, base: Path) -> None:
    answer = run("list", "--json")
    assert [row["id"] for row in answer.rows] == ["examplinib", "samplexate", "pills-unspecified"]
    assert json.loads(answer.out)["left_out"] == {"treatments without evidence": 1}
    assert "1 known treatment without evidence left out; --all lists them too" in answer.err
    everything = run("list", "--all", "--json")
    assert [row["id"] for row in everything.rows] == [
        "examplinib",
        "samplexate",
        "untried",
        "pills-unspecified",
    ]
    assert json.loads(everything.out)["left_out"] == {}
    assert [row["id"] for row in run("list", "--treatment", "untried", "--json").rows] == [
        "untried"
    ]
    assert [row["id"] for row in run("list", "--since", "2000", "--json").rows] == [
        "examplinib",
        "samplexate",
        "pills-unspecified",
    ]


def test_every_treatment_of_the_files_is_there(run: Run) -> None:
    assert {row["id"] for row in run("list", "--all", "--json").rows} == {
        item["id"] for item in toml("treatments.toml")["treatment"]
    }


@pytest.mark.parametrize("field", ["patients", "studies", "latest", "level", "name", "drug-class"])
def test_sorting_and_limits(run: Run, field: str) -> None:
    rows = run("list", "--sort", field, "--json").rows
    values = [row[field.replace("-", "_")] for row in rows]
    known = [value for value in values if value is not None]
    key: Callable[[Any], Any] = (
        (lambda value: LEVELS.index(value))
        if field == "level"
        else (lambda value: value.casefold() if isinstance(value, str) else -value)
    )
    assert known == sorted(known, key=key) and values[len(known) :] == [None] * (
        len(values) - len(known)
    )
    assert run("list", "--sort", field, "--reverse", "--json").rows == [
        *rows[: len(known)][::-1],
        *rows[len(known) :],
    ], "what is not known stays last"
    assert run("list", "--sort", field, "--limit", "3", "--json").rows == rows[:3]


def test_an_unknown_field_to_sort_by_lists_the_valid_ones(run: Run) -> None:
    answer = run("list", "--sort", "size")
    assert answer.code == 2 and "--sort: list has no field 'size'; fields: id, name" in answer.err


def test_the_number_of_rows_is_a_note(run: Run, base: Path) -> None:
    assert "lmtx: 3 treatments\n" in run("list").err
    assert "lmtx: 1 treatment\n" in run("list", "--class", "blue pill").err
    assert run("list", "-q").err == ""


def test_an_endpoint_chooses_the_key_figure(run: Run, base: Path) -> None:
    assert run("list", "--endpoint", "ORR", "--json").rows[0]["figure"] == "ORR 75% (95% CI 43–95)"


@pytest.mark.parametrize(
    ("filters", "several", "whatever"),
    [
        (Filters(tumors=("nsclc",), biomarkers=("egfr",)), True, True),
        (Filters(tumors=("nsclc",), biomarkers=("egfr",), mixed=True), False, True),
        (Filters(biomarkers=("egfr",)), False, False),
    ],
    ids=["tumor and marker", "mixed", "marker"],
)
def test_what_is_beside_a_question_leaves_out_a_part_of_it(
    filters: Filters, several: bool, whatever: bool
) -> None:
    with lmtx.open() as kb, kb._reading() as connection:
        words = [one.words for one in find_nearby_records(connection, filters)]
    assert any(one.endswith("in several tumors together") for one in words) is several
    assert any(one.endswith("whatever the marker") for one in words) is whatever
