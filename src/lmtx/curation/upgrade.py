"""From schema 1 to schema 2: what can be moved by rule is moved, and a person is told what only
reading can decide.

Schema 1 gave a row one list of treatments, one set of routes, one dose, and comparators in words.
Which of the treatments was tested, and what a comparison asked, stood nowhere: they become
`undecided`, which `lmtx validate` refuses. What has no place in schema 2 stays in the file as a
comment that begins with `# schema 1:`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from lmtx.curation.formatter import (
    Cut,
    Entry,
    Table,
    cut_text,
    format_error,
    parse_checked,
    sort_table,
    write_cut,
)
from lmtx.model import schema
from lmtx.model.vocabulary import SCOPES, UNDECIDED
from lmtx.store.loading import Location, find_schema_1, line_of, model_of, name_of

MOVED_IN = ("study", "evidence", "trial")
"""Tables of a file in which something is moved."""
RATIOS = frozenset({"HR", "OR"})
"""Units of schema 1 that tell an effect between two groups."""
EFFECT_KEYS = ("at", "ci", "ci_upper", "ci_level", "p", "group", "assessed_by", "as_printed")
"""Keys of an outcome that an effect has too."""
UNTOLD_GROUP = "the comparator, which the record does not name"
WIDTH = 100
"""Columns of a list on one line."""
_PARENTHESIS = re.compile(r"^(?P<group>.*?\S)\s*\((?P<figure>[^()]*\d[^()]*)\)$", re.DOTALL)
"""A comparator with its figure, as schema 1 wrote it: "radiotherapy alone (18.3 weeks)"."""


class Upgrade(NamedTuple):
    """The text of a file in schema 2, and what a person must still decide, a line each."""

    text: str
    decisions: tuple[str, ...]


class Moved(NamedTuple):
    """A figure of schema 1 that became an effect of a comparison."""

    row: Any
    endpoint: Any
    value: Any
    comparison: int
    unit: str


@dataclass
class _Comparison:
    """A comparison that is made of comparators in words: its row, its other side, its effects."""

    number: int
    row: Any
    against: str
    effects: list[Table] = field(default_factory=list)


def upgrade_file(text: str, name: str) -> Upgrade | None:
    """Return a file of schema 1 in schema 2, or None where it is of schema 2 already.

    `name` is that of the file. Raises DataError with file and line where the text is no TOML, or is
    written in a form that cannot be moved by rule.
    """
    text = text.replace("\r\n", "\n")
    before = parse_checked(text, name)
    older = before.get("schema_version") == 1
    if find_schema_1(before) is None and not older:
        return None
    refuse_inline(before, text, name)
    refuse_odd({key: before[key] for key in MOVED_IN if key in before}, text, name)
    cut = cut_text(text, name)
    file = _Upgraded(cut)
    file.move()
    sort_table(cut.root, model_of(name_of(Path(name))))
    made = write_cut(cut)
    after = parse_checked(made, name)
    if find_schema_1(after) is not None:  # the rules left something: say so rather than half of it
        raise format_error(
            name, 1, "cannot be made schema 2 by rule", "write it like the other files"
        )
    return Upgrade(made, tuple(file.decisions))


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_text(value: Any) -> bool:
    """Tell whether a value is a text."""
    return isinstance(value, str)


def is_texts(value: Any) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


def is_interval(value: Any) -> bool:
    """Tell whether a value is a list of numbers."""
    return isinstance(value, list) and all(map(is_number, value))


def is_figures(value: Any) -> bool:
    """Tell whether a value is a list of confirmed figures."""
    return isinstance(value, list) and all(
        isinstance(figure, dict)
        and all(READ[key](item) for key, item in figure.items() if key in READ)
        for figure in value
    )


READ: Mapping[str, Callable[[Any], bool]] = {
    "row": is_number, "treatments": is_texts, "routes": is_texts, "dose": is_text,
    "level": is_text, "endpoint": is_text, "unit": is_text, "scope": is_text, "versus": is_text,
    "value": is_number, "ci": is_interval, "ci_upper": is_text, "ci_level": is_number, "p": is_text,
    "at": is_text, "group": is_text, "assessed_by": is_text, "figures": is_figures,
    "as_printed": lambda value: isinstance(value, bool),
}  # fmt: skip
"""Keys that are read to be moved, and what each must hold."""


def refuse_odd(value: Any, text: str, name: str, at: Location = ()) -> None:
    """Raise DataError where a key that must be moved holds what schema 1 does not."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            refuse_odd(item, text, name, (*at, place))
    for key, item in value.items() if isinstance(value, dict) else ():
        if key not in READ:
            refuse_odd(item, text, name, (*at, key))
        elif not READ[key](item):
            what = f"{key}: is not what schema 1 holds there"
            raise format_error(name, line_of(text, (*at, key)), what, "mend it, then upgrade")


