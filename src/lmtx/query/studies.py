"""Publications, one a row, with their citation and how they were read."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from lmtx.query.filters import Filters, by_treatment, evidence_conditions, join_conditions


class StudyRow(NamedTuple):
    """A publication; `label` is its short citation, `rows` counts its rows of evidence under the
    filters."""

    id: Annotated[str, "id of the study"]
    label: Annotated[str, "short citation: first author and year, or the name of the trial"]
    acronym: Annotated[str | None, "name of the trial"]
    first_author: Annotated[str | None, "first author, or a group"]
    title: Annotated[str | None, "title as printed"]
    title_descriptive: Annotated[bool, "whether the title is a description of ours"]
    journal: Annotated[str | None, "journal, abbreviated as in PubMed"]
    year: Annotated[int | None, "year of publication"]
    volume: Annotated[str | None, "volume"]
    pages: Annotated[str | None, "pages or article number"]
    pmid: Annotated[str | None, "PubMed id"]
    doi: Annotated[str | None, "digital object identifier"]
    pmcid: Annotated[str | None, "PubMed Central id"]
    nct: Annotated[list[str], "trial registrations"]
    design: Annotated[str, "study design"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    lm_only: Annotated[bool, "whether the study has only patients with LM"]
    read_in: Annotated[
        str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
    ]
    seen_at: Annotated[list[str], "pages on which the record was read"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    overlaps: Annotated[list[str], "ids of studies that tell some of the same patients"]
    withdrawn: Annotated[
        str | None, "why the publication was withdrawn; then it is counted nowhere"
    ]
    note: Annotated[str | None, "what a reader must know"]
    rows: Annotated[int, "rows of evidence under the filters"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]


def list_studies(connection: sqlite3.Connection, filters: Filters) -> Iterator[StudyRow]:
    """Yield the publications by their ids: all of them, or under filters those with a row of
    evidence that meets them."""
    sql, parameters = join_conditions([*evidence_conditions(filters), *by_treatment(filters)])
    kind = "join" if filters else "left join"
    query = (
        f"select s.record, coalesce(x.rows, 0) from study s {kind} (select e.study, count(*) as "
        f"rows from evidence e {sql} group by e.study) x on x.study = s.id order by s.id"
    )
    for text, rows in connection.execute(query, parameters):
        record: dict[str, Any] = {**json.loads(text), "rows": rows}
        yield StudyRow(**{name: record[name] for name in StudyRow._fields})
