"""Treatments, one a row, with the strength and direction of their evidence."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from lmtx.model import figures
from lmtx.model.levels import at_rank, rank_of
from lmtx.query.counting import COLUMNS, Counted, tally
from lmtx.query.filters import (
    Filters,
    by_route,
    evidence_conditions,
    marks,
    treatment_conditions,
    where,
)
from lmtx.query.origin import own, together
from lmtx.store.own_files import BUNDLED

_AMONG = "(select value from json_each(?))"
"""Rows are looked up one by one: a listing never reads a whole table."""


class TreatmentRow(NamedTuple):
    """A treatment with its evidence under the filters; see `lmtx fields list`."""

    id: str
    name: str
    drug_class: str
    class_path: str
    specified: bool
    targets: list[str]
    routes: list[str]
    level: str | None
    studies: int
    patients: int | None
    syntheses: int
    benefit: int
    no_benefit: int
    mixed: int
    unclear: int
    figure: str | None
    figure_study: str | None
    figure_n: int | None
    figure_with: list[str]
    figure_scope: str | None
    figure_mixed_with: str | None
    figure_source: str | None
    read_in: str | None
    latest: int | None
    source: list[str]
    figure_design: str | None


def list_treatments(
    connection: sqlite3.Connection, filters: Filters, only: tuple[str, ...] = ()
) -> list[TreatmentRow]:
    """Return the treatments that have evidence under the filters, strongest first, unspecified regimens last.

    Without a filter on evidence, treatments that have none are listed too. `only` keeps these treatments.
    """
    about = treatment_conditions(filters)
    if only:
        about.append((f"t.id in ({marks(only)})", list(only)))
    about += by_route(filters.routes)
    rows = _evidence(connection, filters, about)
    sql, parameters = where(about)
    treatments = connection.execute(
        f"select t.id, t.name, t.class, c.path, t.specified, t.record from treatment t join class c on c.id = t.class {sql}",
        parameters,
    )
    figures_of = _figures(
        connection,
        {id_: _by_strength(row for row in found if row.counts >= 0) for id_, found in rows.items()},
        filters.endpoints,
    )
    routes = _routes(connection, rows)
    own_studies = own(connection, "study")
    everything = not filters.on_evidence
    found = [
        _row(
            treatment,
            rows.get(treatment[0], []),
            figures_of.get(treatment[0]),
            routes.get(treatment[0], []),
            own_studies,
        )
        for treatment in treatments
        if everything or treatment[0] in rows
    ]
    return sorted(found, key=order)


def order(row: TreatmentRow) -> tuple[Any, ...]:
    """Sort key: named agents first, then the strongest level, then the most patients."""
    return (not row.specified, rank_of(row.level), -(row.patients or 0), -row.studies, row.id)


def _evidence(
    connection: sqlite3.Connection, filters: Filters, about: list[Any]
) -> dict[str, list[Counted]]:
    sql, parameters = where([*evidence_conditions(filters), *about])
    found: defaultdict[str, list[Counted]] = defaultdict(list)
    query = f"select t.id, {COLUMNS} from evidence e join evidence_treatment et on et.number = e.number join treatment t on t.id = et.treatment {sql}"
    for id_, *row in connection.execute(query, parameters):
        found[id_].append(Counted(*row))
    return dict(found)


def _by_strength(rows: Iterable[Counted]) -> list[int]:
    """Return the numbers of the rows, the one that should speak for the treatment first: a review only where no study can."""
    ordered = sorted(
        rows,
        key=lambda row: (
            row.superseded,
            row.counts == 0,
            row.level_rank,
            row.agents > 1,
            -(row.n or 0),
            row.number,
        ),
    )
    return [row.number for row in ordered]


def _figures(
    connection: sqlite3.Connection, wanted: dict[str, list[int]], endpoints: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return for every treatment the headline figure of its strongest row that has one."""
    with_figures = {
        number
        for (number,) in connection.execute(
            f"select distinct number from outcome where number in {_AMONG}",
            [_numbers(wanted.values())],
        )
    }
    found: dict[str, dict[str, Any]] = {}
    seen: dict[int, dict[str, Any] | None] = {}
    for id_, numbers in wanted.items():
        for number in numbers:
            if number not in with_figures:
                continue
            if number not in seen:
                seen[number] = _figure(connection, number, endpoints)
            if headline := seen[number]:
                found[id_] = headline
                break
    return found


def _figure(
    connection: sqlite3.Connection, number: int, endpoints: tuple[str, ...]
) -> dict[str, Any] | None:
    """Return the headline figure of a row with what must be said beside it."""
    [text] = connection.execute(
        "select record from evidence where number = ?", (number,)
    ).fetchone()
    row = json.loads(text)
    outcome = figures.headline(row["outcomes"], endpoints)
    if outcome is None:
        return None
    size = outcome["total"] if outcome["total"] is not None else row["n"]
    return {
        "said": figures.brief(outcome),
        "scope": outcome["scope"],
        "n": size,
        **{
            key: row[key]
            for key in ("study", "design", "read_in", "mixed_with", "treatments", "source")
        },
    }


def _routes(connection: sqlite3.Connection, rows: dict[str, list[Counted]]) -> dict[str, list[str]]:
    """Return the routes under the filters by which each treatment itself was given, not those of its partners."""
    own: defaultdict[str, set[str]] = defaultdict(set)
    for id_, route in connection.execute(
        f"select treatment, route from treatment_route where treatment in {_AMONG}",
        [json.dumps(list(rows))],
    ):
        own[id_].add(route)
    by_number: defaultdict[int, list[str]] = defaultdict(list)
    wanted = _numbers([row.number for row in found] for found in rows.values())
    for number, route in connection.execute(
        f"select number, route from evidence_route where number in {_AMONG}", [wanted]
    ):
        by_number[number].append(route)
    return {
        id_: sorted(
            {route for row in found for route in by_number.get(row.number, ()) if route in own[id_]}
        )
        for id_, found in rows.items()
    }


def _numbers(groups: Iterable[list[int]]) -> str:
    """Return the numbers of rows as the one parameter that _AMONG takes, however many they are."""
    return json.dumps(sorted({number for group in groups for number in group}))


def _row(
    treatment: tuple[Any, ...],
    rows: list[Counted],
    figure: dict[str, Any] | None,
    routes: list[str],
    own_studies: dict[str, str],
) -> TreatmentRow:
    id_, name, drug_class, path, specified, text = treatment
    record = json.loads(text)
    counted = tally(rows)
    shown = figure or dict.fromkeys(
        ("said", "study", "design", "n", "scope", "mixed_with", "source", "read_in")
    )
    others = [other for other in shown.get("treatments") or () if other != id_]
    return TreatmentRow(
        id_, name, drug_class, path, bool(specified), record["targets"], routes, at_rank(counted.level_rank), counted.studies, counted.patients,
        counted.syntheses, counted.directions["benefit"], counted.directions["no-benefit"], counted.directions["mixed"], counted.directions["unclear"],
        shown["said"], shown["study"], shown["n"], others, shown["scope"], shown["mixed_with"], shown["source"], shown["read_in"], counted.latest,
        together([record["source"], *(own_studies.get(row.study, BUNDLED) for row in rows)]), shown["design"],
    )  # fmt: skip
