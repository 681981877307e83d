"""The options of commands: those of the output, written here, and those of filters and listings,
made from their parameters.

A command is a function. A parameter of it that is a group (`out: OutputOptions`) stands for all
options of the group, and one that is `given: TypedValues` for the filters of its listing, or of
rows of evidence where it has none.
"""

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lmtx import index as core
from lmtx.cli.typer_inside import (
    make_argument,
    make_command,
    make_number_type,
    make_option,
    path_option,
)
from lmtx.errors import (
    CommandMention,
    LmtxError,
    ParameterMention,
    UsageError,
    Wording,
    format_message,
)
from lmtx.listings import Listing, Order, meanings_of
from lmtx.query.filters import EVIDENCE_SUBJECT, FILTERS, is_filter_taken
from lmtx.query.parameters import LARGEST_INTEGER, Parameter, Vocabulary, read_declared_parameters
from lmtx.render import Format
from lmtx.store.places import configured_overlays
from lmtx.tuples import NamedTuple

# No `from __future__ import annotations` here: Typer would have to evaluate every annotation again,
# 1.5 ms a look-up.


BOM_HELP = "Begin CSV with a byte-order mark, for spreadsheets that take UTF-8 for something else."
STDOUT_PATH = Path("-")
"""Stands for stdout where a file is named."""


OUTPUT_HELP = "File to write, in the form of its ending; - for stdout."


QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")
]
"""The option that silences notes."""


def lazy_completer(name: str, *words: Vocabulary) -> Callable[[str], Iterable[tuple[str, str]]]:
    """Return a function of `lmtx.cli.complete`, which is read when a shell asks."""

    def complete(incomplete: str) -> Iterable[tuple[str, str]]:
        function = getattr(import_module("lmtx.cli.complete"), name)
        found: Iterable[tuple[str, str]] = function(*words, incomplete)
        return found

    return complete


def output_option(help_text: str) -> Any:
    """Return the option that names the file to write."""
    return typer.Option("--output", "-o", metavar="PATH", help=help_text, show_default=False)


class TypedValues(dict[str, Any]):
    """Parameters as typed, by their names."""


