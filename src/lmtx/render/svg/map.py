"""The evidence map as a picture, and as a page: a tone and a word for the level, a number, a dashed
frame where nothing is."""

from __future__ import annotations

from html import escape
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any, NamedTuple

from lmtx.query.map import ALL, CellRow, EvidenceMap, Node
from lmtx.render import closing_line
from lmtx.render.svg.drawing import (
    FONT,
    LEVEL_TONES,
    LINE,
    Sheet,
    draw_legend,
    fit_text,
    fold_sentence,
    text_width,
)
from lmtx.render.text.captions import (
    cell_number,
    cell_sentence,
    map_notes,
    map_title,
    name_counted,
    say_query,
)

if TYPE_CHECKING:
    from lmtx.render import Envelope

MARGIN = 20
ROW = 26
GAP = 3
INDENT = 14
LONGEST_LABEL, LONGEST_HEAD = 380, 280
"""Width (px) that the label of a row and a turned head may take."""
FEW = 9
"""Columns up to which their heads stand upright; more of them are turned."""
TURN = -48
DASH = "3 3"
FRAME = "A dashed frame"


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
        return MARGIN + self.labels + place * self.column + (GAP * 2 if place else 0)

    def y(self, place: int) -> float:
        """Return the upper side of a row, likewise."""
        return self.top + self.heads + place * ROW + (GAP * 2 if place else 0)


def draw(found: EvidenceMap, envelope: Envelope) -> str:
    """Return the map as SVG, its cells counting what was asked for."""
    counts = name_counted(envelope)
    notes = [*map_notes(found, counts, FRAME), closing_line(envelope)]
    asked = say_query(envelope.query)
    plan = _plan(found)
    below = plan.y(len(found.rows) + 1) + 22
    lines = [line for note in notes for line in fold_sentence(note, plan.width - 2 * MARGIN)]
    sheet = Sheet(
        plan.width,
        below + 34 + LINE * len(lines) + 8,
        map_title(found),
        _description(found, counts, asked),
        name="evidence-map",
    )
    sheet.text(
        MARGIN,
        MARGIN + 14,
        fit_text(map_title(found), plan.width - 2 * MARGIN, 18),
        "ink large bold",
    )
    sheet.text(MARGIN, MARGIN + 34, fit_text(asked, plan.width - 2 * MARGIN), "soft")
    _heads(sheet, plan, found)
    table = [(ALL, [found.total, *found.of_columns])]
    table += [
        (node, [total, *line])
        for node, total, line in zip(found.rows, found.of_rows, found.grid(), strict=True)
    ]
    for place, (node, cells) in enumerate(table):
        y = plan.y(place)
        sheet.text(
            MARGIN + INDENT * node.depth,
            y + 17,
            fit_text(node.label, plan.labels - 10 - INDENT * node.depth),
            "ink" if place else "ink bold",
        )
        for column, cell in enumerate(cells):
            _cell(sheet, plan.x(column), y, plan.column, cell, counts)
    edge = draw_legend(sheet, MARGIN, below, LEVEL_TONES)
    sheet.rect(edge + 0.5, below + 0.5, 35, 17, "gap", round_=3, dash=DASH)
    sheet.text(edge + 42, below + 13, "no evidence", "ink small")
    for place, line in enumerate(lines):
        sheet.text(MARGIN, below + 38 + LINE * place, line, "soft small")
    return sheet.render()


def _plan(found: EvidenceMap) -> _Plan:
    labels = min(
        LONGEST_LABEL,
        max(
            text_width(node.label, bold=node is ALL) + INDENT * node.depth
            for node in (ALL, *found.rows)
        )
        + 12,
    )
    names = [node.label for node in found.columns]
    turned = len(names) > FEW
    longest = min(LONGEST_HEAD, max(text_width(name, bold=True) for name in names))
    if turned:
        column, heads, reach = (
            58.0,
            longest * sin(radians(-TURN)) + 14,
            longest * cos(radians(TURN)),
        )
    else:
        column = max(
            66.0, max(text_width(word, bold=True) for name in names for word in name.split()) + 12
        )
        heads, reach = (
            LINE * max(len(fold_sentence(name, column - 8, 13 * 1.06)) for name in names) + 6,
            0.0,
        )
    needed = (
        MARGIN + labels + (len(names) + 1) * column + GAP * 2 + max(reach - column / 2, 0) + MARGIN
    )
    return _Plan(labels, column, heads, MARGIN + 46, max(needed, 560), turned)


