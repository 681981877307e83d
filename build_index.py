"""Build hooks: the index and the data it was made of go into the wheel, the data into the sdist.

The data are checked on the way, so a wheel of invalid data cannot be built. Only files that are
data go in, whatever else lies in their folder: notes, an editor's lock.
"""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


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
        from lmtx.store.loading import data_files

        found = [*data_files(folder), *sorted((folder / "schema").glob("*.schema.json"))]
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
        from lmtx.api.stub import write_stub

        assert self.scratch is not None
        stub = self.scratch / "base.pyi"
        stub.write_text(write_stub(), encoding="utf-8")
        return stub

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
