"""Screening many applications of a position at once: a job each, under one parent that counts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import service as applications
from chalicelib.errors import Conflict, Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.jobs.service import Wanted
from chalicelib.positions import service as positions
from chalicelib.positions.service import PositionNotFound

MOST_APPLICATIONS, AT_ONCE = 10_000, 1_000


class NothingToScreen(Conflict):
    """The position has no active application, or none was named."""

    code = "nothing_to_screen"


class TooManyToScreen(Conflict):
    """The position has more active applications than one batch takes."""

    code = "too_many_to_screen"


def ask(
    session: Session,
    organization_id: UUID,
    position_id: UUID,
    application_ids: Sequence[UUID] | None,
    *,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Ask for a rating of each application named, or of every active one of the position; returns the id of the job
    that counts them. Raises Invalid naming every id that is wrong, NothingToScreen, TooManyToScreen."""
    _check_position(session, organization_id, position_id)
    if application_ids is None:
        chosen = _active(session, organization_id, position_id)
    else:
        chosen = list(dict.fromkeys(application_ids))
        _check_applications(session, organization_id, position_id, application_ids)
    if not chosen:
        raise NothingToScreen("there is no application to screen")
    return _start(session, position_id, chosen, actor=actor, now=now)


def _start(
    session: Session, position_id: UUID, application_ids: Sequence[UUID], *, actor: Actor, now: datetime
) -> UUID:
    payload, total = {"position_id": position_id}, len(application_ids)
    parent_id = jobs.start_parent(session, JobKind.SCREENING_BATCH, payload, total=total, actor=actor, now=now)
    for start in range(0, total, AT_ONCE):
        wanted = [Wanted({"application_id": each}) for each in application_ids[start : start + AT_ONCE]]
        jobs.enqueue_many(session, JobKind.SCREEN_CANDIDATE, wanted, actor=actor, now=now, parent_id=parent_id)
    subject = Subject("position", position_id, position_id=position_id)
    after = {"job_id": str(parent_id), "applications": total}
    events.record(session, "screening_batch_requested", subject, actor=actor, now=now, after=after)
    return parent_id


def _check_position(session: Session, organization_id: UUID, position_id: UUID) -> None:
    try:
        positions.get(session, organization_id, position_id)
    except PositionNotFound as error:
        raise Invalid("some fields are wrong", errors=[{"field": "position_id", "message": error.detail}]) from None


def _active(session: Session, organization_id: UUID, position_id: UUID) -> list[UUID]:
    found = applications.active_ids(session, organization_id, position_id, limit=MOST_APPLICATIONS + 1)
    if len(found) > MOST_APPLICATIONS:
        raise TooManyToScreen(f"more than {MOST_APPLICATIONS} applications are active; name those to screen")
    return found


def _check_applications(
    session: Session, organization_id: UUID, position_id: UUID, application_ids: Sequence[UUID]
) -> None:
    """Raises Invalid naming each application that is not there, or is for another position."""
    positions_of = applications.positions_of(session, organization_id, application_ids)
    errors = [
        {"field": f"application_ids.{number}", "message": message}
        for number, application_id in enumerate(application_ids)
        if (message := _mistake(application_id, positions_of.get(application_id), position_id))
    ]
    if errors:
        raise Invalid("some applications cannot be screened for this position", errors=errors)


def _mistake(application_id: UUID, its_position_id: UUID | None, position_id: UUID) -> str | None:
    if its_position_id is None:
        return f"there is no application {application_id}"
    return f"application {application_id} is for another position" if its_position_id != position_id else None
