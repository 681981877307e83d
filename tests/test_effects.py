"""For meta-analysis: one figure for each cohort and endpoint, nobody twice, on the right scale."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lmtx
from lmtx.model.vocabulary import EXCLUSIONS, RATIO_UNITS
from lmtx.query import effects
from lmtx.query.effects import (
    EffectRow,
    estimate_log_median,
    estimate_log_ratio,
    estimate_logit,
    normal_quantile,
)
from support import Answer

Run = Callable[..., Answer]


@pytest.fixture(scope="module")
def kb() -> Iterator[lmtx.Base]:
    with lmtx.open() as opened:
        yield opened


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"mixed": True},
    {"measure": "ratio"},
    {"measure": "proportion"},
    {"measure": "median"},
    {"tumor": "melanoma"},
    {"tumor": "breast", "biomarker": "her2"},
    {"tumor": "nsclc", "biomarker": "egfr", "measure": "median"},
    {"tumor": "lung", "mixed": True, "endpoint": "overall-survival"},
    {"class_": "chemotherapy", "route": "intrathecal"},
    {"treatment": "osimertinib"},
    {"verified": True},
]


@pytest.mark.parametrize("asked", QUESTIONS, ids=str)
def test_a_cohort_has_one_figure_of_an_endpoint(kb: lmtx.Base, asked: dict[str, Any]) -> None:
    rows = kb.effects(**asked)
    assert rows
    told = Counter((row.cohort, row.endpoint) for row in rows)
    assert max(told.values()) == 1


@pytest.mark.parametrize("asked", [{}, {"tumor": "breast"}, {"treatment": "pemetrexed"}], ids=str)
def test_every_figure_stands_or_is_left_out_with_its_reason(
    kb: lmtx.Base, asked: dict[str, Any]
) -> None:
    rows, left_out = kb.effects(**asked), kb.exclusions(**asked)
    figures = {(row.evidence, row.position) for row in kb.outcomes(**asked)}
    out = {(row.record, row.position) for row in left_out}
    of_groups = {place for place in out if ".c" not in place[0].removeprefix(".")}
    standing = [row for row in rows if row.comparison is None]
    assert len(out) == len(left_out), "a figure is left out for one reason"
    assert len(of_groups & figures) + len(standing) == len(figures)
    assert {row.reason for row in left_out} <= set(EXCLUSIONS)
    assert all(row.why == EXCLUSIONS[row.reason].meaning for row in left_out)


def test_what_is_left_out_tells_no_figure() -> None:
    from lmtx.query.effects import ExclusionRow

    figures = {"value", "yi", "sei", "months", "events", "total", "n", "ci_low", "ci_high"}
    assert figures <= set(EffectRow._fields) and not figures & set(ExclusionRow._fields)


def test_nothing_that_counts_nowhere_is_among_them(kb: lmtx.Base) -> None:
    """Neither reviews nor what was withdrawn, recalled, superseded, pooled or of animals."""
    studies = {row.id: row for row in kb.studies()}
    groups = {row.id: row for row in kb.evidence()}
    for row in kb.effects():
        study, group = studies[row.study], groups[row.evidence]
        assert study.withdrawn is None and row.read_in != "recalled" != study.read_in, row
        assert row.design not in ("review", "systematic-review", "meta-analysis", "preclinical")
        assert group.mixed_with is None, row
        if group.superseded_by:
            [figure] = [one for one in group.outcomes if is_same(one, row)]
            assert figure["stands"], row
    reasons = Counter(row.reason for row in kb.exclusions())
    for reason in ("review", "recalled", "superseded", "pooled", "nested", "overlap", "prognosis"):
        assert reasons[reason] > 3, reason


def is_same(figure: dict[str, Any], row: EffectRow) -> bool:
    names = ("endpoint", "value", "unit", "at", "events")
    return all(figure[name] == getattr(row, name) for name in names)


def test_a_figure_of_two_primaries_stands_for_neither(kb: lmtx.Base) -> None:
    rows = kb.effects(tumor="breast")
    below = {"breast", *(row.id for row in kb.tumors() if row.parent == "breast")}
    assert rows and all(set(row.tumors) <= below for row in rows)
    assert any(row.reason == "other-primary" for row in kb.exclusions(tumor="breast"))


def test_what_stands_in_its_place_is_among_them(kb: lmtx.Base) -> None:
    rows = {row.comparison or row.evidence for row in kb.effects()}
    gave_way = {"overlap", "nested", "other-measure", "other-figure", "other-group"}
    for row in kb.exclusions():
        assert (row.instead in rows) is (row.reason in gave_way) or row.reason == "superseded", row


def test_a_hazard_ratio_points_the_right_way(kb: lmtx.Base) -> None:
    """The side that a comparison favours is the one that yi favours."""
    ratios = kb.effects(measure="ratio")
    turned = 0
    with kb._reading() as connection:
        query = "select id, json_extract(record, '$.effects') from comparison"
        effects = {id_: json.loads(text) for id_, text in connection.execute(query)}
    for row in ratios:
        [favours] = {
            one["favours"]
            for one in effects[row.comparison or ""]
            if (one["endpoint"], one["unit"], one["value"]) == (row.endpoint, row.unit, row.value)
        }
        if row.yi is None or row.lower_favours is None:
            continue
        assert row.unit in RATIO_UNITS and row.measure == "ratio"
        turned += row.inverted
        if favours != "neither":
            assert (row.yi < 0) is (favours == "of"), row
    assert turned > 0


def test_the_formulas_by_hand() -> None:
    """HR 0.85 (0.53 to 1.36) of DEPOSEIN, the same told of the other side, 19 of 70, none of 10,
    and 10 weeks (8 to 14)."""
    found = estimate_log_ratio("HR", 0.85, [0.53, 1.36], None)
    assert found.yi == pytest.approx(-0.1625189, abs=1e-6)
    assert found.sei == pytest.approx(math.log(1.36 / 0.53) / (2 * 1.959964), abs=1e-6)
    other = estimate_log_ratio("HR", 0.85, [0.53, 1.36], None, inverted=True)
    assert (other.yi, other.sei) == (-(found.yi or 0), found.sei)
    assert "as it is printed of the comparator" in (other.formula or "")
    wide = estimate_log_ratio("OR", 2.0, [1.0, 4.0], 90)
    assert wide.sei == pytest.approx(math.log(4) / (2 * 1.644854), abs=1e-6)
    assert wide.scale == "log OR"
    found = estimate_logit(19, 70)
    assert found.yi == pytest.approx(math.log(19 / 51), abs=1e-8)
    assert found.sei == pytest.approx(math.sqrt(1 / 19 + 1 / 51), abs=1e-8)
    found = estimate_logit(0, 10)
    assert found.yi == pytest.approx(math.log(0.5 / 10.5), abs=1e-8)
    assert found.sei == pytest.approx(math.sqrt(2 + 1 / 10.5), abs=1e-8)
    assert "1/2 is added" in (found.formula or "")
    found = estimate_log_median(10, [8, 14], None, "weeks")
    assert found.yi == pytest.approx(math.log(70 / 30.4375), abs=1e-8)
    assert found.sei == pytest.approx(math.log(14 / 8) / (2 * 1.959964), abs=1e-6)
    assert normal_quantile(None) == pytest.approx(1.9599639845, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "ci", "why"),
    [
        (5.0, [], "no interval is printed"),
        (5.0, [3.0], "the upper end of the interval is not printed"),
        (5.0, [0.0, 9.0], "0 has no logarithm"),
        (5.0, [6.0, 9.0], "the figure lies outside of its interval"),
        (5.0, [5.0, 5.0], "the interval has no width"),
    ],
)
def test_where_no_formula_holds_the_reason_stands(value: float, ci: list[float], why: str) -> None:
    for found in (
        estimate_log_median(value, ci, None, "months"),
        estimate_log_ratio("HR", value, ci, None),
    ):
        assert (found.yi, found.sei, found.scale, found.formula) == (None,) * 4
        assert found.no_yi == why


def test_a_skewed_interval_is_said_to_be() -> None:
    assert "twofold" in (estimate_log_median(5.9, [1.3, 7.8], None, "months").formula or "")
    assert "twofold" not in (estimate_log_median(5.9, [3.0, 11.6], None, "months").formula or "")


def test_an_estimate_comes_with_all_that_names_it_or_with_a_reason(kb: lmtx.Base) -> None:
    rows = kb.effects()
    for row in rows:
        whole = (row.yi, row.sei, row.scale, row.formula)
        assert (None in whole) is (set(whole) == {None}) is (row.no_yi is not None), row
        if row.sei is not None:
            assert 0 < row.sei < 5 and row.scale, row
        assert (
            row.page and row.arm_name and (row.comparator_name is None) is (row.measure != "ratio")
        )
    assert sum(row.yi is not None for row in rows) > 100


def test_a_time_is_told_in_months_beside_the_figure_as_printed(kb: lmtx.Base) -> None:
    days = {"months": 30.4375, "weeks": 7, "days": 1}
    rows = [row for row in kb.effects(measure="median") if row.value is not None]
    assert {row.unit for row in rows} == set(days)
    for row in rows:
        assert row.months == pytest.approx(row.value * days[row.unit] / 30.4375, abs=6e-4)


def test_the_command_says_what_is_left_out(run: Run) -> None:
    asked = ("effects", "-t", "melanoma", "-e", "overall-survival", "--measure", "median")
    answer = run(*asked, "--json")
    out = run(*asked, "--excluded", "--json")
    assert f"{len(out.rows)} figures left out (" in answer.err and "--excluded" in answer.err
    assert {row["reason"] for row in out.rows} >= {"superseded", "other-group"}
    shown = run(*asked, "-f", "table").out
    assert "– no interval is" in shown and "in favour of the arm" in " ".join(shown.split())
    assert run("effects", "--measure", "mean").code == 2


def test_what_is_left_out_is_sorted_and_chosen_by_its_own_fields(run: Run) -> None:
    asked = ("effects", "-t", "breast", "--excluded")
    found = run(*asked, "--sort", "reason", "--fields", "reason,record", "--json").rows
    reasons = [row["reason"] for row in found]
    assert len(set(reasons)) > 3 and reasons == sorted(reasons)
    refused = run(*asked, "--sort", "yi")
    assert refused.code == 2 and "exclusions has no field 'yi'" in refused.err


def test_python_says_it_in_its_own_words(kb: lmtx.Base) -> None:
    rows = kb.effects(tumor="melanoma", endpoint="overall-survival")
    assert any("excluded=True lists them" in note for note in rows.notes)
    assert "--" not in "".join(rows.notes)
    assert kb.effects(tumor="melanoma", excluded=True) == kb.exclusions(tumor="melanoma")


def test_as_a_data_frame(kb: lmtx.Base) -> None:
    pytest.importorskip("pandas")
    frame = kb.effects(tumor="breast").to_pandas()
    assert str(frame["yi"].dtype) == "Float64" and str(frame["n"].dtype) == "Int64"
    assert not frame.duplicated(["cohort", "endpoint"]).any()


PROGRAM = """
library(metafor)
d <- read.csv("effects.csv", na.strings = "", encoding = "UTF-8")
check <- function(measured, rows) {
  worst <- max(abs(measured$yi - rows$yi), abs(sqrt(measured$vi) - rows$sei))
  cat(sprintf("%d %.9f\\n", nrow(rows), worst))
}
p <- subset(d, !is.na(events) & !is.na(total) & measure == "proportion")
check(escalc(measure = "PLO", xi = events, ni = total, data = p[!is.na(p$yi), ]), p[!is.na(p$yi), ])
cat(sum(is.na(p$yi)), "\\n")
wald <- function(out, low, high, rows) {
  n <- rep(NA_real_, nrow(rows))
  if (exists("conv.wald")) { # since metafor 4
    e <- escalc(measure = "GEN", yi = n, vi = n)
    return(conv.wald(out = out, ci.lb = low, ci.ub = high, level = rows$ci_level, data = e,
      transf = log, check = FALSE))
  }
  z <- qnorm((1 + rows$ci_level / 100) / 2)
  escalc(measure = "GEN", yi = log(out), sei = (log(high) - log(low)) / (2 * z))
}
r <- subset(d, measure == "ratio" & !is.na(yi))
up <- ifelse(r$inverted, 1 / r$ci_low, r$ci_high)
check(wald(ifelse(r$inverted, 1 / r$value, r$value), ifelse(r$inverted, 1 / r$ci_high, r$ci_low),
  up, r), r)
