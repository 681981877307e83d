"""Workbooks: typed cells, marks, and the same cells as in CSV, read by openpyxl and by a
spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from lmtx.model.notation import POOLED_MARK, UNVERIFIED_MARK
from lmtx.render.text.cells import escape_formula
from support import Answer, Lmtx

openpyxl = pytest.importorskip("openpyxl")
Run = Callable[..., Answer]
SOFFICE = shutil.which("soffice")
LISTINGS = {
    "list": ("--mixed",),
    "evidence": (),
    "csf": (),
    "trials": (),
    "guidelines": (),
    "conflicts": (),
    "timeline": (),
    "classes": (),
}
ALL_SHEETS_AS_STORED = (
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
)
"""Commas, quotes, UTF-8, cells as they are and not as they are shown, a file a sheet."""


def workbook(run: Run, folder: Path, *arguments: str) -> Any:
    """Return the workbook of an answer as openpyxl reads it."""
    place = folder / "answer.xlsx"
    answer = run(*arguments, "-o", str(place), "--force")
    assert answer.code == 0, answer.err
    return openpyxl.load_workbook(place)


def about(book: Any) -> dict[str, Any]:
    return dict(book.worksheets[0].iter_rows(values_only=True))


def as_csv(value: Any) -> str:
    """Return a cell as CSV writes it."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return str(value).upper()
    return escape_formula("" if value is None else str(value))


@pytest.mark.parametrize("listing", LISTINGS)
def test_a_listing_has_the_cells_of_its_csv(run: Run, tmp_path: Path, listing: str) -> None:
    book = workbook(run, tmp_path, listing, *LISTINGS[listing])
    assert book.sheetnames == ["about", listing]
    head, *rows = book[listing].iter_rows(values_only=True)
    names, *lines = csv.reader(io.StringIO(run(listing, *LISTINGS[listing], "--csv").out))
    assert head == (*names, "marks")
    assert [[as_csv(value) for value in row[:-1]] for row in rows] == lines


