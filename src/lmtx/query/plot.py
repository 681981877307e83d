"""The figures of one endpoint, one a row: what a forest plot shows. Nothing is pooled, and nothing converted."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from lmtx.model.figures import is_whole
from lmtx.model.intervals import USUAL_LEVEL, computed, events_of
from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import SECONDARY_RESEARCH
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, by_treatment, evidence_conditions, where


class ForestRow(NamedTuple):
    """A figure of a row of evidence; see `lmtx fields plot`."""

    citation: str
    study: str
    evidence: str
    treatments: list[str]
    tumors: list[str]
    setting: str | None
    n: int | None
    endpoint: str
    estimate: float
    unit: str
    axis: str
    position: float
    low: float | None
    high: float | None
    upper: str | None
    interval: str
    ci_level: float | None
    events: int | None
    total: int | None
    at: str | None
    versus: str | None
    p: str | None
    level: str | None
    design: str
    scope: str
    group: str | None
    assessed_by: str | None
    as_printed: bool
    synthesis: bool
    shared_with: list[str]
    read_in: str
    superseded_by: str | None
    mixed_with: str | None
    year: int | None
    url: str | None
    source: str


class Forest(NamedTuple):
    """The figures, the strongest and largest first, and how many were left out: of parts, replaced by a later report, of no patients that count."""

    rows: list[ForestRow]
    parts: int
    older: int
    uncounted: int


class _Place(NamedTuple):
    """Whose patients a row of evidence tells."""

    cohort: str
    row: int
    within: int | None
    counts: int


def list_forest(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    all_scopes: bool = False,
    superseded: bool = False,
) -> Forest:
    """Return the figures of the endpoint in the filters, by level and then by size.

    Left out are animals and withdrawn papers, and unless asked for figures of a part of the row (`all_scopes`) and those of a report
    that a later one in the same unit replaces (`superseded`).
    """
    evidence = list(list_evidence(connection, filters))
    places = _places(connection, [row.id for row in evidence])
    found = [
        _row(row, outcome)
        for row in evidence
        if places[row.id].counts >= 0
        for outcome in row.outcomes
    ]
    uncounted = sum(len(row.outcomes) for row in evidence if places[row.id].counts < 0)
    kept = [row for row in found if all_scopes or is_whole({"scope": row.scope})]
    current = kept if superseded else _current(kept, places)
    ordered = sorted(current, key=lambda row: (rank_of(row.level), row.n is None, -(row.n or 0)))
    return Forest(
        _with_shared(ordered, places), len(found) - len(kept), len(kept) - len(current), uncounted
    )


def endpoint_counts(connection: sqlite3.Connection, filters: Filters) -> dict[str, int]:
    """Return the endpoints under the filters with their numbers of figures, the most frequent first."""
    sql, parameters = where([*evidence_conditions(filters), *by_treatment(filters)])
    query = f"select o.endpoint, count(*) from evidence e join outcome o on o.number = e.number {sql} group by o.endpoint order by count(*) desc, o.endpoint"
    return dict(connection.execute(query, parameters))


def _places(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, _Place]:
    query = "select id, cohort, row, within, counts from evidence where id in (select value from json_each(?))"
    return {id_: _Place(*place) for id_, *place in connection.execute(query, [json.dumps(ids)])}


def _row(row: EvidenceRow, outcome: dict[str, Any]) -> ForestRow:
    events = events_of(outcome)
    axis, position = outcome["unit"], outcome["value"]
    if axis == "patients" and events is not None and outcome["total"] and not outcome["ci"]:
        axis, position = "%", 100 * events / outcome["total"]
    synthesis = row.design in SECONDARY_RESEARCH
    low, high, interval, ci_level = _interval(outcome, synthesis)
    return ForestRow(
        row.citation, row.study, row.id, row.treatments, row.tumors, row.setting, _size(row, outcome), outcome["endpoint"], outcome["value"], outcome["unit"], axis, position,
        low, high, outcome["ci_upper"], interval, ci_level, events, outcome["total"], outcome["at"], outcome["versus"], outcome["p"],
        row.level, row.design, outcome["scope"], outcome["group"], outcome["assessed_by"], outcome["as_printed"],
        synthesis, [], row.read_in, row.superseded_by, row.mixed_with, row.year, row.url, row.source,
    )  # fmt: skip


def _size(row: EvidenceRow, outcome: dict[str, Any]) -> int | None:
    """Return the patients behind a figure: those assessed, else those of the row where it counts them all."""
    total: int | None = outcome["total"]
    return row.n if total is None and is_whole(outcome) else total


def _interval(
    outcome: dict[str, Any], synthesis: bool
) -> tuple[float | None, float | None, str, float | None]:
    """Return both ends on the axis, where they come from, and their level: printed, or computed from counts, or none.

    The counts of a review are pooled over studies, so that an interval of one sample would be too narrow.
    """
    if outcome["ci"]:
        low, *high = outcome["ci"]
        return low, high[0] if high else None, "printed", outcome["ci_level"] or USUAL_LEVEL
    if not synthesis and (ends := computed(outcome)):
        return *ends, "computed", USUAL_LEVEL
    return None, None, "none", None


def _current(rows: Sequence[ForestRow], places: dict[str, _Place]) -> list[ForestRow]:
    """Return the rows without those for which a later report of the same patients has a figure on the same axis."""
    later = {(places[row.evidence].cohort, row.axis) for row in rows if row.superseded_by is None}
    return [
        row
        for row in rows
        if row.superseded_by is None or (places[row.evidence].cohort, row.axis) not in later
    ]


def _with_shared(rows: Sequence[ForestRow], places: dict[str, _Place]) -> list[ForestRow]:
    """Return the rows, each with the rows of evidence on its axis that tell some of the same patients, another figure of its own row included."""
    together: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        together[places[row.evidence].cohort, row.axis].append(i)
    found = list(rows)
    for group in together.values():
        for i in group:
            shared = {
                rows[other].evidence
                for other in group
                if other != i and _overlap(rows[i], rows[other], places)
            }
            found[i] = rows[i]._replace(shared_with=sorted(shared))
    return found


def _overlap(row: ForestRow, other: ForestRow, places: dict[str, _Place]) -> bool:
    """Tell whether two rows of one cohort tell some of the same patients: two arms of one study do not."""
    mine, theirs = places[row.evidence], places[other.evidence]
    return (
        row.study != other.study
        or row.evidence == other.evidence
        or mine.within == theirs.row
        or theirs.within == mine.row
    )
