"""From checked records to one SQLite file. Runs when a wheel is built or a cache is filled, never on a look-up."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lmtx import __version__, progress
from lmtx.errors import DataError
from lmtx.index import APPLICATION_ID, INDEX_FORMAT, add_checksum
from lmtx.index.identity import Identity, identify_data
from lmtx.model import schema
from lmtx.model.levels import level_of, rank_of
from lmtx.model.names import fold
from lmtx.model.reference import BUNDLED, address, label
from lmtx.model.vocabulary import OPEN_STATUSES, RETROSPECTIVE, SECONDARY_RESEARCH, UNVERIFIED
from lmtx.store import checks, loading
from lmtx.store.own_files import name_of

JsonDict = dict[str, Any]
MOST_TUMORS = 2
"""Primary tumors that a row may name before its figures belong to none of them."""


def compile_folder(
    folder: Path, target: Path, overlays: Sequence[Path] = (), fingerprint: str = ""
) -> None:
    """Load, check and compile a folder of TOML and what is laid over it into a new SQLite file, with its checksum behind it.

    Raises DataError with every problem; nothing is written then.
    """
    base = checked(folder, overlays)
    identity = identify_data(folder, overlays, fingerprint)
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        # A file that does not become whole is thrown away: no journal is needed, nor any waiting for the disk in between.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        write(base, connection, identity, overlays)
    finally:
        connection.close()
    add_checksum(target)


def checked(folder: Path, overlays: Sequence[Path] = ()) -> loading.Base:
    """Load a folder and what is laid over it, and run every check; raise DataError with all problems at once."""
    base, found = checks.examined(folder, overlays=overlays)
    if found:
        raise DataError(
            f"{len(found)} problem(s) in {', '.join(map(str, overlays)) or folder}",
            problems=tuple(found),
        )
    return base


def write(
    base: loading.Base,
    connection: sqlite3.Connection,
    identity: Identity,
    overlays: Sequence[Path] = (),
) -> None:
    """Write a base into an empty database; `overlays` are what was laid over it."""
    connection.execute(
        f"pragma application_id = {APPLICATION_ID}"
    )  # first: a part of it is ours too
    connection.executescript(files("lmtx.index").joinpath("tables.sql").read_text(encoding="utf-8"))
    connection.execute("begin")
    _Writer(base, connection).write(identity, [name_of(overlay) for overlay in overlays])
    connection.execute("commit")
    connection.execute(f"pragma user_version = {INDEX_FORMAT}")
    for statement in progress.steps("finishing the index", ("analyze", "vacuum")):
        connection.execute(statement)


def _dump(model: BaseModel, **more: Any) -> JsonDict:
    return {**model.model_dump(mode="json", by_alias=True), **more}


class _Writer:
    """Holds what the tables share while they are filled."""

    def __init__(self, base: loading.Base, connection: sqlite3.Connection) -> None:
        self.base = base
        self.connection = connection
        self.class_of = {item.id: item.drug_class for item in base.treatments.treatment}
        self.parent = {
            "class": _parents(base.treatments.drug_class),
            "tumor": _parents(base.tumors),
            "biomarker": _parents(base.biomarkers),
        }
        self.labels = {node.id: node.label for node in base.treatments.drug_class}
        self.cohort = cohorts(base)
        self.texts = 0
        self.studies: dict[str, JsonDict] = {
            file.study.id: {**study_record(file), "source": self.source(("study", file.study.id))}
            for file in base.studies
        }

    def insert(self, table: str, rows: Iterable[tuple[Any, ...]], width: int) -> None:
        self.connection.executemany(f"insert into {table} values ({', '.join('?' * width)})", rows)

    def source(self, *keys: tuple[str, str]) -> str:
        """Return where a record comes from, by the first of its keys (kind and id) that own records have, else the base."""
        return next((self.base.origins[key] for key in keys if key in self.base.origins), BUNDLED)

    def write(self, identity: Identity, overlays: list[str]) -> None:
        self.trees()
        self.treatments()
        self.study_files()
        self.csf()
        self.guidelines()
        self.trials()
        self.facts()
        self.names()
        self.own()
        header = self.base.treatments
        meta = {
            "format": INDEX_FORMAT, "schema_version": header.schema_version, "version": header.version, "as_of": header.as_of.isoformat(),
            "title": header.title, "disclaimer": header.disclaimer, "sha256": identity.sha256, "program": __version__, "fingerprint": identity.fingerprint, **({"with": json.dumps(overlays, ensure_ascii=False)} if overlays else {}),
        }  # fmt: skip
        self.insert("meta", ((key, str(value)) for key, value in meta.items()), 2)
        self.connection.executemany(
            "insert into file (name, sha256) values (?, ?)", identity.hashes.items()
        )

    def trees(self) -> None:
        self.insert(
            "class",
            (
                (
                    n.id,
                    n.label,
                    n.parent,
                    " › ".join(self.labels[a] for a in reversed(list(self.upwards("class", n.id)))),
                    n.definition,
                    _json(_dump(n, source=self.source(("class", n.id)))),
                )
                for n in self.base.treatments.drug_class
            ),
            6,
        )
        self.insert(
            "tumor", ((n.id, n.label, n.parent, _json(self.tumor(n))) for n in self.base.tumors), 4
        )
        self.text(
            "tumor",
            (
                (n.id, n.label, " ".join((n.id, *n.aliases)), n.definition or "")
                for n in self.base.tumors
            ),
        )
        self.insert(
            "biomarker",
            (
                (n.id, n.label, n.parent, _json(_dump(n, source=self.source(("biomarker", n.id)))))
                for n in self.base.biomarkers
            ),
            4,
        )
        for kind, parent in self.parent.items():
            self.insert(
                "below",
                (
                    (kind, ancestor, node)
                    for node in parent
                    for ancestor in self.upwards(kind, node)
                ),
                3,
            )

    def tumor(self, node: schema.Tumor) -> JsonDict:
        record = _dump(node, source=self.source(("tumor", node.id)))
        del record["fact"]
        return record

    def upwards(self, kind: str, node: str | None) -> Iterator[str]:
        """Yield a node and all above it."""
        while node is not None:
            yield node
            node = self.parent[kind].get(node)

    def treatments(self) -> None:
        records = []
        for item in self.base.treatments.treatment:
            record = _dump(item, source=self.source(("treatment", item.id)))
            del record["csf"]
            records.append(
                (item.id, item.name, item.drug_class, item.specified, item.mechanism, _json(record))
            )
        self.insert("treatment", records, 6)
        self.insert(
            "treatment_target",
            (
                (fold(t), item.id)
                for item in self.base.treatments.treatment
                for t in {fold(t): t for t in item.targets}
            ),
            2,
        )
        self.text(
            "treatment",
            (
                (
                    t.id,
                    t.name,
                    " ".join((t.id, *t.aliases)),
                    " · ".join((self.labels[t.drug_class], *t.targets, t.mechanism)),
                )
                for t in self.base.treatments.treatment
            ),
        )

    def study_files(self) -> None:
        number = 0
        for file in progress.steps("writing the index", self.base.studies):
            study, record = file.study, self.studies[file.study.id]
            self.insert("study", [(
                study.id, record["label"], study.first_author, study.year, study.title, study.journal, study.volume, study.pages, study.acronym, study.pmid,
                study.doi, study.pmcid, study.design, record["level"], study.patients, study.lm_only, study.read_in, study.superseded_by,
                self.cohort[study.id], record["url"], _json(record),
            )], 21)  # fmt: skip
            for row in file.evidence:
                number += 1
                self.evidence(number, study, record, row, most(file))
        self.routes()
        self.text(
            "study",
            (
                (
                    s.id,
                    s.title or s.id,
                    " ".join(
                        filter(
                            None,
                            (
                                s.id,
                                s.first_author,
                                s.acronym,
                                s.pmid,
                                s.doi,
                                s.pmcid,
                                *s.nct,
                                *s.also_known_as,
                            ),
                        )
                    ),
                    " · ".join(
                        filter(None, (s.first_author, s.journal, str(s.year or ""), s.note))
                    ),
                )
                for s in (f.study for f in self.base.studies)
            ),
        )

    def routes(self) -> None:
        """Tell by which routes each treatment was given itself; no drug is given by an external beam, whatever stands beside it."""
        named = {item.id: item.routes for item in self.base.treatments.treatment if item.routes}
        self.insert(
            "treatment_route",
            ((id_, route) for id_, routes in named.items() for route in routes),
            2,
        )
        self.connection.execute(
            "insert into treatment_route select distinct t.treatment, r.route from evidence_treatment t join evidence e on e.number = t.number "
            "join evidence_route r on r.number = t.number join treatment a on a.id = t.treatment where t.treatment not in (select value from json_each(?)) "
            "and (r.route <> 'external-beam' or a.class in (select id from below where kind = 'class' and ancestor = 'radiation')) "
            "and (e.agents = 1 or t.treatment not in "
            "(select x.treatment from evidence_treatment x join evidence y on y.number = x.number join evidence_route z on z.number = x.number where y.agents = 1))",
            [json.dumps(list(named))],
        )

    def evidence(
        self,
        number: int,
        study: schema.Study,
        of: JsonDict,
        row: schema.Evidence,
        most_: int | None,
    ) -> None:
        record = evidence_record(study, of, row)
        superseded = study.superseded_by is not None and not row.stands
        counts = (
            -1
            if study.design == "preclinical" or study.withdrawn
            else int(study.design not in SECONDARY_RESEARCH)
        )
        self.insert("evidence", [(
            record["id"], number, study.id, row.row, row.within, study.design, record["level"], rank_of(record["level"]), row.n, row.direction,
            record["mixed"], study.read_in, study.read_in not in UNVERIFIED, study.year, self.cohort[study.id], counts, superseded, row.stands, len(row.treatments), most_, row.mixed_with is not None,
            row.setting, row.dose, row.summary, row.safety, _json(record),
        )], 26)  # fmt: skip
        self.insert("evidence_treatment", ((t, number) for t in set(row.treatments)), 2)
        self.insert(
            "evidence_class",
            (
                (c, number)
                for c in {
                    a for t in row.treatments for a in self.upwards("class", self.class_of[t])
                }
            ),
            2,
        )
        self.insert("evidence_tumor", ((t, number) for t in set(row.tumors)), 2)
        self.insert(
            "evidence_biomarker",
            (
                (b, number)
                for b in {a for b in row.biomarkers for a in self.upwards("biomarker", b)}
            ),
            2,
        )
        self.insert("evidence_route", ((r, number) for r in set(row.routes)), 2)
        self.insert("outcome", ((
            number, i, record["id"], o.endpoint, o.value, o.unit, o.ci[0] if o.ci else None, o.ci[1] if len(o.ci) == 2 else None, o.ci_upper, o.ci_level,
            o.events, o.total, o.at, o.versus, o.p, o.assessed_by, o.group, o.scope,
        ) for i, o in enumerate(row.outcome)), 18)  # fmt: skip
        names = " ".join((*row.treatments, *row.tumors, *row.biomarkers, *row.routes))
        body = " · ".join(
            filter(
                None,
                (row.setting, row.dose, row.summary, row.safety, *(o.group for o in row.outcome)),
            )
        )
        title = ": ".join(
            filter(None, (of["label"] if of["label"] != study.id else "", study.title))
        )
        self.text("evidence", [(record["id"], title or study.id, names, body)])

    def csf(self) -> None:
        rows: list[tuple[Any, ...]] = []
        for treatment in self.base.treatments.treatment:
            for position, level in enumerate(treatment.csf, start=1):
                read_in = level.read_in or self.studies[level.study]["read_in"]
                id_ = f"{treatment.id}.csf{position}"
                source = self.source(("csf", id_), ("treatment", treatment.id))
                record = {
                    "id": id_,
                    "treatment": treatment.id,
                    **_dump(level),
                    "read_in": read_in,
                    "url": self.studies[level.study]["url"],
                    "source": source,
                }
                keys = (
                    "study",
                    "measure",
                    "fraction",
                    "statistic",
                    "value",
                    "low",
                    "high",
                    "spread",
                    "spread_kind",
                    "unit",
                    "printed",
                    "computed",
                    "compartment",
                    "sampled",
                    "n",
                    "route",
                    "dose",
                    "population",
                    "lm",
                    "modelled",
                    "read_in",
                    "note",
                )
                rows.append(
                    (
                        len(rows) + 1,
                        treatment.id,
                        treatment.drug_class,
                        *(record[key] for key in keys),
                        _json(record),
                    )
                )
        self.insert("csf", rows, 26)

    def guidelines(self) -> None:
        number = 0
        for guideline in self.base.guidelines:
            record = _dump(
                guideline,
                url=self.studies[guideline.id]["url"],
                source=self.source(("guideline", guideline.id)),
            )
            del record["recommendation"]
            self.insert(
                "guideline",
                [
                    (
                        guideline.id,
                        guideline.name,
                        guideline.society,
                        guideline.year,
                        guideline.superseded,
                        guideline.note,
                        _json(record),
                    )
                ],
                7,
            )
            for said in guideline.recommendation:
                number += 1
                id_ = f"{guideline.id}.{said.row}"
                record = {
                    "id": id_, "guideline": guideline.id, "name": guideline.name, "year": guideline.year, "superseded": guideline.superseded, **_dump(said),
                    "url": self.studies[guideline.id]["url"], "source": self.source(("statement", id_), ("guideline", guideline.id)),
                }  # fmt: skip
                self.insert(
                    "recommendation",
                    [
                        (
                            number,
                            id_,
                            guideline.id,
                            said.topic,
                            said.statement,
                            said.level,
                            said.grade,
                            said.read_in,
                            said.note,
                            _json(record),
                        )
                    ],
                    10,
                )
                self.insert(
                    "recommendation_treatment", ((number, t) for t in set(said.treatments)), 2
                )
                self.insert("recommendation_tumor", ((number, t) for t in set(said.tumors)), 2)
                self.text(
                    "guideline",
                    [
                        (
                            id_,
                            guideline.name,
                            " ".join((*said.treatments, *said.tumors)),
                            said.statement,
                        )
                    ],
                )

    def trials(self) -> None:
        for number, trial in enumerate(self.base.trials, start=1):
            url = address({"nct": [trial.id]})
            self.insert(
                "trial",
                [
                    (
                        number,
                        trial.id,
                        trial.nct,
                        trial.title,
                        trial.phase,
                        trial.status,
                        trial.status_read,
                        trial.status in OPEN_STATUSES,
                        trial.enrolment,
                        _json(_dump(trial, url=url, source=self.source(("trial", trial.id)))),
                    )
                ],
                10,
            )
            self.insert("trial_treatment", ((number, t) for t in set(trial.treatments)), 2)
            self.insert("trial_tumor", ((number, t) for t in set(trial.tumors)), 2)
            self.insert(
                "trial_biomarker",
                (
                    (number, b)
                    for b in {a for b in trial.biomarkers for a in self.upwards("biomarker", b)}
                ),
                2,
            )
            self.insert("trial_study", ((number, s) for s in set(trial.results)), 2)
            self.text(
                "trial",
                [
                    (
                        trial.id,
                        trial.title,
                        " ".join(filter(None, (trial.acronym, *trial.treatments, *trial.tumors))),
                        trial.status_note or "",
                    )
                ],
            )

    def facts(self) -> None:
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
                    "source": self.source(("fact", id_), ("tumor", tumor.id)),
                }
                self.insert(
                    "fact",
                    [
                        (
                            number,
                            id_,
                            tumor.id,
                            fact.topic,
                            fact.statement,
                            fact.value_low,
                            fact.value_high,
                            fact.unit,
                            fact.what,
                            fact.study,
                            _json(record),
                        )
                    ],
                    11,
                )
                self.insert("fact_tumor", ((number, t) for t in set(tumors)), 2)
                self.text("fact", [(id_, fact.topic, " ".join(tumors), fact.statement)])

    def names(self) -> None:
        rows: dict[tuple[str, str, str], str] = {}

        def add(kind: str, id_: str, names: Iterable[str | None]) -> None:
            for name in names:
                if name:
                    rows.setdefault((kind, fold(name), id_), name)

        for item in self.base.treatments.treatment:
            add("treatment", item.id, (item.id, item.name, *item.aliases))
        for kind, nodes in (
            ("class", self.base.treatments.drug_class),
            ("tumor", self.base.tumors),
            ("biomarker", self.base.biomarkers),
        ):
            for node in nodes:
                add(kind, node.id, (node.id, node.label, *node.aliases))
        for study in (file.study for file in self.base.studies):
            add(
                "study",
                study.id,
                (
                    study.id,
                    *study.also_known_as,
                    study.pmid,
                    study.doi,
                    study.pmcid,
                    *study.nct,
                    study.acronym,
                ),
            )
        for guideline in self.base.guidelines:
            add("guideline", guideline.id, (guideline.id, guideline.name))
        for trial in self.base.trials:
            add("trial", trial.id, (trial.id, trial.acronym))
        for target in sorted({t for item in self.base.treatments.treatment for t in item.targets}):
            add("target", fold(target), (target,))
        self.insert("name", ((kind, key, id_, name) for (kind, key, id_), name in rows.items()), 4)

    def own(self) -> None:
        """Fill the table of all that comes from own records; it is empty where nothing is laid over the base."""
        for kind, table in (("class", "class"), ("tumor", "tumor"), ("biomarker", "biomarker"), ("treatment", "treatment"), ("study", "study"), ("evidence", "evidence"),
                            ("guideline", "guideline"), ("guideline", "recommendation"), ("trial", "trial"), ("fact", "fact")):  # fmt: skip
            self.connection.execute(
                f"insert into own select ?, id, json_extract(record, '$.source') from {table} where json_extract(record, '$.source') <> ?",
                (kind, BUNDLED),
            )

    def text(self, kind: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
        for row in rows:
            self.texts += 1
            self.connection.execute(
                "insert into text (rowid, kind, id, title, names, body) values (?, ?, ?, ?, ?, ?)",
                (self.texts, kind, *row),
            )
            self.insert("text_row", [(kind, row[0], self.texts)], 3)


def _json(record: JsonDict) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _parents(nodes: Iterable[schema.Node]) -> dict[str, str | None]:
    return {node.id: node.parent for node in nodes}


def most(file: schema.StudyFile) -> int | None:
    """Return how many patients the rows of a study can count together at most; None where that is not known."""
    sizes = [row.n for row in file.evidence if row.n is not None]
    return max(sizes, default=None) if file.study.rows_overlap else file.study.patients


def study_record(file: schema.StudyFile) -> JsonDict:
    """Return a study as the JSON export gives it, with its level, label and canonical address."""
    study = file.study
    size = (
        study.patients
        if study.patients is not None
        else max((row.n for row in file.evidence if row.n is not None), default=None)
    )
    level = study.level or level_of(
        study.design,
        size,
        stopped_early=study.stopped_early,
        pools_randomised=study.pools_randomised,
    )
    record = _dump(study)
    return {**record, "level": level, "label": label(record), "url": address(record)}


def evidence_record(study: schema.Study, of: JsonDict, row: schema.Evidence) -> JsonDict:
    """Return an evidence row as the JSON export gives it."""
    record = _dump(row)
    outcomes = record.pop("outcome")
    return {
        "id": f"{study.id}.{row.row}", "study": study.id, **record, "level": row.level or _row_level(study, of, row), "design": study.design, "read_in": study.read_in,
        "mixed": "solid" in row.tumors or len(row.tumors) > MOST_TUMORS, "withdrawn": study.withdrawn, "outcomes": outcomes, "source": of["source"],
    }  # fmt: skip


def _row_level(study: schema.Study, of: JsonDict, row: schema.Evidence) -> str | None:
    """Return the level of a row: that of its study, but a few patients of a retrospective study are a series of their own."""
    if study.level is None and study.design in RETROSPECTIVE:
        return level_of(study.design, row.n if row.n is not None else of["patients"])
    level: str | None = of["level"]
    return level


def cohorts(base: loading.Base) -> dict[str, str]:
    """Return for every study the name of its cohort: studies that tell the same patients share one."""
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
