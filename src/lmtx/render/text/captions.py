"""What every drawing of the evidence map says in the same words: heads, cells, the sentence behind
a cell, the notes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lmtx.listings import load_listing
from lmtx.model.figures import write_plural
from lmtx.model.notation import (
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    RCT_FOOTNOTE,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    explain_directions_in_text,
    write_count,
    write_direction_tally,
)
from lmtx.query.filters import FILTERS, list_filter_phrases
from lmtx.query.map import AXES, AxisNode, EvidenceMap, MapCell
from lmtx.render import Envelope
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.query.brief import BriefRow

GAP_SYMBOL = "·"
"""Stands for a cell without any evidence."""
NONE_ON_RECORD = "none on record"
"""What such a cell says: that the base has nothing is no proof that nothing is published."""
AXES_LABELED_BY_ID = frozenset({"tumor", "class", "treatment", "biomarker"})
"""Axes whose ids are shorter than their labels and can be typed."""
COUNTED_ONCE_NOTE = (
    "All counts each study once, so it can be less than the sum of its row or column."
)
INDENTED_ROW_NOTE = "An indented row is part of the one above it."
IRREGULAR_AXIS_PLURALS = {"class": "classes of treatment"}


def name_counted_unit(envelope: Envelope) -> str:
    """Return what the cells of a map count: "studies" or "patients"."""
    return str(envelope.query.get("count", "studies"))


def write_axis_plural(axis: str) -> str:
    """Return the plural of an axis: "primary tumors"."""
    return IRREGULAR_AXIS_PLURALS.get(axis, f"{AXES[axis].label}s")


def write_map_title(evidence_map: EvidenceMap) -> str:
    """Return the title of a map: "Evidence map: primary tumors by classes of treatment"."""
    rows, columns = evidence_map.axes
    return f"Evidence map: {write_axis_plural(rows)} by {write_axis_plural(columns)}"


def write_short_axis_heading(axis: str, node: AxisNode) -> str:
    """Return what stands at a row or column on a terminal: an id where it can be typed, else a
    label."""
    return node.id if axis in AXES_LABELED_BY_ID and node.id not in ("", "none") else node.label


def write_cell_count(cell: MapCell, counts: str) -> str:
    """Return what a cell counts; a dash where no study says how many patients it had."""
    return write_count(cell.patients if counts == "patients" else cell.studies)


def write_cell_sentence(cell: MapCell) -> str:
    """Return a cell in words, for those who point at it or cannot see it."""
    place = (
        ", ".join(label for label in (cell.row_label, cell.column_label) if label != "All")
        or "All evidence"
    )
    if not cell.rows:
        return f"{place}: {NONE_ON_RECORD}"
    parts = [
        write_plural(cell.studies, "study", "studies"),
        f"{write_count(cell.patients)} patients"
        if cell.patients is not None
        else "number of patients not stated",
    ]
    parts += [write_plural(cell.syntheses, "review")] if cell.syntheses else []
    parts.append(f"strongest level {cell.level}" if cell.level else "no level")
    return (
        f"{place}: {', '.join(parts)}{f'; {said}' if (said := write_direction_tally(cell)) else ''}"
    )


def list_map_notes(evidence_map: EvidenceMap, counts: str, gap: str = GAP_SYMBOL) -> list[str]:
    """Return the notes that a drawing needs, in the order in which they are read; `gap` says what
    an empty cell looks like."""
    what = (
        "independent studies"
        if counts == "studies"
        else "patients, each counted once (– not stated)"
    )
    only = counts == "studies" and any(
        cell.rows and not cell.studies for cell in evidence_map.cells
    )
    notes = [
        f"A cell: {what}, then the strongest level of "
        f"evidence.{' 0: only reviews, laboratory or withdrawn work.' if only else ''} {gap}: "
        f"{NONE_ON_RECORD}."
    ]
    notes.append(
        f"{COUNTED_ONCE_NOTE} {INDENTED_ROW_NOTE}"
        if any(node.depth for node in (*evidence_map.rows, *evidence_map.columns))
        else COUNTED_ONCE_NOTE
    )
    if "tumor" in evidence_map.axes and any(
        node.id == "solid" for node in (*evidence_map.rows, *evidence_map.columns)
    ):
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


def write_query_in_words(query: Mapping[str, Any]) -> str:
    """Return what was asked for in words: "nsclc; biomarker egfr; level III or stronger"."""
    words = list_filter_phrases(query)
    if query.get("limit") is not None:
        words.append(f"the first {query['limit']}")
    words += [phrase for option, phrase in _OPTIONS.items() if query.get(option)]
    return "; ".join(words) or "everything on record"


def write_order_in_words(query: Mapping[str, Any]) -> str:
    """Say how the figures are sorted: "by level and size", "by year, the other way round"."""
    return f"by {query.get('sort') or 'level and size'}" + (
        ", the other way round" if query.get("reverse") else ""
    )


def write_command_with_filters(name: str, query: Mapping[str, Any]) -> str:
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
    "tested": "Tested",
    "dose": "Dose",
    "harm": "Harm",
    "differ": "Differ",
    "advice": "Advice",
    "trials": "Trials",
    "unknown": "Unknown",
}
UNKNOWN_COURSE_SYMBOL = "(?)"
"""Stands behind a treatment that is not known to come after what was asked for."""
BRIEF_MARK_MEANINGS = {
    WITH_OTHERS_MARK[0]: "with others",
    PART_MARK[0]: "a part",
    UNVERIFIED_MARK[0]: "second hand",
    POOLED_MARK[0]: "pooled",
    SYNTHESIS_MARK[0]: "review",
    SUPERSEDED_MARK[0]: "superseded",
    OWN_RECORDS_MARK[0]: "own records",
}
"""What a mark says, in as few words as a brief has room for."""


_FOOTNOTES = re.compile(r"(?<=[\w)%])[+*†‡Σ°◆]+(?=[\s,;)]|$)", re.MULTILINE)
"""Marks behind a figure, a name or a citation."""


class BriefSection(NamedTuple):
    """A section of a brief with what it has to say and the command that shows all of it."""

    id: str
    head: str
    items: Sequence[str]
    see: str
    is_short: bool
    """Whether all of it is told before others have more than their first item."""


def drop_order_filters(envelope: Envelope) -> dict[str, Any]:
    """Return what was asked without the filters that a brief only orders by."""
    return {**envelope.query, "after": (), "lines": ()}


def list_sections_below_treatments(
    rows: Sequence[BriefRow], envelope: Envelope
) -> Iterator[BriefSection]:
    """Yield the sections of a brief below its treatments."""
    from lmtx.query.brief import SEVERAL_TUMORS_WORDS  # asks much that no other drawing needs

    for row in rows:
        if row.id:
            continue
        asked = envelope.query if row.section == "unknown" else drop_order_filters(envelope)
        query: dict[str, Any] = {**asked}
        if row.section in ("dose", "harm"):  # told of a drug whatever the marker
            query["biomarkers"] = ()
            query["mixed"] = query.get("mixed") or any(
                SEVERAL_TUMORS_WORDS in item for item in row.items
            )
        see = write_command_with_filters(row.listing, query)
        yield BriefSection(
            row.section, BRIEF_HEADS[row.section], row.items, see, row.section == "unknown"
        )


def write_brief_legend(
    written: str,
    said: str,
    rows: Sequence[BriefRow],
    number: int,
    spell: Callable[[str], str] = str,
) -> str:
    """Return the marks that stand in a brief, each with its meaning in a few words; `spell` writes
    answers as the brief has them."""
    from lmtx.query.brief import NOT_KNOWN_AFTER

    answers = "\n".join(row.answer for row in rows[:number])
    parts = [explain_directions_in_text(spell(answers))]
    parts += [f"{RCT_FOOTNOTE[0]}: randomised"] if RCT_FOOTNOTE[0] in answers else []
    marks = _FOOTNOTES.findall(f"{written}\n{said}")
    standing = {mark for several in marks for mark in several}
    parts += [
        f"{mark} {meaning}" for mark, meaning in BRIEF_MARK_MEANINGS.items() if mark in standing
    ]
    if any(row.course == NOT_KNOWN_AFTER for row in rows[:number]):
        parts.append(
            f"{UNKNOWN_COURSE_SYMBOL} not known to be of the course asked for; told of all its rows"
        )
    return "; ".join(part for part in parts if part)
