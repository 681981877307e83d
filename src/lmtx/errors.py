"""What can go wrong, as one tree.

LmtxError
├── UsageError        a value, field or combination of options that does not exist     exit 2
│   └── MissingLibrary    what was asked for needs a library that is not installed
├── NotFound          a well-formed question with no answer                             exit 1
│   └── UnknownRecord     no record answers to a name
├── DataError         the knowledge base is invalid or cannot be read                   exit 3
└── OutputError       the answer cannot be written where it was asked for               exit 3

Only `lmtx.cli` turns these into exit codes. Every message is one line; `hint` says what to try.
"""

from typing import Annotated, NamedTuple


class LmtxError(Exception):
    """Base of everything lmtx raises on purpose."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(hint)


class UsageError(LmtxError):
    """A value, field or combination of options that does not exist."""


class MissingLibrary(UsageError, ImportError):  # noqa: N818 - named after what is missing
    """What was asked for needs a library that is not installed; the hint says how to install it."""


class NotFound(LmtxError):  # noqa: N818 - an answer of "nothing", not a fault
    """A well-formed question with no answer."""


class UnknownRecord(NotFound, KeyError):  # noqa: N818 - as NotFound
    """No record answers to a name: what `base[name]` raises."""

    def __str__(self) -> str:
        return self.message


class OutputError(LmtxError):
    """The answer cannot be written where it was asked for."""


def printable(text: str) -> str:
    """Return text in which a sign that could drive a terminal or hide text is spelled out: "\\x1b"."""
    return (
        text
        if text.isprintable()
        else "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    )


LONGEST = 1000
"""Signs of a line for people; of a longer one the middle is left out."""
_TAIL = 300


def one_line(text: str) -> str:
    """Return a line for a person: printable, and of no more than LONGEST signs, its end with the hint included.

    What was typed is repeated in messages, and may be of any length.
    """
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - _TAIL - 3]} … {shown[-_TAIL:]}"


class Problem(NamedTuple):
    """One finding in the data: where it is, which record, what is wrong and what to do."""

    file: Annotated[str, "data file"]
    line: Annotated[int, "line in it"]
    record: Annotated[str, "id of the record"]
    what: Annotated[str, "what is wrong"]
    todo: Annotated[str, "what to do about it"]

    def __str__(self) -> str:
        advice = f"; {self.todo}" if self.todo else ""
        return one_line(f"{self.file}:{self.line}: {self.record}: {self.what}{advice}")


class DataError(LmtxError):
    """The knowledge base is invalid or cannot be read; `problems` lists every finding."""

    def __init__(self, message: str, hint: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint)
        self.problems = problems
