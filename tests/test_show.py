"""`lmtx show`: a card says everything its record says, in every form."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lmtx.index import open_index
from lmtx.query.resolve import MatchedRecord
from lmtx.query.show import load_card, load_tumor_biomarker_labels
from lmtx.render.show import card_blocks
from support import Answer, is_mixed, raw_rows, toml

Run = Callable[..., Answer]
Terminal = Callable[..., Answer]

NAMES = [
    "osimertinib",
    "Tagrisso",
    "AZD9291",
    "35802849",
    "10.1200/JCO.22.01148",
    "https://doi.org/10.1200/JCO.22.01148",
    "NCT06500481",
    "melanoma",
    "skin melanoma",
    "EANO-ESMO 2023",
    "yang-2025-pcsi",
]


def card(answer: Answer) -> dict[str, object]:
    assert answer.code == 0, answer.err
    [made] = answer.rows
    return made


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["json", "jsonl", "tsv", "csv", "md", "table"])
def test_every_kind_of_record_has_a_card_in_every_form(run: Run, name: str, form: str) -> None:
    answer = run("show", name, "-f", form, "-q")
    assert answer.code == 0, answer.err
    assert answer.out.strip()
    if form in ("tsv", "csv"):
        assert answer.out.splitlines()[0].replace("\t", ",") == "section,item,field,value"
    if form == "tsv":
        assert {line.count("\t") for line in answer.out.splitlines()} == {3}


@pytest.mark.parametrize(
    ("name", "kind", "id_"),
    [
        ("Tagrisso", "treatment", "osimertinib"),
        ("35802849", "study", "yang-2022-pcsi"),
        ("pmid:35802849", "study", "yang-2022-pcsi"),
        ("PMC7158648", "study", "lerhun-2020-deposein"),
        ("NCT06500481", "trial", "NCT06500481"),
        ("skin melanoma", "tumor", "melanoma"),
        ("EANO–ESMO 2023", "guideline", "eano-esmo-2023"),
        ("study:h-port-2024", "study", "h-port-2024"),
    ],
)
def test_a_name_leads_to_its_record(run: Run, name: str, kind: str, id_: str) -> None:
    made = card(run("show", *name.split(), "--json", "-q"))
    assert (made["kind"], made["id"]) == (kind, id_)


def test_a_name_that_fits_several_records_says_so(run: Run) -> None:
    answer = run("show", "h-port")
    assert answer.code == 0
    assert "lmtx show study:h-port-2024" in answer.err


@pytest.mark.parametrize(
    ("name", "advice"),
    [("osimertinb", "osimertinib"), ("melanomma", "melanoma"), ("zzzzqqqq", "lmtx search")],
)
def test_an_unknown_name_ends_with_1_and_a_suggestion(run: Run, name: str, advice: str) -> None:
    answer = run("show", name)
    assert (answer.code, answer.out) == (1, "")
    assert advice in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("antimetabolite", "lmtx list --class antimetabolite"),
        ("egfr-t790m", "lmtx list --biomarker egfr-t790m"),
    ],
)
def test_classes_and_biomarkers_are_listed_not_shown(run: Run, name: str, advice: str) -> None:
    answer = run("show", name)
    assert answer.code == 2
    assert advice in answer.err


def test_fields_make_no_sense_on_a_card(run: Run) -> None:
    assert run("show", "osimertinib", "--fields", "id").code == 2


def test_a_treatment_card_holds_every_row_level_statement_and_trial_of_it(run: Run) -> None:
    made = card(run("show", "methotrexate", "--json", "-q"))
    rows = {row["id"] for row in raw_rows() if "methotrexate" in row["treatments"]}
    assert {row["id"] for row in made["evidence"]} == rows
    [treatment] = [
        item for item in toml("treatments.toml")["treatment"] if item["id"] == "methotrexate"
    ]
    assert len(made["csf"]) == len(treatment["csf"])
    said = [
        s
        for guideline in toml("guidelines.toml")["guideline"]
        for s in guideline.get("recommendation", [])
        if "methotrexate" in s.get("treatments", [])
    ]
    assert len(made["guidelines"]) == len(said)
    trials = [
        trial["id"]
        for trial in toml("trials.toml")["trial"]
        if any(one["treatment"] == "methotrexate" for one in trial.get("given", ()))
    ]
    assert sorted(trial["id"] for trial in made["trials"]) == sorted(trials)


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize(
    "name", ["osimertinib", "melanoma", "35802849", "NCT06500481", "eano-esmo-2023", "methotrexate"]
)
def test_a_drawn_card_stays_within_the_terminal(
    terminal: Terminal, columns: int, name: str
) -> None:
    answer = terminal(columns, "show", name)
    assert answer.code == 0
    assert max(map(len, answer.out.splitlines())) <= columns
    assert answer.out.rstrip().splitlines()[-1].startswith("Not medical advice")


def test_the_first_screen_of_a_treatment_answers_the_question(terminal: Terminal) -> None:
    first = "\n".join(terminal(80, "show", "osimertinib").out.splitlines()[:24])
    for words in (
        "Targeted therapy › EGFR",
        "level III",
        "independent studies",
        "Key figure",
        "Routes",
        "80 mg once daily",
        "CSF",
        "†",
    ):
        assert words in first


def test_a_treatment_with_several_tumors_sums_each_up_as_a_listing_does(
    terminal: Terminal, run: Run
) -> None:
    """The level, patients and figure of the treatment there, not those of a cohort in which some
    had it."""
    shown = " ".join(terminal(160, "show", "whole-brain-radiotherapy").out.split())
    for tumor, label in (("nsclc", "Non-small cell lung cancer"), ("lung", "Lung cancer")):
        asked = ("list", "-t", tumor, "--treatment", "whole-brain-radiotherapy", "--json")
        [row] = run(*asked).rows
        rest = f"level {row['level']}{', pooled' if row['rests_on'] == 'pooled' else ''}"
        size = f" · {row['patients']} patients" if row["patients"] else ""
        assert f"{label}: {rest}{size} · part of {row['part_of']} more · " in shown


def test_a_comparison_names_what_it_tests(terminal: Terminal) -> None:
    """Yi 2022 added bevacizumab to osimertinib: its gain is bevacizumab's, on either card."""
    for card in ("osimertinib", "bevacizumab", "yi-2022"):
        shown = " ".join(terminal(200, "show", card).out.split())
        assert "yi-2022.c1 · adding bevacizumab · ▲ benefit" in shown
    shown = " ".join(terminal(200, "show", "yang-2025-pcsi").out.split())
    named = "proton-craniospinal-irradiation in place of involved-field-radiotherapy · ▲ benefit"
    assert named in shown


