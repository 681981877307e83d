"""Data files in canonical order, with their comments: keys as in the schema, rows by their number,
records by their id.

The text is cut into its tables and keys and put together anew, so every value and comment stays as
it was written. A comment belongs to what follows it; one that directly follows a key or a header
and ends before a blank line belongs to that. (A library that edits TOML was tried: it files a
comment above `[[evidence]]` under the table before, and moved rows left theirs behind.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmtx.errors import DataError, Problem
from lmtx.model import schema
from lmtx.store.loading import (
    UPGRADE_COMMAND,
    DataFile,
    Location,
    find_file_model,
    find_nearest_line,
    find_schema_1_location,
    name_base_file,
    parse_file,
)
from lmtx.store.own_records import RECORD_KINDS_BUT_STUDY
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

SORT_KEY_OF_LIST = {
    "evidence": "row",
    "comparison": "comparison",
    "fact": "row",
    "recommendation": "row",
    "treatment": "id",
    "trial": "id",
}
"""Lists of records that have an order of their own. Trees, guidelines, figures and corrections
stand as their curator put them."""

TOP_LEVEL_DATA_FILE_KEYS = frozenset({
    "schema_version", *schema.StudyFile.model_fields, *RECORD_KINDS_BUT_STUDY, "correction", "looked_for"
})  # fmt: skip
"""Keys of which every data file has one, and own records too."""
_BRACKET = re.compile(r"""\"{3}|'{3}|"(?:[^"\\]|\\.)*+"|'[^']*'|\#.*|[\[\]{}]""")
"""What opens or closes something in a line of TOML, or hides what looks so: a text, a comment."""
_ENDS = {
    '"""': re.compile(r"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}"""),
    "'''": re.compile(r"(?:[^']|'{1,2}(?!'))*+'{3,5}"),
}
"""The rest of a text of several lines, by what opened it."""
FETCH_COMMENT_PATTERN = re.compile(r"# .+, \d{4}-\d\d-\d\d")
"""The comment that tells where and when a value was fetched."""
_SPACED_KEY = re.compile(r"([A-Za-z0-9_-]+)[ \t]*=[ \t]*")


@dataclass
class TomlEntry:
    """A key with its value, as written, and the comments above and below it."""

    key: str
    text: str
    lead: list[str]
    after: list[str] = field(default_factory=list)


@dataclass
class TomlTable:
    """A table with its keys, the comments above and below its header, and the tables below it."""

    path: tuple[str, ...]
    header: str = ""
    lead: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    entries: list[TomlEntry] = field(default_factory=list)
    below: list[TomlTable] = field(default_factory=list)

    def value(self, key: str) -> Any:
        """Return the value of a key, or None."""
        return next((_parsed(entry.text)[key] for entry in self.entries if entry.key == key), None)


class TomlPieces(NamedTuple):
    """A file in pieces: the comments at its top, its tables under a root that has no header, the
    comments at its end."""

    top: list[str]
    root: TomlTable
    end: list[str]


def format_data_file(text: str, name: str) -> str:
    """Return the text of a data file in canonical order; `name` is that of the file, which says
    what it holds.

    Raises DataError with file and line where the text is no TOML, or that of something else, or
    where its order cannot be changed without changing what it says.
    """
    text = text.replace("\r\n", "\n")
    before = parse_toml(text, name)
    if before and before.keys().isdisjoint(TOP_LEVEL_DATA_FILE_KEYS):
        raise make_format_error(
            name,
            1,
            "is not a data file",
            "leave it out: only files laid out like those of data/ are put in order",
        )
    if (place := find_schema_1_location(before)) is not None:
        what = f"{place[-1]}: the file is written in schema 1"
        raise make_format_error(
            name,
            find_nearest_line(text, place),
            what,
            f"{UPGRADE_COMMAND} {name} makes it schema 2",
        )
    cut = cut_into_tables(text, name)
    sort_table(cut.root, find_file_model(name_base_file(Path(name))))
    made = write_toml_pieces(cut)
    _sort_lists(before)
    if _parsed(made) != before or _count_comments(made) != _count_comments(text):
        raise make_format_error(
            name,
            1,
            "cannot be put in order without changing what it says",
            "write it like the other files",
        )
    return made


def set_keys_and_format(text: str, name: str, changes: Mapping[Location, Mapping[str, str]]) -> str:
    """Return the text of a data file in canonical order with keys set in tables that it has.

    `changes` names a table by its location, as ("study",) or ("trial", 3), and gives the values as
    TOML writes them, a comment behind them included; "" takes a key away. Comments inside an
    earlier value move above it. Raises DataError as `format_text` does.
    """
    text = text.replace("\r\n", "\n")
    parse_toml(text, name)
    cut = cut_into_tables(text, name)
    for (key, *index), values in changes.items():
        tables = [table for table in cut.root.below if table.path == (key,)]
        for changed, value in values.items():
            _set_key(tables[int(index[0]) if index else 0], changed, value)
    return format_data_file(write_toml_pieces(cut), name)


def _set_key(table: TomlTable, key: str, value: str) -> None:
    """Set a key of a table, or take it away."""
    entry = next((entry for entry in table.entries if entry.key == key), None)
    if entry is None:
        entry = TomlEntry(key, "", [])
        table.entries.append(entry)
    entry.lead += _comments_inside(entry.text)
    entry.text = f"{key} = {value}"
    if not value:
        table.entries.remove(entry)


def _comments_inside(text: str) -> list[str]:
    """Return the comments inside and behind a value, but for one that only tells where and when it
    was fetched."""
    return [
        comment for comment in find_comments(text) if not FETCH_COMMENT_PATTERN.fullmatch(comment)
    ]


def list_model_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the keys that a file uses, in canonical order."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """Return the model in an annotation such as `tuple[Outcome, ...]`, or None."""
    if isinstance(annotation, type) and issubclass(annotation, schema.Record):
        return annotation
    return next(
        (found for part in getattr(annotation, "__args__", ()) if (found := model_inside(part))),
        None,
    )


def _parsed(text: str) -> dict[str, Any]:
    import tomli

    return tomli.loads(text)


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a text; raise DataError with file and line where it is no TOML."""
    problems: list[Problem] = []
    parsed = parse_file(DataFile(name, text), problems)
    if parsed is None:
        raise DataError("a file cannot be put in order", problems=tuple(problems))
    return parsed


def keep_line_ends(text: str, path: Path) -> str:
    """Return a new text of a file with the line ends that the file has, as a checkout made them."""
    return text.replace("\n", "\r\n") if b"\r\n" in path.read_bytes() else text


def make_format_error(name: str, line: int, what: str, todo: str) -> DataError:
    """Return the error of a file that cannot be put in order."""
    problem = Problem(name, line, name.rpartition("/")[2].removesuffix(".toml"), what, todo)
    return DataError("a file cannot be put in order", problems=(problem,))


# From text to tables


def cut_into_tables(text: str, name: str) -> TomlPieces:
    """Cut a text into its tables, and the comments at its top and its end."""
    root = here = TomlTable(())
    newest: dict[tuple[str, ...], TomlTable] = {(): root}
    top: list[str] = []
    lead: list[str] = []
    directly: list[str] | None = top  # where comments go that end before a blank line
    lines = text.split("\n")
    for number, piece in split_toml_statements(lines):
        sign = piece.strip(" \t")
        if sign.startswith("#"):
            ends = number == len(lines) or not lines[number].strip(
                " \t"
            )  # `number` counts from one: this is the line after the piece
            lead.append(sign)
            if directly is not None and (ends or (directly is top and sign.startswith("#:"))):
                directly += lead
                lead, directly = [], None
        elif not sign:
            lead += [""] if lead else []
            directly = None
        elif sign.startswith("["):
            here = _begin_table(sign, _trimmed(lead), newest, name, number)
            lead, directly = [], here.after
        else:
            here.entries.append(
                TomlEntry(
                    next(iter(_parsed(piece))), _spaced(piece), [line for line in lead if line]
                )
            )
            lead, directly = [], here.entries[-1].after
    return TomlPieces(top, root, _trimmed(lead))


def _trimmed(lead: list[str]) -> list[str]:
    """Return comments with one blank line between their blocks and none at the end."""
    found = [line for line, before in zip(lead, ["", *lead], strict=False) if line or before]
    return found[:-1] if found and not found[-1] else found


def split_toml_statements(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each header, comment, blank line and whole key, which may take several lines, with the
    number of its last line."""
    waiting: list[str] = []
    depth, fence = 0, ""
    for number, line in enumerate(lines, start=1):
        waiting.append(line)
        if len(waiting) > 1 or line.lstrip(" \t")[:1] not in ("", "#", "["):
            depth, fence = _left_open(line, depth, fence)
        if not depth and not fence:  # else the value goes on in the next line
            yield number, "\n".join(waiting)
            waiting = []


def find_comments(statement: str) -> Iterator[str]:
    """Yield the comments inside and behind the value of a key, those in its texts left out."""
    fence = ""
    for line in statement.split("\n"):
        at = 0
        while True:
            if fence:
                end = _ENDS[fence].match(line, at)
                if not end:
                    break
                at, fence = end.end(), ""
            sign = _BRACKET.search(line, at)
            if not sign:
                break
            at, fence = sign.end(), sign[0] if sign[0] in _ENDS else ""
            if sign[0].startswith("#"):
                yield sign[0].strip()


def _left_open(line: str, depth: int, fence: str) -> tuple[int, str]:
    """Return how many brackets and which text of several lines are open at the end of a line of
    TOML, from those open at its beginning."""
    at = 0
    while True:
        if fence:
            end = _ENDS[fence].match(line, at)
            if not end:
                return depth, fence
            at = end.end()
        sign = _BRACKET.search(line, at)
        if not sign:
            return depth, ""
        at, fence = sign.end(), sign[0] if sign[0] in _ENDS else ""
        depth += (sign[0] in "[{") - (sign[0] in "]}")


def _begin_table(
    header: str, lead: list[str], newest: dict[tuple[str, ...], TomlTable], name: str, line: int
) -> TomlTable:
    """Begin a table under the newest one that it belongs to."""
    path: list[str] = []
    inside: Any = _parsed(header)
    while isinstance(inside, Mapping) and inside:
        [(key, inside)] = inside.items()
        path.append(key)
        inside = inside[0] if isinstance(inside, list) else inside
    table = TomlTable(tuple(path), header, lead)
    above = newest.get(table.path[:-1])
    if above is None:
        raise make_format_error(
            name,
            line,
            f"{header} stands before the table it belongs to",
            f"begin with [[{'.'.join(path[:-1])}]]",
        )
    for known in [known for known in newest if known[: len(path)] == table.path]:
        del newest[known]
    newest[table.path] = table
    above.below.append(table)
    return table


def _spaced(piece: str) -> str:
    """Return a key with one blank on each side of its sign; what a value holds, blanks at the ends
    of its lines included, stays."""
    text = piece.lstrip(" \t")
    text = text if "\n" in text else text.rstrip()
    found = _SPACED_KEY.match(text)
    return f"{found[1]} = {text[found.end() :]}" if found else text


# The order


def sort_table(table: TomlTable, model: type[BaseModel] | None) -> None:
    """Put a table and all below it in the order of its model; what the model does not know stays
    last, as it stood."""
    fields = list_model_fields(model) if model else {}
    order = {key: place for place, key in enumerate(fields)}
    table.entries.sort(key=lambda entry: order.get(entry.key, len(order)))
    for below in table.below:
        key = below.path[-1]
        sort_table(below, model_inside(fields[key].annotation) if key in fields else None)
    ranks = _ranks(table.below)
    table.below.sort(key=lambda below: (order.get(below.path[-1], len(order)), ranks[id(below)]))


def _ranks(tables: Sequence[TomlTable]) -> dict[int, int]:
    """Return the place of each table among those of its kind."""
    found: dict[int, int] = {}
    for kind in {table.path[-1] for table in tables}:
        alike = [table for table in tables if table.path[-1] == kind]
        values = (
            [table.value(SORT_KEY_OF_LIST[kind]) for table in alike]
            if kind in SORT_KEY_OF_LIST
            else []
        )
        found |= {
            id(alike[index]): place for place, index in enumerate(_rank_values(values, len(alike)))
        }
    return found


def _rank_values(values: Sequence[Any], number: int) -> list[int]:
    """Return the places of values in their order; as they stand where they are not all whole
    numbers or all words."""
    comparable = (
        values and len({type(value) for value in values}) == 1 and isinstance(values[0], int | str)
    )
    return (
        sorted(range(number), key=lambda place: values[place])
        if comparable
        else list(range(number))
    )


def _sort_lists(parsed: dict[str, Any]) -> None:
    """Put the lists of a parsed file in canonical order, to compare it with what was written."""
    for key, value in parsed.items():
        records = (
            [item for item in value if isinstance(item, dict)]
            if isinstance(value, list)
            else [value]
            if isinstance(value, dict)
            else []
        )
        for record in records:
            _sort_lists(record)
        if key in SORT_KEY_OF_LIST and records and len(records) == len(value):
            places = _rank_values(
                [record.get(SORT_KEY_OF_LIST[key]) for record in records], len(records)
            )
            parsed[key] = [records[place] for place in places]


# From tables to text


def write_toml_pieces(cut: TomlPieces) -> str:
    """Return the text: a blank line before each table and none within, one newline at the end."""
    blocks = [
        "\n".join(cut.top),
        *("\n".join(_lines(table)) for table in _walk_tables(cut.root)),
        "\n".join(cut.end),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _walk_tables(table: TomlTable) -> Iterator[TomlTable]:
    yield table
    for below in table.below:
        yield from _walk_tables(below)


def _lines(table: TomlTable) -> Iterator[str]:
    yield from table.lead
    yield from (table.header,) if table.header else ()
    yield from table.after
    for entry in table.entries:
        yield from (*entry.lead, entry.text, *entry.after)


def _count_comments(text: str) -> Counter[str]:
    """Return how often each line stands that is a comment, or looks like one inside a text."""
    return Counter(line.strip() for line in text.split("\n") if line.lstrip(" \t").startswith("#"))
