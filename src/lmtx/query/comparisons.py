"""Comparisons: two groups of a study held against each other, with what was found between them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from lmtx.model.levels import rank_level
from lmtx.model.records import EffectRecord
from lmtx.query.counting import keep_row_filters
from lmtx.query.filters import (
    Condition,
    Filters,
    evidence_conditions,
    join_conditions,
    load_other_tumors,
    placeholders_for,
    tested_treatment_conditions,
    treatment_conditions,
    write_mixed_with,
)
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]


class ComparisonRow(NamedTuple):
    """A comparison of two groups of a study."""

    id: Annotated[str, "id of the comparison: study, c and number"]
    study: Annotated[str, "id of the study"]
    citation: Annotated[str, "first author and year"]
    year: Annotated[int | None, "year of publication"]
    cohort: Annotated[str, "reports of the same patients share one: id of the first of them"]
    question: Annotated[str, "add, instead, versus-none, schedule, route, dose, order or prognosis"]
    randomized: Annotated[bool, "whether patients were allotted to the two groups by chance"]
    control: Annotated[str | None, "historical or between-studies; empty where concurrent"]
    tests: Annotated[list[str], "ids of what the first group had and the other had not"]
    tests_are: Annotated[str | None, "whether several tested ones were had together, or some"]
    against_tests: Annotated[list[str], "ids of what the other group had in their place"]
    direction: Annotated[
        str | None, "what it shows of what is tested: benefit, no-benefit, worse, mixed or unclear"
    ]
    of: Annotated[str | None, "row of evidence of the first group"]
    of_group: Annotated[str | None, "that group in words, where its treatments do not tell it"]
    of_n: Annotated[int | None, "its patients"]
    against: Annotated[str | None, "row of evidence of the other group"]
    against_group: Annotated[str | None, "that group in words, where its treatments do not"]
    against_n: Annotated[int | None, "its patients"]
    tumors: Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
    biomarkers: Annotated[list[str], "ids of the biomarkers that define the population"]
    setting: Annotated[str | None, "population in words"]
    mixed: Annotated[bool, "whether the population mixes solid tumors"]
    mixed_with: Annotated[
        str | None,
        "what is pooled in that is not LM of a solid tumor, or not of the tumor asked for",
    ]
    design: Annotated[str, "study design"]
    effects: Annotated[
        list[EffectRecord],
        "what is between the groups: endpoint or event, unit, value, interval, p, and the side it "
        "favours",
    ]
    note: Annotated[str | None, "what a reader must know"]
    read_in: Annotated[str, "where the study was read"]
    speaks: Annotated[
        bool, "false where a later report asks the same again, or nobody read it at its source"
    ]
    withdrawn: Annotated[str | None, "why the publication was withdrawn"]
    url: Annotated[str | None, "canonical address"]
    source: Annotated[str, "where the record comes from: lmtx, or the name of own records"]


def remaining_comparison_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a comparison `c` on row `e` of the filters that `list_comparisons`
    leaves to what is asked.

    Level and direction are those of the comparison, the number of patients is that of its row; with
    a route asked for, what is tested (a treatment under the filters, where any are set) was itself
    given by it.
    """
    found: list[Condition] = []
    if filters.levels:
        ranks = [rank_level(level) for level in filters.levels]
        found.append((f"c.level_rank in ({placeholders_for(ranks)})", ranks))
    if filters.min_level:
        found.append(("c.level_rank <= ?", [rank_level(filters.min_level)]))
    if filters.min_n is not None:
        found.append(("e.n >= ?", [filters.min_n]))
    if filters.directions:
        words = list(filters.directions)
        found.append((f"c.direction in ({placeholders_for(words)})", words))
    if filters.routes:
        routes = list(filters.routes)
        among = f"in ({placeholders_for(routes)})"
        of_row = "select 1 from given g where g.number = c.of_row and g.treatment = x.treatment"
        by_it = (
            f"case when c.of_row is null then x.route {among} else exists ({of_row} and g.route "
            f"{among}) end"
        )
        sql, parameters = join_conditions(
            [*treatment_conditions(filters), ("x.side = 'of'", []), (by_it, [*routes, *routes])]
        )
        query = f"select 1 from comparison_test x join treatment t on t.id = x.treatment {sql}"
        found.append((f"exists ({query} and x.comparison = c.id)", parameters))
    return found


