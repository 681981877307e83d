"""Helpers of the tests: ways to run lmtx, and the data read a second time without lmtx."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli

from lmtx.cli.app import command_names
from lmtx.listings import listing_names, load_listing, meanings_of

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
BASE = ROOT / "tests" / "base"
LISTINGS = ROOT / "src" / "lmtx" / "listings"
SCRIPT = Path(sysconfig.get_path("scripts")) / "lmtx"
LEVELS = ("I", "II", "III", "IV", "V")


COMMANDS = tuple(command_names())
"""The names of all commands."""
FIELDS = {name: meanings_of(load_listing(name).row) for name in listing_names()}
"""The fields of every listing with their meaning."""


class Answer(NamedTuple):
    """What one run of lmtx gave."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a JSON answer."""
        found: list[dict[str, Any]] = json.loads(self.out)["rows"]
        return found

    @property
    def table(self) -> list[dict[str, str]]:
        """The rows of a TSV answer."""
        head, *lines = self.out.split("\n")[:-1]
        return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def in_process(capfd: pytest.CaptureFixture[str], *arguments: str) -> Answer:
    """Run lmtx in this process; stdout and stderr are no terminals."""
    from lmtx.cli.run import main

    capfd.readouterr()
    code = main(arguments)
    return Answer(code, *capfd.readouterr())


def refused(*_: object, **__: object) -> None:
    """Stand in for a call that Windows refuses."""
    raise PermissionError(
        13, "The process cannot access the file because it is being used by another process"
    )


def read_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let lmtx in this process read a folder of data as if it were the bundled base, and no index
    that it was installed with.
    """
    monkeypatch.setattr("lmtx.index.data_folder", lambda: folder)
    monkeypatch.setattr("lmtx.index.BUNDLED_INDEX", folder / "none.sqlite")


def subprocess_environment() -> dict[str, str]:
    """Return the environment for a child: this one, which conftest has cleared."""
    return dict(os.environ)


class Lmtx(NamedTuple):
    """The installed command, run as its own process."""

    folder: Path
    environment: dict[str, str]

    def __call__(
        self,
        *arguments: str,
        env: dict[str, str | None] | None = None,
        stdin: str | None = "",
        **more: Any,
    ) -> Answer:
        wanted = {
            key: value
            for key, value in {**self.environment, **(env or {})}.items()
            if value is not None
        }
        done = subprocess.run(
            [SCRIPT, *arguments],
            cwd=self.folder,
            env=wanted,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
            **more,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def python(
        self, code: str, *arguments: str, env: dict[str, str | None] | None = None
    ) -> Answer:
        """Run a piece of Python in a fresh interpreter."""
        wanted = {
            key: value
            for key, value in {**self.environment, **(env or {})}.items()
            if value is not None
        }
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.folder,
            env=wanted,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@lru_cache
def toml(name: str) -> dict[str, Any]:
    """Return a data file as tomli reads it."""
    return tomli.loads((DATA / name).read_text(encoding="utf-8"))


@lru_cache
def study_names() -> tuple[str, ...]:
    """Return the ids of all study files."""
    return tuple(sorted(path.stem for path in (DATA / "studies").glob("*.toml")))


def study(name: str) -> dict[str, Any]:
    """Return a study file."""
    return toml(f"studies/{name}.toml")


@lru_cache
def raw_rows() -> tuple[dict[str, Any], ...]:
    """Return every evidence row of the files, with its study under `of`."""
    return tuple(
        {**row, "of": file["study"], "id": f"{file['study']['id']}.{row['row']}"}
        for file in map(study, study_names())
        for row in file.get("evidence", [])
    )


def is_mixed(row: dict[str, Any]) -> bool:
    """Tell whether the figures of a row belong to no single primary tumor."""
    return "solid" in row["tumors"] or len(row["tumors"]) > 2


@lru_cache
def own_routes() -> dict[str, frozenset[str]]:
    """Return the routes by which each treatment was given: as its record says, else when alone, or at all where it never was; only radiation comes by a beam."""
    alone: dict[str, set[str]] = {}
    ever: dict[str, set[str]] = {}
    for row in raw_rows():
        for treatment in row["treatments"]:
            ever.setdefault(treatment, set()).update(row.get("routes", ()))
            if len(row["treatments"]) == 1:
                alone.setdefault(treatment, set()).update(row.get("routes", ()))
    named = {
        item["id"]: item["routes"]
        for item in toml("treatments.toml")["treatment"]
        if "routes" in item
    }
    beams = {
        treatment
        for treatment, name in class_of().items()
        if name in at_or_below("class", "radiation")
    }
    found = {
        treatment: named.get(treatment) or alone.get(treatment) or routes
        for treatment, routes in ever.items()
    }
    return {
        treatment: frozenset(
            route for route in routes if route != "external-beam" or treatment in beams
        )
        for treatment, routes in found.items()
    }


@lru_cache
def at_or_below(kind: str, ancestor: str) -> frozenset[str]:
    """Return a node of a tree and all below it, by walking upwards from each."""
    name, key = {
        "class": ("treatments.toml", "class"),
        "tumor": ("tumors.toml", "tumor"),
        "biomarker": ("biomarkers.toml", "biomarker"),
    }[kind]
    parent = {node["id"]: node.get("parent") for node in toml(name)[key]}

    def leads(node: str | None) -> bool:
        return node is not None and (node == ancestor or leads(parent[node]))

    return frozenset(node for node in parent if leads(node))


@lru_cache
def class_of() -> dict[str, str]:
    """Return the class of every treatment."""
    return {item["id"]: item["class"] for item in toml("treatments.toml")["treatment"]}
