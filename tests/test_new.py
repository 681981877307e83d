"""`lmtx new study`: a skeleton that explains itself and holds nothing that nobody gave."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli

from lmtx.curation.file_schema import write_study_skeleton
from lmtx.curation.formatter import format_data_file, list_model_fields
from lmtx.errors import UsageError
from lmtx.model import schema, vocabulary
from support import BASE, Answer

Run = Callable[..., Answer]
FILL = {
    "design": '"phase-2"', "lm_only": "true", "read_in": '"abstract"', "seen_at": '["https://example.org/new"]', "row": "1", "treatment": '"examplinib"', "role": '"tested"',
    "tumors": '["north"]', "direction": '"benefit"', "summary": '"Some responded."', "endpoint": '"overall-survival"', "value": "7.5", "unit": '"months"', "on": "2026-01-02",
}  # fmt: skip


MODELS: list[Any] = [
    schema.Study, schema.SecondRead, schema.Evidence, schema.Given, schema.Outcome,
    schema.Comparison, schema.Effect, schema.Adverse,
]  # fmt: skip
"""The tables of a skeleton, in their order."""
LEFT_OUT = ("#[[study.second_read", "#[[comparison", "#[[adverse")
"""Tables that the study of the test does not have."""


def filled(text: str, **more: str) -> str:
    """Return a skeleton with the required fields filled in and the rest deleted, as a curator
    would."""
    values = FILL | more
    lines = []
    left_out = False
    table = ""
    for line in text.splitlines():
        left_out = line.startswith(LEFT_OUT) or (left_out and not line.startswith("#[["))
        if left_out:
            continue
        table = line if line.lstrip("#").startswith("[") else table
        key = re.match(r"#?([a-z0-9_]+) =", line)
        if key and key[1] in ("read_in", "seen_at", "design") and table != "[study]":
            continue  # of a figure that was read elsewhere than its study, or a group of another design
        if key and key[1] == "direction" and table == "#[[evidence.given]]":
            continue  # of a treatment that points another way than its row
        if key and key[1] in values and line.startswith("#"):
            lines.append(f"{key[1]} = {values[key[1]]}")
        elif line.startswith("#[["):
            lines.append(line[1:])
        elif not line.startswith("#"):
            lines.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def test_nothing_is_filled_in_that_was_not_given() -> None:
    assert tomli.loads(write_study_skeleton({})) == {"study": {}}
    known = {
        "id": "doe-2024",
        "title": 'A "quoted" \\ title',
        "year": 2024,
        "nct": ["NCT00000009"],
        "design": "phase-2",
        "pmid": "1234",
    }
    assert tomli.loads(write_study_skeleton(known)) == {"study": known}


def test_every_field_is_there_in_order_with_its_meaning() -> None:
    text = write_study_skeleton({})
    keys = re.findall(r"^#?([a-z0-9_]+) =", text, re.M)
    tables = ("second_read", "given", "outcome", "effect")
    assert keys == [
        key for model in MODELS for key in list_model_fields(model) if key not in tables
    ]
    prose = " ".join(line[2:] for line in text.splitlines() if line.startswith("# "))
    for model in MODELS:
        for key, info in list_model_fields(model).items():
            if key in keys:
                assert f"{'required: ' if info.is_required() else ''}{info.description}" in prose, (
                    key
                )
    for words in (
        vocabulary.DESIGNS,
        vocabulary.ENDPOINTS,
        vocabulary.ROUTES,
        vocabulary.UNITS,
        vocabulary.DIRECTIONS,
        vocabulary.READ_IN,
    ):
        assert f"One of: {', '.join(words)}" in prose
    assert prose.count("see lmtx fields --values adverse-events") == 2
    assert vocabulary.UNDECIDED not in prose, "only an upgrade writes it"
    lines = [line for line in text.splitlines() if not line.startswith("#figures")]
    assert max(map(len, lines)) <= 80


def test_no_figure_can_slip_in_unread() -> None:
    """A number stands empty, so that a line whose # was taken away and nothing written is an error
    of its line, not a zero."""
    for line in write_study_skeleton({}).splitlines():
        if key := re.match(r"#([a-z0-9_]+) =(.*)$", line):
            assert key[2].strip() in ("", '""', "[]", "true") or key[1] == "figures", line
            if key[2].strip() == "true":
                fields = [list_model_fields(model).get(key[1]) for model in MODELS]
                assert any(field and field.default is False for field in fields), line


@pytest.mark.parametrize(
    "known",
    [{}, {"id": "doe-2024"}, {"id": "doe-2024", "title": "T", "design": "phase-2", "year": 2024}],
)
def test_a_skeleton_is_in_canonical_order(known: dict[str, Any]) -> None:
    assert format_data_file(write_study_skeleton(known), "doe-2024.toml") == write_study_skeleton(
        known
    )


def test_filled_in_it_validates(run: Run, tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path / "data")
    path = tmp_path / "data" / "studies" / "new-2024.toml"
    assert run("new", "study", "new-2024", "--year", "2024", "-o", str(tmp_path / "data")).code == 0
    assert run("validate", str(tmp_path / "data")).code == 3, "what is required is still missing"
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    answer = run("validate", str(tmp_path / "data"))
    assert answer.code == 0, answer.err
    assert run("fmt", "--check", str(path)).code == 0
    study = schema.StudyFile.model_validate(tomli.loads(path.read_text(encoding="utf-8")))
    assert study.evidence[0].outcome[0].value == 7.5 and study.study.year == 2024


def test_on_stdout_where_no_file_is_named(run: Run) -> None:
    answer = run(
        "new",
        "study",
        "--doi",
        "https://doi.org/10.1000/none.1",
        "--nct",
        "NCT99999998",
        "--first-author",
        "Doe J",
        "--journal",
        "J Example",
        "--design",
        "Phase 2",
    )
    assert (answer.code, answer.err) == (0, "")
    assert tomli.loads(answer.out) == {
        "study": {
            "doi": "10.1000/none.1",
            "nct": ["NCT99999998"],
            "first_author": "Doe J",
            "journal": "J Example",
            "design": "phase-2",
        }
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--pmid", "1001"),
            "--pmid: 1001 is the study doe-2020 already; lmtx show study:doe-2020 shows it; "
            "--force begins another",
        ),
        (("--doi", "doi:10.1000/doe"), "--doi: 10.1000/doe is the study doe-2020 already"),
        (
            ("--nct", "NCT00000001"),
            "--nct: NCT00000001 is the study doe-2020 already; lmtx show study:doe-2020 shows it; "
            "--force begins another, and name the one in overlaps",
        ),
        (("doe-2020",), "ID: doe-2020 is the study doe-2020 already"),
        (("--pmid", "x1"), "--pmid: string should match pattern"),
        (("Doe 2024",), "ID: string should match pattern"),
        (
            ("--year", "20"),
            "--year: input should be greater than or equal to 1940; write it like 2024",
        ),
        (("--title", " "), "--title: text must not be empty"),
        (("--design", "phas"), "--design: no such value 'phas'; did you mean phase-2"),
    ],
)
def test_what_is_known_or_cannot_be_is_refused(
    run: Run, base: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = run("new", "study", *arguments)
    assert (
        (answer.code, answer.out) == (2, "") and said in answer.err and answer.err.count("\n") == 1
    )


def test_force_begins_another_report(run: Run, base: Path) -> None:
    assert tomli.loads(run("new", "study", "--nct", "NCT00000001", "--force").out)["study"][
        "nct"
    ] == ["NCT00000001"]


def test_only_a_study_can_be_begun(run: Run) -> None:
    answer = run("new", "trial")
    assert answer.code == 2 and "KIND: no such value 'trial'; one of: study" in answer.err


def places(folder: Path) -> Iterator[str]:
    yield from sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    ("output", "made"),
    [
        ("records", "records/new-1.toml"),
        ("records/other.toml", "records/other.toml"),
        ("data", "data/studies/new-1.toml"),
    ],
)
def test_a_folder_names_the_file_by_the_id(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, made: str
) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "data" / "studies").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    answer = run("new", "study", "new-1", "-o", output)
    assert (answer.code, answer.out, answer.err) == (
        0,
        "",
        f"lmtx: {made}: fill it in, then: lmtx validate {made}\n",
    )
    assert list(places(tmp_path)) == [made]
    again = run("new", "study", "new-1", "-o", output)
    assert again.code == 3 and "--force replaces" in again.err
    assert run("new", "study", "new-1", "-o", output, "--force", "-q").err == ""


def test_a_folder_needs_a_name(run: Run, tmp_path: Path) -> None:
    answer = run("new", "study", "-o", str(tmp_path))
    assert (
        answer.code == 2
        and "is a folder, and the study has no name" in answer.err
        and not list(places(tmp_path))
    )


def test_a_value_that_no_option_gives_is_held_against_the_schema_too() -> None:
    with pytest.raises(UsageError, match="--pmcid: "):
        write_study_skeleton({"pmcid": "12"})
