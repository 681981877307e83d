"""The level of evidence follows from the design by one rule."""

from __future__ import annotations

import pytest

from lmtx.model import levels
from lmtx.model.levels import (
    BASES,
    Arms,
    basis_of,
    level_of,
    level_of_comparison,
    rank_of,
    strongest_level,
)
from lmtx.model.vocabulary import DESIGNS, LEVELS

LARGE = Arms(100, 100)


@pytest.mark.parametrize(
    ("design", "n", "arms", "expected"),
    [
        # by chance: both arms must be large
        ("randomized-phase-3", 100, LARGE, "I"),
        ("randomized-phase-2", 100, LARGE, "I"),
        ("randomized-phase-3", 100, Arms(100, 99), "II"),
        ("randomized-phase-3", 99, Arms(99, 100), "II"),
        ("randomized-phase-3", 300, Arms(300, None), "II"),
        ("randomized", 17, Arms(17, 18), "II"),
        ("randomized", 17, Arms(None, None), "II"),
        ("phase-2", 40, Arms(40, 38), "II"),
        # a group of a randomised trial whose treatment was not compared at random
        ("randomized-phase-3", 500, None, "III"),
        ("randomized", 4, None, "III"),
        # one group
        ("phase-2", 500, None, "III"),
        ("phase-1-2", 30, None, "III"),
        ("phase-1", 5, None, "III"),
        ("prospective-cohort", None, None, "III"),
        # looking back: by the treatment's own patients
        ("retrospective-comparative", 10, None, "IV"),
        ("retrospective-comparative", 9, None, "V"),
        ("retrospective-cohort", 6, None, "V"),
        ("retrospective-cohort", None, None, "IV"),
        ("retrospective-cohort", 0, None, "V"),
        ("retrospective-comparative", 300, LARGE, "IV"),
        ("case-series", 9, None, "V"),
        ("case-report", 1, None, "V"),
        ("meta-analysis", 5000, None, "IV"),
        ("meta-analysis", 6, None, "V"),
        # no level
        ("pharmacokinetic", 30, None, None),
        ("preclinical", None, None, None),
        ("epidemiology", 900, None, None),
        ("review", None, None, None),
        ("systematic-review", 400, None, None),
        ("guideline", None, None, None),
    ],
)
def test_level_of_design_size_and_chance(
    design: str, n: int | None, arms: Arms | None, expected: str | None
) -> None:
    assert level_of(design, n, arms=arms) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("futility", "II"), ("poor-accrual", "II"), ("benefit", "I"), (None, "I")],
)
def test_a_large_trial_loses_level_one_only_when_stopped_for_futility_or_poor_accrual(
    reason: str | None, expected: str
) -> None:
    assert level_of("randomized-phase-3", 150, arms=LARGE, stopped_early=reason) == expected


@pytest.mark.parametrize(
    ("design", "expected"),
    [("randomized", "V"), ("phase-2", "V"), ("retrospective-cohort", "V"), ("review", None)],
)
def test_a_part_that_nobody_counted_is_level_v(design: str, expected: str | None) -> None:
    assert level_of(design, 40, n_unknown=True) == expected


@pytest.mark.parametrize(
    ("design", "arms", "randomized", "expected"),
    [
        ("randomized-phase-3", LARGE, True, "I"),
        ("randomized-phase-3", Arms(42, 21), True, "II"),
        ("randomized-phase-3", LARGE, False, "III"),
        ("retrospective-comparative", Arms(40, 60), False, "IV"),
        ("retrospective-comparative", Arms(40, 6), False, "V"),
        ("retrospective-comparative", Arms(40, None), False, "IV"),
        ("meta-analysis", Arms(None, None), False, "IV"),
    ],
)
def test_level_of_a_comparison(
    design: str, arms: Arms, randomized: bool, expected: str | None
) -> None:
    """By chance, or that of its design and its smaller side."""
    assert level_of_comparison(design, arms, randomized=randomized) == expected


def test_a_study_has_the_strongest_level_of_its_groups() -> None:
    assert strongest_level(["IV", None, "III", "V"]) == "III"
    assert strongest_level([None]) is None
    assert strongest_level([]) is None


@pytest.mark.parametrize(
    ("tested", "given_as", "pooled", "given", "marks"),
    [
        (1, None, False, "alone", ""),
        (1, None, True, "alone", "‡"),
        (2, "together", False, "together", "+"),
        (2, "some", False, "some", "+"),
        (2, "in-turn", True, "in-turn", "+‡"),
    ],
)
def test_a_level_says_on_what_it_rests(
    tested: int, given_as: str | None, pooled: bool, given: str, marks: str
) -> None:
    basis = basis_of(tested, given_as, pooled=pooled)
    assert (basis.given_as, basis.marks) == (given, marks)


def test_alone_comes_before_together_and_only_lm_before_pooled() -> None:
    made = [basis_of(2, given_as, pooled=pooled) for pooled in (False, True) for given_as in BASES]
    assert [basis.rank for basis in made] == list(range(2 * len(BASES)))


@pytest.mark.parametrize("pooled", ["I", "II"])
def test_a_meta_analysis_of_randomised_trials_has_their_level(pooled: str) -> None:
    assert level_of("meta-analysis", pools_randomised=pooled) == pooled


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_is_decided_by_the_rule(design: str) -> None:
    assert level_of(design, 50) in {*LEVELS, None}


def test_ranks_run_from_strong_to_weak_and_no_level_is_weakest() -> None:
    assert [rank_of(level) for level in (*LEVELS, None)] == [1, 2, 3, 4, 5, 6]


def test_the_rule_is_written_out_for_every_level() -> None:
    assert all(f"| {level} |" in (levels.__doc__ or "") for level in (*LEVELS, "none"))
