"""Write docs/dictionary.md, the data dictionary, from the models and the vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lmtx.curation import dictionary
from lmtx.curation.dictionary import ExportColumn
from lmtx.curation.file_schema import list_vocabularies
from lmtx.query.export import EXPORTABLE_TABLES
from lmtx.render.text.formats import escape_markdown

PAGE = Path(__file__).parent / "dictionary.md"
INTRODUCTION = """\
# Data dictionary

Made by `python docs/make_dictionary.py` from the models in `src/lmtx/model/schema.py` and the words in `src/lmtx/model/vocabulary.py`; edit those.
How to take the data away is told in [exports.md](exports.md), how to write them in [CONTRIBUTING.md](../CONTRIBUTING.md).

What a record does not say is null (in CSV an empty cell). Figures are as printed. A *list* is a JSON array in JSON and SQLite, joined by `; ` in CSV, a list in Parquet.
"""
EXPORTED = """\
## Tables of the export

The same in JSON, JSON Lines, CSV, SQLite and Parquet. SQLite has the outcomes of an evidence row in the table `outcomes` alone.
"""
WRITTEN = """\
## Keys of the data files

What a curator writes in [`data/`](../data). The same as JSON Schema, for editors and checks: `lmtx schema`, and [`data/schema/`](../data/schema).
"""
WORDS = """\
## Vocabularies

The words that a column or key with such a vocabulary may hold, and no others.
"""


def page() -> str:
    """Return the page as the models give it now."""
    parts = [INTRODUCTION, EXPORTED]
    for name, columns in dictionary.list_columns_by_table().items():
        parts.append(
            "\n".join(
                (f"### {name}\n", f"{sentence(EXPORTABLE_TABLES[name].meaning)}\n", *table(columns))
            )
            + "\n"
        )
    parts.append(WRITTEN)
    for kind, keys in dictionary.list_keys_by_file_kind().items():
        parts.append(f"### {'studies/ID' if kind == 'study' else kind}.toml\n")
        parts += [
            f"#### {header}\n\n{sentence(meaning)}\n\n" + "\n".join(table(own)) + "\n"
            for header, meaning, own in toml_tables(keys)
        ]
    parts.append(WORDS)
    for name, terms in list_vocabularies().items():
        lines = (
            f"| {escape_markdown(word)} | {escape_markdown(term.label)} | "
            f"{escape_markdown(term.meaning)} |"
            for word, term in terms.items()
        )
        parts.append(
            "\n".join(
                (f"### {name}\n", "| word | label | meaning |", "| --- | --- | --- |", *lines)
            )
            + "\n"
        )
    return "\n".join(parts)


def toml_tables(
    keys: Iterable[ExportColumn],
    header: str = "Top of the file",
    meaning: str = "Before all tables.",
    path: str = "",
) -> Iterator[tuple[str, str, list[ExportColumn]]]:
    """Yield every table of a data file as its header in TOML, what it is, and its own keys."""
    found = list(keys)
    if own := [key for key in found if not key.inside]:
        yield header, meaning, own
    for key in (key for key in found if key.inside):
        below = f"{path}{key.name}"
        yield from toml_tables(
            key.inside, f"`[[{below}]]`" if key.many else f"`[{below}]`", key.meaning, f"{below}."
        )


def table(columns: Iterable[ExportColumn]) -> Iterator[str]:
    """Yield the lines of a Markdown table of columns."""
    yield "| column | type | words or ids | meaning |"
    yield "| --- | --- | --- | --- |"
    for column in columns:
        drawn_on = (
            f"[{column.words}](#{column.words})"
            if column.words
            else f"ids of {column.ids}"
            if column.ids
            else ""
        )
        yield (
            f"| {escape_markdown(column.name)} | {column.phrase} | {drawn_on} | "
            f"{escape_markdown(column.meaning)} |"
        )


def sentence(text: str) -> str:
    """Return a meaning as a sentence."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
