"""Copies of snapshots in a second region: what is left when the first one is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.backups import keeping, nights, rds
from chalicelib.backups.rds import Snapshot, Snapshots
from chalicelib.backups.report import Report

# Copies of one snapshot that failed, after which nobody tries again.
MAX_ATTEMPTS = 5
# Copied is what is no older than this, two at a time: an account may have 20 under way to a region.
COPIED_FOR = timedelta(days=3)
AT_ONCE = 2
LATE_AFTER = timedelta(hours=12)


def copy_newest(
    report: Report, environment: str, abroad: Snapshots, ours: list[Snapshot], listed: list[Snapshot], now: datetime
) -> None:
    """Begin the copies that are missing of the newest good ones of `ours`, the newest first. `listed` is all that is in
    the region `abroad`, ours or not."""
    copies = [each for each in listed if each.is_of(environment)]
    under_way = sum(nights.is_under_way(each, now) for each in copies)
    for source in _to_copy(ours, environment):
        known = [each for each in copies if each.tags.get(rds.COPY_OF) == source.name]
        if any(each.is_good for each in known):
            continue
        if not any(nights.is_under_way(each, now) for each in known) and under_way < AT_ONCE:
            failed = sum(each.has_failed for each in known)
            if failed:
                report.problems.append(f"copies of {source.name} that failed: {failed}")
            if failed < MAX_ATTEMPTS and _begin(report, environment, abroad, source, listed, now, attempt=failed + 1):
                under_way += 1
                continue
        if source.taken_at is not None and now - source.taken_at > LATE_AFTER:
            report.problems.append(f"{source.name} is not in {abroad.region} yet")


def _to_copy(ours: list[Snapshot], environment: str) -> list[Snapshot]:
    newest = keeping.newest_good(ours, environment)
    if newest is None or newest.taken_at is None:
        return []
    since = newest.taken_at - COPIED_FOR
    good = [(each.taken_at, each.name, each) for each in ours if each.is_good and each.taken_at]
    return [each for taken_at, _, each in sorted(good, key=lambda one: one[:2], reverse=True) if taken_at > since]


def _begin(
    report: Report,
    environment: str,
    abroad: Snapshots,
    source: Snapshot,
    listed: list[Snapshot],
    now: datetime,
    *,
    attempt: int,
) -> bool:
    """Whether a copy of `source` was begun."""
    name = nights.free_name(source.name, listed)
    tags = nights.tags_of(environment, source.tags.get(rds.DAY, ""), now, attempt=attempt) | {rds.COPY_OF: source.name}
    is_begun = report.ask(lambda: abroad.copy(source, name, tags), f"copy to {abroad.region}", patiently=True)
    if is_begun:
        report.requested.append(name)
    return is_begun
