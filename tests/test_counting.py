"""Studies and patients are counted once, however often they were told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmtx.model.levels import NO_LEVEL_RANK
from lmtx.query.counting import Counted, Tally, tally

PLAIN = Counted(1, "a", 1, None, 3, 20, "benefit", 2020, "a", True, False, False, 1, None, False)


def row(study: str, n: int | None, number: int = 1, **more: object) -> Counted:
    """Return a row of a study that is its own cohort."""
    return PLAIN._replace(study=study, n=n, row=number, **{"cohort": study, **more})


def counts(*rows: Counted) -> tuple[int, int | None]:
    """Return studies and patients."""
    found = tally(rows)
    return found.studies, found.patients


def test_nothing_is_nothing() -> None:
    assert tally([]) == Tally(
        0, None, 0, {"benefit": 0, "no-benefit": 0, "mixed": 0, "unclear": 0}, NO_LEVEL_RANK, None
    )


def test_independent_studies_add_up() -> None:
    assert counts(row("a", 20), row("b", 30)) == (2, 50)


def test_arms_of_one_study_add_up() -> None:
    assert counts(row("a", 42, 1), row("a", 21, 2)) == (1, 63)


def test_the_rows_of_a_study_count_no_more_than_it_has() -> None:
    assert counts(row("a", 124, 1, most=212), row("a", 128, 2, most=212)) == (1, 212)
    assert counts(row("a", 42, 1, most=212)) == (1, 42)


def test_a_row_that_pools_in_others_adds_no_patients_but_is_a_study() -> None:
    assert counts(row("a", 100, pooled=True), row("b", 12)) == (2, 12)
    assert counts(row("a", 100, pooled=True)) == (1, None)
    assert counts(row("a", 100, 1, pooled=True), row("a", 30, 2, within=1)) == (1, 30), (
        "those with LM inside"
    )
    assert counts(row("a", 100, pooled=True, stands=True), row("a", 7, 2, stands=True)) == (1, 7)


def test_a_row_within_another_adds_nobody() -> None:
    assert counts(row("a", 42, 1), row("a", 12, 2, within=1)) == (1, 42)


def test_a_row_within_one_that_is_not_in_view_counts_itself() -> None:
    assert counts(row("a", 12, 2, within=1)) == (1, 12)


def test_overlapping_studies_are_one_with_the_patients_of_the_larger() -> None:
    assert counts(row("a", 20, cohort="x"), row("b", 30, cohort="x")) == (1, 30)


def test_a_superseded_report_does_not_count_beside_the_later_one() -> None:
    assert counts(
        row("interim", 40, cohort="x", superseded=True), row("final", 35, cohort="x")
    ) == (1, 35)


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
    found = tally(
        [row("a", 20), row("review", 900, counts=False), row("review", 100, 2, counts=False)]
    )
    assert (found.studies, found.patients, found.syntheses) == (1, 20, 1)


def test_unknown_numbers_stay_unknown() -> None:
    assert counts(row("a", None)) == (1, None)
    assert counts(row("a", None), row("b", 7)) == (2, 7)


def test_a_study_whose_rows_differ_is_mixed_and_unclear_rows_do_not_decide() -> None:
    assert tally([row("a", 1, 1), row("a", 1, 2, direction="no-benefit")]).directions["mixed"] == 1
    assert tally([row("a", 1, 1), row("a", 1, 2, direction="unclear")]).directions["benefit"] == 1
    assert tally([row("a", 1, direction="unclear")]).directions["unclear"] == 1


def test_the_strongest_level_and_latest_year_of_all_rows_are_told() -> None:
    found = tally(
        [
            row("a", 1, level_rank=4, year=None),
            row("b", 1, level_rank=2, year=2011),
            row("c", 1, counts=False, level_rank=6, year=2024),
        ]
    )
    assert (found.level_rank, found.latest) == (2, 2024)


ROWS = st.lists(
    st.builds(
        lambda study, number, n, within, direction, superseded: row(
            study,
            n,
            number,
            within=within if within != number else None,
            direction=direction,
            superseded=superseded,
            cohort=study[:1],
        ),
        st.sampled_from(["a1", "a2", "b1", "c1"]),
        st.integers(1, 4),
        st.none() | st.integers(0, 50),
        st.none() | st.integers(1, 4),
        st.sampled_from(["benefit", "no-benefit", "mixed", "unclear"]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda found: (found.study, found.row),
)


@given(ROWS)
def test_order_does_not_matter_and_no_more_patients_than_told(rows: list[Counted]) -> None:
    found = tally(rows)
    assert tally(rows[::-1]) == found
    assert (found.patients or 0) <= sum(one.n or 0 for one in rows)
    assert sum(found.directions.values()) == found.studies == len({one.cohort for one in rows})