def test_comparisons_in_conflict_are_named(terminal: Terminal) -> None:
    shown = terminal(120, "show", "liposomal-cytarabine").out
    assert "In conflict" in shown
    assert "progression differs; survival agrees" in " ".join(shown.split())
    assert "± added, randomised (Le Rhun 2020 (DEPOSEIN))" in shown


def test_a_known_drug_without_evidence_is_answered_as_such(terminal: Terminal, run: Run) -> None:
    """Its name, class and target, that there are no figures, when they were looked for, relatives
    with evidence, open trials."""
    out = terminal(100, "show", "furmonertinib").out
    for said in (
        "Furmonertinib",
        "EGFR tyrosine kinase inhibitor",
        "no figures on LM could be read",
        "not found, last looked for 2026",
        "Osimertinib (III)",
    ):
        assert said in " ".join(out.split()), said
    made = card(run("show", "T-DM1", "--json", "-q"))
    assert made["id"] == "trastuzumab-emtansine"
    assert made["evidence"] == [] and made["looked_for"] and made["relatives"]
    assert all(one["level"] or one["studies"] for one in made["relatives"])
    assert {one["class"] for one in made["relatives"]} == {"antibody-drug-conjugate"}
    is_open = [trial["id"] for trial in made["trials"] if trial["open"]]
    shown = terminal(100, "show", "T-DM1").out
    assert all(id_ in shown for id_ in is_open)
    assert card(run("show", "osimertinib", "--json", "-q"))["relatives"] == []


def test_a_name_that_only_finds_is_never_printed(run: Run, folder: Path) -> None:
    """Neither in the card, nor in a search, nor as a hint."""
    path = folder / "treatments.toml"
    text = path.read_text(encoding="utf-8")
    told = 'name = "Untried"'
    assert told in text
    path.write_text(text.replace(told, told + '\naliases_list = ["Secretol"]'), encoding="utf-8")
    assert card(run("show", "secretol", "--json", "-q"))["id"] == "untried"
    for arguments in (
        ("show", "secretol"),
        ("show", "untried", "--json"),
        ("search", "secretol", "--fields", "id,title,snippet"),
        ("show", "secretoll"),
        ("evidence", "--treatment", "secretoll"),
    ):
        answer = run(*arguments)
        written = (answer.out + answer.err).replace("secretoll", "").replace("'secretol'", "")
        assert "secretol" not in written.casefold().replace('"id": "secretol"', ""), arguments
    assert "did you mean Untried?" in run("show", "secretoll").err


