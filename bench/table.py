"""Tables for the documentation out of a JSON file of the benchmark: `python bench/table.py
README.md bench/README.md`.

A table stands between two lines of its own, `<!-- bench: NAME -->` and `<!-- /bench -->`; what is
between them is replaced.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results.json"
COMMANDS = {
    "list --json": "`lmtx list --tumor melanoma --json`",
    "complete a value": "completing a value",
    "search": "`lmtx search intrathecal pemetrexed`",
    "list, a table": "`lmtx list --tumor melanoma`, a table",
    "show, a card": "`lmtx show osimertinib`, a card",
}
"""What README tells of, and in which words."""
_BETWEEN = re.compile(r"(<!-- bench: ([a-z-]+) -->\n).*?(<!-- /bench -->)", re.S)
Found = dict[str, Any]


def ratios(found: Found) -> str:
    """Return the table of README: every look-up against its floor."""
    rows = [
        (words, f"{found['results'][name]['ratio']:.2f} × the {found['results'][name]['against']}")
        for name, words in COMMANDS.items()
    ]
    return _table(("command", "ratio"), rows)


def times(found: Found) -> str:
    """Return every command with its median, the middle half around it, its memory and its ratio."""
    rows = [
        (
            name,
            f"{told['median_ms']:.0f} ms",
            f"{told['q1_ms']:.0f}–{told['q3_ms']:.0f}",
            _megabytes(told),
            f"{told['ratio']:.2f} × {told['against']}" if "ratio" in told else "",
        )
        for name, told in found["results"].items()
    ]
    rows += [(name, "–", "", "", why) for name, why in found["not_measured"].items()]
    return _table(("command", "median", "middle half", "memory", "ratio"), rows)


def peers(found: Found) -> str:
    """Return what peers take, as multiples of lmtx doing the like."""
    told = {
        name: numbers
        for name, numbers in found["results"].items()
        if name.startswith(("civicpy", "bioregistry", "gget", "sqlite-utils"))
    }
    return (
        _table(
            ("peer", "against lmtx"),
            [
                (
                    f"`{name}`" if name.endswith("--help") else name,
                    f"{n['ratio']:.1f} × `{n['against']}`",
                )
                for name, n in told.items()
            ],
        )
        if told
        else ""
    )


def compiling(found: Found) -> str:
    """Return what bases of several sizes cost to compile."""
    if "scale" not in found:
        return ""
    rows = [
        (
            f"{size} ×",
            f"{n['studies']:,}",
            f"{n['rows']:,}",
            f"{n['index_mb']:,.0f} MB",
            f"{n['compile_s']:.1f} s",
            f"{n['compile_ms_per_row']:.2f} ms",
            f"{n['compile_mb']:,} MB" if "compile_mb" in n else "–",
        )
        for size, n in found["scale"]["sizes"].items()
    ]
    return _table(
        ("base", "studies", "rows of evidence", "index", "compiling", "a row", "memory"), rows
    )


def same(found: Found) -> str:
    """Return how questions whose answer stays the same fare at several sizes."""
    return _by_size(found, "same")


def grows(found: Found) -> str:
    """Return how questions whose answer grows fare at several sizes."""
    return _by_size(found, "grows")


def _by_size(found: Found, kind: str) -> str:
    if "scale" not in found:
        return ""
    sizes = list(found["scale"]["sizes"])
    rows = []
    for name, told in found["scale"]["look_ups"][kind].items():
        rows.append(
            (
                name,
                *(f"{told[size]['median_ms']:,.0f} ms" for size in sizes),
                f"{told[sizes[-1]]['ratio']:.2f}",
                _megabytes(told[sizes[0]]),
                _megabytes(told[sizes[-1]]),
            )
        )
    return _table(
        (
            "question",
            *(f"{size} ×" for size in sizes),
            "ratio",
            f"memory at {sizes[0]} ×",
            f"at {sizes[-1]} ×",
        ),
        rows,
    )


def _megabytes(told: Found) -> str:
    return f"{told['memory_mb']:.0f} MB" if "memory_mb" in told else "–"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


TABLES: dict[str, Callable[[Found], str]] = {
    "ratios": ratios,
    "times": times,
    "peers": peers,
    "compiling": compiling,
    "same": same,
    "grows": grows,
}


def filled(text: str, found: Found) -> str:
    """Return a text with every table between its two lines brought up to date."""
    return _BETWEEN.sub(lambda match: f"{match[1]}{TABLES[match[2]](found)}\n{match[3]}", text)


def main() -> None:
    """Bring the tables of the named files up to date."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "files", type=Path, nargs="+", help="Markdown files with tables of the benchmark"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="the numbers (default bench/results.json)"
    )
    chosen = parser.parse_args()
    found = json.loads(chosen.results.read_text(encoding="utf-8"))
    for path in chosen.files:
        path.write_text(filled(path.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
