"""Every number and every row of every form and encoding is one of the source, and nothing else
looks like one."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lmtx.cli import answer
from lmtx.listings import Column, Found, Listing
from lmtx.model import figures
from lmtx.render import Envelope, Format, Screen, render_listing
from lmtx.render.text.cells import flatten_value, spell_for_screen
from lmtx.render.text.formats import escape_markdown

UP = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
NORMAL = "0123456789+-"


def numbers(text: str) -> list[str]:
    """Read the numbers of a text as a person does: 9·5 is 9.5, 10⁻⁹ a power, 1½ one and a half; an
    escaped sign is the sign."""
    text = re.sub(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), text)
    text = re.sub(
        r"([⁰¹²³⁴-⁹]+)[⁄/]([₀-₉]+)(?![\d₊₋])",
        lambda m: f" {unicodedata.normalize('NFKD', m[0])} ",
        text,
    )
    text = re.sub(f"[{UP}]+", lambda m: "^" + m[0].translate(str.maketrans(UP, NORMAL)), text)
    text = re.sub(r"(?<=\d)·(?=10\^)", "x", text)
    text = re.sub(r"(?<=\d)·(?=\d)", ".", text)
    text = text.replace("–", "-").replace("−", "-").replace(">=", "≥").replace("<=", "≤")
    text = re.sub(r"(?<![\d₀-₉])[₀-₉]+(?!\d)", lambda m: unicodedata.normalize("NFKD", m[0]), text)
    read = []
    for sign in text:
        whole = unicodedata.normalize("NFKD", sign)
        if "⁄" in whole:
            read.append(f" {whole.replace('⁄', '/')} ")
        elif unicodedata.category(sign) == "Nd":
            read.append(str(unicodedata.digit(sign)))
        elif any(part.isascii() and part.isdigit() for part in whole):
            read.append(f"⟦{ord(sign):x}⟧")  # a number of a kind of its own, as ⑨ or ₂
        else:
            read.append("," if sign == "，" else whole if whole.isascii() else sign)
    kept = re.sub(r"\s*/\s*", "/", "".join(read))
    return re.findall(r"⟦[0-9a-f]+⟧|[<>≤≥≪≫≮≯]?\d+(?:[.,^/][+-]?\d+)*", kept)


PRINTED = (
    "1½ tablets; cells 2×10⁷; 10⁻⁹ mol/L",
    "Median survival 9·5 months (p=0·03); platelets below 50×10⁹/L in two.",
    "½ of 11½, 3¼ and ⅓",
    "2·10⁷ cells, 10⁻¹² mol",
    "p≮0.05, ≥3, ≤4, ≪5",
    "5⑨, 12⒈3, 7㎡",
    "٣٫٥ and ５．５",
    "1,234·5",
    "₁₂3, 50₂",
    "1¹⁄₂ and ³/₄",
)
SIGNS = "0159 .,;·⁻⁰¹²³⁹₂½¼⅓⑨–−×≥≤≮<>►›▲▼±…/^√∼‰٣５º%xp="


@pytest.mark.parametrize("text", PRINTED)
def test_plain_signs_keep_every_number(text: str) -> None:
    spelled = spell_for_screen(text, True)
    assert spelled.isascii() and numbers(spelled) == numbers(text)


@given(st.text(st.sampled_from(SIGNS), max_size=12))
@example("9·5")
@example("1½")
@example("½5")
@example("►5")
@example("▼1")
@example("9 · 5")
def test_plain_signs_make_no_other_number(text: str) -> None:
    spelled = spell_for_screen(text, True)
    assert spelled.isascii() and numbers(spelled) == numbers(text)
    assert not re.search(r"(?<![\d.^/])-\d", spelled) or re.search(r"[–−⁻-]", text)


class Row(NamedTuple):
    id: str
    outcomes: Sequence[dict[str, object]]
    text: str
    n: int | None


LISTING = Listing(
    "rows",
    "Rows.",
    Row,
    columns=(
        Column("Row", lambda row: row.id),
        Column("Text", lambda row: row.text, least=8),
        Column("Outcomes", lambda row: "\n".join(map(figures.write_brief_figure, row.outcomes))),
        Column("n", lambda row: str(row.n), right=True),
    ),
)
FORGED = "patients who had both\nlines of treatment\nwake-2099.1\tosimertinib\tnsclc\tOS 99 months"
FIELDS = ("group", "versus", "at", "p", "assessed_by", "ci_upper")
ABOUT = Envelope("0", {"version": "x", "as_of": "y", "sha256": "z"}, "none", {})


def made(text: str, field: str) -> Row:
    """Make a row one of whose figures holds a text."""
    outcome = {"endpoint": "overall-survival", "value": 9, "unit": "months", "ci": [5]}
    effect = {**outcome, "unit": "HR", "inverted": False, "favours": "a", "adjusted": False}
    figures = [{**outcome, "scope": "whole", field: text}, {**effect, field: text}]
    return Row("doe-2020.1", figures, text, 12)


def written(form: Format, rows: list[Row], encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what arrives on a stream of an encoding."""
    stream = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding=encoding, newline=""))
        parts = render_listing(form, LISTING, Found(rows), (), ABOUT, Screen(60)).text
        answer.write_text_to_stream(parts, json=form in answer.JSON_FORMATS)
        return stream.getvalue().decode(encoding)


