"""What the records of one study must say of each other: sides, roles, figures, references.

`study_faults` looks at one study file alone, so that a curator can check it without the rest of the
base. Ids of treatments, tumors and other studies are the business of `checks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from lmtx.model import schema
from lmtx.model import vocabulary as words
from lmtx.model.figures import is_below_one_better
from lmtx.model.levels import combine_directions
from lmtx.store.loading import Location
from lmtx.tuples import NamedTuple


class LocatedFault(NamedTuple):
    """What is wrong at one key of a study file, and what to do about it."""

    location: Location
    record: str
    what: str
    todo: str


class KeyFault(NamedTuple):
    """What is wrong at one key of a record."""

    key: str
    what: str
    todo: str


LARGEST_RATIO = 100_000
"""A ratio, or the bound of one, beyond which no paper prints any."""
P_VALUE_PATTERN = re.compile(
    r"[<>≤≥=~≈]? ?([0-9]*[.·]?[0-9]+)( ?[×x] ?10(?:\^?[-−][0-9]+|⁻[⁰¹²³⁴-⁹]+)|[eE][-−][0-9]+)?"
)
"""A p value as papers print it, with what makes it small behind it."""
OPEN_UPPER_BOUND_PATTERN = re.compile(r"[>≥] ?[0-9]+(?:[.·][0-9]+)?|[0-9]+(?:[.·][0-9]+)?\+")
"""What papers print of an upper bound that was not reached, and yet holds a number."""
AS_PRINTED_HINT = "read the page again; if the paper prints it so, say as_printed = true"
READ_AGAIN_HINT = "read the page again"


def study_faults(file: schema.StudyFile, today: date | None = None) -> Iterator[LocatedFault]:
    """Yield everything that one study file shows to be wrong; `today` is for dates in the
    future."""
    study = file.study.id
    own = study_field_faults(file.study, today or date.today())
    yield from locate_faults(own, ("study",), study)
    for i, row in enumerate(file.evidence):
        place: Location = ("evidence", i)
        name = f"{study}.{row.row}"
        yield from locate_faults(row_faults(row, file), place, name)
        yield from locate_faults(direction_faults(row, file), place, name)
        for j, given in enumerate(row.given):
            faults = given_faults(given, row)
            yield from locate_faults(faults, (*place, "given", j), name, f"given {given.treatment}")
        for j, outcome in enumerate(row.outcome):
            faults = outcome_faults(outcome, row)
            yield from locate_faults(faults, (*place, "outcome", j), name, outcome.endpoint)
    for i, comparison in enumerate(file.comparison):
        place = ("comparison", i)
        name = f"{study}.c{comparison.comparison}"
        yield from locate_faults(comparison_faults(comparison, file), place, name)
        for j, effect in enumerate(comparison.effect):
            what = effect.endpoint or effect.event or "effect"
            yield from locate_faults(effect_faults(effect), (*place, "effect", j), name, what)
    for i, adverse in enumerate(file.adverse):
        name = study if adverse.row is None else f"{study}.{adverse.row}"
        faults = adverse_faults(adverse, file)
        yield from locate_faults(faults, ("adverse", i), name, f"adverse {adverse.event}")
    yield from needless_stands_key_faults(file)
    yield from second_reading_faults(file)


def locate_faults(
    faults: Iterator[KeyFault], place: Location, record: str, what: str = ""
) -> Iterator[LocatedFault]:
    """Yield the faults of a record with their place in the file, `what` naming the record."""
    for fault in faults:
        key = f"{what} {fault.key}".strip()
        yield LocatedFault((*place, fault.key), record, f"{key}: {fault.what}", fault.todo)


def study_field_faults(study: schema.Study, today: date) -> Iterator[KeyFault]:
    """Yield what is wrong with a study's own fields."""
    for reading in study.second_read:
        if reading.on is not None and reading.on > today:
            yield KeyFault("second_read", f"{reading.on} lies in the future", "correct the date")
    if study.authors and study.first_author is None:
        yield KeyFault("authors", "there is no first_author", "say who is first")
    if study.pools_randomised and study.design != "meta-analysis":
        yield KeyFault(
            "pools_randomised", "the study is no meta-analysis", "take it out or correct the design"
        )


