"""What the styles write, read back by libraries that are not ours: every study of the data, field
by field, and any text at all."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, parse_string

from lmtx.citations import (
    Style,
    make_citation_key,
    render_citations,
    split_and_complete_page_range,
)
from lmtx.citations.bibtex import escape_tex
from lmtx.index import open_index
from lmtx.query.cite import (
    Author,
    Citation,
    CitationKind,
    cite_studies,
    cite_study,
    cite_trial,
    split_author,
)
from support import check_each, study, study_names, toml

TEX = {
    "textbraceleft": "{",
    "textbraceright": "}",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
}
CSL_TEXT = {
    "id",
    "title",
    "container-title",
    "genre",
    "volume",
    "issue",
    "page",
    "number",
    "version",
    "DOI",
    "PMID",
    "PMCID",
    "URL",
    "note",
}
CSL_TYPES = {"article", "article-journal", "document", "paper-conference", "software", "webpage"}
"""Those of the CSL 1.0.2 schema that are written."""


def untex(text: str) -> str:
    """Read what TeX would print."""
    return re.sub(
        r"\{\\(text[a-z]+)\}|\\([%&#_$])",
        lambda found: TEX[found[1]] if found[1] else found[2],
        text,
    )


@lru_cache
def citations() -> tuple[Citation, ...]:
    """Return the citation of every study and of every trial's registration."""
    connection = open_index().connection
    trials = [cite_trial(connection, trial["id"]) for trial in toml("trials.toml")["trial"]]
    return (*cite_studies(connection, study_names()), *trials)


def written(style: Style, *some: Citation) -> str:
    return "".join(render_citations(style, some or citations()))


@lru_cache
def bibtex() -> BibliographyData:
    return parse_string(written(Style.bibtex), "bibtex")


@lru_cache
def ris() -> dict[str, dict[str, Any]]:
    found = rispy.loads(written(Style.ris))
    return {entry["id"]: entry for entry in found}


@lru_cache
def csl() -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in json.loads(written(Style.csl_json))}


def page(record: dict[str, Any]) -> str | None:
    """Return the address that a citation must give: of the paper itself."""
    if "doi" in record:
        return None
    if "pmid" in record:
        return f"https://pubmed.ncbi.nlm.nih.gov/{record['pmid']}/"
    return (
        f"https://pmc.ncbi.nlm.nih.gov/articles/{record['pmcid']}/" if "pmcid" in record else None
    )


def volume(record: dict[str, Any]) -> tuple[str | None, str | None]:
    first, _, rest = record.get("volume", "").partition(" (")
    return first or None, rest.removesuffix(")") or None


def test_no_citation_is_lost_and_keys_differ() -> None:
    expected = [citation.id for citation in citations()]
    assert list(bibtex().entries) == [make_citation_key(id_) for id_ in expected]
    assert list(ris()) == [make_citation_key(id_) for id_ in expected] and list(csl()) == [
        make_citation_key(id_) for id_ in expected
    ]
    assert written(Style.vancouver).count("\n") == len(expected)


def test_every_field_as_pybtex_reads_it() -> None:
    check_each(check_bibtex, study_names())


def check_bibtex(name: str) -> None:
    record, entry = study(name)["study"], bibtex().entries[name]
    fields = dict(entry.fields)
    assert {
        found
        for key_, found in (
            ("title", "title"),
            ("year", "year"),
            ("doi", "doi"),
            ("pmid", "pmid"),
            ("pmcid", "pmcid"),
            ("pages", "pages"),
        )
        if key_ in record
    } == set(fields) & {"title", "year", "doi", "pmid", "pmcid", "pages"}
    assert (
        untex(fields["title"].removeprefix("{").removesuffix("}")) == record["title"]
        if "title" in record
        else "title" not in fields
    )
    assert fields.get("year") == (str(record["year"]) if "year" in record else None)
    assert tuple(
        untex(fields[part]) if part in fields else None for part in ("volume", "number")
    ) == volume(record)
    assert (fields.get("doi"), fields.get("pmid"), fields.get("pmcid")) == (
        record.get("doi"),
        record.get("pmid"),
        record.get("pmcid"),
    )
    assert fields.get("pages", "").replace("--", "-") == record.get("pages", "")
    container = (
        fields.get("journal")
        or fields.get("howpublished")
        or fields.get("booktitle", "")[1:-1]
        or None
    )
    assert ("journal" in record) == (container is not None) and untex(
        container or ""
    ) in record.get("journal", "")
    people = entry.persons.get("author", [])
    assert bool(people) == ("first_author" in record)
    if people:
        first = people[0]
        whole = (
            " ".join([*first.prelast_names, *first.last_names]).strip("{}")
            + (
                " "
                + "".join(part.rstrip(".") for part in [*first.first_names, *first.middle_names])
            ).rstrip()
        )
        assert whole == record["first_author"]
        assert [str(person) for person in people[1:]] in ([], ["others"])


