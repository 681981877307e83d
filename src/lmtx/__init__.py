"""lmtx: what has been tried against leptomeningeal metastasis, in whom, with what result, and how
far to trust it.

    import lmtx
    base = lmtx.open()
    base.treatments(tumor="melanoma")

What Python code may use is imported only when it is named, so that a look-up on the command line
pays nothing for it.
"""

# Type checkers know better; nothing is imported here, before an interrupt is caught.
TYPE_CHECKING = False

__version__ = "0.2.0"

if TYPE_CHECKING:
    from typing import Any

    from lmtx.api import Base as Base
    from lmtx.api import open as open
    from lmtx.api.rows import Rows as Rows
    from lmtx.errors import DataError as DataError
    from lmtx.errors import LmtxError as LmtxError
    from lmtx.errors import MissingLibrary as MissingLibrary
    from lmtx.errors import NotFound as NotFound
    from lmtx.errors import OutputError as OutputError
    from lmtx.errors import UnknownRecord as UnknownRecord
    from lmtx.errors import UsageError as UsageError

_PLACES = {
    "open": "api",
    "Base": "api",
    "Rows": "api.rows",
    "LmtxError": "errors",
    "UsageError": "errors",
    "NotFound": "errors",
    "UnknownRecord": "errors",
    "DataError": "errors",
    "OutputError": "errors",
    "MissingLibrary": "errors",
}
"""Where inside lmtx the public names live."""

__all__ = [
    "Base",
    "DataError",
    "LmtxError",
    "MissingLibrary",
    "NotFound",
    "OutputError",
    "Rows",
    "UnknownRecord",
    "UsageError",
    "__version__",
    "open",
]


def __getattr__(name: str) -> "Any":
    """Import a public name the first time that it is used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"lmtx.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
