"""Three services on the network that know papers and trials: PubMed and PMC, Crossref,
ClinicalTrials.gov.

Only `lmtx fetch` comes here. What a service sends is measured before it is parsed, held against a
model that names every field that is read, and cleaned of markup; a sign that could drive a terminal
makes an answer unusable. The models are the whole of what is read; the tests name the documentation
that shows each field.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lmtx import __version__
from lmtx.errors import LmtxError, NetworkError, escape_control, import_library
from lmtx.model import schema
from lmtx.tuples import NamedTuple

MOST_ANSWER_BYTES = 8_000_000
"""Bytes of one answer."""
DEEPEST_NESTING = 24
"""Tables and lists inside each other in an answer."""
MOST_ANSWER_SECONDS = 60.0
"""Seconds for one answer, however slowly it drips."""
TIMEOUT = 20.0
"""Seconds to connect, and to wait for the next piece."""
REQUEST_ATTEMPTS = 4
BACK_OFF = (2.0, 5.0, 15.0)
"""Seconds before the second, third and fourth attempt, where the service names none."""
LONGEST_WAIT = 60.0
"""Seconds that a service may ask us to wait; what asks for more is left for another day."""
UNREACHABLE = "cannot be reached"
RETRIED_STATUS_CODES = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_PAPERS_PER_REQUEST = 100
"""Papers in one request to PubMed or PMC."""


class AnswerError(LmtxError):
    """An answer about one record that cannot be used: it is not there, not as documented, or too
    large."""


class Service(NamedTuple):
    """A service: what people call it, its address, and the seconds between two requests."""

    name: str
    base: str
    pause: float


PUBMED = Service("PubMed", "https://eutils.ncbi.nlm.nih.gov/entrez/eutils", 0.4)
"""NCBI allows three requests a second without a key, ten with one."""
CROSSREF = Service("Crossref", "https://api.crossref.org", 0.5)
TRIAL_REGISTRY = Service("ClinicalTrials.gov", "https://clinicaltrials.gov/api/v2", 1.3)
"""About fifty requests a minute are allowed."""
PAUSE_WITH_KEY = 0.12


@dataclass(frozen=True)
class ServiceAccess:
    """Who asks, and where: the address for complaints, NCBI's key, and the services."""

    mailto: str = ""
    ncbi_key: str = field(default="", repr=False)
    pubmed: Service = PUBMED
    crossref: Service = CROSSREF
    trials: Service = TRIAL_REGISTRY

    @property
    def agent(self) -> str:
        """The user agent: the program, its version, and whom to write to."""
        return (
            f"lmtx/{__version__} (mailto:{self.mailto})" if self.mailto else f"lmtx/{__version__}"
        )


class Paper(NamedTuple):
    """A citation as a service has it. What it does not say is empty."""

    service: str
    titles: tuple[str, ...]
    """The title, without and with its subtitle."""
    years: tuple[int, ...]
    """Year of the issue, then that of the version online."""
    authors: tuple[str, ...]
    """Family names and initials, and groups, in the printed order."""
    groups: tuple[str, ...]
    """Those authors that are groups."""
    journals: tuple[str, ...]
    """The journal, abbreviated first."""
    volume: str = ""
    pages: str = ""
    pmid: str = ""
    doi: str = ""
    pmcid: str = ""
    is_retracted: bool = False


class Registration(NamedTuple):
    """A trial as ClinicalTrials.gov has it. What it does not say is empty."""

    nct: str
    titles: tuple[str, ...]
    """The brief and the official title."""
    status: str
    updated: str
    phases: tuple[str, ...]
    study_type: str
    enrolment: int | None
    countries: tuple[str, ...]


