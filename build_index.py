"""Build hook: compile the index and put it, with the data it was made from, into the wheel.

The data are checked on the way, so a wheel of invalid data cannot be built.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class IndexBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `lmtx/index.sqlite` with its seal and `lmtx/data/` to a wheel; an editable install compiles into the user's cache instead."""

    scratch: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from lmtx.api.stub import write_stub
        from lmtx.errors import DataError
        from lmtx.index import seal_of
        from lmtx.index.compile import compile_folder

        self.scratch = Path(tempfile.mkdtemp(prefix="lmtx-build-"))
        index = self.scratch / "index.sqlite"
        try:
            compile_folder(root / "data", index)
        except DataError as error:
            raise SystemExit("\n".join(map(str, (*error.problems, error)))) from None
        stub = self.scratch / "base.pyi"
        stub.write_text(write_stub(), encoding="utf-8")
        build_data["force_include"][str(stub)] = "lmtx/api/base.pyi"
        for made in (index, seal_of(index)):
            build_data["force_include"][str(made)] = f"lmtx/{made.name}"
        build_data["force_include"][str(root / "data")] = "lmtx/data"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
