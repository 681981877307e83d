"""Tab- and comma-separated values: a header row, then one record a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lmtx.render.text.cells import flat, harmless

BOM = "\ufeff"
"""Tells a spreadsheet that a file is UTF-8."""


def lines(names: Sequence[str], rows: Iterable[Any], form: str) -> Iterator[str]:
    """Yield lines of TSV or CSV. A cell never holds a tab or a newline, so that a line is a record for `cut` and `awk` too."""
    if form == "tsv":
        yield "\t".join(names) + "\n"
        for row in rows:
            yield "\t".join(flat(getattr(row, name)) for name in names) + "\n"
        return
    yield from comma_separated(
        names, ([flat(getattr(row, name)) for name in names] for row in rows)
    )


def comma_separated(
    names: Iterable[str], rows: Iterable[Iterable[str]], *, bom: bool = False
) -> Iterator[str]:
    """Yield rows of cells as CSV with a header, a line at a time; no cell can run as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    buffer.write(BOM if bom else "")
    writer.writerow(names)
    for row in rows:
        yield _taken(buffer)
        writer.writerow(map(harmless, row))
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    """Return what a buffer holds, and leave it empty for the next line."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
