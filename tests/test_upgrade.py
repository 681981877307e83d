"""`lmtx fmt --upgrade`: what a rule can move is moved, and what only reading decides is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
import tomli

from lmtx.curation.formatter import format_data_file
from lmtx.curation.upgrade import assign_routes, split_versus, upgrade_file, write_toml_value
from lmtx.errors import DataError
from lmtx.model import schema
from lmtx.store.study_checks import study_faults
from support import Answer, check_each

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
# schema 1: scope = "comparator"
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
    assert format_data_file(made.text, "studies/old-2020.toml") == made.text
    assert upgrade_file(made.text, "studies/old-2020.toml") is None


def test_it_says_what_a_person_must_decide() -> None:
    made = upgrade_file(OLD, "studies/old-2020.toml")
    assert made is not None
    assert [tuple(decision) for decision in made.decisions] == [
        (4, "study: a level follows from the records; the override II is gone"),
        (
            21,
            "row 1: what is tested, what is background: "
            "intrathecal-chemotherapy-unspecified, whole-brain-radiotherapy? Were those tested "
            "given together, some to each patient, or in turn (given_as)?",
        ),
        (21, "row 1: which treatment has the dose '50 mg and 30 Gy'?"),
        (46, "row 2: what is tested, what is background: methotrexate?"),
        (46, "row 2: a level follows from the records; the override V is gone"),
        (46, "row 2: the objective-response of scope 'comparator' belongs to a row of its own"),
        (69, "comparison 1: which side does the overall-survival favour?"),
        (
            69,
            "comparison 1: 'radiotherapy alone' has a figure of its own (overall-survival 4.0 "
            "months): make it a row?",
        ),
        (
            69,
            "comparison 1: what does row 1 against 'radiotherapy alone' ask, and what does it "
            "test?",
        ),
    ]
    lines = made.text.split("\n")
    assert {lines[line - 1] for line, _ in made.decisions} == {
        "[study]",
        "[[evidence]]",
        "[[comparison]]",
    }


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
    assert (13, "second_read: no figure of the record is the progression-free-survival 0.62") in (
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


HEADS = """\
# a series
[study]
id = "old-2021"
design = "case-series"
lm_only = true
read_in = "full-text"
nct = ["NCT01234567"]

[[study.second_read]]
on = 2024-05-06
seen_at = "https://example.org/a"
figures = [{ endpoint = "overall-survival", value = 4.0 }]

[[evidence]]
row = 1
treatments = ["thiotepa"]
tumors = ["breast"]
n = 9
direction = "unclear"
summary = 'A "series".'

# as printed
[[evidence.outcome]]
endpoint = "overall-survival"
value = 4.0
unit = "months"

[[evidence.outcome]]
endpoint = "overall-survival"
value = 0.5
unit = "HR"
versus = "none"
"""
SPELLINGS = {
    "arrays of inline tables": """\
# a series
[study]
id = "old-2021"
design = "case-series"
lm_only = true
read_in = "full-text"
nct = ["NCT01234567"]
second_read = [{ on = 2024-05-06, seen_at = "https://example.org/a", figures = [
    { endpoint = "overall-survival", value = 4.0 },
] }]
[[evidence]]
row = 1
treatments = ["thiotepa"]
tumors = ["breast"]
n = 9
direction = "unclear"
summary = 'A "series".'
outcome = [
    # as printed
    { endpoint = "overall-survival", value = 4.0, unit = "months" },
    { endpoint = "overall-survival", value = 0.5, unit = "HR", versus = "none" },
]
""",
    "inline tables": """\
# a series
study = { id = "old-2021", design = "case-series", lm_only = true, read_in = "full-text", \
nct = ["NCT01234567"], second_read = [{ on = 2024-05-06, seen_at = "https://example.org/a", \
figures = [{ endpoint = "overall-survival", value = 4.0 }] }] }
# as printed
evidence = [{ row = 1, treatments = ["thiotepa"], tumors = ["breast"], n = 9, \
direction = "unclear", summary = 'A "series".', outcome = [ \
{ endpoint = "overall-survival", value = 4.0, unit = "months" }, \
{ endpoint = "overall-survival", value = 0.5, unit = "HR", versus = "none" }] }]
""".replace("\\\n", ""),
    "dotted keys and quotes": """\
