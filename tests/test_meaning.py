"""What the answers mean: a treatment owns what was tested, over the real base.

The patients of every treatment are counted a second time here, plainly, from the files themselves.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from lmtx.index import find_bundled_data_folder, open_index
from lmtx.query.compare import compare_treatments
from lmtx.query.conflicts import list_conflicts
from lmtx.query.evidence import list_evidence
from lmtx.query.filters import Filters
from lmtx.query.list import TreatmentRow, list_treatments
from lmtx.query.map import map_evidence
from lmtx.query.safety import list_harms
from lmtx.query.show import load_treatment_card
from support import ROUTE_BY_NAME

Record = dict[str, Any]
TODAY = date(2026, 11, 24)
RANDOMISED = ("randomized-phase-3", "randomized-phase-2", "randomized")
NO_STUDY = ("meta-analysis", "systematic-review", "review", "guideline", "preclinical")


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    opened = open_index().connection
    yield opened
    opened.close()


def row_of(connection: sqlite3.Connection, treatment: str, **filters: Any) -> TreatmentRow:
    """Return the row of a treatment in `lmtx list`."""
    [row] = list_treatments(connection, Filters(**filters), only=(treatment,))
    return row


# The counting, a second time.


@cache
def files() -> dict[str, Record]:
    paths = sorted((find_bundled_data_folder() / "studies").glob("*.toml"))
    read = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {one["study"]["id"]: one for one in read}


def own_n(row: Record, treatment: str, route: str | None) -> tuple[bool, int | None]:
    """Return whether a row tests a treatment by a route, and how many patients had it."""
    tested = [one for one in row.get("given", ()) if one["role"] == "tested"]
    mine = [
        one
        for one in tested
        if one["treatment"] == treatment and (route is None or route in one.get("routes", ()))
    ]
    some = row.get("given_as") == "some" and mine != tested
    if any("n" not in one and "n_unknown" not in one for one in mine) and not some:
        return True, row.get("n")
    known = [one["n"] for one in mine if "n" in one]
    return bool(mine), max(known) if known and "mixed_with" not in row else None


def later(study: Record) -> Iterator[Record]:
    while study.get("superseded_by"):
        file = files()[study["superseded_by"]]
        study = file["study"]
        if study["read_in"] != "recalled":
            yield file


def names_tested(row: Record) -> set[str]:
    return {one["treatment"] for one in row.get("given", ()) if one["role"] == "tested"}


def meet(one: Record, other: Record, key: str) -> bool:
    mine, theirs = set(one.get(key, ())), set(other.get(key, ()))
    return bool(mine & theirs) or not (mine or theirs)


def is_told_again(row: Record, study: Record) -> bool:
    return "stands" not in row and any(
        names_tested(row) <= names_tested(other)
        and meet(row, other, "tumors")
        and ("biomarkers" not in row or meet(row, other, "biomarkers"))
        for file in later(study)
        for other in file.get("evidence", ())
    )


def of_tumors(row: Record, tumors: set[str], n: int | None) -> int | None:
    """Return how many of a row's patients have one of the tumors, where all have or a page says."""
    if set(row["tumors"]) <= tumors:
        return n
    shares = dict(zip(row["tumors"], row.get("tumor_n", ()), strict=False))
    return sum(shares[one] for one in tumors & shares.keys()) if shares and n == row["n"] else None


def other_side(comparison: Record) -> list[str]:
    """Return what the other side of a comparison tests: nothing where it is of other reports."""
    return [] if "control" in comparison else comparison.get("against_tests", [])


