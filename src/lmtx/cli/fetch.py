"""`lmtx fetch`: the only command that opens a network socket."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmtx import progress
from lmtx.cli.answer import write_notes, write_text_to_stream
from lmtx.cli.curation import choose_data_folder
from lmtx.cli.options import OutputOptions, QuietOption
from lmtx.errors import (
    DataError,
    NetworkError,
    ParameterMention,
    Problem,
    UsageError,
    escape_and_shorten_message,
    escape_control,
)
from lmtx.index import PACKAGE_FOLDER
from lmtx.query import resolve

if TYPE_CHECKING:
    from lmtx.curation.clients import ServiceAccess
    from lmtx.curation.fetch import Finding
    from lmtx.store.loading import Base

FETCHED_KINDS = ("citations", "trials")
_MAIL_PATTERN = re.compile(r"[!-~]{1,60}@[A-Za-z0-9.-]{1,190}")
_KEY_PATTERN = re.compile(r"[A-Za-z0-9]{1,100}")


def fetch(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="What to ask about: citations or trials.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID…]",
            help=(
                "Studies or trials; default: incomplete citations, or all trials of "
                "ClinicalTrials.gov."
            ),
            show_default=False,
        ),
    ] = None,
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FOLDER",
            help="A folder laid out like data/; default: data/ of this checkout.",
            show_default=False,
        ),
    ] = None,
    do_write: Annotated[
        bool, typer.Option("--write", help="Write the proposals into the files, and list these.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Ask PubMed, Crossref and ClinicalTrials.gov what records lack; propose it as a diff.

    The only command that goes on the network. A record that is another paper or trial there is told
    and never written; figures are never taken. LMTX_MAILTO tells the services whom to write to,
    NCBI_API_KEY lets PubMed answer faster.

    \b
    lmtx fetch citations
    lmtx fetch trials NCT06500481
    lmtx fetch citations boogerd-2004 --write
    """
    from lmtx.store.loading import read_base_files

    resolve.resolve_word("KIND", FETCHED_KINDS, kind)
    folder = _folder(data, do_write=do_write)
    base, problems = read_base_files(folder)
    if problems:
        raise DataError("the data must be sound first", "lmtx validate", problems=tuple(problems))
    findings: list[Finding] = []
    fault: NetworkError | None = None
    try:
        for finding in _fetch_findings(kind, base, names or []):
            findings.append(finding)
    except NetworkError as error:  # what was learned until then is still worth showing
        fault = error
        progress.end_stage()
    _write_proposals(folder, base, findings, do_write=do_write)
    out = OutputOptions(quiet=quiet)
    write_notes(
        (str(_respell_path(note, folder)) for finding in findings for note in finding.notes), out
    )
    if findings or not fault:
        write_notes([_summarize_findings(kind, findings, do_write=do_write)], out)
    mismatches = [
        _respell_path(problem, folder) for finding in findings for problem in finding.problems
    ]
    if fault:
        write_notes(map(str, mismatches), OutputOptions())
        raise fault
    if mismatches:
        refused = sum(bool(finding.problems) for finding in findings)
        raise DataError(
            f"{refused} of {len(findings)} records do not match or have no usable answer; nothing "
            f"was written of them",
            problems=tuple(mismatches),
        )


def _folder(data: Path | None, *, do_write: bool) -> Path:
    """Return the knowledge base to complete; that of an installed lmtx is not the user's to
    change."""
    folder = data or choose_data_folder()
    if do_write and folder.absolute().is_relative_to(PACKAGE_FOLDER):
        raise UsageError(
            "the data of an installed lmtx are not yours to write to",
            (ParameterMention("data", "FOLDER"), " names a folder laid out like data/"),
        )
    return folder


def read_access_from_environment() -> ServiceAccess:
    """Return who asks, from the environment; raise UsageError for what no service could take."""
    from lmtx.curation.clients import ServiceAccess

    mailto, key = os.environ.get("LMTX_MAILTO", ""), os.environ.get("NCBI_API_KEY", "")
    if mailto and not _MAIL_PATTERN.fullmatch(mailto):
        raise UsageError("LMTX_MAILTO: not an address", "write it like you@example.org")
    if key and not _KEY_PATTERN.fullmatch(key):
        raise UsageError(
            "NCBI_API_KEY: not a key", "copy it from your NCBI account, letters and digits"
        )
    return ServiceAccess(mailto=mailto, ncbi_key=key)


def _fetch_findings(kind: str, base: Base, names: list[str]) -> Iterator[Finding]:
    """Yield what the services say; nothing is asked where nothing is to be completed."""
    from lmtx.curation import fetch
    from lmtx.curation.clients import ServiceConnection

    studies = fetch.choose_studies(base, names) if kind == "citations" else []
    trials = fetch.choose_trials(base, names) if kind == "trials" else []
    if studies or trials:
        with ServiceConnection(read_access_from_environment()) as connection:
            yield from fetch.fetch_citations(connection, base, studies)
            yield from fetch.fetch_trials(connection, base, trials, date.today())


def _write_proposals(folder: Path, base: Base, findings: list[Finding], *, do_write: bool) -> None:
    """Write the proposals: as a diff, or into the files, whose names are then the answer."""
    from lmtx.curation.fetch import apply_proposals, draw_diff
    from lmtx.curation.formatter import keep_line_ends
    from lmtx.store.files import write_file

    proposals = [finding.proposal for finding in findings if finding.proposal]
    for name in dict.fromkeys(proposal.file for proposal in proposals):
        source, path = base.source(name), folder / name
        those = [proposal for proposal in proposals if proposal.file == name]
        text = apply_proposals(source, those, date.today())
        if do_write:
            write_file(path, [keep_line_ends(text, path)], force=True)
            write_text_to_stream([f"{escape_control(str(path))}\n"])
        else:
            write_text_to_stream(draw_diff(path.as_posix(), source.text, text))


def _respell_path(problem: Problem, folder: Path) -> Problem:
    """Return a problem with its file as the user would write it, and nothing in it that could drive
    a terminal."""
    file = str(folder / problem.file)
    return Problem(
        escape_control(file),
        problem.line,
        *(escape_and_shorten_message(text) for text in problem[2:]),
    )


def _summarize_findings(kind: str, findings: list[Finding], *, do_write: bool) -> str:
    proposed = sum(bool(finding.proposal) for finding in findings)
    asked = f"{len(findings)} {kind if len(findings) != 1 else kind[:-1]} asked about"
    if not proposed:
        return f"{asked}; nothing to complete"
    done = "written; look at them before you commit" if do_write else "could be completed"
    hint = "" if do_write else "; --write does it"
    return f"{asked}; {proposed} {done}{hint}"
