"""What the records of one study must say of each other: every rule has a case that breaks it, and
one that keeps it."""

from __future__ import annotations

from datetime import date

import pytest
import tomli
from pydantic import TypeAdapter, ValidationError

from lmtx.curation import todo
from lmtx.model import schema
from lmtx.model import vocabulary as words
from lmtx.store.study_checks import (
    find_equivalent_endpoint,
    is_share_of,
    list_tested_treatments,
    study_faults,
)

STUDY = """\
[study]
id = "one"
first_author = "One A"
design = "randomized"
lm_only = true
read_in = "abstract"
SECOND_READ

[[evidence]]
row = 1
tumors = ["breast"]
n = 36
direction = "mixed"
summary = "With it."

[[evidence.given]]
treatment = "added"
role = "tested"
routes = ["intrathecal"]

[[evidence.given]]
treatment = "care"
role = "background"

[[evidence.outcome]]
endpoint = "overall-survival"
value = 7.3
unit = "months"
ci = [3.9, 9.6]
time_zero = "randomization"

[[evidence.outcome]]
endpoint = "objective-response"
value = 50
unit = "%"
events = 18
total = 36

[[evidence]]
row = 2
tumors = ["breast"]
n = 37
summary = "Without it."

[[evidence.given]]
treatment = "care"
role = "background"

[[comparison]]
comparison = 1
of = 1
against = 2
tests = ["added"]
question = "add"
randomized = true
direction = "mixed"

[[comparison.effect]]
endpoint = "progression-free-survival"
unit = "HR"
value = 0.61
ci = [0.38, 0.98]
p = "0.04"
favours = "of"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "difference"
of_unit = "months"
value = -1.5
ci = [-4, 2]
favours = "neither"

[[adverse]]
row = 1
treatment = "added"
event = "chemical-meningitis"
grade = "3+"
n = 5
total = 36
"""


def faults(*changes: tuple[str, str], second_read: str = "") -> list[tuple[str, str]]:
    """Return key and message of every fault of the study after the changes, each of which is made
    once."""
    text = STUDY.replace("SECOND_READ", second_read)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = schema.StudyFile.model_validate(tomli.loads(text))
    found = study_faults(file, today=date(2026, 6, 1))
    return [(str(fault.location[-1]), fault.what) for fault in found]


def test_a_sound_study_has_no_fault() -> None:
    assert faults() == []


