"""Build hooks: the index, the data it was made of and the types of the methods of a base go into the
wheel, the data into the sdist.

The data are checked on the way, so a wheel of invalid data cannot be built. Only files that are
data go in, whatever else lies in their folder: notes, an editor's lock.
"""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from lmtx.listings import Listing
    from lmtx.query.parameters import Parameter


class IndexBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `lmtx/index.sqlite` and `lmtx/data/` to a wheel, and `data/` to an sdist.

    An editable install compiles its index into the user's cache instead; its bytecode is made here,
    as pip makes that of a wheel.
    """

    scratch: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        if version == "editable":
            compileall.compile_dir(root / "src" / "lmtx", quiet=2)
            return
        included: dict[str, str] = build_data["force_include"]
        is_wheel = self.target_name == "wheel"
        for path in self.list_data(root / "data"):
            included[str(path)] = (
                f"{'lmtx/' if is_wheel else ''}{path.relative_to(root).as_posix()}"
            )
        if is_wheel:
            included[str(self.make_index(root / "data"))] = "lmtx/index.sqlite"
            included[str(self.make_stub())] = "lmtx/api/base.pyi"

    def list_data(self, folder: Path) -> list[Path]:
        """Return the data files that are there, and their schemas."""
        from lmtx.store.loading import list_data_files

        found = [*list_data_files(folder), *sorted((folder / "schema").glob("*.schema.json"))]
        return [path for path in found if path.is_file()]

    def make_index(self, folder: Path) -> Path:
        """Compile the data into a scratch folder."""
        from lmtx.errors import DataError
        from lmtx.index.compile import compile_folder

        self.scratch = Path(tempfile.mkdtemp(prefix="lmtx-build-"))
        index = self.scratch / "index.sqlite"
        try:
            compile_folder(folder, index)
        except DataError as error:
            raise SystemExit("\n".join(map(str, (*error.problems, error)))) from None
        return index

    def make_stub(self) -> Path:
        """Write what a type checker must know of the methods that are made from the listings."""
        assert self.scratch is not None
        stub = self.scratch / "base.pyi"
        stub.write_text(write_stub(), encoding="utf-8")
        return stub

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)


_TYPES = {
    "words": "Words | None = None",
    "word": "str | None = None",
    "text": "str",
    "number": "int | None = None",
    "flag": "bool = False",
}
_HEAD = '''"""The methods of a base, made from the listings as the wheel was built."""

from collections.abc import Iterable
from typing import Any

from lmtx.api.opened import OpenIndex
from lmtx.api.rows import Picture, Rows
'''


def write_stub() -> str:
    """Return the stub of `lmtx.api.base`: every listing as a method with its keywords and the type
    of its rows."""
    from lmtx.api.base import list_filter_parameters, list_method_listings

    found = list(list_method_listings())
    rows = sorted({(one.row.__module__, one.row.__name__) for one in found})
    lines = [_HEAD, *(f"from {module} import {name}\n" for module, name in rows), "\n"]
    lines += ["Words = str | Iterable[str]\n", "\n", "class Base(OpenIndex):\n"]
    lines += [_method(one) for one in found if one.name != "plot"]
    filters = ", ".join(_keyword(name, one) for name, one in list_filter_parameters())
    [plot] = [one for one in found if one.name == "plot"]
    lines += [
        "    def biomarkers(self) -> Rows[ValueRow]: ...\n",
        f"    def plot(self, *, {', '.join(_keywords(plot))}) -> Picture: ...\n",
        f"    def report(self, *, {filters}) -> str: ...\n",
        f'    def cite(self, *names: str, style: str = "vancouver", {filters}) -> str: ...\n',
    ]
    return "".join(lines)


def _method(listing: Listing[Any]) -> str:
    from lmtx.api.base import keywords_of, list_positional_names

    keywords = list(_keywords(listing))
    several = [
        name
        for name in list_positional_names(listing)
        if keywords_of(listing)[name].kind == "words"
    ]
    positional = [
        f"{name}: {_TYPES[keywords_of(listing)[name].kind].replace('| None = None', '').strip()}"
        for name in list_positional_names(listing)
        if name not in several and listing.options._field_defaults.get(name, ...) is ...
    ]
    optional = [
        _keyword(name, keywords_of(listing)[name])
        for name in list_positional_names(listing)
        if name not in several and listing.options._field_defaults.get(name, ...) is not ...
    ]
    star = [f"*{several[0]}: str"] if several else ["*"] if keywords else []
    parts = ["self", *positional, *optional, *star, *keywords]
    return (
        f"    def {listing.method_name}({', '.join(parts)}) -> Rows[{listing.row.__name__}]: ...\n"
    )


def _keywords(listing: Listing[Any]) -> Iterator[str]:
    from lmtx.api.base import keywords_of, list_positional_names

    arguments = list_positional_names(listing)
    for name, one in keywords_of(listing).items():
        if name not in arguments:
            yield _keyword(name, one)
        if name == "drug_class":
            yield "class_: Words | None = None"


def _keyword(name: str, parameter: Parameter) -> str:
    return f"{name}: {_TYPES[parameter.kind]}"
