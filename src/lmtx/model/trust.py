"""Two rules of trust in a study, for the data checks and for the counts: what its citation lacks,
and whether a second reading is due."""

from collections.abc import Mapping
from typing import Any

from lmtx.model.vocabulary import LARGE_SERIES, PROSPECTIVE, RETROSPECTIVE

IDENTIFIERS = ("pmid", "doi", "pmcid", "nct")
CITATION = ("first_author", "year", "journal", "identifier")
"""What a citation needs; any one identifier will do."""


def missing_from_citation(study: Mapping[str, Any]) -> list[str]:
    """Return what the citation of a study lacks, as words of `CITATION`."""
    has_identifier = any(study.get(key) for key in IDENTIFIERS)
    return [
        name
        for name in CITATION
        if not (has_identifier if name == "identifier" else study.get(name))
    ]


def is_due(design: str, patients: int) -> bool:
    """Tell whether a study with evidence is due a second reading: every prospective one, and large
    retrospective ones."""
    return design in PROSPECTIVE or (design in RETROSPECTIVE and patients >= LARGE_SERIES)
