"""The filters that all listings share, and the SQL that they mean. Values are ids; `resolve` makes them."""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from lmtx.model import vocabulary
from lmtx.query import resolve

Condition = tuple[str, list[Any]]


class Filters(NamedTuple):
    """What to keep. Values of one filter mean "or", different filters mean "and"; an empty one keeps all."""

    tumors: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    min_level: str | None = None
    biomarkers: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    min_n: int | None = None
    since: int | None = None
    verified: bool = False
    mixed: bool = False

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def on_evidence(self) -> bool:
        """Whether a filter looks at the rows of evidence, not just at the treatment."""
        return self._replace(classes=(), targets=(), mixed=False) != Filters()


def resolved(connection: sqlite3.Connection, raw: Filters) -> Filters:
    """Return the filters with every value turned into an id; raise UsageError for one that is not known."""
    return raw._replace(
        tumors=tuple(resolve.ids(connection, "tumor", raw.tumors)),
        classes=tuple(resolve.ids(connection, "class", raw.classes)),
        levels=tuple(resolve.words("--level", vocabulary.LEVELS, raw.levels)),
        min_level=resolve.word("--min-level", vocabulary.LEVELS, raw.min_level)
        if raw.min_level is not None
        else None,
        biomarkers=tuple(resolve.ids(connection, "biomarker", raw.biomarkers)),
        routes=tuple(resolve.words("--route", vocabulary.ROUTES, raw.routes)),
        targets=tuple(resolve.ids(connection, "target", raw.targets)),
        designs=tuple(resolve.designs(raw.designs, vocabulary.DESIGNS)),
        directions=tuple(resolve.words("--direction", vocabulary.DIRECTIONS, raw.directions)),
        endpoints=tuple(resolve.words("--endpoint", vocabulary.ENDPOINTS, raw.endpoints)),
    )


def marks(values: tuple[Any, ...]) -> str:
    """Return the placeholders for a list of parameters."""
    return ", ".join("?" * len(values))


def below(kind: str, ids: tuple[str, ...]) -> Condition:
    """Return the condition "is one of these nodes or below one"."""
    return f"in (select id from below where kind = '{kind}' and ancestor in ({marks(ids)}))", list(
        ids
    )


def tumor_condition(filters: Filters) -> list[Condition]:
    """Return the conditions on the tumor of a row of evidence `e`.

    A row of a mixed population counts for a tumor only with `mixed`, even where it names that tumor: its figures are not that tumor's.
    """
    if not filters.tumors or ("solid" in filters.tumors and not filters.mixed):
        return []
    inside, parameters = below("tumor", filters.tumors)
    named = f"e.number in (select number from evidence_tumor where tumor {inside})"
    return [
        (f"({named} or e.mixed = 1)" if filters.mixed else f"({named} and e.mixed = 0)", parameters)
    ]


def treatment_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a treatment `t`: its class and targets."""
    found: list[Condition] = []
    if filters.classes:
        inside, parameters = below("class", filters.classes)
        found.append((f"t.class {inside}", parameters))
    if filters.targets:
        found.append(
            (
                f"t.id in (select treatment from treatment_target where target in ({marks(filters.targets)}))",
                list(filters.targets),
            )
        )
    return found


def evidence_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a row of evidence `e`, all but those on its treatments."""
    found = tumor_condition(filters)
    if filters.levels:
        found.append((f"e.level in ({marks(filters.levels)})", list(filters.levels)))
    if filters.min_level:
        from lmtx.model.levels import rank_of

        found.append(("e.level_rank <= ?", [rank_of(filters.min_level)]))
    led = narrowed(filters)
    for table, column, values in (
        ("evidence_biomarker", "biomarker", filters.biomarkers),
        ("evidence_route", "route", filters.routes),
        ("outcome", "endpoint", filters.endpoints),
    ):
        if values:
            found.append(
                (
                    _numbered(
                        f"select x.number from {table} x where x.{column} in ({marks(values)})",
                        "x",
                        led,
                    ),
                    list(values),
                )
            )
            led = True
    if filters.designs:
        found.append((f"e.design in ({marks(filters.designs)})", list(filters.designs)))
    if filters.directions:
        found.append((f"e.direction in ({marks(filters.directions)})", list(filters.directions)))
    for column, least in (("n", filters.min_n), ("year", filters.since)):
        if least is not None:
            found.append((f"e.{column} >= ?", [least]))
    if filters.verified:
        found.append(("e.verified = 1", []))
    return found


def by_route(routes: Sequence[str]) -> list[Condition]:
    """Return the condition that a treatment `t` was given by one of these routes itself, if any are asked for."""
    return (
        [
            (
                f"t.id in (select treatment from treatment_route where route in ({marks(tuple(routes))}))",
                list(routes),
            )
        ]
        if routes
        else []
    )


def given(treatments: Sequence[str]) -> Condition:
    """Return the condition that a row of evidence `e` is about one of these treatments."""
    return (
        f"e.number in (select number from evidence_treatment where treatment in ({marks(tuple(treatments))}))",
        list(treatments),
    )


def where(conditions: list[Condition]) -> Condition:
    """Join conditions into a where clause with its parameters."""
    if not conditions:
        return "", []
    return "where " + " and ".join(sql for sql, _ in conditions), [
        p for _, parameters in conditions for p in parameters
    ]


def left_out(connection: sqlite3.Connection, filters: Filters, *also: Condition) -> int:
    """Count the rows of mixed populations that `mixed` would add, among those that meet further conditions."""
    if not filters.tumors or filters.mixed or "solid" in filters.tumors:
        return 0
    sql, parameters = where(
        [
            *evidence_conditions(filters._replace(tumors=())),
            ("e.mixed = 1", []),
            *by_treatment(filters),
            *also,
        ]
    )
    return int(
        connection.execute(f"select count(*) from evidence e {sql}", parameters).fetchone()[0]
    )


def mixed_left_out(connection: sqlite3.Connection, filters: Filters, *also: Condition) -> str:
    """Return the note that rows of mixed solid tumours were left out; empty where none were."""
    rows = left_out(connection, filters, *also)
    return (
        f"{rows} row{'s' if rows > 1 else ''} of mixed solid tumours left out; --mixed adds them"
        if rows
        else ""
    )


def by_treatment(filters: Filters) -> list[Condition]:
    """Return the conditions on a row of evidence `e` that its treatments meet the filters on treatments."""
    conditions = treatment_conditions(filters)
    if not conditions:
        return []
    sql, parameters = where(conditions)
    led = narrowed(filters) or bool(filters.biomarkers or filters.routes or filters.endpoints)
    return [
        (
            _numbered(
                f"select et.number from evidence_treatment et join treatment t on t.id = et.treatment {sql}",
                "et",
                led,
            ),
            parameters,
        )
    ]


def narrowed(filters: Filters) -> bool:
    """Tell whether the tumor leads to the rows, so that all else is better asked of each of them."""
    return bool(tumor_condition(filters)) and not filters.mixed


def _numbered(query: str, table: str, led: bool) -> str:
    """Return the condition that the number of a row `e` is among those of a query, which ends in its conditions.

    Where something else leads to the rows, the query is asked of each of them; it would list a whole base otherwise.
    """
    return f"exists ({query} and {table}.number = e.number)" if led else f"e.number in ({query})"
