"""The door for assistants: a server of the Model Context Protocol, over stdin and stdout, whose tools
are the listings.

What the tools are and what they answer stands in `tools`; the SDK, which the extra "mcp" installs, is
imported here alone.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from lmtx import __version__
from lmtx.api.base import Base
from lmtx.errors import import_library
from lmtx.mcp.tools import INSTRUCTIONS, ToolAnswer, answer_tool, describe_tools


def make_server(base: Base) -> Any:
    """Return a server of the SDK that answers from a base; raise MissingLibrary where the SDK is
    not installed."""
    import_library("mcp", "mcp")
    lowlevel, types = (
        import_library("mcp.server.lowlevel", "mcp"),
        import_library("mcp_types", "mcp"),
    )
    anyio = import_library("anyio", "mcp")
    tools = [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=tool.schema,
            annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
        for tool in describe_tools(base)
    ]
    lock = anyio.Lock()

    async def list_tools(_: Any, __: Any) -> Any:
        return types.ListToolsResult(tools=tools)

    async def call_tool(_: Any, params: Any) -> Any:
        answer = partial(answer_tool, base, params.name, params.arguments or {})
        async with lock:  # one at a time, so that a call that is cancelled interrupts no other
            said = await _run_apart(anyio, answer, base)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=said.text)], is_error=said.is_error
        )

    return lowlevel.Server(
        "lmtx",
        version=__version__,
        title=f"lmtx, data {base.version} of {base.as_of}",
        instructions=f"{INSTRUCTIONS}\n\n{base.disclaimer}",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _run_apart(anyio: Any, answer: Any, base: Base) -> ToolAnswer:
    """Return the answer of a thread; where the call is cancelled, stop its query and do not
    wait."""
    try:
        said: ToolAnswer = await anyio.to_thread.run_sync(answer, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        base.interrupt()
        raise
    return said


def make_whole(line: str) -> str:
    """Return a message with a question mark for each half of a sign, which a client leaves that
    cuts a text in the middle of one. The SDK reads none of such a message, so nobody would answer
    it."""
    if "\\ud" not in line.lower():
        return line
    try:
        message = json.dumps(json.loads(line), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line
    return message.encode("utf-8", "replace").decode() + "\n"


async def _read_lines(anyio: Any) -> AsyncIterator[str]:
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    async for line in anyio.wrap_file(stream):
        yield make_whole(line)


def serve_client(base: Base) -> None:
    """Answer a client on stdin and stdout until it closes them; no network socket is opened."""
    server = make_server(base)
    anyio, stdio = import_library("anyio", "mcp"), import_library("mcp.server.stdio", "mcp")

    async def run() -> None:
        lines = _read_lines(anyio)
        async with stdio.stdio_server(stdin=lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(run)
