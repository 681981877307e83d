"""Own records laid over the base: merged, told apart, held to the same checks, and never mistaken
for the bundled ones."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lmtx
from lmtx import index
from lmtx.index import cache, open_index
from lmtx.store import places
from support import BASE, COMMANDS, ROOT, Answer, Lmtx, read_folder

Run = Callable[..., Answer]
STUDY = """
[study]
id = "own-2026"
first_author = "Own A"
title = "Own series"
year = 2026
design = "retrospective-cohort"
lm_only = true
read_in = "full-text"

[[evidence]]
row = 1
tumors = ["north"]
n = 30
direction = "no-benefit"
summary = "Ours."

[[evidence.given]]
treatment = "examplinib"
role = "tested"

[[evidence.outcome]]
endpoint = "overall-survival"
value = 4
unit = "months"
"""
TREATMENT = """
[[treatment]]
id = "ownimab"
name = "Ownimab"
class = "pills"
mechanism = "Ours."
"""
CSF = """
[[treatment.csf]]
study = "doe-2020"
measure = "csf-concentration"
value = 7
unit = "nmol/L"
printed = "7 nM"
"""
EXTENDED = """
[[treatment]]
id = "examplinib"
extend = true
aliases = ["House name"]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with a cache of its own."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "cache"))


def laid(text: str, name: str = "own.toml") -> str:
    """Write a file of own records; return its name."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


def problems(run: Run, *arguments: str) -> list[str]:
    """Return the problems that a look-up reports, which must leave no answer and exit with 3."""
    answer = run("list", *arguments)
    assert (answer.code, answer.out) == (3, ""), answer
    return [line.removeprefix("lmtx: ") for line in answer.err.splitlines()[:-1]]


# What is added


def test_an_own_study_is_counted_filtered_and_told_apart(run: Run, base: Path) -> None:
    own = laid(STUDY)
    [row] = run(
        "evidence", "--tumor", "north", "--direction", "no-benefit", "--with", own, "--json"
    ).rows
    assert (row["id"], row["source"], row["level"]) == ("own-2026.1", "own", "IV")
    assert {row["id"]: row["source"] for row in run("evidence", "--with", own, "--json").rows}[
        "doe-2020.1"
    ] == "lmtx"
    before, after = (
        run("list", "--tumor", "north", *more, "--json").rows[0] for more in ((), ("--with", own))
    )
    assert (before["studies"], before["patients"], before["no_benefit"], before["source"]) == (
        1,
        12,
        0,
        ["lmtx"],
    )
    assert (after["studies"], after["patients"], after["no_benefit"], after["source"]) == (
        2,
        42,
        1,
        ["lmtx", "own"],
    )
    assert after["figure_source"] == "lmtx", "the strongest study is still the bundled one"


def test_a_new_treatment_stands_everywhere(run: Run, base: Path) -> None:
    own = laid(TREATMENT + CSF + STUDY.replace('"examplinib"', '"ownimab"'))
    row = next(row for row in run("list", "--with", own, "--json").rows if row["id"] == "ownimab")
    assert (row["source"], row["figure"], row["figure_source"]) == (["own"], "OS 4 months", "own")
    assert [row["source"] for row in run("csf", "ownimab", "--with", own, "--json").rows] == ["own"]
    assert {hit["source"] for hit in run("search", "ownimab", "--with", own, "--json").rows} == {
        "own"
    }
    [card] = run("show", "ownimab", "--with", own, "--json").rows
    assert card["record"]["source"] == "own" and card["references"][0]["source"] == "own"
    assert run("list", "--with", own, "--class", "pills", "--json").rows


def test_extending_adds_to_lists_and_keeps_the_rest(run: Run, base: Path) -> None:
    own = laid(EXTENDED + CSF)
    levels = run("csf", "House name", "--with", own, "--json").rows
    assert {(level["id"], level["source"]) for level in levels} == {
        ("examplinib.csf1", "lmtx"),
        ("examplinib.csf2", "lmtx"),
        ("examplinib.csf3", "own"),
    }
    [card] = run("show", "examplinib", "--with", own, "--json").rows
    assert (
        card["record"]["aliases"] == ["Exampla", "EX-1", "House name"]
        and card["record"]["source"] == "lmtx"
    )


def test_a_fact_a_statement_a_class_and_a_biomarker_can_be_added(run: Run, base: Path) -> None:
    own = laid("""
