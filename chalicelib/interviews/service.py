"""Planning interviews, moving them, calling them off. Scorecards are in scoring.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.applications import repository as applications
from chalicelib.applications.models import Application, ApplicationStatus
from chalicelib.candidates import service as candidates
from chalicelib.errors import Invalid, NotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.interviews import repository
from chalicelib.interviews.errors import (
    ApplicationNotActive,
    InterviewerBusy,
    InterviewMarked,
    InterviewNotFound,
    InterviewOver,
)
from chalicelib.interviews.models import Interview, InterviewStatus
from chalicelib.interviews.times import NoSuchTime, moment_of

# What takes somebody's time, and so changes only while there is any left to take.
PLAN = frozenset({"starts_at", "duration_minutes", "time_zone", "interviewer_ids"})
BUSY = "interviewers_busy"


def plan(
    session: Session, organization_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Interview:
    """A new interview. Raises Invalid, ApplicationNotActive, InterviewerBusy."""
    given = dict(values)
    user_ids = given.pop("interviewer_ids")
    starts_at = _moment(given.pop("starts_at"), given["time_zone"])
    application = _open_application(session, organization_id, given["application_id"])
    _check_users(session, organization_id, user_ids)
    interview = Interview(
        id=new_id(),
        organization_id=organization_id,
        starts_at=starts_at,
        status=InterviewStatus.SCHEDULED.value,
        created_by=actor.id if actor.kind == "user" else None,
        created_at=now,
        updated_at=now,
        version=1,
        **given,
    )
    session.add(interview)
    _reserve(session, interview, user_ids)
    after = {**_told(given), "starts_at": starts_at, "interviewer_ids": [str(each) for each in user_ids]}
    events.record(session, "interview_planned", interview.about(application), actor=actor, now=now, after=after)
    return interview


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """What events tell: free text about a person stays in the interview alone."""
    return {name: value for name, value in values.items() if name not in {"application_id", "notes"}}


def _moment(written: datetime, zone: str) -> datetime:
    try:
        return moment_of(written, zone)
    except NoSuchTime as error:
        raise Invalid("some fields are wrong", errors=[{"field": "starts_at", "message": str(error)}]) from None


def _open_application(session: Session, organization_id: UUID, application_id: UUID) -> Application:
    application = applications.find(session, organization_id, application_id)
    try:
        if application is not None:
            candidates.get(session, organization_id, application.candidate_id)
    except NotFound:
        application = None
    if application is None:
        errors = [{"field": "application_id", "message": "there is no such application"}]
        raise Invalid("some fields are wrong", errors=errors)
    if application.status != ApplicationStatus.ACTIVE:
        raise ApplicationNotActive(f"this application is {application.status}; reopen it first")
    return application


def _check_users(session: Session, organization_id: UUID, user_ids: Sequence[UUID]) -> None:
    known = {user.id for user in repository.users(session, organization_id, user_ids)}
    errors = [
        {"field": f"interviewer_ids.{number}", "message": "there is no such user, or they are disabled"}
        for number, user_id in enumerate(user_ids)
        if user_id not in known
    ]
    if errors:
        raise Invalid("some fields are wrong", errors=errors)


def _reserve(session: Session, interview: Interview, user_ids: Sequence[UUID]) -> None:
    """Take the interviewers' time. What is found first says who is busy; what the database holds says so in any case,
    whoever plans at the same moment, and for projects that the caller may not see."""
    if interview.is_planned:
        busy = repository.busy(session, interview, user_ids)
        if busy:
            raise InterviewerBusy("somebody has another interview at this time", interviewer_ids=busy)
    try:
        repository.set_interviewers(session, interview, user_ids)
    except DBAPIError as error:
        if db.constraint_of(error) == BUSY:
            raise InterviewerBusy("somebody has another interview at this time", interviewer_ids=[]) from error
        raise


def get(session: Session, organization_id: UUID, interview_id: UUID, *, lock: bool = False) -> Interview:
    """One interview; raises InterviewNotFound."""
    interview = repository.find(session, organization_id, interview_id, lock=lock)
    if interview is None:
        raise InterviewNotFound("there is no such interview")
    return interview


def application_of(session: Session, interview: Interview) -> Application:
    """The application that an interview is about."""
    application = applications.find(session, interview.organization_id, interview.application_id)
    if application is None:
        raise InterviewNotFound("there is no such interview")
    return application


def change(session: Session, interview: Interview, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Move an interview, say how it went, change who conducts it. Raises Invalid, InterviewOver, InterviewerBusy,
    ApplicationNotActive."""
    given = dict(values)
    status = given.get("status", interview.status)
    if given.keys() & PLAN and status != InterviewStatus.SCHEDULED:
        raise InterviewOver(f"this interview is {status}; only a scheduled one is planned anew")
    if "starts_at" in given:
        given["starts_at"] = _moment(given["starts_at"], given.get("time_zone", interview.time_zone))
    old_ids = repository.interviewer_ids(session, interview)
    user_ids = given.pop("interviewer_ids", old_ids)
    application = application_of(session, interview)
    if status == InterviewStatus.SCHEDULED and interview.status != InterviewStatus.SCHEDULED:
        _open_application(session, interview.organization_id, application.id)
    _check_users(session, interview.organization_id, [each for each in user_ids if each not in old_ids])
    if not _apply(session, interview, given, application, old_ids, user_ids, actor=actor, now=now):
        return
    _reserve(session, interview, user_ids)


def _apply(
    session: Session,
    interview: Interview,
    given: Mapping[str, Any],
    application: Application,
    old_ids: Sequence[UUID],
    user_ids: Sequence[UUID],
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set what differs, with its event; False when nothing does."""
    before, after = events.changes({name: getattr(interview, name) for name in given}, given)
    for name, value in after.items():
        setattr(interview, name, value)
    told_before, told_after = _told(before), _told(after)
    if set(user_ids) != set(old_ids):
        told_before["interviewer_ids"], told_after["interviewer_ids"] = map(_texts, (old_ids, user_ids))
    if not after and not told_after:
        return False
    interview.updated_at, interview.version = now, interview.version + 1
    action = {"cancelled": "interview_cancelled"}.get(after.get("status", ""), "interview_changed")
    about = interview.about(application)
    events.record(session, action, about, actor=actor, now=now, before=told_before, after=told_after)
    return True


def _texts(ids: Sequence[UUID]) -> list[str]:
    return sorted(str(each) for each in ids)


def remove(session: Session, interview: Interview, *, actor: Actor, now: datetime) -> None:
    """Remove an interview for good, as if it had never been planned. Raises InterviewMarked."""
    if repository.scorecards(session, interview):
        raise InterviewMarked("this interview has scorecards; cancel it instead")
    before = {"starts_at": interview.starts_at, "status": interview.status}
    about = interview.about(application_of(session, interview))
    events.record(session, "interview_deleted", about, actor=actor, now=now, before=before)
    session.delete(interview)
