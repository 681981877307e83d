"""Tab- and comma-separated values: a header row, then one record a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lmtx.render.text.cells import escape_formula, flatten_value

BOM = "\ufeff"
"""Tells a spreadsheet that a file is UTF-8."""
_QUOTED = '[",;]|^ | $'


def write_delimited(names: Sequence[str], rows: Iterable[Any], form: str) -> Iterator[str]:
    """Yield lines of TSV or CSV. A cell never holds a tab or a newline, so that a line is a record
    for `cut` and `awk` too."""
    if form == "tsv":
        yield "\t".join(names) + "\n"
        for row in rows:
            yield "\t".join(flatten_value(getattr(row, name)) for name in names) + "\n"
        return
    yield from comma_separated(names, ([getattr(row, name) for name in names] for row in rows))


def comma_separated(
    names: Sequence[str], rows: Iterable[Iterable[Any]], *, bom: bool = False
) -> Iterator[str]:
    """Yield rows of values as CSV with a header, a line at a time; no cell can run as a formula.

    What is true or false is written as R and spreadsheets read it. A cell with a semicolon is
    quoted too: some spreadsheets take that for a separator.
    """
    yield (BOM if bom else "") + _line(names)
    for row in rows:
        yield _line([escape_formula(_cell(value)) for value in row])


def _cell(value: Any) -> str:
    return ("TRUE" if value else "FALSE") if isinstance(value, bool) else flatten_value(value)


def _line(cells: Sequence[str]) -> str:
    line = ",".join(
        '"{}"'.format(cell.replace('"', '""')) if re.search(_QUOTED, cell) else cell
        for cell in cells
    )
    return (line or '""') + "\n"
