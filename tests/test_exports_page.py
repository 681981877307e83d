"""Every example of docs/exports.md runs, on files that its own commands made."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmtx.cli.export import ExportFormat
from lmtx.cli.run import main
from support import ROOT, Answer

Run = Callable[..., Answer]
PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


COMMANDS = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
SHELL = [line for block in blocks("sh") for line in block.splitlines()]
QUERIES = [query.strip() for block in blocks("sql") for query in block.split(";") if query.strip()]


def needs_r(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that runs R."""
    has_r = shutil.which("Rscript") is not None
    missing = pytest.mark.skipif(
        not has_r, reason="needs R: apt install r-base-core r-cran-metafor"
    )
    marked: Callable[..., None] = pytest.mark.ci(missing(test))
    return marked


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every command of the page was run, in its order."""
    if any("parquet" in line for line in COMMANDS):
        pytest.importorskip("pyarrow")
    place = tmp_path_factory.mktemp("exports")
    here = Path.cwd()
    os.chdir(place)
    try:
        for line in COMMANDS:
            said = io.StringIO()
            with (
                contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")),
                contextlib.redirect_stderr(said),
            ):
                assert main(shlex.split(line)[1:]) == 0, f"{line}: {said.getvalue()}"
    finally:
        os.chdir(here)
    return place


def test_there_are_examples_of_every_kind() -> None:
    assert (
        len(COMMANDS) >= 8
        and len(SHELL) >= 4
        and len(QUERIES) >= 2
        and len(blocks("python")) == 3
        and len(blocks("r")) == 2
    )
    assert all(line.startswith("lmtx ") for line in COMMANDS)


def test_the_commands_write_what_the_page_says(folder: Path) -> None:
    asked = ("melanoma", "egfr", "her2", "response")
    assert {path.name for path in folder.iterdir()} == {
        "lmtx-csv",
        "lmtx-parquet",
        "outcomes.csv",
        "lmtx.db",
        "lmtx.jsonl",
        *(f"{name}.csv" for name in asked),
        *(f"{name}-left-out.csv" for name in asked),
    }


def run_r(program: str, folder: Path) -> str:
    """Return what a program of R prints; a warning is an error."""
    done = subprocess.run(
        ["Rscript", "-e", f"options(warn = 2)\n{program}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_answers(folder: Path, place: Path) -> Path:
    """Copy the tables that the page made, for a recipe that writes beside them."""
    for path in folder.glob("*.csv"):
        shutil.copy(path, place)
    return place


@needs_r
def test_the_recipe_of_r_draws_its_forest_plots(folder: Path, tmp_path: Path) -> None:
    """As printed: three pictures, what was left out of each, and a model of the response."""
    [recipe, _] = blocks("r")
    copy_answers(folder, tmp_path)
    told = run_r(recipe, tmp_path)
    for name in ("melanoma", "egfr", "her2"):
        picture = (tmp_path / f"forest-{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG") and len(picture) > 20_000, name
        left_out = read_rows(folder / f"{name}-left-out.csv")
        assert left_out and all(row["record"] in told for row in left_out), name
    assert "Random-Effects Model" in told and "pred" in told


@pytest.mark.ci
@pytest.mark.skipif(
    not shutil.which("soffice"), reason="needs LibreOffice: apt install libreoffice-calc"
)
def test_a_spreadsheet_reads_the_figures_as_they_are(folder: Path, tmp_path: Path) -> None:
    """No figure becomes a date, no text a formula, no sign another one on the way through
    LibreOffice.
    """
    source = folder / "lmtx-csv" / "outcomes.csv"
    call = (
        "soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--infilter=Text - txt - csv (StarCalc):44,34,76,1", "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", tmp_path, source,
    )  # fmt: skip
    subprocess.run(call, capture_output=True, timeout=120, check=True)
    read, kept = (
        list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        for path in (tmp_path / "outcomes.csv", source)
    )
    assert len(read) == len(kept) > 100
    for name in ("evidence", "endpoint", "unit", "at"):
        assert [row[name] for row in read] == [row[name] for row in kept], name
    numbers = [(row["value"], old["value"]) for row, old in zip(read, kept, strict=True)]
    assert all(a == b or float(a) == float(b) for a, b in numbers)


def test_every_form_is_in_the_table(
    run: Run, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\|.*\| `(lmtx export .*?)` \|$", PAGE, re.M)
    assert len(commands) == len(ExportFormat)
    for line in commands:
        assert run(*shlex.split(line)[1:]).code == 0, line
    assert len(list(tmp_path.iterdir())) == len(ExportFormat)


def test_the_python_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One piece after the other, as in a notebook: what is left out is printed, and the rate lies
    between those that it is made of."""
    pytest.importorskip("pandas")
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)
    usable, (rate, low, high) = names["usable"], names["rate"]
    assert len(usable) > 5 and usable["cohort"].is_unique
    rates = (usable["events"] + 0.5) / (usable["total"] + 1)
    assert rates.min() < low < rate < high < rates.max()
    assert names["tumors"]["nsclc"] > 50
    told = capsys.readouterr().out
    left_out = read_rows(folder / "response-left-out.csv")
    assert left_out and all(row["record"] in told for row in left_out)
    assert f"rate {rate:.0%}" in told


@needs_r
def test_pandas_and_metafor_agree(folder: Path) -> None:
    """The model in pandas is that of DerSimonian and Laird in metafor."""
    pytest.importorskip("pandas")
    names: dict[str, Any] = {}
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        exec(blocks("python")[0], names)
    program = """
    library(metafor)
    d <- subset(read.csv("response.csv", na.strings = ""), !is.na(yi))
    m <- rma(yi, sei = sei, data = d, method = "DL")
    cat(sprintf("%.9f", c(m$beta, m$se, m$tau2)))
    """
    pooled, se, tau2 = map(float, run_r(program, folder).split())
    assert names["pooled"] == pytest.approx(pooled, abs=1e-6)
    assert names["se"] == pytest.approx(se, abs=1e-6)
    assert names["tau2"] == pytest.approx(tau2, abs=1e-6)


