"""What no single record can see: ids that lead nowhere, names given twice, figures that do not fit
each other.

Each check is a generator of problems over the whole base; `list_problems` runs them all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from lmtx import progress
from lmtx.errors import Problem
from lmtx.model import levels, schema, vocabulary
from lmtx.model.names import fold_name
from lmtx.store.loading import Base, DataFile, Location, name_study_file, read_base_files
from lmtx.store.study_checks import study_faults

Check = Callable[[Base], Iterator[Problem]]
MOST_PROBLEMS_PER_CHECK = 100
"""Findings of one check that are told; a million lines would not say better that all of the data
are wrong."""
DEEPEST_TREE = 20
"""Nodes above a node of a tree."""
LONGEST_SUPERSEDED_CHAIN = 100
"""Reports that supersede one another."""


def list_problems(base: Base) -> list[Problem]:
    """Return every finding of every check, in the order of the files."""
    return _in_order(
        problem
        for check in progress.report_steps("checking the data", CHECKS)
        for problem in _first(check(base))
    )


def _first(found: Iterator[Problem]) -> list[Problem]:
    """Return the first findings of a check, and that there are more."""
    told = list(islice(found, MOST_PROBLEMS_PER_CHECK + 1))
    return (
        told
        if len(told) <= MOST_PROBLEMS_PER_CHECK
        else [
            *told[:-1],
            told[-1]._replace(what="more problems like this", todo="mend the others first"),
        ]
    )


def read_and_check_base(
    folder: Path, replaced: Mapping[str, Path] | None = None, overlays: Sequence[Path] = ()
) -> tuple[Base, list[Problem]]:
    """Read a knowledge base, lay own records over it and run every check; return it with every
    problem, of shape and of sense, at once.

    A broken file hides nothing that is wrong elsewhere, and what points into it is not held against
    the others. What an overlay breaks is told at its own lines; where its records have not even the
    right shape, that comes first.
    """
    base, found = read_base_files(folder, replaced)
    if not overlays:
        return base, _in_order([*found, *list_problems(base)])
    from lmtx.store.own_records import lay_over

    merged, own = lay_over(base, overlays)
    if found or own:
        return merged, _in_order([*found, *own])
    everything = list_problems(merged)
    return merged, [
        problem for problem in everything if problem.file not in base.sources
    ] or everything


def _in_order(found: Iterable[Problem]) -> list[Problem]:
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def check_schema_version(base: Base) -> Iterator[Problem]:
    """The data are of the version that this program reads."""
    version = base.treatments.schema_version
    if version != schema.SCHEMA_VERSION:
        todo = (
            "get a newer lmtx"
            if version > schema.SCHEMA_VERSION
            else "run lmtx fmt --upgrade on it"
        )
        yield base.source("treatments.toml").problem(
            ("schema_version",),
            "treatments",
            f"schema_version: {version} cannot be read, only {schema.SCHEMA_VERSION}",
            todo,
        )


_FILE_OF_KIND = {
    "class": "treatments.toml",
    "treatment": "treatments.toml",
    "tumor": "tumors.toml",
    "biomarker": "biomarkers.toml",
    "treatment or class": "treatments.toml",
    "trial": "trials.toml",
}
"""Where the records of a kind stand."""


def check_referenced_ids(base: Base) -> Iterator[Problem]:
    """Every id named in a record exists."""
    known = {
        "class": {node.id for node in base.treatments.drug_class},
        "treatment": {item.id for item in base.treatments.treatment},
        "tumor": {item.id for item in base.tumors},
        "biomarker": {item.id for item in base.biomarkers},
        "study": {item.study.id for item in base.studies},
        "trial": {item.id for item in base.trials},
    }
    known["treatment or class"] = known["treatment"] | known["class"]
    for source, location, record, kind, ids in _references(base):
        for name in ids:
            if (
                name not in known[kind]
                and (name_study_file(name) if kind == "study" else _FILE_OF_KIND[kind])
                not in base.broken
            ):
                yield source.problem(
                    location,
                    record,
                    f"{location[-1]}: there is no {kind} {name!r}",
                    f"add the {kind} or correct the id",
                )


def _references(base: Base) -> Iterator[tuple[DataFile, Location, str, str, Iterable[str]]]:
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
            place: Location = ("tumor", i, "fact", j, "treatments")
            yield source, place, tumor.id, "treatment", fact.treatments
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
        for j, given in enumerate(trial.given):
            place = ("trial", i, "given", j, "treatment")
            yield source, place, trial.id, "treatment", [given.treatment]
        yield source, ("trial", i, "after"), trial.id, "treatment or class", trial.after
        yield source, ("trial", i, "tumors"), trial.id, "tumor", trial.tumors
        yield source, ("trial", i, "biomarkers"), trial.id, "biomarker", trial.biomarkers
        yield source, ("trial", i, "results"), trial.id, "study", trial.results
    source = base.source("corrections.toml")
    for i, correction in enumerate(base.corrections):
        if not correction.drop:
            yield source, ("correction", i, "study"), correction.study, "study", [correction.study]
    for i, changed in enumerate(base.trial_corrections):
        place = ("trial_correction", i, "trial")
        yield source, place, changed.trial, "trial", [changed.trial]
    source = base.source("looked_for.toml")
    for i, looked in enumerate(base.looked_for):
        place = ("looked_for", i)
        yield source, (*place, "treatments"), looked.what, "treatment", looked.treatments
        yield source, (*place, "tumors"), looked.what, "tumor", looked.tumors


def _study_references(base: Base) -> Iterator[tuple[DataFile, Location, str, str, Iterable[str]]]:
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
            for j, given in enumerate(row.given):
                place: Location = ("evidence", i, "given", j, "treatment")
                yield source, place, name, "treatment", [given.treatment]
            yield source, ("evidence", i, "after"), name, "treatment or class", row.after
            yield source, ("evidence", i, "tumors"), name, "tumor", row.tumors
            yield source, ("evidence", i, "biomarkers"), name, "biomarker", row.biomarkers
        for i, comparison in enumerate(file.comparison):
            name = f"{study.id}.c{comparison.comparison}"
            for key in ("tests", "against_tests"):
                ids = getattr(comparison, key)
                yield source, ("comparison", i, key), name, "treatment", ids
        for i, adverse in enumerate(file.adverse):
            if adverse.treatment:
                place = ("adverse", i, "treatment")
                yield source, place, study.id, "treatment", [adverse.treatment]


def _trees(base: Base) -> list[tuple[str, Iterable[schema.Node], DataFile]]:
    return [
        ("class", base.treatments.drug_class, base.source("treatments.toml")),
        ("tumor", base.tumors, base.source("tumors.toml")),
        ("biomarker", base.biomarkers, base.source("biomarkers.toml")),
    ]


def check_trees(base: Base) -> Iterator[Problem]:
    """No node is its own ancestor, and none lies so deep that nobody could look through the
    tree."""
    for key, nodes, source in _trees(base):
        parent = {node.id: node.parent for node in nodes}
        for i, node in enumerate(nodes):
            if fault := _never_ends(node.id, parent, DEEPEST_TREE):
                yield source.problem(
                    (key, i, "parent"),
                    node.id,
                    f"parent: the tree {fault}",
                    "name a parent further up",
                )


def _never_ends(start: str, follow: dict[str, str | None], most: int) -> str:
    """Say what is wrong where following the links from a record leads back to it, or on for more
    than `most` steps."""
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


def check_unique_names(base: Base) -> Iterator[Problem]:
    """No two records of a kind answer to the same id, name or alias."""
    treatments = [
        (t.id, (t.id, t.name, *t.aliases, *t.aliases_list)) for t in base.treatments.treatment
    ]
    kinds: list[tuple[str, DataFile, list[tuple[str, tuple[str, ...]]]]] = [
        ("treatment", base.source("treatments.toml"), treatments)
    ]
    kinds += [
        (key, source, [(n.id, (n.id, n.label, *n.aliases)) for n in nodes])
        for key, nodes, source in _trees(base)
    ]
    trials = [
        (t.id, tuple(name for name in (t.id, t.nct, t.registry_id) if name)) for t in base.trials
    ]
    kinds.append(("trial", base.source("trials.toml"), trials))
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
            for name in {fold_name(name): name for name in names}.values():
                first = owner.setdefault(fold_name(name), i)
                if first != i:
                    yield source.problem(
                        (key, i),
                        record,
                        f"the name {name!r} already belongs to {records[first][0]}",
                        "keep it at one of them",
                    )


def check_studies(base: Base) -> Iterator[Problem]:
    """A study file holds the study it is named after; identifiers are used once; links between
    reports make sense."""
    known = {file.study.id: file.study for file in base.studies}
    later = {id_: study.superseded_by for id_, study in known.items()}
    origin = {id_: base.origins.get(("study", id_)) for id_ in known}
    owner: dict[tuple[str, str], str] = {}
    for name, file in zip(base.study_files, base.studies, strict=True):
        source, study = base.source(name), file.study
        if name != name_study_file(study.id) and not origin[study.id]:
            yield source.problem(
                ("study", "id"),
                study.id,
                f"id: the file is called {name}",
                f"rename the file to {name_study_file(study.id)} or correct the id",
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
        if fault := _never_ends(study.id, later, LONGEST_SUPERSEDED_CHAIN):
            yield source.problem(
                ("study", "superseded_by"),
                study.id,
                f"superseded_by: {fault}",
                "the newest report has none",
            )
        for former in known.keys() & set(study.also_known_as):
            yield source.problem(
                ("study", "also_known_as"),
                study.id,
                f"also_known_as: {former} is another study",
                "only an id that no study has any more leads to this one",
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


def check_study_records(base: Base) -> Iterator[Problem]:
    """Rows, comparisons, figures, harms and second readings of each study fit each other."""
    for file in base.studies:
        source = base.study_source(file.study.id)
        for fault in study_faults(file):
            yield source.problem(fault.location, fault.record, fault.what, fault.todo)


def check_csf_levels(base: Base) -> Iterator[Problem]:
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


def check_facts(base: Base) -> Iterator[Problem]:
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


def check_statement_numbers(base: Base) -> Iterator[Problem]:
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


def check_dates(base: Base) -> Iterator[Problem]:
    """Dates are of the calendar and not in the future: a look-up counts the age of a status."""
    source = base.source("trials.toml")
    found: list[tuple[DataFile, Location, str, str | None]] = []
    for i, trial in enumerate(base.trials):
        found.append((source, ("trial", i, "status_read"), trial.id, trial.status_read))
        found.append((source, ("trial", i, "updated"), trial.id, trial.updated))
    source = base.source("looked_for.toml")
    for i, looked in enumerate(base.looked_for):
        found.append((source, ("looked_for", i, "on"), looked.what, looked.on))
    latest = max(date.today(), base.treatments.as_of)  # a clock may be slow
    for source, location, record, printed in found:
        key = location[-1]
        try:
            known = find_first_day(printed) if printed else None
        except ValueError:
            what = f"{key}: {printed!r} is not a date"
            yield source.problem(location, record, what, "write it as YYYY, YYYY-MM or YYYY-MM-DD")
            continue
        if known and known > latest:
            what = f"{key}: {printed} lies in the future"
            yield source.problem(location, record, what, "correct the date")


def find_first_day(partial_date: str) -> date:
    """Return the first day of a date such as 2026, 2026-04 or 2026-04-03; raise ValueError for
    none."""
    return date.fromisoformat(f"{partial_date}-01-01"[:10])


def check_not_found_parts_missing(base: Base) -> Iterator[Problem]:
    """What a study says was not found is not in its record."""
    for file in base.studies:
        there = [
            name
            for name in file.study.not_found
            if name
            not in levels.list_missing_citation_parts(
                file.study.model_dump(
                    include={*levels.REQUIRED_CITATION_PARTS, *levels.IDENTIFIERS}
                )
            )
        ]
        if there:
            yield base.study_source(file.study.id).problem(
                ("study", "not_found"),
                file.study.id,
                f"not_found: {', '.join(there)} is in the record",
                "take it out of not_found",
            )


CHECKS: tuple[Check, ...] = (
    check_schema_version,
    check_referenced_ids,
    check_trees,
    check_unique_names,
    check_studies,
    check_study_records,
    check_csf_levels,
    check_facts,
    check_statement_numbers,
    check_dates,
    check_not_found_parts_missing,
)
