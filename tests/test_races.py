"""What happens at once: data that change while they are read, and many first runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from children import WATCHED, child
from lmtx.index import cache, is_sound_index, open_index
from support import Answer
from test_cache import files, treatments

Run = Callable[..., Answer]


# Data that change meanwhile


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[int], None]) -> list[int]:
    """Call `change` with the number of the attempt whenever the data have been read, before the
    index is in its place.
    """
    from lmtx.index import compile as compiler

    attempts: list[int] = []
    checked = compiler.load_checked_base

    def reading(*laid: Any) -> Any:
        attempts.append(len(attempts) + 1)
        try:
            return checked(*laid)
        finally:
            change(attempts[-1])

    monkeypatch.setattr(compiler, "load_checked_base", reading)
    return attempts


@pytest.mark.parametrize("cached", [True, False])
def test_data_that_change_while_they_are_read_are_read_again(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    if not cached:
        monkeypatch.setattr(cache, "_index_path", lambda mark: None)

    def change(attempt: int) -> None:
        if attempt == 1:
            (folder / "studies" / "loe-2018.toml").unlink()

    attempts = changing(monkeypatch, change)
    answer = run("evidence", "--json")
    assert (
        attempts == [1, 2]
        and answer.code == 0
        and "loe-2018.1" not in {row["id"] for row in answer.rows}
    )
    from lmtx.index.identity import identify_data

    assert json.loads(answer.out)["data"]["sha256"] == identify_data(folder).sha256


def test_a_half_saved_file_is_read_again_when_it_is_whole(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = folder / "studies" / "new.toml"
    half.write_text("[stu", encoding="utf-8")
    attempts = changing(monkeypatch, lambda attempt: half.unlink(missing_ok=True))
    assert run("list").code == 0 and attempts == [1, 2]


def test_data_that_never_rest_are_said(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(attempt: int) -> None:
        (folder / "tumors.toml").write_text(
            (folder / "tumors.toml").read_text(encoding="utf-8") + "\n", encoding="utf-8"
        )

    attempts = changing(monkeypatch, change)
    answer = run("list")
    assert (
        len(attempts) == cache.COMPILE_ATTEMPTS
        and (answer.code, answer.out) == (3, "")
        and "change while they are read" in answer.err
    )
    assert files(folder) == []


# Many first runs at once


def test_an_index_that_vanishes_before_it_is_opened_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(open_index().path)
    sound = cache.is_sound_index

    def vanish(found: Path, largest: float) -> bool:
        monkeypatch.setattr(cache, "is_sound_index", sound)
        found.unlink()
        return True

    monkeypatch.setattr(cache, "is_sound_index", vanish)
    assert treatments(open_index()) == 4 and path.is_file()


def test_an_index_that_never_stays_is_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that a group may write to, another user may take each new one away."""
    monkeypatch.setattr(cache, "is_sound_index", lambda found, largest: found.unlink() or True)
    open_index()
    found = open_index()
    assert found.path == ":memory:" and found.cache_fault.endswith("did not stay there")


def race(folder: Path, number: int) -> set[tuple[bytes, bytes, int]]:
    """Start runs that all find an empty cache; return their different answers."""
    env = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}
    command: Sequence[str] = [
        sys.executable,
        "-c",
        WATCHED,
        str(folder),
        "none",
        "list",
        "--json",
        "-q",
    ]
    running = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(number)
    ]
    return {(*process.communicate(timeout=600), process.returncode) for process in running}


@pytest.mark.ci
@pytest.mark.parametrize("number", [16, pytest.param(200, marks=pytest.mark.long)])
def test_first_runs_race(folder: Path, number: int) -> None:
    """All give the same answer, and one sound index is left and nothing else."""
    answers = race(folder, number)
    assert [answer[1:] for answer in answers] == [(b"", 0)]
    [path] = (folder.parent / "cache").glob("index-*.sqlite")
    assert is_sound_index(path) and list(path.parent.iterdir()) == [path]


@pytest.mark.ci
def test_first_runs_race_with_ones_that_are_killed(folder: Path) -> None:
    """Killed at any moment, a run leaves nothing that another one reads."""
    command = [sys.executable, "-c", WATCHED, str(folder), "none", "list", "-q"]
    for wait in (0.1, 0.2, 0.3, 0.4, 0.5):
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(wait)
            process.kill()
        found = [
            path
            for path in (folder.parent / "cache").glob("index-*.sqlite")
            if not is_sound_index(path)
        ]
        assert not found
    assert len({child(folder, "none", "list", "-q").stdout for _ in range(2)}) == 1
