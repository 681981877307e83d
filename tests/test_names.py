"""How names are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmtx.model.names import fold_name, is_opposite


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Non-small cell lung cancer", "nonsmallcell lungcancer"),
        ("T-DM1", "tdm1"),
        ("HER2+", "her2 +"),
        ("HER2\N{MINUS SIGN}", "HER2-"),
        ("Müller", "muller"),
        ("β-interferon", "beta interferon"),
        ("PD-L1", "PD\N{HYPHEN}L1"),
        ("ＨＥＲ２", "her2"),
        ("  Tagrisso ", "TAGRISSO"),
        ("Tagrisso\N{REGISTERED SIGN}", "tagrisso"),
        ("HER2 (-)", "HER2-"),
        ("HER2 \N{SUPERSCRIPT MINUS}", "HER2-"),
        ("HER2 -ve", "HER2-"),
        ("HER2 (+)", "HER2+"),
        ("anti-PD-(L)1", "anti PD L1"),
        ("PD-L1 >= 1 %", "PD-L1 \N{GREATER-THAN OR EQUAL TO}1%"),
        ("5-fluoro-2'-deoxyuridine", "5 fluoro 2' deoxyuridine"),
        ("EGFR - exon 19", "EGFR exon 19"),
        ("EGFR -exon 19", "EGFR exon 19"),
    ],
)
def test_names_that_mean_the_same_share_a_key(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HER2+", "HER2-"),
        ("HER2", "HER2+"),
        ("egfr", "egfrs"),
        ("HER2", "HER2(-)"),
        ("HER2", "(-)HER2"),
        ("HER2", "HER2\N{PLUS-MINUS SIGN}"),
        ("HER2-/HR+", "HER2/HR+"),
        ("HER2 -/HR+", "HER2 /HR+"),
        ("HER2+", "HER2++"),
        ("PD-L1 <1%", "PD-L1 \N{GREATER-THAN OR EQUAL TO}1%"),
        ("PD-L1 1%", "PD-L1 >1%"),
    ],
)
def test_names_that_mean_different_things_do_not(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@given(
    st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
)
def test_case_and_dashes_inside_do_not_matter(name: str) -> None:
    assert fold_name("-".join(name.upper()) if len(name) > 1 else name) == fold_name(name)


@pytest.mark.parametrize(
    ("one", "other", "opposite"),
    [
        ("HER2-", "HER2", True),
        ("HER2+", "HER2-", True),
        ("HER2+", "HER2", False),
        ("PD-L1 <1%", "PD-L1", True),
        ("PD-L1 0%", "PD-L1", True),
        ("PD-L1 10%", "PD-L1", False),
        ("EGFR wild type", "EGFR mutation", True),
        ("ALK negative", "ALK-", False),
    ],
)
def test_a_name_may_deny_what_another_says(one: str, other: str, opposite: bool) -> None:
    assert is_opposite(one, other) is opposite and is_opposite(other, one) is opposite
