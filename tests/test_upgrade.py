"""`lmtx fmt --upgrade`: what a rule can move is moved, and what only reading decides is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import tomli

from lmtx.curation.formatter import format_text
from lmtx.curation.upgrade import assign_routes, split_versus, upgrade_file, write_value
from lmtx.errors import DataError
from lmtx.model import schema
from lmtx.store.study_checks import study_faults
from support import Answer

Run = Callable[..., Answer]

OLD = """\
#:schema ../schema/study.schema.json

# by hand
[study]
id = "old-2020"
design = "retrospective-comparative"
lm_only = true
# why it was raised
level = "II"
level_reason = "it was thought good"
read_in = "abstract"

[[study.second_read]]
seen_at = "https://example.org/old"
figures = [
    { row = 1, endpoint = "overall-survival", value = 7.3 },
    { endpoint = "objective-response", value = 40 },
    { row = 1, endpoint = "progression-free-survival", value = 0.61 },
]

[[evidence]]
row = 1
treatments = ["intrathecal-chemotherapy-unspecified", "whole-brain-radiotherapy"]
tumors = ["breast"]
routes = ["intrathecal", "external-beam"]
# as the abstract has it
dose = "50 mg and 30 Gy"
n = 36
direction = "mixed"
summary = "It was added."

# the survival
[[evidence.outcome]]
endpoint = "overall-survival"
value = 7.3
unit = "months"
versus = "radiotherapy alone (4.0 months)"
p = "0.04"

# the ratio
[[evidence.outcome]]
endpoint = "progression-free-survival"
value = 0.61
unit = "HR"
ci = [0.38, 0.98]
versus = "radiotherapy alone"
group = "multivariable"

[[evidence]]
row = 2
treatments = ["methotrexate"]
tumors = ["breast"]
routes = ["intrathecal"]
dose = "12 mg"
n = 10
level = "V"
level_reason = "a series"
direction = "benefit"
summary = "Some."

[[evidence.outcome]]
endpoint = "objective-response"
value = 40
unit = "%"
p = "0.2"
scope = "comparator"
"""
NEW = """\
#:schema ../schema/study.schema.json

# by hand
[study]
# why it was raised
# schema 1: level = "II"
# schema 1: level_reason = "it was thought good"
id = "old-2020"
design = "retrospective-comparative"
lm_only = true
read_in = "abstract"

[[study.second_read]]
seen_at = "https://example.org/old"
figures = [
    { row = 1, endpoint = "overall-survival", value = 7.3, unit = "months" },
    { row = 2, endpoint = "objective-response", value = 40, unit = "%" },
    { comparison = 1, endpoint = "progression-free-survival", value = 0.61, unit = "HR" },
]

[[evidence]]
# as the abstract has it
# schema 1: dose = "50 mg and 30 Gy"
row = 1
tumors = ["breast"]
n = 36
direction = "mixed"
summary = "It was added."

[[evidence.given]]
treatment = "intrathecal-chemotherapy-unspecified"
role = "undecided"
routes = ["intrathecal"]

[[evidence.given]]
treatment = "whole-brain-radiotherapy"
role = "undecided"
routes = ["external-beam"]

# the survival
[[evidence.outcome]]
endpoint = "overall-survival"
value = 7.3
unit = "months"

[[evidence]]
# schema 1: level = "V"
# schema 1: level_reason = "a series"
row = 2
tumors = ["breast"]
n = 10
direction = "benefit"
summary = "Some."

[[evidence.given]]
treatment = "methotrexate"
role = "undecided"
routes = ["intrathecal"]
dose = "12 mg"

[[evidence.outcome]]
endpoint = "objective-response"
value = 40
unit = "%"
p = "0.2"
scope = "other"

[[comparison]]
comparison = 1
of = 1
against_group = "radiotherapy alone"
question = "undecided"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "p-only"
p = "0.04"
note = "the other side: 4.0 months"

