create extension if not exists btree_gin;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Word forms of English, accents folded: "Zürich" is found by "zurich". Names and other languages pass through unharmed,
-- because a query goes the same way.
create text search configuration recruitpro (copy = pg_catalog.english);
alter text search configuration recruitpro
    alter mapping for asciihword, asciiword, hword, hword_asciipart, hword_part, word with unaccent, english_stem;

create table organizations (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 200),
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table users (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    email text not null check (email = lower(email)),
    name text not null,
    role text not null check (role in ('viewer', 'recruiter', 'admin')),
    password_hash text not null,
    password_history text[] not null default '{}',
    is_active boolean not null default true,
    last_sign_in_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id)
);
create unique index users_email on users (email);

create table sign_ins (
    id uuid primary key,
    organization_id uuid not null,
    user_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_reason text,
    unique (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id)
);
create index sign_ins_of_user on sign_ins (organization_id, user_id) where revoked_at is null;

create table refresh_tokens (
    id uuid primary key,
    organization_id uuid not null,
    sign_in_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    foreign key (organization_id, sign_in_id) references sign_ins (organization_id, id)
);
create unique index refresh_tokens_hash on refresh_tokens (token_hash);
create index refresh_tokens_of_sign_in on refresh_tokens (organization_id, sign_in_id);

create table projects (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    name text not null,
    client text,
    sector text,
    location text,
    summary text,
    priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
    status text not null default 'active' check (status in ('active', 'on_hold', 'completed', 'archived')),
    target_hires int check (target_hires between 0 and 100000),
    tags text[] not null default '{}',
    created_by uuid not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    version int not null default 1,
    unique (organization_id, id)
);
create index projects_list on projects (organization_id, id desc) where deleted_at is null;
create index projects_status on projects (organization_id, status, id desc) where deleted_at is null;

create table positions (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    project_id uuid,
    title text not null,
    department text,
    location text,
    description text,
    experience_years_min int check (experience_years_min between 0 and 60),
    openings int not null default 1 check (openings between 1 and 100000),
    status text not null default 'open' check (status in ('draft', 'open', 'on_hold', 'closed')),
    salary_min numeric(14, 2),
    salary_max numeric(14, 2),
    currency text check (currency ~ '^[A-Z]{3}$'),
    requirements jsonb not null default '[]',
    stages text[] not null,
    created_by uuid not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    version int not null default 1,
    unique (organization_id, id),
    check (salary_min is null or salary_max is null or salary_min <= salary_max),
    foreign key (organization_id, project_id) references projects (organization_id, id)
);
create index positions_list on positions (organization_id, id desc) where deleted_at is null;
create index positions_status on positions (organization_id, status, id desc) where deleted_at is null;
create index positions_project on positions (organization_id, project_id, id desc) where deleted_at is null;

create table candidates (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    name text not null,
    email text check (email = lower(email)),
    phone text,
    location text,
    headline text,
    summary text,
    skills text[] not null default '{}',
    experience jsonb not null default '[]',
    education jsonb not null default '[]',
    links text[] not null default '{}',
    source text,
    tags text[] not null default '{}',
    consent jsonb,
    resume_document_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    version int not null default 1,
    search tsvector not null default '',
    unique (organization_id, id)
);
-- One living person per address and organization: two résumés read at the same moment meet here.
create unique index candidates_email on candidates (organization_id, email) where deleted_at is null and email is not null;
create index candidates_list on candidates (organization_id, id desc) where deleted_at is null;
create index candidates_name on candidates (organization_id, name, id) where deleted_at is null;
create index candidates_updated on candidates (organization_id, updated_at, id) where deleted_at is null;
create index candidates_created on candidates (organization_id, created_at, id) where deleted_at is null;
create index candidates_source on candidates (organization_id, source, id desc) where deleted_at is null;
create index candidates_search on candidates using gin (organization_id, search) where deleted_at is null;

-- Skills and tags once more, one row each: array operators are not leakproof, so an index on the array would never be
-- used under row-level security, while equality of text is.
create table candidate_labels (
    organization_id uuid not null,
    kind text not null check (kind in ('skill', 'tag')),
    label text not null,
    candidate_id uuid not null,
    primary key (organization_id, kind, label, candidate_id),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id) on delete cascade
);
create index candidate_labels_of_candidate on candidate_labels (organization_id, candidate_id);

