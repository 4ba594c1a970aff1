"""Webhooks for tests, to servers on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.webhooks.jobs import WORK
from tests import records
from tests.api import ApiClient
from tests.chalicelib.outbound.receivers import Receiver
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Database

ONE = "/api/webhooks/{}"


def new_webhook(api: ApiClient, url: str = "http://127.0.0.1:9/hook", *, events: Any = None, **values: Any) -> Json:
    """A webhook that tells of new candidates unless something else is asked for."""
    made = api.post("/api/webhooks", {"url": url, "events": events or ["candidate_created"], **values})
    assert made.status == 201, made
    webhook: Json = made.json
    return webhook


def webhook_to(api: ApiClient, receiver: Receiver, **values: Any) -> Json:
    return new_webhook(api, receiver.url, **values)


def deliveries(api: ApiClient, webhook: Mapping[str, Any], **query: Any) -> list[Json]:
    """The deliveries of a webhook, newest first."""
    items: list[Json] = api.get(f"{ONE.format(webhook['id'])}/deliveries", **query).json["items"]
    return items


def read(api: ApiClient, webhook: Mapping[str, Any]) -> Json:
    found: Json = api.get(ONE.format(webhook["id"])).json
    return found


def waiting(database: Database, tenant: Tenant) -> list[JobMessage]:
    """The deliveries that have a job which has not ended, oldest first."""
    jobs = records.jobs_of(database, tenant.id)
    return [
        JobMessage(job["id"], tenant.id, JobKind.DELIVER_WEBHOOK)
        for job in jobs
        if job["kind"] == JobKind.DELIVER_WEBHOOK and job["status"] in ("queued", "running")
    ]


def attempt_all(database: Database, tenant: Tenant) -> int:
    """Make every attempt that waits for its turn, in this process; how many."""
    messages = waiting(database, tenant)
    for message in messages:
        assert running.attempt(message, WORK) is None
    return len(messages)


def age(database: Database, webhook: Mapping[str, Any], failing_since: datetime) -> None:
    """Let a webhook have failed for longer than it has."""
    statement = "update webhooks set failing_since = :since where id = cast(:id as uuid)"
    records.rows(database, statement, since=failing_since, id=webhook["id"])


def row(database: Database, webhook_id: UUID | str) -> Json:
    return records.rows(database, "select * from webhooks where id = cast(:id as uuid)", id=str(webhook_id))[0]


def due(database: Database, delivery: Mapping[str, Any], at: datetime) -> None:
    """Let the next attempt at a delivery be due at another time."""
    statement = "update webhook_deliveries set next_attempt_at = :at where id = cast(:id as uuid)"
    records.rows(database, statement, at=at, id=delivery["id"])
