"""`lmtx trials`: every trial is there, with its status and the age of that status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from lmtx.listings.trials import ago
from lmtx.model.vocabulary import OPEN_STATUSES
from lmtx.query.trials import age_in_days
from support import Answer, at_or_below, class_of, toml

Run = Callable[..., Answer]
TODAY = "2026-11-24"


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_TODAY", TODAY)


def trials() -> list[dict[str, Any]]:
    return [
        {
            "biomarkers": [],
            "results": [],
            **trial,
            "treatments": list(dict.fromkeys(one["treatment"] for one in trial.get("given", ()))),
        }
        for trial in toml("trials.toml")["trial"]
    ]


def test_every_trial_is_listed_as_it_was_read(run: Run) -> None:
    shown = {row["id"]: row for row in run("trials", "--json").rows}
    kept = trials()
    assert len(kept) == len(shown) >= 43
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
            "enrolment",
            "treatments",
            "tumors",
            "biomarkers",
            "results",
            "note",
        ):
            assert row[key] == trial.get(key), (trial["id"], key)
        assert row["open"] is (trial["status"] in OPEN_STATUSES)
        assert (row["status_age_days"] is None) is (trial.get("status_read") is None)
        assert row["url"] == (
            f"https://clinicaltrials.gov/study/{trial['nct']}" if trial.get("nct") else None
        )


def test_open_trials_come_first_the_freshest_of_a_status_before_the_others(run: Run) -> None:
    rows = run("trials", "--json").rows
    assert [row["open"] for row in rows] == sorted((row["open"] for row in rows), reverse=True)
    recruiting = [row["status_read"] or "" for row in rows if row["status"] == "recruiting"]
    assert recruiting == sorted(recruiting, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        (("--tumor", "lung"), lambda trial: at_or_below("tumor", "lung") & set(trial["tumors"])),
        (("--tumor", "breast", "--mixed"), lambda trial: {"breast", "solid"} & set(trial["tumors"])),
        (("--tumor", "solid"), lambda trial: True),
        (("--class", "radiation"), lambda trial: any(class_of()[t] in at_or_below("class", "radiation") for t in trial["treatments"])),
        (("--target", "PD-1"), lambda trial: {t["id"] for t in toml("treatments.toml")["treatment"] if "PD-1" in t.get("targets", ())} & set(trial["treatments"])),
        (("--biomarker", "her2"), lambda trial: any(b in at_or_below("biomarker", "her2") for b in trial["biomarkers"])),
        (("--treatment", "pemetrexed", "--phase", "2"), lambda trial: "pemetrexed" in trial["treatments"] and trial.get("phase") == "2"),
        (("--phase", "Phase 1/2", "--phase", "n/a"), lambda trial: trial.get("phase") in ("1/2", "not-applicable")),
        (("--status", "recruiting", "--status", "by invitation"), lambda trial: trial["status"] in ("recruiting", "enrolling-by-invitation")),
        (("--open",), lambda trial: trial["status"] in OPEN_STATUSES),
        (("--min-n", "100"), lambda trial: trial.get("enrolment", 0) >= 100),
        (("--open", "--tumor", "nsclc", "--biomarker", "egfr"), lambda trial: trial["status"] in OPEN_STATUSES and "nsclc" in trial["tumors"] and "egfr" in trial["biomarkers"]),
    ],
)  # fmt: skip
def test_a_filter_keeps_what_the_data_say(
    run: Run, arguments: tuple[str, ...], keeps: Callable[[dict[str, Any]], Any]
) -> None:
    expected = {trial["id"] for trial in trials() if keeps(trial)}
    assert expected
    assert {row["id"] for row in run("trials", *arguments, "--json").rows} == expected


def test_trials_for_any_solid_tumour_are_told_when_left_out(run: Run) -> None:
    without, with_them = (
        run("trials", "--tumor", "melanoma"),
        run("trials", "--tumor", "melanoma", "--mixed"),
    )
    missing = len(with_them.table) - len(without.table)
    assert f"{missing} trials for any solid tumour left out; --mixed adds them" in without.err
    assert "left out" not in with_them.err
    one = ("trials", "--tumor", "melanoma", "--treatment", "iodine-131-omburtamab")
    assert len(run(*one, "--mixed").table) == 1
    assert "1 trial for any solid tumour left out" in run(*one).err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--level", "III"), ("--min-level", "III"), ("--route", "intrathecal"), ("--design", "phase-2"), ("--since", "2020"), ("--verified",),
        ("--direction", "benefit"), ("--endpoint", "overall-survival"),
    ],
)  # fmt: skip
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
    assert ago(read, days) == words


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
        places = [words.index(treatment) for treatment in trial["treatments"]]
        assert places == sorted(places)
        if read := trial.get("status_read"):
            (at,) = (i for i, line in enumerate(block) if f"read {read}," in line)
            assert " ago" in block[at + 1] or "this " in block[at + 1]
        else:
            assert any("date not known" in line for line in block)
    assert "obs. observational" in answer.out


def test_a_status_date_that_is_no_day_is_found_by_the_checks() -> None:
    from lmtx.model.schema import TreatmentsFile, Trial
    from lmtx.store.checks import dates as check
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
    for wrong in ("2026-13", "2026-02-30"):
        (problem,) = check(base(wrong))
        assert (problem.file, problem.record) == ("trials.toml", "NCT00000001")
        assert wrong in problem.what


def test_a_number_in_another_registry_names_the_trial(run: Run) -> None:
    """The number of a registry answers with the registry's name before it and without."""
    known = {t["registry_id"]: t["id"] for t in trials() if "registry_id" in t}
    assert any(" " in number for number in known)
    for number, id_ in known.items():
        for name in (number, number.split(" ")[-1]):
            (row,) = run("show", name, "--json").rows
            assert row["id"] == id_


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
