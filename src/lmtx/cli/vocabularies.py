"""The commands that list what may be asked for: tumors, classes, levels, words and fields."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import answer, arranged, asked
from lmtx.cli.options import OutputOptions, SortOptions
from lmtx.cli.own import open_index
from lmtx.errors import UsageError
from lmtx.query import resolve


def tumors(out: OutputOptions, order: SortOptions) -> None:
    """The primary tumors as a tree, with their studies, patients, treatments, trials and facts.

    \b
    lmtx tumors
    lmtx tumors --sort patients --limit 5
    lmtx tumors --json
    """
    from lmtx.listings.vocabularies import TUMORS, as_tree
    from lmtx.query.vocabularies import list_tumors

    index = open_index()
    rows = list_tumors(index.connection)
    layout = TUMORS if order.sort or order.reverse else as_tree(TUMORS, rows)
    answer(index, layout, arranged(rows, order, TUMORS), out, asked("tumors", **order._asdict()))


def classes(out: OutputOptions, order: SortOptions) -> None:
    """The classes of treatment as a tree, with their treatments, studies, patients and strongest level.

    \b
    lmtx classes
    lmtx classes --sort level
    lmtx classes --fields id,path,treatments --csv
    """
    from lmtx.listings.vocabularies import CLASSES, as_tree
    from lmtx.query.vocabularies import list_classes

    index = open_index()
    rows = list_classes(index.connection)
    layout = CLASSES if order.sort or order.reverse else as_tree(CLASSES, rows)
    answer(index, layout, arranged(rows, order, CLASSES), out, asked("classes", **order._asdict()))


def levels(out: OutputOptions) -> None:
    """The levels of evidence: what they mean, which designs have them, and how many studies.

    \b
    lmtx levels
    lmtx levels --json
    """
    from lmtx.listings.vocabularies import LEVELS
    from lmtx.query.vocabularies import list_levels

    index = open_index()
    answer(index, LEVELS, list_levels(index.connection), out, asked("levels"))


def fields(
    out: OutputOptions,
    listing: Annotated[
        str | None,
        typer.Argument(
            metavar="[LISTING]",
            help="Only the fields of this listing.",
            autocompletion=complete.listings,
            show_default=False,
        ),
    ] = None,
    values: Annotated[
        str | None,
        typer.Option(
            "--values",
            metavar="KIND",
            help="The words of a vocabulary instead: tumors, routes, designs …",
            autocompletion=complete.vocabularies,
        ),
    ] = None,
) -> None:
    """The fields of every listing with their type and meaning, or the words of a vocabulary.

    \b
    lmtx fields evidence
    lmtx fields --values endpoints
    lmtx fields --values biomarkers --json
    """
    from lmtx.listings.vocabularies import FIELDS, VALUES
    from lmtx.query.vocabularies import KINDS, list_fields, list_values

    index = open_index()
    if values is None:
        answer(index, FIELDS, list_fields(listing), out, asked("fields", listing=listing))
        return
    if listing is not None:
        raise UsageError("LISTING and --values were both asked for", "choose one")
    kind = resolve.word("--values", KINDS, values)
    answer(index, VALUES, list_values(index.connection, kind), out, asked("fields", values=kind))
