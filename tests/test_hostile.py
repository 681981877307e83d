"""What a hostile or careless environment does: odd arguments, folders, widths, files and
signals."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lmtx
from children import child
from lmtx.cli.run import main
from lmtx.errors import UnknownRecord
from lmtx.store import own_files
from support import BASE, SCRIPT, Answer, Lmtx

Run = Callable[..., Answer]


@pytest.mark.parametrize("typed", ["\x1b[31mred", "\x9b31m", "a\nb\r", "abc\u202edef"])
def test_what_was_typed_never_drives_the_terminal(run: Run, tmp_path: Path, typed: str) -> None:
    for answer in (
        run("show", typed),
        run("guidelines", typed),
        run("export", "-o", str(tmp_path / typed)),
    ):
        assert answer.err[:-1].isprintable() and answer.err.endswith("\n")


@pytest.mark.parametrize("typed", ["caf\udce9", "\udce9"])
def test_a_byte_that_is_no_letter_is_an_unknown_name(base: Path, run: Run, typed: str) -> None:
    """As a terminal of another encoding hands it over."""
    for command in ("show", "cite"):
        answer = run(command, typed)
        assert (answer.code, answer.out) == (1, "") and "nothing is known as" in answer.err
    with lmtx.open() as opened:
        assert typed not in opened
        with pytest.raises(UnknownRecord):
            opened[typed]


@pytest.mark.parametrize(
    "arguments", [("list", "--min-n"), ("evidence", "--min-n"), ("evidence", "--limit")]
)
def test_a_number_too_large_is_usage(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run(*arguments, "9" * 23)
    assert answer.code == 2 and answer.err.count("\n") == 1


@pytest.mark.parametrize("width", ["²", "9" * 5000])
def test_an_odd_width_does_not_matter(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("LMTX_FORCE_TTY", width)
    assert run("list", "--tumor", "melanoma", "-f", "table").code == 0


def test_the_cache_may_be_a_relative_folder(lmtx: Lmtx, tmp_path: Path) -> None:
    environment = {**lmtx.environment, "LMTX_CACHE_DIR": "here"}
    for _ in range(2):
        done = child(BASE, "none", "list", cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
    assert list((tmp_path / "here").glob("index-*.sqlite"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stderr_does_not_spoil_the_answer(lmtx: Lmtx) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SCRIPT, "list"],
            env=lmtx.environment,
            cwd=lmtx.folder,
            stdout=subprocess.PIPE,
            stderr=full,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0 and done.stdout.startswith(b"id\t")


def test_text_damaged_inside_the_cache_is_removed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> None:
        raise sqlite3.OperationalError("Could not decode to UTF-8 column 'record'")

    monkeypatch.setattr("lmtx.cli.listing.open_overlaid_index", opened)
    monkeypatch.setattr("lmtx.index.cache.discard_index", lambda *_: True)
    answer = run("list")
    assert answer.code == 3 and "damaged" in answer.err


def test_an_interrupt_while_modules_are_read_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "lmtx.cli.run._tolerate_streams", lambda: os.kill(os.getpid(), signal.SIGINT)
    )
    assert main(["list"]) == 130


def test_the_entry_reads_no_module_before_interrupts_are_caught(lmtx: Lmtx) -> None:
    assert lmtx.python("import sys, lmtx.cli.run; print('typer' in sys.modules)").out == "False\n"


@pytest.mark.usefixtures("base")
def test_a_number_that_python_does_not_read_is_a_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("x = " + "9" * 5000, encoding="utf-8")
    answer = run("validate", str(tmp_path / "x.toml"))
    assert answer.code == 3 and "not valid TOML" in answer.err


@pytest.mark.usefixtures("base")
def test_a_file_of_countless_problems_is_told_in_short(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("".join(f"k{i} = 1\n" for i in range(2000)), encoding="utf-8")
    answer = run("validate", str(tmp_path / "x.toml"))
    assert answer.code == 3 and "more problems" in answer.err and answer.err.count("\n") < 60


# Own records laid over the base: whatever a file holds, there is one clear answer in bounded time
# and memory.

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_AS, (1_200_000_000, 1_200_000_000))
import lmtx
from lmtx.cli.run import main
from lmtx.errors import UnknownRecord
from lmtx.store import own_files
codes = {main(["list", "--with", place]) for place in sys.argv[1:]}
own = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]  # what getrusage tells is never less than the process that started this one
print("peak", int(own[0].split()[1]) // 1024, file=sys.stderr)
sys.exit(codes.pop() if len(codes) == 1 else 99)
"""
OVER_SMALL = f"""
import pathlib
import lmtx.index
lmtx.index.find_bundled_data_folder = lambda: pathlib.Path({str(BASE)!r})
lmtx.index.BUNDLED_INDEX = pathlib.Path("none.sqlite")
"""
NODE = '[[class]]\nid = "{}"\nlabel = "x"\nparent = "{}"\n'
OWN = '[[treatment]]\nid = "own"\nname = "{}"\nclass = "chemotherapy"\nmechanism = "x"\n'
PILL = OWN.replace("chemotherapy", "pills")
"""The same for the small base."""
TRIAL = (
    "[[trial]]\nid = 'NCT00000001'\ntitle = 'x'\nstatus = 'recruiting'\ntumors = "
    "['breast']\nafter = [{}]"
)


