-- Searches that stay quick for phrases, exclusions and words that few or many have.

-- What the index of searches knows of a person: the words, and each word with the next one behind a space (" softwar
-- engin"), so that a phrase of two words is looked up instead of read from everybody who has both. One whose pairs
-- would burst a vector (1 MB, 2 KB a word), or whose last positions are one and the same, has " " instead of pairs.
-- Its cost keeps the planner from making anybody's terms anew.
create function terms_of(p_search tsvector) returns tsvector language sql immutable strict parallel safe cost 1000000 as $$
    select case when max(place) = 16383 or max(octet_length(lexeme)) > 1000 or sum(octet_length(lexeme)) > 250000
        then strip(p_search) || array_to_tsvector(array[' '])
        else strip(p_search) || coalesce(array_to_tsvector(array_agg(pair) filter (where pair is not null)), '') end
    from (
        select lexeme, place, case when lead(place) over following = place + 1
            then ' ' || lexeme || ' ' || lead(lexeme) over following end as pair
        from (select lexeme, unnest(positions) as place from unnest(p_search)) as placed
        window following as (order by place)) as pairs
$$;
-- brief: there are few candidates wherever this is deployed; later it would have to be made beforehand, concurrently
create index candidates_terms on candidates using gin (organization_id, day_of_entry(id), terms_of(search))
    where deleted_at is null;
-- It serves whatever this one did.
drop index candidates_found;

-- One phrase of a query, as it stands in its text, in the terms of that index. Longer ones than two words, gaps ("head
-- of sales") and beginnings of words are rough: the terms say who may have them, the vector itself who has. Nobody can
-- be ruled out by what is rough, so that without it, it becomes without a word that nobody has.
create function terms_of_phrase(p_phrase text, p_has_pairs boolean, out terms text, out is_rough boolean)
language plpgsql immutable parallel safe as $$
declare
    v_words text[] := array(select match[1]
        from regexp_matches(p_phrase, $x$('(?:[^'\\]|''|\\\\)*'(?::\*)?)$x$, 'g') as match);
    v_gaps text[] := array(select match[1] from regexp_matches(p_phrase, '''(?::\*)? <(-|\d+)> ''', 'g') as match);
    v_terms text[] := '{}';
begin
    is_rough := cardinality(v_words) > 2 or v_gaps[1] <> '-' or p_phrase ~ ''':\*' or not p_has_pairs;
    if is_rough and p_phrase like '!%' then
        terms := '!( ''  ''';
        return;
    end if;
    for v_place in 1 .. cardinality(v_gaps) loop
        if p_has_pairs and v_gaps[v_place] = '-' and v_words[v_place] !~ '\*$' then
            -- 'a', 'b' become ' a b', each quoted as it was.
            v_terms := v_terms || (''' ' || substr(left(v_words[v_place], -1), 2) || ' ' || substr(v_words[v_place + 1], 2));
        else
            v_terms := v_terms || v_words[v_place : v_place + 1];
        end if;
    end loop;
    terms := case when p_phrase like '!%' then '!( ' else '' end || array_to_string(v_terms, ' & ');
end $$;

-- A query in the terms of that index; when it is rough, whoever is found has to be looked at. A phrase that is long, or
-- that holds another one, is put in first.
create function terms_of_query(p_query tsquery, p_has_pairs boolean, out terms tsquery, out is_rough boolean)
language plpgsql immutable parallel safe as $$
declare
    v_word constant text := $x$'(?:[^'\\]|''|\\\\)*'(?::\*)?$x$;
    v_text text := p_query::text;
    v_phrase text;
    v_found record;
begin
    is_rough := false;
    for v_phrase in
        select phrase[1]
        from regexp_matches(v_text, '((?:!\( )?' || v_word || '(?: <(?:-|\d+)> ' || v_word || ')+)', 'g') as phrase
        group by 1 order by length(phrase[1]) desc
    loop
        v_found := terms_of_phrase(v_phrase, p_has_pairs);
        v_text := replace(v_text, v_phrase, v_found.terms);
        is_rough := is_rough or v_found.is_rough;
    end loop;
    terms := v_text::tsquery;
end $$;

-- A query without the parts of a profile ('a':A, 'a':*BC) to which it keeps its words: the index's terms have none.
create function without_weights(p_query tsquery) returns tsquery language sql immutable strict parallel safe as $$
    select regexp_replace(p_query::text, $x$('(?:[^'\\]|''|\\\\)*')(?:(:\*)[ABCD]*|:[ABCD]+)?$x$, '\1\2', 'g')::tsquery
$$;

-- What to look for in the organization in force, and between which days: its newest, and that of its newest two
-- thousand (null when it has no more). Beginnings of words `is_read` from the newest people, as long as one in five of
-- them is found: many words may begin so, and a bitmap of each costs more.
create function plan_search(p_query tsquery, out organization uuid, out terms tsquery, out is_rough boolean,
    out is_read boolean, out newest int, out since int) language plpgsql stable as $$
declare
    v_has_pairs boolean := true;
    v_plain tsquery := without_weights(p_query);
begin
    organization := nullif(current_setting('app.organization_id', true), '')::uuid;
    is_read := false;
    if v_plain::text <> p_query::text and p_query::text like '%!%' then
        -- Whoever has the word in another part of the profile may be wanted, so that the index rules nobody out.
        is_read := true;
    elsif p_query::text like '%:*%' then
        is_read := 100 <= (
            select count(*) from (
                select search from candidates where organization_id = organization and deleted_at is null
                order by candidates.id desc nulls last limit 500) as newest_people
            where search @@ p_query);
    else
        -- Of one id each: among the columns of a limited list, it would be reckoned for the two thousand before.
        newest := day_of_entry((
            select candidates.id from candidates where organization_id = organization and deleted_at is null
            order by candidates.id desc nulls last limit 1));
        since := day_of_entry((
            select candidates.id from candidates where organization_id = organization and deleted_at is null
            order by candidates.id desc nulls last offset 2000 limit 1));
        -- Two thousand people in so many days: all of them are found sooner than those of each day.
        since := case when newest - since <= 64 then since end;
    end if;
    perform set_config('enable_indexscan', case when is_read then 'on' else 'off' end, true);
    perform set_config('enable_bitmapscan', case when is_read then 'off' else 'on' end, true);
    terms := v_plain;
    is_rough := v_plain::text <> p_query::text;
    if v_plain::text like '%<%' then
        v_has_pairs := not exists (
            select from candidates
            where organization_id = organization and terms_of(search) @@ ''' '''::tsquery and deleted_at is null);
        select wanted.terms, v_plain::text <> p_query::text or wanted.is_rough into terms, is_rough
        from terms_of_query(v_plain, v_has_pairs) as wanted;
    end if;
end $$;

-- From which day on to look next, when `p_found` of the `p_limit` wanted were there since `p_since`; null, for all, when
-- it lies over 256 days back, where looking at each day costs more than it saves.
create function search_since(p_newest int, p_since int, p_found int, p_limit int) returns int
language sql immutable parallel safe as $$
    select case when days <= 256 then p_newest - days end
    from (select ceil((p_newest - p_since + 1) * 1.2 * p_limit / greatest(p_found, 1))::int as days) as needed
$$;

-- As before, the newest first, at most `p_limit`: looked for among the newest two thousand, then as far back as that tells
-- to be enough, and at last among all. By bitmaps alone, in memory: the index of lists would have each person's words
-- read, wanted or not.
create or replace function matching_candidates(p_query tsquery, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = on set enable_bitmapscan = on set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_plan record := plan_search(p_query);
    v_since int := v_plan.since;
    v_ids uuid[];
begin
    if v_plan.is_read then
        return query
        select candidates.id from candidates
        where organization_id = v_plan.organization and search @@ p_query and deleted_at is null
        order by candidates.id desc nulls last limit p_limit;
        return;
    end if;
    while v_since is not null loop
        v_ids := array(
            select candidates.id from candidates
            where organization_id = v_plan.organization and deleted_at is null
              and day_of_entry(candidates.id) >= v_since
              and terms_of(search) @@ v_plan.terms and (not v_plan.is_rough or search @@ p_query)
            order by candidates.id desc nulls last limit p_limit);
        if cardinality(v_ids) >= p_limit then
            return query select unnest(v_ids);
            return;
        end if;
        v_since := search_since(v_plan.newest, v_since, cardinality(v_ids), p_limit);
    end loop;
    return query
    select candidates.id from candidates
    where organization_id = v_plan.organization and deleted_at is null
      and terms_of(search) @@ v_plan.terms and (not v_plan.is_rough or search @@ p_query)
    order by candidates.id desc nulls last limit p_limit;
end $$;

-- How many there are, counted no further than `p_limit`: in the same steps, in no order.
create or replace function count_matching_candidates(p_query tsquery, p_limit int) returns int
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan
set enable_indexscan = on set enable_bitmapscan = on set enable_seqscan = off set work_mem = '64MB' as $$
declare
    v_plan record := plan_search(p_query);
    v_since int := v_plan.since;
    v_found int;
begin
    if v_plan.is_read then
        return (
            select count(*) from (
                select from candidates
                where organization_id = v_plan.organization and search @@ p_query and deleted_at is null
                order by candidates.id desc nulls last limit p_limit) as found);
    end if;
    while v_since is not null loop
        select count(*) into v_found from (
            select from candidates
            where organization_id = v_plan.organization and deleted_at is null
              and day_of_entry(candidates.id) >= v_since
              and terms_of(search) @@ v_plan.terms and (not v_plan.is_rough or search @@ p_query)
            limit p_limit) as found;
        if v_found >= p_limit then
            return v_found;
        end if;
        v_since := search_since(v_plan.newest, v_since, v_found, p_limit);
    end loop;
    select count(*) into v_found from (
        select from candidates
        where organization_id = v_plan.organization and deleted_at is null
          and terms_of(search) @@ v_plan.terms and (not v_plan.is_rough or search @@ p_query)
        limit p_limit) as found;
    return v_found;
end $$;
