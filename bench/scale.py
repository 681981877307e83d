"""The same look-ups on bases of several sizes: how long compiling takes, how large the index is,
what a look-up then costs.

Each base is made by `generate`, compiled once, and laid out as an installed wheel lays it out: the
package with its index inside. Questions are of two kinds. Of the first kind the answer is the same
at every size, since no copy holds their word: what they cost shows the cost of the size alone. Of
the second kind the answer grows with the base, and so must the time.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import lmtx
from cases import DRAWN, Case, completing
from timing import interleaved, run, summary

QUESTIONS: dict[str, tuple[list[str], Mapping[str, str]]] = {
    "list --tumor melanoma --json": (["list", "--tumor", "melanoma", "--json"], {}),
    "list --tumor melanoma, a table": (["list", "--tumor", "melanoma"], DRAWN),
    "evidence --tumor melanoma": (["evidence", "--tumor", "melanoma"], {}),
    "show 35802849": (["show", "35802849"], {}),
    "search intrathecal pemetrexed": (["search", "intrathecal", "pemetrexed"], {}),
    "complete a tumor": ([], completing("lmtx list --tumor mel")),
    "complete a study": ([], completing("lmtx show osim")),
    "--help": (["--help"], {}),
}
"""Questions whose answer is the same at every size, a share of the copies' names apart."""
GROWING: dict[str, tuple[list[str], Mapping[str, str]]] = {
    "search intrathecal methotrexate": (["search", "intrathecal", "methotrexate"], {}),
    "show osimertinib, a card": (["show", "osimertinib"], DRAWN),
    "list --tumor breast": (["list", "--tumor", "breast"], {}),
    "list": (["list"], {}),
    "evidence -f tsv": (["evidence", "-f", "tsv"], {}),
    "evidence -f jsonl": (["evidence", "-f", "jsonl"], {}),
    "export -f jsonl": (["export", "-f", "jsonl"], {}),
}
"""Questions whose answer, or what must be read for it, grows with the base; the last three write
all of it."""
GROWING_ROUNDS = 3
COMPILING_PATIENCE = 3600.0
_COMPILE = (
    "import sys; from pathlib import Path; from lmtx.index.compile import compile_folder; "
    "compile_folder(Path(sys.argv[1]), Path(sys.argv[2]))"
)
_LMTX = "from lmtx.__main__ import entry; entry()"
_HERE = Path(__file__).resolve().parent


def measured(
    sizes: Iterable[int], rounds: int, folder: Path, surroundings: Mapping[str, str]
) -> dict[str, Any]:
    """Return what bases of these sizes cost to compile and to ask."""
    told = {size: _prepared(size, folder, surroundings) for size in sorted(set(sizes))}
    about = {
        "same": _asked(QUESTIONS, told, rounds, folder, surroundings),
        "grows": _asked(GROWING, told, min(rounds, GROWING_ROUNDS), folder, surroundings),
    }
    return {"sizes": {str(size): numbers for size, numbers in told.items()}, "look_ups": about}


def _prepared(times: int, folder: Path, surroundings: Mapping[str, str]) -> dict[str, float]:
    """Make, compile and lay out one base; return its size and what compiling it took. The text
    files are removed afterwards."""
    print(f"{times} ×: making, compiling …", file=sys.stderr)
    base, site = folder / f"base-{times}", folder / f"site-{times}"
    _must(
        Case(
            "generate",
            "",
            [sys.executable, str(_HERE / "generate.py"), str(base), "--times", str(times)],
        ),
        surroundings,
    )
    shutil.copytree(
        Path(lmtx.__file__).parent,
        site / "lmtx",
        ignore=shutil.ignore_patterns("__pycache__", "index.sqlite", "data"),
    )
    index = site / "lmtx" / "index.sqlite"
    done = _must(
        Case("compile", "", [sys.executable, "-c", _COMPILE, str(base), str(index)]), surroundings
    )
    shutil.rmtree(base)
    studies, rows, figures = _counts(index)
    held = {"compile_mb": round(done[1])} if done[1] else {}
    return {
        "studies": studies,
        "rows": rows,
        "figures": figures,
        "index_mb": round(index.stat().st_size / 1e6, 1),
        "compile_s": round(done[0], 2),
        "compile_ms_per_row": round(1000 * done[0] / rows, 3),
        **held,
    }


def _must(case: Case, surroundings: Mapping[str, str]) -> tuple[float, float | None]:
    done = run(case, surroundings, COMPILING_PATIENCE, watched=True)
    if done.fault:
        raise SystemExit(f"{case.name}: {done.fault}: {' '.join(case.command)}")
    return done.seconds, done.megabytes


def _counts(index: Path) -> Iterator[int]:
    connection = sqlite3.connect(f"{index.as_uri()}?mode=ro&immutable=1", uri=True)
    yield from (
        connection.execute(f"select count(*) from {table}").fetchone()[0]
        for table in ("study", "evidence", "outcome")
    )
    connection.close()


def _asked(
    questions: Mapping[str, tuple[list[str], Mapping[str, str]]],
    sizes: Iterable[int],
    rounds: int,
    folder: Path,
    surroundings: Mapping[str, str],
) -> dict[str, Any]:
    """Ask every question of every base, in turn; return the numbers by question and size, with the
    ratio to the smallest base."""
    order = sorted(sizes)
    cases = [
        Case(
            f"{name}\n{size}",
            "",
            [sys.executable, "-c", _LMTX, *arguments],
            {**more, "PYTHONPATH": str(folder / f"site-{size}")},
        )
        for name, (arguments, more) in questions.items()
        for size in order
    ]
    runs, faults = interleaved(cases, rounds, surroundings)
    if faults:
        raise SystemExit(
            "; ".join(
                f"{name.replace(chr(10), ' at ')} ×: {fault}" for name, fault in faults.items()
            )
        )
    found: dict[str, Any] = {}
    for name in questions:
        numbers = {size: summary(runs[f"{name}\n{size}"]) for size in order}
        first = float(numbers[order[0]]["median_ms"])
        found[name] = {
            str(size): {**told, "ratio": round(float(told["median_ms"]) / first, 2)}
            for size, told in numbers.items()
        }
    return found
