"""What changed between two snapshots of the knowledge base: a row for every changed field, the
figures first.

Records are matched by their ids, which never change. Figures and drug levels have none of their
own: equal ones are matched first, then those that measure the same. Only fields that both snapshots
know are compared.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lmtx.curation.snapshots import JsonDict, Snapshot
from lmtx.listings.diff import Difference
from lmtx.model.figures import write_interval, write_value_with_unit
from lmtx.model.reference import write_short_citation
from lmtx.tuples import NamedTuple

RecordKind = str
Pair = tuple[JsonDict, JsonDict]
MatchKeyFunction = Callable[[JsonDict], Any]


class BaseDifferences(NamedTuple):
    """The differences in their order, and what could not be compared because only one side has
    it."""

    rows: list[Difference]
    left_out: list[str]


COMPARED_KINDS = (
    "study",
    "evidence",
    "outcome",
    "csf",
    "guideline",
    "statement",
    "fact",
    "trial",
    "treatment",
    "class",
    "tumor",
    "biomarker",
)
CHANGE_ORDER = ("changed", "withdrawn", "superseded", "removed", "added")
FIGURE_FIELDS_OF_KIND = {
    "study": {"patients"}, "evidence": {"n"}, "outcome": {"value", "ci", "events", "total", "at", "p"}, "csf": {"value", "low", "high", "spread", "unit", "printed", "n"},
    "fact": {"value_low", "value_high", "unit"},
}  # fmt: skip
"""Fields that are figures."""
LINE_AND_CELL_BREAKS = "\t\n\r\v\f\x85\u2028\u2029"
"""Signs that end a line or a cell."""
PROSE_FIELDS = frozenset(
    {
        "summary",
        "safety",
        "note",
        "statement",
        "title",
        "definition",
        "mechanism",
        "setting",
        "dose",
        "seen_at",
        "second_read",
        "aliases",
        "also_known_as",
        "label",
    }
)
DERIVED_FIELDS_OF_KIND = {
    "study": {"label", "url"}, "evidence": {"study", "row", "design", "read_in", "outcomes"}, "csf": {"url"}, "fact": {"url", "read_in", "tumor", "row"}, "trial": {"url"},
    "statement": {"guideline", "name", "year", "superseded", "society", "guideline_note", "coverage", "url", "row"},
}  # fmt: skip
"""Fields that follow from others or from another record, where their change is told."""
OUTCOME_MATCH_KEY_FUNCTIONS: tuple[MatchKeyFunction, ...] = (
    lambda o: (o["endpoint"], str(o.get("group")), str(o.get("at"))),
    lambda o: (o["endpoint"], o["value"], o["unit"]),
)
DRUG_LEVEL_MATCH_KEY_FUNCTIONS: tuple[MatchKeyFunction, ...] = (
    lambda c: (
        c["treatment"],
        c["study"],
        c["measure"],
        str(c.get("fraction")),
        str(c.get("statistic")),
    ),
    lambda c: (c["treatment"], c["study"], c["measure"]),
)


def compare_bases(old: Snapshot, new: Snapshot) -> BaseDifferences:
    """Compare two snapshots."""
    before, after = _group_by_kind(old), _group_by_kind(new)
    renamed = _find_renamed(before.get("study", []), after.get("study", []))
    if renamed:
        before = {kind: [_rename(row, renamed) for row in rows] for kind, rows in before.items()}
    rows = [
        Difference(
            "changed",
            "study",
            escape_to_one_line(now),
            None,
            "id",
            escape_to_one_line(was),
            escape_to_one_line(now),
        )
        for was, now in renamed.items()
    ]
    left_out = [
        f"{kind} ({'old' if kind in before else 'new'} only)"
        for kind in COMPARED_KINDS
        if (kind in before) != (kind in after)
    ]
    for kind in (kind for kind in COMPARED_KINDS if kind in before and kind in after):
        was, now, unknown = _cut_to_shared_fields(kind, before[kind], after[kind])
        left_out += unknown
        rows += (
            _compare_outcomes(was, now)
            if kind == "outcome"
            else _compare_drug_levels(was, now)
            if kind == "csf"
            else _compare_records(kind, was, now)
        )
    return BaseDifferences(_rank_differences(rows), left_out)


def _group_by_kind(snapshot: Snapshot) -> dict[RecordKind, list[JsonDict]]:
    """Return the records of a snapshot by kind: figures and guidelines apart from the rows and
    statements that carry them."""
    names = {
        "studies": "study",
        "evidence": "evidence",
        "csf": "csf",
        "facts": "fact",
        "trials": "trial",
        "treatments": "treatment",
        "classes": "class",
        "tumors": "tumor",
        "biomarkers": "biomarker",
    }
    found = {names[table]: rows for table, rows in snapshot.tables.items() if table in names}
    if "evidence" in found:
        found["outcome"] = [
            {**outcome, "id": row["id"]} for row in found["evidence"] for outcome in row["outcomes"]
        ]
    if "guidelines" in snapshot.tables:
        said = snapshot.tables["guidelines"]
        of = {
            row["guideline"]: {
                "id": row["guideline"],
                "name": row.get("name"),
                "year": row.get("year"),
                "society": row.get("society"),
                "superseded": row.get("superseded"),
                "note": row.get("guideline_note"),
                "coverage": row.get("coverage"),
            }
            for row in said
        }
        found |= {
            "guideline": list(of.values()),
            "statement": [row for row in said if row["id"] != row["guideline"]],
        }
    return found


def _find_renamed(old: list[JsonDict], new: list[JsonDict]) -> dict[str, str]:
    """Return the later id of each study of the old side that goes on under another one, as
    `also_known_as` of either side tells."""
    before, after = ({row["id"] for row in rows} for rows in (old, new))
    links = [(former, row["id"]) for row in new for former in _former_ids(row)]
    links += [(row["id"], former) for row in old for former in _former_ids(row)]
    found: dict[str, str] = {}
    for was, now in links:
        goes_on = was in before - after and now in after - before
        if goes_on and now not in found.values():  # of two that were merged one goes on
            found.setdefault(was, now)
    return found


def _former_ids(row: JsonDict) -> list[str]:
    return [former for former in _listed(row.get("also_known_as")) if isinstance(former, str)]


def _rename(value: Any, renamed: dict[str, str]) -> Any:
    """Return a value with the later ids of studies, and of what is numbered within them, in place
    of the former ones."""
    if isinstance(value, dict):
        kept = ("also_known_as", *PROSE_FIELDS)
        return {
            key: inside if key in kept else _rename(inside, renamed)
            for key, inside in value.items()
        }
    if isinstance(value, list):
        return [_rename(inside, renamed) for inside in value]
    if not isinstance(value, str):
        return value
    study, dot, number = value.partition(".")
    return renamed[study] + dot + number if study in renamed and " " not in number else value


def _cut_to_shared_fields(
    kind: RecordKind, old: list[JsonDict], new: list[JsonDict]
) -> tuple[list[JsonDict], list[JsonDict], list[str]]:
    """Cut the records of both sides down to the fields that both know; return the names of the
    others too."""
    keys = [
        {
            key: None
            for row in rows
            for key in row
            if key not in DERIVED_FIELDS_OF_KIND.get(kind, ())
        }
        for rows in (old, new)
    ]
    if not old or not new:
        return old, new, []
    both = [key for key in keys[1] if key in keys[0]]
    unknown = [
        f"{kind}.{escape_to_one_line(key)} ({side} only)"
        for side, own in zip(("old", "new"), keys, strict=True)
        for key in own
        if key not in both
    ]
    return (
        [{key: row.get(key) for key in both} for row in old],
        [{key: row.get(key) for key in both} for row in new],
        unknown,
    )


def _compare_records(
    kind: RecordKind, old: list[JsonDict], new: list[JsonDict]
) -> Iterator[Difference]:
    """Yield the differences of records that have an id."""
    before, after = ({row["id"]: row for row in rows} for rows in (old, new))
    heirs = (
        {former: row["id"] for row in new for former in _former_ids(row)} if kind == "study" else {}
    )
    for id_, row in before.items():
        if id_ not in after:
            yield Difference(
                "removed",
                kind,
                escape_to_one_line(id_),
                None,
                None,
                _describe_record(kind, row),
                f"now {escape_to_one_line(heirs[id_])}" if id_ in heirs else None,
            )
    for id_, row in after.items():
        if id_ not in before:
            yield Difference(
                "added",
                kind,
                escape_to_one_line(id_),
                None,
                None,
                None,
                _describe_record(kind, row),
            )
        else:
            yield from _compare_fields(kind, before[id_], row)


def _listed(value: Any) -> list[Any]:
    """Return a list as it is; of a file from anywhere, whatever else stands in its place is
    none."""
    return value if isinstance(value, list) else []


def _compare_fields(kind: RecordKind, was: JsonDict, now: JsonDict) -> Iterator[Difference]:
    """Yield a difference for every field of a record that changed."""
    for field in now:
        if field != "id" and _normalize_empty(was[field]) != _normalize_empty(now[field]):
            yield Difference(
                _change(kind, field, was[field], now[field]),
                kind,
                escape_to_one_line(now["id"]),
                None,
                escape_to_one_line(field),
                _write_value(was[field]),
                _write_value(now[field]),
            )


def _change(kind: RecordKind, field: str, was: Any, now: Any) -> str:
    """Return the word for a change: a record that is withdrawn or superseded stays, and says so."""
    if kind in ("study", "guideline") and now and not was:
        return {
            "withdrawn": "withdrawn",
            "superseded_by": "superseded",
            "superseded": "superseded",
        }.get(field, "changed")
    return "changed"


def _normalize_empty(value: Any) -> Any:
    """Return a value so that all ways to say nothing are the same."""
    return None if value is None or value == [] or value == "" else value


def match_records(
    old: Iterable[JsonDict], new: Iterable[JsonDict], keys: Sequence[MatchKeyFunction]
) -> tuple[list[Pair], list[JsonDict], list[JsonDict]]:
    """Pair equal records, then those that share the first key, then the next; return the pairs, and
    what stays alone on either side, in its order."""
    pairs: list[Pair] = []
    alone, fresh = list(old), list(new)
    for key in (lambda row: _frozen({**row, "id": None}), *keys):
        waiting: defaultdict[Any, list[JsonDict]] = defaultdict(list)
        for row in alone:
            waiting[key(row)].append(row)
        rest = []
        for row in fresh:
            same = waiting[key(row)]
            if same:
                pairs.append((same.pop(0), row))
            else:
                rest.append(row)
        left = {id(row) for rows in waiting.values() for row in rows}
        alone, fresh = [row for row in alone if id(row) in left], rest
    return pairs, alone, fresh


def _frozen(value: Any) -> Any:
    """Return a value of JSON as one that can be a key; 8 and 8.0 are one."""
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(inside)) for name, inside in value.items()))
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _compare_drug_levels(old: list[JsonDict], new: list[JsonDict]) -> Iterator[Difference]:
    """Yield the differences of drug levels: their ids are places in a list, which move."""
    pairs, gone, fresh = match_records(old, new, DRUG_LEVEL_MATCH_KEY_FUNCTIONS)
    for was, now in pairs:
        yield from _compare_fields("csf", was, now)
    yield from (
        Difference(
            "removed",
            "csf",
            escape_to_one_line(row["id"]),
            None,
            None,
            _describe_record("csf", row),
            None,
        )
        for row in gone
    )
    yield from (
        Difference(
            "added",
            "csf",
            escape_to_one_line(row["id"]),
            None,
            None,
            None,
            _describe_record("csf", row),
        )
        for row in fresh
    )


def _compare_outcomes(old: list[JsonDict], new: list[JsonDict]) -> Iterator[Difference]:
    """Yield the differences of the figures, row of evidence by row of evidence."""
    rows = [defaultdict(list), defaultdict(list)]  # type: list[defaultdict[str, list[JsonDict]]]
    for by_row, figures in zip(rows, (old, new), strict=True):
        for figure in figures:
            by_row[figure["id"]].append(figure)
    for id_ in dict.fromkeys([*rows[0], *rows[1]]):
        pairs, gone, fresh = match_records(rows[0][id_], rows[1][id_], OUTCOME_MATCH_KEY_FUNCTIONS)
        for was, now in pairs:
            yield from _compare_figure(was, now)
        yield from (
            Difference(
                "removed",
                "outcome",
                escape_to_one_line(id_),
                name_figure(row),
                None,
                _write_figure(row),
                None,
            )
            for row in gone
        )
        yield from (
            Difference(
                "added",
                "outcome",
                escape_to_one_line(id_),
                name_figure(row),
                None,
                None,
                _write_figure(row),
            )
            for row in fresh
        )


def _compare_figure(was: JsonDict, now: JsonDict) -> Iterator[Difference]:
    """Yield the differences of one figure: value with unit, interval with level, then the rest."""
    parts: tuple[tuple[str, tuple[str, ...], Callable[[JsonDict], str | None]], ...] = (
        ("value", ("value", "unit"), _amount),
        (
            "ci",
            ("ci", "ci_upper", "ci_level"),
            lambda outcome: escape_to_one_line(write_interval(outcome)) or None,
        ),
    )
    done = {"id", "endpoint"}
    for name, fields, write in parts:
        changed = [
            field
            for field in fields
            if _normalize_empty(was.get(field)) != _normalize_empty(now.get(field))
        ]
        done |= set(fields)
        if changed and write(was) != write(now):
            yield Difference(
                "changed",
                "outcome",
                escape_to_one_line(now["id"]),
                name_figure(now),
                name,
                write(was),
                write(now),
            )
    for field in now:
        if field not in done and _normalize_empty(was[field]) != _normalize_empty(now[field]):
            yield Difference(
                "changed",
                "outcome",
                escape_to_one_line(now["id"]),
                name_figure(now),
                escape_to_one_line(field),
                _write_value(was[field]),
                _write_value(now[field]),
            )


def name_figure(outcome: JsonDict) -> str:
    """Return which figure of its row this is: "survival-rate (at 6 months, responders)"."""
    more = [f"at {outcome['at']}" if outcome.get("at") else "", str(outcome.get("group") or "")]
    return escape_to_one_line(
        outcome["endpoint"]
        + (f" ({', '.join(part for part in more if part)})" if any(more) else "")
    )


def _amount(outcome: JsonDict) -> str:
    return escape_to_one_line(write_value_with_unit({**outcome, "total": None}))


def _write_figure(outcome: JsonDict) -> str:
    within = escape_to_one_line(write_interval(outcome))
    return _amount(outcome) + (f" ({within})" if within else "")


def _describe_record(kind: RecordKind, row: JsonDict) -> str | None:
    """Return a record in a few words."""
    if kind == "study":
        fate = (
            f"withdrawn: {row['withdrawn']}"
            if row.get("withdrawn")
            else f"superseded by {row['superseded_by']}"
            if row.get("superseded_by")
            else ""
        )
        return escape_to_one_line(
            "; ".join(
                str(part)
                for part in (
                    write_short_citation(row)
                    if isinstance(row.get("first_author"), str | None)
                    else "",
                    row.get("title"),
                    fate,
                )
                if part
            )
        )
    if kind == "evidence":
        size = f"n={row['n']}" if row.get("n") is not None else ""
        return "; ".join(
            part
            for part in (
                _write_value(row.get("treatments")),
                _write_value(row.get("tumors")),
                escape_to_one_line(size),
                _write_value(row.get("summary")),
            )
            if part
        )
    name = next(
        (row[key] for key in ("statement", "printed", "name", "title", "label") if row.get(key)),
        None,
    )
    return _write_value(name)


def _write_value(value: Any) -> str | None:
    """Write the value of a field on one line; nothing is None."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return "; ".join(_write_value(item) or "" for item in value) or None
    if isinstance(value, bool | dict | list):
        return escape_to_one_line(json.dumps(value, ensure_ascii=False))
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return escape_to_one_line(value or "") or None


