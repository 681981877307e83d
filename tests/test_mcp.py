"""The door for assistants, walked by the SDK's own client over a real process."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import lmtx as package
from lmtx.api.base import keywords_of
from lmtx.listings import Listing
from lmtx.model import vocabulary
from lmtx.model.vocabulary import LEVELS
from support import ROOT, SCRIPT, Answer, Lmtx
from test_tools import WRONG

anyio = pytest.importorskip("anyio")
sdk = pytest.importorskip("mcp")
Run = Callable[..., Answer]
pytestmark = pytest.mark.ci
Walk = Callable[[Callable[[Any], Awaitable[Any]]], Any]


def call_of(listing: Listing[Any]) -> dict[str, Any]:
    """Return the arguments of the first example of a listing that has an answer in rows."""
    keywords = keywords_of(listing)
    options = {f"--{one.option_name}": one for one in keywords.values()}
    options |= {f"-{one.short}": one for one in keywords.values() if one.short}
    [free, *_] = [one for one in keywords.values() if one.positional] or [None]
    for example in listing.examples:
        given: dict[str, Any] = {}
        words = iter(shlex.split(example)[2:])
        for word in words:
            one = options.get(word) if word.startswith("-") else free
            if one is None:
                break
            value = True if one.kind == "flag" else next(words) if word.startswith("-") else word
            if one.kind == "words":
                given.setdefault(one.name, []).append(value)
            elif one.kind == "text" and one.name in given:
                given[one.name] += f" {value}"
            else:
                given[one.name] = int(value) if one.kind == "number" else value
        else:
            return given
    return {}


@pytest.fixture
def walk(lmtx: Lmtx) -> Walk:
    """Return what runs a function with the SDK's client of a fresh server."""
    server = sdk.StdioServerParameters(
        command=str(SCRIPT), args=["mcp"], env=lmtx.environment, cwd=lmtx.folder
    )

    def walked(visit: Callable[[Any], Awaitable[Any]], mode: str = "auto") -> Any:
        async def main() -> Any:
            with anyio.fail_after(60):
                async with sdk.Client(server, mode=mode) as client:
                    return await visit(client)

        return anyio.run(main)

    return walked


async def ask(client: Any, tool: str, /, **arguments: Any) -> Any:
    """Return the answer of a tool, which must not be an error."""
    result = await client.call_tool(tool, arguments)
    [content] = result.content
    assert not result.is_error, content.text
    return json.loads(content.text)


async def ask_later(tool: str, client: Any, **arguments: Any) -> Any:
    """Ask a tool with the client last, for `partial`."""
    return await ask(client, tool, **arguments)


async def ask_wrongly(client: Any, tool: str, /, **arguments: Any) -> str:
    """Return what a tool says is wrong."""
    result = await client.call_tool(tool, arguments)
    [content] = result.content
    assert result.is_error, content.text
    text: str = content.text
    return text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_it_says_what_it_is(walk: Any, mode: str) -> None:
    async def visit(client: Any) -> Any:
        return client.server_info, client.instructions, client.server_capabilities

    server, instructions, capabilities = walk(visit, mode)
    with package.open() as base:
        assert (server.name, server.version) == ("lmtx", package.__version__)
        assert server.title == f"lmtx, data {base.version} of {base.as_of}"
        assert base.disclaimer in instructions and "marks" in instructions
    assert capabilities.tools and not capabilities.resources and not capabilities.prompts


def test_every_listing_is_a_tool_with_typed_arguments(walk: Any) -> None:
    from lmtx.mcp import tool_listings

    tools = {tool.name: tool for tool in walk(lambda client: client.list_tools()).tools}
    assert set(tools) == {listing.name for listing in tool_listings()} | {"show", "cite"}
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
    for tool in tools.values():
        assert tool.input_schema["additionalProperties"] is False
    assert tools["evidence"].input_schema["properties"]["level"]["items"]["enum"] == [*LEVELS]


def test_every_tool_answers_with_the_data_and_the_disclaimer(walk: Any) -> None:
    from lmtx.mcp import tool_listings

    calls = {listing.name: call_of(listing) for listing in tool_listings()}
    calls |= {"show": {"name": "osimertinib"}, "cite": {"names": ["osimertinib"]}}
    assert sum(map(bool, calls.values())) > 8, "examples are read as calls"

    async def visit(client: Any) -> dict[str, Any]:
        return {name: await ask(client, name, **given) for name, given in calls.items()}

    with package.open() as base:
        for name, answer in walk(visit).items():
            assert answer["rows"], name
            assert answer["disclaimer"] == base.disclaimer
            assert answer["data"]["version"] == base.version
            assert answer["query"]["command"] == name


