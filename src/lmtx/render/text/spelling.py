"""Text in ASCII that says the same figures: a sign is spelled so that no number changes, or stays,
escaped. Read only where somebody asks for it."""

from __future__ import annotations

import re
import unicodedata

from lmtx.model.notation import DIRECTION_FOOTNOTE, DIRECTION_SYMBOL_WORDS

_SPELLINGS = str.maketrans({
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "›": ">", "≥": ">=", "≤": "<=", "⩾": ">=", "⩽": "<=", "≧": ">=", "≦": "<=", "×": "x", "·": "-", "±": "+/-",
    "†": "[!]", "‡": "[#]", "‽": "[?]", "°": "[o]", "§": "[x]", "≈": "[=]", "¶": "[&]", "◆": "[~]", "∼": "~", "µ": "u", "μ": "u", "’": "'", "‘": "'", "“": '"', "”": '"',
    "α": "alpha", "β": "beta", "γ": "gamma", "•": "*", "→": "->", "►": ">", "Σ": "[S]", "≠": "/=", "∞": "inf", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "κ": "kappa", "λ": "lambda", "Δ": "Delta", "─": "-", "⁄": "/",
})  # fmt: skip
_ONE_WAY = r"[▲▼±=?]\d+"
_TALLY = re.compile(rf"(?<!\S){_ONE_WAY}(?: {_ONE_WAY})*(?=\s|$|[;)\]])", re.MULTILINE)
"""Studies by direction: "▲10 ±3 ?3"."""
_LEGEND = re.compile(rf"(?<={DIRECTION_FOOTNOTE[0]} ).+$", re.MULTILINE)
"""What explains the signs of directions, as `explain_directions_in_text` writes it."""
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
    if text.isascii() and not _TALLY.search(text):
        return text
    text = _LEGEND.sub(_spell_legend, text)
    text = _DIRECTION.sub(lambda found: DIRECTION_SYMBOL_WORDS[found["way"] or "±"], text)
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
    return ", ".join(f"{part[1:]} {DIRECTION_SYMBOL_WORDS[part[0]]}" for part in parts)


def _spell_character(sign: str, before: str, after: str) -> str:
    """Return the spelling of one sign between two others."""
    known = sign.translate(_SPELLINGS)
    if known.isascii():
        return known
    if sign in DIRECTION_SYMBOL_WORDS:
        gaps = (" " if beside.isalnum() else "" for beside in (before, after))
        return DIRECTION_SYMBOL_WORDS[sign].join(gaps)
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
