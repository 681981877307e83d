"""Full text over everything: treatments, tumors, guideline statements, trials, evidence, studies
and facts."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Annotated, Any

from lmtx.errors import CommandMention, ParameterMention, UsageError, Wording
from lmtx.model.figures import choose_key_figure, write_brief_figure, write_effect
from lmtx.model.names import EAST_ASIAN_PATTERN, fold_name
from lmtx.model.notation import WITH_OTHERS_MARK, list_evidence_symbols, mark_figure_if_row_unmarked
from lmtx.model.reference import BUNDLED_SOURCE
from lmtx.model.vocabulary import ROUTES, Term
from lmtx.query import resolve
from lmtx.query.filters import placeholders_for
from lmtx.query.resolve import load_own_record_sources
from lmtx.tuples import NamedTuple

HIT_KINDS = {
    "evidence": Term("Evidence"), "comparison": Term("Comparisons"), "guideline": Term("Guidelines"), "fact": Term("Facts"),
    "trial": Term("Trials"), "study": Term("Studies"), "treatment": Term("Treatments"), "tumor": Term("Tumors"),
}  # fmt: skip
"""What a search finds, in the order in which it is told: what answers before what leads on."""
ANSWER_KINDS = ("evidence", "comparison")
CANDIDATES_PER_HIT = 4
"""How many times as many hits as are shown are weighed; an answer weighs twice as much."""
COLUMN_WEIGHTS_SQL = "0, 0, 8, 6, 1, 1"
"""How much a word counts in the columns of `text`: kind, id, title, names, body, parts."""
SHORTEST_PREFIX_LETTERS = 3
"""Letters from which a word also finds the words that begin with it."""
WORDS_PER_SNIPPET = 24
"""Words of a snippet."""
MOST_SEARCH_WORDS = 40
"""Words that a search takes."""
WHOLE_TEXT_KINDS = frozenset({"guideline", "comparison", "fact"})
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

    kind: Annotated[str, "evidence, comparison, guideline, fact, trial, study, treatment or tumor"]
    id: Annotated[str, "id of the record, which lmtx show takes"]
    title: Annotated[str, "its name or title"]
    snippet: Annotated[
        str, "the words around the hits; of statements, comparisons and facts all that is told"
    ]
    figure: Annotated[
        str | None, "key figure of a row of evidence, or what a comparison found, with its marks"
    ]
    n: Annotated[int | None, "patients with LM of a solid tumor in a row of evidence"]
    level: Annotated[str | None, "level of evidence of a row"]
    direction: Annotated[str | None, "what a row or a comparison shows of what is tested"]
    footnotes: Annotated[list[str], "the marks of the record: † ‡ Σ ° ◆ or [withdrawn]"]
    rank: Annotated[int, "place among the hits as they are told, 1 the first"]
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


class _Scope(NamedTuple):
    """What is looked through: records of these kinds, about these treatments where any are
    named."""

    kinds: tuple[str, ...]
    treatments: tuple[str, ...]


class _Hit(NamedTuple):
    kind: str
    id: str
    title: str
    snippet: str


_LETTERS = re.compile(r"[^\W_]+")


def split_words(text: str) -> list[str]:
    """Return the words of a text; what joins letters with signs, like "anti-PD-1", is one word of
    several parts."""
    folded = unicodedata.normalize("NFC", text).split()
    parts = (" ".join(_LETTERS.findall(word)) for word in folded)
    return list(dict.fromkeys(part for part in parts if part))


def expand_words(connection: sqlite3.Connection, text: str) -> list[str]:
    """Return the words of a text as FTS5 reads them, each with what the base calls so: "WBRT" finds
    what is filed under whole-brain radiotherapy too.

    Words that are one name only together, such as "lung cancer", are one.
    """
    words: dict[str, str] = {}
    for raw in unicodedata.normalize("NFC", text).split():
        for word in split_words(raw):
            words.setdefault(word, raw)
    pairs = list(words.items())
    single = [_expand(word, _find_filed_under(connection, raw)) for word, raw in pairs]
    if len(pairs) > LONGEST_EXPANDED:
        return single
    found, place = [], 0
    while place < len(pairs):
        for end in range(min(place + LONGEST_NAME, len(pairs)), place + 1, -1):
            together = " ".join(raw for _, raw in pairs[place:end])
            known = all(_find_filed_under(connection, raw) for _, raw in pairs[place:end])
            filed = _find_filed_under(connection, together) or PHRASE_SYNONYMS.get(
                together.casefold(), []
            )
            if not known and filed:
                found.append(f"(({' AND '.join(single[place:end])}) OR {' OR '.join(filed)})")
                place = end
                break
        else:
            found.append(single[place])
            place += 1
    return found


PHRASE_SYNONYMS = {
    phrase: ['"untreated"'] for phrase in ("without treatment", "no treatment", "left untreated")
}
"""What the records call otherwise than people ask for it."""
LONGEST_NAME, LONGEST_EXPANDED = 4, 10
"""Words that are looked up as one name; words of a text in which names of several are looked
for."""


def _expand(word: str, filed: Sequence[str]) -> str:
    """Return a word, or what is filed under it; one of two letters that stands for something, such
    as IT, means just that."""
    alone = [] if filed and len(word) < SHORTEST_PREFIX_LETTERS else [_parse_words(word)]
    return f"({' OR '.join([*alone, *filed])})" if filed else _parse_words(word)


def _find_filed_under(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return what finds the records filed under a treatment, a tumor or those below it, or a route
    of this name; nothing where it is none."""
    ids = [id_ for kind, id_ in resolve.find_named_records(connection, name, ("treatment",))]
    for _, tumor in resolve.find_named_records(connection, name, ("tumor",)):
        query = "select id from below where kind = 'tumor' and ancestor = ? order by id"
        ids += [id_ for (id_,) in connection.execute(query, (tumor,))]
    key = fold_name(name)
    if len(name) >= SHORTEST_PREFIX_LETTERS or name.isupper():
        for route, term in ROUTES.items():
            ids += [route] if key in map(fold_name, (route, *term.aliases)) else []
    phrases = (" ".join(_LETTERS.findall(id_)) for id_ in ids)
    return [f'names : "{phrase}"' for phrase in phrases]