[[tumor]]
id = "north"
extend = true
[[tumor.fact]]
row = 9001
topic = "survival"
statement = "Ours."
study = "doe-2020"
[[guideline]]
id = "society-2022"
extend = true
[[guideline.recommendation]]
row = 9001
topic = "treatment"
statement = "Our house rule."
read_in = "full-text"
[[class]]
id = "pills"
extend = true
aliases = ["tablets"]
[[class]]
id = "red-pill"
label = "Red pill"
parent = "pills"
[[biomarker]]
id = "own-gene"
label = "Own gene"
[[trial]]
id = "NCT00000009"
title = "Ours"
status = "recruiting"
tumors = ["north"]
[[trial.given]]
treatment = "examplinib"
""")
    [card] = run("show", "north", "--with", own, "--json").rows
    assert [(fact["id"], fact["source"]) for fact in card["facts"]] == [
        ("north.1", "lmtx"),
        ("north.9001", "own"),
    ]
    assert {row["id"]: row["source"] for row in run("guidelines", "--with", own, "--json").rows}[
        "society-2022.9001"
    ] == "own"
    classes = {row["id"]: row for row in run("classes", "--with", own, "--json").rows}
    assert (
        classes["red-pill"]["source"] == "own"
        and classes["pills"]["aliases"] == ["tablets"]
        and classes["pills"]["source"] == "lmtx"
    )
    assert [
        row["source"]
        for row in run("trials", "--with", own, "--json").rows
        if row["id"] == "NCT00000009"
    ] == ["own"]
    assert any(
        row["id"] == "own-gene"
        for row in run("fields", "--values", "biomarkers", "--with", own, "--json").rows
    )


def test_replacing_is_whole(run: Run, base: Path) -> None:
    own = laid(
        TREATMENT.replace("ownimab", "examplinib").replace('"pills"', '"pills"\nreplace = true')
    )
    [card] = run("show", "examplinib", "--with", own, "--json").rows
    assert (
        card["record"]["name"] == "Ownimab"
        and card["record"]["source"] == "own"
        and card["csf"] == []
        and card["evidence"]
    )
    study = laid(
        STUDY.replace("own-2026", "loe-2018").replace("[study]", "[study]\nreplace = true"),
        "two.toml",
    )
    rows = {row["id"]: row["source"] for row in run("evidence", "--with", study, "--json").rows}
    assert rows["loe-2018.1"] == "two" and [name for name in rows if name.startswith("loe")] == [
        "loe-2018.1"
    ]


def test_what_was_added_is_gone_when_its_record_is_replaced(run: Run, base: Path) -> None:
    first = laid(EXTENDED + CSF, "first.toml")
    second = laid(
        TREATMENT.replace("ownimab", "examplinib").replace('"pills"', '"pills"\nreplace = true')
        + CSF * 3,
        "second.toml",
    )
    rows = run("csf", "examplinib", "--with", first, "--with", second, "--json").rows
    assert {row["source"] for row in rows} == {"second"} and len(rows) == 3


def test_later_overlays_lie_over_earlier_ones(run: Run, base: Path) -> None:
    first, second = (
        laid(TREATMENT, "first.toml"),
        laid(TREATMENT.replace('"Ownimab"', '"Newer"\nreplace = true'), "second.toml"),
    )
    [card] = run("show", "ownimab", "--with", first, "--with", second, "--json").rows
    assert (card["record"]["name"], card["record"]["source"]) == ("Newer", "second")
    assert (
        "replace: there is no treatment 'ownimab'"
        in problems(run, "--with", second, "--with", first)[0]
    )


def test_an_own_report_of_bundled_patients_counts_them_once(run: Run, base: Path) -> None:
    own = laid(STUDY.replace("lm_only", 'overlaps = ["doe-2020"]\nlm_only'))
    row = run("list", "--tumor", "north", "--with", own, "--json").rows[0]
    assert (row["studies"], row["patients"]) == (1, 30)


def test_a_folder_is_its_files_and_those_of_folders_in_it(run: Run, base: Path) -> None:
    laid(TREATMENT, "mine/any name.toml")
    laid(STUDY, "mine/studies/whatever.toml")
    laid("not TOML", "mine/notes.txt")
    laid("[not TOML", "mine/.hidden.toml")
    rows = {
        row["id"]: row["source"] for row in run("list", "--all", "--with", "mine/", "--json").rows
    }
    assert rows["ownimab"] == ["mine"] and rows["examplinib"] == ["lmtx", "mine"]


# How it is named


ASKED = {
    "show": "examplinib --json",
    "search": "ours --json",
    "compare": "examplinib samplexate --json",
    "plot": "-e OS --json",
    "report": "-t north",
    "cite": "own-2026 --style csl-json",
    "diff": "{old} --json",
    "export": "",
    "fields": "",
    "new": "study made-2026 --design case-report",
    "schema": "study",
    "fmt": "{own}",
}
"""What a command must be given to answer; the others take --json."""
WITHOUT_DATA = ("fields", "new", "schema", "fmt")
"""Commands whose answer does not depend on the records."""


AGAINST = """
[[evidence]]
row = 2
tumors = ["south"]
n = 40
direction = "no-benefit"
summary = "Ours too."

