"""Figures ready for meta-analysis: one for each independent cohort and endpoint, with its estimate
on the scale on which such figures are pooled, and beside them every figure that is not among them,
with the reason.

Nobody is counted twice: reports of the same patients share a cohort, and of a cohort one figure of
an endpoint stands. The formulas stand in the docstrings of `estimate_log_ratio`, `estimate_logit`
and `estimate_log_median`; they are those of metafor: `escalc`, and since version 4 `conv.wald`.
Nothing is pooled here.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, sqrt
from typing import Annotated, Any

from lmtx.model.figures import (
    USUAL_CONFIDENCE,
    events_of,
    is_below_one_better,
    is_of_whole_row,
    patients_behind,
)
from lmtx.model.levels import rank_level
from lmtx.model.records import EffectRecord
from lmtx.model.vocabulary import (
    ENDPOINTS,
    EXCLUSIONS,
    LANDMARK_ENDPOINTS,
    RATIO_UNITS,
    SECONDARY_RESEARCH,
    TIME_UNITS,
)
from lmtx.query.evidence import OutcomeRow, list_outcomes
from lmtx.query.filters import Filters, at_or_below_condition
from lmtx.query.plot import ComparisonContext, list_comparison_effects
from lmtx.tuples import NamedTuple

DAYS_PER_MONTH = 365.25 / 12
UNITS_PER_MONTH = {"months": 1.0, "weeks": DAYS_PER_MONTH / 7, "days": DAYS_PER_MONTH}
"""How many of a unit of time make a month."""
COMPUTED_ESTIMATE_DECIMALS = 9
"""Decimals of an estimate and its standard error."""
MONTH_DECIMALS = 3
"""Decimals of a time in months."""
LANDMARK_TIME_POINTS = (("12 months", "1 year", "52 weeks"), ("6 months", "26 weeks"))
"""Time points of landmark rates, those first that most studies tell."""
NO_FILTERS = Filters()
INTERVAL_SKEW_LIMIT = 2
"""How many times one side of an interval may be as long as the other before it is said."""
NO_INTERVAL_REASON = "no interval is printed"


class EffectRow(NamedTuple):
    """The figure that stands for a cohort and an endpoint; see `lmtx fields effects`."""

    cohort: Annotated[
        str,
        "reports of the same patients share one: id of the first of them; one row for each cohort "
        "and endpoint",
    ]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    year: Annotated[int | None, "year of publication"]
    endpoint: Annotated[str, "what was measured"]
    at: Annotated[str | None, "time point of a landmark rate or an effect"]
    measure: Annotated[str, "ratio, proportion or median; only the same can be pooled"]
    evidence: Annotated[
        str, "id of the row of evidence; of a comparison that of the row whose population holds"
    ]
    comparison: Annotated[str | None, "id of the comparison, where the figure is a ratio"]
    arm: Annotated[str | None, "id of the row of evidence of the arm; empty where it is no row"]
    arm_name: Annotated[str, "what the arm had, or who its patients are, in words"]
    treatments: Annotated[list[str], "ids of the treatments that were tested in the arm"]
    background: Annotated[list[str], "ids of what was given alongside; no evidence on it"]
    n: Annotated[
        int | None,
        "patients of the arm behind the figure: those assessed, else those of its row",
    ]
    comparator: Annotated[
        str | None, "id of the row of evidence of the comparator; empty where it is words or none"
    ]
    comparator_name: Annotated[str | None, "what the comparator had, in words"]
    comparator_n: Annotated[int | None, "patients of the comparator"]
    question: Annotated[
        str | None, "what the comparison asks: add, instead, versus-none, schedule, route …"
    ]
    direction: Annotated[
        str | None,
        "what the data show of what is tested; unclear too where one must live to be treated",
    ]
    randomized: Annotated[bool, "whether patients were allotted to the two arms by chance"]
    events: Annotated[int | None, "patients with the event"]
    total: Annotated[int | None, "patients assessed"]
    value: Annotated[float | None, "the figure as printed; empty where not reached"]
    unit: Annotated[str, "its unit"]
    not_reached: Annotated[bool, "the median was not reached, so there is no value"]
    ci_low: Annotated[float | None, "lower end of the printed interval"]
    ci_high: Annotated[float | None, "upper end; empty where it was not reached or none is printed"]
    ci_upper: Annotated[str | None, "what the paper prints in place of the upper end"]
    ci_level: Annotated[float | None, "confidence of the interval in %; empty without interval"]
    inverted: Annotated[bool, "the ratio is printed of the comparator; yi is turned round"]
    months: Annotated[float | None, "a median in months, a month being 30.4375 days"]
    months_low: Annotated[float | None, "lower end of its interval in months"]
    months_high: Annotated[float | None, "upper end of its interval in months"]
    yi: Annotated[
        float | None, "the estimate on its scale, of the arm or of the arm against the comparator"
    ]
    sei: Annotated[float | None, "its standard error"]
    scale: Annotated[
        str | None,
        "scale of yi and sei: log HR, log OR, log RR, logit proportion or log median",
    ]
    formula: Annotated[str | None, "how yi and sei were computed here from what is printed"]
    no_yi: Annotated[str | None, "why there is no yi"]
    lower_favours: Annotated[
        str | None, "of a ratio, the side that a yi below 0 favours: arm or comparator"
    ]
    adjusted: Annotated[
        str | None, "how other differences were allowed for, as the record says; or univariable"
    ]
    time_zero: Annotated[str | None, "from when a time is counted, where stated"]
    follow_up: Annotated[str | None, "how long patients were followed"]
    assessed_by: Annotated[str | None, "who or what judged the endpoint"]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    biomarkers: Annotated[list[str], "ids of the biomarkers that define the population"]
    mixed: Annotated[bool, "whether the population mixes solid tumors"]
    line: Annotated[str | None, "line of treatment for the LM: first, later or any"]
    design: Annotated[str, "study design"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    read_in: Annotated[str, "where the figure was read: full-text, abstract, registry or secondary"]
    page: Annotated[str | None, "page on which it was read"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class ExclusionRow(NamedTuple):
    """A figure that is not among the effects, and why; the figure itself is not told."""

    record: Annotated[str, "id of the row of evidence or the comparison that tells the figure"]
    position: Annotated[int, "place of the figure in its record, from 1"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    cohort: Annotated[str, "reports of the same patients share one: id of the first of them"]
    endpoint: Annotated[str, "what was measured"]
    unit: Annotated[str, "its unit"]
    at: Annotated[str | None, "time point of a landmark rate or an effect"]
    reason: Annotated[str, "why it is left out, in a word"]
    why: Annotated[str, "the same in words"]
    instead: Annotated[
        str | None, "id of the row of evidence, comparison or study that stands in its place"
    ]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class EffectSelection(NamedTuple):
    """The figures that stand, the strongest and largest of an endpoint first, and those that do
    not."""

    rows: list[EffectRow]
    exclusions: list[ExclusionRow]


class Estimate(NamedTuple):
    """An estimate with its standard error and how both were computed; or why there is none."""

    yi: float | None = None
    sei: float | None = None
    scale: str | None = None
    formula: str | None = None
    no_yi: str | None = None


class _Population(NamedTuple):
    """What counting says of a row of evidence, who its patients are, and where they were read."""

    row: int
    above: str
    counts: int
    recalled: bool
    setting: str | None
    page: str | None


class _Candidate(NamedTuple):
    """A figure that may stand, with its place in its record; `number` is that of its row, where it
    is of one group."""

    effect: EffectRow
    position: int
    number: int | None
    above: str

    @property
    def record(self) -> str:
        return self.effect.comparison or self.effect.evidence


def normal_quantile(ci_level: float | None) -> float:
    """Return z, the quantile of the standard normal distribution at (1 + level / 100) / 2: 1.95996…
    at 95%, which is meant where no level (in %) is named."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + (ci_level or USUAL_CONFIDENCE) / 100) / 2)