# a series
study.id = "old-2021"
study."design" = "case-series"
study.lm_only = true
study.read_in = "full-text"
study.nct = ["NCT01234567"]
[[study.second_read]]
on = 2024-05-06
"seen_at" = "https://example.org/a"
[[study.second_read.figures]]
endpoint = "overall-survival"
value = 4.0
[[ "evidence" ]]
row = 1
'treatments' = ["thiotepa"]
tumors = ["breast"]
n = 9
direction = "unclear"
summary = 'A "series".'
# as printed
[[evidence . outcome]]
endpoint = "overall-survival"
value = 4.0
unit = "months"
[[evidence.outcome]]
endpoint = "overall-survival"
value = 0.5
unit = "HR"
versus = "none"
""",
    "a table after what belongs to it": """\
# a series
[[study.second_read]]
on = 2024-05-06
seen_at = "https://example.org/a"
figures = [{ endpoint = "overall-survival", value = 4.0 }]
[study]
id = "old-2021"
design = "case-series"
lm_only = true
read_in = "full-text"
nct = ["NCT01234567"]
[[evidence]]
row = 1
treatments = ["thiotepa"]
tumors = ["breast"]
n = 9
direction = "unclear"
summary = 'A "series".'
# as printed
[[evidence.outcome]]
endpoint = "overall-survival"
value = 4.0
unit = "months"
[[evidence.outcome]]
endpoint = "overall-survival"
value = 0.5
unit = "HR"
versus = "none"
""",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_of_a_file_is_moved_to_the_same_records(spelling: str) -> None:
    assert tomli.loads(SPELLINGS[spelling]) == tomli.loads(HEADS)
    plain = upgrade_file(HEADS, "old-2021.toml")
    made = upgrade_file(SPELLINGS[spelling], "old-2021.toml")
    assert plain is not None
    assert made is not None
    assert tomli.loads(made.text) == tomli.loads(plain.text)
    assert format_data_file(made.text, "old-2021.toml") == made.text
    assert {"# a series", "# as printed"} <= set(made.text.split("\n"))
    assert [what for _, what in made.decisions] == [what for _, what in plain.decisions]


def test_a_value_that_is_named_like_a_table_is_none() -> None:
    csf = '\n[[treatment]]\nid = "x"\nextend = true\n\n[[treatment.csf]]\nstudy = "old-2020"\n'
    made = upgrade_file(OLD + csf, "own.toml")
    assert made is not None
    assert made.text == NEW + csf


TIMES = ("months", "weeks", "days")
RATIOS = ("HR", "OR")
WORDS = ("whole cohort", "radiotherapy alone", "radiotherapy (4.1 months)", 'a # "sign"', "é 'x'")


def draw_outcome(random: Random) -> dict[str, Any]:
    """Return a figure of schema 1, of any kind that it held."""
    unit = random.choice((*TIMES, "%", "patients", *RATIOS))
    endpoint = {"%": "objective-response", "patients": "dose-limiting-toxicity"}.get(
        unit, random.choice(("overall-survival", "progression-free-survival"))
    )
    outcome: dict[str, Any] = {"endpoint": endpoint, "unit": unit}
    if unit in TIMES and random.random() < 0.3:
        outcome |= random.choice(
            ({"value": "not reached"}, {"ci": [7.5], "ci_upper": "NR"}, {"group": "not reached"})
        )
    else:
        outcome["value"] = random.choice((random.randint(1, 90), random.randint(1, 900) / 10))
    optional = {
        "ci_level": 90, "events": random.randint(0, 9), "total": random.randint(10, 99),
        "at": "6 months", "p": "<0.01", "assessed_by": "cytology", "as_printed": True,
        "versus": random.choice(WORDS), "group": random.choice(WORDS), "ci": [0.5, 99.5],
        "scope": random.choice(
            ("whole", "subgroup", "responders", "any-treatment", "comparator", "not-median")
        ),
    }  # fmt: skip
    for key, value in optional.items():
        if random.random() < 0.35:
            outcome.setdefault(key, value)
    return outcome


def draw_file(random: Random) -> dict[str, Any]:
    """Return a study of schema 1 with second readings, groups of several treatments, ratios."""
    rows = []
    for number in range(1, random.randint(2, 5)):
        treatments = random.sample(
            ("thiotepa", "methotrexate", "osimertinib", "whole-brain-radiotherapy"),
            random.randint(1, 3),
        )
        row = {
            "row": number,
            "treatments": treatments,
            "tumors": ["breast"],
            "direction": random.choice(("benefit", "no-benefit", "mixed", "unclear")),
            "summary": random.choice(WORDS),
        }
        optional = {
            "n": random.randint(1, 99), "mixed_with": "lymphoma", "dose": "12 mg",
            "routes": random.sample(("intrathecal", "oral", "external-beam"), 2),
            "level": "V", "level_reason": "few", "biomarkers": ["her2"], "safety": "none",
        }  # fmt: skip
        row |= {key: value for key, value in optional.items() if random.random() < 0.4}
        row["outcome"] = [draw_outcome(random) for _ in range(random.randint(0, 4))]
        rows.append({key: value for key, value in row.items() if value != []})
    figures = [
        {"row": row["row"], "endpoint": outcome["endpoint"], "value": outcome["value"]}
        for row in rows
        for outcome in row.get("outcome", ())
        if "value" in outcome and random.random() < 0.5
    ]
    reading = {"on": date(2024, 5, 6), "seen_at": "https://example.org/a", "n": True}
    study = {
        "id": "drawn",
        "design": "retrospective-cohort",
        "lm_only": True,
        "read_in": "abstract",
        "note": random.choice(WORDS),
        "second_read": [reading | ({"figures": figures} if figures else {})],
    }
    if random.random() < 0.3:
        study |= {"level": "II", "level_reason": "thought good"}
    return {"study": study, "evidence": rows}


def spell_value(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {spell_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(spell_value, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def spell_table(path: str, table: dict[str, Any], random: Random) -> str:
    """Write a table as TOML, each list of tables either with headers or inside its value."""
    lines, below = [], []
    for key, value in table.items():
        many = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
        if (many or isinstance(value, dict)) and random.random() < 0.7:
            name = f"{path}.{key}" if path else key
            header = f"[[{name}]]" if many else f"[{name}]"
            for item in value if many else [value]:
                below.append(f"# here {len(below)}\n{header}\n{spell_table(name, item, random)}")
        else:
            lines.append(f"{key} = {spell_value(value)}  # of {key}\n")
    return "".join([*lines, *below])


def leaves(value: Any) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from leaves(item)
        else:
            yield item


def carried(key: str, value: Any, told: dict[str, Any], text: str) -> bool:
    """Tell whether a key of an outcome stands in what became of it, or in a comment."""
    if told.get(key) == value or f"# schema 1: {key} = {spell_value(value)}" in text:
        return True
    return key == "value" and value == "not reached" and told.get("not_reached") is True


def test_nothing_of_a_drawn_file_is_lost() -> None:
    check_each(check_drawn_file, map(str, range(150)))


def check_drawn_file(seed: str) -> None:
    """Draw a file of schema 1 and hold what it becomes against it."""
    random = Random(int(seed))
    old = draw_file(random)
    spelled = spell_table("", old, random)
    assert tomli.loads(spelled) == old
    made = upgrade_file(spelled, "drawn.toml")
    assert made is not None
    assert format_data_file(made.text, "drawn.toml") == made.text
    new = tomli.loads(made.text)
    schema.StudyFile.model_validate(new)
    effects = [
        (comparison["of"], comparison["against_group"], effect)
        for comparison in new.get("comparison", ())
        for effect in comparison["effect"]
    ]
    for before, after in zip(old["evidence"], new["evidence"], strict=True):
        assert [given["treatment"] for given in after["given"]] == before["treatments"]
        routes = {route for given in after["given"] for route in given.get("routes", ())}
        untold = set(before.get("routes", ())) - routes
        assert not untold or f"# schema 1: routes = {spell_value(before['routes'])}" in made.text
        left = list(after.get("outcome", ()))
        for outcome in before.get("outcome", ()):
            versus, keys = (
                outcome.get("versus"),
                {k: v for k, v in outcome.items() if k != "versus"},
            )
            of = [
                effect
                for row, group, effect in effects
                if row == before["row"] and (versus is None or versus.startswith(group))
            ]
            if outcome["unit"] in RATIOS:
                assert any(
                    all(carried(k, v, effect, made.text) for k, v in keys.items()) for effect in of
                )
                continue
            told = left.pop(0)  # in their order
            p = keys.pop("p", None)
            assert all(carried(k, v, told, made.text) for k, v in keys.items())
            assert versus is None or any(e["endpoint"] == keys["endpoint"] for e in of)
            assert p is None or told.get("p") == p or any(e.get("p") == p for e in of)
        assert not left
    words = set(map(str, leaves(new)))
    for word in map(str, leaves(old)):  # all the rest: dates, notes, levels, doses
        figure = word.partition(" (")[0]
        assert word in words or word in made.text or figure in words or word == "not reached"
    faults = study_faults(schema.StudyFile.model_validate(new))
    assert not [fault.what for fault in faults if "second_read" in fault.location]
    for reading in new["study"]["second_read"]:
        assert len(reading.get("figures", ())) == len(
            old["study"]["second_read"][0].get("figures", ())
        )
    assert all(0 < line <= made.text.count("\n") for line, _ in made.decisions)


@pytest.mark.parametrize(
    ("figure", "moved", "asked"),
    [
        ('ci = [18]\nci_upper = "not reached"\n', True, "ci_upper 'not reached'"),
        ('ci = [18]\nci_upper = "NR"\n', True, "ci_upper 'NR'"),
        ('group = "median not yet reached"\n', True, "group 'median not yet reached'"),
        ('value = "not reached"\n', True, None),
        ('value = "NR"\nci = [18]\nci_upper = "NE"\n', True, None),
        ('value = 18\ngroup = "lower bound; median not reached"\n', False, "a figure here?"),
        ('value = 18\nci = [9]\nci_upper = "not reached"\n', False, None),
        ("ci = [9, 21]\n", False, "has no value: which is it?"),
    ],
)
def test_a_median_not_reached_is_a_record_or_is_asked(
    figure: str, moved: bool, asked: str | None
) -> None:
    old = HEADS.replace("value = 4.0\nunit", f"{figure}unit")
    made = upgrade_file(old, "old-2021.toml")
    assert made is not None
    outcome = tomli.loads(made.text)["evidence"][0]["outcome"][0]
    assert outcome.get("not_reached", False) is moved
    assert ("value" in outcome) is ("value = 18" in figure)
    said = [what for _, what in made.decisions if "overall-survival" in what and "row 1" in what]
    assert any(asked in what for what in said) if asked else not said


def test_a_median_not_reached_in_words_alone_is_asked() -> None:
    for old in (
        HEADS.replace('A "series".', "Median overall survival was not reached."),
        HEADS.replace("n = 9\n", 'n = 9\nsetting = "median PFS not reached"\n'),
    ):
        made = upgrade_file(old, "old-2021.toml")
        assert made is not None
        assert any("says that a median was not reached" in what for _, what in made.decisions)
    other = HEADS.replace('unit = "months"', 'unit = "months"\nversus = "none (not reached)"')
    made = upgrade_file(other, "old-2021.toml")
    assert made is not None
    assert tomli.loads(made.text)["comparison"][0]["effect"][0]["note"] == (
        "the other side: not reached"
    )


def test_a_pooled_row_counts_its_patients_as_pooled() -> None:
    made = upgrade_file(HEADS.replace("n = 9\n", 'n = 9\nmixed_with = "lymphoma"\n'), "x.toml")
    assert made is not None
    row = tomli.loads(made.text)["evidence"][0]
    assert (row.get("n"), row["n_pooled"]) == (None, 9)
    assert "row 1: how many of the 9 have LM of a solid tumor (n)?" in (
        [what for _, what in made.decisions]
    )


def test_a_ratio_of_a_part_is_asked_of_whom_it_is() -> None:
    made = upgrade_file(HEADS.replace('"HR"', '"HR"\nscope = "subgroup"\nevents = 3'), "x.toml")
    assert made is not None
    assert '# schema 1: scope = "subgroup"\n' in made.text
    assert "# schema 1: events = 3\n" in made.text
    asked = (
        "comparison 1: the overall-survival HR is of scope 'subgroup': of which patients (group)?"
    )
    assert asked in [what for _, what in made.decisions]


def test_no_benefit_of_schema_1_is_asked() -> None:
    made = upgrade_file(HEADS.replace('"unclear"', '"no-benefit"'), "x.toml")
    assert made is not None
    assert any("no word for worse" in what for _, what in made.decisions)


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
        ("radiotherapy (not reached)", "radiotherapy", "not reached"),
        ("radiotherapy (NR)", "radiotherapy", "NR"),
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
    assert write_toml_value(value) == text
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
    assert f"{path}:46: row 2: what is tested, what is background: methotrexate?" in answer.err
    again = run("fmt", "--upgrade", str(path))
    assert (again.code, again.out) == (0, "")
