"""A comparison for a terminal: treatments as columns, what is compared as rows. Figures and ids are
never cut or folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.table import Table

from lmtx.model import drug_levels, figures
from lmtx.model.notation import (
    COMPUTED_INTERVAL_MARK,
    DIRECTION_FOOTNOTE,
    OWN_RECORDS_MARK,
    PART_MARK,
    POOLED_MARK,
    SUPERSEDED_MARK,
    SYNTHESIS_MARK,
    UNVERIFIED_MARK,
    WITH_OTHERS_MARK,
    direction_symbol,
    mark_figure_if_row_unmarked,
    mark_own_records,
    mark_reading,
    select_footnotes,
    shorten_figure,
    write_count,
    write_direction_tally,
    write_harm_with_flags,
    write_marked_harm_count,
)
from lmtx.model.vocabulary import DIRECTION_SYMBOLS, ENDPOINTS, SECONDARY_RESEARCH
from lmtx.query.compare import ComparedRow, JsonDict
from lmtx.render import write_closing_line
from lmtx.render.show import write_drug_level
from lmtx.render.terminal.table import (
    COLUMN_GAP,
    LEVEL_STYLES,
    cut_line,
    make_empty_table,
    make_literal_text,
    render_to_text,
)
from lmtx.render.text.cells import spell_for_screen

if TYPE_CHECKING:
    from rich.text import Text

    from lmtx.render import Envelope, Rendered, Screen

GLUED_BLANK = "\x1f"
"""Stands for a blank at which a cell may not fold."""
NARROWEST_COLUMN, WIDEST_COLUMN = 20, 48
"""Columns that a treatment takes at least, and at most."""
LONGEST_COMPARED_SENTENCE = 100
"""Letters of a sentence about safety; the card has all of it."""
MOST_TRIALS = 4
"""Open trials that are named; of more, one fewer, and how many there are beside."""
MOST_STATEMENTS = 2
"""Guideline statements that are written out, the newest first."""
NO_VALUE = "–"
COMPARED_ATTRIBUTES_NOTE = (
    "Head to head: comparisons with another treatment here; sign, n and figures are of the one "
    "named first. "
    "Each figure is of the study that randomised between them, else of the strongest group that "
    "gives one, with its level; intervals are 95% CI where not said otherwise. "
    "Conflicts: its comparisons answer one question differently. Disagree: its own studies point "
    "both ways. "
    "Differ: another treatment here points the other way. "
    "Same study: its rows where another treatment here has one of its own, with what both report."
)
SIDE_BY_SIDE_NOTE = (
    "Different studies and patients set side by side: beyond head to head nothing here tests one "
    "treatment against another."
)


_GRADED = re.compile(r"(?<=grade )\d\+")
"""A grade whose plus is no mark."""


class StudyNumbering:
    """Numbers the studies in the order in which the cells name them."""

    def __init__(self) -> None:
        self.links: dict[str, str | None] = {}

    def __call__(self, study: str, url: str | None = None) -> str:
        """Return the number of a study in brackets."""
        self.links[study] = self.links.get(study) or url
        return f"[{list(self.links).index(study) + 1}]"


CellWriter = Callable[[ComparedRow, StudyNumbering], str]


def _glued(said: str) -> str:
    return said.replace(" ", GLUED_BLANK)


def _collect_signs(found: JsonDict) -> str:
    carried = (
        (WITH_OTHERS_MARK, found.get("with")), (PART_MARK, found.get("scope", "whole") != "whole"), (UNVERIFIED_MARK, mark_reading(found["read_in"])), (POOLED_MARK, found.get("mixed_with")),
        (SYNTHESIS_MARK, found.get("design") in SECONDARY_RESEARCH), (OWN_RECORDS_MARK, mark_own_records(found["source"])),
    )  # fmt: skip
    return "".join(sign for (sign, _), is_so in carried if is_so)


def _origin(found: JsonDict, refer: StudyNumbering) -> str:
    """Say how strong a row is and where it is told: "IV, n=41 [3]"."""
    size = f"n={found['n']}" if found["n"] is not None else None
    strength = ", ".join(filter(None, (found.get("level"), size)))
    return _glued(f"{strength} {refer(found['study'], found['url'])}".strip())


def _amount(found: JsonDict, label: str = "") -> str:
    """Write a figure so that it may fold between its name, its value and its interval; one computed
    here is marked."""
    name = ENDPOINTS[found["endpoint"]].label
    ends, within = found.get("ci_computed"), figures.write_interval(found)
    share = (
        "%" if found["unit"] == "patients" else ""
    )  # the ends are shares, whatever the figure is
    said = (
        f"({figures.write_number(ends[0])}–{figures.write_number(ends[1])}{share})"
        if ends
        else shorten_figure(f"({within})")
        if within
        else ""
    )
    parts = [
        name if name != label else "",
        _glued(shorten_figure(figures.write_value_with_unit(found))),
        _glued(f"at {found['at']}") if found["at"] else "",
        _glued(said) + (COMPUTED_INTERVAL_MARK[0] if ends else ""),
    ]
    return " ".join(part for part in parts if part)


def _figure(key: str, label: str) -> CellWriter:
    def cell(row: ComparedRow, refer: StudyNumbering) -> str:
        found = getattr(row, key)
        if not found:
            return NO_VALUE
        return _amount(found, label) + _collect_signs(found) + "\n" + _origin(found, refer)

    return cell


def _csf(row: ComparedRow, refer: StudyNumbering) -> str:
    if not row.csf:
        return NO_VALUE
    said = (
        write_drug_level(row.csf)
        .replace(": ", " ")
        .replace(f" {row.csf['unit']}", GLUED_BLANK + row.csf["unit"])
    )
    return f"{said}\n{_origin(row.csf, refer)}"


def _harms(row: ComparedRow, refer: StudyNumbering) -> str:
    lines = [
        f"{write_harm_with_flags(one)}{', grade ' + one['grade'] if one['grade'] else ''}: "
        f"{write_marked_harm_count(one)} "
        f"{refer(one['study'], one['url'])}"
        for one in row.harms
    ]
    return "\n".join(lines) or "–"


def _safety(row: ComparedRow, refer: StudyNumbering) -> str:
    if not row.safety:
        return NO_VALUE
    return (
        f"{cut_line(row.safety['text'], LONGEST_COMPARED_SENTENCE, '…')}{_collect_signs(row.safety)} "
        f"{refer(row.safety['study'], row.safety['url'])}"
    )


def _guidelines(row: ComparedRow, refer: StudyNumbering) -> str:
    """Say what the newest guidelines hold of a treatment, and who said more."""
    shown, more = row.guidelines[:MOST_STATEMENTS], row.guidelines[MOST_STATEMENTS:]
    names = dict.fromkeys(said["name"] for said in more)
    return (
        "\n".join(
            [
                *map(_statement, shown),
                *([f"… {len(more)} more: {', '.join(names)}"] if more else []),
            ]
        )
        or NO_VALUE
    )


def _statement(said: JsonDict) -> str:
    graded = ", ".join(f"{name} {said[name]}" for name in ("level", "grade") if said[name])
    old = " (superseded)" if said["superseded"] else ""
    return (
        f"{said['name']}{mark_reading(said['read_in'])}{old}{f', {graded}' if graded else ''}: "
        f"{cut_line(said['statement'], LONGEST_COMPARED_SENTENCE, '…')}"
    )


def _trials(row: ComparedRow, refer: StudyNumbering) -> str:
    named = row.trials if len(row.trials) <= MOST_TRIALS else row.trials[: MOST_TRIALS - 1]
    more = len(row.trials) - len(named)
    return "\n".join([*map(_glued, named), *([f"… {more} more"] if more else [])]) or NO_VALUE


def _sides(found: JsonDict, refer: StudyNumbering) -> str:
    """Say who points which way: "breast ▲2 [1] [4] ▼1 [7]"."""
    ways = [
        (DIRECTION_SYMBOLS[way], found[way.replace("-", "_")])
        for way in ("benefit", "no-benefit", "worse")
    ]
    return " ".join(
        [
            found["tumor"],
            *(
                _glued(f"{sign}{len(studies)}") + "".join(f" {refer(study)}" for study in studies)
                for sign, studies in ways
                if studies
            ),
        ]
    )


def _conflicts(row: ComparedRow, refer: StudyNumbering) -> str:
    """Say which comparisons of it answer the same question differently."""
    found = [
        f"{one['tumor']}: {', '.join(one['differ'])} "
        + " ".join(refer(study) for study in one["studies"])
        for one in row.conflicts
    ]
    return "\n".join(found) or ("none" if row.studies > 1 else NO_VALUE)


def _disagree(row: ComparedRow, refer: StudyNumbering) -> str:
    if row.disagree:
        return "\n".join(_sides(found, refer) for found in row.disagree)
    if row.benefit and (row.no_benefit or row.worse):
        return "not within one tumor"
    return "none" if row.studies > 1 else NO_VALUE


def _differs(row: ComparedRow, refer: StudyNumbering) -> str:
    return "\n".join(_sides(found, refer) for found in row.differs) or NO_VALUE


def _head_to_head(row: ComparedRow, refer: StudyNumbering) -> str:
    """Say what comparisons with the others found, one a paragraph: "▲ methotrexate v thiotepa,
    randomised, n=28 v 31 [2]: OS HR 0.8"."""
    return "\n".join(_write_comparison(found, refer) for found in row.head_to_head) or NO_VALUE


