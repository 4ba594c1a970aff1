"""Each event reaches the webhooks that listen for it, in its own transaction, and costs nothing where none does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from tests import records
from tests.chalicelib.outbound.receivers import receiving
from tests.chalicelib.webhooks.hooks import ONE, deliveries, new_webhook, webhook_to
from tests.conftest import Tenant
from tests.factories import new_candidate, new_position
from tests.house import Cloud, Database

SYSTEM = Actor("system")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that this process sends to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine(), "before_cursor_execute", note)


def test_only_what_a_webhook_listens_for_is_told_to_it(tenant: Tenant) -> None:
    api = tenant.api
    some, all_of_it, off = (
        new_webhook(api, events=["candidate_created", "candidate_changed"]),
        new_webhook(api, events=["*"]),
        new_webhook(api, is_active=False),
    )
    candidate = new_candidate(api)
    new_position(api)
    api.patch(f"/api/candidates/{candidate['id']}", {"name": "Grace"})

    assert [each["type"] for each in deliveries(api, some)] == ["candidate_changed", "candidate_created"]
    assert [each["type"] for each in deliveries(api, all_of_it)] == [
        "candidate_changed",
        "position_created",
        "candidate_created",
        "webhook_created",
        "webhook_created",
    ]
    assert deliveries(api, off) == []
    assert len(deliveries(api, some, type="candidate_changed")) == 1
    assert deliveries(api, some, status="succeeded") == []


def test_a_removed_webhook_and_one_of_somebody_else_are_told_nothing(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    gone, theirs = new_webhook(tenant.api, events=["*"]), new_webhook(other.api, events=["*"])
    before = records.count(database, "webhook_deliveries", tenant.id)
    tenant.api.delete(ONE.format(gone["id"]))
    new_candidate(tenant.api)

    assert records.count(database, "webhook_deliveries", tenant.id) == before
    assert {each["type"] for each in deliveries(other.api, theirs)} == {"webhook_created"}


def test_what_is_rolled_back_is_told_to_nobody(tenant: Tenant, database: Database) -> None:
    new_webhook(tenant.api)
    before = records.count(database, "webhook_deliveries", tenant.id)

    def fail_after_writing() -> None:
        with db.transaction(tenant.id) as session:
            events.record(session, "candidate_created", Subject("candidate", new_id()), actor=SYSTEM, now=utc_now())
            events._write(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()

    assert records.count(database, "webhook_deliveries", tenant.id) == before


def test_without_webhooks_a_write_takes_as_many_statements_as_with_one(tenant: Tenant) -> None:
    def cost() -> int:
        with statements() as sent, db.transaction(tenant.id) as session:
            events.record(session, "project_created", Subject("project", new_id()), actor=SYSTEM, now=utc_now())
        return len(sent)

    without = cost()
    new_webhook(tenant.api)

    assert (without, cost()) == (1, 1)


def test_the_database_asks_for_a_delivery_as_the_application_would(tenant: Tenant, database: Database) -> None:
    new_webhook(tenant.api)
    with db.transaction(tenant.id) as session:
        jobs.enqueue(session, JobKind.DELIVER_WEBHOOK, {}, actor=SYSTEM, now=utc_now())
    new_candidate(tenant.api)

    ours, by_trigger = records.jobs_of(database, tenant.id)
    differs = {name for name in ours if ours[name] != by_trigger[name]}
    assert differs == {"id", "payload", "unique_key", "enqueued_at", "next_attempt_at", "trace_id"}
    assert (ours["trace_id"], len(by_trigger["trace_id"])) == (None, 32), "a request has a trace, this test has none"
    assert by_trigger["unique_key"] == f"{by_trigger['payload']['delivery_id']}/1"
    assert by_trigger["id"].version == 7


def test_a_delivery_leaves_with_its_commit_and_needs_no_sweep(tenant: Tenant, cloud: Cloud) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        cloud.drain()

    assert len(receiver.received) == 1
    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["status"], delivery["attempts"], delivery["response_status"]) == ("succeeded", 1, 204)


def test_many_events_at_once_are_told_each_and_the_sweep_sends_what_is_too_many(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    new_webhook(tenant.api)
    with db.transaction(tenant.id) as session:
        for _ in range(150):
            events.record(session, "candidate_created", Subject("candidate", new_id()), actor=SYSTEM, now=utc_now())

    assert records.count(database, "webhook_deliveries", tenant.id) == 150
    assert len(records.outbox_of(database, tenant.id)) == 50