def needless_stands_key_faults(file: schema.StudyFile) -> Iterator[LocatedFault]:
    """Yield what is said to stand beside a later report where there is none."""
    if file.study.superseded_by is not None:
        return
    places: list[tuple[Location, str, bool]] = []
    for i, row in enumerate(file.evidence):
        name = f"{file.study.id}.{row.row}"
        places.append((("evidence", i, "stands"), name, row.stands))
        for j, outcome in enumerate(row.outcome):
            places.append((("evidence", i, "outcome", j, "stands"), name, outcome.stands))
    for i, comparison in enumerate(file.comparison):
        name = f"{file.study.id}.c{comparison.comparison}"
        places.append((("comparison", i, "stands"), name, comparison.stands))
        for j, effect in enumerate(comparison.effect):
            places.append((("comparison", i, "effect", j, "stands"), name, effect.stands))
    for i, adverse in enumerate(file.adverse):
        places.append((("adverse", i, "stands"), file.study.id, adverse.stands))
    for place, name, stands in places:
        if stands:
            what = "stands: no later report supersedes the study"
            yield LocatedFault(
                place, name, what, "take it out, or name the report in superseded_by"
            )


def row_faults(row: schema.Evidence, file: schema.StudyFile) -> Iterator[KeyFault]:
    """Yield what is wrong with a row beside its treatments and figures."""
    numbers = Counter(other.row for other in file.evidence)
    if numbers[row.row] > 1:
        yield KeyFault("row", "the number is used twice", "number the rows 1, 2, 3 …")
    if row.within is not None and (row.within == row.row or row.within not in numbers):
        yield KeyFault(
            "within",
            f"there is no other row {row.within}",
            "name the row that counts these patients too",
        )
    elif row.within is not None and is_within_itself(row, file):
        yield KeyFault("within", "runs in a ring", "the largest group has none")
    roles = {given.role for given in row.given}
    if "tested" in roles and row.direction is None:
        yield KeyFault(
            "direction", "something is tested and no direction is given", "say what the data show"
        )
    if row.direction is not None and not roles & {"tested", words.UNDECIDED}:
        yield KeyFault(
            "direction",
            "nothing is tested in this row",
            "take it out, or say which treatment is tested",
        )
    tested = list_tested_treatments(row)
    if len(tested) > 1 and row.given_as is None:
        yield KeyFault(
            "given_as",
            f"{len(tested)} treatments are tested and nothing says how they stand to each other",
            f"one of: {', '.join(words.GIVEN_AS)}",
        )
    if row.given_as is not None and len(tested) < 2 and words.UNDECIDED not in roles:
        yield KeyFault("given_as", "fewer than two treatments are tested", "take it out")
    seen = Counter((given.treatment, frozenset(given.routes)) for given in row.given)
    for (treatment, _), count in seen.items():
        if count > 1:
            yield KeyFault(
                "given",
                f"{treatment} stands {count} times by the same route",
                "one entry for each treatment and route: join them",
            )
    if row.tumor_n and len(row.tumor_n) != len(row.tumors):
        yield KeyFault("tumor_n", "is not one number for each of tumors", READ_AGAIN_HINT)
    if row.tumor_n and row.n is not None and sum(row.tumor_n) > row.n:
        yield KeyFault("tumor_n", f"count more than n ({row.n})", READ_AGAIN_HINT)
    if row.n_pooled is not None and row.mixed_with is None:
        yield KeyFault("n_pooled", "nothing is mixed in", "say what is mixed in, or take it out")
    if row.n_pooled is not None and row.n is not None and row.n > row.n_pooled:
        yield KeyFault("n_pooled", f"is smaller than n ({row.n})", READ_AGAIN_HINT)
    design = row.design or file.study.design
    if row.studies is not None and design not in words.SECONDARY_RESEARCH:
        yield KeyFault("studies", f"a {design} pools no studies", "take it out")
    if row.design is not None and row.design == file.study.design:
        yield KeyFault("design", "is that of the study", "take it out")


