"""Commands run in turn, round after round, so that whatever else the machine does falls on all of
them alike."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cases import Case

PATIENCE = 60.0
"""Seconds after which a command is given up."""
_CLEARED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "LMTX_FORCE_TTY", "COLUMNS")
Numbers = dict[str, float | str]


_WATCH = """
import os, sys
nothing = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[nothing])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""
"""A process as small as can be, since the memory told of a command is never less than that of the
process which starts it."""


class Run(NamedTuple):
    """One run of a command: wall time, the most memory it held at once where that was watched, and
    what went wrong."""

    seconds: float
    megabytes: float | None
    fault: str


def environment(cache: str) -> dict[str, str]:
    """Return the environment of all commands: bytecode is kept, as an installed program has it, and
    indexes go into a cache of their own."""
    return {key: value for key, value in os.environ.items() if key not in _CLEARED} | {
        "LMTX_CACHE_DIR": cache
    }


def run(
    case: Case,
    surroundings: Mapping[str, str],
    patience: float = PATIENCE,
    *,
    watched: bool = False,
) -> Run:
    """Run a command once; nothing that it writes is kept. Its memory is watched where asked, which
    takes some time of its own."""
    watched = watched and hasattr(os, "wait4")
    command = [sys.executable, "-I", "-S", "-c", _WATCH, *case.command] if watched else case.command
    start = time.perf_counter()
    out = subprocess.PIPE if watched else subprocess.DEVNULL
    child = subprocess.Popen(
        command,
        env={**surroundings, **case.environment},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    late = threading.Timer(
        patience, _end, [child]
    )  # to wait with a timeout means to look every 50 ms
    late.start()
    try:
        said, _ = child.communicate()
        taken = time.perf_counter() - start
    finally:
        late.cancel()
        if child.poll() is None:  # interrupted
            _end(child)
    if taken >= patience:
        return Run(taken, None, f"not done after {patience:g} s")
    if child.returncode:
        return Run(taken, None, f"exit {child.returncode}")
    return Run(
        taken,
        int(said) / (1_000_000 if sys.platform == "darwin" else 1_000) if watched else None,
        "",
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a command and what it has started."""
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()


def interleaved(
    cases: Iterable[Case], rounds: int, surroundings: Mapping[str, str]
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """Run every case in every round, in turn; return the runs of each, and why others were given
    up.

    The first round, kept in front, watches memory, warms caches and has bytecode written, for all
    alike; its times do not count.
    """
    todo = list(cases)
    found: dict[str, list[Run]] = {case.name: [] for case in todo}
    faults: dict[str, str] = {}
    for number in range(rounds + 1):
        for case in todo:
            if case.name not in faults:
                done = run(case, surroundings, watched=number == 0)
                if done.fault:
                    faults[case.name] = done.fault
                found[case.name].append(done)
    return {name: runs for name, runs in found.items() if name not in faults}, faults


def median(runs: Sequence[Run]) -> float:
    """Return the median time of the rounds that count, in seconds."""
    return statistics.median(run.seconds for run in runs[1:])


def summary(runs: Sequence[Run]) -> Numbers:
    """Return the median time with the middle half around it, and the memory."""
    low, middle, high = statistics.quantiles((1000 * run.seconds for run in runs[1:]), n=4)
    held = runs[0].megabytes
    return {
        "median_ms": round(middle, 1),
        "q1_ms": round(low, 1),
        "q3_ms": round(high, 1),
        **({} if held is None else {"memory_mb": round(held, 1)}),
    }


def compared(runs: Mapping[str, list[Run]], cases: Iterable[Case]) -> dict[str, Numbers]:
    """Return the summary of every case with the ratio of its median to that of the case it is
    compared with."""
    result: dict[str, Numbers] = {}
    for case in cases:
        if case.name in runs:
            result[case.name] = summary(runs[case.name])
            if case.against in runs:
                result[case.name] |= {
                    "against": case.against,
                    "ratio": round(median(runs[case.name]) / median(runs[case.against]), 2),
                }
    return result
