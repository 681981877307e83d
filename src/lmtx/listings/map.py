"""`lmtx map`: the evidence map with its gaps."""

from typing import Annotated

from lmtx.errors import ParameterMention, UsageError
from lmtx.listings import Found, Listing, Question
from lmtx.model.vocabulary import Term
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.map import AXES, MapCell, map_evidence, note_gaps
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.tuples import NamedTuple

MAP_CELL_COUNT_UNITS = {
    "studies": Term("studies", "independent studies"),
    "patients": Term("patients", "patients, each counted once"),
}
"""What a drawn cell may count."""


class MapOptions(NamedTuple):
    """What the rows, columns and cells of the map are."""

    rows: Annotated[
        str,
        Parameter(
            "rows",
            "tumor, class, treatment, biomarker, route, endpoint, level or design.",
            "AXIS",
            "",
            "word",
            make_word_vocabulary(AXES),
        ),
    ] = "tumor"
    columns: Annotated[
        str, Parameter("columns", "Likewise.", "AXIS", "", "word", make_word_vocabulary(AXES))
    ] = "class"
    count: Annotated[
        str,
        Parameter(
            "count",
            "What a drawn cell counts: studies or patients.",
            "WHAT",
            "",
            "word",
            make_word_vocabulary(MAP_CELL_COUNT_UNITS),
        ),
    ] = "studies"  # type: ignore[assignment]
    depth: Annotated[
        int | None,
        Parameter(
            "depth",
            "Levels of the trees of tumors and classes to show.",
            "N",
            "",
            "number",
            least=1,
        ),
    ] = None


def find_cells(question: Question) -> Found:
    """Return the cells of the map, row by row; the map itself goes to what draws it."""
    options: MapOptions = question.options
    if options.rows == options.columns:
        same = (
            ParameterMention("rows", ""),
            " and ",
            ParameterMention("columns", ""),
            f" are both {options.rows}",
        )
        raise UsageError(same, "choose two different ones")
    made = map_evidence(
        question.connection, question.filters, (options.rows, options.columns), options.depth
    )
    left_out = count_evidence_left_out(question.connection, question.filters)
    return Found(made.cells, [note_gaps(made)], drawing=made, left_out=left_out)


LISTING = Listing(
    "map",
    "The evidence map: what has been studied in whom, and the gaps.",
    MapCell,
    find_cells,
    about="The evidence map: what has been studied in whom, how strongly, and where the gaps are.",
    examples=(
        "lmtx map",
        "lmtx map --tumor nsclc --biomarker egfr --rows treatment --columns endpoint",
        "lmtx map --tumor breast --rows class --columns route --count patients",
    ),
    subject=EVIDENCE_SUBJECT,
    options=MapOptions,
    is_sorted=False,
    brief=(
        "row",
        "column",
        "studies",
        "patients",
        "level",
        "benefit",
        "no_benefit",
        "mixed",
        "unclear",
    ),
    unit="cell",
    picture=(".svg", ".png", ".html"),
)
