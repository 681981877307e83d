"""Full text over everything: treatments, tumors, guideline statements, trials, evidence, studies
and facts."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

from lmtx.errors import Command, Option, UsageError, Wording
from lmtx.model.figures import write_effect
from lmtx.model.names import fold_name
from lmtx.model.reference import BUNDLED
from lmtx.model.vocabulary import Term
from lmtx.query import resolve
from lmtx.query.arrange import sources_of
from lmtx.query.filters import placeholders_for

KINDS = {
    "treatment": Term("Treatments"), "tumor": Term("Tumors"), "guideline": Term("Guidelines"), "trial": Term("Trials"),
    "evidence": Term("Evidence"), "comparison": Term("Comparisons"), "study": Term("Studies"), "fact": Term("Facts"),
}  # fmt: skip
"""What a search finds, in the order in which it is told."""
WEIGHTS = "0, 0, 8, 6, 1"
"""How much a word counts in the columns of `text`: kind, id, title, names, body."""
PREFIX = 3
"""Letters from which a word also finds the words that begin with it."""
SNIPPET = 24
"""Words of a snippet."""
MOST_WORDS = 40
"""Words that a search takes."""
WHOLE = frozenset({"guideline", "comparison", "fact"})
"""Kinds of which a hit shows all that is told: a sentence or two, with its figures."""
_ROW = "(select number from text_row where kind = ? and id = ?)"
"""Where the text of a record stands."""

_OF_STUDY = "s.superseded_by is not null, json_extract(s.record, '$.withdrawn')"
_SOURCES = {
    "guideline": (
        "select r.read_in, json_extract(r.record, '$.url'), g.superseded, null from recommendation "
        "r join guideline g on g.id = r.guideline where r.id = ?",
        "select s.read_in, s.url, g.superseded, null from study s join guideline g on g.id = s.id "
        "where g.id = ?",
    ),
    "trial": ("select null, json_extract(record, '$.url'), 0, null from trial where id = ?",),
    "evidence": (
        "select s.read_in, s.url, e.superseded, json_extract(s.record, '$.withdrawn') from "
        "evidence e join study s on s.id = e.study where e.id = ?",
    ),
    "comparison": (
        f"select s.read_in, s.url, {_OF_STUDY} from comparison c join study s on s.id = c.study "
        "where c.id = ?",
    ),
    "study": (f"select s.read_in, s.url, {_OF_STUDY} from study s where s.id = ?",),
    "fact": (
        f"select s.read_in, s.url, {_OF_STUDY} from fact f join study s on s.id = f.study "
        "where f.id = ?",
    ),
}
"""Where a hit was read, its canonical address, and whether it was superseded or withdrawn."""


class SearchRow(NamedTuple):
    """A record that a search found; see `lmtx fields search`."""

    kind: Annotated[str, "treatment, tumor, guideline, trial, evidence, comparison, study or fact"]
    id: Annotated[str, "id of the record; lmtx show takes it, an evidence row's without its number"]
    title: Annotated[str, "its name or title"]
    snippet: Annotated[
        str, "the words around the hits; of statements, comparisons and facts all that is told"
    ]
    rank: Annotated[int, "place among all hits, 1 the best"]
    read_in: Annotated[
        str | None, "where it was read: full-text, abstract, registry, secondary or recalled"
    ]
    url: Annotated[str | None, "canonical address of its source"]
    superseded: Annotated[bool, "whether a later report or edition tells it again"]
    withdrawn: Annotated[str | None, "why the publication was withdrawn"]
    source: Annotated[
        str, "where the record comes from: lmtx, or the name of own records laid over it"
    ]


class Hits(NamedTuple):
    """The best hits, grouped by kind; how many there are in all; and whether every word is in each
    of them."""

    rows: list[SearchRow]
    total: int
    every_word: bool
    unknown: tuple[str, ...]


class _Hit(NamedTuple):
    kind: str
    id: str
    title: str
    snippet: str


def split_words(text: str) -> list[str]:
    """Return the words of a text; what joins letters with signs, like "anti-PD-1", is one word of
    several parts."""
    folded = unicodedata.normalize("NFC", text).split()
    parts = (" ".join(re.findall(r"[^\W_]+", word)) for word in folded)
    return list(dict.fromkeys(part for part in parts if part))


def refuse_text(text: str) -> None:
    """Raise UsageError for a text that holds nothing to look for, or a whole page of words."""
    asked = split_words(text)
    if not 0 < len(asked) <= MOST_WORDS:
        raise UsageError(
            f"at most {MOST_WORDS} words" if asked else f"nothing to look for in {text!r}",
            ("name words of the records, like: ", Command("search", ("intrathecal", "pemetrexed"))),
            field="text",
        )


def note_search(connection: sqlite3.Connection, text: str, found: Hits) -> list[Wording]:
    """Return what must be said beside the hits: what the text is a name of, how it may have been
    meant, and how much more there is."""
    notes: list[Wording] = []
    if found.rows and not found.every_word:
        notes.append("no record holds all of the words; these hold some of them")
    for match in find_elsewhere(connection, text):
        of_kind = Option("drug_class" if match.kind == "class" else match.kind, match.id)
        notes.append((f"{text!r} is a {match.kind}: try ", Command("list", (), (of_kind,))))
    if found.unknown or not found.rows:
        near = spelled_like(connection, text, found.unknown)
        notes += [f"did you mean {' or '.join(near)}?"] if near else []
    if found.total > len(found.rows):
        more = f"{found.total - len(found.rows)} more: "
        all_ = Option("limit", found.total)
        notes.append((more, all_, " shows them all, ", Option("kind", ""), " narrows"))
    return notes


def _parse_words(word: str) -> str:
    """Return a word as FTS5 reads it: quoted, so that nothing in it is syntax."""
    last = word.rpartition(" ")[2]
    return f'"{word}"*' if len(last) >= PREFIX else f'"{word}"'


def search_records(
    connection: sqlite3.Connection, text: str, kinds: Sequence[str] = (), limit: int | None = None
) -> Hits:
    """Find the records that hold all words of a text, best first, those that bear it as a name
    before all others.

    Where no record holds them all, those that hold any are found.
    """
    asked = split_words(text)
    chosen = tuple(kinds or KINDS)
    named = _named(connection, text, chosen)
    parts = [part for word in asked for part in word.split()]
    every, unknown = True, tuple[str, ...]()
    query, total = _first(
        connection,
        (" AND ".join(map(_parse_words, asked)), " AND ".join(map(_parse_words, parts))),
        chosen,
    )
    if not total and not named and len(asked) > 1:
        query, total = _first(connection, (" OR ".join(map(_parse_words, asked)),), chosen)
        every, unknown = (
            False,
            tuple(word for word in asked if not _count(connection, _parse_words(word), chosen)),
        )
    already = {(hit.kind, hit.id) for hit in named}
    others = [
        hit
        for hit in _hits(
            connection,
            query,
            chosen,
            None if limit is None else min(limit + len(already), sys.maxsize),
        )
        if (hit.kind, hit.id) not in already
    ]
    total += len(named) - sum(_holds(connection, query, hit) for hit in named)
    theirs = {kind: sources_of(connection, kind) for kind in chosen}
    ranked = [
        SearchRow(
            *_with_effects(connection, hit),
            rank,
            *_source(connection, hit),
            theirs[hit.kind].get(hit.id, BUNDLED),
        )
        for rank, hit in enumerate([*named, *others][:limit], start=1)
    ]
    order = list(KINDS)
    return Hits(
        sorted(ranked, key=lambda row: (order.index(row.kind), row.rank)), total, every, unknown
    )


def _first(
    connection: sqlite3.Connection, queries: Sequence[str], kinds: tuple[str, ...]
) -> tuple[str, int]:
    """Return the first query that finds something, with how much; else the last one."""
    for query in queries:
        if total := _count(connection, query, kinds):
            break
    return query, total


def _count(connection: sqlite3.Connection, query: str, kinds: tuple[str, ...]) -> int:
    among, parameters = _among(kinds)
    found: int = connection.execute(
        f"select count(*) from text where text match ?{among}", (query, *parameters)
    ).fetchone()[0]
    return found


def _among(kinds: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the condition on the kind of a text; none for all kinds, since to know its kind a text
    must be read."""
    return (
        (f" and kind in ({placeholders_for(kinds)})", kinds)
        if set(kinds) != set(KINDS)
        else ("", ())
    )


