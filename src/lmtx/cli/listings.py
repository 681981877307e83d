"""The commands that list records under filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lmtx import resolve, vocabulary
from lmtx.cli import complete
from lmtx.cli.answer import answer, arranged, asked
from lmtx.cli.options import FilterOptions, OutputOptions, SortOptions
from lmtx.errors import UsageError
from lmtx.index import Index, open_index
from lmtx.query.filters import Condition, Filters, left_out, resolved

if TYPE_CHECKING:
    from datetime import date

Refused = Mapping[str, tuple[str, str]]
"""Filters that say nothing about the records of a listing: why, and what to try."""

_OF_EVIDENCE: Refused = {
    "direction": ("only rows of evidence have a direction", "lmtx evidence has them"),
    "endpoint": ("only rows of evidence have endpoints", "lmtx evidence has them"),
}
_CSF: Refused = {
    "tumor": ("drug levels are not filed by tumor", "the field population says who was sampled; --lm keeps patients with LM"),
    "mixed": ("drug levels are not filed by tumor", "the field population says who was sampled; --lm keeps patients with LM"),
    "biomarker": ("drug levels are not filed by biomarker", "the field population says who was sampled"),
    "level": ("a drug level carries no level of evidence", "--design filters by the design of its study"),
    "min_level": ("a drug level carries no level of evidence", "--design filters by the design of its study"),
    **_OF_EVIDENCE,
}
_GUIDELINES: Refused = {
    "level": ("every guideline prints levels of its own kind", "the fields level and grade show them"),
    "min_level": ("every guideline prints levels of its own kind", "the fields level and grade show them"),
    "biomarker": ("guideline statements are not filed by biomarker", "lmtx search looks through their words"),
    "route": ("guideline statements are not filed by route", "lmtx search looks through their words"),
    "design": ("a guideline statement has no study design", "--topic and --treatment narrow it down"),
    "min_n": ("a guideline statement counts no patients", "--topic and --treatment narrow it down"),
    **_OF_EVIDENCE,
}
_TRIALS: Refused = {
    "level": ("a trial has no level of evidence before it reports", "--phase narrows it down; the field results names its reports"),
    "min_level": ("a trial has no level of evidence before it reports", "--phase narrows it down; the field results names its reports"),
    "route": ("trials are not filed by route", "lmtx search looks through their titles"),
    "design": ("trials are filed by phase", "try --phase"),
    "since": ("a trial has no year of publication", "--status and --open narrow it down; the field status_read says when it was read"),
    "verified": ("a trial is shown as its registry showed it", "the field status_read says when it was read"),
    **_OF_EVIDENCE,
}

Treatments = Annotated[list[str] | None, typer.Option("--treatment", metavar="ID", help="Only about this treatment.", autocompletion=complete.treatments)]


def refuse(filters: FilterOptions, refused: Refused) -> None:
    """Raise UsageError for the first filter used that says nothing about the records listed."""
    for name, (why, hint) in refused.items():
        if getattr(filters, name):
            raise UsageError(f"--{name.replace('_', '-')}: {why}", hint)


def today() -> date:
    """Return today's date, or the one that LMTX_TODAY sets for tests and pictures."""
    import os
    from datetime import date

    wish = os.environ.get("LMTX_TODAY")
    try:
        return date.fromisoformat(wish) if wish else date.today()
    except ValueError:
        raise UsageError(f"LMTX_TODAY: {wish!r} is not a date", "write it like 2026-11-24") from None


def opened(filters: FilterOptions) -> tuple[Index, Filters]:
    """Open the index and turn the filters into ids."""
    index = open_index()
    return index, resolved(index.connection, filters.raw())


def used(command: str, filters: Filters, order: SortOptions | None = None, **more: Any) -> dict[str, Any]:
    """Return the query of a listing for its JSON answer."""
    return asked(command, **filters._asdict(), **(order._asdict() if order else {}), **more)


def mixed_note(index: Index, filters: Filters, *also: Condition) -> str:
    """Return the note that studies of mixed tumours were left out."""
    rows = left_out(index.connection, filters, *also)
    return f"{rows} row{'s' if rows > 1 else ''} of mixed solid tumours left out; --mixed adds them" if rows else ""


def list_(filters: FilterOptions, out: OutputOptions, order: SortOptions) -> None:
    """Treatments, one a row, strongest evidence first.

    \b
    lmtx list --tumor melanoma
    lmtx list --class immunotherapy --min-level III
    lmtx list --biomarker her2 --route intrathecal
    """
    from lmtx.output.layouts.treatments import TREATMENTS
    from lmtx.query.treatments import list_treatments

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
    from lmtx.output.layouts.evidence import EVIDENCE
    from lmtx.query.evidence import ORDERS, list_evidence

    index, chosen = opened(filters)
    if order.sort in (None, *ORDERS) and not order.reverse:
        rows: Any = list_evidence(index.connection, chosen, sort=order.sort or "level", limit=order.limit)
    else:
        rows = arranged(list(list_evidence(index.connection, chosen)), order, EVIDENCE)
    answer(index, EVIDENCE, rows, out, used("evidence", chosen, order), [mixed_note(index, chosen)])


