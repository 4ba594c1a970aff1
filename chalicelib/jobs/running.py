"""One attempt at a job: claimed by one, finished once, tried again by policy, failed with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from chalicelib import db, reporting
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.jobs import repository
from chalicelib.jobs.errors import Superseded
from chalicelib.jobs.models import JobKind, JobMessage, JobRun
from chalicelib.jobs.service import policy
from chalicelib.logs import log, log_context
from chalicelib.settings import settings

Failed = Callable[[Session, JobRun, RecruitProError, datetime], None]


class JobBroke(RecruitProError):
    """A fault of ours; it may have been a passing one, so the job is tried again."""

    code = "internal_error"
    retries = True


class JobGaveUp(RecruitProError):
    """The job was started as often as it may be and never came to an end."""

    code = "job_never_finished"


@dataclass(frozen=True, slots=True)
class Work:
    """How one kind of job is done: `run` does it and finishes through `finishing`; `failed` (when given) writes what
    a final failure means for the thing worked on, in the transaction that fails the job."""

    run: Callable[[JobRun], None]
    failed: Failed | None = None


@contextmanager
def finishing(run: JobRun, role: Role = Role.APP) -> Iterator[Session]:
    """The transaction in which an attempt's effects and the job's "done" become true together.

    Raises Superseded, leaving no trace, when this attempt no longer owns the job. The job's result is `run.result`.
    """
    with db.transaction(run.organization_id, role) as session:
        if not repository.hold(session, run.id, run.organization_id, run.attempt):
            raise Superseded(f"attempt {run.attempt} of job {run.id} was taken over")
        yield session
        session.flush()
        repository.succeed(session, run.id, run.organization_id, run.result, utc_now())


def attempt(message: JobMessage, work: Mapping[JobKind, Work]) -> int | None:
    """Run one attempt of the job that `message` names. Returns None when the message is done with, else the seconds
    after which it should come again. Raises DatabaseUnavailable when the job cannot even be claimed, and LookupError,
    the job untouched, when `work` does not know its kind."""
    if message.kind not in work:
        raise LookupError(f"{message.kind} is not done here")
    run = _claim(message, utc_now())
    if run is None:
        return None
    with log_context(job_id=str(run.id), kind=run.kind.value, attempt=run.attempt):
        try:
            if run.attempt > run.max_attempts:
                raise JobGaveUp("the job was started as often as it may be and never came to an end")
            work[run.kind].run(run)
        except Superseded:
            log.warning("job_superseded")
        except RecruitProError as error:
            return _after(run, error, work[run.kind])
        except Exception as error:
            log.exception("job_broke")
            reporting.report(error)
            return _after(run, JobBroke("something went wrong on our side"), work[run.kind])
        else:
            log.info("job_succeeded")
        return None


def _claim(message: JobMessage, now: datetime) -> JobRun | None:
    lease_expires_at = now + timedelta(seconds=settings().job_lease_seconds)
    with db.transaction(message.organization_id) as session:
        row = repository.claim(session, message, now=now, lease_expires_at=lease_expires_at)
    if row is None:
        return None
    return JobRun(
        id=row.id,
        organization_id=row.organization_id,
        kind=JobKind(row.kind),
        payload=row.payload,
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        requested_by=row.requested_by,
        request_id=row.request_id,
    )


def _after(run: JobRun, error: RecruitProError, work: Work) -> int | None:
    """What follows a failed attempt: another one later, or the end. The last attempt of a job that could have been
    tried again keeps its message, so that the queue moves it to the dead-letter queue."""
    delay_seconds = policy().delay_seconds(run.attempt, is_unavailable=not isinstance(error, JobBroke))
    if error.retries and run.attempt < run.max_attempts:
        log.warning("job_will_be_retried", code=error.code, delay_seconds=delay_seconds)
        _queue_again(run, error, delay_seconds)
        return delay_seconds
    log.warning("job_failed", code=error.code)
    _fail(run, error, work)
    return delay_seconds if error.retries else None


def _queue_again(run: JobRun, error: RecruitProError, delay_seconds: int) -> None:
    values = {
        "id": run.id,
        "organization_id": run.organization_id,
        "attempt": run.attempt,
        "next_attempt_at": utc_now() + timedelta(seconds=delay_seconds),
        "code": error.code,
        "message": error.detail,
    }
    with db.transaction(run.organization_id) as session:
        repository.retry(session, values)


def _fail(run: JobRun, error: RecruitProError, work: Work) -> None:
    try:
        _write_failure(run, error, work.failed)
    except RecruitProError:
        raise
    except Exception as broken:
        if run.attempt <= run.max_attempts:
            raise
        # Every job ends, even one whose failure cannot be told to the thing it worked on.
        log.exception("job_failure_not_told")
        reporting.report(broken)
        _write_failure(run, error, None)


def _write_failure(run: JobRun, error: RecruitProError, failed: Failed | None) -> None:
    with db.transaction(run.organization_id) as session:
        if not repository.hold(session, run.id, run.organization_id, run.attempt):
            return
        now = utc_now()
        if failed is not None:
            failed(session, run, error, now)
        repository.fail(session, run.id, run.organization_id, error.code, error.detail, now)
