"""How a figure is written for people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.model import figures
from lmtx.model.notation import (
    explain_mark,
    list_row_symbols,
    write_brief_comparison_answer,
    write_comparison_answer,
    write_harm_with_flags,
    write_marked_harm_count,
    write_marked_key_figure,
    write_randomised_answers_and_tally,
)
from lmtx.query.list import TreatmentRow

OS: dict[str, Any] = {
    "endpoint": "overall-survival",
    "value": 11.3,
    "unit": "months",
    "ci": [7.5, 18.3],
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (62.0, "62"),
        (7.5, "7.5"),
        (0.0026, "0.0026"),
        (12345, "12,345"),
        (9999, "9999"),
        (10_000, "10,000"),
        (-12_345, "-12,345"),
        (1e15, "1e+15"),
        (0, "0"),
        (1e20, "1e+20"),
    ],
)
def test_number(value: float, expected: str) -> None:
    assert figures.write_number(value) == expected


@given(st.decimals(min_value=0, max_value=9999, places=3))
def test_a_number_is_written_without_loss(value: Any) -> None:
    assert float(figures.write_number(float(value))) == float(value)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"value": 62, "unit": "%"}, "62%"),
        (OS, "11.3 months"),
        ({"value": 0.61, "unit": "HR"}, "HR 0.61"),
        ({"value": 10, "unit": "patients", "total": 14}, "10 of 14 patients"),
        ({"value": 1, "unit": "patients"}, "1 patient"),
        ({"value": 3, "unit": "patients"}, "3 patients"),
        ({"value": 1, "unit": "months"}, "1 month"),
        ({"value": 10, "unit": "months", "total": 14}, "10 months"),
        ({"value": None, "unit": "months", "not_reached": True}, "not reached"),
        ({"value": None, "unit": "months"}, ""),
    ],
)
def test_amount(outcome: dict[str, Any], expected: str) -> None:
    assert figures.write_value_with_unit(outcome) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (OS, "95% CI 7.5–18.3"),
        ({"ci": [6.6], "ci_upper": "not reached"}, "95% CI 6.6–not reached"),
        ({"ci": [6.6]}, "95% CI 6.6–?"),
        ({"ci": [1, 2], "ci_level": 90}, "90% CI 1–2"),
        ({"ci": []}, ""),
        ({}, ""),
    ],
)
def test_interval(outcome: dict[str, Any], expected: str) -> None:
    assert figures.write_interval(outcome) == expected


def test_brief() -> None:
    assert figures.write_brief_figure(OS) == "OS 11.3 months (95% CI 7.5–18.3)"
    assert (
        figures.write_brief_figure(
            {"endpoint": "survival-rate", "value": 36, "unit": "%", "at": "1 year"}
        )
        == "alive 36% at 1 year"
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"events": 5, "total": 9}, "5 of 9"),
        ({"total": 9}, "n=9"),
        ({"p": "<.001"}, "p<.001"),
        ({"p": "0.03", "group": "EGFR", "assessed_by": "RANO"}, "p=0.03; EGFR; RANO"),
        ({"as_printed": True}, "as printed"),
        ({"evidence": "doe-2020.1", "read_in": "abstract"}, "doe-2020.1 (abstract)"),
    ],
)
def test_full(more: dict[str, Any], expected: str) -> None:
    assert (
        figures.write_full_figure(
            {"endpoint": "objective-response", "value": 55, "unit": "%", **more}
        )
        == f"ORR 55%; {expected}"
    )


def test_full_does_not_say_the_patients_twice() -> None:
    assert (
        figures.write_full_figure(
            {
                "endpoint": "clinical-response",
                "value": 3,
                "unit": "patients",
                "events": 3,
                "total": 8,
            }
        )
        == "clinical response 3 of 8 patients"
    )


RESPONSE = {"endpoint": "objective-response", "value": 40, "unit": "%"}
RATIO = {"endpoint": "overall-survival", "value": 0.5, "unit": "HR"}


@pytest.mark.parametrize(
    ("outcomes", "endpoint", "expected"),
    [
        ([RESPONSE, OS], (), OS),
        ([RATIO, RESPONSE], (), RESPONSE),
        ([RESPONSE, OS], ("objective-response",), RESPONSE),
        ([{**OS, "group": "a remark"}, RESPONSE], (), {**OS, "group": "a remark"}),
        ([{**OS, "scope": "responders"}, RESPONSE], (), RESPONSE),
        ([{**OS, "scope": "responders"}], (), None),
        ([{**OS, "scope": "responders"}], ("overall-survival",), {**OS, "scope": "responders"}),
        ([{"endpoint": "dose-limiting-toxicity", "value": 1, "unit": "patients"}, RATIO], (), None),
        ([OS], ("disease-control",), None),
        ([], (), None),
    ],
)
def test_the_headline_is_survival_before_response_and_the_whole_before_a_part(
    outcomes: list[Any], endpoint: tuple[str, ...], expected: Any
) -> None:
    assert figures.choose_key_figure(outcomes, endpoint) == expected


def test_a_median_that_was_not_reached_is_said() -> None:
    outcome = {**OS, "value": None, "not_reached": True, "ci": [11], "ci_upper": "not reached"}
    assert figures.write_brief_figure(outcome) == "OS not reached (95% CI 11–not reached)"


EFFECT: dict[str, Any] = {
    "endpoint": "overall-survival",
    "event": None,
    "unit": "HR",
    "of_unit": None,
    "value": 0.85,
    "ci": [0.53, 1.36],
    "p": "0.51",
    "inverted": False,
    "favours": "neither",
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "OS HR 0.85 (95% CI 0.53–1.36), p=0.51"),
        ({"inverted": True}, "OS HR 0.85 of the other side (95% CI 0.53–1.36), p=0.51"),
        ({"unit": "p-only", "value": None, "ci": [], "favours": "of"}, "OS better, p=0.51"),
        ({"unit": "none", "value": None, "ci": [], "p": None}, "OS no difference"),
        (
            {"unit": "difference", "of_unit": "weeks", "value": -12.9, "ci": [-34.3, 5.5]},
            "OS difference -12.9 weeks (95% CI -34.3–5.5), p=0.51",
        ),
        (
            {"unit": "difference", "of_unit": "%", "value": 5, "ci": [], "p": None},
            "OS difference 5 points",
        ),
        (
            {"endpoint": None, "event": "neurotoxicity", "unit": "p-only", "value": None, "ci": []}
            | {"favours": "against", "p": "0.0072"},
            "neurotoxicity worse, p=0.0072",
        ),
    ],
)
def test_effect(more: dict[str, Any], expected: str) -> None:
    assert figures.write_effect({**EFFECT, **more}) == expected


@pytest.mark.parametrize(
    ("outcome", "group", "n"),
    [
        ({"total": 18, "scope": "subgroup"}, {"n": 30}, 18),
        ({"total": None, "scope": "subgroup"}, {"n": 30}, None),
        ({"total": None, "scope": "whole"}, {"n": 30}, 30),
        ({"total": None, "scope": "whole"}, {"n": 9, "n_pooled": 36, "mixed_with": "others"}, 36),
        ({"total": None, "scope": "whole"}, {"n": 9, "mixed_with": "others"}, 9),
    ],
)
def test_patients_behind_a_figure(
    outcome: dict[str, Any], group: dict[str, Any], n: int | None
) -> None:
    whole = {"n": None, "n_pooled": None, "mixed_with": None, **group}
    assert figures.patients_behind(outcome, whole) == n


@pytest.mark.parametrize(
    ("unit", "endpoint", "better"),
    [
        ("HR", "overall-survival", True),
        ("OR", "overall-survival", None),
        ("OR", "survival-rate", None),
        ("HR", "objective-response", None),
        ("OR", "objective-response", False),
        ("RR", "cns-progression", True),
        ("OR", None, True),
    ],
)
def test_which_side_a_ratio_below_one_favours(
    unit: str, endpoint: str | None, better: bool | None
) -> None:
    assert figures.is_below_one_better(unit, endpoint) is better


def treatment(**values: Any) -> TreatmentRow:
    """Return a treatment of a listing that is made up, with a figure."""
    plain: dict[str, Any] = dict.fromkeys(TreatmentRow._fields)
    counts = dict.fromkeys(("benefit", "no_benefit", "worse", "mixed", "unclear"), 0)
    figure = {"figure": "OS 8.5 months", "figure_n": 40, "patients": 40, "figure_scope": "whole"}
    return TreatmentRow(**(plain | counts | figure | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "OS 8.5 mo"),
        ({"figure": None}, "–"),
        ({"figure_n": 10}, "OS 8.5 mo n=10"),
        ({"figure_n": 10, "patients": 10}, "OS 8.5 mo"),
        ({"figure_n": 9, "patients": 9}, "OS 8.5 mo n=9"),
        ({"patients": None}, "OS 8.5 mo n=40"),
        ({"figure_n": None}, "OS 8.5 mo"),
        ({"figure": "OS 1 week (95% CI 1–2)"}, "OS 1 wk (1–2)"),
        ({"figure": "OS 1 week (90% CI 1–2)"}, "OS 1 wk (90% CI 1–2)"),
        ({"figure": "alive 36% at sixteen letters!"}, "alive 36% at sixteen letters!"),
        ({"figure": "alive 36% at sixteen letters!!"}, "alive 36% at …"),
        ({"figure_scope": "subgroup"}, "OS 8.5 mo*"),
        ({"figure_scope": None}, "OS 8.5 mo"),
        ({"figure_with": ["x"]}, "OS 8.5 mo+"),
        ({"figure_alongside": ["x"]}, "OS 8.5 mo+"),
        ({"read_in": "secondary"}, "OS 8.5 mo†"),
        ({"read_in": "recalled", "figure_mixed_with": "others"}, "OS 8.5 mo†‡"),
        ({"figure_design": "review"}, "OS 8.5 moΣ"),
        ({"figure_source": "mine"}, "OS 8.5 mo◆"),
    ],
)
def test_a_key_figure_in_a_table_carries_its_marks(values: dict[str, Any], expected: str) -> None:
    row = treatment(**values)
    assert write_marked_key_figure(row) == expected
    marks = [sign for sign in expected.removesuffix("…") if sign in "+*†‡Σ◆"]
    assert list_row_symbols(row) == marks


def test_marks_of_rows_without_a_key_figure() -> None:
    assert list_row_symbols(treatment(figure=None, source=["lmtx", "mine"])) == ["◆"]
    assert list_row_symbols(treatment(figure=None, source=["lmtx"], read_in="recalled")) == []
    assert explain_mark("†").startswith("not read at its source") and explain_mark("x") == "x"
    other = dict.fromkeys(("scope", "outcomes", "read_in", "withdrawn", "with_others"))
    assert list_row_symbols(SimpleNamespace(**other)) == []
    marked = {"scope": "responders", "read_in": "recalled", "withdrawn": "made up"}
    marked |= {"with_others": True, "superseded_by": "x", "design": "review", "mixed_with": "y"}
    assert list_row_symbols(SimpleNamespace(**marked)) == [*"+*†‡Σ°", "[withdrawn]"]
    assert list_row_symbols(SimpleNamespace(outcomes=[{"scope": "whole"}, {"scope": "other"}])) == [
        "*"
    ]


ANSWER: dict[str, Any] = {
    "study": "doe-2020",
    "question": "instead",
    "direction": "benefit",
    "versus": ["focal-radiotherapy"],
    "versus_words": "the rays",
    "randomized": True,
    "control": None,
    "with": [],
    "tests_are": None,
    "read_in": "abstract",
}


@pytest.mark.parametrize(
    ("more", "brief", "words"),
    [
        ({}, "▲ v focal radiotherapy", "▲ v focal-radiotherapy, randomised (doe-2020)"),
        ({"versus": []}, "▲ v the rays", "▲ v the rays, randomised (doe-2020)"),
        (
            {"versus": [], "versus_words": None, "randomized": False},
            "▲ v another treatment",
            "▲ v another treatment (doe-2020)",
        ),
        (
            {"question": "add", "direction": "worse", "control": "historical"},
            "▼ added",
            "▼ added, randomised, historical control (doe-2020)",
        ),
        (
            {"question": "versus-none", "direction": None, "read_in": "secondary"},
            " v none†",
            "v none, randomised (doe-2020†)",
        ),
        (
            {"with": ["a", "b"], "control": "between-studies", "randomized": False},
            "▲ v focal radiotherapy",
            "▲ v focal-radiotherapy, together with a + b, between studies (doe-2020)",
        ),
        (
            {"with": ["a"], "tests_are": "some"},
            "▲ v focal radiotherapy",
            "▲ v focal-radiotherapy, one of several with a, randomised (doe-2020)",
        ),
    ],
)
def test_an_answer_in_words(more: dict[str, Any], brief: str, words: str) -> None:
    assert write_brief_comparison_answer(ANSWER | more) == brief
    assert write_comparison_answer(ANSWER | more) == words


def test_a_table_tells_two_randomised_answers_and_counts_the_rest() -> None:
    answers = [ANSWER, {**ANSWER, "randomized": False}, {**ANSWER, "question": "add"}, ANSWER]
    row = treatment(answers=answers, benefit=2, unclear=1)
    said = ["RCT: ▲ v focal radiotherapy", "RCT: ▲ added", "… 1 more", "▲2 ?1"]
    assert write_randomised_answers_and_tally(row).split("\n") == said
    assert (
        write_randomised_answers_and_tally(treatment(answers=answers[:3])).split("\n") == said[:2]
    )
    assert write_randomised_answers_and_tally(treatment(answers=[])) == ""


HARM: dict[str, Any] = {
    "event": "headache",
    "grade": "3",
    "serious": False,
    "dose_limiting": False,
    "n": None,
    "total": None,
    "share": None,
    "of_cycles": False,
    "note": None,
    "read_in": "abstract",
}


@pytest.mark.parametrize(
    ("more", "words", "count"),
    [
        ({}, "headache", "told"),
        ({"n": 5, "total": 36}, "headache", "5 of 36"),
        ({"n": 5, "total": 36, "share": 14}, "headache", "5 of 36 (14%)"),
        ({"n": 5, "total": 36, "of_cycles": True}, "headache", "5 of 36 cycles"),
        ({"n": 5, "of_cycles": True}, "headache", "5 cycles"),
        ({"share": 14, "total": 36}, "headache", "14% of 36"),
        ({"n": 0, "with_others": True, "mixed_with": "x"}, "headache", "0+‡"),
        ({"superseded_by": "x", "read_in": "recalled"}, "headache", "told†°"),
        ({"serious": True, "dose_limiting": True}, "headache (serious, dose limiting)", "told"),
        ({"event": "any", "grade": "5"}, "treatment-related death", "told"),
        ({"event": "any"}, "any event", "told"),
        ({"event": "other", "note": "hiccups"}, "hiccups", "told"),
        ({"note": "hiccups"}, "headache", "told"),
    ],
)
def test_a_harm_in_words(more: dict[str, Any], words: str, count: str) -> None:
    assert write_harm_with_flags(HARM | more) == words
    assert write_marked_harm_count(HARM | more) == count
