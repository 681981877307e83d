"""The pages of docs/: every command, every block of code and every link is tried."""

from __future__ import annotations

import doctest
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lmtx.cli.app import load_command
from support import COMMANDS, DATA, ROOT, SCRIPT, Answer, subprocess_environment

Run = Callable[..., Answer]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted(DOCS.glob("*.md")),
]
MAKER: dict[str, Any] = runpy.run_path(str(DOCS / "make_commands.py"))
SHARED = {one.name for _, options in MAKER["SHARED"].values() for one in options}


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of code of one language on a page of docs/."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), re.S | re.M)


# The reference


def test_the_reference_is_current() -> None:
    assert text("commands.md") == MAKER["page"](), "run: python docs/make_commands.py"
    assert text("python.md") == MAKER["python_page"](), "run: python docs/make_commands.py"


def test_the_reference_has_every_command_option_and_example(run: Run) -> None:
    page = text("commands.md")
    for name in COMMANDS:
        _, _, section = page.partition(f"\n## lmtx {name}\n")
        section = section.partition("\n## ")[0]
        for param in load_command(name).params:
            for option in (
                option for option in param.opts if option.startswith("--") and option != "--help"
            ):
                assert f"`{option}`" in section or (
                    param.name in SHARED and f"`{option}`" in page
                ), (name, option)
        for line in re.findall(r"^  (lmtx .*)$", run(name, "--help").out, re.M):
            assert f"\n{line.strip()}\n" in section, (name, line)


def test_the_shared_options_are_told_once() -> None:
    page = text("commands.md")
    for title in ("Filters", "Output", "Order"):
        assert page.count(f"\n## {title}\n") == 1
    for option in (
        "`--tumor`, `-t` `TUMOR`",
        "`--class`, `-c` `CLASS`",
        "`--format`, `-f` `table\\|tsv\\|",
        "`--sort` `FIELD`",
        "`--min-n` `N` | At least this many patients in the row. From 0.",
    ):
        assert page.count(option) == 1, option


# Blocks of code


def console(page: str) -> list[tuple[str, str]]:
    """Return every `$ command` of a page with the output shown below it."""
    parts = [
        part
        for block in blocks(page, "console")
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]
    ]
    return [(line, output) for line, _, output in (part.partition("\n") for part in parts)]


ELSEWHERE = {"own-records.md": "test_overlay.py", "exports.md": "test_exports_page.py"}
"""Pages whose commands another test runs, with files that the page shows, or for what they write."""


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in sorted(path.name for path in DOCS.glob("*.md"))
        if console(page) and page not in ELSEWHERE
    ],
)
def test_every_command_of_a_page_answers(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """The commands of a page are run in their order, in one folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(DATA)
    for line, output in console(page):
        answer = run(*shlex.split(line)[1:])
        assert answer.code == 0, (line, answer.err)
        assert not output or answer.out == output, line


def test_the_tutorial_shows_no_figure_that_could_drift() -> None:
    assert len(console("tutorial.md")) > 10
    prose = re.sub(r"^```.*?^```$", "", text("tutorial.md"), flags=re.S | re.M)
    assert not re.findall(r"\d+(?:\.\d+)?\s*(?:%|months|weeks|patients)", prose)


@pytest.mark.parametrize("page", ["python.md"])
def test_a_page_of_python_runs_from_top_to_bottom(page: str) -> None:
    """The blocks are one session, as in a notebook; ... stands for what differs between versions of
    the data."""
    pytest.importorskip("pandas")
    session = "\n".join(blocks(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(session, {}, page, str(DOCS / page), 0)
    assert len(test.examples) > 20
    runner = doctest.DocTestRunner(
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False
    )
    told: list[str] = []
    runner.run(test, out=told.append)
    assert not told, "".join(told)


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in an empty folder, with this lmtx first on the path."""

    def call(*command: str) -> subprocess.CompletedProcess[str]:
        environment = subprocess_environment()
        environment["PATH"] = os.pathsep.join((str(SCRIPT.parent), environment.get("PATH", "")))
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return call


RECIPES = blocks("recipes.md", "sh")
TOOLS = ("jq", "sqlite3", "sqlite-utils")


@pytest.mark.parametrize(
    "recipe", RECIPES, ids=[recipe.splitlines()[-1][:60] for recipe in RECIPES]
)
def test_every_recipe_runs_and_answers(
    shell: Callable[..., subprocess.CompletedProcess[str]], recipe: str
) -> None:
    """Each stands alone. A recipe is left out only where its tool is not installed; `.ci/run` says
    which are not."""
    for tool in TOOLS:
        if re.search(rf"(^|\| *){tool} ", recipe, re.M) and not shutil.which(
            tool, path=os.pathsep.join((str(SCRIPT.parent), os.environ.get("PATH", "")))
        ):
            pytest.skip(f"{tool} is not installed")
    done = shell("bash", "-euo", "pipefail", "-c", recipe)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    "recipe", blocks("recipes.md", "python"), ids=["from Python", "from the command line"]
)
def test_every_recipe_in_python_runs(
    shell: Callable[..., subprocess.CompletedProcess[str]], recipe: str
) -> None:
    pytest.importorskip("pandas")
    done = shell(sys.executable, "-W", "error", "-c", recipe)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


# Links


def anchors(page: str) -> set[str]:
    """Return the anchors of the headings of a page, as the usual hosts of Markdown make them."""
    found: set[str] = set()
    for heading in re.findall(
        r"^#+ +(.*?) *$", re.sub(r"^```.*?^```$", "", page, flags=re.S | re.M), re.M
    ):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        place = 0
        while (f"{anchor}-{place}" if place else anchor) in found:
            place += 1
        found.add(f"{anchor}-{place}" if place else anchor)
    return found


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            yield page, target


def test_every_link_leads_somewhere() -> None:
    inside = [(page, target) for page, target in links() if not re.match(r"[a-z]+:", target)]
    assert len(inside) > 100
    assert not [f"{page.name}: {target}" for page, target in inside if not leads(page, target)]


def leads(page: Path, target: str) -> bool:
    """Tell whether a page, and the heading where one is named, is there."""
    place, _, anchor = target.partition("#")
    path = (page.parent / place).resolve() if place else page
    return (path.exists() and path.is_relative_to(ROOT)) and (
        not anchor or anchor in anchors_of(path)
    )


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """Return the anchors of a page."""
    return frozenset(anchors(path.read_text(encoding="utf-8")))


def test_links_to_the_web_are_safe_and_every_page_can_be_reached() -> None:
    assert not [
        target
        for _, target in links()
        if re.match(r"[a-z]+:", target) and not target.startswith("https://")
    ]
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page, target in links()
        if page == DOCS / "README.md"
    }
    assert {path for path in DOCS.glob("*.md") if path.name != "README.md"} <= linked


def test_anchors_are_made_as_hosts_make_them() -> None:
    assert anchors("# A `b` c\n## lmtx new\n## A b: c!\n## A b c\n```\n# no\n```\n") == {
        "a-b-c",
        "lmtx-new",
        "a-b-c-1",
        "a-b-c-2",
    }
