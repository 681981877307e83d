"""Whatever is typed and whatever the data hold: no traceback, one of the exit codes, lines that a
terminal and a program can read.

A short run, the same every time, belongs to `.ci/run`. `LMTX_LONG=1 pytest -n 0 -m '' tests/fuzz`
draws new cases, thousands of them. What once failed is kept in `corpus.jsonl`, a case a line, and
tried again by every run.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli
from hypothesis import HealthCheck, given, settings
from strategies import ENVIRONMENTS, Case, base_folder, bases, cases

from lmtx.cli.run import main
from lmtx.errors import LONGEST_MESSAGE
from support import BASE, read_folder

LONG = bool(os.environ.get("LMTX_LONG"))
CORPUS = Path(__file__).with_name("corpus.jsonl")
KEPT: list[dict[str, Any]] = [
    json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()
]
FORESEEN = (0, 1, 2, 3)


def drawing(short: int, long: int) -> settings:
    """Return how many cases to draw: the same few in the suite, many new ones in a long run."""
    return settings(
        max_examples=long if LONG else short,
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Heard(NamedTuple):
    """What a run in this process gave: the code, and the bytes of both streams."""

    code: int
    out: bytes
    err: str


def ran(case: Case) -> Heard:
    """Run lmtx in this process with streams of its own."""
    out, err = (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""),
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""),
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in ENVIRONMENTS:
            patch.delenv(name, raising=False)
        for name, value in case.environment.items():
            patch.setenv(name, value)
        patch.setenv("LMTX_TRACEBACK", "1")  # what nobody foresaw tells where it arose
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # no service is ever reached
        patch.setattr("lmtx.curation.clients.BACK_OFF", (0.0,))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = main(case.arguments)
    for stream in (out, err):
        stream.flush()
    return Heard(code, out.buffer.getvalue(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]


def held(case: Case) -> Heard:
    """Run a case and hold it to what is true of every run."""
    line = json.dumps(case._asdict())
    try:
        heard = ran(case)
    except BaseException as error:
        error.add_note(f"for tests/fuzz/corpus.jsonl: {line}")
        raise
    assert heard.code in FORESEEN, f"{heard.err}\n{line}"
    helped = not case.arguments or "Usage:" in heard.err
    said = heard.err.splitlines() if not helped else []
    assert all(one.isprintable() and len(one) <= LONGEST_MESSAGE + 6 for one in said), line
    assert heard.code == 0 or said or helped, line
    assert "Traceback" not in heard.err, line
    return heard


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, deep enough, in which whatever is written may be written."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        deep = Path(place) / "a" / "b" / "c"
        deep.mkdir(parents=True)
        monkeypatch.chdir(deep)
        yield deep


def emptied(room: Path) -> None:
    """Take away what the case before has written."""
    for path in room.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.copytree(BASE, room / "base")


@pytest.mark.ci
@drawing(300, 10_000)
@given(case=cases())
def test_no_command_line_surprises(base: Path, room: Path, case: Case) -> None:
    emptied(room)
    heard = held(case)
    assert not list(room.rglob(".lmtx-*")), "nothing half-written is left"
    if (
        "--json" in case.arguments
        and heard.code == 0
        and not {"--help", "-h", "--version", "-V"} & set(case.arguments)
    ):
        json.loads(heard.out)


@pytest.mark.long
@drawing(1, 2_000)
@given(case=cases())
def test_no_command_line_surprises_on_the_real_base(room: Path, case: Case) -> None:
    emptied(room)
    held(case)


LOOK_UPS = (
    ["list", "--json"], ["list", "-f", "table"], ["evidence", "--tsv"], ["evidence", "-f", "table", "--mixed"], ["csf", "-f", "md"], ["guidelines", "-f", "table"], ["trials", "--csv"], ["trials", "-f", "table"],
    ["tumors"], ["classes", "-f", "table"], ["show", "examplinib"], ["show", "doe-2020"], ["show", "north"], ["compare", "examplinib", "samplexate"], ["search", "examplinib"], ["info"], ["export"],
)  # fmt: skip


def shown(folder: Path, cache: Path) -> None:
    """Check a folder and, where it is found sound, look everything up in it; where it is not, every
    look-up says so."""
    checked = held(Case(["validate", str(folder)], {}))
    assert checked.code in (0, 3)
    with pytest.MonkeyPatch.context() as patch:
        read_folder(patch, folder)
        patch.setenv("LMTX_CACHE_DIR", str(cache))
        if checked.code == 3:
            assert ran(Case(["list"], {})).code == 3
            return
        for arguments in LOOK_UPS:
            heard = held(
                Case(
                    [*arguments, *([] if arguments == ["export"] else ["-q"])],
                    {"LMTX_FORCE_TTY": "60"} if "table" in arguments else {},
                )
            )
            assert heard.code in (0, 1, *((2,) if arguments[0] == "compare" else ()))
        assert printed(json.loads(held(Case(["export"], {})).out)) == in_files(folder)


def printed(base: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the figures of an export."""
    return sorted(
        (
            row["id"],
            o["endpoint"],
            o["value"],
            o["unit"],
            *(o["ci"] or ()),
            str(o["events"]),
            str(o["total"]),
        )
        for row in base["evidence"]
        for o in row["outcomes"]
    )


