-- Twenty organizations: one holds half of all candidates, the smallest under one in a hundred.
-- Names in braces are filled in by million.py; each part ends with a line "-- part".
create schema bulk;
create table bulk.organizations as
select number, uuidv7(-interval '4 years') as id, share, sum(share) over (order by number) - share as begins
from (select number, case number when 1 then 0.5 else 0.5 / (number - 1) / 3.5477 end as share
    from generate_series(1, 20) as number) as shares;
insert into organizations (id, name, created_at, updated_at)
select id, 'Organization ' || number, now() - interval '4 years', now() from bulk.organizations;
insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)
select uuidv7(), id, role || '-' || number || '@benchmark.example', 'Robin', role, '-', now(), now()
from bulk.organizations, unnest(array['recruiter', 'admin']) as role;
insert into sign_ins (id, organization_id, user_id, created_at, expires_at)
select uuidv7(), organization_id, id, now(), now() + interval '5 years' from users;
insert into event_heads (organization_id) select id from bulk.organizations;

-- Words that most résumés share, each rarer than the one before, and 8,000 that are rare; text is drawn from both.
create function bulk.seldom(p_count int) returns int language sql volatile as $$
    select 1 + floor(p_count * power(random(), 3))::int
$$;
create function bulk.syllables(p_number bigint, p_count int) returns text language sql immutable as $$
    select string_agg(substr('bcdfghklmnprstvz', 1 + (p_number / power(80, place)::bigint % 16)::int, 1)
        || substr('aeiou', 1 + (p_number / power(80, place)::bigint / 16 % 5)::int, 1), '' order by place)
    from generate_series(0, p_count - 1) as place
$$;
create table bulk.lists (
    common text[], rare text[], skills text[], titles text[], cities text[], firsts text[],
    sources text[], tags text[], stages text[]);
insert into bulk.lists
select
    string_to_array('engineer software team experience development management project manager systems data python '
        'customers business delivery quality support built design cloud services testing analysis led platform agile '
        'sales product security reporting operations migration payments research training budget marketing finance '
        'hospital logistics teaching recruiting kubernetes postgresql terraform compliance accounting nursing audit '
        'javascript react java golang rust linux network database warehouse forecasting negotiation retail insurance '
        'telecom embedded robotics machine learning statistics biology chemistry legal contracts procurement', ' '),
    (select array_agg(bulk.syllables(number * 7919::bigint, 3 + number % 2)) from generate_series(1, 8000) as number),
    string_to_array('Python,SQL,Java,JavaScript,AWS,Docker,Project management,Excel,React,Kubernetes,PostgreSQL,Linux,'
        'Terraform,Go,Rust,C++,Sales,Negotiation,Accounting,Audit,Nursing,Teaching,Logistics,SAP,Tableau,Power BI,Scrum,'
        'Figma,Copywriting,SEO,Payroll,Compliance,Kotlin,Swift,Scala,Spark,Kafka,Redis,MongoDB,Azure', ','),
    string_to_array('Software engineer,Backend engineer,Project manager,Data analyst,Sales manager,Frontend engineer,'
        'Product manager,Nurse,Teacher,Accountant,Recruiter,Data scientist,Site reliability engineer,Designer,Lawyer,'
        'Warehouse lead,Financial controller,Marketing manager,Research chemist,Network engineer', ','),
    string_to_array('London,Manchester,Leeds,Berlin,Munich,Hamburg,Zürich,Paris,Lyon,Madrid,Barcelona,Warsaw,Kraków,'
        'Amsterdam,Rotterdam,Dublin,Lisbon,Porto,Vienna,Prague,Stockholm,Oslo,Copenhagen,Helsinki,Milan,Rome,Athens,'
        'Brussels,Antwerp,Budapest', ','),
    (select array_agg(initcap(bulk.syllables(number * 104729::bigint, 2 + number % 2))) from generate_series(1, 600) as number),
    array['linkedin', 'referral', 'careers_page', 'agency', 'import', 'job_board', 'event', 'alumni'],
    array['spring', 'senior', 'remote', 'relocates', 'contract', 'shortlist', 'returning', 'graduate'],
    array['applied', 'screen', 'interview', 'offer', 'hired'];

create function bulk.named(p_number int, p_prime bigint) returns text language sql immutable as $$
    select initcap(bulk.syllables(p_number * p_prime, 3 + p_number % 2))
$$;
create function bulk.words(p_count int) returns text language plpgsql volatile as $$
declare
    v_common text[];
    v_rare text[];
    v_words text[] := '{}';
