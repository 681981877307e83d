"""The one place that makes a rich console: data are shown as they are, never read as markup."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.box import Box
from rich.console import Console, RenderableType
from rich.text import Text

from lmtx.render.text.cells import plain_text

if TYPE_CHECKING:
    from lmtx.render import Screen

LINE = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
ASCII_LINE = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
STYLES = {"I": "bold green", "II": "green", "III": "cyan", "IV": "yellow", "V": "red"}
"""Colour of a level; the level itself is always written too."""


def string_console(screen: Screen) -> Console:
    """Return a console that writes into a string."""
    return Console(
        file=io.StringIO(), width=screen.width, height=25, force_terminal=screen.color, color_system="standard" if screen.color else None,
        no_color=not screen.color, markup=False, highlight=False, emoji=False, legacy_windows=False, safe_box=False, soft_wrap=False,
    )  # fmt: skip


def paint_text(parts: Iterable[RenderableType], screen: Screen) -> str:
    """Return renderables as text for the screen."""
    target = string_console(screen)
    for part in parts:
        target.print(part, crop=False)
    file: Any = target.file
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def data_text(value: str, screen: Screen, style: str = "", link: str | None = None) -> Text:
    """Return data as a text that is shown as it is, with a link on a terminal."""
    look = f"{style} link {link}".strip() if link and screen.terminal else style
    return Text.assemble(
        (plain_text(value, screen.ascii), look)
    )  # a span, so that padding is neither linked nor underlined


def unbroken_line(line: Text) -> Text:
    """Return a line that is never wrapped: where it is wider than the terminal, that must
    scroll."""
    line.no_wrap, line.overflow = True, "ignore"
    return line


def table_box(screen: Screen) -> Box:
    """Return the box of a table: one line under its head."""
    return ASCII_LINE if screen.ascii else LINE
