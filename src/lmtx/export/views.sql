-- The views of the SQLite export: what most people want to look at, one row a thing, lists as text, with names that need no quotes.

-- every node of a tree with itself and all nodes below it
create view tumors_below as
  with recursive below (ancestor, tumor) as (select id, id from tumors union select ancestor, id from below join tumors on parent = tumor)
  select ancestor, tumor from below;
create view classes_below as
  with recursive below (ancestor, class) as (select id, id from classes union select ancestor, id from below join classes on parent = class)
  select ancestor, class from below;
create view biomarkers_below as
  with recursive below (ancestor, biomarker) as (select id, id from biomarkers union select ancestor, id from below join biomarkers on parent = biomarker)
  select ancestor, biomarker from below;

create view treatments_overview as
  select t.id, t.name, c.label as class_label, t.class, t.specified, n.level, n.studies, n.patients, n.syntheses, n.benefit, n.no_benefit, n.worse, n.mixed, n.unclear,
    n.figure, n.figure_study, n.figure_n, (select group_concat(value, '; ') from json_each(n.figure_with)) as figure_with, n.figure_scope, n.figure_design, n.figure_mixed_with,
    n.read_in, n.latest, t.mechanism, t.source
  from treatments t join classes c on c.id = t.class join treatment_tallies n on n.treatment = t.id
  order by n.place;

create view studies_overview as
  select s.id, s.label as citation, s.title, s.journal, s.year, s.design, s.level, s.lm_only, s.read_in,
    (select group_concat(treatment, '; ') from (select distinct treatment from evidence e join evidence_treatments x on x.evidence = e.id where e.study = s.id order by treatment)) as treatments,
    (select count(*) from evidence e where e.study = s.id) as evidence_rows, (select count(*) from outcomes o where o.study = s.id) as figures,
    s.superseded_by, s.cohort, s.withdrawn, s.pmid, s.doi, s.url, s.source
  from studies s;

create view evidence_overview as
  select e.id, e.study, s.label as citation, s.year, e.design, e.level,
    (select group_concat(value, '; ') from json_each(e.treatments)) as treatments, (select group_concat(value, '; ') from json_each(e.tumors)) as tumors,
    (select group_concat(value, '; ') from json_each(e.biomarkers)) as biomarkers, (select group_concat(value, '; ') from json_each(e.routes)) as routes,
    e.setting, e.dose, e.n, e.direction, e.summary, e.safety, e.mixed, e.mixed_with, e.superseded_by, s.cohort, e.withdrawn, e.read_in, s.url, e.source
  from evidence e join studies s on s.id = e.study;

-- every printed figure with what places it, as printed; patients stand in several rows: a meta-analysis takes the table effects
create view outcomes_long as
  select o.study, o.evidence as arm, o.position, o.citation, o.year, o.design, o.level, o.lm_only,
    (select group_concat(value, '; ') from json_each(o.treatments)) as treatments, (select group_concat(value, '; ') from json_each(o.tumors)) as tumors,
    (select group_concat(value, '; ') from json_each(o.biomarkers)) as biomarkers, (select group_concat(value, '; ') from json_each(o.routes)) as routes,
    o.endpoint, o.value as estimate, o.unit, o.ci_low, o.ci_high, o.ci_upper, o.ci_level, o.events, o.total, o.n, o.scope, o."group" as patient_group, o.at as time_point,
    o.not_reached, o.time_zero, o.line, o.p as p_value, o.assessed_by, o.as_printed, o.mixed, o.mixed_with, o.superseded_by, o.cohort, o.within as within_row, o.withdrawn, o.read_in, o.url, o.source
  from outcomes o;

create view csf_levels as
  select l.id, l.treatment, t.name, l.measure, l.fraction, l.statistic, l.value, l.low, l.high, l.spread, l.spread_kind, l.unit, l.printed, l.n, l.route, l.dose, l.compartment,
    l.sampled, l.population, l.lm, l.modelled, l.computed, l.doubtful, l.note, l.study, s.label as citation, s.year, l.read_in, l.url, l.source
  from csf l join treatments t on t.id = l.treatment join studies s on s.id = l.study;

create view guideline_statements as
  select g.id, g.name, g.society, g.year, g.superseded, g.topic, g.statement, g.level, g.grade,
    (select group_concat(value, '; ') from json_each(g.treatments)) as treatments, (select group_concat(value, '; ') from json_each(g.tumors)) as tumors, g.read_in, g.note, g.url, g.source
  from guidelines g;

create view trials_overview as
  select r.id, r.title, r.acronym, r.phase, r.status, r.status_read, r.enrolment,
    (select group_concat(value, '; ') from json_each(r.treatments)) as treatments, (select group_concat(value, '; ') from json_each(r.tumors)) as tumors,
    (select group_concat(value, '; ') from json_each(r.biomarkers)) as biomarkers, (select group_concat(value, '; ') from json_each(r.results)) as results, r.url, r.source
  from trials r;

create view facts_overview as
  select f.id, t.label as tumor_label, f.topic, f.statement, f.value_low, f.value_high, f.unit, f.what, f.study, s.label as citation, s.year, f.read_in, f.url, f.source
  from facts f join tumors t on t.id = f.tumor join studies s on s.id = f.study;
