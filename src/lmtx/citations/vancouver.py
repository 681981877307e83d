"""Vancouver, the style of medical journals: a numbered list to read and to paste.

The one-line reference of a card is `lmtx.model.reference.reference`; here every identifier is
named, and what a reader must know of the record is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lmtx.query.cite import Citation, CitationKind

BRACKETED_LABEL_OF_KIND = {
    CitationKind.preprint: " [preprint]",
    CitationKind.conference: " [abstract]",
    CitationKind.web: " [Internet]",
    CitationKind.registration: " [trial registration]",
    CitationKind.software: " [computer program]",
}


def write_vancouver(citations: Iterable[Citation], width: int | None) -> Iterator[str]:
    """Yield one line a citation, or several where `width` folds them for a terminal."""
    for number, citation in enumerate(citations, start=1):
        yield _folded(f"{number}. ", write_reference(citation), width) + "\n"


def _folded(head: str, text: str, width: int | None) -> str:
    """Return a numbered entry that hangs under its number; a word, and so an identifier, stays
    whole."""
    if width is None:
        return head + text
    from textwrap import fill

    return fill(
        text,
        max(width, 20),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def write_reference(citation: Citation) -> str:
    """Return one reference: author, title, place, identifiers, and in brackets what a reader must
    know."""
    parts = [
        _author(citation),
        _title(citation),
        _write_source(citation),
        _identifiers(citation),
        f"Available from: {citation.url}"
        if citation.url and not citation.pmid and not citation.doi
        else "",
    ]
    text = (
        " ".join(_ended(part) for part in parts if part) or f"{citation.id}: no citation on record."
    )
    return text + "".join(f" [{note}]" for note in (*citation.notes, *citation.curation))


def _ended(part: str) -> str:
    return (
        part if part.endswith((".", "?", "!")) or "://" in part.rpartition(" ")[2] else f"{part}."
    )


def _author(citation: Citation) -> str:
    if not citation.author:
        return ""
    author = citation.author
    name = " ".join(part for part in (author.family, author.initials, author.suffix) if part)
    return f"{name}, et al" if author.others else name


def _title(citation: Citation) -> str:
    if not citation.title:
        return BRACKETED_LABEL_OF_KIND.get(citation.kind, "").strip()
    title = citation.title.rstrip(".")
    return (f"[{title}]" if citation.descriptive else title) + BRACKETED_LABEL_OF_KIND.get(
        citation.kind, ""
    )


def _write_source(citation: Citation) -> str:
    """Return journal, year, volume, issue and pages: "J Clin Oncol. 2020;38(6):538-547"."""
    where = f"{citation.volume or ''}{f'({citation.issue})' if citation.issue else ''}"
    head = ";".join(part for part in (str(citation.year or ""), where) if part)
    when = ":".join(part for part in (head, citation.pages) if part)
    version = f"Version {citation.version}" if citation.version else ""
    return ". ".join(part.rstrip(".") for part in (citation.container or "", version, when) if part)


def _identifiers(citation: Citation) -> str:
    known = (("doi:", citation.doi), ("PMID: ", citation.pmid), ("PMCID: ", citation.pmcid))
    found = "; ".join(f"{name}{value}" for name, value in known if value)
    return found or ", ".join(citation.registrations)
