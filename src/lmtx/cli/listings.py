"""The commands that list records under filters."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lmtx.cli import complete
from lmtx.cli.answer import answer, arranged, asked
from lmtx.cli.options import FilterOptions, OutputOptions, SortOptions
from lmtx.cli.own import open_index
from lmtx.index import Index
from lmtx.query import refusals
from lmtx.query.filters import Condition, Filters, mixed_left_out, resolved

Treatments = Annotated[
    list[str] | None,
    typer.Option(
        "--treatment",
        metavar="ID",
        help="Only about this treatment.",
        autocompletion=complete.treatments,
    ),
]


def opened(filters: FilterOptions) -> tuple[Index, Filters]:
    """Open the index and turn the filters into ids."""
    index = open_index()
    return index, resolved(index.connection, filters.raw())


def used(
    command: str, filters: Filters, order: SortOptions | None = None, **more: Any
) -> dict[str, Any]:
    """Return the query of a listing for its JSON answer."""
    return asked(command, **filters._asdict(), **(order._asdict() if order else {}), **more)


def mixed_note(index: Index, filters: Filters, *also: Condition) -> str:
    """Return the note that studies of mixed tumours were left out."""
    return mixed_left_out(index.connection, filters, *also)


def list_(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Treatments, one a row, strongest evidence first.

    \b
    lmtx list --tumor melanoma
    lmtx list --class immunotherapy --min-level III
    lmtx list --biomarker her2 --route intrathecal
    """
    from lmtx.listings.list import TREATMENTS
    from lmtx.query.list import list_treatments

    index, chosen = opened(filters)
    rows = arranged(list_treatments(index.connection, chosen), order, TREATMENTS)
    answer(index, TREATMENTS, rows, out, used("list", chosen, order), [mixed_note(index, chosen)])


def evidence(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Rows of evidence: one treatment × population × study each.

    \b
    lmtx evidence --tumor nsclc --endpoint overall-survival --min-n 20 --sort n
    lmtx evidence --class radiation --design randomized
    lmtx evidence --tumor breast --biomarker her2 --json
    """
    from lmtx.listings.evidence import EVIDENCE
    from lmtx.query.evidence import arranged_evidence

    index, chosen = opened(filters)
    rows = arranged_evidence(index.connection, chosen, **order._asdict())
    answer(index, EVIDENCE, rows, out, used("evidence", chosen, order), [mixed_note(index, chosen)])


def csf(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    drugs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DRUG]...",
            help="Only these treatments.",
            autocompletion=complete.treatments,
            show_default=False,
        ),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="MEASURE",
            help="Only this measure.",
            autocompletion=complete.measures,
        ),
    ] = None,
    lm: Annotated[bool, typer.Option("--lm", help="Only measured in patients with LM.")] = False,
) -> None:
    """Drug levels in cerebrospinal fluid, in comparable units, the highest first.

    \b
    lmtx csf osimertinib erlotinib
    lmtx csf --measure csf-plasma-ratio --class egfr-tki
    lmtx csf --route intrathecal --lm --json
    """
    from lmtx.listings.csf import CSF
    from lmtx.query.csf import list_csf, silent, wanted

    refusals.refuse(filters._asdict(), refusals.CSF)
    index, chosen = opened(filters)
    only, measures = wanted(index.connection, drugs or (), measure or ())
    rows = list_csf(index.connection, chosen, only=only, measures=measures, lm=lm)
    answer(
        index,
        CSF,
        arranged(rows, order, CSF),
        out,
        used("csf", chosen, order, drugs=only, measures=measures, lm=lm),
        [silent(only, rows)],
    )


def guidelines(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic",
            metavar="TOPIC",
            help="Only statements on this.",
            autocompletion=complete.topics,
        ),
    ] = None,
    treatment: Treatments = None,
) -> None:
    """Guideline statements with level and grade, the newest first, superseded ones last.

    \b
    lmtx guidelines --topic treatment --tumor breast
    lmtx guidelines --treatment whole-brain-radiotherapy
    lmtx guidelines --since 2023 --verified --json
    """
    from lmtx.listings.guidelines import GUIDELINES
    from lmtx.query.guidelines import left_out, list_statements, wanted

    refusals.refuse(filters._asdict(), refusals.GUIDELINES)
    index, chosen = opened(filters)
    topics, only = wanted(index.connection, topic or (), treatment or ())
    rows = arranged(
        list_statements(index.connection, chosen, topics=topics, only=only), order, GUIDELINES
    )
    notes = [left_out(index.connection, chosen, topics=topics, only=only)]
    answer(
        index,
        GUIDELINES,
        rows,
        out,
        used("guidelines", chosen, order, topics=topics, treatments=only),
        notes,
    )


def trials(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Only trials of this status.",
            autocompletion=complete.statuses,
        ),
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Only trials that patients may enter.")
    ] = False,
    phase: Annotated[
        list[str] | None,
        typer.Option(
            "--phase",
            metavar="PHASE",
            help="Exactly this phase: 1, 1/2, 2 …",
            autocompletion=complete.phases,
        ),
    ] = None,
    treatment: Treatments = None,
) -> None:
    """Registered trials with their status and its age, open ones first.

    \b
    lmtx trials --tumor breast --open
    lmtx trials --treatment pemetrexed --phase 2
    lmtx trials --biomarker her2 --mixed
    """
    from lmtx.listings.trials import TRIALS
    from lmtx.query import trials as query

    refusals.refuse(filters._asdict(), refusals.TRIALS)
    index, chosen = opened(filters)
    wanted = query.wanted(
        index.connection,
        statuses=status or (),
        phases=phase or (),
        treatments=treatment or (),
        is_open=is_open,
    )
    rows = arranged(
        query.list_trials(index.connection, chosen, query.today(), wanted), order, TRIALS
    )
    answer(
        index,
        TRIALS,
        rows,
        out,
        used("trials", chosen, order, **wanted._asdict()),
        [query.left_out(index.connection, chosen, wanted)],
    )
