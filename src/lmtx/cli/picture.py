"""Where a picture goes: `-o` with an ending that says its form."""

from __future__ import annotations

from collections.abc import Callable

from lmtx.cli.answer import form_by_ending
from lmtx.cli.options import OutputOptions
from lmtx.errors import UsageError


def is_picture(out: OutputOptions, endings: tuple[str, ...]) -> bool:
    """Tell whether a picture is asked for; raise UsageError where a form of text is asked for too,
    and for an ending that says no form."""
    if out.file is None:
        return False
    has_form = bool(out.form or out.json or out.csv or out.tsv)
    if out.file.suffix.lower() not in endings:
        if not has_form:
            form_by_ending(out.file, endings)
        return False
    if has_form or out.fields:
        raise UsageError(
            "-o draws a picture", "leave it out for text, or end the name in another form"
        )
    return True


def save_picture(
    out: OutputOptions, draw: Callable[[], str], page: Callable[[str], str] | None = None
) -> None:
    """Draw a picture and write it to its file, in the form that the ending says; `page` makes a
    page of HTML around it."""
    from lmtx.store.files import put_file

    assert out.file is not None
    svg = draw()
    if out.file.suffix.lower() == ".png":
        from lmtx.render.svg.raster import rasterize

        put_file(out.file, rasterize(svg), force=out.force)
    elif page and out.file.suffix.lower() == ".html":
        put_file(out.file, [page(svg)], force=out.force)
    else:
        put_file(out.file, [svg], force=out.force)
