"""What a delivery consists of, and what becomes of it after each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import tracing
from chalicelib.events import service as events
from chalicelib.events.models import canonical
from chalicelib.jobs.models import JobRun
from chalicelib.logs import log
from chalicelib.second_factor.sealing import CannotOpen
from chalicelib.webhooks import repository, secrets, signing
from chalicelib.webhooks.models import (
    DISABLED_AFTER,
    HISTORY_KEPT,
    Attempt,
    Delivery,
    DeliveryStatus,
    DisabledCode,
    Webhook,
    delay_after,
)

IDS = ("candidate_id", "application_id", "position_id")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A request, ready to be sent."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Unsendable:
    """Nothing is sent, and why."""

    error_code: str


def body_of(event: sa.Row[Any]) -> bytes:
    """What a receiver is told: what happened to which thing, by ids alone. It reads more with its own key, and nothing
    about a person is left behind at the receiver's that an erasure would have to find."""
    told = {
        "id": event.id,
        "type": event.action,
        "occurred_at": event.occurred_at,
        "organization_id": event.organization_id,
        "subject": {"kind": event.subject_kind, "id": event.subject_id},
        "data": {name: value for name in IDS if (value := getattr(event, name)) is not None},
    }
    return canonical(told).encode()


def pack(session: Session, run: JobRun, *, now: datetime) -> Parcel | Unsendable | None:
    """The request of this attempt, signed as of `now`; None when the attempt was made before."""
    delivery = _current(session, run)
    if delivery is None:
        return None
    webhook = repository.find(session, run.organization_id, delivery.webhook_id)
    if webhook is not None and not secrets.is_fresh(webhook):
        # Sealed anew below: nobody may change it meanwhile.
        webhook = repository.find(session, run.organization_id, delivery.webhook_id, lock=True)
    if webhook is None:
        return Unsendable("webhook_deleted")
    if not webhook.is_active:
        return Unsendable("webhook_disabled")
    try:
        keys = secrets.open_all(webhook, now)
    except CannotOpen:
        log.error("webhook_secret_lost", webhook_id=str(webhook.id))
        return Unsendable("secret_lost")
    body = body_of(repository.event(session, run.organization_id, delivery.event_id))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "RecruitPro-Webhooks",
        **signing.headers(delivery.event_id, now, body, keys),
        **_of_trace(),
    }
    return Parcel(webhook.url, body, headers)


def _of_trace() -> dict[str, str]:
    parent = tracing.traceparent()
    return {"traceparent": parent} if parent is not None else {}


def _current(session: Session, run: JobRun, *, lock: bool = False) -> Delivery | None:
    """The delivery, when it waits for this very attempt."""
    delivery = repository.find_delivery(session, run.organization_id, run.id_of("delivery_id"), lock=lock)
    if delivery is None or delivery.status != DeliveryStatus.PENDING:
        return None
    return delivery if delivery.attempts + 1 == run.payload["attempt"] else None


def record(session: Session, run: JobRun, attempt: Attempt, *, now: datetime) -> None:
    """Keep how an attempt went, and say what follows: nothing, another one later, or that the delivery failed."""
    delivery = _current(session, run, lock=True)
    if delivery is None:
        return
    delivery.attempts, delivery.tries_left = delivery.attempts + 1, max(0, delivery.tries_left - 1)
    delivery.last_attempt_at, delivery.duration_ms = attempt.at, attempt.duration_ms
    delivery.response_status, delivery.error_code = attempt.status, attempt.error_code
    delivery.history = [*delivery.history, attempt.as_json()][-HISTORY_KEPT:]
    delivery.updated_at = now
    if attempt.error_code is None:
        _end(delivery, DeliveryStatus.SUCCEEDED, now)
    elif attempt.error_code == DisabledCode.GONE or delivery.tries_left == 0:
        _end(delivery, DeliveryStatus.FAILED, now)
    else:
        delivery.next_attempt_at = now + delay_after(delivery.tries_left)
    _judge(session, run, delivery, attempt, now)


def give_up(session: Session, run: JobRun, unsendable: Unsendable, *, now: datetime) -> None:
    """End a delivery of which nothing was sent."""
    delivery = _current(session, run, lock=True)
    if delivery is not None:
        delivery.error_code, delivery.updated_at = unsendable.error_code, now
        _end(delivery, DeliveryStatus.FAILED, now)


def _end(delivery: Delivery, status: DeliveryStatus, now: datetime) -> None:
    delivery.status, delivery.finished_at, delivery.next_attempt_at = status.value, now, None


def _judge(session: Session, run: JobRun, delivery: Delivery, attempt: Attempt, now: datetime) -> None:
    """What an attempt says of the webhook. Its row is touched only where that changes something: many deliveries to
    one webhook run at a time."""
    webhook = repository.find(session, run.organization_id, delivery.webhook_id)
    if webhook is None or not webhook.is_active:
        return
    if attempt.error_code is None:
        _set_failing(session, webhook.id, None)
    elif attempt.error_code == DisabledCode.GONE:
        _disable(session, run, webhook.id, DisabledCode.GONE, now)
    elif webhook.failing_since is None:
        _set_failing(session, webhook.id, attempt.at)
    elif delivery.status == DeliveryStatus.FAILED and now - webhook.failing_since >= DISABLED_AFTER:
        _disable(session, run, webhook.id, DisabledCode.FAILING, now)


def _set_failing(session: Session, webhook_id: UUID, since: datetime | None) -> None:
    differs = Webhook.failing_since.is_(None) if since is not None else Webhook.failing_since.is_not(None)
    query = sa.update(Webhook).where(Webhook.id == webhook_id, differs).values(failing_since=since)
    session.execute(query.execution_options(synchronize_session=False))


def _disable(session: Session, run: JobRun, webhook_id: UUID, code: DisabledCode, now: datetime) -> None:
    webhook = repository.find(session, run.organization_id, webhook_id, lock=True)
    if webhook is None or not webhook.is_active:
        return
    webhook.is_active, webhook.disabled_at, webhook.disabled_code = False, now, code.value
    webhook.updated_at, webhook.version = now, webhook.version + 1
    log.warning("webhook_disabled", webhook_id=str(webhook_id), code=code.value)
    after = {"is_active": False, "disabled_code": code.value}
    events.record(session, "webhook_disabled", webhook.about, actor=run.actor, now=now, after=after)