def _heads(sheet: Sheet, plan: _Plan, found: EvidenceMap) -> None:
    bottom = plan.top + plan.heads - 8
    for place, node in enumerate((ALL, *found.columns)):
        middle = plan.x(place) + plan.column / 2
        if plan.turned:
            sheet.text(middle, bottom, fit_text(node.label, LONGEST_HEAD), "ink bold", turn=TURN)
            continue
        lines = fold_sentence(node.label, plan.column - 8, 13 * 1.06)
        for line, part in enumerate(lines):
            sheet.text(
                middle, bottom - LINE * (len(lines) - 1 - line), part, "ink bold", anchor="middle"
            )


def _cell(sheet: Sheet, x: float, y: float, width: float, cell: CellRow, counts: str) -> None:
    inside, high = width - GAP, ROW - GAP
    if not cell.rows:
        sheet.rect(
            x + 0.5,
            y + 0.5,
            inside - 1,
            high - 1,
            "gap",
            round_=3,
            dash=DASH,
            tip=cell_sentence(cell),
        )
        return
    tone = LEVEL_TONES[cell.level]
    sheet.rect(x, y, inside, high, fill=tone.fill, round_=3, tip=cell_sentence(cell))
    middle = x + inside / 2
    sheet.text(middle + 3, y + 16, cell_number(cell, counts), "bold", anchor="end", fill=tone.ink)
    sheet.text(middle + 8, y + 16, cell.level or "–", "small", fill=tone.ink)


def _description(found: EvidenceMap, counts: str, asked: str) -> str:
    """Return the map in words for those who cannot see it."""
    filled = sorted(
        (cell for cell in found.cells if cell.rows),
        key=lambda cell: (-cell.studies, cell.row, cell.column),
    )
    most = "; ".join(cell_sentence(cell) for cell in filled[:3])
    return (
        f"{map_title(found)} ({asked}). {len(found.rows)} rows, {len(found.columns)} columns, "
        f"{found.gaps} of {len(found.cells)} cells without evidence. "
        f"{cell_sentence(found.total)}. Most studied: {most}."
    )


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{{color-scheme:light dark}}
body{{font-family:{font};margin:1.5rem auto;max-width:75rem;padding:0 1rem;line-height:1.4}}
figure{{margin:0;overflow-x:auto}}
table{{border-collapse:collapse;font-size:.875rem}}
caption{{text-align:left;font-weight:bold;padding:.5rem 0}}
th,td{{border:1px solid #8c959f;padding:.2rem .5rem;text-align:left}}
td{{text-align:right}}
abbr{{text-decoration:none}}
.table{{overflow-x:auto}}
</style>
</head>
<body>
<main>
<figure>
{svg}</figure>
<div class="table" tabindex="0" role="region" aria-label="{title}">
<table>
<caption>{title}{asked}: {counts} and strongest level</caption>
<thead><tr><th scope="col">{corner}</th>{heads}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</div>
{notes}
</main>
</body>
</html>
"""


def page(svg: str, found: EvidenceMap, envelope: Envelope) -> str:
    """Return a page that needs nothing else: the picture, and the same cells as a table that can be read aloud and copied."""
    counts = name_counted(envelope)
    table = [(ALL, found.total, found.of_columns)]
    table += list(zip(found.rows, found.of_rows, found.grid(), strict=True))
    body = "\n".join(
        f'<tr><th scope="row">{_indented(node)}</th>{"".join(map(_data(counts), (total, *cells)))}</tr>'
        for node, total, cells in table
    )
    asked = say_query(envelope.query)
    return PAGE.format(
        title=escape(map_title(found)), font=FONT.replace('"', "'"), svg=svg, asked=escape(f" ({asked})"), counts=counts,
        corner=escape(" by ".join(found.axes)), heads="".join(f'<th scope="col">{escape(node.label)}</th>' for node in (ALL, *found.columns)), body=body,
        notes="\n".join(f"<p>{escape(note)}</p>" for note in (*map_notes(found, counts), closing_line(envelope))),
    )  # fmt: skip


def _indented(node: Node) -> str:
    return "&#160;" * 4 * node.depth + escape(node.label)


def _data(counts: str) -> Any:
    def cell(one: CellRow) -> str:
        said = (
            f"{cell_number(one, counts)} {one.level or '–'}"
            if one.rows
            else '<abbr title="no evidence">·</abbr>'
        )
        return f'<td title="{escape(cell_sentence(one))}">{said}</td>'

    return cell
