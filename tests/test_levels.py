"""The level of evidence follows from the design by one rule."""

from __future__ import annotations

import pytest

from lmtx.model.levels import LEVEL_RULE, level_of_group, level_of_study, rank_level
from lmtx.model.vocabulary import DESIGNS, LEVELS, RANDOMISED


@pytest.mark.parametrize(
    ("design", "n", "expected"),
    [
        # a group of a randomised trial that was not compared at random for LM
        ("randomized-phase-3", 500, "III"),
        ("randomized", 4, "III"),
        # one group
        ("phase-2", 500, "III"),
        ("phase-1-2", 30, "III"),
        ("phase-1", 5, "III"),
        ("prospective-cohort", None, "III"),
        # looking back: by the treatment's own patients
        ("retrospective-comparative", 10, "IV"),
        ("retrospective-comparative", 9, "V"),
        ("retrospective-cohort", 6, "V"),
        ("retrospective-cohort", None, "IV"),
        ("retrospective-cohort", 0, "V"),
        ("case-series", 9, "V"),
        ("case-report", 1, "V"),
        ("meta-analysis", 5000, "IV"),
        # no level
        ("pharmacokinetic", 30, None),
        ("preclinical", None, None),
        ("epidemiology", 900, None),
        ("review", None, None),
        ("systematic-review", 400, None),
        ("guideline", None, None),
    ],
)
def test_level_of_design_and_size(design: str, n: int | None, expected: str | None) -> None:
    assert level_of_group(design, n) == expected


@pytest.mark.parametrize("design", sorted(RANDOMISED))
@pytest.mark.parametrize(("large", "expected"), [(True, "I"), (False, "II")])
def test_chance_and_large_arms_make_level_one(design: str, large: bool, expected: str) -> None:
    assert level_of_group(design, 4, randomised=True, large=large) == expected
    assert level_of_study(design, 4, large=large) == expected


def test_chance_is_that_of_the_design() -> None:
    """What looks back was not allotted, whatever a comparison of it says."""
    assert level_of_group("retrospective-comparative", 300, randomised=True, large=True) == "IV"


@pytest.mark.parametrize(
    ("design", "expected"),
    [("randomized", "V"), ("phase-2", "V"), ("retrospective-cohort", "V"), ("review", None)],
)
def test_a_part_that_nobody_counted_is_level_v(design: str, expected: str | None) -> None:
    assert level_of_group(design, 40, randomised=True, part=True) == expected


@pytest.mark.parametrize("pooled", ["I", "II"])
def test_a_meta_analysis_of_randomised_trials_has_their_level(pooled: str) -> None:
    assert level_of_group("meta-analysis", pools_randomised=pooled) == pooled


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_is_decided_by_the_rule(design: str) -> None:
    assert level_of_group(design, 50) in {*LEVELS, None}


def test_ranks_run_from_strong_to_weak_and_no_level_is_weakest() -> None:
    assert [rank_level(level) for level in (*LEVELS, None)] == [1, 2, 3, 4, 5, 6]


def test_the_rule_is_written_out_for_every_level() -> None:
    assert [*LEVEL_RULE] == [*LEVELS, None]
