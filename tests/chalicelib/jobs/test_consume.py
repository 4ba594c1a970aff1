"""A batch of messages: each job claimed by one, finished once, tried again by policy, failed with a reason."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs import relay, running, service
from chalicelib.jobs.consume import AGAIN_SECONDS, consume
from chalicelib.jobs.models import JobMessage, JobRun
from infra.local import delivery
from tests import records
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.fakes import FakeQueues, sqs_event
from tests.house import REGION, Cloud, Database


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def effects(database: Database, tenant: Tenant) -> list[tuple[str, str]]:
    """What the work of the tenant's jobs left behind: candidates by name and source."""
    statement = "select name, source from candidates where organization_id = cast(:id as uuid) order by id"
    return [(row["name"], row["source"]) for row in records.rows(database, statement, id=str(tenant.id))]


def failed_ids(answer: Any) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def run_out_of_lease(database: Database, job_id: UUID) -> None:
    """Let time pass for a running job, until its lease is over."""
    statement = "update jobs set lease_expires_at = now() - interval '1 second' where id = cast(:id as uuid)"
    records.rows(database, statement, id=str(job_id))


def test_a_job_that_succeeds_is_done_with(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)

    assert consume(sqs_event(message.as_json()), work.doing()) == {"batchItemFailures": []}

    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["result"]) == ("succeeded", 1, {"attempt": 1})
    assert job["finished_at"] >= job["started_at"] >= job["enqueued_at"]
    assert effects(database, tenant) == [(f"effect of {message.job_id}", "attempt 1")]


def test_only_the_messages_that_failed_come_again(tenant: Tenant, queues: FakeQueues) -> None:
    messages = [work.ask(tenant.id) for _ in range(4)]
    bad = {messages[1].job_id, messages[3].job_id}

    def run(run: JobRun) -> None:
        if run.id in bad:
            raise Unavailable("not now")
        work.finish(run)

    answer = consume(sqs_event(*(message.as_json() for message in messages)), work.doing(run))

    assert failed_ids(answer) == ["message-1", "message-3"]


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "null",
        {},
        {"job_id": "7", "organization_id": "8", "kind": "screen_candidate"},
        {"job_id": 7, "organization_id": None, "kind": []},
        {"job_id": "01970000-0000-7000-8000-000000000000", "organization_id": "x", "kind": "unheard_of"},
    ],
)
def test_a_message_that_cannot_be_read_comes_again_and_harms_no_other(
    tenant: Tenant, database: Database, queues: FakeQueues, body: object
) -> None:
    message = work.ask(tenant.id)

    answer = consume(sqs_event(body, message.as_json()), work.doing())

    assert failed_ids(answer) == ["message-0"]
    assert [seconds for _, seconds in queues.delays] == [AGAIN_SECONDS]
    assert records.job(database, message.job_id)["status"] == "succeeded"


def test_poison_ends_in_the_dead_letter_queue(cloud: Cloud) -> None:
    queue = cloud.queues["high"]
    cloud.client("sqs").send_message(QueueUrl=queue.url, MessageBody="poison")

    cloud.drain()

    assert cloud.waiting(queue.dead_letter_url) == 1


def test_a_message_for_another_queues_work_leaves_its_job_alone(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)

    answer = consume(sqs_event(message.as_json()), {})

    assert failed_ids(answer) == ["message-0"]
    assert records.job(database, message.job_id)["status"] == "queued"


def test_a_second_delivery_changes_nothing(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)
    event = sqs_event(message.as_json(), message.as_json())

    assert failed_ids(consume(event, work.doing())) == []
    before = records.job(database, message.job_id)
    assert failed_ids(consume(event, work.doing())) == []

    assert records.job(database, message.job_id) == before
    assert len(effects(database, tenant)) == 1


