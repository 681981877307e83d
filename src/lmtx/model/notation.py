"""The marks that a figure or a record carries wherever it is shown, with what each means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lmtx.model.figures import write_number
from lmtx.model.reference import BUNDLED_SOURCE
from lmtx.model.vocabulary import (
    ADVERSE_EVENTS,
    DIRECTION_SYMBOLS,
    DIRECTIONS,
    SECONDARY_RESEARCH,
    UNVERIFIED,
)

UNVERIFIED_MARK = ("†", "not read at its source: second hand, or recalled and read nowhere")
POOLED_MARK = (
    "‡",
    "pooled with patients without LM of a solid tumor (not an LM rate), or with another primary",
)
PART_MARK = (
    "*",
    "of a subgroup, or of a special kind: see its card, or the JSON",
)
WITH_OTHERS_MARK = (
    "+",
    "tested together with other treatments, or beside what was given alongside",
)
SUPERSEDED_MARK = ("°", "superseded by a later report of the same patients, and not counted")
COMPUTED_INTERVAL_MARK = (
    "^",
    "exact (Clopper–Pearson) 95% interval, computed here from the counts; the paper prints none",
)
SYNTHESIS_MARK = ("Σ", "review or meta-analysis: tells published patients again")
WITHDRAWN_SUFFIX = " [withdrawn]"
"""Stands behind what was withdrawn: it is counted nowhere, and its figures stand for nothing."""
SHORT_ROUTES = {"intrathecal": "IT", "intravenous": "IV"}
"""Routes as a table writes them; the others are written as they are."""
DIRECTION_SYMBOL_WORDS = {"▲": "benefit", "=": "none", "▼": "worse", "±": "mixed", "?": "unclear"}
"""What the sign of a direction says; ASCII has the word in place of ▲, ▼ and ±."""
DIRECTION_FOOTNOTE = ("Directions:", "the signs that stand there, see `explain_directions_in_text`")
KEY_FIGURE_FOOTNOTE = (
    "Key figure:",
    "of the strongest group with one read at its source, of n patients where that is not all, "
    "maybe of a weaker level; in brackets its 95% CI",
)
"""Explains a column by its head."""
RCT_FOOTNOTE = ("RCT", "what a randomised comparison says, first and in words")
OWN_RECORDS_MARK = ("◆", "own records laid over the base, or a row that counts some: field source")


def mark_own_records(source: str | list[str] | None) -> str:
    """Return the sign of what comes from own records, or of a row that counts some."""
    names = source if isinstance(source, list) else [source or BUNDLED_SOURCE]
    return OWN_RECORDS_MARK[0] if any(name != BUNDLED_SOURCE for name in names) else ""


def mark_reading(read_in: str | None) -> str:
    """Return the dagger of a figure that was not read at its source."""
    return UNVERIFIED_MARK[0] if read_in in UNVERIFIED else ""


def mark_figure_if_row_unmarked(outcome: Mapping[str, Any], read_in: str) -> str:
    """Return the dagger of a figure that was not read at its source, in a row that was."""
    return "" if mark_reading(read_in) else mark_reading(outcome["read_in"])


def write_count(value: Any) -> str:
    """Return a number of studies or patients; a dash where it is not known."""
    return "–" if value is None else write_number(value)


def write_direction_tally(row: Any) -> str:
    """Return the direction tally: "▲3 =1 ▼1 ±2 ?1"."""
    parts = ((direction, getattr(row, direction.replace("-", "_"))) for direction in DIRECTIONS)
    return " ".join(f"{DIRECTION_SYMBOLS[direction]}{n}" for direction, n in parts if n)


def direction_symbol(direction: str | None) -> str:
    """Return the sign of a direction; nothing where nothing was tested."""
    return DIRECTION_SYMBOLS[direction] if direction else ""


def write_brief_comparison_answer(answer: Mapping[str, Any]) -> str:
    """Return what a comparison says of a treatment in a few words: "± added", "▲ v involved field
    radiotherapy"."""
    what = {"add": "added", "versus-none": "v none"}.get(answer["question"])
    if what is None:
        others = " + ".join(answer["versus"]).replace("-", " ")  # as words, which a cell can fold
        what = f"v {others or answer['versus_words'] or 'another treatment'}"
    return f"{direction_symbol(answer['direction'])} {what}{mark_reading(answer['read_in'])}"


