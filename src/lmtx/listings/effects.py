"""`lmtx effects`: one figure for each independent cohort and endpoint, ready for meta-analysis."""

from typing import Annotated

from lmtx.errors import ParameterMention, Wording
from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_interval, write_number, write_plural
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    UNVERIFIED_MARK,
    get_row_url,
    mark_own_records,
    mark_reading,
    write_count,
)
from lmtx.model.vocabulary import EFFECT_MEASURES, ENDPOINTS
from lmtx.model.vocabulary import EXCLUSIONS as REASONS
from lmtx.query.effects import (
    EffectRow,
    EffectSelection,
    ExclusionRow,
    count_exclusions,
    select_effects,
)
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.tuples import NamedTuple

MeasureOption = Annotated[
    str | None,
    Parameter(
        "measure",
        "Only figures of this kind: ratio, proportion or median.",
        "KIND",
        kind="word",
        vocabulary=make_word_vocabulary(EFFECT_MEASURES),
    ),
]
ESTIMATE_DECIMALS = 3
"""Decimals of an estimate in a table; the machine formats have all."""


class EffectsOptions(NamedTuple):
    """What the figures can be narrowed down by, beside the filters."""

    measure: MeasureOption = None
    excluded: Annotated[
        bool,
        Parameter("excluded", "In their place the figures left out, with the reason.", kind="flag"),
    ] = False


class ExclusionsOptions(NamedTuple):
    """What the figures left out can be narrowed down by, beside the filters."""

    measure: MeasureOption = None


def find_effects(question: Question) -> Found:
    """Return the figures that stand under the filters, or with `excluded` those that do not."""
    if question.options.excluded:
        return find_exclusions(question)
    effects = select_effects(question.connection, question.filters, question.options.measure)
    left_out = count_evidence_left_out(question.connection, question.filters)
    return Found(effects.rows, [note_exclusions(effects)], left_out=left_out)


def find_exclusions(question: Question) -> Found:
    """Return the figures under the filters that are not among the effects."""
    effects = select_effects(question.connection, question.filters, question.options.measure)
    left_out = count_evidence_left_out(question.connection, question.filters)
    return Found(effects.exclusions, listing=EXCLUSIONS, left_out=left_out)


def note_exclusions(effects: EffectSelection) -> Wording:
    """Return the note that says how many figures are left out, by the reason; empty where none
    is."""
    counted = count_exclusions(effects.exclusions)
    if not counted:
        return ""
    reasons = ", ".join(f"{REASONS[one].label} {number}" for one, number in counted.items())
    figures = write_plural(len(effects.exclusions), "figure")
    return (f"{figures} left out ({reasons}); ", ParameterMention("excluded"), " lists them")


def write_arms(row: EffectRow) -> str:
    """Return the study with its marks, and under it the arm and what it is held against."""
    lines = [
        f"{row.citation}{mark_reading(row.read_in)}{mark_own_records(row.source)}",
        f"  {row.arm_name}",
    ]
    if row.comparator_name:
        lines.append(f"  v {row.comparator_name}{', randomised' if row.randomized else ''}")
    return "\n".join(lines)


def write_sizes(row: EffectRow) -> str:
    """Return the patients of the arm, and under it those of the comparator."""
    sizes = [row.n, row.comparator_n] if row.comparator_name else [row.n]
    return "\n".join(write_count(size) for size in sizes)


def write_endpoint_and_figure(row: EffectRow) -> str:
    """Return the endpoint and the figure as printed, with its interval."""
    ends = [end for end in (row.ci_low, row.ci_high) if end is not None]
    interval = write_interval({"ci": ends, "ci_upper": row.ci_upper, "ci_level": row.ci_level})
    parts = [ENDPOINTS[row.endpoint].label, f"at {row.at}" if row.at else ""]
    if row.value is None:
        parts.append("not reached")
    elif row.measure == "ratio":
        parts.append(f"{row.unit} {write_number(row.value)}")
        parts.append("of the comparator" if row.inverted else "")
    elif row.unit == "patients":
        behind = f" of {row.total}" if row.total is not None else ""
        parts.append(f"{write_number(row.value)}{behind}")
    else:
        counted = row.events is not None and row.total is not None
        share = f" ({row.events} of {row.total})" if counted else ""
        unit = "%" if row.unit == "%" else f" {row.unit}"
        parts.append(f"{write_number(row.value)}{unit}{share}")
    return " ".join(filter(None, parts)) + (f" ({interval})" if interval else "")


