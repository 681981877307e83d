"""The commands that look at the evidence from above: the map, the timeline, the conflicts."""

# No `from __future__ import annotations` here: Typer would have to evaluate every annotation again.

from pathlib import Path
from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import answer, arranged, envelope, tell
from lmtx.cli.listings import mixed_note, opened, used
from lmtx.cli.options import FilterOptions, OutputOptions, PictureOptions, SortOptions
from lmtx.cli.picture import ENDINGS, save, wanted
from lmtx.errors import NotFound, UsageError
from lmtx.query import refusals, resolve


def map_(
    filters: FilterOptions,
    out: OutputOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Draw a picture into this file: .svg, .png or .html.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file if it is there.")
    ] = False,
    rows: Annotated[
        str,
        typer.Option(
            "--rows",
            metavar="AXIS",
            help="tumor, class, treatment, biomarker, route, endpoint, level or design.",
            autocompletion=complete.axes,
        ),
    ] = "tumor",
    columns: Annotated[
        str,
        typer.Option("--columns", metavar="AXIS", help="Likewise.", autocompletion=complete.axes),
    ] = "class",
    count: Annotated[
        str,
        typer.Option(
            "--count",
            metavar="WHAT",
            help="What a drawn cell counts: studies or patients.",
            autocompletion=complete.counts,
        ),
    ] = "studies",
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            metavar="N",
            min=1,
            help="Levels of the trees of tumors and classes to show.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """The evidence map: what has been studied in whom, how strongly, and where the gaps are.

    \b
    lmtx map
    lmtx map --tumor nsclc --biomarker egfr --rows treatment --columns endpoint
    lmtx map --tumor breast --rows class --columns route --count patients
    """
    from lmtx.listings.map import COUNTS, MAP, as_grid
    from lmtx.query.map import AXES, evidence_map
    from lmtx.render.text.gaps import gaps

    axes = resolve.word("--rows", AXES, rows), resolve.word("--columns", AXES, columns)
    if axes[0] == axes[1]:
        raise UsageError(f"--rows and --columns are both {axes[0]}", "choose two different ones")
    counts = resolve.word("--count", COUNTS, count)
    picture = PictureOptions(output, force)
    drawing = wanted(picture, out, (*ENDINGS, ".html"))
    index, chosen = opened(filters)
    found = evidence_map(index.connection, chosen, axes, depth)
    query = used("map", chosen, rows=axes[0], columns=axes[1], count=counts, depth=depth)
    notes = [gaps(found), mixed_note(index, chosen)]
    if not drawing:
        answer(
            index, as_grid(found, counts), found.cells, out, query, [note for note in notes if note]
        )
        return
    if not found.cells:
        raise NotFound(MAP.empty, notes[1])
    from lmtx.render.svg.map import draw, page

    about = envelope(index, query)
    save(
        picture,
        lambda: draw(found, counts, about),
        page=lambda svg: page(svg, found, counts, about),
    )
    tell([f"{picture.output}: {len(found.cells)} cells", notes[0], notes[1]], out)


def timeline(filters: FilterOptions, out: OutputOptions, picture: PictureOptions) -> None:
    """How the evidence grew: independent studies by the year of their first report and by level.

    \b
    lmtx timeline
    lmtx timeline --tumor melanoma
    lmtx timeline --class egfr-tki --json
    """
    from lmtx.listings.timeline import TIMELINE
    from lmtx.query.timeline import timeline as by_year

    drawing = wanted(picture, out)
    index, chosen = opened(filters)
    rows = by_year(index.connection, chosen)
    unknown = sum(row.studies for row in rows if row.year is None)
    query = used("timeline", chosen)
    notes = [
        f"{unknown} stud{'ies' if unknown > 1 else 'y'} without a year of publication"
        if unknown
        else "",
        mixed_note(index, chosen),
    ]
    if not drawing:
        answer(index, TIMELINE, rows, out, query, notes)
        return
    if not any(row.year is not None for row in rows):
        raise NotFound(TIMELINE.empty, "; ".join(filter(None, notes)))
    from lmtx.render.svg.timeline import draw

    about = envelope(index, query)
    save(picture, lambda: draw(rows, about))
    tell([f"{picture.output}: {sum(row.studies for row in rows) - unknown} studies", *notes], out)


def conflicts(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Where independent studies of one treatment in one tumor point different ways, and in what their records differ.

    \b
    lmtx conflicts
    lmtx conflicts --tumor nsclc --min-level IV
    lmtx conflicts --endpoint overall-survival --json
    """
    from lmtx.listings.conflicts import CONFLICTS
    from lmtx.query.conflicts import list_conflicts

    refusals.refuse(filters._asdict(), refusals.CONFLICTS)
    index, chosen = opened(filters)
    answer(
        index,
        CONFLICTS,
        arranged(list_conflicts(index.connection, chosen), order, CONFLICTS),
        out,
        used("conflicts", chosen, order),
    )