create table applications (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    candidate_id uuid not null,
    position_id uuid not null,
    stage text not null,
    status text not null default 'active' check (status in ('active', 'rejected', 'withdrawn')),
    status_reason text,
    source text,
    applied_at timestamptz not null,
    stage_entered_at timestamptz not null,
    created_by uuid,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id),
    foreign key (organization_id, position_id) references positions (organization_id, id)
);
create unique index applications_pair on applications (organization_id, candidate_id, position_id);
create index applications_list on applications (organization_id, id desc);
create index applications_stage on applications (organization_id, position_id, stage, candidate_id);
create index applications_position on applications (organization_id, position_id, id desc);
create index applications_status on applications (organization_id, status, id desc);

create table stage_changes (
    id uuid primary key,
    organization_id uuid not null,
    application_id uuid not null,
    kind text not null check (kind in ('applied', 'moved', 'rejected', 'withdrawn', 'reopened')),
    from_stage text,
    to_stage text,
    reason text,
    note text,
    user_id uuid,
    changed_at timestamptz not null,
    foreign key (organization_id, application_id) references applications (organization_id, id)
);
create index stage_changes_of_application on stage_changes (organization_id, application_id, id);

create table documents (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    kind text not null check (kind in ('resume', 'cover_letter', 'position_description', 'import', 'other')),
    filename text not null,
    content_type text not null,
    size_bytes bigint not null check (size_bytes >= 0),
    candidate_id uuid,
    position_id uuid,
    project_id uuid,
    status text not null check (status in
        ('awaiting_upload', 'scanning', 'clean', 'infected', 'rejected', 'scan_failed')),
    status_code text,
    status_reason text,
    object_key text not null,
    -- The verdict belongs to these bytes and no others.
    object_version text,
    sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
    stored_size_bytes bigint,
    scanned_at timestamptz,
    scan_engine text,
    scan_definitions_at timestamptz,
    scan_signature text,
    analysis_status text check (analysis_status in ('queued', 'succeeded', 'failed')),
    analysis_code text,
    analysis_message text,
    profile jsonb,
    upload_expires_at timestamptz not null,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    version int not null default 1,
    unique (organization_id, id),
    check (status not in ('clean', 'infected') or (object_version is not null and sha256 is not null)),
    foreign key (organization_id, candidate_id) references candidates (organization_id, id),
    foreign key (organization_id, position_id) references positions (organization_id, id),
    foreign key (organization_id, project_id) references projects (organization_id, id)
);
create index documents_list on documents (organization_id, id desc) where deleted_at is null;
create index documents_candidate on documents (organization_id, candidate_id, id desc) where deleted_at is null;
create index documents_position on documents (organization_id, position_id, id desc) where deleted_at is null;
create index documents_project on documents (organization_id, project_id, id desc) where deleted_at is null;
create index documents_status on documents (organization_id, status, id desc) where deleted_at is null;
create index documents_kind on documents (organization_id, kind, id desc) where deleted_at is null;
create index documents_awaiting on documents (created_at) where status = 'awaiting_upload' and deleted_at is null;
create index candidates_resume on candidates (organization_id, resume_document_id) where resume_document_id is not null;
alter table candidates
    add foreign key (organization_id, resume_document_id) references documents (organization_id, id);

create table document_texts (
    document_id uuid primary key,
    organization_id uuid not null,
    text text not null,
    pages jsonb not null,
    read_at timestamptz not null,
    foreign key (organization_id, document_id) references documents (organization_id, id) on delete cascade
);

create table jobs (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    kind text not null,
    priority text not null check (priority in ('high', 'default', 'low')),
    status text not null default 'queued'
        check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    attempts int not null default 0,
    max_attempts int not null check (max_attempts between 1 and 100),
    progress_done bigint not null default 0,
    progress_total bigint,
    payload jsonb not null,
    result jsonb,
    error_code text,
    error_message text,
    -- Two askers of the same work share one job: a second S3 notification of one object version, for example.
    unique_key text,
    requested_by uuid,
    request_id text,
    enqueued_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    next_attempt_at timestamptz,
    lease_expires_at timestamptz,
    unique (organization_id, id)
);
create unique index jobs_unique_work on jobs (organization_id, kind, unique_key) where unique_key is not null;
create index jobs_status on jobs (organization_id, status, id desc);
create index jobs_kind on jobs (organization_id, kind, id desc);
create index jobs_waiting on jobs (priority, id) where status = 'queued';
create index jobs_overdue on jobs (next_attempt_at) where status = 'queued';
create index jobs_running on jobs (lease_expires_at) where status = 'running';