def list_tested_treatments(row: schema.Evidence) -> tuple[str, ...]:
    """Return the ids of the tested treatments of a row, each once, in their order."""
    return tuple(dict.fromkeys(g.treatment for g in row.given if g.role == "tested"))


def direction_faults(row: schema.Evidence, file: schema.StudyFile) -> Iterator[KeyFault]:
    """Yield treatments of a row whose direction is not that of the concurrent comparisons that test
    them against none or as an addition, randomised ones first: where something compares, it
    speaks."""
    for treatment in list_tested_treatments(row):
        asked = [
            comparison
            for comparison in file.comparison
            if comparison.of == row.row
            and comparison.question in words.ADDING_QUESTIONS
            and comparison.control is None
            and comparison.tests_are != "some"
            and comparison.direction is not None
            and treatment in comparison.tests
        ]
        asked = [comparison for comparison in asked if comparison.randomized] or asked
        own = (g.direction for g in row.given if g.treatment == treatment and g.direction)
        told = next(own, row.direction)
        if not asked or told is None:
            continue
        answer = combine_directions({str(comparison.direction) for comparison in asked})
        if answer != told:
            numbers = " and ".join(str(comparison.comparison) for comparison in asked)
            yield KeyFault(
                "direction",
                f"is {told} for {treatment}, and comparison {numbers} says {answer}",
                "where something compares it speaks, not the group: make them alike",
            )


def is_within_itself(row: schema.Evidence, file: schema.StudyFile) -> bool:
    """Tell whether following `within` from a row leads back to it."""
    above = {other.row: other.within for other in file.evidence}
    here, steps = row.within, 0
    while here is not None and steps <= len(above):
        if here == row.row:
            return True
        here, steps = above.get(here), steps + 1
    return False


def given_faults(given: schema.Given, row: schema.Evidence) -> Iterator[KeyFault]:
    """Yield what is wrong with one treatment of a row."""
    yield from figure_separator_faults(given, "dose")
    if given.role == words.UNDECIDED:
        yield KeyFault("role", "is undecided", 'say "tested" or "background"')
    if given.direction is not None and given.role == "background":
        yield KeyFault("direction", "background shows nothing", "take it out or change the role")
    if given.direction is not None and given.direction == row.direction:
        yield KeyFault("direction", "is that of the row", "take it out")
    if given.n is not None and given.n_unknown:
        yield KeyFault("n_unknown", "n is given", "keep one of the two")
    # n may count more than the row's: those of a mixed population, where n_pooled tells how many
    most = row.n_pooled if row.n_pooled is not None else row.n
    if given.n is not None and most is not None and given.n > most:
        yield KeyFault("n", f"{given.n} is more than the {most} of the row", READ_AGAIN_HINT)


def interval_faults(
    value: float | None, ci: tuple[float, ...], ci_upper: str | None, *, as_printed: bool
) -> Iterator[KeyFault]:
    """Yield what is wrong with an interval: its order, its open end, an estimate outside of it."""
    if len(ci) == 2 and ci[0] > ci[1]:
        yield KeyFault("ci", f"{list(ci)} runs backwards", "write it as [low, high]")
    elif (
        ci
        and value is not None
        and not as_printed
        and not (ci[0] <= value and (len(ci) == 1 or value <= ci[1]))
    ):
        yield KeyFault("ci", f"{value:g} lies outside {list(ci)}", AS_PRINTED_HINT)
    if (len(ci) == 1) != (ci_upper is not None):
        yield KeyFault(
            "ci", "one bound and ci_upper go together", "give [low] with ci_upper, or [low, high]"
        )
    if re.search(r"\d", ci_upper or "") and not OPEN_UPPER_BOUND_PATTERN.fullmatch(ci_upper or ""):
        yield KeyFault(
            "ci_upper",
            f"{ci_upper!r} holds a number, and stands for a bound that is none",
            "a bound that is a number belongs in ci, as [low, high]",
        )


