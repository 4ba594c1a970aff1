"""The job that makes one attempt at a delivery, and the sweep that asks for the next ones.

A delivery arrives at least once: an attempt that dies between the receiver's answer and our commit is made again, with
the same webhook-id. Its job has done its work when the attempt is on record, however it went: a receiver that is down
is no fault of ours, and fills no dead-letter queue.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.jobs import running
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import RULES, JobKind, JobMessage, JobRun
from chalicelib.jobs.relay import send_now
from chalicelib.jobs.running import Work
from chalicelib.outbound.policy import Policy
from chalicelib.outbound.urls import parse
from chalicelib.settings import settings
from chalicelib.webhooks import delivering, repository
from chalicelib.webhooks.delivering import Parcel, Unsendable
from chalicelib.webhooks.errors import WebhooksOff
from chalicelib.webhooks.models import Attempt, DisabledCode

if TYPE_CHECKING:
    from chalicelib.outbound.client import Sender

SWEEP_LIMIT = 1000
INTERRUPTED = "interrupted"


def deliver(run: JobRun) -> None:
    """Make one attempt at a delivery, unless it was made before."""
    with db.transaction(run.organization_id) as session:
        packed = delivering.pack(session, run, now=utc_now())
    if isinstance(packed, Parcel):
        attempt = _send(packed)  # may take seconds: no transaction is open
        with running.finishing(run) as session:
            delivering.record(session, run, attempt, now=utc_now())
            run.result = {"delivery_id": run.payload["delivery_id"], **attempt.as_json()}
        return
    with running.finishing(run) as session:
        run.result = {"delivery_id": run.payload["delivery_id"]}
        if isinstance(packed, Unsendable):
            delivering.give_up(session, run, packed, now=utc_now())
            run.result["error_code"] = packed.error_code


def _send(parcel: Parcel) -> Attempt:
    at, started = utc_now(), time.perf_counter()
    status, error_code = None, None
    try:
        if not settings().webhooks_enabled:
            raise WebhooksOff  # without a way out each would wait for its time-out
        # The address is read and judged anew each time: what it leads to, and the rules, may have changed.
        status = _sender().post(parse(parcel.url), parcel.body, parcel.headers)
        error_code = _judged(status)
    except RecruitProError as error:
        error_code = error.code
    return Attempt(at, round((time.perf_counter() - started) * 1000), status, error_code)


def _judged(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return "redirected"
    return DisabledCode.GONE.value if status == 410 else "not_accepted"


def _sender() -> Sender:
    # Its HTTP is loaded by who sends, and not by who only asks for it each minute.
    from chalicelib.outbound.client import Patience, Sender, trust

    config = settings()
    total = config.webhook_timeout_seconds
    patience = Patience(connect_seconds=min(5.0, total), read_seconds=min(10.0, total), total_seconds=total)
    return Sender(Policy.of(config), patience, trust(config.outbound_ca_file))


def interrupted(session: Session, run: JobRun, _error: RecruitProError, now: datetime) -> None:
    """An attempt that never came to an end, however often its job was started: it counts, and the next one follows."""
    delivering.record(session, run, Attempt(now, 0, None, INTERRUPTED), now=now)


def sweep(now: datetime) -> int:
    """Ask for the attempts that are due, at most 1,000; how many that were."""
    rules = RULES[JobKind.DELIVER_WEBHOOK]
    values = {
        "kind": JobKind.DELIVER_WEBHOOK.value,
        "queue": rules.queue.value,
        "priority": rules.priority.value,
        "max_attempts": jobs.policy(JobKind.DELIVER_WEBHOOK).max_attempts,
    }
    with db.transaction(role=Role.DISPATCHER) as session:
        rows = repository.ask_for_due(session, values, now=now, limit=SWEEP_LIMIT)
    kind = JobKind.DELIVER_WEBHOOK
    send_now([JobMessage(row.job_id, row.organization_id, kind, row.trace_id) for row in rows])
    return len(rows)


WORK = {JobKind.DELIVER_WEBHOOK: Work(run=deliver, failed=interrupted)}
