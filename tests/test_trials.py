"""`lmtx trials`: every trial is there, with its status and the age of that status."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lmtx.listings.trials import write_update_age
from lmtx.query.trials import age_in_days, find_oldest_fresh_update
from support import Answer, at_or_below, class_of, toml

Run = Callable[..., Answer]
TARGETS = {item["id"]: item.get("targets", []) for item in toml("treatments.toml")["treatment"]}
TODAY = "2026-11-24"


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_TODAY", TODAY)


def trials() -> list[dict[str, Any]]:
    """Return every trial of the data, what it leaves out filled in."""
    empty: dict[str, Any] = {
        key: [] for key in ("biomarkers", "results", "countries", "after", "given")
    }
    return [
        {
            **empty,
            **trial,
            "treatments": list(
                dict.fromkeys(given["treatment"] for given in trial.get("given", []))
            ),
            "tested": list(
                dict.fromkeys(
                    given["treatment"]
                    for given in trial.get("given", [])
                    if given.get("role", "tested") == "tested"
                )
            ),
        }
        for trial in toml("trials.toml")["trial"]
    ]


def is_open(trial: dict[str, Any]) -> bool:
    """Tell whether a trial recruits by a status updated in the two years before the day of these
    tests."""
    updated = trial.get("updated", "0001")
    return trial["status"] == "recruiting" and f"{updated}-01-01"[:10] >= "2024-11-24"


def takes(trial: dict[str, Any], tumor: str = "", marker: str = "") -> bool:
    """Tell whether a trial applies to a tumor, with a marker: it names it, one above or below it,
    any solid tumor, or no marker."""

    def near(kind: str, asked: str, named: list[str]) -> bool:
        return any(
            one in at_or_below(kind, asked) or asked in at_or_below(kind, one) for one in named
        )

    return (not tumor or "solid" in trial["tumors"] or near("tumor", tumor, trial["tumors"])) and (
        not marker or not trial["biomarkers"] or near("biomarker", marker, trial["biomarkers"])
    )


def test_every_trial_is_listed_as_it_was_read(run: Run) -> None:
    shown = {row["id"]: row for row in run("trials", "--json").rows}
    kept = trials()
    assert len(kept) == len(shown) >= 190
    for trial in kept:
        row = shown[trial["id"]]
        for key in (
            "nct",
            "title",
            "acronym",
            "phase",
            "status",
            "status_note",
            "status_read",
            "updated",
            "countries",
            "study_type",
            "randomized",
            "lm",
            "line",
            "after",
            "enrolment",
            "treatments",
            "tested",
            "tumors",
            "biomarkers",
            "results",
            "note",
        ):
            assert row[key] == trial.get(key), (trial["id"], key)
        assert row["open"] is is_open(trial)
        assert row["applies_by"] == []
        assert (row["status_age_days"] is None) is (trial.get("updated") is None)
        assert row["url"] == (
            f"https://clinicaltrials.gov/study/{trial['nct']}" if trial.get("nct") else None
        )


def test_open_trials_come_first_the_freshest_of_a_status_before_the_others(run: Run) -> None:
    rows = run("trials", "--json").rows
    assert [row["open"] for row in rows] == sorted((row["open"] for row in rows), reverse=True)
    recruiting = [row["updated"] or "" for row in rows if row["open"]]
    assert recruiting == sorted(recruiting, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        (("--tumor", "lung"), lambda trial: takes(trial, "lung")),
        (("--tumour", "breast"), lambda trial: takes(trial, "breast")),
        (("--tumor", "nsclc"), lambda trial: takes(trial, "nsclc")),
        (("--tumor", "solid"), lambda trial: True),
        (
            ("--class", "radiation"),
            lambda trial: any(
                class_of()[t] in at_or_below("class", "radiation") for t in trial["tested"]
            ),
        ),
        (("--target", "PD-1"), lambda trial: any("PD-1" in TARGETS[t] for t in trial["tested"])),
        (("--biomarker", "her2"), lambda trial: takes(trial, marker="her2")),
        (
            ("--treatment", "pemetrexed", "--phase", "II"),
            lambda trial: "pemetrexed" in trial["tested"] and trial.get("phase") == "2",
        ),
        (("--phase", "1,phase II"), lambda trial: trial.get("phase") in ("1", "2")),
        (
            ("--country", "germany", "--tumor", "melanoma"),
            lambda trial: "Germany" in trial["countries"] and takes(trial, "melanoma"),
        ),
        (("--country", "USA"), lambda trial: "United States" in trial["countries"]),
        (
            ("--country", "North America"),
            lambda trial: {"United States", "Canada", "Mexico"} & set(trial["countries"]),
        ),
        (
            ("--country", "Denmark,Spain"),
            lambda trial: {"Denmark", "Spain"} & set(trial["countries"]),
        ),
        (
            ("--phase", "Phase 1/2", "--phase", "n/a"),
            lambda trial: trial.get("phase") in ("1/2", "not-applicable"),
        ),
        (
            ("--status", "recruiting", "--status", "by invitation"),
            lambda trial: trial["status"] in ("recruiting", "enrolling-by-invitation"),
        ),
        (("--open",), is_open),
        (("--min-n", "100"), lambda trial: trial.get("enrolment", 0) >= 100),
        (
            ("--open", "--tumor", "nsclc", "--biomarker", "alk"),
            lambda trial: is_open(trial) and takes(trial, "nsclc", "alk"),
        ),
    ],
)
def test_a_filter_keeps_what_the_data_say(
    run: Run, arguments: tuple[str, ...], keeps: Callable[[dict[str, Any]], Any]
) -> None:
    expected = {trial["id"] for trial in trials() if keeps(trial)}
    assert expected
    assert {row["id"] for row in run("trials", *arguments, "--json").rows} == expected


def test_a_trial_for_any_solid_tumor_or_without_a_marker_applies_and_is_marked(run: Run) -> None:
    rows = run("trials", "--tumor", "melanoma", "--biomarker", "braf", "--json").rows
    kept = {trial["id"]: trial for trial in trials()}
    for row in rows:
        trial = kept[row["id"]]
        named = [
            tumor
            for tumor in trial["tumors"]
            if tumor != "solid"
            and (
                tumor in at_or_below("tumor", "melanoma")
                or "melanoma" in at_or_below("tumor", tumor)
            )
        ]
        marks = [] if named else ["any solid tumor"]
        marks += [] if trial["biomarkers"] else ["no marker named"]
        assert row["applies_by"] == marks
    assert {"any solid tumor", "no marker named"} <= {
        why for row in rows for why in row["applies_by"]
    }


def test_the_marks_stand_in_the_table_and_are_explained(terminal: Run) -> None:
    out = terminal(120, "trials", "--tumor", "melanoma", "--open").out
    assert "(any solid tumor) it applies, but does not name the tumor asked for" in out
    assert "(no marker named)" not in out


def test_what_may_be_open_is_counted_beside_the_open_ones(run: Run) -> None:
    """Not yet recruiting, by invitation, an old status, one not known: each counted, none listed;
    without --open all are there."""
    answer = run("trials", "--open", "--json")
    kept = trials()
    expected = {
        "not yet recruiting": sum(trial["status"] == "not-yet-recruiting" for trial in kept),
        "by invitation": sum(trial["status"] == "enrolling-by-invitation" for trial in kept),
        "status not known": sum(
            trial["status"] in ("active", "unknown", "not-stated") for trial in kept
        ),
        "status older than two years": sum(
            trial["status"] == "recruiting" and not is_open(trial) for trial in kept
        ),
    }
    assert json.loads(answer.out)["left_out"] == expected
    assert all(expected.values())
    assert (
        f"left out, may be open: {expected['not yet recruiting']} not yet recruiting, "
        in answer.err
    )
    assert "without --open they are listed" in answer.err
    assert json.loads(run("trials", "--json").out)["left_out"] == {}


def test_who_may_enter_is_said_not_to_be_in_the_base(run: Run) -> None:
    for arguments in (("trials",), ("trials", "--open", "--tumor", "breast")):
        assert "who may enter a trial is not in the base: ask its registry" in run(*arguments).err


def test_a_status_is_old_two_years_after_its_update(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of the update counts, not that on which it was read; none given is old."""
    path = folder / "trials.toml"
    before = path.read_text(encoding="utf-8")
    read = 'status_read = "2025-12"'
    assert read in before
    for updated, day, opened in (
        ('\nupdated = "2024-01-31"', "2026-01-31", True),
        ('\nupdated = "2024-01-30"', "2026-01-31", False),
        ('\nupdated = "2024-02"', "2026-01-31", True),
        ('\nupdated = "2024"', "2026-01-31", False),
        ("", "2026-01-31", False),
    ):
        path.write_text(before.replace(read, read + updated), encoding="utf-8")
        monkeypatch.setenv("LMTX_TODAY", day)
        assert [row["open"] for row in run("trials", "--json").rows] == [opened], updated
        assert run("trials", "--open").code == (0 if opened else 1)
    assert find_oldest_fresh_update(date(2028, 2, 29)) == date(2026, 2, 28)


