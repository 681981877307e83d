"""`lmtx fmt`: canonical order, with every comment and every value kept."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from lmtx.curation import formatter as module
from lmtx.curation.formatter import format_data_file
from lmtx.errors import DataError
from support import BASE, DATA, Answer, Lmtx

Run = Callable[..., Answer]

UNTIDY = '''\
#:schema ../schema/study.json
# Entered by hand.

# the study itself
[study]
year=2020   # as printed
# the short name
id = "y"


title = """
a # no comment
# nor this one~~~
b"""
# below the title

seen_at = [
  # the page
  "https://x.org",~~~
]

# about row two
# in two lines

# and a second block
[[evidence]]
# right below its header

row = 2
  tumors = ["a"]
  "direction" = "benefit"

[[evidence.outcome]]
unit = "%"
value = 3

[[evidence.outcome]]
value = 1
unit = "HR"

# about row one
[[evidence]] # the header
row = 1
# below row one

# at the end

# at the very end
'''.replace("~", " ")
TIDY = '''\
#:schema ../schema/study.json

# Entered by hand.

# the study itself
[study]
# the short name
id = "y"
title = """
a # no comment
# nor this one~~~
b"""
# below the title
year = 2020   # as printed
seen_at = [
  # the page
  "https://x.org",~~~
]

# about row one
[[evidence]] # the header
row = 1
# below row one

# about row two
# in two lines

# and a second block
[[evidence]]
# right below its header
row = 2
tumors = ["a"]
"direction" = "benefit"

[[evidence.outcome]]
value = 3
unit = "%"

[[evidence.outcome]]
value = 1
unit = "HR"

# at the end

# at the very end
'''.replace("~", " ")


def test_keys_rows_and_comments_go_where_they_belong() -> None:
    assert format_data_file(UNTIDY, "studies/y.toml") == TIDY
    assert format_data_file(TIDY, "studies/y.toml") == TIDY
    assert format_data_file(UNTIDY.replace("\n", "\r\n"), "studies/y.toml") == TIDY


@pytest.mark.parametrize(
    ("name", "text", "order"),
    [
        ("trials.toml", '[[trial]]\nid = "NCT2"\n[[trial]]\nid = "NCT1"\n', ["NCT1", "NCT2"]),
        (
            "treatments.toml",
            '[[treatment]]\nid = "b"\n[[class]]\nid = "z"\n[[class]]\nid = "a"\n[[treatment]]\nid '
            '= "a"\n',
            ["z", "a", "a", "b"],
        ),
        ("tumors.toml", '[[tumor]]\nid = "solid"\n[[tumor]]\nid = "breast"\n', ["solid", "breast"]),
        (
            "trials.toml",
            '[[trial]]\nid = "NCT2"\n[[trial]]\nnct = "NCT1"\n[[trial]]\nid = "NCT0"\n',
            ["NCT2", "NCT0"],
        ),
        ("x.toml", '[study]\nid = "x"\n[[evidence]]\nrow = 10\n[[evidence]]\nrow = 9\n', ["x"]),
        (
            "x.toml",
            '[[comparison]]\ncomparison = 2\n[[comparison]]\ncomparison = 1\n[study]\nid = "x"\n',
            ["x"],
        ),
    ],
)
def test_each_file_has_the_order_of_its_kind(name: str, text: str, order: list[str]) -> None:
    made = format_data_file(text, f"some/folder/{name}")
    assert [
        line.partition(" = ")[2].strip('"') for line in made.splitlines() if line.startswith("id")
    ] == order
    rows = [
        int(line.partition(" = ")[2])
        for line in made.splitlines()
        if line.startswith(("row", "comparison"))
    ]
    assert rows == sorted(rows)


def test_unknown_keys_come_last_and_an_empty_file_stays_one() -> None:
    assert (
        format_data_file('[study]\nzzz = 1\nyear = 2\naaa = 3\nid = "x"\n', "x.toml")
        == '[study]\nid = "x"\nyear = 2\nzzz = 1\naaa = 3\n'
    )
    assert format_data_file("", "x.toml") == "\n"
    assert (
        format_data_file("schema_version = 1\n\n[other]\nb = 1\na = 2\n", "x.toml")
        == "schema_version = 1\n\n[other]\nb = 1\na = 2\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[study]\nid = \n", 2, "not valid TOML"),
        ("[[evidence.outcome]]\nvalue = 1\n", 1, "stands before the table it belongs to"),
        ("[study]\nyear = 1" + "0" * 5000 + "\n", 1, "not valid TOML"),
        ("[tool]\nb=1\n\n\n# note\na   = 2\n", 1, "is not a data file"),
        ('[study]\nid = "x"\n\n[[evidence]]\nrow = 1\ntreatments = ["a"]\n', 6, "is written in schema 1"),
        ("[study]\nx = " + "[" * 3000 + "]" * 3000 + "\n", 1, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(DataError) as caught:
        format_data_file(text, "studies/x.toml")
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("studies/x.toml", line) and said in problem.what


def test_values_of_several_lines_are_told_apart_by_their_signs() -> None:
    """What looks like a bracket, a fence or a comment inside another of them opens nothing."""
    values = [
        "[ # ] not yet\n  1, # [[\n]", '["]", \'[\', "\\"]", [\n  {a = "}"}\n]]', '"""\n]]]\'\'\'# \\""" ""\n"""', '"""a"" \\\nb"""""', "'''\n\"\"\"\\''' # \"\"\"", "''", '""', "''''''",
        '"""""" # [', '"#["', "'\\' # '", '{a = [\n1], b = "{"}',
    ]  # fmt: skip
    text = "[study]\n" + "".join(f"k{number:02} = {value}\n" for number, value in enumerate(values))
    assert format_data_file(text, "x.toml") == text
    assert tomli.loads(text)["study"].keys() == {f"k{number:02}" for number in range(len(values))}


