"""`lmtx diff`: what changed between two versions of the data, the figures first."""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.curation.diff import (
    CHANGE_ORDER,
    COMPARED_KINDS,
    compare_bases,
    escape_to_one_line,
    match_records,
    summarize_changes,
)
from lmtx.curation.snapshots import Snapshot
from support import BASE, Answer, Lmtx, toml
from test_startup import spied

Run = Callable[..., Answer]
Document = dict[str, Any]
OLDER = Path(__file__).parent / "older"


@pytest.fixture
def now(base: Path, run: Run) -> Document:
    """The JSON export of the small base, to be made older by a test."""
    found: Document = json.loads(run("export").out)
    return found


@pytest.fixture
def diff(base: Path, run: Run, tmp_path: Path) -> Callable[..., Answer]:
    """Compare a document with the small base: `diff(old)`, or with another document: `diff(old,
    new)`."""

    def call(*documents: Document) -> Answer:
        names = []
        for number, document in enumerate(documents):
            path = tmp_path / f"{number}.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            names.append(str(path))
        return run("diff", *names)

    return call


def record(document: Document, table: str, id_: str) -> dict[str, Any]:
    return next(row for row in document[table] if row["id"] == id_)


def rows(answer: Answer) -> list[tuple[str, ...]]:
    assert answer.code == 0, answer.err
    return [tuple(row.values()) for row in answer.table]


def test_nothing_changed(now: Document, diff: Callable[..., Answer]) -> None:
    answer = diff(now)
    assert rows(answer) == [] and answer.err.splitlines()[1:] == ["lmtx: no differences"]


FIGURES: list[tuple[dict[str, Any], list[tuple[str, str, str, str]]]] = [
    ({"value": 74}, [("objective-response", "value", "74%", "75%")]),
    ({"value": 9, "unit": "patients"}, [("objective-response", "value", "9 patients", "75%")]),
    ({"ci": [42, 95]}, [("objective-response", "ci", "95% CI 42–95", "95% CI 43–95")]),
    ({"ci": []}, [("objective-response", "ci", "", "95% CI 43–95")]),
    ({"ci_level": 90}, [("objective-response", "ci", "90% CI 43–95", "95% CI 43–95")]),
    (
        {"events": 8, "total": 11},
        [("objective-response", "events", "8", "9"), ("objective-response", "total", "11", "12")],
    ),
    ({"assessed_by": None}, [("objective-response", "assessed_by", "", "central review")]),
    (
        {"group": "all", "at": "month 3"},
        [("objective-response", "at", "month 3", ""), ("objective-response", "group", "all", "")],
    ),
    ({"scope": "subgroup"}, [("objective-response", "scope", "subgroup", "whole")]),
]


@pytest.mark.parametrize(("change", "expected"), FIGURES)
def test_a_changed_figure(
    now: Document,
    diff: Callable[..., Answer],
    change: dict[str, Any],
    expected: list[tuple[str, str, str, str]],
) -> None:
    record(now, "evidence", "doe-2020.1")["outcomes"][0] |= change
    assert rows(diff(now)) == [("changed", "outcome", "doe-2020.1", *row) for row in expected]


def test_a_level_that_is_the_usual_one_is_no_change(
    now: Document, diff: Callable[..., Answer]
) -> None:
    record(now, "evidence", "doe-2020.1")["outcomes"][0]["ci_level"] = 95
    assert rows(diff(now)) == []


def test_figures_that_came_and_went(now: Document, diff: Callable[..., Answer]) -> None:
    """One of two figures with the same endpoint is taken for what it is, wherever it stood."""
    outcomes = record(now, "evidence", "doe-2020.1")["outcomes"]
    outcomes.insert(0, {**outcomes[1], "group": "women", "value": 4, "at": "month 2"})
    outcomes.reverse()
    assert rows(diff(now)) == [
        (
            "removed",
            "outcome",
            "doe-2020.1",
            "overall-survival (at month 2, women)",
            "",
            "4 months (95% CI 5.5–not reached)",
            "",
        )
    ]
    outcomes.clear()
    assert [
        (change, figure, was, now_) for change, _, _, figure, _, was, now_ in rows(diff(now))
    ] == [
        ("added", "objective-response", "", "75% (95% CI 43–95)"),
        ("added", "overall-survival", "", "8.5 months (95% CI 5.5–not reached)"),
    ]


