"""Files as answers: written beside their place and then moved there, so that nobody ever finds half
of one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lmtx.errors import OutputError, ParameterMention, escape_control

FileContent = bytes | Iterable[str]
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


_SQLITE_HEADER = b"SQLite format 3\0"
_JOURNAL_ENDINGS = ("-wal", "-journal", "-shm")
"""Endings of the files beside a database from which SQLite completes it."""


def write_file(path: Path, content: FileContent, *, force: bool, before: str | None = None) -> None:
    """Write a file; replace one that is there only with `force`, and with `before` only where it
    still holds that text.

    Raises OutputError, also where another job took the name meanwhile, or the text was changed.
    """
    with _put_into_words(path):
        place = Path(os.path.realpath(path))
        if place.is_dir():
            raise OutputError(f"{escape_control(str(path))} is a folder", "name a file")
        if place.exists() and not place.is_file():
            raise OutputError(
                f"{escape_control(str(path))} is not a plain file",
                "name another, or leave out -o and write to stdout",
            )
        _refuse([path], force)
        if isinstance(content, bytes) and content.startswith(_SQLITE_HEADER):
            refuse_leftover_journals(place)
        with tempfile.TemporaryDirectory(
            prefix=".lmtx-", dir=place.parent, ignore_cleanup_errors=True
        ) as room:
            made = Path(room) / "new"
            _fill(made, content)
            _copy_access(place, made)
            if before is not None:
                _refuse_change(place, before)
            _move(made, place, force)
            _sync(place.parent)


def write_files(folder: Path, files: Iterable[tuple[str, FileContent]], *, force: bool) -> None:
    """Write files into a folder, which is made where it is not there; all are complete before the
    first is moved in. Raises OutputError."""
    with _put_into_words(folder):
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{escape_control(str(folder))} is a file", "name a folder")
        new = not folder.exists()
        folder.mkdir(exist_ok=True)
        done = False
        moved: list[Path] = []
        room = None
        try:
            room = Path(tempfile.mkdtemp(prefix=".lmtx-", dir=folder))
            names = []
            for name, content in files:
                _fill(room / name, content)
                names.append(name)
            _refuse([folder / name for name in names], force)
            for name in names:
                _copy_access(folder / name, room / name)
                _move(room / name, folder / name, force)
                moved += [] if force else [folder / name]
            _sync(folder)
            done = True
        finally:
            if room:
                shutil.rmtree(room, ignore_errors=True)
            if not done:
                for path in moved:
                    path.unlink(missing_ok=True)
            if new and not done:
                with suppress(OSError):
                    folder.rmdir()


def _move(made: Path, place: Path, force: bool) -> None:
    """Move a new file to its place; without `force` only where nothing is there at this very
    moment."""
    if force:
        made.replace(place)
        return
    try:
        os.link(made, place)
    except FileExistsError as error:
        raise _taken([place]) from error
    except OSError:  # a file system without hard links: hold the name with an empty file
        try:
            place.open("x").close()
        except FileExistsError as error:
            raise _taken([place]) from error
        made.replace(place)


def _copy_access(place: Path, made: Path) -> None:
    """Let a new file belong to, and be read and written by, those alone who could the one that it
    replaces; one that may not be written is left."""
    if not place.is_file():
        return
    if not os.access(place, os.W_OK):
        raise OutputError(
            f"{escape_control(str(place))} may not be written",
            "change its permissions, or name another place",
        )
    old, new = place.stat(), made.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.chown(made, old.st_uid, old.st_gid)
        except OSError as error:
            raise OutputError(
                f"{escape_control(str(place))} belongs to another user or group, and would no "
                f"longer",
                "let its owner write it, or name another place",
            ) from error
    shutil.copymode(place, made)


def _fill(path: Path, content: FileContent) -> None:
    """Write a file that is on the disk before anything is replaced by it."""
    with path.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            file.writelines(text.encode("utf-8") for text in content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Let a folder remember what was moved into it, where the system can be asked for that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def refuse_leftover_journals(path: Path) -> None:
    """Raise OutputError where SQLite would complete a new database from the journal of an old
    one."""
    place = Path(os.path.realpath(path))
    sides = [
        escape_control(f"{place}{ending}")
        for ending in _JOURNAL_ENDINGS
        if Path(f"{place}{ending}").exists()
    ]
    if sides:
        raise OutputError(
            f"{sides[0]} belongs to a database that was there, and would change the new one",
            "close the program that uses it; where none does, delete it, or name another place",
        )


def _refuse_change(place: Path, before: str) -> None:
    """Raise OutputError where a file no longer holds a text, whatever its line ends."""
    try:
        now = place.read_bytes().replace(b"\r\n", b"\n")
    except FileNotFoundError:
        now = b""
    if now != before.encode("utf-8"):
        raise OutputError(
            f"{escape_control(str(place))} was changed meanwhile, and is left as it is", "try again"
        )


def _refuse(paths: list[Path], force: bool) -> None:
    """Raise OutputError where a file would be replaced that the user did not mean to, or a folder
    stands in the way of one."""
    if folders := [path for path in paths if path.is_dir() and not path.is_symlink()]:
        raise OutputError(
            f"{escape_control(str(folders[0]))} is a folder", "take it away, or name another place"
        )
    there = [path for path in paths if os.path.lexists(path)]
    if there and not force:
        raise _taken(there)


def _taken(paths: list[Path]) -> OutputError:
    names = ", ".join(escape_control(str(path)) for path in paths[:3])
    return OutputError(
        f"{names}{', …' if len(paths) > 3 else ''} exist{'s' if len(paths) == 1 else ''} already",
        (ParameterMention("force"), " replaces"),
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
            f"cannot write {escape_control(str(path))}: {error.strerror or error}", todo
        ) from error
