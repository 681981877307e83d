"""What a forest plot shows, on a terminal and in a picture alike: its scale, with ticks below and
logarithmic for ratios, and in words its panels, figures, marks and footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from lmtx.model.figures import is_below_one_better, write_number, write_p_value
from lmtx.model.notation import (
    COMPUTED_INTERVAL_MARK,
    OWN_RECORDS_MARK,
    POOLED_MARK,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    mark_own_records,
    mark_reading,
)
from lmtx.model.vocabulary import (
    ADJUSTMENTS,
    CONTROLS,
    DIFFERENCE_UNITS,
    EFFECT_UNITS,
    ENDPOINTS,
    QUESTIONS,
    RATIO_UNITS,
    SCOPES,
    TIME_ENDPOINTS,
    TIME_UNITS,
    UNITS,
)
from lmtx.query.plot import TREATMENT_JOINERS, ForestRow
from lmtx.tuples import NamedTuple

NO_DIFFERENCE_RATIO = 1.0
"""Of a ratio."""
_WIDEST_STRETCH = 2.5
"""An interval may widen the axis to so many times the largest estimate; what lies beyond is an
arrow."""
_WIDEST_RATIO_STRETCH = 10.0
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
        return NO_DIFFERENCE_RATIO if self.log else 0.0 if self.low < 0 else None

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


def make_axis(rows: Sequence[ForestRow]) -> Axis:
    """Return the scale on which rows of one unit are drawn: shares from 0 to 100, times and numbers
    from 0, ratios around 1, differences around 0."""
    if rows[0].axis == "%":
        return Axis(0.0, 100.0, False)
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    estimates = [row.position for row in rows if row.position is not None] or ends or [1.0]
    if rows[0].axis not in {*UNITS, *RATIO_UNITS}:
        far = max(map(abs, estimates))
        edge = _round_up_evenly(min(max([far, *map(abs, ends)]), _WIDEST_STRETCH * far) or 1.0)
        return Axis(-edge, edge, False)
    if rows[0].axis in RATIO_UNITS:
        above = [value for value in (*estimates, *ends, NO_DIFFERENCE_RATIO) if value > 0]
        least, most = (
            pick(value for value in (*estimates, NO_DIFFERENCE_RATIO) if value > 0)
            for pick in (min, max)
        )
        low, high = (
            max(min(above), least / _WIDEST_RATIO_STRETCH),
            min(max(above), most * _WIDEST_RATIO_STRETCH),
        )
        return Axis(_round_down(min(low / _EDGE, 0.5)), _round_up(max(high * _EDGE, 2.0)), True)
    largest = max(*estimates, _FEWEST) if rows[0].axis == "patients" else max(estimates)
    return Axis(
        min(0.0, *estimates),
        _round_up_evenly(min(max([largest, *ends]), _WIDEST_STRETCH * largest) or 1.0),
        False,
    )


def _round_up_evenly(value: float) -> float:
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
    return sorted({low, NO_DIFFERENCE_RATIO, high})


def _round_down(value: float) -> float:
    return max(_steps_between(value / 10, value, _STEPS))


def _round_up(value: float) -> float:
    return min(_steps_between(value, value * 10, _STEPS))


def write_tick(value: float) -> str:
    """Write the value of a tick."""
    return write_number(float(f"{value:.6g}"))


SHARED_PATIENTS_MARK = ("¶", "tells some of the patients of another figure here")
NOT_WHOLE_ROW_MARK = ("*", "of a part of the patients or of a special kind, as said beside it")
BEYOND_AXIS_OR_OPEN_MARK = ("►", "the interval goes on beyond the axis, or its end was not reached")
INTERVAL_NOTE = (
    "In brackets:",
    "intervals are 95% CI as printed, where not said otherwise; nothing is pooled",
)
CONVERTED_UNIT_NOTE = (
    "In another unit:",
    "times with their unit beside them are converted for drawing only, and stand as printed",
)
NOT_COMPARED_NOTE = (
    "Different studies and patients above each other: nothing here tests one against another."
)

_ORDER = (
    *("months", "weeks", "days", "%", "patients", "HR", "OR", "RR"),
    *(f"difference in {unit}" for unit in DIFFERENCE_UNITS),
)


SCORE_DIFFERENCE_UNIT = "difference in points"


class Panel(NamedTuple):
    """Figures that share an axis."""

    axis: str
    rows: list[ForestRow]


def divide_panels(rows: Sequence[ForestRow]) -> list[Panel]:
    """Divide figures by their unit, for nothing is converted."""
    return [
        Panel(axis, own) for axis in _ORDER if (own := [row for row in rows if row.axis == axis])
    ]


def write_panel_heading(panel: Panel) -> str:
    """Say what a panel shows: "Overall survival, months", "Overall survival, HR (log scale; 1 = no
    difference)"."""
    meaning = ENDPOINTS[panel.rows[0].endpoint].meaning or panel.rows[0].endpoint
    named = meaning[0].upper() + meaning[1:]
    if is_effect_panel(panel):
        is_ratio = panel.axis in RATIO_UNITS
        none = "1" if is_ratio else "0"
        what = EFFECT_UNITS[panel.axis].meaning if is_ratio else panel.axis
        better = is_left_better(panel)
        side = f"; {'below' if better else 'above'} {none} favours what was tested"
        return (
            f"{named}: {what.replace('in %', 'in percentage points')} "
            f"({'log scale; ' if is_ratio else ''}{none} = no difference"
            f"{'' if better is None else side})"
        )
    if panel.axis in TIME_UNITS:
        return f"{named}: medians in {panel.axis}, where not said otherwise"
    return f"{named}: {'% of patients' if panel.axis == '%' else UNITS[panel.axis].meaning}"


