"""Studies and patients counted once, however often they were told.

Studies that tell the same patients share a cohort (`overlaps`, `superseded_by`); a cohort is one study, and its patients are
those of its largest report. Within a report, a row that lies `within` another one adds nobody, and all rows together never
count more than the study has. Reviews, meta-analyses, guidelines and animal work count no patients, nor does a row that pools
in patients without LM of a solid tumour: how many of them have it is not known. A superseded report counts only where nothing
later of its cohort is in view.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lmtx.model.levels import NO_LEVEL_RANK
from lmtx.model.vocabulary import DIRECTIONS
from lmtx.query.filters import Condition, where


class Counted(NamedTuple):
    """What counting needs to know of one row of evidence; `counts` is 1 for patients told first here, 0 for a synthesis, -1 for neither."""

    number: int
    study: str
    row: int
    within: int | None
    level_rank: int
    n: int | None
    direction: str
    year: int | None
    cohort: str
    counts: int
    superseded: bool
    stands: bool
    agents: int
    most: int | None
    pooled: int


class Tally(NamedTuple):
    """Independent studies, their patients, and which way they point."""

    studies: int
    patients: int | None
    syntheses: int
    directions: dict[str, int]
    level_rank: int
    latest: int | None


COLUMNS = ", ".join(f"e.{name}" for name in Counted._fields)


def rows_of(connection: sqlite3.Connection, conditions: list[Condition]) -> Iterator[Counted]:
    """Yield the rows of evidence `e` under the conditions, as counting needs them."""
    sql, parameters = where(conditions)
    yield from (
        Counted(*row)
        for row in connection.execute(f"select {COLUMNS} from evidence e {sql}", parameters)
    )


def tally(rows: Iterable[Counted]) -> Tally:
    """Count independent studies, patients and directions over rows."""
    everything = list(rows)
    groups: defaultdict[str, list[Counted]] = defaultdict(list)
    for row in everything:
        if row.counts == 1:
            groups[row.cohort].append(row)
    current = [_standing(group) for group in groups.values()]
    sizes = [
        size
        for group, whole in zip(current, groups.values(), strict=True)
        if (size := _patients(group) or _patients(whole)) is not None
    ]
    directions = dict.fromkeys(DIRECTIONS, 0)
    for group in current:
        directions[_direction(group)] += 1
    return Tally(
        studies=len(current),
        patients=sum(sizes) if sizes else None,
        syntheses=len({row.study for row in everything if row.counts == 0}),
        directions=directions,
        level_rank=min(
            (row.level_rank for row in everything if row.counts >= 0), default=NO_LEVEL_RANK
        ),
        latest=max((row.year for row in everything if row.year and row.counts >= 0), default=None),
    )


def _standing(group: Sequence[Counted]) -> list[Counted]:
    """Return the rows of a cohort that no later report in view replaces."""
    return [row for row in group if not row.superseded] or list(group)


def _patients(group: Sequence[Counted]) -> int | None:
    """Count the largest report of a cohort, and beside it the rows that stand alone in an older one."""
    apart = [row.n for row in group if row.stands and row.n is not None and not row.pooled]
    largest = _largest([row for row in group if not row.stands])
    return sum(apart) + (largest or 0) if apart or largest is not None else None


def _largest(group: Sequence[Counted]) -> int | None:
    by_study: defaultdict[str, list[Counted]] = defaultdict(list)
    for row in group:
        by_study[row.study].append(row)
    sizes = [size for rows in by_study.values() if (size := _in_study(rows)) is not None]
    return max(sizes, default=None)


def _in_study(rows: Sequence[Counted]) -> int | None:
    counted = [row for row in rows if not row.pooled]
    present = {row.row for row in counted}
    sizes = [row.n for row in counted if row.n is not None and row.within not in present]
    most = min((row.most for row in counted if row.most is not None), default=None)
    return min(sum(sizes), sum(sizes) if most is None else most) if sizes else None


def _direction(group: Sequence[Counted]) -> str:
    """Return the direction that the rows of a cohort share; "mixed" where they differ."""
    found = {row.direction for row in group if row.direction != "unclear"} or {"unclear"}
    return found.pop() if len(found) == 1 else "mixed"
