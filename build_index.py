"""Build hook: compile the index and put it, with the data it was made from, into the wheel.

The data are checked on the way, so a wheel of invalid data cannot be built.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class IndexBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `lmtx/index.sqlite` and `lmtx/data/` to a wheel; an editable install compiles into the user's cache instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from lmtx.index.compile import compile_folder

        target = Path(tempfile.mkdtemp()) / "index.sqlite"
        compile_folder(root / "data", target)
        build_data["force_include"][str(target)] = "lmtx/index.sqlite"
        build_data["force_include"][str(root / "data")] = "lmtx/data"
