-- How long people are kept after the last contact with them; null: until somebody erases them.
alter table organizations
    add column retention_days int default 730 check (retention_days between 30 and 36500),
    add column retention_warning_days int not null default 30 check (retention_warning_days between 1 and 365),
    add column retention_looked_at timestamptz;
create index organizations_retention on organizations (retention_looked_at nulls first);

-- Who will be erased, since when that is announced, and on which last contact it rests.
create table retention_warnings (
    organization_id uuid not null,
    candidate_id uuid not null,
    last_contact_at timestamptz not null,
    due_at timestamptz not null,
    warned_at timestamptz not null,
    primary key (organization_id, candidate_id),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id) on delete cascade
);
create index retention_warnings_due on retention_warnings (organization_id, due_at, candidate_id);

-- The certificate of an erasure. Nothing in it tells who the person was: an id that names nobody any more, and counts.
create table erasures (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    candidate_id uuid not null,
    job_id uuid not null,
    reason text not null check (reason in ('person_asked', 'consent_withdrawn', 'retention', 'deleted', 'other')),
    status text not null check (status in ('running', 'done')),
    requested_by uuid,
    requested_at timestamptz not null,
    completed_at timestamptz,
    -- Rows by table, and object versions by where they lay.
    rows_erased jsonb not null default '{}',
    objects_erased jsonb not null default '{}',
    -- What a lock keeps for a while longer, and until when.
    objects_kept jsonb not null default '[]',
    unique (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id)
);
create index erasures_list on erasures (organization_id, id desc);
-- A person is erased once, however often somebody asks.
create unique index erasures_candidate on erasures (organization_id, candidate_id);

-- Until then a lock keeps malware, at the latest; whoever is erased before is told so.
alter table documents add column quarantined_until timestamptz;

create index candidates_deleted on candidates (organization_id, deleted_at) where deleted_at is not null;
create index screenings_candidate on screenings (organization_id, candidate_id);
create index documents_of_candidate on documents (organization_id, candidate_id) where candidate_id is not null;

-- The last time somebody had to do with a candidate: entered, asked for consent, applied or moved, sent a file, written
-- to, met. A name that a colleague corrects is no contact.
create function last_contact(p_organization uuid, p_candidate uuid) returns timestamptz
language plpgsql stable as $$
begin
    return (
        select greatest(
            candidates.created_at,
            (candidates.consent ->> 'given_at')::timestamptz,
            (select max(documents.created_at) from documents
             where documents.organization_id = p_organization and documents.candidate_id = p_candidate),
            (select max(outreach.sent_at) from outreach
             where outreach.organization_id = p_organization and outreach.candidate_id = p_candidate),
            (select max(stage_changes.changed_at) from applications join stage_changes
                on stage_changes.organization_id = applications.organization_id
                and stage_changes.application_id = applications.id
             where applications.organization_id = p_organization and applications.candidate_id = p_candidate),
            (select max(interviews.starts_at) from applications join interviews
                on interviews.organization_id = applications.organization_id
                and interviews.application_id = applications.id
             where applications.organization_id = p_organization and applications.candidate_id = p_candidate
               and interviews.status = 'completed'))
        from candidates where candidates.organization_id = p_organization and candidates.id = p_candidate);
end $$;

grant select, insert, delete on retention_warnings to recruitpro_app;
grant select, insert on erasures to recruitpro_app;
grant select (id, retention_looked_at) on organizations to recruitpro_dispatcher;
create policy dispatching on organizations for select to recruitpro_dispatcher using (true);

-- Erasing takes out what nothing else may: history, verdicts, and the values in events.
grant select, update, delete on candidates, documents, document_texts, applications, stage_changes, screenings, outreach,
    imports, import_rows, import_keys, idempotency_keys, retention_warnings, candidate_labels,
    candidate_merges, merged_applications, document_releases to recruitpro_eraser;
grant select, update on jobs, erasures to recruitpro_eraser;
-- A screening whose application is gone looks whether it was merged into another one, as everybody does.
grant select on merged_applications to recruitpro_screener;
grant select, insert, update on event_heads to recruitpro_eraser;
-- It has to read what it looks for: the name in a search that somebody kept, for example.
grant select, insert on events to recruitpro_eraser;
