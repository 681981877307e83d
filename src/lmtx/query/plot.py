"""The figures of one endpoint, one a row: what a forest plot shows. Nothing is pooled, and nothing
converted."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from lmtx.model.figures import is_whole, patients_behind
from lmtx.model.intervals import USUAL_LEVEL, computed_interval, events_of
from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import SECONDARY_RESEARCH
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, by_treatment, evidence_conditions, join_conditions


class ForestRow(NamedTuple):
    """A figure of a row of evidence; see `lmtx fields plot`."""

    citation: Annotated[str, "first author and year"]
    study: Annotated[str, "id of the study"]
    evidence: Annotated[str, "id of the row of evidence"]
    treatments: Annotated[list[str], "ids of the treatments that were tested"]
    background: Annotated[list[str], "ids of what was given alongside; no evidence on it"]
    given_as: Annotated[
        str | None, "how several tested treatments stand to each other: together, some or in-turn"
    ]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    setting: Annotated[str | None, "population in words"]
    line: Annotated[str | None, "line of treatment for the LM: first, later or any"]
    n: Annotated[
        int | None,
        "patients behind the figure: those assessed, else those of the row where it counts them "
        "all",
    ]
    endpoint: Annotated[str, "what was measured"]
    estimate: Annotated[
        float | None, "the figure as printed; empty where the median was not reached"
    ]
    not_reached: Annotated[bool, "the median was not reached: beyond low, where that is known"]
    unit: Annotated[str, "its unit"]
    axis: Annotated[
        str, "unit of the axis: that of the figure, or % where it is a count of a known total"
    ]
    position: Annotated[float | None, "where it stands on that axis; empty where not reached"]
    low: Annotated[float | None, "lower end of the interval, on the axis"]
    high: Annotated[float | None, "upper end; empty where the paper gives none"]
    upper: Annotated[str | None, "what the paper prints in place of the upper end"]
    interval: Annotated[
        str,
        "printed; computed here from events and total (exact, Clopper-Pearson, to 0.1); or none",
    ]
    ci_level: Annotated[float | None, "confidence of the interval in %"]
    events: Annotated[int | None, "patients with the event"]
    total: Annotated[int | None, "patients assessed"]
    at: Annotated[str | None, "time point of a landmark rate"]
    time_zero: Annotated[str | None, "from when a time is counted, where stated"]
    p: Annotated[str | None, "p value as printed"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    design: Annotated[str, "study design"]
    scope: Annotated[str, "whom the figure counts: whole row, or a subgroup, responders …"]
    group: Annotated[str | None, "which patients or what kind of figure, in words"]
    assessed_by: Annotated[str | None, "who or what judged the endpoint"]
    as_printed: Annotated[bool, "whether the paper's own figures do not fit each other"]
    synthesis: Annotated[
        bool, "whether it is a review or meta-analysis, which tells published patients again"
    ]
    shared_with: Annotated[
        list[str], "other rows on the same axis that tell some of the same patients"
    ]
    read_in: Annotated[
        str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
    ]
    recalled: Annotated[bool, "remembered, not read: it stands last and counts nowhere"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    mixed_with: Annotated[str | None, "what is pooled in that is not LM of a solid tumor"]
    year: Annotated[int | None, "year of publication"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class Forest(NamedTuple):
    """The figures, the strongest and largest first, and how many were left out: of parts, replaced
    by a later report, of no patients that count."""

    rows: list[ForestRow]
    parts: int
    older: int
    uncounted: int


class _Position(NamedTuple):
    """Whose patients a row of evidence tells."""

    cohort: str
    row: int
    above: str
    counts: int
    recalled: bool

    def lies_within(self, other: _Position) -> bool:
        """Tell whether its patients are among those of another row of its study."""
        return str(other.row) in self.above.split()


def list_forest(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    all_scopes: bool = False,
    superseded: bool = False,
) -> Forest:
    """Return the figures of the endpoint in the filters, by level and then by size.

    Left out are animals and withdrawn papers, and unless asked for figures of a part of the row
    (`all_scopes`) and those of a report that a later one in the same unit replaces (`superseded`).
    """
    evidence = list(list_evidence(connection, filters))
    places = _places(connection, [row.id for row in evidence])
    found = [
        _row(row, outcome)
        for row in evidence
        if places[row.id].counts >= 0 or places[row.id].recalled
        for outcome in row.outcomes
    ]
    uncounted = sum(len(row.outcomes) for row in evidence) - len(found)
    kept = [row for row in found if all_scopes or is_whole({"scope": row.scope})]
    current = kept if superseded else _current(kept, places)
    ordered = sorted(
        current,
        key=lambda row: (row.recalled, rank_of(row.level), row.n is None, -(row.n or 0)),
    )
    return Forest(
        _with_shared(ordered, places), len(found) - len(kept), len(kept) - len(current), uncounted
    )


def endpoint_counts(connection: sqlite3.Connection, filters: Filters) -> dict[str, int]:
    """Return the endpoints under the filters with their numbers of figures, the most frequent
    first."""
    sql, parameters = join_conditions([*evidence_conditions(filters), *by_treatment(filters)])
    query = (
        f"select o.endpoint, count(*) from evidence e join outcome o on o.number = e.number {sql} "
        f"group by o.endpoint order by count(*) desc, o.endpoint"
    )
    return dict(connection.execute(query, parameters))


def _places(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, _Position]:
    query = (
        "select id, cohort, row, above, counts, recalled from evidence where id in (select value "
        "from json_each(?))"
    )
    return {id_: _Position(*place) for id_, *place in connection.execute(query, [json.dumps(ids)])}


def _row(row: EvidenceRow, outcome: dict[str, Any]) -> ForestRow:
    events = None if outcome["not_reached"] else events_of(outcome)
    axis, position = outcome["unit"], outcome["value"]
    if axis == "patients" and events is not None and outcome["total"] and not outcome["ci"]:
        axis, position = "%", 100 * events / outcome["total"]
    synthesis = row.design in SECONDARY_RESEARCH
    low, high, interval, ci_level = _interval(outcome, synthesis)
    own = ("total", "at", "p", "scope", "group", "assessed_by", "as_printed", "time_zero")
    of_row = (
        "citation",
        "study",
        "treatments",
        "background",
        "given_as",
        "tumors",
        "setting",
        "line",
        "level",
        "design",
        "superseded_by",
        "mixed_with",
        "year",
        "url",
        "source",
    )
    return ForestRow(
        evidence=row.id,
        n=patients_behind(outcome, row._asdict()),
        endpoint=outcome["endpoint"],
        estimate=outcome["value"],
        not_reached=outcome["not_reached"],
        unit=outcome["unit"],
        axis=axis,
        position=position,
        low=low,
        high=high,
        upper=outcome["ci_upper"],
        interval=interval,
        ci_level=ci_level,
        events=events,
        synthesis=synthesis,
        shared_with=[],
        read_in=outcome["read_in"],
        recalled=outcome["read_in"] == "recalled",
        **{name: outcome[name] for name in own},
        **{name: getattr(row, name) for name in of_row},
    )


def _interval(
    outcome: dict[str, Any], synthesis: bool
) -> tuple[float | None, float | None, str, float | None]:
    """Return both ends on the axis, where they come from, and their level: printed, or computed
    from counts, or none.

    The counts of a review are pooled over studies, so that an interval of one sample would be too
    narrow.
    """
    if outcome["ci"]:
        low, *high = outcome["ci"]
        return low, high[0] if high else None, "printed", outcome["ci_level"] or USUAL_LEVEL
    if not synthesis and (ends := computed_interval(outcome)):
        return *ends, "computed", USUAL_LEVEL
    return None, None, "none", None


def _current(rows: Sequence[ForestRow], places: dict[str, _Position]) -> list[ForestRow]:
    """Return the rows without those for which a later report of the same patients has a figure on
    the same axis."""
    later = {(places[row.evidence].cohort, row.axis) for row in rows if row.superseded_by is None}
    return [
        row
        for row in rows
        if row.superseded_by is None or (places[row.evidence].cohort, row.axis) not in later
    ]


def _with_shared(rows: Sequence[ForestRow], places: dict[str, _Position]) -> list[ForestRow]:
    """Return the rows, each with the rows of evidence on its axis that tell some of the same
    patients, another figure of its own row included."""
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


def _overlap(row: ForestRow, other: ForestRow, places: dict[str, _Position]) -> bool:
    """Tell whether two rows of one cohort tell some of the same patients: two arms of one study do
    not."""
    mine, theirs = places[row.evidence], places[other.evidence]
    return (
        row.study != other.study
        or row.evidence == other.evidence
        or mine.lies_within(theirs)
        or theirs.lies_within(mine)
    )