[[evidence.given]]
treatment = "pills-unspecified"
role = "tested"
"""
ANSWER = """
[[comparison]]
comparison = 1
of = 2
against_group = "no pills"
tests = ["pills-unspecified"]
question = "versus-none"
direction = "no-benefit"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "none"
favours = "neither"
"""
"""A comparison of own records; that of another file answers otherwise."""


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("fetch", "mcp")])
def test_every_command_takes_it_before_and_behind(
    run: Run, base: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.json"
    old.write_text(run("export").out, encoding="utf-8")
    own = laid(STUDY + AGAINST + ANSWER)
    answer = (AGAINST + ANSWER).replace("no-benefit", "benefit").replace("neither", "of")
    other = laid((STUDY + answer).replace("own-2026", "other-2026"), "other.toml")
    assert run("fmt", own).code == 0
    words = shlex.split(ASKED.get(command, "--json").format(old=old, own=own))
    if command == "conflicts":
        monkeypatch.setenv("LMTX_DATA", other)
    behind, before, without = (
        run(command, *words, "--with", own),
        run("--with", own, command, *words),
        run(command, *words),
    )
    assert behind.code == before.code == 0, behind.err
    assert behind.out == before.out
    if command not in WITHOUT_DATA:
        assert behind.out != without.out
        assert "own" in behind.out


def test_no_command_opens_the_index_past_it() -> None:
    """A command that opened the core's index would silently answer without the own records."""
    for path in (ROOT / "src" / "lmtx" / "cli").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name == "app.py":  # --version names the data of lmtx itself
            text = text.partition("def _name_data()")[0] + text.partition("@app.callback()")[2]
        assert not re.search(r"from lmtx\.index import [^\n]*\bopen_index", text), path


def test_a_command_line_forgets_the_one_before(run: Run, base: Path) -> None:
    assert "with" in json.loads(run("list", "--json", "--with", laid(STUDY)).out)["data"]
    assert "with" not in json.loads(run("list", "--json").out)["data"]


def test_the_environment_and_the_configuration_name_them_too(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    laid(TREATMENT, "config/c.toml")
    laid('with = ["c.toml"]', "config/config.toml")
    e, own = (
        laid(TREATMENT.replace("ownimab", "envimab").replace("Ownimab", "Envimab"), "e.toml"),
        laid(STUDY),
    )
    monkeypatch.setenv("LMTX_CONFIG", "config/config.toml")
    monkeypatch.setenv("LMTX_DATA", os.pathsep.join(["", e, "./e.toml"]))
    answer = run("list", "--with", own, "--json")
    assert json.loads(answer.out)["data"]["with"] == ["c", "e", "own"], answer.err


@pytest.mark.parametrize(
    ("platform", "env", "place"),
    [
        ("linux", {"XDG_CONFIG_HOME": "/x"}, "/x/lmtx/config.toml"),
        ("linux", {}, "~/.config/lmtx/config.toml"),
        ("darwin", {}, "~/Library/Application Support/lmtx/config.toml"),
        ("win32", {"APPDATA": "/a"}, "/a/lmtx/config.toml"),
        ("win32", {}, "~/lmtx/config.toml"),
    ],
)
def test_the_place_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, platform: str, env: dict[str, str], place: str
) -> None:
    from lmtx.store.places import config_file

    for name in ("LMTX_CONFIG", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert config_file() == Path(place).expanduser()


def test_without_a_home_there_is_no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    from lmtx.store.places import configured_overlays

    def homeless(*_: object) -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("LMTX_CONFIG")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(Path, "expanduser", homeless)
    assert (
        places.config_file() is None
        and configured_overlays() == []
        and places._expand_home("~/x") == Path("~/x")
    )


def test_most_users_have_no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lmtx.store.places import configured_overlays

    monkeypatch.delenv("LMTX_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert configured_overlays() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"with = 1", "c.toml:1: with: is not a list of files or folders"),
        (b'with = [""]', "c.toml:1: with: is not a list of files or folders"),
        (b'\nwidth = ["x"]', "c.toml:2: width: unknown key"),
        (b"with = [", "c.toml: not valid TOML"),
        (b"with = ['\xff']", "c.toml: is not UTF-8 (byte 9)"),
        (b"#" * 100_001, "c.toml: is larger than 10,000 bytes"),
        (None, "LMTX_CONFIG: "),
    ],
)
def test_a_configuration_that_cannot_be_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, text: bytes | None, said: str
) -> None:
    if text is not None:
        Path("c.toml").write_bytes(text)
    monkeypatch.setenv("LMTX_CONFIG", "c.toml")
    answer = run("list")
    assert (
        (answer.code, answer.out) == (3, "") and said in answer.err and answer.err.count("\n") == 1
    )


def test_a_configuration_without_permission_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("LMTX_CONFIG", laid("", "c.toml"))
    monkeypatch.setattr(Path, "read_text", refused)
    answer = run("list")
    assert answer.code == 3 and "c.toml: cannot be read: Permission denied" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--with", "nowhere.toml"], 3, "nowhere.toml: No such file or directory"),
        (["--with", "empty"], 3, "empty: no TOML file in it"),
        (["--with", ""], 2, "--with: no file or folder is named"),
        (["--with"], 2, "requires an argument"),
        (["--with", "own.toml", "--with", "empty/../other/own.toml"], 2, "both called 'own'"),
        (["--with", "LMTX.toml"], 2, "both called 'LMTX'"),
        (["--with", "a\x1b[31m.toml"], 2, "cannot stand beside its records"),
        (["--with", "/"], 2, "cannot stand beside its records"),
    ],
)
def test_what_cannot_be_laid_over_is_one_line(
    run: Run, base: Path, arguments: list[str], code: int, said: str
) -> None:
    Path("empty").mkdir()
    for name in ("own.toml", "other/own.toml", "LMTX.toml", "a\x1b[31m.toml"):
        laid(TREATMENT, name)
    answer = run("list", *arguments)
    assert (answer.code, answer.out) == (code, "") and said in answer.err
    assert answer.err.count("\n") == 1 and answer.err[:-1].isprintable()


