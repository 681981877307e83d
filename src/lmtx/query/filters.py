"""The filters: one table, from which every door takes their names, help, reading, refusal,
completion, words and SQL.

A field of `Filters` is a filter. Its annotation says everything about it; to add one, add a field.
"""

# No `from __future__ import annotations` here: the table is read off the annotations.

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from lmtx.errors import CommandMention, ParameterMention, UsageError, Wording
from lmtx.model import vocabulary
from lmtx.model.figures import write_plural
from lmtx.model.levels import rank_level
from lmtx.model.names import fold_name
from lmtx.query import resolve
from lmtx.query.parameters import (
    Parameter,
    Vocabulary,
    make_record_vocabulary,
    make_word_vocabulary,
    read_value,
)
from lmtx.tuples import NamedTuple

Condition = tuple[str, list[Any]]
"""A condition in SQL with its parameters."""
ConditionMaker = Callable[["Filters", bool], Condition | None]
"""Makes the condition of a filter; the flag says whether something else narrows the rows down
already. None: it keeps all."""

EVIDENCE_SUBJECT, CSF_SUBJECT, STATEMENT_SUBJECT, TRIAL_SUBJECT, TREATMENT_SUBJECT = (
    "evidence",
    "csf",
    "recommendation",
    "trial",
    "treatment",
)
"""What filters act on: rows of evidence `e`, drug levels `c`, statements and trials `r`, and the
treatments `t` of any of them."""


Refusal = tuple[str, Wording]
"""Why a listing does not take a filter, and what to try."""
Words = tuple[str, ...]


class UnknownFitRecords(NamedTuple):
    """Records that a filter leaves out without knowing that they do not fit: why, in words, and
    which these are, in SQL.

    Where there is a `remedy` they are left out by choice and can be added.
    """

    why: str
    words: str
    which: ConditionMaker
    remedy: Wording = ""


class Filter(NamedTuple):
    """A filter: its parameter, how a page calls it and says it (`{}` is the value), and its SQL by
    what it acts on.

    A listing takes the filter where it acts on the records listed, or on their treatments.
    `refusals` says, for a listing that does not take it, why and what to try, `refusal` for all
    others; a listing named there does not take it in any case. `unknown` says, by what it acts on,
    of which records it cannot be told whether they fit: they are left out and counted.
    """

    parameter: Parameter
    label: str
    phrase: str
    acts_on: Mapping[str, ConditionMaker]
    refusals: Mapping[str, Refusal] = {}
    refusal: Refusal | None = None
    unknown: Mapping[str, tuple[UnknownFitRecords, ...]] = {}


MIXED_TUMOR = "solid"
"""The tumor of populations of several."""


def placeholders_for(values: Sequence[Any]) -> str:
    """Return the placeholders for a list of parameters."""
    return ", ".join("?" * len(values))


def at_or_below_condition(kind: str, ids: Sequence[str]) -> Condition:
    """Return the condition "is one of these nodes or below one"."""
    inside = (
        f"in (select id from below where kind = '{kind}' and ancestor in ({placeholders_for(ids)}))"
    )
    return inside, list(ids)


def _one_of(column: str, field: str) -> ConditionMaker:
    def make(filters: "Filters", _: bool) -> Condition:
        values = getattr(filters, field)
        return f"{column} in ({placeholders_for(values)})", list(values)

    return make


def _at_least(column: str, field: str) -> ConditionMaker:
    return lambda filters, _: (f"{column} >= ?", [getattr(filters, field)])


def _unknown_where_empty(column: str, why: str, words: str) -> tuple[UnknownFitRecords, ...]:
    """Return the records in which a column is empty."""
    return (UnknownFitRecords(why, words, lambda *_: (f"{column} is null", [])),)


def _linked(table: str, column: str, field: str) -> ConditionMaker:
    """Return what makes the condition that a table links the row of evidence to one of the
    values."""

    def make(filters: "Filters", narrowed: bool) -> Condition:
        values = getattr(filters, field)
        query = f"select x.number from {table} x where x.{column} in ({placeholders_for(values)})"
        return _numbered(query, "x", narrowed), list(values)

    return make


def _numbered(query: str, table: str, narrowed: bool) -> str:
    """Return the condition that the number of a row `e` is among those of a query, which ends in
    its conditions.

    Where something else narrows the rows down, the query is asked of each of them; it would list a
    whole base otherwise.
    """
    if narrowed:
        return f"exists ({query} and {table}.number = e.number)"
    return f"e.number in ({query})"


def _tumor_of_evidence(filters: "Filters", _: bool) -> Condition | None:
    """Return the condition on the tumor of a row of evidence.

    A row of a mixed population counts for a tumor only with `mixed`, even where it names that
    tumor: its figures are not that tumor's.
    """
    if MIXED_TUMOR in filters.tumors and not filters.mixed:
        return None
    inside, parameters = at_or_below_condition("tumor", filters.tumors)
    named = f"e.number in (select number from evidence_tumor where tumor {inside})"
    return (
        f"({named} or e.mixed = 1)" if filters.mixed else f"({named} and e.mixed = 0)"
    ), parameters


