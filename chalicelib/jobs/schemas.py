"""What is shown of jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chalicelib.clock import utc_now
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, UtcTime, View
from chalicelib.jobs.models import JobKind, JobStatus, Priority, QueueName
from chalicelib.settings import settings


class JobQuery(PageQuery):
    status: JobStatus | None = None
    kind: JobKind | None = None
    priority: Priority | None = None
    parent_id: UUID | None = None


class Progress(BaseModel):
    done: int
    total: int | None


class JobError(BaseModel):
    code: str
    message: str | None


class JobView(View):
    """A job. `queue_position` is known for a queued job asked for by id: its place among those of its priority.
    `result` and the error's message are kept for a while after the end, the row for good."""

    id: UUID
    kind: JobKind
    priority: Priority
    status: JobStatus
    attempts: int
    max_attempts: int
    progress: Progress
    result: dict[str, Any] | None
    error: JobError | None
    enqueued_at: UtcTime
    started_at: UtcTime | None
    finished_at: UtcTime | None
    next_attempt_at: UtcTime | None
    queue_position: int | None = None
    parent_id: UUID | None = None
    cancel_requested_at: UtcTime | None = None

    @classmethod
    def of(cls, job: Any, queue_position: int | None = None) -> JobView:
        """The view of a job's row."""
        is_kept = _is_kept(job)
        message = job.error_message if is_kept else None
        return cls(
            id=job.id,
            kind=JobKind(job.kind),
            priority=Priority(job.priority),
            status=JobStatus(job.status),
            attempts=job.attempts,
            max_attempts=job.max_attempts,
            progress=Progress(done=job.progress_done, total=job.progress_total),
            result=job.result if is_kept else None,
            error=JobError(code=job.error_code, message=message) if job.error_code else None,
            enqueued_at=job.enqueued_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            next_attempt_at=job.next_attempt_at,
            queue_position=queue_position,
            parent_id=job.parent_id,
            cancel_requested_at=job.cancel_requested_at,
        )


def _is_kept(job: Any) -> bool:
    """Whether the result is within its time. The retention schedule blanks it a little later; nobody sees that."""
    if job.finished_at is None:
        return True
    config = settings()
    hours = config.job_failure_hours if job.status == JobStatus.FAILED else config.job_result_hours
    return bool(job.finished_at > utc_now() - timedelta(hours=hours))


class Percentiles(BaseModel):
    p50: float
    p95: float

    @classmethod
    def of(cls, pair: list[float | None] | None) -> Percentiles | None:
        if not pair or pair[0] is None or pair[1] is None:
            return None
        return cls(p50=round(pair[0], 3), p95=round(pair[1], 3))


class KindStats(BaseModel):
    """One kind of job: what waits and runs now, what ended within the last minute and hour, and how many seconds
    those of the last hour waited and ran (null when there were none)."""

    kind: JobKind
    priority: Priority
    queue: QueueName
    queued: int
    running: int
    succeeded_per_minute: int
    succeeded_per_hour: int
    failed_per_minute: int
    failed_per_hour: int
    oldest_queued_seconds: float | None
    wait_seconds: Percentiles | None
    run_seconds: Percentiles | None


class QueueStats(BaseModel):
    """One queue. `dead_letters` counts the messages that were given up, of the whole system; null when the queue does
    not answer."""

    queue: QueueName
    queued: int
    running: int
    oldest_queued_seconds: float | None
    dead_letters: int | None


class JobStats(BaseModel):
    queues: list[QueueStats]
    kinds: list[KindStats]


class NewRedrive(Body):
    queue: QueueName


class RedriveView(View):
    """Jobs queued again, messages whose job needs nothing any more, messages nobody can read."""

    queued: int
    settled: int
    unreadable: int
