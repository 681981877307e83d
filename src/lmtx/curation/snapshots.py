"""A knowledge base at one time, read from what `lmtx export` wrote or from a folder of TOML, to be
compared with another.

Files come from anywhere: their shape is checked before anything is made of them, and whatever is
wrong is one DataError.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lmtx.errors import DataError, escape_control
from lmtx.index import APPLICATION_ID, CHECKSUM_BYTES, INDEX_FORMAT, read_meta
from lmtx.query.export import SQLITE_APPLICATION_ID, SQLITE_FORMAT_VERSION, TABLES, export_records
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.curation.dictionary import ExportColumn

JsonDict = dict[str, Any]

COMPARED_TABLES = tuple(table for table in TABLES if table != "given")
"""Tables that are held against each other; what was given stands in the rows of evidence."""
NEWEST_READABLE_JSON_FORMAT = 2
"""Newest format of JSON that is read; that of the exports written today."""
MOST_SNAPSHOT_BYTES = 200_000_000
"""Bytes; a larger file is refused before it is parsed."""
MOST_JSON_OBJECTS_AND_LISTS = 2_000_000
"""Objects and lists in an export of JSON; each takes memory of its own."""
MOST_SQLITE_VALUE_BYTES = 20_000_000
"""Bytes of one value in a SQLite file."""
LARGEST_FIGURE = 1e12
"""No figure is larger: what is was not written by lmtx."""
STEPS_BETWEEN_LOOKS, MOST_LOOKS = 100_000, 5_000
"""Steps of SQLite after which it is looked whether to go on, and how often; the export of a base of
100,000 rows takes a twentieth."""
READABLE_SNAPSHOT_HINT = (
    "give what lmtx export writes as json, jsonl or sqlite, or a folder laid out like data/"
)


class Snapshot(NamedTuple):
    """The records of a knowledge base, table by table, and which data they are: version, as_of,
    sha256."""

    name: str
    data: dict[str, Any]
    disclaimer: str
    tables: dict[str, list[JsonDict]]


def snapshot_index(connection: sqlite3.Connection, name: str) -> Snapshot:
    """Return the snapshot of an open index."""
    meta = read_meta(connection)
    tables = {
        table: [_loads(text) for text in export_records(connection, table)]
        for table in COMPARED_TABLES
    }
    return _made(name, meta, meta.get("disclaimer"), tables)


def snapshot_file(path: Path) -> Snapshot:
    """Return the snapshot that an export or a folder of TOML holds; raise DataError where it is
    neither or cannot be read."""
    name = escape_control(str(path))
    if path.is_dir():
        return _of_folder(path, name)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_SNAPSHOT_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        reason = error.strerror if isinstance(error, OSError) else error
        is_absent = isinstance(error, FileNotFoundError)
        why = "no such file or folder" if is_absent else f"cannot be read: {reason}"
        raise DataError(f"{name}: {why}", READABLE_SNAPSHOT_HINT) from None
    return snapshot_bytes(content, name)


def snapshot_bytes(content: bytes, name: str) -> Snapshot:
    """Return the snapshot that the content of an export holds: SQLite, JSON or JSON Lines, told by
    how it begins."""
    if len(content) > MOST_SNAPSHOT_BYTES:
        raise DataError(
            f"{name}: larger than {MOST_SNAPSHOT_BYTES:,} bytes, as no export of lmtx is",
            READABLE_SNAPSHOT_HINT,
        )
    if content.startswith(b"SQLite format 3\0"):
        return _of_sqlite(content, name)
    if content.count(b"{") + content.count(b"[") > MOST_JSON_OBJECTS_AND_LISTS:
        raise DataError(
            f"{name}: more than {MOST_JSON_OBJECTS_AND_LISTS:,} objects and lists, as no export "
            f"of lmtx has",
            READABLE_SNAPSHOT_HINT,
        )
    try:
        text = content.decode("utf-8-sig")
        first = text.lstrip().partition("\n")[0]
        if _is_about(first):
            return _of_lines(text, name)
        whole = _loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{name}:{error.lineno}: not an export of lmtx: {error.msg}", READABLE_SNAPSHOT_HINT
        ) from None
    except (ValueError, RecursionError) as error:
        reason = (
            "nested too deeply"
            if isinstance(error, RecursionError)
            else "not UTF-8 text"
            if isinstance(error, UnicodeDecodeError)
            else str(error).partition(";")[0]
        )
        raise DataError(
            f"{name}: not an export of lmtx: {reason}", READABLE_SNAPSHOT_HINT
        ) from None
    if not isinstance(whole, dict) or "schema" not in whole:
        _foreign(name)
    if "rows" in whole:
        raise DataError(
            f"{name}: the answer to a question, not the whole data", READABLE_SNAPSHOT_HINT
        )
    _known_format(name, whole["schema"], NEWEST_READABLE_JSON_FORMAT)
    return _made(
        name,
        whole.get("data"),
        whole.get("disclaimer"),
        {table: whole[table] for table in COMPARED_TABLES if table in whole},
    )


def _foreign(name: str) -> NoReturn:
    raise DataError(f"{name}: not an export of lmtx", READABLE_SNAPSHOT_HINT)


def _known_format(name: str, written: Any, known: int) -> None:
    """Refuse a format that this program does not know."""
    if isinstance(written, bool) or not isinstance(written, int) or written < 1:
        _foreign(name)
    if written > known:
        raise DataError(
            f"{name}: written by a newer lmtx (format {written}, this one reads up to {known})",
            "update lmtx",
        )


def _loads(text: str) -> Any:
    """Parse JSON; raise ValueError for what is no finite number."""
    return json.loads(text, parse_constant=_no_number, parse_float=_finite)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no figure")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_number(digits[:20])


def _is_about(line: str) -> bool:
    """Tell whether a line is the first one of JSON Lines as lmtx writes them."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("kind") == "about"


