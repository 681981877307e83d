"""From what a user typed to an id: "Tagrisso", "HER2+", "skin melanoma", "35802849". It suggests
and never guesses."""

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from lmtx.errors import CommandMention, NotFound, ParameterMention, UsageError, Wording
from lmtx.model.names import FOLDED_MINUS, fold_name, is_opposite, keep_non_letters
from lmtx.model.vocabulary import (
    PROSPECTIVE,
    RANDOMISED,
    RETROSPECTIVE,
    Term,
)
from lmtx.tuples import NamedTuple

KINDS_IN_LOOKUP_ORDER = ("treatment", "tumor", "trial", "guideline", "study", "class", "biomarker")
"""What `show` looks through, in the order in which a name that fits several is read."""
MARKER_KINDS = frozenset({"biomarker", "target"})
"""Kinds of which a sign, a number or a "not" in the name makes another one."""
DESIGN_GROUPS = {
    "randomized": RANDOMISED,
    "rct": RANDOMISED,
    "prospective": PROSPECTIVE,
    "retrospective": RETROSPECTIVE,
}
MOST_NAMES_PER_HINT = 40
"""Names that a hint lists."""
LEAST_SIMILARITY = 0.72
"""How much two spellings share, of 1, where one is suggested for the other."""
_FILTER_OF_KIND = {
    "tumor": "tumor",
    "class": "drug_class",
    "biomarker": "biomarker",
    "target": "target",
}
"""The filters that take records of a kind."""
_LISTING_OF_KIND = {
    "tumor": CommandMention("tumors"),
    "class": CommandMention("classes"),
    "biomarker": CommandMention("fields", (), (ParameterMention("values", "biomarkers"),)),
    "target": CommandMention("fields", (), (ParameterMention("values", "targets"),)),
    "treatment": CommandMention("list", (), (ParameterMention("all"),)),
    "country": CommandMention("trials", (), (ParameterMention("fields", "id,countries"),)),
}
"""What shows all there are of a kind."""
# Patterns are compiled where they are first used: the name of a treatment needs none of them.
_LABEL = (
    r"(?i)(?:pmid|pubmed(?: id)?|pmcid|doi|clinicaltrials\.gov(?: id(?:entifier)?)?)"
    r"(?:\s*[:#=]\s*|\s+|(?=\d))"
)
"""What stands before a number, as in "PMCID: PMC6502503"."""
_PARTED = r"(?i)(pmc|nct)(?:id)?\s*[:#=]?\s*(\d+)\W*"
"""A number of PubMed Central or of a registry, its letters apart: the digits alone may be a
PMID."""
_ADDRESS = r"(?i)(?:https?:)?//|(?:[\w-]+\.)+[a-z]{2,}/"
_NUMBERS = (
    r"(?i)(?:pubmed\.ncbi\.nlm\.nih\.gov|/pubmed|/med)/(?:\?term=)?(\d{1,8})(?!\d)",
    r"(?i)\b(PMC\d{3,9})(?!\d)",
    r"(?i)\b(NCT\d{8})(?!\d)",
    r"(?i)\b((?:ChiCTR|ISRCTN|jRCT|UMIN|ACTRN|DRKS|KCT|CTRI)[\w-]{4,})",
    r"\b(20\d\d-\d{6}-\d\d)(?:-\d\d)?(?![\d-])",
)
"""The numbers that addresses hold: of PubMed, PubMed Central and the registries of trials."""
_DOI = r"10\.\d{4,9}/\S+"


class MatchedRecord(NamedTuple):
    """A record that answers to a name."""

    kind: str
    id: str


def find_named_records(
    connection: sqlite3.Connection, text: str, kinds: Collection[str] = KINDS_IN_LOOKUP_ORDER
) -> list[MatchedRecord]:
    """Return the records that answer to a name, an alias or an identifier, in the order of
    `kinds`, reports that a later one supersedes behind the others.

    An identifier may be pasted as an address or behind its label.
    """
    for spelling in list_possible_identifiers(text):
        for key in _keys(spelling):
            if found := _find_key(connection, key, kinds):
                return found
    return []


