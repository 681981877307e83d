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
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmtx.curation.formatter import (
    TomlEntry,
    TomlPieces,
    TomlTable,
    cut_into_tables,
    find_comments,
    list_model_fields,
    make_format_error,
    model_inside,
    parse_toml,
    sort_table,
    split_toml_statements,
    write_toml_pieces,
)
from lmtx.errors import DataError
from lmtx.model import schema
from lmtx.model.vocabulary import SCOPES, TIME_UNITS, UNDECIDED
from lmtx.store.loading import (
    Location,
    find_file_model,
    find_nearest_line,
    find_schema_1_location,
    name_base_file,
)
from lmtx.tuples import NamedTuple

if TYPE_CHECKING:
    from pydantic import BaseModel

CHANGED_TABLES = ("study", "evidence", "trial")
"""Tables of a file in which something is moved."""
SCHEMA_1_EFFECT_UNITS = frozenset({"HR", "OR"})
"""Units of schema 1 that tell an effect between two groups."""
KEYS_SHARED_BY_OUTCOME_AND_EFFECT = (
    "at",
    "ci",
    "ci_upper",
    "ci_level",
    "p",
    "group",
    "assessed_by",
    "as_printed",
)
"""Keys of an outcome that an effect has too."""
OUTCOME_ONLY_KEYS = frozenset({"scope", "events", "total"})
"""Keys of an outcome that an effect has not."""
UNNAMED_COMPARATOR = "the comparator, which the record does not name"
WIDEST_LINE = 100
"""Columns of a list on one line."""
_PARENTHESIS = re.compile(r"^(?P<group>.*?\S)\s*\((?P<figure>[^()]+)\)$", re.DOTALL)
"""A comparator with its figure, as schema 1 wrote it: "radiotherapy alone (18.3 weeks)"."""
_NOT_REACHED = re.compile(
    r"\b(not (yet |been |yet been )?(reached|attained|estimable|evaluable|calculable)"
    r"|never reached|unreached|N\.?Y?R\.?(?!\w)|N\.?E\.?(?!\w))",
    re.IGNORECASE,
)
"""Words that stand for a median, or a bound of it, that was not reached."""
_MEDIAN_UNREACHED = re.compile(
    r"\b(?:median|survival|OS|PFS)\b[^.;]*\b(?:not (?:yet |been |yet been )?reached|unreached)\b"
    r"|\bnot reach(?:ed)?\b[^.;]*\bmedian\b",
    re.IGNORECASE,
)
"""A sentence that says so of a median."""


class OpenDecision(NamedTuple):
    """What a person must still decide, and the line of the new text that it is about."""

    line: int
    what: str


class UpgradedFile(NamedTuple):
    """The text of a file in schema 2, and what a person must still decide, a line each."""

    text: str
    decisions: tuple[OpenDecision, ...]


class MovedEffect(NamedTuple):
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
    effects: list[TomlTable] = field(default_factory=list)


def upgrade_file(text: str, name: str) -> UpgradedFile | None:
    """Return a file of schema 1 in schema 2, or None where it is of schema 2 already.

    `name` is that of the file. Raises DataError with file and line where the text is no TOML, or is
    written in a form that cannot be moved by rule.
    """
    text = text.replace("\r\n", "\n")
    before = parse_toml(text, name)
    older = before.get("schema_version") == 1
    if find_schema_1_location(before) is None and not older:
        return None
    refuse_unexpected_moved_values(
        {key: before[key] for key in CHANGED_TABLES if key in before}, text, name
    )
    cut = cut_into_headed_tables(before, text, name)
    file = _Upgrader(cut)
    file.move()
    sort_table(cut.root, find_file_model(name_base_file(Path(name))))
    made = write_toml_pieces(cut)
    after = parse_toml(made, name)
    if (
        find_schema_1_location(after) is not None
    ):  # the rules left something: say so rather than half of it
        raise make_format_error(
            name, 1, "cannot be made schema 2 by rule", "write it like the other files"
        )
    decisions = sorted(locate_decisions(file.decisions, after, made), key=lambda one: one.line)
    return UpgradedFile(made, tuple(decisions))


