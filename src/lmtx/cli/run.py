"""The entry point: run a command, and turn whatever goes wrong into one line and the right exit
code.

0 found · 1 nothing matched · 2 usage · 3 the data are invalid or cannot be read · 4 unexpected ·
130 interrupted
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from lmtx import progress
from lmtx.errors import (
    DataError,
    LmtxError,
    NetworkError,
    NotFound,
    OutputError,
    UsageError,
    escape_and_shorten_message,
)
from lmtx.progress import Listener
from lmtx.store.places import NO_WORKING_FOLDER_MESSAGE, has_working_folder

PROGRESS_DELAY = 1.0
"""Seconds before anything is shown."""
PROGRESS_INTERVAL = 0.1
"""Seconds between two states of the line."""


class ProgressMeter:
    """Hears of steps and shows the latest one; a terminal is written to, nothing else is."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream = stream
        self.clock = clock
        self.next = clock() + PROGRESS_DELAY
        self.width = 0

    def __call__(self, stage: str, number: int, total: int) -> None:
        """Show a step; an empty stage says that nothing is under way."""
        if not stage:
            self.clear()
        elif (now := self.clock()) >= self.next:
            self.next = now + PROGRESS_INTERVAL
            self._write(f"lmtx: {stage}, {number:,} of {total:,}")

    def clear(self) -> None:
        """Wipe the line, so that what follows begins on an empty one."""
        if self.width:
            self._write("")

    def _write(self, line: str) -> None:
        """Put a line over the last one, cut to the width of the terminal; plain blanks wipe it on
        every terminal."""
        line = line[: self._width() - 1]
        with contextlib.suppress(OSError, ValueError):
            self.stream.write("\r" + line.ljust(self.width) + ("" if line else "\r"))
            self.stream.flush()
        self.width = len(line)

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80


def choose_progress_listener(stream: TextIO) -> Listener:
    """Return what shows the steps of the running command: nothing on a pipe, with --quiet or while
    a shell completes."""
    from lmtx.cli.typer_inside import current_context

    context = current_context()
    if (
        context is None
        or context.resilient_parsing
        or context.params.get("quiet")
        or not stream.isatty()
    ):
        return _silent
    return ProgressMeter(stream)


def _silent(stage: str, number: int, total: int) -> None:
    """Show nothing."""


SUCCESS, EXIT_NOTHING, EXIT_USAGE, EXIT_INVALID, EXIT_UNEXPECTED, EXIT_INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    130,
)


def entry() -> NoReturn:
    """Run lmtx as a command and leave at once.

    All is written and closed by then, and taking the interpreter apart, module by module, would be
    a sixth of a look-up.
    """
    code = main()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run lmtx with command-line arguments; return its exit code."""
    try:
        if arguments is None:
            _interrupt_on_sigterm()
        _tolerate_streams()
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_quietly()
        return SUCCESS
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except OSError as error:
        return _report_system_error(error)
    return code


def _interrupt_on_sigterm() -> None:
    """Let a request to end be what Ctrl-C is, so that no unfinished file stays behind; one that is
    ignored stays ignored, as under nohup."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _command() -> Any:
    from lmtx.cli.app import app
    from lmtx.cli.typer_inside import get_command, patch_typer_completion

    patch_typer_completion()
    return get_command(app)


def _call_command(arguments: Sequence[str] | None) -> Any:
    """Run the command and show how far it is where it takes long; whatever ends it, no half of a
    line is left."""
    progress.set_listener(_make_listener())
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed[:1] == ["help"]:
        typed = [*typed[1:], "--help"]
    try:
        return _command().main(
            args=typed,
            prog_name="lmtx",
            standalone_mode=False,
        )
    finally:
        progress.end_stage()


def _make_listener() -> progress.Listener:
    """Return what hears of the steps of one command; who is to be shown them is asked at the first
    of them, when the command line has been read."""
    made: list[progress.Listener] = []

    def step(stage: str, number: int, total: int) -> None:
        if not made:
            made.append(choose_progress_listener(sys.stderr))
        made[0](stage, number, total)

    return step


def _run(arguments: Sequence[str] | None, *, again: bool = True) -> int:
    import typer  # here, where an interrupt in the middle of it is caught

    from lmtx.cli.answer import reset_answer_state
    from lmtx.cli.options import forget_named_overlays

    reset_answer_state()
    forget_named_overlays()
    if not all(map(_can_be_typed, arguments or ())):
        write_error("an argument holds a sign that no system takes; leave it out")
        return EXIT_USAGE
    try:
        code = _call_command(arguments)
        return code if isinstance(code, int) else SUCCESS
    except DataError as error:
        for problem in error.problems:
            write_error(str(problem))
        return report_error(error, EXIT_INVALID)
    except NotFound as error:
        return report_error(error, EXIT_NOTHING)
    except UsageError as error:
        return report_error(error, EXIT_USAGE)
    except (OutputError, NetworkError) as error:
        return report_error(error, EXIT_INVALID)
    except typer.Abort:
        return EXIT_INTERRUPTED
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # Typer turns it into exit 1
            raise stop.__context__ from None
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except BrokenPipeError:
        raise
    except sqlite3.DatabaseError as error:
        return _replace_damaged_index(error, arguments, again=again)
    except OSError as error:
        if _is_closed_pipe(error):
            raise BrokenPipeError from error
        return _report_system_error(error)
    except OverflowError:
        write_error("a number is too large; give a smaller one")
        return EXIT_USAGE
    except Exception as error:
        return _report_other_error(error)


