"""The built wheel, installed elsewhere and run from another folder: nothing of this checkout may
help it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lmtx.index import is_sound_index
from support import DATA, ROOT, subprocess_environment

pytestmark = pytest.mark.ci


def clean() -> dict[str, str]:
    """Return an environment without anything that leads back to this checkout."""
    return {
        name: value
        for name, value in subprocess_environment().items()
        if not name.startswith(("PYTHON", "COVERAGE", "LMTX_"))
    }


def call(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**clean(), **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without isolation so that no registry is asked."""
    target = tmp_path_factory.mktemp("dist")
    done = call(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        target,
        ROOT,
        cwd=target,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; dependencies are borrowed, the editable lmtx is not."""
    place = tmp_path_factory.mktemp("venv") / "venv"
    assert (
        call(sys.executable, "-m", "venv", "--without-pip", place, cwd=place.parent).returncode == 0
    )
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = call(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        wheel,
        cwd=place.parent,
    )
    assert done.returncode == 0, done.stderr
    site = Path(
        call(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place.parent
        ).stdout.strip()
    )
    # A plain path in a .pth file: the .pth files inside it, which lead to this checkout, are not
    # read.
    lenders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site / "borrowed.pth").write_text("\n".join(lenders) + "\n", encoding="utf-8")
    return python.parent / "lmtx"


def test_it_holds_the_index_the_data_and_the_licences(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path, ["lmtx/index.sqlite"])
    assert is_sound_index(tmp_path / "lmtx" / "index.sqlite")
    assert {f"lmtx/data/{path.relative_to(DATA).as_posix()}" for path in DATA.rglob("*.*")} <= names
    assert {
        "lmtx/py.typed",
        "lmtx/index/tables.sql",
        "lmtx/export/views.sql",
        "lmtx/data/schema/study.schema.json",
    } <= names
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {
        "LICENSE",
        "LICENSE-DATA",
    }
    assert not [
        name for name in names if name.startswith(("tests/", "bench/")) or "__pycache__" in name
    ]


def test_it_answers_from_another_folder_with_its_own_index(installed: Path, tmp_path: Path) -> None:
    done = call(
        installed,
        "list",
        "--tumor",
        "melanoma",
        "--json",
        cwd=tmp_path,
        LMTX_CACHE_DIR=str(tmp_path / "cache"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]
    assert not (tmp_path / "cache").exists(), "it carries an index and need not compile one"


def test_it_is_the_installed_copy_that_runs(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    done = call(
        python,
        "-c",
        "import lmtx, lmtx.index; print(lmtx.__file__); print(lmtx.index.find_bundled_data_folder())",
        cwd=tmp_path,
    )
    assert all(line.startswith(str(installed.parent.parent)) for line in done.stdout.split()), (
        done.stdout
    )
    assert call(python, "-m", "lmtx", "--version", cwd=tmp_path).stdout.startswith("lmtx ")


def test_its_answers_are_those_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    for arguments in (
        ["list", "--tsv"],
        ["evidence", "--tumor", "nsclc", "--format", "jsonl"],
        ["csf"],
    ):
        assert (
            call(installed, *arguments, cwd=tmp_path).stdout
            == call(
                sys.executable,
                "-m",
                "lmtx",
                *arguments,
                cwd=tmp_path,
                LMTX_CACHE_DIR=os.environ["LMTX_CACHE_DIR"],
            ).stdout
        )


def test_it_validates_its_own_data(installed: Path, tmp_path: Path) -> None:
    for arguments in (["validate"], ["info", "--verify"]):
        done = call(installed, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr


def test_invalid_data_stop_the_build(tmp_path: Path) -> None:
    """The message is that of `lmtx validate`, with file and line."""
    import shutil

    copied = tmp_path / "project"
    shutil.copytree(
        ROOT,
        copied,
        ignore=shutil.ignore_patterns(
            ".git", ".venv", "tests", "docs", ".*cache*", "__pycache__", "studies"
        ),
    )
    shutil.copytree(ROOT / "tests" / "base", copied / "data", dirs_exist_ok=True)
    path = copied / "data" / "studies" / "doe-2020.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('design = "phase-2"', 'design = "phase-two"'),
        encoding="utf-8",
    )
    done = call(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path / "dist",
        copied,
        cwd=tmp_path,
    )
    assert (
        done.returncode != 0
        and "studies/doe-2020.toml:13: doe-2020: study.design: 'phase-two' is not a known value"
        in done.stdout + done.stderr
    )
    assert not list((tmp_path / "dist").glob("*.whl")) if (tmp_path / "dist").exists() else True