def check_search_text(text: str) -> None:
    """Raise UsageError for a text that holds nothing to look for, or a whole page of words."""
    asked = split_words(text)
    if not 0 < len(asked) <= MOST_SEARCH_WORDS:
        raise UsageError(
            f"at most {MOST_SEARCH_WORDS} words" if asked else f"nothing to look for in {text!r}",
            (
                "name words of the records, like: ",
                CommandMention("search", ("intrathecal", "pemetrexed")),
            ),
            field="text",
        )


def list_search_notes(connection: sqlite3.Connection, text: str, hits: Hits) -> list[Wording]:
    """Return what must be said beside the hits: what the text is a name of, how it may have been
    meant, and how much more there is."""
    notes: list[Wording] = []
    if hits.rows and not hits.every_word:
        notes.append("no record holds all of the words; these hold some of them")
    for match in find_named_classes_and_biomarkers(connection, text):
        of_kind = ParameterMention("drug_class" if match.kind == "class" else match.kind, match.id)
        notes.append((f"{text!r} is a {match.kind}: try ", CommandMention("list", (), (of_kind,))))
    if hits.unknown or not hits.rows:
        near = suggest_spellings(connection, text, hits.unknown)
        notes += [f"did you mean {' or '.join(near)}?"] if near else []
    if hits.total > len(hits.rows):
        more = f"{len(hits.rows)} of {hits.total} hits: "
        all_ = ParameterMention("limit", hits.total)
        notes.append((more, all_, " shows them all, ", ParameterMention("kind", ""), " narrows"))
    return notes


def _parse_words(word: str) -> str:
    """Return a word as FTS5 reads it: quoted, so that nothing in it is syntax."""
    last = word.rpartition(" ")[2]
    is_begun = len(last) >= SHORTEST_PREFIX_LETTERS or re.search(EAST_ASIAN_PATTERN, last)
    return f'"{word}"*' if is_begun else f'"{word}"'


