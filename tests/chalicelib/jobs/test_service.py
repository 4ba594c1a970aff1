"""A job is a row and an outbox row of the caller's own transaction, and its message leaves after the commit."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.events.models import Actor
from chalicelib.jobs import service
from chalicelib.jobs.errors import JobNotFound
from chalicelib.jobs.models import JobKind, JobMessage, RetryPolicy
from tests import records
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.fakes import FakeQueues
from tests.house import Cloud, Database


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def test_nothing_is_left_of_a_job_whose_transaction_rolls_back(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    class ChangedMind(Exception):
        pass

    def ask_and_change_my_mind() -> None:
        with db.transaction(tenant.id) as session:
            service.enqueue(session, work.KIND, {}, actor=work.SYSTEM, now=utc_now())
            session.flush()
            raise ChangedMind

    with pytest.raises(ChangedMind):
        ask_and_change_my_mind()

    assert records.jobs_of(database, tenant.id) == []
    assert records.outbox_of(database, tenant.id) == []
    assert queues.sent == []


def test_the_message_leaves_after_the_commit_and_carries_ids_only(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    with db.transaction(tenant.id) as session:
        actor = Actor("user", tenant.user_id, "request-7")
        job_id = service.enqueue(session, work.KIND, {"application_id": uuid4()}, actor=actor, now=utc_now())
        session.flush()
        assert queues.sent == []
        assert records.jobs_of(database, tenant.id) == [], "nobody else sees it before the commit"

    assert queues.sent == [JobMessage(job_id, tenant.id, work.KIND)]
    assert set(queues.sent[0].as_json()) == {"job_id", "organization_id", "kind"}
    assert records.outbox_of(database, tenant.id) == [], "what was sent is no longer owed"
    job = records.job(database, job_id)
    assert (job["status"], job["priority"], job["requested_by"]) == ("queued", "high", tenant.user_id)
    assert job["request_id"] == "request-7"


def test_a_queue_that_is_down_leaves_the_job_in_the_outbox_and_the_caller_unharmed(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    queues.down.add("high")

    message = work.ask(tenant.id)

    assert records.outbox_of(database, tenant.id) == [message.job_id]
    assert records.job(database, message.job_id)["status"] == "queued"


def test_several_jobs_of_one_transaction_leave_together(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    with db.transaction(tenant.id) as session:
        asked = [
            service.enqueue(session, kind, {}, actor=work.SYSTEM, now=utc_now())
            for kind in (JobKind.SCAN_DOCUMENT, JobKind.SCREEN_CANDIDATE, JobKind.ANALYZE_DOCUMENT)
        ]

    assert {message.job_id for message in queues.sent} == set(asked)
    assert records.outbox_of(database, tenant.id) == []


def test_work_with_a_unique_key_has_one_job_however_many_ask_at_once(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    asked: list[JobMessage] = []
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait(10)
        asked.append(work.ask(tenant.id, unique_key="document/1"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(asked) == 4
    assert len({message.job_id for message in asked}) == 1
    assert len(records.jobs_of(database, tenant.id)) == 1
    assert cloud.waiting(cloud.queues["high"].url) == 1


def test_two_organizations_may_use_the_same_unique_key(tenant: Tenant, other: Tenant, queues: FakeQueues) -> None:
    assert work.ask(tenant.id, unique_key="same").job_id != work.ask(other.id, unique_key="same").job_id


def test_another_organizations_job_is_not_found(tenant: Tenant, other: Tenant, queues: FakeQueues) -> None:
    message = work.ask(other.id)

    with db.transaction(tenant.id) as session, pytest.raises(JobNotFound):
        service.get(session, tenant.id, message.job_id)


@pytest.mark.parametrize(
    ("attempt", "is_unavailable", "seconds"),
    [(1, False, 2), (2, False, 4), (3, False, 8), (1, True, 10), (2, True, 20), (10, False, 900), (9, True, 900)],
)
def test_the_pause_before_another_attempt_doubles_and_is_longer_for_a_service_that_is_down(
    attempt: int, is_unavailable: bool, seconds: int
) -> None:
    assert RetryPolicy(5, 2, jitter=0).delay_seconds(attempt, is_unavailable=is_unavailable) == seconds
