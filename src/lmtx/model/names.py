"""How names are compared: case, dashes, blanks and accents do not matter; a sign, a threshold or a
"not" does."""

from __future__ import annotations

import re

# Patterns are compiled where they are first used: most look-ups need none of them.
EAST_ASIAN_PATTERN = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
"""A run of East Asian writing, where no blank parts words."""
FOLDED_MINUS = "\N{NOT SIGN}"
"""The minus of "HER2-" in a key, where a dash would be the one of "PD-L1"."""
_SPELLED = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae"}
    | dict.fromkeys("®©™\N{SOFT HYPHEN}")
)
_DASHES = dict.fromkeys(
    map(ord, "\u02c9\u02d7\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\u00af"), "-"
)
"""Signs that look like a dash or a minus: which of the two is meant, only what stands around it
tells."""
_COMPARED = str.maketrans(
    {"≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "\N{HEAVY MINUS SIGN}": "-"}
    | {"\N{HEAVY PLUS SIGN}": "+"}
)
_KEPT = frozenset(f"+%!{FOLDED_MINUS}")
"""Signs of ASCII and beside it that belong to a name as its letters do; all of mathematics do,
too."""
_OPENING, _CLOSING = "([{", ")]}"
_PRIMES = "'\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}"
_WORDED = r"([-+])\s*ve\b"
"""The sign of "HER2 -ve"."""
_NEGATED = r"neg|wild|without|defici|absen|\b(?:no|not|non|null|un\w*|wt|lack\w*|loss|lost|nil)\b"
_AFFIRMED = r"posit|mutat|mutant|amplif|rearrang|fusion"


def fold_name(name: str) -> str:
    """Return the key under which a name is looked up: "Non-small cell" and "nonsmallcell" share
    one.

    "HER2-", "HER2 (-)" and "HER2+" keep their sign, "PD-L1 <1%" and "PD-L1 ≥1%" their threshold,
    because these turn the meaning round.
    """
    text = _spell(name)
    kept = []
    for at, letter in enumerate(text):
        if letter == "-":
            if _is_minus(text, at):
                kept.append(FOLDED_MINUS)
        elif letter.isalnum() or letter in _KEPT or _is_symbol(letter):
            kept.append(letter)
    key = "".join(kept).replace(">=", "≥").replace("<=", "≤")
    return re.sub(_WORDED, r"\1", key) if "+ve" in key else key


def is_opposite(one: str, other: str) -> bool:
    """Tell whether one name denies what the other says, so that neither may be suggested for the
    other.

    A name without a sign is that of the marker itself, and so of those who have it.
    """
    return _denies(one) != _denies(other)


def keep_non_letters(name: str) -> str:
    """Return the digits and signs of a name: HER2 1+ is not HER2+ misspelt, nor HER3 HER2."""
    return "".join(letter for letter in fold_name(name) if not letter.isalpha())


def _denies(name: str) -> bool:
    text = _spell(name)
    return (
        bool(re.search(_NEGATED, text))
        or not {FOLDED_MINUS, "<", "≤", "!", "±"}.isdisjoint(fold_name(name))
        or (bool(re.search(r"\b0\s*%?$", text)) and not re.search(_AFFIRMED, text))
    )


def _spell(name: str) -> str:
    """Return a name in small letters without accents, its dashes all alike."""
    text = name.casefold().translate(_SPELLED)
    if not text.isascii():
        import unicodedata

        text = text.translate(_COMPARED)
        text = unicodedata.normalize(
            "NFKD", unicodedata.normalize("NFKD", text).casefold()
        ).translate(_SPELLED)
        text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(_DASHES)
    text = text.strip().replace(">=", "≥").replace("<=", "≤")
    return re.sub(_WORDED, r"\1", text) if "ve" in text else text


def _is_minus(text: str, at: int) -> bool:
    """Tell whether a dash is a sign: one that joins no two letters, as in "HER2-", "HER2(-)" and
    "HER2-/HR+"."""
    before, after = text[:at], text[at + 1 :]
    if before.endswith(" ") and after.startswith(" "):  # between two parts of a name
        return not (before.strip() and after.strip(f" {_CLOSING}"))
    begins, goes_on = before.rstrip(_CLOSING + _PRIMES)[-1:], after.lstrip(_OPENING)[:1]
    return not (goes_on.isalnum() and (begins.isalnum() or begins.isspace()))


def _is_symbol(letter: str) -> bool:
    """Tell whether a sign is one of mathematics, an arrow or a picture; a stroke between words is
    none."""
    if letter.isascii():
        return letter in "<=>"
    import unicodedata

    return unicodedata.category(letter) in ("Sm", "So")
