"""PNG from SVG, by the extra `lmtx[png]`: resvg draws, with a font of its own, so that every
machine gives the same picture."""

from __future__ import annotations

from pathlib import Path

from lmtx.extras import import_library

ZOOM = 2
"""Pixels per unit of the drawing: sharp on paper and on fine screens."""
BEYOND = 0x2E80
"""From here on are the scripts of East Asia, which the font lacks: a name in them is drawn with
what the machine has."""


def rasterize(svg: str) -> bytes:
    """Return an SVG drawing as a PNG on white. Raises MissingLibrary where the extra is not
    installed."""
    resvg, font = import_library("resvg_py", "png"), import_library("font_roboto", "png")
    fonts = Path(font.__file__).parent / "files"
    covered = all(ord(sign) < BEYOND for sign in svg)
    drawn = resvg.svg_to_bytes(
        svg_string=svg, zoom=ZOOM, background="#ffffff", skip_system_fonts=covered, font_family="Roboto", sans_serif_family="Roboto",
        font_files=[str(fonts / "Roboto-Regular.ttf"), str(fonts / "Roboto-Bold.ttf")],
    )  # fmt: skip
    return bytes(drawn)