def write_estimate(row: ForestRow, short: bool = False) -> str:
    """Write the estimate with its interval; the unit of a time stands in the heading: "11.3
    (7.5–18.3)", "9 of 12 (42.8–94.5%)^".

    `short` writes an arrow for an upper end that the paper gives in words.
    """
    of = f" of {row.total}" if row.unit == "patients" and row.total is not None else ""
    said = "not reached"
    if is_converted(row):
        return row.printed or ""
    if row.estimate is not None:
        value = row.position if row.printed and row.position is not None else row.estimate
        said = f"{write_number(value)}{'%' if row.unit == '%' else ''}{of}"
    within = write_row_interval(row, short)
    return (
        said
        + (f" ({within})" if within else "")
        + (COMPUTED_INTERVAL_MARK[0] if row.interval == "computed" else "")
    )


def write_row_interval(row: ForestRow, short: bool = False) -> str:
    """Write the interval, or nothing: "7.5–18.3", "90% CI 0.4–0.9", "9.1–not reached".

    One that is computed for a number of patients is a share, and says so: "42.8–94.5%".
    """
    if row.low is None:
        return ""
    level = "" if row.ci_level in (None, 95) else f"{write_number(row.ci_level or 0)}% CI "
    share = "%" if row.unit == "patients" and row.interval == "computed" else ""
    if row.high is not None:
        high = write_number(row.high)
    else:
        high = BEYOND_AXIS_OR_OPEN_MARK[0] if short else str(row.upper)
    return f"{level}{write_number(row.low)}–{high}{share}"


def explain_each_forest_row_mark(row: ForestRow) -> list[tuple[str, str]]:
    """Return the marks of a row with their meaning."""
    carried = (
        (NOT_WHOLE_ROW_MARK, row.scope != "whole"), (UNVERIFIED_MARK, bool(mark_reading(row.read_in))), (POOLED_MARK, bool(row.mixed_with)), (SUPERSEDED_MARK, row.superseded_by is not None),
        (SHARED_PATIENTS_MARK, bool(row.shared_with)), (SYNTHESIS_MARK, row.synthesis), (OWN_RECORDS_MARK, bool(mark_own_records(row.source))),
    )  # fmt: skip
    return [sign for sign, is_so in carried if is_so]


def is_effect_panel(panel: Panel) -> bool:
    """Tell whether a panel shows effects of comparisons: ratios or differences."""
    return panel.axis in RATIO_UNITS or panel.axis not in UNITS


