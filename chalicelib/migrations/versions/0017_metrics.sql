-- Counters that are true for the whole system. A fact adds a row in its own transaction, so that it is counted exactly when
-- it happened, whatever is killed; nobody waits for anybody, since rows are only added. Every minute they are added to
-- the totals. A total never falls: a reader adds to it, in one snapshot, what has not been folded into it yet.
create table metric_increments (
    id bigint generated always as identity primary key,
    name text not null,
    labels text[] not null,
    amount bigint not null default 1,
    -- What a histogram takes of it, in seconds.
    observed double precision
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);

-- One row for each counter (bucket -1), and for each bucket of a histogram: how many of its bounds lie below.
create table metric_totals (
    name text not null,
    labels text[] not null,
    bucket smallint not null,
    amount bigint not null,
    observed double precision not null,
    primary key (name, labels, bucket)
);

-- The bounds stand in chalicelib/counters/names.py as well, and tests hold the two together.
create function metric_bucket(p_name text, p_observed double precision) returns smallint
language sql immutable parallel safe as $$
    select case when p_observed is null then -1::smallint else (
        select count(*)::smallint from unnest(case p_name
            when 'http_requests' then array[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
            else array[0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
        end::double precision[]) as bound where bound < p_observed) end
$$;

create function fold_metrics(p_limit int) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    v_folded bigint;
begin
    -- Who comes second has nothing to do; the lock goes with the transaction.
    if not pg_try_advisory_xact_lock(hashtext('fold_metrics')) then
        return 0;
    end if;
    with taken as (
        delete from metric_increments
        where ctid = any (array(select ctid from metric_increments limit p_limit))
        returning name, labels, amount, observed
    ), summed as (
        insert into metric_totals as total (name, labels, bucket, amount, observed)
        select name, labels, metric_bucket(name, observed), sum(amount), coalesce(sum(observed), 0)
        from taken group by 1, 2, 3
        on conflict (name, labels, bucket) do update
        set amount = total.amount + excluded.amount, observed = total.observed + excluded.observed
    )
    select count(*) into v_folded from taken;
    return v_folded;
end $$;

create function count_new_jobs() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into metric_increments (name, labels, amount)
    select 'jobs_enqueued', array[kind, priority], count(*) from added group by kind, priority;
    return null;
end $$;

create function count_ended_jobs() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into metric_increments (name, labels, observed)
    select case after.status when 'succeeded' then 'jobs_completed' else 'jobs_failed' end, array[after.kind],
        extract(epoch from after.finished_at - after.started_at)
    from changed as after join before on before.id = after.id
    where after.status in ('succeeded', 'failed') and after.status <> before.status;
    return null;
end $$;

create function count_new_candidates() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into metric_increments (name, labels, amount)
    select 'candidates_created', '{}', count(*) from added having count(*) > 0;
    return null;
end $$;

create function count_verdicts() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into metric_increments (name, labels, amount)
    select 'documents_scanned', array[after.status], count(*)
    from changed as after join before on before.id = after.id
    where after.status in ('clean', 'infected', 'rejected', 'scan_failed') and after.status <> before.status
    group by after.status;
    return null;
end $$;

create trigger count_new_jobs after insert on jobs
    referencing new table as added for each statement execute function count_new_jobs();
create trigger count_ended_jobs after update on jobs
    referencing old table as before new table as changed for each statement execute function count_ended_jobs();
create trigger count_new_candidates after insert on candidates
    referencing new table as added for each statement execute function count_new_candidates();
create trigger count_verdicts after update on documents
    referencing old table as before new table as changed for each statement execute function count_verdicts();

-- Whoever writes what is counted counts it with their own rights; adding is all that they may do.
grant insert on metric_increments to recruitpro_app, recruitpro_sign_in, recruitpro_dispatcher, recruitpro_screener,
    recruitpro_eraser, recruitpro_auditor, recruitpro_searcher;
grant select, delete on metric_increments to recruitpro_dispatcher;
grant select, insert, update on metric_totals to recruitpro_dispatcher;
revoke execute on function fold_metrics(int) from public;
grant execute on function fold_metrics(int) to recruitpro_dispatcher;