def test_every_field_as_rispy_reads_it() -> None:
    check_each(check_ris, study_names())


def check_ris(name: str) -> None:
    record, entry = study(name)["study"], ris()[name]
    assert entry.get("title") == record.get("title")
    assert entry.get("year") == (str(record["year"]) if "year" in record else None)
    assert (entry.get("volume"), entry.get("number")) == volume(record)
    assert (entry.get("doi"), entry.get("accession_number"), entry.get("custom2")) == (
        record.get("doi"),
        record.get("pmid"),
        record.get("pmcid"),
    )
    pages = [entry[part] for part in ("start_page", "end_page") if part in entry]
    first, dash, last = record.get("pages", "").partition("-")
    if " " in first:
        first, dash = record["pages"], ""
    assert pages == (
        [first, first[: max(0, len(first) - len(last))] + last]
        if dash
        else [first]
        if first
        else []
    )
    assert entry.get("secondary_title", "") in record.get("journal", "") and (
        "secondary_title" in entry
    ) == ("journal" in record)
    assert [
        name.replace(",", "").replace(". ", "").rstrip(".") for name in entry.get("authors", [])[:1]
    ] == ([record["first_author"]] if "first_author" in record else [])
    web = entry["type_of_reference"] == "ELEC"
    assert entry.get("urls") == (
        [record["seen_at"][0]] if web else [page(record)] if page(record) else None
    )
    notes = " ".join(entry.get("notes", []))
    assert ("superseded_by" in record) == (
        f"Superseded by a later report of the same patients, {record.get('superseded_by')}" in notes
    )
    assert (record["read_in"] in ("secondary", "recalled")) == ("Not read at its source" in notes)
    assert bool(record.get("title_descriptive") and record.get("title")) == (
        "The title is a description" in notes
    )


def test_every_field_of_csl() -> None:
    check_each(check_csl, study_names())


def check_csl(name: str) -> None:
    record, item = study(name)["study"], csl()[name]
    assert item.get("title") == record.get("title")
    assert item.get("issued") == ({"date-parts": [[record["year"]]]} if "year" in record else None)
    assert (item.get("volume"), item.get("issue"), item.get("page")) == (
        *volume(record),
        record.get("pages"),
    )
    assert (item.get("DOI"), item.get("PMID"), item.get("PMCID")) == (
        record.get("doi"),
        record.get("pmid"),
        record.get("pmcid"),
    )
    named = item.get("author", [{}])[0]
    assert " ".join(
        filter(
            None,
            (
                named.get("family"),
                named.get("given", "").replace(". ", "").rstrip("."),
                named.get("literal"),
            ),
        )
    ) == record.get("first_author", "")


def test_csl_holds_to_its_schema() -> None:
    """Only keys that the schema has, each with its type; nothing empty stands for what is not
    known."""
    for item in csl().values():
        assert item["type"] in CSL_TYPES
        for name, value in item.items():
            if name in CSL_TEXT:
                assert isinstance(value, str) and value
            elif name == "issued":
                assert (
                    list(value) == ["date-parts"]
                    and all(type(part) is int for part in value["date-parts"][0])
                    and 1 <= len(value["date-parts"][0]) <= 3
                )
            elif name == "author":
                assert value[1:] in ([], [{"literal": "others"}])
                assert set(value[0]) in ({"family", "given"}, {"literal"}) and all(
                    value[0].values()
                )
            elif name == "custom":
                assert list(value) == ["lmtx"] and value["lmtx"]
            else:
                assert name == "type", name


