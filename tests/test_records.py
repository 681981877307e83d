"""Every record of `data/`, one test a publication: a failure names the record and the command that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from lmtx.curation.json_schema import BASE, KINDS, file_name
from lmtx.model import schema, vocabulary
from lmtx.model.levels import level_of
from lmtx.store.checks import share_fits
from support import DATA, Answer, raw_rows, study, study_names, toml
from toml_writer import written

Run = Callable[..., Answer]
FILES: dict[str, type[BaseModel]] = {
    "treatments.toml": schema.TreatmentsFile,
    "tumors.toml": schema.TumorsFile,
    "biomarkers.toml": schema.BiomarkersFile,
    "guidelines.toml": schema.GuidelinesFile,
    "trials.toml": schema.TrialsFile,
    "corrections.toml": schema.CorrectionsFile,
}


def shown_by(name: str) -> str:
    return f"record {name}; see: lmtx show {name}"


def keys_in_order(model: type[BaseModel], table: dict[str, Any], place: str) -> Iterator[str]:
    """Yield a finding for every table whose keys do not stand in the order of the model's fields."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    order = [key for key in fields if key in table]
    if list(table) != order:
        yield f"{place}: keys stand as {list(table)}, the order is {order}"
    for key, value in table.items():
        below = model_inside(fields[key].annotation)
        if below:
            for number, one in enumerate(value if isinstance(value, list) else [value], start=1):
                yield from keys_in_order(below, one, f"{place}.{key}{number}")


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """Return the model in an annotation such as tuple[Outcome, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(
        (found for part in getattr(annotation, "__args__", ()) if (found := model_inside(part))),
        None,
    )


@pytest.mark.parametrize("name", study_names())
def test_study(name: str, run: Run) -> None:
    """The file is in canonical form, survives the way through its model, and can be shown with all its figures."""
    raw, where = study(name), shown_by(name)
    model = schema.StudyFile.model_validate(raw)
    assert raw["study"]["id"] == name, where
    assert list(keys_in_order(schema.StudyFile, raw, name)) == [], where
    assert tomli.loads(written(model)) == raw, where
    assert expected_levels(raw) == {row["id"]: row["level"] for row in shown_rows(run, name)}, where


_ROWS: dict[str, list[dict[str, Any]]] = {}


def shown_rows(run: Run, name: str) -> list[dict[str, Any]]:
    """Return the rows of evidence of a study as lmtx tells them."""
    if not _ROWS:
        for row in run("evidence", "--json").rows:
            _ROWS.setdefault(row["study"], []).append(row)
    return _ROWS.get(name, [])


def expected_levels(file: dict[str, Any]) -> dict[str, str | None]:
    """Return the level of every row, worked out from the file."""
    of, rows = file["study"], file.get("evidence", [])
    size = of.get("patients", max((row["n"] for row in rows if "n" in row), default=None))
    whole = of.get("level") or level_of(
        of["design"],
        size,
        stopped_early=of.get("stopped_early"),
        pools_randomised=of.get("pools_randomised"),
    )
    part = of["design"].startswith("retrospective") and "level" not in of
    return {
        f"{of['id']}.{row['row']}": row.get("level")
        or (level_of(of["design"], row.get("n", of.get("patients", size))) if part else whole)
        for row in rows
    }


@pytest.mark.parametrize("name", study_names())
def test_card(name: str, run: Run) -> None:
    answer = run("show", f"study:{name}", "--json")
    assert answer.code == 0, f"{shown_by(name)}: {answer.err}"


@pytest.mark.parametrize("name", FILES)
def test_file(name: str) -> None:
    model = FILES[name].model_validate(toml(name))
    assert list(keys_in_order(FILES[name], toml(name), name)) == []
    assert tomli.loads(written(model)) == toml(name)


@pytest.mark.parametrize(
    "kind",
    [
        "treatments.toml:treatment",
        "tumors.toml:tumor",
        "trials.toml:trial",
        "guidelines.toml:guideline",
    ],
)
def test_every_other_record_can_be_shown(run: Run, kind: str) -> None:
    file, _, key = kind.partition(":")
    for record in toml(file)[key]:
        answer = run("show", f"{key}:{record['id']}", "--json")
        assert answer.code == 0, f"{shown_by(record['id'])}: {answer.err}"


@pytest.mark.parametrize(
    "name", [name for name in study_names() if study(name)["study"]["read_in"] not in ("recalled",)]
)
def test_what_was_read_names_its_page(name: str) -> None:
    """A figure counts only with the page on which it was read."""
    if study(name).get("evidence"):
        assert study(name)["study"].get("seen_at"), shown_by(name)


def test_every_word_of_the_data_is_known() -> None:
    """No design, endpoint, unit or route stands outside the vocabularies, and each is written as its id."""
    for row in raw_rows():
        assert row["of"]["design"] in vocabulary.DESIGNS, shown_by(row["of"]["id"])
        for outcome in row.get("outcome", ()):
            assert (
                outcome["endpoint"] in vocabulary.ENDPOINTS and outcome["unit"] in vocabulary.UNITS
            ), shown_by(row["of"]["id"])


def test_no_file_stands_where_nothing_reads_it() -> None:
    found = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    schemas = {f"schema/{file_name(kind)}" for kind in (*KINDS, BASE)}
    assert found == set(FILES) | schemas | {f"studies/{name}.toml" for name in study_names()}


@given(
    st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.integers(0, 3),
)
def test_a_rounded_share_fits_its_counts(counts: tuple[int, int], decimals: int) -> None:
    events, total = counts
    assert share_fits(events, total, round(100 * events / total, decimals))


@given(
    st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.floats(2.1, 90),
)
def test_a_share_two_percent_off_does_not(counts: tuple[int, int], off: float) -> None:
    events, total = counts
    assert not share_fits(events, total, round(100 * events / total + off, 1))


def test_nothing_is_no_share() -> None:
    assert not share_fits(0, 0, 0)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=20,
)
NUMBERS = st.integers(0, 10_000) | st.floats(0, 10_000, allow_nan=False).map(
    lambda value: round(value, 3)
)
OUTCOMES = st.builds(
    schema.Outcome, endpoint=st.sampled_from(sorted(vocabulary.ENDPOINTS)), value=NUMBERS, unit=st.sampled_from(sorted(vocabulary.UNITS)),
    ci=st.just(()) | st.tuples(NUMBERS) | st.tuples(NUMBERS, NUMBERS), ci_upper=st.none() | TEXT, ci_level=st.none() | st.sampled_from([80, 90, 99.5]),
    events=st.none() | st.integers(0, 99), total=st.none() | st.integers(0, 99), at=st.none() | TEXT, versus=st.none() | TEXT, p=st.none() | TEXT,
    assessed_by=st.none() | TEXT, group=st.none() | TEXT, as_printed=st.booleans(),
)  # fmt: skip
SLUGS = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,20}\Z")
ROWS = st.builds(
    schema.Evidence, row=st.integers(1, 99), treatments=st.lists(SLUGS, min_size=1, max_size=3), tumors=st.lists(SLUGS, min_size=1, max_size=3), biomarkers=st.lists(SLUGS, max_size=2),
    setting=st.none() | TEXT, routes=st.lists(st.sampled_from(sorted(vocabulary.ROUTES)), max_size=2), dose=st.none() | TEXT, n=st.none() | st.integers(0, 999),
    within=st.none() | st.integers(1, 9), stands=st.booleans(), mixed_with=st.none() | TEXT, level=st.none() | st.sampled_from(sorted(vocabulary.LEVELS)), level_reason=st.none() | TEXT,
    direction=st.sampled_from(sorted(vocabulary.DIRECTIONS)), summary=TEXT, safety=st.none() | TEXT, outcome=st.lists(OUTCOMES, max_size=3),
)  # fmt: skip


@given(st.lists(ROWS, max_size=3))
def test_from_model_to_toml_and_back(rows: list[schema.Evidence]) -> None:
    file = schema.StudyFile(
        study=schema.Study(id="x", design="phase-2", lm_only=True, read_in="abstract"),
        evidence=tuple(rows),
    )
    assert schema.StudyFile.model_validate(tomli.loads(written(file))) == file
