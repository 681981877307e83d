"""What is not wrong but wants work: figures that look unlikely, readings and citations that are missing.

`lmtx validate --todo` lists them, the most important record first: randomised and prospective studies, then the largest.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from lmtx.errors import Problem
from lmtx.model import schema, trust
from lmtx.model.vocabulary import PROSPECTIVE, RANDOMISED, TIME_ENDPOINTS, TIME_UNITS
from lmtx.store.lines import Location
from lmtx.store.loading import Base

MONTHS = {"months": 1.0, "weeks": 12 / 52.18, "days": 12 / 365.25}
LONGEST_MEDIAN = 60.0
"""Months: a longer median time in LM is read again before it is believed (single patients excepted)."""
RATIO = (0.02, 20.0)
"""Hazard and odds ratios outside this range are read again."""
MIRRORS = re.compile(
    r"proxy\.|webvpn|\.vercel\.app|^[\d.]+$|\.translate\.goog|-443\.|libgen|sci-hub|docplayer"
)
DESCRIBED = re.compile(r"not shown|descriptive|cut off|digest|news report|as cited", re.IGNORECASE)
DOSE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?\s*(?:gm|gr|mgs|ug/kg/kg|milligrams?)\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Doubt(NamedTuple):
    """A finding with the study that it concerns, for sorting."""

    problem: Problem
    study: schema.Study
    size: int


Finder = Callable[[schema.StudyFile], Iterator[tuple[Location, str, str]]]


def todo(base: Base) -> list[Problem]:
    """Return what most needs work, most important first."""
    found = [
        Doubt(
            base.study_source(file.study.id).problem(location, file.study.id, what, advice),
            file.study,
            size_of(file),
        )
        for finder in FINDERS
        for file in base.studies
        for location, what, advice in finder(file)
    ]
    found += [*_shared_figures(base), *_repeated_facts(base)]
    return [doubt.problem for doubt in sorted(found, key=_importance)]


def _importance(doubt: Doubt) -> tuple[int, int, str, int]:
    design = doubt.study.design
    return (
        0 if design in RANDOMISED else 1 if design in PROSPECTIVE else 2,
        -doubt.size,
        doubt.study.id,
        doubt.problem.line,
    )


def size_of(file: schema.StudyFile) -> int:
    """Return the patients of a study: as it says, else those of its largest row."""
    return file.study.patients or max((row.n or 0 for row in file.evidence), default=0)


def is_due(file: schema.StudyFile) -> bool:
    """Tell whether a second reading is due: of all prospective studies with evidence, and of large retrospective ones."""
    return bool(file.evidence) and trust.is_due(file.study.design, size_of(file))


def citations(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Studies with evidence that cannot be cited in full, and do not say that it was looked for in vain."""
    lacking = [
        name.replace("_", " ")
        for name in trust.missing(file.study.model_dump())
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
        not title or (DESCRIBED.search(title) and not file.study.title_descriptive)
    ):
        yield (
            ("study", "title"),
            "the title is missing or a description",
            "enter the printed title, or say title_descriptive = true",
        )


def readings(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Studies that are due a second reading, and figures that were read nowhere."""
    if file.study.read_in == "recalled":
        yield (
            ("study", "read_in"),
            "the figures were entered from memory",
            "find a page that prints them; leave them marked until then",
        )
    elif is_due(file) and not file.study.second_read:
        yield (
            ("study", "read_in"),
            "no second reading",
            "find the figures again on a page and sign with [[study.second_read]]",
        )


def addresses(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Pages that are copies of others."""
    for page in file.study.seen_at:
        if MIRRORS.search(urlsplit(page).hostname or ""):
            yield (
                ("study", "seen_at"),
                f"{page} is a mirror",
                "read the figures on the publisher's, PubMed's or PMC's page and add it",
            )


def sizes(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Rows that hold more patients than the study."""
    for i, row in enumerate(file.evidence):
        if row.n is not None and file.study.patients is not None and row.n > file.study.patients:
            yield (
                ("evidence", i, "n"),
                f"row {row.row} has {row.n} patients, the study {file.study.patients}",
                "one of the two is wrong",
            )
        for j, outcome in enumerate(row.outcome):
            if (
                outcome.total is not None
                and row.n is not None
                and outcome.total > row.n
                and not outcome.group
            ):
                yield (
                    ("evidence", i, "outcome", j, "total"),
                    f"{outcome.endpoint}: {outcome.total} assessed of {row.n} patients",
                    "say in group whom the figure counts",
                )


def plausibility(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Figures outside what LM studies report, and doses in units that nobody prescribes."""
    for i, row in enumerate(file.evidence):
        if row.dose and DOSE.search(row.dose):
            yield (
                ("evidence", i, "dose"),
                f"dose: unusual unit in {row.dose!r}",
                "write mg, g, mg/m2, Gy, MBq, mCi as the field does",
            )
        for j, outcome in enumerate(row.outcome):
            where: Location = ("evidence", i, "outcome", j, "value")
            if (
                outcome.endpoint in TIME_ENDPOINTS
                and outcome.unit in TIME_UNITS
                and (row.n or 2) > 1
                and outcome.value * MONTHS[outcome.unit] > LONGEST_MEDIAN
            ):
                yield (
                    where,
                    f"{outcome.endpoint}: a median of {outcome.value:g} {outcome.unit} is long for LM",
                    "read the unit again",
                )
            if outcome.unit in ("HR", "OR") and not RATIO[0] <= outcome.value <= RATIO[1]:
                yield (
                    where,
                    f"{outcome.endpoint}: {outcome.unit} {outcome.value:g} is extreme",
                    "read the figure again",
                )


def rates(file: schema.StudyFile) -> Iterator[tuple[Location, str, str]]:
    """Survival rates that rise with time."""
    for i, row in enumerate(file.evidence):
        series: defaultdict[tuple[str, str | None], list[tuple[float, float, int]]] = defaultdict(
            list
        )
        for j, outcome in enumerate(row.outcome):
            time = _months(outcome.at)
            if (
                outcome.endpoint in ("survival-rate", "progression-free-rate")
                and outcome.unit == "%"
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
                ("week", MONTHS["weeks"]),
                ("day", MONTHS["days"]),
            )
            if word in at
        ),
        None,
    )
    return float(found[0]) * factor if factor else None


def _shared_figures(base: Base) -> Iterator[Doubt]:
    """The same figure with the same interval in two studies of one treatment that are not linked."""
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
                    size_of(file),
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
                size_of(file),
            )


FINDERS: tuple[Finder, ...] = (readings, citations, sizes, plausibility, rates, addresses)
