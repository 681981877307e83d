"""From what a user types to an id; it suggests and never guesses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from lmtx.errors import NotFound, UsageError
from lmtx.index import open_index
from lmtx.model import vocabulary
from lmtx.query import resolve
from lmtx.query.resolve import MatchedRecord
from support import toml


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = open_index().connection
    yield found
    found.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("osimertinib", MatchedRecord("treatment", "osimertinib")),
        ("Tagrisso", MatchedRecord("treatment", "osimertinib")),
        ("TAGRISSO ", MatchedRecord("treatment", "osimertinib")),
        ("azd-9291", MatchedRecord("treatment", "osimertinib")),
        ("skin melanoma", MatchedRecord("tumor", "melanoma")),
        ("HER2+", MatchedRecord("biomarker", "her2")),
        ("35802849", MatchedRecord("study", "")),
        ("PMID: 35802849", MatchedRecord("study", "")),
        ("PMID 35802849", MatchedRecord("study", "")),
        ("https://pubmed.ncbi.nlm.nih.gov/35802849/", MatchedRecord("study", "")),
        ("NCT06500481", MatchedRecord("trial", "NCT06500481")),
        ("https://clinicaltrials.gov/study/NCT06500481", MatchedRecord("trial", "NCT06500481")),
    ],
)
def test_names_aliases_brands_and_numbers_are_found(
    connection: sqlite3.Connection, text: str, expected: MatchedRecord
) -> None:
    first = resolve.find_named_records(connection, text)[0]
    assert first.kind == expected.kind and first.id == (expected.id or first.id)
    assert resolve.resolve_record(connection, text)[0] == first


def test_every_doi_is_found_however_it_is_pasted(connection: sqlite3.Connection) -> None:
    rows = connection.execute("select id, doi from study where doi is not null limit 20").fetchall()
    for id_, doi in rows:
        for text in (
            doi,
            doi.upper(),
            f"doi:{doi}",
            f"DOI {doi}",
            f"https://doi.org/{doi}",
            f"http://dx.doi.org/{doi}",
        ):
            assert MatchedRecord("study", id_) in resolve.find_named_records(connection, text), text


def test_every_name_of_every_treatment_leads_to_it(connection: sqlite3.Connection) -> None:
    for item in toml("treatments.toml")["treatment"]:
        for name in (item["id"], item["name"], *item.get("aliases", ())):
            assert resolve.find_named_records(connection, name, ("treatment",)) == [
                MatchedRecord("treatment", item["id"])
            ], name


def test_a_kind_can_be_named(connection: sqlite3.Connection) -> None:
    assert resolve.resolve_record(connection, "tumor:melanoma")[0] == MatchedRecord(
        "tumor", "melanoma"
    )
    with pytest.raises(NotFound):
        resolve.resolve_record(connection, "treatment:melanoma")


def test_what_is_misspelt_is_suggested_and_not_guessed(connection: sqlite3.Connection) -> None:
    with pytest.raises(NotFound) as caught:
        resolve.resolve_record(connection, "osimertinb")
    assert caught.value.hint.startswith("did you mean osimertinib")


def test_what_is_like_nothing_leads_to_the_search(connection: sqlite3.Connection) -> None:
    with pytest.raises(NotFound) as caught:
        resolve.resolve_record(connection, "'; drop table study --")
    assert caught.value.hint.startswith("try: search(")
    assert connection.execute("select count(*) from study").fetchone()[0] > 0


def test_the_most_alike_is_suggested_first(connection: sqlite3.Connection) -> None:
    """A record whose other names are alike too keeps the place of the best of them."""
    for text, kind, best in (
        ("edometrial carcinoma", "tumor", "endometrial carcinoma"), ("reast adenocarcinoma", "tumor", "breast adenocarcinoma"), ("LK rearrangement", "biomarker", "ALK rearrangement"),
    ):  # fmt: skip
        assert resolve.suggest_names(connection, text, (kind,))[0].casefold() == best.casefold()


def test_the_report_that_nothing_supersedes_comes_first(connection: sqlite3.Connection) -> None:
    """Several studies may share an acronym or a registration; the interim report is not what is
    meant."""
    shared = connection.execute(
        "select fold from name where kind = 'study' group by fold having count(*) > 1"
    ).fetchall()
    later = dict(connection.execute("select id, superseded_by from study"))
    turned = 0
    for (key,) in shared:
        found = [match.id for match in resolve.find_named_records(connection, key, ("study",))]
        assert found == sorted(found, key=lambda id_: (later[id_] is not None, id_)), key
        turned += found != sorted(found)
    assert turned
    assert (
        resolve.resolve_record(connection, "BLOOM")[0].id == "yang-2020-bloom"
        and resolve.resolve_record(connection, "DEPOSEIN")[0].id == "lerhun-2020-deposein"
    )


def test_a_row_of_evidence_leads_to_its_study(connection: sqlite3.Connection) -> None:
    for row, study in connection.execute("select id, study from evidence").fetchall():
        assert resolve.resolve_record(connection, row) == (MatchedRecord("study", study), [])
    assert resolve.resolve_record(connection, f"study:{row.upper()} ")[0] == MatchedRecord(
        "study", study
    )
    with pytest.raises(NotFound, match="nothing is known"):
        resolve.resolve_record(connection, row, ("treatment",))
    with pytest.raises(NotFound) as caught:
        resolve.resolve_record(connection, "park-2024-blossom.99")
    assert caught.value.hint == "did you mean park-2024-blossom?"


def test_suggestions_are_few_and_told_once(connection: sqlite3.Connection) -> None:
    found = resolve.suggest_names(connection, "pemetrex")
    assert found[0].casefold() == "pemetrexed" and len(found) == len(set(found)) <= 3


def test_a_name_much_longer_than_its_beginning_is_suggested(connection: sqlite3.Connection) -> None:
    assert resolve.suggest_names(connection, "osim", ("treatment",)) == ["osimertinib"]


def test_a_hint_names_no_record_that_no_filter_takes(connection: sqlite3.Connection) -> None:
    """The number of a paper is known, but a paper is neither a treatment nor a filter."""
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(connection, "treatment", ["35802849"], "treatment")
    assert caught.value.hint == "list(all=True) shows them all"


def test_a_hint_names_each_record_once_and_in_order_of_ids() -> None:
    made = sqlite3.connect(":memory:")
    made.execute("create table study (id, superseded_by)")
    made.execute("create table name (kind, fold, id, name)")
    names = [("anti x", "xy-late"), ("early x", "xy-early"), ("xy late", "xy-late")]
    made.executemany("insert into name values ('target', ?, ?, '')", names)
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(made, "target", ["XY"], "target")
    assert caught.value.hint == "on record is xy-early or xy-late"
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(made, "target", ["unlike"], "target")
    assert caught.value.hint == "one of: xy-early, xy-late"
    made.close()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/35802849/", "35802849"),
        ("PMID:35802849.", "35802849"),
        ("doi: 10.1200/JCO.22.01148.", "10.1200/JCO.22.01148"),
        ("10.1200/JCO.22.01148?utm_source=x", "10.1200/JCO.22.01148"),
    ],
)
def test_an_identifier_is_bare_of_what_stands_around_it(text: str, bare: str) -> None:
    assert resolve.extract_identifier(text) == bare


@pytest.mark.parametrize(("value", "expected"), [("II", "II"), ("ii", "II"), (" iii ", "III")])
def test_a_word_is_known_by_id_and_label(value: str, expected: str) -> None:
    assert resolve.resolve_word("--level", vocabulary.LEVELS, value) == expected


def test_a_plain_list_of_words_will_do() -> None:
    assert resolve.resolve_word("--color", ("auto", "never"), "AUTO") == "auto"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("OS", "overall-survival"),
        ("overall survival", "overall-survival"),
        ("ORR", "objective-response"),
        ("DCR", "disease-control"),
    ],
)
def test_endpoints_answer_to_their_short_names(value: str, expected: str) -> None:
    assert resolve.resolve_words("--endpoint", vocabulary.ENDPOINTS, [value, value]) == [expected]


@pytest.mark.parametrize(
    ("option", "words", "value", "expected"),
    [
        ("--route", vocabulary.ROUTES, "IT", "intrathecal"),
        ("--route", vocabulary.ROUTES, "i.v.", "intravenous"),
        ("--route", vocabulary.ROUTES, "po", "oral"),
        ("--route", vocabulary.ROUTES, "EBRT", "external-beam"),
        ("--direction", vocabulary.DIRECTIONS, "none", "no-benefit"),
        *(
            ("--direction", vocabulary.DIRECTIONS, sign, word)
            for word, sign in vocabulary.DIRECTION_SYMBOLS.items()
        ),
    ],
)
def test_what_tables_print_may_be_typed(
    option: str, words: dict[str, vocabulary.Term], value: str, expected: str
) -> None:
    assert resolve.resolve_word(option, words, f" {value} ") == expected


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, value in vars(vocabulary).items()
        if name.isupper()
        and isinstance(value, dict)
        and all(isinstance(term, vocabulary.Term) for term in value.values())
    ],
)
def test_no_two_words_share_a_name(name: str) -> None:
    terms: dict[str, vocabulary.Term] = getattr(vocabulary, name)
    for word, term in terms.items():
        assert {
            resolve.resolve_word("--x", terms, other) for other in (word, term.label, *term.aliases)
        } == {word}


def test_signs_that_mean_nothing_are_refused() -> None:
    for sign in ("", "†", "▲▼"):
        with pytest.raises(UsageError, match="no such value"):
            resolve.resolve_word("--direction", vocabulary.DIRECTIONS, sign)


def test_unknown_words_list_the_known_ones_or_the_nearest() -> None:
    with pytest.raises(UsageError, match="no such value 'xyz'") as caught:
        resolve.resolve_word("--route", vocabulary.ROUTES, "xyz")
    assert caught.value.hint == f"one of: {', '.join(vocabulary.ROUTES)}"
    with pytest.raises(UsageError) as caught:
        resolve.resolve_word("--level", vocabulary.LEVELS, "IIV")
    assert caught.value.hint.startswith("did you mean") and " or " in caught.value.hint


@pytest.mark.parametrize(
    "group", ["randomized", "randomised", "RCT", "prospective", "retrospective"]
)
def test_a_group_of_designs_takes_in_all_of_its_kind(group: str) -> None:
    found = resolve.resolve_designs("design", vocabulary.DESIGNS, [group])
    assert len(found) > 1 and set(found) <= set(vocabulary.DESIGNS)
    assert resolve.resolve_designs("design", vocabulary.DESIGNS, [group, found[0]]) == found


def test_a_long_list_of_names_is_not_spelled_out(connection: sqlite3.Connection) -> None:
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(connection, "treatment", ["zzzzzzzz"], "drugs")
    assert (caught.value.message, caught.value.hint) == (
        "drugs: no treatment 'zzzzzzzz'",
        "list(all=True) shows them all",
    )
    with pytest.raises(UsageError, match=r"^treatment: no treatment 'zzzzzzzz'"):
        resolve.resolve_ids(connection, "treatment", ["zzzzzzzz"], "treatment")
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(connection, "target", ["zzzzzzzz"], "target")
    assert caught.value.hint == "fields(values='targets') shows them all"
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(connection, "tumor", ["zzzzzzzz"], "tumor")
    assert caught.value.hint.startswith("one of: ")


@pytest.mark.parametrize(
    "text",
    [
        "https://pubmed.ncbi.nlm.nih.gov/35802849/?term=proton",
        "https://www.ncbi.nlm.nih.gov/pubmed/35802849",
        "http://pubmed.ncbi.nlm.nih.gov/35802849#abstract",
        "pubmed.ncbi.nlm.nih.gov/35802849",
        "https://pubmed.ncbi.nlm.nih.gov/?term=35802849",
        "https://europepmc.org/article/MED/35802849",
        "pubmed:35802849",
        "PMID:35802849.",
        "PMID 35802849;",
        "<https://pubmed.ncbi.nlm.nih.gov/35802849/>",
        "https://doi.org/10.1200%2FJCO.22.01148",
        "<https://doi.org/10.1200/JCO.22.01148>",
        "https://doi.org/10.1200/JCO.22.01148?utm_source=x",
        "www.doi.org/10.1200/jco.22.01148",
        "https://ascopubs.org/doi/full/10.1200/JCO.22.01148",
        "https://ascopubs.org/doi/pdf/10.1200/JCO.22.01148.pdf",
        "https://link.example.org/article/10.1200/JCO.22.01148/fulltext",
        "doi: 10.1200/JCO.22.01148.",
        "DOI=10.1200/JCO.22.01148",
    ],
)
def test_a_pasted_address_of_a_paper_leads_to_it(connection: sqlite3.Connection, text: str) -> None:
    assert (
        resolve.resolve_record(connection, text)[0]
        == resolve.resolve_record(connection, "35802849")[0]
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://clinicaltrials.gov/study/NCT04343573?tab=results",
        "https://clinicaltrials.gov/ct2/show/NCT04343573",
        "https://classic.clinicaltrials.gov/ct2/show/NCT04343573",
        "https://www.clinicaltrials.gov/study/NCT04343573#more",
        "clinicaltrials.gov/study/nct04343573",
        "ClinicalTrials.gov identifier: NCT04343573",
        "NCT 04343573",
    ],
)
def test_a_pasted_address_of_a_registry_leads_to_the_trial(
    connection: sqlite3.Connection, text: str
) -> None:
    expected = resolve.find_named_records(connection, "NCT04343573")
    assert expected and resolve.find_named_records(connection, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "PMCID: PMC6502503",
        "pmc6502503",
        "PMC 6502503",
        "PMCID: 6502503",
        "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC6502503/pdf/main.pdf",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC6502503/#S1",
    ],
)
def test_a_pasted_number_of_pubmed_central_leads_to_its_paper(
    connection: sqlite3.Connection, text: str
) -> None:
    expected = resolve.find_named_records(connection, "PMC6502503")
    assert expected and resolve.find_named_records(connection, text) == expected


def test_a_number_in_the_address_of_another_site_is_no_pubmed_id(
    connection: sqlite3.Connection,
) -> None:
    assert not resolve.find_named_records(connection, "https://shop.example.org/item/35802849")


def test_every_doi_of_the_base_is_bare_however_many_strokes_it_has(
    connection: sqlite3.Connection,
) -> None:
    for (doi,) in connection.execute("select doi from study where doi is not null").fetchall():
        assert (
            resolve.extract_identifier(f"https://doi.org/{doi}")
            == resolve.extract_identifier(f"doi:{doi}")
            == doi
        )


NEGATIVES = [
    "HER2-", "HER2 -", "HER2(-)", "HER2 (\N{MINUS SIGN})", "HER2\N{EN DASH}", "HER2[-]", "HER2 -ve", "HER2 (-ve)",
    "HER2\N{SUPERSCRIPT MINUS}", "HER2\N{NON-BREAKING HYPHEN}", "HER2\N{FULLWIDTH HYPHEN-MINUS}", "HER2 neg.", "HER2 (negative)",
]  # fmt: skip


@pytest.mark.parametrize("text", NEGATIVES)
def test_a_negative_marker_is_understood_as_negative(
    connection: sqlite3.Connection, text: str
) -> None:
    assert resolve.find_named_records(connection, text, ("biomarker",)) == [
        MatchedRecord("biomarker", "her2-negative")
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("ALK(-)", "EGFR T790M(-)", "ALK -ve", "ER-", "(-)HER2", "-HER2", "!HER2", "HER2+/-"),
        *("HER2\N{PLUS-MINUS SIGN}", "\N{NOT SIGN}HER2", "not HER2", "non-ALK", "ALK negative"),
        *("ALK wild-type", "HER2-/HR+", "HER2 0", "HER2 1+", "HER2++", "PD-L1 <1%", "PD-L1<1"),
        *("PD-L1 \N{LESS-THAN OR EQUAL TO}1%", "unmutated EGFR", "HER3-", "HER2-negativ"),
    ],
)
def test_what_is_not_the_positive_marker_is_neither_read_as_it_nor_led_to_it(
    connection: sqlite3.Connection, text: str
) -> None:
    for kind in ("biomarker", "target"):
        with pytest.raises(UsageError) as caught:
            resolve.resolve_ids(connection, kind, [text], kind)
        hint = str(caught.value.hint)
        assert not hint.startswith("did you mean") or "neg" in hint, hint
    near = resolve.suggest_names(connection, text, ("biomarker", "target"))
    assert all("neg" in name.casefold() for name in near), near


@pytest.mark.parametrize("text", NEGATIVES)
def test_no_target_is_read_from_a_negative(connection: sqlite3.Connection, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve.resolve_ids(connection, "target", [text], "target")
    assert "mean her2?" not in str(caught.value.hint).casefold()


def test_a_misspelt_marker_is_still_suggested(connection: sqlite3.Connection) -> None:
    assert resolve.suggest_names(connection, "EGFR mutatoin", ("biomarker",))[0] == "EGFR mutation"
    assert resolve.suggest_names(connection, "HER2 negativ", ("biomarker",)) == ["her2-negative"]


def test_a_name_that_is_no_text_is_unknown(connection: sqlite3.Connection) -> None:
    for text in ("caf\udce9", "\ud800", "\udfff\n"):
        with pytest.raises(NotFound, match="nothing is known"):
            resolve.resolve_record(connection, text)
