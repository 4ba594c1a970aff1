-- Reports of years that read a row for each day, and not each application.

-- Candidates in a stage in the order of lists, and interviews with what the policies of private projects look at: a count
-- of ten thousand reads no table.
-- brief: there are few applications wherever this is deployed; later it would have to be made beforehand, concurrently
create index applications_of_stage on applications (organization_id, stage, candidate_id desc nulls last)
    include (position_id);
drop index interviews_list;
drop index interviews_status;
-- brief: as above
create index interviews_list on interviews (organization_id, starts_at desc, id desc) include (application_id);
-- brief: as above
create index interviews_status on interviews (organization_id, status, starts_at desc, id desc) include (application_id);

-- How many applications are alike, by the day (UTC) on which they were made, and by the month. Whatever may change what an
-- application counts as leaves a mark, in its own transaction: rows are only added, so nobody waits for anybody. Every minute
-- what is marked is counted anew. A report takes what is marked from the applications themselves, in one snapshot
-- with the sums, so that it is as exact as if it had read them all, however late the counting is.
create table application_marks (
    id bigint generated always as identity primary key,
    organization_id uuid not null,
    application_id uuid,
    -- All applications for it: the stages that it has say who is hired.
    position_id uuid
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);
create index application_marks_of_organization on application_marks (organization_id);

-- What alike applications have in common, under a key made of it.
create table application_kinds (
    organization_id uuid not null references organizations (id),
    key uuid not null,
    source text,
    -- The position's, from which it follows who is hired.
    stages text[] not null,
    stages_entered text[] not null,
    stage text not null,
    status text not null,
    -- An interview took place.
    is_met boolean not null,
    primary key (organization_id, key)
);

-- As what each one stands in the sums. No reference: it outlives its application until the sums know that that is gone.
create table counted_applications (
    organization_id uuid not null,
    application_id uuid not null,
    position_id uuid not null,
    applied_on date not null,
    key uuid not null,
    primary key (organization_id, application_id)
);
create index counted_applications_position on counted_applications (organization_id, position_id)
    include (applied_on, key);

create table application_sums (
    organization_id uuid not null references organizations (id),
    span text not null check (span in ('day', 'month')),
    starts_on date not null,
    key uuid not null,
    n int not null,
    primary key (organization_id, span, starts_on, key)
);
create index application_sums_key on application_sums (organization_id, key);

-- How many candidates were entered on a day (UTC) and are not deleted: each statement adds what it changed, and every minute
-- that goes to the sums.
create table candidate_increments (
    id bigint generated always as identity primary key,
    organization_id uuid not null,
    entered_on date not null,
    n int not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);
create index candidate_increments_of_organization on candidate_increments (organization_id, entered_on) include (n);
create table candidate_sums (
    organization_id uuid not null references organizations (id),
    entered_on date not null,
    n int not null,
    primary key (organization_id, entered_on)
);

create function day_of(p_time timestamptz) returns date language sql immutable parallel safe as $$
    select (p_time at time zone 'UTC')::date
$$;

create function key_of(p_source text, p_stages text[], p_entered text[], p_stage text, p_status text, p_is_met boolean)
returns uuid language sql immutable parallel safe as $$
    select md5(jsonb_build_array(p_source, p_stages, p_entered, p_stage, p_status, p_is_met)::text)::uuid
$$;

create function mark_new_applications() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into application_marks (organization_id, application_id) select organization_id, id from added;
    return null;
end $$;
create function mark_application() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into application_marks (organization_id, application_id) values (old.organization_id, old.id);
    return null;
end $$;
create function mark_interviewed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        insert into application_marks (organization_id, application_id) values (old.organization_id, old.application_id);
    end if;
    if tg_op <> 'DELETE' then
        insert into application_marks (organization_id, application_id) values (new.organization_id, new.application_id);
    end if;
    return null;
end $$;
create function mark_position() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into application_marks (organization_id, position_id) values (new.organization_id, new.id);
    return null;
end $$;
create function add_new_candidates() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into candidate_increments (organization_id, entered_on, n)
    select organization_id, day_of(created_at), count(*) from added where deleted_at is null group by 1, 2;
    return null;
