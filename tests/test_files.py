"""Files as answers: nobody's file is lost, whoever else writes meanwhile."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmtx.errors import OutputError
from lmtx.store import files
from lmtx.store.files import write_file, write_files
from support import BASE, Answer, Lmtx

Run = Callable[..., Answer]
is_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)


def database() -> bytes:
    with sqlite3.connect(":memory:") as made:
        made.execute("create table t (a)")
        return made.serialize()


@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_database_is_not_put_beside_the_journal_of_another(
    tmp_path: Path, ending: str, is_there: bool
) -> None:
    """SQLite would read the pages of the old file into the new one."""
    path, side = tmp_path / "lmtx.db", tmp_path / f"lmtx.db{ending}"
    side.write_bytes(b"old pages")
    if is_there:
        path.write_bytes(b"old")
    with pytest.raises(OutputError, match=side.name):
        write_file(path, database(), force=True)
    assert side.read_bytes() == b"old pages" and path.exists() is is_there
    write_file(tmp_path / "lmtx.db.csv", ["text"], force=True)


def test_the_journal_beside_the_target_of_a_link_counts_too(tmp_path: Path) -> None:
    target = tmp_path / "there" / "real.db"
    target.parent.mkdir()
    target.write_bytes(b"old")
    Path(f"{target}-wal").write_bytes(b"pages")
    (tmp_path / "link.db").symlink_to(target)
    with pytest.raises(OutputError, match=r"real\.db-wal"):
        write_file(tmp_path / "link.db", database(), force=True)


@pytest.mark.parametrize("mode", ["wal", "journal"])
def test_an_old_journal_never_changes_an_export(
    run: Callable[..., Answer], base: Path, lmtx: Lmtx, tmp_path: Path, mode: str
) -> None:
    path = tmp_path / "lmtx.db"
    assert run("export", "-o", str(path), "-q").code == 0
    edit = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('pragma cache_size=2')\n"
        f"c.execute('{'pragma journal_mode=wal' if mode == 'wal' else 'begin'}')\n"
        "c.execute('pragma wal_autocheckpoint=0')\n"
        "c.execute('update outcomes set value = value + 100')\n"
        "c.execute(\"update evidence set summary = 'y' || summary\")\n"
        "os._exit(9)\n"
    )
    assert lmtx.python(edit, str(path)).code == 9
    side = tmp_path / f"lmtx.db-{mode}"
    assert side.exists()
    answer = run("export", "-o", str(path), "--force", "-q")
    assert answer.code == 3 and side.name in answer.err
    odd = tmp_path / "own.toml"
    odd.write_text("[study]\n", encoding="utf-8")
    answer = run("export", "-o", str(path), "--force", "-q", "--with", str(odd))
    assert answer.code == 3 and side.name in answer.err, "said before any data are read"


def test_two_jobs_with_one_name_do_not_both_succeed(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"

    def slow() -> Iterator[str]:
        yield "mine"
        write_file(path, ["theirs"], force=False)

    with pytest.raises(OutputError, match="exists already"):
        write_file(path, slow(), force=False)
    assert path.read_text(encoding="utf-8") == "theirs"
    assert [one.name for one in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_is_taken_at_the_last_moment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """After the check, before the move; also where the file system knows no hard links."""
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(95, "no")))
    checked = files._refuse

    def taken(paths: list[Path], force: bool) -> None:
        checked(paths, force)
        paths[-1].write_text("theirs", encoding="utf-8")

    monkeypatch.setattr(files, "_refuse", taken)
    with pytest.raises(OutputError, match="exists already"):
        write_file(tmp_path / "one.txt", ["mine"], force=False)
    with pytest.raises(OutputError, match="exists already"):
        write_files(tmp_path / "all", [("a", ["mine"]), ("b", ["mine"])], force=False)
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "theirs"
    assert [one.name for one in (tmp_path / "all").iterdir()] == ["b"]
    assert (tmp_path / "all" / "b").read_text(encoding="utf-8") == "theirs"


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_is_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(95, "no")))
    write_file(tmp_path / "one.txt", ["mine"], force=False)
    write_files(tmp_path / "all", [("a", ["A"]), ("b", b"B")], force=False)
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a", "all", "b", "one.txt"]


def test_what_an_editor_saved_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"a = 1\r\n")
    write_file(path, ["a = 2\r\n"], force=True, before="a = 1\n")
    with pytest.raises(OutputError, match="changed"):
        write_file(path, ["a = 3\n"], force=True, before="a = 1\n")
    assert path.read_bytes() == b"a = 2\r\n"
    path.unlink()
    with pytest.raises(OutputError, match="changed"):
        write_file(path, ["a = 3\n"], force=True, before="a = 1\n")
    assert not path.exists()


def test_fmt_keeps_what_an_editor_saved_meanwhile(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lmtx.curation import formatter

    path = shutil.copy(BASE / "studies" / "doe-2020.toml", tmp_path)
    text = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(text.replace(" = ", "  =  ", 1), encoding="utf-8")
    made = formatter.format_data_file

    def edited(*arguments: str) -> str:
        try:
            return made(*arguments)
        finally:
            Path(path).write_text(f"{text}\n# saved meanwhile\n", encoding="utf-8")

    monkeypatch.setattr(formatter, "format_data_file", edited)
    answer = run("fmt", str(path))
    assert answer.code == 3 and "changed" in answer.err and answer.err.count("\n") == 1
    assert Path(path).read_text(encoding="utf-8").endswith("# saved meanwhile\n")


def test_a_file_is_on_the_disk_before_it_takes_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    synced, replaced = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append("sync"), synced(fd))[1])
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (steps.append("move"), replaced(self, to))[1]
    )
    path = tmp_path / "a"
    path.write_bytes(b"")
    write_file(path, ["x"], force=True)
    assert steps[:2] == ["sync", "move"]


@is_root
def test_a_file_keeps_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"a")
    os.chown(path, 12345, 23456)
    path.chmod(0o640)
    write_file(path, ["b"], force=True)
    state = path.stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o777) == (12345, 23456, 0o640)
    assert path.read_bytes() == b"b"

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(OutputError, match="another user"):
        write_file(path, ["c"], force=True)
    assert path.read_bytes() == b"b"
