"""How citations are written: one file a style. Nothing here prints; every function yields text.

The styles are written here and not by a library: BibTeX, RIS and CSL-JSON are a few lines each, the
libraries that write them are made to read and sort whole libraries, and none writes Vancouver. The
tests read every citation back with such libraries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import assert_never

from lmtx.query.cite import Citation
from lmtx.render.text.cells import flatten_value


class Style(StrEnum):
    """The forms that a list of citations can take."""

    vancouver = "vancouver"
    bibtex = "bibtex"
    ris = "ris"
    csl_json = "csl-json"


STYLE_BY_ENDING = {
    ".bib": Style.bibtex,
    ".bibtex": Style.bibtex,
    ".ris": Style.ris,
    ".json": Style.csl_json,
    ".txt": Style.vancouver,
}
"""The style that the ending of a file tells."""


def render_citations(
    style: Style, citations: Iterable[Citation], width: int | None = None
) -> Iterator[str]:
    """Yield citations in a style. `width` folds lines for a reader, where the style is one for
    people."""
    clean = (remove_line_breaks(citation) for citation in citations)
    match style:
        case Style.vancouver:
            from lmtx.citations import vancouver

            return vancouver.write_vancouver(clean, width)
        case Style.bibtex:
            from lmtx.citations import bibtex

            return bibtex.write_bibtex(clean)
        case Style.ris:
            from lmtx.citations import ris

            return ris.write_ris(clean)
        case Style.csl_json:
            from lmtx.citations import csl

            return csl.write_csl(clean)
    assert_never(style)


def remove_line_breaks(citation: Citation) -> Citation:
    """Return a citation in which no text holds a line break, whatever its style would make of
    one."""
    author = (
        citation.author._replace(family=flatten_value(citation.author.family))
        if citation.author
        else None
    )
    texts = Citation._make(
        flatten_value(value) if type(value) is str else value for value in citation
    )
    notes, curation = (
        tuple(map(flatten_value, citation.notes)),
        tuple(map(flatten_value, citation.curation)),
    )
    return texts._replace(author=author, notes=notes, curation=curation)


def split_and_complete_page_range(pages: str) -> tuple[str, str] | None:
    """Return first and last page of "10-19", the last one in full ("1079-86" ends on 1086), or None
    for what is no such range."""
    found = re.fullmatch(r"(\w+)[-–](\w+)", pages)
    if not found:
        return None
    first, last = found[1], found[2]
    whole = first[: max(0, len(first) - len(last))] + last
    is_short = last.isdecimal() and first[-len(last) :].isdecimal() and first < whole
    return (first, whole) if is_short else (first, last)


def make_citation_key(id_: str) -> str:
    """Return an id as a key that every reader takes: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", id_)
