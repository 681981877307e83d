"""What lmtx must never do: put a value into SQL, write to its index, keep there what nobody reads,
or
open a socket."""

from __future__ import annotations

import functools
import re
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from calls import CALLS, EVERY_COMMAND
from lmtx import index
from lmtx.cli import complete
from lmtx.listings import load_listing
from lmtx.query.filters import FILTERS, is_filter_taken
from lmtx.query.vocabularies import LISTABLE_VOCABULARIES
from support import ROOT, Answer, Lmtx

Run = Callable[..., Answer]
TYPED = {
    "--tumor": "melanoma", "--class": "immunotherapy", "--level": "III", "--min-level": "IV", "--biomarker": "egfr", "--route": "intrathecal", "--target": "egfr",
    "--design": "retrospective-cohort", "--direction": "no-benefit", "--endpoint": "overall-survival", "--min-n": "7", "--since": "2013",
}  # fmt: skip
"""A value of every filter, as its id; none of them is a word of the program's own SQL."""

NO_LOOK_UP = ("validate", "new", "schema")
"""Commands that read no index."""


class Heard(sqlite3.Connection):
    """A connection that remembers what it was asked, before any value is put in."""

    asked: list[str]

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        self.asked.append(sql)
        return super().execute(sql, *parameters)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL of all that is looked up meanwhile."""
    heard: list[str] = []
    connect = sqlite3.connect

    def listening(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, factory=Heard, **more)
        connection.asked = heard
        return connection

    monkeypatch.setattr(sqlite3, "connect", listening)
    return heard


@pytest.mark.parametrize(
    "arguments",
    [
        *(["evidence", option, value] for option, value in TYPED.items()),
        *(["list", option, value] for option, value in TYPED.items()),
        *([command, "--tumor", "melanoma"] for command in ("guidelines", "trials")),
        ["guidelines", "--treatment", "pemetrexed", "--topic", "diagnosis"],
        [
            "trials",
            "--treatment",
            "pemetrexed",
            "--status",
            "recruiting",
            "--phase",
            "2",
            "--class",
            "immunotherapy",
        ],
        ["csf", "methotrexate", "--measure", "csf-plasma-ratio", "--class", "antimetabolite"],
        ["compare", "osimertinib", "pemetrexed"],
        *(
            ["show", name]
            for name in ("osimertinib", "melanoma", "35802849", "NCT06500481", "tagrisso")
        ),
        *(["search", text] for text in ("melanoma", "hydrocephalus shunt", "o'neill; -- shunts")),
        ["search", "osimertinib", "--kind", "trial", "--limit", "17"],
    ],
    ids=" ".join,
)
def test_no_value_stands_in_sql(run: Run, asked: list[str], arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.code in (0, 1), answer.err
    typed = [word for value in arguments[1:] if not value.startswith("-") for word in value.split()]
    assert len(asked) > 2
    words = re.compile(
        "|".join(
            rf"(?<![\w.])'?{re.escape(word)}'?(?![\w.])"
            for word in typed
            if word not in ("2", "trial", "tumor")
        ),
        re.IGNORECASE,
    )
    assert not [sql for sql in asked if words.search(sql)]


def test_every_look_up_is_read_only_and_trusts_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    guarded = index.make_connection_read_only

    def remembered(connection: sqlite3.Connection) -> sqlite3.Connection:
        opened.append(guarded(connection))
        return connection

    monkeypatch.setattr(index, "make_connection_read_only", remembered)
    assert run("list").code == 0
    [connection] = opened
    assert [
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("trusted_schema", "query_only")
    ] == [0, 1]
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("create table x (y)")


def list_columns() -> set[tuple[str, str]]:
    """Return every column of the index, each with its table; those of the full text are read by
    what is looked for, not by name."""
    query = (
        "select t.name, c.name from pragma_table_list t join pragma_table_info(t.name) c "
        "where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite_%'"
    )
    with closing(index.open_index().connection) as connection:
        return set(connection.execute(query))


def every_filter() -> Iterator[list[str]]:
    """Yield a listing of each subject under every filter that it takes, with a value that
    completion names."""
    for name in ("evidence", "csf", "guidelines", "trials"):
        for field, one in FILTERS.items():
            if is_filter_taken(field, name, str(load_listing(name).subject)):
                words = one.parameter.vocabulary
                listed = words.complete(lambda: index.open_index().connection, "") if words else ()
                value = [next(iter(listed), ("2020",))[0]] if one.parameter.kind != "flag" else []
                yield [name, f"--{one.parameter.option_name}", *value]


def test_every_column_of_the_index_is_read_by_a_look_up(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What no query reads is not written; SQLite itself says what is read."""
    read: set[tuple[str, str]] = set()
    guarded = index.make_connection_read_only

    def note(action: int, table: str | None, column: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            read.add((str(table), str(column)))
        return sqlite3.SQLITE_OK

    def watched(connection: sqlite3.Connection) -> sqlite3.Connection:
        guarded(connection).set_authorizer(note)
        return connection

    columns = list_columns()
    assert len(columns) > 100
    monkeypatch.setattr(index, "make_connection_read_only", watched)
    for call in (
        *([name, *arguments] for name, arguments in CALLS.items() if name not in NO_LOOK_UP),
        *(["show", name] for name in ("melanoma", "35802849", "NCT06500481", "eano-esmo-2023")),
        *(["export", "-f", form, "-o", str(tmp_path / form)] for form in ("sqlite", "csv")),
        *(["fields", "--values", kind] for kind in LISTABLE_VOCABULARIES),
        *(["search", "tumor", "--kind", kind] for kind in ("fact", "guideline")),
        *(["info", option] for option in ("--quality", "--verify")),
        *(["list", "--route", "oral"], ["map", "--columns", "biomarker"], ["csf", "--lm"]),
        *every_filter(),
    ):
        answer = run(*call)
        assert answer.code in (0, 1), f"lmtx {' '.join(call)}: {answer.err}"
    assert complete.complete_record("a")
    unread = sorted(columns - read)
    assert not unread, f"columns that no look-up reads: {unread}"


def test_text_is_looked_for_and_never_run(run: Run) -> None:
    """What FTS5 would read as its own signs is as good as blanks."""
    plain = run("search", "brain radiotherapy", "--json").rows
    assert plain
    for text in (
        '"brain" radiotherapy',
        "brain* radiotherapy",
        "(brain) -radiotherapy",
        "^brain + radiotherapy",
        "brain: {radiotherapy}",
    ):
        assert run("search", text, "--json").rows == plain, text
    for text in (
        "brain NEAR radiotherapy",
        "brain OR radiotherapy",
        "brain AND radiotherapy",
        "title : brain",
    ):
        assert run("search", text).code in (0, 1)


_refusing: list[str] = []
"""What was done with sockets, while that is listened to; a hook of Python stays for good."""


def refuse_socket(event: str, values: tuple[Any, ...]) -> None:
    """Note a socket, and let nobody have it, while that is listened to."""
    if event.startswith("socket.") and _refusing:
        _refusing.append(f"{event} {values}")
        raise AssertionError("a socket")


@functools.cache
def listen() -> None:
    """Let Python tell of sockets, once."""
    sys.addaudithook(refuse_socket)


@pytest.fixture
def sockets() -> Iterator[list[str]]:
    """What is done with sockets meanwhile, each of which is refused."""
    listen()
    _refusing[:] = ["listening"]
    yield _refusing
    _refusing.clear()


@EVERY_COMMAND
def test_no_command_opens_a_socket(
    run: Run,
    sockets: list[str],
    call: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even on its first use, when it compiles."""
    if call[0] in ("list", "validate"):
        monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    answer = run(*call)
    assert answer.code == 0 and answer.out, answer.err
    assert sockets == ["listening"]


def test_the_guard_against_sockets_would_hear_one(sockets: list[str]) -> None:
    with pytest.raises(AssertionError, match="a socket"):
        socket.getaddrinfo("localhost", 1)
    with pytest.raises(AssertionError, match="a socket"):
        socket.socket()
    assert len(sockets) == 3


def test_every_dependency_has_a_range_and_a_look_up_needs_few() -> None:
    """A lower bound that is tested, and an upper one before what may break: `.ci/matrix` runs the
    suite with both ends."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert len(project["dependencies"]) <= 5
    for wanted in project["dependencies"]:
        assert re.fullmatch(r"[\w-]+>=[\d.]+,<[\d.]+", wanted), wanted


@pytest.mark.skipif(sys.platform == "win32", reason="a script of POSIX")
def test_the_lowest_versions_are_those_of_the_project(lmtx: Lmtx) -> None:
    said = subprocess.run(
        [sys.executable, ROOT / ".ci" / "lowest.py"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.split()
    assert "typer==0.26" in said and "pydantic==2.12" in said and all("==" in line for line in said)
