"""One page that stands on its own: everything in one HTML file, nothing fetched. The brief comes
first, then pictures, tables and cards."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lmtx.errors import format_message
from lmtx.listings import Column, Listing
from lmtx.model.levels import rank_level
from lmtx.model.notation import mark_own_records, select_footnotes, write_count
from lmtx.model.vocabulary import DESIGNS, DIRECTION_SYMBOLS, DIRECTIONS, ENDPOINTS, LEVELS
from lmtx.query.brief import NOT_KNOWN_AFTER, BriefRow
from lmtx.query.evidence import EvidenceRow
from lmtx.query.filters import FILTERS, Filters, note_left_out
from lmtx.query.show import TreatmentCard
from lmtx.render import write_closing_line
from lmtx.render.show import CardBlock, evidence_blocks, treatment_blocks
from lmtx.render.svg import map as gapmap
from lmtx.render.svg import plot, timeline
from lmtx.render.svg.map import CELL_LIST_AND_STUDIES_STYLE, write_cell_studies_html
from lmtx.render.text.captions import (
    NONE_ON_RECORD,
    UNKNOWN_COURSE_SYMBOL,
    drop_order_filters,
    list_sections_below_treatments,
    write_brief_legend,
    write_command_with_filters,
    write_map_title,
)
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.query.plot import ForestRow
    from lmtx.query.report import Report
    from lmtx.render import Envelope


class Reference(NamedTuple):
    """A numbered reference."""

    number: int
    id: str
    text: str
    url: str | None
    mark: str


def render_page(
    report: Report, envelope: Envelope, *, only_brief: bool = False, more: Sequence[str] = ()
) -> str:
    """Return the page as one HTML document, or the brief of it alone; `more` are the words of the
    command beside the filters, which the page repeats."""
    import jinja2  # late: no other answer needs it
    from markupsafe import Markup

    parts = files("lmtx.render.report")
    numbers = {study["id"]: position for position, study in enumerate(report.references, start=1)}
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(parts.joinpath("page.html.j2").read_text(encoding="utf-8"))
    tables = [] if only_brief else _tables(report, numbers)
    cards = (
        []
        if only_brief
        else [render_treatment_card(one, report.labels, numbers) for one in report.cards]
    )
    anchors = {*(table.id for table in tables), *(f"card-{card.id}" for card in cards)}
    anchors |= {"cards"} if cards else set()
    figures = [] if only_brief else draw_pictures(report, envelope)
    text: str = template.render(
        question=describe_question(report.filters, {**report.names, **report.labels}, more),
        brief=render_brief(report, anchors, envelope),
        only_brief=only_brief,
        data=envelope.data,
        program=envelope.program,
        disclaimer=envelope.disclaimer,
        caveat=write_closing_line(envelope),
        counts=_counts(report),
        figures=[
            figure._replace(broad=[*map(Markup, figure.broad)], narrow=Markup(figure.narrow))
            for figure in figures
        ],
        behind=Markup(
            "" if only_brief else write_cell_studies_html(report.map, "pictures", numbers)
        ),
        tables=tables,
        cards=cards,
        untested=list_row_blocks(
            (row for row in report.evidence if not _has_card(row, report)), report.labels, numbers
        ),
        references=_references(report),
        left_out=[
            format_message(note) for note in note_left_out(report.left_out, "row", remedies=False)
        ],
        style=Markup(
            parts.joinpath("page.css").read_text(encoding="utf-8") + CELL_LIST_AND_STUDIES_STYLE
        ),
        script=Markup(parts.joinpath("page.js").read_text(encoding="utf-8")),
    )
    return text


def _has_card(row: EvidenceRow, found: Report) -> bool:
    """Tell whether a card of the page holds a row."""
    return any(row.id == held.id for card_ in found.cards for held in card_.evidence)


def _counts(found: Report) -> dict[str, int]:
    return {
        "treatments": len(found.treatments),
        "rows": len(found.evidence),
        "studies": len({row.study for row in found.evidence}),
    }


def _tables(found: Report, numbers: Mapping[str, int]) -> list[PageTable]:
    from lmtx.listings.csf import LISTING as CSF
    from lmtx.listings.evidence import LISTING as EVIDENCE
    from lmtx.listings.evidence import write_outcome_lines
    from lmtx.listings.guidelines import LISTING as GUIDELINES
    from lmtx.listings.guidelines import note_unread_guidelines
    from lmtx.listings.list import LISTING as TREATMENTS
    from lmtx.listings.trials import LISTING as TRIALS
    from lmtx.listings.trials import write_possibly_open_trials

    cited = (make_reference_column(numbers),)
    outcomes = Column(
        "Outcomes",
        lambda row: write_outcome_lines(row, len(row.outcomes)),
        fold=True,
    )
    named = Column("Treatment", lambda row: row.name + mark_own_records(row.source))
    origin = Column(
        "From",
        lambda row: row.figure_citation or "",
        link=lambda row: f"#ref-{numbers[row.figure_study]}" if row.figure_study in numbers else "",
    )
    made = (
        render_table(
            "treatments",
            "Treatments",
            "Strongest evidence first. The name leads to the card.",
            TREATMENTS,
            found.treatments,
            instead={"Treatment": named, "From": origin},
            to_card=lambda row: row.id,
            unsorted=("Direction", "Key figure"),
        ),
        render_table(
            "evidence",
            "Evidence",
            "One treatment × population × study a row.",
            EVIDENCE,
            found.evidence,
            extra=cited,
            instead={"Outcomes": outcomes, "PMID": None},
            unsorted=("Outcomes",),
        ),
        render_table(
            "csf",
            "Drug levels in cerebrospinal fluid",
            "Of the treatments above, in whomever they were measured.",
            CSF,
            found.csf,
            extra=cited,
            unsorted=("Figure",),
        ),
        render_table(
            "guidelines",
            "Guideline statements",
            f"By tumor and treatment. {note_sentence(note_unread_guidelines(found.unread))}".rstrip(),
            GUIDELINES,
            found.guidelines,
            extra=(make_reference_column(numbers, "guideline"),),
        ),
        render_table(
            "trials",
            "Open trials",
            " ".join(
                filter(
                    None,
                    (
                        OPEN_TRIALS_NOTE,
                        note_sentence(write_possibly_open_trials(found.trials_left_out)),
                    ),
                )
            ),
            TRIALS,
            found.trials,
        ),
    )
    return [one for one in made if one.rows]


OPEN_TRIALS_NOTE = (
    "Recruiting, by a status that their registry updated in the last two years. Who may enter is "
    "not in the base: ask the registry before you refer."
)


def note_sentence(note: str) -> str:
    """Return a note as a sentence."""
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def _references(found: Report) -> list[Reference]:
    from lmtx.model.notation import mark_reading
    from lmtx.model.reference import write_full_reference

    return [
        Reference(
            number,
            study["id"],
            write_full_reference(study),
            keep_safe_link(study["url"]),
            mark_reading(study["read_in"]),
        )
        for number, study in enumerate(found.references, start=1)
    ]


PROSE_COLUMN_TERMINAL_WIDTH = 20
"""Width from which on a column of a terminal holds prose."""
DIRECTION_SYMBOLS_IN_ORDER = [DIRECTION_SYMBOLS[direction] for direction in DIRECTIONS]
"""The signs of directions, in the order in which they are sorted."""
LinkMaker = Callable[[Any], str | None]


class Cell(NamedTuple):
    """A cell: its text (lines end in "\\n"), where it leads, what it is sorted by, how it looks,
    and the level whose badge it is."""

    text: str
    link: str | None = None
    key: str = ""
    look: str = ""
    level: str = ""


class ColumnHead(NamedTuple):
    """The head of a column; `numeric` ones stand right and sort as numbers, and none that is not
    `sortable` has a button."""

    text: str
    numeric: bool
    spoken: str
    """What a screen reader says where the head shows nothing."""
    sortable: bool = True


class TableRow(NamedTuple):
    """A row; one that stands apart is set in italics."""

    cells: list[Cell]
    apart: bool


class PageTable(NamedTuple):
    """A sortable table with its heading and footnotes."""

    id: str
    title: str
    remark: str
    heads: list[ColumnHead]
    rows: list[TableRow]
    footnotes: list[tuple[str, str]]


def make_reference_column(numbers: Mapping[str, int], field: str = "study") -> Column:
    """Return the column that leads to the numbered reference of a row."""
    return Column(
        "Ref.",
        lambda row: f"[{numbers[getattr(row, field)]}]",
        right=True,
        link=lambda row: f"#ref-{numbers[getattr(row, field)]}",
    )


def render_table(
    id_: str,
    title: str,
    remark: str,
    listing: Listing[Any],
    rows: Iterable[Any],
    *,
    extra: Sequence[Column] = (),
    instead: Mapping[str, Column | None] = MappingProxyType({}),
    to_card: LinkMaker | None = None,
    unsorted: Sequence[str] = (),
) -> PageTable:
    """Return a listing as a table.

    `extra` are last columns, `instead` replaces columns by their head or leaves them out, `to_card`
    names the card that the first cell leads to; `unsorted` are heads of columns whose cells have no
    order among them, as weeks and months.
    """
    columns = [
        column
        for column in (*(instead.get(column.header, column) for column in listing.columns), *extra)
        if column
    ]
    made = [
        TableRow(
            [
                _cell(column, row, to_card if position == 0 else None)
                for position, column in enumerate(columns)
            ],
            bool(listing.stands_apart and listing.stands_apart(row)),
        )
        for row in rows
    ]
    told = [cell.text for row in made for cell in row.cells]
    written = "\n".join([*(column.header for column in columns), *told])
    feet = select_footnotes(listing.footnotes, written, [*rows])
    feet += (
        [("italics", listing.apart[:1].lower() + listing.apart[1:])]
        if any(row.apart for row in made)
        else []
    )
    heads = [
        ColumnHead(
            column.header, column.right, column.header or "Direction", column.header not in unsorted
        )
        for column in columns
    ]
    return PageTable(id_, title, remark, heads, made, feet)


def keep_safe_link(link: str | None) -> str | None:
    """Return a link that leads to a place of this page or to the web, and to nothing else."""
    return link if link and link.startswith(("#", "https://", "http://")) else None


def _cell(column: Column, row: Any, to_card: LinkMaker | None) -> Cell:
    text = column.cell(row)
    link = (
        f"#card-{to_card(row)}"
        if to_card
        else keep_safe_link(column.link(row))
        if column.link
        else None
    )
    if column.header == "Level" and (text in LEVELS or text == "–"):
        return Cell(
            text,
            link,
            str(rank_level(None if text == "–" else text)),
            level=text if text in LEVELS else "",
        )
    if text in DIRECTION_SYMBOLS_IN_ORDER:
        return Cell(text, link, str(DIRECTION_SYMBOLS_IN_ORDER.index(text)))
    digits = "".join(sign for sign in text if sign.isdecimal() or sign == ".")
    return Cell(
        text,
        link,
        digits if column.right else "",
        "figure"
        if column.right
        else "prose"
        if column.fold or (column.least or 0) >= PROSE_COLUMN_TERMINAL_WIDTH
        else "",
    )


class CardSection(NamedTuple):
    """A heading with what stands below it: pairs of a block and the blocks that belong to it."""

    title: str
    items: list[tuple[CardBlock, list[CardBlock]]]


class PageCard(NamedTuple):
    """A treatment: its facts as pairs of a label and lines, then its sections."""

    id: str
    name: str
    facts: list[tuple[str, list[CardBlock]]]
    sections: list[CardSection]


def render_treatment_card(
    card: TreatmentCard, labels: Mapping[str, str], numbers: Mapping[str, int]
) -> PageCard:
    """Return a treatment's card, its references numbered as on the page."""
    found = PageCard(card.id, card.record["name"], [], [])
    for drawn in treatment_blocks(card, dict(labels), numbers):
        block = drawn._replace(link=keep_safe_link(drawn.link))
        match block.kind:
            case "title":
                continue
            case "heading":
                found.sections.append(CardSection(block.text, []))
            case "line" if found.sections:
                found.sections[-1].items.append((block, []))
            case "line" if block.label or not found.facts:
                found.facts.append((block.label, [block]))
            case "line":
                found.facts[-1][1].append(block)
            case "item":
                found.sections[-1].items.append((block, []))
            case _:
                found.sections[-1].items[-1][1].append(block)
    return found


