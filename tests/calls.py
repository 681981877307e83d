"""One call of every command, for tests that hold for all of them."""

from __future__ import annotations

import pytest

from support import BASE, ROOT

CALLS: dict[str, list[str]] = {
    "list": ["--tumor", "melanoma"],
    "show": ["osimertinib"],
    "evidence": ["--tumor", "melanoma"],
    "search": ["intrathecal", "pemetrexed"],
    "compare": ["osimertinib", "pemetrexed"],
    "conflicts": [],
    "map": ["--tumor", "melanoma"],
    "plot": ["--tumor", "melanoma", "--endpoint", "overall-survival"],
    "timeline": ["--tumor", "melanoma"],
    "report": ["--tumor", "melanoma"],
    "brief": ["--tumor", "melanoma"],
    "csf": ["methotrexate"],
    "safety": ["methotrexate"],
    "guidelines": [],
    "trials": ["--tumor", "nsclc"],
    "tumors": [],
    "classes": [],
    "levels": [],
    "fields": [],
    "info": [],
    "cite": ["osimertinib"],
    "export": [],
    "diff": [str(ROOT / "tests" / "older" / "format-1.json"), str(BASE)],
    "validate": [str(BASE), "--json"],
    "new": ["study"],
    "schema": [],
    "comparisons": ["--tumor", "melanoma"],
    "effects": ["--endpoint", "overall-survival", "--measure", "median"],
}
"""The arguments with which each command has an answer on stdout; a new command gets a line here."""
UNDRAWN = ("report", "cite", "export", "new", "schema")
"""Commands that write the same to any screen."""

_EACH = {name: [name, *arguments] for name, arguments in CALLS.items()}
EVERY_COMMAND = pytest.mark.parametrize("call", list(_EACH.values()), ids=list(CALLS))

QUICK = ("list", "export", "report")
"""Commands that write in ways of their own: rows, a document, a page."""
EVERY_COMMAND_APART = pytest.mark.parametrize(
    "call",
    [
        pytest.param(call, id=name, marks=() if name in QUICK else pytest.mark.ci)
        for name, call in _EACH.items()
    ],
)
"""For tests that start processes: QUICK each time, all others in .ci/run."""
