"""Long work says how far it is: to a person at a terminal, after a second, on one line that is gone
in the end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from lmtx import progress
from lmtx.cli import run
from lmtx.index.compile import compile_folder
from support import BASE, Answer

Step = tuple[str, int, int]

COUNTED = (
    "lmtx: 3 treatments\nlmtx: 1 known treatment without evidence left out; --all lists them too\n"
)
"""What `list` says of the small base."""


class Terminal(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def nobody_listens() -> Iterator[None]:
    yield
    progress.end_stage()
    progress._listeners.clear()


@pytest.fixture
def heard() -> list[Step]:
    """All that is told from now on."""
    found: list[Step] = []
    progress.set_listener(lambda *step: found.append(step))
    return found


def test_each_step_is_told_before_it_is_done_and_the_end_once(heard: list[Step]) -> None:
    for number, item in enumerate(progress.report_steps("reading", ["a", "b"]), start=1):
        assert (
            heard == [("reading", n, 2) for n in range(1, number + 1)] and item == "ab"[number - 1]
        )
    progress.end_stage()
    assert heard == [("reading", 1, 2), ("reading", 2, 2), ("", 0, 0)]


def test_a_stage_that_broke_off_is_told_to_be_over(heard: list[Step]) -> None:
    next(progress.report_steps("reading", [1, 2]))
    progress.end_stage()
    assert heard == [("reading", 1, 2), ("", 0, 0)]


def test_a_new_listener_takes_the_place_of_the_old_one(heard: list[Step]) -> None:
    progress.set_listener(lambda *_: None)
    assert list(progress.report_steps("reading", [1])) == [1] and not heard


def test_without_a_listener_the_items_pass_unchanged() -> None:
    assert list(progress.report_steps("reading", (1, 2, 3))) == [1, 2, 3]


def test_compiling_tells_every_stage_and_every_file(heard: list[Step], tmp_path: Path) -> None:
    compile_folder(BASE, tmp_path / "index.sqlite")
    stages = list(dict.fromkeys(stage for stage, _, _ in heard if stage))
    assert stages == [
        "reading the data",
        "checking the data",
        "looking through the data",
        "writing the index",
        "finishing the index",
    ]
    files = 6 + len(list((BASE / "studies").glob("*.toml")))
    assert [
        number for stage, number, total in heard if stage == "reading the data" and total == files
    ] == list(range(1, files + 1))
    assert [
        number
        for stage, number, total in heard
        if stage == "writing the index" and total == files - 6
    ] == list(range(1, files - 5))
    assert heard[-1] == ("", 0, 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def terminal_stream() -> Terminal:
    return Terminal()


@pytest.fixture
def shown(terminal_stream: Terminal, clock: Clock) -> run.ProgressMeter:
    return run.ProgressMeter(terminal_stream, clock)


def test_nothing_is_shown_before_a_second_has_passed(
    shown: run.ProgressMeter, terminal_stream: Terminal, clock: Clock
) -> None:
    shown("reading", 1, 9)
    clock.now = run.PROGRESS_DELAY - 0.01
    shown("reading", 2, 9)
    shown("", 0, 0)
    assert terminal_stream.getvalue() == ""


def test_one_line_shows_the_latest_step_at_a_pace_and_is_wiped(
    shown: run.ProgressMeter, terminal_stream: Terminal, clock: Clock
) -> None:
    clock.now = run.PROGRESS_DELAY
    shown("reading", 1234, 5678)
    assert terminal_stream.getvalue() == "\rlmtx: reading, 1,234 of 5,678"
    shown("reading", 1235, 5678)
    assert terminal_stream.getvalue().count("\r") == 1, "too soon"
    clock.now += run.PROGRESS_INTERVAL
    shown("in", 1, 2)
    line = "\rlmtx: in, 1 of 2"
    assert terminal_stream.getvalue().endswith(
        line + " " * (len("\rlmtx: reading, 1,234 of 5,678") - len(line))
    ), "what was longer is covered"
    shown("", 0, 0)
    assert terminal_stream.getvalue().endswith("\r" + " " * (len(line) - 1) + "\r")
    before = terminal_stream.getvalue()
    shown.clear()
    assert terminal_stream.getvalue() == before, "an empty line is not wiped again"


def test_the_line_never_wraps(
    shown: run.ProgressMeter,
    terminal_stream: Terminal,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal_stream, "fileno", lambda: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((20, 5)))
    clock.now = 5
    shown("looking through the data", 1, 2)
    assert terminal_stream.getvalue() == "\rlmtx: looking throu"


def test_a_terminal_that_is_gone_disturbs_nothing(clock: Clock) -> None:
    stream = Terminal()
    shown = run.ProgressMeter(stream, clock)
    stream.close()
    clock.now = 5
    shown("reading", 1, 2)
    shown.clear()


def started(stream: io.StringIO, **parameters: bool) -> progress.Listener:
    """Return what shows the steps of a command that was called with these parameters."""
    from typer._click.core import Context

    app = typer.Typer()
    app.command()(lambda: None)
    with Context(typer.main.get_command(app)) as context:
        context.params.update(parameters)
        return run.choose_progress_listener(stream)


def test_only_a_person_who_waits_is_shown_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(started(Terminal()), run.ProgressMeter)
    assert isinstance(started(Terminal(), quiet=False), run.ProgressMeter)
    for silent in (
        started(Terminal(), quiet=True),
        started(io.StringIO()),
        run.choose_progress_listener(Terminal()),
    ):
        assert not isinstance(silent, run.ProgressMeter)
        silent("reading", 1, 2)


def at_once(monkeypatch: pytest.MonkeyPatch, stream: Terminal) -> None:
    monkeypatch.setattr(run, "PROGRESS_DELAY", 0)
    monkeypatch.setattr(run, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(sys, "stderr", stream)


def test_a_first_look_up_shows_how_far_it_is_and_leaves_an_empty_line(
    folder: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal()
    at_once(monkeypatch, stream)
    assert run("list", "--json").code == 0
    said, _, after = stream.getvalue().rpartition("\r")
    assert "lmtx: reading the data, 3 of 11" in said and "lmtx: finishing the index, 2 of 2" in said
    assert said.endswith(" ") and after == COUNTED


def test_a_quiet_one_and_one_on_a_pipe_show_nothing(
    folder: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal()
    at_once(monkeypatch, stream)
    assert run("list", "--json", "-q").code == 0 and stream.getvalue() == ""
    monkeypatch.setattr(stream, "isatty", lambda: False)
    (folder / "studies" / "doe-2020.toml").touch()
    assert run("list", "--json").code == 0 and stream.getvalue() == COUNTED


def test_an_interrupt_leaves_no_half_of_a_line(
    folder: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal()
    at_once(monkeypatch, stream)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lmtx.store.loading.parse_file", interrupted)
    assert run("list").code == 130
    assert "reading the data, 1 of 11" in stream.getvalue() and stream.getvalue().endswith(" \r")
