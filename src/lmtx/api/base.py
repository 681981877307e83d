"""An open knowledge base, and what it can be asked."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from lmtx.api.opened import OpenIndex
from lmtx.api.rows import AnswerContext, Picture, Rows
from lmtx.errors import UsageError, format_message
from lmtx.listings import (
    Listing,
    Order,
    answer_question,
    listing_names,
    load_listing,
    make_question,
)
from lmtx.query.filters import FILTERS, resolve_filters
from lmtx.query.parameters import Parameter, check_value, check_words, read_declared_parameters
from lmtx.query.resolve import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYWORD_ALIASES = {"class_": "drug_class", "tumour": "tumor"}
"""Keywords that have a second name, because the first guess of it is a word of Python, or is
spelled otherwise."""
LISTING_OF_RENAMED_METHOD = {"treatments": "list"}
"""Listings whose method is called otherwise, because their name is a builtin of Python."""


class Base(OpenIndex):
    """An open knowledge base: `base["osimertinib"]` is a whole card, and every listing is a method.

    The methods are made from the listings: they are named as the commands (`treatments` is `lmtx
    list`) and take the same filters and options as keywords; `help(base.trials)` names them. They
    may be called from several threads; each waits for the others. A base is closed by `close()` or
    at the end of a `with` block, and what it returned stays usable.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return make_method(self, load_method_listing(name))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(one.method_name for one in list_method_listings())})

    def biomarkers(self) -> Rows[Any]:
        """Return the biomarkers in the order of their tree, with counts."""
        rows: Rows[Any] = self.values("biomarkers")
        return rows

    def plot(self, **given: Any) -> Picture:
        """Return a forest plot of one endpoint as SVG; its attribute `rows` holds the figures.
        Takes what `lmtx plot` takes."""
        return self._draw(load_listing("plot"), given)

    def report(self, **filters: Any) -> str:
        """Return the page for the tumour board as HTML, under the filters of `lmtx report`."""
        from lmtx.query.report import gather_report
        from lmtx.render.report import render_page

        given = bind_and_check_arguments(dict(list_filter_parameters()), (), filters)
        with self._reading() as connection:
            chosen = resolve_filters(connection, given)
            found = gather_report(connection, chosen, date.today())
            return render_page(found, self._envelope("report", chosen._asdict()))

    def cite(self, *names: str, style: str = "vancouver", **filters: Any) -> str:
        """Return the citations of records, or of the publications that meet filters, in a style of
        `lmtx.citations.Style`."""
        from lmtx import __version__
        from lmtx.citations import Style, render_citations
        from lmtx.query import resolve
        from lmtx.query.cite import gather_citations

        form = Style(resolve.resolve_word("style", [one.value for one in Style], style))
        given = bind_and_check_arguments(dict(list_filter_parameters()), (), filters)
        with self._reading() as connection:
            chosen = resolve_filters(connection, given)
            names = check_words("names", names)
            if not names and not chosen._replace(mixed=False):
                raise UsageError("nothing to cite", "name a record, or use a filter")
            return "".join(
                render_citations(form, gather_citations(connection, names, chosen, __version__)[0])
            )

    def _ask(
        self, listing: Listing[Any], positional: tuple[Any, ...], given: Mapping[str, Any]
    ) -> Rows[Any]:
        checked = bind_and_check_arguments(
            keywords_of(listing), list_positional_names(listing), given, positional
        )
        with self._index() as index:
            question = make_question(listing, index, checked, date.today())
            found = answer_question(listing, question)
            rows = tuple(found.rows)
        look = found.listing or listing
        query = {**question.filters._asdict(), **question.options._asdict()}
        envelope = self._envelope(
            listing.name, {key: value for key, value in query.items() if value}
        )._replace(left_out=found.left_out)
        notes = tuple(filter(None, map(format_message, found.notes)))
        return Rows(rows, AnswerContext(look, envelope, notes, found.drawing))

    def _draw(self, listing: Listing[Any], given: Mapping[str, Any]) -> Picture:
        rows = self._ask(listing, (), given)
        return Picture(rows.to_svg(), rows)