m <- subset(d, measure == "median" & !is.na(yi))
k <- c(months = 1, weeks = 7 / 30.4375, days = 1 / 30.4375)[m$unit]
check(wald(m$value * k, m$ci_low * k, m$ci_high * k, m), m)
"""


@pytest.mark.ci
@pytest.mark.skipif(not shutil.which("Rscript"), reason="needs R with metafor")
def test_metafor_computes_the_same(run: Run, tmp_path: Path) -> None:
    """For every row of the export that it can compute, to 1e-6."""
    file = tmp_path / "effects.csv"
    assert run("export", "-f", "csv", "--table", "effects", "-o", str(file)).code == 0
    done = subprocess.run(
        ["Rscript", "-e", PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    proportions, refused, ratios, medians = lines
    with file.open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["yi"]]
    counted = Counter(row["measure"] for row in rows)
    for (number, worst), name in zip(
        (proportions, ratios, medians), ("proportion", "ratio", "median"), strict=True
    ):
        assert int(number) == counted[name] > 10 and float(worst) < 1e-6, name
    printed_wrongly = "the paper's own figures do not fit each other"
    assert int(refused[0]) == sum(
        row.no_yi == printed_wrongly and row.events is not None and row.total is not None
        for row in lmtx.open().effects()
    )


STUDY = """\
[study]
id = "{id}"
title = "Made up"
year = {year}
design = "{design}"
lm_only = true
read_in = "{read_in}"
seen_at = ["https://example.org/{id}"]
{more}
"""
GROUP = """\
[[evidence]]
row = {row}
tumors = ["south"]
n = {n}
direction = "unclear"
summary = "Made up."
{more}
[[evidence.given]]
treatment = "samplexate"
role = "tested"
{outcomes}
"""
SURVIVAL = """
[[evidence.outcome]]
endpoint = "overall-survival"
value = {value}
unit = "weeks"
ci = [{low}, {high}]
{more}
"""
ASKED = ("effects", "-t", "south", "-e", "overall-survival", "--json")


def write_study(folder: Path, name: str, *parts: str, **more: Any) -> None:
    """Add a study with some groups; each of `parts` is one of them or a comparison."""
    known = {"year": 2020, "design": "phase-2", "read_in": "full-text", "more": "", **more}
    text = "\n".join([STUDY.format(id=name, **known), *parts])
    (folder / "studies" / f"{name}.toml").write_text(text, encoding="utf-8")


def group(row: int, n: int, value: float, *, more: str = "", of: str = "") -> str:
    """Return a group with a median, in weeks, and its interval from half of it to twice it."""
    figure = SURVIVAL.format(value=value, low=value / 2, high=value * 2, more=of)
    return GROUP.format(row=row, n=n, more=more, outcomes=figure)


def test_a_made_up_base_by_hand(run: Run, folder: Path) -> None:
    """Of every kind of figure that would count somebody twice, or that is none, one; each is left
    out with its reason, and two cohorts stand."""
    part = SURVIVAL.format(value=9, low=5, high=12, more='scope = "subgroup"\ngroup = "some"')
    write_study(
        folder,
        "large-2020",
        group(1, 40, 20) + part,
        group(2, 15, 31, more="within = 1"),
        group(3, 30, 41),
        group(4, 50, 51, more='mixed_with = "lymphoma"'),
        more='overlaps = ["again-2019"]',
    )
    write_study(folder, "again-2019", group(1, 39, 21), more='overlaps = ["large-2020"]')
    write_study(folder, "second-2021", group(1, 9, 8))
    write_study(
        folder, "old-2018", group(1, 60, 22), year=2018, more='superseded_by = "second-2021"'
    )
    write_study(folder, "memory-2017", group(1, 70, 23), read_in="recalled")
    write_study(folder, "gone-2016", group(1, 80, 24), more='withdrawn = "made up"')
    write_study(folder, "pool-2022", group(1, 90, 25), design="meta-analysis")
    write_study(folder, "mice-2022", group(1, 95, 26), design="preclinical")
    answer = run(*ASKED)
    assert answer.code == 0, answer.err
    standing = {row["evidence"]: row for row in answer.rows}
    assert set(standing) == {"large-2020.1", "second-2021.1"}
    large = standing["large-2020.1"]
    assert (large["value"], large["unit"], large["n"]) == (20, "weeks", 40)
    assert large["months"] == pytest.approx(20 * 7 / 30.4375, abs=1e-3)
    assert large["yi"] == pytest.approx(math.log(20 * 7 / 30.4375), abs=1e-8)
    assert large["sei"] == pytest.approx(math.log(4) / 2 / 1.959963985, abs=1e-8)
    assert large["page"] == "https://example.org/large-2020"
    left_out = {(row["record"], row["position"]): row for row in run(*ASKED, "--excluded").rows}
    reasons = {place: (row["reason"], row["instead"]) for place, row in left_out.items()}
    assert reasons == {
        ("large-2020.1", 2): ("part", None),
        ("large-2020.2", 1): ("nested", "large-2020.1"),
        ("large-2020.3", 1): ("other-group", "large-2020.1"),
        ("large-2020.4", 1): ("pooled", None),
        ("again-2019.1", 1): ("overlap", "large-2020.1"),
        ("old-2018.1", 1): ("superseded", "second-2021"),
        ("memory-2017.1", 1): ("recalled", None),
        ("gone-2016.1", 1): ("withdrawn", None),
        ("pool-2022.1", 1): ("review", None),
        ("mice-2022.1", 1): ("no-patients", None),
    }
    text = run(*ASKED, "--excluded").out
    assert all(f" {value}" not in text.replace("2022", "") for value in (23.0, 24.0, 25.0, 26.0))


VERSUS = """\
[[comparison]]
comparison = 1
of = 1
against = 2
tests = ["examplinib"]
question = "add"
randomized = true
direction = "benefit"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "HR"
value = 2.0
ci = [1.25, 3.2]
inverted = true
favours = "of"
adjusted = "multivariable"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "HR"
value = 0.45
ci = [0.3, 0.675]
favours = "of"
adjusted = "univariable"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "p-only"
p = "0.01"
favours = "of"
adjusted = "univariable"
"""


def test_a_ratio_stands_for_its_cohort_the_right_way_round(run: Run, folder: Path) -> None:
    """The adjusted one, printed of the comparator, turned; asked for medians, the larger arm's."""
    both = '[[evidence.given]]\ntreatment = "examplinib"\nrole = "tested"\n'
    with_it = group(1, 20, 30, more='given_as = "together"') + both
    with_it = with_it.replace('"unclear"', '"benefit"')
    write_study(
        folder, "trial-2020", with_it, group(2, 25, 15), VERSUS, design="randomized-phase-2"
    )
    answer = run(*ASKED)
    assert answer.code == 0, answer.err
    [row] = answer.rows
    assert (row["comparison"], row["arm"], row["comparator"]) == (
        "trial-2020.c1",
        "trial-2020.1",
        "trial-2020.2",
    )
    assert (row["value"], row["inverted"], row["adjusted"]) == (2.0, True, "multivariable")
    assert row["yi"] == pytest.approx(-math.log(2), abs=1e-8) and row["lower_favours"] == "arm"
    assert row["sei"] == pytest.approx(math.log(3.2 / 1.25) / 2 / 1.959963985, abs=1e-8)
    assert (row["n"], row["comparator_n"], row["randomized"]) == (20, 25, True)
    assert row["arm_name"] != row["comparator_name"]
    out = Counter(row["reason"] for row in run(*ASKED, "--excluded").rows)
    assert out == {"other-measure": 2, "other-figure": 1, "no-ratio": 1}
    [median] = run(*ASKED, "--measure", "median").rows
    assert (median["arm"], median["comparator"], median["value"]) == ("trial-2020.2", None, 15)