def test_records_that_came_and_went(now: Document, diff: Callable[..., Answer]) -> None:
    before, after = copy.deepcopy(now), copy.deepcopy(now)
    before["studies"] = [row for row in before["studies"] if row["id"] != "doe-2020"]
    before["evidence"] = [row for row in before["evidence"] if row["id"] != "doe-2020.1"]
    after["studies"] = [row for row in after["studies"] if row["id"] != "poe-2019"]
    record(after, "studies", "loe-2018")["also_known_as"] = ["poe-2019"]
    record(after, "studies", "doe-2020")["withdrawn"] = "made up"
    found = rows(diff(before, after))
    assert (
        "removed",
        "study",
        "poe-2019",
        "",
        "",
        "Poe 2019; superseded by doe-2020",
        "now loe-2018",
    ) in found
    assert (
        "added",
        "study",
        "doe-2020",
        "",
        "",
        "",
        "Doe 2020 (NORTH); Examplinib in northern tumours; withdrawn: made up",
    ) in found
    assert (
        "added",
        "evidence",
        "doe-2020.1",
        "",
        "",
        "",
        'examplinib; north; n=12; Most responded; "quoted", comma, pipe | and <b>.',
    ) in found
    assert (
        "added",
        "outcome",
        "doe-2020.1",
        "objective-response",
        "",
        "",
        "75% (95% CI 43–95)",
    ) in found
    assert ("changed", "study", "loe-2018", "", "also_known_as", "", "poe-2019") in found


def test_what_is_withdrawn_or_superseded_stays_and_says_so(
    now: Document, diff: Callable[..., Answer]
) -> None:
    after = copy.deepcopy(now)
    record(now, "studies", "poe-2019")["superseded_by"] = None
    record(after, "studies", "doe-2020")["withdrawn"] = "data made up"
    for statement in after["guidelines"]:
        statement["superseded"] = True
    found = rows(diff(now, after))
    assert found == [
        ("withdrawn", "study", "doe-2020", "", "withdrawn", "", "data made up"),
        ("superseded", "study", "poe-2019", "", "superseded_by", "", "doe-2020"),
        ("superseded", "guideline", "society-2022", "", "superseded", "false", "true"),
    ]
    assert {row[0] for row in rows(diff(after, now))} == {"changed"}


