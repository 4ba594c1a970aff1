create extension if not exists fuzzystrmatch;

-- Whoever was merged into somebody else stays as a deleted row, for the way back and for old links.
alter table candidates
    add column merged_into uuid,
    add foreign key (organization_id, merged_into) references candidates (organization_id, id),
    add check (merged_into is null or (deleted_at is not null and merged_into <> id));
create index candidates_merged on candidates (organization_id, merged_into) where merged_into is not null;

create table candidate_merges (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    candidate_id uuid not null,
    duplicate_id uuid not null,
    -- What the merge made of the remaining candidate's values, and the rows that it moved, by table.
    before jsonb not null,
    after jsonb not null,
    moved jsonb not null,
    merged_by uuid,
    merged_at timestamptz not null,
    undone_by uuid,
    undone_at timestamptz,
    unique (organization_id, id),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id) on delete cascade,
    foreign key (organization_id, duplicate_id) references candidates (organization_id, id) on delete cascade
);
create unique index candidate_merges_standing on candidate_merges (organization_id, duplicate_id)
    where undone_at is null;
create index candidate_merges_of_duplicate on candidate_merges (organization_id, duplicate_id);
create index candidate_merges_of_candidate on candidate_merges (organization_id, candidate_id, id desc);

-- Both had applied to one position: the application that came less far, as it was, and what went from it to the other.
create table merged_applications (
    organization_id uuid not null,
    application_id uuid not null,
    merge_id uuid not null,
    position_id uuid not null,
    -- No reference: the one that was kept may be merged into a third.
    kept_application_id uuid not null,
    -- How many steps the history had that both make together: one more says that somebody has moved it since.
    kept_steps int not null,
    row jsonb not null,
    moved jsonb not null,
    primary key (organization_id, application_id),
    foreign key (organization_id, merge_id) references candidate_merges (organization_id, id) on delete cascade
);
create index merged_applications_of_merge on merged_applications (organization_id, merge_id);
create index merged_applications_kept on merged_applications (organization_id, kept_application_id);

-- What is written for somebody while they are merged waits for the merge, and is to be tried again: by then the writer
-- sees whom it is for.
create function refuse_merged_candidate() returns trigger language plpgsql as $$
declare
    v_merged_into uuid;
begin
    if new.candidate_id is null then
        return new;
    end if;
    select candidates.merged_into into v_merged_into from candidates
    where candidates.organization_id = new.organization_id and candidates.id = new.candidate_id for key share;
    if v_merged_into is not null then
        raise exception 'candidate % was merged', new.candidate_id using errcode = '40001';
    end if;
    return new;
end $$;
create trigger applications_of_living before insert or update of candidate_id on applications
    for each row execute function refuse_merged_candidate();
create trigger documents_of_living before insert or update of candidate_id on documents
    for each row execute function refuse_merged_candidate();
create trigger outreach_of_living before insert or update of candidate_id on outreach
    for each row execute function refuse_merged_candidate();

-- A name as it sounds, whichever way round it is written: "Hartley, Amélie" and "Amelie Hartly" are one. Names of other
-- scripts are taken as they are. This function and the next two are one SELECT each, and asked for in FROM, so that they
-- become part of the statement that asks: for a thousand candidates it is planned and begun once.
create function sounds_of(p_name text) returns table (name_sound text) language sql stable parallel safe as $$
    select string_agg(sound, ' ' order by sound) from (
        select coalesce(case when word ~ '^[a-z]+$' then nullif(lower(public.dmetaphone(word)), '') end, word) as sound
        from regexp_split_to_table(lower(public.unaccent(p_name)), '[^[:alnum:]]+') as word
        where char_length(word) > 1) as sounds
$$;

