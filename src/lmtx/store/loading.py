"""From TOML files to checked records, with the file and line of everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import tomli
from pydantic import BaseModel, ValidationError

from lmtx import progress
from lmtx.errors import DataError, Problem
from lmtx.model import schema
from lmtx.store.own_files import RECORD_FILE_ENDING, scan_overlay

LARGEST_FILE = 4_000_000
"""Bytes; a larger file is refused before it is parsed."""
MOST_PROBLEMS_PER_FILE = 50
"""Problems of shape told of one file; finding the line of each takes time."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class DataFile:
    """A data file with its text, kept for the line numbers of later findings."""

    name: str
    text: str = field(repr=False)

    def problem(self, location: Location, record: str, what: str, todo: str = "") -> Problem:
        """Return a finding at the line of the location."""
        return Problem(self.name, find_nearest_line(self.text, location), record, what, todo)


@dataclass(frozen=True)
class LayeredDataFile(DataFile):
    """Records of one kind that stand in several files: `places` says for the beginning of a
    location in which, and where in it."""

    places: Mapping[Location, tuple[DataFile, Location]] = field(default_factory=dict, repr=False)

    def problem(self, location: Location, record: str, what: str, todo: str = "") -> Problem:
        """Return a finding at its line of the file that the record came from."""
        for depth in range(len(location), 0, -1):
            if place := self.places.get(location[:depth]):
                source, there = place
                return source.problem((*there, *location[depth:]), record, what, todo)
        return super().problem(location, record, what, todo)


@dataclass(frozen=True)
class Base:
    """All records of a knowledge base, each kind with its source file."""

    treatments: schema.TreatmentsFile
    tumors: tuple[schema.Tumor, ...] = ()
    biomarkers: tuple[schema.Node, ...] = ()
    studies: tuple[schema.StudyFile, ...] = ()
    guidelines: tuple[schema.Guideline, ...] = ()
    trials: tuple[schema.Trial, ...] = ()
    corrections: tuple[schema.Correction, ...] = ()
    trial_corrections: tuple[schema.TrialCorrection, ...] = ()
    looked_for: tuple[schema.LookedFor, ...] = ()
    sources: dict[str, DataFile] = field(default_factory=dict, repr=False)
    study_files: tuple[str, ...] = field(default=(), repr=False)
    """Names of the files of `studies`, in their order."""
    broken: frozenset[str] = frozenset()
    """Files that could not be read as records: what they hold is not known."""
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    """The name of the own records from which a record came, by its kind and id; one that is not in
    it came from the base itself."""

    def source(self, name: str) -> DataFile:
        """Return the source of a file of the base by its name inside the folder."""
        return self.sources.get(name) or DataFile(name, "")

    @cached_property
    def _file_of(self) -> dict[str, str]:
        return {
            file.study.id: name for file, name in zip(self.studies, self.study_files, strict=True)
        }

    def study_source(self, study_id: str) -> DataFile:
        """Return the source of a study, whatever its file is called."""
        return self.source(self._file_of[study_id])


def name_study_file(study_id: str) -> str:
    """Return the name inside the folder of a study's file."""
    return f"studies/{study_id}.toml"


_FILES: dict[str, type[BaseModel]] = {
    "treatments.toml": schema.TreatmentsFile,
    "tumors.toml": schema.TumorsFile,
    "biomarkers.toml": schema.BiomarkersFile,
    "guidelines.toml": schema.GuidelinesFile,
    "trials.toml": schema.TrialsFile,
    "corrections.toml": schema.CorrectionsFile,
    "looked_for.toml": schema.LookedForFile,
}
_OPTIONAL = frozenset({"looked_for.toml"})
"""Files that a knowledge base may lack."""
UPGRADE_COMMAND = "lmtx fmt --upgrade"
"""The command that makes a file of schema 1 one of schema 2."""


def list_data_files(folder: Path) -> Iterator[Path]:
    """Yield the data files of a folder in a fixed order: the trees first, then the studies by
    name."""
    for name in _FILES:
        if name not in _OPTIONAL or (folder / name).exists():
            yield folder / name
    yield from sorted(
        path for path in (folder / "studies").glob("*.toml") if not path.name.startswith(".")
    )


def sort_data_file_names(names: Iterable[str]) -> list[str]:
    """Return the names of data files in the order of `list_data_files`."""
    there = set(names)
    shared = [name for name in _FILES if name in there]
    return [*shared, *sorted(there.difference(shared))]


def is_base(folder: Path) -> bool:
    """Tell whether a folder looks like a knowledge base."""
    return (folder / "treatments.toml").is_file()


def name_base_file(path: Path) -> str:
    """Return the name that a file has inside a knowledge base: one of the shared files, else a
    study."""
    return path.name if path.name in _FILES else f"studies/{path.name}"


