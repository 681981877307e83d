"""Treatments, one a row, with the strength and direction of their evidence."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from lmtx.errors import CommandMention, ParameterMention
from lmtx.model import figures
from lmtx.model.figures import write_plural
from lmtx.model.levels import rank_level
from lmtx.model.reference import BUNDLED_SOURCE, list_distinct_sources
from lmtx.model.vocabulary import BENEFIT_QUESTIONS, UNVERIFIED
from lmtx.query.counting import (
    JSON_VALUES_SUBQUERY,
    Claim,
    EvidenceView,
    apply_level_and_n_filters,
    count_evidence,
    find_filtered_treatments,
    group_rows_by_treatment,
    keep_current_claims,
    keep_row_filters,
    list_claims,
    load_evidence_view,
    narrow_to_tumors,
)
from lmtx.query.filters import (
    Condition,
    Filters,
    evidence_conditions,
    join_conditions,
    placeholders_for,
    tested_treatment_conditions,
    treatment_conditions,
    treatment_route_conditions,
)
from lmtx.query.resolve import find_named_records_of_kind, load_own_record_sources
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]


class KeyFigure(NamedTuple):
    """The one figure that is shown for a treatment, with what must be said beside it."""

    figure: str
    study: str
    citation: str
    n: int | None
    beside: list[str]
    alongside: list[str]
    scope: str
    mixed_with: str | None
    source: str
    read_in: str
    design: str


class TreatmentRow(NamedTuple):
    """A treatment with its evidence under the filters; see `lmtx fields list`."""

    id: Annotated[str, "id of the treatment"]
    name: Annotated[str, "its name"]
    drug_class: Annotated[str, "id of its class"]
    class_path: Annotated[str, "labels of the class and those above it"]
    specified: Annotated[bool, "false for a regimen that names no agent"]
    targets: Annotated[list[str], "gene symbols or structures"]
    routes: Annotated[list[str], "routes by which it was tested under the filters"]
    level: Annotated[
        str | None, "strongest level of evidence under the filters, by the patients who had it"
    ]
    rests_on: Annotated[
        str | None,
        "on what that level rests: alone, together with other tested treatments (+), or pooled "
        "with patients without LM of a solid tumor (‡)",
    ]
    studies: Annotated[
        int,
        "independent studies that tested it: reports of the same patients count once, reviews and "
        "meta-analyses not at all",
    ]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor who had it in those studies, each counted once; empty "
        "where no study says",
    ]
    part_of: Annotated[
        int | None,
        "patients of groups of which an unknown part had it; they are not in patients",
    ]
    syntheses: Annotated[int, "reviews and meta-analyses"]
    recalled: Annotated[int, "studies remembered and not read, counted nowhere else"]
    benefit: Annotated[int, "independent studies whose data show a benefit"]
    no_benefit: Annotated[int, "independent studies whose data show none"]
    worse: Annotated[int, "independent studies in which those who had it did worse"]
    mixed: Annotated[int, "independent studies whose data point both ways"]
    unclear: Annotated[int, "independent studies whose data do not tell"]
    answers: Annotated[
        list[JsonDict],
        "comparisons that test it against none, as an addition or against other treatments, "
        "randomised ones first: study, question, side (of or against: on which side of the "
        "comparison it stands), direction told of this treatment, versus, n of its side and "
        "versus_n of the other, randomized, control, with what it stood together, and where its "
        "effects were read",
    ]
    figure: Annotated[
        str | None,
        "the figure of the strongest group in which it was tested, alone before together",
    ]
    figure_study: Annotated[str | None, "id of that study"]
    figure_citation: Annotated[str | None, "first author and year of that study"]
    figure_n: Annotated[int | None, "patients behind that figure"]
    figure_with: Annotated[list[str], "other treatments tested together with this one there"]
    figure_alongside: Annotated[list[str], "what was given there beside what was tested"]
    figure_scope: Annotated[
        str | None, "whom the figure counts: whole row, or a subgroup, responders …"
    ]
    figure_mixed_with: Annotated[
        str | None,
        "what is pooled in there that is not LM of a solid tumor, or not of the tumor asked for",
    ]
    figure_source: Annotated[
        str | None, "where that study comes from: lmtx, or the name of own records"
    ]
    read_in: Annotated[str | None, "where that figure was read"]
    latest: Annotated[int | None, "year of the newest study"]
    source: Annotated[
        list[str],
        "where the treatment and its rows of evidence under the filters come from: lmtx, and the "
        "names of own records laid over it",
    ]
    figure_design: Annotated[
        str | None, "its design: a review or meta-analysis stands only where no study can"
    ]
    alongside: Annotated[
        int, "studies in which it was only given alongside what was tested; no evidence on it"
    ]


def list_treatments(
    connection: sqlite3.Connection,
    filters: Filters,
    only: tuple[str, ...] = (),
    also: tuple[Condition, ...] = (),
) -> list[TreatmentRow]:
    """Return the treatments that have evidence under the filters, strongest first, unspecified
    regimens last.

    Without a filter on evidence, treatments that have none are listed too. `only` keeps these
    treatments. The filter on direction keeps treatments of which a study points that way; all of
    their studies are counted. `also` are further conditions on the rows of evidence.
    """
    view, claims = load_treatment_claims(connection, filters, only, also)
    about = treatment_conditions(filters)
    if only:
        about.append((f"t.id in ({placeholders_for(only)})", list(only)))
    if filters.on_evidence:
        about.append((f"t.id in {JSON_VALUES_SUBQUERY}", [json.dumps(list(claims))]))
    sql, parameters = join_conditions([*about, *treatment_route_conditions(filters.routes)])
    treatments = connection.execute(
        "select t.id, t.name, t.class, c.path, t.specified, t.record "
        f"from treatment t join class c on c.id = t.class {sql}",
        parameters,
    ).fetchall()
    key_figures = find_key_figures(connection, view, claims, filters)
    answers = find_comparison_answers(
        connection, filters, {id_: claims[id_] for id_, *_ in treatments if id_ in claims}
    )
    alongside = _count_alongside(connection, [id_ for id_, *_ in treatments], filters)
    own_studies = load_own_record_sources(connection, "study")
    found = []
    for id_, name, drug_class, path, specified, text in treatments:
        record = json.loads(text)
        told = claims.get(id_, [])
        tally = count_evidence(told)
        if filters.directions and not any(tally.of(way) for way in filters.directions):
            continue
        sources = (own_studies.get(claim.study, BUNDLED_SOURCE) for claim in told)
        found.append(
            TreatmentRow(
                id=id_,
                name=name,
                drug_class=drug_class,
                class_path=path,
                specified=bool(specified),
                targets=record["targets"],
                routes=_routes(view, id_, told, filters.routes),
                answers=answers.get(id_, []),
                source=list_distinct_sources([record["source"], *sources]),
                alongside=alongside.get(id_, 0),
                **tally._asdict(),
                **_figure_fields(key_figures.get(id_)),
            )
        )
    return sorted(found, key=treatment_order)


class NearbyRecords(NamedTuple):
    """What is on record beside a question that no evidence answers, and the listing of it."""

    words: str
    command: CommandMention


def find_nearby_records(connection: sqlite3.Connection, filters: Filters) -> list[NearbyRecords]:
    """Return what is on record beside filters that no evidence meets: in several tumors together,
    of treatments that act on a marker asked for, without that marker, and trials that name it."""
    found = []

    def add(words: str, others: Filters, *options: ParameterMention) -> None:
        rows = list_treatments(connection, others)
        if number := sum(bool(row.studies or row.syntheses) for row in rows):
            several = write_plural(number, "treatment")
            found.append(NearbyRecords(f"{several} {words}", CommandMention("list", (), options)))

    tumors = [ParameterMention("tumor", tumor) for tumor in filters.tumors]
    markers = [ParameterMention("biomarker", marker) for marker in filters.biomarkers]
    if tumors and not filters.mixed:
        several = filters._replace(mixed=True)
        add("in several tumors together", several, *tumors, *markers, ParameterMention("mixed"))
    for marker in filters.biomarkers:
        gene = marker.partition("-")[0]
        for target in find_named_records_of_kind(connection, "target", gene)[:1]:
            rows = list_treatments(connection, Filters(targets=(target.id,), mixed=True))
            tried = sum(bool(row.studies or row.syntheses) for row in rows)
            act = "acts" if len(rows) == 1 else "act"
            words = f"{write_plural(len(rows), 'treatment')} that {act} on {gene.upper()}"
            options = (
                ParameterMention("target", target.id),
                *(() if tried else (ParameterMention("all"),)),
            )
            tested = f"{tried} of them tested in LM" if tried else "none of them tested in LM"
            found.append(NearbyRecords(f"{words}, {tested}", CommandMention("list", (), options)))
        query = "select count(*) from trial_biomarker where biomarker = ?"
        [(number,)] = connection.execute(query, [marker])
        if number:
            trials = CommandMention("trials", (), (ParameterMention("biomarker", marker),))
            found.append(NearbyRecords(f"{write_plural(number, 'trial')} for {marker}", trials))
    if tumors and markers:
        add("whatever the marker", filters._replace(biomarkers=()), *tumors)
    return found


def find_treatments_with_evidence(connection: sqlite3.Connection) -> set[str]:
    """Return the treatments that any row of evidence tests, whether it counts or not."""
    query = (
        "select id from treatment t where exists (select 1 from evidence_treatment where "
        "treatment = t.id)"
    )
    return {id_ for (id_,) in connection.execute(query)}


def treatment_order(row: TreatmentRow) -> tuple[Any, ...]:
    """Sort key: named agents first, then the strongest level, then the most patients."""
    return (not row.specified, rank_level(row.level), -(row.patients or 0), -row.studies, row.id)


def load_treatment_claims(
    connection: sqlite3.Connection,
    filters: Filters,
    only: Sequence[str] = (),
    also: Sequence[Condition] = (),
) -> tuple[EvidenceView, dict[str, list[Claim]]]:
    """Return the rows of evidence under the filters, and what they say of every treatment that the
    filters keep.

    Level and number of patients are those of the treatment, not of the whole row; a filter on
    direction does not act here.
    """
    conditions = [
        *evidence_conditions(keep_row_filters(filters)),
        *tested_treatment_conditions(filters),
        *also,
    ]
    if only:
        query = (
            f"select number from evidence_treatment where treatment in ({placeholders_for(only)})"
        )
        conditions.append((f"e.number in ({query})", list(only)))
    view = narrow_to_tumors(connection, load_evidence_view(connection, conditions), filters.tumors)
    meant = find_filtered_treatments(connection, filters)
    claims = {}
    for treatment, numbers in group_rows_by_treatment(view).items():
        if (meant is None or treatment in meant) and (not only or treatment in only):
            told = list_claims(view, {treatment}, filters.routes, numbers)
            if kept := apply_level_and_n_filters(told, filters):
                claims[treatment] = kept
    return view, claims


def _figure_fields(key: KeyFigure | None) -> JsonDict:
    if key is None:
        return {
            "figure": None,
            "figure_study": None,
            "figure_citation": None,
            "figure_n": None,
            "figure_with": [],
            "figure_alongside": [],
            "figure_scope": None,
            "figure_mixed_with": None,
            "figure_source": None,
            "read_in": None,
            "figure_design": None,
        }
    return {
        "figure": key.figure,
        "figure_study": key.study,
        "figure_citation": key.citation,
        "figure_n": key.n,
        "figure_with": key.beside,
        "figure_alongside": key.alongside,
        "figure_scope": key.scope,
        "figure_mixed_with": key.mixed_with,
        "figure_source": key.source,
        "read_in": key.read_in,
        "figure_design": key.design,
    }


def can_stand_for_treatment(claim: Claim) -> bool:
    """Tell whether the figures of a group stand for a treatment: all of its patients had it, each
    of them and not in turn."""
    return (
        claim.counts >= 0
        and not claim.in_words
        and claim.whole
        and claim.shared in (None, "together")
    )


def make_claim_sort_key(claim: Claim) -> tuple[Any, ...]:
    """Sort key of the groups whose figures stand for a treatment, the one that should speak first.

    A study before a review, LM alone before a pool, the treatment alone before together with
    others, then the strongest level and the most patients.
    """
    return (
        claim.counts == 0,
        claim.pooled,
        claim.shared is not None,
        claim.level_rank,
        -(claim.n or 0),
        claim.number,
    )


def find_key_figures(
    connection: sqlite3.Connection,
    view: EvidenceView,
    claims: Mapping[str, Sequence[Claim]],
    filters: Filters,
) -> dict[str, KeyFigure]:
    """Return for every treatment the headline figure of its strongest group that has one, second
    hand only where nothing was read."""
    ordered = {
        id_: [
            claim.number
            for claim in sorted(
                filter(can_stand_for_treatment, keep_current_claims(told)), key=make_claim_sort_key
            )
        ]
        for id_, told in claims.items()
    }
    numbers = json.dumps(sorted({number for several in ordered.values() for number in several}))
    query = (
        f"select number, max(verified) from outcome where number in {JSON_VALUES_SUBQUERY} group "
        f"by number"
    )
    has_figures = dict(connection.execute(query, [numbers]))
    records: dict[int, JsonDict] = {}
    found: dict[str, KeyFigure] = {}
    for at_source in (True, False) if not filters.verified else (True,):
        for id_, several in ordered.items():
            if id_ in found:
                continue
            for number in several:
                if number not in has_figures or (at_source and not has_figures[number]):
                    continue
                if number not in records:
                    text, citation = connection.execute(
                        "select e.record, s.label from evidence e join study s on s.id = e.study "
                        "where e.number = ?",
                        (number,),
                    ).fetchone()
                    records[number] = {**json.loads(text), "citation": citation}
                if key := make_key_figure(
                    records[number], id_, filters.endpoints, at_source=at_source
                ):
                    found[id_] = key._replace(mixed_with=key.mixed_with or view.others.get(number))
                    break
    return found


def make_key_figure(
    row: JsonDict, treatment: str, endpoints: Sequence[str], *, at_source: bool
) -> KeyFigure | None:
    """Return the headline figure of a row, which has the `citation` of its study, with what must be
    said beside it; `at_source` keeps figures read there."""
    kept = [
        outcome
        for outcome in row["outcomes"]
        if outcome["read_in"] != "recalled" and (outcome["read_in"] != "secondary") == at_source
    ]
    outcome = figures.choose_key_figure(kept, endpoints)
    if outcome is None:
        return None
    return KeyFigure(
        figure=figures.write_brief_figure(outcome),
        study=row["study"],
        citation=row["citation"],
        n=figures.patients_behind(outcome, row),
        beside=[other for other in row["treatments"] if other != treatment],
        alongside=row["background"],
        scope=outcome["scope"],
        mixed_with=row["mixed_with"],
        source=row["source"],
        read_in=outcome["read_in"],
        design=row["design"],
    )


OPPOSITE_DIRECTIONS = {"benefit": "worse", "worse": "benefit"}
"""The direction of a head-to-head comparison as the other side sees it."""


def find_comparison_answers(
    connection: sqlite3.Connection, filters: Filters, claims: Mapping[str, Sequence[Claim]]
) -> dict[str, list[JsonDict]]:
    """Return what comparisons under the filters say of each treatment, randomised ones first.

    Head-to-head ones speak of the treatment on either side, where it stands there alone, whichever
    row they stand on; with a route asked for it was itself given by it. `claims` are those of each
    treatment: by its level and number of patients an answer stands where the row of its side does.
    The filter on reading is about the effects behind an answer.
    """
    questions = sorted(BENEFIT_QUESTIONS)
    conditions = evidence_conditions(keep_row_filters(filters)._replace(routes=()))
    conditions += [
        ("c.speaks = 1", []),
        (f"c.question in ({placeholders_for(questions)})", questions),
        (f"x.treatment in {JSON_VALUES_SUBQUERY}", [json.dumps(sorted(claims))]),
        (
            "(x.side = 'of' or (c.question = 'instead' and not exists (select 1 from "
            "comparison_test y where y.comparison = x.comparison and y.side = x.side "
            "and y.treatment <> x.treatment)))",
            [],
        ),
    ]
    if filters.routes:
        among = f"in ({placeholders_for(filters.routes)})"
        row = "case x.side when 'of' then c.of_row else c.against_row end"
        own = f"select 1 from given g where g.number = {row} and g.treatment = x.treatment"
        by_it = (
            f"case when {row} is null then x.route {among} else exists ({own} and g.route {among}) "
            "end"
        )
        conditions.append((by_it, [*filters.routes, *filters.routes]))
    sql, parameters = join_conditions(conditions)
    query = (
        "select x.treatment, x.side, c.answer, "
        "coalesce(case x.side when 'of' then c.of_row else c.against_row end, c.number) "
        "from comparison_test x "
        f"join comparison c on c.id = x.comparison join evidence e on e.number = c.number {sql}"
    )
    found: defaultdict[str, list[JsonDict]] = defaultdict(list)
    rows = {id_: {claim.number for claim in told} for id_, told in claims.items()}
    by_size = filters.levels or filters.min_level or filters.min_n is not None
    for treatment, side, text, row in connection.execute(query, parameters):
        record = json.loads(text)
        if by_size and row not in rows[treatment]:
            continue
        if filters.verified and record["read_in"] in UNVERIFIED:
            continue
        found[treatment].append(answer_for_side(record, treatment, is_of=side == "of"))
    return {id_: sorted(several, key=answer_order) for id_, several in found.items()}


def answer_for_side(record: JsonDict, treatment: str, *, is_of: bool) -> JsonDict:
    """Return what a comparison says of a treatment on one of its sides."""
    direction = record["direction"]
    side, turned = ("of", "against") if is_of else ("against", "of")
    mine, other = ("tests", "against_tests") if is_of else ("against_tests", "tests")
    return {
        "comparison": record["id"],
        "study": record["study"],
        "question": record["question"],
        "side": side,
        "direction": direction if is_of else OPPOSITE_DIRECTIONS.get(direction, direction),
        "versus": record[other] if record["question"] == "instead" else [],
        "versus_words": record[f"{turned}_group"],
        "randomized": record["randomized"],
        "control": record["control"],
        "with": [one for one in record[mine] if one != treatment],
        "tests_are": record["tests_are"] if is_of else None,
        "tumors": record["tumors"],
        "n": record[f"{side}_n"],
        "versus_n": record[f"{turned}_n"],
        "read_in": record["read_in"],
        "source": record["source"],
    }


def answer_order(record: JsonDict) -> tuple[Any, ...]:
    """Sort key of answers: randomised first, then concurrent ones, those about the treatment itself
    before head-to-head ones."""
    size = (record["n"] or 0) + (record["versus_n"] or 0)
    return (
        not record["randomized"],
        record["control"] is not None,
        record["question"] == "instead",
        -size,
        record["comparison"],
    )


def _routes(
    view: EvidenceView, treatment: str, claims: Iterable[Claim], asked: Sequence[str]
) -> list[str]:
    """Return the routes by which a treatment itself was tested, not those of its partners; under a
    filter those asked for."""
    found: set[str] = set()
    for claim in claims:
        for entry in view.given.get(claim.number, ()):
            if entry.treatment == treatment:
                found |= entry.routes
        for one in view.comparisons.get(claim.number, ()):
            if route := view.tests.get(one.id, {}).get(treatment):
                found.add(route)
    return sorted(found.intersection(asked) if asked else found)


def _count_alongside(
    connection: sqlite3.Connection, treatments: Sequence[str], filters: Filters
) -> dict[str, int]:
    """Count the studies in which each treatment was only given alongside what was tested."""
    conditions = evidence_conditions(keep_row_filters(filters)._replace(routes=()))
    conditions.append(("b.treatment in (select value from json_each(?))", [json.dumps(treatments)]))
    sql, parameters = join_conditions(conditions)
    query = (
        "select b.treatment, count(distinct e.cohort) from background b "
        f"join evidence e on e.number = b.number {sql} and e.counts = 1 group by b.treatment"
    )
    return dict(connection.execute(query, parameters))
