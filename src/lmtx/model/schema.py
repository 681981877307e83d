"""What a record is: the pydantic models of every file in `data/`.

The gate: frozen, unknown keys forbidden, closed vocabularies. The field descriptions are the
documentation of the data, and the order of the fields is the canonical order of the keys in a file.
No look-up imports this module.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    TypeAdapter,
)
from pydantic_core import core_schema

from lmtx.model import vocabulary as words
from lmtx.model.levels import REQUIRED_CITATION_PARTS

SCHEMA_VERSION = 2
"""Raised when a file of an older version can no longer be read as it is."""

LONGEST_QUOTED_VALUE = 80
"""Letters of a wrong value that a message repeats."""

HIDDEN_UNICODE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Kinds of signs that drive a terminal, turn the direction of what follows, or are not seen."""
ALLOWED_CONTROL_CHARACTERS = "\n\t"
"""Those of them that a text may hold anywhere: ends of lines."""
ZERO_WIDTH_JOINERS = "\u200c\u200d"
"""Those that some scripts need between their letters; beside a figure or a Latin letter they only
hide in it."""

_UNSEEN = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, 0x2800, 0x3164, 0xFFA0}
) | {
    *range(0xFE00, 0xFE10),
    *range(0xFDD0, 0xFDF0),
    *range(0xFFF0, 0xFFF9),
    *range(0xE0000, 0xE1000),
}
"""Signs of other kinds that nobody sees: fillers, the empty braille pattern, selectors of
variants, and numbers of no sign that programs leave out."""
_MOST_ACCENTS = 2
"""Marks that one letter may carry, as in Vietnamese; a stack of more covers the lines around it."""

_URL = TypeAdapter(AnyHttpUrl)


class OneOf:
    """Marks a text as a word of a closed vocabulary; for any other the nearest one is suggested."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.known = list(vocabulary)
        self.meant: dict[str, str] = {}
        if isinstance(vocabulary, Mapping):
            for word, term in vocabulary.items():
                for alias in (term.label, *term.aliases):
                    self.meant.setdefault(alias.casefold(), word)

    def check(self, value: str) -> str:
        """Return a known word; raise ValueError for any other."""
        if value in self.known:
            return value
        near = get_close_matches(value, self.known, 1)
        if meant := self.meant.get(value.casefold()):
            near = [meant]
        advice = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(self.known)}"
        shown = value if len(value) <= LONGEST_QUOTED_VALUE else f"{value[:LONGEST_QUOTED_VALUE]}…"
        raise ValueError(f"{shown!r} is not a known value; {advice}")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": self.known}


def refuse_misleading_characters(text: str) -> None:
    """Raise ValueError for the first sign of a text that drives a terminal, is not seen, or covers
    others."""
    marks, before = 0, "\n"
    for sign, after in zip(text, f"{text[1:]}\n", strict=True):
        category = unicodedata.category(sign)
        is_mark = category in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        if sign in ZERO_WIDTH_JOINERS and not (before.isascii() or after.isascii()):
            kind = ""
        elif sign not in ALLOWED_CONTROL_CHARACTERS and category in HIDDEN_UNICODE_CATEGORIES:
            kind = "control or direction"
        elif ord(sign) in _UNSEEN or ord(sign) & 0xFFFE == 0xFFFE:
            kind = "invisible"
        elif marks > _MOST_ACCENTS:
            kind = "stacked"
        elif category == "Me" or (is_mark and before.isdigit()):
            kind = "covering"  # a figure that is struck through or enclosed is another one
        else:
            kind = ""
        before = sign
        if not kind:
            continue
        raise ValueError(f"the {kind} character U+{ord(sign):04X} is not allowed; delete it")


def _plain(value: str) -> str:
    """Refuse what could drive a terminal or hide text: data are words, never instructions."""
    if not value.isascii() or not value.isprintable():
        refuse_misleading_characters(value)
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
RowOrComparisonNumber = Annotated[int, Strict(), Field(ge=1, le=10_000)]
PMID = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
DOI = Annotated[
    str, Field(pattern=r"^10\.[0-9]{4,9}/\S*[^\s.,;]$", max_length=200), AfterValidator(_plain)
]
PMCID = Annotated[str, Field(pattern=r"^PMC[0-9]{1,9}$")]
RegistrationNumber = Annotated[
    str,
    Field(
        pattern=(
            r"^(NCT[0-9]{8}|ChiCTR\S+|UMIN[0-9]{9}|jRCT\w+|EudraCT "
            r"\S+|ISRCTN[0-9]{8}|NCI-[0-9]{4}-[0-9]{5})$"
        )
    ),
    AfterValidator(_plain),
]
Design = Annotated[str, OneOf(words.DESIGNS)]
PartialDate = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""A date as exact as it is known: year, month or day."""
ReadIn = Annotated[str, OneOf(words.READ_IN)]
AsPrinted = Annotated[
    Flag,
    Field(
        description="the figures do not fit each other in the paper itself and are kept as printed"
    ),
]
NotInLaterReport = Annotated[
    Flag, Field(description="has no counterpart in the later report that supersedes the study")
]


