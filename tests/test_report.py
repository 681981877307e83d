"""The page of `lmtx report`: whole, true to the listings, safe, and usable in a real browser and on
paper."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from importlib.metadata import requires
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from browser import list_faults, needs_axe, needs_browser, opened, printed
from lmtx.index import open_index
from lmtx.listings import Column
from lmtx.listings.fields import LEVELS
from lmtx.query.filters import Filters
from lmtx.query.report import Report
from lmtx.query.report import gather_report as gather
from lmtx.render import Envelope
from lmtx.render.report import render_page, render_table
from support import Answer, Lmtx, read_folder

Run = Callable[..., Answer]
QUESTIONS = (
    ("--tumor", "melanoma"),
    ("--tumor", "nsclc", "--biomarker", "egfr"),
    ("--tumor", "breast", "--biomarker", "her2"),
)
KNOTS = Path(__file__).parent / "knots"
NASTY = 'a<script>document.title="owned"</script> & "b" <img src=x onerror=alert(1)> {{ 7*7 }}'


class Parsed(HTMLParser):
    """The elements of a page that a test looks at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.ids += [value for name in ("id",) if (value := found.get(name))]
        self.links += [value for name in ("href",) if tag == "a" and (value := found.get(name))]
        self.sources += [
            value for name in ("src", "srcset", "data", "poster") if (value := found.get(name))
        ]


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, ...], str]:
    """The page of every question, made once."""
    import contextlib
    import io

    from lmtx.cli.run import main

    found = {}
    for words in QUESTIONS:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            assert main(["report", *words]) == 0
        found[words] = out.getvalue()
    return found


def gathered(monkeypatch: pytest.MonkeyPatch, **filters: Any) -> Report:
    """Return what a report on the base of what is hard to count gathers."""
    read_folder(monkeypatch, KNOTS)
    opened = open_index().connection
    try:
        return gather(opened, Filters(**filters), date(2026, 2, 1))
    finally:
        opened.close()


def test_it_gathers_what_the_question_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = gathered(monkeypatch)
    assert [card.id for card in everything.cards] == [row.id for row in everything.treatments]
    assert [row.id for row in everything.treatments] == [
        "alphadrop",
        "epsilonib",
        "gammaray",
        "deltaray",
        "betadrop",
        "etadrop",
        "drops-unspecified",
    ]
    assert {row.id for row in everything.csf} >= {"alphadrop.csf2", "alphadrop.csf3"}
    assert everything.map.axes == ("tumor", "class")
    assert {name: len(plotted.rows) for name, plotted in everything.forests.items()} == {
        "overall-survival": 22,
        "progression-free-survival": 3,
        "objective-response": 3,
        "cytologic-response": 2,
    }
    assert everything.labels.keys() >= {"east", "mark", "slow-drops"}
    assert everything.left_out == {}


def test_its_parts_follow_the_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    of_west = gathered(monkeypatch, tumors=("west",))
    assert [row.id for row in of_west.treatments][:3] == ["gammaray", "deltaray", "betadrop"]
    assert {row.treatment for row in of_west.csf} == {"alphadrop"}
    assert [row.id for row in of_west.trials] == ["NCT00000016"]
    assert of_west.left_out == {"mixed": 1}
    assert of_west.trials_left_out == {"status older than two years": 1}
    assert [row.id for row in of_west.guidelines] == ["new-guide-2022.1", "new-guide-2022.3"]
    assert of_west.map.axes == ("treatment", "endpoint")
    assert list(of_west.forests) == ["overall-survival"]
    assert of_west.timeline[0].year == 2008
    read = gathered(monkeypatch, tumors=("east",), verified=True)
    assert "alphadrop.csf3" not in {row.id for row in read.csf} and len(read.csf) == 3
    assert [row.guideline for row in read.guidelines] == [
        "new-guide-2022",
        "part-guide-2020",
        "old-guide-2010",
    ]
    assert [one.name for one in read.unread] == ["Part of a guide", "Lost guide"]
    assert [row.id for row in read.trials] == ["NCT00000011"]
    assert [study["id"] for study in read.references] == [
        *["hen-2021", "ant-2012", "elk-2014", "bee-2015", "gnu-2020", "dog-2018", "lab-2013"],
        *["cat-2016", "new-guide-2022", "part-guide-2020", "old-guide-2010"],
    ]
    by_marker = gathered(monkeypatch, tumors=("east",), biomarkers=("mark-negative",))
    assert by_marker.trials == [] and "by invitation" in by_marker.trials_left_out
    assert {row.study for row in by_marker.evidence} == {"dog-2018"}
    nothing = gathered(monkeypatch, tumors=("east-inner",), biomarkers=("mark",))
    assert nothing.treatments == [] and nothing.csf == [] and nothing.forests == {}


