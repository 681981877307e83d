"""What is timed: the floors, the look-ups of lmtx, and what a peer does in its stead."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

FLOOR = """
import typer
app = typer.Typer()
@app.command()
def main():
    print("ok")
app()
"""
TABLE_FLOOR = """
import typer
app = typer.Typer()
@app.command()
def main():
    from rich.console import Console
    from rich.table import Table
    table = Table()
    for column in range(6):
        table.add_column(f"column {column}")
    for row in range(20):
        table.add_row(*(f"cell {row} {column}" for column in range(6)))
    Console(force_terminal=True, width=100).print(table)
app()
"""
LMTX = str(Path(sys.executable).parent / "lmtx")
DRAWN = MappingProxyType({"LMTX_FORCE_TTY": "100"})
PEERS = {"civicpy": "civicpy", "bioregistry": "bioregistry", "gget": "gget", "sqlite-utils": "sqlite-utils"}
"""What a user would otherwise start: the package to install, and its command."""


class Case(NamedTuple):
    """A command to time: its name, what it is compared with, the command line and what it adds to the environment."""

    name: str
    against: str
    command: list[str]
    environment: Mapping[str, str] = MappingProxyType({})


def completing(words: str) -> Mapping[str, str]:
    """Return what a shell sets when a value of this command line is completed."""
    return {"_LMTX_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}


def look_ups(folder: Path) -> list[Case]:
    """Return what every run times, the floors first; their programs are written into the folder."""
    for name, code in (("floor", FLOOR), ("table_floor", TABLE_FLOOR)):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return [
        Case("bare interpreter", "", [sys.executable, "-c", "pass"]),
        Case("floor", "", [sys.executable, str(folder / "floor.py")]),
        Case("table floor", "", [sys.executable, str(folder / "table_floor.py")]),
        Case("list --json", "floor", [LMTX, "list", "--tumor", "melanoma", "--json"]),
        Case("complete a value", "floor", [LMTX], completing("lmtx list --tumor mel")),
        Case("search", "floor", [LMTX, "search", "intrathecal", "pemetrexed"]),
        Case("list, a table", "table floor", [LMTX, "list", "--tumor", "melanoma"], DRAWN),
        Case("show, a card", "table floor", [LMTX, "show", "osimertinib"], DRAWN),
        Case("--version", "floor", [LMTX, "--version"]),
        Case("--help", "floor", [LMTX, "--help"]),
    ]


def peers(commands: Mapping[str, str], index: Path) -> list[Case]:
    """Return what is timed of the peers that are installed: their help, and a query of sqlite-utils on the same SQLite file."""
    found = [Case(f"{name} --help", "--help", [command, "--help"]) for name, command in commands.items() if name != "sqlite-utils"]
    if command := commands.get("sqlite-utils"):
        melanoma = "select distinct t.id, t.name from treatment t join evidence_treatment x on x.treatment = t.id join evidence_tumor y on y.number = x.number where y.tumor = 'melanoma'"
        words = "select kind, id, title from text where text match 'intrathecal pemetrexed' order by rank limit 25"
        found += [Case("sqlite-utils, a join", "list --json", [command, "query", str(index), melanoma]), Case("sqlite-utils, full text", "search", [command, "query", str(index), words])]
    return found
