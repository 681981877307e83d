"""Every command on streams that are full, closed, narrow or plain, and with arguments that no one
would type."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calls import CALLS, EVERY_COMMAND, EVERY_COMMAND_APART, UNDRAWN
from lmtx.cli.run import main, write_error
from lmtx.errors import LONGEST_MESSAGE, escape_and_shorten_message
from lmtx.render.text.cells import spell_for_screen
from support import COMMANDS, SCRIPT, Answer, Lmtx

Run = Callable[..., Answer]
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def test_every_command_has_a_call() -> None:
    assert {*CALLS} == {*COMMANDS} - {"fmt", "fetch", "mcp"}, (
        "give a new command its line in tests/calls.py; fmt says nothing where all is in order, "
        "fetch needs a network"
    )


def on_full(arguments: list[str], lmtx: Lmtx, **env: str) -> tuple[int, str]:
    """Run lmtx with a stdout that takes nothing."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SCRIPT, *arguments],
            env={**lmtx.environment, **env},
            cwd=lmtx.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
            check=False,
        )
    return done.returncode, done.stderr


@needs_full
@EVERY_COMMAND_APART
def test_a_full_disk_is_exit_3_and_one_line(lmtx: Lmtx, call: list[str]) -> None:
    """Nothing of an answer may be lost in silence, though lmtx leaves without taking the
    interpreter apart."""
    code, said = on_full(call, lmtx)
    assert code == 3 and "No space left" in said and said.count("\n") == 1


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        pytest.param(["list", "--help"], marks=pytest.mark.ci),
        ["export", "--format", "sqlite"],
        ["export", "--format", "jsonl"],
        pytest.param(["validate", "--todo"], marks=pytest.mark.ci),
    ],
)
def test_help_and_bytes_on_a_full_disk_too(lmtx: Lmtx, arguments: list[str]) -> None:
    code, said = on_full(arguments, lmtx)
    assert code == 3 and "No space left" in said and said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
@EVERY_COMMAND_APART
def test_closed_streams_do_not_matter(lmtx: Lmtx, call: list[str]) -> None:
    for closed in ("<&- 2>&-", ">&-", "<&- >&- 2>&-"):
        done = subprocess.run(
            [
                "bash",
                "-c",
                f'"$@" {closed}',
                "bash",
                str(SCRIPT),
                *call,
                *([] if call[0] == "schema" else ["-q"]),
            ],
            env=lmtx.environment,
            cwd=lmtx.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), closed
        assert bool(done.stdout) is (">&-" not in closed.split())


@EVERY_COMMAND
def test_twenty_columns_are_enough(
    terminal: Callable[..., Answer], run: Run, monkeypatch: pytest.MonkeyPatch, call: list[str]
) -> None:
    if call[0] not in UNDRAWN:
        for answer in (terminal(20, *call), plain := terminal(20, *call, "--ascii")):
            assert answer.code == 0 and answer.out and "Traceback" not in answer.err
        assert plain.out.isascii()
        return
    monkeypatch.setenv("LMTX_FORCE_TTY", "20")
    answer = run(*call)
    if call[0] == "report":
        assert answer.code == 2 and "a page is not for a terminal" in answer.err
    else:
        assert answer.code == 0 and answer.out and "Traceback" not in answer.err


@pytest.mark.parametrize(
    "columns", ["²", "٣", "-5", "1e9", "0x10", " 80 ", "9" * 5000, "", "\udce9"]
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["list", "--help"],
        ["list", "-t", "melanoma", "-f", "table"],
        ["show", "osimertinib", "-f", "table"],
    ],
)
def test_any_number_of_columns_will_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, arguments: list[str]
) -> None:
    for name in ("COLUMNS", "LINES"):
        monkeypatch.setenv(name, columns)
    assert run(*arguments).code == 0


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "arguments",
    [[LONG], ["show", LONG], ["show", " ".join(["word"] * 9000)], ["list", "--tumor", LONG], ["list", f"--{LONG}"], ["list", "--fields", LONG], ["list", "-f", LONG], ["list", "--min-n", LONG],
     ["search", " ".join(map(str, range(30_000)))], ["search", "osimertinb" + LONG], ["export", "-o", LONG], ["validate", LONG], ["compare", LONG, LONG]],
)  # fmt: skip
def test_what_was_typed_is_repeated_in_short(run: Run, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert (
        answer.code in (1, 2, 3)
        and answer.err.count("\n") == 1
        and len(answer.err) <= LONGEST_MESSAGE + len("lmtx: \n")
    )


def test_a_line_that_is_too_long_keeps_its_ends() -> None:
    assert escape_and_shorten_message("a" * LONGEST_MESSAGE) == "a" * LONGEST_MESSAGE
    short = escape_and_shorten_message("begin" + "\x1b" * LONGEST_MESSAGE + "the hint")
    assert (
        len(short) <= LONGEST_MESSAGE
        and short.startswith("begin\\x1b")
        and " … " in short
        and short.endswith("the hint")
    )


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("須藤 淳", "\\u9808\\u85e4 \\u6df3"),
        ("Zieliński", "Zielinski"),
        ("José Łoś", "Jose Los"),
        ("ﬁ ½ ™", "fi 1/2 TM"),
        ("🙂", "\\U0001f642"),
        ("≥ 3 µg", ">= 3 ug"),
        ("plain", "plain"),
    ],
)
def test_a_sign_without_a_plain_spelling_is_still_seen(text: str, spelled: str) -> None:
    assert spell_for_screen(text, True) == spelled
    assert spell_for_screen(text, False) == text


