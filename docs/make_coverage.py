"""Write the tables of docs/evidence.md and docs/not-found.md from the data, and that of levels in
docs/answers.md from the rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lmtx.index import open_index
from lmtx.listings.info import write_part_of_whole
from lmtx.model.levels import LEVEL_RULE
from lmtx.query.info import list_quality
from lmtx.render.text.formats import escape_markdown

DOCS = Path(__file__).parent
START, END = "<!-- made by docs/make_coverage.py -->\n", "<!-- end of the table -->"


def coverage() -> str:
    """Return what the base covers, part by part."""
    lines = [
        "| part | reports | independent studies | patients | strongest level | figures | read "
        "twice, of those due | cited |",
        "| --- | --: | --: | --: | --- | --: | --: | --: |",
    ]
    for row in list_quality(open_index().connection):
        cells = (
            escape_markdown(row.label),
            row.reports,
            row.studies,
            "–" if row.patients is None else row.patients,
            row.level or "–",
            row.figures,
        )
        lines.append(
            f"| {' | '.join(map(str, cells))} | {write_part_of_whole(row.due_read, row.due)} | "
            f"{write_part_of_whole(row.cited, row.reports)} |"
        )
    return "\n".join(lines) + "\n"


def incomplete() -> str:
    """Return every study with evidence for whose citation something was looked for in vain, with
    what is known of it."""
    lines = ["| study | lacks | known | title |", "| --- | --- | --- | --- |"]
    for (text,) in open_index().connection.execute(
        "select record from study where id in (select study from evidence) order by id"
    ):
        study = json.loads(text)
        if study["not_found"]:
            known = (
                study["first_author"],
                study["year"],
                study["journal"],
                study["pmid"] and f"PMID {study['pmid']}",
                study["doi"],
                study["pmcid"],
                *study["nct"],
            )
            title = (
                f"[{study['title']}]"
                if study["title"] and study["title_descriptive"]
                else study["title"] or "–"
            )
            cells = (
                study["id"],
                ", ".join(study["not_found"]).replace("_", " "),
                ", ".join(str(part) for part in known if part) or "–",
                title,
            )
            lines.append(f"| {' | '.join(map(escape_markdown, cells))} |")
    return "\n".join(lines) + "\n"


def levels() -> str:
    """Return what has which level."""
    lines = ["| level | here |", "| --- | --- |"]
    lines += [f"| {level or '–'} | {escape_markdown(rule)} |" for level, rule in LEVEL_RULE.items()]
    return "\n".join(lines) + "\n"


PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "answers.md": levels,
    DOCS / "evidence.md": coverage,
    DOCS / "not-found.md": incomplete,
}


def page(path: Path) -> str:
    """Return a page with its table as the data give it now."""
    head, _, rest = path.read_text(encoding="utf-8").partition(START)
    return head + START + PAGES[path]() + END + rest.partition(END)[2]


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(page(path), encoding="utf-8")