def figure_separator_faults(record: schema.Record, *keys: str) -> Iterator[KeyFault]:
    """Yield where words of a figure hold the sign that stands between two figures of a row: what is
    behind it would look like one of its own."""
    for key in keys:
        if "|" in (getattr(record, key) or ""):
            yield KeyFault(key, "the sign | stands between figures", "write it with other signs")


def p_value_faults(p: str | None) -> Iterator[KeyFault]:
    """Yield what is wrong with a p value that holds a number: it is one, of at most 1. Words, such
    as "not significant", say what they say."""
    if not re.search(r"\d", p or ""):
        return
    found = P_VALUE_PATTERN.fullmatch(p or "")
    if not found:
        yield KeyFault(
            "p", f"{p!r} is no p value", 'write it as printed, such as "0.03" or "<.001"'
        )
    elif float(found[1].replace("·", ".")) > 1 and not found[2]:
        yield KeyFault("p", f"{p!r} is above 1, as no p value is", READ_AGAIN_HINT)


def source_faults(read_in: str | None, seen_at: str | None) -> Iterator[KeyFault]:
    """Yield what is wrong with where a figure of its own source was read."""
    if (read_in is None or read_in == "recalled") != (seen_at is None):
        yield KeyFault(
            "seen_at", "read_in and seen_at go together", "give both; recalled alone has no page"
        )


def outcome_faults(outcome: schema.Outcome, row: schema.Evidence) -> Iterator[KeyFault]:
    """Yield what is wrong with one figure of a row."""
    value, unit = outcome.value, outcome.unit
    if (value is None) != outcome.not_reached:
        yield KeyFault(
            "value",
            "there is a value and not_reached" if value is not None else "missing",
            "give the value, or not_reached = true",
        )
    if outcome.not_reached and unit not in words.TIME_UNITS:
        yield KeyFault("not_reached", f"a figure in {unit} is no median", "only times have medians")
    if value is not None:
        yield from value_faults(value, unit)
    yield from interval_faults(value, outcome.ci, outcome.ci_upper, as_printed=outcome.as_printed)
    if unit == "%":
        yield from (
            KeyFault("ci", f"{bound:g}% is not a share", "percentages lie between 0 and 100")
            for bound in outcome.ci
            if not 0 <= bound <= 100 and not outcome.as_printed
        )
    if unit in words.TIME_UNITS:
        yield from (
            KeyFault("ci", f"{bound:g} {unit} cannot be", "times are above 0; check the unit")
            for bound in outcome.ci
            if not 0 <= bound <= 2 * words.LONGEST_PLAUSIBLE_TIME[unit]
        )
    yield from p_value_faults(outcome.p)
    yield from figure_separator_faults(
        outcome, "group", "at", "assessed_by", "ci_upper", "follow_up"
    )
    yield from event_count_faults(outcome)
    yield from source_faults(outcome.read_in, outcome.seen_at)
    if outcome.time_zero is not None and outcome.endpoint not in (
        words.TIME_ENDPOINTS | words.LANDMARK_ENDPOINTS
    ):
        yield KeyFault("time_zero", f"{outcome.endpoint} is no time", "take it out")
    most = row.n_pooled if row.n_pooled is not None else row.n
    behind = outcome.total if outcome.total is not None else most
    if unit in words.TIME_UNITS and behind == 1 and outcome.ci:
        yield KeyFault(
            "ci",
            "the time of one patient has no interval",
            "take it out; one who was alive is not_reached, with the time in group",
        )
    if (
        outcome.scope == "whole"
        and most is not None
        and outcome.total is not None
        and outcome.total > most
        and not outcome.as_printed
    ):
        yield KeyFault(
            "total", f"{outcome.total} is more than the {most} of the row", READ_AGAIN_HINT
        )


