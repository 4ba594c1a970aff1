"""What can be done with applications: apply, move, reject, withdraw, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import repository
from chalicelib.applications.errors import (
    AlreadyApplied,
    ApplicationMerged,
    ApplicationNotFound,
    NoOpeningsLeft,
    NotOpen,
    PositionClosed,
    StageMovedOn,
    StageNotAllowed,
)
from chalicelib.applications.models import Application, ApplicationStatus, StageChange, StageChangeKind
from chalicelib.candidates import merge_rows
from chalicelib.candidates import service as candidates
from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.candidates.models import Candidate
from chalicelib.errors import Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.positions import service as positions
from chalicelib.positions.models import Position, PositionStatus
from chalicelib.positions.service import PositionNotFound


def apply(
    session: Session,
    organization_id: UUID,
    *,
    candidate_id: UUID,
    position_id: UUID,
    source: str | None,
    actor: Actor,
    now: datetime,
) -> Application:
    """Put a candidate forward for a position. Raises Invalid naming what is none of the organization's,
    PositionClosed, and AlreadyApplied with the id of the application there is."""
    candidate, position = _pair(session, organization_id, candidate_id, position_id)
    if position.status == PositionStatus.CLOSED:
        raise PositionClosed("this position is closed and takes no applications")
    _check_first(session, organization_id, candidate_id, position_id)
    application = Application(
        id=new_id(),
        organization_id=organization_id,
        candidate_id=candidate.id,
        position_id=position.id,
        stage=position.first_stage,
        status=ApplicationStatus.ACTIVE,
        source=source,
        applied_at=now,
        stage_entered_at=now,
        created_by=actor.id,
        updated_at=now,
        version=1,
    )
    session.add(application)
    _add_step(session, application, StageChangeKind.APPLIED, to_stage=application.stage, actor=actor, now=now)
    after = {"stage": application.stage, "source": source}
    events.record(session, "application_created", _subject(application), actor=actor, now=now, after=after)
    return application


def _pair(session: Session, organization_id: UUID, candidate_id: UUID, position_id: UUID) -> tuple[Candidate, Position]:
    # The position is locked, or it might be closed, lose its first stage, or get the same application from somebody
    # else before this one is there.
    errors, candidate, position = [], None, None
    try:
        candidate = candidates.get(session, organization_id, candidate_id)
    except CandidateNotFound as error:
        errors.append({"field": "candidate_id", "message": error.detail})
    try:
        position = positions.get(session, organization_id, position_id, lock=True)
    except PositionNotFound as error:
        errors.append({"field": "position_id", "message": error.detail})
    if candidate is None or position is None:
        raise Invalid("some fields are wrong", errors=errors)
    return candidate, position


def _check_first(session: Session, organization_id: UUID, candidate_id: UUID, position_id: UUID) -> None:
    known = repository.find_pair(session, organization_id, candidate_id, position_id)
    if known is not None:
        raise AlreadyApplied(known.id)


def active_ids(session: Session, organization_id: UUID, position_id: UUID, *, limit: int) -> list[UUID]:
    """The active applications for a position whose candidates are still there, newest first, at most `limit`."""
    return repository.active_ids(session, organization_id, position_id, limit=limit)


def positions_of(session: Session, organization_id: UUID, application_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The position of each of these applications; those that the organization does not have are missing."""
    return repository.positions_of(session, organization_id, application_ids)


def get(session: Session, organization_id: UUID, application_id: UUID, *, lock: bool = False) -> Application:
    """One application; raises ApplicationNotFound, which is ApplicationMerged when it is part of another one now."""
    application = repository.find(session, organization_id, application_id, lock=lock)
    if application is None:
        kept_id = merge_rows.kept_application(session, organization_id, application_id)
        if kept_id is not None:
            raise ApplicationMerged(application_id, kept_id)
        raise ApplicationNotFound("there is no such application")
    return application


