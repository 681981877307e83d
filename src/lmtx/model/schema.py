"""What a record is: the pydantic models of every file in `data/`.

The gate: frozen, unknown keys forbidden, closed vocabularies. The field descriptions are the documentation of the
data, and the order of the fields is the canonical order of the keys in a file. No look-up imports this module.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    WithJsonSchema,
)

from lmtx.model import trust
from lmtx.model import vocabulary as words

SCHEMA_VERSION = 1
"""Raised when a file of an older version can no longer be read as it is."""

LONGEST_SHOWN = 80
"""Letters of a wrong value that a message repeats."""

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Kinds of signs that drive a terminal, turn the direction of what follows, or are not seen."""
ALLOWED = "\n\t\u200c\u200d"
"""Those of them that a text may hold: ends of lines, and the joiners of some scripts."""

_URL = TypeAdapter(AnyHttpUrl)


def one_of(vocabulary: Iterable[str]) -> Any:
    """Return an annotation that takes a word of the vocabulary and suggests the nearest one for any other."""
    known = list(vocabulary)

    def check(value: str) -> str:
        if value not in known:
            near = get_close_matches(value, known, 1)
            advice = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(known)}"
            shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
            raise ValueError(f"{shown!r} is not a known value; {advice}")
        return value

    return Annotated[str, AfterValidator(check), WithJsonSchema({"type": "string", "enum": known})]


def _plain(value: str) -> str:
    """Refuse what could drive a terminal or hide text: data are words, never instructions."""
    for sign in value if not value.isprintable() else ():
        if sign not in ALLOWED and unicodedata.category(sign) in HIDDEN:
            raise ValueError(
                f"the control or direction character U+{ord(sign):04X} is not allowed; delete it"
            )
    if value != value.strip() or not value:
        raise ValueError("text must not be empty nor begin or end with blanks")
    return value


def _url(value: str) -> str:
    if any(sign.isspace() for sign in value):
        raise ValueError("an address holds no blanks; write a blank as %20")
    _URL.validate_python(value)
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a figure must be a finite number")
    return value


Text = Annotated[str, Field(max_length=4000), AfterValidator(_plain)]
Number = Annotated[float, Strict(), AfterValidator(_finite)]
Url = Annotated[str, Field(max_length=2000), AfterValidator(_plain), AfterValidator(_url)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Count = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
Flag = Annotated[bool, Strict()]
Row = Annotated[int, Strict(), Field(ge=1, le=10_000)]
PMID = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}$")]
DOI = Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$", max_length=200), AfterValidator(_plain)]
PMCID = Annotated[str, Field(pattern=r"^PMC\d{1,9}$")]
Registry = Annotated[
    str,
    Field(
        pattern=r"^(NCT\d{8}|ChiCTR\S+|UMIN\d{9}|jRCT\w+|EudraCT \S+|ISRCTN\d{8}|NCI-\d{4}-\d{5})$"
    ),
    AfterValidator(_plain),
]
Design = one_of(words.DESIGNS)
Level = one_of(words.LEVELS)
ReadIn = one_of(words.READ_IN)


