-- Jobs that are split into others, that can be cancelled, and that remember each attempt.
alter table jobs
    add column parent_id uuid,
    add column weight bigint not null default 1,
    add column children_failed bigint not null default 0,
    add column is_split boolean not null default false,
    add column cancel_requested_at timestamptz,
    add column history jsonb not null default '[]',
    add foreign key (organization_id, parent_id) references jobs (organization_id, id);
create index jobs_of_parent on jobs (organization_id, parent_id, id desc) where parent_id is not null;
create index jobs_finished on jobs (organization_id, finished_at) where finished_at is not null;
create index jobs_to_blank on jobs (finished_at) where result is not null or error_message is not null;

alter table documents
    add column document_type text check (document_type in ('resume', 'position_description', 'project_brief', 'unknown')),
    -- What was read from a position description or a project brief; a résumé's is its profile.
    add column described jsonb;
create index documents_scanned on documents (scanned_at) where status = 'clean' and deleted_at is null;

alter table positions add column source_document_id uuid,
    add foreign key (organization_id, source_document_id) references documents (organization_id, id);
create index positions_source on positions (organization_id, source_document_id) where source_document_id is not null;

create table outreach (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    application_id uuid,
    candidate_id uuid not null,
    position_id uuid not null,
    template text not null check (template in ('standard', 'executive', 'technical', 'follow_up', 'rejection')),
    tone text not null,
    language text not null,
    -- unconfirmed: handed to the mail service, but nobody knows whether it took it; only a person sends it again.
    status text not null check (status in ('queued', 'draft', 'sending', 'sent', 'unconfirmed', 'failed')),
    subject text,
    body text,
    facts jsonb not null default '[]',
    job_id uuid,
    send_job_id uuid,
    -- Set before the mail service is called: whoever finds it set without a mail_id knows not whether the message left.
    handed_over_at timestamptz,
    sent_to text,
    sent_by uuid,
    sent_at timestamptz,
    mail_id text,
    error_code text,
    error_message text,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, application_id) references applications (organization_id, id),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id),
    foreign key (organization_id, position_id) references positions (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id),
    foreign key (organization_id, send_job_id) references jobs (organization_id, id)
);
create index outreach_list on outreach (organization_id, id desc);
create index outreach_candidate on outreach (organization_id, candidate_id, id desc);
create index outreach_application on outreach (organization_id, application_id, id desc) where application_id is not null;
create index outreach_pair on outreach (organization_id, candidate_id, position_id, sent_at) where status = 'sent';
create index outreach_status on outreach (organization_id, status, id desc);

-- Pay that somebody published, as an admin imported it: one row a figure, per year or per month as it was published.
create table salary_data (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    document_id uuid not null,
    line bigint not null,
    source text not null,
    title text not null,
    location text,
    sector text,
    seniority text,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    period text not null check (period in ('year', 'month')),
    amount numeric(14, 2) not null check (amount > 0),
    amount_min numeric(14, 2),
    amount_max numeric(14, 2),
    observed_on date not null,
    created_at timestamptz not null,
    unique (organization_id, id),
    -- A document is imported once, however often its job is delivered.
    unique (organization_id, document_id, line),
    foreign key (organization_id, document_id) references documents (organization_id, id)
);
create index salary_data_list on salary_data (organization_id, id desc);
create index salary_data_observed on salary_data (organization_id, observed_on);

create table market_research (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    job_id uuid not null,
    status text not null check (status in ('queued', 'succeeded', 'failed', 'cancelled')),
    title text not null,
    location text,
    sector text,
    seniority text,
    findings jsonb,
    error_code text,
    created_by uuid,
    created_at timestamptz not null,
    finished_at timestamptz,
    unique (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id)
);
create index market_research_list on market_research (organization_id, id desc);

create table imports (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    document_id uuid not null,
    -- The job that reads the file and then runs until its parts have: its status is the import's own.
    job_id uuid not null,
    mapping jsonb not null default '{}',
    on_duplicate text not null check (on_duplicate in ('skip', 'update', 'fail')),
    is_dry_run boolean not null,
    format text,
    header jsonb,
    columns jsonb,
    notes jsonb,
    preview jsonb,
    -- Pieces cut and stored so far, for whoever goes on after a crash; emptied once each has its job.
    pieces jsonb not null default '[]',
    rows_total bigint,
    rows_created bigint not null default 0,
    rows_updated bigint not null default 0,
    rows_skipped bigint not null default 0,
    rows_failed bigint not null default 0,
    error_code text,
    error_message text,
    undo_job_id uuid,
    undo_status text check (undo_status in ('undoing', 'undone')),
    undone_at timestamptz,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, document_id) references documents (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id),
    foreign key (organization_id, undo_job_id) references jobs (organization_id, id)
);
create index imports_list on imports (organization_id, id desc);
create unique index imports_job on imports (organization_id, job_id);

-- What became of each row of a file. `before` is what an update replaced and `version` what it left the candidate at,
-- so that the whole import can be undone; `undone` is what the undoing did.
create table import_rows (
    organization_id uuid not null,
    import_id uuid not null,
    -- Rows count from 1; several may begin on one line, as those of a JSON array do.
    number bigint not null,
    line bigint not null,
    outcome text not null check (outcome in ('created', 'updated', 'skipped', 'failed')),
    candidate_id uuid,
    version int,
    problems jsonb,
    before jsonb,
    undone text check (undone in ('deleted', 'restored', 'kept_changed', 'kept_applied', 'kept_deleted',
        'kept_email_taken')),
    primary key (organization_id, import_id, number),
    foreign key (organization_id, import_id) references imports (organization_id, id)
);
create index import_rows_outcome on import_rows (organization_id, import_id, outcome, number);
create index import_rows_candidate on import_rows (organization_id, candidate_id) where candidate_id is not null;

-- The addresses and numbers that a dry run has met so far: it writes no candidate that could tell.
create table import_keys (
    organization_id uuid not null,
    import_id uuid not null,
    key text not null,
    line bigint not null,
    primary key (organization_id, import_id, key),
    foreign key (organization_id, import_id) references imports (organization_id, id)
);

create index candidates_phone on candidates (organization_id, phone) where deleted_at is null and phone is not null;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['outreach', 'salary_data', 'market_research', 'imports', 'import_rows',
        'import_keys'] loop
        execute 'alter table ' || v_table || ' enable row level security';
        execute 'alter table ' || v_table || ' force row level security';
        execute 'create policy own_organization on ' || v_table
            || ' using (organization_id = nullif(current_setting(''app.organization_id'', true), '''')::uuid)';
    end loop;
end $$;

grant select, insert, update, delete on outreach, salary_data, market_research, imports, import_rows, import_keys
    to recruitpro_app;
grant select (kind, object_version, scanned_at) on documents to recruitpro_dispatcher;
grant insert on jobs to recruitpro_dispatcher;
