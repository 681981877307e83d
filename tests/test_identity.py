"""An index knows of which files it was made: no answer comes from other bytes than the data it
names.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lmtx
from lmtx import index
from lmtx.errors import DataError
from lmtx.index import add_checksum, cache, open_index
from lmtx.index.identity import (
    ALL_FILES_LABEL,
    CACHED_INDEX,
    PACKAGED_INDEX,
    identify_data,
    read_hashes,
    verify_index_and_files,
)
from support import BASE, Answer, refused

Run = Callable[..., Answer]
DOE = "studies/doe-2020.toml"
OWN = """[[treatment]]
id = "own-drug"
name = "Own drug"
class = "pills"
mechanism = "None"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of own records: what is laid over the base is compiled anew from its TOML."""
    path = tmp_path / "hospital.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def bundled(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The index of an installed lmtx, beside which its data lie in `folder`."""
    from lmtx.index.compile import compile_folder

    path = tmp_path / "index.sqlite"
    compile_folder(folder, path)
    monkeypatch.setattr(index, "BUNDLED_INDEX", path)
    return path


def correct(path: Path) -> None:
    """Correct a figure, and let the file keep its size and its time."""
    before, text = path.stat(), path.read_text(encoding="utf-8")
    assert text.count("n = 4\n") == 1
    path.write_text(text.replace("n = 4\n", "n = 5\n"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def patients(run: Run, *arguments: str) -> str:
    """Return the number of patients of a row, as an answer gives it."""
    answer = run("evidence", "--fields", "id,n", "-q", *arguments)
    return next(row["n"] for row in answer.table if row["id"] == "doe-2020.2")


# Files that change


def test_a_lock_of_an_editor_hides_no_edit(folder: Path, own: Path, run: Run) -> None:
    """Emacs lays a link that leads nowhere beside each file that is being edited."""
    lock = ".#abc.toml"
    (folder / "studies" / lock).symlink_to("curator@host.4711:1700000000")
    (folder / "studies" / "zzz.txt").symlink_to("nowhere")
    before = patients(run), patients(run, "--with", str(own))
    path = folder / DOE
    path.write_text(path.read_text(encoding="utf-8").replace("n = 4\n", "n = 11\n"), "utf-8")
    assert before == ("4", "4")
    assert (patients(run), patients(run, "--with", str(own))) == ("11", "11")


def test_a_link_that_leads_nowhere_ends_no_scan(folder: Path) -> None:
    """Entries come in no order: each edit must be seen, wherever the link stands among them."""
    for name in ("000.toml", "mmm.toml", "zzz.toml"):
        (folder / "studies" / name).symlink_to("nowhere")
    seen = {cache.fingerprint_data(folder)}
    paths = [path for path in (folder / "studies").iterdir() if path.is_file()]
    for path in paths:
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        seen.add(cache.fingerprint_data(folder))
    assert len(seen) == len(paths) + 1


def test_a_link_that_leads_nowhere_ends_no_scan_of_own_records(folder: Path, own: Path) -> None:
    place = own.parent / "clinic"
    place.mkdir()
    for name in ("a.toml", "z.toml"):
        (place / name).symlink_to("nowhere")
    path = Path(shutil.copy(own, place / "m.toml"))
    before = cache.fingerprint_data(folder, (place,))
    correct_size = path.read_text(encoding="utf-8").replace("None", "Some")
    path.write_text(correct_size, encoding="utf-8")
    assert cache.fingerprint_data(folder, (place,)) != before


@pytest.mark.parametrize("how", ["written", "replaced", "unpacked"])
def test_a_correction_of_the_same_size_and_date_is_seen(
    folder: Path, run: Run, tmp_path: Path, how: str
) -> None:
    """Archives date all files alike, and `cp -p`, `rsync -t` and images keep the date."""
    for path in folder.rglob("*"):
        os.utime(path, (1_580_000_000, 1_580_000_000))
    before = patients(run)
    if how == "written":
        correct(folder / DOE)
    else:
        release = shutil.copytree(folder, tmp_path / "release")
        correct(release / DOE)
        if how == "replaced":
            (release / DOE).replace(folder / DOE)
        else:
            shutil.rmtree(folder)
            shutil.copytree(release, folder)
    assert (before, patients(run)) == ("4", "5")


def test_line_ends_are_no_difference(folder: Path, run: Run, tmp_path: Path) -> None:
    """Git may check files out with the line ends of Windows."""
    windows = shutil.copytree(folder, tmp_path / "windows")
    for path in windows.rglob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert identify_data(windows) == identify_data(folder)
    assert run("fmt", "--check", str(windows)).code == run("fmt", "--check", str(folder)).code


def test_what_is_put_in_order_keeps_its_line_ends(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "data" / "studies" / "x.toml"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'[study]\r\nyear = 2020\r\nid = "x"\r\n')
    assert run("fmt", str(path)).code == 0
    assert path.read_bytes() == b'[study]\r\nid = "x"\r\nyear = 2020\r\n'
    assert run("fmt", "--check", str(path)).code == 0


# An index that is another one


def test_an_older_index_under_the_name_of_the_new_one_is_not_read(folder: Path, run: Run) -> None:
    """Whoever may write to the folder may rename what lies there, and the owner stays the same."""
    old = Path(open_index().path)
    kept = Path(shutil.copy(old, old.with_name("kept")))
    kept.chmod(0o600)
    correct(folder / DOE)
    new = Path(open_index().path)
    assert new != old
    kept.replace(new)
    assert patients(run) == "5"
    assert Path(open_index().path) == new, "and the right one stands there again"


def test_an_index_that_a_group_may_write_is_not_read(folder: Path) -> None:
    path = Path(open_index().path)
    path.chmod(0o660)
    number = path.stat().st_ino
    assert Path(open_index().path) == path and path.stat().st_ino != number
    path.parent.chmod(0o770)
    number = path.stat().st_ino
    assert Path(open_index().path) == path and path.stat().st_ino == number


@pytest.mark.parametrize("key", ["program", "fingerprint"])
def test_an_index_of_another_program_or_state_is_not_read(
    folder: Path, bundled: Path, key: str
) -> None:
    assert open_index().path == str(bundled)
    bundled.write_bytes(bundled.read_bytes()[: -index.CHECKSUM_BYTES])
    with sqlite3.connect(bundled) as other:
        other.execute("update meta set value = '0.0.1' where key = ?", (key,))
    other.close()
    add_checksum(bundled)
    assert index.is_sound_index(bundled) and open_index().path != str(bundled)


def test_own_records_over_another_release_are_compiled_again(
    folder: Path, bundled: Path, own: Path, run: Run
) -> None:
    """A release that is unpacked over an older one brings another index: size and date may be the
    same.
    """
    from lmtx.index.compile import compile_folder

    before, state = patients(run, "--with", str(own)), bundled.stat()
    correct(folder / DOE)
    bundled.unlink()
    compile_folder(folder, bundled)
    os.utime(bundled, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert (before, patients(run, "--with", str(own))) == ("4", "5")


# Installed data


def spoil(folder: Path, how: str) -> str:
    """Do to installed data what a disk or a careless hand does; return what is said of it."""
    path = folder / DOE
    if how == "missing":
        path.unlink()
        return f"{path}: is missing from the data of this lmtx"
    if how == "unknown":
        shutil.copy(path, path.with_name("own-2020.toml"))
        return f"{path.with_name('own-2020.toml')}: is not one of the data files of this lmtx"
    if how == "a figure":
        correct(path)
    else:
        body = path.read_bytes()
        path.write_bytes(body[:40] + bytes([body[40] ^ 0x80]) + body[41:])
    return f"{path}: is not the file that this lmtx was built with"


SPOILED = pytest.mark.parametrize("how", ["a figure", "a bit", "missing", "unknown"])


@SPOILED
@pytest.mark.parametrize("cached", [True, False])
def test_installed_data_are_held_against_the_index_beside_them(
    folder: Path,
    bundled: Path,
    own: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    cached: bool,
) -> None:
    if not cached:
        monkeypatch.setattr(cache, "_index_path", lambda mark: None)
    said = spoil(folder, how)
    answer = run("list", "--with", str(own))
    assert (answer.code, answer.out) == (3, "") and said in answer.err
    assert answer.err.count("\n") == 1 and "install lmtx again" in answer.err
    assert run("list").code == 0, "without own records the index answers, which is whole"


def test_any_flipped_bit_of_installed_data_is_found(folder: Path, bundled: Path, own: Path) -> None:
    """With own records laid over, 208 of 500 were once taken for data."""
    from random import Random

    random = Random(11)
    paths = sorted(folder.rglob("*.toml"))
    for _ in range(200):
        path = random.choice(paths)
        body = bytearray(path.read_bytes())
        place = random.randrange(len(body))
        body[place] ^= 1 << random.randrange(8)
        whole = path.read_bytes()
        path.write_bytes(body)
        with pytest.raises(DataError, match=path.name):
            open_index([own])
        path.write_bytes(whole)
    open_index([own]).connection.close()


# info --verify


def test_an_index_holds_the_hash_of_each_file(folder: Path, own: Path) -> None:
    found = open_index([own])
    hashes = read_hashes(found.connection)
    assert hashes == identify_data(folder, [own]).hashes
    assert len(hashes) == len(list(folder.rglob("*.toml"))) + 1
    assert hashes.keys() >= {DOE, "tumors.toml", "hospital: hospital.toml"}


def test_own_folders_may_be_called_as_those_of_the_base(folder: Path, tmp_path: Path) -> None:
    """No two files share a name, so that each has its hash."""
    place = tmp_path / "own" / "studies"
    (place / "studies").mkdir(parents=True)
    for path in (place / "doe-2020.toml", place / "studies" / "doe-2020.toml"):
        path.write_text("", encoding="utf-8")
    added = identify_data(folder, [place]).hashes.keys() - identify_data(folder).hashes.keys()
    assert added == {"studies: doe-2020.toml", "studies: studies/doe-2020.toml"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text there")
def test_a_name_that_is_no_text_is_spelled(folder: Path, tmp_path: Path, run: Run) -> None:
    place = tmp_path / "own"
    place.mkdir()
    (place / os.fsdecode(b"caf\xe9.toml")).write_text(OWN, encoding="utf-8")
    assert run("list", "--with", str(place)).code == 0
    answer = run("info", "--verify", "--with", str(place))
    assert answer.code == 0 and "own: caf\\xe9.toml" in {row["file"] for row in answer.table}


def test_verify_names_every_file_and_the_index(folder: Path, own: Path, run: Run) -> None:
    answer = run("info", "--verify", "--json", "--with", str(own))
    names = [row["file"] for row in answer.rows]
    assert answer.code == 0 and {row["state"] for row in answer.rows} == {"same"}
    assert names[:2] == [CACHED_INDEX, ALL_FILES_LABEL]
    assert set(names[2:]) == {
        *(path.relative_to(folder).as_posix() for path in folder.rglob("*.toml")),
        "hospital: hospital.toml",
    }
    sha256 = json.loads(answer.out)["data"]["sha256"]
    assert answer.rows[1]["expected"] == answer.rows[1]["actual"] == sha256


@SPOILED
def test_verify_finds_what_became_of_installed_data(
    folder: Path, bundled: Path, run: Run, how: str
) -> None:
    assert run("info", "--verify").code == 0
    said = spoil(folder, how)
    answer = run("info", "--verify")
    assert answer.code == 3 and "2 of " in answer.err
    others = {row["file"]: row["state"] for row in answer.table if row["state"] != "same"}
    file = Path(said.partition(":")[0]).relative_to(folder).as_posix()
    state = how if how in ("missing", "unknown") else "changed"
    assert others == {ALL_FILES_LABEL: "changed", file: state}


def test_verify_finds_a_damaged_index(folder: Path, bundled: Path, run: Run) -> None:
    """Look-ups are answered from one that is compiled anew; that the installed one is damaged is
    told here.
    """
    whole = bundled.read_bytes()
    bundled.write_bytes(whole[:-300] + bytes([whole[-300] ^ 1]) + whole[-299:])
    assert run("list").code == 0
    answer = run("info", "--verify")
    assert answer.code == 3 and answer.table[0]["file"] == PACKAGED_INDEX
    assert [row["state"] for row in answer.table[:3]] == ["changed", "same", "same"]


def test_verify_has_sqlite_look_through_the_index(folder: Path) -> None:
    """An index may be what was written, and yet hold what SQLite cannot read."""
    found = open_index()
    path = Path(found.path)
    [(page,)] = found.connection.execute("select rootpage from sqlite_schema where name = 'fact'")
    [(size,)] = found.connection.execute("pragma page_size")
    found.connection.close()
    body = bytearray(path.read_bytes()[: -index.CHECKSUM_BYTES])
    body[(page - 1) * size : page * size] = b"\xaa" * size
    path.write_bytes(body)
    add_checksum(path)
    [row, *_] = verify_index_and_files(open_index())
    assert (row.file, row.state, row.expected) == (CACHED_INDEX, "changed", row.actual)


def test_verify_is_a_table_on_a_terminal(folder: Path, terminal: Callable[..., Answer]) -> None:
    drawn = terminal(80, "info", "--verify").out
    assert max(map(len, drawn.splitlines())) <= 80
    assert identify_data(folder).hashes[DOE][:12] in drawn


# A cache that cannot be used


def test_a_cache_that_cannot_be_used_is_said(
    folder: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "cannot be used" not in run("info").out + run("list").err
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "file" / "cache"))
    answer = run("list")
    assert answer.code == 0 and answer.err.count("the cache cannot be used") == 1
    assert f"{tmp_path / 'file' / 'cache'}: Not a directory" in answer.err
    assert "the cache cannot be used" in run("show", "doe-2020").err
    assert run("list", "-q").err == ""
    told = {row["key"]: row["value"] for row in run("info").table}
    assert told["cache"].startswith("cannot be used: ") and told["index"] == ":memory:"


@pytest.mark.parametrize("why", ["no home", "all may write", "no room"])
def test_the_reason_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    place = folder.parent / "cache"
    if why == "no home":
        monkeypatch.setattr(cache, "_index_path", lambda mark: None)
    elif why == "all may write":
        place.mkdir()
        place.chmod(0o777)
    else:
        monkeypatch.setattr(Path, "replace", refused)
    expected = {
        "no home": "there is no home folder",
        "all may write": f"{place} is another user's, or all may write to it",
        "no room": f"{place}: The process cannot access the file",
    }
    assert open_index().cache_fault.startswith(expected[why])


def test_the_small_base_is_as_it_was() -> None:
    """Its hash is that of earlier versions: line ends of Unix change nothing."""
    import hashlib

    from lmtx.store.loading import list_data_files

    whole = hashlib.sha256()
    for path in list_data_files(BASE):
        body = path.read_bytes()
        whole.update(f"{path.relative_to(BASE).as_posix()}\0{len(body)}\0".encode() + body)
    assert identify_data(BASE).sha256 == whole.hexdigest()


def test_another_folder_is_not_held_against_the_index_in_the_package(
    compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python opens any folder of data, also where lmtx was installed with an index, and sees each
    edit of it.
    """
    monkeypatch.setattr("lmtx.index.BUNDLED_INDEX", compiled)
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "cache"))
    folder = shutil.copytree(BASE, tmp_path / "other")
    with lmtx.open(folder) as base:
        before = len(base.studies())
    (folder / "studies" / "loe-2018.toml").unlink()
    with lmtx.open(folder) as base:
        assert len(base.studies()) == before - 1
