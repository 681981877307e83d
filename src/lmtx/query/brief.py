"""One question answered on one screen: the best treatments, their doses and harms, what differs,
advice, trials, and what is not known."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any

from lmtx.model.figures import write_plural
from lmtx.model.levels import rank_level
from lmtx.model.notation import (
    mark_harm,
    mark_reading,
    write_harm_with_flags,
    write_marked_harm_count,
    write_marked_key_figure,
    write_randomised_answers_and_tally,
)
from lmtx.model.vocabulary import ADVERSE_GRADES, ROUTES, UNVERIFIED
from lmtx.query.comparisons import list_fully_filtered_comparisons
from lmtx.query.conflicts import ConflictRow, list_conflicts
from lmtx.query.evidence import EvidenceRow, list_evidence
from lmtx.query.filters import (
    Condition,
    Filters,
    any_tested_condition,
    count_evidence_left_out,
    note_left_out,
    placeholders_for,
)
from lmtx.query.guidelines import list_statements, list_unread_guidelines
from lmtx.query.list import TreatmentRow, find_nearby_records, list_treatments
from lmtx.query.safety import SafetyRow, is_severe_standing_harm, is_standing_harm, list_harms
from lmtx.query.trials import TrialQuestion, count_trials_left_out, list_trials
from lmtx.tuples import NamedTuple

MOST_BRIEF_TREATMENTS = 5
"""Treatments that a brief names."""
SEVERAL_TUMORS_WORDS = "several tumors"
"""Says of a dose or a harm that it was told of several primary tumors together."""
_AMOUNT = re.compile(
    r"\d\)? ?(?:mg|mcg|microgram|µg|g|[kc]?Gy|[mM]?IU|mCi|[MG]Bq|cells|million units|U)\b"
)
"""An amount in a dose; a schedule alone has none."""
KNOWN_AFTER, NOT_KNOWN_AFTER = "known after it", "not known after it"
"""Whether the patients of a treatment are known to have had before what was asked for."""


class BriefRow(NamedTuple):
    """A line of a brief."""

    section: Annotated[str, "tested, dose, harm, differ, advice, trials or unknown"]
    id: Annotated[str | None, "id of the treatment, where the line is about one"]
    level: Annotated[str | None, "strongest level of evidence of the treatment"]
    patients: Annotated[int | None, "patients with LM of a solid tumor who had it, each once"]
    answer: Annotated[
        str, "what randomised comparisons say in words, and how many studies point which way"
    ]
    figure: Annotated[str, "key figure of the treatment with its marks and patients"]
    course: Annotated[str | None, "whether its patients are known to come after what was asked for"]
    items: Annotated[list[str], "what the line says, each item whole"]
    more: Annotated[int, "how much more there is than the items"]
    listing: Annotated[str, "the listing that has all of it"]
    figure_study: Annotated[str | None, "id of the study of that figure"]
    read_in: Annotated[str | None, "where that figure was read"]


def list_brief(connection: sqlite3.Connection, filters: Filters, today: date) -> list[BriefRow]:
    """Return the lines of a brief: at most MOST_BRIEF_TREATMENTS treatments, then one line a
    section, which is there
    even where it says that nothing is.

    The filters on line of treatment and prior treatment put first what is known to meet them; what
    is not known follows, marked, with what is told of all who may meet them.
    """
    tested = _tested(connection, filters)
    ids = [row.id for row in tested if row.id]
    return [
        *(tested or [_line("tested", _nearby(connection, filters), "list")]),
        _line("dose", _doses(connection, filters, ids), "evidence"),
        _line("harm", _harms(connection, filters, ids), "safety"),
        _line("differ", _conflicts(connection, filters), "conflicts"),
        _line("advice", _advice(connection, filters), "guidelines"),
        _line("trials", _trials(connection, filters, today), "trials"),
        _line("unknown", _say_unknown(connection, filters), "list"),
    ]


def _line(section: str, items: Sequence[str], listing: str) -> BriefRow:
    return BriefRow(
        section=section,
        id=None,
        level=None,
        patients=None,
        answer="",
        figure="",
        course=None,
        items=list(items),
        more=0,
        listing=listing,
        figure_study=None,
        read_in=None,
    )


def _drop_order_filters(filters: Filters) -> Filters:
    """Return the filters without those that a brief only orders by."""
    return filters._replace(after=(), lines=())


def _drop_markers(filters: Filters) -> Filters:
    """Return the filters for what a drug does whatever the marker: its doses and its harm."""
    return _drop_order_filters(filters)._replace(biomarkers=(), mixed=True)


def _line_may_fit(filters: Filters) -> tuple[Condition, ...]:
    """Return the condition that a row of evidence is not known to be of another line than those
    asked for."""
    if not filters.lines:
        return ()
    lines = ["any", *filters.lines]
    return ((f"(e.line is null or e.line in ({placeholders_for(lines)}))", lines),)


def _tested(connection: sqlite3.Connection, filters: Filters) -> list[BriefRow]:
    ordered: dict[str, tuple[TreatmentRow, str | None]] = {}
    by_course = bool(filters.after or filters.lines)
    if by_course:
        for row in list_treatments(connection, filters):
            ordered[row.id] = row, KNOWN_AFTER
    for row in list_treatments(
        connection, _drop_order_filters(filters), also=_line_may_fit(filters)
    ):
        if row.id not in filters.after:
            ordered.setdefault(row.id, (row, NOT_KNOWN_AFTER if by_course else None))
    told = [(row, course) for row, course in ordered.values() if row.studies or row.syntheses]
    named = sorted(told, key=lambda one: not one[0].specified)  # in the order of `list`
    return [
        BriefRow(
            section="tested",
            id=row.id,
            level=row.level,
            patients=row.patients,
            answer=write_randomised_answers_and_tally(row),
            figure=write_marked_key_figure(row),
            course=course,
            items=[],
            more=len(told) - MOST_BRIEF_TREATMENTS if place == MOST_BRIEF_TREATMENTS - 1 else 0,
            listing="list",
            figure_study=row.figure_study,
            read_in=row.read_in,
        )
        for place, (row, course) in enumerate(named[:MOST_BRIEF_TREATMENTS])
    ]


def _nearby(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    """Return that nothing is on record, and what is beside it."""
    return [
        "no evidence matches these filters",
        *(one.words for one in find_nearby_records(connection, filters)),
    ]


class GroupDose(NamedTuple):
    """A dose as one group of patients had it."""

    strength: tuple[Any, ...]
    """Sort key: of the population asked for, with an amount, told of LM alone, of the strongest
    group and of most patients, read at its source first."""
    treatment: str
    routes: str
    dose: str
    origin: str
    is_mixed: bool


def _doses(connection: sqlite3.Connection, filters: Filters, ids: Sequence[str]) -> list[str]:
    """Return the doses of the treatments by route, whatever the marker, each as the strongest and
    largest group had it; those of every treatment before its further ones.

    What several tumors together had stands only for a treatment of which these tell no dose.
    """
    if not ids:
        return ["no treatment is on record here"]
    rows = list_evidence(connection, _drop_markers(filters), also=(any_tested_condition(ids),))
    found = sorted(dose for row in rows for dose in _list_doses(row, filters, ids))
    routes = dict.fromkeys((dose.treatment, dose.routes) for dose in found)
    strongest = {key: next(one for one in found if one[1:3] == key) for key in routes}
    first = sorted(strongest.values(), key=lambda dose: ids.index(dose.treatment))
    distinct = {(one.treatment, one.routes, one.dose): one for one in [*reversed(found), *first]}
    own = [one for one in found if not one.is_mixed or filters.mixed]
    others = [one for one in own if distinct[one[1:4]] is one and one not in first]
    items = [f"{one.treatment}{one.routes}: {one.dose} ({one.origin})" for one in [*first, *others]]
    if filters.treatments and others:
        items.insert(len(first) + 1, _say_compared(connection, ids))
    return items or ["none is told in these rows"]


def _say_compared(connection: sqlite3.Connection, ids: Sequence[str]) -> str:
    """Return how many comparisons hold doses or schedules of these treatments against each
    other."""
    questions = ("dose", "schedule")
    rows = list_fully_filtered_comparisons(
        connection, Filters(treatments=tuple(ids), mixed=True), questions
    )
    if not rows:
        return "no comparison of doses is on record"
    studies = ", ".join(dict.fromkeys(row.study for row in rows))
    return f"{write_plural(len(rows), 'comparison')} of doses ({studies})"


def _list_doses(row: EvidenceRow, filters: Filters, ids: Sequence[str]) -> Iterator[GroupDose]:
    """Yield the doses that a row tells of these treatments, with the patients who had them."""
    if row.read_in == "recalled" or row.superseded_by or row.withdrawn:
        return
    mixed = row.mixed and not filters.mixed and bool(filters.tumors)
    for entry in row.given:
        if entry["treatment"] not in ids or entry["role"] != "tested" or not entry["dose"]:
            continue
        if filters.routes and not {*filters.routes} & {*entry["routes"]}:
            continue
        part = entry["n_unknown"] or (row.given_as == "some" and entry["n"] is None)
        n = None if part else entry["n"] if entry["n"] is not None else row.n
        rank = rank_level("V" if part else row.level)
        unverified = row.read_in in UNVERIFIED
        size = [f"n={n}"] if n is not None else []
        where = [SEVERAL_TUMORS_WORDS] if mixed else []
        names = ", ".join(ROUTES[route].label for route in entry["routes"])
        yield GroupDose(
            strength=(
                mixed,
                not _AMOUNT.search(entry["dose"]),
                row.mixed_with is not None,
                rank,
                -(n or 0),
                unverified,
            ),
            treatment=entry["treatment"],
            routes=f" {names}" if names else "",
            dose=entry["dose"],
            origin=", ".join([*size, *where, f"{row.citation}{mark_reading(row.read_in)}"]),
            is_mixed=mixed,
        )


def _harms(connection: sqlite3.Connection, filters: Filters, ids: Sequence[str]) -> list[str]:
    """Return the severe harms of the treatments, whatever the marker, the worst first: the worst of
    each treatment, then the others; where no report calls one severe, what else is on record.

    What was told only of several tumors together counts too, and says so.
    """
    if not ids:
        return ["no treatment is on record here"]
    rows = [
        row
        for row in list_harms(connection, _drop_markers(filters), tuple(ids))
        if is_standing_harm(row)
    ]
    severe = _worst_of_each([row for row in rows if is_severe_standing_harm(row)])
    if severe:
        return [_harm(row, filters) for row in severe]
    also = (any_tested_condition(ids),)
    told = list_evidence(connection, _drop_markers(filters), also=also)
    words = sum(row.safety is not None for row in told)
    none = "no harm of grade 3 or more, serious or dose limiting is on record"
    in_words = [f"{write_plural(words, 'row')} {'tells' if words == 1 else 'tell'} harm in words"]
    return [none, *(in_words if words else []), *(_harm(row, filters) for row in rows)]


def _worst_of_each(rows: Sequence[SafetyRow]) -> list[SafetyRow]:
    """Return harms, the worst first, with the worst of each treatment before all others."""
    first: dict[str, SafetyRow] = {}
    for row in rows:
        first.setdefault(row.treatment, row)
    return [*first.values(), *(row for row in rows if first[row.treatment] is not row)]


def _harm(row: SafetyRow, filters: Filters) -> str:
    grade = f", {ADVERSE_GRADES[row.grade].label}" if row.grade else ""
    told = row._asdict()
    count = write_marked_harm_count(told)
    if row.event == "any" and row.note and row.n is None and row.share is None:
        count = row.note + mark_harm(told)
    mixed = "solid" in row.tumors and not filters.mixed and bool(filters.tumors)
    where = [SEVERAL_TUMORS_WORDS] if mixed else []
    origin = ", ".join([*where, row.citation])
    return f"{row.treatment}: {write_harm_with_flags(told)}{grade}: {count} ({origin})"


def _conflicts(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    rows = list_conflicts(connection, _drop_order_filters(filters)._replace(directions=()))
    found = [_conflict(row) for row in rows]
    return found or ["no two comparisons of one question differ"]


def _conflict(row: ConflictRow) -> str:
    question = {"add": "adding ", "versus-none": "", "instead": ""}[row.question]
    against = {"versus-none": " against none"}.get(row.question, "")
    against = f" against {' + '.join(row.versus)}" if row.versus else against
    route = f"{row.route} " if row.route else ""
    differ = f"{' and '.join(row.differ)} {'differ' if len(row.differ) > 1 else 'differs'}"
    agree = f"{' and '.join(row.agree)} {'agree' if len(row.agree) > 1 else 'agrees'}"
    sides = f"{differ}, {agree}" if row.agree else differ
    name = row.name.lower() if row.subject == "class" else row.id
    return f"{question}{route}{name}{against}: {sides} ({', '.join(row.studies)})"


def _advice(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    """Return how many statements on treatment apply, which guidelines could not be read, and which
    make the statements."""
    about = Filters(tumors=filters.tumors, classes=filters.classes, treatments=filters.treatments)
    rows = [row for row in list_statements(connection, about, ("treatment",)) if not row.superseded]
    general = sum(bool(row.applies_by) for row in rows)
    of_any = f", {general} of them of any solid tumor" if general else ""
    parts = [
        f"{write_plural(len(rows), 'statement')} on treatment{of_any}"
        if rows
        else "no statement on treatment is on record"
    ]
    unread = list_unread_guidelines(connection, about, ("treatment",))
    unread.sort(key=lambda one: one.coverage != "diagnosis only")  # those known to be about LM
    if unread:
        parts.append(f"{unread[0].name}: treatment statements not readable")
    if unread[1:]:
        parts.append(f"so with {write_plural(len(unread) - 1, 'more guideline')}")
    return [*parts, *dict.fromkeys(row.name for row in rows)]


def _trials(connection: sqlite3.Connection, filters: Filters, today: date) -> list[str]:
    """Return how many trials recruit, by country, and how many more may."""
    about = Filters(
        tumors=filters.tumors,
        classes=filters.classes,
        treatments=filters.treatments,
        biomarkers=filters.biomarkers,
        countries=filters.countries,
    )
    question = TrialQuestion(about, today, is_open=True)
    rows = list_trials(connection, question)
    places = Counter(country for row in rows for country in row.countries or ["no country given"])
    where = [f"{country} {number}" for country, number in places.most_common()]
    named = sum("no marker named" not in row.applies_by for row in rows)
    for_marker = f", {named} for this marker" if about.biomarkers else ""
    course = ""
    if filters.after or filters.lines:
        known = question._replace(filters=about._replace(after=filters.after, lines=filters.lines))
        course = f", {len(list_trials(connection, known))} known to be for this course"
    first = f": {where[0]}" if where else ""
    items = [f"{len(rows)} recruiting{for_marker}{course}{first}"]
    others = count_trials_left_out(connection, question)
    return [*items, *where[1:], *(f"{number} {why}" for why, number in others.items())]


def _say_unknown(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    """Return what the filters leave out because nobody tells whether it fits, and what does not
    count."""
    left_out = count_evidence_left_out(connection, filters)
    items: list[str] = []
    if filters.after or filters.lines:
        known = sum(1 for _ in list_evidence(connection, filters))
        rows = sum(1 for _ in list_evidence(connection, _drop_order_filters(filters)))
        asked = [*map("after {}".format, filters.after), *map("{} line".format, filters.lines)]
        items.append(f"{', '.join(asked)}: known in {known} of {write_plural(rows, 'row')}")
        left_out = count_evidence_left_out(connection, _drop_order_filters(filters))
    items += [str(note[0]) for note in note_left_out(left_out, "row", remedies=False)]
    recalled = sum(
        row.recalled for row in list_treatments(connection, _drop_order_filters(filters))
    )
    items += [f"{recalled} recalled, not counted"] if recalled else []
    return items or ["nothing is left out here for want of a year, an n or a course"]
