"""Python gives what the command line gives: the same rows, words, refusals and notes."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import os
import pickle
import re
import runpy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lmtx
from lmtx.query.filters import FILTERS
from support import BASE, ROOT, Answer, Lmtx

Run = Callable[..., Answer]


@pytest.fixture
def kb() -> Iterator[lmtx.Base]:
    with lmtx.open() as opened:
        yield opened


QUESTIONS: list[tuple[str, Callable[[lmtx.Base], lmtx.Rows[Any]]]] = [
    ("list", lambda kb: kb.treatments()),
    (
        "list --tumor melanoma --min-level III",
        lambda kb: kb.treatments(tumor="melanoma", min_level="iii"),
    ),
    (
        "list --class immunotherapy -c radiation --mixed --sort patients --limit 4",
        lambda kb: kb.treatments(
            class_=["immunotherapy", "radiation"], mixed=True, sort="patients", limit=4
        ),
    ),
    (
        "list --biomarker HER2+ --route intrathecal --reverse",
        lambda kb: kb.treatments(biomarker="HER2+", route="intrathecal", reverse=True),
    ),
    (
        "list --target EGFR --verified --since 2015",
        lambda kb: kb.treatments(target="EGFR", verified=True, since=2015),
    ),
    (
        "evidence --tumor lung --endpoint overall-survival --min-n 20 --sort n --limit 5",
        lambda kb: kb.evidence(tumor="lung", endpoint="OS", min_n=20, sort="n", limit=5),
    ),
    (
        "evidence --design randomized --direction benefit --direction mixed",
        lambda kb: kb.evidence(design="randomised", direction=("benefit", "mixed")),
    ),
    (
        "evidence --class chemotherapy --level II --sort citation --reverse --limit 7",
        lambda kb: kb.evidence(
            drug_class="chemotherapy", level="II", sort="citation", reverse=True, limit=7
        ),
    ),
    ("csf osimertinib methotrexate --lm", lambda kb: kb.csf("Tagrisso", "methotrexate", lm=True)),
    (
        "csf --measure csf-plasma-ratio --class egfr-tki --sort year",
        lambda kb: kb.csf(measure="csf-plasma-ratio", class_="egfr-tki", sort="year"),
    ),
    (
        "guidelines --topic treatment --tumor breast",
        lambda kb: kb.guidelines(topic="treatment", tumor="breast"),
    ),
    (
        "guidelines --treatment whole-brain-radiotherapy --since 2017",
        lambda kb: kb.guidelines(treatment="whole-brain-radiotherapy", since=2017),
    ),
    ("trials --tumor nsclc --open", lambda kb: kb.trials(tumor="nsclc", open=True)),
    (
        "trials --phase 2 --status completed --treatment pemetrexed --treatment methotrexate",
        lambda kb: kb.trials(
            phase="Phase 2", status="completed", treatment=["pemetrexed", "methotrexate"]
        ),
    ),
    (
        "compare osimertinib pemetrexed --tumor nsclc",
        lambda kb: kb.compare("Tagrisso", "pemetrexed", tumor="nsclc"),
    ),
    (
        "search intrathecal pemetrexed --kind evidence --limit 3",
        lambda kb: kb.search("intrathecal pemetrexed", kind="evidence", limit=3),
    ),
    ("search hydrocephalus", lambda kb: kb.search("hydrocephalus")),
    ("tumors", lambda kb: kb.tumors()),
    ("classes", lambda kb: kb.classes()),
    ("levels", lambda kb: kb.levels()),
    ("fields csf", lambda kb: kb.fields("csf")),
    ("fields --values biomarkers", lambda kb: kb.biomarkers()),
    ("fields --values endpoints", lambda kb: kb.values("endpoints")),
]


@pytest.mark.parametrize(("line", "question"), QUESTIONS, ids=[line for line, _ in QUESTIONS])
def test_it_gives_the_rows_and_the_notes_of_the_command_line(
    run: Run, kb: lmtx.Base, line: str, question: Callable[[lmtx.Base], lmtx.Rows[Any]]
) -> None:
    rows = question(kb)
    told = run(*line.split(), "--json")
    assert rows and json.loads(json.dumps(rows.to_dicts())) == told.rows
    notes = [re.sub(r"--limit (\d+)", r"limit=\1", line) for line in told.err.splitlines()]
    notes = [re.sub(r"--(mixed|all|open)\b", r"\1=True", line).replace("--", "") for line in notes]
    assert notes[1:] == [f"lmtx: {note}" for note in rows.notes], "the first line counts the rows"


def test_it_takes_every_filter_of_the_command_line_by_its_name() -> None:
    names = {one.parameter.name for one in FILTERS.values()}
    with lmtx.open() as kb:
        assert names - {"country"} <= set(inspect.signature(kb.evidence).parameters)
        assert "country" in inspect.signature(kb.trials).parameters


def test_a_search_stops_where_that_of_the_command_line_stops() -> None:
    from lmtx.listings.search import USUAL_LIMIT

    with lmtx.open() as kb:
        assert len(kb.search("intrathecal")) == USUAL_LIMIT


def test_outcomes_are_the_figures_of_the_export(run: Run, kb: lmtx.Base) -> None:
    exported = json.loads(run("export", "--table", "outcomes").out)["outcomes"]
    mine = kb.outcomes().to_dicts()

    def key(row: dict[str, Any]) -> str:
        return json.dumps(row, sort_keys=True)

    assert sorted(map(key, mine)) == sorted(map(key, exported))


def test_outcomes_keep_to_the_filters(kb: lmtx.Base) -> None:
    rows = kb.outcomes(endpoint="overall-survival", tumor="melanoma")
    assert rows and {row.endpoint for row in rows} == {"overall-survival"}
    told = [
        (row.id, figure["value"], figure["ci"], figure["scope"])
        for row in kb.evidence(endpoint="OS", tumor="melanoma")
        for figure in row.outcomes
    ]
    assert [
        (
            row.evidence,
            row.value,
            [end for end in (row.ci_low, row.ci_high) if end is not None],
            row.scope,
        )
        for row in rows
    ] == told
    reached = [row.value for row in kb.outcomes(endpoint="OS") if row.value is not None]
    assert [row.value for row in kb.outcomes(endpoint="OS", sort="value", limit=3)] == sorted(
        reached, reverse=True
    )[:3]


def test_studies_are_all_or_those_with_rows_under_the_filters(kb: lmtx.Base) -> None:
    every = kb.studies()
    some = kb.studies(tumor="melanoma", class_="immunotherapy")
    rows = kb.evidence(tumor="melanoma", class_="immunotherapy")
    assert {row.id for row in some} == {row.study for row in rows} and sum(
        row.rows for row in some
    ) == len(rows)
    assert {row.id for row in some} < {row.id for row in every} and [
        row.id for row in every
    ] == sorted(row.id for row in every)
    assert any(row.rows == 0 for row in every) and not any(row.rows == 0 for row in some)
    record = kb.study(some[0].id).record
    assert {name: value for name, value in some[0]._asdict().items() if name != "rows"} == {
        name: record[name] for name in some[0]._fields if name != "rows"
    }


@pytest.mark.parametrize(
    ("question", "error", "said", "hint"),
    [
        (
            lambda kb: kb.treatments(tumor="melanom"),
            lmtx.UsageError,
            "tumor: no tumor 'melanom'",
            "did you mean melanoma",
        ),
        (
            lambda kb: kb.treatments(tumr="melanoma"),
            TypeError,
            "no filter 'tumr'; did you mean 'tumor'?",
            None,
        ),
        (
            lambda kb: kb.treatments(colour="red"),
            TypeError,
            "no filter 'colour'; there are: all, tumor, drug_class",
            None,
        ),
        (
            lambda kb: kb.treatments(class_="radiation", drug_class="chemotherapy"),
            lmtx.UsageError,
            "are the same filter",
            "give one of them",
        ),
        (
            lambda kb: kb.treatments(tumor=3),
            lmtx.UsageError,
            "tumor: 3 is not a word",
            "give a string, or several in a list",
        ),
        (
            lambda kb: kb.treatments(tumor=["breast", None]),
            lmtx.UsageError,
            "tumor: None is not a word",
            "give a string, or several in a list",
        ),
        (
            lambda kb: kb.treatments(min_level=["II", "III"]),
            lmtx.UsageError,
            "min_level: ['II', 'III'] is not a word",
            "give a string",
        ),
        (
            lambda kb: kb.treatments(min_n=-1),
            lmtx.UsageError,
            "min_n: -1 is not a whole number from 0 on",
            "",
        ),
        (lambda kb: kb.treatments(min_n=2**70), lmtx.UsageError, "is not a whole number", ""),
        (
            lambda kb: kb.treatments(min_n=True),
            lmtx.UsageError,
            "min_n: True is not a whole number",
            "",
        ),
        (
            lambda kb: kb.treatments(since=20),
            lmtx.UsageError,
            "since: 20 is not a whole number from 1900 to 2100",
            "",
        ),
        (
            lambda kb: kb.treatments(verified="yes"),
            lmtx.UsageError,
            "verified: 'yes' is neither True nor False",
            "",
        ),
        (
            lambda kb: kb.treatments(limit=0),
            lmtx.UsageError,
            "limit: 0 is not a whole number from 1 on",
            "",
        ),
        (
            lambda kb: kb.evidence(limit="3"),
            lmtx.UsageError,
            "limit: '3' is not a whole number",
            "",
        ),
        (
            lambda kb: kb.treatments(sort="size"),
            lmtx.UsageError,
            "sort: list has no field 'size'",
            None,
        ),
        (
            lambda kb: kb.csf(tumor=["breast"]),
            lmtx.UsageError,
            "tumor: drug levels are not filed by tumor",
            None,
        ),
        (
            lambda kb: kb.guidelines(level="I"),
            lmtx.UsageError,
            "level: every guideline prints levels of its own kind",
            None,
        ),
        (
            lambda kb: kb.trials(verified=True),
            lmtx.UsageError,
            "verified: a trial is shown as its registry showed it",
            None,
        ),
        (
            lambda kb: kb.compare("osimertinib"),
            lmtx.UsageError,
            "1 treatment to compare",
            "name two to 6 different ones",
        ),
        (
            lambda kb: kb.compare(),
            lmtx.UsageError,
            "0 treatments to compare",
            "name two to 6 different ones",
        ),
        (lambda kb: kb.search(" … "), lmtx.UsageError, "text: nothing to look for", None),
        (
            lambda kb: kb.search("shunt", kind="paper"),
            lmtx.UsageError,
            "kind: no such value 'paper'",
            None,
        ),
        (
            lambda kb: kb.search(["intrathecal", "pemetrexed"]),
            lmtx.UsageError,
            "text: ['intrathecal', 'pemetrexed'] is not a word",
            "give a string",
        ),
        (lambda kb: kb.values(None), lmtx.UsageError, "kind: None is not a word", "give a string"),
        (lambda kb: kb.fields(5), lmtx.UsageError, "listing: 5 is not a word", "give a string"),
        (lambda kb: kb.fields(""), lmtx.UsageError, "listing: the word is empty", "give None"),
        (
            lambda kb: kb.treatments(min_level=""),
            lmtx.UsageError,
            "min_level: the word is empty",
            "give None",
        ),
        (
            lambda kb: kb.treatments(tumor=["breast", " "]),
            lmtx.UsageError,
            "tumor: the word is empty",
            "give None",
        ),
        (lambda kb: kb.treatments(sort=""), lmtx.UsageError, "sort: the word is empty", None),
        (lambda kb: kb.evidence(sort=5), lmtx.UsageError, "sort: 5 is not a word", None),
        (
            lambda kb: kb.evidence(sort=["n"], reverse=True),
            lmtx.UsageError,
            "sort: ['n'] is not a word",
            None,
        ),
        (lambda kb: kb.values("colours"), lmtx.UsageError, "kind: no such value 'colours'", None),
        (
            lambda kb: kb["osimertinb"],
            lmtx.UnknownRecord,
            "nothing is known as 'osimertinb'",
            "did you mean osimertinib",
        ),
        (
            lambda kb: kb["immunotherapy"],
            lmtx.UnknownRecord,
            "nothing is known as 'immunotherapy'",
            "'immunotherapy' is a class: immunotherapy",
        ),
        (
            lambda kb: kb.study("osimertinib"),
            lmtx.UnknownRecord,
            "nothing is known as 'osimertinib'",
            "'osimertinib' is a treatment: osimertinib",
        ),
        (lambda kb: kb[0], lmtx.UnknownRecord, "0 is not a name", None),
        (lambda kb: list(kb), TypeError, "not iterable", None),
    ],
)
def test_what_does_not_exist_is_named_with_what_to_try(
    kb: lmtx.Base,
    question: Callable[[Any], Any],
    error: type[Exception],
    said: str,
    hint: str | None,
) -> None:
    with pytest.raises(error) as caught:
        question(kb)
    assert said in str(caught.value)
    if hint is not None:
        assert hint in caught.value.hint  # type: ignore[attr-defined]
        assert getattr(caught.value, "__notes__", []) == (
            [caught.value.hint] if caught.value.hint else []
        )  # type: ignore[attr-defined]


def test_any_number_of_hits_may_be_asked_for(kb: lmtx.Base) -> None:
    assert kb.search("osimertinib", limit=2**63 - 1) == kb.search("osimertinib", limit=10_000)


def test_no_value_is_no_filter(kb: lmtx.Base) -> None:
    assert kb.treatments(tumor=None, class_=None, min_n=None, level=[]) == kb.treatments()
    assert kb.csf(measure=None, tumor=None) == kb.csf()


@pytest.mark.parametrize(
    "name",
    [
        "Tagrisso",
        "35802849",
        "yang-2022-pcsi.1",
        "NCT06500481",
        "melanoma",
        "tumor:melanoma",
        "guideline:dutch-lm-guideline",
    ],
)
def test_a_card_is_that_of_show(run: Run, kb: lmtx.Base, name: str) -> None:
    card = kb[name]
    [shown] = run("show", name, "--json").rows
    assert json.loads(json.dumps(kb.show(name))) == shown and (card.kind, card.id) == (
        shown["kind"],
        shown["id"],
    )
    assert pickle.loads(pickle.dumps(card)) == card
    typed: dict[str, Callable[[str], Any]] = {
        "treatment": kb.treatment,
        "tumor": kb.tumor,
        "study": kb.study,
        "trial": kb.trial,
        "guideline": kb.guideline,
    }
    assert typed[card.kind](card.id) == card


def test_every_kind_of_card_has_a_method_of_its_own() -> None:
    with lmtx.open(BASE) as base:
        for name, kind in (
            ("examplinib", "treatment"),
            ("north", "tumor"),
            ("doe-2020", "study"),
            ("NCT00000001", "trial"),
            ("society-2022", "guideline"),
        ):
            assert getattr(base, kind)(name).kind == kind


def test_a_base_knows_what_it_holds(kb: lmtx.Base) -> None:
    assert (
        "Tagrisso" in kb and "nobody-knows" not in kb and "immunotherapy" not in kb and 7 not in kb
    )
    assert kb.get("nobody-knows") is None and kb.get("nobody-knows", "nothing") == "nothing"
    found = kb.get("Tagrisso")
    assert found is not None and found.id == "osimertinib"


def test_an_unknown_name_is_a_key_error_and_survives_pickling(kb: lmtx.Base) -> None:
    with pytest.raises(KeyError) as caught:
        kb["nobody-knows"]
    assert isinstance(caught.value, lmtx.NotFound) and isinstance(caught.value, lmtx.LmtxError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), again.hint) == (
        lmtx.UnknownRecord,
        "nothing is known as 'nobody-knows'",
        caught.value.hint,
    )  # type: ignore[attr-defined]


def test_a_base_says_which_data_it_holds(run: Run, kb: lmtx.Base) -> None:
    about = {row["key"]: row["value"] for row in run("info", "--json").rows}
    assert (kb.version, kb.as_of, kb.sha256, kb.disclaimer, kb.path) == tuple(
        about[key] for key in ("version", "as_of", "sha256", "disclaimer", "index")
    )
    assert (
        repr(kb)
        == f"<lmtx {lmtx.__version__}: data {kb.version} of {kb.as_of}, {about['treatments']} treatments, {about['studies']} studies, {about['evidence_rows']} rows of evidence>"
    )


def test_a_closed_base_says_so_and_its_rows_stay(kb: lmtx.Base) -> None:
    rows = kb.treatments(tumor="melanoma")
    kb.close()
    kb.close()
    assert rows[0].id and rows.caveat and "closed" in repr(kb)
    with pytest.raises(lmtx.UsageError, match="the base is closed"):
        kb.treatments()


def test_threads_share_a_base(kb: lmtx.Base) -> None:
    tumors = ["melanoma", "breast", "nsclc", "lung"] * 3
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda tumor: kb.treatments(tumor=tumor), tumors))
    assert found == [kb.treatments(tumor=tumor) for tumor in tumors]


# What may be opened


def test_a_folder_is_compiled_and_opened() -> None:
    with lmtx.open(BASE) as base, lmtx.open(str(BASE)) as again:
        assert [row.id for row in base.treatments(tumor="north")] == [
            row.id for row in again.treatments(tumor="north")
        ]
        assert "examplinib" in base


def test_own_records_are_laid_over_it(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "house.toml"
    own.write_text(
        '[[tumor]]\nid = "melanoma"\nextend = true\naliases = ["house tumour"]\n', encoding="utf-8"
    )
    for given in (own, str(own), [own]):
        with lmtx.open(with_=given) as base:
            assert base.own_records == ("house",)
            assert base.treatments(tumor="house tumour") == base.treatments(tumor="melanoma")
    with lmtx.open() as base, pytest.raises(lmtx.UsageError, match="house tumour"):
        assert base.own_records == ()
        base.treatments(tumor="house tumour")
    assert [
        row["id"]
        for row in run("list", "--with", str(own), "--tumor", "house tumour", "--json").rows
    ]


def test_the_index_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from lmtx import index
    from lmtx.index import cache

    opened = []
    once = index.connect_index
    for room in (index, cache):
        monkeypatch.setattr(room, "connect_index", lambda path: opened.append(path) or once(path))
    with lmtx.open() as bundled, lmtx.open(BASE) as folder:
        assert opened == [Path(bundled.path), Path(folder.path)]


def test_a_base_without_a_cache_is_shared_by_threads_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with lmtx.open(BASE) as base, ThreadPoolExecutor(2) as pool:
        assert base.path == ":memory:"
        assert pool.submit(base.treatments).result() == base.treatments()
        with (
            pytest.raises(lmtx.DataError, match="cannot be read: attempt to write"),
            base._reading() as connection,
        ):
            connection.execute("delete from study")


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such folder"), (b"SQLite format 3\0", "not a folder")]
)
def test_what_is_no_base_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    place = tmp_path / "base.sqlite"
    if content:
        place.write_bytes(content)
    with pytest.raises(lmtx.DataError, match=said) as caught:
        lmtx.open(place)
    assert "a folder laid out like data/" in caught.value.hint


def test_a_folder_with_faults_tells_them_all(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(BASE, tmp_path / "data")
    study = tmp_path / "data" / "studies" / "doe-2020.toml"
    study.write_text(
        study.read_text(encoding="utf-8").replace('"phase-2"', '"phase-two"'), encoding="utf-8"
    )
    with pytest.raises(lmtx.DataError) as caught:
        lmtx.open(tmp_path / "data")
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        ("studies/doe-2020.toml", 13)
    ]


def test_a_damaged_index_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_CACHE_DIR", str(tmp_path))
    with lmtx.open(BASE) as base, pytest.raises(lmtx.DataError, match="the index cannot be read"):
        place = Path(base.path)
        content = place.read_bytes()
        with place.open("r+b") as file:  # in place, while it is open
            file.seek(4096)
            file.write(b"\xff" * (len(content) - 4096))
        for question in (base.treatments, base.evidence, base.studies, base.tumors):
            question()


# Typing and start


def test_importing_lmtx_imports_nothing_of_it(lmtx: Lmtx) -> None:
    code = (
        "import sys; before = set(sys.modules); import lmtx; print(sorted(name for name in "
        "set(sys.modules) - before if name.startswith(('lmtx', 'sqlite3', 'pydantic', 'pandas'))))"
    )
    assert (
        lmtx.python(code, env={"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}).out
        == "['lmtx']\n"
    )


def test_a_question_from_python_needs_neither_typer_nor_pydantic(lmtx: Lmtx) -> None:
    code = (
        "import sys, lmtx; lmtx.open().treatments(tumor='melanoma').to_dicts(); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'typer', 'rich', "
        "'pydantic', 'tomli', 'pandas'}))"
    )
    assert (
        lmtx.python(code, env={"COVERAGE_PROCESS_START": None, "COVERAGE_PROCESS_CONFIG": None}).out
        == "[]\n"
    )


def test_the_public_names_are_those_promised() -> None:
    for name in lmtx.__all__:
        assert getattr(lmtx, name) is not None and name in dir(lmtx)
    assert set(lmtx._PLACES) | {"__version__"} == set(lmtx.__all__)
    with pytest.raises(AttributeError, match="module 'lmtx' has no attribute 'shut'"):
        _ = lmtx.shut


SCRIPT = """
import lmtx
with lmtx.open() as base:
    for row in base.treatments(tumor=["melanoma", "breast"], min_n=5):
        reveal_type(row.patients)
    reveal_type(base.evidence(class_="radiation")[:2])
    reveal_type(base.treatment("osimertinib").overview)
    base.treatments(tumour="melanoma")
