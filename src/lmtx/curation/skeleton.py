"""The skeleton of a study's file: every field with its meaning and the words it may take, and
nothing filled in but what is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from lmtx.curation.json_schema import vocabulary_of
from lmtx.errors import UsageError
from lmtx.model import schema
from lmtx.model.vocabulary import UNDECIDED

WIDTH = 78
"""Columns of a line of prose."""
_LIKE = {
    "id": "doe-2024-drug",
    "pmid": "35802849",
    "pmcid": "PMC7158648",
    "doi": "10.1000/example.2024.1",
    "nct": "NCT04343573",
    "year": "2024",
}
"""What some values look like."""
_SEE = {
    "treatment": "lmtx list",
    "tests": "lmtx list",
    "against_tests": "lmtx list",
    "after": "lmtx list and lmtx classes",
    "tumors": "lmtx tumors",
    "biomarkers": "lmtx fields --values biomarkers",
}
"""The commands that list the ids a field may take."""
_TABLES = (
    ("Evidence", "evidence", "One group of patients of which a figure is told: one table a group."),
    ("Given", "evidence.given", "One table a treatment and route that the group above had."),
    ("Outcome", "evidence.outcome", "One table a figure of the group above alone."),
    ("Comparison", "comparison", "Two groups held against each other: one table a comparison."),
    ("Effect", "comparison.effect", "One table an effect of the comparison above."),
    ("Adverse", "adverse", "One table a kind of harm."),
)
_OWN_TABLES = frozenset({"second_read", "given", "outcome", "effect"})
"""Keys whose values are tables of their own."""
_MOST_WORDS = 40
"""Words of a vocabulary that are listed; a longer one is named."""
_HEAD = (
    "Fill in what you read, and delete the rest. A line such as #year = … becomes a key when its "
    "# is taken away; lines that begin with a # and a blank explain it. "
    "A figure enters only as it is printed, and with the page it was read on. Check the file with "
    "lmtx validate, and put it in order with lmtx fmt."
)
Property = Mapping[str, Any]


def write_skeleton(known: Mapping[str, Any]) -> str:
    """Return the text of a new study file; `known` holds fields of the study by their keys. Raises
    UsageError for a value that cannot be right."""
    _check(known)
    kinds = schema.StudyFile.model_json_schema()["$defs"]
    blocks = [
        [f"# {line}" for line in wrap(_HEAD, WIDTH)],
        ["[study]", *_keys(kinds["Study"], kinds, known)],
        [
            "# A second reader finds the figures again and signs.",
            "#[[study.second_read]]",
            *_keys(kinds["SecondRead"], kinds, {}),
        ],
        *(
            [f"# {said}", f"#[[{path}]]", *_keys(kinds[kind], kinds, {})]
            for kind, path, said in _TABLES
        ),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _check(known: Mapping[str, Any]) -> None:
    """Hold what is known against the schema."""
    from pydantic import ValidationError

    unknown = {"id": "x", "design": "phase-1", "lm_only": True, "read_in": "abstract"}
    try:
        schema.Study.model_validate({**unknown, **known})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0])
        option = "ID" if key == "id" else f"--{key.replace('_', '-')}"
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(
            f"{option}: {said[:1].lower()}{said[1:]}",
            f"write it like {_LIKE[key]}" if key in _LIKE else "",
        ) from None


def _keys(kind: Property, kinds: Mapping[str, Property], known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a table: for each field what it means, then the key, as a comment where
    its value is not known."""
    required = kind.get("required", ())
    for key, about in kind["properties"].items():
        if key in _OWN_TABLES:
            continue
        yield from _meaning(key, about, key in required)
        yield (
            f"{key} = {_written(known[key])}"
            if key in known
            else f"#{key} = {_empty(about, kinds)}".rstrip()
        )


def _meaning(key: str, about: Property, required: bool) -> Iterator[str]:
    """Yield what a field means, and which words it may take."""
    type_ = _type(about)
    said = f"{'required: ' if required else ''}{about['description']}"
    if type_.get("type") == "boolean":
        said += "; true or false" if required else ""
    words = type_.get("enum") or type_.get("items", {}).get("enum")
    if words and len(words) > _MOST_WORDS:
        said += f"; see lmtx fields --values {vocabulary_of(words)}"
    elif words:
        said += f". One of: {', '.join(word for word in words if word != UNDECIDED)}"
    if key in _SEE:
        said += f"; see {_SEE[key]}"
    yield from (
        f"# {line}" for line in wrap(said, WIDTH, break_long_words=False, break_on_hyphens=False)
    )


def _type(about: Property) -> Property:
    """Return the type of a field that may be absent."""
    return next((kind for kind in about.get("anyOf", ()) if kind.get("type") != "null"), about)


def _empty(about: Property, kinds: Mapping[str, Property]) -> str:
    """Return the place to write a value: nothing where a figure belongs, so that none can slip in
    unread."""
    type_ = _type(about)
    if type_.get("type") == "array":
        inside = type_.get("items", {})
        record = kinds.get(str(inside.get("$ref", "")).rpartition("/")[2])
        if not record:
            return "[]"
        fields = record["properties"].items()
        listed = (f"{key} = {_empty(field, kinds)}".rstrip() for key, field in fields)
        return f"[{{ {', '.join(listed)} }}]"
    if type_.get("type") == "boolean":
        return "true" if about.get("default") is False else ""
    return '""' if type_.get("type") == "string" and type_.get("format") != "date" else ""


def _written(value: Any) -> str:
    """Write a value as TOML: text, a number, or a list of texts."""
    return (
        f"[{', '.join(map(_written, value))}]"
        if isinstance(value, list | tuple)
        else json.dumps(value, ensure_ascii=False)
    )
