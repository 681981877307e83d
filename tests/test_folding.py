"""Prose in lines: no word is lost, no line too wide, and what belongs together stays so."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lmtx.render.text.folding import fold

PROSE = st.lists(st.text("ab-佟", min_size=1, max_size=12), min_size=1, max_size=9).map(" ".join)


@given(PROSE, st.integers(2, 30))
def test_no_word_is_lost_and_only_a_long_word_is_wider(said: str, width: int) -> None:
    lines = fold(said, width, cell_len)
    assert " ".join(lines) == said
    assert all(cell_len(line) <= width or " " not in line for line in lines)
    assert all(
        cell_len(f"{line} {following.split(' ')[0]}") > width for line, following in pairwise(lines)
    )


@given(PROSE, st.integers(2, 30))
def test_a_long_word_is_broken_where_that_is_asked_for(said: str, width: int) -> None:
    lines = fold(said, width, cell_len, broken=True)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)


def test_a_long_word_is_broken_after_its_dashes_first() -> None:
    assert fold("a chemotherapy-unspecified drug", 16, len, broken=True) == [
        "a chemotherapy-",
        "unspecified drug",
    ]
    assert fold("an immunotherapy", 8, len, broken=True) == ["an", "immunoth", "erapy"]
    assert fold("", 8, len) == [""]


def test_glue_ends_a_line_and_begins_none() -> None:
    assert fold("osimertinib + bevacizumab", 13, len, glue="+") == ["osimertinib +", "bevacizumab"]
