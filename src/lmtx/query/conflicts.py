"""Where comparisons ask the same question of the same tumor and answer it differently.

Two comparisons are in conflict where they have the same question, the same tumor and no common
patients, and where for one kind of endpoint (survival, progression, response, symptoms, harm) one
favours what is tested and the other neither side or the other. They are held against each other for
the treatment, and for the top of its class by its route, as all intrathecal chemotherapy. Only
concurrent comparisons that speak count. Nothing here says who is right.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, Any

from lmtx.model import figures
from lmtx.model.reference import list_distinct_sources
from lmtx.model.vocabulary import (
    BENEFIT_QUESTIONS,
    DESIGNS,
    ENDPOINT_KINDS,
    KIND_OF_ENDPOINT,
    SECONDARY_RESEARCH,
    UNVERIFIED,
)
from lmtx.query.comparisons import ComparisonRow, list_comparisons
from lmtx.query.counting import JSON_VALUES_SUBQUERY
from lmtx.query.filters import (
    Condition,
    Filters,
    at_or_below_condition,
    join_conditions,
    placeholders_for,
    treatment_conditions,
)
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]
CONFLICT_ENDPOINT_KINDS = tuple(kind for kind in ENDPOINT_KINDS if kind != "prevention")
"""Kinds of endpoints on which answers are held against each other."""
SMALL_SIDE_LIMIT = 10
"""Patients of a side below which a comparison is a small one."""


class ConflictSubject(NamedTuple):
    """What conflicting comparisons test: a treatment, or the top of its class by a route."""

    kind: str
    id: str
    route: str | None


class ConflictRow(NamedTuple):
    """A question to which comparisons in one tumor give different answers; see `lmtx fields
    conflicts`."""

    subject: Annotated[str, "treatment, or class for the top of its class by its route"]
    id: Annotated[str, "id of the treatment or class"]
    name: Annotated[str, "its name"]
    route: Annotated[str | None, "route, where the subject is a class"]
    tumor: Annotated[str, "id of the tumor"]
    question: Annotated[str, "add, instead or versus-none"]
    versus: Annotated[list[str], "ids of what it is compared with, where the question is instead"]
    differ: Annotated[list[str], "kinds of endpoints on which the answers differ"]
    agree: Annotated[
        list[str], "kinds of endpoints that two or more of them report, and on which they agree"
    ]
    randomized: Annotated[int, "how many of the comparisons are randomised"]
    studies: Annotated[list[str], "ids of the studies that answer"]
    comparisons: Annotated[
        list[JsonDict],
        "the comparisons, randomised and largest first: id, study, what they test, direction, "
        "sizes, for each kind of endpoint the side favoured with the effects, and whom it is about "
        "where its study has another here",
    ]
    reasons: Annotated[
        list[JsonDict],
        "in what the comparisons differ as their records state it: what, and the words of each "
        "study",
    ]
    source: Annotated[
        list[str], "where the comparisons come from: lmtx, and the names of own records"
    ]


def list_conflicts(
    connection: sqlite3.Connection, filters: Filters, only: tuple[str, ...] = ()
) -> list[ConflictRow]:
    """Return the conflicts under the filters: those with the most randomised comparisons first.

    `only` keeps conflicts in which one of these treatments is tested.
    """
    sql, parameters = join_conditions(treatment_conditions(filters))
    query = f"select t.id, t.name from treatment t {sql}"
    treatments = dict(connection.execute(query, parameters))
    classes = dict(connection.execute("select id, label from class"))
    tops = _load_top_classes(connection)
    inside = _list_tumors_below(connection, filters)
    told = _answers(connection, filters, only, tops)
    routes = _routes(connection, told)
    groups: defaultdict[tuple[ConflictSubject, str, str, tuple[str, ...]], list[ComparisonRow]]
    groups = defaultdict(list)
    for row in told:
        for subject in _subjects(row, tops, routes[row.id]):
            if subject.kind == "treatment" and subject.id not in treatments:
                continue
            for tumor in row.tumors:
                if not inside or tumor in inside:
                    for versus in _list_comparators(row, subject, tops):
                        groups[subject, tumor, row.question, versus].append(row)
    found = []
    for (subject, tumor, question, versus), rows in groups.items():
        kinds = {kind: find_favoured_sides(kind, rows) for kind in CONFLICT_ENDPOINT_KINDS}
        differ = [kind for kind, sides in kinds.items() if has_conflicting_comparisons(sides, rows)]
        if not differ or (subject.kind == "class" and len({tuple(row.tests) for row in rows}) == 1):
            continue
        if only and not any(set(only) & set(row.tests) for row in rows):
            continue
        if filters.endpoints and not any(
            KIND_OF_ENDPOINT[endpoint] in differ for endpoint in filters.endpoints
        ):
            continue
        named = treatments if subject.kind == "treatment" else classes
        whom = label_comparisons_of_same_study(rows)
        agree = [
            kind
            for kind, sides in kinds.items()
            if kind not in differ and len({row.cohort for row in rows if row.id in sides}) > 1
        ]
        found.append(
            ConflictRow(
                subject=subject.kind,
                id=subject.id,
                name=named[subject.id],
                route=subject.route,
                tumor=tumor,
                question=question,
                versus=list(versus),
                differ=differ,
                agree=agree,
                randomized=sum(row.randomized for row in rows),
                studies=list(dict.fromkeys(row.study for row in rows)),
                comparisons=[{**_describe(row), "whom": whom.get(row.id)} for row in rows],
                reasons=list_stated_differences(rows),
                source=list_distinct_sources(row.source for row in rows),
            )
        )
    return sorted(
        found,
        key=lambda row: (
            -row.randomized,
            row.subject != "treatment",
            row.id,
            row.tumor,
            row.question,
        ),
    )


def can_conflict(row: ComparisonRow) -> bool:
    """Tell whether a comparison can be in conflict: concurrent, of patients of its own, of one kind
    of tumor, not told again.

    One whose authors or readers could not tell what it shows gives no answer.
    """
    return (
        row.speaks
        and row.direction != "unclear"
        and row.question in BENEFIT_QUESTIONS
        and row.control is None
        and row.design not in SECONDARY_RESEARCH
        and not row.mixed
    )


def _load_top_classes(connection: sqlite3.Connection) -> dict[str, str]:
    """Return for every treatment the class at the top of its tree."""
    query = (
        "select t.id, b.ancestor from treatment t join below b on b.kind = 'class' and b.id = "
        "t.class "
        "join class c on c.id = b.ancestor where c.parent is null"
    )
    return dict(connection.execute(query))


def _answers(
    connection: sqlite3.Connection,
    filters: Filters,
    only: tuple[str, ...],
    tops: Mapping[str, str],
) -> list[ComparisonRow]:
    """Return the comparisons that can be in conflict; with `only` those that ask what these
    treatments were asked, in the same tumors, of treatments of their classes."""
    all_figures = filters._replace(endpoints=())
    also: list[Condition] = [
        ("c.speaks = 1 and c.control is null and c.direction is not 'unclear'", []),
    ]
    if only:
        own = list_comparisons(connection, all_figures, only=only, also=tuple(also))
        asked = [row for row in own if can_conflict(row) and not set(only).isdisjoint(row.tests)]
        tumors = sorted({tumor for row in asked for tumor in row.tumors})
        questions = sorted({row.question for row in asked})
        classes = {tops[treatment] for row in asked for treatment in row.tests}
        relatives = [treatment for treatment, top in tops.items() if top in classes]
        inside = f"select number from evidence_tumor where tumor in ({placeholders_for(tumors)})"
        tested = (
            "select 1 from comparison_test x where x.comparison = c.id and x.side = 'of' "
            f"and x.treatment in {JSON_VALUES_SUBQUERY}"
        )
        also.append(
            (
                f"c.number in ({inside}) and c.question in ({placeholders_for(questions)}) "
                f"and exists ({tested})",
                [*tumors, *questions, json.dumps(relatives)],
            )
        )
    rows = list_comparisons(connection, all_figures, also=tuple(also))
    return [row for row in rows if row.effects and can_conflict(row)]


def _routes(
    connection: sqlite3.Connection, rows: Iterable[ComparisonRow]
) -> defaultdict[str, set[str]]:
    """Return the routes by which the tested treatments of each comparison were given, by its id."""
    ids = json.dumps([row.id for row in rows])
    query = (
        "select x.comparison, g.route from comparison_test x join comparison c on c.id = "
        "x.comparison "
        "join given g on g.number = c.of_row and g.treatment = x.treatment "
        f"where x.comparison in {JSON_VALUES_SUBQUERY} and x.side = 'of' and g.route <> '' "
        "union select comparison, route from comparison_test "
        f"where comparison in {JSON_VALUES_SUBQUERY} and side = 'of' and route is not null"
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for comparison, route in connection.execute(query, [ids, ids]):
        found[comparison].add(route)
    return found


def _subjects(
    row: ComparisonRow, tops: Mapping[str, str], routes: Iterable[str]
) -> Iterator[ConflictSubject]:
    """Yield what a comparison has an answer for: each treatment, unless it tests some of several,
    and their class by its route."""
    if row.tests_are != "some":
        for treatment in row.tests:
            yield ConflictSubject("treatment", treatment, None)
    classes, known = {tops[treatment] for treatment in row.tests}, set(routes)
    if len(classes) == 1 and len(known) == 1:
        yield ConflictSubject("class", classes.pop(), known.pop())


def _list_comparators(
    row: ComparisonRow, subject: ConflictSubject, tops: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """Yield what a comparison holds its subject against: head-to-head ones answer each other only
    against the same."""
    if row.question != "instead":
        yield ()
    elif subject.kind == "treatment":
        yield from ((treatment,) for treatment in row.against_tests)
    else:
        yield from ((top,) for top in sorted({tops[one] for one in row.against_tests}))


def _list_tumors_below(connection: sqlite3.Connection, filters: Filters) -> set[str]:
    """Return the tumors asked for and those below them; nothing for all."""
    if not filters.tumors:
        return set()
    inside, parameters = at_or_below_condition("tumor", filters.tumors)
    query = f"select id from tumor where id {inside}"
    return {tumor for (tumor,) in connection.execute(query, parameters)}


def find_endpoint_kind(effect: Mapping[str, Any]) -> str:
    """Return the kind of an effect's endpoint; an adverse event is harm."""
    return KIND_OF_ENDPOINT[effect["endpoint"]] if effect["endpoint"] else "harm"