def chain(length: int, last: str) -> str:
    return "".join(NODE.format(f"n{i}", f"n{i + 1}") for i in range(length)) + NODE.format(
        f"n{length}", last
    )


HOSTILE: dict[str, tuple[bytes, int, str]] = {
    "an escape sequence": (
        OWN.format("\\u001b[31mred").encode(),
        3,
        "the control or direction character U+001B",
    ),
    "a bell in the file": (OWN.format("\x07").encode(), 3, "not valid TOML"),
    "a letter mark": (OWN.format("\u061cabc").encode(), 3, "U+061C"),
    "a blank without width": (OWN.format("Osimer\u200btinib").encode(), 3, "U+200B"),
    "a soft hyphen": (OWN.format("Osimer\u00adtinib").encode(), 3, "U+00AD"),
    "a tag": (OWN.format("abc\U000e0041").encode(), 3, "U+E0041"),
    "a direction override": (OWN.format("\u202eabc").encode(), 3, "U+202E"),
    "a C1 control": (OWN.format("\u009b31m").encode(), 3, "U+009B"),
    "a NUL": (b"[[treatment]]\nid = \x00", 2, "not valid TOML"),
    "nothing but NULs": (b"\x00" * 100_000, 1, "not valid TOML"),
    "a byte-order mark": (
        b"\xef\xbb\xbf" + OWN.format("x").encode(),
        1,
        "begins with a byte-order mark",
    ),
    "UTF-16": (OWN.format("x").encode("utf-16"), 1, "is not UTF-8 (byte 0)"),
    "Latin-1": (OWN.format("é").encode("latin-1"), 3, "is not UTF-8"),
    "a file of 10 MB": (b'x = "' + b"a" * 10_000_000 + b'"', 1, "is larger than 4,000,000 bytes"),
    "a string of 3 MB": (OWN.format("a" * 3_000_000).encode(), 3, "a text of 3,000,000 letters"),
    "an id of 3,000 letters": (
        OWN.format("x").replace('"own"', '"' + "a" * 3000 + '"').encode(),
        2,
        "id: String should have at most 80 characters",
    ),
    "a word of 19,000 letters": (
        f'[study]\nid = "own"\ndesign = "{"a" * 19_000}"\n'.encode(),
        3,
        "is not a known value",
    ),
    "arrays inside each other": (b"x = " + b"[" * 500_000, 1, "nested too deeply"),
    "tables inside each other": (b"x = " + b"{a = " * 300_000, 1, "nested too deeply"),
    "a key of many parts": (b".".join([b"a"] * 1_000_000) + b" = 1", 1, "more than 200,000 dots"),
    "headers of many parts": (
        b"".join(b"[k%x" % i + b".a" * 60 + b"]\n" for i in range(31_000)),
        1,
        "more than 200,000 dots",
    ),
    "nesting that the parser takes": (
        b"[[treatment]]\nid.a.b.c.d.e.f.g.h.i = 1",
        1,
        "tables and lists inside each other",
    ),
    "many keys": (b"".join(b"k%d = 1\n" % i for i in range(300_000)), 1, "a table of 300,000 keys"),
    "many tables": (b"[[treatment]]\n" * 280_000, 1, "a list of 280,000 items"),
    "many values": (
        b"x = [" + b"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\n" * 9_999 + b"]",
        1,
        "more than 200,000 values",
    ),
    "a long list of names": (
        f'[study]\nid = "own"\noverlaps = [{"1," * 1_000_000}]'.encode(),
        3,
        "a list of 1,000,000 items",
    ),
    "NaN": (
        b'[[treatment]]\nid = "methotrexate"\nextend = true\n[[treatment.csf]]\nstudy = '
        b'"x"\nmeasure = "csf-concentration"\nunit = "ng/mL"\nprinted = "x"\nvalue = nan\n',
        9,
        "a figure must be a finite number",
    ),
    "infinity": (
        b'[[treatment]]\nid = "methotrexate"\nextend = true\n[[treatment.csf]]\nstudy = '
        b'"x"\nmeasure = "csf-concentration"\nunit = "ng/mL"\nprinted = "x"\nlow = -inf\n',
        9,
        "a figure must be a finite number",
    ),
    "a number of 5,000 digits": (b"x = " + b"9" * 5000, 1, "not valid TOML"),
    "a ring of two": (
        (NODE.format("a", "b") + NODE.format("b", "a")).encode(),
        4,
        "parent: the tree runs in a ring",
    ),
    "a node above itself": (NODE.format("a", "a").encode(), 4, "parent: the tree runs in a ring"),
    "a ring of thousands": (
        chain(5000, "n0").encode(),
        4,
        "parent: the tree runs on for more than 20 steps",
    ),
    "a chain of thousands": (
        chain(9000, "chemotherapy").encode(),
        4,
        "parent: the tree runs on for more than 20 steps",
    ),
    "a dangling id thousands of times": (
        TRIAL.format("'nobody'," * 9000).encode(),
        6,
        "more problems like this",
    ),
    "an id given twice": ((OWN.format("x") * 2).encode(), 7, "the treatment exists already"),
    "a study that supersedes itself": (
        b"[study]\nid = 'own'\ndesign = 'case-report'\nlm_only = true\nread_in = "
        b"'full-text'\nsuperseded_by = 'own'",
        6,
        "superseded_by: runs in a ring",
    ),
    "a line that no expression likes": (
        b"x = [\n[" + b" " * 200_000 + b"'a']]\n[[treatment]]\n",
        1,
        "x: unknown key",
    ),
    "ids that differ in sign alone": (
        (OWN.format("x") + OWN.format("y").replace('"own"', '"o-w-n"')).encode(),
        6,
        "the name 'o-w-n' already belongs to own",
    ),
}


