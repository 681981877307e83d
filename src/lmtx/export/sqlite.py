"""The whole knowledge base as a SQLite file for `sqlite-utils`, Datasette and plain SQL.

Not the index, which is laid out for look-ups: here the tables, columns and types are those of the
CSV and Parquet exports, lists of ids have tables of their own with foreign keys, records can be
searched, and `views.sql` has what most people want to look at.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lmtx.curation import dictionary
from lmtx.curation.dictionary import ExportColumn
from lmtx.query.export import (
    EXPORTABLE_TABLES,
    SQLITE_APPLICATION_ID,
    SQLITE_FORMAT_VERSION,
    export_records,
)
from lmtx.render.text.formats import write_json_value

if TYPE_CHECKING:
    from lmtx.render import Envelope

ColumnsByTable = Mapping[str, tuple[ExportColumn, ...]]
_TYPES = {
    "text": "text",
    "integer": "integer",
    "number": "real",
    "boolean": "integer",
    "date": "text",
    "object": "text",
}
COMPOSITE_PRIMARY_KEYS = {
    "given": ("evidence", "position"),
    "outcomes": ("evidence", "position"),
    "effects": ("cohort", "endpoint"),
    "exclusions": ("record", "position"),
}
"""The keys of tables without an id."""
_LEFT_OUT = {("evidence", "outcomes"), ("evidence", "given")}
"""What has a table of its own."""
_PAIR_NAMES = {"guidelines": "statement"}
"""What a table of pairs calls a record, where it is not the kind of the JSON Lines."""
_SEARCHED = {
    "tumors": ("id", "label", "aliases", "definition"),
    "treatments": ("id", "name", "aliases", "targets", "mechanism", "note"),
    "studies": (
        "id",
        "label",
        "title",
        "journal",
        "acronym",
        "pmid",
        "doi",
        "pmcid",
        "nct",
        "note",
    ),
    "evidence": (
        "id",
        "treatments",
        "tumors",
        "biomarkers",
        "setting",
        "dose",
        "summary",
        "safety",
    ),
    "csf": ("id", "printed", "sampled", "population", "dose", "note"),
    "guidelines": ("id", "name", "society", "statement", "treatments", "tumors", "note"),
    "trials": (
        "id",
        "title",
        "acronym",
        "treatments",
        "tumors",
        "biomarkers",
        "status_note",
        "note",
    ),
    "comparisons": (
        "id",
        "of_group",
        "against_group",
        "tests",
        "against_tests",
        "tumors",
        "setting",
        "note",
    ),
    "adverse": ("id", "event", "group", "treatment", "note"),
    "facts": ("id", "tumors", "topic", "statement"),
    "looked_for": ("id", "what", "treatments", "tumors", "note"),
}
"""The columns of each table that can be searched."""
_COUNT_COLUMNS = (
    "studies",
    "patients",
    "part_of",
    "syntheses",
    "recalled",
    "benefit",
    "no_benefit",
    "worse",
    "mixed",
    "unclear",
    "figure_n",
    "latest",
)
_LISTED_COLUMNS = (
    "level",
    "rests_on",
    *_COUNT_COLUMNS,
    "figure",
    "figure_study",
    "figure_citation",
    "figure_with",
    "figure_alongside",
    "figure_scope",
    "figure_design",
    "figure_mixed_with",
    "read_in",
    "routes",
)
"""What `lmtx list` tells of a treatment beyond its record."""
_OTHER_TABLES = {
    "about": (
        "what this file is: version and date of the data, the program that wrote it, licence, "
        "disclaimer"
    ),
    "contents": "the tables and views of this file, and what they hold",
    "dictionary": "the columns of the tables: type, vocabulary, the table whose ids they hold, meaning",
    "vocabulary": "the words of the closed vocabularies, with label and meaning",
    "treatment_tallies": (
        "each treatment with its studies, patients and key figure, counted as `lmtx list` counts "
        "them; `place` is its place there"
    ),
}
_VIEWS = {
    "treatments_overview": "treatments as `lmtx list` shows them, strongest evidence first",
    "studies_overview": "publications with what they treat and how many rows and figures they have",
    "evidence_overview": "rows of evidence with their citation, lists as text",
    "outcomes_long": (
        "every printed figure with what places it: study, arm, endpoint, estimate, interval, n, "
        "scope; a meta-analysis takes `effects`, where nobody stands twice"
    ),
    "csf_levels": "drug levels in cerebrospinal fluid with treatment and citation",
    "guideline_statements": "statements of guidelines",
    "trials_overview": "registered trials, lists as text",
    "facts_overview": "facts about the disease with tumor and citation",
    "tumors_below": "each tumor with itself and all tumors below it",
    "classes_below": "each class with itself and all classes below it",
    "biomarkers_below": "each biomarker with itself and all biomarkers below it",
}


def sqlite_bytes(connection: sqlite3.Connection, envelope: Envelope) -> bytes:
    """Return the bytes of the SQLite file."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    try:
        made.execute(
            "pragma temp_store = memory"
        )  # a full disk is told of where the file is written, not here
        columns = {
            table: tuple(column for column in found if (table, column.name) not in _LEFT_OUT)
            for table, found in dictionary.list_columns_by_table().items()
        }
        made.execute("begin")
        for table in EXPORTABLE_TABLES:
            _fill(made, connection, table, columns[table])
        links = _create_link_tables(made, columns)
        _create_tally_table(made, connection)
        _create_about_tables(made, envelope, links)
        made.execute("commit")
        for table, searched in _SEARCHED.items():
            _make_searchable(made, table, searched)
        made.executescript(files("lmtx.export").joinpath("views.sql").read_text(encoding="utf-8"))
        made.execute(f"pragma application_id = {SQLITE_APPLICATION_ID}")
        made.execute(f"pragma user_version = {SQLITE_FORMAT_VERSION}")
        return made.serialize()
    finally:
        made.close()


