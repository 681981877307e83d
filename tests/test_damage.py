"""What can befall an index: changed bytes, a killed compile, a full disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from children import child, unmeasured
from lmtx import index
from lmtx.index import INDEX_FORMAT, add_checksum, cache, is_sound_index, open_index
from lmtx.index.compile import compile_folder
from support import BASE, Answer, Lmtx
from test_cache import files, treatments

Run = Callable[..., Answer]


# Changed bytes


@given(data=st.data())
def test_any_changed_byte_is_noticed(compiled: Path, data: st.DataObject) -> None:
    """SQLite reads a figure with a changed digit as if it had been printed so."""
    place = data.draw(st.integers(0, compiled.stat().st_size - 1))
    change = data.draw(st.integers(1, 255))
    body = compiled.read_bytes()
    try:
        compiled.write_bytes(body[:place] + bytes([body[place] ^ change]) + body[place + 1 :])
        assert not is_sound_index(compiled)
    finally:
        compiled.write_bytes(body)
    assert is_sound_index(compiled)


def test_a_changed_figure_in_the_cache_is_compiled_again(folder: Path, run: Run) -> None:
    before = run("evidence", "--fields", "id,summary").out
    path = Path(open_index().path)
    body = path.read_bytes()
    summary = before.splitlines()[1].split("\t")[1][:20].encode()
    assert summary in body
    path.write_bytes(body.replace(summary, summary[::-1]))
    assert run("evidence", "--fields", "id,summary").out == before and is_sound_index(path)


@pytest.mark.parametrize("ending", ["", "00000000", "éééé"])
def test_an_index_without_its_own_checksum_is_compiled_again(folder: Path, ending: str) -> None:
    path = Path(open_index().path)
    whole = path.read_bytes()
    path.write_bytes(whole[: -index.CHECKSUM_BYTES] + ending.encode())
    assert not is_sound_index(path)
    assert treatments(open_index()) == 4 and path.read_bytes() == whole


def test_a_changed_byte_of_the_bundled_index_is_noticed(
    folder: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "BUNDLED_INDEX", compiled)
    assert open_index().path == str(compiled)
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:-300] + bytes([whole[-300] ^ 1]) + whole[-299:])
    try:
        assert open_index().path.startswith(str(folder.parent / "cache"))
    finally:
        compiled.write_bytes(whole)


def test_a_very_large_index_is_known_by_its_header(
    folder: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look-up must not read hundreds of megabytes."""
    taken: list[int] = []
    read = index.compute_and_read_checksum
    monkeypatch.setattr(
        index, "compute_and_read_checksum", lambda file: taken.append(file.fileno()) or read(file)
    )
    monkeypatch.setattr(index, "BUNDLED_INDEX", compiled)
    monkeypatch.setattr(index, "MOST_BYTES_VERIFIED_ON_LOOKUP", compiled.stat().st_size - 1)
    assert open_index().path == str(compiled) and not taken
    monkeypatch.setattr(index, "MOST_BYTES_VERIFIED_ON_LOOKUP", compiled.stat().st_size)
    assert open_index().path == str(compiled) and len(taken) == 1


def test_the_times_of_a_file_may_be_set_back(folder: Path) -> None:
    """What it holds is compared, not when it was written."""
    path = Path(open_index().path)
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-300, os.SEEK_END)
        file.write(b"\xaa" * 200)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not is_sound_index(path) and treatments(open_index()) == 4 and is_sound_index(path)


def test_an_index_is_on_the_disk_before_it_has_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[bool] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda number: named.append(bool(list((folder.parent / "cache").glob("index-*")))),
    )
    open_index()
    assert named == [False]


@pytest.mark.parametrize("version", [INDEX_FORMAT - 1, INDEX_FORMAT + 1, 0])
def test_an_index_of_another_version_is_not_read_even_with_its_checksum(
    folder: Path, version: int
) -> None:
    path = Path(open_index().path)
    path.write_bytes(path.read_bytes()[: -index.CHECKSUM_BYTES])
    with sqlite3.connect(path) as other:
        other.execute(f"pragma user_version = {version}")
    other.close()
    add_checksum(path)
    assert not is_sound_index(path) and treatments(open_index()) == 4 and is_sound_index(path)