def write_estimate(row: EffectRow) -> str:
    """Return yi with its standard error and scale, or why there is none."""
    if row.yi is None or row.sei is None:
        return f"– {row.no_yi}"
    return f"{row.yi:.{ESTIMATE_DECIMALS}f} ({row.sei:.{ESTIMATE_DECIMALS}f}) {row.scale}"


def write_level(row: EffectRow) -> str:
    """Return the level of evidence; a dash where the design carries none."""
    return row.level or "–"


def write_arms_figure_and_estimate(row: EffectRow) -> str:
    """Return the arms, the figure and its estimate below each other."""
    return f"{write_arms(row)}\n  {write_endpoint_and_figure(row)}\n  {write_estimate(row)}"


ESTIMATE_FOOTNOTE = (
    "(",
    "behind an estimate: its standard error; of a ratio below 0 is in favour of the arm where the "
    "endpoint is a time",
)

LISTING = Listing(
    "effects",
    "For meta-analysis: one figure for each cohort and endpoint, with yi and sei.",
    EffectRow,
    find_effects,
    about=(
        "For meta-analysis: one figure for each independent cohort and endpoint, as printed and on "
        "the scale on which such figures are pooled. Nobody is counted twice, nothing is pooled."
    ),
    examples=(
        "lmtx effects --tumor melanoma --endpoint overall-survival --measure median",
        "lmtx effects -t nsclc -b egfr -e overall-survival --measure median -o egfr.csv",
        "lmtx effects --tumor breast --biomarker her2 --excluded",
    ),
    subject=EVIDENCE_SUBJECT,
    options=EffectsOptions,
    brief=(
        "citation",
        "arm_name",
        "comparator_name",
        "n",
        "endpoint",
        "value",
        "unit",
        "ci_low",
        "ci_high",
        "yi",
        "sei",
        "scale",
        "level",
        "read_in",
    ),
    columns=(
        Column("Study, arm", write_arms, least=24, fold=True, link=get_row_url),
        Column("n", write_sizes, right=True),
        Column("Figure", write_endpoint_and_figure, least=18, fold=True),
        Column("Estimate (SE)", write_estimate, least=18, fold=True),
        Column("Level", write_level, 2),
    ),
    narrow=(
        Column(
            "Study, arm, figure, estimate (SE)", write_arms_figure_and_estimate, least=20, fold=True
        ),
        Column("n", write_sizes, right=True),
        Column("Level", write_level),
    ),
    empty="no figure that can stand matches",
    footnotes=(ESTIMATE_FOOTNOTE, UNVERIFIED_MARK, OWN_RECORDS_MARK),
    unit="figure",
    spaced=True,
    marked=("citation", "value", "yi"),
)

EXCLUSIONS = Listing(
    "exclusions",
    "Figures that are not among the effects, each with its reason.",
    ExclusionRow,
    find_exclusions,
    subject=EVIDENCE_SUBJECT,
    is_command=False,
    options=ExclusionsOptions,
    columns=(
        Column("Record", lambda row: row.record, style="bold"),
        Column("Endpoint", lambda row: ENDPOINTS[row.endpoint].label, 1, least=12, fold=True),
        Column("Why it is left out", lambda row: row.why, least=24, fold=True),
        Column("Stands in its place", lambda row: row.instead or "–", 2, least=16, fold=True),
    ),
    empty="no figure is left out",
    unit="figure",
)
