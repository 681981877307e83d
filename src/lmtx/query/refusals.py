"""Filters that say nothing about the records of a listing: refused with the reason, never silently without effect."""

from collections.abc import Mapping

from lmtx.errors import UsageError

Refused = Mapping[str, tuple[str, str]]
"""The filters that a listing refuses, by the names of their options: why, and what to try."""

_OF_EVIDENCE: Refused = {
    "direction": ("only rows of evidence have a direction", "lmtx evidence has them"),
    "endpoint": ("only rows of evidence have endpoints", "lmtx evidence has them"),
}
CSF: Refused = {
    "tumor": (
        "drug levels are not filed by tumor",
        "the field population says who was sampled; --lm keeps patients with LM",
    ),
    "mixed": (
        "drug levels are not filed by tumor",
        "the field population says who was sampled; --lm keeps patients with LM",
    ),
    "biomarker": (
        "drug levels are not filed by biomarker",
        "the field population says who was sampled",
    ),
    "level": (
        "a drug level carries no level of evidence",
        "--design filters by the design of its study",
    ),
    "min_level": (
        "a drug level carries no level of evidence",
        "--design filters by the design of its study",
    ),
    **_OF_EVIDENCE,
}
GUIDELINES: Refused = {
    "level": (
        "every guideline prints levels of its own kind",
        "the fields level and grade show them",
    ),
    "min_level": (
        "every guideline prints levels of its own kind",
        "the fields level and grade show them",
    ),
    "biomarker": (
        "guideline statements are not filed by biomarker",
        "lmtx search looks through their words",
    ),
    "route": (
        "guideline statements are not filed by route",
        "lmtx search looks through their words",
    ),
    "design": (
        "a guideline statement has no study design",
        "--topic and --treatment narrow it down",
    ),
    "min_n": ("a guideline statement counts no patients", "--topic and --treatment narrow it down"),
    **_OF_EVIDENCE,
}
TRIALS: Refused = {
    "level": (
        "a trial has no level of evidence before it reports",
        "--phase narrows it down; the field results names its reports",
    ),
    "min_level": (
        "a trial has no level of evidence before it reports",
        "--phase narrows it down; the field results names its reports",
    ),
    "route": ("trials are not filed by route", "lmtx search looks through their titles"),
    "design": ("trials are filed by phase", "try --phase"),
    "since": (
        "a trial has no year of publication",
        "--status and --open narrow it down; the field status_read says when it was read",
    ),
    "verified": (
        "a trial is shown as its registry showed it",
        "the field status_read says when it was read",
    ),
    **_OF_EVIDENCE,
}


CONFLICTS: Refused = {
    "direction": (
        "a conflict has both directions",
        "lmtx evidence --direction lists the rows of one",
    ),
    "mixed": (
        "a study of mixed solid tumours speaks for none of them",
        "lmtx evidence --mixed lists them",
    ),
}


def refuse(filters: Mapping[str, object], refused: Refused) -> None:
    """Raise UsageError for the first filter used that says nothing about the records listed."""
    for name, (why, hint) in refused.items():
        if filters.get(name):
            raise UsageError(f"--{name.replace('_', '-')}: {why}", hint)
