"""What no single record can see: ids that lead nowhere, names given twice, figures that do not fit each other.

Each check is a generator of problems over the whole base; `problems` runs them all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from lmtx import progress
from lmtx.errors import Problem
from lmtx.model import schema, trust, vocabulary
from lmtx.model.names import fold
from lmtx.store.lines import Location
from lmtx.store.loading import Base, Source, read, study_source

Check = Callable[[Base], Iterator[Problem]]
MOST_PROBLEMS = 100
"""Findings of one check that are told; a million lines would not say better that all of the data are wrong."""
DEEPEST = 20
"""Nodes above a node of a tree."""
LONGEST_CHAIN = 100
"""Reports that supersede one another."""


def problems(base: Base) -> list[Problem]:
    """Return every finding of every check, in the order of the files."""
    return _in_order(
        problem
        for check in progress.steps("checking the data", CHECKS)
        for problem in _first(check(base))
    )


def _first(found: Iterator[Problem]) -> list[Problem]:
    """Return the first findings of a check, and that there are more."""
    told = list(islice(found, MOST_PROBLEMS + 1))
    return (
        told
        if len(told) <= MOST_PROBLEMS
        else [
            *told[:-1],
            told[-1]._replace(what="more problems like this", todo="mend the others first"),
        ]
    )


def examined(
    folder: Path, replaced: Mapping[str, Path] | None = None, overlays: Sequence[Path] = ()
) -> tuple[Base, list[Problem]]:
    """Read a knowledge base, lay own records over it and run every check; return it with every problem, of shape and of sense, at once.

    A broken file hides nothing that is wrong elsewhere, and what points into it is not held against the others. What an overlay
    breaks is told at its own lines; where its records have not even the right shape, that comes first.
    """
    base, found = read(folder, replaced)
    if not overlays:
        return base, _in_order([*found, *problems(base)])
    from lmtx.store.own_records import laid_over

    merged, own = laid_over(base, overlays)
    if found or own:
        return merged, _in_order([*found, *own])
    everything = problems(merged)
    return merged, [
        problem for problem in everything if problem.file not in base.sources
    ] or everything


def _in_order(found: Iterable[Problem]) -> list[Problem]:
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def header(base: Base) -> Iterator[Problem]:
    """The data are of the version that this program reads."""
    version = base.treatments.schema_version
    if version != schema.SCHEMA_VERSION:
        todo = "get a newer lmtx" if version > schema.SCHEMA_VERSION else "convert the data"
        yield base.source("treatments.toml").problem(
            ("schema_version",),
            "treatments",
            f"schema_version: {version} cannot be read, only {schema.SCHEMA_VERSION}",
            todo,
        )


_HOME = {
    "class": "treatments.toml",
    "treatment": "treatments.toml",
    "tumor": "tumors.toml",
    "biomarker": "biomarkers.toml",
}
"""Where the records of a kind stand."""


def dangling_ids(base: Base) -> Iterator[Problem]:
    """Every id named in a record exists."""
    known = {
        "class": {node.id for node in base.treatments.drug_class},
        "treatment": {item.id for item in base.treatments.treatment},
        "tumor": {item.id for item in base.tumors},
        "biomarker": {item.id for item in base.biomarkers},
        "study": {item.study.id for item in base.studies},
    }
    for source, location, record, kind, ids in _references(base):
        for name in ids:
            if (
                name not in known[kind]
                and (study_source(name) if kind == "study" else _HOME[kind]) not in base.broken
            ):
                yield source.problem(
                    location,
                    record,
                    f"{location[-1]}: there is no {kind} {name!r}",
                    f"add the {kind} or correct the id",
                )


def _references(base: Base) -> Iterator[tuple[Source, Location, str, str, Iterable[str]]]:
    """Yield every place that names ids of another kind."""
    source = base.source("treatments.toml")
    for i, item in enumerate(base.treatments.treatment):
        yield source, ("treatment", i, "class"), item.id, "class", [item.drug_class]
        for j, level in enumerate(item.csf):
            yield source, ("treatment", i, "csf", j, "study"), item.id, "study", [level.study]
    for key, nodes, source in _trees(base):
        for i, node in enumerate(nodes):
            yield source, (key, i, "parent"), node.id, key, [node.parent] if node.parent else []
    source = base.source("tumors.toml")
    for i, tumor in enumerate(base.tumors):
        for j, fact in enumerate(tumor.fact):
            yield source, ("tumor", i, "fact", j, "study"), tumor.id, "study", [fact.study]
            yield source, ("tumor", i, "fact", j, "tumors"), tumor.id, "tumor", fact.tumors or []
    yield from _study_references(base)
    source = base.source("guidelines.toml")
    for i, guideline in enumerate(base.guidelines):
        yield source, ("guideline", i, "id"), guideline.id, "study", [guideline.id]
        for j, said in enumerate(guideline.recommendation):
            yield (
                source,
                ("guideline", i, "recommendation", j, "treatments"),
                guideline.id,
                "treatment",
                said.treatments,
            )
            yield (
                source,
                ("guideline", i, "recommendation", j, "tumors"),
                guideline.id,
                "tumor",
                said.tumors,
            )
    source = base.source("trials.toml")
    for i, trial in enumerate(base.trials):
        yield source, ("trial", i, "treatments"), trial.id, "treatment", trial.treatments
        yield source, ("trial", i, "tumors"), trial.id, "tumor", trial.tumors
        yield source, ("trial", i, "biomarkers"), trial.id, "biomarker", trial.biomarkers
        yield source, ("trial", i, "results"), trial.id, "study", trial.results
    source = base.source("corrections.toml")
    for i, correction in enumerate(base.corrections):
        if not correction.drop:
            yield source, ("correction", i, "study"), correction.study, "study", [correction.study]


def _study_references(base: Base) -> Iterator[tuple[Source, Location, str, str, Iterable[str]]]:
    for file in base.studies:
        source, study = base.study_source(file.study.id), file.study
        yield (
            source,
            ("study", "superseded_by"),
            study.id,
            "study",
            [study.superseded_by] if study.superseded_by else [],
        )
        yield source, ("study", "overlaps"), study.id, "study", study.overlaps
        for i, row in enumerate(file.evidence):
            name = f"{study.id}.{row.row}"
            yield source, ("evidence", i, "treatments"), name, "treatment", row.treatments
            yield source, ("evidence", i, "tumors"), name, "tumor", row.tumors
            yield source, ("evidence", i, "biomarkers"), name, "biomarker", row.biomarkers


def _trees(base: Base) -> list[tuple[str, Iterable[schema.Node], Source]]:
    return [
        ("class", base.treatments.drug_class, base.source("treatments.toml")),
        ("tumor", base.tumors, base.source("tumors.toml")),
        ("biomarker", base.biomarkers, base.source("biomarkers.toml")),
    ]


def trees(base: Base) -> Iterator[Problem]:
    """No node is its own ancestor, and none lies so deep that nobody could look through the tree."""
    for key, nodes, source in _trees(base):
        parent = {node.id: node.parent for node in nodes}
        for i, node in enumerate(nodes):
            if fault := _never_ends(node.id, parent, DEEPEST):
                yield source.problem(
                    (key, i, "parent"),
                    node.id,
                    f"parent: the tree {fault}",
                    "name a parent further up",
                )


def _never_ends(start: str, follow: dict[str, str | None], most: int) -> str:
    """Say what is wrong where following the links from a record leads back to it, or on for more than `most` steps."""
    seen, here = {start}, follow.get(start)
    while here:
        if here == start:
            return "runs in a ring"
        if here in seen:
            return ""  # into a ring that is told at its own members
        if len(seen) > most:
            return f"runs on for more than {most} steps"
        seen.add(here)
        here = follow.get(here)
    return ""


def unique_names(base: Base) -> Iterator[Problem]:
    """No two records of a kind answer to the same id, name or alias."""
    treatments = [(t.id, (t.id, t.name, *t.aliases)) for t in base.treatments.treatment]
    kinds: list[tuple[str, Source, list[tuple[str, tuple[str, ...]]]]] = [
        ("treatment", base.source("treatments.toml"), treatments)
    ]
    kinds += [
        (key, source, [(n.id, (n.id, n.label, *n.aliases)) for n in nodes])
        for key, nodes, source in _trees(base)
    ]
    kinds.append(("trial", base.source("trials.toml"), [(t.id, (t.id,)) for t in base.trials]))
    kinds.append(
        (
            "guideline",
            base.source("guidelines.toml"),
            [(g.id, (g.id, g.name)) for g in base.guidelines],
        )
    )
    for key, source, records in kinds:
        owner: dict[str, int] = {}
        for i, (record, names) in enumerate(records):
            for name in {fold(name): name for name in names}.values():
                first = owner.setdefault(fold(name), i)
                if first != i:
                    yield source.problem(
                        (key, i),
                        record,
                        f"the name {name!r} already belongs to {records[first][0]}",
                        "keep it at one of them",
                    )


def studies(base: Base) -> Iterator[Problem]:
    """A study file holds the study it is named after; identifiers are used once; links between reports make sense."""
    known = {file.study.id: file.study for file in base.studies}
    later = {id_: study.superseded_by for id_, study in known.items()}
    origin = {id_: base.origins.get(("study", id_)) for id_ in known}
    owner: dict[tuple[str, str], str] = {}
    for name, file in zip(base.study_files, base.studies, strict=True):
        source, study = base.source(name), file.study
        if name != study_source(study.id) and not origin[study.id]:
            yield source.problem(
                ("study", "id"),
                study.id,
                f"id: the file is called {name}",
                f"rename the file to {study_source(study.id)} or correct the id",
            )
        for key in ("pmid", "doi", "pmcid"):
            value = getattr(study, key)
            first = owner.setdefault((key, str(value).lower()), study.id) if value else study.id
            if first != study.id:
                yield source.problem(
                    ("study", key),
                    study.id,
                    f"{key}: {value} is already used by {first}",
                    "one of the two is wrong, or they are one publication: merge them",
                )
        if fault := _never_ends(study.id, later, LONGEST_CHAIN):
            yield source.problem(
                ("study", "superseded_by"),
                study.id,
                f"superseded_by: {fault}",
                "the newest report has none",
            )
        for other in study.overlaps:
            if (
                other in known
                and study.id not in known[other].overlaps
                and origin[other] == origin[study.id]
            ):
                yield source.problem(
                    ("study", "overlaps"),
                    study.id,
                    f"overlaps: {other} does not name this study",
                    f"add {study.id!r} to its overlaps",
                )
        if (study.level is None) != (study.level_reason is None):
            yield source.problem(
                ("study", "level"),
                study.id,
                "level: an override needs level_reason, and only then",
                "give both or neither",
            )


def rows(base: Base) -> Iterator[Problem]:
    """Rows of a study are told apart; what lies within another row names a row that is there."""
    for file in base.studies:
        source = base.study_source(file.study.id)
        numbers = Counter(row.row for row in file.evidence)
        for i, row in enumerate(file.evidence):
            name = f"{file.study.id}.{row.row}"
            if numbers[row.row] > 1:
                yield source.problem(
                    ("evidence", i, "row"),
                    name,
                    "row: the number is used twice",
                    "number the rows 1, 2, 3 …",
                )
            if row.within is not None and (row.within == row.row or row.within not in numbers):
                yield source.problem(
                    ("evidence", i, "within"),
                    name,
                    f"within: there is no other row {row.within}",
                    "name the row that counts these patients too",
                )
            if (row.level is None) != (row.level_reason is None):
                yield source.problem(
                    ("evidence", i, "level"),
                    name,
                    "level: an override needs level_reason, and only then",
                    "give both or neither",
                )


def figures(base: Base) -> Iterator[Problem]:
    """Intervals hold their estimate, counts fit their percentage, ratios and times are positive."""
    for file in base.studies:
        source = base.study_source(file.study.id)
        for i, row in enumerate(file.evidence):
            for j, outcome in enumerate(row.outcome):
                for key, what, todo in _outcome_faults(outcome):
                    yield source.problem(
                        ("evidence", i, "outcome", j, key),
                        f"{file.study.id}.{row.row}",
                        f"{outcome.endpoint} {key}: {what}",
                        todo,
                    )


_AS_PRINTED = "read the page again; if the paper prints it so, say as_printed = true"


def _outcome_faults(outcome: schema.Outcome) -> Iterator[tuple[str, str, str]]:
    value, ci = outcome.value, outcome.ci
    if outcome.unit == "%" and not 0 <= value <= 100:
        yield "value", f"{value:g}% is not a share", "percentages lie between 0 and 100"
    if value < 0 or (outcome.unit in vocabulary.RATIO_UNITS and value == 0):
        yield (
            "value",
            f"{value:g} {outcome.unit} cannot be",
            "times, counts and ratios are positive",
        )
    if len(ci) == 2 and ci[0] > ci[1]:
        yield "ci", f"{list(ci)} runs backwards", "write it as [low, high]"
    if not outcome.as_printed and ci and not (ci[0] <= value and (len(ci) == 1 or value <= ci[1])):
        yield "ci", f"{value:g} lies outside {list(ci)}", _AS_PRINTED
    if (len(ci) == 1) != (outcome.ci_upper is not None):
        yield "ci", "one bound and ci_upper go together", "give [low] with ci_upper, or [low, high]"
    if outcome.unit == "patients":
        yield from _count_faults(outcome)
    if outcome.events is not None and outcome.total is not None:
        if outcome.events > outcome.total:
            yield (
                "events",
                f"{outcome.events} of {outcome.total} is more than all",
                "read the page again",
            )
        elif (
            outcome.unit == "%"
            and not outcome.as_printed
            and not share_fits(outcome.events, outcome.total, value)
        ):
            yield "events", f"{outcome.events} of {outcome.total} is not {value:g}%", _AS_PRINTED


def _count_faults(outcome: schema.Outcome) -> Iterator[tuple[str, str, str]]:
    """A figure that counts patients is at most their total, and the same as its events."""
    if outcome.total is not None and outcome.value > outcome.total:
        yield (
            "value",
            f"{outcome.value:g} of {outcome.total} is more than all",
            "read the page again",
        )
    if outcome.events is not None and outcome.events != outcome.value and not outcome.as_printed:
        yield "events", f"{outcome.events} is not {outcome.value:g} patients", _AS_PRINTED


def share_fits(events: int, total: int, percent: float) -> bool:
    """Tell whether a percentage is that of the counts, to the precision that it is written with (±1 in its last digit)."""
    if total == 0:
        return False
    decimals = 0 if percent == int(percent) else len(f"{percent:.6f}".rstrip("0").partition(".")[2])
    return abs(100 * events / total - percent) <= 10.0**-decimals


def csf_levels(base: Base) -> Iterator[Problem]:
    """A CSF level has a figure, in the unit that its measure is normalised to."""
    source = base.source("treatments.toml")
    for i, treatment in enumerate(base.treatments.treatment):
        for j, level in enumerate(treatment.csf):
            for key, what, todo in _csf_faults(level):
                yield source.problem(
                    ("treatment", i, "csf", j, key), treatment.id, f"csf {key}: {what}", todo
                )


def _csf_faults(level: schema.CsfLevel) -> Iterator[tuple[str, str, str]]:
    units = vocabulary.MEASURE_UNITS[level.measure]
    if level.unit not in units:
        yield (
            "unit",
            f"{level.unit!r} is not a unit of {level.measure}",
            f"convert to {' or '.join(sorted(units))}",
        )
    if level.value is None and level.low is None and level.high is None:
        yield "value", "no figure", "give value, or low and high"
    if level.low is not None and level.high is not None and level.low > level.high:
        yield "low", "the range runs backwards", "low comes first"
    if (level.spread is None) != (level.spread_kind is None):
        yield "spread", "spread and spread_kind go together", "give both or neither"
    if (
        level.low is not None
        and level.value is not None
        and not level.low <= level.value <= (level.high if level.high is not None else math.inf)
    ):
        yield "value", f"{level.value:g} lies outside its range", "read the page again"


def facts(base: Base) -> Iterator[Problem]:
    """A fact's range runs upwards and has a unit; rows are told apart."""
    source = base.source("tumors.toml")
    for i, tumor in enumerate(base.tumors):
        numbers = Counter(fact.row for fact in tumor.fact)
        for j, fact in enumerate(tumor.fact):
            name = f"{tumor.id}.{fact.row}"
            if numbers[fact.row] > 1:
                yield source.problem(
                    ("tumor", i, "fact", j, "row"),
                    name,
                    "row: the number is used twice",
                    "number the facts 1, 2, 3 …",
                )
            if (
                fact.value_low is not None
                and fact.value_high is not None
                and fact.value_low > fact.value_high
            ):
                yield source.problem(
                    ("tumor", i, "fact", j, "value_low"),
                    name,
                    "value_low: the range runs backwards",
                    "the lower figure comes first",
                )
            if (fact.value_low is not None or fact.value_high is not None) and fact.unit is None:
                yield source.problem(
                    ("tumor", i, "fact", j, "unit"),
                    name,
                    "unit: missing",
                    "say what the figure counts",
                )


