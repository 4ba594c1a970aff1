"""Every query that changes jobs and the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.jobs.models import Job, JobMessage, JobRun

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
# Constants of this module alone are put into SQL text here; values are always parameters.
RUN = """id, organization_id, kind, payload, attempts, max_attempts, requested_by, request_id, parent_id, weight,
         trace_id"""
INSERT = sa.text("""
    with job as (
        insert into jobs (id, organization_id, kind, priority, max_attempts, payload, unique_key, weight, parent_id,
                          requested_by, request_id, enqueued_at, next_attempt_at)
        select id, :organization_id, :kind, :priority, :max_attempts, payload, unique_key, coalesce(weight, 1),
               :parent_id, :requested_by, :request_id, :now, :now
        from json_to_recordset(cast(:rows as json)) as row(id uuid, payload jsonb, unique_key text, weight bigint)
        on conflict (organization_id, kind, unique_key) where unique_key is not null do nothing
        returning id)
    insert into outbox (job_id, organization_id, queue, kind, written_at)
    select id, :organization_id, :queue, :kind, :now from job returning job_id
""")
CLAIM = sa.text(f"""
    update jobs set status = 'running', attempts = attempts + 1, started_at = :now, next_attempt_at = null,
                    lease_expires_at = :lease_expires_at
    where id = any(:ids) and organization_id = :organization_id and kind = :kind and not is_split
      and (status = 'queued' or (status = 'running' and lease_expires_at < :now))
    returning {RUN}, cancel_requested_at,
              -- Of the row as it was: since when it waited for this attempt.
              (select coalesce(was.next_attempt_at, was.lease_expires_at, was.enqueued_at) from jobs as was
               where was.id = jobs.id) as due_at
""").bindparams(IDS)
# As CLAIM, but only locked: a batch that ends in this very transaction needs no row that says it runs.
TAKE = sa.text("""
    select id, organization_id, kind, payload, attempts + 1 as attempts, max_attempts, requested_by, request_id,
           parent_id, weight, trace_id, cancel_requested_at,
           coalesce(next_attempt_at, lease_expires_at, enqueued_at) as due_at
    from jobs
    where id = any(:ids) and organization_id = :organization_id and kind = :kind and not is_split
      and (status = 'queued' or (status = 'running' and lease_expires_at < :now))
    order by id for update
""").bindparams(IDS)
HOLD = sa.text("""
    select cancel_requested_at from jobs where id = :id and organization_id = :organization_id
      and status = 'running' and attempts = :attempt and not is_split for update
""")
SUCCEED = sa.text("""
    update jobs set status = 'succeeded', finished_at = :now, lease_expires_at = null, next_attempt_at = null,
                    started_at = case when attempts < done.attempt then :now else started_at end,
                    attempts = done.attempt, result = done.result, error_code = null, error_message = null,
                    progress_done = coalesce(progress_total, 1), progress_total = coalesce(progress_total, 1)
    from json_to_recordset(cast(:rows as json)) as done(id uuid, attempt int, result jsonb)
    where jobs.id = done.id and jobs.organization_id = :organization_id
""")
REMEMBER = """history = history || jsonb_build_array(jsonb_build_object(
    'attempt', attempts, 'started_at', started_at, 'ended_at', cast(:now as timestamptz),
    'code', cast(:code as text), 'message', cast(:message as text)))"""
END = sa.text(f"""
    update jobs set status = :status, finished_at = :now, lease_expires_at = null, next_attempt_at = null,
                    attempts = least(attempts, max_attempts), error_code = :code, error_message = :message, {REMEMBER}
    where id = :id and organization_id = :organization_id
""")
RETRY = sa.text(f"""
    update jobs set status = 'queued', next_attempt_at = :next_attempt_at, lease_expires_at = null,
                    error_code = :code, error_message = :message, {REMEMBER}
    where id = :id and organization_id = :organization_id and status = 'running' and attempts = :attempt
      and not is_split
""")
CHECKPOINT = sa.text("""
    update jobs set lease_expires_at = :lease_expires_at, progress_done = coalesce(:done, progress_done),
                    progress_total = coalesce(:total, progress_total)
    where id = :id and organization_id = :organization_id and status = 'running' and attempts = :attempt
      and not is_split
    returning cancel_requested_at
