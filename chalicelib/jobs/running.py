"""Attempts at jobs: claimed by one, finished once, tried again by policy, failed with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db, reporting
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.jobs import repository
from chalicelib.jobs.errors import JobBroke, JobCancelled, JobGaveUp, Superseded
from chalicelib.jobs.lines import Line, Outcome, tell_together, told
from chalicelib.jobs.models import JobKind, JobMessage, JobRun, JobStatus
from chalicelib.jobs.service import end_cancelled, policy
from chalicelib.logs import belongs_to, log, traced
from chalicelib.settings import settings
from chalicelib.tracing import Trace

Failed = Callable[[Session, JobRun, RecruitProError, datetime], None]


@dataclass(frozen=True, slots=True)
class Work:
    """How one kind of job is done; one of two ways.

    `run` takes its time (reads, waits on others, and finishes through `finishing`). `write` is quick and touches the
    database alone: a batch of such jobs is claimed, done and finished in one transaction. `failed` (when given) writes
    what a final failure means for the thing worked on, in the transaction that fails the job.
    """

    run: Callable[[JobRun], None] | None = None
    failed: Failed | None = None
    write: Callable[[Session, JobRun], None] | None = None
    role: Role = Role.APP


@contextmanager
def finishing(run: JobRun, role: Role = Role.APP) -> Iterator[Session]:
    """The transaction in which an attempt's effects and the job's "done" become true together.

    Raises, leaving no trace, Superseded when this attempt no longer owns the job and JobCancelled when somebody has
    called it off. The job's result is `run.result`.
    """
    with db.transaction(run.organization_id, role) as session:
        _check_owned(run, repository.hold(session, run))
        yield session
        session.flush()
        repository.succeed(session, [run], utc_now())


@contextmanager
def splitting(run: JobRun, *, total: int) -> Iterator[Session]:
    """The transaction in which an attempt hands its job over to children of together `total` weight (more than 0),
    which the caller enqueues in it. Raises as `finishing` does; `run.result` stays with the job."""
    with db.transaction(run.organization_id) as session:
        _check_owned(run, repository.hold(session, run))
        repository.split(session, run, total)
        yield session
    run.is_split = True


def checkpoint(run: JobRun, *, done: int | None = None, total: int | None = None) -> None:
    """Say that the attempt lives and how far it is. Raises Superseded, or JobCancelled when somebody has called the
    job off."""
    with step(run, done=done, total=total):
        pass


@contextmanager
def step(run: JobRun, *, done: int | None = None, total: int | None = None) -> Iterator[Session]:
    """The transaction in which a long attempt keeps a part of its work: a checkpoint, and what became true with it.
    Raises as `checkpoint` does, leaving no trace."""
    values = {
        "id": run.id,
        "organization_id": run.organization_id,
        "attempt": run.attempt,
        "done": done,
        "total": total,
        "lease_expires_at": utc_now() + timedelta(seconds=settings().job_lease_seconds),
    }
    with db.transaction(run.organization_id) as session:
        _check_owned(run, repository.checkpoint(session, values))
        yield session


def _check_owned(run: JobRun, owned: sa.Row[Any] | None) -> None:
    if owned is None:
        raise Superseded(f"attempt {run.attempt} of job {run.id} was taken over")
    if owned.cancel_requested_at is not None:
        raise JobCancelled


def attempt(message: JobMessage, work: Mapping[JobKind, Work]) -> int | None:
    """Run one attempt of the job that `message` names. Returns None when the message is done with, else the seconds
    after which it should come again. Raises DatabaseUnavailable when the job cannot even be claimed, and LookupError,
    the job untouched, when `work` does not know its kind."""
    if message.kind not in work:
        raise LookupError(f"{message.kind} is not done here")
    with traced(message.trace_id) as trace:
        now = utc_now()
        with db.transaction(message.organization_id) as session:
            rows = _claim(session, [message], now)
        if not rows:
            return None
        run = JobRun.of(rows[0])
        with told(run, trace, due_at=rows[0].due_at, now=now) as line, reporting.part(run.kind.value, reporting.JOB):
            return _attempt(run, work[message.kind], line, is_called_off=rows[0].cancel_requested_at is not None)


def _attempt(run: JobRun, how: Work, line: Line, *, is_called_off: bool) -> int | None:
    """Do what was claimed; `line` is told how it went. Returns as `attempt` does."""
    try:
        if is_called_off:
            raise JobCancelled
        if run.attempt > run.max_attempts:
            raise JobGaveUp("the job was started as often as it may be and never came to an end")
        _do(run, how)
    except Superseded:
        line.outcome = Outcome.SUPERSEDED
    except JobCancelled:
        _cancel(run)
        line.outcome = Outcome.CANCELLED
    except RecruitProError as error:
        return _after(run, error, how, line)
    except Exception as error:
        log.exception("job_broke")
        reporting.report(error)
        return _after(run, JobBroke("something went wrong on our side"), how, line)
    else:
        line.outcome = Outcome.SPLIT if run.is_split else Outcome.SUCCEEDED
    return None


def _do(run: JobRun, how: Work) -> None:
    if how.run is not None:
        how.run(run)
    if how.write is not None:
        with finishing(run, how.role) as session:
            how.write(session, run)


def attempt_together(messages: Sequence[JobMessage], how: Work) -> bool:
    """Claim, do and finish quick jobs of one organization and kind in one transaction. False, leaving no trace, when
    any of them needs more than that: each is to be attempted alone then."""
    assert how.write is not None, "only quick work is done together"
    with traced(messages[0].trace_id) as trace:
        now = utc_now()
        try:
            with db.transaction(messages[0].organization_id, how.role) as session:
                rows = repository.take(session, messages, now=now)
                if any(row.cancel_requested_at is not None or row.attempts > row.max_attempts for row in rows):
                    raise _EachAlone
                runs = [JobRun.of(row) for row in rows]
                _go_over(session, trace, {run.trace_id for run in runs})
                for run in runs:
                    how.write(session, run)
                session.flush()
                if runs:
                    repository.succeed(session, runs, utc_now())
        except Exception as error:
            if not isinstance(error, _EachAlone):
                log.warning("batch_taken_apart", reason=type(error).__name__, jobs=len(messages))
            return False
        tell_together(runs, trace, [row.due_at for row in rows], now)
        return True


def _go_over(session: Session, trace: Trace, trace_ids: set[str | None]) -> None:
    """Let what is written belong to the trace of these jobs. Raises _EachAlone when it is not one."""
    if len(trace_ids) > 1:
        raise _EachAlone
    for trace_id in trace_ids - {None, trace.id}:
        belongs_to(trace, str(trace_id))
        db.trace_on(session)


class _EachAlone(Exception):
    """One of a batch is no plain case."""


def _claim(session: Session, messages: Sequence[JobMessage], now: datetime) -> Sequence[sa.Row[Any]]:
    lease_expires_at = now + timedelta(seconds=settings().job_lease_seconds)
    return repository.claim(session, messages, now=now, lease_expires_at=lease_expires_at)


def _after(run: JobRun, error: RecruitProError, how: Work, line: Line) -> int | None:
    """What follows a failed attempt: another one later, or the end. The last attempt of a job that could have been
    tried again keeps its message, so that the queue moves it to the dead-letter queue."""
    line.more["code"] = error.code
    delay_seconds = policy(run.kind).delay_seconds(run.attempt, is_unavailable=not isinstance(error, JobBroke))
    if error.retries and run.attempt < run.max_attempts:
        _queue_again(run, error, delay_seconds)
        line.outcome, line.more["delay_seconds"] = Outcome.RETRIED, delay_seconds
        return delay_seconds
    _fail(run, error, how)
    line.outcome = Outcome.FAILED
    return delay_seconds if error.retries else None


def _queue_again(run: JobRun, error: RecruitProError, delay_seconds: int) -> None:
    now = utc_now()
    values = {
        "id": run.id,
        "organization_id": run.organization_id,
        "attempt": run.attempt,
        "now": now,
        "next_attempt_at": now + timedelta(seconds=delay_seconds),
        "code": error.code,
        "message": error.detail,
    }
    with db.transaction(run.organization_id) as session:
        repository.retry(session, values)


def _fail(run: JobRun, error: RecruitProError, how: Work) -> None:
    try:
        _write_failure(run, error, how.failed)
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
        if repository.hold(session, run) is None:
            return
        now = utc_now()
        if failed is not None:
            failed(session, run, error, now)
        session.flush()
        repository.end(session, run, status=JobStatus.FAILED.value, code=error.code, message=error.detail, now=now)


def _cancel(run: JobRun) -> None:
    with db.transaction(run.organization_id) as session:
        if repository.hold(session, run) is not None:
            end_cancelled(session, run, utc_now())
