"""Where in a TOML file a value stands: from a location such as ("evidence", 2, "dose") to a line
number.

Needed only when something is wrong; tomli keeps no positions, so the lines are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

Location = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*(?:\"([^\"]+)\"|([A-Za-z0-9_-]+))\s*=")
_FENCES = ('"""', "'''")
LONGEST_LINE = 400
"""Letters of a line that are looked at: a header or key stands at its beginning, and no line can
make the search slow."""


def _find_lines(text: str) -> Iterator[tuple[int, Location]]:
    """Yield every table header and key with its line, in order."""
    counts: dict[Location, int] = {}
    here: Location = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        line_start = line[:LONGEST_LINE]
        if header := _HEADER.match(line_start):
            here = _enter(header[2], header[1] == "[[", counts)
            yield number, here
        elif key := _KEY.match(line_start):
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


@lru_cache(maxsize=8)
def _lines(text: str) -> dict[Location, int]:
    """Return the first line of every header and key: a file may have many findings, and is read for
    them once."""
    found: dict[Location, int] = {}
    for line, mark in _find_lines(text):
        found.setdefault(mark, line)
    return found


def line_of(text: str, location: Location) -> int:
    """Return the line of the nearest header or key that leads to the location; 1 where none
    does."""
    lines = _lines(text)
    return next(
        (
            lines[location[:depth]]
            for depth in range(len(location), 0, -1)
            if location[:depth] in lines
        ),
        1,
    )
