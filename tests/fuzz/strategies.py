"""What the fuzz tests draw from: command lines and environments, made of the real commands and of
junk, and records that are nearly right."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import tomli
from hypothesis import strategies as st

from lmtx.cli.app import load_command
from lmtx.model import vocabulary
from support import BASE, COMMANDS, FIELDS


class Case(NamedTuple):
    """A command line with what it finds in the environment."""

    arguments: list[str]
    environment: dict[str, str]


# Words

ODD = (
    "", " ", "-", "--", "---", "-1", "0", "1", "999999999999999999999", "1e9", "²", "٣", "NaN", "true", "None", "\x00", "\x1b[31m", "\u202e", "\ud800", "須藤", "🙂", "é", "İ", "ß", "ﬁ",
    "a,b", ",", ",,", "id,id", "*", "%", "'", '"', "`", "$(x)", "; drop table text; --", "NEAR(a b, 2)", "a AND", "title:x", "^a", "{a}", "[bold]x[/]", ":smile:", "https://doi.org/10.1000/doe",
    "pmid:1001", "study:doe-2020", "treatment:", "nct00000001", "HER2-", "x" * 3000, "a\nb", "a\tb", "--tumor=north", "-tnorth", "-qt", "--json=1", "@file", "~", ".", "C:\\x",
)  # fmt: skip
"""What has tripped up some program or other."""
ENVIRONMENTS = {
    "COLUMNS": ("", "0", "1", "7", "20", "80", "²", "-1", "9" * 30), "LINES": ("0", "x"), "LMTX_FORCE_TTY": ("", "0", "1", "9", "20", "40", "80", "200", "²", "x"), "NO_COLOR": ("", "1"),
    "FORCE_COLOR": ("", "0", "1"), "PAGER": ("", "cat", "no such", "'"), "LMTX_DATA": ("", "base", ":", "no/such"), "TERM": ("dumb", "", "xterm", "unknown"), "LMTX_TODAY": ("2026-11-24", "", "yesterday", "0001-01-01", "9999-12-31", "2026-13-01"), "TZ": ("", "Nowhere/Else"),
}  # fmt: skip


@lru_cache
def known_words() -> tuple[str, ...]:
    """Return the ids and names of the made-up base, and every word of the closed vocabularies and
    of the fields."""
    found: dict[str, None] = {}
    for path in sorted(BASE.rglob("*.toml")):
        for key, value in leaves(tomli.loads(path.read_text(encoding="utf-8"))):
            if (
                isinstance(value, str)
                and key[-1] in ("id", "name", "label", "pmid", "doi", "acronym", 0, 1)
                and "://" not in value
            ):
                found[value] = None
    for words in vars(vocabulary).values():
        if isinstance(words, dict):
            found.update(dict.fromkeys(word for word in words if isinstance(word, str)))
    fields = dict.fromkeys(name for listing in FIELDS.values() for name in listing)
    return (
        *found,
        *FIELDS,
        *fields,
        *(name for name in COMMANDS if name not in WAITING),
        ",".join(list(fields)[:3]),
    )


def misspelt(word: str) -> st.SearchStrategy[str]:
    """Draw a word with one letter gone, doubled or in capitals."""
    changes: tuple[Callable[[int], str], ...] = (
        lambda i: word[:i] + word[i + 1 :],
        lambda i: word[:i] + word[i : i + 1] * 2 + word[i + 1 :],
        lambda i: word[:i].upper() + word[i:],
    )
    return st.builds(
        lambda change, i: change(i), st.sampled_from(changes), st.integers(0, len(word))
    )


def words() -> st.SearchStrategy[str]:
    """Draw a word that is known, nearly known, or none at all; without a slash, so that no file
    outside the folder is named."""
    known = st.sampled_from(known_words())
    junk = st.one_of(st.sampled_from(ODD), st.text(max_size=12)).map(
        lambda text: text.replace("/", "_").replace("..", "__")
    )
    return st.one_of(known, known, known.flatmap(misspelt), junk)


# Command lines

FILES = (
    *("out.json", "out.csv", "out.sqlite", "out.html", "out.svg", "out.xlsx", "out.md", "out.png"),
    *("out.bib", "out.ris", "folder", ".", "-", "file.toml", "no/such/place", "base"),
    *("base/tumors.toml", "base/studies/doe-2020.toml"),
)
FITTING: dict[str, tuple[str, ...]] = {
    "--tumor": ("north", "south", "north-east", "solid", "breast", "nsclc"),
    "--class": ("pills", "blue-pill", "radiation", "intrathecal"),
    "--treatment": ("examplinib", "samplexate", "pills", "osimertinib", "methotrexate"),
    "--biomarker": ("gene1", "egfr", "her2", "her2-negative"),
    "--after": ("examplinib", "pills", "osimertinib"),
    "--level": tuple(vocabulary.LEVELS),
    "--min-level": tuple(vocabulary.LEVELS),
    "--measure": (*vocabulary.EFFECT_MEASURES, *vocabulary.MEASURES),
    "--event": tuple(vocabulary.ADVERSE_EVENTS),
    "--grade": tuple(vocabulary.ADVERSE_GRADES),
    "--country": ("China", "US", "Europe"),
    "--sort": ("id", "level", "patients", "year", "n", "study", "event", "value"),
    "--fields": ("id", "id,level", "study,year", "yi,sei", "figure", "id,id"),
    "--rows": ("tumor", "treatment", "class", "biomarker", "route"),
    "--columns": ("endpoint", "class", "tumor", "level"),
    "--unit": ("months", "weeks", "days", "years"),
    "treatments": ("examplinib", "samplexate", "osimertinib", "methotrexate"),
    "drugs": ("examplinib", "samplexate", "osimertinib", "methotrexate"),
    "name": ("examplinib", "doe-2020", "north", "NCT00000001", "society-2022", "osimertinib"),
    "names": ("doe-2020", "loe-2018", "1001", "NCT00000001"),
}
"""Values that lead an option past its first check."""


def _fitting(parameter: Any) -> tuple[str, ...]:
    """Return words that are right for a parameter: those above, or its closed vocabulary."""
    for name in (*parameter.opts, parameter.name):
        if name in FITTING:
            return FITTING[name]
        known = getattr(vocabulary, f"{name.strip('-').replace('-', '_')}s".upper(), None)
        if isinstance(known, dict):
            return tuple(word for word in known if isinstance(word, str))
    return ()


def _values(parameter: Any) -> st.SearchStrategy[str]:
    """Draw a value for an option or argument, fit for its type more often than not."""
    kind = type(parameter.type).__name__
    if choices := getattr(parameter.type, "choices", None):
        return st.one_of(
            st.sampled_from([str(getattr(choice, "value", choice)) for choice in choices]), words()
        )
    if kind.startswith("Int"):
        return st.one_of(st.integers(-2, 2200).map(str), words())
    if kind == "TyperPath":
        return st.one_of(st.sampled_from(FILES), words())
    if fitting := _fitting(parameter):
        return st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), words())
    return words()


def _uses(parameter: Any) -> st.SearchStrategy[list[str]]:
    """Draw a use of an option, or the values of an argument."""
    if parameter.param_type_name == "argument":
        return st.lists(_values(parameter), max_size=4)
    spelling = st.sampled_from(parameter.opts)
    if getattr(parameter, "is_flag", False):
        return spelling.map(lambda name: [name])
    return st.one_of(
        st.tuples(spelling, _values(parameter)).map(list),
        st.tuples(spelling, _values(parameter)).map(lambda pair: [f"{pair[0]}={pair[1]}"]),
    )


WAITING = ("mcp",)
"""The command that waits for a client."""


@lru_cache
def _parameters(name: str) -> tuple[Any, ...]:
    return tuple(load_command(name).params)


@st.composite
def _meant(draw: st.DrawFn) -> list[str]:
    """Draw a command with options and arguments of its own."""
    name = draw(st.sampled_from([name for name in COMMANDS if name not in WAITING]))
    chosen = draw(st.lists(st.sampled_from(_parameters(name)), max_size=5))
    if needed := [
        parameter
        for parameter in _parameters(name)
        if parameter.required and parameter not in chosen and draw(st.booleans())
    ]:
        chosen += needed
    return [name, *(word for parameter in chosen for word in draw(_uses(parameter)))]


def cases() -> st.SearchStrategy[Case]:
    """Draw a command line, meant or senseless, with an environment."""
    surroundings = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in ENVIRONMENTS.items()}
    )
    senseless = st.lists(
        st.one_of(words(), st.sampled_from(("--help", "-h", "--version", "-V"))), max_size=5
    )
    return st.builds(Case, st.one_of(_meant(), _meant(), _meant(), senseless), surroundings)


# Records


def leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every value of a parsed file with the way to it, the tables and lists too."""
    yield way, value
    for key, item in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield from leaves(item, (*way, key))


