"""What is built and how it may be carried about: the same wheel twice, one file that holds all, a
link to an isolated copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipapp
import zipfile
from pathlib import Path

import pytest

from support import BASE, ROOT
from test_wheel import call, installed, wheel  # noqa: F401 - fixtures

pytestmark = pytest.mark.ci
HEAVY = (".git", ".venv", ".*cache*", "__pycache__", "tests", "docs", "data")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "dist", ".*cache*", "__pycache__", ".coverage*")


@pytest.fixture(scope="module")
def from_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from an sdist that was made from a copy in another place, with other times, hash
    seed and permissions.
    """
    place = tmp_path_factory.mktemp("elsewhere")
    copied = shutil.copytree(ROOT, place / "other name", ignore=LEFT_OUT)
    for path in copied.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(path.stat().st_mode & ~0o077)
    done = call(
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        place / "dist",
        copied,
        cwd=place,
        PYTHONHASHSEED="7",
        TZ="Asia/Kathmandu",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next((place / "dist").glob("*.whl"))


def test_the_same_sources_make_the_same_wheel_byte_by_byte(wheel: Path, from_sdist: Path) -> None:  # noqa: F811
    """Whoever has the sources can prove that the published wheel was made of them."""
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(from_sdist) as other:
        assert one.namelist() == other.namelist()
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == []
    assert wheel.read_bytes() == from_sdist.read_bytes()


def test_only_data_are_packed(tmp_path: Path) -> None:
    """Notes beside the data stay where they are, and the lock of an editor, a link that leads
    nowhere, stops no build.
    """
    copied = shutil.copytree(ROOT, tmp_path / "project", ignore=shutil.ignore_patterns(*HEAVY))
    shutil.copytree(ROOT / "tests" / "base", copied / "data")
    (copied / "data" / "schema").mkdir()
    shutil.copy(ROOT / "data" / "schema" / "study.schema.json", copied / "data" / "schema")
    for name in ("data/.#tumors.toml", "data/studies/.#x.toml", "src/lmtx/.#start.py", ".#LICENSE"):
        (copied / name).symlink_to("curator@host.4711:1700000000")
    strays = ("notes-patients.txt", "studies/list.xlsx", "studies/#x.toml#", "tumors.toml~")
    for name in (*strays, "studies/.x.toml.swp", ".DS_Store", "schema/draft.json"):
        (copied / "data" / name).write_text("private")
    expected = {
        *(path.relative_to(BASE).as_posix() for path in BASE.rglob("*.toml")),
        "schema/study.schema.json",
    }
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "dist")
    done = call(*build, "--sdist", "--wheel", copied, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(next((tmp_path / "dist").glob("*.tar.gz"))) as packed:
        names = [name.partition("/")[2] for name in packed.getnames()]
    assert {name.removeprefix("data/") for name in names if name.startswith("data/")} == expected
    assert not [name for name in names if "#" in name or name.endswith("~")]
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as packed_wheel:
        names = packed_wheel.namelist()
    inside = "lmtx/data/"
    assert {name.removeprefix(inside) for name in names if name.startswith(inside)} == expected
    assert not [name for name in names if "#" in name]


def test_an_editable_install_is_compiled_to_bytecode(tmp_path: Path) -> None:
    """As pip does with a wheel: where Python may write none itself, each start would compile all
    that it imports.
    """
    copied = shutil.copytree(ROOT, tmp_path / "project", ignore=shutil.ignore_patterns(*HEAVY))
    code = (
        "from build_index import IndexBuildHook as Hook; Hook('.', {}, None, None, '', "
        "'wheel').initialize('editable', {})"
    )
    done = call(sys.executable, "-c", code, cwd=copied)
    assert done.returncode == 0, done.stderr
    assert list((copied / "src" / "lmtx" / "cli" / "__pycache__").glob("run.*.pyc"))


@pytest.fixture(scope="module")
def archive(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A zipapp of the wheel; what it depends on is borrowed."""
    place = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place / "app")
    zipapp.create_archive(place / "app", place / "lmtx.pyz", main="lmtx.__main__:entry")
    shutil.rmtree(place / "app")
    return place / "lmtx.pyz"


def in_archive(archive: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return call(
        sys.executable,
        archive,
        *arguments,
        cwd=archive.parent,
        LMTX_CACHE_DIR=str(archive.parent / "cache"),
        PYTHONPATH=sysconfig.get_path("purelib"),
    )


def test_a_zipapp_answers_from_the_index_inside_it(
    archive: Path,
    installed: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    for arguments in (
        ["list", "--tumor", "melanoma", "--json"],
        ["show", "osimertinib", "-f", "table"],
        ["search", "shunt"],
        ["export", "-f", "jsonl"],
    ):
        done, expected = in_archive(archive, *arguments), call(installed, *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, expected.stdout), done.stderr
    asked = (
        "import sys; sys.path.insert(0, sys.argv[1]); import lmtx; print(lmtx.__file__, "
        "len(lmtx.open().treatments()))"
    )
    done = call(
        sys.executable, "-c", asked, archive, cwd=tmp_path, PYTHONPATH=sysconfig.get_path("purelib")
    )
    assert done.stdout.startswith(str(archive)) and int(done.stdout.split()[-1]) > 90, done.stderr
    assert f"index\t{archive}" in in_archive(archive, "info").stdout
    done = in_archive(archive, "info", "--verify", "--json")
    assert done.returncode == 0 and len(json.loads(done.stdout)["rows"]) > 400, done.stderr
    assert not (archive.parent / "cache").exists()


def test_a_zipapp_says_what_it_cannot_do(archive: Path) -> None:
    done = in_archive(archive, "validate")
    assert (
        done.returncode == 3
        and done.stderr.count("\n") == 1
        and "lmtx.pyz/lmtx/data: no such file or folder" in done.stderr
    )


def test_an_isolated_copy_runs_through_a_link(installed: Path, tmp_path: Path) -> None:  # noqa: F811
    """As pipx and uv lay it out: an environment of its own, and a link on the path."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "lmtx").symlink_to(installed)
    done = subprocess.run(
        ["lmtx", "list", "--tumor", "melanoma"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith("id\t"), done.stderr


def test_a_copy_that_nobody_may_write_runs(installed: Path, tmp_path: Path) -> None:  # noqa: F811
    """The index is opened as one that never changes: no lock and no journal is made beside it."""
    [index] = installed.parent.parent.glob("lib/*/site-packages/lmtx/index.sqlite")
    before = sorted(path.name for path in index.parent.iterdir())
    assert call(installed, "search", "shunt", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in index.parent.iterdir() if path.name != "__pycache__") == [
        name for name in before if name != "__pycache__"
    ]
