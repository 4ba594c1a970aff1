"""What is shown of a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import UtcTime, View
from chalicelib.jobs.models import JobKind, JobStatus, Priority


class JobQuery(PageQuery):
    status: JobStatus | None = None
    kind: JobKind | None = None


class Progress(BaseModel):
    done: int
    total: int | None


class JobError(BaseModel):
    code: str
    message: str


class JobView(View):
    """A job. `queue_position` is known for a queued job asked for by id: its place among those of its priority."""

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

    @classmethod
    def of(cls, job: Any, queue_position: int | None = None) -> JobView:
        """The view of a job's row."""
        error = JobError(code=job.error_code, message=job.error_message or "") if job.error_code else None
        return cls(
            id=job.id,
            kind=JobKind(job.kind),
            priority=Priority(job.priority),
            status=JobStatus(job.status),
            attempts=job.attempts,
            max_attempts=job.max_attempts,
            progress=Progress(done=job.progress_done, total=job.progress_total),
            result=job.result,
            error=error,
            enqueued_at=job.enqueued_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            next_attempt_at=job.next_attempt_at,
            queue_position=queue_position,
        )
