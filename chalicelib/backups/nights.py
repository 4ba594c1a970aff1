"""Nights and names: which snapshot belongs to which night, and what the next one is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.backups import rds
from chalicelib.backups.rds import Snapshot

BEGINS_AT = timedelta(hours=2)
# What has not come to an end for so long is in nobody's way any more.
STUCK_AFTER = timedelta(hours=24)


def newest(now: datetime) -> datetime:
    """When the newest night began: the last 02:00 UTC."""
    day = (now.astimezone(UTC) - BEGINS_AT).date()
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + BEGINS_AT


def belongs_to(snapshot: Snapshot, night: datetime, now: datetime) -> bool:
    """Whether it was taken in this night or later, by RDS's clock; or was asked for in it by ours, unless that lies in
    the future: then the clock was wrong when it was asked for, and proves nothing."""
    if snapshot.taken_at is not None and snapshot.taken_at >= night:
        return True
    asked_at = rds.moment(snapshot.tags.get(rds.ASKED_AT))
    return asked_at is not None and night <= asked_at <= now


def is_under_way(snapshot: Snapshot, now: datetime) -> bool:
    """Whether it may become a good one, and before long."""
    return snapshot.is_pending and now - (rds.moment(snapshot.tags.get(rds.ASKED_AT)) or now) < STUCK_AFTER


def free_name(wanted: str, taken: Iterable[Snapshot]) -> str:
    """`wanted`, or with the first number behind it that is not taken: the same for everybody who looks at once."""
    names = {each.name for each in taken}
    number = 1
    while (name := wanted if number == 1 else f"{wanted}-{number}") in names:
        number += 1
    return name


def tags_of(environment: str, day: str, now: datetime, *, attempt: int) -> dict[str, str]:
    """What marks a snapshot as ours."""
    return {
        rds.ENVIRONMENT: environment,
        rds.MADE_BY: rds.TAKER,
        rds.DAY: day,
        rds.ASKED_AT: rds.as_text(now),
        rds.ATTEMPT: str(attempt),
    }
