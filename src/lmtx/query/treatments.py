"""Treatments, one a row, with the strength and direction of their evidence."""

import json
import sqlite3
from collections import defaultdict
from typing import Any, NamedTuple

from lmtx import figures
from lmtx.levels import NO_LEVEL_RANK
from lmtx.query.counting import COLUMNS, Counted, tally
from lmtx.query.filters import Filters, evidence_conditions, treatment_conditions, where
from lmtx.vocabulary import LEVELS

_LEVEL = dict(enumerate(LEVELS, start=1))


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
    read_in: str | None
    latest: int | None


def list_treatments(connection: sqlite3.Connection, filters: Filters, only: tuple[str, ...] = ()) -> list[TreatmentRow]:
    """Return the treatments that have evidence under the filters, strongest first, unspecified regimens last.

    Without a filter on evidence, treatments that have none are listed too. `only` keeps these treatments.
    """
    about = treatment_conditions(filters)
    if only:
        about.append((f"t.id in ({', '.join('?' * len(only))})", list(only)))
    rows = _evidence(connection, filters, about)
    sql, parameters = where(about)
    treatments = connection.execute(f"select t.id, t.name, t.class, c.path, t.specified, t.record from treatment t join class c on c.id = t.class {sql}", parameters)
    figures_of = _figures(connection, {id_: _by_strength(found) for id_, found in rows.items()}, filters.endpoints)
    routes = _routes(connection, rows)
    everything = not filters.on_evidence
    found = [
        _row(treatment, rows.get(treatment[0], []), figures_of.get(treatment[0]), routes.get(treatment[0], []))
        for treatment in treatments
        if everything or treatment[0] in rows
    ]
    return sorted(found, key=order)


def order(row: TreatmentRow) -> tuple[Any, ...]:
    """Sort key: named agents first, then the strongest level, then the most patients."""
    rank = list(LEVELS).index(row.level) if row.level else NO_LEVEL_RANK
    return (not row.specified, rank, -(row.patients or 0), -row.studies, row.id)


def _evidence(connection: sqlite3.Connection, filters: Filters, about: list[Any]) -> dict[str, list[Counted]]:
    sql, parameters = where([*evidence_conditions(filters), *about])
    found: defaultdict[str, list[Counted]] = defaultdict(list)
    query = f"select t.id, {COLUMNS} from evidence e join evidence_treatment et on et.number = e.number join treatment t on t.id = et.treatment {sql}"
    for id_, *row in connection.execute(query, parameters):
        found[id_].append(Counted(*row))
    return dict(found)


def _by_strength(rows: list[Counted]) -> list[int]:
    """Return the numbers of the rows, the one that should speak for the treatment first."""
    ordered = sorted(rows, key=lambda row: (row.level_rank, row.superseded, -(row.n or 0), row.number))
    return [row.number for row in ordered]


def _figures(connection: sqlite3.Connection, wanted: dict[str, list[int]], endpoints: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """Return for every treatment the headline figure of its strongest row that has one."""
    with_figures = {number for (number,) in connection.execute("select distinct number from outcome")} if len(wanted) > 20 else None
    found: dict[str, tuple[Any, ...]] = {}
    seen: dict[int, tuple[Any, ...] | None] = {}
    for id_, numbers in wanted.items():
        for number in numbers:
            if with_figures is not None and number not in with_figures:
                continue
            if number not in seen:
                seen[number] = _figure(connection, number, endpoints)
            if headline := seen[number]:
                found[id_] = headline
                break
    return found


def _figure(connection: sqlite3.Connection, number: int, endpoints: tuple[str, ...]) -> tuple[Any, ...] | None:
    text, study, n, read_in = connection.execute("select record, study, n, read_in from evidence where number = ?", (number,)).fetchone()
    outcome = figures.headline(json.loads(text)["outcomes"], endpoints)
    return (figures.brief(outcome), study, n, read_in) if outcome else None


def _routes(connection: sqlite3.Connection, rows: dict[str, list[Counted]]) -> dict[str, list[str]]:
    by_number: defaultdict[int, list[str]] = defaultdict(list)
    for number, route in connection.execute("select number, route from evidence_route order by route"):
        by_number[number].append(route)
    return {id_: sorted({route for row in found for route in by_number.get(row.number, ())}) for id_, found in rows.items()}


def _row(treatment: tuple[Any, ...], rows: list[Counted], figure: tuple[Any, ...] | None, routes: list[str]) -> TreatmentRow:
    id_, name, drug_class, path, specified, record = treatment
    counted = tally(rows)
    said, study, n, read_in = figure or (None, None, None, None)
    return TreatmentRow(
        id_, name, drug_class, path, bool(specified), json.loads(record)["targets"], routes, _LEVEL.get(counted.level_rank), counted.studies, counted.patients,
        counted.syntheses, counted.directions["benefit"], counted.directions["no-benefit"], counted.directions["mixed"], counted.directions["unclear"],
        said, study, n, read_in, counted.latest,
    )  # fmt: skip