def write_comparison_answer(answer: Mapping[str, Any]) -> str:
    """Return what a comparison says of a treatment: "▲ v involved-field-radiotherapy, randomised
    (yang-2025-pcsi)"."""
    others = " + ".join(answer["versus"]) or answer["versus_words"] or "another treatment"
    against = {
        "add": "added",
        "versus-none": "v none",
        "instead": f"v {others}",
    }[answer["question"]]
    parts = [f"{direction_symbol(answer['direction'])} {against}".strip()]
    if answer["with"]:
        several = "one of several with" if answer["tests_are"] == "some" else "together with"
        parts.append(f"{several} {' + '.join(answer['with'])}")
    parts += ["randomised"] if answer["randomized"] else []
    control = {"historical": "historical control", "between-studies": "between studies"}
    parts += [control[answer["control"]]] if answer["control"] else []
    return f"{', '.join(parts)} ({answer['study']}{mark_reading(answer['read_in'])})"


def write_harm_with_flags(harm: Mapping[str, Any]) -> str:
    """Return an adverse event with what makes it weigh more: "encephalopathy (dose limiting)"."""
    words = ADVERSE_EVENTS[harm["event"]].label
    if harm["event"] == "other" and harm["note"]:
        words = harm["note"]
    elif harm["event"] == "any" and harm["grade"] == "5":
        words = "treatment-related death"
    flags = [flag.replace("_", " ") for flag in ("serious", "dose_limiting") if harm[flag]]
    return words + (f" ({', '.join(flags)})" if flags else "")


def write_marked_harm_count(harm: Mapping[str, Any]) -> str:
    """Return of how many a harm is told, with its marks: "5 of 36 (14%)+"; "told" where no number
    is."""
    n, total, share = harm["n"], harm["total"], harm["share"]
    unit = " cycles" if harm["of_cycles"] else ""
    behind = f" of {total}{unit}" if total is not None else ""
    parts = [f"{n}{behind or unit}"] if n is not None else []
    if share is not None:
        parts.append(f"({write_number(share)}%)" if parts else f"{write_number(share)}%{behind}")
    return (" ".join(parts) or "told") + mark_harm(harm)


def mark_harm(harm: Mapping[str, Any]) -> str:
    """Return the signs that a harm carries: told together, not read at its source, pooled, of a
    review, superseded."""
    carried = (
        (WITH_OTHERS_MARK, harm.get("with_others")),
        (UNVERIFIED_MARK, mark_reading(harm["read_in"])),
        (POOLED_MARK, harm.get("mixed_with")),
        (SYNTHESIS_MARK, harm.get("design") in SECONDARY_RESEARCH),
        (SUPERSEDED_MARK, harm.get("superseded_by")),
    )
    return "".join(sign for (sign, _), is_so in carried if is_so)


def mark_evidence_row(row: Any) -> str:
    """Return the signs that a row of evidence carries, as they stand behind its id."""
    return "".join(list_evidence_symbols(row))


def list_evidence_symbols(row: Any) -> list[str]:
    """Return the signs that a row of evidence carries: not read at its source, pooled, of a review,
    superseded, own, withdrawn."""
    carried = (
        (UNVERIFIED_MARK[0], mark_reading(row.read_in)),
        (POOLED_MARK[0], row.mixed_with),
        (SYNTHESIS_MARK[0], row.design in SECONDARY_RESEARCH),
        (SUPERSEDED_MARK[0], row.superseded_by),
        (OWN_RECORDS_MARK[0], mark_own_records(row.source)),
        (WITHDRAWN_SUFFIX, row.withdrawn),
    )
    return [sign for sign, is_so in carried if is_so]


MARK_MEANINGS = dict(
    (
        UNVERIFIED_MARK,
        POOLED_MARK,
        PART_MARK,
        WITH_OTHERS_MARK,
        SUPERSEDED_MARK,
        SYNTHESIS_MARK,
        OWN_RECORDS_MARK,
    )
)
"""What each mark says, as a footnote does."""


def explain_mark(mark: str) -> str:
    """Return what a mark says, as a footnote does."""
    return MARK_MEANINGS.get(mark, mark)


def list_row_symbols(row: Any) -> list[str]:
    """Return the marks that a row of any listing carries, each a sign or a word, for forms that
    have a column of them.

    A row with a key figure has those of the figure; of any other, the fields that it has tell.
    """
    if hasattr(row, "figure_scope"):
        found = [*mark_key_figure(row)] if row.figure else [*mark_own_records(row.source)]
        return list(dict.fromkeys(found))
    scopes = [getattr(row, "scope", None)]
    scopes += [figure.get("scope") for figure in getattr(row, "outcomes", None) or ()]
    found = [
        WITH_OTHERS_MARK[0] if getattr(row, "with_others", None) else "",
        PART_MARK[0] if any(scope not in (None, "whole") for scope in scopes) else "",
        mark_reading(getattr(row, "read_in", None)),
        POOLED_MARK[0] if getattr(row, "mixed_with", None) else "",
        SYNTHESIS_MARK[0] if getattr(row, "design", None) in SECONDARY_RESEARCH else "",
        SUPERSEDED_MARK[0]
        if getattr(row, "superseded_by", None) or getattr(row, "superseded", None)
        else "",
        mark_own_records(getattr(row, "source", None)),
        WITHDRAWN_SUFFIX.strip() if getattr(row, "withdrawn", None) else "",
    ]
    return [one for one in found if one]