def test_the_rows_are_those_of_the_command_line(walk: Any, run: Run) -> None:
    answer = walk(partial(ask_later, "list", tumor=["melanoma"], limit=100))
    rows = run("list", "--tumor", "melanoma", "--json").rows
    assert bare(answer["rows"]) == bare(rows)
    assert any("mixed=True" in note for note in answer["notes"])


def bare(value: Any) -> Any:
    """Return records without marks and without what is not known."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: bare(v) for k, v in value.items() if k != "marks" and v not in (None, [], "")}


def test_every_figure_has_its_marks_page_level_and_trust(walk: Any) -> None:
    answers = walk(_ask_for_figures)
    figures = [row for row in answers["list"]["rows"] if "figure" in row]
    assert len(figures) > 10
    for row in figures:
        assert row["level"] and row["read_in"]
        source = answers["list"]["sources"][row["figure_study"]]
        assert source["citation"] and source.get("page", "https://").startswith("https://")
        assert "page" in source or row["read_in"] == "recalled"
        if row["read_in"] in vocabulary.UNVERIFIED:
            assert "†" in row["marks"]
        if row.get("figure_with"):
            assert "+" in row["marks"]
    for row in answers["evidence"]["rows"]:
        assert set(row) <= {"id", "study", "level", "read_in", "url", "outcomes", "marks"}
        page = answers["evidence"]["sources"][row["study"]].get("page")
        assert page == row["url"] if "url" in row else page or row["read_in"] == "recalled"
        assert row["read_in"] and row.get("level") in (None, *vocabulary.LEVELS)
        for outcome in row.get("outcomes", []):
            marks = outcome.get("marks", [])
            assert ("*" in marks) is (outcome["scope"] != "whole")
            assert ("†" in marks) is (outcome["read_in"] in vocabulary.UNVERIFIED)
    for answer in answers.values():
        carried = {mark for row in answer["rows"] for mark in row.get("marks", [])}
        assert carried <= set(answer["marks"])
    assert len(answers["evidence"]["marks"]) >= 2


async def _ask_for_figures(client: Any) -> dict[str, Any]:
    return {
        "list": await ask(client, "list", min_level="IV", limit=40, endpoint=["overall-survival"]),
        "evidence": await ask(client, "evidence", endpoint=["OS"], fields=["outcomes"], limit=60),
    }


def test_an_answer_is_bounded_and_says_how_to_read_on(walk: Any, run: Run) -> None:
    async def visit(client: Any) -> tuple[list[str], int]:
        ids: list[str] = []
        calls = 0
        more: str | None = "first"
        while more:
            answer = await ask(client, "evidence", limit=100, offset=len(ids))
            assert len(json.dumps(answer, ensure_ascii=False)) < 60_000
            ids += [row["id"] for row in answer["rows"]]
            more, calls = answer.get("more"), calls + 1
            if more:
                left = re.match(r"(\d+) more of (\d+) rows: ask again with offset (\d+)", more)
                assert left and int(left[1]) == int(left[2]) - len(ids)
                assert int(left[3]) == len(ids)
        return ids, calls

    ids, calls = walk(visit)
    assert calls > 2, "a page of 100 rows of evidence is too long for one answer"
    assert ids == [row["id"] for row in run("evidence", "--json").rows]


def test_what_is_wrong_is_said_and_the_server_goes_on(walk: Any) -> None:
    async def visit(client: Any) -> list[str]:
        said = [await ask_wrongly(client, name, **given) for name, given, _ in WRONG[::3]]
        assert await ask(client, "levels")
        return said

    for said, (name, given, message) in zip(walk(visit), WRONG[::3], strict=True):
        assert message in said, (name, given, said)


def test_no_answer_is_an_answer(walk: Any) -> None:
    answer = walk(partial(ask_later, "list", tumor=["melanoma"], min_n=100_000))
    assert answer["rows"] == [] and answer["notes"] and answer["disclaimer"]


def test_a_call_that_is_cancelled_stops_and_the_next_is_answered(walk: Any) -> None:
    async def visit(client: Any) -> Any:
        for _ in range(3):
            with anyio.move_on_after(0.002) as scope:
                await client.call_tool("list", {})
            assert scope.cancelled_caught
        return await ask(client, "levels")

    assert walk(visit)["rows"]


def test_a_cancelled_call_interrupts_its_query() -> None:
    """The thread of a call that nobody waits for must not hold the base."""
    from lmtx.mcp import _run_in_thread

    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    with package.open() as base:

        def count() -> Any:
            with base._reading() as connection:
                return connection.execute(endless).fetchone()

        async def main() -> bool:
            with anyio.move_on_after(0.2) as scope:
                await _run_in_thread(anyio, count, base)
            return bool(scope.cancelled_caught)

        assert anyio.run(main)
        assert base.levels()


def test_half_a_sign_leaves_no_call_unanswered(lmtx: Lmtx) -> None:
    """JavaScript cuts a text in the middle of a sign and sends "\\ud83d"; the SDK reads no such
    message."""
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    call = {"name": "search", "arguments": {"text": "brain \ud83d"}}
    with subprocess.Popen(
        [SCRIPT, "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=lmtx.environment,
    ) as process:
        assert process.stdin and process.stdout
        limit = threading.Timer(40, process.kill)
        limit.start()
        for message in (
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
        ):
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if "id" in message:
                assert json.loads(process.stdout.readline() or "{}").get("id") == message["id"]
        limit.cancel()
        process.stdin.close()


def test_a_message_that_is_whole_stays_as_it_is() -> None:
    from lmtx.mcp import replace_lone_surrogates

    for line in (
        '{"a": "\\\\ud83d"}',
        '{"a": "\\ud83d\\ude42"}',
        '{"a": 1}',
        '{"\\ud83d',
        "[" * 99_999,
    ):
        whole = replace_lone_surrogates(line)
        assert whole == line or json.loads(whole) == json.loads(line)
    assert json.loads(replace_lone_surrogates('{"a": "x\\uD83D", "b": 0.1}')) == {
        "a": "x?",
        "b": 0.1,
    }


NO_NETWORK = """
import socket, sys
def heard(event, values):
    if event.startswith("socket.") and event != "socket.__new__":
        print("socket:", event, values, file=sys.stderr)
        import os
        os._exit(99)
    if event == "socket.__new__" and values[1] != socket.AF_UNIX:
        import os
        os._exit(98)