@pytest.mark.parametrize(
    ("table", "id_", "change", "expected"),
    [
        ("evidence", "doe-2020.1", {"n": 11}, ("evidence", "n", "11", "12")),
        (
            "evidence",
            "doe-2020.1",
            {"treatments": ["a", "b"]},
            ("evidence", "treatments", "a; b", "examplinib"),
        ),
        ("evidence", "doe-2020.1", {"level": "IV"}, ("evidence", "level", "IV", "III")),
        (
            "studies",
            "doe-2020",
            {"second_read": [{"figures": [{"endpoint": "x", "unit": "%"}]}]},
            ("study", "second_read", '[{"figures": [{"endpoint": "x", "unit": "%"}]}]', ""),
        ),
        ("treatments", "examplinib", {"name": "Old"}, ("treatment", "name", "Old", "Examplinib")),
        ("classes", "blue-pill", {"parent": None}, ("class", "parent", "", "pills")),
        ("tumors", "north", {"label": "N"}, ("tumor", "label", "N", "Northern tumour")),
        ("biomarkers", "gene1", {"aliases": ["x"]}, ("biomarker", "aliases", "x", "G1")),
        (
            "trials",
            "NCT00000001",
            {"status": "completed"},
            ("trial", "status", "completed", "recruiting"),
        ),
        ("facts", "north.1", {"value_low": 7.5}, ("fact", "value_low", "7.5", "8")),
        ("guidelines", "society-2022.1", {"grade": "B"}, ("statement", "grade", "B", "C")),
        (
            "guidelines",
            "society-2022.1",
            {"society": "B"},
            ("guideline", "society", "B", "A Society"),
        ),
        ("csf", "examplinib.csf1", {"value": 2}, ("csf", "value", "2", "2.5")),
    ],
)
def test_a_changed_field(
    now: Document,
    diff: Callable[..., Answer],
    table: str,
    id_: str,
    change: dict[str, Any],
    expected: tuple[str, ...],
) -> None:
    if table == "biomarkers":
        aliases = toml_of("biomarkers.toml")["biomarker"][0].get("aliases", [])
        expected = (*expected[:3], "; ".join(aliases))
    record(now, table, id_).update(change)
    kind, field, was, is_ = expected
    where = "society-2022" if kind == "guideline" else id_
    assert rows(diff(now)) == [("changed", kind, where, "", field, was, is_)]


def toml_of(name: str) -> dict[str, Any]:
    import tomli

    return tomli.loads((BASE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("studies", "url"),
        ("studies", "label"),
        ("evidence", "design"),
        ("evidence", "read_in"),
        ("facts", "url"),
        ("csf", "url"),
        ("trials", "url"),
    ],
)
def test_what_follows_from_another_field_is_told_once(
    now: Document, diff: Callable[..., Answer], table: str, field: str
) -> None:
    now[table][0][field] = "other"
    assert rows(diff(now)) == []


def test_drug_levels_are_matched_by_what_they_measure(
    now: Document, diff: Callable[..., Answer]
) -> None:
    """Their ids are places in a list, so one that came first moves all the others."""
    before = copy.deepcopy(now)
    first, second = before["csf"][:2]
    before["csf"] = [
        {**second, "id": "examplinib.csf1"},
        {**first, "id": "examplinib.csf2"},
        {**first, "id": "examplinib.csf3", "measure": "csf-unbound", "printed": "7"},
    ]
    assert rows(diff(before)) == [("removed", "csf", "examplinib.csf3", "", "", "7", "")]
    assert rows(diff(now, before)) == [("added", "csf", "examplinib.csf3", "", "", "", "7")]


def test_another_hand_may_write_the_same_numbers_otherwise(
    now: Document, diff: Callable[..., Answer]
) -> None:
    """jq makes 8 of 8.0; the figure that was put in before the others is still the only
    difference."""
    before = json.loads(
        json.dumps(now),
        parse_float=lambda digits: (
            int(float(digits)) if float(digits).is_integer() else float(digits)
        ),
    )
    outcomes = record(before, "evidence", "doe-2020.1")["outcomes"]
    assert outcomes[0]["value"] == 75 and type(outcomes[0]["value"]) is int
    outcomes.insert(0, {**outcomes[0], "value": 70})
    assert rows(diff(before)) == [
        ("removed", "outcome", "doe-2020.1", "objective-response", "", "70% (95% CI 43–95)", "")
    ]


def test_figures_come_first_and_prose_last(now: Document, diff: Callable[..., Answer]) -> None:
    after = copy.deepcopy(now)
    row, old_row = record(after, "evidence", "doe-2020.1"), record(now, "evidence", "doe-2020.1")
    (
        row["summary"],
        row["direction"],
        row["n"],
        row["outcomes"][0]["value"],
        row["outcomes"][0]["scope"],
    ) = "Told anew.", "mixed", 13, 80, "other"
    old_row["outcomes"].pop(1)
    now["studies"] = now["studies"][1:]
    after["trials"] = []
    found = [(change, kind, field) for change, kind, _, _, field, *_ in rows(diff(now, after))]
    assert found == [
        ("changed", "evidence", "n"),
        ("changed", "outcome", "value"),
        ("added", "outcome", ""),
        ("removed", "trial", ""),
        ("changed", "evidence", "direction"),
        ("changed", "outcome", "scope"),
        ("added", "study", ""),
        ("changed", "evidence", "summary"),
    ]