def extract_identifier(text: str) -> str:
    """Return an identifier without what comes before and behind it when an address or a labelled
    number is pasted."""
    found = list_possible_identifiers(text)
    whole = (one for one in found if one.startswith("10.") and one == _trim(one))
    return next(whole, found[-1]).strip()


def _find_key(
    connection: sqlite3.Connection, key: str, kinds: Collection[str]
) -> list[MatchedRecord]:
    query = (
        "select n.kind, n.id from name n left join study s on n.kind = 'study' and s.id = n.id "
        "where n.fold = ? order by s.superseded_by is not null, n.id"
    )
    found = [
        MatchedRecord(kind, id_) for kind, id_ in connection.execute(query, (key,)) if kind in kinds
    ]
    return sorted(
        found,
        key=lambda match: (_is_by_acronym(match, key), KINDS_IN_LOOKUP_ORDER.index(match.kind)),
    )


def _is_by_acronym(match: MatchedRecord, key: str) -> bool:
    """Tell whether a name is only the short name of a registered trial: its report is what is meant
    where there is one."""
    return match.kind == "trial" and fold_name(match.id) != key


def _keys(name: str) -> list[str]:
    """Return the keys of a name: as it is spelled, and with its last sign as a word,
    "HER2-negative" for "HER2-"."""
    key = fold_name(name)
    words = {FOLDED_MINUS: "negative", "+": "positive"}
    return [key, key[:-1] + words[key[-1]]] if key[-1:] in words and key[:-1].isalnum() else [key]


def list_possible_identifiers(text: str) -> list[str]:
    """Return what a text may name: itself, and of a pasted address or a labelled number the
    identifier in it."""
    bare = (
        text.strip()
        .strip("<>\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}")
        .strip()
    )
    if bare.replace("-", "").isalpha():
        return [text]
    if parted := re.fullmatch(_PARTED, bare):
        return [f"{parted[1]}{parted[2]}"]
    label = re.match(_LABEL, bare)
    is_address = re.match(_ADDRESS, bare[label.end() :] if label else bare) is not None
    if not (label or is_address or re.match(_DOI, bare)):
        return [text]
    if "%" in bare:
        from urllib.parse import unquote

        bare = unquote(bare)
    if not is_address:
        bare = re.sub(_LABEL, "", bare, count=1)
    found = [bare, bare.rstrip(".,;:)]>")]
    if doi := re.search(_DOI, bare):
        found += _shorten(doi[0])
    if is_address:
        found += [match[1] for number in _NUMBERS if (match := re.search(number, bare))]
    return list(dict.fromkeys(found))


def _shorten(doi: str) -> Iterator[str]:
    """Yield the end of an address that begins with a DOI, without what may come behind that: a
    query, a full stop, "/full"."""
    yield doi
    doi = _trim(doi)
    yield doi
    yield doi.removesuffix(".pdf")
    while doi.count("/") > 1:
        doi = doi.rpartition("/")[0]
        yield doi


def _trim(doi: str) -> str:
    return re.split("[#?&]", doi)[0].rstrip(".,;:)]>/")


def resolve_ids(
    connection: sqlite3.Connection, kind: str, values: Iterable[str], field: str
) -> list[str]:
    """Return the ids of one kind that the values of a field name; raise UsageError for the first
    that names none."""
    return resolve_ids_of_kinds(connection, (kind,), values, field)


def resolve_ids_of_kinds(
    connection: sqlite3.Connection, kinds: Sequence[str], values: Iterable[str], field: str
) -> list[str]:
    """Return the ids of several kinds that the values of a field name; raise UsageError for the
    first that names none."""
    found: list[str] = []
    for value in values:
        matches = [
            match for kind in kinds for match in find_named_records_of_kind(connection, kind, value)
        ]
        if not matches:
            called = " or ".join(kinds)
            raise UsageError(f"no {called} {value!r}", _hint(connection, kinds, value), field=field)
        found += [match.id for match in matches]
    return list(dict.fromkeys(found))


def find_named_records_of_kind(
    connection: sqlite3.Connection, kind: str, value: str
) -> list[MatchedRecord]:
    """Return the matches of a name among one kind of thing: records, classes, markers, targets."""
    if kind in KINDS_IN_LOOKUP_ORDER:
        return find_named_records(connection, value, (kind,))
    query = "select id from name where kind = ? and fold = ?"
    found = (connection.execute(query, (kind, key)).fetchall() for key in _keys(value))
    return next(([MatchedRecord(kind, id_) for (id_,) in rows] for rows in found if rows), [])