begin
    select common, rare into v_common, v_rare from bulk.lists;
    for v_place in 1 .. p_count loop
        v_words[v_place] := case when random() < 0.45 then v_common[1 + floor(cardinality(v_common) * power(random(), 3))::int]
            else v_rare[1 + floor(8000 * power(random(), 3))::int] end;
    end loop;
    return array_to_string(v_words, ' ');
end $$;
-- 20,000 texts are shared: their terms lie as those of a million would, and each need be read only once.
create unlogged table bulk.resumes as
select number, bulk.words(130 + number % 90) as text, null::tsvector as search
from generate_series(1, 20000) as number;
update bulk.resumes set search = setweight(to_tsvector('public.recruitpro', text), 'D');
alter table bulk.resumes add primary key (number);

insert into projects (id, organization_id, name, client, sector, summary, status, tags, created_by, created_at, updated_at)
select uuidv7(-interval '3 years'), organizations.id, 'Project ' || place, 'Client ' || place % 30, 'technology', 'Hiring.',
    (array['active', 'on_hold', 'completed'])[1 + place % 3], array['spring'],
    (select users.id from users where users.organization_id = organizations.id limit 1), now() - interval '3 years', now()
from bulk.organizations, generate_series(1, greatest(3, ({candidates} * share / 5000)::int)) as place;
insert into positions (id, organization_id, project_id, title, department, location, description, openings, status,
    requirements, stages, created_by, created_at, updated_at)
select uuidv7(-interval '3 years'), organizations.id, chosen.id, titles[1 + place % 20] || ' ' || place, 'Department ' || place % 9,
    cities[1 + place % 30], bulk.words(60), 1 + place % 5,
    (array['open', 'open', 'closed', 'draft'])[1 + place % 4],
    '[{"id": "python", "text": "Python", "kind": "must", "weight": 5}]'::jsonb, stages,
    (select users.id from users where users.organization_id = organizations.id limit 1), now() - interval '3 years', now()
from bulk.organizations, bulk.lists, generate_series(1, greatest(20, ({candidates} * share / 500)::int)) as place,
    lateral (select projects.id from projects where organization_id = organizations.id order by md5(projects.id::text || place % 50) limit 1) as chosen;
create table bulk.positions as
select organization_id, array_agg(id order by id) as ids, array_agg(title order by id) as titles from positions group by 1;
create table bulk.admins as select organization_id, id from users where role = 'admin';
-- part
-- The candidates from {first} to {last}, three years of them.
create unlogged table bulk.plan_{part} as
select numbers.number, organizations.id as organization_id, at, uuidv7(at - now()) as id,
    case when random() < 0.5 then uuidv7(at - now()) end as document_id,
    case when random() < 0.5 then uuidv7(at - now() + interval '1 minute') end as application_id,
    1 + floor(20000 * random())::int as resume, random() as luck,
    firsts[bulk.seldom(600)] || ' ' || bulk.named(bulk.seldom(20000), 15485863) as name,
    titles[bulk.seldom(20)] as title, cities[bulk.seldom(30)] as city, bulk.named(bulk.seldom(3000), 32452843) || ' Ltd' as employer,
    bulk.named(bulk.seldom(3000), 32452843) || ' Ltd' as employer_before,
    array(select distinct skills[bulk.seldom(40)] from generate_series(1, 4 + numbers.number % 4)) as skills
from (
    select number, now() - interval '3 years' * (1 - number::float8 / {candidates}) - interval '1 hour' as at, random() as drawn
    from generate_series({first}, {last}) as number) as numbers
join bulk.organizations on drawn >= begins and drawn < begins + share
cross join bulk.lists;

insert into documents (id, organization_id, kind, filename, content_type, size_bytes, candidate_id, status, object_key,
    object_version, sha256, stored_size_bytes, scanned_at, analysis_status, upload_expires_at, created_at, updated_at,
    document_type, clean_version, clean_key)
select document_id, organization_id, (array['resume', 'resume', 'resume', 'resume', 'cover_letter'])[1 + number % 5],
    'resume-' || number || '.pdf', 'application/pdf', 90000 + number % 80000, id,
    case when number % 97 = 0 then 'infected' when number % 89 = 0 then 'scanning' else 'clean' end, 'uploads/' || document_id,
    'v1', repeat('ab', 32), 90000, at, 'succeeded', at, at, at, 'resume', 'v1', 'clean/' || document_id
