"""`lmtx schema`: equal to the models, valid, committed, named in every data file; and every data
file fits it."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
import tomli

from lmtx.curation.file_schema import (
    ANY_FILE_KIND,
    MODEL_OF_FILE_KIND,
    find_vocabulary_name,
    list_vocabularies,
    make_json_schema,
    name_schema_file,
    write_json_schema,
    write_schema_comment,
)
from lmtx.model.vocabulary import ENDPOINTS
from lmtx.store.loading import list_data_files
from support import BASE as MADE_UP
from support import DATA, ROOT, Answer, check_each, study_names

jsonschema = pytest.importorskip("jsonschema")
Run = Callable[..., Answer]
REPAIR = "run: python docs/make_schema.py"
FILES = [path.relative_to(DATA).as_posix() for path in list_data_files(DATA)]


@cache
def validator(kind: str) -> Any:
    return jsonschema.Draft202012Validator(
        make_json_schema(kind), format_checker=jsonschema.FormatChecker()
    )


def as_json(value: Any) -> Any:
    """Return what tomli read with dates as text, as JSON has them."""
    return json.loads(
        json.dumps(value, default=lambda day: day.isoformat() if isinstance(day, date) else None)
    )


def kind_of(name: str) -> str:
    return "study" if name.startswith("studies/") else name.removesuffix(".toml")


def complaints(kind: str, text: str) -> list[str]:
    return [error.message for error in validator(kind).iter_errors(as_json(tomli.loads(text)))]


@pytest.mark.parametrize("kind", [*MODEL_OF_FILE_KIND, ANY_FILE_KIND])
def test_the_committed_schema_is_that_of_the_models(run: Run, kind: str) -> None:
    committed = (DATA / "schema" / name_schema_file(kind)).read_text(encoding="utf-8")
    assert committed == write_json_schema(kind), REPAIR
    assert run("schema", kind) == Answer(0, committed, "")
    assert json.loads(committed)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(json.loads(committed))


def test_no_schema_is_forgotten() -> None:
    assert {path.name for path in (DATA / "schema").iterdir()} == {
        name_schema_file(kind) for kind in (*MODEL_OF_FILE_KIND, ANY_FILE_KIND)
    }
    assert set(FILES) == {f"{kind}.toml" for kind in MODEL_OF_FILE_KIND if kind != "study"} | {
        f"studies/{name}.toml" for name in study_names()
    }


def test_every_data_file_fits_its_schema_and_names_it() -> None:
    check_each(check_file, FILES)


def check_file(name: str) -> None:
    text = (DATA / name).read_text(encoding="utf-8")
    first = text.split("\n", 1)[0]
    assert first == write_schema_comment(name), REPAIR
    assert (
        (DATA / name).parent / first.removeprefix("#:schema ")
    ).resolve() == DATA / "schema" / name_schema_file(kind_of(name))
    assert complaints(kind_of(name), text) == []


@pytest.mark.parametrize(
    "name", [path.relative_to(MADE_UP).as_posix() for path in list_data_files(MADE_UP)]
)
def test_the_schema_of_any_file_takes_every_kind(name: str) -> None:
    text = (MADE_UP / name).read_text(encoding="utf-8")
    assert complaints(ANY_FILE_KIND, text) == complaints(kind_of(name), text) == []


STUDY = '[study]\nid = "x"\ndesign = "phase-2"\nlm_only = true\nread_in = "abstract"\n'
EVIDENCE = (
    STUDY
    + '[[evidence]]\nrow = 1\ntumors = ["b"]\ndirection = "mixed"\nsummary = "So."\n'
    + '[[evidence.given]]\ntreatment = "a"\nrole = "tested"\n'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STUDY.replace("phase-2", "phase-two"), "'phase-two' is not one of"),
        (STUDY.replace("[study]", "[study]\ncolour = 1"), "'colour' was unexpected"),
        (STUDY.replace('design = "phase-2"\n', ""), "'design' is a required property"),
        (STUDY.replace('"x"', '"Not a slug"'), "does not match"),
        (STUDY.replace("[study]", '[study]\nyear = "2020"'), "is not of type 'integer'"),
        (EVIDENCE.replace('["b"]', "[]"), "should be non-empty"),
        (EVIDENCE.replace('"tested"', '"test"'), "'test' is not one of"),
        (EVIDENCE.replace("row = 1", "row = 0"), "less than the minimum"),
        (EVIDENCE + '[[evidence.outcome]]\nendpoint = "survival"\nvalue = 1\nunit = "months"\n', "'survival' is not one of"),
        (EVIDENCE + '[[evidence.outcome]]\nendpoint = "overall-survival"\nvalue = 1\nunit = "months"\nci = [1, 2, 3]\n', "is too long"),
    ],
)  # fmt: skip
def test_what_the_models_refuse_the_schema_refuses(text: str, said: str) -> None:
    """Each mistake is one complaint in the schema of studies, and the schema of any file does not
    take it either."""
    assert complaints("study", EVIDENCE) == []
    [message] = complaints("study", text)
    assert said in message
    assert complaints(ANY_FILE_KIND, text)


def test_a_word_carries_its_meaning_for_the_editor() -> None:
    endpoint = make_json_schema("study")["$defs"]["Outcome"]["properties"]["endpoint"]
    assert endpoint["enum"] == list(ENDPOINTS)
    assert endpoint["x-taplo"]["docs"]["enumValues"] == [
        term.meaning for term in ENDPOINTS.values()
    ]
    assert endpoint["description"] == "what was measured"
    assert (
        "x-taplo"
        not in make_json_schema("study")["$defs"]["Study"]["properties"]["pools_randomised"]
    )


def test_vocabularies_have_names() -> None:
    assert find_vocabulary_name(list(ENDPOINTS)) == "endpoints"
    assert find_vocabulary_name(["I", "II"]) == ""
    assert {"levels", "read-in", "topics", "fact-topics"} < set(list_vocabularies())
    assert "measure-units" not in list_vocabularies()


def test_toml_knows_no_null() -> None:
    for kind in (*MODEL_OF_FILE_KIND, ANY_FILE_KIND):
        assert '"null"' not in write_json_schema(
            kind
        ) and '"default": null' not in write_json_schema(kind)


def test_without_a_kind_it_is_that_of_any_file(run: Run) -> None:
    assert run("schema").out == write_json_schema(ANY_FILE_KIND)
    assert run("schema", "Studies").code == 2
    answer = run("schema", "trails")
    assert answer == Answer(2, "", "lmtx: KIND: no such value 'trails'; did you mean trials?\n")


def test_kinds_are_completed() -> None:
    from lmtx.cli.complete import complete_schema

    assert [name for name, _ in complete_schema("t")] == ["treatments", "tumors", "trials"]
    assert all(meaning and "`" not in meaning for _, meaning in complete_schema(""))
    assert [name for name, _ in complete_schema("")] == [*MODEL_OF_FILE_KIND, ANY_FILE_KIND]


def test_the_maker_finds_what_is_stale(tmp_path: Any) -> None:
    maker = runpy.run_path(str(ROOT / "docs" / "make_schema.py"))
    assert maker["stale"]() == {}, REPAIR
    import shutil

    shutil.copytree(MADE_UP, tmp_path / "data")
    maker["wanted"].__globals__["DATA"] = tmp_path / "data"
    found = maker["stale"]()
    study = tmp_path / "data" / "studies" / "doe-2020.toml"
    assert found[study] == "#:schema ../schema/study.schema.json\n\n" + study.read_text(
        encoding="utf-8"
    )
    assert found[tmp_path / "data" / "schema" / "base.schema.json"] == write_json_schema(
        ANY_FILE_KIND
    )
