"""Rows in Python: a sequence, dictionaries, data frames and a table of a notebook."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import lmtx
from lmtx.api.rows import AnswerContext, Rows
from lmtx.listings import Listing
from lmtx.render import Envelope
from support import BASE


@pytest.fixture
def kb() -> Iterator[lmtx.Base]:
    with lmtx.open(BASE) as opened:
        yield opened


class Item(NamedTuple):
    """A row with a cell of every kind."""

    id: str
    n: int | None = None
    value: float | None = None
    sure: bool | None = None
    names: list[str] | None = None
    more: dict[str, Any] | None = None
    either: str | int | None = None
    url: str | None = None
    read_in: str | None = None


def items(*rows: Item, notes: tuple[str, ...] = ()) -> Rows[Item]:
    return Rows(
        rows,
        AnswerContext(
            Listing("items", "Items.", Item),
            Envelope(
                "0",
                {"version": "2026.1.0", "as_of": "2026-01-31", "sha256": "x"},
                "not advice",
                {},
            ),
            notes,
        ),
    )


def test_rows_are_a_sequence(kb: lmtx.Base) -> None:
    rows = kb.evidence()
    assert len(rows) == len(list(rows)) > 2 and rows[0] == next(iter(rows)) and rows[-1] in rows
    assert (
        isinstance(rows[1:], Rows)
        and list(rows[1:]) == list(rows)[1:]
        and rows[1:].notes == rows.notes
    )
    assert rows == kb.evidence() and rows != rows[1:] and rows != list(rows) and items() != rows[:0]
    assert rows.fields == rows[0]._fields and rows.index(rows[2]) == 2
    with pytest.raises(TypeError):
        hash(rows)
    assert bool(kb.treatments(tumor="north")) and not rows[:0]


def test_rows_say_what_they_are(kb: lmtx.Base) -> None:
    assert repr(kb.levels()).startswith("<6 rows of levels: level, meaning") and repr(
        kb.evidence()[:1]
    ).startswith("<1 row of evidence: id")
    assert kb.levels().caveat.startswith("Not medical advice") and kb.version in kb.levels().caveat


def test_rows_survive_pickling(kb: lmtx.Base) -> None:
    for rows in (
        kb.treatments(),
        kb.evidence(),
        kb.outcomes(),
        kb.studies(),
        kb.csf(),
        kb.guidelines(),
        kb.trials(),
        kb.tumors(),
        kb.search("examplinib"),
        kb.compare("examplinib", "samplexate"),
    ):
        again = pickle.loads(pickle.dumps(rows))
        assert (
            again == rows
            and again.about.envelope == rows.about.envelope
            and again.notes == rows.notes
            and type(again[0]) is type(rows[0])
        )


def test_a_data_frame_of_pandas_holds_what_the_rows_hold(kb: lmtx.Base) -> None:
    pandas = pytest.importorskip("pandas")
    rows = kb.outcomes()
    frame = rows.to_pandas()
    assert list(frame.columns) == list(rows.fields) and len(frame) == len(rows)
    for field in rows.fields:
        found = [
            None if not isinstance(value, list) and pandas.isna(value) else value
            for value in frame[field]
        ]
        assert found == [getattr(row, field) for row in rows], field
    assert frame.attrs == {
        "version": kb.version,
        "as_of": kb.as_of,
        "sha256": kb.sha256,
        "disclaimer": kb.disclaimer,
    }


def test_the_types_of_pandas_do_not_hang_on_the_rows() -> None:
    pytest.importorskip("pandas")
    expected = {
        "id": "string",
        "n": "Int64",
        "value": "Float64",
        "sure": "boolean",
        "names": "object",
        "more": "object",
        "either": "object",
        "url": "string",
        "read_in": "string",
    }
    for rows in (
        items(),
        items(Item("a")),
        items(
            Item("a", 1, 2.5, True, ["x"], {"k": 1}, "s", "u"),
            Item("b", None, 3, False, [], None, 4),
        ),
    ):
        assert {name: str(kind) for name, kind in rows.to_pandas().dtypes.items()} == expected


def test_a_data_frame_of_polars_holds_what_the_rows_hold(kb: lmtx.Base) -> None:
    polars = pytest.importorskip("polars")
    for rows in (
        kb.treatments(),
        kb.evidence(),
        kb.outcomes(),
        kb.csf(),
        kb.compare("examplinib", "samplexate"),
    ):
        frame = rows.to_polars()
        assert frame.columns == list(rows.fields) and frame.height == len(rows)
        assert frame["id" if "id" in rows.fields else "evidence"].to_list() == [
            row[0] for row in rows
        ]
    assert rows[:0].to_polars().schema["patients"] == polars.Int64 and rows[
        :0
    ].to_polars().columns == list(rows.fields)
    assert kb.outcomes().to_polars()["value"].to_list() == [row.value for row in kb.outcomes()]
    assert kb.evidence().to_polars()["treatments"].to_list() == [
        row.treatments for row in kb.evidence()
    ]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(
    kb: lmtx.Base, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(lmtx.MissingLibrary, match=f"{library} is not installed") as caught:
        getattr(kb.levels(), f"to_{library}")()
    assert (
        caught.value.hint.startswith(f"{sys.executable} -m pip install '{library}>=")
        and isinstance(caught.value, ImportError)
        and isinstance(caught.value, lmtx.UsageError)
    )


def test_a_library_that_is_broken_says_so_itself(
    kb: lmtx.Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr("lmtx.errors.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="numpy"):
        kb.levels().to_pandas()


# A notebook


def test_a_notebook_shows_the_columns_of_a_terminal_with_their_marks(kb: lmtx.Base) -> None:
    shown = kb.treatments()._repr_html_()
    assert (
        shown.startswith("<table>")
        and "<th>Key figure</th>" in shown
        and "<th>Treatment</th>" in shown
    )
    assert shown.count("<tr>") == len(kb.treatments()) + 1
    assert "Directions: ▲ benefit, = none" in shown and kb.treatments().caveat in shown
    assert "mixed=True adds them" in kb.evidence(tumor="north")._repr_html_()


@pytest.mark.parametrize(
    "listing",
    [
        "evidence",
        "outcomes",
        "studies",
        "csf",
        "guidelines",
        "trials",
        "tumors",
        "classes",
        "levels",
        "biomarkers",
        "fields",
    ],
)
def test_every_listing_can_be_shown(kb: lmtx.Base, listing: str) -> None:
    rows = getattr(kb, listing)()
    shown = rows._repr_html_()
    assert (
        shown.count("<tr>") == min(len(rows), 100) + 1
        and shown.count("<td") % (shown.count("<tr>") - 1) == 0
    )


def test_hits_and_comparisons_can_be_shown(kb: lmtx.Base) -> None:
    assert "<th>figure</th>" in kb.search("examplinib")._repr_html_()
    assert "samplexate" in kb.compare("examplinib", "samplexate")._repr_html_()


def test_nothing_in_a_cell_is_markup() -> None:
    shown = items(
        Item("<script>alert('x')</script>", url='javascript:alert("x")'),
        Item("b & c", url='https://example.org/"><b>'),
        notes=("<i>",),
    )._repr_html_()
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "b &amp; c" in shown
    assert (
        'href="javascript' not in shown
        and 'href="https://example.org/&quot;&gt;&lt;b&gt;"' in shown
        and "&lt;i&gt;" in shown
    )


def test_a_figure_that_was_not_read_at_its_source_carries_its_dagger() -> None:
    shown = items(
        Item("a", value=7.5, read_in="recalled"), Item("b", value=2.5, read_in="abstract")
    )._repr_html_()
    assert ">7.5†<" in shown and ">2.5<" in shown and "not read at its source" in shown
    assert "†" not in items(Item("b", value=2.5, read_in="abstract"))._repr_html_()


def test_a_long_table_is_cut_and_says_so() -> None:
    shown = items(*(Item(f"row{number}") for number in range(105)))._repr_html_()
    assert "row99<" in shown and "row100" not in shown and "5 more rows" in shown
