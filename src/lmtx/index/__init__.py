"""The index: one SQLite file that every look-up reads. This module opens it; `compile` makes it."""

import sqlite3
from collections.abc import Sequence
from math import inf
from pathlib import Path, PurePath
from typing import NamedTuple

APPLICATION_ID = 0x6C6D7478
"""Marks a SQLite file as ours: "lmtx"."""
INDEX_FORMAT = 6
"""Raised with every change of `tables.sql` or of the records in it."""

PACKAGE = Path(__file__).resolve().parent.parent
BUNDLED_INDEX = PACKAGE / "index.sqlite"
"""Made when the wheel is built; absent in a source checkout."""
LARGEST_CHECKED = 8 * 1024 * 1024
"""Bytes up to which the bundled index is compared with its seal on every look-up, at 0.35 ms a megabyte; of a larger one the header is checked."""


class Index(NamedTuple):
    """An open index: the read-only connection, where it came from, and what is laid over the base in it."""

    connection: sqlite3.Connection
    path: str
    data: Path
    overlays: tuple[Path, ...] = ()


def data_folder() -> Path:
    """Return the folder of the bundled TOML: inside the package when installed or in an archive, beside `src/` in a checkout."""
    inside = PACKAGE / "data"
    return inside if inside.is_dir() or not PACKAGE.is_dir() else PACKAGE.parent.parent / "data"


def seal_of(index: Path) -> Path:
    """Return where the seal of an index lies: its checksum, in a file beside it."""
    return index.with_name(f"{index.name}.crc")


def seal(index: Path) -> str:
    """Return the checksum of a whole index as its seal holds it."""
    import zlib

    total = 0
    with index.open("rb") as file:
        while part := file.read(1 << 16):
            total = zlib.crc32(part, total)
    return f"{total:08x}\n"


def is_sound(path: Path, largest: float = inf) -> bool:
    """Tell whether a file is a whole index of this format as it was compiled: not truncated, foreign, of another version or damaged inside.

    SQLite itself does not notice a changed byte within a figure, so a file of up to `largest` bytes is compared with its seal.
    """
    try:
        with path.open("rb") as file:
            head = file.read(100)
        size = path.stat().st_size
        return _is_ours(head, size) and (
            size > largest or seal_of(path).read_text(encoding="ascii").startswith(seal(path))
        )
    except (OSError, ValueError):
        return False


def _is_ours(head: bytes, size: int) -> bool:
    """Tell from its header whether a file of this size is an index of this format."""
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return False
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    whole = page * int.from_bytes(head[28:32], "big") == size
    return (
        whole
        and int.from_bytes(head[68:72], "big") == APPLICATION_ID
        and int.from_bytes(head[60:64], "big") == INDEX_FORMAT
    )


def address(path: PurePath) -> str:
    """Return the address under which SQLite opens a file, also one of a shared folder of Windows."""
    uri = path.as_uri()
    return uri if uri.startswith("file:///") else uri.replace("file://", "file:////", 1)


def connect(path: Path) -> sqlite3.Connection:
    """Open an index read-only; its content is trusted with nothing. Any thread may use the connection, one at a time."""
    return guarded(
        sqlite3.connect(
            f"{address(path)}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
    )


def guarded(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Let a connection write nothing, and run no function that the index names in its own tables."""
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma query_only = on")
    return connection


def open_index(overlays: Sequence[Path] = ()) -> Index:
    """Open the index of the bundled knowledge base, with own records (files or folders) laid over it in their order.

    The index inside the package where there is a sound one and nothing is laid over it, else the one in the cache, compiled on first
    use. A package that is run from inside an archive reads its index into memory.
    Raises DataError where the data are invalid or cannot be read.
    """
    folder = data_folder()
    if not overlays and is_sound(BUNDLED_INDEX, LARGEST_CHECKED):
        return Index(connect(BUNDLED_INDEX), str(BUNDLED_INDEX), folder)
    if not PACKAGE.is_dir():
        from lmtx.index.archive import archived_index

        return archived_index(folder, overlays)
    from lmtx.index.cache import cached_index

    return cached_index(folder, tuple(overlays))