sys.addaudithook(heard)
from lmtx.cli.run import main
sys.exit(main(["mcp"]))
"""


@pytest.mark.skipif(
    sys.platform == "win32", reason="the pair of an event loop is of another kind there"
)
def test_no_network_socket_is_opened(lmtx: Lmtx) -> None:
    """The event loop's own pair is no network."""
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "list", "arguments": {}},
        },
    ]
    env = {**lmtx.environment, "COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""}
    with subprocess.Popen(
        [sys.executable, "-c", NO_NETWORK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    ) as server:
        assert server.stdin and server.stdout and server.stderr
        server.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        assert server.wait(timeout=30) == 0, server.stderr.read()
    assert answers[1]["result"]["isError"] is False


def test_own_records_are_answered_too(lmtx: Lmtx, tmp_path: Path) -> None:
    own = tmp_path / "ours.toml"
    own.write_text(
        '[[treatment]]\nid = "our-drug"\nname = "Our drug"\nclass = "chemotherapy"\nmechanism = '
        '"made up"\n',
        encoding="utf-8",
    )
    assert lmtx("list", "--with", str(own), "--json").code == 0
    server = sdk.StdioServerParameters(
        command=str(SCRIPT), args=["mcp", "--with", str(own)], env=lmtx.environment
    )

    async def main() -> Any:
        async with sdk.Client(server) as client:
            return await ask(client, "show", name="our-drug")

    answer = anyio.run(main)
    assert answer["data"]["with"] == ["ours"] and answer["rows"][0]["record"]["source"] == "ours"


def test_the_block_of_the_page_starts_it(lmtx: Lmtx) -> None:
    page = (ROOT / "docs" / "assistants.md").read_text(encoding="utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.S)]
    entries = [entry for block in blocks for entry in block.get("mcpServers", {}).items()]
    assert entries
    for name, entry in entries:
        assert name == "lmtx" and set(entry) <= {"command", "args", "env"}
        place = f"{SCRIPT.parent}:{lmtx.environment.get('PATH', '')}"
        server = sdk.StdioServerParameters(
            command=entry["command"],
            args=[arg for arg in entry["args"] if "my-records" not in arg and arg != "--with"],
            env={**lmtx.environment, "PATH": place, **entry.get("env", {})},
        )

        async def main(server: Any = server) -> Any:
            async with sdk.Client(server) as client:
                return await ask(client, "levels")

        assert anyio.run(main)["rows"]


def test_at_a_terminal_it_says_who_speaks_to_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answer = run("mcp")
    assert answer.code == 2 and "an assistant speaks to this command" in answer.err


def test_without_the_sdk_it_says_how_to_install_it(lmtx: Lmtx) -> None:
    code = (
        "import sys\nfor name in ('mcp', 'mcp_types'): sys.modules[name] = None\nfrom "
        "lmtx.cli.run import main\nsys.exit(main(['mcp']))"
    )
    answer = lmtx.python(code)
    assert answer.code == 2 and "-m pip install 'mcp" in answer.err