def locate_decisions(
    asked: list[tuple[str, Any, str]], after: Mapping[str, Any], new_text: str
) -> Iterator[OpenDecision]:
    """Yield what is asked of a record, by kind and number, with the line where that now stands."""
    for kind, number, what in asked:
        key = "evidence" if kind == "row" else kind
        where = kind if number is None else f"{kind} {number}"
        location: Location = (key,)
        if number is not None:
            key_of = kind  # a row and a comparison have their numbers under their names
            places = [record.get(key_of) for record in after.get(key, ())]
            location = (key, places.index(number)) if number in places else (key, 0)
        elif kind == "second_read":
            location = ("study", "second_read", 0)
        yield OpenDecision(find_nearest_line(new_text, location), f"{where}: {what}")


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_outcome_value(value: Any) -> bool:
    """Tell whether a value is a finite number, or says that a median was not reached."""
    return is_number(value) or (is_text(value) and bool(_NOT_REACHED.fullmatch(value.strip())))


def is_text(value: Any) -> bool:
    """Tell whether a value is a text."""
    return isinstance(value, str)


def is_list_of_texts(value: Any) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


def is_list_of_numbers(value: Any) -> bool:
    """Tell whether a value is a list of numbers."""
    return isinstance(value, list) and all(map(is_number, value))


def is_list_of_confirmed_figures(value: Any) -> bool:
    """Tell whether a value is a list of confirmed figures."""
    return isinstance(value, list) and all(
        isinstance(figure, dict)
        and all(
            MOVED_KEY_CHECKS[key](item) for key, item in figure.items() if key in MOVED_KEY_CHECKS
        )
        for figure in value
    )


MOVED_KEY_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "row": is_number, "treatments": is_list_of_texts, "routes": is_list_of_texts, "dose": is_text,
    "level": is_text, "endpoint": is_text, "unit": is_text, "scope": is_text, "versus": is_text,
    "value": is_outcome_value, "ci": is_list_of_numbers, "ci_upper": is_text, "ci_level": is_number, "p": is_text,
    "at": is_text, "group": is_text, "assessed_by": is_text, "figures": is_list_of_confirmed_figures,
    "as_printed": lambda value: isinstance(value, bool),
}  # fmt: skip
"""Keys that are read to be moved, and what each must hold."""


def refuse_unexpected_moved_values(value: Any, text: str, name: str, at: Location = ()) -> None:
    """Raise DataError where a key that must be moved holds what schema 1 does not."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            refuse_unexpected_moved_values(item, text, name, (*at, place))
    for key, item in value.items() if isinstance(value, dict) else ():
        if key not in MOVED_KEY_CHECKS:
            refuse_unexpected_moved_values(item, text, name, (*at, key))
        elif not MOVED_KEY_CHECKS[key](item):
            what = f"{key}: is not what schema 1 holds there"
            raise make_format_error(
                name, find_nearest_line(text, (*at, key)), what, "mend it, then upgrade"
            )


def list_headed_keys(model: type[BaseModel]) -> set[str]:
    """Return the keys of records below a model that are written as tables with headers."""
    headed: set[str] = set()
    for key, info in list_model_fields(model).items():
        inside = model_inside(info.annotation)
        if inside is not None and inside is not schema.Confirmed:
            headed |= {key} | list_headed_keys(inside)
    return headed


FILE_MODELS: tuple[type[BaseModel], ...] = (
    schema.StudyFile,
    schema.TreatmentsFile,
    schema.TumorsFile,
    schema.BiomarkersFile,
    schema.GuidelinesFile,
    schema.TrialsFile,
    schema.CorrectionsFile,
)
HEADED_KEYS = frozenset(key for model in FILE_MODELS for key in list_headed_keys(model))
"""Keys of all records that are written as tables with headers."""


def holds_tables(value: Any) -> bool:
    """Tell whether a value is a table or a list of tables."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    )


