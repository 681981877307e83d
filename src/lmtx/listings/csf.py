"""`lmtx csf`: drug levels in cerebrospinal fluid."""

from typing import Annotated

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model import drug_levels
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    SHORT_ROUTES,
    SUPERSEDED_MARK,
    UNVERIFIED_MARK,
    WITHDRAWN_SUFFIX,
    get_row_url,
    mark_own_records,
    mark_reading,
    write_count,
)
from lmtx.model.vocabulary import MEASURES
from lmtx.query.csf import (
    CsfRow,
    count_csf_levels_left_out,
    list_csf_levels,
    note_drugs_without_level,
)
from lmtx.query.filters import CSF_SUBJECT, TREATMENT_VOCABULARY
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.tuples import NamedTuple

DOUBTFUL_MARK = ("‽", "hard to believe, kept as printed: see the note")
NOT_LM_MARK = ("§", "not measured in patients with LM")


def write_marked_drug_level(row: CsfRow) -> str:
    """Return the figure with its marks."""
    marks = (
        mark_reading(row.read_in)
        + (NOT_LM_MARK[0] if row.lm is False else "")
        + (DOUBTFUL_MARK[0] if row.doubtful else "")
    )
    return f"{drug_levels.write_level_amount(row._asdict())}{marks}"


def write_dose_with_route(row: CsfRow) -> str:
    """Return the dose with its route, which the dose may name itself."""
    if not row.dose:
        return row.route or ""
    named = (
        not row.route or row.route in row.dose or (row.route == "intravenous" and " IV" in row.dose)
    )
    return row.dose if named else f"{row.route}: {row.dose}"


def write_sampling(row: CsfRow) -> str:
    """Return where and when the CSF was taken."""
    return ", ".join(part for part in (row.compartment, row.sampled) if part)


def write_short_route(row: CsfRow) -> str:
    """Return the route in as few letters as a narrow column has."""
    return SHORT_ROUTES.get(row.route or "", row.route or "–")


def write_marked_treatment(row: CsfRow) -> str:
    """Return the treatment, marked where the report of the level is superseded or withdrawn."""
    older = SUPERSEDED_MARK[0] if row.superseded_by else ""
    withdrawn = WITHDRAWN_SUFFIX if row.withdrawn else ""
    return f"{row.treatment}{older}{mark_own_records(row.source)}{withdrawn}"


def write_treatment_measure_and_route(row: CsfRow) -> str:
    """Return the treatment, and under it what was measured and by which route it was given."""
    measure = drug_levels.name_measure(row._asdict())
    route = f", {write_short_route(row)}" if row.route else ""
    occasion = f"\n  {row.occasion}" if row.occasion else ""
    return f"{write_marked_treatment(row)}\n  {measure}{route}{occasion}"


def write_measure(row: CsfRow) -> str:
    """Return what was measured, and under it when or where if another level looks like it."""
    measure = drug_levels.name_measure(row._asdict())
    return f"{measure}\n{row.occasion}" if row.occasion else measure


class CsfOptions(NamedTuple):
    """What drug levels can be narrowed down by, beside the filters."""

    drugs: Annotated[
        tuple[str, ...],
        Parameter(
            "drugs",
            "Only these treatments.",
            "DRUG",
            vocabulary=TREATMENT_VOCABULARY,
            positional=True,
        ),
    ] = ()
    measures: Annotated[
        tuple[str, ...],
        Parameter(
            "measure", "Only this measure.", "MEASURE", vocabulary=make_word_vocabulary(MEASURES)
        ),
    ] = ()
    lm: Annotated[bool, Parameter("lm", "Only measured in patients with LM.", kind="flag")] = False


def find_drug_levels(question: Question) -> Found:
    """Return the drug levels under the filters, the highest first."""
    options: CsfOptions = question.options
    rows = list_csf_levels(
        question.connection,
        question.filters,
        only=options.drugs,
        measures=options.measures,
        lm=options.lm,
    )
    left_out = count_csf_levels_left_out(
        question.connection,
        question.filters,
        only=options.drugs,
        measures=options.measures,
        lm=options.lm,
    )
    note = note_drugs_without_level(options.drugs, rows)
    return Found(rows, [note], left_out=left_out, left_out_unit="level")


LISTING = Listing(
    "csf",
    "Drug levels in cerebrospinal fluid.",
    CsfRow,
    find_drug_levels,
    about="Drug levels in cerebrospinal fluid, in comparable units, the highest first.",
    examples=(
        "lmtx csf osimertinib erlotinib",
        "lmtx csf --measure csf-plasma-ratio --class egfr-tki",
        "lmtx csf --route intrathecal --lm --json",
    ),
    subject=CSF_SUBJECT,
    options=CsfOptions,
    brief=(
        "treatment",
        "measure",
        "fraction",
        "statistic",
        "value",
        "low",
        "high",
        "unit",
        "n",
        "route",
        "dose",
        "population",
        "study",
        "read_in",
    ),
    columns=(
        Column("Treatment", write_marked_treatment, style="bold"),
        Column("Measure", write_measure, least=10, fold=True, most=40),
        Column("Figure", write_marked_drug_level, link=get_row_url),
        Column("Route", write_short_route),
        Column("n", lambda row: write_count(row.n), 1, right=True),
        Column("Statistic", lambda row: (row.statistic or "").replace("-", " "), 6),
        Column("Given", write_dose_with_route, 4, least=20),
        Column("Sampled", write_sampling, 7, least=18),
        Column("Population", lambda row: row.population or "", 3, least=20),
        Column("Study", lambda row: row.citation, 2, least=16, fold=True, link=get_row_url),
    ),
    empty="no drug level matches",
    footnotes=(
        ("IT", "into the CSF (IV: into a vein)"),
        NOT_LM_MARK,
        DOUBTFUL_MARK,
        drug_levels.MODELLED_MARK,
        drug_levels.ROUNDED_MARK,
        UNVERIFIED_MARK,
        SUPERSEDED_MARK,
        OWN_RECORDS_MARK,
    ),
    unit="level",
    marked=("value", "low", "high", "printed"),
    narrow=(
        Column(
            "Treatment, measure",
            write_treatment_measure_and_route,
            least=24,
            style="bold",
            fold=True,
        ),
        Column("Figure", write_marked_drug_level, link=get_row_url),
        Column("n", lambda row: write_count(row.n), 1, right=True),
    ),
)
