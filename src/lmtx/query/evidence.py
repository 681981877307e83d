"""Evidence, one row a treatment × population × study."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Annotated, Any

from lmtx.model.records import GivenRecord, OutcomeRecord
from lmtx.query.filters import (
    Condition,
    Filters,
    evidence_conditions,
    join_conditions,
    load_other_tumors,
    tested_treatment_conditions,
    write_mixed_with,
)
from lmtx.tuples import NamedTuple

# Fields that several rows have, each with what it means.
StudyField = Annotated[str, "id of the study"]
CitationField = Annotated[str, "first author and year"]
TreatmentsField = Annotated[list[str], "ids of the treatments that were tested"]
BackgroundField = Annotated[list[str], "ids of what was given alongside; no evidence on it"]
GivenAsField = Annotated[
    str | None, "how several tested treatments stand to each other: together, some or in-turn"
]
TumorsField = Annotated[list[str], "ids of the primary tumors; with solid a mixed population"]
BiomarkersField = Annotated[list[str], "ids of the biomarkers that define the population"]
SettingField = Annotated[str | None, "population in words"]
LineField = Annotated[str | None, "line of treatment for the LM: first, later or any"]
AfterField = Annotated[list[str], "ids of treatments or classes that all patients had had before"]
NField = Annotated[int | None, "patients with LM of a solid tumor in the row"]
DesignField = Annotated[str, "study design"]
LevelField = Annotated[
    str | None, "level of evidence, I (strongest) to V; empty where the design carries none"
]
YearField = Annotated[int | None, "year of publication"]
MixedField = Annotated[bool, "whether the population mixes solid tumors"]
MixedWithField = Annotated[
    str | None, "what is pooled in that is not LM of a solid tumor, or not of the tumor asked for"
]
SupersededByField = Annotated[str | None, "id of the later report of the same patients"]
ReadInField = Annotated[
    str, "where the figures were read: full-text, abstract, registry, secondary or recalled"
]
PmidField = Annotated[str | None, "PubMed id"]
DoiField = Annotated[str | None, "digital object identifier"]
UrlField = Annotated[str | None, "canonical address: DOI, PubMed, PMC or registry"]
SourceField = Annotated[
    str, "where the record comes from: lmtx, or the name of own records laid over it"
]
CohortField = Annotated[str, "reports of the same patients share one: id of the first of them"]
WithdrawnField = Annotated[
    str | None, "why the publication was withdrawn; then it is counted nowhere"
]
LmOnlyField = Annotated[bool, "whether the study has only patients with LM"]
DirectionField = Annotated[
    str | None, "what the data show of what is tested; empty where nothing is"
]
ValueField = Annotated[
    float | None, "the figure as printed: a median for times, a rate for %; see not_reached"
]
NotReachedField = Annotated[bool, "the median was not reached, so there is no value"]
CiLowField = Annotated[float | None, "lower end of the printed interval"]
CiHighField = Annotated[
    float | None, "upper end; empty where it was not reached or none is printed"
]
CiUpperField = Annotated[str | None, "what the paper prints in place of the upper end"]
CiLevelField = Annotated[float | None, "confidence of the interval in %"]
EventsField = Annotated[int | None, "patients with the event"]
TotalField = Annotated[int | None, "patients assessed"]
AtField = Annotated[str | None, "time point of a landmark rate"]
PField = Annotated[str | None, "p value as printed"]
AssessedByField = Annotated[str | None, "who or what judged the endpoint"]
GroupField = Annotated[str | None, "which patients or what kind of figure, in words"]
TimeZeroField = Annotated[str | None, "from when a time is counted, where stated"]
AsPrintedField = Annotated[bool, "whether the paper's own figures do not fit each other"]
ScopeField = Annotated[str, "whom the figure counts: whole row, or a subgroup, responders …"]


class EvidenceRow(NamedTuple):
    """A row of evidence; see `lmtx fields evidence`."""

    id: Annotated[str, "id of the row: study and number"]
    study: StudyField
    citation: CitationField
    treatments: TreatmentsField
    background: BackgroundField
    given_as: GivenAsField
    tumors: TumorsField
    biomarkers: BiomarkersField
    setting: SettingField
    line: LineField
    after: AfterField
    routes: Annotated[list[str], "routes by which the tested treatments were given"]
    dose: Annotated[str | None, "dose and schedule of the tested treatments"]
    given: Annotated[
        list[GivenRecord],
        "every treatment of the group: role (tested or background), routes, dose, n where not all "
        "had it",
    ]
    n: NField
    n_pooled: Annotated[int | None, "patients behind the figures, where others are mixed in"]
    design: DesignField
    level: LevelField
    direction: Annotated[
        str | None,
        "what the data show of what is tested: benefit, no-benefit, worse, mixed or unclear; "
        "empty where nothing is",
    ]
    outcomes: Annotated[
        list[OutcomeRecord],
        "the figures of this group, each with endpoint, value or not_reached, unit, interval, "
        "counts, and where it was read",
    ]
    comparisons: Annotated[list[str], "ids of the comparisons that hold this group"]
    summary: Annotated[str, "one or two sentences"]
    safety: Annotated[str | None, "toxicity"]
    year: YearField
    mixed: MixedField
    mixed_with: MixedWithField
    superseded_by: SupersededByField
    read_in: ReadInField
    pmid: PmidField
    doi: DoiField
    url: UrlField
    source: SourceField
    cohort: CohortField
    withdrawn: WithdrawnField


SORT_ORDERS = {
    "level": "e.level_rank, e.superseded, e.n desc, e.number",
    "n": "e.n is null, e.n desc, e.level_rank, e.number",
    "year": "e.year is null, e.year desc, e.level_rank, e.number",
    "study": "e.study, e.row",
    "direction": "e.direction is null, e.direction, e.level_rank, e.number",
    "design": "e.design, e.n desc, e.number",
}
"""How rows can be sorted: the strongest, largest or newest first."""


def list_evidence(
    connection: sqlite3.Connection,
    filters: Filters,
    *,
    sort: str = "level",
    limit: int | None = None,
    also: tuple[Condition, ...] = (),
) -> Iterator[EvidenceRow]:
    """Yield the rows of evidence under the filters; with an endpoint filter only those figures of a
    row.

    `also` adds conditions on the row `e` or its study `s`. A row that names a tumor beside those
    asked for is mixed with it: its figures are of both.
    """
    other_tumors = load_other_tumors(connection, filters)
    sql, parameters = join_conditions(
        [*evidence_conditions(filters), *tested_treatment_conditions(filters), *also]
    )
    query = (
        "select e.record, s.label, e.year, s.superseded_by, e.superseded, e.cohort, s.pmid, "
        "s.doi, s.url from evidence e join study s on s.id = e.study "
        f"{sql} order by {SORT_ORDERS[sort]} limit ?"
    )
    for text, label, year, later, superseded, cohort, *ids in connection.execute(
        query, [*parameters, -1 if limit is None else limit]
    ):
        record = json.loads(text)
        record["mixed_with"] = write_mixed_with(record, other_tumors)
        yield _row(
            record,
            label,
            year,
            later if superseded else None,
            cohort,
            ids,
            filters,
        )


def _row(
    record: dict[str, Any],
    label: str,
    year: int | None,
    later: str | None,
    cohort: str,
    ids: list[Any],
    filters: Filters,
) -> EvidenceRow:
    pmid, doi, url = ids
    known = {
        **record,
        "citation": label,
        "year": year,
        "superseded_by": later,
        "cohort": cohort,
        "pmid": pmid,
        "doi": doi,
        "url": url,
        "outcomes": [outcome for outcome in record["outcomes"] if _is_meant(outcome, filters)],
    }
    return EvidenceRow(**{field: known[field] for field in EvidenceRow._fields})


def _is_meant(outcome: dict[str, Any], filters: Filters) -> bool:
    """Tell whether a figure is of an endpoint asked for, and read where it should have been."""
    if filters.endpoints and outcome["endpoint"] not in filters.endpoints:
        return False
    return filters.keeps_reading(outcome["read_in"])


class StudyRow(NamedTuple):
    """A publication; `label` is its short citation, `rows` counts its rows of evidence under the
    filters."""

    id: Annotated[str, "id of the study"]
    label: Annotated[str, "short citation: first author and year, or the name of the trial"]
    acronym: Annotated[str | None, "name of the trial"]
    first_author: Annotated[str | None, "first author, or a group"]
    title: Annotated[str | None, "title as printed"]
    title_descriptive: Annotated[bool, "whether the title is a description of ours"]
    journal: Annotated[str | None, "journal, abbreviated as in PubMed"]
    year: YearField
    volume: Annotated[str | None, "volume"]
    pages: Annotated[str | None, "pages or article number"]
    pmid: PmidField
    doi: DoiField
    pmcid: Annotated[str | None, "PubMed Central id"]
    nct: Annotated[list[str], "trial registrations"]
    design: DesignField
    level: LevelField
    lm_only: LmOnlyField
    read_in: ReadInField
    seen_at: Annotated[list[str], "pages on which the record was read"]
    superseded_by: SupersededByField
    overlaps: Annotated[list[str], "ids of studies that tell some of the same patients"]
    withdrawn: WithdrawnField
    note: Annotated[str | None, "what a reader must know"]
    rows: Annotated[int, "rows of evidence under the filters"]
    url: UrlField


def list_studies(connection: sqlite3.Connection, filters: Filters) -> Iterator[StudyRow]:
    """Yield the publications by their ids: all of them, or under filters those with a row of
    evidence that meets them."""
    sql, parameters = join_conditions(
        [*evidence_conditions(filters), *tested_treatment_conditions(filters)]
    )
    kind = "join" if filters else "left join"
    query = (
        f"select s.record, coalesce(x.rows, 0) from study s {kind} (select e.study, count(*) as "
        f"rows from evidence e {sql} group by e.study) x on x.study = s.id order by s.id"
    )
    for text, rows in connection.execute(query, parameters):
        record: dict[str, Any] = {**json.loads(text), "rows": rows}
        yield StudyRow(**{name: record[name] for name in StudyRow._fields})


JsonDict = dict[str, Any]
NO_FILTERS = Filters()


class OutcomeRow(NamedTuple):
    """A figure with its row of evidence and its study: the columns of `lmtx export --table
    outcomes`."""

    evidence: Annotated[str, "id of the row of evidence"]
    study: StudyField
    citation: CitationField
    year: YearField
    design: DesignField
    level: LevelField
    read_in: ReadInField
    treatments: TreatmentsField
    background: BackgroundField
    given_as: GivenAsField
    tumors: TumorsField
    biomarkers: BiomarkersField
    routes: Annotated[list[str], "routes of administration"]
    line: LineField
    after: AfterField
    n: NField
    n_pooled: Annotated[int | None, "patients behind the figure, where others are mixed in"]
    direction: DirectionField
    mixed: MixedField
    mixed_with: MixedWithField
    superseded_by: SupersededByField
    endpoint: Annotated[str, "what was measured"]
    value: ValueField
    not_reached: NotReachedField
    unit: Annotated[str, "unit of value and interval"]
    ci_low: CiLowField
    ci_high: CiHighField
    ci_upper: CiUpperField
    ci_level: CiLevelField
    events: EventsField
    total: TotalField
    at: AtField
    p: PField
    assessed_by: AssessedByField
    group: GroupField
    time_zero: TimeZeroField
    follow_up: Annotated[str | None, "how long patients were followed"]
    seen_at: Annotated[str | None, "page of this figure, where read elsewhere than the study"]
    as_printed: AsPrintedField
    url: UrlField
    scope: ScopeField
    position: Annotated[int, "place of the figure in its row"]
    within: Annotated[int | None, "row of the same study that counts these patients too"]
    stands: Annotated[bool, "whether it still counts although a later report supersedes the study"]
    cohort: CohortField
    lm_only: LmOnlyField
    withdrawn: WithdrawnField
    source: SourceField


def list_outcomes(
    connection: sqlite3.Connection, filters: Filters = NO_FILTERS, *, strongest_first: bool = True
) -> Iterator[OutcomeRow]:
    """Yield the figures of the rows of evidence under the filters, those of the strongest rows
    first or in the order of the files; with an endpoint filter only its figures."""
    sql, parameters = join_conditions(
        [*evidence_conditions(filters), *tested_treatment_conditions(filters)]
    )
    query = (
        f"select e.record, e.superseded, s.record, s.cohort from evidence e join study s on s.id "
        f"= e.study {sql} order by {SORT_ORDERS['level'] if strongest_first else 'e.number'}"
    )
    for row, superseded, study, cohort in connection.execute(query, parameters):
        yield from (
            figure
            for figure in _list_row_outcomes(
                json.loads(row), bool(superseded), {**json.loads(study), "cohort": cohort}
            )
            if (not filters.endpoints or figure.endpoint in filters.endpoints)
            and filters.keeps_reading(figure.read_in)
        )


def _list_row_outcomes(row: JsonDict, superseded: bool, study: JsonDict) -> Iterator[OutcomeRow]:
    shared = {
        **study,
        **row,
        "evidence": row["id"],
        "citation": study["label"],
        "superseded_by": study["superseded_by"] if superseded else None,
    }
    for position, outcome in enumerate(row["outcomes"], start=1):
        low, high = [*outcome["ci"], None, None][:2]
        known = {**shared, **outcome, "ci_low": low, "ci_high": high, "position": position}
        yield OutcomeRow(**{field: known[field] for field in OutcomeRow._fields})


class FigureRow(NamedTuple):
    """A figure of a group, or an effect between two groups, with its study: a row of `lmtx evidence
    --long`."""

    id: Annotated[str, "id of the row of evidence, or of the comparison"]
    study: StudyField
    citation: CitationField
    year: YearField
    design: DesignField
    level: Annotated[
        str | None, "level of evidence, I (strongest) to V; empty for the effect of a comparison"
    ]
    treatments: TreatmentsField
    background: BackgroundField
    given_as: GivenAsField
    routes: Annotated[list[str], "routes by which they were given; empty for an effect"]
    dose: Annotated[str | None, "dose and schedule; empty for an effect"]
    tumors: TumorsField
    biomarkers: BiomarkersField
    setting: SettingField
    line: LineField
    after: AfterField
    direction: DirectionField
    n: Annotated[
        int | None, "patients with LM of a solid tumor in the group, or in both of a comparison"
    ]
    endpoint: Annotated[str, "what was measured, or the adverse event"]
    value: ValueField
    not_reached: NotReachedField
    unit: Annotated[
        str, "unit of value and interval; p-only or none for a finding without a number"
    ]
    of_unit: Annotated[str | None, "unit of a difference"]
    ci_low: CiLowField
    ci_high: CiHighField
    ci_upper: CiUpperField
    ci_level: CiLevelField
    events: EventsField
    total: TotalField
    at: AtField
    p: PField
    group: GroupField
    scope: ScopeField
    assessed_by: AssessedByField
    time_zero: TimeZeroField
    question: Annotated[str | None, "what a comparison asks, such as add; empty for a group"]
    comparator: Annotated[str | None, "what the tested side is held against: a row, or words"]
    randomized: Annotated[bool, "whether the two groups were allotted by chance"]
    adjusted: Annotated[str | None, "how an effect was adjusted"]
    inverted: Annotated[bool, "whether a ratio is printed of the other side"]
    favours: Annotated[str | None, "the side that an effect favours: of, against or neither"]
    with_others: Annotated[
        bool, "tested together with other treatments, or beside what was given alongside"
    ]
    mixed: MixedField
    mixed_with: MixedWithField
    superseded_by: SupersededByField
    withdrawn: WithdrawnField
    read_in: Annotated[
        str, "where the figure was read: full-text, abstract, registry, secondary or recalled"
    ]
    footnotes: Annotated[list[str], "the marks of the figure: + * † ‡ Σ ° ◆ or [withdrawn]"]
    as_printed: AsPrintedField
    pmid: PmidField
    doi: DoiField
    url: UrlField
    source: SourceField


def list_figures(connection: sqlite3.Connection, filters: Filters) -> Iterator[FigureRow]:
    """Yield the figures of the rows of evidence under the filters, one a row, those of the
    strongest rows first; then the effects of the comparisons under them."""
    for row in list_evidence(connection, filters):
        others = len(row.treatments) > 1 or bool(row.background)
        for outcome in row.outcomes:
            yield _figure({**row._asdict(), **outcome, "with_others": others, "n": row.n})
    from lmtx.query.comparisons import list_comparisons, remaining_comparison_conditions

    later = dict(
        connection.execute("select id, superseded_by from study where superseded_by is not null")
    )
    also = tuple(remaining_comparison_conditions(filters))
    for one in list_comparisons(connection, filters, also=also):
        for effect in one.effects:
            endpoint = effect.get("endpoint") or effect["event"]
            sizes = {"n": _sum_of(one.of_n, one.against_n), "level": None}
            about = {
                **one._asdict(),
                **sizes,
                "treatments": one.tests,
                "given_as": one.tests_are,
                "comparator": one.against_group or one.against,
                "with_others": len(one.tests) > 1,
                "superseded_by": None if one.speaks else later.get(one.study),
                "scope": "whole",
            }
            yield _figure({**about, **effect, "endpoint": endpoint, "id": one.id})


def _sum_of(*sizes: int | None) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


_LISTS = ("background", "routes", "after", "footnotes")
_FLAGS = ("not_reached", "randomized", "inverted", "with_others", "mixed", "as_printed")


def _figure(known: JsonDict) -> FigureRow:
    """Return a figure from what is known of it: a field of which nothing is known is empty."""
    from lmtx.model.notation import list_row_symbols

    low, high = [*(known.get("ci") or ()), None, None][:2]
    empty: JsonDict = {**{name: [] for name in _LISTS}, **dict.fromkeys(_FLAGS, False)}
    values = {**empty, **known, "ci_low": low, "ci_high": high, "footnotes": []}
    told: JsonDict = {field: values.get(field) for field in FigureRow._fields}
    row = FigureRow(**told)
    return row._replace(footnotes=list_row_symbols(row))
