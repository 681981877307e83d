"""The evidence map as a picture, and as a page: a tone and a word for the level, a number, a dashed
frame where nothing is."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from html import escape
from math import cos, radians, sin
from typing import TYPE_CHECKING

from lmtx.model.notation import write_count
from lmtx.query.map import TOTAL_NODE, AxisNode, CellStudy, EvidenceMap, MapCell
from lmtx.render import write_closing_line
from lmtx.render.svg.drawing import (
    FONT,
    LEVEL_COLORS,
    LINE_HEIGHT,
    Drawing,
    cut_text_to_width,
    draw_level_legend,
    fold_sentence,
    text_width,
)
from lmtx.render.text.captions import (
    NONE_ON_RECORD,
    list_map_notes,
    name_counted_unit,
    write_cell_count,
    write_cell_sentence,
    write_map_title,
    write_query_in_words,
)
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope

MARGIN = 20
ROW_HEIGHT = 30
CELL_SPACING = 3
INDENT = 14
SMALL_PRINT_SIZE = 11.0
"""Size (px) of small print."""
GROUP_HEADING_HEIGHT = 22
"""Height (px) of the name of a class above its treatments."""
TURNED_COLUMN_WIDTH = 54.0
"""Width (px) of a column with a turned head."""
WIDEST_DRAWING = 960
"""Width (px) at which the small print of a drawing is still read on A4."""
LONGEST_LABEL, LONGEST_HEAD = 250, 280
"""Width (px) that the label of a row and a turned head may take."""
MOST_UPRIGHT_HEADS = 9
"""Columns up to which their heads stand upright; more of them are turned."""
HEAD_TURN_DEGREES = -48
GAP_FRAME_DASHES = "3 3"
GAP_FRAME_WORDS = "A dashed frame"


class _Plan(NamedTuple):
    """Where things stand (px)."""

    labels: float
    column: float
    heads: float
    top: float
    width: float
    turned: bool

    def x(self, place: int) -> float:
        """Return the left side of a column; 0 is that of all, which stands a little apart."""
        return MARGIN + self.labels + place * self.column + (CELL_SPACING * 2 if place else 0)

    def y(self, place: int) -> float:
        """Return the upper side of a row, likewise."""
        return self.top + self.heads + place * ROW_HEIGHT + (CELL_SPACING * 2 if place else 0)


def draw(
    found: EvidenceMap,
    envelope: Envelope,
    *,
    linked: bool = False,
    part: int = 1,
    parts: int = 1,
) -> str:
    """Return the map as SVG, its cells counting what was asked for; `linked` cells lead to their
    studies on the page that holds it. Of a map in several `parts` it says which one it is."""
    counts = name_counted_unit(envelope)
    notes = [*list_map_notes(found, counts, GAP_FRAME_WORDS), write_closing_line(envelope)]
    asked = write_query_in_words(envelope.query) + (
        f"; part {part} of {parts}" if parts > 1 else ""
    )
    plan = _plan(found)
    heads = _group_heads(found.rows)
    below = plan.y(len(found.rows) + 1) + GROUP_HEADING_HEIGHT * len(heads) + 22
    lines = [line for note in notes for line in fold_sentence(note, plan.width - 2 * MARGIN)]
    sheet = Drawing(
        plan.width,
        below + 34 + LINE_HEIGHT * len(lines) + 8,
        write_map_title(found),
        _description(found, counts, asked),
        name=f"evidence-map-{part}" if parts > 1 else "evidence-map",
    )
    sheet.text(
        MARGIN,
        MARGIN + 14,
        cut_text_to_width(write_map_title(found), plan.width - 2 * MARGIN, 18),
        "ink large bold",
    )
    sheet.text(MARGIN, MARGIN + 34, cut_text_to_width(asked, plan.width - 2 * MARGIN), "soft")
    _heads(sheet, plan, found)
    table = [(TOTAL_NODE, [found.total, *found.of_columns])]
    table += [
        (node, [total, *line])
        for node, total, line in zip(found.rows, found.of_rows, found.grid(), strict=True)
    ]
    above = 0
    for place, (node, cells) in enumerate(table):
        if head := heads.get(place - 1):
            sheet.text(
                MARGIN, plan.y(place) + GROUP_HEADING_HEIGHT * above + 15, head, "soft small bold"
            )
            above += 1
        y = plan.y(place) + GROUP_HEADING_HEIGHT * above
        _label(sheet, node, y, plan.labels - 10, "ink" if place else "ink bold")
        for column, cell in enumerate(cells):
            with _open_cell(sheet, cell, linked=linked):
                _cell(sheet, plan.x(column), y, plan.column, cell, counts)
    edge = draw_level_legend(sheet, MARGIN, below, LEVEL_COLORS)
    sheet.rect(edge + 0.5, below + 0.5, 35, 17, "gap", round_=3, dash=GAP_FRAME_DASHES)
    sheet.text(edge + 42, below + 13, NONE_ON_RECORD, "ink small")
    for place, line in enumerate(lines):
        sheet.text(MARGIN, below + 38 + LINE_HEIGHT * place, line, "soft small")
    return sheet.render()


def _label(sheet: Drawing, node: AxisNode, y: float, width: float, look: str) -> None:
    """Write the label of a row; one that is too long stands small in two lines."""
    x, room = MARGIN + INDENT * node.depth, width - INDENT * node.depth
    if text_width(node.label) <= room:
        sheet.text(x, y + 19, node.label, look)
        return
    first, *rest = fold_sentence(node.label, room, SMALL_PRINT_SIZE)
    if not rest:
        sheet.text(x, y + 19, first, f"{look} small")
        return
    sheet.text(x, y + 12, first, f"{look} small", tip=node.label)
    sheet.text(
        x,
        y + 25,
        cut_text_to_width(" ".join(rest), room, SMALL_PRINT_SIZE),
        f"{look} small",
        tip=node.label,
    )


def _group_heads(rows: Sequence[AxisNode]) -> dict[int, str]:
    """Return the class that stands above a row, by the place of the first of its treatments."""
    return {
        place: node.group
        for place, node in enumerate(rows)
        if node.group and (not place or rows[place - 1].group != node.group)
    }


def _open_cell(
    sheet: Drawing, cell: MapCell, *, linked: bool
) -> contextlib.AbstractContextManager[None]:
    """Return what makes a cell a link to its studies, where it has any and is no total."""
    if not (linked and cell.rows and cell.row and cell.column):
        return contextlib.nullcontext()
    return sheet.link(name_cell_anchor(cell), write_cell_sentence(cell))


def name_cell_anchor(cell: MapCell) -> str:
    """Return the id of the place of a page that holds the studies of a cell."""
    return f"cell.{cell.row}.{cell.column}"


def split_map_into_sheets(evidence_map: EvidenceMap) -> list[EvidenceMap]:
    """Return the map in parts that stay legible on paper, each with as many columns as a sheet
    holds and with the totals of the whole."""
    width = len(evidence_map.columns)
    for parts in range(1, width + 1):
        size = -(-width // parts)
        made = [_part(evidence_map, start, start + size) for start in range(0, width, size)]
        if all(_plan(part).width <= WIDEST_DRAWING for part in made):
            break
    return made


def _part(found: EvidenceMap, start: int, end: int) -> EvidenceMap:
    return found._replace(
        columns=found.columns[start:end],
        of_columns=found.of_columns[start:end],
        cells=[cell for line in found.grid() for cell in line[start:end]],
    )


def _plan(found: EvidenceMap) -> _Plan:
    labels = min(
        LONGEST_LABEL,
        max(
            text_width(node.label, bold=node is TOTAL_NODE) + INDENT * node.depth
            for node in (TOTAL_NODE, *found.rows)
        )
        + 12,
    )
    names = [node.label for node in found.columns]
    words = max(text_width(word, bold=True) for name in names for word in name.split()) + 12
    upright = max(66.0, words)
    room = WIDEST_DRAWING - 2 * MARGIN - CELL_SPACING * 2 - labels
    turned = len(names) > MOST_UPRIGHT_HEADS or upright * (len(names) + 1) > room
    longest = min(LONGEST_HEAD, max(text_width(name, bold=True) for name in names))
    if turned:
        column, heads, reach = (
            TURNED_COLUMN_WIDTH,
            longest * sin(radians(-HEAD_TURN_DEGREES)) + 14,
            longest * cos(radians(HEAD_TURN_DEGREES)),
        )
    else:
        column = upright
        heads, reach = (
            LINE_HEIGHT * max(len(fold_sentence(name, column - 8, 13 * 1.06)) for name in names)
            + 6,
            0.0,
        )
    needed = (
        MARGIN
        + labels
        + (len(names) + 1) * column
        + CELL_SPACING * 2
        + max(reach - column / 2, 0)
        + MARGIN
    )
    return _Plan(labels, column, heads, MARGIN + 46, max(needed, 560), turned)


def _heads(sheet: Drawing, plan: _Plan, found: EvidenceMap) -> None:
    bottom = plan.top + plan.heads - 8
    for place, node in enumerate((TOTAL_NODE, *found.columns)):
        middle = plan.x(place) + plan.column / 2
        if plan.turned:
            sheet.text(
                middle,
                bottom,
                cut_text_to_width(node.label, LONGEST_HEAD),
                "ink bold",
                turn=HEAD_TURN_DEGREES,
            )
            continue
        lines = fold_sentence(node.label, plan.column - 8, 13 * 1.06)
        for line, part in enumerate(lines):
            sheet.text(
                middle,
                bottom - LINE_HEIGHT * (len(lines) - 1 - line),
                part,
                "ink bold",
                anchor="middle",
            )


def _cell(sheet: Drawing, x: float, y: float, width: float, cell: MapCell, counts: str) -> None:
    inside, high = width - CELL_SPACING, ROW_HEIGHT - CELL_SPACING
    if not cell.rows:
        sheet.rect(
            x + 0.5,
            y + 0.5,
            inside - 1,
            high - 1,
            "gap",
            round_=3,
            dash=GAP_FRAME_DASHES,
            tip=write_cell_sentence(cell),
        )
        return
    tone = LEVEL_COLORS[cell.level]
    sheet.rect(x, y, inside, high, fill=tone.fill, round_=3, tip=write_cell_sentence(cell))
    middle = x + inside / 2
    sheet.text(
        middle + 3, y + 18, write_cell_count(cell, counts), "bold", anchor="end", fill=tone.ink
    )
    sheet.text(middle + 8, y + 18, cell.level or "–", "small", fill=tone.ink)


def _description(found: EvidenceMap, counts: str, asked: str) -> str:
    """Return the map in words for those who cannot see it."""
    filled = sorted(
        (cell for cell in found.cells if cell.rows),
        key=lambda cell: (-cell.studies, cell.row, cell.column),
    )
    most = "; ".join(write_cell_sentence(cell) for cell in filled[:3])
    return (
        f"{write_map_title(found)} ({asked}). {len(found.rows)} rows, {len(found.columns)} "
        f"columns, "
        f"{found.gaps} of {len(found.cells)} cells without evidence. "
        f"{write_cell_sentence(found.total)}. Most studied: {most}."
    )


PAGE_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{{color-scheme:light dark}}
body{{font-family:{font};margin:1.5rem auto;max-width:75rem;padding:0 1rem;line-height:1.4}}
figure{{margin:0}}
svg{{max-width:100%;height:auto}}
h1{{font-size:1.25rem}}
a{{color:inherit}}
table{{border-collapse:collapse;font-size:.875rem}}
caption{{text-align:left;font-weight:bold;padding:.5rem 0}}
th,td{{border:1px solid #8c959f;padding:.2rem .5rem;text-align:left}}
td{{text-align:right}}
abbr{{text-decoration:none}}
{style}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<figure class="broad" id="map">
{svg}</figure>
{cells}
<div class="broad">
<table>
<caption>{title}{asked}: {counts} and strongest level</caption>
<thead><tr><th scope="col">{corner}</th>{heads}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</div>
{notes}
{behind}
</main>
</body>
</html>
"""


