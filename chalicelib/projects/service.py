"""What can be done with projects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import inserts
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.projects import members, repository
from chalicelib.projects.errors import NotAMember, ProjectNotFound
from chalicelib.projects.models import Project


def create(
    session: Session, organization_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Project:
    """A new project, with its creator as the first member. Raises NotAMember for a private one that no user makes."""
    project = Project(
        id=new_id(),
        organization_id=organization_id,
        created_by=actor.id,
        created_at=now,
        updated_at=now,
        version=1,
        **{**values, "is_private": False},
    )
    inserts.put_ahead(session, project)
    events.record(session, "project_created", Subject("project", project.id), actor=actor, now=now, after=dict(values))
    is_member = members.admit(session, project, project.created_by, actor=actor, now=now)
    if values.get("is_private"):
        if not is_member:
            raise NotAMember("a private project is made by one of its members, and a program is none")
        # Not before: the database lets nobody write into a private project that they are no member of.
        project.is_private = True
        session.flush()
    return project


def show(session: Session, organization_id: UUID, project_id: UUID) -> Any:
    """The row of one project, to be read only; raises ProjectNotFound."""
    row = repository.shown(session, organization_id, project_id)
    if row is None:
        raise ProjectNotFound("there is no such project")
    return row


def get(session: Session, organization_id: UUID, project_id: UUID, *, lock: bool = False) -> Project:
    """One project; raises ProjectNotFound."""
    project = repository.find(session, organization_id, project_id, lock=lock)
    if project is None:
        raise ProjectNotFound("there is no such project")
    return project


def change(session: Session, project: Project, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change what is given. Whoever makes a project private is to be one of `members.check_manager`'s."""
    if values.get("is_private") and not project.is_private:
        # First, or the creator would be shut out by the change.
        members.admit(session, project, project.created_by, actor=actor, now=now)
    events.change(session, project, values, "project_changed", Subject("project", project.id), actor=actor, now=now)


def delete(session: Session, project: Project, *, actor: Actor, now: datetime) -> None:
    """Take a project out of sight; its positions stay."""
    subject = Subject("project", project.id)
    events.change(session, project, {"deleted_at": now}, "project_deleted", subject, actor=actor, now=now)
