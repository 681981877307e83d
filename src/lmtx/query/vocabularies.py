"""The vocabularies: trees of tumors and classes, levels, words and fields, with how much there is
of each."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from lmtx.model import vocabulary
from lmtx.model.levels import LEVEL_RULE
from lmtx.query.counting import count_evidence, load_claims
from lmtx.query.filters import Filters, evidence_conditions, join_conditions
from lmtx.query.parameters import make_record_vocabulary
from lmtx.tuples import NamedTuple

_CARDS = (
    "select t.id, t.name || ', ' || c.label from treatment t join class c on c.id = t.class order "
    "by t.id",
    "select id, label from tumor order by id",
    "select id, substr(title, 1, 60) from trial order by id",
    "select id, name from guideline order by id",
)
_STUDY_QUERY = (
    "select id, coalesce(label || ': ', '') || coalesce(substr(title, 1, 60), '') from study "
    "where id >= lower(:typed) and id < lower(:typed) || char(1114111) order by id"
)
_CARD_KINDS = ("treatment", "tumor", "trial", "guideline", "study")
RECORD_VOCABULARY = make_record_vocabulary("", *_CARDS, kinds=_CARD_KINDS)
"""The names of records that have a card, but for studies, which are too many to list."""
RECORD_AND_STUDY_VOCABULARY = make_record_vocabulary("", *_CARDS, _STUDY_QUERY, kinds=_CARD_KINDS)
"""The same with the studies whose id begins as typed."""


class TumorRow(NamedTuple):
    """A primary tumor; see `lmtx fields tumors`."""

    id: Annotated[str, "id of the tumor"]
    label: Annotated[str, "the field's words"]
    parent: Annotated[str | None, "id of the tumor above"]
    aliases: Annotated[list[str], "other names that may be typed"]
    studies: Annotated[
        int,
        "independent studies of it and of what is below it, mixed populations left out; for solid "
        "all",
    ]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor in those studies, each counted once; empty where no "
        "study says",
    ]
    rows: Annotated[int, "rows of evidence in them"]
    treatments: Annotated[int, "treatments in those rows"]
    trials: Annotated[int, "registered trials that name it or what is below it"]
    facts: Annotated[
        int, "facts on incidence, survival and prognosis that name it or what is below it"
    ]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class ClassRow(NamedTuple):
    """A class of treatments; see `lmtx fields classes`."""

    id: Annotated[str, "id of the class"]
    label: Annotated[str, "the field's words"]
    parent: Annotated[str | None, "id of the class above"]
    path: Annotated[str, "labels of the class and those above it"]
    aliases: Annotated[list[str], "other names that may be typed"]
    definition: Annotated[str | None, "one sentence"]
    treatments: Annotated[int, "treatments in it and in the classes below it"]
    studies: Annotated[int, "independent studies of them"]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor in those studies, each counted once; empty where no "
        "study says",
    ]
    level: Annotated[str | None, "strongest level of evidence among them"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class LevelRow(NamedTuple):
    """A level of evidence, or none; see `lmtx fields levels`."""

    level: Annotated[str | None, "level of evidence; empty for designs that carry none"]
    meaning: Annotated[str, "what it says about how a study was made"]
    designs: Annotated[list[str], "designs that have it here"]
    publications: Annotated[
        int, "publications whose level it is, with and without rows of evidence"
    ]
    studies: Annotated[
        int,
        "independent studies with rows of this level: reports of the same patients count once, "
        "reviews not at all",
    ]
    rows: Annotated[int, "rows of evidence of this level"]


class ValueRow(NamedTuple):
    """A word of a vocabulary; see `lmtx fields values`."""

    kind: Annotated[str, "vocabulary"]
    id: Annotated[str, "word that records use and that may be typed"]
    label: Annotated[str, "the word for people"]
    meaning: Annotated[str, "what it means, or what else may be typed for it"]
    rows: Annotated[
        int,
        "rows of evidence with it; for measures drug levels, for adverse-events harms, for "
        "statuses "
        "and phases trials, for topics guideline statements",
    ]


def sort_as_tree(parents: Mapping[str, str | None]) -> list[str]:
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
        for id_ in sort_as_tree({id_: node["parent"] for id_, node in nodes.items()})
    ]


def _tumor(connection: sqlite3.Connection, node: Mapping[str, Any]) -> TumorRow:
    filters = Filters(tumors=(node["id"],))
    view, claims = load_claims(connection, filters)
    counted, rows = count_evidence(claims), len(view.groups)
    sql, parameters = join_conditions(evidence_conditions(filters))
    treatments = _number(
        connection,
        f"select count(distinct et.treatment) from evidence e join evidence_treatment et on "
        f"et.number = e.number {sql}",
        parameters,
    )
    filed = (
        "select count(distinct number) from {} where tumor in (select id from below where kind = "
        "'tumor' and ancestor = ?)"
    )
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
        for id_ in sort_as_tree({id_: node["parent"] for id_, (node, _) in nodes.items()})
    ]


def _class(connection: sqlite3.Connection, node: Mapping[str, Any], path: str) -> ClassRow:
    _, claims = load_claims(connection, Filters(classes=(node["id"],)))
    counted = count_evidence(claims)
    treatments = _number(
        connection,
        "select count(*) from treatment where class in (select id from below where kind = 'class' "
        "and ancestor = ?)",
        [node["id"]],
    )
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
        counted.level,
        node["source"],
    )


def list_levels(connection: sqlite3.Connection) -> list[LevelRow]:
    """Return the levels, the strongest first, and last what carries none."""
    found = [_level(connection, level, term.meaning) for level, term in vocabulary.LEVELS.items()]
    return [*found, _level(connection, None, LEVEL_RULE[None])]


def _level(connection: sqlite3.Connection, level: str | None, meaning: str) -> LevelRow:
    view, claims = load_claims(connection, Filters(), ("e.level is ?", [level]))
    counted, rows = count_evidence(claims), len(view.groups)
    designs = {
        design
        for (design,) in connection.execute(
            "select design from study where level is ? union select design from evidence where "
            "level is ?",
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


def _number(connection: sqlite3.Connection, query: str, parameters: Iterable[Any] = ()) -> int:
    return int(connection.execute(query, [*parameters]).fetchone()[0])


CLOSED_VOCABULARIES: dict[str, tuple[Mapping[str, vocabulary.Term], str]] = {
    "levels": (vocabulary.LEVELS, "select level, count(*) from evidence group by level"),
    "routes": (vocabulary.ROUTES, "select route, count(*) from evidence_route group by route"),
    "designs": (vocabulary.DESIGNS, "select design, count(*) from evidence group by design"),
    "endpoints": (
        vocabulary.ENDPOINTS,
        "select endpoint, count(*) from evidence_endpoint group by endpoint",
    ),
    "directions": (
        vocabulary.DIRECTIONS,
        "select direction, count(*) from evidence group by direction",
    ),
    "units": (vocabulary.UNITS, "select unit, count(distinct number) from outcome group by unit"),
    "measures": (vocabulary.MEASURES, "select measure, count(*) from csf group by measure"),
    "read-in": (
        vocabulary.READ_IN,
        "select s.read_in, count(*) from evidence e join study s on s.id = e.study group by "
        "s.read_in",
    ),
    "adverse-events": (
        vocabulary.ADVERSE_EVENTS,
        "select json_extract(record, '$.event'), count(*) from adverse group by 1",
    ),
    "statuses": (vocabulary.STATUSES, "select status, count(*) from trial group by status"),
    "phases": (vocabulary.PHASES, "select phase, count(*) from trial group by phase"),
    "topics": (
        vocabulary.RECOMMENDATION_TOPICS,
        "select topic, count(*) from recommendation group by topic",
    ),
}
"""Vocabularies of the program, and where the index counts their words."""
LISTABLE_VOCABULARIES = {
    name: vocabulary.Term(name, f"the words for {name}")
    for name in ("tumors", "classes", "biomarkers", "targets", *CLOSED_VOCABULARIES)
}
"""Everything whose words can be listed."""


def list_values(connection: sqlite3.Connection, vocabulary_name: str) -> list[ValueRow]:
    """Return the words of one vocabulary (of LISTABLE_VOCABULARIES) in its order, with how many
    records use
    each."""
    if vocabulary_name in CLOSED_VOCABULARIES:
        terms, query = CLOSED_VOCABULARIES[vocabulary_name]
        counts = dict(connection.execute(query))
        return [
            ValueRow(vocabulary_name, name, term.label, term.meaning, counts.get(name, 0))
            for name, term in terms.items()
        ]
    if vocabulary_name == "targets":
        return _targets(connection)
    if vocabulary_name == "tumors":
        return [
            ValueRow(vocabulary_name, row.id, row.label, _called(row.aliases), row.rows)
            for row in list_tumors(connection)
        ]
    table = {"classes": "class", "biomarkers": "biomarker"}[vocabulary_name]
    counts = dict(
        connection.execute(f"select {table}, count(*) from evidence_{table} group by {table}")
    )
    nodes = {
        id_: json.loads(text) for id_, text in connection.execute(f"select id, record from {table}")
    }
    ordered = sort_as_tree({id_: node["parent"] for id_, node in nodes.items()})
    return [
        ValueRow(
            vocabulary_name,
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
            "select target, count(distinct number) from treatment_target join evidence_treatment "
            "using (treatment) group by target"
        )
    )
    return [
        ValueRow("targets", id_, name, f"of {', '.join(treatments[id_])}", counts.get(id_, 0))
        for id_, name in names.items()
    ]