def find_file_model(name: str) -> type[BaseModel]:
    """Return the model of a file by its name inside a knowledge base."""
    return _FILES.get(name, schema.StudyFile)


def read_base_files(
    folder: Path, replaced: Mapping[str, Path] | None = None
) -> tuple[Base, list[Problem]]:
    """Read every file of a knowledge base; return the records of the sound files and every problem
    of shape.

    `replaced` names files that are read in place of those of the folder, or beside them, by their
    names inside it.
    """
    if not is_base(folder):
        raise DataError(
            f"{folder}: not a knowledge base: no treatments.toml in it",
            "name a folder laid out like data/",
        )
    _check_studies_folder(folder / "studies")
    paths = {path.relative_to(folder).as_posix(): path for path in list_data_files(folder)} | dict(
        replaced or {}
    )
    problems = list(_strays(folder, paths))
    sources: dict[str, DataFile] = {}
    files: dict[str, Any] = {}
    names = [name for name in _FILES if name in paths]
    for name in progress.report_steps(
        "reading the data", (*names, *sorted(name for name in paths if name not in _FILES))
    ):
        source = read_data_file(paths[name], name, problems)
        parsed = parse_file(source, problems) if source else None
        if source and parsed is not None and note_schema_1(parsed, source, problems):
            continue
        record = (
            validate_record(
                _FILES.get(name, schema.StudyFile), parsed, source, problems, root=parsed
            )
            if source and parsed is not None
            else None
        )
        if source and record is not None:
            sources[name], files[name] = source, record
    return _base(files, sources, frozenset(paths) - frozenset(files)), problems


def find_schema_1_location(parsed: Mapping[str, Any]) -> Location | None:
    """Return the first place that shows parsed tables to be of schema 1; None where none does."""
    rows = parsed.get("evidence")
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        if "treatments" in row:
            return "evidence", i, "treatments"
        outcomes = row.get("outcome")
        for j, outcome in enumerate(outcomes if isinstance(outcomes, list) else ()):
            if isinstance(outcome, dict) and "versus" in outcome:
                return "evidence", i, "outcome", j, "versus"
    study = parsed.get("study")
    if isinstance(study, dict) and "level" in study:
        return "study", "level"
    trials = parsed.get("trial")
    for i, trial in enumerate(trials if isinstance(trials, list) else ()):
        if isinstance(trial, dict) and "treatments" in trial:
            return "trial", i, "treatments"
    return None


def note_schema_1(parsed: Mapping[str, Any], source: DataFile, problems: list[Problem]) -> bool:
    """Tell whether tables are of schema 1, and note the command that makes them schema 2."""
    place = find_schema_1_location(parsed)
    if place is None:
        return False
    what = f"{place[-1]}: the file is written in schema 1"
    todo = f"{UPGRADE_COMMAND} {source.name} makes it schema 2"
    problems.append(source.problem(place, Path(source.name).stem, what, todo))
    return True


def _check_studies_folder(studies: Path) -> None:
    """Raise DataError where the folder of studies cannot be read: a search in it would find
    nothing, and every study would seem missing."""
    try:
        with suppress(FileNotFoundError):
            next(studies.iterdir(), None)
    except OSError as error:
        raise DataError(
            f"{studies}: cannot be read: {error.strerror}", "check its permissions"
        ) from error


MOST_ENTRIES_OF_BASE = 1_000_000
"""Files and folders beyond which a folder is taken for no knowledge base."""