def find_favoured_side(kind: str, row: ComparisonRow) -> str | None:
    """Return the side that a comparison favours on a kind of endpoint, or None where it tells
    nothing of it.

    An adjusted effect goes before an unadjusted one of the same endpoint. A side favoured on one
    endpoint of the kind is the answer, "both" where another endpoint favours the other side.
    """
    by_endpoint: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for effect in row.effects:
        if (
            find_endpoint_kind(effect) == kind
            and effect["read_in"] != "recalled"
            and effect["favours"]
        ):
            by_endpoint[str(effect["endpoint"] or effect["event"])].append(effect)
    sides: set[str] = set()
    for effects in by_endpoint.values():
        adjusted = [one for one in effects if one["adjusted"] not in (None, "univariable")]
        sides |= {str(one["favours"]) for one in adjusted or effects}
    if not sides:
        return None
    clear = sides - {"neither"}
    return "both" if len(clear) == 2 else clear.pop() if clear else "neither"


def find_favoured_sides(kind: str, rows: Iterable[ComparisonRow]) -> dict[str, str]:
    """Return the side that each comparison favours on a kind of endpoint, by its id; those that
    tell nothing are left out."""
    return {row.id: side for row in rows if (side := find_favoured_side(kind, row)) is not None}


def has_conflicting_comparisons(sides: Mapping[str, str], rows: Sequence[ComparisonRow]) -> bool:
    """Tell whether two comparisons without common patients differ: one favours what is tested, the
    other neither or the other side."""
    return any(
        one.cohort != other.cohort
        and (sides[one.id] == "of") != (sides[other.id] == "of")
        and "both" not in (sides[one.id], sides[other.id])
        for one, other in combinations([row for row in rows if row.id in sides], 2)
    )


