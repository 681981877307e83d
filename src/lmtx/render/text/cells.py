"""A value as the text of one cell: flat for machines, plain for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from lmtx.model import figures
from lmtx.model.figures import on_one_line
from lmtx.model.notation import (
    DIRECTION,
    DIRECTION_WORDS,
    mark_figure,
    mark_reading,
    write_figure_footnotes,
    write_harm_footnotes,
)

_ARMED = r"""^(?='*[=+\-@＝＋－＠])|(?<=;)(?=["'\s]*[=+\-@＝＋－＠])"""
"""Where a cell begins a formula: at its start, or after a semicolon, where some spreadsheets begin
a cell."""
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


def flatten_value(value: Any) -> str:
    """Write a value of a field on one line: nothing is cut, lists are joined by "; ", nothing is an
    empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dict):
        if "favours" in value and "adjusted" in value:
            return figures.write_effect(value)
        return (
            figures.write_full_figure(value)
            if "scope" in value and "unit" in value
            else "; ".join(
                f"{key}={flatten_value(item)}"
                for key, item in value.items()
                if item not in (None, [], "")
            )
        )
    if isinstance(value, list | tuple):
        separator = " | " if value and isinstance(value[0], dict) else "; "
        return separator.join(flatten_value(item) for item in value)
    return on_one_line(str(value))


def write_field(row: Any, name: str, marked: Sequence[str] = ()) -> str:
    """Write a field for people: a figure with its patients and its marks, and a dagger behind the
    `marked` fields of a row that was not read at its source.

    Machines have n and marks as fields of their own.
    """
    value = getattr(row, name)
    said = flatten_value(value)
    if not said:
        return said
    read_in: Any = getattr(row, "read_in", None)
    if name == "figure" and hasattr(row, "figure_scope"):
        size = f" n={row.figure_n}" if row.figure_n is not None else ""
        return f"{said}{size}{write_figure_footnotes(row)}"
    if name in ("n", "share") and hasattr(row, "with_others") and name in marked:
        return said + write_harm_footnotes(row._asdict())
    if name in ("outcomes", "effects") and name in marked:
        dagger = mark_reading(read_in)
        told = (flatten_value(one) + mark_figure(one, read_in) + dagger for one in value)
        return " | ".join(told)
    return said + mark_reading(read_in) if name in marked else said


def escape_formula(cell: str) -> str:
    """Return a cell of CSV so that no spreadsheet runs it: an apostrophe stands before what would
    begin a formula; a number stays as it is.

    Where such apostrophes are already, there is one more, so that taking the first one away always
    gives back what there was.
    """
    return cell if re.fullmatch(_NUMBER, cell) else re.sub(_ARMED, "'", cell)


def plain_text(text: str, ascii_only: bool) -> str:
    """Return text for a screen: as it is, or spelled with ASCII alone, no figure of it changed."""
    if not ascii_only or (text.isascii() and not _TALLY.search(text)):
        return text
    return spell_ascii(text)


_SPELLINGS = str.maketrans({
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "›": ">", "≥": ">=", "≤": "<=", "⩾": ">=", "⩽": "<=", "≧": ">=", "≦": "<=", "×": "x", "·": "-", "±": "+/-",
    "†": "[!]", "‡": "[#]", "‽": "[?]", "°": "[o]", "§": "[x]", "≈": "[=]", "¶": "[&]", "◆": "[~]", "∼": "~", "µ": "u", "μ": "u", "’": "'", "‘": "'", "“": '"', "”": '"',
    "α": "alpha", "β": "beta", "γ": "gamma", "•": "*", "→": "->", "►": ">", "Σ": "[S]", "≠": "/=", "∞": "inf", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "κ": "kappa", "λ": "lambda", "Δ": "Delta", "─": "-", "⁄": "/",
})  # fmt: skip
_ONE_WAY = r"[▲▼±=?]\d+"
_TALLY = re.compile(rf"(?<!\S){_ONE_WAY}(?: {_ONE_WAY})*(?=\s|$|[;)\]])", re.MULTILINE)
"""Studies by direction: "▲10 ±3 ?3"."""
_LEGEND = re.compile(rf"(?<={DIRECTION[0]} ).+$", re.MULTILINE)
"""What explains the signs of directions, as `list_directions` writes it."""
_DIRECTION = re.compile(
    r"(?<!\S)(?:(?P<way>[▲▼])(?=\s|$)|(?<![\d%)] )(?P<mixed>±)(?= [A-Za-z]|\s*$))"
    r"(?P<word> (?:benefit|worse|mixed)\b)?",
    re.MULTILINE,
)
"""A sign of a direction before words or alone, with the word that says the same."""
_UP = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_DOWN = "₀₁₂₃₄₅₆₇₈₉₊₋"
_NORMAL = str.maketrans(_UP + _DOWN, "0123456789+-" * 2)
_RAISED = re.compile(f"[{_UP}]+")
_LOWERED = re.compile(rf"(?<=[\d{_UP}])[{_DOWN}]+|[{_DOWN}]+(?=\d)")
_SMALL_FRACTION = re.compile(r"([⁰¹²³⁴-⁹]+)[⁄/]([₀-₉]+)(?![\d₊₋])")
_TIMES = re.compile(rf"(?<=\d)·(?=10[{_UP}^])")
"""A dot that multiplies: 2·10⁷."""
_POINT = re.compile(r"(?<=\d)·(?=\d)")
"""A dot as some journals print the decimal point: 9·5."""
_BETWEEN = re.compile(r"(?<=\d )·(?= \d)")
_PRODUCT = re.compile(r"(?<=\S)·(?=\S)")
_NUMERAL = rf"[\d{_UP}{_DOWN}¼-¾⅐-⅞]"
_AMBIGUOUS = re.compile(rf"[›►](?=[ =]*{_NUMERAL})|(?<!\d)·(?={_NUMERAL})|(?<={_NUMERAL})[•ºª▲]")
"""Signs whose spelling would be read as a part of the number beside them."""