FORMS = [form for form in Format if form.value != "xlsx"]
ENCODINGS = ("utf-8", "latin-1", "cp1252", "ascii", "utf-16", "cp437", "shift_jis")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_and_no_encoding_changes_a_number(
    form: Format, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in PRINTED:
        out = written(form, [made(text, "group")], encoding, monkeypatch)
        if form in answer.JSON_FORMATS:
            out = str(json.loads(out).get("rows", out))
        if form is Format.csv:
            out = "\n".join("\n".join(cells) for cells in csv.reader(io.StringIO(out)))
        source = {*numbers(f"doe-2020.1 {text} 9 5 12 95% {ABOUT.data}"), "0", "1", "95"}
        assert set(numbers(out.replace("\\\\", "\\"))) <= source, text
        if form is not Format.table:  # which cuts prose
            assert set(numbers(text)) <= set(numbers(out.replace("\\\\", "\\"))), text


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_row_is_a_row_in_every_form(
    form: Format, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sign in ("\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028"):
        rows = [made(FORGED.replace("\n", sign), field), made("plain", field)]
        hold_two_rows(form, written(form, rows, "utf-8", monkeypatch))


def hold_two_rows(form: Format, out: str) -> None:
    """Fail where an answer of two rows can be read as any other number of rows or cells."""
    if form is Format.tsv:
        lines = out.splitlines()
        assert len(lines) == 3 and {line.count("\t") for line in lines} == {3}
    elif form is Format.csv:
        cells = list(csv.reader(io.StringIO(out)))
        assert len(cells) == 3 and {len(line) for line in cells} == {4}
        assert len(out.splitlines()) == 3
    elif form is Format.md:
        lines = out.splitlines()
        assert len(lines) == 4 and {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}
    elif form is Format.table:
        assert not [line for line in out.splitlines() if line.startswith("wake-")]
    elif form is Format.json:
        assert len(json.loads(out)["rows"]) == 2
    elif form is Format.jsonl:
        assert len(out.split("\n")) == 3
    else:
        pytest.fail(f"say here how a reader of {form.value} tells its rows")


@given(st.text(st.sampled_from("9 5.\n\r\u2028|*~$`<>_")))
def test_markdown_is_one_line(text: str) -> None:
    assert len(escape_markdown(text).splitlines()) <= 1
    assert not re.search(r"(?<!\\)[~$|*]", escape_markdown(text))


@pytest.mark.parametrize("width", range(1, 40))
def test_a_cut_leaves_no_half_of_a_number(width: int) -> None:
    from lmtx.render.terminal.table import cut_line

    text = "Survival 11.35 (7.5–18.3), 1,234 patients, 2×10⁷ cells, p<0.0012"
    assert set(numbers(cut_line(text, width, "…"))) <= set(numbers(text))


@pytest.mark.parametrize("field", FIELDS)
def test_a_figure_is_on_one_line_wherever_it_is_shown(field: str) -> None:
    for outcome in made(FORGED, field).outcomes:
        shown = figures.write_effect if "favours" in outcome else figures.write_full_figure
        assert "\n" not in flatten_value([outcome]) + shown(outcome) + figures.write_brief_figure(
            outcome
        )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "utf-8"])
def test_a_page_says_the_same_in_every_encoding(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import html

    stream = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding=encoding))
        answer.write_text_to_stream(["<p>9·5 ½ 10⁻⁹</p>"], html=True)
        assert html.unescape(stream.getvalue().decode(encoding)) == "<p>9·5 ½ 10⁻⁹</p>"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=8, min_value=-(10**6), max_value=10**6
    )
)
def test_a_figure_is_written_as_it_was_given(value: Decimal) -> None:
    """Nothing is rounded: as many digits as a person would print come back."""
    assert Decimal(figures.write_number(float(value)).replace(",", "")) == value


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("▲14 ▼5 ±9 ?7", "14 benefit, 5 worse, 9 mixed, 7 unclear"),
        ("?1", "1 unclear"),
        ("=1 ?4", "1 none, 4 unclear"),
        ("16 patients · ±3 · newest 2024", "16 patients - 3 mixed - newest 2024"),
        ("▲ v none", "benefit v none"),
        ("RCT: ▼ v proton", "RCT: worse v proton"),
        ("▲ benefit", "benefit"),
        ("±", "mixed"),
        ("± added", "mixed added"),
        ("Directions: ▲ benefit, = none, ± mixed, ? unclear", "Directions: = none, ? unclear"),
        ("Directions: ▲ benefit", "Directions: in words"),
        ("2.3% ± 4 SD", "2.3% +/- 4 SD"),
        ("2.3 ±4", "2.3 +/-4"),
        ("10⁷ cells, n=5", "10^7 cells, n=5"),
    ],
)
def test_ascii_has_words_for_directions(text: str, spelled: str) -> None:
    """No sign of ASCII stands for two things: "^" is a power or an interval computed here."""
    assert spell_for_screen(text, True) == spelled


def test_a_sign_between_figures_stays_one() -> None:
    assert spell_for_screen("5▲3", True) == "5\\u25b23"
