"""The level of evidence of a treatment in a group, of a comparison, of a study: one rule, in one place.

The scale is the one that the EANO–ESMO guideline uses (ESMO, adapted from IDSA). A level says how a study
was made, not whether it is right.

| level | here |
| --- | --- |
| I | randomised comparison that tests the treatment, with at least 100 patients with LM in each arm, not stopped for futility or poor accrual; meta-analysis of such |
| II | any other randomised comparison that tests the treatment; meta-analysis of randomised trials that holds one of these |
| III | single-arm trial, dose-finding trial, prospective cohort; a group of a randomised trial whose treatment was not compared at random |
| IV | retrospective cohort or comparison in which ten patients or more had the treatment; meta-analysis of non-randomised studies |
| V | case report, case series; retrospective group of which fewer than ten had the treatment; any group of which a part had it and nobody says how many |
| none | pharmacokinetic and preclinical work, epidemiology, reviews, guidelines |

The number of patients is the treatment's own: of a cohort of forty of whom six had a drug, six.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lmtx.model.vocabulary import LEVELS, PROSPECTIVE, RETROSPECTIVE

LARGE_ARM = 100
"""Patients with LM in each arm from which a randomised comparison counts as large."""
SMALL_SERIES = 10
"""Patients below which retrospective evidence counts as a series."""
RANK = {level: rank for rank, level in enumerate(LEVELS, start=1)}
"""1 for I to 5 for V: smaller is stronger."""
NO_LEVEL_RANK = len(RANK) + 1
_AT_RANK = {rank: level for level, rank in RANK.items()}
_STOPPED_SHORT = frozenset({"futility", "poor-accrual"})


class Arms(NamedTuple):
    """Patients with LM on the two sides of a randomised comparison; None where unknown, which is not large."""

    of: int | None
    against: int | None

    @property
    def are_large(self) -> bool:
        """Whether both sides have LARGE_ARM patients or more."""
        return all(n is not None and n >= LARGE_ARM for n in self)


def level_of(
    design: str,
    n: int | None = None,
    *,
    arms: Arms | None = None,
    n_unknown: bool = False,
    stopped_early: str | None = None,
    pools_randomised: str | None = None,
) -> str | None:
    """Return the level I–V of what a group shows of a treatment, or None where the design carries none.

    `design` is that of the group, else of the study. `n` are the patients with LM who had the treatment (None: unknown,
    which counts as ten or more); `n_unknown` says that only a part of the group had it, and nobody says how many. `arms`
    are the sides of a randomised comparison that tests the treatment, None where there is none. `pools_randomised` is the
    level ("I" or "II") of the randomised trials that a meta-analysis pools.
    """
    by_design = _level_of_design(design, n, arms, stopped_early, pools_randomised)
    return "V" if by_design is not None and n_unknown else by_design


def _level_of_design(
    design: str,
    n: int | None,
    arms: Arms | None,
    stopped_early: str | None,
    pools_randomised: str | None,
) -> str | None:
    if arms is not None and design in PROSPECTIVE:
        return "I" if arms.are_large and stopped_early not in _STOPPED_SHORT else "II"
    if design in PROSPECTIVE:
        return "III"
    if design == "meta-analysis" and pools_randomised:
        return pools_randomised
    if design in RETROSPECTIVE or design == "meta-analysis":
        return "V" if n is not None and n < SMALL_SERIES else "IV"
    if design in {"case-series", "case-report"}:
        return "V"
    return None


def level_of_comparison(
    design: str, arms: Arms, *, randomized: bool, stopped_early: str | None = None
) -> str | None:
    """Return the level of a comparison itself: by chance, else that of its design and of its smaller side."""
    if randomized:
        return level_of(design, arms=arms, stopped_early=stopped_early)
    known = [n for n in arms if n is not None]
    return level_of(design, min(known, default=None))


def strongest_level(levels: Iterable[str | None]) -> str | None:
    """Return the strongest of several levels: that of a study from those of its groups."""
    return at_rank(min(map(rank_of, levels), default=NO_LEVEL_RANK))


BASES = ("alone", "together", "some", "in-turn")
"""On what a level of a treatment rests: on the treatment alone, or on a group in which several were tested."""


class Basis(NamedTuple):
    """On what a level rests: how the tested treatments stand (a word of BASES), and whether others are pooled in."""

    given_as: str
    pooled: bool

    @property
    def marks(self) -> str:
        """The marks of it: "+" in combination, "‡" pooled, both or none."""
        return ("" if self.given_as == "alone" else "+") + ("‡" if self.pooled else "")

    @property
    def rank(self) -> int:
        """0 for what speaks most clearly: alone before in combination, only LM before pooled."""
        return BASES.index(self.given_as) + len(BASES) * self.pooled


def basis_of(tested: int, given_as: str | None, *, pooled: bool = False) -> Basis:
    """Return the basis of a group in which so many treatments were tested; `given_as` says how they stand."""
    return Basis("alone" if tested < 2 or given_as is None else given_as, pooled)


def at_rank(rank: int) -> str | None:
    """Return the level of a rank; None for that of no level."""
    return _AT_RANK.get(rank)


def rank_of(level: str | None) -> int:
    """Return 1 (level I) to 5 (level V), 6 for no level."""
    return RANK.get(level or "", NO_LEVEL_RANK)