""")
# Counts ended children into their parent, which ends with the last of them.
COUNT_CHILDREN = sa.text("""
    update jobs set
        progress_done = progress_done + :weight,
        children_failed = children_failed + :failed,
        status = case when progress_done + :weight < progress_total then status
                      when cancel_requested_at is not null then 'cancelled' else 'succeeded' end,
        finished_at = case when progress_done + :weight < progress_total then null else cast(:now as timestamptz) end,
        result = case when progress_done + :weight < progress_total then result
                      else coalesce(result, '{}') || jsonb_build_object(
                          'done', progress_total, 'failed', children_failed + :failed) end
    where id = :parent_id and organization_id = :organization_id and status = 'running'
""")
START_PARENT = sa.text("""
    insert into jobs (id, organization_id, kind, priority, status, is_split, max_attempts, payload, progress_total,
                      requested_by, request_id, enqueued_at, started_at)
    values (:id, :organization_id, :kind, :priority, 'running', true, 1, cast(:payload as jsonb), :total,
            :requested_by, :request_id, :now, :now)
""")
# From here on the job has no attempt of its own: it runs until its children have ended.
SPLIT = sa.text("""
    update jobs set is_split = true, progress_done = 0, progress_total = :total, lease_expires_at = null,
                    result = cast(:result as jsonb)
    where id = :id and organization_id = :organization_id
""")
FORGET = sa.text("delete from outbox where job_id = any(:ids)").bindparams(IDS)
UNSENT = sa.text("""
    select job_id, organization_id, kind, (select trace_id from jobs where id = job_id) as trace_id
    from outbox where written_at <= :before order by written_at limit :limit
""")
# A job that ran past its lease is queued again, and so is one that has waited long with no message in the outbox: its
# message may be lost. Sending once too often is harmless, since a job is claimed by one.
REVIVE = sa.text("""
    with overdue as (
        select id from jobs
        where (status = 'running' and lease_expires_at < :now) or (status = 'queued' and next_attempt_at < :lost_before)
        order by id limit :limit for update skip locked),
    revived as (
        update jobs set status = 'queued', next_attempt_at = :now, lease_expires_at = null
        from overdue where jobs.id = overdue.id
        returning jobs.id, jobs.organization_id, jobs.kind, jobs.trace_id)
    select id as job_id, organization_id, kind, trace_id from revived
""")
AGAIN = sa.text("""
    with job as (
        update jobs set status = 'queued', attempts = 0, finished_at = null, next_attempt_at = :now, result = null,
                        error_code = null, error_message = null, cancel_requested_at = null, progress_done = 0
        where id = :id and organization_id = :organization_id and status in ('failed', 'cancelled')
        returning id, organization_id, kind)
    insert into outbox (job_id, organization_id, queue, kind, written_at)
    select id, organization_id, :queue, kind, :now from job
    on conflict (job_id) do update set written_at = excluded.written_at
    returning job_id
""")
# Every child that has not ended is locked first, in one order, and seen as it stands then: one that is being claimed at
# this very moment is asked to stop like any other that runs.
CANCEL_CHILDREN = sa.text(f"""
    with living as (
        select id, status from jobs
        where parent_id = :parent_id and organization_id = :organization_id and status in ('queued', 'running')
        order by id for update),
    cancelled as (
        update jobs set status = 'cancelled', finished_at = :now, next_attempt_at = null, cancel_requested_at = :now,
                        error_code = :code, error_message = :message, {REMEMBER}
        from living where jobs.id = living.id and living.status = 'queued'
        returning jobs.id, jobs.weight),
    unsent as (delete from outbox where job_id in (select id from cancelled)),
    asked as (
        update jobs set cancel_requested_at = :now
        from living where jobs.id = living.id and living.status = 'running' and jobs.cancel_requested_at is null)
    select count(*) as children, coalesce(sum(weight), 0) as weight from cancelled
