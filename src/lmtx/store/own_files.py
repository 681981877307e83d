"""Own records laid over the base: where they stand, what they are called, and what lies beside them
unread. Nothing here opens a file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from lmtx.tuples import NamedTuple

RECORD_FILE_ENDING = ".toml"
"""What the name of a file of records ends with, in letters of either case."""
MOST_ENTRIES = 20_000
"""Files and folders of an overlay that are looked through."""
DEEPEST_FOLDER = 32
"""Folders within folders that are looked through."""
_STRAY_BEGINNINGS = (
    ".#",
    "._",
    "~$",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    ".git",
    ".svn",
    ".hg",
)
"""How files begin that editors and systems leave behind, and no person means to be read."""


class OverlayFiles(NamedTuple):
    """The files of an overlay in their order, and what lies beside them that is no file of
    records."""

    files: list[Path]
    left_out: list[Path]


class OverlayFileNames(NamedTuple):
    """What was read of an overlay and what was not, by the names inside it."""

    name: str
    read: list[str]
    left_out: list[str]


def name_overlay(overlay: Path) -> str:
    """Return the name by which the records of an overlay are told apart: that of its file without
    ending, or of its folder."""
    place = Path(os.path.abspath(overlay))  # noqa: PTH100 - `resolve` would name the target of a link
    return place.stem if is_record_file(place.name) else place.name


def is_record_file(name: str) -> bool:
    """Tell from its name whether a file holds records."""
    return name.casefold().endswith(RECORD_FILE_ENDING)


def list_overlay_files(overlay: Path) -> list[Path]:
    """Return the files of an overlay: itself, or the TOML files of a folder and of all folders in
    it, by name. Raises OSError."""
    return scan_overlay(overlay).files


def scan_overlay(overlay: Path, most: int | None = None) -> OverlayFiles:
    """Return the files of an overlay and what is left out beside them: other files, hidden ones,
    folders too deep or met before.

    Raises OSError where a folder cannot be read, or where there is more than `most`; left out, that
    is more than anybody's own records are.
    """
    most = MOST_ENTRIES if most is None else most
    if not overlay.is_dir():
        return OverlayFiles([overlay], [])
    found = OverlayFiles([], [])
    top = overlay.stat()
    waiting, met, entries = [(overlay, 0)], {(top.st_dev, top.st_ino)}, 0
    while waiting:
        folder, depth = waiting.pop()
        inside = []
        for entry in _list_entries(folder):
            entries += 1
            if entries > most:
                much = f"more than {most:,} files and folders are in it"
                raise OSError(errno.EFBIG, much, str(overlay))
            path = folder / entry.name
            if not entry.is_dir():
                is_read = is_record_file(entry.name) and not entry.name.startswith(".")
                (found.files if is_read else found.left_out).append(path)
                continue
            status = entry.stat()
            place = status.st_dev, status.st_ino
            if entry.name.startswith(".") or depth == DEEPEST_FOLDER or place in met:
                found.left_out.append(path)
            else:
                met.add(place)
                inside.append((path, depth + 1))
        waiting += reversed(inside)
    return found


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(
            (entry for entry in entries if not entry.name.startswith(_STRAY_BEGINNINGS)),
            key=lambda entry: entry.name,
        )


def list_overlay_file_names(overlay: Path) -> OverlayFileNames:
    """Return what is read of an overlay and what is not. Raises OSError."""
    found = scan_overlay(overlay)
    read, left_out = (
        [
            escape_path_bytes(path.relative_to(overlay) if path != overlay else Path(path.name))
            for path in paths
        ]
        for paths in found
    )
    return OverlayFileNames(name_overlay(overlay), read, left_out)


def escape_path_bytes(path: Path) -> str:
    """Return a name that can be kept as text, also where the system has bytes that are none."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def list_overlay_fingerprints(overlay: Path) -> Iterator[str]:
    """Yield what tells one state of an overlay from another: name, size, times and number of each
    file, and what is left out.

    A copy may keep size and time, but not the time of change and the number as well.
    """
    place = os.path.abspath(overlay)  # noqa: PTH100 - as in name_overlay
    try:
        found = scan_overlay(overlay)
    except OSError as error:
        yield f"{place}:{error.errno}"
        return
    yield from (f"{place}:{path}:left out" for path in found.left_out)
    for path in found.files:
        try:
            s = path.stat()
        except OSError as error:  # a link that leads nowhere: the others count all the same
            yield f"{place}:{path}:{error.errno}"
        else:
            yield f"{place}:{path}:{s.st_size}:{s.st_mtime_ns}:{s.st_ctime_ns}:{s.st_ino}"