def estimate_log_ratio(
    unit: str, value: float, ci: Sequence[float], ci_level: float | None, inverted: bool = False
) -> Estimate:
    """Return the logarithm of a ratio of the arm against the comparator.

    yi = log(value), sei = (log(high) - log(low)) / (2 z). Of a ratio that is printed of the other
    side (`inverted`) yi = -log(value), with the same sei: the right way round. `unit` is HR, OR or
    RR. There is none without both ends of an interval, nor where one of the three is not above 0.
    """
    if reason := _refuse(value, ci):
        return Estimate(no_yi=reason)
    yi = -log(value) if inverted else log(value)
    turned = f"-log({unit}), as it is printed of the comparator" if inverted else f"log({unit})"
    return _estimate(yi, value, ci, ci_level, f"log {unit}", turned)


def estimate_log_median(
    value: float, ci: Sequence[float], ci_level: float | None, unit: str
) -> Estimate:
    """Return the logarithm of a median time in months.

    yi = log(value in months), sei = (log(high) - log(low)) / (2 z), as if the interval were
    symmetric on the log scale, which those of medians are only about. `unit` is months, weeks or
    days; a month has 365.25 / 12 days.
    """
    if reason := _refuse(value, ci):
        return Estimate(no_yi=reason)
    yi = log(value / UNITS_PER_MONTH[unit])
    return _estimate(yi, value, ci, ci_level, "log median", "log(months)")


