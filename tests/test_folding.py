"""Prose in lines: no word is lost, no line too wide, and what belongs together stays so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lmtx.render.text.folding import count_fitting_letters, fold_prose

PROSE = st.lists(st.text("ab-佟", min_size=1, max_size=12), min_size=1, max_size=9).map(" ".join)


@given(PROSE, st.integers(2, 30))
def test_no_word_is_lost_and_only_a_long_word_is_wider(said: str, width: int) -> None:
    lines = fold_prose(said, width, cell_len)
    assert " ".join(lines) == said
    assert all(cell_len(line) <= width or " " not in line for line in lines)
    assert all(
        cell_len(f"{line} {following.split(' ')[0]}") > width for line, following in pairwise(lines)
    )


@given(PROSE, st.integers(2, 30))
def test_a_long_word_is_broken_where_that_is_asked_for(said: str, width: int) -> None:
    lines = fold_prose(said, width, cell_len, broken=True)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)


def test_a_long_word_is_broken_after_its_dashes_first() -> None:
    assert fold_prose("a chemotherapy-unspecified drug", 16, len, broken=True) == [
        "a chemotherapy-",
        "unspecified drug",
    ]
    assert fold_prose("an immunotherapy", 8, len, broken=True) == ["an", "immunoth", "erapy"]
    assert fold_prose("", 8, len) == [""]


def test_glue_ends_a_line_and_begins_none() -> None:
    assert fold_prose("osimertinib + bevacizumab", 13, len, glue="+") == [
        "osimertinib +",
        "bevacizumab",
    ]


@pytest.mark.parametrize("length", [2_000, 40_000])
def test_a_long_word_is_broken_without_measuring_it_again_and_again(length: int) -> None:
    measured = 0

    def measure(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return len(text)

    lines = fold_prose("A" * length, 30, measure, broken=True)
    assert "".join(lines) == "A" * length and {len(line) for line in lines[:-1]} == {30}
    assert measured <= 20 * length, "the time grows with the length, not with its square"


@given(st.text(alphabet="iAW-", max_size=60), st.integers(min_value=1, max_value=30))
def test_a_piece_holds_as_much_as_fits(word: str, width: int) -> None:
    measure = {"i": 1, "A": 3, "W": 5, "-": 2}.__getitem__
    size = count_fitting_letters(word, 0, width, lambda text: sum(map(measure, text)))
    assert size >= 1
    assert size == 1 or sum(map(measure, word[:size])) <= width
    assert size >= len(word) or sum(map(measure, word[: size + 1])) > width
