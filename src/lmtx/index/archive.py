"""The index of a package that is run from inside an archive, such as a zipapp: SQLite cannot open
it there, so it is read into memory.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from lmtx.errors import DataError
from lmtx.index import BUNDLED_INDEX, CHECKSUM_BYTES, Index, guard_connection


def archived_index(data: Path, overlays: Sequence[Path] = ()) -> Index:
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
    return Index(guard_connection(connection), str(BUNDLED_INDEX), data)
