"""`lmtx plot`: every figure is one of `lmtx evidence`, where it stands is right, and nothing is
pooled, converted or made up."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmtx
from lmtx.model.figures import exact_interval
from lmtx.model.levels import rank_level
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
)
from lmtx.model.vocabulary import DIRECTION_SYMBOLS
from lmtx.query.filters import Filters
from lmtx.query.plot import ForestRow, list_comparison_effects
from lmtx.render import Envelope, Screen
from lmtx.render import plot as words
from lmtx.render.plot import (
    Axis,
    divide_panels,
    list_footnotes,
    make_axis,
    mark_forest_row,
    write_estimate,
    write_panel_heading,
    write_remark,
    write_tick,
)
from lmtx.render.svg import drawing
from lmtx.render.svg.plot import _divide, arrange_rows_on_sheets, draw_narrow
from lmtx.render.svg.plot import draw as draw_svg
from lmtx.render.terminal.plot import ASCII_SYMBOLS, UNICODE_SYMBOLS, draw, draw_bar, draw_scale
from lmtx.render.text.captions import write_order_in_words, write_query_in_words
from support import Answer, Lmtx, raw_rows, study, study_names

Run = Callable[..., Answer]
DRAWN = Path(__file__).parent / "drawn"
QUESTIONS = (
    "--endpoint overall-survival --tumor nsclc --biomarker egfr",
    "--endpoint overall-survival --tumor melanoma",
    "--endpoint overall-survival --tumor breast --biomarker her2",
    "--endpoint overall-survival",
    "--endpoint objective-response --mixed --tumor breast",
    "--endpoint cytologic-response",
    "--endpoint survival-rate --min-n 10",
    "--endpoint dose-limiting-toxicity",
    "--endpoint cns-progression-free-survival --verified",
)
SVG = "{http://www.w3.org/2000/svg}"


def row(**values: Any) -> ForestRow:
    """Return a figure that is made up."""
    plain: dict[str, Any] = dict.fromkeys(ForestRow._fields)
    plain |= {
        "citation": "Doe 2020",
        "study": "doe-2020",
        "evidence": "doe-2020.1",
        "treatments": ["examplinib"],
        "names": "Examplinib",
        "tumors": ["north"],
        "endpoint": "overall-survival",
        "estimate": 8.0,
        "unit": "months",
        "axis": values.get("unit", "months"),
        "position": values.get("estimate", 8.0),
        "interval": "printed" if "low" in values else "none",
        "design": "phase-2",
        "level": "III",
        "scope": "whole",
        "as_printed": False,
        "synthesis": False,
        "shared_with": [],
        "read_in": "abstract",
        "not_reached": False,
        "recalled": False,
        "background": [],
    }
    return ForestRow(**{**plain, **values})


# --- what is in it


@pytest.mark.parametrize("asked", QUESTIONS)
def test_every_figure_is_one_of_lmtx_evidence(run: Run, asked: str) -> None:
    """With nothing left out, the plot holds each figure of the endpoint once, as it stands in the
    evidence; else a part of them."""
    outcomes: Counter[tuple[Any, ...]] = Counter()
    for evidence in run("evidence", *asked.split(), "--json", "-q").rows:
        if evidence["design"] != "preclinical":
            for o in evidence["outcomes"]:
                ends = [*o["ci"], None, None][:2]
                outcomes[
                    evidence["id"],
                    evidence["level"],
                    o["value"],
                    o["unit"],
                    *ends,
                    o["ci_upper"],
                    o["at"],
                    o["not_reached"],
                    o["scope"],
                    o["group"],
                    o["assessed_by"],
                    o["total"],
                ] += 1

    def plotted(*more: str) -> Counter[tuple[Any, ...]]:
        rows = run("plot", *asked.split(), *more, "--json", "-q").rows
        return Counter(
            (
                r["evidence"],
                r["level"],
                r["estimate"],
                r["unit"],
                *((r["low"], r["high"]) if r["interval"] == "printed" else (None, None)),
                r["upper"],
                r["at"],
                r["not_reached"],
                r["scope"],
                r["group"],
                r["assessed_by"],
                r["total"],
            )
            for r in rows
            if r["comparison"] is None
        )

    assert plotted("--all-scopes", "--superseded") == outcomes
    assert plotted() <= outcomes


def test_what_the_files_say_of_withdrawn_and_animal_work_stays_out(run: Run) -> None:
    uncounted = {
        r["id"]: len(r.get("outcome", []))
        for r in raw_rows()
        if r["lm_design"] == "preclinical" or r["of"].get("withdrawn")
    }
    for endpoint in {
        o["endpoint"] for r in raw_rows() for o in r.get("outcome", []) if r["id"] in uncounted
    }:
        answer = run("plot", "--endpoint", endpoint, "--all-scopes", "--superseded", "--json")
        assert not {r["evidence"] for r in answer.rows} & set(uncounted)
        number = sum(
            o["endpoint"] == endpoint
            for r in raw_rows()
            if r["id"] in uncounted
            for o in r.get("outcome", [])
        )
        assert (
            f"{number} figure{'s' if number > 1 else ''} of animals or withdrawn papers left out"
            in answer.err
        )


def test_an_interval_is_computed_only_from_printed_counts(run: Run) -> None:
    """Of shares alone, where the paper prints none and its own figures fit each other; with the
    exact method."""
    found: Counter[str] = Counter()
    for endpoint in (
        "objective-response",
        "cytologic-response",
        "survival-rate",
        "overall-survival",
        "symptom-improvement",
        "treatment-related-death",
    ):
        for r in run("plot", "--endpoint", endpoint, "--all-scopes", "--json", "-q").rows:
            found[r["interval"]] += 1
            counts = (
                r["events"] is not None
                and r["total"]
                and not r["as_printed"]
                and not r["synthesis"]
            )
            if r["interval"] == "computed":
                assert (
                    counts
                    and r["unit"] in ("%", "patients")
                    and r["axis"] == "%"
                    and r["ci_level"] == 95
                )
                low, high = exact_interval(r["events"], r["total"])
                assert (r["low"], r["high"]) == (round(100 * low, 1), round(100 * high, 1))
                assert r["low"] - 0.1 <= r["position"] <= r["high"] + 0.1
            else:
                assert r["interval"] == "printed" or not (counts and r["axis"] == "%")
                assert (r["low"] is None) == (r["interval"] == "none") and (
                    r["ci_level"] is None
                ) == (r["interval"] == "none")
            if r["unit"] == "patients" and r["total"]:
                assert r["events"] == r["estimate"] and r["position"] == pytest.approx(
                    100 * r["estimate"] / r["total"]
                )
            elif not r["printed"]:
                assert (r["axis"], r["position"]) == (r["unit"], r["estimate"])
    assert all(found[kind] > 10 for kind in ("printed", "computed", "none"))


def test_strongest_and_largest_first(run: Run) -> None:
    rows = run("plot", "--endpoint", "overall-survival", "--json", "-q").rows
    keys = [(r["recalled"], rank_level(r["level"]), r["n"] is None, -(r["n"] or 0)) for r in rows]
    assert keys == sorted(keys), "what was recalled stands last"
    years = [
        r["year"]
        for r in run(
            "plot",
            "--endpoint",
            "overall-survival",
            "--sort",
            "year",
            "--limit",
            "9",
            "--json",
            "-q",
        ).rows
    ]
    assert len(years) == 9 and years == sorted(years, reverse=True)


def test_parts_and_older_reports_come_when_asked_for(run: Run) -> None:
    """What was left out is counted in a note, and the option that the note names adds just that."""
    asked = ("plot", "--endpoint", "overall-survival", "--tumor", "nsclc", "--json")
    default, parts, older = run(*asked), run(*asked, "--all-scopes"), run(*asked, "--superseded")
    assert {r["scope"] for r in default.rows} == {"whole"} and "subgroup" in {
        r["scope"] for r in parts.rows
    }
    [left] = re.findall(
        r"(\d+) figures of subgroups, responders or other parts left out; --all-scopes adds them",
        default.err,
    )
    [replaced] = re.findall(
        r"(\d+) figures? superseded by a later report of the same patients left out; --superseded "
        r"adds them",
        default.err,
    )
    assert (
        sum(r["scope"] != "whole" for r in parts.rows) == int(left)
        and "--all-scopes" not in parts.err
    )
    assert len(older.rows) - len(default.rows) == int(replaced) and "--superseded" not in older.err
    added = {r["evidence"] for r in older.rows} - {r["evidence"] for r in default.rows}
    assert added and all(r["superseded_by"] for r in older.rows if r["evidence"] in added)


def cohorts() -> dict[str, str]:
    """Return for every study of the files one name for all that tell some of its patients, by
    following their links."""
    name = {r["of"]["id"]: r["of"]["id"] for r in raw_rows()}
    links = [
        (r["of"]["id"], other)
        for r in raw_rows()
        for other in (*r["of"].get("overlaps", ()), r["of"].get("superseded_by"))
        if other in name
    ]
    for _ in range(len(name)):
        before = dict(name)
        for one, other in links:
            name[one] = name[other] = min(name[one], name[other])
        if before == name:
            break
    return name


def test_a_superseded_figure_stays_where_nothing_replaces_it(run: Run) -> None:
    """An older report goes where a later one has a figure in the same unit, and only there."""
    same, stayed, gone = cohorts(), 0, 0
    for endpoint in (
        "overall-survival",
        "survival-rate",
        "objective-response",
        "progression-free-survival",
    ):
        rows = run("plot", "--endpoint", endpoint, "--superseded", "--json", "-q").rows
        default = {r["evidence"] for r in run("plot", "--endpoint", endpoint, "--json", "-q").rows}
        current = {(same[r["study"]], r["axis"]) for r in rows if not r["superseded_by"]}
        for r in rows:
            replaced = bool(r["superseded_by"]) and (same[r["study"]], r["axis"]) in current
            assert (r["evidence"] not in default) == replaced
            stayed, gone = stayed + (bool(r["superseded_by"]) and not replaced), gone + replaced
    assert stayed and gone


def test_two_reports_of_the_same_patients_name_each_other(run: Run, base: Path) -> None:
    assert [
        r["study"] for r in run("plot", "--endpoint", "OS", "--tumor", "north", "--json").rows
    ] == ["doe-2020"]
    both = run("plot", "--endpoint", "OS", "--tumor", "north", "--superseded", "--json").rows
    assert {r["study"]: r["shared_with"] for r in both} == {
        "doe-2020": ["poe-2019.1"],
        "poe-2019": ["doe-2020.1"],
    }


def lies_within(row: dict[str, Any], outer: dict[str, Any], raw: dict[str, Any]) -> bool:
    """Tell whether a row of the files lies within another, or within one that does."""
    if "within" not in row:
        return False
    above = f"{row['of']['id']}.{row['within']}"
    return above == outer["id"] or lies_within(raw[above], outer, raw)


def test_the_same_patients_are_told_from_other_arms(run: Run) -> None:
    """Rows of one study share patients only where one lies within the other; figures of one row
    always do."""
    raw = {r["id"]: r for r in raw_rows()}
    rows = run(
        "plot", "--endpoint", "overall-survival", "--all-scopes", "--superseded", "--json", "-q"
    ).rows
    assert any(r["shared_with"] for r in rows)
    for r in rows:
        for other in r["shared_with"]:
            assert any(
                r["evidence"] in o["shared_with"] and o["axis"] == r["axis"]
                for o in rows
                if o["evidence"] == other
            )
            mine, theirs = raw[r["evidence"]], raw[other]
            if r["comparison"] is None and mine["of"] == theirs["of"] and mine != theirs:
                assert lies_within(mine, theirs, raw) or lies_within(theirs, mine, raw)
    twice = Counter((r["evidence"], r["axis"]) for r in rows)
    assert all(
        r["evidence"] in r["shared_with"] for r in rows if twice[r["evidence"], r["axis"]] > 1
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["--tumor", "melanoma"],
            2,
            r"an endpoint is needed; name one with --endpoint; figures under these filters: "
            r"overall-survival \(\d+\), ",
        ),
        (["-e", "OS", "-e", "PFS"], 2, "2 endpoints do not share an axis; name one"),
        (["-e", "survivl"], 2, "--endpoint"),
        (["--tumor", "melanoma", "--min-n", "100000"], 1, "nothing matched"),
        (["-e", "OS", "--tumor", "melanoma", "--min-n", "100000"], 1, "nothing matched"),
        (["-e", "OS", "-o", "x.pdf"], 2, "no form ends in '.pdf'"),
        (["-e", "OS", "-o", "x.svg", "--json"], 2, "-o draws a picture"),
        (["-e", "OS", "--fields", "nonsense"], 2, "plot has no field 'nonsense'"),
    ],
)
def test_what_cannot_be_answered_says_what_to_try(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("plot", *arguments)
    assert answer.code == code and answer.out.count("\n") <= int(code == 1)
    assert re.search(said, answer.err), answer.err
    assert not list(tmp_path.iterdir())


# --- the axis


def test_shares_stand_between_0_and_100() -> None:
    axis = make_axis([row(unit="%", estimate=20.0)])
    assert axis == Axis(0, 100, False) and axis.position_of(25) == 0.25


def test_a_ratio_stands_as_far_from_1_as_its_inverse() -> None:
    axis = make_axis(
        [row(unit="HR", estimate=0.5, low=0.25, high=1.0), row(unit="HR", estimate=3.0)]
    )
    assert axis.log and axis.low < 0.25 and axis.high > 3
    assert axis.position_of(1) - axis.position_of(0.5) == pytest.approx(
        axis.position_of(2) - axis.position_of(1)
    )
    assert axis.position_of(0) == float("-inf") and axis.beyond(
        row(unit="HR", estimate=0.5, low=0.0, high=1.0)
    ) == (True, False)
    assert 1 in axis.ticks(6)


def test_a_far_end_becomes_an_arrow_and_does_not_squeeze_the_rest() -> None:
    rows = [
        row(estimate=4.0, low=2.0, high=90.0),
        row(estimate=6.0, low=5.0, upper="not reached"),
        row(estimate=5.0),
    ]
    axis = make_axis(rows)
    assert 6 <= axis.high <= 20
    assert [axis.beyond(one) for one in rows] == [(False, True), (False, True), (False, False)]


@given(
    st.lists(st.floats(0.001, 5000), min_size=1, max_size=6),
    st.sampled_from(["months", "HR", "patients"]),
    st.integers(3, 9),
)
def test_every_estimate_lies_on_the_axis_and_ticks_are_few(
    values: list[float], unit: str, most: int
) -> None:
    axis = make_axis(
        [row(unit=unit, estimate=value, low=value / 3, high=value * 40) for value in values]
    )
    assert all(0 <= axis.position_of(value) <= 1 for value in values)
    ticks = axis.ticks(most)
    assert 2 <= len(ticks) <= max(most, 3) and ticks == sorted(set(ticks))
    assert all(-1e-6 <= axis.position_of(tick) <= 1 + 1e-4 for tick in ticks)


def test_a_long_logarithmic_axis_keeps_its_ends_and_the_line_of_no_difference() -> None:
    assert Axis(0.001, 1000, True).ticks(3) == [0.001, 1, 1000]
    assert Axis(0.1, 10, True).ticks(5) == pytest.approx([0.1, 0.3, 1, 3, 10])
    assert Axis(0.2, 2, True).ticks(6) == pytest.approx([0.2, 0.5, 1, 2])


def test_a_number_below_zero_and_nothing_but_zeros_have_an_axis() -> None:
    assert make_axis([row(estimate=-2.0), row(estimate=4.0)]).low == -2
    assert make_axis([row(estimate=0.0)]).high > 0
    assert make_axis([row(unit="patients", estimate=0.0)]).high >= 5


@pytest.mark.parametrize(
    ("value", "label"),
    [(0.1, "0.1"), (20.0, "20"), (0.30000000000000004, "0.3"), (100_000.0, "100,000")],
)
def test_tick_labels(value: float, label: str) -> None:
    assert write_tick(value) == label


# --- bars


@pytest.mark.parametrize(
    ("made", "axis", "unicode", "plain"),
    [
        (
            row(unit="%", estimate=50.0, low=20.0, high=80.0),
            Axis(0, 100, False),
            "  ├──■──┤  ",
            "  [--#--]  ",
        ),
        (
            row(unit="%", estimate=50.0, low=20.0, high=80.0, interval="computed"),
            Axis(0, 100, False),
            "  ├╌╌■╌╌┤  ",
            "  [..#..]  ",
        ),
        (row(estimate=5.0), Axis(0, 10, False), "     ■     ", "     #     "),
        (row(estimate=5.0, synthesis=True), Axis(0, 10, False), "     ◇     ", "     o     "),
        (
            row(estimate=5.0, low=2.0, upper="not reached"),
            Axis(0, 10, False),
            "  ├──■────►",
            "  [--#---->",
        ),
        (row(estimate=5.0, low=2.0, high=30.0), Axis(0, 10, False), "  ├──■────►", "  [--#---->"),
        (
            row(unit="HR", estimate=0.5, low=0.0, high=0.6),
            Axis(0.1, 10, True),
            "◄──■┤│     ",
            "<--#]|     ",
        ),
        (row(unit="HR", estimate=4.0), Axis(0.1, 10, True), "     │  ■  ", "     |  #  "),
    ],
)
def test_a_bar_stands_where_its_figures_do(
    made: ForestRow, axis: Axis, unicode: str, plain: str
) -> None:
    assert draw_bar(made, axis, 11, UNICODE_SYMBOLS).rstrip() == unicode.rstrip()
    assert draw_bar(made, axis, 11, ASCII_SYMBOLS).rstrip() == plain.rstrip()


def test_the_scale_stands_under_its_bars() -> None:
    assert draw_scale(Axis(0, 100, False), 31, ASCII_SYMBOLS) == (
        "+-----+-----+-----+-----+-----+",
        "0    20    40    60    80   100",
    )
    assert draw_scale(Axis(0.1, 10, True), 21, UNICODE_SYMBOLS) == (
        "┴─────────┴─────────┴",
        "0.1       1        10",
    )


# --- words


def test_a_figure_is_written_with_its_interval() -> None:
    assert (
        write_estimate(row(estimate=11.3, low=7.5, high=18.3, ci_level=95.0)) == "11.3 (7.5–18.3)"
    )
    assert (
        write_estimate(row(unit="HR", estimate=0.61, low=0.4, high=0.9, ci_level=90.0))
        == "0.61 (90% CI 0.4–0.9)"
    )
    assert (
        write_estimate(row(estimate=8.5, low=5.5, upper="not reached")) == "8.5 (5.5–not reached)"
    )
    assert (
        write_estimate(row(estimate=8.5, low=5.5, upper="not reached"), short=True) == "8.5 (5.5–►)"
    )
    assert (
        write_estimate(
            row(
                unit="patients",
                estimate=9.0,
                total=12,
                axis="%",
                low=42.8,
                high=94.5,
                interval="computed",
            )
        )
        == "9 of 12 (42.8–94.5%)^"
    )
    assert (
        write_estimate(row(unit="patients", estimate=4.0, total=10, low=2.0, high=7.0))
        == "4 of 10 (2–7)"
    ), "the ends that a paper prints stay as they are"
    assert write_estimate(row(unit="%", estimate=75.0)) == "75%"
    assert write_estimate(row(unit="patients", estimate=3.0)) == "3"


def test_a_row_carries_its_marks_and_the_footnotes_explain_them() -> None:
    made = row(
        scope="subgroup",
        read_in="recalled",
        mixed_with="lymphoma",
        superseded_by="later",
        shared_with=["x.1"],
        synthesis=True,
    )
    assert mark_forest_row(made) == "*†‡°¶Σ" and mark_forest_row(row()) == ""
    assert [sign for sign, _ in list_footnotes([made], False)] == ["*", "†", "‡", "°", "¶", "Σ"]
    assert list_footnotes([row()], False) == []
    assert [
        sign
        for sign, _ in list_footnotes(
            [row(low=1.0, high=9.0), row(low=1.0, high=9.0, interval="computed")], True
        )
    ] == ["In brackets:", "^", "►"]


def test_what_must_be_known_of_a_figure_stands_beside_it() -> None:
    made = row(
        unit="%",
        estimate=50.0,
        at="6 months",
        events=5,
        total=10,
        p="<0.01",
        group="women",
        assessed_by="central review",
        scope="subgroup",
        as_printed=True,
    )
    assert (
        write_remark(made)
        == "at 6 months; 5 of 10; p<0.01; women; central review; subgroup; as printed"
    )
    assert write_remark(row()) == ""
    assert words.write_given(row(treatments=["a", "b"])) == "a + b"
    assert words.write_given(row(treatments=["a", "b"], given_as="some")) == "a or b"
    assert words.write_given(row(treatments=["a", "b"], given_as="in-turn")) == "a, then b"
    assert words.write_given(row(background=["c"])) == "examplinib (c)"


def test_a_median_that_was_not_reached_is_an_arrow() -> None:
    reached = row(estimate=8.0)
    beyond = row(estimate=None, position=None, not_reached=True, low=6.0, upper="not reached")
    text, _ = drawn_at(120, reached, beyond)
    [line] = [line for line in text.splitlines() if "not reached (6" in line]
    assert "►" in line
    assert "■" not in line
    nothing = row(estimate=None, position=None, not_reached=True)
    assert "not reached" in drawn_at(120, nothing)[0]
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {"tumors": ("north",)})
    assert "not reached" in draw_svg([reached, beyond, nothing], source)


def test_a_recalled_figure_is_hollow() -> None:
    text, _ = drawn_at(120, row(), row(recalled=True, read_in="recalled"))
    assert text.count("■") == text.count("□") == 1


def test_units_never_share_an_axis() -> None:
    made = [row(unit=unit) for unit in ("HR", "weeks", "%", "days", "months", "OR", "patients")]
    assert [panel.axis for panel in divide_panels(made)] == [
        "months",
        "weeks",
        "days",
        "%",
        "patients",
        "HR",
        "OR",
    ]
    assert [write_panel_heading(panel).partition(": ")[2] for panel in divide_panels(made)] == [
        "medians in months, where not said otherwise",
        "medians in weeks, where not said otherwise",
        "medians in days, where not said otherwise",
        "% of patients",
        "number of patients",
        "hazard ratio (log scale; 1 = no difference; below 1 favours what was tested)",
        "odds ratio (log scale; 1 = no difference)",
    ]


# --- effects of comparisons


def find_effects(run: Run, *asked: str) -> dict[str, dict[str, Any]]:
    rows = run("plot", *asked, "--json", "-q").rows
    return {r["comparison"]: r for r in rows if r["comparison"]}


def test_an_effect_is_told_with_what_it_is_an_effect_of(run: Run, base: Path) -> None:
    told = find_effects(run, "-e", "OS")["loe-2018.c1"]
    assert (told["treatments"], told["question"], told["versus"]) == (
        ["pills-unspecified"],
        "versus-none",
        "no pills",
    )
    assert (told["axis"], told["position"], told["low"], told["high"]) == ("HR", 0.61, 0.4, 0.9)
    assert (told["ci_level"], told["adjusted"], told["p"]) == (90, "multivariable", ".02")
    assert told["mixed_with"] and told["n"] is None, "one side has no size"
    assert (told["level"], told["printed"], told["evidence"]) == ("IV", None, "loe-2018.1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("--tumor south", False),
        ("--tumor south --mixed", True),
        ("--treatment pills-unspecified", True),
        ("--treatment examplinib", False),
        ("--direction mixed", True),
        ("--direction benefit", False),
        ("--level IV", True),
        ("--min-level III", False),
        ("--min-n 50", True),
        ("--min-n 51", False),
        ("--route intrathecal", False),
        ("--since 2019", False),
    ],
)
def test_the_filters_act_on_effects(run: Run, base: Path, asked: str, found: bool) -> None:
    assert bool(find_effects(run, "-e", "OS", *asked.split())) is found


def test_effects_on_the_base_are_those_of_the_files(run: Run) -> None:
    """All that are a ratio or a difference, of comparisons that test a treatment; one read at its
    source stays as verified."""
    drawn = run(*("plot", "-e", "OS", "--all-scopes", "--superseded", "--json", "-q")).rows
    in_files = [
        (f"{of['id']}.c{comparison['comparison']}", effect["value"], effect["unit"])
        for of, comparison, effect in effects_in_files()
        if effect.get("endpoint") == "overall-survival"
        and effect["unit"] not in ("p-only", "none")
        and comparison["question"] != "prognosis"
        and not of.get("withdrawn")
    ]
    rows = [r for r in drawn if r["comparison"]]
    found = [(r["comparison"], r["estimate"], r["unit"].split(" in ")[0]) for r in rows]
    assert len(found) > 20 and sorted(found) == sorted(in_files)
    assert all(r["treatments"] and r["versus"] and r["question"] for r in rows)
    assert not any(
        r["read_in"] in ("secondary", "recalled")
        for r in find_effects(run, "-e", "OS", "--verified").values()
    )


def effects_in_files() -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Return every effect of the files with its study and its comparison."""
    return [
        (file["study"], comparison, effect)
        for file in map(study, study_names())
        for comparison in file.get("comparison", ())
        for effect in comparison.get("effect", ())
    ]


