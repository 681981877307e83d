"""`lmtx list`: what a row says, checked on a small base and against a second reading of the files."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from support import LEVELS, Answer, at_or_below, is_mixed, raw_rows, study, study_names, toml

Run = Callable[..., Answer]


def test_a_row_on_the_small_base(run: Run, base: Path) -> None:
    """The interim report and the review add nobody; the subgroup lies within its row."""
    row = run("list", "--json").rows[0]
    assert row == {
        "id": "examplinib", "name": "Examplinib", "drug_class": "blue-pill", "class_path": "Pills › Blue pill", "specified": True, "targets": ["GENE1"],
        "routes": ["oral"], "level": "III", "studies": 1, "patients": 12, "syntheses": 1, "benefit": 1, "no_benefit": 0, "mixed": 0, "unclear": 0,
        "figure": "OS 8.5 months (95% CI 5.5–not reached)", "figure_study": "doe-2020", "figure_n": 12, "figure_with": [], "figure_scope": "whole", "figure_mixed_with": None, "figure_source": "lmtx",
        "read_in": "full-text", "latest": 2021, "source": ["lmtx"], "figure_design": "phase-2",
    }  # fmt: skip


def test_the_order_is_strength_and_unspecified_regimens_come_last(run: Run) -> None:
    rows = run("list", "--json").rows
    keys = [
        (not row["specified"], LEVELS.index(row["level"]) if row["level"] else 9) for row in rows
    ]
    assert keys == sorted(keys)


def test_every_treatment_is_listed_even_without_evidence(run: Run, base: Path) -> None:
    assert [row["id"] for row in run("list", "--json").rows] == [
        "examplinib",
        "samplexate",
        "untried",
        "pills-unspecified",
    ]
    assert [row["id"] for row in run("list", "--since", "2000", "--json").rows] == [
        "examplinib",
        "samplexate",
        "pills-unspecified",
    ]


def test_every_treatment_of_the_files_is_there(run: Run) -> None:
    assert {row["id"] for row in run("list", "--json").rows} == {
        item["id"] for item in toml("treatments.toml")["treatment"]
    }


@pytest.mark.parametrize("tumor", ["melanoma", "nsclc", "breast", "solid"])
def test_counts_agree_with_a_second_reading(run: Run, tumor: str) -> None:
    """Independent studies and their patients, counted here from the files in another way."""
    wanted = at_or_below("tumor", tumor)
    rows = [
        row
        for row in raw_rows()
        if tumor == "solid" or (wanted & set(row["tumors"]) and not is_mixed(row))
    ]
    listed = run("list", "--tumor", tumor, "--json").rows
    assert (
        {row["id"] for row in listed}
        >= {treatment for row in rows for treatment in row["treatments"]}
        != set()
    )
    for found in listed:
        studies, patients = second_count([row for row in rows if found["id"] in row["treatments"]])
        assert (found["studies"], found["patients"]) == (studies, patients), found["id"]


SECONDARY = {"meta-analysis", "systematic-review", "review", "guideline", "preclinical"}


def second_count(rows: list[dict[str, Any]]) -> tuple[int, int | None]:
    """Count studies and patients by joining linked studies, one pair at a time."""
    told = [
        row for row in rows if row["of"]["design"] not in SECONDARY and "withdrawn" not in row["of"]
    ]
    told = [
        {key: value for key, value in row.items() if key != "n" or "mixed_with" not in row}
        for row in told
    ]
    cohort = cohorts()
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in told:
        groups.setdefault(cohort[row["of"]["id"]], []).append(row)
    sizes: list[int] = []
    for group in groups.values():
        current = [
            row for row in group if "superseded_by" not in row["of"] or row.get("stands")
        ] or group
        by_study: dict[str, list[int]] = {}
        apart = [row for row in current if row.get("stands")]
        in_one = [row for row in current if not row.get("stands")]
        if not any("n" in row for row in (*apart, *in_one)):
            in_one = group
        current = in_one
        for row in in_one:
            beside = {
                other["row"]
                for other in current
                if other["of"]["id"] == row["of"]["id"] and "mixed_with" not in other
            }
            if "n" in row and row.get("within") not in beside:
                by_study.setdefault(row["of"]["id"], []).append(row["n"])
        sizes += [row["n"] for row in apart if "n" in row]
        if by_study:
            sizes.append(max(min(sum(told), most(name)) for name, told in by_study.items()))
    return len(groups), sum(sizes) if sizes else None


def most(name: str) -> float:
    """Return how many patients the rows of a study can count together."""
    file = study(name)
    if file["study"].get("rows_overlap"):
        return float(max(row["n"] for row in file["evidence"] if "n" in row))
    return float(file["study"].get("patients", "inf"))


@lru_cache
def cohorts() -> dict[str, str]:
    """Return the smallest id of the linked studies of every study."""
    name = {id_: id_ for id_ in study_names()}
    changed = True
    while changed:
        changed = False
        for id_ in name:
            of = study(id_)["study"]
            linked = [
                id_,
                *of.get("overlaps", ()),
                *([of["superseded_by"]] if "superseded_by" in of else ()),
            ]
            least = min(name[one] for one in linked)
            for one in linked:
                changed = changed or name[one] != least
                name[one] = least
    return name


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
    assert "lmtx: 4 treatments\n" in run("list").err
    assert "lmtx: 1 treatment\n" in run("list", "--class", "blue pill").err
    assert run("list", "-q").err == ""


def test_an_endpoint_chooses_the_key_figure(run: Run, base: Path) -> None:
    assert run("list", "--endpoint", "ORR", "--json").rows[0]["figure"] == "ORR 75% (95% CI 43–95)"