def cut_into_headed_tables(parsed: dict[str, Any], text: str, name: str) -> TomlPieces:
    """Cut a text into its tables; where some are written inside a value, by dotted keys, or before
    the table that they belong to, all are written out with headers."""
    try:
        cut = cut_into_tables(text, name)
    except DataError:
        return build_headed_tables(parsed, text)
    waiting = [cut.root]
    while waiting:
        table = waiting.pop()
        waiting += table.below
        inside = (
            e.key
            for e in table.entries
            if e.key in HEADED_KEYS and holds_tables(table.value(e.key))
        )
        if (table.path and table.path[-1] not in HEADED_KEYS) or next(inside, None):
            return build_headed_tables(parsed, text)
    return cut


def build_headed_tables(parsed: dict[str, Any], text: str) -> TomlPieces:
    """Return the tables of a parsed text as if each had a header, with the comments of the text
    above what they stood at."""
    root = TomlTable(())
    nodes: dict[Location, TomlTable | TomlEntry] = {}
    fill_table_and_nodes(root, parsed, (), nodes)
    top: list[str] = []
    lead: list[str] = []
    table: Location = ()
    newest: dict[tuple[str, ...], int] = {}
    begun = False
    for _, piece in split_toml_statements(text.split("\n")):
        written = piece.strip(" \t")
        if not written or written.startswith("#"):
            lead += [written] if written else []
            if not begun and (not written or written.startswith("#:")):
                top, lead = top + lead, []
            continue
        begun = True
        if written.startswith("["):
            here = table = locate_header(written, newest)
        else:
            here = (*table, *dotted_keys(parse_toml(written, "")))
        depth = next((n for n in range(len(here), 0, -1) if here[:n] in nodes), 0)
        node = nodes.get(here[:depth], root)
        node.lead += [*lead, *find_comments(piece)]
        lead = []
    return TomlPieces(top, root, lead)


def fill_table_and_nodes(
    table: TomlTable,
    values: Mapping[str, Any],
    at: Location,
    nodes: dict[Location, TomlTable | TomlEntry],
) -> None:
    """Put parsed values into a table, those that are records into tables below it; `nodes` gets
    each by its location, the first of a list by the list's too."""
    for key, value in values.items():
        here: Location = (*at, key)
        if key not in HEADED_KEYS or not holds_tables(value):
            nodes[here] = entry = new_entry(key, value)
            table.entries.append(entry)
            continue
        path = (*table.path, key)
        many = isinstance(value, list)
        header = f"[[{'.'.join(path)}]]" if many else f"[{'.'.join(path)}]"
        for place, item in enumerate(value if many else [value]):
            below = TomlTable(path, header)
            table.below.append(below)
            spot = (*here, place) if many else here
            nodes[spot] = below
            nodes.setdefault(here, below)
            fill_table_and_nodes(below, item, spot, nodes)


def locate_header(header: str, newest: dict[tuple[str, ...], int]) -> Location:
    """Return the location that a header opens; `newest` holds the last place of each list."""
    path: tuple[str, ...] = ()
    inside: Any = parse_toml(header, "")
    here: Location = ()
    while isinstance(inside, Mapping) and inside:
        [(key, inside)] = inside.items()
        path = (*path, key)
        if isinstance(inside, list):
            newest[path] = newest.get(path, -1) + 1
            for below in [known for known in newest if known[: len(path)] == path != known]:
                del newest[below]
            inside = None
        here = (*here, key, newest[path]) if path in newest else (*here, key)
    return here


def dotted_keys(parsed: Any) -> Iterator[str]:
    """Yield the key of a piece, and those behind its dots."""
    while isinstance(parsed, Mapping) and len(parsed) == 1:
        [(key, parsed)] = parsed.items()
        yield key


