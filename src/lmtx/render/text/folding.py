"""Prose in lines: the one place that folds, for columns of a terminal and for pixels of a picture
alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def fold_prose(
    prose: str,
    width: float,
    measure: Callable[[str], float],
    *,
    glue: str = "",
    broken: bool = False,
) -> list[str]:
    """Return prose in lines of at most a width, broken at blanks; a longer word keeps its length.

    The word `glue` never begins a line, but ends the one before. With `broken` a word that is too
    long for any line is broken too, after its dashes and slashes where it has some.
    """
    lines: list[str] = []
    line, blank = "", ""
    for word in (prose.replace(f" {glue} ", f"{NO_BREAK_SPACE}{glue} ") if glue else prose).split(
        " "
    ):
        for piece in _pieces(word, width, measure) if broken else [word]:
            longer = line + blank + piece if line else piece
            if line and measure(longer) > width:
                lines.append(line)
                longer = piece
            line, blank = longer, ""
        blank = " "
    return [done.replace(NO_BREAK_SPACE, " ").rstrip() for done in (*lines, line)]


def _pieces(word: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield a word, in pieces that end in a dash or a slash where it is too long for a line, in
    any where a piece still is."""
    if measure(word) <= width:
        yield word
        return
    for part in re.split("(?<=[-/])", word):
        at = 0
        while at < len(part):
            size = count_fitting_letters(part, at, width, measure)
            yield part[at : at + size]
            at += size


def count_fitting_letters(text: str, at: int, width: float, measure: Callable[[str], float]) -> int:
    """Return how many signs of a text from `at` on take at most a width, and at least one; nothing
    much beyond them is measured."""
    fits, most = 1, len(text) - at
    step = 2
    while step < most and measure(text[at : at + step]) <= width:
        fits, step = step, step * 2
    too_many = min(step, most) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if measure(text[at : at + middle]) <= width:
            fits = middle
        else:
            too_many = middle
    return fits