def escape_to_one_line(text: str) -> str:
    """Return text of a file from anywhere on one line, with every sign spelled out that could drive
    a terminal or hide text."""
    if text.isprintable():
        return text
    return "".join(
        " "
        if sign in LINE_AND_CELL_BREAKS
        else f"\\u{ord(sign):04x}"
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs")
        else sign
        for sign in text
    )


def _rank_differences(rows: list[Difference]) -> list[Difference]:
    """Order differences: figures first, then what was withdrawn, superseded or removed, other
    changes, additions, and prose last.

    A figure that came or went inside a row of evidence that stays is a changed figure.
    """
    whole = {
        row.id for row in rows if row.kind == "evidence" and row.change in ("added", "removed")
    }

    def place(row: Difference) -> int:
        if row.field in FIGURE_FIELDS_OF_KIND.get(row.kind, ()) or (
            row.kind == "outcome" and row.field is None and row.id not in whole
        ):
            return 0
        if row.change == "changed":
            return 4 if row.field in PROSE_FIELDS else 2
        return 3 if row.change == "added" else 1

    return sorted(
        rows,
        key=lambda row: (
            place(row),
            COMPARED_KINDS.index(row.kind),
            row.id,
            CHANGE_ORDER.index(row.change),
            row.figure or "",
        ),
    )


def summarize_changes(rows: Iterable[Difference]) -> str:
    """Return how many records of each kind changed in which way: "study 2 added, 1 withdrawn;
    outcome 3 changed"."""
    records = Counter(
        (kind, change)
        for kind, change, _, _ in dict.fromkeys(
            (row.kind, row.change, row.id, row.figure) for row in rows
        )
    )
    said = [
        ", ".join(
            f"{records[kind, change]} {change}" for change in CHANGE_ORDER if records[kind, change]
        )
        for kind in COMPARED_KINDS
    ]
    return "; ".join(
        f"{kind} {counts}" for kind, counts in zip(COMPARED_KINDS, said, strict=True) if counts
    )
