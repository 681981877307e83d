"""The vocabularies: trees of tumors and classes, levels, words and fields, with how much there is of each."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from lmtx.model import vocabulary
from lmtx.model.levels import at_rank
from lmtx.query import resolve
from lmtx.query.counting import Tally, rows_of, tally
from lmtx.query.filters import Condition, Filters, by_treatment, evidence_conditions, where


class TumorRow(NamedTuple):
    """A primary tumor; see `lmtx fields tumors`."""

    id: str
    label: str
    parent: str | None
    aliases: list[str]
    studies: int
    patients: int | None
    rows: int
    treatments: int
    trials: int
    facts: int
    source: str


class ClassRow(NamedTuple):
    """A class of treatments; see `lmtx fields classes`."""

    id: str
    label: str
    parent: str | None
    path: str
    aliases: list[str]
    definition: str | None
    treatments: int
    studies: int
    patients: int | None
    level: str | None
    source: str


class LevelRow(NamedTuple):
    """A level of evidence, or none; see `lmtx fields levels`."""

    level: str | None
    meaning: str
    designs: list[str]
    publications: int
    studies: int
    rows: int


class ValueRow(NamedTuple):
    """A word of a vocabulary; see `lmtx fields values`."""

    kind: str
    id: str
    label: str
    meaning: str
    rows: int


class FieldRow(NamedTuple):
    """A field of a listing; see `lmtx fields fields`."""

    listing: str
    field: str
    type: str
    meaning: str


def in_tree_order(parents: Mapping[str, str | None]) -> list[str]:
    """Return the nodes of a tree depth first, those of one parent by the alphabet."""
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for node, parent in sorted(parents.items()):
        children[parent].append(node)

    def under(parent: str | None) -> Iterator[str]:
        for node in children[parent]:
            yield node
            yield from under(node)

    return list(under(None))


def list_tumors(connection: sqlite3.Connection) -> list[TumorRow]:
    """Return the tumors in the order of their tree, counted as `lmtx list --tumor` counts."""
    nodes = {
        id_: json.loads(text) for id_, text in connection.execute("select id, record from tumor")
    }
    return [
        _tumor(connection, nodes[id_])
        for id_ in in_tree_order({id_: node["parent"] for id_, node in nodes.items()})
    ]


def _tumor(connection: sqlite3.Connection, node: Mapping[str, Any]) -> TumorRow:
    conditions = evidence_conditions(Filters(tumors=(node["id"],)))
    counted, rows = _counted(connection, conditions)
    sql, parameters = where(conditions)
    treatments = _number(
        connection,
        f"select count(distinct et.treatment) from evidence e join evidence_treatment et on et.number = e.number {sql}",
        parameters,
    )
    filed = "select count(distinct number) from {} where tumor in (select id from below where kind = 'tumor' and ancestor = ?)"
    trials, facts = (
        _number(connection, filed.format(table), [node["id"]])
        for table in ("trial_tumor", "fact_tumor")
    )
    return TumorRow(
        node["id"],
        node["label"],
        node["parent"],
        node["aliases"],
        counted.studies,
        counted.patients,
        rows,
        treatments,
        trials,
        facts,
        node["source"],
    )


def list_classes(connection: sqlite3.Connection) -> list[ClassRow]:
    """Return the classes in the order of their tree, counted as `lmtx list --class` counts."""
    nodes = {
        id_: (json.loads(text), path)
        for id_, text, path in connection.execute("select id, record, path from class")
    }
    return [
        _class(connection, *nodes[id_])
        for id_ in in_tree_order({id_: node["parent"] for id_, (node, _) in nodes.items()})
    ]


def _class(connection: sqlite3.Connection, node: Mapping[str, Any], path: str) -> ClassRow:
    counted, _ = _counted(connection, by_treatment(Filters(classes=(node["id"],))))
    treatments = _number(
        connection,
        "select count(*) from treatment where class in (select id from below where kind = 'class' and ancestor = ?)",
        [node["id"]],
    )
    level = at_rank(counted.level_rank)
    return ClassRow(
        node["id"],
        node["label"],
        node["parent"],
        path,
        node["aliases"],
        node["definition"],
        treatments,
        counted.studies,
        counted.patients,
        level,
        node["source"],
    )


def list_levels(connection: sqlite3.Connection) -> list[LevelRow]:
    """Return the levels, the strongest first, and last what carries none."""
    found = [_level(connection, level, term.meaning) for level, term in vocabulary.LEVELS.items()]
    return [
        *found,
        _level(
            connection,
            None,
            "pharmacokinetic and preclinical work, epidemiology, reviews and guidelines carry no level",
        ),
    ]


def _level(connection: sqlite3.Connection, level: str | None, meaning: str) -> LevelRow:
    counted, rows = _counted(connection, [("e.level is ?", [level])])
    designs = {
        design
        for (design,) in connection.execute(
            "select design from study where level is ? union select design from evidence where level is ?",
            [level, level],
        )
    }
    publications = _number(connection, "select count(*) from study where level is ?", [level])
    return LevelRow(
        level,
        meaning,
        [design for design in vocabulary.DESIGNS if design in designs],
        publications,
        counted.studies,
        rows,
    )


def _counted(connection: sqlite3.Connection, conditions: list[Condition]) -> tuple[Tally, int]:
    rows = list(rows_of(connection, conditions))
    return tally(rows), len(rows)


def _number(connection: sqlite3.Connection, query: str, parameters: Iterable[Any] = ()) -> int:
    return int(connection.execute(query, [*parameters]).fetchone()[0])


WORDS: dict[str, tuple[Mapping[str, vocabulary.Term], str]] = {
    "levels": (vocabulary.LEVELS, "select level, count(*) from evidence group by level"),
    "routes": (vocabulary.ROUTES, "select route, count(*) from evidence_route group by route"),
    "designs": (vocabulary.DESIGNS, "select design, count(*) from evidence group by design"),
    "endpoints": (
        vocabulary.ENDPOINTS,
        "select endpoint, count(distinct number) from outcome group by endpoint",
    ),
    "directions": (
        vocabulary.DIRECTIONS,
        "select direction, count(*) from evidence group by direction",
    ),
    "units": (vocabulary.UNITS, "select unit, count(distinct number) from outcome group by unit"),
    "measures": (vocabulary.MEASURES, "select measure, count(*) from csf group by measure"),
    "read-in": (vocabulary.READ_IN, "select read_in, count(*) from evidence group by read_in"),
    "statuses": (vocabulary.STATUSES, "select status, count(*) from trial group by status"),
    "phases": (vocabulary.PHASES, "select phase, count(*) from trial group by phase"),
    "topics": (
        vocabulary.RECOMMENDATION_TOPICS,
        "select topic, count(*) from recommendation group by topic",
    ),
}
"""Vocabularies of the program, and where the index counts their words."""
KINDS = ("tumors", "classes", "biomarkers", "targets", *WORDS)
"""Everything whose words `lmtx fields --values` lists."""


def list_values(connection: sqlite3.Connection, kind: str) -> list[ValueRow]:
    """Return the words of one vocabulary (of KINDS) in its order, with how many records use each."""
    if kind in WORDS:
        terms, query = WORDS[kind]
        counts = dict(connection.execute(query))
        return [
            ValueRow(kind, name, term.label, term.meaning, counts.get(name, 0))
            for name, term in terms.items()
        ]
    if kind == "targets":
        return _targets(connection)
    if kind == "tumors":
        return [
            ValueRow(kind, row.id, row.label, _called(row.aliases), row.rows)
            for row in list_tumors(connection)
        ]
    table = {"classes": "class", "biomarkers": "biomarker"}[kind]
    counts = dict(
        connection.execute(f"select {table}, count(*) from evidence_{table} group by {table}")
    )
    nodes = {
        id_: json.loads(text) for id_, text in connection.execute(f"select id, record from {table}")
    }
    ordered = in_tree_order({id_: node["parent"] for id_, node in nodes.items()})
    return [
        ValueRow(
            kind,
            id_,
            nodes[id_]["label"],
            nodes[id_]["definition"] or _called(nodes[id_]["aliases"]),
            counts.get(id_, 0),
        )
        for id_ in ordered
    ]


def _called(aliases: list[str]) -> str:
    return f"also: {', '.join(aliases)}" if aliases else ""


def _targets(connection: sqlite3.Connection) -> list[ValueRow]:
    names = dict(connection.execute("select id, name from name where kind = 'target' order by id"))
    treatments: defaultdict[str, list[str]] = defaultdict(list)
    for target, treatment in connection.execute(
        "select target, treatment from treatment_target order by target, treatment"
    ):
        treatments[target].append(treatment)
    counts = dict(
        connection.execute(
            "select target, count(distinct number) from treatment_target join evidence_treatment using (treatment) group by target"
        )
    )
    return [
        ValueRow("targets", id_, name, f"of {', '.join(treatments[id_])}", counts.get(id_, 0))
        for id_, name in names.items()
    ]


LISTINGS = {
    "list": "query.list:TreatmentRow",
    "evidence": "query.evidence:EvidenceRow",
    "search": "query.search:SearchRow",
    "compare": "query.compare:ComparedRow",
    "map": "query.map:CellRow",
    "timeline": "query.timeline:YearRow",
    "conflicts": "query.conflicts:ConflictRow",
    "plot": "query.plot:ForestRow",
    "validate": "errors:Problem",
    "diff": "curation.differences:Difference",
    "csf": "query.csf:CsfRow",
    "guidelines": "query.guidelines:StatementRow",
    "trials": "query.trials:TrialRow",
    "tumors": "query.vocabularies:TumorRow",
    "classes": "query.vocabularies:ClassRow",
    "levels": "query.vocabularies:LevelRow",
    "fields": "query.vocabularies:FieldRow",
    "values": "query.vocabularies:ValueRow",
    "info": "query.info:InfoRow",
    "quality": "query.info:QualityRow",
}
"""Where the rows of a listing are described, inside `lmtx`."""
_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    type(None): "null",
}


def list_fields(listing: str | None = None) -> list[FieldRow]:
    """Return the fields of one listing or of all, in their order; raise UsageError for one that does not exist."""
    from lmtx.listings.fields import FIELDS

    chosen = (
        [resolve.word("LISTING", tuple(FIELDS), listing)] if listing is not None else list(FIELDS)
    )
    return [
        FieldRow(name, field, type_, FIELDS[name][field])
        for name in chosen
        for field, type_ in _types(name)
    ]


def _types(listing: str) -> Iterator[tuple[str, str]]:
    from importlib import import_module

    module, _, name = LISTINGS[listing].partition(":")
    for field, hint in get_type_hints(getattr(import_module(f"lmtx.{module}"), name)).items():
        yield field, _type(hint)


def _type(hint: Any) -> str:
    """Return the JSON type of an annotation in words: "integer or null", "list of strings"."""
    origin, inside = get_origin(hint) or hint, get_args(hint)
    if origin is UnionType:
        return " or ".join(_type(part) for part in inside)
    return f"list of {_type(inside[0])}s" if origin is list else _TYPES[origin]
