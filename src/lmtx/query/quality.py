"""How far the evidence base can be trusted: where it was read, how much of it twice, how many citations are complete."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from lmtx import trust
from lmtx.levels import at_rank
from lmtx.query.counting import rows_of, tally
from lmtx.query.filters import Filters, evidence_conditions, where
from lmtx.vocabulary import READ_IN


class QualityRow(NamedTuple):
    """The trust in one part of the base; see `lmtx fields quality`."""

    part: str
    id: str
    label: str
    studies: int
    patients: int | None
    level: str | None
    rows: int
    figures: int
    full_text: int
    abstract: int
    registry: int
    secondary: int
    recalled: int
    second_read: int
    due: int
    due_read: int
    cited: int
    excepted: int
    reports: int


def quality(connection: sqlite3.Connection) -> list[QualityRow]:
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
        found.append(_row(connection, "class", id_, label, Filters(), [inside], studies))
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
        size = study["patients"] or sizes.get(id_) or 0
        lacking = trust.missing(study)
        found[id_] = _Study(
            study["read_in"],
            bool(study["second_read"]),
            trust.is_due(study["design"], size),
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
    sql, parameters = where(conditions)
    rows = list(rows_of(connection, conditions))
    [(figures,)] = connection.execute(
        f"select count(*) from outcome where number in (select e.number from evidence e {sql})",
        parameters,
    )
    counted = tally(rows)
    about = [studies[name] for name in {row.study for row in rows}]
    due = [study for study in about if study.due]
    return QualityRow._make([
        part, id_, label, counted.studies, counted.patients, at_rank(counted.level_rank), len(rows), figures,
        *(_number(study.read_in == place for study in about) for place in READ_IN), _number(study.second for study in about), len(due),
        _number(study.second for study in due), _number(study.cited for study in about), _number(study.excepted for study in about), len(about),
    ])  # fmt: skip


def _number(facts: Iterable[bool]) -> int:
    return sum(facts)