def move(
    session: Session,
    application: Application,
    *,
    from_stage: str,
    to_stage: str,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Move an application (locked) from the stage its mover saw to another stage of the position.

    Raises StageMovedOn when it is no longer there, StageNotAllowed when the pipeline has no such step, the application
    is closed or its position deleted, NoOpeningsLeft when the hiring stage holds as many as the position has openings.
    """
    if application.stage != from_stage:
        raise StageMovedOn(application.stage)
    position = _position_of(session, application)
    _check_step(application, position, to_stage)
    if to_stage == position.hiring_stage:
        hired = repository.count_in_stage(session, application.organization_id, position.id, to_stage)
        if hired >= position.openings:
            raise NoOpeningsLeft(f"all {position.openings} openings of this position are filled")
    values = {"stage": to_stage, "stage_entered_at": now}
    events.change(session, application, values, "application_moved", _subject(application), actor=actor, now=now)
    _add_step(
        session,
        application,
        StageChangeKind.MOVED,
        from_stage=from_stage,
        to_stage=to_stage,
        note=note,
        actor=actor,
        now=now,
    )


def _position_of(session: Session, application: Application) -> Position:
    try:
        return positions.get(session, application.organization_id, application.position_id, lock=True)
    except PositionNotFound:
        raise StageNotAllowed("the position of this application was deleted") from None


def _check_step(application: Application, position: Position, to_stage: str) -> None:
    if not application.is_active:
        raise StageNotAllowed(f"a {application.status} application does not move; reopen it first")
    if to_stage not in position.stages:
        raise StageNotAllowed(f"{to_stage} is no stage of this position", stages=position.stages)
    if to_stage == application.stage:
        raise StageNotAllowed(f"the application is in {to_stage} already")


def reject(
    session: Session, application: Application, *, reason: str, note: str | None, actor: Actor, now: datetime
) -> None:
    """Turn an application down; raises NotOpen unless it is active."""
    _close(session, application, ApplicationStatus.REJECTED, reason=reason, note=note, actor=actor, now=now)


def withdraw(
    session: Session, application: Application, *, reason: str, note: str | None, actor: Actor, now: datetime
) -> None:
    """Note that the candidate steps back; raises NotOpen unless the application is active."""
    _close(session, application, ApplicationStatus.WITHDRAWN, reason=reason, note=note, actor=actor, now=now)


def _close(
    session: Session,
    application: Application,
    status: ApplicationStatus,
    *,
    reason: str,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    if not application.is_active:
        raise NotOpen(f"this application is {application.status} already")
    values = {"status": status.value, "status_reason": reason}
    action = f"application_{status.value}"
    events.change(session, application, values, action, _subject(application), actor=actor, now=now)
    kind = StageChangeKind(status.value)
    _add_step(session, application, kind, from_stage=application.stage, reason=reason, note=note, actor=actor, now=now)


def reopen(
    session: Session, application: Application, *, reason: str, note: str | None, actor: Actor, now: datetime
) -> None:
    """Bring a rejected or withdrawn application back to the stage it stood in; raises NotOpen when it is active,
    NoOpeningsLeft when it stood in the hiring stage and its place is taken, and StageNotAllowed when its position was
    deleted."""
    if application.is_active:
        raise NotOpen("this application is active")
    position = _position_of(session, application)
    if application.stage == position.hiring_stage:
        hired = repository.count_in_stage(session, application.organization_id, position.id, application.stage)
        if hired >= position.openings:
            raise NoOpeningsLeft(f"all {position.openings} openings of this position are filled")
    values = {"status": ApplicationStatus.ACTIVE.value, "status_reason": None}
    events.change(session, application, values, "application_reopened", _subject(application), actor=actor, now=now)
    _add_step(
        session,
        application,
        StageChangeKind.REOPENED,
        to_stage=application.stage,
        reason=reason,
        note=note,
        actor=actor,
        now=now,
    )


def _add_step(
    session: Session,
    application: Application,
    kind: StageChangeKind,
    *,
    from_stage: str | None = None,
    to_stage: str | None = None,
    reason: str | None = None,
    note: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    step = StageChange(
        id=new_id(),
        organization_id=application.organization_id,
        application_id=application.id,
        kind=kind,
        from_stage=from_stage,
        to_stage=to_stage,
        reason=reason,
        note=note,
        user_id=actor.id if actor.kind == "user" else None,
        changed_at=now,
    )
    session.add(step)
    session.flush()


def _subject(application: Application) -> Subject:
    return Subject(
        "application",
        application.id,
        candidate_id=application.candidate_id,
        application_id=application.id,
        position_id=application.position_id,
    )