def label_comparisons_of_same_study(rows: Sequence[ComparisonRow]) -> dict[str, str]:
    """Return in words of whom each comparison tells, by its id, where a study has several of them:
    by marker, by what it is held against, by setting, else by its number."""
    found: dict[str, str] = {}
    by_study: defaultdict[str, list[ComparisonRow]] = defaultdict(list)
    for row in rows:
        by_study[row.study].append(row)
    for several in by_study.values():
        if len(several) == 1:
            continue
        for words in (
            [" + ".join(row.biomarkers) for row in several],
            [row.of_group or "" for row in several],
            [f"against {row.against_group}" if row.against_group else "" for row in several],
            [f"comparison {row.id.rpartition('.c')[2]}" for row in several],
        ):
            if all(words) and len({*words}) == len(several):
                found |= {row.id: said for row, said in zip(several, words, strict=True)}
                break
    return found


def _describe(row: ComparisonRow) -> JsonDict:
    """Return a comparison with its effects by the kind of their endpoint."""
    kinds = [
        kind
        for kind in CONFLICT_ENDPOINT_KINDS
        if any(find_endpoint_kind(effect) == kind for effect in row.effects)
    ]
    return {
        "comparison": row.id,
        "study": row.study,
        "citation": row.citation,
        "year": row.year,
        "randomized": row.randomized,
        "tests": row.tests,
        "tests_are": row.tests_are,
        "against_tests": row.against_tests,
        "direction": row.direction,
        "design": row.design,
        "of_n": row.of_n,
        "against_n": row.against_n,
        "kinds": [
            {
                "kind": kind,
                "favours": find_favoured_side(kind, row),
                "effects": [effect for effect in row.effects if find_endpoint_kind(effect) == kind],
                "words": [
                    figures.write_effect(one)
                    for one in row.effects
                    if find_endpoint_kind(one) == kind
                ],
            }
            for kind in kinds
        ],
        "mixed_with": row.mixed_with,
        "read_in": row.read_in,
        "url": row.url,
        "source": row.source,
    }


