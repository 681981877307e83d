"""Everything about one record: what `lmtx show` answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from lmtx.query.comparisons import ComparisonRow, list_comparisons
from lmtx.query.conflicts import list_conflicts
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import Filters, given
from lmtx.query.list import TreatmentRow, list_treatments
from lmtx.query.resolve import Match
from lmtx.query.safety import list_harms

Record = dict[str, Any]
ALL = Filters()


class TreatmentCard(NamedTuple):
    """A treatment with all that is known of it."""

    kind: str
    id: str
    record: Record
    class_path: str
    overview: TreatmentRow
    doses: list[str]
    csf: list[Record]
    conflicts: list[Record]
    evidence: list[EvidenceRow]
    comparisons: list[ComparisonRow]
    adverse: list[Record]
    alongside: list[str]
    guidelines: list[Record]
    trials: list[Record]
    references: list[Record]


class TumorCard(NamedTuple):
    """A primary tumor: how often, how long, what has been tried."""

    kind: str
    id: str
    record: Record
    facts: list[Record]
    treatments: list[TreatmentRow]
    guidelines: list[Record]
    trials: list[Record]
    references: list[Record]


class StudyCard(NamedTuple):
    """A publication: its citation, how it was read, what it reports."""

    kind: str
    id: str
    record: Record
    evidence: list[EvidenceRow]
    comparisons: list[ComparisonRow]
    adverse: list[Record]
    csf: list[Record]
    facts: list[Record]
    trials: list[Record]
    same_patients: list[Record]


class TrialCard(NamedTuple):
    """A registered trial and what it has reported."""

    kind: str
    id: str
    record: Record
    references: list[Record]


class GuidelineCard(NamedTuple):
    """A guideline with its statements."""

    kind: str
    id: str
    record: Record
    guidelines: list[Record]
    references: list[Record]


Card = TreatmentCard | TumorCard | StudyCard | TrialCard | GuidelineCard


def card(connection: sqlite3.Connection, match: Match) -> Card:
    """Return the card of a record."""
    makers: dict[str, Callable[[sqlite3.Connection, str], Card]] = {
        "treatment": treatment_card, "tumor": _tumor, "study": _study, "trial": _trial, "guideline": _guideline,
    }  # fmt: skip
    return makers[match.kind](connection, match.id)


def _records(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[Record]:
    return [json.loads(text) for (text,) in connection.execute(query, parameters)]


def treatment_card(
    connection: sqlite3.Connection, id_: str, filters: Filters = ALL
) -> TreatmentCard:
    """Return the card of a treatment that has evidence under the filters, with that evidence alone."""
    [overview] = list_treatments(connection, filters, only=(id_,))
    rows = list(list_evidence(connection, filters, also=(given((id_,)),)))
    csf = _records(
        connection,
        "select record from csf where treatment = ? order by measure <> 'csf-plasma-ratio', measure, value is null, value desc",
        id_,
    )
    guidelines = _records(
        connection,
        "select r.record from recommendation r join recommendation_treatment t on t.number = r.number join guideline g on g.id = r.guideline where t.treatment = ? order by g.superseded, r.number",
        id_,
    )
    trials = _records(
        connection,
        "select t.record from trial t join trial_treatment x on x.number = t.number where x.treatment = ? order by t.open desc, t.status_read desc, t.id",
        id_,
    )
    [record] = _records(connection, "select record from treatment where id = ?", id_)
    comparisons = list(list_comparisons(connection, filters, only=(id_,)))
    named = [
        *(row.study for row in rows),
        *(row.study for row in comparisons),
        *(level["study"] for level in csf),
        *(statement["guideline"] for statement in guidelines),
    ]
    return TreatmentCard(
        kind="treatment",
        id=id_,
        record=record,
        class_path=overview.class_path,
        overview=overview,
        doses=_doses(id_, rows),
        csf=csf,
        conflicts=[row._asdict() for row in list_conflicts(connection, filters, only=(id_,))],
        evidence=rows,
        comparisons=comparisons,
        adverse=[row._asdict() for row in list_harms(connection, filters, (id_,))],
        alongside=_alongside(connection, id_),
        guidelines=guidelines,
        trials=trials,
        references=references(connection, named),
    )


def _doses(treatment: str, rows: Iterable[EvidenceRow]) -> list[str]:
    """Return the doses in which a treatment was tested."""
    doses = (
        given["dose"]
        for row in rows
        for given in row.given
        if given["treatment"] == treatment and given["role"] == "tested" and given["dose"]
    )
    return list(dict.fromkeys(doses))


def _alongside(connection: sqlite3.Connection, treatment: str) -> list[str]:
    """Return the studies in which a treatment was only given alongside what was tested."""
    query = (
        "select distinct e.study from background b join evidence e on e.number = b.number "
        "where b.treatment = ? and e.counts = 1 order by e.study"
    )
    return [study for (study,) in connection.execute(query, (treatment,))]


def references(connection: sqlite3.Connection, ids: Iterable[str]) -> list[Record]:
    """Return the studies of a card in the order of their first mention."""
    found = []
    for id_ in dict.fromkeys(ids):
        found += _records(connection, "select record from study where id = ?", id_)
    return found


def _tumor(connection: sqlite3.Connection, id_: str) -> TumorCard:
    below = "(select id from below where kind = 'tumor' and ancestor = ?)"
    facts = _records(
        connection,
        f"select f.record from fact f where f.number in (select number from fact_tumor where tumor in {below}) or f.tumor = ? order by f.number",
        id_,
        id_,
    )
    guidelines = _records(
        connection,
        f"select r.record from recommendation r join guideline g on g.id = r.guideline where r.number in (select number from recommendation_tumor where tumor in {below}) order by g.superseded, r.number",
        id_,
    )
    trials = _records(
        connection,
        f"select record from trial where open = 1 and number in (select number from trial_tumor where tumor in {below}) order by status_read desc, id",
        id_,
    )
    [record] = _records(connection, "select record from tumor where id = ?", id_)
    return TumorCard(
        "tumor", id_, record, facts, list_treatments(connection, Filters(tumors=(id_,))), guidelines, trials,
        references(connection, [*(fact["study"] for fact in facts), *(said["guideline"] for said in guidelines)]),
    )  # fmt: skip


def _study(connection: sqlite3.Connection, id_: str) -> StudyCard:
    [record] = _records(connection, "select record from study where id = ?", id_)
    others = connection.execute(
        "select id from study where cohort = (select cohort from study where id = ?) and id <> ? order by year, id",
        (id_, id_),
    )
    of_study = (("e.study = ?", [id_]),)
    reports = (
        "select t.record from trial t join trial_study x on x.number = t.number "
        "where x.study = ? order by t.id"
    )
    return StudyCard(
        kind="study",
        id=id_,
        record=record,
        evidence=list(list_evidence(connection, ALL, sort="study", also=of_study)),
        comparisons=list(list_comparisons(connection, ALL, also=of_study)),
        adverse=[
            {**record, "share": record["value"]}
            for record in _records(
                connection, "select record from adverse where study = ? order by number, id", id_
            )
        ],
        csf=_records(connection, "select record from csf where study = ? order by number", id_),
        facts=_records(connection, "select record from fact where study = ? order by number", id_),
        trials=_records(connection, reports, id_),
        same_patients=references(connection, [other for (other,) in others]),
    )


def _trial(connection: sqlite3.Connection, id_: str) -> TrialCard:
    [record] = _records(connection, "select record from trial where id = ?", id_)
    named = connection.execute(
        "select id from name where kind = 'study' and name = ? order by id", (id_,)
    )
    return TrialCard(
        "trial",
        id_,
        record,
        references(connection, [*record["results"], *(study for (study,) in named)]),
    )


def _guideline(connection: sqlite3.Connection, id_: str) -> GuidelineCard:
    [record] = _records(connection, "select record from guideline where id = ?", id_)
    said = _records(
        connection, "select record from recommendation where guideline = ? order by number", id_
    )
    return GuidelineCard("guideline", id_, record, said, references(connection, [id_]))


class Line(NamedTuple):
    """One value of a card, for machines: where in the card it stands, and what it is."""

    section: str
    item: str
    field: str
    value: Any


def flattened(made: Card) -> list[Line]:
    """Return a card as lines of section, item, field and value; what is empty is left out."""
    found: list[Line] = []
    for section, content in zip(made._fields, made, strict=True):
        if section in ("kind", "id"):
            continue
        for position, item in enumerate(
            content if isinstance(content, list) else [content], start=1
        ):
            values = (
                item._asdict()
                if hasattr(item, "_asdict")
                else item
                if isinstance(item, dict)
                else {section: item}
            )
            name = str(values.get("id") or (made.id if not isinstance(content, list) else position))
            found += [
                Line(section, name, field, value)
                for field, value in values.items()
                if value not in (None, [], "", {}) and field != "id"
            ]
    return found


def plain(made: Card) -> Record:
    """Return a card as the object of the JSON answer."""
    found: Record = {}
    for section, content in made._asdict().items():
        if isinstance(content, list):
            found[section] = [
                item._asdict() if hasattr(item, "_asdict") else item for item in content
            ]
        else:
            found[section] = content._asdict() if hasattr(content, "_asdict") else content
    return found


def labels_of_nodes(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the label of every tumor and biomarker."""
    query = "select id, label from tumor union all select id, label from biomarker"
    return dict(connection.execute(query))
