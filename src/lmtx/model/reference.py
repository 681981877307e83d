"""Short citations and canonical addresses of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lmtx.tuples import NamedTuple

BUNDLED_SOURCE = "lmtx"
"""The source of a record of the base itself."""
IDENTIFIER_URL_TEMPLATES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "nct": "https://clinicaltrials.gov/study/{}",
}

_GROUPS = frozenset(
    (
        "network",
        "group",
        "groups",
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
        "llc",
        "plc",
        "corp",
        "gmbh",
        "kgaa",
        "company",
        "investigators",
        "trialists",
        "collaborative",
        "collaborators",
        "collaboration",
        "cooperative",
        "institute",
        "institut",
        "university",
        "hospital",
        "clinic",
        "center",
        "centre",
        "foundation",
        "agency",
        "organization",
        "organisation",
        "ministry",
        "council",
        "alliance",
    )
)
"""Words in the name of a group."""
_COMPANIES = {
    "astellas", "astrazeneca", "bayer", "biogen", "debiopharm", "ferring", "grifols", "ipsen", "lonza", "lundbeck", "merck", "mundipharma", "novartis", "novo", "orion", "pfizer", "roche", "sandoz", "sanofi", "santhera", "servier", "takeda", "ucb",
}  # fmt: skip
_LEGAL_FORMS = {"ag", "sa", "se", "kg", "nv", "bv", "ab", "as", "oy", "kk"}
"""Companies whose legal form reads like initials: "Novartis AG" is no Dr. A. G. Novartis."""
_SUFFIXES = {word.casefold(): word for word in ("Jr", "Sr", "II", "III", "IV", "2nd", "3rd", "4th")}
_MOST_INITIALS = 4


class PersonName(NamedTuple):
    """The name of a person in parts: "van der Berg", "J-P", "Jr"."""

    family: str
    initials: str
    suffix: str = ""


def choose_study_url(study: Mapping[str, Any]) -> str | None:
    """Return the canonical address: DOI, PubMed, PMC or registry, in that order; None where the
    study has no identifier."""
    for key in ("doi", "pmid", "pmcid"):
        if study.get(key):
            return IDENTIFIER_URL_TEMPLATES[key].format(study[key])
    for registration in study.get("nct") or ():
        if registration.startswith("NCT"):
            return IDENTIFIER_URL_TEMPLATES["nct"].format(registration)
    return None


def write_short_citation(study: Mapping[str, Any]) -> str:
    """Return the short citation: what people call it, else "Yang 2020 (BLOOM)", or the id where the
    author is not known."""
    if study.get("label"):
        return str(study["label"])
    author, year, acronym = study.get("first_author"), study.get("year"), study.get("acronym")
    if not author:
        return f"{acronym} {year}" if acronym and year else acronym or study["id"]
    name = family_name(author)
    return " ".join(str(part) for part in (name, year, f"({acronym})" if acronym else "") if part)


def family_name(author: str) -> str:
    """Return the family name of "Le Rhun E"."""
    person = parse_person_name(author)
    return person.family if person else author


def parse_person_name(author: str) -> PersonName | None:
    """Part "Smith JA Jr" into family name, initials and suffix; None for a name without initials,
    and for a group."""
    words = author.replace(",", " ").split()
    suffix = _SUFFIXES.get(words[-1].rstrip(".").casefold(), "") if len(words) > 2 else ""
    *family, initials = words[:-1] if suffix else words or [""]
    initials = initials.replace(".", "")
    letters = initials.replace("-", "")
    is_person = (
        family
        and letters.isalpha()
        and letters.isupper()
        and len(letters) <= _MOST_INITIALS
        and not _names_a_group(author)
    )
    return PersonName(" ".join(family), initials, suffix) if is_person else None


def _names_a_group(author: str) -> bool:
    words = [word.strip(",.").casefold() for word in author.split()]
    is_company = words[0] in _COMPANIES and words[-1] in _LEGAL_FORMS
    return is_company or not _GROUPS.isdisjoint(words)


def is_group(author: str) -> bool:
    """Tell whether an author is a society, a company or the like, which has no co-authors."""
    return parse_person_name(author) is None and (
        len(author.split()) > 2
        or _names_a_group(author)
        or (author.isascii() and author.isupper() and len(author) > 2)
        or re.search(r"[a-z][A-Z]", author) is not None
    )


def write_full_reference(study: Mapping[str, Any]) -> str:
    """Return the full reference in one line, of what is known; a descriptive title stands in
    brackets."""
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


def list_distinct_sources(sources: Iterable[str]) -> list[str]:
    """Return the sources of what a row counts, each once, the base first."""
    return sorted(set(sources), key=lambda source: (source != BUNDLED_SOURCE, source))