def groups(file: Record, treatment: str, tumors: set[str], route: str | None) -> list[Record]:
    """Return the groups of a study that had a treatment: its rows, and groups in words that are
    tested in none of them."""
    found = []
    for row in file.get("evidence", ()):
        if row.get("design", file["study"]["design"]) in NO_STUDY:
            continue
        if not tumors & set(row["tumors"]) or "solid" in row["tumors"] or len(row["tumors"]) > 2:
            continue
        told = {"again": is_told_again(row, file["study"]), "stands": row.get("stands")}
        is_tested, n = own_n(row, treatment, route)
        if is_tested:
            n = of_tumors(row, tumors, n)
            found.append({**told, "row": row["row"], "within": row.get("within"), "n": n})
            continue
        by = {one["treatment"]: one.get("routes", [None])[0] for one in row.get("given", ())}
        words = [
            side
            for one in file.get("comparison", ())
            if one["question"] in ("add", "instead", "versus-none")
            and (one.get("of") or one.get("in") or one.get("against")) == row["row"]
            for side in (
                (one.get("tests", ()), one.get("of"), one.get("of_n"), one.get("tests_are")),
                (other_side(one), one.get("against"), one.get("against_n"), None),
            )
            if treatment in side[0]
            and side[1] is None
            and (route is None or (by.get(treatment) or ROUTE_BY_NAME.get(treatment)) == route)
        ]
        sizes = [n for _, _, n, are in words if are != "some" and n and "mixed_with" not in row]
        if words:
            n = of_tumors(row, tumors, max(sizes, default=None))
            found.append({**told, "row": -row["row"], "within": row["row"], "n": n})
    return found


def in_study(file: Record, found: list[Record]) -> int | None:
    """Count the patients of groups of one study, each once."""
    known = {one["row"]: one for one in found if one["n"] is not None}
    if not known:
        return None
    within = {row["row"]: row.get("within") for row in file["evidence"]}

    def outer(one: Record) -> int | None:
        here = one["within"]
        while here is not None and here not in known:
            here = within.get(here)
        return here

    def size(one: Record) -> int:
        return max(one["n"], sum(size(k) for k in known.values() if outer(k) == one["row"]))

    if file["study"].get("rows_overlap"):
        total = max(one["n"] for one in known.values())
    else:
        total = sum(size(one) for one in known.values() if outer(one) is None)
    return min(total, file["study"].get("patients", total))


@cache
def cohort_of() -> dict[str, str]:
    links: defaultdict[str, set[str]] = defaultdict(set)
    for id_, file in files().items():
        for other in (*file["study"].get("overlaps", ()), file["study"].get("superseded_by")):
            if other:
                links[id_].add(other)
                links[other].add(id_)
    found: dict[str, str] = {}
    for id_ in files():
        waiting = [id_]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = id_
                waiting += links[here]
    return found


def size_of(told: list[tuple[Record, list[Record]]]) -> int | None:
    """Count the largest report of a cohort, and beside it the rows that stand alone in an older
    one."""
    total = None
    for stands in (True, False):
        sizes = [
            size
            for file, found in told
            if (size := in_study(file, [one for one in found if bool(one["stands"]) == stands]))
            is not None
        ]
        if sizes:
            total = (total or 0) + max(sizes)
    return total


def count_by_hand(treatment: str, tumors: set[str], route: str | None) -> tuple[int, int | None]:
    """Return the independent studies of a treatment in some tumors by a route, and their
    patients."""
    cohorts: defaultdict[str, list[tuple[Record, list[Record]]]] = defaultdict(list)
    for id_, file in files().items():
        study = file["study"]
        if study["read_in"] == "recalled" or "withdrawn" in study:
            continue
        if found := groups(file, treatment, tumors, route):
            cohorts[cohort_of()[id_]].append((file, found))
    patients = []
    for told in cohorts.values():
        current = [(file, [one for one in found if not one["again"]]) for file, found in told]
        size = size_of(current)
        patients.append(size_of(told) if size is None else size)
    known = [size for size in patients if size is not None]
    return len(cohorts), sum(known) if known else None


