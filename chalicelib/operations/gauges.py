"""What the alarms are told every five minutes. A figure that is not known is not told: missing data is an alarm's own
business, and a made-up figure would hide what it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib import clients, metrics
from chalicelib.backups import repository as backups
from chalicelib.db import Role
from chalicelib.jobs.models import Priority, QueueName
from chalicelib.operations.examining import Check, Fields
from chalicelib.operations.health import Health, look

# By the index of what waits. The first thousand are asked for when they were enqueued: a retry may stand before others.
WAITING_SINCE = sa.text("""
    select p.priority, min(waiting.enqueued_at) as oldest
    from unnest(cast(:priorities as text[])) as p(priority)
    left join lateral (
        select enqueued_at from jobs where status = 'queued' and priority = p.priority order by id limit 1000
    ) as waiting on true
    group by p.priority
""")
HOURS = {
    "newest_good_snapshot_hours": "backup_age_hours",
    "verified_restore_hours": "restore_test_age_hours",
    "export_hours": "export_age_hours",
    "export_proof_hours": "export_proof_age_hours",
}


def _backup_ages(now: datetime) -> Fields:
    with look() as session:
        ages = backups.ages(session, now)
    return {gauge: getattr(ages, name) for name, gauge in HOURS.items()}


def _waiting(now: datetime) -> Fields:
    with look(Role.DISPATCHER) as session:
        rows = session.execute(WAITING_SINCE, {"priorities": [each.value for each in Priority]}).all()
    return {row.priority: 0.0 if row.oldest is None else max(0.0, (now - row.oldest).total_seconds()) for row in rows}


def _dead_letters(_now: datetime) -> Fields:
    return {queue.value: clients.prompt_queues().count_dead(queue.value) for queue in QueueName}


# Asked together with the checks of health, by the same rules.
LOOKS: dict[str, Check] = {"backup_ages": _backup_ages, "waiting": _waiting, "dead_letters": _dead_letters}


def tell(health: Health, looks: Mapping[str, Fields]) -> None:
    """Every figure that is known, as a line of the log: it leaves without the database, too."""
    metrics.gauge("health_unhealthy", float(health.status == "unhealthy"), MetricUnit.Count)
    scanner = health.checks["scanner"]
    metrics.gauge("scanner_down", float(scanner["status"] == "down"), MetricUnit.Count)
    _tell("scanner_definitions_age_hours", scanner.get("definitions_age_hours"))
    for gauge in HOURS.values():
        _tell(gauge, looks["backup_ages"].get(gauge))
    for priority in Priority:
        waiting = looks["waiting"].get(priority.value)
        _tell("job_oldest_seconds", waiting, MetricUnit.Seconds, priority=priority.value)
    for queue in QueueName:
        _tell("job_dead_letters", looks["dead_letters"].get(queue.value), MetricUnit.Count, queue=queue.value)


def _tell(name: str, value: float | None, unit: MetricUnit = MetricUnit.NoUnit, **dimensions: str) -> None:
    if value is not None:
        metrics.gauge(name, value, unit, **dimensions)
