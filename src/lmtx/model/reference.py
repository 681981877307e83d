"""Short citations and canonical addresses of a study."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

BUNDLED = "lmtx"
"""The source of a record of the base itself."""
RESOLVERS = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "nct": "https://clinicaltrials.gov/study/{}",
}

_GROUPS = frozenset(
    (
        "network",
        "group",
        "society",
        "consortium",
        "committee",
        "association",
        "werkgroep",
        "therapeutics",
        "pharma",
        "pharmaceuticals",
        "inc",
        "ltd",
        "gmbh",
        "ag",
        "company",
    )
)
"""Words in the name of a group."""


def address(study: Mapping[str, Any]) -> str | None:
    """Return the canonical address: DOI, PubMed, PMC or registry, in that order; None where the study has no identifier."""
    for key in ("doi", "pmid", "pmcid"):
        if study.get(key):
            return RESOLVERS[key].format(study[key])
    for registration in study.get("nct") or ():
        if registration.startswith("NCT"):
            return RESOLVERS["nct"].format(registration)
    return None


def label(study: Mapping[str, Any]) -> str:
    """Return the short citation: what people call it, else "Yang 2020 (BLOOM)", or the id where the author is not known."""
    if study.get("label"):
        return str(study["label"])
    author, year, acronym = study.get("first_author"), study.get("year"), study.get("acronym")
    if not author:
        return f"{acronym} {year}" if acronym and year else acronym or study["id"]
    name = surname(author)
    return " ".join(str(part) for part in (name, year, f"({acronym})" if acronym else "") if part)


def surname(author: str) -> str:
    """Return the family name of "Le Rhun E"."""
    return author.rpartition(" ")[0] if is_person(author) else author


def is_person(author: str) -> bool:
    """Tell whether an author as printed has a family name and initials: "Le Rhun E"."""
    family, _, initials = author.rpartition(" ")
    return bool(family) and initials.isupper() and len(initials) <= 4


def is_group(author: str) -> bool:
    """Tell whether an author is a society, a company or the like, which has no co-authors."""
    words = author.split()
    return not is_person(author) and (
        len(words) > 2
        or any(word.lower().strip(",.") in _GROUPS for word in words)
        or re.search(r"[a-z][A-Z]", author) is not None
    )


def reference(study: Mapping[str, Any]) -> str:
    """Return the full reference in one line, of what is known; a descriptive title stands in brackets."""
    title = study.get("title")
    if title and study.get("title_descriptive"):
        title = f"[{title}]"
    place = study.get("journal") or ""
    if study.get("year"):
        place = f"{place} {study['year']}".strip()
    if study.get("volume"):
        place += f";{study['volume']}"
    if study.get("pages"):
        place += f":{study['pages']}"
    author = study.get("first_author")
    parts = [
        (author if is_group(author) else f"{author}, et al") if author else "",
        title or "",
        place,
    ]
    ids = [
        f"PMID {study['pmid']}" if study.get("pmid") else "",
        f"doi:{study['doi']}" if study.get("doi") else "",
    ]
    ids += (
        [study["pmcid"]]
        if study.get("pmcid") and not study.get("pmid") and not study.get("doi")
        else []
    )
    ids += list(study.get("nct") or ()) if not any(ids) else []
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return (
        ". ".join(part for part in (text, "; ".join(i for i in ids if i)) if part)
        or "no citation on record"
    ) + "."
