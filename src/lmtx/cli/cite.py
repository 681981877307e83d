"""`lmtx cite`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lmtx import __version__, resolve
from lmtx.cli import complete
from lmtx.cli.answer import envelope, on_terminal, screen, tell, write
from lmtx.cli.listings import mixed_note, opened
from lmtx.cli.options import FilterOptions, OutputOptions
from lmtx.errors import NotFound, UsageError, printable
from lmtx.index import Index
from lmtx.output.citations import ENDINGS, Style, render
from lmtx.query.citations import Citation, of_lmtx, of_studies, of_trial, studies_of, studies_under
from lmtx.query.filters import Filters
from lmtx.resolve import Match

ITSELF = Match("lmtx", "lmtx")
TOLD = (("title", "title"), ("container", "journal or site"), ("author", "author"), ("year", "year"))


def cite(
    filters: FilterOptions,
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="What show takes, in quotes where it has blanks; lmtx cites lmtx itself.", autocompletion=complete.anything, show_default=False)] = None,
    style: Annotated[Style | None, typer.Option("--style", "-s", help="Form of the citations; by the ending of PATH, else vancouver.", show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="PATH", help="File to write.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")] = False,
) -> None:
    """Citations of the publications behind a record or a question.

    \b
    lmtx cite osimertinib --min-level III
    lmtx cite --tumor melanoma --style bibtex
    lmtx cite 35802849 lmtx --style ris
    """
    index, chosen = opened(filters)
    if not names and not chosen._replace(mixed=False):
        raise UsageError("nothing to cite", "name a treatment, study, tumor, trial or guideline, or use a filter such as --tumor")
    found, notes = _named(index, names, chosen) if names else (list(of_studies(index.connection, studies_under(index.connection, chosen))), [mixed_note(index, chosen)])
    if not found:
        raise NotFound("nothing to cite matches", "; ".join(filter(None, notes)))
    form = style or ENDINGS.get(output.suffix.lower() if output else "", Style.vancouver)
    out = OutputOptions(quiet=quiet)
    if output:
        from lmtx.output.files import put

        put(output, render(form, found), force=force)
    else:
        write(render(form, found, screen(out).width if on_terminal() else None))
    place = f"{printable(str(output))}, {form.value}: " if output else ""
    tell([f"{place}{len(found)} reference{'' if len(found) == 1 else 's'}{_lacking(found)}", _others(found), *notes], out)


def _named(index: Index, names: Sequence[str], filters: Filters) -> tuple[list[Citation], list[str]]:
    """Return the citations behind names in the order of the names, each once, and notes on what they left out."""
    found: dict[str, Citation] = {}
    notes: list[str] = []
    for name in names:
        match, others = (ITSELF, []) if name.strip().casefold() == ITSELF.id else resolve.one(index.connection, name)
        if match.kind in ("class", "biomarker"):
            raise UsageError(f"{name!r} is a {match.kind}, not a record to cite", f"try: lmtx cite --{match.kind} {match.id}")
        cited = list(_behind(index, match, filters))
        if not cited:
            notes.append(f"no publication of {match.id}{' under these filters' if filters else ''}")
        if match.kind == "tumor":
            notes.append(mixed_note(index, filters._replace(tumors=(match.id,))))
        namesakes = [f"{other.kind}:{other.id}" for other in others if other.id not in (match.id, *(citation.id for citation in cited))]
        notes += [f"{name!r} also fits {', '.join(namesakes)}"] if namesakes else []
        found |= {citation.id: citation for citation in cited if citation.id not in found}
    return list(found.values()), list(dict.fromkeys(notes))


def _behind(index: Index, match: Match, filters: Filters) -> Iterable[Citation]:
    """Yield what a record stands for: itself where it is a registration or lmtx, and its publications."""
    if match == ITSELF:
        yield of_lmtx(__version__, dict(envelope(index, {}).data))
        return
    if match.kind == "trial" and not filters._replace(mixed=False):
        yield of_trial(index.connection, match.id)
    yield from of_studies(index.connection, studies_of(index.connection, match, filters))


def _lacking(found: Sequence[Citation]) -> str:
    """Say how many references lack what a reader will look for."""
    missing = [(sum(getattr(citation, field) is None for citation in found if citation.kind not in ("registration", "software")), name) for field, name in TOLD]
    said = [f"{number} without {name}" for number, name in missing if number]
    return f"; {', '.join(said)} on record" if said else ""


def _others(found: Sequence[Citation]) -> str:
    """Say what "et al" stands for, where it is written."""
    return "first authors only: co-authors are not on record" if any(citation.author and citation.author.others for citation in found) else ""