"""


@pytest.mark.ci
def test_a_type_checker_knows_rows_and_filters(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    if not Path(inspect.getfile(lmtx.Base)).with_suffix(".pyi").exists():
        pytest.skip("a checkout has no stub: the wheel carries it")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    out, _, _ = api.run(
        [
            "--strict",
            "--no-error-summary",
            "--cache-dir",
            str(tmp_path / "cache"),
            str(tmp_path / "script.py"),
        ]
    )
    told = [line.partition("script.py:")[2] for line in out.splitlines() if "script.py:" in line]
    assert told[0] == '5: note: Revealed type is "int | None"', out
    assert "lmtx.api.rows.Rows[" in told[1] and "lmtx.query.evidence.EvidenceRow" in told[1], out
    assert "lmtx.query.list.TreatmentRow" in told[2], out
    assert told[3].startswith('8: error: Unexpected keyword argument "tumour"'), out


TYPED = """
from lmtx.query.comparisons import ComparisonRow
from lmtx.query.evidence import EvidenceRow

def read(row: EvidenceRow, comparison: ComparisonRow) -> None:
    for o in row.outcomes:
        reveal_type(o["value"])
        o["unti"]
    comparison.effects[0]["favors"]
    row.given[0]["rout"]
"""


@pytest.mark.ci
def test_a_type_checker_knows_the_keys_of_a_figure(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    (tmp_path / "script.py").write_text(TYPED, encoding="utf-8")
    cache = str(tmp_path / "cache")
    options = ["--strict", "--no-error-summary", "--cache-dir", cache]
    out, _, _ = api.run([*options, str(tmp_path / "script.py")])
    told = [line.partition("script.py:")[2] for line in out.splitlines() if "script.py:" in line]
    told = [line for line in told if "Did you mean" not in line]
    assert told[0] == '7: note: Revealed type is "float | None"', out
    assert told[1].startswith('8: error: TypedDict "OutcomeRecord" has no key "unti"'), out
    assert told[2].startswith('9: error: TypedDict "EffectRecord" has no key "favors"'), out
    assert told[3].startswith('10: error: TypedDict "GivenRecord" has no key "rout"'), out


def test_typed_records_have_the_keys_that_records_have(kb: lmtx.Base) -> None:
    """Declared beside the model, which no look-up imports, and held against what is there."""
    from typing import get_type_hints

    from lmtx.model.records import EffectRecord, GivenRecord, OutcomeRecord

    rows = kb.evidence()
    with kb._reading() as connection:
        effects = [
            effect
            for (text,) in connection.execute("select record from comparison")
            for effect in json.loads(text)["effects"]
        ]
    records: list[tuple[type, list[Any]]] = [
        (OutcomeRecord, [one for row in rows for one in row.outcomes]),
        (GivenRecord, [one for row in rows for one in row.given]),
        (EffectRecord, effects),
    ]
    for declared, found in records:
        hints = get_type_hints(declared)
        assert len(found) > 100
        for one in found:
            assert list(one) == list(hints), declared
            for name, value in one.items():
                kinds = getattr(hints[name], "__args__", (hints[name],))
                assert (
                    isinstance(value, list)
                    or type(value) in kinds
                    or (type(value) is int and float in kinds)
                ), (declared, name, value)


def test_a_notebook_shows_a_card(kb: lmtx.Base) -> None:
    """With its figures, the day of the data and nothing that the data could run; a copy that was
    changed has no answer around it."""
    for name in ("osimertinib", "melanoma", "boogerd-2004", "NCT06500481", "dutch-lm-guideline"):
        card: Any = kb[name]
        shown = card._repr_html_()
        assert f"<h3>{card.id}" in shown or f"<small>{card.id}</small>" in shown, name
        assert f"Data {kb.version}, {kb.as_of}" in shown and "lmtx " not in shown
        assert "<script" not in shown and pickle.loads(pickle.dumps(card))._repr_html_() == shown
    assert "OS 13.7 months" in kb["osimertinib"]._repr_html_()  # type: ignore[union-attr]
    assert card._replace(id="other")._repr_html_() is None


def test_markup_in_a_record_stays_text_in_a_card() -> None:
    from lmtx.api.cards import render_html_card
    from lmtx.render import Envelope
    from lmtx.render.show import CardBlock

    blocks = [
        CardBlock(kind, "<b>x</b>", "<i>", "javascript:alert(1)")
        for kind in ("title", "heading", "line", "figure", "foot", "reference")
    ]
    about = Envelope("0", {"version": "<s>", "as_of": "2026-11-28"}, "", {})
    shown = "".join(render_html_card(blocks, about))
    assert "<b>x" not in shown and "<i>" not in shown and "<s>" not in shown
    assert "javascript:" not in shown and shown.count("&lt;b&gt;x") == len(blocks)


def test_help_names_every_filter_with_what_it_takes(kb: lmtx.Base) -> None:
    for name in ("evidence", "effects", "brief", "safety"):
        method = getattr(kb, name)
        for keyword in inspect.signature(method).parameters:
            assert re.search(rf"^{keyword}: \w", method.__doc__, re.M), (name, keyword)


def test_notes_speak_python(kb: lmtx.Base) -> None:
    """Whatever is asked, no note names an option or a command of the command line."""
    known = {row.id for row in kb.treatments(all=True)} - {row.id for row in kb.treatments()}
    asked = [
        kb.treatments(tumor="breast", since=2015, min_n=5, line="first", after="trastuzumab"),
        kb.evidence(treatment=min(known), tumor="melanoma"),
        kb.plot(endpoint="overall-survival", tumor="nsclc").rows,
        kb.effects(tumor="melanoma"),
        kb.search("intrathecal", limit=2),
        kb.trials(open=True, country="Europe"),
        kb.brief(tumor="breast", biomarker="her2"),
        kb.conflicts(tumor="breast"),
        kb.csf("osimertinib", lm=True, min_n=3),
        kb.map(tumor="melanoma"),
    ]
    notes = [note for rows in asked for note in rows.notes]
    assert len(notes) > 10
    assert not [note for note in notes if re.search(r"(^|\s)--?\w|\blmtx [a-z]", note)]


@pytest.mark.ci
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no process")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_of_a_process_whose_threads_are_busy_gets_its_answer(lmtx: Lmtx) -> None:
    program = """
import os, signal, threading, lmtx
base = lmtx.open()
expected, done = len(base.treatments()), threading.Event()
def ask():
    while not done.is_set():
        base.treatments()
threads = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
faults = []
for _ in range(8):
    child = os.fork()
    if not child:
        signal.alarm(20)
        found = len(base.treatments())
        with lmtx.open() as another:
            os._exit(0 if found == expected == len(another.treatments()) else 3)
    faults.append(os.waitpid(child, 0)[1])
done.set()
for thread in threads:
    thread.join()
assert not any(faults), faults
assert len(base.treatments()) == expected
"""
    answer = lmtx.python(program)
    assert answer.code == 0, answer.err


def test_the_stub_names_nothing_that_it_does_not_know() -> None:
    pytest.importorskip("hatchling")
    tree = ast.parse(runpy.run_path(str(ROOT / "build_index.py"))["write_stub"]())
    known = {*vars(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {one.name for one in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} <= known