@cache
def below() -> dict[str, set[str]]:
    """Return every tumor with itself and those below it."""
    read = tomllib.loads((find_bundled_data_folder() / "tumors.toml").read_text(encoding="utf-8"))[
        "tumor"
    ]
    parent = {one["id"]: one.get("parent") for one in read}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for id_ in parent:
        here: str | None = id_
        while here:
            found[here].add(id_)
            here = parent[here]
    return {tumor: inside for tumor, inside in found.items() if tumor != "solid"}


def test_every_patient_counts_as_by_hand(connection: sqlite3.Connection) -> None:
    routes = (None, "oral", "intravenous", "intrathecal", "external-beam")
    wrong, compared = [], 0
    for tumor, inside in below().items():
        for route in routes:
            asked = Filters(tumors=(tumor,), routes=(route,) if route else ())
            listed = {row.id: row for row in list_treatments(connection, asked)}
            for row in listed.values():
                compared += 1
                expected = count_by_hand(row.id, inside, route)
                if (row.studies, row.patients) != expected:
                    wrong.append((row.id, tumor, route, (row.studies, row.patients), expected))
    assert compared > 300
    assert wrong == []


# Directions, a second time.

SINGLE, CONCURRENT, RANDOM = 2, 1, 0
UNWELCOME = ("no-benefit", "worse")


def combine(directions: set[str]) -> str:
    clear = directions - {"unclear"}
    return (clear.pop() if len(clear) == 1 else "mixed") if clear else "unclear"


def told_of(file: Record, row: Record, treatment: str) -> Iterator[tuple[int, str | None, bool]]:
    """Yield what a row and the comparisons on it say of a treatment: weight, direction, and
    whether it still stands beside a later report."""
    mine = [
        one
        for one in row.get("given", ())
        if (one["role"], one["treatment"]) == ("tested", treatment)
    ]
    if mine and not is_told_again(row, file["study"]):
        own = {one["direction"] for one in mine if "direction" in one}
        way = combine(own) if own else row.get("direction")
        some = row.get("given_as") == "some" and len(names_tested(row)) > 1 and not own
        yield SINGLE, None if some and way not in UNWELCOME else way, "stands" in row
    for one in file.get("comparison", ()):
        if (one.get("of") or one.get("in") or one.get("against")) != row["row"]:
            continue
        if one["question"] in ("add", "versus-none", "instead") and treatment in one["tests"]:
            way = None if one["question"] == "instead" or "control" in one else one["direction"]
            some = one.get("tests_are") == "some" and way not in UNWELCOME
            weight = RANDOM if one.get("randomized") else CONCURRENT
            yield weight, None if some else way, "stands" in one
        words = (one["question"], one.get("against"), one.get("against_tests"))
        if words == ("instead", None, [treatment]) and "control" not in one:
            yield CONCURRENT, None, "stands" in one


def directions_by_hand(treatment: str, tumors: set[str]) -> Counter[str]:
    """Count the cohorts by the way in which they point: randomised answers before others, these
    before groups alone, a later report before an earlier one."""
    cohorts: defaultdict[str, list[tuple[int, str | None, bool, int]]] = defaultdict(list)
    for id_, file in files().items():
        study = file["study"]
        if study["read_in"] == "recalled" or "withdrawn" in study:
            continue
        for row in file.get("evidence", ()):
            of_tumor = tumors & set(row["tumors"]) and not (
                "solid" in row["tumors"] or len(row["tumors"]) > 2
            )
            if of_tumor and row.get("design", study["design"]) not in NO_STUDY:
                for weight, way, stands in told_of(file, row, treatment):
                    current = stands or "superseded_by" not in study
                    claim = (weight, way, current, study.get("year", 0))
                    cohorts[cohort_of()[id_]].append(claim)
    found: Counter[str] = Counter()
    for claims in cohorts.values():
        current = [one for one in claims if one[2]] or claims
        least = min((weight for weight, way, *_ in current if way), default=SINGLE)
        by_year: defaultdict[int, set[str]] = defaultdict(set)
        for weight, way, _, year in current:
            if way and weight == least:
                by_year[year].add(way)
        ways = (combine(by_year[year]) for year in sorted(by_year, reverse=True))
        found[next((way for way in ways if way != "unclear"), "unclear")] += 1
    return found


