"""What every drawing of the evidence map says in the same words: heads, cells, the sentence behind
a cell, the notes."""

from __future__ import annotations

from lmtx.model.figures import write_plural
from lmtx.model.notation import write_count, write_tally
from lmtx.query.map import AXES, CellRow, EvidenceMap, Node
from lmtx.render import Envelope

GAP = "·"
"""Stands for a cell without any evidence."""
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
        return f"{place}: no evidence"
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
        f"evidence.{' 0: only reviews, laboratory or withdrawn work.' if only else ''} {gap}: no "
        f"evidence."
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
