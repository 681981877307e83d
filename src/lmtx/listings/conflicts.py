"""`lmtx conflicts`: where independent studies point different ways."""

from __future__ import annotations

from typing import Any

from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_effect
from lmtx.model.notation import (
    DIRECTION_FOOTNOTE,
    OWN_RECORDS_MARK,
    POOLED_MARK,
    UNVERIFIED_MARK,
    direction_symbol,
    mark_figure_if_row_unmarked,
    mark_own_records,
    mark_reading,
    shorten_figure,
)
from lmtx.model.vocabulary import ENDPOINT_KINDS
from lmtx.query.conflicts import ConflictRow, list_conflicts
from lmtx.query.filters import EVIDENCE_SUBJECT, count_evidence_left_out

FAVOURED_SIDE_WORDS = {
    "of": "favours it",
    "against": "favours the other side",
    "neither": "no difference",
    "both": "goes both ways",
}
"""What the side favoured says of what is tested."""
QUESTION_WORDS = {"add": "adding", "versus-none": "against none:", "instead": "in place of"}


def _question(row: ConflictRow) -> str:
    """Return what is asked: "adding intrathecal chemotherapy, breast"."""
    subject = " ".join(part for part in (row.route, row.id) if part)
    versus = f" v {' + '.join(row.versus)}" if row.versus else ""
    asked = QUESTION_WORDS[row.question] if row.question != "instead" else ""
    return f"{asked} {subject}{versus}, {row.tumor}".strip()


def _write_comparisons(row: ConflictRow) -> str:
    """Return the question, and under it a line for each comparison."""
    return "\n".join(
        [_question(row), *(f"  {_write_comparison(told)}" for told in row.comparisons)]
    )


def _write_comparison(told: dict[str, Any]) -> str:
    sizes = [str(n) for n in (told["of_n"], told["against_n"]) if n is not None]
    size = f" n={' v '.join(sizes)}" if sizes else ""
    chance = ", randomised" if told["randomized"] else ""
    marks = (
        mark_reading(told["read_in"])
        + (POOLED_MARK[0] if told["mixed_with"] else "")
        + mark_own_records(told["source"])
    )
    return (
        f"{direction_symbol(told['direction'])} "
        f"{told['citation']}{marks}{_write_population(told)}{size}{chance}"
    )


def _write_population(told: dict[str, Any]) -> str:
    """Return whom a comparison is about, where its study has another here."""
    return f" ({told['whom']})" if told["whom"] else ""


def _answers(row: ConflictRow) -> str:
    """Return for each kind of endpoint on which they differ what every comparison found, and on
    which they agree."""
    lines = []
    for kind in row.differ:
        lines.append(f"{ENDPOINT_KINDS[kind].label} differs")
        for told in row.comparisons:
            for found in told["kinds"]:
                if found["kind"] == kind:
                    said = "; ".join(
                        shorten_figure(write_effect(one))
                        + mark_figure_if_row_unmarked(one, told["read_in"])
                        for one in found["effects"]
                    )
                    name = f"{told['citation']}{_write_population(told)}"
                    lines.append(f"  {name}: {FAVOURED_SIDE_WORDS[found['favours']]}; {said}")
    if row.agree:
        labels = ", ".join(ENDPOINT_KINDS[kind].label for kind in row.agree)
        lines.append(f"{labels}: they agree")
    return "\n".join(lines)


def _reasons(row: ConflictRow) -> str:
    """Return in what the records of the comparisons differ."""
    return ", ".join(reason["what"] for reason in row.reasons)


def find_conflicts(question: Question) -> Found:
    """Return the conflicts under the filters."""
    left_out = count_evidence_left_out(question.connection, question.filters)
    left_out.pop("mixed", None)  # what is mixed speaks for no tumor
    return Found(list_conflicts(question.connection, question.filters), left_out=left_out)


LISTING = Listing(
    "conflicts",
    "Where comparisons answer the same question differently.",
    ConflictRow,
    find_conflicts,
    about=(
        "Where comparisons ask the same question of the same tumor and answer it differently, and "
        "on which endpoints they agree."
    ),
    examples=(
        "lmtx conflicts",
        "lmtx conflicts --tumor breast",
        "lmtx conflicts --endpoint overall-survival --json",
    ),
    subject=EVIDENCE_SUBJECT,
    brief=(
        "id",
        "route",
        "tumor",
        "question",
        "versus",
        "differ",
        "agree",
        "randomized",
        "studies",
    ),
    columns=(
        Column("Question, comparisons", _write_comparisons),
        Column("Answers", _answers, least=30, fold=True),
        Column("Their records differ in", _reasons, 1, least=23, fold=True),
    ),
    footnotes=(
        DIRECTION_FOOTNOTE,
        ("", "signs speak of what is tested; nothing here says who is right"),
        UNVERIFIED_MARK,
        POOLED_MARK,
        OWN_RECORDS_MARK,
    ),
    empty=(
        "no conflict: no two comparisons without common patients answer the same question "
        "differently"
    ),
    unit="conflict",
    spaced=True,
    narrow=(
        Column(
            "Question, comparisons, answers",
            lambda row: f"{_write_comparisons(row)}\n{_answers(row)}",
            least=20,
            fold=True,
        ),
    ),
)