def test_every_study_points_as_by_hand(connection: sqlite3.Connection) -> None:
    wrong, compared = [], 0
    for tumor, inside in below().items():
        for row in list_treatments(connection, Filters(tumors=(tumor,))):
            compared += bool(row.studies)
            ways = ("benefit", "no-benefit", "worse", "mixed", "unclear")
            counted = Counter({way: getattr(row, way.replace("-", "_")) for way in ways})
            if +counted != directions_by_hand(row.id, inside):
                wrong.append((row.id, tumor, counted, directions_by_hand(row.id, inside)))
    assert compared > 150
    assert wrong == []


# What went wrong before a record said what was tested.


def test_adding_intrathecal_chemotherapy_is_where_boogerd_and_deposein_differ(
    connection: sqlite3.Connection,
) -> None:
    found = list_conflicts(connection, Filters(tumors=("breast",)))
    [conflict] = [row for row in found if row.id == "chemotherapy" and row.question == "add"]
    assert (conflict.route, conflict.randomized) == ("intrathecal", 2)
    assert set(conflict.studies) == {"boogerd-2004", "lerhun-2020-deposein"}
    assert (conflict.differ, "survival" in conflict.agree) == (["progression"], True)
    for card in ("systemic-chemotherapy-unspecified", "involved-field-radiotherapy"):
        answers = row_of(connection, card, tumors=("breast",)).answers
        assert not [one for one in answers if one["study"] == "boogerd-2004"], card


def test_whole_brain_radiotherapy_has_no_benefit_in_melanoma(
    connection: sqlite3.Connection,
) -> None:
    row = row_of(connection, "whole-brain-radiotherapy", tumors=("melanoma",))
    assert row.benefit == 0
    assert row.worse >= 1, "a series of 172 ties it to worse survival"
    assert [one["direction"] for one in row.answers if one["study"] == "saberian-2024"] == ["worse"]


@pytest.mark.parametrize(
    ("treatment", "tumor", "patients"),
    [
        ("thiotepa", "nsclc", 6),
        ("cytarabine", "nsclc", 17),
        ("thiotepa", "melanoma", 7),
        ("methotrexate", "melanoma", 16),
        ("proton-craniospinal-irradiation", "nsclc", 27),
    ],
)
def test_a_treatment_has_the_patients_who_had_it(
    connection: sqlite3.Connection, treatment: str, tumor: str, patients: int
) -> None:
    assert row_of(connection, treatment, tumors=(tumor,)).patients == patients


def test_a_figure_of_a_sequence_stands_for_none_of_its_drugs(
    connection: sqlite3.Connection,
) -> None:
    for drug in ("cytarabine", "methotrexate", "thiotepa"):
        assert row_of(connection, drug, tumors=("melanoma",)).figure is None


def test_whole_brain_radiotherapy_is_not_judged_by_what_was_given_with_avelumab(
    connection: sqlite3.Connection,
) -> None:
    row = row_of(connection, "whole-brain-radiotherapy")
    assert "67%" not in str(row.figure)
    assert (row.figure_with, row.figure_mixed_with, row.rests_on) == ([], None, "alone")


def test_randomised_means_randomised_for_lm(connection: sqlite3.Connection) -> None:
    found = {row.id: row for row in list_treatments(connection, Filters(designs=RANDOMISED))}
    assert found["proton-craniospinal-irradiation"].patients == 42
    assert not {"osimertinib", "nivolumab"} & found.keys()


def test_recalled_figures_speak_for_nothing(connection: sqlite3.Connection) -> None:
    rows = list_treatments(connection, Filters(tumors=("nsclc",), biomarkers=("egfr",)))
    assert "recalled" not in {row.read_in for row in rows}
    recalled = [row for row in rows if row.recalled]
    assert recalled
    assert all(row.patients is None for row in recalled if not row.studies)