def test_a_ratio_of_the_other_side_is_drawn_from_the_tested_side(run: Run) -> None:
    inverted = {
        f"{of['id']}.c{comparison['comparison']}"
        for of, comparison, effect in effects_in_files()
        if effect.get("inverted")
    }
    rows = run("plot", "-e", "OS", "--all-scopes", "--json", "-q").rows
    turned = [r for r in rows if r["printed"]]
    assert turned and {r["comparison"] for r in turned} <= inverted
    for r in turned:
        assert r["position"] == pytest.approx(1 / r["estimate"], rel=0.005)
        assert f"{r['estimate']:g}" in r["printed"]
        assert r["low"] is None or r["low"] < r["position"] < r["high"]
        assert (r["position"] < 1) == (r["favours"] == "of")
        made = ForestRow(**r)
        assert write_estimate(made).startswith(f"{r['position']:g}")
        assert f"printed of the other side: {r['printed']}; drawn inverted" in write_remark(made)


def test_an_effect_says_against_what_and_how_it_was_adjusted() -> None:
    made = row(
        comparison="doe-2020.c1",
        question="versus-none",
        of_group="pills",
        versus="no pills",
        adjusted="univariable",
        control="historical",
        p="0.03",
    )
    said = "pills vs no pills; against none; historical control; p=0.03; not adjusted"
    assert write_remark(made) == said
    assert write_remark(made._replace(question="instead", of_group=None)).startswith("vs no pills")


