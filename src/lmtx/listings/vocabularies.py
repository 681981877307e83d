"""`lmtx tumors`, `lmtx classes`, `lmtx levels`, `lmtx fields`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lmtx.listings.layout import Column, Layout
from lmtx.listings.marks import OWN, count, own
from lmtx.query.vocabularies import ClassRow, FieldRow, LevelRow, TumorRow, ValueRow

INDENT = "  "

TUMORS = Layout(
    "tumors",
    TumorRow._fields,
    ("id", "label", "studies", "patients", "rows", "treatments", "trials", "facts"),
    (
        Column("Tumor", lambda row: row.id + own(row.source), style="bold"),
        Column("Label", lambda row: row.label, 6, least=16),
        Column("Studies", lambda row: count(row.studies), right=True),
        Column("Patients", lambda row: count(row.patients), right=True),
        Column("Rows", lambda row: count(row.rows), 5, right=True),
        Column("Treatments", lambda row: count(row.treatments), 2, right=True),
        Column("Trials", lambda row: count(row.trials), 3, right=True),
        Column("Facts", lambda row: count(row.facts), 4, right=True),
        Column("Also called", lambda row: ", ".join(row.aliases), 7, least=20),
    ),
    footnotes=(OWN,),
    unit="tumor",
)
CLASSES = Layout(
    "classes",
    ClassRow._fields,
    ("id", "label", "parent", "treatments", "studies", "patients", "level"),
    (
        Column("Class", lambda row: row.id + own(row.source), style="bold"),
        Column("Level", lambda row: row.level or "–"),
        Column("Treatments", lambda row: count(row.treatments), 2, right=True),
        Column("Studies", lambda row: count(row.studies), right=True),
        Column("Patients", lambda row: count(row.patients), 3, right=True),
        Column("Label", lambda row: row.label, 5, least=24),
        Column("Definition", lambda row: row.definition or "", 7, least=40),
    ),
    footnotes=(OWN,),
    unit="class",
)
LEVELS = Layout(
    "levels",
    LevelRow._fields,
    LevelRow._fields,
    (
        Column("Level", lambda row: row.level or "none"),
        Column("Meaning", lambda row: row.meaning, least=24, fold=True),
        Column("Designs", lambda row: ", ".join(row.designs), 4, least=26, fold=True),
        Column("Publications", lambda row: count(row.publications), 3, right=True),
        Column("Studies", lambda row: count(row.studies), right=True),
        Column("Rows", lambda row: count(row.rows), 2, right=True),
    ),
    unit="level",
    spaced=True,
)
FIELDS = Layout(
    "fields",
    FieldRow._fields,
    FieldRow._fields,
    (
        Column("Listing", lambda row: row.listing, 2),
        Column("Field", lambda row: row.field, style="bold"),
        Column("Type", lambda row: row.type, 3),
        Column("Meaning", lambda row: row.meaning, least=30, fold=True),
    ),
    unit="field",
)
VALUES = Layout(
    "values",
    ValueRow._fields,
    ("id", "label", "meaning", "rows"),
    (
        Column("Word", lambda row: row.id, style="bold"),
        Column("Label", lambda row: row.label, 2, least=18, fold=True),
        Column("Rows", lambda row: count(row.rows), 1, right=True),
        Column("Meaning", lambda row: row.meaning, least=30, fold=True),
    ),
    unit="word",
)


def as_tree(layout: Layout, rows: Sequence[Any]) -> Layout:
    """Return the layout with its first column drawn as a tree, each node moved in under its parent."""
    parent = {row.id: row.parent for row in rows}

    def depth(node: str) -> int:
        above = parent.get(node)
        return 0 if above is None else 1 + depth(above)

    first, *others = layout.columns
    return layout._replace(
        columns=(first._replace(cell=lambda row: INDENT * depth(row.id) + first.cell(row)), *others)
    )
