"""The level of evidence of a study, from its design: one rule, in one place.

The scale is the one that the EANO–ESMO guideline uses (ESMO, adapted from IDSA). A level says how a study
was made, not whether it is right.

| level | here |
| --- | --- |
| I | randomised trial with at least 100 patients with LM, not stopped for futility or poor accrual; meta-analysis of such trials |
| II | any other randomised trial; meta-analysis of randomised trials that holds one of these |
| III | single-arm trial, dose-finding trial, prospective cohort |
| IV | retrospective cohort or comparison with ten patients or more; meta-analysis of non-randomised studies |
| V | case report, case series, retrospective study, or row of one, of fewer than ten patients |
| none | pharmacokinetic and preclinical work, epidemiology, reviews, guidelines |

A study or a row may override its level when it gives the reason (`level` with `level_reason`).
"""

from __future__ import annotations

from lmtx.model.vocabulary import LEVELS, PROSPECTIVE, RANDOMISED, RETROSPECTIVE

LARGE_TRIAL = 100
"""Patients with LM from which a randomised trial counts as large."""
SMALL_SERIES = 10
"""Patients below which a retrospective study counts as a series."""
RANK = {level: rank for rank, level in enumerate(LEVELS, start=1)}
"""1 for I to 5 for V: smaller is stronger."""
NO_LEVEL_RANK = len(RANK) + 1
_AT_RANK = {rank: level for level, rank in RANK.items()}


def level_of(
    design: str,
    patients: int | None = None,
    *,
    stopped_early: str | None = None,
    pools_randomised: str | None = None,
) -> str | None:
    """Return the level I–V of a study, or None where the design carries none.

    `patients` is the number with LM (unknown counts as small for a trial and as ten or more for a retrospective
    study); `pools_randomised` is the level ("I" or "II") of the randomised trials that a meta-analysis pools.
    """
    if design in RANDOMISED:
        large = patients is not None and patients >= LARGE_TRIAL
        return "I" if large and stopped_early not in {"futility", "poor-accrual"} else "II"
    if design == "meta-analysis":
        return pools_randomised or "IV"
    if design in PROSPECTIVE:
        return "III"
    if design in RETROSPECTIVE:
        return "V" if patients is not None and patients < SMALL_SERIES else "IV"
    if design in {"case-series", "case-report"}:
        return "V"
    return None


def at_rank(rank: int) -> str | None:
    """Return the level of a rank; None for that of no level."""
    return _AT_RANK.get(rank)


def rank_of(level: str | None) -> int:
    """Return 1 (level I) to 5 (level V), 6 for no level."""
    return RANK.get(level or "", NO_LEVEL_RANK)
