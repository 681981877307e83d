"""One page that stands on its own: everything in one HTML file, nothing fetched. The brief comes
first, then pictures, tables and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from lmtx.errors import word_message
from lmtx.listings import Column
from lmtx.model.notation import mark_own
from lmtx.query.filters import note_left_out
from lmtx.render import closing_line
from lmtx.render.page.sections import (
    Table,
    draw_pictures,
    list_untested,
    put_question,
    render_brief,
    render_card,
    render_table,
    safe_link,
    with_references,
)
from lmtx.render.svg.map import CELL_STYLE, list_behind
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from lmtx.query.evidence import EvidenceRow
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
    found: Report, envelope: Envelope, *, only_brief: bool = False, more: Sequence[str] = ()
) -> str:
    """Return the page as one HTML document, or the brief of it alone; `more` are the words of the
    command beside the filters, which the page repeats."""
    import jinja2  # late: no other answer needs it
    from markupsafe import Markup

    parts = files("lmtx.render.page")
    numbers = {study["id"]: position for position, study in enumerate(found.references, start=1)}
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(parts.joinpath("page.html.j2").read_text(encoding="utf-8"))
    tables = [] if only_brief else _tables(found, numbers)
    cards = [] if only_brief else [render_card(one, found.labels, numbers) for one in found.cards]
    anchors = {*(table.id for table in tables), *(f"card-{card.id}" for card in cards)}
    anchors |= {"cards"} if cards else set()
    figures = [] if only_brief else draw_pictures(found, envelope)
    text: str = template.render(
        question=put_question(found.filters, {**found.names, **found.labels}, more),
        brief=render_brief(found, anchors, envelope),
        only_brief=only_brief,
        data=envelope.data,
        program=envelope.program,
        disclaimer=envelope.disclaimer,
        caveat=closing_line(envelope),
        counts=_counts(found),
        figures=[
            figure._replace(broad=[*map(Markup, figure.broad)], narrow=Markup(figure.narrow))
            for figure in figures
        ],
        behind=Markup("" if only_brief else list_behind(found.map, "pictures", numbers)),
        tables=tables,
        cards=cards,
        untested=list_untested(
            (row for row in found.evidence if not _has_card(row, found)), found.labels, numbers
        ),
        references=_references(found),
        left_out=[
            word_message(note) for note in note_left_out(found.left_out, "row", remedies=False)
        ],
        style=Markup(parts.joinpath("page.css").read_text(encoding="utf-8") + CELL_STYLE),
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


def _tables(found: Report, numbers: Mapping[str, int]) -> list[Table]:
    from lmtx.listings.csf import LISTING as CSF
    from lmtx.listings.evidence import LISTING as EVIDENCE
    from lmtx.listings.evidence import write_figure
    from lmtx.listings.guidelines import LISTING as GUIDELINES
    from lmtx.listings.guidelines import note_unread
    from lmtx.listings.list import LISTING as TREATMENTS
    from lmtx.listings.trials import LISTING as TRIALS
    from lmtx.listings.trials import say_not_open

    cited = (with_references(numbers),)
    outcomes = Column(
        "Outcomes",
        lambda row: "\n".join(write_figure(outcome) for outcome in row.outcomes) or "–",
        fold=True,
    )
    labels = {study["id"]: study["label"] for study in found.references}
    named = Column("Treatment", lambda row: row.name + mark_own(row.source))
    origin = Column(
        "From",
        lambda row: labels.get(row.figure_study, row.figure_study or ""),
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
            f"By tumor and treatment. {note_sentence(note_unread(found.unread))}".rstrip(),
            GUIDELINES,
            found.guidelines,
            extra=(with_references(numbers, "guideline"),),
        ),
        render_table(
            "trials",
            "Open trials",
            " ".join(
                filter(None, (OPEN_TRIALS, note_sentence(say_not_open(found.trials_left_out))))
            ),
            TRIALS,
            found.trials,
        ),
    )
    return [one for one in made if one.rows]


OPEN_TRIALS = (
    "Recruiting, by a status that their registry updated in the last two years. Who may enter is "
    "not in the base: ask the registry before you refer."
)


def note_sentence(note: str) -> str:
    """Return a note as a sentence."""
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def _references(found: Report) -> list[Reference]:
    from lmtx.model.notation import mark_reading
    from lmtx.model.reference import full_reference

    return [
        Reference(
            number,
            study["id"],
            full_reference(study),
            safe_link(study["url"]),
            mark_reading(study["read_in"]),
        )
        for number, study in enumerate(found.references, start=1)
    ]
