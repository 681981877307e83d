"""Everything that one question brings up, for a page that answers it on its own."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any

from lmtx.query.brief import BriefRow, list_brief
from lmtx.query.csf import CsfRow, list_csf_levels
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, count_evidence_left_out
from lmtx.query.guidelines import (
    StatementRow,
    UnreadGuideline,
    list_statements,
    list_unread_guidelines,
)
from lmtx.query.list import TreatmentRow, find_treatments_with_evidence, list_treatments
from lmtx.query.map import EvidenceMap, map_evidence
from lmtx.query.plot import Forest, count_figures_per_endpoint, load_forest
from lmtx.query.show import TreatmentCard, load_references, load_treatment_card
from lmtx.query.timeline import YearLevelRow, count_studies_by_year_and_level
from lmtx.query.trials import TrialQuestion, TrialRow, count_trials_left_out, list_trials
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]
PLOTTED_ENDPOINTS = (
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

    `references` holds every study that it names, in the order of first mention; `forests` the
    figures of each endpoint that at least two rows report, by endpoint; `labels` the words for
    tumors, biomarkers and classes, `names` those for treatments; `brief` the lines of `lmtx brief`.
    """

    filters: Filters
    treatments: list[TreatmentRow]
    evidence: list[EvidenceRow]
    csf: list[CsfRow]
    guidelines: list[StatementRow]
    unread: list[UnreadGuideline]
    trials: list[TrialRow]
    trials_left_out: dict[str, int]
    cards: list[TreatmentCard]
    references: list[JsonDict]
    brief: list[BriefRow]
    left_out: dict[str, int]
    map: EvidenceMap
    forests: dict[str, Forest]
    timeline: list[YearLevelRow]
    labels: dict[str, str]
    names: dict[str, str]


def gather_report(connection: sqlite3.Connection, filters: Filters, today: date) -> Report:
    """Gather treatments, evidence, drug levels, statements, open trials and cards under the
    filters.

    Drug levels are those of the treatments found. Statements and trials are filed by tumor and
    treatment, so most other filters do not act on them; those on any solid tumour are there too.
    """
    evidence = list(list_evidence(connection, filters))
    listed = list_treatments(connection, filters)
    tried = find_treatments_with_evidence(connection)
    found = [row for row in listed if row.id in tried]
    csf = (
        list_csf_levels(
            connection, Filters(verified=filters.verified), only=tuple(row.id for row in found)
        )
        if found
        else []
    )
    about = Filters(
        tumors=filters.tumors,
        classes=filters.classes,
        treatments=filters.treatments,
        targets=filters.targets,
        verified=filters.verified,
    )
    asked = TrialQuestion(
        filters=about._replace(verified=False, biomarkers=filters.biomarkers),
        today=today,
        is_open=True,
    )
    guidelines = list_statements(connection, about)
    cards = [load_treatment_card(connection, row.id, today, filters) for row in found]
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
        trials=list_trials(connection, asked),
        trials_left_out=count_trials_left_out(connection, asked),
        unread=list_unread_guidelines(connection, about),
        cards=cards,
        references=load_references(connection, named),
        left_out=count_evidence_left_out(connection, filters),
        map=map_evidence(
            connection, filters, ("treatment", "endpoint") if filters.tumors else ("tumor", "class")
        ),
        forests=_forests(connection, filters),
        timeline=count_studies_by_year_and_level(connection, filters),
        labels=dict(connection.execute(_LABELS)),
        names=dict(connection.execute("select id, name from treatment")),
        brief=list_brief(connection, filters, today),
    )


def _forests(connection: sqlite3.Connection, filters: Filters) -> dict[str, Forest]:
    """Return the figures of the endpoints that a board asks for first, where there is something to
    compare."""
    reported = count_figures_per_endpoint(connection, filters)
    found = {
        endpoint: load_forest(connection, filters._replace(endpoints=(endpoint,)))
        for endpoint in PLOTTED_ENDPOINTS
        if endpoint in reported
    }
    return {endpoint: plotted for endpoint, plotted in found.items() if len(plotted.rows) > 1}
