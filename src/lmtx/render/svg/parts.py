"""Parts that several charts have: the question in words, sentences in lines, the legend of
levels."""

from __future__ import annotations

from collections.abc import Iterable

from lmtx.render.svg.drawing import LEVEL_TONES, Sheet, text_width
from lmtx.render.text.folding import fold_prose

LINE = 16
"""Height of a line of text (px)."""
SWATCH = 36


def fold_sentence(
    said: str, width: float, size: float = 11, *, glue: str = "", broken: bool = False
) -> list[str]:
    """Return a sentence of a size (px) in lines of at most a width (px); `glue` and `broken` as in
    `fold`."""
    return fold_prose(said, width, lambda line: text_width(line, size), glue=glue, broken=broken)


def draw_legend(sheet: Sheet, x: float, y: float, levels: Iterable[str | None]) -> float:
    """Draw a swatch for each level with its name in it; return where the next thing may stand."""
    sheet.text(x, y + 13, "Strongest level", "ink small bold")
    x += 96
    for level in levels:
        tone, width = LEVEL_TONES[level], SWATCH if level else SWATCH * 1.5
        sheet.rect(x, y, width, 18, fill=tone.fill, round_=3)
        sheet.text(
            x + width / 2, y + 13, level or "– none", "small", anchor="middle", fill=tone.ink
        )
        x += width + 6
    return x
