"""From checked records to one SQLite file. Runs when a wheel is built or a cache is filled, never
on a look-up."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lmtx import __version__, progress
from lmtx.errors import DataError
from lmtx.index import APPLICATION_ID, INDEX_FORMAT, add_checksum
from lmtx.index.identity import IndexIdentity, identify_data
from lmtx.model import schema
from lmtx.model.levels import (
    LARGE_ARM,
    STOPS_WITHOUT_ANSWER,
    level_of_group,
    level_of_study,
    rank_level,
)
from lmtx.model.names import EAST_ASIAN_PATTERN, fold_name
from lmtx.model.reference import BUNDLED_SOURCE, choose_study_url, write_short_citation
from lmtx.model.vocabulary import (
    BENEFIT_QUESTIONS,
    COUNTRY_ALIASES,
    RANDOMISED,
    REGIONS,
    SECONDARY_RESEARCH,
    UNPLANNED_DESIGNS,
    UNVERIFIED,
)
from lmtx.store import checks, loading
from lmtx.store.own_files import OverlayFileNames, list_overlay_file_names

JsonDict = dict[str, Any]
COMPARISON_LISTING_FIELDS = (
    "id",
    "study",
    "question",
    "direction",
    "tests",
    "tests_are",
    "against_tests",
    "of_group",
    "against_group",
    "of_n",
    "against_n",
    "randomized",
    "control",
    "tumors",
    "read_in",
    "source",
)
"""What a listing says of a comparison: it is read for each treatment, and the whole record is
long."""
MOST_TUMORS_OF_UNMIXED_ROW = 2
"""Primary tumors that a row may name before its figures belong to none of them."""


def compile_folder(
    folder: Path, target: Path, overlays: Sequence[Path] = (), fingerprint: str = ""
) -> None:
    """Load, check and compile a folder of TOML and what is laid over it into a new SQLite file,
    with its checksum behind it.

    Raises DataError with every problem; nothing is written then.
    """
    base = load_checked_base(folder, overlays)
    identity = identify_data(folder, overlays, fingerprint)
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        # A file that does not become whole is thrown away: no journal is needed, nor any waiting
        # for the disk in between.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        write_index(base, connection, identity, overlays)
    finally:
        connection.close()
    add_checksum(target)


def load_checked_base(folder: Path, overlays: Sequence[Path] = ()) -> loading.Base:
    """Load a folder and what is laid over it, and run every check; raise DataError with all
    problems at once."""
    base, found = checks.read_and_check_base(folder, overlays=overlays)
    if found:
        raise DataError(
            f"{len(found)} problem(s) in {', '.join(map(str, overlays)) or folder}",
            problems=tuple(found),
        )
    return base


def write_index(
    base: loading.Base,
    connection: sqlite3.Connection,
    identity: IndexIdentity,
    overlays: Sequence[Path] = (),
) -> None:
    """Write a base into an empty database; `overlays` are what was laid over it."""
    connection.execute(
        f"pragma application_id = {APPLICATION_ID}"
    )  # first: a part of it is ours too
    connection.executescript(files("lmtx.index").joinpath("tables.sql").read_text(encoding="utf-8"))
    connection.execute("begin")
    _IndexWriter(base, connection).write(
        identity, [list_overlay_file_names(overlay) for overlay in overlays]
    )
    connection.execute("commit")
    connection.execute(f"pragma user_version = {INDEX_FORMAT}")
    for statement in progress.report_steps("finishing the index", ("analyze", "vacuum")):
        connection.execute(statement)


def _dump(model: BaseModel, **more: Any) -> JsonDict:
    return {**model.model_dump(mode="json", by_alias=True), **more}


class _IndexWriter:
    """Holds what the tables share while they are filled."""

    def __init__(self, base: loading.Base, connection: sqlite3.Connection) -> None:
        self.base = base
        self.connection = connection
        self.class_of = {item.id: item.drug_class for item in base.treatments.treatment}
        self.only_route = {
            item.id: item.routes[0] for item in base.treatments.treatment if len(item.routes) == 1
        }
        self.parent = {
            "class": _parents(base.treatments.drug_class),
            "tumor": _parents(base.tumors),
            "biomarker": _parents(base.biomarkers),
        }
        self.labels = {node.id: node.label for node in base.treatments.drug_class}
        self.cohort = find_cohort_of_each_study(base)
        self.files = {file.study.id: file for file in base.studies}
        self.texts = 0
        self.studies: dict[str, JsonDict] = {
            file.study.id: {
                **study_record(file),
                "source": self.find_source(("study", file.study.id)),
            }
            for file in base.studies
        }

    def insert_row(self, table: str, **columns: Any) -> None:
        """Insert one row, its columns by name."""
        self.insert_rows(table, [columns])

    def insert_rows(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows that name the same columns."""
        listed = list(rows)
        if listed:
            names = list(listed[0])
            columns = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(f":{name}" for name in names)
            self.connection.executemany(
                f"insert into {table} ({columns}) values ({values})", listed
            )

    def insert_links(self, table: str, column: str, ids: Iterable[str], number: int) -> None:
        """Insert the pairs of a record and what it names, each once."""
        self.insert_rows(table, ({column: id_, "number": number} for id_ in sorted(set(ids))))

    def find_source(self, *keys: tuple[str, str]) -> str:
        """Return where a record comes from, by the first of its keys (kind and id) that own records
        have, else the base."""
        return next(
            (self.base.origins[key] for key in keys if key in self.base.origins), BUNDLED_SOURCE
        )

    def write(self, identity: IndexIdentity, overlays: list[OverlayFileNames]) -> None:
        self.write_trees()
        self.write_treatments()
        self.write_studies()
        self.write_drug_levels()
        self.write_guidelines()
        self.write_trials()
        self.write_facts()
        self.write_looked_for()
        self.write_names()
        self.write_own_records()
        header = self.base.treatments
        meta = {
            "format": INDEX_FORMAT,
            "schema_version": header.schema_version,
            "version": header.version,
            "as_of": header.as_of.isoformat(),
            "title": header.title,
            "disclaimer": header.disclaimer,
            "sha256": identity.sha256,
            "program": __version__,
            "fingerprint": identity.fingerprint,
        }
        if overlays:
            meta["with"] = json.dumps([one.name for one in overlays], ensure_ascii=False)
            meta["with_files"] = json.dumps([one._asdict() for one in overlays], ensure_ascii=False)
        self.insert_rows("meta", ({"key": key, "value": str(value)} for key, value in meta.items()))
        self.insert_rows(
            "file", ({"name": name, "sha256": sha256} for name, sha256 in identity.hashes.items())
        )

    def write_trees(self) -> None:
        for node in self.base.treatments.drug_class:
            above = reversed(list(self.list_node_and_ancestors("class", node.id)))
            self.insert_row(
                "class",
                id=node.id,
                label=node.label,
                parent=node.parent,
                path=" › ".join(self.labels[one] for one in above),
                record=_json(_dump(node, source=self.find_source(("class", node.id)))),
            )
        for tumor in self.base.tumors:
            self.insert_row(
                "tumor",
                id=tumor.id,
                label=tumor.label,
                parent=tumor.parent,
                record=_json(self.make_tumor_record(tumor)),
            )
            names = " ".join((tumor.id, *tumor.aliases))
            self.write_text("tumor", tumor.id, tumor.label, names, tumor.definition or "")
        for node in self.base.biomarkers:
            self.insert_row(
                "biomarker",
                id=node.id,
                label=node.label,
                parent=node.parent,
                record=_json(_dump(node, source=self.find_source(("biomarker", node.id)))),
            )
        for kind, parent in self.parent.items():
            self.insert_rows(
                "below",
                (
                    {"kind": kind, "ancestor": ancestor, "id": node}
                    for node in parent
                    for ancestor in self.list_node_and_ancestors(kind, node)
                ),
            )

    def make_tumor_record(self, node: schema.Tumor) -> JsonDict:
        record = _dump(node, source=self.find_source(("tumor", node.id)))
        del record["fact"]
        return record

    def list_node_and_ancestors(self, kind: str, node: str | None) -> Iterator[str]:
        """Yield a node and all above it."""
        while node is not None:
            yield node
            node = self.parent[kind].get(node)

    def write_treatments(self) -> None:
        for item in self.base.treatments.treatment:
            record = _dump(item, source=self.find_source(("treatment", item.id)))
            del record["csf"]
            self.insert_row(
                "treatment",
                id=item.id,
                name=item.name,
                specified=item.specified,
                record=_json(record),
                **{"class": item.drug_class},
            )
            self.insert_rows(
                "treatment_target",
                (
                    {"target": target, "treatment": item.id}
                    for target in map(fold_name, dict.fromkeys(item.targets))
                ),
            )
            self.insert_rows(
                "treatment_route",
                ({"treatment": item.id, "route": r} for r in dict.fromkeys(item.routes)),
            )
            names = " ".join((item.id, *item.aliases, *item.aliases_list))
            body = " · ".join((self.labels[item.drug_class], *item.targets, item.mechanism))
            self.write_text("treatment", item.id, item.name, names, body)

    def write_studies(self) -> None:
        number = 0
        for file in progress.report_steps("writing the index", self.base.studies):
            study, record = file.study, self.studies[file.study.id]
            self.insert_row(
                "study",
                id=study.id,
                label=record["label"],
                year=study.year,
                title=study.title,
                pmid=study.pmid,
                doi=study.doi,
                design=study.design,
                level=record["level"],
                read_in=study.read_in,
                superseded_by=study.superseded_by,
                cohort=self.cohort[study.id],
                url=record["url"],
                record=_json(record),
            )
            numbers: dict[int, int] = {}
            for row in file.evidence:
                number += 1
                numbers[row.row] = number
                self.write_evidence_row(number, file, row)
            for comparison in file.comparison:
                self.write_comparison(file, comparison, numbers)
            for position, adverse in enumerate(file.adverse, start=1):
                self.write_harm(file, adverse, position, numbers)
        for study in (file.study for file in self.base.studies):
            known = (
                study.id,
                study.first_author,
                study.acronym,
                study.label,
                study.pmid,
                study.doi,
                study.pmcid,
                *study.nct,
                *study.also_known_as,
            )
            told = (study.first_author, study.journal, str(study.year or ""), study.note)
            names, body = " ".join(filter(None, known)), " · ".join(filter(None, told))
            self.write_text("study", study.id, study.title or study.id, names, body)

    def write_evidence_row(self, number: int, file: schema.StudyFile, row: schema.Evidence) -> None:
        study, of = file.study, self.studies[file.study.id]
        replaced = self.is_replaced(file, row)
        record = evidence_record(file, of, row, replaced=replaced)
        recalled = study.read_in == "recalled"
        tested = [given for given in row.given if given.role == "tested"]
        in_words = list_tested_in_groups_without_row(file, row)
        shown = [study.read_in, *(outcome["read_in"] for outcome in record["outcomes"])]
        self.insert_row(
            "evidence",
            id=record["id"],
            number=number,
            study=study.id,
            row=row.row,
            above=" ".join(map(str, list_enclosing_rows(file, row))),
            design=record["design"],
            level=record["level"],
            level_rank=rank_level(record["level"]),
            n=row.n,
            direction=row.direction,
            mixed=record["mixed"],
            verified=any(read_in not in UNVERIFIED for read_in in shown),
            year=study.year,
            cohort=self.cohort[study.id],
            line=row.line,
            counts=classify_patient_counting(study, record["design"]),
            recalled=recalled,
            superseded=replaced,
            stands=row.stands,
            given_as=row.given_as,
            tested=len({given.treatment for given in tested}),
            cap=study.patients,
            overlap=study.rows_overlap,
            pooled=row.mixed_with is not None,
            record=_json(record),
        )
        treatments = {*(given.treatment for given in tested), *in_words}
        self.insert_links("evidence_treatment", "treatment", treatments, number)
        classes = {
            a for t in treatments for a in self.list_node_and_ancestors("class", self.class_of[t])
        }
        self.insert_links("evidence_class", "class", classes, number)
        routes = sorted(
            {
                route
                for given in row.given
                if given.treatment in treatments
                for route in given.routes
            }
            | {self.only_route[one] for one in in_words if one in self.only_route}
        )
        self.insert_links("evidence_route", "route", routes, number)
        alongside = {given.treatment for given in row.given if given.role == "background"}
        self.insert_links("background", "treatment", alongside - treatments, number)
        self.insert_links("evidence_tumor", "tumor", row.tumors, number)
        if len(row.tumors) > 1 and not record["mixed"]:
            self.insert_rows(
                "tumor_share",
                (
                    {"number": number, "tumor": tumor, "n": n}
                    for tumor, n in zip_longest(row.tumors, row.tumor_n)
                ),
            )
        markers = {a for b in row.biomarkers for a in self.list_node_and_ancestors("biomarker", b)}
        self.insert_links("evidence_biomarker", "biomarker", markers, number)
        self.insert_links("evidence_after", "id", self.add_classes(row.after), number)
        for position, given in enumerate(row.given, start=1):
            if given.role != "tested":
                continue
            self.insert_rows(
                "given",
                (
                    {
                        "number": number,
                        "position": position,
                        "treatment": given.treatment,
                        "route": route,
                        "n": given.n,
                        "n_unknown": given.n_unknown,
                        "direction": given.direction,
                    }
                    for route in dict.fromkeys(given.routes or ("",))
                ),
            )
            self.connection.executemany(
                "insert or ignore into treatment_route (treatment, route) values (?, ?)",
                ((given.treatment, route) for route in given.routes),
            )
        self.insert_rows(
            "outcome",
            (
                {
                    "number": number,
                    "endpoint": outcome.endpoint,
                    "unit": outcome.unit,
                    "read_in": outcome.read_in or study.read_in,
                    "verified": (outcome.read_in or study.read_in) not in UNVERIFIED,
                }
                for outcome in row.outcome
            ),
        )
        endpoints = {outcome.endpoint for outcome in row.outcome} | list_effect_endpoints(file, row)
        self.insert_links("evidence_endpoint", "endpoint", endpoints, number)
        doses = (given.dose for given in row.given)
        groups = (outcome.group for outcome in row.outcome)
        told = (row.setting, *doses, row.summary, row.safety, *groups)
        given_to = (given.treatment for given in row.given)
        names = (*given_to, *row.tumors, *row.biomarkers, *routes)
        label = of["label"] if of["label"] != study.id else ""
        title = ": ".join(filter(None, (label, study.title)))
        body = " · ".join(filter(None, told))
        self.write_text("evidence", record["id"], title or study.id, " ".join(names), body)

    def add_classes(self, ids: Iterable[str]) -> set[str]:
        """Return treatments and classes with all classes that they belong to."""
        found = set(ids)
        for id_ in ids:
            found |= set(self.list_node_and_ancestors("class", self.class_of.get(id_, id_)))
        return found

    def list_later_reports(self, study: schema.Study) -> Iterator[schema.StudyFile]:
        """Yield the reports that supersede a study, one after the other; one that was only recalled
        supersedes nothing."""
        seen = {study.id}
        here: schema.Study | None = study
        while here is not None and here.superseded_by not in (None, *seen):
            file = self.files[str(here.superseded_by)]
            here = file.study
            seen.add(here.id)
            if here.read_in != "recalled" and not here.withdrawn:
                yield file

    def is_replaced(self, file: schema.StudyFile, row: schema.Evidence) -> bool:
        """Tell whether a later report has a counterpart of a row: the same treatments in such
        patients.

        A row that names no biomarker has one in a row that does, as of patients told more closely;
        not the other way round.
        """
        if row.stands:
            return False
        mine = list_tested_treatments(row)
        return any(
            mine <= list_tested_treatments(other)
            and _meet(row.tumors, other.tumors)
            and (not row.biomarkers or _meet(row.biomarkers, other.biomarkers))
            for later in self.list_later_reports(file.study)
            for other in later.evidence
        )

    def is_answer_replaced(self, file: schema.StudyFile, comparison: schema.Comparison) -> bool:
        """Tell whether a later report asks the question of a comparison again."""
        return not comparison.stands and any(
            other.question == comparison.question and _meet(comparison.tests, other.tests)
            for later in self.list_later_reports(file.study)
            for other in later.comparison
        )

    def write_comparison(
        self, file: schema.StudyFile, item: schema.Comparison, numbers: Mapping[int, int]
    ) -> None:
        study, of = file.study, self.studies[file.study.id]
        id_ = f"{study.id}.c{item.comparison}"
        anchor = find_population_row(item)
        if anchor is None:
            raise AssertionError(f"{id_} names no row")
        rows = {row.row: row for row in file.evidence}
        record = comparison_record(file, of, item, id_)
        speaks = classify_patient_counting(
            study, record["design"]
        ) >= 0 and not self.is_answer_replaced(file, item)
        level = level_of_group(
            record["design"],
            record["of_n"],
            randomised=item.randomized,
            large=is_large_answered_rct_comparison(file, item),
            part=record["of_n"] is None and item.of is None,
        )
        self.insert_row(
            "comparison",
            id=id_,
            number=numbers[anchor],
            study=study.id,
            of_row=numbers.get(item.of or 0),
            against_row=numbers.get(item.against or 0),
            of_n=item.of_n,
            against_n=item.against_n,
            question=item.question,
            randomized=item.randomized,
            control=item.control,
            direction=item.direction,
            tests_are=item.tests_are,
            speaks=speaks,
            level_rank=rank_level(level),
            answer=_json(
                {key: record[key] for key in COMPARISON_LISTING_FIELDS}
                | {"read_in": choose_verified_read_in_if_any(record)}
            ),
            record=_json(record),
        )
        alongside = {given.treatment: given for given in rows[anchor].given}
        against = (
            list_tested_treatments(rows[item.against]) - {*item.tests}
            if item.against is not None
            else {*item.against_tests}
        )
        sides = [*(("of", t) for t in item.tests), *(("against", t) for t in sorted(against))]
        for side, treatment in sides:
            routes = alongside[treatment].routes if treatment in alongside else ()
            route = next(iter(routes), self.only_route.get(treatment))
            self.insert_row(
                "comparison_test", treatment=treatment, comparison=id_, side=side, route=route
            )
        told = (
            item.of_group,
            item.against_group,
            item.note,
            *(effect.note for effect in item.effect),
        )
        names = " ".join((*item.tests, *item.against_tests, *rows[anchor].tumors))
        label = of["label"] if of["label"] != study.id else ""
        title = ": ".join(filter(None, (label, study.title)))
        self.write_text("comparison", id_, title or study.id, names, " · ".join(filter(None, told)))

    def write_harm(
        self,
        file: schema.StudyFile,
        item: schema.Adverse,
        position: int,
        numbers: Mapping[int, int],
    ) -> None:
        study = file.study
        id_ = f"{study.id}.a{position}"
        record = {
            "id": id_,
            "study": study.id,
            "evidence": f"{study.id}.{item.row}" if item.row else None,
            **_dump(item),
            "read_in": item.read_in or study.read_in,
            "url": self.studies[study.id]["url"],
            "source": self.studies[study.id]["source"],
        }
        self.insert_row(
            "adverse",
            id=id_,
            study=study.id,
            number=numbers.get(item.row or 0),
            record=_json(record),
        )

    def write_drug_levels(self) -> None:
        number = 0
        for treatment in self.base.treatments.treatment:
            for position, level in enumerate(treatment.csf, start=1):
                number += 1
                read_in = level.read_in or self.studies[level.study]["read_in"]
                id_ = f"{treatment.id}.csf{position}"
                record = {
                    "id": id_,
                    "treatment": treatment.id,
                    **_dump(level),
                    "read_in": read_in,
                    "url": self.studies[level.study]["url"],
                    "source": self.find_source(("csf", id_), ("treatment", treatment.id)),
                }
                self.insert_row(
                    "csf",
                    number=number,
                    treatment=treatment.id,
                    study=level.study,
                    measure=level.measure,
                    value=level.value,
                    n=level.n,
                    route=level.route,
                    lm=level.lm,
                    read_in=read_in,
                    record=_json(record),
                )

    def write_guidelines(self) -> None:
        number = 0
        for guideline in self.base.guidelines:
            url = self.studies[guideline.id]["url"]
            source = self.find_source(("guideline", guideline.id))
            record = _dump(guideline, url=url, source=source)
            del record["recommendation"]
            self.insert_row(
                "guideline",
                id=guideline.id,
                name=guideline.name,
                society=guideline.society,
                year=guideline.year,
                superseded=guideline.superseded,
                note=guideline.note,
                record=_json(record),
            )
            for statement in guideline.recommendation:
                number += 1
                id_ = f"{guideline.id}.{statement.row}"
                record = {
                    "id": id_,
                    "guideline": guideline.id,
                    "name": guideline.name,
                    "year": guideline.year,
                    "superseded": guideline.superseded,
                    **_dump(statement),
                    "url": url,
                    "source": self.find_source(("statement", id_), ("guideline", guideline.id)),
                }
                self.insert_row(
                    "recommendation",
                    number=number,
                    id=id_,
                    guideline=guideline.id,
                    topic=statement.topic,
                    read_in=statement.read_in,
                    record=_json(record),
                )
                self.insert_links(
                    "recommendation_treatment", "treatment", statement.treatments, number
                )
                self.insert_links("recommendation_tumor", "tumor", statement.tumors, number)
                names = " ".join((*statement.treatments, *statement.tumors))
                self.write_text("guideline", id_, guideline.name, names, statement.statement)

    def write_trials(self) -> None:
        for number, trial in enumerate(self.base.trials, start=1):
            self.insert_row(
                "trial",
                number=number,
                id=trial.id,
                title=trial.title,
                phase=trial.phase,
                status=trial.status,
                updated=trial.updated,
                enrolment=trial.enrolment,
                line=trial.line,
                record=_json(self.make_trial_record(trial)),
            )
            roles: dict[str, str | None] = {}
            for given in trial.given:
                roles.setdefault(given.treatment, given.role)
            self.insert_rows(
                "trial_treatment",
                (
                    {"treatment": treatment, "number": number, "role": role}
                    for treatment, role in roles.items()
                ),
            )
            self.insert_links("trial_tumor", "tumor", trial.tumors, number)
            markers = {
                a for b in trial.biomarkers for a in self.list_node_and_ancestors("biomarker", b)
            }
            self.insert_links("trial_biomarker", "biomarker", markers, number)
            self.insert_links("trial_country", "country", map(fold_name, trial.countries), number)
            self.insert_links("trial_after", "id", self.add_classes(trial.after), number)
            self.insert_links("trial_study", "study", trial.results, number)
            names = " ".join(filter(None, (trial.acronym, *roles, *trial.tumors)))
            self.write_text("trial", trial.id, trial.title, names, trial.status_note or "")

    def make_trial_record(self, trial: schema.Trial) -> JsonDict:
        """Return a trial as the JSON export gives it: `treatments` are all that it gives."""
        return {
            **_dump(trial),
            "treatments": list(dict.fromkeys(given.treatment for given in trial.given)),
            "url": choose_study_url({"nct": [trial.id]}),
            "source": self.find_source(("trial", trial.id)),
        }

    def write_facts(self) -> None:
        number = 0
        for tumor in self.base.tumors:
            for fact in tumor.fact:
                number += 1
                id_ = f"{tumor.id}.{fact.row}"
                tumors = [tumor.id] if fact.tumors is None else list(fact.tumors)
                study = self.studies[fact.study]
                record = {
                    "id": id_,
                    "tumor": tumor.id,
                    **_dump(fact),
                    "tumors": tumors,
                    "read_in": study["read_in"],
                    "url": study["url"],
                    "source": self.find_source(("fact", id_), ("tumor", tumor.id)),
                }
                self.insert_row(
                    "fact",
                    number=number,
                    id=id_,
                    tumor=tumor.id,
                    study=fact.study,
                    record=_json(record),
                )
                self.insert_links("fact_tumor", "tumor", tumors, number)
                names = " ".join((*tumors, *fact.treatments))
                self.write_text("fact", id_, fact.topic, names, fact.statement)

    def write_looked_for(self) -> None:
        for number, item in enumerate(self.base.looked_for, start=1):
            id_ = f"looked-for.{number}"
            record = {"id": id_, **_dump(item), "source": self.find_source(("looked_for", id_))}
            self.insert_row("looked_for", number=number, record=_json(record))
            self.insert_links("looked_for_treatment", "treatment", item.treatments, number)

    def write_names(self) -> None:
        rows: dict[tuple[str, str, str], str] = {}

        def add(kind: str, id_: str, names: Iterable[str | None]) -> None:
            for name in names:
                if name:
                    rows.setdefault((kind, fold_name(name), id_), name)

        for item in self.base.treatments.treatment:
            add("treatment", item.id, (item.id, item.name, *item.aliases))
            for alias in item.aliases_list:  # these find and are never printed
                rows.setdefault(("treatment", fold_name(alias), item.id), item.name)
        for kind, nodes in (
            ("class", self.base.treatments.drug_class),
            ("tumor", self.base.tumors),
            ("biomarker", self.base.biomarkers),
        ):
            for node in nodes:
                add(kind, node.id, (node.id, node.label, *node.aliases))
        for study in (file.study for file in self.base.studies):
            numbers = (study.pmid, study.doi, study.pmcid, *study.nct)
            called = (study.acronym, study.label, self.studies[study.id]["label"])
            add("study", study.id, (study.id, *study.also_known_as, *numbers, *called))
        for guideline in self.base.guidelines:
            add("guideline", guideline.id, (guideline.id, guideline.name))
        for trial in self.base.trials:
            number = trial.registry_id and trial.registry_id.rpartition(" ")[2]
            add("trial", trial.id, (trial.id, trial.nct, trial.registry_id, number, trial.acronym))
        for target in sorted({t for item in self.base.treatments.treatment for t in item.targets}):
            add("target", fold_name(target), (target,))
        countries = {country for trial in self.base.trials for country in trial.countries}
        for country in sorted({*countries, *REGIONS}):
            add("country", country, (country, *COUNTRY_ALIASES.get(country, ())))
        self.insert_rows(
            "name",
            (
                {"kind": kind, "fold": key, "id": id_, "name": name}
                for (kind, key, id_), name in rows.items()
            ),
        )

    def write_own_records(self) -> None:
        """Fill the table of all that comes from own records; it is empty where nothing is laid over
        the base."""
        for kind, table in (
            ("class", "class"),
            ("tumor", "tumor"),
            ("biomarker", "biomarker"),
            ("treatment", "treatment"),
            ("study", "study"),
            ("evidence", "evidence"),
            ("guideline", "guideline"),
            ("guideline", "recommendation"),
            ("trial", "trial"),
            ("fact", "fact"),
        ):
            self.connection.execute(
                "insert into own (kind, id, source) "
                f"select ?, id, json_extract(record, '$.source') from {table} "
                "where json_extract(record, '$.source') <> ?",
                (kind, BUNDLED_SOURCE),
            )

    def write_text(self, kind: str, id_: str, title: str, names: str, body: str) -> None:
        """Let the words of a record be found."""
        self.texts += 1
        self.connection.execute(
            "insert into text (rowid, kind, id, title, names, body, parts) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            (
                self.texts,
                kind,
                id_,
                title,
                names,
                body,
                write_east_asian_search_words(f"{title} {names} {body}"),
            ),
        )
        self.insert_row("text_row", kind=kind, id=id_, number=self.texts)