def refuse_inline(parsed: Mapping[str, Any], text: str, name: str) -> None:
    """Raise DataError where tables that must be moved are written inside a value."""
    for path, shown in (
        (("evidence",), r"^\s*evidence\s*="),
        (("evidence", "outcome"), r"^\s*outcome\s*="),
        (("study",), r"^\s*study\s*="),
        (("study", "second_read"), r"^\s*second_read\s*="),
        (("trial",), r"^\s*trial\s*="),
    ):
        if path[0] in parsed and (found := re.search(shown, text, re.MULTILINE)):
            line = text.count("\n", 0, found.end()) + 1
            header = f"[[{'.'.join(path)}]]" if path != ("study",) else "[study]"
            what = f"{path[-1]}: cannot be made schema 2 where it is written as a value"
            raise format_error(name, line, what, f"write it as tables: {header}")


class _Upgraded:
    """A file in pieces, while its tables are moved."""

    def __init__(self, cut: Cut) -> None:
        self.root = cut.root
        self.decisions: list[str] = []
        self.comparisons: list[_Comparison] = []
        self.moved: list[Moved] = []

    def move(self) -> None:
        """Move everything that schema 2 puts elsewhere."""
        for entry in self.root.entries:
            if entry.key == "schema_version":
                entry.text = f"schema_version = {schema.SCHEMA_VERSION}"
        for table in self.root.below:
            if table.path == ("evidence",):
                self.move_row(table)
            elif table.path == ("trial",):
                self.move_trial(table)
        for comparison in self.comparisons:
            self.root.below.append(comparison_table(comparison))
            self.decide(
                f"comparison {comparison.number}",
                f"what does row {comparison.row} against {comparison.against!r} ask, and what does "
                "it test?",
            )
        for table in self.root.below:
            if table.path == ("study",):
                self.move_study(table)

    def decide(self, where: str, what: str) -> None:
        self.decisions.append(f"{where}: {what}")

    def move_study(self, study: Table) -> None:
        if (level := study.value("level")) is not None:
            self.decide("study", f"a level follows from the records; the override {level} is gone")
        drop_keys(study, "level", "level_reason")
        for reading in study.below:
            if reading.path == ("study", "second_read"):
                self.move_reading(reading)

    def move_row(self, table: Table) -> None:
        number = table.value("row")
        treatments = table.value("treatments") or []
        if not isinstance(treatments, list) or "given" in {below.path[-1] for below in table.below}:
            return
        self.move_given(table, number, treatments)
        if (level := table.value("level")) is not None:
            self.decide(
                f"row {number}", f"a level follows from the records; the override {level} is gone"
            )
        drop_keys(table, "level", "level_reason")
        for outcome in [below for below in table.below if below.path[-1] == "outcome"]:
            self.move_outcome(table, outcome, number)

    def move_given(self, table: Table, number: Any, treatments: list[str]) -> None:
        """Make one table of each treatment, with its routes and dose where the row leaves no
        doubt."""
        routes, dose = table.value("routes") or [], table.value("dose")
        of = assign_routes(treatments, routes)
        alone = len(treatments) == 1
        rest = [route for route in routes if route not in {r for found in of for r in found}]
        drop_keys(
            table,
            "treatments",
            *(("routes",) if not rest else ()),
            *(("dose",) if alone else ()),
            silently=True,
        )
        drop_keys(table, "routes", "dose")
        given = []
        for treatment, found in zip(treatments, of, strict=True):
            entries: dict[str, Any] = {"treatment": treatment, "role": UNDECIDED}
            entries |= {"routes": found} if found else {}
            entries |= {"dose": dose} if alone and dose is not None else {}
            given.append(new_table(("evidence", "given"), entries))
        table.below[:0] = given
        where = f"row {number}"
        self.decide(where, f"what is tested, what is background: {', '.join(treatments)}?")
        if rest:
            self.decide(where, f"which treatment has the route {', '.join(rest)}?")
        if dose is not None and not alone:
            self.decide(where, f"which treatment has the dose {dose!r}?")

    def move_outcome(self, row: Table, outcome: Table, number: Any) -> None:
        """Make an effect of what an outcome tells against a comparator; a ratio leaves the row for
        it."""
        versus, unit = outcome.value("versus"), outcome.value("unit")
        scope, endpoint = outcome.value("scope"), outcome.value("endpoint")
        if scope is not None and scope not in SCOPES:
            replace_value(outcome, "scope", "other")
            self.decide(
                f"row {number}",
                f"the {endpoint} of scope {scope!r} belongs to a row of its own",
            )
        if versus is None and unit not in RATIOS:
            return
        group, other = split_versus(versus) if isinstance(versus, str) else (UNTOLD_GROUP, None)
        comparison = self.comparison_of(number, group)
        entries: dict[str, Any] = {"endpoint": endpoint}
        p = outcome.value("p")
        if unit in RATIOS:
            entries |= {"unit": unit, "value": outcome.value("value")}
            entries |= {
                key: value for key in EFFECT_KEYS if (value := outcome.value(key)) is not None
            }
            self.moved.append(
                Moved(number, endpoint, outcome.value("value"), comparison.number, unit)
            )
        else:
            entries |= {"unit": "none"} if p is None else {"unit": "p-only", "p": p}
            self.decide(
                f"comparison {comparison.number}", f"which side does the {endpoint} favour?"
            )
        entries |= {"note": f"the other side: {other}"} if other else {}
        effect = new_table(("comparison", "effect"), entries)
        comparison.effects.append(effect)
        if unit in RATIOS:
            effect.lead, effect.after = outcome.lead, outcome.after
            for entry in outcome.entries:
                effect.after += [*entry.lead, *entry.after]
            row.below = [below for below in row.below if below is not outcome]
        else:
            drop_keys(outcome, "versus", "p", silently=True)

    def comparison_of(self, row: Any, against: str) -> _Comparison:
        """Return the comparison of a row with a group in words, a new one where there is none."""
        for comparison in self.comparisons:
            if (comparison.row, comparison.against) == (row, against):
                return comparison
        taken = [table.value("comparison") for table in self.root.below]
        highest = max([0, *(number for number in taken if isinstance(number, int))])
        self.comparisons.append(_Comparison(highest + len(self.comparisons) + 1, row, against))
        return self.comparisons[-1]

    def move_reading(self, reading: Table) -> None:
        """Carry the figures that a second reader confirmed to where they stand now."""
        figures = reading.value("figures")
        if not isinstance(figures, list) or any("unit" in figure for figure in figures):
            return
        made = [self.confirmed(figure) for figure in figures]
        replace_value(reading, "figures", made)

    def confirmed(self, figure: dict[str, Any]) -> dict[str, Any]:
        """Return a confirmed figure with its row or comparison and its unit."""
        row, endpoint, value = (figure.get(key) for key in ("row", "endpoint", "value"))
        for moved in self.moved:
            same = (moved.endpoint, moved.value) == (endpoint, value)
            if same and row in (None, moved.row):
                return {
                    "comparison": moved.comparison,
                    "endpoint": endpoint,
                    "value": value,
                    "unit": moved.unit,
                }
        for number, outcome in self.outcomes():
            same = (outcome.value("endpoint"), outcome.value("value")) == (endpoint, value)
            if same and row in (None, number):
                unit = outcome.value("unit")
                return {"row": number, "endpoint": endpoint, "value": value, "unit": unit}
        self.decide("second_read", f"no figure of the record is the {endpoint} {value}")
        return {**figure, "unit": "none"}

    def outcomes(self) -> Iterator[tuple[Any, Table]]:
        """Yield every outcome with the number of its row."""
        for table in self.root.below:
            if table.path == ("evidence",):
                for below in table.below:
                    if below.path[-1] == "outcome":
                        yield table.value("row"), below

    def move_trial(self, table: Table) -> None:
        """Make one table of each treatment of a trial; a registry's role is unknown."""
        treatments = table.value("treatments")
        if not isinstance(treatments, list):
            return
        drop_keys(table, "treatments", silently=True)
        table.below += [
            new_table(("trial", "given"), {"treatment": treatment}) for treatment in treatments
        ]