def estimate_logit(events: int, total: int) -> Estimate:
    """Return the logit of a proportion.

    yi = log(events / (total - events)), sei = sqrt(1 / events + 1 / (total - events)). Where nobody
    or everybody had the event, 1/2 is added to both counts, as `escalc` does with measure "PLO".
    There is none where nobody was assessed.
    """
    if total < 1 or not 0 <= events <= total:
        return Estimate(no_yi="nobody was assessed")
    added = 0.5 if events in (0, total) else 0.0
    had, others = events + added, total - events + added
    formula = "yi = log(x / (n - x)); sei = sqrt(1 / x + 1 / (n - x)); x events of n in total"
    if added:
        formula += "; 1/2 is added to x and to n - x, of which one is 0"
    return Estimate(
        round(log(had / others), COMPUTED_ESTIMATE_DECIMALS),
        round(sqrt(1 / had + 1 / others), COMPUTED_ESTIMATE_DECIMALS),
        "logit proportion",
        formula,
    )


def _refuse(value: float, ci: Sequence[float]) -> str:
    """Return why no logarithm of an estimate can be taken with its interval; nothing where it
    can."""
    if not ci:
        return NO_INTERVAL_REASON
    if len(ci) < 2:
        return "the upper end of the interval is not printed"
    if min(value, *ci) <= 0:
        return "0 has no logarithm"
    if not ci[0] <= value <= ci[1]:
        return "the figure lies outside of its interval"
    return "" if ci[0] < ci[1] else "the interval has no width"


def _estimate(
    yi: float, value: float, ci: Sequence[float], level: float | None, scale: str, words: str
) -> Estimate:
    below, above = log(value) - log(ci[0]), log(ci[1]) - log(value)
    z = normal_quantile(level)
    sei = (log(ci[1]) - log(ci[0])) / (2 * z)
    formula = f"yi = {words}; sei = (log(high) - log(low)) / (2 * {z:.6f})"
    if max(above, below) > INTERVAL_SKEW_LIMIT * min(above, below):
        formula += "; the two sides of the interval differ more than twofold on this scale"
    return Estimate(
        round(yi, COMPUTED_ESTIMATE_DECIMALS),
        round(sei, COMPUTED_ESTIMATE_DECIMALS),
        scale,
        formula,
    )


