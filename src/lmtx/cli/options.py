"""The options that commands share, as groups: one way to filter, one way to choose the output.

A command takes a group as one parameter (`filters: FilterOptions`); `expanded` turns it into the options that Typer sees.
"""

# No `from __future__ import annotations` here: Typer would have to evaluate every annotation again, 1.5 ms a look-up.

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from lmtx.cli import complete
from lmtx.query.filters import Filters
from lmtx.render import Format

Many = list[str] | None


class FilterOptions(NamedTuple):
    """The filters that every listing has; repeating one means "or", different ones mean "and"."""

    tumor: Annotated[
        Many,
        typer.Option(
            "--tumor",
            "-t",
            metavar="TUMOR",
            help="Primary tumor, or one above it.",
            autocompletion=complete.tumors,
        ),
    ] = None
    drug_class: Annotated[
        Many,
        typer.Option(
            "--class",
            "-c",
            metavar="CLASS",
            help="Class of treatment, or one above it.",
            autocompletion=complete.classes,
        ),
    ] = None
    level: Annotated[
        Many,
        typer.Option(
            "--level",
            "-l",
            metavar="LEVEL",
            help="Exactly this level of evidence, I to V.",
            autocompletion=complete.levels,
        ),
    ] = None
    min_level: Annotated[
        str | None,
        typer.Option(
            "--min-level",
            metavar="LEVEL",
            help="This level or a stronger one.",
            autocompletion=complete.levels,
        ),
    ] = None
    biomarker: Annotated[
        Many,
        typer.Option(
            "--biomarker",
            "-b",
            metavar="MARKER",
            help="Biomarker of the population.",
            autocompletion=complete.biomarkers,
        ),
    ] = None
    route: Annotated[
        Many,
        typer.Option(
            "--route",
            "-r",
            metavar="ROUTE",
            help="Route of administration.",
            autocompletion=complete.routes,
        ),
    ] = None
    target: Annotated[
        Many,
        typer.Option(
            "--target",
            metavar="GENE",
            help="Molecular target of the treatment.",
            autocompletion=complete.targets,
        ),
    ] = None
    design: Annotated[
        Many,
        typer.Option(
            "--design",
            metavar="DESIGN",
            help="Study design; also: RCT, prospective, retrospective.",
            autocompletion=complete.designs,
        ),
    ] = None
    direction: Annotated[
        Many,
        typer.Option(
            "--direction",
            metavar="WORD",
            help="benefit, no-benefit, mixed or unclear.",
            autocompletion=complete.directions,
        ),
    ] = None
    endpoint: Annotated[
        Many,
        typer.Option(
            "--endpoint",
            "-e",
            metavar="ENDPOINT",
            help="Only rows, and figures, of this endpoint.",
            autocompletion=complete.endpoints,
        ),
    ] = None
    min_n: Annotated[
        int | None,
        typer.Option("--min-n", metavar="N", min=0, help="At least this many patients in the row."),
    ] = None
    since: Annotated[
        int | None,
        typer.Option(
            "--since", metavar="YEAR", min=1900, max=2100, help="Published in this year or later."
        ),
    ] = None
    verified: Annotated[
        bool, typer.Option("--verified", help="Only figures read at their source.")
    ] = False
    mixed: Annotated[bool, typer.Option("--mixed", help="Add studies of mixed solid tumours.")] = (
        False
    )

    def raw(self) -> Filters:
        """Return the filters as typed."""
        lists = (
            self.tumor,
            self.drug_class,
            self.level,
            self.biomarker,
            self.route,
            self.target,
            self.design,
            self.direction,
            self.endpoint,
        )
        tumor, drug_class, level, biomarker, route, target, design, direction, endpoint = (
            tuple(values or ()) for values in lists
        )
        return Filters(
            tumor,
            drug_class,
            level,
            self.min_level,
            biomarker,
            route,
            target,
            design,
            direction,
            endpoint,
            self.min_n,
            self.since,
            self.verified,
            self.mixed,
        )


class OutputOptions(NamedTuple):
    """How the answer is written."""

    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the answer; table on a terminal, tsv on a pipe.",
            show_default=False,
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False
    csv: Annotated[bool, typer.Option("--csv", help="Same as --format csv.")] = False
    tsv: Annotated[bool, typer.Option("--tsv", help="Same as --format tsv.")] = False
    fields: Annotated[
        str | None,
        typer.Option(
            "--fields",
            metavar="A,B,…",
            help="Fields to show, in this order; see lmtx fields.",
            autocompletion=complete.fields,
        ),
    ] = None
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes on stderr; errors still show.")
    ] = False
    color: Annotated[
        str,
        typer.Option(
            "--color", metavar="WHEN", help="auto, always or never.", autocompletion=complete.colors
        ),
    ] = "auto"
    ascii: Annotated[bool, typer.Option("--ascii", help="Plain signs only.")] = False


class SortOptions(NamedTuple):
    """In which order, and how many."""

    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="FIELD",
            help="Field to sort by, the strongest, largest or newest first.",
            autocompletion=complete.fields,
        ),
    ] = None
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="At most this many rows.")
    ] = None


class PictureOptions(NamedTuple):
    """Where to draw a picture instead of writing text."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Draw a picture into this file: .svg or .png, of the map also .html.",
            show_default=False,
        ),
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False


GROUPS = (FilterOptions, OutputOptions, SortOptions, PictureOptions)


def _members(group: Any) -> dict[str, tuple[Any, Any]]:
    return {
        name: (group.__annotations__[name], group._field_defaults[name]) for name in group._fields
    }


def expanded(function: Callable[..., None]) -> Callable[..., None]:
    """Return the function with every parameter that is an option group spread out into its options."""
    hints = get_type_hints(function, include_extras=True)
    plain: list[inspect.Parameter] = []
    groups: dict[str, type[Any]] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if hints[name] in GROUPS:
            groups[name] = hints[name]
        else:
            plain.append(
                parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
            )
    spread = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for group in groups.values()
        for name, (hint, default) in _members(group).items()
    ]

    @wraps(function)
    def gathered(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{member: values.pop(member) for member in group._fields})
        function(**values)

    gathered.__signature__ = inspect.Signature([*plain, *spread])  # type: ignore[attr-defined]
    gathered.__annotations__ = {
        parameter.name: parameter.annotation for parameter in (*plain, *spread)
    }
    del gathered.__wrapped__
    return gathered