QUICK = ("an escape sequence", "a key of many parts", "NaN")
"""Those that are tried each time; each is a process of its own, so .ci/run tries the others."""


@pytest.mark.parametrize(
    "what", [pytest.param(one, marks=() if one in QUICK else pytest.mark.ci) for one in HOSTILE]
)
def test_hostile_own_records_are_one_clear_answer(lmtx: Lmtx, what: str) -> None:
    content, line, said = HOSTILE[what]
    (lmtx.folder / "own.toml").write_bytes(content)
    answer = lmtx.python(LIMITED, "own.toml")
    *lines, peak = answer.err.splitlines()
    assert (answer.code, answer.out) == (3, ""), answer.err[-2000:]
    assert any(text.startswith(f"lmtx: own.toml:{line}: ") and said in text for text in lines), (
        lines[:5]
    )
    assert all(text.isprintable() and len(text) < 1000 for text in lines) and len(lines) <= 250
    assert int(peak.split()[1]) < 700, peak


@pytest.mark.usefixtures("base")
def test_markup_in_own_records_is_text(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        PILL.format("[bold red]x[/] [link=file:///etc/passwd]y[/link] $(id) `id`"), encoding="utf-8"
    )
    answer = run("show", "own", "--with", str(own), "-f", "table", "--color", "always")
    assert (
        answer.code == 0
        and "[bold red]x[/] [link=file:///etc/passwd]y[/link] $(id) `id`" in answer.out
        and "\x1b]8;" not in answer.out
    )


