"""Treatments by setting, counted by hand from the records before the program counted them.

Patients, studies by direction (benefit, no benefit, worse, mixed, unclear) and level. The comment
names what makes a number up: study, row, patients; "part" is a group of which nobody says how many
had it, "pool" one with others than patients with LM of a solid tumor, who count no patient. The
letter is the direction of the study.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support import Answer

Tally = tuple[int, int, int, int, int]
Count = tuple[str, int | None, Tally, str]

BREAST: list[Count] = [
    # oberkampf-2023 19 (the HIT trial, as bonneau-2018 16), figura-2018 13, it-…-korea 2, five
    # cases, murthy 17, kumthekar-2023.2 n not told: b; intra-csf-…-2066.1 4, two cases: m;
    # michigan 13, moffitt-2024 part, ratosa-2022 n not told: u; three reviews count nothing
    ("trastuzumab", 75, (10, 0, 0, 3, 3), "III"),
    # chamberlain-1997 32 m; niwinska-breast-it.1 81 n; kapke 3 b; fizazi.1 41, gauthier.1 80,
    # jfma.4 6, saint-louis 41 u; the series that lerhun-2013 looks back to are not its own
    ("methotrexate", 284, (1, 1, 0, 1, 4), "III"),
    # ekenel 3 of a pool, giglio 2 of 3, murthy 17, neratinib-lm 10, five cases b; morikawa 5 u
    ("capecitabine", 42, (9, 0, 0, 0, 1), "III"),
    # gani-2012 part m; niwinska-breast-it.6 n not told n; moffitt-2024 part u
    ("whole-brain-radiotherapy", None, (0, 1, 0, 1, 1), "V"),
    # yang-2025-pcsi.2 9 of 21
    ("involved-field-radiotherapy", 9, (0, 0, 0, 0, 1), "II"),
    # yang-2025-pcsi.1 18 of 42 b; pcsi-17-abstract.2 9 of 12 u
    ("proton-craniospinal-irradiation", 27, (1, 0, 0, 0, 1), "II"),
    # chamberlain-1997 11 m; jadpro-2014 1 b; lerhun-2013 = salvage-thiotepa-breast 24 u
    ("thiotepa", 36, (1, 0, 0, 1, 1), "IV"),
    # jaeckle-2020 31 b; one case u
    ("topotecan", 32, (1, 0, 0, 0, 1), "IV"),
    # morikawa 5, moffitt-2024 part
    ("lapatinib", 5, (0, 0, 0, 0, 2), "III"),
    # chamberlain-1997 22, esteva-2000 10
    ("cytarabine", 32, (0, 0, 0, 2, 0), "III"),
    # lerhun-2013 103 u; jaeckle-2001 43, lerhun-2020-deposein 36 m; niwinska-breast-it.2 15 n
    ("liposomal-cytarabine", 197, (0, 1, 0, 2, 1), "II"),
    # beep-2015 8, one case
    ("bevacizumab", 9, (2, 0, 0, 0, 0), "III"),
    # lokich 1 of 3
    ("csf-shunt", 1, (1, 0, 0, 0, 0), "V"),
    # one case b; endocrine-bm-2019 n not told u
    ("endocrine-therapy", 1, (1, 0, 0, 0, 1), "IV"),
    # niikura-2023 19 (nakayama-2024 tells them again), vaz-batista-2025 7, two cases b; one case u
    ("trastuzumab-deruxtecan", 29, (4, 0, 0, 0, 1), "III"),
    # sg-cns-30 8 of a pool u; one case b
    ("sacituzumab-govitecan", 9, (1, 0, 0, 0, 1), "V"),
    # murthy-tbcrc049 17, told again by obrien-2024
    ("tucatinib", 17, (1, 0, 0, 0, 0), "III"),
    # jo-asan 46 b; ratosa-2022 n not told u
    ("systemic-chemotherapy-unspecified", 46, (1, 0, 0, 0, 1), "IV"),
    # boogerd-2004 17, deazevedo-2011 41 n; jo-asan 78 u
    ("intrathecal-chemotherapy-unspecified", 136, (0, 2, 0, 0, 1), "II"),
]
BREAST_INTRATHECAL: list[Count] = [
    # without murthy-tbcrc049 and one case (by vein), moffitt-2024 and ratosa (nobody says how)
    ("trastuzumab", 57, (8, 0, 0, 3, 1), "III"),
    # without kapke (by vein)
    ("methotrexate", 281, (0, 1, 0, 1, 4), "III"),
    ("cytarabine", 32, (0, 0, 0, 2, 0), "III"),
    # without jadpro (by vein)
    ("thiotepa", 35, (0, 0, 0, 1, 1), "IV"),
    ("liposomal-cytarabine", 197, (0, 1, 0, 2, 1), "II"),
    ("topotecan", 32, (1, 0, 0, 0, 1), "IV"),
    ("intrathecal-chemotherapy-unspecified", 136, (0, 2, 0, 0, 1), "II"),
    # kingston-2017.4 14, abouharb, moffitt-2024, siegal.3 parts u; niwinska-2018 part b
    ("intrathecal-therapy-unspecified", 14, (1, 0, 0, 0, 4), "IV"),
    # her2-car-sno-2025 pool
    ("her2-car-t", None, (0, 0, 0, 0, 1), "III"),
]
NSCLC: list[Count] = [
    # samsung-osimertinib-80mg 73, bloom-2016-interim 21 (the report after it is recalled), aura3-lm
    # 7, one case, tamura n not told b; yi-2022.2 11 u
    ("osimertinib", 113, (5, 0, 0, 0, 1), "III"),
    # lee-2013 14, erlotinib-csf-lm 3, clarke-2010-2 1 (grommes pool), katayama pool, flippot n not
    # told b; egfr-lm-7-hospitals 8 n; kawamura 12, nosaki 21, ariake pool m; snuh 11, kobe 11 u
    ("erlotinib", 81, (5, 1, 0, 3, 2), "III"),
    # lee-2013.2 11 n; jackman 7, snuh 2, kobe 2 u
    ("gefitinib", 22, (0, 1, 0, 0, 3), "III"),
    # hindawi 1 b; tamiya 11, hoffknecht pool m
    ("afatinib", 12, (1, 0, 0, 2, 0), "III"),
    # gainor-2015 4, gainor-2016 2, three cases, kobayashi pool b; zou pool m
    ("alectinib", 9, (6, 0, 0, 1, 0), "III"),
    # dudnik 3, arrondeau 1 b; chow-ascend-7 18 m
    ("ceritinib", 22, (2, 0, 0, 1, 0), "III"),
    # ahn-2012 2, kashima 1 b; costa 1 n
    ("crizotinib", 4, (2, 1, 0, 0, 0), "V"),
    # three cases, lorlatinib-cns-cases pool b; lorlatinib-cns-only pool u
    ("lorlatinib", 3, (4, 0, 0, 0, 1), "III"),
    # zhang-2025 104, zhong-2025 31, song-alk 25, inc-2025 23, li-2020 1, ip-phase-1-2 n not told b;
    # fujian-2023 83, pan-2019 13 m; wang.2 71, nanchang 34, ecancer 16 u
    ("pemetrexed", 401, (6, 0, 0, 2, 3), "III"),
    # chamberlain-1998 32 m; ju-2016 15, nanchang 7 u; ahn-2012 2 b
    ("methotrexate", 56, (1, 0, 0, 1, 2), "III"),
    # yi-2022.1 16; nanchang.2, zhang-2025, zhong-2025 parts
    ("bevacizumab", 16, (4, 0, 0, 0, 0), "IV"),
    # chamberlain-1998 16 m; one case b
    ("cytarabine", 17, (1, 0, 0, 1, 0), "III"),
    # chamberlain-1998
    ("thiotepa", 6, (0, 0, 0, 1, 0), "III"),
    # wbrt-tki-108 49, dudnik 3, one case b; morris 46, cancer-med-2019-shandong 30 + 19 (yan-2019
    # 26 of the same cohort), li-2016 part n; liao 128, sanjiu 39 (with zhen-2020) m; wbrt-nsclc 51,
    # costa 1, lee-sj part u
    ("whole-brain-radiotherapy", 367, (3, 3, 0, 2, 3), "IV"),
    # mitsuya 31, lp-shunt 4 b; kim-m-2025 43, lm-triple-modality 4, lee-sj part u
    ("csf-shunt", 82, (2, 0, 0, 0, 3), "IV"),
    # liao 124, shandong 30 + 11 b; kuiper part n; li-2016 88, kawamura.2 23, morris.3 9,
    # lm-triple-modality 4, and seven of which a part, or nobody says how many u
    ("egfr-tki-unspecified", 289, (2, 1, 0, 0, 11), "IV"),
    # yang-2025-pcsi.1 24 of 42 b; pcsi-17-abstract.2 3 of 12 u
    ("proton-craniospinal-irradiation", 27, (1, 0, 0, 0, 1), "II"),
    # yang-2025-pcsi.2 12 of 21
    ("involved-field-radiotherapy", 12, (0, 0, 0, 0, 1), "II"),
    # one case; segura-2012 is a mixed population
    ("temozolomide", 1, (1, 0, 0, 0, 0), "V"),
]
EGFR: list[Count] = [
    ("osimertinib", 113, (5, 0, 0, 0, 1), "III"),
    # without lee-2013, nosaki and ariake, who took in others too
    ("erlotinib", 46, (4, 1, 0, 1, 2), "IV"),
    # without lee-2013
    ("gefitinib", 11, (0, 0, 0, 0, 3), "III"),
    # zhang-2025 104, li-2020 1, ip-phase-1-2 n not told
    ("pemetrexed", 105, (3, 0, 0, 0, 0), "III"),
    # yi-2022.1 16, zhang-2025 part
    ("bevacizumab", 16, (2, 0, 0, 0, 0), "IV"),
    # li-2016 88, kawamura.2 23, morris.3 9 and four u; yan-2019.2 part b; kuiper part n
    ("egfr-tki-unspecified", 120, (1, 1, 0, 0, 7), "IV"),
]
LUNG: list[Count] = [
    # as in NSCLC; sclc-mc-1993 part of 6 n
    ("methotrexate", 56, (1, 1, 0, 1, 2), "III"),
    ("cytarabine", 17, (1, 1, 0, 1, 0), "III"),
    ("pemetrexed", 401, (6, 0, 0, 2, 3), "III"),
    # as in NSCLC; gani-2012 part m
    ("whole-brain-radiotherapy", 367, (3, 3, 0, 3, 3), "IV"),
    # as in NSCLC; saitama-2006 part u
    ("gefitinib", 22, (0, 1, 0, 0, 4), "III"),
    # 82 as in NSCLC, su-csf-diversion 40 u, lokich 2 of 3 b
    ("csf-shunt", 124, (3, 0, 0, 0, 4), "IV"),
    ("osimertinib", 113, (5, 0, 0, 0, 1), "III"),
    ("thiotepa", 6, (0, 0, 0, 1, 0), "III"),
    ("involved-field-radiotherapy", 12, (0, 0, 0, 0, 1), "II"),
    # cosa-2022 pool
    ("pembrolizumab", None, (1, 0, 0, 0, 0), "V"),
]
MELANOMA: list[Count] = [
    # chamberlain-1996: 16 had methotrexate, 13 then cytarabine, 7 then thiotepa
    ("methotrexate", 16, (0, 0, 0, 1, 0), "III"),
    ("cytarabine", 13, (0, 0, 0, 1, 0), "III"),
    ("thiotepa", 7, (0, 0, 0, 1, 0), "III"),
    # glitza-tps9592 50, of whom glitza-oliva-2023 tells 25 b; long-2018-abc 4 n
    ("nivolumab", 54, (1, 1, 0, 0, 0), "III"),
    # glitza-2018 43 b; samlowski-1993 1 u
    ("interleukin-2", 44, (1, 0, 0, 0, 1), "IV"),
    # bot-2012 1, the same patient as geukes-foppen-2016.3
    ("ipilimumab", 1, (1, 0, 0, 0, 0), "V"),
    # geukes-foppen-2016.2 1, kim-2015 1
    ("dabrafenib", 2, (2, 0, 0, 0, 0), "V"),
    ("trametinib", 1, (1, 0, 0, 0, 0), "V"),
    ("vemurafenib", 1, (1, 0, 0, 0, 0), "V"),
    # bot-2012 = geukes-foppen-2016.3 1, kundalia part n; saberian n not told w; kim-2015 1 u
    ("whole-brain-radiotherapy", 2, (0, 2, 1, 0, 1), "V"),
    # kundalia.1 22; chorti, danish, geukes-foppen, tetu parts
    ("immune-checkpoint-inhibitors", 22, (0, 0, 0, 0, 5), "IV"),
    # ferguson-2019.2 60 b; glitza-2018 part w; chorti, geukes-foppen, tetu parts u
    ("targeted-therapy-unspecified", 60, (1, 0, 1, 0, 3), "IV"),
    # ferguson-2019.1 64 b; kundalia part n; leptomeningeal-melanomatosis, saberian parts u
    ("intrathecal-therapy-unspecified", 64, (1, 1, 0, 0, 2), "IV"),
    # kundalia.9 30, of whom row 2 tells 8 (nyman-asco before it); danish n not told
    ("braf-mek-inhibitors", 30, (0, 0, 0, 0, 2), "IV"),
    # bmet-04, pape-2012 parts
    ("intrathecal-chemotherapy-unspecified", None, (0, 0, 0, 0, 2), "V"),
    # kundalia part n; danish, leptomeningeal-melanomatosis parts u
    ("systemic-therapy-unspecified", None, (0, 1, 0, 0, 2), "V"),
    # bmet-04, ferguson-2019, pape-2012 parts
    ("systemic-chemotherapy-unspecified", None, (0, 0, 0, 0, 3), "V"),
    # bmet-04 part n; ferguson-2019, geukes-foppen, leptomeningeal-melanomatosis, tetu parts u
    ("radiotherapy-unspecified", None, (0, 1, 0, 0, 4), "V"),
    ("pembrolizumab", 1, (0, 0, 0, 0, 1), "V"),
]
RANDOMISED: list[Count] = [
    # lerhun-2020-deposein 36 m; glantz-1999 31, turned by cole-2003 b; glantz-2010-route 52 n
    ("liposomal-cytarabine", 119, (1, 1, 0, 1, 0), "II"),
    # glantz-1999.2 30 u; glantz-2010-route.2 48, grossman pool n; hitchins.1 pool m
    ("methotrexate", 78, (0, 2, 0, 1, 1), "II"),
    # yang-2025-pcsi.2 21; radiotherapy was not randomised in hitchins-1987
    ("involved-field-radiotherapy", 21, (0, 0, 0, 0, 1), "II"),
    # hitchins-1987.2 pool, grossman-1993.2 pool
    ("cytarabine", None, (0, 1, 0, 0, 0), "II"),
    ("thiotepa", None, (0, 1, 0, 0, 0), "II"),
    # boogerd-2004.1
    ("intrathecal-chemotherapy-unspecified", 17, (0, 1, 0, 0, 0), "II"),
    # yang-2025-pcsi.1
    ("proton-craniospinal-irradiation", 42, (1, 0, 0, 0, 0), "II"),
]
MIXED: list[Count] = [
    # 75 as in breast cancer, kumthekar-2023.1 26, intra-csf-…-2066 11 glioma, 1 medulloblastoma
    ("trastuzumab", 113, (10, 0, 0, 3, 3), "III"),
    # brastianos-2020 20, cosa pool b; tomioka 1 n; naidoo pool m; one case u
    ("pembrolizumab", 22, (2, 1, 0, 1, 1), "III"),
    # glitza-tps9592 50, brastianos-2021 18, arias-ron 1 b; long-2018-abc 4 n
    ("nivolumab", 73, (3, 1, 0, 0, 0), "III"),
    # brastianos-2021 18, bot-2012 1
    ("ipilimumab", 19, (2, 0, 0, 0, 0), "III"),
    # jaeckle-2020 31, jgo 2, pancreatic 1 b; mdanderson 138, lukas.2 1, one case, a pool u; three
    # pools m
    ("topotecan", 174, (3, 0, 0, 3, 4), "III"),
    # cho 40, jadpro 1 b; giannone, grossman pools n; chamberlain 7 + 11 + 6, gliomatosis 6 m;
    # lerhun-2013 24 u
    ("thiotepa", 95, (2, 2, 0, 4, 1), "II"),
    # devecka 19, keit 9, schiopu pool m; el-shafie-2019 25, dreyfuss.2 13 u
    ("photon-craniospinal-irradiation", 66, (0, 0, 0, 3, 2), "IV"),
    # chamberlain-2002, leukocyte-interferon, meyers pools
    ("interferon-alpha", None, (0, 0, 0, 3, 0), "III"),
]
COUNTS = {
    "-t breast": BREAST,
    "-t breast -r intrathecal": BREAST_INTRATHECAL,
    "-t nsclc": NSCLC,
    "-t nsclc -b egfr": EGFR,
    "-t lung": LUNG,
    "-t melanoma": MELANOMA,
    "--design randomized": RANDOMISED,
    "-t solid --mixed": MIXED,
}
ONLY_IN_MIXED_POPULATIONS = {
    "-t breast": {"pemetrexed", "ommaya-reservoir"},
    "-t breast -r intrathecal": {"pemetrexed", "ommaya-reservoir", "trastuzumab-deruxtecan"},
    "-t lung": {"liposomal-cytarabine", "topotecan"},
}
DIRECTIONS = ("benefit", "no_benefit", "worse", "mixed", "unclear")


@pytest.mark.parametrize("filters", COUNTS)
def test_the_count_is_the_one_by_hand(run: Callable[..., Answer], filters: str) -> None:
    rows = {row["id"]: row for row in run("list", *filters.split(), "--json", "-q").rows}
    counted = [
        (
            treatment,
            rows[treatment]["patients"],
            tuple(rows[treatment][direction] for direction in DIRECTIONS),
            rows[treatment]["level"],
        )
        for treatment, *_ in COUNTS[filters]
    ]
    assert counted == COUNTS[filters]
    assert rows.keys().isdisjoint(ONLY_IN_MIXED_POPULATIONS.get(filters, ()))
