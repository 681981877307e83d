"""Every form of an answer: the same names, the same order, the same rows; nothing in the data is
interpreted."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.listings import Column, Found, Listing, listing_names, load_listing
from lmtx.render import Envelope, Format, Screen, render_listing
from lmtx.render.text.cells import flatten_value, spell_for_screen
from lmtx.render.text.formats import escape_markdown
from support import BASE, Answer, read_folder

Run = Callable[..., Answer]
LISTINGS = (
    "list",
    "evidence",
    "map",
    "timeline",
    "conflicts",
    "csf",
    "guidelines",
    "trials",
    "tumors",
    "classes",
    "levels",
    "fields",
)
ENVELOPE = Envelope(
    "0",
    {"version": "2026.1.0", "as_of": "2026-01-31", "sha256": "x"},
    "not advice",
    {"command": "test"},
)


class Item(NamedTuple):
    """A row with a cell of every kind."""

    id: str
    words: Any
    more: Any = None


LAYOUT = Listing(
    "items",
    "Items.",
    Item,
    brief=("id", "words"),
    columns=(
        Column("Id", lambda row: row.id),
        Column("Words", lambda row: flatten_value(row.words), 1, least=8),
    ),
)


def written(form: Format, *rows: Item) -> str:
    return "".join(render_listing(form, LAYOUT, Found(rows), [], ENVELOPE, Screen(80)).text)


WHOLE: dict[str, list[dict[str, Any]]] = {}
"""The rows of each listing, which no form changes."""


@pytest.mark.parametrize("command", LISTINGS)
@pytest.mark.parametrize("form", Format)
def test_every_listing_comes_in_every_form(
    run: Run, monkeypatch: pytest.MonkeyPatch, form: Format, command: str
) -> None:
    """Each form is read back by the reader of that form, with as many rows and names as the
    others."""
    if command not in ("evidence", "trials", "guidelines", "conflicts"):  # words of the real base
        read_folder(monkeypatch, BASE)
    answer = run(command, "--format", form.value)
    assert answer.code == 0, answer.err
    if command not in WHOLE:
        WHOLE[command] = run(command, "--json").rows
    whole = WHOLE[command]
    match form:
        case Format.json:
            assert list(json.loads(answer.out)) == [
                "schema",
                "lmtx",
                "data",
                "disclaimer",
                "query",
                "left_out",
                "rows",
            ]
        case Format.jsonl:
            assert [json.loads(line) for line in answer.out.splitlines()] == whole
        case Format.tsv:
            cells = [line.split("\t") for line in answer.out.split("\n")[:-1]]
            assert cells[0] == list(whole[0]) and len(cells) == len(whole) + 1
            assert {len(line) for line in cells} == {len(whole[0])}
        case Format.csv:
            cells = list(csv.reader(io.StringIO(answer.out)))
            assert cells[0] == list(whole[0]) and {len(line) for line in cells} == {len(whole[0])}
            assert answer.out.count("\n") == len(cells) == len(whole) + 1, "a record is a line"
        case Format.md:
            lines = answer.out.partition("\n\n")[0].splitlines()  # marks are explained below
            assert len(lines) == len(whole) + 2 and all(
                line.startswith("| ") for line in (lines[0], *lines[2:])
            )
            assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
        case Format.table:
            assert answer.out and "\t" not in answer.out


@pytest.mark.parametrize("command", LISTINGS)
def test_fields_are_chosen_and_ordered_alike_in_every_form(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    if command != "conflicts":  # of which the small base has none
        read_folder(monkeypatch, BASE)
    names = list(run(command, "--json").rows[0])[:3][::-1]
    chosen = ",".join(names)
    assert list(run(command, "--json", "--fields", chosen).rows[0]) == names
    assert (
        list(json.loads(run(command, "-f", "jsonl", "--fields", chosen).out.splitlines()[0]))
        == names
    )
    assert run(command, "--tsv", "--fields", chosen).out.split("\n")[0] == "\t".join(names)
    assert run(command, "--csv", "--fields", chosen).out.split("\n")[0] == chosen
    assert (
        run(command, "-f", "md", "--fields", chosen).out.split("\n")[0]
        == f"| {' | '.join(names)} |"
    )
    assert run(command, "-f", "table", "--fields", chosen).out.split("\n")[0].split() == names


def test_fields_are_case_and_dash_blind(run: Run) -> None:
    assert run("list", "--fields", " No-Benefit , ID").out.startswith("no_benefit\tid\n")


def test_an_unknown_field_lists_the_valid_ones(run: Run) -> None:
    answer = run("list", "--fields", "id,lvl")
    assert (answer.code, answer.out) == (2, "")
    assert "no field 'lvl'; fields: id, name, drug_class" in answer.err


def test_tsv_is_what_a_pipe_gets_and_a_table_what_a_terminal_gets(run: Run, terminal: Run) -> None:
    assert run("list", "-t", "breast").out == run("list", "-t", "breast", "--tsv").out
    assert (
        terminal(80, "list", "-t", "breast").out
        == terminal(80, "list", "-t", "breast", "-f", "table").out
    )


@pytest.mark.parametrize("short", ["json", "csv", "tsv"])
def test_a_shortcut_is_the_same_as_its_format(run: Run, short: str) -> None:
    assert (
        run("list", "-t", "breast", f"--{short}").out
        == run("list", "-t", "breast", "-f", short).out
    )
    assert run("list", "-t", "breast", f"--{short}", "-f", short).code == 0


def test_two_formats_at_once_are_a_usage_error(run: Run) -> None:
    answer = run("list", "--json", "--csv")
    assert answer.code == 2 and "json and csv were both asked for" in answer.err


def test_the_json_envelope_says_where_the_answer_comes_from(run: Run) -> None:
    head = json.loads(run("list", "--tumor", "skin melanoma", "--min-level", "iii", "--json").out)
    assert head["schema"] == 2
    assert set(head["data"]) == {"version", "as_of", "sha256"} and len(head["data"]["sha256"]) == 64
    assert head["query"] == {"command": "list", "tumors": ["melanoma"], "min_level": "III"}


@pytest.mark.parametrize("form", ["json", "jsonl", "tsv", "csv", "md", "table"])
def test_nothing_found_is_an_empty_answer_and_exit_1(run: Run, form: str) -> None:
    answer = run("list", "--tumor", "melanoma", "--level", "I", "-f", form)
    assert answer.code == 1 and "nothing matched" in answer.err
    rows = {"json": 0, "jsonl": 0, "tsv": 1, "csv": 1, "md": 2, "table": 0}[form]
    assert (
        json.loads(answer.out)["rows"] == [] if form == "json" else answer.out.count("\n") == rows
    )


AWKWARD = "[bold red]x[/] \x1b".replace("\x1b", "") + "a\tb\nc\r\u2028d | <script> *em* `code` \\ &"


def test_text_is_never_read_as_markup() -> None:
    row = Item("[red]id[/red]", AWKWARD)
    assert "[red]id[/red]" in written(Format.table, row)
    assert json.loads(written(Format.jsonl, row))["words"] == AWKWARD
    assert (
        written(Format.tsv, row).count("\n") == 2
        and len(written(Format.tsv, row).split("\n")[1].split("\t")) == 3
    )
    assert list(csv.reader(io.StringIO(written(Format.csv, row))))[1][1] == AWKWARD.translate(
        str.maketrans("\t\n\r\u2028", "    ")
    )
    line = written(Format.md, row).splitlines()[2]
    assert "<script>" not in line and "\\*em\\*" in line and "\\|" in line


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    st.lists(
        st.builds(
            Item,
            WORDS,
            WORDS | st.none() | st.booleans() | st.integers() | st.lists(WORDS, max_size=3),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_delimited_row_has_the_same_number_of_cells(rows: list[Item]) -> None:
    assert {line.count("\t") for line in written(Format.tsv, *rows).split("\n")[:-1]} == {2}
    assert {len(line) for line in csv.reader(io.StringIO(written(Format.csv, *rows)))} == {3}
    assert len(list(csv.reader(io.StringIO(written(Format.csv, *rows))))) == len(rows) + 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (62.0, "62"),
        (0.61, "0.61"),
        (12, "12"),
        (["a", "b"], "a; b"),
        ([], ""),
        (
            [
                {"endpoint": "overall-survival", "value": 9, "unit": "months", "scope": "whole"},
                {"endpoint": "objective-response", "value": 5, "unit": "%", "scope": "whole"},
            ],
            "OS 9 months | ORR 5%",
        ),
        (
            [
                {
                    "endpoint": "overall-survival",
                    "value": 0.5,
                    "unit": "HR",
                    "favours": "of",
                    "adjusted": None,
                    "inverted": False,
                },
                {
                    "event": "neurotoxicity",
                    "value": None,
                    "unit": "none",
                    "favours": "against",
                    "adjusted": None,
                },
            ],
            "OS HR 0.5 | neurotoxicity worse",
        ),
        ({"a": 1, "b": None, "c": [2, 3], "d": ""}, "a=1; c=2; 3"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_flat(value: Any, expected: str) -> None:
    assert flatten_value(value) == expected


@given(WORDS)
def test_plain_signs_are_ascii(text: str) -> None:
    assert spell_for_screen(text, True).isascii()
    assert spell_for_screen(text, False) == text


def test_plain_signs_keep_their_meaning() -> None:
    assert (
        spell_for_screen("OS 7.5–18.3 ≥3 ▲2 ▼1 ±1 x† café", True)
        == "OS 7.5-18.3 >=3 2 benefit, 1 worse, 1 mixed x[!] cafe"
    )


def test_ascii_only_tables(terminal: Run, base: Path) -> None:
    assert terminal(120, "list", "--ascii").out.isascii()
    assert terminal(120, "evidence", "--ascii").out.isascii()


@given(WORDS)
def test_markdown_leaves_nothing_to_interpret(text: str) -> None:
    shown = escape_markdown(text)
    assert "<" not in shown and ">" not in shown
    assert shown.replace("\\|", "").count("|") == 0 or "\\" in text


def test_markdown_says_where_a_figure_was_read() -> None:
    """Whatever holds `read_in` shows it: no figure loses its mark on the way into a note."""
    found = [load_listing(name) for name in listing_names()]
    assert len(found) > 10
    assert [
        one.name
        for one in found
        if "read_in" in one.fields and "read_in" not in (one.brief or one.fields)
    ] == []


def test_a_figure_that_people_read_keeps_its_patients_and_marks(run: Run, terminal: Run) -> None:
    """In Markdown and in chosen fields too; below stands what the marks mean."""
    question = ("list", "-t", "breast", "-b", "her2")
    rows = [row for row in run(*question, "--json").rows if row["figure"]]
    note = run(*question, "-f", "md").out
    shown = terminal(200, *question, "--fields", "id,figure").out
    marks = set()
    for row in rows:
        size = f" n={row['figure_n']}" if row["figure_n"] is not None else ""
        others = "+" if row["figure_with"] or row["figure_alongside"] else ""
        part = "*" if row["figure_scope"] != "whole" else ""
        dagger = "†" if row["read_in"] in ("secondary", "recalled") else ""
        pooled = "‡" if row["figure_mixed_with"] else ""
        told = f"{row['figure']}{size}{others}{part}{dagger}{pooled}"
        marks |= {others, dagger} - {""}
        assert re.search(rf"^{re.escape(row['id'])} +{re.escape(told)}$", shown, re.M), told
        assert f"| {escape_markdown(told)} |" in note, told
    assert marks == {"+", "†"}
    for mark in marks:
        assert f"\n{mark} " in note and f"\n{mark} " in shown
