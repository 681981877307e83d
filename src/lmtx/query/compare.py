"""Two or more treatments side by side: what each has to show, from its strongest row that says
anything about it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from lmtx.errors import UsageError, Wording
from lmtx.model.figures import computed_interval, is_of_whole_row, patients_behind
from lmtx.model.records import OutcomeRecord
from lmtx.model.vocabulary import (
    COMPARED_ENDPOINTS,
    DIRECTIONS,
    LANDMARK_ENDPOINTS,
    SECONDARY_RESEARCH,
    UNVERIFIED,
)
from lmtx.query.comparisons import ComparisonRow, list_comparisons
from lmtx.query.conflicts import list_conflicts
from lmtx.query.counting import (
    JSON_VALUES_SUBQUERY,
    Claim,
    Tally,
    direction_of_cohort,
    keep_current_claims,
)
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import MIXED_TUMOR, Filters, any_tested_condition
from lmtx.query.guidelines import list_statements
from lmtx.query.list import (
    TreatmentRow,
    can_stand_for_treatment,
    list_treatments,
    load_treatment_claims,
    make_claim_sort_key,
)
from lmtx.query.safety import list_worst_harms
from lmtx.query.trials import TrialQuestion, list_trials
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]

MOST_TREATMENTS_SIDE_BY_SIDE = 6
"""Treatments that stand side by side."""
_CSF_MEASURES = ("csf-plasma-ratio", "csf-plasma-auc-ratio", "csf-concentration", "csf-half-life")
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

    id: Annotated[str, "id of the treatment"]
    name: Annotated[str, "its name"]
    drug_class: Annotated[str, "id of its class"]
    level: Annotated[str | None, "strongest level of evidence under the filters"]
    studies: Annotated[int, "independent studies, as in list"]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor who had it in those studies, each counted once; empty "
        "where no study says",
    ]
    part_of: Annotated[
        int | None, "patients of groups of which an unknown part had it, not in patients"
    ]
    rests_on: Annotated[str | None, "on what the level rests: alone, together or pooled"]
    recalled: Annotated[int, "studies remembered and not read, counted nowhere else"]
    benefit: Annotated[int, "independent studies whose data show a benefit"]
    no_benefit: Annotated[int, "independent studies whose data show none"]
    worse: Annotated[int, "independent studies in which those who had it did worse"]
    mixed: Annotated[int, "independent studies whose data point both ways"]
    unclear: Annotated[int, "independent studies whose data do not tell"]
    response: Annotated[
        JsonDict | None,
        "response in the study that randomised between them, else in the strongest row that gives "
        "one: a figure with its row, study, level, n and "
        "read_in; ci_computed: exact 95% interval (%) from printed counts",
    ]
    pfs: Annotated[JsonDict | None, "progression-free survival, likewise"]
    os: Annotated[JsonDict | None, "overall survival, likewise"]
    csf: Annotated[
        JsonDict | None,
        "the CSF level that can best be trusted: ratios first, measured, in LM, read at its "
        "source; tumor and level filters do not touch it",
    ]
    routes: Annotated[list[str], "routes tried under the filters"]
    toxicity: Annotated[
        JsonDict | None, "grade 3 or worse, dose-limiting or fatal toxicity, likewise"
    ]
    harms: Annotated[
        list[JsonDict], "the worst harms on record, at most three, as lmtx safety lists them"
    ]
    safety: Annotated[JsonDict | None, "what the strongest row that tells says of toxicity"]
    guidelines: Annotated[
        list[JsonDict],
        "guideline statements on it, with level and grade; of the tumors asked for or any above "
        "or below",
    ]
    trials: Annotated[list[str], "ids of open trials, likewise"]
    head_to_head: Annotated[
        list[JsonDict],
        "comparisons that hold it against another of the compared treatments, as records give "
        "them: direction and effects are told of tests (the side of) against against_tests; side: "
        "the one on which this treatment stands, of or against; rivals: the others compared here",
    ]
    conflicts: Annotated[
        list[JsonDict],
        "comparisons of it that answer the same question differently, as lmtx conflicts lists them",
    ]
    disagree: Annotated[
        list[JsonDict],
        "tumors of which some studies point to a benefit and others to none or to worse, with the "
        "studies of each direction; solid stands for populations of several tumors",
    ]
    differs: Annotated[
        list[JsonDict],
        "tumors for which it has a benefit where another of the compared treatments has none or "
        "does worse, or the reverse, with its own studies",
    ]
    same_study: Annotated[
        list[str], "studies in which another of the compared treatments was tested too"
    ]
    source: Annotated[
        list[str],
        "where the treatment and its rows of evidence under the filters come from: lmtx, and the "
        "names of own records laid over it",
    ]


def check_treatment_count(treatments: Sequence[str]) -> None:
    """Raise UsageError where too few or too many treatments are to stand side by side."""
    if not 2 <= len(treatments) <= MOST_TREATMENTS_SIDE_BY_SIDE:
        plural = "" if len(treatments) == 1 else "s"
        raise UsageError(
            f"{len(treatments)} treatment{plural} to compare",
            f"name two to {MOST_TREATMENTS_SIDE_BY_SIDE} different ones",
        )


def note_compared_without_evidence(rows: Sequence[ComparedRow], filters: Filters) -> list[Wording]:
    """Return what must be said beside a comparison: which treatments have no evidence."""
    without = [row.id for row in rows if not row.level and not row.studies]
    under = "under these filters " if filters else ""
    return [f"no evidence {under}for {', '.join(without)}"] if without else []


def compare_treatments(
    connection: sqlite3.Connection, ids: Sequence[str], filters: Filters, today: date
) -> list[ComparedRow]:
    """Return the treatments in the order asked for, with their evidence under the filters; one that
    has none is there too."""
    found = {row.id: row for row in list_treatments(connection, filters, only=tuple(ids))}
    _, claims = load_treatment_claims(connection, filters, ids)
    rows = {
        row.id: row for row in list_evidence(connection, filters, also=(any_tested_condition(ids),))
    }
    own = {id_: _pair_claims_with_rows(connection, claims.get(id_, ()), rows) for id_ in ids}
    ways = {id_: group_studies_by_tumor_direction(own[id_]) for id_ in ids}
    comparisons = list(list_comparisons(connection, filters, only=tuple(ids)))
    made = []
    for id_ in ids:
        row = found.get(id_) or _bare(connection, id_)
        others = [other for other in ids if other != id_]
        studies = {other: {group.study for _, group in own[other]} for other in ids}
        against = find_head_to_head(id_, others, comparisons)
        arms = {answer[side] for answer in against if answer["randomized"] for side in SIDE_KEYS}
        figures = {
            field: find_strongest_figure(id_, own[id_], endpoints, arms)
            for field, endpoints in COMPARED_ENDPOINTS.items()
        }
        made.append(
            ComparedRow(
                **{name: getattr(row, name) for name in _FROM_LIST},
                response=figures["response"],
                pfs=figures["pfs"],
                os=figures["os"],
                csf=_find_drug_level(connection, id_, filters),
                toxicity=figures["toxicity"],
                harms=list_worst_harms(connection, id_, filters),
                safety=_safety(id_, own[id_]),
                guidelines=_statements(connection, id_, filters),
                trials=_trials(connection, id_, filters, today),
                head_to_head=against,
                conflicts=[
                    conflict._asdict() for conflict in list_conflicts(connection, filters, (id_,))
                ],
                disagree=[side for side in ways[id_] if is_disagreement(side)],
                differs=find_differing_tumors(id_, ways),
                same_study=sorted(
                    studies[id_] & {study for other in others for study in studies[other]}
                ),
            )
        )
    return made


_FROM_LIST = (
    "id",
    "name",
    "drug_class",
    "level",
    "rests_on",
    "studies",
    "patients",
    "part_of",
    "recalled",
    "benefit",
    "no_benefit",
    "worse",
    "mixed",
    "unclear",
    "routes",
    "source",
)
"""What a side has from the listing of treatments."""
SIDE_KEYS = ("of", "against")
"""Keys of a comparison that name the rows of its sides."""
ClaimsWithRows = Sequence[tuple[Claim, EvidenceRow]]
"""What the evidence says of a treatment, each claim with the row on which it stands, the strongest
first."""


def _bare(connection: sqlite3.Connection, id_: str) -> TreatmentRow:
    """Return a treatment without any evidence."""
    [row] = list_treatments(connection, Filters(), only=(id_,))
    return row._replace(routes=[], answers=[], **Tally()._asdict())


def _pair_claims_with_rows(
    connection: sqlite3.Connection, claims: Sequence[Claim], rows: Mapping[str, EvidenceRow]
) -> ClaimsWithRows:
    query = f"select number, id from evidence where number in {JSON_VALUES_SUBQUERY}"
    numbers = json.dumps(sorted({claim.number for claim in claims}))
    ids = dict(connection.execute(query, [numbers]))
    return [
        (claim, rows[ids[claim.number]])
        for claim in sorted(keep_current_claims(claims), key=make_claim_sort_key)
        if ids[claim.number] in rows
    ]


def find_strongest_figure(
    treatment: str,
    claims_with_rows: ClaimsWithRows,
    endpoints: Sequence[str],
    arms: Collection[str] = (),
) -> JsonDict | None:
    """Return the figure for a question from the strongest group that answers it, as the key figure
    of a listing is chosen.

    Figures of `arms`, rows that were randomised between the compared treatments, go first: what
    stands beside each other should have been measured against each other. A figure read at its
    source goes before one at second hand, one of the whole group before a
    part's, a median before a rate at one time; what was recalled has none. `n` is the number of
    patients behind the figure.
    """
    found = [
        (claim, row, outcome)
        for claim, row in claims_with_rows
        if can_stand_for_treatment(claim)
        for outcome in row.outcomes
        if outcome["endpoint"] in endpoints and outcome["read_in"] != "recalled"
    ]
    if not found:
        return None

    def order(one: tuple[Claim, EvidenceRow, OutcomeRecord]) -> tuple[Any, ...]:
        claim, row, outcome = one
        return (
            row.id not in arms,
            outcome["read_in"] in UNVERIFIED,
            not is_of_whole_row(outcome),
            claim.counts == 0,
            outcome["endpoint"] in LANDMARK_ENDPOINTS,
            *make_claim_sort_key(claim),
            endpoints.index(outcome["endpoint"]),
        )

    _, row, best = min(found, key=order)
    ends = computed_interval(best) if row.design not in SECONDARY_RESEARCH else None
    size = patients_behind(best, row._asdict())
    read_in = best["read_in"]
    return {
        **best,
        **_describe_origin(treatment, row),
        "n": size,
        "read_in": read_in,
        "ci_computed": list(ends) if ends else [],
    }


def group_studies_by_tumor_direction(claims_with_rows: ClaimsWithRows) -> list[JsonDict]:
    """Return for each tumor which way the studies of a treatment point, mixed populations as one;
    the reports of one cohort stand together."""
    by_tumor: defaultdict[str, defaultdict[str, list[Claim]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for claim, row in claims_with_rows:
        if claim.counts == 1:
            for tumor in (MIXED_TUMOR,) if row.mixed else row.tumors:
                by_tumor[tumor][claim.cohort].append(claim)
    found = []
    for tumor, cohorts in by_tumor.items():
        side: JsonDict = {"tumor": tumor, **{way.replace("-", "_"): [] for way in DIRECTIONS}}
        for cohort in cohorts.values():
            way = direction_of_cohort(cohort).replace("-", "_")
            side[way] = sorted({*side[way], *(claim.study for claim in cohort)})
        found.append(side)
    return found


def is_disagreement(directions: JsonDict) -> bool:
    """Tell whether studies of a tumor disagree: a benefit in some, none or worse in others."""
    return bool(directions["benefit"]) and bool(directions["no_benefit"] or directions["worse"])


def _describe_origin(treatment: str, row: EvidenceRow) -> JsonDict:
    """Return where a figure or a sentence comes from, and what was tested or given beside the
    treatment."""
    names = ("study", "design", "level", "n", "read_in", "mixed_with", "url", "source")
    return {
        "evidence": row.id,
        "with": [other for other in row.treatments if other != treatment],
        "alongside": row.background,
        **{name: getattr(row, name) for name in names},
    }


def _safety(treatment: str, groups: ClaimsWithRows) -> JsonDict | None:
    """Return what the strongest group that tells says of toxicity."""
    return next(
        (
            {"text": row.safety, **_describe_origin(treatment, row)}
            for claim, row in groups
            if row.safety and can_stand_for_treatment(claim)
        ),
        None,
    )


def _find_drug_level(
    connection: sqlite3.Connection, treatment: str, filters: Filters
) -> JsonDict | None:
    """Return the CSF level that can best be trusted: ratios first, measured before predicted, in
    LM, read at its source, in most patients."""
    records = [
        json.loads(text)
        for (text,) in connection.execute(
            "select record from csf where treatment = ? order by number", (treatment,)
        )
    ]
    known = [record for record in records if filters.keeps_reading(record["read_in"])]

    def order(record: JsonDict) -> tuple[Any, ...]:
        kind = (
            _CSF_MEASURES.index(record["measure"])
            if record["measure"] in _CSF_MEASURES
            else len(_CSF_MEASURES)
        )
        return (
            kind,
            record["modelled"],
            record["lm"] is not True,
            record["read_in"] in UNVERIFIED,
            -(record["n"] or 0),
        )

    best = min(known, key=order, default=None)
    return {key: best[key] for key in _CSF_KEYS} if best else None


def _statements(connection: sqlite3.Connection, treatment: str, filters: Filters) -> list[JsonDict]:
    about = Filters(tumors=filters.tumors, treatments=(treatment,), verified=filters.verified)
    rows = list_statements(connection, about)
    return [{key: getattr(row, key) for key in _STATEMENT_KEYS} for row in rows]


def _trials(
    connection: sqlite3.Connection, treatment: str, filters: Filters, today: date
) -> list[str]:
    """Return the open trials that test a treatment."""
    about = Filters(tumors=filters.tumors, treatments=(treatment,), biomarkers=filters.biomarkers)
    asked = TrialQuestion(about, today, is_open=True)
    return [row.id for row in list_trials(connection, asked)]


def find_differing_tumors(
    treatment: str, directions: Mapping[str, Sequence[JsonDict]]
) -> list[JsonDict]:
    """Return the tumors for which this treatment has a benefit where another of them has none or
    does worse, or the other way round."""
    others = [side for other, sides in directions.items() if other != treatment for side in sides]
    return [
        side
        for side in directions[treatment]
        if any(
            other["tumor"] == side["tumor"] != MIXED_TUMOR
            and (
                (side["benefit"] and (other["no_benefit"] or other["worse"]))
                or ((side["no_benefit"] or side["worse"]) and other["benefit"])
            )
            for other in others
        )
    ]


def find_head_to_head(
    treatment: str, others: Sequence[str], comparisons: Iterable[ComparisonRow]
) -> list[JsonDict]:
    """Return the comparisons that hold a treatment against one of the others, randomised and
    largest first.

    Direction and effects stay as records give them, told of `tests`, so that both treatments show
    the same; `side` says on which the treatment stands.
    """
    found = []
    for row in comparisons:
        for side, mine, theirs in (
            ("of", row.tests, row.against_tests),
            ("against", row.against_tests, row.tests),
        ):
            rivals = [other for other in others if other in theirs and other not in mine]
            if treatment in mine and rivals and row.effects:
                found.append({**row._asdict(), "side": side, "rivals": rivals})
    return found