# What is wrong is told at its own file and line


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            TREATMENT.replace("ownimab", "examplinib"),
            3,
            "examplinib: the treatment exists already (treatments.toml:22); say replace = true to "
            "stand in place of it, or extend = true to add to it",
        ),
        (
            STUDY.replace("own-2026", "doe-2020"),
            3,
            "doe-2020: the study exists already (studies/doe-2020.toml:1); say replace = true to "
            "stand in place of it; else",
        ),
        (TREATMENT * 2, 9, "ownimab: the treatment exists already (own.toml:2)"),
        (
            TREATMENT.replace('"pills"', '"pills"\nreplace = true'),
            6,
            "replace: there is no treatment 'ownimab'",
        ),
        (EXTENDED.replace("examplinib", "ownimab"), 4, "extend: there is no treatment 'ownimab'"),
        (
            EXTENDED.replace(
                "extend = true", 'extend = "yes"\nclass="pills"\nname="x"\nmechanism="x"'
            ),
            4,
            "extend: should be true or false",
        ),
        (
            EXTENDED.replace("extend = true", "extend = true\nreplace = true"),
            4,
            "replace and extend are both true",
        ),
        (EXTENDED.replace("extend = true", 'extend = true\nname = "x"'), 5, "name: unknown key"),
        (
            STUDY.replace("[study]", "[study]\nextend = true").replace("own-2026", "doe-2020"),
            3,
            "extend: nothing can be added to a study",
        ),
        (
            '[[trial]]\nid = "NCT00000001"\nextend = true',
            3,
            "extend: nothing can be added to a trial",
        ),
        (
            STUDY.replace('"examplinib"', '"examplinob"'),
            19,
            "treatment: there is no treatment 'examplinob'",
        ),
        (STUDY + "ci = [5, 6]", 26, "4 lies outside [5.0, 6.0]"),
        (EXTENDED + CSF.replace("doe-2020", "nobody"), 8, "study: there is no study 'nobody'"),
        (EXTENDED + CSF.replace("nmol/L", "pints"), 11, "csf unit: 'pints' is not a unit"),
        (
            EXTENDED.replace("House name", "samplexate"),
            2,
            "the name 'samplexate' already belongs to samplexate",
        ),
        (TREATMENT.replace("pills", "nowhere"), 5, "class: there is no class 'nowhere'"),
        (
            TREATMENT.replace('"Ours."', '"Ours\\u202e."'),
            6,
            "mechanism: the control or direction character U+202E",
        ),
        (
            '[[class]]\nid = "pills"\nreplace = true\nlabel = "Pills"\nparent = "blue-pill"',
            5,
            "parent: the tree runs in a ring",
        ),
        (
            '[[tumor]]\nid = "north"\nextend = true\n[[tumor.fact]]\nrow = 1\ntopic = '
            '"survival"\nstatement = "x"\nstudy = "doe-2020"',
            5,
            "row: the number is used twice",
        ),
        (
            '[[guideline]]\nid = "society-2022"\nextend = true\n[[guideline.recommendation]]\nrow '
            '= 1\ntopic = "treatment"\nstatement = "x"\nread_in = "full-text"',
            5,
            "row: the number is used twice",
        ),
        ("[[evidence]]\nrow = 1", 1, "evidence: there is no [study] in the file"),
        ("[[study]]\nid = 'x'", 1, "study: "),
        ("treatment = 1", 1, "treatment: is not a list of tables"),
        ("treatment = [1]", 1, "should be a valid dictionary"),
        ("schema_version = 3", 1, "schema_version: only 2 can be read"),
        (
            '[[correction]]\nstudy = "x"',
            1,
            "correction: unknown key; a file of own records holds [study]",
        ),
        (
            STUDY.replace("retrospective-cohort", "retrospective-cohrt"),
            7,
            "did you mean 'retrospective-cohort'?",
        ),
    ],
)
def test_a_problem_is_told_at_its_line(
    run: Run, base: Path, text: str, line: int, said: str
) -> None:
    found = problems(run, "--with", laid(text))
    assert found[0].startswith(f"own.toml:{line}: ") and said in found[0], found
    assert all(problem.startswith("own.toml:") for problem in found), (
        "nothing is held against the bundled files"
    )
    assert run("validate", "--with", "own.toml").err.splitlines()[:-1] == found


def test_a_file_called_like_one_of_the_base_is_told_apart(run: Run, base: Path) -> None:
    [problem] = problems(
        run, "--with", laid(TREATMENT.replace("ownimab", "examplinib"), "treatments.toml")
    )
    assert problem.startswith("./treatments.toml:3: ") and "(treatments.toml:22)" in problem


def test_a_faulty_base_comes_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = shutil.copytree(BASE, tmp_path / "data")
    read_folder(monkeypatch, copied)
    (copied / "trials.toml").write_text("[")
    [problem] = problems(run, "--with", laid(STUDY))
    assert problem.startswith("trials.toml:1: ")


