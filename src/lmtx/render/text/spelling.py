"""Text in ASCII that says the same figures: a sign is spelled so that no number changes, or stays,
escaped."""

from __future__ import annotations

import re
import unicodedata

_SPELLINGS = str.maketrans({
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "›": ">", "≥": ">=", "≤": "<=", "⩾": ">=", "⩽": "<=", "≧": ">=", "≦": "<=", "×": "x", "·": "-", "±": "+/-", "▲": "^",
    "▼": "v", "†": "[!]", "‡": "[#]", "‽": "[?]", "°": "[o]", "§": "[x]", "≈": "[=]", "◆": "[~]", "∼": "~", "µ": "u", "μ": "u", "’": "'", "‘": "'", "“": '"', "”": '"',
    "α": "alpha", "β": "beta", "γ": "gamma", "•": "*", "→": "->", "►": ">", "Σ": "[S]", "≠": "/=", "∞": "inf", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "κ": "kappa", "λ": "lambda", "Δ": "Delta", "─": "-", "⁄": "/",
})  # fmt: skip
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


def _spell_character(sign: str, before: str, after: str) -> str:
    """Return the spelling of one sign between two others."""
    known = sign.translate(_SPELLINGS)
    if known.isascii():
        return known
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
