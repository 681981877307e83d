"""How a message names options and commands on the command line."""

from __future__ import annotations

import shlex

from lmtx.errors import Command, LmtxError, Option, Wording, word_message

_WORDS = {"drug_class": "class"}
"""Options that are called otherwise than their parameters."""
_arguments: dict[str, str] = {}
"""The parameters of the command at work that are typed without an option, and how help calls
them."""


def set_arguments(arguments: dict[str, str]) -> None:
    """Take note which parameters of the command at work are arguments."""
    _arguments.clear()
    _arguments.update(arguments)


def spell_field(name: str) -> str:
    """Spell the name of a parameter: an option with its dashes, an argument as help calls it."""
    if name.isupper():
        return name
    return _arguments.get(name) or f"--{_WORDS.get(name, name).replace('_', '-')}"


def spell_option(part: Option | Command) -> str:
    """Spell an option or a command as it is typed."""
    if isinstance(part, Option):
        name = spell_field(part.name)
        return (
            name
            if part.value is True or part.value == ""
            else f"{name} {shlex.quote(str(part.value))}"
        )
    words = [part.name, *map(shlex.quote, part.words), *map(spell_option, part.options)]
    return " ".join(["lmtx", *words])


def in_shell(wording: Wording) -> str:
    """Return a message as a user of the command line reads it."""
    return word_message(wording, spell_option)


def say_error(error: LmtxError) -> str:
    """Return what was wrong and what to try, in one line."""
    message = in_shell(error.wording)
    if error.field:
        message = f"{spell_field(error.field)}: {message}"
    hint = in_shell(error.remedy)
    return f"{message}; {hint}" if hint else message
