"""The user's cache of compiled indexes.

An index is named after a fingerprint of the data files (names, sizes, times) and of the code that compiles them, so a look-up
need not read the data to know that its index still fits. Files are written under another name and then renamed: two first runs
may race, and a killed one leaves nothing behind that anyone would read, and that a later one does not remove.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
import time
import zlib
from pathlib import Path

from lmtx import index as bundle
from lmtx.errors import DataError
from lmtx.index import (
    INDEX_FORMAT,
    LARGEST_CHECKED,
    PACKAGE,
    Index,
    connect,
    guarded,
    is_sound,
    seal_of,
)

KEEP = 4
"""Indexes kept in the cache; older ones are removed."""
BUILDING = ".building-"
"""How the name of an index begins that is not whole yet."""
STALE = 3600
"""Seconds after which an unfinished index is one of a run that was killed."""
RECHECK = 7 * 24 * 3600
"""Seconds after which the checksum of an index is taken again although nobody wrote to it."""
ATTEMPTS = 3
"""Times that data are read which change meanwhile."""


class _Changed(Exception):  # noqa: N818 - caught here, and never seen outside
    """The data have changed while they were compiled."""


def cache_folder() -> Path:
    """Return the folder for compiled indexes: LMTX_CACHE_DIR, or the platform's place for caches."""
    if chosen := os.environ.get("LMTX_CACHE_DIR"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "lmtx" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lmtx"
    chosen = os.environ.get(
        "XDG_CACHE_HOME", ""
    )  # a relative one is to be ignored, says its standard
    return (Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".cache") / "lmtx"


Overlays = tuple[Path, ...]


def fingerprint(folder: Path, overlays: Overlays = ()) -> str:
    """Return a mark over names, sizes and times of the data files, of what is laid over them, and of the code that compiles them.

    The newest time stands in it as it is, beside a checksum of all: `hashlib` would cost a look-up 4 ms.
    """
    marks = [str(INDEX_FORMAT), str(folder), sqlite3.sqlite_version]
    newest = 0
    for place in (*_data_places(folder), *_code_places()):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.endswith((".toml", ".py", ".sql", ".sqlite")):
                        state = entry.stat()
                        marks.append(f"{entry.name}:{state.st_size}:{state.st_mtime_ns}")
                        newest = max(newest, state.st_mtime_ns)
        except OSError as error:
            marks.append(f"{place}:{error.errno}")
    if overlays:
        from lmtx.store.own_files import marks as marks_of

        marks += [
            f"{place}:{mark}"
            for place, overlay in enumerate(overlays)
            for mark in marks_of(overlay)
        ]
    body = "\n".join(sorted(marks)).encode(errors="surrogateescape")
    return f"{newest:x}-{len(marks):x}-{zlib.crc32(body):08x}{zlib.adler32(body):08x}"


def _code_places() -> tuple[Path, ...]:
    """Return the folders of the code that makes an index: what a record is, how it is read and checked, how it is compiled."""
    return (PACKAGE, *(PACKAGE / room for room in ("model", "store", "index")))


def _data_places(folder: Path) -> tuple[Path, ...]:
    """Return the folders whose files are the base: none where a ready index beside the code stands for them all."""
    return () if is_sound(bundle.BUNDLED_INDEX, LARGEST_CHECKED) else (folder, folder / "studies")


def cached_index(folder: Path, overlays: Overlays = ()) -> Index:
    """Open the index of a folder of TOML, with what is laid over it, from the cache; compile it first where the cache has none or an unsound one.

    Data that change while they are compiled are compiled again, so that nobody reads half of a change. Raises DataError.
    """
    mark = fingerprint(folder, overlays)
    for _ in range(ATTEMPTS):
        path = _place(mark)
        if found := _kept(folder, path, overlays):
            return found
        try:
            return _made(folder, path, mark, overlays)
        except (_Changed, DataError):
            before, mark = mark, fingerprint(folder, overlays)
            if mark == before:
                raise
    raise DataError(
        f"{folder}: the data change while they are read",
        "run the command again when nothing writes to them",
    )


def _place(mark: str) -> Path | None:
    """Return where the index of a fingerprint lies in the cache; None where there can be no cache."""
    try:
        return cache_folder() / f"index-{mark}.sqlite"
    except (RuntimeError, OSError):  # no home, or no working folder
        return None


def _kept(folder: Path, path: Path | None, overlays: Overlays) -> Index | None:
    """Open an index that is in the cache, this user's own and sound."""
    if path is None or not all(map(_ours, (path.parent, path, seal_of(path)))):
        return None
    if not _is_stamped(path):
        if not is_sound(path):
            return None
        _stamp(path)
    try:
        return Index(connect(path), str(path), folder, overlays)
    except sqlite3.DatabaseError:  # another run has just tidied it away
        return None


def _state(path: Path) -> str:
    """Return what the system changes whenever anyone writes to a file, or puts another one in its place."""
    state = path.stat()
    return f"{state.st_size:x} {state.st_mtime_ns:x} {state.st_ctime_ns:x} {state.st_ino:x}\n"


def _is_stamped(path: Path) -> bool:
    """Tell whether an index is in the state in which its checksum was last found right: that costs a look-up nothing, however large it is.

    Once in a while the checksum is taken again all the same, because a disk may lose a bit without telling the system.
    """
    try:
        with seal_of(path).open(encoding="ascii") as file:
            lately = 0 <= time.time() - os.fstat(file.fileno()).st_mtime < RECHECK
            return lately and file.read().partition("\n")[2] == _state(path)
    except (OSError, ValueError):
        return False


def _stamp(path: Path) -> None:
    """Note in its seal the state of an index that has just been found, or made, sound."""
    sealed = seal_of(path)
    fresh = sealed.with_name(f"{BUILDING}{os.getpid()}-{sealed.name}")
    try:
        fresh.write_text(
            sealed.read_text(encoding="ascii").partition("\n")[0] + "\n" + _state(path),
            encoding="ascii",
            newline="",
        )
        fresh.replace(sealed)
    except (OSError, ValueError):  # then the next look-up takes the checksum again
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def discard(folder: Path, overlays: Overlays = ()) -> bool:
    """Remove the index of a folder from the cache; tell whether there was one and it is gone."""
    path = _place(fingerprint(folder, overlays))
    if path is None or not path.is_file():
        return False
    with contextlib.suppress(OSError):  # Windows removes no file that is open
        path.unlink()
    return not path.exists()


def _ours(path: Path) -> bool:
    """Tell whether a file or folder is this user's alone to write: what another one put there is not trusted, nor a link to somewhere else.

    The folder itself may be reached by a link. Systems without owners have none to compare.
    """
    try:
        state = path.stat() if path.is_dir() else path.lstat()
    except OSError:
        return False
    plain = stat.S_ISREG(state.st_mode) or stat.S_ISDIR(
        state.st_mode
    )  # a pipe or a device in its place would be waited for
    return plain and (
        not hasattr(os, "getuid")
        or (state.st_uid == os.getuid() and not state.st_mode & stat.S_IWOTH)
    )


def _made(folder: Path, path: Path | None, mark: str, overlays: Overlays) -> Index:
    """Compile a folder into the cache, or into memory where no cache can be written. Raises _Changed, DataError."""
    return (path and _compiled(folder, path, mark, overlays)) or _in_memory(folder, mark, overlays)


def _compiled(folder: Path, path: Path, mark: str, overlays: Overlays) -> Index | None:
    """Compile a folder into the cache; return None where it cannot be written."""
    from lmtx.index.compile import compile_folder

    cache = path.parent
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _ours(cache):
            return None
    except OSError:
        return None
    building = cache / f"{BUILDING}{os.getpid()}-{time.time_ns():x}.sqlite"
    try:
        os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        compile_folder(folder, building, overlays)
        _unchanged(folder, mark, overlays)
        _settle(building)
        seal_of(building).replace(
            seal_of(path)
        )  # first, so that the index is whole as soon as it is there
        building.replace(path)
        _stamp(path)
        found = Index(connect(path), str(path), folder, overlays)
    except (
        OSError,
        sqlite3.OperationalError,
    ):  # a full disk, a cache that vanished, an index that Windows holds open
        return None
    finally:
        for left in (building, seal_of(building)):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another run tidies at the same time
        _tidy(cache, path)
    return found


def _settle(path: Path) -> None:
    """Wait until the disk has a file: after a power cut its name must not lead to an empty one."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _unchanged(folder: Path, mark: str, overlays: Overlays) -> None:
    """Raise _Changed where the data are no longer those of a fingerprint."""
    if fingerprint(folder, overlays) != mark:
        raise _Changed


def _tidy(cache: Path, current: Path) -> None:
    """Remove all but the newest few indexes, and what killed runs left behind."""
    found = sorted(
        cache.glob("index-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in found[KEEP:]:
        if path != current:
            path.unlink(missing_ok=True)
            seal_of(path).unlink(missing_ok=True)
    left = [
        *cache.glob(f"{BUILDING}*"),
        *(path for path in cache.glob("index-*.crc") if not path.with_suffix("").exists()),
    ]
    for path in left:
        if time.time() - path.stat().st_mtime > STALE:
            path.unlink(missing_ok=True)


def _in_memory(folder: Path, mark: str, overlays: Overlays) -> Index:
    """Compile into memory, where no cache can be written."""
    from lmtx.index.compile import checked, content_hash, write

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("pragma temp_store = memory")
    write(checked(folder, overlays), connection, content_hash(folder, overlays), overlays)
    _unchanged(folder, mark, overlays)
    return Index(guarded(connection), ":memory:", folder, overlays)
