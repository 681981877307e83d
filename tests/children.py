"""lmtx as its own process on a folder of data, with a signal that comes at the worst moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

WATCHED = """
import os, pathlib, signal, sys
import lmtx.index, lmtx.index.compile as compiler
from lmtx.cli.run import entry
folder, ending = pathlib.Path(sys.argv[1]), sys.argv[2]
lmtx.index.find_bundled_data_folder = lambda: folder
lmtx.index.BUNDLED_INDEX = folder / "none.sqlite"
write = compiler.write_index
def ended(*what):
    write(*what)
    os.kill(os.getpid(), getattr(signal, ending))
if ending != "none":
    compiler.write_index = ended
sys.argv[1:] = sys.argv[3:]
entry()
"""


def unmeasured() -> dict[str, str]:
    """Return the environment of a child whose coverage would be cut short as its other files
    are."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def child(
    folder: Path, ending: str, *arguments: str, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run lmtx on a folder as its own process, which gets a signal when the index is written but
    not yet in its place."""
    code = more.pop("before", "") + WATCHED
    return subprocess.run(
        [sys.executable, "-c", code, str(folder), ending, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,
    )