def test_a_delivery_to_many_at_once_is_run_by_one(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    event = sqs_event(work.ask(tenant.id).as_json())
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(consume(event, work.doing()))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert [failed_ids(answer) for answer in answers] == [[]] * 6
    assert len(effects(database, tenant)) == 1


def test_a_delivery_while_the_job_runs_elsewhere_starts_nothing(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    event = sqs_event(work.ask(tenant.id).as_json())
    started: list[int] = []

    def run(run: JobRun) -> None:
        started.append(run.attempt)
        assert failed_ids(consume(event, work.doing())) == []
        work.finish(run)

    assert failed_ids(consume(event, work.doing(run))) == []
    assert started == [1]
    assert [source for _, source in effects(database, tenant)] == ["attempt 1"]


def test_an_attempt_that_was_taken_over_leaves_no_trace(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)
    event = sqs_event(message.as_json())

    def run(run: JobRun) -> None:
        run_out_of_lease(database, run.id)
        assert failed_ids(consume(event, work.doing())) == []  # somebody else takes it over and finishes
        work.finish(run)

    assert failed_ids(consume(event, work.doing(run))) == []

    assert effects(database, tenant) == [(f"effect of {message.job_id}", "attempt 2")]
    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["result"]) == ("succeeded", 2, {"attempt": 2})


@pytest.mark.parametrize("error", [Unavailable("late"), Invalid("late"), RuntimeError("late")])
def test_an_attempt_that_was_taken_over_cannot_even_fail_the_job(
    tenant: Tenant, database: Database, queues: FakeQueues, error: Exception
) -> None:
    message = work.ask(tenant.id)
    event = sqs_event(message.as_json())

    def run(run: JobRun) -> None:
        run_out_of_lease(database, run.id)
        consume(event, work.doing())
        raise error

    consume(event, work.doing(run))

    assert records.job(database, message.job_id)["status"] == "succeeded"
    assert [source for _, source in effects(database, tenant)] == ["attempt 2"]


def test_effects_and_done_come_true_together(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)

    def run(run: JobRun) -> None:
        with running.finishing(run) as session:
            work.leave_candidate(session, run)
            session.flush()
            raise Unavailable("in the middle of it")

    consume(sqs_event(message.as_json()), work.doing(run))

    assert effects(database, tenant) == []
    assert records.job(database, message.job_id)["status"] == "queued"


def test_invalid_content_fails_at_once_with_its_reason(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)

    answer = consume(sqs_event(message.as_json()), work.raising(Invalid("the file is empty")))

    assert failed_ids(answer) == []
    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"]) == ("failed", 1)
    assert (job["error_code"], job["error_message"]) == ("invalid", "the file is empty")
    assert effects(database, tenant) == [(f"failure of {message.job_id}", "invalid")]


def test_the_failure_and_what_it_means_come_true_together(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)
    works = work.raising(Invalid("no"))

    def failed(session: Any, run: JobRun, error: Any, now: Any) -> None:
        work.keep_failure(session, run, error, now)
        raise RuntimeError("the hook broke")

    works[work.KIND] = running.Work(works[work.KIND].run, failed)
    assert failed_ids(consume(sqs_event(message.as_json()), works)) == ["message-0"]

    assert effects(database, tenant) == []
    assert records.job(database, message.job_id)["status"] == "running", "the sweep will take it up again"

    for _ in range(5):
        run_out_of_lease(database, message.job_id)
        consume(sqs_event(message.as_json()), works)
    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["error_code"]) == ("failed", 5, "job_never_finished")
    assert effects(database, tenant) == []


def test_a_service_that_is_down_is_asked_again_after_ever_longer_pauses(
    tenant: Tenant, database: Database, queues: FakeQueues, configure: Any
) -> None:
    configure(job_retry_base_seconds="2", job_max_attempts="4")
    message = work.ask(tenant.id)
    event, works = sqs_event(message.as_json()), work.raising(Unavailable("clamd is down"))

    for attempt in (1, 2, 3):
        assert failed_ids(consume(event, works)) == ["message-0"]
        job = records.job(database, message.job_id)
        assert (job["status"], job["attempts"], job["error_code"]) == ("queued", attempt, "unavailable")
        pause = (job["next_attempt_at"] - job["started_at"]).total_seconds()
        assert pause == pytest.approx(10 * 2 ** (attempt - 1), rel=0.21, abs=1)
    assert failed_ids(consume(event, works)) == ["message-0"]

    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["error_message"]) == ("failed", 4, "clamd is down")
    assert [seconds for _, seconds in queues.delays] == pytest.approx([10, 20, 40, 80], rel=0.21)
    assert {receipt for receipt, _ in queues.delays} == {event["Records"][0]["receiptHandle"]}


