"""What PubMed, PMC, Crossref and ClinicalTrials.gov would complete in a knowledge base, as
proposals.

A record is compared before anything is proposed for it: where title, first author, year or an
identifier differ, it may be another paper, so nothing is proposed and the difference is told. What
a record says already is never replaced in a citation; of a trial it is, since a registry changes.
Figures are never taken.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches, unified_diff
from typing import TYPE_CHECKING, Any

from lmtx import progress
from lmtx.errors import DataError, Problem, UnknownRecord, escape_control
from lmtx.model import schema
from lmtx.model.names import fold_name
from lmtx.model.reference import IDENTIFIER_URL_TEMPLATES, family_name
from lmtx.store.loading import Base, DataFile, Location
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.curation.clients import AnswerError, Paper, Registration, ServiceConnection

TomlValue = str | int | tuple[str, ...]

FETCHABLE_CITATION_KEYS = (
    "first_author", "authors", "title", "journal", "year", "volume", "pages", "pmid", "doi",
)  # fmt: skip
"""What a citation may lack and a service may know; a paper need not be in PMC."""
FETCHABLE_REGISTRATION_KEYS = ("phase", "updated", "countries", "study_type", "enrolment")
STATUS_BY_REGISTRY_WORD = {
    "RECRUITING": "recruiting",
    "NOT_YET_RECRUITING": "not-yet-recruiting",
    "ENROLLING_BY_INVITATION": "enrolling-by-invitation",
    "ACTIVE_NOT_RECRUITING": "active-not-recruiting",
    "COMPLETED": "completed",
    "TERMINATED": "terminated",
    "SUSPENDED": "suspended",
    "WITHDRAWN": "withdrawn",
    "NO_LONGER_AVAILABLE": "no-longer-available",
    "UNKNOWN": "unknown",
}
"""Our words for the registry's; it has others, of expanded access, for which we have none."""
PHASE_BY_REGISTRY_WORDS = {
    ("NA",): "not-applicable",
    ("EARLY_PHASE1",): "early-1",
    ("PHASE1",): "1",
    ("PHASE1", "PHASE2"): "1/2",
    ("PHASE2",): "2",
    ("PHASE2", "PHASE3"): "2/3",
    ("PHASE3",): "3",
    ("PHASE4",): "4",
}
STUDY_TYPE_BY_REGISTRY_WORD = {
    "INTERVENTIONAL": "interventional",
    "OBSERVATIONAL": "observational",
    "EXPANDED_ACCESS": "expanded-access",
}
LEAST_SHARED_TITLE_LETTERS = 25
"""Letters that one title must share with the beginning of another to be that title without its
subtitle."""
LEAST_AGREEING_IDENTIFIERS = 2
"""Identifiers that must agree where neither the title nor author and year can be compared."""
LEAST_TITLE_OVERLAP = 0.5
"""Share of the words of the shorter title that two titles of one trial have in common at least."""
WIDEST_LINE = 100


class Proposal(NamedTuple):
    """New values for a table of a data file, and where each was read."""

    file: str
    table: Location
    values: dict[str, TomlValue]
    sources: dict[str, str]


class Finding(NamedTuple):
    """What asking about one record gave."""

    proposal: Proposal | None = None
    problems: tuple[Problem, ...] = ()
    """Why nothing is proposed: another paper or trial, or no usable answer."""
    notes: tuple[Problem, ...] = ()
    """What a person must look at; it is not written."""


def list_study_keys_to_fetch(study: schema.Study) -> list[str]:
    """Return what the citation of a study lacks and a service may know; nothing where the study has
    no identifier."""
    in_pubmed = bool(study.pmid or study.pmcid)
    if not (in_pubmed or study.doi):
        return []
    return [
        name
        for name in FETCHABLE_CITATION_KEYS
        if (not getattr(study, name) or (name == "title" and study.title_descriptive))
        and (name != "doi" or in_pubmed)
        and (name != "pmid" or study.pmcid)  # Crossref knows none
    ]


def list_trial_keys_to_fetch(trial: schema.Trial) -> list[str]:
    """Return what a trial lacks and ClinicalTrials.gov may know; nothing where it has no number
    there."""
    if not nct_of(trial):
        return []
    lacking = [name for name in FETCHABLE_REGISTRATION_KEYS if getattr(trial, name) in (None, ())]
    return lacking + (["status"] if trial.status == "not-stated" else [])


def nct_of(trial: schema.Trial) -> str:
    """Return the number of a trial at ClinicalTrials.gov; "" where it has none."""
    return trial.nct or (trial.id if trial.id.startswith("NCT") else "")


