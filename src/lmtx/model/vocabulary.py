"""The closed vocabularies: every word that a record may use, with its label and meaning.

Trees that curators extend (tumors, drug classes, biomarkers) live in `data/`; what the program itself
reasons about (designs, endpoints, units …) lives here. Nothing is imported, so a look-up may use it.
"""

from typing import NamedTuple


class Term(NamedTuple):
    """A word of a vocabulary: its label for people, one line of meaning, and what else a user may type for it."""

    label: str
    meaning: str = ""
    aliases: tuple[str, ...] = ()


LEVELS = {
    "I": Term("I", "a large randomised trial of good quality, or a meta-analysis of such trials"),
    "II": Term(
        "II", "small randomised trials, large ones suspected of bias, or their meta-analysis"
    ),
    "III": Term("III", "prospective cohorts, single-arm and dose-finding trials"),
    "IV": Term(
        "IV", "retrospective cohorts and comparisons; meta-analyses of non-randomised studies"
    ),
    "V": Term("V", "case reports and series under ten patients, expert opinion"),
}
GRADES = {
    "A": Term("A", "strongly recommended"),
    "B": Term("B", "generally recommended"),
    "C": Term("C", "optional"),
    "D": Term("D", "generally not recommended"),
    "E": Term("E", "never recommended"),
}

DESIGNS = {
    "meta-analysis": Term("meta-analysis", "published studies pooled by statistics"),
    "systematic-review": Term("systematic review", "published studies gathered by a stated search"),
    "randomized-phase-3": Term(
        "randomised phase 3", "confirmatory trial, patients allotted by chance"
    ),
    "randomized-phase-2": Term(
        "randomised phase 2", "exploratory trial, patients allotted by chance"
    ),
    "randomized": Term("randomised trial", "patients allotted by chance, phase not stated"),
    "phase-2": Term("phase 2", "single-arm trial of activity"),
    "phase-1-2": Term("phase 1/2", "dose-finding trial with an activity part"),
    "phase-1": Term("phase 1", "dose-finding trial"),
    "prospective-cohort": Term("prospective cohort", "patients followed forward by a plan"),
    "retrospective-comparative": Term("retrospective comparison", "past patients, groups compared"),
    "retrospective-cohort": Term("retrospective cohort", "past patients of one or more centres"),
    "case-series": Term("case series", "two to nine patients described"),
    "case-report": Term("case report", "one patient described"),
    "pharmacokinetic": Term("pharmacokinetic", "drug levels, not effect"),
    "preclinical": Term("preclinical", "cells or animals"),
    "guideline": Term("guideline", "recommendations of a society"),
    "review": Term("review", "narrative overview"),
    "epidemiology": Term("epidemiology", "frequency and outlook of the disease"),
}
RANDOMISED = frozenset({"randomized-phase-3", "randomized-phase-2", "randomized"})
PROSPECTIVE = RANDOMISED | {"phase-2", "phase-1-2", "phase-1", "prospective-cohort"}
LARGE_SERIES = 50
"""Patients from which a retrospective study is due a second reading, as every prospective one is."""
RETROSPECTIVE = frozenset({"retrospective-comparative", "retrospective-cohort"})
SECONDARY_RESEARCH = frozenset({"meta-analysis", "systematic-review", "review", "guideline"})
"""Designs that tell published patients again; they never add to a count of patients."""

