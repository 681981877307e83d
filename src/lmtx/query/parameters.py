"""What a question is asked with: the parameters of a listing, each described once for every
door."""

# No `from __future__ import annotations` here: tables of parameters are read off annotations.

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from lmtx.errors import UsageError
from lmtx.model.vocabulary import Term
from lmtx.query import resolve
from lmtx.tuples import NamedTuple

Completion = tuple[str, str]
"""A value that completes what was typed, and a line of help."""
IndexOpener = Callable[[], sqlite3.Connection]
"""Opens the index, for what completes from it."""
ParameterKind = Literal["words", "word", "text", "number", "flag"]
"""Several words, of which any will do; one word; a text of several; a whole number; yes or no."""
LARGEST_INTEGER = 2**63 - 1
"""The largest number that the index can be asked about."""


class Vocabulary(NamedTuple):
    """The words that a parameter takes: `read` turns them into ids, `complete` lists what begins as
    typed."""

    read: Callable[[sqlite3.Connection, str, Sequence[str]], Iterable[str]]
    complete: Callable[[IndexOpener, str], Iterable[Completion]]


def make_word_vocabulary(
    terms: Callable[[], Mapping[str, Term]] | Mapping[str, Term],
) -> Vocabulary:
    """Return the vocabulary of closed words; a function gives those that are not worth importing
    before they are asked for."""

    def load() -> Mapping[str, Term]:
        return terms() if callable(terms) else terms

    return Vocabulary(
        lambda _, field, values: resolve.resolve_words(field, load(), values),
        lambda _, typed: ((name, term.meaning or term.label) for name, term in load().items()),
    )


def make_record_vocabulary(kind: str, *queries: str, kinds: Sequence[str] = ()) -> Vocabulary:
    """Return the vocabulary of records of a kind; the queries list them with a line of help, given
    what was `:typed`, and other names of records of it, or of several `kinds`, complete too."""

    def complete(connect: IndexOpener, typed: str) -> Iterable[Completion]:
        connection = connect()
        listed = dict(query_completions(connection, queries, typed))
        yield from listed.items()
        for name, id_ in resolve.list_one_word_names_with_prefix(
            connection, kinds or (kind,), typed
        ):
            if name.casefold() not in listed:
                yield name, f"{id_}, {listed[id_]}" if id_ in listed else id_

    return Vocabulary(
        lambda connection, field, values: resolve.resolve_ids(connection, kind, values, field),
        complete,
    )


def query_completions(
    connection: sqlite3.Connection, queries: Iterable[str], typed: str
) -> Iterable[Completion]:
    """Yield what several queries list, one after the other."""
    for query in queries:
        yield from connection.execute(query, {"typed": typed})


class Parameter(NamedTuple):
    """A filter or an option of a listing: how it is named, what it takes, and its line of help.

    `name` is its keyword in Python and, with dashes, its option on the command line, unless
    `option` is that; `positional` ones are arguments there; `also` is a second spelling of the
    option. `least` and `largest` bound a number.
    """

    name: str
    help: str
    metavar: str = ""
    short: str = ""
    kind: ParameterKind = "words"
    vocabulary: Vocabulary | None = None
    least: int = 0
    largest: int = LARGEST_INTEGER
    positional: bool = False
    option: str = ""
    also: str = ""

    @property
    def option_name(self) -> str:
        """The word of its option on the command line, without dashes before it."""
        return self.option or self.name.replace("_", "-")


def read_declared_parameters(question_type: type[Any]) -> dict[str, Parameter]:
    """Return the parameters that a NamedTuple declares in its annotations, by the names of its
    fields."""
    return {
        field: next(part for part in hint.__metadata__ if isinstance(part, Parameter))
        for field, hint in question_type.__annotations__.items()
    }


def read_value(connection: sqlite3.Connection, parameter: Parameter, value: Any) -> Any:
    """Return a value as the query takes it, its words turned into ids; raise UsageError for one
    that is not known."""
    if parameter.kind == "words":
        values = tuple(value or ())
        vocabulary = parameter.vocabulary
        if vocabulary is None:
            return values
        return tuple(
            dict.fromkeys(
                name
                for each in values
                for name in _read_several(connection, vocabulary, parameter.name, each)
            )
        )
    if parameter.kind == "word" and value is not None and parameter.vocabulary is not None:
        [word] = parameter.vocabulary.read(connection, parameter.name, (value,))
        return word
    return value


def _read_several(
    connection: sqlite3.Connection, vocabulary: Vocabulary, name: str, value: str
) -> Iterable[str]:
    """Return what a value means: taken whole first, and split at its commas where nothing is
    spelled so."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) < 2:
        return vocabulary.read(connection, name, (value,))
    try:
        return vocabulary.read(connection, name, (value,))
    except UsageError:
        return vocabulary.read(connection, name, parts)


def check_value(parameter: Parameter, value: Any) -> Any:
    """Return a value that a program gave, of the right kind; raise UsageError for any other."""
    name = parameter.name
    if parameter.kind == "flag":
        if not isinstance(value, bool):
            raise UsageError(f"{value!r} is neither True nor False", field=name)
        return value
    if parameter.kind == "number":
        return check_number(name, value, parameter.least, parameter.largest)
    if parameter.kind in ("word", "text"):
        return check_word(name, value)
    return check_words(name, value)


def check_words(name: str, value: Any) -> tuple[str, ...]:
    """Return one word or several as a tuple; raise UsageError where something else is among
    them."""
    several = (
        (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    )
    return tuple(check_word(name, each, "give a string, or several in a list") for each in several)


def check_word(name: str, value: Any, hint: str = "give a string") -> str:
    """Return one word; raise UsageError for anything else, and for an empty one, which is not the
    same as none."""
    if not isinstance(value, str):
        raise UsageError(f"{value!r} is not a word", hint, field=name)
    if not value.strip():
        raise UsageError(
            "the word is empty", "leave it out, or give None, where you mean none", field=name
        )
    return value


def check_number(name: str, value: Any, least: int, largest: int = LARGEST_INTEGER) -> int:
    """Return a whole number between two bounds; raise UsageError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= largest:
        upto = f" to {largest}" if largest < LARGEST_INTEGER else " on"
        raise UsageError(f"{value!r} is not a whole number from {least}{upto}", field=name)
    return value
