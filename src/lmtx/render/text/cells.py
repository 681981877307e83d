"""A value as the text of one cell: flat for machines, plain for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lmtx.model import figures
from lmtx.model.figures import replace_breaks_and_tabs
from lmtx.model.notation import (
    mark_figure_if_row_unmarked,
    mark_harm,
    mark_key_figure,
    mark_reading,
)

_FORMULA_START = r"""^(?='*[=+\-@＝＋－＠])|(?<=;)(?=["'\s]*[=+\-@＝＋－＠])"""
"""Where a cell begins a formula: at its start, or after a semicolon, where some spreadsheets begin
a cell."""
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


def flatten_value(value: Any) -> str:
    """Write a value of a field on one line: nothing is cut, lists are joined by "; ", nothing is an
    empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dict):
        if "favours" in value and "adjusted" in value:
            return figures.write_effect(value)
        return (
            figures.write_full_figure(value)
            if "scope" in value and "unit" in value
            else "; ".join(
                f"{key}={flatten_value(item)}"
                for key, item in value.items()
                if item not in (None, [], "")
            )
        )
    if isinstance(value, list | tuple):
        separator = " | " if value and isinstance(value[0], dict) else "; "
        return separator.join(flatten_value(item) for item in value)
    return replace_breaks_and_tabs(str(value))


def write_field(row: Any, name: str, marked: Sequence[str] = ()) -> str:
    """Write a field for people: a figure with its patients and its marks, and a dagger behind the
    `marked` fields of a row that was not read at its source.

    Machines have n and marks as fields of their own.
    """
    value = getattr(row, name)
    said = flatten_value(value)
    if not said:
        return said
    read_in: Any = getattr(row, "read_in", None)
    if name == "figure" and hasattr(row, "figure_scope"):
        size = f" n={row.figure_n}" if row.figure_n is not None else ""
        return f"{said}{size}{mark_key_figure(row)}"
    if name in ("n", "share") and hasattr(row, "with_others") and name in marked:
        return said + mark_harm(row._asdict())
    if name in ("outcomes", "effects") and name in marked:
        dagger = mark_reading(read_in)
        told = (
            flatten_value(one) + mark_figure_if_row_unmarked(one, read_in) + dagger for one in value
        )
        return " | ".join(told)
    return said + mark_reading(read_in) if name in marked else said


def escape_formula(cell: str) -> str:
    """Return a cell of CSV so that no spreadsheet runs it: an apostrophe stands before what would
    begin a formula; a number stays as it is.

    Where such apostrophes are already, there is one more, so that taking the first one away always
    gives back what there was.
    """
    return cell if re.fullmatch(_NUMBER, cell) else re.sub(_FORMULA_START, "'", cell)


def spell_for_screen(text: str, ascii_only: bool) -> str:
    """Return text for a screen: as it is, or spelled with ASCII alone, no figure of it changed."""
    if not ascii_only:
        return text
    from lmtx.render.text.spelling import spell_ascii

    return spell_ascii(text)