_KIND = re.compile(r'\{"kind": "([a-z_]+)", ')


def _of_lines(text: str, name: str) -> Snapshot:
    """Return the snapshot that JSON Lines hold. An empty table leaves no line, so it looks like one
    that was not exported."""
    kinds = {TABLES[name].kind: name for name in COMPARED_TABLES}
    tables: dict[str, list[JsonDict]] = {}
    about: JsonDict = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        opening = _KIND.match(line)  # a record may have a field of that name, too
        try:
            record = _loads("{" + line[opening.end() :] if opening else line)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{name}:{number}: not an export of lmtx: {getattr(error, 'msg', error)}",
                READABLE_SNAPSHOT_HINT,
            ) from None
        kind = opening[1] if opening else None
        if not isinstance(record, dict) or not (kind or isinstance(record.get("kind"), str)):
            raise DataError(
                f"{name}:{number}: not an export of lmtx: a line without a kind",
                READABLE_SNAPSHOT_HINT,
            )
        kind = kind or record.pop("kind")
        if not about:
            about = record
            _known_format(name, about.get("schema"), NEWEST_READABLE_JSON_FORMAT)
        elif kind in kinds:
            tables.setdefault(kinds[kind], []).append(record)
    return _made(name, about.get("data"), about.get("disclaimer"), tables)


def _of_sqlite(content: bytes, name: str) -> Snapshot:
    """Return the snapshot that a SQLite export holds, or an index, which is what exports once
    were."""
    page, pages, written, mark = (
        int.from_bytes(content[start:end], "big")
        for start, end in ((16, 18), (28, 32), (60, 64), (68, 72))
    )
    if mark not in (SQLITE_APPLICATION_ID, APPLICATION_ID):
        _foreign(name)
    known, read = (
        (SQLITE_FORMAT_VERSION, _of_export)
        if mark == SQLITE_APPLICATION_ID
        else (INDEX_FORMAT, snapshot_index)
    )
    _known_format(name, written, known)
    whole = (65536 if page == 1 else page) * pages
    if len(content) not in (whole, whole + CHECKSUM_BYTES * (read is snapshot_index)):
        raise DataError(f"{name}: damaged: {len(content):,} bytes of {whole:,}", "export it again")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(content[:whole])
        connection.execute("pragma trusted_schema = off")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_SQLITE_VALUE_BYTES)
        connection.set_progress_handler(
            _TimeLimit(), STEPS_BETWEEN_LOOKS
        )  # where an interrupt gets in, too
        _refuse_computed_tables(
            connection,
            name,
            ("meta", "recommendation", *(table.kind for table in TABLES.values()))
            if read is snapshot_index
            else ("about", "outcomes", *TABLES),
        )
        return read(connection, name)
    except (sqlite3.Error, ValueError, LookupError, TypeError, RecursionError) as error:
        if written < known:
            raise DataError(
                f"{name}: written by an older lmtx (format {written}), and not to be read by this "
                f"one",
                "export it as json with the lmtx that wrote it",
            ) from None
        what = (
            error
            if isinstance(error, sqlite3.Error | ValueError)
            else "a column is missing, or holds something else"
        )
        raise DataError(f"{name}: damaged: {what}", "export it again") from None
    finally:
        connection.close()


