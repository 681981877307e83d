"""The index: one SQLite file that every look-up reads. This module opens it; `compile` makes it."""

import os
import sqlite3
from collections.abc import Sequence
from io import FileIO
from math import inf
from pathlib import Path, PurePath

from lmtx import __version__
from lmtx.tuples import NamedTuple

APPLICATION_ID = 0x6C6D7478
"""Marks a SQLite file as ours: "lmtx"."""
INDEX_FORMAT = 9
"""Raised with every change of `tables.sql` or of the records in it."""

PACKAGE_FOLDER = Path(__file__).resolve().parent.parent
BUNDLED_INDEX = PACKAGE_FOLDER / "index.sqlite"
"""Made when the wheel is built; absent in a source checkout."""
MOST_BYTES_VERIFIED_ON_LOOKUP = 16 * 1024 * 1024
"""Bytes up to which an index is compared with its checksum on every look-up, at 0.17 ms a megabyte;
of a larger one the header is.
"""
HEADER_BYTES = 100
"""Bytes of the header of a SQLite file."""
CHECKSUM_BYTES = 8
"""Bytes behind the last page of an index: the CRC-32 of all before them, in hex."""


class Index(NamedTuple):
    """An open index: the read-only connection, where it came from, and what is laid over the base
    in it.
    """

    connection: sqlite3.Connection
    path: str
    data: Path
    overlays: tuple[Path, ...] = ()
    cache_fault: str = ""
    """Why the index is not kept in the cache, where it should be."""


def find_bundled_data_folder() -> Path:
    """Return the folder of the bundled TOML: inside the package when installed or in an archive,
    beside `src/` in a checkout.
    """
    inside = PACKAGE_FOLDER / "data"
    return (
        inside
        if inside.is_dir() or not PACKAGE_FOLDER.is_dir()
        else PACKAGE_FOLDER.parent.parent / "data"
    )


def add_checksum(path: Path) -> None:
    """End an index that is written with its checksum; nothing in it may change from now on."""
    with path.open("ab") as file:
        file.write(b"-" * CHECKSUM_BYTES)
    with path.open("r+b", buffering=0) as file:
        checksum, _ = compute_and_read_checksum(file)
        file.seek(-CHECKSUM_BYTES, os.SEEK_END)
        file.write(checksum)


def compute_and_read_checksum(file: FileIO) -> tuple[bytes, bytes]:
    """Return the checksum of all that SQLite keeps in an open index, and the one behind its last
    page. Raises OSError.
    """
    import zlib

    total, part = 0, memoryview(bytearray(1 << 19))
    left = os.fstat(file.fileno()).st_size - CHECKSUM_BYTES
    file.seek(0)
    while left > 0 and (size := file.readinto(part[: min(left, len(part))])):
        total = zlib.crc32(part[:size], total)
        left -= size
    return f"{total:08x}".encode(), file.read(CHECKSUM_BYTES)


def is_sound_index(path: Path, largest: float = inf) -> bool:
    """Tell whether a file is a whole index of this format as it was compiled: not truncated,
    foreign, of another version or damaged.
    """
    return bool(read_checksum_if_sound(path, largest))


def read_checksum_if_sound(path: Path, largest: float = inf) -> bytes:
    """Return the checksum of a sound index, by which it can be told from any other; nothing for
    what is none.

    SQLite itself does not notice a changed byte within a figure, so the checksum of a file of up to
    `largest` bytes is taken.
    """
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if not _has_header(file.read(HEADER_BYTES), size):
                return b""
            if size > largest:
                file.seek(-CHECKSUM_BYTES, os.SEEK_END)
                return file.read(CHECKSUM_BYTES)
            taken, kept = compute_and_read_checksum(file)
            return kept if taken == kept else b""
    except OSError:
        return b""


def _has_header(head: bytes, size: int) -> bool:
    """Tell from its header whether a file of this size is a whole index of this format."""
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    whole = page * int.from_bytes(head[28:32], "big") + CHECKSUM_BYTES == size
    return whole and is_lmtx_header(head) and int.from_bytes(head[60:64], "big") == INDEX_FORMAT


def is_lmtx_header(head: bytes) -> bool:
    """Tell whether the beginning of a file is that of a SQLite file which lmtx made."""
    mark = APPLICATION_ID.to_bytes(4, "big")
    return (
        len(head) == HEADER_BYTES and head.startswith(b"SQLite format 3\0") and head[68:72] == mark
    )


def sqlite_address(path: PurePath) -> str:
    """Return the address under which SQLite opens a file, also of a shared folder of Windows."""
    uri = path.as_uri()
    return uri if uri.startswith("file:///") else uri.replace("file://", "file:////", 1)


def connect_index(path: Path) -> sqlite3.Connection:
    """Open an index read-only; its content is trusted with nothing.

    Any thread may use the connection, one at a time.
    """
    return make_connection_read_only(
        sqlite3.connect(
            f"{sqlite_address(path)}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
    )


def make_connection_read_only(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Let a connection write nothing, and run no function that the index itself names."""
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma query_only = on")
    return connection


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what an index, or an export to SQLite, says of itself: the version of the data, what
    they were made of, what is laid over them."""
    return dict(connection.execute("select key, value from meta"))


def is_index_of(connection: sqlite3.Connection, fingerprint: str) -> bool:
    """Tell whether an index was made by this program of files in this state; of none in particular,
    in a package.
    """
    rows = connection.execute(
        "select value from meta where key in ('fingerprint', 'program') order by key"
    )
    return [value for (value,) in rows] == [fingerprint, __version__]


def open_index(overlays: Sequence[Path] = ()) -> Index:
    """Open the index of the bundled knowledge base, with own records (files or folders) laid over
    it in their order.

    The index inside the package where there is a sound one and nothing is laid over it, else the
    one in the cache, compiled on first use. A package that is run from inside an archive reads its
    index into memory. Raises DataError where the data are invalid or cannot be read.
    """
    folder = find_bundled_data_folder()
    if not overlays and is_sound_index(BUNDLED_INDEX, MOST_BYTES_VERIFIED_ON_LOOKUP):
        connection = connect_index(BUNDLED_INDEX)
        if is_index_of(connection, ""):
            return Index(connection, str(BUNDLED_INDEX), folder)
        connection.close()
    if not PACKAGE_FOLDER.is_dir():
        from lmtx.index.cache import open_index_inside_archive

        return open_index_inside_archive(folder, overlays)
    from lmtx.index.cache import open_or_compile_cached_index

    return open_or_compile_cached_index(folder, tuple(overlays))