def _holds(connection: sqlite3.Connection, query: str, hit: _Hit) -> bool:
    return (
        connection.execute(
            f"select 1 from text where text match ? and rowid = {_ROW}", (query, hit.kind, hit.id)
        ).fetchone()
        is not None
    )


def _hits(
    connection: sqlite3.Connection, query: str, kinds: tuple[str, ...], limit: int | None
) -> Iterable[_Hit]:
    """Yield hits in order of rank; snippets are cut of the best alone, on one way through what the
    query finds (hence the "+")."""
    among, parameters = _among(kinds)
    best = [
        row
        for (row,) in connection.execute(
            f"select rowid from text where text match ?{among} order by bm25(text, {WEIGHTS}), "
            f"rowid limit ?",
            (query, *parameters, -1 if limit is None else limit),
        )
    ]
    cut = (
        f"select rowid, kind, id, title, names, snippet(text, 4, '', '', '…', {SNIPPET}), body "
        f"from text where text match ? and +rowid in (select value from json_each(?))"
    )
    found = {
        row: _Hit(kind, id_, title, (body if kind in WHOLE else snippet) or names)
        for row, kind, id_, title, names, snippet, body in connection.execute(
            cut, (query, json.dumps(best))
        )
    }
    return (found[row] for row in best)


def _named(connection: sqlite3.Connection, text: str, kinds: tuple[str, ...]) -> list[_Hit]:
    """Return the records that the whole text is a name of."""
    found = []
    for match in resolve.find_records(
        connection, text, [kind for kind in kinds if kind in resolve.KINDS]
    ):
        if match.kind == "guideline":
            [name, society, note] = connection.execute(
                "select name, society, note from guideline where id = ?", (match.id,)
            ).fetchone()
            found.append(
                _Hit(
                    "guideline",
                    match.id,
                    name,
                    _beginning(" ".join(part for part in (society, note) if part)),
                )
            )
        else:
            rows = connection.execute(
                f"select kind, id, title, coalesce(nullif(body, ''), names) from text where rowid "
                f"= {_ROW}",
                match,
            )
            found += [_Hit(kind, id_, title, _beginning(said)) for kind, id_, title, said in rows]
    return found


