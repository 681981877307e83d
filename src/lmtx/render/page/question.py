"""A question in words: the filters by the names of the field, and the command that asks it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from lmtx.model.vocabulary import DESIGNS, DIRECTIONS, ENDPOINTS
from lmtx.query.filters import Filters
from lmtx.render.page import Question

_NAMES = {
    "tumors": ("--tumor", "Primary tumor"),
    "classes": ("--class", "Class of treatment"),
    "levels": ("--level", "Level of evidence"),
    "min_level": ("--min-level", "Level at least"),
    "biomarkers": ("--biomarker", "Biomarker"),
    "routes": ("--route", "Route"),
    "targets": ("--target", "Target"),
    "designs": ("--design", "Study design"),
    "directions": ("--direction", "Direction"),
    "endpoints": ("--endpoint", "Endpoint"),
    "min_n": ("--min-n", "Patients in a row, at least"),
    "since": ("--since", "Published since"),
    "verified": ("--verified", "Read"),
    "mixed": ("--mixed", "Populations"),
}
"""Every filter: its option and its words."""
_FLAGS = {"verified": "only figures read at their source", "mixed": "mixed solid tumours too"}


def question(filters: Filters, labels: Mapping[str, str]) -> Question:
    """Return what the filters ask; `labels` names tumors, biomarkers and classes."""
    names = {
        **labels,
        **{
            word: term.label
            for words in (DESIGNS, DIRECTIONS, ENDPOINTS)
            for word, term in words.items()
        },
    }
    asked = [
        (_NAMES[field][1], ", ".join(_said(field, value, names))) for field, value in _used(filters)
    ]
    subjects = [
        names.get(value, value)
        for value in (*filters.tumors, *filters.biomarkers, *filters.classes)
    ]
    return Question(
        " · ".join(subjects) or "All evidence", asked, " ".join(["lmtx report", *_options(filters)])
    )


def _used(filters: Filters) -> Iterator[tuple[str, object]]:
    for field, value in filters._asdict().items():
        if value is not None and value is not False and value != ():
            yield field, value


def _said(field: str, value: object, names: Mapping[str, str]) -> list[str]:
    if field in _FLAGS:
        return [_FLAGS[field]]
    values = value if isinstance(value, tuple) else (value,)
    return [names.get(str(one), str(one)) for one in values]


def _options(filters: Filters) -> Iterator[str]:
    for field, value in _used(filters):
        option = _NAMES[field][0]
        if field in _FLAGS:
            yield option
        else:
            for one in value if isinstance(value, tuple) else (value,):
                yield f"{option} {shlex.quote(str(one))}"
