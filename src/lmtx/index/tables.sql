-- The index: what lmtx looks things up in. `lmtx export --format sqlite` hands out tables laid out for people (export/sqlite.py).
-- `record` holds the whole record as JSON, just as the JSON export gives it; tables of long ones have row numbers, for
-- SQLite breaks off a text within an ordered table after a quarter of a page.

create table meta (key text primary key, value text not null) without rowid;
-- the SHA-256 of each data file that this index was made of, with the line ends of Unix
create table file (name text primary key, sha256 text not null) without rowid;

create table class (id text primary key, label text not null, parent text references class, path text not null, record text not null) without rowid;
create table tumor (id text primary key, label text not null, parent text references tumor, record text not null) without rowid;
create table biomarker (id text primary key, label text not null, parent text references biomarker, record text not null) without rowid;
-- every node with itself and all nodes below it
create table below (kind text not null, ancestor text not null, id text not null, primary key (kind, ancestor, id)) without rowid;

create table treatment (
  id text primary key, name text not null, class text not null references class, specified integer not null,
  record text not null
) without rowid;
create table treatment_target (target text not null, treatment text not null references treatment, primary key (target, treatment)) without rowid;

create table study (
  id text primary key, label text not null, year integer, title text, pmid text, doi text, design text not null, level text,
  read_in text not null, superseded_by text references study, cohort text not null, url text, record text not null
);

create index study_by_cohort on study (cohort, id);

-- `above`: numbers of the rows of the study that it lies within, the nearest first
-- `design`: that of the group for the question of LM; a group of a randomised trial that no randomised comparison holds is a cohort
-- `level`: by the n of the whole row; what was tested has its own by its own n (query/counting.py)
-- `counts`: 1 patients told here first, 0 a review or meta-analysis, -1 neither (animals, withdrawn, recalled)
-- `recalled`: remembered, not read: counts nowhere; `cap`: patients that all rows of the study may count together;
-- `overlap`: one patient may stand in several rows; `pooled`: the figures hold patients without LM of a solid tumor too
-- `superseded`: a later report has a counterpart of the row
create table evidence (
  number integer primary key, id text not null unique, study text not null references study, row integer not null,
  above text not null, design text not null, level text, level_rank integer not null, n integer, direction text,
  mixed integer not null, verified integer not null, year integer, cohort text not null, line text,
  counts integer not null, recalled integer not null, superseded integer not null, stands integer not null, given_as text,
  tested integer not null, cap integer, overlap integer not null, pooled integer not null, record text not null
);
-- what was tested, in the row itself or in a comparison inside its population: this leads to credit
create table evidence_treatment (treatment text not null references treatment, number integer not null references evidence (number), primary key (treatment, number)) without rowid;
create table evidence_class (class text not null references class, number integer not null references evidence (number), primary key (class, number)) without rowid;
create table evidence_route (route text not null, number integer not null references evidence (number), primary key (route, number)) without rowid;
-- what was given alongside: no evidence on it
create table background (treatment text not null references treatment, number integer not null references evidence (number), primary key (treatment, number)) without rowid;
create table evidence_tumor (tumor text not null references tumor, number integer not null references evidence (number), primary key (tumor, number)) without rowid;
-- whom a row of two primary tumors counts for one of them; null where nobody says
create table tumor_share (number integer not null references evidence (number), tumor text not null references tumor, n integer, primary key (number, tumor)) without rowid;
create table evidence_biomarker (biomarker text not null references biomarker, number integer not null references evidence (number), primary key (biomarker, number)) without rowid;
-- what all patients had had before: treatments, and all classes that they belong to
create table evidence_after (id text not null, number integer not null references evidence (number), primary key (id, number)) without rowid;
-- the routes by which a treatment itself was tested, or that its record names
create table treatment_route (treatment text not null references treatment, route text not null, primary key (treatment, route)) without rowid;
create index evidence_by_study on evidence (study);
-- in this order rows are listed: all of them stream out of it, unsorted and unheld
create index evidence_by_level on evidence (level_rank, superseded, n desc, number);
create index treatment_of_evidence on evidence_treatment (number, treatment);
create index background_of_evidence on background (number, treatment);
create index route_of_evidence on evidence_route (number, route);
-- what a question about one tumor leaves out is counted, and rows are tallied, without reading their texts
create index evidence_by_mixed on evidence (mixed, number, level, level_rank, design, direction, n, year, verified, line);
create index evidence_counted on evidence (
  number, study, row, above, level_rank, n, direction, year, cohort, counts, recalled, superseded, stands, given_as, tested, cap,
  overlap, pooled, mixed, level, design, verified, line
);