def test_only_what_both_know_is_compared(now: Document, diff: Callable[..., Answer]) -> None:
    """An older export lacks fields and tables of today: they are named, and are no differences."""
    for row in now["evidence"]:
        del row["stands"]
        for outcome in row["outcomes"]:
            del outcome["scope"]
    for study in now["studies"]:
        study["colour"] = "red"
    del now["biomarkers"]
    answer = diff(now)
    assert rows(answer) == []
    assert (
        answer.err.splitlines()[-1]
        == "lmtx: not compared: biomarker (new only), study.colour (old only), evidence.stands (new only), outcome.scope (new only)"
    )


def test_an_empty_table_is_compared_all_the_same(
    now: Document, diff: Callable[..., Answer]
) -> None:
    now["trials"] = []
    assert rows(diff(now)) == [
        ("added", "trial", "NCT00000001", "", "", "", "Examplinib for Northern Tumours")
    ]


def test_stderr_says_which_data_and_how_much(
    now: Document, diff: Callable[..., Answer], tmp_path: Path
) -> None:
    now["data"]["version"] = "2025.12.0"
    record(now, "evidence", "doe-2020.1")["outcomes"][0] |= {"value": 1, "events": 1}
    now["studies"].pop()
    assert diff(now).err.splitlines() == [
        f"lmtx: {tmp_path}/0.json (data 2025.12.0 of 2026-01-31) → lmtx (data 2026.1.0 of "
        f"2026-01-31)",
        "lmtx: 3 differences: study 1 added; outcome 1 changed",
    ]


def test_forms_and_fields(
    base: Path, run: Run, now: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(now, "evidence", "doe-2020.1")["n"] = 11
    old = tmp_path / "old.json"
    old.write_text(json.dumps(now), encoding="utf-8")
    answer = json.loads(run("diff", str(old), "--json").out)
    assert answer["query"] == {
        "command": "diff",
        "old": str(old),
        "new": "lmtx",
        "old_data": now["data"],
    }
    assert answer["data"] == now["data"] and answer["disclaimer"] == now["disclaimer"]
    assert answer["rows"] == [
        {
            "change": "changed",
            "kind": "evidence",
            "id": "doe-2020.1",
            "figure": None,
            "field": "n",
            "was": "11",
            "now": "12",
        }
    ]
    assert run("diff", str(old), "--fields", "id,now", "--csv").out == "id,now\ndoe-2020.1,12\n"
    assert run("diff", str(old), "-q").err == ""
    assert run("diff", str(old), "--fields", "nix").code == 2
    same = run("diff", str(old), str(old), "--json")
    assert same.code == 0 and same.rows == []
    monkeypatch.setenv("LMTX_FORCE_TTY", "80")
    assert run("diff", str(old), str(old), "--color", "never").out == ""


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 160])
def test_the_table_fits(
    base: Path,
    terminal: Callable[..., Answer],
    run: Run,
    now: Document,
    tmp_path: Path,
    columns: int,
) -> None:
    record(now, "evidence", "doe-2020.1")["outcomes"][0]["value"] = 74.5
    record(now, "evidence", "doe-2020.1")["outcomes"][0]["group"] = None
    record(now, "evidence", "doe-2020.1")["summary"] = (
        "one two three four five " + "word " * 60 + "end"
    )
    old = tmp_path / "old.json"
    old.write_text(json.dumps(now), encoding="utf-8")
    answer = terminal(columns, "diff", str(old))
    assert answer.code == 0 and max(map(len, answer.out.splitlines())) <= columns
    assert "74.5%" in answer.out and "doe-2020.1" in answer.out and " …" in answer.out
    assert terminal(columns, "diff", str(old), "--ascii").out.isascii()


