"""`lmtx validate`, for machines; people read the problems line by line on stderr."""

from lmtx.errors import Problem
from lmtx.listings import Listing

LISTING = Listing(
    "validate",
    "Check data files; every problem with file and line.",
    Problem,
    is_command=False,
    unit="problem",
)
