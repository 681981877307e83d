"""How names are compared: case, dashes, blanks and accents do not matter, a plus or a trailing minus does."""

from __future__ import annotations

_SPELLED = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae"}
)


_DASHES = str.maketrans("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}", "---")


def fold(name: str) -> str:
    """Return the key under which a name is looked up: "Non-small cell" and "nonsmallcell" share one.

    "HER2-" and "HER2+" keep their sign, because it turns the meaning round.
    """
    text = name.casefold().translate(_SPELLED)
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize(
            "NFKD", unicodedata.normalize("NFKD", text).casefold()
        ).translate(_SPELLED)
        text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(_DASHES)
    text = text.strip()
    sign = text[-1:] if text[-1:] in ("+", "-") else ""
    return (
        "".join(letter for letter in text if letter.isalnum() or letter == "+").rstrip("+") + sign
    )