def _write_comparison(found: JsonDict, refer: StudyNumbering) -> str:
    """Say what a comparison found of the side that it tests, in the same words for both sides; the
    figures stand once."""
    sizes = [found["of_n"], found["against_n"]]
    tests, against = (  # as words, which a cell can fold
        " + ".join(found[side]).replace("-", " ") for side in ("tests", "against_tests")
    )
    told = [
        f"{direction_symbol(found['direction'])} {tests} v {against}",
        *(["randomised"] if found["randomized"] else []),
        *(
            [f"n={' v '.join(map(write_count, sizes))}"]
            if any(n is not None for n in sizes)
            else []
        ),
    ]
    effects = "; ".join(
        shorten_figure(figures.write_effect(one))
        + mark_figure_if_row_unmarked(one, found["read_in"])
        for one in found["effects"]
    )
    if found["side"] == "against":
        effects = f"figures under {' + '.join(found['rivals'])}"
    older = "" if found["speaks"] else SUPERSEDED_MARK[0]
    return (
        f"{', '.join(told)}{older}{mark_reading(found['read_in'])} "
        f"{refer(found['study'], found['url'])}: {effects}"
    )


COMPARED_ATTRIBUTES: tuple[tuple[str, CellWriter], ...] = (
    ("Class", lambda row, refer: row.drug_class),
    ("Head to head", _head_to_head),
    ("Level", lambda row, refer: row.level or NO_VALUE),
    ("Studies", lambda row, refer: write_count(row.studies)),
    ("Patients", lambda row, refer: write_count(row.patients)),
    ("Direction", lambda row, refer: write_direction_tally(row) or NO_VALUE),
    ("Response", _figure("response", "")),
    ("PFS", _figure("pfs", "PFS")),
    ("OS", _figure("os", "OS")),
    ("CSF level", _csf),
    ("Routes", lambda row, refer: ", ".join(row.routes) or NO_VALUE),
    ("Toxicity", _figure("toxicity", "")),
    ("Worst harms", _harms),
    ("Safety", _safety),
    ("Guidelines", _guidelines),
    ("Open trials", _trials),
    ("Conflicts", _conflicts),
    ("Disagree", _disagree),
    ("Differ", _differs),
)
"""What is compared, in the order of the rows."""
LABEL_WIDTH = max(len(name) for name, _ in COMPARED_ATTRIBUTES)


