"""The words of a vocabulary: `lmtx fields --values KIND`, and `values(kind)` in Python."""

from typing import Annotated, NamedTuple

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.notation import write_count
from lmtx.query.parameters import Parameter, words_of
from lmtx.query.vocabularies import KINDS, ValueRow, list_values

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


LISTING = Listing(
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
