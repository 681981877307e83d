"""Tables fit their terminal: prose shrinks, columns of low rank go, ids and figures are never
cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lmtx.listings import Column, Listing
from lmtx.listings.info import LISTING as INFO
from lmtx.query.info import InfoRow
from lmtx.render import Envelope, Screen
from lmtx.render.terminal.table import COLUMN_GAP, draw_table, fit_columns
from support import Answer

Run = Callable[..., Answer]
ENVELOPE = Envelope(
    "0", {"version": "2026.1.0", "as_of": "2026-01-31", "sha256": "x"}, "not advice", {}
)
LISTINGS = (
    "list",
    "evidence",
    "csf",
    "guidelines",
    "trials",
    "tumors",
    "classes",
    "levels",
    "fields",
)


class Item(NamedTuple):
    """A row of three cells."""

    id: str
    figure: str
    prose: str


def layout(*columns: Column) -> Listing[Item]:
    return Listing("items", "Items.", Item, brief=("id",), columns=columns)


def drawn(columns: Listing[Item], width: int, *rows: Item) -> tuple[str, list[str]]:
    rendered = draw_table(columns, list(rows), [], ENVELOPE, Screen(width))
    return "".join(rendered.text), rendered.notes


THREE = layout(
    Column("Id", lambda row: row.id),
    Column("Figure", lambda row: row.figure, 2),
    Column("Prose", lambda row: row.prose, 1, least=10),
)
ROW = Item(
    "an-id-of-20-letters!",
    "OS 11.3 months (7.5–18.3)",
    "a longer piece of prose that may be cut at a blank",
)


def test_wide_enough_for_all() -> None:
    text, notes = drawn(THREE, 120, ROW)
    assert all(value in text for value in ROW) and notes == []


def test_prose_shrinks_first_and_says_so() -> None:
    text, notes = drawn(THREE, 70, ROW)
    assert (
        ROW.id in text
        and ROW.figure in text
        and ROW.prose not in text
        and "…" in text
        and notes == []
    )


def test_then_the_highest_rank_goes_and_a_note_names_it() -> None:
    text, notes = drawn(THREE, 45, ROW)
    assert ROW.id in text and ROW.figure not in text and "Figure" not in text
    assert notes == ["left out at 45 columns: figure; --fields chooses"]


def test_an_id_is_never_cut_even_where_it_cannot_fit() -> None:
    assert ROW.id in drawn(THREE, 20, ROW)[0]


WIDTHS = st.integers(1, 40)
COLUMNS = st.lists(
    st.tuples(st.integers(0, 5), st.none() | st.integers(3, 12), WIDTHS), min_size=1, max_size=7
)


@given(COLUMNS, st.integers(20, 200))
def test_never_wider_than_the_screen_unless_what_may_not_go_forces_it(
    shapes: list[tuple[int, int | None, int]], width: int
) -> None:
    columns = [Column("h", str, rank, least) for rank, least, _ in shapes]
    kept, widths = fit_columns(columns, [["x" * n for _, _, n in shapes]], width)
    taken = sum(widths[i] for i in kept) + COLUMN_GAP * (len(kept) - 1)
    must = [i for i, (rank, _, _) in enumerate(shapes) if rank == 0]
    assert taken <= width or kept == must or (not must and len(kept) <= 1)
    assert set(must) <= set(kept)
    for i in kept:
        natural, least = shapes[i][2], shapes[i][1]
        assert (
            widths[i] == natural if least is None else min(natural, least) <= widths[i] <= natural
        )
    gone = [shapes[i][0] for i in range(len(shapes)) if i not in kept]
    assert not gone or max((shapes[i][0] for i in kept), default=0) <= min(gone)


@given(
    st.lists(
        st.builds(
            Item, st.text(min_size=1, max_size=12), st.text(max_size=25), st.text(max_size=80)
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(60, 160),
)
def test_whatever_the_text_no_line_is_wider_than_the_screen(rows: list[Item], width: int) -> None:
    text, _ = drawn(THREE, width, *rows)
    table = text.split("Not medical advice")[0]
    assert max(map(cell_len, table.split("\n"))) <= width


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("command", LISTINGS)
def test_every_listing_fits(terminal: Run, command: str, width: int) -> None:
    answer = terminal(width, command)
    assert answer.code == 0
    too_long = [line for line in answer.out.split("\n") if cell_len(line) > width]
    assert not too_long, f"lmtx {command} at {width} columns: {too_long[:3]}"


@pytest.mark.parametrize("width", [80, 160])
def test_ids_are_whole(run: Run, terminal: Run, width: int) -> None:
    ids = [row["id"] for row in run("list", "--json").rows]
    words = set(re.split(r"\s+", terminal(width, "list").out))
    assert set(ids) <= words
    rows = [row["id"] for row in run("evidence", "--json").rows]
    shown = {word.rstrip("†‡Σ°") for word in re.split(r"\s+", terminal(width, "evidence").out)}
    assert set(rows) <= shown


def test_a_column_that_is_left_out_is_named_on_stderr(terminal: Run) -> None:
    answer = terminal(80, "list", "--tumor", "melanoma")
    said = re.search(r"left out at 80 columns: (.*?); --fields", answer.err)
    assert said and "Class" not in answer.out and "class" in said[1].split(", ")
    assert "left out:" not in terminal(80, "list", "-q").err


def test_a_column_that_one_of_two_tables_lost_is_said_of_that_one(terminal: Run) -> None:
    answer = terminal(80, "list", "--tumor", "melanoma")
    above, _, apart = answer.out.partition("Regimens that name no agent")
    [said] = re.findall(r"left out at 80 columns: (.*?); --fields", answer.err)
    of_all, _, more = said.partition("; of regimens that name no agent also ")
    for name in ("Class", "Studies", "Patients", "Latest"):
        assert (name not in apart) == (name.lower() in [*of_all.split(", "), *more.split(", ")]), (
            name
        )
        assert (name not in above) == (name.lower() in of_all.split(", ")), name
    assert more


@pytest.mark.parametrize("width", [60, 80])
def test_a_path_longer_than_the_screen_folds_and_is_whole(width: int) -> None:
    """Where lmtx lies is not ours to choose: the deepest folder widens no table."""
    deep = "/a-very/deep_folder" * 6 + "/site-packages/lmtx/data"
    rows = [InfoRow("data", deep), InfoRow("title", "of few words")]
    text = "".join(draw_table(INFO, rows, [], ENVELOPE, Screen(width)).text)
    assert all(cell_len(line) <= width for line in text.split("\n"))
    assert deep in re.sub(r"\s+", "", text)


@pytest.mark.parametrize(
    "command", ["csf", "trials", "guidelines", "info", "list", "search osimertinib"]
)
def test_it_fits_sixty_columns(terminal: Run, command: str) -> None:
    """What is left out is named once, and nothing that is there."""
    answer = terminal(60, *command.split())
    assert answer.code == 0 and not [line for line in answer.out.split("\n") if cell_len(line) > 60]
    for said in re.findall(r"left out at 60 columns: (.*?); --fields", answer.err):
        heads = said.split(", ")
        assert len(set(heads)) == len(heads)


def test_narrow_columns_hold_what_the_wide_ones_do(terminal: Run, run: Run) -> None:
    narrow = terminal(60, "trials").out
    assert all(
        f"  {treatment}" in narrow
        for row in run("trials", "--json").rows
        for treatment in row["tested"]
    )
    assert "phase 2, recruiting" in narrow and "phase n/a" not in narrow
    assert "  CSF:plasma, free\n" in terminal(60, "csf").out
    assert "schema version: 2\n" in terminal(60, "info").out


def test_regimens_that_name_no_agent_stand_apart(terminal: Run, base: Path) -> None:
    out = terminal(100, "list").out
    assert (
        out.index("examplinib")
        < out.index("Regimens that name no agent")
        < out.index("pills-unspecified")
    )


def test_only_regimens_that_name_no_agent_need_no_title(terminal: Run, base: Path) -> None:
    assert "Regimens that name no agent" not in terminal(100, "list", "--class", "unspecified").out


def test_marks_are_explained_where_they_stand_and_only_there(terminal: Run, base: Path) -> None:
    assert (
        "† not read" in terminal(160, "evidence", "--mixed").out
        and "‡ pooled" in terminal(160, "evidence", "--tumor", "south", "--mixed").out
    )
    assert "†" not in terminal(160, "evidence", "--verified", "--tumor", "north").out


def test_a_caveat_with_the_date_of_the_data_closes_it(terminal: Run, base: Path) -> None:
    assert terminal(100, "list").out.rstrip().endswith("Data 2026.1.0, 2026-01-31.")


def test_chosen_fields_make_a_table_of_their_own(terminal: Run, base: Path) -> None:
    lines = terminal(100, "list", "--fields", "id,patients,level").out.splitlines()
    assert lines[0].split() == ["id", "patients", "level"] and lines[2].split() == [
        "examplinib",
        "12",
        "III",
    ]


def test_more_than_a_few_figures_are_counted(terminal: Run, run: Run) -> None:
    row = next(row for row in run("evidence", "--json").rows if len(row["outcomes"]) > 4)
    assert f"… {len(row['outcomes']) - 4} more" in terminal(160, "evidence", "--sort", "study").out


@pytest.mark.parametrize(("chosen", "marked"), [("id,figure", True), ("id,level", False)])
def test_chosen_fields_keep_the_dagger_of_a_figure(
    terminal: Run, run: Run, chosen: str, marked: bool
) -> None:
    """Only a figure was read second hand, not the level of its treatment."""
    row = next(row for row in run("list", "--json").rows if row["read_in"] == "secondary")
    assert row["figure"]
    shown = terminal(120, "list", "--fields", chosen).out
    [line] = [line for line in shown.splitlines() if line.split(" ")[0] == row["id"]]
    assert ("†" in line, "† not read at its source" in shown) == (marked, marked)


def test_ids_and_figures_are_not_cut_in_chosen_fields(terminal: Run, run: Run) -> None:
    whole = run("list", "--json").rows
    shown = terminal(40, "list", "--fields", "id,name,figure,figure_study,drug_class").out
    assert all(
        row[key] in shown
        for row in whole
        for key in ("id", "figure", "figure_study", "drug_class")
        if row[key]
    )


SIGNS = ("†", "‡", "°", "Σ", "◆", "≈", "¶", "§", "‽", "^", "~")
EXPLAINED = [
    "list",
    "list -t sclc",
    "list --level II",
    "evidence -t breast",
    "evidence -t sclc",
    "evidence --design meta-analysis",
    "safety liposomal-cytarabine",
    "safety --treatment osimertinib",
    "csf tucatinib",
    "csf",
    "conflicts",
    "comparisons --randomized",
    "search untreated",
    "show trastuzumab --full",
    "show osimertinib",
    "show melanoma",
    "compare methotrexate trastuzumab",
    "compare nivolumab ipilimumab",
    "plot -t breast -e overall-survival",
    "plot -t breast -e objective-response",
    "guidelines -t breast",
]


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("question", EXPLAINED)
def test_an_answer_explains_just_the_marks_that_stand_in_it(
    terminal: Run, question: str, width: int
) -> None:
    lines = terminal(width, *question.split()).out.splitlines()
    first = next(
        (
            at
            for at, line in enumerate(lines)
            if re.match(r"(Directions:|In brackets:|[†‡°Σ◆≈¶§‽^~(] )", line)
        ),
        len(lines),
    )
    body, legend = "\n".join(lines[:first]), "\n".join(lines[first:])
    for sign in SIGNS:
        stands = re.search(rf"\S{re.escape(sign)}|{re.escape(sign)}[\d≈]", body) is not None
        assert stands == (re.search(rf"^{re.escape(sign)} ", legend, re.M) is not None), sign
    directions = re.search(r"^Directions: (.+)$", legend, re.M)
    explained = {part.split(" ")[0] for part in directions[1].split(", ")} if directions else set()
    for sign in "▲▼":
        assert (sign in body) == (sign in explained), sign
