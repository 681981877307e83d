"""Everything about one record: what `lmtx show` answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any

from lmtx.errors import CommandMention, NotFound, UsageError
from lmtx.model.levels import rank_level
from lmtx.query.comparisons import ComparisonRow, list_comparisons
from lmtx.query.conflicts import list_conflicts
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import (
    Filters,
    any_tested_condition,
    count_evidence_left_out,
    placeholders_for,
)
from lmtx.query.guidelines import list_statements
from lmtx.query.list import TreatmentRow, find_treatments_with_evidence, list_treatments
from lmtx.query.resolve import MatchedRecord
from lmtx.query.safety import list_harms
from lmtx.query.trials import TrialQuestion, list_trials
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]
NO_FILTERS = Filters()


class TestedDose(NamedTuple):
    """A dose in which a group had a treatment that was tested in it."""

    routes: list[str]
    dose: str
    n: int | None
    evidence: str
    citation: str
    source: str
    read_in: str


class TreatmentInTumor(NamedTuple):
    """What a treatment has to show in one tumor: its row of `lmtx list` there."""

    tumor: str
    row: TreatmentRow


class TreatmentCard(NamedTuple):
    """A treatment with all that is known of it."""

    kind: str
    id: str
    record: JsonDict
    class_path: str
    overview: TreatmentRow
    by_tumor: list[TreatmentInTumor]
    doses: list[TestedDose]
    csf: list[JsonDict]
    conflicts: list[JsonDict]
    evidence: list[EvidenceRow]
    comparisons: list[ComparisonRow]
    adverse: list[JsonDict]
    alongside: list[str]
    guidelines: list[JsonDict]
    trials: list[JsonDict]
    looked_for: list[JsonDict]
    relatives: list[JsonDict]
    references: list[JsonDict]


class TumorCard(NamedTuple):
    """A primary tumor: how often, how long, what has been tried."""

    kind: str
    id: str
    record: JsonDict
    facts: list[JsonDict]
    treatments: list[TreatmentRow]
    guidelines: list[JsonDict]
    trials: list[JsonDict]
    references: list[JsonDict]


class StudyCard(NamedTuple):
    """A publication: its citation, how it was read, what it reports."""

    kind: str
    id: str
    record: JsonDict
    evidence: list[EvidenceRow]
    comparisons: list[ComparisonRow]
    adverse: list[JsonDict]
    csf: list[JsonDict]
    facts: list[JsonDict]
    trials: list[JsonDict]
    same_patients: list[JsonDict]


class TrialCard(NamedTuple):
    """A registered trial and what it has reported."""

    kind: str
    id: str
    record: JsonDict
    references: list[JsonDict]


class GuidelineCard(NamedTuple):
    """A guideline with its statements."""

    kind: str
    id: str
    record: JsonDict
    guidelines: list[JsonDict]
    references: list[JsonDict]


Card = TreatmentCard | TumorCard | StudyCard | TrialCard | GuidelineCard


def load_card(
    connection: sqlite3.Connection, match: MatchedRecord, today: date, filters: Filters = NO_FILTERS
) -> Card:
    """Return the card of a record, its evidence under the filters; `today` says which trials are
    open.

    Raises UsageError for filters on a card that has no evidence, and for those that the record
    itself is, and NotFound where they leave none.
    """
    if filters:
        refuse_card_filters(match, filters)
    made: Card
    match match.kind:
        case "treatment":
            made = load_treatment_card(connection, match.id, today, filters)
        case "tumor":
            made = _load_tumor_card(connection, match.id, today, filters)
        case "study":
            made = _load_study_card(connection, match.id, filters)
        case "trial":
            made = _load_trial_card(connection, match.id)
        case _:
            made = _load_guideline_card(connection, match.id)
    if filters and not getattr(made, "treatments" if match.kind == "tumor" else "evidence"):
        raise _nothing_under(match.id)
    return made


def _nothing_under(id_: str) -> NotFound:
    return NotFound(
        f"no evidence on {id_} is under these filters",
        (CommandMention("show", (id_,)), " shows all of it"),
    )


def refuse_card_filters(match: MatchedRecord, filters: Filters) -> None:
    """Raise UsageError for filters that a card cannot be asked with."""
    if match.kind in ("trial", "guideline"):
        raise UsageError(
            f"the card of a {match.kind} holds no rows of evidence to filter",
            (CommandMention("show", (match.id,)), " shows it"),
        )
    if getattr(filters, f"{match.kind}s", ()):
        raise UsageError(f"the card is that of one {match.kind} already", field=match.kind)


def count_card_left_out(
    connection: sqlite3.Connection, match: MatchedRecord, filters: Filters
) -> dict[str, int]:
    """Count the rows of a card that filters leave out without knowing that they do not fit, by the
    reason."""
    if not filters:
        return {}
    match match.kind:
        case "treatment":
            return count_evidence_left_out(connection, filters, any_tested_condition((match.id,)))
        case "tumor":
            return count_evidence_left_out(connection, filters._replace(tumors=(match.id,)))
        case _:
            of_study = ("e.study = ?", [match.id])
            return count_evidence_left_out(connection, filters, of_study)


def _records(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[JsonDict]:
    return [json.loads(text) for (text,) in connection.execute(query, parameters)]


def list_treatment_by_tumor(
    connection: sqlite3.Connection, id_: str, rows: Iterable[EvidenceRow], filters: Filters
) -> list[TreatmentInTumor]:
    """Return what a treatment has to show in each tumor that its rows name alone, as a listing of
    that tumor tells it, the strongest first; nothing where there is one tumor only."""
    named = sorted({tumor for row in rows if not row.mixed for tumor in row.tumors})
    found = [
        TreatmentInTumor(tumor, row)
        for tumor in (named if len(named) > 1 else ())
        for row in list_treatments(connection, filters._replace(tumors=(tumor,)), only=(id_,))
        if row.studies
    ]
    return sorted(
        found, key=lambda one: (rank_level(one.row.level), -(one.row.patients or 0), one.tumor)
    )


def load_treatment_card(
    connection: sqlite3.Connection, id_: str, today: date, filters: Filters = NO_FILTERS
) -> TreatmentCard:
    """Return the card of a treatment with its evidence under the filters; of one without any, what
    was looked for and its relatives."""
    overview = next(iter(list_treatments(connection, filters, only=(id_,))), None)
    if overview is None:
        raise _nothing_under(id_)
    of_it = filters._replace(treatments=(id_,))  # so that a route asked for is its own
    rows = list(list_evidence(connection, of_it))
    by_routes = f" and route in ({placeholders_for(filters.routes)})" if filters.routes else ""
    csf = _records(
        connection,
        f"select record from csf where treatment = ?{by_routes} "
        "order by measure <> 'csf-plasma-ratio', measure, value is null, value desc",
        id_,
        *filters.routes,
    )
    about = Filters(
        treatments=(id_,), tumors=filters.tumors, biomarkers=filters.biomarkers
    )  # the other filters are on evidence
    guidelines = [row._asdict() for row in list_statements(connection, about)]
    trials = [row._asdict() for row in list_trials(connection, TrialQuestion(about, today))]
    [record] = _records(connection, "select record from treatment where id = ?", id_)
    del record["aliases_list"]  # these find it and are never shown
    looked_for = _records(
        connection,
        "select l.record from looked_for l join looked_for_treatment x on x.number = l.number "
        "where x.treatment = ? order by json_extract(l.record, '$.on') desc, l.number",
        id_,
    )
    kept = {row.id for row in rows}
    comparisons = [
        row
        for row in list_comparisons(connection, filters, only=(id_,))
        if not filters.routes or not kept.isdisjoint((row.of, row.against))
    ]
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
        by_tumor=list_treatment_by_tumor(connection, id_, rows, filters),
        doses=list_tested_doses(id_, rows),
        csf=csf,
        conflicts=[row._asdict() for row in list_conflicts(connection, filters, only=(id_,))],
        evidence=rows,
        comparisons=comparisons,
        adverse=[row._asdict() for row in list_harms(connection, filters, (id_,))],
        alongside=_alongside(connection, id_),
        guidelines=guidelines,
        trials=trials,
        looked_for=looked_for,
        relatives=[] if rows else list_related_treatments(connection, record),
        references=load_references(connection, named),
    )


def list_related_treatments(connection: sqlite3.Connection, treatment: JsonDict) -> list[JsonDict]:
    """Return the treatments with evidence in the class of a treatment, or in the nearest class
    above it that has some, strongest first."""
    parents: dict[str, str | None] = dict(connection.execute("select id, parent from class"))
    class_: str | None = treatment["class"]
    tried = find_treatments_with_evidence(connection) - {treatment["id"]}
    while class_ is not None:
        found = [
            {"id": row.id, "name": row.name, "class": row.drug_class, "level": row.level, "studies": row.studies, "patients": row.patients}
            for row in list_treatments(connection, Filters(classes=(class_,)))
            if row.id in tried and row.specified
        ]  # fmt: skip
        if found:
            return found
        class_ = parents[class_]
    return []


def list_tested_doses(treatment: str, rows: Iterable[EvidenceRow]) -> list[TestedDose]:
    """Return the doses in which a treatment was tested, those of one route together, each with the
    patients who had it where the record says."""
    found = [
        TestedDose(
            routes=given["routes"],
            dose=given["dose"],
            n=given["n"] if given["n"] is not None or given["n_unknown"] else row.n,
            evidence=row.id,
            citation=row.citation,
            source=row.source,
            read_in=row.read_in,
        )
        for row in rows
        for given in row.given
        if given["treatment"] == treatment and given["role"] == "tested" and given["dose"]
    ]
    order = list(dict.fromkeys(tuple(dose.routes) for dose in found))
    return sorted(found, key=lambda dose: order.index(tuple(dose.routes)))


def _alongside(connection: sqlite3.Connection, treatment: str) -> list[str]:
    """Return the studies in which a treatment was only given alongside what was tested."""
    query = (
        "select distinct e.study from background b join evidence e on e.number = b.number "
        "where b.treatment = ? and e.counts = 1 order by e.study"
    )
    return [study for (study,) in connection.execute(query, (treatment,))]


def load_references(connection: sqlite3.Connection, ids: Iterable[str]) -> list[JsonDict]:
    """Return the studies of a card in the order of their first mention."""
    found = []
    for id_ in dict.fromkeys(ids):
        found += _records(connection, "select record from study where id = ?", id_)
    return found


def _load_tumor_card(
    connection: sqlite3.Connection, id_: str, today: date, filters: Filters
) -> TumorCard:
    below = "(select id from below where kind = 'tumor' and ancestor = ?)"
    facts = _records(
        connection,
        f"select f.record from fact f where f.number in (select number from fact_tumor where tumor in {below}) or f.tumor = ? order by f.number",
        id_,
        id_,
    )
    about = Filters(
        tumors=(id_,),
        classes=filters.classes,
        treatments=filters.treatments,
        targets=filters.targets,
    )
    guidelines = [row._asdict() for row in list_statements(connection, about)]
    asked = TrialQuestion(about._replace(biomarkers=filters.biomarkers), today, is_open=True)
    trials = [row._asdict() for row in list_trials(connection, asked)]
    treatments = list_treatments(connection, filters._replace(tumors=(id_,)))
    [record] = _records(connection, "select record from tumor where id = ?", id_)
    return TumorCard(
        "tumor", id_, record, facts, treatments, guidelines, trials,
        load_references(connection, [*(fact["study"] for fact in facts), *(said["guideline"] for said in guidelines)]),
    )  # fmt: skip


def _load_study_card(connection: sqlite3.Connection, id_: str, filters: Filters) -> StudyCard:
    [record] = _records(connection, "select record from study where id = ?", id_)
    others = connection.execute(
        "select id from study where cohort = (select cohort from study where id = ?) and id <> ? "
        "order by year, id",
        (id_, id_),
    )
    of_study = (("e.study = ?", [id_]),)
    reports = (
        "select t.record from trial t join trial_study x on x.number = t.number "
        "where x.study = ? order by t.id"
    )
    rows = list(list_evidence(connection, filters, sort="study", also=of_study))
    kept = {row.id for row in rows}
    harms = _records(
        connection, "select record from adverse where study = ? order by number, id", id_
    )
    return StudyCard(
        kind="study",
        id=id_,
        record=record,
        evidence=rows,
        comparisons=list(list_comparisons(connection, filters, also=of_study)),
        adverse=[
            {**harm, "share": harm["value"]}
            for harm in harms
            if not filters or harm["evidence"] in kept
        ],
        csf=_records(connection, "select record from csf where study = ? order by number", id_),
        facts=_records(connection, "select record from fact where study = ? order by number", id_),
        trials=_records(connection, reports, id_),
        same_patients=load_references(connection, [other for (other,) in others]),
    )


def _load_trial_card(connection: sqlite3.Connection, id_: str) -> TrialCard:
    [record] = _records(connection, "select record from trial where id = ?", id_)
    named = connection.execute(
        "select id from name where kind = 'study' and name = ? order by id", (id_,)
    )
    return TrialCard(
        "trial",
        id_,
        record,
        load_references(connection, [*record["results"], *(study for (study,) in named)]),
    )


def _load_guideline_card(connection: sqlite3.Connection, id_: str) -> GuidelineCard:
    [record] = _records(connection, "select record from guideline where id = ?", id_)
    said = _records(
        connection, "select record from recommendation where guideline = ? order by number", id_
    )
    return GuidelineCard("guideline", id_, record, said, load_references(connection, [id_]))


class CardValue(NamedTuple):
    """One value of a card, for machines: where in the card it stands, and what it is."""

    section: str
    item: str
    field: str
    value: Any


def flatten_card(card: Card) -> list[CardValue]:
    """Return a card as lines of section, item, field and value; what is empty is left out."""
    found: list[CardValue] = []
    for section, content in zip(card._fields, card, strict=True):
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
            name = str(values.get("id") or (card.id if not isinstance(content, list) else position))
            found += [
                CardValue(section, name, field, value)
                for field, value in values.items()
                if value not in (None, [], "", {}) and field != "id"
            ]
    return found


def card_as_json(card: Card) -> JsonDict:
    """Return a card as the object of the JSON answer."""
    found: JsonDict = {}
    for section, content in card._asdict().items():
        if isinstance(content, list):
            found[section] = [
                item._asdict() if hasattr(item, "_asdict") else item for item in content
            ]
        else:
            found[section] = content._asdict() if hasattr(content, "_asdict") else content
    return found


def load_tumor_biomarker_labels(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the label of every tumor and biomarker."""
    query = "select id, label from tumor union all select id, label from biomarker"
    return dict(connection.execute(query))
