"""The JSON Schema of the data files, made from the models: what an editor completes and checks
while a record is written.

It says what one file can say: keys, types, lengths, patterns and closed vocabularies. What needs
two records, or arithmetic, only `lmtx validate` sees.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from lmtx.model import schema, vocabulary

JsonSchema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
KINDS: dict[str, type[BaseModel]] = {
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
BASE = "base"
"""Any of them: the schema of a file whose kind is not known."""
FOLDER = "schema"
"""Where the committed schemas stand, inside the folder of data."""


class _Plain(GenerateJsonSchema):
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


def file_name(kind: str) -> str:
    """Return the name of the committed schema of a kind."""
    return f"{kind}.schema.json"


def named_in(file: str) -> str:
    """Return the first line of a data file, given by its name inside the folder: a comment that
    names its schema to editors."""
    inside = file.startswith("studies/")
    kind = "study" if inside else file.removesuffix(".toml")
    return f"#:schema {'../' if inside else './'}{FOLDER}/{file_name(kind)}"


def schema_of(kind: str) -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of a kind of data file, or of any of them (`BASE`)."""
    return _headed(kind, _any_file() if kind == BASE else _of_model(KINDS[kind]))


def text_of(kind: str) -> str:
    """Return the JSON Schema of a kind as it is committed and printed."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"


def vocabulary_of(words: list[str]) -> str:
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
        _NAMES.get(name, name.lower().replace("_", "-")): value
        for name, value in found.items()
        if all(isinstance(term, vocabulary.Term) for term in value.values())
    }


_NAMES = {"RECOMMENDATION_TOPICS": "topics", "TOPICS": "fact-topics", "READ_IN": "read-in"}


def _of_model(model: type[BaseModel]) -> JsonSchema:
    return model.model_json_schema(by_alias=True, schema_generator=_Plain)


def _any_file() -> JsonSchema:
    """Return the schema that takes a file of any kind."""
    shared: JsonSchema = {}
    for model in KINDS.values():
        one = _of_model(model)
        shared |= one.pop("$defs", {})
        shared[model.__name__] = one
    return {
        "anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in KINDS.values()],
        "$defs": dict(sorted(shared.items())),
    }


def _headed(kind: str, made: JsonSchema) -> JsonSchema:
    title = {
        BASE: "any data file of lmtx",
        "study": "studies/ID.toml of lmtx: one publication",
    }.get(kind, f"{kind}.toml of lmtx")
    return {
        "$schema": DRAFT,
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
        list_vocabularies().get(vocabulary_of(part["enum"]))
        if isinstance(part.get("enum"), list)
        else None
    )
    if terms:
        made["x-taplo"] = {
            "docs": {"enumValues": [term.meaning or term.label for term in terms.values()]}
        }
    return made
