"""Every query on positions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.positions.models import SHOWN, Position


def shown(session: Session, organization_id: UUID, position_id: UUID) -> Any | None:
    """The row of a living position, to be read and not to be changed."""
    return db.ask_one(session, Position, position_id, organization_id)


def find(session: Session, organization_id: UUID, position_id: UUID, *, lock: bool = False) -> Position | None:
    """A living position, locked for a change when asked."""
    query = sa.select(Position).where(
        Position.id == position_id, Position.organization_id == organization_id, Position.deleted_at.is_(None)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def exists(session: Session, organization_id: UUID, position_id: UUID) -> bool:
    """Whether there is such a position for whoever is asking, living or deleted."""
    query = sa.select(Position.id).where(Position.id == position_id, Position.organization_id == organization_id)
    return session.execute(query).first() is not None


def matching(organization_id: UUID, *, status: str | None, project_id: UUID | None) -> sa.Select[Any]:
    """The living positions of an organization, narrowed by what is given."""
    query = sa.select(*SHOWN).where(Position.organization_id == organization_id, Position.deleted_at.is_(None))
    if status is not None:
        query = query.where(Position.status == status)
    return query if project_id is None else query.where(Position.project_id == project_id)


def of_document(session: Session, organization_id: UUID, document_id: UUID) -> list[Position]:
    """The positions made from a document, in the order in which they were made; those deleted since as well."""
    query = sa.select(Position).where(
        Position.organization_id == organization_id, Position.source_document_id == document_id
    )
    return list(session.scalars(query.order_by(Position.id)))


def stages_in_use(session: Session, organization_id: UUID, position_id: UUID) -> set[str]:
    """The stages in which applications for the position stand."""
    query = sa.text("""
        select distinct stage from applications
        where organization_id = :organization_id and position_id = :position_id
    """)
    return set(session.scalars(query, {"organization_id": organization_id, "position_id": position_id}))
