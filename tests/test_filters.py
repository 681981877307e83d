"""Every filter keeps just the rows that a second, independent reading of the files keeps."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmtx.errors import UsageError
from lmtx.index import open_index
from lmtx.model import vocabulary
from lmtx.query.evidence import list_evidence
from lmtx.query.filters import FILTERS, Filters, count_evidence_left_out, resolve_filters
from lmtx.query.list import list_treatments
from support import LEVELS, Answer, at_or_below, class_of, is_mixed, raw_rows, routes_of, toml

Row = dict[str, Any]
Run = Callable[..., Answer]
TARGETS = {item["id"]: item.get("targets", []) for item in toml("treatments.toml")["treatment"]}


def of_tumor(*tumors: str) -> Callable[[Row], bool]:
    """Return the test of a row that is of one of the tumors, and of them alone."""
    wanted = frozenset().union(*(at_or_below("tumor", tumor) for tumor in tumors))
    return lambda row: bool(wanted & set(row["tumors"])) and not is_mixed(row)


def of_class(name: str) -> Callable[[Row], bool]:
    return lambda row: any(class_of()[t] in at_or_below("class", name) for t in row["treatments"])


def of_biomarker(name: str) -> Callable[[Row], bool]:
    return lambda row: bool(at_or_below("biomarker", name) & set(row.get("biomarkers", ())))


def measured(*endpoints: str) -> Callable[[Row], bool]:
    return lambda row: bool(row["endpoints"] & set(endpoints))


def expected(keeps: Callable[[Row], bool]) -> set[str]:
    return {row["id"] for row in raw_rows() if keeps(row)}


CASES: list[tuple[list[str], Callable[[Row], bool]]] = [
    ([], lambda row: True),
    (["--tumor", "melanoma"], of_tumor("melanoma")),
    (["--tumor", "skin melanoma"], of_tumor("melanoma")),
    (["--tumor", "lung"], of_tumor("lung", "nsclc", "sclc")),
    (["-t", "breast", "-t", "nsclc"], of_tumor("breast", "nsclc")),
    (["--tumor", "solid"], lambda row: True),
    (["--tumor", "melanoma", "--mixed"], lambda row: of_tumor("melanoma")(row) or is_mixed(row)),
    (["--class", "immunotherapy"], of_class("immunotherapy")),
    (["-c", "egfr-tki"], of_class("egfr-tki")),
    (["--biomarker", "egfr"], of_biomarker("egfr")),
    (["-b", "HER2+"], of_biomarker("her2")),
    (["--target", "EGFR"], lambda row: any("EGFR" in TARGETS[t] for t in row["treatments"])),
    (["--route", "intrathecal"], lambda row: "intrathecal" in row.get("routes", ())),
    (
        ["-r", "oral", "-r", "external beam"],
        lambda row: bool({"oral", "external-beam"} & set(row.get("routes", ()))),
    ),
    (["--design", "phase-2"], lambda row: row["lm_design"] == "phase-2"),
    (["--design", "randomised"], lambda row: row["lm_design"].startswith("randomized")),
    (["--design", "retrospective"], lambda row: row["lm_design"].startswith("retrospective")),
    (
        ["--design", "prospective"],
        lambda row: row["lm_design"].startswith(("randomized", "phase", "prospective")),
    ),
    (["--direction", "no benefit"], lambda row: row.get("direction") == "no-benefit"),
    (["--endpoint", "OS"], measured("overall-survival")),
    (
        ["-e", "objective-response", "-e", "clinical-response"],
        measured("objective-response", "clinical-response"),
    ),
    (["--min-n", "50"], lambda row: row.get("n", -1) >= 50),
    (["--min-n", "0"], lambda row: "n" in row),
    (["--since", "2020"], lambda row: row["of"].get("year", 0) >= 2020),
    (
        ["--verified"],
        lambda row: any(
            read_in not in ("secondary", "recalled")
            for read_in in (
                row["of"]["read_in"],
                *(one.get("read_in", "recalled") for one in row.get("outcome", ())),
            )
        ),
    ),
    (
        ["-t", "breast", "-b", "her2", "-r", "intrathecal"],
        lambda row: (
            of_tumor("breast")(row)
            and of_biomarker("her2")(row)
            and "intrathecal" in row.get("routes", ())
        ),
    ),
]


@pytest.mark.parametrize(
    ("arguments", "keeps"), CASES, ids=[" ".join(arguments) or "none" for arguments, _ in CASES]
)
def test_evidence(run: Run, arguments: list[str], keeps: Callable[[Row], bool]) -> None:
    wanted = expected(keeps)
    assert wanted, "a case that keeps nothing proves nothing"
    assert {row["id"] for row in run("evidence", *arguments, "--json").rows} == wanted


LISTED = [case for case in CASES if not {"--direction", "--min-n"} & set(case[0])]
"""Cases in which a treatment is kept where a row of it is; direction and number are those of the
treatment."""


@pytest.mark.parametrize(
    ("arguments", "keeps"), LISTED, ids=[" ".join(arguments) or "none" for arguments, _ in LISTED]
)
def test_list_shows_the_treatments_of_those_rows(
    run: Run, arguments: list[str], keeps: Callable[[Row], bool]
) -> None:
    found = {row["id"] for row in run("list", *arguments, "--json").rows}
    routes = {
        value.replace(" ", "-")
        for option, value in itertools.pairwise(arguments)
        if option in ("-r", "--route")
    }
    treatments = {
        treatment
        for row in raw_rows()
        if keeps(row)
        for treatment in row["treatments"]
        if not routes or routes & routes_of(row, treatment)
    }
    if "--class" in arguments or "-c" in arguments:
        treatments = {t for t in treatments if class_of()[t] in at_or_below("class", arguments[1])}
    if "--target" in arguments:
        treatments = {t for t in treatments if arguments[1] in TARGETS[t]}
    assert treatments <= found
    if (
        arguments
        and not {"--class", "-c", "--target"} & set(arguments)
        and arguments != ["--tumor", "solid"]
    ):
        assert found == treatments


def test_number_and_direction_are_those_of_the_treatment(run: Run) -> None:
    """Six of the patients of a row had thiotepa: no row of twenty is evidence of that size for
    it."""
    few = {row["id"] for row in run("list", "-t", "nsclc", "--min-n", "10", "--json").rows}
    assert "thiotepa" not in few and "methotrexate" in few
    worse = run("list", "-t", "melanoma", "--direction", "worse", "--json").rows
    assert worse and all(row["worse"] for row in worse)


@pytest.mark.parametrize("level", LEVELS)
def test_levels(run: Run, level: str) -> None:
    """`--level` is exactly that level, `--min-level` that one or a stronger one."""
    of = {row["id"]: row["level"] for row in run("evidence", "--json").rows}
    stronger = LEVELS[: LEVELS.index(level) + 1]
    exactly, at_least = (
        run("evidence", "--level", level, "--json"),
        run("evidence", "--min-level", level, "--json"),
    )
    assert {row["id"] for row in json_rows(exactly)} == {
        id_ for id_, found in of.items() if found == level
    }
    assert {row["id"] for row in json_rows(at_least)} == {
        id_ for id_, found in of.items() if found in stronger
    }


def json_rows(answer: Answer) -> list[Row]:
    """Return the rows; an answer without any has exit code 1."""
    assert answer.code == (0 if answer.rows else 1)
    return answer.rows


def test_an_endpoint_keeps_only_its_figures(run: Run) -> None:
    rows = run("evidence", "--endpoint", "overall-survival", "--json").rows
    assert {outcome["endpoint"] for row in rows for outcome in row["outcomes"]} == {
        "overall-survival"
    }


def test_rows_of_mixed_tumours_are_left_out_and_said(run: Run) -> None:
    answer = run("evidence", "--tumor", "melanoma")
    mixed = sum(map(is_mixed, raw_rows()))
    assert f"{mixed} rows of mixed solid tumours left out; --mixed adds them" in answer.err
    assert json.loads(run("evidence", "--tumor", "melanoma", "--json").out)["left_out"] == {
        "mixed": mixed
    }
    assert "left out" not in run("evidence", "--tumor", "melanoma", "--mixed").err
    assert "left out" not in run("evidence", "--tumor", "solid").err


def test_one_row_left_out_is_said_in_the_singular(run: Run) -> None:
    connection = open_index().connection
    rows = [row for row in raw_rows() if is_mixed(row) and row.get("n")]
    most = max(row["n"] for row in rows)
    assert sum(row["n"] == most for row in rows) == 1
    asked = Filters(tumors=("melanoma",), min_n=most)
    assert count_evidence_left_out(connection, asked)["mixed"] == 1
    assert "1 row of mixed" in run("evidence", "--tumor", "melanoma", "--min-n", str(most)).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tumor", "melanomma"], "did you mean melanoma"),
        (["--tumor", "osimertinib"], "'osimertinib' is a treatment: try lmtx show osimertinib"),
        (["--tumor", "her2"], "'her2' is a biomarker: try --biomarker her2"),
        (["--class", "immunotherpy"], "did you mean immunotherapy"),
        (["--biomarker", "zzzzzz"], "--biomarker: no biomarker 'zzzzzz'; one of: "),
        (["--level", "VI"], "--level: no such value 'VI'"),
        (["--min-level", "0"], "--min-level: no such value '0'; one of: I, II, III, IV, V"),
        (["--route", "intratecal"], "did you mean intrathecal"),
        (["--design", "phase-9"], "--design: no such value 'phase-9'; did you mean phase-"),
        (["--direction", "up"], "--direction: no such value 'up'"),
        (["--endpoint", "overal survival"], "did you mean overall-survival"),
        (["--target", "EGRF"], "EGFR?"),
        (["--min-n", "many"], "--min-n"),
        (["--since", "20"], "--since"),
    ],
)
def test_a_word_that_is_not_known_is_a_usage_error_with_a_hint(
    run: Run, arguments: list[str], said: str
) -> None:
    for command in ("list", "evidence"):
        answer = run(command, *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err and answer.err.count("\n") == 1


WORDS = {
    "tumors": [item["id"] for item in toml("tumors.toml")["tumor"]],
    "classes": [item["id"] for item in toml("treatments.toml")["class"]],
    "biomarkers": [item["id"] for item in toml("biomarkers.toml")["biomarker"]],
    "levels": LEVELS,
    "routes": list(vocabulary.ROUTES),
    "directions": list(vocabulary.DIRECTIONS),
    "designs": list(vocabulary.DESIGNS),
    "endpoints": list(vocabulary.ENDPOINTS),
}
CHOICES = st.builds(
    lambda words, **one: Filters(**{name: tuple(values) for name, values in words.items()}, **one),
    st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(st.sampled_from(words), max_size=2) for name, words in WORDS.items()
        },
    ),
    min_level=st.none() | st.sampled_from(LEVELS),
    min_n=st.none() | st.integers(0, 60),
    since=st.none() | st.integers(1990, 2026),
    verified=st.booleans(),
    mixed=st.booleans(),
)


@settings(max_examples=30)
@given(CHOICES, CHOICES)
def test_filters_only_ever_narrow_and_a_word_given_twice_counts_once(
    filters: Filters, other: Filters
) -> None:
    connection = open_index().connection

    def ids(chosen: Filters) -> set[str]:
        return {row.id for row in list_evidence(connection, chosen)}

    twice = filters._replace(**{name: getattr(filters, name) * 2 for name in WORDS})

    def given(chosen: Filters) -> dict[str, Any]:
        return {FILTERS[name].parameter.name: value for name, value in chosen._asdict().items()}

    assert resolve_filters(connection, given(twice)) == resolve_filters(connection, given(filters))
    assert ids(twice) == ids(filters)
    both = filters._replace(
        since=max(filters.since or 0, other.since or 0) or None,
        verified=filters.verified or other.verified,
    )
    assert ids(both) <= ids(filters)
    by_row = filters._replace(levels=(), min_level=None, min_n=None, directions=())
    tests = {row["id"]: row["treatments"] for row in raw_rows()}
    rows = {t for row in list_evidence(connection, by_row) for t in tests[row.id]}
    listed = {row.id for row in list_treatments(connection, filters)}
    assert listed <= rows or not filters.on_evidence
    connection.close()


def test_truth_of_filters() -> None:
    assert not Filters() and Filters(mixed=True) and Filters(tumors=("solid",))
    assert (
        Filters(min_n=1).on_evidence
        and not Filters(classes=("x",), targets=("y",), mixed=True).on_evidence
    )


def test_resolving_refuses_what_is_not_there() -> None:
    with pytest.raises(UsageError):
        resolve_filters(open_index().connection, {"target": ("nothing-like-it",)})


@pytest.mark.parametrize(
    "others",
    [("--class", "radiation"), ("--class", "chemotherapy", "--min-n", "20"), ("--design", "RCT")],
)
def test_the_number_of_mixed_rows_left_out_is_of_those_under_the_other_filters(
    run: Run, others: tuple[str, ...]
) -> None:
    """The note promises what `--mixed` adds, so it counts no row that another filter drops."""
    without = run("evidence", "--tumor", "melanoma", *others)
    more = run("evidence", "--tumor", "melanoma", *others, "--mixed")
    added = len(more.out.splitlines()) - max(len(without.out.splitlines()), 1)
    every = re.search(r"(\d+) rows? of mixed", run("evidence", "--tumor", "melanoma").err)
    assert every and 0 < added < int(every[1])
    assert re.search(rf"\b{added} rows? of mixed solid tumours left out", without.err)
