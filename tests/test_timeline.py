"""The timeline: every study once, in the year of its first report."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lmtx.model.levels import rank_level
from lmtx.query.timeline import YearLevelRow
from lmtx.render import Envelope, Screen
from lmtx.render.svg import timeline
from lmtx.render.terminal.timeline import draw
from support import Answer, study
from test_map import COHORTS, DRAWN, NO_PATIENTS, SVG

Run = Callable[..., Answer]
ENVELOPE = Envelope(
    "0",
    {"version": "2026.1.0", "as_of": "2026-01-31", "sha256": "x"},
    "not advice",
    {"command": "timeline"},
)


def recounted(rows: list[dict[str, Any]]) -> Counter[int | None]:
    """Count cohorts by first year from the JSON of `evidence`."""
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if (
            row["design"] not in (*NO_PATIENTS, "preclinical")
            and "withdrawn" not in study(row["study"])["study"]
            and row["read_in"] != "recalled"
        ):
            told.setdefault(COHORTS[row["study"]], []).append(row)
    return Counter(
        min((row["year"] for row in group if row["year"]), default=None) for group in told.values()
    )


@pytest.mark.parametrize(
    "filters",
    [
        [],
        ["-t", "melanoma"],
        ["-t", "nsclc", "-b", "egfr"],
        ["-t", "breast", "-b", "her2"],
        ["-c", "egfr-tki"],
        ["--since", "2015", "--mixed", "-t", "lung"],
    ],
)
def test_years_are_those_of_evidence(run: Run, filters: list[str]) -> None:
    rows = run("timeline", *filters, "--json").rows
    found: Counter[int | None] = Counter()
    for row in rows:
        if row["studies"]:
            found[row["year"]] += row["studies"]
    assert found == recounted(run("evidence", *filters, "--json").rows)
    years = list(dict.fromkeys(row["year"] for row in rows if row["year"]))
    assert years == list(range(years[0], years[-1] + 1)), "a year without a study is there too"
    so_far = 0
    for year in years:
        group = [row for row in rows if row["year"] == year]
        so_far += sum(row["studies"] for row in group)
        assert {row["cumulative"] for row in group} == {so_far}
        assert [rank_level(row["level"]) for row in group] == sorted(
            rank_level(row["level"]) for row in group
        )
    assert all(row["cumulative"] is None for row in rows if row["year"] is None) and all(
        row["year"] for row in rows[: len(years)]
    )


def test_patients_are_those_of_the_whole(run: Run) -> None:
    rows = run("timeline", "-t", "melanoma", "--json").rows
    [tumor] = [row for row in run("tumors", "--json").rows if row["id"] == "melanoma"]
    assert (sum(row["studies"] for row in rows), sum(row["patients"] or 0 for row in rows)) == (
        tumor["studies"],
        tumor["patients"],
    )


def test_studies_without_a_year_are_told(run: Run, terminal: Run) -> None:
    unknown = sum(row["studies"] for row in run("timeline", "--json").rows if row["year"] is None)
    assert unknown and f"{unknown} studies without a year of publication" in run("timeline").err
    assert re.search(rf"^no year +{unknown} ", terminal(80, "timeline").out, re.M)
    told = run("timeline", "--since", "2000").err
    assert "without a year of publication" not in told and "rows without a year left out" in told


@pytest.mark.parametrize("width", [30, 50, 80, 160])
def test_a_line_a_year_with_a_sign_a_study(run: Run, terminal: Run, width: int) -> None:
    answer = terminal(width, "timeline")
    assert max(map(len, answer.out.splitlines())) <= width
    by_year = Counter({row["year"]: 0 for row in run("timeline", "--json").rows})
    for row in run("timeline", "--json").rows:
        by_year[row["year"]] += row["studies"]
    for year, studies in by_year.items():
        if year:
            [line] = [line for line in answer.out.splitlines() if line.startswith(f"{year} ")]
            assert line.split()[1] == str(studies)
            assert width < 50 or len(re.sub(r"[^█▓▒░▏·]", "", line)) == studies
    assert ("left out at" in answer.err) == (width < 59)


def test_ascii_signs_differ_by_level(terminal: Run, run: Run) -> None:
    out = terminal(80, "timeline", "--ascii").out
    told = {
        row["level"]: row["studies"]
        for row in run("timeline", "--json").rows
        if row["year"] == 2020
    }
    signs = "".join(
        sign * told.get(level, 0)
        for sign, level in zip("2345.", ("II", "III", "IV", "V", None), strict=True)
    )
    assert (
        len(told) > 3
        and out.isascii()
        and re.search(rf"^2020 +{sum(told.values())} .* {re.escape(signs)}$", out, re.M)
    )
    assert "Level  2 II 3 III 4 IV 5 V . none" in out
    assert "\x1b[" in terminal(80, "timeline", "--color", "always").out


def test_many_studies_share_signs() -> None:
    """Where a year does not fit its line, a sign stands for several studies, and the foot says
    so."""
    rows = [
        YearLevelRow(2020, "III", 90, 900, 100),
        YearLevelRow(2020, "V", 10, None, 100),
        YearLevelRow(2021, "V", 3, None, 103),
    ]
    drawn = "".join(draw(rows, ENVELOPE, Screen(60)).text)
    assert (
        "One sign stands for up to 5 studies" in drawn and max(map(len, drawn.splitlines())) <= 60
    )
    lines = {line[:4]: line for line in drawn.splitlines()}
    assert lines["2020"].endswith("▒" * 18 + "▏" * 2) and lines["2021"].endswith("–    103  ▏")


def test_only_unknown_years(run: Run) -> None:
    """They can be listed and drawn in a terminal, but there is no picture of them."""
    drawn = "".join(draw([YearLevelRow(None, "V", 2, None, None)], ENVELOPE, Screen(80)).text)
    assert re.search(r"^no year +2 +– +V 2$", drawn, re.M)


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("timeline -t colorectal", 1, "nothing matched"),
        ("timeline -t colorectal -o x.svg", 1, "nothing matched"),
        ("timeline -o x.html", 2, "end the name in .svg or .png"),
        ("timeline -o x.svg --csv", 2, "-o draws a picture"),
    ],
)
def test_what_cannot_be_answered(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*question.split())
    assert answer.code == code and said in answer.err and list(tmp_path.iterdir()) == []


def test_golden(run: Run, base: Path, tmp_path: Path) -> None:
    """The picture of the made-up base is the same to the byte; after an intended change:
    LMTX_GOLDEN=write."""
    place = tmp_path / "timeline.svg"
    assert run("timeline", "-o", str(place)).code == 0
    if os.environ.get("LMTX_GOLDEN") == "write":
        (DRAWN / place.name).write_bytes(place.read_bytes())
    assert place.read_bytes() == (DRAWN / place.name).read_bytes()


@pytest.mark.parametrize("filters", ["", "-t melanoma", "-t nsclc -b egfr"])
def test_a_picture_says_what_the_listing_says(run: Run, tmp_path: Path, filters: str) -> None:
    """Every part of a column is told in words, as high as its studies; every one has its level
    written in it."""
    place = tmp_path / "x.svg"
    answer = run("timeline", *filters.split(), "-o", str(place))
    rows = [
        row
        for row in run("timeline", *filters.split(), "--json").rows
        if row["year"] and row["studies"]
    ]
    assert f"{place}: {sum(row['studies'] for row in rows)} studies" in answer.err
    root = ElementTree.fromstring(place.read_text(encoding="utf-8"))
    parts = {
        shape.findtext(f"{SVG}title"): float(shape.attrib["height"]) + 1
        for shape in root.iter(f"{SVG}rect")
        if shape.find(f"{SVG}title") is not None
    }
    assert len(parts) == len(rows)
    for row in rows:
        start = (
            f"{row['year']}, {'level ' + row['level'] if row['level'] else 'no level'}: "
            f"{row['studies']} stud"
        )
        [high] = [high for told, high in parts.items() if told and told.startswith(start)]
        assert high == pytest.approx(timeline.TALLEST_STUDY * row["studies"])
    written = Counter(text.text for text in root.iter(f"{SVG}text"))
    assert all(
        written[level] >= sum(row["level"] == level for row in rows)
        for level in ("I", "II", "III", "IV", "V")
    )
    assert (
        str(rows[0]["year"]) in written
        and str(rows[-1]["year"]) in written
        and "independent stud" in root.findtext(f"{SVG}desc", "")
    )


def test_a_tall_picture_stays_small_and_leaves_out_what_has_no_room() -> None:
    """Parts too low for their level are told under the pointer."""
    drawn = timeline.draw(
        [YearLevelRow(2020, "III", 99, 900, 100), YearLevelRow(2020, "V", 1, 1, 100)], ENVELOPE
    )
    root = ElementTree.fromstring(drawn)
    assert float(root.attrib["height"]) <= 540
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts.count("V") == 1 and texts.count("III") == 2, "V stands in the legend alone"
    assert "2020, level V: 1 study, 1 patient" in drawn


def test_years_do_not_stand_on_each_other_on_a_phone() -> None:
    rows = [YearLevelRow(year, "V", 1, 1, year - 1992) for year in range(1993, 2025)]
    for narrow in (False, True):
        root = ElementTree.fromstring(timeline.draw(rows, ENVELOPE, narrow=narrow))
        places = sorted(
            float(text.attrib["x"])
            for text in root.iter(f"{SVG}text")
            if (text.text or "").isdecimal() and text.get("class") == "soft small"
        )
        assert len(places) > 3
        assert all(after - before >= 29 for before, after in pairwise(places))
        assert float(root.attrib["width"]) <= (380 if narrow else 960)
