"""The pictures of README show what the program writes today."""

from __future__ import annotations

import html
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from lmtx.render.svg import drawing
from lmtx.render.svg.drawing import text_width
from support import ROOT

MAKER: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "make_pictures.py"))


def lines_of(svg: str) -> list[str]:
    """Return the text of a picture line by line, blanks aside."""
    found: dict[float, str] = {}
    for y, text in re.findall(r'<text class="[^"]*-r\d+"[^>]* y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        found[float(y)] = found.get(float(y), "") + html.unescape(text)
    return [line for y in sorted(found) if (line := "".join(found[y].split()))]


@pytest.mark.parametrize("picture", MAKER["PICTURES"], ids=lambda picture: picture.name)
def test_a_picture_is_current(picture: Any) -> None:
    drawn = (ROOT / "docs" / "pictures" / f"{picture.name}.svg").read_text(encoding="utf-8")
    output = [
        line
        for raw in MAKER["output"](picture).split("\n")
        if (line := "".join(Text.from_ansi(raw).plain.split()))
    ]
    assert lines_of(drawn) == output, "run: python docs/make_pictures.py"
    assert len(output) > 10


@pytest.mark.parametrize("drawing", MAKER["DRAWINGS"], ids=lambda drawing: drawing.name)
def test_a_drawing_is_current(drawing: Any, tmp_path: Path) -> None:
    drawn = (ROOT / "docs" / "pictures" / f"{drawing.name}.svg").read_text(encoding="utf-8")
    assert drawn == MAKER["draw"](drawing, tmp_path), "run: python docs/make_pictures.py"


@pytest.mark.parametrize(
    "picture", (*MAKER["PICTURES"], *MAKER["DRAWINGS"]), ids=lambda picture: picture.name
)
def test_a_picture_fetches_nothing(picture: Any) -> None:
    drawn = (ROOT / "docs" / "pictures" / f"{picture.name}.svg").read_text(encoding="utf-8")
    fetched = re.sub(r'<a href="[^"]*"', "", drawn)  # a link is followed only by who clicks it
    assert set(re.findall(r"https?://[^\"' )]+", fetched)) <= {"http://www.w3.org/2000/svg"}


def test_a_text_is_cut_in_a_time_that_grows_with_what_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = 0

    def count_measured(text: str, size: float = 13) -> float:
        nonlocal measured
        measured += len(text)
        return text_width(text, size)

    monkeypatch.setattr(drawing, "text_width", count_measured)
    for text in ("A" * 40_000, "A " * 20_000, "AA " * 3 + "A" * 40_000):
        measured = 0
        cut = drawing.cut_text_to_width(text, 300)
        assert cut.endswith("…") and text_width(cut) <= 300 and len(cut) > 4
        assert measured < 2_000
    assert (
        drawing.cut_text_to_width("", 300) == ""
        and drawing.cut_text_to_width("short", 300) == "short"
    )