def _of_export(connection: sqlite3.Connection, name: str) -> Snapshot:
    """Return the snapshot of a SQLite export: the records of its tables, put together again from
    their columns."""
    meta = dict(_rows(connection, "about"))
    figures: defaultdict[str, list[JsonDict]] = defaultdict(list)
    for figure in _decoded(connection, "outcomes"):
        ends = [figure.pop("ci_low", None), figure.pop("ci_high", None)]
        figures[figure["evidence"]].append(
            {**figure, "ci": [end for end in ends if end is not None]}
        )
    held = {name for (name,) in connection.execute("select name from sqlite_schema")}
    tables = {table: _decoded(connection, table) for table in COMPARED_TABLES if table in held}
    given: defaultdict[str, list[JsonDict]] = defaultdict(list)
    for entry in _decoded(connection, "given") if "given" in held else ():
        given[entry["evidence"]].append(entry)
    [inside] = (
        column.inside for column in _columns("evidence").values() if column.name == "outcomes"
    )
    [inside_given] = (
        column.inside for column in _columns("evidence").values() if column.name == "given"
    )
    for row in tables["evidence"]:
        if "given" in held:
            row["given"] = [
                {column.name: entry[column.name] for column in inside_given}
                for entry in sorted(given[row["id"]], key=lambda entry: entry["position"])
            ]
        own = sorted(figures[row["id"]], key=lambda figure: figure["position"])
        row["outcomes"] = [
            {column.name: figure[column.name] for column in inside if column.name in figure}
            for figure in own
        ]
    return _made(name, meta, meta.get("disclaimer"), tables)


def _columns(table: str) -> Mapping[str, ExportColumn]:
    from lmtx.curation import dictionary

    return {column.name: column for column in dictionary.list_columns_by_table()[table]}


def _decoded(connection: sqlite3.Connection, table: str) -> list[JsonDict]:
    """Return the records of a table of an export as the JSON export has them: lists and structures
    parsed, true and false again."""
    known = _columns(table)
    rows = _rows(connection, table)
    names = [described[0] for described in rows.description]
    return [
        {key: _cell(known.get(key), value) for key, value in zip(names, row, strict=True)}
        for row in rows
    ]


class _TimeLimit:
    """Ends what a file makes SQLite do when it takes longer than any export takes to be read."""

    def __init__(self) -> None:
        self.left = MOST_LOOKS

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def _refuse_computed_tables(
    connection: sqlite3.Connection, name: str, tables: Iterable[str]
) -> None:
    """Refuse what is no plain table of ours: a view may take for ever, and a computed column may
    take all memory."""
    for table in tables:
        kind = connection.execute(
            "select type, lower(sql) from sqlite_schema where name = ? collate nocase and type in "
            "('table', 'view')",
            (table,),
        ).fetchone()
        if kind is not None and (
            kind[0] != "table"
            or kind[1].startswith("create virtual")
            or any(hidden for *_, hidden in connection.execute(f'pragma table_xinfo("{table}")'))
        ):
            _foreign(name)


def _rows(connection: sqlite3.Connection, table: str) -> sqlite3.Cursor:
    return connection.execute(f'select * from "{table}" order by rowid')


def _cell(column: ExportColumn | None, value: Any) -> Any:
    if isinstance(value, bytes):
        raise ValueError("bytes where a text should be")
    if column is None or value is None:
        return value
    if column.many or column.type == "object":
        return _loads(value)
    return bool(value) if column.type == "boolean" else value


