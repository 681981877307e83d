"""The door for assistants: the listings as tools of the Model Context Protocol, over stdin and
stdout.

A tool says as JSON Schema what it takes, and answers with rows, their marks and pages, no longer
than an assistant can read, the data and the disclaimer around them. The server speaks for them in
the terms of the official SDK, which the extra "mcp" installs and only the functions that serve
import.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lmtx import __version__
from lmtx.api.base import Base, keywords_of, list_filter_parameters
from lmtx.errors import LmtxError, NotFound, UnknownRecord, UsageError, import_library
from lmtx.listings import Listing, find_field, listing_names, load_listing
from lmtx.model.notation import MARK_MEANINGS, explain_mark, list_row_symbols
from lmtx.query.filters import EVIDENCE_SUBJECT, FILTERS, is_filter_taken
from lmtx.query.parameters import LARGEST_INTEGER, Parameter, check_number, check_word, check_words
from lmtx.render.text.formats import JSON_SCHEMA_VERSION, write_json_value
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope


JsonDict = dict[str, Any]

LONGEST_ANSWER = 40_000
"""Characters of the records of one answer; about a third as many tokens."""
STUDY_ID_KEYS = frozenset({"study", "figure_study", "superseded_by"})
"""Keys under which a record names a study by its id."""
UNAMBIGUOUS_MARK_SYMBOLS = frozenset(MARK_MEANINGS) - frozenset("*+")
"""The marks that stand for nothing else in a text."""
MOST_SOURCES = 200
"""Studies whose page is named beside the records."""


def mark_figures_and_drop_empty(value: Any, read_in: str | None = None) -> Any:
    """Return a record with the marks of every figure in it; what is not known is left out.

    A figure that does not say where it was read was read where its record was.
    """
    if isinstance(value, list | tuple):
        return [mark_figures_and_drop_empty(item, read_in) for item in value]
    if not isinstance(value, Mapping):
        return value
    inside = value.get("read_in") or read_in
    record = {
        key: mark_figures_and_drop_empty(item, inside)
        for key, item in value.items()
        if item is not None and item != "" and item != [] and item != ()
    }
    is_figure = "endpoint" in value and "unit" in value
    if is_figure or "read_in" in value:
        marks = list_row_symbols(SimpleNamespace(**{**value, "read_in": inside}))
        record |= {"marks": marks} if marks else {}
    return record


def find_mark_symbols(value: Any) -> Iterator[str]:
    """Yield the marks in records, as often as they stand there: those of a figure, and those that
    stand in its text."""
    for key, item in _items(value):
        if key == "marks":
            yield from item
        elif isinstance(item, str):
            yield from (
                mark
                for mark in item
                if mark in (MARK_MEANINGS if key == "figure" else UNAMBIGUOUS_MARK_SYMBOLS)
            )
        else:
            yield from find_mark_symbols(item)


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from (("", item) for item in value)


def find_study_ids(value: Any) -> Iterator[str]:
    """Yield the ids of the studies that records name."""
    for key, item in _items(value):
        if key in STUDY_ID_KEYS and isinstance(item, str):
            yield item
        else:
            yield from find_study_ids(item)


def load_first_citations_and_pages(
    connection: sqlite3.Connection, ids: Sequence[str]
) -> dict[str, JsonDict]:
    """Return the citation and the page of studies, by their ids; one that was read nowhere may have
    no page."""
    from lmtx.query.cite import list_citations_and_pages

    return {
        id_: {"citation": label, **({"page": page} if page else {})}
        for id_, label, page in list_citations_and_pages(connection, ids[:MOST_SOURCES])
    }


def fit_records(records: Sequence[JsonDict], longest: int = LONGEST_ANSWER) -> list[JsonDict]:
    """Return as many records, from the first on, as an answer can hold; of a first one that is too
    long alone, its beginnings."""
    kept: list[JsonDict] = []
    left = longest
    for record in records:
        left -= len(write_json_value(record))
        if left < 0:
            return kept or [shorten_record(record, longest)]
        kept.append(record)
    return kept


def shorten_record(record: JsonDict, longest: int) -> JsonDict:
    """Return a record whose longest lists are cut until it fits; `left_out` counts what is missing
    of each."""
    short, missing = dict(record), dict.fromkeys(record, 0)
    while len(write_json_value(short)) > longest:
        lists = [key for key, item in short.items() if isinstance(item, list) and len(item) > 1]
        if not lists:
            break
        key = max(lists, key=lambda name: len(write_json_value(short[name])))
        kept = short[key][: len(short[key]) // 2]
        missing[key] += len(short[key]) - len(kept)
        short[key] = kept
    return {**short, "left_out": {key: number for key, number in missing.items() if number}}


def wrap_answer(
    connection: sqlite3.Connection,
    envelope: Envelope,
    records: Sequence[JsonDict],
    notes: Sequence[str],
    more: str,
) -> JsonDict:
    """Return an answer: the data, the disclaimer and the question around the records, with what
    their marks mean and their pages."""
    ids = [*dict.fromkeys(find_study_ids([*records]))]
    found: JsonDict = {
        "schema": JSON_SCHEMA_VERSION,
        "lmtx": envelope.program,
        "data": dict(envelope.data),
        "disclaimer": envelope.disclaimer,
        "query": dict(envelope.query),
        "notes": list(notes),
        "marks": {
            mark: explain_mark(mark) for mark in dict.fromkeys(find_mark_symbols([*records]))
        },
        "sources": load_first_citations_and_pages(connection, ids),
        "rows": list(records),
        "more": more,
    }
    return {key: value for key, value in found.items() if value or key == "rows"}


MOST_ANSWER_ROWS = 100
"""Rows that one answer can be asked for."""
USUAL_ANSWER_ROWS = 20
"""Rows where no number is asked for."""
MOST_COUNTED_HITS = 1000
"""Rows that a listing with a limit of its own is asked for, so that what is left out can be
counted."""
MOST_ENUM_LETTERS = 800
"""Letters of the words that a schema lists: every closed vocabulary but that of adverse events,
with
room for some words more. Of a longer one the first stand in its description, of names of the base
(treatments, classes) none, for an assistant reads all schemas before it asks."""
MOST_VOCABULARY_EXAMPLES = 2
"""Words that stand for a longer vocabulary."""
ALWAYS_KEPT_FIELDS = ("id", "study", "level", "read_in", "url")
"""Fields that stay where others are chosen: no figure goes without its level, its trust and its
page."""
INSTRUCTIONS = """\
Evidence on treating leptomeningeal metastasis (LM), curated from publications. Every answer is \
JSON from one version of the data, named in `data`; repeat that version and the disclaimer to \
the person you answer. Give each figure with its marks (what they mean stands in `marks`), its \
level of evidence (I strongest, V weakest), where it was read (`read_in`: secondary and recalled \
were not read at their source) and its page (`url`, or `sources` by study). Do not pool or \
convert figures, and do not say that a treatment works where `direction` does not. A field that \
is absent is not known. Start with `brief` or `list` for a tumor, `show` for one record, \
`search` for words; `conflicts` says where studies disagree, and `effects` has one figure for \
each cohort and endpoint, nobody twice. `more` says what an answer leaves out. Names, brands and \
aliases are understood as they are typed; `tumors`, `classes` and `fields` with `values` \
(endpoints, designs, routes, biomarkers, adverse-events …) list the words, `fields` with \
`listing` the fields of a tool."""


class Tool(NamedTuple):
    """A tool: its name, what it is for, and the JSON Schema of what it takes."""

    name: str
    description: str
    schema: JsonDict


class ToolAnswer(NamedTuple):
    """What a tool says, and whether that is what was wrong with the question."""

    text: str
    is_error: bool = False


def describe_tools(base: Base) -> list[Tool]:
    """Return all tools, in the order of the alphabet but for the two that are no listing, which
    come last."""
    with base._reading() as connection:
        made = [_describe_listing(connection, listing) for listing in tool_listings()]
        return [*made, _describe_show(), _describe_cite(connection)]


def tool_listings() -> list[Listing[Any]]:
    """Return the listings that are tools: those that are commands, answer from the index and are
    no drawing, whose figures other tools have."""
    listings = map(load_listing, listing_names())
    return [one for one in listings if one.is_command and one.find is not None and not one.picture]


def _describe_listing(connection: sqlite3.Connection, listing: Listing[Any]) -> Tool:
    parameters = keywords_of(listing)
    properties = {
        name: describe_parameter(connection, one)
        for name, one in parameters.items()
        if name != "limit"
    }
    if "sort" in properties:
        properties["sort"]["description"] = "Field to sort by"
        properties["reverse"].pop("description")
    properties["fields"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Only these, with level, trust and page",
    }
    properties["limit"] = {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_ANSWER_ROWS,
        "default": USUAL_ANSWER_ROWS,
    }
    properties["offset"] = {
        "type": "integer",
        "minimum": 0,
        "description": "Rows to leave out, to read on",
    }
    defaults = listing.options._field_defaults
    required = [
        one.name
        for field, one in getattr(listing.options, "__annotations__", {}).items()
        for one in one.__metadata__
        if isinstance(one, Parameter) and field not in defaults
    ]
    return Tool(listing.name, listing.about or listing.help, object_schema(properties, required))


def describe_parameter(connection: sqlite3.Connection, parameter: Parameter) -> JsonDict:
    """Return the JSON Schema of a parameter, the words of a short vocabulary listed."""
    about: JsonDict = {"description": parameter.help.removesuffix(".")}
    if parameter.kind == "flag":
        return {"type": "boolean", **about}
    if parameter.kind == "number":
        most = {"maximum": parameter.largest} if parameter.largest < LARGEST_INTEGER else {}
        return {"type": "integer", "minimum": parameter.least, **most, **about}
    word: JsonDict = {"type": "string"}
    if parameter.vocabulary is not None:
        opened: list[sqlite3.Connection] = []

        def connect() -> sqlite3.Connection:
            opened.append(connection)
            return connection

        names = [name for name, _ in parameter.vocabulary.complete(connect, "")]
        words = list(dict.fromkeys(names))
        if len("".join(words)) <= MOST_ENUM_LETTERS:
            word["enum"] = words
        elif not opened:
            about["description"] += f" ({', '.join(words[:MOST_VOCABULARY_EXAMPLES])} …)"
    return {"type": "array", "items": word, **about} if parameter.kind == "words" else word | about


def object_schema(properties: JsonDict, required: Sequence[str]) -> JsonDict:
    """Return the JSON Schema of an object that has these properties and no other."""
    made: JsonDict = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": list(required)} if required else {})


def _describe_show() -> Tool:
    name = {"type": "string", "description": "Id, name, alias, brand, PMID, DOI or NCT number."}
    about = "The whole card of a treatment, study, tumor, trial or guideline."
    return Tool("show", about, object_schema({"name": name}, ["name"]))


def _describe_cite(connection: sqlite3.Connection) -> Tool:
    from lmtx.citations import Style

    properties: JsonDict = {
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What show takes; lmtx cites lmtx itself.",
        },
        "style": {"type": "string", "enum": [one.value for one in Style], "default": "vancouver"},
    }
    fields = [field for field in FILTERS if is_filter_taken(field, "cite", EVIDENCE_SUBJECT)]
    for name, one in list_filter_parameters(fields):
        properties[name] = describe_parameter(connection, one)
    about = "Citations of the publications behind records, or behind the evidence under filters."
    return Tool("cite", about, object_schema(properties, []))


def answer_tool(base: Base, name: str, arguments: Mapping[str, Any]) -> ToolAnswer:
    """Return what a tool says; what is wrong with the question is said in words that name its
    arguments."""
    try:
        if name == "show":
            return _answer_show(base, **_take(arguments, ("name",)))
        if name == "cite":
            return _answer_cite(base, dict(arguments))
        for listing in tool_listings():
            if listing.name == name:
                return _answer_listing(base, listing, dict(arguments))
    except LmtxError as error:
        return ToolAnswer("; ".join(filter(None, (error.message, error.hint))), is_error=True)
    except TypeError as error:
        return ToolAnswer(str(error), is_error=True)
    names = ", ".join([*(listing.name for listing in tool_listings()), "show", "cite"])
    return ToolAnswer(f"no tool {name!r}; there are: {names}", is_error=True)


def _take(arguments: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return arguments, all of which are there and no other; raise UsageError where they are
    not."""
    if wrong := [name for name in arguments if name not in names]:
        raise UsageError(f"takes no {wrong[0]!r}", f"it takes: {', '.join(names)}")
    if missing := [name for name in names if name not in arguments]:
        raise UsageError("it is missing", field=missing[0])
    return {name: check_word(name, arguments[name]) for name in names}


