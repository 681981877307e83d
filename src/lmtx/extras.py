"""Libraries that lmtx does without until somebody asks for what they do: the extras of
`pyproject.toml`."""

from importlib import import_module
from typing import Any

from lmtx.errors import MissingLibrary


def import_library(name: str, extra: str) -> Any:
    """Return a library that an extra installs; raise MissingLibrary, with the command that installs
    it, where it is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0]:
            raise  # the library is there, and something in it is broken
        raise MissingLibrary(
            f"{error.name} is not installed", f"pip install 'lmtx[{extra}]'"
        ) from None
