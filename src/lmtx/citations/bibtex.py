"""BibTeX: UTF-8, with every sign that TeX reads as more than itself spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lmtx.citations import make_citation_key, split_and_complete_page_range
from lmtx.query.cite import UNNAMED_COAUTHORS, Author, Citation, CitationKind

ENTRY_TYPE_OF_KIND = {CitationKind.article: "article", CitationKind.conference: "inproceedings"}
"""Entry types; all else is `misc`, the one that every style of BibTeX knows."""
_TEX = str.maketrans({
    "{": "{\\textbraceleft}", "}": "{\\textbraceright}", "\\": "{\\textbackslash}", "~": "{\\textasciitilde}", "^": "{\\textasciicircum}",
    "%": "\\%", "&": "\\&", "#": "\\#", "_": "\\_", "$": "\\$",
})  # fmt: skip
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


def write_bibtex(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield one entry a citation, a blank line between two."""
    separator = ""
    for citation in citations:
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(citation) if value)
        kind = ENTRY_TYPE_OF_KIND.get(citation.kind, "misc")
        yield f"{separator}@{kind}{{{make_citation_key(citation.id)},\n{body}}}\n"
        separator = "\n"


def escape_tex(text: str) -> str:
    """Return text in which no sign drives TeX, and braces are balanced."""
    return text.translate(_TEX)


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    """Yield the fields of an entry; an empty one is not written.

    `doi` and `url` are read verbatim.
    """
    yield "author", _author(citation.author) if citation.author else ""
    yield "title", _kept(citation.title)
    yield (
        "journal",
        escape_tex(citation.container or "") if citation.kind is CitationKind.article else "",
    )
    yield "booktitle", _kept(citation.container) if citation.kind is CitationKind.conference else ""
    yield (
        "howpublished",
        escape_tex(citation.container or "") if citation.kind not in ENTRY_TYPE_OF_KIND else "",
    )
    yield "year", str(citation.year or "")
    yield "volume", escape_tex(citation.volume or "")
    yield (
        "number",
        escape_tex(
            citation.registrations[0]
            if citation.kind is CitationKind.registration
            else citation.issue or ""
        ),
    )
    yield "pages", escape_tex(_pages(citation.pages or ""))
    yield "version", escape_tex(citation.version or "")
    yield "doi", (citation.doi or "").translate(_VERBATIM)
    yield "pmid", citation.pmid or ""
    yield "pmcid", citation.pmcid or ""
    yield "url", (citation.url or "").translate(_VERBATIM) if not citation.doi else ""
    yield "note", escape_tex(". ".join(citation.printed))
    yield "lmtx-note", escape_tex(". ".join(citation.unprinted))


def _kept(text: str | None) -> str:
    """Write text in a second pair of braces, so that no style lowers the capitals of a drug, a gene
    or a society."""
    return f"{{{escape_tex(text)}}}" if text else ""


def _author(author: Author) -> str:
    """Write a name so that no part of it is taken for another: a family name of several words, and
    a name without initials, stand in braces."""
    family = escape_tex(author.family)
    whole = f"{{{family}}}" if not author.initials or not author.family.isalpha() else family
    parts = [whole, author.lineage] if author.lineage else [whole]
    name = ", ".join([*parts, author.given] if author.initials else parts)
    return f"{name} and {UNNAMED_COAUTHORS}" if author.others else name


def _pages(pages: str) -> str:
    return "--".join(re.split("[-–]", pages)) if split_and_complete_page_range(pages) else pages
