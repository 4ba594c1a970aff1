"""What a commit left unsent, and what was started and never finished, is found by the sweep."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.errors import Unavailable
from chalicelib.events.models import Actor
from chalicelib.jobs import relay, service
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.jobs.service import Wanted
from chalicelib.settings import settings
from tests import records
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.fakes import FakeQueues, sqs_event
from tests.house import Cloud, Database


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def unsent_job(queues: FakeQueues, organization_id: UUID) -> JobMessage:
    """A job whose message did not get through."""
    queues.down.add("high")
    message = work.ask(organization_id)
    queues.down.clear()
    return message


def test_the_sweep_sends_what_a_commit_left_unsent(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = unsent_job(queues, tenant.id)

    relay.sweep(utc_now())
    assert message not in queues.sent, "its own commit may be sending it just now"
    relay.sweep(utc_now() + timedelta(seconds=30))

    assert queues.sent.count(message) == 1
    assert records.outbox_of(database, tenant.id) == []


def test_a_sweep_that_cannot_send_leaves_everything_to_the_next(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = unsent_job(queues, tenant.id)
    queues.down.add("high")
    with pytest.raises(Unavailable):
        relay.sweep(utc_now() + timedelta(seconds=30))
    assert records.outbox_of(database, tenant.id) == [message.job_id]

    queues.down.clear()
    relay.sweep(utc_now() + timedelta(seconds=30))

    assert message in queues.sent


def test_a_queue_that_is_down_keeps_no_other_from_being_served(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    stuck = unsent_job(queues, tenant.id)
    queues.down.update({"high", "default"})
    statement = "update outbox set queue = 'default', kind = 'analyze_document' where job_id = cast(:id as uuid)"
    other = unsent_job(queues, tenant.id)
    records.rows(database, statement, id=str(other.job_id))
    queues.down.add("high")

    with pytest.raises(Unavailable):
        relay.sweep(utc_now() + timedelta(seconds=30))

    assert [message.job_id for message in queues.sent if message.organization_id == tenant.id] == [other.job_id]
    assert records.outbox_of(database, tenant.id) == [stuck.job_id]


def test_a_running_job_is_revived_when_its_lease_is_over_and_not_before(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)

    def run(_run: object) -> None:
        queues.sent.clear()
        relay.sweep(utc_now() + timedelta(seconds=350))
        assert message not in queues.sent
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume(sqs_event(message.as_json()), work.doing(run))
    assert records.job(database, message.job_id)["status"] == "running"
    relay.sweep(utc_now() + timedelta(seconds=370))

    assert queues.sent.count(message) == 1
    assert records.job(database, message.job_id)["status"] == "queued"
    assert consume(sqs_event(message.as_json()), work.doing()) == {"batchItemFailures": []}
    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"]) == ("succeeded", 2)


def test_a_queued_job_whose_message_was_lost_is_sent_again_and_a_fresh_one_is_not(
    tenant: Tenant, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)
    queues.sent.clear()

    relay.sweep(utc_now() + timedelta(seconds=890))
    assert message not in queues.sent
    relay.sweep(utc_now() + timedelta(seconds=910))

    assert queues.sent.count(message) == 1


def test_a_job_waiting_for_its_next_attempt_is_not_taken_for_lost(
    tenant: Tenant, queues: FakeQueues, database: Database
) -> None:
    message = work.ask(tenant.id)
    later = "update jobs set next_attempt_at = now() + interval '900 seconds' where id = cast(:id as uuid)"
    records.rows(database, later, id=str(message.job_id))
    queues.sent.clear()

    relay.sweep(utc_now() + timedelta(seconds=1000))

    assert message not in queues.sent


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_a_job_that_has_ended_is_left_alone(
    tenant: Tenant, database: Database, queues: FakeQueues, status: str
) -> None:
    message = work.ask(tenant.id)
    records.rows(
        database, "update jobs set status = :status where id = cast(:id as uuid)", status=status, id=str(message.job_id)
    )
    queues.sent.clear()

    relay.sweep(utc_now() + timedelta(days=2))
    assert consume(sqs_event(message.as_json()), work.doing()) == {"batchItemFailures": []}

    assert message not in queues.sent
    assert records.job(database, message.job_id)["status"] == status


def test_a_lost_message_is_sent_again_through_the_real_queue(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    message = work.ask(tenant.id)
    queue, sqs = cloud.queues["high"], cloud.client("sqs")
    lost = sqs.receive_message(QueueUrl=queue.url)["Messages"][0]
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=lost["ReceiptHandle"])
    assert cloud.waiting(queue.url) == 0

    relay.sweep(utc_now() + timedelta(seconds=910))

    assert cloud.waiting(queue.url) == 1
    assert records.job(database, message.job_id)["status"] == "queued"


def test_what_is_more_than_a_request_can_send_is_sent_by_the_sweep(tenant: Tenant, queues: FakeQueues) -> None:
    wanted = [Wanted({"number": number}) for number in range(relay.SENT_AT_ONCE + 1500)]
    with db.transaction(tenant.id) as session:
        written = service.enqueue_many(session, JobKind.SCREEN_CANDIDATE, wanted, actor=Actor("system"), now=utc_now())
    assert len(queues.sent) == relay.SENT_AT_ONCE

    relay.sweep(utc_now() + timedelta(seconds=settings().outbox_grace_seconds + 1))

    assert {message.job_id for message in queues.sent} >= set(written)