def is_left_better(panel: Panel) -> bool | None:
    """Tell whether the left side of a panel of effects favours what was tested; None where neither
    the endpoint nor what the authors found tells."""
    endpoint = panel.rows[0].endpoint
    known = is_below_one_better(panel.axis, endpoint)
    if panel.axis not in RATIO_UNITS and endpoint in TIME_ENDPOINTS:
        known = False  # of a difference of times, the longer is the better
    if panel.axis == SCORE_DIFFERENCE_UNIT:
        known = None  # more points are better on one scale and worse on another
    if known is not None:
        return known
    centre = 1.0 if panel.axis in RATIO_UNITS else 0.0
    told = {
        (row.position < centre) == (row.favours == "of")
        for row in panel.rows
        if row.favours in ("of", "against") and row.position not in (None, centre)
    }
    return told.pop() if len(told) == 1 else None


def name_sides(panel: Panel) -> tuple[str, str]:
    """Return what lies to the left and to the right of the line of no difference."""
    sides = "favours what was tested", "favours the other side"
    match is_left_better(panel):
        case None:
            return "less with what was tested", "more with what was tested"
        case True:
            return sides
        case False:
            return sides[1], sides[0]


def is_converted(row: ForestRow) -> bool:
    """Tell whether a row is a time that is drawn in another unit than it is printed in."""
    return bool(row.printed) and row.unit in TIME_UNITS


def mark_forest_row(row: ForestRow) -> str:
    """Return the marks of a row as they stand behind its citation."""
    return "".join(sign for sign, _ in explain_each_forest_row_mark(row))


def list_footnotes(rows: Sequence[ForestRow], beyond: bool) -> list[tuple[str, str]]:
    """Return what must be said below the panels; `beyond` where an interval ends in an arrow."""
    needed = {sign for row in rows for sign in explain_each_forest_row_mark(row)}
    printed, computed = (
        any(row.interval == kind for row in rows) for kind in ("printed", "computed")
    )
    needed |= {
        note
        for note, is_so in (
            (INTERVAL_NOTE, printed),
            (CONVERTED_UNIT_NOTE, any(map(is_converted, rows))),
            (COMPUTED_INTERVAL_MARK, computed),
            (BEYOND_AXIS_OR_OPEN_MARK, beyond),
        )
        if is_so
    }
    return [
        note
        for note in (
            INTERVAL_NOTE,
            CONVERTED_UNIT_NOTE,
            COMPUTED_INTERVAL_MARK,
            BEYOND_AXIS_OR_OPEN_MARK,
            NOT_WHOLE_ROW_MARK,
            UNVERIFIED_MARK,
            POOLED_MARK,
            SUPERSEDED_MARK,
            SHARED_PATIENTS_MARK,
            SYNTHESIS_MARK,
            OWN_RECORDS_MARK,
        )
        if note in needed
    ]


def write_given(row: ForestRow) -> str:
    """Return what was tested, and in brackets what was given alongside: "bevacizumab
    (osimertinib)"."""
    plus = TREATMENT_JOINERS.get(row.given_as or "", " + ")
    beside = f" ({', '.join(row.background)})" if row.background else ""
    return plus.join(row.treatments) + beside


def write_uncut_remark(row: ForestRow) -> str:
    """Say against what, when and of how many a figure was counted, and how surely: the part of a
    remark that is never cut."""
    counted = (
        f"{row.events} of {row.total}"
        if row.unit == "%" and row.events is not None and row.total is not None
        else ""
    )
    return "; ".join(
        part
        for part in (
            f"{row.of_group or ''} vs {row.versus}".strip() if row.versus else "",
            f"printed of the other side: {row.printed}; drawn inverted"
            if row.printed and not is_converted(row)
            else "",
            QUESTIONS[row.question].label if row.question not in (None, "instead") else "",
            CONTROLS[row.control].label if row.control else "",
            f"at {row.at}" if row.at else "",
            counted,
            write_p_value(row.p) if row.p else "",
            ADJUSTMENTS[row.adjusted].meaning if row.adjusted else "",
        )
        if part
    )


def write_remark(row: ForestRow) -> str:
    """Say what must be known of a figure beside its value: when, against what, in whom, judged by
    whom."""
    part = SCOPES[row.scope].label if row.scope != "whole" and not row.comparison else ""
    return "; ".join(
        part
        for part in (
            write_uncut_remark(row),
            row.group,
            row.assessed_by,
            part,
            "as printed" if row.as_printed else "",
        )
        if part
    )
