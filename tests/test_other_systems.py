"""Users without rights, caches of other users, and systems that are not POSIX."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PureWindowsPath

import pytest

import lmtx
from children import child
from lmtx import index
from lmtx.errors import DataError
from lmtx.index import Index, cache, open_index, sqlite_address
from lmtx.store import places
from support import BASE, Answer, read_folder, refused
from test_cache import files, treatments

Run = Callable[..., Answer]
NOBODY = 65534
SKIPPED = 77


# Other users, and what may not be read or written


SWITCH = f"""
import contextlib, io, os, pathlib, sys, tempfile
import lmtx.index
from lmtx.cli.run import main
lmtx.index.find_bundled_data_folder = lambda: pathlib.Path(sys.argv[1])
lmtx.index.BUNDLED_INDEX = pathlib.Path('none.sqlite')
asked = dict(os.environ)
with tempfile.TemporaryDirectory() as room, contextlib.redirect_stdout(io.StringIO()):
    os.environ["LMTX_CACHE_DIR"] = room
    main(["info", "-q"])  # reads every module: the other user may not be allowed to
os.environ.clear()
os.environ.update(asked)
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
if not os.access(pathlib.Path(lmtx.index.__file__).with_name("tables.sql"), os.R_OK):
    sys.exit({SKIPPED})
"""


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the small base that every user can reach, with no cache yet: `common.parent /
    "cache"`.
    """
    place = Path(tempfile.mkdtemp(prefix="lmtx-common-"))
    place.chmod(0o755)
    read_folder(monkeypatch, place / "data")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(place / "cache"))
    yield shutil.copytree(BASE, place / "data")
    (place / "data" / "studies").chmod(0o755)
    shutil.rmtree(place)


@pytest.fixture
def unprivileged(common: Path) -> str:
    """Code that turns a child into a user without rights, for permissions mean nothing to root;
    nothing where this is none.
    """
    if not hasattr(os, "geteuid") or os.geteuid():
        return ""
    if child(common, "none", "--version", before=SWITCH).returncode == SKIPPED:
        pytest.skip("another user cannot read this checkout")
    return SWITCH


def own(path: Path, switch: str) -> None:
    """Give a file or folder to the user of the child."""
    if switch:
        os.chown(path, NOBODY, NOBODY)


def place_of_index(answer: subprocess.CompletedProcess[str]) -> str:
    found: str = next(
        line.split("\t")[1] for line in answer.stdout.splitlines() if line.startswith("index\t")
    )
    return found


def test_a_cache_that_may_not_be_written_is_done_without(common: Path, unprivileged: str) -> None:
    place = common.parent / "cache"
    place.mkdir(mode=0o500)
    own(place, unprivileged)
    done = child(common, "none", "info", "-q", before=unprivileged)
    place.chmod(0o700)
    assert (done.returncode, done.stderr, place_of_index(done)) == (0, "", ":memory:") and list(
        place.iterdir()
    ) == []


def test_a_home_that_may_not_be_written_is_done_without(common: Path, unprivileged: str) -> None:
    home = common.parent / "home"
    home.mkdir(mode=0o500)
    own(home, unprivileged)
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("LMTX_CACHE_DIR", "XDG_CACHE_HOME")
    }
    done = child(common, "none", "info", "-q", env={**env, "HOME": str(home)}, before=unprivileged)
    assert (done.returncode, done.stderr, place_of_index(done)) == (0, "", ":memory:")


def test_the_index_of_another_user_is_not_opened(common: Path, unprivileged: str) -> None:
    if not unprivileged:
        pytest.skip("only root can make a file of another user")
    path = Path(open_index().path)
    for made in (path.parent, path):
        made.chmod(0o755)
    theirs = child(common, "none", "info", "-q", before=unprivileged)
    assert (theirs.returncode, place_of_index(theirs)) == (0, ":memory:"), (
        "root's index, as another user"
    )
    os.chown(path, NOBODY, NOBODY)
    assert treatments(open_index()) == 4 and path.stat().st_uid == 0, (
        "another user's index, as root: made anew"
    )
    os.chown(path.parent, NOBODY, NOBODY)
    assert open_index().path == ":memory:", "a folder in which another user may replace every file"


def test_a_folder_that_all_may_write_is_not_trusted(folder: Path) -> None:
    path = Path(open_index().path)
    path.parent.chmod(0o777)
    assert open_index().path == ":memory:"
    path.parent.chmod(0o700)
    assert open_index().path == str(path)


def test_a_link_in_the_place_of_an_index_is_not_followed(folder: Path, tmp_path: Path) -> None:
    path = Path(open_index().path)
    elsewhere = path.rename(tmp_path / "elsewhere.sqlite")
    body = elsewhere.read_bytes()
    path.symlink_to(elsewhere)
    assert treatments(open_index()) == 4
    assert not path.is_symlink() and elsewhere.read_bytes() == body


