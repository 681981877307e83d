"""Where independent studies of one treatment in one tumor point different ways, and in what their records differ.

A row of evidence has one direction, what its data show as a whole; so a conflict is one of treatment and tumor, and the
endpoints that both sides report stand beside it. Nothing here says who is right.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from lmtx.model import figures
from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import DESIGNS, ROUTES, UNVERIFIED
from lmtx.query import show
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, below, treatment_conditions, where
from lmtx.query.origin import together

Record = dict[str, Any]
OPPOSED = ("benefit", "no-benefit")
SMALL = 10
"""Patients below which a row is a small one."""


class ConflictRow(NamedTuple):
    """A treatment in a tumor on which independent studies disagree; see `lmtx fields conflicts`."""

    treatment: str
    name: str
    tumor: str
    benefit: int
    no_benefit: int
    benefit_level: str | None
    no_benefit_level: str | None
    benefit_studies: list[str]
    no_benefit_studies: list[str]
    endpoints: list[str]
    evidence: list[Record]
    reasons: list[Record]
    interim: list[str]
    source: list[str]


def list_conflicts(connection: sqlite3.Connection, filters: Filters) -> list[ConflictRow]:
    """Return the conflicts under the filters: those between the strongest levels first, then by treatment and tumor."""
    sql, parameters = where(treatment_conditions(filters))
    names = dict(connection.execute(f"select t.id, t.name from treatment t {sql}", parameters))
    inside = _inside(connection, filters)
    given: defaultdict[str, list[EvidenceRow]] = defaultdict(list)
    for row in list_evidence(connection, filters):
        for treatment in row.treatments:
            if treatment in names:
                given[treatment].append(row)
    found = []
    for treatment, rows in given.items():
        for conflict in show.conflicts(rows):
            if not inside or conflict["tumor"] in inside:
                found.append(
                    _conflict(
                        treatment,
                        names[treatment],
                        conflict,
                        [row for row in rows if conflict["tumor"] in row.tumors and not row.mixed],
                    )
                )
    return sorted(
        found,
        key=lambda row: (
            *sorted((rank_of(row.benefit_level), rank_of(row.no_benefit_level))),
            row.treatment,
            row.tumor,
        ),
    )


def _inside(connection: sqlite3.Connection, filters: Filters) -> set[str]:
    """Return the tumors asked for and those below them; nothing for all."""
    inside, parameters = below("tumor", filters.tumors)
    return {
        tumor
        for (tumor,) in connection.execute(f"select id from tumor where id {inside}", parameters)
    }


def _conflict(
    treatment: str, name: str, conflict: Record, rows: Sequence[EvidenceRow]
) -> ConflictRow:
    current = [row for row in rows if show.tells(row)]
    for_, against = ([row for row in current if row.direction == way] for way in OPPOSED)
    shared = _endpoints(for_) & _endpoints(against)
    both = [*for_, *against]
    return ConflictRow._make([
        treatment, name, conflict["tumor"], len({row.cohort for row in for_}), len({row.cohort for row in against}),
        *(min((row.level for row in side), key=rank_of) for side in (for_, against)), conflict["benefit"], conflict["no_benefit"], sorted(shared),
        [_shown(row, shared) for row in both], _reasons(treatment, for_, against),
        _studies(row for row in rows if row.superseded_by is not None and row.withdrawn is None),
        together(row.source for row in both),
    ])  # fmt: skip


def _studies(rows: Iterable[EvidenceRow]) -> list[str]:
    return sorted({row.study for row in rows})


def _endpoints(rows: Iterable[EvidenceRow]) -> set[str]:
    return {
        outcome["endpoint"] for row in rows for outcome in row.outcomes if figures.is_whole(outcome)
    }


def _shown(row: EvidenceRow, endpoints: set[str]) -> Record:
    """Return a row of evidence with its figures of the endpoints that both sides report."""
    kept = [
        outcome
        for outcome in row.outcomes
        if outcome["endpoint"] in endpoints and figures.is_whole(outcome)
    ]
    told = {
        "evidence": row.id,
        "study": row.study,
        "direction": row.direction,
        "level": row.level,
        "n": row.n,
    }
    return {
        **told,
        "figures": kept,
        "read_in": row.read_in,
        "mixed_with": row.mixed_with,
        "url": row.url,
        "source": row.source,
    }


def _size(row: EvidenceRow) -> list[str]:
    return [] if row.n is None else [f"under {SMALL}" if row.n < SMALL else f"{SMALL} or more"]


def _given_with(row: EvidenceRow, treatment: str) -> list[str]:
    return [
        f"with {' + '.join(others)}"
        if (others := [other for other in row.treatments if other != treatment])
        else "alone"
    ]


_STATED: tuple[tuple[str, Callable[[EvidenceRow], Iterable[str | None]]], ...] = (
    ("design", lambda row: [DESIGNS[row.design].label]),
    ("patients", _size),
    ("biomarker", lambda row: row.biomarkers),
    ("route", lambda row: [ROUTES[route].label for route in row.routes]),
    ("comparator", lambda row: [outcome["versus"] for outcome in row.outcomes]),
    ("pooled with", lambda row: [row.mixed_with]),
    (
        "reading",
        lambda row: [
            "not read at its source" if row.read_in in UNVERIFIED else "read at its source"
        ],
    ),
    ("setting", lambda row: [row.setting]),
    ("dose", lambda row: [row.dose]),
)
"""What the records state of a row that may lie behind a disagreement."""


def _reasons(
    treatment: str, for_: Sequence[EvidenceRow], against: Sequence[EvidenceRow]
) -> list[Record]:
    """Return in what the two sides differ as their records state it: what, and the words of each side."""
    stated = [*_STATED[:2], ("given", lambda row: _given_with(row, treatment)), *_STATED[2:]]
    found = []
    for what, words in stated:
        one, other = (
            list(dict.fromkeys(word for row in side for word in words(row) if word))
            for side in (for_, against)
        )
        if set(one) != set(other):
            found.append({"what": what, "benefit": one, "no_benefit": other})
    both = sorted({row.study for row in for_} & {row.study for row in against})
    return [
        *found,
        *([{"what": "groups of one study", "benefit": both, "no_benefit": both}] if both else []),
    ]
