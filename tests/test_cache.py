"""The cache of compiled indexes: atomic, rebuilt when stale or unsound, safe when first runs race,
done without where it cannot be.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx import index
from lmtx.index import APPLICATION_ID, INDEX_FORMAT, Index, cache, is_sound_index, open_index
from support import BASE, Answer, Lmtx


def treatments(found: Index) -> int:
    """Count the treatments and close the index."""
    number: int = found.connection.execute("select count(*) from treatment").fetchone()[0]
    found.connection.close()
    return number


def files(place: Path) -> list[str]:
    """Return the names of all in the cache."""
    return sorted(path.name for path in (place.parent / "cache").iterdir())


def test_the_first_use_compiles_and_the_second_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_index()
    assert treatments(first) == 4 and is_sound_index(Path(first.path))
    monkeypatch.setattr(cache, "_compile_into_cache", lambda *_: pytest.fail("compiled again"))
    assert treatments(open_index()) == 4
    assert len(files(folder)) == 1, "nothing but the index is left behind"


@pytest.mark.parametrize("name", ["treatments.toml", "studies/doe-2020.toml"])
def test_a_change_of_the_data_makes_a_new_index(folder: Path, name: str) -> None:
    before = open_index()
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = open_index()
    assert treatments(before) == treatments(after) and before.path != after.path


def test_a_study_added_or_removed_is_seen_at_once(folder: Path, run: Callable[..., Answer]) -> None:
    (folder / "studies" / "loe-2018.toml").unlink()
    assert "loe-2018.1" not in run("evidence").out
    shutil.copy(BASE / "studies" / "loe-2018.toml", folder / "studies")
    assert "loe-2018.1" in run("evidence").out


@pytest.mark.parametrize("room", ["", "model", "store", "index"])
def test_a_change_of_the_program_makes_a_new_index(
    room: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cache, "PACKAGE_FOLDER", tmp_path / "package")
    place = tmp_path / "package" / room
    place.mkdir(parents=True)
    before = cache.fingerprint_data(folder)
    (place / "one.py").write_text("")
    assert cache.fingerprint_data(folder) != before


def test_a_missing_folder_has_a_fingerprint_too(tmp_path: Path) -> None:
    assert cache.fingerprint_data(tmp_path / "nowhere") != cache.fingerprint_data(tmp_path)


def spoiled(path: Path, how: str) -> None:
    """Replace an index by something that is none."""
    body = path.read_bytes()
    path.unlink()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "truncated":
        path.write_bytes(body[: len(body) // 2])
    elif how == "short":
        path.write_bytes(body[:50])
    elif how == "garbage":
        path.write_bytes(b"\xff" * len(body))
    elif how == "folder":
        path.mkdir()
    elif how == "foreign":
        with sqlite3.connect(path) as foreign:
            foreign.execute("create table treatment (id)")
        foreign.close()
    elif how == "another version":
        path.write_bytes(body)
        with sqlite3.connect(path) as older:
            older.execute(f"pragma user_version = {INDEX_FORMAT + 1}")
        older.close()


@pytest.mark.parametrize(
    "how", ["empty", "truncated", "short", "garbage", "foreign", "another version"]
)
def test_an_unsound_index_is_compiled_again(folder: Path, how: str) -> None:
    path = Path(open_index().path)
    spoiled(path, how)
    assert not is_sound_index(path)
    found = open_index()
    assert treatments(found) == 4 and found.path == str(path) and is_sound_index(path)


def test_an_index_whose_place_is_taken_is_made_in_memory(folder: Path) -> None:
    path = Path(open_index().path)
    spoiled(path, "folder")
    (path / "x").write_text("")
    found = open_index()
    assert treatments(found) == 4 and found.path == ":memory:"


def test_a_large_index_that_rots_is_said_and_compiled_again(
    folder: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a very large index only the header is looked at before it is read."""
    monkeypatch.setattr(cache, "MOST_BYTES_VERIFIED_ON_LOOKUP", 0)
    found = open_index()
    path = Path(found.path)
    [(page,)] = found.connection.execute(
        "select rootpage from sqlite_schema where name = 'treatment'"
    )
    [(size,)] = found.connection.execute("pragma page_size")
    found.connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)
    answer = run("list")
    assert (
        answer.code == 0
        and "damaged and is compiled again" in answer.err
        and "Traceback" not in answer.err
    )
    assert answer.out == run("list").out