def test_long_texts_begin_where_they_differ() -> None:
    from lmtx.curation.diff import Difference
    from lmtx.listings.diff import shorten_values

    same = "the same words again and again " * 10
    long = Difference(
        "changed", "evidence", "x.1", None, "summary", f"{same}nine months", f"{same}ten months"
    )
    assert shorten_values(long) == ("… again and again nine months", "… again and again ten months")
    assert shorten_values(long._replace(was=None))[0] == "–"
    first, second = shorten_values(long._replace(now=f"{same}{same}"))
    assert first == "… again and again nine months" and second.endswith(" …") and len(second) <= 164
    assert shorten_values(long._replace(was="a", now="b")) == ("a", "b")


def test_the_frozen_exports_of_format_1_stay_readable(base: Path, run: Run) -> None:
    """Files as lmtx 0.1 wrote them: they are never written anew."""
    document, lines = (
        run("diff", str(OLDER / name)) for name in ("format-1.json", "format-1.jsonl")
    )
    assert rows(document) == [
        ("changed", "outcome", "doe-2020.1", "objective-response", "value", "70%", "75%"),
        (
            "removed",
            "outcome",
            "loe-2018.1",
            "overall-survival (multivariate)",
            "",
            "HR 0.61 (90% CI 0.4–0.9)",
            "",
        ),
        (
            "changed",
            "evidence",
            "doe-2020.1",
            "",
            "summary",
            "Most responded.",
            'Most responded; "quoted", comma, pipe | and <b>.',
        ),
    ]
    assert document.out == lines.out


def test_comparing_exports_needs_no_validation(lmtx: Lmtx) -> None:
    older = [str(OLDER / name) for name in ("format-1.json", "format-1.jsonl")]
    [modules] = spied(lmtx, shlex.join(["diff", *older, "--json", "-q"]))
    assert not modules & {"pydantic", "tomli", "rich", "sqlite3.dbapi2"}


def test_the_whole_base_does_not_differ_from_itself(run: Run, tmp_path: Path) -> None:
    """As JSON, JSON Lines, SQLite, TOML, or named by its version."""
    from support import DATA

    for name in ("a.json", "a.jsonl", "a.sqlite"):
        assert run("export", "-o", str(tmp_path / name)).code == 0
    version = toml("treatments.toml")["version"]
    for old, new in (
        (str(tmp_path / "a.json"), ()),
        (str(tmp_path / "a.sqlite"), (str(tmp_path / "a.jsonl"),)),
        (str(DATA), ()),
        (version, (str(tmp_path / "a.json"),)),
    ):
        answer = run("diff", old, *new)
        assert (answer.code, answer.out.count("\n"), answer.err.splitlines()[1:]) == (
            0,
            1,
            ["lmtx: no differences"],
        )


FIGURE = st.fixed_dictionaries(
    {
        "id": st.just("x.1"),
        "endpoint": st.sampled_from(["a", "b"]),
        "value": st.integers(0, 3),
        "unit": st.just("%"),
        "group": st.sampled_from([None, "g"]),
        "ci": st.just([]),
    }
)


