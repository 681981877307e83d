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
from lmtx.query.export import LONG, OUTCOME_COLUMNS
from lmtx.tuples import NamedTuple

JsonSchema = dict[str, Any]


class Column(NamedTuple):
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
    inside: tuple[Column, ...] = ()

    @property
    def phrase(self) -> str:
        """The type in words: "list of text"."""
        plural = {"text": "text", "object": "objects", "integer": "integers", "number": "numbers"}
        return f"list of {plural[self.type]}" if self.many else self.type


_IDS = {
    "study": "studies", "superseded_by": "studies", "overlaps": "studies", "results": "studies", "guideline": "studies", "evidence": "evidence",
    "tests": "treatments", "against_tests": "treatments",
    "treatment": "treatments", "treatments": "treatments", "tumor": "tumors", "tumors": "tumors", "biomarkers": "biomarkers", "class": "classes",
}  # fmt: skip
_READ_IN = Column("read_in", "text", "where the figures were read", words="read-in")
_HOW_GIVEN = (
    Column("routes", "text", "routes of the tested treatments", many=True, words="routes"),
    Column("dose", "text", "doses of the tested treatments as reported"),
)
_URL = Column("url", "text", "canonical address: DOI, PubMed, PMC or registry")
_SOURCE = Column("source", "text", "where the record comes from: lmtx, or the name of own records")
_MADE = {
    "studies": (
        Column(
            "level",
            "text",
            "level of evidence: follows from the design; empty where the design carries none",
            words="levels",
        ),
        Column("label", "text", "short citation: first author, year, name of the trial"),
        _URL,
        Column(
            "cohort",
            "text",
            "studies that tell the same patients share one; id of the first of them",
            ids="studies",
        ),
    ),
    "evidence": (
        Column("id", "text", "id of the row: study and number"),
        Column("study", "text", "id of the study", ids="studies"),
        Column(
            "level",
            "text",
            "level of evidence of the row; empty where the design carries none",
            words="levels",
        ),
        Column("design", "text", "study design", words="designs"),
        _READ_IN,
        Column(
            "mixed",
            "boolean",
            "the population mixes primary tumors, so its figures are those of none of them",
        ),
        Column(
            "withdrawn",
            "text",
            "why the publication was withdrawn; it is counted nowhere, and its figures stand for "
            "nothing",
        ),
        Column("treatments", "text", "ids of the tested treatments", many=True, ids="treatments"),
        Column(
            "background",
            "text",
            "ids of what was given alongside; no evidence on it",
            many=True,
            ids="treatments",
        ),
        *_HOW_GIVEN,
        Column(
            "comparisons",
            "text",
            "ids of the comparisons that hold this group",
            many=True,
            ids="comparisons",
        ),
        Column(
            "superseded_by",
            "text",
            "id of the later report of the same patients, where it has a counterpart of the row",
            ids="studies",
        ),
    ),
    "given": (
        Column("evidence", "text", "id of the row of evidence", ids="evidence"),
        Column("position", "integer", "place in its row, from 1; with evidence the key"),
    ),
    "comparisons": (
        Column("id", "text", "id of the comparison: study, c and number"),
        Column("study", "text", "id of the study", ids="studies"),
        Column("of", "text", "id of the row that has what is tested", ids="evidence"),
        Column("against", "text", "id of the row it is held against", ids="evidence"),
        Column(
            "in",
            "text",
            "id of the row whose population holds, where neither side is a row",
            ids="evidence",
        ),
        Column("of_n", "integer", "patients of the first side, of its row where not told apart"),
        Column("against_n", "integer", "patients of the other side, likewise"),
        Column(
            "against_tests",
            "text",
            "ids of what the other side had in place of what is tested",
            many=True,
            ids="treatments",
        ),
        Column("tumors", "text", "ids of the primary tumors", many=True, ids="tumors"),
        Column("biomarkers", "text", "ids of the biomarkers", many=True, ids="biomarkers"),
        Column("setting", "text", "population in words"),
        Column("design", "text", "study design", words="designs"),
        Column("mixed", "boolean", "the population mixes primary tumors"),
        Column("mixed_with", "text", "what is pooled in that is not LM of a solid tumor"),
        _READ_IN,
        Column("withdrawn", "text", "why the publication was withdrawn"),
        _URL,
    ),
    "adverse": (
        Column("id", "text", "id of the harm: study, a and place in the study, from 1"),
        Column("study", "text", "id of the study", ids="studies"),
        Column("evidence", "text", "id of the row of evidence, where it is of one", ids="evidence"),
        _READ_IN,
        _URL,
    ),
    "looked_for": (Column("id", "text", "id of the search: a number"),),
    "csf": (
        Column("id", "text", "id of the drug level: treatment and number"),
        Column("treatment", "text", "id of the treatment", ids="treatments"),
        _READ_IN,
        _URL,
    ),
    "guidelines": (
        Column("id", "text", "id of the statement: guideline and number"),
        Column(
            "guideline",
            "text",
            "id of the guideline, and of the study that is its citation",
            ids="studies",
        ),
        Column("name", "text", "society and year of the guideline"),
        Column("year", "integer", "year of the guideline"),
        Column("superseded", "boolean", "a newer edition exists"),
        _URL,
        Column("society", "text", "issuing society"),
        Column("guideline_note", "text", "what a reader must know of the guideline"),
        Column(
            "coverage",
            "text",
            "what of the guideline could not be read; empty: its statements on LM were read",
            words="coverages",
        ),
    ),
    "trials": (
        Column("treatments", "text", "ids of all treatments in it", many=True, ids="treatments"),
        _URL._replace(meaning="address in the registry"),
    ),
    "facts": (
        Column("id", "text", "id of the fact: tumor and number"),
        Column("tumor", "text", "id of the tumor under which it stands", ids="tumors"),
        Column("tumors", "text", "ids of all tumors it speaks of", many=True, ids="tumors"),
        _READ_IN,
        _URL,
    ),
    "outcomes": (
        Column("evidence", "text", "id of the row of evidence: the arm or group", ids="evidence"),
        Column("citation", "text", "first author, year, name of the trial"),
        Column(
            "treatments",
            "text",
            "ids of the tested treatments of the row",
            many=True,
            ids="treatments",
        ),
        *_HOW_GIVEN,
        Column("n", "integer", "patients in the row; total counts those assessed for this figure"),
        Column(
            "value",
            "number",
            "the estimate as printed: a median for times, a rate for %, a number for patients",
        ),
        Column("ci_low", "number", "lower bound of the interval"),
        Column("ci_high", "number", "upper bound of the interval; empty where it was not reached"),
        Column(
            "ci_level",
            "number",
            "confidence level in %; empty means 95, where there is an interval",
        ),
        Column(
            "superseded_by",
            "text",
            "id of the later report of the same patients, where the row does not stand beside it",
            ids="studies",
        ),
        Column(
            "position",
            "integer",
            "place of the figure in its row, from 1; with evidence the key of the figure",
        ),
    ),
}
"""Columns that lmtx adds, or whose meaning in the export is another than in the files."""
_WORDS_OF_ROWS = {
    "endpoint": "endpoints", "measure": "effect-measures", "question": "questions", "direction": "directions", "scale": "scales",
    "adjusted": "adjustments", "time_zero": "time-zeros", "line": "lines", "design": "designs", "level": "levels", "read_in": "read-in", "reason": "exclusions",
}  # fmt: skip
"""The vocabularies of columns that are declared with their row, not in a model."""
_IDS_OF_ROWS = {
    "cohort": "studies",
    "comparison": "comparisons",
    "arm": "evidence",
    "comparator": "evidence",
    "background": "treatments",
}
"""The tables whose ids such columns hold, where `_IDS` does not say."""
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
def export_tables() -> dict[str, tuple[Column, ...]]:
    """Return the columns of every table of the export, in their order."""
    of = _models()
    study, evidence, outcome = of["Study"], of["Evidence"], of["Outcome"]
    guideline = ("id", "guideline", "name", "year", "superseded")
    shapes = {
        "tumors": [*_but(of["Tumor"], "fact"), _SOURCE],
        "classes": [*of["Node"], _SOURCE],
        "biomarkers": [*of["Node"], _SOURCE],
        "treatments": [*_but(of["Treatment"], "csf"), _SOURCE],
        "studies": [
            *_but(study, "label"),
            *_made("studies", "level", "label", "url"),
            _SOURCE,
            *_made("studies", "cohort"),
        ],
        "evidence": [
            *_made("evidence", "id", "study"),
            *_but(evidence, "outcome", "design", "given"),
            *_made("evidence", "treatments", "background"),
            *(c for c in evidence if c.name == "given"),
            *_made("evidence", "routes", "dose"),
            *_made("evidence", "level", "design", "read_in", "mixed", "withdrawn"),
            *_made("evidence", "comparisons", "superseded_by"),
            *(c._replace(name="outcomes") for c in evidence if c.name == "outcome"),
            _SOURCE,
        ],
        "given": [*_made("given"), *of["Given"], _SOURCE],
        "comparisons": [
            *_made("comparisons", "id", "study"),
            *_but(of["Comparison"], "effect"),
            *_made("comparisons", "tumors", "biomarkers", "setting", "design", "mixed"),
            *_made("comparisons", "mixed_with", "read_in", "withdrawn"),
            *(c._replace(name="effects") for c in of["Comparison"] if c.name == "effect"),
            *_made("comparisons", "url"),
            _SOURCE,
        ],
        "adverse": [
            *_made("adverse", "id", "study", "evidence"),
            *of["Adverse"],
            *_made("adverse", "url"),
            _SOURCE,
        ],
        "looked_for": [*_made("looked_for"), *of["LookedFor"], _SOURCE],
        "csf": [*_made("csf", "id", "treatment"), *of["CsfLevel"], *_made("csf", "url"), _SOURCE],
        "guidelines": [
            *_made("guidelines", *guideline),
            *of["Recommendation"],
            *_made("guidelines", "url"),
            _SOURCE,
            *_made("guidelines", "society", "guideline_note", "coverage"),
        ],
        "trials": [*of["Trial"], *_made("trials", "treatments", "url"), _SOURCE],
        "facts": [
            *_made("facts", "id", "tumor"),
            *of["Fact"],
            *_made("facts", "read_in", "url"),
            _SOURCE,
        ],
        "outcomes": _picked(
            OUTCOME_COLUMNS,
            [_SOURCE],
            _made("outcomes"),
            outcome,
            _made("evidence"),
            evidence,
            _made("studies"),
            study,
        ),
        "effects": _columns_of(EffectRow),
        "exclusions": _columns_of(ExclusionRow),
    }
    return {table: tuple(_placed(table, column) for column in shapes[table]) for table in LONG}