def _mixed_rows(filters: "Filters", _: bool) -> Condition | None:
    """Return the condition that a row of evidence is of mixed tumors, where the filter on the tumor
    leaves such rows out."""
    if filters.mixed or MIXED_TUMOR in filters.tumors:
        return None
    return "e.mixed = 1", []


def _tumor_of_link(kind: str) -> ConditionMaker:
    """Return what makes the condition that a record speaks of one of the tumors: it names it, or
    one above or below it.

    What is for any solid tumor is for each. Other than a row of evidence, a record that names a
    tumor beside others speaks of that tumor too: no figure is pooled.
    """

    def make(filters: "Filters", _: bool) -> Condition | None:
        if MIXED_TUMOR in filters.tumors:
            return None
        inside, parameters = at_above_or_below_condition("tumor", filters.tumors)
        query = f"select number from {kind}_tumor where tumor {inside} or tumor = 'solid'"
        return f"r.number in ({query})", parameters

    return make


def at_above_or_below_condition(kind: str, ids: Sequence[str]) -> Condition:
    """Return the condition "is one of these nodes, or one below or above one"."""
    inside, parameters = at_or_below_condition(kind, ids)
    above = f"select ancestor from below where kind = '{kind}' and id in ({placeholders_for(ids)})"
    return f"{inside[:-1]} union {above})", [*parameters, *ids]


def _class_of_treatment(filters: "Filters", _: bool) -> Condition:
    inside, parameters = at_or_below_condition("class", filters.classes)
    return f"t.class {inside}", parameters


def _target_of_treatment(filters: "Filters", _: bool) -> Condition:
    query = (
        f"select treatment from treatment_target where target in "
        f"({placeholders_for(filters.targets)})"
    )
    return f"t.id in ({query})", list(filters.targets)


def _read_at_source(column: str) -> ConditionMaker:
    unverified = sorted(vocabulary.UNVERIFIED)
    return lambda *_: (f"{column} not in ({placeholders_for(unverified)})", unverified)


def _verified(*_: Any) -> Condition:
    return "e.verified = 1", []


def _level_or_stronger(filters: "Filters", _: bool) -> Condition:
    return "e.level_rank <= ?", [rank_level(filters.min_level)]


def _marker_of_trial(filters: "Filters", _: bool) -> Condition:
    """Return the condition that a trial takes patients with one of the markers: it names it, one
    above or below it, or none."""
    inside, parameters = at_above_or_below_condition("biomarker", filters.biomarkers)
    query = f"select number from trial_biomarker where biomarker {inside}"
    unmarked = "not exists (select 1 from trial_biomarker b where b.number = r.number)"
    return f"(r.number in ({query}) or {unmarked})", parameters


def _after_in(table: str, numbered: str) -> ConditionMaker:
    """Return what makes the condition that all patients had had one of the treatments, or one of
    the classes, before."""

    def make(filters: "Filters", _: bool) -> Condition:
        query = f"select number from {table} where id in ({placeholders_for(filters.after)})"
        return f"{numbered} in ({query})", list(filters.after)

    return make


def _not_known_after(table: str, numbered: str) -> tuple[UnknownFitRecords, ...]:
    """Return the records of which nobody says that all patients had had it: what else they had had
    does not tell."""
    known = _after_in(table, numbered)

    def make(filters: "Filters", narrowed: bool) -> Condition | None:
        made = known(filters, narrowed)
        return made and (f"not ({made[0]})", made[1])

    return (UnknownFitRecords("prior treatment not known", "not known to come after it", make),)


def _line_not_known(column: str) -> tuple[UnknownFitRecords, ...]:
    """Return the records that tell no line of treatment, and those of first and later lines
    together."""

    def mixed_lines(filters: "Filters", _: bool) -> Condition | None:
        return None if "any" in filters.lines else (f"{column} = 'any'", [])

    return (
        *_unknown_where_empty(column, "line not known", "whose line of treatment is not known"),
        UnknownFitRecords("any line", "of first and later lines together", mixed_lines),
    )


def _treatment_itself(filters: "Filters", _: bool) -> Condition:
    return f"t.id in ({placeholders_for(filters.treatments)})", list(filters.treatments)


def _country_of_trial(filters: "Filters", _: bool) -> Condition:
    countries = [
        fold_name(country)
        for name in filters.countries
        for country in vocabulary.REGIONS.get(name, (name,))
    ]
    query = f"select number from trial_country where country in ({placeholders_for(countries)})"
    return f"r.number in ({query})", countries


