"""Write docs/commands.md from the program: `python docs/make_commands.py`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from lmtx.cli.app import COMMANDS, build, command
from lmtx.cli.options import GROUPS
from lmtx.render.text.markdown import escaped

PAGE = Path(__file__).parent / "commands.md"
HEAD = """\
# Commands

Every command with its options and with examples that run, written from the program itself (`python docs/make_commands.py`). `lmtx COMMAND --help` says the same.

"""
TITLES = {
    "FilterOptions": "Filters",
    "OutputOptions": "Output",
    "SortOptions": "Order",
    "PictureOptions": "Picture",
}
"""The groups of options that many commands share, and what they are called here."""


def page() -> str:
    """Return the page as the program gives it now."""
    return HEAD + "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield from ("| command | answers |", "| --- | --- |")
    for name, entry in COMMANDS.items():
        yield f"| [`lmtx {name}`](#lmtx-{name}) | {escaped(entry.help)} |"
    yield from (
        "",
        "What many of them take: "
        + ", ".join(f"[{title.lower()}](#{title.lower()})" for title in TITLES.values())
        + ".",
        "",
    )
    for name in COMMANDS:
        yield from _command(name)
    for group in GROUPS:
        yield from (
            f"## {TITLES[group.__name__]}",
            "",
            group.__doc__,
            "",
            *_table(_options_of(group)),
            "",
        )


def _command(name: str) -> Iterator[str]:
    """Yield the section of a command: what it does, how it is called, what is its own."""
    made = command(name, COMMANDS[name])
    groups = _groups(name)
    shared = {field for group in groups for field in group._fields}
    prose, examples = _help(made.help)
    yield from (f"## lmtx {name}", "", *prose)
    arguments = [param for param in made.params if param.param_type_name == "argument"]
    yield from ("```sh", *examples, "```", "")
    own = [
        param
        for param in made.params
        if param not in arguments and param.name not in shared and "--help" not in param.opts
    ]
    yield from (f"`{_name(param)}`: {escaped(param.help)}\n" for param in arguments)
    yield from (*_table(own), "") if own else ()
    yield from (
        (
            f"Also takes: {', '.join(f'[{TITLES[group.__name__].lower()}](#{TITLES[group.__name__].lower()})' for group in groups)}.",
            "",
        )
        if groups
        else ()
    )


def _groups(name: str) -> list[Any]:
    module, _, function = COMMANDS[name].place.partition(":")
    hints = get_type_hints(
        getattr(import_module(f"lmtx.cli.{module}"), function), include_extras=True
    )
    return [group for group in GROUPS if group in hints.values()]


def _options_of(group: Any) -> list[Any]:
    """Return the options of a group, as a command that had no others would."""

    def alone(options: Any) -> None:
        """Take one group."""

    alone.__annotations__ = {"options": group}
    made = build("alone", alone)
    return [param for param in made.params if "--help" not in param.opts]


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
        yield f"| {names}{value} | {escaped(option.help)}{escaped(_bounds(option))}{default} |"


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
