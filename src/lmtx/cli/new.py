"""`lmtx new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lmtx.cli import complete
from lmtx.cli.answer import write_notes, write_out
from lmtx.cli.options import OutputOptions, Quiet, open_index, output_option
from lmtx.errors import UsageError
from lmtx.model import vocabulary
from lmtx.query import resolve

KINDS = ("study",)
"""What a skeleton can be made of."""


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What to begin: study.")],
    id_: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Short name: first author, year, and a word if needed.",
            show_default=False,
        ),
    ] = None,
    pmid: Annotated[str | None, typer.Option("--pmid", metavar="PMID", help="PubMed id.")] = None,
    doi: Annotated[
        str | None,
        typer.Option(
            "--doi", metavar="DOI", help="Digital object identifier, with or without resolver."
        ),
    ] = None,
    nct: Annotated[
        list[str] | None,
        typer.Option("--nct", metavar="NCT", help="Trial registration; repeat for more."),
    ] = None,
    first_author: Annotated[
        str | None,
        typer.Option(
            "--first-author", metavar="NAME", help="Family name and initials, or a group."
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="Title as printed.")
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option("--journal", metavar="TEXT", help="Journal, abbreviated as in PubMed."),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", metavar="YEAR", help="Year of publication.")
    ] = None,
    design: Annotated[
        str | None,
        typer.Option(
            "--design", metavar="DESIGN", help="Study design.", autocompletion=complete.designs
        ),
    ] = None,
    output: Annotated[
        Path | None,
        output_option("File to write, or a folder where it is named after ID; else stdout."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write it although the study is known or the file is there."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Begin a data file: every field with its meaning, and filled in only what you gave.

    A study that the knowledge base has already, by ID, PMID, DOI or registration, is named and not
    begun again.

    \b
    lmtx new study
    lmtx new study doe-2024-drug --doi 10.1000/example.2024.1 --design phase-2
    """
    from lmtx.curation.file_schema import write_skeleton

    resolve.resolve_word("KIND", KINDS, kind)
    known: dict[str, Any] = {
        "id": id_, "first_author": first_author, "title": title, "journal": journal, "year": year, "pmid": pmid and resolve.strip_identifier(pmid), "doi": doi and resolve.strip_identifier(doi),
        "nct": [resolve.strip_identifier(number) for number in nct or ()] or None, "design": resolve.resolve_word("design", vocabulary.DESIGNS, design) if design is not None else None,
    }  # fmt: skip
    given = {key: value for key, value in known.items() if value is not None}
    text = write_skeleton(given)
    if not force:
        _refuse_known(given)
    if output is None:
        write_out([text])
        return
    from lmtx.store.files import put_file

    place = _file_to_write(output, id_)
    put_file(place, [text], force=force)
    write_notes([f"{place}: fill it in, then: lmtx validate {place}"], OutputOptions(quiet=quiet))


def _refuse_known(given: dict[str, Any]) -> None:
    """Raise UsageError where a study bears one of the identifiers already."""
    index = open_index()
    for option, value in [
        ("ID", given.get("id")),
        ("--pmid", given.get("pmid")),
        ("--doi", given.get("doi")),
        *(("--nct", number) for number in given.get("nct", ())),
    ]:
        for match in resolve.find_records(index.connection, value, ("study",)) if value else ():
            also = (
                ", and name the one in overlaps or superseded_by of the other"
                if option == "--nct"
                else ""
            )
            raise UsageError(
                f"{option}: {value} is the study {match.id} already",
                f"lmtx show study:{match.id} shows it; --force begins another{also}",
            )


def _file_to_write(output: Path, id_: str | None) -> Path:
    """Return the file to write: in a folder one named after the id, in the studies of a knowledge
    base where it is the folder of one."""
    if not output.is_dir():
        return output
    if id_ is None:
        raise UsageError(
            f"-o: {output} is a folder, and the study has no name",
            "name it: lmtx new study doe-2024-drug -o …",
        )
    studies = output / "studies"
    return (studies if studies.is_dir() else output) / f"{id_}.toml"