class OutputOptions(NamedTuple):
    """How the answer is written."""

    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the answer; table on a terminal, tsv on a pipe.",
            show_default=False,
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False
    csv: Annotated[bool, typer.Option("--csv", help="Same as --format csv.")] = False
    tsv: Annotated[bool, typer.Option("--tsv", help="Same as --format tsv.")] = False
    fields: Annotated[
        str | None,
        typer.Option(
            "--fields",
            metavar="A,B,…",
            help="Fields to show, in this order; see lmtx fields.",
            autocompletion=lazy_completer("complete_fields"),
        ),
    ] = None
    quiet: QuietOption = False
    color: Annotated[
        str,
        typer.Option(
            "--color",
            metavar="WHEN",
            help="auto, always or never.",
            autocompletion=lazy_completer("complete_color"),
        ),
    ] = "auto"
    ascii: Annotated[bool, typer.Option("--ascii", help="Plain signs only.")] = False
    no_pager: Annotated[
        bool,
        typer.Option("--no-pager", help="No pager where the answer is longer than the screen."),
    ] = False
    bom: Annotated[bool, typer.Option("--bom", help=BOM_HELP)] = False
    output: Annotated[
        Path | None,
        output_option(OUTPUT_HELP),
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False

    @property
    def file(self) -> Path | None:
        """The file to write, None for stdout."""
        return None if self.output == STDOUT_PATH else self.output


OPTION_GROUPS = (OutputOptions,)


def option_of(parameter: Parameter, default: Any = None, *, hidden: bool = False) -> Any:
    """Return the option or argument of a parameter; `...` is no default."""
    vocabulary = parameter.vocabulary
    completer = None if vocabulary is None else lazy_completer("complete_word", vocabulary)
    several = parameter.kind in ("words", "text")
    more: dict[str, Any] = {"help": parameter.help, "required": default is ...}
    more["default"] = None if default in ((), ...) else default
    if parameter.positional:
        dots = "..." if several else ""
        name = f"{parameter.metavar}…" if several else parameter.metavar
        more["metavar"] = name if default is ... else f"[{parameter.metavar}]{dots}"
        return make_argument(parameter.name, completer, several=several, **more)
    kind: Any = bool if parameter.kind == "flag" else str
    if parameter.kind == "number":
        largest = parameter.largest if parameter.largest < LARGEST_INTEGER else None
        kind = make_number_type(parameter.least, largest)
    spellings = [f"--{word}" for word in (parameter.option_name, parameter.also) if word]
    spellings += [f"-{parameter.short}"] if parameter.short else []
    more |= {"metavar": parameter.metavar or None, "hidden": hidden, "multiple": several}
    return make_option(parameter.name, spellings, kind, completer, **more)


def list_filter_options_with_hidden(listing: str, subject: str) -> Iterator[Any]:
    """Yield the options of the filters: those that a listing takes, and hidden those that it
    refuses with a reason."""
    for field, one in FILTERS.items():
        default = False if one.parameter.kind == "flag" else None
        yield option_of(one.parameter, default, hidden=not is_filter_taken(field, listing, subject))


def list_declared_options(parameters_class: type[Any]) -> Iterator[Any]:
    """Yield the options of the parameters that a NamedTuple declares."""
    for field, parameter in read_declared_parameters(parameters_class).items():
        yield option_of(parameter, parameters_class._field_defaults.get(field, ...))


def listing_options(listing: Listing[Any]) -> list[Any]:
    """Return all options of a listing that are not those of the output: its filters, the order, its
    own."""
    found = list(list_declared_options(listing.options))
    if listing.subject:
        found += list_filter_options_with_hidden(listing.name, listing.subject)
    if listing.is_sorted:
        sort, *others = read_declared_parameters(Order).values()
        found.append(option_of(sort._replace(vocabulary=_fields_of(listing))))
        found += [option_of(one, False if one.kind == "flag" else None) for one in others]
    return sorted(found, key=lambda one: not is_argument(one))


def _fields_of(listing: Listing[Any]) -> Vocabulary:
    """Return the fields of a listing, for a parameter that takes one."""
    return Vocabulary(
        lambda _connection, _field, values: values,
        lambda _connect, _typed: meanings_of(listing.row).items(),
    )


def add_picture_endings_to_help(command: Any, endings: tuple[str, ...]) -> None:
    """Let the help of a command say into which pictures it draws its answer."""
    [output] = (one for one in command.params if one.name == "output")
    output.help = f"{OUTPUT_HELP} A picture ends in {format_endings(endings)}."


def format_endings(endings: Sequence[str]) -> str:
    """Return endings of files as a sentence lists them: ".svg, .png or .html"."""
    return f"{', '.join(endings[:-1])} or {endings[-1]}"


def is_argument(option: Any) -> bool:
    """Tell whether a parameter of a command is typed without an option."""
    return bool(option.param_type_name == "argument")


def list_group_options(group: Any) -> Iterator[inspect.Parameter]:
    """Yield the options of a group, as Typer reads them off a signature."""
    for name in group._fields:
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=group._field_defaults[name],
            annotation=group.__annotations__[name],
        )


def build_command(
    function: Callable[..., None], name: str, given: Sequence[Any] | None = None
) -> Any:
    """Return the command of a function, with every group of options, and the parameters given,
    spread out into their options.

    `given` are the options that make up its parameter `given`; left out, the filters on rows of
    evidence.
    """
    hints = get_type_hints(function, include_extras=True)
    own: list[inspect.Parameter] = []
    groups: dict[str, type[Any]] = {}
    gathers = False
    for key, parameter in inspect.signature(function).parameters.items():
        if hints[key] in OPTION_GROUPS:
            groups[key] = hints[key]
        elif hints[key] is TypedValues:
            gathers = True
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            own.append(parameter.replace(annotation=hints[key], kind=kind))
    if gathers and given is None:
        given = list(list_filter_options_with_hidden(name, EVIDENCE_SUBJECT))
    gathered = [one.name for one in given or ()]
    options = [*own, *(one for group in groups.values() for one in list_group_options(group))]

    def command(**values: Any) -> None:
        for key, group in groups.items():
            values[key] = group(**{member: values.pop(member) for member in group._fields})
        if gathers:
            typed = {one: values.pop(one) for one in gathered}
            values["given"] = TypedValues(
                {key: value if value != () else None for key, value in typed.items()}
            )
        function(**values)

    command.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in options}
    command.__doc__ = function.__doc__
    command.__name__ = name
    made = make_command(name, command)
    made.params[len(own) : len(own)] = given or ()
    return made


