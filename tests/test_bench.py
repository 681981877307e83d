"""The benchmark measures what it says, names what it could not measure, and its numbers stand in
the documentation as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import ROOT, SCRIPT, Answer, raw_rows

sys.path.insert(0, str(ROOT / "bench"))

import cases
import peers
import table
import timing

RESULTS = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
PAGES = [ROOT / "README.md", ROOT / "bench" / "README.md"]


def python(code: str, name: str = "case", against: str = "") -> cases.Case:
    return cases.Case(name, against, [sys.executable, "-c", code])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tables_are_those_of_the_results(page: Path) -> None:
    """After a new measurement: python bench/table.py README.md bench/README.md."""
    text = page.read_text(encoding="utf-8")
    assert table.filled(text, RESULTS) == text
    assert set(re.findall(r"<!-- bench: (\S+) -->", text)) <= set(table.TABLES)


def test_the_page_of_the_benchmark_shows_every_table_but_that_of_readme() -> None:
    shown = re.findall(r"<!-- bench: (\S+) -->", PAGES[1].read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(set(table.TABLES) - {"ratios"})


def test_the_results_name_the_kind_of_machine_and_no_machine() -> None:
    assert {"python", "processor", "lmtx", "typer", "rounds"} <= set(RESULTS["about"]) and RESULTS[
        "about"
    ]["rounds"] >= 11
    assert not re.search(r'(?:"|\s)(?:/|[A-Z]:\\)', json.dumps(RESULTS)), "a path"


def test_results_that_lack_a_part_make_no_table_of_it() -> None:
    alone = {"results": {"floor": {"median_ms": 1.0}}, "not_measured": {}}
    assert [
        name for name in ("peers", "compiling", "same", "grows") if table.TABLES[name](alone)
    ] == []


def test_what_could_not_be_measured_stands_in_the_table() -> None:
    assert table.times(
        {"results": {}, "not_measured": {"gget": "not installable (pip ended with 1)"}}
    ).endswith("| gget | – |  |  | not installable (pip ended with 1) |")


def test_a_run_tells_its_time_its_memory_and_its_fault() -> None:
    small, large = (
        timing.run(python(f"x = bytearray({size})"), os.environ, watched=True)
        for size in (1, 50_000_000)
    )
    assert small.megabytes is not None and large.megabytes is not None
    assert 1 < small.megabytes < 50 < large.megabytes < 100
    assert timing.run(python("pass"), os.environ).megabytes is None
    assert timing.run(python("import time; time.sleep(0.3)"), os.environ).seconds >= 0.3
    for watched in (False, True):
        assert (
            timing.run(python("raise SystemExit(3)"), os.environ, watched=watched).fault == "exit 3"
        )


@pytest.mark.parametrize("watched", [False, True])
def test_what_takes_too_long_is_ended_and_told(watched: bool, tmp_path: Path) -> None:
    sign = tmp_path / "done"
    done = timing.run(
        python(f"import time; time.sleep(3); open({str(sign)!r}, 'w')"),
        os.environ,
        0.5,
        watched=watched,
    )
    assert done.fault == "not done after 0.5 s" and done.seconds < 2.5 and done.megabytes is None


def test_cases_take_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    todo = [python(f"open({str(log)!r}, 'a').write({name!r})", name) for name in "ab"] + [
        python("raise SystemExit(1)", "broken")
    ]
    runs, faults = timing.interleaved(todo, 3, os.environ)
    assert (
        log.read_text() == "abababab" and faults == {"broken": "exit 1"} and set(runs) == {"a", "b"}
    )
    assert [run.megabytes is None for run in runs["a"]] == [False, True, True, True]


def test_medians_spread_and_ratios() -> None:
    def taken(*seconds: float) -> list[timing.Run]:
        return [timing.Run(9.0, 20.04, ""), *(timing.Run(each, None, "") for each in seconds)]

    todo = [
        cases.Case("floor", "", []),
        cases.Case("ours", "floor", []),
        cases.Case("alone", "missing", []),
    ]
    found = timing.compared(
        {"floor": taken(0.1, 0.2, 0.3), "ours": taken(0.1, 0.25, 9), "alone": taken(1, 1, 1)}, todo
    )
    assert found["floor"] == {"median_ms": 200.0, "q1_ms": 100.0, "q3_ms": 300.0, "memory_mb": 20.0}
    assert (
        found["ours"]["ratio"] == 1.25
        and found["ours"]["against"] == "floor"
        and "ratio" not in found["alone"]
    )


def test_bytecode_is_kept_and_the_callers_settings_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "LMTX_FORCE_TTY"):
        monkeypatch.setenv(name, "1")
    found = timing.environment("cache")
    assert found["LMTX_CACHE_DIR"] == "cache" and not {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "LMTX_FORCE_TTY",
    } & set(found)


def test_peers_that_are_there_are_kept_and_others_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "PEERS", {"here": "here", "gone": "gone", "odd": "odd"})
    there = peers._command(tmp_path / "here", "here")
    there.parent.mkdir(parents=True)
    there.write_text("")
    monkeypatch.setattr(
        peers,
        "_install",
        lambda place, name: "not installable (pip ended with 1)" if name == "gone" else "",
    )
    assert peers.installed(tmp_path) == (
        {"here": str(there)},
        {
            "gone": "not installable (pip ended with 1)",
            "odd": "installed, but brings no command odd",
        },
    )


def test_every_look_up_of_readme_is_timed(tmp_path: Path) -> None:
    names = {case.name for case in cases.look_ups(tmp_path)}
    assert set(table.COMMANDS) <= names and {case.against for case in cases.look_ups(tmp_path)} <= {
        *names,
        "",
    }
    told = cases.peers(dict.fromkeys(cases.PEERS, "x"), tmp_path / "lmtx.sqlite")
    assert {case.against for case in told} <= names and {case.command[0] for case in told} == {"x"}
    assert cases.peers({}, tmp_path / "lmtx.sqlite") == []


def test_the_export_answers_what_a_peer_is_asked(
    run: Callable[..., Answer], tmp_path: Path
) -> None:
    """The very command lines that are timed, on the file that is made for them."""
    command = SCRIPT.parent / "sqlite-utils"
    if not command.exists():
        pytest.skip("sqlite-utils is not installed")
    exported = tmp_path / "lmtx.sqlite"
    assert run("export", "-q", "-o", str(exported)).code == 0
    join, words = (
        json.loads(subprocess.run(case.command, capture_output=True, check=True).stdout) for case in cases.peers({"sqlite-utils": str(command)}, exported)
    )  # fmt: skip
    assert {row["id"] for row in join} == {
        treatment
        for row in raw_rows()
        for treatment in row["tested"]
        if "melanoma" in row["tumors"]
    }
    assert words and all("pemetrexed" in row["title"].lower() for row in words)