def _hint(connection: sqlite3.Connection, kinds: Sequence[str], value: str) -> Wording:
    """Say where else the value is known, or what is spelled like it, or how to see all."""
    for match in find_named_records(connection, value):
        if match.kind in kinds or match.kind not in ("treatment", *_FILTER_OF_KIND):
            continue
        elsewhere = (
            CommandMention("show", (match.id,))
            if match.kind == "treatment"
            else ParameterMention(_FILTER_OF_KIND[match.kind], match.id)
        )
        return f"{value!r} is a {match.kind}: try ", elsewhere
    if near := suggest_names(connection, value, kinds):
        return f"did you mean {_either(near)}?"
    kind = kinds[0]
    query = (
        "select distinct id from name where kind = ? and substr(id, 1, ?) = ? || '-' order by id"
    )
    begins = fold_name(value)
    narrower = [id_ for (id_,) in connection.execute(query, (kind, len(begins) + 1, begins))]
    if narrower:
        return f"on record is {_either(narrower)}"
    query = "select distinct id from name where kind = ? order by id"
    names = [id_ for (id_,) in connection.execute(query, (kind,))]
    if len(names) <= MOST_NAMES_PER_HINT:
        return f"one of: {', '.join(names)}"
    return _LISTING_OF_KIND[kind], " shows them all"


_TYPABLE = r"[\w.+-]+"
"""Names that a shell takes as one word, without quotes."""


def list_one_word_names_with_prefix(
    connection: sqlite3.Connection, kinds: Sequence[str], typed: str
) -> list[tuple[str, str]]:
    """Return the names of one word that begin as typed, each with the id of its record; none where
    nothing is typed, for these are many."""
    start = fold_name(typed)
    if not start:
        return []
    query = (
        "select kind, name, id from name where fold >= :start and fold < :start || char(1114111) "
        "order by fold, id"
    )
    return [
        (name, id_)
        for kind, name, id_ in connection.execute(query, {"start": start})
        if kind in kinds and re.fullmatch(_TYPABLE, name)
    ]


def suggest_names(
    connection: sqlite3.Connection, text: str, kinds: Collection[str] = KINDS_IN_LOOKUP_ORDER
) -> list[str]:
    """Return up to three names as written that look like the text, best first; of a marker none
    with another sign, number or "not"."""
    names: dict[str, tuple[str, str]] = {}
    text = extract_identifier(text)
    asked = fold_name(text)
    # only of about this length, or with this beginning, can a name come near it
    shortest, longest = (
        LEAST_SIMILARITY / (2 - LEAST_SIMILARITY) * len(asked),
        (2 - LEAST_SIMILARITY) / LEAST_SIMILARITY * len(asked),
    )
    query = (
        "select kind, fold, id, name from name where length(fold) between ? and ? or substr(fold, "
        "1, ?) = ?"
    )
    for kind, key, id_, name in connection.execute(
        query, (int(shortest), int(longest) + 1, len(asked), asked)
    ):
        if kind in kinds and not (kind in MARKER_KINDS and _is_another(text, name)):
            names.setdefault(key, (id_, name))
    best: dict[str, str] = {}
    for key in nearest_names(asked, names):
        best.setdefault(*names[key])  # a record is told once, where its nearest name stands
    return list(best.values())[:3]


def _is_another(text: str, name: str) -> bool:
    """Tell whether a name is surely not what a text means, however alike they are spelled."""
    return is_opposite(text, name) or keep_non_letters(text) != keep_non_letters(name)


