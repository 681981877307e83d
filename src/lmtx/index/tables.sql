-- The index: what lmtx looks things up in. `lmtx export --format sqlite` hands out tables laid out for people (output/database.py).
-- `record` holds the whole record as JSON, just as the JSON export gives it.

create table meta (key text primary key, value text not null) without rowid;
-- the SHA-256 of each data file that this index was made of, with the line ends of Unix
create table file (name text primary key, sha256 text not null) without rowid;

create table class (id text primary key, label text not null, parent text references class, path text not null, definition text, record text not null) without rowid;
create table tumor (id text primary key, label text not null, parent text references tumor, record text not null) without rowid;
create table biomarker (id text primary key, label text not null, parent text references biomarker, record text not null) without rowid;
-- every node with itself and all nodes below it
create table below (kind text not null, ancestor text not null, id text not null, primary key (kind, ancestor, id)) without rowid;

create table treatment (
  id text primary key, name text not null, class text not null references class, specified integer not null, mechanism text not null,
  record text not null
) without rowid;
create table treatment_target (target text not null, treatment text not null references treatment, primary key (target, treatment)) without rowid;

create table study (
  id text primary key, label text not null, first_author text, year integer, title text, journal text, volume text, pages text, acronym text,
  pmid text, doi text, pmcid text, design text not null, level text, patients integer, lm_only integer not null, read_in text not null,
  superseded_by text references study, cohort text not null, url text, record text not null
) without rowid;

create index study_by_cohort on study (cohort, id);

-- `counts`: 1 patients told here first, 0 a review or meta-analysis, -1 neither (animals, withdrawn)
-- `most`: patients that all rows of the study may count together; `pooled`: n counts patients without LM of a solid tumour too
create table evidence (
  id text primary key, number integer not null unique, study text not null references study, row integer not null,
  within integer, design text not null, level text, level_rank integer not null, n integer, direction text not null,
  mixed integer not null, read_in text not null, verified integer not null, year integer, cohort text not null,
  counts integer not null, superseded integer not null, stands integer not null, agents integer not null, most integer, pooled integer not null, setting text, dose text, summary text not null, safety text, record text not null
) without rowid;
create table evidence_treatment (treatment text not null references treatment, number integer not null references evidence (number), primary key (treatment, number)) without rowid;
create table evidence_class (class text not null references class, number integer not null references evidence (number), primary key (class, number)) without rowid;
create table evidence_tumor (tumor text not null references tumor, number integer not null references evidence (number), primary key (tumor, number)) without rowid;
create table evidence_biomarker (biomarker text not null references biomarker, number integer not null references evidence (number), primary key (biomarker, number)) without rowid;
create table evidence_route (route text not null, number integer not null references evidence (number), primary key (route, number)) without rowid;
-- the routes by which a treatment itself was given: those that its record names, else of the rows in which it stands alone, where there are any
create table treatment_route (treatment text not null references treatment, route text not null, primary key (treatment, route)) without rowid;
create index evidence_by_study on evidence (study);
-- in this order rows are listed: all of them stream out of it, unsorted and unheld
create index evidence_by_level on evidence (level_rank, superseded, n desc, number);
create index treatment_of_evidence on evidence_treatment (number, treatment);
create index route_of_evidence on evidence_route (number, route);
-- what a question about one tumor leaves out is counted, and rows are tallied, without reading their texts
create index evidence_by_mixed on evidence (mixed, number, level, level_rank, design, direction, n, year, verified);
create index evidence_counted on evidence (number, study, row, within, level_rank, n, direction, year, cohort, counts, superseded, stands, agents, most, pooled, mixed, level, design, verified);

create table outcome (
  number integer not null references evidence (number), position integer not null, evidence text not null references evidence, endpoint text not null, value real not null, unit text not null,
  ci_low real, ci_high real, ci_upper text, ci_level real, events integer, total integer, at text, versus text, p text, assessed_by text,
  "group" text, scope text not null, primary key (number, position)
) without rowid;
create index outcome_by_endpoint on outcome (endpoint, number);

create table csf (
  number integer primary key, treatment text not null references treatment, class text not null references class, study text not null references study,
  measure text not null, fraction text, statistic text, value real, low real, high real, spread real, spread_kind text, unit text not null,
  printed text not null, computed integer not null, compartment text, sampled text, n integer, route text, dose text, population text, lm integer,
  modelled integer not null, read_in text not null, note text, record text not null
);

create table guideline (id text primary key references study, name text not null, society text, year integer, superseded integer not null, note text, record text not null) without rowid;
create table recommendation (
  number integer primary key, id text not null unique, guideline text not null references guideline, topic text not null, statement text not null,
  level text, grade text, read_in text not null, note text, record text not null
);
create table recommendation_treatment (number integer not null references recommendation, treatment text not null references treatment, primary key (treatment, number)) without rowid;
create table recommendation_tumor (number integer not null references recommendation, tumor text not null references tumor, primary key (tumor, number)) without rowid;

create table trial (
  number integer primary key, id text not null unique, nct text, title text not null, phase text, status text not null, status_read text,
  open integer not null, enrolment integer, record text not null
);
create table trial_treatment (number integer not null references trial, treatment text not null references treatment, primary key (treatment, number)) without rowid;
create table trial_tumor (number integer not null references trial, tumor text not null references tumor, primary key (tumor, number)) without rowid;
create table trial_biomarker (number integer not null references trial, biomarker text not null references biomarker, primary key (biomarker, number)) without rowid;
create table trial_study (number integer not null references trial, study text not null references study, primary key (number, study)) without rowid;

create table fact (
  number integer primary key, id text not null unique, tumor text not null references tumor, topic text not null, statement text not null,
  value_low real, value_high real, unit text, what text, study text not null references study, record text not null
);
create table fact_tumor (number integer not null references fact, tumor text not null references tumor, primary key (tumor, number)) without rowid;

-- every name a user may type, folded; `name` as written, for suggestions
create table name (kind text not null, fold text not null, id text not null, name text not null, primary key (kind, fold, id)) without rowid;
create index name_by_fold on name (fold);

-- which records are not of the base itself but were laid over it, and from where
create table own (kind text not null, id text not null, source text not null, primary key (kind, id)) without rowid;

create virtual table text using fts5 (kind unindexed, id unindexed, title, names, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
-- where a record stands in `text`, which finds words and no ids
create table text_row (kind text not null, id text not null, number integer not null, primary key (kind, id)) without rowid;
