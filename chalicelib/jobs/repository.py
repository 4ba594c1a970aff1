"""Every query on jobs and the outbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.jobs.models import Job, JobMessage

INSERT = sa.text("""
    with job as (
        insert into jobs (id, organization_id, kind, priority, max_attempts, payload, unique_key, requested_by,
                          request_id, enqueued_at, next_attempt_at)
        values (:id, :organization_id, :kind, :priority, :max_attempts, cast(:payload as jsonb), :unique_key,
                :requested_by, :request_id, :now, :now)
        on conflict (organization_id, kind, unique_key) where unique_key is not null do nothing
        returning id)
    insert into outbox (job_id, organization_id, queue, kind, written_at)
    select id, :organization_id, :queue, :kind, :now from job returning job_id
""")
CLAIM = sa.text("""
    update jobs set status = 'running', attempts = attempts + 1, started_at = :now, next_attempt_at = null,
                    lease_expires_at = :lease_expires_at
    where id = :id and organization_id = :organization_id and kind = :kind
      and (status = 'queued' or (status = 'running' and lease_expires_at < :now))
    returning id, organization_id, kind, payload, attempts, max_attempts, requested_by, request_id
""")
HOLD = sa.text("""
    select 1 from jobs where id = :id and organization_id = :organization_id
      and status = 'running' and attempts = :attempt for update
""")
SUCCEED = sa.text("""
    update jobs set status = 'succeeded', finished_at = :now, lease_expires_at = null, result = cast(:result as jsonb),
                    error_code = null, error_message = null, progress_done = coalesce(progress_total, 1),
                    progress_total = coalesce(progress_total, 1)
    where id = :id and organization_id = :organization_id
""")
FAIL = sa.text("""
    update jobs set status = 'failed', finished_at = :now, lease_expires_at = null,
                    attempts = least(attempts, max_attempts), error_code = :code, error_message = :message
    where id = :id and organization_id = :organization_id
""")
RETRY = sa.text("""
    update jobs set status = 'queued', next_attempt_at = :next_attempt_at, lease_expires_at = null,
                    error_code = :code, error_message = :message
    where id = :id and organization_id = :organization_id and status = 'running' and attempts = :attempt
""")
FORGET = sa.text("delete from outbox where job_id = any(:ids)").bindparams(sa.bindparam("ids", type_=ARRAY(sa.Uuid())))
UNSENT = sa.text("""
    select job_id, organization_id, kind from outbox where written_at <= :before order by written_at limit :limit
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
        returning jobs.id, jobs.organization_id, jobs.kind)
    select id as job_id, organization_id, kind from revived
""")
QUEUE_POSITION = sa.text("""
    select count(*) from (select 1 from jobs
        where organization_id = :organization_id and status = 'queued' and priority = :priority and id < :id
        limit 10000) as ahead
""")


def insert(session: Session, values: dict[str, Any]) -> bool:
    """Write a job and its outbox row; False when the same work (unique key) has a job already."""
    row = session.execute(INSERT, {**values, "payload": json.dumps(values["payload"])}).first()
    return row is not None


def by_unique_key(session: Session, organization_id: UUID, kind: str, unique_key: str) -> UUID:
    """The id of the job that does this work."""
    query = sa.select(Job.id).where(
        Job.organization_id == organization_id, Job.kind == kind, Job.unique_key == unique_key
    )
    return session.scalars(query).one()


def find(session: Session, organization_id: UUID, job_id: UUID) -> Job | None:
    return session.scalars(sa.select(Job).where(Job.id == job_id, Job.organization_id == organization_id)).first()


def matching(organization_id: UUID, filters: dict[str, str]) -> sa.Select[Any]:
    """The jobs of an organization whose columns equal `filters`."""
    query = sa.select(Job.__table__).where(Job.organization_id == organization_id)
    for name, value in filters.items():
        query = query.where(getattr(Job, name) == value)
    return query


def queue_position(session: Session, job: Job) -> int:
    """How many jobs of the same priority in this organization wait ahead of `job`, plus one; counted to 10,000."""
    parameters = {"organization_id": job.organization_id, "priority": job.priority, "id": job.id}
    return int(session.execute(QUEUE_POSITION, parameters).scalar_one()) + 1


def claim(session: Session, message: JobMessage, *, now: datetime, lease_expires_at: datetime) -> sa.Row[Any] | None:
    """Take the job for one attempt; None when it is finished, or running elsewhere under a live lease."""
    parameters = {"id": message.job_id, "organization_id": message.organization_id, "kind": message.kind.value}
    return session.execute(CLAIM, {**parameters, "now": now, "lease_expires_at": lease_expires_at}).first()


def hold(session: Session, job_id: UUID, organization_id: UUID, attempt: int) -> bool:
    """Lock the job for its end; False when this attempt no longer owns it."""
    parameters = {"id": job_id, "organization_id": organization_id, "attempt": attempt}
    return session.execute(HOLD, parameters).first() is not None


def succeed(session: Session, job_id: UUID, organization_id: UUID, result: dict[str, Any], now: datetime) -> None:
    values = {"id": job_id, "organization_id": organization_id, "result": json.dumps(result, default=str), "now": now}
    session.execute(SUCCEED, values)


def fail(session: Session, job_id: UUID, organization_id: UUID, code: str, message: str, now: datetime) -> None:
    values = {"id": job_id, "organization_id": organization_id, "code": code, "message": message, "now": now}
    session.execute(FAIL, values)


def retry(session: Session, values: dict[str, Any]) -> None:
    session.execute(RETRY, values)


def forget_sent(session: Session, job_ids: Sequence[UUID]) -> None:
    """Take sent messages out of the outbox."""
    session.execute(FORGET, {"ids": list(job_ids)})


def unsent(session: Session, *, before: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Messages written before `before` and not known to be sent, oldest first, of every organization."""
    return session.execute(UNSENT, {"before": before, "limit": limit}).all()


def revive(session: Session, *, now: datetime, lost_before: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Queue again what was started and never finished, and what waits with its message lost."""
    return session.execute(REVIVE, {"now": now, "lost_before": lost_before, "limit": limit}).all()
