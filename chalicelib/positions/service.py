"""What can be done with positions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import inserts
from chalicelib.errors import Conflict, Invalid, NotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.positions import repository
from chalicelib.positions.models import Position
from chalicelib.projects import service as projects
from chalicelib.projects.errors import ProjectNotFound


class PositionNotFound(NotFound):
    """No such position in this organization."""

    code = "position_not_found"


class StageInUse(Conflict):
    """Applications stand in a stage that is to go."""

    code = "stage_in_use"


def create(
    session: Session,
    organization_id: UUID,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    created_by: UUID | None = None,
) -> Position:
    """A new position, made by `actor` or in the name of the user `created_by`. Raises Invalid when its project is none
    of the organization's."""
    _check_project(session, organization_id, values)
    position = Position(
        id=new_id(),
        organization_id=organization_id,
        created_by=created_by or actor.id,
        created_at=now,
        updated_at=now,
        version=1,
        **values,
    )
    inserts.put_ahead(session, position)
    events.record(session, "position_created", _subject(position), actor=actor, now=now, after=dict(values))
    return position


def show(session: Session, organization_id: UUID, position_id: UUID) -> Any:
    """The row of one position, to be read only; raises PositionNotFound."""
    row = repository.shown(session, organization_id, position_id)
    if row is None:
        raise PositionNotFound("there is no such position")
    return row


def get(session: Session, organization_id: UUID, position_id: UUID, *, lock: bool = False) -> Position:
    """One position; raises PositionNotFound."""
    position = repository.find(session, organization_id, position_id, lock=lock)
    if position is None:
        raise PositionNotFound("there is no such position")
    return position


def check_known(session: Session, organization_id: UUID, position_id: UUID) -> None:
    """Raises PositionNotFound unless there is such a position, living or deleted."""
    if not repository.exists(session, organization_id, position_id):
        raise PositionNotFound("there is no such position")


def change(session: Session, position: Position, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change what is given. Raises StageInUse when a stage with applications in it would go, Invalid when the project
    is none of the organization's or the salaries cross."""
    # A form sends back what it was shown: the project it has may be deleted by now.
    if values.get("project_id") != position.project_id:
        _check_project(session, position.organization_id, values)
    _check_salaries(position, values)
    if "stages" in values:
        lost = repository.stages_in_use(session, position.organization_id, position.id) - set(values["stages"])
        if lost:
            raise StageInUse(f"applications stand in: {', '.join(sorted(lost))}; move them first", stages=sorted(lost))
    events.change(session, position, values, "position_changed", _subject(position), actor=actor, now=now)


def delete(session: Session, position: Position, *, actor: Actor, now: datetime) -> None:
    """Take a position out of sight; its applications keep their history."""
    values = {"deleted_at": now}
    events.change(session, position, values, "position_deleted", _subject(position), actor=actor, now=now)


def _subject(position: Position) -> Subject:
    return Subject("position", position.id, position_id=position.id)


def _check_salaries(position: Position, values: Mapping[str, Any]) -> None:
    low, high = (values.get(name, getattr(position, name)) for name in ("salary_min", "salary_max"))
    if low is None or high is None or low <= high:
        return
    field, message = ("salary_max", "is below salary_min")
    if field not in values:
        field, message = ("salary_min", "is above salary_max")
    raise Invalid("some fields are wrong", errors=[{"field": field, "message": message}])


def _check_project(session: Session, organization_id: UUID, values: Mapping[str, Any]) -> None:
    if values.get("project_id") is None:
        return
    try:
        projects.get(session, organization_id, values["project_id"])
    except ProjectNotFound:
        errors = [{"field": "project_id", "message": "there is no such project"}]
        raise Invalid("some fields are wrong", errors=errors) from None
