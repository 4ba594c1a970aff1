"""Work for jobs under test: each finished run leaves one candidate, so effects can be counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.candidates import service as candidates
from chalicelib.clock import utc_now
from chalicelib.errors import RecruitProError
from chalicelib.events.models import Actor
from chalicelib.jobs import running, service
from chalicelib.jobs.models import JobKind, JobMessage, JobRun
from chalicelib.jobs.running import Work

SYSTEM = Actor("system")
KIND = JobKind.SCREEN_CANDIDATE


def ask(organization_id: UUID, *, unique_key: str | None = None) -> JobMessage:
    """A committed job; its message."""
    with db.transaction(organization_id) as session:
        payload = {"application_id": uuid4()}
        job_id = service.enqueue(session, KIND, payload, actor=SYSTEM, now=utc_now(), unique_key=unique_key)
    return JobMessage(job_id, organization_id, KIND)


def leave_candidate(session: Session, run: JobRun) -> None:
    values = {"name": f"effect of {run.id}", "source": f"attempt {run.attempt}"}
    candidates.create(session, run.organization_id, values, actor=SYSTEM, now=utc_now())


def finish(run: JobRun) -> None:
    with running.finishing(run) as session:
        leave_candidate(session, run)
        run.result = {"attempt": run.attempt}


def keep_failure(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    values = {"name": f"failure of {run.id}", "source": error.code}
    candidates.create(session, run.organization_id, values, actor=SYSTEM, now=now)


def doing(run: Callable[[JobRun], None] = finish) -> dict[JobKind, Work]:
    """The work that `consume` is given."""
    return {KIND: Work(run, keep_failure)}


def raising(error: Exception) -> dict[JobKind, Work]:
    """Work that never succeeds."""

    def run(_run: JobRun) -> None:
        raise error

    return doing(run)
