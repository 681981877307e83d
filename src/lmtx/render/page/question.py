"""A question in words: the filters by the names of the field, and the command that asks it
again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lmtx.model.vocabulary import DESIGNS, DIRECTIONS, ENDPOINTS
from lmtx.query.filters import FILTERS, Filters


class Question(NamedTuple):
    """What was asked: a title, the filters in words, and the command that asks it again."""

    title: str
    filters: Sequence[tuple[str, str]]
    command: str


def put_question(filters: Filters, labels: Mapping[str, str]) -> Question:
    """Return what the filters ask; `labels` names tumors, biomarkers and classes."""
    terms = {**DESIGNS, **DIRECTIONS, **ENDPOINTS}
    names = {**labels, **{word: term.label for word, term in terms.items()}}
    said = []
    for field in filters.in_use():
        values = [names.get(value, value) for value in _values(filters, field)]
        words = ", ".join(values) or FILTERS[field].phrase
        said.append((FILTERS[field].label, words))
    subjects = [
        names.get(value, value)
        for value in (*filters.tumors, *filters.biomarkers, *filters.classes)
    ]
    title = " · ".join(subjects) or "All evidence"
    return Question(title, said, " ".join(["lmtx report", *_options(filters)]))


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
