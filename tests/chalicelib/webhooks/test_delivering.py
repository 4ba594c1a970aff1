"""A delivery arrives signed, at least once, with one id; it is tried for a day, and what nobody wants is given up."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.auth import keys
from chalicelib.clock import utc_now
from chalicelib.jobs import relay, running
from chalicelib.operations import retention
from chalicelib.outbound.client import Sender
from chalicelib.outbound.policy import Policy
from chalicelib.settings import settings
from chalicelib.webhooks import jobs as delivering
from chalicelib.webhooks.jobs import WORK
from chalicelib.webhooks.models import DELAYS_SECONDS, MOST_TRIES, delay_after
from chalicelib.webhooks.signing import signature
from infra.local import delivery as local
from tests import records
from tests.chalicelib.outbound.receivers import Receiver, certificate, receiving, serving_as, speaking
from tests.chalicelib.webhooks.hooks import (
    ONE,
    age,
    attempt_all,
    deliveries,
    due,
    new_webhook,
    read,
    waiting,
    webhook_to,
)
from tests.conftest import Tenant
from tests.factories import Json, new_application, new_candidate
from tests.house import Cloud, Database, settings_for


def told(tenant: Tenant, database: Database, receiver: Receiver, **values: Any) -> tuple[Json, Json]:
    """A webhook and its one delivery, after its first attempt."""
    webhook = webhook_to(tenant.api, receiver, **values)
    new_candidate(tenant.api)
    assert attempt_all(database, tenant) == 1
    [delivery] = deliveries(tenant.api, webhook)
    return webhook, delivery


def again(tenant: Tenant, database: Database, webhook: Json) -> Json:
    """The newest delivery of a webhook after its next attempt, whenever that was due."""
    due(database, deliveries(tenant.api, webhook)[0], utc_now() - timedelta(seconds=1))
    delivering.sweep(utc_now())
    attempt_all(database, tenant)
    return deliveries(tenant.api, webhook)[0]


def test_a_receiver_is_told_what_happened_by_ids_alone(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    with receiving() as receiver:
        webhook = webhook_to(api, receiver, events=["application_created"])
        candidate = new_candidate(api, name="Needle Planted", email="needle@planted.example")
        application = new_application(api, candidate)
        attempt_all(database, tenant)

    [request] = receiver.received
    event = next(each for each in api.get("/api/events").json["items"] if each["action"] == "application_created")
    assert json.loads(request.body) == {
        "id": event["id"],
        "type": "application_created",
        "occurred_at": event["occurred_at"],
        "organization_id": str(tenant.id),
        "subject": {"kind": "application", "id": application["id"]},
        "data": {
            "candidate_id": candidate["id"],
            "application_id": application["id"],
            "position_id": application["position_id"],
        },
    }
    assert b"eedle" not in request.body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == event["id"] == deliveries(api, webhook)[0]["event_id"]


def test_each_request_is_signed_with_the_secret_and_for_a_day_with_the_one_before(
    tenant: Tenant, database: Database
) -> None:
    with receiving() as receiver:
        webhook, _ = told(tenant, database, receiver)
        rotated = tenant.api.post(f"{ONE.format(webhook['id'])}/rotate-secret").json["secret"]
        new_candidate(tenant.api)
        attempt_all(database, tenant)
        statement = "update webhooks set previous_secret_until = now() where id = cast(:id as uuid)"
        records.rows(database, statement, id=webhook["id"])
        new_candidate(tenant.api)
        attempt_all(database, tenant)

    def expected(number: int, *secrets: str) -> str:
        sent = receiver.received[number]
        id_, at = sent.headers["webhook-id"], sent.headers["webhook-timestamp"]
        assert abs(int(at) - utc_now().timestamp()) < 60
        return " ".join(signature(secret, id_, at, sent.body) for secret in secrets)

    signatures = [request.headers["webhook-signature"] for request in receiver.received]
    assert signatures == [expected(0, webhook["secret"]), expected(1, rotated, webhook["secret"]), expected(2, rotated)]


def test_a_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_survives_a_change_of_our_own_key(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    old = os.environ["RECRUITPRO_TOKEN_SECRET"]
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        configure(token_secret="another-secret-of-at-least-32-characters", token_secret_previous=old)
        attempt_all(database, tenant)
        kept = records.rows(
            database, "select secret_key_id from webhooks where id = cast(:id as uuid)", id=webhook["id"]
        )
        assert kept == [{"secret_key_id": keys.key_ring().current().id}]

    assert len(receiver.received) == 1
    configure(token_secret="a-third-secret-of-at-least-32-characters", token_secret_previous=old)
    configure(rate_limit_enabled="false")
    with receiving() as receiver:
        records.rows(
            database, "update webhooks set secret_sealed = '\\x00' where id = cast(:id as uuid)", id=webhook["id"]
        )
        _new_event(tenant)
        attempt_all(database, tenant)
    assert receiver.received == []
    statement = "select error_code from webhook_deliveries where webhook_id = cast(:id as uuid) order by id"
    assert [row["error_code"] for row in records.rows(database, statement, id=webhook["id"])] == [None, "secret_lost"]


def _new_event(tenant: Tenant) -> None:
    from chalicelib import db
    from chalicelib.events import service as events
    from chalicelib.events.models import Actor, Subject
    from chalicelib.ids import new_id

    with db.transaction(tenant.id) as session:
        subject = Subject("candidate", new_id())
        events.record(session, "candidate_created", subject, actor=Actor("system"), now=utc_now())


def test_a_receiver_that_fails_is_asked_eight_times_over_a_day(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        receiver.status = 503
        webhook, delivery = told(tenant, database, receiver)
        waits = []
        while delivery["status"] == "pending":
            at = datetime.fromisoformat(delivery["next_attempt_at"])
            waits.append(at - datetime.fromisoformat(delivery["last_attempt_at"]))
            delivering.sweep(utc_now())
            assert waiting(database, tenant) == [], "not before its time"
            delivery = again(tenant, database, webhook)

    assert (delivery["status"], delivery["attempts"], delivery["next_attempt_at"]) == ("failed", 8, None)
    assert (delivery["response_status"], delivery["error_code"]) == (503, "not_accepted")
    assert [attempt["status"] for attempt in delivery["history"]] == [503] * 8
    assert len(receiver.received) == 8
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1
    for wait, seconds in zip(waits, DELAYS_SECONDS, strict=True):
        assert abs(wait.total_seconds() - seconds) <= seconds * 0.1 + 2
    assert read(tenant.api, webhook)["is_active"] is True
    assert read(tenant.api, webhook)["failing_since"] == delivery["history"][0]["at"].replace("+00:00", "Z")


def test_the_delays_spread_over_about_a_day() -> None:
    assert MOST_TRIES == 8
    assert 20 * 3600 < sum(DELAYS_SECONDS) < 28 * 3600
    assert delay_after(7, lambda: 0.5) == timedelta(seconds=30)
    assert delay_after(1, lambda: 1) == timedelta(seconds=28_800 * 1.1)
    assert delay_after(1, lambda: 0) == timedelta(seconds=28_800 * 0.9)


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        (301, {"Location": "http://169.254.169.254/"}, "redirected"),
        (307, {"Location": "http://127.0.0.1:1/"}, "redirected"),
        (304, {}, "redirected"),
        (400, {}, "not_accepted"),
        (500, {}, "not_accepted"),
    ],
)
def test_whatever_is_no_2xx_is_tried_again(
    tenant: Tenant, database: Database, status: int, headers: dict[str, str], code: str
) -> None:
    with receiving() as receiver:
        receiver.status, receiver.headers = status, headers
        webhook, delivery = told(tenant, database, receiver)
        assert (delivery["status"], delivery["response_status"], delivery["error_code"]) == ("pending", status, code)
        receiver.status, receiver.headers, receiver.body = 200, {}, b"x" * 3_000_000
        delivery = again(tenant, database, webhook)

    assert (delivery["status"], delivery["error_code"], delivery["attempts"]) == ("succeeded", None, 2)
    assert read(tenant.api, webhook)["failing_since"] is None
    kept = records.rows(database, "select * from webhook_deliveries where organization_id = :id", id=tenant.id)
    assert "xxx" not in str(kept)


def test_a_slow_receiver_is_given_up_in_time(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    configure(webhook_timeout_seconds="1")

    def drip(connection: socket.socket) -> None:
        connection.recv(4096)
        for _ in range(40):
            connection.sendall(b"H")
            time.sleep(0.05)

    with speaking(drip) as port:
        webhook = new_webhook(tenant.api, f"http://127.0.0.1:{port}/")
        new_candidate(tenant.api)
        attempt_all(database, tenant)

    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["error_code"], delivery["response_status"]) == ("timed_out", None)
    assert 900 <= delivery["duration_ms"] < 2000


def test_a_certificate_that_nobody_vouches_for_is_refused_and_one_of_the_operators_accepted(
    tenant: Tenant, database: Database, configure: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, "localhost")
    with receiving(serving_as(file)) as receiver:
        webhook = new_webhook(tenant.api, f"https://localhost:{receiver.port}/hook")
        new_candidate(tenant.api)
        attempt_all(database, tenant)
        assert (deliveries(tenant.api, webhook)[0]["error_code"], receiver.received) == ("tls_failed", [])

        configure(outbound_ca_file=str(file))
        assert again(tenant, database, webhook)["status"] == "succeeded"


def test_an_address_is_judged_anew_at_each_attempt(
    tenant: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        webhook = new_webhook(tenant.api, f"http://rebound.example.com:{receiver.port}/hook")
        new_candidate(tenant.api)
        rebound = Sender(Policy.of(settings()), resolve=lambda *_: ["127.0.0.1"])
        monkeypatch.setattr(delivering, "_sender", lambda: rebound)
        attempt_all(database, tenant)

    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["error_code"], delivery["response_status"], receiver.received) == ("address_refused", None, [])


def test_410_disables_a_webhook_and_what_waits_for_it_fails(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    with receiving() as receiver:
        receiver.status = 410
        webhook = webhook_to(api, receiver)
        new_candidate(api)
        new_candidate(api)
        attempt_all(database, tenant)

    assert len(receiver.received) == 1
    first, second = reversed(deliveries(api, webhook))
    assert (first["status"], first["error_code"], first["response_status"]) == ("failed", "gone", 410)
    assert (second["status"], second["error_code"], second["attempts"]) == ("failed", "webhook_disabled", 0)
    shown = read(api, webhook)
    assert (shown["is_active"], shown["disabled_code"]) == (False, "gone")
    assert shown["disabled_at"] is not None
    assert "webhook_disabled" in records.actions(database, tenant.id)
    assert (reply := api.post(f"{ONE.format(webhook['id'])}/deliveries/{first['id']}/replay")).status == 409, reply
    assert reply.code == "webhook_disabled"
    assert api.patch(ONE.format(webhook["id"]), {"is_active": True}).json["disabled_code"] is None


def test_five_days_without_success_disable_a_webhook_when_one_more_delivery_fails(
    tenant: Tenant, database: Database
) -> None:
    with receiving() as receiver:
        receiver.status = 500
        webhook, delivery = told(tenant, database, receiver)
        age(database, webhook, utc_now() - timedelta(days=5))
        while delivery["status"] == "pending":
            assert read(tenant.api, webhook)["is_active"] is True
            delivery = again(tenant, database, webhook)

    shown = read(tenant.api, webhook)
    assert (shown["is_active"], shown["disabled_code"]) == (False, "failing")
    assert records.actions(database, tenant.id).count("webhook_disabled") == 1


def test_what_failed_is_sent_once_more_with_the_id_it_had(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    with receiving() as receiver:
        webhook, delivery = told(tenant, database, receiver)
        replay = f"{ONE.format(webhook['id'])}/deliveries/{delivery['id']}/replay"
        key = {"Idempotency-Key": "once"}
        first, second = api.post(replay, None, key), api.post(replay, None, key)
        assert (first.status, first.json["status"], second.body) == (202, "pending", first.body)
        assert api.post(replay).code == "delivery_pending"
        attempt_all(database, tenant)

    [delivery] = deliveries(api, webhook)
    assert (delivery["status"], delivery["attempts"]) == ("succeeded", 2)
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len(receiver.received) == 2
    assert records.actions(database, tenant.id)[-1] == "webhook_delivery_replayed"


def test_a_delivery_that_comes_twice_is_sent_once(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        [message] = waiting(database, tenant)
        assert [running.attempt(message, WORK) for _ in range(3)] == [None] * 3

    assert len(receiver.received) == 1
    assert deliveries(tenant.api, webhook)[0]["attempts"] == 1


def test_an_older_attempt_that_comes_late_is_not_made(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        receiver.status = 500
        webhook, _ = told(tenant, database, receiver)
        [job] = records.jobs_of(database, tenant.id)
        records.rows(database, "update jobs set status = 'queued' where id = :id", id=job["id"])
        assert attempt_all(database, tenant) == 1

    assert len(receiver.received) == 1
    assert deliveries(tenant.api, webhook)[0]["attempts"] == 1


def test_a_removed_webhook_gets_nothing_of_what_waited(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        assert tenant.api.delete(ONE.format(webhook["id"])).status == 204
        assert attempt_all(database, tenant) == 1

    assert receiver.received == []
    statement = "select status, error_code from webhook_deliveries where organization_id = :id"
    assert records.rows(database, statement, id=tenant.id) == [{"status": "failed", "error_code": "webhook_deleted"}]


def test_a_webhook_that_is_removed_while_it_is_told_ends_quietly(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        receiver.before = lambda: tenant.api.delete(ONE.format(webhook["id"]))
        new_candidate(tenant.api)
        attempt_all(database, tenant)

    assert len(receiver.received) == 1
    statement = "select status from webhook_deliveries where organization_id = :id"
    assert records.rows(database, statement, id=tenant.id) == [{"status": "succeeded"}]


def test_an_attempt_that_dies_counts_and_another_one_follows(tenant: Tenant, database: Database) -> None:
    webhook = new_webhook(tenant.api)
    new_candidate(tenant.api)
    [message] = waiting(database, tenant)
    records.rows(database, "update jobs set attempts = max_attempts where id = :id", id=message.job_id)
    assert running.attempt(message, WORK) is None

    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["status"], delivery["attempts"], delivery["error_code"]) == ("pending", 1, "interrupted")
    assert delivery["next_attempt_at"] is not None


@pytest.mark.parametrize(("line", "times"), [("after the claim", 2), ("before the commit", 2), ("after the commit", 1)])
def test_after_a_kill_a_delivery_arrives_at_least_once_and_with_one_id(
    tenant: Tenant, database: Database, cloud: Cloud, line: str, times: int
) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        sqs, source = cloud.client("sqs"), cloud.source("webhook")
        messages = local.take_batch(sqs, source, wait_seconds=1)
        died = subprocess.run(
            [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.deliver_webhooks", line],
            input=json.dumps(local.sqs_event(messages, source)),
            env=dict(os.environ) | settings_for(database, cloud),
            text=True,
            check=False,
            capture_output=True,
        )
        assert died.returncode == -signal.SIGKILL, died.stderr
        local.deliver(sqs, source, messages)  # they come back while the dead attempt still has its lease
        relay.sweep(datetime.now(UTC) + timedelta(seconds=370))
        cloud.drain()

    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["status"], delivery["attempts"]) == ("succeeded", 1)
    assert len(receiver.received) == times
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1


def test_a_delivery_that_waits_in_the_low_queue_since_the_release_before_is_handed_on(
    tenant: Tenant, cloud: Cloud
) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        sqs, source = cloud.client("sqs"), cloud.source("webhook")
        [message] = local.take_batch(sqs, source, wait_seconds=1)
        sqs.delete_message(QueueUrl=source.queue.url, ReceiptHandle=message["ReceiptHandle"])
        sqs.send_message(QueueUrl=cloud.queues["low"].url, MessageBody=message["Body"])
        cloud.drain()

    assert len(receiver.received) == 1
    assert deliveries(tenant.api, webhook)[0]["status"] == "succeeded"
    assert cloud.waiting(cloud.queues["low"].dead_letter_url) == 0


def test_a_message_that_comes_twice_delivers_once(tenant: Tenant, cloud: Cloud) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        sqs, source = cloud.client("sqs"), cloud.source("webhook")
        messages = local.take_batch(sqs, source, wait_seconds=1)
        local.deliver(sqs, source, messages)
        local.deliver(sqs, source, messages)

    assert len(receiver.received) == 1
    assert deliveries(tenant.api, webhook)[0]["attempts"] == 1


def test_without_a_way_out_nothing_is_sent_and_what_waited_says_why(
    tenant: Tenant, database: Database, configure: Any
) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        new_candidate(tenant.api)
        configure(webhooks_enabled="false")
        assert attempt_all(database, tenant) == 1

    assert receiver.received == []
    [delivery] = deliveries(tenant.api, webhook)
    assert (delivery["status"], delivery["attempts"], delivery["error_code"]) == ("pending", 1, "webhooks_off")


def test_two_sweeps_at_once_ask_for_an_attempt_once(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        receiver.status = 500
        webhook, delivery = told(tenant, database, receiver)
    due(database, delivery, utc_now())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: delivering.sweep(utc_now()), range(4)))

    assert len(waiting(database, tenant)) == 1
    assert deliveries(tenant.api, webhook)[0]["next_attempt_at"] is None


def test_the_log_tells_nothing_of_an_address(
    tenant: Tenant, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiving() as receiver:
        receiver.status = 500
        webhook = new_webhook(tenant.api, f"{receiver.url}?token=needle")
        new_candidate(tenant.api)
        attempt_all(database, tenant)

    shown = capsys.readouterr()
    assert "needle" not in shown.out + shown.err
    assert webhook["secret"] not in shown.out + shown.err


def test_what_was_delivered_is_kept_for_a_month(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        webhook, _ = told(tenant, database, receiver)
        new_candidate(tenant.api)
    statement = "update webhook_deliveries set created_at = now() - interval '31 days' where organization_id = :id"
    records.rows(database, statement, id=tenant.id)

    assert retention.apply(utc_now())["webhook_deliveries"] == 1
    assert [each["status"] for each in deliveries(tenant.api, webhook)] == ["pending"]