ENDPOINTS = {
    "objective-response": Term("ORR", "objective response rate"),
    "clinical-response": Term("clinical response", "response by symptoms and signs"),
    "cytologic-response": Term(
        "cytologic response", "tumour cells gone from, or fewer in, the CSF"
    ),
    "radiologic-response": Term("radiologic response", "response on MRI"),
    "neurologic-response": Term("neurologic response", "neurological examination improved"),
    "intracranial-response": Term(
        "intracranial response", "response inside the skull, brain metastases included"
    ),
    "disease-control": Term("DCR", "disease control: response or stable disease"),
    "csf-clearance": Term("CSF clearance", "no tumour cells left in the CSF"),
    "symptom-improvement": Term("symptoms improved", "patients whose symptoms improved"),
    "overall-survival": Term("OS", "overall survival"),
    "survival-rate": Term("alive", "share alive at a time point"),
    "progression-free-survival": Term("PFS", "progression-free survival"),
    "progression-free-rate": Term("progression-free", "share without progression at a time point"),
    "cns-progression-free-survival": Term(
        "CNS PFS", "progression-free survival in the central nervous system"
    ),
    "neurologic-progression-free-survival": Term(
        "neuro PFS", "neurologic progression-free survival"
    ),
    "time-to-progression": Term("TTP", "time to progression"),
    "duration-of-response": Term("DoR", "duration of response"),
    "grade-3-plus-adverse-events": Term("grade ≥3 AE", "adverse events of grade 3 or worse"),
    "dose-limiting-toxicity": Term("DLT", "dose-limiting toxicity"),
    "treatment-related-death": Term("treatment death", "death put down to the treatment"),
}
TIME_ENDPOINTS = frozenset({
    "overall-survival", "progression-free-survival", "cns-progression-free-survival",
    "neurologic-progression-free-survival", "time-to-progression", "duration-of-response",
})  # fmt: skip
TOXICITY_ENDPOINTS = (
    "grade-3-plus-adverse-events",
    "dose-limiting-toxicity",
    "treatment-related-death",
)

UNITS = {
    "%": Term("%", "share of patients"),
    "months": Term("months", "median unless the group says otherwise"),
    "weeks": Term("weeks", "median unless the group says otherwise"),
    "days": Term("days", "median unless the group says otherwise"),
    "HR": Term("HR", "hazard ratio against the comparator"),
    "OR": Term("OR", "odds ratio against the comparator"),
    "patients": Term("patients", "number of patients"),
}
TIME_UNITS = frozenset({"months", "weeks", "days"})
RATIO_UNITS = frozenset({"HR", "OR"})

SCOPES = {
    "whole": Term("whole", "all patients of the row on its treatments"),
    "subgroup": Term("subgroup", "some of the row's patients"),
    "responders": Term("responders", "patients picked by their outcome"),
    "any-treatment": Term("any treatment", "a larger cohort, whatever it was given"),
    "comparator": Term("comparator", "another arm or group"),
    "not-median": Term("not a median", "a mean, a gain or the end of a range"),
    "other": Term("other", "not an effect of the row's treatment on its patients"),
}
"""Whom or what a figure counts; only those of the whole row stand for it where one figure is shown."""
DIRECTIONS = {
    "benefit": Term("benefit", "the authors' data show a benefit", ("▲",)),
    "no-benefit": Term("no benefit", "the authors' data show none", ("none", "▼")),
    "mixed": Term("mixed", "some endpoints or groups benefit, others do not", ("±",)),
    "unclear": Term("unclear", "the data do not tell", ("?",)),
}
SIGNS = {"benefit": "▲", "no-benefit": "▼", "mixed": "±", "unclear": "?"}

ROUTES = {
    "oral": Term("oral", "", ("PO",)),
    "intravenous": Term("intravenous", "", ("IV",)),
    "intrathecal": Term(
        "intrathecal",
        "into the CSF: lumbar, ventricular or by reservoir",
        ("IT", "intraventricular", "intra-CSF"),
    ),
    "subcutaneous": Term("subcutaneous", "", ("SC", "SQ")),
    "intramuscular": Term("intramuscular", "", ("IM",)),
    "intra-arterial": Term("intra-arterial", "", ("IA",)),
    "external-beam": Term("external beam", "radiation from outside the body", ("EBRT",)),
}

READ_IN = {
    "full-text": Term("full text", "figures read in the whole paper"),
    "abstract": Term("abstract", "figures read on the paper's own page"),
    "registry": Term("registry", "figures read on a trial registry"),
    "secondary": Term("second hand", "figures read in a review or a news report"),
    "recalled": Term("recalled", "figures entered from memory and read nowhere"),
}
UNVERIFIED = frozenset({"secondary", "recalled"})
"""Where figures were not read at their source: they carry a dagger."""

