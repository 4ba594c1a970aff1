"""Which snapshots are kept: the last 30 days, the first good one of each month for a year, and always the newest good
one (docs/decisions/0016-snapshots.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from chalicelib.backups.rds import Snapshot

DAYS = 30
# This month's and those of the twelve before: the oldest of them is never younger than a year.
MONTHS_BACK = 12
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be deleted, oldest first, and what stays."""

    keep: tuple[Snapshot, ...]
    delete: tuple[Snapshot, ...]


def plan(
    snapshots: Iterable[Snapshot], now: datetime, *, environment: str, in_use: Collection[str] = frozenset()
) -> Plan:
    """What of the snapshots of one region to keep. Those of others, those that are not done yet, and those `in_use` (by
    name) are never to be deleted; nor is anything as long as there is no good one at all.

    Days and months count back from the newest good snapshot, by RDS's clock, and not from `now`, unless that is
    earlier: neither a wrong clock here nor a month of failed nights may empty the shelf. A failed snapshot goes as soon
    as there is a good one that is newer.
    """
    known = list(snapshots)
    ours = [each for each in known if each.is_of(environment)]
    good = sorted((each for each in ours if each.is_good), key=_age)
    if not good:
        return Plan(tuple(known), ())
    end = min(_taken(good[-1]), now)
    kept = {each.name for each in good if _is_recent(_taken(each).date(), end.date())}
    kept |= {each.name for each in _firsts(good) if 0 <= _months(_taken(each), end) <= MONTHS_BACK}
    kept |= {good[-1].name, *in_use}
    done = [*good, *(each for each in ours if each.has_failed and _is_outdone(each, good[-1]))]
    gone = sorted((each for each in done if each.name not in kept), key=_age)
    names = {each.name for each in gone}
    return Plan(tuple(each for each in known if each.name not in names), tuple(gone))


def newest_good(snapshots: Iterable[Snapshot], environment: str) -> Snapshot | None:
    """The good one of ours with the newest data; None when there is none."""
    good = [each for each in snapshots if each.is_of(environment) and each.is_good]
    return max(good, key=_age, default=None)


def _taken(snapshot: Snapshot) -> datetime:
    assert snapshot.taken_at is not None
    return snapshot.taken_at


def _age(snapshot: Snapshot) -> tuple[datetime, str]:
    return (snapshot.at or BEFORE_ALL, snapshot.name)


def _is_recent(taken_on: date, end: date) -> bool:
    return (end - taken_on).days < DAYS


def _firsts(good: list[Snapshot]) -> list[Snapshot]:
    """The first of each month; `good` comes oldest first."""
    firsts: dict[tuple[int, int], Snapshot] = {}
    for each in good:
        taken = _taken(each)
        firsts.setdefault((taken.year, taken.month), each)
    return list(firsts.values())


def _months(then: datetime, end: datetime) -> int:
    return (end.year - then.year) * 12 + end.month - then.month


def _is_outdone(failed: Snapshot, good: Snapshot) -> bool:
    return failed.at is None or failed.at < _taken(good)
