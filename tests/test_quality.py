"""Trust made visible: `lmtx info --quality`, `lmtx validate --todo`, and the coverage table of the
docs."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx.curation import todo
from lmtx.model.levels import list_missing_citation_parts, needs_two_readings
from lmtx.store import checks
from lmtx.store.loading import read_base_files
from support import BASE, DATA, ROOT, Answer, study, study_names, toml

Run = Callable[..., Answer]


def test_the_whole_base_is_counted_as_an_independent_reading_counts_it(run: Run) -> None:
    files = [toml(f"studies/{path.name}") for path in (DATA / "studies").glob("*.toml")]
    with_evidence = [file for file in files if file.get("evidence")]
    everything = run("info", "--quality", "--json", "-q").rows[0]
    assert everything["reports"] == len(with_evidence)
    assert everything["rows"] == sum(len(file["evidence"]) for file in with_evidence)
    assert everything["figures"] == sum(
        len(row.get("outcome", [])) for file in with_evidence for row in file["evidence"]
    )
    assert everything["recalled"] == sum(
        file["study"]["read_in"] == "recalled" for file in with_evidence
    )
    assert everything["second_read"] == sum(
        bool(file["study"].get("second_read")) for file in with_evidence
    )
    due = [
        file["study"]
        for file in with_evidence
        if needs_two_readings(
            file["study"]["design"],
            file["study"].get("patients") or max(row.get("n", 0) for row in file["evidence"]),
        )
    ]
    assert everything["due"] == len(due)
    assert everything["due_read"] == sum(bool(of.get("second_read")) for of in due)
    lacking = [
        (file["study"], list_missing_citation_parts(file["study"])) for file in with_evidence
    ]
    assert everything["cited"] == sum(not missing for _, missing in lacking)
    assert everything["excepted"] == sum(
        bool(missing) and set(missing) <= set(of.get("not_found", ())) for of, missing in lacking
    )


@pytest.mark.parametrize("part", ["tumor", "class"])
def test_a_part_counts_as_its_listing_does(run: Run, part: str) -> None:
    """A class owns the patients who had it, not all of the groups in which some did."""
    names = {"tumor": "tumors", "class": "classes"}
    listed = {row["id"]: row for row in run(names[part], "--json").rows}
    rows = [row for row in run("info", "--quality", "--json", "-q").rows if row["part"] == part]
    rows = [row for row in rows if row["id"] != "solid"]
    assert len(rows) > 5
    for row in rows:
        same = ("studies", "patients", *(["level"] if part == "class" else []))
        assert [row[name] for name in same] == [listed[row["id"]][name] for name in same], row["id"]


def test_nine_in_ten_of_the_important_studies_were_read_twice(run: Run) -> None:
    everything = run("info", "--quality", "--json", "-q").rows[0]
    assert everything["due_read"] >= 0.9 * everything["due"]


@pytest.mark.parametrize("columns", [80, 160])
def test_the_table_fits(terminal: Callable[..., Answer], columns: int) -> None:
    assert max(map(len, terminal(columns, "info", "--quality").out.splitlines())) <= columns


def test_the_docs_show_the_coverage_that_the_data_have() -> None:
    spec = importlib.util.spec_from_file_location(
        "make_coverage", ROOT / "docs" / "make_coverage.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert {path.name for path in module.PAGES} == {"answers.md", "evidence.md", "not-found.md"}
    for path in module.PAGES:
        assert module.page(path) == path.read_text(encoding="utf-8"), (
            "run: python docs/make_coverage.py"
        )
    lacking = [
        name
        for name in study_names()
        if study(name).get("evidence") and study(name)["study"].get("not_found")
    ]
    assert [line.split(" | ")[0][2:] for line in module.incomplete().splitlines()[2:]] == sorted(
        lacking
    )


def test_the_most_important_work_comes_first(run: Run) -> None:
    answer = run("validate", str(DATA), "--todo", "--json", "-q")
    assert answer.code == 0, answer.err
    assert answer.rows
    assert {"file", "line", "record", "what", "todo"} <= set(answer.rows[0])
    is_fetchable = [row["todo"].startswith("lmtx fetch ") for row in answer.rows]
    assert is_fetchable == sorted(is_fetchable), "one command for all comes last"
    designs = [
        toml(row["file"].removeprefix(str(DATA) + "/").removeprefix("data/"))["study"]["design"]
        for row, fetchable in zip(answer.rows, is_fetchable, strict=True)
        if not fetchable
    ]
    randomised = [design.startswith("randomized") for design in designs]
    assert randomised == sorted(randomised, reverse=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "base"))


def findings(folder: Path, name: str, text: str) -> list[str]:
    (folder / "studies" / f"{name}.toml").write_text(text, encoding="utf-8")
    return [
        f"{problem.line}: {problem.what}"
        for problem in todo.list_todo(read_base_files(folder)[0])
        if problem.record == name
    ]


HEAD = """[study]
id = "odd-2020"
first_author = "Odd A"
title = "An odd study"
journal = "J Odd"
year = 2020
doi = "10.1000/odd"
design = "phase-2"
patients = 20
lm_only = true
read_in = "abstract"
seen_at = ["https://example.org/odd"]