class _Upgrader:
    """A file in pieces, while its tables are moved."""

    def __init__(self, cut: TomlPieces) -> None:
        self.root = cut.root
        self.decisions: list[tuple[str, Any, str]] = []
        self.comparisons: list[_Comparison] = []
        self.moved: list[MovedEffect] = []

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
            self.ask_person(
                "comparison",
                comparison.number,
                f"what does row {comparison.row} against {comparison.against!r} ask, and what does "
                "it test?",
            )
        for table in self.root.below:
            if table.path == ("study",):
                self.move_study(table)

    def ask_person(self, kind: str, number: Any, what: str) -> None:
        self.decisions.append((kind, number, what))

    def move_study(self, study: TomlTable) -> None:
        if (level := study.value("level")) is not None:
            self.ask_person(
                "study", None, f"a level follows from the records; the override {level} is gone"
            )
        drop_keys(study, "level", "level_reason")
        for reading in study.below:
            if reading.path == ("study", "second_read"):
                self.move_reading(reading)

    def move_row(self, table: TomlTable) -> None:
        number = table.value("row")
        treatments = table.value("treatments") or []
        if not isinstance(treatments, list) or "given" in {below.path[-1] for below in table.below}:
            return
        self.move_given(table, number, treatments)
        if (level := table.value("level")) is not None:
            what = f"a level follows from the records; the override {level} is gone"
            self.ask_person("row", number, what)
        drop_keys(table, "level", "level_reason")
        if table.value("direction") == "no-benefit":
            what = "schema 1 had no word for worse: is it no-benefit, or did they do worse?"
            self.ask_person("row", number, what)
        self.move_pooled(table, number)
        outcomes = [below for below in table.below if below.path[-1] == "outcome"]
        for outcome in outcomes:
            self.move_outcome(table, outcome, number)
            self.move_median(outcome, number)
        if not any(outcome.value("not_reached") for outcome in outcomes):
            for key in ("summary", "setting"):
                if _MEDIAN_UNREACHED.search(str(table.value(key) or "")):
                    what = f"the {key} says that a median was not reached: enter it as an outcome?"
                    self.ask_person("row", number, what)

    def move_pooled(self, table: TomlTable, number: Any) -> None:
        """Make the number of a row that pools in others the number pooled: schema 1 counted all."""
        n, mixed_with = table.value("n"), table.value("mixed_with")
        if n is None or mixed_with is None or table.value("n_pooled") is not None:
            return
        for entry in table.entries:
            if entry.key == "n":
                entry.key, entry.text = (
                    "n_pooled",
                    f"n_pooled = {entry.text.partition('=')[2].strip()}",
                )
        self.ask_person("row", number, f"how many of the {n} have LM of a solid tumor (n)?")

    def move_median(self, outcome: TomlTable, number: Any) -> None:
        """Say of a median without a value that it was not reached, where its words do; ask where
        only some of them do."""
        value, unit, endpoint = (outcome.value(key) for key in ("value", "unit", "endpoint"))
        if outcome.value("not_reached") or unit in SCHEMA_1_EFFECT_UNITS:
            return
        told = next(
            (
                (key, text)
                for key in ("value", "group", "at", "ci_upper")
                if isinstance(text := outcome.value(key), str) and _NOT_REACHED.search(text)
            ),
            None,
        )
        if is_number(value):
            if told is not None and told[0] in ("group", "at") and unit in TIME_UNITS:
                what = (
                    f"{endpoint} {value:g} {unit}, {told[1]!r}: is a median not reached a figure "
                    f"here?"
                )
                self.ask_person("row", number, what)
            return
        if told is None or unit not in TIME_UNITS:
            self.ask_person("row", number, f"the {endpoint} has no value: which is it?")
            return
        drop_keys(outcome, "value", without_comment=told[0] == "value")
        outcome.entries.append(new_entry("not_reached", True))
        if told[0] != "value":
            what = (
                f"the {endpoint} has no value and {told[0]} {told[1]!r}: was its median not "
                f"reached?"
            )
            self.ask_person("row", number, what)

    def move_given(self, table: TomlTable, number: Any, treatments: list[str]) -> None:
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
            without_comment=True,
        )
        drop_keys(table, "routes", "dose")
        given = []
        for treatment, found in zip(treatments, of, strict=True):
            entries: dict[str, Any] = {"treatment": treatment, "role": UNDECIDED}
            entries |= {"routes": found} if found else {}
            entries |= {"dose": dose} if alone and dose is not None else {}
            given.append(new_table(("evidence", "given"), entries))
        table.below[:0] = given
        what = f"what is tested, what is background: {', '.join(treatments) or 'none is named'}?"
        if len(set(treatments)) > 1:
            what += (
                " Were those tested given together, some to each patient, or in turn (given_as)?"
            )
        self.ask_person("row", number, what)
        if rest:
            self.ask_person("row", number, f"which treatment has the route {', '.join(rest)}?")
        if dose is not None and not alone:
            self.ask_person("row", number, f"which treatment has the dose {dose!r}?")

    def move_outcome(self, row: TomlTable, outcome: TomlTable, number: Any) -> None:
        """Make an effect of what an outcome tells against a comparator; a ratio leaves the row for
        it."""
        versus, unit = outcome.value("versus"), outcome.value("unit")
        scope, endpoint = outcome.value("scope"), outcome.value("endpoint")
        if unit not in SCHEMA_1_EFFECT_UNITS and scope is not None and scope not in SCOPES:
            drop_keys(outcome, "scope")
            outcome.entries.append(new_entry("scope", "other"))
            what = f"the {endpoint} of scope {scope!r} belongs to a row of its own"
            self.ask_person("row", number, what)
        if versus is None and unit not in SCHEMA_1_EFFECT_UNITS:
            return
        group, other = (
            split_versus(versus) if isinstance(versus, str) else (UNNAMED_COMPARATOR, None)
        )
        comparison = self.find_or_add_comparison(number, group)
        entries: dict[str, Any] = {"endpoint": endpoint}
        p = outcome.value("p")
        if unit in SCHEMA_1_EFFECT_UNITS:
            entries |= {"unit": unit, "value": outcome.value("value")}
            entries |= {
                key: value
                for key in KEYS_SHARED_BY_OUTCOME_AND_EFFECT
                if (value := outcome.value(key)) is not None
            }
            self.moved.append(
                MovedEffect(number, endpoint, outcome.value("value"), comparison.number, unit)
            )
        else:
            entries |= {"unit": "none"} if p is None else {"unit": "p-only", "p": p}
            what = f"which side does the {endpoint} favour?"
            self.ask_person("comparison", comparison.number, what)
        if other:
            entries["note"] = f"the other side: {other}"
            what = f"{group!r} has a figure of its own ({endpoint} {other}): make it a row?"
            self.ask_person("comparison", comparison.number, what)
        effect = new_table(("comparison", "effect"), entries)
        comparison.effects.append(effect)
        if unit in SCHEMA_1_EFFECT_UNITS:
            if outcome.value("value") is None:
                what = f"the {endpoint} has no {unit}: which is it?"
                self.ask_person("comparison", comparison.number, what)
            if scope not in (None, "whole"):
                what = f"the {endpoint} {unit} is of scope {scope!r}: of which patients (group)?"
                self.ask_person("comparison", comparison.number, what)
            drop_keys(outcome, *(OUTCOME_ONLY_KEYS & {entry.key for entry in outcome.entries}))
            effect.lead, effect.after = outcome.lead, outcome.after
            for entry in outcome.entries:
                effect.after += [*entry.lead, *entry.after]
            row.below = [below for below in row.below if below is not outcome]
        else:
            drop_keys(outcome, "versus", "p", without_comment=True)

    def find_or_add_comparison(self, row: Any, against: str) -> _Comparison:
        """Return the comparison of a row with a group in words, a new one where there is none."""
        for comparison in self.comparisons:
            if (comparison.row, comparison.against) == (row, against):
                return comparison
        taken = [table.value("comparison") for table in self.root.below]
        highest = max([0, *(number for number in taken if isinstance(number, int))])
        self.comparisons.append(_Comparison(highest + len(self.comparisons) + 1, row, against))
        return self.comparisons[-1]

    def move_reading(self, reading: TomlTable) -> None:
        """Carry the figures that a second reader confirmed to where they stand now."""
        figures = reading.value("figures")
        if not isinstance(figures, list) or any("unit" in figure for figure in figures):
            return
        for entry in reading.entries:
            if entry.key == "figures":
                entry.lead += find_comments(entry.text)
        made = [self.convert_confirmed(figure) for figure in figures]
        replace_value(reading, "figures", made)

    def convert_confirmed(self, figure: dict[str, Any]) -> dict[str, Any]:
        """Return a confirmed figure with its row or comparison and its unit."""
        row, endpoint, value = (figure.get(key) for key in ("row", "endpoint", "value"))
        value = value if is_number(value) else None  # a median not reached
        for moved in self.moved:
            same = (moved.endpoint, moved.value) == (endpoint, value)
            if same and row in (None, moved.row):
                return {
                    "comparison": moved.comparison,
                    "endpoint": endpoint,
                    "value": value,
                    "unit": moved.unit,
                }
        found = [
            (number, outcome)
            for number, outcome in self.list_outcomes()
            if (outcome.value("endpoint"), outcome.value("value")) == (endpoint, value)
            and row in (None, number)
        ]
        if found:
            number, outcome = found[0]
            if len({number for number, _ in found}) > 1:
                rows = ", ".join(str(number) for number, _ in found)
                what = f"the {endpoint} {value} stands in rows {rows}: which was found again?"
                self.ask_person("second_read", None, what)
            told = {"value": value} if value is not None else {"not_reached": True}
            return {"row": number, "endpoint": endpoint, **told, "unit": outcome.value("unit")}
        self.ask_person("second_read", None, f"no figure of the record is the {endpoint} {value}")
        return {**figure, "unit": "none"}

    def list_outcomes(self) -> Iterator[tuple[Any, TomlTable]]:
        """Yield every outcome with the number of its row."""
        for table in self.root.below:
            if table.path == ("evidence",):
                for below in table.below:
                    if below.path[-1] == "outcome":
                        yield table.value("row"), below

    def move_trial(self, table: TomlTable) -> None:
        """Make one table of each treatment of a trial; a registry's role is unknown."""
        treatments = table.value("treatments")
        if not isinstance(treatments, list):
            return
        drop_keys(table, "treatments", without_comment=True)
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
    if match and re.search(rf"\d|{_NOT_REACHED.pattern}", match["figure"], re.IGNORECASE):
        return match["group"], match["figure"]
    return versus, None


