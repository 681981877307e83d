"""The questions of docs/questions.md: each command is run, and its answer says what it must."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from support import ROOT, Answer

Run = Callable[..., Answer]
Record = dict[str, Any]
PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\| (\d+) \| (.+?) \| `lmtx (.+?)` \| (.+?) \|$", PAGE, re.M)
BRIEF = {"tested", "dose", "harm", "differ", "advice", "trials", "unknown"}


def section(rows: list[Record], name: str) -> list[str]:
    """Return the items of a section of a brief."""
    [items] = [row["items"] for row in rows if row["section"] == name]
    return list(items)


def after_deruxtecan(rows: list[Record], text: str) -> None:
    tested = [row for row in rows if row["section"] == "tested"]
    assert {"trastuzumab", "tucatinib"} <= {row["id"] for row in tested}
    assert all(row["course"] for row in tested)
    assert "trastuzumab-deruxtecan" not in {row["id"] for row in tested}
    assert any("EANO–ESMO 2023: treatment statements not" in one for one in section(rows, "advice"))
    assert re.match(r"\d+ recruiting, \d+ for this marker", section(rows, "trials")[0])
    assert section(rows, "unknown")[0].startswith("after trastuzumab-deruxtecan: known in ")
    assert "(?) not known" in text


def nivolumab(rows: list[Record], text: str) -> None:
    assert re.search(r"intrathecal: [^(]* mg [^(]*\(n=\d+, Glitza Oliva 2023\)", text)
    assert re.search(r"\n +intravenous: [^(]* mg ", text), "a line of its own"


def liposomal(rows: list[Record], text: str) -> None:
    [fact] = [row for row in rows if row["kind"] == "fact"]
    assert re.search(r"Not LM.* leukaemia .*\d+ \(\d+%\)", fact["snippet"])
    assert fact["id"] in text and "methotrexate" in fact["snippet"]
    assert any(row["kind"] == "trial" for row in rows)


def pemetrexed(rows: list[Record], text: str) -> None:
    assert {row["endpoint"] for row in rows} == {"overall-survival"}
    medians = [row for row in rows if row["unit"] == "months"]
    assert len({row["study"] for row in medians}) > 8
    for row in medians:
        assert "pemetrexed" in row["treatments"] and "intrathecal" in row["routes"]
        assert row["n"] >= 20 and (row["value"] is not None or row["not_reached"])
    assert any(row["ci_low"] is not None and row["ci_high"] is not None for row in medians)


def recent(rows: list[Record], text: str) -> None:
    years = [row["year"] for row in rows]
    assert min(years) >= 2023 and years == sorted(years, reverse=True)


def first_line(rows: list[Record], text: str) -> None:
    courses = [row["course"] for row in rows if row["section"] == "tested"]
    assert courses[0] == "known after it" and courses == sorted(courses)
    assert section(rows, "unknown")[0].startswith("first line: known in ")


def in_europe(rows: list[Record], text: str) -> None:
    assert rows and all(row["open"] and row["status_age_days"] is not None for row in rows)
    assert {"Germany", "Denmark"} & {country for row in rows for country in row["countries"]}
    assert any(row["applies_by"] == ["any solid tumor"] for row in rows)


def small_cell(rows: list[Record], text: str) -> None:
    assert {row["section"] for row in rows} == BRIEF
    assert "methotrexate" in {row["id"] for row in rows}
    assert all("several tumors" in one for one in section(rows, "harm"))


def without_evidence(rows: list[Record], text: str) -> None:
    assert section(rows, "tested")[0] == "no evidence matches these filters"
    assert any("act on ROS1" in one for one in section(rows, "tested"))
    assert len(section(rows, "trials")) > 1


def kras(rows: list[Record], text: str) -> None:
    assert section(rows, "tested")[0] == "no evidence matches these filters"
    assert any("act on KRAS, none of them tested in LM" in one for one in section(rows, "tested"))


def triple_negative(rows: list[Record], text: str) -> None:
    assert {row["section"] for row in rows} == BRIEF
    assert "sacituzumab-govitecan" in {row["id"] for row in rows}


def amivantamab(rows: list[Record], text: str) -> None:
    assert text.startswith("Amivantamab") and "no figures on LM could be read" in text
    assert "last looked for" in text and "Relatives" in text and "Open trials" in text


def osimertinib(rows: list[Record], text: str) -> None:
    doses = section(rows, "dose")
    for dose in ("80 mg", "160 mg"):
        assert any(re.search(rf"oral: {dose} once daily \(n=\d+", one) for one in doses)
    assert "no comparison of doses is on record" in doses


def trastuzumab(rows: list[Record], text: str) -> None:
    doses = re.findall(r"intrathecal: \D*[\d, or]+ mg", text)
    assert len(doses) >= 3 and "intravenous:" not in text


def untreated(rows: list[Record], text: str) -> None:
    facts = [row["snippet"] for row in rows if row["kind"] == "fact"]
    assert sum("untreated" in one.casefold() for one in facts) >= 3
    assert sum(bool(re.search(r"\d (to \d )?(weeks|months)", one)) for one in facts) >= 3
    assert not any("…" in one for one in facts)
    shown = " ".join(text.split())
    assert all(" ".join(one.split()) in shown for one in facts), "each fact stands whole"
    assert any(row["kind"] == "evidence" for row in rows)


def whole_brain(rows: list[Record], text: str) -> None:
    [tested] = [row for row in rows if row["section"] == "tested"]
    assert re.fullmatch(r"▲\d+ =\d+ ▼\d+ ±\d+ \?\d+", tested["answer"])
    assert "against none: survival differs" in section(rows, "differ")[0]
    assert "zhen-2020" in text and "yan-2019" in text


def reservoir(rows: list[Record], text: str) -> None:
    routes = {row["id"] for row in rows if row["question"] == "route"}
    devices = {row["id"] for row in rows if row["tests"] == ["ommaya-reservoir"]}
    assert "glantz-2010-route.c3" in routes and "hitchins-1987.c3" in devices
    assert "puncture" in text


def braf(rows: list[Record], text: str) -> None:
    assert {"dabrafenib", "vemurafenib", "braf-mek-inhibitors"} <= {row["id"] for row in rows}
    assert all(row["level"] and row["studies"] for row in rows)


def tucatinib(rows: list[Record], text: str) -> None:
    assert len(rows) >= 4
    shown = re.findall(r"^tucatinib +(\S.*?)  +.*\n +(cycle \d)", text, re.M)
    assert len(shown) == len(rows) and len({*shown}) == len(rows), "no two rows look alike"


def breast_survival(rows: list[Record], text: str) -> None:
    assert {row["endpoint"] for row in rows} == {"overall-survival"} and len(rows) > 10
    assert any(row["low"] is not None for row in rows) and "nothing is pooled" in " ".join(
        text.split()
    )


def proton(rows: list[Record], text: str) -> None:
    [found] = [one for row in rows[:1] for one in row["head_to_head"] if "yang-2025" in str(one)]
    assert found["randomized"] and found["direction"] == "benefit"
    assert "randomised" in text.partition("Level")[0]


def chemotherapy_statements(rows: list[Record], text: str) -> None:
    assert len([row for row in rows if not row["superseded"]]) >= 4
    assert any("no longer seen as standard" in row["statement"] for row in rows)


def methotrexate_and_rays(rows: list[Record], text: str) -> None:
    said = [row for row in rows if row["kind"] == "guideline"]
    assert not said[0]["superseded"] and "should be avoided" in " ".join(text.split())
    assert any(row["superseded"] for row in said) and re.search(
        r"^dutch-lm-guideline\.3°", text, re.M
    )


def who_gains(rows: list[Record], text: str) -> None:
    ids = {row["id"] for row in rows}
    assert {"chamberlain-flow-prognosis.c1", "chamberlain-1997.c1"} <= ids, "CSF flow"
    assert {"le-rhun-2021.c1", "le-rhun-2021.c2", "le-rhun-2021.c6"} <= ids, "type, nodular or not"
    by_type = {row["id"]: row["direction"] for row in rows if row["tests"]}
    assert by_type["le-rhun-2021.c1"] != by_type["le-rhun-2021.c2"]
    shown = " ".join(text.split())
    assert all(row["effects"] for row in rows) and "type II with nodular" in shown


def randomized(rows: list[Record], text: str) -> None:
    assert all(row["randomized"] for row in rows)
    of = {row["study"]: row for row in rows}
    assert {"boogerd-2004", "lerhun-2020-deposein", "yang-2025-pcsi", "glantz-1999"} <= of.keys()
    assert of["lerhun-2020-deposein"]["tests"] == ["liposomal-cytarabine"]
    assert all(row["direction"] and row["effects"] for row in rows)
    assert all(row["id"] in text for row in rows)


CHECKS: dict[str, list[Callable[[list[Record], str], None]]] = {
    "1": [after_deruxtecan],
    "2": [nivolumab],
    "3": [liposomal],
    "4": [pemetrexed],
    "5": [recent],
    "6": [first_line],
    "7": [in_europe],
    "8": [small_cell],
    "9": [without_evidence, kras],
    "10": [triple_negative],
    "11": [amivantamab],
    "12": [osimertinib],
    "13": [trastuzumab],
    "14": [untreated],
    "15": [whole_brain],
    "16": [reservoir],
    "17": [braf],
    "18": [tucatinib],
    "19": [breast_survival],
    "20": [proton],
    "21": [chemotherapy_statements],
    "22": [methotrexate_and_rays],
    "23": [who_gains],
    "24": [randomized],
}


def test_each_question_has_a_command_and_a_check() -> None:
    numbers = [number for number, *_ in QUESTIONS]
    assert [number for number in CHECKS for _ in CHECKS[number]] == numbers
    assert all(answer.startswith(("in full", "in part")) for *_, answer in QUESTIONS)
    assert not re.search(r"\d+ (?:months|weeks|patients of)|\d%", PAGE), "figures drift"


@pytest.mark.parametrize("place", range(len(QUESTIONS)), ids=lambda place: QUESTIONS[place][1])
def test_a_question_is_answered(run: Run, terminal: Run, place: int) -> None:
    number, _, command, _ = QUESTIONS[place]
    nth = sum(one[0] == number for one in QUESTIONS[:place])
    words = [word for word in shlex.split(command) if word != "--csv"]
    drawn = terminal(80, *words)
    assert drawn.code == 0, drawn.err
    assert max(map(len, drawn.out.splitlines())) <= 80
    rows = run(*words, "--json", "-q").rows
    assert rows
    CHECKS[number][nth](rows, drawn.out)


def test_what_is_left_out_or_not_read_is_said_beside_the_answer(run: Run) -> None:
    assert "without a year left out" in run("list", "--since", "2023").err
    statements = run("guidelines", "--treatment", "intrathecal-chemotherapy-unspecified")
    assert "EANO–ESMO 2023" in statements.err
    answer = run("list", "-b", "kras")
    assert (answer.code, "on record is kras-g12c" in answer.err) == (2, True)
    answer = run("list", "-b", "ros1")
    assert answer.code == 1
    assert "lmtx list --target ros1" in answer.err and "lmtx trials --biomarker ros1" in answer.err


@pytest.mark.parametrize("name", ["furmonertinib", "tepotinib", "T-DM1"])
def test_a_known_drug_is_never_answered_by_its_neighbour(run: Run, name: str) -> None:
    answer = run("show", name, "--json")
    assert answer.code == 0
    [card] = answer.rows
    known = [card["record"]["id"], *card["record"]["aliases"]]
    assert name.lower() in {one.lower() for one in known}