def choose_studies(base: Base, names: Sequence[str]) -> list[schema.Study]:
    """Return the studies that were named, else those whose citation lacks something; raise
    UnknownRecord."""
    studies = [file.study for file in base.studies]
    if not names:
        return [study for study in studies if list_study_keys_to_fetch(study)]
    known = {
        fold_name(name): study
        for study in studies
        for name in (*study.also_known_as, study.pmid, study.doi, study.pmcid, study.id)
        if name
    }
    return list(dict.fromkeys(_choose(known, name, "study") for name in names))


def choose_trials(base: Base, names: Sequence[str]) -> list[schema.Trial]:
    """Return the trials that were named, else those with a number at ClinicalTrials.gov; raise
    UnknownRecord."""
    if not names:
        return [trial for trial in base.trials if nct_of(trial)]
    known = {
        fold_name(name): trial
        for trial in base.trials
        for name in (trial.nct, trial.registry_id, trial.id)
        if name
    }
    return list(dict.fromkeys(_choose(known, name, "trial") for name in names))


def _choose(known: Mapping[str, Any], name: str, kind: str) -> Any:
    if fold_name(name) in known:
        return known[fold_name(name)]
    near = get_close_matches(fold_name(name), known, 1)
    hint = f"did you mean {known[near[0]].id}?" if near else "leave it out to ask about all"
    raise UnknownRecord(f"no {kind} {name!r} in these data", hint)


# Citations


def fetch_citations(
    connection: ServiceConnection, base: Base, studies: Sequence[schema.Study]
) -> Iterator[Finding]:
    """Yield what the services know of each study, in the order of the studies. Raises
    NetworkError."""
    from lmtx.curation.clients import MOST_PAPERS_PER_REQUEST

    for start in range(0, len(studies), MOST_PAPERS_PER_REQUEST):
        batch = studies[start : start + MOST_PAPERS_PER_REQUEST]
        summaries = {
            **_summaries(connection, "pubmed", {s.id: s.pmid for s in batch if s.pmid}),
            **_summaries(
                connection,
                "pmc",
                {s.id: s.pmcid[3:] for s in batch if s.pmcid and not s.pmid},
            ),
        }
        for study in progress.report_steps("asking about citations", batch):
            answers = [summaries[study.id]] if study.id in summaries else []
            if study.doi:
                answers.append(_work(connection, study.doi))
            yield _refuse_taken(
                base, study, compare_citation(base.study_source(study.id), study, answers)
            )


def _refuse_taken(base: Base, study: schema.Study, finding: Finding) -> Finding:
    """Return a finding, or a problem where it would give a study the identifier of another."""
    values = finding.proposal.values if finding.proposal else {}
    for key in ("pmid", "doi", "pmcid"):
        for other in (file.study for file in base.studies if key in values):
            if other.id != study.id and getattr(other, key) == values[key]:
                what = f"{key} {values[key]} is that of {other.id}"
                todo = "one paper is one record: merge them"
                problem = base.study_source(study.id).problem(("study", key), study.id, what, todo)
                return Finding(problems=(problem,))
    return finding


def _summaries(
    connection: ServiceConnection, database: str, uids: Mapping[str, str]
) -> dict[str, Paper | AnswerError]:
    """Return the answers by the id of the study."""
    from lmtx.curation.clients import AnswerError

    if not uids:
        return {}
    try:
        answers = connection.fetch_papers(database, list(dict.fromkeys(uids.values())))
    except AnswerError as error:
        return dict.fromkeys(uids, error)
    return {study: answers[uid] for study, uid in uids.items()}


def _work(connection: ServiceConnection, doi: str) -> Paper | AnswerError:
    from lmtx.curation.clients import AnswerError

    try:
        return connection.fetch_work(doi)
    except AnswerError as error:
        return error


