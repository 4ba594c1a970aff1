"""What RDS says of our snapshots, written down for health and whoever looks."""

from __future__ import annotations

from datetime import datetime

from chalicelib import db
from chalicelib.backups import rds, repository
from chalicelib.backups.models import Backup, Kind, Status
from chalicelib.backups.rds import Snapshot
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.logs import log


def record(region: str, listed: list[Snapshot], environment: str, now: datetime) -> bool:
    """Write down all that RDS lists of a region, and what it lists no more as deleted; whether the database took it. If
    not, a later run writes the same."""
    ours = [each for each in listed if each.is_of(environment)]
    try:
        with db.transaction(role=Role.DISPATCHER) as session:
            repository.record(session, [_backup(each, now) for each in ours])
            repository.forget(session, Kind.SNAPSHOT, region, known={each.name for each in ours}, now=now)
    except DatabaseUnavailable:
        log.warning("snapshots_not_recorded", region=region)
        return False
    return True


def _backup(snapshot: Snapshot, now: datetime) -> Backup:
    status = _status(snapshot)
    attempt = snapshot.tags.get(rds.ATTEMPT, "")
    return Backup(
        Kind.SNAPSHOT,
        snapshot.name,
        snapshot.region,
        status,
        requested_at=rds.moment(snapshot.tags.get(rds.ASKED_AT)) or snapshot.taken_at or now,
        taken_at=snapshot.taken_at,
        finished_at=None if status is Status.REQUESTED else now,
        arn=snapshot.arn,
        attempts=int(attempt) if attempt.isdecimal() and int(attempt) else 1,
        detail={"rds_status": snapshot.status, "allocated_gib": snapshot.allocated_gib},
    )


def _status(snapshot: Snapshot) -> Status:
    if snapshot.is_good:
        return Status.AVAILABLE
    if snapshot.status == rds.GOING:
        return Status.DELETED
    return Status.FAILED if snapshot.has_failed else Status.REQUESTED
