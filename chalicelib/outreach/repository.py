"""Every query on messages to candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.auth.models import Organization
from chalicelib.db import newest_first
from chalicelib.outreach.material import Template
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.positions.models import Position
from chalicelib.screening.models import Screening


def find(session: Session, organization_id: UUID, outreach_id: UUID, *, lock: bool = False) -> Outreach | None:
    """One message, locked for a change when asked."""
    query = sa.select(Outreach).where(Outreach.id == outreach_id, Outreach.organization_id == organization_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The messages of an organization whose columns equal `filters`, without their texts and facts."""
    shown = [column for column in Outreach.__table__.columns if column.name not in {"body", "facts"}]
    query = sa.select(*shown).where(Outreach.organization_id == organization_id)
    for name, value in filters.items():
        query = query.where(getattr(Outreach, name) == value)
    return query


def last_sent(session: Session, organization_id: UUID, candidate_id: UUID, position_id: UUID) -> Outreach | None:
    """The message about a position that a candidate got last; a rejection is none to follow up on."""
    query = (
        sa.select(Outreach)
        .where(
            Outreach.organization_id == organization_id,
            Outreach.candidate_id == candidate_id,
            Outreach.position_id == position_id,
            Outreach.status == OutreachStatus.SENT,
            Outreach.template != Template.REJECTION,
        )
        .order_by(Outreach.sent_at.desc(), Outreach.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def newest_screening(session: Session, organization_id: UUID, application_id: UUID) -> Screening | None:
    """The newest rating of an application."""
    query = (
        sa.select(Screening)
        .where(Screening.organization_id == organization_id, Screening.application_id == application_id)
        .order_by(newest_first(Screening.id))
        .limit(1)
    )
    return session.scalars(query).first()


def position(session: Session, organization_id: UUID, position_id: UUID) -> Position:
    """A position, deleted or not: an application to a deleted one can still be turned down."""
    query = sa.select(Position).where(Position.id == position_id, Position.organization_id == organization_id)
    return session.scalars(query).one()


def organization(session: Session, organization_id: UUID) -> Organization:
    """The organization in whose name a message goes out."""
    return session.scalars(sa.select(Organization).where(Organization.id == organization_id)).one()
