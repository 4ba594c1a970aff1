"""Every query on applications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.applications.models import Application, ApplicationStatus, StageChange
from chalicelib.candidates.models import Candidate
from chalicelib.db import newest_first
from chalicelib.positions.models import Position


def find(session: Session, organization_id: UUID, application_id: UUID, *, lock: bool = False) -> Application | None:
    """One application, locked for a change when asked."""
    query = sa.select(Application).where(
        Application.id == application_id, Application.organization_id == organization_id
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def find_pair(session: Session, organization_id: UUID, candidate_id: UUID, position_id: UUID) -> Application | None:
    """The application of a candidate for a position."""
    query = sa.select(Application).where(
        Application.organization_id == organization_id,
        Application.candidate_id == candidate_id,
        Application.position_id == position_id,
    )
    return session.scalars(query).first()


def shown(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """Applications whose columns equal `filters`, with the names of candidate and position."""
    query = (
        sa.select(
            *Application.__table__.columns,
            Candidate.name.label("candidate_name"),
            Position.title.label("position_title"),
        )
        .join(Candidate, sa.and_(Candidate.id == Application.candidate_id))
        .join(Position, sa.and_(Position.id == Application.position_id))
        .where(Application.organization_id == organization_id)
    )
    for name, value in filters.items():
        query = query.where(getattr(Application, name) == value)
    return query


def count_in_stage(session: Session, organization_id: UUID, position_id: UUID, stage: str) -> int:
    """How many active applications for a position stand in a stage."""
    query = sa.select(sa.func.count()).where(
        Application.organization_id == organization_id,
        Application.position_id == position_id,
        Application.stage == stage,
        Application.status == ApplicationStatus.ACTIVE,
    )
    return session.execute(query).scalar_one()


def history(session: Session, organization_id: UUID, application_id: UUID) -> list[StageChange]:
    """Every step of an application, oldest first."""
    query = (
        sa.select(StageChange)
        .where(StageChange.organization_id == organization_id, StageChange.application_id == application_id)
        .order_by(StageChange.id)
    )
    return list(session.scalars(query))


def active_ids(session: Session, organization_id: UUID, position_id: UUID, *, limit: int) -> list[UUID]:
    """The active applications for a position whose candidates are still there, newest first."""
    query = sa.select(Application.id, Application.candidate_id).where(
        Application.organization_id == organization_id,
        Application.position_id == position_id,
        Application.status == ApplicationStatus.ACTIVE,
    )
    active = session.execute(query.order_by(newest_first(Application.id)).limit(limit)).all()
    # Not by a join: for a position that filled up since the last statistics, it is planned for one row and then looks
    # at every candidate once for each application.
    candidate_ids = _array([row.candidate_id for row in active])
    deleted = sa.select(Candidate.id).where(
        Candidate.organization_id == organization_id,
        Candidate.id == sa.func.any(candidate_ids),
        Candidate.deleted_at.is_not(None),
    )
    gone = set(session.scalars(deleted))
    return [row.id for row in active if row.candidate_id not in gone]


def positions_of(session: Session, organization_id: UUID, application_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The position of each of these applications; those that are not there are missing."""
    query = sa.select(Application.id, Application.position_id).where(
        Application.organization_id == organization_id, Application.id == sa.func.any(_array(application_ids))
    )
    return {row.id: row.position_id for row in session.execute(query)}


def _array(ids: Sequence[UUID]) -> sa.BindParameter[Any]:
    """Many ids as one parameter: one for each of 10,000 would make a statement of 100 KB."""
    return sa.bindparam("ids", list(ids), type_=ARRAY(sa.Uuid()), unique=True)
