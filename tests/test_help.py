"""Every help text begins with examples, and every example runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmtx.cli.app import load_command
from support import BASE, COMMANDS, DATA, Answer, Lmtx, read_folder

Run = Callable[..., Answer]


def examples(text: str) -> Iterator[str]:
    """Yield the lines of a help text that are commands, without the remark behind them."""
    for line in text.splitlines():
        if line.strip().startswith("lmtx "):
            yield re.split(r"\s{2,}", line.strip())[0]


def help_of(name: str) -> str:
    return load_command(name).help or ""


@pytest.mark.parametrize("name", COMMANDS)
def test_help_begins_with_one_line_and_two_or_three_examples(name: str, run: Run) -> None:
    first, blank, *_ = help_of(name).splitlines()
    assert first.endswith(".") and blank == ""
    own = [line for line in examples(help_of(name)) if line.split()[1] == name]
    assert 2 <= len(own) <= 4, own
    answer = run(name, "--help")
    assert answer.code == 0 and answer.err == ""
    assert own[0] in answer.out, "click joined the lines: the docstring lacks its \\b"
    assert answer.out.index(own[0]) < answer.out.index("Options:")


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name in COMMANDS for line in examples(help_of(name))]
)
def test_every_example_runs(
    run: Run,
    lmtx: Lmtx,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if name in ("validate", "fmt", "diff", "export"):  # whatever base it is
        read_folder(monkeypatch, BASE)
        for place in ("data", "my-data", "records"):
            (tmp_path / place).symlink_to(BASE)
    if name == "fetch":  # without asking anybody
        monkeypatch.setattr("lmtx.cli.fetch._fetch_findings", lambda *_: iter(()))
        monkeypatch.setattr("lmtx.cli.fetch.choose_data_folder", lambda: DATA)
    if name == "diff":
        for file in ("old.json", "old.sqlite", "new.jsonl"):
            run("export", "-o", file)
    if name == "mcp":
        pytest.importorskip("mcp")
        (tmp_path / "my-records").mkdir()
        (tmp_path / "my-records" / "own.toml").touch()
        answer = lmtx(*shlex.split(line)[1:])  # a client that closes at once
        assert (answer.code, answer.out) == (0, ""), answer.err
        return
    answer = run(*shlex.split(line.partition(" > ")[0].partition(" | ")[0])[1:])
    assert answer.code == 0, answer.err


def test_the_examples_of_the_overview_run(run: Run) -> None:
    found = list(examples(run("--help").out))
    assert len(found) >= 3
    for line in found:
        assert run(*shlex.split(line)[1:]).code == 0, line


def test_the_overview_names_every_command(run: Run) -> None:
    out = run("-h").out
    assert all(re.search(rf"^  {name}  ", out, re.M) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, run(name, "--help").out.splitlines())) <= 80
