"""A batch of queue messages, answered message by message."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from chalicelib import clients, reporting
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobMessage, QueueName
from chalicelib.jobs.running import Work
from chalicelib.logs import log

Body = dict[str, Any]
Record = Mapping[str, Any]
BatchAnswer = dict[str, list[dict[str, str]]]
AGAIN_SECONDS = 5


def job_messages(body: Body) -> Iterable[JobMessage]:
    """The one job that an ordinary message names."""
    yield JobMessage.of_json(body)


def staying_in(queue: QueueName) -> Callable[[Body], Iterable[JobMessage]]:
    """As `job_messages`, for a queue that kinds of jobs have left: a message from before that release is handed on to
    the queue where its kind waits now."""

    def messages_of(body: Body) -> Iterable[JobMessage]:
        message = JobMessage.of_json(body)
        if message.queue is queue:
            yield message
        else:
            clients.queues().send(message.queue.value, [message])

    return messages_of


def consume(
    event: Mapping[str, Any],
    work: Mapping[JobKind, Work],
    messages_of: Callable[[Body], Iterable[JobMessage]] = job_messages,
) -> BatchAnswer:
    """Run the jobs that an SQS event names; answers the messages that must come again, and only those (the event
    source needs `ReportBatchItemFailures`). A message that cannot be read comes again until it is in the dead-letter
    queue, where somebody can look at it. Quick jobs of one organization and kind are done together."""
    again: dict[str, int] = {}
    jobs: dict[str, list[JobMessage]] = {}
    for record in event["Records"]:
        try:
            jobs[record["messageId"]] = list(messages_of(json.loads(record["body"])))
        except Exception as error:
            again[record["messageId"]] = _not_consumed(record["messageId"], error)
    done = _do_together([message for messages in jobs.values() for message in messages], work)
    for message_id, messages in jobs.items():
        delay_seconds = _do_alone(message_id, [each for each in messages if each.job_id not in done], work)
        if delay_seconds is not None:
            again[message_id] = delay_seconds
    for record in event["Records"]:
        if record["messageId"] in again:
            _delay(record, again[record["messageId"]])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _do_together(messages: Iterable[JobMessage], work: Mapping[JobKind, Work]) -> set[UUID]:
    """Do the quick jobs of one trace of which there are several; the ids of those that are done with."""
    batches: dict[tuple[UUID, JobKind, str | None], dict[UUID, JobMessage]] = defaultdict(dict)
    for message in messages:
        if message.kind in work and work[message.kind].write is not None:
            batches[message.organization_id, message.kind, message.trace_id][message.job_id] = message
    done: set[UUID] = set()
    for (_, kind, _), batch in batches.items():
        if len(batch) > 1 and running.attempt_together(list(batch.values()), work[kind]):
            done |= set(batch)
    return done


def _do_alone(message_id: str, messages: Iterable[JobMessage], work: Mapping[JobKind, Work]) -> int | None:
    try:
        delays = [running.attempt(message, work) for message in messages]
    except Exception as error:
        return _not_consumed(message_id, error)
    return max((delay for delay in delays if delay is not None), default=None)


def _not_consumed(message_id: str, error: Exception) -> int:
    log.exception("message_not_consumed", message_id=message_id)
    reporting.report(error)
    return AGAIN_SECONDS


def _delay(record: Record, delay_seconds: int) -> None:
    try:
        clients.queues().delay(record["eventSourceARN"], record["receiptHandle"], delay_seconds)
    except Exception as error:
        # The queue's own visibility time-out brings the message back all the same, only later.
        log.warning("visibility_not_changed", reason=type(error).__name__)