def statements(base: Base) -> Iterator[Problem]:
    """The statements of a guideline are told apart."""
    source = base.source("guidelines.toml")
    for i, guideline in enumerate(base.guidelines):
        numbers = Counter(said.row for said in guideline.recommendation)
        for j, said in enumerate(guideline.recommendation):
            if numbers[said.row] > 1:
                yield source.problem(
                    ("guideline", i, "recommendation", j, "row"),
                    f"{guideline.id}.{said.row}",
                    "row: the number is used twice",
                    "number the statements 1, 2, 3 …",
                )


def trials(base: Base) -> Iterator[Problem]:
    """The date of a trial's status is one of the calendar: a look-up counts its age."""
    source = base.source("trials.toml")
    for i, trial in enumerate(base.trials):
        read = trial.status_read or "2000"
        try:
            date.fromisoformat(f"{read}-01-01"[:10] if len(read) == 4 else f"{read}-01"[:10])
        except ValueError:
            yield source.problem(
                ("trial", i, "status_read"),
                trial.id,
                f"status_read: {read!r} is not a date",
                "write it as YYYY, YYYY-MM or YYYY-MM-DD",
            )


def citations(base: Base) -> Iterator[Problem]:
    """What a study says was not found is not in its record."""
    for file in base.studies:
        there = [
            name
            for name in file.study.not_found
            if name
            not in trust.missing(
                file.study.model_dump(include={*trust.CITATION, *trust.IDENTIFIERS})
            )
        ]
        if there:
            yield base.study_source(file.study.id).problem(
                ("study", "not_found"),
                file.study.id,
                f"not_found: {', '.join(there)} is in the record",
                "take it out of not_found",
            )


def second_readings(base: Base) -> Iterator[Problem]:
    """A second reading confirms figures that the record holds."""
    for file in base.studies:
        source = base.study_source(file.study.id)
        held: set[tuple[Any, ...]] = {
            (row.row, o.endpoint, o.value) for row in file.evidence for o in row.outcome
        }
        held |= {(None, endpoint, value) for _, endpoint, value in held}
        for i, reading in enumerate(file.study.second_read):
            for figure in reading.figures:
                if (figure.row, figure.endpoint, figure.value) not in held:
                    yield source.problem(
                        ("study", "second_read", i), file.study.id, f"second_read: no such figure: {figure.endpoint} {figure.value:g}",
                        "settle the difference at the source, then correct one of the two",
                    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    header,
    dangling_ids,
    trees,
    unique_names,
    studies,
    rows,
    figures,
    csf_levels,
    facts,
    statements,
    trials,
    citations,
    second_readings,
)
