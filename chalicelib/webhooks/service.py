"""What admins do with webhooks: add, change, remove, give a new secret, send once more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.outbound.urls import parse
from chalicelib.settings import settings
from chalicelib.webhooks import repository, secrets
from chalicelib.webhooks.errors import (
    DeliveryNotFound,
    DeliveryPending,
    TooManyWebhooks,
    WebhookDisabled,
    WebhookNotFound,
    WebhooksOff,
)
from chalicelib.webhooks.models import MOST_TRIES, MOST_WEBHOOKS, Delivery, DeliveryStatus, Webhook


def add(
    session: Session, organization_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which nobody is shown again. Raises TooManyWebhooks, WebhooksOff."""
    _check_on()
    if repository.count(session, organization_id) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"an organization has {MOST_WEBHOOKS} webhooks at most")
    webhook = Webhook(
        id=new_id(),
        organization_id=organization_id,
        created_by=actor.id,
        created_at=now,
        updated_at=now,
        version=1,
        **values,
    )
    secret = secrets.give(webhook)
    session.add(webhook)
    events.record(session, "webhook_created", webhook.about, actor=actor, now=now, after=_shown(values))
    return webhook, secret


def _check_on() -> None:
    if not settings().webhooks_enabled:
        raise WebhooksOff


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """What events tell of a webhook: of its address no more than the host, since the rest may be a secret."""
    return {name: parse(value).origin if name == "url" else value for name, value in values.items()}


def get(session: Session, organization_id: UUID, webhook_id: UUID, *, lock: bool = False) -> Webhook:
    """One webhook; raises WebhookNotFound."""
    webhook = repository.find(session, organization_id, webhook_id, lock=lock)
    if webhook is None:
        raise WebhookNotFound("there is no such webhook")
    return webhook


def change(session: Session, webhook: Webhook, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change a webhook. One that is switched on again starts with a clean slate. Raises WebhooksOff then."""
    before, after = events.changes({name: getattr(webhook, name) for name in values}, values)
    if not after:
        return
    if after.get("is_active"):
        _check_on()
    for name, value in after.items():
        setattr(webhook, name, value)
    if "is_active" in after:
        webhook.failing_since = webhook.disabled_code = None
        webhook.disabled_at = None if webhook.is_active else now
    webhook.updated_at, webhook.version = now, webhook.version + 1
    shown = {"before": _shown(before), "after": _shown(after)}
    events.record(session, "webhook_changed", webhook.about, actor=actor, now=now, **shown)


def change_secret(session: Session, webhook: Webhook, *, actor: Actor, now: datetime) -> str:
    """A new secret, which nobody is shown again; the old one signs beside it for a day."""
    secret = secrets.change(webhook, now)
    webhook.updated_at, webhook.version = now, webhook.version + 1
    events.record(session, "webhook_secret_changed", webhook.about, actor=actor, now=now)
    return secret


def remove(session: Session, webhook: Webhook, *, actor: Actor, now: datetime) -> None:
    """Remove a webhook and its secrets for good. What waited to be sent to it never is."""
    secrets.forget(webhook)
    webhook.is_active, webhook.disabled_code = False, None
    webhook.deleted_at, webhook.updated_at, webhook.version = now, now, webhook.version + 1
    before = _shown({"url": webhook.url, "events": webhook.events})
    events.record(session, "webhook_deleted", webhook.about, actor=actor, now=now, before=before)


def replay(session: Session, webhook: Webhook, delivery_id: UUID, *, actor: Actor, now: datetime) -> Delivery:
    """Send one event once more, with all its attempts before it. Raises DeliveryNotFound, WebhookDisabled,
    DeliveryPending, WebhooksOff."""
    _check_on()
    delivery = repository.find_delivery(session, webhook.organization_id, delivery_id, lock=True)
    if delivery is None or delivery.webhook_id != webhook.id:
        raise DeliveryNotFound("there is no such delivery")
    if not webhook.is_active:
        raise WebhookDisabled("this webhook is not active; switch it on first")
    if delivery.status == DeliveryStatus.PENDING:
        raise DeliveryPending("this delivery has not come to its end")
    before = {"status": delivery.status}
    delivery.status, delivery.tries_left = DeliveryStatus.PENDING.value, MOST_TRIES
    delivery.finished_at, delivery.updated_at = None, now
    attempt = delivery.attempts + 1
    payload = {"delivery_id": delivery.id, "attempt": attempt}
    key = f"{delivery.id}/{attempt}"
    jobs.enqueue(session, JobKind.DELIVER_WEBHOOK, payload, actor=actor, now=now, unique_key=key)
    about = Subject("webhook_delivery", delivery.id)
    events.record(session, "webhook_delivery_replayed", about, actor=actor, now=now, before=before)
    return delivery