def test_a_job_that_recovers_forgets_its_error(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)
    consume(sqs_event(message.as_json()), work.raising(Unavailable("for a moment")))

    consume(sqs_event(message.as_json()), work.doing())

    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["error_code"], job["error_message"]) == ("succeeded", 2, None, None)


def test_a_bug_is_retried_then_failed_and_its_message_kept_for_somebody_to_see(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    message = work.ask(tenant.id)
    queue = cloud.queues["high"]
    works = work.raising(ZeroDivisionError("secret detail"))
    source = delivery.Source(queue, lambda event, _context: consume(event, works), REGION)

    delivery.drain(cloud.client("sqs"), [source], timeout_seconds=20)

    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["error_code"]) == ("failed", 5, "internal_error")
    assert "secret" not in job["error_message"]
    assert cloud.waiting(queue.dead_letter_url) == 1
    assert effects(database, tenant) == [(f"failure of {message.job_id}", "internal_error")]


def test_a_job_that_kills_whoever_runs_it_is_given_up(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = work.ask(tenant.id)

    def run(_run: JobRun) -> None:
        raise SystemExit("out of memory")

    for attempt in range(1, 6):
        with pytest.raises(SystemExit):
            consume(sqs_event(message.as_json()), work.doing(run))
        assert records.job(database, message.job_id)["attempts"] == attempt
        run_out_of_lease(database, message.job_id)
        queues.sent.clear()
        relay.sweep(utc_now())
        assert message in queues.sent
    assert failed_ids(consume(sqs_event(message.as_json()), work.doing(run))) == []

    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], job["error_code"]) == ("failed", 5, "job_never_finished")
    assert effects(database, tenant) == [(f"failure of {message.job_id}", "job_never_finished")]


def test_a_database_that_is_down_brings_every_message_back(
    tenant: Tenant, database: Database, queues: FakeQueues, configure: Any
) -> None:
    message = work.ask(tenant.id)
    configure(database_url="postgresql://nobody:nothing@127.0.0.1:9/none")

    assert failed_ids(consume(sqs_event(message.as_json()), work.doing())) == ["message-0"]

    assert records.job(database, message.job_id)["status"] == "queued"


def test_a_message_that_names_the_wrong_organization_finds_no_job(
    tenant: Tenant, other: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)
    forged = JobMessage(message.job_id, other.id, message.kind)

    assert failed_ids(consume(sqs_event(forged.as_json()), work.doing())) == []

    assert records.job(database, message.job_id)["status"] == "queued"
    assert db.engine() is not None
    assert records.job(database, message.job_id)["next_attempt_at"] <= utc_now() + timedelta(seconds=1)


@pytest.mark.parametrize("error", [Unavailable("the commit was not answered"), RuntimeError("and then it broke")])
def test_an_attempt_that_fails_after_it_has_split_its_job_leaves_the_parent_to_its_children(
    error: Exception, tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    message = work.ask(tenant.id)

    def split(run: JobRun) -> None:
        with running.splitting(run, total=1) as session:
            wanted = [service.Wanted({"application_id": uuid4()})]
            service.enqueue_many(session, work.KIND, wanted, actor=work.SYSTEM, now=utc_now(), parent_id=run.id)
        raise error

    consume(sqs_event(message.as_json()), work.doing(split))

    parent = records.job(database, message.job_id)
    assert (parent["status"], parent["is_split"]) == ("running", True)
    consume(sqs_event(queues.sent[-1].as_json()), work.doing())
    parent = records.job(database, message.job_id)
    assert (parent["status"], parent["progress_done"]) == ("succeeded", 1)
