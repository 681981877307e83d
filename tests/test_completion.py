"""Completion of values in bash, zsh and fish, as the shells ask for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from lmtx.cli import complete, options
from lmtx.cli.complete import complete_word
from lmtx.listings import listing_names, load_listing
from lmtx.query.filters import FILTERS, TUMOR_VOCABULARY
from lmtx.query.parameters import read_declared_parameters
from support import Answer, Lmtx, read_folder, study_names, toml
from test_startup import SPY, UNMEASURED

Run = Callable[..., Answer]


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[str]]:
    """Ask for the completions of a command line as a shell does."""

    def call(shell: str, line: str) -> list[str]:
        with monkeypatch.context() as patch:
            patch.setenv("_LMTX_COMPLETE", f"complete_{shell}")
            patch.setenv("COMP_WORDS", line)
            patch.setenv("COMP_CWORD", str(len(line.split()) - (0 if line.endswith(" ") else 1)))
            patch.setenv("_TYPER_COMPLETE_ARGS", line)
            patch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
            answer = run()
        assert answer.code == 0 and answer.err == ""
        return [line for line in answer.out.splitlines() if line]

    return call


Ask = Callable[[str, str], list[str]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lmtx li", "list"),
        ("lmtx list --tum", "--tumor"),
        ("lmtx list --tumor mel", "melanoma"),
        ("lmtx list -t mel", "melanoma"),
        ("lmtx list --class immuno", "immunotherapy"),
        ("lmtx list --biomarker egf", "egfr"),
        ("lmtx list --target EGF", "EGFR"),
        ("lmtx list --level I", "III"),
        ("lmtx list --route intrath", "intrathecal"),
        ("lmtx list --design rando", "randomized-phase-3"),
        ("lmtx list --direction no", "no-benefit"),
        ("lmtx list --endpoint overall", "overall-survival"),
        ("lmtx list --fields id,le", "id,level"),
        ("lmtx list --color al", "always"),
        ("lmtx list --format js", "jsonl"),
        ("lmtx show osim", "osimertinib"),
        ("lmtx show mela", "melanoma"),
        ("lmtx show NCT0650", "NCT06500481"),
        ("lmtx show yang-2025", "yang-2025-pcsi"),
        ("lmtx compare pemet", "pemetrexed"),
        ("lmtx csf metho", "methotrexate"),
    ],
)
def test_values(ask: Ask, line: str, expected: str) -> None:
    assert expected in ask("bash", line)
    fish = dict(item.partition("\t")[::2] for item in ask("fish", line))
    assert expected in fish
    assert expected in "\n".join(ask("zsh", line))


@pytest.mark.parametrize(
    "line",
    [
        "lmtx list --tumor mel",
        "lmtx list --class immuno",
        "lmtx show osim",
        "lmtx list --endpoint over",
        "lmtx list --fields le",
        "lmtx list --biomarker egf",
    ],
)
def test_values_come_with_a_line_of_help_in_zsh_and_fish(ask: Ask, line: str) -> None:
    assert all("\t" in item and item.partition("\t")[2] for item in ask("fish", line))
    assert '":"' in "\n".join(ask("zsh", line))


def test_studies_are_offered_once_something_is_typed(ask: Ask) -> None:
    studies = set(study_names()) - {
        guideline["id"] for guideline in toml("guidelines.toml")["guideline"]
    }
    offered = ask("bash", "lmtx show ")
    assert "osimertinib" in offered and not studies & set(offered)
    name = min(studies)
    assert name in ask("bash", f"lmtx show {name[:-1]}")


def test_nothing_fits(ask: Ask) -> None:
    assert ask("bash", "lmtx list --tumor zzz") == []


def test_data_that_cannot_be_read_complete_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_folder(monkeypatch, tmp_path)
    assert complete_word(TUMOR_VOCABULARY, "mel") == []


COMPLETERS = {
    **{
        one.parameter.name: partial(complete_word, one.parameter.vocabulary)
        for one in FILTERS.values()
        if one.parameter.vocabulary
    },
    **{
        f"{name} {one.name}": partial(complete_word, one.vocabulary)
        for name in listing_names()
        for one in read_declared_parameters(load_listing(name).options).values()
        if one.vocabulary
    },
    **{
        name: getattr(complete, name)
        for name in (
            "complete_design",
            "complete_record",
            "complete_fields",
            "complete_table",
            "complete_schema",
            "complete_color",
        )
    },
}
"""Everything that completes values, by what it completes."""


@pytest.mark.parametrize("name", COMPLETERS)
def test_every_completer_gives_values_with_help_and_only_those_that_fit(name: str) -> None:
    completer = COMPLETERS[name]
    everything = completer("")
    assert everything and all(value and meaning for value, meaning in everything)
    first = everything[0][0]
    typed = first[:3].upper()
    assert typed + first[3:] in [value for value, _ in completer(typed)]


def test_the_index_is_opened_once_for_all_that_show_takes(monkeypatch: pytest.MonkeyPatch) -> None:

    opened = []
    once = options.open_overlaid_index
    monkeypatch.setattr(options, "open_overlaid_index", lambda: opened.append(True) or once())
    found = [value for value, _ in complete.complete_record("o")]
    assert {"osimertinib", "ovarian", "oberkampf-2023"} <= set(found) and opened == [True]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("line", ["lmtx list --tumor mel", "lmtx show osim"])
def test_completing_is_light(lmtx: Lmtx, shell: str, line: str) -> None:
    env = {
        "_LMTX_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answer = lmtx.python(SPY, "", env={**UNMEASURED, **env})
    assert line.rsplit(maxsplit=1)[-1] in answer.out and answer.code == 0
    assert not any(f'"{name}"' in answer.err for name in ("rich", "pydantic", "tomli"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_printed(lmtx: Lmtx, shell: str) -> None:
    answer = lmtx(env={"_LMTX_COMPLETE": f"source_{shell}"})
    assert answer.code == 0 and "_LMTX_COMPLETE" in answer.out


def test_bash_itself_completes(lmtx: Lmtx) -> None:
    """The script as bash runs it, with the command on its path."""
    from test_exits import shell

    script = (
        'PATH="$(dirname "$LMTX"):$PATH"; eval "$(_LMTX_COMPLETE=source_bash lmtx)"; '
        "COMP_WORDS=(lmtx list --tumor mel); COMP_CWORD=3; _lmtx_completion lmtx; echo "
        '"${COMPREPLY[@]}"'
    )
    answer = shell(script, lmtx)
    assert answer.out.strip() == "melanoma", answer


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lmtx show Tagr", "Tagrisso"),
        ("lmtx show tagr", "Tagrisso"),
        ("lmtx show OSIM", "osimertinib"),
        ("lmtx list --treatment t-dx", "T-DXd"),
        ("lmtx list --tumor MEL", "melanoma"),
        ("lmtx list --biomarker Erb", "ERBB2-mutant"),
        ("lmtx compare Tarc", "Tarceva"),
        ("lmtx list --level ii", "II"),
        ("lmtx list --route INTRA", "intrathecal"),
    ],
)
def test_case_does_not_matter_and_brands_are_known(ask: Ask, line: str, expected: str) -> None:
    typed = line.rpartition(" ")[2]
    spelled = typed + expected[len(typed) :]
    assert spelled in ask("bash", line), "shells keep only what begins as typed"
    assert f'"{spelled}"' in "\n".join(ask("zsh", line))


def test_a_name_that_only_finds_is_never_completed(ask: Ask, folder: Path) -> None:
    path = folder / "treatments.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('name = "Untried"', 'name = "Untried"\naliases_list = ["Secretol"]'),
        encoding="utf-8",
    )
    assert ask("bash", "lmtx show secr") == []


@pytest.mark.parametrize("name", ["evidence", "trials", "csf"])
def test_sort_offers_the_fields_of_its_own_listing(ask: Ask, name: str) -> None:
    assert ask("bash", f"lmtx {name} --sort ") == list(load_listing(name).fields)


@pytest.mark.parametrize("before", [None, "alias ll='ls -l'"])
def test_setting_up_zsh_adds_one_line_on_lmtx_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    from typer import _completion_shared

    from lmtx.cli.typer_inside import patch_typer_completion

    patch_typer_completion()
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    if before:
        (tmp_path / ".zshrc").write_text(before)
    for _ in range(2):
        _, place = _completion_shared.install("zsh", "lmtx", "_LMTX_COMPLETE")
    lines = (tmp_path / ".zshrc").read_text().splitlines()
    assert lines == [*([before] if before else []), "source ~/.zfunc/_lmtx"]
    script = place.read_text()
    assert "compdef _lmtx_completion lmtx" in script and "zstyle" not in script


def test_no_script_changes_a_key_and_powershell_is_not_touched() -> None:
    from typer import _completion_shared

    from lmtx.cli.typer_inside import patch_typer_completion
    from lmtx.errors import UsageError

    patch_typer_completion()
    for shell in ("bash", "zsh", "fish", "powershell", "pwsh"):
        script = _completion_shared.get_completion_script(
            prog_name="lmtx", complete_var="_LMTX_COMPLETE", shell=shell
        )
        assert "lmtx" in script and "KeyHandler" not in script and "zstyle" not in script
    with pytest.raises(UsageError, match="not set up"):
        _completion_shared.install("pwsh", "lmtx", "_LMTX_COMPLETE")
