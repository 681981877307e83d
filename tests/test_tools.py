"""The tools for assistants, without the SDK: what they take, and what they say where something is
wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lmtx
from lmtx.mcp import (
    answer_tool,
    describe_tools,
    fit_records,
    mark_figures_and_drop_empty,
    tool_listings,
)
from lmtx.model import vocabulary


def test_a_tool_takes_what_its_listing_takes_in_types() -> None:
    with lmtx.open() as base:
        tools = {tool.name: tool for tool in describe_tools(base)}
    assert set(tools) == {listing.name for listing in tool_listings()} | {"show", "cite"}
    taken = tools["evidence"].schema["properties"]
    for name, words in (
        ("level", vocabulary.LEVELS),
        ("route", vocabulary.ROUTES),
        ("direction", vocabulary.DIRECTIONS),
        ("line", vocabulary.LINES),
        ("endpoint", vocabulary.ENDPOINTS),
        ("design", vocabulary.DESIGNS),
    ):
        assert taken[name]["items"]["enum"] == [*words], name
    assert tools["effects"].schema["properties"]["measure"]["enum"] == [*vocabulary.EFFECT_MEASURES]
    assert taken["min_level"]["enum"] == [*vocabulary.LEVELS]
    assert "melanoma" in taken["tumor"]["items"]["enum"]
    assert taken["treatment"]["items"] == {"type": "string"}, "of the base, too many to list"
    assert taken["mixed"]["type"] == "boolean"
    assert taken["since"] == {**taken["since"], "type": "integer", "minimum": 1900, "maximum": 2100}
    assert taken["fields"]["items"] == {"type": "string"}
    assert "level" not in tools["trials"].schema["properties"], "what it refuses is not offered"
    assert tools["search"].schema["required"] == ["text"]
    assert tools["compare"].schema["required"] == ["treatments"]


MOST_LETTERS = 70_000
"""Letters of all tools together, which an assistant reads before the first question."""


def test_the_list_of_tools_is_short_and_complete() -> None:
    """The drawings are none, as `effects` and `list` have their figures; every other listing is."""
    with lmtx.open() as base:
        tools = describe_tools(base)
    told = [
        json.dumps({"name": one.name, "description": one.description, "inputSchema": one.schema})
        for one in tools
    ]
    assert sum(map(len, told)) < MOST_LETTERS
    names = {one.name for one in tools}
    wanted = "brief list show evidence effects search compare conflicts safety csf guidelines"
    assert names >= {*wanted.split(), "trials", "cite", "fields", "tumors", "classes"}
    assert not names & {"map", "plot", "timeline"}
    for one in tools:
        assert one.description
        for name, argument in one.schema["properties"].items():
            assert argument["type"] in ("array", "string", "integer", "boolean"), (one.name, name)
            if argument["type"] == "array":
                assert argument["items"]["type"] == "string", (one.name, name)


def test_the_words_that_a_schema_does_not_list_can_be_asked_for() -> None:
    with lmtx.open() as base:
        for kind, words in (
            ("endpoints", vocabulary.ENDPOINTS),
            ("designs", vocabulary.DESIGNS),
            ("adverse-events", vocabulary.ADVERSE_EVENTS),
        ):
            given = {"values": kind, "limit": 100, "fields": ["id"]}
            pages = [
                json.loads(answer_tool(base, "fields", {**given, "offset": offset}).text)["rows"]
                for offset in (0, 100)
            ]
            assert [row["id"] for page in pages for row in page] == [*words], kind


def test_the_effects_come_with_what_is_left_out() -> None:
    given = {"tumor": ["melanoma"], "endpoint": ["OS"], "measure": "median"}
    with lmtx.open() as base:
        answer = json.loads(answer_tool(base, "effects", given).text)
        left_out = json.loads(answer_tool(base, "effects", {**given, "excluded": True}).text)
    assert any("figures left out (" in note for note in answer["notes"])
    assert all({"read_in", "page", "measure"} <= set(row) for row in answer["rows"])
    assert all(row["reason"] and "value" not in row for row in left_out["rows"])


def test_a_card_that_is_too_long_says_what_it_leaves_out() -> None:
    record = {"id": "x", "evidence": [{"text": "y" * 90} for _ in range(100)], "brands": ["A", "B"]}
    [short] = fit_records([record], 3000)
    assert len(json.dumps(short)) < 3100 and short["brands"] == ["A", "B"]
    assert short["left_out"] == {"evidence": 100 - len(short["evidence"])}
    assert fit_records([{"a": "z" * 9}, {"a": "z" * 999}], 500) == [{"a": "z" * 9}]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("list", {"tumor": ["melanomma"]}, "did you mean"),
    ("list", {"colour": "red"}, "no filter 'colour'"),
    ("list", {"limit": 0}, "limit: 0 is not a whole number from 1 to 100"),
    ("list", {"limit": 101}, "limit: 101 is not a whole number from 1 to 100"),
    ("list", {"offset": "many"}, "offset: 'many' is not a whole number"),
    ("list", {"mixed": "yes"}, "mixed: 'yes' is neither"),
    ("list", {"tumor": [3]}, "tumor: 3 is not a word"),
    ("list", {"fields": ["nonsense"]}, "list has no field 'nonsense'"),
    ("list", {"sort": "nonsense"}, "nonsense"),
    ("trials", {"level": ["I"]}, "a trial has no level of evidence"),
    ("search", {}, "text: it is missing"),
    ("search", {"text": ""}, "the word is empty"),
    ("compare", {"treatments": ["osimertinib"]}, "treatment"),
    ("compare", {}, "treatment"),
    ("show", {"name": "nothing-like-it"}, "nothing-like-it"),
    ("show", {}, "name: it is missing"),
    ("show", {"id": "osimertinib"}, "takes no 'id'"),
    ("show", {"name": ["a"]}, "is not a word"),
    ("cite", {}, "nothing to cite"),
    ("cite", {"names": ["osimertinib"], "style": "apa"}, "style"),
    ("plot", {}, "no tool 'plot'; there are: "),
    ("export", {}, "no tool 'export'; there are: "),
]


@pytest.mark.parametrize(("tool", "given", "message"), WRONG)
def test_what_is_wrong_is_said(tool: str, given: dict[str, Any], message: str) -> None:
    with lmtx.open() as base:
        said = answer_tool(base, tool, given)
    assert said.is_error and message in said.text
    assert "--" not in said.text and "\n" not in said.text


def test_a_figure_says_of_itself_where_it_was_read() -> None:
    figure = {"endpoint": "overall-survival", "unit": "months", "scope": "whole", "value": 3}
    row = {"read_in": "full-text", "outcomes": [figure, {**figure, "read_in": "secondary"}]}
    first, second = mark_figures_and_drop_empty(row)["outcomes"]
    assert "marks" not in first and second["marks"] == ["†"]
    assert mark_figures_and_drop_empty({"read_in": "recalled", "outcomes": [figure]})["outcomes"][
        0
    ]["marks"]
    assert mark_figures_and_drop_empty({"a": None, "b": [], "c": 0, "d": False}) == {
        "c": 0,
        "d": False,
    }


def test_a_card_of_everything_fits() -> None:
    with lmtx.open() as base:
        said = answer_tool(base, "show", {"name": "solid"})
    answer = json.loads(said.text)
    assert len(said.text) < 70_000 and "more of facts" in answer["more"]


@pytest.mark.parametrize("tool", ["brief", "safety", "list", "effects"])
def test_what_a_figure_rests_on_comes_with_it(tool: str) -> None:
    """Its marks are explained, and the page of its study is named."""
    given = {"tumor": "nsclc", "limit": 30}
    with lmtx.open() as base:
        answer = json.loads(answer_tool(base, tool, given).text)
    studies = {row.get("figure_study", row.get("study")) for row in answer["rows"]} - {None}
    assert studies and studies <= set(answer["sources"])
    assert all("citation" in source for source in answer["sources"].values())
    carried = {mark for row in answer["rows"] for mark in row.get("marks", [])}
    assert carried and carried <= set(answer["marks"])
    if tool == "brief":
        told = "".join(row.get("figure", "") for row in answer["rows"])
        assert {mark for mark in "†‡Σ*+" if mark in told} <= set(answer["marks"])
    if tool == "safety":
        assert all(("+" in row.get("marks", [])) is row["with_others"] for row in answer["rows"])
