-- What a batch of candidates is made of, by statements of their own: names that repeat, skills that are common or rare,
-- résumés of a page, applications on their way. @first to @last are the batch, @rows the whole town.
select setseed(@first / 10000000.0);

create temp table made on commit drop as
with drawn as (
    select n, uuidv7(make_interval(secs => (n - @rows) * (60480000.0 / @rows))) as id, uuidv7() as document_id,
        (load.organization_ids())[1 + width_bucket(random(), load.thresholds())] as organization_id,
        load.common(load.first_names()) as first_name,
        case when random() < 0.7 then load.common(load.last_names()) else initcap(load.rare()) end as last_name,
        load.common(load.cities()) as city, load.common(load.titles()) as title,
        load.common(load.titles()) as earlier_title, load.one(load.employers()) as employer,
        initcap(load.rare()) || ' ' || load.one(load.forms()) as earlier_employer,
        load.one(load.schools()) as school, load.one(load.fields()) as field,
        2 + floor(random() * 20)::int as years,
        array(select distinct load.common(load.skills()) from generate_series(1, 4 + n % 7)) as skills,
        random() < 0.6 as has_resume
    from generate_series(@first, @last) as n
)
select *, uuid_extract_timestamp(id) as created_at, first_name || ' ' || last_name as name,
    format(load.one(load.sentences()), skills[1], load.rare()) as said_first,
    format(load.one(load.sentences()), skills[array_length(skills, 1)], load.rare()) as said_second,
    format(load.one(load.sentences()), load.one(load.skills()), load.rare()) as said_third,
    format(load.one(load.sentences()), load.common(load.skills()), load.rare()) as said_fourth
from drawn;

insert into documents (id, organization_id, kind, filename, content_type, size_bytes, candidate_id, status, object_key,
    object_version, sha256, stored_size_bytes, scanned_at, scan_engine, analysis_status, document_type,
    upload_expires_at, created_at, updated_at, clean_key, clean_version)
select document_id, organization_id, 'resume', lower(last_name) || '.pdf', 'application/pdf', 48000 + n % 90000, id,
    'clean', format('organizations/%s/documents/%s', organization_id, document_id), '1',
    encode(sha256(uuid_send(document_id)), 'hex'), 48000 + n % 90000, now(), 'eicar_only', 'succeeded', 'resume',
    created_at, created_at, created_at, format('organizations/%s/documents/%s', organization_id, document_id), '1'
from made where has_resume;

insert into document_texts (document_id, organization_id, text, pages, read_at)
select document_id, organization_id, text, jsonb_build_array(jsonb_build_array(1, 0, char_length(text))), created_at
from made, lateral (select concat_ws(E'\n', name, title || ', ' || city, first_name || '.' || n || '@example.com', '',
    'Summary', years || ' years of experience. ' || said_first, said_third, '', 'Experience',
    format('%s, %s, %s', title, employer, city), format('%s - present', 2026 - years / 2), said_second, said_fourth,
    load.one(load.habits()), load.one(load.habits()), '',
    format('%s, %s', earlier_title, earlier_employer), format('%s - %s', 2026 - years, 2026 - years / 2),
    load.one(load.habits()), load.one(load.habits()), load.one(load.habits()), '',
    'Education', format('BSc %s, %s, %s', field, school, 2024 - years), '', 'Skills', array_to_string(skills, ', '),
    '', 'Languages: English, ' || load.one(load.languages())) as text) as written
where has_resume;

insert into candidates (id, organization_id, name, email, phone, location, headline, summary, skills, experience,
    education, links, source, tags, resume_document_id, created_at, updated_at)
select id, organization_id, name, lower(translate(first_name, ' ''', '') || '.' || n) || '@example.com',
    '+4420' || 70000000 + n % 20000000, city, title, years || ' years of experience. ' || said_first, skills,
    jsonb_build_array(
        jsonb_build_object('title', title, 'organization', employer, 'location', city, 'start',
            (2026 - years / 2)::text, 'end', null, 'is_current', true, 'description', said_second),
        jsonb_build_object('title', earlier_title, 'organization', earlier_employer, 'location', null, 'start',
            (2026 - years)::text, 'end', (2026 - years / 2)::text, 'is_current', false, 'description', said_fourth)),
    jsonb_build_array(jsonb_build_object('institution', school, 'degree', 'BSc', 'field', field, 'start_year',
        2021 - years, 'end_year', 2024 - years)),
    case when n % 3 = 0 then array['https://linkedin.example/in/' || lower(first_name) || '-' || n] else '{}' end,
    load.common(load.sources()),
    case n % 4 when 0 then array[load.one(load.tags())] when 1 then array[load.one(load.tags()), 'reviewed']
        else '{}' end,
    case when has_resume then document_id end, created_at, created_at
from made;

create temp table applied on commit drop as
select uuidv7(made.created_at - now()) as id, made.organization_id, made.id as candidate_id, made.created_at,
    position.id as position_id, position.created_by,
    (array['applied', 'applied', 'applied', 'screen', 'screen', 'interview', 'offer'])[1 + floor(random() * 7)::int]
        as stage,
    random() as luck
from made join load.positions as position
    on position.organization_id = made.organization_id and position.number = made.n % position.count
where made.n % 10 < 7;

insert into applications (id, organization_id, candidate_id, position_id, stage, status, status_reason, source,
    applied_at, stage_entered_at, created_by, updated_at, stages_entered)
select id, organization_id, candidate_id, position_id, stage, case when luck < 0.3 then 'rejected' else 'active' end,
    case when luck < 0.3 then 'other candidates fit better' end, 'careers', created_at, created_at, created_by,
    created_at, case stage when 'applied' then array['applied'] else array['applied', stage] end
from applied;

insert into stage_changes (id, organization_id, application_id, kind, from_stage, to_stage, user_id, changed_at)
select uuidv7(created_at - now()), organization_id, id, 'applied', null, 'applied', created_by, created_at from applied
union all
select uuidv7(created_at - now()), organization_id, id, 'moved', 'applied', stage, created_by, created_at
from applied where stage <> 'applied'
union all
select uuidv7(created_at - now()), organization_id, id, 'rejected', stage, stage, created_by, created_at
from applied where luck < 0.3;

insert into load.batches (first) values (@first);
