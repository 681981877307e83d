"""What a listing is, and how one is asked: the object from which every door is made."""

# No `from __future__ import annotations` here: fields and parameters are read off annotations.

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from types import UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from lmtx.errors import LmtxError, UsageError, Wording
from lmtx.index import Index
from lmtx.model.levels import rank_level
from lmtx.query.filters import (
    EVIDENCE_SUBJECT,
    FILTERS,
    Filters,
    is_filter_taken,
    note_left_out,
    note_treatments_without_evidence,
    refuse_filters,
    resolve_filters,
)
from lmtx.query.parameters import Parameter, read_declared_parameters, read_value
from lmtx.tuples import NamedTuple

Row = TypeVar("Row")
INDENT = "  "
_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    type(None): "null",
}
"""The types of JSON in words."""
FIELDS_SORTED_NEWEST_FIRST = ("status_read",)
"""Fields that hold a date, as exact as it is known."""
_EMPTY: tuple[Any, ...] = (None, "", [])
"""Values that say nothing."""


class Column(NamedTuple):
    """A column of a drawn table.

    `rank` 0 is never dropped; on a narrow terminal the highest rank goes first. `least` lets a
    column of prose shrink to that width, where it is cut at a blank, or with `fold` goes on in the
    next line (`most` says from which width on); without `least` a cell is never cut nor wrapped.
    """

    header: str
    cell: Callable[[Any], str]
    rank: int = 0
    least: int | None = None
    right: bool = False
    style: str = ""
    link: Callable[[Any], str | None] | None = None
    fold: bool = False
    most: int | None = None


class Order(NamedTuple):
    """In which order the rows of a listing come, and how many."""

    sort: Annotated[
        str | None,
        Parameter(
            "sort", "Field to sort by, the strongest, largest or newest first.", "FIELD", "", "word"
        ),
    ] = None
    reverse: Annotated[bool, Parameter("reverse", "The other way round.", kind="flag")] = False
    limit: Annotated[
        int | None, Parameter("limit", "At most this many rows.", "N", "", "number", least=1)
    ] = None


class NoOptions(NamedTuple):
    """The options of a listing that has none of its own."""


class Question(NamedTuple):
    """What a listing is asked: the index, the filters as ids, its own options (a NamedTuple), and
    the order.

    `today` is the day on which it is asked, from which ages are counted.
    """

    base: Index
    filters: Filters = Filters()
    options: Any = NoOptions()
    order: Order = Order()
    today: date = date.min

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection to the index."""
        return self.base.connection


class Found(NamedTuple):
    """The answer of a listing: its rows, what must be said beside them, and what a drawing needs
    beside them.

    `is_arranged` says that the rows stand in the order asked for already. `listing` is how this
    answer looks, where it looks otherwise than the listing does.
    """

    rows: Iterable[Any]
    notes: Sequence[Wording] = ()
    is_arranged: bool = False
    listing: "Listing[Any] | None" = None
    drawing: Any = None
    fault: LmtxError | None = None
    """What is wrong with what was asked for, raised when the answer has been written."""
    drawn: str = ""
    """What a picture of it shows, where that is not its rows: "12 studies"."""
    left_out: Mapping[str, int] = {}
    """How many records were left out though nobody knows that they do not fit, by the reason; each
    is noted too."""
    left_out_unit: str = "row"
    """What these records are called."""


class Listing(NamedTuple, Generic[Row]):
    """A listing: what it is called, what it takes, how its rows are found, and how they look.

    `row` is the NamedTuple of its rows, whose annotations say what each field means. `find` answers
    a question; without it the rows come from elsewhere than the index. `subject` is what its
    filters act on, None where it takes none. `options` is a NamedTuple of its own parameters. One
    without `columns` is drawn by the module of its name in `render/terminal`.
    """

    name: str
    help: str
    row: type[Row]
    find: Callable[[Question], Found] | None = None
    about: str = ""
    """What its help says first, where that is more than `help`."""
    examples: tuple[str, ...] = ()
    subject: str | None = None
    options: type[Any] = NoOptions
    is_sorted: bool = True
    method: str = ""
    """Its name in Python, where that is not its own; `METHODS` of `lmtx.api.base` has it too."""
    is_command: bool = True
    # How it looks.
    brief: tuple[str, ...] = ()
    """Fields of a Markdown table; all of them where none is named."""
    columns: tuple[Column, ...] = ()
    narrow: tuple[Column, ...] = ()
    """Columns for a terminal on which not even those of rank 0 fit beside each other."""
    empty: str = "nothing matched"
    footnotes: tuple[tuple[str, str], ...] = ()
    stands_apart: Callable[[Any], bool] | None = None
    apart: str = ""
    """Title of the second table, for rows that stand apart."""
    unit: str = "row"
    spaced: bool = False
    """A blank line stands between rows that take several, and prose is folded in chosen fields
    too."""
    marked: tuple[str, ...] = ()
    """Fields whose cells carry a dagger in a table of chosen fields, where the row was not read at
    its source."""
    picture: tuple[str, ...] = ()
    """Endings of the files into which it can be drawn, by the module of its name in
    `render/svg`."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a row, in their order."""
        fields: tuple[str, ...] = self.row._fields  # type: ignore[attr-defined]
        return fields

    @property
    def filters(self) -> list[str]:
        """The filters that it takes, as fields of `Filters`."""
        if self.subject is None:
            return []
        return [field for field in FILTERS if is_filter_taken(field, self.name, self.subject)]

    @property
    def method_name(self) -> str:
        """Its name in Python."""
        return self.method or self.name

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a listing as its name: its functions have none of their own."""
        return load_listing, (self.name,)


def meanings_of(row: type[Any]) -> dict[str, str]:
    """Return what the fields of a row mean, as their annotations say."""
    return {field: meaning for field, (_, meaning) in _described(row)}


def _described(row: type[Any]) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Yield the fields of a row with their annotation and what it says that they mean."""
    for field, hint in get_type_hints(row, include_extras=True).items():
        yield field, (hint, hint.__metadata__[0])


