"""`lmtx fields`: the fields of every listing with their meaning, or the words of a vocabulary."""

from typing import Annotated, NamedTuple

from lmtx.errors import Option, UsageError
from lmtx.listings import Column, FieldRow, Found, Listing, Question, list_fields, listing_names
from lmtx.listings._vocabularies import VALUES, WORDS
from lmtx.model.vocabulary import Term
from lmtx.query.parameters import Parameter, words_of
from lmtx.query.vocabularies import list_values


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
            WORDS,
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
