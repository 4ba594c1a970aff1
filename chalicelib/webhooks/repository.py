"""Every query on webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.events.repository import EVENTS
from chalicelib.webhooks.models import Delivery, Webhook

# One statement takes what is due and gives it a job: whoever else sweeps at this moment passes over it.
ASK_FOR_DUE = sa.text("""
    with due as (
        select id from webhook_deliveries where status = 'pending' and next_attempt_at <= :now
        order by next_attempt_at limit :limit for update skip locked),
    taken as (
        update webhook_deliveries as delivery set next_attempt_at = null from due where delivery.id = due.id
        returning delivery.id, delivery.organization_id, delivery.attempts + 1 as attempt, delivery.trace_id),
    wanted as (
        insert into jobs (id, organization_id, kind, priority, max_attempts, payload, unique_key, enqueued_at,
            next_attempt_at, trace_id)
        select new_id(), organization_id, :kind, :priority, :max_attempts,
            jsonb_build_object('delivery_id', id, 'attempt', attempt), id || '/' || attempt, :now, :now,
            trace_id
        from taken
        returning id, organization_id, trace_id),
    sent as (
        insert into outbox (job_id, organization_id, queue, kind, written_at)
        select id, organization_id, :queue, :kind, :now from wanted)
    select id as job_id, organization_id, trace_id from wanted
""")


def find(session: Session, organization_id: UUID, webhook_id: UUID, *, lock: bool = False) -> Webhook | None:
    """One webhook, locked for a change when asked."""
    query = sa.select(Webhook).where(
        Webhook.id == webhook_id, Webhook.organization_id == organization_id, Webhook.deleted_at.is_(None)
    )
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID) -> sa.Select[Any]:
    """The webhooks of an organization."""
    return sa.select(Webhook.__table__).where(Webhook.organization_id == organization_id, Webhook.deleted_at.is_(None))


def count(session: Session, organization_id: UUID) -> int:
    """How many webhooks an organization has; two who add one at the same time count one after the other."""
    lock = sa.text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
    session.execute(lock, {"name": f"webhooks of {organization_id}"})
    return session.execute(sa.select(sa.func.count()).select_from(matching(organization_id).subquery())).scalar_one()


def find_delivery(session: Session, organization_id: UUID, delivery_id: UUID, *, lock: bool = False) -> Delivery | None:
    """One delivery, locked for a change when asked."""
    query = sa.select(Delivery).where(Delivery.id == delivery_id, Delivery.organization_id == organization_id)
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).first()


def deliveries(organization_id: UUID, webhook_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The deliveries of a webhook whose columns equal `filters`."""
    query = sa.select(Delivery.__table__).where(
        Delivery.organization_id == organization_id, Delivery.webhook_id == webhook_id
    )
    for name, value in filters.items():
        query = query.where(getattr(Delivery, name) == value)
    return query


def event(session: Session, organization_id: UUID, event_id: UUID) -> sa.Row[Any]:
    """What happened."""
    query = sa.select(EVENTS).where(EVENTS.c.organization_id == organization_id, EVENTS.c.id == event_id)
    return session.execute(query).one()


def ask_for_due(session: Session, values: dict[str, Any], *, now: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Give each delivery whose next attempt is due a job for it, in every organization."""
    return session.execute(ASK_FOR_DUE, {**values, "now": now, "limit": limit}).all()