def test_one_known_drug_is_never_taken_for_another(run: Run) -> None:
    """Each drug of the data is found by its own names, spelled like another or not."""
    from lmtx.query import resolve

    connection = open_index().connection
    for item in toml("treatments.toml")["treatment"]:
        for name in (item["id"], item["name"], *item.get("aliases", ())):
            found = resolve.find_named_records(connection, name, ("treatment",))
            assert item["id"] in {match.id for match in found}, name


def test_a_superseded_report_names_its_successor(terminal: Terminal) -> None:
    shown = terminal(80, "show", "35802849").out
    assert "Superseded by      yang-2025-pcsi" in shown
    assert "by yang-2025-pcsi; not counted" in shown


def test_references_are_numbered_and_carry_identifiers(run: Run) -> None:
    shown = run("show", "proton-craniospinal-irradiation", "--full").out
    assert "[1]" in shown
    assert "doi:10.1200/JCO.22.01148" in shown.replace("\n", "").replace("      ", "")


def test_links_reach_only_a_coloured_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("show", "osimertinib", "-f", "table").out
    monkeypatch.setenv("LMTX_FORCE_TTY", "100")
    coloured = run("show", "osimertinib", "--full", "--color", "always").out
    assert "\x1b]8;" in coloured
    assert "https://doi.org/10.1200/JCO.19.00457" in coloured


def test_ascii_cards_are_ascii(terminal: Terminal) -> None:
    assert terminal(80, "show", "osimertinib", "--ascii").out.isascii()


def test_a_markdown_card_has_a_heading_and_the_caveat(run: Run) -> None:
    shown = run("show", "melanoma", "-f", "md").out
    assert shown.startswith("# Melanoma\n")
    assert "| id | name |" in shown
    assert "_Not medical advice;" in shown


def test_json_lines_hold_the_same_card_as_json(run: Run) -> None:
    assert json.loads(run("show", "melanoma", "-f", "jsonl").out) == card(
        run("show", "melanoma", "--json", "-q")
    )


def test_a_card_says_what_was_tested_and_what_was_given_alongside(run: Run) -> None:
    made = card(run("show", "whole-brain-radiotherapy", "--json", "-q"))
    assert made["alongside"], "it was given beside much that was tested"
    tested = {row["id"] for row in made["evidence"]}  # type: ignore[attr-defined]
    assert {one["evidence"] for one in made["adverse"]} <= tested  # type: ignore[attr-defined]
    comparisons = {one["id"]: one for one in made["comparisons"]}  # type: ignore[attr-defined]
    assert "whole-brain-radiotherapy" in comparisons["saberian-2024.c1"]["tests"]
    text = run("show", "whole-brain-radiotherapy", "-f", "md", "--full").out
    assert "also given alongside in" in text
    assert "▼ v none (Saberian 2024)" in text


def test_a_study_shows_its_comparisons_and_harms_and_their_ids_can_be_typed(run: Run) -> None:
    made = card(run("show", "boogerd-2004", "--json", "-q"))
    assert [one["id"] for one in made["comparisons"]] == ["boogerd-2004.c1"]  # type: ignore[attr-defined]
    assert made["adverse"]
    for id_ in ("boogerd-2004.c1", "boogerd-2004.a1", "boogerd-2004.1"):
        assert card(run("show", id_, "--json", "-q"))["id"] == "boogerd-2004"


def test_a_trial_says_what_it_tests_where_and_how_old_its_status_is(terminal: Terminal) -> None:
    out = " ".join(terminal(100, "show", "NCT05112549").out.split())
    for said in ("Tested nivolumab", "Countries Germany", "last updated 2025", "ask the registry"):
        assert said in out, said


def test_a_guideline_says_what_of_it_could_not_be_read(terminal: Terminal) -> None:
    out = " ".join(terminal(100, "show", "eano-esmo-2023").out.split())
    assert "no statement on treating LM could be read" in out