from bulk.plan_{part} where document_id is not null;
insert into document_texts (document_id, organization_id, text, pages, read_at)
select document_id, organization_id, resumes.text, jsonb_build_array(jsonb_build_array(1, 0, char_length(resumes.text))), at
from bulk.plan_{part} join bulk.resumes on resumes.number = resume where document_id is not null;

insert into candidates (id, organization_id, name, email, phone, location, headline, summary, skills, experience, education,
    links, source, tags, resume_document_id, created_at, updated_at, search)
select id, organization_id, plan.name, lower(replace(plan.name, ' ', '.')) || plan.number || '@mail.example',
    case when plan.number % 3 > 0 then '+4420' || 10000000 + plan.number - (case when plan.number % 200 = 1 then 200 else 0 end) end,
    city, title, summary, plan.skills,
    jsonb_build_array(
        jsonb_build_object('title', title, 'organization', employer, 'location', city, 'start', '2019-04', 'end', null,
            'is_current', true, 'description', 'Led the team.'),
        jsonb_build_object('title', title, 'organization', employer_before, 'location', city, 'start', '2015-09',
            'end', '2019-03', 'is_current', false, 'description', 'Built the platform.')),
    '[{"institution": "University of Leeds", "degree": "BSc", "field": "Economics", "start_year": 2012, "end_year": 2015}]',
    case when plan.number % 4 = 0 then array['https://example.com/in/' || plan.number] else '{}' end,
    sources[1 + floor(8 * luck * luck)::int], case when plan.number % 2 = 0 then array[tags[1 + floor(8 * luck)::int]] else '{}' end,
    document_id, at, at + interval '1 day' * luck,
    setweight(to_tsvector('public.recruitpro', plan.name), 'A')
        || setweight(to_tsvector('public.recruitpro', concat_ws(' ', title, array_to_string(plan.skills, ', '))), 'B')
        || setweight(to_tsvector('public.recruitpro', concat_ws(' ', city, summary, employer, employer_before,
            title, 'Led the team. Built the platform. University of Leeds BSc Economics')), 'C')
        || case when document_id is null then '' else resumes.search end
from bulk.plan_{part} as plan join bulk.resumes on resumes.number = resume cross join bulk.lists,
    lateral (select substr(resumes.text, 1, 80 + plan.number % 60) as summary offset 0) as briefly;
insert into candidate_labels (organization_id, kind, label, candidate_id)
select distinct candidates.organization_id, labels.kind, labels.label, candidates.id
from bulk.plan_{part} join candidates using (id),
    labels_of(candidates.skills, candidates.tags, candidates.name, email, location, links, experience) as labels;

insert into applications (id, organization_id, candidate_id, position_id, stage, status, source, applied_at,
    stage_entered_at, created_by, updated_at, stages_entered)
select application_id, plan.organization_id, plan.id, ids[1 + floor(cardinality(ids) * luck * luck)::int], stages[reached],
    case when number % 3 = 0 or reached = 5 then 'active' when number % 3 = 1 then 'rejected' else 'withdrawn' end,
    sources[1 + floor(8 * luck)::int], at, at + interval '5 days' * (reached - 1), admins.id, at + interval '5 days' * reached,
    stages[1:reached]
from bulk.plan_{part} as plan join bulk.positions using (organization_id) join bulk.admins using (organization_id)
cross join bulk.lists, lateral (select 1 + floor(5 * power(random(), 2.5))::int + number * 0 as reached offset 0) as far
where application_id is not null;
insert into stage_changes (id, organization_id, application_id, kind, from_stage, to_stage, user_id, changed_at, entered_at)
select uuidv7(at - now() + interval '5 days' * (step - 1)), organization_id, application_id,
    case step when 1 then 'applied' else 'moved' end,
    case when step > 1 then stages_entered[step - 1] end, stages_entered[step], created_by,
    at + interval '5 days' * (step - 1), case when step > 1 then at + interval '5 days' * (step - 2) end
from bulk.plan_{part} as plan join applications using (organization_id)
cross join lateral generate_series(1, cardinality(stages_entered)) as step where applications.id = application_id;
insert into interviews (id, organization_id, application_id, starts_at, duration_minutes, time_zone, kind, status,
    created_by, created_at, updated_at)
select uuidv7(at - now() + interval '10 days'), applications.organization_id, applications.id, at + interval '11 days', 60, 'Europe/Berlin',
    'video', case when at < now() - interval '11 days' then 'completed' else 'scheduled' end, created_by, at, at
from bulk.plan_{part} as plan join applications on applications.id = application_id
where cardinality(stages_entered) >= 3;
insert into jobs (id, organization_id, kind, priority, status, attempts, max_attempts, payload, enqueued_at, started_at,
    finished_at, progress_done, progress_total)
