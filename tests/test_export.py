"""`lmtx export`: the whole knowledge base, complete, in four forms, and never half a file."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lmtx.index import open_index
from lmtx.query.export import (
    EXPORTABLE_TABLES,
    OUTCOME_COLUMNS,
    TABLES,
    count_records,
    export_records,
    table_columns,
)
from lmtx.store.files import write_file, write_files
from support import DATA, ROOT, SCRIPT, Answer, raw_rows, study_names, toml

Run = Callable[..., Answer]


@pytest.fixture
def document(run: Run) -> dict:
    """The JSON export."""
    return json.loads(run("export", "--format", "json").out)


def test_shape_of_the_document(document: dict) -> None:
    """The keys, in their order, and where the data come from."""
    assert list(document) == [
        "schema",
        "lmtx",
        "data",
        "disclaimer",
        "tumors",
        "classes",
        "biomarkers",
        "treatments",
        "studies",
        "evidence",
        "given",
        "comparisons",
        "adverse",
        "csf",
        "guidelines",
        "trials",
        "facts",
        "looked_for",
    ]
    assert document["schema"] == 2
    assert list(document["data"]) == ["version", "as_of", "sha256"]
    assert document["data"]["version"] == toml("treatments.toml")["version"]


def test_nothing_is_lost(document: dict) -> None:
    """Every record of every data file is there."""
    treatments = toml("treatments.toml")
    assert {s["id"] for s in document["studies"]} == set(study_names())
    assert {e["id"] for e in document["evidence"]} == {row["id"] for row in raw_rows()}
    assert {t["id"] for t in document["treatments"]} == {t["id"] for t in treatments["treatment"]}
    assert {c["id"] for c in document["classes"]} == {c["id"] for c in treatments["class"]}
    assert {t["id"] for t in document["tumors"]} == {t["id"] for t in toml("tumors.toml")["tumor"]}
    assert {b["id"] for b in document["biomarkers"]} == {
        b["id"] for b in toml("biomarkers.toml")["biomarker"]
    }
    assert {t["id"] for t in document["trials"]} == {t["id"] for t in toml("trials.toml")["trial"]}
    assert sorted(level["printed"] for level in document["csf"]) == sorted(
        level["printed"] for t in treatments["treatment"] for level in t.get("csf", [])
    )
    assert sorted(fact["statement"] for fact in document["facts"]) == sorted(
        fact["statement"] for t in toml("tumors.toml")["tumor"] for fact in t.get("fact", [])
    )
    said = [
        (g["name"], g.get("society"), g.get("note"), r["statement"], r.get("note"))
        for g in toml("guidelines.toml")["guideline"]
        for r in g.get("recommendation", ())
    ] + [
        (g["name"], g.get("society"), g.get("note"), None, None)
        for g in sorted(toml("guidelines.toml")["guideline"], key=lambda g: str(g["id"]))
        if not g.get("recommendation")
    ]
    assert [
        (g["name"], g["society"], g["guideline_note"], g["statement"], g["note"])
        for g in document["guidelines"]
    ] == said


def test_every_figure_as_in_the_files(document: dict) -> None:
    """Outcomes are carried over key by key, intervals and counts included."""
    raw = {row["id"]: row for row in raw_rows()}
    for row in document["evidence"]:
        source = raw[row["id"]]
        assert row["study"] == source["of"]["id"]
        assert row["summary"] == source["summary"]
        assert len(row["outcomes"]) == len(source.get("outcome", []))
        for made, given in zip(row["outcomes"], source.get("outcome", []), strict=True):
            assert {
                key: value
                for key, value in made.items()
                if value not in (None, [], False) and (key, value) != ("scope", "whole")
            } == {
                "read_in": source["of"]["read_in"],
                **{key: value for key, value in given.items() if value not in (None, [], False)},
            }


@pytest.mark.skipif(
    not (ROOT.parent / "shared/tools/fidelity.py").exists(),
    reason="the dossier is not beside the project",
)
def test_fidelity(run: Run, tmp_path: Path) -> None:
    """The dossier's figures are all found unaltered."""
    assert run("export", "-o", str(tmp_path / "kb.json")).code == 0
    done = subprocess.run(
        [
            sys.executable,
            ROOT.parent / "shared/tools/fidelity.py",
            tmp_path / "kb.json",
            "--corrections",
            DATA / "corrections.toml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "(100.0%)" in done.stdout


def test_json_lines(run: Run, document: dict) -> None:
    """One record a line, its kind first, the same as in the document; the first line says what this
    is."""
    about, *lines = [
        json.loads(line) for line in run("export", "--format", "jsonl").out.splitlines()
    ]
    assert about == {
        "kind": "about",
        **{key: document[key] for key in ("schema", "lmtx", "data", "disclaimer")},
    }
    assert all(next(iter(line)) == "kind" for line in lines)
    expected = [
        {"kind": table.kind, **record}
        for name, table in TABLES.items()
        for record in document[name]
    ]
    assert lines == expected


def test_one_table(run: Run, document: dict) -> None:
    """--table takes one of them out, in every text form."""
    one = json.loads(run("export", "--table", "csf").out)
    assert one["csf"] == document["csf"]
    assert "studies" not in one
    assert len(run("export", "-f", "jsonl", "--table", "outcomes").out.splitlines()) == 1 + sum(
        len(e["outcomes"]) for e in document["evidence"]
    )
    sheet = list(csv.DictReader(io.StringIO(run("export", "-f", "csv", "--table", "evidence").out)))
    assert [row["id"] for row in sheet] == [row["id"] for row in document["evidence"]]
    assert [json.loads(row["outcomes"] or "[]") for row in sheet] == [
        row["outcomes"] for row in document["evidence"]
    ]
    assert sheet[0]["treatments"] == "; ".join(document["evidence"][0]["treatments"])


def test_long_table_of_figures(run: Run) -> None:
    """Every figure is one row with its study, treatments, tumors, n, level and interval."""
    answer = run("export", "-f", "csv", "--table", "outcomes")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert tuple(rows[0]) == OUTCOME_COLUMNS
    figures = [(raw["id"], o) for raw in raw_rows() for o in raw.get("outcome", [])]
    assert len(rows) == len(figures)
    by_row = sorted(
        (
            row["evidence"],
            row["endpoint"],
            float(row["value"]) if row["value"] else -1.0,
            float(row["ci_low"]) if row["ci_low"] else -1.0,
            float(row["ci_high"]) if row["ci_high"] else -1.0,
        )
        for row in rows
    )
    assert by_row == sorted(
        (
            id_,
            o["endpoint"],
            float(o["value"]) if "value" in o else -1.0,
            float(o["ci"][0]) if o.get("ci") else -1.0,
            float(o["ci"][1]) if len(o.get("ci", [])) == 2 else -1.0,
        )
        for id_, o in figures
    )
    assert {row["read_in"] for row in rows} <= {
        "full-text",
        "abstract",
        "registry",
        "secondary",
        "recalled",
    }


def test_a_figure_says_which_patients_it_counts(run: Run, document: dict) -> None:
    """Scope and place are those of the file; reports of the same patients share a cohort, in
    figures and studies alike."""
    rows = list(csv.DictReader(io.StringIO(run("export", "-f", "csv", "--table", "outcomes").out)))
    raw = {
        (row["id"], str(position)): (
            outcome.get("scope", "whole"),
            str(row.get("within", "")),
            row["of"].get("withdrawn", ""),
        )
        for row in raw_rows()
        for position, outcome in enumerate(row.get("outcome", []), start=1)
    }
    assert {
        (row["evidence"], row["position"]): (row["scope"], row["within"], row["withdrawn"])
        for row in rows
    } == raw
    cohort = {study["id"]: study["cohort"] for study in document["studies"]}
    for study in document["studies"]:
        assert {
            cohort[other] for other in (study["superseded_by"], *study["overlaps"]) if other
        } <= {study["cohort"]}
    assert len(set(cohort.values())) < len(cohort)
    assert all(row["cohort"] == cohort[row["study"]] for row in rows)
    replaced = {row["id"]: row["superseded_by"] for row in document["evidence"]}
    assert all(row["superseded_by"] == (replaced[row["evidence"]] or "") for row in rows)
    assert any(row["superseded_by"] for row in rows)


def test_a_folder_of_csv(run: Run, tmp_path: Path) -> None:
    """A file a table, each with as many records as there are, and a README that names them all."""
    folder = tmp_path / "out"
    answer = run("export", "-f", "csv", "-o", str(folder))
    assert (answer.code, answer.out) == (0, "")
    assert f"lmtx: {folder}: data of {len(study_names())} studies" in answer.err
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "dictionary.csv",
        "vocabulary.csv",
        *(f"{name}.csv" for name in EXPORTABLE_TABLES),
    }
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for name, number in count_records(open_index().connection).items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file))
        assert len(rows) == number
        assert {len(row) for row in rows} <= {len(head)}
        assert f"| {name}.csv | {number} | " in readme
        assert all("\n" not in cell and "\t" not in cell for row in rows for cell in row)
    assert run("export", "-f", "csv", "-o", str(folder), "-q") == Answer(
        3,
        "",
        f"lmtx: {folder}/README.md, {folder}/dictionary.csv, {folder}/vocabulary.csv, … exist "
        f"already; --force replaces\n",
    )
    (folder / "trials.csv").write_text("old")
    (folder / "mine.txt").write_text("kept")
    assert run("export", "-f", "csv", "-o", str(folder), "--force", "-q") == Answer(0, "", "")
    assert (folder / "trials.csv").read_text(encoding="utf-8").startswith("id,nct,")
    assert (folder / "mine.txt").read_text() == "kept"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_sqlite_from_memory(
    run: Run, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no cache can be written, the copy comes from memory."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("LMTX_CACHE_DIR", str(blocked / "cache"))
    monkeypatch.setattr("lmtx.index.BUNDLED_INDEX", tmp_path / "none")
    assert open_index().path == ":memory:"
    assert run("export", "-o", str(tmp_path / "kb.db")).code == 0
    connection = sqlite3.connect(tmp_path / "kb.db")
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


def test_sqlite_on_a_pipe_and_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A pipe gets the bytes; a terminal is spared them."""
    from lmtx.cli.run import main

    assert main(["export", "--format", "sqlite"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"SQLite format 3\0")
    monkeypatch.setenv("LMTX_FORCE_TTY", "80")
    assert main(["export", "--format", "sqlite"]) == 2
    assert b"sqlite is not for a terminal" in capfdbinary.readouterr().err
    assert main(["export", "--table", "tumors"]) == 0


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.json", b'{"schema"'),
        ("a.jsonl", b'{"kind"'),
        ("a.ndjson", b'{"kind"'),
        ("a.SQLITE", b"SQLite"),
        ("a.db", b"SQLite"),
        ("a", b'{"schema"'),
    ],
)
def test_the_ending_tells_the_form(
    run: Run, base: Path, tmp_path: Path, name: str, begins: bytes
) -> None:
    """Without --format the ending of the file decides, else it is JSON."""
    assert run("export", "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert run("export", "-f", "json", "-o", str(tmp_path / name), "--force").code == 0
    assert (tmp_path / name).read_bytes().startswith(b'{"schema"')


def test_one_table_as_a_csv_file(run: Run, tmp_path: Path) -> None:
    """With --table the path of a CSV export is a file."""
    assert run("export", "-o", str(tmp_path / "f.csv"), "--table", "Facts").code == 0
    assert (tmp_path / "f.csv").read_text(encoding="utf-8").startswith("id,tumor,row,topic")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-f", "csv"], "csv is one file a table; name a folder with -o, or one table with --table: tumors, classes"),
        (["--table", "outcome"], "--table: no such value 'outcome'; did you mean outcomes?"),
        (["--table", ""], "--table: no such value ''; one of: tumors, classes"),
        (["-f", "sqlite", "--table", "csf"], "--table: sqlite is always the whole base"),
        (["-f", "xml"], "'xml' is not one of"),
        (["-f", "csv", "-o", "-"], "csv is one file a table"),
        (["-f", "parquet"], "parquet is one file a table; name a folder with -o"),
        (["-o", "all.csv"], "csv is one file a table; name a folder with -o"),
        (["-o", "all.PARQUET"], "parquet is one file a table; name a folder with -o"),
        (["-o", "new/"], "--output: new/ is a folder, and json is one file; name a file"),
        (["-f", "csv", "--table", "csf", "-o", "new/"], "--output: new/ is a folder, and csv is one file"),
        (["-o", ""], "--output: the name is empty"),
        (["--bom"], "--bom: json has no byte-order mark; it goes with csv"),
    ],
)  # fmt: skip
def test_wrong_use(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Each is one line and exit 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    answer = run("export", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_files_are_not_replaced_unasked(run: Run, tmp_path: Path) -> None:
    """A file that is there stays unless --force is given; the new one has the usual permissions."""
    target = tmp_path / "kb.json"
    target.write_text("mine")
    answer = run("export", "-o", str(target))
    assert answer == Answer(3, "", f"lmtx: {target} exists already; --force replaces\n")
    assert target.read_text() == "mine"
    assert run("export", "-o", str(target), "--force", "-q") == Answer(0, "", "")
    assert json.loads(target.read_text(encoding="utf-8"))["studies"]
    fresh = tmp_path / "plain"
    fresh.write_text("")
    assert target.stat().st_mode == fresh.stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kb.json", "plain"]


def test_a_link_is_followed(run: Run, tmp_path: Path) -> None:
    """Replacing through a link replaces what it points to, not the link."""
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert run("export", "-o", str(tmp_path / "link.json")).code == 3
    assert run("export", "-o", str(tmp_path / "link.json"), "--force").code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text(encoding="utf-8").startswith("{")


@pytest.mark.parametrize("form", ["json", "csv", "sqlite"])
def test_places_that_cannot_be_written(run: Run, base: Path, tmp_path: Path, form: str) -> None:
    """A folder that is not there, a file as a folder, a device: one clear line, exit 3, nothing
    left behind."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "none" / "kb", tmp_path / "file" / "kb"):
        answer = run("export", "-f", form, "-o", str(place))
        assert answer.code == 3
        assert answer.err.startswith(f"lmtx: cannot write {place}: ")
        assert answer.err.count("\n") == 1
    long = run("export", "-f", form, "-o", str(tmp_path / ("x" * 300)))
    assert (long.code, long.err.count("\n")) == (3, 1) and "File name too long" in long.err
    answer = run("export", "-f", form, "-o", str(tmp_path if form != "csv" else tmp_path / "file"))
    assert answer.code == 3
    assert "is a folder; name a file" in answer.err or "is a file; name a folder" in answer.err
    if form != "csv":
        for device in ("/dev/null", "/dev/full"):
            assert (
                f"{device} is not a plain file"
                in run("export", "-f", form, "-o", device, "--force").err
            )
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def _failing() -> Iterator[str]:
    yield "half"
    raise OSError(28, "No space left on device")


def test_nothing_is_ever_half_written(tmp_path: Path) -> None:
    """A failure in the middle leaves the old file, or none, and no rubbish; so does an
    interruption."""
    from lmtx.errors import OutputError

    old = tmp_path / "old"
    old.write_text("whole")
    with pytest.raises(OutputError, match="No space left on device"):
        write_file(old, _failing(), force=True)
    assert old.read_text() == "whole"
    with pytest.raises(OutputError, match="No space left"):
        write_files(tmp_path / "new", [("a", "text"), ("b", _failing())], force=False)
    (tmp_path / "there").mkdir()
    with pytest.raises(OutputError):
        write_files(tmp_path / "there", [("a", _failing())], force=False)

    def interrupted() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "fresh", interrupted(), force=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "there"]
    assert list((tmp_path / "there").iterdir()) == []


