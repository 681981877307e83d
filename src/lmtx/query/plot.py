"""The figures of one endpoint, one a row: what a forest plot shows. Nothing is pooled.

Figures of a group of patients stand beside effects of comparisons, each in panels of their own. A
ratio that is printed of the side that something is held against is drawn as its reciprocal, so that
all are seen from what was tested.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from lmtx.model.figures import (
    USUAL_CONFIDENCE,
    computed_interval,
    events_of,
    is_of_whole_row,
    patients_behind,
    write_interval,
    write_number,
    write_value_with_unit,
)
from lmtx.model.levels import find_level_at_rank, rank_level
from lmtx.model.records import EffectRecord
from lmtx.model.vocabulary import NUMBERLESS_UNITS, SECONDARY_RESEARCH, TIME_UNITS
from lmtx.query.comparisons import ComparisonRow, list_comparisons, remaining_comparison_conditions
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import (
    Filters,
    evidence_conditions,
    join_conditions,
    tested_treatment_conditions,
)
from lmtx.tuples import NamedTuple

DAYS_PER_UNIT = {"days": 1.0, "weeks": 7.0, "months": 30.44}
"""Days in each unit of time, by which times are drawn on one axis."""
TREATMENT_JOINERS = {"some": " or ", "in-turn": ", then "}
"""How several tested treatments are joined, where they were not given together."""


class ForestRow(NamedTuple):
    """A figure of a row of evidence; see `lmtx fields plot`."""

    citation: Annotated[str, "first author and year"]
    study: Annotated[str, "id of the study"]
    evidence: Annotated[
        str, "id of the row of evidence; of a comparison that of the row whose population holds"
    ]
    comparison: Annotated[str | None, "id of the comparison, where the figure is an effect of one"]
    question: Annotated[
        str | None, "what the comparison asks: add, instead, versus-none, schedule, route …"
    ]
    of_group: Annotated[str | None, "the tested side of a comparison in words, where it is no row"]
    versus: Annotated[str | None, "what the tested treatments are held against, in words"]
    control: Annotated[str | None, "historical or between-studies; empty where concurrent"]
    adjusted: Annotated[
        str | None, "how other differences were allowed for, as the record says; or univariable"
    ]
    favours: Annotated[str | None, "the side that the effect favours: of, against or neither"]
    printed: Annotated[
        str | None,
        "the figure as printed, where position, low and high are not: a ratio of the other side is "
        "drawn as its reciprocal, a time in the unit asked for",
    ]
    names: Annotated[str, "what was tested, by name, and in brackets what was given alongside"]
    treatments: Annotated[list[str], "ids of the treatments that were tested"]
    background: Annotated[list[str], "ids of what was given alongside; no evidence on it"]
    given_as: Annotated[
        str | None, "how several tested treatments stand to each other: together, some or in-turn"
    ]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    setting: Annotated[str | None, "population in words"]
    line: Annotated[str | None, "line of treatment for the LM: first, later or any"]
    n: Annotated[
        int | None,
        "patients behind the figure: those assessed, else those of the row where it counts them "
        "all; of an effect those of both sides",
    ]
    endpoint: Annotated[str, "what was measured"]
    estimate: Annotated[
        float | None, "the figure as printed; empty where the median was not reached"
    ]
    not_reached: Annotated[bool, "the median was not reached: beyond low, where that is known"]
    unit: Annotated[str, "its unit"]
    axis: Annotated[
        str, "unit of the axis: that of the figure, or % where it is a count of a known total"
    ]
    position: Annotated[float | None, "where it stands on that axis; empty where not reached"]
    low: Annotated[float | None, "lower end of the interval, on the axis"]
    high: Annotated[float | None, "upper end; empty where the paper gives none"]
    upper: Annotated[str | None, "what the paper prints in place of the upper end"]
    interval: Annotated[
        str,
        "printed; computed here from events and total (exact, Clopper-Pearson, to 0.1); or none",
    ]
    ci_level: Annotated[float | None, "confidence of the interval in %"]
    events: Annotated[int | None, "patients with the event"]
    total: Annotated[int | None, "patients assessed"]
    at: Annotated[str | None, "time point of a landmark rate"]
    time_zero: Annotated[str | None, "from when a time is counted, where stated"]
    p: Annotated[str | None, "p value as printed"]
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
    ]
    design: Annotated[str, "study design"]
    scope: Annotated[str, "whom the figure counts: whole row, or a subgroup, responders …"]
    group: Annotated[str | None, "which patients or what kind of figure, in words"]
    assessed_by: Annotated[str | None, "who or what judged the endpoint"]
    as_printed: Annotated[bool, "whether the paper's own figures do not fit each other"]
    synthesis: Annotated[
        bool, "whether it is a review or meta-analysis, which tells published patients again"
    ]
    shared_with: Annotated[
        list[str], "other rows on the same axis that tell some of the same patients"
    ]
    read_in: Annotated[
        str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
    ]
    recalled: Annotated[bool, "remembered, not read: it stands last and counts nowhere"]
    superseded_by: Annotated[str | None, "id of the later report of the same patients"]
    mixed_with: Annotated[
        str | None,
        "what is pooled in that is not LM of a solid tumor, or not of the tumor asked for",
    ]
    year: Annotated[int | None, "year of publication"]
    url: Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class Forest(NamedTuple):
    """The figures, the strongest and largest first, and how many were left out.

    Those of parts, replaced by a later report, of no patients that count, of groups told apart by
    what is no treatment, and effects that are a p value or words alone.
    """

    rows: list[ForestRow]
    parts: int
    older: int
    uncounted: int
    prognosis: int
    unnumbered: int


class RowPatients(NamedTuple):
    """Whose patients a row of evidence tells."""

    cohort: str
    row: int
    above: str
    counts: int
    recalled: bool

    def lies_within(self, other: RowPatients) -> bool:
        """Tell whether its patients are among those of another row of its study."""
        return str(other.row) in self.above.split()


def load_forest(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    all_scopes: bool = False,
    superseded: bool = False,
    unit: str | None = None,
) -> Forest:
    """Return the figures of the endpoint in the filters, by level and then by size.

    Times stand on the axis of their own unit, or all on that of `unit`. Left out are animals and
    withdrawn papers, and unless asked for figures of a part of the row (`all_scopes`) and those of
    a report that a later one in the same unit replaces (`superseded`).
    """
    evidence = list(list_evidence(connection, filters))
    names: dict[str, str] = dict(connection.execute("select id, name from treatment"))
    effects = list(list_comparison_effects(connection, filters, names))
    sides = {contrast.row.id: contrast.sides for contrast, _ in effects}
    compared = [id_ for several in sides.values() for id_ in several]
    places = load_row_patients(connection, [*(row.id for row in evidence), *compared])
    found = [
        _row(row, outcome, names)
        for row in evidence
        if places[row.id].counts >= 0 or places[row.id].recalled
        for outcome in row.outcomes
    ]
    prognosis = sum(contrast.row.question == "prognosis" for contrast, _ in effects)
    tested = [(contrast, one) for contrast, one in effects if contrast.row.question != "prognosis"]
    numbered = [(contrast, one) for contrast, one in tested if one["unit"] not in NUMBERLESS_UNITS]
    found += [
        _effect_row(contrast, effect, names)
        for contrast, effect in numbered
        if (place := places[contrast.anchor]).counts >= 0 or place.recalled
    ]
    uncounted = sum(len(row.outcomes) for row in evidence) + len(numbered) - len(found)
    found = [_convert_time(row, unit) for row in found] if unit else found
    kept = [row for row in found if all_scopes or is_of_whole_row({"scope": row.scope})]
    current = kept if superseded else _drop_replaced(kept, places)
    ordered = sorted(
        current,
        key=lambda row: (row.recalled, rank_level(row.level), row.n is None, -(row.n or 0)),
    )
    return Forest(
        _note_shared_patients(ordered, places, sides),
        len(found) - len(kept),
        len(kept) - len(current),
        uncounted,
        prognosis,
        len(tested) - len(numbered),
    )


def count_figures_per_endpoint(connection: sqlite3.Connection, filters: Filters) -> dict[str, int]:
    """Return the endpoints under the filters with their numbers of figures, the most frequent
    first."""
    sql, parameters = join_conditions(
        [*evidence_conditions(filters), *tested_treatment_conditions(filters)]
    )
    query = (
        f"select o.endpoint, count(*) from evidence e join outcome o on o.number = e.number {sql} "
        f"group by o.endpoint order by count(*) desc, o.endpoint"
    )
    found = Counter(dict(connection.execute(query, parameters)))
    found.update(
        effect["endpoint"]
        for contrast, effect in list_comparison_effects(connection, filters)
        if contrast.row.question != "prognosis" and effect["unit"] not in NUMBERLESS_UNITS
    )
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


class ComparisonContext(NamedTuple):
    """A comparison with what its rows say: the row it stands on, those of its sides, and what both
    had beside what is tested."""

    row: ComparisonRow
    anchor: str
    sides: list[str]
    line: str | None
    level: str | None
    background: list[str]
    versus: str
    superseded_by: str | None


def list_comparison_effects(
    connection: sqlite3.Connection,
    filters: Filters,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[ComparisonContext, EffectRecord]]:
    """Yield the effects of comparisons under the filters that are of an endpoint, each with its
    comparison; `names` are those of treatments, which stand by their ids where none are given."""
    rows = list(
        list_comparisons(connection, filters, also=tuple(remaining_comparison_conditions(filters)))
    )
    query = (
        "select c.id, e.id, e.line, c.level_rank, e.counts, s.superseded_by, mine.record, "
        "other.record "
        "from comparison c join evidence e on e.number = c.number join study s on s.id = c.study "
        "left join evidence mine on mine.number = c.of_row "
        "left join evidence other on other.number = c.against_row "
        "where c.id in (select value from json_each(?))"
    )
    ids = json.dumps([row.id for row in rows])
    known = {id_: more for id_, *more in connection.execute(query, [ids])}
    for row in rows:
        anchor, line, rank, counts, later, *records = known[row.id]
        mine, other = (json.loads(text) if text else {} for text in records)
        contrast = ComparisonContext(
            row=row,
            anchor=anchor,
            sides=list(dict.fromkeys([anchor, *filter(None, (row.of, row.against))])),
            line=line,
            level=find_level_at_rank(rank),
            background=[one for one in _given(mine) if one not in row.tests],
            versus=row.against_group
            or ", ".join(names.get(one, one) for one in row.against_tests or _given(other))
            or "those without it",
            superseded_by=later if counts >= 0 and not row.speaks else None,
        )
        yield from ((contrast, effect) for effect in row.effects if effect["endpoint"])


def _given(record: Mapping[str, Any]) -> list[str]:
    """Return all that a group had, tested or beside it."""
    return [*record.get("treatments", ()), *record.get("background", ())]


def _name_given(
    tested: Sequence[str], background: Sequence[str], given_as: str | None, names: Mapping[str, str]
) -> str:
    """Return what was tested, by name, and in brackets what was given alongside."""
    told, beside = ([names[one] for one in ids] for ids in (tested, background))
    alongside = f" ({', '.join(beside)})" if beside else ""
    return (TREATMENT_JOINERS.get(given_as or "", " + ").join(told) or "nothing tested") + alongside


def _convert_time(row: ForestRow, unit: str) -> ForestRow:
    """Return a time of a group on the axis of another unit, and as printed in words."""
    if row.axis not in TIME_UNITS or row.axis == unit:
        return row
    factor = DAYS_PER_UNIT[row.axis] / DAYS_PER_UNIT[unit]

    def convert(time: float | None) -> float | None:
        return None if time is None else round(time * factor, 2)

    low, high, position = convert(row.low), convert(row.high), convert(row.position)
    level = (
        ""
        if row.ci_level in (None, USUAL_CONFIDENCE)
        else f"{write_number(row.ci_level or 0)}% CI "
    )
    end = write_number(row.high) if row.high is not None else row.upper
    within = "" if row.low is None else f" ({level}{write_number(row.low)}–{end})"
    figure = "not reached" if row.estimate is None else write_number(row.estimate)
    printed = f"{figure} {row.unit}{within}"
    return row._replace(axis=unit, position=position, low=low, high=high, printed=printed)


def _effect_row(
    contrast: ComparisonContext, effect: Mapping[str, Any], names: Mapping[str, str]
) -> ForestRow:
    """Return an effect as a row, seen from what is tested.

    Its patients are those of both sides, where both are known and it is of all of them and of no
    others.
    """
    row = contrast.row
    unit = effect["unit"]
    axis = f"{unit} in {effect['of_unit']}" if effect["of_unit"] else unit
    low, high, interval, ci_level = _interval({**effect, "not_reached": False}, True)
    position, printed = effect["value"], None
    if effect["inverted"]:
        within = write_interval(effect)
        printed = write_value_with_unit(effect) + (f" ({within})" if within else "")
        position = _reciprocal(position)
        if low is None or high is None:
            low, high, interval, ci_level = None, None, "none", None
        else:
            low, high = _reciprocal(high), _reciprocal(low)
    whole = not effect["group"] and row.mixed_with is None
    sizes = [n for n in (row.of_n, row.against_n) if n is not None]
    of_effect = ("at", "p", "group", "assessed_by", "as_printed", "adjusted", "favours", "read_in")
    of_comparison = (
        "citation",
        "study",
        "question",
        "of_group",
        "control",
        "tumors",
        "setting",
        "design",
        "mixed_with",
        "year",
        "url",
        "source",
    )
    return ForestRow(
        evidence=contrast.anchor,
        comparison=row.id,
        versus=contrast.versus,
        printed=printed,
        names=_name_given(row.tests, contrast.background, row.tests_are, names),
        treatments=row.tests,
        background=contrast.background,
        given_as=row.tests_are,
        line=contrast.line,
        n=sum(sizes) if whole and len(sizes) == 2 else None,
        endpoint=effect["endpoint"],
        estimate=effect["value"],
        not_reached=False,
        unit=axis,
        axis=axis,
        position=position,
        low=low,
        high=high,
        upper=None if printed else effect["ci_upper"],
        interval=interval,
        ci_level=ci_level,
        events=None,
        total=None,
        time_zero=None,
        level=contrast.level,
        scope="other" if effect["group"] else "whole",
        synthesis=row.design in SECONDARY_RESEARCH,
        shared_with=[],
        recalled=effect["read_in"] == "recalled",
        superseded_by=None if effect["stands"] else contrast.superseded_by,
        **{name: effect[name] for name in of_effect},
        **{name: getattr(row, name) for name in of_comparison},
    )


def _reciprocal(ratio: float) -> float:
    """Return the ratio seen from the other side, to three digits."""
    return float(f"{1 / ratio:.3g}")


def load_row_patients(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, RowPatients]:
    query = (
        "select id, cohort, row, above, counts, recalled from evidence where id in (select value "
        "from json_each(?))"
    )
    return {
        id_: RowPatients(*place) for id_, *place in connection.execute(query, [json.dumps(ids)])
    }


def _row(row: EvidenceRow, outcome: Mapping[str, Any], names: Mapping[str, str]) -> ForestRow:
    events = None if outcome["not_reached"] else events_of(outcome)
    axis, position = outcome["unit"], outcome["value"]
    if axis == "patients" and events is not None and outcome["total"] and not outcome["ci"]:
        axis, position = "%", 100 * events / outcome["total"]
    synthesis = row.design in SECONDARY_RESEARCH
    low, high, interval, ci_level = _interval(outcome, synthesis)
    own = ("total", "at", "p", "scope", "group", "assessed_by", "as_printed", "time_zero")
    of_row = (
        "citation",
        "study",
        "treatments",
        "background",
        "given_as",
        "tumors",
        "setting",
        "line",
        "level",
        "design",
        "superseded_by",
        "mixed_with",
        "year",
        "url",
        "source",
    )
    return ForestRow(
        evidence=row.id,
        comparison=None,
        question=None,
        of_group=None,
        versus=None,
        control=None,
        adjusted=None,
        favours=None,
        printed=None,
        names=_name_given(row.treatments, row.background, row.given_as, names),
        n=patients_behind(outcome, row._asdict()),
        endpoint=outcome["endpoint"],
        estimate=outcome["value"],
        not_reached=outcome["not_reached"],
        unit=outcome["unit"],
        axis=axis,
        position=position,
        low=low,
        high=high,
        upper=outcome["ci_upper"],
        interval=interval,
        ci_level=ci_level,
        events=events,
        synthesis=synthesis,
        shared_with=[],
        read_in=outcome["read_in"],
        recalled=outcome["read_in"] == "recalled",
        **{name: outcome[name] for name in own},
        **{name: getattr(row, name) for name in of_row},
    )


def _interval(
    outcome: Mapping[str, Any], synthesis: bool
) -> tuple[float | None, float | None, str, float | None]:
    """Return both ends on the axis, where they come from, and their level: printed, or computed
    from counts, or none.

    The counts of a review are pooled over studies, so that an interval of one sample would be too
    narrow.
    """
    if outcome["ci"]:
        low, *high = outcome["ci"]
        return low, high[0] if high else None, "printed", outcome["ci_level"] or USUAL_CONFIDENCE
    if not synthesis and (ends := computed_interval(outcome)):
        return *ends, "computed", USUAL_CONFIDENCE
    return None, None, "none", None


def _drop_replaced(rows: Sequence[ForestRow], places: dict[str, RowPatients]) -> list[ForestRow]:
    """Return the rows without those for which a later report of the same patients has a figure on
    the same axis."""
    later = {(places[row.evidence].cohort, row.axis) for row in rows if row.superseded_by is None}
    return [
        row
        for row in rows
        if row.superseded_by is None or (places[row.evidence].cohort, row.axis) not in later
    ]


def _note_shared_patients(
    rows: Sequence[ForestRow],
    places: Mapping[str, RowPatients],
    sides: Mapping[str, Sequence[str]],
) -> list[ForestRow]:
    """Return the rows, each with the rows of evidence on its axis that tell some of the same
    patients, another figure of its own row included."""
    together: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        together[places[row.evidence].cohort, row.axis].append(i)
    found = list(rows)
    for group in together.values():
        for i in group:
            shared = {
                rows[other].evidence
                for other in group
                if other != i and _overlap(rows[i], rows[other], places, sides)
            }
            found[i] = rows[i]._replace(shared_with=sorted(shared))
    return found


def _overlap(
    row: ForestRow,
    other: ForestRow,
    places: Mapping[str, RowPatients],
    sides: Mapping[str, Sequence[str]],
) -> bool:
    """Tell whether two rows of one cohort tell some of the same patients: two arms of one study do
    not."""
    if row.study != other.study:
        return True
    mine, theirs = (sides.get(one.comparison or "", (one.evidence,)) for one in (row, other))
    return any(
        one == another
        or places[one].lies_within(places[another])
        or places[another].lies_within(places[one])
        for one in mine
        for another in theirs
    )
