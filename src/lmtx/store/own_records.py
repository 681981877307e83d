"""A user's own records laid over the base: read like the base, told apart from it, and held to the
same checks.

An overlay is a TOML file or a folder of them. Every file may hold `[study]` with `[[evidence]]`,
`[[comparison]]` and `[[adverse]]`, and `[[class]]`, `[[treatment]]`, `[[tumor]]`, `[[biomarker]]`,
`[[guideline]]` and `[[trial]]`, each as in `data/`. A record whose id exists already says `replace
= true`, to stand in place of it, or `extend = true`, to add to its lists.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli

from lmtx.errors import DataError, ParameterMention, Problem, UsageError, escape_control
from lmtx.model import schema
from lmtx.model.reference import BUNDLED_SOURCE
from lmtx.store.loading import (
    LARGEST_FILE,
    MOST_PROBLEMS_PER_FILE,
    UPGRADE_COMMAND,
    Base,
    DataFile,
    LayeredDataFile,
    Location,
    name_record_at,
    note_schema_1,
    parse_file,
    read_data_file,
    validate_record,
)
from lmtx.store.own_files import list_overlay_files, name_overlay
from lmtx.tuples import NamedTuple

MOST_FILES = 2_000
"""Files of one overlay."""
MOST_BYTES = 50_000_000
"""Bytes of all files of one overlay."""
LONGEST_OVERLAY_NAME = 60
"""Letters of the name of an overlay, which stands beside its records."""


class NodeExtension(schema.Record):
    """What `extend = true` may add to a class or biomarker."""

    id: schema.Slug
    aliases: tuple[schema.Text, ...] = ()


class TreatmentExtension(NodeExtension):
    """What it may add to a treatment."""

    aliases_list: tuple[schema.Text, ...] = ()
    csf: tuple[schema.CsfLevel, ...] = ()


class TumorExtension(NodeExtension):
    """What it may add to a tumor."""

    fact: tuple[schema.Fact, ...] = ()


class GuidelineExtension(schema.Record):
    """What it may add to a guideline."""

    id: schema.Slug
    recommendation: tuple[schema.Recommendation, ...] = ()


class RecordKind(NamedTuple):
    """A kind of record: its model, what may be added to one that exists, and its file in the
    base."""

    model: type[schema.Record]
    more: type[schema.Record] | None
    home: str


RECORD_KINDS_BUT_STUDY = {
    "class": RecordKind(schema.Node, NodeExtension, "treatments.toml"),
    "treatment": RecordKind(schema.Treatment, TreatmentExtension, "treatments.toml"),
    "tumor": RecordKind(schema.Tumor, TumorExtension, "tumors.toml"),
    "biomarker": RecordKind(schema.Node, NodeExtension, "biomarkers.toml"),
    "guideline": RecordKind(schema.Guideline, GuidelineExtension, "guidelines.toml"),
    "trial": RecordKind(schema.Trial, None, "trials.toml"),
}
STUDY_FILE_KEYS = tuple(schema.StudyFile.model_fields)
"""Keys of a file that belong to its study."""
_HEADER = ("version", "as_of", "title", "disclaimer")
"""What the treatments.toml of a base begins with."""
_HEADER_LINE = re.compile(rf"^\s*[\"']?({'|'.join(_HEADER)})[\"']?\s*=", re.MULTILINE)
_NO_STUDY = re.compile(
    rf"^\s*(\[\[({'|'.join(RECORD_KINDS_BUT_STUDY)})\b|(replace|extend)\s*=)", re.MULTILINE
)
_FORM_HINT = "a file of own records holds [study] with [[evidence]], or " + ", ".join(
    f"[[{kind}]]" for kind in RECORD_KINDS_BUT_STUDY
)


class OwnRecord(NamedTuple):
    """A record of an overlay: `how` is "" for a new one, else "replace" or "extend"; `at` is where
    in its file it stands."""

    kind: str
    id: str
    record: Any
    how: str
    source: DataFile
    at: Location
    origin: str


@dataclass
class _MergedRecord:
    """A record of the merged base and where it stands; of one that was extended, where each item
    stands, and what came from where."""

    record: Any
    source: DataFile
    at: Location
    items: dict[Location, tuple[DataFile, Location]] = field(default_factory=dict)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)


def is_overlay(path: Path) -> bool:
    """Tell whether a file or folder holds own records to be laid over a base, and is neither a base
    nor the file of a study.

    A folder does unless its treatments.toml begins like that of a base, a file where it has what
    the file of a study has not.
    """
    if path.is_dir():
        return bool(list_overlay_files(path)) and not _has_header(_text(path / "treatments.toml"))
    return bool(_NO_STUDY.search(_text(path)))


def _has_header(text: str) -> bool:
    """Tell whether a text has a key of the header of a base; of one that is not TOML the beginning
    must do."""
    try:
        return not tomli.loads(text).keys().isdisjoint(_HEADER)
    except (ValueError, RecursionError):
        return bool(_HEADER_LINE.search(text.partition("[")[0]))


def _text(path: Path) -> str:
    """Return what a file says, as far as it can be read: only its form is looked at."""
    try:
        return (
            path.read_bytes().decode("utf-8", "replace")
            if path.is_file() and path.stat().st_size <= LARGEST_FILE
            else ""
        )
    except OSError:
        return ""


def lay_over(base: Base, overlays: Sequence[Path]) -> tuple[Base, list[Problem]]:
    """Lay overlays over a base, one after the other; return the merged base and every problem of
    shape, clash or missing target.

    Raises DataError or UsageError where an overlay cannot be read at all.
    """
    _refuse_namesakes(overlays)
    problems: list[Problem] = []
    merged = _MergedBase(base)
    for overlay in overlays:
        for own in read_own_records(overlay, problems, base.sources):
            merged.add(own, problems)
    return merged.base(), problems


def _refuse_namesakes(overlays: Sequence[Path]) -> None:
    """Raise UsageError where the name of an overlay could not tell its records from others."""
    seen = {BUNDLED_SOURCE: Path("the bundled base")}
    for overlay in overlays:
        name, told = name_overlay(overlay), escape_control(str(overlay))
        if not name.isprintable() or not 0 < len(name) <= LONGEST_OVERLAY_NAME:
            raise UsageError(
                f"{told}: its name cannot stand beside its records",
                f"rename it: up to {LONGEST_OVERLAY_NAME} plain letters",
            )
        if name.casefold() in seen:
            raise UsageError(
                f"{told} and {escape_control(str(seen[name.casefold()]))} are both called {name!r}",
                "rename one: the name tells their records apart",
            )
        seen[name.casefold()] = overlay


def read_own_records(
    overlay: Path, problems: list[Problem], taken: Container[str] = ()
) -> Iterator[OwnRecord]:
    """Yield the sound records of an overlay in the order of its files, and note what is wrong with
    the others.

    A file is called what the user wrote, and never what a file of the base is called (`taken`).
    """
    told = escape_control(str(overlay))
    try:
        paths = list_overlay_files(overlay)
        sizes = [path.stat().st_size for path in paths]
    except OSError as error:
        raise DataError(
            f"{escape_control(str(error.filename or overlay))}: {error.strerror}",
            (
                ParameterMention("with", ""),
                ", LMTX_DATA or the configuration names it: a TOML file of own records, or a "
                "folder of them",
            ),
        ) from None
    if not paths:
        raise DataError(
            f"{told}: no TOML file in it",
            "put own records there, their names ending in .toml, or name another place",
        )
    if len(paths) > MOST_FILES or sum(sizes) > MOST_BYTES:
        raise DataError(
            f"{told}: {len(paths):,} files of {sum(sizes):,} bytes",
            f"at most {MOST_FILES:,} files and {MOST_BYTES:,} bytes can be laid over",
        )
    for path in paths:
        source = read_data_file(path, f"./{path}" if str(path) in taken else str(path), problems)
        parsed = parse_file(source, problems) if source else None
        if source and parsed is not None:
            yield from _records(parsed, source, name_overlay(overlay), problems)


def _records(
    parsed: dict[str, Any], source: DataFile, origin: str, problems: list[Problem]
) -> Iterator[OwnRecord]:
    """Yield the records of one file; after MOST_PROBLEMS the rest of it is not looked at."""
    most = len(problems) + MOST_PROBLEMS_PER_FILE
    if note_schema_1(parsed, source, problems):
        return
    yield from _study(parsed, source, origin, problems)
    version = parsed.get("schema_version", schema.SCHEMA_VERSION)
    if version != schema.SCHEMA_VERSION:
        problems.append(
            source.problem(
                ("schema_version",),
                Path(source.name).stem,
                f"schema_version: only {schema.SCHEMA_VERSION} can be read",
                f"{UPGRADE_COMMAND} {source.name}, or get a newer lmtx",
            )
        )
    for key, items in parsed.items():
        if key in ("schema_version", *STUDY_FILE_KEYS):
            continue
        if len(problems) >= most:
            problems.append(_unread(source))
            return
        if key not in RECORD_KINDS_BUT_STUDY:
            problems.append(
                source.problem(
                    (key,),
                    Path(source.name).stem,
                    f"{escape_control(key[:LONGEST_OVERLAY_NAME])}: unknown key",
                    _FORM_HINT,
                )
            )
        elif not isinstance(items, list):
            problems.append(
                source.problem(
                    (key,),
                    Path(source.name).stem,
                    f"{key}: is not a list of tables",
                    f"write it as [[{key}]]",
                )
            )
        else:
            for i, item in enumerate(items):
                if len(problems) >= most:
                    problems.append(_unread(source))
                    return
                yield from _read_one(parsed, item, key, (key, i), source, origin, problems)


def _unread(source: DataFile) -> Problem:
    return Problem(
        source.name,
        1,
        Path(source.name).stem,
        "there may be more problems: the rest was not looked at",
        "mend the others first",
    )


def _study(
    parsed: dict[str, Any], source: DataFile, origin: str, problems: list[Problem]
) -> Iterator[OwnRecord]:
    """Yield the study of a file, where it has one."""
    if "study" not in parsed:
        for key in STUDY_FILE_KEYS:
            if key in parsed:
                what = f"{key}: there is no [study] in the file"
                todo = "add the study that reports it"
                problems.append(source.problem((key,), Path(source.name).stem, what, todo))
        return
    whole = {key: parsed[key] for key in STUDY_FILE_KEYS if key in parsed}
    how, whole["study"] = _read_mode(parsed, parsed["study"], "study", ("study",), source, problems)
    file = (
        validate_record(schema.StudyFile, whole, source, problems, root=parsed)
        if how is not None
        else None
    )
    if file and how is not None:
        yield OwnRecord("study", file.study.id, file, how, source, ("study",), origin)


def _read_one(
    parsed: dict[str, Any],
    item: Any,
    kind: str,
    at: Location,
    source: DataFile,
    origin: str,
    problems: list[Problem],
) -> Iterator[OwnRecord]:
    how, wanted = _read_mode(parsed, item, kind, at, source, problems)
    model = (
        RECORD_KINDS_BUT_STUDY[kind].more if how == "extend" else RECORD_KINDS_BUT_STUDY[kind].model
    )
    record: Any = (
        validate_record(model, wanted, source, problems, root=parsed, at=at)
        if model and how is not None
        else None
    )
    if record and how is not None:
        yield OwnRecord(kind, record.id, record, how, source, at, origin)


def _read_mode(
    parsed: dict[str, Any],
    item: Any,
    kind: str,
    at: Location,
    source: DataFile,
    problems: list[Problem],
) -> tuple[str | None, Any]:
    """Return what a record says it does to one that exists, None where that makes no sense, and the
    record without that word."""
    if not isinstance(item, dict):
        return "", item
    said = {word: item[word] for word in ("replace", "extend") if word in item}
    rest = {key: value for key, value in item.items() if key not in said}
    chosen = [word for word, value in said.items() if value is True]
    fault = next(
        (
            (word, f"{word}: should be true or false", "write it without quotes")
            for word, value in said.items()
            if not isinstance(value, bool)
        ),
        None,
    )
    if not fault and len(chosen) > 1:
        fault = "extend", "replace and extend are both true", "choose one"
    if (
        not fault
        and chosen == ["extend"]
        and (kind not in RECORD_KINDS_BUT_STUDY or RECORD_KINDS_BUT_STUDY[kind].more is None)
    ):
        fault = (
            "extend",
            f"extend: nothing can be added to a {kind}",
            "write the whole record, with replace = true",
        )
    if fault:
        word, what, todo = fault
        problems.append(source.problem((*at, word), name_record_at(parsed, at, source), what, todo))
        return None, rest
    return "".join(chosen), rest


class _MergedBase:
    """The records of the base and of the overlays so far, by kind and id; what an overlay touches
    moves to the end."""

    def __init__(self, base: Base) -> None:
        self.below = base
        trees = {
            "class": base.treatments.drug_class,
            "treatment": base.treatments.treatment,
            "tumor": base.tumors,
            "biomarker": base.biomarkers,
        }
        lists: dict[str, Iterable[Any]] = {
            **trees,
            "guideline": base.guidelines,
            "trial": base.trials,
        }
        self.held = {
            kind: {
                item.id: _MergedRecord(
                    item, base.source(RECORD_KINDS_BUT_STUDY[kind].home), (kind, i)
                )
                for i, item in enumerate(items)
            }
            for kind, items in lists.items()
        }
        self.held["study"] = {
            file.study.id: _MergedRecord(file, base.study_source(file.study.id), ("study",))
            for file in base.studies
        }
        self.origins = dict(base.origins)

    def add(self, own: OwnRecord, problems: list[Problem]) -> None:
        """Take in a record, or note why it cannot be."""
        there = self.held[own.kind].get(own.id)
        if there and not own.how:
            first = there.source.problem(there.at, own.id, "")
            can_extend = (
                own.kind in RECORD_KINDS_BUT_STUDY and RECORD_KINDS_BUT_STUDY[own.kind].more
            )
            todo = (
                "say replace = true to stand in place of it"
                + (", or extend = true to add to it" if can_extend else "")
                + "; else choose another id"
            )
            problems.append(
                own.source.problem(
                    (*own.at, "id"),
                    own.id,
                    f"the {own.kind} exists already ({first.file}:{first.line})",
                    todo,
                )
            )
        elif own.how and not there:
            problems.append(
                own.source.problem(
                    (*own.at, own.how),
                    own.id,
                    f"{own.how}: there is no {own.kind} {own.id!r}",
                    f"correct the id, or leave {own.how} out",
                )
            )
        elif own.how == "extend" and there:
            self._extend(there, own)
        else:
            self._put(own, _MergedRecord(own.record, own.source, own.at))
            self.origins[own.kind, own.id] = own.origin

    def _put(self, own: OwnRecord, held: _MergedRecord) -> None:
        self.held[own.kind].pop(own.id, None)
        self.held[own.kind][own.id] = held

    def _extend(self, there: _MergedRecord, own: OwnRecord) -> None:
        """Append the lists of a record to those of the one that is there, and keep in mind where
        each item stands."""
        items, grown, parts = there.items, {}, there.parts
        for name in (name for name in type(own.record).model_fields if name != "id"):
            old, new = getattr(there.record, name), getattr(own.record, name)
            grown[name] = (*old, *new)
            for j in range(len(old)):
                items.setdefault((name, j), (there.source, (*there.at, name, j)))
            items.update(
                {(name, len(old) + j): (own.source, (*own.at, name, j)) for j in range(len(new))}
            )
            parts.update(dict.fromkeys(_parts(own.id, name, new, len(old)), own.origin))
        self._put(
            own,
            _MergedRecord(there.record.model_copy(update=grown), own.source, own.at, items, parts),
        )

    def base(self) -> Base:
        """Return the merged base; ids that were retired lead on to the studies that have them now."""
        retired = {
            former: id_
            for id_, held in self.held["study"].items()
            for former in held.record.study.also_known_as
            if former not in self.held["study"]
        }
        records = {
            kind: tuple(_follow_retired(held.record, retired) for held in found.values())
            for kind, found in self.held.items()
        }
        sources = dict(self.below.sources)
        for home in {kind.home for kind in RECORD_KINDS_BUT_STUDY.values()}:
            bundled = self.below.source(home)
            sources[home] = LayeredDataFile(bundled.name, bundled.text, dict(self._places(home)))
        files = [held.source.name for held in self.held["study"].values()]
        sources |= {held.source.name: held.source for held in self.held["study"].values()}
        origins = self.origins | {
            key: origin
            for found in self.held.values()
            for held in found.values()
            for key, origin in held.parts.items()
        }
        treatments = self.below.treatments.model_copy(
            update={"drug_class": records["class"], "treatment": records["treatment"]}
        )
        return replace(
            self.below, treatments=treatments, tumors=records["tumor"], biomarkers=records["biomarker"], studies=records["study"], guidelines=records["guideline"],
            trials=records["trial"], sources=sources, study_files=tuple(files), origins=origins,
        )  # fmt: skip

    def _places(self, home: str) -> Iterator[tuple[Location, tuple[DataFile, Location]]]:
        for kind in (
            kind for kind in RECORD_KINDS_BUT_STUDY if RECORD_KINDS_BUT_STUDY[kind].home == home
        ):
            for i, held in enumerate(self.held[kind].values()):
                yield (kind, i), (held.source, held.at)
                yield from (((kind, i, *item), place) for item, place in held.items.items())


_TO_STUDIES = frozenset({"overlaps", "superseded_by", "results", "study", "studies"})
"""Fields that hold ids of studies."""


def _follow_retired(record: Any, retired: Mapping[str, str]) -> Any:
    """Return a record that names studies by the ids that they have now."""
    if isinstance(record, tuple):
        followed = tuple(_follow_retired(item, retired) for item in record)
        return followed if followed != record else record
    if not isinstance(record, schema.Record):
        return record
    changed: dict[str, Any] = {}
    for name in type(record).model_fields:
        value: Any = getattr(record, name)
        if name in _TO_STUDIES and isinstance(value, str):
            changed[name] = retired.get(value, value)
        elif name in _TO_STUDIES and isinstance(value, tuple):
            changed[name] = tuple(dict.fromkeys(retired.get(item, item) for item in value))
        else:
            changed[name] = _follow_retired(value, retired)
    changed = {name: value for name, value in changed.items() if value != getattr(record, name)}
    return record.model_copy(update=changed) if changed else record


def _parts(id_: str, name: str, items: Sequence[Any], before: int) -> Iterator[tuple[str, str]]:
    """Yield the kind and id of each item of a list of a record that is a record of its own."""
    for j, item in enumerate(items):
        if name == "csf":
            yield "csf", f"{id_}.csf{before + j + 1}"
        elif name in ("fact", "recommendation"):
            yield ("fact" if name == "fact" else "statement"), f"{id_}.{item.row}"
