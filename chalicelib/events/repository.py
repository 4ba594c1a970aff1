"""Every query on events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.db import Moment
from chalicelib.prepared import Prepared

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

# The jobs are asked for once the events are in.
APPEND = Prepared(
    sa.text("""
    with appended as materialized (select append_events(:organization, cast(:events as jsonb)) as sequence)
    select case when sequence > 0 then current_setting('app.webhook_jobs', true) end from appended
""")
)


def append(session: Session, organization_id: UUID, events_json: str, then: Callable[[list[UUID]], None]) -> None:
    """Number, chain and keep these events (a JSON array of rows) as the newest of their organization, in the message of
    the commit. `then` gets the jobs that tell its webhooks of them: the first hundred, as 0010_webhooks.sql writes
    them."""
    values = {"organization": organization_id, "events": events_json}
    db.ask_with_commit(session, APPEND, values, lambda rows: then(_job_ids(rows[0][0])))


def append_now(session: Session, organization_id: UUID, events_json: str) -> None:
    """The same at once, for a transaction that appends several times; the sweep sends what webhooks are to be told."""
    db.ask(session, APPEND, {"organization": organization_id, "events": events_json})


def _job_ids(listed: str | None) -> list[UUID]:
    return [UUID(job_id) for job_id in listed.split(",")] if listed else []


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
