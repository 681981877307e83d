"""What a caller from Python asks for: keyword filters, checked as the command line checks its options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from lmtx.errors import UsageError
from lmtx.query.filters import Filters

Words = str | Iterable[str]
"""One word, or several, of which any will do."""

MOST = 2**63 - 1
"""The largest number that the index can be asked about."""
_WORDS = {
    "tumor": "tumors", "drug_class": "classes", "level": "levels", "biomarker": "biomarkers", "route": "routes", "target": "targets", "design": "designs",
    "direction": "directions", "endpoint": "endpoints",
}  # fmt: skip
"""Filters that take words, and their names in Filters."""
_NUMBERS = {"min_n": (0, MOST), "since": (1900, 2100)}
"""Filters that take a number, with the least and the largest."""
_SWITCHES = ("verified", "mixed")
_ALIASES = {"class_": "drug_class"}


class Filtering(TypedDict, total=False):
    """The filters of every listing: those of the command line, by the same names and with the same words.

    A filter takes one word or several; several mean "or", different filters mean "and". `class_` is another name of `drug_class`.
    """

    tumor: Words | None
    drug_class: Words | None
    class_: Words | None
    level: Words | None
    min_level: str | None
    biomarker: Words | None
    route: Words | None
    target: Words | None
    design: Words | None
    direction: Words | None
    endpoint: Words | None
    min_n: int | None
    since: int | None
    verified: bool
    mixed: bool


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters that were given, each under its own name: words as a tuple, numbers within their bounds.

    Raises TypeError for a filter that does not exist, as Python does, and UsageError for a value of the wrong kind.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        own = _ALIASES.get(name, name)
        if own not in Filtering.__annotations__:
            raise TypeError(_unknown(name))
        if own in found and value is not None:
            raise UsageError(f"{own} and {name} are the same filter", "give one of them")
        if value is not None:
            found[own] = _value(own, value)
    return found


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, Filtering.__annotations__, 1)
    return f"no filter {name!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"filters: {', '.join(Filtering.__annotations__)}"
    )


def _value(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return number(name, value, *_NUMBERS[name])
    if name in _SWITCHES:
        if not isinstance(value, bool):
            raise UsageError(f"{name}: {value!r} is neither True nor False")
        return value
    several = words(name, value)
    if name == "min_level" and len(several) != 1:
        raise UsageError(f"min_level: {len(several)} levels", "name one; level takes several")
    return several[0] if name == "min_level" else several


def words(name: str, value: Words | None) -> tuple[str, ...]:
    """Return one word or several as a tuple; raise UsageError where something else is among them."""
    if value is None:
        return ()
    several = (
        (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    )
    return tuple(word(name, each, "give a string, or several in a list") for each in several)


def word(name: str, value: Any, hint: str = "give a string") -> str:
    """Return one word; raise UsageError for anything else, and for one that is empty, which is not the same as none."""
    if not isinstance(value, str):
        raise UsageError(f"{name}: {value!r} is not a word", hint)
    if not value.strip():
        raise UsageError(
            f"{name}: the word is empty", "leave it out, or give None, where you mean none"
        )
    return value


def number(name: str, value: Any, least: int, largest: int = MOST) -> int:
    """Return a whole number between two bounds; raise UsageError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= largest:
        raise UsageError(
            f"{name}: {value!r} is not a whole number from {least}{f' to {largest}' if largest < MOST else ' on'}"
        )
    return value


def raw(used: Mapping[str, Any]) -> Filters:
    """Return checked filters as the core takes them, their words not yet turned into ids."""
    return Filters(**{_WORDS.get(name, name): value for name, value in used.items()})
