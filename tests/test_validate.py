"""`lmtx validate`: every problem at once, each with its file and line, and what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx.errors import Problem, escape_control
from lmtx.listings.validate import LISTING as PROBLEMS
from lmtx.store import checks, loading
from lmtx.store.loading import find_nearest_line
from support import DATA, FIELDS, Answer, read_folder

Run = Callable[..., Answer]

SMALL = {
    "treatments.toml": """\
schema_version = 2
version = "2026.1.0"
as_of = 2026-01-02
title = "A small base"
disclaimer = "Made for a test."

[[class]]
id = "drugs"
label = "Drugs"

[[class]]
id = "old-drugs"
label = "Old drugs"
parent = "drugs"

[[treatment]]
id = "alpha"
name = "Alphamab"
class = "drugs"
mechanism = "It binds."

[[treatment.csf]]
study = "one"
measure = "csf-plasma-ratio"
value = 2
low = 1
high = 3
unit = "%"
printed = "2%"

[[treatment]]
id = "beta"
name = "Betamab"
class = "old-drugs"
mechanism = "It binds too."
""",
    "tumors.toml": """\
[[tumor]]
id = "breast"
label = "Breast cancer"

[[tumor.fact]]
row = 1
topic = "survival"
statement = "Half a year."
value_low = 5
value_high = 7
unit = "months"
study = "one"
""",
    "biomarkers.toml": '[[biomarker]]\nid = "her2"\nlabel = "HER2+"\n',
    "guidelines.toml": """\
[[guideline]]
id = "two"
name = "A society"

[[guideline.recommendation]]
row = 1
topic = "treatment"
statement = "Give it."
treatments = ["alpha"]
tumors = ["breast"]
read_in = "abstract"
""",
    "trials.toml": """\
[[trial]]
id = "NCT00000001"
title = "A trial"
status = "recruiting"
tumors = ["breast"]
biomarkers = ["her2"]
results = ["one"]

[[trial.given]]
treatment = "beta"
role = "tested"
""",
    "corrections.toml": """\
[[correction]]
study = "one"
why = "Read again."

[[correction]]
study = "gone"
why = "Not LM."
drop = true

[[trial_correction]]
trial = "NCT00000001"
field = "title"
was = "Another trial"
now = "A trial"
why = "As registered."
""",
    "studies/one.toml": """\
[study]
id = "one"
pmid = "1234"
design = "phase-2"
lm_only = true
read_in = "abstract"

[[study.second_read]]
seen_at = "https://example.org/page"
figures = [{ row = 1, endpoint = "objective-response", value = 50, unit = "%" }]

[[evidence]]
row = 1
tumors = ["breast"]
biomarkers = ["her2"]
n = 10
direction = "benefit"
summary = "It helped."

[[evidence.given]]
treatment = "alpha"
role = "tested"

[[evidence.given]]
treatment = "beta"
role = "background"

[[evidence.outcome]]
endpoint = "objective-response"
value = 50
unit = "%"
ci = [20, 80]
events = 5
total = 10

[[evidence.outcome]]
endpoint = "overall-survival"
value = 6
unit = "months"

[[evidence]]
row = 2
tumors = ["breast"]
within = 1
direction = "mixed"
summary = "Some of them."

[[evidence.given]]
treatment = "alpha"
role = "tested"

[[comparison]]
comparison = 1
of = 1
against_group = "beta alone"
tests = ["alpha"]
question = "add"
direction = "benefit"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "HR"
value = 0.6
favours = "of"

[[adverse]]
row = 1
treatment = "alpha"
event = "rash"
n = 2
total = 10
""",
    "studies/two.toml": """\
[study]
id = "two"
design = "guideline"
lm_only = true
read_in = "abstract"
""",
}


class Folder:
    """A small knowledge base on disk that a test can break."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in SMALL.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def change(self, name: str, *pairs: tuple[str, str]) -> None:
        """Replace pieces of a file, each once."""
        text = (self.path / name).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.write(name, text)

    def problems(self) -> list[Problem]:
        return checks.read_and_check_base(self.path)[1]

    def found(self) -> list[tuple[str, int, str]]:
        """Return file, line and record of every problem."""
        return [(problem.file, problem.line, problem.record) for problem in self.problems()]


