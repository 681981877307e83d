"""Write the coverage table of docs/evidence.md from the data; with --check only tell whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

from lmtx.index import open_index
from lmtx.output.layouts.quality import share
from lmtx.output.markdown import escaped
from lmtx.query.quality import quality

PAGE = Path(__file__).parent / "evidence.md"
START, END = "<!-- coverage: made by docs/make_coverage.py -->\n", "<!-- end of coverage -->"


def table() -> str:
    """Return the table as Markdown."""
    lines = ["| part | reports | independent studies | patients | strongest level | figures | read twice, of those due | cited |", "| --- | --: | --: | --: | --- | --: | --: | --: |"]
    for row in quality(open_index().connection):
        cells = (escaped(row.label), row.reports, row.studies, "–" if row.patients is None else row.patients, row.level or "–", row.figures)
        lines.append(f"| {' | '.join(map(str, cells))} | {share(row.due_read, row.due)} | {share(row.cited, row.reports)} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the page with the table as the data give it now."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    return head + START + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    current = page()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if current == PAGE.read_text(encoding="utf-8") else "docs/evidence.md is out of date: run python docs/make_coverage.py")
    PAGE.write_text(current, encoding="utf-8")
