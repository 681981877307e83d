"""`lmtx info`: what the knowledge base says about itself is what the data hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lmtx import __version__
from lmtx.index import find_bundled_data_folder
from lmtx.listings.info import write_info_value
from lmtx.query.info import InfoRow
from support import Answer, raw_rows, study, study_names, toml

Run = Callable[..., Answer]


def test_counts_are_those_of_the_data(run: Run) -> None:
    told = {row["key"]: row["value"] for row in run("info", "--json").rows}
    treatments, guidelines = toml("treatments.toml"), toml("guidelines.toml")["guideline"]
    studies = [study(name)["study"] for name in study_names()]
    assert told["lmtx"] == __version__
    assert (told["version"], told["as_of"], told["schema_version"]) == (
        treatments["version"],
        treatments["as_of"].isoformat(),
        treatments["schema_version"],
    )
    assert (told["title"], told["disclaimer"]) == (treatments["title"], treatments["disclaimer"])
    assert len(told["sha256"]) == 64
    assert told["treatments"] == len(treatments["treatment"])
    assert told["studies"] == len(studies)
    assert told["evidence_rows"] == len(raw_rows())
    assert told["figures"] == sum(len(row.get("outcome", [])) for row in raw_rows())
    assert told["csf_levels"] == sum(len(item.get("csf", [])) for item in treatments["treatment"])
    assert told["guidelines"] == len(guidelines)
    assert told["guideline_statements"] == sum(
        len(guideline.get("recommendation", [])) for guideline in guidelines
    )
    assert told["trials"] == len(toml("trials.toml")["trial"])
    assert told["facts"] == sum(
        len(tumor.get("fact", [])) for tumor in toml("tumors.toml")["tumor"]
    )


def test_provenance_is_that_of_the_data(run: Run) -> None:
    told = {row["key"]: row["value"] for row in run("info", "--json").rows}
    studies = [study(name)["study"] for name in study_names()]
    places = Counter(record["read_in"] for record in studies)
    figures: Counter[str] = Counter()
    for row in raw_rows():
        for one in row.get("outcome", ()):
            figures[one.get("read_in") or row["of"]["read_in"]] += 1
    for place in ("full-text", "abstract", "registry", "secondary", "recalled"):
        key = place.replace("-", "_")
        assert told[f"studies_read_in_{key}"] == places[place]
        assert told[f"figures_read_in_{key}"] == figures[place]
    assert told["studies_read_a_second_time"] == sum("second_read" in record for record in studies)
    complete = [
        record
        for record in studies
        if all(key in record for key in ("first_author", "year", "journal"))
        and any(record.get(key) for key in ("pmid", "doi", "pmcid", "nct"))
    ]
    assert told["studies_completely_cited"] == len(complete)


def test_it_says_where_everything_lies(run: Run) -> None:
    told = {row["key"]: row["value"] for row in run("info", "--json").rows}
    assert Path(told["index"]).is_file()
    assert Path(told["data"]) == find_bundled_data_folder()
    assert told["licence"] == "code MIT, data CC BY 4.0"


def test_it_is_a_listing_like_every_other(run: Run, terminal: Run) -> None:
    assert run("info").out.startswith("key\tvalue\n")
    assert run("info", "--fields", "value", "--csv").out.startswith("value\n")
    out = terminal(80, "info").out
    assert "figures: second hand" in out and "studies: full text" in out
    told = {row["key"]: row["value"] for row in run("info", "--json").rows}
    assert told["disclaimer"] in " ".join(out.split())
    assert told["sha256"][:32] in out and told["sha256"][32:] in out


def test_a_value_without_blanks_is_shown_in_two_lines() -> None:
    assert write_info_value(InfoRow("sha256", "a" * 32 + "b" * 32)) == "a" * 32 + "\n" + "b" * 32
    assert (
        write_info_value(InfoRow("index", "/home/someone/index.sqlite"))
        == "/home/someone/index.sqlite"
    )
    assert write_info_value(InfoRow("rows", 12345)) == "12,345"
    assert write_info_value(InfoRow("licence", "MIT")) == "MIT"