def _strays(folder: Path, paths: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield a problem for every file that would silently be passed over: TOML elsewhere, or by
    another name. Raises DataError."""
    try:
        found = scan_overlay(folder, MOST_ENTRIES_OF_BASE)
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: {error.strerror}", "take away what is no data"
        ) from error
    for path in sorted([*found.files, *found.left_out]):
        name = path.relative_to(folder).as_posix()
        if name in paths or _is_left_by_editor(path.name) or path.is_symlink():
            continue
        if path.is_dir():
            yield Problem(name, 1, path.stem, "lies too deep to be looked into", "take it away")
        elif RECORD_FILE_ENDING in path.name.casefold():
            yield Problem(
                name,
                1,
                path.stem,
                "is not a file of the knowledge base",
                "move it to studies/ if it holds a study, or take it away",
            )


def _is_left_by_editor(name: str) -> bool:
    """Tell whether a file is hidden, or the copy that an editor keeps of what it edits."""
    return name.startswith((".", "#")) or name.endswith("~")


def _base(files: dict[str, Any], sources: dict[str, DataFile], broken: frozenset[str]) -> Base:
    """Put the records of the sound files together; a broken file counts as an empty one."""
    study_files = tuple(name for name in files if name not in _FILES)
    empty = schema.TreatmentsFile.model_construct(
        schema_version=schema.SCHEMA_VERSION, version="", as_of=date.min, title="", disclaimer=""
    )
    held = {
        name: getattr(files[name], next(iter(model.model_fields))) if name in files else ()
        for name, model in _FILES.items()
        if name != "treatments.toml"
    }
    changed: schema.CorrectionsFile | None = files.get("corrections.toml")
    return Base(
        treatments=files.get("treatments.toml", empty),
        tumors=held["tumors.toml"],
        biomarkers=held["biomarkers.toml"],
        studies=tuple(files[name] for name in study_files),
        guidelines=held["guidelines.toml"],
        trials=held["trials.toml"],
        corrections=held["corrections.toml"],
        trial_corrections=changed.trial_correction if changed else (),
        looked_for=held["looked_for.toml"],
        sources=sources,
        study_files=study_files,
        broken=broken,
    )


def read_data_file(path: Path, name: str, problems: list[Problem]) -> DataFile | None:
    """Return a file's text, or note why it cannot be read: what is not a plain file is not even
    opened."""
    line, todo = 1, "save it as a UTF-8 text file without a byte-order mark"
    try:
        if not path.is_file():
            what, todo = "is missing or not a plain file", "put the file back"
        elif path.stat().st_size > LARGEST_FILE:
            what, todo = (
                f"is larger than {LARGEST_FILE:,} bytes",
                "split it: one publication a file",
            )
        else:
            body = path.read_bytes()
            text = body.decode("utf-8")
            if not text.startswith("\ufeff"):
                return DataFile(name, text.replace("\r\n", "\n"))
            what = "begins with a byte-order mark"
    except UnicodeDecodeError as error:
        what, line = f"is not UTF-8 (byte {error.start})", body.count(b"\n", 0, error.start) + 1
    except OSError as error:
        what, todo = f"cannot be read: {error.strerror}", "check its permissions"
    problems.append(Problem(name, line, path.stem, what, todo))
    return None


def parse_file(source: DataFile, problems: list[Problem]) -> dict[str, Any] | None:
    """Return the tables of a file, or note why it has none that could be records."""
    stem = Path(source.name).stem
    if (
        source.text.count(".") > MOST_VALUES
    ):  # names of many parts, each of which would be built before it could be counted
        problems.append(
            Problem(
                source.name,
                1,
                stem,
                f"more than {MOST_VALUES:,} dots",
                "no record needs so many; split the file",
            )
        )
        return None
    try:
        parsed = tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        problems.append(
            Problem(
                source.name,
                error.lineno,
                stem,
                f"not valid TOML: {error.msg}",
                "mend the line or the one before it",
            )
        )
    except ValueError as error:  # a number beyond what Python reads
        problems.append(
            Problem(
                source.name,
                1,
                stem,
                f"not valid TOML: {str(error).partition(';')[0]}",
                "correct the number",
            )
        )
    except RecursionError:
        problems.append(
            Problem(
                source.name, 1, stem, "nested too deeply", "records are flat; remove the nesting"
            )
        )
    else:
        too_much = find_exceeded_limit(parsed)
        if not too_much:
            return parsed
        location, what = too_much
        problems.append(
            source.problem(
                location, stem, what, "no record needs so much; shorten it or split the file"
            )
        )
    return None


def validate_record(
    model: type[Model],
    item: Any,
    source: DataFile,
    problems: list[Problem],
    *,
    root: dict[str, Any],
    at: Location = (),
) -> Model | None:
    """Return a record made of the part `item` that stands at `at` in the tables `root` of a file,
    or note what is wrong with it."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        for one in found[:MOST_PROBLEMS_PER_FILE]:
            inside = tuple(one["loc"])
            location = (*at, *inside)
            problems.append(
                source.problem(
                    location,
                    name_record_at(root, location, source),
                    *_explain_error(one["msg"], one["type"], inside),
                )
            )
        if len(found) > MOST_PROBLEMS_PER_FILE:
            problems.append(
                Problem(
                    source.name,
                    1,
                    Path(source.name).stem,
                    f"{len(found) - MOST_PROBLEMS_PER_FILE} more problems",
                    "mend the others first",
                )
            )
    return None


def name_record_at(parsed: Any, location: Location, source: DataFile) -> str:
    """Return the id of the innermost record on the way to a location, else the file's stem."""
    found = Path(source.name).stem
    for step in location:
        try:
            parsed = parsed[step]
        except (LookupError, TypeError):
            break
        if isinstance(parsed, dict) and isinstance(parsed.get("id"), str):
            found = parsed["id"][: schema.LONGEST_QUOTED_VALUE]
        elif isinstance(parsed, dict) and isinstance(parsed.get("row"), int):
            found = f"{found}.{parsed['row']}"
        elif isinstance(parsed, dict) and isinstance(parsed.get("comparison"), int):
            found = f"{found}.c{parsed['comparison']}"
    return found


_ADVICE = {
    "int": "write a whole number, without quotes",
    "float": "write a number, without quotes",
    "bool": "write true or false, without quotes",
    "string_type": "write it in quotes",
    "string_pattern": "write it like the other records do",
    "string_too_long": "shorten it",
    "date": "write it like 2026-11-24, without quotes",
    "url": "write the whole address, from https:// on",
    "tuple": "write a list: [ … ]",
    "model": "write it as a table of its own",
    "too_short": "name one at least",
    "too_long": "leave some out",
    "greater": "check the figure at the source",
    "less": "check the figure at the source",
    "value_error": "check it at the source",
}
"""What to do about the kinds of errors that pydantic knows, by the beginning of their names."""


def _explain_error(message: str, kind: str, location: Location) -> tuple[str, str]:
    """Say in plain words what pydantic found, and what to do."""
    where = ".".join(str(step) for step in location if not isinstance(step, int)) or "file"
    if kind == "extra_forbidden":
        return f"{where}: unknown key", "correct its spelling or remove it"
    if kind == "missing":
        return f"{where}: missing", "add it"
    what, _, todo = (
        message.removeprefix("Value error, ")
        .replace("Input should be", "should be")
        .partition("; ")
    )
    return f"{where}: {what}", todo or next(
        (advice for start, advice in _ADVICE.items() if kind.startswith(start)),
        "see a record like it",
    )


Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*(?:\"([^\"]+)\"|([A-Za-z0-9_-]+))\s*=")
_FENCES = ('"""', "'''")
MOST_SEARCHED_LINE_LETTERS = 400
"""Letters of a line that are looked at: a header or key stands at its beginning, and no line can
make the search slow."""


def _find_lines(text: str) -> Iterator[tuple[int, Location]]:
    """Yield every table header and key with its line, in order."""
    counts: dict[Location, int] = {}
    here: Location = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        line_start = line[:MOST_SEARCHED_LINE_LETTERS]
        if header := _HEADER.match(line_start):
            here = _enter(header[2], header[1] == "[[", counts)
            yield number, here
        elif key := _KEY.match(line_start):
            yield number, (*here, key[1] or key[2])
            fence = next((mark for mark in _FENCES if line.count(mark) == 1), "")


def _enter(name: str, repeated: bool, counts: dict[Location, int]) -> Location:
    here: Location = ()
    parts = [part.strip() for part in name.split(".")]
    for depth, part in enumerate(parts):
        here = (*here, part)
        if depth == len(parts) - 1 and repeated:
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            here = (*here, counts[here])
    return here


@lru_cache(maxsize=8)
def _lines(text: str) -> dict[Location, int]:
    """Return the first line of every header and key: a file may have many findings, and is read for
    them once."""
    found: dict[Location, int] = {}
    for line, mark in _find_lines(text):
        found.setdefault(mark, line)
    return found


def find_nearest_line(text: str, location: Location) -> int:
    """Return the line of the nearest header or key that leads to the location; 1 where none
    does."""
    lines = _lines(text)
    return next(
        (
            lines[location[:depth]]
            for depth in range(len(location), 0, -1)
            if location[:depth] in lines
        ),
        1,
    )


DEEPEST_NESTING = 8
"""Tables and lists inside each other."""
MOST_VALUES = 200_000
"""Values in one file."""
MOST_ITEMS = 10_000
"""Items of one list."""
MOST_KEYS = 4_000
"""Keys of one table."""
LONGEST_TEXT = 20_000
"""Letters of one text; what a record takes is less, and said by its field."""


def find_exceeded_limit(parsed: Any) -> tuple[Location, str] | None:
    """Return where parsed TOML goes beyond a limit first, and which; None where it does not."""
    waiting: list[tuple[Location, Any]] = [((), parsed)]
    seen = 0
    while waiting:
        location, value = waiting.pop()
        inside = (
            list(value.items())
            if isinstance(value, dict)
            else list(enumerate(value))
            if isinstance(value, list)
            else []
        )
        seen += len(inside)
        if said := _beyond(location, value, seen):
            return location, said
        waiting.extend(((*location, key), item) for key, item in reversed(inside))
    return None


def _beyond(location: Location, value: Any, seen: int) -> str:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"a text of {len(value):,} letters"
    if isinstance(value, list) and len(value) > MOST_ITEMS:
        return f"a list of {len(value):,} items"
    if isinstance(value, dict) and len(value) > MOST_KEYS:
        return f"a table of {len(value):,} keys"
    if len(location) > DEEPEST_NESTING:
        return f"more than {DEEPEST_NESTING} tables and lists inside each other"
    return f"more than {MOST_VALUES:,} values in one file" if seen > MOST_VALUES else ""
