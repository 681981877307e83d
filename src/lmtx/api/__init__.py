"""lmtx for Python: `lmtx.open()` gives a base, whose methods are named as the commands and take the
same filters.

It runs the same code as the command line, so both give the same rows. Nothing is printed; what goes
wrong is raised as an error of `lmtx.errors`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from lmtx.api.base import Base
from lmtx.errors import DataError, escape_control
from lmtx.index import Index, make_connection_read_only, open_index
from lmtx.store.places import NO_WORKING_FOLDER_MESSAGE, has_working_folder

__all__ = ["Base", "open"]


def open(
    path: str | os.PathLike[str] | None = None,
    *,
    with_: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
) -> Base:
    """Open a knowledge base: the bundled one, or a folder laid out like `data/`; `with_` names own
    records to lay over it, as `--with` does.

    What is not ready is checked and compiled into the user's cache on first use. Raises DataError
    where the data are invalid, with all `problems`, or cannot be read. Neither LMTX_DATA nor a
    configuration file has a say here.
    """
    named = [with_] if isinstance(with_, str | os.PathLike) else with_
    overlays = tuple(Path(place) for place in named)
    try:
        index = open_index(overlays) if path is None else _index(Path(path), overlays)
    except FileNotFoundError:
        if has_working_folder():
            raise
        raise DataError(*NO_WORKING_FOLDER_MESSAGE) from None
    return Base(index._replace(connection=_shared(index)))


def _index(path: Path, overlays: tuple[Path, ...]) -> Index:
    if path.is_dir():
        from lmtx.index.cache import open_or_compile_cached_index

        return open_or_compile_cached_index(path.resolve(), overlays)
    raise DataError(
        f"{escape_control(str(path))}: {'not a folder' if path.exists() else 'no such folder'}",
        "name a folder laid out like data/",
    )


def _shared(index: Index) -> sqlite3.Connection:
    """Return a connection that any thread may use, one at a time: the one opened, or a copy where
    the index lies in memory, as that of an archive does."""
    if index.path != ":memory:" and Path(index.path).is_file():
        return index.connection
    copied = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    copied.deserialize(index.connection.serialize())
    index.connection.close()
    return make_connection_read_only(copied)