def list_row_blocks(
    rows: Iterable[EvidenceRow], labels: Mapping[str, str], numbers: Mapping[str, int]
) -> list[tuple[CardBlock, list[CardBlock]]]:
    """Return the groups in which nothing was tested, which no card holds: the row and what is told
    of it."""
    found = []
    for row in rows:
        head, *details = evidence_blocks(row, dict(labels), f"[{numbers[row.study]}]")
        found.append((head._replace(link=keep_safe_link(head.link)), details))
    return found


class PageQuestion(NamedTuple):
    """What was asked: a title, the filters in words, and the command that asks it again."""

    title: str
    filters: Sequence[tuple[str, str]]
    command: str


def describe_question(
    filters: Filters, labels: Mapping[str, str], more: Sequence[str] = ()
) -> PageQuestion:
    """Return what the filters ask; `labels` names tumors, biomarkers, classes and treatments,
    `more` are the words of the command beside the filters."""
    terms = {**DESIGNS, **DIRECTIONS, **ENDPOINTS}
    names = {**labels, **{word: term.label for word, term in terms.items()}}
    said = []
    for field in filters.in_use():
        values = [names.get(value, value) for value in _values(filters, field)]
        words = ", ".join(values) or FILTERS[field].phrase
        said.append((FILTERS[field].label, words))
    subjects = [
        names.get(value, value)
        for value in (
            *filters.tumors,
            *filters.biomarkers,
            *filters.classes,
            *filters.treatments,
        )
    ]
    subjects += [f"after {' or '.join(names.get(one, one) for one in filters.after)}"] * bool(
        filters.after
    )
    title = " · ".join(subjects) or "All evidence"
    command = ["lmtx report", *_options(filters), *map(shlex.quote, more)]
    return PageQuestion(title, said, " ".join(command))