def page(found: EvidenceMap, envelope: Envelope) -> str:
    """Return a page that needs nothing else: the picture, and the same cells as a table that can be
    read aloud and copied; each cell opens its studies."""
    counts = name_counted_unit(envelope)
    table = [(TOTAL_NODE, found.total, found.of_columns)]
    table += list(zip(found.rows, found.of_rows, found.grid(), strict=True))
    lines = []
    for node, total, cells in table:
        written = "".join(_write_cell(cell, counts) for cell in (total, *cells))
        lines.append(f'<tr><th scope="row">{_indented(node)}</th>{written}</tr>')
    heads = [f'<th scope="col">{escape(node.label)}</th>' for node in (TOTAL_NODE, *found.columns)]
    notes = [*list_map_notes(found, counts), write_closing_line(envelope)]
    return PAGE_TEMPLATE.format(
        title=escape(write_map_title(found)),
        font=FONT.replace('"', "'"),
        style=CELL_LIST_AND_STUDIES_STYLE,
        svg=draw(found, envelope, linked=True),
        cells=write_filled_cells_html(found, counts),
        asked=escape(f" ({write_query_in_words(envelope.query)})"),
        counts=counts,
        corner=escape(" by ".join(found.axes)),
        heads="".join(heads),
        body="\n".join(lines),
        notes="\n".join(f"<p>{escape(note)}</p>" for note in notes),
        behind=write_cell_studies_html(found, "map"),
    )


