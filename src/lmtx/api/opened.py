"""An open index, shared by threads, and the one record that a name means."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakSet

from lmtx import __version__
from lmtx.errors import DataError, NotFound, UnknownRecord, UsageError
from lmtx.index import Index, read_meta
from lmtx.query import resolve
from lmtx.query.resolve import MatchedRecord
from lmtx.render import Envelope, describe_data

if TYPE_CHECKING:
    from typing import Self

    from lmtx.query.show import Card, GuidelineCard, StudyCard, TreatmentCard, TrialCard, TumorCard

Default = TypeVar("Default")
CARD_KINDS = ("treatment", "tumor", "trial", "guideline", "study")
"""Kinds of records that have a card, in the order in which a name that fits several is read."""


_bases: WeakSet[OpenIndex] = WeakSet()
_bases_lock = RLock()
_held_locks: list[Any] = []
"""The locks that a process takes while it forks."""


def _hold_bases() -> None:
    """Wait until no thread asks a base, and let none begin: what a thread holds in the midst of a
    question, a child of the process could never release."""
    _bases_lock.acquire()
    for base in list(_bases):
        base._lock.acquire()
        _held_locks.append(base._lock)


def _release_bases() -> None:
    while _held_locks:
        _held_locks.pop().release()
    _bases_lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_hold_bases, after_in_parent=_release_bases, after_in_child=_release_bases
    )


class OpenIndex:
    """An open index: what it is, and its records by name."""

    def __init__(self, index: Index) -> None:
        self._opened: Index | None = index
        self._lock = RLock()
        with _bases_lock:
            _bases.add(self)
        self.path = index.path
        with self._reading() as connection:
            self._meta = read_meta(connection)

    @property
    def version(self) -> str:
        """The version of the data; name it where you cite them."""
        return self._meta["version"]

    @property
    def as_of(self) -> str:
        """The day of the data, like 2026-11-24."""
        return self._meta["as_of"]

    @property
    def sha256(self) -> str:
        """The checksum of the data files."""
        return self._meta["sha256"]

    @property
    def own_records(self) -> tuple[str, ...]:
        """The names of the own records that are laid over the base; the field `source` of a row
        says from which it comes."""
        return tuple(json.loads(self._meta.get("with", "[]")))

    @property
    def disclaimer(self) -> str:
        """What every answer stands under."""
        return self._meta["disclaimer"]

    def __repr__(self) -> str:
        if self._opened is None:
            return f"<lmtx {__version__}: data {self.version} of {self.as_of}, closed>"
        from lmtx.query.export import count_records

        with self._reading() as connection:
            found = count_records(connection)
        return (
            f"<lmtx {__version__}: data {self.version} of {self.as_of}, {found['treatments']} "
            f"treatments, {found['studies']} studies, {found['evidence']} rows of evidence>"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index; a second time does nothing."""
        with self._lock:
            if self._opened is not None:
                self._opened.connection.close()
                self._opened = None

    def interrupt(self) -> None:
        """Stop the query that another thread is asking, which raises DataError there; a base
        without one goes on."""
        if self._opened is not None:
            self._opened.connection.interrupt()

    @contextmanager
    def _index(self) -> Iterator[Index]:
        """Give the index to one thread at a time; put what SQLite says of a damaged file into
        words."""
        with self._lock:
            if self._opened is None:
                raise UsageError("the base is closed", "open it again: lmtx.open()")
            try:
                yield self._opened
            except sqlite3.DatabaseError as error:
                raise DataError(
                    f"{self.path}: the index cannot be read: {error}",
                    "remove the file and open the base again",
                ) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread at a time."""
        with self._index() as index:
            yield index.connection

    def _envelope(self, command: str, query: Mapping[str, Any]) -> Envelope:
        """Return what surrounds an answer: where it comes from and what was asked."""
        query = {"command": command, **query}
        return Envelope(__version__, describe_data(self._meta), self.disclaimer, query)

    def __getitem__(self, name: str) -> Card:
        """Return the card of a record by id, name, alias, brand, PMID, DOI or NCT number; a row of
        evidence leads to its study.

        "study:doe-2020" names the kind as well. Raises UnknownRecord, which is a KeyError too, with
        what may have been meant.
        """
        return self._card(name, CARD_KINDS)

    def __contains__(self, name: object) -> bool:
        try:
            self._match(name, CARD_KINDS)
        except NotFound:
            return False
        return True

    __iter__ = None
    """A base is no sequence; iterate over what a method returns."""

    def get(self, name: str, default: Default | None = None) -> Card | Default | None:
        """Return the card of a record, or the default where there is none."""
        try:
            return self[name]
        except UnknownRecord:
            return default

    def treatment(self, name: str) -> TreatmentCard:
        """Return the card of a treatment."""
        return cast("TreatmentCard", self._card(name, ("treatment",)))

    def tumor(self, name: str) -> TumorCard:
        """Return the card of a primary tumor."""
        return cast("TumorCard", self._card(name, ("tumor",)))

    def study(self, name: str) -> StudyCard:
        """Return the card of a publication."""
        return cast("StudyCard", self._card(name, ("study",)))

    def trial(self, name: str) -> TrialCard:
        """Return the card of a registered trial."""
        return cast("TrialCard", self._card(name, ("trial",)))

    def guideline(self, name: str) -> GuidelineCard:
        """Return the card of a guideline."""
        return cast("GuidelineCard", self._card(name, ("guideline",)))

    def show(self, name: str) -> dict[str, Any]:
        """Return a card as plain dictionaries and lists: the object of `lmtx show NAME --json`."""
        from lmtx.query.show import card_as_json

        return card_as_json(self[name])

    def _card(self, name: str, kinds: tuple[str, ...]) -> Card:
        from lmtx.api.cards import make_notebook_card
        from lmtx.query.show import load_card, load_tumor_biomarker_labels

        match = self._match(name, kinds)
        with self._reading() as connection:
            card = load_card(connection, match, date.today())
            labels = load_tumor_biomarker_labels(connection)
        return make_notebook_card(card, labels, self._envelope("show", {"id": match.id}))

    def _match(self, name: object, kinds: tuple[str, ...]) -> MatchedRecord:
        if not isinstance(name, str):
            raise UnknownRecord(
                f"{name!r} is not a name", "give a string: an id, a name, a PMID, DOI or NCT number"
            )
        with self._reading() as connection:
            try:
                return resolve.resolve_record(connection, name, kinds)[0]
            except NotFound as error:
                others = resolve.find_named_records(connection, name)
                raise UnknownRecord(
                    error.message,
                    f"{name!r} is a {others[0].kind}: {others[0].id}" if others else error.hint,
                ) from None
