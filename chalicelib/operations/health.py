"""Whether the system works: each part asked with a deadline, all at once, so that the answer never waits for one.

The parts are asked past the pool and the clients that requests use, by ones that give up soon: a look never takes what
somebody needs, and a part that hangs keeps nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.backups import repository as backups
from chalicelib.clients import Bucket
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.operations.examining import Check, Examiner, Fields, Kept
from chalicelib.settings import VERSION, Settings, settings

KEPT_SECONDS = 5.0
PATIENCE_SECONDS = 1.2  # below the deadline of the whole, so that a check ends by itself and says why
OLDEST_BACKUP_HOURS = 26  # one a night, and two hours to take it
Overall = Literal["healthy", "degraded", "unhealthy"]
QUEUE = sa.text("""
    select count(*) as pending, min(enqueued_at) as oldest
    from (select enqueued_at from jobs where status = 'queued' order by priority, id limit 10000) as waiting
""")


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the whole and of each part."""

    status: Overall
    checks: dict[str, Fields]

    def as_json(self) -> Fields:
        return {
            "status": self.status,
            "checks": self.checks,
            "version": VERSION,
            "environment": settings().environment.value,
        }


@cache
def _engine(config: Settings) -> sa.Engine:
    impatient = {
        "database_pool_size": 8,  # one for each check there is
        "database_pool_timeout_seconds": PATIENCE_SECONDS,
        "database_connect_timeout_seconds": PATIENCE_SECONDS,
        "database_answer_timeout_seconds": PATIENCE_SECONDS,
    }
    return db.build_engine(config.but(**impatient))


@contextmanager
def look(role: Role = Role.APP) -> Iterator[Session]:
    """A transaction that only looks, on a connection of its own that is closed afterwards. Raises DatabaseUnavailable
    after a second or so of silence."""
    engine = _engine(settings())
    with db.faults_named(), Session(engine) as session:
        try:
            db.act_for(session, None, role)
            yield session
        finally:
            # Not back into the pool: nobody would use it before the next look.
            session.invalidate()


def _database(_now: datetime) -> Fields:
    started = time.perf_counter()
    with look() as session:
        session.execute(sa.text("select 1"))
    return {"latency_ms": _milliseconds_since(started)}


def _queue(now: datetime) -> Fields:
    clients.prompt_queues().check()
    with look(Role.DISPATCHER) as session:
        row = session.execute(QUEUE).one()
    oldest = 0 if row.oldest is None else max(0, int((now - row.oldest).total_seconds()))
    return {"pending_jobs": row.pending, "oldest_seconds": oldest}


def _storage(_now: datetime) -> Fields:
    started = time.perf_counter()
    for bucket in (Bucket.UPLOADS, Bucket.CLEAN):  # those that people wait for
        clients.prompt_storage(bucket).check()
    return {"latency_ms": _milliseconds_since(started)}


def _scanner(now: datetime) -> Fields:
    status = clients.scanner().status()
    age = None if status.definitions_at is None else int((now - status.definitions_at).total_seconds() // 3600)
    state = "up" if status.is_up else "down"
    told = {"definitions_age_hours": age, "engine": status.engine, "circuit": status.circuit}
    return {"status": state, **told, "detail": status.detail}


def _backup(now: datetime) -> Fields:
    with look() as session:
        age = backups.ages(session, now).newest_good_snapshot_hours
    if age is None:
        return {"status": "unknown", "newest_age_hours": None}
    return {"status": "up" if age <= OLDEST_BACKUP_HOURS else "down", "newest_age_hours": int(age)}


CHECKS: dict[str, Check] = {
    "database": _database,
    "queue": _queue,
    "storage": _storage,
    "scanner": _scanner,
    "backup": _backup,
}
VITAL = ("database",)
# The record of backups is in the database; that they are there does not hang on it.
WITHOUT_AN_ANSWER: dict[str, Fields] = {"backup": {"status": "unknown", "newest_age_hours": None}}


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def examine(now: datetime | None = None, checks: Mapping[str, Check] = CHECKS) -> Health:
    """Ask every part; one that has not answered within 1.5 s counts as down. `unhealthy` without the database,
    `degraded` when anything else is down, `healthy` otherwise."""
    return judge(ask(now or utc_now(), checks))


def ask(now: datetime, checks: Mapping[str, Check]) -> dict[str, Fields]:
    """What each part says, all asked at once and none waited for longer than 1.5 s; `status` is "up" unless it says
    something else, and "down" when it breaks or is late."""
    return EXAMINER.ask(now, checks)


EXAMINER = Examiner(WITHOUT_AN_ANSWER)
_kept = Kept[Settings, Health](KEPT_SECONDS)


def current() -> Health:
    """The state as it was found within the last five seconds; who asks meanwhile shares one examination."""
    return _kept.get(settings(), examine)


def judge(results: dict[str, Fields]) -> Health:
    """The state of the whole."""
    return Health(_overall(results), results)


def _overall(results: dict[str, Fields]) -> Overall:
    down = {name for name, fields in results.items() if fields["status"] == "down"}
    if down & set(VITAL):
        return "unhealthy"
    return "degraded" if down else "healthy"


def record(health: Health, now: datetime) -> None:
    """Keep the newest result of each check, where dashboards and alarms find it."""
    statement = sa.text("""
        insert into health_checks (name, status, detail, checked_at)
        values (:name, :status, cast(:detail as jsonb), :now)
        on conflict (name) do update
        set status = excluded.status, detail = excluded.detail, checked_at = excluded.checked_at
    """)
    rows = [
        {"name": name, "status": fields["status"], "detail": json.dumps(fields), "now": now}
        for name, fields in health.checks.items()
    ]
    with db.transaction() as session:
        for row in rows:
            session.execute(statement, row)
