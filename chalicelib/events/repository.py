"""Every query on events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from chalicelib.db import Moment

EVENTS = sa.table(
    "events",
    sa.column("organization_id", sa.Uuid()),
    sa.column("sequence", sa.BigInteger()),
    sa.column("id", sa.Uuid()),
    sa.column("occurred_at", Moment),
    sa.column("actor_kind", sa.Text()),
    sa.column("actor_id", sa.Uuid()),
    sa.column("request_id", sa.Text()),
    sa.column("address", sa.Text()),
    sa.column("action", sa.Text()),
    sa.column("subject_kind", sa.Text()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("candidate_id", sa.Uuid()),
    sa.column("application_id", sa.Uuid()),
    sa.column("position_id", sa.Uuid()),
    sa.column("before", JSONB()),
    sa.column("after", JSONB()),
    sa.column("hash", sa.LargeBinary()),
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
