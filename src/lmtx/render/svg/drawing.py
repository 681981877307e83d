"""A sheet of SVG: shapes and text at exact places, so that the same data give the same bytes.

The sheet carries a title and a description for those who cannot see it, and styles for light and
dark. Data become text, never markup.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape, unescape
from pathlib import Path

from lmtx.errors import escape_control, import_library
from lmtx.render.text.folding import count_fitting_letters, fold_prose
from lmtx.tuples import NamedTuple

FONT = "Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
STYLE = """
.lx-sheet text{font-family:FONT;font-size:13px}
.lx-sheet .paper{fill:#ffffff}.lx-sheet .ink{fill:#1f2328}.lx-sheet .soft{fill:#59636e}
.lx-sheet .line{stroke:#59636e;fill:none}.lx-sheet .grid{stroke:#d1d9e0;fill:none}.lx-sheet .mark{fill:#1f2328;stroke:none}
.lx-sheet .gap{fill:none;stroke:#d1d9e0}.lx-sheet a{text-decoration:none}
.lx-sheet .bold{font-weight:bold}.lx-sheet .small{font-size:11px}.lx-sheet .large{font-size:17px}
@media (prefers-color-scheme:dark){
.lx-sheet .paper{fill:#0d1117}.lx-sheet .ink{fill:#f0f6fc}.lx-sheet .soft{fill:#9198a1}
.lx-sheet .line{stroke:#9198a1}.lx-sheet .grid{stroke:#3d444d}.lx-sheet .mark{fill:#f0f6fc}.lx-sheet .gap{stroke:#3d444d}}
@media print{
.lx-sheet .paper{fill:#ffffff}.lx-sheet .ink{fill:#1f2328}.lx-sheet .soft{fill:#59636e}
.lx-sheet .line{stroke:#59636e}.lx-sheet .grid{stroke:#d1d9e0}.lx-sheet .mark{fill:#1f2328}.lx-sheet .gap{stroke:#d1d9e0}}
""".replace("FONT", FONT)


class FillAndInk(NamedTuple):
    """A filled area and the text that can be read on it, the same by day and by night."""

    fill: str
    ink: str


LEVEL_COLORS = {
    "I": FillAndInk("#08306b", "#ffffff"),
    "II": FillAndInk("#2171b5", "#ffffff"),
    "III": FillAndInk("#6baed6", "#10202f"),
    "IV": FillAndInk("#c6dbef", "#10202f"),
    "V": FillAndInk("#eef4fb", "#10202f"),
    None: FillAndInk("#f6f8fa", "#10202f"),
}
"""One hue from dark (strong) to light (weak): safe for every colour vision, and the level is always
written too."""

_NARROW = frozenset("iIjl.,:;'|!()[]ftr/ ·†‡°-")
_WIDE = frozenset("mwMW@%—▲▼±")


MISSING_SYMBOL_SUBSTITUTES = str.maketrans(
    {"◆": "◊", "▲": "∆", "▼": "v", "►": ">", "◄": "<", "→": ">", "←": "<"}
)
"""Signs that the font of pictures lacks, as most fonts of text do, by signs that it has."""


def text_width(text: str, size: float = 13, *, bold: bool = False) -> float:
    """Return about how wide (px) a text of this size (px) gets in a sans-serif face, rather too
    wide than too narrow."""
    parts = (
        0.34
        if sign in _NARROW
        else 0.90
        if sign in _WIDE
        else 0.70
        if sign.isupper()
        else 0.58
        if ord(sign) < 0x1100
        else 1.0
        for sign in text
    )
    return sum(parts) * size * (1.06 if bold else 1.0)


def cut_text_to_width(text: str, width: float, size: float = 13) -> str:
    """Return a text cut at a blank, with an ellipsis, so that it takes at most a width (px)."""
    fits = count_fitting_letters(text, 0, width, lambda part: text_width(part, size))
    if fits >= len(text) and text_width(text, size) <= width:
        return text
    words = text[: fits + 1].split(" ")
    while len(words) > 1:
        words.pop()
        if text_width(short := " ".join(words) + " …", size) <= width:
            return short
    room = width - text_width("…", size)
    word = text.partition(" ")[0]
    return word[: count_fitting_letters(word, 0, room, lambda part: text_width(part, size))] + "…"


def write_coordinate(value: float) -> str:
    """Write a coordinate: at most two decimals, no exponent, no negative zero."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


class Drawing:
    """A drawing of a fixed size (px) that grows shape by shape."""

    def __init__(
        self, width: float, height: float, title: str, description: str, *, name: str = "chart"
    ) -> None:
        self.width, self.height = width, height
        self.title, self.description, self.name = title, description, name
        self._parts: list[str] = []
        self._has_links = False

    @contextmanager
    def link(self, place: str, label: str) -> Iterator[None]:
        """Make what is drawn inside a link to a place of the page that holds the drawing; `label`
        is its name for those who cannot see it."""
        self._has_links = True
        self._parts.append(f'<a href="#{_safe(place)}" aria-label="{_safe(label)}">')
        yield
        self._parts.append("</a>")

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        look: str = "paper",
        *,
        fill: str = "",
        round_: float = 0,
        tip: str = "",
        dash: str = "",
    ) -> None:
        """Draw a rectangle; `fill` wins over the class `look`, `tip` shows under the pointer,
        `dash` breaks its outline."""
        corner = (f' rx="{write_coordinate(round_)}"' if round_ else "") + (
            f' stroke-dasharray="{dash}"' if dash else ""
        )
        self._shape(
            "rect",
            f'x="{write_coordinate(x)}" y="{write_coordinate(y)}" '
            f'width="{write_coordinate(width)}" '
            f'height="{write_coordinate(height)}"{corner}{_look(look, fill)}',
            tip,
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        look: str = "line",
        *,
        width: float = 1,
        dash: str = "",
    ) -> None:
        """Draw a straight line."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{write_coordinate(x1)}" y1="{write_coordinate(y1)}" '
            f'x2="{write_coordinate(x2)}" y2="{write_coordinate(y2)}" '
            f'stroke-width="{write_coordinate(width)}"{dashes}{_look(look)}/>'
        )

    def polygon(
        self,
        points: Iterable[tuple[float, float]],
        look: str = "mark",
        *,
        fill: str = "",
        tip: str = "",
    ) -> None:
        """Draw a closed shape through points."""
        corners = " ".join(f"{write_coordinate(x)},{write_coordinate(y)}" for x, y in points)
        self._shape("polygon", f'points="{corners}"{_look(look, fill)}', tip)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        look: str = "ink",
        *,
        anchor: str = "start",
        fill: str = "",
        link: str | None = None,
        turn: float = 0,
        tip: str = "",
    ) -> None:
        """Write one line of text with its baseline at y; `turn` rotates it (degrees) around its
        start, `link` is an http address, `tip` shows under the pointer."""
        turned = (
            f' transform="rotate({write_coordinate(turn)} {write_coordinate(x)} '
            f'{write_coordinate(y)})"'
            if turn
            else ""
        )
        placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
        text = text.translate(MISSING_SYMBOL_SUBSTITUTES)
        shown = f"<title>{_safe(tip)}</title>" if tip else ""
        drawn = (
            f'<text x="{write_coordinate(x)}" '
            f'y="{write_coordinate(y)}"{placed}{turned}{_look(look, fill)}>'
            f"{shown}{_safe(text)}</text>"
        )
        if link and link.startswith(("https://", "http://")):
            self._has_links = True
            drawn = f'<a href="{_safe(link)}">{drawn}</a>'
        self._parts.append(drawn)

    def _shape(self, kind: str, attributes: str, tip: str) -> None:
        self._parts.append(
            f"<{kind} {attributes}><title>{_safe(tip)}</title></{kind}>"
            if tip
            else f"<{kind} {attributes}/>"
        )

    def render(self) -> str:
        """Return the SVG document: one image, or a group where it holds links, which inside of an
        image nobody could reach."""
        role = "group" if self._has_links else "img"
        width, height, name = (
            write_coordinate(self.width),
            write_coordinate(self.height),
            _safe(self.name),
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lx-sheet" viewBox="0 0 {width} '
            f'{height}" width="{width}" height="{height}" role="{role}" '
            f'aria-labelledby="{name}-title {name}-desc">\n<title '
            f'id="{name}-title">{_safe(self.title)}</title>\n<desc '
            f'id="{name}-desc">{_safe(self.description)}</desc>\n'
        )
        body = "\n".join(self._parts)
        return (
            f'{head}<style>{STYLE}</style>\n<rect width="{width}" height="{height}" '
            f'class="paper"/>\n{body}\n</svg>\n'
        )


def _look(look: str, fill: str = "") -> str:
    """Return the class of a shape, or its own fill where it has one."""
    if not fill:
        return f' class="{look}"' if look else ""
    kept = " ".join(word for word in look.split() if word in ("bold", "small", "large"))
    return f' fill="{fill}"' + (f' class="{kept}"' if kept else "")


def _safe(text: str) -> str:
    """Return data as text of an XML document: escaped, and without the signs that XML forbids."""
    return escape(escape_control(text), quote=True)


PNG_ZOOM = 2
"""Pixels per unit of the drawing: sharp on paper and on fine screens."""
CMAP_FORMAT = 12
"""The format of a table `cmap` that lists spans of code points of all planes."""


def rasterize(svg: str) -> bytes:
    """Return an SVG drawing as a PNG on white. Raises MissingLibrary where the extra is not
    installed."""
    resvg, fonts = import_library("resvg_py", "png"), _find_fonts()
    drawn = resvg.svg_to_bytes(
        svg_string=svg,
        zoom=PNG_ZOOM,
        background="#ffffff",
        skip_system_fonts=not list_undrawable_texts(svg),
        font_family="Roboto",
        sans_serif_family="Roboto",
        font_files=[str(fonts / "Roboto-Regular.ttf"), str(fonts / "Roboto-Bold.ttf")],
    )
    return bytes(drawn)


def _find_fonts() -> Path:
    return Path(import_library("font_roboto", "png").__file__).parent / "files"


def list_undrawable_texts(svg: str) -> list[str]:
    """Return the texts of a drawing that hold a sign which the font of the extra lacks, each once:
    a machine draws them only where it has a font of its own for them."""
    signs = read_font_code_points((_find_fonts() / "Roboto-Regular.ttf").read_bytes())
    written = re.findall(r"<text[^>]*>(?:<title>[^<]*</title>)?([^<]*)</text>", svg)
    found = (text for text in map(unescape, written) if not signs.issuperset(map(ord, text)))
    return list(dict.fromkeys(found))


def read_font_code_points(font: bytes) -> set[int]:
    """Return the code points that a TrueType font has a glyph for, from its table `cmap` of format
    12, as the OpenType specification lays it out."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4s3L", font, 12 + 16 * i) for i in range(tables))
    start = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
    (number,) = struct.unpack_from(">H", font, start + 2)
    for i in range(number):
        (offset,) = struct.unpack_from(">L", font, start + 8 + 8 * i)
        kind, _, _, _, groups = struct.unpack_from(">HHLLL", font, start + offset)
        if kind == CMAP_FORMAT:
            spans = (
                struct.unpack_from(">3L", font, start + offset + 16 + 12 * j) for j in range(groups)
            )
            return {sign for first, last, _ in spans for sign in range(first, last + 1)}
    return set()


LINE_HEIGHT = 16
"""Height of a line of text (px)."""
SWATCH_WIDTH = 36


def fold_sentence(
    sentence: str, width: float, size: float = 11, *, glue: str = "", broken: bool = False
) -> list[str]:
    """Return a sentence of a size (px) in lines of at most a width (px); `glue` and `broken` as in
    `fold`."""
    return fold_prose(
        sentence, width, lambda line: text_width(line, size), glue=glue, broken=broken
    )


def draw_level_legend(sheet: Drawing, x: float, y: float, levels: Iterable[str | None]) -> float:
    """Draw a swatch for each level with its name in it; return where the next thing may stand."""
    sheet.text(x, y + 13, "Strongest level", "ink small bold")
    x += 96
    for level in levels:
        tone, width = LEVEL_COLORS[level], SWATCH_WIDTH if level else SWATCH_WIDTH * 1.5
        sheet.rect(x, y, width, 18, fill=tone.fill, round_=3)
        sheet.text(
            x + width / 2, y + 13, level or "– none", "small", anchor="middle", fill=tone.ink
        )
        x += width + 6
    return x
