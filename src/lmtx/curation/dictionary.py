"""What the columns of the export mean: type, words and meaning of each, from the models and, for
what lmtx adds, from here.

Needs the models, so no look-up imports it; CSV, SQLite and Parquet take their types and their
dictionary from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from lmtx.curation import file_schema
from lmtx.query.effects import EffectRow, ExclusionRow
from lmtx.query.export import EXPORTABLE_TABLES, OUTCOME_COLUMNS
from lmtx.tuples import NamedTuple

JsonSchema = dict[str, Any]


class ExportColumn(NamedTuple):
    """A column: its type (text, integer, number, boolean, date, object or any), whether it holds a
    list, and what it says.

    `words` names the closed vocabulary that it draws on, `ids` the table whose ids it holds,
    `inside` the columns of an object.
    """

    name: str
    type: str
    meaning: str
    many: bool = False
    words: str = ""
    ids: str = ""
    inside: tuple[ExportColumn, ...] = ()

    @property
    def phrase(self) -> str:
        """The type in words: "list of text"."""
        plural = {"text": "text", "object": "objects", "integer": "integers", "number": "numbers"}
        return f"list of {plural[self.type]}" if self.many else self.type


_ID_TABLES = {
    "study": "studies", "superseded_by": "studies", "overlaps": "studies", "results": "studies", "guideline": "studies", "evidence": "evidence",
    "tests": "treatments", "against_tests": "treatments",
    "treatment": "treatments", "treatments": "treatments", "tumor": "tumors", "tumors": "tumors", "biomarkers": "biomarkers", "class": "classes",
}  # fmt: skip
_READ_IN = ExportColumn("read_in", "text", "where the figures were read", words="read-in")
_HOW_GIVEN = (
    ExportColumn("routes", "text", "routes of the tested treatments", many=True, words="routes"),
    ExportColumn("dose", "text", "doses of the tested treatments as reported"),
)
_URL = ExportColumn("url", "text", "canonical address: DOI, PubMed, PMC or registry")
_SOURCE = ExportColumn(
    "source", "text", "where the record comes from: lmtx, or the name of own records"
)
_ADDED_COLUMNS = {
    "studies": (
        ExportColumn(
            "level",
            "text",
            "level of evidence: follows from the design; empty where the design carries none",
            words="levels",
        ),
        ExportColumn("label", "text", "short citation: first author, year, name of the trial"),
        _URL,
        ExportColumn(
            "cohort",
            "text",
            "studies that tell the same patients share one; id of the first of them",
            ids="studies",
        ),
    ),
    "evidence": (
        ExportColumn("id", "text", "id of the row: study and number"),
        ExportColumn("study", "text", "id of the study", ids="studies"),
        ExportColumn(
            "level",
            "text",
            "level of evidence of the row; empty where the design carries none",
            words="levels",
        ),
        ExportColumn("design", "text", "study design", words="designs"),
        _READ_IN,
        ExportColumn(
            "mixed",
            "boolean",
            "the population mixes primary tumors, so its figures are those of none of them",
        ),
        ExportColumn(
            "withdrawn",
            "text",
            "why the publication was withdrawn; it is counted nowhere, and its figures stand for "
            "nothing",
        ),
        ExportColumn(
            "treatments", "text", "ids of the tested treatments", many=True, ids="treatments"
        ),
        ExportColumn(
            "background",
            "text",
            "ids of what was given alongside; no evidence on it",
            many=True,
            ids="treatments",
        ),
        *_HOW_GIVEN,
        ExportColumn(
            "comparisons",
            "text",
            "ids of the comparisons that hold this group",
            many=True,
            ids="comparisons",
        ),
        ExportColumn(
            "superseded_by",
            "text",
            "id of the later report of the same patients, where it has a counterpart of the row",
            ids="studies",
        ),
    ),
    "given": (
        ExportColumn("evidence", "text", "id of the row of evidence", ids="evidence"),
        ExportColumn("position", "integer", "place in its row, from 1; with evidence the key"),
    ),
    "comparisons": (
        ExportColumn("id", "text", "id of the comparison: study, c and number"),
        ExportColumn("study", "text", "id of the study", ids="studies"),
        ExportColumn("of", "text", "id of the row that has what is tested", ids="evidence"),
        ExportColumn("against", "text", "id of the row it is held against", ids="evidence"),
        ExportColumn(
            "in",
            "text",
            "id of the row whose population holds, where neither side is a row",
            ids="evidence",
        ),
        ExportColumn(
            "of_n", "integer", "patients of the first side, of its row where not told apart"
        ),
        ExportColumn("against_n", "integer", "patients of the other side, likewise"),
        ExportColumn(
            "against_tests",
            "text",
            "ids of what the other side had in place of what is tested",
            many=True,
            ids="treatments",
        ),
        ExportColumn("tumors", "text", "ids of the primary tumors", many=True, ids="tumors"),
        ExportColumn("biomarkers", "text", "ids of the biomarkers", many=True, ids="biomarkers"),
        ExportColumn("setting", "text", "population in words"),
        ExportColumn("design", "text", "study design", words="designs"),
        ExportColumn("mixed", "boolean", "the population mixes primary tumors"),
        ExportColumn("mixed_with", "text", "what is pooled in that is not LM of a solid tumor"),
        _READ_IN,
        ExportColumn("withdrawn", "text", "why the publication was withdrawn"),
        _URL,
    ),
    "adverse": (
        ExportColumn("id", "text", "id of the harm: study, a and place in the study, from 1"),
        ExportColumn("study", "text", "id of the study", ids="studies"),
        ExportColumn(
            "evidence", "text", "id of the row of evidence, where it is of one", ids="evidence"
        ),
        _READ_IN,
        _URL,
    ),
    "looked_for": (ExportColumn("id", "text", "id of the search: a number"),),
    "csf": (
        ExportColumn("id", "text", "id of the drug level: treatment and number"),
        ExportColumn("treatment", "text", "id of the treatment", ids="treatments"),
        _READ_IN,
        _URL,
    ),
    "guidelines": (
        ExportColumn("id", "text", "id of the statement: guideline and number"),
        ExportColumn(
            "guideline",
            "text",
            "id of the guideline, and of the study that is its citation",
            ids="studies",
        ),
        ExportColumn("name", "text", "society and year of the guideline"),
        ExportColumn("year", "integer", "year of the guideline"),
        ExportColumn("superseded", "boolean", "a newer edition exists"),
        _URL,
        ExportColumn("society", "text", "issuing society"),
        ExportColumn("guideline_note", "text", "what a reader must know of the guideline"),
        ExportColumn(
            "coverage",
            "text",
            "what of the guideline could not be read; empty: its statements on LM were read",
            words="coverages",
        ),
    ),
    "trials": (
        ExportColumn(
            "treatments", "text", "ids of all treatments in it", many=True, ids="treatments"
        ),
        _URL._replace(meaning="address in the registry"),
    ),
    "facts": (
        ExportColumn("id", "text", "id of the fact: tumor and number"),
        ExportColumn("tumor", "text", "id of the tumor under which it stands", ids="tumors"),
        ExportColumn("tumors", "text", "ids of all tumors it speaks of", many=True, ids="tumors"),
        _READ_IN,
        _URL,
    ),
    "outcomes": (
        ExportColumn(
            "evidence", "text", "id of the row of evidence: the arm or group", ids="evidence"
        ),
        ExportColumn("citation", "text", "first author, year, name of the trial"),
        ExportColumn(
            "treatments",
            "text",
            "ids of the tested treatments of the row",
            many=True,
            ids="treatments",
        ),
        *_HOW_GIVEN,
        ExportColumn(
            "n", "integer", "patients in the row; total counts those assessed for this figure"
        ),
        ExportColumn(
            "value",
            "number",
            "the estimate as printed: a median for times, a rate for %, a number for patients",
        ),
        ExportColumn("ci_low", "number", "lower bound of the interval"),
        ExportColumn(
            "ci_high", "number", "upper bound of the interval; empty where it was not reached"
        ),
        ExportColumn(
            "ci_level",
            "number",
            "confidence level in %; empty means 95, where there is an interval",
        ),
        ExportColumn(
            "superseded_by",
            "text",
            "id of the later report of the same patients, where the row does not stand beside it",
            ids="studies",
        ),
        ExportColumn(
            "position",
            "integer",
            "place of the figure in its row, from 1; with evidence the key of the figure",
        ),
    ),
}
"""Columns that lmtx adds, or whose meaning in the export is another than in the files."""
_ROW_VOCABULARIES = {
    "endpoint": "endpoints", "measure": "effect-measures", "question": "questions", "direction": "directions", "scale": "scales",
    "adjusted": "adjustments", "time_zero": "time-zeros", "line": "lines", "design": "designs", "level": "levels", "read_in": "read-in", "reason": "exclusions",
}  # fmt: skip
"""The vocabularies of columns that are declared with their row, not in a model."""
_ROW_ID_TABLES = {
    "cohort": "studies",
    "comparison": "comparisons",
    "arm": "evidence",
    "comparator": "evidence",
    "background": "treatments",
}
"""The tables whose ids such columns hold, where `_ID_TABLES` does not say."""
_PLAIN_TYPES = {str: "text", int: "integer", float: "number", bool: "boolean"}
_TYPES = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "": "any",
}
"""The types of JSON Schema in our words."""


@cache
def list_columns_by_table() -> dict[str, tuple[ExportColumn, ...]]:
    """Return the columns of every table of the export, in their order."""
    of = _list_model_columns()
    study, evidence, outcome = of["Study"], of["Evidence"], of["Outcome"]
    guideline = ("id", "guideline", "name", "year", "superseded")
    shapes = {
        "tumors": [*_drop_columns(of["Tumor"], "fact"), _SOURCE],
        "classes": [*of["Node"], _SOURCE],
        "biomarkers": [*of["Node"], _SOURCE],
        "treatments": [*_drop_columns(of["Treatment"], "csf"), _SOURCE],
        "studies": [
            *_drop_columns(study, "label"),
            *_list_added_columns("studies", "level", "label", "url"),
            _SOURCE,
            *_list_added_columns("studies", "cohort"),
        ],
        "evidence": [
            *_list_added_columns("evidence", "id", "study"),
            *_drop_columns(evidence, "outcome", "design", "given"),
            *_list_added_columns("evidence", "treatments", "background"),
            *(c for c in evidence if c.name == "given"),
            *_list_added_columns("evidence", "routes", "dose"),
            *_list_added_columns("evidence", "level", "design", "read_in", "mixed", "withdrawn"),
            *_list_added_columns("evidence", "comparisons", "superseded_by"),
            *(c._replace(name="outcomes") for c in evidence if c.name == "outcome"),
            _SOURCE,
        ],
        "given": [*_list_added_columns("given"), *of["Given"], _SOURCE],
        "comparisons": [
            *_list_added_columns("comparisons", "id", "study"),
            *_drop_columns(of["Comparison"], "effect"),
            *_list_added_columns(
                "comparisons", "tumors", "biomarkers", "setting", "design", "mixed"
            ),
            *_list_added_columns("comparisons", "mixed_with", "read_in", "withdrawn"),
            *(c._replace(name="effects") for c in of["Comparison"] if c.name == "effect"),
            *_list_added_columns("comparisons", "url"),
            _SOURCE,
        ],
        "adverse": [
            *_list_added_columns("adverse", "id", "study", "evidence"),
            *of["Adverse"],
            *_list_added_columns("adverse", "url"),
            _SOURCE,
        ],
        "looked_for": [*_list_added_columns("looked_for"), *of["LookedFor"], _SOURCE],
        "csf": [
            *_list_added_columns("csf", "id", "treatment"),
            *of["CsfLevel"],
            *_list_added_columns("csf", "url"),
            _SOURCE,
        ],
        "guidelines": [
            *_list_added_columns("guidelines", *guideline),
            *of["Recommendation"],
            *_list_added_columns("guidelines", "url"),
            _SOURCE,
            *_list_added_columns("guidelines", "society", "guideline_note", "coverage"),
        ],
        "trials": [*of["Trial"], *_list_added_columns("trials", "treatments", "url"), _SOURCE],
        "facts": [
            *_list_added_columns("facts", "id", "tumor"),
            *of["Fact"],
            *_list_added_columns("facts", "read_in", "url"),
            _SOURCE,
        ],
        "outcomes": _pick_columns(
            OUTCOME_COLUMNS,
            [_SOURCE],
            _list_added_columns("outcomes"),
            outcome,
            _list_added_columns("evidence"),
            evidence,
            _list_added_columns("studies"),
            study,
        ),
        "effects": _columns_of(EffectRow),
        "exclusions": _columns_of(ExclusionRow),
    }
    return {
        table: tuple(_fit_column(table, column) for column in shapes[table])
        for table in EXPORTABLE_TABLES
    }


def list_keys_by_file_kind() -> dict[str, tuple[ExportColumn, ...]]:
    """Return the keys of every kind of data file, tables of tables inside one another."""
    of = _list_model_columns()
    return {
        kind: tuple(of[model.__name__]) for kind, model in file_schema.MODEL_OF_FILE_KIND.items()
    }


def _columns_of(row: type[Any]) -> list[ExportColumn]:
    """Return the columns of a table whose rows are declared with their meanings."""
    found = []
    for name, hint in get_type_hints(row, include_extras=True).items():
        kind, meaning = hint.__origin__, hint.__metadata__[0]
        [inner] = [one for one in get_args(kind) or (kind,) if one is not NoneType]
        found.append(
            ExportColumn(
                name,
                _PLAIN_TYPES[inner],
                meaning,
                many=get_origin(kind) is list,
                words=_ROW_VOCABULARIES.get(name, ""),
                ids=_ROW_ID_TABLES.get(name, ""),
            )
        )
    return found


def _list_added_columns(table: str, *names: str) -> list[ExportColumn]:
    """Return the named columns that lmtx adds to a table, or all of them."""
    return [column for column in _ADDED_COLUMNS[table] if column.name in names or not names]


def _drop_columns(columns: Iterable[ExportColumn], *names: str) -> list[ExportColumn]:
    return [column for column in columns if column.name not in names]


def _pick_columns(names: Iterable[str], *sources: Iterable[ExportColumn]) -> list[ExportColumn]:
    """Return the named columns, each from the first source that has it."""
    known = {column.name: column for source in reversed(sources) for column in source}
    return [known[name] for name in names]


def _fit_column(table: str, column: ExportColumn) -> ExportColumn:
    """Return a column as it stands in a table: with the meaning that it has there and the table
    whose ids it holds."""
    own = next((made for made in _ADDED_COLUMNS.get(table, ()) if made.name == column.name), column)
    return own._replace(
        ids=own.ids or (table if column.name == "parent" else _ID_TABLES.get(column.name, ""))
    )


def _list_model_columns() -> dict[str, list[ExportColumn]]:
    """Return the fields of every model, nested ones included, from the JSON Schema of the data
    files."""
    defined = file_schema.make_json_schema(file_schema.ANY_FILE_KIND)["$defs"]
    return {name: _fields(model, defined) for name, model in defined.items()}


def _fields(model: JsonSchema, defined: JsonSchema) -> list[ExportColumn]:
    return [_column(name, part, defined) for name, part in model["properties"].items()]


def _column(name: str, part: JsonSchema, defined: JsonSchema) -> ExportColumn:
    many = part.get("type") == "array"
    item = part["items"] if many else part
    meaning = part.get("description", item.get("description", ""))
    if "$ref" in item:
        model = defined[item["$ref"].rpartition("/")[2]]
        return ExportColumn(
            name,
            "object",
            meaning or model.get("description", ""),
            many,
            inside=tuple(_fields(model, defined)),
        )
    type_ = "date" if item.get("format") == "date" else _TYPES[item.get("type", "")]
    return ExportColumn(
        name, type_, meaning, many, file_schema.find_vocabulary_name(item.get("enum", []))
    )


DICTIONARY_HEADER = ("table", "column", "type", "words", "ids", "meaning")
VOCABULARY_HEADER = ("vocabulary", "word", "label", "meaning")


def dictionary_rows() -> list[tuple[str, ...]]:
    """Return the dictionary of the export, a row a column: its table, name, type, vocabulary, the
    table whose ids it holds, and its meaning."""
    return [
        (table, column.name, column.phrase, column.words, column.ids, column.meaning)
        for table, columns in list_columns_by_table().items()
        for column in columns
    ]


def vocabulary_words() -> list[tuple[str, ...]]:
    """Return every word of every closed vocabulary with its label and meaning."""
    return [
        (name, word, term.label, term.meaning)
        for name, terms in file_schema.list_vocabularies().items()
        for word, term in terms.items()
    ]