def test_a_folder_in_the_way_of_a_file_leaves_the_others_as_they_were(
    run: Run, base: Path, tmp_path: Path
) -> None:
    """Not even --force replaces some files and stops at one that is a folder."""
    (tmp_path / "facts.csv").mkdir()
    (tmp_path / "README.md").write_text("mine")
    answer = run("export", "-f", "csv", "-o", str(tmp_path), "--force")
    assert answer == Answer(
        3, "", f"lmtx: {tmp_path / 'facts.csv'} is a folder; take it away, or name another place\n"
    )
    assert (tmp_path / "README.md").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "facts.csv"]


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of a file there")
@pytest.mark.parametrize("form", ["json", "csv", "sqlite"])
def test_a_disk_that_fills_up(tmp_path: Path, form: str) -> None:
    """One line that says what to do, and neither half a file nor an empty folder."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); from "
        "lmtx.cli.run import entry; entry()"
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")
    }
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "-f", form, "-o", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        3,
        "",
        "lmtx: cannot write out: File too large; make room, or name another place\n",
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder made for the export goes away again when nothing can be written into it."""
    from lmtx.errors import OutputError

    def refused(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    with pytest.raises(OutputError, match=r"cannot write .*new: Permission denied"):
        write_files(tmp_path / "new", [("a", "text")], force=False)
    assert not list(tmp_path.iterdir())


def test_stdout_by_its_short_name(run: Run) -> None:
    """`-o -` is what leaving -o out is, and tells no note."""
    assert run("export", "--table", "tumors", "-o", "-") == run("export", "--table", "tumors")


def test_a_closed_pipe_is_quiet() -> None:
    """`lmtx export | head -c 1` ends without a word and not with 1."""
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" export | head -c 1', SCRIPT],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


def test_an_empty_table_and_a_guideline_without_statements(tmp_path: Path) -> None:
    """A table without records still has a header; a guideline that says nothing is not lost."""
    from lmtx.export.json import write_csv_table
    from lmtx.index import find_bundled_data_folder

    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "studies").mkdir()
    header = "\n".join(
        (find_bundled_data_folder() / "treatments.toml")
        .read_text(encoding="utf-8")
        .splitlines()[:7]
    )
    for name, text in {
        "treatments.toml": header, "tumors.toml": "", "biomarkers.toml": "", "trials.toml": "", "corrections.toml": "",
        "guidelines.toml": '[[guideline]]\nid = "g"\nname = "G"\nnote = "empty"\n', "studies/g.toml": '[study]\nid = "g"\ndesign = "guideline"\nlm_only = true\nread_in = "abstract"\n',
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    from lmtx.index.compile import compile_folder

    compile_folder(folder, tmp_path / "index")
    connection = sqlite3.connect(tmp_path / "index")
    assert "".join(write_csv_table(connection, "trials")) == "id\n"
    assert "".join(write_csv_table(connection, "outcomes")) == ",".join(OUTCOME_COLUMNS) + "\n"
    assert [json.loads(text) for text in export_records(connection, "guidelines")] == [
        {
            "id": "g",
            "guideline": "g",
            "name": "G",
            "year": None,
            "superseded": False,
            **dict.fromkeys(("row", "topic", "statement", "level", "grade")),
            "treatments": [],
            "tumors": [],
            **dict.fromkeys(("read_in", "note", "url")),
            "source": "lmtx",
            "society": None,
            "guideline_note": "empty",
            "coverage": None,
        }
    ]
    connection.close()


def test_columns_hold_for_every_record() -> None:
    """The keys of the first record of a table are those of all."""
    connection = open_index().connection
    for name in EXPORTABLE_TABLES:
        expected = table_columns(connection, name)
        assert all(list(json.loads(text)) == expected for text in export_records(connection, name))


def test_tables_are_completed() -> None:
    """The shell completes the names of the tables, with what they hold."""
    from lmtx.cli.complete import complete_table

    assert [name for name, _ in complete_table("t")] == ["tumors", "treatments", "trials"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_that_is_replaced_keeps_its_permissions(
    run: Run, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only its owner could read stays so, and what may not be written is left alone."""
    path, folder = tmp_path / "all.json", tmp_path / "csv"
    for arguments, place in (
        (["-o", str(path)], path),
        (["-f", "csv", "-o", str(folder)], folder / "studies.csv"),
    ):
        assert run("export", *arguments).code == 0
        place.chmod(0o600)
        assert run("export", *arguments, "--force").code == 0
        assert place.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("os.access", lambda *_: False)
    answer = run("export", "-o", str(path), "--force")
    assert answer.code == 3 and "may not be written" in answer.err


def test_a_file_that_ends_in_no_form_is_refused(run: Run, tmp_path: Path) -> None:
    answer = run("export", "--table", "outcomes", "-o", str(tmp_path / "outcomes.ods"))
    assert (
        answer.code == 2 and "no form ends in .ods" in answer.err and not list(tmp_path.iterdir())
    )
    assert run("export", "-f", "json", "-o", str(tmp_path / "outcomes.txt")).code == 0


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "sqlite", "parquet"])
def test_own_records_are_exported_like_all_others(
    run: Run, base: Path, tmp_path: Path, form: str
) -> None:
    pytest.importorskip("pyarrow")
    own = tmp_path / "own.toml"
    own.write_text(
        '[[treatment]]\nid = "ownimab"\nname = "Ownimab"\nclass = "pills"\nmechanism = "x"\n',
        encoding="utf-8",
    )
    place = tmp_path / ("out" if form in ("csv", "parquet") else f"out.{form}")
    assert run("export", "-f", form, "-o", str(place), "--with", str(own)).code == 0
    assert place.exists()


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [("given", "10 mg daily", "10 µg daily"), ("outcomes", "Doe J", "Döe J")],
)
def test_a_record_keeps_its_letters(run: Run, folder: Path, table: str, old: str, new: str) -> None:
    file = folder / "studies" / "doe-2020.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert new.removesuffix(" J") in run("export", "-f", "jsonl", "--table", table).out
