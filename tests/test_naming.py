"""Names that tell nothing: words that each stood for several things are in no public and in no
module-level name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from support import ROOT

SOURCE = ROOT / "src" / "lmtx"
BANNED = frozenset(
    {"asked", "told", "said", "found", "wanted", "own", "together", "used", "marks", "place", "sign", "shown"}
)  # fmt: skip
"""Words that no name may have as a part."""
WHOLE = frozenset({"found", "own"})
"""Banned only where they are the whole name: NotFound is a class of errors, own records are what
users lay over the base.
"""

IN_GLOSSARY = frozenset({"listings/_listing: Found"})
"""Kept: CONTRIBUTING says what it means, and it means nothing else."""


def words_of(name: str) -> list[str]:
    """Return the words of a name, in small letters: `is_shown` and `IsShown` have two."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def is_banned(name: str) -> bool:
    """Tell whether a name tells nothing."""
    words = words_of(name)
    return any(word in BANNED and (word not in WHOLE or len(words) == 1) for word in words)


def list_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module and its classes define: of functions, methods, classes,
    variables and fields.
    """
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    for node in (node for body in bodies for node in body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def list_banned() -> Iterator[str]:
    """Yield the names that tell nothing, each with its module."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).with_suffix("").as_posix()
        if is_banned(path.stem):
            yield name
        for one in list_names(ast.parse(path.read_text(encoding="utf-8"))):
            if is_banned(one) and f"{name}: {one}" not in IN_GLOSSARY:
                yield f"{name}: {one}"


@pytest.mark.parametrize(
    ("name", "banned"),
    [("is_shown", True), ("MARKS", True), ("found", True), ("NotFound", False), ("own_records", False),
     ("own", True), ("find_place", True), ("replaced", False), ("SIGNS", False), ("design", False)],
)  # fmt: skip
def test_a_word_is_banned_as_a_word_and_not_as_letters(name: str, banned: bool) -> None:
    assert is_banned(name) == banned


def test_no_name_tells_nothing() -> None:
    """A name says what it holds or does, in the words of CONTRIBUTING's glossary."""
    assert list(list_banned()) == []