def _write_cell(cell: MapCell, counts: str) -> str:
    """Return a cell of the table, as a link to its studies where it has any and is no total."""
    sentence = escape(write_cell_sentence(cell))
    if not cell.rows:
        return f'<td title="{sentence}"><abbr title="{NONE_ON_RECORD}">·</abbr></td>'
    written = f"{write_cell_count(cell, counts)} {cell.level or '–'}"
    if cell.row and cell.column:
        place = escape(name_cell_anchor(cell))
        written = f'<a href="#{place}" aria-label="{sentence}">{written}</a>'
    return f'<td title="{sentence}">{written}</td>'


CELL_LIST_AND_STUDIES_STYLE = """
.cells,.behind ul{list-style:none;margin:0;padding:0}
.cells{display:none}
.cells>li{padding:.5rem 0;border-top:1px solid #8c959f}
.cells .group{font-size:.875rem;font-style:italic}
.cells .of{display:block;font-weight:600}
.cells a{display:inline-block;margin:.15rem .35rem .15rem 0;padding:.3rem .5rem;border-radius:3px}
.behind{display:none}
.behind:target{display:block;position:fixed;z-index:3;left:0;right:0;bottom:0;max-height:70vh}
.behind{overflow-y:auto;padding:.75rem 1.25rem 1rem;outline:none}
.behind{background:Canvas;color:CanvasText;border-top:3px solid #59636e}
.behind .of{margin:0 0 .4rem;font-weight:600}
.behind li{padding:.25rem 0}
.behind .close{display:inline-block;padding:.35rem 0}
@media screen and (max-width:56rem){.broad{display:none!important}.cells{display:block}}
@media print{.behind{display:none!important}}
"""
"""How the cells of a map read on a narrow screen, and how what stands behind one opens over the
page, without a script."""


