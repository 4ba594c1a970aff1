-- From where a request came. It is personal data: the chain covers its digest, made with a salt of its own.
alter table events add column address text, add column address_salt bytea;
-- When an event lost its values and address, both salts with them.
alter table events add column erased_at timestamptz;
alter table events alter column salt drop not null;

-- Addresses are erased by age; the history of a document that has no candidate by its own id.
create index events_addresses on events (organization_id, occurred_at) where address is not null;
create index events_documents on events (organization_id, subject_id)
    where subject_kind = 'document' and candidate_id is null;

create or replace function append_events(p_organization uuid, p_events jsonb) returns bigint language plpgsql as $$
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
        subject_kind, subject_id, candidate_id, application_id, position_id, before, after, salt, address,
        address_salt, digests, body_hash, previous_hash, hash)
    select p_organization, v_first + row.number, row.id, row.occurred_at, row.actor_kind, row.actor_id, row.request_id,
        row.action, row.subject_kind, row.subject_id, row.candidate_id, row.application_id, row.position_id,
        row.before, row.after, decode(row.salt, 'hex'), row.address, decode(row.address_salt, 'hex'), row.digests,
        decode(row.body_hash, 'hex'), row.previous_hash, row.hash
    from rows from (
        jsonb_to_recordset(p_events) as (id uuid, occurred_at timestamptz, actor_kind text, actor_id uuid,
            request_id text, action text, subject_kind text, subject_id uuid, candidate_id uuid, application_id uuid,
            position_id uuid, before jsonb, after jsonb, salt text, address text, address_salt text, digests jsonb,
            body_hash text),
        unnest(v_previous), unnest(v_hashes)
    ) with ordinality as row(id, occurred_at, actor_kind, actor_id, request_id, action, subject_kind, subject_id,
        candidate_id, application_id, position_id, before, after, salt, address, address_salt, digests, body_hash,
        previous_hash, hash, number);
    update event_heads set sequence = v_sequence, hash = v_hash where organization_id = p_organization;
    return v_sequence;
end $$;

-- Where a chain ended when it was found intact. Whoever rewrites a whole chain would have to rewrite these as well, and
-- the lines of the log that say the same.
create table event_anchors (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    sequence bigint not null check (sequence >= 0),
    hash bytea not null,
    verified_at timestamptz not null
);
create index event_anchors_of_organization on event_anchors (organization_id, sequence);
create index event_anchors_newest on event_anchors (organization_id, verified_at desc);

-- Verifying reads every organization's chain, one in a transaction, and writes down where it ends.
grant usage on schema public to recruitpro_auditor;
grant select on events, event_heads, event_anchors to recruitpro_auditor;
grant insert on event_anchors to recruitpro_auditor;
grant select (id) on organizations to recruitpro_auditor;
grant select on event_anchors to recruitpro_app;
create policy auditing on organizations for select to recruitpro_auditor using (true);

-- Erasing blanks what can be erased of an event, and nothing else.
grant usage on schema public to recruitpro_eraser;
grant select (organization_id, sequence, occurred_at, subject_kind, subject_id, candidate_id, application_id, address,
    erased_at) on events to recruitpro_eraser;
grant update (before, after, salt, address, address_salt, erased_at) on events to recruitpro_eraser;
grant select (id, organization_id, candidate_id) on applications, documents to recruitpro_eraser;
