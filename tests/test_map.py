"""The evidence map: every cell is what `lmtx evidence` and `lmtx list` count, and a gap is seen."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lmtx.cli.complete import complete_word
from lmtx.index import open_index
from lmtx.listings.map import MAP_CELL_COUNT_UNITS
from lmtx.model.levels import rank_level
from lmtx.model.vocabulary import ENDPOINTS
from lmtx.query.evidence import list_evidence
from lmtx.query.filters import Filters
from lmtx.query.map import AXES, map_evidence
from lmtx.query.parameters import make_word_vocabulary
from lmtx.render import Envelope
from lmtx.render.svg import map as gapmap
from support import (
    Answer,
    at_or_below,
    class_of,
    is_mixed,
    raw_rows,
    routes_of,
    study,
    study_names,
    toml,
)

Run = Callable[..., Answer]
Row = dict[str, Any]
DRAWN = Path(__file__).parent / "drawn"
SVG = "{http://www.w3.org/2000/svg}"
NO_PATIENTS = ("meta-analysis", "systematic-review", "review", "guideline")


def cohorts() -> dict[str, str]:
    """Return for every study the least id of those that tell the same patients, by merging sets
    until none meet."""
    groups = [
        {
            name,
            *study(name)["study"].get("overlaps", ()),
            *filter(None, [study(name)["study"].get("superseded_by")]),
        }
        for name in study_names()
    ]
    merged: list[set[str]] = []
    for group in groups:
        meeting = [other for other in merged if other & group]
        merged = [other for other in merged if not other & group] + [group.union(*meeting)]
    return {name: min(group) for group in merged for name in group}


COHORTS = cohorts()


TESTED = {row["id"]: row for row in raw_rows()}


def counted(rows: Iterable[Row]) -> tuple[int, int]:
    """Return the independent studies and the number of rows of evidence, from their JSON."""
    found = list(rows)
    studies = {
        COHORTS[row["study"]]
        for row in found
        if row["design"] not in (*NO_PATIENTS, "preclinical")
        and row["read_in"] != "recalled"
        and not row["withdrawn"]
    }
    return len(studies), len(found)


def of_cell(cell: Row) -> tuple[int, int]:
    return cell["studies"], cell["rows"]


def names_tested(row: Row) -> list[str]:
    """Return what a row tests, and what comparisons test in it in words."""
    return list(TESTED[row["id"]]["treatments"])


def at_tumor(row: Row, tumor: str) -> bool:
    mixed = is_mixed(row)
    return (
        mixed
        if tumor == "solid"
        else not mixed and bool(at_or_below("tumor", tumor) & set(row["tumors"]))
    )


def in_class(row: Row, name: str) -> bool:
    return any(
        class_of()[treatment] in at_or_below("class", name) for treatment in names_tested(row)
    )


@pytest.mark.parametrize(
    "filters",
    [
        [],
        ["--biomarker", "her2"],
        ["--route", "external-beam"],
        ["--verified", "--since", "2015"],
        ["-e", "overall-survival"],
    ],
)
def test_every_cell_is_what_evidence_finds(run: Run, filters: list[str]) -> None:
    rows = run("evidence", *filters, "--json").rows
    cells = run("map", *filters, "--json").rows
    tumors = {cell["row"] for cell in cells}
    assert tumors == {node["id"] for node in toml("tumors.toml")["tumor"]}, (
        "a tumor nobody studied is a row too"
    )
    assert {cell["column"] for cell in cells} == {
        node["id"] for node in toml("treatments.toml")["class"] if "parent" not in node
    }
    by_route = filters[1] if filters[:1] == ["--route"] else None
    for cell in cells:
        kept = [row for row in rows if at_tumor(row, cell["row"])]
        if by_route:
            kept = [
                row
                for row in kept
                if any(
                    class_of()[t] in at_or_below("class", cell["column"])
                    and by_route in routes_of(TESTED[row["id"]], t)
                    for t in names_tested(row)
                )
            ]
        assert of_cell(cell) == counted(row for row in kept if in_class(row, cell["column"])), cell


@pytest.mark.parametrize(
    "filters",
    [
        ["-t", "melanoma"],
        ["-t", "nsclc", "-b", "egfr"],
        ["-t", "breast", "-b", "her2"],
        ["-t", "breast", "--mixed"],
        ["-c", "radiation"],
    ],
)
def test_treatments_by_endpoint(run: Run, filters: list[str]) -> None:
    """There is a row for each treatment that has evidence; a class asked for leaves out its
    partners."""
    rows = run("evidence", *filters, "--json").rows
    cells = run("map", *filters, "--rows", "treatment", "--columns", "endpoint", "--json").rows
    asked = at_or_below("class", filters[1]) if filters[0] == "-c" else set(class_of().values())
    assert {cell["row"] for cell in cells} == {
        treatment
        for row in rows
        for treatment in names_tested(row)
        if class_of()[treatment] in asked
    }
    assert {cell["column"] for cell in cells} - {"none"} == set(ENDPOINTS) & set().union(
        *(row["endpoints"] for row in raw_rows())
    ), "an endpoint that nobody looked at in these is a column too"
    for cell in cells:
        told = [row for row in rows if cell["row"] in names_tested(row)]
        own = {row["id"]: TESTED[row["id"]]["endpoints"] for row in told}
        kept = [
            row
            for row in told
            if cell["column"] in own[row["id"]] or (cell["column"] == "none" and not own[row["id"]])
        ]
        assert of_cell(cell) == counted(kept), cell


@pytest.mark.parametrize("route", ["oral", "intrathecal", "intravenous"])
def test_a_route_is_that_of_the_treatment_itself(run: Run, route: str) -> None:
    """A tablet given beside an intrathecal drug is no intrathecal treatment: cells are those of
    `list --route`."""
    same = (
        "studies",
        "patients",
        "level",
        "syntheses",
        "benefit",
        "no_benefit",
        "worse",
        "mixed",
        "unclear",
    )
    cells = {
        cell["row"]: cell
        for cell in run(
            "map", "-t", "nsclc", "--rows", "treatment", "--columns", "route", "--json"
        ).rows
        if cell["column"] == route and cell["rows"]
    }
    listed = {row["id"]: row for row in run("list", "-t", "nsclc", "--route", route, "--json").rows}
    assert set(cells) == set(listed) and len(cells) > 2
    for id_, cell in cells.items():
        assert {key: cell[key] for key in same} == {key: listed[id_][key] for key in same}
    turned = {
        cell["column"]: cell["studies"]
        for cell in run(
            "map", "-t", "nsclc", "--rows", "route", "--columns", "treatment", "--json"
        ).rows
        if cell["row"] == route and cell["rows"]
    }
    assert turned == {id_: cell["studies"] for id_, cell in cells.items()}


def test_a_map_turned_twice_is_itself() -> None:
    opened = open_index().connection
    made = map_evidence(opened, Filters(tumors=("melanoma",)), ("treatment", "endpoint"))
    opened.close()
    turned = made.turned()
    assert turned.axes == ("endpoint", "treatment") and turned.total == made.total
    assert (turned.rows, turned.columns) == (made.columns, made.rows)
    assert (turned.of_rows, turned.of_columns) == (made.of_columns, made.of_rows)
    assert len(turned.grid()) == len(made.columns) and turned.turned() == made


def test_a_class_stands_at_a_route_only_by_its_own_treatments(run: Run) -> None:
    cells = {
        (cell["row"], cell["column"]): cell
        for cell in run("map", "--rows", "class", "--columns", "route", "--json").rows
    }
    assert cells["radiation", "oral"]["rows"] == 0, (
        "drugs given beside radiation are no radiation by mouth"
    )
    rows = run("evidence", "--class", "radiation", "--json").rows
    beams = [
        row
        for row in rows
        if any(
            "external-beam" in routes_of(TESTED[row["id"]], t)
            and class_of()[t] in at_or_below("class", "radiation")
            for t in names_tested(row)
        )
    ]
    assert of_cell(cells["radiation", "external-beam"]) == counted(beams)


def test_totals_count_each_study_once(run: Run, terminal: Run) -> None:
    """The row and column of all are those of `tumors`, `classes` and the whole, in studies and in
    patients."""
    from lmtx.index import open_index
    from lmtx.query.filters import Filters
    from lmtx.query.map import map_evidence

    found = map_evidence(open_index().connection, Filters())
    tumors = {row["id"]: row for row in run("tumors", "--json").rows}
    classes = {row["id"]: row for row in run("classes", "--json").rows}
    for cell in found.of_rows:
        if cell.row != "solid":
            assert (cell.studies, cell.patients, cell.rows) == tuple(
                tumors[cell.row][key] for key in ("studies", "patients", "rows")
            )
    for cell in found.of_columns:
        assert (cell.studies, cell.patients, cell.level) == tuple(
            classes[cell.column][key] for key in ("studies", "patients", "level")
        )
    assert (found.total.studies, found.total.patients) == (
        tumors["solid"]["studies"],
        tumors["solid"]["patients"],
    )
    assert found.total.studies < sum(cell.studies for cell in found.of_rows)
    assert re.search(rf"^All +{found.total.studies} II ", terminal(80, "map").out, re.M)


@pytest.mark.parametrize(
    ("rows", "columns"), list(itertools.combinations_with_replacement(AXES, 2))
)
def test_every_pair_of_axes(run: Run, rows: str, columns: str) -> None:
    """Turning the axes turns the cells; an axis against itself is refused."""
    answer = run("map", "-t", "melanoma", "--rows", rows, "--columns", columns, "--json")
    if rows == columns:
        assert answer.code == 2 and f"--rows and --columns are both {rows}" in answer.err
        return
    cells = {(cell["row"], cell["column"]): of_cell(cell) for cell in answer.rows}
    other = {
        (cell["column"], cell["row"]): of_cell(cell)
        for cell in run(
            "map", "-t", "melanoma", "--rows", columns, "--columns", rows, "--json"
        ).rows
    }
    assert cells == other and any(rows for *_, rows in cells.values())
    assert len(cells) == len({row for row, _ in cells}) * len({column for _, column in cells})


def test_biomarkers_levels_and_designs(run: Run) -> None:
    rows = run("evidence", "-t", "lung", "--json").rows
    for cell in run(
        "map", "-t", "lung", "--rows", "biomarker", "--columns", "level", "--json"
    ).rows:
        kept = [
            row
            for row in rows
            if row["level"] == (None if cell["column"] == "none" else cell["column"])
        ]
        below = at_or_below("biomarker", cell["row"]) if cell["row"] != "none" else frozenset()
        studies, number = counted(
            row
            for row in kept
            if (below & set(row["biomarkers"]) if below else not row["biomarkers"])
        )
        assert cell["rows"] >= number, "an answer in words may be weaker than its row"
        assert cell["studies"] >= studies or cell["column"] != "V"
    for cell in run("map", "-t", "lung", "--columns", "design", "--json").rows:
        assert of_cell(cell) == counted(
            row for row in rows if row["design"] == cell["column"] and at_tumor(row, cell["row"])
        ), cell
    assert {
        cell["column"]
        for cell in run("map", "--columns", "level", "--min-level", "III", "--json").rows
    } == {"I", "II", "III"}
    assert {
        cell["column"] for cell in run("map", "--columns", "level", "-l", "IV", "--json").rows
    } == {"IV"}


def nodes(answer: Answer, side: str) -> list[str]:
    return list(dict.fromkeys(cell[side] for cell in answer.rows))


def test_a_filter_on_an_axis_leaves_what_was_asked_for(run: Run) -> None:
    assert nodes(run("map", "-t", "lung", "--json"), "row") == ["lung", "nsclc", "sclc"]
    assert nodes(run("map", "-t", "breast", "--mixed", "--json"), "row") == ["breast", "solid"]
    assert nodes(run("map", "-t", "solid", "--json"), "row") == nodes(run("map", "--json"), "row")
    assert nodes(run("map", "-c", "radiation", "--json"), "column")[:2] == [
        "radiation",
        "photon-radiotherapy",
    ]
    assert nodes(
        run("map", "-c", "egfr-tki", "-c", "targeted-therapy", "--depth", "1", "--json"), "column"
    ) == ["targeted-therapy"]
    assert nodes(
        run("map", "--columns", "route", "-r", "oral", "-r", "intrathecal", "--json"), "column"
    ) == ["oral", "intrathecal"]
    assert nodes(run("map", "--columns", "endpoint", "-e", "OS", "--json"), "column") == [
        "overall-survival"
    ]
    assert (
        nodes(run("map", "-b", "egfr", "--columns", "biomarker", "--json"), "column")[0] == "egfr"
    )
    assert set(nodes(run("map", "-c", "egfr-tki", "--rows", "treatment", "--json"), "row")) <= {
        t for t, name in class_of().items() if name == "egfr-tki"
    }


def test_depth(run: Run) -> None:
    """Deeper rows are part of those above them, so the top stays the same whatever is shown
    below."""
    shallow, deep = run("map", "--depth", "1", "--json"), run("map", "--depth", "9", "--json")
    assert "nsclc" not in nodes(shallow, "row") and "nsclc" in nodes(deep, "row")
    assert "chemotherapy" in nodes(deep, "column") and "ctla-4-inhibitor" in nodes(deep, "column")
    known = {(cell["row"], cell["column"]): cell for cell in deep.rows}
    assert all(known[cell["row"], cell["column"]] == cell for cell in shallow.rows)
    assert run("map", "--depth", "0").code == 2


def test_a_mixed_population_stands_under_none_of_its_tumors(run: Run) -> None:
    mixed = {row["id"] for row in raw_rows() if is_mixed(row)}
    assert any("breast" in row["tumors"] for row in raw_rows() if row["id"] in mixed)
    cells = run("map", "--columns", "design", "--json").rows
    assert sum(cell["rows"] for cell in cells if cell["row"] == "solid") == len(mixed)
    alone = [row for row in raw_rows() if "breast" in row["tumors"] and row["id"] not in mixed]
    assert sum(cell["rows"] for cell in cells if cell["row"] == "breast") == len(alone)


CELLS: dict[str, list[dict[str, Any]]] = {}
"""The cells of each question, which no width changes."""


@pytest.mark.parametrize("width", [40, 80, 160, 240])
@pytest.mark.parametrize(
    "question",
    [
        "map",
        "map -t nsclc -b egfr --rows treatment --columns endpoint",
        "map -t breast -b her2 -c targeted-therapy",
        "map -t melanoma --count patients",
        "map --rows design --columns tumor",
    ],
)
def test_a_map_fits_its_terminal(terminal: Run, width: int, question: str) -> None:
    """No line is wider than the terminal, no cell is lost, whether the map was turned, divided or
    stepped."""
    if width == 40 and "endpoint" in question:
        pytest.skip("thirty endpoints do not fit forty columns")
    answer = terminal(width, *question.split())
    assert answer.code == 0 and max(map(len, answer.out.splitlines())) <= width
    drawn = answer.out.partition("A cell:")[0]
    if question not in CELLS:
        CELLS[question] = terminal(width, *question.split(), "--json").rows
    cells = CELLS[question]
    key = "patients" if "patients" in question else "studies"
    full = [cell for cell in cells if cell["rows"] and cell[key] is not None]
    for cell in full:
        assert re.search(rf"\b{cell[key]:,} {cell['level'] or '–'}".replace(",", ",?"), drawn), cell
    assert drawn.count("·") >= sum(not cell["rows"] for cell in cells)


def lines_at(drawn: str, head: str) -> list[str]:
    """Return the lines of a row: one, or one of every part where the columns do not fit side by
    side."""
    return [line for line in drawn.splitlines() if line.split()[:1] == [head]]


def test_the_drawn_cells_are_the_right_ones(terminal: Run, run: Run) -> None:
    cells = {(cell["row"], cell["column"]): cell for cell in run("map", "--json").rows}
    for width in (80, 160):
        drawn = terminal(width, "map").out
        for tumor in ("melanoma", "nsclc", "breast", "colorectal"):
            said = [
                " ".join(pair)
                for line in lines_at(drawn, tumor)
                for pair in re.findall(r"(·|\d+)(?: ([IV]+|–))?", line.partition(tumor)[2])
            ]
            expected = [
                f"{cell['studies']} {cell['level'] or '–'}" if cell["rows"] else "· "
                for (row, _), cell in cells.items()
                if row == tumor
            ]
            assert said[1:] == expected
    assert (
        "rows and columns changed places to fit 40 columns"
        in terminal(40, "map", "-t", "melanoma").err
    )
    assert "changed places" not in terminal(80, "map", "-t", "melanoma").err


def test_heads_step_down_to_their_columns(terminal: Run) -> None:
    """Each head stands over a bar that leads to the last digit of its column."""
    lines = terminal(100, "map").out.splitlines()
    top = next(place for place, line in enumerate(lines) if line.startswith("─"))
    melanoma = next(line for line in lines if line.startswith("melanoma"))
    for place, head in enumerate(
        ["All", "chemotherapy", "immunotherapy", "procedure", "radiation"]
    ):
        at = lines[place].index(head)
        assert {lines[below][at] for below in range(place + 1, top - 1)} <= {"│"}
        assert melanoma[at] in "0123456789·"
    assert lines[top - 1].endswith("unspecified") and len(lines[top - 1]) <= 100


def test_ascii_and_notes(terminal: Run, run: Run) -> None:
    answer = terminal(80, "map", "--ascii")
    assert answer.out.isascii() and "|" in answer.out
    cells = [row["rows"] for row in run("map", "--json").rows]
    assert (
        f"{len(cells)} cells" in answer.err
        and f"{cells.count(0)} cells without any evidence" in answer.err
        and cells.count(0) > 50
    )
    assert re.search(r"\d+ rows of mixed", terminal(80, "map", "-t", "melanoma").err)
    colored = terminal(80, "map", "--color", "always")
    assert "\x1b[" in colored.out


def test_chosen_fields_are_a_plain_table(terminal: Run) -> None:
    out = terminal(80, "map", "-t", "melanoma", "--fields", "row,column,studies").out
    assert out.splitlines()[0].split() == ["row", "column", "studies"]


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("map --tumor colorectal", 1, "nothing matched"),
        ("map --tumor colorectal -o x.svg", 1, "nothing matched"),
        ("map --rows tumour-type", 2, "--rows: no such value"),
        ("map --rows tumr", 2, "did you mean tumor?"),
        ("map --count cells", 2, "--count: no such value"),
        ("map -o x.gif", 2, "end the name in .svg, .png or .html"),
        ("map -o x.svg --json", 2, "-o draws a picture"),
        ("map -o x.svg --fields row", 2, "-o draws a picture"),
        ("map -o no/such/x.svg", 3, "cannot write"),
    ],
)
def test_what_cannot_be_answered(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*question.split())
    assert answer.code == code and said in answer.err and answer.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_cells_have_no_gaps(run: Run) -> None:
    assert re.match(
        r"lmtx: nothing matched; \d+ rows of mixed", run("map", "--tumor", "colorectal").err
    )


@pytest.mark.parametrize("command", ["map", "timeline"])
def test_a_picture_of_an_endpoint_says_so(run: Run, tmp_path: Path, command: str) -> None:
    place = tmp_path / "x.svg"
    assert run(command, "--endpoint", "overall-survival", "--verified", "-o", str(place)).code == 0
    root = ElementTree.fromstring(place.read_text(encoding="utf-8"))
    asked = "endpoint overall-survival; read at the source"
    assert asked in root.findtext(f"{SVG}desc", "") and asked in {
        text.text for text in root.iter(f"{SVG}text")
    }


def test_help_names_every_form_of_a_picture(run: Run) -> None:
    assert ".svg, .png or .html" in " ".join(run("map", "--help").out.replace("│", " ").split())


GOLDEN = {
    "map.svg": "map",
    "map-turned.svg": "map --rows tumor --columns endpoint --tumor north --count patients",
    "map.html": "map --mixed --tumor north",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(run: Run, base: Path, tmp_path: Path, name: str) -> None:
    """A picture of the made-up base is the same to the byte; after an intended change:
    LMTX_GOLDEN=write."""
    place = tmp_path / name
    answer = run(*GOLDEN[name].split(), "-o", str(place))
    assert answer.code == 0 and answer.out == "" and str(place) in answer.err
    if os.environ.get("LMTX_GOLDEN") == "write":
        (DRAWN / name).write_bytes(place.read_bytes())
    assert place.read_bytes() == (DRAWN / name).read_bytes()
    assert run(*GOLDEN[name].split(), "-o", str(place)).code == 3, (
        "a file is replaced only with --force"
    )
    assert run(*GOLDEN[name].split(), "-o", str(place), "--force", "-q").err == ""


@pytest.mark.parametrize(
    "question",
    [
        "map",
        "map -t melanoma",
        "map -t nsclc -b egfr --rows treatment --columns endpoint",
        "map -t breast -b her2 --rows class --columns route",
    ],
)
def test_a_picture_says_what_the_listing_says(run: Run, tmp_path: Path, question: str) -> None:
    """Every cell is there in words under its place, a gap as a dashed frame; nothing sticks out of
    the sheet."""
    place = tmp_path / "x.svg"
    assert run(*question.split(), "-o", str(place)).code == 0
    cells = run(*question.split(), "--json").rows
    root = ElementTree.fromstring(place.read_text(encoding="utf-8"))
    tips = {
        shape.findtext(f"{SVG}title"): shape
        for shape in root.iter(f"{SVG}rect")
        if shape.find(f"{SVG}title") is not None
    }
    for cell in cells:
        start = f"{cell['row_label']}, {cell['column_label']}: "
        [told] = [tip for tip in tips if tip and tip.startswith(start)]
        assert (
            (told == f"{start}none on record")
            == (not cell["rows"])
            == ("stroke-dasharray" in tips[told].attrib)
        )
        if cell["rows"]:
            assert f": {cell['studies']} stud" in told and (
                f"level {cell['level']}" in told or cell["level"] is None
            )
            assert cell["patients"] is None or f"{cell['patients']:,}".replace(
                ",", ""
            ) + " patients" in told.replace(",", "")
    assert root.findtext(f"{SVG}title", "").startswith(
        "Evidence map: "
    ) and "without evidence" in root.findtext(f"{SVG}desc", "")
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for shape in root.iter(f"{SVG}rect"):
        assert (
            float(shape.get("x", 0)) + float(shape.attrib["width"]) <= width
            and float(shape.get("y", 0)) + float(shape.attrib["height"]) <= height
        )


class _Cells(HTMLParser):
    """Reads the rows of a table, and which elements are open."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.reading = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.reading = self.reading or tag in ("td", "th")

    def handle_endtag(self, tag: str) -> None:
        self.reading = self.reading and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.reading:
            self.rows[-1][-1] += data


