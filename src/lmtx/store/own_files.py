"""Own records laid over the base: where they stand and what they are called.

Nothing here opens a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def name_of(overlay: Path) -> str:
    """Return the name by which the records of an overlay are told apart: that of its file without
    ending, or of its folder.
    """
    place = Path(os.path.abspath(overlay))  # noqa: PTH100 - `resolve` would name the target of a link
    return place.stem if place.suffix == ".toml" else place.name


def files_of(overlay: Path) -> list[Path]:
    """Return the files of an overlay: itself, or the TOML files of a folder and of `studies` in it,
    by name. Raises OSError.
    """
    if not overlay.is_dir():
        return [overlay]
    return [
        *_toml_in(overlay),
        *(_toml_in(overlay / "studies") if (overlay / "studies").is_dir() else ()),
    ]


def _toml_in(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.name.endswith(".toml") and not entry.name.startswith(".")
        )
    return [folder / name for name in names]


def list_states(overlay: Path) -> Iterator[str]:
    """Yield what tells one state of an overlay from another: name, size, times and number of each
    file.

    A copy may keep size and time, but not the time of change and the number as well.
    """
    place = os.path.abspath(overlay)  # noqa: PTH100 - as in name_of
    try:
        paths = files_of(overlay)
    except OSError as error:
        yield f"{place}:{error.errno}"
        return
    for path in paths:
        try:
            s = path.stat()
        except OSError as error:  # a link that leads nowhere: the others count all the same
            yield f"{place}:{path}:{error.errno}"
        else:
            yield f"{place}:{path}:{s.st_size}:{s.st_mtime_ns}:{s.st_ctime_ns}:{s.st_ino}"
