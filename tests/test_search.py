"""`lmtx search`: what is found, in which order, and what is said when nothing is."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lmtx.index import open_index
from lmtx.listings.search import LISTING as SEARCH
from lmtx.query.search import HIT_KINDS, SearchRow, search_records, split_words, suggest_spellings
from support import FIELDS, Answer, raw_rows

Run = Callable[..., Answer]


@pytest.fixture(scope="module")
def base() -> sqlite3.Connection:
    return open_index().connection


def test_fields_are_those_of_the_rows() -> None:
    """The documented fields are the machine fields, in their order."""
    assert tuple(FIELDS["search"]) == SearchRow._fields == SEARCH.fields


def test_all_words_must_match(run: Run) -> None:
    """Every row of evidence found holds each word, as a word or the beginning of one."""
    answer = run(
        "search", "intrathecal", "pemetrexed", "--kind", "evidence", "--limit", "500", "--json"
    )
    assert answer.code == 0
    found = {row["id"] for row in answer.rows}
    expected = set()
    for row in raw_rows():
        said = " ".join(
            [
                *row["treatments"],
                *row.get("routes", []),
                row.get("setting", ""),
                row.get("dose", ""),
                row["summary"],
                row.get("safety", ""),
                row["of"].get("title", ""),
            ]
        ).lower()
        if "intrathecal" in said and "pemetrexed" in said:
            expected.add(row["id"])
    assert found == expected
    assert len(found) > 10


def test_rows_are_grouped_by_kind_and_ranked_inside(run: Run) -> None:
    """Kinds come in one order, ranks rise inside each and are used once."""
    rows = run("search", "pemetrexed", "--limit", "60", "--json").rows
    order = [list(HIT_KINDS).index(row["kind"]) for row in rows]
    assert order == sorted(order)
    assert sorted(row["rank"] for row in rows) == list(range(1, len(rows) + 1))
    for kind in HIT_KINDS:
        ranks = [row["rank"] for row in rows if row["kind"] == kind]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("asked", "kind", "id_"),
    [
        ("35802849", "study", "yang-2022-pcsi"),
        ("https://doi.org/10.1200/JCO.22.01148", "study", "yang-2022-pcsi"), ("NCT06500481", "trial", "NCT06500481"), ("DEGRO 2024", "guideline", "borm-2024"),
    ],
)  # fmt: skip
def test_an_exact_number_comes_first(run: Run, asked: str, kind: str, id_: str) -> None:
    """What bears the text as a name has rank 1 where nothing answers."""
    [best] = [row for row in run("search", asked, "--json").rows if row["rank"] == 1]
    assert (best["kind"], best["id"]) == (kind, id_)


@pytest.mark.parametrize("limit", ["1", "2", "25"])
@pytest.mark.parametrize("asked", ["Tagrisso", "AZD9291", "osimertinib"])
def test_what_bears_the_name_is_always_there_behind_the_evidence(
    run: Run, asked: str, limit: str
) -> None:
    rows = run("search", asked, "--limit", limit, "--json").rows
    kinds = [row["kind"] for row in rows]
    assert ("treatment", "osimertinib") in {(row["kind"], row["id"]) for row in rows}
    assert limit != "25" or kinds[0] == "evidence"


@pytest.mark.parametrize(
    ("asked", "treatment", "route"),
    [
        ("IT MTX", "methotrexate", "intrathecal"),
        ("IV MTX", "methotrexate", "intravenous"),
        ("WBRT", "whole-brain-radiotherapy", None),
        ("T-DXd", "trastuzumab-deruxtecan", None),
        ("Tarceva", "erlotinib", None),
    ],
)
def test_synonyms_find_what_is_filed_under_the_name(
    run: Run, asked: str, treatment: str, route: str | None
) -> None:
    """Each row of evidence that tested it, by that route where one is named, is found."""
    rows = run("search", *asked.split(), "-k", "evidence", "--limit", "900", "--json").rows
    wanted = {
        row["id"]
        for row in raw_rows()
        if treatment in row["tested"] and (route is None or route in row["routes"])
    }
    assert wanted and wanted <= {row["id"] for row in rows}


def test_a_word_beside_a_brand_is_asked_too(run: Run) -> None:
    """All words before any: "pulsatile Tarceva" finds rows that say pulsatile."""
    answer = run("search", "pulsatile", "Tarceva", "-k", "evidence", "--json")
    assert "some of them" not in answer.err and answer.rows
    told = {row["id"]: row for row in raw_rows()}
    for row in answer.rows:
        said = json.dumps(told[row["id"]], ensure_ascii=False, default=str).casefold()
        assert "pulsatile" in said and "erlotinib" in said


def test_a_short_word_in_small_letters_is_no_route(run: Run) -> None:
    assert run("search", "IT", "-k", "evidence", "--json").rows
    titles = run("search", "it", "-k", "evidence", "--json").rows
    assert {row["id"] for row in titles} != {
        row["id"] for row in run("search", "IT", "-k", "evidence", "--json").rows
    }


def test_a_figure_is_whole_with_its_marks(run: Run, terminal: Callable[..., Answer]) -> None:
    arguments = ("search", "ROSET-BM", "-k", "evidence")
    rows = {row["id"]: row for row in run(*arguments, "--json").rows}
    assert rows["niikura-2023.1"]["figure"] == "alive 87.1% at 12 months°"
    assert rows["niikura-2023.1"]["footnotes"] == ["°"]
    answer = terminal(40, *arguments)
    assert "alive 87.1% at 12 months°" in " ".join(answer.out.split())
    assert "° superseded by a later report" in " ".join(answer.out.split())
    [row] = run("search", "boogerd", "versus", "-k", "comparison", "--limit", "1", "--json").rows
    assert row["figure"]


def test_treatment_keeps_what_is_about_it(run: Run, base: sqlite3.Connection) -> None:
    rows = run("search", "intrathecal", "--treatment", "Herceptin", "--limit", "900", "--json").rows
    about = {row["id"] for row in raw_rows() if "trastuzumab" in row["treatments"]}
    found = {row["id"] for row in rows if row["kind"] == "evidence"}
    assert found and found <= about
    assert {"evidence", "study", "trial"} <= {row["kind"] for row in rows}
    assert not any(row["id"] == "deruxtecan" for row in rows)
    assert run("search", "intrathecal", "--treatment", "nonsense").code == 2


@pytest.mark.parametrize(
    ("part", "id_"),
    [("俊彦", "chiba-jlcs-2013"), ("燕", "lm-review-zh-2015"), ("髄膜", "jsn-o-lm-cq4")],
)
def test_east_asian_names_are_found_by_part(
    run: Run, terminal: Callable[..., Answer], part: str, id_: str
) -> None:
    assert id_ in {row["id"] for row in run("search", part, "--json").rows}
    from rich.cells import cell_len

    lines = terminal(60, "search", part).out.splitlines()
    assert all(cell_len(line) <= 60 for line in lines[:-1])


def test_how_many_there_are_is_told_in_json_too(run: Run) -> None:
    answer = run("search", "cancer", "--limit", "3", "--json")
    more = json.loads(answer.out)["left_out"]["beyond the limit"]
    assert f"3 of {more + 3} hits" in answer.err and more > 100


def test_a_name_is_told_once(run: Run) -> None:
    """A record found by name and by text appears once, and the total counts it once."""
    rows = run("search", "osimertinib", "--json", "--limit", "999").rows
    assert len({(row["kind"], row["id"]) for row in rows}) == len(rows)
    answer = run("search", "osimertinib", "--limit", "2")
    assert f"2 of {len(rows)} hits: --limit {len(rows)} shows them all" in answer.err


def test_words_that_begin_alike_are_found(run: Run) -> None:
    """From three letters on, a word finds longer ones; two letters find only themselves."""
    assert (
        "pemetrexed"
        in run("search", "pemetr", "--kind", "treatment", "--fields", "id", "--tsv").out
    )
    assert run("search", "pe").code == 1


def test_any_word_when_no_record_holds_all(run: Run) -> None:
    """The fall-back is told, and the word that is nowhere is named better."""
    answer = run("search", "osimertinb", "melanoma")
    assert answer.code == 0
    assert "no record holds all of the words" in answer.err
    assert "did you mean osimertinib" in answer.err


def test_words_joined_by_signs_are_taken_apart(run: Run) -> None:
    """A phrase is looked for first; its words apart when it is nowhere."""
    assert run("search", "anti-PD-1").code == 0
    apart = run("search", "breast/nsclc")
    assert apart.code == 0
    assert "some of them" not in apart.err


@pytest.mark.parametrize(
    "text",
    [
        '"',
        'NEAR(brain "x',
        "a AND",
        "title:brain",
        "brain*",
        "^brain",
        "{brain} - x",
        "(brain",
        "brain\0",
        "-brain",
        "'; drop table text; --",
        "\ud800brain",
    ],
)
def test_syntax_is_only_text(run: Run, text: str) -> None:
    """Nothing that a user types is read as a query language."""
    answer = run("search", "--json", "--", text)
    assert answer.code in (0, 1, 2)
    assert "unexpected" not in answer.err


@given(text=some.text(max_size=40))
def test_any_text_is_searched_or_refused(text: str) -> None:
    """No text breaks the query; every hit has a kind and a rank."""
    connection = open_index().connection
    if split_words(text):
        found = search_records(connection, text, limit=5)
        assert len(found.rows) <= 5
        assert found.total >= len(found.rows)
    connection.close()


@pytest.mark.parametrize("text", ["", " ", "((", "—", "\t\n"])
def test_nothing_to_look_for(run: Run, text: str) -> None:
    """A text without a letter or a number is a usage error."""
    answer = run("search", text)
    assert answer.code == 2
    assert answer.out == ""
    assert "nothing to look for" in answer.err


def test_too_many_words(run: Run) -> None:
    """A whole paragraph is refused in one line."""
    answer = run("search", *(f"word{n}" for n in range(41)))
    assert answer.code == 2
    assert "at most 40 words" in answer.err


def test_nothing_found(run: Run) -> None:
    """Exit 1, an empty document for machines, and the nearest name."""
    answer = run("search", "osimertinb", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["rows"] == []
    assert "did you mean osimertinib" in answer.err
    assert run("search", "zzzzz", "qqqqq").code == 1


def test_kind_keeps_only_that_kind(run: Run) -> None:
    """--kind takes the word or its plural, several times."""
    rows = run("search", "melanoma", "-k", "studies", "-k", "fact", "--json", "--limit", "200").rows
    assert {row["kind"] for row in rows} == {"study", "fact"}
    wrong = run("search", "melanoma", "--kind", "studie")
    assert wrong.code == 2
    assert "did you mean study?" in wrong.err
    assert (
        "without --kind: lmtx search no such Tagrisso"
        in run("search", "no such", "Tagrisso", "--kind", "tumor").err
    )


def test_filters_are_named_where_the_text_is_one(run: Run) -> None:
    """A class or a biomarker is no record, but the way to list with it is told."""
    assert "'her2' is a biomarker: try lmtx list --biomarker her2" in run("search", "her2").err
    assert "try lmtx list --class pd-1-pd-l1-inhibitor" in run("search", "anti-PD-1").err


def test_limit(run: Run) -> None:
    """The best are kept; the rest is counted in a note; -q silences it."""
    few = run("search", "cancer", "--limit", "3", "--json")
    assert sorted(row["rank"] for row in few.rows) == [1, 2, 3]
    assert "hits: --limit" in few.err
    assert run("search", "cancer", "-q").err == ""
    assert run("search", "cancer", "--limit", "0").code == 2


def test_sources_go_along(run: Run, base: sqlite3.Connection) -> None:
    """Every kind that has a source carries its address and where it was read."""
    rows = run("search", "cancer", "--limit", "900", "--json").rows
    assert {"evidence", "study", "fact", "guideline", "treatment"} <= {row["kind"] for row in rows}
    for row in rows:
        if row["kind"] in ("evidence", "study"):
            study = (
                row["id"]
                if row["kind"] == "study"
                else base.execute(
                    "select study from evidence where id = ?", (row["id"],)
                ).fetchone()[0]
            )
            assert base.execute(
                "select read_in, url from study where id = ?", (study,)
            ).fetchone() == (row["read_in"], row["url"])
        elif row["kind"] in ("fact", "guideline", "comparison"):
            assert row["read_in"]
        else:
            assert row["read_in"] is None


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_on_a_terminal(terminal: Callable[..., Answer], columns: int) -> None:
    """Kinds are headings, ids are whole, no line is wider than the screen but for an id."""
    answer = terminal(columns, "search", "recalled", "shunt")
    ids = [row["id"] for row in terminal(columns, "search", "recalled", "shunt", "--json").rows]
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert "Evidence" in lines
    for id_ in ids:
        assert any(re.split("[†‡Σ° ]", line)[0] == id_ for line in lines)
    assert all(len(line) <= columns or line.rstrip("†‡Σ°") in ids for line in lines)


def test_marks_on_a_terminal(terminal: Callable[..., Answer]) -> None:
    """What was not read at its source carries a dagger with its meaning; ASCII has its own sign."""
    answer = terminal(100, "search", "park-2024-blossom")
    assert "park-2024-blossom†" in answer.out
    assert "† not read at its source" in answer.out
    plain = terminal(100, "search", "park-2024-blossom", "--ascii").out
    assert plain.isascii()
    assert "park-2024-blossom[!]" in plain


def test_hits_are_bold_in_colour(terminal: Callable[..., Answer]) -> None:
    """The words looked for are bold, up to their end; addresses are links."""
    answer = terminal(100, "search", "pemetrex", "--color", "always")
    assert "\x1b[1mPemetrexed\x1b[0m" in answer.out
    assert "\x1b]8;" in answer.out


def test_chosen_fields_as_a_table(terminal: Callable[..., Answer]) -> None:
    """With --fields a plain table is drawn."""
    answer = terminal(80, "search", "Tagrisso", "--fields", "rank,id")
    assert answer.out.splitlines()[0].split() == ["rank", "id"]


def test_markdown_and_tsv(run: Run) -> None:
    """The other forms hold the same rows."""
    rows = run("search", "Tagrisso", "--json").rows
    assert len(run("search", "Tagrisso").table) == len(rows)
    assert run("search", "Tagrisso", "-f", "md").out.count("\n") == len(rows) + 2


def test_kinds_are_completed() -> None:
    """The shell completes the kinds, with their names."""
    from lmtx.cli.complete import complete_word
    from lmtx.query.parameters import make_word_vocabulary

    assert complete_word(make_word_vocabulary(HIT_KINDS), "t") == [
        ("trial", "Trials"),
        ("treatment", "Treatments"),
        ("tumor", "Tumors"),
    ]


def test_statements_comparisons_and_facts_stand_whole(run: Run, terminal: Run) -> None:
    rows = run("search", "methotrexate", "--limit", "400", "--json").rows
    whole = [row for row in rows if row["kind"] in ("guideline", "comparison", "fact")]
    assert {row["kind"] for row in whole} == {"guideline", "comparison", "fact"}
    assert not any("…" in row["snippet"] for row in whole)
    told = [row["figure"] or "" for row in whole if row["kind"] == "comparison"]
    assert any(re.search(r"OS (better|HR|no difference)", one) for one in told)
    shown = " ".join(terminal(80, "search", "methotrexate", "--limit", "400").out.split())
    assert all(" ".join(row["snippet"].split()) in shown for row in whole)


def test_what_is_superseded_is_marked(run: Run, terminal: Run) -> None:
    line = ("search", "intrathecal", "methotrexate", "radiotherapy", "-k", "guideline")
    rows = run(*line, "--json").rows
    old = {row["id"] for row in rows if row["superseded"]}
    assert "dutch-lm-guideline.3" in old and "dutch-lm-guideline-2020.19" not in old
    drawn = terminal(80, *line).out
    assert all(f"{id_}°" in drawn or f"{id_}†°" in drawn for id_ in old)


def test_just_what_is_unknown_is_looked_for_in_another_spelling(base: sqlite3.Connection) -> None:
    assert suggest_spellings(base, "small cell lungg cancer", ["lungg"]) == ["lung"]
    assert "Small cell lung cancer" in suggest_spellings(base, "small cell lungg cancer")
