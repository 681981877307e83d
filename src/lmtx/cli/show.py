"""`lmtx show`."""

from __future__ import annotations

from typing import Annotated

import typer

from lmtx.cli import complete
from lmtx.cli.answer import (
    choose_format,
    deliver_answer,
    describe_query,
    note_own_records_and_cache,
    read_envelope,
    read_screen,
    write_notes,
)
from lmtx.cli.listing import read_today
from lmtx.cli.options import OutputOptions, TypedValues, open_overlaid_index
from lmtx.errors import UsageError
from lmtx.query import resolve
from lmtx.query.filters import EVIDENCE_SUBJECT, note_left_out, refuse_filters, resolve_filters
from lmtx.render import JSON_FORMATS, Format, render_card


def show(
    name: Annotated[
        list[str],
        typer.Argument(
            metavar="ID",
            help=(
                "Name, alias, brand, PMID, DOI, NCT number or row of evidence; words need no "
                "quotes."
            ),
            autocompletion=complete.complete_record,
        ),
    ],
    out: OutputOptions,
    given: TypedValues,
    full: Annotated[
        bool,
        typer.Option("--full", help="The whole card; else that of a treatment or tumor in short."),
    ] = False,
) -> None:
    """The card of a treatment, study, tumor, trial or guideline; filters act on its evidence.

    \b
    lmtx show osimertinib
    lmtx show methotrexate --tumor breast --route intravenous --full
    lmtx show "Yang 2022"
    """
    if out.fields is not None:
        raise UsageError(
            "--fields: a card has no columns to choose from",
            "use --json, or lmtx evidence --fields",
        )
    form, look = choose_format(out, piped=Format.table), read_screen(out)
    refuse_filters("show", EVIDENCE_SUBJECT, given)
    index = open_overlaid_index()
    filters = resolve_filters(index.connection, given)
    match, others = resolve.resolve_record(
        index.connection, " ".join(name), resolve.KINDS_IN_LOOKUP_ORDER
    )
    if match.kind in ("class", "biomarker"):
        raise UsageError(
            f"{' '.join(name)!r} is a {match.kind}, not a record with a card",
            f"try: lmtx list --{match.kind} {match.id}",
        )
    from lmtx.query.show import count_card_left_out, load_card, load_tumor_biomarker_labels

    made = load_card(index.connection, match, read_today(), filters)
    left_out = count_card_left_out(index.connection, match, filters)
    query = describe_query("show", id=" ".join(name), **filters._asdict())
    surrounding = read_envelope(index, query)._replace(left_out=left_out)
    labels = load_tumor_biomarker_labels(index.connection)
    rendered = render_card(form, made, labels, surrounding, look, full=full)
    file = deliver_answer(rendered.content, out, json=form in JSON_FORMATS)
    namesakes = [
        f"lmtx list --{other.kind} {other.id}"
        if other.kind in ("class", "biomarker")
        else f"lmtx show {other.kind}:{other.id}"
        for other in others
        if other.id != match.id
    ]
    also = f"the name also fits: {', '.join(namesakes)}" if namesakes else ""
    notes = note_left_out(left_out, "row")
    write_notes(
        [file and f"{file}{match.id}", also, *notes, *note_own_records_and_cache(index)], out
    )