@pytest.mark.parametrize("name", ["methotrexate", "breast"])
def test_a_card_is_a_summary_that_counts_what_it_leaves_out(run: Run, name: str) -> None:
    short, full = run("show", name), run("show", name, "--full")
    assert f"lmtx show {name} --full" in short.out and "--full" not in full.out
    assert len(short.out.splitlines()) < 170 < 600 < len(full.out.splitlines())
    made = card(run("show", name, "--json", "-q"))
    kind, unit = ("evidence", "rows of evidence") if "evidence" in made else ("facts", "facts")
    assert f"{len(made[kind])} {unit}" in " ".join(short.out.split())  # type: ignore[arg-type]


def test_a_short_card_tells_its_rows_whole_in_the_summary_too(run: Run) -> None:
    out = run("show", "methotrexate", "-t", "breast", "-r", "intravenous", "--since", "2015").out
    assert "Kapke 2019 (kapke-2019.1)" in out and "Summary: " in out
    assert "intrathecal, " not in out and "saint-louis" not in out


def test_filters_act_on_the_evidence_of_a_card(run: Run) -> None:
    made = card(
        run(
            "show", "methotrexate", "-t", "breast", "-r", "intravenous", "--since", "2000", "--json"
        )
    )
    wanted = {
        row["id"]
        for row in raw_rows()
        if "methotrexate" in row["treatments"]
        and "breast" in row["tumors"]
        and not is_mixed(row)
        and (row["of"].get("year") or 0) >= 2000
        and any(
            one["treatment"] == "methotrexate" and "intravenous" in one.get("routes", ())
            for one in row.get("given", ())
            if one["role"] == "tested"
        )
    }
    assert wanted and {row["id"] for row in made["evidence"]} == wanted  # type: ignore[attr-defined]
    assert {tuple(dose["routes"]) for dose in made["doses"]} == {("intravenous",)}  # type: ignore[attr-defined]
    assert {level["route"] for level in made["csf"]} == {"intravenous"}  # type: ignore[attr-defined]
    answer = run("show", "breast", "--treatment", "trastuzumab", "--since", "2015", "--json")
    assert [row["id"] for row in card(answer)["treatments"]] == ["trastuzumab"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("tumor", "events"), [("north", ["rash"]), ("north-east", [])])
def test_the_harms_of_a_study_are_those_of_the_rows_that_filters_keep(
    run: Run, base: Path, tumor: str, events: list[str]
) -> None:
    made = card(run("show", "doe-2020", "-t", tumor, "--json"))
    assert made["evidence"]
    assert [harm["event"] for harm in made["adverse"]] == events  # type: ignore[attr-defined]


def test_the_trials_of_a_study_stand_by_their_numbers(run: Run, folder: Path) -> None:
    path = folder / "trials.toml"
    text = path.read_text(encoding="utf-8")
    first = text[text.index("[[trial]]") :]
    path.write_text(text + "\n" + first.replace("NCT00000001", "NCT00000000"), encoding="utf-8")
    made = card(run("show", "doe-2020", "--json"))
    numbers = [trial["id"] for trial in made["trials"]]  # type: ignore[attr-defined]
    assert numbers == ["NCT00000000", "NCT00000001"]


