"""What the knowledge base is: its version, how much it holds, where its figures were read, and where it lies."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from lmtx import __version__
from lmtx.index import Index
from lmtx.trust import missing
from lmtx.vocabulary import READ_IN

LICENCE = "code MIT, data CC BY 4.0"
COUNTED = {
    "treatments": "select count(*) from treatment",
    "studies": "select count(*) from study",
    "evidence_rows": "select count(*) from evidence",
    "figures": "select count(*) from outcome",
    "csf_levels": "select count(*) from csf",
    "guidelines": "select count(*) from guideline",
    "guideline_statements": "select count(*) from recommendation",
    "trials": "select count(*) from trial",
    "facts": "select count(*) from fact",
}


class InfoRow(NamedTuple):
    """One thing about the knowledge base; see `lmtx fields info`."""

    key: str
    value: str | int


def about(index: Index) -> list[InfoRow]:
    """Return what the knowledge base is, a key and a value each."""
    return [InfoRow(key, value) for key, value in _pairs(index)]


def _pairs(index: Index) -> Iterator[tuple[str, str | int]]:
    connection = index.connection
    meta = dict(connection.execute("select key, value from meta"))
    yield "lmtx", __version__
    yield "title", meta["title"]
    yield from ((key, meta[key]) for key in ("version", "as_of", "sha256"))
    if "with" in meta:
        yield "with", ", ".join(json.loads(meta["with"]))
    yield "schema_version", int(meta["schema_version"])
    yield from (
        (key, int(connection.execute(query).fetchone()[0])) for key, query in COUNTED.items()
    )
    yield from _read_in(connection)
    studies = [json.loads(text) for (text,) in connection.execute("select record from study")]
    yield "studies_read_a_second_time", sum(bool(study["second_read"]) for study in studies)
    yield "studies_completely_cited", sum(not missing(study) for study in studies)
    yield "disclaimer", meta["disclaimer"]
    yield "licence", LICENCE
    yield "index", index.path
    yield "data", str(index.data)
    yield from (("own_records", str(overlay)) for overlay in index.overlays)


def _read_in(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield how many studies, and how many figures of theirs, were read at each kind of place."""
    studies = dict(connection.execute("select read_in, count(*) from study group by read_in"))
    figures = dict(
        connection.execute(
            "select e.read_in, count(*) from outcome o join evidence e on e.number = o.number group by e.read_in"
        )
    )
    for what, counts in (("studies", studies), ("figures", figures)):
        for place in READ_IN:
            yield f"{what}_read_in_{place.replace('-', '_')}", counts.get(place, 0)
