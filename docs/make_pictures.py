"""Make the pictures of README from real output: `python docs/make_pictures.py`, after any change of
data or layout."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from lmtx.cli.run import main as lmtx

FOLDER = Path(__file__).resolve().parent / "pictures"
# Rich's own template asks a server for its font; this one needs none.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Picture(NamedTuple):
    """A file with the command that it shows, its width in columns and how many lines of the answer
    it holds."""

    name: str
    command: str
    columns: int
    lines: int | None = None


class Drawing(NamedTuple):
    """A file with the command that draws it."""

    name: str
    command: str


DRAWINGS = (
    Drawing("evidence-map", "map"),
    Drawing(
        "forest-nsclc-egfr",
        "plot --endpoint overall-survival --tumor nsclc --biomarker egfr --min-n 20",
    ),
)
PICTURES = (
    Picture("list-melanoma", "list --tumor melanoma", 104),
    Picture("show-osimertinib", "show osimertinib", 104, 40),
)


def output(picture: Picture) -> str:
    """Return what the command writes on a terminal, with its colours."""
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    settings = {
        "LMTX_FORCE_TTY": str(picture.columns),
        "LMTX_TODAY": "2026-11-25",
        "LMTX_DATA": "",
        "LMTX_CONFIG": "",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            code = lmtx([*picture.command.split(), "--color", "always", "-q"])
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    if code:
        raise SystemExit(f"lmtx {picture.command}: exit {code}: {stderr.getvalue()}")
    stdout.seek(0)
    lines = stdout.read().rstrip("\n").split("\n")
    return "\n".join(
        lines
        if picture.lines is None or len(lines) <= picture.lines
        else [*lines[: picture.lines - 1], "…"]
    )


def svg(picture: Picture) -> str:
    """Return the picture."""
    console = Console(
        width=picture.columns,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(
        Text.from_ansi(output(picture)),
        no_wrap=True,
        overflow="ignore",
        crop=False,
        soft_wrap=False,
    )
    return console.export_svg(
        title=f"lmtx {picture.command}", code_format=SVG, unique_id=picture.name
    )


def draw(drawing: Drawing, folder: Path) -> str:
    """Return what the command draws, by way of a file in a folder."""
    place = folder / f"{drawing.name}.svg"
    code = lmtx([*drawing.command.split(), "-o", str(place), "--force", "-q"])
    if code:
        raise SystemExit(f"lmtx {drawing.command}: exit {code}")
    return place.read_text(encoding="utf-8")


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for drawing in DRAWINGS:
        draw(drawing, FOLDER)
    for picture in PICTURES:
        (FOLDER / f"{picture.name}.svg").write_text(svg(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
