"""What belongs to a treatment: its studies, its patients, the level of its evidence and which way
it points.

The rules, each in one place, used by every listing, card, plot, page and export:

- A treatment owns what was tested. What was given alongside is no evidence on it.
- Its patients are those who had it: its own n where not all of a group had it, none where nobody
  says how many. Of a group with two primary tumors those of the tumor that is asked for count.
- Studies that tell the same patients share a cohort (`overlaps`, `superseded_by`); a cohort is one
  study, and its patients are those of its largest report. Within a report a group that lies
  `within` another adds nobody, rows that overlap count as the largest, and all together never count
  more than the study has. What only a pool of other patients tells (`n_pooled`) adds none. What a
  later report tells again is not counted twice; what was recalled and not read is not counted at
  all.
- Its direction in a cohort is that of concurrent comparisons that test it against none or as an
  addition, randomised ones first; where nothing compares, that of its own groups. Comparisons with
  other treatments, with patients of earlier times or of other studies, of schedules, routes, doses
  and orders give none. Where reports differ the later speaks.
- Where each patient had some of several treatments the answer is that of none of them alone, unless
  it is null or harmful.
- Its level goes by its own n, and says on what it rests.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from lmtx.model.levels import (
    NO_LEVEL_RANK,
    combine_directions,
    find_level_at_rank,
    lower_level_by_n,
    rank_level,
)
from lmtx.model.vocabulary import ADDING_QUESTIONS, BENEFIT_QUESTIONS, DIRECTIONS, UNPLANNED_DESIGNS
from lmtx.query.filters import (
    Condition,
    Filters,
    at_or_below_condition,
    evidence_conditions,
    join_conditions,
    tested_treatment_conditions,
    treatment_conditions,
)
from lmtx.query.parameters import LARGEST_INTEGER
from lmtx.tuples import NamedTuple

UNWELCOME_DIRECTIONS = frozenset({"no-benefit", "worse"})
"""Answers that are not dropped where they are of some of several treatments."""
RANDOMISED_WEIGHT, CONCURRENT_WEIGHT, SINGLE_WEIGHT = range(3)
"""How much a direction weighs: the first that there is speaks."""
UNKNOWN_ROUTE_SET = frozenset({""})
"""Stands for a treatment of which nobody says how it was given."""
JSON_VALUES_SUBQUERY = "(select value from json_each(?))"
"""Rows are looked up one by one: a listing never reads a whole table."""


class CountedGroup(NamedTuple):
    """A row of evidence as counting reads it; `above` are the rows of its study that it lies
    within, the nearest first."""

    number: int
    study: str
    row: int
    above: str
    cohort: str
    counts: int
    recalled: bool
    superseded: bool
    stands: bool
    year: int | None
    cap: int | None
    overlap: bool
    pooled: bool
    level_rank: int
    n: int | None
    direction: str | None
    given_as: str | None
    tested: int
    design: str


class CountedTestedTreatment(NamedTuple):
    """One entry of what a group was given to test it, with all its routes."""

    treatment: str
    routes: frozenset[str]
    n: int | None
    n_unknown: bool
    direction: str | None


class CountedComparison(NamedTuple):
    """Two groups held against each other, as counting reads them; `number` is the row whose
    population holds."""

    id: str
    number: int
    of_row: int | None
    against_row: int | None
    of_n: int | None
    against_n: int | None
    question: str
    randomized: bool
    control: str | None
    direction: str | None
    tests_are: str | None
    speaks: bool
    level_rank: int


class EvidenceView(NamedTuple):
    """The rows of evidence in view, with what was tested in them and which comparisons stand on
    them."""

    groups: Mapping[int, CountedGroup]
    given: Mapping[int, Sequence[CountedTestedTreatment]]
    comparisons: Mapping[int, Sequence[CountedComparison]]
    tests: Mapping[str, Mapping[str, str | None]]
    """What a comparison tests, with the route where it is known."""
    against: Mapping[str, Mapping[str, str | None]]
    """What its other side had in place of it."""
    others: Mapping[int, str] = {}
    """The other tumors of a row that names more than those asked for, in words."""


class Claim(NamedTuple):
    """What one group or comparison has to say of a treatment, or of a class or all of them
    together.

    `n` are its own patients; `part`: only a part of the group had it. Where n is not known they are
    among `part_of`. `weight` and `direction` tell which way it points and how much that weighs;
    `in_words` marks an answer, or a group that is no row; `whole` says that all of the group had
    it, and `is_tested` that anything was tested in it. `shared` says how other tested treatments
    stood beside it: together, some, in-turn, or not at all.
    """

    number: int
    study: str
    row: int
    above: str
    cohort: str
    counts: int
    recalled: bool
    superseded: bool
    stands: bool
    year: int | None
    cap: int | None
    overlap: bool
    pooled: bool
    level_rank: int
    n: int | None = None
    part: bool = False
    part_of: int | None = None
    direction: str | None = None
    weight: int = SINGLE_WEIGHT
    in_words: bool = False
    whole: bool = False
    shared: str | None = None
    is_tested: bool = True


class Tally(NamedTuple):
    """Independent studies and their patients, which way they point, and how strong that is.

    `part_of` counts the patients of groups of which an unknown part had the treatment; `recalled`
    counts studies that were remembered, not read, and count nowhere else. `rests_on` is alone,
    together or pooled.
    """

    studies: int = 0
    patients: int | None = None
    part_of: int | None = None
    syntheses: int = 0
    recalled: int = 0
    benefit: int = 0
    no_benefit: int = 0
    worse: int = 0
    mixed: int = 0
    unclear: int = 0
    level: str | None = None
    rests_on: str | None = None
    latest: int | None = None

    def of(self, direction: str) -> int:
        """Return how many studies point in a direction."""
        return int(getattr(self, direction.replace("-", "_")))


COUNTED_GROUP_COLUMNS_SQL = ", ".join(f"e.{name}" for name in CountedGroup._fields)


def load_evidence_view(
    connection: sqlite3.Connection, conditions: Sequence[Condition]
) -> EvidenceView:
    """Return the rows of evidence `e` under the conditions, with what was tested in them."""
    sql, parameters = join_conditions(conditions)
    query = f"select {COUNTED_GROUP_COLUMNS_SQL} from evidence e {sql}"
    groups = {row[0]: CountedGroup(*row) for row in connection.execute(query, parameters)}
    numbers = json.dumps(sorted(groups))
    entries: defaultdict[tuple[int, int], list[tuple[str, str, int | None, int, str | None]]]
    entries = defaultdict(list)
    query = (
        "select number, position, treatment, route, n, n_unknown, direction from given "
        f"where number in {JSON_VALUES_SUBQUERY} order by number, position"
    )
    for number, position, *line in connection.execute(query, [numbers]):
        entries[number, position].append((line[0], line[1], line[2], line[3], line[4]))
    given: defaultdict[int, list[CountedTestedTreatment]] = defaultdict(list)
    for (number, _), lines in entries.items():
        treatment, _, n, n_unknown, direction = lines[0]
        routes = frozenset(line[1] for line in lines if line[1])
        given[number].append(
            CountedTestedTreatment(treatment, routes, n, bool(n_unknown), direction)
        )
    names = ", ".join(CountedComparison._fields)
    query = (
        f"select {names} from comparison where number in {JSON_VALUES_SUBQUERY} order by number, id"
    )
    comparisons: defaultdict[int, list[CountedComparison]] = defaultdict(list)
    for row in connection.execute(query, [numbers]):
        comparisons[row[1]].append(CountedComparison(*row))
    sides: dict[str, defaultdict[str, dict[str, str | None]]] = {
        "of": defaultdict(dict),
        "against": defaultdict(dict),
    }
    ids = json.dumps([one.id for several in comparisons.values() for one in several])
    query = (
        "select comparison, side, treatment, route from comparison_test "
        f"where comparison in {JSON_VALUES_SUBQUERY}"
    )
    for comparison, side, treatment, route in connection.execute(query, [ids]):
        sides[side][comparison][treatment] = route
    return EvidenceView(groups, given, comparisons, sides["of"], sides["against"])


def narrow_to_tumors(
    connection: sqlite3.Connection, view: EvidenceView, tumors: Sequence[str]
) -> EvidenceView:
    """Return the view with the patients of these tumors alone, in rows that name another too: as
    many as the record tells of them, an unknown part where it tells none.

    Rows of mixed populations, which answer only where they are asked for, keep theirs.
    """
    if not tumors:
        return view
    inside, parameters = at_or_below_condition("tumor", tumors)
    query = (
        f"select s.number, s.n, s.tumor {inside}, t.label from tumor_share s "
        f"join tumor t on t.id = s.tumor where s.number in {JSON_VALUES_SUBQUERY} order by "
        f"s.number, "
        f"s.tumor"
    )
    parameters = [*parameters, json.dumps(sorted(view.groups))]
    groups: dict[int, CountedGroup] = {}
    given: dict[int, list[CountedTestedTreatment]] = {}
    comparisons: dict[int, list[CountedComparison]] = {}
    others: dict[int, str] = {}
    for number, lines in groupby(connection.execute(query, parameters), key=itemgetter(0)):
        shares = list(lines)
        labels = [label for _, _, is_meant, label in shares if not is_meant]
        group = view.groups.get(number)
        if group is None or not labels or len(labels) == len(shares):
            continue
        known = [n for _, n, is_meant, _ in shares if is_meant]
        n = None if None in known else sum(known)
        cap = group.n if n is None else group.cap
        groups[number] = group._replace(n=n, cap=cap, pooled=True)
        given[number] = [
            entry._replace(n=None, n_unknown=entry.n_unknown or entry.n is not None)
            for entry in view.given.get(number, ())
        ]
        comparisons[number] = [
            one._replace(of_n=None, against_n=None) for one in view.comparisons.get(number, ())
        ]
        others[number] = ", ".join(labels)
    if not others:
        return view
    return view._replace(
        groups={**view.groups, **groups},
        given={**view.given, **given},
        comparisons={**view.comparisons, **comparisons},
        others=others,
    )


def group_rows_by_treatment(view: EvidenceView) -> dict[str, list[int]]:
    """Return every treatment that is tested in the view, with the numbers of the rows that have
    something to say of it."""
    found: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for number, given in view.given.items():
        for entry in given:
            found[entry.treatment][number] = None
    for number, comparisons in view.comparisons.items():
        for one in comparisons:
            if one.question in BENEFIT_QUESTIONS:
                for treatment in view.tests.get(one.id, ()):
                    found[treatment][number] = None
                if is_other_side_tested(one) and len(view.against.get(one.id, ())) == 1:
                    for treatment in view.against[one.id]:
                        found[treatment][number] = None
    return {treatment: list(numbers) for treatment, numbers in found.items()}


def is_other_side_tested(comparison: CountedComparison) -> bool:
    """Tell whether the other side of a comparison tests a treatment too: patients of earlier times
    or of other studies are those of other reports."""
    return comparison.question == "instead" and comparison.control is None


def list_claims(
    view: EvidenceView,
    treatments: Collection[str] | None = None,
    routes: Collection[str] = (),
    numbers: Iterable[int] | None = None,
) -> list[Claim]:
    """Return what the view has to say of some treatments together, given by one of some routes.

    Without treatments and routes everything in view is meant, groups in which nothing is tested
    included. `numbers` are the rows to look at, where fewer than all.
    """
    found: list[Claim] = []
    for number in view.groups if numbers is None else numbers:
        group = view.groups[number]
        if treatments is None and not routes:
            whole = {"n": group.n, "whole": True, "is_tested": bool(group.tested)}
            claims = [_claim(group, direction=group.direction, **whole)]
        else:
            given = view.given.get(number, ())
            is_shared = number in view.others
            claims = _claims_of_group(group, given, treatments, routes, is_shared=is_shared)
        found += claims
        for comparison in view.comparisons.get(number, ()):
            found += _claims_of_comparison(group, comparison, view, treatments, routes, claims)
    return found


def _claim(group: CountedGroup, **more: Any) -> Claim:
    more.setdefault("level_rank", group.level_rank)
    more.setdefault("above", group.above)
    return Claim(
        number=group.number,
        study=group.study,
        row=group.row,
        cohort=group.cohort,
        counts=group.counts,
        recalled=group.recalled,
        superseded=group.superseded,
        stands=group.stands,
        year=group.year,
        cap=group.cap,
        overlap=group.overlap,
        pooled=group.pooled,
        **more,
    )


def _is_meant(
    entry: CountedTestedTreatment, treatments: Collection[str] | None, routes: Collection[str]
) -> bool:
    return (treatments is None or entry.treatment in treatments) and (
        not routes or not (entry.routes or UNKNOWN_ROUTE_SET).isdisjoint(routes)
    )


def _claims_of_group(
    group: CountedGroup,
    given: Sequence[CountedTestedTreatment],
    treatments: Collection[str] | None,
    routes: Collection[str],
    *,
    is_shared: bool = False,
) -> list[Claim]:
    """Return the claim of a row on treatments that it tests, or none.

    `is_shared` says that the row names a tumor besides those asked for: where nobody says how many
    of its patients had these, they are a part of it.
    """
    own = [entry for entry in given if _is_meant(entry, treatments, routes)]
    if not own:
        return []
    others = {entry.treatment for entry in given} - {entry.treatment for entry in own}
    some = group.given_as == "some" and group.tested > 1
    everyone = any(entry.n is None and not entry.n_unknown for entry in own)
    if (everyone and not some) or (some and len(own) == len(given)):
        # a group of unknown size within a cohort is a part of it like any other
        part = group.n is None and bool(group.above) and group.design in UNPLANNED_DESIGNS
        n, whole = group.n, not part
        # of two tumors a part, but all had the treatment: the figures stand, marked as pooled
        part |= group.n is None and is_shared
    else:
        known = [entry.n for entry in own if entry.n is not None]
        # of a pool nobody says how many of the n had LM of a solid tumor
        n = max(known) if known and not group.pooled else None
        part, whole = n is None, n is not None and n == group.n
    told = {entry.direction for entry in own if entry.direction}
    direction = combine_directions(told) if told else group.direction
    if some and others and not told and direction not in UNWELCOME_DIRECTIONS:
        direction = None
    return [
        _claim(
            group,
            n=n,
            part=part,
            part_of=(group.n or group.cap) if part or n is None else None,
            level_rank=rank_level_in_group(group, n, part=part),
            direction=direction,
            whole=whole,
            shared=group.given_as if others else None,
        )
    ]


def rank_level_in_group(group: CountedGroup, n: int | None, *, part: bool) -> int:
    """Return the rank of the level of a treatment in a group, by the patients who had it."""
    return rank_level(
        lower_level_by_n(find_level_at_rank(group.level_rank), group.design, n, part=part)
    )


def _claims_of_comparison(
    group: CountedGroup,
    comparison: CountedComparison,
    view: EvidenceView,
    treatments: Collection[str] | None,
    routes: Collection[str],
    claims: Sequence[Claim],
) -> list[Claim]:
    """Return what a comparison says of treatments: its answer, and where a side is words, its
    patients.

    `claims` are those of the row on which the comparison stands.
    """
    if comparison.question not in BENEFIT_QUESTIONS or not (comparison.speaks or group.recalled):
        return []
    tests = view.tests.get(comparison.id, {})
    if treatments is None and not routes:
        own = set(tests)
    elif comparison.of_row is not None:
        own = {
            entry.treatment
            for entry in view.given.get(comparison.of_row, ())
            if entry.treatment in tests and _is_meant(entry, treatments, routes)
        }
    else:
        own = _meant_in_words(tests, treatments, routes)
    found = []
    some = comparison.tests_are == "some" and own != set(tests)
    if own:
        direction = comparison.direction if comparison.question in ADDING_QUESTIONS else None
        if comparison.control is not None or (some and direction not in UNWELCOME_DIRECTIONS):
            direction = None
        level = find_level_at_rank(comparison.level_rank)
        level_rank = rank_level(lower_level_by_n(level, group.design, None, part=some))
        found.append(
            _claim(
                group,
                level_rank=min((claim.level_rank for claim in claims), default=level_rank),
                direction=direction,
                weight=RANDOMISED_WEIGHT if comparison.randomized else CONCURRENT_WEIGHT,
                shared=comparison.tests_are if own != set(tests) else None,
                **_patients_in_words(group, comparison.of_row, comparison.of_n, claims, some=some),
            )
        )
    against = view.against.get(comparison.id, {})
    if (
        comparison.against_row is None
        and is_other_side_tested(comparison)
        and len(against) == 1
        and _meant_in_words(against, treatments, routes)
    ):
        found.append(
            _claim(
                group,
                level_rank=comparison.level_rank,
                **_patients_in_words(group, None, comparison.against_n, claims, some=False),
            )
        )
    return found


def _meant_in_words(
    tests: Mapping[str, str | None], treatments: Collection[str] | None, routes: Collection[str]
) -> set[str]:
    return {
        treatment
        for treatment, route in tests.items()
        if (treatments is None or treatment in treatments)
        and (not routes or (route or "") in routes)
    }


def _patients_in_words(
    group: CountedGroup, row: int | None, n: int | None, claims: Sequence[Claim], *, some: bool
) -> dict[str, object]:
    """Return the patients of a side of a comparison; of one that is a row, or tested in the row
    itself, that row tells them."""
    if row is not None or claims:
        return {"in_words": True}
    known = None if some or group.pooled else n
    return {
        "in_words": True,
        "n": known,
        "part": known is None,
        "part_of": (group.n or group.cap) if known is None else None,
        "above": f"{group.row} {group.above}".strip(),
    }


def load_claims(
    connection: sqlite3.Connection, filters: Filters, *also: Condition
) -> tuple[EvidenceView, list[Claim]]:
    """Return the rows of evidence under the filters, and what they say of all treatments that the
    filters keep together.

    `also` adds conditions on the row `e`. Level, number of patients and direction are those of
    these treatments.
    """
    view = load_evidence_view(
        connection,
        [
            *evidence_conditions(keep_row_filters(filters)),
            *tested_treatment_conditions(filters),
            *also,
        ],
    )
    view = narrow_to_tumors(connection, view, filters.tumors)
    claims = list_claims(view, find_filtered_treatments(connection, filters), filters.routes)
    return view, keep_claims_by_cohort_direction(
        apply_level_and_n_filters(claims, filters), filters.directions
    )


def keep_row_filters(filters: Filters) -> Filters:
    """Return the filters without those that act on what was tested instead of the whole row.

    Raises OverflowError for a number that the index cannot hold, as it would there.
    """
    if filters.min_n is not None and filters.min_n > LARGEST_INTEGER:
        raise OverflowError
    return filters._replace(levels=(), min_level=None, min_n=None, directions=())


def find_filtered_treatments(connection: sqlite3.Connection, filters: Filters) -> set[str] | None:
    """Return the treatments that the filters keep, None where they keep all."""
    conditions = treatment_conditions(filters)
    if not conditions:
        return None
    sql, parameters = join_conditions(conditions)
    return {id_ for (id_,) in connection.execute(f"select t.id from treatment t {sql}", parameters)}


def apply_level_and_n_filters(claims: Sequence[Claim], filters: Filters) -> list[Claim]:
    """Keep the claims of the level and number of patients that the filters ask for."""
    return keep_claims_by_level_and_n(claims, filters.levels, filters.min_level, filters.min_n)


def keep_claims_by_cohort_direction(
    claims: Sequence[Claim], directions: Collection[str]
) -> list[Claim]:
    """Keep the claims of the studies that point in one of the directions; no direction asked for
    keeps all."""
    if not directions:
        return list(claims)
    cohorts: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        cohorts[claim.cohort].append(claim)
    return [
        claim
        for told in cohorts.values()
        if direction_of_cohort(_current(told)) in directions
        for claim in told
    ]


def keep_claims_by_level_and_n(
    claims: Sequence[Claim],
    levels: Collection[str] = (),
    min_level: str | None = None,
    min_n: int | None = None,
) -> list[Claim]:
    """Keep the claims of a level and a number of patients, by the patients who had the treatment,
    with the answers on them."""

    def fits(claim: Claim) -> bool:
        return (
            (not levels or find_level_at_rank(claim.level_rank) in levels)
            and (min_level is None or claim.level_rank <= rank_level(min_level))
            and (min_n is None or (claim.n is not None and claim.n >= min_n))
        )

    told = {claim.number for claim in claims if not claim.in_words}
    kept = {claim.number for claim in claims if not claim.in_words and fits(claim)}
    return [
        claim
        for claim in claims
        if claim.number in kept or (claim.number not in told and fits(claim))
    ]


def keep_current_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims of each cohort that no later report in view replaces; all of them where
    nothing later is in view."""
    cohorts: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        cohorts[claim.cohort].append(claim)
    return [claim for told in cohorts.values() for claim in _current(told)]


