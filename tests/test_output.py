"""`-o FILE` on what answers with rows or a card: the form by the ending, the file whole or not
there at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support import Answer, Lmtx

Run = Callable[..., Answer]
FORMS = {"csv": "csv", "tsv": "tsv", "json": "json", "jsonl": "jsonl", "md": "md", "txt": "table"}
QUESTIONS = (
    ["list", "--tumor", "melanoma"],
    ["show", "osimertinib"],
    ["map", "-t", "lung"],
    ["info"],
)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("ending", FORMS)
def test_a_file_holds_what_stdout_would(
    run: Run, tmp_path: Path, question: list[str], ending: str
) -> None:
    place = tmp_path / f"answer.{ending}"
    written = run(*question, "-o", str(place))
    assert (written.code, written.out) == (0, "")
    assert written.err.startswith(f"lmtx: {place}: ")
    assert place.read_text(encoding="utf-8") == run(*question, "-f", FORMS[ending]).out


def test_a_dash_is_stdout_and_a_format_goes_before_the_ending(run: Run, tmp_path: Path) -> None:
    assert run("levels", "-o", "-", "--csv").out == run("levels", "--csv").out
    place = tmp_path / "levels.data"
    assert run("levels", "-o", str(place), "--json").code == 0
    assert json.loads(place.read_text(encoding="utf-8"))["rows"]


def test_a_file_that_is_there_is_replaced_only_with_force(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_text("mine", encoding="utf-8")
    answer = run("levels", "-o", str(place))
    assert answer.code == 3 and "--force replaces" in answer.err and place.read_text() == "mine"
    assert run("levels", "-o", str(place), "--force").code == 0 and place.read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("levels -o x.pdf", 2, "no form ends in '.pdf'"),
        ("levels -o x", 2, "the name has no ending"),
        ("levels -o x.svg", 2, "no form ends in '.svg'"),
        ("map -o x.pdf", 2, ".svg, .png or .html for a picture"),
        ("levels -o no/such/x.csv", 3, "cannot write"),
        ("list -t melanoma --min-n 100000 -o x.txt", 1, "nothing matched"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*arguments.split())
    assert answer.code == code and message in answer.err
    assert not [*tmp_path.iterdir()]


def test_an_empty_answer_is_written_for_machines_and_told(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.csv"
    answer = run("list", "-t", "melanoma", "--min-n", "100000", "-o", str(place))
    assert answer.code == 1 and "nothing matched" in answer.err
    assert len(place.read_text(encoding="utf-8").splitlines()) == 1


def test_no_colour_of_a_terminal_goes_into_a_file(lmtx: Lmtx, tmp_path: Path) -> None:
    place = tmp_path / "card.txt"
    answer = lmtx("show", "osimertinib", "-o", str(place), env={"LMTX_FORCE_TTY": "90"})
    assert answer.code == 0 and "\x1b" not in place.read_text(encoding="utf-8")


def test_problems_and_differences_go_into_a_file_too(run: Run, tmp_path: Path) -> None:
    assert run("validate", "-o", str(tmp_path / "problems.json")).code == 0
    assert json.loads((tmp_path / "problems.json").read_text(encoding="utf-8"))["rows"] == []
    assert run("export", "-o", str(tmp_path / "now.json")).code == 0
    answer = run("diff", str(tmp_path / "now.json"), "-o", str(tmp_path / "diff.csv"))
    assert answer.code == 0 and (tmp_path / "diff.csv").read_text().startswith("change")