def value_faults(value: float, unit: str) -> Iterator[KeyFault]:
    """Yield what is wrong with a value in its unit."""
    if unit == "%" and not 0 <= value <= 100:
        yield KeyFault("value", f"{value:g}% is not a share", "percentages lie between 0 and 100")
    elif unit == "patients" and (value < 0 or value != int(value)):
        yield KeyFault("value", f"{value:g} patients cannot be", "counts are whole numbers")
    elif unit in words.TIME_UNITS and value <= 0:
        yield KeyFault("value", f"{value:g} {unit} cannot be", "times are above 0")
    elif unit in words.TIME_UNITS and value > words.LONGEST_PLAUSIBLE_TIME[unit]:
        yield KeyFault("value", f"{value:g} {unit} is too long to be true", "check the unit")


def event_count_faults(outcome: schema.Outcome) -> Iterator[KeyFault]:
    """Yield where the counts behind a figure do not fit it or each other."""
    value, events, total = outcome.value, outcome.events, outcome.total
    if outcome.unit == "patients" and value is not None:
        if total is not None and value > total:
            yield KeyFault("value", f"{value:g} of {total} is more than all", READ_AGAIN_HINT)
        if events is not None and events != value and not outcome.as_printed:
            yield KeyFault("events", f"{events} is not {value:g} patients", AS_PRINTED_HINT)
    if events is None or total is None:
        return
    if events > total:
        yield KeyFault("events", f"{events} of {total} is more than all", READ_AGAIN_HINT)
    elif (
        outcome.unit == "%"
        and value is not None
        and not outcome.as_printed
        and not is_share_of(events, total, value)
    ):
        yield KeyFault("events", f"{events} of {total} is not {value:g}%", AS_PRINTED_HINT)


def is_share_of(events: int, total: int, percent: float) -> bool:
    """Tell whether a percentage is that of the counts, to the precision that it is written with (±1
    in its last digit)."""
    if total == 0:
        return False
    decimals = 0 if percent == int(percent) else len(f"{percent:.6f}".rstrip("0").partition(".")[2])
    return abs(100 * events / total - percent) <= 10.0**-decimals


def comparison_faults(comparison: schema.Comparison, file: schema.StudyFile) -> Iterator[KeyFault]:
    """Yield what is wrong with the sides and the question of a comparison."""
    if Counter(c.comparison for c in file.comparison)[comparison.comparison] > 1:
        yield KeyFault("comparison", "the number is used twice", "number them 1, 2, 3 …")
    yield from side_faults(comparison, file)
    yield from tested_treatment_faults(comparison, file)
    if comparison.question == words.UNDECIDED:
        known = [name for name in words.QUESTIONS if name != words.UNDECIDED]
        yield KeyFault("question", "is undecided", f"one of: {', '.join(known)}")
    elif comparison.direction is None and comparison.question != "prognosis":
        yield KeyFault("direction", "missing", "say what the comparison shows of what is tested")
    if comparison.randomized and comparison.control:
        yield KeyFault(
            "control", f"a {comparison.control} control is not randomised", READ_AGAIN_HINT
        )
    if not comparison.effect:
        yield KeyFault(
            "effect",
            "missing",
            'give what was found; unit = "none" with favours where no number is told',
        )