def _values(filters: Filters, field: str) -> list[str]:
    """Return the values of a filter; none where it is yes or no."""
    value = getattr(filters, field)
    if value is True:
        return []
    return [str(one) for one in (value if isinstance(value, tuple) else (value,))]


def _options(filters: Filters) -> Iterator[str]:
    for field in filters.in_use():
        option = f"--{FILTERS[field].parameter.option_name}"
        values = _values(filters, field)
        yield from (f"{option} {shlex.quote(value)}" for value in values)
        if not values:
            yield option


class PagePicture(NamedTuple):
    """A picture of the page: its heading, its SVG in one part or more, the same for the screen of a
    phone, and what must be known to read it."""

    title: str
    broad: Sequence[str]
    narrow: str
    caption: str = ""


def draw_pictures(report: Report, envelope: Envelope) -> list[PagePicture]:
    """Return the pictures of a report, each with the data's version and the caveat in it."""
    return list(_figures(report, envelope))


def _figures(found: Report, envelope: Envelope) -> Iterator[PagePicture]:
    if found.map.cells:
        yield _draw_map(found, envelope)
    for endpoint, plotted in found.forests.items():
        left_out = [
            f"{number} {words}"
            for number, words in (
                (plotted.parts, "of subgroups or other parts"),
                (plotted.older, "superseded by a later report"),
                (plotted.unnumbered, "that are a p value or words alone"),
            )
            if number
        ]
        meaning = ENDPOINTS[endpoint].meaning
        named = meaning[:1].upper() + meaning[1:]
        yield PagePicture(
            named,
            _draw_forest(plotted.rows, envelope),
            plot.draw_narrow(plotted.rows, envelope),
            f"Left out: {'; '.join(left_out)}. The cards have them." if left_out else "",
        )
    if any(row.year is not None for row in found.timeline):
        yield PagePicture(
            timeline.TITLE,
            [timeline.draw(found.timeline, envelope)],
            timeline.draw(found.timeline, envelope, narrow=True),
        )