def draw(rows: list[ComparedRow], envelope: Envelope, screen: Screen) -> Rendered:
    """Draw treatments side by side, in as many bands as the screen needs, with the studies numbered
    below."""
    from lmtx.render import Rendered

    refer = StudyNumbering()
    cells = [
        [spell_for_screen(cell(row, refer), screen.ascii) for row in rows]
        for _, cell in COMPARED_ATTRIBUTES
    ]
    heads = [
        spell_for_screen(row.name + mark_own_records(row.source), screen.ascii) for row in rows
    ]
    parts: list[Any] = []
    for band in divide_bands(
        len(rows), _least([*heads, *(cell for line in cells for cell in line)]), screen.width
    ):
        parts += [make_literal_text("", screen)] if parts else []
        parts.append(
            _table([heads[i] for i in band], [[line[i] for i in band] for line in cells], screen)
        )
    said = "\n".join([*heads, *(cell for line in cells for cell in line)])
    signs = (
        *(
            DIRECTION_FOOTNOTE,
            COMPUTED_INTERVAL_MARK,
            WITH_OTHERS_MARK,
            PART_MARK,
            UNVERIFIED_MARK,
            POOLED_MARK,
            SYNTHESIS_MARK,
            SUPERSEDED_MARK,
            OWN_RECORDS_MARK,
        ),
        *(drug_levels.MODELLED_MARK, drug_levels.ROUNDED_MARK),
    )
    feet = [
        " ".join(mark)
        for mark in select_footnotes(
            signs, _GRADED.sub("", said), None, lambda sign: spell_for_screen(sign, screen.ascii)
        )
    ]
    notes = [
        make_literal_text(line, screen, "dim")
        for line in (
            COMPARED_ATTRIBUTES_NOTE,
            *feet,
            SIDE_BY_SIDE_NOTE,
            write_closing_line(envelope),
        )
    ]
    return Rendered(
        iter([render_to_text([*parts, *_references(refer, screen), *notes], screen)]), []
    )