def search_records(
    connection: sqlite3.Connection,
    text: str,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    treatments: Sequence[str] = (),
) -> Hits:
    """Find the records that hold all words of a text, or what the base calls so, grouped by kind
    and best first; what bears the text as a name is among them.

    Where no record holds them all, those that hold any are found. `kinds` and `treatments` keep
    what is of these kinds and about these treatments.
    """
    asked, expanded = split_words(text), expand_words(connection, text)
    chosen = _Scope(tuple(kinds or HIT_KINDS), tuple(treatments))
    named = _named(connection, text, chosen)
    parts = [part for word in asked for part in word.split()]
    every, unknown = True, tuple[str, ...]()
    query, total = _first_with_hits(
        connection,
        (" AND ".join(expanded), " AND ".join(map(_parse_words, parts))),
        chosen,
    )
    if not total and not named and len(asked) > 1:
        query, total = _first_with_hits(connection, (" OR ".join(expanded),), chosen)
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
    theirs = {kind: load_own_record_sources(connection, kind) for kind in chosen.kinds}
    order = list(HIT_KINDS)
    told = sorted([*named, *others][:limit], key=lambda hit: order.index(hit.kind))
    rows = [
        _row(connection, hit, rank, theirs[hit.kind].get(hit.id, BUNDLED_SOURCE))
        for rank, hit in enumerate(told, start=1)
    ]
    return Hits(rows, total, every, unknown)


def _row(connection: sqlite3.Connection, hit: _Hit, rank: int, source: str) -> SearchRow:
    """Return a hit with where it was read and, of what answers, its figure."""
    read_in, url, superseded, withdrawn = _source(connection, hit)
    record: Any = {"direction": None, "mixed_with": None}
    if hit.kind in ANSWER_KINDS:
        query = f"select record from {hit.kind} where id = ?"
        [(text,)] = connection.execute(query, (hit.id,))
        record |= json.loads(text)
    of_row = hit.kind == "evidence"
    about = SimpleNamespace(
        design=record.get("design"),
        mixed_with=record["mixed_with"],
        superseded_by=superseded,
        withdrawn=withdrawn,
        read_in=read_in,
        source=source,
    )
    beside = of_row and (len(record["treatments"]) > 1 or record["background"])
    carried = [WITH_OTHERS_MARK[0] if beside else "", *list_evidence_symbols(about)]
    figure = _figure(hit.kind, record, read_in)
    return SearchRow(
        kind=hit.kind,
        id=hit.id,
        title=hit.title,
        snippet=hit.snippet,
        figure=figure and f"{figure}{''.join(carried)}",
        n=record["n"] if of_row else None,
        level=record["level"] if of_row else None,
        direction=record["direction"],
        footnotes=[mark.strip() for mark in carried if mark],
        rank=rank,
        read_in=read_in,
        url=url,
        superseded=superseded,
        withdrawn=withdrawn,
        source=source,
    )


def _figure(kind: str, record: Mapping[str, Any], read_in: str | None) -> str | None:
    """Return the key figure of a row of evidence, or what a comparison found, with its marks."""
    if kind == "evidence":
        chosen = choose_key_figure(record["outcomes"])
        if chosen is None:
            return None
        return write_brief_figure(chosen) + mark_figure_if_row_unmarked(chosen, read_in or "")
    if kind == "comparison":
        effects = [
            write_effect(effect) + mark_figure_if_row_unmarked(effect, read_in or "")
            for effect in record["effects"]
        ]
        return "; ".join(effects) or None
    return None


def _first_with_hits(
    connection: sqlite3.Connection, queries: Sequence[str], scope: _Scope
) -> tuple[str, int]:
    """Return the first query that finds something, with how much; else the last one."""
    for query in queries:
        if total := _count(connection, query, scope):
            break
    return query, total


def _count(connection: sqlite3.Connection, query: str, scope: _Scope) -> int:
    among, parameters = _scope_condition(scope)
    found: int = connection.execute(
        f"select count(*) from text where text match ?{among}", (query, *parameters)
    ).fetchone()[0]
    return found


_ABOUT_TREATMENT = {
    "evidence": "evidence r join evidence_treatment t on t.number = r.number where t.treatment",
    "comparison": "comparison r join comparison_test t on t.comparison = r.id where t.treatment",
    "guideline": "recommendation r join recommendation_treatment t on t.number = r.number "
    "where t.treatment",
    "trial": "trial r join trial_treatment t on t.number = r.number where t.treatment",
    "fact": "fact r join json_each(r.record, '$.treatments') t where t.value",
    "treatment": "treatment r where r.id",
    "study": "(select e.study as id, t.treatment from evidence e join evidence_treatment t "
    "on t.number = e.number) r where r.treatment",
}
"""Which records of a kind, `r`, are about what is named behind this."""