class _Answer(BaseModel):
    """A part of an answer; what it holds beside its fields is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _ArticleId(_Answer):
    idtype: str
    value: str


class _Author(_Answer):
    name: str
    authtype: str = "Author"


class _Summary(_Answer):
    """One paper of `esummary`, from PubMed or PMC."""

    uid: str
    error: str = ""
    title: str = ""
    pubdate: str = ""
    epubdate: str = ""
    source: str = ""
    fulljournalname: str = ""
    volume: str = ""
    pages: str = ""
    authors: list[_Author] = []
    articleids: list[_ArticleId] = []
    pubtype: list[str] = []


class _Contributor(_Answer):
    family: str = ""
    given: str = ""
    name: str = ""


class _PartialDate(_Answer):
    date_parts: list[list[int | None]] = Field([], alias="date-parts")


class _Work(_Answer):
    """One work of Crossref."""

    doi: str = Field(alias="DOI")
    title: list[str] = []
    subtitle: list[str] = []
    container_title: list[str] = Field([], alias="container-title")
    short_container_title: list[str] = Field([], alias="short-container-title")
    published_print: _PartialDate | None = Field(None, alias="published-print")
    published_online: _PartialDate | None = Field(None, alias="published-online")
    issued: _PartialDate | None = None
    volume: str = ""
    page: str = ""
    article_number: str = Field("", alias="article-number")
    author: list[_Contributor] = []


class _Message(_Answer):
    message: _Work


class _Identification(_Answer):
    nct: str = Field(alias="nctId")
    brief_title: str = Field("", alias="briefTitle")
    official_title: str = Field("", alias="officialTitle")


class _Date(_Answer):
    date: str = ""


class _Status(_Answer):
    overall_status: str = Field("", alias="overallStatus")
    last_update: _Date = Field(_Date(), alias="lastUpdatePostDateStruct")


class _Enrolment(_Answer):
    count: int | None = None


class _Design(_Answer):
    study_type: str = Field("", alias="studyType")
    phases: list[str] = []
    enrolment: _Enrolment = Field(_Enrolment(), alias="enrollmentInfo")


class _Location(_Answer):
    country: str = ""


class _Locations(_Answer):
    locations: list[_Location] = []


class _Protocol(_Answer):
    identification: _Identification = Field(alias="identificationModule")
    status: _Status = Field(_Status(), alias="statusModule")
    design: _Design = Field(_Design(), alias="designModule")
    places: _Locations = Field(_Locations(), alias="contactsLocationsModule")


class _RegisteredStudy(_Answer):
    protocol: _Protocol = Field(alias="protocolSection")


REQUESTED_TRIAL_FIELDS = (
    "NCTId", "BriefTitle", "OfficialTitle", "OverallStatus", "LastUpdatePostDate", "StudyType",
    "Phase", "EnrollmentCount", "LocationCountry",
)  # fmt: skip
"""What is asked of ClinicalTrials.gov, in its own names."""

AnswerPart = TypeVar("AnswerPart", bound=_Answer)
_TEXT_ADAPTER = TypeAdapter(schema.Text)
_IDENTIFIER_ADAPTERS = {
    "pmid": TypeAdapter(schema.PMID),
    "doi": TypeAdapter(schema.DOI),
    "pmcid": TypeAdapter(schema.PMCID),
}
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]*(?:\s[^<>]*)?>")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PARTS_OF_NAME = re.compile(r"[\s.\-‐‑]+")


class ServiceConnection:
    """Asks the services, one request after the other, and no faster than each allows."""

    def __init__(
        self,
        access: ServiceAccess,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._httpx = import_library("httpx", "curate")
        self._sleep, self._clock = sleep, clock
        self._last: dict[str, float] = {}
        self._client = self._httpx.Client(
            # A packed answer could unfold to any size before it is measured.
            headers={
                "User-Agent": access.agent,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def __enter__(self) -> ServiceConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch_papers(self, database: str, uids: Sequence[str]) -> dict[str, Paper | AnswerError]:
        """Return what PubMed ("pubmed", by PMID) or PMC ("pmc", by the digits of a PMCID) says of
        papers, by their number.

        Raises NetworkError where the service cannot be asked, AnswerError where its answer is
        unusable as a whole.
        """
        service = self._access.pubmed
        parameters = {"db": database, "id": ",".join(uids), "retmode": "json", "tool": "lmtx"}
        if self._access.mailto:
            parameters["email"] = self._access.mailto
        if self._access.ncbi_key:
            parameters["api_key"] = self._access.ncbi_key
            service = service._replace(pause=min(service.pause, PAUSE_WITH_KEY))
        parsed = self._ask(service, "/esummary.fcgi", parameters)
        result = parsed.get("result") if isinstance(parsed, dict) else None
        if not isinstance(result, dict):
            raise AnswerError(f"{service.name} does not answer as documented: no result")
        return {uid: _paper_of(service.name, database, uid, result.get(uid)) for uid in uids}

    def fetch_work(self, doi: str) -> Paper:
        """Return what Crossref says of a DOI. Raises NetworkError and AnswerError."""
        service = self._access.crossref
        parameters = {"mailto": self._access.mailto} if self._access.mailto else {}
        parsed = self._ask(service, f"/works/{quote(doi, safe='')}", parameters)
        return _read_work(_validate_part(_Message, parsed, service.name).message)

    def fetch_registration(self, nct: str) -> Registration:
        """Return what ClinicalTrials.gov says of a trial. Raises NetworkError and AnswerError."""
        service = self._access.trials
        parameters = {"format": "json", "fields": ",".join(REQUESTED_TRIAL_FIELDS)}
        parsed = self._ask(service, f"/studies/{quote(nct, safe='')}", parameters)
        return _read_registration(_validate_part(_RegisteredStudy, parsed, service.name).protocol)

    def _ask(self, service: Service, path: str, parameters: Mapping[str, str]) -> Any:
        """Return the parsed answer to one question; wait and ask again where the service asks for
        it or fails."""
        fault = ""
        for attempt in range(REQUEST_ATTEMPTS):
            self._keep_pace(service)
            wait = BACK_OFF[min(attempt, len(BACK_OFF) - 1)]
            try:
                status, asked_wait, body = self._once(service, path, parameters)
            except self._httpx.TimeoutException:
                fault = "does not answer in time"
            except self._httpx.ConnectError:
                fault = UNREACHABLE
            except self._httpx.TransportError:
                fault = "breaks off in the middle of an answer"
            else:
                if status == 200:
                    return _parse_json(body, service.name)
                if status not in RETRIED_STATUS_CODES:
                    raise _refusal(service, status)
                fault = "has had too many requests (429)" if status == 429 else f"answers {status}"
                wait = wait if asked_wait is None else asked_wait
            is_offline = fault == UNREACHABLE and attempt > 0  # no use in waiting for long
            if attempt == REQUEST_ATTEMPTS - 1 or wait > LONGEST_WAIT or is_offline:
                break
            self._sleep(wait)
        raise NetworkError(
            f"{service.name} {fault}",
            "try again later"
            if "429" in fault
            else "check the connection, or try again later; a proxy is taken from HTTPS_PROXY",
        )

    def _keep_pace(self, service: Service) -> None:
        """Wait until the service may be asked again."""
        if service.name in self._last:
            pause = self._last[service.name] + service.pause - self._clock()
            if pause > 0:
                self._sleep(pause)
        self._last[service.name] = self._clock()

    def _once(
        self, service: Service, path: str, parameters: Mapping[str, str]
    ) -> tuple[int, float | None, bytes]:
        """Return status, the seconds that the service asks us to wait, and the body, of a status
        200 alone."""
        end = self._clock() + MOST_ANSWER_SECONDS
        with self._client.stream("GET", service.base + path, params=parameters) as response:
            wait = _read_wait(response.headers.get("retry-after", ""))
            if response.status_code != 200:
                return response.status_code, wait, b""
            if response.headers.get("content-encoding", "identity") != "identity":
                raise AnswerError(f"{service.name} sends a packed answer, which was not asked for")
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > MOST_ANSWER_BYTES:
                    raise AnswerError(f"{service.name} sends more than {MOST_ANSWER_BYTES:,} bytes")
                if self._clock() > end:
                    raise self._httpx.ReadTimeout("too slow")
            return 200, wait, bytes(body)


def _refusal(service: Service, status: int) -> LmtxError:
    """Return the error for a status that asking again does not change."""
    if status == 404:
        return AnswerError(f"{service.name} has no such record (404)")
    if status in (401, 403):
        return NetworkError(f"{service.name} refuses the request ({status})", "check NCBI_API_KEY")
    if 300 <= status < 400:
        return AnswerError(f"{service.name} points elsewhere ({status}), which is not followed")
    return AnswerError(f"{service.name} refuses the request ({status})")


def _read_wait(text: str) -> float | None:
    """Return the seconds of a Retry-After; None where it names none, or a date."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _parse_json(body: bytes, service: str) -> Any:
    """Return a JSON text as Python reads it; raise AnswerError where it is none, or too deep."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        parsed = json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise AnswerError(f"{service} does not answer as documented: no JSON") from None
    if _is_deeper(parsed):
        raise AnswerError(f"{service} sends tables in more than {DEEPEST_NESTING} others")
    return parsed


def _is_deeper(parsed: Any) -> bool:
    """Tell whether tables and lists lie deeper inside each other than DEEPEST."""
    level = [parsed]
    for _ in range(DEEPEST_NESTING + 1):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _validate_part(model: type[AnswerPart], parsed: Any, service: str) -> AnswerPart:
    """Return a part of an answer, held against its model; the message names the field, never what
    stands in it."""
    try:
        return model.model_validate(parsed)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = escape_control(".".join(str(part)[:40] for part in first["loc"]))[:120]
        raise AnswerError(f"{service} does not answer as documented: {where or 'answer'}") from None


def _clean(text: str) -> str:
    """Return a text without markup, its blanks single; raise AnswerError where a sign in it could
    drive a terminal."""
    plain = text
    for _ in range(2):  # PubMed sends "&lt;i&gt;", Crossref "<i>" and now and then "&amp;amp;"
        plain = _TAG.sub("", html.unescape(plain))
    plain = " ".join(plain.split())
    if not plain:
        return ""
    try:
        return _TEXT_ADAPTER.validate_python(plain)
    except ValidationError:
        raise AnswerError(
            "a text of the answer is too long, or holds a sign that could drive a terminal"
        ) from None


def _cleaned(texts: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    """Return texts without markup, each once, those without letters left out."""
    return tuple(dict.fromkeys(text for text in map(_clean, texts) if text))


def _identifier(kind: str, text: str) -> str:
    """Return an identifier as it stands; "" for what is none, as the PMID "0" of a paper that has
    none in PMC."""
    try:
        return str(_IDENTIFIER_ADAPTERS[kind].validate_python(text.strip()))
    except ValidationError:
        return ""


def _title(text: str) -> str:
    """Return a title without the full stop that PubMed ends it with, and the brackets it puts
    around a translation."""
    title = _clean(text).removesuffix(".")
    return title[1:-1].removesuffix(".") if title[:1] == "[" and title[-1:] == "]" else title


def _years(*dates: str) -> tuple[int, ...]:
    """Return the first year of each date such as "2012 Jan" or "2011 Dec-2012 Jan"."""
    found = (_YEAR.search(date) for date in dates)
    return tuple(dict.fromkeys(int(year[0]) for year in found if year))


def _paper_of(service: str, database: str, uid: str, parsed: Any) -> Paper | AnswerError:
    """Return one paper of a batch, or why it cannot be used: one of them spoils no other."""
    try:
        if parsed is None:
            raise AnswerError(f"{service} has no record {uid}")
        summary = _validate_part(_Summary, parsed, service)
        if summary.error:
            raise AnswerError(f"{service} has no record {uid}")
        if summary.uid != uid:
            raise AnswerError(f"{service} answers with another record than {uid}")
        return _read_summary(summary, database)
    except AnswerError as error:
        return error


def _read_summary(summary: _Summary, database: str) -> Paper:
    ids = {one.idtype: one.value for one in summary.articleids}
    if database == "pubmed":
        pmid, pmcid = summary.uid, ids.get("pmc", "")
    else:
        pmid, pmcid = ids.get("pmid", ""), f"PMC{summary.uid}"
    return Paper(
        service="PubMed" if database == "pubmed" else "PMC",
        titles=_cleaned([_title(summary.title)]),
        years=_years(summary.pubdate, summary.epubdate),
        authors=_cleaned([author.name for author in summary.authors]),
        groups=_cleaned(
            [author.name for author in summary.authors if author.authtype == "CollectiveName"]
        ),
        journals=_cleaned([summary.source, summary.fulljournalname]),
        volume=_clean(summary.volume),
        pages=_clean(summary.pages),
        pmid=_identifier("pmid", pmid),
        doi=_identifier("doi", ids.get("doi", "")),
        pmcid=_identifier("pmcid", pmcid),
        is_retracted="Retracted Publication" in summary.pubtype,
    )


def _read_work(work: _Work) -> Paper:
    titles = [_title(title) for title in work.title[:1]]
    titles += [f"{title}: {_title(more)}" for title in titles for more in work.subtitle[:1]]
    dates = (work.published_print, work.issued, work.published_online)
    groups = [author.name for author in work.author if not author.family and author.name]
    return Paper(
        service="Crossref",
        titles=_cleaned(titles),
        years=tuple(
            dict.fromkeys(
                date.date_parts[0][0]
                for date in dates
                if date and date.date_parts and date.date_parts[0] and date.date_parts[0][0]
            )
        ),
        authors=_cleaned([_name(author) for author in work.author]),
        groups=_cleaned(groups),
        journals=_cleaned([*work.short_container_title[:1], *work.container_title[:1]]),
        volume=_clean(work.volume),
        pages=_clean(work.page) or _clean(work.article_number),
        doi=_identifier("doi", work.doi),
    )


def _name(author: _Contributor) -> str:
    """Return an author as PubMed writes one, "Le Rhun E"; a group, or a name in a script without
    initials, as it stands."""
    if not author.family or not author.given:
        return author.family or author.name
    given = _clean(author.given)
    if given.lower() == given.upper():  # a script without capitals
        return f"{author.family}{given}"
    return f"{author.family} {_initials(given)}"


def _initials(given: str) -> str:
    """Return the initials of given names: "Jean-Paul" and "J.-P." are JP, "TDW" stays."""
    parts = [part for part in _PARTS_OF_NAME.split(given) if part[:1].isalpha()]
    return "".join(part if part.isupper() and len(part) <= 3 else part[0].upper() for part in parts)


def _read_registration(protocol: _Protocol) -> Registration:
    names = protocol.identification
    return Registration(
        nct=_clean(names.nct),
        titles=_cleaned([names.brief_title, names.official_title]),
        status=_clean(protocol.status.overall_status),
        updated=_clean(protocol.status.last_update.date),
        phases=_cleaned(protocol.design.phases),
        study_type=_clean(protocol.design.study_type),
        enrolment=protocol.design.enrolment.count,
        countries=tuple(sorted(_cleaned([place.country for place in protocol.places.locations]))),
    )