def list_file_keys() -> dict[str, tuple[Column, ...]]:
    """Return the keys of every kind of data file, tables of tables inside one another."""
    of = _models()
    return {kind: tuple(of[model.__name__]) for kind, model in file_schema.KINDS.items()}


def _columns_of(row: type[Any]) -> list[Column]:
    """Return the columns of a table whose rows are declared with their meanings."""
    found = []
    for name, hint in get_type_hints(row, include_extras=True).items():
        kind, meaning = hint.__origin__, hint.__metadata__[0]
        [inner] = [one for one in get_args(kind) or (kind,) if one is not NoneType]
        found.append(
            Column(
                name,
                _PLAIN_TYPES[inner],
                meaning,
                many=get_origin(kind) is list,
                words=_WORDS_OF_ROWS.get(name, ""),
                ids=_IDS_OF_ROWS.get(name, ""),
            )
        )
    return found


def _made(table: str, *names: str) -> list[Column]:
    """Return the named columns that lmtx adds to a table, or all of them."""
    return [column for column in _MADE[table] if column.name in names or not names]


def _but(columns: Iterable[Column], *names: str) -> list[Column]:
    return [column for column in columns if column.name not in names]


def _picked(names: Iterable[str], *sources: Iterable[Column]) -> list[Column]:
    """Return the named columns, each from the first source that has it."""
    known = {column.name: column for source in reversed(sources) for column in source}
    return [known[name] for name in names]