def list_comparisons(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    only: tuple[str, ...] = (),
    also: tuple[Condition, ...] = (),
) -> Iterator[ComparisonRow]:
    """Yield the comparisons under the filters, randomised ones first, then the largest; `only`
    keeps those that test one of these, on either side.

    The filters on treatments act on what is tested, the filters on evidence on the row whose
    population holds.
    """
    rows = keep_row_filters(filters)._replace(routes=())
    conditions = [*evidence_conditions(rows), *also]
    if about := treatment_conditions(filters):
        sql, parameters = join_conditions(about)
        query = (
            "select x.comparison from comparison_test x join treatment t on t.id = x.treatment "
            f"{sql} and x.side = 'of'"
        )
        conditions.append((f"c.id in ({query})", parameters))
    if only:
        query = (
            f"select comparison from comparison_test where treatment in ({placeholders_for(only)})"
        )
        conditions.append((f"c.id in ({query})", list(only)))
    sql, parameters = join_conditions(conditions)
    query = (
        "select c.record, s.label, e.year, e.cohort, c.speaks from comparison c "
        f"join evidence e on e.number = c.number join study s on s.id = c.study {sql} "
        "order by c.speaks desc, c.randomized desc, c.level_rank, e.n desc, c.id"
    )
    other_tumors = load_other_tumors(connection, filters)
    for text, label, year, cohort, speaks in connection.execute(query, parameters):
        record = json.loads(text)
        record["mixed_with"] = write_mixed_with(record, other_tumors)
        effects = [
            effect
            for effect in record["effects"]
            if (not filters.endpoints or effect["endpoint"] in filters.endpoints)
            and filters.keeps_reading(effect["read_in"])
        ]
        more = {
            "citation": label,
            "year": year,
            "cohort": cohort,
            "speaks": bool(speaks),
            "effects": effects,
        }
        known = {**record, **more}
        yield ComparisonRow(**{field: known[field] for field in ComparisonRow._fields})


def list_fully_filtered_comparisons(
    connection: sqlite3.Connection,
    filters: Filters,
    questions: Sequence[str] = (),
    *,
    randomized: bool = False,
) -> list[ComparisonRow]:
    """Return the comparisons under the filters, randomised ones first, then the largest; of a
    prognosis, which tests nothing, those told of patients in whom what is asked for was tested."""
    also: list[Condition] = [("c.randomized = 1", [])] if randomized else []
    if questions:
        also.append((f"c.question in ({placeholders_for(questions)})", list(questions)))
    told: Condition = ("c.question <> 'prognosis'", [])
    found = [
        *list_comparisons(
            connection, filters, also=(*also, *remaining_comparison_conditions(filters), told)
        )
    ]
    if not filters.directions:  # a prognosis has none
        anyone = filters._replace(classes=(), treatments=(), targets=())
        prognosis: Condition = ("c.question = 'prognosis'", [])
        tested = (
            *tested_treatment_conditions(filters),
            *evidence_conditions(Filters(routes=filters.routes)),
            *remaining_comparison_conditions(filters._replace(routes=())),
        )
        found += list_comparisons(connection, anyone, also=(*also, *tested, prognosis))
    return _fill_group_words(connection, found)


def _fill_group_words(
    connection: sqlite3.Connection, rows: Sequence[ComparisonRow]
) -> list[ComparisonRow]:
    """Return comparisons with the setting of a row, or else what was given there, in place of words
    for a side that neither words nor treatments tell."""
    untold = [row.against for row in rows if row.against and not row.against_tests]
    untold += [row.of for row in rows if row.of and not row.tests]
    query = "select id, record from evidence where id in (select value from json_each(?))"
    words = {
        id_: _describe_group(json.loads(text))
        for id_, text in connection.execute(query, [json.dumps(untold)])
    }
    return [
        row._replace(
            of_group=row.of_group or words.get(row.of),
            against_group=row.against_group or words.get(row.against),
        )
        for row in rows
    ]


def _describe_group(row: JsonDict) -> str:
    given = [" ".join([one["treatment"], *one["routes"]]) for one in row["given"]]
    return str(row["setting"] or " + ".join(given) or row["id"])