def comparison_table(comparison: _Comparison) -> TomlTable:
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


def new_table(path: tuple[str, ...], entries: Mapping[str, Any]) -> TomlTable:
    """Return a table of a list of tables, with its keys."""
    table = TomlTable(path, f"[[{'.'.join(path)}]]")
    kept = {key: value for key, value in entries.items() if value is not None}
    table.entries = [new_entry(key, value) for key, value in kept.items()]
    return table


def new_entry(key: str, value: Any) -> TomlEntry:
    """Return a key with its value as TOML."""
    return TomlEntry(key, f"{key} = {write_toml_value(value, len(key) + 3)}", [])


def replace_value(table: TomlTable, key: str, value: Any) -> None:
    """Put another value at a key of a table."""
    for entry in table.entries:
        if entry.key == key:
            entry.text = new_entry(key, value).text


def drop_keys(table: TomlTable, *keys: str, without_comment: bool = False) -> None:
    """Take keys out of a table; what they said stays as a comment, unless it stands elsewhere
    now."""
    kept = []
    for entry in table.entries:
        if entry.key not in keys:
            kept.append(entry)
            continue
        said = [] if without_comment else [f"# schema 1: {line}" for line in entry.text.split("\n")]
        table.after += [*entry.lead, *said, *entry.after]
    table.entries = kept


def write_toml_value(value: Any, columns_before: int = 0) -> str:
    """Write a value as TOML, a list that is too long for a line over several; `columns_before` is
    what
    stands left of it."""
    if isinstance(value, dict):
        return (
            f"{{ {', '.join(f'{key} = {write_toml_value(item)}' for key, item in value.items())} }}"
        )
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    items = [write_toml_value(item) for item in value]
    line = f"[{', '.join(items)}]"
    if columns_before + len(line) <= WIDEST_LINE and not any(
        isinstance(item, dict) for item in value
    ):
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
