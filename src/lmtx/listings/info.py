"""`lmtx info`: what the knowledge base is, and how far it can be trusted."""

from typing import Annotated, NamedTuple

from lmtx.listings import Column, Found, Listing, Question
from lmtx.listings.quality import LISTING as QUALITY
from lmtx.listings.verify import find_files
from lmtx.model.figures import write_number
from lmtx.model.vocabulary import READ_IN
from lmtx.query.info import InfoRow, list_facts, list_quality
from lmtx.query.parameters import Parameter

HALF = 32


def name_item(row: InfoRow) -> str:
    """Return what is told in words: "studies: second hand"."""
    what, read_in, place = row.key.partition("_read_in_")
    return (
        f"{what}: {READ_IN[place.replace('_', '-')].label}"
        if read_in
        else row.key.replace("_", " ")
    )


def write_value(row: InfoRow) -> str:
    """Return the value; a checksum, which has no blank to break at, in two lines."""
    if row.key == "sha256":
        return f"{str(row.value)[:HALF]}\n{str(row.value)[HALF:]}"
    return write_number(row.value) if isinstance(row.value, int) else row.value


class InfoOptions(NamedTuple):
    """What is told of the base."""

    quality: Annotated[
        bool,
        Parameter(
            "quality",
            "Where the figures were read, how much of them twice, how many citations are complete.",
            kind="flag",
        ),
    ] = False
    verify: Annotated[
        bool,
        Parameter(
            "verify",
            "Hold the index and each data file against what was compiled; exit 3 where one is "
            "another.",
            kind="flag",
        ),
    ] = False


def find_facts(question: Question) -> Found:
    """Return what the knowledge base is, a key and a value each; or the trust in each part of
    it."""
    if question.options.verify:
        return find_files(question)
    if question.options.quality:
        return Found(list_quality(question.connection), listing=QUALITY)
    return Found(list_facts(question.base))


LISTING = Listing(
    "info",
    "Version, date, counts and provenance of the knowledge base.",
    InfoRow,
    find_facts,
    about="Version, date, counts and provenance of the knowledge base, and where it lies.",
    examples=("lmtx info", "lmtx info --quality", "lmtx info --verify", "lmtx info --json"),
    options=InfoOptions,
    is_sorted=False,
    columns=(
        Column("About", name_item, style="bold"),
        Column("", write_value, least=30, fold=True),
    ),
    unit="line",
    narrow=(
        Column("About", lambda row: f"{name_item(row)}: {write_value(row)}", least=30, fold=True),
    ),
)
