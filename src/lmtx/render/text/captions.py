"""What every drawing of the evidence map says in the same words: heads, cells, the sentence behind
a cell, the notes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lmtx.listings import load_listing
from lmtx.model.figures import write_plural
from lmtx.model.notation import (
    DAGGER,
    PART,
    POOLED,
    RCT,
    SYNTHESIS,
    WITH,
    write_count,
    write_tally,
)
from lmtx.query.filters import FILTERS, say_filters
from lmtx.query.map import AXES, CellRow, EvidenceMap, Node
from lmtx.render import Envelope

if TYPE_CHECKING:
    from lmtx.query.brief import BriefRow

GAP = "·"
"""Stands for a cell without any evidence."""
NONE = "none on record"
"""What such a cell says: that the base has nothing is no proof that nothing is published."""
BY_ID = frozenset({"tumor", "class", "treatment", "biomarker"})
"""Axes whose ids are shorter than their labels and can be typed."""
ONCE = "All counts each study once, so it can be less than the sum of its row or column."
NESTED = "An indented row is part of the one above it."
PLURALS = {"class": "classes of treatment"}


def name_counted(envelope: Envelope) -> str:
    """Return what the cells of a map count: "studies" or "patients"."""
    return str(envelope.query.get("count", "studies"))


def plain_name(axis: str) -> str:
    """Return the plural of an axis: "primary tumors"."""
    return PLURALS.get(axis, f"{AXES[axis].label}s")


def map_title(found: EvidenceMap) -> str:
    """Return the title of a map: "Evidence map: primary tumors by classes of treatment"."""
    rows, columns = found.axes
    return f"Evidence map: {plain_name(rows)} by {plain_name(columns)}"


def cell_head(axis: str, node: Node) -> str:
    """Return what stands at a row or column on a terminal: an id where it can be typed, else a
    label."""
    return node.id if axis in BY_ID and node.id not in ("", "none") else node.label


def cell_number(cell: CellRow, counts: str) -> str:
    """Return what a cell counts; a dash where no study says how many patients it had."""
    return write_count(cell.patients if counts == "patients" else cell.studies)


def cell_sentence(cell: CellRow) -> str:
    """Return a cell in words, for those who point at it or cannot see it."""
    place = (
        ", ".join(label for label in (cell.row_label, cell.column_label) if label != "All")
        or "All evidence"
    )
    if not cell.rows:
        return f"{place}: {NONE}"
    parts = [
        write_plural(cell.studies, "study", "studies"),
        f"{write_count(cell.patients)} patients"
        if cell.patients is not None
        else "number of patients not stated",
    ]
    parts += [write_plural(cell.syntheses, "review")] if cell.syntheses else []
    parts.append(f"strongest level {cell.level}" if cell.level else "no level")
    return f"{place}: {', '.join(parts)}{f'; {said}' if (said := write_tally(cell)) else ''}"


def map_notes(found: EvidenceMap, counts: str, gap: str = GAP) -> list[str]:
    """Return the notes that a drawing needs, in the order in which they are read; `gap` says what
    an empty cell looks like."""
    what = (
        "independent studies"
        if counts == "studies"
        else "patients, each counted once (– not stated)"
    )
    only = counts == "studies" and any(cell.rows and not cell.studies for cell in found.cells)
    notes = [
        f"A cell: {what}, then the strongest level of "
        f"evidence.{' 0: only reviews, laboratory or withdrawn work.' if only else ''} {gap}: "
        f"{NONE}."
    ]
    notes.append(
        f"{ONCE} {NESTED}" if any(node.depth for node in (*found.rows, *found.columns)) else ONCE
    )
    if "tumor" in found.axes and any(node.id == "solid" for node in (*found.rows, *found.columns)):
        notes.append(
            "Mixed solid tumours (solid): several primaries with one figure, filed under none of "
            "them."
        )
    return notes


_OPTIONS = {
    "all_scopes": "parts of rows too",
    "superseded": "superseded reports too",
    "unit": "times on one axis",
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


BRIEF_HEADS = {
    "dose": "Dose",
    "harm": "Harm",
    "differ": "Differ",
    "advice": "Advice",
    "trials": "Trials",
    "unknown": "Unknown",
}
"""The sections of a brief below its treatments, as they are headed."""


def brief_legend(written: str, rows: Sequence[BriefRow]) -> str:
    """Return the marks that stand in the brief, each with its meaning in a few words."""
    from lmtx.query.brief import NOT_KNOWN  # asks much that no other drawing needs

    told = written + "".join(item for row in rows for item in row.items)
    answers = "".join(row.answer for row in rows)
    ways = {"▲": "benefit", "=": "none", "▼": "worse", "±": "mixed"}
    short = {
        WITH[0]: "with others",
        DAGGER[0]: "second hand",
        POOLED[0]: "pooled",
        PART[0]: "a part",
        SYNTHESIS[0]: "review",
        RCT[0]: "randomised",
    }
    known = {row.course for row in rows}
    last = ["? unclear"] if "?" in answers else []
    last += ["? behind a name: not known to come after it"] if NOT_KNOWN in known else []
    signs = [f"{sign} {meaning}" for sign, meaning in ways.items() if sign in answers]
    signs += [f"{sign} {meaning}" for sign, meaning in short.items() if sign in told]
    return "; ".join([*signs, *last])
