"""What was asked, in words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from lmtx.listings import load_listing
from lmtx.query.filters import FILTERS, say_filters

_OPTIONS = {
    "all_scopes": "parts of rows too",
    "superseded": "superseded reports too",
}
"""Options of listings, beside the filters, that change what a picture shows."""


def say_query(query: Mapping[str, Any]) -> str:
    """Return what was asked for in words: "nsclc; biomarker egfr; level III or stronger"."""
    words = say_filters(query)
    if query.get("limit") is not None:
        words.append(f"the first {query['limit']}")
    words += [phrase for option, phrase in _OPTIONS.items() if query.get(option)]
    return "; ".join(words) or "everything on record"


def say_order(query: Mapping[str, Any]) -> str:
    """Say how the figures are sorted: "by level and size", "by year, the other way round"."""
    return f"by {query.get('sort') or 'level and size'}" + (
        ", the other way round" if query.get("reverse") else ""
    )


def command_line(name: str, query: Mapping[str, Any]) -> str:
    """Return the command that asks a listing under the filters of a query, those left out that it
    does not take."""
    listing = load_listing(name)
    words = ["lmtx", name]
    for field in listing.filters:
        value = query.get(field)
        if value is None or value is False or value == ():
            continue
        parameter = FILTERS[field].parameter
        option = f"-{parameter.short}" if parameter.short else f"--{parameter.option_name}"
        values = value if isinstance(value, list | tuple) else (value,)
        words += (
            [option] if value is True else [f"{option} {shlex.quote(str(one))}" for one in values]
        )
    return " ".join(words)
