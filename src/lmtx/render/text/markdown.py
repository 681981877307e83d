"""A Markdown table, for notes and issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lmtx.model.figures import on_one_line
from lmtx.render.text.cells import flatten_value


def write_markdown(names: Sequence[str], rows: Iterable[Any]) -> Iterator[str]:
    """Yield a pipe table; what Markdown or HTML would interpret is escaped."""
    yield f"| {' | '.join(names)} |\n"
    yield f"|{' --- |' * len(names)}\n"
    for row in rows:
        yield (
            f"| "
            f"{' | '.join(escape_markdown(flatten_value(getattr(row, name))) for name in names)} "
            f"|\n"
        )


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    text = on_one_line(text)
    for sign in "\\`*_[]|~$":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
