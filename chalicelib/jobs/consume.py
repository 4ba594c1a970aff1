"""A batch of queue messages, answered message by message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib import clients, reporting
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.jobs.running import Work
from chalicelib.logs import log

Body = dict[str, Any]
BatchAnswer = dict[str, list[dict[str, str]]]
AGAIN_SECONDS = 5


def job_messages(body: Body) -> Iterable[JobMessage]:
    """The one job that an ordinary message names."""
    yield JobMessage.of_json(body)


def consume(
    event: Mapping[str, Any],
    work: Mapping[JobKind, Work],
    messages_of: Callable[[Body], Iterable[JobMessage]] = job_messages,
) -> BatchAnswer:
    """Run the jobs that an SQS event names; answers the messages that must come again, and only those (the event
    source needs `ReportBatchItemFailures`). A message that cannot be read comes again until it is in the dead-letter
    queue, where somebody can look at it."""
    failures = []
    for record in event["Records"]:
        delay_seconds = _consume_one(record, work, messages_of)
        if delay_seconds is not None:
            _delay(record, delay_seconds)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _consume_one(
    record: Mapping[str, Any], work: Mapping[JobKind, Work], messages_of: Callable[[Body], Iterable[JobMessage]]
) -> int | None:
    try:
        delays = [running.attempt(message, work) for message in messages_of(json.loads(record["body"]))]
    except Exception as error:
        log.exception("message_not_consumed", message_id=record["messageId"])
        reporting.report(error)
        return AGAIN_SECONDS
    return max((delay for delay in delays if delay is not None), default=None)


def _delay(record: Mapping[str, Any], delay_seconds: int) -> None:
    try:
        clients.queues().delay(record["eventSourceARN"], record["receiptHandle"], delay_seconds)
    except Exception as error:
        # The queue's own visibility time-out brings the message back all the same, only later.
        log.warning("visibility_not_changed", reason=type(error).__name__)
