"""An open knowledge base, and what it can be asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack

from lmtx.api import asked
from lmtx.api.asked import Filtering, Words
from lmtx.api.opened import Opened
from lmtx.api.rows import About, Row, Rows
from lmtx.query import refusals, resolve
from lmtx.query.arrange import arranged
from lmtx.query.filters import Filters, mixed_left_out, resolved

if TYPE_CHECKING:
    from lmtx.query.compare import ComparedRow
    from lmtx.query.csf import CsfRow
    from lmtx.query.evidence import EvidenceRow
    from lmtx.query.guidelines import StatementRow
    from lmtx.query.list import TreatmentRow
    from lmtx.query.outcomes import OutcomeRow
    from lmtx.query.search import SearchRow
    from lmtx.query.studies import StudyRow
    from lmtx.query.trials import TrialRow
    from lmtx.query.vocabularies import ClassRow, FieldRow, LevelRow, TumorRow, ValueRow

SEARCHED = 25
"""Hits of a search where no other limit is given, as on the command line."""


class Base(Opened):
    """An open knowledge base: `base["osimertinib"]` is a whole card, and every listing is a method.

    The methods take the filters of the command line as keywords. They may be called from several threads; each waits for the
    others. A base is closed by `close()` or at the end of a `with` block, and what it returned stays usable.
    """

    def treatments(
        self,
        *,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[TreatmentRow]:
        """Return treatments with their evidence under the filters, strongest first, as `lmtx list` does."""
        from lmtx.query.list import TreatmentRow, list_treatments

        with self._asked(filters) as (connection, chosen):
            rows = list_treatments(connection, chosen)
            return self._rows(
                "list",
                TreatmentRow,
                _cut("list", TreatmentRow, rows, sort, reverse, limit),
                [mixed_left_out(connection, chosen)],
            )

    def evidence(
        self,
        *,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[EvidenceRow]:
        """Return rows of evidence: one treatment × population × study each."""
        from lmtx.query.evidence import EvidenceRow, arranged_evidence

        with self._asked(filters) as (connection, chosen):
            rows = arranged_evidence(
                connection, chosen, sort=sort, reverse=reverse, limit=_limit(limit)
            )
            return self._rows("evidence", EvidenceRow, rows, [mixed_left_out(connection, chosen)])

    def outcomes(
        self,
        *,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[OutcomeRow]:
        """Return reported figures, one a row, with their study; only one whose `scope` is "whole" speaks for all its patients."""
        from lmtx.query.outcomes import OutcomeRow, list_outcomes

        with self._asked(filters) as (connection, chosen):
            rows = list_outcomes(connection, chosen)
            return self._rows(
                "outcomes",
                OutcomeRow,
                _cut("outcomes", OutcomeRow, rows, sort, reverse, limit),
                [mixed_left_out(connection, chosen)],
            )

    def studies(
        self,
        *,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[StudyRow]:
        """Return publications by their ids: all of them, or under filters those with a row of evidence that meets them."""
        from lmtx.query.studies import StudyRow, list_studies

        with self._asked(filters) as (connection, chosen):
            rows = list_studies(connection, chosen)
            return self._rows(
                "studies",
                StudyRow,
                _cut("studies", StudyRow, rows, sort, reverse, limit),
                [mixed_left_out(connection, chosen)],
            )

    def csf(
        self,
        *drugs: str,
        measure: Words | None = None,
        lm: bool = False,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[CsfRow]:
        """Return drug levels in cerebrospinal fluid, of these drugs where any are named; `lm` keeps patients with LM."""
        from lmtx.query.csf import CsfRow, list_csf, silent, wanted

        with self._asked(filters, refusals.CSF) as (connection, chosen):
            only, measures = wanted(
                connection, asked.words("drugs", drugs), asked.words("measure", measure)
            )
            rows = list_csf(connection, chosen, only=only, measures=measures, lm=lm)
            return self._rows(
                "csf", CsfRow, _cut("csf", CsfRow, rows, sort, reverse, limit), [silent(only, rows)]
            )

    def guidelines(
        self,
        *,
        topic: Words | None = None,
        treatment: Words | None = None,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[StatementRow]:
        """Return guideline statements, the newest first, superseded ones last."""
        from lmtx.query.guidelines import StatementRow, left_out, list_statements, wanted

        with self._asked(filters, refusals.GUIDELINES) as (connection, chosen):
            topics, only = wanted(
                connection, asked.words("topic", topic), asked.words("treatment", treatment)
            )
            rows = list_statements(connection, chosen, topics=topics, only=only)
            notes = [left_out(connection, chosen, topics=topics, only=only)]
            return self._rows(
                "guidelines",
                StatementRow,
                _cut("guidelines", StatementRow, rows, sort, reverse, limit),
                notes,
            )

    def trials(
        self,
        *,
        status: Words | None = None,
        open: bool = False,
        phase: Words | None = None,
        treatment: Words | None = None,
        sort: str | None = None,
        reverse: bool = False,
        limit: int | None = None,
        **filters: Unpack[Filtering],
    ) -> Rows[TrialRow]:
        """Return registered trials, open ones first; `open` keeps those that patients may enter."""
        from lmtx.query.trials import TrialRow, left_out, list_trials, today, wanted

        with self._asked(filters, refusals.TRIALS) as (connection, chosen):
            only = wanted(
                connection,
                statuses=asked.words("status", status),
                phases=asked.words("phase", phase),
                treatments=asked.words("treatment", treatment),
                is_open=open,
            )
            rows = list_trials(connection, chosen, today(), only)
            return self._rows(
                "trials",
                TrialRow,
                _cut("trials", TrialRow, rows, sort, reverse, limit),
                [left_out(connection, chosen, only)],
            )

    def compare(self, *treatments: str, **filters: Unpack[Filtering]) -> Rows[ComparedRow]:
        """Return two to six treatments side by side, in the order in which they were named."""
        from lmtx.query import compare as query

        with self._asked(filters) as (connection, chosen):
            rows = query.compare(
                connection, query.chosen(connection, asked.words("treatments", treatments)), chosen
            )
            return self._rows(
                "compare", query.ComparedRow, rows, query.notes(connection, rows, chosen)
            )

    def search(
        self, text: str, *, kind: Words | None = None, limit: int = SEARCHED
    ) -> Rows[SearchRow]:
        """Return the records that hold all words of a text, best first and grouped by kind."""
        from lmtx.query import search as query

        wanted = asked.word("text", text)
        query.refuse(wanted)
        kinds = resolve.words("--kind", query.KINDS, asked.words("kind", kind))
        with self._reading() as connection:
            found = query.search(connection, wanted, kinds, _limit(limit))
            return self._rows(
                "search", query.SearchRow, found.rows, query.notes(connection, wanted, found)
            )

    # The vocabularies

    def tumors(self) -> Rows[TumorRow]:
        """Return the primary tumors in the order of their tree, with counts."""
        from lmtx.query.vocabularies import TumorRow, list_tumors

        with self._reading() as connection:
            return self._rows("tumors", TumorRow, list_tumors(connection))

    def classes(self) -> Rows[ClassRow]:
        """Return the classes of treatment in the order of their tree, with counts."""
        from lmtx.query.vocabularies import ClassRow, list_classes

        with self._reading() as connection:
            return self._rows("classes", ClassRow, list_classes(connection))

    def levels(self) -> Rows[LevelRow]:
        """Return the levels of evidence, the strongest first, with their meaning and counts."""
        from lmtx.query.vocabularies import LevelRow, list_levels

        with self._reading() as connection:
            return self._rows("levels", LevelRow, list_levels(connection))

    def biomarkers(self) -> Rows[ValueRow]:
        """Return the biomarkers in the order of their tree, with counts."""
        return self.values("biomarkers")

    def values(self, kind: str) -> Rows[ValueRow]:
        """Return the words of a vocabulary, such as "endpoints" or "routes", as `lmtx fields --values` does."""
        from lmtx.query.vocabularies import KINDS, ValueRow, list_values

        with self._reading() as connection:
            return self._rows(
                "values",
                ValueRow,
                list_values(connection, resolve.word("--values", KINDS, asked.word("kind", kind))),
            )

    def fields(self, listing: str | None = None) -> Rows[FieldRow]:
        """Return the fields of a listing, or of all, with type and meaning."""
        from lmtx.query.vocabularies import FieldRow, list_fields

        return self._rows(
            "fields",
            FieldRow,
            list_fields(None if listing is None else asked.word("listing", listing)),
        )

    @contextmanager
    def _asked(
        self, given: Mapping[str, Any], refused: refusals.Refused | None = None
    ) -> Iterator[tuple[sqlite3.Connection, Filters]]:
        """Give the connection with the filters as ids; raise for a filter or a value that there is not, or that says nothing here."""
        used = asked.checked(given)
        refusals.refuse(used, refused or {})
        with self._reading() as connection:
            yield connection, resolved(connection, asked.raw(used))

    def _rows(
        self, listing: str, kind: type[Row], rows: Iterable[Row], notes: Iterable[str] = ()
    ) -> Rows[Row]:
        data = {key: self._meta[key] for key in ("version", "as_of", "sha256")}
        return Rows(
            list(rows), About(listing, kind, data, self.disclaimer, tuple(filter(None, notes)))
        )


def _limit(limit: int | None) -> int | None:
    return None if limit is None else asked.number("limit", limit, 1)


def _cut(
    listing: str,
    kind: type[Row],
    rows: Iterable[Row],
    sort: str | None,
    reverse: bool,
    limit: int | None,
) -> list[Row]:
    """Return rows in the order asked for, and no more than asked for."""
    return arranged(rows, listing, kind._fields, sort=sort, reverse=reverse, limit=_limit(limit))  # type: ignore[attr-defined]