def compare_citation(
    source: DataFile, study: schema.Study, answers: Sequence[Paper | AnswerError]
) -> Finding:
    """Hold a citation against what services say of it, and propose what it lacks.

    An answer that is unusable is a problem where it is the only one, else a note.
    """
    from lmtx.curation.clients import AnswerError

    def tell(key: str, what: str, todo: str) -> Problem:
        return source.problem(("study", key), study.id, what, todo)

    papers = [answer for answer in answers if not isinstance(answer, AnswerError)]
    unusable = [
        tell("id", answer.message, "look the paper up by hand")
        for answer in answers
        if isinstance(answer, AnswerError)
    ]
    if not papers:
        return Finding(problems=tuple(unusable))
    problems = [
        tell(key, f"{paper.service} has {key} {shown}", "another paper? correct the record first")
        for paper in papers
        for key, shown in _find_differences(study, paper, {y for one in papers for y in one.years})
    ]
    if problems:
        return Finding(problems=(*problems, *unusable))
    notes = [*unusable, *(tell(*note) for note in _notes(study, papers))]
    values, sources = _find_missing(study, papers)
    if key := _find_unfit(study, values):
        services = " or ".join(paper.service for paper in papers)
        what = f"{services} has a value that no record can hold: {key}"
        return Finding(problems=(tell(key, what, "look it up by hand"), *unusable))
    proposal = Proposal(source.name, ("study",), values, sources) if values else None
    return Finding(proposal, notes=tuple(notes))


def _find_unfit(record: schema.Study | schema.Trial, values: Mapping[str, TomlValue]) -> str:
    """Return the first key whose new value the record cannot hold; "" where it can hold all."""
    from pydantic import ValidationError

    try:
        type(record).model_validate({**record.model_dump(), **values})
    except ValidationError as error:
        return escape_control(
            str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        )
    return ""


def _find_differences(
    study: schema.Study, paper: Paper, years: Collection[int]
) -> Iterator[tuple[str, str]]:
    """Yield each part by which a paper shows itself to be another one, with what the service has.

    `years` are those of all services: Crossref may know a paper by the day it came online alone.
    """
    has_title = bool(study.title and not study.title_descriptive)
    if has_title and not (
        paper.titles and any(_is_same_title(study.title or "", title) for title in paper.titles)
    ):
        yield "title", _quoted(paper.titles[:1])
    if study.first_author and not _is_same_author(study, paper):
        yield "first_author", _quoted(paper.authors[:1])
    if study.year and study.year not in years:
        yield "year", " and ".join(map(str, paper.years)) or "none"
    agreeing = 0
    for key in ("pmid", "doi", "pmcid"):
        ours, theirs = getattr(study, key), getattr(paper, key)
        if ours and theirs and ours.casefold() != theirs.casefold():
            yield key, _quoted([theirs])
        agreeing += bool(ours and theirs)
    if (
        not has_title
        and not (study.first_author and study.year)
        and agreeing < LEAST_AGREEING_IDENTIFIERS
    ):
        yield "title", f"{_quoted(paper.titles[:1])}, and the record has too little to compare"


def _quoted(texts: Sequence[str]) -> str:
    return f'"{escape_control(texts[0])}"' if texts else "none"


def _is_same_title(ours: str, theirs: str) -> bool:
    """Tell whether two titles are one, but for case, punctuation and accents, or for a subtitle."""
    short, long = sorted((fold_name(ours), fold_name(theirs)), key=len)
    return short == long or (len(short) >= LEAST_SHARED_TITLE_LETTERS and long.startswith(short))


def _is_same_author(study: schema.Study, paper: Paper) -> bool:
    """Tell whether the first author is the same person by family name, or one of the groups."""
    ours = {
        fold_name(family_name(name))
        for name in (study.first_author, study.first_author_latin)
        if name
    }
    persons = [name for name in paper.authors if name not in paper.groups]
    theirs = {fold_name(family_name(name)) for name in (*paper.authors[:1], *persons[:1])}
    theirs |= {fold_name(name) for name in paper.groups}
    return not paper.authors or bool(ours & theirs)


def _notes(study: schema.Study, papers: Sequence[Paper]) -> Iterator[tuple[str, str, str]]:
    """Yield what differs without making it another paper, and what a reader must be told."""
    for paper in papers:
        if paper.is_retracted and not study.withdrawn:
            yield "id", f"{paper.service} says that it was retracted", "read why; set withdrawn"
        if study.volume and paper.volume and fold_name(study.volume) != fold_name(paper.volume):
            yield "volume", f"{paper.service} has volume {_quoted([paper.volume])}", "look it up"
        if study.pages and paper.pages and _pages(study.pages) != _pages(paper.pages):
            yield "pages", f"{paper.service} has pages {_quoted([paper.pages])}", "look it up"
        if study.authors and paper.authors and len(study.authors) != len(paper.authors):
            yield "authors", f"{paper.service} names {len(paper.authors)} authors", "count them"
    if not study.authors and not _has_same_authors(papers):
        counts = " and ".join(f"{len(_persons(paper))} ({paper.service})" for paper in papers)
        yield "authors", f"the services name different numbers of authors: {counts}", "count them"


