"""A card as a list of blocks, what it says and in which order, from which every drawing of it is
made; and the plainest of them, Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lmtx.listings.list import LISTING as TREATMENTS
from lmtx.model import drug_levels, reference, vocabulary
from lmtx.model.figures import (
    choose_key_figure,
    write_brief_figure,
    write_effect,
    write_full_figure,
    write_number,
    write_plural,
)
from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    KEY_FIGURE_FOOTNOTE,
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    RCT_FOOTNOTE,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    WITHDRAWN_SUFFIX,
    direction_symbol,
    mark_evidence_row,
    mark_figure_if_row_unmarked,
    mark_key_figure,
    mark_own_records,
    mark_reading,
    select_footnotes,
    shorten_figure,
    write_comparison_answer,
    write_direction_tally,
    write_harm_with_flags,
    write_marked_harm_count,
    write_marked_key_figure,
    write_randomised_answers_and_tally,
)
from lmtx.model.records import GivenRecord
from lmtx.query.comparisons import ComparisonRow
from lmtx.query.evidence import EvidenceRow
from lmtx.query.list import TreatmentRow
from lmtx.query.show import (
    Card,
    GuidelineCard,
    JsonDict,
    StudyCard,
    TestedDose,
    TreatmentCard,
    TrialCard,
    TumorCard,
)
from lmtx.render import write_closing_line
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.render import Envelope


class CardBlock(NamedTuple):
    """A piece of a card: `kind` is title, heading, item, line, figure, reference or table."""

    kind: str
    text: str
    label: str = ""
    link: str | None = None
    rows: tuple[TreatmentRow, ...] = ()


def card_blocks(card: Card, labels: dict[str, str], more: str = "") -> list[CardBlock]:
    """Return the blocks of a card; `labels` gives the name of every tumor and biomarker.

    With `more`, what shows the whole card, that of a treatment or a tumor is summed up.
    """
    match card:
        case TreatmentCard():
            found = _sum_up_treatment(card, labels, more) if more else _treatment(card, labels)
        case TumorCard():
            found = _sum_up_tumor(card, labels, more) if more else _tumor(card, labels)
        case StudyCard():
            found = _study(card, labels)
        case TrialCard():
            found = _trial(card, labels)
        case GuidelineCard():
            found = _guideline(card)
    made = list(found)
    if more and isinstance(card, TreatmentCard):
        card = card._replace(adverse=card.adverse[:FEW_ITEMS])
    return [*made, *(CardBlock("foot", " ".join(mark)) for mark in _list_footnotes(card, made))]


FOOTNOTES = (
    DIRECTION_FOOTNOTE,
    KEY_FIGURE_FOOTNOTE,
    RCT_FOOTNOTE,
    WITH_OTHERS_MARK,
    PART_MARK,
    *(UNVERIFIED_MARK, POOLED_MARK, SUPERSEDED_MARK, SYNTHESIS_MARK),
    *(drug_levels.MODELLED_MARK, drug_levels.ROUNDED_MARK),
    OWN_RECORDS_MARK,
)
"""Marks that a card may carry."""


def _list_footnotes(card: Card, blocks: Iterable[CardBlock]) -> list[tuple[str, str]]:
    """Return the marks that stand in a card with their meaning. Prose has signs of its own, so
    those of directions are looked for in heads and lines alone."""
    written = [f"{block.text}{block.label}" for block in blocks if block.kind != "detail"]
    rows: list[Any] = [row for block in blocks for row in block.rows]
    for row in rows:
        written += [write_randomised_answers_and_tally(row), write_marked_key_figure(row)]
    written += [KEY_FIGURE_FOOTNOTE[0].rstrip(":")] if rows else []
    if isinstance(card, TreatmentCard):
        rows.append(card.overview._replace(figure_with=[], figure_alongside=[]))
        rows += [one.row for one in card.by_tumor]
        rows += [SimpleNamespace(with_others=_has_others(row)) for row in card.evidence]
        rows += [SimpleNamespace(**record) for record in card.adverse]
    return select_footnotes(FOOTNOTES, "\n".join(written), rows)


def _line_if_any(label: str, text: str, link: str | None = None) -> Iterator[CardBlock]:
    if text:
        yield CardBlock("line", text, label, link)


def _treatment(card: TreatmentCard, labels: dict[str, str]) -> Iterator[CardBlock]:
    numbers = {study["id"]: position for position, study in enumerate(card.references, start=1)}
    yield from treatment_blocks(card, labels, numbers)
    yield from _trials(card.trials)
    yield from _references(card.references)


def treatment_blocks(
    card: TreatmentCard, labels: dict[str, str], numbers: Mapping[str, int]
) -> Iterator[CardBlock]:
    """Yield the blocks of a treatment, with the number that each study has among the references."""
    yield from _treatment_head(card, labels)
    for group, rows in group_by_tumor(card.evidence, labels).items():
        yield CardBlock("heading", group)
        for row in rows:
            yield from evidence_blocks(row, labels, f"[{numbers[row.study]}]")
    yield from _comparisons(card.comparisons)
    yield from _harms(card.adverse)
    yield from _csf(card.csf, numbers)
    yield from _statements(card.guidelines, numbers)


def _treatment_head(
    card: TreatmentCard, labels: dict[str, str], most: int | None = None
) -> Iterator[CardBlock]:
    """Yield what stands before the records of a treatment; of each kind at most so many lines."""
    record, overview = card.record, card.overview
    names = {study["id"]: study["label"] for study in card.references}
    yield CardBlock("title", record["name"] + mark_own_records(record["source"]), card.id)
    yield from _line_if_any("Also known as", ", ".join(record["aliases"]))
    yield from _line_if_any("Class", card.class_path)
    yield from _line_if_any("Targets", ", ".join(record["targets"]))
    yield from _line_if_any("Mechanism", record["mechanism"])
    yield from _line_if_any("Note", record["note"] or "")
    strength = _strength(overview) if card.evidence else "no figures on LM could be read"
    yield from _line_if_any("Evidence", strength)
    yield from _without_evidence(card)
    yield from _line_if_any("Key figure", _key_figure(overview))
    yield from _lines("By tumor", _write_by_tumor(card, labels), most)
    answers = (
        write_comparison_answer({**answer, "study": names.get(answer["study"], answer["study"])})
        for answer in overview.answers
    )
    yield from _lines("Compared", answers, most)
    for conflict in card.conflicts:
        differ = ", ".join(conflict["differ"])
        agree = f"; {', '.join(conflict['agree'])} agrees" if conflict["agree"] else ""
        text = (
            f"{labels[conflict['tumor']]}, {conflict['question']}: "
            f"{', '.join(names.get(id_, id_) for id_ in conflict['studies'])}: {differ} "
            f"differs{agree}"
        )
        yield from _line_if_any("In conflict", text)
    if card.alongside:
        count_ = write_plural(len(card.alongside), "study", "studies")
        yield from _line_if_any(
            "Given alongside", f"also given alongside in {count_}: no evidence on it"
        )
    yield from _line_if_any("Routes", ", ".join(overview.routes))
    yield from _lines("Doses tried", map(_write_dose, _first_doses(card.doses, most)), most)
    occasions = drug_levels.distinguish_levels(card.csf)
    csf = [write_drug_level(level, occasions.get(level["id"], "")) for level in card.csf[:2]]
    csf += [f"{len(card.csf) - 2} more"] if len(card.csf) > 2 else []
    yield from _line_if_any("CSF level", "; ".join(csf))
    yield from _line_if_any(
        "Guidelines", "; ".join(dict.fromkeys(said["name"] for said in card.guidelines))
    )


def _lines(label: str, texts: Iterable[str], most: int | None = None) -> Iterator[CardBlock]:
    """Yield lines under one label, at most so many; what is left is counted."""
    told = list(texts)
    shown = told if most is None or len(told) <= most else told[: most - 1]
    if len(told) > len(shown):
        shown = [*shown, f"… {len(told) - len(shown)} more"]
    for position, text in enumerate(shown):
        yield CardBlock("line", text, "" if position else label)


def _write_dose(dose: TestedDose) -> str:
    """Return a dose with its route, its patients and its study."""
    size = f"n={dose.n}, " if dose.n is not None else ""
    routes = ", ".join(dose.routes) or "route not told"
    marks = mark_reading(dose.read_in) + mark_own_records(dose.source)
    return f"{routes}: {dose.dose} ({size}{dose.citation}{marks})"


def _first_doses(doses: list[TestedDose], most: int | None) -> list[TestedDose]:
    """Return doses so that one of each route is among the first."""
    if most is None or len(doses) <= most:
        return doses
    routes = [tuple(dose.routes) for dose in doses]
    turns = [routes[:place].count(route) for place, route in enumerate(routes)]
    order = sorted(range(len(doses)), key=lambda place: turns[place])
    first = sorted(order[: most - 1])
    return [doses[place] for place in (*first, *sorted(order[most - 1 :]))]


FEW_LINES, FEW_ROWS, FEW_ITEMS = 6, 8, 4
"""Lines under one label at the head of a summary; rows of evidence or treatments in it; records of
any other kind."""
MOST_ROWS_TO_SUM_UP_IN_FULL = 3
"""Rows of evidence that a summary tells as the whole card does; more of them stand in one line
each."""


def _sum_up_treatment(
    card: TreatmentCard, labels: dict[str, str], more: str
) -> Iterator[CardBlock]:
    """Yield the summary of a treatment: the head of its card and the first records of each kind."""
    yield from _treatment_head(card, labels, FEW_LINES)
    rows = sorted(card.evidence, key=lambda row: not _is_current(row))
    if rows:
        yield CardBlock("heading", _write_heading("Evidence, strongest first", rows, FEW_ROWS))
    for row in rows[:FEW_ROWS]:
        if len(rows) <= MOST_ROWS_TO_SUM_UP_IN_FULL:
            yield from evidence_blocks(row, labels, in_words=True)
        else:
            yield CardBlock("item", _row_in_short(row, labels), link=row.url)
    told = [row for row in card.comparisons if row.effects]
    if told:
        yield CardBlock("heading", _write_heading("Comparisons", told, FEW_ITEMS))
    for comparison in told[:FEW_ITEMS]:
        effects = "; ".join(
            write_effect(effect) + mark_figure_if_row_unmarked(effect, comparison.read_in)
            for effect in comparison.effects
        )
        head = f"{comparison.citation}: {_comparison_head(comparison)}"
        yield CardBlock("item", f"{head}: {effects}", link=comparison.url)
    yield from _harms(card.adverse, FEW_ITEMS)
    yield from _statements(card.guidelines, {}, FEW_ITEMS)
    trials = [trial for trial in card.trials if trial["open"]]
    yield from _trials(trials, "Open trials", FEW_ITEMS)
    whole = [
        write_plural(len(found), *name)
        for found, name in (
            (card.evidence, ("row of evidence", "rows of evidence")),
            (card.comparisons, ("comparison",)),
            (card.adverse, ("harm",)),
            (card.csf, ("drug level",)),
            (card.guidelines, ("statement",)),
            (card.trials, ("trial",)),
            (card.references, ("reference",)),
        )
        if found
    ]
    yield CardBlock("foot", f"\nA summary of {', '.join(whole)}: {more}" if whole else "")


def _is_current(row: EvidenceRow) -> bool:
    """Tell whether a row speaks for patients today, not for animals or for what was taken back."""
    return (
        row.design != "preclinical"
        and row.superseded_by is None
        and row.withdrawn is None
        and row.read_in != "recalled"
    )


def _write_heading(heading: str, records: Sequence[object], most: int | None) -> str:
    """Return a heading that says how many there are in all where only the first are shown."""
    if most is None or len(records) <= most:
        return heading
    return f"{heading}: {most} of {len(records)}"


def _row_in_short(row: EvidenceRow, labels: dict[str, str]) -> str:
    """Return a row of evidence in one line: study, population, level, patients, direction, figure,
    with its marks."""
    who = (
        "mixed solid tumours" if row.mixed else " and ".join(labels[tumor] for tumor in row.tumors)
    )
    chosen = choose_key_figure(row.outcomes)
    beside = WITH_OTHERS_MARK[0] if _has_others(row) else ""
    figure = (
        shorten_figure(write_brief_figure(chosen))
        + beside
        + mark_figure_if_row_unmarked(chosen, row.read_in)
        if chosen
        else ""
    )
    size = f"n={row.n}" if row.n is not None else "n not given"
    level = f"level {row.level}" if row.level else "no level"
    together = " + ".join(row.treatments) if len(row.treatments) > 1 else ""
    parts = (who, together, level, size, _direction(row), figure)
    return f"{_name_row(row)} · {' · '.join(part for part in parts if part)}"


def _has_others(row: EvidenceRow) -> bool:
    """Tell whether other treatments were tested with the one, or given beside it."""
    return len(row.treatments) > 1 or bool(row.background)


def _name_row(row: EvidenceRow) -> str:
    """Return the study of a row as people call it, with the id that can be typed, and the marks of
    the row."""
    return f"{row.citation} ({row.id}){mark_evidence_row(row)}"


def _without_evidence(card: TreatmentCard) -> Iterator[CardBlock]:
    """Say of a treatment without evidence what was looked for, which relatives have evidence and
    which trials are open."""
    if card.evidence:
        return
    for position, one in enumerate(card.looked_for):
        where = f" ({', '.join(one['where'])})" if one["where"] else ""
        text = f"{one['what']}: not found, last looked for {one['on']}{where}"
        yield CardBlock("line", text, "" if position else "Looked for")
    if not card.looked_for:
        yield from _line_if_any("Looked for", "no search is on record")
    if card.relatives:
        told = [
            f"{one['name']} ({one['level'] or 'no level'})"
            for one in card.relatives[:MOST_RELATIVES]
        ]
        more = len(card.relatives) - MOST_RELATIVES
        told += [f"{more} more"] if more > 0 else []
        yield from _line_if_any("Relatives", ", ".join(told))
    is_open = [trial["id"] for trial in card.trials if trial["open"]]
    yield from _line_if_any("Open trials", ", ".join(is_open) or "none on record recruits")


MOST_RELATIVES = 6
"""Relatives that a card names."""
LEVEL_BASIS_WORDS = {"alone": "", "together": ", in combination", "pooled": ", pooled", None: ""}
"""What stands behind a level: on what it rests."""


def _strength(row: TreatmentRow) -> str:
    """Return level, counts and directions in one line."""
    if not row.studies and not row.syntheses and not row.recalled:
        return "no study of it in LM is on record"
    parts = [
        f"level {row.level}{LEVEL_BASIS_WORDS[row.rests_on]}" if row.level else "no level",
        write_plural(row.studies, "independent study", "independent studies"),
    ]
    parts += [write_plural(row.patients, "patient")] if row.patients is not None else []
    parts += [f"part of {write_number(row.part_of)} more"] if row.part_of is not None else []
    parts += (
        [write_plural(row.syntheses, "review or meta-analysis", "reviews and meta-analyses")]
        if row.syntheses
        else []
    )
    parts += [write_direction_tally(row)] if write_direction_tally(row) else []
    parts += [f"newest {row.latest}"] if row.latest else []
    parts += [f"{row.recalled} recalled, not counted"] if row.recalled else []
    return " · ".join(parts)


def _key_figure(row: TreatmentRow) -> str:
    if not row.figure:
        return ""
    size = f", n={row.figure_n}" if row.figure_n is not None else ""
    others = f", with {', '.join(row.figure_with)}" if row.figure_with else ""
    others += f", beside {', '.join(row.figure_alongside)}" if row.figure_alongside else ""
    bare = row._replace(figure_with=[], figure_alongside=[])
    return f"{row.figure}{mark_key_figure(bare)} ({row.figure_citation}{size}{others})"


def _write_by_tumor(card: TreatmentCard, labels: dict[str, str]) -> Iterator[str]:
    """Say for every tumor what a listing of it says of the treatment."""
    for tumor, row in card.by_tumor:
        parts = [f"level {row.level}{LEVEL_BASIS_WORDS[row.rests_on]}" if row.level else "no level"]
        parts += [write_plural(row.patients, "patient")] if row.patients is not None else []
        parts += [f"part of {write_number(row.part_of)} more"] if row.part_of is not None else []
        parts += [write_direction_tally(row)] if write_direction_tally(row) else []
        parts += [write_marked_key_figure(row)] if row.figure else []
        yield f"{labels[tumor]}: {' · '.join(parts)}"


def group_by_tumor(
    rows: Iterable[EvidenceRow], labels: dict[str, str]
) -> dict[str, list[EvidenceRow]]:
    """Return rows under the label of their tumor; populations of several primaries come last."""
    groups: defaultdict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        groups[
            "Mixed solid tumours"
            if row.mixed
            else " and ".join(labels[tumor] for tumor in row.tumors)
        ].append(row)
    return dict(
        sorted(
            groups.items(),
            key=lambda group: (
                group[1][0].mixed,
                len(group[1][0].tumors),
                -len(group[1]),
                group[0],
            ),
        )
    )


def evidence_blocks(
    row: EvidenceRow, labels: dict[str, str], number_: str = "", *, in_words: bool = False
) -> Iterator[CardBlock]:
    """Yield a row of evidence, then who was in it, what was given and what came of it.

    Its study is named where it has a number among the references, or `in_words`.
    """
    size = f"n={row.n}" if row.n is not None else "n not given"
    name = _name_row(row) if number_ or in_words else f"{row.id}{mark_evidence_row(row)}"
    head = (
        f"{name} · level {row.level or '–'} · {vocabulary.DESIGNS[row.design].label} · "
        f"{size} · {_direction(row)}"
    )
    yield CardBlock("item", head, number_, row.url)
    population = [
        ", ".join(labels[marker] for marker in row.biomarkers),
        row.setting or "",
        f"pooled with {row.mixed_with}" if row.mixed_with else "",
    ]
    yield from _detail("Population", "; ".join(part for part in population if part))
    yield from _detail("Line", vocabulary.LINES[row.line].label if row.line else "")
    yield from _detail("After", ", ".join(row.after))
    for label, text in list_given_in_words(row):
        yield from _detail(label, text)
    for outcome in row.outcomes:
        yield CardBlock(
            "figure", write_full_figure(outcome) + mark_figure_if_row_unmarked(outcome, row.read_in)
        )
    yield from _detail("Summary", row.summary)
    yield from _detail("Safety", row.safety or "")
    if row.superseded_by:
        yield from _detail("Superseded", f"by {row.superseded_by}; not counted")
    yield from _detail("Withdrawn", row.withdrawn or "")


def _direction(row: EvidenceRow) -> str:
    """Return the direction of a row in sign and word; that nothing is tested where that is so."""
    if row.direction is None:
        return "nothing tested"
    return f"{direction_symbol(row.direction)} {vocabulary.DIRECTIONS[row.direction].label}"


def list_given_in_words(row: EvidenceRow) -> Iterator[tuple[str, str]]:
    """Yield what was tested and what was given alongside, each treatment with its routes, dose and
    own number."""
    joined = {"some": " or ", "in-turn": ", then "}.get(row.given_as or "", " + ")
    for role, label, join in (("tested", "Tested", joined), ("background", "Alongside", ", ")):
        told = [_given_one(one) for one in row.given if one["role"] == role]
        if told:
            yield label, join.join(told)


def _given_one(given: GivenRecord) -> str:
    part = "a part of them" if given["n_unknown"] else ""
    n = f"n={given['n']}" if given["n"] is not None else part
    more = ", ".join(part for part in (", ".join(given["routes"]), given["dose"] or "", n) if part)
    return f"{given['treatment']} ({more})" if more else str(given["treatment"])


def _comparisons(rows: Iterable[ComparisonRow]) -> Iterator[CardBlock]:
    told = list(rows)
    if told:
        yield CardBlock("heading", "Comparisons")
    for row in told:
        yield CardBlock("item", _comparison_head(row), link=row.url)
        sides = (
            (row.of_group or row.of or "", row.of_n),
            (row.against_group or row.against or "", row.against_n),
        )
        names = " v ".join(f"{name}{f' (n={n})' if n is not None else ''}" for name, n in sides)
        yield from _detail("Groups", names)
        for effect_ in row.effects:
            yield CardBlock(
                "figure", write_effect(effect_) + mark_figure_if_row_unmarked(effect_, row.read_in)
            )
        yield from _detail("Note", row.note or "")
        if not row.speaks:
            yield from _detail("Counted", "no: told again later, or not read")


def _comparison_head(row: ComparisonRow) -> str:
    """Return a comparison in one line: its id, what it asks of which treatment, and what it shows
    of that."""
    chance = "randomised, " if row.randomized else ""
    control = f"{vocabulary.CONTROLS[row.control].label}, " if row.control else ""
    shown = (
        f" · {direction_symbol(row.direction)} {vocabulary.DIRECTIONS[row.direction].label}"
        if row.direction
        else ""
    )
    return (
        f"{row.id}{mark_reading(row.read_in)}{mark_own_records(row.source)}"
        f"{WITHDRAWN_SUFFIX if row.withdrawn else ''} · "
        f"{chance}{control}{_question(row)}{shown}"
    )


def _question(row: ComparisonRow) -> str:
    """Return what a comparison asks, with the treatment that its answer is about: on the card of
    what both sides had, "it" would be another one."""
    label = vocabulary.QUESTIONS[row.question].label
    several = " or " if row.tests_are == "some" else " + "
    tests, against = several.join(row.tests), " + ".join(row.against_tests)
    match row.question:
        case "add":
            return f"adding {tests}"
        case "versus-none":
            return f"{tests} against none"
        case "instead":
            return f"{tests} in place of {against or row.against_group or 'another treatment'}"
    return f"{label} of {tests}" if tests else label


def _harms(records: Sequence[JsonDict], most: int | None = None) -> Iterator[CardBlock]:
    if records:
        yield CardBlock("heading", _write_heading("Harms", records, most))
    for record in records[:most]:
        grade = f", {vocabulary.ADVERSE_GRADES[record['grade']].label}" if record["grade"] else ""
        where = record["evidence"] or record["study"]
        text = (
            f"{write_harm_with_flags(record)}{grade}: {write_marked_harm_count(record)} ({where})"
        )
        yield CardBlock("item", text, link=record["url"])


def _detail(label: str, text: str) -> Iterator[CardBlock]:
    if text:
        yield CardBlock("detail", text, label)


def write_drug_level(level: JsonDict, occasion: str = "") -> str:
    """Return a CSF level in one line: measure, figure, route, what tells it from others like it,
    and whether it is not of patients with LM."""
    statistic = {"mean": "mean ", "median": "median "}.get(level["statistic"] or "", "")
    marks = (
        mark_reading(level["read_in"])
        + mark_own_records(level["source"])
        + (" (doubtful)" if level.get("doubtful") else "")
    )
    more = [
        level["route"] or "",
        occasion,
        "not LM" if level["lm"] is False else "",
        "model prediction" if level["modelled"] else "",
    ]
    return ", ".join(
        [
            f"{drug_levels.name_measure(level)} "
            f"{statistic}{drug_levels.write_level_amount(level)}{marks}",
            *(part for part in more if part),
        ]
    )


def _csf(levels: Sequence[JsonDict], numbers: Mapping[str, int]) -> Iterator[CardBlock]:
    if levels:
        yield CardBlock("heading", "Levels in cerebrospinal fluid")
    for level in levels:
        who = [
            f"n={level['n']}" if level["n"] is not None else "",
            level["dose"] or "",
            level["sampled"] or "",
            level["compartment"] or "",
            level["population"] or "",
        ]
        lm = "not LM" if level["lm"] is False else ""
        yield CardBlock(
            "item",
            write_drug_level(level),
            f"[{numbers[level['study']]}]" if numbers else "",
            level["url"],
        )
        yield from _detail("Measured", "; ".join(part for part in (*who, lm) if part))
        yield from _detail("As printed", level["printed"])
        yield from _detail("Note", level["note"] or "")


def _statements(
    said: Sequence[JsonDict], numbers: Mapping[str, int], most: int | None = None
) -> Iterator[CardBlock]:
    if said:
        yield CardBlock("heading", _write_heading("Guideline statements", said, most))
    for statement in said[:most]:
        strength = [
            f"level {statement['level']}" if statement["level"] else "",
            f"grade {statement['grade']}" if statement["grade"] else "",
        ]
        graded = " · ".join(part for part in strength if part) or "no level or grade given"
        place = f"[{numbers[statement['guideline']]}]" if statement["guideline"] in numbers else ""
        old = " · superseded edition" if statement["superseded"] else ""
        yield CardBlock(
            "item",
            f"{statement['name']} ({statement['id']}){mark_reading(statement['read_in'])}"
            f"{mark_own_records(statement['source'])} · "
            f"{graded}{old}{_write_indirect_match(statement)}",
            place,
            statement["url"],
        )
        yield from _detail("", statement["statement"])
        yield from _detail("Note", statement["note"] or "")


def _trials(
    trials: Sequence[JsonDict], heading: str = "Registered trials", most: int | None = None
) -> Iterator[CardBlock]:
    if trials:
        yield CardBlock("heading", _write_heading(heading, trials, most))
    for trial in trials[:most]:
        yield CardBlock(
            "item",
            f"{trial['id']}{mark_own_records(trial['source'])} · "
            f"{_status(trial)}{_write_indirect_match(trial)}",
            link=reference.choose_study_url({"nct": [trial["id"]]}),
        )
        yield from _detail("", trial["title"])


def _write_indirect_match(record: JsonDict) -> str:
    """Return by what a statement or trial applies that does not name what was asked for."""
    return "".join(f" · {why}" for why in record.get("applies_by", ()))


def _status(trial: JsonDict) -> str:
    status = vocabulary.STATUSES[trial["status"]].label
    read = (
        f", as of {trial['status_read']}"
        if trial["status_read"]
        else ", date of that status not known"
    )
    phase = f"phase {vocabulary.PHASES[trial['phase']].label} · " if trial["phase"] else ""
    updated = (
        f", last updated {trial['updated']}" if trial["updated"] else ", last update not known"
    )
    return f"{phase}{status}{read}{updated}"


def _references(studies: Sequence[JsonDict], heading: str = "References") -> Iterator[CardBlock]:
    if studies:
        yield CardBlock("heading", heading)
    for position, study in enumerate(studies, start=1):
        marked = (
            mark_reading(study["read_in"])
            + mark_own_records(study["source"])
            + (WITHDRAWN_SUFFIX if study["withdrawn"] else "")
        )
        yield CardBlock(
            "reference",
            f"{reference.write_full_reference(study)}{marked} ({study['id']})",
            f"[{position}]",
            study["url"],
        )


def _tumor(card: TumorCard, labels: dict[str, str]) -> Iterator[CardBlock]:
    numbers = {study["id"]: position for position, study in enumerate(card.references, start=1)}
    topics = _by_topic(card)
    yield from _tumor_head(card, labels)
    if card.treatments:
        yield CardBlock("heading", "Treatments by strength of evidence")
        yield CardBlock("table", "", rows=tuple(card.treatments))
    for topic, facts in topics.items():
        yield CardBlock("heading", vocabulary.TOPICS[topic].label)
        for fact in facts:
            yield CardBlock("item", _write_fact(fact), f"[{numbers[fact['study']]}]", fact["url"])
    yield from _statements(card.guidelines, numbers)
    yield from _trials(card.trials, "Open trials")
    yield from _references(card.references)


def _sum_up_tumor(card: TumorCard, labels: dict[str, str], more: str) -> Iterator[CardBlock]:
    """Yield the summary of a tumor: the head of its card and the first records of each kind."""
    names = {study["id"]: study["label"] for study in card.references}
    yield from _tumor_head(card, labels)
    if card.treatments:
        heading = "Treatments by strength of evidence"
        yield CardBlock("heading", _write_heading(heading, card.treatments, FEW_ROWS))
        yield CardBlock("table", "", rows=tuple(card.treatments[:FEW_ROWS]))
    for topic, facts in _by_topic(card).items():
        most = FEW_ITEMS // 2
        yield CardBlock("heading", _write_heading(vocabulary.TOPICS[topic].label, facts, most))
        for fact in facts[:most]:
            text = _write_fact(fact, f"{names[fact['study']]}, ")
            yield CardBlock("item", text, link=fact["url"])
    yield from _statements(card.guidelines, {}, FEW_ITEMS)
    yield from _trials(card.trials, "Open trials", FEW_ITEMS)
    whole = [
        write_plural(len(found), *name)
        for found, name in (
            (card.treatments, ("treatment",)),
            (card.facts, ("fact",)),
            (card.guidelines, ("statement",)),
            (card.trials, ("open trial",)),
            (card.references, ("reference",)),
        )
        if found
    ]
    yield CardBlock("foot", f"\nA summary of {', '.join(whole)}: {more}" if whole else "")


def _by_topic(card: TumorCard) -> dict[str, list[JsonDict]]:
    """Return the facts of a tumor by their topic, in the order in which topics are told."""
    found = {topic: [f for f in card.facts if f["topic"] == topic] for topic in vocabulary.TOPICS}
    return {topic: facts for topic, facts in found.items() if facts}


def _write_fact(fact: JsonDict, study: str = "") -> str:
    """Return a fact with its marks and its id, which can be typed."""
    return (
        f"{fact['statement']}{mark_reading(fact['read_in'])}{mark_own_records(fact['source'])} "
        f"({study}{fact['id']})"
    )


def _tumor_head(card: TumorCard, labels: dict[str, str]) -> Iterator[CardBlock]:
    topics = _by_topic(card)
    yield CardBlock(
        "title", card.record["label"] + mark_own_records(card.record["source"]), card.id
    )
    yield from _line_if_any("Also known as", ", ".join(card.record["aliases"]))
    yield from _line_if_any("Part of", labels.get(card.record["parent"] or "", ""))
    for topic, kind in (
        ("incidence", {"%"}),
        ("share-of-cases", {"%"}),
        ("survival", vocabulary.TIME_UNITS),
    ):
        yield from _line_if_any(
            vocabulary.TOPICS[topic].label, _list_reported(topics.get(topic, ()), kind)
        )


def _list_reported(facts: Sequence[JsonDict], units: Iterable[str]) -> str:
    """List the figures of several reports side by side: never pooled, and only those read at their
    source that are one quantity."""
    plain_ones = [
        fact
        for fact in facts
        if fact["unit"] in units
        and not fact["what"]
        and fact["read_in"] not in vocabulary.UNVERIFIED
    ]
    figures = list(dict.fromkeys(write_fact_figure(fact) for fact in plain_ones))
    return (
        f"{', '.join(figures[:6])}{', …' if len(figures) > 6 else ''} "
        f"({write_plural(len(plain_ones), 'report')}, below)"
        if figures
        else ""
    )


def write_fact_figure(fact: JsonDict) -> str:
    """Return the figure of a fact: "3.5 months", "5–16%"."""
    ends = list(
        dict.fromkeys(
            write_number(end) for end in (fact["value_low"], fact["value_high"]) if end is not None
        )
    )
    unit = fact["unit"] or ""
    return f"{'–'.join(ends)}{unit if unit == '%' else ' ' + unit}" if ends else ""


def _study(card: StudyCard, labels: dict[str, str]) -> Iterator[CardBlock]:
    record = card.record
    yield CardBlock("title", record["label"] + mark_own_records(record["source"]), card.id)
    yield from _line_if_any("Reference", reference.write_full_reference(record), record["url"])
    yield from _line_if_any("Address", record["url"] or "no identifier on record", record["url"])
    yield from _line_if_any(
        "Not found",
        f"{', '.join(record['not_found']).replace('_', ' ')}: printed on no page within reach"
        if record["not_found"]
        else "",
    )
    yield from _line_if_any("Registration", ", ".join(record["nct"]))
    level = f"level {record['level']}" if record["level"] else "no level"
    yield from _line_if_any(
        "Design",
        f"{vocabulary.DESIGNS[record['design']].label}, "
        f"{level}{'' if record['lm_only'] else '; not only patients with LM'}",
    )
    yield from _line_if_any(
        "Patients", f"{record['patients']} with LM" if record["patients"] is not None else ""
    )
    yield from _line_if_any(
        "Stopped early",
        vocabulary.STOPPED[record["stopped_early"]].meaning if record["stopped_early"] else "",
    )
    yield from _line_if_any(
        "Read in",
        f"{vocabulary.READ_IN[record['read_in']].label}{mark_reading(record['read_in'])}: "
        f"{vocabulary.READ_IN[record['read_in']].meaning}",
    )
    yield from _line_if_any("Second reading", _second_reading(record))
    yield from _line_if_any("Withdrawn", record["withdrawn"] or "")
    yield from _line_if_any("Superseded by", record["superseded_by"] or "")
    yield from _line_if_any("Overlaps", ", ".join(record["overlaps"]))
    yield from _line_if_any("Note", record["note"] or "")
    if card.evidence:
        yield CardBlock("heading", "Evidence")
    for row in card.evidence:
        yield from evidence_blocks(row, labels)
        yield from _detail("Tumors", ", ".join(labels[tumor] for tumor in row.tumors))
    yield from _comparisons(card.comparisons)
    yield from _harms(card.adverse)
    yield from _csf(card.csf, {})
    if card.facts:
        yield CardBlock("heading", "Facts")
    for fact in card.facts:
        yield CardBlock("item", _write_fact(fact))
    yield from _trials(card.trials)
    yield from _references(card.same_patients, "The same patients are told in")
    yield CardBlock("heading", "Pages read")
    yield from (CardBlock("reference", page, link=page) for page in record["seen_at"] or [])
    if not record["seen_at"]:
        yield CardBlock("reference", "none")


def _second_reading(record: JsonDict) -> str:
    if not record["second_read"]:
        return "none yet"
    days = sorted({reading["on"] for reading in record["second_read"] if reading["on"]})
    figures = {
        (f["row"], f["comparison"], f["endpoint"], f["event"], f["value"], f["unit"])
        for reading in record["second_read"]
        for f in reading["figures"]
    }
    pages = (
        "the same page"
        if all(reading["same_page"] for reading in record["second_read"])
        else "another page too"
    )
    return (
        f"{write_plural(len(figures), 'figure')} found again on "
        f"{pages}{', ' + days[-1] if days else ''}"
    )


def _trial(card: TrialCard, labels: dict[str, str]) -> Iterator[CardBlock]:
    record = card.record
    yield CardBlock("title", record["title"] + mark_own_records(record["source"]), card.id)
    yield from _line_if_any("Status", _status(record))
    yield from _line_if_any("", record["status_note"] or "")
    yield from _line_if_any("Called", record["acronym"] or "")
    numbers = {record["nct"], record["registry_id"]} - {None, card.id}
    yield from _line_if_any("Also registered", ", ".join(sorted(numbers)))
    yield from _line_if_any("Phase", record["phase_note"] or "")
    allotted = {True: "patients allotted by chance", False: "nobody allotted by chance"}
    kind = vocabulary.STUDY_TYPES[record["study_type"]].label if record["study_type"] else ""
    told_kind = filter(None, (kind, allotted.get(record["randomized"])))
    yield from _line_if_any("Type", ", ".join(told_kind))
    yield from _line_if_any(
        "Patients",
        f"{record['enrolment']} planned or enrolled" if record["enrolment"] is not None else "",
    )
    yield from _line_if_any("Who may enter", "not in the base: ask the registry")
    for role, term in (*vocabulary.TRIAL_ROLES.items(), (None, vocabulary.Term("given"))):
        told = [_given_in_trial(one) for one in record["given"] if one["role"] == role]
        yield from _line_if_any(term.label.capitalize(), ", ".join(told))
    yield from _line_if_any("LM", vocabulary.TRIAL_LM[record["lm"]].meaning if record["lm"] else "")
    yield from _line_if_any(
        "Line", vocabulary.LINES[record["line"]].label if record["line"] else ""
    )
    yield from _line_if_any("After", ", ".join(record["after"]))
    yield from _line_if_any("Countries", ", ".join(record["countries"]))
    yield from _line_if_any("Tumors", ", ".join(labels[tumor] for tumor in record["tumors"]))
    yield from _line_if_any(
        "Biomarkers", ", ".join(labels[marker] for marker in record["biomarkers"])
    )
    yield from _line_if_any("Registry", record["url"] or record["id"], record["url"])
    yield from _line_if_any("Note", record["note"] or "")
    yield from _references(card.references, "Reported in")
    yield CardBlock("heading", "Pages read")
    yield from (CardBlock("reference", page, link=page) for page in record["seen_at"])


def _given_in_trial(given: JsonDict) -> str:
    """Return a treatment of a trial with its routes and dose."""
    more = ", ".join(filter(None, (", ".join(given["routes"]), given["dose"])))
    return f"{given['treatment']} ({more})" if more else str(given["treatment"])


def _guideline(card: GuidelineCard) -> Iterator[CardBlock]:
    record = card.record
    yield CardBlock("title", record["name"] + mark_own_records(record["source"]), card.id)
    yield from _line_if_any("Society", record["society"] or "")
    yield from _line_if_any(
        "Reference", reference.write_full_reference(card.references[0]), record["url"]
    )
    yield from _line_if_any("Edition", "superseded by a newer one" if record["superseded"] else "")
    if record["coverage"]:
        yield from _line_if_any("Read", vocabulary.COVERAGES[record["coverage"]].meaning)
    yield from _line_if_any("Note", record["note"] or "")
    yield from _statements(card.guidelines, {})


def write_card_markdown(blocks: Iterable[CardBlock], envelope: Envelope) -> Iterator[str]:
    """Yield a card as Markdown: a heading, lists, a table where the card has one."""
    from lmtx.render.text.formats import escape_markdown, write_markdown_table

    for block in blocks:
        match block.kind:
            case "title":
                yield f"# {escape_markdown(block.text)}\n\n"
            case "heading":
                yield f"\n## {escape_markdown(block.text)}\n\n"
            case "line":
                yield (
                    f"- **{escape_markdown(block.label)}**: {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case "detail":
                yield (
                    f"  - {escape_markdown(block.label)}: {escape_markdown(block.text)}\n"
                    if block.label
                    else f"  - {escape_markdown(block.text)}\n"
                )
            case "figure":
                yield f"  - **{escape_markdown(block.text)}**\n"
            case "table":
                yield from write_markdown_table(TREATMENTS.brief, block.rows, TREATMENTS.marked)
            case "reference" | "item":
                yield (
                    f"- {escape_markdown(block.label)} {_linked(block)}\n"
                    if block.label
                    else f"- {_linked(block)}\n"
                )
            case _:
                yield f"\n{escape_markdown(block.text)}\n"
    yield f"\n_{write_closing_line(envelope)}_\n"


def _linked(block: CardBlock) -> str:
    from lmtx.render.text.formats import escape_markdown

    return (
        f"[{escape_markdown(block.text)}](<{block.link}>)"
        if block.link and block.text != block.link
        else f"<{block.link}>"
        if block.link
        else escape_markdown(block.text)
    )