MEASURES = {
    "csf-plasma-ratio": Term(
        "CSF:plasma ratio", "concentration in CSF as a share of plasma or serum"
    ),
    "csf-plasma-auc-ratio": Term("CSF:plasma AUC ratio", "exposure in CSF as a share of plasma"),
    "csf-concentration": Term("CSF concentration", "concentration in CSF"),
    "plasma-concentration": Term(
        "plasma concentration", "concentration in plasma or serum, for comparison"
    ),
    "csf-auc": Term("CSF AUC", "area under the CSF concentration curve"),
    "csf-half-life": Term("CSF half-life", "time for the CSF level to halve"),
    "csf-absorbed-dose": Term("CSF absorbed dose", "radiation dose to the CSF per activity given"),
    "absorbed-dose": Term("absorbed dose", "radiation dose to another site per activity given"),
    "csf-clearance": Term("CSF clearance", "volume of CSF cleared of drug per time"),
    "csf-elimination-rate": Term("CSF elimination rate", "first-order rate constant"),
    "csf-distribution-volume": Term("CSF distribution volume", "apparent volume"),
}
MEASURE_UNITS = {
    "csf-plasma-ratio": {"%"},
    "csf-plasma-auc-ratio": {"%"},
    "csf-concentration": {"ng/mL", "nmol/L"},
    "plasma-concentration": {"ng/mL", "nmol/L"},
    "csf-auc": {"ng*h/mL"},
    "csf-half-life": {"hours"},
    "csf-absorbed-dose": {"mGy/MBq"},
    "absorbed-dose": {"mGy/MBq"},
    "csf-clearance": {"mL/h"},
    "csf-elimination-rate": {"1/h"},
    "csf-distribution-volume": {"L"},
}
FRACTIONS = {"total": Term("total drug"), "unbound": Term("unbound drug")}
STATISTICS = {
    name: Term(name.replace("-", " "))
    for name in (
        "mean", "median", "peak", "mean-peak", "median-peak", "trough", "mean-trough", "median-trough", "minimum",
        "maximum", "range", "upper-bound", "lower-bound", "single", "initial", "terminal",
    )
}  # fmt: skip
SPREADS = {
    "SD": Term("SD"),
    "SEM": Term("SEM"),
    "IQR": Term("IQR"),
    "CV%": Term("CV%"),
    "not stated": Term("±"),
}
COMPARTMENTS = {
    name: Term(name) for name in ("ventricular", "lumbar", "cranial", "ventricular and lumbar")
}  # fmt: skip

PHASES = {
    "1": Term("1"), "1/2": Term("1/2"), "2": Term("2"), "2/3": Term("2/3"), "3": Term("3"), "4": Term("4"),
    "not-applicable": Term("n/a"), "observational": Term("observational"), "expanded-access": Term("expanded access"),
}  # fmt: skip
STATUSES = {
    "recruiting": Term("recruiting"),
    "not-yet-recruiting": Term("not yet recruiting"),
    "enrolling-by-invitation": Term("by invitation"),
    "active": Term("active"),
    "active-not-recruiting": Term("active, not recruiting"),
    "completed": Term("completed"),
    "terminated": Term("terminated"),
    "suspended": Term("suspended"),
    "withdrawn": Term("withdrawn"),
    "no-longer-available": Term("no longer available"),
    "unknown": Term("unknown"),
    "not-stated": Term("not stated"),
}
OPEN_STATUSES = frozenset({"recruiting", "not-yet-recruiting", "enrolling-by-invitation", "active"})

TOPICS = {
    "incidence": Term("Incidence", "how often LM comes"),
    "prevalence": Term("Prevalence", "how common a feature is"),
    "share-of-cases": Term("Share of cases", "which primaries and subtypes LM comes from"),
    "survival": Term("Survival"),
    "prognosis": Term("Prognosis", "what goes with longer or shorter survival"),
    "diagnosis": Term("Diagnosis"),
    "toxicity": Term("Toxicity"),
    "context": Term("Context"),
}
RECOMMENDATION_TOPICS = {
    "treatment": Term("treatment"),
    "diagnosis": Term("diagnosis"),
    "response-assessment": Term("response assessment"),
    "follow-up": Term("follow-up"),
    "organisation": Term("organisation of care"),
}
STOPPED = {
    "futility": Term("futility", "stopped because a benefit had become unlikely"),
    "poor-accrual": Term("poor accrual", "stopped because too few patients came"),
    "benefit": Term("benefit", "stopped because the interim result was clear"),
}
