"""`lmtx plot`: a forest plot of one endpoint."""

from typing import Annotated

from lmtx.errors import CommandMention, NotFound, ParameterMention, UsageError, Wording
from lmtx.listings import Found, Listing, Question
from lmtx.model.figures import write_plural
from lmtx.model.notation import UNVERIFIED_MARK
from lmtx.model.vocabulary import TIME_UNITS, UNITS
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.query.plot import DAYS_PER_UNIT, ForestRow, count_figures_per_endpoint, load_forest
from lmtx.tuples import NamedTuple


class PlotOptions(NamedTuple):
    """What a plot shows beside the figures that stand for a whole row of the latest report."""

    all_scopes: Annotated[
        bool,
        Parameter(
            "all_scopes", "Add figures of subgroups, responders and other parts.", kind="flag"
        ),
    ] = False
    superseded: Annotated[
        bool,
        Parameter(
            "superseded",
            "Add reports replaced by a later one of the same patients.",
            kind="flag",
        ),
    ] = False
    unit: Annotated[
        str | None,
        Parameter(
            "unit",
            "Draw all times on one axis: months, weeks or days; figures stand as printed.",
            "UNIT",
            "",
            "word",
            make_word_vocabulary({unit: UNITS[unit] for unit in DAYS_PER_UNIT}),
        ),
    ] = None


def find_figures(question: Question) -> Found:
    """Return the figures of one endpoint, by level and then by size."""
    check_single_endpoint(question)
    options: PlotOptions = question.options
    forest = load_forest(
        question.connection,
        question.filters,
        all_scopes=options.all_scopes,
        superseded=options.superseded,
        unit=options.unit,
    )
    converted = sum(bool(row.printed) and row.unit in TIME_UNITS for row in forest.rows)
    notes = [
        note_left_out_figures(
            forest.parts,
            "of subgroups, responders or other parts",
            (ParameterMention("all_scopes"), " adds them"),
        ),
        note_left_out_figures(
            forest.older,
            "superseded by a later report of the same patients",
            (ParameterMention("superseded"), " adds them"),
        ),
        note_left_out_figures(
            forest.uncounted,
            "of animals or withdrawn papers",
            (CommandMention("evidence"), " has them"),
        ),
        note_left_out_figures(
            forest.prognosis,
            "of groups told apart by what is no treatment",
            (CommandMention("show"), " of a study has them"),
        ),
        note_left_out_figures(
            forest.unnumbered,
            "that are a p value or words alone",
            (CommandMention("show"), " of a study has them"),
        ),
        f"{write_plural(converted, 'figure')} in another unit drawn in {options.unit}, as printed "
        f"beside it (a month is {DAYS_PER_UNIT['months']} days)"
        if converted
        else "",
    ]
    left_out = count_evidence_left_out(question.connection, question.filters)
    return Found(forest.rows, notes, left_out=left_out)


def check_single_endpoint(question: Question) -> None:
    """Raise UsageError unless exactly one endpoint is named; say which there are."""
    endpoints = question.filters.endpoints
    if len(endpoints) == 1:
        return
    known = count_figures_per_endpoint(question.connection, question.filters._replace(endpoints=()))
    if not known:
        raise NotFound("nothing matched")
    has = ", ".join(f"{endpoint} ({number})" for endpoint, number in known.items())
    why = (
        f"{len(endpoints)} endpoints do not share an axis" if endpoints else "an endpoint is needed"
    )
    raise UsageError(
        why,
        (
            "name one with ",
            ParameterMention("endpoint", ""),
            f"; figures under these filters: {has}",
        ),
    )


def note_left_out_figures(
    number: int, what: str, remedy: tuple[str | ParameterMention | CommandMention, ...]
) -> Wording:
    """Return the note that figures were left out; empty where none were."""
    if not number:
        return ""
    return (f"{write_plural(number, 'figure')} {what} left out; ", *remedy)


LISTING = Listing(
    "plot",
    "A forest plot: one endpoint over studies, on screen or as SVG or PNG.",
    ForestRow,
    find_figures,
    about=(
        "A forest plot: one endpoint over studies, one figure a row, nothing pooled; by level, "
        "then by size."
    ),
    examples=(
        "lmtx plot --endpoint overall-survival --tumor nsclc --biomarker egfr",
        "lmtx plot --endpoint objective-response --tumor breast --min-n 10",
        "lmtx plot --endpoint overall-survival --tumor melanoma --json",
    ),
    subject=EVIDENCE_SUBJECT,
    options=PlotOptions,
    brief=(
        "citation",
        "treatments",
        "question",
        "versus",
        "adjusted",
        "printed",
        "n",
        "level",
        "endpoint",
        "estimate",
        "unit",
        "low",
        "high",
        "upper",
        "interval",
        "ci_level",
        "events",
        "total",
        "at",
        "scope",
        "read_in",
    ),
    footnotes=(UNVERIFIED_MARK,),
    unit="figure",
    marked=("citation", "study", "evidence", "estimate"),
    picture=(".svg", ".png"),
)