[[study.second_read]]
seen_at = "https://example.org/odd"

[[evidence]]
row = 1
tumors = ["solid"]
n = 20
direction = "benefit"
summary = "Odd."

[[evidence.given]]
treatment = "%s"
role = "tested"
"""


def head(folder: Path) -> str:
    return HEAD % read_base_files(folder)[0].treatments.treatment[0].id


def test_a_complete_and_plausible_study_wants_nothing(folder: Path) -> None:
    assert findings(folder, "odd-2020", head(folder)) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('first_author = "Odd A"\n', "", "citation lacks first author"),
        ('doi = "10.1000/odd"\n', "", "citation lacks identifier"),
        (
            'title = "An odd study"',
            'title = "An odd study (title not shown)"',
            "the title is missing or a description",
        ),
        ('read_in = "abstract"', 'read_in = "recalled"', "entered from memory"),
        ('[[study.second_read]]\nseen_at = "https://example.org/odd"\n', "", "no second reading"),
        ("https://example.org/odd", "https://proxy.example.org/odd", "is a mirror"),
        ("n = 20\ndirection", "n = 30\ndirection", "row 1 has 30 patients, the study 20"),
        ('role = "tested"', 'role = "tested"\ndose = "5 gm daily"', "unusual unit"),
    ],
)
def test_what_wants_work_is_found(folder: Path, before: str, after: str, words: str) -> None:
    text = head(folder)
    assert before in text
    assert any(
        words in finding for finding in findings(folder, "odd-2020", text.replace(before, after, 1))
    )


def test_what_no_page_prints_is_said_once_and_asked_for_no_more(folder: Path) -> None:
    text = head(folder).replace('first_author = "Odd A"\n', 'not_found = ["first_author"]\n')
    assert findings(folder, "odd-2020", text) == []
    more = text.replace('doi = "10.1000/odd"\n', "")
    assert [
        finding
        for finding in findings(folder, "odd-2020", more)
        if finding.endswith("citation lacks identifier")
    ]


def test_what_is_there_cannot_be_said_to_be_missing(folder: Path) -> None:
    path = folder / "studies" / "odd-2020.toml"
    path.write_text(
        head(folder).replace(
            'first_author = "Odd A"\n',
            'first_author = "Odd A"\nnot_found = ["first_author", "identifier"]\n',
        ),
        encoding="utf-8",
    )
    assert any(
        "not_found: first_author, identifier is in the record" in str(problem)
        for problem in checks.read_and_check_base(folder)[1]
    )


def test_a_study_with_evidence_is_cited_in_full_or_says_what_is_missing() -> None:
    assert not [
        f"complete {name}, or name what no page prints in not_found"
        for name in study_names()
        if study(name).get("evidence")
        and set(list_missing_citation_parts(study(name)["study"]))
        != set(study(name)["study"].get("not_found", ()))
    ]


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([("overall-survival", 90, "months", "")], "a median of 90 months is long"),
        ([("overall-survival", 400, "weeks", "")], "a median of 400 weeks is long"),
        ([("objective-response", 50, "%", "total = 40")], "40 assessed of 20"),
        (
            [
                ("survival-rate", 30, "%", 'at = "6 months"'),
                ("survival-rate", 40, "%", 'at = "1 year"'),
            ],
            "40% after 30% earlier",
        ),
    ],
)
def test_unlikely_figures_are_found(
    folder: Path, outcomes: list[tuple[str, float, str, str]], words: str
) -> None:
    body = "".join(
        f'\n[[evidence.outcome]]\nendpoint = "{endpoint}"\nvalue = {value}\nunit = '
        f'"{unit}"\n{more}\n'
        for endpoint, value, unit, more in outcomes
    )
    assert any(words in finding for finding in findings(folder, "odd-2020", head(folder) + body))


COMPARISON = """
[[comparison]]
comparison = 1
of = 1
against_group = "none"
tests = ["%s"]
question = "versus-none"
direction = "benefit"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "HR"
value = %s
p = "0.03"
favours = "%s"
"""


SIGNED = '[[study.second_read]]\nseen_at = "https://example.org/odd"\n'


def compared(folder: Path, value: float = 0.5, favours: str = "of") -> str:
    treatment = read_base_files(folder)[0].treatments.treatment[0].id
    text = head(folder) + COMPARISON % (treatment, value, favours)
    return text.replace(SIGNED, SIGNED + "comparisons = [1]\n")


def test_a_comparison_waits_for_its_second_reading(folder: Path) -> None:
    unsigned = compared(folder).replace("comparisons = [1]\n", "")
    found = findings(folder, "odd-2020", unsigned)
    assert len(found) == 1 and "no second reading of comparison 1" in found[0]


def test_an_other_arm_with_one_treatment_tests_it(folder: Path) -> None:
    other = '\n[[evidence]]\nrow = 2\ntumors = ["solid"]\nsummary = "The others."\n'
    other += '\n[[evidence.given]]\ntreatment = "samplexate"\nrole = "background"\n'
    text = compared(folder).replace("[[comparison]]", other + "\n[[comparison]]")
    text = text.replace('against_group = "none"', "against = 2").replace("versus-none", "instead")
    what = "row 2 has samplexate alone, as background"
    assert any(what in finding for finding in findings(folder, "odd-2020", text))
    added = text.replace('question = "instead"', 'question = "add"')
    assert not any(what in finding for finding in findings(folder, "odd-2020", added))
    sound = text.replace('role = "background"', 'role = "tested"')
    sound = sound.replace(
        'summary = "The others."', 'direction = "unclear"\nsummary = "The others."'
    )
    assert not any(what in finding for finding in findings(folder, "odd-2020", sound))
    without_lm = text.replace(
        'summary = "The others."',
        'n = 0\nn_pooled = 9\nmixed_with = "no LM"\nsummary = "The others."',
    )
    assert not any(what in finding for finding in findings(folder, "odd-2020", without_lm))


def test_more_assessed_than_the_patients_behind_the_figures_is_found(folder: Path) -> None:
    """Where others are mixed in, those behind the figures are n_pooled."""
    figure = '\n[[evidence.outcome]]\nendpoint = "objective-response"\nvalue = 50\nunit = "%"\n'
    text = head(folder) + figure + "total = 40\n"
    text = text.replace("n = 20\n", 'n = 20\nn_pooled = 30\nmixed_with = "no LM"\n', 1)
    assert any("40 assessed of 30" in finding for finding in findings(folder, "odd-2020", text))
    assert findings(folder, "odd-2020", text.replace("n_pooled = 30", "n_pooled = 40")) == []


def test_a_ratio_beyond_belief_is_found(folder: Path) -> None:
    assert findings(folder, "odd-2020", compared(folder)) == []
    text = compared(folder, 45, "against")
    assert any("HR 45 is extreme" in finding for finding in findings(folder, "odd-2020", text))


@pytest.mark.parametrize(
    ("direction", "favours", "is_found"),
    [
        ("benefit", "of", False),
        ("benefit", "neither", True),
        ("worse", "against", False),
        ("worse", "of", True),
        ("no-benefit", "neither", False),
        ("no-benefit", "against", True),
        ("no-benefit", "of", True),
        ("mixed", "of", False),
        ("unclear", "against", False),
    ],
)
def test_a_direction_that_its_effects_do_not_show_is_found(
    folder: Path, direction: str, favours: str, is_found: bool
) -> None:
    text = compared(folder, 0.5 if favours == "of" else 2, favours)
    text = text.replace(
        'question = "versus-none"\ndirection = "benefit"',
        f'question = "versus-none"\ndirection = "{direction}"',
    )
    what = f"comparison 1 is {direction}, its effects favour {favours}"
    assert any(what in finding for finding in findings(folder, "odd-2020", text)) is is_found
    harm = text.replace('endpoint = "overall-survival"', 'event = "rash"')
    assert not any(what in finding for finding in findings(folder, "odd-2020", harm))


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ("It was better (HR 0.5).", "a ratio of 0.5"),
        ("It was better, hazard ratio 0.5 (p = 0.03).", "a ratio of 0.5"),
        ("It was better (P < .03).", "p 0.03"),
        ("Median 7 months against 4.", "'7 months against'"),
        ("Survival was longer than without it.", "'longer than'"),
        ("Compared with none it did well.", "'Compared with'"),
    ],
)
def test_an_effect_told_without_a_record_is_found(folder: Path, told: str, what: str) -> None:
    """In a summary and in a note; a comparison closes it, or a line of the corrections."""
    text = head(folder).replace('summary = "Odd."', f'summary = "{told}"')
    expected = f"row 1 summary tells {what}, and no comparison holds it"
    assert any(expected in finding for finding in findings(folder, "odd-2020", text))
    noted = head(folder).replace(
        "[[study.second_read]]", f'note = "{told}"\n[[study.second_read]]', 1
    )
    assert any("note tells" in finding for finding in findings(folder, "odd-2020", noted))
    held = compared(folder).replace('summary = "Odd."', f'summary = "{told}"')
    assert findings(folder, "odd-2020", held) == []
    corrections = folder / "corrections.toml"
    before = corrections.read_text(encoding="utf-8")
    closed = 'study = "odd-2020"\ncloses = "row 1 summary"\nwhy = "Of another cohort."\n'
    corrections.write_text(f"{before}\n[[correction]]\n{closed}", encoding="utf-8")
    assert findings(folder, "odd-2020", text) == []


@pytest.mark.parametrize(
    "told",
    [
        "Or 5 of them.",
        "More than 20% had it.",
        "Against nausea it helped.",
        "Grade 3 or 4: 4.",
        "18% were HR+/HER2+ and 8% HR-/HER2+.",
    ],
)
def test_what_is_no_effect_is_left_alone(folder: Path, told: str) -> None:
    text = head(folder).replace('summary = "Odd."', f'summary = "{told}"')
    assert findings(folder, "odd-2020", text) == []


def test_an_effect_told_by_a_fact_is_found(folder: Path) -> None:
    path = folder / "tumors.toml"
    text = path.read_text(encoding="utf-8")
    again = (
        '\n[[tumor]]\nid = "again"\nlabel = "Again"\n\n[[tumor.fact]]\nrow = 1\ntopic = '
        '"prognosis"\n'
    )
    again += 'statement = "Women lived longer (HR 0.7)."\nstudy = "doe-2020"\n'
    path.write_text(text + again, encoding="utf-8")
    told = [
        problem.what
        for problem in todo.list_todo(read_base_files(folder)[0])
        if problem.file == "tumors.toml"
    ]
    assert told == ["fact again.1 tells a ratio of 0.7, and no comparison holds it"]


def test_a_shared_registration_without_a_link_is_found(folder: Path) -> None:
    """Studies of one cohort are linked, through others too; those that are not could count a
    patient twice."""
    with_number = head(folder).replace(
        'doi = "10.1000/odd"', 'doi = "10.1000/odd"\nnct = ["NCT00000001"]'
    )
    told = findings(folder, "odd-2020", with_number)
    assert any(
        "NCT00000001 is that of doe-2020 too, and nothing links the two" in one for one in told
    )
    linked = with_number.replace(
        'read_in = "abstract"', 'read_in = "abstract"\nsuperseded_by = "poe-2019"'
    )
    assert findings(folder, "odd-2020", linked) == []
    corrections = folder / "corrections.toml"
    before = corrections.read_text(encoding="utf-8")
    closed = 'study = "odd-2020"\ncloses = "nct"\nwhy = "Other patients of the same registry."\n'
    corrections.write_text(f"{before}\n[[correction]]\n{closed}", encoding="utf-8")
    assert findings(folder, "odd-2020", with_number) == []


def test_falling_rates_and_times_without_a_number_are_left_alone(folder: Path) -> None:
    rates = (
        '\n[[evidence.outcome]]\nendpoint = "survival-rate"\nvalue = {}\nunit = "%"\nat = "{}"\n'
    )
    body = "".join(
        rates.format(value, at)
        for value, at in ((60, "6 months"), (40, "1 year"), (90, "the end"), (95, "2 courses"))
    )
    assert findings(folder, "odd-2020", head(folder) + body) == []


def test_a_fact_that_is_told_twice_is_found(folder: Path) -> None:
    path = folder / "tumors.toml"
    text = path.read_text(encoding="utf-8")
    again = '\n[[tumor]]\nid = "again"\nlabel = "Again"\n'
    for row in (1, 2):
        again += f'\n[[tumor.fact]]\nrow = {row}\ntopic = "survival"\nstatement = "Told."\nvalue_low = 3.5\nvalue_high = 3.5\nunit = "months"\nstudy = "doe-2020"\n'
    path.write_text(text + again, encoding="utf-8")
    told = [
        problem
        for problem in todo.list_todo(read_base_files(folder)[0])
        if problem.record == "again.2"
    ]
    assert [problem.what for problem in told] == ["fact 2 tells the figure of fact 1 again"]


def test_the_same_figure_in_two_unlinked_studies_is_found(folder: Path) -> None:
    figure = (
        '\n[[evidence.outcome]]\nendpoint = "overall-survival"\nvalue = 7.77\nunit = "months"\nci '
        "= [5.55, 9.99]\n"
    )
    (folder / "studies" / "aaa-2019.toml").write_text(
        (head(folder) + figure)
        .replace("odd-2020", "aaa-2019")
        .replace("10.1000/odd", "10.1000/aaa"),
        encoding="utf-8",
    )
    assert any(
        "stands in aaa-2019" in finding
        for finding in findings(folder, "odd-2020", head(folder) + figure)
    )
    linked = (head(folder) + figure).replace(
        'read_in = "abstract"', 'read_in = "abstract"\nsuperseded_by = "aaa-2019"'
    )
    assert findings(folder, "odd-2020", linked) == []


@pytest.mark.parametrize(
    ("value", "unit", "is_long"),
    [(61, "months", True), (60, "months", False), (262, "weeks", True), (260, "weeks", False),
     (1840, "days", True), (1820, "days", False)],
)  # fmt: skip
def test_a_long_median_is_doubted_in_whichever_unit_it_stands(
    folder: Path, value: int, unit: str, is_long: bool
) -> None:
    """Five years are 60 months, 261 weeks or 1826 days; a week is no month."""
    outcome = (
        f'\n[[evidence.outcome]]\nendpoint = "overall-survival"\nvalue = {value}\nunit = "{unit}"\n'
    )
    doubts = findings(folder, "odd-2020", head(folder) + outcome)
    assert any(f"a median of {value} {unit} is long for LM" in doubt for doubt in doubts) == is_long


def test_a_survival_rate_that_rises_is_doubted_whatever_the_unit_of_time(folder: Path) -> None:
    """20 weeks come before 6 months: 60% and then half is a fall, half and then 60% a rise."""
    rate = '\n[[evidence.outcome]]\nendpoint = "survival-rate"\nvalue = {}\nunit = "%"\nat = "{}"\n'
    falls = rate.format(60, "20 weeks") + rate.format(50, "6 months")
    rises = rate.format(50, "20 weeks") + rate.format(60, "6 months")
    assert findings(folder, "odd-2020", head(folder) + falls) == []
    [doubt] = findings(folder, "odd-2020", head(folder) + rises)
    assert doubt.endswith("survival-rate: 60% after 50% earlier")


def test_the_same_title_in_two_studies_without_a_link_is_doubted(folder: Path) -> None:
    title = "Title of a trial that two records share"
    first = read_base_files(folder)[0].treatments.treatment[0].id
    study = (HEAD % first).replace("An odd study", title)
    other = study.replace("odd-2020", "even-2020")
    (folder / "studies" / "even-2020.toml").write_text(other, encoding="utf-8")
    found = findings(folder, "odd-2020", study)
    assert any("the title is that of even-2020 too" in what for what in found), found
    linked = study.replace('id = "odd-2020"', 'id = "odd-2020"\noverlaps = ["even-2020"]')
    assert not any("the title" in what for what in findings(folder, "odd-2020", linked))
