"""`lmtx validate`, for machines; people read the problems line by line on stderr."""

from __future__ import annotations

from lmtx.errors import Problem
from lmtx.listings.layout import Layout

PROBLEMS = Layout("validate", Problem._fields, Problem._fields, (), unit="problem")