def nearest_names(text: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates that look most like a text: by spelling, then by a shared beginning."""
    from difflib import get_close_matches

    known = list(candidates)
    close = get_close_matches(text, known, 5, LEAST_SIMILARITY)
    begins = [name for name in known if len(text) >= 3 and name.startswith(text)]
    return list(dict.fromkeys([*close, *sorted(begins, key=len)]))[:5]


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def resolve_record(
    connection: sqlite3.Connection, text: str, kinds: Collection[str] = KINDS_IN_LOOKUP_ORDER
) -> tuple[MatchedRecord, list[MatchedRecord]]:
    """Return the record that a name means, and the others that answer to it too.

    "study:h-port-2024" names the kind as well; the id of a part of a record, such as a row of
    evidence, a fact or a statement, leads to what it is part of. Raises NotFound with suggestions
    where nothing answers.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in kinds:
        kinds, text = (kind,), rest
    matches = find_named_records(connection, text, kinds) or [
        match for match in _find_whole(connection, text) if match.kind in kinds
    ]
    if not matches:
        near = suggest_names(connection, text, kinds)
        raise NotFound(
            f"nothing is known as {text!r}",
            f"did you mean {_either(near)}?"
            if near
            else ("try: ", CommandMention("search", (text,))),
        )
    return matches[0], matches[1:]


_WHOLES = (
    "select 'study', study from evidence where id = :id",
    "select 'study', study from comparison where id = :id",
    "select 'study', study from adverse where id = :id",
    "select 'guideline', guideline from recommendation where id = :id",
    "select 'study', study from fact where id = :id",
    "select 'treatment', treatment from csf where json_extract(record, '$.id') = :id "
    "and treatment = substr(:id, 1, instr(:id, '.csf') - 1)",
)
"""Where the parts of records have ids of their own, and what each is part of."""


def _find_whole(connection: sqlite3.Connection, part: str) -> list[MatchedRecord]:
    """Return what a part is part of by its id, which has only plain letters: the study of a row of
    evidence, a comparison, a harm or a fact, the guideline of a statement, the treatment of a
    drug level."""
    if not part.isascii():
        return []
    found = connection.execute(" union ".join(_WHOLES), {"id": part.strip().casefold()})
    return [MatchedRecord(kind, id_) for kind, id_ in found]


def resolve_word(field: str, vocabulary: Mapping[str, Term] | Iterable[str], value: str) -> str:
    """Return the word of a closed vocabulary that a value means, by id, label or alias; raise
    UsageError with suggestions."""
    terms = (
        vocabulary if isinstance(vocabulary, Mapping) else {name: Term(name) for name in vocabulary}
    )
    keys = {
        _key(other): name for name, term in terms.items() for other in (*term.aliases, term.label)
    } | {_key(name): name for name in terms}
    if "," in value:  # a comma is part of a name only where the name has one
        keys = {key: name for key, name in keys.items() if "," in terms[name].label}
    of_field = _key(field.rpartition("_")[2])
    found = keys.get(_key(value)) or keys.get(_key(value).removeprefix(of_field))
    if found is None:
        near = list(dict.fromkeys(keys[key] for key in nearest_names(_key(value), keys)))[:3]
        raise UsageError(
            f"no such value {value!r}",
            f"did you mean {_either(near)}?" if near else f"one of: {', '.join(terms)}",
            field=field,
        )
    return found


def resolve_words(
    field: str, vocabulary: Mapping[str, Term] | Iterable[str], values: Iterable[str]
) -> list[str]:
    """Return the words that values mean, each once."""
    return list(dict.fromkeys(resolve_word(field, vocabulary, value) for value in values))


def resolve_designs(field: str, vocabulary: Mapping[str, Term], values: Iterable[str]) -> list[str]:
    """Return the designs that values mean; "randomized" (or "RCT"), "prospective" and
    "retrospective" take in all of their kind."""
    found: list[str] = []
    for value in values:
        group = DESIGN_GROUPS.get(_key(value))
        found += (
            [name for name in vocabulary if name in group]
            if group
            else [resolve_word(field, vocabulary, value)]
        )
    return list(dict.fromkeys(found))


def _key(word: str) -> str:
    """Return the key of a word of a vocabulary; one that is all signs, like "▲", is its own, and
    "I/II" is not III."""
    return (
        fold_name(word.replace("/", " slash ")).replace("randomised", "randomized") or word.strip()
    )


def load_own_record_sources(connection: sqlite3.Connection, kind: str) -> dict[str, str]:
    """Return the source of every record of a kind that is not of the base itself, by its id; empty
    where nothing is laid over it."""
    return dict(connection.execute("select id, source from own where kind = ?", (kind,)))
