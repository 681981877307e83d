"""Write the JSON Schemas of `data/schema/` from the models, and name its schema in the first line
of every data file that does not."""

from __future__ import annotations

from pathlib import Path

from lmtx.curation.file_schema import BASE, FOLDER, KINDS, file_name, named_in, text_of
from lmtx.store.loading import data_files

DATA = Path(__file__).resolve().parent.parent / "data"


def wanted() -> dict[Path, str]:
    """Return every schema and every data file with the text that it should hold."""
    found = {DATA / FOLDER / file_name(kind): text_of(kind) for kind in (*KINDS, BASE)}
    for path in data_files(DATA):
        line, text = named_in(path.relative_to(DATA).as_posix()), path.read_text(encoding="utf-8")
        found[path] = text if text.startswith(f"{line}\n") else f"{line}\n\n{text}"
    return found


def stale() -> dict[Path, str]:
    """Return the files that do not hold what they should, with what they should hold."""
    return {
        path: text
        for path, text in wanted().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


if __name__ == "__main__":
    (DATA / FOLDER).mkdir(exist_ok=True)
    for path, text in stale().items():
        path.write_text(text, encoding="utf-8", newline="")
