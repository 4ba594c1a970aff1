"""How the queues are doing, for an organization's own jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import clients
from chalicelib.clients import QueueUnavailable
from chalicelib.jobs import figures
from chalicelib.jobs.models import RULES, JobKind, QueueName
from chalicelib.jobs.schemas import JobStats, KindStats, Percentiles, QueueStats


def per_kind(session: Session, organization_id: UUID, now: datetime) -> list[KindStats]:
    """Every kind that has jobs now or had some within the hour."""
    rows = figures.per_kind(
        session, organization_id, minute_ago=now - timedelta(minutes=1), hour_ago=now - timedelta(hours=1)
    )
    return [
        KindStats(
            kind=JobKind(row.kind),
            priority=row.priority,
            queue=RULES[JobKind(row.kind)].queue,
            queued=row.queued,
            running=row.running,
            succeeded_per_minute=row.succeeded_per_minute,
            succeeded_per_hour=row.succeeded_per_hour,
            failed_per_minute=row.failed_per_minute,
            failed_per_hour=row.failed_per_hour,
            oldest_queued_seconds=None if row.oldest is None else round((now - row.oldest).total_seconds(), 3),
            wait_seconds=Percentiles.of(row.wait_seconds),
            run_seconds=Percentiles.of(row.run_seconds),
        )
        for row in rows
    ]


def with_queues(kinds: Sequence[KindStats]) -> JobStats:
    """The figures of kinds, and of each queue; asks SQS, so no transaction should be open."""
    return JobStats(queues=[_of_queue(queue, kinds) for queue in QueueName], kinds=list(kinds))


def _of_queue(queue: QueueName, kinds: Sequence[KindStats]) -> QueueStats:
    ours = [kind for kind in kinds if kind.queue is queue]
    ages = [kind.oldest_queued_seconds for kind in ours if kind.oldest_queued_seconds is not None]
    try:
        dead_letters = clients.queues().count_dead(queue.value)
    except QueueUnavailable:
        dead_letters = None
    return QueueStats(
        queue=queue,
        queued=sum(kind.queued for kind in ours),
        running=sum(kind.running for kind in ours),
        oldest_queued_seconds=max(ages, default=None),
        dead_letters=dead_letters,
    )
