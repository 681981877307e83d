"""The evidence map: what has been studied in whom, and where nobody has looked.

A cell counts as `lmtx evidence` finds under the filters of the map and those of its row and column;
`counting` counts each study once.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

from lmtx.model.figures import write_plural
from lmtx.model.levels import find_level_at_rank, rank_level
from lmtx.model.vocabulary import ADVERSE_EVENTS, DESIGNS, ENDPOINTS, LEVELS, ROUTES, Term
from lmtx.query.counting import (
    Claim,
    EvidenceView,
    Tally,
    apply_level_and_n_filters,
    count_evidence,
    find_filtered_treatments,
    keep_claims_by_cohort_direction,
    keep_row_filters,
    list_claims,
    load_evidence_view,
    narrow_to_tumors,
)
from lmtx.query.filters import (
    MIXED_TUMOR,
    Filters,
    evidence_conditions,
    join_conditions,
    tested_treatment_conditions,
    treatment_conditions,
    treatment_route_conditions,
)
from lmtx.query.vocabularies import sort_as_tree
from lmtx.tuples import NamedTuple

AXES = {
    "tumor": Term("primary tumor"),
    "class": Term("class of treatment"),
    "treatment": Term("treatment"),
    "biomarker": Term("biomarker"),
    "route": Term("route"),
    "endpoint": Term("endpoint"),
    "event": Term("adverse event"),
    "level": Term("level"),
    "design": Term("design"),
}
"""What rows and columns may be."""
UNSTATED_LABELS = {
    "biomarker": "no biomarker stated",
    "route": "route not stated",
    "endpoint": "no figure of its own",
    "event": "no harm of its own",
    "level": "no level",
}
"""Where a row of evidence goes that has no word on an axis."""


class AxisNode(NamedTuple):
    """A row or column of the map; `depth` says how far it stands below the first one of its tree, 0
    the top; `group` names the class under which a treatment stands."""

    id: str
    label: str
    depth: int = 0
    group: str = ""


WEAKEST_LEVEL = list(LEVELS)[-1]
TOTAL_NODE = AxisNode("", "All")


class MapCell(NamedTuple):
    """One cell of the map; see `lmtx fields map`."""

    row: Annotated[
        str, "id of the row; solid are mixed solid tumors, none where a record has no word on this"
    ]
    row_label: Annotated[str, "its label"]
    column: Annotated[str, "id of the column"]
    column_label: Annotated[str, "its label"]
    studies: Annotated[int, "independent studies of both, as in list; 0 with no rows is a gap"]
    patients: Annotated[
        int | None,
        "patients with LM of a solid tumor who had it in those studies, each counted once; empty "
        "where no study says",
    ]
    level: Annotated[str | None, "strongest level of evidence"]
    syntheses: Annotated[int, "reviews and meta-analyses"]
    benefit: Annotated[int, "independent studies whose data show a benefit"]
    no_benefit: Annotated[int, "independent studies whose data show none"]
    worse: Annotated[int, "independent studies in which those who had it did worse"]
    mixed: Annotated[int, "independent studies whose data point both ways"]
    unclear: Annotated[int, "independent studies whose data do not tell"]
    rows: Annotated[int, "rows of evidence, as lmtx evidence lists them"]


class CellStudy(NamedTuple):
    """A publication behind a cell, with the patients and the level of what the cell stands for; `n`
    is None where it does not say, or several groups of it are behind the cell."""

    study: str
    citation: str
    url: str | None
    n: int | None
    level: str | None


class EvidenceMap(NamedTuple):
    """The cells row by row, and what each row, each column and the whole counts, every study
    once; `studies` are the publications behind each cell that has any, by its row and column."""

    axes: tuple[str, str]
    rows: list[AxisNode]
    columns: list[AxisNode]
    cells: list[MapCell]
    of_rows: list[MapCell]
    of_columns: list[MapCell]
    total: MapCell
    studies: Mapping[tuple[str, str], Sequence[CellStudy]]

    @property
    def gaps(self) -> int:
        """The number of cells without any evidence."""
        return sum(not cell.rows for cell in self.cells)

    def grid(self) -> list[list[MapCell]]:
        """Return the cells as lists, one a row."""
        width = len(self.columns)
        return [self.cells[start : start + width] for start in range(0, len(self.cells), width)]

    def turned(self) -> EvidenceMap:
        """Return the map with its rows as columns."""
        cells = [
            cell._replace(
                row=cell.column,
                row_label=cell.column_label,
                column=cell.row,
                column_label=cell.row_label,
            )
            for line in zip(*self.grid(), strict=True)
            for cell in line
        ]
        return EvidenceMap(
            (self.axes[1], self.axes[0]),
            self.columns,
            self.rows,
            cells,
            self.of_columns,
            self.of_rows,
            self.total,
            {(column, row): behind for (row, column), behind in self.studies.items()},
        )

    def drop_empty_columns(self) -> EvidenceMap:
        """Return the map without the columns in which nothing is on record."""
        kept = [place for place, cell in enumerate(self.of_columns) if cell.rows]
        return self._replace(
            columns=[self.columns[place] for place in kept],
            of_columns=[self.of_columns[place] for place in kept],
            cells=[line[place] for line in self.grid() for place in kept],
        )


def map_evidence(
    connection: sqlite3.Connection,
    filters: Filters,
    axes: tuple[str, str] = ("tumor", "class"),
    depth: int | None = None,
) -> EvidenceMap:
    """Return the map of two different AXES; without any evidence under the filters it has no cells.

    `depth` is how many levels of a tree are shown, from the top or from the classes or tumors asked
    for.
    """
    whole = load_evidence_view(
        connection,
        [*evidence_conditions(keep_row_filters(filters)), *tested_treatment_conditions(filters)],
    )
    view = narrow_to_tumors(connection, whole, filters.tumors)
    asked = _MapQuestion(connection, filters, depth, json.dumps(list(view.groups)))
    sides = [_AxisNodes(*_AXIS_MAKERS[axis](asked, axis), axis) for axis in axes]
    counting = _CellCounter(
        view,
        filters,
        find_filtered_treatments(connection, filters),
        axes,
        _load_class_members(connection),
        _views_of_tumors(connection, whole, axes, sides),
    )
    of_rows, of_columns = (side.grouped(view.groups) for side in sides)
    rows, columns = (side.nodes_for(view.groups) for side in sides) if view.groups else ([], [])
    rows = [
        node
        for node in rows
        if sides[0].is_visible(counting.cell(node, TOTAL_NODE, of_rows[node.id]))
    ]
    columns = [
        node
        for node in columns
        if sides[1].is_visible(counting.cell(TOTAL_NODE, node, of_columns[node.id]))
    ]
    claims = {
        (row, column): counting.claims(
            row, column, [n for n in of_rows[row.id] if column.id in sides[1].at(n)]
        )
        for row in rows
        for column in columns
    }
    cells = [counting.tally(*place, behind) for place, behind in claims.items()]
    return EvidenceMap(
        axes,
        rows,
        columns,
        cells,
        [counting.cell(node, TOTAL_NODE, of_rows[node.id]) for node in rows],
        [counting.cell(TOTAL_NODE, node, of_columns[node.id]) for node in columns],
        counting.cell(TOTAL_NODE, TOTAL_NODE, list(view.groups)),
        _list_studies(connection, claims),
    )


def _list_studies(
    connection: sqlite3.Connection, claims: Mapping[tuple[AxisNode, AxisNode], Sequence[Claim]]
) -> dict[tuple[str, str], list[CellStudy]]:
    """Return the publications behind each cell, the strongest first."""
    known = {
        id_: (label, url)
        for id_, label, url in connection.execute("select id, label, url from study")
    }
    found = {}
    for (row, column), behind in claims.items():
        by_study: defaultdict[str, list[Claim]] = defaultdict(list)
        for claim in behind:
            by_study[claim.study].append(claim)
        studies = [_study_behind(study, known[study], told) for study, told in by_study.items()]
        if studies:
            key = row.id, column.id
            found[key] = sorted(studies, key=lambda one: (rank_level(one.level), -(one.n or 0)))
    return found


def _study_behind(study: str, known: tuple[str, str | None], claims: Sequence[Claim]) -> CellStudy:
    sizes = {claim.n for claim in claims}
    return CellStudy(
        study=study,
        citation=known[0],
        url=known[1],
        n=sizes.pop() if len({claim.number for claim in claims}) == len(sizes) == 1 else None,
        level=find_level_at_rank(min(claim.level_rank for claim in claims)),
    )


def note_gaps(evidence_map: EvidenceMap) -> str:
    """Return the note on how much is empty; none where there are no cells at all."""
    return (
        f"{write_plural(evidence_map.gaps, 'cell')} without any evidence"
        if evidence_map.cells
        else ""
    )


class _MapQuestion(NamedTuple):
    """The question: filters, levels of a tree to show, and the rows of evidence in view, as the one
    parameter of _AMONG."""

    connection: sqlite3.Connection
    filters: Filters
    depth: int | None
    view: str


_IN_VIEW = "number in (select value from json_each(?))"


class _CellCounter(NamedTuple):
    """What the cells count: the rows in view, and the treatments that each node of an axis stands
    for."""

    view: EvidenceView
    filters: Filters
    treatments: set[str] | None
    axes: tuple[str, str]
    members: Mapping[str, Mapping[str, set[str]]]
    of_tumors: Mapping[str, EvidenceView]
    """The rows as each tumor counts them, where an axis is of tumors."""

    def cell(self, row: AxisNode, column: AxisNode, numbers: Sequence[int]) -> MapCell:
        """Return a cell that counts its rows of evidence."""
        return self.tally(row, column, self.claims(row, column, numbers))

    def claims(self, row: AxisNode, column: AxisNode, numbers: Sequence[int]) -> list[Claim]:
        """Return what the rows of evidence of a cell say of the treatments that it stands for, by
        the route that it stands for."""
        treatments, routes, at_level = self.treatments, self.filters.routes, Filters()
        view = self.view
        for axis, node in zip(self.axes, (row, column), strict=True):
            if node == TOTAL_NODE:
                continue
            if axis in self.members:
                inside = self.members[axis].get(node.id, set())
                treatments = inside if treatments is None else treatments & inside
            elif axis == "tumor":
                view = self.of_tumors.get(node.id, view)
            elif axis == "route":
                routes = ("",) if node.id == "none" else (node.id,)
            elif axis == "level":
                level = None if node.id == "none" else node.id
                at_level = Filters(levels=(level,))  # type: ignore[arg-type]
        claims = list_claims(view, treatments, routes, numbers)
        kept = apply_level_and_n_filters(apply_level_and_n_filters(claims, self.filters), at_level)
        return keep_claims_by_cohort_direction(kept, self.filters.directions)

    def tally(self, row: AxisNode, column: AxisNode, kept: Sequence[Claim]) -> MapCell:
        """Return a cell with what it counts."""
        found = count_evidence(kept)
        return MapCell(
            row=row.id,
            row_label=row.label,
            column=column.id,
            column_label=column.label,
            rows=len({claim.number for claim in kept}),
            **{name: getattr(found, name) for name in MapCell._fields if name in Tally._fields},
        )


def _views_of_tumors(
    connection: sqlite3.Connection,
    view: EvidenceView,
    axes: tuple[str, str],
    sides: Sequence[_AxisNodes],
) -> dict[str, EvidenceView]:
    """Return the rows as the tumors of an axis count them, where a row names two."""
    if "tumor" not in axes:
        return {}
    nodes = sides[axes.index("tumor")].nodes
    return {node.id: narrow_to_tumors(connection, view, (node.id,)) for node in nodes}


def _load_class_members(connection: sqlite3.Connection) -> dict[str, dict[str, set[str]]]:
    """Return the treatments of every class, those of the classes below it included, and each
    treatment by itself."""
    known = connection.execute("select id, class from treatment").fetchall()
    above = _load_ancestors(connection, "class", "select id, class from treatment")
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for treatment, nodes in above.items():
        for node in nodes:
            classes[node].add(treatment)
    return {"class": dict(classes), "treatment": {id_: {id_} for id_, _ in known}}


class _AxisNodes(NamedTuple):
    """The nodes of an axis and where each row of evidence stands on it; `seen` keeps only the nodes
    that have evidence in view."""

    nodes: list[AxisNode]
    filed: Mapping[int, set[str]]
    seen: bool
    axis: str

    def at(self, number: int) -> set[str]:
        """Return the nodes of a row of evidence."""
        return self.filed.get(number) or ({"none"} if self.axis in UNSTATED_LABELS else set())

    def is_visible(self, whole: MapCell) -> bool:
        """Tell whether a node is shown, by what it counts as a whole: all of a vocabulary are, but
        not a treatment without evidence."""
        named = "none" in (whole.row, whole.column)
        return bool(whole.rows) or not (self.seen or named)

    def grouped(self, numbers: Iterable[int]) -> defaultdict[str, list[int]]:
        """Return the rows of evidence of every node."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number in numbers:
            for node in self.at(number):
                found[node].append(number)
        return found

    def nodes_for(self, numbers: Iterable[int]) -> list[AxisNode]:
        """Return the nodes to show for the rows in view."""
        found = {node for number in numbers for node in self.at(number)}
        kept = [node for node in self.nodes if node.id in found or not self.seen]
        return [*kept, AxisNode("none", UNSTATED_LABELS[self.axis])] if "none" in found else kept