def in_files(folder: Path) -> list[tuple[Any, ...]]:
    """Return the figures of the files of a folder, read without lmtx."""
    files = [
        tomli.loads(path.read_text(encoding="utf-8"))
        for path in (folder / "studies").glob("*.toml")
    ]
    return sorted(
        (f"{file['study']['id']}.{row['row']}", o["endpoint"], o["value"], o["unit"], *o.get("ci", ()), str(o.get("events")), str(o.get("total")))
        for file in files for row in file.get("evidence", ()) for o in row.get("outcome", ())
    )  # fmt: skip


def tried(files: dict[str, bytes]) -> None:
    """Lay files over the made-up base and look at it."""
    with tempfile.TemporaryDirectory() as place:
        try:
            shown(base_folder(files, Path(place) / "data"), Path(place) / "cache")
        except BaseException as error:
            error.add_note(
                f"for tests/fuzz/corpus.jsonl: "
                f"{json.dumps({'files': {name: body.decode('latin-1') for name, body in files.items()}})}"
            )
            raise


@pytest.mark.ci
@drawing(60, 3_000)
@given(files=bases())
def test_no_record_surprises(files: dict[str, bytes]) -> None:
    tried(files)


@pytest.mark.parametrize(
    "case",
    [Case(kept["arguments"], kept.get("environment", {})) for kept in KEPT if "arguments" in kept],
    ids=lambda case: " ".join(case.arguments)[:40].encode("ascii", "replace").decode(),
)
@pytest.mark.parametrize("real", [False, True], ids=["made-up", "real"])
def test_what_was_once_typed(
    request: pytest.FixtureRequest, room: Path, case: Case, real: bool
) -> None:
    if not real:
        request.getfixturevalue("base")
    emptied(room)
    held(case)


@pytest.mark.parametrize("files", [kept["files"] for kept in KEPT if "files" in kept])
def test_what_was_once_recorded(files: dict[str, str]) -> None:
    tried({name: body.encode("latin-1") for name, body in files.items()})


@pytest.mark.ci
def test_the_cases_reach_the_answers(base: Path, room: Path) -> None:
    """A fuzz that only ever meets the first check of an option proves little."""
    codes: list[int] = []

    @drawing(400, 400)
    @given(case=cases())
    def counted(case: Case) -> None:
        emptied(room)
        codes.append(ran(case).code)

    with contextlib.suppress(AssertionError):
        counted()
    assert len(codes) >= 300 and codes.count(0) >= 60 and set(codes) >= {0, 2}
