"""Write docs/commands.md, and the table of methods in docs/python.md, from the program: `python
docs/make_commands.py`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lmtx.api.base import list_method_listings, list_positional_names
from lmtx.cli.app import command_names, help_line, load_command
from lmtx.cli.options import (
    OPTION_GROUPS,
    list_declared_options,
    list_filter_options_with_hidden,
    list_group_options,
)
from lmtx.cli.typer_inside import make_command
from lmtx.listings import Listing, Order
from lmtx.query.filters import EVIDENCE_SUBJECT
from lmtx.query.parameters import read_declared_parameters
from lmtx.render.text.formats import escape_markdown

PAGE = Path(__file__).parent / "commands.md"
PYTHON_PAGE = Path(__file__).parent / "python.md"
START, END = "<!-- made by docs/make_commands.py -->\n", "<!-- end of the table -->"
HEAD = """\
# Commands

Every command with its options and with examples that run, written from the program itself (`python docs/make_commands.py`). `lmtx COMMAND --help` says the same.

"""


def _made(options: list[inspect.Parameter]) -> list[Any]:
    """Return options as a command that had no others would have them."""

    def alone() -> None:
        """Take these."""

    alone.__signature__ = inspect.Signature(options)
    alone.__annotations__ = {one.name: one.annotation for one in options}
    made = make_command("alone", alone)
    return [param for param in made.params if "--help" not in param.opts]


SHARED = {
    "Filters": (
        'Repeating one means "or", different ones mean "and". A listing takes those that say '
        "something about its records.",
        [*list_filter_options_with_hidden("evidence", EVIDENCE_SUBJECT)],
    ),
    "Output": (OPTION_GROUPS[0].__doc__, _made([*list_group_options(OPTION_GROUPS[0])])),
    "Order": (Order.__doc__, [*list_declared_options(Order)]),
}
"""The options that many commands share: what they are for, and the options."""


def page() -> str:
    """Return the page as the program gives it now."""
    return HEAD + "\n".join(_lines())


def python_page() -> str:
    """Return the page on Python with its table as the program gives it now."""
    head, _, rest = PYTHON_PAGE.read_text(encoding="utf-8").partition(START)
    lines = ["| method | rows | as |", "| --- | --- | --- |", *map(_method, list_method_listings())]
    return head + START + "\n".join(lines) + "\n" + END + rest.partition(END)[2]


def _method(listing: Listing[Any]) -> str:
    """Return the line of a method: how it is called, its rows, and the command that gives them."""
    arguments = list_positional_names(listing)
    own = read_declared_parameters(listing.options).values()
    given = [f"*{one.name}" if one.kind == "words" else one.name for one in own if one.positional]
    given += [f"{one.name}=…" for one in own if one.name not in arguments]
    given += ["**filters"] if listing.subject else []
    call = f"`{listing.method_name}({', '.join(given)})`"
    command = f"`lmtx {listing.name}`" if listing.is_command else ""
    return f"| {call} | {escape_markdown(listing.help)} | {command} |"


def _lines() -> Iterator[str]:
    yield from ("| command | answers |", "| --- | --- |")
    for name in command_names():
        yield f"| [`lmtx {name}`](#lmtx-{name}) | {escape_markdown(help_line(name))} |"
    yield from (
        "",
        "What many of them take: "
        + ", ".join(f"[{title.lower()}](#{title.lower()})" for title in SHARED)
        + ".",
        "",
    )
    for name in command_names():
        yield from _command(name)
    for title, (about, options) in SHARED.items():
        yield from (f"## {title}", "", about, "", *_table(options), "")


def _command(name: str) -> Iterator[str]:
    """Yield the section of a command: what it does, how it is called, what is its own."""
    made = load_command(name)
    groups = [
        title
        for title, (_, options) in SHARED.items()
        if {one.name for one in options}
        & {param.name for param in made.params if not _hidden(param)}
    ]
    shared = {one.name for title in groups for one in SHARED[title][1]}
    prose, examples = _help(made.help)
    yield from (f"## lmtx {name}", "", *prose)
    arguments = [param for param in made.params if param.param_type_name == "argument"]
    yield from ("```sh", *examples, "```", "")
    own = [
        param
        for param in made.params
        if param not in arguments and param.name not in shared and "--help" not in param.opts
    ]
    yield from (f"`{_name(param)}`: {escape_markdown(param.help)}\n" for param in arguments)
    yield from (*_table(own), "") if own else ()
    links = [f"[{title.lower()}](#{title.lower()})" for title in groups]
    yield from (f"Also takes: {', '.join(links)}.", "") if links else ()


def _hidden(param: Any) -> bool:
    return bool(getattr(param, "hidden", False))


def _help(text: str) -> tuple[list[str], list[str]]:
    """Divide a help text into paragraphs of prose and the examples."""
    prose, _, examples = text.partition("\b\n")
    return [*prose.strip().splitlines(), ""], [
        line.strip() for line in examples.splitlines() if line.strip()
    ]


def _table(options: list[Any]) -> Iterator[str]:
    yield from ("| option | meaning |", "| --- | --- |")
    for option in options:
        names = ", ".join(f"`{opt}`" for opt in sorted(option.opts, key=len, reverse=True))
        value = "" if option.is_flag else f" `{_value(option)}`"
        default = (
            f" Default: {option.default}."
            if option.show_default and option.default not in (None, False)
            else ""
        )
        yield (
            f"| {names}{value} | "
            f"{escape_markdown(option.help)}{escape_markdown(_bounds(option))}{default} |"
        )


def _value(option: Any) -> str:
    """Return what an option takes: its word for it, or the words that it knows."""
    words = (
        str(getattr(choice, "value", choice)) for choice in getattr(option.type, "choices", ())
    )
    return option.metavar or "\\|".join(words) or option.type.name.upper()


def _bounds(option: Any) -> str:
    least, most = getattr(option.type, "min", None), getattr(option.type, "max", None)
    return "" if least is None else f" From {least}{f' to {most}' if most is not None else ''}."


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    PYTHON_PAGE.write_text(python_page(), encoding="utf-8")