def _scope_condition(scope: _Scope) -> tuple[str, tuple[str, ...]]:
    """Return the condition on kind and treatment of a text; none for all kinds, since to know its
    kind a text must be read."""
    sql, parameters = "", tuple[str, ...]()
    if set(scope.kinds) != set(HIT_KINDS):
        sql, parameters = f" and kind in ({placeholders_for(scope.kinds)})", scope.kinds
    if scope.treatments:
        several_ids = placeholders_for(scope.treatments)
        several = [
            f"select x.number from text_row x where x.kind = '{kind}' and x.id in "
            f"(select r.id from {about} in ({several_ids}))"
            for kind, about in _ABOUT_TREATMENT.items()
        ]
        sql += f" and rowid in ({' union '.join(several)})"
        parameters += scope.treatments * len(several)
    return sql, parameters


def _holds(connection: sqlite3.Connection, query: str, hit: _Hit) -> bool:
    return (
        connection.execute(
            f"select 1 from text where text match ? and rowid = {_ROW}", (query, hit.kind, hit.id)
        ).fetchone()
        is not None
    )


def _hits(
    connection: sqlite3.Connection, query: str, scope: _Scope, limit: int | None
) -> Iterable[_Hit]:
    """Yield hits in order of rank, what answers before what does not where they are near; snippets
    are cut of the best alone, on one way through what the query finds (hence the "+")."""
    among, parameters = _scope_condition(scope)
    scores = {
        row: float(score)
        for row, score in connection.execute(
            f"select rowid, bm25(text, {COLUMN_WEIGHTS_SQL}) from text where text match ?{among} "
            f"order by 2, 1 limit ?",
            (
                query,
                *parameters,
                -1 if limit is None else min(limit * CANDIDATES_PER_HIT, sys.maxsize),
            ),
        )
    }
    kinds = "select rowid, kind from text where rowid in (select value from json_each(?))"
    for row, kind in connection.execute(kinds, (json.dumps([*scores]),)):
        scores[row] *= 2 if kind in ANSWER_KINDS else 1  # the lower, the better
    best = sorted(scores, key=lambda row: (scores[row], row))[:limit]
    cut = (
        f"select rowid, kind, id, title, names, snippet(text, 4, '', '', '…', "
        f"{WORDS_PER_SNIPPET}), "
        f"body "
        f"from text where text match ? and +rowid in (select value from json_each(?))"
    )
    found = {
        row: _Hit(kind, id_, title, (body if kind in WHOLE_TEXT_KINDS else snippet) or names)
        for row, kind, id_, title, names, snippet, body in connection.execute(
            cut, (query, json.dumps(best))
        )
    }
    return (found[row] for row in best)


def _named(connection: sqlite3.Connection, text: str, scope: _Scope) -> list[_Hit]:
    """Return the records that the whole text is a name of."""
    found = []
    for match in resolve.find_named_records(
        connection, text, [kind for kind in scope.kinds if kind in resolve.KINDS_IN_LOOKUP_ORDER]
    ):
        if scope.treatments and match not in [("treatment", one) for one in scope.treatments]:
            continue
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


def _beginning(said: str) -> str:
    """Return the first words of a text, as long as a snippet."""
    first = said.split(" ")[:WORDS_PER_SNIPPET]
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


def find_named_classes_and_biomarkers(
    connection: sqlite3.Connection, text: str
) -> list[resolve.MatchedRecord]:
    """Return the classes and biomarkers that bear the text as a name: no records, but filters."""
    return resolve.find_named_records(connection, text, ("class", "biomarker"))


def suggest_spellings(
    connection: sqlite3.Connection, text: str, unknown: Iterable[str] = ()
) -> list[str]:
    """Return names that look like the words that are nowhere found, else like the whole text or one
    of its words."""
    whole = [] if unknown else resolve.suggest_names(connection, text)
    single = [
        near
        for word in unknown or split_words(text)
        if len(word) > SHORTEST_PREFIX_LETTERS
        for near in resolve.suggest_names(connection, word)
    ]
    asked = {fold_name(text), *map(fold_name, split_words(text))}
    return [near for near in dict.fromkeys(whole or single) if fold_name(near) not in asked][:3]