def write_filled_cells_html(evidence_map: EvidenceMap, counts: str) -> str:
    """Return the cells that have something, row by row, as HTML for a narrow screen; what is not
    on record in a row is counted."""
    lines, heads = [], _group_heads(evidence_map.rows)
    for place, (node, cells) in enumerate(zip(evidence_map.rows, evidence_map.grid(), strict=True)):
        if head := heads.get(place):
            lines.append(f'<li class="group">{escape(head)}</li>')
        links = " ".join(_write_link(cell, counts) for cell in cells if cell.rows)
        empty = sum(not cell.rows for cell in cells)
        gaps = f"<span>{empty} of {len(cells)} {NONE_ON_RECORD}</span>" if empty else ""
        lines.append(f'<li><span class="of">{_indented(node)}</span>{links} {gaps}</li>')
    return "\n".join(['<ul class="cells">', *lines, "</ul>"])


def _write_link(cell: MapCell, counts: str) -> str:
    """Return a cell as a link that names its column, on the tone of its level."""
    tone, place = LEVEL_COLORS[cell.level], escape(name_cell_anchor(cell))
    number = f"<b>{write_cell_count(cell, counts)}</b> {cell.level or '–'}"
    look = f"background:{tone.fill};color:{tone.ink}"
    return f'<a href="#{place}" style="{look}">{escape(cell.column_label)} {number}</a>'


def write_cell_studies_html(
    evidence_map: EvidenceMap, back: str, numbers: Mapping[str, int] | None = None
) -> str:
    """Return the publications behind each cell as HTML, hidden until the cell is chosen.

    They lead to the numbered references of the page, by `numbers`, or to their own addresses;
    `back` is the id of the picture.
    """
    parts = []
    for cell in evidence_map.cells:
        studies = evidence_map.studies.get((cell.row, cell.column), ())
        if not studies:
            continue
        items = "\n".join(f"<li>{_say_study(one, numbers or {})}</li>" for one in studies)
        sentence = escape(write_cell_sentence(cell))
        parts.append(
            f'<section class="behind" id="{escape(name_cell_anchor(cell))}" tabindex="0" '
            f'aria-label="{sentence}">\n<p class="of">{sentence}</p>\n'
            f'<a class="close" href="#{back}">Close</a>\n<ul>\n{items}\n</ul>\n</section>'
        )
    return "\n".join(parts)


def _say_study(study: CellStudy, numbers: Mapping[str, int]) -> str:
    """Return a publication as HTML: its name as a link, its patients and level."""
    url = f"#ref-{numbers[study.study]}" if study.study in numbers else study.url or ""
    name = escape(study.citation)
    if url.startswith(("#", "https://", "http://")):
        name = f'<a href="{escape(url)}" rel="noreferrer">{name}</a>'
    size = f", n={write_count(study.n)}" if study.n is not None else ""
    return f"{name}{size}, {f'level {study.level}' if study.level else 'no level'}"


def _indented(node: AxisNode) -> str:
    return "&#160;" * 4 * node.depth + escape(node.label)