MODULE_OF_LISTING_KEPT_ELSEWHERE = {
    "classes": "fields",
    "exclusions": "effects",
    "figures": "evidence",
    "levels": "fields",
    "outcomes": "evidence",
    "quality": "info",
    "studies": "evidence",
    "tumors": "fields",
    "values": "fields",
    "verify": "info",
}
"""Listings that are part of a command, or like it, and the module of that command, which holds
them."""


def listing_names() -> Iterator[str]:
    """Yield the names of all listings, by the alphabet."""
    from pkgutil import iter_modules

    from lmtx import listings

    modules = {module.name for module in iter_modules(listings.__path__)}
    yield from sorted(
        MODULE_OF_LISTING_KEPT_ELSEWHERE.keys()
        | {name for name in modules if not name.startswith("_")}
    )


def load_listing(name: str) -> Listing[Any]:
    """Return a listing by its name; raise UsageError where there is none."""
    if name.isidentifier() and not name.startswith("_"):
        place = f"lmtx.listings.{MODULE_OF_LISTING_KEPT_ELSEWHERE.get(name, name)}"
        try:
            module = import_module(place)
        except ModuleNotFoundError as error:
            if error.name != place:
                raise
        else:
            listing: Listing[Any] = getattr(
                module, name.upper() if name in MODULE_OF_LISTING_KEPT_ELSEWHERE else "LISTING"
            )
            return listing
    raise UsageError(f"no listing {name!r}", f"listings: {', '.join(listing_names())}")


def make_question(
    listing: Listing[Any], base: Index, given: Mapping[str, Any], today: date
) -> Question:
    """Return the question that parameters by their names put to a listing, every word turned into
    an id.

    Raises UsageError for a filter that says nothing about its records, and for a value that is not
    known.
    """
    connection = base.connection
    own = {
        field: read_value(connection, parameter, given.get(parameter.name))
        for field, parameter in read_declared_parameters(listing.options).items()
        if given.get(parameter.name) is not None or field not in listing.options._field_defaults
    }
    filters = Filters()
    if listing.subject is not None:
        refuse_filters(listing.name, listing.subject, given)
        filters = resolve_filters(connection, given)
    order = {name: given[name] for name in Order._fields if given.get(name) is not None}
    return Question(base, filters, listing.options(**own), Order(**order), today)