""")


def insert(session: Session, values: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[UUID]:
    """Write jobs and their outbox rows; the ids of those written. One whose unique key has a job already is not."""
    found = session.execute(INSERT, {**values, "rows": json.dumps(rows)})
    return list(found.scalars())


def start_parent(session: Session, values: dict[str, Any]) -> None:
    """Write a job that is done when its children are."""
    session.execute(START_PARENT, {**values, "payload": json.dumps(values["payload"])})


def split(session: Session, run: JobRun, total: int) -> None:
    """Let a running job become the parent of children of together `total` weight."""
    values = {"id": run.id, "organization_id": run.organization_id, "total": total}
    session.execute(SPLIT, {**values, "result": json.dumps(run.result, default=str)})


def by_unique_key(session: Session, organization_id: UUID, kind: str, unique_key: str) -> UUID:
    """The id of the job that does this work."""
    query = sa.select(Job.id).where(
        Job.organization_id == organization_id, Job.kind == kind, Job.unique_key == unique_key
    )
    return session.scalars(query).one()


def find(session: Session, organization_id: UUID, job_id: UUID, *, lock: bool = False) -> Job | None:
    """One job, locked when asked."""
    query = sa.select(Job).where(Job.id == job_id, Job.organization_id == organization_id)
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).first()


def claim(
    session: Session, messages: Sequence[JobMessage], *, now: datetime, lease_expires_at: datetime
) -> Sequence[sa.Row[Any]]:
    """Take jobs of one organization and kind for one attempt each; left out are those that are finished, or running
    elsewhere under a live lease."""
    parameters = {
        "ids": [message.job_id for message in messages],
        "organization_id": messages[0].organization_id,
        "kind": messages[0].kind.value,
        "now": now,
        "lease_expires_at": lease_expires_at,
    }
    return session.execute(CLAIM, parameters).all()


def take(session: Session, messages: Sequence[JobMessage], *, now: datetime) -> Sequence[sa.Row[Any]]:
    """As `claim`, for jobs that end in the transaction in hand: they are locked, and `attempts` counts this one."""
    parameters = {
        "ids": [message.job_id for message in messages],
        "organization_id": messages[0].organization_id,
        "kind": messages[0].kind.value,
        "now": now,
    }
    return session.execute(TAKE, parameters).all()


def hold(session: Session, run: JobRun) -> sa.Row[Any] | None:
    """Lock the job for its end; None when this attempt no longer owns it."""
    parameters = {"id": run.id, "organization_id": run.organization_id, "attempt": run.attempt}
    return session.execute(HOLD, parameters).first()


def succeed(session: Session, runs: Sequence[JobRun], now: datetime) -> None:
    """End jobs of one organization well, each with its result, and count them into their parents."""
    rows = [{"id": str(run.id), "attempt": run.attempt, "result": run.result} for run in runs]
    parameters = {"organization_id": runs[0].organization_id, "rows": json.dumps(rows, default=str), "now": now}
    session.execute(SUCCEED, parameters)
    for parent_id in {run.parent_id for run in runs if run.parent_id is not None}:
        weight = sum(run.weight for run in runs if run.parent_id == parent_id)
        count_children(session, runs[0].organization_id, parent_id, weight=weight, failed=0, now=now)


def end(session: Session, run: JobRun, *, status: str, code: str | None, message: str | None, now: datetime) -> None:
    """End a job as failed or cancelled, and count it into its parent."""
    values = {"id": run.id, "organization_id": run.organization_id, "status": status}
    session.execute(END, {**values, "code": code, "message": message, "now": now})
    if run.parent_id is not None:
        failed = int(status == "failed")
        count_children(session, run.organization_id, run.parent_id, weight=run.weight, failed=failed, now=now)


def count_children(
    session: Session, organization_id: UUID, parent_id: UUID, *, weight: int, failed: int, now: datetime
) -> None:
    values = {"organization_id": organization_id, "parent_id": parent_id, "weight": weight, "failed": failed}
    session.execute(COUNT_CHILDREN, {**values, "now": now})


def retry(session: Session, values: dict[str, Any]) -> None:
    """Let a failed attempt be followed by another one."""
    session.execute(RETRY, values)


def checkpoint(session: Session, values: dict[str, Any]) -> sa.Row[Any] | None:
    """Show progress and renew the lease; None when this attempt no longer owns the job."""
    return session.execute(CHECKPOINT, values).first()


def queue_again(session: Session, values: dict[str, Any]) -> bool:
    """Queue a failed or cancelled job afresh; False when it is neither."""
    return session.execute(AGAIN, values).first() is not None


def cancel_children(
    session: Session, organization_id: UUID, parent_id: UUID, *, code: str, message: str, now: datetime
) -> int:
    """Call off what waits under a parent, and ask what runs to stop; the weight of what was called off."""
    values = {"organization_id": organization_id, "parent_id": parent_id, "code": code, "message": message, "now": now}
    return int(session.execute(CANCEL_CHILDREN, values).one().weight)


def forget_sent(session: Session, job_ids: Iterable[UUID]) -> None:
    """Take sent messages out of the outbox."""
    session.execute(FORGET, {"ids": list(job_ids)})


def unsent(session: Session, *, before: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Messages written before `before` and not known to be sent, oldest first, of every organization."""
    return session.execute(UNSENT, {"before": before, "limit": limit}).all()


def revive(session: Session, *, now: datetime, lost_before: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Queue again what was started and never finished, and what waits with its message lost."""
    return session.execute(REVIVE, {"now": now, "lost_before": lost_before, "limit": limit}).all()
