-- A UUIDv7 (RFC 9562), as chalicelib/ids.py makes them: for rows that statements here make by themselves.
create function new_id() returns uuid language sql volatile parallel safe
set search_path = pg_catalog, pg_temp as $$
    select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- Secrets are sealed (chalicelib/second_factor/sealing.py): signing needs them in clear. The one before a change signs
-- beside its successor for a while.
create table webhooks (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    url text not null check (char_length(url) between 1 and 2000),
    events text[] not null check (cardinality(events) between 1 and 100),
    description text check (char_length(description) <= 1000),
    is_active boolean not null default true,
    secret_key_id text,
    secret_sealed bytea,
    previous_key_id text,
    previous_sealed bytea,
    previous_secret_until timestamptz,
    -- Since when nothing has been accepted there; null while all goes well.
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_code text check (disabled_code in ('gone', 'failing')),
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    version int not null default 1,
    unique (organization_id, id),
    check ((secret_sealed is null) = (secret_key_id is null)),
    check ((previous_sealed is null) = (previous_secret_until is null)),
    check (disabled_code is null or not is_active)
);
create index webhooks_list on webhooks (organization_id, id desc) where deleted_at is null;
create index webhooks_listening on webhooks (organization_id) where is_active and deleted_at is null;

-- One event for one webhook. Bodies are not kept: they hold ids alone, and are made from the event at each attempt.
create table webhook_deliveries (
    id uuid primary key,
    organization_id uuid not null,
    webhook_id uuid not null,
    event_id uuid not null,
    type text not null,
    status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
    attempts int not null default 0 check (attempts >= 0),
    -- Attempts left before it counts as failed; a replay gives them all again.
    tries_left int not null default 8 check (tries_left between 0 and 8),
    -- Null while a job is at it, and when it is over.
    next_attempt_at timestamptz,
    last_attempt_at timestamptz,
    response_status int,
    error_code text,
    duration_ms int,
    history jsonb not null default '[]',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    unique (organization_id, id),
    foreign key (organization_id, webhook_id) references webhooks (organization_id, id)
);
create unique index webhook_deliveries_once on webhook_deliveries (organization_id, webhook_id, event_id);
create index webhook_deliveries_list on webhook_deliveries (organization_id, webhook_id, id desc);
create index webhook_deliveries_status on webhook_deliveries (organization_id, webhook_id, status, id desc);
create index webhook_deliveries_type on webhook_deliveries (organization_id, webhook_id, type, id desc);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at)
    where status = 'pending' and next_attempt_at is not null;
create index webhook_deliveries_age on webhook_deliveries (created_at);

-- Whatever way an event comes in, each webhook that listens for it gets a delivery, and that a job, in the transaction
-- of the event. An organization without webhooks pays one look at an empty index. The jobs are what jobs/service.py
-- would write; the first hundred are named in app.webhook_jobs, so that their messages can leave at once after the
-- commit, and the sweep sends the rest. Runs as recruitpro_searcher, so that nobody who writes events needs a right to
-- webhooks or jobs; row-level security holds it to the organization in force.
create function tell_webhooks() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    v_organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
    v_now timestamptz := clock_timestamp();
    v_jobs uuid[];
begin
    if not exists (
        select from webhooks where organization_id = v_organization and is_active and deleted_at is null) then
        return null;
    end if;
    with told as (
        insert into webhook_deliveries (id, organization_id, webhook_id, event_id, type, created_at, updated_at)
        select new_id(), v_organization, webhooks.id, new_events.id, new_events.action, v_now, v_now
        from new_events join webhooks on webhooks.organization_id = v_organization
            and webhooks.is_active and webhooks.deleted_at is null
            and webhooks.events && array['*', new_events.action]
        where new_events.organization_id = v_organization
        order by new_events.sequence, webhooks.id
        returning id),
    wanted as (
        insert into jobs (id, organization_id, kind, priority, max_attempts, payload, unique_key, enqueued_at,
            next_attempt_at)
        select new_id(), v_organization, 'deliver_webhook', 'low', 5,
            jsonb_build_object('delivery_id', id, 'attempt', 1), id || '/1', v_now, v_now
        from told
        returning id),
    sent as (
        insert into outbox (job_id, organization_id, queue, kind, written_at)
        select id, v_organization, 'low', 'deliver_webhook', v_now from wanted
        returning job_id)
    select array_agg(job_id order by job_id) into v_jobs from sent;
    perform set_config('app.webhook_jobs', coalesce(array_to_string(v_jobs[1:100], ','), ''), true);
    return null;
end $$;
create trigger events_tell_webhooks after insert on events
    referencing new table as new_events for each statement execute function tell_webhooks();

grant select, insert, update on webhooks to recruitpro_app;
grant select, update on webhook_deliveries to recruitpro_app;
grant select (organization_id, id, events, is_active, deleted_at) on webhooks to recruitpro_searcher;
grant select (id), insert on webhook_deliveries to recruitpro_searcher;
grant select (id), insert on jobs to recruitpro_searcher;
grant select (job_id), insert on outbox to recruitpro_searcher;
-- Secrets that an older key sealed are sealed anew, each in its organization's own transaction.
grant select (id, organization_id, secret_key_id, deleted_at) on webhooks to recruitpro_dispatcher;
-- The sweep asks for attempts that are due, and retention deletes what is old.
grant select (id, organization_id, status, attempts, next_attempt_at, created_at), update (next_attempt_at), delete
    on webhook_deliveries to recruitpro_dispatcher;

grant create on schema public to recruitpro_searcher;
alter function tell_webhooks() owner to recruitpro_searcher;
revoke create on schema public from recruitpro_searcher;
revoke all on function tell_webhooks() from public;