def junk() -> st.SearchStrategy[Any]:
    """Draw a value that TOML can hold."""
    text = st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.sampled_from([word for word in ODD if word != "\ud800"]),
    )
    numbers = st.one_of(
        st.integers(-3, 3),
        st.integers(),
        st.floats(),
        st.sampled_from((0.1 + 0.2, 1e308, -0.0, 100, 100.0000001, 2**63, 10**400)),
    )
    flat = st.one_of(
        text,
        numbers,
        st.booleans(),
        st.dates(min_value=date(1, 1, 1)),
        st.sampled_from(known_words()),
    )
    return st.one_of(
        flat,
        st.lists(flat, max_size=3),
        st.dictionaries(st.sampled_from(("id", "row", "value", "x")), flat, max_size=2),
    )


@st.composite
def bases(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw files that replace some of the made-up base: records with a few changes, or text with a
    hole or a splinter."""
    found: dict[str, bytes] = {}
    names = sorted(path.relative_to(BASE).as_posix() for path in BASE.rglob("*.toml"))
    for name in draw(
        st.lists(st.sampled_from(names), min_size=1, max_size=draw(st.integers(1, 2)), unique=True)
    ):
        body = (BASE / name).read_bytes()
        found[name] = (
            draw(_spoiled(body))
            if draw(st.integers(0, 7)) == 0
            else as_toml(draw(_changed(tomli.loads(body.decode())))).encode()
        )
    return found


@st.composite
def _spoiled(draw: st.DrawFn, body: bytes) -> bytes:
    """Draw the bytes of a file with a piece replaced."""
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=6)) + body[start + draw(st.integers(0, 9)) :]


@st.composite
def _changed(draw: st.DrawFn, parsed: dict[str, Any]) -> dict[str, Any]:
    """Draw a parsed file with up to three values replaced, removed, doubled or exchanged."""
    changed = copy.deepcopy(parsed)
    for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
        places = [(way, value) for way, value in leaves(changed) if way]
        if not places:
            break
        way, value = draw(st.sampled_from(places))
        holder: Any = changed
        for step in way[:-1]:
            holder = holder[step]
        match draw(
            st.sampled_from(
                ("nudge", "nudge", "nudge", "replace", "remove", "double", "exchange", "add")
            )
        ):
            case "replace":
                holder[way[-1]] = draw(junk())
            case "nudge":
                holder[way[-1]] = draw(_nudged(value))
            case "remove":
                del holder[way[-1]]
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(value))
            case "exchange":
                holder[way[-1]] = copy.deepcopy(draw(st.sampled_from(places))[1])
            case _:
                (holder if isinstance(holder, dict) else changed)[
                    draw(st.sampled_from(("x", "note", "n", "level", "as_printed", "group")))
                ] = draw(junk())
    return changed


def _nudged(value: Any) -> st.SearchStrategy[Any]:
    """Draw a value near to another one: what a slip of the hand makes of it."""
    if isinstance(value, bool):
        return st.just(not value)
    if isinstance(value, int | float):
        return st.one_of(
            st.sampled_from((value + 1, value - 1, -value, value * 10, value / 10, value + 0.5)),
            st.floats(0, 100),
        )
    return misspelt(value) if isinstance(value, str) and value else st.just(value)


def as_toml(value: Any) -> str:
    """Return a table as TOML, all of it inline below the first level."""
    return "".join(f"{_inline(key)} = {_inline(item)}\n" for key, item in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{_inline(key)} = {_inline(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return (
        json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        if isinstance(value, str)
        else repr(value)
    )


def base_folder(files: dict[str, bytes], place: Path) -> Path:
    """Lay a copy of the made-up base into a new folder, some of its files replaced."""
    for path in BASE.rglob("*.toml"):
        name = path.relative_to(BASE).as_posix()
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.get(name, path.read_bytes()))
    return place
