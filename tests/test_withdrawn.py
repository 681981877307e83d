"""What was withdrawn stays to be found, says so, and stands for nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support import Answer

Run = Callable[..., Answer]
WITHDRAWN = """[study]
id = "own-2030"
first_author = "Own A"
year = 2025
design = "randomized-phase-3"
patients = 900
lm_only = true
withdrawn = "retracted by the journal"
read_in = "full-text"
seen_at = ["https://example.org/own"]

[[evidence]]
row = 1
tumors = ["north"]
n = 900
direction = "no-benefit"
summary = "It was said to do nothing."
safety = "It was said to harm."

[[evidence.given]]
treatment = "examplinib"
role = "tested"

[[evidence.outcome]]
endpoint = "overall-survival"
value = 44
unit = "months"

[[evidence.outcome]]
endpoint = "grade-3-plus-adverse-events"
value = 99
unit = "%"

[[evidence]]
row = 2
tumors = ["south"]
n = 400
direction = "no-benefit"
summary = "It was said to do nothing."

[[evidence.given]]
treatment = "pills-unspecified"
role = "tested"

[[comparison]]
comparison = 1
of = 2
against_group = "no pills"
tests = ["pills-unspecified"]
question = "versus-none"
direction = "no-benefit"

[[comparison.effect]]
endpoint = "overall-survival"
unit = "none"
favours = "neither"
"""


@pytest.fixture
def own(base: Path, tmp_path: Path) -> str:
    path = tmp_path / "own.toml"
    path.write_text(WITHDRAWN, encoding="utf-8")
    return str(path)


def test_it_is_counted_nowhere_and_gives_no_figure(run: Run, own: str) -> None:
    keys = (
        "level",
        "studies",
        "patients",
        "figure",
        "figure_study",
        "latest",
        "benefit",
        "no_benefit",
    )
    before, after = (
        {key: run("list", *more, "--json").rows[0][key] for key in keys}
        for more in ((), ("--with", own))
    )
    assert after == before and before["figure_study"] == "doe-2020"


def test_it_disagrees_with_nobody(run: Run, own: str) -> None:
    [card] = run("show", "examplinib", "--with", own, "--json").rows
    assert card["conflicts"] == []
    standing = WITHDRAWN.replace('withdrawn = "retracted by the journal"\n', "")
    other = standing.replace("own-2030", "other-2030").replace('"neither"', '"of"')
    paths = {"other": other.replace('"no-benefit"', '"benefit"'), "standing": standing}
    for name, text in paths.items():
        Path(own).with_name(f"{name}.toml").write_text(text, encoding="utf-8")
    beside = ("conflicts", "--json", "--with", str(Path(own).with_name("other.toml")))
    assert run(*beside, "--with", own).code == 1
    assert run(*beside, "--with", str(Path(own).with_name("standing.toml"))).code == 0
    [row, _] = run("compare", "examplinib", "samplexate", "--with", own, "--json").rows
    assert (
        row["conflicts"] == []
        and row["os"]["study"] == "doe-2020"
        and row["toxicity"] is None
        and (row["safety"] or {}).get("study") != "own-2030"
    )


def test_it_says_so_wherever_it_stands(run: Run, terminal: Callable[..., Answer], own: str) -> None:
    rows = {row["id"]: row["withdrawn"] for row in run("evidence", "--with", own, "--json").rows}
    assert rows["own-2030.1"] == "retracted by the journal" and rows["doe-2020.1"] is None
    assert "own-2030.1◆ [withdrawn]" in terminal(120, "evidence", "--with", own).out
    assert "(own-2030.1)◆ [withdrawn]" in terminal(120, "show", "examplinib", "--with", own).out
    card = terminal(120, "show", "examplinib", "--full", "--with", own).out
    assert "retracted by the journal" in card and card.count("[withdrawn]") == 2, (
        "at the row and in the references"
    )
    assert "OS 44" not in card.partition("North")[0]
    drawn = terminal(120, "search", "was said to do nothing", "--with", own).out
    assert "own-2030.1◆ [withdrawn]" in drawn
    hits = run("search", "was said to do nothing", "--with", own, "--json").rows
    assert {row["withdrawn"] for row in hits} == {"retracted by the journal"}
