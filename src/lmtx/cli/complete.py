"""Completion of values, with a line of help each. A failure completes nothing: it never disturbs the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lmtx.model import vocabulary

Item = tuple[str, str]
Completer = Callable[[str], list[Item]]


def _matching(items: Iterable[Item], incomplete: str) -> list[Item]:
    return [item for item in items if item[0].casefold().startswith(incomplete.casefold())]


def _words(known: dict[str, vocabulary.Term]) -> Completer:
    def complete(incomplete: str) -> list[Item]:
        return _matching(
            ((name, term.meaning or term.label) for name, term in known.items()), incomplete
        )

    return complete


def _table(*queries: str) -> Completer:
    """Return what completes from these queries, one after the other, over an index that is opened once."""

    def complete(incomplete: str) -> list[Item]:
        from lmtx.cli.own import open_index
        from lmtx.errors import LmtxError

        try:
            connection = open_index().connection
        except LmtxError:
            return []
        return [
            item
            for query in queries
            for item in _matching(connection.execute(query, {"typed": incomplete}), incomplete)
        ]

    return complete


levels = _words(vocabulary.LEVELS)
routes = _words(vocabulary.ROUTES)
designs = _words(vocabulary.DESIGNS)
directions = _words(vocabulary.DIRECTIONS)
endpoints = _words(vocabulary.ENDPOINTS)
measures = _words(vocabulary.MEASURES)
statuses = _words(vocabulary.STATUSES)
phases = _words(vocabulary.PHASES)
topics = _words(vocabulary.RECOMMENDATION_TOPICS)
_TUMORS = "select id, label from tumor order by id"
_TREATMENTS = "select t.id, t.name || ', ' || c.label from treatment t join class c on c.id = t.class order by t.id"
_TRIALS = "select id, substr(title, 1, 60) from trial order by id"
_GUIDELINES = "select id, name from guideline order by id"
_STUDIES = "select id, coalesce(label || ': ', '') || coalesce(substr(title, 1, 60), '') from study where id >= lower(:typed) and id < lower(:typed) || char(1114111) order by id"
tumors = _table(_TUMORS)
classes = _table("select id, label from class order by id")
biomarkers = _table("select id, label from biomarker order by id")
targets = _table(
    "select name, 'target of ' || count(*) || ' treatment(s)' from name join treatment_target on target = fold where kind = 'target' group by fold order by name"
)
treatments = _table(_TREATMENTS)


def anything(incomplete: str) -> list[Item]:
    """Complete what `show` takes: treatments and tumors, then trials and guidelines, and studies once something is typed."""
    return _table(_TREATMENTS, _TUMORS, _TRIALS, _GUIDELINES, *((_STUDIES,) if incomplete else ()))(
        incomplete
    )


def listings(incomplete: str) -> list[Item]:
    """Complete the name of a listing."""
    from lmtx.listings.fields import FIELDS

    return _matching(
        ((name, f"{len(fields)} fields") for name, fields in FIELDS.items()), incomplete
    )


def vocabularies(incomplete: str) -> list[Item]:
    """Complete the name of a vocabulary."""
    from lmtx.query.vocabularies import KINDS

    return _matching(((name, f"the words for {name}") for name in KINDS), incomplete)


def fields(incomplete: str) -> list[Item]:
    """Complete the last of several fields divided by commas."""
    from lmtx.listings.fields import FIELDS

    done, comma, last = incomplete.rpartition(",")
    known = {name: meaning for listing in FIELDS.values() for name, meaning in listing.items()}
    return [(f"{done}{comma}{name}", meaning) for name, meaning in _matching(known.items(), last)]


def kinds(incomplete: str) -> list[Item]:
    """Complete the kinds of records that a search finds."""
    from lmtx.query.search import KINDS

    return _matching(((name, term.label) for name, term in KINDS.items()), incomplete)


def tables(incomplete: str) -> list[Item]:
    """Complete the tables of the export."""
    from lmtx.query.export import LONG

    return _matching(((name, table.meaning) for name, table in LONG.items()), incomplete)


def schemas(incomplete: str) -> list[Item]:
    """Complete the kinds of data files that have a JSON Schema."""
    from lmtx.curation.json_schema import BASE, KINDS

    return _matching(
        [
            *(
                (name, (model.__doc__ or "").partition(":")[0].replace("`", "").rstrip("."))
                for name, model in KINDS.items()
            ),
            (BASE, "a data file of any kind"),
        ],
        incomplete,
    )


def axes(incomplete: str) -> list[Item]:
    """Complete what rows and columns of the evidence map may be."""
    from lmtx.query.map import AXES

    return _matching(((name, term.label) for name, term in AXES.items()), incomplete)


def counts(incomplete: str) -> list[Item]:
    """Complete what a cell of the evidence map counts."""
    return _matching(
        [("studies", "independent studies"), ("patients", "patients, each counted once")],
        incomplete,
    )


def colors(incomplete: str) -> list[Item]:
    """Complete when to use colour."""
    return _matching(
        [("auto", "on a terminal"), ("always", "on a pipe too"), ("never", "not at all")],
        incomplete,
    )