def test_the_gain_of_added_bevacizumab_is_not_that_of_osimertinib(
    connection: sqlite3.Connection,
) -> None:
    card = load_treatment_card(connection, "osimertinib", TODAY)
    assert card.overview.benefit == 5
    assert "yi-2022" in {
        row.study for row in load_treatment_card(connection, "bevacizumab", TODAY).evidence
    }
    assert "yi-2022.1" not in {row.id for row in card.evidence}, "there it stood in both arms"


def test_there_is_one_tally(connection: sqlite3.Connection) -> None:
    def tally(row: TreatmentRow) -> tuple[int, ...]:
        return row.benefit, row.no_benefit, row.worse, row.mixed, row.unclear, row.studies

    melanoma = Filters(tumors=("melanoma",))
    for row in list_treatments(connection, melanoma):
        card = load_treatment_card(connection, row.id, TODAY, melanoma).overview
        [compared, _] = (
            compare_treatments(connection, [row.id, "methotrexate"], melanoma, TODAY)
            if (row.id != "methotrexate")
            else compare_treatments(connection, [row.id, "nivolumab"], melanoma, TODAY)
        )
        assert tally(row) == tally(card)
        assert tally(row)[:5] == (
            compared.benefit,
            compared.no_benefit,
            compared.worse,
            compared.mixed,
            compared.unclear,
        )
        for direction in ("benefit", "no-benefit", "worse", "mixed", "unclear"):
            kept = list_treatments(connection, melanoma._replace(directions=(direction,)))
            of = {one.id: one for one in kept}
            points = getattr(row, direction.replace("-", "_")) > 0
            assert (row.id in of) == points
            assert not points or tally(of[row.id]) == tally(row)


def test_directions_add_up_to_the_studies(connection: sqlite3.Connection) -> None:
    for row in list_treatments(connection, Filters()):
        ways = (row.benefit, row.no_benefit, row.worse, row.mixed, row.unclear)
        assert sum(ways) == row.studies, row.id


def test_the_map_counts_as_the_list(connection: sqlite3.Connection) -> None:
    found = map_evidence(connection, Filters(), ("treatment", "tumor"))
    cells = {(cell.row, cell.column): cell for cell in found.cells}
    for tumor in ("breast", "nsclc", "melanoma"):
        for row in list_treatments(connection, Filters(tumors=(tumor,))):
            cell = cells[row.id, tumor]
            assert (cell.studies, cell.patients, cell.level) == (
                row.studies,
                row.patients,
                row.level,
            )
            assert (cell.benefit, cell.no_benefit, cell.worse) == (
                row.benefit,
                row.no_benefit,
                row.worse,
            )


@pytest.mark.parametrize("study", ["ferguson-2019", "kwon-2020", "li-2016-jto"])
def test_a_comparison_in_retrospect_is_no_epidemiology(
    connection: sqlite3.Connection, study: str
) -> None:
    query = "select design, level from study where id = ?"
    [(design, level)] = connection.execute(query, [study])
    assert design.startswith("retrospective")
    assert level == "IV"


def test_a_hazard_above_one_is_worse(connection: sqlite3.Connection) -> None:
    row = row_of(connection, "intrathecal-chemotherapy-unspecified", tumors=("lung",))
    [answer] = [one for one in row.answers if one["study"] == "trinetx-lung-it-2023"]
    assert answer["direction"] == "worse"
    assert row.worse >= 1


def test_trust_is_of_the_figure(connection: sqlite3.Connection) -> None:
    rows = list_treatments(connection, Filters(verified=True))
    assert {row.read_in for row in rows} <= {None, "abstract", "full-text", "registry"}
    query = "select record from evidence where verified = 0 limit 1"
    assert connection.execute(query).fetchone() is not None, "some were read second hand"


