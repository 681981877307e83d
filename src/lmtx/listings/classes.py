"""`lmtx classes`: the tree of treatment classes, with counts."""

from lmtx.listings import Column, Found, Listing, Question, draw_as_tree
from lmtx.model.notation import OWN_RECORDS, mark_own, write_count
from lmtx.query.vocabularies import ClassRow, list_classes


def find_classes(question: Question) -> Found:
    """Return the nodes in the order of their tree, which is drawn unless another order is asked
    for."""
    rows = list_classes(question.connection)
    order = question.order
    look = None if order.sort or order.reverse else draw_as_tree(LISTING, rows)
    return Found(rows, listing=look)


LISTING = Listing(
    "classes",
    "The tree of treatment classes, with counts.",
    ClassRow,
    find_classes,
    about=(
        "The classes of treatment as a tree, with their treatments, studies, patients and "
        "strongest level."
    ),
    examples=(
        "lmtx classes",
        "lmtx classes --sort level",
        "lmtx classes --fields id,path,treatments --csv",
    ),
    brief=("id", "label", "parent", "treatments", "studies", "patients", "level"),
    columns=(
        Column("Class", lambda row: row.id + mark_own(row.source), style="bold"),
        Column("Level", lambda row: row.level or "–"),
        Column("Treatments", lambda row: write_count(row.treatments), 2, right=True),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Patients", lambda row: write_count(row.patients), 3, right=True),
        Column("Label", lambda row: row.label, 5, least=24),
        Column("Definition", lambda row: row.definition or "", 7, least=40),
    ),
    footnotes=(OWN_RECORDS,),
    unit="class",
)
