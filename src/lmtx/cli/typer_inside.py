"""All that touches the inside of Typer: names that it does not promise to keep.

Typer is pinned below 0.29, and `tests/test_typer_inside.py` names what breaks when it moves. What
is used, and why:

- `typer.core.TyperGroup`, `TyperOption`, `typer.models.TyperPath`: a group that imports a command only when it is called, and an
  option that every command has beside those of its function.
- `typer.main.get_command`, the reading of a rewritten signature: a command is made from a function whose parameters were
  computed, so that filters and listings need not be written down a second time.
- `typer._click`: the errors that a wrong command line raises, and the context of the command at work.
- `typer._completion_classes._sanitize_help_text`: it would import rich for every completion in zsh and fish, to take markup out
  of help texts, and ours hold none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command
from typer.models import TyperPath

__all__ = ["TyperGroup", "get_command"]


def make_command(name: str, function: Callable[..., None], *more: Any) -> Any:
    """Return the command that a function describes, with more options beside those of its
    signature."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(function)
    made = get_command(single)
    made.params.extend(more)
    return made


def path_option(name: str, help_text: str, take: Callable[[Iterable[str]], None]) -> Any:
    """Return an option of any command that takes paths, may be repeated, and hands them to
    `take`."""

    def call(_context: Any, _option: Any, paths: Iterable[str] | None) -> None:
        take(paths or ())

    return TyperOption(
        param_decls=[name],
        type=TyperPath(),
        multiple=True,
        metavar="PATH",
        help=help_text,
        callback=call,
        expose_value=False,
    )


def leave_help_as_it_is() -> None:
    """Let completion take our help texts as they are."""
    from typer import _completion_classes

    _completion_classes._sanitize_help_text = str  # type: ignore[assignment]


def command_line_errors() -> tuple[type[Any], type[Any], type[Any]]:
    """Return the errors of a wrong command line: the base of all, wrong use, and help where nothing
    was asked."""
    from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

    return ClickException, UsageError, NoArgsIsHelpError


def current_context() -> Any:
    """Return the context of the command at work; None where there is none."""
    from typer._click.globals import get_current_context

    return get_current_context(silent=True)