def test_after_many_problems_the_rest_of_a_file_is_not_looked_at(run: Run, base: Path) -> None:
    for text in (
        '[[treatment]]\nid = "X"\n' * 500,
        "".join(f"k{number} = 1\n" for number in range(500)),
    ):
        told = problems(run, "--with", laid(text))
        assert len(told) < 60 and sum("may be more problems" in line for line in told) == 1


# validate


def test_validate_takes_own_records_as_a_path(run: Run, base: Path) -> None:
    laid(TREATMENT, "mine/treatments.toml")
    for place in ("mine", laid(EXTENDED)):
        answer = run("validate", place)
        assert answer.code == 0 and f"with {place}" in answer.err, answer.err
    answer = run("validate", "own.toml", "--json")
    assert json.loads(answer.out)["data"]["with"] == ["own"]
    laid(TREATMENT.replace("pills", "nowhere"), "mine/treatments.toml")
    answer = run("validate", "mine")
    assert answer.code == 3 and answer.err.startswith(
        "mine/treatments.toml:5: ownimab: class: there is no class 'nowhere'"
    )


def test_validate_takes_the_simplest_file_of_own_records(run: Run, base: Path) -> None:
    """A study whose file has a name of its own, and that overlaps with one of the base which cannot
    name it."""
    place = laid(
        STUDY.replace("[[evidence]]", 'overlaps = ["doe-2020"]\n[[evidence]]', 1), "hospital.toml"
    )
    answer = run("validate", place)
    assert (
        answer.code == run("list", "--with", place).code == 0 and "with hospital.toml" in answer.err
    ), answer.err
    laid(STUDY.replace("examplinib", "unheard"), place)
    assert run("validate", place).err.startswith(
        "hospital.toml:19: own-2026.1: treatment: there is no treatment 'unheard'"
    )


def test_validate_still_takes_a_base_and_its_files(run: Run, base: Path) -> None:
    shutil.copytree(BASE, "copy")
    for place in ("copy", "copy/treatments.toml", "copy/studies/doe-2020.toml"):
        answer = run("validate", place)
        assert answer.code == 0 and "with" not in answer.err, answer.err


def test_a_file_that_cannot_be_looked_into_is_no_overlay(monkeypatch: pytest.MonkeyPatch) -> None:
    from lmtx.store.own_records import is_overlay

    own = Path(laid(TREATMENT))
    assert is_overlay(own)
    monkeypatch.setattr(Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError()))
    assert not is_overlay(own)


# What people see


@pytest.mark.parametrize(
    ("command", "marked"),
    [
        (["list"], "examplinib◆"),
        (["trials"], ""),
        (["evidence"], "own-2026.1◆"),
        (["csf"], "examplinib◆"),
        (["show", "examplinib"], "(own-2026.1)◆ ·"),
        (["show", "own-2026"], "Own 2026◆"),
        (["search", "series"], "own-2026◆"),
        (["compare", "examplinib", "samplexate"], "Examplinib◆"),
    ],
)
def test_own_records_are_marked_for_people(
    terminal: Run, base: Path, command: list[str], marked: str
) -> None:
    own = laid(EXTENDED + CSF + STUDY)
    answer = terminal(100, *command, "--with", own)
    assert answer.code == 0 and "with own records: own." in " ".join(answer.out.split())
    assert (
        (marked in answer.out and "◆ own records laid over the base" in answer.out)
        if marked
        else "◆" not in answer.out
    )
    without = terminal(100, *command) if command != ["show", "own-2026"] else terminal(100, "list")
    assert "◆" not in without.out and "own records" not in without.out
    plain = terminal(100, *command, "--with", own, "--ascii").out
    assert plain.isascii() and (("[~]" in plain) is bool(marked))


def test_a_card_in_markdown_says_it_too(run: Run, base: Path) -> None:
    assert (
        "with own records: own._"
        in run("show", "examplinib", "-f", "md", "--with", laid(STUDY)).out
    )


def test_info_names_what_is_laid_over(run: Run, base: Path) -> None:
    rows = {row["key"]: row["value"] for row in run("info", "--with", laid(STUDY), "--json").rows}
    assert (rows["with"], rows["own_records"]) == ("own", "own.toml")
    bare = {row["key"]: row["value"] for row in run("info", "--json").rows}
    assert "with" not in bare and "own_records" not in bare and bare["sha256"] != rows["sha256"]


def test_an_export_tells_them_apart(run: Run, base: Path, tmp_path: Path) -> None:
    own = laid(STUDY + TREATMENT)
    whole = json.loads(run("export", "--with", own).out)
    assert whole["data"]["with"] == ["own"]
    assert {study["id"]: study["source"] for study in whole["studies"]}["own-2026"] == "own"
    for table in (
        "tumors",
        "classes",
        "biomarkers",
        "treatments",
        "studies",
        "evidence",
        "csf",
        "guidelines",
        "trials",
        "facts",
    ):
        assert all("source" in record for record in whole[table]), table
    assert (
        "own-2026.1" in run("export", "--format", "csv", "--table", "outcomes", "--with", own).out
    )
    run("export", "--format", "csv", "-o", str(tmp_path / "csv"), "--with", own)
    assert "laid over the bundled ones: own." in (tmp_path / "csv" / "README.md").read_text()