def _without_country(*_: Any) -> Condition:
    return "not exists (select 1 from trial_country x where x.number = r.number)", []


def _keep_all(*_: Any) -> None:
    """Make no condition: the filter changes what another one means."""


TUMOR_VOCABULARY = make_record_vocabulary("tumor", "select id, label from tumor order by id")
CLASS_VOCABULARY = make_record_vocabulary("class", "select id, label from class order by id")
BIOMARKER_VOCABULARY = make_record_vocabulary(
    "biomarker", "select id, label from biomarker order by id"
)
TARGET_VOCABULARY = make_record_vocabulary(
    "target",
    "select name, 'target of ' || count(*) || ' treatment(s)' from name join treatment_target on "
    "target = fold "
    "where kind = 'target' group by fold order by name",
)
TREATMENT_VOCABULARY = make_record_vocabulary(
    "treatment",
    "select t.id, t.name || ', ' || c.label from treatment t join class c on c.id = t.class order "
    "by t.id",
)
PRIOR_TREATMENT_VOCABULARY = Vocabulary(
    lambda connection, field, values: resolve.resolve_ids_of_kinds(
        connection, ("treatment", "class"), values, field
    ),
    lambda connect, typed: [
        *TREATMENT_VOCABULARY.complete(connect, typed),
        *CLASS_VOCABULARY.complete(connect, typed),
    ],
)
COUNTRY_VOCABULARY = make_record_vocabulary(
    "country",
    "select distinct id, 'country or region' from name where kind = 'country' order by id",
)
LINE_VOCABULARY = make_word_vocabulary(vocabulary.LINES)
LEVEL_VOCABULARY = make_word_vocabulary(vocabulary.LEVELS)
ROUTE_VOCABULARY = make_word_vocabulary(vocabulary.ROUTES)
DIRECTION_VOCABULARY = make_word_vocabulary(vocabulary.DIRECTIONS)
ENDPOINT_VOCABULARY = make_word_vocabulary(vocabulary.ENDPOINTS)
DESIGN_VOCABULARY = Vocabulary(
    lambda _, field, values: resolve.resolve_designs(field, vocabulary.DESIGNS, values),
    make_word_vocabulary(vocabulary.DESIGNS).complete,
)

_BY_SAMPLE: Refusal = (
    "drug levels are not filed by tumor",
    (
        "the field population says who was sampled; ",
        ParameterMention("lm"),
        " keeps patients with LM",
    ),
)
_NO_MARKER: Refusal = (
    "drug levels are not filed by biomarker",
    "the field population says who was sampled",
)
_LEVELS: Mapping[str, Refusal] = {
    "csf": (
        "a drug level carries no level of evidence",
        (ParameterMention("design", ""), " filters by the design of its study"),
    ),
    "guidelines": (
        "every guideline prints levels of its own kind",
        "the fields level and grade show them",
    ),
    "trials": (
        "a trial has no level of evidence before it reports",
        (ParameterMention("phase", ""), " narrows it down; the field results names its reports"),
    ),
}
_SEARCH_REMEDY: Wording = (CommandMention("search"), " looks through their words")
_TOPIC_REMEDY: Wording = (
    ParameterMention("topic", ""),
    " and ",
    ParameterMention("treatment", ""),
    " narrow it down",
)
_EVIDENCE_REMEDY: Wording = (CommandMention("evidence"), " has them")


_NO_COURSE: Mapping[str, Refusal] = {
    "csf": ("drug levels are not filed by prior treatment", _EVIDENCE_REMEDY),
    "guidelines": ("guideline statements are not filed by prior treatment", _SEARCH_REMEDY),
}
_ONLY_OF_TRIALS: Refusal = (
    "only trials are filed by country",
    (CommandMention("trials", (), (ParameterMention("country", ""),)), ""),
)


def _only_of_evidence(what: str) -> Mapping[str, Refusal]:
    reason = (f"only rows of evidence have {what}", _EVIDENCE_REMEDY)
    return dict.fromkeys(("csf", "guidelines", "trials"), reason)


