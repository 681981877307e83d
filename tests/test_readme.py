"""What README says is so, and what the pages behind it say of filters, settings and levels."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli

from lmtx import __version__
from lmtx.query.filters import FILTERS
from lmtx.render import Format
from support import DATA, ROOT, Answer, toml

Run = Callable[..., Answer]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LONGEST = 150
"""Lines that a README may have; what is longer stands in docs/."""
SETUP = (
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/lmtx list --tumor melanoma"
)
TESTS = "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/pytest"


def list_questions() -> list[str]:
    """Return the commands of the table of ten questions."""
    table = README.partition("| question | command |")[2].partition("\n\n")[0]
    return re.findall(r"`(lmtx [^`]+)`", table)


def list_examples() -> list[tuple[str, str]]:
    """Return every command of README with the output shown below it: the ten questions, and each `$
    command`.
    """
    examples = [(line, "") for line in list_questions()]
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            line, _, output = part.partition("\n")
            examples.append((line, output))
    return examples


def test_readme_fits_and_asks_ten_questions() -> None:
    assert len(README.splitlines()) <= LONGEST
    table = README.partition("| question | command |\n| --- | --- |\n")[2].partition("\n\n")[0]
    assert len(table.splitlines()) == 10


def test_the_two_commands_stand_there_word_for_word_and_ci_runs_them() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)\n```", README, re.S)
    for line in (SETUP, TESTS):
        assert line in blocks
        assert f"\n{line}\n" in ci


@pytest.mark.parametrize(
    ("line", "output"), list_examples(), ids=[line for line, _ in list_examples()]
)
def test_every_example_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(DATA)
    answer = run(*shlex.split(line)[1:])
    assert answer.code == 0, answer.err
    if output:
        assert answer.out == output


def test_every_filter_format_and_exit_code_is_documented() -> None:
    for one in FILTERS.values():
        assert f"`--{one.parameter.option_name}`" in SETTINGS, one.parameter.name
    formats = SETTINGS.partition("`-f`/`--format` takes ")[2].partition(";")[0]
    assert re.findall("`(.+?)`", formats) == [form.value for form in Format]
    table = SETTINGS.partition("## Exit codes")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+) \|", table, re.M) == ["0", "1", "2", "3", "4", "130"]


def test_every_setting_that_the_program_reads_is_documented() -> None:
    names = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"(?<!_)LMTX_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    assert names and all(name in SETTINGS for name in names), names


def test_versions_agree() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(r"^## \[(\S+)\] with data (\S+) - (\S+)$", changelog, re.M)
    assert released and released[1] == __version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert toml("treatments.toml")["version"] in (ROOT / "LICENSE-DATA").read_text(encoding="utf-8")


def test_the_worked_example_is_a_valid_record(tmp_path: Path) -> None:
    from lmtx.model.schema import StudyFile

    text = next(block for block in re.findall(r"```toml\n(.*?)```", CONTRIBUTING, re.S))
    model = StudyFile.model_validate(tomli.loads(text))
    for name in ("treatments", "tumors", "biomarkers", "guidelines", "trials", "corrections"):
        (tmp_path / f"{name}.toml").symlink_to(DATA / f"{name}.toml")
    (tmp_path / "studies").mkdir()
    for path in (DATA / "studies").glob("*.toml"):
        (tmp_path / "studies" / path.name).symlink_to(path)
    (tmp_path / "studies" / f"{model.study.id}.toml").write_text(text, encoding="utf-8")
    from lmtx.store.checks import read_and_check_base

    assert read_and_check_base(tmp_path)[1] == []


def test_the_worked_example_keeps_the_order_of_keys() -> None:
    from lmtx.model.schema import StudyFile
    from test_records import keys_in_order

    text = next(block for block in re.findall(r"```toml\n(.*?)```", CONTRIBUTING, re.S))
    assert list(keys_in_order(StudyFile, tomli.loads(text), "example")) == []