class Record(BaseModel):
    """Base of all records: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Outcome(Record):
    """One figure of a study: an endpoint with its value and what surrounds it."""

    endpoint: one_of(words.ENDPOINTS) = Field(description="what was measured")  # type: ignore[valid-type]
    value: Number = Field(
        description="a median for times, a rate for %, a ratio for HR and OR, a number for patients"
    )
    unit: one_of(words.UNITS) = Field(description="unit of value and interval")  # type: ignore[valid-type]
    ci: tuple[Number, ...] = Field(
        (),
        max_length=2,
        description="interval as [low, high], or [low] where the upper bound was not reached",
    )
    ci_upper: Text | None = Field(
        None, description="what the paper prints in place of the upper bound"
    )
    ci_level: Number | None = Field(
        None, gt=50, lt=100, description="confidence level in %, where it is not 95"
    )
    events: Count | None = Field(None, description="patients with the event")
    total: Count | None = Field(None, description="patients assessed")
    at: Text | None = Field(None, description="time point of a landmark rate")
    versus: Text | None = Field(None, description="comparator, with its figure")
    p: Text | None = Field(None, description="p value as printed")
    assessed_by: Text | None = Field(None, description="who or what judged the endpoint")
    group: Text | None = Field(
        None, description="which patients or what kind of figure, where it is not the whole row"
    )
    scope: one_of(words.SCOPES) = Field(  # type: ignore[valid-type]
        "whole", description="whom or what the figure counts, as one word"
    )
    as_printed: Flag = Field(
        False,
        description="the figures do not fit each other in the paper itself and are kept as printed",
    )


class Evidence(Record):
    """What was given to whom in one study, and what came of it."""

    row: Row = Field(description="number inside the study; stable, so never reused")
    treatments: tuple[Slug, ...] = Field(
        min_length=1, description="ids of the treatments, together or in turn"
    )
    tumors: tuple[Slug, ...] = Field(
        min_length=1, description="ids of the primary tumors; with `solid` a mixed population"
    )
    biomarkers: tuple[Slug, ...] = Field(
        (), description="ids of the biomarkers that define the population"
    )
    setting: Text | None = Field(None, description="population and line of treatment")
    routes: tuple[one_of(words.ROUTES), ...] = Field((), description="routes of administration")  # type: ignore[valid-type]
    dose: Text | None = Field(None, description="dose and schedule as reported")
    n: Count | None = Field(None, description="patients in this row")
    within: Row | None = Field(
        None, description="row of the same study that counts these patients too"
    )
    stands: Flag = Field(
        False,
        description="has no counterpart in the later report that supersedes the study, so it still counts",
    )
    mixed_with: Text | None = Field(
        None,
        description="what is pooled in that is not LM of a solid tumour; the figure is then not an LM rate",
    )
    level: Level | None = Field(None, description="overrides the level of the study for this row")  # type: ignore[valid-type]
    level_reason: Text | None = Field(None, description="why the level is overridden")
    direction: one_of(words.DIRECTIONS) = Field(description="what the authors' data show")  # type: ignore[valid-type]
    summary: Text = Field(description="one or two plain sentences, our own words")
    safety: Text | None = Field(None, description="toxicity, our own words")
    outcome: tuple[Outcome, ...] = Field((), description="the reported figures")


class Confirmed(Record):
    """A figure that a second reader found again."""

    row: Row | None = Field(None, description="evidence row, where known")
    endpoint: one_of(words.ENDPOINTS) = Field(description="endpoint of the figure")  # type: ignore[valid-type]
    value: Number = Field(description="its value")


class SecondRead(Record):
    """A reader who did not enter the figures finds them again on a page and signs."""

    on: date | None = Field(None, description="day of the reading, where known")
    seen_at: Url = Field(description="page on which the figures were found")
    same_page: Flag = Field(
        False, description="the page that the first reader used: checks the copying, not the source"
    )
    n: Flag = Field(False, description="the numbers of patients were confirmed too")
    figures: tuple[Confirmed, ...] = Field((), description="the figures confirmed")


class Study(Record):
    """One publication."""

    id: Slug = Field(description="short name, the name of the file; shown and typed by users")
    acronym: Text | None = Field(None, description="name of the trial")
    first_author: Text | None = Field(None, description="family name and initials, or a group")
    title: Text | None = Field(None, description="title as printed")
    title_descriptive: Flag = Field(
        False, description="the title is a description of ours: the page read did not print it"
    )
    journal: Text | None = Field(None, description="journal, abbreviated as in PubMed")
    year: Annotated[int, Strict(), Field(ge=1940, le=2030)] | None = Field(
        None, description="year of publication"
    )
    volume: Text | None = Field(None, description="volume")
    pages: Text | None = Field(None, description="pages or article number")
    pmid: PMID | None = Field(None, description="PubMed id")
    doi: DOI | None = Field(None, description="digital object identifier, without resolver")
    pmcid: PMCID | None = Field(None, description="PubMed Central id")
    nct: tuple[Registry, ...] = Field((), description="trial registrations")
    design: Design = Field(description="study design; decides the level of evidence")  # type: ignore[valid-type]
    patients: Count | None = Field(
        None,
        description="patients with LM in the whole study, where the rows do not tell; the rows never count more together",
    )
    rows_overlap: Flag = Field(
        False,
        description="the rows tell what patients of one cohort had been given, so that one patient may stand in several; together they count as the largest",
    )
    stopped_early: one_of(words.STOPPED) | None = Field(  # type: ignore[valid-type]
        None, description="why a trial was stopped early"
    )
    pools_randomised: one_of(("I", "II")) | None = Field(  # type: ignore[valid-type]
        None, description="for a meta-analysis of randomised trials: their level"
    )
    level: Level | None = Field(  # type: ignore[valid-type]
        None, description="overrides the level that follows from the design"
    )
    level_reason: Text | None = Field(None, description="why the level is overridden")
    lm_only: Flag = Field(description="only patients with LM")
    read_in: ReadIn = Field(description="where the figures were read")  # type: ignore[valid-type]
    seen_at: tuple[Url, ...] = Field((), description="pages on which the record was read")
    not_found: tuple[one_of(trust.CITATION), ...] = Field(  # type: ignore[valid-type]
        (), description="parts of the citation that no page within reach prints"
    )
    also_known_as: tuple[Slug, ...] = Field((), description="ids that were merged into this one")
    superseded_by: Slug | None = Field(
        None, description="id of the later report of the same patients"
    )
    overlaps: tuple[Slug, ...] = Field(
        (), description="ids of studies that tell some of the same patients"
    )
    withdrawn: Text | None = Field(None, description="why the publication or record was withdrawn")
    note: Text | None = Field(None, description="what a reader must know about this record")
    second_read: tuple[SecondRead, ...] = Field((), description="second readings")


class StudyFile(Record):
    """One file of `data/studies/`."""

    study: Study
    evidence: tuple[Evidence, ...] = ()


class CsfLevel(Record):
    """A drug level in cerebrospinal fluid, normalised so that levels can be compared."""

    study: Slug = Field(description="id of the study")
    measure: one_of(words.MEASURES) = Field(description="what was measured")  # type: ignore[valid-type]
    fraction: one_of(words.FRACTIONS) | None = Field(  # type: ignore[valid-type]
        None, description="total or unbound drug, where stated"
    )
    statistic: one_of(words.STATISTICS) | None = Field(  # type: ignore[valid-type]
        None, description="mean, median, peak, trough …"
    )
    value: Number | None = Field(None, description="normalised value")
    low: Number | None = Field(None, description="lower end of the range")
    high: Number | None = Field(None, description="upper end of the range")
    spread: Number | None = Field(None, ge=0, description="spread around the value")
    spread_kind: one_of(words.SPREADS) | None = Field(None, description="kind of spread")  # type: ignore[valid-type]
    unit: Text = Field(description="unit that the measure is normalised to")
    printed: Text = Field(description="the figure as printed, with its unit")
    computed: Flag = Field(
        False, description="value computed from the printed one by more than a change of unit"
    )
    compartment: one_of(words.COMPARTMENTS) | None = Field(None, description="where in the CSF")  # type: ignore[valid-type]
    sampled: Text | None = Field(None, description="when and how it was sampled")
    n: Count | None = Field(None, description="patients sampled")
    route: one_of(words.ROUTES) | None = Field(None, description="route of administration")  # type: ignore[valid-type]
    dose: Text | None = Field(None, description="dose as reported")
    population: Text | None = Field(None, description="who was sampled")
    lm: Flag | None = Field(
        None, description="patients with LM; false: another population; absent: unknown or mixed"
    )
    modelled: Flag = Field(False, description="predicted by a model, not measured")
    read_in: ReadIn | None = Field(  # type: ignore[valid-type]
        None, description="where the figure was read, when not as the rest of the study"
    )
    doubtful: Flag = Field(
        False, description="the figure or its unit is hard to believe; the note says why"
    )
    note: Text | None = Field(None, description="what a reader must know")


class Node(Record):
    """A node of a tree: class, tumor or biomarker."""

    id: Slug = Field(description="short name")
    label: Text = Field(description="the field's words")
    parent: Slug | None = Field(None, description="id of the node above")
    aliases: tuple[Text, ...] = Field((), description="other names that a user may type")
    definition: Text | None = Field(None, description="one sentence")


class Treatment(Record):
    """An agent, radiotherapy, device or procedure."""

    id: Slug = Field(description="short name")
    name: Text = Field(description="name as shown")
    aliases: tuple[Text, ...] = Field((), description="brand names, codes, abbreviations")
    drug_class: Slug = Field(alias="class", description="id of its class")
    targets: tuple[Text, ...] = Field((), description="gene symbols or structures")
    mechanism: Text = Field(description="how it acts, one plain sentence")
    routes: tuple[one_of(words.ROUTES), ...] = Field(  # type: ignore[valid-type]
        (),
        description="routes by which it is given itself, where studies tell it only together with other treatments",
    )
    specified: Flag = Field(True, description="false for regimens that name no agent")
    note: Text | None = Field(None, description="what a reader must know")
    csf: tuple[CsfLevel, ...] = Field((), description="levels in cerebrospinal fluid")


class TreatmentsFile(Record):
    """`data/treatments.toml`: the header of the knowledge base, the class tree and the treatments."""

    schema_version: Annotated[int, Strict()] = Field(
        description="version of the form of these files; 1 so far"
    )
    version: Annotated[str, Field(pattern=r"^20\d\d\.(0?[1-9]|1[0-2])\.\d+$")] = Field(
        description="version of the data: year, month, number in it"
    )
    as_of: date = Field(description="date of the data")
    title: Text = Field(description="what the knowledge base is about")
    disclaimer: Text = Field(description="what every answer says beside its data")
    drug_class: tuple[Node, ...] = Field((), alias="class")
    treatment: tuple[Treatment, ...] = ()


class Fact(Record):
    """A figure about the disease itself: incidence, survival, prognosis."""

    row: Row = Field(description="number inside the tumor; stable")
    topic: one_of(words.TOPICS) = Field(description="what the fact is about")  # type: ignore[valid-type]
    tumors: tuple[Slug, ...] | None = Field(
        None, description="all tumors it speaks of, where not just the one it stands under"
    )
    statement: Text = Field(description="the fact in our own words")
    value_low: Number | None = Field(None, description="lowest figure")
    value_high: Number | None = Field(None, description="highest figure")
    unit: Text | None = Field(None, description="unit of the figures")
    what: Text | None = Field(
        None, description="what the range spans, where it is not one quantity"
    )
    study: Slug = Field(description="id of the source")


class Tumor(Node):
    """A primary tumor with its facts."""

    fact: tuple[Fact, ...] = ()


class TumorsFile(Record):
    """`data/tumors.toml`."""

    tumor: tuple[Tumor, ...] = ()


class BiomarkersFile(Record):
    """`data/biomarkers.toml`."""

    biomarker: tuple[Node, ...] = ()


class Recommendation(Record):
    """One statement of a guideline."""

    row: Row = Field(description="number inside the guideline; stable")
    topic: one_of(words.RECOMMENDATION_TOPICS) = Field(description="what it is about")  # type: ignore[valid-type]
    statement: Text = Field(description="the statement in our own words")
    level: Text | None = Field(None, description="level of evidence as the guideline prints it")
    grade: Text | None = Field(
        None, description="grade of recommendation as the guideline prints it"
    )
    treatments: tuple[Slug, ...] = Field((), description="ids of the treatments it speaks of")
    tumors: tuple[Slug, ...] = Field(("solid",), description="ids of the tumors")
    read_in: ReadIn = Field(description="where the statement was read")  # type: ignore[valid-type]
    note: Text | None = Field(None, description="what a reader must know")


class Guideline(Record):
    """A guideline with its statements; its citation is the study of the same id."""

    id: Slug = Field(description="id of the study that is its citation")
    name: Text = Field(description="society and year")
    society: Text | None = Field(None, description="issuing society")
    year: Annotated[int, Strict(), Field(ge=1980, le=2030)] | None = Field(None, description="year")
    superseded: Flag = Field(False, description="a newer edition exists")
    note: Text | None = Field(None, description="what a reader must know")
    recommendation: tuple[Recommendation, ...] = ()


class GuidelinesFile(Record):
    """`data/guidelines.toml`."""

    guideline: tuple[Guideline, ...] = ()


class Trial(Record):
    """A registered trial, as its registry showed it on the day it was read."""

    id: Registry = Field(description="registration number")
    nct: Annotated[str, Field(pattern=r"^NCT\d{8}$")] | None = Field(
        None, description="ClinicalTrials.gov number"
    )
    registry_id: Registry | None = Field(None, description="number in another registry")
    title: Text = Field(description="title as registered")
    acronym: Text | None = Field(None, description="short name")
    phase: one_of(words.PHASES) | None = Field(None, description="phase")  # type: ignore[valid-type]
    phase_note: Text | None = Field(None, description="what more was said about the phase")
    status: one_of(words.STATUSES) = Field(description="status as read")  # type: ignore[valid-type]
    status_note: Text | None = Field(None, description="what more was said about the status")
    status_read: Annotated[str, Field(pattern=r"^20\d\d(-\d\d(-\d\d)?)?$")] | None = Field(
        None, description="date of that status, as exact as known"
    )
    enrolment: Count | None = Field(None, description="patients enrolled or planned")
    treatments: tuple[Slug, ...] = Field((), description="ids of the treatments")
    tumors: tuple[Slug, ...] = Field(min_length=1, description="ids of the tumors")
    biomarkers: tuple[Slug, ...] = Field((), description="ids of the biomarkers")
    results: tuple[Slug, ...] = Field((), description="ids of the studies that report it")
    seen_at: tuple[Url, ...] = Field((), description="pages read")
    note: Text | None = Field(None, description="what a reader must know")


class TrialsFile(Record):
    """`data/trials.toml`."""

    trial: tuple[Trial, ...] = ()


class Correction(Record):
    """Where a record differs from an earlier figure, and why."""

    study: Slug = Field(description="id of the study")
    endpoint: Text | None = Field(None, description="endpoint, or the field that changed")
    was: Any = Field(None, description="earlier figure")
    now: Any = Field(None, description="figure now")
    why: Text = Field(description="why")
    seen_at: Url | None = Field(None, description="page that settles it")
    drop: Flag = Field(False, description="the study was left out")


class CorrectionsFile(Record):
    """`data/corrections.toml`."""

    correction: tuple[Correction, ...] = ()