def _fill(
    made: sqlite3.Connection,
    connection: sqlite3.Connection,
    table: str,
    columns: tuple[ExportColumn, ...],
) -> None:
    """Create a table and copy its records."""
    key = COMPOSITE_PRIMARY_KEYS.get(table, ("id",))
    parts = [
        f'"{column.name}" text'
        if column.many
        else f'"{column.name}" {_TYPES[column.type]}'
        + (_write_foreign_key(column.ids) if column.ids else "")
        for column in columns
    ]
    made.execute(f'create table "{table}" ({", ".join(parts)}, primary key ({", ".join(key)}))')
    rows = (json.loads(text) for text in export_records(connection, table))
    _insert(
        made,
        table,
        ([_value(row[column.name]) for column in columns] for row in rows),
        len(columns),
    )
    for column in columns:
        if column.ids and not column.many:
            made.execute(f'create index "{table}_by_{column.name}" on "{table}" ("{column.name}")')


def _write_foreign_key(table: str) -> str:
    """Return the clause of a foreign key; it names the key that it leads to, because Datasette
    wants that."""
    return f' references "{table}" (id)'


def _value(value: Any) -> Any:
    """Return a value as SQLite holds it: lists and structures as JSON, which `json_each` and
    Datasette read."""
    return write_json_value(value) if isinstance(value, list | dict) else value


def _insert(
    made: sqlite3.Connection, table: str, rows: Iterable[Iterable[Any]], width: int
) -> None:
    made.executemany(f'insert into "{table}" values ({", ".join("?" * width)})', map(tuple, rows))


