"""The level of evidence of a group of patients, from its design: one rule, in one place. And how
directions add up.

The scale is the one that the EANO–ESMO guideline uses (ESMO, adapted from IDSA). A level says how a
study was made, not whether it is right.

The level of a treatment goes by the patients who had it: of forty patients in retrospect of whom
six had the drug, it is V for that drug.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from lmtx.model.vocabulary import (
    LARGE_SERIES,
    LEVELS,
    PROSPECTIVE,
    RANDOMISED,
    RETROSPECTIVE,
    SMALL_SERIES,
)

LARGE_ARM = 100
"""Patients with LM in each arm from which a randomised comparison counts as large."""
STOPS_WITHOUT_ANSWER = frozenset({"futility", "poor-accrual"})
"""Reasons to stop early that leave a comparison without its answer."""
LEVEL_RULE: Mapping[str | None, str] = {
    "I": f"randomised comparison with at least {LARGE_ARM} patients with LM in each arm, not "
    "stopped for futility or poor accrual; meta-analysis of such",
    "II": "any other randomised comparison; meta-analysis that holds one of these",
    "III": "single-arm trial, dose-finding trial, prospective cohort; group of a randomised trial "
    "that was not randomised for LM",
    "IV": f"retrospective cohort or comparison in which {SMALL_SERIES} patients or more had the "
    "treatment; meta-analysis of non-randomised studies",
    "V": f"case report, case series; retrospective group of which fewer than {SMALL_SERIES} had "
    "the treatment; any group of which a part had it and nobody says how many",
    None: "pharmacokinetic and preclinical work, epidemiology, reviews and guidelines carry no "
    "level",
}
"""What has which level here, in words; docs/answers.md shows it."""
LEVEL_RANKS = {level: rank for rank, level in enumerate(LEVELS, start=1)}
"""1 for I to 5 for V: smaller is stronger."""
NO_LEVEL_RANK = len(LEVEL_RANKS) + 1
_AT_RANK = {rank: level for level, rank in LEVEL_RANKS.items()}


def level_of_group(
    design: str,
    n: int | None = None,
    *,
    randomised: bool = False,
    large: bool = False,
    pools_randomised: str | None = None,
    part: bool = False,
) -> str | None:
    """Return the level I–V of a group of patients, or None where the design carries none.

    `n` is how many had the treatment (unknown counts as SMALL_SERIES or more), `part` says that
    only a part of the group had it and nobody says how many. `randomised`: a randomised comparison
    holds the group, `large`: one with LARGE_ARM patients on each side that ran its course.
    `pools_randomised` is the level ("I" or "II") of the randomised trials that a meta-analysis
    pools.
    """
    if design == "meta-analysis":
        level: str | None = pools_randomised or "IV"
    elif design in RANDOMISED and randomised:
        level = "I" if large else "II"
    elif design in PROSPECTIVE:
        level = "III"
    elif design in RETROSPECTIVE:
        level = "IV"
    elif design in {"case-series", "case-report"}:
        level = "V"
    else:
        level = None
    return lower_level_by_n(level, design, n, part=part)


def lower_level_by_n(level: str | None, design: str, n: int | None, *, part: bool) -> str | None:
    """Return the level of a treatment in a group of a level and design, by the `n` who had it."""
    few = n is not None and n < SMALL_SERIES and design in RETROSPECTIVE
    return "V" if level and (part or few) else level


def level_of_study(
    design: str,
    patients: int | None = None,
    *,
    large: bool = False,
    pools_randomised: str | None = None,
) -> str | None:
    """Return the level of a study as a whole; `patients` is its number with LM."""
    return level_of_group(
        design, patients, randomised=True, large=large, pools_randomised=pools_randomised
    )


def find_level_at_rank(rank: int) -> str | None:
    """Return the level of a rank; None for that of no level."""
    return _AT_RANK.get(rank)


def rank_level(level: str | None) -> int:
    """Return 1 (level I) to 5 (level V), 6 for no level."""
    return LEVEL_RANKS.get(level or "", NO_LEVEL_RANK)


IDENTIFIERS = ("pmid", "doi", "pmcid", "nct")
REQUIRED_CITATION_PARTS = ("first_author", "year", "journal", "identifier")
"""What a citation needs; any one identifier will do."""


def combine_directions(directions: Collection[str]) -> str:
    """Return the direction that several share, unclear ones left aside; "mixed" where they
    differ."""
    clear = set(directions) - {"unclear"}
    return (clear.pop() if len(clear) == 1 else "mixed") if clear else "unclear"


def list_missing_citation_parts(study: Mapping[str, Any]) -> list[str]:
    """Return what the citation of a study lacks, as words of `REQUIRED_CITATION_PARTS`."""
    has_identifier = any(study.get(key) for key in IDENTIFIERS)
    return [
        name
        for name in REQUIRED_CITATION_PARTS
        if not (has_identifier if name == "identifier" else study.get(name))
    ]


def size_of_study(patients: int | None, row_sizes: Iterable[int | None]) -> int | None:
    """Return how many patients a study has: as it says, else those of its largest row; None where
    nothing says."""
    known = (n for n in row_sizes if n is not None)
    return patients if patients is not None else max(known, default=None)


def needs_two_readings(design: str, patients: int) -> bool:
    """Tell whether a study with evidence is due a second reading: every prospective one, and large
    retrospective ones."""
    return design in PROSPECTIVE or (design in RETROSPECTIVE and patients >= LARGE_SERIES)
