"""Drug levels in cerebrospinal fluid, in normalised units so that they can be compared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Annotated, Any

from lmtx.model.drug_levels import distinguish_levels, drug_level_order
from lmtx.model.vocabulary import MEASURES
from lmtx.query.filters import (
    CSF_SUBJECT,
    Condition,
    Filters,
    count_left_out,
    join_conditions,
    placeholders_for,
    subject_conditions,
    treatment_conditions,
)
from lmtx.tuples import NamedTuple

_ORDER = {measure: position for position, measure in enumerate(MEASURES)}


class CsfRow(NamedTuple):
    """A drug level; see `lmtx fields csf`."""

    id: Annotated[str, "id of the drug level"]
    treatment: Annotated[str, "id of the treatment"]
    name: Annotated[str, "its name"]
    measure: Annotated[str, "what was measured; see lmtx fields --values measures"]
    fraction: Annotated[str | None, "total or unbound drug, where stated"]
    statistic: Annotated[str | None, "mean, median, peak, trough, upper-bound …"]
    value: Annotated[float | None, "figure in the unit of the measure"]
    low: Annotated[float | None, "lower end of the range"]
    high: Annotated[float | None, "upper end of the range"]
    spread: Annotated[float | None, "spread around the value"]
    spread_kind: Annotated[str | None, "SD, SEM, IQR, CV% or not stated"]
    unit: Annotated[str, "unit that the measure is normalised to"]
    occasion: Annotated[
        str | None,
        "what tells it from others of the answer with its treatment, measure, route and study",
    ]
    n: Annotated[int | None, "patients sampled"]
    route: Annotated[str | None, "route of administration"]
    dose: Annotated[str | None, "dose as reported"]
    compartment: Annotated[str | None, "where in the CSF"]
    sampled: Annotated[str | None, "when and how it was sampled"]
    population: Annotated[str | None, "who was sampled"]
    lm: Annotated[
        bool | None, "true for patients with LM, false for others, empty where unknown or mixed"
    ]
    modelled: Annotated[bool, "predicted by a model, not measured"]
    computed: Annotated[bool, "computed from the printed figure by more than a change of unit"]
    doubtful: Annotated[
        bool, "whether the figure or its unit is hard to believe; the note says why"
    ]
    printed: Annotated[str, "the figure as printed, with its unit"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    year: Annotated[int | None, "year of publication"]
    read_in: Annotated[str, "where the figure was read"]
    note: Annotated[str | None, "what a reader must know"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    withdrawn: Annotated[str | None, "why the publication was withdrawn"]
    url: Annotated[str | None, "canonical address of the study"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


def note_drugs_without_level(drugs: Iterable[str], rows: Iterable[CsfRow]) -> str:
    """Return the note that some of the drugs asked for have no level; empty where all have one."""
    told = {row.treatment for row in rows}
    missing = [id_ for id_ in drugs if id_ not in told]
    return f"no matching level of {', '.join(missing)}" if missing else ""


def list_csf_levels(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    only: tuple[str, ...] = (),
    measures: tuple[str, ...] = (),
    lm: bool = False,
) -> list[CsfRow]:
    """Return the drug levels under the filters, by measure and unit, the highest first.

    `only` keeps these treatments, `measures` these measures, `lm` patients with LM. Of the filters,
    those on treatments act on the treatment, route and number of patients on the level itself, year
    and design on its study.
    """
    sql, parameters = join_conditions(
        [
            *treatment_conditions(filters),
            *subject_conditions(CSF_SUBJECT, filters),
            *_option_conditions(only, measures, lm),
        ]
    )
    query = (
        f"select c.record, t.name, s.label, s.year, s.superseded_by, "
        f"json_extract(s.record, '$.withdrawn') from csf c join treatment t on t.id = "
        f"c.treatment join study s on s.id = c.study {sql} order by c.number"
    )
    found = [
        _row(
            json.loads(text),
            name=name,
            citation=label,
            year=year,
            superseded_by=later,
            withdrawn=why,
        )
        for text, name, label, year, later, why in connection.execute(query, parameters)
    ]
    occasions = distinguish_levels([row._asdict() for row in found])
    found = [row._replace(occasion=occasions.get(row.id)) for row in found]
    return sorted(
        found,
        key=lambda row: (_ORDER[row.measure], row.unit, -drug_level_order(row._asdict()), row.id),
    )


def count_csf_levels_left_out(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    only: tuple[str, ...] = (),
    measures: tuple[str, ...] = (),
    lm: bool = False,
) -> dict[str, int]:
    """Count the levels that filters leave out without knowing that they do not fit, by the
    reason."""
    also = (*treatment_conditions(filters), *_option_conditions(only, measures, lm))
    return count_left_out(connection, CSF_SUBJECT, filters, *also)


def _option_conditions(
    only: tuple[str, ...], measures: tuple[str, ...], lm: bool
) -> list[Condition]:
    found: list[Condition] = [
        (f"{column} in ({placeholders_for(values)})", list(values))
        for column, values in (("t.id", only), ("c.measure", measures))
        if values
    ]
    if lm:
        found.append(("c.lm = 1", []))
    return found


def _row(record: dict[str, Any], **more: str | int | None) -> CsfRow:
    known = {**record, **more, "occasion": None}
    return CsfRow(**{key: known[key] for key in CsfRow._fields})
