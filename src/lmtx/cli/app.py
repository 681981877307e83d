"""The commands, each imported only when it is called."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from lmtx.cli import own
from lmtx.cli.options import expanded


class Entry(NamedTuple):
    """Where a command lives and its line in the overview."""

    place: str
    help: str


COMMANDS = {
    "list": Entry(
        "listings:list_", "Treatments, one a row: level, studies, patients, direction, key figure."
    ),
    "show": Entry("show:show", "The whole card of a treatment, study, tumor, trial or guideline."),
    "evidence": Entry(
        "listings:evidence", "Rows of evidence: who got what, in which study, with what outcome."
    ),
    "search": Entry("search:search", "Full text over everything, ranked."),
    "compare": Entry("compare:compare", "Two or more treatments side by side."),
    "conflicts": Entry(
        "overview:conflicts",
        "Where independent studies point different ways, and in what they differ.",
    ),
    "map": Entry("overview:map_", "The evidence map: what has been studied in whom, and the gaps."),
    "plot": Entry(
        "plot:plot", "A forest plot: one endpoint over studies, on screen or as SVG or PNG."
    ),
    "timeline": Entry("overview:timeline", "How the evidence grew: studies by year and level."),
    "report": Entry(
        "report:report", "One HTML page for the tumour board: pictures, tables, cards, references."
    ),
    "csf": Entry("listings:csf", "Drug levels in cerebrospinal fluid."),
    "guidelines": Entry("listings:guidelines", "Guideline statements with level and grade."),
    "trials": Entry("listings:trials", "Registered trials with their status and its age."),
    "tumors": Entry("vocabularies:tumors", "The primary tumors, with counts."),
    "classes": Entry("vocabularies:classes", "The tree of treatment classes, with counts."),
    "levels": Entry(
        "vocabularies:levels",
        "The levels of evidence, what they mean and how many studies have them.",
    ),
    "fields": Entry("vocabularies:fields", "The fields of every listing, and their meaning."),
    "info": Entry("info:info", "Version, date, counts and provenance of the knowledge base."),
    "cite": Entry("cite:cite", "Citations in Vancouver style, BibTeX, RIS or CSL-JSON."),
    "export": Entry(
        "export:export", "The whole knowledge base as JSON, JSON Lines, CSV, SQLite or Parquet."
    ),
    "diff": Entry("diff:diff", "What changed between two versions of the data."),
    "validate": Entry("curation:validate", "Check data files; every problem with file and line."),
    "new": Entry(
        "new:new", "Begin a data file: every field with its meaning and the words it may take."
    ),
    "fmt": Entry("fmt:fmt", "Put data files in canonical order, comments and values kept."),
    "schema": Entry("schema:schema", "The JSON Schema of the data files, for editors and checks."),
}


class LazyGroup(TyperGroup):
    """A group that imports a command only when it is asked for, so that no look-up pays for the others."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.params.append(own.option())

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        return command(cmd_name, entry) if entry else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(unknown_command(args[0]))
        return super().resolve_command(ctx, args)


def unknown_command(name: str) -> str:
    """Return the message for a command that does not exist, with the nearest one that does."""
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, 1)
    return f"no such command {name!r}; " + (
        f"did you mean {near[0]!r}?" if near else "lmtx --help lists them"
    )


def command(name: str, entry: Entry) -> Any:
    """Return a command by its name, made from its function."""
    module, _, function = entry.place.partition(":")
    return build(name, getattr(import_module(f"lmtx.cli.{module}"), function))


def build(name: str, function: Callable[..., None]) -> Any:
    """Return the command that a function with option groups describes."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(expanded(function))
    made = typer.main.get_command(single)
    made.params.append(own.option())
    return made


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:
    if wanted:
        from lmtx import __version__

        typer.echo(f"lmtx {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False,
        "--version",
        "-V",
        help="Print the version and exit.",
        callback=_version,
        is_eager=True,
    ),
) -> None:
    """What has been tried against leptomeningeal metastasis, in whom, with what result, and how far it can be trusted.

    \b
    lmtx list --tumor melanoma      treatments tried in it, strongest first
    lmtx show osimertinib           everything about one treatment
    lmtx search intrathecal drugs   full text over all records
    """