# The cache


def test_an_overlay_is_compiled_once_and_again_after_a_change(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = laid(STUDY)
    assert run("list", "--with", own).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_compile_into_cache", lambda *_: pytest.fail("compiled again"))
        assert run("list", "--with", own).code == 0
    laid(STUDY.replace("n = 30", "n = 31"))
    assert run("evidence", "--with", own, "--json").rows[-1]["id"] and any(
        row["n"] == 31 for row in run("evidence", "--with", own, "--json").rows
    )


def test_a_change_that_keeps_size_and_time_is_seen(run: Run, base: Path) -> None:
    own = laid(STUDY)
    before = Path(own).stat()
    assert run("list", "--with", own).code == 0
    laid(STUDY.replace("n = 30", "n = 31"))
    os.utime(own, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert any(row["n"] == 31 for row in run("evidence", "--with", own, "--json").rows)


def test_nothing_is_written_beside_own_records(run: Run, base: Path) -> None:
    laid(STUDY, "mine/a.toml")
    assert run("list", "--with", "mine").code == 0 and run("validate", "mine").code == 0
    assert [str(path) for path in Path().rglob("*")] == ["mine", "mine/a.toml"]


def test_the_bundled_index_answers_only_without_overlays(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lmtx.index.compile import compile_folder

    bundled = tmp_path / "index.sqlite"
    compile_folder(BASE, bundled)
    before = bundled.read_bytes()
    monkeypatch.setattr(index, "BUNDLED_INDEX", bundled)
    assert open_index().path == str(bundled)
    found = open_index([Path(laid(STUDY))])
    assert found.path != str(bundled) and found.overlays == (Path("own.toml"),)
    assert found.connection.execute(
        "select kind, id, source from own order by kind"
    ).fetchall() == [("evidence", "own-2026.1", "own"), ("study", "own-2026", "own")]
    assert bundled.read_bytes() == before


def test_without_a_cache_it_is_laid_over_in_memory(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid("", "file")
    monkeypatch.setenv("LMTX_CACHE_DIR", "file/cache")
    own = laid(STUDY)
    assert open_index([Path(own)]).path == ":memory:"
    assert "own-2026.1" in run("evidence", "--with", own).out


def test_a_damaged_index_of_an_overlay_is_compiled_again(run: Run, base: Path) -> None:
    own = laid(STUDY)
    path = Path(open_index([Path(own)]).path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xaa" * (path.stat().st_size - 100))
    answer = run("evidence", "--with", own)
    assert answer.code == 0 and "own-2026.1" in answer.out


def test_a_look_up_with_an_overlay_validates_nothing(lmtx: Lmtx) -> None:
    own = Path(
        laid(
            "[[treatment]]\nid = 'ownimab'\nname = 'Ownimab'\nclass = 'pills'\nmechanism = 'Ours.'"
        )
    )
    spy = (
        "import pathlib, sys; import lmtx.index as index; "
        f"index.find_bundled_data_folder = lambda: pathlib.Path({str(BASE)!r}); "
        "index.BUNDLED_INDEX = pathlib.Path('none.sqlite'); from lmtx.cli.run import main; main(sys.argv[1:]); print({'pydantic', "
        "'tomli', 'tomllib', 'rich'} & set(sys.modules), file=sys.stderr)"
    )
    for _ in range(2):
        answer = lmtx.python(
            spy,
            "list",
            "--all",
            "--json",
            "-q",
            "--with",
            str(own.absolute()),
            env={"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None},
        )
    assert answer.err == "set()\n" and "ownimab" in answer.out


def test_values_of_an_overlay_are_completed(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lmtx.cli.complete import complete_word
    from lmtx.query.filters import TREATMENT_VOCABULARY as VOCABULARY

    monkeypatch.setenv("LMTX_DATA", laid(TREATMENT))
    assert [name for name, _ in complete_word(VOCABULARY, "own")] == ["ownimab"]


@pytest.mark.parametrize(
    "typed", ["lmtx csf --with own.toml ownim", "lmtx --with own.toml csf ownim"]
)
def test_values_are_completed_from_what_was_typed_before(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    laid(TREATMENT)
    monkeypatch.setenv("_LMTX_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", typed)
    assert '"ownimab":"Ownimab, Pills"' in run().out


def test_the_option_completes_files(lmtx: Lmtx) -> None:
    assert (
        lmtx(
            env={"_LMTX_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "lmtx list --with own"}
        ).out
        == "_files\n"
    )


# Schema 1


def test_records_of_schema_1_are_refused_in_one_line(run: Run, base: Path) -> None:
    """It names the file, the line and the command, whatever else is in the file."""
    older = STUDY.replace("n = 30", 'treatments = ["examplinib"]\nn = "many"')
    own = laid(older + TREATMENT)
    answer = run("validate", own)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.splitlines() == [
        "own.toml:14: own: treatments: the file is written in schema 1; "
        "lmtx fmt --upgrade own.toml makes it schema 2",
        "lmtx: 1 problem in 1 file",
    ]
    version = laid("schema_version = 1\n" + TREATMENT, "version.toml")
    answer = run("validate", version)
    assert answer.code == 3
    assert "version.toml:1: version: schema_version: only 2 can be read; " in answer.err


def test_what_is_undecided_is_refused(run: Run, base: Path) -> None:
    own = laid(STUDY.replace('role = "tested"', 'role = "undecided"'))
    answer = run("validate", own)
    assert answer.code == 3
    assert "own-2026.1: given examplinib role: is undecided" in answer.err


@pytest.mark.parametrize("table", ["comparison", "adverse"])
def test_what_belongs_to_a_study_needs_one(run: Run, base: Path, table: str) -> None:
    answer = run("validate", laid(f"[[{table}]]\nrow = 1\n"))
    assert answer.code == 3
    assert f"own.toml:1: own: {table}: there is no [study] in the file" in answer.err


# The documentation


def test_the_documented_example_runs(run: Run) -> None:
    text = (ROOT / "docs" / "own-records.md").read_text(encoding="utf-8")
    laid(re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S)[0], "hospital.toml")
    commands = re.findall(r"^\$ lmtx (.*)$", text, re.M)
    assert len(commands) >= 5
    answers = {line: run(*shlex.split(line)) for line in commands}
    assert all(answer.code == 0 for answer in answers.values()), answers
    assert "examplinib\t" in answers["list --tumor nsclc --with hospital.toml"].out
    assert "hospital-2026" in answers["--with hospital.toml csf methotrexate"].out


def test_what_belongs_to_no_record_is_told_at_the_file_of_the_base(base: Path) -> None:
    from lmtx.store.loading import read_base_files
    from lmtx.store.own_records import lay_over

    merged, found = lay_over(read_base_files(base)[0], [Path(laid(STUDY))])
    assert found == [] and merged.source("treatments.toml").problem(("as_of",), "x", "y")[:2] == (
        "treatments.toml",
        3,
    )


# What is read of a folder, and what is not


def numbered(number: int, text: str = STUDY) -> str:
    """Return a study of own records with an id and a title of its own."""
    return text.replace("own-2026", f"own-{number}-2026").replace("Own series", f"Series {number}")


def folder_of_many_kinds() -> None:
    """Fill `mine` with files that are read, and with some that are not."""
    for number, name in enumerate(
        (
            "top.toml",
            "upper.TOML",
            "2026/deep.toml",
            "studies/2025/deeper.Toml",
            "zoë/a b.toml",
            "zoë/called.toml/like a file.toml",
        )
    ):
        laid(numbered(number), f"mine/{name}")
    for name in ("saved-as.toml.txt", "old.toml~", "2026/notes.md", ".hidden.toml", ".h/x.toml"):
        laid("nothing of ours", f"mine/{name}")
    for name in (".#top.toml", "._top.toml", ".DS_Store", ".git/config.toml"):
        laid("left by a program", f"mine/{name}")


READ = [
    "top.toml",
    "upper.TOML",
    "2026/deep.toml",
    "studies/2025/deeper.Toml",
    "zoë/a b.toml",
    "zoë/called.toml/like a file.toml",
]
LEFT_OUT = [".h", ".hidden.toml", "2026/notes.md", "old.toml~", "saved-as.toml.txt"]


def test_every_file_of_a_folder_is_read_or_named(run: Run, base: Path) -> None:
    folder_of_many_kinds()
    answer = run("evidence", "--with", "mine", "--json")
    ids = {row["id"] for row in answer.rows}
    assert {f"own-{number}-2026.1" for number in range(6)} <= ids
    [files] = json.loads(answer.out)["data"]["with_files"]
    assert (files["name"], files["read"], sorted(files["left_out"])) == ("mine", READ, LEFT_OUT)
    told = {row["key"]: row["value"] for row in run("info", "--with", "mine", "--json").rows}
    assert told["own_files_read"] == f"mine: {', '.join(READ)}"
    assert told["own_files_left_out"].startswith("mine: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("evidence", "-f", "md"),
        ("show", "own-1-2026"),
        ("cite", "own-1-2026"),
        ("list", "--json"),
        ("map", "-o", "map.svg"),
        ("report", "-t", "north", "-o", "page.html"),
        ("export", "-f", "json", "-o", "all.json"),
        ("validate",),
    ],
)
def test_each_answer_says_what_was_read_and_what_not(
    run: Run, base: Path, arguments: tuple[str, ...]
) -> None:
    folder_of_many_kinds()
    told = run(*arguments, "--with", "mine").err
    assert "own records mine: 6 files read; not read: " in told and " and 2 more" in told, told


def test_the_page_and_a_table_name_what_was_not_read(run: Run, base: Path) -> None:
    laid(STUDY, "mine/own.toml")
    laid("", "mine/saved-as.toml.txt")
    run("report", "-t", "north", "-o", "page.html", "--with", "mine")
    page = Path("page.html").read_text("utf-8")
    assert "mine (1 file read; not read: saved-as.toml.txt)" in page
    assert "mine (not read: saved-as.toml.txt)." in page
    assert "mine (not read: saved-as.toml.txt)." in run("list", "--with", "mine", "-f", "table").out


def test_a_page_without_own_records_says_nothing_of_them(run: Run, base: Path) -> None:
    assert "own records" not in run("report", "-t", "north").out
    assert "own records" not in run("list").err


def test_a_file_that_is_put_beside_own_records_is_named_at_once(run: Run, base: Path) -> None:
    laid(STUDY, "mine/own.toml")
    assert "own records mine: 1 file read\n" in run("list", "--with", "mine").err
    laid("", "mine/deep/deeper/other.tml")
    assert "not read: deep/deeper/other.tml" in run("list", "--with", "mine").err


def test_problems_of_files_in_sub_folders_and_in_capitals_are_told(run: Run, base: Path) -> None:
    laid(STUDY.replace("n = 30", "n = -1"), "mine/2026/DEEP.TOML")
    laid("", "mine/saved-as.toml.txt")
    answer = run("validate", "mine")
    assert answer.code == 3 and "mine/2026/DEEP.TOML:" in answer.err
    assert "not read: saved-as.toml.txt" in answer.err
    answer = run("validate", "mine/2026/DEEP.TOML")
    assert answer.code == 3 and "mine/2026/DEEP.TOML:" in answer.err


def test_folders_that_lead_round_are_left_out(run: Run, base: Path) -> None:
    laid(STUDY, "mine/own.toml")
    Path("mine/again").symlink_to(Path("mine").absolute())
    answer = run("list", "--with", "mine")
    assert answer.code == 0 and "1 file read; not read: again" in answer.err


def test_folders_nested_a_thousand_deep_end_with_what_was_not_read(
    run: Run, base: Path, nest: Callable[..., None]
) -> None:
    laid(STUDY, "mine/own.toml")
    nest("mine/d", 999)
    answer = run("list", "--with", "mine")
    assert answer.code == 0 and "1 file read; not read: d/d/" in answer.err


def test_a_folder_of_everything_is_refused(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtx.store.own_files.MOST_ENTRIES", 40)
    for number in range(41):
        laid(numbered(number), f"mine/{number}.toml")
    answer = run("list", "--with", "mine")
    assert answer.code == 3 and "mine: more than 40 files and folders" in answer.err


def test_a_base_may_be_larger_than_own_records(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmtx.store.own_files.MOST_ENTRIES", 3)
    assert run("list").code == 0
    monkeypatch.setattr("lmtx.store.loading.MOST_ENTRIES_OF_BASE", 3)
    (folder / "studies" / "doe-2020.toml").touch()
    assert run("list").code == 3


@pytest.fixture
def nest() -> Iterator[Callable[..., None]]:
    """Give a function that makes folders within folders, more than a program can follow; they are
    gone afterwards."""
    yield make_nested
    subprocess.run(["rm", "-rf", "mine"], check=True)


def make_nested(folder: str, depth: int = 1_000) -> None:
    """Make folders within folders."""
    here = Path.cwd()
    Path(folder).mkdir(parents=True)
    try:
        os.chdir(folder)
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)


def test_a_base_names_folders_too_deep_and_files_that_are_no_part_of_it(
    run: Run, nest: Callable[..., None]
) -> None:
    shutil.copytree(BASE, "mine")
    nest("mine/deep")
    for name in ("studies/SAVED.TOML", "studies/saved-as.toml.txt"):
        laid(STUDY, f"mine/{name}")
    laid("", "mine/studies/.#doe-2020.toml")
    answer = run("validate", "mine")
    assert answer.code == 3
    for told in ("SAVED.TOML:1: ", "saved-as.toml.txt:1: ", "/d/d:1: d: lies too deep"):
        assert told in answer.err, answer.err
    assert ".#doe" not in answer.err
    assert run("fmt", "--check", "mine").code in (0, 3)


def test_a_cache_too_deep_to_be_made_is_said(
    run: Run, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMTX_CACHE_DIR", "q/" * 1_500)
    answer = run("list")
    assert answer.code == 0 and "the cache cannot be used" in answer.err


def test_the_id_of_another_study_is_no_retired_one(run: Run, base: Path) -> None:
    """It would hide that study from who asks for it."""
    own = STUDY.replace("[study]", '[study]\nalso_known_as = ["doe-2020"]')
    answer = run("list", "--with", str(laid(own)))
    assert answer.code == 3 and "also_known_as: doe-2020 is another study" in answer.err


def test_a_retired_id_leads_to_the_study_that_has_it_now(run: Run) -> None:
    """Else the same patients would be counted twice."""
    shutil.copytree(BASE, "house")
    study = Path("house/studies/doe-2020.toml")
    named = study.read_text("utf-8").replace(
        'id = "doe-2020"', 'id = "doe-2020"\nalso_known_as = ["former-2020"]', 1
    )
    study.write_text(named, encoding="utf-8")
    for other in ("doe-2020", "former-2020"):
        own = STUDY.replace("[study]", f'[study]\noverlaps = ["{other}"]')
        with lmtx.open("house", with_=laid(own)) as kb:
            card = kb.study("own-2026")
            assert card.record["overlaps"] == ["doe-2020"], other
            assert "doe-2020" in str(card.same_patients), other
            assert kb.treatments(tumor="north")[0].studies == 1, other
