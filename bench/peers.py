"""The peers, each in an environment of its own, installed on demand and kept for the next run."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from cases import PEERS

PATIENCE = 900
"""Seconds that an installation may take."""


def installed(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Install what is missing; return the commands of the peers that are there, and why others are
    not."""
    commands: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, command in PEERS.items():
        place = folder.absolute() / name
        if fault := "" if _command(place, command).exists() else _install(place, name):
            missing[name] = fault
        elif not _command(place, command).exists():
            missing[name] = f"installed, but brings no command {command}"
        else:
            commands[name] = str(_command(place, command))
    return commands, missing


def versions(folder: Path, names: Iterator[str]) -> dict[str, str]:
    """Return the version of every peer, as its own environment tells it."""
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    return {
        name: subprocess.run(
            [_command(folder.absolute() / name, "python"), "-c", code, name],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for name in names
    }


def _command(place: Path, name: str) -> Path:
    return (
        place
        / ("Scripts" if os.name == "nt" else "bin")
        / (f"{name}.exe" if os.name == "nt" else name)
    )


def _install(place: Path, name: str) -> str:
    """Install a package; return why that failed, or nothing."""
    print(f"installing {name} …", file=sys.stderr)
    try:
        venv.create(place, with_pip=True, clear=True)
        done = subprocess.run(
            [
                _command(place, "python"),
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                name,
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"not installable ({type(error).__name__})"
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return f"not installable (pip ended with {done.returncode})" if done.returncode else ""
