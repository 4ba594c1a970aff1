from __future__ import annotations

import json
import threading
import types
from typing import Any

import pytest
from chalice.app import Blueprint, SQSEvent

from infra.local import delivery, pump, resources
from tests.infra.local.conftest import Moto

MAX_RECEIVE_COUNT = 2
functions = Blueprint(__name__)
seen: list[dict[str, Any]] = []


@functions.on_sqs_message(queue="x", batch_size=10)
def handle(event: SQSEvent) -> dict[str, Any]:
    """Fails the messages that say "bad", and all of the batch for "raise"."""
    seen.append(event.to_dict())
    records = event.to_dict()["Records"]
    if any(record["body"] == "raise" for record in records):
        raise RuntimeError("the handler broke")
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records if r["body"] == "bad"]}


@pytest.fixture
def sqs(moto: Moto) -> Any:
    return moto.client("sqs")


@pytest.fixture
def source(sqs: Any, request: pytest.FixtureRequest) -> delivery.Source:
    """A queue of this test's own whose poison messages leave after two receipts."""
    seen.clear()
    name = f"q{abs(hash(request.node.name))}"
    dead_url = sqs.create_queue(QueueName=name + "-dlq")["QueueUrl"]
    arns = {"deadLetterTargetArn": resources._arn(sqs, dead_url), "maxReceiveCount": str(MAX_RECEIVE_COUNT)}
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(arns)})["QueueUrl"]
    queue = resources.Queue(name, url, resources._arn(sqs, url), dead_url)
    return delivery.Source(queue, pump.handler_of(types.SimpleNamespace(handle=handle, __name__="m")))  # type: ignore[arg-type]


def send(sqs: Any, source: delivery.Source, *bodies: str) -> None:
    for body in bodies:
        attributes = {"kind": {"DataType": "String", "StringValue": "scan"}}
        sqs.send_message(QueueUrl=source.queue.url, MessageBody=body, MessageAttributes=attributes)


def dead(sqs: Any, source: delivery.Source) -> list[str]:
    answer = sqs.receive_message(QueueUrl=source.queue.dead_letter_url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_only_the_failed_message_of_a_batch_is_tried_again_and_ends_in_the_dead_letter_queue(
    sqs: Any, source: delivery.Source
) -> None:
    send(sqs, source, "one", "bad", "two")

    delivery.drain(sqs, [source], timeout_seconds=10)

    batches = [[record["body"] for record in event["Records"]] for event in seen]
    assert [sorted(batch) for batch in batches] == [["bad", "one", "two"], ["bad"]]
    assert [r["attributes"]["ApproximateReceiveCount"] for e in seen for r in e["Records"] if r["body"] == "bad"] == [
        "1",
        "2",
    ]
    assert dead(sqs, source) == ["bad"]


def test_a_handler_that_raises_keeps_its_whole_batch(sqs: Any, source: delivery.Source) -> None:
    send(sqs, source, "one", "raise")

    delivery.drain(sqs, [source], timeout_seconds=10)

    assert len(seen) == MAX_RECEIVE_COUNT
    assert sorted(dead(sqs, source)) == ["one", "raise"]


def test_the_handler_gets_the_event_that_lambda_makes(sqs: Any, source: delivery.Source) -> None:
    send(sqs, source, "one")

    delivery.drain(sqs, [source], timeout_seconds=10)

    (record,) = seen[0]["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == source.queue.arn
    assert record["awsRegion"] == "eu-central-1"
    assert record["receiptHandle"]
    assert record["attributes"]["SentTimestamp"].isdigit()
    assert record["messageAttributes"]["kind"]["stringValue"] == "scan"


def test_stopping_finishes_the_batch_in_hand_and_takes_no_more(sqs: Any, source: delivery.Source) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(event: dict[str, Any], context: Any) -> None:
        begun.set()
        go_on.wait(5)
        ended.set()

    running = pump.Pump(sqs, [delivery.Source(source.queue, slow)], {})
    running.start()
    send(sqs, source, "one")
    assert begun.wait(5)
    assert not running.stop(seconds=0.1)
    go_on.set()

    assert running.stop(seconds=5)
    assert ended.is_set()
    assert delivery._waiting(sqs, source) == 0


def test_schedules_come_round_and_survive_a_failure(sqs: Any) -> None:
    ticks: list[dict[str, Any]] = []
    thrice = threading.Event()

    def relay(event: dict[str, Any], context: Any) -> None:
        ticks.append(event)
        if len(ticks) == 3:
            thrice.set()
        raise RuntimeError("the database is away")

    running = pump.Pump(sqs, [], {"relay_jobs": (relay, 0.01)})
    running.start()
    assert thrice.wait(5)
    assert running.stop(seconds=5)
    assert {tick["source"] for tick in ticks} == {"aws.events"}
    assert len({tick["id"] for tick in ticks}) == len(ticks)