def _current(cohort: Sequence[Claim]) -> list[Claim]:
    return [claim for claim in cohort if not claim.superseded] or list(cohort)


def count_evidence(claims: Iterable[Claim]) -> Tally:
    """Count independent studies, patients and directions, and find the strongest level."""
    everything = list(claims)
    cohorts: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in everything:
        if claim.counts == 1:
            cohorts[claim.cohort].append(claim)
    sizes: list[int] = []
    parts: list[int] = []
    directions = dict.fromkeys(DIRECTIONS, 0)
    for cohort in cohorts.values():
        current = _current(cohort)
        if any(claim.is_tested for claim in current):
            directions[direction_of_cohort(current)] += 1
        size = count_patients(current)
        if size is None:  # an older report may tell it
            size = count_patients(cohort)
        if size is not None:
            sizes.append(size)
        elif told := [claim.part_of for claim in current if claim.part_of is not None]:
            parts.append(max(told))
    speaking = [claim for claim in keep_current_claims(everything) if claim.counts >= 0]
    rank = min((claim.level_rank for claim in speaking), default=NO_LEVEL_RANK)
    strongest = [claim for claim in speaking if claim.level_rank == rank]
    years = [claim.year for claim in speaking if claim.year is not None]
    return Tally(
        studies=len(cohorts),
        patients=sum(sizes) if sizes else None,
        part_of=sum(parts) if parts else None,
        syntheses=len({claim.study for claim in everything if claim.counts == 0}),
        recalled=len({claim.study for claim in everything if claim.recalled}),
        **{direction.replace("-", "_"): number for direction, number in directions.items()},
        level=find_level_at_rank(rank),
        rests_on=_rests_on(strongest) if rank < NO_LEVEL_RANK else None,
        latest=max(years, default=None),
    )


