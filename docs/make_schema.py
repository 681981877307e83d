"""Write the JSON Schemas of `data/schema/` from the models, and name its schema in the first line
of every data file that does not."""

from __future__ import annotations

from pathlib import Path

from lmtx.curation.file_schema import (
    ANY_FILE_KIND,
    MODEL_OF_FILE_KIND,
    SCHEMA_FOLDER,
    name_schema_file,
    write_json_schema,
    write_schema_comment,
)
from lmtx.store.loading import list_data_files

DATA = Path(__file__).resolve().parent.parent / "data"


def wanted() -> dict[Path, str]:
    """Return every schema and every data file with the text that it should hold."""
    found = {
        DATA / SCHEMA_FOLDER / name_schema_file(kind): write_json_schema(kind)
        for kind in (*MODEL_OF_FILE_KIND, ANY_FILE_KIND)
    }
    for path in list_data_files(DATA):
        line, text = (
            write_schema_comment(path.relative_to(DATA).as_posix()),
            path.read_text(encoding="utf-8"),
        )
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
    (DATA / SCHEMA_FOLDER).mkdir(exist_ok=True)
    for path, text in stale().items():
        path.write_text(text, encoding="utf-8", newline="")