_AxisParts = tuple[list[AxisNode], Mapping[int, set[str]], bool]


def _pairs(rows: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, value in rows:
        found[number].add(value)
    return dict(found)


def _load_ancestors(connection: sqlite3.Connection, kind: str, query: str) -> dict[str, set[str]]:
    """Return for every id that a query pairs with a node of a tree that node and all above it."""
    up: defaultdict[str, set[str]] = defaultdict(set)
    for ancestor, node in connection.execute(
        "select ancestor, id from below where kind = ?", [kind]
    ):
        up[node].add(ancestor)
    return {id_: up[node] for id_, node in connection.execute(query)}


def _load_row_treatments(asked: _MapQuestion) -> dict[int, set[str]]:
    """Return the treatments of each row of evidence that meet the filters; with a route asked for,
    those that were given by it."""
    about = [*treatment_conditions(asked.filters), (f"et.{_IN_VIEW}", [asked.view])]
    sql, parameters = join_conditions([*about, *treatment_route_conditions(asked.filters.routes)])
    return _pairs(
        asked.connection.execute(
            f"select et.number, t.id from evidence_treatment et join treatment t on t.id = "
            f"et.treatment {sql}",
            parameters,
        )
    )


def _list_tree_nodes(
    connection: sqlite3.Connection,
    table: str,
    wanted: tuple[str, ...],
    depth: int | None,
    root: str | None = None,
) -> list[AxisNode]:
    """Return a tree in its order, `depth` levels of it, below `root` or from the nodes wanted
    on."""
    labels = {
        id_: (parent, label)
        for id_, parent, label in connection.execute(f"select id, parent, label from {table}")
    }
    depths: dict[str, int] = {}
    for id_ in sort_as_tree({id_: parent for id_, (parent, _) in labels.items()}):
        parent = labels[id_][0]
        if parent in depths:
            depths[id_] = depths[parent] + 1
        elif id_ in wanted or (not wanted and parent == root):
            depths[id_] = 0
    return [
        AxisNode(id_, labels[id_][1], place)
        for id_, place in depths.items()
        if depth is None or place < depth
    ]


def _make_tumor_axis(asked: _MapQuestion, _: str) -> _AxisParts:
    """A row of a mixed population stands under none of the tumors it names, as its figures are not
    theirs."""
    connection, filters, depth, view = asked
    named = _load_ancestors(connection, "tumor", "select id, id from tumor")
    filed: dict[int, set[str]] = {
        number: {MIXED_TUMOR}
        for (number,) in connection.execute(
            f"select number from evidence where mixed = 1 and {_IN_VIEW}", [view]
        )
    }
    mixed = frozenset(filed)
    for number, tumor in connection.execute(
        f"select number, tumor from evidence_tumor where {_IN_VIEW}", [view]
    ):
        if number not in mixed:
            filed.setdefault(number, set()).update(named[tumor] - {MIXED_TUMOR})
    wanted = filters.tumors if MIXED_TUMOR not in filters.tumors else ()
    nodes = [
        node
        for node in _list_tree_nodes(connection, "tumor", wanted, depth, MIXED_TUMOR)
        if node.id != MIXED_TUMOR
    ]
    return (
        [
            *nodes,
            *([AxisNode(MIXED_TUMOR, "Mixed solid tumors")] if not wanted or filters.mixed else []),
        ],
        filed,
        False,
    )


def _make_class_axis(asked: _MapQuestion, _: str) -> _AxisParts:
    connection, filters, depth, _view = asked
    above = _load_ancestors(connection, "class", "select id, class from treatment")
    filed = {
        number: {node for treatment in given for node in above[treatment]}
        for number, given in _load_row_treatments(asked).items()
    }
    return (
        _list_tree_nodes(
            connection, "class", filters.classes, depth or (2 if filters.classes else 1)
        ),
        filed,
        False,
    )


def _make_treatment_axis(asked: _MapQuestion, _: str) -> _AxisParts:
    parents = dict(asked.connection.execute("select id, parent from class"))
    order = {id_: place for place, id_ in enumerate(sort_as_tree(parents))}
    labels = dict(asked.connection.execute("select id, label from class"))

    def top_of(class_: str) -> str:
        return top_of(parent) if (parent := parents[class_]) else class_

    known = asked.connection.execute("select id, name, class from treatment").fetchall()
    nodes = [
        AxisNode(id_, name, group=labels[top_of(class_)])
        for id_, name, class_ in sorted(known, key=lambda one: (order[one[2]], one[1].casefold()))
    ]
    return nodes, _load_row_treatments(asked), True


def _make_biomarker_axis(asked: _MapQuestion, _: str) -> _AxisParts:
    filed = _pairs(
        asked.connection.execute(
            f"select number, biomarker from evidence_biomarker where {_IN_VIEW}", [asked.view]
        )
    )
    return (
        _list_tree_nodes(asked.connection, "biomarker", asked.filters.biomarkers, asked.depth),
        filed,
        True,
    )


_EVENT_ROWS = "(select number, json_extract(record, '$.event') as event from adverse)"
"""The adverse events told of each row of evidence."""


def _make_vocabulary_axis(asked: _MapQuestion, axis: str) -> _AxisParts:
    """An axis of a closed vocabulary: every word of it, or those asked for; of designs those that
    the base has."""
    filters = asked.filters
    words, wanted, table = {
        "route": (ROUTES, filters.routes, "evidence_route"),
        "endpoint": (ENDPOINTS, filters.endpoints, "evidence_endpoint"),
        "level": (LEVELS, filters.levels, "evidence"),
        "design": (DESIGNS, filters.designs, "evidence"),
        "event": (ADVERSE_EVENTS, (), _EVENT_ROWS),
    }[axis]
    filed = _pairs(
        asked.connection.execute(
            f"select number, {axis} from {table} where {axis} is not null and {_IN_VIEW}",
            [asked.view],
        )
    )
    if axis == "level":  # of a treatment that few of a row had, it is the lowest
        filed = {number: {*levels, WEAKEST_LEVEL} for number, levels in filed.items()}
    told = (
        {word for (word,) in asked.connection.execute(f"select distinct {axis} from {table}")}
        if axis in ("design", "endpoint", "event")
        else words
    )
    shown = [word for word in words if (not wanted or word in wanted) and word in told]
    if axis == "level" and filters.min_level:
        shown = [level for level in shown if rank_level(level) <= rank_level(filters.min_level)]
    return [AxisNode(word, words[word].label) for word in shown], filed, False


_AXIS_MAKERS: dict[str, Callable[[_MapQuestion, str], _AxisParts]] = {
    "tumor": _make_tumor_axis,
    "class": _make_class_axis,
    "treatment": _make_treatment_axis,
    "biomarker": _make_biomarker_axis,
    **dict.fromkeys(("route", "endpoint", "event", "level", "design"), _make_vocabulary_axis),
}