end $$;
create function add_changed_candidate() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.deleted_at is null then
        insert into candidate_increments (organization_id, entered_on, n)
        values (old.organization_id, day_of(old.created_at), -1);
    end if;
    if tg_op = 'UPDATE' and new.deleted_at is null then
        insert into candidate_increments (organization_id, entered_on, n)
        values (new.organization_id, day_of(new.created_at), 1);
    end if;
    return null;
end $$;

create trigger mark_new_applications after insert on applications
    referencing new table as added for each statement execute function mark_new_applications();
create trigger mark_changed_application after update on applications
    for each row when (
        (old.stage, old.status, old.source, old.stages_entered, old.applied_at, old.position_id)
        is distinct from (new.stage, new.status, new.source, new.stages_entered, new.applied_at, new.position_id))
    execute function mark_application();
create trigger mark_removed_application after delete on applications
    for each row execute function mark_application();
create trigger mark_new_interview after insert on interviews
    for each row when (new.status = 'completed') execute function mark_interviewed();
create trigger mark_changed_interview after update on interviews
    for each row when ((old.status = 'completed' or new.status = 'completed')
        and (old.status, old.application_id) is distinct from (new.status, new.application_id))
    execute function mark_interviewed();
create trigger mark_removed_interview after delete on interviews
    for each row when (old.status = 'completed') execute function mark_interviewed();
create trigger mark_changed_position after update on positions
    for each row when (old.stages is distinct from new.stages) execute function mark_position();
create trigger add_new_candidates after insert on candidates
    referencing new table as added for each statement execute function add_new_candidates();
create trigger add_changed_candidate after update on candidates
    for each row when ((old.deleted_at is null) <> (new.deleted_at is null) or old.created_at <> new.created_at)
    execute function add_changed_candidate();
create trigger add_removed_candidate after delete on candidates
    for each row when (old.deleted_at is null) execute function add_changed_candidate();

-- Of the organization in force, what at most `p_limit` marks are about; how many they were. Whoever comes second has
-- nothing to do. What somebody changes meanwhile has a mark of its own, which is not seen and not taken yet.
create function count_applications(p_limit int) returns int
language plpgsql security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_ids uuid[];
    v_positions uuid[];
    v_marks int;
    v_keys uuid[];
begin
    if not pg_try_advisory_xact_lock(hashtext('count_applications'), hashtext(v_organization::text)) then
        return 0;
    end if;
    with taken as (
        delete from application_marks
        where ctid = any (array(
            select ctid from application_marks where organization_id = v_organization limit p_limit))
        returning application_id, position_id
    )
    select count(*), array_agg(distinct application_id) filter (where application_id is not null),
        array_agg(distinct position_id) filter (where position_id is not null)
    into v_marks, v_ids, v_positions from taken;
    if v_marks = 0 then
        return 0;
    end if;
    v_ids := array(
        select unnest(v_ids)
        union
        select applications.id from applications
        where organization_id = v_organization and position_id = any(v_positions));

    with gone as (
        delete from counted_applications
        where organization_id = v_organization and application_id = any(v_ids) returning applied_on, key
    ), lessened as (
        update application_sums as sums set n = sums.n - less.n
        from (
            select spans.span, spans.starts_on, gone.key, count(*) as n
            from gone, lateral (values ('day', applied_on), ('month', date_trunc('month', applied_on)::date))
                as spans (span, starts_on)
            group by 1, 2, 3) as less
        where sums.organization_id = v_organization and sums.span = less.span and sums.starts_on = less.starts_on
          and sums.key = less.key
        returning sums.key, sums.n)
    select array_agg(distinct key) filter (where n = 0) into v_keys from lessened;

    with standing as materialized (
        select applications.id, position_id, day_of(applied_at) as applied_on, source, stages, stages_entered, stage,
            applications.status, is_met,
            key_of(source, stages, stages_entered, stage, applications.status, is_met) as key
        from applications
        join positions on positions.organization_id = v_organization and positions.id = position_id,
            lateral (select coalesce((
                select true from interviews
                where interviews.organization_id = v_organization and application_id = applications.id
                  and interviews.status = 'completed' limit 1), false) as is_met) as meetings
        where applications.organization_id = v_organization and applications.id = any(v_ids)
    ), kinds as (
        insert into application_kinds (organization_id, key, source, stages, stages_entered, stage, status, is_met)
        select distinct on (key) v_organization, key, source, stages, stages_entered, stage, status, is_met
        from standing order by key
        on conflict (organization_id, key) do nothing
    ), counted as (
        insert into counted_applications (organization_id, application_id, position_id, applied_on, key)
        select v_organization, id, position_id, applied_on, key from standing
    )
    insert into application_sums as sums (organization_id, span, starts_on, key, n)
    select v_organization, spans.span, spans.starts_on, key, count(*)
    from standing, lateral (values ('day', applied_on), ('month', date_trunc('month', applied_on)::date))
        as spans (span, starts_on)
    group by 2, 3, 4
    on conflict (organization_id, span, starts_on, key) do update set n = sums.n + excluded.n;

    if v_keys is not null then
        delete from application_sums where organization_id = v_organization and key = any(v_keys) and n = 0;
        delete from application_kinds
        where organization_id = v_organization and key = any(v_keys) and not exists (
            select from application_sums
            where application_sums.organization_id = v_organization and application_sums.key = application_kinds.key);
    end if;
    return v_marks;
