"""`--with`: own records that every command lays over the bundled base. Commands open the index
here."""

# No `from __future__ import annotations` here: see options.py.

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lmtx import index as core
from lmtx.cli.typer_inside import path_option
from lmtx.errors import UsageError
from lmtx.store import config

HELP = "Lay own records over the bundled base: a TOML file or a folder; repeat for more."
_named: list[str] = []
"""What `--with` named, before the command or behind it."""


def forget_overlays() -> None:
    """Start a new command line: nothing is named yet."""
    _named.clear()


def name_overlay(paths: Iterable[str]) -> None:
    """Take in what `--with` named; raise UsageError for nothing."""
    paths = list(paths)
    if not all(paths):
        raise UsageError(
            "no file or folder is named",
            "name a TOML file of own records, or a folder of them",
            field="with",
        )
    _named.extend(paths)


def overlay_option() -> Any:
    """Return the option that every command has beside its own."""
    return path_option("--with", HELP, name_overlay)


def list_overlays() -> tuple[Path, ...]:
    """Return all that is laid over the base, each once: by the configuration, by LMTX_DATA, then by
    `--with`."""
    from_environment = [
        Path(path) for path in os.environ.get("LMTX_DATA", "").split(os.pathsep) if path
    ]
    return list_once([*config.configured_overlays(), *from_environment, *map(Path, _named)])


def list_once(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return places in their order, each once however it is written."""
    return tuple({os.path.abspath(path): path for path in paths}.values())  # noqa: PTH100 - a link is not followed here


def open_index() -> core.Index:
    """Open the index of the bundled base with all that is laid over it."""
    return core.open_index(list_overlays())