def test_the_page_holds_the_picture_and_the_same_cells_as_a_table(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.html"
    assert run("map", "-o", str(place)).code == 0
    page = place.read_text(encoding="utf-8")
    assert page.count("<svg ") == 1 and "<script" not in page
    fetched = re.sub(r'<a href="[^"]*"', "", page)  # a link is followed only by who clicks it
    assert set(re.findall(r"https?://[^\"' )]+", fetched)) == {"http://www.w3.org/2000/svg"}
    reader = _Cells()
    reader.feed(page)
    head, _, *rows = reader.rows
    table = {
        (row[0].strip("\xa0"), column): cell
        for row in rows
        for column, cell in zip(head[1:], row[1:], strict=True)
    }
    cells = run("map", "--json").rows
    for cell in cells:
        assert table[cell["row_label"], cell["column_label"]] == (
            f"{cell['studies']} {cell['level'] or '–'}" if cell["rows"] else "·"
        )


def test_completion() -> None:
    assert complete_word(make_word_vocabulary(AXES), "tr") == [("treatment", "treatment")] and len(
        complete_word(make_word_vocabulary(AXES), "")
    ) == len(AXES)
    assert [
        word for word, _ in complete_word(make_word_vocabulary(MAP_CELL_COUNT_UNITS), "")
    ] == list(MAP_CELL_COUNT_UNITS)


def test_a_png_is_drawn(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.png"
    assert run("map", "-t", "melanoma", "-o", str(place)).code == 0
    assert place.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "question",
    ["map", "map -t nsclc -b egfr --rows treatment --columns endpoint", "map --columns route"],
)
def test_a_cell_opens_its_studies(run: Run, tmp_path: Path, question: str) -> None:
    """In the picture, in the table and in the list for a narrow screen; a gap opens nothing."""
    place = tmp_path / "x.html"
    assert run(*question.split(), "-o", str(place)).code == 0
    page = place.read_text(encoding="utf-8")
    for cell in run(*question.split(), "--json").rows:
        id_ = f"cell.{cell['row']}.{cell['column']}"
        assert page.count(f'href="#{id_}"') == (3 if cell["rows"] else 0), id_
        assert page.count(f'id="{id_}"') == bool(cell["rows"])
    places = re.findall(r'href="#([^"]+)"', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(places) <= set(ids)


def test_the_studies_behind_a_cell_are_those_of_evidence(base: Path) -> None:
    connection = open_index().connection
    made = map_evidence(connection, Filters(), ("treatment", "endpoint"))
    for cell in made.cells:
        behind = made.studies.get((cell.row, cell.column), [])
        assert bool(behind) == bool(cell.rows)
        if cell.column == "none":
            continue
        asked = Filters(treatments=(cell.row,), endpoints=(cell.column,))
        rows = [row for row in list_evidence(connection, asked) if cell.row in row.treatments]
        assert {one.study for one in behind} == {row.study for row in rows}
        assert {one.citation for one in behind} == {row.citation for row in rows}
        assert [rank_level(one.level) for one in behind] == sorted(
            rank_level(one.level) for one in behind
        )
    turned = made.turned().studies
    assert turned and turned == {(column, row): one for (row, column), one in made.studies.items()}


def test_a_picture_alone_has_no_links(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.svg"
    assert run("map", "-o", str(place)).code == 0
    drawn = place.read_text(encoding="utf-8")
    assert "<a " not in drawn and 'role="img"' in drawn


def test_a_wide_map_is_drawn_in_parts_that_paper_holds(base: Path) -> None:
    connection = open_index().connection
    made = map_evidence(connection, Filters(), ("treatment", "endpoint"))
    wide = made._replace(
        columns=[node._replace(id=f"{node.id}{i}") for i in range(9) for node in made.columns],
        of_columns=made.of_columns * 9,
        cells=[cell for line in made.grid() for cell in line * 9],
    )
    parts = gapmap.split_map_into_sheets(wide)
    assert len(parts) > 1 and [n for part in parts for n in part.columns] == wide.columns
    around = Envelope("0", {"version": "1", "as_of": "2026-01-01"}, "", {})
    names = []
    for place, part in enumerate(parts, start=1):
        drawn = gapmap.draw(part, around, part=place, parts=len(parts))
        root = ElementTree.fromstring(drawn)
        assert float(root.attrib["width"]) <= gapmap.WIDEST_DRAWING
        assert f"part {place} of {len(parts)}" in drawn
        names.append(root.attrib["aria-labelledby"])
        cells = [cell for line in wide.grid() for cell in line]
        assert all(cell in cells for cell in part.cells)
    assert len(set(names)) == len(parts)
    assert gapmap.split_map_into_sheets(made.drop_empty_columns()) == [made.drop_empty_columns()]


def test_a_column_without_evidence_is_dropped_and_no_other(base: Path) -> None:
    asked = Filters(tumors=("north-east",))
    made = map_evidence(open_index().connection, asked, ("treatment", "endpoint"))
    kept = made.drop_empty_columns()
    full = {cell.column for cell in made.cells if cell.rows}
    assert {node.id for node in kept.columns} == full < {node.id for node in made.columns}
    assert [cell for cell in made.cells if cell.column in full] == kept.cells


def test_treatments_stand_below_their_class(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "x.svg"
    asked = "map -t melanoma --rows treatment --columns route"
    assert run(*asked.split(), "-o", str(place)).code == 0
    texts = [
        (float(text.attrib["y"]), text.text)
        for text in ElementTree.fromstring(place.read_text(encoding="utf-8")).iter(f"{SVG}text")
    ]
    order = [text for _, text in sorted(texts, key=lambda one: one[0])]
    assert order.index("Immunotherapy") < order.index("Nivolumab") < order.index("Radiation")
