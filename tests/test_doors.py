"""A listing is one file and a filter one field: every door is made from them, and none can be
forgotten."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from typer import Context

import lmtx
from lmtx import listings
from lmtx.cli.app import command_names, load_command
from lmtx.errors import UsageError
from lmtx.listings import Listing, listing_names, load_listing
from lmtx.listings._listing import MODULE_OF_LISTING_KEPT_ELSEWHERE
from lmtx.query import filters
from lmtx.query.filters import (
    CSF_SUBJECT,
    EVIDENCE_SUBJECT,
    FILTERS,
    Filter,
    is_filter_taken,
    refuse_filters,
)
from lmtx.query.parameters import Parameter
from support import Answer

TOY = '''
from typing import Annotated, NamedTuple

from lmtx.listings import Column, Found, Listing, Question
from lmtx.query.filters import EVIDENCE_SUBJECT
from lmtx.query.parameters import Parameter


class ToyRow(NamedTuple):
    """A tumor, counted for fun."""

    tumor: Annotated[str, "id of the tumor"]
    rows: Annotated[int, "rows of evidence that name it"]


class ToyOptions(NamedTuple):
    """What a toy takes."""

    least: Annotated[int | None, Parameter("least", "At least so many.", "N", "", "number")] = None


def find_toys(question: Question) -> Found:
    """Return the tumors that are named most."""
    query = "select tumor, count(*) from evidence_tumor group by tumor order by 2 desc, 1"
    rows = [ToyRow(*row) for row in question.connection.execute(query)]
    least = question.options.least or 0
    return Found([row for row in rows if row.rows >= least], ["only a toy"])


LISTING = Listing(
    "toys",
    "Tumors, for fun.",
    ToyRow,
    find_toys,
    examples=("lmtx toys --least 2",),
    subject=EVIDENCE_SUBJECT,
    options=ToyOptions,
    columns=(Column("Toy", lambda row: row.tumor), Column("Rows", lambda row: str(row.rows))),
    unit="toy",
)
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more file in the room of the listings, and nothing else."""
    (tmp_path / "toys.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(listings, "__path__", [*listings.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "lmtx.listings.toys", raising=False)


@pytest.mark.usefixtures("toy", "base")
def test_a_toy_listing_goes_through_every_door(
    run: Callable[..., Answer], terminal: Callable[..., Answer]
) -> None:
    assert "toys" in command_names() and "toys" in run("--help").out
    shown = run("toys", "--help").out
    assert "--least" in shown and "--tumor" in shown and "lmtx toys --least 2" in shown
    by_command = run("toys", "--least", "2", "--json").rows
    assert by_command and all(row["rows"] >= 2 for row in by_command)
    assert "Toy" in terminal(80, "toys").out
    answer = run("toys", "--sort", "tumor", "--limit", "1")
    assert answer.code == 0 and "1 toy" in answer.err and "only a toy" in answer.err
    with lmtx.open() as base:
        rows = base.toys(least=2)
        assert rows.to_dicts() == by_command and rows.notes == ("only a toy",)
        assert "<th>Toy</th>" in rows._repr_html_() and "toys" in dir(base)
        assert "least" in (base.toys.__doc__ or "")
    meanings = {row["field"]: row["meaning"] for row in run("fields", "toys", "--json").rows}
    assert meanings == {"tumor": "id of the tumor", "rows": "rows of evidence that name it"}
    sort = next(one for one in load_command("toys").params if one.name == "sort")
    with Context(load_command("toys")) as context:
        [offered] = sort.shell_complete(context, "t")
    assert (offered.value, offered.help) == ("tumor", "id of the tumor")


def test_every_listing_that_is_found_exists_in_python() -> None:
    with lmtx.open() as base:
        for name in listing_names():
            listing = load_listing(name)
            if listing.find is not None:
                assert callable(getattr(base, listing.method_name)), name


def test_every_listing_that_a_module_holds_is_found() -> None:
    """One that stands beside a command is named in the list of such parts."""
    held = {
        listing.name
        for name in listing_names()
        for listing in vars(
            import_module(f"lmtx.listings.{MODULE_OF_LISTING_KEPT_ELSEWHERE.get(name, name)}")
        ).values()
        if isinstance(listing, Listing)
    }
    assert held == set(listing_names())


def test_what_is_no_listing_is_no_method() -> None:
    with lmtx.open() as base, pytest.raises(AttributeError, match="has no 'nothing'"):
        base.nothing  # noqa: B018 - the attribute is what is tried


def with_subject() -> list[str]:
    return [name for name in listing_names() if load_listing(name).subject is not None]


@pytest.mark.parametrize("name", with_subject())
def test_a_filter_is_refused_wherever_it_is_not_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = Filter(
        Parameter("toy", "A toy.", "TOY"), "Toy", "toy {}", {CSF_SUBJECT: lambda *_: ("1 = 1", [])}
    )
    monkeypatch.setattr(filters, "FILTERS", {**FILTERS, "toys": added})
    monkeypatch.setattr("lmtx.cli.options.FILTERS", filters.FILTERS)
    listing = load_listing(name)
    assert listing.subject is not None
    takes = listing.subject == CSF_SUBJECT
    made = inspect.unwrap(load_command)(name)  # anew, and not the one that the tests keep
    [option] = [one for one in made.params if one.name == "toy"]
    assert is_filter_taken("toys", name, listing.subject) is takes
    assert option.hidden is not takes, "help offers what the listing takes, and nothing else"
    if takes:
        refuse_filters(name, listing.subject, {"toy": ("x",)})
        return
    with pytest.raises(UsageError, match=r"^toy: "):
        refuse_filters(name, listing.subject, {"toy": ("x",)})


@pytest.mark.parametrize("name", with_subject())
def test_help_offers_a_filter_just_where_it_is_taken(run: Callable[..., Answer], name: str) -> None:
    listing = load_listing(name)
    if not listing.is_command:
        return
    shown = run(name, "--help").out
    own = {one.name for one in load_command(name).params if not getattr(one, "hidden", False)}
    for field, one in FILTERS.items():
        offered = f"--{one.parameter.option_name}" in shown.split()
        offered = offered or any(
            word.startswith(f"--{one.parameter.option_name}") for word in shown.split()
        )
        taken = field in listing.filters or one.parameter.name in own
        if taken:
            assert offered, f"{name} --{one.parameter.option_name}"
        else:
            named = ["osimertinib", "afatinib"] if name == "compare" else []
            answer = run(name, *named, f"--{one.parameter.option_name}", *value_of(one))
            assert answer.code == 2, f"{name} --{one.parameter.option_name} is dropped in silence"
            assert f"--{one.parameter.option_name}: " in answer.err


def value_of(one: Filter) -> list[str]:
    """Return a value that a filter takes; none for a flag."""
    kind = one.parameter.kind
    return [] if kind == "flag" else ["2020"] if kind == "number" else ["II"]


def test_every_filter_acts_on_something() -> None:
    assert all(one.acts_on for one in FILTERS.values())
    assert EVIDENCE_SUBJECT in {subject for one in FILTERS.values() for subject in one.acts_on}