def _with_effects(connection: sqlite3.Connection, hit: _Hit) -> _Hit:
    """Return a hit, of a comparison with what came out."""
    if hit.kind != "comparison":
        return hit
    query = "select record from comparison where id = ?"
    [(text,)] = connection.execute(query, [hit.id])
    told = "; ".join(write_effect(effect) for effect in json.loads(text)["effects"])
    return hit._replace(snippet=" · ".join(part for part in (hit.snippet, told) if part))


def _beginning(said: str) -> str:
    """Return the first words of a text, as long as a snippet."""
    first = said.split(" ")[:SNIPPET]
    return " ".join(first) + ("…" if len(" ".join(first)) < len(said) else "")


def _source(
    connection: sqlite3.Connection, hit: _Hit
) -> tuple[str | None, str | None, bool, str | None]:
    """Return where a hit was read, its address, whether it was superseded, and why withdrawn; none
    of it for a treatment or a tumor."""
    for query in _SOURCES.get(hit.kind, ()):
        if found := connection.execute(query, (hit.id,)).fetchone():
            read_in, url, superseded, withdrawn = found
            return read_in, url, bool(superseded), withdrawn
    return None, None, False, None


def find_elsewhere(connection: sqlite3.Connection, text: str) -> list[resolve.Match]:
    """Return the classes and biomarkers that bear the text as a name: no records, but filters."""
    return resolve.find_records(connection, text, ("class", "biomarker"))


def spelled_like(
    connection: sqlite3.Connection, text: str, unknown: Iterable[str] = ()
) -> list[str]:
    """Return names that look like the words that are nowhere found, else like the whole text or one
    of its words."""
    whole = [] if unknown else resolve.suggest_names(connection, text)
    single = [
        near
        for word in unknown or split_words(text)
        if len(word) > PREFIX
        for near in resolve.suggest_names(connection, word)
    ]
    asked = {fold_name(text), *map(fold_name, split_words(text))}
    return [near for near in dict.fromkeys(whole or single) if fold_name(near) not in asked][:3]
