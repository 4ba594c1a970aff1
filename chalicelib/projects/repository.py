"""Every query on projects and their members."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth.models import User
from chalicelib.prepared import Prepared
from chalicelib.projects.models import Project, ProjectMember

ADD_MEMBER = Prepared(
    sa.text("""
    insert into project_members (organization_id, project_id, user_id, added_by, added_at)
    select organization_id, cast(:project_id as uuid), id, cast(:added_by as uuid), cast(:now as timestamptz)
    from users where organization_id = :organization_id and id = :user_id and is_active
    on conflict do nothing returning user_id
""")
)


def shown(session: Session, organization_id: UUID, project_id: UUID) -> Any | None:
    """The row of a living project, to be read and not to be changed."""
    return db.ask_one(session, Project, project_id, organization_id)


def find(session: Session, organization_id: UUID, project_id: UUID, *, lock: bool = False) -> Project | None:
    """A living project, locked for a change when asked."""
    query = sa.select(Project).where(
        Project.id == project_id, Project.organization_id == organization_id, Project.deleted_at.is_(None)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID, status: str | None) -> sa.Select[Any]:
    """The living projects of an organization, of one status when given."""
    query = sa.select(Project.__table__).where(Project.organization_id == organization_id, Project.deleted_at.is_(None))
    return query if status is None else query.where(Project.status == status)


def members(organization_id: UUID, project_id: UUID) -> sa.Select[Any]:
    """The members of a project, with their names and roles."""
    return (
        sa.select(*ProjectMember.__table__.columns, User.name, User.email, User.role)
        .join(User, sa.and_(User.organization_id == organization_id, User.id == ProjectMember.user_id))
        .where(ProjectMember.organization_id == organization_id, ProjectMember.project_id == project_id)
    )


def is_member(session: Session, organization_id: UUID, project_id: UUID, user_id: UUID) -> bool:
    """Whether a user is a member of a project."""
    query = sa.select(ProjectMember.user_id).where(
        ProjectMember.organization_id == organization_id,
        ProjectMember.project_id == project_id,
        ProjectMember.user_id == user_id,
    )
    return session.execute(query).first() is not None


def add_member(session: Session, project: Project, user_id: UUID, *, added_by: UUID | None, now: datetime) -> bool:
    """Add an active user of the organization; False when there is none, or they are a member already."""
    values = {"organization_id": project.organization_id, "project_id": project.id, "user_id": user_id}
    return bool(db.ask(session, ADD_MEMBER, {**values, "added_by": added_by, "now": now}))


def remove_member(session: Session, project: Project, user_id: UUID) -> bool:
    """Take a member out; False when there is none."""
    statement = sa.delete(ProjectMember).where(
        ProjectMember.organization_id == project.organization_id,
        ProjectMember.project_id == project.id,
        ProjectMember.user_id == user_id,
    )
    return session.execute(statement.returning(ProjectMember.user_id)).first() is not None
