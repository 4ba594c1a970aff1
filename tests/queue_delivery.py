"""What Lambda does between a queue and a function: take a batch, call, delete what the answer does not name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.queue_jobs import JobQueues, Message

Answer = Mapping[str, Any] | None
RECEIVE_LIMIT = 10
Handler = Callable[[dict[str, Any]], Answer]


def event_of(queue: str, messages: list[Message]) -> dict[str, Any]:
    """The event that Lambda makes of a batch."""
    return {"Records": [message.as_record(queue) for message in messages]}


def deliver(
    queues: JobQueues,
    queue: str,
    handler: Handler,
    *,
    batch_size: int = 10,
    reports_failures: bool = True,
    wait_seconds: float = 0,
) -> int:
    """Deliver one batch; how many messages it had. One of more than ten is gathered by several receives, as Lambda does
    it for up to 10,000; only the first one waits.

    When the handler raises, the whole batch stays in flight until its visibility time-out. With `reports_failures`
    so do the messages that its answer names, all of them when it names one that was not in the batch; without it, as
    for a function whose event source lacks `ReportBatchItemFailures`, the answer is not looked at.
    """
    messages = _gather(queues, queue, batch_size, wait_seconds)
    if not messages:
        return 0
    try:
        answer = handler(event_of(queue, messages))
    except Exception:
        return len(messages)
    failed = _failed(answer, {message.id for message in messages}) if reports_failures else set()
    done = [message.receipt for message in messages if message.id not in failed]
    for start in range(0, len(done), RECEIVE_LIMIT):
        queues.delete_batch(queue, done[start : start + RECEIVE_LIMIT])
    return len(messages)


def _gather(queues: JobQueues, queue: str, batch_size: int, wait_seconds: float) -> list[Message]:
    messages: list[Message] = []
    while len(messages) < batch_size:
        limit = min(RECEIVE_LIMIT, batch_size - len(messages))
        found = queues.receive(queue, limit=limit, wait_seconds=0 if messages else wait_seconds)
        messages += found
        if len(found) < limit:
            break
    return messages


def _failed(answer: Answer, ids: set[str]) -> set[str]:
    """The ids that an answer names as failed; all of them when it cannot be trusted, as Lambda sees it."""
    try:
        failed = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures") or []}
    except (KeyError, TypeError, AttributeError):
        return ids
    return failed if failed <= ids else ids


def drain(queues: JobQueues, handlers: Mapping[str, Handler]) -> int:
    """Deliver from each queue in turn until none has a message that may be received now; how many deliveries."""
    total = 0
    while delivered := sum(deliver(queues, queue, handler) for queue, handler in handlers.items()):
        total += delivered
    return total
