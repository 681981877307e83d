"""`lmtx compare`: treatments side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lmtx.listings.compare import LISTING as COMPARE
from lmtx.query.compare import ComparedRow
from lmtx.render.terminal.compare import GLUED_BLANK, divide_bands, fold_glued
from support import FIELDS, Answer, at_or_below, is_mixed, raw_rows, toml
from test_conflicts import MADE

Run = Callable[..., Answer]


def test_fields_are_those_of_the_rows() -> None:
    """The documented fields are the machine fields, in their order."""
    assert tuple(FIELDS["compare"]) == ComparedRow._fields == COMPARE.fields


def test_same_counts_as_list(run: Run) -> None:
    """Level, counts and directions are those of `lmtx list`, in the order asked for."""
    asked = ["thiotepa", "methotrexate", "liposomal-cytarabine"]
    rows = run("compare", "thiotepa", "MTX", "DepoCyt", "--json").rows
    assert [row["id"] for row in rows] == asked
    listed = {row["id"]: row for row in run("list", "--json").rows}
    for row in rows:
        for field in (
            "name",
            "drug_class",
            "level",
            "studies",
            "patients",
            "benefit",
            "no_benefit",
            "mixed",
            "unclear",
            "routes",
        ):
            assert row[field] == listed[row["id"]][field]


def test_figures_are_real_and_from_the_strongest_row(run: Run) -> None:
    """Every figure stands in the data as it is shown, in a row that tests that treatment."""
    raw = {row["id"]: row for row in raw_rows()}
    evidence = {row["id"]: row for row in run("evidence", "--json").rows}
    for row in run(
        "compare",
        "osimertinib",
        "nivolumab",
        "pemetrexed",
        "methotrexate",
        "proton-craniospinal-irradiation",
        "--json",
    ).rows:
        for key in ("response", "pfs", "os", "toxicity"):
            figure = row[key]
            if figure is None:
                continue
            source = raw[figure["evidence"]]
            assert row["id"] in source["tested"]
            assert any(
                o["endpoint"] == figure["endpoint"]
                and o.get("value") == figure["value"]
                and o["unit"] == figure["unit"]
                for o in source["outcome"]
            )
            assert figure["n"] == figure["total"] or figure["total"] is None
            told = evidence[figure["evidence"]]
            assert (figure["level"], figure["study"]) == (told["level"], told["study"])
            assert figure["with"] == [one for one in source["tested"] if one != row["id"]]


def test_filters(run: Run) -> None:
    """Filters keep rows; an endpoint filter keeps figures; the class of another treatment empties a
    column."""
    listed = {row["id"]: row for row in run("list", "--tumor", "melanoma", "--json").rows}
    every = {row["id"]: row["studies"] for row in run("list", "--json").rows}
    for row in run("compare", "nivolumab", "ipilimumab", "--tumor", "melanoma", "--json").rows:
        assert row["studies"] == listed[row["id"]]["studies"] < every[row["id"]]
    survival = run(
        "compare", "methotrexate", "thiotepa", "--endpoint", "overall-survival", "--json"
    ).rows
    assert all(row["response"] is None and row["os"] for row in survival)
    [drug, rays] = run("compare", "methotrexate", "wbrt", "--class", "radiation", "--json").rows
    assert drug["studies"] == 0
    assert drug["response"] is None
    assert rays["studies"] > 0


def test_a_treatment_without_evidence_is_there(run: Run, terminal: Callable[..., Answer]) -> None:
    """It is shown with dashes, and a note says so; empty fields for machines."""
    answer = run("compare", "osimertinib", "wbrt", "--tumor", "melanoma", "--json")
    assert answer.code == 0
    assert answer.rows[0]["level"] is None
    assert answer.rows[0]["studies"] == 0
    assert answer.rows[0]["routes"] == []
    assert "no evidence under these filters for osimertinib" in answer.err
    drawn = terminal(80, "compare", "osimertinib", "wbrt", "--tumor", "melanoma").out
    assert re.search(r"^Level +– +V$", drawn, re.MULTILINE)


def test_mixed_rows_left_out_are_those_of_the_treatments(run: Run) -> None:
    """The note counts only rows of what is compared."""
    raw = [
        row
        for row in raw_rows()
        if is_mixed(row) and {"osimertinib", "thiotepa"} & set(row["treatments"])
    ]
    answer = run("compare", "osimertinib", "thiotepa", "--tumor", "breast")
    assert (
        f"{len(raw)} row{'s' if len(raw) > 1 else ''} of mixed solid tumours left out" in answer.err
    )


def test_verified_leaves_recalled_figures_out(run: Run) -> None:
    """--verified drops second-hand figures, CSF levels and statements alike."""
    [osimertinib, alectinib] = run(
        "compare", "osimertinib", "alectinib", "--verified", "--json"
    ).rows
    for row in (osimertinib, alectinib):
        for found in (
            row["response"],
            row["pfs"],
            row["os"],
            row["csf"],
            row["safety"],
            *row["guidelines"],
        ):
            assert found is None or found["read_in"] not in ("secondary", "recalled")


def test_csf_level_guidelines_and_trials(run: Run) -> None:
    """The ratio is preferred over a concentration; statements and trials follow the tumor filter
    upwards."""
    ratios = {
        item["id"]: [level.get("value") for level in item["csf"] if level["measure"] == "csf-plasma-ratio"] for item in toml("treatments.toml")["treatment"]
        if {"csf-plasma-ratio", "csf-concentration"} <= {level["measure"] for level in item.get("csf", ())} and item["id"] != "pemetrexed"
    }  # fmt: skip
    drug = next(iter(ratios))
    [measured, pemetrexed] = run("compare", drug, "pemetrexed", "--json").rows
    assert (
        measured["csf"]["measure"] == "csf-plasma-ratio"
        and measured["csf"]["value"] in ratios[drug]
    )
    said = {
        f"{guideline['id']}.{one['row']}": one
        for guideline in toml("guidelines.toml")["guideline"]
        for one in guideline.get("recommendation", ())
        if "pemetrexed" in one.get("treatments", ())
    }
    assert said and {one["id"] for one in pemetrexed["guidelines"]} == set(said)
    trials = {
        row["id"]: row
        for row in run("trials", "--open", "--treatment", "pemetrexed", "--json").rows
    }
    assert trials and set(pemetrexed["trials"]) == set(trials)
    [_, breast] = run("compare", drug, "pemetrexed", "--tumor", "breast", "--json").rows
    about = at_or_below("tumor", "breast") | {
        node["id"]
        for node in toml("tumors.toml")["tumor"]
        if "breast" in at_or_below("tumor", node["id"])
    }
    assert {one["id"] for one in breast["guidelines"]} == {
        name for name, one in said.items() if about & set(one.get("tumors", ()))
    }
    assert set(breast["trials"]) == {
        name for name, row in trials.items() if about & set(row["tumors"])
    }


def test_studies_that_disagree_and_studies_in_common(run: Run) -> None:
    """Where some studies show a benefit and others none or worse, both are named; so is a study
    that tested both treatments."""
    [mtx, lipo] = run("compare", "methotrexate", "liposomal-cytarabine", "--json").rows
    assert mtx["disagree"]
    for found in mtx["disagree"]:
        assert found["benefit"]
        assert found["no_benefit"] or found["worse"]
    assert {"glantz-1999", "glantz-2010-route"} <= set(mtx["same_study"])
    assert mtx["same_study"] == lipo["same_study"]


@pytest.mark.parametrize(
    "treatments",
    [
        ["osimertinib"],
        ["osimertinib", "Tagrisso"],
        [
            "afatinib",
            "erlotinib",
            "gefitinib",
            "nivolumab",
            "pembrolizumab",
            "thiotepa",
            "topotecan",
        ],
    ],
)
def test_two_to_six(run: Run, treatments: list[str]) -> None:
    """Fewer than two different ones, or more than six, are refused."""
    answer = run("compare", *treatments)
    assert answer.code == 2
    assert "name two to 6 different ones" in answer.err


def test_unknown_treatment(run: Run) -> None:
    """Did you mean, and exit 2."""
    answer = run("compare", "osimertnib", "afatinib")
    assert answer.code == 2
    assert "did you mean osimertinib" in answer.err


@pytest.mark.parametrize("columns", [60, 80, 120, 160, 240])
@pytest.mark.parametrize(
    "treatments",
    [
        ("mtx", "thiotepa", "depocyt"),
        ("osimertinib", "lorlatinib"),
        (
            "osimertinib",
            "lorlatinib",
            "nivolumab",
            "proton-craniospinal-irradiation",
            "afatinib",
            "pemetrexed",
        ),
    ],
)
def test_fits_the_screen(
    terminal: Callable[..., Answer], run: Run, columns: int, treatments: tuple[str, ...]
) -> None:
    """No line is wider than the screen, nothing is cut but safety, every figure is whole and every
    study is named."""
    answer = terminal(columns, "compare", *treatments)
    assert answer.code == 0
    assert all(len(line) <= columns for line in answer.out.splitlines())
    for row in run("compare", *treatments, "--json").rows:
        for key in ("response", "pfs", "os", "toxicity", "csf", "safety"):
            if row[key]:
                assert f"] {row[key]['study']}" in answer.out
        if row["os"] and row["os"]["unit"] != "%":
            value = f"{row['os']['value']:g}"
            assert re.search(rf"(?<![\d.]){re.escape(value)} (mo|wk|days)", answer.out)


def test_marks_and_signs(terminal: Callable[..., Answer], folder: Path) -> None:
    """Daggers and pooled figures are explained where they stand; ASCII is ASCII."""
    assert "†" not in terminal(120, "compare", "examplinib", "pills-unspecified").out
    changed(
        folder / "studies" / "doe-2020.toml", ('read_in = "full-text"', 'read_in = "secondary"')
    )
    answer = terminal(120, "compare", "examplinib", "pills-unspecified")
    assert "ORR 75% (43–95)†" in answer.out
    assert "† not read at its source" in answer.out
    assert "beyond head to head nothing here tests one treatment against another" in answer.out
    assert terminal(80, "compare", "examplinib", "pills-unspecified", "--ascii").out.isascii()


def test_nothing_to_refer_to(terminal: Callable[..., Answer]) -> None:
    """Two treatments without any evidence need no list of studies."""
    answer = terminal(
        80,
        "compare",
        "osimertinib",
        "afatinib",
        "--tumor",
        "melanoma",
        "--verified",
        "--min-n",
        "1000",
    )
    assert answer.code == 0
    assert "no evidence under these filters for osimertinib, afatinib" in answer.err


def test_machine_forms_name_the_row_of_a_figure(run: Run) -> None:
    """In a flat cell a figure ends with its row and where that was read."""
    asked = ("compare", "osimertinib", "lorlatinib")
    figure = run(*asked, "--json").rows[0]["response"]
    [source] = [row["of"] for row in raw_rows() if row["id"] == figure["evidence"]]
    assert (
        run(*asked).table[0]["response"].endswith(f"; {figure['evidence']} ({source['read_in']})")
    )


def test_bands_are_even() -> None:
    """Treatments are divided as evenly as the screen allows."""
    assert divide_bands(4, 20, 80) == [range(2), range(2, 4)]
    assert divide_bands(3, 20, 80) == [range(3)]
    assert divide_bands(6, 20, 30) == [range(i, i + 1) for i in range(6)]


def test_folding_keeps_glued_pieces() -> None:
    """Text folds at blanks only; a piece that is longer than the line keeps its length."""
    assert fold_glued(f"OS 11.3{GLUED_BLANK}mo (7.5–18.3)", 10) == "OS 11.3 mo\n(7.5–18.3)"
    assert fold_glued("abcdefghijkl mn", 5) == "abcdefghijkl\nmn"


def test_a_study_for_one_and_a_study_against_another_differ(run: Run, folder: Path) -> None:
    """In one tumor they do; in two, as the small base has it, nothing differs."""
    asked = ("compare", "examplinib", "samplexate", "--json")
    assert [row["differs"] for row in run(*asked).rows] == [[], []]
    added(folder, "moe-2024", "examplinib")
    sides = [row["differs"] for row in run(*asked).rows]
    assert [(one["tumor"], one["benefit"], one["no_benefit"]) for [one] in sides] == [
        ("south", ["moe-2024"], []),
        ("south", [], ["loe-2018"]),
    ]


def test_head_to_head_comparisons_come_first_and_tell_all_of_one_named_side(
    run: Run, terminal: Callable[..., Answer]
) -> None:
    asked = ("compare", "proton-craniospinal-irradiation", "involved-field-radiotherapy")
    [protons, photons] = run(*asked, "--json").rows
    ids = [one["id"] for one in protons["head_to_head"]]
    assert ids == [one["id"] for one in photons["head_to_head"]]
    assert "yang-2025-pcsi.c1" in ids
    for one, other in zip(protons["head_to_head"], photons["head_to_head"], strict=True):
        # The sides differ, and what is told of them does not: direction, sizes and effects alike.
        assert (one["side"], other["side"]) == ("of", "against")
        apart = {"side", "rivals"}
        told, again = ({k: v for k, v in x.items() if k not in apart} for x in (one, other))
        assert told == again
        assert (one["tests"], one["against_tests"]) == ([protons["id"]], [photons["id"]])
        assert one["direction"] == "benefit"
        assert "against" not in {effect["favours"] for effect in one["effects"]}
        assert (one["rivals"], other["rivals"]) == ([photons["id"]], [protons["id"]])
        assert one["randomized"]
    assert protons["disagree"] == []
    # What stands beside each other was measured against each other, not the arm of another study.
    assert {side["os"]["study"] for side in (protons, photons)} == {"yang-2025-pcsi"}
    assert (protons["os"]["value"], photons["os"]["value"]) == (11.3, 4.9)
    drawn = terminal(160, *asked).out
    assert drawn.index("Head to head") < drawn.index("Level")
    cells = drawn.partition("Head to head")[2].partition("Level")[0]
    assert cells.count("▲") == len(protons["head_to_head"]) * 2
    assert "▼" not in cells
    assert "▲ proton craniospinal irradiation v" in cells
    for form in ("md", "tsv", "csv"):  # the same in each format
        out = run(*asked, "-f", form, "--fields", "head_to_head").out.replace("\\", "")
        assert "direction=worse" not in out
        assert out.count("side=against") == len(photons["head_to_head"])


def test_a_response_without_an_interval_gets_an_exact_one_from_its_counts(
    run: Run, terminal: Callable[..., Answer], folder: Path
) -> None:
    asked = ("compare", "examplinib", "pills-unspecified")
    assert run(*asked, "--json").rows[0]["response"]["ci_computed"] == []
    changed(folder / "studies" / "doe-2020.toml", ("ci = [43, 95]\n", ""))
    [row, _] = run(*asked, "--json").rows
    assert (
        row["response"]["events"],
        row["response"]["total"],
        row["response"]["ci_computed"],
    ) == (9, 12, [42.8, 94.5])
    assert row["os"]["ci"] and row["os"]["ci_computed"] == []
    drawn = terminal(160, *asked).out
    assert (
        "ORR 75% (42.8–94.5)^" in drawn
        and "^ exact (Clopper–Pearson) 95% interval, computed here" in drawn
    )


def test_the_table_says_who_disagrees_and_what_guidelines_say(
    terminal: Callable[..., Answer], folder: Path
) -> None:
    added(folder, "moe-2024", "samplexate")
    added(folder, "noe-2024", "examplinib")
    for name, links in (
        ("voe-2023", 'superseded_by = "voe-2024"\noverlaps = ["voe-2024"]'),
        ("voe-2024", 'overlaps = ["voe-2023"]'),
    ):
        (folder / "studies" / f"{name}.toml").write_text(
            BOTH.format(id=name, links=links), encoding="utf-8"
        )
    statement = (
        '\n[[guideline.recommendation]]\nrow = {}\ntopic = "treatment"\nstatement = "Tried '
        'again."\ntreatments = ["examplinib"]\ntumors = ["north"]\nread_in = "full-text"\n'
    )
    with (folder / "guidelines.toml").open("a", encoding="utf-8") as file:
        file.writelines(map(statement.format, (2, 3)))
    drawn = terminal(160, "compare", "examplinib", "samplexate", "untried").out
    assert re.search(r"^Disagree +none +south ▲1 \[\d+\] =1 \[\d+\] ", drawn, re.M)
    assert re.search(r"^Differ +south ▲1 \[\d+\] +south .*=1 \[\d+\] ", drawn, re.M)
    assert re.search(
        r"^Head to head +▲ examplinib v samplexate, n=30 v 31 \[\d+\]: ORR", drawn, re.M
    )
    assert "° superseded" in drawn
    assert "Examplinib may" in drawn
    assert " … 1 more: Society 2022" in drawn


BOTH = """
[study]
id = "{id}"
design = "phase-2"
year = 2024
lm_only = true
read_in = "abstract"
{links}
[[evidence]]
row = 1
tumors = ["south"]
n = 30
direction = "unclear"
summary = "One arm."

