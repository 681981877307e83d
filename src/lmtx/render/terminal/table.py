"""A table for a terminal, fitted to its width and never wrapped over it, and how rich paints an
answer:
data are shown as they are, never read as markup."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import Box
from rich.cells import cell_len, chop_cells
from rich.console import Console, RenderableType
from rich.text import Text

from lmtx.listings import Column, Listing
from lmtx.model.notation import select_footnotes
from lmtx.render import write_closing_line
from lmtx.render.text.cells import spell_for_screen, write_field
from lmtx.render.text.folding import fold_prose

if TYPE_CHECKING:
    from rich.table import Table

    from lmtx.render import Envelope, Rendered, Screen


LINE_BOX = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
ASCII_LINE_BOX = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
LEVEL_STYLES = {"I": "bold green", "II": "green", "III": "cyan", "IV": "yellow", "V": "red"}
"""Colour of a level; the level itself is always written too."""


def make_string_console(screen: Screen) -> Console:
    """Return a console that writes into a string."""
    return Console(
        file=io.StringIO(), width=screen.width, height=25, force_terminal=screen.color, color_system="standard" if screen.color else None,
        no_color=not screen.color, markup=False, highlight=False, emoji=False, legacy_windows=False, safe_box=False, soft_wrap=False,
    )  # fmt: skip


def render_to_text(parts: Iterable[RenderableType], screen: Screen) -> str:
    """Return renderables as text for the screen."""
    target = make_string_console(screen)
    for part in parts:
        target.print(part, crop=False)
    file: Any = target.file
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def make_literal_text(value: str, screen: Screen, style: str = "", link: str | None = None) -> Text:
    """Return data as a text that is shown as it is, with a link on a terminal."""
    look = f"{style} link {link}".strip() if link and screen.terminal else style
    return Text.assemble(
        (spell_for_screen(value, screen.ascii), look)
    )  # a span, so that padding is neither linked nor underlined


def keep_line_unbroken(line: Text) -> Text:
    """Return a line that is never wrapped: where it is wider than the terminal, that must
    scroll."""
    line.no_wrap, line.overflow = True, "ignore"
    return line


def choose_table_box(screen: Screen) -> Box:
    """Return the box of a table: one line under its head."""
    return ASCII_LINE_BOX if screen.ascii else LINE_BOX


COLUMN_GAP = 2
LONGEST_UNBROKEN_WORD = 36
"""Columns that a word keeps where prose folds; an address or a path may break beyond them."""


def draw_table(
    listing: Listing[Any], rows: list[Any], fields: list[str], envelope: Envelope, screen: Screen
) -> Rendered:
    """Draw rows as a table, and those that stand apart as a second one; return them with notes on
    columns that did not fit."""
    from lmtx.render import Rendered

    columns = (
        [_of_field(name, listing, rows) for name in fields] if fields else list(listing.columns)
    )
    apart = [row for row in rows if listing.stands_apart and listing.stands_apart(row)]
    main = [row for row in rows if not (listing.stands_apart and listing.stands_apart(row))]
    parts: list[Any] = []
    dropped: dict[str, None] = {}
    if listing.narrow and not fields and not _fits(columns, rows, screen):
        dropped = dict.fromkeys(
            column.header.lower()
            for column in columns
            if column.rank and column.header not in {kept.header for kept in listing.narrow}
        )
        columns = list(listing.narrow)
    left_out: dict[str, list[str]] = {}
    written = ""
    for title, group in (("", main), (listing.apart, apart)):
        if not group:
            continue
        table, left_out[title], said = make_fitted_table(columns, group, screen, listing.spaced)
        parts += [make_literal_text(f"\n{title}", screen, "italic")] if title and main else []
        parts.append(table)
        written += said
    notes = _left_out(list(dropped), left_out, screen)
    feet = [
        f"{sign} {meaning}".strip()
        for sign, meaning in select_footnotes(
            listing.footnotes, written, rows, lambda sign: spell_for_screen(sign, screen.ascii)
        )
    ]
    return Rendered(
        iter(
            [
                render_to_text(
                    [
                        *parts,
                        *(
                            make_literal_text(line, screen, "dim")
                            for line in (*feet, write_closing_line(envelope))
                        ),
                    ],
                    screen,
                )
            ]
        ),
        notes,
    )


def _left_out(dropped: list[str], of_tables: dict[str, list[str]], screen: Screen) -> list[str]:
    """Return the note on columns that had no room: those of every table first, then what one of
    them lost beside."""
    of_all = [
        *dropped,
        *(
            head
            for head in next(iter(of_tables.values()))
            if all(head in heads for heads in of_tables.values())
        ),
    ]
    parts = [", ".join(of_all)] if of_all else []
    for title, heads in of_tables.items():
        if also := ", ".join(head for head in heads if head not in of_all):
            parts.append(
                f"of {title[:1].lower()}{title[1:]} {'also ' if of_all else ''}{also}"
                if title
                else f"of the first table {'also ' if of_all else ''}{also}"
            )
    return (
        [f"left out at {screen.width} columns: {'; '.join(parts)}; --fields chooses"]
        if parts
        else []
    )


def _written(columns: Sequence[Column], rows: list[Any], screen: Screen) -> list[list[str]]:
    return [
        [spell_for_screen(column.cell(row), screen.ascii) for column in columns] for row in rows
    ]


def make_fitted_table(
    columns: Sequence[Column], rows: list[Any], screen: Screen, spaced: bool = False
) -> tuple[Table, list[str], str]:
    """Return a table of rows, the headers of the columns that did not fit, and everything that is
    written in it."""
    cells = _written(columns, rows, screen)
    kept, widths = fit_columns(columns, cells, screen.width)
    table = _table(columns, kept, widths, screen)
    table.leading = int(spaced)
    for row, line in zip(rows, cells, strict=True):
        table.add_row(*(_cell(columns[i], row, line[i], widths[i], screen) for i in kept))
    return (
        table,
        [columns[i].header.lower() for i in range(len(columns)) if i not in kept],
        "\n".join(
            [*(columns[i].header for i in kept), *(line[i] for line in cells for i in kept), ""]
        ),
    )


def _fits(columns: Sequence[Column], rows: list[Any], screen: Screen) -> bool:
    """Tell whether the columns that are never dropped have room beside each other."""
    needed = [column for column in columns if not column.rank]
    _, widths = fit_columns(needed, _written(needed, rows, screen), screen.width)
    return sum(widths) + COLUMN_GAP * (len(needed) - 1) <= screen.width


def _of_field(name: str, listing: Listing[Any], rows: Sequence[Any]) -> Column:
    """Return the column of a chosen field. Prose folds; ids, numbers and addresses, which have no
    blank to break at, keep their length."""

    def cell(row: Any) -> str:
        return write_field(row, name, listing.marked)

    prose = name != "figure" and any(" " in cell(row) for row in rows)
    return Column(name, cell, rank=0, least=12 if prose else None, fold=True)


def fit_columns(
    columns: Sequence[Column], cells: list[list[str]], width: int
) -> tuple[list[int], list[int]]:
    """Return the columns to keep and the width of each: prose shrinks first, then the highest rank
    is dropped.

    Columns of rank 0 are never dropped: when even they do not fit, they keep their widths and the
    terminal must scroll.
    """
    natural = [_natural(column, [line[i] for line in cells]) for i, column in enumerate(columns)]
    kept = list(range(len(columns)))
    while True:
        widths = list(natural)
        spare = width - sum(widths[i] for i in kept) - COLUMN_GAP * (len(kept) - 1)
        for i in sorted(
            (i for i in kept if columns[i].least is not None),
            key=lambda i: natural[i],
            reverse=True,
        ):
            if spare >= 0:
                break
            least = _least(columns[i], [line[i] for line in cells])
            cut = min(-spare, max(0, natural[i] - least))
            widths[i] -= cut
            spare += cut
        droppable = [i for i in kept if columns[i].rank]
        if spare >= 0 or not droppable:
            return kept, widths
        kept.remove(max(droppable, key=lambda i: (columns[i].rank, i)))


def _natural(column: Column, cells: Sequence[str]) -> int:
    """Return how wide a column is when nothing of it is cut or folded, or the most that it may
    take."""
    widest = max(
        (cell_len(column.header), *(cell_len(part) for cell in cells for part in cell.split("\n")))
    )
    return min(widest, max(column.most, _least(column, cells))) if column.most else widest


def _least(column: Column, cells: Sequence[str]) -> int:
    """Return how far a column of prose may shrink: never below its head, nor below its longest word
    where it folds; an address or a path, which is longer than any word, breaks."""
    words = [cell_len(word) for cell in cells for word in cell.split()] if column.fold else []
    return max(
        [
            column.least or 0,
            cell_len(column.header),
            *(min(n, LONGEST_UNBROKEN_WORD) for n in words),
        ]
    )


def make_empty_table(screen: Screen, width: int | None = None) -> Table:
    """Return a table without columns: a line under its head, and COLUMN_GAP between two columns."""
    from rich.table import Table  # late: a timeline is drawn without one

    return Table(
        box=choose_table_box(screen),
        show_edge=False,
        pad_edge=False,
        padding=(0, COLUMN_GAP - 1, 0, 0),
        header_style="bold",
        width=width,
    )


def _table(columns: Sequence[Column], kept: list[int], widths: list[int], screen: Screen) -> Table:
    needed = sum(widths[i] for i in kept) + COLUMN_GAP * (len(kept) - 1)
    wider = needed if needed > screen.width else None  # else rich would squeeze what may not be cut
    table = make_empty_table(screen, wider)
    for i in kept:
        column = columns[i]
        table.add_column(
            make_literal_text(column.header, screen),
            justify="right" if column.right else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=widths[i],
            max_width=widths[i],
        )
    return table


def _cell(column: Column, row: Any, value: str, width: int, screen: Screen) -> Any:
    sign = "..." if screen.ascii else "…"
    shown = "\n".join(
        line
        for part in value.split("\n")
        for line in (_fold_indented(part, width) if column.fold else [cut_line(part, width, sign)])
    )
    style = LEVEL_STYLES.get(value, "") if column.header == "Level" else column.style
    return make_literal_text(shown, screen, style, column.link(row) if column.link else None)


def _fold_indented(part: str, width: int) -> list[str]:
    """Fold a line of prose, its further lines moved in as far as its first."""
    said = part.lstrip(" ")
    indent = part[: len(part) - len(said)]
    lines = fold_prose(said, width - len(indent), cell_len, broken=True)
    return [f"{indent}{line}" for line in lines]


def cut_line(part: str, width: int, ellipsis: str) -> str:
    """Cut a line of prose at a blank, or inside of a long word that holds no number, and say so
    with an ellipsis."""
    if cell_len(part) <= width:
        return part
    room = max(1, width - len(ellipsis))
    short = part[:room] if part.isascii() else chop_cells(part, room)[0]
    at_blank, _, word = short.rpartition(" ")
    inside = len(at_blank) <= len(short) * 2 // 3 and not any(map(str.isnumeric, word))
    return (short if inside else at_blank).rstrip() + ellipsis