def _size(row: ComparisonRow) -> list[str]:
    known = [n for n in (row.of_n, row.against_n) if n is not None]
    if not known:
        return []
    return [
        f"under {SMALL_SIDE_LIMIT} in a group"
        if min(known) < SMALL_SIDE_LIMIT
        else f"{SMALL_SIDE_LIMIT} or more in each group"
    ]


_STATED: tuple[tuple[str, Callable[[ComparisonRow], Iterable[str | None]]], ...] = (
    ("allotted", lambda row: ["by chance" if row.randomized else "not by chance"]),
    ("design", lambda row: [DESIGNS[row.design].label]),
    ("patients", _size),
    ("tested", lambda row: [" + ".join(row.tests)]),
    ("biomarker", lambda row: row.biomarkers),
    ("against", lambda row: [row.against_group or " + ".join(row.against_tests)]),
    ("pooled with", lambda row: [row.mixed_with]),
    (
        "reading",
        lambda row: [
            "not read at its source" if row.read_in in UNVERIFIED else "read at its source"
        ],
    ),
    ("setting", lambda row: [row.setting]),
)
"""What the records state of a comparison that may lie behind a disagreement."""


def list_stated_differences(rows: Sequence[ComparisonRow]) -> list[JsonDict]:
    """Return in what comparisons differ as their records state it: what, and the words of each."""
    found = []
    for what, words in _STATED:
        stated = {row.id: [word for word in words(row) if word] for row in rows}
        if len({tuple(said) for said in stated.values()}) > 1:
            found.append({"what": what, "stated": stated})
    return found