def _persons(paper: Paper) -> list[str]:
    return [name for name in paper.authors if name not in paper.groups]


def _has_same_authors(papers: Sequence[Paper]) -> bool:
    """Tell whether all services that name authors name as many persons: a list may be cut short."""
    return len({len(_persons(paper)) for paper in papers if paper.authors}) <= 1


def _pages(text: str) -> str:
    """Return pages to compare them: "2726-33" is "2726-2733"."""
    return fold_name(_whole_pages(text))


def _whole_pages(text: str) -> str:
    """Return a range of pages with its last page in full."""
    first, dash, last = text.replace("–", "-").partition("-")
    if dash and first.isdigit() and last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return f"{first}{dash}{last}"


def _find_missing(
    study: schema.Study, papers: Sequence[Paper]
) -> tuple[dict[str, TomlValue], dict[str, str]]:
    """Return what the record lacks and a service has, the first service before the next, and where
    each was read."""
    values: dict[str, TomlValue] = {}
    sources: dict[str, str] = {}
    for paper in papers:
        known: dict[str, TomlValue] = {
            "first_author": paper.authors[0] if paper.authors else "",
            "authors": paper.authors if _has_same_authors(papers) else (),
            "title": paper.titles[-1] if paper.titles else "",
            "journal": paper.journals[0] if paper.journals else "",
            "year": paper.years[0] if paper.years else 0,
            "volume": paper.volume,
            "pages": _whole_pages(paper.pages),
            "pmid": paper.pmid,
            "doi": paper.doi,
            "pmcid": paper.pmcid,
        }
        for key, value in known.items():
            is_lacking = not getattr(study, key) or (key == "title" and study.title_descriptive)
            if value and is_lacking and key not in values:
                values[key], sources[key] = value, paper.service
    sought = tuple(name for name in study.not_found if name not in values)
    if sought != study.not_found:
        values["not_found"] = sought  # what was looked for in vain is found now
    return values, sources


# Trials


def fetch_trials(
    connection: ServiceConnection, base: Base, trials: Sequence[schema.Trial], day: date
) -> Iterator[Finding]:
    """Yield what ClinicalTrials.gov says of each trial, in the order of the trials. Raises
    NetworkError."""
    from lmtx.curation.clients import AnswerError

    source = base.source("trials.toml")
    places = {trial.id: place for place, trial in enumerate(base.trials)}
    for trial in progress.report_steps("asking about trials", trials):
        place = ("trial", places[trial.id])
        if not nct_of(trial):
            what = "is not registered at ClinicalTrials.gov"
            yield Finding(
                problems=(source.problem(place, trial.id, what, "read its own registry"),)
            )
            continue
        try:
            registration = connection.fetch_registration(nct_of(trial))
        except AnswerError as error:
            what, todo = error.message, "look the trial up by hand"
            yield Finding(problems=(source.problem(place, trial.id, what, todo),))
        else:
            yield compare_trial(source, place, trial, registration, day)


def compare_trial(
    source: DataFile, place: Location, trial: schema.Trial, registration: Registration, day: date
) -> Finding:
    """Hold a trial against its registration, and propose what changed."""

    def tell(key: str, what: str, todo: str) -> Problem:
        return source.problem((*place, key), trial.id, what, todo)

    if registration.nct != nct_of(trial):
        what = f"the registry answers with {_quoted([registration.nct])}"
        return Finding(problems=(tell("id", what, "another trial? correct the record first"),))
    if not any(_is_like_title(trial.title, title) for title in registration.titles):
        what = f"the registry has title {_quoted(registration.titles)}"
        return Finding(problems=(tell("title", what, "another trial? correct the record first"),))
    values = _find_changes(trial, registration)
    notes = [*_note_unknown_words(tell, registration)]
    if "status" in values and trial.status_note:
        notes.append(tell("status_note", "the status changed", "see whether the note still holds"))
    if "phase" in values and trial.phase_note:
        notes.append(tell("phase_note", "the phase changed", "see whether the note still holds"))
    sources = dict.fromkeys(values, "ClinicalTrials.gov")
    if registration.status in STATUS_BY_REGISTRY_WORD and trial.status_read != day.isoformat():
        values["status_read"] = day.isoformat()  # says itself when it was read
    page = IDENTIFIER_URL_TEMPLATES["nct"].format(registration.nct)
    if values and page not in trial.seen_at:
        values["seen_at"] = (*map(str, trial.seen_at), page)
    if key := _find_unfit(trial, values):
        what = f"the registry has a value that no record can hold: {key}"
        return Finding(problems=(tell(key, what, "look it up by hand"),))
    proposal = Proposal(source.name, place, values, sources) if values else None
    return Finding(proposal, notes=tuple(notes))


