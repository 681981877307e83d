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
from lmtx.query.effects import (
    EffectRow,
    log_median,
    log_ratio,
    logit_proportion,
    quantile_of,
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
    found = log_ratio("HR", 0.85, [0.53, 1.36], None)
    assert found.yi == pytest.approx(-0.1625189, abs=1e-6)
    assert found.sei == pytest.approx(math.log(1.36 / 0.53) / (2 * 1.959964), abs=1e-6)
    other = log_ratio("HR", 0.85, [0.53, 1.36], None, inverted=True)
    assert (other.yi, other.sei) == (-(found.yi or 0), found.sei)
    assert "as it is printed of the comparator" in (other.formula or "")
    wide = log_ratio("OR", 2.0, [1.0, 4.0], 90)
    assert wide.sei == pytest.approx(math.log(4) / (2 * 1.644854), abs=1e-6)
    assert wide.scale == "log OR"
    found = logit_proportion(19, 70)
    assert found.yi == pytest.approx(math.log(19 / 51), abs=1e-8)
    assert found.sei == pytest.approx(math.sqrt(1 / 19 + 1 / 51), abs=1e-8)
    found = logit_proportion(0, 10)
    assert found.yi == pytest.approx(math.log(0.5 / 10.5), abs=1e-8)
    assert found.sei == pytest.approx(math.sqrt(2 + 1 / 10.5), abs=1e-8)
    assert "1/2 is added" in (found.formula or "")
    found = log_median(10, [8, 14], None, "weeks")
    assert found.yi == pytest.approx(math.log(70 / 30.4375), abs=1e-8)
    assert found.sei == pytest.approx(math.log(14 / 8) / (2 * 1.959964), abs=1e-6)
    assert quantile_of(None) == pytest.approx(1.9599639845, abs=1e-9)


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
    for found in (log_median(value, ci, None, "months"), log_ratio("HR", value, ci, None)):
        assert (found.yi, found.sei, found.scale, found.formula) == (None,) * 4
        assert found.no_yi == why


def test_a_skewed_interval_is_said_to_be() -> None:
    assert "twofold" in (log_median(5.9, [1.3, 7.8], None, "months").formula or "")
    assert "twofold" not in (log_median(5.9, [3.0, 11.6], None, "months").formula or "")


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
