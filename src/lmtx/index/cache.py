"""The user's cache of compiled indexes.

An index is named after a fingerprint of the data files (names, sizes, times, numbers) and of the
code that compiles them, so a look-up need not read the data to know that its index still fits; and
it holds that fingerprint, so a name alone is not believed. Files are written under another name and
then renamed: two first runs may race, and a killed one leaves nothing behind that anyone would
read, and that a later one does not remove.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
import zlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from lmtx import index as bundle
from lmtx.errors import DataError, escape_control
from lmtx.index import (
    BUNDLED_INDEX,
    CHECKSUM_BYTES,
    HEADER_BYTES,
    INDEX_FORMAT,
    MOST_BYTES_VERIFIED_ON_LOOKUP,
    PACKAGE_FOLDER,
    Index,
    connect_index,
    is_index_of,
    is_lmtx_header,
    is_sound_index,
    make_connection_read_only,
    read_checksum_if_sound,
)
from lmtx.store.places import cache_folder

MOST_KEPT_INDEXES = 4
"""Indexes kept in the cache, those used last; others are removed."""
UNFINISHED_INDEX_PREFIX = ".lmtx-building-"
"""How the name of an index begins that is not whole yet."""
ABANDONED_INDEX_SECONDS = 3600
"""Seconds after which an unfinished index is one of a run that was killed."""
COMPILE_ATTEMPTS = 3
"""Times that data are read which change meanwhile."""
GROUP_OR_OTHERS_WRITE_BITS = stat.S_IWGRP | stat.S_IWOTH
_INDEX_NAME = r"index-[0-9a-f]+-[0-9a-f]+-[0-9a-f]{16}\.sqlite"
_BUILDING_NAME = r"\.lmtx-building-[0-9]+-[0-9a-f]+\.sqlite"

Overlays = tuple[Path, ...]


class _DataChanged(Exception):  # noqa: N818 - caught here, and never seen outside
    """The data have changed while they were compiled."""


class _CacheUnusable(Exception):  # noqa: N818 - caught here, and never seen outside
    """The cache cannot be used; the message says why."""


def fingerprint_data(folder: Path, overlays: Overlays = ()) -> str:
    """Return a mark over the state of the data files, of what is laid over them, and of the code
    that compiles them.

    The newest time stands in it as it is, beside a checksum of all: `hashlib` would cost a look-up
    4 ms.
    """
    states = [str(INDEX_FORMAT), str(folder), sqlite3.sqlite_version]
    places = _list_code_folders()
    is_bundled = folder == bundle.find_bundled_data_folder()
    if is_bundled and (
        checksum := read_checksum_if_sound(bundle.BUNDLED_INDEX, MOST_BYTES_VERIFIED_ON_LOOKUP)
    ):
        states.append(checksum.hex())  # the index in the package stands for the data beside it
    else:
        places = (folder, folder / "studies", *places)
    newest = 0
    for place in places:
        newest = max(newest, _add_states(place, states))
    if overlays:
        from lmtx.store.own_files import list_overlay_fingerprints

        states += [
            f"{number}:{state}"
            for number, overlay in enumerate(overlays)
            for state in list_overlay_fingerprints(overlay)
        ]
    body = "\n".join(sorted(states)).encode(errors="surrogateescape")
    return f"{newest:x}-{len(states):x}-{zlib.crc32(body):08x}{zlib.adler32(body):08x}"


def _add_states(place: Path, states: list[str]) -> int:
    """Add what tells one state of the files of a folder from another; return the newest of their
    times.

    A copy may keep size and time, as archives and `cp -p` do, but not the time of change and the
    number as well.
    """
    newest = 0
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                if not name.endswith((".toml", ".py", ".sql", ".sqlite")) or name[0] == ".":
                    continue
                try:
                    s = entry.stat()
                except OSError as error:  # a link that leads nowhere: the others count all the same
                    states.append(f"{name}:{error.errno}")
                    continue
                states.append(f"{name}:{s.st_size}:{s.st_mtime_ns}:{s.st_ctime_ns}:{s.st_ino}")
                if s.st_mtime_ns > newest:
                    newest = s.st_mtime_ns
    except OSError as error:
        states.append(f"{place}:{error.errno}")
    return newest


def _list_code_folders() -> tuple[Path, ...]:
    """Return the folders of the code that makes an index: what a record is, how it is read and
    checked, how it is compiled.
    """
    return (PACKAGE_FOLDER, *(PACKAGE_FOLDER / room for room in ("model", "store", "index")))


def open_or_compile_cached_index(folder: Path, overlays: Overlays = ()) -> Index:
    """Open the index of a folder of TOML, with what is laid over it, from the cache; compile it
    first where the cache has none or an unsound one.

    Data that change while they are compiled are compiled again, so that nobody reads half of a
    change. Raises DataError.
    """
    mark = fingerprint_data(folder, overlays)
    for _ in range(COMPILE_ATTEMPTS):
        if found := _open_kept(folder, mark, overlays):
            return found
        try:
            try:
                return _compile_into_cache(folder, mark, overlays)
            except _CacheUnusable as fault:
                return _compile_in_memory(folder, mark, overlays, str(fault))
        except (_DataChanged, DataError):
            before, mark = mark, fingerprint_data(folder, overlays)
            if mark == before:
                raise
    raise DataError(
        f"{folder}: the data change while they are read",
        "run the command again when nothing writes to them",
    )


def _index_path(mark: str) -> Path | None:
    """Return where the index of a fingerprint lies; None where there can be no cache."""
    try:
        return cache_folder() / f"index-{mark}.sqlite"
    except (RuntimeError, OSError):  # no home, or no working folder
        return None


def _open_kept(folder: Path, mark: str, overlays: Overlays) -> Index | None:
    """Open an index that is in the cache: this user's own, sound, and made of the files as they
    are.
    """
    path = _index_path(mark)
    if path is None or not (_is_private(path.parent) and _is_private(path)):
        return None
    if not is_sound_index(path, MOST_BYTES_VERIFIED_ON_LOOKUP):
        return None
    try:
        connection = connect_index(path)
        if is_index_of(connection, mark):
            with contextlib.suppress(OSError):  # the index used last is the last to be removed
                os.utime(path)
            return Index(connection, str(path), folder, overlays)
        connection.close()
    except sqlite3.DatabaseError:  # another run has just tidied it away
        pass
    return None


def discard_index(folder: Path, overlays: Overlays = ()) -> bool:
    """Remove the index of a folder from the cache; tell whether there was one and it is gone."""
    path = _index_path(fingerprint_data(folder, overlays))
    if path is None or not path.is_file():
        return False
    with contextlib.suppress(OSError):  # Windows removes no file that is open
        path.unlink()
    return not path.exists()


def _is_private(path: Path) -> bool:
    """Tell whether a file or folder is this user's, and no other's to write: what another one put
    there is not trusted, nor a link to somewhere else.

    A group may write to the folder, since an index says itself what it is; and the folder may be
    reached by a link. Systems without owners have none to compare.
    """
    try:
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode) and path.is_dir():
            state = path.stat()
    except OSError:
        return False
    if stat.S_ISDIR(state.st_mode):
        others = stat.S_IWOTH
    elif stat.S_ISREG(state.st_mode):
        others = GROUP_OR_OTHERS_WRITE_BITS
    else:
        return False  # a pipe or a device in its place would be waited for
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & others)


def _compile_into_cache(folder: Path, mark: str, overlays: Overlays) -> Index:
    """Compile a folder into the cache. Raises _Changed, _Unusable, DataError."""
    from lmtx.index.compile import compile_folder
    from lmtx.index.identity import refuse_changed_bundled_data

    path = _index_path(mark)
    if path is None:
        raise _CacheUnusable("there is no home folder")
    cache = path.parent
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _CacheUnusable(f"{escape_control(str(cache))}: {error.strerror}") from error
    except RecursionError:
        raise _CacheUnusable(f"{escape_control(str(cache))}: nested too deep") from None
    if not _is_private(cache):
        raise _CacheUnusable(
            f"{escape_control(str(cache))} is another user's, or all may write to it"
        )
    building = cache / f"{UNFINISHED_INDEX_PREFIX}{os.getpid()}-{time.time_ns():x}.sqlite"
    try:
        os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        refuse_changed_bundled_data(folder)
        compile_folder(folder, building, overlays, mark)
        _refuse_changed(folder, mark, overlays)
        _sync_file(building)
        building.replace(path)
    except (OSError, sqlite3.OperationalError) as error:
        # a full disk, a cache that vanished, an index that Windows holds open
        raise _CacheUnusable(f"{escape_control(str(cache))}: {_describe_error(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            building.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another run tidies at the same time
        _remove_old_indexes(cache, path)
    if made := _open_kept(folder, mark, overlays):
        return made
    raise _CacheUnusable(f"{escape_control(str(cache))}: a new index did not stay there")


def _describe_error(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _sync_file(path: Path) -> None:
    """Wait until the disk has a file: after a power cut its name must not lead to an empty one."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _refuse_changed(folder: Path, mark: str, overlays: Overlays) -> None:
    """Raise _Changed where the data are no longer those of a fingerprint."""
    if fingerprint_data(folder, overlays) != mark:
        raise _DataChanged