def test_citeproc_renders_every_citation() -> None:
    """A processor of CSL reads the array and makes a bibliography of it, as Zotero and pandoc
    do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from citeproc import Citation as Cited
        from citeproc import (
            CitationItem,
            CitationStylesBibliography,
            CitationStylesStyle,
            formatter,
        )
        from citeproc.source.json import CiteProcJSON

        source = CiteProcJSON(list(csl().values()))
        bibliography = CitationStylesBibliography(
            CitationStylesStyle("harvard-cite-them-right", validate=False), source, formatter.plain
        )
        for id_ in csl():
            bibliography.register(Cited([CitationItem(id_)]))
        lines = [str(line) for line in bibliography.bibliography()]
    assert len(lines) == len(csl())
    assert any(
        line.startswith("Yang, J.C.H. and others (2020)")
        and "J Clin Oncol, 38, pp. 538–547" in line
        for line in lines
    )


PAPER = Citation(
    "doe-2024",
    CitationKind.article,
    Author("Doe", "J"),
    "A trial",
    container="J Example",
    year=2024,
    volume="3",
    issue="2",
    pages="10-19",
    doi="10.1000/x",
    pmid="12",
    pmcid="PMC9",
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "Doe J, et al. A trial. J Example. 2024;3(2):10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"issue": None}, "Doe J, et al. A trial. J Example. 2024;3:10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"volume": None, "issue": None}, "Doe J, et al. A trial. J Example. 2024:10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"year": None}, "Doe J, et al. A trial. J Example. 3(2):10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"year": None, "volume": None, "issue": None, "pages": None}, "Doe J, et al. A trial. J Example. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"volume": None, "issue": None, "year": None}, "Doe J, et al. A trial. J Example. 10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9."),
        ({"title": "A trial?", "doi": None, "pmcid": None}, "Doe J, et al. A trial? J Example. 2024;3(2):10-19. PMID: 12."),
        ({"title": "A trial.", "descriptive": True, "pmid": None, "pmcid": None}, "Doe J, et al. [A trial]. J Example. 2024;3(2):10-19. doi:10.1000/x."),
        ({"author": Author("A Group", others=False), "doi": None, "pmid": None, "pmcid": None, "registrations": ("NCT1", "NCT2")}, "A Group. A trial. J Example. 2024;3(2):10-19. NCT1, NCT2."),
        ({"author": None, "notes": ("Withdrawn: why", "Other")}, "A trial. J Example. 2024;3(2):10-19. doi:10.1000/x; PMID: 12; PMCID: PMC9. [Withdrawn: why] [Other]"),
        ({"kind": CitationKind.preprint, "container": "medRxiv", "volume": None, "issue": None, "pages": None, "pmid": None, "pmcid": None}, "Doe J, et al. A trial [preprint]. medRxiv. 2024. doi:10.1000/x."),
        (dict.fromkeys(("author", "title", "container", "year", "volume", "issue", "pages", "doi", "pmid", "pmcid")), "doe-2024: no citation on record."),
    ],
)  # fmt: skip
def test_vancouver(changed: dict[str, Any], expected: str) -> None:
    assert written(Style.vancouver, PAPER._replace(**changed)) == f"1. {expected}\n"


def test_vancouver_of_pages_and_registrations() -> None:
    web = Citation(
        "w",
        CitationKind.web,
        None,
        "News",
        container="host.org",
        year=2020,
        url="https://host.org/a",
    )
    trial = Citation(
        "NCT1",
        CitationKind.registration,
        None,
        "A trial",
        container="ClinicalTrials.gov",
        registrations=("NCT1",),
        url="https://clinicaltrials.gov/study/NCT1",
        notes=("Recruiting as of 2025-12",),
    )
    assert written(Style.vancouver, web, trial) == (
        "1. News [Internet]. host.org. 2020. Available from: https://host.org/a\n"
        "2. A trial [trial registration]. ClinicalTrials.gov. NCT1. Available from: "
        "https://clinicaltrials.gov/study/NCT1 [Recruiting as of 2025-12]\n"
    )


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Yang JCH", Author("Yang", "JCH")), ("Le Rhun E", Author("Le Rhun", "E")), ("Ahn", Author("Ahn")), ("de Azevedo", Author("de Azevedo")), ("柳谷典子", Author("柳谷典子")),
        ("AstraZeneca", Author("AstraZeneca", others=False)), ("National Comprehensive Cancer Network", Author("National Comprehensive Cancer Network", others=False)),
        ("Working Group", Author("Working Group", others=False)), ("Geukes Foppen", Author("Geukes Foppen")),
        ("Smith JA Jr", Author("Smith", "JA", suffix="Jr")), ("Smith JA, Jr.", Author("Smith", "JA", suffix="Jr")), ("van der Berg J 3rd", Author("van der Berg", "J", suffix="3rd")),
        ("King ML III", Author("King", "ML", suffix="III")), ("Smith II", Author("Smith", "II")), ("Lee J-Y", Author("Lee", "J-Y")), ("Chamberlain M.C.", Author("Chamberlain", "MC")),
        ("Smith AG", Author("Smith", "AG")), ("Bayer M", Author("Bayer", "M")), ("Merck KG", Author("Merck KG", others=False)), ("Novartis AG", Author("Novartis AG", others=False)), ("Bayer AG", Author("Bayer AG", others=False)), ("Merck KGaA", Author("Merck KGaA", others=False)),
        ("BeiGene Co., Ltd.", Author("BeiGene Co., Ltd.", others=False)), ("Angiochem LLC", Author("Angiochem LLC", others=False)), ("JCOG", Author("JCOG", others=False)),
        ("Japan Clinical Oncology Group JCOG", Author("Japan Clinical Oncology Group JCOG", others=False)),
        ("BLOOM Investigators", Author("BLOOM Investigators", others=False)), ("Mayo Clinic", Author("Mayo Clinic", others=False)), ("Ou", Author("Ou")),
    ],
)  # fmt: skip
def test_an_author_is_a_person_or_a_group(printed: str, expected: Author) -> None:
    assert split_author(printed) == expected


RECORD: dict[str, Any] = {
    "id": "x", "first_author": None, "title": None, "title_descriptive": True, "journal": None, "year": None, "volume": None, "pages": None, "pmid": None, "doi": None, "pmcid": None,
    "nct": [], "read_in": "abstract", "seen_at": ["https://a.org/1", "https://a.org/2"], "superseded_by": None, "withdrawn": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("journal", "volume", "kind", "container"),
    [
        (None, None, CitationKind.document, None), ("Neuro Oncol", None, CitationKind.article, "Neuro Oncol"), ("Research Square preprint", None, CitationKind.preprint, "Research Square"),
        ("OncLive (news report)", None, CitationKind.web, "OncLive"), ("jsn-o.com", None, CitationKind.web, "jsn-o.com"), ("ASCO Annual Meeting, abstract 1", None, CitationKind.conference, "ASCO Annual Meeting, abstract 1"),
        ("Proc Conference", "3", CitationKind.article, "Proc Conference"),
    ],
)  # fmt: skip
def test_the_kind_is_what_the_record_tells(
    journal: str | None, volume: str | None, kind: CitationKind, container: str | None
) -> None:
    made = cite_study({**RECORD, "journal": journal, "volume": volume})
    assert (made.kind, made.container, made.volume, made.descriptive) == (
        kind,
        container,
        volume,
        False,
    )


def test_what_a_reader_must_know_is_said() -> None:
    made = cite_study(
        {
            **RECORD,
            "withdrawn": "data made up",
            "superseded_by": "y",
            "read_in": "recalled",
            "title": "T",
            "nct": ["NCT1"],
            "first_author": "Doe J",
        }
    )
    assert made.notes == ("Withdrawn: data made up",) and made.curation == (
        "Superseded by a later report of the same patients, y",
        "Not read at its source by lmtx: entered from memory",
        "Page read: https://a.org/1",
    )
    assert made.unprinted[3:] == (
        "The title is a description; the printed one is not on record",
        "Only the first author is on record",
    )
    assert made.printed == ("Withdrawn: data made up", "Registered as NCT1")
    assert (
        cite_study({**RECORD, "doi": "10.1/x"}).curation == ()
        and cite_study({**RECORD, "seen_at": []}).curation == ()
    )
    assert cite_study({**RECORD, "journal": "a.org"}).url == "https://a.org/1"
    assert "and others" in written(Style.bibtex, made)


def test_what_lmtx_says_of_its_record_stands_in_no_field_that_a_style_prints() -> None:
    """Styles print `note` of BibTeX and of CSL; a note of RIS is one beside the reference."""
    made = PAPER._replace(
        notes=("Withdrawn: why",), curation=("Page read: here",), descriptive=True
    )
    [entry] = parse_string(written(Style.bibtex, made), "bibtex").entries.values()
    assert entry.fields["note"] == "Withdrawn: why"
    assert "Page read: here" in entry.fields["lmtx-note"]
    [item] = json.loads(written(Style.csl_json, made))
    assert item["note"] == "Withdrawn: why" and "Page read: here" in item["custom"]["lmtx"]
    bare = PAPER._replace(curation=("Page read: here",))
    assert "  note" not in written(Style.bibtex, bare)
    assert "note" not in json.loads(written(Style.csl_json, bare))[0]
    [record] = rispy.loads(written(Style.ris, made))
    assert {"Withdrawn: why", "Page read: here"} <= set(record["notes"])


def test_a_first_author_alone_is_no_solo_paper_for_any_reader() -> None:
    """Whoever shows the authors shows that there are others; a group has none."""
    for someone in (Author("Doe", "J"), Author("Doe")):
        made = PAPER._replace(author=someone)
        [item] = json.loads(written(Style.csl_json, made))
        assert item["author"][1:] == [{"literal": "others"}]
        [record] = rispy.loads(written(Style.ris, made))
        assert record["authors"][1:] == ["others"]
        [entry] = parse_string(written(Style.bibtex, made), "bibtex").entries.values()
        assert [str(person) for person in entry.persons["author"][1:]] == ["others"]
        assert "et al" in written(Style.vancouver, made)
    for style in Style:
        made = PAPER._replace(author=split_author("Japan Clinical Oncology Group JCOG"))
        text = written(style, made)
        assert "others" not in text and "et al" not in text
        assert "Japan Clinical Oncology Group JCOG" in text


@pytest.mark.parametrize(
    ("printed", "vancouver", "bibtex", "ris", "csl"),
    [
        ("Smith JA Jr", "Smith JA Jr, et al", "{Smith, Jr., J. A.}", "Smith, J. A., Jr.", {"family": "Smith", "given": "J. A.", "suffix": "Jr."}),
        ("King ML III", "King ML III, et al", "{King, III, M. L.}", "King, M. L., III", {"family": "King", "given": "M. L.", "suffix": "III"}),
        ("Lee J-Y", "Lee J-Y, et al", "{Lee, J.-Y.}", "Lee, J.-Y.", {"family": "Lee", "given": "J.-Y."}),
        ("Novartis AG", "Novartis AG.", "{{Novartis AG}}", "Novartis AG", {"literal": "Novartis AG"}),
    ],
)  # fmt: skip
def test_a_name_in_four_styles(
    printed: str, vancouver: str, bibtex: str, ris: str, csl: dict[str, str]
) -> None:
    made = PAPER._replace(author=split_author(printed))
    assert written(Style.vancouver, made).startswith(f"1. {vancouver}")
    assert f"author = {bibtex[:-1]}" in written(Style.bibtex, made)
    assert f"AU  - {ris}\n" in written(Style.ris, made)
    assert json.loads(written(Style.csl_json, made))[0]["author"][0] == csl
    [entry] = parse_string(written(Style.bibtex, made), "bibtex").entries.values()
    assert entry.persons["author"][0].lineage_names == ([csl["suffix"]] if "suffix" in csl else [])


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ("10-19", ("10", "19")),
        ("917S-924S", ("917S", "924S")),
        ("1079-86", ("1079", "1086")),
        ("123-8", ("123", "128")),
        ("S102-9", ("S102", "S109")),
        ("1079–86", ("1079", "1086")),
        ("86-1079", ("86", "1079")),
        ("199-3", ("199", "3")),
        ("e123", None),
        ("A 2559-65", None),
        ("suppl; abstr 4", None),
    ],
)
def test_only_a_range_of_pages_is_parted(pages: str, expected: tuple[str, str] | None) -> None:
    assert split_and_complete_page_range(pages) == expected


def test_a_key_is_one_word() -> None:
    assert make_citation_key("EudraCT 2020-001234-56") == "EudraCT-2020-001234-56"
    made = PAPER._replace(id="EudraCT 2020-001234-56")
    assert "ID  - EudraCT-2020-001234-56\n" in written(Style.ris, made)


ANY = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
        min_size=1,
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
"""What the gate of the data lets through, and more."""


@given(ANY, ANY, ANY)
def test_any_text_comes_back_from_bibtex(title: str, family: str, journal: str) -> None:
    made = written(
        Style.bibtex,
        PAPER._replace(title=title, author=Author(family, "JC"), container=journal, notes=(title,)),
        PAPER._replace(id="next"),
    )
    first, second = parse_string(made, "bibtex").entries.values()
    assert (
        untex(first.fields["title"][1:-1]) == title
        and untex(first.fields["journal"]) == journal
        and untex(first.fields["note"]) == title
    )
    [person, others] = first.persons["author"]
    assert (
        untex(
            " ".join([*person.prelast_names, *person.last_names])
            .removeprefix("{")
            .removesuffix("}")
            if not family.isalpha()
            else person.last_names[0]
        )
        == family
    )
    assert [*person.first_names, *person.middle_names] == ["J.", "C."] and str(others) == "others"
    assert second.fields["title"] == "{A trial}"


@given(ANY, ANY)
def test_any_text_comes_back_from_ris_and_csl(title: str, family: str) -> None:
    odd = PAPER._replace(title=title, author=Author(family), notes=(title, family))
    first, second = rispy.loads(written(Style.ris, odd, PAPER._replace(id="next")))
    assert (first["title"], first["authors"], first["notes"][:2], second["title"]) == (
        title,
        [family, "others"],
        [title, family],
        "A trial",
    )
    item, _ = json.loads(written(Style.csl_json, odd, PAPER))
    assert (item["title"], item["author"]) == (
        title,
        [{"literal": family}, {"literal": "others"}],
    )


def test_a_line_break_ends_no_line() -> None:
    """A title or note of several lines stays one value, and cannot close a record."""
    odd = PAPER._replace(
        title="A\nER  - \nTY  - BOOK", notes=("one\ntwo",), author=Author("Doe\nER  - ", "J")
    )
    assert len(rispy.loads(written(Style.ris, odd))) == 1
    assert written(Style.vancouver, odd).count("\n") == 1
    assert written(Style.bibtex, odd).count("\n") == written(
        Style.bibtex, PAPER._replace(notes=("one",))
    ).count("\n")


def test_an_address_closes_no_brace() -> None:
    odd = PAPER._replace(doi=None, url="https://a.org/{x}_y\\z")
    [entry] = parse_string(written(Style.bibtex, odd), "bibtex").entries.values()
    assert entry.fields["url"] == "https://a.org/%7Bx%7D_y%5Cz"


def test_the_kinds_have_their_types() -> None:
    types = {
        kind: (
            rispy.loads(written(Style.ris, PAPER._replace(kind=kind)))[0]["type_of_reference"],
            json.loads(written(Style.csl_json, PAPER._replace(kind=kind)))[0]["type"],
        )
        for kind in CitationKind
        if kind is not CitationKind.registration
    }
    assert types == {
        CitationKind.article: ("JOUR", "article-journal"), CitationKind.preprint: ("UNPB", "article"), CitationKind.conference: ("CPAPER", "paper-conference"), CitationKind.web: ("ELEC", "webpage"),
        CitationKind.document: ("GEN", "document"), CitationKind.software: ("COMP", "software"),
    }  # fmt: skip
    names: dict[CitationKind, Callable[[], str]] = {
        kind: (lambda kind=kind: written(Style.bibtex, PAPER._replace(kind=kind)))
        for kind in (CitationKind.article, CitationKind.conference, CitationKind.web)
    }
    assert [make().partition("{")[0] for make in names.values()] == [
        "@article",
        "@inproceedings",
        "@misc",
    ]
    assert (
        "booktitle = {{J Example}}" in names[CitationKind.conference]()
        and "howpublished = {J Example}" in names[CitationKind.web]()
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Brain & spine", r"Brain \& spine"),
        ("5% of #1", r"5\% of \#1"),
        ("a_b $c$", r"a\_b \$c\$"),
        ("~ ^ \\", r"{\textasciitilde} {\textasciicircum} {\textbackslash}"),
    ],
)
def test_a_sign_of_tex_is_spelled_out(text: str, expected: str) -> None:
    """A reader that is no TeX takes a bare & for itself; LaTeX ends the run at it."""
    assert escape_tex(text) == expected
