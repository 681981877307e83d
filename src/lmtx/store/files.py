"""Files as answers: written beside their place and then moved there, so that nobody ever finds half of one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lmtx.errors import Option, OutputError, printable

Content = bytes | Iterable[str]
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def put(path: Path, content: Content, *, force: bool) -> None:
    """Write a file; replace one that is there only with `force`. Raises OutputError."""
    with _put_into_words(path):
        place = Path(os.path.realpath(path))
        if place.is_dir():
            raise OutputError(f"{printable(str(path))} is a folder", "name a file")
        if place.exists() and not place.is_file():
            raise OutputError(
                f"{printable(str(path))} is not a plain file",
                "name another, or leave out -o and write to stdout",
            )
        _refuse([path], force)
        with tempfile.TemporaryDirectory(
            prefix=".lmtx-", dir=place.parent, ignore_cleanup_errors=True
        ) as room:
            made = Path(room) / "new"
            _fill(made, content)
            _like(place, made)
            made.replace(place)


def put_all(folder: Path, files: Iterable[tuple[str, Content]], *, force: bool) -> None:
    """Write files into a folder, which is made where it is not there; all are complete before the first is moved in. Raises OutputError."""
    with _put_into_words(folder):
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{printable(str(folder))} is a file", "name a folder")
        new = not folder.exists()
        folder.mkdir(exist_ok=True)
        done = False
        room = None
        try:
            room = Path(tempfile.mkdtemp(prefix=".lmtx-", dir=folder))
            names = []
            for name, content in files:
                _fill(room / name, content)
                names.append(name)
            _refuse([folder / name for name in names], force)
            for name in names:
                _like(folder / name, room / name)
                (room / name).replace(folder / name)
            done = True
        finally:
            if room:
                shutil.rmtree(room, ignore_errors=True)
            if new and not done:
                with suppress(OSError):
                    folder.rmdir()


def _like(place: Path, made: Path) -> None:
    """Let a new file be read and written by those alone who could the one that it replaces; one that may not be written is left."""
    if place.is_file():
        if not os.access(place, os.W_OK):
            raise OutputError(
                f"{printable(str(place))} may not be written",
                "change its permissions, or name another place",
            )
        shutil.copymode(place, made)


def _fill(path: Path, content: Content) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(content)


def _refuse(paths: list[Path], force: bool) -> None:
    """Raise OutputError where a file would be replaced that the user did not mean to, or a folder stands in the way of one."""
    if folders := [path for path in paths if path.is_dir() and not path.is_symlink()]:
        raise OutputError(
            f"{printable(str(folders[0]))} is a folder", "take it away, or name another place"
        )
    there = [printable(str(path)) for path in paths if os.path.lexists(path)]
    if there and not force:
        raise OutputError(
            f"{', '.join(there[:3])}{', …' if len(there) > 3 else ''} exist{'s' if len(there) == 1 else ''} already",
            (Option("force"), " replaces"),
        )


@contextmanager
def _put_into_words(path: Path) -> Iterator[None]:
    """Turn what the system says into one line."""
    try:
        yield
    except OSError as error:
        todo = (
            "make room, or name another place"
            if error.errno in _FULL
            else "name a place that exists and that you may write to"
        )
        raise OutputError(
            f"cannot write {printable(str(path))}: {error.strerror or error}", todo
        ) from error