WORDS = ("NA", "None", "n/a", "NaN", "null", "NULL", "1/2", "3-5", "TRUE")
"""Texts that a reader of CSV could take for nothing, or for something else."""


def write_words(folder: Path) -> None:
    """Write figures whose texts are such words."""
    from lmtx.query.export import OUTCOME_COLUMNS
    from lmtx.render.text.formats import write_comma_separated

    known = {"mixed": False, "n": 12, "scope": "whole", "value": 9.5, "citation": "Doe 2024"}
    texts = ("p", "ci_upper", "group", "versus", "at", "assessed_by")
    rows = [[known.get(c, w if c in texts else None) for c in OUTCOME_COLUMNS] for w in WORDS]
    folder.joinpath("outcomes.csv").write_text(
        "".join(write_comma_separated(OUTCOME_COLUMNS, rows)), encoding="utf-8"
    )


def test_a_text_stays_a_text_in_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    write_words(tmp_path)
    names: dict[str, Any] = {}
    exec(f"import pandas as pd\n{blocks('python')[1].partition('# lists')[0]}", names)
    figures = names["figures"]
    for name in ("p", "ci_upper", "group"):
        assert tuple(figures[name]) == WORDS
    assert figures["mixed"].dtype == bool and list(figures["n"]) == [12] * len(WORDS)
    assert figures["superseded_by"].isna().all()


@needs_r
def test_a_text_stays_a_text_in_r(tmp_path: Path) -> None:
    write_words(tmp_path)
    checks = (
        "stopifnot(is.logical(figures$mixed), nrow(whole) == nrow(figures), is.numeric(figures$n))"
    )
    said = "cat(figures$p, figures$group, sep = '|')"
    reading = "\n".join(blocks("r")[1].splitlines()[:2])
    assert run_r(f"{reading}\n{checks}\n{said}", tmp_path) == "|".join(WORDS * 2)


def test_the_texts_of_a_spreadsheet_come_back() -> None:
    """The piece that takes the apostrophes away undoes what the export did."""
    pandas = pytest.importorskip("pandas")
    from lmtx.render.text.cells import escape_formula

    texts = ["=1+1", "'=1", "-0.5 (log)", "@x", "plain", "'quoted'", "＋1", "a;=1", 'a; "=1']
    names: dict[str, Any] = {
        "figures": pandas.DataFrame(
            {"text": [escape_formula(text) for text in texts], "number": range(len(texts))}
        )
    }
    exec(next(block for block in blocks("python") if "select_dtypes" in block), names)
    assert list(names["figures"]["text"]) == texts


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_the_queries_run(folder: Path, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        assert len(connection.execute(query).fetchall()) > 3


@pytest.mark.parametrize("line", SHELL)
def test_the_shell_lines_run(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    program = pytest.importorskip("sqlite_utils.cli").cli
    from click.testing import CliRunner

    monkeypatch.chdir(folder)
    assert line.startswith("sqlite-utils ")
    done = CliRunner().invoke(program, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output
    assert done.output.count("\n") >= 3


def test_the_table_is_clean_for_r(folder: Path) -> None:
    """What read.csv would stumble over: broken lines, a text that is the word NA, a logical that is
    something else, a word in a column of numbers."""
    with (folder / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    rows = list(csv.DictReader(lines))
    assert len(rows) == len(lines) - 2, "a cell holds a line break"
    assert not [
        cell for row in rows for cell in row.values() if cell in ("NA", "NaN", "NULL", "Inf")
    ]
    assert {row[name] for row in rows for name in ("mixed", "as_printed", "lm_only", "stands")} == {
        "TRUE",
        "FALSE",
    }
    for name in ("value", "ci_low", "ci_high", "ci_level", "events", "total", "n", "year"):
        assert any(row[name] for row in rows) and all(
            float(row[name]) >= 0 for row in rows if row[name]
        ), name
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in rows[0]), "R would rename it"


def test_the_columns_that_the_page_names_are_there(folder: Path) -> None:
    """In what is said of the tables for meta-analysis and of all figures."""
    from lmtx.model.vocabulary import EFFECT_MEASURES, SCALES
    from lmtx.query.effects import EffectRow, ExclusionRow
    from lmtx.query.export import EXPORTABLE_TABLES, OUTCOME_COLUMNS

    advice = PAGE.partition("## For a meta-analysis")[2].partition("### In R")[0]
    words = {"escalc", "conv", "wald", "unclear", *EXPORTABLE_TABLES, *EFFECT_MEASURES, *SCALES}
    named = set(re.findall(r"`([a-z_]+)`", advice)) - words
    assert len(named) > 15 and named <= {*EffectRow._fields, *ExclusionRow._fields}
    advice = PAGE.partition("## Every printed figure")[2].partition("```")[0]
    named = set(re.findall(r"`([a-z_]+)`", advice)) - {"outcomes", "whole"}
    assert len(named) > 5 and named <= set(OUTCOME_COLUMNS)


def test_its_views_and_links_exist(folder: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(folder / "lmtx.db")
    views = {
        name for (name,) in connection.execute("select name from sqlite_master where type = 'view'")
    }
    connection.close()
    table = PAGE.partition("| view | one row |")[2].partition("```")[0]
    assert {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    } == views
    for target in re.findall(
        r"\]\((?!https?:|#)([^)#]+)\)",
        PAGE + (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8"),
    ):
        assert (ROOT / "docs" / target).exists(), target
