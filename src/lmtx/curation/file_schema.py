"""What the models say of a data file to who writes it: its JSON Schema, by which an editor
completes
and checks, and its skeleton, every field with its meaning and nothing filled in but what is known.

A schema says what one file can say: keys, types, lengths, patterns and closed vocabularies. What
needs two records, or arithmetic, only `lmtx validate` sees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from textwrap import wrap
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from lmtx.errors import UsageError
from lmtx.model import schema, vocabulary
from lmtx.model.vocabulary import UNDECIDED

JsonSchema = dict[str, Any]
JSON_SCHEMA_DRAFT = "https://json-schema.org/draft/2020-12/schema"
MODEL_OF_FILE_KIND: dict[str, type[BaseModel]] = {
    "study": schema.StudyFile,
    "treatments": schema.TreatmentsFile,
    "tumors": schema.TumorsFile,
    "biomarkers": schema.BiomarkersFile,
    "guidelines": schema.GuidelinesFile,
    "trials": schema.TrialsFile,
    "corrections": schema.CorrectionsFile,
    "looked_for": schema.LookedForFile,
}
"""The kinds of data files, each with its model."""
ANY_FILE_KIND = "base"
"""Any of them: the schema of a file whose kind is not known."""
SCHEMA_FOLDER = "schema"
"""Where the committed schemas stand, inside the folder of data."""


class _PlainGenerator(GenerateJsonSchema):
    """Leaves out what TOML does not know (null) and what only repeats the name of a key
    (titles)."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchema:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchema:
        made = super().default_schema(schema)
        if made.get("default", 0) in (None, [], ()):
            del made["default"]
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def name_schema_file(kind: str) -> str:
    """Return the name of the committed schema of a kind."""
    return f"{kind}.schema.json"


def write_schema_comment(file: str) -> str:
    """Return the first line of a data file, given by its name inside the folder: a comment that
    names its schema to editors."""
    inside = file.startswith("studies/")
    kind = "study" if inside else file.removesuffix(".toml")
    return f"#:schema {'../' if inside else './'}{SCHEMA_FOLDER}/{name_schema_file(kind)}"


