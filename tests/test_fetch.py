"""`lmtx fetch`: what services on the network would complete, asked of a server on 127.0.0.1; see
services.py for its answers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli

pytest.importorskip("httpx")

from lmtx.cli import fetch as command
from lmtx.curation import clients
from lmtx.curation.clients import AnswerError, Service, ServiceAccess, ServiceConnection
from lmtx.curation.fetch import format_toml_value
from lmtx.curation.formatter import format_data_file, set_keys_and_format
from lmtx.curation.todo import list_fetchable_records
from lmtx.errors import NetworkError, UsageError
from lmtx.store.loading import read_base_files
from services import (
    Reply,
    Request,
    Services,
    authors,
    dated,
    ids,
    registered,
    serve,
    summary,
    work,
)
from support import BASE, ROOT, Answer, Lmtx

Run = Callable[..., Answer]
TODAY = date.today().isoformat()
TITLE = "Intrathecal examplinib for leptomeningeal metastasis of northern tumours"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services on this machine, which lmtx asks without a pause."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(clients, "BACK_OFF", (0.0, 0.0, 0.0))
    with serve() as found:
        monkeypatch.setattr(
            command, "read_access_from_environment", lambda: access_to(found.address)
        )
        yield found


def access_to(address: str, **fields: str) -> ServiceAccess:
    return ServiceAccess(
        pubmed=Service("PubMed", f"{address}/entrez", 0.0),
        crossref=Service("Crossref", f"{address}/crossref", 0.0),
        trials=Service("ClinicalTrials.gov", f"{address}/trials", 0.0),
        **fields,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return shutil.copytree(BASE, tmp_path / "data")


def add_study(data: Path, id_: str, **keys: Any) -> Path:
    """Write a study that lacks what is not named."""
    known = {
        "id": id_,
        "design": "retrospective-cohort",
        "lm_only": True,
        "read_in": "abstract",
        **keys,
    }
    path = data / "studies" / f"{id_}.toml"
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in known.items())
    path.write_text(format_data_file(f"[study]\n{lines}", path.name), encoding="utf-8")
    return path


def study(data: Path, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = tomli.loads((data / "studies" / f"{id_}.toml").read_text("utf-8"))
    return found["study"]


def add_ten(data: Path, services: Services) -> dict[str, dict[str, Any]]:
    """Add ten incomplete records, each in its own way; return what each must say when it is
    complete."""
    full = {"source": "J Example", "volume": "7", "pages": "101-9", "pubdate": "2021 Mar"}
    complete = {"journal": "J Example", "volume": "7", "pages": "101-109", "year": 2021}
    want: dict[str, dict[str, Any]] = {}

    add_study(data, "by-pmid", pmid="2001", title=TITLE, first_author="Doe J", year=2021)
    services.summaries["pubmed", "2001"] = summary(
        "2001", title=f"{TITLE}.", authors=authors("Doe J", "Le Rhun E"), **full,
        articleids=ids(pubmed="2001", doi="10.1000/a.2001", pmc="PMC2001"),
    )  # fmt: skip
    want["by-pmid"] = {
        **complete, "authors": ["Doe J", "Le Rhun E"], "doi": "10.1000/a.2001", "pmcid": "PMC2001",
    }  # fmt: skip

    add_study(data, "by-both", pmid="2002", doi="10.1000/B.2002", title=TITLE)
    services.summaries["pubmed", "2002"] = summary(
        "2002", title=f"{TITLE}.", authors=authors("Roe A", "Poe B"), **full,
        articleids=ids(pubmed="2002", doi="10.1000/b.2002"),
    )  # fmt: skip
    services.works["10.1000/B.2002"] = work(
        "10.1000/b.2002", title=[TITLE], published_print=dated(2021, 3), page="101-109",
        author=[{"given": "Ann", "family": "Roe"}, {"given": "Bob", "family": "Poe"}],
    )  # fmt: skip
    want["by-both"] = {**complete, "authors": ["Roe A", "Poe B"], "first_author": "Roe A"}

    add_study(data, "by-doi", doi="10.1000/c<1::aid-c>3.0.co;2-s", title=TITLE)
    services.works["10.1000/c<1::aid-c>3.0.co;2-s"] = work(
        "10.1000/C<1::AID-C>3.0.CO;2-S", title=[TITLE.upper()], volume="7",
        short_container_title=["J Example"], container_title=["Journal of Examples"],
        published_online=dated(2020, 12, 30), published_print=dated(2021, 3),
        issued=dated(2020, 12, 30), article_number="e101",
        author=[
            {"given": "Jean-Paul", "family": "Le Doe", "sequence": "first"},
            {"given": "A. B.", "family": "Roe", "sequence": "additional"},
            {"given": "CD", "family": "Poe"},
            {"name": "Northern Study Group", "sequence": "additional"},
        ],
    )  # fmt: skip
    want["by-doi"] = {
        **complete, "pages": "e101",
        "authors": ["Le Doe JP", "Roe AB", "Poe CD", "Northern Study Group"],
    }  # fmt: skip

    add_study(data, "by-pmcid", pmcid="PMC2004", title=TITLE)
    services.summaries["pmc", "2004"] = summary(
        "2004", title=TITLE, authors=authors("Doe J"), **full,
        articleids=ids(pmid="20044", doi="10.1000/d.2004", pmcid="PMC2004"),
    )  # fmt: skip
    want["by-pmcid"] = {**complete, "pmid": "20044", "doi": "10.1000/d.2004", "authors": ["Doe J"]}

    add_study(data, "no-title", pmid="2005", first_author="Doe J", year=2020)
    services.summaries["pubmed", "2005"] = summary(
        "2005", title="&lt;i&gt;BRAF&lt;/i&gt; &amp; more.", authors=authors("Doe J"),
        **{**full, "epubdate": "2020 Dec 30"},
    )  # fmt: skip
    want["no-title"] = {**complete, "year": 2020, "title": "BRAF & more", "authors": ["Doe J"]}

    add_study(
        data, "described", pmid="2006", first_author="Doe J", year=2021, title="A report on pills",
        title_descriptive=True,
    )  # fmt: skip
    services.summaries["pubmed", "2006"] = summary(
        "2006", title=f"[{TITLE}].", authors=authors("Doe J", "Roe A"), **full
    )
    want["described"] = {**complete, "title": TITLE}

    add_study(data, "group", pmid="2007", first_author="Northern Study Group", title=TITLE)
    services.summaries["pubmed", "2007"] = summary(
        "2007", title=TITLE, authors=authors("Doe J", groups=("Northern Study Group",)), **full
    )
    want["group"] = {**complete, "authors": ["Doe J", "Northern Study Group"]}

    add_study(data, "subtitle", doi="10.1000/h", title=f"{TITLE}: a phase II trial")
    services.works["10.1000/h"] = work(
        "10.1000/h", title=[TITLE], subtitle=["A phase II trial"], issued=dated(2021), page="101-9",
        volume="7", container_title=["J Example"], author=[{"given": "Žo", "family": "Ďoe"}],
    )  # fmt: skip
    want["subtitle"] = {**complete, "authors": ["Ďoe Ž"], "first_author": "Ďoe Ž"}

    add_study(data, "accents", pmid="2009", first_author="Müller-Ďoe K", title=TITLE, year=2021)
    services.summaries["pubmed", "2009"] = summary(
        "2009", title=TITLE, authors=authors("Muller-Doe K", "Roe A"), **full
    )
    want["accents"] = {**complete, "first_author": "Müller-Ďoe K"}

    sought = ["first_author", "year"]
    add_study(data, "sought", pmid="2010", title=TITLE, journal="J Ex", not_found=sought)
    services.summaries["pubmed", "2010"] = summary(
        "2010", title=TITLE, authors=authors(*(f"Author {letter}X" for letter in "ABCDEFGHIJKL")),
        **full,
    )  # fmt: skip
    want["sought"] = {**complete, "journal": "J Ex", "first_author": "Author AX"}
    return want


def add_three(data: Path, services: Services) -> None:
    """Add three records whose number is that of another paper."""
    add_study(data, "other-title", pmid="3001", title="Quite another matter of the kidneys")
    add_study(data, "other-year", pmid="3002", title=TITLE, year=2014)
    add_study(data, "other-doi", pmid="3003", title=TITLE, doi="10.1000/mine")
    for uid in ("3001", "3002", "3003"):
        services.summaries["pubmed", uid] = summary(
            uid, title=TITLE, pubdate="2021", volume="99", authors=authors("Doe J"),
            articleids=ids(doi=f"10.1000/theirs.{uid}"),
        )  # fmt: skip
    services.works["10.1000/mine"] = work("10.1000/mine", title=[TITLE], issued=dated(2021))


def test_ten_incomplete_records_are_completed_and_three_that_do_not_match_refused(
    run: Run, data: Path, services: Services
) -> None:
    want = add_ten(data, services)
    add_three(data, services)
    names = [*want, "other-title", "other-year", "other-doi"]
    kept = {name: study(data, name) for name in names}
    answer = run("fetch", "citations", *names, "--data", str(data), "--write")
    assert answer.code == 3
    assert sorted(Path(line).stem for line in answer.out.splitlines()) == sorted(want)
    for name, expected in want.items():
        now = study(data, name)
        assert expected.items() <= now.items(), name
        replaced = {"title", "title_descriptive", "not_found"}
        for key, value in kept[name].items():
            assert key in replaced or now[key] == value, f"{name}: {key} was said already"
    assert "title_descriptive" not in study(data, "described")
    assert "not_found" not in study(data, "sought")
    for name in ("other-title", "other-year", "other-doi"):
        assert study(data, name) == kept[name]
    lines = answer.err.splitlines()
    assert any("other-title: PubMed has title" in line for line in lines), answer.err
    assert any("other-year: PubMed has year 2021" in line for line in lines)
    assert any('other-doi: PubMed has doi "10.1000/theirs.3003"' in line for line in lines)
    assert "3 of 13 records do not match" in lines[-1]
    assert run("validate", str(data)).code == 0
    assert run("fmt", "--check", str(data / "studies")).code == 0


def test_what_is_written_says_where_and_when_it_was_read(
    run: Run, data: Path, services: Services
) -> None:
    add_ten(data, services)
    assert run("fetch", "citations", "by-both", "sought", "--data", str(data), "--write").code == 0
    text = (data / "studies" / "by-both.toml").read_text("utf-8")
    assert f'authors = ["Roe A", "Poe B"]  # PubMed, {TODAY}\n' in text
    assert "lmtx" not in text
    text = (data / "studies" / "sought.toml").read_text("utf-8")
    assert f"\n]  # PubMed, {TODAY}\n" in text and max(map(len, text.splitlines())) <= 100


def test_a_second_run_finds_nothing_more(run: Run, data: Path, services: Services) -> None:
    add_ten(data, services)
    call = ("fetch", "citations", "by-pmid", "by-doi", "described", "--data", str(data))
    assert run(*call, "--write").out
    answer = run(*call)
    assert (answer.code, answer.out) == (0, "")
    assert "nothing to complete" in answer.err


def test_proposals_are_a_diff_that_patch_takes(
    run: Run, data: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    want = add_ten(data, services)
    monkeypatch.chdir(data.parent)
    before = {path: path.read_bytes() for path in data.rglob("*.toml")}
    answer = run("fetch", "citations", *want, "--data", "data")
    assert answer.code == 0
    assert {path: path.read_bytes() for path in data.rglob("*.toml")} == before
    assert "--- a/data/studies/by-pmid.toml" in answer.out
    assert f'+doi = "10.1000/a.2001"  # PubMed, {TODAY}' in answer.out
    if shutil.which("patch"):
        subprocess.run(["patch", "-p1", "-s"], input=answer.out, text=True, check=True, timeout=20)
        assert {name: study(data, name).items() >= want[name].items() for name in want} == (
            dict.fromkeys(want, True)
        )


def test_a_sign_in_a_comment_of_the_file_reaches_no_terminal(
    run: Run, data: Path, services: Services
) -> None:
    add_ten(data, services)
    path = data / "studies" / "by-pmid.toml"
    path.write_text(path.read_text("utf-8") + "# a \u202e b\n", encoding="utf-8")
    out = run("fetch", "citations", "by-pmid", "--data", str(data)).out
    assert "\\u202e" in out and "\u202e" not in out


def test_line_ends_of_windows_stay(run: Run, data: Path, services: Services) -> None:
    add_ten(data, services)
    path = data / "studies" / "by-pmid.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run("fetch", "citations", "by-pmid", "--data", str(data), "--write").code == 0
    body = path.read_bytes()
    assert b"volume" in body and body.count(b"\r\n") == body.count(b"\n")


def test_without_names_the_incomplete_ones_are_asked_about_in_one_request(
    run: Run, data: Path, services: Services
) -> None:
    want = add_ten(data, services)
    told = {problem.record: problem for problem in list_fetchable_records(read_base_files(data)[0])}
    run("fetch", "citations", "--data", str(data))
    asked = [request for request in services.requests if "esummary" in request.path]
    assert [request.query["db"] for request in asked] == ["pubmed", "pmc"]
    assert {"2001", "2010"} <= set(asked[0].query["id"].split(","))
    assert set(want) <= set(told)
    assert "lmtx fetch citations by-pmid\n" in run("validate", "--todo", str(data)).out
    assert told["by-pmid"].todo == "lmtx fetch citations by-pmid"
    assert told["by-pmid"].what == "a service may know authors, journal, volume, pages, doi"


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({"first_author": "Doe J"}, {"authors": authors("Roe A", "Doe J")}, 'first_author "Roe A"'),
        ({"pmcid": "PMC1"}, {"articleids": ids(pmc="PMC2")}, 'pmcid "PMC2"'),
        ({}, {"title": TITLE.replace("for", "against")}, "title"),
        ({}, {"title": ""}, "title none"),
        ({"year": 2020}, {"pubdate": ""}, "year none"),
    ],
)  # fmt: skip
def test_another_paper_is_told_and_not_proposed(
    run: Run,
    data: Path,
    services: Services,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    said: str,
) -> None:
    add_study(data, "mine", **{"pmid": "1", "title": TITLE, **ours})
    found = {"title": TITLE, "pubdate": "2020", "volume": "1", **theirs}
    services.summaries["pubmed", "1"] = summary("1", **found)
    answer = run("fetch", "citations", "mine", "--data", str(data))
    assert (answer.code, answer.out) == (3, "")
    assert f"mine: PubMed has {said}" in answer.err


def test_a_record_with_nothing_to_compare_is_not_completed(
    run: Run, data: Path, services: Services
) -> None:
    add_study(data, "bare", pmid="1", year=2020)
    services.summaries["pubmed", "1"] = summary("1", title=TITLE, pubdate="2020")
    answer = run("fetch", "citations", "bare", "--data", str(data))
    assert (answer.code, answer.out) == (3, "")
    assert "too little to compare" in answer.err


def test_two_identifiers_that_agree_are_enough_to_compare(
    run: Run, data: Path, services: Services
) -> None:
    add_study(data, "bare", pmid="1", doi="10.1000/X")
    services.summaries["pubmed", "1"] = summary(
        "1", title=TITLE, pubdate="2020", articleids=ids(doi="10.1000/x")
    )
    answer = run("fetch", "citations", "bare", "--data", str(data))
    assert answer.code == 0 and f'+title = "{TITLE}"' in answer.out


def test_authors_that_two_services_count_otherwise_are_not_written(
    run: Run, data: Path, services: Services
) -> None:
    """PubMed cut long lists for years: a short one must not stand for all."""
    add_study(data, "cut", pmid="1", doi="10.1000/x", title=TITLE, volume="2")
    services.summaries["pubmed", "1"] = summary(
        "1", title=TITLE, authors=authors("Doe J"), pubdate="2020", volume="3"
    )
    services.works["10.1000/x"] = work(
        "10.1000/x", title=[TITLE], author=[{"family": "Doe"}, {"family": "Roe", "given": "A"}]
    )
    answer = run("fetch", "citations", "cut", "--data", str(data))
    assert answer.code == 0 and "+authors" not in answer.out and "+year = 2020" in answer.out
    assert "different numbers of authors: 1 (PubMed) and 2 (Crossref)" in answer.err
    assert 'PubMed has volume "3"' in answer.err and "volume" not in answer.out.replace(
        ' volume = "2"', ""
    )


def test_a_year_that_one_of_two_services_has_is_the_same_paper(
    run: Run, data: Path, services: Services
) -> None:
    add_study(data, "early", pmid="1", doi="10.1000/x", title=TITLE, year=2021)
    services.summaries["pubmed", "1"] = summary("1", title=TITLE, pubdate="2021", volume="3")
    services.works["10.1000/x"] = work("10.1000/x", title=[TITLE], published_online=dated(2020, 12))
    answer = run("fetch", "citations", "early", "--data", str(data))
    assert answer.code == 0 and '+volume = "3"' in answer.out


def test_a_retraction_is_told(run: Run, data: Path, services: Services) -> None:
    add_study(data, "taken-back", pmid="1", title=TITLE)
    services.summaries["pubmed", "1"] = summary(
        "1", title=TITLE, pubtype=["Journal Article", "Retracted Publication"]
    )
    assert "says that it was retracted" in run(
        "fetch", "citations", "taken-back", "--data", str(data)
    ).err  # fmt: skip


def test_no_two_records_get_one_identifier(run: Run, data: Path, services: Services) -> None:
    add_study(data, "twin", pmid="1", title=TITLE)
    services.summaries["pubmed", "1"] = summary(
        "1", title=TITLE, pubdate="2020", articleids=ids(doi="10.1000/doe")
    )
    answer = run("fetch", "citations", "twin", "--data", str(data))
    assert answer.code == 3 and "10.1000/doe is that of doe-2020" in answer.err


def test_numbers_that_no_service_knows_are_told_and_the_others_go_on(
    run: Run, data: Path, services: Services
) -> None:
    add_ten(data, services)
    add_study(data, "gone", pmid="999", title=TITLE)
    add_study(data, "gone-too", doi="10.1000/none", title=TITLE)
    answer = run("fetch", "citations", "gone", "gone-too", "by-pmid", "--data", str(data))
    assert answer.code == 3 and "by-pmid.toml" in answer.out
    assert "gone: PubMed has no record 999" in answer.err
    assert "gone-too: Crossref has no such record (404)" in answer.err


# Trials


def add_trial(services: Services, **fields: Any) -> None:
    services.studies["NCT00000001"] = registered(
        "NCT00000001",
        "Examplinib for Northern Tumors",
        "Examplinib for Northern Tumours: an Open Trial of Examplinib",
        **fields,
    )


def trial(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomli.loads((data / "trials.toml").read_text("utf-8"))["trial"][0]
    return found


def test_a_trial_is_brought_up_to_date(run: Run, data: Path, services: Services) -> None:
    add_trial(
        services, status="ACTIVE_NOT_RECRUITING", phases=["PHASE1", "PHASE2"], count=44,
        countries=["Norway", "France", "Norway"],
    )  # fmt: skip
    before = trial(data)
    answer = run("fetch", "trials", "nct00000001", "--data", str(data), "--write")
    assert answer.code == 0, answer.err
    assert trial(data) == {
        **before,
        "status": "active-not-recruiting",
        "status_read": TODAY,
        "phase": "1/2",
        "updated": "2026-10-05",
        "countries": ["France", "Norway"],
        "study_type": "interventional",
        "enrolment": 44,
        "seen_at": ["https://clinicaltrials.gov/study/NCT00000001"],
    }
    text = (data / "trials.toml").read_text("utf-8")
    assert f"enrolment = 44  # ClinicalTrials.gov, {TODAY}\n" in text
    assert run("fmt", "--check", str(data / "trials.toml")).code == 0
    [request] = services.requests
    assert "EnrollmentCount" in request.query["fields"]
    again = run("fetch", "trials", "NCT00000001", "--data", str(data))
    assert (again.code, again.out) == (0, "") and "nothing to complete" in again.err


def test_a_word_of_the_registry_that_we_have_not_is_told(
    run: Run, data: Path, services: Services
) -> None:
    add_trial(services, status="APPROVED_FOR_MARKETING", phases=["PHASE1", "PHASE4"])
    answer = run("fetch", "trials", "NCT00000001", "--data", str(data), "--write")
    assert answer.code == 0
    assert (trial(data)["status"], trial(data)["phase"]) == ("recruiting", "2")
    assert trial(data)["status_read"] == "2025-12", "the status was not read"
    assert 'status "APPROVED_FOR_MARKETING"' in answer.err
    assert 'phase "PHASE1/PHASE4"' in answer.err


@pytest.mark.parametrize(
    ("number", "title", "said"),
    [
        ("NCT00000002", "Examplinib for Northern Tumours", 'answers with "NCT00000002"'),
        ("NCT00000001", "Physiotherapy after Stroke", 'has title "Physiotherapy after Stroke"'),
    ],
)
def test_another_trial_is_refused(
    run: Run, data: Path, services: Services, number: str, title: str, said: str
) -> None:
    services.studies["NCT00000001"] = registered(number, title, status="COMPLETED")
    before = trial(data)
    answer = run("fetch", "trials", "NCT00000001", "--data", str(data), "--write")
    assert (answer.code, answer.out, trial(data)) == (3, "", before)
    assert said in answer.err


def test_a_trial_that_the_registry_does_not_have(run: Run, data: Path, services: Services) -> None:
    answer = run("fetch", "trials", "NCT00000001", "--data", str(data))
    assert answer.code == 3
    assert "NCT00000001: ClinicalTrials.gov has no such record (404)" in answer.err


# Faults


def always(reply: Reply) -> list[Callable[[Request], Reply | None]]:
    return [lambda _: reply] * clients.REQUEST_ATTEMPTS


@pytest.fixture
def asked(services: Services, data: Path) -> Services:
    add_ten(data, services)
    return services


def by_doi(run: Run, data: Path) -> Answer:
    return run("fetch", "citations", "by-doi", "--data", str(data))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again(
    run: Run, data: Path, asked: Services, status: int
) -> None:
    asked.faults = [lambda _: Reply(status=status, headers=(("Retry-After", "0"),))] * 2
    answer = by_doi(run, data)
    assert answer.code == 0 and "+volume" in answer.out
    assert len(asked.requests) == 3


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "Crossref has had too many requests (429); try again later"),
        (502, "Crossref answers 502"),
        (403, "Crossref refuses the request (403)"),
    ],
)
def test_a_service_that_stays_so_is_named(
    run: Run, data: Path, asked: Services, status: int, said: str
) -> None:
    asked.faults = always(Reply(status=status))
    answer = by_doi(run, data)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.splitlines()[-1].startswith(f"lmtx: {said}")


def test_a_service_that_wants_an_hour_is_left_alone(run: Run, data: Path, asked: Services) -> None:
    asked.faults = always(Reply(status=429, headers=(("Retry-After", "3600"),)))
    assert by_doi(run, data).code == 3
    assert len(asked.requests) == 1


HOSTILE = {
    "no JSON": b"<html>\x1b[31mred</html>",
    "no UTF-8": b'{"message": "\xff\xfe"}',
    "another shape": b"[1, 2, 3]",
    "a field of another kind": b'{"message": {"DOI": "10.1000/c", "title": {"a": 1}}}',
    "no such number": b'{"message": {"DOI": "10.1000/c", "title": [NaN]}}',
    "a deep table": b'{"message": {"DOI": "10.1000/c", "x": ' + b"[" * 40 + b"]" * 40 + b"}}",
    "a bottomless one": b"[" * 200_000,
    "an endless number": b'{"message": {"DOI": ' + b"9" * 10_000 + b"}}",
    "an escape": json.dumps({"message": {"DOI": "10.1000/c", "title": ["\x1b]0;x\x07"]}}).encode(),
    "a hidden sign": json.dumps({"message": {"DOI": "10.1000/c", "title": ["a\u202eb"]}}).encode(),
    "half a letter": b'{"message": {"DOI": "10.1000/c", "title": ["\\ud800"]}}',
    "a long text": json.dumps({"message": {"DOI": "x", "title": ["long " * 5000]}}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_malformed_or_hostile_answer_is_one_line(
    run: Run, data: Path, asked: Services, body: bytes
) -> None:
    asked.faults = always(Reply(body))
    before = study(data, "by-doi")
    answer = run("fetch", "citations", "by-doi", "--data", str(data), "--write")
    assert (answer.code, answer.out, study(data, "by-doi")) == (3, "", before)
    assert len(answer.err.splitlines()) == 3, answer.err
    assert answer.err.isascii() and answer.err.replace("\n", "").isprintable()
    assert "Traceback" not in answer.err and "red" not in answer.err


def test_a_hostile_title_of_another_paper_reaches_no_terminal(
    run: Run, data: Path, asked: Services
) -> None:
    for title in ("\x1b[2J", "a \u202e b", "[bold]x[/bold] <b>y</b>"):
        asked.works["10.1000/c<1::aid-c>3.0.co;2-s"]["message"]["title"] = [title]
        answer = by_doi(run, data)
        assert answer.code == 3 and answer.out == ""
        assert answer.err.replace("\n", "").isprintable()


def test_a_value_that_no_record_can_hold_spoils_no_other(
    run: Run, data: Path, asked: Services
) -> None:
    asked.works["10.1000/h"]["message"]["issued"] = dated(20210)
    answer = run("fetch", "citations", "subtitle", "by-pmid", "--data", str(data))
    assert answer.code == 3
    assert "subtitle: Crossref has a value that no record can hold: year" in answer.err
    assert "by-pmid.toml" in answer.out and "subtitle.toml" not in answer.out


def test_one_bad_paper_of_a_batch_spoils_no_other(run: Run, data: Path, asked: Services) -> None:
    asked.summaries["pubmed", "2001"] = {"uid": "2001", "title": 7}
    asked.summaries["pubmed", "2005"] = summary("2006")
    names = ("by-pmid", "no-title", "described")
    answer = run("fetch", "citations", *names, "--data", str(data))
    assert "by-pmid: PubMed does not answer as documented: title" in answer.err
    assert "no-title: PubMed answers with another record than 2005" in answer.err
    assert answer.code == 3 and "described.toml" in answer.out


def test_an_answer_without_an_end_is_cut_off(
    run: Run, data: Path, asked: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_ANSWER_BYTES", 50_000)
    asked.faults = always(Reply(b" " * 60_000))
    answer = by_doi(run, data)
    assert answer.code == 3 and "Crossref sends more than 50,000 bytes" in answer.err


def test_a_packed_answer_is_not_unfolded(run: Run, data: Path, asked: Services) -> None:
    asked.faults = always(Reply(b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),)))
    answer = by_doi(run, data)
    assert answer.code == 3 and "packed answer" in answer.err
    assert asked.requests[0].headers["Accept-Encoding"] == "identity"


def test_an_answer_that_points_elsewhere_is_not_followed(
    run: Run, data: Path, asked: Services
) -> None:
    asked.faults = always(Reply(status=302, headers=(("Location", f"{asked.address}/secret"),)))
    answer = by_doi(run, data)
    assert answer.code == 3 and "points elsewhere (302)" in answer.err
    assert len(asked.requests) == 1


def test_an_answer_that_breaks_off_is_asked_for_again(
    run: Run, data: Path, asked: Services
) -> None:
    asked.faults = [lambda _: Reply(b'{"message": {}}' * 9, cut_at=10)]
    assert by_doi(run, data).code == 0
    assert len(asked.requests) == 2


def test_an_answer_that_takes_too_long_is_given_up(
    run: Run, data: Path, asked: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_ANSWER_SECONDS", -1.0)
    answer = by_doi(run, data)
    assert answer.code == 3 and "Crossref does not answer in time" in answer.err


def test_no_network_is_one_line(
    run: Run, data: Path, asked: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = access_to("http://127.0.0.1:9")  # the port of `discard`, which nothing listens to
    monkeypatch.setattr(command, "read_access_from_environment", lambda: nowhere)
    answer = by_doi(run, data)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err == (
        "lmtx: Crossref cannot be reached; check the connection, or try again later; "
        "a proxy is taken from HTTPS_PROXY\n"
    )


def test_what_was_learned_before_a_fault_is_shown(run: Run, data: Path, asked: Services) -> None:
    busy = Reply(status=503)
    asked.faults = [lambda _: None, *always(busy)]
    answer = run("fetch", "citations", "by-doi", "subtitle", "--data", str(data))
    assert answer.code == 3 and "by-doi.toml" in answer.out
    assert "Crossref answers 503" in answer.err


# Manners


def test_the_services_are_told_who_asks_and_the_key_goes_to_ncbi_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = access_to(services.address, mailto="you@example.org", ncbi_key="abc123")
    assert "abc123" not in repr(access)
    with ServiceConnection(access) as connection:
        connection.fetch_papers("pubmed", ["1", "2"])
        for ask in (connection.fetch_work, connection.fetch_registration):
            with pytest.raises(AnswerError):
                ask("10.1000/none")
    for request in services.requests:
        assert re.fullmatch(
            r"lmtx/[\w.]+ \(mailto:you@example\.org\)", request.headers["User-Agent"]
        )
    first, *others = services.requests
    assert first.query["api_key"] == "abc123" and first.query["id"] == "1,2"
    assert all("abc123" not in str(request) for request in others)


def test_the_environment_says_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_MAILTO", "you@example.org")
    monkeypatch.setenv("NCBI_API_KEY", "abc123")
    access = command.read_access_from_environment()
    assert (access.mailto, access.ncbi_key) == ("you@example.org", "abc123")
    for name, value in (("LMTX_MAILTO", "x\r\nHost: y"), ("NCBI_API_KEY", "a&b=c")):
        with monkeypatch.context() as patch, pytest.raises(UsageError) as caught:
            patch.setenv(name, value)
            command.read_access_from_environment()
        assert value not in str(caught.value)


def test_requests_keep_their_distance(services: Services) -> None:
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    access = access_to(services.address)
    slow = ServiceAccess(
        pubmed=access.pubmed._replace(pause=0.4), crossref=access.crossref, trials=access.trials
    )
    with ServiceConnection(slow, sleep=sleep, clock=lambda: now[0]) as connection:
        for _ in range(3):
            connection.fetch_papers("pubmed", ["1"])
    assert slept == [0.4, 0.4]


def test_the_services_are_the_public_ones_and_within_their_limits() -> None:
    access = ServiceAccess()
    assert access.pubmed.base.startswith("https://eutils.ncbi.nlm.nih.gov/")
    assert access.crossref.base == "https://api.crossref.org"
    assert access.trials.base == "https://clinicaltrials.gov/api/v2"
    assert access.pubmed.pause > 1 / 3 and access.trials.pause > 60 / 50
    assert clients.PAUSE_WITH_KEY > 1 / 10


def test_the_back_off_grows_and_a_service_may_name_it(services: Services) -> None:
    slept: list[float] = []
    services.faults = [
        lambda _: Reply(status=503),
        lambda _: Reply(status=503, headers=(("Retry-After", "7"),)),
        lambda _: Reply(status=503, headers=(("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),)),
        lambda _: Reply(status=503),
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        ServiceConnection(access_to(services.address), sleep=slept.append) as connection,
        pytest.raises(NetworkError),
    ):
        patch.setattr(clients, "BACK_OFF", (1.0, 2.0, 4.0))
        connection.fetch_work("10.1000/x")
    assert slept == [1.0, 7.0, 4.0]


# Doors and files


def test_unknown_names_and_kinds(run: Run, data: Path, services: Services) -> None:
    answer = run("fetch", "citations", "doe-2021", "--data", str(data))
    assert (answer.code, answer.out) == (1, "") and "did you mean doe-2020?" in answer.err
    assert run("fetch", "papers", "--data", str(data)).code == 2
    assert run("fetch", "trials", "x", "--data", str(data / "studies")).code == 3
    assert not services.requests


def test_data_that_are_not_sound_are_not_touched(run: Run, data: Path, services: Services) -> None:
    (data / "studies" / "doe-2020.toml").write_text("[study]\n", encoding="utf-8")
    answer = run("fetch", "citations", "--data", str(data), "--write")
    assert answer.code == 3 and not services.requests


def test_installed_data_are_not_written_to(
    run: Run, data: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PACKAGE_FOLDER", data.parent)
    monkeypatch.setattr("lmtx.index.find_bundled_data_folder", lambda: data)
    monkeypatch.chdir(data)
    answer = run("fetch", "citations", "--write")
    assert answer.code == 2 and "--data FOLDER" in answer.err
    assert not services.requests


def test_the_calls_of_the_page_are_understood(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "fetch.md").read_text(encoding="utf-8")
    calls = re.findall(r"^lmtx (fetch [^#\n]+)", page, re.M)
    asked: list[tuple[str, list[str]]] = []

    def note(kind: str, base: object, names: list[str]) -> Iterator[Any]:
        asked.append((kind, names))
        return iter(())

    monkeypatch.setattr(command, "_fetch_findings", note)
    monkeypatch.chdir(data.parent)
    (data.parent / "my-data").symlink_to(data)
    for call in calls:
        assert run(*call.split()).code == 0, call
    assert ("citations", ["boogerd-2004", "15571954"]) in asked and len(asked) == len(calls) == 5


def test_the_page_tells_the_bounds_as_they_are() -> None:
    page = (ROOT / "docs" / "fetch.md").read_text(encoding="utf-8")
    for said in (
        f"{clients.MOST_ANSWER_BYTES:,} bytes", f"{clients.DEEPEST_NESTING} tables", f"{clients.TIMEOUT:g} seconds",
        f"{clients.MOST_ANSWER_SECONDS:g} seconds", f"{clients.PUBMED.pause:g} s ", f"{clients.CROSSREF.pause:g} s",
        f"{clients.TRIAL_REGISTRY.pause:g} s", f"{clients.PAUSE_WITH_KEY:g} s",
        ", ".join(map(str, sorted(clients.RETRIED_STATUS_CODES))), "after 2, 5 and 15 seconds",
    ):  # fmt: skip
        assert said in page, said
    assert (clients.BACK_OFF, clients.REQUEST_ATTEMPTS, clients.MOST_PAPERS_PER_REQUEST) == (
        (2.0, 5.0, 15.0),
        4,
        100,
    )


def test_a_missing_library_is_named(lmtx: Lmtx, data: Path) -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\nfrom lmtx.cli.run import "
        "main\nsys.exit(main(sys.argv[1:]))"
    )
    answer = lmtx.python(code, "fetch", "trials", "--data", str(data))
    assert answer.code == 2 and "-m pip install 'httpx" in answer.err


def test_the_client_is_imported_by_fetch_alone() -> None:
    code = (
        "import sys, lmtx.cli.fetch, lmtx.curation.fetch, lmtx.curation.todo; sys.exit('httpx' in "
        "sys.modules or 'lmtx.curation.clients' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_keys_are_set_and_comments_stay() -> None:
    text = format_data_file(
        '[study]\nid = "x"\ntitle = "a # b"  # as printed\nseen_at = [\n  # the page\n  '
        '"https://x.org",\n]  # old\nlm_only = true\n',
        "x.toml",
    )
    made = set_keys_and_format(
        text,
        "x.toml",
        {("study",): {"title": '"c"  # PubMed, 2026-01-01', "seen_at": "[]", "year": "2020"}},
    )
    assert made == (
        '[study]\nid = "x"\n# as printed\ntitle = "c"  # PubMed, 2026-01-01\nyear = 2020\n'
        "lm_only = true\n# the page\n# old\nseen_at = []\n"
    )
    again = set_keys_and_format(made, "x.toml", {("study",): {"title": '"d"', "year": ""}})
    assert "PubMed" not in again and "year" not in again and "# as printed" in again


@pytest.mark.parametrize("text", ['"', "\\", "\x7f", "a\nb", "\U0001f600", "]", "'''"])
def test_a_text_is_written_so_that_it_is_read_again(text: str) -> None:
    assert tomli.loads(f"a = {format_toml_value('a', text)}") == {"a": text}
    assert tomli.loads(f"a = {format_toml_value('a', (text,) * 40)}") == {"a": [text] * 40}