def _remove_old_indexes(cache: Path, current: Path) -> None:
    """Remove all but the newest few indexes, and what killed runs left behind; nothing else is
    touched.
    """
    kept = sorted(
        _find_lmtx_files(cache, _INDEX_NAME), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in kept[MOST_KEPT_INDEXES:]:
        if path != current:
            path.unlink(missing_ok=True)
    for path in _find_lmtx_files(cache, _BUILDING_NAME):
        if time.time() - path.stat().st_mtime > ABANDONED_INDEX_SECONDS:
            path.unlink(missing_ok=True)


def _find_lmtx_files(cache: Path, name: str) -> Iterator[Path]:
    """Yield the files that lmtx made, by the exact form of their names and by what they hold; of an
    empty one nothing can be lost.
    """
    import re

    for path in cache.iterdir():
        if re.fullmatch(name, path.name) and _is_private(path):
            with path.open("rb") as file:
                head = file.read(HEADER_BYTES)
            if is_lmtx_header(head) or not head:
                yield path


def _compile_in_memory(folder: Path, mark: str, overlays: Overlays, fault: str) -> Index:
    """Compile into memory, where no cache can be used, and say why."""
    from lmtx.index.compile import load_checked_base, write_index
    from lmtx.index.identity import identify_data, refuse_changed_bundled_data

    refuse_changed_bundled_data(folder)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("pragma temp_store = memory")
    base = load_checked_base(folder, overlays)
    write_index(base, connection, identify_data(folder, overlays, mark), overlays)
    _refuse_changed(folder, mark, overlays)
    return Index(make_connection_read_only(connection), ":memory:", folder, overlays, fault)


def open_index_inside_archive(data: Path, overlays: Sequence[Path] = ()) -> Index:
    """Open the index that lies in the archive.

    Raises DataError where it carries none, or a damaged one, or where own records are to be laid
    over it.
    """
    if overlays:
        raise DataError(
            "lmtx runs from inside an archive, where nothing can be laid over its data",
            "install lmtx to use own records",
        )
    package = files("lmtx")
    try:
        body = package.joinpath(BUNDLED_INDEX.name).read_bytes()
    except OSError as error:
        raise DataError(
            "this archive of lmtx carries no index",
            "make it from the installed wheel, which has one",
        ) from error
    pages, checksum = body[:-CHECKSUM_BYTES], body[-CHECKSUM_BYTES:]
    if checksum != f"{zlib.crc32(pages):08x}".encode():
        raise DataError(
            "the index in this archive of lmtx is damaged", "fetch or make the archive anew"
        )
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(pages)
    return Index(make_connection_read_only(connection), str(BUNDLED_INDEX), data)
