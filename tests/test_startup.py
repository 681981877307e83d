"""What a look-up pays for: no pydantic, no tomli, no network, and rich only where something is
drawn."""

from __future__ import annotations

import json
import sys

import pytest

from lmtx.__main__ import DEFERRED_MODULES, DeferredModule
from support import Lmtx

COMMANDS = (
    "list --tumor melanoma",
    "evidence --tumor melanoma",
    "show osimertinib",
    "show 35802849",
    "search intrathecal pemetrexed",
    "compare osimertinib pemetrexed",
    "map --tumor nsclc",
    "timeline --tumor melanoma",
    "conflicts --tumor nsclc",
    "plot --endpoint overall-survival --tumor nsclc",
    "csf methotrexate",
    "guidelines",
    "trials --tumor nsclc",
    "tumors",
    "classes",
    "levels",
    "fields",
    "info",
)
NO_NETWORK = """
import sys
def refuse(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn")):
        print("refused:", event, args, file=sys.stderr)
        raise SystemExit(99)
sys.addaudithook(refuse)
from lmtx.cli.run import main
"""
SPY = (
    NO_NETWORK
    + """
import json, shlex
for call in map(shlex.split, sys.argv[1:]):
    code = main(call)
    modules = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps({"code": code, "modules": modules}), file=sys.stderr)
"""
)
UNMEASURED: dict[str, str | None] = {
    "COVERAGE_PROCESS_START": None,
    "COVERAGE_PROCESS_CONFIG": None,
}
EXTRAS = {"openpyxl", "mcp", "anyio", "httpx", "pyarrow", "jinja2", "resvg_py", "pandas", "polars"}
CHECKING = {"pydantic", "pydantic_core", "tomli", "tomllib"}
DRAWING = {"rich", "pygments", "markdown_it"}


def spied(lmtx: Lmtx, *calls: str) -> list[set[str]]:
    """Return the modules that were read after each of some runs in one process; none of them may
    touch the network or start a program."""
    answer = lmtx.python(SPY, *calls, env=UNMEASURED)
    told = [json.loads(line) for line in answer.err.splitlines() if line.startswith("{")]
    assert [one["code"] for one in told] == [0] * len(calls), answer.err
    return [set(one["modules"]) for one in told]


def test_a_look_up_reads_no_module_that_it_does_not_need(lmtx: Lmtx) -> None:
    """For a machine nothing is drawn; nothing is validated, no extra is read, no network is
    touched and no program is started in any form. A module stays, so all look-ups for a machine
    come first: the one that is named is the first that reads what it should not."""
    machine = [f"{call} {form} -q" for call in COMMANDS for form in ("--json", "--tsv")]
    drawn = [f"{call} {form} -q" for call in COMMANDS for form in ("", "-f table")]
    calls = dict(zip((*machine, *drawn), spied(lmtx, *machine, *drawn), strict=True))
    for call, modules in calls.items():
        assert not modules & (CHECKING | EXTRAS), call
        assert call in drawn or not modules & DRAWING, call
    assert "rich" in modules, "a table is drawn"


@pytest.mark.parametrize("call", ["--help", "list --help", "--version"])
def test_help_is_light(lmtx: Lmtx, call: str) -> None:
    [modules] = spied(lmtx, call)
    assert not modules & {"pydantic", "tomli", "rich"}


def test_a_look_up_writes_nowhere_but_the_cache(lmtx: Lmtx) -> None:
    code = (
        "import sys\nsys.addaudithook(lambda e, a: e == 'open' and isinstance(a[1], str) and "
        "set(a[1]) & set('wax+') and sys.stderr.write(f'opened {a[0]}\\n'))\n"
        f"{NO_NETWORK}sys.exit(main(sys.argv[1:]))"
    )
    answer = lmtx.python(code, "list", "-q", env={**UNMEASURED, "PYTHONDONTWRITEBYTECODE": "1"})
    assert (answer.code, answer.err) == (0, "")


def test_a_listing_reads_no_whole_table() -> None:
    """With a hundred thousand rows a question about one tumor must cost no more: every table is
    searched, none is scanned."""
    from lmtx.index import open_index
    from lmtx.query.filters import Filters, count_evidence_left_out
    from lmtx.query.list import list_treatments

    connection = open_index().connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    melanoma = Filters(tumors=("melanoma",))
    assert list_treatments(connection, melanoma)
    narrowed = melanoma._replace(since=2020, min_n=5, lines=("first",), after=("braf-inhibitor",))
    for filters in (melanoma, narrowed):
        assert count_evidence_left_out(connection, filters)
    connection.set_trace_callback(None)
    plans = {
        query: [detail for *_, detail in connection.execute(f"explain query plan {query}")]
        for query in asked
    }
    small = ("SCAN c", "SCAN t", "SCAN json_each")
    assert asked and not [
        (query, step)
        for query, plan in plans.items()
        for step in plan
        if step.startswith("SCAN") and not step.startswith(small)
    ]


TOUCHED = """
import os, sys
from lmtx import __main__ as start
def leave(code):
    names = [name for name in start.DEFERRED_MODULES if type(sys.modules[name]) is not start.DeferredModule]
    print("touched:", *names, file=sys.stderr, flush=True)
    os.kill(os.getpid(), 9)
os._exit = leave
start.entry()
"""


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["list", "--tumor", "melanoma", "--json", "-q"], {}),
        (["search", "intrathecal", "pemetrexed", "-q"], {}),
        (["show", "osimertinib", "--json", "-q"], {}),
        (["list", "--tumor", "melanoma", "-q"], {"LMTX_FORCE_TTY": "80"}),
    ],
    ids=["json", "search", "card", "table"],
)
def test_a_look_up_touches_no_module_that_is_put_off(
    lmtx: Lmtx, arguments: list[str], env: dict[str, str | None]
) -> None:
    answer = lmtx.python(TOUCHED, *arguments, env=UNMEASURED | env)
    assert answer.out and answer.err == "touched:\n"


def test_what_is_put_off_is_read_when_it_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sys.modules["textwrap"]
    for name in ("textwrap", "nowhere"):
        monkeypatch.setitem(sys.modules, name, DeferredModule(name))
    put_off = sys.modules["textwrap"]
    assert put_off.shorten("a b c", 4, placeholder="…") == "a b…"
    assert sys.modules["textwrap"] is not put_off and vars(put_off).keys() >= vars(real).keys()
    with pytest.raises(AttributeError):
        _ = put_off.nothing
    with pytest.raises(ModuleNotFoundError):
        _ = sys.modules["nowhere"].anything
    assert set(DEFERRED_MODULES) <= sys.stdlib_module_names | {"shellingham"}
