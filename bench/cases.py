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
PEERS = {
    "civicpy": "civicpy",
    "bioregistry": "bioregistry",
    "gget": "gget",
    "sqlite-utils": "sqlite-utils",
}
"""What a user would otherwise start: the package to install, and its command."""


class Case(NamedTuple):
    """A command to time: its name, what it is compared with, the command line and what it adds to
    the environment."""

    name: str
    against: str
    command: list[str]
    environment: Mapping[str, str] = MappingProxyType({})


def completing(words: str) -> Mapping[str, str]:
    """Return what a shell sets when a value of this command line is completed."""
    return {
        "_LMTX_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }


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


JOIN = (
    "select distinct t.id, t.name from treatments t join evidence_treatments x on x.treatment = "
    "t.id "
    "join evidence_tumors y on y.evidence = x.evidence where y.tumor = 'melanoma'"
)
"""The treatments with a row of melanoma, asked of the SQLite export."""
FULL_TEXT = (
    "select s.id, s.title from studies_fts f join studies s on s.rowid = f.rowid where "
    "studies_fts match 'intrathecal pemetrexed' order by f.rank limit 25"
)
"""The publications with both words, asked of the SQLite export."""


def peers(commands: Mapping[str, str], exported: Path) -> list[Case]:
    """Return what is timed of the peers that are installed: their help, and queries of sqlite-utils
    on the SQLite export."""
    found = [
        Case(f"{name} --help", "--help", [command, "--help"])
        for name, command in commands.items()
        if name != "sqlite-utils"
    ]
    if command := commands.get("sqlite-utils"):
        queries = (("a join", "list --json", JOIN), ("full text", "search", FULL_TEXT))
        found += [
            Case(f"sqlite-utils, {name}", against, [command, "query", str(exported), query])
            for name, against, query in queries
        ]
    return found
