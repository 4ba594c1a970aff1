"""Every query that only looks at jobs: lists, places in the queue, figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.jobs.models import Job

QUEUE_POSITION = sa.text("""
    select count(*) from (select 1 from jobs
        where organization_id = :organization_id and status = 'queued' and priority = :priority and id < :id
        limit 10000) as ahead
""")
# Two halves, each with its index: what waits and runs now, and what ended within the last hour.
FIGURES = sa.text("""
    with now_open as (
        select kind, priority,
            count(*) filter (where status = 'queued') as queued,
            count(*) filter (where status = 'running') as running,
            min(enqueued_at) filter (where status = 'queued') as oldest
        from jobs where organization_id = :organization_id and status in ('queued', 'running')
        group by kind, priority),
    ended as (
        select kind, priority,
            count(*) filter (where status = 'succeeded' and finished_at > :minute_ago) as succeeded_per_minute,
            count(*) filter (where status = 'succeeded') as succeeded_per_hour,
            count(*) filter (where status = 'failed' and finished_at > :minute_ago) as failed_per_minute,
            count(*) filter (where status = 'failed') as failed_per_hour,
            percentile_cont(array[0.5, 0.95]) within group (
                order by greatest(extract(epoch from started_at - enqueued_at), 0)) as wait_seconds,
            percentile_cont(array[0.5, 0.95]) within group (
                order by extract(epoch from finished_at - started_at)) as run_seconds
        from jobs where organization_id = :organization_id and finished_at > :hour_ago and started_at is not null
        group by kind, priority)
    select kind, priority, coalesce(queued, 0) as queued, coalesce(running, 0) as running, oldest,
        coalesce(succeeded_per_minute, 0) as succeeded_per_minute,
        coalesce(succeeded_per_hour, 0) as succeeded_per_hour,
        coalesce(failed_per_minute, 0) as failed_per_minute, coalesce(failed_per_hour, 0) as failed_per_hour,
        wait_seconds, run_seconds
    from now_open full join ended using (kind, priority) order by priority, kind
""")


def matching(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The jobs of an organization whose columns equal `filters`."""
    query = sa.select(Job.__table__).where(Job.organization_id == organization_id)
    for name, value in filters.items():
        query = query.where(getattr(Job, name) == value)
    return query


def queue_position(session: Session, job: Job) -> int:
    """How many jobs of the same priority in this organization wait ahead of `job`, plus one; counted to 10,000."""
    parameters = {"organization_id": job.organization_id, "priority": job.priority, "id": job.id}
    return int(session.execute(QUEUE_POSITION, parameters).scalar_one()) + 1


def per_kind(
    session: Session, organization_id: UUID, *, minute_ago: datetime, hour_ago: datetime
) -> Sequence[sa.Row[Any]]:
    """Per kind: what waits and runs, what ended within a minute and an hour, and how long it waited and ran."""
    parameters = {"organization_id": organization_id, "minute_ago": minute_ago, "hour_ago": hour_ago}
    return session.execute(FIGURES, parameters).all()