def test_a_filter_finds_what_is_tested_not_what_is_given_beside_it(run: Run) -> None:
    kept = trials()
    beside = next(
        trial
        for trial in kept
        if trial["tested"] and set(trial["treatments"]) - set(trial["tested"])
    )
    [other, *_] = [one for one in beside["treatments"] if one not in beside["tested"]]
    found = {row["id"] for row in run("trials", "--treatment", other, "--json").rows or []}
    assert beside["id"] not in found


def test_a_country_that_is_not_there_is_refused_with_those_that_are(run: Run) -> None:
    assert "did you mean Germany?" in run("trials", "--country", "Germny").err
    answer = run("list", "--country", "Germany")
    assert answer.code == 2 and "only trials are filed by country" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--level", "III"),
        ("--min-level", "III"),
        ("--route", "intrathecal"),
        ("--design", "phase-2"),
        ("--since", "2020"),
        ("--verified",),
        ("--direction", "benefit"),
        ("--endpoint", "overall-survival"),
        ("--mixed",),
    ],
)
def test_a_filter_that_says_nothing_about_trials_is_refused(
    run: Run, arguments: tuple[str, ...]
) -> None:
    answer = run("trials", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"lmtx: {arguments[0]}: ")


@pytest.mark.parametrize(
    ("read", "days", "words"),
    [
        ("2026-11-24", 0, "today"),
        ("2026-11-23", 1, "1 day ago"),
        ("2026-11-15", 9, "9 days ago"),
        ("2026-11", 23, "this month"),
        ("2026-10", 54, "1 month ago"),
        ("2026-06", 176, "5 months ago"),
        ("2025-08-21", 460, "15 months ago"),
        ("2024-02", 1027, "2 years ago"),
        ("2026", 327, "this year"),
        ("2025", 692, "1 year ago"),
        ("2027-01-01", 0, "today"),
    ],
)
def test_the_age_of_a_status_is_never_understated(read: str, days: int, words: str) -> None:
    assert age_in_days(read, date.fromisoformat(TODAY)) == days
    assert write_update_age(read, days) == words


