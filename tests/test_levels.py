"""The level of evidence follows from the design by one rule."""

from __future__ import annotations

import pytest

from lmtx.model import levels
from lmtx.model.levels import level_of, rank_of
from lmtx.model.vocabulary import DESIGNS, LEVELS


@pytest.mark.parametrize(
    ("design", "patients", "expected"),
    [
        ("randomized-phase-3", 100, "I"),
        ("randomized-phase-3", 99, "II"),
        ("randomized-phase-3", None, "II"),
        ("randomized-phase-2", 250, "I"),
        ("randomized", 42, "II"),
        ("phase-2", 500, "III"),
        ("phase-1-2", 30, "III"),
        ("phase-1", 5, "III"),
        ("prospective-cohort", None, "III"),
        ("retrospective-comparative", 10, "IV"),
        ("retrospective-comparative", 9, "V"),
        ("retrospective-cohort", None, "IV"),
        ("retrospective-cohort", 0, "V"),
        ("case-series", 9, "V"),
        ("case-report", 1, "V"),
        ("meta-analysis", 5000, "IV"),
        ("pharmacokinetic", 30, None),
        ("preclinical", None, None),
        ("epidemiology", 900, None),
        ("review", None, None),
        ("systematic-review", 400, None),
        ("guideline", None, None),
    ],
)
def test_level_of_design_and_size(design: str, patients: int | None, expected: str | None) -> None:
    assert level_of(design, patients) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("futility", "II"), ("poor-accrual", "II"), ("benefit", "I"), (None, "I")],
)
def test_a_large_trial_loses_level_one_only_when_stopped_for_futility_or_poor_accrual(
    reason: str | None, expected: str
) -> None:
    assert level_of("randomized-phase-3", 300, stopped_early=reason) == expected


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