select uuidv7(at - now()), organization_id, (array['analyze_document', 'screen_candidate', 'generate_outreach'])[1 + number % 3],
    (array['default', 'high', 'low'])[1 + number % 3],
    case when number % 50 = 0 then 'failed' when number % 1001 = 0 then 'queued' else 'succeeded' end, 1, 5,
    jsonb_build_object('candidate_id', id), at, at + interval '1 second',
    case when number % 1001 <> 0 or number % 50 = 0 then at + interval '2 seconds' end, 1, 1
from bulk.plan_{part} where number % 4 = 0;
insert into screenings (id, organization_id, application_id, candidate_id, position_id, job_id, score, recommendation,
    requirements, strengths, gaps, provider, model, duration_ms, input_hash, created_at)
select uuidv7(at - now() + interval '1 hour'), applications.organization_id, applications.id, candidate_id, position_id, uuidv7(),
    (luck * 100)::int, (array['strong_match', 'potential_match', 'low_match'])[1 + number % 3],
    '[{"requirement_id": "python", "text": "Python", "kind": "must", "verdict": "met", "evidence": [], "confidence": 0.9}]',
    '[]', '[]', 'offline', 'rules', 20, 'x', at
from bulk.plan_{part} as plan join applications on applications.id = application_id where number % 3 = 0;
insert into outreach (id, organization_id, application_id, candidate_id, position_id, template, tone, language, status,
    subject, body, created_by, created_at, updated_at)
select uuidv7(at - now() + interval '1 hour'), applications.organization_id, applications.id, candidate_id, position_id, 'standard', 'warm',
    'en', (array['draft', 'sent'])[1 + number % 2], 'About a position', 'Dear candidate', created_by, at, at
from bulk.plan_{part} as plan join applications on applications.id = application_id where number % 5 = 0;
-- part
-- Half as many events as candidates; their hashes belong to no chain.
insert into events (organization_id, sequence, id, occurred_at, actor_kind, actor_id, action, subject_kind, subject_id,
    candidate_id, position_id, application_id, before, after, salt, digests, body_hash, previous_hash, hash)
select organization_id, row_number() over (partition by organization_id order by id), uuidv7(at - now()), at, 'user', created_by,
    action, kind, subject, candidate_id, position_id, application_id, null, '{"stage": "applied"}', '\x00', '{}', '\x00',
    '\x00', '\x00'
from (
    select applications.organization_id, applications.id, applied_at as at, created_by, 'application.created' as action,
        'application' as kind, id as subject, candidate_id, position_id, id as application_id
    from applications) as happened;
update event_heads set sequence = newest from (
    select organization_id, max(sequence) as newest from events group by organization_id) as counted
where counted.organization_id = event_heads.organization_id;
-- An import for each organization, of two candidates in a hundred.
insert into documents (id, organization_id, kind, filename, content_type, size_bytes, status, object_key, object_version,
    sha256, upload_expires_at, created_at, updated_at)
select uuidv7(), id, 'import', 'people.csv', 'text/csv', 1000, 'clean', 'uploads/' || id, 'v1', repeat('ab', 32), now(), now(), now()
from bulk.organizations;
insert into jobs (id, organization_id, kind, priority, status, attempts, max_attempts, payload, enqueued_at, started_at, finished_at)
select uuidv7(), organization_id, 'bulk_import', 'low', 'succeeded', 1, 5, jsonb_build_object('document_id', id),
    now(), now(), now() from documents where kind = 'import';
insert into imports (id, organization_id, document_id, job_id, on_duplicate, is_dry_run, format, rows_total, rows_created,
    created_at, updated_at)
select uuidv7(), organization_id, (payload ->> 'document_id')::uuid, id, 'skip', false, 'csv', 0, 0, now(), now()
from jobs where kind = 'bulk_import';
insert into import_rows (organization_id, import_id, number, line, outcome, candidate_id, version)
select organization_id, imports.id, row.number, row.number + 1, (array['created', 'created', 'created', 'failed'])[1 + row.number % 4], row.id, 1
from imports, lateral (
    select id, row_number() over () as number from (
        select id from candidates where candidates.organization_id = imports.organization_id
        limit ({candidates} / 50)) as few) as row;
-- What triggers would have left for the sums of reports.
insert into application_marks (organization_id, application_id) select organization_id, id from applications;
insert into candidate_increments (organization_id, entered_on, n)
select organization_id, day_of(created_at), count(*) from candidates where deleted_at is null group by 1, 2;
