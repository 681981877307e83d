"""Everything that one question brings up, for a page that answers it on its own."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any, NamedTuple

from lmtx.query.csf import CsfRow, list_csf
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, among, below, count_mixed
from lmtx.query.guidelines import StatementRow, list_statements
from lmtx.query.list import TreatmentRow, list_treatments
from lmtx.query.map import EvidenceMap, map_evidence
from lmtx.query.plot import Forest, endpoint_counts, list_forest
from lmtx.query.show import TreatmentCard, references, treatment_card
from lmtx.query.timeline import YearRow, list_years
from lmtx.query.trials import TrialRow, list_trials

Record = dict[str, Any]
PLOTTED = (
    "overall-survival",
    "progression-free-survival",
    "survival-rate",
    "objective-response",
    "clinical-response",
    "cytologic-response",
    "radiologic-response",
)
"""The endpoints that have a forest plot of their own, in this order."""


_LABELS = (
    "select id, label from tumor union all select id, label from biomarker "
    "union all select id, label from class"
)


class Report(NamedTuple):
    """The answer to a question from all sides.

    `references` holds every study that it names, in the order of first mention; `forests` the figures of each endpoint that at least
    two rows report, by endpoint; `labels` the words for tumors, biomarkers and classes.
    """

    filters: Filters
    treatments: list[TreatmentRow]
    evidence: list[EvidenceRow]
    csf: list[CsfRow]
    guidelines: list[StatementRow]
    trials: list[TrialRow]
    cards: list[TreatmentCard]
    references: list[Record]
    mixed_left_out: int
    map: EvidenceMap
    forests: dict[str, Forest]
    timeline: list[YearRow]
    labels: dict[str, str]


def report(connection: sqlite3.Connection, filters: Filters, today: date) -> Report:
    """Gather treatments, evidence, drug levels, statements, open trials and cards under the filters.

    Drug levels are those of the treatments found. Statements and trials are filed by tumor and treatment, so most other filters do
    not act on them; those on any solid tumour are there too.
    """
    evidence = list(list_evidence(connection, filters))
    listed = list_treatments(connection, filters)
    given = {treatment for row in evidence for treatment in row.treatments}
    found = [
        row for row in listed if row.id in given or row.studies or row.syntheses or row.recalled
    ]
    csf = (
        list_csf(
            connection, Filters(verified=filters.verified), only=tuple(row.id for row in found)
        )
        if found
        else []
    )
    about = Filters(
        tumors=filters.tumors,
        classes=filters.classes,
        targets=filters.targets,
        verified=filters.verified,
        mixed=True,
    )
    guidelines = list_statements(connection, about)
    cards = [treatment_card(connection, row.id, filters) for row in found]
    named = [
        *(row.study for row in evidence),
        *(row.study for row in csf),
        *(row.guideline for row in guidelines),
    ]
    named += [study["id"] for card in cards for study in card.references]
    return Report(
        filters=filters,
        treatments=found,
        evidence=evidence,
        csf=csf,
        guidelines=guidelines,
        trials=_trials(connection, about, filters.biomarkers, today),
        cards=cards,
        references=references(connection, named),
        mixed_left_out=count_mixed(connection, filters),
        map=map_evidence(
            connection, filters, ("treatment", "endpoint") if filters.tumors else ("tumor", "class")
        ),
        forests=_forests(connection, filters),
        timeline=list_years(connection, filters),
        labels=dict(connection.execute(_LABELS)),
    )


def _forests(connection: sqlite3.Connection, filters: Filters) -> dict[str, Forest]:
    """Return the figures of the endpoints that a board asks for first, where there is something to compare."""
    reported = endpoint_counts(connection, filters)
    found = {
        endpoint: list_forest(connection, filters._replace(endpoints=(endpoint,)))
        for endpoint in PLOTTED
        if endpoint in reported
    }
    return {endpoint: plotted for endpoint, plotted in found.items() if len(plotted.rows) > 1}


def _trials(
    connection: sqlite3.Connection, about: Filters, biomarkers: tuple[str, ...], today: date
) -> list[TrialRow]:
    """Return the open trials that a patient with these biomarkers may ask for: those that name one of them, one above it, or none at all."""
    trials = list_trials(connection, about._replace(verified=False), today, is_open=True)
    if not biomarkers:
        return trials
    inside, parameters = below("biomarker", biomarkers)
    query = f"select ancestor from below where kind = 'biomarker' and id in ({among(biomarkers)}) union select id from below where kind = 'biomarker' and id {inside}"
    fitting = {id_ for (id_,) in connection.execute(query, [*biomarkers, *parameters])}
    return [
        trial for trial in trials if not trial.biomarkers or fitting.intersection(trial.biomarkers)
    ]
