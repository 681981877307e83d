"""`lmtx comparisons`: two groups held against each other, one comparison a row."""

from typing import Annotated

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_effect
from lmtx.model.names import fold_name
from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    OWN_RECORDS_MARK,
    POOLED_MARK,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITHDRAWN_SUFFIX,
    direction_symbol,
    get_row_url,
    mark_figure_if_row_unmarked,
    mark_own_records,
    mark_reading,
    shorten_figure,
)
from lmtx.model.vocabulary import CONTROLS, DIRECTIONS, QUESTIONS, SECONDARY_RESEARCH, UNDECIDED
from lmtx.query.comparisons import ComparisonRow, list_fully_filtered_comparisons
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.tuples import NamedTuple

UNNAMED_SIDE_LABELS = {"add": "the same without it", "versus-none": "without it"}
"""What the other side had where no record names it."""


class ComparisonsOptions(NamedTuple):
    """What comparisons can be narrowed down by, beside the filters."""

    questions: Annotated[
        tuple[str, ...],
        Parameter(
            "question",
            "What it asks: add, instead, versus-none, dose, prognosis ….",
            "WORD",
            vocabulary=make_word_vocabulary(
                {key: QUESTIONS[key] for key in QUESTIONS if key != UNDECIDED}
            ),
        ),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Parameter("group", "Only of groups told in these words.", "TEXT", "", "words"),
    ] = ()
    randomized: Annotated[
        bool, Parameter("randomized", "Only of patients allotted by chance.", kind="flag")
    ] = False


def find_comparison_rows(question: Question) -> Found:
    """Return the comparisons under the filters."""
    options: ComparisonsOptions = question.options
    rows = list_fully_filtered_comparisons(
        question.connection, question.filters, options.questions, randomized=options.randomized
    )
    asked = [fold_name(words) for words in options.groups]
    if asked:
        rows = [
            row for row in rows if any(words in fold_name(describe_groups(row)) for words in asked)
        ]
    return Found(rows, left_out=count_evidence_left_out(question.connection, question.filters))


def describe_groups(row: ComparisonRow) -> str:
    """Return the words that tell whom a comparison is about."""
    return " ".join(filter(None, (row.of_group, row.against_group, row.setting)))


def is_superseded(row: ComparisonRow) -> bool:
    """Tell whether a later report asks the same again."""
    return not row.speaks and row.read_in != "recalled" and not row.withdrawn


def write_comparison_head(row: ComparisonRow) -> str:
    """Return the id of a comparison with its marks, and what it asks of whom."""
    marks = (
        mark_reading(row.read_in)
        + (POOLED_MARK[0] if row.mixed_with else "")
        + (SYNTHESIS_MARK[0] if row.design in SECONDARY_RESEARCH else "")
        + (SUPERSEDED_MARK[0] if is_superseded(row) else "")
        + mark_own_records(row.source)
        + (WITHDRAWN_SUFFIX if row.withdrawn else "")
    )
    chance = "randomised, " if row.randomized else ""
    control = f"{CONTROLS[row.control].label}, " if row.control else ""
    asked = f"{chance}{control}{QUESTIONS[row.question].label}"
    tested = f"\n  {' + '.join(row.tests)}" if row.tests else ""
    return f"{row.citation} ({row.id}){marks}\n  {', '.join(row.tumors)}: {asked}{tested}"


def write_groups(row: ComparisonRow) -> str:
    """Return the two groups in words with their patients, one a line."""
    sides = (
        (row.of_group or " + ".join(row.tests) or row.of or "–", row.of_n),
        (
            row.against_group
            or " + ".join(row.against_tests)
            or UNNAMED_SIDE_LABELS.get(row.question, row.against or "–"),
            row.against_n,
        ),
    )
    first, second = (f"{name}{f' (n={n})' if n is not None else ''}" for name, n in sides)
    return f"{first}\nv {second}"


def write_effects(row: ComparisonRow) -> str:
    """Return the direction and what lies between the groups, an effect a line."""
    effects = [
        shorten_figure(write_effect(one)) + mark_figure_if_row_unmarked(one, row.read_in)
        for one in row.effects
    ]
    direction = (
        f"{direction_symbol(row.direction)} {DIRECTIONS[row.direction].label}"
        if row.direction
        else ""
    )
    return "\n".join(part for part in (direction, *effects) if part) or "–"


def write_whole_comparison(row: ComparisonRow) -> str:
    """Return the comparison, its groups and its effects below each other."""
    below = f"{write_groups(row)}\n{write_effects(row)}".replace("\n", "\n  ")
    return f"{write_comparison_head(row)}\n  {below}"


LISTING = Listing(
    "comparisons",
    "Comparisons: what was held against what, in whom, and what came out.",
    ComparisonRow,
    find_comparison_rows,
    about=(
        "Two groups held against each other, one comparison a row, randomised and largest first. "
        "An effect is of the group named first."
    ),
    examples=(
        "lmtx comparisons --randomized",
        "lmtx comparisons --route intrathecal --group flow --group nodular",
        "lmtx comparisons --treatment whole-brain-radiotherapy --question versus-none",
    ),
    subject=EVIDENCE_SUBJECT,
    options=ComparisonsOptions,
    brief=(
        "id",
        "question",
        "randomized",
        "tests",
        "of_group",
        "of_n",
        "against_group",
        "against_n",
        "direction",
        "effects",
        "read_in",
    ),
    columns=(
        Column("Comparison", write_comparison_head, least=24, fold=True, link=get_row_url),
        Column("Groups", write_groups, least=20, fold=True, most=44),
        Column("What came out", write_effects, least=20, fold=True),
    ),
    empty="no comparison matches",
    footnotes=(
        DIRECTION_FOOTNOTE,
        UNVERIFIED_MARK,
        POOLED_MARK,
        SYNTHESIS_MARK,
        SUPERSEDED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="comparison",
    spaced=True,
    marked=("id", "effects"),
    narrow=(
        Column(
            "Comparison, groups, what came out",
            write_whole_comparison,
            least=30,
            fold=True,
            link=get_row_url,
        ),
    ),
)
