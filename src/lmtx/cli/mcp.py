"""`lmtx mcp`."""

from __future__ import annotations

import sys

from lmtx.cli.answer import note_own_records_and_cache, write_notes
from lmtx.cli.options import OutputOptions, open_overlaid_index
from lmtx.errors import UsageError


def mcp() -> None:
    """Answer an assistant: a server of the Model Context Protocol on stdin and stdout.

    A client starts it; docs/assistants.md has the block that clients take. Every listing is a tool.
    No network socket is opened.

    \b
    lmtx mcp
    lmtx mcp --with my-records
    """
    if sys.stdin.isatty():
        raise UsageError(
            "an assistant speaks to this command, not a person",
            "name it in the settings of a client: command lmtx, argument mcp",
        )
    from lmtx.api.base import Base
    from lmtx.mcp import serve_client

    index = open_overlaid_index()
    write_notes(
        note_own_records_and_cache(index), OutputOptions()
    )  # clients keep what is said there
    with Base(index) as base:
        serve_client(base)
