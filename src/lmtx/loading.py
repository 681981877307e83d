"""From TOML files to checked records, with the file and line of everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import tomli
from pydantic import BaseModel, ValidationError

from lmtx import schema
from lmtx.errors import DataError, Problem
from lmtx.places import Location, line_of

LARGEST_FILE = 4_000_000
"""Bytes; a larger file is refused before it is parsed."""

Model = TypeVar("Model", bound=BaseModel)


class Source(NamedTuple):
    """A data file with its text, kept for the line numbers of later findings."""

    name: str
    text: str

    def problem(self, location: Location, record: str, what: str, todo: str = "") -> Problem:
        """Return a finding at the line of the location."""
        return Problem(self.name, line_of(self.text, location), record, what, todo)


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
    sources: dict[str, Source] = field(default_factory=dict, repr=False)

    def source(self, name: str) -> Source:
        """Return the source of a file of the base by its name inside the folder."""
        return self.sources.get(name) or Source(name, "")


def study_source(study_id: str) -> str:
    """Return the name inside the folder of a study's file."""
    return f"studies/{study_id}.toml"


_FILES: dict[str, type[BaseModel]] = {
    "treatments.toml": schema.TreatmentsFile,
    "tumors.toml": schema.TumorsFile,
    "biomarkers.toml": schema.BiomarkersFile,
    "guidelines.toml": schema.GuidelinesFile,
    "trials.toml": schema.TrialsFile,
    "corrections.toml": schema.CorrectionsFile,
}


def data_files(folder: Path) -> Iterator[Path]:
    """Yield the data files of a folder in a fixed order: the trees first, then the studies by name."""
    yield from (folder / name for name in _FILES)
    yield from sorted((folder / "studies").glob("*.toml"))


def load(folder: Path) -> Base:
    """Read and check every file of a knowledge base.

    Raises DataError with every problem of shape at once; what no single record can see is left to `checks`.
    """
    if not (folder / "treatments.toml").is_file():
        raise DataError(f"{folder}: not a knowledge base: no treatments.toml in it", "name a folder laid out like data/")
    problems: list[Problem] = []
    sources: dict[str, Source] = {}
    files: dict[str, Any] = {}
    for path in data_files(folder):
        name = path.relative_to(folder).as_posix()
        source = _read(path, name, problems)
        if source is None:
            continue
        sources[name] = source
        parsed = _parse(source, problems)
        if parsed is not None:
            files[name] = _validate(_FILES.get(name, schema.StudyFile), parsed, source, problems)
    if problems:
        raise DataError(f"{len(problems)} problem(s) in {folder}", problems=tuple(problems))
    return Base(
        treatments=files["treatments.toml"],
        tumors=files["tumors.toml"].tumor,
        biomarkers=files["biomarkers.toml"].biomarker,
        studies=tuple(files[name] for name in files if name.startswith("studies/")),
        guidelines=files["guidelines.toml"].guideline,
        trials=files["trials.toml"].trial,
        corrections=files["corrections.toml"].correction,
        sources=sources,
    )


def _read(path: Path, name: str, problems: list[Problem]) -> Source | None:
    """Return a file's text, or note why it cannot be read."""
    todo = "save it as a UTF-8 text file without a byte-order mark"
    try:
        if not path.is_file():
            what, todo = "is missing or not a plain file", "put the file back"
        elif path.stat().st_size > LARGEST_FILE:
            what, todo = f"is larger than {LARGEST_FILE:,} bytes", "split it: one publication a file"
        else:
            text = path.read_bytes().decode("utf-8")
            if not text.startswith("\ufeff"):
                return Source(name, text.replace("\r\n", "\n"))
            what = "begins with a byte-order mark"
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start})"
    except OSError as error:
        what, todo = f"cannot be read: {error.strerror}", "check its permissions"
    problems.append(Problem(name, 1, path.stem, what, todo))
    return None


def _parse(source: Source, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        return tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        problems.append(Problem(source.name, error.lineno, Path(source.name).stem, f"not valid TOML: {error.msg}", "mend the line or the one before it"))
    except RecursionError:
        problems.append(Problem(source.name, 1, Path(source.name).stem, "nested too deeply", "records are flat; remove the nesting"))
    return None


def _validate(model: type[Model], parsed: dict[str, Any], source: Source, problems: list[Problem]) -> Model | None:
    try:
        return model.model_validate(parsed)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False):
            location = tuple(item["loc"])
            problems.append(source.problem(location, record_name(parsed, location, source), *_words(item["msg"], item["type"], location)))
    return None


def record_name(parsed: Any, location: Location, source: Source) -> str:
    """Return the id of the innermost record on the way to a location, else the file's stem."""
    found = Path(source.name).stem
    for step in location:
        try:
            parsed = parsed[step]
        except (LookupError, TypeError):
            break
        if isinstance(parsed, dict) and isinstance(parsed.get("id"), str):
            found = parsed["id"]
        elif isinstance(parsed, dict) and isinstance(parsed.get("row"), int):
            found = f"{found}.{parsed['row']}"
    return found


def _words(message: str, kind: str, location: Location) -> tuple[str, str]:
    """Say in plain words what pydantic found, and what to do."""
    where = ".".join(str(step) for step in location if not isinstance(step, int)) or "file"
    if kind == "extra_forbidden":
        return f"{where}: unknown key", "correct its spelling or remove it"
    if kind == "missing":
        return f"{where}: missing", "add it"
    what, _, todo = message.removeprefix("Value error, ").partition("; ")
    return f"{where}: {what}", todo