ROW_1, ROW_2 = 'summary = "With it."', 'summary = "Without it."'
TESTED = 'treatment = "added"\nrole = "tested"'
EFFECT = 'unit = "HR"\nvalue = 0.61\nci = [0.38, 0.98]\np = "0.04"\nfavours = "of"'


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        # roles and direction
        ([(TESTED, 'treatment = "added"\nrole = "undecided"')], "role"),
        ([('direction = "mixed"\nsummary', "summary")], "direction"),
        ([(ROW_2, 'direction = "unclear"\n' + ROW_2)], "direction"),
        ([('role = "background"', 'role = "background"\ndirection = "mixed"')], "direction"),
        ([(TESTED, TESTED + '\ndirection = "mixed"')], "direction"),
        # where something compares it speaks
        ([('direction = "mixed"\nsummary', 'direction = "benefit"\nsummary')], "direction"),
        ([(TESTED, TESTED + '\ndirection = "benefit"')], "direction"),
        # one patient
        ([("ci = [3.9, 9.6]", "ci = [3.9, 9.6]\ntotal = 1")], "ci"),
        # several treatments
        ([('role = "background"', 'role = "tested"')], "given_as"),
        ([(ROW_1, 'given_as = "together"\n' + ROW_1)], "given_as"),
        ([('treatment = "care"', 'treatment = "added"\nroutes = ["intrathecal"]')], "given"),
        # numbers
        ([(TESTED, TESTED + "\nn = 37")], "n"),
        ([(TESTED, TESTED + "\nn = 6\nn_unknown = true")], "n_unknown"),
        ([("n = 36\n", "n = 36\ntumor_n = [20, 16]\n")], "tumor_n"),
        ([("n = 36\n", "n = 36\ntumor_n = [40]\n")], "tumor_n"),
        ([('row = 1\ntreatment = "added"\nevent', 'treatment = "added"\nevent')], "row"),
        ([("n = 36\n", "n = 36\nn_pooled = 40\n")], "n_pooled"),
        ([("n = 36\n", 'n = 36\nn_pooled = 30\nmixed_with = "lymphoma"\n')], "n_pooled"),
        ([("n = 36\n", "n = 36\nstudies = 4\n")], "studies"),
        ([("n = 36\n", 'n = 36\ndesign = "randomized"\n')], "design"),
        ([("row = 2", "row = 1"), ("against = 2", "against_group = 'x'")], "row"),
        ([(ROW_2, "within = 2\n" + ROW_2)], "within"),
        ([(ROW_2, "within = 1\n" + ROW_2), (ROW_1, "within = 2\n" + ROW_1)], "within"),
        ([("n = 36\n", "n = 36\nstands = true\n")], "stands"),
        # figures of a group
        ([("value = 7.3\n", "")], "value"),
        ([("value = 7.3\n", "value = 7.3\nnot_reached = true\n")], "value"),
        ([("value = 50\n", "not_reached = true\n"), ("events = 18\n", "")], "not_reached"),
        ([("value = 7.3", "value = 0"), ("ci = [3.9, 9.6]\n", "")], "value"),
        ([("value = 7.3", "value = 241"), ("ci = [3.9, 9.6]\n", "")], "value"),
        ([("value = 50", "value = 150"), ("events = 18\n", "")], "value"),
        ([("ci = [3.9, 9.6]", "ci = [9.6, 3.9]")], "ci"),
        ([("ci = [3.9, 9.6]", "ci = [7.4, 9.6]")], "ci"),
        ([("ci = [3.9, 9.6]", "ci = [3.9, 7.2]")], "ci"),
        ([("ci = [3.9, 9.6]", "ci = [3.9]")], "ci"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\nci_upper = "not reached"')], "ci"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9]\nci_upper = "5"')], "ci_upper"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9]\nci_upper = "12 or so; OS 99"')], "ci_upper"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "0.03; OS 99 months"')], "p"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "1.2"')], "p"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\ngroup = "a | OS 88 months"')], "group"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\nat = "6 months | ORR 5%"')], "at"),
        ([('routes = ["intrathecal"]', 'dose = "1 mg | treatment=x"')], "dose"),
        ([("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "٠.٠٣"')], "p"),
        ([("total = 36", "total = 36\nci = [20, 101]")], "ci"),
        ([("total = 36", "total = 37")], "total"),
        ([("events = 18", "events = 37")], "events"),
        ([("events = 18", "events = 17")], "events"),
        ([('value = 50\nunit = "%"', 'value = 17\nunit = "patients"')], "events"),
        ([('value = 50\nunit = "%"', 'value = 37\nunit = "patients"')], "value"),
        ([('value = 50\nunit = "%"', 'value = 1.5\nunit = "patients"')], "value"),
        ([("total = 36", 'total = 36\ntime_zero = "other"')], "time_zero"),
        ([("total = 36", 'total = 36\nread_in = "secondary"')], "seen_at"),
        ([("total = 36", 'total = 36\nseen_at = "https://example.org/x"')], "seen_at"),
        # sides of a comparison
        ([("of = 1\n", "")], "of"),
        ([("of = 1\n", 'of = 1\nof_group = "those with it"\n')], "of"),
        ([("against = 2", "against = 3")], "against"),
        ([("against = 2", "against = 1")], "against"),
        ([("of = 1\n", "of = 1\nof_n = 37\n")], "of_n"),
        ([("of = 1\n", "of = 1\nof_n = 36\n")], "of_n"),
        ([("of = 1\nagainst = 2", 'of_group = "a"\nagainst_group = "b"')], "in"),
        ([("of = 1\nagainst = 2", 'of_group = "a"\nagainst_group = "b"\nin = 5')], "in"),
        # what it tests
        ([('tests = ["added"]\n', "")], "tests"),
        ([('tests = ["added"]', 'tests = ["never-given"]')], "tests"),
        ([('tests = ["added"]', 'tests = ["care"]')], "tests"),
        ([('tests = ["added"]', 'tests = ["added", "added"]\ntests_are = "together"')], "tests"),
        ([('question = "add"', 'question = "prognosis"')], "tests"),
        ([('question = "add"', 'question = "undecided"')], "question"),
        ([('question = "add"', 'question = "add"\ntests_are = "some"')], "tests_are"),
        ([('question = "add"', 'question = "instead"\nagainst_tests = ["care"]')], "against_tests"),
        ([('randomized = true\ndirection = "mixed"', "randomized = true")], "direction"),
        ([("randomized = true", 'randomized = true\ncontrol = "historical"')], "control"),
        ([('treatment = "care"\nrole = "background"\n\n[[comp', TESTED + "\n\n[[comp")], "tests"),
        # effects
        ([(EFFECT, 'event = "rash"\n' + EFFECT)], "endpoint"),
        ([("value = 0.61\nci = [0.38, 0.98]\n", "")], "value"),
        ([(EFFECT, 'unit = "p-only"\nvalue = 0.61\np = "0.04"\nfavours = "of"')], "value"),
        ([(EFFECT, 'unit = "p-only"\nfavours = "of"')], "p"),
        ([(EFFECT, 'unit = "none"\np = "0.04"\nfavours = "of"')], "unit"),
        ([(EFFECT, 'unit = "none"')], "favours"),
        ([(EFFECT, 'unit = "none"\nci = [0.1, 0.2]\nfavours = "of"')], "ci"),
        ([('of_unit = "months"\n', "")], "of_unit"),
        ([('unit = "HR"', 'unit = "HR"\nof_unit = "months"')], "of_unit"),
        ([("value = 0.61\nci = [0.38, 0.98]", "value = 0")], "value"),
        ([("ci = [0.38, 0.98]", "ci = [-0.38, 0.98]")], "ci"),
        ([("value = 0.61", "value = 0.99")], "ci"),
        ([('p = "0.04"\nfavours = "of"', 'favours = "against"')], "favours"),
        ([('p = "0.04"', "inverted = true")], "inverted"),
        ([("value = -1.5", "value = -1.5\ninverted = true")], "inverted"),
        # harm
        ([('row = 1\ntreatment = "added"\nevent', "row = 4\nevent")], "row"),
        ([('treatment = "added"\nevent', 'treatment = "never-given"\nevent')], "treatment"),
        ([("n = 5\ntotal = 36", "n = 37\ntotal = 36")], "n"),
        ([("n = 5\ntotal = 36", "n = 5\ntotal = 36\nvalue = 20")], "value"),
        ([("n = 5\ntotal = 36", "value = 120")], "value"),
        ([('event = "chemical-meningitis"', 'event = "other"')], "note"),
        (
            [
                ("objective-response", "grade-3-plus-adverse-events"),
                ("chemical-meningitis", "any"),
            ],
            "event",
        ),
    ],
)
def test_what_breaks_a_rule_is_told_at_its_key(changes: list[tuple[str, str]], key: str) -> None:
    assert key in {found for found, _ in faults(*changes)}


@pytest.mark.parametrize(
    "changes",
    [
        # a treatment that a part had, and one that nobody counted
        [(TESTED, TESTED + "\nn = 6")],
        [(TESTED, TESTED + "\nn_unknown = true")],
        # several tested ones
        [('role = "background"', 'role = "tested"'), (ROW_1, 'given_as = "in-turn"\n' + ROW_1)],
        # the same drug by two routes is two entries
        [('treatment = "care"', 'treatment = "added"\nroutes = ["intravenous"]')],
        # supportive care
        [
            (
                '[[evidence.given]]\ntreatment = "care"\nrole = "background"\n\n[[comparison]]',
                "[[comparison]]",
            )
        ],
        # a median that was not reached, and an upper bound that was not
        [("value = 7.3\n", "not_reached = true\n"), ("ci = [3.9, 9.6]\n", "")],
        [("ci = [3.9, 9.6]", 'ci = [3.9]\nci_upper = ">24"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9]\nci_upper = "24+"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "<.0001"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "0·03"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "< 2.1×10⁻⁹"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9, 9.6]\np = "not significant"')],
        [("ci = [3.9, 9.6]", 'ci = [3.9]\nci_upper = "not reached"')],
        # as printed
        [("ci = [3.9, 9.6]", "ci = [7.4, 9.6]\nas_printed = true")],
        [("events = 18", "events = 17\nas_printed = true")],
        # a figure read elsewhere, and one from memory
        [("total = 36", 'total = 36\nread_in = "secondary"\nseen_at = "https://example.org/x"')],
        [("total = 36", 'total = 36\nread_in = "recalled"')],
        # groups in words
        [("of = 1\nagainst = 2", 'of_group = "a"\nof_n = 3\nagainst_group = "b"\nin = 1')],
        [("against = 2", 'against_group = "care"\nagainst_n = 9\nagainst_tests = ["care"]')],
        [("of = 1\n", "of = 1\nof_n = 30\n")],
        # a prognosis, with no treatment and no direction
        [
            ('tests = ["added"]\nquestion = "add"', 'question = "prognosis"'),
            ('randomized = true\ndirection = "mixed"\n', ""),
        ],
        # the same treatment on both sides, in another dose
        [
            ('treatment = "care"\nrole = "background"\n\n[[comp', TESTED + "\n\n[[comp"),
            (ROW_2, 'direction = "mixed"\n' + ROW_2),
            ('question = "add"', 'question = "dose"'),
        ],
        # a part of the other side had it too
        [
            (
                'treatment = "care"\nrole = "background"\n\n[[comp',
                'treatment = "added"\nrole = "background"\nn = 2\n\n[[comp',
            )
        ],
        # findings without a number, a p value alone, a printed ratio of the other side
        [(EFFECT, 'unit = "none"\nfavours = "neither"')],
        [(EFFECT, 'unit = "p-only"\np = "<0.001"\nfavours = "against"')],
        [("value = 0.61\nci = [0.38, 0.98]", "value = 1.64\ninverted = true")],
        [("value = 0.61\nci = [0.38, 0.98]", "value = 1.64\nas_printed = true")],
        [
            (
                'value = 0.61\nci = [0.38, 0.98]\np = "0.04"\nfavours = "of"',
                'value = 1.6\nfavours = "against"',
            )
        ],
        [
            (
                'value = 0.61\nci = [0.38, 0.98]\np = "0.04"\nfavours = "of"',
                'value = 1.6\nfavours = "neither"',
            )
        ],
        # more responses are better, more harm is worse
        [
            (
                'endpoint = "progression-free-survival"\nunit = "HR"\nvalue = 0.61\nci = [0.38, '
                "0.98]",
                'endpoint = "objective-response"\nunit = "OR"\nvalue = 2.1',
            )
        ],
        [('endpoint = "progression-free-survival"', 'event = "rash"')],
        # harm: none, of cycles, without a number, without a row
        [("n = 5\ntotal = 36", "n = 0\ntotal = 36\nvalue = 0")],
        [("n = 5\ntotal = 36", "value = 4\nof_cycles = true")],
        [("n = 5\ntotal = 36", "")],
    ],
)
def test_what_a_record_may_say(changes: list[tuple[str, str]]) -> None:
    assert faults(*changes) == []


@pytest.mark.parametrize(
    ("figure", "is_held"),
    [
        ('row = 1, endpoint = "overall-survival", value = 7.3, unit = "months"', True),
        ('row = 1, endpoint = "overall-survival", value = 7.4, unit = "months"', False),
        ('row = 1, endpoint = "overall-survival", value = 7.3, unit = "weeks"', False),
        ('row = 2, endpoint = "overall-survival", value = 7.3, unit = "months"', False),
        ('endpoint = "overall-survival", value = 7.3, unit = "months"', False),
        ('comparison = 1, endpoint = "progression-free-survival", value = 0.61, unit = "HR"', True),
        ('comparison = 1, endpoint = "progression-free-survival", p = "0.04", unit = "HR"', True),
        ('comparison = 1, endpoint = "progression-free-survival", p = "0.05", unit = "HR"', False),
        (
            'comparison = 2, endpoint = "progression-free-survival", value = 0.61, unit = "HR"',
            False,
        ),
        ('comparison = 1, endpoint = "overall-survival", value = -1.5, unit = "difference"', True),
        ('row = 1, event = "chemical-meningitis", value = 5, unit = "patients"', True),
        (
            'row = 1, event = "chemical-meningitis", grade = "4", value = 5, unit = "patients"',
            False,
        ),
        ('row = 1, event = "chemical-meningitis", value = 5, unit = "%"', False),
        ('row = 1, value = 7.3, unit = "months"', False),
    ],
)
def test_a_second_reading_confirms_what_the_record_holds(figure: str, is_held: bool) -> None:
    reading = (
        f'[[study.second_read]]\nseen_at = "https://example.org/x"\nfigures = [{{ {figure} }}]'
    )
    found = faults(second_read=reading)
    assert (found == []) is is_held
    assert all(what.startswith("second_read: no such figure: ") for _, what in found)


def test_a_second_reading_signs_comparisons_that_are_there() -> None:
    reading = '[[study.second_read]]\nseen_at = "https://example.org/x"\ncomparisons = [{}]'
    assert faults(second_read=reading.format(1)) == []
    assert [what for _, what in faults(second_read=reading.format(9))] == [
        "second_read: no such comparison: 9"
    ]


def test_a_reading_in_the_future_is_a_fault() -> None:
    reading = '[[study.second_read]]\non = {}\nseen_at = "https://example.org/x"'
    assert faults(second_read=reading.format("2026-06-01")) == []
    assert [key for key, _ in faults(second_read=reading.format("2026-06-02"))] == ["second_read"]


def test_a_word_of_a_paper_leads_to_the_word_of_the_list() -> None:
    with pytest.raises(ValueError, match="did you mean 'chemical-meningitis'"):
        faults(('event = "chemical-meningitis"', 'event = "aseptic meningitis"'))


@pytest.mark.parametrize(
    ("events", "total", "percent", "fits"),
    [
        (1, 3, 33, True),
        (1, 3, 33.3, True),
        (1, 3, 33.33, True),
        (1, 3, 33.5, False),
        (2, 3, 66, True),
        (2, 3, 65, False),
        (0, 0, 0, False),
    ],
)
def test_a_share_fits_its_counts_to_the_precision_it_is_written_with(
    events: int, total: int, percent: float, fits: bool
) -> None:
    assert is_share_of(events, total, percent) is fits


def test_a_treatment_by_two_routes_is_one_treatment() -> None:
    row = schema.Evidence.model_validate(
        {
            "row": 1,
            "tumors": ["breast"],
            "summary": "x",
            "given": [
                {"treatment": "a", "role": "tested", "routes": ["oral"]},
                {"treatment": "a", "role": "tested", "routes": ["intravenous"]},
                {"treatment": "b", "role": "background"},
            ],
        }
    )
    assert list_tested_treatments(row) == ("a",)


@pytest.mark.parametrize(
    ("fields", "endpoint"),
    [
        ({"event": "any", "grade": "3+"}, "grade-3-plus-adverse-events"),
        ({"event": "any", "grade": "5"}, "treatment-related-death"),
        ({"event": "any", "dose_limiting": True}, "dose-limiting-toxicity"),
        ({"event": "any", "grade": "3+", "group": "those on steroids"}, None),
        ({"event": "any", "grade": "3+", "serious": True}, None),
        ({"event": "any", "grade": "any"}, None),
        ({"event": "rash", "grade": "3+"}, None),
    ],
)
def test_no_event_is_entered_twice(fields: dict[str, object], endpoint: str | None) -> None:
    assert find_equivalent_endpoint(schema.Adverse.model_validate(fields)) == endpoint


def test_every_endpoint_has_a_kind() -> None:
    assert set(words.KIND_OF_ENDPOINT.values()) == set(words.ENDPOINT_KINDS)


def test_no_name_of_an_adverse_event_leads_to_two() -> None:
    names: dict[str, str] = {}
    for event, term in words.ADVERSE_EVENTS.items():
        for name in (event, term.label, *term.aliases):
            assert names.setdefault(name.lower().replace("-", " "), event) == event, name


TIME = 'value = 7.3\nunit = "months"\nci = [3.9, 9.6]'
RATIO = 'value = 0.61\nci = [0.38, 0.98]\np = "0.04"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TIME, 'value = 7.3\nunit = "months"\nci = [-3, 26]'),
        (TIME, 'value = 7.3\nunit = "months"\nci = [3.9, 1e308]'),
        (TIME, 'value = 1e308\nunit = "months"'),
        (RATIO, "value = 0.61\nci = [0, 250]"),
        (RATIO, "value = 0.61\nci = [0.38, 1e308]"),
        (
            'value = 50\nunit = "%"\nevents = 18\ntotal = 36',
            'value = 50\nunit = "%"\nci = [20, 130]',
        ),
    ],
)
def test_an_interval_that_cannot_be_is_refused(old: str, new: str) -> None:
    assert [key for key, _ in faults((old, new))][:1] in (["ci"], ["value"])