def answer_question(listing: Listing[Any], question: Question) -> Found:
    """Return the answer of a listing, its rows in the order asked for and no more than asked
    for."""
    assert listing.find is not None
    found = listing.find(question)
    notes = [*found.notes]
    if listing.subject == EVIDENCE_SUBJECT and question.filters.treatments:
        notes += note_treatments_without_evidence(question.connection, question.filters.treatments)
    notes += note_left_out(found.left_out, found.left_out_unit)
    found = found._replace(notes=notes)
    if found.is_arranged or not listing.is_sorted:
        return found
    order, look = question.order, found.listing or listing
    rows = arrange_rows(found.rows, look.name, look.fields, order.sort, order.reverse, order.limit)
    return found._replace(rows=rows)


def find_field(parameter: str, listing: str, fields: Sequence[str], name: str) -> str:
    """Return the field that a name means, whatever its dashes and case; raise UsageError for one
    that does not exist."""
    near = {known.replace("_", ""): known for known in fields}
    # Python may be handed anything.
    found = near.get(str(name).casefold().replace("-", "").replace("_", ""))
    if not found:
        raise UsageError(
            f"{listing} has no field {name!r}", f"fields: {', '.join(fields)}", field=parameter
        )
    return found


def arrange_rows(
    rows: Iterable[Row],
    listing: str,
    fields: Sequence[str],
    sort: str | None = None,
    reverse: bool = False,
    limit: int | None = None,
) -> list[Row]:
    """Return rows sorted by a field and limited: numbers largest first, dates newest first, levels
    strongest first, words by the alphabet.

    `reverse` turns that round; a row that says nothing in the field stays behind all that do.
    """
    found: list[Row] = []
    silent: list[Row] = []
    chosen = find_field("sort", listing, fields, sort) if sort is not None else None
    for row in rows:
        (silent if chosen and getattr(row, chosen) in _EMPTY else found).append(row)
    if chosen:
        found.sort(key=lambda row: _sort_key(getattr(row, chosen), chosen))
    if reverse:
        found.reverse()
    return [*found, *silent][:limit]


def _sort_key(value: Any, field: str) -> tuple[Any, ...]:
    if field == "level":
        return (rank_level(value), "")
    if field in FIELDS_SORTED_NEWEST_FIRST:
        return (
            -int(value.replace("-", "").ljust(8, "0")),
            "",
        )  # a month or year alone stands behind the days in it
    if isinstance(value, bool | int | float):
        return (-value, "")
    return (0, str(value).casefold())


def make_tree_listing(listing: Listing[Any], rows: Sequence[Any]) -> Listing[Any]:
    """Return a listing with its first column drawn as a tree, each node moved in under its
    parent."""
    parents = {row.id: row.parent for row in rows}

    def depth(node: str) -> int:
        above = parents.get(node)
        return 0 if above is None else 1 + depth(above)

    first, *others = listing.columns
    tree = first._replace(cell=lambda row: INDENT * depth(row.id) + first.cell(row))
    return listing._replace(columns=(tree, *others))


class FieldRow(NamedTuple):
    """A field of a listing."""

    listing: Annotated[str, "command that has the field"]
    field: Annotated[str, "its name, for --fields, --sort and scripts"]
    type: Annotated[str, "type in JSON; null where a record does not say"]
    meaning: Annotated[str, "what it holds"]


def list_fields(name: str | None = None) -> "Sequence[FieldRow]":
    """Return the fields of one listing or of all, with type and meaning, in their order."""
    names = [name] if name is not None else listing_names()
    return [
        FieldRow(listing, field, _type_in_words(hint), meaning)
        for listing in names
        for field, (hint, meaning) in _described(load_listing(listing).row)
    ]


def _type_in_words(hint: Any) -> str:
    """Return the JSON type of an annotation in words: "integer or null", "list of strings"."""
    origin, inside = get_origin(hint) or hint, get_args(hint)
    if origin is Annotated:
        return _type_in_words(inside[0])
    if origin is UnionType:
        return " or ".join(map(_type_in_words, inside))
    if origin in _TYPES:
        return _TYPES[origin]
    if is_typeddict(origin):
        return _TYPES[dict]
    return f"list of {_type_in_words(inside[0])}s"
