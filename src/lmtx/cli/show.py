"""`lmtx show`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import (
    choose_format,
    describe_query,
    envelope,
    note_cache,
    screen,
    tell,
    write,
)
from lmtx.cli.listing import today
from lmtx.cli.options import OutputOptions
from lmtx.cli.own import open_index
from lmtx.errors import UsageError
from lmtx.query import resolve
from lmtx.render import Format


def show(
    name: Annotated[
        list[str],
        typer.Argument(
            metavar="ID",
            help="Name, alias, brand, PMID, DOI, NCT number or row of evidence; words need no quotes.",
            autocompletion=complete.anything,
        ),
    ],
    out: OutputOptions,
) -> None:
    """The whole card of a treatment, study, tumor, trial or guideline.

    \b
    lmtx show osimertinib
    lmtx show 35802849
    lmtx show melanoma
    """
    if out.fields is not None:
        raise UsageError(
            "--fields: a card has no columns to choose from",
            "use --json, or lmtx evidence --fields",
        )
    form, look = choose_format(out), screen(out)
    index = open_index()
    match, others = resolve.one(index.connection, " ".join(name), resolve.KINDS)
    if match.kind in ("class", "biomarker"):
        raise UsageError(
            f"{' '.join(name)!r} is a {match.kind}, not a record with a card",
            f"try: lmtx list --{match.kind} {match.id}",
        )
    from lmtx.query.show import card, flattened, labels_of_nodes, plain

    made = card(index.connection, match, today())
    surrounding = envelope(index, describe_query("show", id=" ".join(name)))
    if form in (Format.json, Format.jsonl):
        from lmtx.render.text.jsonlines import dump, wrapped

        write(
            wrapped([plain(made)], surrounding)
            if form is Format.json
            else [dump(plain(made)) + "\n"],
            json=True,
        )
    elif form in (Format.tsv, Format.csv):
        from lmtx.render.text.delimited import lines

        write(lines(("section", "item", "field", "value"), flattened(made), form.value))
    else:
        from lmtx.render.show import blocks

        parts = blocks(made, labels_of_nodes(index.connection))
        if form is Format.md:
            from lmtx.render.text.cardtext import markdown

            write(markdown(parts, surrounding))
        else:
            from lmtx.render.terminal.card import draw

            write([draw(parts, surrounding, look)])
    namesakes = [
        f"lmtx list --{other.kind} {other.id}"
        if other.kind in ("class", "biomarker")
        else f"lmtx show {other.kind}:{other.id}"
        for other in others
        if other.id != match.id
    ]
    also = f"the name also fits: {', '.join(namesakes)}" if namesakes else ""
    tell([also, note_cache(index)], out)
