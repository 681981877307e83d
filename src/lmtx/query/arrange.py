"""In which order rows are listed, and how many: the same for every listing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from lmtx.errors import UsageError
from lmtx.levels import rank_of

Row = TypeVar("Row")


def field(option: str, listing: str, fields: Sequence[str], name: str) -> str:
    """Return the field that a name means, whatever its dashes and case; raise UsageError for one that does not exist."""
    near = {known.replace("_", ""): known for known in fields}
    found = near.get(name.casefold().replace("-", "").replace("_", ""))
    if not found:
        raise UsageError(f"{option}: {listing} has no field {name!r}", f"fields: {', '.join(fields)}")
    return found


def arranged(rows: Iterable[Row], listing: str, fields: Sequence[str], *, sort: str | None = None, reverse: bool = False, limit: int | None = None) -> list[Row]:
    """Return rows sorted by a field (numbers and years largest first, levels strongest first, words by the alphabet) and limited."""
    found = list(rows)
    if sort:
        chosen = field("--sort", listing, fields, sort)
        found.sort(key=lambda row: _sort_key(getattr(row, chosen), chosen))
    if reverse:
        found.reverse()
    return found[:limit]


def _sort_key(value: Any, field: str) -> tuple[Any, ...]:
    if field == "level":
        return (rank_of(value),)
    if value is None or value == []:
        return (1, 0, "")
    if isinstance(value, bool | int | float):
        return (0, -value, "")
    return (0, 0, str(value).casefold())
