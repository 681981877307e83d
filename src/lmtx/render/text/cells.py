"""A value as the text of one cell: flat for machines, plain for people."""

from __future__ import annotations

from typing import Any

from lmtx.model import figures
from lmtx.model.figures import on_one_line

_FORMULA = frozenset("=+-@＝＋－＠")
_STARTS = _FORMULA | {"'"}
_DIGITS = frozenset("0123456789+-.eE")


def flat(value: Any) -> str:
    """Write a value of a field on one line: nothing is cut, lists are joined by "; ", nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dict):
        return (
            figures.full(value)
            if "endpoint" in value and "unit" in value
            else "; ".join(
                f"{key}={flat(item)}" for key, item in value.items() if item not in (None, [], "")
            )
        )
    if isinstance(value, list | tuple):
        separator = " | " if value and isinstance(value[0], dict) else "; "
        return separator.join(flat(item) for item in value)
    return on_one_line(str(value))


def harmless(cell: str) -> str:
    """Return a cell of CSV so that no spreadsheet runs it: one that would begin a formula gets an apostrophe before it, a number stays as it is.

    A cell that has such apostrophes already gets one more, so that taking the first one away always gives back what there was.
    """
    if cell[:1] not in _STARTS or cell.lstrip("'")[:1] not in _FORMULA or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return _DIGITS.issuperset(cell)


def plain(text: str, ascii_only: bool) -> str:
    """Return text for a screen: as it is, or spelled with ASCII alone, no figure of it changed."""
    if not ascii_only or text.isascii():
        return text
    from lmtx.render.text.spelling import spell

    return spell(text)