def test_what_filters_of_a_card_leave_out_unknown_is_counted(run: Run) -> None:
    answer = run("show", "methotrexate", "--since", "1940", "--json")
    unknown = [
        row["id"]
        for row in raw_rows()
        if "methotrexate" in row["treatments"] and "year" not in row["of"]
    ]
    assert json.loads(answer.out)["left_out"] == {"no year": len(unknown)}
    assert f"{len(unknown)} rows without a year left out" in answer.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("topotecan", "-t", "breast", "--since", "2024"), 1, "lmtx show topotecan shows all"),
        (("melanoma", "-t", "breast"), 2, "the card is that of one tumor already"),
        (("NCT06500481", "-t", "breast"), 2, "no rows of evidence to filter"),
        (("melanoma", "--country", "Japan"), 2, "only trials are filed by country"),
    ],
)
def test_filters_that_leave_nothing_or_make_no_sense_say_so(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = run("show", *words)
    assert (answer.code, answer.out) == (code, "") and said in answer.err


def test_doses_stand_one_a_line_with_route_patients_and_study(run: Run) -> None:
    out = " ".join(run("show", "pemetrexed").out.split())
    made = card(run("show", "pemetrexed", "--json", "-q"))
    doses = made["doses"]
    assert {tuple(dose["routes"]) for dose in doses} >= {("intrathecal",), ("intravenous",)}  # type: ignore[attr-defined]
    assert all(dose["dose"] and dose["evidence"] for dose in doses)  # type: ignore[attr-defined]
    assert "intrathecal: " in out and "intravenous: " in out


def test_every_id_that_is_printed_opens(run: Run) -> None:
    """Of rows, comparisons, harms, statements and facts; and a study as a person calls it."""
    for words, id_ in (
        (("solid.35",), "jabbour-2007"),
        (("eano-esmo-2023.2",), "eano-esmo-2023"),
        (("boogerd-2004.c1",), "boogerd-2004"),
        (("Yang", "2022"), "yang-2022-pcsi"),
        (("Niwińska", "2013"), "niwinska-2013"),
    ):
        assert card(run("show", *words, "--json", "-q"))["id"] == id_, words


def test_every_citation_that_is_printed_opens_its_study() -> None:
    from lmtx.query import resolve

    connection = open_index().connection
    for id_, label in connection.execute("select id, label from study"):
        found = resolve.find_named_records(connection, label, ("study", "guideline"))
        assert id_ in {match.id for match in found}, label


def test_parts_of_records_open_what_they_are_part_of() -> None:
    from lmtx.query import resolve

    connection = open_index().connection
    levels = "select json_extract(record, '$.id') from csf"
    tables = ("evidence", "comparison", "adverse", "recommendation", "fact")
    for query in (*(f"select id from {table}" for table in tables), levels):
        for (id_,) in connection.execute(query).fetchall():
            match, _ = resolve.resolve_record(connection, id_)
            assert match.kind in ("study", "guideline", "treatment"), id_


PASTED = """
https://pubmed.ncbi.nlm.nih.gov/35802849/?term=proton
https://www.ncbi.nlm.nih.gov/pubmed/35802849
pubmed.ncbi.nlm.nih.gov/35802849
pubmed:35802849
https://doi.org/10.1200%2FJCO.22.01148
<https://doi.org/10.1200/JCO.22.01148>
"""


@pytest.mark.parametrize("address", PASTED.split())
def test_a_pasted_address_opens(run: Run, address: str) -> None:
    assert card(run("show", address, "--json", "-q"))["id"] == "yang-2022-pcsi"


def test_a_card_on_a_pipe_is_its_text_as_wide_as_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("show", "melanoma").out == run("show", "melanoma", "-f", "table").out
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, run("show", "melanoma").out.splitlines())) <= 50
    assert run("show", "melanoma", "-f", "tsv").out.startswith("section\titem\tfield\tvalue\n")


class ReadRecord(dict[str, Any]):
    """A record that takes note of what is read of it."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)


NOT_ON_CARD = {
    "trial": {"id", "check", "treatments", "results"},
    "guideline": {"id", "year"},
    "study": {"id", "acronym", "authors", "first_author_latin", "also_known_as", "read_at"}
    | {"rows_overlap", "pools_randomised"},
    "treatment": {"id", "class", "routes", "specified"},
    "tumor": {"id", "definition"},
}
"""Fields of a record that its card for people does not read: the id is that of the card, others
stand in a label, a path, a reference or a row, or say how to count."""


@pytest.mark.parametrize("kind", NOT_ON_CARD)
def test_a_card_tells_every_field_of_its_record(kind: str) -> None:
    connection = open_index().connection
    labels = load_tumor_biomarker_labels(connection)
    ReadRecord.read.clear()
    known: set[str] = set()
    for (id_,) in connection.execute(f"select id from {kind} order by id limit 60").fetchall():
        made = load_card(connection, MatchedRecord(kind, id_), date(2026, 11, 24))
        card_blocks(made._replace(record=ReadRecord(made.record)), labels)
        known |= made.record.keys()
    assert known - ReadRecord.read == NOT_ON_CARD[kind], (
        "tell a new field in render/show.py, or say above why it is not told"
    )


def test_a_row_in_one_line_says_that_others_were_given_with_it(run: Run) -> None:
    out = " ".join(run("show", "pemetrexed").out.split())
    assert "OS 5.5 mo+" in out and "+ tested together with other treatments" in out
    assert "OS 8.1 mo+" not in out