class Filters(NamedTuple):
    """What to keep. Values of one filter mean "or", different filters mean "and"; one that is empty
    keeps all.

    The values are ids. The annotations are the table of filters.
    """

    tumors: Annotated[
        Words,
        Filter(
            Parameter(
                "tumor",
                "Primary tumor, or one above it.",
                "TUMOR",
                "t",
                "words",
                TUMOR_VOCABULARY,
                also="tumour",
            ),
            label="Primary tumor",
            phrase="{}",
            acts_on={
                EVIDENCE_SUBJECT: _tumor_of_evidence,
                STATEMENT_SUBJECT: _tumor_of_link(STATEMENT_SUBJECT),
                TRIAL_SUBJECT: _tumor_of_link(TRIAL_SUBJECT),
            },
            refusals={"csf": _BY_SAMPLE},
            unknown={
                EVIDENCE_SUBJECT: (
                    UnknownFitRecords(
                        "mixed",
                        "of mixed solid tumours",
                        _mixed_rows,
                        (ParameterMention("mixed"), " adds them"),
                    ),
                )
            },
        ),
    ] = ()
    classes: Annotated[
        Words,
        Filter(
            Parameter(
                "drug_class",
                "Class of treatment, or one above it.",
                "CLASS",
                "c",
                "words",
                CLASS_VOCABULARY,
                option="class",
            ),
            label="Class of treatment",
            phrase="{}",
            acts_on={TREATMENT_SUBJECT: _class_of_treatment},
        ),
    ] = ()
    treatments: Annotated[
        Words,
        Filter(
            Parameter(
                "treatment",
                "Treatment, by id, name or brand.",
                "ID",
                "",
                "words",
                TREATMENT_VOCABULARY,
            ),
            label="Treatment",
            phrase="{}",
            acts_on={TREATMENT_SUBJECT: _treatment_itself},
            refusals={
                "compare": (
                    "compare names its treatments without an option",
                    ("try: ", CommandMention("help", ("compare",))),
                )
            },
        ),
    ] = ()
    levels: Annotated[
        Words,
        Filter(
            Parameter(
                "level",
                "Exactly this level of evidence, I to V.",
                "LEVEL",
                "l",
                "words",
                LEVEL_VOCABULARY,
            ),
            label="Level of evidence",
            phrase="level {}",
            acts_on={EVIDENCE_SUBJECT: _one_of("e.level", "levels")},
            refusals=_LEVELS,
        ),
    ] = ()
    min_level: Annotated[
        str | None,
        Filter(
            Parameter(
                "min_level", "This level or a stronger one.", "LEVEL", "", "word", LEVEL_VOCABULARY
            ),
            label="Level at least",
            phrase="level {} or stronger",
            acts_on={EVIDENCE_SUBJECT: _level_or_stronger},
            refusals=_LEVELS,
        ),
    ] = None
    biomarkers: Annotated[
        Words,
        Filter(
            Parameter(
                "biomarker",
                "Biomarker of the population.",
                "MARKER",
                "b",
                "words",
                BIOMARKER_VOCABULARY,
            ),
            label="Biomarker",
            phrase="biomarker {}",
            acts_on={
                EVIDENCE_SUBJECT: _linked("evidence_biomarker", "biomarker", "biomarkers"),
                TRIAL_SUBJECT: _marker_of_trial,
            },
            refusals={
                "csf": _NO_MARKER,
                "guidelines": ("guideline statements are not filed by biomarker", _SEARCH_REMEDY),
            },
        ),
    ] = ()
    routes: Annotated[
        Words,
        Filter(
            Parameter("route", "Route of administration.", "ROUTE", "r", "words", ROUTE_VOCABULARY),
            label="Route",
            phrase="{}",
            acts_on={
                EVIDENCE_SUBJECT: _linked("evidence_route", "route", "routes"),
                CSF_SUBJECT: _one_of("c.route", "routes"),
            },
            refusals={
                "guidelines": ("guideline statements are not filed by route", _SEARCH_REMEDY),
                "trials": (
                    "trials are not filed by route",
                    (CommandMention("search"), " looks through their titles"),
                ),
            },
        ),
    ] = ()
    targets: Annotated[
        Words,
        Filter(
            Parameter(
                "target",
                "Molecular target of the treatment.",
                "GENE",
                "",
                "words",
                TARGET_VOCABULARY,
            ),
            label="Target",
            phrase="target {}",
            acts_on={TREATMENT_SUBJECT: _target_of_treatment},
        ),
    ] = ()
    designs: Annotated[
        Words,
        Filter(
            Parameter(
                "design",
                "Study design; also: RCT, prospective, retrospective.",
                "DESIGN",
                "",
                "words",
                DESIGN_VOCABULARY,
            ),
            label="Study design",
            phrase="{}",
            acts_on={
                EVIDENCE_SUBJECT: _one_of("e.design", "designs"),
                CSF_SUBJECT: _one_of("s.design", "designs"),
            },
            refusals={
                "guidelines": ("a guideline statement has no study design", _TOPIC_REMEDY),
                "trials": ("trials are filed by phase", ("try ", ParameterMention("phase", ""))),
            },
        ),
    ] = ()
    directions: Annotated[
        Words,
        Filter(
            Parameter(
                "direction",
                "benefit, no-benefit, worse, mixed or unclear.",
                "WORD",
                "",
                "words",
                DIRECTION_VOCABULARY,
            ),
            label="Direction",
            phrase="direction {}",
            acts_on={EVIDENCE_SUBJECT: _one_of("e.direction", "directions")},
            refusals={
                **_only_of_evidence("a direction"),
                "conflicts": (
                    "a conflict has both directions",
                    (
                        CommandMention("evidence", (), (ParameterMention("direction", ""),)),
                        " lists the rows of one",
                    ),
                ),
            },
        ),
    ] = ()
    endpoints: Annotated[
        Words,
        Filter(
            Parameter(
                "endpoint",
                "Only rows, and figures, of this endpoint.",
                "ENDPOINT",
                "e",
                "words",
                ENDPOINT_VOCABULARY,
            ),
            label="Endpoint",
            phrase="endpoint {}",
            acts_on={EVIDENCE_SUBJECT: _linked("evidence_endpoint", "endpoint", "endpoints")},
            refusals=_only_of_evidence("endpoints"),
        ),
    ] = ()
    min_n: Annotated[
        int | None,
        Filter(
            Parameter("min_n", "At least this many patients in the row.", "N", "", "number"),
            label="Patients in a row, at least",
            phrase="n ≥ {}",
            acts_on={
                EVIDENCE_SUBJECT: _at_least("e.n", "min_n"),
                CSF_SUBJECT: _at_least("c.n", "min_n"),
                TRIAL_SUBJECT: _at_least("r.enrolment", "min_n"),
            },
            refusals={"guidelines": ("a guideline statement counts no patients", _TOPIC_REMEDY)},
            unknown={
                EVIDENCE_SUBJECT: _unknown_where_empty("e.n", "no n", "without n"),
                CSF_SUBJECT: _unknown_where_empty("c.n", "no n", "without n"),
                TRIAL_SUBJECT: _unknown_where_empty("r.enrolment", "no n", "without n"),
            },
        ),
    ] = None
    since: Annotated[
        int | None,
        Filter(
            Parameter(
                "since",
                "Published in this year or later.",
                "YEAR",
                "",
                "number",
                least=1900,
                largest=2100,
            ),
            label="Published since",
            phrase="since {}",
            acts_on={
                EVIDENCE_SUBJECT: _at_least("e.year", "since"),
                CSF_SUBJECT: _at_least("s.year", "since"),
                STATEMENT_SUBJECT: _at_least("g.year", "since"),
            },
            refusals={
                "trials": (
                    "a trial has no year of publication",
                    (
                        ParameterMention("status", ""),
                        " and ",
                        ParameterMention("open"),
                        " narrow it down; the field updated says when its registry changed it last",
                    ),
                )
            },
            unknown={
                EVIDENCE_SUBJECT: _unknown_where_empty("e.year", "no year", "without a year"),
                CSF_SUBJECT: _unknown_where_empty("s.year", "no year", "without a year"),
                STATEMENT_SUBJECT: _unknown_where_empty("g.year", "no year", "without a year"),
            },
        ),
    ] = None
    lines: Annotated[
        Words,
        Filter(
            Parameter(
                "line",
                "Line of treatment for the LM: first, later or any.",
                "LINE",
                "",
                "words",
                LINE_VOCABULARY,
            ),
            label="Line of treatment",
            phrase="{} line",
            acts_on={
                EVIDENCE_SUBJECT: _one_of("e.line", "lines"),
                TRIAL_SUBJECT: _one_of("r.line", "lines"),
            },
            refusals=_NO_COURSE,
            unknown={
                EVIDENCE_SUBJECT: _line_not_known("e.line"),
                TRIAL_SUBJECT: _line_not_known("r.line"),
            },
        ),
    ] = ()
    after: Annotated[
        Words,
        Filter(
            Parameter(
                "after",
                "Treatment or class that all patients had had before.",
                "NAME",
                "",
                "words",
                PRIOR_TREATMENT_VOCABULARY,
            ),
            label="After",
            phrase="after {}",
            acts_on={
                EVIDENCE_SUBJECT: _after_in("evidence_after", "e.number"),
                TRIAL_SUBJECT: _after_in("trial_after", "r.number"),
            },
            refusals=_NO_COURSE,
            unknown={
                EVIDENCE_SUBJECT: _not_known_after("evidence_after", "e.number"),
                TRIAL_SUBJECT: _not_known_after("trial_after", "r.number"),
            },
        ),
    ] = ()
    countries: Annotated[
        Words,
        Filter(
            Parameter(
                "country",
                "Country of the trial, or a region like Europe.",
                "NAME",
                "",
                "words",
                COUNTRY_VOCABULARY,
            ),
            label="Country",
            phrase="in {}",
            acts_on={TRIAL_SUBJECT: _country_of_trial},
            refusal=_ONLY_OF_TRIALS,
            unknown={
                TRIAL_SUBJECT: (
                    UnknownFitRecords("no country", "without a country", _without_country),
                )
            },
        ),
    ] = ()
    verified: Annotated[
        bool,
        Filter(
            Parameter("verified", "Only figures read at their source.", kind="flag"),
            label="Read",
            phrase="read at the source",
            acts_on={
                EVIDENCE_SUBJECT: _verified,
                CSF_SUBJECT: _read_at_source("c.read_in"),
                STATEMENT_SUBJECT: _read_at_source("r.read_in"),
            },
            refusals={
                "trials": (
                    "a trial is shown as its registry showed it",
                    "the field status_read says when it was read",
                )
            },
        ),
    ] = False
    mixed: Annotated[
        bool,
        Filter(
            Parameter("mixed", "Add studies of mixed solid tumours.", kind="flag"),
            label="Populations",
            phrase="mixed tumours too",
            acts_on={EVIDENCE_SUBJECT: _keep_all},
            refusals={
                "csf": _BY_SAMPLE,
                "guidelines": ("statements on any solid tumor are in the answer, marked", ""),
                "trials": ("trials for any solid tumor are in the answer, marked", ""),
                "conflicts": (
                    "a study of mixed solid tumours speaks for none of them",
                    (CommandMention("evidence", (), (ParameterMention("mixed"),)), " lists them"),
                ),
            },
        ),
    ] = False

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def on_evidence(self) -> bool:
        """Whether a filter looks at the rows of evidence, not just at the treatment."""
        return any(
            EVIDENCE_SUBJECT in FILTERS[field].acts_on and field != "mixed"
            for field in self.in_use()
        )

    def keeps_reading(self, read_in: str) -> bool:
        """Tell whether a figure was read where it should have been: at its source, with
        `verified`."""
        return not (self.verified and read_in in vocabulary.UNVERIFIED)

    def in_use(self) -> Iterator[str]:
        """Yield the fields of the filters that keep less than all."""
        return (field for field in self._fields if _narrows(getattr(self, field)))