def _create_link_tables(made: sqlite3.Connection, columns: ColumnsByTable) -> dict[str, str]:
    """Create a table of pairs for every list of ids, such as evidence_treatments; return their
    names with what they hold."""
    found = {}
    for table, column in (
        (table, column)
        for table, all_ in columns.items()
        for column in all_
        if column.many and column.ids and table not in COMPOSITE_PRIMARY_KEYS
    ):
        name, one, other = (
            f"{table}_{column.name}",
            _PAIR_NAMES.get(table, EXPORTABLE_TABLES[table].kind),
            EXPORTABLE_TABLES[column.ids].kind if column.ids != table else "other",
        )
        made.execute(
            f'create table "{name}" ("{one}" text{_write_foreign_key(table)}, "{other}" '
            f'text{_write_foreign_key(column.ids)}, primary key ("{one}", "{other}"))'
        )
        made.execute(
            f'insert into "{name}" select distinct t.id, j.value from "{table}" t, '
            f'json_each(t."{column.name}") j order by t.rowid, j.key'
        )
        made.execute(f'create index "{name}_by_{other}" on "{name}" ("{other}")')
        found[name] = f"{table} with their {column.name}, one pair a row"
    return found


def _create_tally_table(made: sqlite3.Connection, connection: sqlite3.Connection) -> None:
    """Create the table of what `lmtx list` counts: no view could tell cohorts apart."""
    from lmtx.query.filters import Filters
    from lmtx.query.list import list_treatments

    columns = (
        f"{name} {'integer' if name in _COUNT_COLUMNS else 'text'}"
        + (_write_foreign_key("studies") if name == "figure_study" else "")
        for name in _LISTED_COLUMNS
    )
    made.execute(
        f"create table treatment_tallies (treatment text primary "
        f"key{_write_foreign_key('treatments')}, "
        f"place integer, {', '.join(columns)})"
    )
    found = list_treatments(connection, Filters())
    _insert(
        made,
        "treatment_tallies",
        (
            [row.id, place, *(_value(getattr(row, name)) for name in _LISTED_COLUMNS)]
            for place, row in enumerate(found, start=1)
        ),
        len(_LISTED_COLUMNS) + 2,
    )


def _create_about_tables(
    made: sqlite3.Connection, envelope: Envelope, links: dict[str, str]
) -> None:
    """Create the tables that say what the others are."""
    about = {
        "program": f"lmtx {envelope.program}",
        **{key: _value(value) for key, value in envelope.data.items()},
        "licence": "CC BY 4.0: name the source and the version",
        "disclaimer": envelope.disclaimer,
    }
    made.execute("create table about (key text primary key, value text)")
    _insert(made, "about", about.items(), 2)
    kinds = {
        **{name: ("table", table.meaning) for name, table in EXPORTABLE_TABLES.items()},
        **{name: ("view", meaning) for name, meaning in _VIEWS.items()},
    }
    kinds |= {name: ("table", meaning) for name, meaning in {**links, **_OTHER_TABLES}.items()} | {
        f"{name}_fts": ("index", f"full-text index of {name}, with tables of its own")
        for name in _SEARCHED
    }
    made.execute("create table contents (name text primary key, kind text, meaning text)")
    _insert(made, "contents", ((name, *said) for name, said in kinds.items()), 3)
    made.execute(
        'create table dictionary ("table" text, "column" text, type text, words text, ids text, '
        'meaning text, primary key ("table", "column"))'
    )
    _insert(
        made,
        "dictionary",
        (row for row in dictionary.dictionary_rows() if row[:2] not in _LEFT_OUT),
        6,
    )
    made.execute(
        "create table vocabulary (vocabulary text, word text, label text, meaning text, primary "
        "key (vocabulary, word))"
    )
    _insert(made, "vocabulary", dictionary.vocabulary_words(), 4)


def _make_searchable(made: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
    """Create a full-text index over a table, laid out as `sqlite-utils` and Datasette look for
    one."""
    made.execute(
        f'create virtual table "{table}_fts" using fts5({", ".join(columns)}, content="{table}", '
        f"tokenize='unicode61 remove_diacritics 2')"
    )
    made.execute(f'insert into "{table}_fts" ("{table}_fts") values (\'rebuild\')')
