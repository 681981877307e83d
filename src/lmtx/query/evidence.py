"""Evidence, one row a treatment × population × study."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NamedTuple

from lmtx.query.arrange import arrange
from lmtx.query.filters import Condition, Filters, by_treatment, evidence_conditions, where


class EvidenceRow(NamedTuple):
    """A row of evidence; see `lmtx fields evidence`."""

    id: Annotated[str, "id of the row: study and number"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    treatments: Annotated[list[str], "ids of the treatments given together or in turn"]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    biomarkers: Annotated[list[str], "ids of the biomarkers that define the population"]
    setting: Annotated[str | None, "population and line of treatment"]
    routes: Annotated[list[str], "routes of administration"]
    dose: Annotated[str | None, "dose and schedule"]
    n: Annotated[int | None, "patients in the row"]
    design: Annotated[str, "study design"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    direction: Annotated[str, "what the data show: benefit, no-benefit, mixed or unclear"]
    outcomes: Annotated[
        list[dict[str, Any]],
        "the figures, each with endpoint, value, unit, interval, counts, comparator",
    ]
    summary: Annotated[str, "one or two sentences"]
    safety: Annotated[str | None, "toxicity"]
    year: Annotated[int | None, "year of publication"]
    mixed: Annotated[bool, "whether the population mixes solid tumours"]
    mixed_with: Annotated[str | None, "what is pooled in that is not LM of a solid tumour"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    read_in: Annotated[
        str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
    ]
    pmid: Annotated[str | None, "PubMed id"]
    doi: Annotated[str | None, "digital object identifier"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]
    cohort: Annotated[str, "reports of the same patients share one: id of the first of them"]
    withdrawn: Annotated[
        str | None, "why the publication was withdrawn; then it is counted nowhere"
    ]


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
            filters.endpoints,
        )


def arrange_evidence(
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
    return arrange(
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
    endpoints: tuple[str, ...],
) -> EvidenceRow:
    outcomes = [o for o in record["outcomes"] if not endpoints or o["endpoint"] in endpoints]
    keys = (
        "treatments",
        "tumors",
        "biomarkers",
        "setting",
        "routes",
        "dose",
        "n",
        "design",
        "level",
        "direction",
    )
    values = [
        record["id"],
        record["study"],
        label,
        *(record[key] for key in keys),
        outcomes,
        record["summary"],
        record["safety"],
        year,
    ]
    return EvidenceRow._make(
        [
            *values,
            record["mixed"],
            record["mixed_with"],
            later,
            record["read_in"],
            *ids,
            record["source"],
            cohort,
            record["withdrawn"],
        ]
    )
