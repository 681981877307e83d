"""All that touches the inside of Typer: names that it does not promise to keep.

Typer is pinned below 0.29, and `tests/test_typer_inside.py` names what breaks when it moves. What
is used, and why:

- `typer.core.TyperGroup`, `TyperOption`, `TyperArgument`, `typer.models.TyperPath`: a group that
  imports a command only when it is called; options and arguments made from the parameters of
  listings and filters, which need not be written down a second time. Read off a signature, they
  would cost a look-up 2 ms.
- `typer.main.get_command`, the reading of a rewritten signature: the options that a command has of
  its own, and those of the output.
- `typer._click`: the errors that a wrong command line raises, and the context of the command at
  work.
- `typer._completion_classes._sanitize_help_text`: it would import rich for every completion in zsh
  and fish, to take markup out of help texts, and ours hold none.
- `typer._completion_shared.install_zsh`, `install_powershell`, `_completion_scripts`: as they are,
  they change what the shell does for every program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer
from typer._click import types
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command
from typer.models import TyperPath

from lmtx.errors import UsageError

__all__ = ["TyperGroup", "get_command"]


Completer = Callable[[str], Iterable[tuple[str, str]]]
"""Returns what completes a value, each with a line of help."""


def make_command(name: str, function: Callable[..., None]) -> Any:
    """Return the command that a function describes; to its `params` others may be added."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name)(function)
    return get_command(single)


def make_option(
    name: str, spellings: Iterable[str], kind: Any, complete: Completer | None, **more: Any
) -> Any:
    """Return an option: `bool` is a flag, and a range what `make_number_type` gives."""
    flag = {"is_flag": True, "type": None} if kind is bool else {"type": kind}
    return TyperOption(
        param_decls=[name, *spellings],
        autocompletion=_wrap_completer(complete),
        show_default=True,
        **flag,
        **more,
    )


def make_argument(name: str, complete: Completer | None, *, several: bool, **more: Any) -> Any:
    """Return an argument, a word or several."""
    return TyperArgument(
        param_decls=[name],
        type=str,
        nargs=-1 if several else None,
        autocompletion=_wrap_completer(complete),
        show_default=False,
        **more,
    )


def make_number_type(least: int, largest: int | None) -> Any:
    """Return the type of a whole number within bounds."""
    return types.IntRange(min=least, max=largest)


def _wrap_completer(complete: Completer | None) -> Callable[..., Any] | None:
    return complete and (lambda _context, _typed, incomplete: complete(incomplete))


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


def patch_typer_completion() -> None:
    """Let completion take our help texts as they are, and its installation change nothing of a
    shell but what it does for lmtx."""
    from typer import _completion_classes, _completion_shared

    _completion_classes._sanitize_help_text = str  # type: ignore[assignment]
    _completion_shared.install_zsh = install_zsh_completion
    _completion_shared.install_powershell = refuse_powershell_completion
    scripts = _completion_shared._completion_scripts
    for shell in ("powershell", "pwsh"):
        lines = scripts[shell].splitlines(keepends=True)
        scripts[shell] = "".join(line for line in lines if "PSReadLine" not in line)


def install_zsh_completion(*, prog_name: str, complete_var: str, shell: str) -> Path:
    """Write the script for zsh, and one line into `.zshrc` that reads it; return its place.

    What Typer writes there would start the completion system anew and set a style of menus for
    every program.
    """
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name=prog_name, complete_var=complete_var, shell=shell)
    ready = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }"
    first, _, rest = script.partition("\n")
    place = Path.home() / ".zfunc" / f"_{prog_name}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{first}\n{ready}\n{rest}\n", encoding="utf-8")
    settings = Path.home() / ".zshrc"
    text = settings.read_text(encoding="utf-8") if settings.is_file() else ""
    line = f"source ~/.zfunc/_{prog_name}"
    if line not in text.splitlines():
        gap = "" if not text or text.endswith("\n") else "\n"
        settings.write_text(f"{text}{gap}{line}\n", encoding="utf-8")
    return place


def refuse_powershell_completion(*, prog_name: str, complete_var: str, shell: str) -> Path:
    """Raise UsageError: Typer would lift the policy on scripts for the whole account."""
    raise UsageError(
        f"{shell} is not set up by itself",
        f"put what {prog_name} --show-completion prints into the file that $PROFILE names",
    )


def load_click_error_classes() -> tuple[type[Any], type[Any], type[Any]]:
    """Return the errors of a wrong command line: the base of all, wrong use, and help where nothing
    was asked."""
    from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError

    return ClickException, UsageError, NoArgsIsHelpError


def current_context() -> Any:
    """Return the context of the command at work; None where there is none."""
    from typer._click.globals import get_current_context

    return get_current_context(silent=True)
