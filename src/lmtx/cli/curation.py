"""The commands of those who keep data: `validate`, `fmt`, `new` and `schema`."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lmtx import __version__, index
from lmtx.cli import complete
from lmtx.cli.answer import (
    choose_fields,
    choose_format,
    deliver_answer,
    describe_query,
    read_screen,
    write_notes,
    write_text_to_stream,
)
from lmtx.cli.options import (
    OutputOptions,
    QuietOption,
    drop_repeated_paths,
    list_overlays,
    open_overlaid_index,
    output_option,
)
from lmtx.errors import DataError, Problem, UsageError, escape_control
from lmtx.index import PACKAGE_FOLDER
from lmtx.model import vocabulary
from lmtx.model.figures import write_plural
from lmtx.query import resolve
from lmtx.render import JSON_FORMATS, Envelope, Format, describe_overlay_readings, render_listing
from lmtx.store.own_files import is_record_file, list_overlay_file_names
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.curation.upgrade import UpgradedFile
    from lmtx.store.loading import Base


class _Selection(NamedTuple):
    """A knowledge base to check: its folder as the user would write it, files to read in place of
    its own, and what to lay over it."""

    folder: Path
    files: dict[str, Path]
    overlays: tuple[Path, ...]


class _Checked(NamedTuple):
    selection: _Selection
    base: Base
    problems: list[Problem]


def validate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH…]",
            help=(
                "A folder laid out like data/, TOML files of one, or own records; default: the "
                "knowledge base that lmtx reads."
            ),
        ),
    ] = None,
    *,
    todo: Annotated[
        bool,
        typer.Option(
            "--todo", help="List what is not wrong but wants work, the most important first."
        ),
    ] = False,
    out: OutputOptions,
) -> None:
    """Check data files; every problem with file and line.

    \b
    lmtx validate
    lmtx validate --todo
    lmtx validate --json
    """
    from lmtx.store.checks import read_and_check_base

    form = choose_format(out) if _for_machines(out) else Format.table
    checked = []
    for selection in _sort_selection(
        paths or [shorten_path_below_working_folder(index.find_bundled_data_folder())]
    ):
        base, found = read_and_check_base(selection.folder, selection.files, selection.overlays)
        checked.append(
            _Checked(selection, base, [_respell_path(problem, selection) for problem in found])
        )
    problems = [problem for one in checked for problem in one.problems]
    if not paths:
        write_notes(_note_other_copy(), out)
    if form is Format.table and out.file and (problems or not todo):
        deliver_answer((f"{problem}\n" for problem in problems), out)
    elif form is Format.table:
        for problem in problems:
            print(problem, file=sys.stderr)
    elif problems or not todo:
        _write_problems(form, problems, out, checked, paths or [])
    readings = [
        note
        for one in checked
        for note in describe_overlay_readings(_describe_own(one.selection.overlays))
    ]
    write_notes([note for note in readings if not problems or "not read" in note], out)
    if problems:
        files = len({problem.file for problem in problems})
        raise DataError(
            f"{write_plural(len(problems), 'problem')} in {write_plural(files, 'file')}"
        )
    if todo:
        _write_todo(form, out, checked, paths or [])
    write_notes(
        (f"{_size(one.base)}: no problem in {_named(one.selection)}" for one in checked), out
    )


def _write_todo(
    form: Format, out: OutputOptions, checked: list[_Checked], paths: list[Path]
) -> None:
    """Write what wants work: it is the answer, so it goes to stdout in every form."""
    from lmtx.curation.todo import list_fetchable_records, list_todo

    finders = (list_todo, list_fetchable_records)  # what one command does for all comes last
    work = [
        _respell_path(problem, one.selection)
        for finder in finders
        for one in checked
        for problem in finder(one.base)
    ]
    if form is Format.table:
        deliver_answer((f"{problem}\n" for problem in work), out)
    else:
        _write_problems(form, work, out, checked, paths)
    write_notes([f"{len(work)} places that want work"], out)


def _for_machines(out: OutputOptions) -> bool:
    return out.json or out.csv or out.tsv or out.form is not None or out.file is not None


def _note_other_copy() -> list[str]:
    """Say which copy is checked where the working folder is a checkout whose data are not those
    that lmtx reads.

    After an install that is not editable, somebody who edits `data/` would otherwise be told that
    the installed copy is sound.
    """
    from lmtx.store.loading import is_base

    here, read = Path("data"), index.find_bundled_data_folder()
    if not is_base(here) or here.resolve() == read.resolve():
        return []
    return [
        f"this checks the installed copy, {escape_control(str(read))}; "
        "`lmtx validate data` checks the data of this folder"
    ]


def choose_data_folder() -> Path:
    """Return the data of the checkout that one works in, else those that lmtx reads."""
    from lmtx.store.loading import is_base

    here = Path("data")
    return (
        here
        if is_base(here)
        else shorten_path_below_working_folder(index.find_bundled_data_folder())
    )


def shorten_path_below_working_folder(folder: Path) -> Path:
    """Return a folder as seen from the working folder, where it lies below that."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _sort_selection(paths: list[Path]) -> list[_Selection]:
    """Sort what the user named into folders, files with the base that surrounds them, and own
    records with the base that lmtx reads."""
    from lmtx.store.loading import name_base_file

    laid = list_overlays()
    own = [path for path in paths if _holds_own_records(path)]
    bases = [path for path in paths if path not in own]
    found = (
        [
            _Selection(
                shorten_path_below_working_folder(index.find_bundled_data_folder()),
                {},
                drop_repeated_paths([*laid, *own]),
            )
        ]
        if own
        else []
    )
    found += [_Selection(path, {}, laid) for path in bases if path.is_dir()]
    around: defaultdict[Path, dict[str, Path]] = defaultdict(dict)
    for path in (path for path in bases if not path.is_dir()):
        refuse_missing_or_non_toml_path(path)
        files = around[_find_base(path)]
        if files.setdefault(name_base_file(path), path) != path:
            raise UsageError(
                f"PATH: {escape_control(str(path))} and "
                f"{escape_control(str(files[name_base_file(path)]))} bear the same name",
                "check them one after the other",
            )
    return [*found, *(_Selection(folder, files, laid) for folder, files in around.items())]


