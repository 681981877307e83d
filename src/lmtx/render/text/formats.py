"""What machines and notes read: TSV and CSV, JSON and JSON Lines, Markdown tables and cards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lmtx.model.figures import replace_breaks_and_tabs
from lmtx.model.notation import select_footnotes
from lmtx.render.text.cells import escape_formula, flatten_value, write_field

if TYPE_CHECKING:
    from lmtx.render import Envelope


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
    yield from write_comma_separated(
        names, ([getattr(row, name) for name in names] for row in rows)
    )


def write_comma_separated(
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


JSON_SCHEMA_VERSION = 2
"""Version of the names and columns that scripts rely on."""


def write_jsonlines(names: Sequence[str], rows: Iterable[Any]) -> Iterator[str]:
    """Yield one JSON object a line, each row alone."""
    for row in rows:
        yield write_json_value({name: getattr(row, name) for name in names}) + "\n"


def write_json(names: Sequence[str], rows: Iterable[Any], envelope: Envelope) -> Iterator[str]:
    """Yield one JSON document, a row a line."""
    yield from wrap_in_json_document(
        ({name: getattr(row, name) for name in names} for row in rows), envelope
    )


def wrap_in_json_document(objects: Iterable[Any], envelope: Envelope) -> Iterator[str]:
    """Yield objects as the rows of one document."""
    head = {
        "schema": JSON_SCHEMA_VERSION,
        "lmtx": envelope.program,
        "data": dict(envelope.data),
        "disclaimer": envelope.disclaimer,
        "query": dict(envelope.query),
        "left_out": dict(envelope.left_out),
    }
    yield write_json_value(head)[:-1] + ', "rows": ['
    separator = "\n"
    for item in objects:
        yield separator + write_json_value(item)
        separator = ",\n"
    yield "\n]}\n"


def write_json_value(value: Any) -> str:
    """Write a value as JSON on one line, with its signs as they are; those that drive a terminal or
    hide text are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else _without_hidden(text)


def _without_hidden(text: str) -> str:
    import unicodedata

    return "".join(
        json.dumps(sign)[1:-1]
        if not sign.isprintable() and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else sign
        for sign in text
    )


def write_markdown_table(
    names: Sequence[str],
    rows: Iterable[Any],
    marked: Sequence[str] = (),
    footnotes: Sequence[tuple[str, str]] = (),
) -> Iterator[str]:
    """Yield a pipe table, each figure with its marks, and below it what these mean; what Markdown
    or HTML would interpret is escaped."""
    yield f"| {' | '.join(names)} |\n"
    yield f"|{' --- |' * len(names)}\n"
    written: list[str] = []
    kept: list[Any] = []
    for row in rows:
        cells = [write_field(row, name, marked) for name in names]
        written += cells
        kept.append(row)
        yield f"| {' | '.join(escape_markdown(cell) for cell in cells)} |\n"
    lines = [" ".join(mark) for mark in select_footnotes(footnotes, "\n".join(written), kept)]
    yield from (f"\n{escape_markdown(line)}\n" for line in lines)


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    text = replace_breaks_and_tabs(text)
    for sign in "\\`*_[]|~$":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
