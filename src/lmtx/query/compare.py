"""Two or more treatments side by side: what each has to show, from its strongest row that says anything about it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lmtx.errors import UsageError
from lmtx.model.figures import is_whole
from lmtx.model.intervals import computed
from lmtx.model.levels import rank_of
from lmtx.model.vocabulary import RATIO_UNITS, SECONDARY_RESEARCH, TOXICITY_ENDPOINTS, UNVERIFIED
from lmtx.query import resolve
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Condition, Filters, below, given, marks, mixed_left_out
from lmtx.query.list import TreatmentRow, list_treatments
from lmtx.query.show import both_sides, conflicts, ways

Record = dict[str, Any]
Compared = Mapping[str, Sequence[EvidenceRow]]
"""The rows of each treatment."""

MOST = 6
"""Treatments that stand side by side."""
RESPONSE = (
    "objective-response", "radiologic-response", "cytologic-response", "clinical-response", "neurologic-response", "intracranial-response", "csf-clearance",
    "disease-control",
)  # fmt: skip
PFS = (
    "progression-free-survival",
    "cns-progression-free-survival",
    "neurologic-progression-free-survival",
    "time-to-progression",
    "progression-free-rate",
)
OS = ("overall-survival", "survival-rate")
"""Which endpoints answer a question, the first choice first."""
_CSF = ("csf-plasma-ratio", "csf-plasma-auc-ratio", "csf-concentration", "csf-half-life")
_CSF_KEYS = (
    "id",
    "study",
    "measure",
    "fraction",
    "statistic",
    "value",
    "low",
    "high",
    "spread",
    "spread_kind",
    "unit",
    "n",
    "route",
    "lm",
    "modelled",
    "doubtful",
    "computed",
    "read_in",
    "url",
    "source",
)
_STATEMENT_KEYS = (
    "id",
    "name",
    "year",
    "level",
    "grade",
    "statement",
    "superseded",
    "read_in",
    "url",
    "source",
)


class ComparedRow(NamedTuple):
    """A treatment as one side of a comparison; see `lmtx fields compare`."""

    id: str
    name: str
    drug_class: str
    level: str | None
    studies: int
    patients: int | None
    benefit: int
    no_benefit: int
    mixed: int
    unclear: int
    response: Record | None
    pfs: Record | None
    os: Record | None
    csf: Record | None
    routes: list[str]
    toxicity: Record | None
    safety: Record | None
    guidelines: list[Record]
    trials: list[str]
    conflicts: list[Record]
    differs: list[Record]
    same_study: list[str]
    head_to_head: list[Record]
    source: list[str]


def chosen(connection: sqlite3.Connection, treatments: Iterable[str]) -> list[str]:
    """Return the ids of the treatments to compare; raise UsageError for one that is not known, or where there are too few or too many."""
    ids = resolve.ids(connection, "treatment", treatments)
    if not 2 <= len(ids) <= MOST:
        raise UsageError(
            f"{len(ids)} treatment{'' if len(ids) == 1 else 's'} to compare",
            f"name two to {MOST} different ones",
        )
    return ids


def notes(
    connection: sqlite3.Connection, rows: Iterable[ComparedRow], filters: Filters
) -> list[str]:
    """Return what must be said beside a comparison: which treatments have no evidence, and what was left out."""
    found = list(rows)
    without = [row.id for row in found if not row.level and not row.studies]
    said = (
        [f"no evidence {'under these filters ' if filters else ''}for {', '.join(without)}"]
        if without
        else []
    )
    return [*said, mixed_left_out(connection, filters, given([row.id for row in found]))]


def compare(
    connection: sqlite3.Connection, ids: Sequence[str], filters: Filters
) -> list[ComparedRow]:
    """Return the treatments in the order asked for, with their evidence under the filters; one that has none is there too."""
    found = {row.id: row for row in list_treatments(connection, filters, only=tuple(ids))}
    rows = {
        id_: list(list_evidence(connection, filters, also=(given((id_,)),))) if id_ in found else []
        for id_ in ids
    }
    return [
        _row(connection, found.get(id_) or _bare(connection, id_), rows, filters) for id_ in ids
    ]


def _bare(connection: sqlite3.Connection, id_: str) -> TreatmentRow:
    """Return a treatment without any evidence."""
    [row] = list_treatments(connection, Filters(), only=(id_,))
    return row._replace(
        routes=[], level=None, studies=0, patients=None, benefit=0, no_benefit=0, mixed=0, unclear=0
    )


def _row(
    connection: sqlite3.Connection,
    row: TreatmentRow,
    rows: dict[str, list[EvidenceRow]],
    filters: Filters,
) -> ComparedRow:
    own = rows[row.id]
    met = head_to_head(row.id, rows)
    return ComparedRow(
        row.id, row.name, row.drug_class, row.level, row.studies, row.patients, row.benefit, row.no_benefit, row.mixed, row.unclear,
        figure(row.id, own, RESPONSE), figure(row.id, own, PFS), figure(row.id, own, OS), _csf(connection, row.id, filters), row.routes,
        figure(row.id, own, TOXICITY_ENDPOINTS), _safety(row.id, own), _statements(connection, row.id, filters), _trials(connection, row.id, filters), conflicts(own),
        differing(row.id, rows), sorted({found["study"] for found in met}), met, row.source,
    )  # fmt: skip


def figure(treatment: str, rows: Iterable[EvidenceRow], endpoints: Sequence[str]) -> Record | None:
    """Return the figure for a question from the strongest row that answers it.

    A figure of the whole row goes before a part's, a row of one treatment before a combination, a median before a rate at one time, a review last;
    animals and withdrawn papers have none. `n` is the number of patients behind the figure.
    """
    found = [
        (row, outcome)
        for row in rows
        if row.design != "preclinical" and row.withdrawn is None
        for outcome in row.outcomes
        if outcome["endpoint"] in endpoints
    ]
    if not found:
        return None
    places = {row.id: place for place, (row, _) in enumerate(found)}

    def order(one: tuple[EvidenceRow, Record]) -> tuple[Any, ...]:
        row, outcome = one
        beside = outcome["unit"] in RATIO_UNITS or outcome["endpoint"] in (
            "survival-rate",
            "progression-free-rate",
        )
        return (
            not is_whole(outcome),
            row.superseded_by is not None,
            row.design in SECONDARY_RESEARCH,
            beside,
            rank_of(row.level),
            len(row.treatments) > 1,
            places[row.id],
            endpoints.index(outcome["endpoint"]),
        )

    row, best = min(found, key=order)
    ends = computed(best) if row.design not in SECONDARY_RESEARCH else None
    size = best["total"] if best["total"] is not None else row.n if is_whole(best) else None
    return {**best, **_from(treatment, row), "n": size, "ci_computed": list(ends) if ends else []}


def _from(treatment: str, row: EvidenceRow) -> Record:
    """Return where a figure or a sentence comes from, and what was given beside the treatment."""
    others = [other for other in row.treatments if other != treatment]
    return {
        "evidence": row.id, "study": row.study, "design": row.design, "level": row.level, "n": row.n, "with": others, "read_in": row.read_in, "mixed_with": row.mixed_with,
        "url": row.url, "source": row.source,
    }  # fmt: skip


def _safety(treatment: str, rows: Iterable[EvidenceRow]) -> Record | None:
    return next(
        (
            {"text": row.safety, **_from(treatment, row)}
            for row in rows
            if row.safety and row.withdrawn is None
        ),
        None,
    )


def _csf(connection: sqlite3.Connection, treatment: str, filters: Filters) -> Record | None:
    """Return the CSF level that can best be trusted: ratios first, measured before predicted, in LM, read at its source, in most patients."""
    records = [
        json.loads(text)
        for (text,) in connection.execute(
            "select record from csf where treatment = ? order by number", (treatment,)
        )
    ]
    known = [
        record for record in records if not (filters.verified and record["read_in"] in UNVERIFIED)
    ]

    def order(record: Record) -> tuple[Any, ...]:
        kind = _CSF.index(record["measure"]) if record["measure"] in _CSF else len(_CSF)
        return (
            kind,
            record["modelled"],
            record["lm"] is not True,
            record["read_in"] in UNVERIFIED,
            -(record["n"] or 0),
        )

    best = min(known, key=order, default=None)
    return {key: best[key] for key in _CSF_KEYS} if best else None


def _about(filters: Filters, table: str) -> Condition:
    """Return the condition that a statement or trial `x` speaks of one of the tumors, of one below it or of one above it."""
    if not filters.tumors:
        return "", []
    inside, parameters = below("tumor", filters.tumors)
    above = f"tumor in (select ancestor from below where kind = 'tumor' and id in ({marks(filters.tumors)}))"
    return f"and x.number in (select number from {table} where tumor {inside} or {above})", [
        *parameters,
        *filters.tumors,
    ]


def _statements(connection: sqlite3.Connection, treatment: str, filters: Filters) -> list[Record]:
    about, parameters = _about(filters, "recommendation_tumor")
    query = (
        "select x.record from recommendation x join recommendation_treatment t on t.number = x.number join guideline g on g.id = x.guideline "
        f"where t.treatment = ? {about} order by g.superseded, g.year desc, x.number"
    )
    records = [json.loads(text) for (text,) in connection.execute(query, [treatment, *parameters])]
    return [
        {key: record[key] for key in _STATEMENT_KEYS}
        for record in records
        if not (filters.verified and record["read_in"] in UNVERIFIED)
    ]


def _trials(connection: sqlite3.Connection, treatment: str, filters: Filters) -> list[str]:
    about, parameters = _about(filters, "trial_tumor")
    query = f"select x.id from trial x join trial_treatment t on t.number = x.number where t.treatment = ? and x.open = 1 {about} order by x.status_read desc, x.id"
    return [id_ for (id_,) in connection.execute(query, [treatment, *parameters])]


def differing(treatment: str, rows: Compared) -> list[Record]:
    """Return the tumors for which this treatment has a benefit where another of them has none, or the other way round, with its own studies."""
    own = {tumor: both_sides(tumor, found) for tumor, found in ways(rows[treatment]).items()}
    others = [ways(found) for other, found in rows.items() if other != treatment]
    return [
        side
        for tumor, side in own.items()
        if any(
            (side["benefit"] and found.get(tumor, {}).get("no-benefit"))
            or (side["no_benefit"] and found.get(tumor, {}).get("benefit"))
            for found in others
        )
    ]


def head_to_head(treatment: str, rows: Compared) -> list[Record]:
    """Return the rows of this treatment from studies in which another of them has a row without it, with the figures that both report."""
    found = []
    for row in rows[treatment]:
        rivals = [
            other
            for id_, theirs in rows.items()
            if id_ not in row.treatments
            for other in theirs
            if other.study == row.study and treatment not in other.treatments
        ]
        if rivals:
            told = {
                _measure(outcome)
                for rival in rivals
                for outcome in rival.outcomes
                if is_whole(outcome)
            }
            shared = [
                outcome
                for outcome in row.outcomes
                if is_whole(outcome) and _measure(outcome) in told
            ]
            keys = (
                "study",
                "treatments",
                "n",
                "level",
                "direction",
                "read_in",
                "mixed_with",
                "superseded_by",
                "url",
                "source",
            )
            found.append(
                {"evidence": row.id, **{key: getattr(row, key) for key in keys}, "figures": shared}
            )
    return found


def _measure(outcome: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what two figures must share to stand beside each other."""
    return outcome["endpoint"], outcome["unit"], outcome["at"]