create table outbox (
    job_id uuid primary key,
    organization_id uuid not null,
    queue text not null check (queue in ('scan', 'high', 'default', 'low')),
    kind text not null,
    written_at timestamptz not null,
    foreign key (organization_id, job_id) references jobs (organization_id, id) on delete cascade
);
create index outbox_oldest on outbox (written_at);

create table screenings (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    application_id uuid not null,
    candidate_id uuid not null,
    position_id uuid not null,
    document_id uuid,
    job_id uuid not null,
    score int not null check (score between 0 and 100),
    recommendation text not null
        check (recommendation in ('strong_match', 'potential_match', 'low_match', 'needs_human')),
    requirements jsonb not null,
    strengths jsonb not null,
    gaps jsonb not null,
    provider text not null,
    model text not null,
    duration_ms int not null,
    input_hash text not null,
    created_at timestamptz not null,
    review jsonb,
    unique (organization_id, id),
    foreign key (organization_id, application_id) references applications (organization_id, id),
    foreign key (organization_id, document_id) references documents (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id)
);
-- A job leaves one screening, however often its message is delivered.
create unique index screenings_job on screenings (organization_id, job_id);
create index screenings_of_application on screenings (organization_id, application_id, id desc);

create table event_heads (
    organization_id uuid primary key references organizations (id),
    sequence bigint not null default 0,
    hash bytea not null default '\x0000000000000000000000000000000000000000000000000000000000000000'
);

create table events (
    organization_id uuid not null references organizations (id),
    sequence bigint not null,
    id uuid not null unique,
    occurred_at timestamptz not null,
    actor_kind text not null check (actor_kind in ('user', 'job', 'system')),
    actor_id uuid,
    request_id text,
    action text not null,
    subject_kind text not null,
    subject_id uuid not null,
    candidate_id uuid,
    application_id uuid,
    position_id uuid,
    before jsonb,
    after jsonb,
    -- The hash covers salted digests of the values, so that a person's values can be erased without breaking the chain.
    salt bytea not null,
    digests jsonb not null,
    body_hash bytea not null,
    previous_hash bytea not null,
    hash bytea not null,
    primary key (organization_id, sequence)
);
create index events_candidate on events (organization_id, candidate_id, sequence) where candidate_id is not null;
create index events_application on events (organization_id, application_id, sequence) where application_id is not null;
create index events_position on events (organization_id, position_id, sequence) where position_id is not null;