def read_argument_labels(command: Any) -> dict[str, str]:
    """Return the parameters of a command that are typed without an option, each with how help calls
    it."""
    return {one.name: str(one.metavar).strip("[].…") for one in command.params if is_argument(one)}


_OPTION_WORDS = {"drug_class": "class"}
"""Options that are called otherwise than their parameters."""
_command_arguments: dict[str, str] = {}
"""The parameters of the command at work that are typed without an option, and how help calls
them."""


def remember_argument_labels(labels: dict[str, str]) -> None:
    """Take note which parameters of the command at work are arguments."""
    _command_arguments.clear()
    _command_arguments.update(labels)


def spell_parameter(name: str) -> str:
    """Spell the name of a parameter: an option with its dashes, an argument as help calls it."""
    if name.isupper():
        return name
    return _command_arguments.get(name) or f"--{_OPTION_WORDS.get(name, name).replace('_', '-')}"


def spell_mention(mention: ParameterMention | CommandMention) -> str:
    """Spell an option or a command as it is typed."""
    import shlex

    if isinstance(mention, ParameterMention):
        name = spell_parameter(mention.name)
        return (
            name
            if mention.value is True or mention.value == ""
            else f"{name} {shlex.quote(str(mention.value))}"
        )
    words = [mention.name, *map(shlex.quote, mention.words), *map(spell_mention, mention.options)]
    return " ".join(["lmtx", *words])


def spell_message(wording: Wording) -> str:
    """Return a message as a user of the command line reads it."""
    return format_message(wording, spell_mention)


def format_error_line(error: LmtxError) -> str:
    """Return what was wrong and what to try, in one line."""
    message = spell_message(error.wording)
    if error.field:
        message = f"{spell_parameter(error.field)}: {message}"
    hint = spell_message(error.remedy)
    return f"{message}; {hint}" if hint else message


OVERLAY_HELP = "Lay own records over the bundled base: a TOML file or a folder; repeat for more."
_named_overlays: list[str] = []
"""What `--with` named, before the command or behind it."""


def forget_named_overlays() -> None:
    """Start a new command line: nothing is named yet."""
    _named_overlays.clear()


def remember_named_overlays(paths: Iterable[str]) -> None:
    """Take in what `--with` named; raise UsageError for nothing."""
    paths = list(paths)
    if not all(paths):
        raise UsageError(
            "no file or folder is named",
            "name a TOML file of own records, or a folder of them",
            field="with",
        )
    _named_overlays.extend(paths)


def overlay_option() -> Any:
    """Return the option that every command has beside its own."""
    return path_option("--with", OVERLAY_HELP, remember_named_overlays)


def list_overlays() -> tuple[Path, ...]:
    """Return all that is laid over the base, each once: by the configuration, by LMTX_DATA, then by
    `--with`."""
    from_environment = [
        Path(path) for path in os.environ.get("LMTX_DATA", "").split(os.pathsep) if path
    ]
    return drop_repeated_paths(
        [*configured_overlays(), *from_environment, *map(Path, _named_overlays)]
    )


def spell_overlay_options() -> list[str]:
    """Return the words of a command line that lay the same own records over the base again."""
    return [word for path in list_overlays() for word in ("--with", str(path))]


def drop_repeated_paths(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return places in their order, each once however it is written."""
    return tuple({os.path.abspath(path): path for path in paths}.values())  # noqa: PTH100 - a link is not followed here


def open_overlaid_index() -> core.Index:
    """Open the index of the bundled base with all that is laid over it."""
    return core.open_index(list_overlays())