def _answer_listing(base: Base, listing: Listing[Any], given: dict[str, Any]) -> ToolAnswer:
    limit = check_number("limit", given.pop("limit", USUAL_ANSWER_ROWS), 1, MOST_ANSWER_ROWS)
    offset = check_number("offset", given.pop("offset", 0), 0)
    names = check_words("fields", given.pop("fields", ()))
    _require(listing, given)
    if not listing.is_sorted and "limit" in keywords_of(listing):
        given["limit"] = MOST_COUNTED_HITS
    try:
        rows = base._ask(listing, (), given)
        found, notes, look = [*rows], list(rows.notes), rows.about.listing
        envelope = rows.about.envelope
    except UnknownRecord:
        raise
    except NotFound as error:
        found, look = [], listing
        notes = ["; ".join(filter(None, (error.message, error.hint)))]
        envelope = base._envelope(listing.name, given)
    fields = [find_field("fields", look.name, look.fields, name) for name in names]
    if not found and not notes:
        notes = [listing.empty]
    kept = {*fields, *(ALWAYS_KEPT_FIELDS if fields else look.fields)}
    marked = [mark_figures_and_drop_empty(row._asdict()) for row in found[offset : offset + limit]]
    records = fit_records(
        [{key: row[key] for key in row if key in kept | {"marks"}} for row in marked]
    )
    with base._reading() as connection:
        end = offset + len(records)
        made = wrap_answer(connection, envelope, records, notes, _say_more(len(found), offset, end))
    return ToolAnswer(write_json_value(made))