def test_a_link_is_known_where_its_own_rights_look_harmless(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(open_index().path)
    mode, *rest = path.lstat()
    monkeypatch.setattr(Path, "lstat", lambda self: os.stat_result((stat.S_IFLNK | 0o755, *rest)))
    assert not cache._is_private(path) and stat.S_ISREG(mode)


def test_the_cache_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "roomy").mkdir(mode=0o700)
    (folder.parent / "cache").symlink_to(tmp_path / "roomy")
    path = open_index().path
    assert path != ":memory:" and open_index().path == path


def test_an_unreadable_folder_of_studies_is_one_line(common: Path, unprivileged: str) -> None:
    (common / "studies").chmod(0)
    done = child(common, "none", "list", before=unprivileged)
    (common / "studies").chmod(0o755)
    assert (done.returncode, done.stdout) == (3, "")
    assert (
        done.stderr
        == f"lmtx: {common / 'studies'}: cannot be read: Permission denied; check its permissions\n"
    )


def test_a_file_in_the_place_of_the_studies_is_one_line(folder: Path, run: Run) -> None:
    (folder / "studies").rename(folder / "away")
    (folder / "studies").write_text("")
    answer = run("list")
    assert (
        answer.code == 3
        and answer.err.count("\n") == 1
        and "studies: cannot be read: Not a directory" in answer.err
    )


# Other systems


def test_a_system_without_owners_has_none_to_compare(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(open_index().path)
    monkeypatch.delattr(os, "getuid")
    assert cache._is_private(path) and not cache._is_private(path.with_name("absent"))
    assert open_index().path == str(path)


def test_an_index_that_windows_holds_open_is_answered_around(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "replace", refused)
    assert open_index().path == ":memory:" and files(folder) == []


def test_an_index_that_cannot_be_removed_is_not_said_to_be_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not cache.discard_index(folder), "there is none"
    path = Path(open_index().path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        assert not cache.discard_index(folder)
    assert cache.discard_index(folder) and not path.exists()


def test_without_a_home_there_is_nothing_to_discard(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "cache_folder", lambda: Path("~nobody-of-this-name").expanduser())
    assert not cache.discard_index(folder)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:\\Users\\x y\\i.sqlite", "file:///C:/Users/x%20y/i.sqlite"),
        ("\\\\server\\share\\i.sqlite", "file:////server/share/i.sqlite"),
    ],
)
def test_addresses_of_windows(path: str, expected: str) -> None:
    assert sqlite_address(PureWindowsPath(path)) == expected


def test_a_package_in_an_archive_reads_its_index_into_memory(
    compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`test_wheel` runs a real one; here is what may be wrong with it."""

    monkeypatch.setattr(index, "PACKAGE_FOLDER", tmp_path / "app.pyz" / "lmtx")
    for module in (index, cache):
        monkeypatch.setattr(module, "BUNDLED_INDEX", tmp_path / "app.pyz" / "lmtx" / "index.sqlite")
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.setattr(cache, "files", lambda package: inside)
    with pytest.raises(DataError, match="carries no index"):
        open_index()
    (inside / "index.sqlite").write_bytes(compiled.read_bytes())
    found = open_index()
    assert isinstance(found, Index) and found.data == tmp_path / "app.pyz" / "lmtx" / "data"
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        found.connection.execute("delete from treatment")
    assert treatments(found) == 4
    with lmtx.open() as base, ThreadPoolExecutor(1) as pool:
        assert len(pool.submit(base.treatments).result()) == 3, (
            "Python reads it too, from any thread"
        )
    (inside / "index.sqlite").write_bytes(compiled.read_bytes()[:-1])
    with pytest.raises(DataError, match="is damaged"):
        open_index()


def test_the_home_of_another_user_holds_no_configuration_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As under sudo -u, or in a container whose HOME is that of root."""
    from lmtx.store.places import configured_overlays

    monkeypatch.delenv("LMTX_CONFIG", raising=False)
    monkeypatch.setattr(Path, "is_file", refused)
    assert configured_overlays() == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="folders of XDG")
def test_a_relative_folder_of_xdg_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:

    monkeypatch.delenv("LMTX_CONFIG", raising=False)
    monkeypatch.delenv("LMTX_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "here")
    assert places.config_file() == tmp_path / ".config" / "lmtx" / "config.toml"
    assert cache.cache_folder() == tmp_path / ".cache" / "lmtx"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_in_the_place_of_an_index_is_not_waited_for(folder: Path) -> None:
    path = Path(open_index().path)
    path.unlink()
    os.mkfifo(path)
    assert open_index().connection.execute("select count(*) from treatment").fetchone() == (4,)
