"""Where in a TOML file a value stands: from a location such as ("evidence", 2, "dose") to a line number.

Needed only when something is wrong; tomli keeps no positions, so the lines are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*(?:\"([^\"]+)\"|([A-Za-z0-9_-]+))\s*=")
_FENCES = ('"""', "'''")


def _marks(text: str) -> Iterator[tuple[int, Location]]:
    """Yield every table header and key with its line, in order."""
    counts: dict[Location, int] = {}
    here: Location = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if header := _HEADER.match(line):
            here = _enter(header[2], header[1] == "[[", counts)
            yield number, here
        elif key := _KEY.match(line):
            yield number, (*here, key[1] or key[2])
            fence = next((mark for mark in _FENCES if line.count(mark) == 1), "")


def _enter(name: str, repeated: bool, counts: dict[Location, int]) -> Location:
    here: Location = ()
    parts = [part.strip() for part in name.split(".")]
    for depth, part in enumerate(parts):
        here = (*here, part)
        if depth == len(parts) - 1 and repeated:
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            here = (*here, counts[here])
    return here


def line_of(text: str, location: Location) -> int:
    """Return the line of the nearest header or key that leads to the location; 1 where none does."""
    best, depth = 1, 0
    for line, mark in _marks(text):
        if len(mark) > depth and mark == location[: len(mark)]:
            best, depth = line, len(mark)
    return best
