"""How fast a look-up is, side by side with the floor and with peers in one run: `python
bench/run.py`.

Every round runs each command once, in turn, so that whatever else the machine does falls on all of
them alike. Printed are medians with the spread of the middle half, and ratios of medians: to the
floor (a one-command Typer program of the same version that prints "ok") and, for what is drawn, to
the same program with one rich table of 20 rows. `--peers FOLDER` installs what a user would
otherwise start into that folder and times it in the same rounds; `--scale 1,10,100,300` asks bases
of these sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import peers
from cases import LMTX, Case, look_ups
from cases import peers as peer_cases
from lmtx.index import BUNDLED_INDEX
from timing import compared, environment, interleaved, run

FEWEST_ROUNDS = 3


def measure(rounds: int, peer_folder: Path | None, sizes: list[int]) -> dict[str, Any]:
    """Time everything asked for; return the numbers as the JSON file holds them."""
    with tempfile.TemporaryDirectory(prefix="lmtx-bench-") as name:
        folder = Path(name)
        surroundings = environment(str(folder / "cache"))
        todo = look_ups(folder)
        run(
            Case("index", "", [LMTX, "info", "-q"]), surroundings
        )  # compiled once, before anything is watched
        found: dict[str, Any] = {"about": _about(rounds)}
        missing: dict[str, str] = {}
        if peer_folder:
            commands, missing = peers.installed(peer_folder)
            exported = folder / "lmtx.sqlite"
            run(Case("export", "", [LMTX, "export", "-q", "-o", str(exported)]), surroundings)
            todo += peer_cases(commands, exported)
            found["about"]["peers"] = peers.versions(peer_folder, iter(commands))
        runs, faults = interleaved(todo, rounds, surroundings)
        if own := {
            name: fault
            for name, fault in faults.items()
            if not any(name.startswith(peer) for peer in peers.PEERS)
        }:
            raise SystemExit("; ".join(f"{name}: {fault}" for name, fault in own.items()))
        found["results"] = compared(runs, todo)
        found["not_measured"] = {**missing, **faults}
        if sizes:
            from scale import measured

            found["scale"] = measured(sizes, rounds, folder, surroundings)
    return found


def _about(rounds: int) -> dict[str, Any]:
    """Return what the numbers hang on: the machine's kind, never its name, and the versions."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "lmtx": version("lmtx"),
        "installed": "wheel" if BUNDLED_INDEX.is_file() else "editable",
        "typer": version("typer"),
        "rich": version("rich"),
        "rounds": rounds,
    }


def _processor() -> str:
    """Return the model of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    """Measure, print, and write the numbers where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--rounds", type=int, default=11, help="how often each command is timed (default 11)"
    )
    parser.add_argument(
        "--peers",
        type=Path,
        metavar="FOLDER",
        help="install peers into this folder, where they are not yet, and time them too",
    )
    parser.add_argument(
        "--scale",
        type=_sizes,
        default=[],
        metavar="1,10,…",
        help="ask bases of so many times the bundled one too (300 is 100,000 rows)",
    )
    parser.add_argument("-o", "--output", type=Path, help="write the numbers to this JSON file")
    chosen = parser.parse_args()
    found = measure(max(FEWEST_ROUNDS, chosen.rounds), chosen.peers, chosen.scale)
    from table import TABLES

    for name, table in TABLES.items():
        if text := table(found):
            print(f"{name}\n\n{text}\n")
    if chosen.output:
        chosen.output.write_text(
            json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