def csf(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    drugs: Annotated[list[str] | None, typer.Argument(metavar="[DRUG]...", help="Only these treatments.", autocompletion=complete.treatments, show_default=False)] = None,
    measure: Annotated[list[str] | None, typer.Option("--measure", metavar="MEASURE", help="Only this measure.", autocompletion=complete.measures)] = None,
    lm: Annotated[bool, typer.Option("--lm", help="Only measured in patients with LM.")] = False,
) -> None:
    """Drug levels in cerebrospinal fluid, in comparable units, the highest first.

    \b
    lmtx csf osimertinib erlotinib
    lmtx csf --measure csf-plasma-ratio --class egfr-tki
    lmtx csf --route intrathecal --lm --json
    """
    from lmtx.output.layouts.csf import CSF
    from lmtx.query.csf import list_csf

    refuse(filters, _CSF)
    index, chosen = opened(filters)
    only = tuple(resolve.ids(index.connection, "treatment", drugs or ()))
    measures = tuple(resolve.words("--measure", vocabulary.MEASURES, measure or ()))
    rows = list_csf(index.connection, chosen, only=only, measures=measures, lm=lm)
    silent = [id_ for id_ in only if id_ not in {row.treatment for row in rows}]
    notes = [f"no matching level of {', '.join(silent)}"] if silent else []
    answer(index, CSF, arranged(rows, order, CSF), out, used("csf", chosen, order, drugs=only, measures=measures, lm=lm), notes)


def guidelines(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    topic: Annotated[list[str] | None, typer.Option("--topic", metavar="TOPIC", help="Only statements on this.", autocompletion=complete.topics)] = None,
    treatment: Treatments = None,
) -> None:
    """Guideline statements with level and grade, the newest first, superseded ones last.

    \b
    lmtx guidelines --topic treatment --tumor breast
    lmtx guidelines --treatment whole-brain-radiotherapy
    lmtx guidelines --since 2023 --verified --json
    """
    from lmtx.output.layouts.guidelines import GUIDELINES
    from lmtx.query.guidelines import left_out as general
    from lmtx.query.guidelines import list_statements

    refuse(filters, _GUIDELINES)
    index, chosen = opened(filters)
    topics = tuple(resolve.words("--topic", vocabulary.RECOMMENDATION_TOPICS, topic or ()))
    only = tuple(resolve.ids(index.connection, "treatment", treatment or ()))
    rows = arranged(list_statements(index.connection, chosen, topics=topics, only=only), order, GUIDELINES)
    more = general(index.connection, chosen, topics=topics, only=only)
    notes = [f"{more} statement{'s' if more > 1 else ''} on any solid tumour left out; --mixed adds them"] if more else []
    answer(index, GUIDELINES, rows, out, used("guidelines", chosen, order, topics=topics, treatments=only), notes)


def trials(
    filters: FilterOptions,
    out: OutputOptions,
    order: SortOptions,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="STATUS", help="Only trials of this status.", autocompletion=complete.statuses)] = None,
    is_open: Annotated[bool, typer.Option("--open", help="Only trials that patients may enter.")] = False,
    phase: Annotated[list[str] | None, typer.Option("--phase", metavar="PHASE", help="Exactly this phase: 1, 1/2, 2 …", autocompletion=complete.phases)] = None,
    treatment: Treatments = None,
) -> None:
    """Registered trials with their status and its age, open ones first.

    \b
    lmtx trials --tumor breast --open
    lmtx trials --treatment pemetrexed --phase 2
    lmtx trials --biomarker her2 --mixed
    """
    from lmtx.output.layouts.trials import TRIALS
    from lmtx.query.trials import Wanted, list_trials
    from lmtx.query.trials import left_out as general

    refuse(filters, _TRIALS)
    index, chosen = opened(filters)
    wanted = Wanted(
        tuple(resolve.words("--status", vocabulary.STATUSES, status or ())),
        tuple(resolve.words("--phase", vocabulary.PHASES, (value.casefold().removeprefix("phase") for value in phase or ()))),
        tuple(resolve.ids(index.connection, "treatment", treatment or ())),
        is_open,
    )
    rows = arranged(list_trials(index.connection, chosen, today(), wanted), order, TRIALS)
    more = general(index.connection, chosen, wanted)
    notes = [f"{more} trial{'s' if more > 1 else ''} for any solid tumour left out; --mixed adds them"] if more else []
    answer(index, TRIALS, rows, out, used("trials", chosen, order, **wanted._asdict()), notes)