def test_a_ratio_that_nobody_can_read_gives_way_to_a_group(run: Run, folder: Path) -> None:
    """As one against patients who were too ill to be treated."""
    both = '[[evidence.given]]\ntreatment = "examplinib"\nrole = "tested"\n'
    with_it = group(1, 20, 30, more='given_as = "together"') + both
    unclear = VERSUS.replace('direction = "benefit"', 'direction = "unclear"')
    unclear = unclear.replace("randomized = true\n", "")
    write_study(
        folder, "ill-2020", with_it, group(2, 25, 15), unclear, design="retrospective-comparative"
    )
    answer = run(*ASKED)
    assert answer.code == 0, answer.err
    assert [row["measure"] for row in answer.rows] == ["median"]
    [ratio] = run(*ASKED, "--measure", "ratio").rows
    assert ratio["direction"] == "unclear"


def test_a_comparison_by_prognosis_or_with_the_past_stands_for_nothing(
    run: Run, folder: Path
) -> None:
    past = VERSUS.replace("randomized = true", 'randomized = false\ncontrol = "historical"')
    for name, told in (("past-2020", past), ("fate-2020", VERSUS)):
        by_fate = told.replace('tests = ["examplinib"]\nquestion = "add"', 'question = "prognosis"')
        by_fate = by_fate.replace("randomized = true\n", "").replace('direction = "benefit"\n', "")
        parts = by_fate if name == "fate-2020" else told
        both = '[[evidence.given]]\ntreatment = "examplinib"\nrole = "tested"\n'
        with_it = group(1, 20, 30, more='given_as = "together"') + both
        write_study(
            folder, name, with_it, group(2, 25, 15), parts, design="retrospective-comparative"
        )
    answer = run(*ASKED, "--measure", "ratio")
    assert answer.code == 1, answer.out
    out = run(*ASKED, "--measure", "ratio", "--excluded").rows
    assert {(row["study"], row["reason"]) for row in out} == {
        ("past-2020", "not-concurrent"),
        ("fate-2020", "prognosis"),
    }


@pytest.mark.parametrize("side", ["n", "comparator_n"])
def test_patients_that_are_not_known_stand_behind_the_fewest(side: str) -> None:
    def candidate(study: str, known: int | None) -> effects._Candidate:
        values = {**dict.fromkeys(EffectRow._fields), "study": study, "evidence": f"{study}.1"}
        effect = EffectRow(**{**values, side: known})  # type: ignore[arg-type]
        return effects._Candidate(effect, 1, None, "")

    unknown, single = candidate("a", None), candidate("b", 1)
    assert effects._order([unknown, single]) == [single, unknown]