_DIRECTIONS_WRITTEN = r"(?m)(?<!\S)[▲=▼±?](?=\d|\s+[^\d\s]|\s*$)"
"""A sign of a direction: before a number of studies, before words, or alone; not one of a sum."""


def explain_directions_in_text(written: str) -> str:
    """Return the signs of directions that stand in a text with what they say: "▲ benefit, ?
    unclear"."""
    standing = set(re.findall(_DIRECTIONS_WRITTEN, written))
    return ", ".join(
        f"{sign} {word}" for sign, word in DIRECTION_SYMBOL_WORDS.items() if sign in standing
    )


def select_footnotes(
    footnotes: Iterable[tuple[str, str]],
    written: str,
    rows: Sequence[Any] | None,
    spell: Callable[[str], str] = str,
) -> list[tuple[str, str]]:
    """Return the marks that stand in an answer with their meaning; `spell` writes a sign as the
    answer has it, and `written` is all that stands there, heads and cells apart by line ends.

    A "+" may stand in words too, as in "grade 3+": with `rows` it is a mark where one carries it.
    """
    found = []
    for sign, meaning in footnotes:
        if sign == DIRECTION_FOOTNOTE[0]:
            standing = explain_directions_in_text(written)
            found += [(sign, standing)] if standing else []
        elif spell(sign).rstrip(":") not in written:
            continue
        elif (
            sign != WITH_OTHERS_MARK[0]
            or rows is None
            or any(sign in list_row_symbols(row) for row in rows)
        ):
            found.append((sign, meaning))
    return found


def get_row_url(row: Any) -> str | None:
    """Return the canonical address of a row's study."""
    found: str | None = row.url
    return found


def shorten_figure(figure: str) -> str:
    """Return a figure without what a footnote says: "OS 11.3 mo (7.5–18.3)"."""
    short = figure.replace("95% CI ", "")
    for unit, sign in (("month", "mo"), ("week", "wk")):
        short = short.replace(f" {unit}s", f" {sign}").replace(f" {unit}", f" {sign}")
    return short


def mark_key_figure(row: Any) -> str:
    """Return the signs that a key figure carries: given with others, of a part, not read at its
    source, pooled, of a review, own."""
    part = PART_MARK[0] if row.figure_scope not in (None, "whole") else ""
    again = SYNTHESIS_MARK[0] if row.figure_design in SECONDARY_RESEARCH else ""
    others = row.figure_with or row.figure_alongside
    mixed = POOLED_MARK[0] if row.figure_mixed_with else ""
    own = mark_own_records(row.figure_source)
    beside = WITH_OTHERS_MARK[0] if others else ""
    return f"{beside}{part}{mark_reading(row.read_in)}{mixed}{again}{own}"


LONGEST_KEY_FIGURE_TIME_POINT = 16
"""Letters of a time point that a cell has room for."""
FEW_PATIENTS = 10
"""Patients below which a figure says how few they are."""
MOST_RANDOMISED_ANSWERS = 2
"""Randomised answers that a table tells; the card and the machine formats have all."""


def write_marked_key_figure(row: Any) -> str:
    """Return the key figure of a treatment with its marks, and its patients where they are few or
    not all that the row counts; a dash where there is none."""
    if not row.figure:
        return "–"
    short, at, time = shorten_figure(row.figure).partition(" at ")
    is_told_beside = row.figure_n == row.patients and (row.figure_n or 0) >= FEW_PATIENTS
    size = "" if row.figure_n is None or is_told_beside else f" n={row.figure_n}"
    when = time if len(time) <= LONGEST_KEY_FIGURE_TIME_POINT else "…"
    return f"{short}{at}{when}{size}{mark_key_figure(row)}"


def write_randomised_answers_and_tally(row: Any) -> str:
    """Return what randomised comparisons say, in words, and then how many studies point which
    way."""
    answers = [answer for answer in row.answers if answer["randomized"]]
    lines = [
        f"RCT: {write_brief_comparison_answer(answer)}"
        for answer in answers[:MOST_RANDOMISED_ANSWERS]
    ]
    more = len(answers) - len(lines)
    lines += [f"… {more} more" if more > 0 else ""]
    return "\n".join(line for line in (*lines, write_direction_tally(row)) if line)
