"""A job belongs to the trace in which it was asked for, however often and by whomever it is begun; the log has one line
of each attempt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from chalicelib import clients, db, tracing
from chalicelib.clock import utc_now
from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs import relay, running, service
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import JobKind, JobMessage, JobRun
from chalicelib.jobs.running import Work
from chalicelib.jobs.service import Wanted
from chalicelib.settings import settings
from chalicelib.webhooks import jobs as webhooks
from tests import log_watch, records
from tests.chalicelib.jobs import work
from tests.chalicelib.webhooks.hooks import attempt_all, deliveries, due, new_webhook
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database
from tests.log_lines import Line, reading

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def asked_in(trace_id: str, tenant: Tenant) -> JobMessage:
    """A job that was asked for in this trace; its message."""
    with tracing.following(trace_id):
        return work.ask(tenant.id)


def attempted(event: Any, doing: dict[JobKind, Work]) -> list[Line]:
    with reading() as lines:
        consume(event, doing)
    assert log_watch.finds(lines.text) == []
    return lines.of("job_attempted")


def test_a_message_carries_its_trace_and_does_without(tenant: Tenant, queues: FakeQueues) -> None:
    message = asked_in(TRACE, tenant)
    [sent] = queues.sent
    body = sent.as_json()

    assert body == {**message.as_json(), "trace_id": TRACE}
    assert JobMessage.of_json(body).trace_id == TRACE
    assert JobMessage.of_json(message.as_json()).trace_id is None


@pytest.mark.parametrize("insane", ["", "0" * 32, TRACE.upper(), f"{TRACE}\n", "a" * 100_000, 7, None, {"a": [TRACE]}])
def test_a_trace_that_is_none_spoils_no_message(insane: object) -> None:
    body = {"job_id": str(uuid4()), "organization_id": str(uuid4()), "kind": "scan_document", "trace_id": insane}

    assert JobMessage.of_json(body).trace_id is None


@pytest.mark.parametrize("body", [[], "text", 7, None, {}, {"job_id": "7"}])
def test_what_is_no_message_is_refused_as_ever(body: Any) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        JobMessage.of_json(body)


def test_one_line_tells_of_an_attempt(tenant: Tenant) -> None:
    message = asked_in(TRACE, tenant)
    [line] = attempted(sqs_event(message.as_json()), work.doing())

    assert (line["trace_id"], line["job_id"], line["organization_id"]) == (TRACE, str(message.job_id), str(tenant.id))
    assert (line["kind"], line["attempt"], line["outcome"]) == ("screen_candidate", 1, "succeeded")
    assert line["level"] == "INFO"
    assert 0 <= line["wait_ms"] < 10_000
    assert line["statements"] >= 4
    assert 0 < line["database_ms"] < line["ms"]
    assert isinstance(line["cold_start"], bool)


def test_a_second_delivery_is_no_attempt(tenant: Tenant) -> None:
    body = asked_in(TRACE, tenant).as_json()

    lines = attempted(sqs_event(body, body), work.doing()) + attempted(sqs_event(body), work.doing())

    assert [(line["trace_id"], line["outcome"]) for line in lines] == [(TRACE, "succeeded")]


def test_each_attempt_at_a_job_keeps_its_trace_whatever_its_message_says(tenant: Tenant) -> None:
    message = asked_in(TRACE, tenant)
    foreign = {**message.as_json(), "trace_id": tracing.new_id()}
    [first] = attempted(sqs_event(foreign), work.raising(Unavailable("not now")))
    [second] = attempted(sqs_event(message.as_json()), work.raising(RuntimeError("a bug")))
    [third] = attempted(sqs_event(message.as_json()), work.raising(Invalid("no good")))

    assert {line["trace_id"] for line in (first, second, third)} == {TRACE}
    assert [line["attempt"] for line in (first, second, third)] == [1, 2, 3]
    assert [line["outcome"] for line in (first, second, third)] == ["retried", "retried", "failed"]
    assert [line["code"] for line in (first, second, third)] == ["unavailable", "internal_error", "invalid"]
    assert {line["level"] for line in (first, second, third)} == {"WARNING"}
    assert "delay_seconds" in first
    assert all(line["wait_ms"] < 10_000 for line in (second, third)), "since the attempt was due"


def test_what_is_revived_by_the_sweep_keeps_its_trace(tenant: Tenant, database: Database, queues: FakeQueues) -> None:
    message = asked_in(TRACE, tenant)
    with db.transaction(tenant.id) as session:
        running._claim(session, [message], utc_now() - timedelta(seconds=settings().job_lease_seconds + 60))
    queues.sent.clear()
    with tracing.following(None):
        relay.sweep(utc_now())

    revived = next(each for each in queues.sent if each.job_id == message.job_id)
    assert revived.trace_id == TRACE
    [line] = attempted(sqs_event(revived.as_json()), work.doing())
    assert (line["trace_id"], line["attempt"], line["outcome"]) == (TRACE, 2, "succeeded")


def test_what_a_commit_left_unsent_leaves_with_its_trace(tenant: Tenant, queues: FakeQueues) -> None:
    queues.down.add("high")
    message = asked_in(TRACE, tenant)
    queues.down.clear()
    with tracing.following(None):
        relay.sweep(utc_now() + timedelta(seconds=30))

    assert next(each for each in queues.sent if each.job_id == message.job_id).trace_id == TRACE


def test_what_a_job_asks_for_belongs_to_its_trace(tenant: Tenant, database: Database) -> None:
    new_webhook(tenant.api)
    message = asked_in(TRACE, tenant)

    def ask_more(run: JobRun) -> None:
        with running.finishing(run) as session:
            work.leave_candidate(session, run)
            service.enqueue(session, work.KIND, {}, actor=run.actor, now=utc_now())

    [line] = attempted(sqs_event(message.as_json()), work.doing(ask_more))

    assert line["outcome"] == "succeeded"
    kinds = {job["kind"]: job["trace_id"] for job in records.jobs_of(database, tenant.id)}
    assert kinds == {"screen_candidate": TRACE, "deliver_webhook": TRACE}


def test_a_job_from_before_traces_begins_one(tenant: Tenant) -> None:
    lines = attempted(sqs_event(work.ask(tenant.id).as_json()), work.doing())

    assert tracing.sane(lines[0]["trace_id"])


def test_a_job_that_is_called_off_and_one_that_is_split_say_so(tenant: Tenant) -> None:
    called_off, parent = asked_in(TRACE, tenant), asked_in(TRACE, tenant)

    def split(run: JobRun) -> None:
        if run.id == called_off.job_id:
            tenant.api.post(f"/api/jobs/{run.id}/cancel")
            running.checkpoint(run)
        with running.splitting(run, total=1) as session:
            service.enqueue_many(session, work.KIND, [Wanted({})], actor=run.actor, now=utc_now(), parent_id=run.id)

    lines = attempted(sqs_event(called_off.as_json(), parent.as_json()), work.doing(split))

    assert [line["outcome"] for line in lines] == ["cancelled", "split"]


def write(session: Session, run: JobRun) -> None:
    work.leave_candidate(session, run)


def test_a_batch_tells_of_each_job_and_is_of_one_trace(tenant: Tenant, database: Database) -> None:
    new_webhook(tenant.api)
    other_trace = tracing.new_id()
    mine = [asked_in(TRACE, tenant) for _ in range(3)]
    others = [asked_in(other_trace, tenant) for _ in range(2)]
    bodies = [{**each.as_json(), "trace_id": TRACE} for each in mine]
    bodies += [{**each.as_json(), "trace_id": other_trace} for each in others]
    lines = attempted(sqs_event(*bodies), {work.KIND: Work(write=write)})

    assert sorted((line["trace_id"], line["together"]) for line in lines) == sorted(
        [(TRACE, 3)] * 3 + [(other_trace, 2)] * 2
    )
    assert {line["job_id"] for line in lines} == {str(each.job_id) for each in [*mine, *others]}
    told = [job["trace_id"] for job in records.jobs_of(database, tenant.id) if job["kind"] == "deliver_webhook"]
    assert sorted(told) == sorted([TRACE] * 3 + [other_trace] * 2)


def test_a_batch_whose_messages_do_not_say_that_they_differ_is_taken_apart(tenant: Tenant) -> None:
    messages = [asked_in(TRACE, tenant), asked_in(tracing.new_id(), tenant)]

    lines = attempted(sqs_event(*(each.as_json() for each in messages)), {work.KIND: Work(write=write)})

    assert len({line["trace_id"] for line in lines}) == 2
    assert not any("together" in line for line in lines)


@pytest.mark.own_database
def test_later_attempts_at_a_delivery_keep_the_trace(tenant: Tenant, database: Database) -> None:
    webhook = new_webhook(tenant.api)
    with tracing.following(TRACE):
        new_candidate(tenant.api)  # a request of its own, and so is its trace
    attempt_all(database, tenant)
    [delivery] = deliveries(tenant.api, webhook)
    due(database, delivery, utc_now())
    with tracing.following(None):
        assert webhooks.sweep(utc_now()) == 1
    with reading() as lines:
        attempt_all(database, tenant)

    first, second = [job for job in records.jobs_of(database, tenant.id) if job["kind"] == "deliver_webhook"]
    assert tracing.sane(first["trace_id"])
    assert first["trace_id"] == second["trace_id"]
    assert [line["trace_id"] for line in lines.of("job_attempted")] == [first["trace_id"]]


def test_a_job_that_is_tried_again_by_hand_keeps_its_trace(tenant: Tenant, queues: FakeQueues) -> None:
    message = asked_in(TRACE, tenant)
    attempted(sqs_event(message.as_json()), work.raising(Invalid("no good")))
    queues.sent.clear()

    assert tenant.api.post(f"/api/jobs/{message.job_id}/retry").status == 200
    assert [each.trace_id for each in queues.sent] == [TRACE]


def test_what_breaks_is_told_in_its_trace_once(tenant: Tenant) -> None:
    message = asked_in(TRACE, tenant)
    with reading() as lines:
        consume(sqs_event(message.as_json()), work.raising(RuntimeError("a bug")))

    assert [line["message"] for line in lines.all()] == ["job_broke", "job_attempted"]
    assert {line["trace_id"] for line in lines.all()} == {TRACE}
