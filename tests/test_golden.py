"""The machine formats are an API: on a small made-up base they are what the files in `golden/`
hold, to the byte.

After an intended change: `LMTX_GOLDEN=write pytest tests/test_golden.py`, and say so in CHANGELOG.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx import __version__
from support import Answer

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "list.tsv": "list",
    "list.csv": "list --csv",
    "list.json": "list --tumor north --min-n 5 --json",
    "list.jsonl": "list --format jsonl",
    "list.md": "list --format md",
    "evidence.tsv": "evidence",
    "evidence.csv": "evidence --csv",
    "evidence.json": "evidence --endpoint OS --json",
    "evidence.jsonl": "evidence --format jsonl",
    "evidence.md": "evidence --format md",
    "csf.tsv": "csf",
    "csf.json": "csf --json",
    "guidelines.tsv": "guidelines",
    "guidelines.json": "guidelines --json",
    "trials.tsv": "trials",
    "trials.json": "trials --json",
    "tumors.tsv": "tumors",
    "tumors.json": "tumors --json",
    "classes.tsv": "classes",
    "classes.json": "classes --json",
    "levels.tsv": "levels",
    "fields.tsv": "fields",
    "search.tsv": "search northern",
    "search.json": "search northern --json",
    "compare.tsv": "compare examplinib samplexate",
    "compare.json": "compare examplinib samplexate --json",
    "map.tsv": "map",
    "map.json": "map --rows treatment --columns route --json",
    "map.md": "map --tumor north --columns biomarker -f md",
    "timeline.tsv": "timeline",
    "timeline.json": "timeline --tumor north --json",
    "plot.tsv": "plot --endpoint OS --superseded",
    "plot.json": "plot --endpoint objective-response --json",
    "plot.md": "plot --endpoint clinical-response --format md",
    "show-treatment.json": "show examplinib --json",
    "show-tumor.json": "show north --json",
    "show-study.json": "show doe-2020 --json",
    "show-trial.json": "show NCT00000001 --json",
    "show-guideline.json": "show society-2022 --json",
    "export.json": "export --format json",
    "export.jsonl": "export --format jsonl",
    "cite.txt": "cite examplinib society-2022 NCT00000001",
    "cite.bib": "cite examplinib society-2022 NCT00000001 --style bibtex",
    "cite.ris": "cite examplinib society-2022 NCT00000001 --style ris",
    "cite.json": "cite examplinib society-2022 NCT00000001 --style csl-json",
    "export-outcomes.csv": "export --format csv --table outcomes",
}


@pytest.mark.parametrize("name", CASES)
def test_golden(
    run: Callable[..., Answer], base: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("LMTX_TODAY", "2026-02-01")
    answer = run(*CASES[name].split())
    assert answer.code == 0, answer.err
    text = answer.out.replace(f'"lmtx": "{__version__}"', '"lmtx": "0"')
    file = GOLDEN / name
    if os.environ.get("LMTX_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"lmtx {CASES[name]} no longer writes {file}"


def test_no_golden_file_is_forgotten() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES)