@pytest.fixture
def small(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "kb")


ONE, TREATMENTS = "studies/one.toml", "treatments.toml"


# ---- the command


def test_the_knowledge_base_itself(run: Run) -> None:
    """The data of the project have no problem; stdout stays empty."""
    answer = run("validate", str(DATA))
    assert (answer.code, answer.out) == (0, "")
    studies = len(list((DATA / "studies").glob("*.toml")))
    assert answer.err.startswith(f"lmtx: {studies} studies, ")
    assert ": no problem in " in answer.err
    assert run("validate", str(DATA), "-q") == Answer(0, "", "")


def test_a_clean_folder(run: Run, small: Folder) -> None:
    """A folder of one's own is checked in the same way."""
    answer = run("validate", str(small.path))
    assert answer == Answer(
        0, "", f"lmtx: 2 studies, 2 rows of evidence, 2 figures: no problem in {small.path}\n"
    )


def test_every_problem_at_once(run: Run, small: Folder) -> None:
    """Faults of shape, of sense and of syntax in several files come in one run, in order, each with
    its line."""
    small.change(
        ONE, ("n = 10", 'n = "ten"\nfoo = 1'), ('direction = "mixed"', 'direction = "mixd"')
    )
    small.change("tumors.toml", ("value_low = 5", "value_low = 9"))
    small.change("trials.toml", ('treatment = "beta"', 'treatment = "gamma"'))
    small.write("biomarkers.toml", "[[biomarker]\n")
    answer = run("validate", str(small.path))
    assert (answer.code, answer.out) == (3, "")
    lines = answer.err.splitlines()
    prefix = f"{small.path}/"
    assert [line.removeprefix(prefix) for line in lines[:-1]] == [
        "biomarkers.toml:1: biomarkers: not valid TOML: Expected ']]' at the end of an array "
        "declaration; mend the line or the one before it",
        "studies/one.toml:16: one.1: evidence.n: should be a valid integer; write a whole number, "
        "without quotes",
        "studies/one.toml:17: one.1: evidence.foo: unknown key; correct its spelling or remove it",
        "studies/one.toml:46: one.2: evidence.direction: 'mixd' is not a known value; did you "
        "mean 'mixed'?",
        "trials.toml:10: NCT00000001: treatment: there is no treatment 'gamma'; add the treatment "
        "or correct the id",
        "tumors.toml:9: breast.1: value_low: the range runs backwards; the lower figure comes "
        "first",
    ]
    assert lines[-1] == "lmtx: 6 problems in 4 files"
    assert run("validate", str(small.path), "-q").err == answer.err


def test_problems_for_machines(run: Run, small: Folder) -> None:
    """--json and the others give rows on stdout; what was checked is said where it can be known."""
    assert tuple(FIELDS["validate"]) == Problem._fields == PROBLEMS.fields
    clean = run("validate", str(small.path), "--json")
    assert clean.code == 0
    document = json.loads(clean.out)
    assert document["rows"] == []
    assert document["data"]["version"] == "2026.1.0"
    assert len(document["data"]["sha256"]) == 64
    assert document["query"] == {"command": "validate", "paths": [str(small.path)]}
    small.change(ONE, ('design = "phase-2"', "design = 2"))
    answer = run("validate", str(small.path), "--json")
    assert answer.code == 3
    [row] = answer.rows
    assert (row["file"], row["line"], row["record"], row["what"]) == (
        str(small.path / ONE),
        4,
        "one",
        "study.design: should be a valid string",
    )
    assert answer.err == "lmtx: 1 problem in 1 file\n"
    assert (
        run("validate", str(small.path), "--tsv", "--fields", "line,record").out
        == "line\trecord\n4\tone\n"
    )
    small.change(TREATMENTS, ("schema_version = 2\n", ""))
    broken = json.loads(run("validate", str(small.path), "--json").out)
    assert broken["data"] == {"version": None, "as_of": None, "sha256": None}
    assert broken["disclaimer"] == ""
    both = json.loads(run("validate", str(small.path), str(DATA), "-f", "json").out)
    assert both["data"]["version"] is None
    assert both["disclaimer"]