def _can_be_typed(argument: str) -> bool:
    """Tell whether a system could hand over an argument; a program may call with anything."""
    try:
        return b"\0" not in os.fsencode(argument)
    except UnicodeError:
        return False


def _is_closed_pipe(error: OSError) -> bool:
    """Tell whether the reader of stdout is gone; Windows calls that an invalid argument."""
    return sys.platform == "win32" and error.errno == errno.EINVAL and error.filename is None


def _report_system_error(error: OSError) -> int:
    """Say what the system refused."""
    if isinstance(error, FileNotFoundError) and not error.filename and not has_working_folder():
        write_error("; ".join(NO_WORKING_FOLDER_MESSAGE))
        return EXIT_INVALID
    write_error(f"{error.filename or 'input or output'}: {error.strerror or error}")
    return EXIT_INVALID


def _replace_damaged_index(
    error: sqlite3.DatabaseError, arguments: Sequence[str] | None, *, again: bool
) -> int:
    """Remove an index of the cache that turned out to be damaged inside, and answer from a new one,
    unless an answer has begun already."""
    from lmtx.cli.answer import has_answer_begun
    from lmtx.cli.options import list_overlays
    from lmtx.index import find_bundled_data_folder
    from lmtx.index.cache import discard_index

    damaged = type(error) is sqlite3.DatabaseError or "decode to UTF-8" in str(
        error
    )  # all else are mistakes of ours
    if not damaged or not discard_index(find_bundled_data_folder(), list_overlays()):
        return _report_other_error(error)
    if again and not has_answer_begun():
        write_error("the index in the cache was damaged and is compiled again")
        return _run(arguments, again=False)
    write_error("the index in the cache was damaged and has been removed; run the command again")
    return EXIT_INVALID


def _report_other_error(error: Exception) -> int:
    """Handle what Typer raises for a wrong command line, and what nobody foresaw."""
    from lmtx.cli.typer_inside import load_click_error_classes

    ClickException, CommandLine, NoArgsIsHelpError = load_click_error_classes()  # noqa: N806 - classes
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return EXIT_USAGE
    if isinstance(error, CommandLine):
        command = error.ctx.command_path if error.ctx else "lmtx"
        message = " ".join(error.format_message().split()).rstrip(".")
        message = f"{message[:1].lower()}{message[1:]}"
        write_error(f"{_suggest_command(message)} ({command} --help shows how)")
        return EXIT_USAGE
    if isinstance(error, ClickException):
        write_error(error.format_message())
        return EXIT_USAGE
    if os.environ.get("LMTX_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
        return EXIT_UNEXPECTED
    if isinstance(error, ImportError):
        write_error(
            f"the module {error.name} cannot be loaded here; install lmtx with pip, which brings it"
        )
        return EXIT_UNEXPECTED
    write_error(
        f"unexpected {type(error).__name__}: {' '.join(str(error).split())} (please report it; "
        f"LMTX_TRACEBACK=1 shows where)"
    )
    return EXIT_UNEXPECTED


def _suggest_command(message: str) -> str:
    """Return a message on a word that is no command or option with the command that was meant: it
    may be the name of a record."""
    found = re.match(
        r"(no such command '([^']+)'); lmtx --help|(.*argument\(s\) \((.+)\))", message
    )
    if not found:
        return message
    word = found[2] or found[4]
    import shlex

    said, typed = found[1] or found[3], shlex.quote(word)
    if kind := _kind_of(word):
        return (
            f"{said}; did you mean: lmtx {COMMAND_OF_KIND_WITHOUT_CARD.get(kind, 'show')} {typed}"
        )
    return f"{said}; lmtx search {typed} looks for it"


COMMAND_OF_KIND_WITHOUT_CARD = {"tumor": "list --tumor", "class": "list --class"}
"""The commands that answer for the name of a record, where it is not its card."""


def _kind_of(name: str) -> str | None:
    """Return the kind of record that answers to a name, None where none does or the data cannot be
    read."""
    from lmtx.cli.options import open_overlaid_index
    from lmtx.query.resolve import find_named_records

    with contextlib.suppress(LmtxError, sqlite3.Error, OSError):
        found = find_named_records(open_overlaid_index().connection, name)
        return found[0].kind if found else None
    return None


def report_error(error: LmtxError, code: int) -> int:
    """Say in one line what was wrong and what to try."""
    from lmtx.cli.options import format_error_line

    write_error(format_error_line(error))
    return code


def write_error(line: str) -> None:
    """Write one line to stderr, where there is one; nothing in it drives a terminal, nor does it
    disturb a shell that asks for completions."""
    if os.environ.get("_LMTX_COMPLETE", "").startswith("complete_"):
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(f"lmtx: {escape_and_shorten_message(line)}", file=sys.stderr)


def _tolerate_streams() -> None:
    """Let no sign that a stream cannot encode, and no missing stream, end in a traceback."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(
                sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8")
            )
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            plain = "lmtx-plain" if name == "stdout" else "backslashreplace"
            stream.reconfigure(
                errors="replace" if stream.encoding.lower().startswith("utf") else plain
            )
    codecs.register_error("lmtx-plain", _replace_unencodable)


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Spell what a stream cannot encode with plain signs: an interval keeps its dash."""
    from lmtx.render.text.cells import spell_for_screen

    assert isinstance(error, UnicodeEncodeError)
    return spell_for_screen(error.object[error.start : error.end], True), error.end


def _close_quietly() -> None:
    """Point stdout at nothing, so that the interpreter's last flush into the closed pipe stays
    quiet."""
    with contextlib.suppress(OSError, ValueError):  # a stream that a program put in its place
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
