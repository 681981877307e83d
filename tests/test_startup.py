"""What a look-up pays for: no pydantic, no tomli, no network, and rich only where something is
drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support import Lmtx

COMMANDS = {
    "list": ["list", "--tumor", "melanoma"],
    "evidence": ["evidence", "--tumor", "melanoma"],
    "show": ["show", "osimertinib"],
    "show-study": ["show", "35802849"],
    "search": ["search", "intrathecal", "pemetrexed"],
    "compare": ["compare", "osimertinib", "pemetrexed"],
    "map": ["map", "--tumor", "nsclc"],
    "timeline": ["timeline", "--tumor", "melanoma"],
    "conflicts": ["conflicts", "--tumor", "nsclc"],
    "plot": ["plot", "--endpoint", "overall-survival", "--tumor", "nsclc"],
    "csf": ["csf", "methotrexate"],
    "guidelines": ["guidelines"],
    "trials": ["trials", "--tumor", "nsclc"],
    "tumors": ["tumors"],
    "classes": ["classes"],
    "levels": ["levels"],
    "fields": ["fields"],
    "info": ["info"],
}
SPY = """
import json, sys
from lmtx.cli.run import main
code = main(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted({name.partition(".")[0] for name in sys.modules})}), file=sys.stderr)
"""
UNMEASURED: dict[str, str | None] = {
    "COVERAGE_PROCESS_START": None,
    "COVERAGE_PROCESS_CONFIG": None,
}


def spied(lmtx: Lmtx, arguments: list[str], **env: str) -> tuple[int, set[str]]:
    answer = lmtx.python(SPY, *arguments, env={**UNMEASURED, **env})
    told: dict[str, Any] = json.loads(answer.err.splitlines()[-1])
    return told["code"], set(told["modules"])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_look_up_for_a_machine_draws_nothing_and_validates_nothing(
    lmtx: Lmtx, command: str
) -> None:
    for form in ("--json", "--tsv"):
        code, modules = spied(lmtx, [*COMMANDS[command], form, "-q"])
        assert code == 0
        assert not modules & {
            "pydantic",
            "pydantic_core",
            "tomli",
            "tomllib",
            "rich",
            "pygments",
            "markdown_it",
        }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_or_card_validates_nothing(lmtx: Lmtx, command: str) -> None:
    code, modules = spied(lmtx, [*COMMANDS[command], "-f", "table", "-q"])
    assert code == 0 and "rich" in modules
    assert not modules & {"pydantic", "pydantic_core", "tomli", "tomllib"}


EXTRAS = {"openpyxl", "mcp", "anyio", "httpx", "pyarrow", "jinja2", "resvg_py", "pandas", "polars"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_look_up_imports_no_extra(lmtx: Lmtx, command: str) -> None:
    code, modules = spied(lmtx, [*COMMANDS[command], "-q"])
    assert code == 0 and not modules & EXTRAS


@pytest.mark.parametrize("arguments", [["--help"], ["list", "--help"], ["--version"]])
def test_help_is_light(lmtx: Lmtx, arguments: list[str]) -> None:
    code, modules = spied(lmtx, arguments)
    assert code == 0 and not modules & {"pydantic", "tomli", "rich"}


NO_NETWORK = """
import sys
def refuse(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn")):
        print("refused:", event, args, file=sys.stderr)
        raise SystemExit(99)
sys.addaudithook(refuse)
from lmtx.cli.run import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_touches_the_network_or_starts_a_program(lmtx: Lmtx, command: str) -> None:
    answer = lmtx.python(NO_NETWORK, *COMMANDS[command], "-f", "table", "-q", env=UNMEASURED)
    assert answer.code == 0, answer.err


def test_a_look_up_writes_nowhere_but_the_cache(lmtx: Lmtx) -> None:
    code = (
        "import sys\nsys.addaudithook(lambda e, a: e == 'open' and isinstance(a[1], str) and "
        "set(a[1]) & set('wax+') and sys.stderr.write(f'opened {a[0]}\\n'))\n" + NO_NETWORK
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
