"""One delivery: from SQS messages to a handler's event, and from its answer back to the queue.

This is what an event source mapping with `ReportBatchItemFailures` does in AWS: failures stay in the queue, everything
else is deleted. moto's own mappings would delete failures too, so they are not used.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalice.local import LambdaContext

from infra.local import resources

log = logging.getLogger("local.delivery")

Handler = Callable[[dict[str, Any], Any], Any]
BATCH_SIZE = 10
POLL_SECONDS = 5
FUNCTION_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Source:
    """A queue and the handler of its messages."""

    queue: resources.Queue
    handler: Handler
    region: str = "eu-central-1"


def take_batch(sqs: Any, source: Source, *, wait_seconds: int = POLL_SECONDS) -> list[dict[str, Any]]:
    """Up to ten messages of the queue, waiting for the first one at most so long."""
    answer = sqs.receive_message(
        QueueUrl=source.queue.url,
        MaxNumberOfMessages=BATCH_SIZE,
        WaitTimeSeconds=wait_seconds,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def deliver(sqs: Any, source: Source, messages: list[dict[str, Any]], *, retry_seconds: int | None = None) -> None:
    """Give one batch to its handler; delete what it did not name as failed. A handler that raises failed them all.

    Failures come back when the queue's visibility time-out ends, or when the handler said; or after `retry_seconds`.
    """
    function = source.queue.name
    try:
        answer = source.handler(sqs_event(messages, source), context(function))
        failed = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures", [])}
    except Exception:
        log.exception("batch_failed", extra={"queue": function})
        failed = {message["MessageId"] for message in messages}
    if "" in failed or failed - {message["MessageId"] for message in messages}:
        # So does Lambda: an unknown id means that the answer cannot be trusted.
        failed = {message["MessageId"] for message in messages}
    done = [_entry(message) for message in messages if message["MessageId"] not in failed]
    if done:
        sqs.delete_message_batch(QueueUrl=source.queue.url, Entries=done)
    again = [_entry(message) for message in messages if message["MessageId"] in failed]
    if again and retry_seconds is not None:
        entries = [entry | {"VisibilityTimeout": retry_seconds} for entry in again]
        sqs.change_message_visibility_batch(QueueUrl=source.queue.url, Entries=entries)
    log.info("%s: %d delivered, %d to be tried again", function, len(done), len(again))


def _entry(message: dict[str, Any]) -> dict[str, Any]:
    return {"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]}


def sqs_event(messages: list[dict[str, Any]], source: Source) -> dict[str, Any]:
    """The event that Lambda makes of these messages."""
    records = []
    for message in messages:
        attributes = {
            name: {
                "stringValue": value.get("StringValue"),
                "dataType": value["DataType"],
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        }
        records.append(
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": attributes,
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": source.queue.arn,
                "awsRegion": source.region,
            }
        )
    return {"Records": records}


def scheduled_event(name: str, *, region: str) -> dict[str, Any]:
    """The event that EventBridge sends when a schedule is due."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:events:{region}:123456789012:rule/{name}"],
        "detail": {},
    }


def context(function: str) -> LambdaContext:
    """The Lambda context of one invocation."""
    return LambdaContext(f"recruitpro-local-{function}", 1024, FUNCTION_TIMEOUT_MS)


def drain(sqs: Any, sources: list[Source], *, timeout_seconds: float, retry_seconds: int = 0) -> None:
    """Deliver until every queue is empty, in this thread; TimeoutError when they are not in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        delivered = False
        for source in sources:
            messages = take_batch(sqs, source, wait_seconds=0)
            if messages:
                deliver(sqs, source, messages, retry_seconds=retry_seconds)
                delivered = True
        if not delivered and not any(_waiting(sqs, source) for source in sources):
            return
        if time.monotonic() > deadline:
            raise TimeoutError("queues are not empty: " + ", ".join(s.queue.name for s in sources if _waiting(sqs, s)))
        if not delivered:
            time.sleep(0.05)


def _waiting(sqs: Any, source: Source) -> int:
    kinds = ("", "NotVisible", "Delayed")
    names = ["ApproximateNumberOfMessages" + kind for kind in kinds]
    counts = sqs.get_queue_attributes(QueueUrl=source.queue.url, AttributeNames=names)["Attributes"]
    return sum(int(count) for count in counts.values())
