"""Every query on projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.projects.models import Project


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