# the ratio
[[comparison.effect]]
endpoint = "progression-free-survival"
unit = "HR"
value = 0.61
ci = [0.38, 0.98]
group = "multivariable"
"""


def test_a_study_of_schema_1_is_moved_with_every_figure_and_comment() -> None:
    made = upgrade_file(OLD, "studies/old-2020.toml")
    assert made is not None
    assert made.text == NEW
    assert format_text(made.text, "studies/old-2020.toml") == made.text
    assert upgrade_file(made.text, "studies/old-2020.toml") is None


def test_it_says_what_a_person_must_decide() -> None:
    made = upgrade_file(OLD, "studies/old-2020.toml")
    assert made is not None
    assert list(made.decisions) == [
        "row 1: what is tested, what is background: "
        "intrathecal-chemotherapy-unspecified, whole-brain-radiotherapy?",
        "row 1: which treatment has the dose '50 mg and 30 Gy'?",
        "comparison 1: which side does the overall-survival favour?",
        "row 2: what is tested, what is background: methotrexate?",
        "row 2: a level follows from the records; the override V is gone",
        "row 2: the objective-response of scope 'comparator' belongs to a row of its own",
        "comparison 1: what does row 1 against 'radiotherapy alone' ask, and what does it test?",
        "study: a level follows from the records; the override II is gone",
    ]


def test_what_is_undecided_is_all_that_validate_refuses() -> None:
    made = upgrade_file(OLD, "studies/old-2020.toml")
    assert made is not None
    file = schema.StudyFile.model_validate(tomli.loads(made.text))
    assert {fault.what for fault in study_faults(file)} == {
        "given intrathecal-chemotherapy-unspecified role: is undecided",
        "given whole-brain-radiotherapy role: is undecided",
        "given methotrexate role: is undecided",
        "question: is undecided",
        "overall-survival favours: missing",
    }


def test_a_confirmed_figure_that_is_nowhere_is_told() -> None:
    old = OLD.replace("value = 0.61 },", "value = 0.62 },")
    made = upgrade_file(old, "x.toml")
    assert made is not None
    assert "second_read: no figure of the record is the progression-free-survival 0.62" in (
        made.decisions
    )


def test_trials_and_the_header_are_moved() -> None:
    trial = '[[trial]]\nid = "NCT1"\ntreatments = ["a", "b"]\ntumors = ["breast"]\n'
    made = upgrade_file(trial, "trials.toml")
    assert made is not None
    assert made.text == (
        '[[trial]]\nid = "NCT1"\ntumors = ["breast"]\n\n'
        '[[trial.given]]\ntreatment = "a"\n\n[[trial.given]]\ntreatment = "b"\n'
    )
    assert made.decisions == ()
    header = upgrade_file('schema_version = 1\nversion = "2026.1.0"\n', "treatments.toml")
    assert header is not None
    assert header.text == 'schema_version = 2\nversion = "2026.1.0"\n'


def test_comparisons_that_are_there_keep_their_numbers() -> None:
    old = OLD + '\n[[comparison]]\ncomparison = 4\nof = 1\nagainst = 2\nquestion = "add"\n'
    made = upgrade_file(old, "x.toml")
    assert made is not None
    numbers = [one["comparison"] for one in tomli.loads(made.text)["comparison"]]
    assert numbers == [4, 5]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[study]\nid = "x"\n[[evidence]]\nrow = 1\ntreatments = ["a"]\noutcome = [{ value = 1 }]\n', 6, "outcome"),
        ('evidence = [{ row = 1, treatments = ["a"] }]\n', 1, "evidence"),
        ('trial = [{ id = "NCT1", treatments = ["a"] }]\n', 1, "trial"),
    ],
)  # fmt: skip
def test_tables_inside_a_value_are_not_moved_but_told(text: str, line: int, key: str) -> None:
    with pytest.raises(DataError) as caught:
        upgrade_file(text, "x.toml")
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("x.toml", line)
    assert problem.what.startswith(f"{key}: cannot be made schema 2")


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ('routes = ["intrathecal"]', "routes = 5", 53, "routes"),
        ('treatments = ["methotrexate"]', "treatments = [1]", 51, "treatments"),
        ('versus = "radiotherapy alone"\n', "versus = { a = 1 }\n", 46, "versus"),
        ('unit = "%"', 'unit = ["%"]', 64, "unit"),
        ("value = 0.61\n", "value = nan\n", 43, "value"),
        ("value = 40 },", 'value = "40" },', 15, "figures"),
    ],
)
def test_what_schema_1_never_held_is_told_at_its_line(
    old: str, new: str, line: int, key: str
) -> None:
    assert old in OLD
    with pytest.raises(DataError) as caught:
        upgrade_file(OLD.replace(old, new), "x.toml")
    [problem] = caught.value.problems
    assert (problem.line, problem.what) == (line, f"{key}: is not what schema 1 holds there")


@pytest.mark.parametrize(
    ("treatments", "routes", "found"),
    [
        (["a"], ["oral"], [["oral"]]),
        (["a"], ["oral", "intravenous"], [["oral", "intravenous"]]),
        (["a", "b"], ["oral"], [[], []]),
        (["whole-brain-radiotherapy", "a"], ["external-beam"], [["external-beam"], []]),
        (["whole-brain-radiotherapy", "a"], ["oral", "external-beam"], [["external-beam"], ["oral"]]),
        (["radiosurgery", "a", "b"], ["oral", "external-beam"], [["external-beam"], [], []]),
        (["intrathecal-chemotherapy-unspecified", "a"], ["intrathecal", "oral"], [["intrathecal"], ["oral"]]),
        (["intrathecal-chemotherapy-unspecified", "a"], [], [[], []]),
    ],
)  # fmt: skip
def test_a_route_goes_where_a_row_leaves_no_doubt(
    treatments: list[str], routes: list[str], found: list[list[str]]
) -> None:
    assert assign_routes(treatments, routes) == found


@pytest.mark.parametrize(
    ("versus", "group", "figure"),
    [
        ("radiotherapy (18.3 weeks)", "radiotherapy", "18.3 weeks"),
        ("radiotherapy (photons)", "radiotherapy (photons)", None),
        ("radiotherapy", "radiotherapy", None),
        ("(4 months)", "(4 months)", None),
    ],
)
def test_a_comparator_is_told_from_its_figure(versus: str, group: str, figure: str | None) -> None:
    assert split_versus(versus) == (group, figure)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('say "so"', '"say \\"so\\""'),
        (1, "1"),
        (0.61, "0.61"),
        (True, "true"),
        (["a", "b"], '["a", "b"]'),
        ([{"row": 1, "unit": "%"}], '[\n    { row = 1, unit = "%" },\n]'),
    ],
)
def test_values_are_written_as_toml(value: object, text: str) -> None:
    assert write_value(value) == text
    assert tomli.loads(f"x = {text}") == {"x": value}


def test_the_command_upgrades_and_says_what_is_left(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old-2020.toml"
    path.write_text(OLD, encoding="utf-8")
    plain = run("fmt", str(path))
    assert (plain.code, plain.out) == (3, "")
    assert f"{path}:23: old-2020: treatments: the file is written in schema 1" in plain.err
    assert f"lmtx fmt --upgrade {path}" in plain.err
    assert path.read_text(encoding="utf-8") == OLD
    checked = run("fmt", "--upgrade", "--check", str(path))
    assert (checked.code, checked.out) == (3, f"{path}\n")
    assert path.read_text(encoding="utf-8") == OLD
    answer = run("fmt", "--upgrade", str(path))
    assert (answer.code, answer.out) == (0, f"{path}\n")
    assert path.read_text(encoding="utf-8") == NEW
    assert f"{path}: row 2: what is tested, what is background: methotrexate?" in answer.err
    again = run("fmt", "--upgrade", str(path))
    assert (again.code, again.out) == (0, "")
