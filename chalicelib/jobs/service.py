"""Asking for background work, looking at it, calling it off, trying it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db, tracing
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import relay, repository
from chalicelib.jobs.errors import JobCancelled, JobEnded, JobNotCancellable, JobNotFound, JobNotRetryable
from chalicelib.jobs.models import RULES, Job, JobKind, JobMessage, JobRun, JobStatus, RetryPolicy
from chalicelib.settings import settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """One job of many: what it is about, what its end counts in its parent, and (optional) the key of its work."""

    payload: Mapping[str, object]
    weight: int = 1
    unique_key: str | None = None


def policy(kind: JobKind) -> RetryPolicy:
    """The retry policy in force for jobs of `kind`."""
    config = settings()
    return RetryPolicy(config.job_max_attempts, config.job_retry_base_seconds * RULES[kind].patience)


def enqueue(
    session: Session,
    kind: JobKind,
    payload: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
    unique_key: str | None = None,
) -> UUID:
    """Write a job in the transaction in hand; its message leaves after the commit. Returns the job's id.

    With a `unique_key`, work that has a job already gets no second one: its id is returned.
    """
    written = enqueue_many(session, kind, [Wanted(payload, unique_key=unique_key)], actor=actor, now=now)
    if written:
        return written[0]
    return repository.by_unique_key(session, session.info["organization_id"], kind.value, unique_key or "")


def enqueue_many(
    session: Session,
    kind: JobKind,
    wanted: Sequence[Wanted],
    *,
    actor: Actor,
    now: datetime,
    parent_id: UUID | None = None,
) -> list[UUID]:
    """Write many jobs in one statement; their messages leave after the commit. Returns the ids of those written:
    work whose unique key has a job already gets no second one."""
    if not wanted:
        return []
    rows = [
        {
            "id": str(new_id()),
            "payload": _plain(each.payload),
            "unique_key": each.unique_key,
            "weight": each.weight,
        }
        for each in wanted
    ]
    values = {**_common(session, kind, actor, now), "queue": RULES[kind].queue.value, "parent_id": parent_id}
    values["max_attempts"] = policy(kind).max_attempts
    written = repository.insert(session, values, rows)
    send_after_commit(session, kind, written)
    return written


def start_parent(
    session: Session, kind: JobKind, payload: Mapping[str, object], *, total: int, actor: Actor, now: datetime
) -> UUID:
    """Write a job that runs until children of together `total` weight have ended; returns its id."""
    job_id = new_id()
    values = {**_common(session, kind, actor, now), "id": job_id, "payload": _plain(payload), "total": total}
    repository.start_parent(session, values)
    return job_id


def _common(session: Session, kind: JobKind, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "organization_id": session.info["organization_id"],
        "kind": kind.value,
        "priority": RULES[kind].priority.value,
        "requested_by": actor.id if actor.kind in {"user", "api_key"} else None,
        "request_id": actor.request_id,
        "now": now,
    }


def _plain(payload: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()}


def send_after_commit(session: Session, kind: JobKind, job_ids: Sequence[UUID], *, trace_id: str | None = None) -> None:
    """Let the messages of jobs that were written in the transaction in hand leave after its commit. They belong to the
    trace in hand, or to the one they began in."""
    if "messages" not in session.info:
        session.info["messages"] = []
        db.after_commit(session, lambda: relay.send_now(session.info["messages"]))
    organization_id = session.info["organization_id"]
    trace_id = trace_id or tracing.trace_id()
    session.info["messages"].extend(JobMessage(job_id, organization_id, kind, trace_id) for job_id in job_ids)


def get(session: Session, organization_id: UUID, job_id: UUID, *, lock: bool = False) -> Job:
    """One job; raises JobNotFound."""
    job = repository.find(session, organization_id, job_id, lock=lock)
    if job is None:
        raise JobNotFound("there is no such job")
    return job


def cancel(session: Session, organization_id: UUID, job_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Call a job off: at once while it waits, at its next checkpoint while it runs; a split job with all its children.

    Raises JobNotFound, JobEnded, JobNotCancellable.
    """
    weight = _cancel_children(session, get(session, organization_id, job_id), now)
    job = get(session, organization_id, job_id, lock=True)
    if JobStatus(job.status).is_final:
        raise JobEnded(f"this job is {job.status}")
    if not RULES[JobKind(job.kind)].can_be_cancelled:
        raise JobNotCancellable(f"a job of kind {job.kind} runs to its end")
    was, is_first_wish = job.status, job.cancel_requested_at is None
    if is_first_wish:
        job.cancel_requested_at = now
        session.flush()
    if job.is_split:
        # Once more for a job that was split in this very moment.
        weight += _cancel_children(session, job, now)
        repository.count_children(session, organization_id, job_id, weight=weight, failed=0, now=now)
    elif job.status == JobStatus.QUEUED:
        end_cancelled(session, JobRun.of(job), now)
        repository.forget_sent(session, [job.id])
    if is_first_wish:
        after = {"kind": job.kind, "was": was}
        events.record(session, "job_cancelled", Subject("job", job.id), actor=actor, now=now, after=after)


def _cancel_children(session: Session, job: Job, now: datetime) -> int:
    """Call off the children of a split job; the weight of those that waited. Before the parent is locked: a child that
    ends locks itself and then its parent, and so does this."""
    if not job.is_split or JobStatus(job.status).is_final:
        return 0
    why = JobCancelled()
    return repository.cancel_children(session, job.organization_id, job.id, code=why.code, message=why.detail, now=now)


def end_cancelled(session: Session, run: JobRun, now: datetime) -> None:
    """End a job as cancelled, and write what that means for the thing worked on."""
    from chalicelib.jobs import registry

    error = JobCancelled()
    failed = registry.work_of(run.kind).failed
    if failed is not None:
        failed(session, run, error, now)
    session.flush()
    repository.end(session, run, status=JobStatus.CANCELLED.value, code=error.code, message=error.detail, now=now)


def retry(session: Session, organization_id: UUID, job_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Queue a failed or cancelled job afresh, with all its attempts before it. Raises JobNotFound, JobNotRetryable."""
    job = get(session, organization_id, job_id, lock=True)
    if not job.payload and job.status in {JobStatus.FAILED, JobStatus.CANCELLED}:
        raise JobNotRetryable("whom this job was about has been erased, and with them what there was to do")
    was, kind = job.status, JobKind(job.kind)
    values = {"id": job_id, "organization_id": organization_id, "queue": RULES[kind].queue.value, "now": now}
    if job.is_split or job.parent_id is not None or not repository.queue_again(session, values):
        raise JobNotRetryable(f"this job is {job.status}; only a failed or cancelled one of its own is tried again")
    send_after_commit(session, kind, [job_id], trace_id=job.trace_id)
    after = {"kind": job.kind, "was": was}
    events.record(session, "job_retried", Subject("job", job_id), actor=actor, now=now, after=after)