def _narrows(value: Any) -> bool:
    """Tell whether a value of a filter keeps less than all; a least number of 0 does."""
    return value is not None and value is not False and value != () and value != []


FILTERS: Mapping[str, Filter] = {
    field: hint.__metadata__[0] for field, hint in Filters.__annotations__.items()
}
"""Every filter by its field of `Filters`, in the order in which help lists them."""


def is_filter_taken(field: str, listing: str, subject: str) -> bool:
    """Tell whether a listing, whose records are of a subject, takes a filter."""
    one = FILTERS[field]
    return listing not in one.refusals and bool({subject, TREATMENT_SUBJECT} & one.acts_on.keys())


def refuse_filters(listing: str, subject: str, given: Mapping[str, Any]) -> None:
    """Raise UsageError for the first filter given, by its name, that says nothing about the records
    of a listing."""
    for field, one in FILTERS.items():
        name = one.parameter.name
        if not _narrows(given.get(name)) or is_filter_taken(field, listing, subject):
            continue
        no_such: Refusal = (
            f"{listing} takes no such filter",
            (CommandMention("help", (listing,)), " says which"),
        )
        why, remedy = one.refusals.get(listing) or one.refusal or no_such
        raise UsageError(why, remedy, field=name)


def resolve_filters(connection: sqlite3.Connection, given: Mapping[str, Any]) -> Filters:
    """Return the filters given by their names, every value turned into an id; raise UsageError for
    one that is not known."""
    return Filters(
        **{
            field: read_value(connection, one.parameter, given[one.parameter.name])
            for field, one in FILTERS.items()
            if given.get(one.parameter.name) is not None
        }
    )