def _require(listing: Listing[Any], given: Mapping[str, Any]) -> None:
    """Raise UsageError where what a listing cannot do without is missing."""
    for name, one in keywords_of(listing).items():
        if one.positional and one.kind in ("text", "word") and name not in given:
            required = [*listing.options._fields]
            if name in required and name not in listing.options._field_defaults:
                raise UsageError("it is missing", one.help, field=name)


def _say_more(total: int, offset: int, end: int) -> str:
    """Say how many rows an answer leaves out, and how to read on; nothing where it has all."""
    left = total - end
    if left <= 0:
        return ""
    return (
        f"{left} more of {total} rows: ask again with offset {end}, or narrow it down with a filter"
    )


def _answer_show(base: Base, name: str) -> ToolAnswer:
    [record] = fit_records([mark_figures_and_drop_empty(base.show(name))])
    left_out = record.pop("left_out", {})
    parts = [f"{number} more of {key}" for key, number in left_out.items()]
    more = f"{', '.join(parts)}: the listings have them, with filters" if parts else ""
    with base._reading() as connection:
        made = wrap_answer(connection, base._envelope("show", {"name": name}), [record], [], more)
    return ToolAnswer(write_json_value(made))


def _answer_cite(base: Base, given: dict[str, Any]) -> ToolAnswer:
    names = check_words("names", given.pop("names", ()))
    text = base.cite(*names, **given)
    if len(text) > LONGEST_ANSWER:
        raise UsageError(
            f"these citations have {len(text)} characters, and an answer holds {LONGEST_ANSWER}",
            "name fewer records, or narrow it down with a filter",
        )
    envelope = base._envelope("cite", {"names": list(names), **given})
    with base._reading() as connection:
        made = wrap_answer(connection, envelope, [{"citations": text}], [], "")
    return ToolAnswer(write_json_value(made))