def made(change: Callable[[Report], Report]) -> str:
    """Return a page of changed records."""
    from datetime import date

    index = open_index()
    filters = Filters(tumors=("melanoma",))
    found = change(gather(index.connection, filters, date(2026, 11, 24)))
    surrounding = Envelope(
        "0", {"version": "2026.1.0", "as_of": "2026-01-01", "sha256": "0"}, NASTY, {}
    )
    return render_page(found, surrounding)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_the_page_holds_what_the_listings_hold(
    words: tuple[str, ...], pages: dict[tuple[str, ...], str], run: Run
) -> None:
    text = pages[words]
    for row in run("evidence", *words, "--json").rows:
        assert f"{row['id']}" in text
    for row in run("list", *words, "--json").rows:
        assert f'id="card-{row["id"]}"' in text
    numbers = re.search(
        r"(\d+) treatments?, (\d+) rows? of evidence from (\d+) publications?", text
    )
    assert numbers
    evidence = run("evidence", *words, "--json").rows
    assert [int(part) for part in numbers.groups()] == [
        len(run("list", *words, "--json").rows),
        len(evidence),
        len({row["study"] for row in evidence}),
    ]


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_every_figure_of_the_rows_is_on_the_page_and_no_other_row(
    words: tuple[str, ...], pages: dict[tuple[str, ...], str], run: Run
) -> None:
    from lmtx.model.figures import write_full_figure

    text = html.unescape(re.sub(r"<[^>]+>", "", pages[words]))
    shown = run("evidence", *words, "--json").rows
    for row in shown:
        for outcome in row["outcomes"]:
            assert write_full_figure(outcome) in text, row["id"]
    others = {row["id"] for row in run("evidence", "--mixed", "--json").rows} - {
        row["id"] for row in shown
    }
    heads = set(re.findall(r"\(([a-z][\w-]*\.\d+)\)[†‡Σ°]* · level [IV–]", text))
    assert heads == {row["id"] for row in shown}
    assert not heads & others


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_links_lead_somewhere_and_ids_are_unique(
    words: tuple[str, ...], pages: dict[tuple[str, ...], str]
) -> None:
    parsed = Parsed(pages[words])
    assert len(parsed.ids) == len(set(parsed.ids))
    inside = {link[1:] for link in parsed.links if link.startswith("#")}
    assert inside and inside <= set(parsed.ids)
    outside = [link for link in parsed.links if not link.startswith("#")]
    assert outside and all(re.match(r"https?://[^\s<>\"]+$", link) for link in outside)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_the_page_stands_alone(words: tuple[str, ...], pages: dict[tuple[str, ...], str]) -> None:
    parsed = Parsed(pages[words])
    assert not parsed.sources
    assert not {"link", "iframe", "object", "embed", "img", "base"} & set(parsed.tags)
    assert not re.search(r"@import|url\(", pages[words])
    assert "default-src 'none'" in pages[words]


def test_data_are_text_never_markup() -> None:
    def spoiled(found: Report) -> Report:
        rows = [
            row._replace(setting=NASTY, dose=NASTY, summary=NASTY, url="javascript:alert(1)")
            for row in found.evidence
        ]
        cards = [
            card._replace(
                record={**card.record, "name": NASTY, "mechanism": NASTY},
                evidence=[row._replace(summary=NASTY) for row in card.evidence],
            )
            for card in found.cards
        ]
        return found._replace(
            evidence=rows,
            cards=cards,
            references=[{**study, "title": NASTY} for study in found.references],
        )

    text = made(spoiled)
    assert "<script>document" not in text and "<img" not in text
    assert "&lt;script&gt;document" in text and "{{ 7*7 }}" in text
    assert "javascript:" not in text


