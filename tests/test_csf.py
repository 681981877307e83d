"""`lmtx csf`: every drug level of the data is there, compared like with like, and marked for what
it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmtx.listings.csf import write_dose_with_route
from lmtx.model import drug_levels
from lmtx.model.vocabulary import MEASURES
from lmtx.query.csf import CsfRow
from support import Answer, at_or_below, class_of, study, toml

Run = Callable[..., Answer]
UNVERIFIED = ("secondary", "recalled")


def levels() -> list[dict[str, Any]]:
    """Return every level of the data, with its id, treatment and study."""
    return [
        {
            **level,
            "id": f"{item['id']}.csf{position}",
            "treatment": item["id"],
            "of": study(level["study"])["study"],
        }
        for item in toml("treatments.toml")["treatment"]
        for position, level in enumerate(item.get("csf", []), start=1)
    ]


def targets(treatment: str) -> list[str]:
    return next(
        item.get("targets", [])
        for item in toml("treatments.toml")["treatment"]
        if item["id"] == treatment
    )


def read_in(level: dict[str, Any]) -> str:
    return str(level.get("read_in") or level["of"]["read_in"])


def test_every_level_is_listed_with_its_figures(run: Run) -> None:
    shown = {row["id"]: row for row in run("csf", "--json").rows}
    kept = levels()
    assert len(kept) == len(shown) > 60
    for level in kept:
        row = shown[level["id"]]
        for key in (
            "treatment",
            "measure",
            "fraction",
            "statistic",
            "value",
            "low",
            "high",
            "spread",
            "spread_kind",
            "unit",
            "n",
            "route",
            "dose",
            "compartment",
            "sampled",
            "population",
            "lm",
            "printed",
            "study",
            "note",
        ):
            assert row[key] == level.get(key), (level["id"], key)
        assert row["modelled"] is level.get("modelled", False)
        assert row["computed"] is level.get("computed", False)
        assert row["read_in"] == read_in(level)
        assert row["year"] == level["of"].get("year")
        assert row["name"] and row["citation"]


def test_levels_are_sorted_by_measure_and_unit_the_highest_first(run: Run) -> None:
    rows = run("csf", "--json").rows
    keys = [
        (
            list(MEASURES).index(row["measure"]),
            row["unit"],
            -next(row[key] for key in ("value", "high", "low") if row[key] is not None),
        )
        for row in rows
    ]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        (
            ("osimertinib", "Tarceva"),
            lambda level: level["treatment"] in ("osimertinib", "erlotinib"),
        ),
        (
            ("--class", "targeted-therapy"),
            lambda level: (
                class_of()[level["treatment"]] in at_or_below("class", "targeted-therapy")
            ),
        ),
        (
            ("--target", "egfr", "--measure", "CSF concentration"),
            lambda level: (
                "EGFR" in targets(level["treatment"]) and level["measure"] == "csf-concentration"
            ),
        ),
        (
            ("--measure", "csf-plasma-ratio", "--measure", "csf-plasma-auc-ratio"),
            lambda level: level["measure"] in ("csf-plasma-ratio", "csf-plasma-auc-ratio"),
        ),
        (("--route", "intrathecal"), lambda level: level.get("route") == "intrathecal"),
        (("--min-n", "10"), lambda level: level.get("n", 0) >= 10),
        (("--since", "2015"), lambda level: level["of"].get("year", 0) >= 2015),
        (("--verified",), lambda level: read_in(level) not in UNVERIFIED),
        (("--design", "pharmacokinetic"), lambda level: level["of"]["design"] == "pharmacokinetic"),
        (("--lm",), lambda level: level.get("lm") is True),
        (
            ("--lm", "--verified", "--route", "intravenous"),
            lambda level: (
                level.get("lm") is True
                and read_in(level) not in UNVERIFIED
                and level.get("route") == "intravenous"
            ),
        ),
    ],
)
def test_a_filter_keeps_what_the_data_say(
    run: Run, arguments: tuple[str, ...], keeps: Callable[[dict[str, Any]], bool]
) -> None:
    expected = {level["id"] for level in levels() if keeps(level)}
    assert expected
    assert {row["id"] for row in run("csf", *arguments, "--json").rows} == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tumor", "nsclc"),
        ("--mixed",),
        ("--biomarker", "egfr"),
        ("--level", "III"),
        ("--min-level", "III"),
        ("--direction", "benefit"),
        ("--endpoint", "overall-survival"),
    ],
)
def test_a_filter_that_says_nothing_about_drug_levels_is_refused(
    run: Run, arguments: tuple[str, ...]
) -> None:
    answer = run("csf", *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(f"lmtx: {arguments[0]}: ") and "; " in answer.err


def test_a_treatment_without_levels_is_named(run: Run) -> None:
    alone = run("csf", "ipilimumab")
    assert (alone.code, alone.table) == (1, [])
    assert "no drug level matches; no matching level of ipilimumab" in alone.err
    beside = run("csf", "ipilimumab", "gefitinib")
    assert beside.code == 0
    assert "no matching level of ipilimumab" in beside.err


def test_unknown_words_are_answered_with_suggestions(run: Run) -> None:
    drug, measure = run("csf", "erlotinb"), run("csf", "--measure", "half-life")
    assert (drug.code, measure.code) == (2, 2)
    assert "erlotinib" in drug.err.casefold()
    assert "csf-half-life" in measure.err


@pytest.mark.parametrize("columns", [80, 160])
def test_a_table_cuts_neither_ids_nor_figures(terminal: Run, run: Run, columns: int) -> None:
    answer = terminal(columns, "csf")
    lines = answer.out.splitlines()
    assert all(len(line) <= columns for line in lines)
    for row in run("csf", "--json").rows:
        assert any(
            line.startswith(f"{row['treatment']} ") and drug_levels.write_level_amount(row) in line
            for line in lines
        ), row["id"]
        assert columns < 160 or set(row["citation"].split()) <= set(answer.out.split()), row["id"]


def test_marks_say_what_a_figure_is(terminal: Run, folder: Path) -> None:
    file = folder / "treatments.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ("lm = true", 'lm = true\ncomputed = true\nread_in = "secondary"'),
        ("modelled = true", "modelled = true\ndoubtful = true"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    out = terminal(80, "csf").out
    assert re.search(r"^examplinib .* ≈2\.5% ± 0\.5 SD† ", out, re.M)
    assert re.search(r"^examplinib .* ~3–9 nmol/L§‽ ", out, re.M)
    for foot in (
        "§ not measured in patients with LM",
        "~ predicted by a model",
        "≈ converted and rounded",
        "† not read at its source",
        "‽ hard to believe",
    ):
        assert foot in out
    plain = terminal(80, "csf", "--ascii").out
    assert plain.isascii()
    for foot in (
        "[x] not measured",
        "~ predicted",
        "[=] converted",
        "[!] not read",
        "[?] hard to believe",
    ):
        assert foot in plain


def level(**known: Any) -> dict[str, Any]:
    """Return a hand-made level."""
    keys = ("value", "low", "high", "spread", "spread_kind", "statistic", "fraction")
    return {
        **dict.fromkeys(keys),
        "measure": "csf-concentration",
        "unit": "ng/mL",
        "modelled": False,
        "computed": False,
        **known,
    }


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ({"value": 2.45, "spread": 2.91, "spread_kind": "SD", "unit": "%"}, "2.45% ± 2.91 SD"),
        (
            {
                "value": 17100,
                "low": 3700,
                "high": 55000,
                "unit": "nmol/L",
                "statistic": "mean-peak",
            },
            "peak 17.1 µmol/L (3.7–55)",
        ),
        ({"value": 16_690_000, "unit": "nmol/L"}, "16.69 mmol/L"),
        ({"value": 0.616}, "0.616 ng/mL"),
        ({"low": 10, "high": 1_500_000}, "0.01–1500 µg/mL"),
        ({"low": 2000}, "from 2 µg/mL"),
        ({"high": 5}, "up to 5 ng/mL"),
        ({"value": 5, "unit": "%", "statistic": "upper-bound"}, "<5%"),
        ({"value": 1000, "unit": "nmol/L", "statistic": "lower-bound"}, ">1 µmol/L"),
        ({"value": 3.31, "spread": 0.77, "spread_kind": "not stated", "unit": "%"}, "3.31% ± 0.77"),
        ({"value": 2000, "spread": 30, "spread_kind": "CV%"}, "2 µg/mL (CV 30%)"),
        (
            {"value": 25000, "spread": 9500, "spread_kind": "SD", "unit": "ng*h/mL"},
            "25 µg·h/mL ± 9.5 SD",
        ),
        ({"value": 61 / 60, "unit": "hours", "statistic": "terminal"}, "terminal ≈1.02 h"),
        ({"value": 78, "unit": "%", "modelled": True}, "~78%"),
        ({"value": 0.64, "unit": "L", "modelled": True, "computed": True}, "~≈0.64 L"),
        ({"value": 212.36, "unit": "nmol/L"}, "212.36 nmol/L"),
        ({"value": 0, "unit": "%"}, "0%"),
    ],
)
def test_a_figure_is_written_in_the_unit_that_is_easiest_to_read(
    known: dict[str, Any], written: str
) -> None:
    assert drug_levels.write_level_amount(level(**known)) == written


def test_a_measure_names_the_fraction_of_the_drug() -> None:
    assert (
        drug_levels.name_measure(level(measure="csf-plasma-ratio", fraction="unbound"))
        == "CSF:plasma, free"
    )
    assert (
        drug_levels.name_measure(level(measure="csf-plasma-ratio", fraction="total"))
        == "CSF:plasma, total"
    )
    assert set(drug_levels.SHORT_MEASURES) == set(MEASURES)


@pytest.mark.parametrize(
    ("route", "dose", "written"),
    [
        (None, None, ""),
        ("oral", None, "oral"),
        (None, "40 mg daily", "40 mg daily"),
        ("oral", "40 mg daily", "oral: 40 mg daily"),
        ("intravenous", "8 g/m2 IV over 4 hours", "8 g/m2 IV over 4 hours"),
        ("intrathecal", "10 mg intrathecally", "10 mg intrathecally"),
    ],
)
def test_a_dose_is_told_with_its_route_once(
    route: str | None, dose: str | None, written: str
) -> None:
    row = CsfRow(**{**dict.fromkeys(CsfRow._fields), "route": route, "dose": dose})  # type: ignore[arg-type]
    assert write_dose_with_route(row) == written


def test_no_two_levels_look_alike(run: Run) -> None:
    """What has treatment, measure, route and study in common says in what it differs."""
    rows = run("csf", "--json").rows
    keys = [
        tuple(
            row[key] for key in ("treatment", "measure", "fraction", "study", "route", "occasion")
        )
        for row in rows
    ]
    assert len({*keys}) == len(keys)
    occasions = {row["occasion"] for row in run("csf", "tucatinib", "--json").rows}
    assert occasions == {"cycle 1", "cycle 2"}


LEVEL: dict[str, Any] = dict.fromkeys(
    ("value", "low", "high", "spread", "spread_kind", "statistic")
)
LEVEL |= {"unit": "ng/mL", "computed": False, "modelled": False}


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ({"value": 2.45, "unit": "%", "spread": 2.91, "spread_kind": "SD"}, "2.45% ± 2.91 SD"),
        (
            {"value": 17100, "low": 3700, "high": 55000, "unit": "nmol/L", "statistic": "peak"},
            "peak 17.1 µmol/L (3.7–55)",
        ),
        ({"value": 1500, "low": 200, "high": 3000}, "1.5 µg/mL (0.2–3)"),
        ({"value": 2.456789, "unit": "%"}, "≈2.46%"),
        ({"value": 2.4567, "unit": "%"}, "2.4567%"),
        ({"value": 2, "unit": "%", "spread": 1.234567, "spread_kind": "SD"}, "≈2% ± 1.23 SD"),
        ({"value": 2, "unit": "%", "computed": True}, "≈2%"),
        ({"value": 2, "unit": "%", "modelled": True, "computed": True}, "~≈2%"),
        ({"value": 1000}, "1 µg/mL"),
        ({"value": 999}, "999 ng/mL"),
        ({"value": 1_000_000}, "1 mg/mL"),
        ({"low": 2000, "high": 8000}, "2–8 µg/mL"),
        ({"low": 100, "high": 4000}, "100–4000 ng/mL"),
        ({"low": 500, "high": 4000}, "0.5–4 µg/mL"),
        ({"low": 3}, "from 3 ng/mL"),
        ({"high": 3000}, "up to 3 µg/mL"),
        ({"value": 3, "statistic": "upper-bound"}, "<3 ng/mL"),
        (
            {"value": 2000, "spread": 20, "spread_kind": "CV%", "statistic": "trough"},
            "trough 2 µg/mL (CV 20%)",
        ),
        ({"value": 5, "spread": 3, "spread_kind": "not stated", "unit": "hours"}, "5 h ± 3"),
        ({"value": 0.2, "unit": "1/h", "statistic": "mean"}, "0.2 per h"),
        ({"value": 12, "unit": "mL/h"}, "12 mL/h"),
    ],
)
def test_a_level_is_written_in_the_unit_that_is_easiest_to_read(
    level: dict[str, Any], expected: str
) -> None:
    assert drug_levels.write_level_amount(LEVEL | level) == expected


def test_levels_are_ordered_by_value_then_upper_then_lower_end() -> None:
    assert drug_levels.drug_level_order(LEVEL | {"value": 0, "high": 9, "low": 1}) == 0
    assert drug_levels.drug_level_order(LEVEL | {"high": 9, "low": 1}) == 9
    assert drug_levels.drug_level_order(LEVEL | {"low": 1}) == 1
