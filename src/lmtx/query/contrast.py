"""Where treatments that are compared meet: in one study, or in a tumor for which their evidence points different ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lmtx.figures import is_whole
from lmtx.query.cards import both_sides, ways
from lmtx.query.evidence import EvidenceRow

Record = dict[str, Any]
Compared = Mapping[str, Sequence[EvidenceRow]]
"""The rows of each treatment."""


def differing(treatment: str, rows: Compared) -> list[Record]:
    """Return the tumors for which this treatment has a benefit where another of them has none, or the other way round, with its own studies."""
    own = {tumor: both_sides(tumor, found) for tumor, found in ways(rows[treatment]).items()}
    others = [ways(found) for other, found in rows.items() if other != treatment]
    return [
        side
        for tumor, side in own.items()
        if any(
            (side["benefit"] and found.get(tumor, {}).get("no-benefit"))
            or (side["no_benefit"] and found.get(tumor, {}).get("benefit"))
            for found in others
        )
    ]


def head_to_head(treatment: str, rows: Compared) -> list[Record]:
    """Return the rows of this treatment from studies in which another of them has a row without it, with the figures that both report."""
    found = []
    for row in rows[treatment]:
        rivals = [
            other
            for id_, theirs in rows.items()
            if id_ not in row.treatments
            for other in theirs
            if other.study == row.study and treatment not in other.treatments
        ]
        if rivals:
            told = {
                _measure(outcome)
                for rival in rivals
                for outcome in rival.outcomes
                if is_whole(outcome)
            }
            shared = [
                outcome
                for outcome in row.outcomes
                if is_whole(outcome) and _measure(outcome) in told
            ]
            keys = (
                "study",
                "treatments",
                "n",
                "level",
                "direction",
                "read_in",
                "mixed_with",
                "superseded_by",
                "url",
                "source",
            )
            found.append(
                {"evidence": row.id, **{key: getattr(row, key) for key in keys}, "figures": shared}
            )
    return found


def _measure(outcome: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what two figures must share to stand beside each other."""
    return outcome["endpoint"], outcome["unit"], outcome["at"]