def test_cells_have_types_and_a_sheet_is_ready_to_use(run: Run, tmp_path: Path) -> None:
    sheet = workbook(run, tmp_path, "trials")["trials"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    head = [cell.value for cell in sheet[1]]
    assert all(cell.font.bold for cell in sheet[1])
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
    assert all(6 <= width <= 60 for width in widths) and len(set(widths)) > 3
    for name, kind in (("enrolment", int), ("status_read", str), ("title", str)):
        values = [row[head.index(name)].value for row in sheet.iter_rows(min_row=2)]
        assert {type(value) for value in values if value is not None} == {kind}


def test_the_first_sheet_says_what_the_rows_are(run: Run, tmp_path: Path) -> None:
    book = workbook(run, tmp_path, "list", "--tumor", "melanoma", "--since", "2015")
    told = about(book)
    envelope = json.loads(run("list", "--json").out)
    assert told["disclaimer"] == envelope["disclaimer"]
    assert told["data version"] == envelope["data"]["version"]
    assert told["data SHA-256"] == envelope["data"]["sha256"]
    assert (told["command"], told["filter tumors"], told["filter since"]) == (
        "list",
        "melanoma",
        2015,
    )
    cells = str([*book.worksheets[0].iter_rows(values_only=True)])
    assert "--mixed" in cells, "what is left out is said in the workbook too"
    assert told["column level"].startswith("strongest level")


def test_marks_are_a_column_and_explained(run: Run, tmp_path: Path) -> None:
    book = workbook(run, tmp_path, "evidence", "--mixed")
    rows = {row["id"]: row for row in run("evidence", "--mixed", "--json").rows}
    head, *lines = book["evidence"].iter_rows(values_only=True)
    carried = {line[0]: (line[head.index("marks")] or "").split(" ") for line in lines}
    assert set(carried) == set(rows)
    for id_, row in rows.items():
        second_hand = row["read_in"] in ("secondary", "recalled")
        assert (UNVERIFIED_MARK[0] in carried[id_]) is second_hand, id_
        assert (POOLED_MARK[0] in carried[id_]) is bool(row["mixed_with"]), id_
    assert any(UNVERIFIED_MARK[0] in marks for marks in carried.values())
    assert about(book)[f"mark {UNVERIFIED_MARK[0]}"] == UNVERIFIED_MARK[1]


def test_the_marks_of_a_key_figure_are_those_of_the_table(run: Run, tmp_path: Path) -> None:
    head, *lines = workbook(run, tmp_path, "list")["list"].iter_rows(values_only=True)
    place, read_in = head.index("marks"), head.index("read_in")
    second_hand = [line for line in lines if line[read_in] in ("secondary", "recalled")]
    assert second_hand and all(UNVERIFIED_MARK[0] in line[place] for line in second_hand)
    assert any(not line[place] for line in lines)


def test_a_column_of_dates_is_one_of_dates() -> None:
    """A month alone is no day, and a column of both would not sort."""
    from lmtx.export.xlsx import Sheet, _write

    rows = [["2024-02-29", "2024-02-29", "2024-02-30"], ["", "2024-02", "2024-02-28"]]
    content = _write([], [Sheet("s", ["days", "some", "wrong"], [*map(list, rows)])])
    _, first, second = openpyxl.load_workbook(io.BytesIO(content))["s"].iter_rows(values_only=True)
    assert first == (datetime(2024, 2, 29), "2024-02-29", "2024-02-30")
    assert second == (None, "2024-02", "2024-02-28")


def test_what_looks_like_a_formula_is_text(run: Run, tmp_path: Path) -> None:
    from lmtx.export.xlsx import Sheet, _write

    texts = ["=1+1", "+1", "@SUM(A1)", "-2", "2024-13-45", "\x1b\x00", "\ud800", "x" * 40_000, "'="]
    content = _write([], [Sheet("s", ["a"], [[text] for text in texts])])
    cells = [
        row[0] for row in openpyxl.load_workbook(io.BytesIO(content))["s"].iter_rows(min_row=2)
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[:5]] == texts[:5]
    assert [cell.value for cell in cells[5:7]] == ["\ufffd\ufffd", "\ufffd"]
    assert len(cells[7].value) == 32_767 and cells[7].value.endswith("the other forms have all]")


def test_the_whole_base_is_a_sheet_a_table(run: Run, base: Path, tmp_path: Path) -> None:
    from lmtx.query.export import EXPORTABLE_TABLES

    book = workbook(run, tmp_path, "export")
    assert book.sheetnames == ["about", *EXPORTABLE_TABLES]
    for table in ("treatments", "outcomes", "trials"):
        head, *rows = book[table].iter_rows(values_only=True)
        names, *lines = csv.reader(io.StringIO(run("export", "-f", "csv", "--table", table).out))
        assert list(head) == names
        assert [[as_csv(value) for value in row] for row in rows] == lines
    alone = workbook(run, tmp_path, "export", "--table", "csf")
    assert alone.sheetnames == ["about", "csf"]


def test_a_card_is_a_workbook_too(run: Run, tmp_path: Path) -> None:
    head, *rows = workbook(run, tmp_path, "show", "osimertinib")["show"].iter_rows(values_only=True)
    names, *lines = csv.reader(io.StringIO(run("show", "osimertinib", "--csv").out))
    assert list(head) == names and [[as_csv(value) for value in row] for row in rows] == lines


def test_the_same_answer_has_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        assert run("csf", "-o", str(tmp_path / name)).code == 0
    first, second = ((tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second and b"dcterms:modified" not in first


def test_a_workbook_is_not_for_a_terminal(run: Run, lmtx: Lmtx) -> None:
    for arguments in (["list"], ["export"], ["show", "osimertinib"]):
        answer = lmtx(*arguments, "-f", "xlsx", env={"LMTX_FORCE_TTY": "80"})
        assert (answer.code, answer.out) == (2, "")
        assert "xlsx is not for a terminal" in answer.err


def test_without_the_library_it_says_how_to_install_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    answer = run("list", "-o", str(tmp_path / "a.xlsx"))
    assert answer.code == 2 and "-m pip install 'openpyxl" in answer.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.ci
@pytest.mark.skipif(SOFFICE is None, reason="needs LibreOffice")
@pytest.mark.parametrize("arguments", [["evidence", "--mixed"], ["trials"], ["csf"], ["list"]])
def test_a_spreadsheet_reads_the_cells_of_the_csv(
    run: Run, tmp_path: Path, arguments: list[str]
) -> None:
    """LibreOffice ends with 0 on a broken file too, so what it wrote is compared."""
    assert run(*arguments, "-o", str(tmp_path / "answer.xlsx")).code == 0
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    subprocess.run(
        [str(SOFFICE), home, "--headless", "--convert-to", ALL_SHEETS_AS_STORED, "answer.xlsx"],
        cwd=tmp_path,
        check=True,
        timeout=120,
        capture_output=True,
    )
    text = (tmp_path / f"answer-{arguments[0]}.csv").read_text(encoding="utf-8")
    head, *rows = csv.reader(io.StringIO(text))
    names, *lines = csv.reader(io.StringIO(run(*arguments, "--csv").out))
    assert head == [*names, "marks"]
    assert [[read_back(value) for value in row[:-1]] for row in rows] == lines
    told = dict(csv.reader(io.StringIO((tmp_path / "answer-about.csv").read_text("utf-8"))))
    assert told["command"] == arguments[0] and told["disclaimer"]


def read_back(value: str) -> str:
    """Return a cell that LibreOffice wrote as our CSV writes it."""
    return escape_formula(value)
