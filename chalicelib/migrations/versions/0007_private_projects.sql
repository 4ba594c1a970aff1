alter table projects add column is_private boolean not null default false;
create index projects_private on projects (organization_id, id) where is_private;
-- Those deleted as well: applications to them stay in the lists.
create index positions_of_project on positions (organization_id, project_id) where project_id is not null;

create table project_members (
    organization_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    added_by uuid,
    added_at timestamptz not null,
    primary key (organization_id, project_id, user_id),
    foreign key (organization_id, project_id) references projects (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id)
);
create index project_members_list on project_members (organization_id, project_id, added_at, user_id);
create index project_members_of_user on project_members (organization_id, user_id);

-- Who asks is in app.user_id and app.user_role; both are empty for jobs and the system, which see all that is their
-- organization's, and an admin sees it too. These functions run as recruitpro_searcher, which row-level security holds
-- to the organization but from which no project is hidden: the policies that ask them would else ask themselves.
create function hidden_projects() returns setof uuid
language plpgsql stable parallel safe security definer rows 10
set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_user uuid := nullif(current_setting('app.user_id', true), '')::uuid;
begin
    if v_user is null or current_setting('app.user_role', true) = 'admin' then
        return;
    end if;
    return query
    select projects.id from projects
    where projects.organization_id = v_organization and projects.is_private and not exists (
        select from project_members
        where project_members.organization_id = v_organization and project_members.project_id = projects.id
          and project_members.user_id = v_user);
end $$;

create function hidden_positions() returns setof uuid
language plpgsql stable parallel safe security definer rows 100
set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_projects uuid[] := array(select hidden_projects());
begin
    if v_projects = '{}' then
        return;
    end if;
    return query
    select positions.id from positions
    where positions.organization_id = v_organization and positions.project_id = any(v_projects);
end $$;

-- Hidden projects and the documents attached to them, as events name their subjects. What belongs to a position or an
-- application has the position in its event.
create function hidden_subjects() returns setof uuid
language plpgsql stable parallel safe security definer rows 100
set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_projects uuid[] := array(select hidden_projects());
begin
    if v_projects = '{}' then
        return;
    end if;
    return query
    select unnest(v_projects)
    union all
    select documents.id from documents
    where documents.organization_id = v_organization and documents.project_id = any(v_projects);
end $$;

create function sees_every_project() returns boolean
language plpgsql stable parallel safe
set search_path = public, pg_temp as $$
begin
    return not exists (select from hidden_projects());
end $$;

-- Whether a job works on something hidden. An export that somebody else filtered by stage tells of applications that
-- the asker may not see, whichever position they are for.
create function is_hidden_job(p_payload jsonb, p_requested_by uuid, p_projects uuid[], p_positions uuid[])
returns boolean language plpgsql stable parallel safe security definer
set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_document uuid := (p_payload ->> 'document_id')::uuid;
begin
    if coalesce(p_payload ->> 'position_id', p_payload #>> '{filters,position_id}')::uuid = any(p_positions) then
        return true;
    end if;
    if p_payload #>> '{filters,stage}' is not null
        and p_requested_by is distinct from nullif(current_setting('app.user_id', true), '')::uuid then
        return true;
    end if;
    if p_payload ? 'application_id' and exists (
        select from applications
        where organization_id = v_organization and id = (p_payload ->> 'application_id')::uuid
          and position_id = any(p_positions)) then
        return true;
    end if;
    if p_payload ? 'outreach_id' and exists (
        select from outreach
        where organization_id = v_organization and id = (p_payload ->> 'outreach_id')::uuid
          and position_id = any(p_positions)) then
        return true;
    end if;
    if p_payload ? 'import_id' then
        v_document := (
            select document_id from imports
            where organization_id = v_organization and id = (p_payload ->> 'import_id')::uuid);
    end if;
    return v_document is not null and exists (
        select from documents
        where organization_id = v_organization and id = v_document
          and (project_id = any(p_projects) or position_id = any(p_positions)));
end $$;

-- A policy's subquery is asked once for each statement, and hashed: with nothing hidden, a row costs a look at an empty
-- table.
create policy seen_by_members on projects as restrictive to recruitpro_app
    using (not is_private or id not in (select hidden.id from hidden_projects() as hidden(id)));
create policy seen_by_members on jobs as restrictive to recruitpro_app
    using ((select sees_every_project()) or not is_hidden_job(payload, requested_by,
        (select array(select hidden_projects())), (select array(select hidden_positions()))));
-- For reading alone: whoever leaves a project writes an event that they will not see again.
create policy seen_by_members on events as restrictive for select to recruitpro_app
    using ((select sees_every_project()) or (
        (position_id is null or position_id not in (select hidden.id from hidden_positions() as hidden(id)))
        and (subject_kind not in ('project', 'document')
            or subject_id not in (select hidden.id from hidden_subjects() as hidden(id)))
        and (subject_kind <> 'job' or exists (
            select from jobs where jobs.organization_id = events.organization_id and jobs.id = events.subject_id))));

grant select, insert, delete on project_members to recruitpro_app;
grant select (organization_id, id, is_private) on projects to recruitpro_searcher;
grant select (organization_id, project_id, user_id) on project_members to recruitpro_searcher;
grant select (organization_id, id, project_id) on positions to recruitpro_searcher;
grant select (organization_id, id, position_id) on applications, outreach to recruitpro_searcher;
grant select (organization_id, id, project_id, position_id) on documents to recruitpro_searcher;
grant select (organization_id, id, document_id) on imports to recruitpro_searcher;

grant create on schema public to recruitpro_searcher;
alter function hidden_projects() owner to recruitpro_searcher;
alter function hidden_positions() owner to recruitpro_searcher;
alter function hidden_subjects() owner to recruitpro_searcher;
alter function is_hidden_job(jsonb, uuid, uuid[], uuid[]) owner to recruitpro_searcher;
revoke create on schema public from recruitpro_searcher;
revoke all on function hidden_projects(), hidden_positions(), hidden_subjects(), sees_every_project(),
    is_hidden_job(jsonb, uuid, uuid[], uuid[]) from public;
grant execute on function hidden_projects(), hidden_positions(), hidden_subjects(), sees_every_project(),
    is_hidden_job(jsonb, uuid, uuid[], uuid[]) to recruitpro_app;
