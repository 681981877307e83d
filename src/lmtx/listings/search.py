"""`lmtx search`: full text over everything."""

from typing import Annotated

from lmtx.errors import Command, Option, Wording
from lmtx.listings import Found, Listing, Question
from lmtx.query.filters import TREATMENT
from lmtx.query.parameters import Parameter, words_of
from lmtx.query.search import KINDS, SearchRow, note_search, refuse_text, search_records
from lmtx.tuples import NamedTuple

LIMIT = 25
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
            words_of(KINDS),
        ),
    ] = ()
    treatments: Annotated[
        tuple[str, ...],
        Parameter("treatment", "Only what is about this treatment.", "ID", "", "words", TREATMENT),
    ] = ()
    limit: Annotated[
        int, Parameter("limit", "At most this many hits, the best.", "N", "", "number", least=1)
    ] = LIMIT


def find_records(question: Question) -> Found:
    """Return the records that hold all words of a text, best first."""
    options: SearchOptions = question.options
    text = options.text
    refuse_text(text)
    hits = search_records(
        question.connection, text, options.kinds, options.limit, options.treatments
    )
    notes: list[Wording] = [*note_search(question.connection, text, hits)]
    if not hits.rows and options.kinds:
        notes.append(("without ", Option("kind", ""), ": ", Command("search", tuple(text.split()))))
    beyond = hits.total - len(hits.rows)
    return Found(hits.rows, notes, left_out={"beyond the limit": beyond} if beyond else {})


LISTING = Listing(
    "search",
    "Full text over everything, ranked.",
    SearchRow,
    find_records,
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
