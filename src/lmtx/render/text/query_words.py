"""What was asked, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def in_words(query: Mapping[str, Any]) -> str:
    """Return what was asked for in words: "nsclc; biomarker egfr; level III or stronger"."""
    words = {
        "tumors": "",
        "classes": "",
        "levels": "level ",
        "biomarkers": "biomarker ",
        "routes": "",
        "targets": "target ",
        "designs": "",
        "directions": "direction ",
        "endpoints": "endpoint ",
    }
    said = [
        ", ".join(f"{word}{value}" for value in query[key])
        for key, word in words.items()
        if query.get(key)
    ]
    plain = {
        "min_level": "level {} or stronger",
        "min_n": "n ≥ {}",
        "since": "since {}",
        "limit": "the first {}",
    }
    said += [form.format(query[key]) for key, form in plain.items() if query.get(key) is not None]
    flags = {
        "verified": "read at the source",
        "mixed": "mixed tumours too",
        "all_scopes": "parts of rows too",
        "superseded": "superseded reports too",
    }
    return (
        "; ".join([*said, *(word for key, word in flags.items() if query.get(key))])
        or "everything on record"
    )


def ordering(query: Mapping[str, Any]) -> str:
    """Say how the figures are sorted: "by level and size", "by year, the other way round"."""
    return f"by {query.get('sort') or 'level and size'}" + (
        ", the other way round" if query.get("reverse") else ""
    )
