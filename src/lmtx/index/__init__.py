"""The index: one SQLite file that every look-up reads. This module opens it; `compile` makes it."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

APPLICATION_ID = 0x6C6D7478
"""Marks a SQLite file as ours: "lmtx"."""
INDEX_FORMAT = 2
"""Raised with every change of `tables.sql` or of the records in it."""

PACKAGE = Path(__file__).resolve().parent.parent
BUNDLED_INDEX = PACKAGE / "index.sqlite"
"""Made when the wheel is built; absent in a source checkout."""


class Index(NamedTuple):
    """An open index: the read-only connection and where it came from."""

    connection: sqlite3.Connection
    path: str
    data: Path


def data_folder() -> Path:
    """Return the folder of the bundled TOML: inside the package when installed, beside `src/` in a checkout."""
    inside = PACKAGE / "data"
    return inside if inside.is_dir() else PACKAGE.parent.parent / "data"


def is_sound(path: Path) -> bool:
    """Tell whether a file is a whole index of this format, by its header: neither truncated nor foreign nor of another version."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
        size = path.stat().st_size
    except OSError:
        return False
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return False
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    whole = page * int.from_bytes(head[28:32], "big") == size
    return whole and int.from_bytes(head[68:72], "big") == APPLICATION_ID and int.from_bytes(head[60:64], "big") == INDEX_FORMAT


def connect(path: Path) -> sqlite3.Connection:
    """Open an index read-only; its content is trusted with nothing."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    connection.execute("pragma trusted_schema = off")
    return connection


def open_index() -> Index:
    """Open the index of the bundled knowledge base.

    The index inside the package where there is a sound one, else the one in the cache, compiled on first use.
    Raises DataError where the data are invalid or cannot be read.
    """
    folder = data_folder()
    if is_sound(BUNDLED_INDEX):
        return Index(connect(BUNDLED_INDEX), str(BUNDLED_INDEX), folder)
    from lmtx.index.cache import cached_index

    return cached_index(folder)
