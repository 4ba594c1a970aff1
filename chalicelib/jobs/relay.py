"""From the outbox to the queues: at once after a commit, and by a sweep for whatever that missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import clients, db
from chalicelib.clients import QueueUnavailable
from chalicelib.db import Role
from chalicelib.jobs import repository
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.logs import log
from chalicelib.settings import settings

SWEEP_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep sent: messages that a commit left unsent, and jobs that had to be revived."""

    unsent: int
    revived: int


def send_now(messages: Sequence[JobMessage]) -> None:
    """Send the messages of a transaction that has just committed. Never raises: what does not get through stays in
    the outbox, and the sweep sends it."""
    try:
        _send(messages)
    except Exception as error:
        log.warning("relay_left_to_sweep", messages=len(messages), reason=type(error).__name__)


def sweep(now: datetime) -> SweepReport:
    """Send what was left in the outbox, and queue again what was started and never finished or whose message was
    lost; at most 1,000 of each, oldest first."""
    config = settings()
    with db.transaction(role=Role.DISPATCHER) as session:
        before = now - timedelta(seconds=config.outbox_grace_seconds)
        unsent = repository.unsent(session, before=before, limit=SWEEP_LIMIT)
    _send([JobMessage(row.job_id, row.organization_id, JobKind(row.kind)) for row in unsent])
    with db.transaction(role=Role.DISPATCHER) as session:
        lost_before = now - timedelta(seconds=config.job_lost_after_seconds)
        revived = repository.revive(session, now=now, lost_before=lost_before, limit=SWEEP_LIMIT)
    # A crash here is mended by the next sweep but one: revived jobs are queued, and count as lost in their turn.
    _send([JobMessage(row.job_id, row.organization_id, JobKind(row.kind)) for row in revived])
    return SweepReport(len(unsent), len(revived))


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
