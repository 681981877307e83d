"""The scale of a forest plot: where a figure stands between its two ends, and the ticks below.
Ratios stand on a logarithmic one."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from lmtx.model.figures import write_number
from lmtx.model.vocabulary import RATIO_UNITS, UNITS
from lmtx.query.plot import ForestRow
from lmtx.tuples import NamedTuple

NO_DIFFERENCE = 1.0
"""Of a ratio."""
_FAR = 2.5
"""An interval may widen the axis to so many times the largest estimate; what lies beyond is an
arrow."""
_FAR_RATIO = 10.0
"""The same for ratios, to either side of the outermost estimates."""
_EDGE = 1.001
"""Keeps a ratio that is a round number off the edge."""
_STEPS = (1, 2, 5)
_FEWEST = 5.0
"""Patients that an axis of numbers holds at least."""


class Axis(NamedTuple):
    """A scale from `low` to `high`, linear or logarithmic."""

    low: float
    high: float
    log: bool

    @property
    def reference(self) -> float | None:
        """The line of no difference: 1 for ratios, 0 for differences; none where nothing is
        compared."""
        return NO_DIFFERENCE if self.log else 0.0 if self.low < 0 else None

    def position_of(self, value: float) -> float:
        """Return where a value stands: 0 at the left end, 1 at the right; less or more beyond
        them."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= 0:
            return float("-inf")
        return (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))

    def beyond(self, row: ForestRow) -> tuple[bool, bool]:
        """Tell whether the interval of a row goes on to the left of the axis, and to its right; an
        end that was not reached does."""
        if row.low is None:
            return False, False
        return self.position_of(row.low) < 0, row.high is None or self.position_of(row.high) > 1

    def ticks(self, most: int) -> list[float]:
        """Return at most so many round values from end to end, two at least."""
        return (
            _log_ticks(self.low, self.high, most) if self.log else _ticks(self.low, self.high, most)
        )


def axis_of(rows: Sequence[ForestRow]) -> Axis:
    """Return the scale on which rows of one unit are drawn: shares from 0 to 100, times and numbers
    from 0, ratios around 1, differences around 0."""
    if rows[0].axis == "%":
        return Axis(0.0, 100.0, False)
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    estimates = [row.position for row in rows if row.position is not None] or ends or [1.0]
    if rows[0].axis not in {*UNITS, *RATIO_UNITS}:
        far = max(map(abs, estimates))
        edge = _even(min(max([far, *map(abs, ends)]), _FAR * far) or 1.0)
        return Axis(-edge, edge, False)
    if rows[0].axis in RATIO_UNITS:
        above = [value for value in (*estimates, *ends, NO_DIFFERENCE) if value > 0]
        least, most = (
            pick(value for value in (*estimates, NO_DIFFERENCE) if value > 0) for pick in (min, max)
        )
        low, high = max(min(above), least / _FAR_RATIO), min(max(above), most * _FAR_RATIO)
        return Axis(_round_down(min(low / _EDGE, 0.5)), _round_up(max(high * _EDGE, 2.0)), True)
    largest = max(*estimates, _FEWEST) if rows[0].axis == "patients" else max(estimates)
    return Axis(
        min(0.0, *estimates), _even(min(max([largest, *ends]), _FAR * largest) or 1.0), False
    )


def _even(value: float) -> float:
    """Return the next multiple of a round step at or above a value, a little room left."""
    step = _step(value, 5)
    return ceil(value / step + 0.05) * step


def _step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 5, 10 … that takes at most so many steps over a span."""
    size = 10.0 ** floor(log10(span / most))
    return next(step * size for step in (*_STEPS, 10, 20) if span / (step * size) <= most)


def _ticks(low: float, high: float, most: int) -> list[float]:
    step = min(_step(high - low, max(1, most - 1)), high - low)
    return [round(i * step, 10) for i in range(ceil(low / step), floor(high / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> range:
    return range(floor(log10(low)), ceil(log10(high)) + 1)


def _steps_between(low: float, high: float, steps: Sequence[int]) -> list[float]:
    return [
        value
        for power in _decades(low, high)
        for step in steps
        if low / 1.0001 <= (value := step * 10.0**power) <= high * 1.0001
    ]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2, 5 of every decade, or as many of them as there is room for; the line of no
    difference always."""
    for steps in (_STEPS, (1, 3), (1,)):
        if len(found := _steps_between(low, high, steps)) <= most and len(found) > 1:
            return found
    return sorted({low, NO_DIFFERENCE, high})


def _round_down(value: float) -> float:
    return max(_steps_between(value / 10, value, _STEPS))


def _round_up(value: float) -> float:
    return min(_steps_between(value, value * 10, _STEPS))


def tick_label(value: float) -> str:
    """Write the value of a tick."""
    return write_number(float(f"{value:.6g}"))
