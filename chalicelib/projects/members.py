"""Who belongs to a project. When it is private, nobody else sees it or anything in it, but for admins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.projects import repository
from chalicelib.projects.errors import MemberNotFound, NotAMember
from chalicelib.projects.models import Project


def check_manager(session: Session, project: Project, user_id: UUID, *, is_admin: bool) -> None:
    """Raises NotAMember unless the user is a member, made the project, or is an admin."""
    if is_admin or user_id == project.created_by:
        return
    if not repository.is_member(session, project.organization_id, project.id, user_id):
        raise NotAMember("only members of this project and admins decide who belongs to it")


def admit(session: Session, project: Project, user_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Make an active user of the organization a member; False when there is no such user or they are one already."""
    if not repository.add_member(session, project, user_id, added_by=actor.id, now=now):
        return False
    after = {"member_id": str(user_id)}
    events.record(session, "project_member_added", _subject(project), actor=actor, now=now, after=after)
    return True


def add(session: Session, project: Project, user_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Make a user a member; one who is stays one. Raises MemberNotFound when the organization has no such active
    user."""
    if admit(session, project, user_id, actor=actor, now=now):
        return
    if not repository.is_member(session, project.organization_id, project.id, user_id):
        raise MemberNotFound("there is no such user")


def remove(session: Session, project: Project, user_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a user out of a project, at once. Raises MemberNotFound."""
    if not repository.remove_member(session, project, user_id):
        raise MemberNotFound("no such user is a member of this project")
    before = {"member_id": str(user_id)}
    events.record(session, "project_member_removed", _subject(project), actor=actor, now=now, before=before)


def _subject(project: Project) -> Subject:
    return Subject("project", project.id)
