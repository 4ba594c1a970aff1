"""Every query on events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

EVENTS = sa.table(
    "events",
    *(
        sa.column(name, kind)
        for name, kind in {
            "organization_id": sa.Uuid(),
            "sequence": sa.BigInteger(),
            "id": sa.Uuid(),
            "occurred_at": sa.DateTime(timezone=True),
            "actor_kind": sa.Text(),
            "actor_id": sa.Uuid(),
            "request_id": sa.Text(),
            "action": sa.Text(),
            "subject_kind": sa.Text(),
            "subject_id": sa.Uuid(),
            "candidate_id": sa.Uuid(),
            "application_id": sa.Uuid(),
            "position_id": sa.Uuid(),
            "before": JSONB(),
            "after": JSONB(),
            "hash": sa.LargeBinary(),
        }.items()
    ),
)


def append(session: Session, organization_id: UUID, events_json: str) -> None:
    """Number, chain and keep these events (a JSON array of rows) as the newest of their organization."""
    session.execute(
        sa.text("select append_events(:organization, cast(:events as jsonb))"),
        {"organization": organization_id, "events": events_json},
    )


def sequence_of(session: Session, organization_id: UUID, event_id: UUID) -> int | None:
    """The number of an event, or None when the organization has no such event."""
    query = sa.select(EVENTS.c.sequence).where(EVENTS.c.organization_id == organization_id, EVENTS.c.id == event_id)
    return session.scalar(query)


def matching(organization_id: UUID, filters: dict[str, UUID]) -> sa.Select[Any]:
    """The events of an organization that belong to everything in `filters` (candidate_id, application_id ...)."""
    query = sa.select(EVENTS).where(EVENTS.c.organization_id == organization_id)
    for name, value in filters.items():
        query = query.where(EVENTS.c[name] == value)
    return query


def newest(session: Session, organization_id: UUID, limit: int) -> Sequence[sa.Row[Any]]:
    """The last `limit` events, newest first."""
    query = matching(organization_id, {}).order_by(EVENTS.c.sequence.desc()).limit(limit)
    return session.execute(query).all()
