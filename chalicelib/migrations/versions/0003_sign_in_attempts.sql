-- How often somebody tried to sign in: to an account from anywhere strange, to an account from one familiar address, or
-- to any account from one address. Subjects are hashes. Logged, unlike rate_limits: a crash must not forgive anything.
create table sign_in_attempts (
    subject text primary key check (char_length(subject) = 64),
    window_started_at timestamptz not null,
    used int not null check (used >= 0),
    -- Those since the last success; an attempt is one until it turns out to be right.
    failures int not null check (failures >= 0),
    delayed_until timestamptz,
    expires_at timestamptz not null
);
create index sign_in_attempts_age on sign_in_attempts (expires_at);

-- From where an account has signed in before: keyed hashes, of account and address together.
create table familiar_addresses (
    account text not null check (char_length(account) = 64),
    address text not null check (char_length(address) = 64),
    expires_at timestamptz not null,
    primary key (account, address)
);
create index familiar_addresses_age on familiar_addresses (expires_at);

-- Admits one attempt and counts it, or answers how many seconds it has to wait (0: admitted). An attempt from an address
-- that the account has signed in from counts for these two alone, so that nobody elsewhere can use up its budget; any
-- other counts for the account and for the address. One that is refused counts for nothing, or patience would never pay.
-- After `p_free` failures each one more doubles the delay before the next attempt.
create function admit_sign_in(p_account text, p_address text, p_familiar text[], p_limit int, p_window_seconds int,
    p_free int, p_first_delay_seconds int, p_longest_delay_seconds int, out wait_seconds int)
language plpgsql as $$
declare
    v_window interval := make_interval(secs => p_window_seconds);
    v_now timestamptz;
    v_own text;
    v_subjects text[];
    v_waits_until timestamptz;
begin
    select address into v_own from familiar_addresses
    where account = p_account and address = any(p_familiar) and expires_at > clock_timestamp() limit 1;
    v_subjects := case when v_own is null then array[p_account, p_address] else array[v_own] end;
    -- Locks them, in one order for everybody.
    insert into sign_in_attempts (subject, window_started_at, used, failures, expires_at)
    select subject, '-infinity', 0, 0, clock_timestamp() + v_window from unnest(v_subjects) as subject order by subject
    on conflict (subject) do update set subject = excluded.subject;
    -- Not before they are locked: waiting for them takes time.
    v_now := clock_timestamp();
    select max(greatest(case when used >= p_limit then window_started_at + v_window end, delayed_until))
    into v_waits_until from sign_in_attempts where subject = any(v_subjects);
    if v_waits_until > v_now then
        wait_seconds := ceil(extract(epoch from v_waits_until - v_now));
        return;
    end if;
    wait_seconds := 0;
    update sign_in_attempts as attempts set
        used = case when window_started_at + v_window > v_now then attempts.used + 1 else 1 end,
        window_started_at = case when window_started_at + v_window > v_now then window_started_at else v_now end,
        failures = counted.failures,
        delayed_until = case when counted.failures > p_free then v_now + make_interval(secs => least(
            p_longest_delay_seconds, p_first_delay_seconds * 2 ^ least(counted.failures - p_free - 1, 20))) end,
        expires_at = v_now + greatest(v_window, interval '1 day')
    from (select subject, case when subject = p_address then 0 when expires_at > v_now then failures + 1 else 1 end
          from sign_in_attempts where subject = any(v_subjects)) as counted (subject, failures)
    where attempts.subject = counted.subject;
end $$;

-- Forgives the failures before an attempt that was right, and keeps its address as familiar to the account.
create function forgive_sign_in(p_account text, p_address text, p_familiar text[], p_familiar_until timestamptz)
returns void language plpgsql as $$
declare
    v_own text;
begin
    select address into v_own from familiar_addresses
    where account = p_account and address = any(p_familiar) and expires_at > clock_timestamp() limit 1;
    -- An attempt from a strange address that was right moves from the account's budget to the one of that address.
    update sign_in_attempts set failures = 0, delayed_until = null,
        used = case when v_own is null then greatest(used - 1, 0) else used end
    where subject = coalesce(v_own, p_account);
    insert into familiar_addresses (account, address, expires_at) values (p_account, p_familiar[1], p_familiar_until)
    on conflict (account, address) do update set expires_at = excluded.expires_at;
    -- What was used from this address so far is not given again.
    insert into sign_in_attempts (subject, window_started_at, used, failures, expires_at)
    select p_familiar[1], window_started_at, used, 0, expires_at from sign_in_attempts
    where subject = coalesce(v_own, p_address)
    on conflict (subject) do nothing;
end $$;

-- From which network a refresh token was used, as a keyed hash: who asks again at once, from there, lost the answer.
alter table refresh_tokens add column used_from text;

grant select, insert, update on sign_in_attempts, familiar_addresses to recruitpro_sign_in;
grant select, delete on sign_in_attempts, familiar_addresses to recruitpro_dispatcher;
