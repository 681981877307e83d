"""What a hostile or careless environment does: odd arguments, folders, widths, files and signals."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx.cli.run import main
from support import SCRIPT, Answer, Lmtx

Run = Callable[..., Answer]


@pytest.mark.parametrize("typed", ["\x1b[31mred", "\x9b31m", "a\nb\r", "abc\u202edef"])
def test_what_was_typed_never_drives_the_terminal(run: Run, tmp_path: Path, typed: str) -> None:
    for answer in (run("show", typed), run("guidelines", typed), run("export", "-o", str(tmp_path / typed))):
        assert answer.err[:-1].isprintable() and answer.err.endswith("\n")


@pytest.mark.parametrize("arguments", [("list", "--min-n"), ("evidence", "--min-n"), ("evidence", "--limit")])
def test_a_number_too_large_is_usage(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments, "9" * 23)
    assert answer.code == 2 and answer.err.count("\n") == 1


@pytest.mark.parametrize("width", ["²", "9" * 5000])
def test_an_odd_width_does_not_matter(run: Run, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("LMTX_FORCE_TTY", width)
    assert run("list", "--tumor", "melanoma", "-f", "table").code == 0


def test_the_cache_may_be_a_relative_folder(lmtx: Lmtx, tmp_path: Path) -> None:
    for _ in range(2):
        done = subprocess.run([SCRIPT, "list"], env={**lmtx.environment, "LMTX_CACHE_DIR": "here"}, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert list((tmp_path / "here").glob("index-*.sqlite"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stderr_does_not_spoil_the_answer(lmtx: Lmtx) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([SCRIPT, "list"], env=lmtx.environment, cwd=lmtx.folder, stdout=subprocess.PIPE, stderr=full, timeout=60, check=False)
    assert done.returncode == 0 and done.stdout.startswith(b"id\t")


def test_text_damaged_inside_the_cache_is_removed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> None:
        raise sqlite3.OperationalError("Could not decode to UTF-8 column 'record'")

    monkeypatch.setattr("lmtx.cli.listings.open_index", opened)
    monkeypatch.setattr("lmtx.index.cache.discard", lambda folder: True)
    answer = run("list")
    assert answer.code == 3 and "damaged" in answer.err


def test_an_interrupt_while_modules_are_read_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmtx.cli.run._tolerate_streams", lambda: os.kill(os.getpid(), signal.SIGINT))
    assert main(["list"]) == 130


def test_the_entry_reads_no_module_before_interrupts_are_caught(lmtx: Lmtx) -> None:
    assert lmtx.python("import sys, lmtx.cli.run; print('typer' in sys.modules)").out == "False\n"


def test_a_number_that_python_does_not_read_is_a_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("x = " + "9" * 5000, encoding="utf-8")
    answer = run("validate", str(tmp_path / "x.toml"))
    assert answer.code == 3 and "not valid TOML" in answer.err


def test_a_file_of_countless_problems_is_told_in_short(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("".join(f"k{i} = 1\n" for i in range(2000)), encoding="utf-8")
    answer = run("validate", str(tmp_path / "x.toml"))
    assert answer.code == 3 and "more problems" in answer.err and answer.err.count("\n") < 60