end $$;

create function count_candidates(p_limit int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_taken int;
begin
    if not pg_try_advisory_xact_lock(hashtext('count_candidates'), hashtext(v_organization::text)) then
        return 0;
    end if;
    with taken as (
        delete from candidate_increments
        where ctid = any (array(
            select ctid from candidate_increments where organization_id = v_organization limit p_limit))
        returning entered_on, n
    ), summed as (
        insert into candidate_sums as sums (organization_id, entered_on, n)
        select v_organization, entered_on, sum(n) from taken group by entered_on
        on conflict (organization_id, entered_on) do update set n = sums.n + excluded.n
    )
    select count(*) into v_taken from taken;
    return v_taken;
end $$;

-- Of the days from `p_first` on and before `p_last`, which may be infinite: the whole months, and what is left of days.
create function whole_spans(p_first date, p_last date)
returns table (span text, first_on date, last_on date) language sql immutable parallel safe as $$
    with months as (
        select (date_trunc('month', (p_first - 1)::timestamp) + interval '1 month')::date as first_month,
            date_trunc('month', p_last::timestamp)::date as last_month)
    select spans.* from months, lateral (values
        ('month', first_month, last_month),
        ('day', p_first, least(first_month, p_last)),
        ('day', greatest(last_month, first_month), p_last)) as spans (span, first_on, last_on)
    where spans.first_on < spans.last_on
$$;

-- What the sums may not know yet.
create function marked_applications() returns uuid[]
language plpgsql stable set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_positions uuid[] := array(
        select distinct position_id from application_marks
        where organization_id = v_organization and position_id is not null);
begin
    return array(
        select application_id from application_marks
        where organization_id = v_organization and application_id is not null
        union
        select applications.id from applications
        where organization_id = v_organization and position_id = any(v_positions));
end $$;

-- How many applications are alike, as far as whoever asks may see them, by `bucket`: the number of the interval between
-- two `p_edges` in which they were made, from 1 on. Alike ones may come in several rows.
create function alike_applications(p_edges timestamptz[]) returns table (
    bucket int, source text, stages text[], stages_entered text[], stage text, status text, is_met boolean, n bigint)
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_hidden uuid[] := array(select hidden_positions());
    v_ids uuid[] := marked_applications();
begin
    return query
    with buckets as (
        select place::int as bucket, p_edges[place] as starts_at, p_edges[place + 1] as ends_at,
            case when p_edges[place] = day_of(p_edges[place])::timestamp at time zone 'UTC' then day_of(p_edges[place])
                else day_of(p_edges[place]) + 1 end as first_on,
            day_of(p_edges[place + 1]) as last_on
        from generate_series(1, cardinality(p_edges) - 1) as place
    ), spans as (
        select bucket, whole.* from buckets, lateral whole_spans(first_on, last_on) as whole
    ), summed as (
        select bucket, key, sum(n) as n from (
            select spans.bucket, sums.key, sums.n
            from spans, lateral (
                select key, n from application_sums
                where organization_id = v_organization and application_sums.span = spans.span
                  and starts_on >= spans.first_on and starts_on < spans.last_on offset 0) as sums
            union all
            select buckets.bucket, counted.key, -1
            from (
                select applied_on, key from counted_applications
                where organization_id = v_organization and application_id = any(v_ids)
                union all
                select applied_on, key from counted_applications
                where organization_id = v_organization and position_id = any(v_hidden)
                  and application_id <> all(v_ids)) as counted
            join buckets on counted.applied_on >= first_on and counted.applied_on < last_on) as parts
        group by bucket, key having sum(n) <> 0
    ), themselves as (
        -- The parts of days at both ends, and what is marked.
        select buckets.bucket, made.id
        from buckets, lateral (
            select id from applications
            where organization_id = v_organization and applied_at >= starts_at
              and applied_at < least(ends_at, first_on::timestamp at time zone 'UTC')
            union all
            select id from applications
            where organization_id = v_organization and last_on >= first_on
              and applied_at >= last_on::timestamp at time zone 'UTC' and applied_at < ends_at) as made
        union all
        select buckets.bucket, applications.id from applications
        join buckets on day_of(applied_at) >= first_on and day_of(applied_at) < last_on
        where organization_id = v_organization and applications.id = any(v_ids)
    )
    select summed.bucket, kinds.source, kinds.stages, kinds.stages_entered, kinds.stage, kinds.status, kinds.is_met,
        summed.n
    from summed join application_kinds as kinds on kinds.organization_id = v_organization and kinds.key = summed.key
    union all
    select themselves.bucket, applications.source, positions.stages, applications.stages_entered, applications.stage,
        applications.status,
        -- A scalar is looked up for each; what exists would be hashed, all interviews of all years.
        coalesce((
            select true from interviews
            where interviews.organization_id = v_organization and application_id = applications.id
              and interviews.status = 'completed' limit 1), false),
        1
    from themselves
    join applications on applications.organization_id = v_organization and applications.id = themselves.id
    join positions on positions.organization_id = v_organization and positions.id = applications.position_id
    where positions.id <> all(v_hidden);
end $$;

-- How many applications were made in each interval between two `p_edges`, as far as whoever asks may see them. An edge
-- stands near the beginning of a day, and a month's near that of the month, whatever the clocks: between them are the
-- sums, and what lies between the edge and that beginning is counted itself.
create function applications_made(p_edges timestamptz[]) returns table (bucket int, n bigint)
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_hidden uuid[] := array(select hidden_positions());
    v_ids uuid[] := marked_applications();
begin
    return query
    with edges as (
        select place::int as place, edge, near_on, near_on::timestamp at time zone 'UTC' as near_at
        from unnest(p_edges) with ordinality as given (edge, place),
            lateral (select date_trunc('month', (edge at time zone 'UTC') + interval '14 hours') as month) as months,
            lateral (select case when month >= (edge at time zone 'UTC') - interval '14 hours' then month::date
                else day_of(edge + interval '12 hours') end as near_on) as days
    ), beyond as (
        select place, edge, near_on, (
            select count(*) from applications
            where organization_id = v_organization and applied_at >= near_at and applied_at < edge
              and position_id <> all(v_hidden)) - (
            select count(*) from applications
            where organization_id = v_organization and applied_at >= edge and applied_at < near_at
              and position_id <> all(v_hidden)) as n
        from edges
    ), buckets as (
        select place as bucket, near_on as first_on, lead(near_on) over in_order as last_on,
            lead(n) over in_order - n as n
        from beyond window in_order as (order by place)
    ), changed as (
        select applied_on, -1 as n from counted_applications
        where organization_id = v_organization and application_id = any(v_ids)
        union all
        select applied_on, -1 from counted_applications
        where organization_id = v_organization and position_id = any(v_hidden) and application_id <> all(v_ids)
        union all
        select day_of(applied_at), 1 from applications
        where organization_id = v_organization and id = any(v_ids) and position_id <> all(v_hidden)
    )
    select buckets.bucket,
        (buckets.n
        + (select coalesce(sum(sums.n), 0) from whole_spans(first_on, last_on) as whole, lateral (
            select n from application_sums
            where organization_id = v_organization and application_sums.span = whole.span
              and starts_on >= whole.first_on and starts_on < whole.last_on offset 0) as sums)
        + (select coalesce(sum(changed.n), 0) from changed where applied_on >= first_on and applied_on < last_on))::bigint
    from buckets where last_on is not null;
end $$;

-- How many candidates were entered in a period and are not deleted.
create function candidates_entered(p_from timestamptz, p_to timestamptz) returns bigint
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_first date := day_of(p_from + interval '1 day' - interval '1 microsecond');
    v_last date := day_of(p_to);
    v_first_at timestamptz := least(v_first::timestamp at time zone 'UTC', p_to);
    v_last_at timestamptz := greatest(v_last::timestamp at time zone 'UTC', v_first_at);
begin
    return (
        select coalesce(sum(n), 0)::bigint from (
            select n from candidate_sums
            where organization_id = v_organization and entered_on >= v_first and entered_on < v_last
            union all
            select n from candidate_increments
            where organization_id = v_organization and entered_on >= v_first and entered_on < v_last
            union all
            select count(*) from candidates
            where organization_id = v_organization and deleted_at is null
              and created_at >= p_from and created_at < v_first_at
            union all
            select count(*) from candidates
            where organization_id = v_organization and deleted_at is null
              and created_at >= v_last_at and created_at < p_to) as parts);
end $$;

-- Whoever was hired, by when: the stage that this is has many names.
drop index applications_entered;
-- brief: as above
create index applications_entered on applications (organization_id, stage, stage_entered_at)
    include (position_id, status, applied_at);

-- The longest stays first, of each stage.
-- brief: as above
create index applications_lasting on applications (organization_id, stage, stage_entered_at) include (id, position_id)
    where status = 'active';

-- Those who were there before: what is marked is counted within minutes, and reports are exact until then. Their owner is
-- held back by row-level security like everybody else, but for this.
alter table applications no force row level security;
alter table candidates no force row level security;
insert into application_marks (organization_id, application_id) select organization_id, id from applications;
insert into candidate_sums (organization_id, entered_on, n)
select organization_id, day_of(created_at), count(*) from candidates where deleted_at is null group by 1, 2;
alter table applications force row level security;
alter table candidates force row level security;

-- Whoever writes what is counted marks it with their own rights; adding is all that they may do.
grant insert on application_marks, candidate_increments to recruitpro_app, recruitpro_eraser;
-- Which organizations have something to count, and nothing else.
grant select (organization_id) on application_marks, candidate_increments to recruitpro_dispatcher;
create policy dispatching on application_marks for select to recruitpro_dispatcher using (true);
create policy dispatching on candidate_increments for select to recruitpro_dispatcher using (true);
grant select, delete on application_marks, candidate_increments to recruitpro_searcher;
grant select, insert, update, delete on application_kinds, counted_applications, application_sums, candidate_sums
    to recruitpro_searcher;
grant select (organization_id, id, position_id, stage, status, source, stages_entered, applied_at) on applications
    to recruitpro_searcher;
grant select (organization_id, id, stages) on positions to recruitpro_searcher;
grant select (organization_id, application_id, status) on interviews to recruitpro_searcher;

-- The right to create lasts for one statement.
do $$
begin
    grant create on schema public to recruitpro_searcher;
    alter function count_applications(int) owner to recruitpro_searcher;
    alter function count_candidates(int) owner to recruitpro_searcher;
    alter function alike_applications(timestamptz[]) owner to recruitpro_searcher;
    alter function applications_made(timestamptz[]) owner to recruitpro_searcher;
    alter function candidates_entered(timestamptz, timestamptz) owner to recruitpro_searcher;
    revoke create on schema public from recruitpro_searcher;
end $$;
revoke execute on function count_applications(int), count_candidates(int), alike_applications(timestamptz[]),
    applications_made(timestamptz[]), candidates_entered(timestamptz, timestamptz) from public;
grant execute on function count_applications(int), count_candidates(int), alike_applications(timestamptz[]),
    applications_made(timestamptz[]), candidates_entered(timestamptz, timestamptz) to recruitpro_app;
