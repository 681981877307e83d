"""`lmtx fields`: the fields of every listing with their meaning, or the words of a vocabulary; and
`lmtx tumors`, `lmtx classes` and `lmtx levels`, vocabularies of which it is told how much there is
of each word."""

# No `from __future__ import annotations` here: options are read off annotations.

from collections.abc import Callable, Sequence
from sqlite3 import Connection
from typing import Annotated, Any

from lmtx.errors import ParameterMention, UsageError
from lmtx.listings import (
    Column,
    FieldRow,
    Found,
    Listing,
    Question,
    list_fields,
    listing_names,
    load_listing,
    make_tree_listing,
)
from lmtx.model.notation import OWN_RECORDS_MARK, mark_own_records, write_count
from lmtx.model.vocabulary import Term
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.query.vocabularies import (
    LISTABLE_VOCABULARIES,
    ClassRow,
    LevelRow,
    TumorRow,
    ValueRow,
    list_classes,
    list_levels,
    list_tumors,
    list_values,
)
from lmtx.tuples import NamedTuple

VOCABULARY_NAMES = make_word_vocabulary(LISTABLE_VOCABULARIES)
"""The names of the vocabularies."""


def make_tree_finder(
    list_nodes: Callable[[Connection], Sequence[Any]], name: str
) -> Callable[[Question], Found]:
    """Return what finds the nodes in the order of their tree, which is drawn unless another order
    is asked for."""

    def find_nodes(question: Question) -> Found:
        rows = list_nodes(question.connection)
        order = question.order
        look = None if order.sort or order.reverse else make_tree_listing(load_listing(name), rows)
        return Found(rows, listing=look)

    return find_nodes


TUMORS = Listing(
    "tumors",
    "The primary tumors, with counts.",
    TumorRow,
    make_tree_finder(list_tumors, "tumors"),
    about="The primary tumors as a tree, with their studies, patients, treatments, trials and facts.",
    examples=("lmtx tumors", "lmtx tumors --sort patients --limit 5", "lmtx tumors --json"),
    brief=("id", "label", "studies", "patients", "rows", "treatments", "trials", "facts"),
    columns=(
        Column("Tumor", lambda row: row.id + mark_own_records(row.source), style="bold"),
        Column("Label", lambda row: row.label, 6, least=16),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Patients", lambda row: write_count(row.patients), right=True),
        Column("Rows", lambda row: write_count(row.rows), 5, right=True),
        Column("Treatments", lambda row: write_count(row.treatments), 2, right=True),
        Column("Trials", lambda row: write_count(row.trials), 3, right=True),
        Column("Facts", lambda row: write_count(row.facts), 4, right=True),
        Column("Also called", lambda row: ", ".join(row.aliases), 7, least=20),
    ),
    footnotes=(OWN_RECORDS_MARK,),
    unit="tumor",
)


CLASSES = Listing(
    "classes",
    "The tree of treatment classes, with counts.",
    ClassRow,
    make_tree_finder(list_classes, "classes"),
    about=(
        "The classes of treatment as a tree, with their treatments, studies, patients and "
        "strongest level."
    ),
    examples=(
        "lmtx classes",
        "lmtx classes --sort level",
        "lmtx classes --fields id,path,treatments --csv",
    ),
    brief=("id", "label", "parent", "treatments", "studies", "patients", "level"),
    columns=(
        Column("Class", lambda row: row.id + mark_own_records(row.source), style="bold"),
        Column("Level", lambda row: row.level or "–"),
        Column("Treatments", lambda row: write_count(row.treatments), 2, right=True),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Patients", lambda row: write_count(row.patients), 3, right=True),
        Column("Label", lambda row: row.label, 5, least=24),
        Column("Definition", lambda row: row.definition or "", 7, least=40),
    ),
    footnotes=(OWN_RECORDS_MARK,),
    unit="class",
)


def find_levels(question: Question) -> Found:
    """Return the levels of evidence, the strongest first."""
    return Found(list_levels(question.connection))


LEVELS = Listing(
    "levels",
    "The levels of evidence, what they mean and how many studies have them.",
    LevelRow,
    find_levels,
    about="The levels of evidence: what they mean, which designs have them, and how many studies.",
    examples=("lmtx levels", "lmtx levels --json"),
    is_sorted=False,
    columns=(
        Column("Level", lambda row: row.level or "none"),
        Column("Meaning", lambda row: row.meaning, least=24, fold=True),
        Column("Designs", lambda row: ", ".join(row.designs), 4, least=26, fold=True),
        Column("Publications", lambda row: write_count(row.publications), 3, right=True),
        Column("Studies", lambda row: write_count(row.studies), right=True),
        Column("Rows", lambda row: write_count(row.rows), 2, right=True),
    ),
    unit="level",
    spaced=True,
)


class ValuesOptions(NamedTuple):
    """Whose words are listed."""

    kind: Annotated[
        str,
        Parameter(
            "kind", "Which vocabulary.", "KIND", "", "word", VOCABULARY_NAMES, positional=True
        ),
    ]


def find_words_of_vocabulary(question: Question) -> Found:
    """Return the words of a vocabulary in its order."""
    return Found(list_values(question.connection, question.options.kind))


VALUES = Listing(
    "values",
    "The words of a vocabulary, with how many records use each.",
    ValueRow,
    find_words_of_vocabulary,
    options=ValuesOptions,
    is_sorted=False,
    is_command=False,
    brief=("id", "label", "meaning", "rows"),
    columns=(
        Column("Word", lambda row: row.id, style="bold"),
        Column("Label", lambda row: row.label, 2, least=18, fold=True),
        Column("Rows", lambda row: write_count(row.rows), 1, right=True),
        Column("Meaning", lambda row: row.meaning, least=30, fold=True),
    ),
    unit="word",
)


def _listings() -> dict[str, Term]:
    return {name: Term(name, "its fields") for name in listing_names()}


class FieldsOptions(NamedTuple):
    """Whose fields or words are listed."""

    listing: Annotated[
        str | None,
        Parameter(
            "listing",
            "Only the fields of this listing.",
            "LISTING",
            "",
            "word",
            make_word_vocabulary(_listings),
            positional=True,
        ),
    ] = None
    values: Annotated[
        str | None,
        Parameter(
            "values",
            "The words of a vocabulary instead: tumors, routes, designs …",
            "KIND",
            "",
            "word",
            VOCABULARY_NAMES,
        ),
    ] = None


def find_fields(question: Question) -> Found:
    """Return the fields of a listing or of all, or the words of a vocabulary."""
    listing, values = question.options
    if values is None:
        return Found(list_fields(listing))
    if listing is not None:
        raise UsageError(
            ("LISTING and ", ParameterMention("values", ""), " were both asked for"), "choose one"
        )
    return Found(list_values(question.connection, values), listing=VALUES)


LISTING = Listing(
    "fields",
    "The fields of every listing, and their meaning.",
    FieldRow,
    find_fields,
    about="The fields of every listing with their type and meaning, or the words of a vocabulary.",
    examples=(
        "lmtx fields evidence",
        "lmtx fields --values endpoints",
        "lmtx fields --values biomarkers --json",
    ),
    options=FieldsOptions,
    is_sorted=False,
    columns=(
        Column("Listing", lambda row: row.listing, 2),
        Column("Field", lambda row: row.field, style="bold"),
        Column("Type", lambda row: row.type, 3),
        Column("Meaning", lambda row: row.meaning, least=30, fold=True),
    ),
    unit="field",
)