def assign_routes(treatments: list[str], routes: list[str]) -> list[list[str]]:
    """Return the routes of each treatment, as far as a row of schema 1 leaves no doubt.

    One treatment has them all; of several, radiotherapy has the external beam and what is called
    intrathecal is that; where one treatment and one route are left then, they belong together.
    """
    if len(treatments) == 1:
        return [list(routes)]
    found: list[list[str]] = [[] for _ in treatments]
    for place, treatment in enumerate(treatments):
        if "external-beam" in routes and re.search(
            r"radio(therapy|surgery)|irradiation", treatment
        ):
            found[place] = ["external-beam"]
        elif "intrathecal" in routes and treatment.startswith("intrathecal-"):
            found[place] = ["intrathecal"]
    left = [place for place, has in enumerate(found) if not has]
    rest = [route for route in routes if [route] not in found]
    if len(left) == 1 and len(rest) == 1:
        found[left[0]] = rest
    return found


def split_versus(versus: str) -> tuple[str, str | None]:
    """Return a comparator and its figure: "radiotherapy (18.3 weeks)" is "radiotherapy" with "18.3
    weeks"."""
    match = _PARENTHESIS.match(versus)
    return (match["group"], match["figure"]) if match else (versus, None)


def comparison_table(comparison: _Comparison) -> Table:
    """Return the table of a comparison with its effects."""
    table = new_table(
        ("comparison",),
        {
            "comparison": comparison.number,
            "of": comparison.row,
            "against_group": comparison.against,
            "question": UNDECIDED,
        },
    )
    table.below = comparison.effects
    return table


