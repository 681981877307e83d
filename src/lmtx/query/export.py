"""The whole knowledge base, table by table, as the JSON export, JSON Lines and CSV give it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from lmtx.query.effects import EffectRow, ExclusionRow, select_effects
from lmtx.query.evidence import OutcomeRow, list_outcomes
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]

SQLITE_APPLICATION_ID = 0x6C6D7465
"""Marks a SQLite file as an export of ours: "lmte"."""
SQLITE_FORMAT_VERSION = 2
"""Raised when the tables of the SQLite export change so that older programs cannot read them."""


class ExportTable(NamedTuple):
    """A table of the export: the word for one record of it, where the records are, and what they
    are."""

    kind: str
    query: str
    meaning: str


TABLES = {
    "tumors": ExportTable(
        "tumor",
        "select record from tumor order by id",
        "primary tumors, each with its parent in the tree",
    ),
    "classes": ExportTable(
        "class",
        "select record from class order by id",
        "classes of treatment, each with its parent in the tree",
    ),
    "biomarkers": ExportTable(
        "biomarker",
        "select record from biomarker order by id",
        "biomarkers, each with its parent in the tree",
    ),
    "treatments": ExportTable(
        "treatment",
        "select record from treatment order by id",
        "agents, radiotherapy, devices and procedures; `class` is an id of classes",
    ),
    "studies": ExportTable(
        "study",
        "select json_set(record, '$.cohort', cohort) from study order by id",
        "publications, with design, level of evidence and where they were read",
    ),
    "evidence": ExportTable(
        "evidence",
        "select record from evidence order by number",
        "groups of patients, what was tested in them and what came of it; `study`, `treatments` "
        "(tested), `background`, `tumors` and `biomarkers` are ids",
    ),
    "given": ExportTable(
        "given",
        "select id, source, json_extract(record, '$.given') from "
        "(select id, record, number, json_extract(record, '$.source') as source from evidence) "
        "order by number",
        "every treatment of every group, one a row, tested or background, with its routes, dose "
        "and own n; `evidence` is the group",
    ),
    "comparisons": ExportTable(
        "comparison",
        "select record from comparison order by number, id",
        "groups held against each other: what is tested, the question, and the effects",
    ),
    "adverse": ExportTable(
        "adverse",
        "select record from adverse order by study, number, id",
        "harms, one event of one group a row",
    ),
    "csf": ExportTable(
        "csf", "select record from csf order by number", "drug levels in cerebrospinal fluid"
    ),
    "guidelines": ExportTable(
        "guideline",
        "select json_set(coalesce(r.record, json_object('id', g.id, 'guideline', g.id, 'name', "
        "g.name, 'year', g.year, "
        "'superseded', json(iif(g.superseded, 'true', 'false')), 'row', null, 'topic', null, "
        "'statement', null, 'level', null, "
        "'grade', null, 'treatments', json('[]'), 'tumors', json('[]'), 'read_in', null, 'note', "
        "null, "
        "'url', json_extract(g.record, '$.url'), 'source', json_extract(g.record, '$.source'))), "
        "'$.society', g.society, '$.guideline_note', g.note, '$.coverage', json_extract(g.record, "
        "'$.coverage')) from guideline g left join recommendation r on r.guideline = g.id order "
        "by r.number is null, r.number, g.id",
        "guideline statements, each with its guideline, and guidelines without any that could be "
        "read; `guideline` is the id of the study that is its citation",
    ),
    "trials": ExportTable(
        "trial",
        "select record from trial order by id",
        "registered trials, as their registry showed them on the day they were read",
    ),
    "facts": ExportTable(
        "fact",
        "select record from fact order by number",
        "figures about the disease itself; `study` is the source",
    ),
    "looked_for": ExportTable(
        "looked_for",
        "select record from looked_for order by number",
        "what was looked for and not found, with when and where",
    ),
}
"""What the export holds, in its order."""

OUTCOMES_TABLE = ExportTable(
    "outcome",
    "",
    "one reported figure a row, with its study, treatments, tumors, n and level; `evidence` is "
    "the row it belongs to",
)
OUTCOME_COLUMNS = OutcomeRow._fields
EFFECTS_TABLE = ExportTable(
    "effect",
    "",
    "for meta-analysis: one figure for each independent cohort and endpoint, as printed and on the "
    "scale on which it is pooled; `cohort` and `endpoint` are the key",
)
EXCLUSIONS_TABLE = ExportTable(
    "exclusion",
    "",
    "figures that are not among the effects, each with its reason; `record` and `position` are the "
    "key",
)
EXPORTABLE_TABLES = {
    **TABLES,
    "outcomes": OUTCOMES_TABLE,
    "effects": EFFECTS_TABLE,
    "exclusions": EXCLUSIONS_TABLE,
}
"""The tables that can be named: those of the export, and those in which figures have a row of their
own."""
DERIVED_TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "outcomes": OUTCOME_COLUMNS,
    "effects": EffectRow._fields,
    "exclusions": ExclusionRow._fields,
}
"""The columns of the tables that are made from others."""


def export_records(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Yield the records of a table as JSON objects."""
    if table in DERIVED_TABLE_COLUMNS:
        rows = _list_rows(connection, table)
        yield from (json.dumps(row._asdict(), ensure_ascii=False) for row in rows)
    elif table == "given":
        yield from (json.dumps(record, ensure_ascii=False) for record in list_given(connection))
    else:
        yield from (text for (text,) in connection.execute(TABLES[table].query))


def _list_rows(
    connection: sqlite3.Connection, table: str
) -> Iterable[OutcomeRow | EffectRow | ExclusionRow]:
    """Return the rows of a table that is made from others."""
    if table == "outcomes":
        return list_outcomes(connection, strongest_first=False)
    effects = select_effects(connection)
    return effects.rows if table == "effects" else effects.exclusions


def list_given(connection: sqlite3.Connection) -> Iterator[JsonDict]:
    """Yield every treatment of every group with its place in it."""
    for evidence, source, text in connection.execute(TABLES["given"].query):
        for position, entry in enumerate(json.loads(text), start=1):
            yield {"evidence": evidence, "position": position, **entry, "source": source}


def table_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table: the keys that its records have."""
    if table in DERIVED_TABLE_COLUMNS:
        return list(DERIVED_TABLE_COLUMNS[table])
    first = next(export_records(connection, table), "{}")
    return list(json.loads(first)) or ["id"]


def count_records(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many records each table holds."""
    made = ("effects", "exclusions")
    sources = {
        name: f"select count(*) from {table.kind}"
        for name, table in EXPORTABLE_TABLES.items()
        if name not in made
    }
    sources["guidelines"] = (
        "select count(*) from guideline g left join recommendation r on r.guideline = g.id"
    )
    sources["given"] = "select coalesce(sum(json_array_length(record, '$.given')), 0) from evidence"
    found = {name: connection.execute(query).fetchone()[0] for name, query in sources.items()}
    effects = select_effects(connection)
    return found | dict(zip(made, (len(effects.rows), len(effects.exclusions)), strict=True))
