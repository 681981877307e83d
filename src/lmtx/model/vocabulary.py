"""The closed vocabularies: every word that a record may use, with its label and meaning.

Trees that curators extend (tumors, drug classes, biomarkers) live in `data/`; what the program
itself reasons about (designs, endpoints, units …) lives here. Nothing is imported, so a look-up may
use it.
"""

from typing import Literal

from lmtx.tuples import NamedTuple


class Term(NamedTuple):
    """A word of a vocabulary: its label for people, one line of meaning, and what else a user may
    type for it."""

    label: str
    meaning: str = ""
    aliases: tuple[str, ...] = ()


SMALL_SERIES = 10
"""Patients below which a retrospective group counts as a series."""
LEVELS = {
    "I": Term(
        "I", "a large randomised trial of good quality, or a meta-analysis of such trials", ("1",)
    ),
    "II": Term(
        "II",
        "small randomised trials, large ones suspected of bias, or their meta-analysis",
        ("2",),
    ),
    "III": Term("III", "prospective cohorts, single-arm and dose-finding trials", ("3",)),
    "IV": Term(
        "IV",
        "retrospective cohorts and comparisons; meta-analyses of non-randomised studies",
        ("4",),
    ),
    "V": Term(
        "V", f"case reports and series under {SMALL_SERIES} patients, expert opinion", ("5",)
    ),
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
"""Patients from which a retrospective study is due a second reading, as every prospective one
is."""
RETROSPECTIVE = frozenset({"retrospective-comparative", "retrospective-cohort"})
UNPLANNED_DESIGNS = RETROSPECTIVE | {"prospective-cohort"}
"""Designs in which nobody planned who got a treatment."""
SECONDARY_RESEARCH = frozenset({"meta-analysis", "systematic-review", "review", "guideline"})
"""Designs that tell published patients again; they never add to a count of patients."""


class Endpoint(NamedTuple):
    """An endpoint: label, meaning and aliases as of a `Term`, its kind, and what its figures are.

    `form` is "time" (a hazard ratio below 1 favours the side it is told of), "landmark" (a share at
    a time point) or "other". Of one `to_avoid` fewer are better, as of every adverse event.
    """

    label: str
    meaning: str
    kind: str
    form: Literal["time", "landmark", "other"]
    to_avoid: bool = False
    aliases: tuple[str, ...] = ()


ENDPOINT_TABLE = {
    "objective-response": Endpoint("ORR", "objective response rate", kind="response", form="other"),
    "clinical-response": Endpoint(
        "clinical response", "response by symptoms and signs", kind="symptoms", form="other"
    ),
    "cytologic-response": Endpoint(
        "cytologic response",
        "tumour cells gone from, or fewer in, the CSF",
        kind="response",
        form="other",
    ),
    "radiologic-response": Endpoint(
        "radiologic response", "response on MRI", kind="response", form="other"
    ),
    "neurologic-response": Endpoint(
        "neurologic response", "neurological examination improved", kind="symptoms", form="other"
    ),
    "intracranial-response": Endpoint(
        "intracranial response",
        "response inside the skull, brain metastases included",
        kind="response",
        form="other",
    ),
    "disease-control": Endpoint(
        "DCR", "disease control: response or stable disease", kind="response", form="other"
    ),
    "csf-clearance": Endpoint(
        "CSF clearance", "no tumour cells left in the CSF", kind="response", form="other"
    ),
    "symptom-improvement": Endpoint(
        "symptoms improved", "patients whose symptoms improved", kind="symptoms", form="other"
    ),
    "overall-survival": Endpoint("OS", "overall survival", kind="survival", form="time"),
    "survival-rate": Endpoint(
        "alive", "share alive at a time point", kind="survival", form="landmark"
    ),
    "lm-specific-survival": Endpoint(
        "LM-specific survival", "time to death from the LM", kind="survival", form="time"
    ),
    "cns-specific-survival": Endpoint(
        "CNS-specific survival",
        "time to death from disease of the central nervous system",
        kind="survival",
        form="time",
    ),
    "quality-adjusted-survival": Endpoint(
        "quality-adjusted survival",
        "time alive, weighed by how well it was lived",
        kind="survival",
        form="time",
    ),
    "progression-free-survival": Endpoint(
        "PFS", "progression-free survival", kind="progression", form="time"
    ),
    "progression-free-rate": Endpoint(
        "progression-free",
        "share without progression at a time point",
        kind="progression",
        form="landmark",
    ),
    "cns-progression-free-survival": Endpoint(
        "CNS PFS",
        "progression-free survival in the central nervous system",
        kind="progression",
        form="time",
    ),
    "neurologic-progression-free-survival": Endpoint(
        "neuro PFS", "neurologic progression-free survival", kind="progression", form="time"
    ),
    "lm-progression-free-survival": Endpoint(
        "LM PFS", "time until the LM itself progressed, or death", kind="progression", form="time"
    ),
    "time-to-progression": Endpoint("TTP", "time to progression", kind="progression", form="time"),
    "cns-progression": Endpoint(
        "CNS progression",
        "share with progression in the central nervous system",
        kind="progression",
        form="landmark",
        to_avoid=True,
    ),
    "duration-of-response": Endpoint("DoR", "duration of response", kind="response", form="time"),
    "symptom-free-period": Endpoint(
        "symptom-free period", "time without symptoms of the LM", kind="symptoms", form="time"
    ),
    "quality-of-life": Endpoint(
        "quality of life", "score or share on a questionnaire", kind="symptoms", form="other"
    ),
    "patient-reported-function": Endpoint(
        "self-reported function",
        "how patients say they manage their day",
        kind="symptoms",
        form="other",
    ),
    "time-to-lm": Endpoint(
        "time to LM",
        "time until LM came up: prevention, no effect of treating LM",
        kind="prevention",
        form="time",
    ),
    "grade-3-plus-adverse-events": Endpoint(
        "grade ≥3 AE",
        "adverse events of grade 3 or worse",
        kind="harm",
        form="other",
        to_avoid=True,
    ),
    "dose-limiting-toxicity": Endpoint(
        "DLT", "dose-limiting toxicity", kind="harm", form="other", to_avoid=True
    ),
    "treatment-related-death": Endpoint(
        "treatment death",
        "death put down to the treatment",
        kind="harm",
        form="other",
        to_avoid=True,
    ),
}
"""The endpoints: all that the program must know of one stands in its line."""
ENDPOINTS = {
    name: Term(one.label, one.meaning, one.aliases) for name, one in ENDPOINT_TABLE.items()
}
ENDPOINT_KINDS = {
    "survival": Term("survival", "death, whatever its cause, or of the LM"),
    "progression": Term("progression", "growth or return of the disease"),
    "response": Term("response", "shrinkage, clearing of the CSF, disease control"),
    "symptoms": Term("symptoms", "how patients feel and manage"),
    "harm": Term("harm", "what the treatment does wrong"),
    "prevention": Term("prevention", "whether LM comes up at all"),
}
"""What endpoints speak of: answers are only held against each other within a kind."""
KIND_OF_ENDPOINT = {name: one.kind for name, one in ENDPOINT_TABLE.items()}
"""The kind of each endpoint; an adverse event is always harm."""
TIME_ENDPOINTS = frozenset(name for name, one in ENDPOINT_TABLE.items() if one.form == "time")
LANDMARK_ENDPOINTS = frozenset(
    name for name, one in ENDPOINT_TABLE.items() if one.form == "landmark"
)
ENDPOINTS_TO_AVOID = frozenset(name for name, one in ENDPOINT_TABLE.items() if one.to_avoid)
HARM_OF_ENDPOINT = {
    "grade-3-plus-adverse-events": ("any", "3+", False),
    "dose-limiting-toxicity": ("any", None, True),
    "treatment-related-death": ("any", "5", False),
}
"""What an endpoint of toxicity says as harm: event, grade, and whether it limited the dose."""
COMPARED_ENDPOINTS = {
    "response": (
        "objective-response", "radiologic-response", "cytologic-response", "clinical-response",
        "neurologic-response", "intracranial-response", "csf-clearance", "disease-control",
    ),
    "pfs": (
        "progression-free-survival", "cns-progression-free-survival",
        "lm-progression-free-survival", "neurologic-progression-free-survival",
        "time-to-progression", "progression-free-rate",
    ),
    "os": ("overall-survival", "survival-rate"),
    "toxicity": (*HARM_OF_ENDPOINT,),
}  # fmt: skip
"""Which endpoints answer for a treatment beside another, the first choice first."""

UNITS = {
    "%": Term("%", "share of patients"),
    "months": Term("months", "median unless the scope says otherwise"),
    "weeks": Term("weeks", "median unless the scope says otherwise"),
    "days": Term("days", "median unless the scope says otherwise"),
    "patients": Term("patients", "number of patients"),
}
"""Units of a figure of one group."""
TIME_UNITS = frozenset({"months", "weeks", "days"})
LONGEST_PLAUSIBLE_TIME = {"months": 240, "weeks": 1000, "days": 7300}
"""Times beyond which a figure is more likely a slip than a result."""
EFFECT_UNITS = {
    "HR": Term("HR", "hazard ratio"),
    "OR": Term("OR", "odds ratio"),
    "RR": Term("RR", "risk ratio"),
    "difference": Term("difference", "what one side has more than the other"),
    "p-only": Term("p", "a p value without an effect"),
    "none": Term("no number", "a finding told without a number"),
}
"""Units of an effect between two groups."""
RATIO_UNITS = frozenset({"HR", "OR", "RR"})
NUMBERLESS_UNITS = frozenset({"p-only", "none"})
DIFFERENCE_UNITS = {
    "months": Term("months"),
    "weeks": Term("weeks"),
    "days": Term("days"),
    "%": Term("percentage points"),
    "points": Term("points", "of a score"),
}
CONFIRMED_UNITS = {**UNITS, **EFFECT_UNITS}

SCOPES = {
    "whole": Term("whole", "all patients of the row"),
    "subgroup": Term("subgroup", "some of the row's patients"),
    "responders": Term("responders", "patients picked by their outcome"),
    "not-median": Term("not a median", "a mean, a gain or the end of a range"),
    "other": Term("other", "not an outcome of the row's patients as a group"),
}
"""Whom or what a figure counts; only those of the whole row stand for it where one figure is
shown."""
DIRECTIONS = {
    "benefit": Term("benefit", "the data show a benefit", ("▲",)),
    "no-benefit": Term("no benefit", "the data show none", ("none", "=")),
    "worse": Term("worse", "those who had it did worse", ("harm", "▼")),
    "mixed": Term("mixed", "some endpoints or groups benefit, others do not", ("±",)),
    "unclear": Term("unclear", "the data do not tell", ("?",)),
}
DIRECTION_SYMBOLS = {"benefit": "▲", "no-benefit": "=", "worse": "▼", "mixed": "±", "unclear": "?"}

UNDECIDED = "undecided"
"""What `fmt --upgrade` writes where a person must say; `validate` refuses it."""
ROLES = {
    "tested": Term("tested", "what the group shows something about"),
    "background": Term("background", "given alongside, so no evidence on it"),
    UNDECIDED: Term(UNDECIDED, "not said yet; refused by `validate`"),
}
TRIAL_ROLES = {
    "tested": Term("tested", "what the trial asks about"),
    "control": Term("control", "what the tested treatment is held against"),
    "background": Term("background", "given to all"),
}
GIVEN_AS = {
    "together": Term("together", "each patient had all tested treatments"),
    "some": Term("some", "each patient had one or some of them"),
    "in-turn": Term("in turn", "one after the other"),
}
TESTS_ARE = {name: GIVEN_AS[name] for name in ("together", "some")}
LINES = {
    "first": Term(
        "first line",
        "nothing had been given for the LM before",
        ("1", "1L", "first-line", "frontline", "untreated"),
    ),
    "later": Term(
        "later line",
        "something had been given for the LM before",
        ("2", "2+", "2L", "later-line", "second-line", "pretreated"),
    ),
    "any": Term("any line", "untreated and treated patients together", ("mixed",)),
}
TIME_ZEROS = {
    "lm-diagnosis": Term("diagnosis of LM"),
    "treatment-start": Term("start of treatment"),
    "randomization": Term("randomisation"),
    "registration": Term("registration in the trial"),
    "cns-diagnosis": Term("diagnosis of disease in the CNS"),
    "primary-diagnosis": Term("diagnosis of the primary tumour"),
    "other": Term("another time"),
}
QUESTIONS = {
    "add": Term("adding it", "what both sides had, with or without the tested treatment"),
    "instead": Term("in place of", "one treatment against another"),
    "versus-none": Term("against none", "treated against not treated"),
    "schedule": Term("schedule", "the same treatment at other intervals"),
    "route": Term("route", "the same treatment by another route"),
    "dose": Term("dose", "the same treatment in another dose"),
    "order": Term("order", "the same treatments in another order"),
    "prognosis": Term("prognosis", "groups told apart by something that is no treatment"),
    UNDECIDED: Term(UNDECIDED, "not said yet; refused by `validate`"),
}
BENEFIT_QUESTIONS = frozenset({"add", "instead", "versus-none"})
"""Questions whose answer tells whether a treatment helps; the others tell how to give it, or
whom."""
ADDING_QUESTIONS = frozenset({"add", "versus-none"})
"""Those whose answer is a direction; `instead` is a head-to-head result."""
CONTROLS = {
    "historical": Term("historical control", "patients of an earlier time"),
    "between-studies": Term("between studies", "groups of different studies"),
}
FAVOURS = {
    "of": Term("the side of the comparison"),
    "against": Term("the side it is held against"),
    "neither": Term("neither side"),
}
ADJUSTMENTS = {
    "univariable": Term("univariable", "not adjusted"),
    "multivariable": Term("multivariable", "adjusted in a regression"),
    "matched": Term("matched", "patients matched, by propensity or otherwise"),
    "weighted": Term("weighted", "patients weighted, by propensity or otherwise"),
    "landmark": Term("landmark", "only patients alive at a set time"),
}
ADVERSE_GRADES = {
    "any": Term("any grade"),
    "1-2": Term("grade 1-2"),
    "2-3": Term("grade 2-3"),
    "3": Term("grade 3"),
    "3+": Term("grade 3 or more"),
    "4": Term("grade 4"),
    "5": Term("grade 5", "death"),
}

EFFECT_MEASURES = {
    "ratio": Term("ratio", "hazard, odds or risk ratio of two groups, on the log scale"),
    "proportion": Term("proportion", "patients with the event of those assessed, as a logit"),
    "median": Term("median", "median time of one group, on the log scale"),
}
"""What is pooled with its like alone."""
SCALES = {
    "log HR": Term("log hazard ratio", "natural logarithm; 0 is no difference"),
    "log OR": Term("log odds ratio", "natural logarithm; 0 is no difference"),
    "log RR": Term("log risk ratio", "natural logarithm; 0 is no difference"),
    "logit proportion": Term("logit of a proportion", "natural logarithm of the odds"),
    "log median": Term("log of a median", "natural logarithm of the time in months"),
}
EXCLUSIONS = {
    "withdrawn": Term("withdrawn", "the publication or its record was withdrawn"),
    "recalled": Term("recalled", "remembered, and read nowhere"),
    "no-patients": Term("no patients", "cells or animals"),
    "review": Term("review", "a review or meta-analysis tells published patients again"),
    "superseded": Term("superseded", "a later report tells the same patients"),
    "pooled": Term(
        "pooled",
        "patients without LM of a solid tumor, or with another than the one asked for, are in the "
        "figure",
    ),
    "other-primary": Term("other primary", "patients with another primary tumor are in it too"),
    "prevention": Term("prevention", "whether LM comes up at all, no effect of treating it"),
    "part": Term("part", "of some of the patients, or no figure of a group as a whole"),
    "prognosis": Term("prognosis", "the groups are told apart by what is no treatment"),
    "not-concurrent": Term("not concurrent", "held against earlier patients or another study's"),
    "no-ratio": Term("no ratio", "a p value, a difference or words alone"),
    "overlap": Term("overlap", "another report may tell the same patients, and stands"),
    "nested": Term("nested", "the group lies within another of its study, which stands"),
    "other-measure": Term("other measure", "the cohort has another kind of figure that stands"),
    "other-figure": Term("other figure", "the group has another figure of the endpoint"),
    "other-group": Term("other group", "another group or comparison of the cohort stands"),
}
"""Why a figure is in no table for meta-analysis."""

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
    "early-1": Term("early 1", "", ("early I", "0")), "1": Term("1", "", ("I",)),
    "1/2": Term("1/2", "", ("I/II", "1-2")), "2": Term("2", "", ("II",)),
    "2/3": Term("2/3", "", ("II/III", "2-3")), "3": Term("3", "", ("III",)),
    "4": Term("4", "", ("IV",)),
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
_EU = (
    "Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czechia", "Czech Republic", "Denmark",
    "Estonia", "Finland", "France", "Germany", "Greece", "Hungary", "Ireland", "Italy", "Latvia",
    "Lithuania", "Luxembourg", "Malta", "Netherlands", "Poland", "Portugal", "Romania", "Slovakia",
    "Slovenia", "Spain", "Sweden",
)  # fmt: skip
REGIONS = {
    "European Union": _EU,
    "Europe": (
        *_EU, "Albania", "Belarus", "Bosnia and Herzegovina", "Iceland", "Moldova", "Montenegro",
        "North Macedonia", "Norway", "Russia", "Russian Federation", "Serbia", "Switzerland",
        "Turkey", "Turkey (Türkiye)", "Ukraine", "United Kingdom",
    ),
    "North America": ("Canada", "Mexico", "United States"),
    "East Asia": ("China", "Hong Kong", "Japan", "South Korea", "Taiwan"),
    "Asia": (
        "China", "Hong Kong", "India", "Indonesia", "Iran", "Israel", "Japan", "Jordan", "Lebanon",
        "Malaysia", "Pakistan", "Philippines", "Saudi Arabia", "Singapore", "South Korea", "Taiwan",
        "Thailand", "Turkey", "Turkey (Türkiye)", "Vietnam",
    ),
}  # fmt: skip
"""Words for several countries, each in the names of the registry."""
COUNTRY_ALIASES = {
    "European Union": ("EU",),
    "Turkey (Türkiye)": ("Turkey", "Türkiye"),
    "Russia": ("Russian Federation",),
    "Czechia": ("Czech Republic",),
    "Hong Kong": ("Hong Kong SAR",),
    "United States": ("USA", "US", "United States of America", "America"),
    "United Kingdom": ("UK", "Great Britain", "England"),
    "South Korea": ("Korea", "Republic of Korea", "Korea, Republic of"),
    "China": ("PRC", "Mainland China"),
    "Netherlands": ("Holland", "The Netherlands"),
    "Germany": ("Deutschland",),
}
"""What else a user may type for a country or region."""

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

STUDY_TYPES = {
    "interventional": Term("interventional"),
    "observational": Term("observational"),
    "expanded-access": Term("expanded access"),
}
TRIAL_LM = {
    "only": Term("LM only", "only patients with LM, or with suspected LM in a study of diagnosis"),
    "cohort": Term("LM cohort", "patients with LM are an arm or cohort"),
    "allowed": Term("LM allowed", "patients with LM are taken among others"),
}
COVERAGES = {
    "statements in part": Term("in part", "some of the statements on treating LM were read"),
    "diagnosis only": Term("diagnosis only", "no statement on treating LM could be read"),
    "statements not readable": Term("not readable", "no statement could be read"),
}
LOOKED_FOR = {
    "drug": Term("drug"), "study": Term("study"), "guideline": Term("guideline"),
    "trial": Term("trial"),
}  # fmt: skip

ADVERSE_EVENTS = {
    "any": Term("any event", "any adverse event", (
        "any adverse event", "any treatment-related adverse event", "adverse events",
        "any complication", "any discomfort", "serious adverse event", "any dose-limiting toxicity",
        "toxicity", "drug toxicity",
    )),
    # blood
    "anemia": Term("anemia", "", ("anaemia", "haemoglobin decreased")),
    "leukopenia": Term("leukopenia", "", (
        "white blood cell decreased", "leucopenia", "leukocytopenia",
    )),
    "lymphopenia": Term("lymphopenia", "", ("lymphocyte count decreased",)),
    "neutropenia": Term("neutropenia", "", ("neutrophil count decreased", "granulocytopenia")),
    "febrile-neutropenia": Term("febrile neutropenia"),
    "thrombocytopenia": Term("thrombocytopenia", "", ("platelet count decreased",)),
    "thrombocytopenia-or-neutropenia": Term("thrombocytopenia or neutropenia"),
    "myelosuppression": Term("myelosuppression", "blood counts lowered, which ones not told", (
        "bone marrow suppression", "hematologic toxicity", "haematological toxicity",
        "haematologic toxicity", "pancytopenia", "cytopenia", "bone marrow hypocellular",
    )),
    "bleeding": Term("bleeding", "outside the skull", ("haemorrhage", "hemorrhage")),
    "thromboembolic-event": Term("thromboembolic event", "", (
        "pulmonary embolism", "thrombosis", "deep vein thrombosis",
    )),
    "eosinophilia": Term("eosinophilia", "", ("CSF eosinophilia",)),
    # nervous system
    "neurotoxicity": Term("neurotoxicity", "harm to the nervous system, not told more closely", (
        "neurological complication", "neurologic complication", "neurological toxicity",
        "neurological complication of treatment", "late neurotoxicity", "neurologic toxicity",
    )),
    "arachnoiditis": Term("arachnoiditis", "", ("chemical arachnoiditis",)),
    "chemical-meningitis": Term("chemical meningitis", "meningitis without a germ", (
        "aseptic meningitis", "meningitis noninfective", "meningeal reaction", "acute meningitis",
    )),
    "meningismus": Term("meningismus", "", ("neck stiffness", "meningism")),
    "headache": Term("headache", "", ("post-puncture headache", "post-lumbar puncture headache")),
    "nausea-vomiting-or-headache": Term("headache, nausea or vomiting"),
    "intracranial-pressure-increased": Term("raised intracranial pressure", "", (
        "raised intracranial pressure", "intracranial hypertension",
    )),
    "hydrocephalus": Term("hydrocephalus"),
    "edema-cerebral": Term("cerebral edema", "", ("brain edema", "brain oedema")),
    "encephalopathy": Term("encephalopathy", "", (
        "acute encephalopathy", "delayed encephalopathy", "toxic encephalopathy",
    )),
    "leukoencephalopathy": Term("leukoencephalopathy", "", ("leucoencephalopathy",)),
    "depressed-level-of-consciousness": Term("depressed consciousness", "", (
        "coma", "vegetative state", "reduced consciousness", "stupor",
    )),
    "somnolence": Term("somnolence", "", ("lethargy", "drowsiness", "sedation")),
    "confusion": Term("confusion", "", ("confusional state", "disorientation")),
    "delirium": Term("delirium"),
    "hallucinations": Term("hallucinations"),
    "cognitive-disturbance": Term("cognitive disturbance", "", (
        "cognitive decline", "dementia", "memory impairment", "amnesia",
    )),
    "concentration-impairment": Term("concentration impairment"),
    "seizure": Term("seizure", "", ("seizures", "convulsion", "convulsions", "epilepsy")),
    "dizziness": Term("dizziness", "", ("vertigo", "light-headedness")),
    "ataxia": Term("ataxia", "", ("gait disturbance", "cerebellar toxicity")),
    "tremor": Term("tremor"),
    "dysarthria": Term("dysarthria", "", ("speech disorder", "dysphasia", "aphasia")),
    "dysgeusia": Term("dysgeusia", "", ("taste alteration",)),
    "facial-nerve-disorder": Term("facial nerve disorder", "", ("facial weakness", "facial palsy")),
    "cranial-nerve-disorder": Term("cranial nerve disorder", "", ("cranial neuropathy",)),
    "hearing-impaired": Term("hearing impaired", "", ("hearing loss", "ototoxicity", "deafness")),
    "tinnitus": Term("tinnitus"),
    "vision-disorder": Term("vision disorder", "", (
        "blurred vision", "vision decreased", "visual disturbance", "diplopia", "blindness",
    )),
    "peripheral-neuropathy": Term("peripheral neuropathy", "", (
        "peripheral sensory neuropathy", "neuropathy", "polyneuropathy",
    )),
    "paresthesia": Term("paresthesia", "", ("paraesthesia", "dysesthesia", "numbness")),
    "radiculitis": Term("radiculitis", "", (
        "radiculopathy", "radicular pain", "radicular symptoms", "radicular irritation",
    )),
    "myelopathy": Term("myelopathy", "", ("myelitis", "transverse myelitis", "paraplegia")),
    "muscle-weakness": Term("muscle weakness", "", ("weakness", "paresis", "paralysis")),
    "stroke": Term("stroke", "", ("ischemia cerebrovascular", "cerebral infarction")),
    "intracranial-hemorrhage": Term("intracranial hemorrhage", "", (
        "intracranial haemorrhage", "intracranial haemorrhage during chemotherapy",
        "cerebral haemorrhage", "subdural haematoma", "subdural hematoma",
    )),
    "cns-necrosis": Term("CNS necrosis", "", ("radiation necrosis", "radionecrosis")),
    "csf-leakage": Term("CSF leakage", "", ("cerebrospinal fluid leakage", "CSF leak")),
    "syncope": Term("syncope"),
    # mind
    "insomnia": Term("insomnia"),
    "anxiety": Term("anxiety"),
    "depression": Term("depression", "", ("mood change",)),
    "psychosis": Term("psychosis"),
    "irritability": Term("irritability", "", ("agitation", "restlessness")),
    # gut and liver
    "nausea": Term("nausea"),
    "vomiting": Term("vomiting", "", ("emesis",)),
    "nausea-or-vomiting": Term("nausea or vomiting", "", ("nausea and vomiting",)),
    "anorexia": Term("anorexia", "", ("loss of appetite", "decreased appetite")),
    "diarrhea": Term("diarrhea", "", ("diarrhoea",)),
    "constipation": Term("constipation"),
    "abdominal-pain": Term("abdominal pain"),
    "colitis": Term("colitis"),
    "mucositis": Term("mucositis", "", (
        "mucositis oral", "stomatitis", "mouth ulcers", "oral mucositis",
    )),
    "dysphagia": Term("dysphagia"),
    "esophagitis": Term("esophagitis", "", ("oesophagitis",)),
    "dyspepsia": Term("dyspepsia"),
    "dry-mouth": Term("dry mouth", "", ("xerostomia",)),
    "fecal-incontinence": Term("fecal incontinence", "", ("faecal incontinence",)),
    "gastrointestinal-hemorrhage": Term("gastrointestinal hemorrhage"),
    "gastrointestinal-disorder": Term("gastrointestinal disorder", "not told more closely", (
        "gastrointestinal toxicity",
    )),
    "pancreatitis": Term("pancreatitis"),
    "lipase-or-amylase-increased": Term("lipase or amylase increased", "", (
        "lipase increased", "amylase increased",
    )),
    "transaminases-increased": Term("transaminases increased", "", (
        "hepatic transaminases increased", "raised transaminases", "ALT increased",
        "AST increased", "alanine aminotransferase increased",
        "aspartate aminotransferase increased", "hepatotoxicity", "liver toxicity",
    )),
    "bilirubin-increased": Term("bilirubin increased", "", ("blood bilirubin increased",)),
    "alkaline-phosphatase-increased": Term("alkaline phosphatase increased"),
    "hepatitis": Term("hepatitis"),
    "hepatic-failure": Term("hepatic failure"),
    "peritoneal-seeding": Term("peritoneal seeding", "tumor cells carried into the abdomen", (
        "peritoneal carcinomatosis",
    )),
    # general
    "fatigue": Term("fatigue", "", ("asthenia", "tiredness", "malaise", "chronic fatigue")),
    "fever": Term("fever", "", ("pyrexia",)),
    "chills": Term("chills"),
    "flu-like-symptoms": Term("flu-like symptoms"),
    "pain": Term("pain"),
    "back-pain": Term("back pain", "", ("back or leg pain",)),
    "weight-loss": Term("weight loss"),
    "weight-gain": Term("weight gain"),
    "edema": Term("edema", "", ("edema limbs", "peripheral oedema", "peripheral edema")),
    "infusion-related-reaction": Term("infusion-related reaction"),
    "injection-site-reaction": Term("injection site reaction", "", ("injection-site pain",)),
    "allergic-reaction": Term("allergic reaction", "", ("hypersensitivity", "anaphylaxis")),
    "cytokine-release-syndrome": Term("cytokine release syndrome"),
    "immune-related-event": Term("immune-related event", "immune side effect, which not told", (
        "immune-related adverse event", "irAE", "autoimmune disorder",
    )),
    "csf-cytokines-increased": Term("cytokines in the CSF increased", "", (
        "cytokine rise in the CSF",
    )),
    # infection
    "infection": Term("infection", "where not told"),
    "infectious-meningitis": Term("infectious meningitis", "meningitis by a germ", (
        "bacterial meningitis", "CSF infection", "ventriculitis", "septic meningitis",
    )),
    "meningitis": Term("meningitis", "with or without a germ: not told"),
    "device-infection": Term("device infection", "of a reservoir, shunt or catheter", (
        "device related infection", "shunt infection", "reservoir infection", "catheter infection",
    )),
    "sepsis": Term("sepsis"),
    "lung-infection": Term("lung infection", "", ("pneumonia",)),
    "wound-infection": Term("wound infection"),
    "urinary-tract-infection": Term("urinary tract infection"),
    "herpes-infection": Term("herpes infection", "", ("shingles", "herpes zoster")),
    # skin
    "rash": Term("rash", "", ("skin rash", "rash acneiform", "rash maculo-papular")),
    "dermatitis": Term("dermatitis", "", ("dermatitis radiation", "skin toxicity")),
    "pruritus": Term("pruritus", "", ("itching",)),
    "paronychia": Term("paronychia"),
    "dry-skin": Term("dry skin"),
    "alopecia": Term("alopecia", "", ("hair loss",)),
    "hand-foot-syndrome": Term("hand-foot syndrome", "", (
        "palmar-plantar erythrodysesthesia syndrome",
    )),
    # hormones and metabolism
    "adrenal-insufficiency": Term("adrenal insufficiency"),
    "hypophysitis": Term("hypophysitis"),
    "hypothyroidism": Term("hypothyroidism"),
    "hyperthyroidism": Term("hyperthyroidism"),
    "hyponatremia": Term("hyponatremia", "", ("hyponatraemia", "SIADH")),
    "hypokalemia": Term("hypokalemia", "", ("hypokalaemia",)),
    "hypophosphatemia": Term("hypophosphatemia", "", ("hypophosphataemia",)),
    "hypocalcemia": Term("hypocalcemia", "", ("hypocalcaemia",)),
    "hyperglycemia": Term("hyperglycemia", "", ("hyperglycaemia",)),
    "hyperlipidemia": Term("hyperlipidemia", "", (
        "cholesterol high", "hypercholesterolemia", "hypertriglyceridemia",
    )),
    "hypoalbuminemia": Term("hypoalbuminemia", "", ("hypoalbuminaemia",)),
    "dehydration": Term("dehydration"),
    # heart, vessels, lung, kidney
    "ejection-fraction-decreased": Term("ejection fraction decreased"),
    "heart-failure": Term("heart failure"),
    "qt-prolonged": Term("QT prolonged", "", ("electrocardiogram QT corrected interval prolonged",)),
    "arrhythmia": Term("arrhythmia", "", ("sinus bradycardia", "tachycardia")),
    "hypertension": Term("hypertension"),
    "hypotension": Term("hypotension"),
    "dyspnea": Term("dyspnea", "", ("dyspnoea",)),
    "cough": Term("cough"),
    "pneumonitis": Term("pneumonitis", "", ("interstitial lung disease", "ILD")),
    "respiratory-failure": Term("respiratory failure"),
    "creatinine-increased": Term("creatinine increased", "", ("nephrotoxicity",)),
    "proteinuria": Term("proteinuria"),
    "urinary-retention": Term("urinary retention"),
    "urinary-incontinence": Term("urinary incontinence"),
    # muscle, joint, eye
    "myalgia": Term("myalgia", "", ("muscle pain",)),
    "arthralgia": Term("arthralgia"),
    "myopathy": Term("myopathy", "", ("myositis", "rhabdomyolysis")),
    "cpk-increased": Term("CPK increased", "", ("creatine phosphokinase increased",)),
    "eye-disorder": Term("eye disorder", "", ("keratitis", "keratopathy", "conjunctivitis")),
    # neoplasms
    "secondary-malignancy": Term("secondary malignancy", "", (
        "treatment related secondary malignancy", "secondary leukaemia", "secondary leukemia",
    )),
    # procedures and devices
    "procedural-complication": Term("procedural complication", "of an operation or a puncture", (
        "surgical complication", "surgical complications", "delayed complication",
        "intraoperative complication", "postoperative complication",
    )),
    "device-complication": Term("device complication", "not told more closely", (
        "shunt complication", "reservoir complication", "catheter complication",
        "device malfunction and infection",
    )),
    "device-malfunction": Term("device malfunction", "", ("shunt malfunction",)),
    "device-obstruction": Term("device obstruction", "", ("shunt obstruction",)),
    "device-malposition": Term("device malposition", "", (
        "catheter malposition", "misplacement", "catheter migration",
    )),
    "device-exposure": Term("device exposure", "the skin over it gave way", (
        "wound dehiscence", "skin breakdown",
    )),
    "csf-over-drainage": Term("CSF over-drainage", "", ("over-drainage", "overdrainage")),
    "surgical-revision": Term("surgical revision", "another operation was needed", (
        "further surgery", "reoperation", "shunt revision",
    )),
    "other": Term("other", "an event without a word here; the note names it"),
}  # fmt: skip
"""Adverse events in CTCAE's words where it has one; aliases are what papers say for it."""
