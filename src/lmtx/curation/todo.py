"""What is not wrong but wants work: figures that look unlikely, readings and citations that are
missing.

`lmtx validate --todo` lists them, the most important record first: randomised and prospective
studies, then the largest.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from lmtx.curation import fetch
from lmtx.errors import Problem
from lmtx.model import levels, schema
from lmtx.model.names import fold_name
from lmtx.model.vocabulary import (
    ENDPOINTS_TO_AVOID,
    KIND_OF_ENDPOINT,
    LANDMARK_ENDPOINTS,
    PROSPECTIVE,
    RANDOMISED,
    RATIO_UNITS,
    TIME_ENDPOINTS,
    TIME_UNITS,
)
from lmtx.store.loading import Base, DataFile, Location
from lmtx.tuples import NamedTuple

MONTHS_PER_UNIT = {"months": 1.0, "weeks": 12 / 52.18, "days": 12 / 365.25}
RATES_THAT_FALL = LANDMARK_ENDPOINTS - ENDPOINTS_TO_AVOID
"""Endpoints whose share can only fall from one time point to a later one."""
LONGEST_MEDIAN = 60.0
"""Months: a longer median time in LM is read again before it is believed (single patients
excepted)."""
PLAUSIBLE_RATIO_RANGE = (0.02, 20.0)
"""Hazard and odds ratios outside this range are read again."""
NEAR_ONE = 0.03
"""How near to 1 (in logarithms) a rounded bound may lie on either side of it."""
OFF_MIDDLE, ROUNDING = 0.2, 0.05
"""How far from the middle of its interval an estimate may lie: a part of the width, in logarithms,
and what rounding does."""
MIRROR_HOST_PATTERN = re.compile(
    r"proxy\.|webvpn|\.vercel\.app|^[\d.]+$|\.translate\.goog|-443\.|libgen|sci-hub|docplayer"
)
SHORTEST_COMPARED_TITLE = 20
"""Letters of a title that two papers hardly share by chance."""
DESCRIPTIVE_TITLE_PATTERN = re.compile(
    r"not shown|descriptive|cut off|digest|news report|as cited", re.IGNORECASE
)
ODD_DOSE_UNIT_PATTERN = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?\s*(?:gm|gr|mgs|ug/kg/kg|milligrams?)\b"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Doubt(NamedTuple):
    """A finding with the study that it concerns, for sorting."""

    problem: Problem
    study: schema.Study
    size: int


DoubtFinder = Callable[[schema.StudyFile], Iterator[tuple[Location, str, str]]]


def list_todo(base: Base) -> list[Problem]:
    """Return what most needs work, most important first."""
    found = [
        Doubt(
            base.study_source(file.study.id).problem(location, file.study.id, what, advice),
            file.study,
            count_study_patients(file),
        )
        for finder in DOUBT_FINDERS
        for file in base.studies
        for location, what, advice in finder(file)
    ]
    found += [
        *_shared_figures(base),
        *_repeated_facts(base),
        *_shared_registrations(base),
        *_shared_titles(base),
        *_effects_without_record(base),
    ]
    return [doubt.problem for doubt in sorted(found, key=_importance)]


def _importance(doubt: Doubt) -> tuple[int, int, str, int]:
    design = doubt.study.design
    return (
        0 if design in RANDOMISED else 1 if design in PROSPECTIVE else 2,
        -doubt.size,
        doubt.study.id,
        doubt.problem.line,
    )


def count_study_patients(file: schema.StudyFile) -> int:
    """Return the patients of a study; 0 where nobody says."""
    return levels.size_of_study(file.study.patients, (row.n for row in file.evidence)) or 0


def study_needs_two_readings(file: schema.StudyFile) -> bool:
    """Tell whether a second reading is due: of all prospective studies with evidence, and of large
    retrospective ones."""
    return bool(file.evidence) and levels.needs_two_readings(
        file.study.design, count_study_patients(file)
    )


def find_incomplete_citations(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Studies with evidence that cannot be cited in full, and do not say that it was looked for in
    vain."""
    lacking = [
        name.replace("_", " ")
        for name in levels.list_missing_citation_parts(file.study.model_dump())
        if name not in file.study.not_found
    ]
    if file.evidence and lacking:
        yield (
            ("study",),
            f"citation lacks {', '.join(lacking)}",
            "enter what a page prints, never from memory; name in not_found what no page prints",
        )
    title = file.study.title or ""
    if file.evidence and (
        not title or (DESCRIPTIVE_TITLE_PATTERN.search(title) and not file.study.title_descriptive)
    ):
        yield (
            ("study", "title"),
            "the title is missing or a description",
            "enter the printed title, or say title_descriptive = true",
        )


