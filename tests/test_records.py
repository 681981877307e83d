"""Every record of `data/`, one test a publication: a failure names the record and the command that
shows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from lmtx.curation.file_schema import ANY_FILE_KIND, MODEL_OF_FILE_KIND, name_schema_file
from lmtx.index import open_index
from lmtx.model import schema, vocabulary
from lmtx.model.levels import level_of_group
from lmtx.model.schema import refuse_misleading_characters
from lmtx.query.resolve import KINDS_IN_LOOKUP_ORDER as RECORDS
from lmtx.query.resolve import resolve_record
from lmtx.query.show import card_as_json, load_card
from lmtx.render.text.formats import write_json_value
from lmtx.store.study_checks import is_share_of, study_faults
from support import DATA, Answer, check_each, raw_rows, study, study_names, toml
from toml_writer import written

Run = Callable[..., Answer]
FILES: dict[str, type[BaseModel]] = {
    "treatments.toml": schema.TreatmentsFile,
    "tumors.toml": schema.TumorsFile,
    "biomarkers.toml": schema.BiomarkersFile,
    "guidelines.toml": schema.GuidelinesFile,
    "trials.toml": schema.TrialsFile,
    "corrections.toml": schema.CorrectionsFile,
    **({"looked_for.toml": schema.LookedForFile} if (DATA / "looked_for.toml").exists() else {}),
}


def shown_by(name: str) -> str:
    return f"record {name}; see: lmtx show {name}"


def keys_in_order(model: type[BaseModel], table: dict[str, Any], place: str) -> Iterator[str]:
    """Yield a finding for every table whose keys do not stand in the order of the model's
    fields."""
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


def test_every_study(run: Run) -> None:
    """The file is in canonical form, survives the way through its model, can be shown with all its
    figures, and names the page on which they were read."""
    check_each(lambda name: check_study(run, name), study_names())


def check_study(run: Run, name: str) -> None:
    """Check one study file and what lmtx tells of it."""
    raw, where = study(name), shown_by(name)
    model = schema.StudyFile.model_validate(raw)
    assert raw["study"]["id"] == name, where
    assert list(keys_in_order(schema.StudyFile, raw, name)) == [], where
    assert tomli.loads(written(model)) == raw, where
    assert expected_levels(raw) == {row["id"]: row["level"] for row in shown_rows(run, name)}, where
    assert f'"id": "{name}"' in card(f"study:{name}"), where
    if raw["study"]["read_in"] != "recalled" and raw.get("evidence"):
        assert raw["study"].get("seen_at"), where


_ROWS: dict[str, list[dict[str, Any]]] = {}


def shown_rows(run: Run, name: str) -> list[dict[str, Any]]:
    """Return the rows of evidence of a study as lmtx tells them."""
    if not _ROWS:
        for row in run("evidence", "--json").rows:
            _ROWS.setdefault(row["study"], []).append(row)
    return _ROWS.get(name, [])


@cache
def connection() -> sqlite3.Connection:
    return open_index().connection


def card(name: str) -> str:
    """Return the card of a record as JSON."""
    match, _ = resolve_record(connection(), name, RECORDS)
    return write_json_value(card_as_json(load_card(connection(), match, date.today())))


def expected_levels(file: dict[str, Any]) -> dict[str, str | None]:
    """Return the level of every row, worked out from the file; no comparison of the base is
    large."""
    of, rows = file["study"], file.get("evidence", [])
    above = {row["row"]: row.get("within") for row in rows}
    allotted = {
        row
        for comparison in file.get("comparison", ())
        if comparison.get("randomized")
        for row in (comparison.get(key) for key in ("of", "against", "in"))
    }
    levels = {}
    for row in rows:
        design = row.get("design", of["design"])
        line = [row["row"]]
        while above.get(line[-1]) is not None:
            line.append(above[line[-1]])
        known = "n" in row or any("n" in given for given in row.get("given", ()))
        followed = design in vocabulary.UNPLANNED_DESIGNS or (
            design in vocabulary.RANDOMISED and not allotted & set(line)
        )
        levels[f"{of['id']}.{row['row']}"] = level_of_group(
            design,
            row.get("n", of.get("patients")),
            randomised=bool(allotted & set(line)),
            pools_randomised=of.get("pools_randomised"),
            part=followed and "within" in row and not known,
        )
    return levels


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
def test_every_other_record_can_be_shown(kind: str) -> None:
    file, _, key = kind.partition(":")
    for record in toml(file)[key]:
        assert f'"id": "{record["id"]}"' in card(f"{key}:{record['id']}"), shown_by(record["id"])


def test_every_word_of_the_data_is_known() -> None:
    """No design, endpoint, unit or route stands outside the vocabularies, and each is written as
    its id."""
    for row in raw_rows():
        assert row["of"]["design"] in vocabulary.DESIGNS, shown_by(row["of"]["id"])
        for outcome in row.get("outcome", ()):
            assert outcome["endpoint"] in vocabulary.ENDPOINTS, shown_by(row["of"]["id"])
            assert outcome["unit"] in vocabulary.UNITS, shown_by(row["of"]["id"])
        for one in row.get("given", ()):
            assert one["role"] in ("tested", "background"), shown_by(row["of"]["id"])
            assert set(one.get("routes", ())) <= set(vocabulary.ROUTES), shown_by(row["of"]["id"])


def test_no_file_stands_where_nothing_reads_it() -> None:
    found = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    schemas = {f"schema/{name_schema_file(kind)}" for kind in (*MODEL_OF_FILE_KIND, ANY_FILE_KIND)}
    assert found == set(FILES) | schemas | {f"studies/{name}.toml" for name in study_names()}


@given(
    st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.integers(0, 3),
)
def test_a_rounded_share_fits_its_counts(counts: tuple[int, int], decimals: int) -> None:
    events, total = counts
    assert is_share_of(events, total, round(100 * events / total, decimals))


@given(
    st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    st.floats(2.1, 90),
)
def test_a_share_two_percent_off_does_not(counts: tuple[int, int], off: float) -> None:
    events, total = counts
    assert not is_share_of(events, total, round(100 * events / total + off, 1))


def test_nothing_is_no_share() -> None:
    assert not is_share_of(0, 0, 0)


TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["C", "Zs", "Zl", "Zp", "Me", "Mn"],
        exclude_characters="\u2800\u115f\u1160\u3164\uffa0",
    ),
    min_size=1,
    max_size=20,
)
NUMBERS = st.integers(0, 10_000) | st.floats(0, 10_000, allow_nan=False).map(
    lambda value: round(value, 3)
)
ODD_TEXT = st.none() | TEXT
SLUGS = st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,20}\Z")
INTERVALS = st.just(()) | st.tuples(NUMBERS) | st.tuples(NUMBERS, NUMBERS)


def words_of(terms: dict[str, vocabulary.Term]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(terms))


OUTCOMES = st.builds(
    schema.Outcome,
    endpoint=words_of(vocabulary.ENDPOINTS), value=st.none() | NUMBERS, not_reached=st.booleans(),
    unit=words_of(vocabulary.UNITS), ci=INTERVALS, ci_upper=ODD_TEXT,
    ci_level=st.none() | st.sampled_from([80, 90, 99.5]), events=st.none() | st.integers(0, 99),
    total=st.none() | st.integers(0, 99), at=ODD_TEXT, p=ODD_TEXT, assessed_by=ODD_TEXT,
    group=ODD_TEXT, scope=words_of(vocabulary.SCOPES), follow_up=ODD_TEXT,
    time_zero=st.none() | words_of(vocabulary.TIME_ZEROS), as_printed=st.booleans(),
)  # fmt: skip
GIVEN = st.builds(
    schema.Given,
    treatment=SLUGS, role=words_of(vocabulary.ROLES), dose=ODD_TEXT,
    routes=st.lists(words_of(vocabulary.ROUTES), max_size=2), n=st.none() | st.integers(0, 999),
    n_unknown=st.booleans(), direction=st.none() | words_of(vocabulary.DIRECTIONS), note=ODD_TEXT,
)  # fmt: skip
ROWS = st.builds(
    schema.Evidence,
    row=st.integers(1, 99), tumors=st.lists(SLUGS, min_size=1, max_size=3),
    biomarkers=st.lists(SLUGS, max_size=2), setting=ODD_TEXT, n=st.none() | st.integers(0, 999),
    line=st.none() | words_of(vocabulary.LINES), after=st.lists(SLUGS, max_size=2),
    within=st.none() | st.integers(1, 9), stands=st.booleans(), mixed_with=ODD_TEXT,
    given_as=st.none() | words_of(vocabulary.GIVEN_AS), summary=TEXT, safety=ODD_TEXT,
    direction=st.none() | words_of(vocabulary.DIRECTIONS), given=st.lists(GIVEN, max_size=2),
    outcome=st.lists(OUTCOMES, max_size=3),
)  # fmt: skip
EFFECTS = st.builds(
    schema.Effect,
    endpoint=st.none() | words_of(vocabulary.ENDPOINTS), p=ODD_TEXT, ci=INTERVALS, note=ODD_TEXT,
    event=st.none() | words_of(vocabulary.ADVERSE_EVENTS), value=st.none() | NUMBERS,
    unit=words_of(vocabulary.EFFECT_UNITS), inverted=st.booleans(),
    favours=st.none() | words_of(vocabulary.FAVOURS),
)  # fmt: skip
COMPARISONS = st.builds(
    schema.Comparison,
    comparison=st.integers(1, 99), of=st.none() | st.integers(1, 9), of_group=ODD_TEXT,
    tests=st.lists(SLUGS, max_size=2), question=words_of(vocabulary.QUESTIONS),
    randomized=st.booleans(), effect=st.lists(EFFECTS, max_size=2),
    **{"in": st.none() | st.integers(1, 9)},
)  # fmt: skip
HARMS = st.builds(
    schema.Adverse,
    row=st.none() | st.integers(1, 9), event=words_of(vocabulary.ADVERSE_EVENTS),
    grade=st.none() | words_of(vocabulary.ADVERSE_GRADES), serious=st.booleans(),
    n=st.none() | st.integers(0, 99), value=st.none() | NUMBERS,
)  # fmt: skip


@given(st.lists(ROWS, max_size=2), st.lists(COMPARISONS, max_size=2), st.lists(HARMS, max_size=2))
def test_from_model_to_toml_and_back(
    rows: list[schema.Evidence],
    comparisons: list[schema.Comparison],
    harms: list[schema.Adverse],
) -> None:
    file = schema.StudyFile(
        study=schema.Study(id="x", design="phase-2", lm_only=True, read_in="abstract"),
        evidence=tuple(rows),
        comparison=tuple(comparisons),
        adverse=tuple(harms),
    )
    assert schema.StudyFile.model_validate(tomli.loads(written(file))) == file
    assert all(fault.what and fault.todo for fault in study_faults(file)), "no record is too odd"


@pytest.mark.parametrize(
    "sign",
    ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u034f", "\ufe0f", "\U000e0101", "\u180e",
     "\u180b", "\u00ad", "\u200b", "\u2066", "\ufeff", "\U000e0041", "e\u0301\u0302\u0303",
     "\u200c", "\u200d", "\u2065", "\ufff0", "\ufdd0", "\U0001fffe", "\U000e0fff",
     "1\u0336", "9\u0338", "\u20dd", "\u0488"],
)  # fmt: skip
def test_a_hidden_sign_is_refused(sign: str) -> None:
    """Nobody could see it, nor find the text by what is seen."""
    for text in (f"OS {sign}9", f"n{sign}/a"):
        with pytest.raises(ValueError, match=rf"character U\+{ord(sign[-1]):04X} is not allowed"):
            refuse_misleading_characters(text)


@pytest.mark.parametrize(
    "text",
    [
        "Zieliński",
        "須藤 淳",
        "Nguyễn",
        "e\u0302\u0301",
        "9·5 ≥ ½ 10⁻⁹",
        "می‌خواهم",
        "a\u00a0b",
        "ㅎㅏㄴ",
    ],
)
def test_a_seen_sign_is_taken(text: str) -> None:
    refuse_misleading_characters(text)
