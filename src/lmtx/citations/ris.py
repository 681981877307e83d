"""RIS, as Zotero, EndNote and Mendeley read it: a tag a line, and no line break inside a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lmtx.citations import make_citation_key, split_and_complete_page_range
from lmtx.query.cite import UNNAMED_COAUTHORS, Author, Citation, CitationKind

RIS_TYPE_OF_KIND = {
    CitationKind.article: "JOUR", CitationKind.preprint: "UNPB", CitationKind.conference: "CPAPER", CitationKind.web: "ELEC", CitationKind.registration: "ELEC", CitationKind.document: "GEN", CitationKind.software: "COMP",
}  # fmt: skip


def write_ris(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield one record a citation, a blank line between two."""
    separator = ""
    for citation in citations:
        yield (
            separator
            + "".join(f"{tag}  - {value}\n" for tag, value in _tags(citation) if value)
            + "ER  - \n"
        )
        separator = "\n"


def _tags(citation: Citation) -> Iterator[tuple[str, str]]:
    """Yield the tags of a record; an empty one is not written."""
    first, last = (split_and_complete_page_range(citation.pages) if citation.pages else None) or (
        citation.pages or "",
        "",
    )
    yield "TY", RIS_TYPE_OF_KIND[citation.kind]
    yield "ID", make_citation_key(citation.id)
    if citation.author:
        yield "AU", _author(citation.author)
        yield "AU", UNNAMED_COAUTHORS if citation.author.others else ""
    yield "TI", citation.title or ""
    yield "T2", citation.container or ""
    yield "PY", str(citation.year or "")
    yield "VL", citation.volume or ""
    yield "IS", citation.issue or ""
    yield "SP", first
    yield "EP", last
    yield "ET", citation.version or ""
    yield "DO", citation.doi or ""
    yield (
        "AN",
        citation.registrations[0]
        if citation.kind is CitationKind.registration
        else citation.pmid or "",
    )
    yield "C2", citation.pmcid or ""
    yield "UR", citation.url or "" if not citation.doi else ""
    yield from (("N1", note) for note in (*citation.printed, *citation.unprinted))


def _author(author: Author) -> str:
    """Write a name as RIS has it: "Smith, J. A., Jr."."""
    return ", ".join(part for part in (author.family, author.given, author.lineage) if part)
