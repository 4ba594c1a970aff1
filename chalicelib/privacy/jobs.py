"""The job that erases a person: files first, then history, then every row in one transaction with the certificate."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.events import erasing
from chalicelib.events import service as events
from chalicelib.events.models import Subject
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.logs import log
from chalicelib.privacy import history, objects, remembered, repository, rows, traces
from chalicelib.privacy.errors import ErasureNotFound, MoreCameIn
from chalicelib.privacy.models import Erasure
from chalicelib.privacy.places import Footprint, footprint_of


def erase(run: JobRun) -> None:
    """Erase the person of an erasure. Each step may be done twice, so an attempt that dies is followed by one that
    goes on; what came in meanwhile (MoreCameIn) is taken along by the next one."""
    erasure_id = run.id_of("erasure_id")
    with db.transaction(run.organization_id, Role.ERASER) as session:
        erasure = _get(session, run, erasure_id)
        candidate_id = erasure.candidate_id
        found = footprint_of(session, run.organization_id, candidate_id)
    # First of all: from here on a restored database is told whom it must not bring back.
    remembered.remember(erasure, found)
    _erase_objects(run, erasure_id, found)
    seen = _erase_history(run, erasure_id, found)
    with running.finishing(run, Role.ERASER) as session:
        erasure = _get(session, run, erasure_id)
        parameters = found.as_parameters(run.organization_id)
        rows.hold(session, parameters)
        again = footprint_of(session, run.organization_id, candidate_id)
        if not rows.nothing_came_in(found, again):
            raise MoreCameIn("a file came in while this person was erased; trying again")
        _finish(session, run, erasure, again, seen)


def _get(session: Session, run: JobRun, erasure_id: UUID) -> Erasure:
    erasure = repository.find(session, run.organization_id, erasure_id)
    if erasure is None:
        raise ErasureNotFound("there is no such erasure")
    return erasure


def _erase_objects(run: JobRun, erasure_id: UUID, found: Footprint) -> None:
    erased = objects.erase(run.organization_id, found)
    with db.transaction(run.organization_id, Role.ERASER) as session:
        repository.keep_objects(session, run.organization_id, erasure_id, erased.counts, erased.kept)
    running.checkpoint(run)


def _erase_history(run: JobRun, erasure_id: UUID, found: Footprint) -> int:
    """Erase the person from the events there are, a stride at a time; the number of the last one looked at."""
    with db.transaction(run.organization_id, Role.ERASER) as session:
        last = history.head(session, run.organization_id)
    for start in range(0, last, history.STRIDE):
        upto = min(start + history.STRIDE, last)
        with db.transaction(run.organization_id, Role.ERASER) as session:
            erased = history.erase(session, run.organization_id, found, after=start, upto=upto, now=utc_now())
            repository.count_events(session, run.organization_id, erasure_id, erased)
        running.checkpoint(run, done=upto, total=last)
    return last


def _finish(session: Session, run: JobRun, erasure: Erasure, found: Footprint, seen: int) -> None:
    now, organization_id = utc_now(), run.organization_id
    traced = traces.erase(session, organization_id, found)
    newest = history.head(session, organization_id)
    erased = history.erase(session, organization_id, found, after=seen, upto=newest, now=now)
    erased += sum(erasing.erase_about(session, organization_id, each, now) for each in found.candidates)
    repository.count_events(session, organization_id, erasure.id, erased)
    emptied = rows.erase(session, found.as_parameters(organization_id))
    repository.complete(session, erasure, {**traced, **emptied}, now)
    run.result = {"erasure_id": str(erasure.id)}
    subject = Subject("candidate", erasure.candidate_id, candidate_id=erasure.candidate_id)
    after = {"erasure_id": erasure.id, "reason": erasure.reason}
    events.record(session, "candidate_erased", subject, actor=run.actor, now=now, after=after)


def give_up(_session: Session, run: JobRun, error: RecruitProError, _now: object) -> None:
    """An erasure that failed stays `running`, the person out of sight; the job tells why and can be tried again."""
    log.error("erasure_failed", erasure_id=run.payload.get("erasure_id"), code=error.code)


WORK = {JobKind.ERASE_CANDIDATE: Work(run=erase, failed=give_up)}