def make_json_schema(kind: str) -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of a kind of data file, or of any of them
    (`ANY_FILE_KIND`)."""
    return _headed(
        kind, _any_file() if kind == ANY_FILE_KIND else _of_model(MODEL_OF_FILE_KIND[kind])
    )


def write_json_schema(kind: str) -> str:
    """Return the JSON Schema of a kind as it is committed and printed."""
    return json.dumps(make_json_schema(kind), ensure_ascii=False, indent=2) + "\n"


def find_vocabulary_name(words: list[str]) -> str:
    """Return the name of the vocabulary that holds just these words; empty where none does."""
    return next((name for name, terms in list_vocabularies().items() if list(terms) == words), "")


@cache
def list_vocabularies() -> dict[str, dict[str, vocabulary.Term]]:
    """Return every closed vocabulary by its name, such as "endpoints"."""
    found = {
        name: value
        for name, value in vars(vocabulary).items()
        if name.isupper() and isinstance(value, dict)
    }
    return {
        _VOCABULARY_NAMES.get(name, name.lower().replace("_", "-")): value
        for name, value in found.items()
        if all(isinstance(term, vocabulary.Term) for term in value.values())
    }


_VOCABULARY_NAMES = {
    "RECOMMENDATION_TOPICS": "topics",
    "TOPICS": "fact-topics",
    "READ_IN": "read-in",
}


def _of_model(model: type[BaseModel]) -> JsonSchema:
    return model.model_json_schema(by_alias=True, schema_generator=_PlainGenerator)


def _any_file() -> JsonSchema:
    """Return the schema that takes a file of any kind."""
    shared: JsonSchema = {}
    for model in MODEL_OF_FILE_KIND.values():
        one = _of_model(model)
        shared |= one.pop("$defs", {})
        shared[model.__name__] = one
    return {
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in MODEL_OF_FILE_KIND.values()],
        "$defs": dict(sorted(shared.items())),
    }


def _headed(kind: str, made: JsonSchema) -> JsonSchema:
    title = {
        ANY_FILE_KIND: "any data file of lmtx",
        "study": "studies/ID.toml of lmtx: one publication",
    }.get(kind, f"{kind}.toml of lmtx")
    return {
        "$schema": JSON_SCHEMA_DRAFT,
        "title": title,
        **{key: _with_meanings(value) for key, value in made.items() if key != "title"},
    }


def _with_meanings(part: Any) -> Any:
    """Return a part of a schema with the meaning of every word of a closed vocabulary, as editors
    of TOML show them."""
    if isinstance(part, list):
        return [_with_meanings(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: _with_meanings(value) for key, value in part.items()}
    terms = (
        list_vocabularies().get(find_vocabulary_name(part["enum"]))
        if isinstance(part.get("enum"), list)
        else None
    )
    if terms:
        made["x-taplo"] = {
            "docs": {"enumValues": [term.meaning or term.label for term in terms.values()]}
        }
    return made


COMMENT_WIDTH = 78
"""Columns of a line of prose."""
_EXAMPLES = {
    "id": "doe-2024-drug",
    "pmid": "35802849",
    "pmcid": "PMC7158648",
    "doi": "10.1000/example.2024.1",
    "nct": "NCT04343573",
    "year": "2024",
}
"""What some values look like."""
_COMMANDS_LISTING = {
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
_NESTED_KEYS = frozenset({"second_read", "given", "outcome", "effect"})
"""Keys whose values are tables of their own."""
_MOST_WORDS = 40
"""Words of a vocabulary that are listed; a longer one is named."""
_HEAD = (
    "Fill in what you read, and delete the rest. A line such as #year = … becomes a key when its "
    "# is taken away; lines that begin with a # and a blank explain it. "
    "A figure enters only as it is printed, and with the page it was read on. Check the file with "
    "lmtx validate, and put it in order with lmtx fmt."
)
SchemaProperty = Mapping[str, Any]


def write_study_skeleton(known: Mapping[str, Any]) -> str:
    """Return the text of a new study file; `known` holds fields of the study by their keys. Raises
    UsageError for a value that cannot be right."""
    _check(known)
    kinds = schema.StudyFile.model_json_schema()["$defs"]
    blocks = [
        [f"# {line}" for line in wrap(_HEAD, COMMENT_WIDTH)],
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
            f"write it like {_EXAMPLES[key]}" if key in _EXAMPLES else "",
        ) from None


def _keys(
    kind: SchemaProperty, kinds: Mapping[str, SchemaProperty], known: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the lines of a table: for each field what it means, then the key, as a comment where
    its value is not known."""
    required = kind.get("required", ())
    for key, about in kind["properties"].items():
        if key in _NESTED_KEYS:
            continue
        yield from _meaning(key, about, key in required)
        yield (
            f"{key} = {_written(known[key])}"
            if key in known
            else f"#{key} = {_empty(about, kinds)}".rstrip()
        )


def _meaning(key: str, about: SchemaProperty, required: bool) -> Iterator[str]:
    """Yield what a field means, and which words it may take."""
    type_ = _type(about)
    said = f"{'required: ' if required else ''}{about['description']}"
    if type_.get("type") == "boolean":
        said += "; true or false" if required else ""
    words = type_.get("enum") or type_.get("items", {}).get("enum")
    if words and len(words) > _MOST_WORDS:
        said += f"; see lmtx fields --values {find_vocabulary_name(words)}"
    elif words:
        said += f". One of: {', '.join(word for word in words if word != UNDECIDED)}"
    if key in _COMMANDS_LISTING:
        said += f"; see {_COMMANDS_LISTING[key]}"
    yield from (
        f"# {line}"
        for line in wrap(said, COMMENT_WIDTH, break_long_words=False, break_on_hyphens=False)
    )


def _type(about: SchemaProperty) -> SchemaProperty:
    """Return the type of a field that may be absent."""
    return next((kind for kind in about.get("anyOf", ()) if kind.get("type") != "null"), about)


def _empty(about: SchemaProperty, kinds: Mapping[str, SchemaProperty]) -> str:
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
