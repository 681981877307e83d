"""The reported figures, one a row, each with what a reader needs to place it."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from lmtx.model.vocabulary import UNVERIFIED
from lmtx.query.evidence import ORDERS
from lmtx.query.filters import Filters, by_treatment, evidence_conditions, join_conditions

Record = dict[str, Any]
ALL = Filters()


class OutcomeRow(NamedTuple):
    """A figure with its row of evidence and its study: the columns of `lmtx export --table
    outcomes`."""

    evidence: Annotated[str, "id of the row of evidence"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    year: Annotated[int | None, "year of publication"]
    design: Annotated[str, "study design"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    read_in: Annotated[
        str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
    ]
    treatments: Annotated[list[str], "ids of the treatments that were tested"]
    background: Annotated[list[str], "ids of what was given alongside; no evidence on it"]
    given_as: Annotated[
        str | None, "how several tested treatments stand to each other: together, some or in-turn"
    ]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    biomarkers: Annotated[list[str], "ids of the biomarkers that define the population"]
    routes: Annotated[list[str], "routes of administration"]
    line: Annotated[str | None, "line of treatment for the LM: first, later or any"]
    after: Annotated[list[str], "ids of treatments or classes that all patients had had before"]
    n: Annotated[int | None, "patients with LM of a solid tumor in the row"]
    n_pooled: Annotated[int | None, "patients behind the figure, where others are mixed in"]
    direction: Annotated[str | None, "what the data show of what is tested; empty where nothing is"]
    mixed: Annotated[bool, "whether the population mixes solid tumors"]
    mixed_with: Annotated[str | None, "what is pooled in that is not LM of a solid tumor"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    endpoint: Annotated[str, "what was measured"]
    value: Annotated[
        float | None, "the figure as printed: a median for times, a rate for %; see not_reached"
    ]
    not_reached: Annotated[bool, "the median was not reached, so there is no value"]
    unit: Annotated[str, "unit of value and interval"]
    ci_low: Annotated[float | None, "lower end of the printed interval"]
    ci_high: Annotated[float | None, "upper end; empty where it was not reached or none is printed"]
    ci_upper: Annotated[str | None, "what the paper prints in place of the upper end"]
    ci_level: Annotated[float | None, "confidence of the interval in %"]
    events: Annotated[int | None, "patients with the event"]
    total: Annotated[int | None, "patients assessed"]
    at: Annotated[str | None, "time point of a landmark rate"]
    p: Annotated[str | None, "p value as printed"]
    assessed_by: Annotated[str | None, "who or what judged the endpoint"]
    group: Annotated[str | None, "which patients or what kind of figure, in words"]
    time_zero: Annotated[str | None, "from when a time is counted, where stated"]
    follow_up: Annotated[str | None, "how long patients were followed"]
    seen_at: Annotated[str | None, "page of this figure, where read elsewhere than the study"]
    as_printed: Annotated[bool, "whether the paper's own figures do not fit each other"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    scope: Annotated[str, "whom the figure counts: whole row, or a subgroup, responders …"]
    position: Annotated[int, "place of the figure in its row"]
    within: Annotated[int | None, "row of the same study that counts these patients too"]
    stands: Annotated[bool, "whether it still counts although a later report supersedes the study"]
    cohort: Annotated[str, "reports of the same patients share one: id of the first of them"]
    lm_only: Annotated[bool, "whether the study has only patients with LM"]
    withdrawn: Annotated[
        str | None, "why the publication was withdrawn; then it is counted nowhere"
    ]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


def list_outcomes(
    connection: sqlite3.Connection, filters: Filters = ALL, *, strongest_first: bool = True
) -> Iterator[OutcomeRow]:
    """Yield the figures of the rows of evidence under the filters, those of the strongest rows
    first or in the order of the files; with an endpoint filter only its figures."""
    sql, parameters = join_conditions([*evidence_conditions(filters), *by_treatment(filters)])
    query = (
        f"select e.record, e.superseded, s.record, s.cohort from evidence e join study s on s.id "
        f"= e.study {sql} order by {ORDERS['level'] if strongest_first else 'e.number'}"
    )
    for row, superseded, study, cohort in connection.execute(query, parameters):
        yield from (
            figure
            for figure in _of_row(
                json.loads(row), bool(superseded), {**json.loads(study), "cohort": cohort}
            )
            if (not filters.endpoints or figure.endpoint in filters.endpoints)
            and not (filters.verified and figure.read_in in UNVERIFIED)
        )


def _of_row(row: Record, superseded: bool, study: Record) -> Iterator[OutcomeRow]:
    shared = {
        **study,
        **row,
        "evidence": row["id"],
        "citation": study["label"],
        "superseded_by": study["superseded_by"] if superseded else None,
    }
    for position, outcome in enumerate(row["outcomes"], start=1):
        low, high = [*outcome["ci"], None, None][:2]
        known = {**shared, **outcome, "ci_low": low, "ci_high": high, "position": position}
        yield OutcomeRow(**{field: known[field] for field in OutcomeRow._fields})
