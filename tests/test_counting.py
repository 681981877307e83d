"""What belongs to a treatment: studies and patients counted once, directions, levels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.query.counting import (
    CONCURRENT_WEIGHT,
    RANDOMISED_WEIGHT,
    SINGLE_WEIGHT,
    Claim,
    CountedComparison,
    CountedGroup,
    CountedTestedTreatment,
    EvidenceView,
    Tally,
    count_evidence,
    group_rows_by_treatment,
    keep_claims_by_level_and_n,
    list_claims,
)

PLAIN = Claim(
    number=1,
    study="a",
    row=1,
    above="",
    cohort="a",
    counts=1,
    recalled=False,
    superseded=False,
    stands=False,
    year=2020,
    cap=None,
    overlap=False,
    pooled=False,
    level_rank=3,
    n=20,
    direction="benefit",
)
GROUP = CountedGroup(
    number=1,
    study="a",
    row=1,
    above="",
    level_rank=4,
    n=40,
    direction="benefit",
    year=2020,
    cohort="a",
    counts=1,
    recalled=False,
    superseded=False,
    stands=False,
    given_as=None,
    tested=1,
    cap=None,
    overlap=False,
    pooled=False,
    design="retrospective-cohort",
)
COMPARISON = CountedComparison(
    id="a.c1",
    number=1,
    of_row=1,
    against_row=2,
    of_n=None,
    against_n=None,
    question="add",
    randomized=False,
    control=None,
    direction="no-benefit",
    tests_are=None,
    speaks=True,
    level_rank=4,
)


def row(study: str, n: int | None, number: int = 1, **more: object) -> Claim:
    """Return what a row of a study that is its own cohort says."""
    return PLAIN._replace(study=study, n=n, row=number, **{"cohort": study, **more})


def counts(*claims: Claim) -> tuple[int, int | None]:
    """Return studies and patients."""
    found = count_evidence(claims)
    return found.studies, found.patients


def one(treatment: str, n: int | None = None, **more: object) -> CountedTestedTreatment:
    """Return what a group was given to test it, by mouth."""
    plain = CountedTestedTreatment(treatment, frozenset({"oral"}), n, False, None)
    return plain._replace(**more)


def claims(
    treatment: str, group: CountedGroup, *entries: CountedTestedTreatment, route: str = ""
) -> list[Claim]:
    """Return what one group says of a treatment."""
    view = EvidenceView({group.number: group}, {group.number: entries}, {}, {}, {})
    return list_claims(view, {treatment}, (route,) if route else ())


# Cohorts, reports and rows.


def test_nothing_is_nothing() -> None:
    assert count_evidence([]) == Tally()


def test_independent_studies_add_up() -> None:
    assert counts(row("a", 20), row("b", 30)) == (2, 50)


def test_arms_of_one_study_add_up() -> None:
    assert counts(row("a", 42, 1), row("a", 21, 2)) == (1, 63)


def test_the_rows_of_a_study_count_no_more_than_it_has() -> None:
    assert counts(row("a", 124, 1, cap=212), row("a", 128, 2, cap=212)) == (1, 212)
    assert counts(row("a", 42, 1, cap=212)) == (1, 42)


def test_rows_that_overlap_count_as_the_largest() -> None:
    assert counts(row("a", 64, 1, overlap=True), row("a", 60, 2, overlap=True)) == (1, 64)


def test_a_row_within_another_adds_nobody() -> None:
    assert counts(row("a", 42, 1), row("a", 12, 2, above="1")) == (1, 42)


def test_a_row_within_one_that_is_not_in_view_counts_itself() -> None:
    assert counts(row("a", 12, 2, above="1")) == (1, 12)


def test_a_row_within_one_that_is_within_another_adds_nobody_even_where_that_is_not_in_view() -> (
    None
):
    assert counts(row("a", 42, 1), row("a", 12, 3, above="2 1")) == (1, 42)


def test_a_group_counts_at_least_what_lies_within_it() -> None:
    assert counts(row("a", 6, 1), row("a", 10, 2, above="1"), row("a", 5, 3, above="1")) == (1, 15)


def test_groups_in_words_of_one_row_may_be_the_same_patients() -> None:
    words = [row("a", n, 1, above="1", in_words=True) for n in (12, 30)]
    assert counts(*words) == (1, 30)


def test_overlapping_studies_are_one_with_the_patients_of_the_larger() -> None:
    assert counts(row("a", 20, cohort="x"), row("b", 30, cohort="x")) == (1, 30)


def test_a_superseded_report_does_not_count_beside_the_later_one() -> None:
    interim = row("interim", 40, cohort="x", superseded=True, level_rank=1, direction="benefit")
    final = row("final", 35, cohort="x", direction="no-benefit")
    found = count_evidence([interim, final])
    assert (found.studies, found.patients, found.no_benefit, found.benefit) == (1, 35, 1, 0)
    assert found.level == "III"


def test_a_superseded_report_counts_where_the_later_one_is_not_in_view() -> None:
    assert counts(row("interim", 40, cohort="x", superseded=True)) == (1, 40)


def test_a_row_that_stands_in_an_older_report_counts_beside_the_later_one() -> None:
    older = [
        row("interim", 63, cohort="x", superseded=True),
        row("interim", 35, 3, cohort="x", stands=True),
    ]
    assert counts(*older, row("final", 63, cohort="x")) == (1, 98)
    assert counts(older[1]) == (1, 35)


def test_an_older_report_gives_the_number_that_the_later_one_does_not() -> None:
    assert counts(
        row("interim", 19, cohort="x", superseded=True), row("final", None, cohort="x")
    ) == (1, 19)


def test_reviews_count_as_syntheses_and_add_no_patient() -> None:
    found = count_evidence(
        [row("a", 20), row("review", 900, counts=0), row("review", 100, 2, counts=0)]
    )
    assert (found.studies, found.patients, found.syntheses) == (1, 20, 1)


def test_what_was_recalled_counts_nowhere_but_is_told() -> None:
    recalled = row("r", 77, counts=-1, recalled=True, level_rank=1)
    found = count_evidence([row("a", 20), recalled])
    assert (found.studies, found.patients, found.recalled, found.level) == (1, 20, 1, "III")
    assert count_evidence([recalled]) == Tally(recalled=1)


def test_unknown_numbers_stay_unknown() -> None:
    assert counts(row("a", None)) == (1, None)
    assert counts(row("a", None), row("b", 7)) == (2, 7)


# Directions.


def test_a_study_whose_rows_differ_is_mixed_and_unclear_rows_do_not_decide() -> None:
    assert count_evidence([row("a", 1, 1), row("a", 1, 2, direction="no-benefit")]).mixed == 1
    assert count_evidence([row("a", 1, 1), row("a", 1, 2, direction="unclear")]).benefit == 1
    assert count_evidence([row("a", 1, direction="unclear")]).unclear == 1
    assert count_evidence([row("a", 1, direction="worse")]).worse == 1


def test_a_comparison_speaks_before_a_single_group_and_chance_before_choice() -> None:
    single = row("a", 20, direction="benefit", weight=SINGLE_WEIGHT)
    concurrent = row("a", None, direction="no-benefit", weight=CONCURRENT_WEIGHT)
    randomised = row("a", None, direction="worse", weight=RANDOMISED_WEIGHT)
    assert count_evidence([single, concurrent]).no_benefit == 1
    assert count_evidence([single, concurrent, randomised]).worse == 1


def test_the_later_report_of_a_cohort_speaks() -> None:
    older = row("a", 20, cohort="x", year=2013, direction="benefit")
    later = row("b", 20, cohort="x", year=2018, direction="no-benefit")
    assert count_evidence([older, later]).no_benefit == 1
    assert count_evidence([older, later._replace(direction="unclear")]).benefit == 1


@pytest.mark.parametrize(
    ("change", "direction"),
    [
        ({}, "no-benefit"),
        ({"question": "versus-none"}, "no-benefit"),
        ({"question": "instead"}, "benefit"),
        ({"question": "dose"}, "benefit"),
        ({"question": "schedule"}, "benefit"),
        ({"control": "historical"}, "benefit"),
        ({"control": "between-studies"}, "benefit"),
        ({"speaks": False}, "benefit"),
    ],
)
def test_only_concurrent_comparisons_against_none_or_as_an_addition_give_a_direction(
    change: dict[str, object], direction: str
) -> None:
    comparison = COMPARISON._replace(**change)
    view = EvidenceView({1: GROUP}, {1: [one("x")]}, {1: [comparison]}, {"a.c1": {"x": None}}, {})
    found = count_evidence(list_claims(view, {"x"}))
    assert found.of(direction) == found.studies == 1
    assert found.patients == 40, "a comparison of two rows adds nobody"


def test_what_is_compared_in_words_has_its_own_patients_and_level() -> None:
    comparison = COMPARISON._replace(of_row=None, of_n=6, direction="worse", level_rank=5)
    view = EvidenceView({1: GROUP}, {}, {1: [comparison]}, {"a.c1": {"x": None}}, {})
    found = count_evidence(list_claims(view, {"x"}))
    assert (found.studies, found.patients, found.worse, found.level) == (1, 6, 1, "V")
    unknown = EvidenceView({1: GROUP}, {}, {1: [comparison._replace(of_n=None)]}, view.tests, {})
    found = count_evidence(list_claims(unknown, {"x"}))
    assert (found.studies, found.patients, found.part_of) == (1, None, 40)


@pytest.mark.parametrize(
    ("of_row", "entries"),
    [
        (
            None,
            {1: [one("x")]},
        ),
        (2, {1: [one("y")], 2: [one("x")]}),
    ],
    ids=["row of the comparison", "row of its side"],
)
def test_a_side_that_a_row_tells_adds_no_patients_of_its_own(
    of_row: int | None, entries: dict[int, list[CountedTestedTreatment]]
) -> None:
    comparison = COMPARISON._replace(of_row=of_row, of_n=6)
    view = EvidenceView({1: GROUP}, entries, {1: [comparison]}, {"a.c1": {"x": None}}, {})
    answer = list_claims(view, {"x"})[-1]
    assert answer.in_words
    assert (answer.n, answer.part, answer.part_of) == (None, False, None)


@pytest.mark.parametrize(
    ("control", "studies"), [(None, 1), ("historical", 0), ("between-studies", 0)]
)
def test_what_a_study_looks_back_to_is_no_group_of_its_own(
    control: str | None, studies: int
) -> None:
    comparison = COMPARISON._replace(against_row=None, question="instead", control=control)
    view = EvidenceView(
        {1: GROUP}, {1: [one("x")]}, {1: [comparison]}, {"a.c1": {"x": None}}, {"a.c1": {"y": None}}
    )
    assert count_evidence(list_claims(view, {"y"})).studies == studies
    assert ("y" in group_rows_by_treatment(view)) is bool(studies)


@pytest.mark.parametrize(
    ("direction", "told"),
    [
        ("benefit", "unclear"),
        ("mixed", "unclear"),
        ("no-benefit", "no-benefit"),
        ("worse", "worse"),
    ],
)
def test_of_some_of_several_only_a_null_or_harmful_answer_is_that_of_each(
    direction: str, told: str
) -> None:
    group = GROUP._replace(given_as="some", tested=2, direction=direction)
    assert count_evidence(claims("x", group, one("x", 6), one("y", 30))).of(told) == 1
    comparison = COMPARISON._replace(direction=direction, tests_are="some")
    tests = {"a.c1": {"x": None, "y": None}}
    view = EvidenceView(
        {1: group._replace(direction="unclear")},
        {1: [one("x", 6), one("y", 30)]},
        {1: [comparison]},
        tests,
        {},
    )
    assert count_evidence(list_claims(view, {"x"})).of(told) == 1
    assert count_evidence(list_claims(view, {"x", "y"})).of(direction) == 1, (
        "all of them together own it"
    )


# Patients and levels of a treatment in a group.


def test_a_treatment_has_the_patients_who_had_it() -> None:
    group = GROUP._replace(given_as="some", tested=2)
    [claim] = claims("x", group, one("x", 6), one("y", 30))
    assert (claim.n, claim.part, claim.level_rank, claim.whole) == (6, False, 5, False)
    [claim] = claims("y", group, one("x", 6), one("y", 30))
    assert (claim.n, claim.level_rank) == (30, 4)
    [claim] = claims("y", GROUP._replace(given_as="together", tested=2), one("x"), one("y"))
    assert (claim.n, claim.shared, claim.whole) == (40, "together", True)


def test_of_a_part_of_unknown_size_it_has_none_and_level_five() -> None:
    [claim] = claims("x", GROUP, one("x", n_unknown=True))
    assert (claim.n, claim.part_of, claim.level_rank) == (None, 40, 5)
    group = GROUP._replace(given_as="some", tested=2)
    [claim] = claims("x", group, one("x"), one("y"))
    assert (claim.n, claim.part_of) == (None, 40)
    found = count_evidence([claim])
    assert (found.patients, found.part_of, found.level) == (None, 40, "V")


def test_of_two_tumors_a_part_that_nobody_counted_has_level_five_and_keeps_its_figures() -> None:
    group = GROUP._replace(n=None, cap=27, pooled=True)
    view = EvidenceView({1: group}, {1: [one("x")]}, {}, {}, {}, {1: "Lung cancer"})
    [claim] = list_claims(view, {"x"})
    assert (claim.n, claim.part, claim.part_of, claim.level_rank) == (None, True, 27, 5)
    assert claim.whole
    [claim] = list_claims(view._replace(groups={1: group._replace(n=18)}), {"x"})
    assert (claim.n, claim.part, claim.level_rank) == (18, False, 4)


def test_a_drug_by_two_routes_is_one_treatment_and_its_patients_count_once() -> None:
    into_the_csf = one("x", routes=frozenset({"intrathecal"}))
    [claim] = claims("x", GROUP, one("x"), into_the_csf)
    assert (claim.n, claim.shared) == (40, None)
    [claim] = claims("x", GROUP, one("x", 30), into_the_csf._replace(n=10), route="intrathecal")
    assert claim.n == 10
    assert claims("x", GROUP, one("x"), route="intrathecal") == []


def test_a_partners_route_is_not_that_of_a_drug() -> None:
    group = GROUP._replace(given_as="together", tested=2)
    partner = one("y", routes=frozenset({"intrathecal"}))
    assert claims("x", group, one("x"), partner, route="intrathecal") == []


def test_a_class_owns_the_group_of_which_each_had_some_of_it() -> None:
    group = GROUP._replace(given_as="some", tested=2)
    view = EvidenceView({1: group}, {1: [one("x", 6), one("y", 30)]}, {}, {}, {})
    [claim] = list_claims(view, {"x", "y", "z"})
    assert (claim.n, claim.direction, claim.shared) == (40, "benefit", None)


def test_of_a_pool_only_the_n_of_the_row_is_known() -> None:
    group = GROUP._replace(pooled=True)
    [claim] = claims("x", group, one("x"))
    assert (claim.n, claim.pooled) == (40, True)
    [claim] = claims("x", group, one("x", 12))
    assert claim.n is None


def test_a_level_says_on_what_it_rests() -> None:
    alone, with_others = row("a", 9, level_rank=3), row("b", 9, level_rank=3, shared="together")
    pooled = row("c", 9, level_rank=3, pooled=True)
    assert count_evidence([pooled, with_others, alone]).rests_on == "alone"
    assert count_evidence([pooled, with_others]).rests_on == "together"
    assert count_evidence([pooled, row("d", 9, level_rank=4)]).rests_on == "pooled"
    assert count_evidence([row("e", 9, level_rank=6)]).rests_on is None


def test_filters_on_level_and_number_act_on_the_treatment_and_take_its_answers_along() -> None:
    few, many = row("a", 6, number=1, level_rank=5), row("b", 40, level_rank=4)._replace(number=2)
    answer = few._replace(n=None, in_words=True, weight=CONCURRENT_WEIGHT)
    assert keep_claims_by_level_and_n([few, answer, many], min_n=10) == [many]
    assert keep_claims_by_level_and_n([few, answer, many], levels=("V",)) == [few, answer]
    assert keep_claims_by_level_and_n([few, answer, many], min_level="IV") == [many]


def test_the_strongest_level_and_latest_year_of_all_rows_are_told() -> None:
    found = count_evidence(
        [
            row("a", 1, level_rank=4, year=None),
            row("b", 1, level_rank=2, year=2011),
            row("c", 1, counts=0, level_rank=6, year=2024),
        ]
    )
    assert (found.level, found.latest) == ("II", 2024)


ROWS = st.lists(
    st.builds(
        lambda study, number, n, above, direction, superseded: row(
            study,
            n,
            number,
            above=str(above) if above and above < number else "",
            direction=direction,
            superseded=superseded,
            cohort=study[:1],
        ),
        st.sampled_from(["a1", "a2", "b1", "c1"]),
        st.integers(1, 4),
        st.none() | st.integers(0, 50),
        st.none() | st.integers(1, 4),
        st.sampled_from(["benefit", "no-benefit", "worse", "mixed", "unclear", None]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda found: (found.study, found.row),
)


@given(ROWS)
def test_order_does_not_matter_and_no_more_patients_than_told(rows: list[Claim]) -> None:
    found = count_evidence(rows)
    assert count_evidence(rows[::-1]) == found
    assert (found.patients or 0) <= sum(claim.n or 0 for claim in rows)
    ways = (found.benefit, found.no_benefit, found.worse, found.mixed, found.unclear)
    assert sum(ways) == found.studies == len({claim.cohort for claim in rows})
