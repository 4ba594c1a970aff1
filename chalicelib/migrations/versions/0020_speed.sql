-- A search among hundreds of thousands: words that half of all people have, and counts no further than asked for. The
-- index knows the day on which a candidate was entered, so that the newest who match are found without those of years.
-- By hand what uuid_extract_timestamp does from PostgreSQL 17 on: the first 48 bits are milliseconds. It grows with the id.
create function day_of_entry(p_id uuid) returns int language sql immutable parallel safe as $$
    select (('x' || left(replace(p_id::text, '-', ''), 12))::bit(48)::bigint / 86400000)::int
$$;
-- brief: there are few candidates wherever this is deployed; later it would have to be made beforehand, concurrently
create index candidates_found on candidates using gin (organization_id, day_of_entry(id), search) where deleted_at is null;
-- It serves whatever this one did.
drop index candidates_search;

-- What the policies of private projects look at stands in the indexes of lists: a count of ten thousand reads no table.
drop index documents_list;
drop index documents_status;
drop index documents_kind;
-- brief: as above
create index documents_list on documents (organization_id, id desc nulls last) include (project_id, position_id)
    where deleted_at is null;
-- brief: as above
create index documents_status on documents (organization_id, status, id desc nulls last)
    include (project_id, position_id) where deleted_at is null;
-- brief: as above
create index documents_kind on documents (organization_id, kind, id desc nulls last) include (project_id, position_id)
    where deleted_at is null;
-- brief: as above
create index applications_in_stage on applications (organization_id, stage, id desc nulls last)
    include (candidate_id, position_id);

-- A label tells its kind: taken for independent of each other, the many with a tag looked like a few, worth sorting.
create statistics candidate_labels_together (mcv, dependencies) on organization_id, kind, label from candidate_labels;
alter statistics candidate_labels_together set statistics 1000;

-- As before, the newest first, at most `p_limit`: looked for among those of the last 4 days, of 32, of 256, and then
-- among all. By bitmaps alone, in memory: the index of lists would have each person's words read, wanted or not.
-- Only the beginning of a word may stand for so many words that a bitmap of each costs more; there the planner chooses.
create or replace function matching_candidates(p_query tsquery, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = off set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_today int := floor(extract(epoch from now()) / 86400)::int;
    v_days int;
    v_spans int[] := array[4, 32, 256];
    v_ids uuid[];
begin
    if p_query::text like '%:*%' then
        v_spans := '{}';
        perform set_config('enable_indexscan', 'on', true);
    end if;
    foreach v_days in array v_spans loop
        v_ids := array(
            select candidates.id from candidates
            where organization_id = v_organization and day_of_entry(candidates.id) >= v_today - v_days
              and search @@ p_query and deleted_at is null
            order by candidates.id desc nulls last limit p_limit);
        if cardinality(v_ids) >= p_limit then
            return query select unnest(v_ids);
            return;
        end if;
    end loop;
    return query
    select candidates.id from candidates
    where organization_id = v_organization and search @@ p_query and deleted_at is null
    order by candidates.id desc nulls last limit p_limit;
end $$;

-- How many there are, counted no further than `p_limit`: in the same steps, in no order.
create function count_matching_candidates(p_query tsquery, p_limit int) returns int
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = off set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_today int := floor(extract(epoch from now()) / 86400)::int;
    v_days int;
    v_count int;
begin
    if p_query::text like '%:*%' then
        return (select count(*) from matching_candidates(p_query, p_limit));
    end if;
    foreach v_days in array array[4, 32, 256] loop
        select count(*) into v_count from (
            select from candidates
            where organization_id = v_organization and day_of_entry(candidates.id) >= v_today - v_days
              and search @@ p_query and deleted_at is null limit p_limit) as found;
        if v_count >= p_limit then
            return v_count;
        end if;
    end loop;
    select count(*) into v_count from (
        select from candidates
        where organization_id = v_organization and search @@ p_query and deleted_at is null limit p_limit) as found;
    return v_count;
end $$;

-- The right to create lasts for one statement.
do $$
begin
    grant create on schema public to recruitpro_searcher;
    alter function count_matching_candidates(tsquery, int) owner to recruitpro_searcher;
    revoke create on schema public from recruitpro_searcher;
end $$;
revoke execute on function count_matching_candidates(tsquery, int) from public;
grant execute on function count_matching_candidates(tsquery, int) to recruitpro_app;