@pytest.mark.usefixtures("base")
def test_windows_line_ends_are_read_with_their_lines(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(PILL.format("x").replace("\n", "\r\n").encode())
    assert run("show", "own", "--with", str(path)).code == 0
    path.write_bytes(PILL.format("x").replace("pills", "nothing").replace("\n", "\r\n").encode())
    assert f"{path}:4: own: class: there is no class" in run("list", "--with", str(path)).err


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


ODD: dict[str, Callable[[Path], None]] = {
    "fifo": make_fifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "dangling": lambda path: path.symlink_to("nowhere"),
    "ring": lambda path: path.symlink_to("own.toml"),
    "socket": make_socket,
}
"""What may stand where a plain file should."""


def test_what_is_no_plain_file_is_not_opened(lmtx: Lmtx) -> None:
    """Neither as it is named nor in the folder that is."""
    places = []
    for kind, make in ODD.items():
        (lmtx.folder / kind).mkdir()
        make(lmtx.folder / kind / "own.toml")
        places += [kind, f"{kind}/own.toml"]
    answer = lmtx.python(OVER_SMALL + LIMITED, *places)
    assert (answer.code, answer.out) == (3, ""), answer.err
    *lines, _ = answer.err.splitlines()
    for kind in ODD:
        assert 2 <= sum(f"{kind}/own.toml" in line for line in lines) <= 4, answer.err
    assert len(lines) <= 4 * len(ODD)


@pytest.mark.usefixtures("base")
def test_links_to_plain_files_are_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text(PILL.format("x"), encoding="utf-8")
    (tmp_path / "linked.toml").symlink_to("real.txt")
    assert [
        row["source"]
        for row in run("list", "--all", "--with", str(tmp_path / "linked.toml"), "--json").rows
        if row["id"] == "own"
    ] == [["linked"]]


@pytest.mark.usefixtures("base")
def test_own_records_without_permission_are_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "own.toml"
    path.write_text(PILL.format("x"), encoding="utf-8")
    with monkeypatch.context() as patch:
        read = Path.read_bytes
        patch.setattr(Path, "read_bytes", lambda place: refused() if place == path else read(place))
        answer = run("list", "--with", str(path))
    assert answer.code == 3 and f"{path}:1: own: cannot be read: Permission denied" in answer.err
    with monkeypatch.context() as patch:
        listed = own_files._list_entries
        patch.setattr(
            "lmtx.store.own_files._list_entries",
            lambda place: refused() if place == tmp_path else listed(place),
        )
        answer = run("list", "--with", str(tmp_path))
    assert answer.code == 3 and f"{tmp_path}: Permission denied" in answer.err


@pytest.mark.usefixtures("base")
def test_too_many_or_too_large_files_are_refused_unread(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(3):
        (tmp_path / f"{i}.toml").write_text("[" * 50, encoding="utf-8")
    for limit, most in (("MOST_FILES", 2), ("MOST_BYTES", 149)):
        with monkeypatch.context() as patch:
            patch.setattr(f"lmtx.store.own_records.{limit}", most)
            answer = run("list", "--with", str(tmp_path))
        assert (
            answer.code == 3
            and "3 files of 150 bytes; at most" in answer.err
            and answer.err.count("\n") == 1
        )


def test_an_interrupt_before_the_first_module_is_read_is_quiet(lmtx: Lmtx) -> None:
    code = """
import builtins, lmtx.__main__
read = builtins.__import__
def interrupted(name, *more, **named):
    if name == "lmtx.cli.run":
        raise KeyboardInterrupt
    return read(name, *more, **named)
builtins.__import__ = interrupted
lmtx.__main__.entry()
"""
    answer = lmtx.python(code)
    assert (answer.code, answer.out, answer.err) == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder in use")
@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("main(['list', '--with', 'own.toml'])", 3),
        ("main(['validate'])", 3),
        ("main(['fmt'])", 3),
        ("main(['list', '--json'])", 0),
        ("lmtx.open(with_='own.toml')", 1),
        ("lmtx.open('data')", 1),
    ],
)
def test_a_working_folder_that_is_gone_is_said_in_one_line(
    lmtx: Lmtx, call: str, code: int
) -> None:
    (lmtx.folder / "gone").mkdir()
    program = f"""
import os, sys
import lmtx
from lmtx.cli.run import main
os.chdir("gone")
os.rmdir("../gone")
try:
    sys.exit({call})
except lmtx.DataError as error:
    sys.exit(str(error))
"""
    answer = lmtx.python(program)
    assert answer.code == code and "Traceback" not in answer.err, answer.err
    if code and "data" not in call:
        assert answer.err.startswith(("lmtx: the working folder", "the working folder")), answer.err
        assert len(answer.err.splitlines()) == 1
