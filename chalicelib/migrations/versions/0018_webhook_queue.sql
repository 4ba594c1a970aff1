-- Deliveries to webhooks wait in a queue of their own: their function alone has a way to the internet (decision 0014).
-- What a row of the outbox says of its queue is for whoever looks at it; the relay of either release goes by the kind, so
-- that the one before goes on sending deliveries to the low queue.
-- expands: one value more
alter table outbox
    drop constraint outbox_queue_check,
    add constraint outbox_queue_check check (queue in ('scan', 'high', 'default', 'low', 'webhook'));

-- As in 0010_webhooks.sql, but for the queue.
create or replace function tell_webhooks() returns trigger language plpgsql security definer
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
        select id, v_organization, 'webhook', 'deliver_webhook', v_now from wanted
        returning job_id)
    select array_agg(job_id order by job_id) into v_jobs from sent;
    perform set_config('app.webhook_jobs', coalesce(array_to_string(v_jobs[1:100], ','), ''), true);
    return null;
end $$;