-- one line a tested treatment and route of a row; `position` is the entry in the record, so that lines of one entry are told apart
create table given (
  number integer not null references evidence (number), position integer not null, treatment text not null references treatment,
  route text not null, n integer, n_unknown integer not null, direction text,
  primary key (number, position, route)
) without rowid;

-- two groups held against each other; `number` is the row whose population holds: that of `of`, else of `in`, else of `against`
-- `answer` is what a listing says of it, as JSON; `of_row` and `against_row` are numbers of evidence; `speaks`: 1 unless recalled, withdrawn, or replaced by a later report
create table comparison (
  id text primary key, number integer not null references evidence (number), study text not null references study,
  of_row integer references evidence (number), against_row integer references evidence (number), of_n integer, against_n integer,
  question text not null, randomized integer not null, control text, direction text, tests_are text, speaks integer not null,
  level_rank integer not null, answer text not null, record text not null
);
create index comparison_by_number on comparison (number, id);
create index comparison_by_study on comparison (study, id);
-- `side`: of, or against where what the other side had in its place is known; `n`, `route`: of a side in words
create table comparison_test (
  treatment text not null references treatment, comparison text not null references comparison, side text not null, route text,
  primary key (treatment, comparison, side)
) without rowid;
create index test_of_comparison on comparison_test (comparison, side, treatment);

create table adverse (id text primary key, study text not null references study, number integer references evidence (number), record text not null);
create index adverse_by_number on adverse (number);
create index adverse_by_study on adverse (study);

create table outcome (
  number integer not null references evidence (number), endpoint text not null, unit text not null, read_in text not null,
  verified integer not null
);
create index outcome_by_number on outcome (number, endpoint, verified);
create index outcome_by_endpoint on outcome (endpoint, number, verified);
-- the endpoints of which a row, or a comparison on it, tells anything
create table evidence_endpoint (endpoint text not null, number integer not null references evidence (number), primary key (endpoint, number)) without rowid;

create table csf (
  number integer primary key, treatment text not null references treatment, study text not null references study, measure text not null,
  value real, n integer, route text, lm integer, read_in text not null, record text not null
);

create table guideline (id text primary key references study, name text not null, society text, year integer, superseded integer not null, note text, record text not null) without rowid;
create table recommendation (
  number integer primary key, id text not null unique, guideline text not null references guideline, topic text not null,
  read_in text not null, record text not null
);
create table recommendation_treatment (number integer not null references recommendation, treatment text not null references treatment, primary key (treatment, number)) without rowid;
create table recommendation_tumor (number integer not null references recommendation, tumor text not null references tumor, primary key (tumor, number)) without rowid;

create table trial (
  number integer primary key, id text not null unique, title text not null, phase text, status text not null, updated text,
  enrolment integer, line text, record text not null
);
create table trial_treatment (number integer not null references trial, treatment text not null references treatment, role text, primary key (treatment, number)) without rowid;
create table trial_tumor (number integer not null references trial, tumor text not null references tumor, primary key (tumor, number)) without rowid;
create table trial_biomarker (number integer not null references trial, biomarker text not null references biomarker, primary key (biomarker, number)) without rowid;
create table trial_country (number integer not null references trial, country text not null, primary key (country, number)) without rowid;
create table trial_after (id text not null, number integer not null references trial, primary key (id, number)) without rowid;
create table trial_study (number integer not null references trial, study text not null references study, primary key (number, study)) without rowid;

create table fact (
  number integer primary key, id text not null unique, tumor text not null references tumor, study text not null references study,
  record text not null
);
create table fact_tumor (number integer not null references fact, tumor text not null references tumor, primary key (tumor, number)) without rowid;

create table looked_for (number integer primary key, record text not null);
create table looked_for_treatment (number integer not null references looked_for, treatment text not null references treatment, primary key (treatment, number)) without rowid;

-- every name a user may type, folded; `name` as written, for suggestions
create table name (kind text not null, fold text not null, id text not null, name text not null, primary key (kind, fold, id)) without rowid;
create index name_by_fold on name (fold);

-- which records are not of the base itself but were laid over it, and from where
create table own (kind text not null, id text not null, source text not null, primary key (kind, id)) without rowid;

create virtual table text using fts5 (kind unindexed, id unindexed, title, names, body, parts, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
-- `parts`: what is written without blanks between words, from each of its signs on
-- where a record stands in `text`, which finds words and no ids
create table text_row (kind text not null, id text not null, number integer not null, primary key (kind, id)) without rowid;
