"""How large the pieces of a data file may be.

What was parsed is held to these limits before any record is made of it, so that no file, however
odd, takes more than a moment and a little memory. Real records stay far below them.
"""

from __future__ import annotations

from typing import Any

from lmtx.store.lines import Location

DEEPEST = 8
"""Tables and lists inside each other."""
MOST_VALUES = 200_000
"""Values in one file."""
MOST_ITEMS = 10_000
"""Items of one list."""
MOST_KEYS = 4_000
"""Keys of one table."""
LONGEST_TEXT = 20_000
"""Letters of one text; what a record takes is less, and said by its field."""


def find_excess(parsed: Any) -> tuple[Location, str] | None:
    """Return where parsed TOML goes beyond a limit first, and which; None where it does not."""
    waiting: list[tuple[Location, Any]] = [((), parsed)]
    seen = 0
    while waiting:
        location, value = waiting.pop()
        inside = (
            list(value.items())
            if isinstance(value, dict)
            else list(enumerate(value))
            if isinstance(value, list)
            else []
        )
        seen += len(inside)
        if said := _beyond(location, value, seen):
            return location, said
        waiting.extend(((*location, key), item) for key, item in reversed(inside))
    return None


def _beyond(location: Location, value: Any, seen: int) -> str:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"a text of {len(value):,} letters"
    if isinstance(value, list) and len(value) > MOST_ITEMS:
        return f"a list of {len(value):,} items"
    if isinstance(value, dict) and len(value) > MOST_KEYS:
        return f"a table of {len(value):,} keys"
    if len(location) > DEEPEST:
        return f"more than {DEEPEST} tables and lists inside each other"
    return f"more than {MOST_VALUES:,} values in one file" if seen > MOST_VALUES else ""
