"""What the knowledge base is: its version, how much it holds, where its figures were read, and
where it lies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from lmtx import __version__
from lmtx.index import Index, read_meta
from lmtx.model.levels import list_missing_citation_parts, needs_two_readings, size_of_study
from lmtx.model.vocabulary import READ_IN
from lmtx.query.counting import count_evidence, load_claims
from lmtx.query.filters import Filters, evidence_conditions, join_conditions
from lmtx.tuples import NamedTuple

LICENCE = "code MIT, data CC BY 4.0"
COUNT_QUERIES = {
    "treatments": "select count(*) from treatment",
    "studies": "select count(*) from study",
    "evidence_rows": "select count(*) from evidence",
    "figures": "select count(*) from outcome",
    "csf_levels": "select count(*) from csf",
    "guidelines": "select count(*) from guideline",
    "guideline_statements": "select count(*) from recommendation",
    "trials": "select count(*) from trial",
    "facts": "select count(*) from fact",
}


class InfoRow(NamedTuple):
    """One thing about the knowledge base; see `lmtx fields info`."""

    key: Annotated[str, "what is told"]
    value: Annotated[str | int, "text or a number"]


def list_info(index: Index) -> list[InfoRow]:
    """Return what the knowledge base is, a key and a value each."""
    return [InfoRow(key, value) for key, value in _pairs(index)]


def _pairs(index: Index) -> Iterator[tuple[str, str | int]]:
    connection = index.connection
    meta = read_meta(connection)
    yield "lmtx", __version__
    yield "title", meta["title"]
    yield from ((key, meta[key]) for key in ("version", "as_of", "sha256"))
    if "with" in meta:
        yield "with", ", ".join(json.loads(meta["with"]))
        for one in json.loads(meta["with_files"]):
            yield "own_files_read", f"{one['name']}: {', '.join(one['read'])}"
            if one["left_out"]:
                yield "own_files_left_out", f"{one['name']}: {', '.join(one['left_out'])}"
    yield "schema_version", int(meta["schema_version"])
    yield from (
        (key, int(connection.execute(query).fetchone()[0])) for key, query in COUNT_QUERIES.items()
    )
    yield from _read_in(connection)
    studies = [json.loads(text) for (text,) in connection.execute("select record from study")]
    yield "studies_read_a_second_time", sum(bool(study["second_read"]) for study in studies)
    yield (
        "studies_completely_cited",
        sum(not list_missing_citation_parts(study) for study in studies),
    )
    yield "disclaimer", meta["disclaimer"]
    yield "licence", LICENCE
    yield "index", index.path
    if index.cache_fault:
        yield "cache", f"cannot be used: {index.cache_fault}; each look-up compiles the data"
    yield "data", str(index.data)
    yield from (("own_records", str(overlay)) for overlay in index.overlays)


def _read_in(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield how many studies, and how many figures of theirs, were read at each kind of place."""
    studies = dict(connection.execute("select read_in, count(*) from study group by read_in"))
    figures = dict(connection.execute("select read_in, count(*) from outcome group by read_in"))
    for what, counts in (("studies", studies), ("figures", figures)):
        for place in READ_IN:
            yield f"{what}_read_in_{place.replace('-', '_')}", counts.get(place, 0)


class QualityRow(NamedTuple):
    """The trust in one part of the base; see `lmtx fields quality`."""

    part: Annotated[str, "all, tumor or class"]
    id: Annotated[str, "id of the tumor or class"]
    label: Annotated[str, "its label"]
    studies: Annotated[int, "independent studies, counted as in lmtx list"]
    patients: Annotated[int | None, "patients in them, each counted once"]
    level: Annotated[str | None, "strongest level of evidence"]
    rows: Annotated[int, "rows of evidence"]
    figures: Annotated[int, "reported figures"]
    full_text: Annotated[int, "reports whose figures were read in the whole paper"]
    abstract: Annotated[int, "reports whose figures were read on the paper's own page"]
    registry: Annotated[int, "reports whose figures were read on a registry"]
    secondary: Annotated[int, "reports whose figures were read second hand"]
    recalled: Annotated[int, "reports whose figures were read nowhere"]
    second_read: Annotated[int, "reports with a second reading"]
    due: Annotated[int, "reports due one: prospective, or retrospective with 50 patients or more"]
    due_read: Annotated[int, "of those, the ones that have it"]
    cited: Annotated[int, "reports with first author, year, journal and an identifier"]
    excepted: Annotated[int, "reports whose record says which of these no page within reach prints"]
    reports: Annotated[int, "publications with evidence, interim reports and syntheses included"]


def list_quality(connection: sqlite3.Connection) -> list[QualityRow]:
    """Return the trust in the whole base, then by primary tumor, then by class of treatment."""
    studies = _studies(connection)
    found = [_row(connection, "all", "all", "All evidence", Filters(), [], studies)]
    for id_, label in connection.execute(
        "select id, label from tumor where id <> 'solid' order by id"
    ).fetchall():
        found.append(_row(connection, "tumor", id_, label, Filters(tumors=(id_,)), [], studies))
    found.append(
        _row(
            connection,
            "tumor",
            "solid",
            "Mixed solid tumours",
            Filters(),
            [("e.mixed = 1", [])],
            studies,
        )
    )
    for id_, label in connection.execute(
        "select id, label from class where parent is null order by id"
    ).fetchall():
        inside = ("e.number in (select number from evidence_class where class = ?)", [id_])
        of_class = Filters(classes=(id_,))
        found.append(_row(connection, "class", id_, label, of_class, [inside], studies))
    return [row for row in found if row.rows]


class _Study(NamedTuple):
    read_in: str
    second: bool
    due: bool
    cited: bool
    excepted: bool


def _studies(connection: sqlite3.Connection) -> dict[str, _Study]:
    found = {}
    sizes = dict(connection.execute("select study, max(n) from evidence group by study"))
    for id_, text in connection.execute(
        "select id, record from study where id in (select study from evidence)"
    ):
        study = json.loads(text)
        size = size_of_study(study["patients"], [sizes.get(id_)]) or 0
        lacking = list_missing_citation_parts(study)
        found[id_] = _Study(
            study["read_in"],
            bool(study["second_read"]),
            needs_two_readings(study["design"], size),
            not lacking,
            bool(lacking) and set(lacking) <= set(study["not_found"]),
        )
    return found


def _row(
    connection: sqlite3.Connection,
    part: str,
    id_: str,
    label: str,
    filters: Filters,
    also: list[Any],
    studies: dict[str, _Study],
) -> QualityRow:
    conditions = [*evidence_conditions(filters), *also]
    sql, parameters = join_conditions(conditions)
    view, claims = load_claims(connection, filters, *also)
    [(figures,)] = connection.execute(
        f"select count(*) from outcome where number in (select e.number from evidence e {sql})",
        parameters,
    )
    counted = count_evidence(claims)
    about = [studies[name] for name in {group.study for group in view.groups.values()}]
    due = [study for study in about if study.due]
    return QualityRow._make([
        part, id_, label, counted.studies, counted.patients, counted.level, len(view.groups), figures,
        *(_number(study.read_in == place for study in about) for place in READ_IN), _number(study.second for study in about), len(due),
        _number(study.second for study in due), _number(study.cited for study in about), _number(study.excepted for study in about), len(about),
    ])  # fmt: skip


def _number(facts: Iterable[bool]) -> int:
    return sum(facts)
