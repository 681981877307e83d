"""`lmtx search`: full text over everything."""

from typing import Annotated

from lmtx.errors import CommandMention, ParameterMention, Wording
from lmtx.listings import Found, Listing, Question
from lmtx.query.filters import TREATMENT_VOCABULARY
from lmtx.query.parameters import Parameter, make_word_vocabulary
from lmtx.query.search import (
    HIT_KINDS,
    SearchRow,
    check_search_text,
    list_search_notes,
    search_records,
)
from lmtx.tuples import NamedTuple

USUAL_LIMIT = 25
"""Hits where no other limit is given."""


class SearchOptions(NamedTuple):
    """What a search takes."""

    text: Annotated[
        str,
        Parameter(
            "text",
            "Words to look for, all of them; a word also finds longer ones that begin with it.",
            "TEXT",
            kind="text",
            positional=True,
        ),
    ]
    kinds: Annotated[
        tuple[str, ...],
        Parameter(
            "kind",
            "Only this kind of record; repeat for more.",
            "KIND",
            "k",
            "words",
            make_word_vocabulary(HIT_KINDS),
        ),
    ] = ()
    treatments: Annotated[
        tuple[str, ...],
        Parameter(
            "treatment",
            "Only what is about this treatment.",
            "ID",
            "",
            "words",
            TREATMENT_VOCABULARY,
        ),
    ] = ()
    limit: Annotated[
        int, Parameter("limit", "At most this many hits, the best.", "N", "", "number", least=1)
    ] = USUAL_LIMIT


def find_hits(question: Question) -> Found:
    """Return the records that hold all words of a text, best first."""
    options: SearchOptions = question.options
    text = options.text
    check_search_text(text)
    hits = search_records(
        question.connection, text, options.kinds, options.limit, options.treatments
    )
    notes: list[Wording] = [*list_search_notes(question.connection, text, hits)]
    if not hits.rows and options.kinds:
        notes.append(
            (
                "without ",
                ParameterMention("kind", ""),
                ": ",
                CommandMention("search", tuple(text.split())),
            )
        )
    beyond = hits.total - len(hits.rows)
    return Found(hits.rows, notes, left_out={"beyond the limit": beyond} if beyond else {})


LISTING = Listing(
    "search",
    "Full text over everything, ranked.",
    SearchRow,
    find_hits,
    about="Full text over everything, ranked and grouped by kind; aliases and brands find it too.",
    examples=(
        "lmtx search intrathecal pemetrexed",
        "lmtx search intrathecal dose --treatment trastuzumab --kind evidence",
        'lmtx search "HER2 breast" --json',
    ),
    options=SearchOptions,
    is_sorted=False,
    brief=("kind", "id", "title", "n", "level", "direction", "figure", "footnotes", "read_in"),
    unit="hit",
)