def test_differences_stand_around_0() -> None:
    axis = make_axis(
        [row(unit="difference in weeks", estimate=-12.9, low=-34.3, high=5.5)],
    )
    assert axis.low == -axis.high and axis.reference == 0 and not axis.log
    assert axis.position_of(0) == 0.5 and 0 < axis.position_of(-12.9) < 0.5
    assert make_axis([row()]).reference is None and make_axis([row(unit="HR")]).reference == 1
    [panel] = divide_panels([row(unit="difference in weeks")])
    heading = "Overall survival: difference in weeks (0 = no difference; above 0 favours what was"
    assert write_panel_heading(panel) == f"{heading} tested)"


def test_a_later_report_of_the_same_comparison_replaces_its_effect(run: Run) -> None:
    default = find_effects(run, "-e", "OS", "--treatment", "liposomal-cytarabine")
    both = find_effects(run, "-e", "OS", "--treatment", "liposomal-cytarabine", "--superseded")
    assert set(both) - set(default) == {"deposein-interim.c1"}
    assert both["deposein-interim.c1"]["superseded_by"] == "lerhun-2020-deposein"
    assert "°" in mark_forest_row(ForestRow(**both["deposein-interim.c1"]))


def test_what_is_no_effect_of_a_treatment_is_left_out_and_counted(run: Run) -> None:
    answer = run("plot", "-e", "OS", "--tumor", "breast", "--json")
    assert re.search(
        r"\d+ figures of groups told apart by what is no treatment left out", answer.err
    )
    assert re.search(r"\d+ figures that are a p value or words alone left out", answer.err)
    assert all(r["question"] != "prognosis" for r in answer.rows)