def side_faults(comparison: schema.Comparison, file: schema.StudyFile) -> Iterator[KeyFault]:
    """Yield what is wrong with the two groups of a comparison."""
    rows = {row.row: row for row in file.evidence}
    sides = (
        ("of", comparison.of, comparison.of_group, comparison.of_n),
        ("against", comparison.against, comparison.against_group, comparison.against_n),
    )
    for side, number, group, n in sides:
        if (number is None) == (group is None):
            yield KeyFault(side, f"{side} and {side}_group: give one of the two", "a row, or words")
        if number is not None and number not in rows:
            yield KeyFault(side, f"there is no row {number}", "name a row of this study")
        elif number is not None and n is not None:
            own = rows[number].n_pooled or rows[number].n
            if own is not None and n > own:
                yield KeyFault(
                    f"{side}_n", f"{n} is more than the {own} of row {number}", READ_AGAIN_HINT
                )
            elif n == rows[number].n:
                yield KeyFault(f"{side}_n", "is that of the row", "take it out")
    if comparison.of is not None and comparison.of == comparison.against:
        yield KeyFault("against", "is the same row as of", "a group is not held against itself")
    if comparison.population is not None and comparison.population not in rows:
        yield KeyFault("in", f"there is no row {comparison.population}", "name a row of this study")
    if comparison.of is None and comparison.against is None and comparison.population is None:
        yield KeyFault(
            "in", "neither side is a row", "name the row whose population both sides come from"
        )


def tested_treatment_faults(
    comparison: schema.Comparison, file: schema.StudyFile
) -> Iterator[KeyFault]:
    """Yield where what is tested does not fit the question or what the two sides had."""
    question, tests = comparison.question, comparison.tests
    if question == "prognosis" and tests:
        yield KeyFault("tests", "a prognosis tests no treatment", "take them out")
    if question not in {"prognosis", words.UNDECIDED} and not tests:
        yield KeyFault("tests", "missing", "name what `of` has and `against` has not")
    if len(set(tests)) < len(tests):
        yield KeyFault("tests", "names one twice", "keep it once")
    if (len(tests) > 1) != (comparison.tests_are is not None) and question != words.UNDECIDED:
        yield KeyFault(
            "tests_are",
            "several tests and tests_are go together",
            f"one of: {', '.join(words.TESTS_ARE)}, where several are tested, and only there",
        )
    if comparison.against_tests and comparison.against is not None:
        yield KeyFault("against_tests", "the other side is a row, which tells it", "take it out")
    if set(comparison.against_tests) & set(tests):
        yield KeyFault("against_tests", "names what `tests` names", "each stands on one side")
    rows = {row.row: row for row in file.evidence}
    of, against = rows.get(comparison.of or 0), rows.get(comparison.against or 0)
    for treatment in tests:
        if of is not None and (fault := find_untested_fault(treatment, of)):
            yield fault
        if (
            against is not None
            and question in words.BENEFIT_QUESTIONS
            and any(
                given.treatment == treatment for given in against.given if is_given_to_all(given)
            )
        ):
            yield KeyFault(
                "tests",
                f"{treatment} is given in row {against.row} too",
                "tests names what `against` has not; what both had is background",
            )


def find_untested_fault(treatment: str, row: schema.Evidence) -> KeyFault | None:
    """Return what is wrong where a comparison tests a treatment that its row does not test."""
    roles = {given.role for given in row.given if given.treatment == treatment}
    if not roles:
        return KeyFault(
            "tests",
            f"{treatment} is not given in row {row.row}",
            "enter it there, or correct tests",
        )
    if roles == {"background"}:
        return KeyFault(
            "tests",
            f"{treatment} is background in row {row.row}",
            "what a comparison tests is tested in its row",
        )
    return None


def is_given_to_all(given: schema.Given) -> bool:
    """Tell whether all patients of the row had the treatment."""
    return given.n is None and not given.n_unknown