[[evidence.given]]
treatment = "examplinib"
role = "tested"

[[evidence.outcome]]
endpoint = "objective-response"
value = 20
unit = "%"

[[evidence]]
row = 2
tumors = ["south"]
n = 31
direction = "unclear"
summary = "The other arm."

[[evidence.given]]
treatment = "samplexate"
role = "tested"

[[evidence.outcome]]
endpoint = "objective-response"
value = 29
unit = "%"

[[comparison]]
comparison = 1
of = 1
against = 2
tests = ["examplinib"]
question = "instead"
direction = "benefit"

[[comparison.effect]]
endpoint = "objective-response"
unit = "none"
favours = "of"
"""


def added(folder: Path, name: str, treatment: str) -> None:
    """Add a report of a benefit of a treatment in southern tumours."""
    text = MADE.format(id=name, more="", tumors='["south"]').replace("samplexate", treatment)
    (folder / "studies" / f"{name}.toml").write_text(text, encoding="utf-8")


def changed(path: Path, *pairs: tuple[str, str]) -> None:
    """Replace pieces of a file that stand in it once."""
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_a_figure_of_a_combination_says_so_and_a_review_speaks_last(
    run: Run, terminal: Callable[..., Answer]
) -> None:
    """What was given beside a treatment stands in the figure, and a plus behind it; `n` counts
    those behind the figure."""
    raw = {row["id"]: row for row in raw_rows()}
    treatments = ["dabrafenib", "methotrexate", "trastuzumab", "capecitabine"]
    together = 0
    for row in run("compare", *treatments, "--json").rows:
        for found in filter(None, (row["response"], row["pfs"], row["os"], row["toxicity"])):
            own = raw[found["evidence"]]
            assert found["with"] == [other for other in own["treatments"] if other != row["id"]]
            assert found["n"] == found["total"] or (
                found["total"] is None and found["n"] in (own.get("n"), None)
            )
            together += bool(found["with"])
    assert together
    drawn = terminal(160, "compare", *treatments).out
    assert "+ tested together with other treatments" in drawn
    for row in list_rows(run):
        if row["figure_design"] in ("meta-analysis", "systematic-review", "review"):
            own = [
                found
                for found in raw.values()
                if row["id"] in found["treatments"]
                and found["of"]["design"]
                not in ("meta-analysis", "systematic-review", "review", "preclinical")
            ]
            assert not any(
                outcome.get("scope", "whole") == "whole"
                and outcome["endpoint"] == "overall-survival"
                for found in own
                for outcome in found.get("outcome", ())
            )


def list_rows(run: Run) -> list[dict[str, object]]:
    return run("list", "--json").rows


def test_a_computed_interval_of_a_count_is_one_of_shares(
    terminal: Callable[..., Answer], run: Run
) -> None:
    counted = [
        row
        for row in run("compare", "interleukin-2", "dabrafenib", "--json").rows
        if (row["toxicity"] or {}).get("unit") == "patients"
    ]
    assert counted and counted[0]["toxicity"]["ci_computed"] == [0.0, 8.2]
    assert (
        "0 of 43 patients (0–8.2%)^" in terminal(160, "compare", "interleukin-2", "dabrafenib").out
    )


@pytest.mark.parametrize("sizes", [(6, 40), (40, 6)])
def test_of_two_drug_levels_alike_that_of_more_patients_speaks(
    run: Run, folder: Path, sizes: tuple[int, int]
) -> None:
    """Whichever comes first in the file: the one of the larger study can better be trusted."""
    path = folder / "treatments.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[[treatment.csf]]")
    level = text[start : text.index("[[treatment.csf]]", start + 1)]
    assert "n = 6\n" in level
    both = "".join(level.replace("n = 6\n", f"n = {size}\n") for size in sizes)
    path.write_text(text.replace(level, both, 1), encoding="utf-8")
    [row, _] = run("compare", "examplinib", "samplexate", "--json").rows
    assert row["csf"]["n"] == 40


def test_a_review_gets_no_interval_computed(run: Run, folder: Path) -> None:
    """Its counts are those of several studies: an exact interval would take them for one."""
    path = folder / "studies" / "roe-2021-review.toml"
    figure = (
        '\n[[evidence.outcome]]\nendpoint = "objective-response"\nvalue = 50\nunit = "%"\nevents '
        "= 20\ntotal = 40\n"
    )
    text = path.read_text(encoding="utf-8").replace(
        'read_in = "recalled"', 'read_in = "abstract"\nseen_at = ["https://example.org/roe"]'
    )
    path.write_text(text + figure, encoding="utf-8")
    (folder / "studies" / "doe-2020.toml").write_text(
        re.sub(
            r"\[\[evidence\.outcome\]\]\nendpoint = .objective-response.(\n[^\[\n].*)+\n",
            "",
            (folder / "studies" / "doe-2020.toml").read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )
    [row, _] = run("compare", "examplinib", "samplexate", "--json").rows
    assert (row["response"]["study"], row["response"]["ci_computed"]) == ("roe-2021-review", [])


def test_studies_that_disagree_are_never_told_to_agree(
    run: Run, terminal: Callable[..., Answer]
) -> None:
    """In a mixed population, or in different tumors, as everywhere."""
    divided = [
        row
        for row in run("list", "--json").rows
        if row["benefit"] and (row["no_benefit"] or row["worse"])
    ]
    assert len(divided) > 10
    ids = [row["id"] for row in divided]
    for one, other in zip(ids[::2], ids[1::2], strict=False):
        drawn = terminal(160, "compare", one, other).out
        [line] = [line for line in drawn.splitlines() if line.startswith("Disagree")]
        assert "none" not in line
    [sides, _] = run("compare", "liposomal-cytarabine", "methotrexate", "--json").rows
    assert [side["tumor"] for side in sides["disagree"]] == ["solid"]


def test_a_recalled_figure_of_a_group_that_counts_stands_for_nothing(
    run: Run, folder: Path
) -> None:
    def figure() -> object:
        return run("compare", "examplinib", "samplexate", "--json").rows[0]["os"]

    assert figure()
    for file in (folder / "studies").glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        recalled = 'endpoint = "overall-survival"\nread_in = "recalled"'
        text = text.replace('endpoint = "overall-survival"', recalled)
        file.write_text(text, encoding="utf-8")
    assert figure() is None
