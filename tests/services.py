"""PubMed, PMC, Crossref and ClinicalTrials.gov on 127.0.0.1, for the tests of `lmtx fetch`.

The answers have the shape that these pages show, and are written anew; no field is in them that
none of these shows.

- E-utilities `esummary`, PubMed and PMC: the samples of NCBI's own conversion to JSON,
  github.com/Klortho/Eutils-JSON, samples/esummary.pubmed.json and samples/esummary.pmc.json (uid,
  pubdate, epubdate, source, authors with name and authtype, title, volume, pages, pubtype,
  articleids, fulljournalname, elocationid, sortfirstauthor). They now stand in `result` beside
  `uids`, a group of authors is a "CollectiveName", and a paper that is not there has `error:
  "cannot get document summary"`: tests of public clients agree on it.
- Crossref `works/{doi}`: github.com/CrossRef/rest-api-doc, api_format.md (title, subtitle, container-title, author,
  published-print, published-online, issued, volume, page, article-number, DOI); an answer as it was
  sent: github.com/yongrenjie/abbotsbury, tests/test-data/nrmp.json (message, short-container-title,
  sequence); a group's `name`: github.com/api-evangelist/crossref,
  json-schema/crossref-work-schema.json.
- ClinicalTrials.gov `studies/{nctId}`: the study data structure, clinicaltrials.gov/data-api/about-api/study-data-structure,
  as github.com/DesayoEm/Clinexa-ETL-ELT-Pipeline, documentation/data/single_fields.md and
  non_scalar_fields.md copy it (nctId, briefTitle, officialTitle, overallStatus and its words,
  lastUpdatePostDateStruct, studyType, phases, enrollmentInfo, locations); addresses, `fields`, 404
  and 429: github.com/tastyGranola/biomcp, docs/backend-services-reference/04-clinicaltrials-gov.md;
  `country` of a location: tests of public clients.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


class Request(NamedTuple):
    """What the server was asked."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Reply(NamedTuple):
    """What the server answers: a fault is a reply too."""

    body: bytes = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut_at: int | None = None
    """Bytes after which the connection is dropped, although more were announced."""


def summary(uid: str, **fields: Any) -> Json:
    """Return one paper of `esummary`."""
    return {
        "uid": uid,
        "pubdate": "",
        "epubdate": "",
        "source": "",
        "authors": [],
        "title": "",
        "volume": "",
        "issue": "",
        "pages": "",
        "pubtype": ["Journal Article"],
        "articleids": [],
        "fulljournalname": "",
        "elocationid": "",
        "sortfirstauthor": "",
        **fields,
    }


def authors(*names: str, groups: tuple[str, ...] = ()) -> list[Json]:
    """Return authors as `esummary` has them, the groups last."""
    return [
        *({"name": name, "authtype": "Author", "clusterid": ""} for name in names),
        *({"name": name, "authtype": "CollectiveName", "clusterid": ""} for name in groups),
    ]


def ids(**values: str) -> list[Json]:
    """Return identifiers as `esummary` has them."""
    return [{"idtype": kind, "idtypen": 1, "value": value} for kind, value in values.items()]


def work(doi: str, **fields: Any) -> Json:
    """Return one work of Crossref; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    message = {"DOI": doi, "type": "journal-article", "source": "Crossref", **named}
    return {"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": message}


def dated(*parts: int) -> Json:
    """Return a partial date of Crossref."""
    return {"date-parts": [list(parts)]}


def registered(nct: str, brief: str, official: str = "", **fields: Any) -> Json:
    """Return a study of ClinicalTrials.gov."""
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": nct,
                "briefTitle": brief,
                **({"officialTitle": official} if official else {}),
            },
            "statusModule": {
                "overallStatus": fields.get("status", "RECRUITING"),
                "lastUpdatePostDateStruct": {
                    "date": fields.get("updated", "2026-10-05"),
                    "type": "ACTUAL",
                },
            },
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": fields.get("phases", ["PHASE2"]),
                "enrollmentInfo": {"count": fields.get("count", 40), "type": "ESTIMATED"},
            },
            "contactsLocationsModule": {
                "locations": [
                    {"facility": "A site", "city": "A city", "country": country}
                    for country in fields.get("countries", ())
                ]
            },
        }
    }


class Services:
    """The records of the services, what they were asked, and faults to come."""

    def __init__(self) -> None:
        self.summaries: dict[tuple[str, str], Json] = {}
        self.works: dict[str, Json] = {}
        self.studies: dict[str, Json] = {}
        self.requests: list[Request] = []
        self.faults: list[Callable[[Request], Reply | None]] = []
        """The first of them answers in place of the service; None lets the service answer."""
        self.address = ""

    def reply(self, request: Request) -> Reply:
        """Return the answer to a request."""
        self.requests.append(request)
        if self.faults and (reply := self.faults.pop(0)(request)):
            return reply
        kind, _, rest = request.path.removeprefix("/").partition("/")
        if kind == "entrez" and rest == "esummary.fcgi":
            return Reply(json.dumps(self._summaries(request)).encode())
        shelf = {"crossref": self.works, "trials": self.studies}.get(kind, {})
        found = shelf.get(unquote(rest.partition("/")[2]))
        if found is None:
            return Reply(b"Resource not found.", 404, (("Content-Type", "text/plain"),))
        return Reply(json.dumps(found).encode())

    def _summaries(self, request: Request) -> Json:
        assert request.query["retmode"] == "json"
        uids = request.query["id"].split(",")
        missing = {"error": "cannot get document summary"}
        found = {
            uid: self.summaries.get((request.query["db"], uid), {"uid": uid, **missing})
            for uid in uids
        }
        return {
            "header": {"type": "esummary", "version": "0.3"},
            "result": {"uids": uids, **found},
        }


@contextmanager
def serve() -> Iterator[Services]:
    """Run the services on a port of their own until the block ends."""
    services = Services()

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(split.query).items()}
            reply = services.reply(Request(split.path, query, dict(self.headers)))
            self.send_response(reply.status)
            for name, value in (("Content-Length", str(len(reply.body))), *reply.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut_at])
            if reply.cut_at is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing: stderr is the program's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    services.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
