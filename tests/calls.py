"""One call of every command, for tests that hold for all of them."""

from __future__ import annotations

import pytest

CALLS: dict[str, list[str]] = {
    "list": ["--tumor", "melanoma"],
    "show": ["osimertinib"],
    "evidence": ["--tumor", "melanoma"],
    "search": ["intrathecal", "pemetrexed"],
    "compare": ["osimertinib", "pemetrexed"],
    "csf": ["methotrexate"],
    "guidelines": [],
    "trials": ["--tumor", "nsclc"],
    "tumors": [],
    "classes": [],
    "levels": [],
    "fields": [],
    "info": [],
    "validate": ["--json"],
    "export": [],
}
"""The arguments with which each command has an answer on stdout; a new command gets a line here."""

EVERY_COMMAND = pytest.mark.parametrize("call", [[name, *arguments] for name, arguments in CALLS.items()], ids=list(CALLS))
