-- People who may be one, found without a look at all who share a common name.

-- Who has the same trigrams, by the hash of them.
-- brief: there are few candidates wherever this is deployed; later it would have to be made beforehand, concurrently
create index candidates_trigrams on candidates (organization_id, hash_array(show_trgm(name))) where deleted_at is null;

-- As before, for all whose names are alike by a half at least; but of those who have only one word in common, a first name
-- for tens of thousands, none is read. A word that has exactly half of the trigrams does not suffice by itself: either the
-- other words add a trigram, or that word is the whole other name. (Of a word with less the index knows it.)
create or replace function similar_names(p_name text, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set pg_trgm.similarity_threshold = 0.5
-- One trigram of the other words is enough.
set pg_trgm.word_similarity_threshold = 0.0001 set plan_cache_mode = force_custom_plan as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_words text[] := array_remove(regexp_split_to_array(p_name, '\s+'), '');
    v_place int;
    v_word text;
    v_others text;
begin
    select place, word into v_place, v_word from unnest(v_words) with ordinality as words (word, place)
    where 2 * cardinality(show_trgm(word)) = cardinality(show_trgm(p_name)) order by place limit 1;
    if v_place is null then
        return query
        select candidates.id from candidates
        where organization_id = v_organization and name % p_name and deleted_at is null
        order by similarity(name, p_name) desc, candidates.id desc limit p_limit;
        return;
    end if;
    v_others := array_to_string(v_words[:v_place - 1] || v_words[v_place + 1:], ' ');
    return query
    select near.id from (
        select candidates.id, name from candidates
        where organization_id = v_organization and name % p_name and name %> v_others and deleted_at is null
        union
        select candidates.id, name from candidates
        where organization_id = v_organization and hash_array(show_trgm(name)) = hash_array(show_trgm(v_word))
          and similarity(name, p_name) >= 0.5 and deleted_at is null) as near
    order by similarity(name, p_name) desc, near.id desc limit p_limit;
end $$;