def find_missing_readings(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Studies and comparisons that are due a second reading, and figures that were read nowhere."""
    if file.study.read_in == "recalled":
        yield (
            ("study", "read_in"),
            "the figures were entered from memory",
            "find a page that prints them; leave them marked until then",
        )
    elif study_needs_two_readings(file) and not file.study.second_read:
        yield (
            ("study", "read_in"),
            "no second reading",
            "find the figures again on a page and sign with [[study.second_read]]",
        )
    read_again = {n for reading in file.study.second_read for n in reading.comparisons}
    once = {
        c.comparison: i for i, c in enumerate(file.comparison) if c.comparison not in read_again
    }
    if once:
        yield (
            ("comparison", min(once.values())),
            f"no second reading of comparison {', '.join(map(str, once))}",
            "find sides, tests, question and direction on a page and sign with comparisons in "
            "[[study.second_read]]",
        )


def find_mirror_addresses(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Pages that are copies of others."""
    for page in file.study.seen_at:
        if MIRROR_HOST_PATTERN.search(urlsplit(page).hostname or ""):
            yield (
                ("study", "seen_at"),
                f"{page} is a mirror",
                "read the figures on the publisher's, PubMed's or PMC's page and add it",
            )


def find_excess_patient_counts(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Rows that hold more patients than the study."""
    for i, row in enumerate(file.evidence):
        if row.n is not None and file.study.patients is not None and row.n > file.study.patients:
            yield (
                ("evidence", i, "n"),
                f"row {row.row} has {row.n} patients, the study {file.study.patients}",
                "one of the two is wrong",
            )
        for j, outcome in enumerate(row.outcome):
            most = row.n_pooled if row.n_pooled is not None else row.n
            if (
                outcome.total is not None
                and most is not None
                and outcome.total > most
                and not outcome.group
            ):
                yield (
                    ("evidence", i, "outcome", j, "total"),
                    f"{outcome.endpoint}: {outcome.total} assessed of {most} patients",
                    "say in group whom the figure counts",
                )


def find_implausible_figures(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Figures outside what LM studies report, and doses in units that nobody prescribes."""
    for i, row in enumerate(file.evidence):
        for j, given in enumerate(row.given):
            if given.dose and ODD_DOSE_UNIT_PATTERN.search(given.dose):
                yield (
                    ("evidence", i, "given", j, "dose"),
                    f"dose: unusual unit in {given.dose!r}",
                    "write mg, g, mg/m2, Gy, MBq, mCi as the field does",
                )
        for j, outcome in enumerate(row.outcome):
            where: Location = ("evidence", i, "outcome", j, "value")
            if (
                outcome.endpoint in TIME_ENDPOINTS
                and outcome.unit in TIME_UNITS
                and outcome.value is not None
                and (row.n or 2) > 1
                and outcome.value * MONTHS_PER_UNIT[outcome.unit] > LONGEST_MEDIAN
            ):
                yield (
                    where,
                    f"{outcome.endpoint}: a median of {outcome.value:g} {outcome.unit} is long "
                    f"for LM",
                    "read the unit again",
                )
    for i, comparison in enumerate(file.comparison):
        for j, effect in enumerate(comparison.effect):
            if effect.unit not in RATIO_UNITS or effect.value is None:
                continue
            if not PLAUSIBLE_RATIO_RANGE[0] <= effect.value <= PLAUSIBLE_RATIO_RANGE[1]:
                what = effect.endpoint or effect.event
                yield (
                    ("comparison", i, "effect", j, "value"),
                    f"{what}: {effect.unit} {effect.value:g} is extreme",
                    "read the figure again",
                )


def find_inconsistent_figures(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Ratios whose p value or estimate does not fit their interval, and percentages that look like
    shares of 1."""
    for i, comparison in enumerate(file.comparison):
        for j, effect in enumerate(comparison.effect):
            value, ci = effect.value, effect.ci
            if effect.unit not in RATIO_UNITS or len(ci) != 2 or effect.as_printed or ci[0] <= 0:
                continue
            what, place = effect.endpoint or effect.event, ("comparison", i, "effect", j)
            printed = f"{what}: {effect.unit} {value:g} ({ci[0]:g}–{ci[1]:g})"
            if (bounds := bounds_of_p(effect.p)) and (effect.ci_level or 95) == 95:
                excludes = not ci[0] < 1 < ci[1]
                near = min(abs(math.log(bound)) for bound in ci) < NEAR_ONE
                if not near and (bounds[1] <= 0.04 if not excludes else bounds[0] >= 0.06):
                    told = f"{printed} with p {effect.p}"
                    yield (*place, "p"), told, "one of the two is wrong, or say as_printed = true"
            if value and value > 0:
                width = math.log(ci[1] / ci[0])
                middle = math.log(ci[0] * ci[1]) / 2
                if width > 0 and abs(math.log(value) - middle) > OFF_MIDDLE * width + ROUNDING:
                    told = f"{printed} is far from the middle of its interval"
                    yield (*place, "ci"), told, "read it again, or say as_printed = true"
    for i, row in enumerate(file.evidence):
        for j, outcome in enumerate(row.outcome):
            is_small = outcome.value is not None and 0 < outcome.value < 1
            if outcome.unit == "%" and is_small and outcome.events is None:
                yield (
                    ("evidence", i, "outcome", j, "value"),
                    f"{outcome.endpoint}: {outcome.value:g}% may be "
                    f"{100 * (outcome.value or 0):g}%",
                    "read it again; give events and total where it is so small",
                )


def bounds_of_p(text: str | None) -> tuple[float, float] | None:
    """Return between which values a printed p value lies; None where it is no number."""
    found = re.fullmatch(r"\s*([<>≤≥=]?)\s*(0?\.\d+|1(?:\.0+)?)\s*", text or "")
    if not found:
        return None
    value = float(found[2])
    return (
        (0.0, value)
        if found[1] in "<≤" and found[1]
        else (value, 1.0)
        if found[1] in ">≥" and found[1]
        else (value, value)
    )


def find_doubtful_directions(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Comparisons whose direction is not what their effects favour, harm aside."""
    for i, comparison in enumerate(file.comparison):
        favours = {
            effect.favours
            for effect in comparison.effect
            if effect.favours and KIND_OF_ENDPOINT.get(effect.endpoint or "", "harm") != "harm"
        }
        expected = {
            "benefit": "of" in favours,
            "worse": "against" in favours,
            "no-benefit": "neither" in favours and "against" not in favours,
        }.get(comparison.direction or "", True)
        if favours and not expected:
            yield (
                ("comparison", i, "direction"),
                f"comparison {comparison.comparison} is {comparison.direction}, "
                f"its effects favour {', '.join(sorted(favours))}",
                "read it again: direction is what the effects show of what is tested",
            )


def find_untested_lone_arms(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Arms with one treatment, held against another in its place, that is not tested there.

    An arm without any patient with LM tests nothing.
    """
    rows = {row.row: (i, row) for i, row in enumerate(file.evidence)}
    for comparison in file.comparison:
        if comparison.question != "instead" or comparison.against not in rows:
            continue
        i, row = rows[comparison.against]
        if row.n == 0:
            continue
        treatments = {given.treatment for given in row.given}
        if len(treatments) == 1 and all(given.role == "background" for given in row.given):
            yield (
                ("evidence", i, "given", 0, "role"),
                f"row {row.row} has {next(iter(treatments))} alone, as background",
                "a treatment that stands alone in the other arm is tested there",
            )


def find_rising_rates(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Survival rates that rise with time."""
    for i, row in enumerate(file.evidence):
        series: defaultdict[tuple[str, str | None], list[tuple[float, float, int]]] = defaultdict(
            list
        )
        for j, outcome in enumerate(row.outcome):
            time = _months(outcome.at)
            if (
                outcome.endpoint in RATES_THAT_FALL
                and outcome.unit == "%"
                and outcome.value is not None
                and time is not None
            ):
                series[outcome.endpoint, outcome.group].append((time, outcome.value, j))
        for (endpoint, _), points in series.items():
            ordered = sorted(points)
            for (early, before, _), (late, after, j) in itertools.pairwise(ordered):
                if late > early and after > before:
                    yield (
                        ("evidence", i, "outcome", j, "value"),
                        f"{endpoint}: {after:g}% after {before:g}% earlier",
                        "a rate cannot rise; read both again",
                    )


def _months(at: str | None) -> float | None:
    """Return a time point such as "6 months" or "1 year" in months."""
    found = _NUMBER.search(at or "")
    if not at or not found:
        return None
    factor = next(
        (
            factor
            for word, factor in (
                ("year", 12.0),
                ("month", 1.0),
                ("week", MONTHS_PER_UNIT["weeks"]),
                ("day", MONTHS_PER_UNIT["days"]),
            )
            if word in at
        ),
        None,
    )
    return float(found[0]) * factor if factor else None


def _shared_figures(base: Base) -> Iterator[Doubt]:
    """The same figure with the same interval in two studies of one treatment that are not
    linked."""
    owners: defaultdict[tuple[object, ...], list[tuple[schema.StudyFile, int, int]]] = defaultdict(
        list
    )
    for file in base.studies:
        for i, row in enumerate(file.evidence):
            for j, outcome in enumerate(row.outcome):
                if len(outcome.ci) == 2:
                    owners[outcome.endpoint, outcome.value, outcome.unit, outcome.ci].append(
                        (file, i, j)
                    )
    for found in owners.values():
        first = found[0][0].study
        for file, i, j in found[1:]:
            study = file.study
            linked = (
                study.id == first.id
                or first.id in (*study.overlaps, study.superseded_by)
                or study.id in (*first.overlaps, first.superseded_by)
            )
            if not linked:
                place = base.study_source(study.id)
                what = f"the same figure with the same interval stands in {first.id}"
                yield Doubt(
                    place.problem(
                        ("evidence", i, "outcome", j),
                        study.id,
                        what,
                        "the same patients? then link them with overlaps or superseded_by",
                    ),
                    study,
                    count_study_patients(file),
                )


def _repeated_facts(base: Base) -> Iterator[Doubt]:
    """The same figure of one study told twice as a fact about a tumor."""
    studies = {file.study.id: file for file in base.studies}
    source = base.source("tumors.toml")
    for i, tumor in enumerate(base.tumors):
        first: dict[tuple[object, ...], int] = {}
        for j, fact in enumerate(tumor.fact):
            told = (fact.study, fact.value_low, fact.value_high, fact.unit)
            if (
                fact.value_low is None
                or fact.study not in studies
                or first.setdefault(told, fact.row) == fact.row
            ):
                continue
            file = studies[fact.study]
            what = f"fact {fact.row} tells the figure of fact {first[told]} again"
            yield Doubt(
                source.problem(
                    ("tumor", i, "fact", j),
                    f"{tumor.id}.{fact.row}",
                    what,
                    "keep the one that says more",
                ),
                file.study,
                count_study_patients(file),
            )


def list_fetchable_records(base: Base) -> Iterator[Problem]:
    """Yield the records that `lmtx fetch` may complete: one command does it for all of them."""
    for file in base.studies:
        if lacking := fetch.list_study_keys_to_fetch(file.study):
            yield base.study_source(file.study.id).problem(
                ("study",),
                file.study.id,
                f"a service may know {', '.join(lacking).replace('_', ' ')}",
                f"lmtx fetch citations {file.study.id}",
            )
    for place, trial in enumerate(base.trials):
        if lacking := fetch.list_trial_keys_to_fetch(trial):
            yield base.source("trials.toml").problem(
                ("trial", place),
                trial.id,
                f"the registry may know {', '.join(lacking).replace('_', ' ')}",
                f"lmtx fetch trials {trial.id}",
            )


def _shared_registrations(base: Base) -> Iterator[Doubt]:
    """The same registration number in two studies that no link joins: their patients could be the
    same."""
    cohort = find_cohort_of_each_study(base)
    closed = list_closed_doubts(base)
    first: dict[str, schema.StudyFile] = {}
    for file in base.studies:
        for number in file.study.nct:
            other = first.setdefault(number, file)
            if cohort[file.study.id] == cohort[other.study.id]:
                continue
            if (file.study.id, "nct") in closed:
                continue
            yield Doubt(
                base.study_source(file.study.id).problem(
                    ("study", "nct"),
                    file.study.id,
                    f"{number} is that of {other.study.id} too, and nothing links the two",
                    "the same patients? then overlaps or superseded_by; "
                    'else close it in corrections.toml with closes = "nct"',
                ),
                file.study,
                count_study_patients(file),
            )


def _shared_titles(base: Base) -> Iterator[Doubt]:
    """The same title in two studies that no link joins."""
    cohort = find_cohort_of_each_study(base)
    first: dict[str, schema.StudyFile] = {}
    for file in base.studies:
        title = fold_name(file.study.title or "")
        if len(title) < SHORTEST_COMPARED_TITLE:
            continue
        other = first.setdefault(title, file)
        if cohort[file.study.id] == cohort[other.study.id]:
            continue
        yield Doubt(
            base.study_source(file.study.id).problem(
                ("study", "title"),
                file.study.id,
                f"the title is that of {other.study.id} too, and nothing links the two",
                "the same patients? then overlaps or superseded_by; the same paper? then keep one",
            ),
            file.study,
            count_study_patients(file),
        )


def find_cohort_of_each_study(base: Base) -> dict[str, str]:
    """Return for each study the id of the first study of its cohort: those that overlaps and
    superseded_by join."""
    cohort = {file.study.id: file.study.id for file in base.studies}

    def first_of(study: str) -> str:
        while cohort[study] != study:
            study = cohort[study]
        return study

    for file in base.studies:
        for other in (*file.study.overlaps, file.study.superseded_by):
            if other in cohort:
                joined = sorted((first_of(file.study.id), first_of(other)))
                cohort[joined[1]] = joined[0]
    return {study: first_of(study) for study in cohort}


RATIO_IN_PROSE_PATTERN = re.compile(
    r"\b(?:HR(?![+/-])|OR|RR|(?i:(?:hazard|odds|risk|rate) ratio))\b[^\d.;)]{0,20}(\d+(?:\.\d+)?)"
)
"""Ratios; HR+ and HR- are hormone receptors."""
P_VALUE_IN_PROSE_PATTERN = re.compile(r"\bp(?:[- ]?value)?\s*[<>=≤≥]\s*(0?\.\d+)", re.IGNORECASE)
COMPARISON_IN_PROSE_PATTERN = re.compile(
    r"\b(?:compared (?:with|to)|versus|vs\b|"
    r"\d+(?:\.\d+)?%?(?: \w+)? against|did not differ|"
    r"(?:longer|shorter|better|worse|higher|lower) (?:\w+ )?than)",
    re.IGNORECASE,
)
"""Words that hold two groups against each other."""


def find_ratios_and_p_values(text: str) -> tuple[set[float], set[float]]:
    """Return the ratios and the p values that a text tells."""
    return (
        {float(found) for found in RATIO_IN_PROSE_PATTERN.findall(text)},
        {float(found) for found in P_VALUE_IN_PROSE_PATTERN.findall(text)},
    )


def _effects_without_record(base: Base) -> Iterator[Doubt]:
    """Effects that a fact, note, group or summary tells and no comparison of the study holds.

    A fact of a study that treated nobody is its own record: what goes with incidence or survival.
    """
    files = {file.study.id: file for file in base.studies}
    closed = list_closed_doubts(base)
    texts = [text for file in base.studies for text in _texts(base, file)]
    source = base.source("tumors.toml")
    for i, tumor in enumerate(base.tumors):
        for j, fact in enumerate(tumor.fact):
            file = files.get(fact.study)
            if file and file.evidence and fact.topic != "diagnosis":
                place: Location = ("tumor", i, "fact", j, "statement")
                name = f"fact {tumor.id}.{fact.row}"
                texts.append(_Text(file, source, place, name, fact.statement, None))
    for text in texts:
        study = text.file.study
        what = _first_without_record(text)
        if what is None or (study.id, text.name) in closed:
            continue
        yield Doubt(
            text.source.problem(
                text.location,
                study.id,
                f"{text.name} tells {what}, and no comparison holds it",
                f"enter it, or close it in corrections.toml with closes = {text.name!r}",
            ),
            study,
            count_study_patients(text.file),
        )


def list_closed_doubts(base: Base) -> set[tuple[str, str]]:
    """Return the doubts that corrections close: the study, and the place as the doubt names it."""
    return {
        (correction.study, correction.closes)
        for correction in base.corrections
        if correction.closes
    }


class _Text(NamedTuple):
    """A text of a record: its study, its place, what a correction calls it, and the row that it is
    about."""

    file: schema.StudyFile
    source: DataFile
    location: Location
    name: str
    text: str
    row: int | None


def _texts(base: Base, file: schema.StudyFile) -> Iterator[_Text]:
    """Yield the texts of a study in which an effect may be told."""
    source = base.study_source(file.study.id)
    if file.study.note:
        yield _Text(file, source, ("study", "note"), "note", file.study.note, None)
    for i, row in enumerate(file.evidence):
        for key in ("setting", "summary", "safety"):
            if text := getattr(row, key):
                name = f"row {row.row} {key}"
                yield _Text(file, source, ("evidence", i, key), name, text, row.row)
        for j, outcome in enumerate(row.outcome):
            if outcome.group:
                place: Location = ("evidence", i, "outcome", j, "group")
                name = f"row {row.row} {outcome.endpoint} group"
                yield _Text(file, source, place, name, outcome.group, row.row)


def _first_without_record(text: _Text) -> str | None:
    """Return the first effect of a text that no comparison of its study holds, in a few words; None
    where all are held."""
    comparisons = text.file.comparison
    effects = [effect for comparison in comparisons for effect in comparison.effect]
    values = {effect.value for effect in effects}
    held = {float(p) for effect in effects for p in re.findall(r"0?\.\d+", effect.p or "")}
    held |= {
        float(p)
        for row in text.file.evidence
        for outcome in row.outcome
        for p in re.findall(r"0?\.\d+", outcome.p or "")
    }
    ratios, ps = find_ratios_and_p_values(text.text)
    for ratio in sorted(ratios):
        if ratio not in values:
            return f"a ratio of {ratio:g}"
    for p in sorted(ps):
        if p not in held:
            return f"p {p:g}"
    sides = COMPARISON_IN_PROSE_PATTERN.search(text.text)
    if sides and not any(
        text.row in {None, comparison.of, comparison.against, comparison.population}
        for comparison in comparisons
    ):
        return f"{sides[0]!r}"
    return None


DOUBT_FINDERS: tuple[DoubtFinder, ...] = (
    find_missing_readings,
    find_incomplete_citations,
    find_excess_patient_counts,
    find_implausible_figures,
    find_inconsistent_figures,
    find_doubtful_directions,
    find_untested_lone_arms,
    find_rising_rates,
    find_mirror_addresses,
)