def test_an_answer_that_has_begun_is_not_written_twice(
    folder: Path, run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_index().connection.close()

    def broken(*_: object, **__: object) -> object:
        yield from ("half", " an answer")
        raise sqlite3.DatabaseError("malformed")

    monkeypatch.setattr("lmtx.render.text.formats.write_delimited", broken)
    answer = run("list")
    assert (answer.code, answer.out) == (
        3,
        "half an answer",
    ) and "run the command again" in answer.err


def test_an_index_of_another_user_is_not_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(open_index().path)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert not cache._is_private(path)
    monkeypatch.delattr(os, "getuid")
    assert cache._is_private(path), "systems without owners have none to compare"


def old_index(place: Path, age: int) -> Path:
    """Put an index into a cache that another state of the data left there."""
    path = place / f"index-{age:x}-5-{age:016x}.sqlite"
    with sqlite3.connect(path) as made:
        made.execute(f"pragma application_id = {APPLICATION_ID}")
    made.close()
    path.chmod(0o600)
    os.utime(path, (age, age))
    return path


def test_only_the_newest_few_are_kept(folder: Path) -> None:
    place = folder.parent / "cache"
    place.mkdir()
    old = [old_index(place, age) for age in range(6)]
    path = Path(open_index().path)
    assert files(folder) == sorted(kept.name for kept in (*old[3:], path))
    assert cache.MOST_KEPT_INDEXES == 4


def test_the_current_index_stays_even_if_its_time_is_old(tmp_path: Path) -> None:
    old = [old_index(tmp_path, age) for age in range(6)]
    cache._remove_old_indexes(tmp_path, old[0])
    assert old[0].exists() and not old[1].exists()


def test_an_index_that_is_used_stays(folder: Path) -> None:
    place = folder.parent / "cache"
    used = Path(open_index().path)
    os.utime(used, (1, 1))
    open_index()
    newer = [old_index(place, age) for age in range(2, 8)]
    cache._remove_old_indexes(place, newer[-1])
    assert used.exists() and not newer[0].exists()


def test_nothing_but_an_index_of_ours_is_removed(folder: Path) -> None:
    """A user may name any folder as the cache; what else lies there is not lmtx's to remove."""
    place = folder.parent / "cache"
    place.mkdir()
    strangers = [
        *(place / f"index-patients-200{number}.sqlite" for number in range(6)),
        *(place / f"index-{number}-5-{number:016x}.sqlite" for number in range(6)),
        place / "index-backup.crc",
        place / ".building-site-plan.dwg",
        place / ".lmtx-building-plan.sqlite",
        place / ".lmtx-building-12-ab.sqlite",
    ]
    for path in strangers:
        path.write_text("somebody's")
        os.utime(path, (1, 1))
    theirs = old_index(place, 7).rename(place / "index-of-mine.sqlite")
    folder_ = place / f"index-1-5-{1:016x}f.sqlite"
    folder_.mkdir()
    path = Path(open_index().path)
    for age in range(10, 16):
        old_index(place, age)
    cache._remove_old_indexes(place, path)
    assert all(path.exists() for path in (*strangers, theirs, folder_))
    assert len(files(folder)) == len(strangers) + 2 + cache.MOST_KEPT_INDEXES


def test_invalid_data_leave_nothing_behind(folder: Path, run: Callable[..., Answer]) -> None:
    (folder / "studies" / "bad.toml").write_text("[study")
    answer = run("list")
    assert answer.code == 3 and "studies/bad.toml:1: bad: not valid TOML" in answer.err
    assert files(folder) == []


def test_a_cache_that_cannot_be_made_is_done_without(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "file" / "cache"))
    found = open_index()
    assert found.path == ":memory:"
    with pytest.raises(sqlite3.OperationalError):
        found.connection.execute("delete from treatment")
    assert treatments(found) == 4


def test_a_disk_that_fills_up_is_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("lmtx.index.compile.compile_folder", full)
    found = open_index()
    assert found.path == ":memory:" and treatments(found) == 4 and files(folder) == []


