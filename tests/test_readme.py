"""What README and its companions say is so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli

from lmtx import __version__
from lmtx.cli.app import COMMANDS
from lmtx.cli.options import FilterOptions
from support import ROOT, Answer, toml

Run = Callable[..., Answer]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SETUP = (
    "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/lmtx list --tumor melanoma"
)
TESTS = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"


def console() -> list[tuple[str, str]]:
    """Return every `$ command` of README with the output shown below it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            line, _, output = part.partition("\n")
            found.append((line, output))
    return found


def test_the_two_commands_stand_there_word_for_word_and_ci_runs_them() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)\n```", README, re.S)
    for line in (SETUP, TESTS):
        assert line in blocks
        assert f"\n{line}\n" in ci


@pytest.mark.parametrize(("line", "output"), console(), ids=[line for line, _ in console()])
def test_every_example_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run(*shlex.split(line)[1:])
    assert answer.code == 0, answer.err
    if output:
        assert answer.out == output


def test_every_command_and_every_filter_is_documented() -> None:
    for name in COMMANDS:
        assert f"`{name}`" in README or f"`{name} " in README, name
    for name in FilterOptions._fields:
        assert f"`--{'class' if name == 'drug_class' else name.replace('_', '-')}`" in README, name


def test_every_setting_that_the_program_reads_is_documented() -> None:
    names = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"(?<!_)LMTX_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    assert names and all(name in README for name in names), names


def test_versions_agree() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(r"^## \[(\S+)\] with data (\S+) - (\S+)$", changelog, re.M)
    assert released and released[1] == __version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert toml("treatments.toml")["version"] in (ROOT / "LICENSE-DATA").read_text(encoding="utf-8")


def test_the_worked_example_is_a_valid_record(tmp_path: Path) -> None:
    from lmtx.model.schema import StudyFile
    from support import DATA

    text = next(block for block in re.findall(r"```toml\n(.*?)```", CONTRIBUTING, re.S))
    model = StudyFile.model_validate(tomli.loads(text))
    for name in ("treatments", "tumors", "biomarkers", "guidelines", "trials", "corrections"):
        (tmp_path / f"{name}.toml").symlink_to(DATA / f"{name}.toml")
    (tmp_path / "studies").mkdir()
    for path in (DATA / "studies").glob("*.toml"):
        (tmp_path / "studies" / path.name).symlink_to(path)
    (tmp_path / "studies" / f"{model.study.id}.toml").write_text(text, encoding="utf-8")
    from lmtx.store.checks import examined

    assert examined(tmp_path)[1] == []


def test_the_worked_example_keeps_the_order_of_keys() -> None:
    from lmtx.model.schema import StudyFile
    from test_records import keys_in_order

    text = next(block for block in re.findall(r"```toml\n(.*?)```", CONTRIBUTING, re.S))
    assert list(keys_in_order(StudyFile, tomli.loads(text), "example")) == []


def test_the_table_of_levels_is_the_rule() -> None:
    from lmtx.model import levels

    for level in ("I", "II", "III"):
        meaning = re.search(rf"^\| {level} \| (.*) \|$", levels.__doc__ or "", re.M)
        assert meaning and f"| {level} | {meaning[1]} |" in README
