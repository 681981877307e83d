"""The entry point: run a command, and turn whatever goes wrong into one line and the right exit code.

0 found · 1 nothing matched · 2 usage · 3 the data are invalid or cannot be read · 4 unexpected · 130 interrupted
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from lmtx.errors import DataError, LmtxError, NotFound, OutputError, UsageError, printable

FOUND, NOTHING, USAGE, INVALID, UNEXPECTED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def entry() -> NoReturn:
    """Run lmtx as a command and leave at once.

    All is written and closed by then, and taking the interpreter apart, module by module, would be a sixth of a look-up.
    """
    code = main()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run lmtx with command-line arguments; return its exit code."""
    try:
        _tolerate_streams()
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_quietly()
        return FOUND
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _command() -> Any:
    from typer import _completion_classes
    from typer.main import get_command

    from lmtx.cli.app import app

    # Our help texts hold no markup, and the clean-up would import rich for every completion in zsh and fish.
    _completion_classes._sanitize_help_text = str  # type: ignore[assignment]
    return get_command(app)


def _run(arguments: Sequence[str] | None, *, again: bool = True) -> int:
    import typer  # here, where an interrupt in the middle of it is caught

    from lmtx.cli.answer import begin

    begin()
    try:
        code = _command().main(args=None if arguments is None else list(arguments), prog_name="lmtx", standalone_mode=False)
        return code if isinstance(code, int) else FOUND
    except DataError as error:
        for problem in error.problems:
            complain(str(problem))
        return fail(error, INVALID)
    except NotFound as error:
        return fail(error, NOTHING)
    except UsageError as error:
        return fail(error, USAGE)
    except OutputError as error:
        return fail(error, INVALID)
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # Typer turns it into exit 1
            raise stop.__context__ from None
        return stop.code if isinstance(stop.code, int) else USAGE
    except BrokenPipeError:
        raise
    except sqlite3.DatabaseError as error:
        return _damaged(error, arguments, again=again)
    except OSError as error:
        complain(f"{error.filename or 'input or output'}: {error.strerror or error}")
        return INVALID
    except OverflowError:
        complain("a number is too large; give a smaller one")
        return USAGE
    except Exception as error:
        return _other(error)


def _damaged(error: sqlite3.DatabaseError, arguments: Sequence[str] | None, *, again: bool) -> int:
    """Remove an index of the cache that turned out to be damaged inside, and answer from a new one, unless an answer has begun already."""
    from lmtx.cli.answer import has_begun
    from lmtx.index import data_folder
    from lmtx.index.cache import discard

    damaged = type(error) is sqlite3.DatabaseError or "decode to UTF-8" in str(error)  # all else are mistakes of ours
    if not damaged or not discard(data_folder()):
        return _other(error)
    if again and not has_begun():
        complain("the index in the cache was damaged and is compiled again")
        return _run(arguments, again=False)
    complain("the index in the cache was damaged and has been removed; run the command again")
    return INVALID


def _other(error: Exception) -> int:
    """Handle what Typer raises for a wrong command line, and what nobody foresaw."""
    from typer._click.exceptions import ClickException, NoArgsIsHelpError
    from typer._click.exceptions import UsageError as CommandLine

    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return USAGE
    if isinstance(error, CommandLine):
        command = error.ctx.command_path if error.ctx else "lmtx"
        message = " ".join(error.format_message().split()).rstrip(".")
        complain(f"{message[:1].lower()}{message[1:]} ({command} --help shows how)")
        return USAGE
    if isinstance(error, ClickException):
        complain(error.format_message())
        return USAGE
    if os.environ.get("LMTX_TRACEBACK"):
        raise error
    complain(f"unexpected {type(error).__name__}: {' '.join(str(error).split())} (please report it; LMTX_TRACEBACK=1 shows where)")
    return UNEXPECTED


def fail(error: LmtxError, code: int) -> int:
    """Say in one line what was wrong and what to try."""
    complain(error.message + (f"; {error.hint}" if error.hint else ""))
    return code


def complain(line: str) -> None:
    """Write one line to stderr, where there is one; nothing in it drives a terminal."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(f"lmtx: {printable(line)}", file=sys.stderr)


def _tolerate_streams() -> None:
    """Let no sign that a stream cannot encode, and no missing stream, end in a traceback."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace" if stream.encoding.lower().startswith("utf") else "backslashreplace")


def _close_quietly() -> None:
    """Point stdout at nothing, so that the interpreter's last flush into the closed pipe stays quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