def refuse_missing_or_non_toml_path(path: Path) -> None:
    """Raise DataError or UsageError where a path is that of no TOML file."""
    if not path.exists():
        raise DataError(
            f"{escape_control(str(path))}: no such file or folder",
            "name a folder laid out like data/, or a TOML file of one",
        )
    if not is_record_file(path.name):
        raise UsageError(
            f"PATH: {escape_control(str(path))} is not a TOML file",
            "name a folder laid out like data/, or a TOML file of one",
        )


def _holds_own_records(path: Path) -> bool:
    """Tell whether a path holds own records: of files those that lie in no base and are not called
    like one of the base that lmtx reads."""
    from lmtx.store.loading import is_base, list_data_files, name_base_file
    from lmtx.store.own_records import is_overlay

    if path.is_dir():
        return is_overlay(path)
    if not path.is_file() or not is_record_file(path.name) or is_base(_locate_base(path)):
        return False
    return is_overlay(path) or name_base_file(path) not in map(
        name_base_file, list_data_files(index.find_bundled_data_folder())
    )


def _find_base(path: Path) -> Path:
    """Return the knowledge base in which a file lies, else the one that lmtx reads."""
    from lmtx.store.loading import is_base

    above = _locate_base(path)
    return (
        above
        if is_base(above)
        else shorten_path_below_working_folder(index.find_bundled_data_folder())
    )


def _locate_base(path: Path) -> Path:
    """Return the folder that would be the knowledge base of a file."""
    return (
        Path(os.path.normpath(path.parent / ".."))
        if path.absolute().parent.name == "studies"
        else path.parent
    )