def list_filter_phrases(filters: Mapping[str, Any]) -> list[str]:
    """Return what was asked for in words, a filter each: "nsclc", "biomarker egfr", "level III or
    stronger".

    `filters` holds values by the fields of `Filters`, as the query of an answer does.
    """
    lists, single, flags = [], [], []
    for field, one in FILTERS.items():
        value = filters.get(field)
        if not _narrows(value):
            continue
        if value is True:
            flags.append(one.phrase)
        elif isinstance(value, list | tuple):
            lists.append(", ".join(one.phrase.format(each) for each in value))
        else:
            single.append(one.phrase.format(value))
    return [*lists, *single, *flags]


def subject_conditions(subject: str, filters: Filters) -> list[Condition]:
    """Return the conditions of the filters that act on a subject, in the order of the table."""
    return [*_conditions_by_field(subject, filters).values()]


def _conditions_by_field(subject: str, filters: Filters) -> dict[str, Condition]:
    """Return the condition of each filter that acts on a subject and keeps less than all."""
    found: dict[str, Condition] = {}
    narrowed = has_narrowing_tumor_filter(filters)
    for field in filters.in_use():
        one = FILTERS[field]
        if subject in one.acts_on and (made := one.acts_on[subject](filters, narrowed)):
            found[field] = made
            narrowed = narrowed or field in _NARROWING
    return found


_NARROWING = frozenset({"biomarkers", "routes", "endpoints"})
"""Filters that lead to a few rows by an index of their own."""


