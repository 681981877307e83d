"""Cards that a notebook shows: those of `lmtx.query.show`, with what surrounds an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from lmtx.api.rows import format_html_link_or_text, render_html_table
from lmtx.listings.list import LISTING as TREATMENTS
from lmtx.query import show
from lmtx.render import Envelope, write_closing_line
from lmtx.render.show import CardBlock, card_blocks


class NotebookCard:
    """A card with its answer around it, which a notebook shows as `lmtx show` does on a
    terminal."""

    __slots__ = ()
    labels: Mapping[str, str]
    envelope: Envelope

    def _repr_html_(self) -> str | None:
        """Return the card as HTML, in which nothing of the data is markup; None for a copy that was
        taken apart from its answer."""
        if not hasattr(self, "envelope"):
            return None
        blocks = card_blocks(self, dict(self.labels))  # type: ignore[arg-type]
        return "".join(render_html_card(blocks, self.envelope))


class TreatmentCard(NotebookCard, show.TreatmentCard):
    """A treatment with all that is known of it."""


class TumorCard(NotebookCard, show.TumorCard):
    """A primary tumor: how often, how long, what has been tried."""


class StudyCard(NotebookCard, show.StudyCard):
    """A publication: its citation, how it was read, what it reports."""


class TrialCard(NotebookCard, show.TrialCard):
    """A registered trial and what it has reported."""


class GuidelineCard(NotebookCard, show.GuidelineCard):
    """A guideline with its statements."""


_KINDS: dict[str, type[NotebookCard]] = {
    "treatment": TreatmentCard,
    "tumor": TumorCard,
    "study": StudyCard,
    "trial": TrialCard,
    "guideline": GuidelineCard,
}


def make_notebook_card(card: show.Card, labels: Mapping[str, str], envelope: Envelope) -> show.Card:
    """Return a card that a notebook shows, equal to the one given."""
    made = _KINDS[card.kind]._make(card)  # type: ignore[attr-defined]
    made.labels, made.envelope = labels, envelope
    found: show.Card = made
    return found


def render_html_card(blocks: Iterable[CardBlock], envelope: Envelope) -> Iterator[str]:
    """Yield the blocks of a card as HTML, and the line that closes every answer."""
    for block in blocks:
        text = format_html_link_or_text(block.text, block.link)
        label = escape(block.label)
        match block.kind:
            case "title":
                yield f"<h3>{text} <small>{label}</small></h3>"
            case "heading":
                yield f"<h4>{text}</h4>"
            case "table":
                yield render_html_table(TREATMENTS, block.rows)
            case "figure":
                yield f"<div><b>{text}</b></div>"
            case "foot":
                yield f"<div><small>{text}</small></div>"
            case _:
                yield f"<div>{f'<b>{label}</b> ' if label else ''}{text}</div>"
    yield f"<div><small>{escape(write_closing_line(envelope))}</small></div>"
