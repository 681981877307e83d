"""What can go wrong, as one tree, and how a message names what a caller can set.

LmtxError
├── UsageError        a value, field or combination of options that does not exist     exit 2
│   └── MissingLibrary    what was asked for needs a library that is not installed
├── NotFound          a well-formed question with no answer                             exit 1
│   └── UnknownRecord     no record answers to a name
├── DataError         the knowledge base is invalid or cannot be read                   exit 3
├── OutputError       the answer cannot be written where it was asked for               exit 3
└── NetworkError      a service on the network cannot be asked                          exit 3

Only `lmtx.cli` turns these into exit codes. Every message is one line; `hint` says what to try.

A message may name a parameter or a listing. It does so by an object, not by a word of one door:
`Option("mixed")` is `--mixed` on the command line and `mixed=True` in Python.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

from lmtx.tuples import NamedTuple


class ParameterMention(NamedTuple):
    """A parameter that a message names: a filter or an option of a listing, with a value to give
    it; "" for any."""

    name: str
    value: str | int | bool = True


class CommandMention(NamedTuple):
    """A listing or another command that a message points to, and what to ask it."""

    name: str
    words: tuple[str, ...] = ()
    options: tuple[ParameterMention, ...] = ()


Wording = str | tuple[str | ParameterMention | CommandMention, ...]
"""A message, whose options and commands each door spells in its own way."""


def spell_mention_in_python(mention: ParameterMention | CommandMention) -> str:
    """Spell an option or a command as a caller from Python types it."""
    if isinstance(mention, ParameterMention):
        return f"{mention.name}={mention.value!r}" if mention.value != "" else mention.name
    arguments = [*map(repr, mention.words), *map(spell_mention_in_python, mention.options)]
    return f"{mention.name}({', '.join(arguments)})"


def format_message(
    wording: Wording,
    spell: Callable[[ParameterMention | CommandMention], str] = spell_mention_in_python,
) -> str:
    """Return a message as text, its options and commands spelled by `spell`."""
    if isinstance(wording, str):
        return wording
    return "".join(part if isinstance(part, str) else spell(part) for part in wording)


def join_messages(wordings: list[Wording], separator: str = "; ") -> Wording:
    """Return messages as one, those that are empty left out."""
    parts: list[str | ParameterMention | CommandMention] = []
    for wording in filter(None, wordings):
        parts += [separator] if parts else []
        parts += [wording] if isinstance(wording, str) else wording
    return tuple(parts)


class LmtxError(Exception):
    """Base of everything lmtx raises on purpose.

    `wording` says what was wrong and `remedy` what to try; `field` names the parameter that it is
    about, where there is one. `message` and `hint` are both as a caller from Python reads them.
    """

    def __init__(self, wording: Wording, remedy: Wording = "", *, field: str = "") -> None:
        self.wording = wording
        self.remedy = remedy
        self.field = field
        super().__init__(self.message)
        if remedy:
            self.add_note(self.hint)

    @property
    def message(self) -> str:
        """What was wrong, with the parameter that it is about."""
        return (
            f"{self.field}: {format_message(self.wording)}"
            if self.field
            else format_message(self.wording)
        )

    @property
    def hint(self) -> str:
        """What to try; empty where nothing can be said."""
        return format_message(self.remedy)


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


class NetworkError(LmtxError):
    """A service on the network cannot be reached, or refuses to answer."""


def escape_control(text: str) -> str:
    """Return text in which a sign that could drive a terminal or hide text is spelled out:
    "\\x1b"."""
    return (
        text
        if text.isprintable()
        else "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    )


LONGEST_MESSAGE = 1000
"""Signs of a line for people; of a longer one the middle is left out."""
_TAIL = 300


def escape_and_shorten_message(text: str) -> str:
    """Return a line for a person: printable, and of no more than LONGEST_MESSAGE signs, its end
    with the
    hint included.

    What was typed is repeated in messages, and may be of any length.
    """
    shown = escape_control(text)
    return (
        shown
        if len(shown) <= LONGEST_MESSAGE
        else f"{shown[: LONGEST_MESSAGE - _TAIL - 3]} … {shown[-_TAIL:]}"
    )


class Problem(NamedTuple):
    """One finding in the data: where it is, which record, what is wrong and what to do."""

    file: Annotated[str, "data file"]
    line: Annotated[int, "line in it"]
    record: Annotated[str, "id of the record"]
    what: Annotated[str, "what is wrong"]
    todo: Annotated[str, "what to do about it"]

    def __str__(self) -> str:
        advice = f"; {self.todo}" if self.todo else ""
        return escape_and_shorten_message(
            f"{self.file}:{self.line}: {self.record}: {self.what}{advice}"
        )


class DataError(LmtxError):
    """The knowledge base is invalid or cannot be read; `problems` lists every finding."""

    def __init__(
        self, wording: Wording, remedy: Wording = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(wording, remedy)
        self.problems = problems


def import_library(name: str, extra: str) -> Any:
    """Return a library that an extra installs; raise MissingLibrary, with the command that installs
    it, where it is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise  # the library is there, and something in it is broken
        raise MissingLibrary(
            f"{error.name} is not installed", spell_install(extra, error.name)
        ) from None


def spell_install(extra: str, name: str) -> str:
    """Return the command that installs into this very interpreter what an extra requires: the
    requirements themselves, for an index need not know lmtx.

    `name` is the library, for where the package's metadata do not tell.
    """
    import sys
    from importlib.metadata import PackageNotFoundError, requires
    from shlex import quote

    try:
        required = [line.partition(";") for line in requires("lmtx") or ()]
    except PackageNotFoundError:
        required = []
    wanted = [
        need.strip()
        for need, _, marker in required
        if f'extra == "{extra}"' in marker.replace("'", '"')
    ]
    python = sys.executable or "python"
    return " ".join(
        [quote(python), "-m pip install", *map(quote, wanted or [name.replace("_", "-")])]
    )