def _placed(table: str, column: Column) -> Column:
    """Return a column as it stands in a table: with the meaning that it has there and the table
    whose ids it holds."""
    own = next((made for made in _MADE.get(table, ()) if made.name == column.name), column)
    return own._replace(
        ids=own.ids or (table if column.name == "parent" else _IDS.get(column.name, ""))
    )


def _models() -> dict[str, list[Column]]:
    """Return the fields of every model, nested ones included, from the JSON Schema of the data
    files."""
    defined = file_schema.schema_of(file_schema.BASE)["$defs"]
    return {name: _fields(model, defined) for name, model in defined.items()}


def _fields(model: JsonSchema, defined: JsonSchema) -> list[Column]:
    return [_column(name, part, defined) for name, part in model["properties"].items()]


def _column(name: str, part: JsonSchema, defined: JsonSchema) -> Column:
    many = part.get("type") == "array"
    item = part["items"] if many else part
    meaning = part.get("description", item.get("description", ""))
    if "$ref" in item:
        model = defined[item["$ref"].rpartition("/")[2]]
        return Column(
            name,
            "object",
            meaning or model.get("description", ""),
            many,
            inside=tuple(_fields(model, defined)),
        )
    type_ = "date" if item.get("format") == "date" else _TYPES[item.get("type", "")]
    return Column(name, type_, meaning, many, file_schema.vocabulary_of(item.get("enum", [])))


HEADER = ("table", "column", "type", "words", "ids", "meaning")
WORDS_HEADER = ("vocabulary", "word", "label", "meaning")


def dictionary_rows() -> list[tuple[str, ...]]:
    """Return the dictionary of the export, a row a column: its table, name, type, vocabulary, the
    table whose ids it holds, and its meaning."""
    return [
        (table, column.name, column.phrase, column.words, column.ids, column.meaning)
        for table, columns in export_tables().items()
        for column in columns
    ]


def vocabulary_words() -> list[tuple[str, ...]]:
    """Return every word of every closed vocabulary with its label and meaning."""
    return [
        (name, word, term.label, term.meaning)
        for name, terms in file_schema.list_vocabularies().items()
        for word, term in terms.items()
    ]