def test_an_effect_is_drawn_on_a_terminal_and_in_a_picture(
    terminal: Callable[..., Answer], run: Run, base: Path, tmp_path: Path
) -> None:
    heading = "hazard ratio (log scale; 1 = no difference; below 1 favours what was tested)"
    text = terminal(80, "plot", "-e", "OS", "--tumor", "south", "--mixed").out
    assert max(map(len, text.splitlines())) <= 80
    assert heading in " ".join(text.split()) and "Loe 2018‡" in text
    assert "0.61 (90% CI 0.4–0.9)" in text and "vs no pills" in text
    svg = drawn(run, tmp_path, "-e", "OS", "--tumor", "south", "--mixed")
    assert heading in svg and "0.61 (90% CI 0.4–0.9)" in svg and "adjusted in a regression" in svg


def test_the_question_in_words() -> None:
    assert write_query_in_words({"command": "plot"}) == "everything on record"
    asked = {
        "tumors": ("nsclc",),
        "biomarkers": ("egfr", "alk"),
        "min_level": "III",
        "min_n": 20,
        "since": 2015,
        "verified": True,
        "limit": 3,
    }
    assert (
        write_query_in_words(asked)
        == "nsclc; biomarker egfr, biomarker alk; level III or stronger; n ≥ 20; since 2015; read at the source; the first 3"
    )