def _rests_on(claims: Iterable[Claim]) -> str | None:
    """Return the best that groups of the strongest level stand for: the treatment alone, with
    others, or a pool."""
    kinds = {
        "pooled" if claim.pooled else "together" if claim.shared else "alone" for claim in claims
    }
    return next((kind for kind in ("alone", "together", "pooled") if kind in kinds), None)


def direction_of_cohort(cohort: Sequence[Claim]) -> str:
    """Return which way a cohort points: randomised answers first, then concurrent ones, then single
    groups; the later report speaks."""
    told = [claim for claim in cohort if claim.direction is not None]
    weight = min((claim.weight for claim in told), default=SINGLE_WEIGHT)
    by_year: defaultdict[int, set[str]] = defaultdict(set)
    for claim in told:
        if claim.weight == weight and claim.direction:
            by_year[claim.year or 0].add(claim.direction)
    for year in sorted(by_year, reverse=True):
        if (direction := combine_directions(by_year[year])) != "unclear":
            return direction
    return "unclear"


def count_patients(cohort: Sequence[Claim]) -> int | None:
    """Count the largest report of a cohort, and beside it the rows that stand alone in an older
    one."""
    known = [claim for claim in cohort if claim.n is not None]
    if len(known) < 2:
        return _count_in_report(known)
    apart = _largest_report([claim for claim in known if claim.stands])
    largest = _largest_report([claim for claim in known if not claim.stands])
    return None if apart is largest is None else (apart or 0) + (largest or 0)