-- What two candidates share who may be one person, beside the phone number, which has an index of its own. A name of one
-- word is too common to tell with a place or an employer. The same may come twice.
create function telling_keys(p_name text, p_email text, p_location text, p_links text[], p_experience jsonb)
returns table (kind text, label text) language sql stable parallel safe as $$
    select 'link', case when octet_length(link) > 500 then md5(link) else link end
    from unnest(p_links) as given,
        lateral regexp_replace(lower(given), '^[a-z]+://(www\.)?|[/#?]+$', '', 'g') as link
    where link <> ''
    union all
    select known.kind, concat(name_sound, '|', known.other)
    from sounds_of(p_name), lateral (
        select 'name_mailbox' as kind, split_part(split_part(p_email, '@', 1), '+', 1) as other
        where p_email is not null
        union all
        select 'name_place', btrim(split_part(lower(public.unaccent(p_location)), ',', 1))
        where p_location is not null and name_sound like '% %'
        union all
        select 'name_employer', lower(public.unaccent(job ->> 'organization'))
        from jsonb_array_elements(p_experience) as job
        where job ->> 'organization' is not null and name_sound like '% %') as known
    where name_sound is not null
$$;

create function labels_of(p_skills text[], p_tags text[], p_name text, p_email text, p_location text, p_links text[],
    p_experience jsonb)
returns table (kind text, label text) language sql stable parallel safe as $$
    select 'skill', lower(skill) from unnest(p_skills) as skill
    union all
    select 'tag', lower(tag) from unnest(p_tags) as tag
    union all
    select keys.kind, keys.label from telling_keys(p_name, p_email, p_location, p_links, p_experience) as keys
$$;

alter table candidate_labels drop constraint candidate_labels_kind_check;
alter table candidate_labels add check
    (kind in ('skill', 'tag', 'link', 'name_mailbox', 'name_place', 'name_employer'));

-- Those of one statement together, in the order of the primary key: an import adds hundreds at a time.
create function label_new_candidates() returns trigger language plpgsql as $$
begin
    insert into candidate_labels (organization_id, kind, label, candidate_id)
    select distinct added.organization_id, labels.kind, labels.label, added.id
    from new_candidates as added,
        labels_of(added.skills, added.tags, added.name, added.email, added.location, added.links, added.experience)
            as labels
    order by 1, 2, 3, 4;
    return null;
end $$;
create or replace function label_candidate() returns trigger language plpgsql as $$
begin
    delete from candidate_labels
    where organization_id = new.organization_id and candidate_id = new.id;
    insert into candidate_labels (organization_id, kind, label, candidate_id)
    select distinct new.organization_id, labels.kind, labels.label, new.id
    from labels_of(new.skills, new.tags, new.name, new.email, new.location, new.links, new.experience) as labels;
    return null;
end $$;
drop trigger candidates_label on candidates;
create trigger candidates_label_new after insert on candidates
    referencing new table as new_candidates for each statement execute function label_new_candidates();
create trigger candidates_label after update of skills, tags, name, email, location, links, experience on candidates
    for each row when (
        (new.skills, new.tags, new.name, new.email, new.location, new.links, new.experience)
        is distinct from (old.skills, old.tags, old.name, old.email, old.location, old.links, old.experience))
    execute function label_candidate();

-- Those who were there before. Their owner is held back by row-level security like everybody else, but for this.
alter table candidates no force row level security;
alter table candidate_labels no force row level security;
insert into candidate_labels (organization_id, kind, label, candidate_id)
select distinct organization_id, keys.kind, keys.label, id from candidates,
    telling_keys(name, email, location, links, experience) as keys;
alter table candidates force row level security;
alter table candidate_labels force row level security;

create index candidates_names on candidates using gin (organization_id, name gin_trgm_ops) where deleted_at is null;
-- Living candidates of the organization in force whose names look like this one, the likest first. As
-- matching_candidates does it, and for the same reason: the operators of pg_trgm are not leakproof.
create function similar_names(p_name text, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set pg_trgm.similarity_threshold = 0.5 as $$
begin
    return query
    select candidates.id from candidates
    where organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      and name % p_name and deleted_at is null
    order by similarity(name, p_name) desc, candidates.id desc limit p_limit;
end $$;

grant select, insert, update on candidate_merges to recruitpro_app;
grant select, insert, delete on merged_applications to recruitpro_app;
-- A person's history follows them; what it says stays as it was written.
grant update (application_id) on stage_changes to recruitpro_app;
grant update (candidate_id, application_id) on screenings to recruitpro_app;

grant create on schema public to recruitpro_searcher;
alter function similar_names(text, int) owner to recruitpro_searcher;
revoke create on schema public from recruitpro_searcher;
revoke all on function similar_names(text, int) from public;
grant execute on function similar_names(text, int) to recruitpro_app;
