"""Exact confidence intervals of a share, for rates whose paper prints none."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, lgamma, log, log1p
from typing import Any

Outcome = Mapping[str, Any]
"""An outcome as the JSON export gives it."""
USUAL_LEVEL = 95.0
"""Confidence (%) of an interval where the paper names no other, and of those computed here."""


def events_of(outcome: Outcome) -> int | None:
    """Return how many patients had the event: as printed beside a rate, or the figure itself where
    it is a count."""
    events: int | None = outcome["events"]
    return (
        int(outcome["value"])
        if events is None
        and outcome["unit"] == "patients"
        and outcome["value"] == int(outcome["value"])
        else events
    )


def computed_interval(outcome: Outcome) -> tuple[float, float] | None:
    """Return the exact interval (%, to 0.1) of a rate whose paper prints the counts but no
    interval; None for everything else.

    Where the paper's own figures do not fit each other, nothing is computed with them.
    """
    events, total = events_of(outcome), outcome["total"]
    if (
        outcome["unit"] not in ("%", "patients")
        or outcome["ci"]
        or outcome["as_printed"]
        or events is None
        or not total
    ):
        return None
    low, high = exact_interval(events, total, USUAL_LEVEL)
    return round(100 * low, 1), round(100 * high, 1)


def exact_interval(events: int, total: int, level: float = 95.0) -> tuple[float, float]:
    """Return the Clopper–Pearson interval of `events` in `total`, both ends as shares from 0 to 1.

    `level` is the confidence in percent. Raises ValueError where the counts or the level make no
    sense.
    """
    if not 0 <= events <= total or total < 1:
        raise ValueError(f"{events} of {total} is no share")
    if not 0 < level < 100:
        raise ValueError(f"{level} is no confidence level")
    tail = (1 - level / 100) / 2
    return _lower(events, total, tail), 1 - _lower(total - events, total, tail)


def _lower(events: int, total: int, tail: float) -> float:
    """Return the share at which so many events or more have just this probability; 0 where there
    are none."""
    if events == 0:
        return 0.0
    low, high = 0.0, events / total
    while low < (middle := (low + high) / 2) < high:
        if _at_least(events, total, middle) < tail:
            low = middle
        else:
            high = middle
    return low


def _at_least(events: int, total: int, share: float) -> float:
    """Return the binomial probability of `events` or more. The share lies below events/total, so
    that the terms only fall."""
    term = exp(
        lgamma(total + 1)
        - lgamma(events + 1)
        - lgamma(total - events + 1)
        + events * log(share)
        + (total - events) * log1p(-share)
    )
    odds, found = share / (1 - share), 0.0
    for i in range(events, total + 1):
        if found + term == found:
            break
        found += term
        term *= odds * (total - i) / (i + 1)
    return found
