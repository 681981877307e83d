"""Helpers of the tests: ways to run lmtx, and the data read a second time without lmtx."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
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
    monkeypatch.setattr("lmtx.index.find_bundled_data_folder", lambda: folder)
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


def check_each(check: Callable[[str], None], names: Iterable[str]) -> None:
    """Run a check on every name; fail with all that do not pass, and why."""
    failed = {}
    for name in names:
        try:
            check(name)
        except (AssertionError, ValueError, LookupError) as error:
            failed[name] = f"{type(error).__name__}: {error}"
    assert not failed, "\n".join(f"{name}: {why}" for name, why in failed.items())


@lru_cache
def study_names() -> tuple[str, ...]:
    """Return the ids of all study files."""
    return tuple(sorted(path.stem for path in (DATA / "studies").glob("*.toml")))


def study(name: str) -> dict[str, Any]:
    """Return a study file."""
    return toml(f"studies/{name}.toml")


@lru_cache
def raw_rows() -> tuple[dict[str, Any], ...]:
    """Return every evidence row of the files, with its study under `of`, and what a question may
    ask of it.

    `tested` are the treatments tested in the row, `treatments` those and what comparisons test
    there in words, `routes` their routes, `endpoints` those of its figures and of the comparisons
    that stand on it, `lm_design` its design for the question of LM.
    """
    return tuple(
        {**row, **_derived(row, file)}
        for file in map(study, study_names())
        for row in file.get("evidence", [])
    )


ROUTE_BY_NAME = {
    "intrathecal-chemotherapy-unspecified": "intrathecal",
    "intrathecal-therapy-unspecified": "intrathecal",
    "whole-brain-radiotherapy": "external-beam",
}
"""How treatments that comparisons name in words are given, where no row tells it."""


def _derived(row: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
    given = row.get("given", [])
    tested = [one["treatment"] for one in given if one["role"] == "tested"]
    here = [one for one in file.get("comparison", ()) if standing(one) == row["row"]]
    words = [
        treatment
        for one in here
        if one["question"] in ("add", "instead", "versus-none")
        for treatment in (
            *(one.get("tests", ()) if "of" not in one else ()),
            *(
                one["against_tests"]
                if one["question"] == "instead"
                and "control" not in one
                and len(one.get("against_tests", ())) == 1
                else ()
            ),
        )
    ]
    treatments = list(dict.fromkeys([*tested, *words]))
    design = row.get("design", file["study"]["design"])
    if design.startswith("randomized") and not by_chance(row["row"], file):
        design = "prospective-cohort"
    return {
        "of": file["study"],
        "id": f"{file['study']['id']}.{row['row']}",
        "tested": list(dict.fromkeys(tested)),
        "treatments": treatments,
        "routes": [
            route
            for one in given
            if one["treatment"] in treatments
            for route in one.get("routes", ())
        ]
        + [ROUTE_BY_NAME[treatment] for treatment in words if treatment in ROUTE_BY_NAME],
        "endpoints": {
            *(one["endpoint"] for one in row.get("outcome", ())),
            *(effect.get("endpoint") for one in here for effect in one["effect"]),
        }
        - {None},
        "lm_design": design,
    }


def routes_of(row: dict[str, Any], treatment: str) -> set[str]:
    """Return the routes by which a row of `raw_rows` tests a treatment; of what it tests in words
    alone, by which it gives it, or which its name tells."""
    role = "tested" if treatment in row["tested"] else "background"
    told = {
        route
        for one in row.get("given", ())
        if (one["treatment"], one["role"]) == (treatment, role)
        for route in one.get("routes", ())
    }
    by_name = treatment not in row["tested"] and treatment in ROUTE_BY_NAME
    return {ROUTE_BY_NAME[treatment]} if by_name and not told else told


def standing(comparison: dict[str, Any]) -> int:
    """Return the row on which a comparison stands: that of its first side, else the one that both
    come from."""
    return int(comparison.get("of") or comparison.get("in") or comparison.get("against") or 0)


def by_chance(row: int | None, file: dict[str, Any]) -> bool:
    """Tell whether a randomised comparison holds a row, or one that it lies within."""
    if row is None:
        return False
    held = {
        comparison.get(side)
        for comparison in file.get("comparison", ())
        if comparison.get("randomized")
        for side in ("of", "against", "in")
    }
    within = {other["row"]: other.get("within") for other in file["evidence"]}
    return row in held or by_chance(within[row], file)


def is_mixed(row: dict[str, Any]) -> bool:
    """Tell whether the figures of a row belong to no single primary tumor."""
    return "solid" in row["tumors"] or len(row["tumors"]) > 2


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