def _respell_path(problem: Problem, selection: _Selection) -> Problem:
    """Return a problem with its file as the user would write it, and nothing in it that could drive
    a terminal."""
    from lmtx.store.loading import UPGRADE_COMMAND
    from lmtx.store.own_files import list_overlay_files

    own = {
        shown
        for overlay in selection.overlays
        for path in list_overlay_files(overlay)
        for shown in (str(path), f"./{path}")
    }
    file = (
        problem.file
        if problem.file in own
        else str(selection.files.get(problem.file) or selection.folder / problem.file)
    )
    todo = problem.todo.replace(f"{UPGRADE_COMMAND} {problem.file}", f"{UPGRADE_COMMAND} {file}")
    said = (problem.record, problem.what, todo)
    return Problem(escape_control(file), problem.line, *(escape_control(text) for text in said))


def _named(selection: _Selection) -> str:
    return str(selection.folder) + (
        f" with {', '.join(map(str, selection.overlays))}" if selection.overlays else ""
    )


def _size(base: Base) -> str:
    rows = [row for file in base.studies for row in file.evidence]
    return (
        f"{len(base.studies)} studies, {len(rows)} rows of evidence, "
        f"{sum(len(row.outcome) for row in rows)} figures"
    )


def _write_problems(
    form: Format,
    problems: list[Problem],
    out: OutputOptions,
    checked: list[_Checked],
    paths: list[Path],
) -> None:
    """Write the problems for a machine."""
    from lmtx.listings import Found
    from lmtx.listings.validate import LISTING as PROBLEMS

    query = describe_query("validate", paths=[escape_control(os.fspath(path)) for path in paths])
    rendered = render_listing(
        form,
        PROBLEMS,
        Found(problems),
        choose_fields(out, PROBLEMS),
        Envelope(__version__, _describe_checked(checked), _disclaimer(checked), query),
        read_screen(out),
    )
    deliver_answer(rendered.content, out, json=form in JSON_FORMATS)


def _describe_checked(checked: list[_Checked]) -> dict[str, Any]:
    """Return which data were checked: null for what a broken header does not tell, or where several
    bases were."""
    one = checked[0] if len(checked) == 1 else None
    if not one or "treatments.toml" in one.base.broken:
        return {"version": None, "as_of": None, "sha256": None}
    from lmtx.index.identity import identify_data

    header, laid = one.base.treatments, one.selection.overlays
    sha256 = None if one.selection.files else identify_data(one.selection.folder, laid).sha256
    return {
        "version": header.version,
        "as_of": header.as_of.isoformat(),
        "sha256": sha256,
        **_describe_own(laid),
    }


def _describe_own(overlays: tuple[Path, ...]) -> dict[str, Any]:
    """Return the names of own records, and of each what was read and what was not."""
    readings = [list_overlay_file_names(overlay) for overlay in overlays]
    return (
        {
            "with": [one.name for one in readings],
            "with_files": [one._asdict() for one in readings],
        }
        if readings
        else {}
    )


def _disclaimer(checked: list[_Checked]) -> str:
    return next(
        (one.base.treatments.disclaimer for one in checked if one.base.treatments.disclaimer), ""
    )


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
    quiet: QuietOption = False,
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
    from lmtx.store.files import write_file

    files = list(dict.fromkeys(_files(paths or [_checkout_folder()])))
    changed = _changed(files, upgrade=upgrade)
    if not check:
        for path, (formatted, before) in changed.items():
            write_file(path, [formatted.text], force=True, before=before)
    write_text_to_stream(f"{escape_control(str(path))}\n" for path in changed)
    counted = f"{len(changed)} of {write_plural(len(files), 'file')}"
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
            else f"{write_plural(len(files), 'file')} in order",
        ],
        OutputOptions(quiet=quiet),
    )


def _checkout_folder() -> Path:
    """Return the data of the checkout that one works in; those of an installed lmtx are not the
    user's to change.
    """
    folder = choose_data_folder()
    if folder.absolute().is_relative_to(PACKAGE_FOLDER):
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
            refuse_missing_or_non_toml_path(path)
            yield path


def _files_in(folder: Path) -> list[Path]:
    """Return the TOML files of a folder and of all folders in it. Raises UsageError where it cannot
    be looked through."""
    from lmtx.store.own_files import list_overlay_files

    try:
        return sorted(list_overlay_files(folder))
    except OSError as error:
        place = escape_control(str(error.filename or folder))
        raise UsageError(f"PATH: {place}: {error.strerror}", "name the files") from error


