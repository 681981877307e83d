"""`lmtx tumors`, `classes`, `levels` and `fields`: what may be asked for, with how much there is of
each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lmtx.cli.complete import complete_word
from lmtx.listings import load_listing
from lmtx.model import vocabulary
from lmtx.query.parameters import read_declared_parameters
from lmtx.query.vocabularies import LISTABLE_VOCABULARIES, sort_as_tree
from support import (
    FIELDS,
    Answer,
    at_or_below,
    class_of,
    is_mixed,
    raw_rows,
    study,
    study_names,
    toml,
)

Run = Callable[..., Answer]


def rows_of_tumor(tumor: str) -> list[dict[str, Any]]:
    """Return the rows of the data that `list --tumor` looks at: no mixed populations, but all of
    them for solid."""
    inside = at_or_below("tumor", tumor)
    return [
        row
        for row in raw_rows()
        if tumor == "solid" or (inside & set(row["tumors"]) and not is_mixed(row))
    ]


def test_every_tumor_is_listed_and_counted_as_the_data_say(run: Run) -> None:
    shown = {row["id"]: row for row in run("tumors", "--json").rows}
    nodes = {node["id"]: node for node in toml("tumors.toml")["tumor"]}
    assert shown.keys() == nodes.keys()
    facts = [(node["id"], fact) for node in nodes.values() for fact in node.get("fact", [])]
    for id_, node in nodes.items():
        row, inside, rows = shown[id_], at_or_below("tumor", id_), rows_of_tumor(id_)
        assert (row["label"], row["parent"], row["aliases"]) == (
            node["label"],
            node.get("parent"),
            node.get("aliases", []),
        )
        assert row["rows"] == len(rows), id_
        assert row["treatments"] == len(
            {treatment for evidence in rows for treatment in evidence["treatments"]}
        ), id_
        assert row["trials"] == sum(
            bool(inside & set(trial["tumors"])) for trial in toml("trials.toml")["trial"]
        ), id_
        assert row["facts"] == sum(
            bool(inside & set(fact.get("tumors", [under]))) for under, fact in facts
        ), id_


@pytest.mark.parametrize("tumor", ["melanoma", "lung", "solid"])
def test_a_tumor_is_counted_as_list_counts_it(run: Run, tumor: str) -> None:
    row = next(row for row in run("tumors", "--json").rows if row["id"] == tumor)
    tested = {one["id"]: one["treatments"] for one in raw_rows()}
    rows = run("evidence", "--tumor", tumor, "--json").rows
    assert row["treatments"] == len(
        {treatment for found in rows for treatment in tested[found["id"]]}
    )
    assert row["rows"] == len(run("evidence", "--tumor", tumor, "--json").rows)
    trials = [
        trial
        for trial in run("trials", "--tumor", tumor, "--json").rows
        if at_or_below("tumor", tumor) & {*trial["tumors"]}
    ]
    assert row["trials"] == len(trials)


def test_every_class_is_listed_and_counted_as_the_data_say(run: Run) -> None:
    shown = {row["id"]: row for row in run("classes", "--json").rows}
    nodes = {node["id"]: node for node in toml("treatments.toml")["class"]}
    assert shown.keys() == nodes.keys()
    for id_, node in nodes.items():
        row, inside = shown[id_], at_or_below("class", id_)
        assert (row["label"], row["parent"], row["definition"]) == (
            node["label"],
            node.get("parent"),
            node.get("definition"),
        )
        assert row["path"].endswith(node["label"])
        assert row["treatments"] == sum(
            drug_class in inside for drug_class in class_of().values()
        ), id_
        levels = (
            [
                found["level"]
                for found in run("list", "--class", id_, "--json").rows
                if found["level"]
            ]
            if row["treatments"]
            else []
        )
        assert row["level"] == (
            min(levels, key=list(vocabulary.LEVELS).index) if levels else None
        ), id_


def test_a_tree_is_drawn_by_indentation_and_a_sorted_list_flat(terminal: Run) -> None:
    lines = terminal(80, "tumors").out.splitlines()
    assert [line for line in lines if line.startswith("  lung ")]
    assert [line for line in lines if line.startswith("    nsclc ")]
    above = next(i for i, line in enumerate(lines) if line.startswith("  lung "))
    assert lines[above + 1].startswith("    nsclc ") and lines[above + 2].startswith("    sclc ")
    for flat in (("--sort", "patients"), ("--reverse",)):
        assert [
            line
            for line in terminal(80, "tumors", *flat).out.splitlines()
            if line.startswith("nsclc ")
        ]
        assert [
            line
            for line in terminal(80, "classes", *flat).out.splitlines()
            if line.startswith("egfr-tki ")
        ]
    assert [
        line
        for line in terminal(160, "classes").out.splitlines()
        if line.startswith("    pd-1-pd-l1-inhibitor ")
    ]


def test_classes_are_counted_in_english(run: Run) -> None:
    assert f"lmtx: {len(toml('treatments.toml')['class'])} classes\n" in run("classes").err


def test_a_tree_keeps_every_node_once() -> None:
    parents = {"b": None, "a": None, "d": "a", "c": "a", "e": "c"}
    assert sort_as_tree(parents) == ["a", "c", "e", "d", "b"]


def test_levels_add_up_to_all_publications_and_rows(run: Run) -> None:
    rows = run("levels", "--json").rows
    assert [row["level"] for row in rows] == [*vocabulary.LEVELS, None]
    assert sum(row["publications"] for row in rows) == len(study_names())
    assert sum(row["rows"] for row in rows) == len(raw_rows())
    levels = [found["level"] for found in run("evidence", "--json").rows]
    assert {row["level"]: row["rows"] for row in rows} == {
        level: levels.count(level) for level in [*vocabulary.LEVELS, None]
    }
    assert all(row["studies"] <= row["rows"] for row in rows)
    assert {study(name)["study"]["design"] for name in study_names()} <= {
        design for row in rows for design in row["designs"]
    }
    single_arm = next(row for row in rows if row["level"] == "III")
    assert "phase-2" in single_arm["designs"]


@pytest.mark.parametrize("columns", [80, 160])
def test_levels_are_explained_whole(terminal: Run, columns: int) -> None:
    out = terminal(columns, "levels").out
    assert all(len(line) <= columns for line in out.splitlines())
    assert "…" not in out and "none " in out


def test_fields_of_every_listing_have_type_and_meaning(run: Run) -> None:
    rows = run("fields", "--json").rows
    assert [(row["listing"], row["field"], row["meaning"]) for row in rows] == [
        (name, field, meaning)
        for name, fields in FIELDS.items()
        for field, meaning in fields.items()
    ]
    types = {(row["listing"], row["field"]): row["type"] for row in rows}
    assert types["evidence", "n"] == "integer or null"
    assert types["evidence", "outcomes"] == "list of objects"
    assert types["csf", "value"] == "number or null"
    assert types["list", "targets"] == "list of strings"
    assert types["list", "specified"] == "boolean"
    assert types["info", "value"] == "string or integer"


_JSON = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "list": list,
    "object": dict,
}


@pytest.mark.parametrize(
    "listing",
    [
        "list",
        "evidence",
        "csf",
        "guidelines",
        "trials",
        "tumors",
        "classes",
        "levels",
        "info",
        "fields",
    ],
)
def test_a_field_has_the_type_that_is_told(run: Run, listing: str) -> None:
    types = {
        row["field"]: row["type"].split(" or ") for row in run("fields", listing, "--json").rows
    }
    rows = run(listing, "--json").rows
    assert list(rows[0]) == list(types)
    for row in rows:
        for field, value in row.items():
            assert any(isinstance(value, _JSON[type_.split()[0]]) for type_ in types[field]), (
                field,
                value,
            )


def test_one_listing_is_enough(run: Run, terminal: Run) -> None:
    assert {row["listing"] for row in run("fields", "csf", "--json").rows} == {"csf"}
    assert all(len(line) <= 80 for line in terminal(80, "fields").out.splitlines())
    wrong = run("fields", "guideline")
    assert wrong.code == 2
    assert "did you mean guidelines" in wrong.err
    both = run("fields", "csf", "--values", "routes")
    assert (both.code, both.out) == (2, "")


@pytest.mark.parametrize("kind", LISTABLE_VOCABULARIES)
def test_the_words_of_a_vocabulary_can_be_listed(run: Run, terminal: Run, kind: str) -> None:
    rows = run("fields", "--values", kind, "--json").rows
    assert rows
    assert {row["kind"] for row in rows} == {kind}
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["label"] for row in rows)
    table = terminal(80, "fields", "--values", kind)
    assert table.code == 0
    assert all(len(line) <= 80 for line in table.out.splitlines())


def test_words_are_counted_as_the_data_say(run: Run) -> None:
    def counts(kind: str) -> dict[str, int]:
        return {
            row["id"]: row["rows"]
            for row in run("fields", "--values", kind, "--json").rows
            if row["rows"]
        }

    rows = raw_rows()
    targets = {
        item["id"]: {target.casefold().replace("-", "") for target in item.get("targets", [])}
        for item in toml("treatments.toml")["treatment"]
    }
    assert counts("routes") == Counter(route for row in rows for route in set(row["routes"]))
    assert counts("designs") == Counter(row["lm_design"] for row in rows)
    assert counts("endpoints") == Counter(endpoint for row in rows for endpoint in row["endpoints"])
    assert counts("units") == Counter(
        unit for row in rows for unit in {outcome["unit"] for outcome in row.get("outcome", [])}
    )
    assert counts("directions") == Counter(row["direction"] for row in rows if "direction" in row)
    assert counts("read-in") == Counter(row["of"]["read_in"] for row in rows)
    assert counts("measures") == Counter(
        level["measure"]
        for item in toml("treatments.toml")["treatment"]
        for level in item.get("csf", [])
    )
    assert counts("statuses") == Counter(trial["status"] for trial in toml("trials.toml")["trial"])
    assert counts("phases") == Counter(
        trial["phase"] for trial in toml("trials.toml")["trial"] if "phase" in trial
    )
    assert counts("topics") == Counter(
        said["topic"]
        for guideline in toml("guidelines.toml")["guideline"]
        for said in guideline.get("recommendation", [])
    )
    assert counts("targets") == Counter(
        target
        for row in rows
        for target in {target for treatment in row["treatments"] for target in targets[treatment]}
    )
    for kind, key, ancestors in (("biomarkers", "biomarker", "biomarkers"),):
        expected = {
            node["id"]: sum(
                bool(at_or_below(key, node["id"]) & set(row.get(ancestors, []))) for row in rows
            )
            for node in toml("biomarkers.toml")["biomarker"]
        }
        assert counts(kind) == {id_: n for id_, n in expected.items() if n}
    assert counts("classes")["radiation"] == sum(
        any(class_of()[t] in at_or_below("class", "radiation") for t in row["treatments"])
        for row in rows
    )
    assert counts("tumors")["nsclc"] == len(rows_of_tumor("nsclc"))


def test_a_vocabulary_that_does_not_exist_is_refused(run: Run) -> None:
    answer = run("fields", "--values", "endpoint")
    assert answer.code == 2
    assert "did you mean endpoints" in answer.err


def test_listings_and_vocabularies_complete() -> None:
    listing, values = read_declared_parameters(load_listing("fields").options).values()
    assert [name for name, _ in complete_word(listing.vocabulary, "gui")] == ["guidelines"]
    assert [name for name, _ in complete_word(values.vocabulary, "end")] == ["endpoints"]