def test_a_long_value_is_not_read_again_with_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[study]\nseen_at = [\n" + '  "https://example.org",\n' * 2000 + "]\n"
    honest, read = tomli.loads, []
    monkeypatch.setattr(tomli, "loads", lambda told: (read.append(len(told)), honest(told))[1])
    assert format_data_file(text, "x.toml") == text
    assert sum(read) < 5 * len(text)


@pytest.mark.parametrize("fault", ["value", "comment"])
def test_nothing_is_written_that_says_something_else(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The result is read back: were a value or a comment lost, the file would be refused."""
    honest = module.write_toml_pieces
    monkeypatch.setattr(
        module,
        "write_toml_pieces",
        lambda cut: (
            honest(cut).replace("value = 3", "value = 4")
            if fault == "value"
            else honest(cut).replace("# below row one\n", "")
        ),
    )
    with pytest.raises(DataError, match="cannot be put in order") as caught:
        format_data_file(UNTIDY, "x.toml")
    assert "without changing what it says" in caught.value.problems[0].what


STUDIES = sorted((DATA / "studies").glob("*.toml"))


def scrambled(text: str, seed: int) -> str:
    """Return a data file with its keys shuffled inside their tables, its blank lines lost or
    doubled, and comments strewn over it."""
    chance = random.Random(seed)
    made: list[str] = []
    for block in text.rstrip("\n").split("\n\n"):
        header, *lines = block.split("\n")
        keys: list[str] = []
        for line in lines:
            if line[:1] in (" ", "]") and keys:
                keys[-1] += f"\n{line}"
            else:
                keys.append(line)
        chance.shuffle(keys)
        made.append(header)
        for number, key in enumerate(keys):
            made += (
                [f"# note {seed}.{len(made)}.{number}"] * (chance.random() < 0.3)
                + [""] * (chance.random() < 0.2)
                + [key]
            )
        made += (
            [""] * chance.randrange(3)
            + [f"# about {len(made)}"] * (chance.random() < 0.3)
            + [""] * chance.randrange(2)
        )
    return "\n".join(made) + "\n"


@given(st.sampled_from(STUDIES), st.integers(0, 10**6))
def test_any_order_leads_to_the_same_file_and_stays_there(path: Path, seed: int) -> None:
    text = path.read_text(encoding="utf-8")
    untidy = scrambled(text, seed)
    made = format_data_file(untidy, path.name)
    assert tomli.loads(made) == tomli.loads(text)
    assert format_data_file(made, path.name) == made

    def comments(of: str) -> Counter[str]:
        return Counter(line for line in of.splitlines() if line.startswith("#"))

    assert comments(made) == comments(untidy)
    bare = "\n".join(line for line in made.splitlines() if not line.startswith("# "))
    assert [line for line in bare.splitlines() if line] == [
        line for line in format_data_file(text, path.name).splitlines() if line
    ]


def test_the_data_are_in_canonical_order(run: Run) -> None:
    """`lmtx fmt` repairs it."""
    answer = run("fmt", "--check", str(DATA))
    assert (answer.code, answer.out) == (0, ""), answer.err


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "data")
    treatments = tmp_path / "data" / "treatments.toml"
    treatments.write_text(
        format_data_file(treatments.read_text(encoding="utf-8"), treatments.name), encoding="utf-8"
    )
    study = tmp_path / "data" / "studies" / "doe-2020.toml"
    study.write_text(
        study.read_text(encoding="utf-8")
        .replace("year = 2020\n", "")
        .replace("[study]\n", "[study]\nyear = 2020\n"),
        encoding="utf-8",
    )
    return tmp_path / "data"


def test_check_lists_what_is_not_in_order_and_changes_nothing(run: Run, folder: Path) -> None:
    study = folder / "studies" / "doe-2020.toml"
    before = study.read_bytes()
    answer = run("fmt", "--check", str(folder))
    assert (answer.code, answer.out) == (3, f"{study}\n") and study.read_bytes() == before
    assert "1 of 11 files not in canonical order; lmtx fmt puts them in order" in answer.err


def test_fmt_puts_files_in_order_and_names_them(run: Run, folder: Path) -> None:
    study = folder / "studies" / "doe-2020.toml"
    answer = run("fmt", str(folder))
    assert (answer.code, answer.out, answer.err) == (
        0,
        f"{study}\n",
        "lmtx: 1 of 11 files put in order\n",
    )
    assert study.read_text(encoding="utf-8") == (BASE / "studies" / "doe-2020.toml").read_text(
        encoding="utf-8"
    )
    again = run("fmt", str(study), str(study))
    assert (again.code, again.out, again.err) == (0, "", "lmtx: 1 file in order\n")
    assert run("fmt", "-q", str(folder)).err == ""


def test_one_bad_file_leaves_all_as_they_are(run: Run, folder: Path) -> None:
    study, bad, worse = (
        folder / "studies" / "doe-2020.toml",
        folder / "studies" / "bad.toml",
        folder / "studies" / "worse.toml",
    )
    bad.write_text("[study]\nid = \n", encoding="utf-8")
    worse.write_bytes(b'[study]\nid = "\xff"\n')
    before = study.read_bytes()
    answer = run("fmt", str(folder))
    assert (answer.code, answer.out) == (3, "") and study.read_bytes() == before
    assert (
        f"{bad}:2: bad: not valid TOML" in answer.err
        and f"{worse}:2: worse: is not UTF-8 (byte 14)" in answer.err
    )
    assert "2 files cannot be put in order; nothing was changed" in answer.err


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda place: place / "nowhere", 3, "no such file or folder"),
        (lambda place: place, 2, "no TOML file in"),
        (
            lambda place: Path(shutil.copy(BASE / "trials.toml", place / "a.txt")),
            2,
            "is not a TOML file",
        ),
        (lambda place: made(place, b"\xef\xbb\xbf[study]\n"), 3, "begins with a byte-order mark"),
        (lambda place: made(place, b"[tool]\nx=1\n"), 3, "is not a data file"),
        pytest.param(
            lambda place: pipe(place),
            3,
            "is missing or not a plain file",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes"),
        ),
    ],
)
def test_what_is_no_data_file_is_refused(
    run: Run, tmp_path: Path, make: Callable[[Path], Any], code: int, said: str
) -> None:
    answer = run("fmt", str(make(tmp_path)))
    assert (
        answer.code == code and said in answer.err.splitlines()[0] and answer.err.count("\n") <= 2
    )


def made(place: Path, content: bytes) -> Path:
    (place / "a.toml").write_bytes(content)
    return place / "a.toml"


def pipe(place: Path) -> Path:
    """Return the folder of a named pipe, which nobody writes to."""
    os.mkfifo(place / "a.toml")
    return place


def test_line_ends_of_windows_stay_as_the_checkout_has_them(run: Run, tmp_path: Path) -> None:
    place = made(tmp_path, b'[study]\r\nid = "x"\r\n')
    answer = run("fmt", str(place))
    assert (answer.code, answer.out) == (0, "")
    assert place.read_bytes() == b'[study]\r\nid = "x"\r\n'


def test_hidden_files_are_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "x.toml").write_text("[study]\nyear=1\n", encoding="utf-8")
    (tmp_path / "x.toml").write_text("[study]\nyear=1\n", encoding="utf-8")
    assert run("fmt", str(tmp_path)).out == f"{tmp_path / 'x.toml'}\n"


def test_without_a_path_it_is_the_data_of_the_checkout(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.setattr("lmtx.index.find_bundled_data_folder", lambda: folder)
    assert run("fmt", "--check").out == "data/studies/doe-2020.toml\n"
    monkeypatch.chdir(folder / "studies")
    assert run("fmt", "--check").out == f"{folder}/studies/doe-2020.toml\n"


def test_the_data_of_an_installed_copy_are_not_touched_unasked(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("lmtx.index.find_bundled_data_folder", lambda: folder)
    monkeypatch.setattr("lmtx.cli.curation.PACKAGE_FOLDER", folder.parent)
    monkeypatch.chdir(folder)
    answer = run("fmt")
    assert answer.code == 2 and "nothing named to put in order" in answer.err


def test_a_folder_that_takes_no_file_leaves_the_old_one(lmtx: Lmtx, folder: Path) -> None:
    study = folder / "studies" / "doe-2020.toml"
    before = study.read_bytes()
    lmtx("fmt", str(study), env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert study.read_bytes() != before and not [
        path for path in study.parent.iterdir() if path.name.startswith(".")
    ]
