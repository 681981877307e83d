"""Short citations, full references, canonical addresses."""

from __future__ import annotations

from typing import Any

import pytest

from lmtx.model.reference import (
    choose_study_url,
    family_name,
    is_group,
    write_full_reference,
    write_short_citation,
)

PAPER: dict[str, Any] = {
    "id": "doe-2024", "first_author": "Van der Doe JP", "title": "A trial.", "journal": "J Example", "year": 2024, "volume": "3(2)", "pages": "10-19",
    "pmid": "123", "doi": "10.1000/x", "pmcid": "PMC9", "nct": ["NCT00000001"], "acronym": "TRIAL",
}  # fmt: skip


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ((), "https://doi.org/10.1000/x"),
        (("doi",), "https://pubmed.ncbi.nlm.nih.gov/123/"),
        (("doi", "pmid"), "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/"),
        (("doi", "pmid", "pmcid"), "https://clinicaltrials.gov/study/NCT00000001"),
        (("doi", "pmid", "pmcid", "nct"), None),
    ],
)
def test_the_address_is_the_most_lasting_one_known(
    without: tuple[str, ...], expected: str | None
) -> None:
    assert (
        choose_study_url({key: value for key, value in PAPER.items() if key not in without})
        == expected
    )


def test_a_registration_elsewhere_has_no_address_of_ours() -> None:
    assert (
        choose_study_url({"nct": ["ChiCTR2000000", "NCT00000002"]})
        == "https://clinicaltrials.gov/study/NCT00000002"
    )
    assert choose_study_url({"nct": ["ChiCTR2000000"]}) is None


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        (PAPER, "Van der Doe 2024 (TRIAL)"),
        ({"id": "x", "first_author": "Doe J"}, "Doe"),
        ({"id": "x", "acronym": "TRIAL", "year": 2020}, "TRIAL 2020"),
        ({"id": "x", "acronym": "TRIAL"}, "TRIAL"),
        ({"id": "x-2020"}, "x-2020"),
    ],
)
def test_label(study: dict[str, Any], expected: str) -> None:
    assert write_short_citation(study) == expected


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Le Rhun E", "Le Rhun"),
        ("RANO Group", "RANO Group"),
        ("Doe", "Doe"),
        ("Yang JCH", "Yang"),
        ("Smith JA Jr", "Smith"),
        ("Lee J-Y", "Lee"),
        ("Novartis AG", "Novartis AG"),
        ("Japan Clinical Oncology Group JCOG", "Japan Clinical Oncology Group JCOG"),
    ],
)
def test_surname(author: str, expected: str) -> None:
    assert family_name(author) == expected


def test_reference_says_all_that_is_known() -> None:
    assert (
        write_full_reference(PAPER)
        == "Van der Doe JP, et al. A trial. J Example 2024;3(2):10-19. PMID 123; doi:10.1000/x."
    )


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ({"title": "About it", "title_descriptive": True}, "[About it]."),
        ({"year": 1999}, "1999."),
        ({"journal": "J", "pmcid": "PMC9"}, "J. PMC9."),
        ({"title": "T", "nct": ["NCT1", "NCT2"]}, "T. NCT1; NCT2."),
        ({"first_author": "Ahn", "year": 2012}, "Ahn, et al. 2012."),
        (
            {"first_author": "National Comprehensive Cancer Network", "year": 2020},
            "National Comprehensive Cancer Network. 2020.",
        ),
        ({"first_author": "Plus Therapeutics", "year": 2023}, "Plus Therapeutics. 2023."),
        ({"first_author": "AstraZeneca", "year": 2016}, "AstraZeneca. 2016."),
    ],
)
def test_reference_of_a_record_with_gaps(study: dict[str, Any], expected: str) -> None:
    assert write_full_reference(study) == expected


@pytest.mark.parametrize(("author", "expected"), [("SIOG", True), ("ÖZTÜRK", False)])
def test_capitals_are_a_group_only_where_they_can_be_its_initials(
    author: str, expected: bool
) -> None:
    assert is_group(author) is expected
