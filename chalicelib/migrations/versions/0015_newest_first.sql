-- The planner takes an organization's rows to lie evenly among all, and then a primary key read backward to be the
-- shortest way to the newest of them: one without news for long had every newer row of the others read and thrown away.
-- No primary key gives "nulls last", so a list in that order has its own index alone (chalicelib/http/paging.py).
-- Indexes of later revisions end so as well.
do $$
declare
    v_index record;
begin
    for v_index in
        select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition
        from pg_index join pg_class on pg_class.oid = indexrelid
        where relnamespace = 'public'::regnamespace
          and pg_get_indexdef(indexrelid) ~ '\(organization_id, (\w+, )?id DESC\)'
    loop
        execute format('drop index %s', v_index.name);
        execute replace(v_index.definition, 'id DESC)', 'id DESC NULLS LAST)');
    end loop;
end $$;
-- The unfiltered list had nothing but the key.
create index jobs_list on jobs (organization_id, id desc nulls last);

create or replace function matching_candidates(p_query tsquery, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select candidates.id from candidates
    where organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      and search @@ p_query and deleted_at is null
    order by candidates.id desc nulls last limit p_limit;
end $$;