def _draw_forest(rows: Sequence[ForestRow], envelope: Envelope) -> list[str]:
    """Return a forest plot in parts that paper holds."""
    parts = plot.arrange_rows_on_sheets(rows, envelope)
    return [
        plot.draw(part, envelope, whole=rows, part=number, parts=len(parts))
        for number, part in enumerate(parts, start=1)
    ]


def _draw_map(found: Report, envelope: Envelope) -> PagePicture:
    """Return the map without its empty columns, which the caption names, in parts that stay legible
    on paper; each cell opens its studies."""
    made = found.map.drop_empty_columns()
    kept = {node.id for node in made.columns}
    empty = [node.label for node in found.map.columns if node.id not in kept]
    parts = gapmap.split_map_into_sheets(made)
    return PagePicture(
        write_map_title(made),
        [
            gapmap.draw(part, envelope, linked=True, part=place, parts=len(parts))
            for place, part in enumerate(parts, start=1)
        ],
        gapmap.write_filled_cells_html(made, "studies"),
        "A cell opens its studies."
        + (f" {NONE_ON_RECORD.capitalize()}: {', '.join(empty)}." if empty else ""),
    )


class PageBriefSection(NamedTuple):
    """A section of the brief: its items, whole, how many more there are, and where they stand: a
    an anchor on this page, or a command."""

    head: str
    text: str
    more: int
    anchor: str
    command: str


