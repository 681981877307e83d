"""Evidence, one row a treatment × population × study."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lmtx.model.vocabulary import UNVERIFIED
from lmtx.query.arrange import arranged
from lmtx.query.filters import Condition, Filters, by_treatment, evidence_conditions, where


class EvidenceRow(NamedTuple):
    """A row of evidence; see `lmtx fields evidence`."""

    id: str
    study: str
    citation: str
    treatments: list[str]
    tumors: list[str]
    biomarkers: list[str]
    setting: str | None
    routes: list[str]
    dose: str | None
    n: int | None
    design: str
    level: str | None
    direction: str
    outcomes: list[dict[str, Any]]
    summary: str
    safety: str | None
    year: int | None
    mixed: bool
    mixed_with: str | None
    superseded_by: str | None
    read_in: str
    pmid: str | None
    doi: str | None
    url: str | None
    source: str
    cohort: str
    withdrawn: str | None


ORDERS = {
    "level": "e.level_rank, e.superseded, e.n desc, e.number",
    "n": "e.n is null, e.n desc, e.level_rank, e.number",
    "year": "e.year is null, e.year desc, e.level_rank, e.number",
    "study": "e.study, e.row",
    "direction": "e.direction, e.level_rank, e.number",
    "design": "e.design, e.n desc, e.number",
}
"""How rows can be sorted: the strongest, largest or newest first."""


def list_evidence(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    sort: str = "level",
    limit: int | None = None,
    also: tuple[Condition, ...] = (),
) -> Iterator[EvidenceRow]:
    """Yield the rows of evidence under the filters; with an endpoint filter only those figures of a row.

    `also` adds conditions on the row `e` or its study `s`.
    """
    sql, parameters = where([*evidence_conditions(filters), *by_treatment(filters), *also])
    query = (
        "select e.record, s.label, e.year, s.superseded_by, e.superseded, e.cohort, s.pmid, s.doi, s.url from evidence e join study s on s.id = e.study "
        f"{sql} order by {ORDERS[sort]} limit ?"
    )
    for text, label, year, later, superseded, cohort, *ids in connection.execute(
        query, [*parameters, -1 if limit is None else limit]
    ):
        yield _row(
            json.loads(text),
            label,
            year,
            later if superseded else None,
            cohort,
            ids,
            filters,
        )


def arranged_evidence(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    sort: str | None = None,
    reverse: bool = False,
    limit: int | None = None,
) -> Iterable[EvidenceRow]:
    """Return the rows of evidence under the filters in any order; as a stream where the index can put them in it."""
    if sort in (None, *ORDERS) and not reverse:
        return list_evidence(connection, filters, sort=sort or "level", limit=limit)
    return arranged(
        list_evidence(connection, filters),
        "evidence",
        EvidenceRow._fields,
        sort=sort,
        reverse=reverse,
        limit=limit,
    )


def _row(
    record: dict[str, Any],
    label: str,
    year: int | None,
    later: str | None,
    cohort: str,
    ids: list[Any],
    filters: Filters,
) -> EvidenceRow:
    pmid, doi, url = ids
    known = {
        **record,
        "citation": label,
        "year": year,
        "superseded_by": later,
        "cohort": cohort,
        "pmid": pmid,
        "doi": doi,
        "url": url,
        "outcomes": [outcome for outcome in record["outcomes"] if _is_meant(outcome, filters)],
    }
    return EvidenceRow(**{field: known[field] for field in EvidenceRow._fields})


def _is_meant(outcome: dict[str, Any], filters: Filters) -> bool:
    """Tell whether a figure is of an endpoint asked for, and read where it should have been."""
    if filters.endpoints and outcome["endpoint"] not in filters.endpoints:
        return False
    return not (filters.verified and outcome["read_in"] in UNVERIFIED)
