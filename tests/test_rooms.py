"""A record travels one way: no room imports from one behind it, and each kind of work has its room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from support import ROOT

SOURCE = ROOT / "src" / "lmtx"
WAY = (
    "model",
    "store",
    "index",
    "query",
    "listings",
    "render",
    "curation",
    "export",
    "citations",
    "api",
    "mcp",
    "cli",
)
"""The rooms in the order of the way; each may import from those before it."""
BACK = {("render", "export", "xlsx")}
"""The one way back: a workbook is a form of an answer, and of the whole base."""


def list_modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module with its path below the package."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text(encoding="utf-8"))


def list_imports(tree: ast.Module) -> Iterator[list[str]]:
    """Yield what a module imports of the package, in parts: `["query", "filters"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "lmtx":
            inside = (node.module or "").split(".")[1:]
            yield from ([*inside, one.name] for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                one.name.split(".")[1:] for one in node.names if one.name.startswith("lmtx.")
            )


def test_no_room_looks_back() -> None:
    rooms = {path.parts[0] for path, _ in list_modules() if len(path.parts) > 1}
    assert rooms == set(WAY), "a new room has its place on the way"
    back = [
        f"{path}: {'.'.join(names)}"
        for path, tree in list_modules()
        if path.parts[0] in WAY
        for names in list_imports(tree)
        if names[0] in WAY
        and WAY.index(names[0]) > WAY.index(path.parts[0])
        and (path.parts[0], *names[:2]) not in BACK
    ]
    assert not back


def test_the_environment_is_read_by_the_command_line_and_for_places_alone() -> None:
    reading = {
        path.as_posix()
        for path, tree in list_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb")
    }
    assert {path for path in reading if not path.startswith("cli/")} == {"store/places.py"}


SQL = re.compile(r"\b(select .* from|insert into|delete from|update .* set)\b", re.DOTALL)
WRITTEN_AND_READ = {"export/sqlite.py", "curation/snapshots.py"}
"""The modules of the one other kind of database: exports to SQLite, written and read again."""


def test_sql_stands_where_the_index_is_made_and_asked() -> None:
    holding = {
        path.as_posix()
        for path, tree in list_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    }
    assert {"query/list.py", "index/compile.py"} <= holding
    assert {path for path in holding if path.split("/")[0] not in ("query", "index")} == (
        WRITTEN_AND_READ
    )
