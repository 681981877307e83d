"""Patients by treatment and setting, counted by hand from the records before the program counted
them.

Of each number the comment names the groups that make it up: study, row, patients.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support import Answer

COUNTS = [
    # chamberlain-1996-melanoma: 16 had methotrexate, 13 then cytarabine, 7 then thiotepa
    ("-t melanoma", "methotrexate", 16),
    ("-t melanoma", "cytarabine", 13),
    ("-t melanoma", "thiotepa", 7),
    # glitza-tps9592 50, of whom glitza-oliva-2023 tells 25; long-2018-abc 4
    ("-t melanoma", "nivolumab", 54),
    # glitza-2018 43, samlowski-1993 1
    ("-t melanoma", "interleukin-2", 44),
    # bot-2012 1, the same patient as geukes-foppen-2016.3
    ("-t melanoma", "ipilimumab", 1),
    # geukes-foppen-2016.2 1, kim-2015 1
    ("-t melanoma", "dabrafenib", 2),
    # ferguson-2019.2 60; of the others only a part, or by choice with others
    ("-t melanoma", "targeted-therapy-unspecified", 60),
    # ferguson-2019.1 64
    ("-t melanoma", "intrathecal-therapy-unspecified", 64),
    # kundalia-moffitt.9 30, of whom row 2 tells 8; nyman-asco is superseded by it
    ("-t melanoma", "braf-mek-inhibitors", 30),
    # chamberlain-1998-nsclc: of 32 six had thiotepa and sixteen cytarabine; one case of osimertinib
    # with temozolomide
    ("-t nsclc", "thiotepa", 6),
    ("-t nsclc", "cytarabine", 17),
    # samsung-osimertinib-80mg-2024 73, bloom-2016-interim 21 (the report after it is recalled),
    # yi-2022.2 11, aura3-lm 7, one case
    ("-t nsclc", "osimertinib", 113),
    # yi-2022.1 16; the other groups that added it print no number
    ("-t nsclc", "bevacizumab", 16),
    # three cases
    ("-t nsclc", "lorlatinib", 3),
    # lerhun-2013 103, jaeckle-2001 43, lerhun-2020-deposein 36, niwinska-breast-it.2 15
    ("-t breast", "liposomal-cytarabine", 197),
    # niikura-2023 19 (nakayama-2024 tells them again), vaz-batista-2025 7, three cases
    ("-t breast", "trastuzumab-deruxtecan", 29),
    # murthy-tbcrc049 17, told again by obrien-2024
    ("-t breast", "tucatinib", 17),
    # yang-2025-pcsi: of 42 patients 43% had breast and 57% lung cancer
    ("-t breast", "proton-craniospinal-irradiation", 18),
    ("-t nsclc", "proton-craniospinal-irradiation", 24),
    # the randomised comparison alone
    ("--design randomized", "proton-craniospinal-irradiation", 42),
]


@pytest.mark.parametrize(("filters", "treatment", "patients"), COUNTS)
def test_the_count_is_the_one_by_hand(
    run: Callable[..., Answer], filters: str, treatment: str, patients: int
) -> None:
    rows = run("list", *filters.split(), "--json", "-q").rows
    assert {row["id"]: row["patients"] for row in rows}[treatment] == patients