def has_narrowing_tumor_filter(filters: Filters) -> bool:
    """Tell whether the tumor leads to the rows, so that all else is better asked of each of
    them."""
    return bool(filters.tumors) and not filters.mixed and MIXED_TUMOR not in filters.tumors


def treatment_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a treatment `t`."""
    return subject_conditions(TREATMENT_SUBJECT, filters)


def evidence_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a row of evidence `e`, all but those on its treatments."""
    return subject_conditions(EVIDENCE_SUBJECT, filters)


def tested_treatment_conditions(filters: Filters) -> list[Condition]:
    """Return the conditions on a row of evidence `e` that a treatment tested in it meets the
    filters on treatments.

    With a route asked for that treatment itself was given by it: a tablet beside an intrathecal
    drug is no intrathecal treatment. What a comparison tests in words has the routes of its row.
    """
    conditions = treatment_conditions(filters)
    if not conditions:
        return []
    if filters.routes:
        own = "select 1 from given g where g.number = et.number and g.treatment = et.treatment"
        by_it = (
            f"exists ({own} and g.route in ({placeholders_for(filters.routes)})) or not exists "
            f"({own})"
        )
        conditions.append((f"({by_it})", list(filters.routes)))
    sql, parameters = join_conditions(conditions)
    query = (
        f"select et.number from evidence_treatment et join treatment t on t.id = et.treatment {sql}"
    )
    narrowed = has_narrowing_tumor_filter(filters) or any(
        getattr(filters, field) for field in _NARROWING
    )
    return [(_numbered(query, "et", narrowed), parameters)]


def treatment_route_conditions(routes: Sequence[str]) -> list[Condition]:
    """Return the condition that a treatment `t` was given by one of these routes itself, if any are
    asked for."""
    if not routes:
        return []
    query = f"select treatment from treatment_route where route in ({placeholders_for(routes)})"
    return [(f"t.id in ({query})", list(routes))]


def any_tested_condition(treatments: Sequence[str]) -> Condition:
    """Return the condition that a row of evidence `e` is about one of these treatments."""
    query = (
        f"select number from evidence_treatment where treatment in ({placeholders_for(treatments)})"
    )
    return f"e.number in ({query})", list(treatments)


def join_conditions(conditions: Sequence[Condition]) -> Condition:
    """Join conditions into a where clause with its parameters."""
    if not conditions:
        return "", []
    parameters = [value for _, values in conditions for value in values]
    return "where " + " and ".join(sql for sql, _ in conditions), parameters


_SUBJECT_TABLES = {
    EVIDENCE_SUBJECT: "evidence e",
    CSF_SUBJECT: "csf c join study s on s.id = c.study join treatment t on t.id = c.treatment",
    STATEMENT_SUBJECT: "recommendation r join guideline g on g.id = r.guideline",
    TRIAL_SUBJECT: "trial r",
}
"""Where the records stand that filters act on."""


def count_left_out(
    connection: sqlite3.Connection, subject: str, filters: Filters, *also: Condition
) -> dict[str, int]:
    """Count the records that filters leave out without knowing that they do not fit, by the reason.

    A record of which several things are not known counts once, for the first of them. What could be
    added (see `UnknownFitRecords.remedy`) counts where all else fits. `also` are further conditions
    that act on the records.
    """
    known = _conditions_by_field(subject, filters)
    chosen: list[tuple[str, UnknownFitRecords, Condition]] = []
    doubtful: dict[str, list[tuple[UnknownFitRecords, Condition]]] = {}
    for field in known.keys() & FILTERS.keys():
        for one in FILTERS[field].unknown.get(subject, ()):
            if made := one.which(filters, bool(known)):
                if one.remedy:
                    chosen.append((field, one, made))
                else:
                    doubtful.setdefault(field, []).append((one, made))
    found: dict[str, int] = {}

    def count(why: str, conditions: Sequence[Condition]) -> None:
        sql, parameters = join_conditions([*conditions, *also])
        query = f"select count(*) from {_SUBJECT_TABLES[subject]} {sql}"
        [(number,)] = connection.execute(query, parameters)
        if number:
            found[why] = found.get(why, 0) + int(number)

    for field, one, made in chosen:
        count(one.why, [made, *(other for name, other in known.items() if name != field)])
    waiting = [field for field in FILTERS if field in doubtful]
    for position, field in enumerate(waiting):
        fitting = [other for name, other in known.items() if name not in waiting[position:]]
        open_ = [
            _any_of([known[name], *(made for _, made in doubtful[name])])
            for name in waiting[position + 1 :]
        ]
        for one, made in doubtful[field]:
            count(one.why, [made, *fitting, *open_])
    return found


