"""Harm, one event a row: what was told of whom, of how many, and whether it was put down to the
treatment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from lmtx.model.vocabulary import HARM_OF_ENDPOINT
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import (
    Filters,
    any_tested_condition,
    join_conditions,
    placeholders_for,
    treatment_conditions,
    treatment_route_conditions,
)
from lmtx.tuples import NamedTuple

GRADES_BY_SEVERITY = ("5", "4", "3+", "3", "2-3", "1-2", "any")
"""The grades, the worst first."""
GRADES_WITHIN = {"3+": ("3", "3+", "4", "5"), "any": GRADES_BY_SEVERITY}
"""Grades that take in others."""
UNGRADED_RANK = len(GRADES_BY_SEVERITY)
MOST_HARMS_PER_TREATMENT = 3
"""Harms that stand for a treatment beside another."""


class SafetyRow(NamedTuple):
    """A harm told of a group in which a treatment was tested."""

    treatment: Annotated[str, "id of the treatment"]
    name: Annotated[str, "its name"]
    event: Annotated[str, "adverse event, in the words of CTCAE; any for any event"]
    grade: Annotated[str | None, "grade as told: any, 1-2, 2-3, 3, 3+, 4 or 5; empty where none is"]
    serious: Annotated[bool, "whether it was called serious"]
    dose_limiting: Annotated[bool, "whether it limited the dose"]
    n: Annotated[int | None, "patients with the event, or cycles where of_cycles says so"]
    total: Annotated[int | None, "patients, or cycles, looked at"]
    share: Annotated[float | None, "share with the event in %, as printed"]
    of_cycles: Annotated[bool, "whether cycles or courses are counted, not patients"]
    with_others: Annotated[
        bool, "others were given too, and nobody put the event down to this treatment"
    ]
    routes: Annotated[list[str], "routes by which the treatment was given there"]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    group: Annotated[str | None, "which patients, where not all of the row"]
    evidence: Annotated[str, "id of the row of evidence"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    design: Annotated[str, "study design"]
    level: Annotated[str | None, "level of evidence of the row, I (strongest) to V"]
    mixed_with: Annotated[
        str | None,
        "what is pooled in that is not LM of a solid tumor, or not of the tumor asked for",
    ]
    note: Annotated[str | None, "what a reader must know"]
    read_in: Annotated[
        str, "where it was read: full-text, abstract, registry, secondary or recalled"
    ]
    year: Annotated[int | None, "year of publication"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


def list_harms(
    connection: sqlite3.Connection,
    filters: Filters,
    treatments: Sequence[str] = (),
    events: Sequence[str] = (),
    grades: Sequence[str] = (),
) -> list[SafetyRow]:
    """Return the harms of rows of evidence under the filters, the worst first.

    Each stands under the treatment that it was put down to, else under each that was tested there.
    `treatments`, `events` and `grades` keep these; a grade of "3+" takes in 3, 4 and 5. Withdrawn
    papers tell no harm. The filter on reading is about each harm.
    """
    also = (any_tested_condition(treatments),) if treatments else ()
    rows = [row for row in list_evidence(connection, filters, also=also) if not row.withdrawn]
    names = _names(connection, filters, treatments)
    told = _load_harms(connection, [row.id for row in rows])
    kept = {grade for asked in grades for grade in GRADES_WITHIN.get(asked, (asked,))}
    found = [
        harm
        for row in rows
        for record in (*told.get(row.id, ()), *_of_outcomes(row))
        if (not events or record["event"] in events)
        and (not kept or record["grade"] in kept)
        and filters.keeps_reading(record["read_in"])
        for harm in _harms(row, record, names)
    ]
    return sorted(found, key=make_harm_sort_key)


def list_worst_harms(
    connection: sqlite3.Connection, treatment: str, filters: Filters
) -> list[dict[str, Any]]:
    """Return the worst of the severe harms of a treatment that stand; there may be none."""
    rows = list_harms(connection, filters, (treatment,))
    return [row._asdict() for row in rows if is_severe_standing_harm(row)][
        :MOST_HARMS_PER_TREATMENT
    ]


def is_severe_standing_harm(row: SafetyRow) -> bool:
    """Tell whether a harm that somebody had is of grade 3 or more, serious or dose limiting, in a
    report that stands."""
    weighs = row.grade in GRADES_WITHIN["3+"] or row.serious or row.dose_limiting
    return weighs and is_standing_harm(row)


def is_standing_harm(row: SafetyRow) -> bool:
    """Tell whether a harm is one that somebody had, in a report that stands and was read."""
    stands = row.superseded_by is None and row.read_in != "recalled"
    return stands and row.n != 0 and row.share != 0


def make_harm_sort_key(row: SafetyRow) -> tuple[Any, ...]:
    """Sort key: reports that stand first, what was recalled and not read last, events that nobody
    had after others; then the worst grade, what limited the dose, the share."""
    place = GRADES_BY_SEVERITY.index(row.grade) if row.grade else UNGRADED_RANK
    if row.dose_limiting:
        place = min(place, GRADES_BY_SEVERITY.index("2-3"))
    share = row.share
    if share is None:
        share = 100 * row.n / row.total if row.n and row.total else 0
    return (
        row.read_in == "recalled",
        row.superseded_by is not None,
        row.n == 0 or row.share == 0,
        place,
        not row.serious,
        -share,
        row.treatment,
        row.evidence,
        row.event,
    )


def _names(
    connection: sqlite3.Connection, filters: Filters, treatments: Sequence[str]
) -> dict[str, str]:
    """Return the treatments that the filters on treatments keep, with their names."""
    conditions = [*treatment_conditions(filters), *treatment_route_conditions(filters.routes)]
    if treatments:
        conditions.append((f"t.id in ({placeholders_for(treatments)})", list(treatments)))
    sql, parameters = join_conditions(conditions)
    return dict(connection.execute(f"select t.id, t.name from treatment t {sql}", parameters))


def _load_harms(
    connection: sqlite3.Connection, rows: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the harms that records tell, by the row that they are told of."""
    query = (
        "select e.id, a.record from adverse a join evidence e on e.number = a.number "
        "where e.id in (select value from json_each(?)) order by a.id"
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row, text in connection.execute(query, [json.dumps(rows)]):
        found.setdefault(row, []).append(json.loads(text))
    return found


def _of_outcomes(row: EvidenceRow) -> Iterator[dict[str, Any]]:
    """Yield the toxicity that a row tells as an endpoint of its own."""
    for outcome in row.outcomes:
        if outcome["endpoint"] not in HARM_OF_ENDPOINT:
            continue
        event, grade, limiting = HARM_OF_ENDPOINT[outcome["endpoint"]]
        value = outcome["value"]
        counted = int(value) if outcome["unit"] == "patients" and value is not None else None
        yield {
            "event": event,
            "grade": grade,
            "serious": False,
            "dose_limiting": limiting,
            "n": outcome["events"] if counted is None else counted,
            "total": outcome["total"],
            "value": outcome["value"] if outcome["unit"] == "%" else None,
            "of_cycles": False,
            "treatment": None,
            "group": outcome["group"],
            "note": None,
            "read_in": outcome.get("read_in") or row.read_in,
        }


def _harms(
    row: EvidenceRow, record: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[SafetyRow]:
    """Yield a harm under the treatment that it was put down to, else under each that was tested."""
    others = len(row.treatments) > 1 or bool(row.background)
    for treatment in _blamed(row, record):
        if treatment not in names:
            continue
        yield SafetyRow(
            treatment=treatment,
            name=names[treatment],
            event=record["event"],
            grade=record["grade"],
            serious=bool(record["serious"]),
            dose_limiting=bool(record["dose_limiting"]),
            n=record["n"],
            total=record["total"],
            share=record["value"],
            of_cycles=bool(record["of_cycles"]),
            with_others=others and record["treatment"] is None,
            routes=_routes(row, treatment),
            tumors=row.tumors,
            group=record["group"],
            evidence=row.id,
            study=row.study,
            citation=row.citation,
            design=row.design,
            level=row.level,
            mixed_with=row.mixed_with,
            note=record["note"],
            read_in=record["read_in"],
            year=row.year,
            superseded_by=row.superseded_by,
            url=row.url,
            source=row.source,
        )


def _blamed(row: EvidenceRow, record: Mapping[str, Any]) -> Iterable[str]:
    return [record["treatment"]] if record["treatment"] else row.treatments


def _routes(row: EvidenceRow, treatment: str) -> list[str]:
    routes = {
        route for entry in row.given if entry["treatment"] == treatment for route in entry["routes"]
    }
    return sorted(routes)
