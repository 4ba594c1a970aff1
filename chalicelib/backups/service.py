"""The night's snapshot: asked for, seen to be good, copied to another region, and in the end deleted.

Every run looks at what RDS says and takes the next steps, so that a run that dies, comes twice or does not come at all
is made good by the next one. Nothing is waited for, and the database is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.backups import copying, keeping, nights, rds
from chalicelib.backups.rds import Missing, RdsUnavailable, Snapshot, Snapshots
from chalicelib.backups.report import Report
from chalicelib.errors import RecruitProError
from chalicelib.logs import log

# Snapshots of one night that failed, after which nobody tries again.
MAX_ATTEMPTS = 5
# How long RDS may put a night off before that is a problem: an instance in maintenance takes no snapshot.
PATIENCE = timedelta(hours=2)
LATE_AFTER = timedelta(hours=6)
DELETIONS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Shelf:
    """The snapshots of one environment: those of `instance` in the region `home`, and their copies `abroad`."""

    environment: str
    instance: str
    home: Snapshots
    abroad: Snapshots | None = None

    def look_after(self, now: datetime) -> Report:
        """Take every step that can be taken now. What goes wrong in one keeps no other from being taken."""
        problems: list[str] = []
        home = _listed(self.home, problems)
        abroad = _listed(self.abroad, problems) if self.abroad is not None else None
        report = Report(home, abroad, problems=problems)
        if home is not None:
            self._take(report, home, now)
        if self.abroad is not None and home is not None and abroad is not None:
            copying.copy_newest(report, self.environment, self.abroad, self._ours(home), abroad, now)
        elif self.abroad is not None and self._is_late(home, now):
            report.problems.append(f"{self.abroad.region} does not answer, and the newest snapshot may not be there")
        # What is being copied is known by the copies alone.
        if home is not None and (self.abroad is None or abroad is not None):
            self._prune(report, self.home, home, now, in_use=_sources(self._ours(abroad or [])))
        if self.abroad is not None and abroad is not None:
            self._prune(report, self.abroad, abroad, now, in_use=frozenset())
        return report

    def _ours(self, snapshots: list[Snapshot]) -> list[Snapshot]:
        return [each for each in snapshots if each.is_of(self.environment)]

    def _is_late(self, home: list[Snapshot] | None, now: datetime) -> bool:
        """Whether the copy of the newest good one should be there by now."""
        newest = keeping.newest_good(home or [], self.environment)
        return newest is not None and newest.taken_at is not None and now - newest.taken_at > copying.LATE_AFTER

    def _take(self, report: Report, known: list[Snapshot], now: datetime) -> None:
        night, ours = nights.newest(now), self._ours(known)
        tonight = [each for each in ours if nights.belongs_to(each, night, now)]
        if any(each.is_good for each in tonight):
            return
        if any(nights.is_under_way(each, now) for each in ours):
            if now - night > LATE_AFTER:
                report.problems.append("the night's snapshot is not done yet")
            return
        failed = sum(each.has_failed for each in tonight)
        if failed:
            report.problems.append(f"snapshots of this night that failed: {failed}")
        if failed >= MAX_ATTEMPTS:
            return
        day = night.date().isoformat()
        name = nights.free_name(f"recruitpro-{self.environment}-{day}", known)
        tags = nights.tags_of(self.environment, day, now, attempt=failed + 1)
        if report.ask(
            lambda: self.home.create(name, self.instance, tags), "snapshot", patiently=now - night < PATIENCE
        ):
            report.requested.append(name)

    def _prune(
        self, report: Report, region: Snapshots, known: list[Snapshot], now: datetime, *, in_use: frozenset[str]
    ) -> None:
        plan = keeping.plan(known, now, environment=self.environment, in_use=in_use)
        for each in plan.delete[:DELETIONS_AT_ONCE]:
            if report.ask(partial(_delete, region, each), f"deletion of {each.name}", patiently=True):
                report.deleted.append(each.name)


def _listed(snapshots: Snapshots, problems: list[str]) -> list[Snapshot] | None:
    try:
        return snapshots.all()
    except RdsUnavailable:
        # Once is nothing; that it lasts is seen by the age of the newest snapshot.
        log.warning("rds_not_listed", region=snapshots.region)
    except RecruitProError as refusal:
        problems.append(f"the snapshots in {snapshots.region} cannot be listed: {refusal.detail}")
    return None


def _sources(copies: list[Snapshot]) -> frozenset[str]:
    """The names of what is being copied at this moment."""
    return frozenset(each.tags.get(rds.COPY_OF, "") for each in copies if each.is_pending)


def _delete(region: Snapshots, snapshot: Snapshot) -> None:
    try:
        region.delete(snapshot)
    except Missing:
        return  # somebody else deleted it in the same moment