def told(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@given(st.lists(FIGURE, max_size=6), st.lists(FIGURE, max_size=6))
def test_matching_loses_and_invents_nothing(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    pairs, gone, fresh = match_records(
        old, new, (lambda row: (row["endpoint"], row["group"]), lambda row: row["endpoint"])
    )
    assert told([a for a, _ in pairs] + gone) == told(old)
    assert told([b for _, b in pairs] + fresh) == told(new)
    assert not {row["endpoint"] for row in gone} & {row["endpoint"] for row in fresh}
    different = {json.dumps(row, sort_keys=True): row for row in old}.values()
    assert sum(a == b for a, b in pairs) == sum(
        min(old.count(row), new.count(row)) for row in different
    )


@given(st.lists(FIGURE, max_size=5), st.lists(FIGURE, max_size=5))
def test_there_and_back_are_the_same_differences(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    made = [
        Snapshot(
            "s",
            {},
            "",
            {
                "evidence": [
                    {
                        "id": "x.1",
                        "outcomes": [
                            {key: value for key, value in o.items() if key != "id"}
                            for o in outcomes
                        ],
                    }
                ]
            },
        )
        for outcomes in (old, new)
    ]
    there, back = compare_bases(*made).rows, compare_bases(*reversed(made)).rows
    assert (there == []) == (told(old) == told(new))
    if not old or not new or len(old) == len(new) == 1:
        assert sorted((str(row.was), str(row.now)) for row in there) == sorted(
            (str(row.now), str(row.was)) for row in back
        )


def test_a_hostile_text_drives_no_terminal() -> None:
    assert escape_to_one_line("a\x1b[31m\n\u202eb\ud800 µ") == "a\\u001b[31m \\u202eb\\ud800 µ"
    assert escape_to_one_line("a\tb\u2028c\u2009d") == "a b c\u2009d"
    assert set(CHANGE_ORDER) == {"added", "changed", "withdrawn", "superseded", "removed"} and len(
        set(COMPARED_KINDS)
    ) == len(COMPARED_KINDS)
    assert summarize_changes([]) == ""


def test_a_renamed_study_is_one_study_and_only_its_changes_are_told(
    now: Document, diff: Callable[..., Answer]
) -> None:
    before = copy.deepcopy(now)
    was = json.loads(json.dumps(before).replace('"doe-2020', '"former-2020'))
    later = copy.deepcopy(now)
    record(later, "studies", "doe-2020")["also_known_as"] = ["former-2020"]
    record(later, "studies", "doe-2020")["journal"] = "Another"
    found = rows(diff(was, later))
    assert ("changed", "study", "doe-2020", "", "id", "former-2020", "doe-2020") in found
    assert {(row[0], row[2]) for row in found} == {("changed", "doe-2020")}, found
    assert {row[4] for row in found} == {"id", "also_known_as", "journal"}
    back = rows(diff(later, was))
    assert ("changed", "study", "former-2020", "", "id", "doe-2020", "former-2020") in back
    assert {row[0] for row in back} == {"changed"}


def test_of_two_studies_that_were_merged_one_goes_on(
    now: Document, diff: Callable[..., Answer]
) -> None:
    """The other is removed, and told which one holds it now."""
    was = json.loads(json.dumps(now).replace('"doe-2020', '"former-2020'))
    second = copy.deepcopy(record(was, "studies", "former-2020"))
    was["studies"].append({**second, "id": "second-2020"})
    later = copy.deepcopy(now)
    record(later, "studies", "doe-2020")["also_known_as"] = ["former-2020", "second-2020"]
    found = rows(diff(was, later))
    assert [row[2] for row in found if row[0] == "removed"] == ["second-2020"]
    assert [row[6] for row in found if row[0] == "removed"] == ["now doe-2020"]
    assert [row[2] for row in found if row[4] == "id"] == ["doe-2020"]


def test_json_escapes_what_drives_a_terminal(run: Run, base: Path, tmp_path: Path) -> None:
    """Ids and the version of a foreign export too."""
    document = json.loads(run("export").out)
    odd = "\x9b31m\u202ex\x7f\u2028"
    document["data"]["version"] = odd
    document["treatments"][0]["id"] = odd
    document["treatments"][0]["name"] = odd
    old = tmp_path / "old.json"
    old.write_text(json.dumps(document), encoding="utf-8")
    for form in ("json", "jsonl"):
        out = run("diff", str(old), "-f", form).out
        assert "\\u009b" in out and not {*out} & {*"\x9b\u202e\x7f\u2028"}
        assert json.loads(out if form == "json" else out.splitlines()[0])