def list_method_listings() -> Iterator[Listing[Any]]:
    """Yield the listings that a base answers."""
    for name in listing_names():
        listing = load_listing(name)
        if listing.find is not None:
            yield listing


def load_method_listing(name: str) -> Listing[Any]:
    """Return the listing that a method is named after; raise AttributeError where there is none."""
    try:
        listing = load_listing(LISTING_OF_RENAMED_METHOD.get(name, name))
    except UsageError as error:
        raise AttributeError(f"a base has no {name!r}; {error.hint}") from None
    if listing.find is None or listing.method_name != name:
        raise AttributeError(f"a base has no {name!r}")
    return listing


def make_method(base: Base, listing: Listing[Any]) -> Callable[..., Rows[Any]]:
    """Return the method of a listing, with its own signature and help."""

    def call(*positional: Any, **given: Any) -> Rows[Any]:
        return base._ask(listing, positional, given)

    call.__name__ = call.__qualname__ = listing.method_name
    call.__doc__ = describe_method(listing)
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*list_method_parameters(listing)], return_annotation=Rows
    )
    return call


def describe_method(listing: Listing[Any]) -> str:
    """Return the help of a method: what it returns, and each keyword with what it takes."""
    lines = [listing.about or listing.help, ""]
    lines += [f"{name}: {one.help}" for name, one in keywords_of(listing).items()]
    return "\n".join(lines)


def list_method_parameters(listing: Listing[Any]) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a method, those without a keyword first."""
    arguments = set(list_positional_names(listing))
    for name, one in keywords_of(listing).items():
        several = one.kind == "words"
        if name in arguments:
            kind = (
                inspect.Parameter.VAR_POSITIONAL
                if several
                else inspect.Parameter.POSITIONAL_OR_KEYWORD
            )
            yield inspect.Parameter(name, kind)
    for name, one in keywords_of(listing).items():
        if name not in arguments:
            default = False if one.kind == "flag" else None
            yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)


def list_positional_names(listing: Listing[Any]) -> tuple[str, ...]:
    """Return the parameters of a listing that need no keyword."""
    own = read_declared_parameters(listing.options).values()
    return tuple(one.name for one in own if one.positional)


def list_filter_parameters(fields: list[str] | None = None) -> Iterator[tuple[str, Parameter]]:
    """Yield filters by their names."""
    for field, one in FILTERS.items():
        if fields is None or field in fields:
            yield one.parameter.name, one.parameter


def keywords_of(listing: Listing[Any]) -> dict[str, Parameter]:
    """Return everything that a listing takes, by keyword."""
    found = {one.name: one for one in read_declared_parameters(listing.options).values()}
    found |= dict(list_filter_parameters(listing.filters))
    if listing.is_sorted:
        found |= {one.name: one for one in read_declared_parameters(Order).values()}
    return found


def bind_and_check_arguments(
    keywords: Mapping[str, Parameter],
    positional_names: tuple[str, ...],
    given: Mapping[str, Any],
    positional: tuple[Any, ...] = (),
) -> dict[str, Any]:
    """Return parameters as given, each under its own name: words as a tuple, numbers within their
    bounds.

    Raises TypeError for one that does not exist, as Python does, and UsageError for a value of the
    wrong kind. A filter that exists but that the listing does not take is passed on, to be refused
    with its reason.
    """
    values: dict[str, Any] = {}
    if positional:
        if not positional_names:
            raise TypeError("takes keywords only")
        [name] = positional_names
        values[name] = positional if keywords[name].kind == "words" else positional[0]
    all_filters = dict(list_filter_parameters())
    for key, value in given.items():
        name = KEYWORD_ALIASES.get(key, key)
        if name not in keywords and name not in all_filters:
            raise TypeError(_unknown(key, [*keywords]))
        if name in values and value is not None:
            raise UsageError(f"{name} and {key} are the same filter", "give one of them")
        if value is not None:
            values[name] = value
    known = {**all_filters, **keywords}
    return {name: check_value(known[name], value) for name, value in values.items()}


def _unknown(name: str, known: list[str]) -> str:
    near = nearest_names(name, known)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return f"no filter {name!r}; {hint}"