def new_table(path: tuple[str, ...], entries: Mapping[str, Any]) -> Table:
    """Return a table of a list of tables, with its keys."""
    table = Table(path, f"[[{'.'.join(path)}]]")
    table.entries = [new_entry(key, value) for key, value in entries.items()]
    return table


def new_entry(key: str, value: Any) -> Entry:
    """Return a key with its value as TOML."""
    return Entry(key, f"{key} = {write_value(value, len(key) + 3)}", [])


def replace_value(table: Table, key: str, value: Any) -> None:
    """Put another value at a key of a table."""
    for entry in table.entries:
        if entry.key == key:
            entry.text = new_entry(key, value).text


def drop_keys(table: Table, *keys: str, silently: bool = False) -> None:
    """Take keys out of a table; what they said stays as a comment, unless it stands elsewhere
    now."""
    kept = []
    for entry in table.entries:
        if entry.key not in keys:
            kept.append(entry)
            continue
        said = [] if silently else [f"# schema 1: {line}" for line in entry.text.split("\n")]
        table.after += [*entry.lead, *said, *entry.after]
    table.entries = kept


def write_value(value: Any, before: int = 0) -> str:
    """Write a value as TOML, a list that is too long for a line over several; `before` is what
    stands left of it."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {write_value(item)}' for key, item in value.items())} }}"
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    items = [write_value(item) for item in value]
    line = f"[{', '.join(items)}]"
    if before + len(line) <= WIDTH and not any(isinstance(item, dict) for item in value):
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