def test_one_question_gives_one_page(run: Run) -> None:
    assert run("report", "-t", "melanoma").out == run("report", "-t", "melanoma").out


def test_nothing_found_writes_nothing(run: Run, tmp_path: Path) -> None:
    found = run("report", "--tumor", "melanoma", "--level", "I", "-o", str(tmp_path / "a.html"))
    assert found.code == 1
    assert "no evidence matches" in found.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "hint"), [("a.pdf", "end the name in .html"), ("a", "end the name in .html")]
)
def test_another_ending_is_refused(run: Run, tmp_path: Path, name: str, hint: str) -> None:
    found = run("report", "-t", "melanoma", "-o", str(tmp_path / name))
    assert found.code == 2 and hint in found.err and found.err.count("\n") == 1


def test_a_file_is_replaced_only_with_force(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("mine")
    assert run("report", "-t", "melanoma", "-o", str(path)).code == 3
    assert path.read_text() == "mine"
    assert run("report", "-t", "melanoma", "-o", str(path), "--force").code == 0
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_needs_no_extra(lmtx: Lmtx) -> None:
    """It is made by what README's first command installs."""
    required = requires("lmtx") or []
    assert any(line.startswith("jinja2") and "extra" not in line for line in required)
    code = "import sys, lmtx.cli.report, lmtx.query.report; sys.exit('jinja2' in sys.modules)"
    assert lmtx.python(code).code == 0


def test_a_terminal_gets_no_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMTX_FORCE_TTY", "80")
    found = run("report", "-t", "melanoma")
    assert found.code == 2 and "-o" in found.err and not found.out


def test_the_question_can_be_asked_again(run: Run, pages: dict[tuple[str, ...], str]) -> None:
    for words, text in pages.items():
        command = re.search(r"<code>(lmtx report .*?)</code>", text)
        assert command
        again = run(*shlex.split(html.unescape(command.group(1)))[1:])
        assert again.out == text, words


OFF_SCREEN = """[...document.querySelectorAll("body *:not(.skip)")].filter((one) => {
  const place = one.getBoundingClientRect();
  return place.width > 1 && place.height > 1 && (place.right > innerWidth + 1 || place.left < -1);
}).map((one) => one.tagName + " " + one.textContent.trim().slice(0, 40))"""


@needs_browser
@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_lies_off_screen_and_the_console_is_silent(
    width: int, words: tuple[str, ...], pages: dict[tuple[str, ...], str], tmp_path: Path
) -> None:
    script = (
        f"[innerWidth, document.title, document.documentElement.scrollWidth - innerWidth, "
        f"[...document.querySelectorAll('.wide')].map((one) => one.scrollWidth - one.clientWidth), "
        f"{OFF_SCREEN}]"
    )
    seen = opened(pages[words], tmp_path, script, width=width)
    at, title, beyond, tables, off = seen.value
    assert at == width and title and not seen.console
    assert beyond <= 0 and set(tables) == {0} and not off


@needs_browser
def test_the_brief_is_the_first_screen(pages: dict[tuple[str, ...], str], tmp_path: Path) -> None:
    script = """[document.querySelector("#brief .lines").getBoundingClientRect().bottom,
    document.querySelector("#brief .tested").getBoundingClientRect().bottom]"""
    for words in QUESTIONS:
        lines, _ = opened(pages[words], tmp_path, script, width=1280).value
        assert lines < 900, words
        _, tested = opened(pages[words], tmp_path, script, width=390).value
        assert tested < 1000, words


@needs_browser
def test_estimates_are_in_view_on_a_phone(
    pages: dict[tuple[str, ...], str], tmp_path: Path
) -> None:
    script = """[...document.querySelectorAll("#pictures svg")]
    .map((one) => [one, one.getBoundingClientRect().width]).filter(([, width]) => width)
    .map(([one, width]) => [one.getAttribute("aria-labelledby"), width / one.viewBox.baseVal.width,
    [...one.querySelectorAll("text.bold")]
      .filter((text) => text.getBoundingClientRect().right > innerWidth).length])"""
    seen = opened(pages[QUESTIONS[1]], tmp_path, script, width=390).value
    forests = [one for one in seen if one[0].startswith("forest")]
    assert len(forests) > 2
    assert all("-narrow" in name and scale > 0.9 and not off for name, scale, off in forests)
    wide = opened(pages[QUESTIONS[1]], tmp_path, script, width=1280).value
    assert not any("-narrow" in name for name, _, _ in wide)


@needs_browser
@needs_axe
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(
    width: int, pages: dict[tuple[str, ...], str], tmp_path: Path, run: Run
) -> None:
    assert list_faults(pages[QUESTIONS[1]], tmp_path, width=width) == []
    place = tmp_path / "map.html"
    assert run("map", "-t", "melanoma", "-o", str(place)).code == 0
    assert list_faults(place.read_text(encoding="utf-8"), tmp_path, width=width) == []


@needs_browser
@needs_axe
def test_axe_would_find_a_fault(tmp_path: Path) -> None:
    inside = "<main><h1>x</h1><button><a href='#'>x</a></button></main>"
    page = f"<!doctype html><html lang=en><title>x</title><body>{inside}</body></html>"
    assert list_faults(page, tmp_path, width=1280)[0].startswith("nested-interactive")


RULES = """(() => {
  const boxOf = (one) => one.getBoundingClientRect();
  const shown = (one) => boxOf(one).width > 1;
  const name = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim();
  const actors = [...document.querySelectorAll("a, button, [tabindex='0']")].filter(shown);
  const isInline = (one) => one.closest("p, dd, li, td")
    && getComputedStyle(one).display === "inline";
  const near = (x, y, box) => Math.hypot(
    Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom)) < 12;
  const small = actors.filter((one) => {
    const box = boxOf(one);
    if (isInline(one) || (box.width >= 24 && box.height >= 24)) return false;
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    return actors.some((other) => !one.contains(other) && !other.contains(one)
      && near(x, y, boxOf(other)));
  });
  const scrolls = (one) => {
    const look = getComputedStyle(one);
    return /auto|scroll/.test(look.overflowY + look.overflowX)
      && (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1);
  };
  const inside = "a a, a button, button a, [role=img] a, [role=img] [tabindex]";
  return {
    nested: document.querySelectorAll(inside).length,
    nameless: actors.filter((one) => !name(one)).length,
    small: small.map((one) => name(one).slice(0, 40)),
    scrolls: [...document.querySelectorAll("body *")].filter((one) => shown(one) && scrolls(one)
      && one.tabIndex < 0 && !one.querySelector("a, button")).length,
  };
})()"""


@needs_browser
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_what_can_be_chosen_is_named_large_enough_and_not_nested(
    width: int, pages: dict[tuple[str, ...], str], tmp_path: Path
) -> None:
    """The rules that matter most, also where axe-core is not to be had."""
    seen = opened(pages[QUESTIONS[0]], tmp_path, RULES, width=width).value
    assert seen == {"nested": 0, "nameless": 0, "small": [], "scrolls": 0}


CHOOSE = """new Promise((done) => {
  const links = [...document.querySelectorAll('a[href^="#cell."]')];
  const link = links.find((one) => one.getBoundingClientRect().width).getAttribute("href");
  location.hash = link.slice(1);
  setTimeout(() => {
    const place = document.querySelector(":target");
    const box = place.getBoundingClientRect();
    const inView = box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
    const studies = [...place.querySelectorAll("li a")].map((one) => one.getAttribute("href"));
    done([link, place.id, box.height > 40 && inView, studies]);
  }, 50);
})"""


@needs_browser
@pytest.mark.parametrize("width", [500, 1280])
def test_a_cell_of_the_map_opens_its_studies(
    width: int, pages: dict[tuple[str, ...], str], tmp_path: Path
) -> None:
    text = pages[QUESTIONS[0]]
    link, place, in_view, studies = opened(text, tmp_path, CHOOSE, width=width).value
    assert link == f"#{place}" and in_view
    assert studies and all(f'id="{one[1:]}"' in text for one in studies)


def test_the_page_says_what_brief_says(pages: dict[tuple[str, ...], str], run: Run) -> None:
    for words, text in pages.items():
        brief = text[text.index('<section id="brief"') : text.index('<section id="pictures"')]
        told = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", brief)).split())
        rows = run("brief", *words, "--json").rows
        assert {row["section"] for row in rows} >= {"tested", "dose", "harm", "differ", "advice"}
        for row in rows:
            if row["section"] != "tested":
                kept = re.search(rf"{row['section'].capitalize()} (.*?)(?: \+(\d+) more|$)", told)
                assert kept and told.count(" ".join(row["items"][0].split())) >= 1
                continue
            assert " ".join(row["figure"].split()) in told and str(row["patients"] or "–") in told
            assert f'href="#card-{row["id"]}"' in brief
        assert rows[0]["level"] in told


@pytest.mark.parametrize(
    "words",
    [
        *QUESTIONS,
        ("-t", "breast", "-b", "her2", "--after", "trastuzumab-deruxtecan"),
        ("-t", "nsclc"),
    ],
    ids=" ".join,
)
def test_a_brief_alone_has_no_other_part(words: tuple[str, ...], run: Run) -> None:
    text = run("report", *words, "--brief").out
    parsed = Parsed(text)
    assert text.count("<section") == 1 and "<svg" not in text
    assert {link[1:] for link in parsed.links if link.startswith("#")} == {"main"}
    assert "report" in text and "--brief</code>" in text


@needs_browser
@pytest.mark.parametrize(
    "words",
    [
        *QUESTIONS,
        ("-t", "breast", "-b", "her2", "--after", "trastuzumab-deruxtecan"),
        ("-t", "nsclc"),
    ],
    ids=" ".join,
)
def test_a_brief_is_one_sheet_of_paper(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    from pypdf import PdfReader

    [sheet] = PdfReader(printed(run("report", *words, "--brief").out, tmp_path)).pages
    told = normalize("NFKC", sheet.extract_text())
    assert all(head in told for head in ("Dose", "Harm", "Differ", "Advice", "Trials", "Unknown"))


@needs_browser
@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_the_brief_is_the_first_sheet_and_pictures_follow(
    words: tuple[str, ...], pages: dict[tuple[str, ...], str], tmp_path: Path
) -> None:
    from pypdf import PdfReader

    first, second, *_ = PdfReader(printed(pages[words], tmp_path)).pages
    told = normalize("NFKC", first.extract_text())
    assert all(head in told for head in ("Dose", "Harm", "Differ", "Advice", "Trials", "Ask again"))
    assert "Pictures" not in told and "Pictures" in second.extract_text()


SMALLEST = 5.9
"""Size (pt) of small print that is still read on paper."""


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_small_print_of_a_picture_is_legible_on_paper(
    words: tuple[str, ...], pages: dict[tuple[str, ...], str]
) -> None:
    """A4 leaves 186 mm, and no text of a drawing is below 11 px."""
    broad = re.findall(r'<svg [^>]*width="([\d.]+)"[^>]*aria-labelledby="([^"]+)"', pages[words])
    assert len(broad) > 2
    tall = re.findall(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"', pages[words])
    for width, height in tall:
        assert float(width) == 380 or float(height) * 186 / float(width) <= 297 - 28, (
            width,
            height,
        )
    for width, name in broad:
        assert 11 * (186 / 25.4 * 72) / float(width) >= SMALLEST, name


def test_a_question_is_asked_again_with_own_records(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "my records.toml"
    own.write_text(OWN, encoding="utf-8")
    text = run("report", "-t", "melanoma", "--brief", "--with", str(own)).out
    command = re.search(r"<code>(lmtx report .*?)</code>", text)
    assert command
    words = shlex.split(html.unescape(command[1]))[1:]
    assert words[-2:] == ["--with", str(own)] and "--brief" in words
    assert run(*words).out == text and "my records" in text


OWN = """[study]
id = "own-2024"
first_author = "Doe J"
title = "Own"
year = 2024
design = "case-report"
lm_only = true
read_in = "full-text"

[[evidence]]
row = 1
tumors = ["melanoma"]
n = 1
direction = "unclear"
summary = "One patient."

[[evidence.given]]
treatment = "nivolumab"
role = "tested"
"""


CLICK = """(() => {
  const table = document.querySelector('#treatments table');
  const heads = [...table.tHead.rows[0].cells];
  const found = {};
  for (const name of ['Patients', 'Level', 'Treatment']) {
    const at = heads.findIndex((head) => head.querySelector('button').textContent.trim() === name);
    const button = heads[at].querySelector('button');
    for (const way of ['up', 'down']) {
      button.click();
      found[name + ' ' + way] = [...table.tBodies[0].rows].map((row) => row.cells[at].textContent.trim());
      found[name + ' ' + way + ' state'] = heads.map((head) => head.getAttribute('aria-sort')).filter((state) => state && state !== 'none');
    }
  }
  found.said = document.getElementById('said').textContent;
  return found;
})()"""


@needs_browser
def test_tables_sort_by_what_is_meant(
    pages: dict[tuple[str, ...], str], tmp_path: Path, run: Run
) -> None:
    found = opened(pages[QUESTIONS[1]], tmp_path, CLICK).value
    rows: list[dict[str, Any]] = run("list", *QUESTIONS[1], "--json").rows
    patients = sorted(row["patients"] for row in rows if row["patients"] is not None)
    missing = ["–"] * sum(row["patients"] is None for row in rows)
    assert found["Patients up"] == [*map(str, patients), *missing]
    assert found["Patients down"] == [*map(str, reversed(patients)), *missing]
    assert found["Patients up state"] == ["ascending"] and found["Patients down state"] == [
        "descending"
    ]
    order = ["I", "II", "III", "IV", "V", "–"]
    assert found["Level up"] == sorted((row["level"] or "–" for row in rows), key=order.index)
    assert found["Treatment up"] == sorted((row["name"] for row in rows), key=str.casefold)
    assert found["said"] == "Sorted by Treatment, descending"


SORT = """(() => {
  const table = document.querySelector('table.sortable');
  const head = table.tHead.rows[0].cells[1], body = table.tBodies[0];
  body.replaceChildren(...['1.3', '1.13', '–', '12', '3.7', '3.16'].map((value) => { const row = body.rows[0].cloneNode(true); row.cells[1].textContent = value; delete row.cells[1].dataset.key; return row; }));
  head.querySelector('button').click();
  return [...body.rows].map((row) => row.cells[1].textContent);
})()"""


@needs_browser
def test_decimals_sort_as_numbers(pages: dict[tuple[str, ...], str], tmp_path: Path) -> None:
    assert opened(pages[QUESTIONS[0]], tmp_path, SORT).value == [
        "1.13",
        "1.3",
        "3.16",
        "3.7",
        "12",
        "–",
    ]


def test_what_has_no_order_is_not_sorted(pages: dict[tuple[str, ...], str]) -> None:
    """Weeks and months, or levels of unlike units, stand in one column: no button promises an
    order."""
    for text in pages.values():
        tables = text[text.index('<section id="treatments"') :]
        plain = re.findall(r'<th scope="col" class="plain">(.*?)</th>', tables)
        assert (
            {"Direction", "Key figure", "Outcomes"}
            <= set(plain)
            <= {"Direction", "Key figure", "Outcomes", "Figure"}
        )
        assert not re.search(r"<button[^>]*>(Key figure|Figure|Outcomes)</button>", text)


def test_tables_have_names_and_headings_keep_their_capitals(
    pages: dict[tuple[str, ...], str],
) -> None:
    for text in pages.values():
        tables = re.findall(r"<table[^>]*>", text)
        assert tables and all(
            (name := re.search(r'aria-labelledby="([\w-]+)"', table)) and f'id="{name[1]}"' in text
            for table in tables
        )
        assert "on mri" not in text
    assert '<h3 class="hidden">Response on MRI</h3>' in pages[QUESTIONS[1]]


@needs_browser
def test_a_browser_shows_data_as_text(tmp_path: Path) -> None:
    text = made(
        lambda found: found._replace(
            references=[{**study, "title": NASTY} for study in found.references]
        )
    )
    seen = opened(
        text,
        tmp_path,
        "[document.title, document.querySelector('.references').textContent, "
        "document.querySelectorAll('script').length]",
    )
    assert seen.value[0] == "Melanoma"
    assert NASTY in seen.value[1]
    assert seen.value[2] == 2  # the page's own and the probe's
    assert not seen.console


@needs_browser
def test_it_prints_with_sane_breaks(pages: dict[tuple[str, ...], str], tmp_path: Path) -> None:
    from pypdf import PdfReader

    text = pages[QUESTIONS[0]]
    headings = set(re.findall(r"<h[23][^>]*>([^<]+?)\s*(?:<span|</h)", text))
    read = PdfReader(printed(text, tmp_path)).pages
    assert len(read) > 2
    for sheet in read:
        assert round(float(sheet.mediabox.width)) in (594, 595, 596) and round(
            float(sheet.mediabox.height)
        ) in (841, 842)
        lines = [line.strip() for line in sheet.extract_text().splitlines() if line.strip()]
        assert lines
        assert re.sub(r"\s*\d+$", "", lines[-1]) not in headings, (
            "a heading stands alone at the end of a page"
        )


@pytest.mark.parametrize(
    ("text", "key"),
    [("12", "12"), ("2.5 %", "2.5"), ("[17]", "17"), ("1.25", "1.25"), ("0", "0"), ("–", "")],
)
def test_a_number_is_sorted_by_all_of_it_and_by_nothing_else(text: str, key: str) -> None:
    """The script of the page compares keys as numbers; what is not known has none and stays
    last."""
    column = Column("n", lambda row: row, right=True)
    no_other = dict.fromkeys(other.header for other in LEVELS.columns)
    [row] = render_table("n", "", "", LEVELS, [text], instead=no_other, extra=[column]).rows
    assert [cell.key for cell in row.cells] == [key]


def test_open_trials_of_a_biomarker_are_those_of_its_branch_and_those_for_all(
    folder: Path,
) -> None:
    """Who asks for a broad biomarker may join a trial of a narrower one, and the other way round;
    never one of another branch.
    """
    markers = folder / "biomarkers.toml"
    markers.write_text(
        markers.read_text(encoding="utf-8")
        + "".join(
            f'\n[[biomarker]]\nid = "{id_}"\nlabel = "{id_}"\n{parent}'
            for id_, parent in (("gene1-x", 'parent = "gene1"\n'), ("gene2", ""))
        ),
        encoding="utf-8",
    )
    trials = folder / "trials.toml"
    trials.write_text(
        "".join(
            f'[[trial]]\nid = "NCT0000000{number}"\nnct = "NCT0000000{number}"\ntitle = '
            f'"T"\nphase = "2"\n'
            f'status = "recruiting"\nstatus_read = "2025-12"\nupdated = "2025-12"\ntumors = '
            f'["north"]\n{marker}\n'
            '[[trial.given]]\ntreatment = "examplinib"\nrole = "tested"\n'
            for number, marker in (
                (1, 'biomarkers = ["gene1"]\nresults = ["doe-2020"]'),
                (2, 'biomarkers = ["gene1-x"]'),
                (3, 'biomarkers = ["gene2"]'),
                (4, ""),
            )
        ),
        encoding="utf-8",
    )
    connection = open_index().connection
    branch = {"NCT00000001", "NCT00000002", "NCT00000004"}
    for marker, expected in (
        ("gene1", branch),
        ("gene1-x", branch),
        ("gene2", {"NCT00000003", "NCT00000004"}),
    ):
        answer = gather(
            connection, Filters(tumors=("north",), biomarkers=(marker,)), date(2026, 1, 1)
        )
        assert {trial.id for trial in answer.trials} == expected, marker


def test_the_page_carries_the_mark_of_a_single_figure(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    wanted = ("--tumor", "breast", "--class", "proton-radiotherapy")
    assert run("report", *wanted, "-o", str(place)).code == 0
    table = place.read_text(encoding="utf-8").partition('id="evidence"')[2].partition("</table>")[0]
    assert "CNS PFS 8.2 mo (6.6–15.3)" in table and "OS 11.3 mo (7.5–18.3)†" in table
    assert "OS 11.3 mo (7.5–18.3)<" not in table