def test_the_same_data_make_the_same_bytes(lmtx: Lmtx, tmp_path: Path) -> None:
    """A wheel can be made again."""
    code = (
        "import sys, pathlib; from lmtx.index.compile import compile_folder; "
        "compile_folder(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))"
    )
    for seed in ("1", "2"):
        assert (
            lmtx.python(code, str(BASE), str(tmp_path / seed), env={"PYTHONHASHSEED": seed}).code
            == 0
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


# Runs that end early, and disks that fill up


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    "name", ["SIGTERM", *(pytest.param(one, marks=pytest.mark.ci) for one in ("SIGINT", "SIGHUP"))]
)
def test_a_compile_that_is_told_to_end_leaves_nothing_behind(folder: Path, name: str) -> None:
    done = child(folder, name, "list", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert list((folder.parent / "cache").iterdir()) == []
    assert child(folder, "none", "list", "-q").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_hang_up_that_is_ignored_stays_ignored(folder: Path) -> None:
    done = child(
        folder,
        "SIGHUP",
        "list",
        "-q",
        before="import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n",
    )
    assert done.returncode == 0 and done.stdout.startswith("id\t")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_a_killed_compile_leaves_is_removed_by_a_later_run(folder: Path) -> None:
    place = folder.parent / "cache"
    assert child(folder, "SIGKILL", "list", "-q", env=unmeasured()).returncode == -signal.SIGKILL
    left = list(place.iterdir())
    assert left and all(path.name.startswith(cache.UNFINISHED_INDEX_PREFIX) for path in left)
    assert child(folder, "none", "list", "-q").returncode == 0
    assert all(path.exists() for path in left), "a run that lasts is not disturbed"
    for path in left:
        long_ago = time.time() - cache.ABANDONED_INDEX_SECONDS - 5
        os.utime(path, (long_ago, long_ago))
    next(place.glob("index-*.sqlite")).unlink()
    assert child(folder, "none", "list", "-q").returncode == 0
    assert len(files(folder)) == 1


def test_a_disk_that_takes_no_more_is_done_without(folder: Path) -> None:
    """The system refuses every file of more than 64 KB, as a full disk does."""
    pytest.importorskip("resource")
    whole = child(folder, "none", "list", "-q").stdout
    for path in (folder.parent / "cache").iterdir():
        path.unlink()
    done = child(
        folder,
        "none",
        "list",
        "-q",
        before="import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n",
        env=unmeasured(),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, whole, "")
    assert list((folder.parent / "cache").iterdir()) == []


def test_no_journal_is_written_beside_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk would leave it behind."""
    from lmtx.index import compile as compiler

    seen: list[str] = []
    names = compiler._IndexWriter.write_names

    def looking(self: Any) -> None:
        names(self)
        seen.extend(path.name for path in tmp_path.iterdir())

    monkeypatch.setattr(compiler._IndexWriter, "write_names", looking)
    compile_folder(BASE, tmp_path / "index.sqlite")
    assert seen == ["index.sqlite"]


def test_an_export_to_a_disk_that_takes_no_more_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("resource")
    target = tmp_path / "out"
    target.mkdir()
    before = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))\n"
    for arguments in (
        ["-o", str(target / "all.json")],
        ["-f", "csv", "-o", str(target)],
        ["-o", str(target / "all.sqlite")],
    ):
        done = child(folder, "none", "export", *arguments, before=before, env=unmeasured())
        assert (
            done.returncode == 3 and done.stderr.count("\n") == 1 and "cannot write" in done.stderr
        )
        assert list(target.iterdir()) == []


@pytest.mark.parametrize("damage", ["a byte", "no index", "none"])
def test_an_index_in_an_archive_is_held_against_its_checksum(
    compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    from lmtx.errors import DataError

    body = bytearray(compiled.read_bytes())
    body[-300] ^= damage == "a byte"
    if damage != "no index":
        (tmp_path / index.BUNDLED_INDEX.name).write_bytes(body)
    monkeypatch.setattr(cache, "files", lambda _: tmp_path)
    if damage == "none":
        assert treatments(cache.open_index_inside_archive(tmp_path)) == 4
        return
    with pytest.raises(DataError, match="damaged" if damage == "a byte" else "carries no index"):
        cache.open_index_inside_archive(tmp_path)