def _any_of(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that one of several holds."""
    sql = " or ".join(f"({one})" for one, _ in conditions)
    return f"({sql})", [value for _, values in conditions for value in values]


def count_evidence_left_out(
    connection: sqlite3.Connection, filters: Filters, *also: Condition
) -> dict[str, int]:
    """Count the rows of evidence that filters leave out without knowing that they do not fit, by
    the reason."""
    return count_left_out(
        connection, EVIDENCE_SUBJECT, filters, *tested_treatment_conditions(filters), *also
    )


def note_treatments_without_evidence(
    connection: sqlite3.Connection, treatments: Sequence[str]
) -> list[Wording]:
    """Return a note for each of these treatments that is known and has no evidence, with what says
    more."""
    query = (
        f"select t.id from treatment t where t.id in ({placeholders_for(treatments)}) "
        "and not exists (select 1 from evidence_treatment x where x.treatment = t.id) order by t.id"
    )
    return [
        (
            f"{id_} is known, but no figures on LM could be read: ",
            CommandMention("show", (id_,)),
            " says more",
        )
        for (id_,) in connection.execute(query, list(treatments))
    ]


def note_left_out(
    left_out: Mapping[str, int], unit: str, *, remedies: bool = True
) -> list[Wording]:
    """Return a note for each reason of the table for which records of a unit were left out, with
    what adds them."""
    return [
        (
            f"{write_plural(number, unit)} {one.words} left out",
            *(("; ", *one.remedy) if one.remedy and remedies else ()),
        )
        for why, number in left_out.items()
        if (one := _REASONS.get(why))
    ]


_REASONS: Mapping[str, UnknownFitRecords] = {
    one.why: one
    for each in FILTERS.values()
    for several in each.unknown.values()
    for one in several
}


# Guideline statements and trials are filed under treatments and tumors by link tables. The record
# is `r` in the query; its links are in `<kind>_treatment` and `<kind>_tumor`. What is for any solid
# tumor, or names no marker, applies to each: it is in every answer, and `applies_by` says so.

ANY_TUMOR_REASON = "any solid tumor"
NO_MARKER_REASON = "no marker named"


def linked_treatment_conditions(subject: str, filters: Filters) -> list[Condition]:
    """Return the conditions that one of the record's treatments meets the filters; of a trial one
    that it tests."""
    conditions = treatment_conditions(filters)
    if not conditions:
        return []
    sql, parameters = join_conditions(conditions)
    tested = " and (l.role is null or l.role = 'tested')" if subject == TRIAL_SUBJECT else ""
    linked = f"{subject}_treatment l join treatment t on t.id = l.treatment{tested}"
    return [(f"r.number in (select l.number from {linked} {sql})", parameters)]


class TumorAndMarkerReach(NamedTuple):
    """The tumors that the filters mean, with all above and below them; None where they name
    none."""

    tumors: frozenset[str] | None
    asks_marker: bool


def find_tumor_and_marker_reach(
    connection: sqlite3.Connection, filters: Filters
) -> TumorAndMarkerReach:
    """Return what the filters mean by their tumors and markers."""
    if not filters.tumors or MIXED_TUMOR in filters.tumors:
        return TumorAndMarkerReach(None, bool(filters.biomarkers))
    inside, parameters = at_above_or_below_condition("tumor", filters.tumors)
    query = f"select id from tumor where id {inside}"
    found = frozenset(id_ for (id_,) in connection.execute(query, parameters))
    return TumorAndMarkerReach(found - {"solid"}, bool(filters.biomarkers))


def explain_indirect_match(
    reach: TumorAndMarkerReach, tumors: Sequence[str], record: Mapping[str, Any] | None = None
) -> list[str]:
    """Return by what a record applies that does not name what was asked: it is for any solid tumor,
    or names no marker."""
    found = []
    if reach.tumors is not None and not reach.tumors.intersection(tumors):
        found.append(ANY_TUMOR_REASON)
    if reach.asks_marker and record is not None and not record["biomarkers"]:
        found.append(NO_MARKER_REASON)
    return found


def load_other_tumors(connection: sqlite3.Connection, filters: Filters) -> dict[str, str]:
    """Return the labels of the tumors that are not asked for, by id; none where any is meant."""
    if not filters.tumors or MIXED_TUMOR in filters.tumors:
        return {}
    inside, parameters = at_or_below_condition("tumor", filters.tumors)
    query = f"select id, label from tumor where not id {inside}"
    return dict(connection.execute(query, parameters))


def write_mixed_with(record: Mapping[str, Any], other_tumors: Mapping[str, str]) -> str | None:
    """Return what the figures of a row or comparison are mixed with: patients without LM of a solid
    tumor, or another tumor than those asked for; None for nothing. Populations of several tumors
    answer only where they are asked for."""
    told: str | None = record["mixed_with"]
    if told is not None or record["mixed"]:
        return told
    return ", ".join(other_tumors[one] for one in record["tumors"] if one in other_tumors) or None
