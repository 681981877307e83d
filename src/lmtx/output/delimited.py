"""Tab- and comma-separated values: a header row, then one record a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lmtx.output.cells import flat, harmless


def lines(names: Sequence[str], rows: Iterable[Any], form: str) -> Iterator[str]:
    """Yield lines of TSV or CSV. A cell never holds a tab or a newline, so that a line is a record for `cut` and `awk` too."""
    if form == "tsv":
        yield "\t".join(names) + "\n"
        for row in rows:
            yield "\t".join(flat(getattr(row, name)) for name in names) + "\n"
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        yield taken(buffer)
        writer.writerow([harmless(flat(getattr(row, name))) for name in names])
    yield taken(buffer)


def taken(buffer: io.StringIO) -> str:
    """Return what a buffer holds, and leave it empty for the next line."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
