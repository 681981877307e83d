"""`lmtx info`."""

from __future__ import annotations

from lmtx.listings.layout import Column, Layout
from lmtx.model.figures import number
from lmtx.model.vocabulary import READ_IN
from lmtx.query.info import InfoRow

HALF = 32


def key(row: InfoRow) -> str:
    """Return what is told in words: "studies: second hand"."""
    what, read_in, place = row.key.partition("_read_in_")
    return (
        f"{what}: {READ_IN[place.replace('_', '-')].label}"
        if read_in
        else row.key.replace("_", " ")
    )


def value(row: InfoRow) -> str:
    """Return the value; a checksum and the path of a file, which have no blank to break at, in two lines."""
    if row.key == "sha256":
        return f"{str(row.value)[:HALF]}\n{str(row.value)[HALF:]}"
    if row.key == "index":
        folder, slash, name = str(row.value).rpartition("/")
        return f"{folder}{slash}\n{name}".lstrip()
    return number(row.value) if isinstance(row.value, int) else row.value


INFO = Layout(
    "info",
    InfoRow._fields,
    InfoRow._fields,
    (
        Column("About", key, style="bold"),
        Column("", value, least=30, fold=True),
    ),
    unit="line",
    narrow=(Column("About", lambda row: f"{key(row)}: {value(row)}", least=30, fold=True),),
)