def _largest_report(claims: Iterable[Claim]) -> int | None:
    by_study: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_study[claim.study].append(claim)
    sizes = [size for told in by_study.values() if (size := _count_in_report(told)) is not None]
    return max(sizes, default=None)


def _count_in_report(known: Sequence[Claim]) -> int | None:
    """Count the patients of one report, each once; `known` are the claims that tell how many."""
    if not known:
        return None
    if len(known) == 1 or any(claim.overlap for claim in known):
        total = max(claim.n or 0 for claim in known)
    else:
        total = _count_in_tree(None, known, {claim.row for claim in known if not claim.in_words})
    caps = [claim.cap for claim in known if claim.cap is not None]
    return min([total, *caps])


def _count_in_tree(top: int | None, claims: Sequence[Claim], present: Collection[int]) -> int:
    """Count the groups that lie right within a group: a group counts at least what lies within it
    does."""
    inside = [claim for claim in claims if _find_enclosing(claim, present) == top]
    total = sum(
        max(claim.n or 0, _count_in_tree(claim.row, claims, present))
        for claim in inside
        if not claim.in_words
    )
    words: defaultdict[str, int] = defaultdict(int)
    for claim in inside:
        if claim.in_words:
            words[claim.above] = max(words[claim.above], claim.n or 0)
    return total + sum(words.values())


def _find_enclosing(claim: Claim, present: Collection[int]) -> int | None:
    """Return the nearest row within which a claim lies, of those present."""
    return next((row for row in map(int, claim.above.split()) if row in present), None)
