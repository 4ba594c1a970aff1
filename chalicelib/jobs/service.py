"""Asking for background work, and looking at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.jobs import relay, repository
from chalicelib.jobs.errors import JobNotFound
from chalicelib.jobs.models import PRIORITY_OF, QUEUE_OF, Job, JobKind, JobMessage, RetryPolicy
from chalicelib.settings import settings


def policy() -> RetryPolicy:
    """The retry policy in force."""
    return RetryPolicy(settings().job_max_attempts, settings().job_retry_base_seconds)


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
    organization_id: UUID = session.info["organization_id"]
    job_id = new_id()
    values = {
        "id": job_id,
        "organization_id": organization_id,
        "kind": kind.value,
        "queue": QUEUE_OF[kind].value,
        "priority": PRIORITY_OF[kind].value,
        "max_attempts": policy().max_attempts,
        "payload": {name: str(value) for name, value in payload.items()},
        "unique_key": unique_key,
        "requested_by": actor.id if actor.kind == "user" else None,
        "request_id": actor.request_id,
        "now": now,
    }
    if not repository.insert(session, values):
        return repository.by_unique_key(session, organization_id, kind.value, unique_key or "")
    _send_after_commit(session, JobMessage(job_id, organization_id, kind))
    return job_id


def _send_after_commit(session: Session, message: JobMessage) -> None:
    if "messages" not in session.info:
        session.info["messages"] = []
        db.after_commit(session, lambda: relay.send_now(session.info["messages"]))
    session.info["messages"].append(message)


def get(session: Session, organization_id: UUID, job_id: UUID) -> Job:
    """One job; raises JobNotFound."""
    job = repository.find(session, organization_id, job_id)
    if job is None:
        raise JobNotFound("there is no such job")
    return job