class Record(BaseModel):
    """Base of all records: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Outcome(Record):
    """One figure of one group of patients, with what surrounds it."""

    endpoint: Annotated[str, OneOf(words.ENDPOINTS)] = Field(description="what was measured")
    value: Number | None = Field(
        None, description="a median for times, a rate for %, a number for patients"
    )
    not_reached: Flag = Field(
        False, description="the median was not reached, so there is no value; its lower bound is ci"
    )
    unit: Annotated[str, OneOf(words.UNITS)] = Field(description="unit of value and interval")
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
    p: Text | None = Field(None, description="p value as printed, of a test inside the group")
    assessed_by: Text | None = Field(None, description="who or what judged the endpoint")
    group: Text | None = Field(
        None, description="which patients or what kind of figure, where it is not the whole row"
    )
    scope: Annotated[str, OneOf(words.SCOPES)] = Field(
        "whole", description="whom or what the figure counts, as one word"
    )
    time_zero: Annotated[str, OneOf(words.TIME_ZEROS)] | None = Field(
        None, description="from when a time is counted, where stated"
    )
    follow_up: Text | None = Field(None, description="how long patients were followed")
    as_printed: AsPrinted = False
    read_in: ReadIn | None = Field(
        None, description="where this figure was read, when not as the rest of the study"
    )
    seen_at: Url | None = Field(None, description="page of this figure, with read_in")
    stands: NotInLaterReport = False


class Given(Record):
    """One treatment, by one route, that a group of patients had."""

    treatment: Slug = Field(description="id of the treatment")
    role: Annotated[str, OneOf(words.ROLES)] = Field(
        description="tested, or background: given alongside, so no evidence on it"
    )
    routes: tuple[Annotated[str, OneOf(words.ROUTES)], ...] = Field(
        (), description="route of administration; several where nobody says who had which"
    )
    dose: Text | None = Field(None, description="dose and schedule as reported")
    n: Count | None = Field(None, description="patients who had it, where not all of the row")
    n_unknown: Flag = Field(False, description="only a part had it, and nobody says how many")
    direction: Annotated[str, OneOf(words.DIRECTIONS)] | None = Field(
        None, description="what the data show of it, where not as the row's direction"
    )
    note: Text | None = Field(None, description="what a reader must know")


class Evidence(Record):
    """One group of patients of a study of which a figure of its own is told."""

    row: RowOrComparisonNumber = Field(
        description="number inside the study; stable, so never reused"
    )
    tumors: tuple[Slug, ...] = Field(
        min_length=1, description="ids of the primary tumors; with `solid` a mixed population"
    )
    biomarkers: tuple[Slug, ...] = Field(
        (), description="ids of the biomarkers that define the population"
    )
    setting: Text | None = Field(None, description="population in words")
    n: Count | None = Field(None, description="patients with LM of a solid tumor in this row")
    tumor_n: tuple[Count, ...] = Field(
        (), description="patients of each of `tumors`, in their order, where a row names two"
    )
    n_pooled: Count | None = Field(
        None, description="patients behind the figures, where others are mixed in (mixed_with)"
    )
    mixed_with: Text | None = Field(
        None,
        description="what is pooled in that is not LM of a solid tumor; the figure is then not an LM rate",
    )
    studies: Annotated[int, Strict(), Field(ge=1, le=10_000)] | None = Field(
        None, description="studies that a review pools in this row"
    )
    line: Annotated[str, OneOf(words.LINES)] | None = Field(
        None, description="line of treatment for the LM, where stated"
    )
    after: tuple[Slug, ...] = Field(
        (), description="ids of treatments or classes that all patients had had before"
    )
    design: Design | None = Field(
        None, description="design of this group, where it is not the study's"
    )
    within: RowOrComparisonNumber | None = Field(
        None, description="row of the same study that counts these patients too"
    )
    stands: Flag = Field(
        False,
        description="has no counterpart in the later report that supersedes the study, so it still counts",
    )
    given_as: Annotated[str, OneOf(words.GIVEN_AS)] | None = Field(
        None, description="how several tested treatments stand to each other"
    )
    direction: Annotated[str, OneOf(words.DIRECTIONS)] | None = Field(
        None, description="what the data show of what is tested; absent where nothing is"
    )
    summary: Text = Field(description="one or two plain sentences, our own words")
    safety: Text | None = Field(None, description="toxicity, our own words")
    given: tuple[Given, ...] = Field((), description="what the patients had; none: supportive care")
    outcome: tuple[Outcome, ...] = Field((), description="figures of this group alone")


class Effect(Record):
    """What is between the two groups of a comparison, for one endpoint or event."""

    endpoint: Annotated[str, OneOf(words.ENDPOINTS)] | None = Field(
        None, description="what was measured"
    )
    event: Annotated[str, OneOf(words.ADVERSE_EVENTS)] | None = Field(
        None, description="adverse event, in place of an endpoint"
    )
    unit: Annotated[str, OneOf(words.EFFECT_UNITS)] = Field(
        description="kind of effect; `none` for a finding told without a number"
    )
    of_unit: Annotated[str, OneOf(words.DIFFERENCE_UNITS)] | None = Field(
        None, description="unit of a difference"
    )
    value: Number | None = Field(None, description="the effect, as printed")
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
    p: Text | None = Field(None, description="p value as printed")
    adjusted: Annotated[str, OneOf(words.ADJUSTMENTS)] | None = Field(
        None, description="how other differences were allowed for"
    )
    inverted: Flag = Field(
        False,
        description="the printed ratio is that of `against` to `of`, so its reciprocal is what is drawn",
    )
    favours: Annotated[str, OneOf(words.FAVOURS)] | None = Field(
        None, description="the side that the effect favours; neither where no difference was found"
    )
    at: Text | None = Field(None, description="time point")
    group: Text | None = Field(None, description="which patients, where not all of both sides")
    assessed_by: Text | None = Field(None, description="who or what judged the endpoint")
    i2: Number | None = Field(
        None, ge=0, le=100, description="heterogeneity I² in % of a pooled effect"
    )
    as_printed: AsPrinted = False
    note: Text | None = Field(None, description="what a reader must know, as both medians")
    read_in: ReadIn | None = Field(
        None, description="where this effect was read, when not as the rest of the study"
    )
    seen_at: Url | None = Field(None, description="page of this effect, with read_in")
    stands: NotInLaterReport = False


class Comparison(Record):
    """Two groups of a study held against each other."""

    comparison: RowOrComparisonNumber = Field(
        description="number inside the study; stable, so never reused"
    )
    of: RowOrComparisonNumber | None = Field(
        None, description="row of the group that has what is tested"
    )
    of_group: Text | None = Field(None, description="that group in words, where it is no row")
    of_n: Count | None = Field(None, description="its patients, where not the row's n")
    against: RowOrComparisonNumber | None = Field(
        None, description="row of the group it is held against"
    )
    against_group: Text | None = Field(None, description="that group in words, where it is no row")
    against_n: Count | None = Field(None, description="its patients, where not the row's n")
    population: RowOrComparisonNumber | None = Field(
        None, alias="in", description="row whose population holds, where neither side is a row"
    )
    tests: tuple[Slug, ...] = Field(
        (), description="ids of the treatments that `of` has and `against` has not"
    )
    tests_are: Annotated[str, OneOf(words.TESTS_ARE)] | None = Field(
        None, description="whether several tested ones were had together, or some of them"
    )
    against_tests: tuple[Slug, ...] = Field(
        (), description="ids of what the other side had in their place, where it is words"
    )
    question: Annotated[str, OneOf(words.QUESTIONS)] = Field(description="what the comparison asks")
    randomized: Flag = Field(False, description="the sides were allotted by chance")
    control: Annotated[str, OneOf(words.CONTROLS)] | None = Field(
        None, description="kind of control, where it is not concurrent"
    )
    direction: Annotated[str, OneOf(words.DIRECTIONS)] | None = Field(
        None, description="what the comparison shows of what is tested"
    )
    note: Text | None = Field(None, description="what a reader must know")
    stands: NotInLaterReport = False
    effect: tuple[Effect, ...] = Field((), description="what is between the two groups")


class Adverse(Record):
    """One kind of harm, as a study counts it."""

    row: RowOrComparisonNumber | None = Field(None, description="row of the patients, where told")
    group: Text | None = Field(None, description="which patients, where not the whole row")
    treatment: Slug | None = Field(
        None, description="id of the treatment that it is put down to, where one is"
    )
    event: Annotated[str, OneOf(words.ADVERSE_EVENTS)] = Field(
        description="the event; `any` for any event"
    )
    grade: Annotated[str, OneOf(words.ADVERSE_GRADES)] | None = Field(
        None, description="grade counted; absent where none is told"
    )
    serious: Flag = Field(False, description="counted as serious")
    dose_limiting: Flag = Field(False, description="counted as dose limiting")
    n: Count | None = Field(None, description="patients with the event")
    total: Count | None = Field(None, description="patients assessed")
    value: Number | None = Field(None, description="share in %, as printed")
    of_cycles: Flag = Field(
        False, description="n, total and value count cycles, courses or episodes, not patients"
    )
    as_printed: Flag = Field(
        False, description="the figures do not fit each other in the paper and are kept as printed"
    )
    note: Text | None = Field(None, description="what a reader must know")
    read_in: ReadIn | None = Field(
        None, description="where this was read, when not as the rest of the study"
    )
    seen_at: Url | None = Field(None, description="page of this figure, with read_in")
    stands: NotInLaterReport = False


class Confirmed(Record):
    """A figure that a second reader found again: of a row, of a comparison, or a harm."""

    row: RowOrComparisonNumber | None = Field(None, description="row of an outcome or a harm")
    comparison: RowOrComparisonNumber | None = Field(None, description="comparison of an effect")
    endpoint: Annotated[str, OneOf(words.ENDPOINTS)] | None = Field(
        None, description="endpoint of the figure"
    )
    event: Annotated[str, OneOf(words.ADVERSE_EVENTS)] | None = Field(
        None, description="adverse event, in place of an endpoint"
    )
    grade: Annotated[str, OneOf(words.ADVERSE_GRADES)] | None = Field(
        None, description="grade of a harm"
    )
    value: Number | None = Field(
        None, description="its value: of a harm n (patients) or share (%); none for p-only and none"
    )
    not_reached: Flag = Field(False, description="the median was not reached")
    unit: Annotated[str, OneOf(words.CONFIRMED_UNITS)] = Field(
        description="its unit, as in the record"
    )
    p: Text | None = Field(None, description="the p value, where it is what was found again")


class SecondRead(Record):
    """A reader who did not enter the figures finds them again on a page and signs."""

    on: date | None = Field(None, description="day of the reading, where known")
    seen_at: Url = Field(description="page on which the figures were found")
    same_page: Flag = Field(
        False, description="the page that the first reader used: checks the copying, not the source"
    )
    n: Flag = Field(False, description="the numbers of patients were confirmed too")
    comparisons: tuple[RowOrComparisonNumber, ...] = Field(
        (),
        description="the comparisons whose sides, tests, question and direction were found alike",
    )
    figures: tuple[Confirmed, ...] = Field((), description="the figures confirmed")


class Study(Record):
    """One publication."""

    id: Slug = Field(description="short name, the name of the file; shown and typed by users")
    acronym: Text | None = Field(None, description="name of the trial")
    label: Text | None = Field(
        None, description="what people call it, where it is neither acronym nor author and year"
    )
    first_author: Text | None = Field(None, description="family name and initials, or a group")
    first_author_latin: Text | None = Field(
        None, description="the same in Latin letters, as a page prints it"
    )
    authors: tuple[Text, ...] = Field((), description="all authors as printed, the first included")
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
    nct: tuple[RegistrationNumber, ...] = Field((), description="trial registrations")
    design: Design = Field(description="study design; decides the level of evidence")
    patients: Count | None = Field(
        None,
        description=(
            "patients with LM in the whole study, where the rows do not tell; the rows never "
            "count more together"
        ),
    )
    rows_overlap: Flag = Field(
        False,
        description=(
            "the rows tell what patients of one cohort had been given, so that one patient may "
            "stand in several; together they count as the largest"
        ),
    )
    stopped_early: Annotated[str, OneOf(words.STOPPED)] | None = Field(
        None, description="why a trial was stopped early"
    )
    pools_randomised: Annotated[str, OneOf(("I", "II"))] | None = Field(
        None, description="for a meta-analysis of randomised trials: their level"
    )
    lm_only: Flag = Field(description="only patients with LM")
    read_in: ReadIn = Field(description="where the figures were read")
    seen_at: tuple[Url, ...] = Field((), description="canonical pages of what was read")
    read_at: tuple[Url, ...] = Field(
        (), description="addresses that were read, where they are not the canonical pages"
    )
    not_found: tuple[Annotated[str, OneOf(REQUIRED_CITATION_PARTS)], ...] = Field(
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
    comparison: tuple[Comparison, ...] = ()
    adverse: tuple[Adverse, ...] = ()


class CsfLevel(Record):
    """A drug level in cerebrospinal fluid, normalised so that levels can be compared."""

    study: Slug = Field(description="id of the study")
    measure: Annotated[str, OneOf(words.MEASURES)] = Field(description="what was measured")
    fraction: Annotated[str, OneOf(words.FRACTIONS)] | None = Field(
        None, description="total or unbound drug, where stated"
    )
    statistic: Annotated[str, OneOf(words.STATISTICS)] | None = Field(
        None, description="mean, median, peak, trough …"
    )
    value: Number | None = Field(None, description="normalised value")
    low: Number | None = Field(None, description="lower end of the range")
    high: Number | None = Field(None, description="upper end of the range")
    spread: Number | None = Field(None, ge=0, description="spread around the value")
    spread_kind: Annotated[str, OneOf(words.SPREADS)] | None = Field(
        None, description="kind of spread"
    )
    unit: Text = Field(description="unit that the measure is normalised to")
    printed: Text = Field(description="the figure as printed, with its unit")
    computed: Flag = Field(
        False, description="value computed from the printed one by more than a change of unit"
    )
    compartment: Annotated[str, OneOf(words.COMPARTMENTS)] | None = Field(
        None, description="where in the CSF"
    )
    sampled: Text | None = Field(None, description="when and how it was sampled")
    n: Count | None = Field(None, description="patients sampled")
    route: Annotated[str, OneOf(words.ROUTES)] | None = Field(
        None, description="route of administration"
    )
    dose: Text | None = Field(None, description="dose as reported")
    population: Text | None = Field(None, description="who was sampled")
    lm: Flag | None = Field(
        None, description="patients with LM; false: another population; absent: unknown or mixed"
    )
    modelled: Flag = Field(False, description="predicted by a model, not measured")
    read_in: ReadIn | None = Field(
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
    aliases_list: tuple[Text, ...] = Field(
        (), description="names read in a list only: they find the treatment and are never printed"
    )
    drug_class: Slug = Field(alias="class", description="id of its class")
    targets: tuple[Text, ...] = Field((), description="gene symbols or structures")
    mechanism: Text = Field(description="how it acts, one plain sentence")
    routes: tuple[Annotated[str, OneOf(words.ROUTES)], ...] = Field(
        (),
        description=(
            "routes by which it is given itself, where its name tells it, or studies only together "
            "with other treatments"
        ),
    )
    specified: Flag = Field(True, description="false for regimens that name no agent")
    note: Text | None = Field(None, description="what a reader must know")
    csf: tuple[CsfLevel, ...] = Field((), description="levels in cerebrospinal fluid")


class TreatmentsFile(Record):
    """`data/treatments.toml`: header of the knowledge base, class tree and treatments."""

    schema_version: Annotated[int, Strict()] = Field(
        description="version of the form of these files; 2 so far"
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

    row: RowOrComparisonNumber = Field(description="number inside the tumor; stable")
    topic: Annotated[str, OneOf(words.TOPICS)] = Field(description="what the fact is about")
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
    treatments: tuple[Slug, ...] = Field(
        (), description="ids of the treatments it speaks of, as those on which LM arose"
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

    row: RowOrComparisonNumber = Field(description="number inside the guideline; stable")
    topic: Annotated[str, OneOf(words.RECOMMENDATION_TOPICS)] = Field(
        description="what it is about"
    )
    statement: Text = Field(description="the statement in our own words")
    level: Text | None = Field(None, description="level of evidence as the guideline prints it")
    grade: Text | None = Field(
        None, description="grade of recommendation as the guideline prints it"
    )
    treatments: tuple[Slug, ...] = Field((), description="ids of the treatments it speaks of")
    tumors: tuple[Slug, ...] = Field(("solid",), description="ids of the tumors")
    read_in: ReadIn = Field(description="where the statement was read")
    note: Text | None = Field(None, description="what a reader must know")


class Guideline(Record):
    """A guideline with its statements; its citation is the study of the same id."""

    id: Slug = Field(description="id of the study that is its citation")
    name: Text = Field(description="society and year")
    society: Text | None = Field(None, description="issuing society")
    year: Annotated[int, Strict(), Field(ge=1980, le=2030)] | None = Field(None, description="year")
    superseded: Flag = Field(False, description="a newer edition exists")
    coverage: Annotated[str, OneOf(words.COVERAGES)] | None = Field(
        None, description="what of it could not be read; absent: its statements on LM were read"
    )
    note: Text | None = Field(None, description="what a reader must know")
    recommendation: tuple[Recommendation, ...] = ()


class GuidelinesFile(Record):
    """`data/guidelines.toml`."""

    guideline: tuple[Guideline, ...] = ()


class TrialGiven(Record):
    """One treatment of a registered trial."""

    treatment: Slug = Field(description="id of the treatment")
    role: Annotated[str, OneOf(words.TRIAL_ROLES)] | None = Field(
        None, description="tested, control or background; absent where no registry field tells"
    )
    routes: tuple[Annotated[str, OneOf(words.ROUTES)], ...] = Field(
        (), description="routes of administration"
    )
    dose: Text | None = Field(None, description="dose and schedule as registered")


class Trial(Record):
    """A registered trial, as its registry showed it on the day it was read."""

    id: RegistrationNumber = Field(description="registration number")
    nct: Annotated[str, Field(pattern=r"^NCT\d{8}$")] | None = Field(
        None, description="ClinicalTrials.gov number"
    )
    registry_id: RegistrationNumber | None = Field(None, description="number in another registry")
    title: Text = Field(description="title as registered")
    acronym: Text | None = Field(None, description="short name")
    phase: Annotated[str, OneOf(words.PHASES)] | None = Field(None, description="phase")
    phase_note: Text | None = Field(None, description="what more was said about the phase")
    status: Annotated[str, OneOf(words.STATUSES)] = Field(description="status as read")
    status_note: Text | None = Field(None, description="what more was said about the status")
    status_read: PartialDate | None = Field(
        None, description="date of that status, as exact as known"
    )
    updated: PartialDate | None = Field(None, description="last update that the registry posted")
    countries: tuple[Text, ...] = Field((), description="countries, in the registry's names")
    study_type: Annotated[str, OneOf(words.STUDY_TYPES)] | None = Field(
        None, description="type of study"
    )
    randomized: Flag | None = Field(None, description="patients are allotted by chance, where told")
    lm: Annotated[str, OneOf(words.TRIAL_LM)] | None = Field(
        None,
        description=(
            "whether only patients with LM (or with suspected LM, in a study of diagnosis), a "
            "cohort of them, or them among others"
        ),
    )
    enrolment: Count | None = Field(None, description="patients enrolled or planned")
    line: Annotated[str, OneOf(words.LINES)] | None = Field(
        None, description="line of treatment for the LM, where stated"
    )
    after: tuple[Slug, ...] = Field(
        (), description="ids of treatments or classes that all patients had had before"
    )
    tumors: tuple[Slug, ...] = Field(min_length=1, description="ids of the tumors")
    biomarkers: tuple[Slug, ...] = Field((), description="ids of the biomarkers")
    results: tuple[Slug, ...] = Field((), description="ids of the studies that report it")
    seen_at: tuple[Url, ...] = Field((), description="pages read")
    check: Flag = Field(
        False, description="something is inferred, the note says what; until someone read it"
    )
    note: Text | None = Field(None, description="what a reader must know")
    given: tuple[TrialGiven, ...] = Field((), description="what is given in the trial")


class TrialsFile(Record):
    """`data/trials.toml`."""

    trial: tuple[Trial, ...] = ()


class Correction(Record):
    """Where a record differs from an earlier figure, and why."""

    study: Slug = Field(description="id of the study")
    row: RowOrComparisonNumber | None = Field(None, description="row, where it is about one")
    comparison: RowOrComparisonNumber | None = Field(
        None, description="comparison, where it is about one"
    )
    endpoint: Text | None = Field(None, description="endpoint, or the field that changed")
    was: Any = Field(None, description="earlier figure")
    now: Any = Field(None, description="figure now")
    why: Text = Field(description="why")
    seen_at: Url | None = Field(None, description="page that settles it")
    drop: Flag = Field(False, description="the study was left out")
    closes: Text | None = Field(
        None,
        description="place of an effect in words that needs no record, as `validate --todo` names it",
    )


class TrialCorrection(Record):
    """Where the record of a trial differs from an earlier one, and why."""

    trial: RegistrationNumber = Field(description="id of the registered trial")
    field: Text = Field(description="the field that changed")
    was: Any = Field(None, description="what stood there")
    now: Any = Field(None, description="what stands there now")
    why: Text = Field(description="why")
    seen_at: Url | None = Field(None, description="page that settles it")


class CorrectionsFile(Record):
    """`data/corrections.toml`."""

    correction: tuple[Correction, ...] = ()
    trial_correction: tuple[TrialCorrection, ...] = ()


class LookedFor(Record):
    """Something that was looked for, and not found."""

    what: Text = Field(description="what was looked for, in words")
    subject: Annotated[str, OneOf(words.LOOKED_FOR)] = Field(description="what kind of thing")
    ids: tuple[Text, ...] = Field((), description="PubMed, DOI or registry numbers it goes by")
    treatments: tuple[Slug, ...] = Field((), description="ids of the treatments it is about")
    tumors: tuple[Slug, ...] = Field((), description="ids of the tumors it is about")
    on: PartialDate = Field(description="date of the last search, as exact as known")
    where: tuple[Text, ...] = Field(min_length=1, description="where it was looked for")
    seen_at: Url | None = Field(None, description="page that shows it exists")
    note: Text | None = Field(None, description="what a reader must know")


class LookedForFile(Record):
    """`data/looked_for.toml`."""

    looked_for: tuple[LookedFor, ...] = ()
