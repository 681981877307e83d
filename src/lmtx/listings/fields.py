"""`lmtx fields`: the fields of every listing with their meaning, or the words of a vocabulary."""

from typing import Annotated

from lmtx.errors import Option, UsageError
from lmtx.listings import Column, FieldRow, Found, Listing, Question, list_fields, listing_names
from lmtx.model.notation import write_count
from lmtx.model.vocabulary import Term
from lmtx.query.parameters import Parameter, words_of
from lmtx.query.vocabularies import KINDS, ValueRow, list_values
from lmtx.tuples import NamedTuple

VOCABULARIES = words_of(KINDS)


class ValuesOptions(NamedTuple):
    """Whose words are listed."""

    kind: Annotated[
        str,
        Parameter("kind", "Which vocabulary.", "KIND", "", "word", VOCABULARIES, positional=True),
    ]


def find_values(question: Question) -> Found:
    """Return the words of a vocabulary in its order."""
    return Found(list_values(question.connection, question.options.kind))


VALUES = Listing(
    "values",
    "The words of a vocabulary, with how many records use each.",
    ValueRow,
    find_values,
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
            words_of(_listings),
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
            VOCABULARIES,
        ),
    ] = None


def find_fields(question: Question) -> Found:
    """Return the fields of a listing or of all, or the words of a vocabulary."""
    listing, values = question.options
    if values is None:
        return Found(list_fields(listing))
    if listing is not None:
        raise UsageError(
            ("LISTING and ", Option("values", ""), " were both asked for"), "choose one"
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