def _is_like_title(ours: str, theirs: str) -> bool:
    """Tell whether two titles may be those of one trial: a registry lets a title be reworded."""
    words = [
        {fold_name(word) for word in title.split() if len(word) > 3} for title in (ours, theirs)
    ]
    shared = len(words[0] & words[1])
    return _is_same_title(ours, theirs) or (
        all(words) and shared / min(map(len, words)) >= LEAST_TITLE_OVERLAP
    )


def _note_unknown_words(tell: Any, found: Registration) -> Iterator[Problem]:
    """Yield a note for each word of the registry for which there is none of ours."""
    for key, word, is_known in (
        ("status", found.status, found.status in STATUS_BY_REGISTRY_WORD),
        ("phase", "/".join(found.phases), found.phases in PHASE_BY_REGISTRY_WORDS),
        ("study_type", found.study_type, found.study_type in STUDY_TYPE_BY_REGISTRY_WORD),
    ):
        if word and not is_known:
            yield tell(key, f"the registry has {key} {_quoted([word])}", "enter it by hand")


def _find_changes(trial: schema.Trial, found: Registration) -> dict[str, TomlValue]:
    """Return what the registry says otherwise than the record."""
    has_title = any(_is_same_title(trial.title, title) for title in found.titles)
    said: dict[str, TomlValue | None] = {
        "title": None if has_title else found.titles[0],
        "phase": PHASE_BY_REGISTRY_WORDS.get(found.phases),
        "status": STATUS_BY_REGISTRY_WORD.get(found.status),
        "updated": found.updated,
        "countries": found.countries,
        "study_type": STUDY_TYPE_BY_REGISTRY_WORD.get(found.study_type),
        "enrolment": found.enrolment,
    }
    if set(found.countries) == set(trial.countries):
        said["countries"] = None
    return {
        key: value
        for key, value in said.items()
        if value not in (None, "", ()) and value != getattr(trial, key)
    }


# From proposals to files


def apply_proposals(source: DataFile, proposals: Sequence[Proposal], day: date) -> str:
    """Return the text of a data file in canonical order with all its proposals; raise DataError
    where they make no valid record."""
    from pydantic import ValidationError

    from lmtx.curation.formatter import set_keys_and_format
    from lmtx.store.loading import find_file_model, parse_file

    changes = {}
    for proposal in proposals:
        comments = {key: f"  # {read_in}, {day}" for key, read_in in proposal.sources.items()}
        changes[proposal.table] = {
            key: format_toml_value(key, value) + comments.get(key, "") if value != () else ""
            for key, value in proposal.values.items()
        }
        if proposal.table == ("study",) and "title" in proposal.values:
            changes[proposal.table]["title_descriptive"] = ""
    text = set_keys_and_format(source.text, source.name, changes)
    problems: list[Problem] = []
    parsed = parse_file(DataFile(source.name, text), problems)
    try:
        find_file_model(source.name).model_validate(parsed)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = escape_control(".".join(map(str, first["loc"])))
        problems.append(
            Problem(source.name, 1, where, "an answer makes no valid record", "enter it by hand")
        )
    if problems:
        raise DataError("an answer cannot be written", problems=tuple(problems))
    return text


def format_toml_value(key: str, value: TomlValue) -> str:
    """Return a value as TOML writes it; a list that is too wide for a line one item a line, authors
    filled into lines."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _spell_text(value)
    items = [_spell_text(item) for item in value]
    line = f"[{', '.join(items)}]"
    if len(key) + len(line) + 3 <= WIDEST_LINE:
        return line
    lines = [""]
    for item in items:
        joined = f"{lines[-1]} {item},".lstrip()
        if key == "authors" and len(joined) <= WIDEST_LINE - 4:
            lines[-1] = joined
        else:
            lines.append(f"{item},")
    return "\n".join(["[", *(f"    {line}" for line in lines if line), "]"])


def _spell_text(text: str) -> str:
    """Return a basic string of TOML; DEL must be escaped there as in JSON it need not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def draw_diff(path: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff of a file, nothing in them that could drive a terminal."""
    lines = unified_diff(
        before.split("\n"), after.split("\n"), f"a/{path}", f"b/{path}", lineterm=""
    )
    yield from (f"{escape_control(line)}\n" for line in lines)
