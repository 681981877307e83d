"""What all tests share: a cache of their own with one ready index, and three ways to run lmtx.

The tests run against the lmtx that is installed, be that a wheel or an editable checkout.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from lmtx import index
from lmtx.__main__ import GC_THRESHOLD
from lmtx.cli import app, options
from lmtx.cli.app import load_command
from lmtx.index import BUNDLED_INDEX, PACKAGE_FOLDER, find_bundled_data_folder
from support import (
    BASE,
    COMMANDS,
    DATA,
    ROOT,
    Answer,
    Lmtx,
    in_process,
    read_folder,
    subprocess_environment,
)

settings.register_profile(
    "lmtx",
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("lmtx")

_CLEARED = (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "LMTX_FORCE_TTY",
    "LMTX_TODAY",
    "LMTX_TRACEBACK",
    "LMTX_CACHE_DIR",
    "LMTX_DATA",
    "LMTX_PAGER",
    "PAGER",
    "LESS",
    "_LMTX_COMPLETE",
    "PYTHONIOENCODING",
)
_SET_FOR_WORKERS = ("COLUMNS", "LINES")
_made_here: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    """Compile the index once, before workers start; they inherit the folder through the
    environment."""
    config.addinivalue_line(
        "markers",
        "ci: needs a browser, R or a spreadsheet, builds a wheel, or is slow; .ci/run runs it",
    )
    config.addinivalue_line("markers", "long: takes minutes; runs only with LMTX_LONG=1")
    _hear_signals()
    _keep_commands()
    if hasattr(config, "workerinput"):
        for name in _SET_FOR_WORKERS:
            os.environ.pop(name, None)
        _keep_checksum()
        return
    for name in _CLEARED:
        os.environ.pop(name, None)
    os.environ["TERM"] = "xterm-256color"
    folder = Path(tempfile.mkdtemp(prefix="lmtx-tests-"))
    _made_here.append(folder)
    os.environ["LMTX_CACHE_DIR"] = str(folder)
    os.environ["LMTX_CONFIG"] = ""
    if not config.option.collectonly:
        if stale := find_stale():
            pytest.exit(
                f"{stale}: the installed lmtx is not that of this folder; install it again as "
                f"README says",
                returncode=3,
            )
        from lmtx.errors import DataError
        from lmtx.index import open_index

        try:
            open_index().connection.close()
        except DataError as error:
            pytest.exit("\n".join(map(str, (error, *error.problems[:20]))), returncode=3)


def find_stale() -> Path | None:
    """Return a file of this checkout that the installed lmtx has not, or has otherwise; None where
    all are the same.
    """
    for folder, installed in (
        (ROOT / "src" / "lmtx", PACKAGE_FOLDER),
        (DATA, find_bundled_data_folder()),
    ):
        for path in sorted(folder.rglob("*.*")) if folder != installed else ():
            same = installed / path.relative_to(folder)
            if path.suffix in (".py", ".sql", ".toml") and not (
                same.is_file() and same.read_bytes() == path.read_bytes()
            ):
                return path.relative_to(ROOT)
    return None


def _hear_signals() -> None:
    """Undo what a shell does for a run in the background, where interrupts and hang-ups are
    ignored, in children too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _keep_commands() -> None:
    """Make each command once in this process, which runs hundreds of them; a process of lmtx makes
    one, and it was a seventh of each run here."""
    keep = lru_cache(lambda name: (load_command(name), dict(options._command_arguments)))

    @wraps(load_command)
    def load_kept(name: str) -> Any:
        if name not in COMMANDS:  # one that a test has made up
            return load_command(name)
        command, arguments = keep(name)
        options.remember_argument_labels(arguments)
        return command

    app.load_command = load_kept


def _keep_checksum() -> None:
    """Take the checksum of the index of the real base once in this process, and again when the file
    is another; every run here would take it anew, of ten megabytes."""
    find, cache = index.read_checksum_if_sound, Path(os.environ["LMTX_CACHE_DIR"])

    @lru_cache
    def keep(path: Path, largest: float, *_state: int) -> bytes:
        return find(path, largest)

    def find_kept(path: Path, largest: float = inf) -> bytes:
        if path != BUNDLED_INDEX and path.parent != cache:
            return find(path, largest)
        state = path.stat() if path.exists() else None
        marks = (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino) if state else ()
        return keep(path, largest, *marks)

    index.read_checksum_if_sound = find_kept


def pytest_collection_finish() -> None:
    """Search for unused cycles as seldom as lmtx does, and never among what is loaded by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless LMTX_LONG is set."""
    if not os.environ.get("LMTX_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: LMTX_LONG=1 runs it"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cache of this run."""
    for folder in _made_here:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run lmtx in this process, on a pipe: `run("list", "--tumor", "melanoma").out`."""

    def call(*arguments: str) -> Answer:
        return in_process(capfd, *arguments)

    return call


@pytest.fixture
def terminal(run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Run lmtx as on a terminal: `terminal(80, "list")`; without colour, unless the arguments say
    otherwise."""

    def call(columns: int, *arguments: str) -> Answer:
        with monkeypatch.context() as patch:
            patch.setenv("LMTX_FORCE_TTY", str(columns))
            return run(
                *arguments,
                *(() if any(a.startswith("--color") for a in arguments) else ("--color", "never")),
            )

    return call


@pytest.fixture
def lmtx(tmp_path: Path) -> Iterator[Lmtx]:
    """Run the installed command as its own process, in an empty folder: `lmtx("list",
    env={"NO_COLOR": "1"})`."""
    yield Lmtx(tmp_path, subprocess_environment())


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let lmtx in this process read the small made-up knowledge base of the tests."""
    read_folder(monkeypatch, BASE)
    return BASE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small base, with a cache of its own: `folder.parent / "cache"`."""
    copied = shutil.copytree(BASE, tmp_path / "data")
    read_folder(monkeypatch, copied)
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "cache"))
    return copied


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small base that a test may spoil, if it mends it."""
    from lmtx.index.compile import compile_folder

    path = tmp_path_factory.mktemp("index") / "index.sqlite"
    compile_folder(BASE, path)
    return path