def effect_faults(effect: schema.Effect) -> Iterator[KeyFault]:
    """Yield what is wrong with one effect."""
    if (effect.endpoint is None) == (effect.event is None):
        yield KeyFault("endpoint", "endpoint and event: give one of the two", "what was compared?")
    has_value, needs_value = effect.value is not None, effect.unit not in words.NUMBERLESS_UNITS
    if has_value != needs_value:
        yield KeyFault(
            "value",
            "missing" if needs_value else f"a finding of unit {effect.unit} has none",
            "give it, or say p-only or none" if needs_value else "take it out or correct the unit",
        )
    if effect.ci and not needs_value:
        yield KeyFault("ci", "there is no value to it", "take it out or correct the unit")
    if effect.unit == "p-only" and effect.p is None:
        yield KeyFault("p", "missing", 'give it, or unit = "none"')
    if effect.unit == "none" and effect.p is not None:
        yield KeyFault("unit", "there is a p value", 'unit = "p-only"')
    if (effect.unit == "difference") != (effect.of_unit is not None):
        yield KeyFault(
            "of_unit", "a difference and of_unit go together", "say of what unit, and only there"
        )
    if effect.favours is None and not needs_value:
        yield KeyFault("favours", "missing", "without a number the side is all that is told")
    yield from interval_faults(
        effect.value, effect.ci, effect.ci_upper, as_printed=effect.as_printed
    )
    yield from p_value_faults(effect.p)
    yield from figure_separator_faults(effect, "group", "at", "assessed_by", "ci_upper")
    if effect.unit in words.RATIO_UNITS:
        yield from ratio_faults(effect)
    elif effect.inverted:
        yield KeyFault("inverted", "only a ratio can be", "take it out")
    yield from source_faults(effect.read_in, effect.seen_at)


def ratio_faults(effect: schema.Effect) -> Iterator[KeyFault]:
    """Yield where a ratio is not above 0, or tells another side than `favours`."""
    if effect.value is not None and effect.value <= 0:
        yield KeyFault("value", f"a {effect.unit} is above 0", READ_AGAIN_HINT)
    if any(bound <= 0 for bound in effect.ci) and not effect.as_printed:
        yield KeyFault("ci", f"a {effect.unit} is above 0", AS_PRINTED_HINT)
    if any(figure > LARGEST_RATIO for figure in (effect.value or 0, *effect.ci)):
        yield KeyFault("value", f"no {effect.unit} is above {LARGEST_RATIO:,}", READ_AGAIN_HINT)
    if (
        effect.value in (None, 1)
        or effect.favours not in ("of", "against")
        or effect.as_printed
        or (better := is_below_one_better(effect.unit, effect.endpoint)) is None
    ):
        return
    printed = "of" if (effect.value < 1) == better else "against"
    if (printed == effect.favours) == effect.inverted:
        yield KeyFault(
            "inverted" if effect.inverted else "favours",
            f"{effect.unit} {effect.value:g} of {effect.endpoint or effect.event} favours "
            f"{printed!r} as printed",
            "take inverted out or correct favours"
            if effect.inverted
            else "correct it, or say inverted = true where the ratio is that of `against`",
        )


def adverse_faults(adverse: schema.Adverse, file: schema.StudyFile) -> Iterator[KeyFault]:
    """Yield what is wrong with one harm."""
    rows = {row.row: row for row in file.evidence}
    if adverse.row is not None and adverse.row not in rows:
        yield KeyFault("row", f"there is no row {adverse.row}", "name a row of this study")
    if adverse.row is None and rows:
        yield KeyFault(
            "row", "missing", "name the row under which it is told, and in group of whom"
        )
    if adverse.event == "other" and adverse.note is None:
        yield KeyFault("note", "missing", "say which event it is")
    if adverse.n is not None and adverse.total is not None and adverse.n > adverse.total:
        yield KeyFault("n", f"{adverse.n} of {adverse.total} is more than all", READ_AGAIN_HINT)
    elif adverse.value is not None and not 0 <= adverse.value <= 100:
        yield KeyFault("value", f"{adverse.value:g}% is not a share", READ_AGAIN_HINT)
    elif (
        adverse.n is not None
        and adverse.total is not None
        and adverse.value is not None
        and not adverse.as_printed
        and not is_share_of(adverse.n, adverse.total, adverse.value)
    ):
        yield KeyFault(
            "value", f"{adverse.n} of {adverse.total} is not {adverse.value:g}%", AS_PRINTED_HINT
        )
    yield from source_faults(adverse.read_in, adverse.seen_at)
    row = rows.get(adverse.row or 0)
    if row is None:
        return
    if adverse.treatment not in {None, *(given.treatment for given in row.given)}:
        what = f"{adverse.treatment} is not given in row {row.row}"
        yield KeyFault("treatment", what, READ_AGAIN_HINT)
    endpoint = find_equivalent_endpoint(adverse)
    if endpoint is not None and any(outcome.endpoint == endpoint for outcome in row.outcome):
        what = f"the row has it as {endpoint}"
        yield KeyFault("event", what, "no event is entered twice: keep one")


