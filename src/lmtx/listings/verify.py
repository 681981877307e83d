"""The base held against what was compiled, file by file: `lmtx info --verify`, and `verify()` in
Python."""

from lmtx.errors import DataError
from lmtx.index.identity import SAME, FileState, verify_base
from lmtx.listings import Column, Found, Listing, Question

SHORT = 12


def shorten_hash(value: str | None) -> str:
    """Return the beginning of a hash, as people compare them."""
    return (value or "–")[:SHORT]


def find_files(question: Question) -> Found:
    """Return the state of the index and of each data file; a fault where one is another than that
    compiled."""
    rows = verify_base(question.base)
    others = sum(row.state != SAME for row in rows)
    fault = DataError(
        f"{others} of {len(rows)} are not what was compiled",
        "install lmtx again, or in a checkout see what changed the files",
    )
    return Found(rows, listing=LISTING, fault=fault if others else None)


LISTING = Listing(
    "verify",
    "The index and each data file, held against what was compiled.",
    FileState,
    find_files,
    is_sorted=False,
    is_command=False,
    columns=(
        Column("File", lambda row: row.file, style="bold", least=30, fold=True),
        Column("State", lambda row: row.state),
        Column("Expected", lambda row: shorten_hash(row.expected)),
        Column("Actual", lambda row: shorten_hash(row.actual)),
    ),
    unit="file",
)