def test_the_number_behind_a_figure_is_that_of_those_assessed(
    connection: sqlite3.Connection,
) -> None:
    rows = list_treatments(connection, Filters(endpoints=("csf-clearance",)))
    for row in rows:
        if row.figure and " of " in row.figure:
            assert f" of {row.figure_n} patients" in row.figure, row.id


def test_an_answer_tells_direction_and_numbers_of_one_side(connection: sqlite3.Connection) -> None:
    """Glantz 1999 gave liposomal cytarabine to 31 and methotrexate to 30."""
    for treatment, other, side, n, versus_n in (
        ("liposomal-cytarabine", "methotrexate", "of", 31, 30),
        ("methotrexate", "liposomal-cytarabine", "against", 30, 31),
    ):
        [answer] = [
            one
            for one in row_of(connection, treatment).answers
            if one["comparison"] == "glantz-1999.c1"
        ]
        assert (answer["side"], answer["versus"]) == (side, [other])
        assert (answer["n"], answer["versus_n"]) == (n, versus_n)


def test_a_head_to_head_answer_stands_wherever_a_treatment_is_told(
    connection: sqlite3.Connection,
) -> None:
    """On the losing side too: in the whole list, in a list of the treatment alone, on its card."""
    everything = {row.id: row.answers for row in list_treatments(connection, Filters())}
    assert "against" in {one["side"] for one in everything["methotrexate"]}
    for treatment, answers in everything.items():
        if answers:
            assert row_of(connection, treatment).answers == answers
            [alone] = list_treatments(connection, Filters(treatments=(treatment,)))
            assert alone.answers == answers
    [photons] = [
        one
        for one in everything["involved-field-radiotherapy"]
        if one["comparison"] == "yang-2025-pcsi.c1"
    ]
    assert (photons["direction"], photons["randomized"]) == ("worse", True)


def test_verified_keeps_harms_and_conflicting_answers_read_at_their_source(
    connection: sqlite3.Connection,
) -> None:
    unread = {"secondary", "recalled"}
    harms = list_harms(connection, Filters(verified=True))
    assert harms
    assert not unread & {row.read_in for row in harms}
    assert unread & {row.read_in for row in list_harms(connection, Filters())}
    conflicts = list_conflicts(connection, Filters(verified=True))
    effects = [
        effect
        for row in conflicts
        for one in row.comparisons
        for kind in one["kinds"]
        for effect in kind["effects"]
    ]
    assert effects
    assert not unread & {effect["read_in"] for effect in effects}
    assert all(one["kinds"] for row in conflicts for one in row.comparisons)


def test_a_part_of_unknown_size_of_a_cohort_is_of_level_five(
    connection: sqlite3.Connection,
) -> None:
    """On its row as in the list: 92 of 149 had radiotherapy, how many to the brain nobody says."""
    rows = {row.id: row for row in list_evidence(connection, Filters(tumors=("breast",)))}
    part, whole = (rows[f"niwinska-breast-it.{number}"] for number in (6, 8))
    assert (part.n, part.level) == (None, "V")
    assert whole.level == "III"


def test_an_answer_that_rests_on_second_hand_effects_is_marked_and_not_verified(
    connection: sqlite3.Connection,
) -> None:
    """The effects of the final report on protons were read in a news report, its medians not."""
    two = ("proton-craniospinal-irradiation", "involved-field-radiotherapy")
    for treatment in two:
        [answer] = [
            one
            for one in row_of(connection, treatment).answers
            if one["comparison"] == "yang-2025-pcsi.c1"
        ]
        assert answer["read_in"] == "secondary"
        verified = row_of(connection, treatment, verified=True).answers
        assert "yang-2025-pcsi.c1" not in {one["comparison"] for one in verified}
    for row in compare_treatments(connection, two, Filters(verified=True), TODAY):
        assert all(one["effects"] for one in row.head_to_head)