def _least(cells: Sequence[str]) -> int:
    """Return the columns that the longest piece takes that may not be folded."""
    return max(
        NARROWEST_COLUMN,
        *(_length(piece) for cell in cells for piece in cell.replace("\n", " ").split(" ")),
    )


def _length(said: str) -> int:
    """Return the columns that text takes, glue being blanks."""
    return cell_len(said.replace(GLUED_BLANK, " "))


def divide_bands(treatments: int, least_width: int, width: int) -> list[range]:
    """Divide treatments into bands of about equal size that fit a screen."""
    most = max(1, (width - LABEL_WIDTH) // (least_width + COLUMN_GAP))
    size = -(-treatments // -(-treatments // most))
    return [range(start, min(treatments, start + size)) for start in range(0, treatments, size)]


def _table(heads: list[str], lines: list[list[str]], screen: Screen) -> Table:
    least = _least([*heads, *(cell for line in lines for cell in line)])
    width = min(WIDEST_COLUMN, max(least, (screen.width - LABEL_WIDTH) // len(heads) - COLUMN_GAP))
    table = make_empty_table(screen)
    table.add_column("", no_wrap=True, min_width=LABEL_WIDTH, max_width=LABEL_WIDTH)
    for head in heads:
        table.add_column(
            make_literal_text(fold_glued(head, width), screen),
            no_wrap=True,
            min_width=width,
            max_width=width,
        )
    for (name, _), line in zip(COMPARED_ATTRIBUTES, lines, strict=True):
        table.add_row(
            make_literal_text(name, screen, "dim"),
            *(
                make_literal_text(
                    fold_glued(cell, width),
                    screen,
                    LEVEL_STYLES.get(cell, "") if name == "Level" else "",
                )
                for cell in line
            ),
        )
    return table


def fold_glued(text: str, width: int) -> str:
    """Fold text at blanks, but not where they are glued; a longer piece keeps its length."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in paragraph.split(" "):
            if line and _length(line) + 1 + _length(piece) > width:
                lines.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
        lines.append(line)
    return "\n".join(lines).replace(GLUED_BLANK, " ")


def _references(refer: StudyNumbering, screen: Screen) -> list[Text]:
    """Return the numbered studies, as many on a line as fit."""
    lines: list[Text] = [make_literal_text("", screen)]
    for number, (study, url) in enumerate(refer.links.items(), start=1):
        entry = make_literal_text(f"[{number}] ", screen).append_text(
            make_literal_text(study, screen, "", url)
        )
        if lines[-1].cell_len and lines[-1].cell_len + COLUMN_GAP + entry.cell_len > screen.width:
            lines.append(entry)
        else:
            lines[-1] = (
                lines[-1].append(" " * COLUMN_GAP if lines[-1].cell_len else "").append_text(entry)
            )
    return [make_literal_text("", screen), *lines] if refer.links else []
