"""One question answered on one screen: the best treatments, their doses and harms, what differs,
advice, trials, and what is not known."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from lmtx.model.figures import write_plural
from lmtx.model.notation import (
    figure_in_short,
    harm_count,
    harm_in_words,
    notate_harm,
    write_directions,
)
from lmtx.model.vocabulary import ADVERSE_GRADES, ROUTES
from lmtx.query.conflicts import ConflictRow, list_conflicts
from lmtx.query.evidence import list_evidence
from lmtx.query.filters import Filters, count_evidence_left_out, given_condition
from lmtx.query.guidelines import list_statements, list_unread
from lmtx.query.list import TreatmentRow, list_treatments
from lmtx.query.safety import SafetyRow, is_reported, is_severe, list_harms
from lmtx.query.trials import TrialQuestion, count_trials_left_out, list_trials

MOST = 5
"""Treatments that a brief names."""
KNOWN, NOT_KNOWN = "known after it", "not known after it"
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
    """Return the lines of a brief: at most MOST treatments, then one line a section, which is there
    even where it says that nothing is.

    The filters on line of treatment and prior treatment put first what is known to meet them; what
    is not known follows, marked.
    """
    tested = _tested(connection, filters)
    ids = [row.id for row in tested if row.id]
    return [
        *tested,
        _line("dose", _doses(connection, filters, ids), "evidence"),
        _line("harm", _harms(connection, filters, ids), "safety"),
        _line("differ", _conflicts(connection, filters), "conflicts"),
        _line("advice", _advice(connection, filters), "guidelines"),
        _line("trials", _trials(connection, filters, today), "trials"),
        _line("unknown", _unknown(connection, filters), "list"),
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


def _open(filters: Filters) -> Filters:
    """Return the filters without those that a brief only orders by."""
    return filters._replace(after=(), lines=())


def _tested(connection: sqlite3.Connection, filters: Filters) -> list[BriefRow]:
    ordered: dict[str, tuple[TreatmentRow, str | None]] = {}
    by_course = bool(filters.after or filters.lines)
    if by_course:
        for row in list_treatments(connection, filters):
            ordered[row.id] = row, KNOWN
    possible = _possible(connection, filters) if by_course else None
    for row in list_treatments(connection, _open(filters)):
        if possible is None or row.id in possible:
            ordered.setdefault(row.id, (row, NOT_KNOWN if by_course else None))
    told = [(row, course) for row, course in ordered.values() if row.studies or row.syntheses]
    named = [one for one in told if one[0].specified] or told
    return [
        BriefRow(
            section="tested",
            id=row.id,
            level=row.level,
            patients=row.patients,
            answer=write_directions(row),
            figure=figure_in_short(row),
            course=course,
            items=[],
            more=len(told) - MOST if place == MOST - 1 and len(told) > MOST else 0,
            listing="list",
            figure_study=row.figure_study,
            read_in=row.read_in,
        )
        for place, (row, course) in enumerate(named[:MOST])
    ]


def _possible(connection: sqlite3.Connection, filters: Filters) -> set[str]:
    """Return the treatments that may come after what was asked for: not those of which every row is
    known to be of another line, nor what comes before itself."""
    rows = list_evidence(connection, _open(filters))
    kept = (row for row in rows if not filters.lines or row.line in (None, "any", *filters.lines))
    return {treatment for row in kept for treatment in row.treatments} - {*filters.after}


def _doses(connection: sqlite3.Connection, filters: Filters, ids: Sequence[str]) -> list[str]:
    """Return the dose of each treatment in its strongest group that tells one, by route."""
    found: dict[tuple[str, str], str] = {}
    if not ids:
        return []
    for row in list_evidence(connection, _open(filters), also=(given_condition(ids),)):
        if row.read_in == "recalled":
            continue
        for entry in row.given:
            if entry["treatment"] not in ids or entry["role"] != "tested" or not entry["dose"]:
                continue
            routes = ", ".join(ROUTES[route].label for route in entry["routes"])
            size = f"n={row.n}, " if row.n is not None else ""
            text = f"{entry['treatment']} {routes}: {entry['dose']} ({size}{row.citation})"
            found.setdefault((entry["treatment"], routes), text)
    return sorted(found.values(), key=lambda text: ids.index(text.split(" ")[0]))


def _harms(connection: sqlite3.Connection, filters: Filters, ids: Sequence[str]) -> list[str]:
    """Return the severe harms of the treatments, the worst first; where no report calls one severe,
    what else is on record."""
    if not ids:
        return []
    rows = list_harms(connection, _open(filters), tuple(ids))
    severe = [_harm(row) for row in rows if is_severe(row)]
    if severe:
        return severe
    others = [_harm(row) for row in rows if is_reported(row)]
    return ["no harm of grade 3 or more, serious or dose limiting on record", *others]


def _harm(row: SafetyRow) -> str:
    grade = f", {ADVERSE_GRADES[row.grade].label}" if row.grade else ""
    told = row._asdict()
    count = harm_count(told)
    if row.event == "any" and row.note and row.n is None and row.share is None:
        count = row.note + notate_harm(told)
    return f"{row.treatment}: {harm_in_words(told)}{grade} {count} ({row.citation})"


def _conflicts(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    rows = list_conflicts(connection, _open(filters)._replace(directions=()))
    found = [_conflict(row) for row in rows]
    return found or ["no two comparisons of one question differ"]


def _conflict(row: ConflictRow) -> str:
    question = {"add": "adding ", "versus-none": "", "instead": ""}[row.question]
    against = {"versus-none": " against none"}.get(row.question, "")
    against = f" against {' + '.join(row.versus)}" if row.versus else against
    route = f"{row.route} " if row.route else ""
    agree = f", {' and '.join(row.agree)} agree" if row.agree else ""
    name = row.name.lower() if row.subject == "class" else row.id
    differ = " and ".join(row.differ)
    return f"{question}{route}{name}{against}: {differ} differ{agree} ({', '.join(row.studies)})"


def _advice(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    """Return how many statements on treatment apply, of which guidelines, and which could not be
    read."""
    about = Filters(tumors=filters.tumors, classes=filters.classes, treatments=filters.treatments)
    rows = [row for row in list_statements(connection, about, ("treatment",)) if not row.superseded]
    own = [row for row in rows if not row.applies_by]
    parts = []
    if rows:
        names = dict.fromkeys(row.name for row in rows)
        general = len(rows) - len(own)
        of_any = f", {general} of them of any solid tumor" if general else ""
        parts += [f"{write_plural(len(rows), 'statement')} on treatment{of_any}", *names]
    parts += [
        f"{one.name}: {one.coverage}" for one in list_unread(connection, about, ("treatment",))
    ]
    return parts or ["no statement on treatment is on record"]


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
    items = [f"{len(rows)} recruiting" + (f": {where[0]}" if where else ""), *where[1:]]
    others = count_trials_left_out(connection, question)
    return [*items, *(f"{number} {why}" for why, number in others.items())]


def _unknown(connection: sqlite3.Connection, filters: Filters) -> list[str]:
    return [
        *_counted(count_evidence_left_out(connection, filters)),
        *_recalled(connection, filters),
    ]


def _counted(left_out: Mapping[str, int]) -> Iterator[str]:
    for why, number in left_out.items():
        yield f"{write_plural(number, 'row')}: {why}"


def _recalled(connection: sqlite3.Connection, filters: Filters) -> Iterator[str]:
    recalled = sum(row.recalled for row in list_treatments(connection, _open(filters)))
    if recalled:
        yield f"{recalled} recalled, not counted"
