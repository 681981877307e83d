"""`lmtx cite`: which publications it names, in which order, and where it writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx import __version__
from lmtx.citations import STYLE_BY_ENDING, Style
from lmtx.index import open_index
from lmtx.query.cite import PROGRAM_AUTHORS, PROGRAM_TITLE, gather_citations
from lmtx.query.filters import Filters
from support import ROOT, Answer, Lmtx, raw_rows, study, study_names, toml
from test_startup import spied

Run = Callable[..., Answer]


def keys(answer: Answer) -> list[str]:
    """Return the ids of a CSL-JSON answer, in its order."""
    return [item["id"] for item in json.loads(answer.out)]


def cited(run: Run, *arguments: str) -> list[str]:
    return keys(run("cite", *arguments, "--style", "csl-json"))


def test_a_treatment_stands_for_its_evidence_and_its_drug_levels(run: Run) -> None:
    [levels] = [
        item["csf"] for item in toml("treatments.toml")["treatment"] if item["id"] == "osimertinib"
    ]
    expected = {row["of"]["id"] for row in raw_rows() if "osimertinib" in row["treatments"]} | {
        level["study"] for level in levels
    }
    found = cited(run, "Tagrisso")
    assert set(found) == expected and len(found) == len(expected)


def test_the_strongest_evidence_comes_first_as_in_the_listing(run: Run) -> None:
    rows = run("evidence", "--tumor", "melanoma", "--json").rows
    expected = list(dict.fromkeys(row["study"] for row in rows))
    assert cited(run, "--tumor", "melanoma") == expected
    assert cited(run, "melanoma")[: len(expected)] == expected


def test_a_tumor_stands_for_its_evidence_and_its_facts(run: Run) -> None:
    facts = {
        fact["study"]
        for tumor in toml("tumors.toml")["tumor"]
        for fact in tumor.get("fact", [])
        if "melanoma" in (fact.get("tumors") or [tumor["id"]]) or tumor["id"] == "melanoma"
    }
    assert facts and set(cited(run, "melanoma")) == facts | set(cited(run, "--tumor", "melanoma"))
    answer = run("cite", "melanoma")
    assert re.search(r"\d+ rows of mixed solid tumours left out; --mixed adds them", answer.err)
    assert len(cited(run, "melanoma", "--mixed")) > len(cited(run, "melanoma"))


def test_a_trial_stands_for_its_registration_and_its_reports(base: Path, run: Run) -> None:
    assert cited(run, "NCT00000001") == ["NCT00000001", "doe-2020"]
    assert "also fits" not in run("cite", "NCT00000001").err


def test_a_guideline_and_a_study_stand_for_themselves(base: Path, run: Run) -> None:
    assert cited(run, "Society 2022", "10.1000/loe") == ["society-2022", "loe-2018"]


def test_names_keep_their_order_and_nothing_is_cited_twice(base: Path, run: Run) -> None:
    assert cited(run, "poe-2019", "examplinib", "poe-2019") == [
        "poe-2019",
        "doe-2020",
        "roe-2021-review",
    ]


def test_a_filter_narrows_down_what_a_name_stands_for(run: Run) -> None:
    rows = {
        row["of"]["id"]
        for row in raw_rows()
        if "methotrexate" in row["treatments"]
        and row.get("n", 0) >= 20
        and "intrathecal" in row.get("routes", ())
    }
    assert (
        rows and set(cited(run, "methotrexate", "--min-n", "20", "--route", "intrathecal")) == rows
    )
    assert any(
        "methotrexate" in row["tested"] and "intrathecal" in row["routes"] for row in raw_rows()
    )


def test_a_filter_leaves_out_what_is_no_row_of_evidence(base: Path, run: Run) -> None:
    answer = run("cite", "NCT00000001", "society-2022", "--min-n", "5")
    assert answer.out.startswith("1. Doe J, et al.") and answer.out.count("\n") == 1
    assert "lmtx: no publication of society-2022 under these filters\n" in answer.err


def test_mixed_only_adds(base: Path, run: Run) -> None:
    assert cited(run, "NCT00000001", "--mixed") == ["NCT00000001", "doe-2020"]
    assert cited(run, "south", "--mixed") == ["loe-2018"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "nothing to cite; name a treatment, study, tumor, trial or guideline, or use a filter such as --tumor"),
        (["--mixed"], 2, "nothing to cite; name a treatment"),
        (["immunotherapy"], 2, "'immunotherapy' is a class, not a record to cite; try: lmtx cite --class immunotherapy"),
        (["osimertinb"], 1, "nothing is known as 'osimertinb'; did you mean osimertinib"),
        (["osimertinib", "--style", "apa"], 2, "'apa' is not one of"),
        (["--tumor", "melanoma", "--min-n", "9999"], 1, "nothing to cite matches"),
        (["eano-esmo-2023", "--min-n", "9999"], 1, "nothing to cite matches; no publication of eano-esmo-2023 under these filters"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_line(run: Run, arguments: list[str], code: int, said: str) -> None:
    answer = run("cite", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err and answer.err.count("\n") == 1


def test_a_name_that_fits_more_says_so(run: Run) -> None:
    acronyms = {
        study(name)["study"]["acronym"]: name
        for name in study_names()
        if "acronym" in study(name)["study"]
    }
    shared = next(
        acronym
        for acronym in acronyms
        if sum(study(name)["study"].get("acronym") == acronym for name in study_names()) > 1
    )
    assert f"lmtx: {shared!r} also fits study:" in run("cite", shared).err


def test_what_is_lacking_is_counted_on_stderr(run: Run) -> None:
    records = [study(name)["study"] for name in study_names()]
    answer = run("cite", *(f"study:{name}" for name in study_names()), "-s", "ris")
    expected = [
        (sum("title" not in r for r in records), "title"),
        (sum("journal" not in r for r in records), "journal or site"),
        (sum("first_author" not in r for r in records), "author"),
        (sum("year" not in r for r in records), "year"),
    ]
    told = ", ".join(f"{number} without {name}" for number, name in expected if number)
    assert answer.err.splitlines()[0] == f"lmtx: {len(records)} references; {told} on record"
    assert "lmtx: first authors only: co-authors are not on record" in answer.err
    assert run("cite", "osimertinib", "-q").err == ""
    assert run("cite", "lmtx").err == "lmtx: 1 reference\n"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.bib", "@article{"),
        ("a.RIS", "TY  - JOUR\n"),
        ("a.json", "[\n{"),
        ("a.txt", "1. "),
        ("a.BibTeX", "@article{"),
    ],
)
def test_the_ending_tells_the_style(
    base: Path, run: Run, tmp_path: Path, name: str, begins: str
) -> None:
    target = tmp_path / name
    answer = run("cite", "doe-2020", "-o", str(target))
    assert (answer.code, answer.out) == (0, "")
    assert target.read_text(encoding="utf-8").startswith(begins)
    assert f"lmtx: {target}, " in answer.err
    assert run("cite", "doe-2020", "-o", str(target)) == Answer(
        3, "", f"lmtx: {target} exists already; --force replaces\n"
    )
    assert run("cite", "doe-2020", "-s", "ris", "-o", str(target), "--force", "-q") == Answer(
        0, "", ""
    )
    assert target.read_text(encoding="utf-8").startswith("TY  - ")


@pytest.mark.parametrize("name", ["refs.docx", "refs.none", "refs"])
def test_an_ending_of_another_style_is_refused(
    base: Path, run: Run, tmp_path: Path, name: str
) -> None:
    """Never one style in the dress of another; who names the style gets it."""
    answer = run("cite", "doe-2020", "-o", str(tmp_path / name))
    assert answer.code == 2 and ".bib" in answer.err and "--style" in answer.err
    assert answer.err.count("\n") == 1 and list(tmp_path.iterdir()) == []
    assert run("cite", "doe-2020", "-s", "ris", "-o", str(tmp_path / name)).code == 0


def test_a_dash_is_stdout(
    base: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("cite", "doe-2020", "-o", "-").out == run("cite", "doe-2020").out != ""
    assert run("report", "-o", "-").out.startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    answer = run("cite", "osimertinib", "-o", str(tmp_path / "none" / "refs.bib"))
    assert (
        answer.code == 3
        and answer.err.startswith(f"lmtx: cannot write {tmp_path}/none/refs.bib: ")
        and answer.err.count("\n") == 1
    )
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_lines_fold_and_identifiers_stay_whole(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("cite", "osimertinib").out
    monkeypatch.setenv("LMTX_FORCE_TTY", "60")
    folded = run("cite", "osimertinib").out
    long = [line for line in folded.splitlines() if len(line) > 60]
    assert all(" " not in line.strip() for line in long)
    assert folded.split() == whole.split() and folded.count("\n") > whole.count("\n")
    assert all(line.startswith("  ") or re.match(r"\d+\. ", line) for line in folded.splitlines())
    entries = run("cite", "osimertinib", "-s", "bibtex").out
    monkeypatch.delenv("LMTX_FORCE_TTY")
    assert run("cite", "osimertinib", "-s", "bibtex").out == entries


def test_lmtx_is_cited_with_its_data(run: Run) -> None:
    """The facts are those of CITATION.cff and of the data; a DOI that nobody gave is not made
    up."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert (
        f'title: "{PROGRAM_TITLE}"' in citation
        and f'name: "{PROGRAM_AUTHORS}"' in citation
        and "doi" not in citation.lower()
    )
    header = toml("treatments.toml")
    [item] = json.loads(run("cite", "LMTX", "-s", "csl-json").out)
    info = {row["key"]: row["value"] for row in run("info", "--json").rows}
    assert item == {
        "id": "lmtx", "type": "software", "author": [{"literal": PROGRAM_AUTHORS}], "title": PROGRAM_TITLE, "issued": {"date-parts": [[header["as_of"].year]]},
        "version": f"{__version__} with data {header['version']}", "note": f"Data of {header['as_of']}, SHA-256 {info['sha256']}",
    }  # fmt: skip
    text = run("cite", "lmtx").out
    assert (
        f"Version {__version__} with data {header['version']}. {header['as_of'].year}." in text
        and "doi" not in text
    )