def spell_ascii(text: str) -> str:
    """Return text in ASCII. What has no spelling that leaves each figure as it is stays escaped, as
    in JSON: "\\u2030"."""
    text = _LEGEND.sub(_spell_legend, text)
    text = _DIRECTION.sub(lambda found: DIRECTION_WORDS[found["way"] or "±"], text)
    text = _TALLY.sub(_spell_tally, text)
    text = _AMBIGUOUS.sub(lambda found: _escape(found[0]), text)
    text = _POINT.sub(".", _TIMES.sub("x", _BETWEEN.sub("|", text)))
    text = _PRODUCT.sub("*", text)
    text = _SMALL_FRACTION.sub(lambda found: f" {found[0].translate(_NORMAL)} ", text)
    text = _LOWERED.sub(lambda found: "".join(map(_escape, found[0])), text)
    text = _RAISED.sub(lambda found: f"^{found[0].translate(_NORMAL)}", text)
    spelled: list[str] = []
    for sign, before, after in zip(text, " " + text, text[1:] + " ", strict=False):
        spelled.append(sign if sign.isascii() else _spell_character(sign, before, after))
    return "".join(spelled)


def _spell_legend(found: re.Match[str]) -> str:
    """Return what explains signs of directions without those that ASCII has in words."""
    signs = [one for one in found[0].split(", ") if one.isascii()]
    return ", ".join(signs) or "in words"


def _spell_tally(found: re.Match[str]) -> str:
    """Return a tally in words: "10 benefit, 3 mixed, 3 unclear"; a lone "±3" behind a number is
    none."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    parts = found[0].split(" ")
    stands_apart = re.search(r"(^|\n|[:·] )$", before) and re.match(r"$|\n| ·|;", after)
    if len(parts) == 1 and found[0][0] not in "▲▼" and not stands_apart:
        return found[0]
    return ", ".join(f"{part[1:]} {DIRECTION_WORDS[part[0]]}" for part in parts)


def _spell_character(sign: str, before: str, after: str) -> str:
    """Return the spelling of one sign between two others."""
    known = sign.translate(_SPELLINGS)
    if known.isascii():
        return known
    if sign in DIRECTION_WORDS:
        gaps = (" " if beside.isalnum() else "" for beside in (before, after))
        return DIRECTION_WORDS[sign].join(gaps)
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.digit(sign))
    if category == "Mn":
        return "" if before.isalpha() else _escape(sign)
    whole = unicodedata.normalize("NFKD", sign)
    if "⁄" in whole:
        gap, end = ("" if beside in " ()[]" else " " for beside in (before, after))
        return f"{gap}{whole.replace('⁄', '/')}{end}"
    if whole[0].isalpha() and all(map(unicodedata.combining, whole[1:])):
        whole = whole[0]
    spelled = whole.translate(_SPELLINGS)
    is_number = any(letter.isdigit() for letter in spelled) and not sign.isalpha()
    return spelled if spelled.isascii() and not is_number else _escape(sign)


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
