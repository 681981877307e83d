"""The names, order and meaning of fields agree everywhere."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from lmtx.listings.fields import FIELDS
from lmtx.listings.layout import Layout
from support import LISTINGS, Answer

LAYOUTS = {
    layout.name: layout
    for path in sorted(LISTINGS.glob("*.py"))
    for layout in vars(import_module(f"lmtx.listings.{path.stem}")).values()
    if isinstance(layout, Layout)
}


def test_every_listing_has_a_layout_and_every_layout_a_listing() -> None:
    assert set(LAYOUTS) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_fields_and_meanings_are_those_of_the_rows(name: str) -> None:
    assert list(FIELDS[name]) == list(LAYOUTS[name].fields)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_meaning_of_one_line(name: str) -> None:
    for field, meaning in FIELDS[name].items():
        assert meaning and "\n" not in meaning and not meaning.endswith("."), field


@pytest.mark.parametrize("name", FIELDS)
def test_a_markdown_table_shows_fields_that_exist(name: str) -> None:
    assert set(LAYOUTS[name].brief) <= set(LAYOUTS[name].fields)


def test_fields_prints_them_all(run: Callable[..., Answer]) -> None:
    printed = {(row["listing"], row["field"]) for row in run("fields", "--json").rows}
    assert printed == {(listing, field) for listing, fields in FIELDS.items() for field in fields}