def write_east_asian_search_words(text: str) -> str:
    """Return what East Asian writing in a text can be found by: each run of it from each of its
    signs on, since no blank parts its words."""
    if text.isascii():
        return ""
    return " ".join(
        run[at:] for run in re.findall(EAST_ASIAN_PATTERN, text) for at in range(len(run))
    )


def _json(record: JsonDict) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _parents(nodes: Iterable[schema.Node]) -> dict[str, str | None]:
    return {node.id: node.parent for node in nodes}


def _meet(ids: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether two lists share an id, or both are empty."""
    return bool(set(ids) & set(others)) or not (ids or others)


def list_tested_treatments(row: schema.Evidence) -> set[str]:
    """Return the treatments that are tested in a row."""
    return {given.treatment for given in row.given if given.role == "tested"}


def list_tested_in_groups_without_row(file: schema.StudyFile, row: schema.Evidence) -> set[str]:
    """Return what comparisons test in groups of words whose population is this row's."""
    found: set[str] = set()
    for item in file.comparison:
        if item.question in BENEFIT_QUESTIONS:
            anchor = find_population_row(item)
            if item.of is None and anchor == row.row:
                found.update(item.tests)
            if (
                item.question == "instead"
                and item.control is None
                and anchor == row.row
                and len(item.against_tests) == 1
            ):
                found.update(item.against_tests)
    return found


def find_population_row(item: schema.Comparison) -> int | None:
    """Return the row whose population holds for a comparison: that of one side, or the one that
    both come from."""
    return item.of or item.population or item.against


def list_effect_endpoints(file: schema.StudyFile, row: schema.Evidence) -> set[str]:
    """Return the endpoints of the comparisons that stand on a row."""
    return {
        effect.endpoint
        for item in file.comparison
        if find_population_row(item) == row.row
        for effect in item.effect
        if effect.endpoint is not None
    }


def list_enclosing_rows(file: schema.StudyFile, row: schema.Evidence) -> list[int]:
    """Return the numbers of the rows within which a row lies, the nearest first."""
    within = {other.row: other.within for other in file.evidence}
    found: list[int] = []
    here = row.within
    while here is not None and here not in found:
        found.append(here)
        here = within.get(here)
    return found


def classify_patient_counting(study: schema.Study, design: str) -> int:
    """Return 1 for patients told here first, 0 for a review or meta-analysis, -1 for what counts
    nowhere; `design` is that of the group."""
    if design == "preclinical" or study.withdrawn or study.read_in == "recalled":
        return -1
    return int(design not in SECONDARY_RESEARCH)


def count_side_patients(
    file: schema.StudyFile, row: int | None, compared: int | None
) -> int | None:
    """Return the patients of one side of a comparison: those compared, else those of its row."""
    if compared is not None or row is None:
        return compared
    return next(other.n for other in file.evidence if other.row == row)


def is_large_answered_rct_comparison(file: schema.StudyFile, item: schema.Comparison) -> bool:
    """Tell whether a comparison is randomised with a hundred patients or more on each side, and ran
    its course."""
    sides = (
        count_side_patients(file, item.of, item.of_n),
        count_side_patients(file, item.against, item.against_n),
    )
    return (
        item.randomized
        and file.study.stopped_early not in STOPS_WITHOUT_ANSWER
        and all(n is not None and n >= LARGE_ARM for n in sides)
    )


def study_record(file: schema.StudyFile) -> JsonDict:
    """Return a study as the JSON export gives it, with its level, label and canonical address."""
    study = file.study
    sizes = [row.n for row in file.evidence if row.n is not None]
    level = level_of_study(
        study.design,
        study.patients if study.patients is not None else max(sizes, default=None),
        large=any(is_large_answered_rct_comparison(file, item) for item in file.comparison),
        pools_randomised=study.pools_randomised,
    )
    record = _dump(study)
    called = write_short_citation(record)
    del record["label"]
    return {**record, "level": level, "label": called, "url": choose_study_url(record)}


def map_randomised_rows_to_large(file: schema.StudyFile) -> dict[int, bool]:
    """Return the rows that a randomised comparison holds, or that lie within one, and whether it is
    a large one."""
    found: dict[int, bool] = {}
    for item in file.comparison:
        if item.randomized:
            for number in (item.of, item.against, item.population):
                if number is not None:
                    found[number] = found.get(number, False) or is_large_answered_rct_comparison(
                        file, item
                    )
    for row in file.evidence:
        outer = next((other for other in list_enclosing_rows(file, row) if other in found), None)
        if outer is not None:
            found.setdefault(row.row, found[outer])
    return found


def choose_row_design(file: schema.StudyFile, row: schema.Evidence) -> str:
    """Return the design of a group for the question of LM.

    A group of a randomised trial that no randomised comparison holds was followed, not allotted.
    """
    design = row.design or file.study.design
    if design in RANDOMISED and row.row not in map_randomised_rows_to_large(file):
        return "prospective-cohort"
    return design


def is_unsized_part_of_unplanned_group(row: schema.Evidence, design: str) -> bool:
    """Tell whether a group is a part of unknown size of a cohort in which nobody planned who got
    what."""
    known = row.n is not None or any(given.n is not None for given in row.given)
    return row.within is not None and design in UNPLANNED_DESIGNS and not known


def evidence_record(
    file: schema.StudyFile, of_study: JsonDict, row: schema.Evidence, *, replaced: bool
) -> JsonDict:
    """Return an evidence row as the JSON export gives it; `replaced` says that a later report tells
    it again."""
    study = file.study
    record = _dump(row)
    outcomes = [
        {**outcome, "read_in": outcome["read_in"] or study.read_in}
        for outcome in record.pop("outcome")
    ]
    given = record.pop("given")
    del record["design"]
    tested = [one for one in given if one["role"] == "tested"]
    design = choose_row_design(file, row)
    return {
        "id": f"{study.id}.{row.row}",
        "study": study.id,
        **record,
        "treatments": list(dict.fromkeys(one["treatment"] for one in tested)),
        "background": list(
            dict.fromkeys(one["treatment"] for one in given if one["role"] == "background")
        ),
        "given": given,
        "routes": list(dict.fromkeys(route for one in tested for route in one["routes"])),
        "dose": write_doses(tested),
        "level": level_of_group(
            design,
            row.n if row.n is not None else study.patients,
            randomised=row.row in map_randomised_rows_to_large(file),
            large=map_randomised_rows_to_large(file).get(row.row, False),
            pools_randomised=study.pools_randomised,
            part=is_unsized_part_of_unplanned_group(row, design),
        ),
        "design": design,
        "read_in": study.read_in,
        "mixed": "solid" in row.tumors or len(row.tumors) > MOST_TUMORS_OF_UNMIXED_ROW,
        "withdrawn": study.withdrawn,
        "comparisons": [
            f"{study.id}.c{item.comparison}"
            for item in file.comparison
            if row.row in (item.of, item.against, item.population)
        ],
        "superseded_by": study.superseded_by if replaced else None,
        "outcomes": outcomes,
        "source": of_study["source"],
    }


def write_doses(tested: Sequence[JsonDict]) -> str | None:
    """Return the doses of what was tested in one line; the drug stands before its dose where there
    are several."""
    several = len({one["treatment"] for one in tested}) > 1
    doses = [
        f"{one['treatment']}: {one['dose']}" if several else one["dose"]
        for one in tested
        if one["dose"]
    ]
    return "; ".join(doses) or None


def comparison_record(
    file: schema.StudyFile, of_study: JsonDict, item: schema.Comparison, id_: str
) -> JsonDict:
    """Return a comparison as the JSON export gives it: its sides, what it tests, and its
    effects."""
    study = file.study
    rows = {row.row: row for row in file.evidence}
    anchor = rows[find_population_row(item) or 0]
    record = _dump(item)
    effects = [
        {**effect, "read_in": effect["read_in"] or study.read_in} for effect in record.pop("effect")
    ]
    against = rows.get(item.against or 0)
    against_tests = (
        sorted(list_tested_treatments(against) - {*item.tests})
        if against is not None
        else list(item.against_tests)
    )

    def place(row: int | None) -> str | None:
        return f"{study.id}.{row}" if row is not None else None

    return {
        "id": id_,
        "study": study.id,
        **record,
        "of": place(item.of),
        "against": place(item.against),
        "in": place(item.population),
        "of_n": count_side_patients(file, item.of, item.of_n),
        "against_n": count_side_patients(file, item.against, item.against_n),
        "against_tests": against_tests,
        "tumors": list(anchor.tumors),
        "biomarkers": list(anchor.biomarkers),
        "setting": anchor.setting,
        "design": choose_row_design(file, anchor),
        "mixed": "solid" in anchor.tumors or len(anchor.tumors) > MOST_TUMORS_OF_UNMIXED_ROW,
        "mixed_with": anchor.mixed_with,
        "read_in": study.read_in,
        "withdrawn": study.withdrawn,
        "effects": effects,
        "url": of_study["url"],
        "source": of_study["source"],
    }


def choose_verified_read_in_if_any(comparison: JsonDict) -> str:
    """Return where an answer was read: at the source where one of its effects was, else where the
    first of them was."""
    readings = [str(effect["read_in"]) for effect in comparison["effects"]]
    known = (read_in for read_in in readings if read_in not in UNVERIFIED)
    return next(known, readings[0] if readings else str(comparison["read_in"]))


def find_cohort_of_each_study(base: loading.Base) -> dict[str, str]:
    """Return for every study the name of its cohort: studies that tell the same patients share
    one."""
    links: defaultdict[str, set[str]] = defaultdict(set)
    for study in (file.study for file in base.studies):
        for other in (*study.overlaps, *((study.superseded_by,) if study.superseded_by else ())):
            links[study.id].add(other)
            links[other].add(study.id)
    found: dict[str, str] = {}
    for first in (file.study.id for file in base.studies):
        waiting = [first]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = first
                waiting.extend(links[here])
    return found