def test_no_home_is_done_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(cache, "cache_folder", homeless)
    assert open_index().path == ":memory:"


@pytest.mark.parametrize(
    ("platform", "env", "expected"),
    [
        ("linux", {"LMTX_CACHE_DIR": "/x", "XDG_CACHE_HOME": "/y"}, "/x"),
        ("linux", {"XDG_CACHE_HOME": "/y"}, "/y/lmtx"),
        ("linux", {}, "~/.cache/lmtx"),
        ("darwin", {}, "~/Library/Caches/lmtx"),
        ("win32", {"LOCALAPPDATA": "/z"}, "/z/lmtx/Cache"),
        ("win32", {}, "~/lmtx/Cache"),
    ],
)
def test_the_place_of_the_cache(
    monkeypatch: pytest.MonkeyPatch, platform: str, env: dict[str, str], expected: str
) -> None:
    for name in ("LMTX_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache.cache_folder() == Path(expected).expanduser()


def test_the_bundled_index_is_read_where_there_is_a_sound_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lmtx.index.compile import compile_folder

    bundled = tmp_path / "index.sqlite"
    compile_folder(BASE, bundled)
    monkeypatch.setattr(index, "BUNDLED_INDEX", bundled)
    found = open_index()
    assert (
        treatments(found) == 4 and found.path == str(bundled) and not (tmp_path / "cache").exists()
    )
    bundled.write_bytes(b"")
    assert open_index().path != str(bundled)


def test_data_stand_inside_the_package_when_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "PACKAGE_FOLDER", tmp_path / "site" / "lib" / "lmtx")
    (tmp_path / "site" / "lib" / "lmtx").mkdir(parents=True)
    assert index.find_bundled_data_folder() == tmp_path / "site" / "data"
    (tmp_path / "site" / "lib" / "lmtx" / "data").mkdir()
    assert index.find_bundled_data_folder() == tmp_path / "site" / "lib" / "lmtx" / "data"


def test_an_index_says_whose_it_is_and_cannot_be_written(folder: Path) -> None:
    found = open_index()
    assert found.connection.execute("pragma application_id").fetchone() == (APPLICATION_ID,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        found.connection.execute("delete from treatment")
    found.connection.close()


def test_a_path_with_signs_of_an_address_is_still_a_path(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "a ?b#c%20&mode=rw"))
    assert treatments(open_index()) == 4
    assert treatments(open_index()) == 4


FIRST_RUN = (
    "import sys, pathlib, lmtx.index; lmtx.index.find_bundled_data_folder = lambda: pathlib.Path(sys.argv[1]); "
    "lmtx.index.BUNDLED_INDEX = pathlib.Path('none.sqlite'); from lmtx.cli.run import main; "
    "sys.exit(main(['list', '--json', '-q']))"
)


@pytest.mark.parametrize("number", [3, pytest.param(20, marks=pytest.mark.ci)])
def test_first_runs_may_race(folder: Path, lmtx: Lmtx, number: int) -> None:
    """All give the same answer, and one sound index is left."""
    env = {**lmtx.environment, "LMTX_CACHE_DIR": str(folder.parent / "cache")}
    env.pop("COVERAGE_PROCESS_CONFIG", None)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST_RUN, str(folder)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(number)
    ]
    answers = {(*process.communicate(timeout=120), process.returncode) for process in running}
    assert len(answers) == 1 and next(iter(answers))[1:] == (b"", 0)
    assert len(files(folder)) == 1 and treatments(open_index()) == 4


def test_a_killed_first_run_leaves_nothing_that_is_read(folder: Path) -> None:
    place = folder.parent / "cache"
    place.mkdir()
    (place / f"{cache.UNFINISHED_INDEX_PREFIX}1-1.sqlite").write_bytes(b"SQLite format 3\0")
    assert treatments(open_index()) == 4


def test_the_first_run_of_the_real_base_is_quick(lmtx: Lmtx, tmp_path: Path) -> None:
    start = time.monotonic()
    assert lmtx("list", "--json", "-q", env={"LMTX_CACHE_DIR": str(tmp_path / "fresh")}).code == 0
    assert time.monotonic() - start < 30