def test_every_filter_is_told() -> None:
    """A picture whose numbers are narrowed by a filter that its words leave out would be read as
    that of everything."""
    values: dict[str, Any] = {
        "min_level": "III",
        "min_n": 0,
        "since": 2015,
        "verified": True,
        "mixed": True,
    }
    told = [
        write_query_in_words({field: values.get(field, ("something",))})
        for field in Filters._fields
    ]
    assert write_query_in_words({}) not in told


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "by level and size"),
        ({"sort": "year", "reverse": True}, "by year, the other way round"),
    ],
)
def test_how_the_figures_are_sorted(query: dict[str, Any], said: str) -> None:
    assert write_order_in_words(query) == said


# --- on a terminal


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 160, 220])
@pytest.mark.parametrize("asked", QUESTIONS[:3])
def test_it_fits_the_screen_and_no_figure_wraps(
    terminal: Callable[..., Answer], run: Run, columns: int, asked: str
) -> None:
    answer = terminal(columns, "plot", *asked.split())
    assert answer.code == 0 and max(map(len, answer.out.splitlines())) <= columns
    for r in run("plot", *asked.split(), "--json", "-q").rows:
        value = r["position"] if r["printed"] else r["estimate"]
        said = f"{value:g}" if value is not None else "not reached"
        said += f" ({r['low']:g}–" if r["low"] is not None else ""
        assert re.search(
            rf"{re.escape(r['citation'][:6])}.*(?<![\d.]){re.escape(said)}", answer.out
        ), said
        assert (
            re.split("(?<=-)", r["citation"])[-1].split()[-1] + mark_forest_row(ForestRow(**r))
            in answer.out
        )
    if columns >= 80:
        assert "■" in answer.out and "┴" in answer.out and "left out at" not in answer.err
    assert "…" not in answer.out or "cut at" in answer.err
    if columns == 40:
        assert "■" not in answer.out and "left out at 40 columns: bars" in answer.err