def _changed(files: Iterable[Path], *, upgrade: bool) -> dict[Path, tuple[UpgradedFile, str]]:
    """Return the new text of each file that is not in order, and the one that it was made from.

    Raises DataError with every file that cannot be put in order.
    """
    from lmtx.curation.formatter import format_data_file, keep_line_ends
    from lmtx.curation.upgrade import UpgradedFile, upgrade_file
    from lmtx.store.loading import read_data_file

    found: dict[Path, tuple[UpgradedFile, str]] = {}
    problems: list[Problem] = []
    for path in files:
        source = read_data_file(path, str(path), problems)
        if source is None:
            continue
        try:
            upgraded = upgrade_file(source.text, str(path)) if upgrade else None
            made = upgraded or UpgradedFile(source.text, ())
            made = made._replace(text=format_data_file(made.text, str(path)))
        except DataError as error:
            problems += error.problems
        else:
            if made.text != source.text:
                text = keep_line_ends(made.text, path)
                found[path] = made._replace(text=text), source.text
    if problems:
        raise DataError(
            f"{write_plural(len(problems), 'file')} cannot be put in order; nothing was changed",
            problems=tuple(problems),
        )
    return found


SKELETON_KINDS = ("study",)
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
            "--design",
            metavar="DESIGN",
            help="Study design.",
            autocompletion=complete.complete_design,
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
    quiet: QuietOption = False,
) -> None:
    """Begin a data file: every field with its meaning, and filled in only what you gave.

    A study that the knowledge base has already, by ID, PMID, DOI or registration, is named and not
    begun again.

    \b
    lmtx new study
    lmtx new study doe-2024-drug --doi 10.1000/example.2024.1 --design phase-2
    """
    from lmtx.curation.file_schema import write_study_skeleton

    resolve.resolve_word("KIND", SKELETON_KINDS, kind)
    known: dict[str, Any] = {
        "id": id_, "first_author": first_author, "title": title, "journal": journal, "year": year, "pmid": pmid and resolve.extract_identifier(pmid), "doi": doi and resolve.extract_identifier(doi),
        "nct": [resolve.extract_identifier(number) for number in nct or ()] or None, "design": resolve.resolve_word("design", vocabulary.DESIGNS, design) if design is not None else None,
    }  # fmt: skip
    given = {key: value for key, value in known.items() if value is not None}
    text = write_study_skeleton(given)
    if not force:
        _refuse_known(given)
    if output is None:
        write_text_to_stream([text])
        return
    from lmtx.store.files import write_file

    place = _file_to_write(output, id_)
    write_file(place, [text], force=force)
    write_notes([f"{place}: fill it in, then: lmtx validate {place}"], OutputOptions(quiet=quiet))


def _refuse_known(given: dict[str, Any]) -> None:
    """Raise UsageError where a study bears one of the identifiers already."""
    index = open_overlaid_index()
    for option, value in [
        ("ID", given.get("id")),
        ("--pmid", given.get("pmid")),
        ("--doi", given.get("doi")),
        *(("--nct", number) for number in given.get("nct", ())),
    ]:
        for match in (
            resolve.find_named_records(index.connection, value, ("study",)) if value else ()
        ):
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


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help=(
                "study, treatments, tumors, biomarkers, guidelines, trials or corrections; base: "
                "a file of any kind."
            ),
            autocompletion=complete.complete_schema,
        ),
    ] = "base",
) -> None:
    """The JSON Schema of the data files, for editors and checks.

    \b
    lmtx schema study
    lmtx schema treatments
    lmtx schema > lmtx.schema.json
    """
    from lmtx.curation.file_schema import ANY_FILE_KIND, MODEL_OF_FILE_KIND, write_json_schema

    write_text_to_stream(
        [
            write_json_schema(
                resolve.resolve_word("KIND", (*MODEL_OF_FILE_KIND, ANY_FILE_KIND), kind)
            )
        ],
        json=True,
    )