class PageBrief(NamedTuple):
    """The answer in a few lines: treatments as a table, one line a section, and the marks."""

    rows: list[TableRow]
    more: int
    command: str
    lines: list[PageBriefSection]
    legend: str


LONGEST_BRIEF_SECTION = 420
"""Signs that the items of a section of the brief may take, the first item apart."""
BRIEF_SECTION_ANCHORS = {
    "dose": "evidence",
    "harm": "cards",
    "advice": "guidelines",
    "trials": "trials",
}
"""The section of the page that has all of a line of the brief."""


def render_brief(report: Report, anchors: Collection[str], envelope: Envelope) -> PageBrief:
    """Return the brief as it heads the page; `anchors` are the ids of sections and cards that the
    page has."""
    tested = [row for row in report.brief if row.section == "tested" and row.id]
    lines = []
    for section in list_sections_below_treatments(report.brief, envelope):
        kept = min(1, len(section.items))
        while kept < len(section.items) and (
            section.is_short or len("; ".join(section.items[: kept + 1])) <= LONGEST_BRIEF_SECTION
        ):
            kept += 1
        anchor = BRIEF_SECTION_ANCHORS.get(section.id, "")
        lines.append(
            PageBriefSection(
                section.head,
                "; ".join(section.items[:kept]),
                len(section.items) - kept,
                anchor if anchor in anchors else "",
                section.see,
            )
        )
    rows = [TableRow(_brief_cells(row, report.names, anchors), False) for row in tested]
    written = "\n".join(cell.text for row in rows for cell in row.cells)
    said = "\n".join(line.text for line in lines)
    return PageBrief(
        rows,
        tested[-1].more if tested else 0,
        write_command_with_filters("list", drop_order_filters(envelope)),
        lines,
        write_brief_legend(written, said, report.brief, len(tested)),
    )


def _brief_cells(row: BriefRow, names: Mapping[str, str], anchors: Collection[str]) -> list[Cell]:
    id_ = row.id or ""
    card = f"card-{id_}"
    name = names.get(id_, id_) + (
        f" {UNKNOWN_COURSE_SYMBOL}" if row.course == NOT_KNOWN_AFTER else ""
    )
    return [
        Cell(name, f"#{card}" if card in anchors else None),
        Cell(row.level or "–", level=row.level or ""),
        Cell(write_count(row.patients), look="figure"),
        Cell(row.answer or "–"),
        Cell(row.figure or "–"),
    ]