def drawn_at(width: int, *rows: ForestRow, ascii: bool = False) -> tuple[str, list[str]]:
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    made = draw(list(rows), source, Screen(width, ascii=ascii))
    return "".join(made.text), made.notes


def below(text: str) -> str:
    """Return the column of studies on one line."""
    return " ".join(line[:26].strip() for line in text.splitlines())


def test_a_long_id_goes_on_in_the_next_line() -> None:
    text, notes = drawn_at(80, row(citation="a-name-that-no-column-has-room-for", scope="subgroup"))
    assert "a-name-that-no-column-has-room-for*" in below(text).replace("- ", "-") and notes == []


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_when_a_figure_was_counted_is_whole_and_a_cut_remark_is_told(width: int) -> None:
    made = row(
        at="a time of many words " * 9 + "(and its end)",
        p="0.022",
        group="more of it " * 40 + "(never seen)",
    )
    text, notes = drawn_at(width, made)
    said = " ".join(re.findall(r"\S+", text))
    assert "p=0.022;" in said and "end)" in said and "never" not in said and said.count("…") == 1
    assert (
        f"1 remark cut at {width} columns; --fields citation,group,assessed_by has all of them"
        in notes
    )
    assert not any("cut" in note for note in drawn_at(width, row(group="as quoted by a review"))[1])
    assert drawn_at(width, made, ascii=True)[0].isascii()


@pytest.mark.parametrize(
    ("name", "columns", "arguments"),
    [
        ("forest-80.txt", 80, "--superseded"),
        ("forest-160.txt", 160, "--superseded"),
        ("forest-ascii.txt", 80, "--superseded --ascii"),
    ],
)
def test_drawn_as_before(
    terminal: Callable[..., Answer], base: Path, name: str, columns: int, arguments: str
) -> None:
    answer = terminal(columns, "plot", "--endpoint", "OS", *arguments.split())
    assert answer.code == 0
    compare(DRAWN / name, answer.out)
    assert answer.out.isascii() == ("--ascii" in arguments)


def compare(file: Path, text: str) -> None:
    """Compare with what was drawn before; `LMTX_GOLDEN=write` keeps the new one."""
    if os.environ.get("LMTX_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file} is no longer drawn so"


# --- as a picture


def drawn(run: Run, folder: Path, *arguments: str) -> str:
    file = folder / "forest.svg"
    answer = run("plot", *arguments, "-o", str(file), "--force")
    assert (answer.code, answer.out) == (0, ""), answer.err
    return file.read_text(encoding="utf-8")


def test_the_picture_as_before(run: Run, base: Path, tmp_path: Path) -> None:
    compare(DRAWN / "forest.svg", drawn(run, tmp_path, "--endpoint", "OS", "--superseded"))
    compare(DRAWN / "forest-rates.svg", drawn(run, tmp_path, "--endpoint", "clinical-response"))


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_picture_tells_everything_to_those_who_cannot_see_it(
    run: Run, tmp_path: Path, asked: str
) -> None:
    """Well-formed, with title and description; every figure stands in the text, inside the sheet,
    and every study leads to its page."""
    svg = drawn(run, tmp_path, *asked.split())
    root = ElementTree.fromstring(svg)
    rows = run("plot", *asked.split(), "--json", "-q").rows
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and (title.text or "").startswith("Forest plot: ") and desc is not None
    texts = [re.sub(r"\s+", " ", "".join(text.itertext())) for text in root.iter(f"{SVG}text")]
    for r in rows:
        said = "not reached" if r["not_reached"] else f"{r['estimate']:g}"
        assert any(said in text for text in texts) and f"{r['citation']}" in (desc.text or "")
    assert {a.attrib["href"] for a in root.iter(f"{SVG}a")} == {r["url"] for r in rows if r["url"]}
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for shape in root.iter():
        x, y = (float(shape.attrib.get(key, 0)) for key in ("x", "y"))
        assert 0 <= x <= width and 0 <= y <= height
    assert len(list(root.iter(f"{SVG}polygon"))) + len(
        [r for r in root.iter(f"{SVG}rect") if r.attrib.get("class") == "mark"]
    ) >= sum(not r["not_reached"] for r in rows)
    assert "\\x" not in svg and drawn(run, tmp_path, *asked.split()) == svg


def test_a_very_long_remark_is_cut_in_the_picture_and_whole_under_the_pointer() -> None:
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {"tumors": ("north",)})
    svg = draw_svg([row(unit="HR", estimate=0.5, at="nothing at all " * 40 + "(the end)")], source)
    assert svg.count("…") == 1 and svg.count("(the end))</title>") > 1
    assert svg.count('class="soft small"') < 40


def test_squares_are_as_large_as_their_patients_in_all_panels() -> None:
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    made = [row(n=100), row(n=25), row(n=25, unit="HR", estimate=0.5), row(n=900, synthesis=True)]
    squares = [
        shape.attrib["width"]
        for shape in ElementTree.fromstring(draw_svg(made, source)).iter(f"{SVG}rect")
        if shape.get("class") == "mark"
    ]
    assert squares == ["12", "9", "9"]


def test_a_long_id_is_whole_in_the_picture() -> None:
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    drawn = draw_svg(
        [row(citation="a-name-that-no-column-has-room-for", url="https://example.org")], source
    )
    assert (
        "".join(re.findall(r"<a [^>]*><text[^>]*><title>[^<]*</title>([^<]*)</text></a>", drawn))
        == "a-name-that-no-column-has-room-for"
    )


def test_a_computed_interval_is_dashed_and_a_printed_one_is_not(run: Run, tmp_path: Path) -> None:
    svg = drawn(run, tmp_path, "--endpoint", "objective-response")
    kinds = Counter(
        r["interval"] for r in run("plot", "--endpoint", "objective-response", "--json", "-q").rows
    )
    assert svg.count("stroke-dasharray") == kinds["computed"] > 0
    assert "computed here from the counts" in svg


