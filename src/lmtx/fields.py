"""What the fields of every listing mean; `lmtx fields` prints it and completion uses it."""

from __future__ import annotations

_STUDY = {
    "study": "id of the study",
    "citation": "first author and year",
    "read_in": "where the figures were read: full-text, abstract, registry, secondary or recalled",
    "pmid": "PubMed id",
    "doi": "digital object identifier",
    "url": "canonical address: DOI, PubMed, PMC or registry",
}
_EVIDENCE = {
    "treatments": "ids of the treatments given together or in turn",
    "tumors": "ids of the primary tumors; with solid a mixed population",
    "biomarkers": "ids of the biomarkers that define the population",
    "routes": "routes of administration",
    "level": "level of evidence, I (strongest) to V; empty where the design carries none",
}

FIELDS: dict[str, dict[str, str]] = {
    "list": {
        "id": "id of the treatment",
        "name": "its name",
        "drug_class": "id of its class",
        "class_path": "labels of the class and those above it",
        "specified": "false for a regimen that names no agent",
        "targets": "gene symbols or structures",
        "routes": "routes tried under the filters",
        "level": "strongest level of evidence under the filters",
        "studies": "independent studies: reports of the same patients count once, reviews and meta-analyses not at all",
        "patients": "patients in those studies, each counted once; empty where no study says",
        "syntheses": "reviews and meta-analyses",
        "benefit": "independent studies whose data show a benefit",
        "no_benefit": "independent studies whose data show none",
        "mixed": "independent studies whose data point both ways",
        "unclear": "independent studies whose data do not tell",
        "figure": "the figure of the strongest study",
        "figure_study": "id of that study",
        "figure_n": "patients behind that figure's row",
        "read_in": "where that figure was read",
        "latest": "year of the newest study",
    },
    "evidence": {
        "id": "id of the row: study and number",
        **_STUDY,
        **_EVIDENCE,
        "setting": "population and line of treatment",
        "dose": "dose and schedule",
        "n": "patients in the row",
        "design": "study design",
        "direction": "what the data show: benefit, no-benefit, mixed or unclear",
        "outcomes": "the figures, each with endpoint, value, unit, interval, counts, comparator",
        "summary": "one or two sentences",
        "safety": "toxicity",
        "year": "year of publication",
        "mixed": "whether the population mixes solid tumours",
        "mixed_with": "what is pooled in that is not LM of a solid tumour",
        "superseded_by": "id of the later report of the same patients",
    },
}
