"""The machine formats are an API: on a small made-up base they are what the files in `golden/`
hold, to the byte.

So are the answers on `knots/`, a made-up base of what is hard to count; each of them was checked by
hand against the files when it was written. After an intended change: `LMTX_GOLDEN=write pytest tests/test_golden.py`, and say so in CHANGELOG.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmtx import __version__
from support import Answer, read_folder

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
    "show-treatment.tsv": "show examplinib --format tsv",
    "show-study.csv": "show doe-2020 --format csv",
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
    "export-effects.csv": "export --format csv --table effects",
    "export-exclusions.csv": "export --format csv --table exclusions",
    "effects.json": "effects --json",
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


KNOTS = Path(__file__).parent / "knots"
QUESTIONS = {
    "list": """
        list
        list --all -t east --min-n 10
        list --direction benefit,worse
        list --level IV
        list --min-level III -r intrathecal
        list --verified -e os
        list --verified --treatment etadrop
        list -t west --line later
        list --after drops
        list --mixed -t solid -c drops
        list -t solid --sort patients --limit 2
        list --since 2019
        list -b MARK-
        list --target alpha -e orr
        list --design phase-2
        list --treatment deltaray
        list --sort latest --limit 3
        list -c tablets -r intrathecal -t solid --mixed
        list --treatment betadrop -r oral
        list --treatment deltaray -r external-beam -t east --mixed
    """,
    "evidence": """
        evidence
        evidence -t west --verified
        evidence -e os,orr --min-n 30
        evidence --direction worse
        evidence --level V --line any
        evidence --since 2020 --mixed
        evidence -r oral --after drops
        evidence -c tablets -r intrathecal --mixed
        evidence --target eps -r oral
        evidence --treatment deltaray -r external-beam
    """,
    "compare": """
        compare alphadrop betadrop
        compare gammaray deltaray -t west
        compare epsilonib zetanib alphadrop -e os
        compare alphadrop
        compare alphadrop betadrop deltaray epsilonib gammaray zetanib etadrop
        compare epsilonib betadrop --verified
        compare epsilonib betadrop --design pharmacokinetic
    """,
    "conflicts": """
        conflicts
        conflicts -e pfs
        conflicts --treatment deltaray
        conflicts -t west -b MARK
    """,
    "safety": """
        safety
        safety betadrop zetanib
        safety --grade 3+
        safety --verified
        safety --event headache -t east
        safety -r oral
    """,
    "brief": """
        brief
        brief -t east
        brief -t west --after drops --line later
        brief -c tablets --line first
        brief -t west --after drops
        brief -t east-inner -b MARK
    """,
    "plot": """
        plot -e os
        plot -e os --all-scopes --superseded -c drops
        plot -e orr
        plot -e pfs
        plot -e os -t west --verified
        plot -t west
        plot -t east
        plot -e os -c drops -r oral
        plot -e os --direction worse
        plot -e os -c rays -r external-beam --superseded
        plot -e os --min-level III
        plot -e os --level II --min-n 12
    """,
    "effects": """
        effects
        effects -e os --excluded
        effects -e os --measure median -c drops
        effects -t west --mixed
        effects -e survival-rate,pfs --level IV
        effects --verified --excluded -e os -t west
    """,
    "map": """
        map
        map --rows treatment --columns tumor
        map --rows tumor --columns level
        map --rows class --columns design -t east
        map --rows biomarker --columns route
        map --rows treatment --columns event
        map --rows tumor --columns treatment --direction benefit
        map --rows route --columns endpoint
        map --rows class --columns level --min-level IV
        map --rows treatment --columns level
        map -c drops --depth 2
        map -c drops
        map -t solid --mixed --rows tumor --columns endpoint
        map -t east --depth 1
        map --rows design --columns treatment -r intrathecal
    """,
    "timeline": """
        timeline
        timeline -t west
        timeline -c drops --min-n 10
    """,
    "trials": """
        trials
        trials --open
        trials --country japan
        trials -t east --line first
        trials -b MARK --treatment epsilonib
        trials --after alphadrop
        trials --phase 2 --status recruiting
        trials -t solid
        trials -t west -b MARK
        trials --treatment gammaray
        trials -b MARK
        trials --sort updated
        trials --sort updated --reverse --limit 2
    """,
    "guidelines": """
        guidelines
        guidelines -t east
        guidelines --treatment alphadrop
        guidelines --topic diagnosis
        guidelines -t solid
        guidelines --since 2018
        guidelines --since 2019
        guidelines -t east-inner
    """,
    "csf": """
        csf
        csf --lm
        csf alphadrop --verified
        csf zetanib alphadrop
    """,
    "trees": """
        tumors
        classes
        levels
        info --quality
        search drops
        search ant
        search "eastern MARK"
        search alphadrp
        search drops --limit 2
        search "drops nonsense"
        search ANTHILL
        search mark
        search drops --kind study
    """,
    "cite": """
        cite kid-2010 elk-2014 lost-guide-2018 NCT00000011
        cite hen-2021 ant-2012 bee-2015 imp-2011 --style bibtex
        cite ant-2012 gnu-2020.2 --style ris
        cite --tumor west --direction worse --style csl-json
        cite betadrop --min-level III
        cite alphadrp
    """,
    "none": """
        list -t east-inner -b MARK
        list -t east -b MARK- --line first
        list -t east-inner -b MARK --mixed
        evidence -t west -c tablets
        brief -t east-inner -b MARK --line later
        safety zetanib
        csf zetanib
        conflicts --treatment betadrop
        trials --treatment zetanib
        list -c alphadrop
        list -t mark
        list --treatment drops
        list -c slower-drops
        guidelines -e os
        csf --line first
        trials --direction benefit
    """,
    "show": """
        show alphadrop
        show betadrop
        show gammaray
        show deltaray
        show east
        show ant-2012
        show elk-2014
        show bee-2015.c1
        show NCT00000012
        show new-guide-2022
        show zetanib
        show gnu-2020
        show alph
        show deltaryy
        show west
        show kid-2010
    """,
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_knots(run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    read_folder(monkeypatch, KNOTS)
    monkeypatch.setenv("LMTX_TODAY", "2026-02-01")
    lines = []
    for question in QUESTIONS[name].strip().splitlines():
        words = shlex.split(question)
        answer = run(*words, *([] if words[0] == "cite" else ["--json"]))
        assert answer.code < 3, answer.err
        told = answer.out.splitlines() if words[0] == "cite" else map(write_answer, rows_of(answer))
        lines += [f"$ lmtx {question.strip()}", *told]
        lines += [f"! {line}" for line in answer.err.splitlines()] + [f"= {answer.code}"]
    text = "\n".join([*lines, ""])
    file = GOLDEN / f"knots-{name}.txt"
    if os.environ.get("LMTX_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{file} is no longer what lmtx answers"


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows of an answer, or its one record."""
    found = json.loads(answer.out) if answer.out else {"rows": []}
    return list(found.get("rows", [found]))


def write_answer(row: dict[str, Any]) -> str:
    """Write a row without what is empty."""
    head = ("schema", "lmtx", "data", "disclaimer", "query")
    kept = {key: value for key, value in row.items() if key not in head}
    return json.dumps(drop_empty(kept), ensure_ascii=False)


def drop_empty(value: Any) -> Any:
    """Return a value without the empty parts of it; a number stays, be it 0."""
    if isinstance(value, dict):
        kept = {key: drop_empty(part) for key, part in value.items()}
        return {
            key: part
            for key, part in kept.items()
            if part or (isinstance(part, int | float) and part is not False)
        }
    return [drop_empty(part) for part in value] if isinstance(value, list) else value


def test_no_golden_file_is_forgotten() -> None:
    knots = {f"knots-{name}.txt" for name in QUESTIONS}
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES) | knots
