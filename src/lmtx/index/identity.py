"""What an index was made of: a hash of each data file and one over all; whether they still fit."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from lmtx import index as package
from lmtx import progress
from lmtx.errors import DataError, escape_control
from lmtx.index import Index, compute_and_read_checksum, connect_index, is_sound_index, read_meta
from lmtx.store.own_files import escape_path_bytes, list_overlay_files, name_overlay
from lmtx.tuples import NamedTuple

SAME, CHANGED, MISSING, UNKNOWN = "same", "changed", "missing", "unknown"
"""What became of a file: as compiled, other content, gone, not among those compiled."""
PACKAGED_INDEX, CACHED_INDEX = "index in the package", "index in the cache"
"""The rows that stand for an index; `lmtx info` says where it lies."""
ALL_FILES_LABEL = "all files"
"""The row for the names and contents of all files together: the `sha256` of the data."""
_WORDS = {
    CHANGED: "is not the file that this lmtx was built with",
    MISSING: "is missing from the data of this lmtx",
    UNKNOWN: "is not one of the data files of this lmtx",
}


class IndexIdentity(NamedTuple):
    """What an index was made of."""

    sha256: str
    """Over the names and contents of all files, in hex."""
    hashes: Mapping[str, str]
    """The SHA-256 of each file by its name in the folder, or after the name of its overlay."""
    fingerprint: str = ""
    """The state of the files in the system; empty in an index that travels with its data."""


class FileState(NamedTuple):
    """A file held against the index that was made of it; see `lmtx fields verify`."""

    file: Annotated[
        str, "the index, all files together, or one data file; own records after their name"
    ]
    state: Annotated[str, "same, changed, missing, or unknown: not among the files compiled"]
    expected: Annotated[
        str | None, "its SHA-256 when the index was compiled; of the index its checksum"
    ]
    actual: Annotated[str | None, "the same of the file as it is now"]


def list_files_by_name(folder: Path, overlays: Sequence[Path] = ()) -> dict[str, Path]:
    """Return all data files of a folder and of its overlays, by the names that an index keeps."""
    from lmtx.store.loading import list_data_files

    named = {escape_path_bytes(path.relative_to(folder)): path for path in list_data_files(folder)}
    for overlay in overlays:
        for path in list_overlay_files(overlay):
            inside = Path(path.name) if path == overlay else path.relative_to(overlay)
            named[f"{name_overlay(overlay)}: {escape_path_bytes(inside)}"] = path
    return named


def identify_data(
    folder: Path, overlays: Sequence[Path] = (), fingerprint: str = ""
) -> IndexIdentity:
    """Return what an index of a folder and its overlays is made of. Raises OSError."""
    named = list(list_files_by_name(folder, overlays).items())
    return _identify(
        (
            (name, path.read_bytes() if path.is_file() else b"")
            for name, path in progress.report_steps("looking through the data", named)
        ),
        fingerprint,
    )


def _identify(contents: Iterable[tuple[str, bytes]], fingerprint: str = "") -> IndexIdentity:
    """Hash files as with the line ends of Unix: a checkout with others is the same."""
    whole, hashes = hashlib.sha256(), {}
    for name, body in contents:
        content = body.replace(b"\r\n", b"\n")
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    return IndexIdentity(whole.hexdigest(), hashes, fingerprint)


def read_hashes(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the hash of each file that an index was made of."""
    return dict(connection.execute("select name, sha256 from file order by name"))


def compare_hashes(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[FileState]:
    """Yield the state of each file that an index was made of, and of each that is there now."""
    for name in sorted({*expected, *found}):
        before, now = expected.get(name), found.get(name)
        state = SAME if before == now else CHANGED
        if now is None:
            state = MISSING
        elif before is None:
            state = UNKNOWN
        yield FileState(file=name, state=state, expected=before, actual=now)


def refuse_changed_bundled_data(folder: Path) -> None:
    """Raise DataError where the files of the bundled folder are not those of the index in the
    package.

    A checkout has no index there, and another folder has nothing to do with it: their data are
    whatever their files say.
    """
    if folder != package.find_bundled_data_folder() or not is_sound_index(package.BUNDLED_INDEX):
        return
    connection = connect_index(package.BUNDLED_INDEX)
    expected = read_hashes(connection)
    connection.close()
    now = (
        (name, path.read_bytes())
        for name, path in list_files_by_name(folder).items()
        if path.is_file()
    )
    for row in compare_hashes(expected, _identify(now).hashes):
        if row.state != SAME:
            raise DataError(
                f"{escape_control(str(folder / row.file))}: {_WORDS[row.state]}",
                "install lmtx again; own records go into a folder of their own",
            )


def verify_index_and_files(opened: Index) -> list[FileState]:
    """Hold an index and each of its files against what was compiled; the index first, then the
    files by name.
    """
    rows = []
    if package.BUNDLED_INDEX.is_file():
        rows.append(_verify_index(PACKAGED_INDEX, package.BUNDLED_INDEX))
    if opened.path not in (":memory:", str(package.BUNDLED_INDEX)):
        rows.append(_verify_index(CACHED_INDEX, Path(opened.path)))
    expected = read_hashes(opened.connection)
    found = _identify(_read_contents(opened, expected))
    sha256 = read_meta(opened.connection)["sha256"]
    rows += compare_hashes({ALL_FILES_LABEL: sha256}, {ALL_FILES_LABEL: found.sha256})
    return [*rows, *compare_hashes(expected, found.hashes)]


def _read_contents(opened: Index, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the data files that are there, in their order."""
    if package.PACKAGE_FOLDER.is_dir():
        for name, path in list_files_by_name(opened.data, opened.overlays).items():
            if path.is_file():
                yield name, path.read_bytes()
        return
    from lmtx.store.loading import sort_data_file_names

    inside = files("lmtx").joinpath("data")
    for name in sort_data_file_names(names):
        if (file := inside.joinpath(name)).is_file():
            yield name, file.read_bytes()


def _verify_index(name: str, path: Path) -> FileState:
    """Hold an index against its checksum, and have SQLite look through it. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        taken, kept = compute_and_read_checksum(file)
    return FileState(
        file=name,
        state=SAME if is_sound_index(path) and _is_read_by_sqlite(path) else CHANGED,
        expected=kept.decode("ascii", "replace"),
        actual=taken.decode(),
    )


def _is_read_by_sqlite(path: Path) -> bool:
    connection = connect_index(path)
    try:
        return connection.execute("pragma integrity_check(1)").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
