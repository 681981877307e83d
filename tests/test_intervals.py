"""Exact intervals of a share, against other ways to compute them."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.model.figures import computed_interval, events_of, exact_interval

COUNTS = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def at_least(events: int, total: int, share: float) -> float:
    """The binomial probability of so many events or more, in exact fractions."""
    p = Fraction(share)
    return float(
        sum(comb(total, i) * p**i * (1 - p) ** (total - i) for i in range(events, total + 1))
    )


# Clopper and Pearson's figures as statistical tables and textbooks print them, in percent.
@pytest.mark.parametrize(
    ("events", "total", "low", "high"),
    [
        (0, 10, 0, 30.85),
        (1, 10, 0.25, 44.50),
        (4, 20, 5.73, 43.66),
        (5, 10, 18.71, 81.29),
        (10, 10, 69.15, 100),
        (9, 12, 42.81, 94.51),
        (81, 263, 25.27, 36.76),
        (1, 1, 2.5, 100),
    ],
)
def test_as_the_tables_print_it(events: int, total: int, low: float, high: float) -> None:
    assert [round(100 * end, 2) for end in exact_interval(events, total)] == [low, high]


@given(COUNTS)
def test_an_interval_lies_in_0_to_1_and_holds_the_share(counts: tuple[int, int]) -> None:
    events, total = counts
    low, high = exact_interval(events, total)
    assert 0 <= low <= events / total <= high <= 1
    assert (low == 0) == (events == 0) and (high == 1) == (events == total)


@given(COUNTS)
def test_those_without_the_event_mirror_those_with_it(counts: tuple[int, int]) -> None:
    events, total = counts
    low, high = exact_interval(events, total)
    assert exact_interval(total - events, total) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(
    st.integers(1, 40).flatmap(lambda total: st.tuples(st.integers(1, total), st.just(total))),
    st.sampled_from([80.0, 90.0, 95.0, 99.0]),
)
def test_the_tails_hold_what_the_level_leaves(counts: tuple[int, int], level: float) -> None:
    events, total = counts
    low, high = exact_interval(events, total, level)
    tail = (100 - level) / 200
    assert at_least(events, total, low) == pytest.approx(tail, rel=1e-9)
    if events < total:
        assert 1 - at_least(events + 1, total, high) == pytest.approx(tail, rel=1e-9)


@given(COUNTS)
def test_more_confidence_is_wider(counts: tuple[int, int]) -> None:
    (low, high), (lower, higher) = exact_interval(*counts, 90), exact_interval(*counts, 99)
    assert lower <= low and high <= higher and higher - lower > high - low


def test_large_counts_are_no_burden() -> None:
    low, high = exact_interval(500_000, 1_000_000)
    assert (low, high) == pytest.approx((0.49902, 0.50098), abs=1e-5)


@pytest.mark.parametrize(
    ("events", "total", "level"), [(1, 0, 95), (-1, 3, 95), (4, 3, 95), (1, 3, 100), (1, 3, 0)]
)
def test_counts_that_make_no_sense(events: int, total: int, level: float) -> None:
    with pytest.raises(ValueError, match="is no"):
        exact_interval(events, total, level)


@pytest.mark.parametrize(
    ("changed", "events", "interval"),
    [
        ({}, 9, (42.8, 94.5)),
        ({"unit": "patients", "value": 9.0, "events": None}, 9, (42.8, 94.5)),
        ({"unit": "patients", "value": 9.5, "events": None}, None, None),
        ({"events": None}, None, None),
        ({"total": None}, 9, None),
        ({"events": 0, "total": 0}, 0, None),
        ({"as_printed": True}, 9, None),
        ({"ci": [40.0]}, 9, None),
        ({"unit": "months"}, 9, None),
    ],
)
def test_an_interval_comes_from_printed_counts_alone(
    changed: dict[str, object], events: int | None, interval: tuple[float, float] | None
) -> None:
    outcome = {
        "value": 75.0,
        "unit": "%",
        "ci": [],
        "events": 9,
        "total": 12,
        "as_printed": False,
    } | changed
    assert (events_of(outcome), computed_interval(outcome)) == (events, interval)
