"""Where a picture goes: `-o` with an ending that says its form."""

from __future__ import annotations

from collections.abc import Callable

from lmtx.cli.options import OutputOptions, PictureOptions
from lmtx.errors import UsageError

ENDINGS = (".svg", ".png")


def wanted(options: PictureOptions, out: OutputOptions, endings: tuple[str, ...] = ENDINGS) -> bool:
    """Tell whether a picture is asked for; raise UsageError where its ending says no form that we draw, or a form of text is asked for too."""
    if options.output is None:
        return False
    if options.output.suffix.lower() not in endings:
        raise UsageError(
            f"{options.output.name!r}: no picture ends so",
            f"end the name in {', '.join(endings[:-1])} or {endings[-1]}",
        )
    if out.form or out.json or out.csv or out.tsv or out.fields:
        raise UsageError(
            "-o draws a picture", "leave it out for text, and send that to a file with >"
        )
    return True


def save(
    options: PictureOptions, draw: Callable[[], str], page: Callable[[str], str] | None = None
) -> None:
    """Draw a picture and write it to its file, in the form that the ending says; `page` makes a page of HTML around it."""
    from lmtx.store.files import put

    assert options.output is not None
    svg = draw()
    if options.output.suffix.lower() == ".png":
        from lmtx.render.svg.raster import png

        put(options.output, png(svg), force=options.force)
    elif page and options.output.suffix.lower() == ".html":
        put(options.output, [page(svg)], force=options.force)
    else:
        put(options.output, [svg], force=options.force)
