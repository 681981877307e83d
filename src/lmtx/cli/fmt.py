"""`lmtx fmt`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmtx.cli.answer import write_notes, write_out
from lmtx.cli.curation import refuse_strangers, working_data
from lmtx.cli.options import OutputOptions, Quiet
from lmtx.errors import DataError, Problem, UsageError, escape_control
from lmtx.index import PACKAGE

if TYPE_CHECKING:
    from lmtx.curation.upgrade import Upgrade


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH…]",
            help="TOML files, or folders of them; default: data/ of this checkout.",
            show_default=False,
        ),
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=(
                "Change nothing: list the files that are not in order, and exit with 3 where "
                "there are any."
            ),
        ),
    ] = False,
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade",
            help=(
                "First make files of schema 1 ones of schema 2, and say what you must still decide."
            ),
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Put data files in canonical order, their comments and values kept.

    Keys stand as in the schema, rows by number, records by id.

    The files that were changed are listed. Either all can be put in order, or none is touched. With
    --upgrade, what only a person can decide becomes "undecided", is listed, and is refused by lmtx
    validate until it is decided.

    \b
    lmtx fmt --check
    lmtx fmt --check data
    lmtx fmt --upgrade --check data
    """
    from lmtx.store.files import put_file

    files = list(dict.fromkeys(_files(paths or [_checkout_folder()])))
    changed = _changed(files, upgrade=upgrade)
    if not check:
        for path, (formatted, before) in changed.items():
            put_file(path, [formatted.text], force=True, before=before)
    write_out(f"{escape_control(str(path))}\n" for path in changed)
    counted = f"{len(changed)} of {len(files)} file{'s' if len(files) > 1 else ''}"
    if check and changed:
        raise DataError(f"{counted} not in canonical order", "lmtx fmt puts them in order")
    write_notes(
        [
            *(
                f"{escape_control(str(path))}:{decision.line}: {escape_control(decision.what)}"
                for path, (formatted, _) in changed.items()
                for decision in formatted.decisions
            ),
            f"{counted} put in order"
            if changed
            else f"{len(files)} file{'s' if len(files) > 1 else ''} in order",
        ],
        OutputOptions(quiet=quiet),
    )


def _checkout_folder() -> Path:
    """Return the data of the checkout that one works in; those of an installed lmtx are not the
    user's to change.
    """
    folder = working_data()
    if folder.absolute().is_relative_to(PACKAGE):
        raise UsageError(
            "PATH: nothing named to put in order",
            "name a folder laid out like data/, or TOML files of one",
        )
    return folder


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    """Yield the files that the user named, and those in the folders that the user named."""
    for path in paths:
        if path.is_dir():
            found = _files_in(path)
            if not found:
                raise UsageError(
                    f"PATH: no TOML file in {escape_control(str(path))}",
                    "name a folder laid out like data/, or TOML files of one",
                )
            yield from found
        else:
            refuse_strangers(path)
            yield path


def _files_in(folder: Path) -> list[Path]:
    """Return the TOML files of a folder and of all folders in it. Raises UsageError where it cannot
    be looked through."""
    from lmtx.store.own_files import files_of

    try:
        return sorted(files_of(folder))
    except OSError as error:
        place = escape_control(str(error.filename or folder))
        raise UsageError(f"PATH: {place}: {error.strerror}", "name the files") from error


def _changed(files: Iterable[Path], *, upgrade: bool) -> dict[Path, tuple[Upgrade, str]]:
    """Return the new text of each file that is not in order, and the one that it was made from.

    Raises DataError with every file that cannot be put in order.
    """
    from lmtx.curation.formatter import format_text
    from lmtx.curation.upgrade import Upgrade, upgrade_file
    from lmtx.store.loading import read_source

    found: dict[Path, tuple[Upgrade, str]] = {}
    problems: list[Problem] = []
    for path in files:
        source = read_source(path, str(path), problems)
        if source is None:
            continue
        try:
            upgraded = upgrade_file(source.text, str(path)) if upgrade else None
            made = upgraded or Upgrade(source.text, ())
            made = made._replace(text=format_text(made.text, str(path)))
        except DataError as error:
            problems += error.problems
        else:
            if made.text != source.text:
                ends = "\r\n" if b"\r\n" in path.read_bytes() else "\n"  # as the checkout has them
                found[path] = made._replace(text=made.text.replace("\n", ends)), source.text
    if problems:
        raise DataError(
            f"{len(problems)} file{'s' if len(problems) > 1 else ''} cannot be put in order; "
            f"nothing was changed",
            problems=tuple(problems),
        )
    return found
