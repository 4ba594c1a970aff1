"""From the outbox to the queues: at once after a commit, and by a sweep for whatever that missed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib import clients, db
from chalicelib.clients import QueueUnavailable
from chalicelib.db import Role
from chalicelib.jobs import repository
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.logs import log
from chalicelib.settings import settings

SWEEP_LIMIT = 1000
SWEEP_SECONDS = 40
# A request that asks for ten thousand jobs is not to wait for a thousand calls of SQS: the sweep sends the rest.
SENT_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep sent: messages that a commit left unsent, and jobs that had to be revived."""

    unsent: int
    revived: int


def send_now(messages: Sequence[JobMessage]) -> None:
    """Send the messages of a transaction that has just committed. Never raises: what does not get through stays in
    the outbox, and the sweep sends it; so it does with what is more than 1,000."""
    try:
        _send(messages[:SENT_AT_ONCE])
    except Exception as error:
        log.warning("relay_left_to_sweep", messages=len(messages), reason=type(error).__name__)


def sweep(now: datetime) -> SweepReport:
    """Send what was left in the outbox, oldest first, for 40 seconds at most; and queue again what was started and
    never finished or whose message was lost, at most 1,000 jobs."""
    config = settings()
    unsent = _send_left(now - timedelta(seconds=config.outbox_grace_seconds))
    with db.transaction(role=Role.DISPATCHER) as session:
        lost_before = now - timedelta(seconds=config.job_lost_after_seconds)
        revived = repository.revive(session, now=now, lost_before=lost_before, limit=SWEEP_LIMIT)
    # A crash here is mended by the next sweep but one: revived jobs are queued, and count as lost in their turn.
    _send([_message(row) for row in revived])
    return SweepReport(unsent, len(revived))


def _send_left(before: datetime) -> int:
    """Send what was written before `before` and never sent; how many messages that were."""
    sent, deadline = 0, time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < deadline:
        with db.transaction(role=Role.DISPATCHER) as session:
            rows = repository.unsent(session, before=before, limit=SWEEP_LIMIT)
        _send([_message(row) for row in rows])
        sent += len(rows)
        if len(rows) < SWEEP_LIMIT:
            break
    return sent


def _message(row: Any) -> JobMessage:
    return JobMessage(row.job_id, row.organization_id, JobKind(row.kind), row.trace_id)


def _send(messages: Sequence[JobMessage]) -> None:
    """Send what can be sent, and take it out of the outbox. Raises QueueUnavailable afterwards when a queue is down:
    it keeps no other from being served."""
    by_queue: dict[str, list[JobMessage]] = {}
    for message in messages:
        by_queue.setdefault(message.queue.value, []).append(message)
    down: QueueUnavailable | None = None
    for queue, batch in by_queue.items():
        try:
            clients.queues().send(queue, batch)
        except QueueUnavailable as error:
            down = error
            continue
        with db.transaction(role=Role.DISPATCHER) as session:
            repository.forget_sent(session, [message.job_id for message in batch])
    if down is not None:
        raise down