def test_paths_as_typed(run: Run, small: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths stay relative, so that an editor can jump to the line."""
    small.change(ONE, ('pmid = "1234"', 'pmid = "x"'))
    monkeypatch.chdir(small.path.parent)
    assert run("validate", "kb").err.startswith("kb/studies/one.toml:3: one: study.pmid: ")
    monkeypatch.chdir(small.path)
    assert run("validate", ".").err.startswith("studies/one.toml:3: ")
    assert run("validate", "studies/one.toml").err.startswith("studies/one.toml:3: ")
    monkeypatch.chdir(DATA.parent)
    assert run("validate", "data").err.endswith("no problem in data\n")


def test_in_a_checkout_it_says_which_copy_it_checks(
    run: Run, base: Path, small: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who edits `data/` beside an installed lmtx must not take the soundness of the installed copy
    for that of the edited one.
    """
    read = base
    note = (
        f"lmtx: this checks the installed copy, {read}; `lmtx validate data` checks the data of "
        f"this folder\n"
    )
    (tmp_path / "data").symlink_to(small.path)
    monkeypatch.chdir(tmp_path)
    answer = run("validate")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.startswith(note)
    assert answer.err.endswith(f": no problem in {read}\n")
    assert run("validate", "-q").err == ""
    assert "installed copy" not in run("validate", "data").err
    (tmp_path / "data").unlink()
    (tmp_path / "data").symlink_to(read)
    assert "installed copy" not in run("validate").err, "it is the same one"


def test_single_files_in_their_own_base(
    run: Run, small: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that lies in a knowledge base is checked with the rest of that one, shared files
    too."""
    for name in (ONE, "tumors.toml"):
        answer = run("validate", str(small.path / name))
        assert answer.code == 0
        assert "2 studies" in answer.err
    monkeypatch.chdir(small.path / "studies")
    assert "2 studies" in run("validate", "one.toml").err


def test_a_single_file_from_elsewhere(run: Run, base: Path, tmp_path: Path) -> None:
    """A study from elsewhere takes the place of the one of that name in the bundled base; any other
    file is one of own records."""
    number = len(list((base / "studies").glob("*.toml")))
    copy = tmp_path / "doe-2020.toml"
    shutil.copy(base / "studies" / copy.name, copy)
    assert f"{number} studies" in run("validate", str(copy)).err
    copy.write_text(
        copy.read_text(encoding="utf-8").replace("[study]", "[study]\ncolour = 1", 1),
        encoding="utf-8",
    )
    answer = run("validate", str(copy))
    assert answer.code == 3
    assert json.loads(run("validate", str(copy), "--json").out)["data"]["sha256"] is None
    assert answer.err.startswith(f"{copy}:2: doe-2020: study.colour: unknown key")
    new = tmp_path / "entirely-new.toml"
    new.write_text(
        '[study]\nid = "entirely-new"\ndesign = "review"\nlm_only = true\nread_in = '
        '"abstract"\n[[evidence]]\nrow = 1\ntumors = ["solid"]\ndirection = "unclear"\nsummary = '
        '"x"\n[[evidence.given]]\ntreatment = "nothing-known"\nrole = "tested"\n'
    )
    answer = run("validate", str(new))
    assert (
        f"{new}:12: entirely-new.1: treatment: there is no treatment 'nothing-known'" in answer.err
    )
    new.write_text(new.read_text().replace("nothing-known", "examplinib"))
    answer = run("validate", str(new), "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["data"]["with"] == ["entirely-new"]
    assert f"{number + 1} studies" in answer.err


def test_what_cannot_be_checked(run: Run, small: Folder, tmp_path: Path) -> None:
    """A path that is not there, a file of another kind, two of one name, a folder of something
    else: one line each."""
    assert run("validate", str(tmp_path / "none")) == Answer(
        3,
        "",
        f"lmtx: {tmp_path / 'none'}: no such file or folder; name a folder laid out like data/, "
        f"or a TOML file of one\n",
    )
    (tmp_path / "a.txt").write_text("")
    answer = run("validate", str(tmp_path / "a.txt"))
    assert answer.code == 2
    assert "is not a TOML file" in answer.err
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        for file in ("same.toml", "tumors.toml"):
            (tmp_path / name / file).write_text("")
    for file, said in (
        ("same.toml", "are both called 'same'"),
        ("tumors.toml", "bear the same name"),
    ):
        answer = run("validate", *(str(tmp_path / name / file) for name in ("x", "y")))
        assert answer.code == 2
        assert said in answer.err
    (tmp_path / "empty").mkdir()
    answer = run("validate", str(tmp_path / "empty"))
    assert answer.code == 3
    assert "not a knowledge base: no treatments.toml in it" in answer.err


def test_nothing_in_the_data_drives_the_terminal(run: Run, small: Folder) -> None:
    """Escape sequences in keys, ids and values are spelled out."""
    small.change(ONE, ('pmid = "1234"', 'pmid = "1234"\n"\\u001b[2Jx" = 1\nnote = "a\\u001b[31mb"'))
    answer = run("validate", str(small.path))
    assert answer.code == 3
    assert "\x1b" not in answer.err
    assert r"study.\x1b[2Jx: unknown key" in answer.err
    assert "U+001B" in answer.err
    assert "\x1b" not in run("validate", str(small.path), "--tsv").out
    assert escape_control("a\nb\u202e") == r"a\nb\u202e"


# ---- reading files


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"\xef\xbb\xbf[study]\n", 1, "begins with a byte-order mark"),
        (b'[study]\nid = "\xff"\n', 2, "is not UTF-8 (byte 14)"),
        (b"[study]\nid = one\n", 2, "not valid TOML: Invalid value"),
        (b"x = " + b"[" * 20000 + b"]" * 20000, 1, "nested too deeply"),
        (b"#" * 4_000_001, 1, "is larger than 4,000,000 bytes"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(small: Folder, content: bytes, line: int, what: str) -> None:
    """Each is one problem; what points into the broken file is not held against the others."""
    (small.path / ONE).write_bytes(content)
    [problem] = small.problems()
    assert problem[:3] == (ONE, line, "one")
    assert problem.what.startswith(what)
    assert problem.todo


def test_a_file_that_is_missing(small: Folder) -> None:
    """A shared file that is missing is a problem, and nothing else is complained about for its
    sake."""
    (small.path / "tumors.toml").unlink()
    [problem] = small.problems()
    assert problem[:4] == ("tumors.toml", 1, "tumors", "is missing or not a plain file")


def test_a_file_that_may_not_be_read(small: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is said in its words."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert {problem.what for problem in small.problems()} == {"cannot be read: Permission denied"}


def test_files_that_would_be_passed_over(small: Folder) -> None:
    """A TOML file in the wrong place is pointed at; hidden ones are an editor's business."""
    small.write("extra.toml", "")
    small.write("studies/deeper/three.toml", "")
    small.write(".hidden.toml", "")
    small.write("studies/.one.toml", "")
    assert small.found() == [("extra.toml", 1, "extra"), ("studies/deeper/three.toml", 1, "three")]


def test_line_ends_of_windows(small: Folder) -> None:
    """CRLF files are read, and their lines counted, like others."""
    (small.path / ONE).write_bytes(
        SMALL[ONE].replace('pmid = "1234"', 'pmid = "x"').replace("\n", "\r\n").encode()
    )
    assert small.found() == [(ONE, 3, "one")]


def test_a_broken_base_stops_every_command(
    run: Run, small: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look-up over invalid data lists all problems and exits with 3."""
    small.change(
        ONE, ("ci = [20, 80]", "ci = [60, 80]"), ('design = "phase-2"', 'design = "phase-9"')
    )
    small.change("tumors.toml", ('unit = "months"\n', ""))
    read_folder(monkeypatch, small.path)
    answer = run("list")
    assert (answer.code, answer.out) == (3, "")
    assert "studies/one.toml:4: one: study.design: 'phase-9' is not a known value" in answer.err
    assert "tumors.toml:5: breast.1: unit: missing" in answer.err
    assert "2 problem(s)" in answer.err


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('id = "one"', 'id = "One!"', "study.id: String should match pattern"),
        ('id = "one"\n', "", "study.id: missing"),
        ('design = "phase-2"', 'design = "zzzz"', "study.design: 'zzzz' is not a known value"),
        ("lm_only = true", 'lm_only = "perhaps"', "study.lm_only: should be a valid boolean"),
        ('seen_at = "https://example.org/page"', 'seen_at = "no address"', "study.second_read.seen_at: "),
        ('seen_at = "https://example.org/page"', 'seen_at = "https://example.org/a page"', "study.second_read.seen_at: an address holds no blanks"),
        ('seen_at = "https://example.org/page"', 'seen_at = "https://example.org/\\u001B]0;x"', "study.second_read.seen_at: the control or direction character U+001B is not allowed"),
        ('pmid = "1234"', 'doi = "10.1000/a\\u001B[31m"', "study.doi: the control or direction character U+001B is not allowed"),
        ('pmid = "1234"', 'nct = ["ChiCTR\\u202E1"]', "study.nct: the control or direction character U+202E is not allowed"),
        ('seen_at = "https://example.org/page"', 'seen_at = "https://example.org/page"\non = "soon"', "study.second_read.on: should be a valid date"),
        ('tumors = ["breast"]', "tumors = []", "evidence.tumors: Tuple should have at least 1 item"),
        ('tumors = ["breast"]', 'tumors = "breast"', "evidence.tumors: should be a valid tuple"),
        ("ci = [20, 80]", "ci = [20, 30, 80]", "evidence.outcome.ci: Tuple should have at most 2 items"),
        ("value = 6\n", "value = nan\n", "evidence.outcome.value: a figure must be a finite number"),
        ("value = 6\n", 'value = "six"\n', "evidence.outcome.value: should be a valid number"),
        ('summary = "It helped."', 'summary = " It helped."', "evidence.summary: text must not be empty nor begin or end with blanks"),
        ('summary = "It helped."', 'summary = "a\\u202eb"', "evidence.summary: the control or direction character U+202E is not allowed"),
        ('summary = "It helped."', f'summary = "{"a" * 4001}"', "evidence.summary: String should have at most 4000 characters"),
        ("row = 2", "row = 0", "evidence.row: should be greater than or equal to 1"),
        ("row = 2", "row = 10001", "evidence.row: should be less than or equal to 10000"),
        ("[study]\n", "[[study]]\n", "study: should be a valid dictionary or instance of Study"),
    ],
)  # fmt: skip
def test_faults_of_shape(small: Folder, old: str, new: str, what: str) -> None:
    """Each is said in plain words, with what to do."""
    small.change(ONE, (old, new))
    found = [problem for problem in small.problems() if problem.file == ONE]
    assert any(problem.what.startswith(what) for problem in found), found
    assert all(problem.todo for problem in found)


# ---- checks over the whole base


def test_ids_that_lead_nowhere(small: Folder) -> None:
    """Every kind of reference is followed."""
    small.change(
        TREATMENTS,
        ('class = "drugs"', 'class = "no-class"'),
        ('parent = "drugs"', 'parent = "no-class"'),
        ('study = "one"', 'study = "no-study"'),
    )
    small.change(
        "tumors.toml",
        (
            'study = "one"',
            'study = "no-study"\ntumors = ["no-tumor"]\ntreatments = ["no-drug"]',
        ),
        ('label = "Breast cancer"', 'label = "Breast cancer"\nparent = "no-tumor"'),
    )
    small.change("biomarkers.toml", ('label = "HER2+"', 'label = "HER2+"\nparent = "no-marker"'))
    small.change(
        "guidelines.toml",
        ('id = "two"', 'id = "no-study"'),
        ('["alpha"]', '["no-drug"]'),
        ('["breast"]', '["no-tumor"]'),
    )
    small.change(
        "trials.toml",
        ('treatment = "beta"', 'treatment = "no-drug"'),
        ('["breast"]', '["no-tumor"]'),
        ('["her2"]', '["no-marker"]'),
        ('["one"]', '["no-study"]\nafter = ["no-class"]'),
    )
    small.change(
        "corrections.toml",
        ('study = "one"', 'study = "no-study"'),
        ('trial = "NCT00000001"', 'trial = "NCT00000009"'),
    )
    small.change(
        ONE,
        ('pmid = "1234"', 'pmid = "1234"\nsuperseded_by = "no-study"\noverlaps = ["no-other"]'),
        ("n = 10", 'n = 10\nafter = ["drugs", "beta", "no-class"]'),
        ('["breast"]', '["no-tumor"]'),
        ('["her2"]', '["no-marker"]'),
        ('treatment = "beta"', 'treatment = "no-drug"'),
        ('question = "add"', 'question = "add"\nagainst_tests = ["no-drug"]'),
    )
    small.write(
        "looked_for.toml",
        '[[looked_for]]\nwhat = "A drug"\nsubject = "drug"\ntreatments = ["no-drug"]\n'
        'tumors = ["no-tumor"]\non = "2025"\nwhere = ["a registry"]\n',
    )
    found = small.problems()
    assert all("there is no" in problem.what for problem in found)
    assert [(problem.file, problem.line) for problem in found] == [
        ("biomarkers.toml", 4), ("corrections.toml", 2), ("corrections.toml", 11), ("guidelines.toml", 2),
        ("guidelines.toml", 9), ("guidelines.toml", 10), ("looked_for.toml", 4),
        ("looked_for.toml", 5), (ONE, 4), (ONE, 5), (ONE, 16), (ONE, 17), (ONE, 19), (ONE, 28), (ONE, 61),
        (TREATMENTS, 14), (TREATMENTS, 19), (TREATMENTS, 23), ("trials.toml", 5),
        ("trials.toml", 6), ("trials.toml", 7), ("trials.toml", 8), ("trials.toml", 11),
        ("tumors.toml", 4), ("tumors.toml", 13), ("tumors.toml", 14), ("tumors.toml", 15),
    ]  # fmt: skip


def test_a_broken_file_hides_nothing_and_blames_nobody(small: Folder) -> None:
    """With the treatments unreadable, the other files are still checked, but not against them."""
    small.change(TREATMENTS, ("schema_version = 2", "schema_version ="))
    small.change("trials.toml", ('["breast"]', '["no-tumor"]'))
    assert small.found() == [(TREATMENTS, 1, "treatments"), ("trials.toml", 5, "NCT00000001")]


@pytest.mark.parametrize(
    ("version", "todo"), [(3, "get a newer lmtx"), (1, "run lmtx fmt --upgrade on it")]
)
def test_data_of_another_version(small: Folder, version: int, todo: str) -> None:
    """Data of a schema that this program does not read are refused."""
    small.change(TREATMENTS, ("schema_version = 2", f"schema_version = {version}"))
    [problem] = small.problems()
    assert (problem.line, problem.todo) == (1, todo)


def test_trees_that_run_in_a_ring(small: Folder) -> None:
    """No node is above itself; a node that hangs on a ring is not blamed."""
    small.change(
        TREATMENTS,
        ('label = "Drugs"', 'label = "Drugs"\nparent = "old-drugs"'),
        (
            "[[treatment]]",
            '[[class]]\nid = "new"\nlabel = "New"\nparent = "drugs"\n\n[[treatment]]',
        ),
    )
    assert [(problem.line, problem.record) for problem in small.problems()] == [
        (10, "drugs"),
        (15, "old-drugs"),
    ]


def test_names_given_twice(small: Folder) -> None:
    """Names are compared as they are looked up: case and dashes aside; once for a record's own."""
    small.change(
        TREATMENTS, ('name = "Betamab"', 'name = "Betamab"\naliases = ["ALPHA-mab", "beta-mab"]')
    )
    small.change(
        "trials.toml",
        (
            "[[trial]]",
            '[[trial]]\nid = "NCT00000001"\ntitle = "Again"\nstatus = "unknown"\ntumors = '
            '["breast"]\n\n[[trial]]',
        ),
    )
    found = small.problems()
    assert [(problem.file, problem.line) for problem in found] == [
        (TREATMENTS, 31),
        ("trials.toml", 7),
    ]
    assert found[0].what == "the name 'ALPHA-mab' already belongs to alpha"


def test_a_number_of_another_registry_is_a_name_of_its_trial(small: Folder) -> None:
    """No second trial has it, and a trial may tell its own number twice."""
    again = (
        '[[trial]]\nid = "ISRCTN00000001"\ntitle = "Again"\nstatus = "unknown"\ntumors = '
        '["breast"]\n'
    )
    own = 'id = "NCT00000001"\nnct = "NCT00000001"\nregistry_id = "ISRCTN00000001"'
    small.change("trials.toml", ('id = "NCT00000001"', own))
    assert small.problems() == []
    small.write("trials.toml", (small.path / "trials.toml").read_text() + "\n" + again)
    [problem] = small.problems()
    assert problem.record == "ISRCTN00000001"
    assert problem.what == "the name 'ISRCTN00000001' already belongs to NCT00000001"


def test_identifiers_and_links_of_studies(small: Folder) -> None:
    """A study is called like its file, owns its identifiers, and links between reports make sense."""
    small.change(
        "studies/two.toml",
        ('id = "two"', 'id = "two"\npmid = "1234"\nsuperseded_by = "one"'),
    )
    small.change(
        ONE,
        (
            'pmid = "1234"',
            'pmid = "1234"\nsuperseded_by = "two"\noverlaps = ["two"]',
        ),
    )
    small.write("studies/misnamed.toml", SMALL["studies/two.toml"].replace('"two"', '"three"'))
    assert small.found() == [
        ("studies/misnamed.toml", 2, "three"), (ONE, 4, "one"), (ONE, 5, "one"), ("studies/two.toml", 3, "two"), ("studies/two.toml", 4, "two"),
    ]  # fmt: skip


def test_a_misnamed_file_is_still_shown_by_its_own_name(small: Folder) -> None:
    """Problems in a file that is called otherwise than its study point into that file."""
    (small.path / ONE).rename(small.path / "studies/other.toml")
    small.change("studies/other.toml", ("events = 5", "events = 9"))
    assert small.found() == [("studies/other.toml", 2, "one"), ("studies/other.toml", 33, "one.1")]


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('unit = "%"', 'unit = "ng/mL"', 28, "'ng/mL' is not a unit of csf-plasma-ratio"),
        ("value = 2\nlow = 1\nhigh = 3\n", "", 22, "no figure"),
        ("low = 1", "low = 4", 26, "csf low: the range runs backwards"),
        ("value = 2", "value = 5", 25, "csf value: 5 lies outside its range"),
        ("value = 2\nlow = 1\nhigh = 3", "value = 0\nlow = 1", 25, "csf value: 0 lies outside its range"),
        ("value = 2", "value = 2\nspread = 1", 26, "spread and spread_kind go together"),
    ],
)  # fmt: skip
def test_csf_levels(small: Folder, old: str, new: str, line: int, what: str) -> None:
    """A CSF level has a figure in the unit of its measure, inside its range."""
    small.change(TREATMENTS, (old, new))
    found = small.problems()
    assert any(problem.line == line and what in problem.what for problem in found), found
    assert {problem.record for problem in found} == {"alpha"}


def test_facts(small: Folder) -> None:
    """Facts are numbered once, their ranges run upwards and count something."""
    small.change("tumors.toml", ('unit = "months"\n', ""), ("value_low = 5", "value_low = 8"))
    small.write(
        "tumors.toml",
        (small.path / "tumors.toml").read_text()
        + '\n[[tumor.fact]]\nrow = 1\ntopic = "survival"\nstatement = "Short."\nstudy = "one"\n',
    )
    assert [(problem.line, problem.what.partition(":")[0]) for problem in small.problems()] == [
        (5, "unit"),
        (6, "row"),
        (9, "value_low"),
        (14, "row"),
    ]


def test_a_base_without_a_source(small: Folder) -> None:
    """A record that came from no file is blamed at line 1 of where it would be."""
    base, _ = loading.read_base_files(small.path)
    assert base.source("nowhere.toml").problem(("x",), "r", "wrong") == Problem(
        "nowhere.toml", 1, "r", "wrong", ""
    )
    assert str(Problem("f", 1, "r", "wrong", "")) == "f:1: r: wrong"


# ---- lines

TEXT = """\
# a comment
top = 1
"quoted key" = 2

[[a]]
x = 1
long = \"\"\"
[not.a.header]
x = 2
\"\"\"
y = \"\"\"all on one line\"\"\"
z = '''
b = 1 '''

[[a.b]]
x = 1
[[ a.b ]]  # again
x = [
  { y = 1 },
]
[[a]]
[a.c]
x = 3
[d]
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("top",), 2), (("quoted key",), 3), (("a", 0, "x"), 6), (("a", 0, "long"), 7), (("a", 0, "y"), 11), (("a", 0, "z"), 12), (("a", 0, "b", 0, "x"), 16),
        (("a", 0, "b", 1, "x", 0, "y"), 18), (("a", 0, "b", 1), 17), (("a", 1), 21), (("a", 1, "c", "x"), 23), (("a", 1, "nothing"), 21), (("d", "x"), 24), (("nowhere",), 1), ((), 1),
    ],
)  # fmt: skip
def test_line_of(location: tuple[str | int, ...], line: int) -> None:
    """A location leads to its key, or to the nearest header above it; text in quotes is no
    header."""
    assert find_nearest_line(TEXT, location) == line


def test_reading_as_root_or_not(small: Folder, run: Run) -> None:
    """A named pipe in place of a file is a problem, not a hang."""
    (small.path / "trials.toml").unlink()
    os.mkfifo(small.path / "trials.toml")
    answer = run("validate", str(small.path))
    assert answer.code == 3
    assert "trials.toml:1: trials: is missing or not a plain file" in answer.err


@pytest.mark.parametrize(
    ("read", "what"),
    [
        ("2026", ""),
        ("2026-02", ""),
        ("2026-02-28", ""),
        ("2026-13", "'2026-13' is not a date"),
        ("2026-02-30", "'2026-02-30' is not a date"),
        ("2099-01", "2099-01 lies in the future"),
    ],
)
@pytest.mark.parametrize("key", ["status_read", "updated"])
def test_dates_of_a_trial(small: Folder, key: str, read: str, what: str) -> None:
    """The day on which a status was read or posted is one of the calendar, and has come."""
    small.change(
        "trials.toml", ('status = "recruiting"', f'status = "recruiting"\n{key} = "{read}"')
    )
    assert [(problem.line, problem.what) for problem in small.problems()] == (
        [(5, f"{key}: {what}")] if what else []
    )


# ---- schema 1


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        (ONE, "n = 10", 'n = 10\ntreatments = ["alpha"]', 17),
        (ONE, 'unit = "months"', 'unit = "months"\nversus = "nothing"', 40),
        (ONE, 'pmid = "1234"', 'pmid = "1234"\nlevel = "V"', 4),
        ("trials.toml", 'title = "A trial"', 'title = "A trial"\ntreatments = ["beta"]', 4),
    ],
)
def test_files_of_schema_1_are_refused_in_one_line(
    run: Run, small: Folder, name: str, old: str, new: str, line: int
) -> None:
    """The line names the file, the place and the command that upgrades it."""
    small.change(name, (old, new))
    problems = [problem for problem in small.problems() if problem.file == name]
    assert [(problem.line, problem.todo) for problem in problems] == [
        (line, f"lmtx fmt --upgrade {name} makes it schema 2")
    ]
    answer = run("validate", str(small.path))
    assert answer.code == 3
    assert f"lmtx fmt --upgrade {small.path / name} makes it schema 2" in answer.err


def test_every_check_is_run() -> None:
    written = {name for name in vars(checks) if name.startswith("check_")}
    assert written == {check.__name__ for check in checks.CHECKS}, "give it its line in CHECKS"