def test_a_png_is_drawn_by_the_extra(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (
        "plot",
        "--endpoint",
        "OS",
        "--tumor",
        "melanoma",
        "-o",
        str(tmp_path / "forest.png"),
    )
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    missing = run(*arguments)
    assert (
        missing.code == 2
        and f"{sys.executable} -m pip install 'font-roboto" in missing.err
        and "'resvg-py" in missing.err
        and "lmtx[" not in missing.err
        and not list(tmp_path.iterdir())
    )
    monkeypatch.undo()
    answer = run(*arguments)
    assert answer.code == 0 and re.search(r"forest\.png: \d+ figures", answer.err)
    assert (tmp_path / "forest.png").read_bytes().startswith(b"\x89PNG\r\n")
    again = run(*arguments)
    assert again.code == 3 and "--force replaces" in again.err


def test_no_picture_of_nothing(run: Run, tmp_path: Path) -> None:
    answer = run(
        "plot",
        "--endpoint",
        "OS",
        "--tumor",
        "melanoma",
        "--min-n",
        "99999",
        "-o",
        str(tmp_path / "x.svg"),
    )
    assert answer.code == 1 and "nothing matched" in answer.err and not list(tmp_path.iterdir())


def test_a_picture_is_drawn_without_anything_heavy(lmtx: Lmtx, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom lmtx.cli.run import main\nmain(sys.argv[1:])\nprint(sorted({'rich', "
        "'pydantic', 'tomli', 'resvg_py', 'matplotlib', 'numpy'} & set(sys.modules)))"
    )
    answer = lmtx.python(
        code,
        "plot",
        "-e",
        "OS",
        "-t",
        "melanoma",
        "-q",
        "-o",
        str(tmp_path / "x.svg"),
        env={"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None},
    )
    assert answer.out.strip() == "[]" and (tmp_path / "x.svg").is_file()


@pytest.mark.parametrize(
    ("name", "alone"), [("Doe", True), ("Zieliński †Σ≈◊", True), ("Doe ►", False), ("佟冰", False)]
)
def test_only_a_name_that_the_font_lacks_is_drawn_with_fonts_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, alone: bool
) -> None:
    """All other pictures are the same on every machine."""

    resvg = drawing.import_library("resvg_py", "png")
    asked: list[bool] = []
    drawn = resvg.svg_to_bytes
    monkeypatch.setattr(
        resvg,
        "svg_to_bytes",
        lambda **options: asked.append(options["skip_system_fonts"]) or drawn(**options),
    )
    assert drawing.rasterize(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>{name}</text></svg>'
    ).startswith(b"\x89PNG")
    assert asked == [alone]


# --- what a picture is made of

MARKS = (
    *(
        sign
        for sign, _ in (
            UNVERIFIED_MARK,
            POOLED_MARK,
            PART_MARK,
            WITH_OTHERS_MARK,
            SUPERSEDED_MARK,
            SYNTHESIS_MARK,
            OWN_RECORDS_MARK,
        )
    ),
    *(
        sign
        for sign, _ in (
            words.SHARED_PATIENTS_MARK,
            words.COMPUTED_INTERVAL_MARK,
            words.BEYOND_AXIS_OR_OPEN_MARK,
        )
    ),
    *DIRECTION_SYMBOLS.values(),
    *"–—…·≥≤×µ²‰",
)


@pytest.mark.parametrize("mark", MARKS)
def test_each_sign_stands_in_the_font_of_pictures(mark: str) -> None:
    sheet = drawing.Drawing(90, 90, "", "")
    sheet.text(9, 9, f"Doe 2020{mark}")
    assert not drawing.list_undrawable_texts(sheet.render())


def test_a_sign_that_the_font_lacks_is_known_to_be_lacking() -> None:
    assert drawing.list_undrawable_texts(
        "<text><title>佟</title>a</text><text>◆</text><text>b</text>"
    ) == ["◆"]


@pytest.mark.parametrize(
    "command",
    ["map", "timeline", *(f"plot {asked}" for asked in QUESTIONS[:4])],
)
def test_a_picture_holds_no_sign_that_the_font_lacks_but_in_names(
    run: Run, tmp_path: Path, command: str
) -> None:
    place = tmp_path / "x.svg"
    assert run(*command.split(), "-q", "-o", str(place)).code == 0
    for text in drawing.list_undrawable_texts(place.read_text(encoding="utf-8")):
        assert any(ord(sign) > 0x2E80 for sign in text), text


def test_own_records_are_marked_by_a_sign_of_the_font(run: Run, tmp_path: Path) -> None:
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    svg = draw_svg([row(source="mine", citation="Doe 2020")], source)
    assert "Doe 2020◊" in svg and "◊ own records" in svg and not drawing.list_undrawable_texts(svg)


def test_a_note_names_what_the_font_cannot_draw(run: Run, tmp_path: Path) -> None:
    asked = QUESTIONS[0].split()
    answer = run("plot", *asked, "-o", str(tmp_path / "x.png"))
    names = {r["citation"] for r in run("plot", *asked, "--json", "-q").rows}
    [foreign] = [name for name in names if ord(name[0]) > 0x2E80]
    assert f"drawn only where this machine has one for it: {foreign}" in answer.err
    quiet = run("plot", *QUESTIONS[1].split(), "-o", str(tmp_path / "y.png"))
    assert "not in the font" not in quiet.err


def test_treatments_have_names_and_stand_together(run: Run, tmp_path: Path) -> None:
    svg = drawn(run, tmp_path, *QUESTIONS[0].split())
    assert ">Whole-brain radiotherapy</text>" in svg and "whole-brain-radiotherapy" not in svg
    rows = run("plot", *QUESTIONS[0].split(), "--json", "-q").rows
    months = [r["names"] for r in rows if r["axis"] == "months" and not r["recalled"]]
    [panel, *_] = words_of_panels(rows)
    shown = [one.names for one in panel.rows if not one.recalled]
    assert sorted(shown) == sorted(months) and shown != months
    assert len([name for name, _ in groupby(shown)]) == len(set(shown))
    assert [one.recalled for one in panel.rows] == sorted(one.recalled for one in panel.rows)
    chosen = Envelope("0", {}, "", {"sort": "year"})
    assert [panel.rows for panel in _divide([ForestRow(**r) for r in rows], chosen)] == [
        panel.rows for panel in divide_panels([ForestRow(**r) for r in rows])
    ]


def words_of_panels(rows: list[dict[str, Any]]) -> list[words.Panel]:
    """Return the panels as a picture has them."""
    return _divide([ForestRow(**one) for one in rows], Envelope("0", {}, "", {}))


@pytest.mark.parametrize(
    ("values", "sides"),
    [
        ({"unit": "HR"}, ("favours what was tested", "favours the other side")),
        (
            {"unit": "OR", "endpoint": "objective-response"},
            ("favours the other side", "favours what was tested"),
        ),
        (
            {"unit": "OR", "endpoint": "treatment-related-death"},
            ("favours what was tested", "favours the other side"),
        ),
        ({"unit": "OR"}, ("less with what was tested", "more with what was tested")),
        ({"unit": "OR", "favours": "of"}, ("favours what was tested", "favours the other side")),
        ({"unit": "OR", "favours": "neither"}, ("less with what was tested", "more with what was tested")),
        (
            {"unit": "difference in points", "endpoint": "quality-of-life", "estimate": 2.0},
            ("less with what was tested", "more with what was tested"),
        ),
        (
            {"unit": "difference in months", "estimate": 2.0},
            ("favours the other side", "favours what was tested"),
        ),
    ],
)  # fmt: skip
def test_both_sides_of_an_axis_say_whom_they_favour(
    values: dict[str, Any], sides: tuple[str, str]
) -> None:
    made = row(**{"estimate": 0.5, "versus": "best supportive care", **values})
    [panel] = divide_panels([made])
    assert words.name_sides(panel) == sides
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    svg = draw_svg([made], source)
    root = ElementTree.fromstring(svg)
    left, right = (
        [text for text in root.iter(f"{SVG}text") if text.text == side] for side in sides
    )
    assert left and right
    assert left[0].get("text-anchor") == "end" and right[0].get("text-anchor") is None
    assert float(left[0].attrib["x"]) < float(right[0].attrib["x"])
    assert "</title>vs best supportive care" in svg


def test_a_heading_says_which_side_is_good() -> None:
    [panel] = divide_panels([row(unit="difference in months", estimate=2.0)])
    assert write_panel_heading(panel).endswith(
        "(0 = no difference; above 0 favours what was tested)"
    )
    [panel] = divide_panels([row(unit="OR", estimate=2.0, endpoint="objective-response")])
    assert write_panel_heading(panel).endswith(
        "1 = no difference; above 1 favours what was tested)"
    )


def test_what_authors_found_tells_a_side_only_where_they_agree() -> None:
    of, against = (row(unit="OR", estimate=0.5, favours=side) for side in ("of", "against"))
    assert words.is_left_better(words.Panel("OR", [of])) is True
    assert words.is_left_better(words.Panel("OR", [against])) is False
    assert words.is_left_better(words.Panel("OR", [of, against])) is None


def test_times_share_an_axis_when_asked_and_stand_as_printed(run: Run, tmp_path: Path) -> None:
    asked = ("plot", "--endpoint", "overall-survival")
    apart = {(r["evidence"], r["estimate"], r["unit"]): r for r in run(*asked, "--json").rows}
    answer = run(*asked, "--unit", "months", "--json")
    found = {(r["evidence"], r["estimate"], r["unit"]): r for r in answer.rows}
    assert {r["axis"] for r in found.values()} & {"weeks", "days"} == set()
    moved = [key for key in found if key[2] in ("weeks", "days")]
    assert len(moved) > 3 and f"{len(moved)} figures in another unit drawn in months" in answer.err
    for key, r in found.items():
        before = apart[key]
        if key not in moved:
            assert (r["position"], r["printed"]) == (before["position"], before["printed"])
            continue
        factor = {"weeks": 7, "days": 1}[key[2]] / 30.44
        for end in ("position", "low", "high"):
            assert (r[end] is None) == (before[end] is None)
            assert r[end] is None or r[end] == pytest.approx(before[end] * factor, abs=0.006)
        assert write_estimate(ForestRow(**r)) == r["printed"]
        assert (
            write_estimate(ForestRow(**before)).partition(" ")[0] == r["printed"].partition(" ")[0]
        )
        assert "drawn inverted" not in write_remark(ForestRow(**r))
    svg = drawn(run, tmp_path, "--endpoint", "overall-survival", "--unit", "months")
    assert "converted for drawing only" in svg and "medians in weeks" not in svg
    assert run(*asked, "--unit", "years").code == 2


def test_a_drawing_for_a_phone_has_each_estimate_in_view(run: Run) -> None:
    rows = [ForestRow(**r) for r in run("plot", *QUESTIONS[0].split(), "--json", "-q").rows]
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    root = ElementTree.fromstring(draw_narrow(rows, source))
    assert root.attrib["width"] == "380"
    texts = list(root.iter(f"{SVG}text"))
    written = Counter(text.text for text in texts if text.get("class") == "ink bold")
    assert all(written[said] >= 1 for said in map(write_estimate, rows))
    for text in texts:
        x, width = float(text.attrib["x"]), drawing.text_width(text.text or "", 11)
        start = {"end": x - width, "middle": x - width / 2}.get(text.get("text-anchor", ""), x)
        assert start >= 0 and start + width <= 390, text.text
    lowest = max(float(text.attrib["y"]) for text in texts)
    assert lowest <= float(root.attrib["height"])


def test_a_long_plot_is_drawn_in_parts_on_the_same_axes(run: Run) -> None:
    rows = [ForestRow(**r) for r in run("plot", *QUESTIONS[0].split(), "--json", "-q").rows]
    source = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    parts = arrange_rows_on_sheets(rows, source)
    drawn_in_order = [one for panel in _divide(rows, source) for one in panel.rows]
    assert len(parts) > 1 and [one for part in parts for one in part] == drawn_in_order
    names, ticks = set(), []
    for number, part in enumerate(parts, start=1):
        svg = draw_svg(part, source, whole=rows, part=number, parts=len(parts))
        root = ElementTree.fromstring(svg)
        names.add(root.attrib["aria-labelledby"])
        assert f"part {number} of {len(parts)}" in svg
        if {one.axis for one in part} == {"months"}:
            marks = [t for t in root.iter(f"{SVG}text") if t.get("text-anchor") == "middle"]
            ticks.append([t.text for t in marks if t.get("class") == "soft small"])
    assert len(names) == len(parts) and all(one == ticks[0] for one in ticks)
    assert arrange_rows_on_sheets(rows[:3], source) == [
        [one for panel in _divide(rows[:3], source) for one in panel.rows]
    ]


def test_what_counts_nowhere_is_replaced_by_nothing(folder: Path) -> None:
    file = folder / "studies" / "loe-2018.toml"
    text = file.read_text(encoding="utf-8")
    more = '[study]\nsuperseded_by = "doe-2020"\nwithdrawn = "made up"'
    file.write_text(text.replace("[study]", more), encoding="utf-8")
    with lmtx.open() as kb, kb._reading() as connection:
        found = [contrast for contrast, _ in list_comparison_effects(connection, Filters())]
    assert found and not any(one.superseded_by or one.row.speaks for one in found)