@pytest.mark.parametrize(
    "line",
    [
        'pmid = "\N{FULLWIDTH DIGIT THREE}5802849"',
        'pmid = "1\N{ARABIC-INDIC DIGIT THREE}"',
        'doi = "10.1200/JCO.22.01148."',
        'doi = "10.1200/JCO.22.01148,"',
        'nct = ["NCT0434357\N{FULLWIDTH DIGIT THREE}"]',
    ],
)
def test_a_number_in_other_digits_or_with_a_full_stop_is_refused(line: str) -> None:
    """It would not meet the same number of another record, and the patients would count twice."""
    with pytest.raises(ValueError, match="pattern"):
        schema.StudyFile.model_validate(tomli.loads(STUDY.replace("SECOND_READ", line)))


def doubts(old: str, new: str) -> list[str]:
    """Return what is doubted of the figures of the study after a change."""
    text = STUDY.replace("SECOND_READ", "")
    assert old in text
    file = schema.StudyFile.model_validate(tomli.loads(text.replace(old, new, 1)))
    return [what for _, what, _ in todo.find_inconsistent_figures(file)]


@pytest.mark.parametrize(
    ("new", "part"),
    [
        ('value = 0.7\nci = [0.4, 1.3]\np = "0.01"', "with p 0.01"),
        ('value = 0.7\nci = [0.5, 0.9]\np = "0.3"', "with p 0.3"),
        ('value = 0.7\nci = [0.4, 1.3]\np = "<0.001"', "with p <0.001"),
        ("value = 0.9\nci = [0.2, 1.0]", "far from the middle"),
        ("value = 0.61\nci = [0.58, 0.98]", "far from the middle"),
        (RATIO, ""),
        ('value = 0.7\nci = [0.4, 1.3]\np = "0.26"', ""),
        ('value = 0.6\nci = [0.36, 1.01]\np = "0.04"', ""),
        ('value = 0.7\nci = [0.4, 1.3]\np = "0.01"\nas_printed = true', ""),
    ],
)
def test_a_ratio_that_does_not_fit_its_interval_is_doubted(new: str, part: str) -> None:
    found = doubts(RATIO, new)
    assert bool(found) == bool(part) and part in "".join(found), found


def test_a_percentage_that_looks_like_a_share_of_one_is_doubted() -> None:
    old = 'value = 50\nunit = "%"\nevents = 18\ntotal = 36'
    assert doubts(old, 'value = 0.45\nunit = "%"') == ["objective-response: 0.45% may be 45%"]
    assert doubts(old, 'value = 45\nunit = "%"') == []


@pytest.mark.parametrize("text", ["", " ", " x", "x ", "x\n", "\N{NO-BREAK SPACE}x"])
def test_a_text_is_not_empty_and_has_no_blanks_at_its_ends(text: str) -> None:
    with pytest.raises(ValidationError, match="must not be empty nor begin or end with blanks"):
        TypeAdapter(schema.Text).validate_python(text)


def test_a_letter_carries_two_marks_and_no_stack() -> None:
    marked = "x\N{COMBINING DOT BELOW}\N{COMBINING ACUTE ACCENT}"
    assert TypeAdapter(schema.Text).validate_python(marked * 3) == marked * 3
    with pytest.raises(ValidationError, match="stacked character"):
        TypeAdapter(schema.Text).validate_python(marked + "\N{COMBINING GRAVE ACCENT}y")
