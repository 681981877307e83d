"""CSL-JSON, as Zotero and pandoc read it: an array with one object a citation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lmtx.citations import make_citation_key
from lmtx.query.cite import UNNAMED_COAUTHORS, Author, Citation, CitationKind
from lmtx.render.text.formats import write_json_value

CSL_TYPE_OF_KIND = {
    CitationKind.article: "article-journal", CitationKind.preprint: "article", CitationKind.conference: "paper-conference", CitationKind.web: "webpage", CitationKind.registration: "webpage",
    CitationKind.document: "document", CitationKind.software: "software",
}  # fmt: skip


def write_csl(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield one JSON array, a citation a line."""
    separator = "[\n"
    for citation in citations:
        yield separator + write_json_value(csl_item(citation))
        separator = ",\n"
    yield "\n]\n"


def csl_item(citation: Citation) -> dict[str, Any]:
    """Return a citation as a CSL item; what is not known has no key."""
    registered = citation.kind is CitationKind.registration
    values = {
        "id": make_citation_key(citation.id),
        "type": CSL_TYPE_OF_KIND[citation.kind],
        "author": _authors(citation.author) if citation.author else None,
        "title": citation.title,
        "container-title": citation.container,
        "genre": "preprint" if citation.kind is CitationKind.preprint else None,
        "issued": {"date-parts": [[citation.year]]} if citation.year else None,
        "volume": citation.volume,
        "issue": citation.issue,
        "page": citation.pages,
        "number": citation.registrations[0] if registered else None,
        "version": citation.version,
        "DOI": citation.doi,
        "PMID": citation.pmid,
        "PMCID": citation.pmcid,
        "URL": citation.url if not citation.doi else None,
        "note": ". ".join(citation.printed),
        "custom": {"lmtx": ". ".join(citation.unprinted)} if citation.unprinted else None,
    }
    return {name: value for name, value in values.items() if value}


def _authors(author: Author) -> list[dict[str, str]]:
    """Return a person as family name and initials, any other name as it stands; others, where there
    may be some, as pandoc calls them."""
    if author.initials:
        named = {"family": author.family, "given": author.given}
        named |= {"suffix": author.lineage} if author.lineage else {}
    else:
        named = {"literal": author.family}
    return [named, {"literal": UNNAMED_COAUTHORS}] if author.others else [named]
