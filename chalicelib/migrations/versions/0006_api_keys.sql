-- A key with which a program acts for an organization. It belongs to the organization and not to who made it.
create table api_keys (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    name text not null,
    scopes text[] not null check (cardinality(scopes) between 1 and 50),
    -- SHA-256 of the whole key, which holds 256 random bits and is shown once.
    key_hash bytea not null check (octet_length(key_hash) = 32),
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid,
    -- To the minute: reading with a key writes nothing but this, and not each time.
    last_used_at timestamptz,
    version int not null default 1,
    unique (organization_id, id),
    check ((revoked_at is null) = (revoked_by is null)),
    foreign key (organization_id, created_by) references users (organization_id, id),
    foreign key (organization_id, revoked_by) references users (organization_id, id)
);
create unique index api_keys_hash on api_keys (organization_id, key_hash);

grant select, insert on api_keys to recruitpro_app;
grant update (revoked_at, revoked_by, last_used_at, version) on api_keys to recruitpro_app;

alter table events drop constraint events_actor_kind_check;
alter table events add constraint events_actor_kind_check
    check (actor_kind in ('user', 'job', 'system', 'api_key'));

-- Counts a request of weight `p_cost` against `p_limit` in a window of `p_window_seconds`, unless it is over; answers
-- what is used and when the window ends. What is refused counts for nothing, so a counter never exceeds its limit. A
-- request heavier than the whole limit takes the whole limit. Whoever cannot have the counter in a second is told so by
-- an error (55P03): the application decides whether somebody floods it or it is out of order.
create function count_weighted(p_bucket text, p_limit int, p_window_seconds int, p_cost int,
    out used int, out reset_seconds int, out is_over boolean)
language plpgsql set lock_timeout = '1s' as $$
declare
    v_now bigint := extract(epoch from clock_timestamp())::bigint;
    v_window bigint := v_now / p_window_seconds * p_window_seconds;
    v_cost int := least(p_cost, p_limit);
begin
    reset_seconds := v_window + p_window_seconds - v_now;
    is_over := p_limit < 1;
    if is_over then
        return;
    end if;
    insert into rate_limits as counted (bucket, window_start, used) values (p_bucket, v_window, v_cost)
    on conflict (bucket, window_start) do update set used = counted.used + v_cost
        where counted.used + v_cost <= p_limit
    returning counted.used into used;
    is_over := used is null;
    if is_over then
        select counted.used into used from rate_limits as counted
        where counted.bucket = p_bucket and counted.window_start = v_window;
    end if;
end $$;

-- Whether counters can be reached at all, asked after one could not: then it was held by others who ask for the same.
create function counters_answer() returns boolean language plpgsql as $$
begin
    lock table rate_limits in row exclusive mode nowait;
    return true;
exception when others then
    return false;
end $$;

-- Lets one request in: who is asking by a sign-in or by a key, when that still stands, and how often they have asked. A
-- key is believed after it was found: whoever makes keys up is counted by address (`p_bucket`) and not by key. Without a
-- bucket nothing is counted, without a limit nothing at all is written. The release before this one calls `admit`.
create function admit_caller(p_organization uuid, p_sign_in uuid, p_key uuid, p_key_hash bytea,
    p_bucket text, p_key_bucket text, p_limit int, p_window_seconds int, p_cost int,
    out used int, out reset_seconds int, out is_over boolean,
    out user_id uuid, out role text, out name text, out is_restricted boolean, out scopes text[])
language plpgsql as $$
declare
    v_used_at timestamptz;
begin
    if p_organization is not null then
        perform set_config('app.organization_id', p_organization::text, true);
    end if;
    if p_sign_in is not null then
        select users.id, users.role, users.name, sign_ins.is_restricted into user_id, role, name, is_restricted
        from sign_ins join users on users.organization_id = sign_ins.organization_id and users.id = sign_ins.user_id
        where sign_ins.id = p_sign_in and sign_ins.organization_id = p_organization and users.is_active
          and sign_ins.revoked_at is null and sign_ins.expires_at > now();
    elsif p_key_hash is not null then
        select api_keys.id, api_keys.name, api_keys.scopes, false, api_keys.last_used_at
        into user_id, name, scopes, is_restricted, v_used_at
        from api_keys
        where api_keys.organization_id = p_organization and api_keys.key_hash = p_key_hash and api_keys.id = p_key
          and api_keys.revoked_at is null and (api_keys.expires_at is null or api_keys.expires_at > now());
    end if;
    if p_limit is null then
        return;
    end if;
    if p_bucket is not null then
        select counted.used, counted.reset_seconds, counted.is_over into used, reset_seconds, is_over
        from count_weighted(case when scopes is null then p_bucket else p_key_bucket end,
            p_limit, p_window_seconds, p_cost) as counted;
    end if;
    if scopes is not null and (v_used_at is null or v_used_at < now() - interval '1 minute') then
        update api_keys set last_used_at = now()
        where api_keys.organization_id = p_organization and api_keys.id = (
            select api_keys.id from api_keys
            where api_keys.organization_id = p_organization and api_keys.id = p_key
            for no key update skip locked);
    end if;
end $$;
