"""What is cited and as what: the publications behind treatments, tumors, trials and filters, and
lmtx itself.

A citation holds what its record holds. What is not known stays None and is left out by every style.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from lmtx.errors import CommandMention, ParameterMention, UsageError, Wording
from lmtx.index import read_meta
from lmtx.model.reference import (
    IDENTIFIER_URL_TEMPLATES,
    choose_study_url,
    is_group,
    parse_person_name,
)
from lmtx.model.vocabulary import STATUSES
from lmtx.query import resolve
from lmtx.query.evidence import SORT_ORDERS
from lmtx.query.filters import (
    Condition,
    Filters,
    any_tested_condition,
    count_evidence_left_out,
    evidence_conditions,
    join_conditions,
    note_left_out,
    tested_treatment_conditions,
)
from lmtx.query.resolve import MatchedRecord
from lmtx.tuples import NamedTuple

JsonDict = dict[str, Any]

_FILTERS = {"class": "drug_class", "biomarker": "biomarker"}
"""The filters by which classes and biomarkers are cited."""
PROGRAM_MATCH = MatchedRecord("lmtx", "lmtx")
"""What the name of lmtx means: it is no record, but can be cited."""
PROGRAM_TITLE = (
    "lmtx: evidence on treating leptomeningeal metastasis, looked up in a terminal and in scripts"
)
"""Title of lmtx itself, as in CITATION.cff."""
PROGRAM_AUTHORS = "The lmtx authors"
REGISTRIES = (
    ("NCT", "ClinicalTrials.gov"),
    ("ChiCTR", "Chinese Clinical Trial Registry"),
    ("UMIN", "UMIN Clinical Trials Registry"),
    ("jRCT", "Japan Registry of Clinical Trials"),
    ("EudraCT", "EU Clinical Trials Register"),
    ("ISRCTN", "ISRCTN registry"),
    ("NCI-", "National Cancer Institute"),
)
"""Who registers trials, by the beginning of their numbers."""
UNVERIFIED_SOURCE_NOTES = {
    "secondary": "Not read at its source by lmtx: known from a review or a news report",
    "recalled": "Not read at its source by lmtx: entered from memory",
}
_MEETING = re.compile(r"\b(abstract|congress|annual meeting|conference)\b", re.I)
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")


class CitationKind(StrEnum):
    """What a cited thing is, as far as its record tells."""

    article = "article"
    preprint = "preprint"
    conference = "conference"
    web = "web"
    registration = "registration"
    document = "document"
    software = "software"


UNNAMED_COAUTHORS = "others"
"""What stands for co-authors who are not on record, as a second author."""


class Author(NamedTuple):
    """The first author: a person with family name and initials, else a name to be taken as it
    stands.

    `others` tells a person, whose co-authors, if any, are not on record, from a group.
    """

    family: str
    initials: str = ""
    others: bool = True
    suffix: str = ""

    @property
    def given(self) -> str:
        """The initials as styles with full stops write them: "J. A.", "J.-Y."."""
        return "-".join(" ".join(f"{one}." for one in part) for part in self.initials.split("-"))

    @property
    def lineage(self) -> str:
        """The suffix as such styles write it: "Jr.", "III"."""
        return f"{self.suffix}." if self.suffix in ("Jr", "Sr") else self.suffix


class Citation(NamedTuple):
    """One thing to cite; every style writes the same fields."""

    id: str
    kind: CitationKind
    author: Author | None = None
    title: str | None = None
    descriptive: bool = False
    container: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registrations: tuple[str, ...] = ()
    url: str | None = None
    version: str | None = None
    notes: tuple[str, ...] = ()
    """Facts about what is cited that belong to its reference: that it was withdrawn, the status of
    a trial."""
    curation: tuple[str, ...] = ()
    """What lmtx says about its own record, which belongs to no reference."""

    @property
    def printed(self) -> tuple[str, ...]:
        """What a style may print beside the reference."""
        if self.registrations and self.kind is not CitationKind.registration:
            return (*self.notes, f"Registered as {', '.join(self.registrations)}")
        return self.notes

    @property
    def unprinted(self) -> tuple[str, ...]:
        """What must be said in a field that no style prints."""
        said = list(self.curation)
        if self.descriptive:
            said.append("The title is a description; the printed one is not on record")
        if self.author and self.author.others:
            said.append("Only the first author is on record")
        return tuple(said)


class GatheredCitations(NamedTuple):
    """Things to cite, each once, and notes on what was left out."""

    citations: list[Citation]
    notes: list[Wording]


def gather_citations(
    connection: sqlite3.Connection, names: Sequence[str], filters: Filters, program_version: str
) -> GatheredCitations:
    """Return the citations behind names in the order of the names, or without any those behind the
    filters; `program_version` is the version of lmtx.

    Raises UsageError or NotFound for a name that nothing to cite answers to.
    """
    if not names:
        return GatheredCitations(
            list(cite_studies(connection, list_studies_under_filters(connection, filters))),
            note_left_out(count_evidence_left_out(connection, filters), "row"),
        )
    found: dict[str, Citation] = {}
    notes: list[Wording] = []
    for name in names:
        match, others = (
            (PROGRAM_MATCH, [])
            if name.strip().casefold() == PROGRAM_MATCH.id
            else resolve.resolve_record(connection, name)
        )
        if match.kind in ("class", "biomarker"):
            raise UsageError(
                f"{name!r} is a {match.kind}, not a record to cite",
                (
                    "try: ",
                    CommandMention("cite", (), (ParameterMention(_FILTERS[match.kind], match.id),)),
                ),
            )
        cited = list(_cite_record(connection, match, filters, program_version))
        notes += _notes_on(connection, name, match, others, cited, filters)
        found |= {citation.id: citation for citation in cited if citation.id not in found}
    return GatheredCitations(list(found.values()), list(dict.fromkeys(notes)))


def _cite_record(
    connection: sqlite3.Connection, match: MatchedRecord, filters: Filters, program: str
) -> Iterator[Citation]:
    """Yield what a record stands for: itself where it is a registration or lmtx, and its
    publications."""
    if match == PROGRAM_MATCH:
        yield cite_lmtx(program, read_meta(connection))
        return
    if match.kind == "trial" and not filters._replace(mixed=False):
        yield cite_trial(connection, match.id)
    yield from cite_studies(connection, list_studies_behind_record(connection, match, filters))


def _notes_on(
    connection: sqlite3.Connection,
    name: str,
    match: MatchedRecord,
    others: Iterable[MatchedRecord],
    cited: Sequence[Citation],
    filters: Filters,
) -> Iterator[Wording]:
    """Yield what a name left out: everything, rows of mixed populations, and records that bear it
    too."""
    if not cited:
        yield f"no publication of {match.id}{' under these filters' if filters else ''}"
    if match.kind == "tumor":
        narrowed = filters._replace(tumors=(match.id,))
        yield from note_left_out(count_evidence_left_out(connection, narrowed), "row")
    namesakes = [
        f"{other.kind}:{other.id}"
        for other in others
        if other.id not in (match.id, *(citation.id for citation in cited))
    ]
    if namesakes:
        yield f"{name!r} also fits {', '.join(namesakes)}"


_LOOKED_FOR = (
    ("title", "title"),
    ("container", "journal or site"),
    ("author", "author"),
    ("year", "year"),
)


def write_incomplete_citation_suffix(citations: Iterable[Citation]) -> str:
    """Say how many publications lack what a reader will look for."""
    publications = [
        citation
        for citation in citations
        if citation.kind not in (CitationKind.registration, CitationKind.software)
    ]
    missing = [
        (sum(getattr(citation, field) is None for citation in publications), name)
        for field, name in _LOOKED_FOR
    ]
    said = [f"{number} without {name}" for number, name in missing if number]
    return f"; {', '.join(said)} on record" if said else ""


def note_first_authors_only(citations: Iterable[Citation]) -> str:
    """Say what "et al" stands for, where it is written."""
    return (
        "first authors only: co-authors are not on record"
        if any(citation.author and citation.author.others for citation in citations)
        else ""
    )


def list_studies_behind_record(
    connection: sqlite3.Connection, record: MatchedRecord, filters: Filters
) -> list[str]:
    """Return the ids of the studies behind a record, the strongest evidence first; under filters
    only those of rows that meet them.

    Drug levels, facts, guidelines and the reports that a trial names are no rows of evidence: a
    filter leaves them out, but for `mixed`, which only adds.
    """
    rows, others = _record_conditions(record, filters)
    found = _list_studies_of_evidence(connection, filters, rows)
    if not filters._replace(mixed=False):
        found += [
            study
            for query, parameters in others
            for (study,) in connection.execute(query, parameters)
        ]
    return list(dict.fromkeys(found))


def _record_conditions(
    match: MatchedRecord, filters: Filters
) -> tuple[list[Condition], list[Condition]]:
    """Return the condition on the rows of evidence of a record, and the queries for its other
    studies."""
    id_ = match.id
    if match.kind == "treatment":
        return [any_tested_condition([id_])], [
            ("select study from csf where treatment = ? order by number", [id_])
        ]
    if match.kind == "tumor":
        below = "select id from below where kind = 'tumor' and ancestor = ?"
        facts = (
            f"select study from fact where number in (select number from fact_tumor where tumor "
            f"in ({below})) or tumor = ? order by number"
        )
        return evidence_conditions(Filters(tumors=(id_,), mixed=filters.mixed)), [
            (facts, [id_, id_])
        ]
    if match.kind == "trial":
        reports = (
            "select study from trial_study x join trial t on t.number = x.number where t.id = ? "
            "union select id from name where kind = 'study' and name = ?"
        )
        return [(f"e.study in ({reports})", [id_, id_])], [
            (
                f"select study from ({reports}) join study on id = study order by year, id",
                [id_, id_],
            )
        ]
    return [("e.study = ?", [id_])], [("select id from study where id = ?", [id_])]


def _list_studies_of_evidence(
    connection: sqlite3.Connection, filters: Filters, also: Iterable[Condition] = ()
) -> list[str]:
    sql, parameters = join_conditions(
        [*evidence_conditions(filters), *tested_treatment_conditions(filters), *also]
    )
    return [
        study
        for (study,) in connection.execute(
            f"select e.study from evidence e {sql} order by {SORT_ORDERS['level']}", parameters
        )
    ]


def list_studies_under_filters(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    """Return the ids of the studies that `lmtx evidence` names under the filters, the strongest
    first."""
    return list(dict.fromkeys(_list_studies_of_evidence(connection, filters)))


def cite_studies(connection: sqlite3.Connection, ids: Iterable[str]) -> Iterator[Citation]:
    """Yield the citation of every study, in the order of the ids."""
    for id_ in ids:
        [(text,)] = connection.execute("select record from study where id = ?", (id_,))
        yield cite_study(json.loads(text))


def cite_study(study: JsonDict) -> Citation:
    """Return the citation of a publication."""
    volume, issue = _volume(study["volume"])
    kind = _kind(study["journal"], study["volume"])
    container = (study["journal"] or "").removesuffix(" preprint").removesuffix(
        " (news report)"
    ) or None
    named = any(study[key] for key in ("doi", "pmid", "pmcid"))
    page = next(iter(study["seen_at"]), None) if not named else None
    notes = [f"Withdrawn: {study['withdrawn']}"] if study["withdrawn"] else []
    curation = (
        [f"Superseded by a later report of the same patients, {study['superseded_by']}"]
        if study["superseded_by"]
        else []
    )
    curation += (
        [UNVERIFIED_SOURCE_NOTES[study["read_in"]]]
        if study["read_in"] in UNVERIFIED_SOURCE_NOTES
        else []
    )
    curation += [f"Page read: {page}"] if page and kind is not CitationKind.web else []
    return Citation(
        study["id"],
        kind,
        split_author(study["first_author"]) if study["first_author"] else None,
        study["title"],
        study["title_descriptive"] and study["title"] is not None,
        container,
        study["year"],
        volume,
        issue,
        study["pages"],
        study["doi"],
        study["pmid"],
        study["pmcid"],
        tuple(study["nct"]),
        url=choose_study_url({**study, "nct": ()}) or (page if kind is CitationKind.web else None),
        notes=tuple(notes),
        curation=tuple(curation),
    )


def _volume(printed: str | None) -> tuple[str | None, str | None]:
    """Part "38 (6)" into volume and issue."""
    parted = re.fullmatch(r"(\S+) ?\((.+)\)", printed or "")
    return (parted[1], parted[2]) if parted else (printed, None)


def _kind(journal: str | None, volume: str | None) -> CitationKind:
    if not journal:
        return CitationKind.document
    if journal.endswith("preprint"):
        return CitationKind.preprint
    if journal.endswith("(news report)") or _HOST.fullmatch(journal):
        return CitationKind.web
    return (
        CitationKind.conference if _MEETING.search(journal) and not volume else CitationKind.article
    )


def split_author(printed: str) -> Author:
    """Part "Le Rhun E" into family name, initials and suffix.

    A name without initials stands as it is; it is a person's unless it reads like that of a group,
    whose co-authors nobody must invent.
    """
    person = parse_person_name(printed)
    if person:
        return Author(person.family, person.initials, suffix=person.suffix)
    return Author(printed, others=not is_group(printed))


def cite_trial(connection: sqlite3.Connection, id_: str) -> Citation:
    """Return the citation of a trial's registration, with its status and the date of that; when the
    page was opened is not on record."""
    [(text,)] = connection.execute("select record from trial where id = ?", (id_,))
    trial = json.loads(text)
    registry = next((name for start, name in REGISTRIES if id_.startswith(start)), None)
    url = (
        IDENTIFIER_URL_TEMPLATES["nct"].format(trial["nct"])
        if trial["nct"]
        else next(iter(trial["seen_at"]), None)
    )
    status = (
        f"{STATUSES[trial['status']].label[:1].upper()}{STATUSES[trial['status']].label[1:]} as "
        f"of {trial['status_read']}"
    )
    return Citation(
        id_,
        CitationKind.registration,
        None,
        trial["title"],
        container=registry,
        registrations=(id_,),
        url=url,
        notes=(status,) if trial["status_read"] else (),
    )


def cite_lmtx(program_version: str, data: dict[str, str]) -> Citation:
    """Return the citation of lmtx with the version of its data. It has no DOI, so none is given."""
    return Citation(
        "lmtx",
        CitationKind.software,
        Author(PROGRAM_AUTHORS, others=False),
        PROGRAM_TITLE,
        year=int(data["as_of"][:4]),
        version=f"{program_version} with data {data['version']}",
        notes=(f"Data of {data['as_of']}, SHA-256 {data['sha256']}",),
    )


def list_citations_and_pages(
    connection: sqlite3.Connection, studies: Sequence[str]
) -> Iterator[tuple[str, str, str | None]]:
    """Yield id, short citation and page of studies; one that was read nowhere may have no page."""
    query = (
        "select id, label, coalesce(url, json_extract(record, '$.seen_at[0]')) from study "
        "where id in (select value from json_each(?)) order by id"
    )
    yield from connection.execute(query, [json.dumps(studies)])
