-- Counts and pages of what a search finds, without a look at those who are not shown.

-- What else is asked of those whom a search finds, as conditions on candidates; $2 holds the values.
create function conditions_of_list(p_where jsonb) returns text language sql immutable parallel safe as $$
    select 'organization_id = $1 and deleted_at is null'
        || case when p_where ? 'source' then ' and source = $2 ->> ''source''' else '' end
        || case when p_where ? 'created_after'
            then ' and created_at > ($2 ->> ''created_after'')::timestamptz' else '' end
        || case when p_where ? 'created_before'
            then ' and created_at < ($2 ->> ''created_before'')::timestamptz' else '' end
$$;

-- The labels asked for, as a condition on candidates' ids.
create function labels_of_list(p_where jsonb) returns text language sql immutable parallel safe as $$
    select coalesce(string_agg(format(
        'exists (select from candidate_labels as label where label.organization_id = $1'
        ' and label.kind = %L and label.label = lower($2 ->> %1$L) and label.candidate_id = candidates.id)',
        kind), ' and '), 'true')
    from unnest(array['skill', 'tag']) as kind where p_where ? kind
$$;

-- Whether everybody's words are better read in a list's order until enough are found, as `p_found` of its first 200
-- tell: the more there are, the more it would cost to look them all up, and the fewer have to be read.
create function is_better_read(p_found int, p_limit bigint) returns boolean language sql immutable parallel safe as $$
    select p_limit * 200 <= 500::bigint * p_found * p_found
$$;

-- Those in the organization in force who match and pass the other filters, at most `p_limit` of them: in a list's order,
-- after the candidate with this key and id. A common word is read from people in that order, as few as the page needs;
-- those whom a seldom word finds are looked up all, and sorted.
create function listed_matches(
    p_query tsquery, p_where jsonb, p_sort text, p_is_descending boolean, p_key text, p_id uuid, p_limit bigint
) returns setof uuid language plpgsql stable security definer rows 50
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = on set enable_bitmapscan = on set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_sort text := case p_sort when 'name' then 'name' when 'updated_at' then 'updated_at' else 'created_at' end;
    v_order text := format(case when p_is_descending then '%I desc, id desc' else '%I, id' end, v_sort);
    v_wanted text := conditions_of_list(p_where);
    v_labels text := labels_of_list(p_where);
    v_terms tsquery;
    v_is_rough boolean := false;
    v_read int;
    v_found int;
begin
    if p_id is not null then
        v_wanted := v_wanted || format(' and (%I, id) %s ($4::%s, $5)', v_sort,
            case when p_is_descending then '<' else '>' end,
            case v_sort when 'name' then 'text' else 'timestamptz' end);
    end if;
    perform set_config('enable_bitmapscan', 'off', true);
    execute format('select count(*), count(*) filter (where search @@ $3)
        from (select search from candidates where %s and %s order by %s limit 200) as first_people',
        v_wanted, v_labels, v_order) into v_read, v_found using v_organization, p_where, p_query, p_key, p_id;
    if v_read < 200 or is_better_read(v_found, p_limit) then
        return query execute format('select id from candidates where %s and %s and search @@ $3 order by %s limit $6',
            v_wanted, v_labels, v_order) using v_organization, p_where, p_query, p_key, p_id, p_limit;
        return;
    end if;
    select terms, is_rough into v_terms, v_is_rough from plan_search(p_query);
    perform set_config('enable_indexscan', 'off', true);
    perform set_config('enable_bitmapscan', 'on', true);
    -- By "offset 0" labels are asked for afterwards: looked up before, each of those people's terms were made anew.
    return query execute format('select id from (
            select id, %I from candidates
            where %s and terms_of(search) @@ $6 and (not $7 or search @@ $3) offset 0) as candidates
        where %s order by %s limit $8', v_sort, v_wanted, v_labels, v_order)
        using v_organization, p_where, p_query, p_key, p_id, v_terms, v_is_rough, p_limit;
end $$;

-- How many match and pass the other filters, counted no further than `p_limit`.
create function count_listed_matches(p_query tsquery, p_where jsonb, p_limit int) returns int
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = on set enable_bitmapscan = on set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_wanted text := conditions_of_list(p_where);
    v_labels text := labels_of_list(p_where);
    v_terms tsquery;
    v_is_rough boolean := false;
    v_read int;
    v_found int;
begin
    if p_where = '{}' then
        return count_matching_candidates(p_query, p_limit);
    end if;
    perform set_config('enable_bitmapscan', 'off', true);
    execute format('select count(*), count(*) filter (where search @@ $3) from (
            select search from candidates where %s and %s order by candidates.id desc nulls last limit 200) as newest',
        v_wanted, v_labels) into v_read, v_found using v_organization, p_where, p_query;
    if v_read < 200 then
        return least(v_found, p_limit);
    elsif v_found >= 50 then
        execute format('select count(*) from (
                select from candidates where %s and %s and search @@ $3
                order by candidates.id desc nulls last limit $4) as found', v_wanted, v_labels)
            into v_found using v_organization, p_where, p_query, p_limit;
        return v_found;
    end if;
    select terms, is_rough into v_terms, v_is_rough from plan_search(p_query);
    perform set_config('enable_indexscan', 'off', true);
    perform set_config('enable_bitmapscan', 'on', true);
    execute format('select count(*) from (
            select from (
                select id from candidates
                where %s and terms_of(search) @@ $4 and (not $5 or search @@ $3) offset 0) as candidates
            where %s limit $6) as found', v_wanted, v_labels)
        into v_found using v_organization, p_where, p_query, v_terms, v_is_rough, p_limit;
    return v_found;
end $$;

-- The right to create lasts for one statement.
do $$
begin
    grant create on schema public to recruitpro_searcher;
    alter function listed_matches(tsquery, jsonb, text, boolean, text, uuid, bigint) owner to recruitpro_searcher;
    alter function count_listed_matches(tsquery, jsonb, int) owner to recruitpro_searcher;
    revoke create on schema public from recruitpro_searcher;
end $$;
revoke execute on function listed_matches(tsquery, jsonb, text, boolean, text, uuid, bigint) from public;
revoke execute on function count_listed_matches(tsquery, jsonb, int) from public;
grant execute on function listed_matches(tsquery, jsonb, text, boolean, text, uuid, bigint) to recruitpro_app;
grant execute on function count_listed_matches(tsquery, jsonb, int) to recruitpro_app;
grant select on candidate_labels to recruitpro_searcher;
