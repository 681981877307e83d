"""The commands: those of the listings, made from them, and those that are no listing. Each is
imported only when it is called."""

from importlib import import_module
from typing import Any

import typer

from lmtx.cli.listing import listing_command
from lmtx.cli.options import (
    build_command,
    list_declared_options,
    overlay_option,
    read_argument_labels,
    remember_argument_labels,
)
from lmtx.cli.typer_inside import TyperGroup
from lmtx.listings import Order, listing_names, load_listing
from lmtx.listings._listing import MODULE_OF_LISTING_KEPT_ELSEWHERE
from lmtx.tuples import NamedTuple


class CommandEntry(NamedTuple):
    """Where a command lives that is no listing, and its line in the overview."""

    target: str
    help: str
    parameters: type[Any] | None = None
    """What its parameter `given` gathers; left out, the filters on rows of evidence."""


COMMANDS_NOT_MADE_FROM_LISTINGS = {
    "show": CommandEntry(
        "show:show", "The whole card of a treatment, study, tumor, trial or guideline."
    ),
    "report": CommandEntry(
        "report:report", "One HTML page for the tumour board: the brief, pictures, tables, cards."
    ),
    "cite": CommandEntry(
        "cite:cite", "Citations for a text, for LaTeX or for a reference manager."
    ),
    "export": CommandEntry(
        "export:export",
        "The whole knowledge base as JSON, JSON Lines, CSV, SQLite, Parquet or Excel.",
    ),
    "diff": CommandEntry("diff:diff", "What changed between two versions of the data.", Order),
    "validate": CommandEntry(
        "curation:validate", "Check data files; every problem with file and line."
    ),
    "new": CommandEntry(
        "curation:new", "Begin a data file: every field with its meaning and the words it may take."
    ),
    "fmt": CommandEntry(
        "curation:fmt", "Put data files in canonical order, comments and values kept."
    ),
    "mcp": CommandEntry("mcp:mcp", "Answer an assistant, over the Model Context Protocol."),
    "schema": CommandEntry(
        "curation:schema", "The JSON Schema of the data files, for editors and checks."
    ),
    "fetch": CommandEntry(
        "fetch:fetch", "Complete citations and trials from PubMed, Crossref and ClinicalTrials.gov."
    ),
}
"""The commands that are no listing, or whose rows do not come from the index."""
COMMAND_ORDER = (
    "list", "show", "evidence", "search", "compare", "conflicts", "map", "plot", "timeline", "report", "brief", "csf", "safety", "guidelines",
    "trials", "tumors", "classes", "levels", "fields", "info", "cite", "export", "diff", "validate", "new", "fmt", "schema", "fetch",
    "mcp",
)  # fmt: skip
"""In which order help lists the commands; one that is not named here comes last."""


def command_names() -> list[str]:
    """Return the names of all commands, in the order in which help lists them."""
    names = {
        *COMMANDS_NOT_MADE_FROM_LISTINGS,
        *(name for name in listing_names() if is_listing_command(name)),
    }
    return [
        *(name for name in COMMAND_ORDER if name in names),
        *sorted(names.difference(COMMAND_ORDER)),
    ]


def is_listing_command(name: str) -> bool:
    """Tell whether a command is made from the listing of its name."""
    from importlib.util import find_spec

    if name in COMMANDS_NOT_MADE_FROM_LISTINGS or not name.isidentifier() or name.startswith("_"):
        return False
    module = f"lmtx.listings.{MODULE_OF_LISTING_KEPT_ELSEWHERE.get(name, name)}"
    return find_spec(module) is not None and load_listing(name).is_command


def help_line(name: str) -> str:
    """Return the line of a command in the overview."""
    return (
        COMMANDS_NOT_MADE_FROM_LISTINGS[name].help
        if name in COMMANDS_NOT_MADE_FROM_LISTINGS
        else load_listing(name).help
    )


def load_command(name: str) -> Any:
    """Return a command by its name."""
    if name in COMMANDS_NOT_MADE_FROM_LISTINGS:
        entry = COMMANDS_NOT_MADE_FROM_LISTINGS[name]
        module, _, function = entry.target.partition(":")
        given = [*list_declared_options(entry.parameters)] if entry.parameters else None
        made = build_command(getattr(import_module(f"lmtx.cli.{module}"), function), name, given)
    else:
        made = listing_command(name)
    made.params.append(overlay_option())
    remember_argument_labels(read_argument_labels(made))
    return made


class LazyGroup(TyperGroup):
    """A group that imports a command only when it is asked for, so that no look-up pays for the
    others."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.params.append(overlay_option())

    def list_commands(self, ctx: Any) -> list[str]:
        return command_names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return (
            load_command(cmd_name)
            if cmd_name in COMMANDS_NOT_MADE_FROM_LISTINGS or is_listing_command(cmd_name)
            else None
        )

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line(name)) for name in command_names()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if (
            not name.startswith("-")
            and name not in COMMANDS_NOT_MADE_FROM_LISTINGS
            and not is_listing_command(name)
        ):
            ctx.fail(format_unknown_command(name))
        return super().resolve_command(ctx, args)


def format_unknown_command(name: str) -> str:
    """Return the message for a command that does not exist, with the nearest one that does."""
    from difflib import get_close_matches

    near = get_close_matches(name, command_names(), 1)
    hint = f"did you mean {near[0]!r}?" if near else "lmtx --help lists them"
    return f"no such command {name!r}; {hint}"


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(is_asked: bool) -> None:
    if is_asked:
        from lmtx import __version__

        typer.echo(f"lmtx {__version__}{_name_data()}")
        raise typer.Exit


def _name_data() -> str:
    """Return which data this lmtx holds, for its version; nothing where they cannot be read, which
    any other command tells."""
    from lmtx.errors import LmtxError
    from lmtx.index import open_index, read_meta

    try:
        meta = read_meta(open_index().connection)
    except LmtxError:
        return ""
    return f", data {meta['version']} of {meta['as_of']}"


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
    """What has been tried against leptomeningeal metastasis, in whom, with what result, and how far
    it can be trusted.

    \b
    lmtx list --tumor melanoma      treatments tried in it, strongest first
    lmtx show osimertinib           everything about one treatment
    lmtx search intrathecal drugs   full text over all records
    """