def test_citations_are_gathered_without_the_command(base: Path) -> None:
    """By names in their order with notes on what is left out, or without any by the filters
    alone."""
    connection = open_index().connection
    found = gather_citations(
        connection, ["society-2022", "lmtx", "NCT00000001"], Filters(min_n=5), "9.9.9"
    )
    assert [citation.id for citation in found.citations] == [
        "lmtx",
        "doe-2020",
    ] and found.citations[0].version == "9.9.9 with data 2026.1.0"
    assert found.notes == ["no publication of society-2022 under these filters"]
    assert [
        citation.id
        for citation in gather_citations(connection, (), Filters(tumors=("south",)), "").citations
    ] == ["loe-2018"]
    connection.close()


def test_lmtx_goes_with_what_was_asked(base: Path, run: Run) -> None:
    assert cited(run, "doe-2020", "lmtx", "--min-n", "5") == ["doe-2020", "lmtx"]


@pytest.mark.parametrize("style", [one.value for one in Style])
def test_citing_is_as_light_as_a_look_up(lmtx: Lmtx, style: str) -> None:
    env = {**lmtx.environment, "LMTX_FORCE_TTY": "80"}
    [modules] = spied(lmtx._replace(environment=env), f"cite osimertinib --style {style} -q")
    assert not modules & {"pydantic", "tomli", "rich", "pybtex", "rispy"}


def test_every_study_of_the_data_is_cited_by_its_own_name(run: Run) -> None:
    assert cited(run, *(f"study:{name}" for name in study_names())) == list(study_names())


def test_every_style_and_ending_is_documented() -> None:
    page = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    for style in Style:
        [row] = re.findall(rf"^\| `{style.value}` \|.*$", page, re.M)
        endings = ", ".join(f"`{ending}`" for ending, of in STYLE_BY_ENDING.items() if of is style)
        assert row.endswith(f"| {endings} |")