def find_equivalent_endpoint(adverse: schema.Adverse) -> str | None:
    """Return the endpoint that says the same of a whole row as a harm, or None."""
    if adverse.event != "any" or adverse.group is not None or adverse.of_cycles:
        return None
    if adverse.dose_limiting:
        return "dose-limiting-toxicity"
    if adverse.serious:
        return None
    grades = {"3+": "grade-3-plus-adverse-events", "5": "treatment-related-death"}
    return grades.get(adverse.grade or "")


def second_reading_faults(file: schema.StudyFile) -> Iterator[LocatedFault]:
    """Yield every figure and every comparison that a second reader confirmed and the record does
    not hold."""
    numbers = {comparison.comparison for comparison in file.comparison}
    for i, reading in enumerate(file.study.second_read):
        for number in reading.comparisons:
            if number not in numbers:
                yield LocatedFault(
                    ("study", "second_read", i),
                    file.study.id,
                    f"second_read: no such comparison: {number}",
                    "name the comparison by its number in this record",
                )
        for figure in reading.figures:
            if not has_confirmed_figure(figure, file):
                yield LocatedFault(
                    ("study", "second_read", i),
                    file.study.id,
                    f"second_read: no such figure: {describe_confirmed_figure(figure)}",
                    "settle the difference at the source, then correct one of the two",
                )


def describe_confirmed_figure(figure: schema.Confirmed) -> str:
    """Write a confirmed figure in a few words."""
    side = f"comparison {figure.comparison}" if figure.comparison else f"row {figure.row}"
    value = "not reached" if figure.not_reached else (figure.p and f"p {figure.p}") or ""
    if figure.value is not None:
        value = f"{figure.value:g}"
    what = figure.endpoint or figure.event or "no endpoint"
    return " ".join(part for part in (side, what, value, figure.unit) if part)


def has_confirmed_figure(figure: schema.Confirmed, file: schema.StudyFile) -> bool:
    """Tell whether a study file holds a confirmed figure."""
    if (figure.endpoint is None) == (figure.event is None):
        return False
    if figure.comparison is not None:
        return figure.row is None and any(
            (effect.endpoint, effect.event, effect.unit)
            == (figure.endpoint, figure.event, figure.unit)
            and (figure.value is None or effect.value == figure.value)
            and (figure.p is None or effect.p == figure.p)
            for comparison in file.comparison
            if comparison.comparison == figure.comparison
            for effect in comparison.effect
        )
    if figure.event is not None:
        return any(
            (adverse.row, adverse.event) == (figure.row, figure.event)
            and (figure.grade is None or adverse.grade == figure.grade)
            and figure.value == (adverse.value if figure.unit == "%" else adverse.n)
            for adverse in file.adverse
        )
    return any(
        (outcome.endpoint, outcome.unit) == (figure.endpoint, figure.unit)
        and outcome.not_reached == figure.not_reached
        and outcome.value == figure.value
        for row in file.evidence
        if row.row == figure.row
        for outcome in row.outcome
    )