def test_a_reader_that_is_gone_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a closed pipe is an invalid argument."""

    def gone(*_: object, **__: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("lmtx.cli.answer.write_text_to_stream", gone)
    monkeypatch.setattr("lmtx.cli.run._close_quietly", lambda: None)
    assert main(["list"]) == 3
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["list"]) == 0


def test_a_pipe_that_a_program_put_in_place_may_close(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert main(["list"]) == 0


def test_the_last_flush_may_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lmtx.cli.run._run", lambda arguments: 0)
    monkeypatch.setattr(sys, "stdout", Full())
    assert main(["list"]) == 3
    assert capsys.readouterr().err == "lmtx: input or output: No space left on device\n"


def test_a_missing_module_is_said_plainly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise ModuleNotFoundError(
            "No module named 'pydantic_core._pydantic_core'", name="pydantic_core._pydantic_core"
        )

    monkeypatch.setattr("lmtx.cli.listing.open_overlaid_index", absent)
    assert run("list") == Answer(
        4,
        "",
        "lmtx: the module pydantic_core._pydantic_core cannot be loaded here; install lmtx with "
        "pip, which brings it\n",
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    "word",
    [
        '"',
        "'a b",
        "$(touch made)",
        "`touch made`",
        "\\",
        "a;touch made",
        "NEAR(",
        "\x1b[31m",
        "é須",
        "-",
        "--tumor=",
        "%s%n",
        "*",
        "x" * 5000,
    ],
)
def test_completing_an_odd_word_is_quiet(lmtx: Lmtx, shell: str, word: str) -> None:
    for line, number in (
        (f"lmtx show {word}", "2"),
        (f"lmtx list --tumor {word}", "3"),
        (f"lmtx list --fields {word}", "-1"),
        (word, "99"),
        (f"lmtx {word}", "odd"),
    ):
        env = {
            "_LMTX_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": number,
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        answer = completing(lmtx, env)
        assert answer.err == "" and "Traceback" not in answer.out
    assert not (lmtx.folder / "made").exists()


def completing(lmtx: Lmtx, env: dict[str, str]) -> Answer:
    """Ask for completions in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.chdir(lmtx.folder)
        for name, value in env.items():
            patch.setenv(name, value)
        code = main([])
    return Answer(code, out.getvalue(), err.getvalue())


def test_a_complaint_does_not_disturb_completion(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_error("heard")
    monkeypatch.setenv("_LMTX_COMPLETE", "complete_fish")
    write_error("unheard")
    assert capfd.readouterr().err == "lmtx: heard\n"


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_a_real_shell_reads_the_script(lmtx: Lmtx, name: str) -> None:
    shell = shutil.which(name)
    if not shell:
        pytest.skip(f"no {name} here")
    script = lmtx(env={"_LMTX_COMPLETE": f"source_{name}"}).out
    (lmtx.folder / "script").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [shell, "-n", "script"],
        cwd=lmtx.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["evidence", "--tumor", "breast", "--json"],
        ["export", "--table", "treatments"],
        ["export", "-f", "jsonl", "--table", "guidelines"],
        ["show", "osimertinib", "--json"],
        ["cite", "--tumor", "nsclc", "-s", "csl-json"],
    ],
)
def test_json_is_json_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, arguments: list[str]
) -> None:
    """What a pipe of another encoding cannot carry is escaped as JSON escapes it."""

    def write_in(name: str) -> bytes:
        pipe = io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(pipe, encoding=name))
            assert main([*arguments, "-q"]) == 0
            sys.stdout.flush()
            sys.stdout.detach()  # type: ignore[attr-defined]
        return pipe.getvalue()

    plain, other = (write_in(name) for name in ("utf-8", encoding))
    told = [
        [json.loads(line) for line in body.splitlines()]
        if "jsonl" in arguments
        else json.loads(body)
        for body in (plain.decode(), other.decode(encoding))
    ]
    assert told[0] == told[1] and not plain.isascii()


def test_an_interval_keeps_its_dash_on_a_plain_stream(lmtx: Lmtx) -> None:
    out = lmtx("list", "--fields", "id,figure", "-q", env={"PYTHONIOENCODING": "ascii"}).out
    assert (
        "\\u" not in out and "95% CI " in out and "-" in out.partition("95% CI ")[2].split(")")[0]
    )
