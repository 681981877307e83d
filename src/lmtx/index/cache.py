"""The user's cache of compiled indexes.

An index is named after a fingerprint of the data files (names, sizes, times) and of the code that compiles them, so a look-up
need not read the data to know that its index still fits. Files are written under another name and then renamed: two first runs
may race, and a killed one leaves nothing behind that anyone would read.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import zlib
from pathlib import Path

from lmtx.index import INDEX_FORMAT, PACKAGE, Index, connect, is_sound

KEEP = 4
"""Indexes kept in the cache; older ones are removed."""


def cache_folder() -> Path:
    """Return the folder for compiled indexes: LMTX_CACHE_DIR, or the platform's place for caches."""
    if chosen := os.environ.get("LMTX_CACHE_DIR"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "lmtx" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lmtx"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "lmtx"


def fingerprint(folder: Path) -> str:
    """Return a mark over names, sizes and times of the data files and of the code that compiles them.

    The newest time stands in it as it is, beside a checksum of all: `hashlib` would cost a look-up 4 ms.
    """
    marks = [str(INDEX_FORMAT), str(folder)]
    newest = 0
    for place in (folder, folder / "studies", PACKAGE, PACKAGE / "index"):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.name.endswith((".toml", ".py", ".sql")):
                        state = entry.stat()
                        marks.append(f"{entry.name}:{state.st_size}:{state.st_mtime_ns}")
                        newest = max(newest, state.st_mtime_ns)
        except OSError as error:
            marks.append(f"{place}:{error.errno}")
    body = "\n".join(sorted(marks)).encode()
    return f"{newest:x}-{len(marks):x}-{zlib.crc32(body):08x}{zlib.adler32(body):08x}"


def cached_index(folder: Path) -> Index:
    """Open the index of a folder of TOML from the cache; compile it first where the cache has none or an unsound one."""
    mark = fingerprint(folder)
    try:
        cache = cache_folder()
    except (RuntimeError, OSError):  # no home, or no working folder
        return _in_memory(folder)
    path = cache / f"index-{mark}.sqlite"
    if _ours(path) and is_sound(path):
        try:
            return Index(connect(path), str(path), folder)
        except sqlite3.DatabaseError:
            pass  # damaged inside its pages: compile again
    return _compiled(folder, cache, path)


def discard(folder: Path) -> bool:
    """Remove the index of a folder from the cache; tell whether there was one."""
    path = cache_folder() / f"index-{fingerprint(folder)}.sqlite"
    found = path.is_file()
    path.unlink(missing_ok=True)
    return found


def _ours(path: Path) -> bool:
    """Tell whether a file belongs to this user: an index put there by another one is not trusted."""
    try:
        state = path.stat()
    except OSError:
        return False
    return not hasattr(os, "getuid") or state.st_uid == os.getuid()


def _compiled(folder: Path, cache: Path, path: Path) -> Index:
    import tempfile

    from lmtx.index.compile import compile_folder

    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".building-", suffix=".sqlite", dir=cache)
        os.close(handle)
    except OSError:
        return _in_memory(folder)
    building = Path(name)
    try:
        compile_folder(folder, building)
        building.replace(path)
    except (OSError, sqlite3.OperationalError):  # a full disk, a cache that vanished
        return _in_memory(folder)
    finally:
        building.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another run tidies at the same time
        _tidy(cache, path)
    return Index(connect(path), str(path), folder)


def _tidy(cache: Path, current: Path) -> None:
    """Remove all but the newest few indexes."""
    found = sorted(cache.glob("index-*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[KEEP:]:
        if path != current:
            path.unlink(missing_ok=True)


def _in_memory(folder: Path) -> Index:
    """Compile into memory, where no cache can be written."""
    from lmtx.index.compile import checked, content_hash, write

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("pragma temp_store = memory")
    write(checked(folder), connection, content_hash(folder))
    connection.execute("pragma query_only = on")
    return Index(connection, ":memory:", folder)
