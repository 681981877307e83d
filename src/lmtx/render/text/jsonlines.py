"""JSON: one document with its envelope, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lmtx.render import Envelope

JSON_SCHEMA = 2
"""Version of the names and columns that scripts rely on."""


def write_jsonlines(names: Sequence[str], rows: Iterable[Any]) -> Iterator[str]:
    """Yield one JSON object a line, each row alone."""
    for row in rows:
        yield dump_value({name: getattr(row, name) for name in names}) + "\n"


def write_json(names: Sequence[str], rows: Iterable[Any], envelope: Envelope) -> Iterator[str]:
    """Yield one JSON document, a row a line."""
    yield from wrap_objects(
        ({name: getattr(row, name) for name in names} for row in rows), envelope
    )


def wrap_objects(objects: Iterable[Any], envelope: Envelope) -> Iterator[str]:
    """Yield objects as the rows of one document."""
    head = {
        "schema": JSON_SCHEMA,
        "lmtx": envelope.program,
        "data": dict(envelope.data),
        "disclaimer": envelope.disclaimer,
        "query": dict(envelope.query),
        "left_out": dict(envelope.left_out),
    }
    yield dump_value(head)[:-1] + ', "rows": ['
    separator = "\n"
    for item in objects:
        yield separator + dump_value(item)
        separator = ",\n"
    yield "\n]}\n"


def dump_value(value: Any) -> str:
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
