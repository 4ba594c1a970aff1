"""Calling work off, and giving what ended badly another chance."""

from __future__ import annotations

import json

import sqlalchemy as sa

from chalicelib.clock import utc_now
from chalicelib.errors import Conflict
from chalicelib.jobs import redrive as dead_letters
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import RULES, Job, JobKind, JobMessage
from tests.chaos.asking import Asker
from tests.queue_jobs import DEAD_LETTER_SUFFIX, Entry


def cancel_some(asker: Asker) -> None:
    """Call off what waits or runs, parents with their children too."""
    house = asker.house()
    query = sa.select(Job.id).where(Job.organization_id == house.id, Job.status.in_(["queued", "running"]))
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(2)).all()
    for job_id in found:
        try:
            with asker.transaction(house) as session:
                jobs.cancel(session, house.id, job_id, actor=house.actor, now=utc_now())
        except Conflict:
            continue


def retry_some(asker: Asker) -> None:
    """Try again what was called off or failed."""
    house = asker.house()
    query = sa.select(Job.id).where(
        Job.organization_id == house.id, Job.status.in_(["failed", "cancelled"]), Job.kind == "screen_candidate"
    )
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(2)).all()
    for job_id in found:
        try:
            with asker.transaction(house) as session:
                jobs.retry(session, house.id, job_id, actor=house.actor, now=utc_now())
        except Conflict:
            continue


def redrive(asker: Asker) -> None:
    """Let an admin go through a dead-letter queue. Messages of a few jobs that ended badly are put there before, as a
    queue does it that has delivered them too often; some twice, and some of jobs that were called off."""
    house = asker.house()
    query = sa.select(Job.id, Job.kind).where(Job.organization_id == house.id, Job.status.in_(["failed", "cancelled"]))
    with asker.transaction(house) as session:
        found = session.execute(query.order_by(sa.func.random()).limit(4)).all()
    for job_id, kind in found:
        message = JobMessage(job_id, house.id, JobKind(kind))
        bodies = [json.dumps(message.as_json())] * asker.random.choices([1, 2], [80, 20])[0]
        asker.queues.send_batch(message.queue + DEAD_LETTER_SUFFIX, [Entry(body) for body in bodies])
    for queue in {RULES[JobKind(kind)].queue for _, kind in found}:
        dead_letters.redrive(house.id, queue, actor=house.actor, now=utc_now())
