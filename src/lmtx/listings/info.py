"""`lmtx info`: what the knowledge base is, and how far it can be trusted."""

from typing import Annotated

from lmtx.errors import DataError
from lmtx.index.identity import SAME, FileState, verify_index_and_files
from lmtx.listings import Column, Found, Listing, Question
from lmtx.model.figures import write_number
from lmtx.model.notation import write_count
from lmtx.model.vocabulary import READ_IN
from lmtx.query.info import InfoRow, QualityRow, list_info, list_quality
from lmtx.query.parameters import Parameter
from lmtx.tuples import NamedTuple


def write_part_of_whole(part: int, whole: int) -> str:
    """Return "102 of 111"."""
    return f"{part} of {whole}" if whole else "–"


def find_quality(question: Question) -> Found:
    """Return how far each part of the base can be trusted."""
    return Found(list_quality(question.connection))


QUALITY = Listing(
    "quality",
    "Where the figures were read, how much of them twice, how many citations are complete.",
    QualityRow,
    find_quality,
    is_sorted=False,
    is_command=False,
    brief=("label", "studies", "patients", "level", "rows", "figures", "second_read", "reports"),
    columns=(
        Column("Part", lambda row: row.label, least=24),
        Column("Reports", lambda row: write_count(row.reports), 1, right=True),
        Column("Studies", lambda row: write_count(row.studies), 8, right=True),
        Column("Patients", lambda row: write_count(row.patients), 8, right=True),
        Column("Level", lambda row: row.level or "–", 7),
        Column("Rows", lambda row: write_count(row.rows), 7, right=True),
        Column("Figures", lambda row: write_count(row.figures), 6, right=True),
        Column("Full text", lambda row: write_count(row.full_text), 3, right=True),
        Column("Abstract", lambda row: write_count(row.abstract), 3, right=True),
        Column("Registry", lambda row: write_count(row.registry), 5, right=True),
        Column("2nd hand", lambda row: write_count(row.secondary), 2, right=True),
        Column("Recalled", lambda row: write_count(row.recalled), 2, right=True),
        Column("Read twice", lambda row: write_count(row.second_read), 4, right=True),
        Column("Due: read twice", lambda row: write_part_of_whole(row.due_read, row.due)),
        Column("Cited", lambda row: write_part_of_whole(row.cited, row.reports)),
        Column("Exceptions", lambda row: write_count(row.excepted), 4, right=True),
    ),
    unit="part",
)


SHORT_HASH_LENGTH = 12


def shorten_hash(value: str | None) -> str:
    """Return the beginning of a hash, as people compare them."""
    return (value or "–")[:SHORT_HASH_LENGTH]


def find_file_states(question: Question) -> Found:
    """Return the state of the index and of each data file; a fault where one is another than that
    compiled."""
    rows = verify_index_and_files(question.base)
    others = sum(row.state != SAME for row in rows)
    fault = DataError(
        f"{others} of {len(rows)} are not what was compiled",
        "install lmtx again, or in a checkout see what changed the files",
    )
    return Found(rows, listing=VERIFY, fault=fault if others else None)


VERIFY = Listing(
    "verify",
    "The index and each data file, held against what was compiled.",
    FileState,
    find_file_states,
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


HASH_LINE_LENGTH = 32


def write_info_key(row: InfoRow) -> str:
    """Return what is told in words: "studies: second hand"."""
    what, read_in, place = row.key.partition("_read_in_")
    return (
        f"{what}: {READ_IN[place.replace('_', '-')].label}"
        if read_in
        else row.key.replace("_", " ")
    )


def write_info_value(row: InfoRow) -> str:
    """Return the value; a checksum, which has no blank to break at, in two lines."""
    if row.key == "sha256":
        return f"{str(row.value)[:HASH_LINE_LENGTH]}\n{str(row.value)[HASH_LINE_LENGTH:]}"
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


def find_info(question: Question) -> Found:
    """Return what the knowledge base is, a key and a value each; or the trust in each part of
    it."""
    if question.options.verify:
        return find_file_states(question)
    if question.options.quality:
        return Found(list_quality(question.connection), listing=QUALITY)
    return Found(list_info(question.base))


LISTING = Listing(
    "info",
    "Version, date, counts and provenance of the knowledge base.",
    InfoRow,
    find_info,
    about="Version, date, counts and provenance of the knowledge base, and where it lies.",
    examples=("lmtx info", "lmtx info --quality", "lmtx info --verify", "lmtx info --json"),
    options=InfoOptions,
    is_sorted=False,
    columns=(
        Column("About", write_info_key, style="bold"),
        Column("", write_info_value, least=30, fold=True),
    ),
    unit="line",
    narrow=(
        Column(
            "About",
            lambda row: f"{write_info_key(row)}: {write_info_value(row)}",
            least=30,
            fold=True,
        ),
    ),
)