create table idempotency_keys (
    organization_id uuid not null,
    scope text not null,
    key text not null,
    request_hash text not null,
    status int not null,
    headers jsonb not null,
    body text not null,
    created_at timestamptz not null,
    primary key (organization_id, scope, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- Counters worth nothing after a minute: no need to survive a crash, every need to be quick.
create unlogged table rate_limits (
    bucket text not null,
    window_start bigint not null,
    used int not null,
    primary key (bucket, window_start)
);

create table health_checks (
    name text primary key,
    status text not null,
    detail jsonb not null,
    checked_at timestamptz not null
);

-- What stands in a candidate's profile and résumé, as search terms; the first 100,000 characters of the résumé, since
-- a search vector is limited to 1 MB, and the first 20,000 where long words of a wide script would burst it.
create function index_candidate() returns trigger language plpgsql as $$
declare
    v_resume text := '';
    v_history text := '';
    v_profile tsvector;
begin
    if new.resume_document_id is not null then
        v_resume := coalesce((
            select document_texts.text from document_texts
            where document_texts.organization_id = new.organization_id
              and document_texts.document_id = new.resume_document_id), '');
    end if;
    if new.experience <> '[]' or new.education <> '[]' then
        -- Each text by itself: as JSON, a line break would be "\n" and its n part of the next word.
        v_history := left(coalesce((
            select string_agg(part #>> '{}', ' ')
            from jsonb_path_query(new.experience || new.education, '$[*].*') as part), ''), 50000);
    end if;
    v_profile :=
        setweight(to_tsvector('public.recruitpro', new.name), 'A')
        || setweight(to_tsvector('public.recruitpro', concat_ws(' ', new.headline, array_to_string(new.skills, ', '))), 'B')
        || setweight(to_tsvector('public.recruitpro', concat_ws(' ', new.email, new.location, new.summary,
                array_to_string(new.tags, ', '))), 'C');
    if v_history <> '' then
        v_profile := v_profile || setweight(to_tsvector('public.recruitpro', v_history), 'C');
    end if;
    new.search := v_profile;
    if v_resume = '' then
        return new;
    end if;
    begin
        new.search := v_profile || setweight(to_tsvector('public.recruitpro', left(v_resume, 100000)), 'D');
    exception when program_limit_exceeded then
        new.search := v_profile || setweight(to_tsvector('public.recruitpro', left(v_resume, 20000)), 'D');
    end;
    return new;
end $$;
create trigger candidates_index before insert or update of
    name, email, headline, summary, skills, location, tags, experience, education, resume_document_id
    on candidates for each row execute function index_candidate();

create function label_candidate() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.skills = old.skills and new.tags = old.tags then
            return null;
        end if;
        delete from candidate_labels
        where organization_id = new.organization_id and candidate_id = new.id;
    end if;
    insert into candidate_labels (organization_id, kind, label, candidate_id)
    select new.organization_id, 'skill', lower(skill), new.id from unnest(new.skills) as skill
    union
    select new.organization_id, 'tag', lower(tag), new.id from unnest(new.tags) as tag;
    return null;
end $$;
create trigger candidates_label after insert or update of skills, tags
    on candidates for each row execute function label_candidate();

-- The one way into the events: numbers and chains them under the lock of the organization's head, which is taken last
-- in a transaction and held only while it commits.
create function append_events(p_organization uuid, p_events jsonb) returns bigint language plpgsql as $$
declare
    v_first bigint;
    v_sequence bigint;
    v_body bytea;
    v_hash bytea;
    v_previous bytea[] := '{}';
    v_hashes bytea[] := '{}';
begin
    insert into event_heads (organization_id) values (p_organization) on conflict do nothing;
    select sequence, hash into v_sequence, v_hash
    from event_heads where organization_id = p_organization for update;
    v_first := v_sequence;
    -- Only the hashes need one another; the rows are written together.
    for v_body in
        select decode(event ->> 'body_hash', 'hex')
        from jsonb_array_elements(p_events) with ordinality as row(event, number) order by number
    loop
        v_sequence := v_sequence + 1;
        v_previous := array_append(v_previous, v_hash);
        v_hash := sha256(v_hash || int8send(v_sequence) || v_body);
        v_hashes := array_append(v_hashes, v_hash);
    end loop;
    insert into events (organization_id, sequence, id, occurred_at, actor_kind, actor_id, request_id, action,
        subject_kind, subject_id, candidate_id, application_id, position_id, before, after, salt, digests,
        body_hash, previous_hash, hash)
    select p_organization, v_first + row.number, row.id, row.occurred_at, row.actor_kind, row.actor_id, row.request_id,
        row.action, row.subject_kind, row.subject_id, row.candidate_id, row.application_id, row.position_id,
        row.before, row.after, decode(row.salt, 'hex'), row.digests, decode(row.body_hash, 'hex'), row.previous_hash,
        row.hash
    from rows from (
        jsonb_to_recordset(p_events) as (id uuid, occurred_at timestamptz, actor_kind text, actor_id uuid,
            request_id text, action text, subject_kind text, subject_id uuid, candidate_id uuid, application_id uuid,
            position_id uuid, before jsonb, after jsonb, salt text, digests jsonb, body_hash text),
        unnest(v_previous), unnest(v_hashes)
    ) with ordinality as row(id, occurred_at, actor_kind, actor_id, request_id, action, subject_kind, subject_id,
        candidate_id, application_id, position_id, before, after, salt, digests, body_hash, previous_hash, hash, number);
    update event_heads set sequence = v_sequence, hash = v_hash where organization_id = p_organization;
    return v_sequence;
end $$;

-- Counts one request against a limit of `p_window_seconds`; answers how many were used and when the window ends.
create function count_request(p_bucket text, p_window_seconds int, out used int, out reset_seconds int)
language plpgsql as $$
declare
    v_now bigint := extract(epoch from clock_timestamp())::bigint;
    v_window bigint := v_now / p_window_seconds * p_window_seconds;
begin
    insert into rate_limits as counted (bucket, window_start, used) values (p_bucket, v_window, 1)
    on conflict (bucket, window_start) do update set used = counted.used + 1
    returning counted.used into used;
    reset_seconds := v_window + p_window_seconds - v_now;
end $$;

-- Lets one request in: counts it when there is a bucket, and answers who is signed in, when that sign-in still stands.
create function admit(p_organization uuid, p_sign_in uuid, p_bucket text, p_window_seconds int,
    out used int, out reset_seconds int, out user_id uuid, out role text, out name text)
language plpgsql as $$
begin
    if p_bucket is not null then
        select counted.used, counted.reset_seconds into used, reset_seconds
        from count_request(p_bucket, p_window_seconds) as counted;
    end if;
    if p_sign_in is not null then
        perform set_config('app.organization_id', p_organization::text, true);
        select users.id, users.role, users.name into user_id, role, name
        from sign_ins join users on users.organization_id = sign_ins.organization_id and users.id = sign_ins.user_id
        where sign_ins.id = p_sign_in and sign_ins.organization_id = p_organization and users.is_active
          and sign_ins.revoked_at is null and sign_ins.expires_at > now();
    end if;
end $$;

-- Candidates of the organization in force that match, newest first, at most `p_limit`. Runs as recruitpro_searcher,
-- because text search operators are not leakproof: under row-level security they would never reach their index. Planned
-- anew for each query, since only the words tell whether that index or the newest rows are the shorter way: a plan for
-- any words at all reads every candidate to find a rare one.
create function matching_candidates(p_query tsquery, p_limit int) returns setof uuid
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select candidates.id from candidates
    where organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
      and search @@ p_query and deleted_at is null
    order by candidates.id desc limit p_limit;
end $$;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['users', 'sign_ins', 'refresh_tokens', 'projects', 'positions', 'candidates',
        'candidate_labels', 'applications', 'stage_changes', 'documents', 'document_texts', 'jobs', 'outbox',
        'screenings', 'event_heads', 'events', 'idempotency_keys', 'organizations'] loop
        execute 'alter table ' || v_table || ' enable row level security';
        execute 'alter table ' || v_table || ' force row level security';
        execute 'create policy own_organization on ' || v_table || ' using ('
            || case v_table when 'organizations' then 'id' else 'organization_id' end
            || ' = nullif(current_setting(''app.organization_id'', true), '''')::uuid)';
    end loop;
    -- Signing in has to find an account before the organization is known; dispatching serves them all. Neither role
    -- may touch what its purpose does not need (grants below).
    foreach v_table in array array['organizations', 'users', 'sign_ins', 'refresh_tokens', 'idempotency_keys'] loop
        execute 'create policy signing_in on ' || v_table || ' to recruitpro_sign_in using (true)';
    end loop;
    foreach v_table in array array['jobs', 'outbox', 'documents', 'idempotency_keys', 'refresh_tokens'] loop
        execute 'create policy dispatching on ' || v_table || ' to recruitpro_dispatcher using (true)';
    end loop;
    create policy searching on candidates for select to recruitpro_searcher using (true);
end $$;

revoke all on all tables in schema public from public;
grant usage on schema public to recruitpro_app, recruitpro_sign_in, recruitpro_dispatcher, recruitpro_screener,
    recruitpro_searcher;
grant select, insert, update, delete on users, sign_ins, refresh_tokens, projects, positions, candidates,
    candidate_labels, applications, documents, document_texts, jobs, outbox, idempotency_keys, rate_limits,
    health_checks to recruitpro_app;
grant select, update on organizations to recruitpro_app;
grant update (review) on screenings to recruitpro_app;
grant select, insert on stage_changes, screenings, events to recruitpro_app;
grant select, insert, update on event_heads to recruitpro_app, recruitpro_sign_in, recruitpro_screener;
grant select, insert on events, organizations to recruitpro_sign_in;
grant select, insert, update on users, sign_ins, refresh_tokens, rate_limits to recruitpro_sign_in;
grant select, insert, update on idempotency_keys to recruitpro_sign_in;
grant select, update on jobs to recruitpro_dispatcher, recruitpro_screener;
grant select, insert, update, delete on outbox to recruitpro_dispatcher;
grant select (id, organization_id, status, object_key, upload_expires_at, created_at, deleted_at) on documents
    to recruitpro_dispatcher;
grant select, delete on idempotency_keys, rate_limits, refresh_tokens to recruitpro_dispatcher;
grant select on applications, candidates, positions, documents, document_texts, organizations to recruitpro_screener;
grant select, insert on screenings, events to recruitpro_screener;
grant select on candidates to recruitpro_searcher;
grant select on alembic_version to recruitpro_app;

grant create on schema public to recruitpro_searcher;
alter function matching_candidates(tsquery, int) owner to recruitpro_searcher;
revoke create on schema public from recruitpro_searcher;
revoke all on function matching_candidates(tsquery, int) from public;
grant execute on function matching_candidates(tsquery, int) to recruitpro_app;
