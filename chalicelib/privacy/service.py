"""Asking for somebody to be erased, and the certificate of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.privacy import repository
from chalicelib.privacy.errors import ErasureNotFound
from chalicelib.privacy.models import Erasure, ErasureReason, ErasureStatus


def ask(
    session: Session,
    organization_id: UUID,
    candidate_id: UUID,
    reason: ErasureReason,
    *,
    actor: Actor,
    now: datetime,
) -> Erasure:
    """Erase a candidate, deleted ones included: out of sight with this transaction, and gone when the job is done, with
    whoever was merged into them. Whoever asks again gets the erasure that there is. Raises CandidateNotFound."""
    candidate = repository.find_anybody(session, organization_id, candidate_id)
    # Under the lock: somebody else may have asked while this one waited for it. Whoever is gone has only an erasure.
    known = repository.of_candidate(session, organization_id, candidate.id if candidate else candidate_id)
    if known is not None:
        return known
    if candidate is None:
        raise CandidateNotFound("there is no such candidate")
    if candidate.deleted_at is None:
        candidate.deleted_at, candidate.updated_at, candidate.version = now, now, candidate.version + 1
    erasure_id = new_id()
    payload = {"erasure_id": erasure_id}
    job_id = jobs.enqueue(session, JobKind.ERASE_CANDIDATE, payload, actor=actor, now=now, unique_key=str(erasure_id))
    erasure = Erasure(
        id=erasure_id,
        organization_id=organization_id,
        candidate_id=candidate.id,
        job_id=job_id,
        reason=reason.value,
        status=ErasureStatus.RUNNING.value,
        requested_by=actor.id if actor.kind == "user" else None,
        requested_at=now,
    )
    session.add(erasure)
    subject, after = Subject("candidate", candidate.id, candidate_id=candidate.id), {"reason": reason.value}
    events.record(session, "candidate_erasure_requested", subject, actor=actor, now=now, after=after)
    return erasure


def get(session: Session, organization_id: UUID, erasure_id: UUID) -> Erasure:
    """One erasure; raises ErasureNotFound."""
    erasure = repository.find(session, organization_id, erasure_id)
    if erasure is None:
        raise ErasureNotFound("there is no such erasure")
    return erasure
