"""Records inside a record, with the keys that the JSON export gives them; tests hold them against
the
models. A look-up does not read them: they are there for whoever types its rows."""

from __future__ import annotations

from typing import TypedDict


class OutcomeRecord(TypedDict):
    """A figure of a group: the keys of `outcomes` of a row of evidence; a test holds them against
    the model."""

    endpoint: str
    value: float | None
    not_reached: bool
    unit: str
    ci: list[float]
    ci_upper: str | None
    ci_level: float | None
    events: int | None
    total: int | None
    at: str | None
    p: str | None
    assessed_by: str | None
    group: str | None
    scope: str
    time_zero: str | None
    follow_up: str | None
    as_printed: bool
    read_in: str
    seen_at: str | None
    stands: bool


class EffectRecord(TypedDict):
    """What is between two groups: the keys of `effects` of a comparison; it has an endpoint or an
    event."""

    endpoint: str | None
    event: str | None
    unit: str
    of_unit: str | None
    value: float | None
    ci: list[float]
    ci_upper: str | None
    ci_level: float | None
    p: str | None
    adjusted: str | None
    inverted: bool
    favours: str | None
    at: str | None
    group: str | None
    assessed_by: str | None
    i2: float | None
    as_printed: bool
    note: str | None
    read_in: str
    seen_at: str | None
    stands: bool


class GivenRecord(TypedDict):
    """A treatment that a group had: the keys of `given` of a row of evidence."""

    treatment: str
    role: str
    routes: list[str]
    dose: str | None
    n: int | None
    n_unknown: bool
    direction: str | None
    note: str | None
