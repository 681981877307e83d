"""One line on stderr that says how far long work has come: only for a person at a terminal, only
after a second, and gone when it ends."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from typing import TextIO

from lmtx.progress import Listener

PATIENCE = 1.0
"""Seconds before anything is shown."""
PACE = 0.1
"""Seconds between two states of the line."""


class Meter:
    """Hears of steps and shows the latest one; a terminal is written to, nothing else is."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.stream = stream
        self.clock = clock
        self.next = clock() + PATIENCE
        self.width = 0

    def __call__(self, stage: str, number: int, total: int) -> None:
        """Show a step; an empty stage says that nothing is under way."""
        if not stage:
            self.clear()
        elif (now := self.clock()) >= self.next:
            self.next = now + PACE
            self._write(f"lmtx: {stage}, {number:,} of {total:,}")

    def clear(self) -> None:
        """Wipe the line, so that what follows begins on an empty one."""
        if self.width:
            self._write("")

    def _write(self, line: str) -> None:
        """Put a line over the last one, cut to the width of the terminal; plain blanks wipe it on
        every terminal."""
        line = line[: self._width() - 1]
        with contextlib.suppress(OSError, ValueError):
            self.stream.write("\r" + line.ljust(self.width) + ("" if line else "\r"))
            self.stream.flush()
        self.width = len(line)

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80


def show_progress(stream: TextIO) -> Listener:
    """Return what shows the steps of the running command: nothing on a pipe, with --quiet or while
    a shell completes."""
    from lmtx.cli.typer_inside import current_context

    context = current_context()
    if (
        context is None
        or context.resilient_parsing
        or context.params.get("quiet")
        or not stream.isatty()
    ):
        return _silent
    return Meter(stream)


def _silent(stage: str, number: int, total: int) -> None:
    """Show nothing."""
