"""The inside of Typer that lmtx touches: what breaks here breaks when Typer moves."""

from __future__ import annotations

import inspect
from pathlib import Path

import typer

import lmtx
from lmtx.cli import typer_inside

PACKAGE = Path(inspect.getfile(lmtx)).parent


def test_only_one_module_reaches_into_typer() -> None:
    reaching = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(
            inside in path.read_text(encoding="utf-8")
            for inside in (
                "typer.core",
                "typer._",
                "typer.main",
                "typer.models",
                "from typer import _",
            )
        )
    ]
    assert reaching == ["cli/typer_inside.py"]


def test_a_signature_that_was_computed_is_read() -> None:
    def command(**values: object) -> None:
        """Say nothing."""

    option = inspect.Parameter("size", inspect.Parameter.KEYWORD_ONLY, default=1, annotation=int)
    command.__signature__ = inspect.Signature([option])  # type: ignore[attr-defined]
    command.__annotations__ = {"size": int}
    made = typer_inside.make_command("sized", command)
    assert [one.name for one in made.params if one.name != "help"] == ["size"], (
        "typer.main.get_command no longer reads __signature__"
    )


def test_an_option_can_be_added_to_a_command() -> None:
    taken: list[str] = []
    option = typer_inside.path_option("--with", "More.", taken.extend)
    made = typer_inside.make_command("alone", lambda: None)
    made.params.append(option)
    made.main(["--with", "a.toml"], standalone_mode=False)
    assert taken == ["a.toml"], "TyperOption no longer takes param_decls, type, callback"


def test_completion_leaves_help_texts_as_they_are() -> None:
    from typer import _completion_classes

    typer_inside.patch_typer_completion()
    assert _completion_classes._sanitize_help_text("a [b] c") == "a [b] c"


def test_the_errors_of_a_command_line_are_known() -> None:
    every, wrong_use, no_arguments = typer_inside.load_click_error_classes()
    assert issubclass(wrong_use, every) and issubclass(no_arguments, wrong_use)
    assert typer_inside.current_context() is None
    assert tuple(map(int, typer.__version__.split(".")[:2])) < (0, 29)