def select_effects(
    connection: sqlite3.Connection, filters: Filters = NO_FILTERS, measure: str | None = None
) -> EffectSelection:
    """Return the figures under the filters that stand for their cohort and endpoint, and those that
    do not, with the reason.

    With a `measure` only figures of it stand. Where a tumor is asked for, a figure of another one
    beside it does not, unless mixed populations may. Without, a ratio with an estimate goes before
    a figure of one group, unless nobody can tell what it shows (direction unclear). Of several
    groups of a cohort that stands in which something was tested, before one that lies within
    another, with an estimate, and with the most patients; of several effects of a comparison the
    adjusted one.
    """
    names = dict(connection.execute("select id, name from treatment"))
    outcomes = list(list_outcomes(connection, filters))
    contrasts = list(list_comparison_effects(connection, filters))
    told = {*(row.evidence for row in outcomes), *(contrast.anchor for contrast, _ in contrasts)}
    populations = _load_populations(connection, told)
    candidates: list[_Candidate] = []
    exclusions: list[ExclusionRow] = []
    meant = _list_tumors_below(connection, filters)
    figures = (
        *_judge_groups(outcomes, names, populations),
        *_judge_contrasts(connection, contrasts, names, populations),
    )
    for candidate, reason, instead in figures:
        if measure not in (None, candidate.effect.measure):
            continue
        if not reason and meant and not meant.issuperset(candidate.effect.tumors):
            reason = "other-primary"
        if reason:
            exclusions.append(_exclude(candidate, reason, instead))
        else:
            candidates.append(candidate)
    cohorts: defaultdict[tuple[str, str], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        cohorts[candidate.effect.cohort, candidate.effect.endpoint].append(candidate)
    rows: list[EffectRow] = []
    for several in cohorts.values():
        first, *others = _order(several)
        rows.append(first.effect)
        exclusions += [_exclude(one, _explain_order(one, first), first.record) for one in others]
    order = list(ENDPOINTS)
    rows.sort(
        key=lambda row: (
            order.index(row.endpoint),
            rank_level(row.level),
            -(row.n or 0) - (row.comparator_n or 0),
            row.study,
        )
    )
    exclusions.sort(key=lambda row: (order.index(row.endpoint), row.record, row.position))
    return EffectSelection(rows, exclusions)


def count_exclusions(exclusions: Iterable[ExclusionRow]) -> dict[str, int]:
    """Return how many figures are left out, by the reason, in the order of the vocabulary."""
    counted = Counter(row.reason for row in exclusions)
    return {reason: counted[reason] for reason in EXCLUSIONS if counted[reason]}


def _list_tumors_below(connection: sqlite3.Connection, filters: Filters) -> set[str]:
    """Return the tumors asked for and those below them; nothing where mixed populations may
    stand."""
    if not filters.tumors or filters.mixed:
        return set()
    inside, parameters = at_or_below_condition("tumor", filters.tumors)
    query = f"select id from tumor where id {inside}"
    return {tumor for (tumor,) in connection.execute(query, parameters)}


def _load_populations(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, _Population]:
    query = (
        "select e.id, e.row, e.above, e.counts, e.recalled, json_extract(e.record, '$.setting'), "
        "json_extract(s.record, '$.seen_at[0]') from evidence e join study s on s.id = e.study "
        "where e.id in (select value from json_each(?))"
    )
    found = connection.execute(query, [json.dumps(sorted(ids))])
    return {id_: _Population(*known) for id_, *known in found}


JudgedFigure = tuple[_Candidate, str, str | None]
"""A figure, why it cannot stand ("" where it can), and what stands in its place."""


def _judge_groups(
    outcomes: Iterable[OutcomeRow],
    names: Mapping[str, str],
    populations: Mapping[str, _Population],
) -> Iterator[JudgedFigure]:
    """Yield the figures of groups."""
    for row in outcomes:
        population = populations[row.evidence]
        effect = _group_effect(row, population, names)
        candidate = _Candidate(effect, row.position, population.row, population.above)
        reason = _judge_group(row, population)
        yield candidate, reason, row.superseded_by if reason == "superseded" else None


def _judge_group(row: OutcomeRow, population: _Population) -> str:
    """Return why the figure of a group cannot stand; "" where it can."""
    reason = _judge(population, row.design, row.withdrawn, row.read_in)
    if reason:
        return reason
    if row.superseded_by and not row.stands:
        return "superseded"
    if row.mixed_with is not None:
        return "pooled"
    if row.endpoint == "time-to-lm":
        return "prevention"
    return "" if is_of_whole_row({"scope": row.scope}) else "part"


def _judge(population: _Population, design: str, withdrawn: str | None, read_in: str) -> str:
    if withdrawn:
        return "withdrawn"
    if population.recalled or read_in == "recalled":
        return "recalled"
    if design in SECONDARY_RESEARCH or population.counts == 0:
        return "review"
    return "no-patients" if population.counts < 0 else ""


def _group_effect(row: OutcomeRow, population: _Population, names: Mapping[str, str]) -> EffectRow:
    outcome = row._asdict()
    outcome["ci"] = [end for end in (row.ci_low, row.ci_high) if end is not None]
    is_time = row.unit in TIME_UNITS
    per_month = UNITS_PER_MONTH.get(row.unit)
    events = None if row.not_reached else events_of(outcome)

    def months(time: float | None) -> float | None:
        return (
            None if time is None or per_month is None else round(time / per_month, MONTH_DECIMALS)
        )

    estimate = _estimate_group(row, outcome["ci"], events)
    word = {"some": " or ", "in-turn": " then "}.get(row.given_as or "", " + ")
    given = _name_arm(word, row.treatments, row.background, names)
    return EffectRow(
        cohort=row.cohort,
        study=row.study,
        citation=row.citation,
        year=row.year,
        endpoint=row.endpoint,
        at=row.at,
        measure="median" if is_time else "proportion",
        evidence=row.evidence,
        comparison=None,
        arm=row.evidence,
        arm_name=given or population.setting or "no treatment named",
        treatments=row.treatments,
        background=row.background,
        n=patients_behind(outcome, outcome),
        comparator=None,
        comparator_name=None,
        comparator_n=None,
        question=None,
        direction=row.direction,
        randomized=False,
        events=events,
        total=row.total,
        value=row.value,
        unit=row.unit,
        not_reached=row.not_reached,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        ci_upper=row.ci_upper,
        ci_level=(row.ci_level or USUAL_CONFIDENCE) if outcome["ci"] else None,
        inverted=False,
        months=months(row.value),
        months_low=months(row.ci_low),
        months_high=months(row.ci_high),
        lower_favours=None,
        adjusted=None,
        time_zero=row.time_zero,
        follow_up=row.follow_up,
        assessed_by=row.assessed_by,
        tumors=row.tumors,
        biomarkers=row.biomarkers,
        mixed=row.mixed,
        line=row.line,
        design=row.design,
        level=row.level,
        read_in=row.read_in,
        page=row.seen_at or population.page or row.url,
        url=row.url,
        source=row.source,
        **estimate._asdict(),
    )


def _name_arm(
    word: str, tested: Iterable[str], background: Iterable[str], names: Mapping[str, str]
) -> str:
    """Return what an arm had in words, what was tested first; nothing where nothing is named."""
    parts = [word.join(names[one] for one in tested), " + ".join(names[one] for one in background)]
    return ", beside ".join(part for part in parts if part)


def _estimate_group(row: OutcomeRow, ci: Sequence[float], events: int | None) -> Estimate:
    if row.as_printed:
        return Estimate(no_yi="the paper's own figures do not fit each other")
    if row.unit in TIME_UNITS:
        if row.value is None:
            return Estimate(no_yi="the median was not reached")
        return estimate_log_median(row.value, ci, row.ci_level, row.unit)
    if events is None:
        return Estimate(no_yi="the number of events is not printed")
    if row.total is None:
        return Estimate(no_yi="how many were assessed is not printed")
    return estimate_logit(events, row.total)


def _judge_contrasts(
    connection: sqlite3.Connection,
    contrasts: Sequence[tuple[ComparisonContext, EffectRecord]],
    names: Mapping[str, str],
    populations: Mapping[str, _Population],
) -> Iterator[JudgedFigure]:
    """Yield the effects of comparisons."""
    ids = json.dumps(sorted({contrast.row.id for contrast, _ in contrasts}))
    query = (
        "select id, json_extract(record, '$.effects') from comparison where id in (select value "
        "from json_each(?))"
    )
    effects = {id_: json.loads(text) for id_, text in connection.execute(query, [ids])}
    for contrast, effect in contrasts:
        row, population = contrast.row, populations[contrast.anchor]
        made = _contrast_effect(contrast, effect, population, names)
        position = effects[row.id].index(effect) + 1
        reason = _judge_contrast(contrast, effect, population)
        later = contrast.superseded_by if reason == "superseded" else None
        yield _Candidate(made, position, None, ""), reason, later


def _judge_contrast(
    contrast: ComparisonContext, effect: Mapping[str, Any], population: _Population
) -> str:
    """Return why the effect of a comparison cannot stand; "" where it can."""
    row = contrast.row
    reason = _judge(population, row.design, row.withdrawn, effect["read_in"])
    if reason:
        return reason
    if contrast.superseded_by and not effect["stands"]:
        return "superseded"
    if row.mixed_with is not None:
        return "pooled"
    if row.question == "prognosis":
        return "prognosis"
    if row.control is not None:
        return "not-concurrent"
    if effect["endpoint"] == "time-to-lm":
        return "prevention"
    if effect["unit"] not in RATIO_UNITS:
        return "no-ratio"
    return "part" if effect["group"] else ""


def _contrast_effect(
    contrast: ComparisonContext,
    effect: Mapping[str, Any],
    population: _Population,
    names: Mapping[str, str],
) -> EffectRow:
    row, unit = contrast.row, effect["unit"]
    ci = effect["ci"]
    if unit not in RATIO_UNITS:
        estimate = Estimate(no_yi="it is no ratio")
    elif effect["as_printed"]:
        estimate = Estimate(no_yi="the paper's own figures do not fit each other")
    else:
        estimate = estimate_log_ratio(
            unit, effect["value"], ci, effect["ci_level"], effect["inverted"]
        )
    low, high = [*ci, None, None][:2]
    word = " or " if row.tests_are == "some" else " + "
    given = _name_arm(word, row.tests, contrast.background, names)
    versus = contrast.versus
    if not row.against_group:
        versus = " + ".join(names.get(one, one) for one in versus.split(", "))
    sides = {True: "arm", False: "comparator", None: None}
    return EffectRow(
        cohort=row.cohort,
        study=row.study,
        citation=row.citation,
        year=row.year,
        endpoint=effect["endpoint"],
        at=effect["at"],
        measure="ratio",
        evidence=contrast.anchor,
        comparison=row.id,
        arm=row.of,
        arm_name=row.of_group or given or population.setting or "no treatment named",
        treatments=row.tests,
        background=contrast.background,
        n=row.of_n,
        comparator=row.against,
        comparator_name=versus,
        comparator_n=row.against_n,
        question=row.question,
        direction=row.direction,
        randomized=row.randomized,
        events=None,
        total=None,
        value=effect["value"],
        unit=unit,
        not_reached=False,
        ci_low=low,
        ci_high=high,
        ci_upper=effect["ci_upper"],
        ci_level=(effect["ci_level"] or USUAL_CONFIDENCE) if ci else None,
        inverted=effect["inverted"],
        months=None,
        months_low=None,
        months_high=None,
        lower_favours=sides[is_below_one_better(unit, effect["endpoint"])],
        adjusted=effect["adjusted"],
        time_zero=None,
        follow_up=None,
        assessed_by=effect["assessed_by"],
        tumors=row.tumors,
        biomarkers=row.biomarkers,
        mixed=row.mixed,
        line=contrast.line,
        design=row.design,
        level=contrast.level,
        read_in=effect["read_in"],
        page=effect["seen_at"] or population.page or row.url,
        url=row.url,
        source=row.source,
        **estimate._asdict(),
    )


def _order(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the figures of a cohort and endpoint, the one that stands first."""
    present = {(one.effect.study, one.number) for one in candidates if one.number is not None}

    def rank(one: _Candidate) -> tuple[Any, ...]:
        effect = one.effect
        is_ratio, has_yi = effect.measure == "ratio", effect.yi is not None
        is_unclear = is_ratio and effect.direction == "unclear"
        within = any((effect.study, int(row)) in present for row in one.above.split())
        return (
            is_unclear,
            not (is_ratio and has_yi),
            not effect.treatments,
            within,
            not has_yi,
            not is_ratio,
            not effect.randomized,
            effect.adjusted in (None, "univariable"),
            _rank_time(effect),
            -(effect.n or 0) - (effect.comparator_n or 0),
            -(effect.year or 0),
            one.record,
            one.position,
        )

    return sorted(candidates, key=rank)


def _rank_time(effect: EffectRow) -> int:
    """Return the place of a landmark rate among those of a group: at the usual times first."""
    if effect.endpoint not in LANDMARK_ENDPOINTS:
        return 0
    known = (place for place, times in enumerate(LANDMARK_TIME_POINTS) if effect.at in times)
    return next(known, len(LANDMARK_TIME_POINTS))


def _explain_order(one: _Candidate, standing: _Candidate) -> str:
    """Return why a figure gives way to the one that stands for its cohort and endpoint."""
    mine, other = one.effect, standing.effect
    if mine.study != other.study:
        return "overlap"
    if (mine.measure == "ratio") != (other.measure == "ratio"):
        return "other-measure"
    if one.record == standing.record:
        return "other-figure"
    is_within = standing.number is not None and str(standing.number) in one.above.split()
    return "nested" if is_within else "other-group"


def _exclude(candidate: _Candidate, reason: str, instead: str | None) -> ExclusionRow:
    effect = candidate.effect
    return ExclusionRow(
        record=candidate.record,
        position=candidate.position,
        study=effect.study,
        citation=effect.citation,
        cohort=effect.cohort,
        endpoint=effect.endpoint,
        unit=effect.unit,
        at=effect.at,
        reason=reason,
        why=EXCLUSIONS[reason].meaning,
        instead=instead,
        source=effect.source,
    )
