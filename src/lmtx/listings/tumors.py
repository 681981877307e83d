"""`lmtx tumors`: the primary tumors, with counts."""

from lmtx.listings import Column, Found, Listing, Question, draw_as_tree
from lmtx.model.notation import OWN_RECORDS, mark_own, write_count
from lmtx.query.vocabularies import TumorRow, list_tumors


def find_tumors(question: Question) -> Found:
    """Return the nodes in the order of their tree, which is drawn unless another order is asked
    for."""
    rows = list_tumors(question.connection)
    order = question.order
    look = None if order.sort or order.reverse else draw_as_tree(LISTING, rows)
    return Found(rows, listing=look)


LISTING = Listing(
    "tumors",
    "The primary tumors, with counts.",
    TumorRow,
    find_tumors,
    about="The primary tumors as a tree, with their studies, patients, treatments, trials and facts.",
    examples=("lmtx tumors", "lmtx tumors --sort patients --limit 5", "lmtx tumors --json"),
    brief=("id", "label", "studies", "patients", "rows", "treatments", "trials", "facts"),
    columns=(
        Column("Tumor", lambda row: row.id + mark_own(row.source), style="bold"),
        Column("Label", lambda row: row.label, 6, least=16),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Patients", lambda row: write_count(row.patients), right=True),
        Column("Rows", lambda row: write_count(row.rows), 5, right=True),
        Column("Treatments", lambda row: write_count(row.treatments), 2, right=True),
        Column("Trials", lambda row: write_count(row.trials), 3, right=True),
        Column("Facts", lambda row: write_count(row.facts), 4, right=True),
        Column("Also called", lambda row: ", ".join(row.aliases), 7, least=20),
    ),
    footnotes=(OWN_RECORDS,),
    unit="tumor",
)