def test_the_age_follows_the_day(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_TODAY", "2026-11-25")
    later = {row["id"]: row["status_age_days"] for row in run("trials", "--json").rows}
    monkeypatch.setenv("LMTX_TODAY", TODAY)
    earlier = {row["id"]: row["status_age_days"] for row in run("trials", "--json").rows}
    assert all(later[id_] == (None if days is None else days + 1) for id_, days in earlier.items())
    monkeypatch.delenv("LMTX_TODAY")
    assert run("trials", "--json").code == 0
    monkeypatch.setenv("LMTX_TODAY", "yesterday")
    wrong = run("trials")
    assert wrong.code == 2
    assert wrong.err == "lmtx: LMTX_TODAY: 'yesterday' is not a date; write it like 2026-11-24\n"


@pytest.mark.parametrize("columns", [80, 160])
def test_a_table_shows_every_id_and_status_with_its_age(terminal: Run, columns: int) -> None:
    answer = terminal(columns, "trials")
    lines = answer.out.splitlines()
    assert all(len(line) <= columns for line in lines)
    for trial in trials():
        parts = trial["id"].split()  # the name of a registry stands above its number
        first = next(
            i
            for i in range(len(lines))
            if all(line.startswith(part) for part, line in zip(parts, lines[i:], strict=False))
        )
        block = lines[first : lines.index("", first)] if "" in lines[first:] else lines[first:]
        words = " ".join(block).split()
        assert set(trial["tested"] or trial["treatments"]) <= {*words}
        if updated := trial.get("updated"):
            (at,) = (i for i, line in enumerate(block) if f"updated {updated}," in line)
            assert " ago" in block[at + 1] or "this " in block[at + 1]
        else:
            assert any("last update" in line for line in block)
        if 0 < len(trial["countries"]) < 5:
            assert all(country in " ".join(block) for country in trial["countries"])
    assert "obs. observational" in answer.out


def test_a_status_date_that_is_no_day_is_found_by_the_checks() -> None:
    from lmtx.model.schema import TreatmentsFile, Trial
    from lmtx.store.checks import check_dates as check
    from lmtx.store.loading import Base

    def base(read: str) -> Base:
        trial = Trial(
            id="NCT00000001", title="t", status="recruiting", status_read=read, tumors=("solid",)
        )
        return Base(
            TreatmentsFile(
                schema_version=2,
                version="2026.11.0",
                as_of=date(2026, 11, 24),
                title="t",
                disclaimer="d",
            ),
            trials=(trial,),
        )

    assert (
        not list(check(base("2026-02")))
        and not list(check(base("2026")))
        and not list(check(base("2024-02-29")))
    )
    (problem,) = check(base("2099-01"))
    assert "status_read: 2099-01 lies in the future" in problem.what
    for wrong in ("2026-13", "2026-02-30"):
        (problem,) = check(base(wrong))
        assert (problem.file, problem.record) == ("trials.toml", "NCT00000001")
        assert wrong in problem.what


def test_the_status_read_last_comes_first(run: Run) -> None:
    """A month stands behind its days, and what has no date behind all, whichever way round."""
    for turned in (False, True):
        found = [
            row["status_read"]
            for row in run(
                "trials", "--sort", "status_read", *(["--reverse"] if turned else []), "--json"
            ).rows
        ]
        known = [day for day in found if day]
        assert len(known) > 9 and found[len(known) :] == [None] * (len(found) - len(known))
        assert known == sorted(known, reverse=not turned)
