"""Exit codes, streams and signals: data on stdout, all else on stderr, and never a traceback."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from lmtx.cli import run as entry
from lmtx.errors import DataError, OutputError, Problem
from support import SCRIPT, Answer, Lmtx, read_folder

Run = Callable[..., Answer]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "--tumor", "melanoma"], 0),
        (["--help"], 0),
        (["--version"], 0),
        (["list", "--help"], 0),
        (["list", "--tumor", "melanoma", "--level", "I"], 1),
        (["show", "nothing-like-it"], 1),
        (["list", "--tumor", "nothing-like-it"], 2),
        (["list", "--no-such-option"], 2),
        (["list", "surplus"], 2),
        (["list", "--format", "xml"], 2),
        (["lst"], 2),
        (["nothing-like-it"], 2),
        ([], 2),
        (["--no-such-option"], 2),
        (["list", "--color", "sometimes"], 2),
        (["show"], 2),
    ],
)
def test_codes(run: Run, arguments: list[str], code: int) -> None:
    answer = run(*arguments)
    assert answer.code == code, answer
    assert "Traceback" not in answer.err
    if code and arguments:
        assert answer.err.startswith("lmtx: ") and answer.err.count("\n") == 1


def test_a_command_that_does_not_exist_has_a_suggestion(run: Run) -> None:
    assert "no such command 'lst'; did you mean 'list'?" in run("lst").err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["melanoma"], "did you mean: lmtx list --tumor melanoma ("),
        (["list", "melanoma"], "did you mean: lmtx list --tumor melanoma ("),
        (["immunotherapy"], "did you mean: lmtx list --class immunotherapy ("),
        (["list", "T DXd"], "did you mean: lmtx show 'T DXd' ("),
        (["quokkas seen"], "lmtx search 'quokkas seen' looks for it ("),
    ],
)
def test_a_word_that_is_no_command_names_the_one_meant(
    run: Run, typed: list[str], meant: str
) -> None:
    answer = run(*typed)
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert f"; {meant}" in answer.err


def test_help_is_what_the_option_says(run: Run) -> None:
    assert run("help").out == run("--help").out
    assert run("help", "trials").out == run("trials", "--help").out != run("help").out


def test_a_misspelt_option_has_a_suggestion(run: Run) -> None:
    answer = run("list", "--tumr", "melanoma")
    assert (
        "no such option: --tumr" in answer.err.lower()
        and "--tumor" in answer.err
        and "lmtx list --help shows how" in answer.err
    )


def test_version_names_the_data(run: Run) -> None:
    import lmtx

    with lmtx.open() as base:
        line = f"lmtx {lmtx.__version__}, data {base.version} of {base.as_of}\n"
    assert run("--version").out == run("-V").out == line


def test_version_is_told_where_the_data_cannot_be_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import lmtx

    monkeypatch.setattr("lmtx.index.find_bundled_data_folder", lambda: tmp_path / "none")
    monkeypatch.setattr("lmtx.index.BUNDLED_INDEX", tmp_path / "none.sqlite")
    answer = run("--version")
    assert (answer.code, answer.out) == (0, f"lmtx {lmtx.__version__}\n")


def raising(error: BaseException) -> Callable[[], None]:
    def raises() -> None:
        raise error

    return raises


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            DataError(
                "2 problems",
                problems=(
                    Problem("a.toml", 3, "x", "wrong", "mend it"),
                    Problem("b.toml", 1, "y", "odd", ""),
                ),
            ),
            3,
            "lmtx: a.toml:3: x: wrong; mend it\nlmtx: b.toml:1: y: odd\nlmtx: 2 problems\n",
        ),
        (OutputError("cannot write", "try elsewhere"), 3, "lmtx: cannot write; try elsewhere\n"),
        (
            OSError(28, "No space left on device", "x.tsv"),
            3,
            "lmtx: x.tsv: No space left on device\n",
        ),
        (OSError("odd"), 3, "lmtx: input or output: odd\n"),
        (
            RuntimeError("two\nlines"),
            4,
            "lmtx: unexpected RuntimeError: two lines (please report it; LMTX_TRACEBACK=1 shows "
            "where)\n",
        ),
        (
            sqlite3.OperationalError("no such table"),
            4,
            "lmtx: unexpected OperationalError: no such table (please report it; LMTX_TRACEBACK=1 "
            "shows where)\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, ""),
        (SystemExit(5), 5, ""),
        (SystemExit("text"), 2, ""),
    ],
)
def test_what_goes_wrong_becomes_one_line_and_a_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    monkeypatch.setattr("lmtx.cli.listing.open_overlaid_index", raising(error))
    assert run("list") == Answer(code, "", said)


def test_a_developer_can_see_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmtx.cli.listing.open_overlaid_index", raising(RuntimeError("here")))
    monkeypatch.setenv("LMTX_TRACEBACK", "1")
    answer = run("list")
    assert (answer.code, answer.out) == (4, "")
    assert (
        answer.err.startswith("Traceback")
        and "in raises" in answer.err
        and answer.err.endswith("RuntimeError: here\n")
    )


def test_other_click_errors_are_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer._click.exceptions import ClickException

    monkeypatch.setattr("lmtx.cli.listing.open_overlaid_index", raising(ClickException("odd")))  # type: ignore[arg-type]
    assert run("list") == Answer(2, "", "lmtx: odd\n")


def test_invalid_data_are_exit_3_with_every_problem(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_folder(monkeypatch, tmp_path)
    answer = run("list")
    assert (answer.code, answer.out) == (3, "") and "not a knowledge base" in answer.err


def test_stdout_is_data_and_stderr_is_everything_else(run: Run) -> None:
    answer = run("list", "--tumor", "melanoma", "--json")
    json.loads(answer.out)
    assert all(line.startswith("lmtx: ") for line in answer.err.splitlines())
    quiet = run("list", "--tumor", "melanoma", "--json", "-q")
    assert quiet.err == "" and quiet.out == answer.out
    assert run("list", "--tumor", "nothing-like-it", "-q").err != ""


def shell(command: str, lmtx: Lmtx, **env: str) -> Answer:
    """Run a line of bash in which $LMTX is the command."""
    done = subprocess.run(
        ["bash", "-c", command],
        env={**lmtx.environment, "LMTX": str(SCRIPT), **env},
        cwd=lmtx.folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "form",
    ["json", "table", *(pytest.param(one, marks=pytest.mark.ci) for one in ("tsv", "csv", "md"))],
)
def test_a_closed_pipe_is_quiet_and_never_1(lmtx: Lmtx, form: str) -> None:
    answer = shell(
        f'"$LMTX" evidence -q -f {form} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}', lmtx
    )
    assert (answer.code, answer.err) == (0, "")


def test_a_reader_that_is_gone_before_the_first_line(lmtx: Lmtx) -> None:
    answer = shell('"$LMTX" list -q | true; exit ${PIPESTATUS[0]}', lmtx)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-", "</dev/null"])
def test_a_missing_stream_does_not_matter(lmtx: Lmtx, closed: str) -> None:
    answer = shell(f'"$LMTX" list --tumor melanoma {closed}', lmtx)
    assert answer.code == 0 and answer.out.startswith("id\t")


def test_without_stdout_there_is_no_traceback(lmtx: Lmtx) -> None:
    answer = shell('"$LMTX" list --tumor melanoma >&-', lmtx)
    assert answer.code in (0, 3) and "Traceback" not in answer.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_exit_3_and_one_line(lmtx: Lmtx) -> None:
    answer = shell('"$LMTX" list -q >/dev/full', lmtx)
    assert answer.code == 3 and "No space left" in answer.err and answer.err.count("\n") == 1


def test_an_interrupt_is_130_and_quiet(lmtx: Lmtx) -> None:
    """Ctrl-C while the index is opened."""
    code = (
        "import os, signal, sys, lmtx.cli.listing as m; m.open_overlaid_index = lambda: "
        "os.kill(os.getpid(), signal.SIGINT); from lmtx.cli.run import main; "
        "sys.exit(main(['list']))"
    )
    assert lmtx.python(code) == Answer(130, "", "")


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_a_plain_locale_gets_plain_signs(lmtx: Lmtx, locale: str) -> None:
    env: dict[str, str | None] = {
        "LC_ALL": locale,
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "LMTX_FORCE_TTY": "100",
    }
    answer = lmtx("list", "--tumor", "melanoma", env=env)
    assert answer.code == 0 and answer.out.isascii() and "1 mixed" in answer.out
    assert lmtx("evidence", "--json", env={**env, "LMTX_FORCE_TTY": None}).code == 0


@pytest.mark.parametrize(
    "encoding",
    ["ascii", "utf-16", *(pytest.param(one, marks=pytest.mark.ci) for one in ("latin-1", "utf-8"))],
)
def test_any_encoding_of_stdout_will_do(lmtx: Lmtx, encoding: str) -> None:
    done = subprocess.run(
        [SCRIPT, "evidence", "-q"],
        env={**lmtx.environment, "PYTHONIOENCODING": encoding},
        cwd=lmtx.folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding).startswith("id\t")


ESC = "\x1b["


@pytest.mark.parametrize(
    ("env", "arguments", "colored"),
    [
        ({}, (), True),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": ""}, (), True),
        ({"TERM": "dumb"}, (), False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, (), True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "0"}, (), False),
        ({"FORCE_COLOR": "false"}, (), False),
        ({"FORCE_COLOR": "0"}, ("--color", "always"), True),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({}, ("--color", "never"), False),
        ({}, ("--color", "auto"), True),
    ],
)
def test_color_on_a_terminal(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    env: dict[str, str],
    arguments: tuple[str, ...],
    colored: bool,
) -> None:
    monkeypatch.setenv("LMTX_FORCE_TTY", "100")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert (ESC in run("list", "--tumor", "melanoma", *arguments).out) is colored


@pytest.mark.parametrize(("env", "colored"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_color_on_a_pipe(
    run: Run, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], colored: bool
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert (ESC in run("list", "--tumor", "melanoma", "-f", "table").out) is colored
    assert ESC not in run("list", "--tumor", "melanoma").out, "TSV has no colour"


@pytest.mark.parametrize(("columns", "width"), [("140", 140), ("5", 20), ("wide", 80), ("0", 80)])
def test_columns_is_the_width_of_a_table(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = run("list", "--tumor", "melanoma", "-f", "table").out
    if width >= 80:
        assert max(map(len, out.splitlines())) <= width
    assert ("Class" in out) is (width == 140)


def on_a_real_terminal(
    columns: int,
    lmtx: Lmtx,
    *arguments: str,
    stream: str = "stdout",
    code: int = 0,
    pager: str = "cat",
    **environment: str,
) -> str:
    """Run lmtx with one of its streams, or both ("stdout+stderr"), on a pseudo-terminal and return
    what it wrote there."""
    import fcntl
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        [SCRIPT, *arguments],
        stdin=follower,
        **{
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.PIPE,
            **dict.fromkeys(stream.split("+"), follower),
        },
        env={**lmtx.environment, "LMTX_PAGER": pager, **environment},
        cwd=lmtx.folder,
    ) as process:
        os.close(follower)
        found = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(leader, 65536):
                found += part
        os.close(leader)
        assert process.wait(30) == code
    return found.decode()


def test_a_real_terminal_gets_a_table_in_colour_with_links(lmtx: Lmtx) -> None:
    out = on_a_real_terminal(120, lmtx, "evidence", "--tumor", "melanoma", "--mixed", "-q")
    assert ESC in out and "\x1b]8;" in out and "https://doi.org/" in out
    plain = on_a_real_terminal(120, lmtx, "list", "--tumor", "melanoma", "--color", "never", "-q")
    assert ESC not in plain and 80 < max(map(len, plain.splitlines())) <= 120


LONG = ("list", "--all")
"""Longer than the screen."""
BOTH = {"stream": "stdout+stderr"}
PAGER = f"""{sys.executable} -c 'import sys; print("PAGED", sys.stdin.read())'"""


def test_an_answer_longer_than_the_screen_opens_in_the_pager_in_colour(lmtx: Lmtx) -> None:
    out = on_a_real_terminal(100, lmtx, *LONG, pager=PAGER)
    assert out.startswith("PAGED") and ESC in out and "methotrexate" in out
    assert "PAGED" in on_a_real_terminal(100, lmtx, "show", "methotrexate", pager=PAGER)
    assert "PAGED" not in on_a_real_terminal(100, lmtx, "list", "-t", "sclc", pager=PAGER)


def test_lmtx_pager_comes_before_pager(lmtx: Lmtx) -> None:
    environment = {**lmtx.environment, "PAGER": PAGER}
    assert "PAGED" not in on_a_real_terminal(100, lmtx._replace(environment=environment), *LONG)


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (("--no-pager",), {}),
        ((), {"TERM": "dumb"}),
        ((), {"LMTX_FORCE_TTY": "100"}),
        (("-o", "-", "-f", "table"), {}),
        ((), {"LMTX_PAGER": ""}),
    ],
)
def test_there_is_no_pager_where_none_is_wanted(
    lmtx: Lmtx, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    out = on_a_real_terminal(100, lmtx, *LONG, *options, **{"pager": PAGER, **environment})
    assert "PAGED" not in out and "methotrexate" in out


@pytest.mark.parametrize("pager", ["no-such-pager --flag", "'unbalanced", "/dev/null"])
def test_a_pager_that_does_not_exist_is_done_without(lmtx: Lmtx, pager: str) -> None:
    out = on_a_real_terminal(100, lmtx, *LONG, pager=pager)
    assert "methotrexate" in out and "Error" not in out


def test_leaving_the_pager_early_is_no_error(lmtx: Lmtx) -> None:
    out = on_a_real_terminal(100, lmtx, "evidence", "--mixed", "--json", pager="true")
    assert "methotrexate" not in out
    head = on_a_real_terminal(100, lmtx, "evidence", "--mixed", "--json", pager="head -c 40")
    assert head.startswith('{"schema": 2')


@pytest.mark.parametrize(
    ("pager", "told"),
    [
        ("""sh -c 'exit 1'""", "the pager sh failed (exit 1)"),
        ("""sh -c 'no-such-pager'""", "the pager sh failed (exit 127)"),
        ("""sh -c 'kill -9 $$'""", "the pager sh was ended"),
    ],
)
def test_a_pager_that_fails_loses_no_answer_unsaid(lmtx: Lmtx, pager: str, told: str) -> None:
    err = " ".join(on_a_real_terminal(100, lmtx, *LONG, **BOTH, pager=pager).split())
    assert f"lmtx: {told}; --no-pager shows the answer without it" in err


def test_a_pager_that_reads_no_more_has_not_failed(lmtx: Lmtx) -> None:
    assert "the pager" not in on_a_real_terminal(100, lmtx, *LONG, **BOTH, pager="head -1")


def test_notes_break_between_words_on_a_terminal_and_nowhere_else(lmtx: Lmtx) -> None:
    arguments = ("plot", "-e", "overall-survival", "-t", "nsclc", "--json")
    notes = lmtx(*arguments).err.splitlines()
    assert all(line.startswith("lmtx: ") for line in notes) and max(map(len, notes)) > 50
    shown = on_a_real_terminal(50, lmtx, *arguments, stream="stderr").split("\r\n")[:-1]
    assert max(map(len, shown)) <= 50 and len(shown) > len(notes)
    assert " ".join("\n".join(shown).split()) == " ".join(notes), "every word is whole"


def test_a_complaint_stays_one_line_on_a_terminal(lmtx: Lmtx) -> None:
    assert (
        on_a_real_terminal(
            40, lmtx, "list", "--fields", "nothing-like-it", stream="stderr", code=2
        ).count("\n")
        == 1
    )


def test_a_terminal_that_tells_no_width_gets_the_note_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lmtx.cli.answer import write_notes
    from lmtx.cli.options import OutputOptions

    note = " ".join(["word"] * 60)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    write_notes([note], OutputOptions())
    assert capsys.readouterr().err == f"lmtx: {note}\n"


EMPTY = [
    ("list --min-level", "--min-level: no such value ''"),
    ("list --level", "--level: no such value ''"),
    ("list --tumor", "--tumor: no tumor ''"),
    ("list --sort", "--sort: list has no field ''"),
    ("evidence --sort", "--sort: evidence has no field ''"),
    ("tumors --sort", "--sort: tumors has no field ''"),
    ("list --fields", "--fields: no field is named; fields: id, name"),
    ("show osimertinib --fields", "--fields: a card has no columns"),
    ("export --table", "--table: no such value ''"),
    ("export --output", "--output: the name is empty"),
    ("fields --values", "--values: no such value ''"),
    ("fields", "LISTING: no such value ''"),
    ("csf --measure", "--measure: no such value ''"),
    ("map --rows", "--rows: no such value ''"),
]


@pytest.mark.parametrize(("line", "said"), EMPTY, ids=[line for line, _ in EMPTY])
def test_an_empty_value_is_not_the_same_as_none(run: Run, line: str, said: str) -> None:
    """A script whose variable is not set hears of it, and gets no answer to another question."""
    answer = run(*line.split(), "")
    assert (answer.code, answer.out, answer.err.count("\n")) == (
        2,
        "",
        1,
    ) and answer.err.startswith(f"lmtx: {said}")
    assert line != "list --fields" or run("list", "--fields", " , ,") == answer


def test_a_dumb_terminal_gets_no_escapes(lmtx: Lmtx) -> None:
    lmtx.environment["TERM"] = "dumb"
    assert "\x1b" not in on_a_real_terminal(100, lmtx, "evidence", "--tumor", "melanoma", "-q")


def test_a_complaint_survives_a_broken_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    entry.write_error("unheard")


def test_python_m(lmtx: Lmtx) -> None:
    answer = lmtx.python(
        "import runpy, sys; sys.argv = ['lmtx', '--version']; runpy.run_module('lmtx', "
        "run_name='__main__')"
    )
    assert answer.code == 0 and answer.out.startswith("lmtx ")
