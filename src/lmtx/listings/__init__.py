"""One file a listing: its row, how it is found, what it takes, and how it looks. Every door is made
from these objects.

A module of this room is named after its command and holds the listing as `LISTING`; a module whose
name begins with an underscore holds what several share. A new listing is a new file: nothing else
needs to know of it. One that is part of a command, or like others, can stand beside them
(`MODULE_OF_LISTING_KEPT_ELSEWHERE`).
"""

# Nothing is defined here: the modules `list` and `map` of this room would hide the builtins of
# Python.

from lmtx.listings._listing import (
    Column,
    FieldRow,
    Found,
    Listing,
    NoOptions,
    Order,
    Question,
    answer_question,
    arrange_rows,
    find_field,
    list_fields,
    listing_names,
    load_listing,
    make_question,
    make_tree_listing,
    meanings_of,
)

__all__ = [
    "Column",
    "FieldRow",
    "Found",
    "Listing",
    "NoOptions",
    "Order",
    "Question",
    "answer_question",
    "arrange_rows",
    "find_field",
    "list_fields",
    "listing_names",
    "load_listing",
    "make_question",
    "make_tree_listing",
    "meanings_of",
]
