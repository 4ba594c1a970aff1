"""Giving what was given up another chance: an organization's failed jobs, by their messages in a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chalicelib import clients, db
from chalicelib.clients import SQS_BATCH, DeadLetter, QueueUnavailable
from chalicelib.errors import RecruitProError
from chalicelib.events.models import Actor
from chalicelib.jobs import repository, service
from chalicelib.jobs.models import JobMessage, JobStatus
from chalicelib.logs import log

MOST_BATCHES = 100


@dataclass(slots=True)
class Redriven:
    """What a redrive came to: jobs queued again, messages whose job needs nothing any more, and messages that cannot be
    read (they stay, for somebody to look at)."""

    queued: int = 0
    settled: int = 0
    unreadable: int = 0


def redrive(organization_id: UUID, queue: str, *, actor: Actor, now: datetime) -> Redriven:
    """Go once through a dead-letter queue, at most 1,000 messages of it. A failed job of the organization is queued
    afresh and its message deleted; messages of others stay. A job that fails again comes back with its cause."""
    outcome, kept = Redriven(), dict[str, DeadLetter]()
    try:
        for _ in range(MOST_BATCHES):
            letters = clients.queues().take_dead(queue)
            fresh = [letter for letter in letters if letter.id not in kept]
            # Those that stay come back after a while; with nothing else among them, the queue has been gone through.
            kept |= {letter.id: letter for letter in letters}
            if not fresh:
                break
            done = [letter for letter in fresh if _redrive_one(letter, organization_id, outcome, actor, now)]
            clients.queues().delete_dead(queue, done)
            for letter in done:
                del kept[letter.id]
    finally:
        _release(queue, list(kept.values()))
    return outcome


def _release(queue: str, letters: Sequence[DeadLetter]) -> None:
    """Let others have at once what stays in the queue, another organization's messages above all."""
    try:
        for start in range(0, len(letters), SQS_BATCH):
            clients.queues().release_dead(queue, letters[start : start + SQS_BATCH])
    except QueueUnavailable:
        log.warning("dead_letters_not_released", queue=queue)  # they come back by themselves, only later


def _redrive_one(letter: DeadLetter, organization_id: UUID, outcome: Redriven, actor: Actor, now: datetime) -> bool:
    """Whether the message has done its service."""
    try:
        message = JobMessage.of_json(json.loads(letter.body))
    except (KeyError, TypeError, ValueError):
        outcome.unreadable += 1
        return False
    if message.organization_id != organization_id:
        return False
    with db.transaction(organization_id) as session:
        job = repository.find(session, organization_id, message.job_id, lock=True)
        if job is None or job.status != JobStatus.FAILED:
            outcome.settled += 1
            return True
        try:
            service.retry(session, organization_id, job.id, actor=actor, now=now)
        except RecruitProError:
            outcome.settled += 1
            return True
    outcome.queued += 1
    return True
