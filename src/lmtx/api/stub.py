"""What a type checker must know of `Base`, whose methods are made from the listings when they are
called.

The wheel carries the text of `write_stub` as `lmtx/api/base.pyi`; in a checkout the methods are not
typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lmtx.api.base import arguments_of, filter_parameters, keywords_of, list_methods
from lmtx.listings import Listing
from lmtx.query.parameters import Parameter

_TYPES = {
    "words": "Words | None = None",
    "word": "str | None = None",
    "text": "str",
    "number": "int | None = None",
    "flag": "bool = False",
}
HEAD = '''"""The methods of a base, written by `lmtx.api.stub` from the listings."""

from collections.abc import Iterable
from typing import Any

from lmtx.api.opened import Opened
from lmtx.api.rows import Picture, Rows
'''


def write_stub() -> str:
    """Return the stub of `lmtx.api.base`: every listing as a method with its keywords and the type
    of its rows."""
    found = list(list_methods())
    rows = sorted({(one.row.__module__, one.row.__name__) for one in found})
    lines = [HEAD, *(f"from {module} import {name}\n" for module, name in rows), "\n"]
    lines += ["Words = str | Iterable[str]\n", "\n", "class Base(Opened):\n"]
    lines += [_method(one) for one in found if one.name != "plot"]
    filters = ", ".join(_keyword(name, one) for name, one in filter_parameters())
    [plot] = [one for one in found if one.name == "plot"]
    lines += [
        "    def biomarkers(self) -> Rows[ValueRow]: ...\n",
        f"    def plot(self, *, {', '.join(_keywords(plot))}) -> Picture: ...\n",
        f"    def report(self, *, {filters}) -> str: ...\n",
        f'    def cite(self, *names: str, style: str = "vancouver", {filters}) -> str: ...\n',
    ]
    return "".join(lines)


def _method(listing: Listing[Any]) -> str:
    keywords = list(_keywords(listing))
    several = [name for name in arguments_of(listing) if keywords_of(listing)[name].kind == "words"]
    positional = [
        f"{name}: {_TYPES[keywords_of(listing)[name].kind].replace('| None = None', '').strip()}"
        for name in arguments_of(listing)
        if name not in several and listing.options._field_defaults.get(name, ...) is ...
    ]
    optional = [
        _keyword(name, keywords_of(listing)[name])
        for name in arguments_of(listing)
        if name not in several and listing.options._field_defaults.get(name, ...) is not ...
    ]
    star = [f"*{several[0]}: str"] if several else ["*"] if keywords else []
    parts = ["self", *positional, *optional, *star, *keywords]
    return (
        f"    def {listing.method_name}({', '.join(parts)}) -> Rows[{listing.row.__name__}]: ...\n"
    )


def _keywords(listing: Listing[Any]) -> Iterator[str]:
    arguments = arguments_of(listing)
    for name, one in keywords_of(listing).items():
        if name not in arguments:
            yield _keyword(name, one)
        if name == "drug_class":
            yield "class_: Words | None = None"


def _keyword(name: str, parameter: Parameter) -> str:
    return f"{name}: {_TYPES[parameter.kind]}"
