"""How fast a look-up is, side by side with the floor and with peers in one run: `python bench/run.py`.

Every round runs each command once, in turn, so that whatever else the machine does falls on all of them alike. Printed are
medians with the spread of the middle half, and ratios of medians: to the floor (a one-command Typer program of the same version
that prints "ok") and, for what is drawn, to the same program with one rich table of 20 rows. Peers count where they are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import version
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
PEERS = ("civicpy", "bioregistry", "gget")


class Case(NamedTuple):
    """A command to time: its name, what it is compared with, the command line and what it adds to the environment."""

    name: str
    against: str
    command: list[str]
    environment: Mapping[str, str] = MappingProxyType({})


def cases(folder: Path) -> list[Case]:
    """Return what is timed, the floors first."""
    for name, code in (("floor", FLOOR), ("table_floor", TABLE_FLOOR)):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    python, lmtx = sys.executable, str(Path(sys.executable).parent / "lmtx")
    drawn = {"LMTX_FORCE_TTY": "100"}
    completing = {"_LMTX_COMPLETE": "complete_bash", "COMP_WORDS": "lmtx list --tumor mel", "COMP_CWORD": "3"}
    return [
        Case("bare interpreter", "", [python, "-c", "pass"]),
        Case("floor", "", [python, str(folder / "floor.py")]),
        Case("table floor", "", [python, str(folder / "table_floor.py")]),
        Case("list --json", "floor", [lmtx, "list", "--tumor", "melanoma", "--json"]),
        Case("complete a value", "floor", [lmtx], completing),
        Case("search", "floor", [lmtx, "search", "intrathecal", "pemetrexed"]),
        Case("--version", "floor", [lmtx, "--version"]),
        Case("list, a table", "table floor", [lmtx, "list", "--tumor", "melanoma"], drawn),
        Case("show, a card", "table floor", [lmtx, "show", "osimertinib"], drawn),
        Case("--help", "floor", [lmtx, "--help"]),
        *(Case(f"{peer} --help", "floor", [found, "--help"]) for peer in PEERS if (found := shutil.which(peer, path=os.pathsep.join((str(Path(python).parent), os.environ["PATH"]))))),
    ]


def seconds(case: Case, environment: dict[str, str]) -> float:
    """Run a command once and return the wall time in seconds."""
    start = time.perf_counter()
    done = subprocess.run(case.command, env={**environment, **case.environment}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{case.name}: exit {done.returncode}")
    return taken


def measure(rounds: int) -> dict[str, dict[str, float | str]]:
    """Time every case in every round, in turn; the first round warms caches and does not count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "LMTX_FORCE_TTY")} | {"LMTX_CACHE_DIR": str(folder / "cache")}
        todo = cases(folder)
        taken: dict[str, list[float]] = {case.name: [] for case in todo}
        for number in range(rounds + 1):
            for case in todo:
                spent = seconds(case, environment)
                if number:
                    taken[case.name].append(1000 * spent)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    found: dict[str, dict[str, float | str]] = {}
    for case in todo:
        low, _, high = statistics.quantiles(taken[case.name], n=4)
        found[case.name] = {"median_ms": round(medians[case.name], 1), "q1_ms": round(low, 1), "q3_ms": round(high, 1)}
        if case.against:
            found[case.name] |= {"against": case.against, "ratio": round(medians[case.name] / medians[case.against], 2)}
    return found


def main() -> None:
    """Measure, print, and write the numbers where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=11, help="how often each command is timed (default 11)")
    parser.add_argument("-o", "--output", type=Path, help="write the numbers to this JSON file")
    chosen = parser.parse_args()
    found = measure(max(3, chosen.rounds))
    for name, numbers in found.items():
        ratio = f"{numbers['ratio']:>5} × {numbers['against']}" if "ratio" in numbers else ""
        print(f"{name:18} {numbers['median_ms']:>7} ms  ({numbers['q1_ms']}–{numbers['q3_ms']})  {ratio}")
    if chosen.output:
        about = {"python": platform.python_version(), "system": platform.system(), "lmtx": version("lmtx"), "typer": version("typer"), "rich": version("rich"), "rounds": chosen.rounds}
        chosen.output.write_text(json.dumps({"about": about, "results": found}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