def _of_folder(folder: Path, name: str) -> Snapshot:
    """Return the snapshot of a folder of TOML. Its records must have the shape of today; the other
    checks are those of `lmtx validate`."""
    if (folder / "studies.csv").is_file():
        raise DataError(
            f"{name}: a folder of CSV, which tells no lists from words",
            "export it as json, jsonl or sqlite",
        )
    from lmtx.index.compile import load_checked_base, write_index
    from lmtx.index.identity import identify_data
    from lmtx.model import schema
    from lmtx.store import loading

    _known_format(name, _format_of(folder), schema.SCHEMA_VERSION)
    base, problems = loading.read_base_files(folder)
    if problems:
        raise DataError(
            f"{name}: {len(problems)} problem(s)",
            "mend them, or compare an export that its own lmtx wrote",
            tuple(problem._replace(file=f"{name}/{problem.file}") for problem in problems),
        )
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        write_index(base, connection, identify_data(folder))
        return snapshot_index(connection, name)
    except (KeyError, sqlite3.IntegrityError):  # an id that leads nowhere, or that stands twice
        load_checked_base(folder)
        raise
    finally:
        connection.close()


def _format_of(folder: Path) -> int:
    """Return the format that a folder of TOML says it has; 1 where its header cannot be read, which
    `loading` puts into words."""
    import tomli

    try:
        found = tomli.loads((folder / "treatments.toml").read_text(encoding="utf-8")).get(
            "schema_version", 1
        )
    except (OSError, ValueError, RecursionError):
        return 1
    return found if isinstance(found, int) else 1


def _made(name: str, data: Any, disclaimer: Any, tables: Mapping[str, Any]) -> Snapshot:
    """Check the shape of tables and return them as a snapshot."""
    if not tables:
        raise DataError(f"{name}: holds no table that can be compared", READABLE_SNAPSHOT_HINT)
    for table, rows in tables.items():
        _check_rows(name, table, rows)
    about = data if isinstance(data, dict) else {}
    known = {
        key: about[key] if isinstance(about.get(key), str) else None
        for key in ("version", "as_of", "sha256")
    }
    return Snapshot(name, known, disclaimer if isinstance(disclaimer, str) else "", dict(tables))


def _check_rows(name: str, table: str, rows: Any) -> None:
    """Raise DataError where a table is no list of records with an id each, all different."""
    if not isinstance(rows, list):
        raise DataError(f"{name}: {table} is not a list", READABLE_SNAPSHOT_HINT)
    seen: set[str] = set()
    for number, record in enumerate(rows, start=1):
        place = f"{name}: {table}, record {number}"
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise DataError(f"{place}: no id", READABLE_SNAPSHOT_HINT)
        if record["id"] in seen:
            raise DataError(
                f"{place}: the id {escape_control(record['id'])} stands there twice",
                "keep one of them",
            )
        seen.add(record["id"])
        needed = {"csf": ("treatment", "study", "measure"), "guidelines": ("guideline",)}.get(
            table, ()
        )
        if missing := next((key for key in needed if not isinstance(record.get(key), str)), None):
            raise DataError(f"{place}: {missing} is missing or no text", READABLE_SNAPSHOT_HINT)
        if table == "evidence":
            _check_outcomes(f"{place} ({escape_control(record['id'])})", record.get("outcomes"))


def _check_outcomes(place: str, outcomes: Any) -> None:
    """Raise DataError where the figures of a row could not be written out."""
    if not isinstance(outcomes, list):
        raise DataError(f"{place}: outcomes is not a list", READABLE_SNAPSHOT_HINT)
    for outcome in outcomes:
        if not isinstance(outcome, dict) or not all(
            isinstance(outcome.get(key), str) for key in ("endpoint", "unit")
        ):
            raise DataError(f"{place}: a figure without endpoint or unit", READABLE_SNAPSHOT_HINT)
        interval = outcome.get("ci")
        if not isinstance(interval, list | None) or len(interval or ()) > 2:
            raise DataError(
                f"{place}: ci of {escape_control(outcome['endpoint'])} is no interval",
                READABLE_SNAPSHOT_HINT,
            )
        if not _numbers(
            [
                *([] if outcome.get("not_reached") is True else [outcome.get("value")]),
                *(interval or ()),
                *([outcome["ci_level"]] if outcome.get("ci_level") is not None else []),
            ]
        ):
            raise DataError(
                f"{place}: a figure of {escape_control(outcome['endpoint'])} is missing or no "
                f"number",
                READABLE_SNAPSHOT_HINT,
            )


def _numbers(values: Iterable[Any]) -> bool:
    return all(
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < LARGEST_FIGURE
        for value in values
    )