def make_server(base: Base) -> Any:
    """Return a server of the SDK that answers from a base; raise MissingLibrary where the SDK is
    not installed."""
    import_library("mcp", "mcp")
    lowlevel, types = (
        import_library("mcp.server.lowlevel", "mcp"),
        import_library("mcp_types", "mcp"),
    )
    anyio = import_library("anyio", "mcp")
    tools = [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=tool.schema,
            annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
        for tool in describe_tools(base)
    ]
    lock = anyio.Lock()

    async def list_tools(_: Any, __: Any) -> Any:
        return types.ListToolsResult(tools=tools)

    async def call_tool(_: Any, params: Any) -> Any:
        answer = partial(answer_tool, base, params.name, params.arguments or {})
        async with lock:  # one at a time, so that a call that is cancelled interrupts no other
            said = await _run_in_thread(anyio, answer, base)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=said.text)], is_error=said.is_error
        )

    return lowlevel.Server(
        "lmtx",
        version=__version__,
        title=f"lmtx, data {base.version} of {base.as_of}",
        instructions=f"{INSTRUCTIONS}\n\n{base.disclaimer}",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _run_in_thread(anyio: Any, answer: Any, base: Base) -> ToolAnswer:
    """Return the answer of a thread; where the call is cancelled, stop its query and do not
    wait."""
    try:
        said: ToolAnswer = await anyio.to_thread.run_sync(answer, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        base.interrupt()
        raise
    return said


def replace_lone_surrogates(line: str) -> str:
    """Return a message with a question mark for each half of a sign, which a client leaves that
    cuts a text in the middle of one. The SDK reads none of such a message, so nobody would answer
    it."""
    if "\\ud" not in line.lower():
        return line
    try:
        message = json.dumps(json.loads(line), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line
    return message.encode("utf-8", "replace").decode() + "\n"


async def _read_lines(anyio: Any) -> AsyncIterator[str]:
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    async for line in anyio.wrap_file(stream):
        yield replace_lone_surrogates(line)


def serve_client(base: Base) -> None:
    """Answer a client on stdin and stdout until it closes them; no network socket is opened."""
    server = make_server(base)
    anyio, stdio = import_library("anyio", "mcp"), import_library("mcp.server.stdio", "mcp")

    async def run() -> None:
        lines = _read_lines(anyio)
        async with stdio.stdio_server(stdin=lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(run)
